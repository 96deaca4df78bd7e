"""Functions of a matrix along one of its axes: of each row, or of each column, as NumPy, JAX and PyTorch have them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import partial

from derivgen.catalog.build import chain, product, transposed
from derivgen.catalog.elementwise import exp, log
from derivgen.catalog.formulas import size
from derivgen.catalog.opaque import largest, ones, prod, smallest, softmax_rows
from derivgen.expr import MINUS_ONE, At, Build, Call, Expr, Number, Op, Power, all_indices, fresh_index
from derivgen.read.context import Context, Said
from derivgen.read.surface import Apply
from derivgen.read.wording import called, counted

_HALF, _TWO = Number(Fraction(1, 2)), Number(Fraction(2))


def _ones(a: Expr) -> Expr:
    return Call(ones, (), (a.shape.axes[1],))


def _sums(a: Expr) -> Expr:
    return chain(a, _ones(a))


def _means(a: Expr) -> Expr:
    return product(Power(size(a.shape.axes[1]), MINUS_ONE), _sums(a))


def of_each_row(op: Op, a: Expr) -> Expr:
    """What an operation that gives a number makes of each row of a matrix: a column."""
    i = fresh_index(a.shape.axes[0], {index.name for index in all_indices(a)} | set(map(str, a.shape.axes)))
    return Build((i,), Call(op, (At(a, (i,)),)))


_NUMBER_OF_EACH_ROW: dict[str, Callable[[Expr], Expr]] = {
    "sum": _sums,
    "mean": _means,
    "logsumexp": lambda a: Call(log, (_sums(Call(exp, (a,))),)),
    "norm": lambda a: Power(_sums(Power(a, _TWO)), _HALF),
    "max": partial(of_each_row, largest),
    "amax": partial(of_each_row, largest),
    "prod": partial(of_each_row, prod),
    "min": partial(of_each_row, smallest),
    "amin": partial(of_each_row, smallest),
}
"""What a function that gives a number makes of the rows of a matrix: a column."""

_ROW_OF_EACH_ROW: dict[str, Callable[[Expr], Expr]] = {
    "softmax": lambda a: Call(softmax_rows, (a,)),
    "log_softmax": lambda a: Call(log, (Call(softmax_rows, (a,)),)),
}
"""What a function that gives a vector makes of the rows: a matrix."""

KNOWN = frozenset({*_NUMBER_OF_EACH_ROW, *_ROW_OF_EACH_ROW, "cumsum"})
"""Functions that can be taken along an axis."""


def along(read: Context, s: Apply, whole: Callable[[Context, Apply], Expr]) -> Expr:
    """A function along the axis that is said: of a vector that of the ``whole``, of a matrix that of each row or column.

    Raises:
        ShapeError: there is no such axis.
    """
    if len(s.args) != 1 or s.axis is None:
        raise read.fail(f"{s.function} takes {counted(1)}, not {len(s.args)}", s, called(s.function, 1))
    part: Said = (s.args[0], read.expr(s.args[0]))
    a = part[1]
    rank = a.shape.rank
    if not -rank <= s.axis < rank:
        axes = {0: "has no axis", 1: "has the axis 0 alone"}.get(rank, "has the axes 0 and 1")
        raise read.misfit(f"there is no axis {s.axis} here: {read.shaped(part)}, which {axes}", s)
    if rank == 1:
        return whole(read, replace(s, axis=None))
    if s.function == "cumsum":
        raise read.misfit(f"{s.function} is of a column: {read.shaped(part)}", s)
    by_rows = s.axis % 2 == 1
    rows = a if by_rows else transposed(a)
    if s.function in _NUMBER_OF_EACH_ROW:
        return _NUMBER_OF_EACH_ROW[s.function](rows)
    found = _ROW_OF_EACH_ROW[s.function](rows)
    return found if by_rows else transposed(found)


def softmax_of_matrix(read: Context, s: Apply, matrix: Expr) -> Expr:
    """The softmax of a matrix of which no axis is said: that of each row, if something shows that rows are meant."""
    e = Call(softmax_rows, (matrix,))
    read.rowwise[e] = s
    return e
