"""A chain of links: each named and derived by itself, their Jacobians multiplied."""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass, replace

from derivgen.catalog.base import Abstract
from derivgen.catalog.build import factors_of, product
from derivgen.catalog.linear import diag, transpose
from derivgen.catalog.opaque import eye, ones
from derivgen.derivation.jacobian import compose, jacobian, partial_of, variable_name
from derivgen.derivation.methods.carried import carried_through, scaled
from derivgen.derivation.methods.link import (
    PLANNED,
    Task,
    derived_link,
    finished,
    letters_put_back,
    letters_taken,
    link_step,
    planned,
    what_letters_are,
)
from derivgen.derivation.methods.scalar import Derived, finish, in_order
from derivgen.derivation.words.directions import in_letter, is_direction
from derivgen.derivation.words.links import dot_product
from derivgen.derivation.words.naming import Letters, family_value, member
from derivgen.derivation.words.telling import lines_between, told_of_table
from derivgen.expr import (
    ONE,
    At,
    Build,
    Call,
    Cases,
    Definition,
    Expr,
    Index,
    Mul,
    Number,
    Sum,
    Symbol,
    how_often,
    indices_in,
    interned,
    replace_parts,
    symbols,
    walk,
)
from derivgen.rules import moves
from derivgen.rules.axis_parts import fresh_places
from derivgen.rules.engine import Context
from derivgen.rules.reason import Reason, filled
from derivgen.rules.simplify import multiply_by_diagonal
from derivgen.rules.step import Step, end_of
from derivgen.rules.told_of_chains import of_product, plan_of, without_slope
from derivgen.rules.told_of_moves import named_product, named_within


@dataclass(frozen=True, slots=True)
class Link:
    """An intermediate and what it is derived by.

    Attributes:
        symbol: its name.
        value: what it stands for, in the letters of the reader and of the link before.
        node: the same in the letters of the reader alone.
        inner: what it is derived by: the link before, or the variable.
    """

    symbol: Symbol
    value: Expr
    node: Expr
    inner: Expr


@dataclass(frozen=True, slots=True)
class Product:
    """A chain up to the product of its Jacobians.

    Attributes:
        links: the innermost first.
        names: of the links, members of their families.
        jacobians: of the links, in names.
        definitions: all names in force.
        steps: up to the product in its printed form.
        result: the product, in names.
    """

    links: list[Link]
    names: list[Expr]
    jacobians: list[Expr]
    definitions: tuple[Definition, ...]
    steps: list[Step]
    result: Expr

    @property
    def nodes(self) -> dict[Expr, Expr]:
        """What the names stand for in the letters of the reader: parts of the reader's own expression, which stay shared."""
        return {name: link.node for name, link in zip(self.names, self.links, strict=True)}

    def put_back(self, e: Expr) -> Expr:
        """``e`` in the letters of the reader."""
        return replace_parts(e, self.nodes)


def by_links(task: Task, ctx: Context, parts: list[Expr], dot: Expr | None) -> Derived:
    """The derivation by links; ``dot`` is an inner product that is taken apart as the lecture does."""
    found = multiplied(task, ctx, parts, dot)
    left = jacobian(task.name, task.x, ctx, task.layout)
    introduced = {link.symbol.name for link in found.links}
    if introduced & symbols(found.result).keys() == {
        variable_name(found.names[-1])
    }:  # the letter of the question itself
        outcome = finished(list(found.steps), found.result, ctx, left, found.definitions)
        return Derived(outcome.steps, found.put_back(outcome.result), task.column)
    kept = [k for k in found.links if is_direction(k.value) and k.symbol.name in symbols(found.result)]
    if kept and not (task.family or task.term or task.definitions):
        return _by_directions(task, found, ctx, left)
    put_back, back = letters_put_back(found.result, found.nodes, left, found.definitions)
    return replace(finished([*found.steps, *put_back], back, ctx, left, found.definitions), turned=task.column)


