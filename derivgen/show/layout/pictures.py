"""The matrices that the notes draw: a column of entries, the full table with ⋯ ⋮ ⋱, the diagonal with large zeros."""

from __future__ import annotations

from derivgen.catalog.build import added, times
from derivgen.expr import ONE, Add, Build, Delta, Dim, Expr, Index, Mul, Place, rename
from derivgen.show.layout.box import COMMA, Box, Fence, Grid, LargeZero, Num, Sign, has_fraction, row
from derivgen.show.layout.entries import settled
from derivgen.show.layout.names import last_place
from derivgen.show.layout.term import Context

FULL = 4
"""The longest axis of known length that is drawn without dots."""

ACROSS, DOWN, DIAGONAL, LISTED = (
    Sign("⋯", "ordinary"),
    Sign("⋮", "ordinary"),
    Sign("⋱", "ordinary"),
    Sign("…", "ordinary"),
)


def shown_places(d: Dim) -> list[Place | None]:
    """The places that are drawn along an axis; None stands for dots."""
    if isinstance(d.size, int):
        if d.size <= FULL:
            return list(range(d.size))
        return [0, 1, None, d.size - 1]
    return [0, 1, None, last_place(d)]


def _cell(e: Build, where: tuple[Place, ...], c: Context) -> Box:
    """An entry; nothing that is drawn is built over pairs."""
    return c.box(settled(rename(e.body, dict(zip(e.bound, where, strict=True)))))


def sequence(e: Build, c: Context) -> list[Box]:
    """The entries of a vector: first, second, dots, last."""
    return [LISTED if p is None else _cell(e, (p,), c) for p in shown_places(e.indices[0].dim)]


def bracketed(e: Build, c: Context) -> Box:
    """A row as [first, second, …, last]."""
    return fenced(sequence(e, c))


def fenced(parts: list[Box]) -> Box:
    """Boxes in brackets with commas between."""
    spread = [box for k, part in enumerate(parts) for box in ((COMMA, part) if k else (part,))]
    return Fence(row(*spread), "[", "]")


def stack(e: Build, c: Context) -> Box:
    """A vector as a column of its entries; a row in brackets; a matrix as its table."""
    if len(e.indices) == 2:
        return table(e, c)
    if e.row:
        return bracketed(e, c)
    return Grid(tuple((DOWN if p is None else _cell(e, (p,), c),) for p in shown_places(e.indices[0].dim)))


def table(e: Build, c: Context) -> Box:
    """A matrix in full, with dots along each axis that is not drawn whole."""
    if len(e.indices) != 2:
        return stack(e, c)
    rows: list[tuple[Box | None, ...]] = []
    columns = shown_places(e.indices[1].dim)
    for p in shown_places(e.indices[0].dim):
        if p is None:
            rows.append(tuple(DIAGONAL if q is None else DOWN for q in columns))
        else:
            rows.append(tuple(ACROSS if q is None else _cell(e, (p, q), c) for q in columns))
    return Grid(tuple(rows))


def on_diagonal(e: Expr) -> Build | None:
    """The diagonal, as a vector, of a matrix whose body carries δ between its two indices."""
    if not isinstance(e, Build) or len(e.indices) != 2 or e.bound != e.indices:
        return None
    i, j = e.bound
    terms = e.body.terms if isinstance(e.body, Add) else (e.body,)
    kept = [without_delta(t, i, j) for t in terms]
    split = tuple([k for k in kept if k is not None])
    if len(split) < len(terms):
        return None
    return Build((i,), rename(added(split), {j: i}))


def without_delta(body: Expr, i: Index, j: Index) -> Expr | None:
    """``body`` without its factor δ between ``i`` and ``j``; None where it has none."""

    def is_it(e: Expr) -> bool:
        return isinstance(e, Delta) and {e.left, e.right} == {i, j}

    match body:
        case Delta() if is_it(body):
            return ONE
        case Mul(factors) if any(is_it(f) for f in factors):
            kept = tuple(f for f in factors if not is_it(f))
            return times(kept)
        case _:
            return None


def diagonal(entries: Build, c: Context) -> Box:
    """The diagonal matrix of a vector of entries, with large zeros off the diagonal."""
    shown = shown_places(entries.indices[0].dim)
    boxes = [DIAGONAL if p is None else _cell(entries, (p,), c) for p in shown]
    size = len(boxes)
    cells: list[list[Box | None]] = [[None] * size for _ in range(size)]
    for k, box in enumerate(boxes):
        cells[k][k] = box
    if size == 4:
        zero = LargeZero(any(has_fraction(b) for b in boxes))
        cells[1][3] = cells[2][0] = zero
    else:
        cells = [[Num("0") if cell is None else cell for cell in line] for line in cells]
    return Grid(tuple(tuple(line) for line in cells))
