"""A vector by a matrix that stands in one vector alone: a Jacobian up to that vector, and the last link by its entries."""

from __future__ import annotations

from collections.abc import Callable

from derivgen.catalog.base import Formula
from derivgen.catalog.build import factors_of, product
from derivgen.derivation.jacobian import build, partial_of
from derivgen.derivation.link import Task, derived_link
from derivgen.derivation.linked import too_many_axes
from derivgen.derivation.links import links
from derivgen.derivation.naming import Letters
from derivgen.derivation.scalar import Derived
from derivgen.expr import At, Build, Call, Definition, Delta, Expr, Index, Sum, Symbol, rename, replace_parts, walk
from derivgen.rules import moves
from derivgen.rules.axis_parts import fresh_places
from derivgen.rules.engine import Context
from derivgen.rules.told_of_chains import of_fan
from derivgen.rules.told_of_moves import named_within

Deriver = Callable[[Task, Context], Derived]


def fanned_method(task: Task, ctx: Context, parts: list[Expr], derive: Deriver) -> Derived | None:
    """The derivation of such a vector through a function that mixes its entries, as a softmax does; None where f is another."""
    f, x = task.f, task.x
    if (
        f.shape.rank != 1
        or f.shape.row
        or not isinstance(x, Symbol)
        or x.shape.rank != 2
        or task.family
        or len(parts) < 3
    ):
        return None
    first, *above = parts
    if first.shape.rank != 1 or first.shape.row or not isinstance(task.name, Symbol):
        return None
    if not any(isinstance(e, Call) and isinstance(e.op, Formula) for p in above for e in walk(p)):
        return None
    ctx = ctx.local()
    given = {d.value: d.symbol for d in task.given}
    z = given.get(first) or Letters(ctx).intermediate(first)
    outer = replace_parts(f, {first: z})
    if too_many_axes(links(outer, z), z):
        return None
    at = derived_link(first, x, z, ctx)
    match at.result:
        case Build((i, j, k), body) if any(
            isinstance(g, Delta) and {g.left, g.right} == {i, j} for g in factors_of(body)
        ):
            rate = product(*(g for g in factors_of(body) if not isinstance(g, Delta)))
        case _:
            return None
    if j in rate.free or i in rate.free:
        return None
    introduces = (Definition(z, first), Definition(task.name, outer))
    definitions = (*task.definitions, *introduces)
    naming = moves.name_intermediates.step(f, outer, left=task.name, picture="names", introduces=introduces, definitions=definitions,
                                           reason=named_within(x, z, first, task.name, outer))  # fmt: skip
    carried = derive(Task(outer, z, task.name, task.method, given=task.given, definitions=definitions), ctx)
    if carried.result.shape.rank != 2:
        return None
    own = ctx.local()
    (out,) = fresh_places(f, own)
    row, column = fresh_places(x, own)
    (between,) = fresh_places(z, own)
    if not isinstance(between, Index):
        return None
    slope = rename(rate, {k: column}) if isinstance(k, Index) else rate
    entry = product(At(carried.result, (out, row)), slope)
    left = partial_of(task.name, (out,), x, (row, column))
    pending = Sum(
        between, product(partial_of(task.name, (out,), z, (between,)), partial_of(z, (between,), x, (row, column)))
    )
    by_entries = moves.carry_by_entries.step(partial_of(f, (out,), x, (row, column)), entry, left=left, via=(pending,), definitions=definitions,
                                             substeps=at.steps, reason=of_fan(z, row, left, slope))  # fmt: skip
    whole = build(left, (out,), (row, column), "numerator")
    built = build(entry, (out,), (row, column), "numerator")
    back = replace_parts(built, {z: first})
    last = moves.letters_back.step(built, back, left=whole, definitions=definitions)
    return Derived((naming, *carried.steps, by_entries, last), back)