def _by_directions(task: Task, found: Product, ctx: Context, left: Expr) -> Derived:
    """The end of a derivation in whose answer a vector over its length keeps its letter, as in (I - yyᵀ)A/‖Ax‖."""
    pairs = list(zip(found.names, found.links, strict=True))
    put: dict[Expr, Expr] = {name: k.node for name, k in pairs if not is_direction(k.value)}
    here, steps = replace_parts(found.result, put), list(found.steps)
    if here != found.result:
        why = what_letters_are(put, found.result)
        steps.append(moves.value_by_letter.step(found.result, here, left=left, definitions=found.definitions, reason=why,
                                                title=moves.letters_back.title))  # fmt: skip
    back = in_order(found.put_back(here), ctx)
    tidied = finish(back, ctx, left)
    return Derived(tuple(steps), end_of(tidied, back), task.column)


def multiplied(task: Task, ctx: Context, parts: list[Expr], dot: Expr | None) -> Product:
    """The links named and derived, and their Jacobians multiplied."""
    chain = _named_links(task, ctx, parts, dot)
    definitions = (*task.definitions, *(Definition(k.symbol, family_value(k.value, task.family, ctx)) for k in chain))
    names = [member(k.symbol, task.family) for k in chain]
    introduced = definitions[len(task.definitions) :]
    named = {
        "left": names[-1],
        "picture": "names",
        "introduces": introduced,
        "reason": _why_named(task.x, chain, names, dot),
    }
    naming = moves.name_intermediates.step(task.f, chain[-1].value, definitions=definitions, **named)
    steps: list[Step] = []
    jacobians: list[Expr] = []
    taken = letters_taken(ctx)
    for k, link in enumerate(chain):
        layout = task.layout_of(names[k])
        inner = derived_link(link.value, link.inner, names[k], ctx, taken, layout=layout)
        # The Jacobian of s = softmax(z) reads diag(s) - ssᵀ: the link's own letter is shorter than its value.
        known = k < len(chain) - 1 or how_often(link.value, inner.result) > 1
        outcome = replace_parts(inner.result, {link.value: names[k]}) if known else inner.result
        via = lines_between(inner.steps, inner.result)
        if (by_letter := in_letter(outcome, link.value, names[k])) != outcome:
            via, outcome = (*via, outcome), by_letter
        jacobians.append(outcome)
        shown = _table_of(outcome, ctx)
        picture = _PICTURES[shown.shape.rank] if shown is not outcome else ""
        why = told_of_table(inner.steps, link.value, names[k], link.inner, further=k > 0) if picture else None
        steps.append(
            link_step(link.value, link.inner, names[k], inner, ctx, after=shown, layout=layout, via=via,
                      definitions=definitions, picture=picture, **({"reason": why} if why is not None else {}))
        )  # fmt: skip
    way = [task.x, *names]
    steps.insert(
        0,
        planned(naming, way, plan_of(names, [k.inner for k in chain], jacobians) if len(way) >= PLANNED else Reason()),
    )
    left = jacobian(names[-1], task.x, ctx, task.layout)
    pending, filled_in = _products(task, names, chain, jacobians, ctx)
    (put_in,) = interned(filled_in)  # it does not show which of the links were known
    numbers = any(isinstance(e, Number) and e != ONE for e in factors_of(put_in))  # -1 σ(r)y is -y σ(r)
    if numbers or any(map(_is_scaled, jacobians)):
        put_in = in_order(put_in, ctx)
    start = jacobian(task.f, task.x, ctx, task.layout)
    by_scale = scaled(put_in, left, ctx) if task.column and pending != left else []
    if pending != left:
        sums = _is_ones(jacobians[-1])
        picture = "product" if not task.column and all(map(_is_declared, jacobians[: len(jacobians) - sums])) else ""
        by_entry = bool(picture) and not sums and not any(map(_is_diagonal, jacobians))
        product_ = moves.chain_rule.step(
            start, put_in, left=left, definitions=definitions, via=(pending,), picture=picture,
            reason=of_product(task.x, names, _rates(names, chain, jacobians, ctx), left,
                              three_places(names, task.x, ctx), column=task.column) + without_slope(jacobians),
        )  # fmt: skip
        if by_scale:
            product_ = replace(product_, after=by_scale[-1].after, via=(pending, put_in), substeps=tuple([replace(s, definitions=definitions) for s in by_scale]),
                               reason=product_.reason + _of_diagonal(put_in))  # fmt: skip
            put_in = product_.after
        steps.append(
            _with_column_sums(product_, jacobians[0], ctx) if picture and sums and len(jacobians) == 2 else product_
        )
        if by_entry:
            steps.append(_an_entry(task, names, jacobians, definitions, ctx))
    simplified = finish(put_in, ctx, left, by_cases=False)
    steps += [
        replace(
            s, definitions=definitions, picture="row by diagonal" if s.rule == multiply_by_diagonal.name else s.picture
        )
        for s in simplified
    ]
    here = end_of(simplified, put_in)
    return Product(chain, names, jacobians, definitions, steps, here)


