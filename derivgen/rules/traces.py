"""Traces: sums over diagonals are read as such, and products that differ by a turn are counted together."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product as combinations

from derivgen.catalog.build import chain, factors_of, number, operands_of, plus, product, split_coefficient, terms_of
from derivgen.catalog.linear import diag, sum_, trace
from derivgen.expr import Add, Call, Expr, canonical
from derivgen.rules.collect import LIMIT
from derivgen.rules.engine import Context
from derivgen.rules.properties import across
from derivgen.rules.rule import Stage, rule


@rule(Stage.SIMPLIFY, Call, title="Recognise a trace", states=r"\operatorname{sum}(\operatorname{diag}(A)) = \operatorname{tr}(A)",
      because="The entries on a diagonal, added up, are the trace.",
      examples=("sum(diag(M @ N))", "sum(diag(M) - 2 * diag(N))", "sum(diag(M)) * sum(diag(M) + x)"))  # fmt: skip
def sum_of_diagonal(e: Call, _: Context) -> Expr | None:
    if e.op is not sum_:
        return None
    found: list[Expr] = []
    for t in terms_of(e.args[0]):
        match [f for f in factors_of(t) if f.shape.axes]:
            case [Call(op, (matrix,))] if op is diag and matrix.shape.rank == 2:
                found.append(product(*(f for f in factors_of(t) if not f.shape.axes), matrix))
            case _:
                return None
    return Call(trace, (plus(*found),))


@rule(Stage.SIMPLIFY, Call, role="offered", title="Recognise a trace", states=r"\operatorname{sum}(A \otimes B) = \operatorname{tr}(A^{\mathsf T}B)",
      because="Entry by entry two matrices multiply to what stands on the diagonal of a matrix product; the trace adds that up.",
      examples=("sum(Q * inv(Q))",))  # fmt: skip
def entries_as_trace(e: Call, _: Context) -> Expr | None:
    arrays = [f for f in factors_of(e.args[0]) if f.shape.axes] if e.op is sum_ else []
    if [f.shape.rank for f in arrays] != [2, 2]:
        return None
    return Call(trace, (chain(across(arrays[0]), arrays[1]),))


@rule(Stage.SIMPLIFY, Call, Add, role="offered", title="Turn the products under the trace",
      states=r"\operatorname{tr}(AB) + \operatorname{tr}(BA) = 2\operatorname{tr}(AB)",
      because="Under a trace the last factor may go to the front, and a product may be transposed, so these are counted together.",
      examples=("trace(M @ N) + 2 * trace(N @ M) + a", "trace(M @ N + N @ M)", "trace(M @ x @ y.T) + trace(M @ N) + trace(N @ M)", "trace(M @ N) - trace(N.T @ M.T)"))  # fmt: skip
def turn_under_trace(e: Call | Add, ctx: Context) -> Expr | None:
    split = [(t, *split_coefficient(t)) for t in terms_of(e)]
    traces = [(value, rest.args[0]) for _, value, rest in split if isinstance(rest, Call) and rest.op is trace]
    if not traces:
        return None
    whole = [t for t, _, rest in split if not (isinstance(rest, Call) and rest.op is trace)]
    products = [(value * v, args) for value, matrix in traces for v, args in _summands(matrix, ctx.asked(Add))]
    counts: list[tuple[Fraction, tuple[Expr, ...], set[tuple[Expr, ...]]]] = []
    for value, args in products:
        key = tuple(map(canonical, args))
        at = next((k for k, (_, _, turns) in enumerate(counts) if key in turns), None)
        if at is None:
            counts.append((value, args, _turns(args)))
        else:
            counts[at] = (counts[at][0] + value, *counts[at][1:])
    if len(counts) == len(products) or len(products) > LIMIT:
        return None
    return plus(*whole, *(product(number(v), Call(trace, (chain(*args),))) for v, args, _ in counts))


def _summands(e: Expr, known: Sequence[Expr]) -> list[tuple[Fraction, tuple[Expr, ...]]]:
    """The products that a matrix is the sum of, multiplied out but for the sums that the question has."""
    found: list[tuple[Fraction, tuple[Expr, ...]]] = []
    for t in terms_of(e):
        value, rest = split_coefficient(t)
        parts = [
            _summands(f, known) if isinstance(f, Add) and f not in known else [(Fraction(1), (f,))]
            for f in operands_of(rest)
        ]
        for way in combinations(*parts):
            total = value
            for factor, _ in way:
                total *= factor
            found.append((total, tuple(a for _, args in way for a in args)))
    return found


def _turns(args: tuple[Expr, ...]) -> set[tuple[Expr, ...]]:
    """The product turned around in each way, and transposed."""
    if any(f.shape.rank != 2 for f in args):
        return {tuple(map(canonical, args))}
    back = tuple(across(f) for f in reversed(args))
    return {tuple(map(canonical, (*p[k:], *p[:k]))) for p in (args, back) for k in range(len(p))}
