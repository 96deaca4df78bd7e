"""The forms in which a derivative is carried back: scaled by a diagonal, multiplied out, in front of its factors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from derivgen.catalog.build import chain, factors_of, plus, product, split_coefficient, transposed
from derivgen.catalog.linear import diag, matmul
from derivgen.derivation.methods.scalar import in_order
from derivgen.expr import Add, Call, Expr, Mul, Number, Sum, Symbol, symbols
from derivgen.rules.engine import Context
from derivgen.rules.properties import is_symmetric
from derivgen.rules.rule import Application
from derivgen.rules.simplify import multiply_by_diagonal, multiply_out_diagonal
from derivgen.rules.step import Step


def scaled(filled: Expr, left: Expr, ctx: Context) -> list[Step]:
    """A row times a diagonal matrix, or such a matrix times a column, as the element-wise product that it is."""
    match filled:
        case Call(op, (Call(diagonal, (d,)), *column)) if op is matmul and diagonal is diag and len(column) > 1:
            return _by_entries(filled, product(in_order(chain(*column), ctx), d), left)
        case Mul((*numbers, Call(op, (Call(diagonal, (d,)), *column)))) if (
            op is matmul and diagonal is diag and len(column) > 1 and not any(e.shape.axes for e in numbers)
        ):
            return _by_entries(filled, product(*numbers, product(in_order(chain(*column), ctx), d)), left)
        case Call(op, (*row, Call(diagonal, (d,)))) if op is matmul and diagonal is diag and len(row) > 1:
            scalars: list[Expr] = []
        case Mul((*scalars, Call(op, (*row, Call(diagonal, (d,)))))) if (
            op is matmul and diagonal is diag and len(row) > 1
        ):
            pass
        case _:
            return []
    turned = in_order(transposed(chain(*row)), ctx)
    return _by_entries(filled, product(*scalars, transposed(product(turned, d))), left)


def _by_entries(filled: Expr, after: Expr, left: Expr) -> list[Step]:
    return [replace(Application(multiply_by_diagonal, filled, after).step(), left=left)]


def multiplied_out(steps: Sequence[Step]) -> tuple[Expr, ...]:
    """Where a product was multiplied out: what is left of it before the last law gives it its form."""
    out = [k for k, s in enumerate(steps) if s.rule == multiply_out_diagonal.name]
    rest = steps[out[0] + 1 :] if out else ()
    return (rest[0].after,) if len(rest) > 1 else ()


def in_front(term: Expr, names: set[str]) -> Expr:
    """A product in which what is carried stands in front, as in δ_j x_k."""
    if isinstance(term, Sum):
        return Sum(term.index, in_front(term.body, names))
    number, rest = split_coefficient(term)
    factors = sorted(factors_of(rest), key=lambda e: not names & symbols(e).keys())
    return product(*([Number(number)] if number != 1 else []), *factors)


def carried_through(e: Expr) -> Expr:
    """The transpose of an array, carried through its sums and products; symmetric matrices stay."""
    match e:
        case _ if not e.shape.axes or (e.shape.rank == 2 and is_symmetric(e)):
            return e
        case Add(terms) if all(t.shape == e.shape for t in terms):
            return plus(*map(carried_through, terms))
        case Mul(factors):
            return product(*map(carried_through, factors))
        case Call(op, args) if op is matmul:
            return chain(*map(carried_through, reversed(args)))
        case _:
            return transposed(e)


def own_transposes(e: Expr) -> tuple[Symbol, ...]:
    """The letters in an expression of matrices that are declared symmetric."""
    return tuple([s for s in symbols(e).values() if s.shape.rank == 2 and is_symmetric(s)])
