"""The chain rule backwards: the derivative of a scalar is carried from link to link, and goes to a matrix entry by entry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from derivgen.catalog.build import plus, product, terms_of, transposed
from derivgen.catalog.letters import spoken
from derivgen.catalog.linear import kron, trace, vec
from derivgen.derivation.jacobian import build, variable_name
from derivgen.derivation.methods.carried import in_front, multiplied_out, scaled
from derivgen.derivation.methods.last_link import (
    entries_of,
    entry,
    of_all_uses,
    of_entry,
    of_letters_for_uses,
    of_softmax_rows,
    of_uses,
    of_vector,
)
from derivgen.derivation.methods.link import Task, about, derived_link, finished, letters_put_back, link_step, planned
from derivgen.derivation.methods.network import MOST, Node, found_at_once, named, parts, worth_carrying
from derivgen.derivation.methods.scalar import Derived, finish, in_order, ordered, scalar_method
from derivgen.derivation.methods.side import Side
from derivgen.derivation.methods.uses import apart
from derivgen.derivation.words.naming import Letters, family_value, letters_for, member
from derivgen.derivation.words.telling import lines_between
from derivgen.expr import (
    ONE,
    Add,
    At,
    Call,
    Definition,
    Expr,
    Index,
    Partial,
    Place,
    Sum,
    Symbol,
    bound_indices,
    could_be_index,
    depends_on,
    indices_in,
    rename,
    replace_parts,
    symbols,
    walk,
)
from derivgen.rules import moves
from derivgen.rules.axis_parts import fresh_places
from derivgen.rules.engine import Context
from derivgen.rules.reason import Reason, filled
from derivgen.rules.step import Step, end_of
from derivgen.rules.told_of_chains import plan_backward
from derivgen.rules.told_of_moves import named_on_ways, named_within

LONG = 9
"""Nodes beyond which what is carried gets a letter, if more than one link is left."""


def backward_method(task: Task, ctx: Context) -> Derived | None:
    """The derivation of a scalar by a backward pass; None where no course would make one.

    It is made where a matrix is involved, so that a Jacobian among the links would be no matrix.
    """
    f, x = task.f, task.x
    if f.shape.axes or f.height < 3:
        return None
    found = parts(f, x, [d.value for d in task.given])
    if len(found) > MOST or not _suits(found, x, task):
        return None
    last = task.name.array if isinstance(task.name, At) else task.name
    assert isinstance(last, Symbol)
    kinds = Counter(letters_for(e)[0] for e in found[:-1])
    letters = Letters(ctx, numbered={kind for kind, times in kinds.items() if times > 1})
    nodes = apart(named(found, last, task.family, letters, task.given), x, ctx)
    try:
        return _Pass(task, ctx, nodes, letters, [n.name for n in nodes if n.value == x]).outcome()
    except _NotHeld:
        return None


class _NotHeld(Exception):
    """What is carried cannot be held while the entries are differentiated, or stays in the answer by a letter of its own."""


def _suits(found: Sequence[Expr], x: Expr, task: Task) -> bool:
    """Whether arrays stand between the scalar and the variable, a matrix is among all of them, and nothing that is known
    by identities: stacked columns, a trace, a determinant, an inverse."""
    between = found[:-1]
    if not any(e.shape.axes for e in between):
        return False
    of_vectors = max(e.shape.rank for e in (x, *between)) != 2
    if of_vectors and (x.shape.rank != 1 or not worth_carrying(found, x)):
        return False
    moving = [e for e in walk(found[-1]) if isinstance(e, Call) and depends_on(e, variable_name(x))]
    if any(e.op in (vec, kron, trace) for e in moving):
        return False
    return task.method == "chain" or not any(map(found_at_once, moving))


@dataclass(slots=True)
class _Pass:
    """A backward pass under way: what is carried at each name, and the steps so far."""

    task: Task
    ctx: Context
    nodes: list[Node]
    letters: Letters
    uses: list[Expr]  # of a matrix that is used more than once: a name for each
    carried: dict[Expr, Expr] = field(default_factory=dict)
    errors: dict[Expr, Expr] = field(default_factory=dict)  # the letters of what is carried, and what they stand for
    definitions: tuple[Definition, ...] = ()
    steps: list[Step] = field(default_factory=list)

    @property
    def side(self) -> Side:
        return Side(self.task.column)

    def outcome(self) -> Derived:
        task, nodes = self.task, self.nodes
        own = tuple(
            Definition(n.symbol, n.value if n.name in self.uses else family_value(n.value, task.family, self.ctx))
            for n in nodes
        )
        self.definitions = (*task.definitions, *own)
        naming = {
            "left": task.name,
            "picture": "names",
            "introduces": own,
            "definitions": self.definitions,
            "reason": self._why_named(),
        }
        first = moves.name_intermediates.step(task.f, nodes[-1].value, **naming)
        links = [n for n in nodes if n.name not in self.uses]
        last = [n for n in links if any(n.uses(u) for u in self.uses or [task.x])]
        entries = self._in_entries(task.x, last)
        between = last if entries else links[-2::-1]
        plan = plan_backward(task.name, [n.name for n in between], task.x, by_entries=entries, column=task.column)
        self.steps.append(planned(first, [*(n.name for n in links[::-1]), task.x], plan))
        self.carried[task.name] = ONE
        for node in nodes[-2::-1]:
            self._carry_to(node.name)
        self._carry_to(task.x)
        return self._put_back(self.carried[task.x])

    def _why_named(self) -> Reason:
        x, names = self.task.x, [n.name for n in self.nodes]
        alone = all([n.name for n in self.nodes if n.uses(u)] == [v] for u, v in pairwise((x, *names)))
        if len(names) == 2 and alone:
            return named_within(x, names[0], self.nodes[0].value, names[1], self.nodes[1].value)
        said = Reason() if alone else named_on_ways(x, self.task.name)  # the plan says it
        return said + of_letters_for_uses(x, self.uses) if self.uses else said

    def _carry_to(self, u: Expr) -> None:
        users = [n for n in self.nodes if n.uses(u) and n.name != u]
        if u == self.task.x and self.uses:
            self._add_uses()
        elif self._in_entries(u, users):
            self._by_entries(u, users)
        else:
            self._by_jacobians(u, users)

    def _in_entries(self, u: Expr, users: Sequence[Node]) -> bool:
        """Whether a Jacobian on the way to ``u`` would be no matrix, or none that a row is multiplied by."""
        return any(n.name.shape.rank > 1 or n.name.shape.rank + u.shape.rank > 2 for n in users)

    def _add_uses(self) -> None:
        """What was found for each use of the variable, added up."""
        whole, x = self.task.name, self.task.x
        left = self.side.of(whole, x, self.ctx)
        after = in_order(plus(*(self.carried[u] for u in self.uses)), self.ctx)
        via = plus(*(self.side.of(whole, u, self.ctx) for u in self.uses))
        step = moves.add_uses.step(left, after, left=left, via=(via,), reason=of_all_uses(whole, x, self.uses))
        self._add(step, x, left, after)

    # --- a row times a Jacobian ---------------------------------------------------------------------------------------

    def _by_jacobians(self, u: Expr, users: Sequence[Node]) -> None:
        whole, side = self.task.name, self.side
        left = side.of(whole, u, self.ctx)
        links = [self._link(n, u, held=len(users) > 1) for n in users]
        if [n.name for n in users] == [whole]:
            (link,) = links
            tidied = finish(link.after, self.ctx, left, by_cases=False)
            result = end_of(tidied, link.after)
            self._add(replace(link, after=result, substeps=(*link.substeps, *self._in_force(tidied))), u, left, result)
            return
        several = len(users) > 1  # the Jacobian of one use, the others held, has no name
        rates = [side.factor(n, k.after) for k, n in zip(links, users, strict=True)]
        named = rates if several else [side.passes(n, u, self.ctx) for n in users]
        of = [ONE if n.name == whole else side.of(whole, n.name, self.ctx) for n in users]
        pending = plus(*(side.product(j, factor) for j, factor in zip(of, named, strict=True)))
        put = plus(*(side.product(self.carried[n.name], rate) for n, rate in zip(users, rates, strict=True)))
        filled, turned = ordered(put, self.ctx)
        start = pending if len(users) == 1 else left
        tidied = [*scaled(filled, left, self.ctx)]
        tidied += finish(end_of(tidied, filled), self.ctx, left, by_cases=False)
        result = end_of(tidied, filled)
        between = (filled if isinstance(put, Add) else put, *multiplied_out(tidied)) if tidied else ()
        via = dict.fromkeys((*([in_order(pending, self.ctx)] if several else []), *between))
        step = moves.carry_back.step(start, result, left=left, via=tuple(via),
                                     substeps=self._in_force([*links, *tidied]),
                                     title=f"Carry it back to {_called(u)}")  # fmt: skip
        seen = bool(turned.terms) and turned.terms[-1] in set(walk(result))  # else a later law turned it back
        self._add(replace(step, reason=step.reason.also(turned)) if seen else step, u, left, result)

    def _link(self, n: Node, u: Expr, *, held: bool) -> Step:
        """The Jacobian of an intermediate by one that it is made of, or by the variable, every other name held.

        Where there are further ways from ``u`` to it, the names on them are ``held`` by the judge too: they are free to it.
        """
        layout = self.side.layout_of(n)
        inner = derived_link(n.value, u, n.name, self.ctx, layout=layout)
        own = replace_parts(inner.result, {n.value: n.name}) if n.name != self.task.name else inner.result
        definitions = (Definition(n.symbol, family_value(n.value, self.task.family, self.ctx)),) if held else ()
        between = lines_between(inner.steps, inner.result) if n.name == self.task.name else ()
        return link_step(
            n.value, u, n.name, inner, self.ctx, after=own, layout=layout, via=between, definitions=definitions
        )

    def _in_force(self, steps: Sequence[Step]) -> tuple[Step, ...]:
        return tuple(replace(s, definitions=s.definitions or self.definitions) for s in steps)

    # --- entry by entry -----------------------------------------------------------------------------------------------

    def _by_entries(self, u: Expr, users: Sequence[Node]) -> None:
        whole, ctx = self.task.name, self.ctx
        if any(depends_on(self.carried[n.name], variable_name(u)) for n in users):
            raise _NotHeld
        weighted = plus(*(self.side.weighted(self.carried[n.name], n) for n in users))
        taken = {name for name in ctx.taken if could_be_index(name)}
        family = self.task.family
        form = member(Letters(ctx.local()).value(weighted, family), family)  # it changes as the whole does
        own_ctx = Context(ctx.book, taken, ctx.sample_indices, question=(weighted,))
        inner = scalar_method(weighted, u, form, own_ctx, self.side.layout)
        of_entries = [k for k, s in enumerate(inner.steps) if isinstance(s.left, Partial)]
        left = self.side.of(whole, u, ctx)
        result = replace_parts(inner.result, {n.value: n.name for n in users if n.name != whole})
        below = self._held(inner.steps, form, users)
        if not of_entries:
            step = moves.carry_by_entries.step(left, result, left=left, substeps=below)
            self._add(step, u, left, result)
            return
        cut = of_entries[-1]
        alone = len(users) == 1 and self._is_alone(inner.steps[cut], users[0])
        found = self._in_letters(about(inner.steps[cut], form, whole), () if alone else users)
        found = replace(found, after=replace_parts(found.after, {n.value: n.name for n in users if n.name != whole}))
        assert isinstance(found.left, Partial)
        start: Expr = found.left
        if len(users) == 1:
            start = self._total(found.left, users, self._places(found.after, users[0]) if alone else None)
        by_entries = moves.carry_by_entries.step(start, found.after, left=found.left, substeps=below[: cut + 1],
                                                 definitions=self.definitions)  # fmt: skip
        why = self._why(found.left, start, found.after, users)
        by_entries = by_entries if why is None else replace(by_entries, reason=why)
        at = found.left.wrt.places if isinstance(found.left.wrt, At) else ()
        own = tuple(p for p in at[len(at) - u.shape.rank :] if not isinstance(p, int))
        built = build(found.after, (), own, self.side.layout)
        rest = tuple(about(s, form, whole) for s in inner.steps[cut + 1 :])
        if u == self.task.x:
            self.steps.append(by_entries)
            reading = moves.read_as_matrix.step(built, result, left=left, substeps=rest)
            where = of_vector(found.left, column=self.side.column) if u.shape.rank == 1 else None
            if where is not None:
                what = "column" if self.side.column else "row"
                reading = replace(reading, title=f"Read the entries as a {what}", reason=where)
            self._add(reading, u, left, result)
            return
        reading = moves.read_as_matrix.step(built, result, left=left, substeps=rest, definitions=self.definitions)
        of_matrix = u.shape.rank == 2  # of a row it is seen where an entry stands
        why = by_entries.reason + (reading.reason if of_matrix else Reason())
        step = moves.carry_by_entries.step(left, result, left=left, via=(built,), substeps=(by_entries, reading),
                                           reason=why, title=f"Carry it back to {_called(u)}")  # fmt: skip
        self._add(step, u, left, result)

    def _held(self, steps: Sequence[Step], form: Expr, users: Sequence[Node]) -> tuple[Step, ...]:
        """The steps about a linear form in an intermediate, of which the first says why it is looked at."""
        why = filled(
            "With {d} held at its value, {C} changes as {l} does.",
            {"d": tuple(self.carried[n.name] for n in users), "C": self.task.name, "l": form},
        )
        first, *others = steps
        return (replace(first, reason=why + first.reason), *others)

    def _in_letters(self, entry: Step, users: Sequence[Node]) -> Step:
        """The entry with i for the place in an intermediate, and the letters after it for those in the variable."""
        assert isinstance(entry.left, Partial)
        ctx = self.ctx.local()
        if len(users) == 1:
            fresh_places(users[0].name, ctx)
        at = entry.left.wrt.places if isinstance(entry.left.wrt, At) else ()
        own, again = [p for p in indices_in(at) if p not in self.task.family], ctx.local()
        moved: dict[Index, Place] = {p: ctx.fresh(p.dim) for p in own}
        bound = {i.name for i in bound_indices(rename(entry.after, moved))}
        if bound & {i.name for i in indices_in(tuple(moved.values()))}:  # no letter is free and summed over in one line
            again.taken |= bound
            moved = {p: again.fresh(p.dim) for p in own}
        names = {variable_name(e) for e in self.errors}
        after = plus(*(in_front(t, names) for t in terms_of(rename(entry.after, moved))))
        return replace(entry, left=rename(entry.left, moved), after=after)

    def _why(self, left: Partial, start: Expr, after: Expr, users: Sequence[Node]) -> Reason | None:
        if len(users) > 1:
            return of_uses(left, [n.name for n in users])
        (n,) = users
        if (by_rows := of_softmax_rows(left, after, n.name, n.value)) is not None:
            return by_rows
        carried = self.carried[n.name]
        carried = carried.args[0] if isinstance(carried, Call) else carried
        if carried not in self.errors:
            return None
        return of_entry(left, start, after, carried, n.name, n.value, self.ctx, self.side.places)

    def _places(self, after: Expr, n: Node) -> tuple[Place, ...] | None:
        """The entry of an intermediate through which an entry of the variable acts, where there is but one."""
        carried = self.carried[n.name]
        found = entries_of(after, carried.args[0] if isinstance(carried, Call) else carried)
        return None if found is None else self.side.places(found)

    def _is_alone(self, entry: Step, n: Node) -> bool:
        """Whether an entry of the variable stands in one entry of an intermediate alone."""
        assert isinstance(entry.left, Partial)
        own = self._places(entry.after, n)
        return own is not None and {*indices_in(own)} <= entry.left.free

    def _total(self, left: Partial, users: Sequence[Node], alone: tuple[Place, ...] | None = None) -> Expr:
        """The chain rule for one entry of the variable: through the entry of an intermediate that it stands in ``alone``, or
        through all of them, as a sum."""
        ctx = self.ctx.local()
        ctx.taken.update(i.name for i in left.free)
        (n,) = users
        out = fresh_places(n.name, ctx) if alone is None else alone
        weight = self.side.weight(self.carried[n.name], out)
        e = product(weight, Partial(entry(n.name, out), left.wrt))
        for i in indices_in(out)[::-1] if alone is None else ():
            e = Sum(i, e)
        return e

    # --- names and endings --------------------------------------------------------------------------------------------

    def _add(self, step: Step, u: Expr, left: Expr, result: Expr) -> None:
        """The step, and what is carried now; with a letter where entries are to be read from it."""
        self.carried[u] = result
        if (
            u not in (self.task.x, *self.uses)
            and result.shape.axes
            and (self._read_by_entries(u) or self._goes_far(u, result))
        ):
            letter = self.letters.carried(result, u, self.task.family)
            at = member(letter, self.task.family)
            row = transposed(at) if self.task.family and at.shape.rank == 1 and not self.side.column else at
            value = in_order(transposed(result), self.ctx) if row != at else result
            new = Definition(letter, family_value(value, self.task.family, self.ctx))
            self.errors[at] = value
            self.definitions = (*self.definitions, new)
            self.carried[u] = row
            step = replace(step, left=row, before=left, via=(step.before, *step.via), introduces=(new,))
        self.steps.append(replace(step, definitions=self.definitions))

    def _read_by_entries(self, u: Expr) -> bool:
        """Whether what is carried at ``u`` goes further back entry by entry."""
        (node,) = (n for n in self.nodes if n.name == u)
        names = [*(n.name for n in self.nodes), self.task.x]
        return any(self._in_entries(v, [node]) for v in names if v != u and node.uses(v))

    def _goes_far(self, u: Expr, result: Expr) -> bool:
        """Whether something long is carried further through more than one link."""
        return (
            result.written > LONG
            and u not in self.uses
            and self.nodes.index(next(n for n in self.nodes if n.name == u)) > 1 + len(self.uses)
        )

    def _put_back(self, result: Expr) -> Derived:
        left = self.side.of(self.task.name, self.task.x, self.ctx)
        here = result
        for name, value in reversed(self.errors.items()):
            here = replace_parts(here, {name: value})
        back = replace_parts(here, {n.name: n.node for n in self.nodes})
        if {variable_name(e) for e in (*self.errors, *(n.name for n in self.nodes))} & set(symbols(back)):
            raise _NotHeld  # an entry of a member is left, such as Δ_ijj, and no form of the whole that holds it
        nodes = ((n.name, n.node) for n in self.nodes if n.node != self.task.x)
        values = dict([*reversed(self.errors.items()), *nodes])
        put_back, back = letters_put_back(result, values, left, self.definitions, back)
        outcome = finished([*self.steps, *put_back], back, self.ctx, left, self.definitions)
        return replace(outcome, turned=self.side.column)


def _called(e: Expr) -> str:
    return spoken(variable_name(e))
