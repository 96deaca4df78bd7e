"""The shapes of arrays that are written by their entries, or by their blocks."""

from __future__ import annotations

from collections.abc import Sequence

from derivgen.errors import Span
from derivgen.expr import SCALAR, Dim, Shape, Symbol, product_dim
from derivgen.read.kinds.accounts import Accounts
from derivgen.read.kinds.meaning import Open
from derivgen.read.kinds.sizes import Sign
from derivgen.read.surface import Listed, Literal, Surface, Tabulated


def row_of(walk: Accounts, letter: Open, whole: Symbol) -> Shape | None:
    """A letter with an index, which is one of its own or stands for a row of a declared matrix."""
    chosen = walk.choice(Open("rows", "rows", sign=Sign(f"rows of {whole.name}", Span(0, 0))))
    if chosen == 0:
        return walk.entry(walk.of_letter(letter), letter.places)
    return None if chosen is None else walk.entry(walk.sizes.shape(whole.shape), letter.places)


def tabulated(walk: Accounts, s: Tabulated, *, across: bool = False) -> Shape | None:
    """Entries below each other, or side by side; arrays in their place are the blocks of a matrix."""
    nested = isinstance(s.body, Tabulated)
    with walk.bound((s.binder,)) as (dim,):
        entries = tabulated(walk, s.body, across=True) if isinstance(s.body, Tabulated) else walk.shape(s.body)
    if entries is None:
        return None
    many = walk.sizes.settled(dim)
    match entries.axes:
        case (m, n):
            return Shape((m, product_dim((many, n))) if across else (product_dim((many, m)), n))
        case (n,) if across and not nested:
            return Shape((n, dim))
        case (n,) if not (nested or entries.row or s.of_members):
            return Shape((product_dim((many, n)),))
        case _:
            return Shape((dim, *entries.axes))


def listed(walk: Accounts, items: Sequence[Surface]) -> Shape | None:
    """Items below each other; columns among them make one long column, which is held abstract."""
    if walk.letters.free_indices and (cells := cells_of(items)):
        inside = [walk.shape(cell) for cell in cells]
        known = [s for s in inside if s is not None]
        if any(s.axes for s in known):
            walk.pay("blocks of a matrix")
            return Shape((walk.open("blocks below", cells[0]), walk.open("blocks beside", cells[0])))
        return None if len(known) < len(inside) else Shape((Dim(len(items)), Dim(len(cells) // len(items))))
    shapes = [walk.shape(item) for item in items]
    return None if None in shapes else _below(walk, items, [s for s in shapes if s is not None])


def _below(walk: Accounts, items: Sequence[Surface], shapes: Sequence[Shape]) -> Shape:
    rows = any(isinstance(item, Listed | Tabulated) for item in items)  # a list within a list is a row
    if walk.letters.free_indices and have_a_matrix(items, shapes) and not rows:
        walk.pay("blocks of a matrix")
        return Shape((walk.open("blocks below", items[0]), *_first(shapes).axes[-1:]))
    if walk.letters.free_indices and are_blocks(shapes) and not rows:
        return Shape((walk.open("stacked", items[0]),))
    return Shape((Dim(len(items)), *shapes[0].axes))


def across(walk: Accounts, row: Surface, items: Sequence[Surface]) -> Shape | None:
    """Items side by side; columns are those of a matrix."""
    shapes = [walk.shape(item) for item in items]
    known = [s for s in shapes if s is not None]
    if len(known) < len(shapes):
        return None
    if walk.letters.free_indices and are_row_blocks(known):
        return Shape((walk.open("beside", items[0]),), row=True)
    if walk.letters.free_indices and have_a_matrix(items, known):
        walk.pay("blocks of a matrix")
        return Shape((*_first(known).axes[:1], walk.open("blocks beside", items[0])))
    if not are_columns(known) or any(isinstance(item, Listed | Tabulated) for item in items):
        return walk.transposed(row, _below(walk, items, known))
    for shape in known[1:]:
        walk.same(known[0].axes[0], shape.axes[0])
    return Shape((*walk.sizes.shape(known[0]).axes, Dim(len(items))))


def _first(shapes: Sequence[Shape]) -> Shape:
    """The first matrix among blocks."""
    return next(s for s in shapes if s.rank == 2)


def cells_of(items: Sequence[Surface]) -> tuple[Surface, ...]:
    """The cells of a table, row by row; none where the items are no rows of two cells or more, all of one length."""
    rows = [item.items for item in items if isinstance(item, Listed)]
    if len(rows) < max(len(items), 2) or len({len(row) for row in rows}) > 1 or len(rows[0]) < 2:
        return ()
    return tuple([cell for row in rows for cell in row])


def have_a_matrix(items: Sequence[Surface], shapes: Sequence[Shape]) -> bool:
    """Whether items of a list are the blocks of a matrix, one of which is a matrix itself; numbers among them are zeros."""
    blocks = (
        bool(s.axes) or (isinstance(item, Literal) and not item.value) for item, s in zip(items, shapes, strict=True)
    )
    return any(s.rank == 2 for s in shapes) and all(blocks)


def are_columns(shapes: Sequence[Shape]) -> bool:
    """Whether all items of a list are columns."""
    return all(s.rank == 1 and not s.row for s in shapes)


def are_row_blocks(shapes: Sequence[Shape]) -> bool:
    """Whether rows are among the items of a list, and nothing but numbers beside them."""
    return any(s.axes for s in shapes) and all(s == SCALAR or s.row for s in shapes)


def are_blocks(shapes: Sequence[Shape]) -> bool:
    """Whether columns are among the items of a list, and nothing but numbers beside them."""
    return any(s.axes for s in shapes) and all(s.rank < 2 and not s.row for s in shapes)
