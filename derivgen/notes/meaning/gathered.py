"""The members of a chain and all that they need, as trees: functions put in, letters told apart, dependence gathered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from derivgen.deadline import TooLong, refusals
from derivgen.errors import DerivgenError, ParseError
from derivgen.notes.meaning import applied
from derivgen.notes.meaning.graph import leads
from derivgen.notes.meaning.habits import habits
from derivgen.notes.meaning.members import Members, Side
from derivgen.notes.meaning.shifts import shifted
from derivgen.notes.meaning.steps import Steps
from derivgen.notes.meaning.trees import (
    Name,
    base_of,
    calls,
    changed,
    derivatives,
    is_letter,
    is_named,
    is_point,
    last_of_rows,
    listed_in,
    mentioned,
    name_of,
    names,
    primed_bracket,
    stepped,
    unwrapped,
    varied,
    with_arguments,
)
from derivgen.notes.meaning.values import is_example
from derivgen.read.latex.dots import same
from derivgen.read.latex.einstein import with_sums
from derivgen.read.latex.names import taken_apart
from derivgen.read.latex.scope import at_argument
from derivgen.read.surface import (
    Called,
    Derivative,
    Differential,
    Group,
    Letter,
    Nabla,
    Primed,
    Scripted,
    Surface,
    walk,
)
from derivgen.read.surface import Sequence as Listed

MOST_DEFINITIONS = 10
"""How many definitions a chain may need."""

_A_SET = re.compile(r"\s*\\mathbb\s*(?:\{\s*)?R\s*\}?\s*(?:\^\s*(?:\{[^{}]*\}|\w)\s*)?(?:\\[,;.]\s*)?")

PLACE = "place"
"""How the names begin that stand for values at which, or by which, something is differentiated."""


@dataclass
class Gathered(Members):
    """A chain, with functions put in and what depends on what."""

    # --- from text to trees ---

    def read(self, latexes: Sequence[str], without: frozenset[Name]) -> None:
        """Take in the members, and what they need but for the definitions of ``without``."""
        self.said = dict(self.scope.said)
        for latex in latexes:
            side = Side(latex, len(self.source))
            try:
                side.tree = None if _A_SET.fullmatch(latex) else self.add(latex, holds=True)
                side.error = None if side.tree is not None else ParseError("a set is no expression")
            except TooLong:
                raise
            except DerivgenError as error:
                side.error = error
            self.sides.append(side)
        steps = self._steps() if self.scope.steps else None
        todo = [s.tree for s in self.sides if s.tree is not None]
        members, by = tuple(todo), varied(todo)
        while todo:
            tree = todo.pop()
            known = {**shifted(tree, self.scope.definitions), **self.scope.definitions}
            for name in mentioned(tree, self.scope.definitions):
                member = steps.defined(name) if steps is not None else None
                if steps is not None and member is not None and name not in self.needed:
                    value = steps.written(self.add(member[0].latex), member[1])
                    self.needed[name] = replace(member[0], name=name, index=""), value
                    todo.append(value)
                    continue
                defined = known.get(name)
                if defined is None or name in without or name in self.needed:
                    continue
                of_numbers = name[0] in by and is_example(defined.latex)  # nothing is differentiated by numbers
                if of_numbers or name[0] in self.scope.declared.functions or name == ("T", False):  # x^T is transposed
                    continue
                if defined.params and not applied.is_called_with(len(defined.params), (tree, *members), name):
                    continue
                if len(self.needed) >= MOST_DEFINITIONS:
                    self.unread[name] = defined.latex
                elif (meaning := self.definition(name, defined.latex)) is not None:
                    self.needed[name] = defined, (steps.written(meaning) if steps is not None else meaning)
                    todo.append(self.needed[name][1])
        if steps is not None:
            self._take_in(steps)
        self._drop_circles()
        self._drop_lists()
        if self.einstein:
            for side in self.sides:
                if side.tree is not None:
                    side.tree = with_sums(side.tree, self.source, self.scope.declared.names)
        if self.columns:
            self.change(self.as_column)
        self.lists_as_vectors()
        self._habits()
        self.families_apart()
        self.same_names()
        self.functions_as_letters()
        self._functions()
        self._drop_applied()
        self._depend()

    def _steps(self) -> Steps:
        """The members with a letter for each step of a sequence."""
        steps = Steps({d.name: d for d in self.scope.steps})
        said = [self.add(d.latex) for d in steps.known.values()]
        for d in self.scope.definitions.values():
            if r"\sum" in d.latex or r"\prod" in d.latex:
                with refusals():
                    said.append(self.add(d.latex))
        steps.count([*said, *self.trees()])
        for side in self.sides:
            if side.tree is not None:
                side.tree = steps.written(side.tree)
        return steps

    def _take_in(self, steps: Steps) -> None:
        """What is known of a sequence holds for each of its members; what is of several of them changes by each alone."""
        declared = self.scope.declared
        own, ranks = steps.kinds(declared.symbols, self.said)
        self.said |= ranks
        self.scope = replace(self.scope, declared=replace(declared, symbols={**declared.symbols, **own}))
        self.change(self._by_argument)

    def _by_argument(self, s: Surface) -> Surface | None:
        """∂f(x, h, w)/∂w, where h depends on w, too: of the function by that argument, the others held."""
        if not isinstance(s, Derivative) or len(s.by) != 1 or not isinstance(s.body, Called):
            return None
        body, by = s.body, name_of(s.by[0])
        at = [k for k, a in enumerate(body.args) if by is not None and is_letter(a) and name_of(a) == by]
        if len(at) != 1 or len(body.args) < 2 or name_of(body.head) in self.needed:
            return None
        places = tuple([self._place(a) for a in body.args])
        return replace(s, body=replace(body, args=places), by=(places[at[0]],))

    def _needs(self, name: Name) -> list[Name]:
        """The names of definitions that a definition mentions."""
        return [n for n in mentioned(self.needed[name][1], self.scope.definitions) if n in self.needed]

    def _drop_circles(self) -> None:
        """A name that needs itself stands for nothing."""
        for name in list(self.needed):
            if leads(self._needs, name, name):
                self.needed.pop(name)

    def _drop_lists(self) -> None:
        """That a matrix is made of its columns, or of its entries, says no more than that where none of these is met."""
        lists = {name: own for name, (_, value) in self.needed.items() if (own := listed_in(value)) is not None}
        others = [s.tree for s in self.sides if s.tree is not None]
        others += [tree for name, (_, tree) in self.needed.items() if name not in lists]
        met = {base_of(part) for tree in others for part, _ in names(tree)} if lists else set()
        changing = (
            {name_of(unwrapped(p.body)) for tree in others for p in walk(tree) if isinstance(p, Differential)}
            if lists
            else set()
        )
        for name, own in lists.items():
            # its columns say how long it is; what changes by itself is no list of what is constant
            if own not in met and (name in changing or isinstance(unwrapped(self.needed[name][1]), Scripted)):
                del self.needed[name]
                self.said.setdefault(name, {2: 0.0})

    def _drop_applied(self) -> None:
        """A function that has given way to what it stands for wherever it stood says nothing more of its letters."""
        trees = [s.tree for s in self.sides if s.tree is not None] + [tree for _, tree in self.places]
        kept = {n for tree in trees for n in mentioned(tree, self.scope.definitions) if n in self.needed}
        kept |= {n for n, (d, _) in self.needed.items() if not d.params}
        self.needed = {n: e for n, e in self.needed.items() if any(n == k or leads(self._needs, k, n) for k in kept)}

    def _habits(self) -> None:
        known = {n for n, bold in (*self.said, *self.scope.definitions) if not bold} | set(self.scope.declared.names)
        members = [s.tree for s in self.sides if s.tree is not None]
        for how in habits(members, self.trees(), known, spectral=self.scope.spectral, rows=self.scope.rows,
                          matrices=self.scope.laid_out):  # fmt: skip
            self.change(how)

    # --- functions ---

    def _functions(self) -> None:
        """Functions that are defined give way to what they stand for; others to letters, where that says the same."""
        self.change(primed_bracket)
        self.change(
            lambda s: applied.at_place(s, self._place, {n: (d.params, tree) for n, (d, tree) in self.needed.items()})
        )
        self.change(lambda s: applied.by_entry_of_argument(s, self.needed))
        self.change(lambda s: applied.by_its_argument(s, self.needed))
        self.change(self._by_expression)
        for _ in range(6):
            before = self.trees()
            self.change(self._apply)
            if all(a is b for a, b in zip(before, self.trees(), strict=True)):
                break
        for _ in range(4):
            chosen = self._letters_for()
            if not chosen:
                break
            self.direct |= frozenset(chosen)

            def letter(s: Surface, chosen: frozenset[Name] = frozenset(chosen)) -> Surface | None:
                if isinstance(s, Called) and not isinstance(s.head, Primed) and self.head(s.head) in chosen:
                    return replace(s.head, span=s.span)
                if (
                    isinstance(s, Nabla)
                    and s.by is None
                    and isinstance(s.body, Called)
                    and self.head(s.body.head) in chosen
                ):
                    by = s.body.args[0] if len(s.body.args) == 1 else Listed(s.span, s.body.args)
                    return replace(s, body=s.body.head, by=by)
                return None

            self.change(letter)
        self.change(self._gradient_by)
        self.change(last_of_rows)

    def head(self, head: Surface) -> Name | None:
        """The function that a name before parentheses is: f of f_i, too."""
        full = name_of(head)
        if full is not None and (full in self.needed or full[0] in self.scope.declared.functions):
            return full
        base = base_of(head)
        found = taken_apart(head)
        if found is not None and found[1] and not all(isinstance(a, Letter) and len(a.stem) > 1 for a in found[1]):
            return base
        return full

    def _apply(self, s: Surface) -> Surface | None:
        """What a defined function, or an entry of it, is at its arguments."""
        if (made := applied.applied_at(s, self.needed)) is not None:
            return made
        if not isinstance(s, Called):
            return None
        head, primes = (s.head.base, s.head.count) if isinstance(s.head, Primed) else (s.head, 0)
        name = name_of(head)
        entry = self.needed.get(name) if name is not None else None
        if entry is None or not entry[0].params or len(entry[0].params) != len(s.args):
            return None
        params, value = entry[0].params, applied.by_entries(entry[1], entry[0].index)
        same = all(name_of(a) == p for a, p in zip(s.args, params, strict=True))
        if same and not primes:
            return replace(head, span=s.span)
        if same:
            return Derivative(s.span, Group(s.span, replace(head, span=s.span)), (s.args[0],) * primes)
        if primes and len(params) == 1:
            place = self._place(s.args[0])
            return Derivative(s.span, Group(s.span, with_arguments(value, params, (place,))), (place,) * primes)
        return None if primes else Group(s.span, with_arguments(value, params, s.args))

    def _by_expression(self, s: Surface) -> Surface | None:
        """The derivative of g(aᵀx) by aᵀx: by a letter that stands for it, where all that is in it stands there only so."""
        if not isinstance(s, Derivative) or s.body is None or len(s.by) != 1 or is_named(by := unwrapped(s.by[0])):
            return None
        place = self._place(by)
        body = changed(s.body, lambda part: place if same(unwrapped(part), by) else None)
        inside = {base_of(part) for part, _ in names(by)}
        if body is s.body or not inside or inside & {base_of(part) for part, _ in names(body)}:
            self.places.pop()
            return None
        return Derivative(s.span, Group(s.span, body), (place,))

    def _place(self, value: Surface) -> Letter:
        """A letter of its own that stands for a value."""
        self.fresh += 1
        place = Letter(value.span, f"{PLACE}{self.fresh}", "upright")
        self.places.append((place.stem, value))
        return place

    def _letters_for(self) -> list[Name]:
        """Functions that nothing defines, that have no primes, and the same letters for arguments wherever they stand."""
        given: dict[Name, tuple[Name, ...] | None] = {}
        nablas = [p for tree in self.trees() for p in walk(tree) if isinstance(p, Nabla)]
        at_places = {id(n.body) for n in nablas if at_argument(n, ()) and (is_point(n.body) or applied.is_at_member(n))}
        for tree in self.trees():
            for called, head, primes in calls(tree):
                name = self.head(head)
                if name is None or name in self.direct:
                    continue
                args = tuple(name_of(a) if is_letter(a) else None for a in called.args)
                bad = (
                    primes
                    or id(called) in at_places
                    or None in args
                    or name in args
                    or name[0] in self.scope.declared.functions
                    or name[0] in ("1", "◯")
                )
                known = tuple(a for a in args if a is not None)
                if bad or given.get(name, known) != known:
                    given[name] = None
                else:
                    given[name] = known
        found = [name for name, args in given.items() if args is not None and self._differentiated(name)]
        for name in found:
            self.edges.setdefault(name, {}).update(dict.fromkeys(given[name] or ()))
        return found

    def _differentiated(self, name: Name) -> bool:
        """Whether the bare letter, or a value of it, stands under a derivative or is differentiated by."""
        for tree in self.trees():
            for body, by in derivatives(tree):
                for s in (body, by):
                    s = s.head if isinstance(s, Called) and not isinstance(s.head, Primed) else s
                    if is_letter(s) and self.head(s) == name:
                        return True
            if any(isinstance(p, Nabla) and p.body is not None and self._nabla_of(p.body) == name for p in walk(tree)):
                return True
        return False

    def _nabla_of(self, body: Surface) -> Name | None:
        body = unwrapped(body)
        head = body.head if isinstance(body, Called) else body
        return self.head(head) if is_letter(head) else None

    def _gradient_by(self, s: Surface) -> Surface | None:
        """∇f of a letter whose arguments are known is by these."""
        if not isinstance(s, Nabla) or s.by is not None or s.body is None or not is_letter(unwrapped(s.body)):
            return None
        entry = self.needed.get(name) if (name := self.head(unwrapped(s.body))) is not None else None
        params = entry[0].params if entry is not None else tuple(self.edges.get(name, ())) if name is not None else ()
        if not params:
            step = stepped(self.trees()) if entry is None else None
            return None if step is None else replace(s, by=replace(step, span=s.span))
        letters = [self.letter(p, s) for p in params]
        return replace(s, by=letters[0] if len(letters) == 1 else Listed(s.span, tuple(letters)))

    # --- what depends on what ---

    def _depend(self) -> None:
        for tree in self.trees():
            for body, by in derivatives(tree):
                if is_letter(body) and is_letter(by):
                    one, other = self.known(body), self.known(by)
                    if one is not None and other is not None and one != other and one not in self.needed:
                        self.edges.setdefault(one, {})[other] = None

    def known(self, s: Surface) -> Name | None:
        """The letter whose entry, or which itself, stands there."""
        full, base = name_of(s), base_of(s)
        if full in self.needed or full == base or (full is not None and full[0] in self.scope.declared.symbols):
            return full
        head = taken_apart(s)
        assert head is not None
        if (
            any(isinstance(a, Letter) and len(a.stem) == 1 and a.font == "" for p in head[1] for a in walk(p))
            or base in self.needed
        ):
            return base
        return full

    def reaches(self, start: Name, goal: Name) -> bool:
        """Whether the definition of one name leads to another."""
        return leads(self.below, start, goal)

    def below(self, name: Name) -> Iterator[Name]:
        """What a letter depends on at once."""
        entry = self.needed.get(name)
        if entry is not None:
            yield from (n for n in mentioned(entry[1], self.scope.definitions) if n != name)
        yield from self.edges.get(name, ())

    def reduced(self) -> dict[Name, tuple[Name, ...]]:
        """Of each letter that nothing defines, what it depends on, but not through something else."""
        found: dict[Name, tuple[Name, ...]] = {}
        for name, others in self.edges.items():
            if name in self.needed:
                continue
            kept = [v for v in others if not any(w != v and self.reaches(w, v) for w in others)]
            found[name] = tuple(kept)
        return found

    @property
    def circular(self) -> bool:
        """Whether a name is defined by itself."""
        return any(self.reaches(name, name) for name in self.edges)
