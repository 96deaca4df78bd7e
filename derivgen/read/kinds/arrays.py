"""The shapes of arrays that are written by their entries, or by their blocks."""

from __future__ import annotations

from collections.abc import Sequence

from derivgen.errors import Span
from derivgen.expr import Dim, Shape, Symbol, product_dim
from derivgen.read.kinds.accounts import Accounts
from derivgen.read.kinds.meaning import Open
from derivgen.read.kinds.sizes import Sign
from derivgen.read.surface import Surface, Tabulated


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
    """Items below each other."""
    shapes = [walk.shape(item) for item in items]
    first = shapes[0]
    return None if None in shapes or first is None else Shape((Dim(len(items)), *first.axes))
