"""A vector by a matrix that stands in one vector alone: a Jacobian up to that vector, and the last link by its entries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from derivgen.catalog.base import Elementwise, Formula
from derivgen.catalog.build import chain, factors_of, product, transposed, without
from derivgen.derivation.jacobian import build, partial_of
from derivgen.derivation.methods.link import Task, derived_link, letters_put_back, link_step
from derivgen.derivation.methods.linked import too_many_axes
from derivgen.derivation.methods.scalar import Derived
from derivgen.derivation.words.links import dominators, links
from derivgen.derivation.words.naming import Letters
from derivgen.expr import (
    At,
    Binder,
    Build,
    Call,
    Definition,
    Delta,
    Expr,
    Index,
    Place,
    Power,
    Sum,
    Symbol,
    depends_on,
    how_often,
    rename,
    replace_parts,
    symbols,
    walk,
)
from derivgen.rules import moves
from derivgen.rules.axis_parts import fresh_places
from derivgen.rules.engine import Context, Engine
from derivgen.rules.rule import Phase
from derivgen.rules.step import Step, end_of
from derivgen.rules.told_of_chains import in_turn, of_fan, of_mixed_fan
from derivgen.rules.told_of_moves import named_within

Deriver = Callable[[Task, Context], Derived]


@dataclass(frozen=True, slots=True)
class _Fan:
    """A vector through whose entries the rows of the variable act, one alone through each, or several by a matrix.

    Attributes:
        letter: its letter.
        value: what it stands for.
        mixing: the matrix whose entry (p, j) says at which rate row j acts on entry p; None where it is one row alone.
        rate: at which it acts by the entry of the row that is at ``place``.
        link: how that was found.
    """

    letter: Symbol
    value: Expr
    mixing: Expr | None
    rate: Expr
    place: Binder
    link: Derived


def fanned_method(task: Task, ctx: Context, parts: list[Expr], derive: Deriver) -> Derived | None:
    """The derivation of such a vector through a function that mixes its entries, as a softmax does; None where f is another."""
    f, x, name = task.f, task.x, task.name
    if f.shape.rank != 1 or f.shape.row or x.shape.rank != 2 or len(parts) < 2 or task.family:
        return None
    if not (isinstance(x, Symbol) and isinstance(name, Symbol)):
        return None
    ctx = ctx.local()
    fan = _fan(task, ctx, parts)
    if fan is None:
        return None
    z, first = fan.letter, fan.value
    outer = replace_parts(f, {first: z})
    if too_many_axes(links(outer, z), z) or not any(_mixes(e, z) for e in walk(outer)):
        return None
    introduces = (Definition(z, first), Definition(name, outer))
    definitions = (*task.definitions, *introduces)
    naming = moves.name_intermediates.step(f, outer, left=name, picture="names", introduces=introduces, definitions=definitions,
                                           reason=named_within(x, z, first, name, outer))  # fmt: skip
    if len(links(outer, z)) > 1:
        above = derive(Task(outer, z, name, task.method, given=task.given, definitions=definitions), ctx)
    else:
        above = _at_once(outer, z, name, definitions, ctx)
    if above.result.shape.rank != 2:
        return None
    steps = _named_together(naming, above.steps, x)
    rate = above.result
    if steps[-1].rule == moves.letters_back.name:  # all letters are put back at the end
        *steps, _ = steps
        rate = steps[-1].after
    return _ended(task, ctx, fan, steps, rate)


def _fan(task: Task, ctx: Context, parts: list[Expr]) -> _Fan | None:
    """The vector through which a matrix acts: as much of f as its rows stand apart in."""
    given = {d.value: d.symbol for d in task.given}
    for value in dict.fromkeys((parts[0], *dominators(task.f, task.x)[::-1])):
        if value.shape.rank != 1 or value.shape.row or not value.free <= task.f.free:
            continue
        letter = given.get(value) or Letters(ctx).intermediate(value)
        link = derived_link(value, task.x, letter, ctx)
        match link.result:
            case Build((i, j, k), body):
                by_rows = [g for g in factors_of(body) if {i, j} & g.free]
                match by_rows:
                    case [Delta(left, right)] if {left, right} == {i, j}:
                        mixing = None
                    case [At(Symbol() as m, places)] if places in ((i, j), (j, i)):
                        mixing = m if places == (i, j) else transposed(m)
                    case _:
                        continue
                return _Fan(letter, value, mixing, product(*without(factors_of(body), *by_rows)), k, link)
            case _:
                pass
    return None


def _ended(task: Task, ctx: Context, fan: _Fan, steps: Sequence[Step], rate: Expr) -> Derived:
    """The steps to the Jacobian of f by the vector, and the last link by its entries."""
    f, x, name, z = task.f, task.x, task.name, fan.letter
    own = ctx.local()
    (out,) = fresh_places(f, own)
    row, column = fresh_places(x, own)
    (between,) = fresh_places(z, own)
    slope = rename(fan.rate, {fan.place: column}) if isinstance(fan.place, Index) else fan.rate
    whole = rate if fan.mixing is None else chain(rate, fan.mixing)
    entry = product(_entry(whole, (out, row), own), slope)
    left = partial_of(name, (out,), x, (row, column))
    passed = product(partial_of(name, (out,), z, (between,)), partial_of(z, (between,), x, (row, column)))
    by_entries = moves.carry_by_entries.step(
        partial_of(f, (out,), x, (row, column)), entry, left=left, substeps=fan.link.steps, definitions=steps[0].definitions,
        via=(Sum(between, passed),) if isinstance(between, Index) else (),
        reason=of_fan(z, row, left, slope) if fan.mixing is None else of_mixed_fan(z, between, _entry_of_matrix(fan.mixing, between, row), left, slope),
    )  # fmt: skip
    built = build(entry, (out,), (row, column), "numerator")
    *named, _ = steps[0].introduces
    values: dict[Expr, Expr] = {name: f, **{d.symbol: d.value for d in reversed(named)}}
    back = built
    for letter, value in values.items():
        back = replace_parts(back, {letter: value})
    if not {d.symbol.name for d in named} & symbols(built).keys():
        return Derived((*steps, by_entries), back)
    whole_left = build(left, (out,), (row, column), "numerator")
    put_back, back = letters_put_back(built, values, whole_left, steps[0].definitions, back)
    return Derived((*steps, by_entries, *put_back), back)


def _entry_of_matrix(m: Expr, i: Binder, j: Binder) -> At:
    """Entry (i, j) of a matrix with a letter, or of its transpose."""
    return At(m, (i, j)) if isinstance(m, Symbol) else At(transposed(m), (j, i))


def _mixes(e: Expr, z: Symbol) -> bool:
    """Whether it makes of all entries of a vector something that is not linear in them: a softmax, a length, log(∑ exp(zᵢ))."""
    match e:
        case Call(Formula()):
            return depends_on(e, z.name)
        case Call(Elementwise()) | Power():
            return not e.shape.axes and depends_on(e, z.name)
        case _:
            return False


def _named_together(naming: Step, above: Sequence[Step], x: Expr) -> list[Step]:
    """The naming and the steps above it, the letters of a chain with that of the vector where that begins with its own."""
    more, *rest = above
    if more.rule != moves.name_intermediates.name:
        return [naming, *above]
    introduces = (naming.introduces[0], *more.introduces)
    together = replace(
        naming, after=more.after, introduces=introduces, definitions=more.definitions,
        reason=in_turn(x, [d.symbol for d in introduces]),
    )  # fmt: skip
    return [together, *rest]


def _at_once(f: Expr, z: Symbol, name: Symbol, definitions: tuple[Definition, ...], ctx: Context) -> Derived:
    """The one link above the vector as one step, in its own letter where that is shorter."""
    inner = derived_link(f, z, name, ctx)
    result = replace_parts(inner.result, {f: name}) if how_often(f, inner.result) > 1 else inner.result
    return Derived((link_step(f, z, name, inner, ctx, after=result, definitions=definitions),), result)


LONGEST = 24
"""Nodes of an entry of a Jacobian up to which it is written out."""


def _entry(e: Expr, places: tuple[Place, ...], ctx: Context) -> Expr:
    """An entry of a Jacobian, by the entries of what it is made of where that is no longer."""
    whole = At(e, places)
    steps = Engine(ctx.book.shown(Phase.UNFOLD), ctx.book.silent(Phase.ALWAYS, Phase.INWARD), ctx).run(whole)
    found = end_of(steps, whole)
    return whole if found.written > LONGEST or any(isinstance(part, Sum) for part in walk(found)) else found