LONGEST_RATE = 24
"""Nodes of the Jacobian of a link up to which a sentence says it; a longer one by its name."""


def _products(
    task: Task, names: Sequence[Expr], chain_: Sequence[Link], jacobians: Sequence[Expr], ctx: Context
) -> tuple[Expr, Expr]:
    """The product of the Jacobians, in names and filled in: from the value inward, or as a column behind their transposes."""
    inner = [k.inner for k in chain_]
    if not task.column:
        named = [jacobian(n, i, ctx) for n, i in zip(names, inner, strict=True)]
        return compose(named[::-1]), compose([*jacobians[::-1]])
    turned = [
        jacobian(n, i, ctx, "denominator" if n.shape.axes else task.layout) for n, i in zip(names, inner, strict=True)
    ]
    found = [carried_through(j) if n.shape.axes else j for n, j in zip(names, jacobians, strict=True)]
    return _from_value(turned), _from_value(found)


def _from_value(factors: Sequence[Expr]) -> Expr:
    """A column behind its factors, which come from the variable outward; the numbers among them from the value inward."""
    return compose([*(e for e in factors[::-1] if not e.shape.axes), *(e for e in factors if e.shape.axes)])


def _rates(names: Sequence[Expr], chain: Sequence[Link], jacobians: Sequence[Expr], ctx: Context) -> list[Expr]:
    return [
        jacobian(name, link.inner, ctx) if j.written > LONGEST_RATE or any(isinstance(e, Cases) for e in walk(j)) else j
        for name, link, j in zip(names, chain, jacobians, strict=True)
    ]


def three_places(names: Sequence[Expr], x: Expr, ctx: Context) -> tuple[Index | None, ...]:
    """Indices for an entry of the value, of the one vector between and of the variable; None of what is a number."""
    if len(names) != 2 or not names[0].shape.axes:
        return None, None, None
    ctx = ctx.local()
    return tuple([ctx.fresh(e.shape.axes[0]) if e.shape.axes else None for e in (names[-1], names[0], x)])


def _why_named(x: Expr, chain: Sequence[Link], names: Sequence[Expr], dot: Expr | None) -> Reason:
    """Why these intermediates have names."""
    if dot is not None:
        return named_product(dot, chain[0].value, names[0])
    if len(chain) == 2:
        return named_within(x, names[0], chain[0].value, names[1], chain[1].value)
    return Reason()  # the plan of the chain says it


def _is_declared(e: Expr) -> bool:
    """Whether a Jacobian is of a function that is only declared, or has the derivative of one on its diagonal."""
    match e:
        case Call(op, (Call(Abstract()),)) if op is diag:
            return True
        case Call(Abstract()):
            return bool(e.shape.axes) and not e.shape.row
        case _:
            return False


def _is_scaled(e: Expr) -> bool:
    """Whether a Jacobian is the identity, which is left out, or a multiple of a matrix, whose factor goes in front."""
    return (isinstance(e, Call) and e.op is eye) or (isinstance(e, Mul) and e.shape.rank == 2)


def _is_ones(e: Expr) -> bool:
    return isinstance(e, Call) and e.op is transpose and isinstance(e.args[0], Call) and e.args[0].op is ones


def _is_diagonal(e: Expr) -> bool:
    return isinstance(e, Call) and e.op is diag


