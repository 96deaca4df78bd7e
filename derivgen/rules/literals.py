"""Arrays written entry by entry, such as [[2, 1], [1, 20]]: constant ones stay as they are, others are put together again."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from derivgen.catalog.build import number, plus, product, split_coefficient, transposed
from derivgen.catalog.linear import transpose
from derivgen.catalog.opaque import stack
from derivgen.expr import Add, Build, Call, Delta, Expr, Index, Number, rename, walk
from derivgen.rules.engine import Context
from derivgen.rules.rule import Stage, rule

LARGEST = 8
"""The length of axes along which an array is written entry by entry."""


def grid(e: Expr) -> tuple[tuple[Expr, ...], ...] | None:
    """The entries of a matrix that is written by them, row by row; those of a vector as one column."""
    if not isinstance(e, Call) or e.op is not stack:
        return None
    if e.shape.rank == 1:
        return tuple((a,) for a in e.args)
    rows = [r.args[0] for r in e.args if isinstance(r, Call) and r.op is transpose]
    found = [r.args for r in rows if isinstance(r, Call) and r.op is stack]
    return tuple(found) if len(found) == len(e.args) else None


def written(rows: Iterable[Iterable[Expr]]) -> Expr:
    """The matrix with these rows."""
    return Call(stack, tuple(transposed(Call(stack, tuple(row))) for row in rows))


@rule(Stage.RECOMBINE, Build, title="Write the entries in their places", states=r"[a\,\delta_{i1} + b\,\delta_{i2}]_i = (a, b)^{\mathsf T}",
      because="Where each place has an entry of its own, the array is written by its entries.",
      examples=("[a * (i == 0) + c * (i == 1) for i in range(2)]", "[[(j == 0) * (i == 0) * a + (i == 1) * (j == 1) for j in range(2)] for i in range(2)]",
                "sum([(i == 0) for i in range(n)]) * sum([(i == 0) for i in range(3)]) * [a * (i == 0) + c * (i == 1) for i in range(2)]", "[a * (i == 0) + c * (i == 1) for i in range(2)].T"))  # fmt: skip
def entries_in_places(e: Build, _: Context) -> Expr | None:
    index = e.indices[0]
    size = index.dim.size
    if not isinstance(index, Index) or not isinstance(size, int) or size > LARGEST:
        return None
    deltas = [d for d in walk(e.body) if isinstance(d, Delta) and index in (d.left, d.right)]
    places = {p for d in deltas for p in (d.left, d.right) if isinstance(p, int)}
    others = any(index in f.free for f in _with_index(e.body, index) if f not in deltas)
    if 2 * len(places) <= size or others:
        return None
    entries = (rename(e.body, {index: k}) for k in range(size))
    column = Call(stack, tuple(Build(e.indices[1:], b, True) if e.indices[1:] else b for b in entries))
    return transposed(column) if e.row else column


def _with_index(e: Expr, index: Index) -> list[Expr]:
    """The parts with an index that have no smaller part with it."""
    return [p for p in walk(e) if index in p.free and not any(index in c.free for c in p.children)]


@rule(Stage.SIMPLIFY, Call, role="silent", states=r"\begin{bmatrix} a & b \\ c & d \end{bmatrix}^{\mathsf T} = \begin{bmatrix} a & c \\ b & d \end{bmatrix}",
      because="Rows become columns.", examples=("[[a, 1], [c, 2]].T",))  # fmt: skip
def transpose_of_grid(e: Call, _: Context) -> Expr | None:
    rows = grid(e.args[0]) if e.op is transpose and e.shape.rank == 2 else None
    return None if rows is None else written(zip(*rows, strict=True))


@rule(Stage.SIMPLIFY, Add, role="silent", states=r"\begin{bmatrix} 1 & 2 \end{bmatrix} + \begin{bmatrix} 3 & 4 \end{bmatrix} = \begin{bmatrix} 4 & 6 \end{bmatrix}",
      because="Arrays of numbers are added entry by entry.", examples=("[[1, 2], [3, 4]] - 2 * [[0, 1], [1, 0]]", "a * [1, 2] + [1, 2] + [3, 4]"))  # fmt: skip
def add_grids(e: Add, _: Context) -> Expr | None:
    if not e.shape.axes or not e.kinds & Call.bit:  # most sums are neither
        return None
    known = {k: (value, rows) for k, t in enumerate(e.terms) for value, rows in _numbers(t)}
    if len(known) < 2:
        return None
    first = min(known)
    entries = [
        [plus(*(product(number(value), rows[i][j]) for value, rows in known.values())) for j in range(len(row))]
        for i, row in enumerate(known[first][1])
    ]
    total = written(entries) if e.shape.rank == 2 else Call(stack, tuple(row[0] for row in entries))
    return plus(*(total if k == first else t for k, t in enumerate(e.terms) if k == first or k not in known))


def _numbers(t: Expr) -> list[tuple[Fraction, tuple[tuple[Expr, ...], ...]]]:
    """A term that is a multiple of an array of numbers, as the number and the entries; nothing of any other."""
    value, rest = split_coefficient(t)
    rows = grid(rest)
    return [(value, rows)] if rows is not None and all(isinstance(a, Number) for row in rows for a in row) else []
