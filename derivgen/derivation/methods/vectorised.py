"""An answer with three or more axes as a matrix: its value and its variable are stacked to vectors, column by column."""

from __future__ import annotations

from dataclasses import dataclass

from derivgen.catalog.opaque import commutation
from derivgen.derivation.jacobian import arrange, entry_at, partial_of
from derivgen.derivation.methods.scalar import OUTWARD
from derivgen.derivation.methods.structured import structured_partial
from derivgen.expr import (
    Add,
    Binder,
    Build,
    Call,
    Expr,
    Mul,
    Pair,
    Partial,
    Symbol,
    bind,
    rename,
    symbols,
    walk,
)
from derivgen.options import Convention, Layout
from derivgen.rules import moves, properties
from derivgen.rules.engine import Context, Engine
from derivgen.rules.kronecker import kronecker_product
from derivgen.rules.rule import Phase
from derivgen.rules.step import Step, end_of


@dataclass(frozen=True, slots=True)
class Stacked:
    """∂vec(Y)/∂vec(X) in matrix notation.

    Attributes:
        left: the matrix of partials in names.
        start: the same of the expression itself, nothing carried out.
        result: the matrix.
        steps: from the entries to it.
    """

    left: Expr
    start: Expr
    result: Expr
    steps: tuple[Step, ...]

    @property
    def commutes(self) -> bool:
        """Whether a commutation matrix stands in it."""
        return any(isinstance(e, Call) and e.op is commutation for e in walk(self.result))


def stacked_form(
    f: Expr, x: Symbol, name: Symbol, entries: Expr, layout: Layout, convention: Convention, ctx: Context
) -> Stacked | None:
    """The derivative of vec(f) by vec(x), read off its entries; None where these have no form of that kind.

    Asked for where there is no matrix: with three axes or more, or where a scalar by a matrix is known by its entries.
    """
    rank = f.shape.rank
    if not isinstance(entries, Build) or len(entries.indices) != rank + x.shape.rank or x.shape.rank + rank < 2:
        return None
    out, at = entries.indices[:rank], entries.indices[rank:]
    if len(entries.indices) == 2:
        if rank:
            return None
        at = at if arrange((), at, layout)[0] == at else at[::-1]
    places = tuple(_column_major(axes) for axes in (out, at) if axes)
    start = Build(places, structured_partial(f, x, out, at, convention), not out)
    left = Build(places, partial_of(name, out, x, at), not out)
    before = Build(places, entries.body, not out)
    ctx = ctx.local()
    ctx.taken.update(i.name for i in entries.bound)
    rules = (properties.symmetric, *ctx.book.shown(Phase.RECOMBINE))
    engine = Engine(rules, ctx.book.silent(*OUTWARD), ctx)
    # (sᵢδᵢⱼ − sᵢsⱼ)xₗ is one Kronecker product, and would be two when it is multiplied out
    first = Engine((kronecker_product,), (), ctx).run(before) if _has_sum(entries.body) else []
    tidied, _ = engine.tidy(end_of(first, before))
    found = [*first, *engine.run(tidied)]
    result = end_of(found, tidied)
    if result.shape != before.shape or any(isinstance(e, Build | Partial) for e in walk(result)):
        return None
    substeps = tuple(found) if len(found) > 1 or tidied != before else ()
    reason = _reason(out, at)
    step = moves.stack.step(before, result, left=left, substeps=substeps, reason=reason)
    return Stacked(left, start, result, (step,))


def _has_sum(body: Expr) -> bool:
    """Whether the entries are a product in which a sum stands."""
    return isinstance(body, Mul) and any(isinstance(f, Add) for f in body.factors)


def _reason(out: tuple[Binder, ...], at: tuple[Binder, ...]) -> str:
    """Which entry stands where."""
    column = "column $k$ to variable $k$" if len(at) == 1 else "column $(l, k)$ to entry $(k, l)$ of the variable"
    if not out:
        return f"Stacked column by column, the variable is a vector, so the entries make one row: {column.replace('to', 'belongs to', 1)}."
    match out:
        case (Pair(),):
            row = "row $(j, i)$ belongs to entry $(j, i)$"
        case (_,):
            row = "row $i$ belongs to entry $i$"
        case _:
            row = "row $(j, i)$ belongs to entry $(i, j)$ of the value"
    return f"Stacked column by column, a matrix is a vector, so the entries make one matrix: {row}, {column}."


def _column_major(axes: tuple[Binder, ...]) -> Binder:
    """The axes as one, the first running fastest."""
    return axes[0] if len(axes) == 1 else Pair(axes[1], axes[0])


def in_letters_of(left: Expr, result: Expr) -> Expr:
    """An answer that keeps its indices, in those of the left-hand side."""
    if isinstance(left, Build) and len(left.indices) > 2 and isinstance(result, Add | Mul):
        body = entry_at(result, left.indices)
        return result if body is None else Build(left.indices, body)
    if not (isinstance(left, Build) and isinstance(result, Build) and len(left.indices) == len(result.indices)):
        return result
    moved = bind(result.indices, left.indices)
    names = {*symbols(left), *symbols(result)}
    return result if moved is None else Build(left.indices, rename(result.body, moved, names), result.row)