def _of_diagonal(e: Expr) -> Reason:
    """What a diagonal matrix in front of a column does to it."""
    (on_it,) = (f.args[0].args[0] for f in factors_of(e) if isinstance(f, Call) and isinstance(f.args[0], Call))
    return filled(
        "The diagonal matrix multiplies each entry of the column behind it by that of [{d}|its diagonal] in its place.",
        {"d": on_it},
    )


def _with_column_sums(product_: Step, jacobian_: Expr, ctx: Context) -> Step:
    """A product of a row of ones with a Jacobian: what its entries are, in words and written out."""
    ctx = ctx.local()
    i, j = (ctx.fresh(d) for d in jacobian_.shape.axes)
    summed = Sum(i, At(jacobian_, (i, j)))
    added = filled("The ones add up each column: entry {j} is {s}, the sum of column {j}; without entries the row is {p}.",
                   {"j": j, "s": summed, "p": product_.after})  # fmt: skip
    return replace(product_, via=(*product_.via, Build((j,), summed, row=True)), reason=product_.reason + added)


def _an_entry(
    task: Task,
    names: list[Expr],
    jacobians: list[Expr],
    definitions: tuple[Definition, ...],
    ctx: Context,
) -> Step:
    """An entry of the product of Jacobians: the sum over all that lies between, which is the total derivative."""
    ctx = ctx.local()
    out, at = fresh_places(names[-1], ctx), fresh_places(task.x, ctx)
    between = [fresh_places(n, ctx) for n in names[:-1]]
    ends = [at, *between, out]
    factors = [At(j, (*ends[k + 1], *ends[k])) if j.shape.axes else j for k, j in enumerate(jacobians)][::-1]
    after: Expr = product(*factors)
    for i in indices_in(tuple(p for places in between[::-1] for p in places)):
        after = Sum(i, after)
    left = partial_of(names[-1], out, task.x, at)
    return moves.total_derivative.step(partial_of(task.f, out, task.x, at), after, left=left, definitions=definitions)


_PICTURES = ("", "stack", "table")
"""By the axes of what is drawn."""


def _table_of(e: Expr, ctx: Context) -> Expr:
    """The Jacobian of a function that is only declared, as the table of its partials; anything else as it is."""
    if not (isinstance(e, Call) and isinstance(e.op, Abstract) and e.shape.axes) or e.shape.row:
        return e
    ctx = ctx.local()
    places = tuple(ctx.fresh(d) for d in e.shape.axes)
    return Build(places, At(e, places))


def _named_links(task: Task, ctx: Context, parts: list[Expr], dot: Expr | None) -> list[Link]:
    inner: Expr = task.x
    before: Expr = task.x  # the sub-expression that ``inner`` names
    nodes: list[tuple[Expr, Expr]] = []  # what is named, and as which expression it is shown
    if dot is not None:
        # The lecture's way: wᵀx is the sum of the entries of w ⊗ x.
        entries, total = dot_product(dot)
        nodes += [(entries, entries), (dot, total)]
        parts = parts[1:] if parts[0] == dot else parts
    nodes += [(p, p) for p in parts]
    own = Letters(ctx, numbered=string.ascii_letters if len(nodes) > 6 else "")
    given = {d.value: d.symbol for d in reversed(task.given)}
    chain: list[Link] = []
    for k, (node, shown) in enumerate(nodes):
        value = replace_parts(shown, {before: inner}) if k else shown
        if k == len(nodes) - 1:
            symbol = task.name.array if isinstance(task.name, At) else task.name
            assert isinstance(symbol, Symbol)
        else:
            symbol = given.get(node) or own.intermediate(shown, task.family)
        chain.append(Link(symbol, value, node, inner))
        inner, before = member(symbol, task.family), node
    return chain


def too_many_axes(parts: list[Expr], x: Expr) -> bool:
    """Whether a Jacobian among the links would be no matrix, or their product no matrix product; entries say it then.

    A matrix may only stand at one end, with scalars all the way to the other.
    """
    ranks = [x.shape.rank, *(p.shape.rank for p in parts)]
    if max(ranks) > 1:
        return sum(ranks) > 2 or max(ranks[1:-1], default=0) > 1
    return False
