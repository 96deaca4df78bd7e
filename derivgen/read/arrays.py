"""Sums, products over an index, and arrays by their entries."""

from __future__ import annotations

from derivgen.catalog import linear, opaque
from derivgen.catalog.build import times
from derivgen.expr import (
    MINUS_ONE,
    ONE,
    Add,
    At,
    Build,
    Call,
    Cases,
    Delta,
    Expr,
    Index,
    Mul,
    Pair,
    Shape,
    Sum,
    all_indices,
    fresh_index,
    indices_in,
    rename,
)
from derivgen.read.context import Context, same_shape
from derivgen.read.held import hold
from derivgen.read.kinds.arrays import are_blocks, are_columns, are_row_blocks, cells_of, have_a_matrix
from derivgen.read.places import bound
from derivgen.read.shapes import turned
from derivgen.read.surface import Listed, Multiplied, Summed, Surface, Tabulated

MOST_FACTORS = 400
"""How many factors a product over an index may come to."""


def summed(read: Context, s: Summed) -> Expr:
    """A sum over one index or more, the first the outermost."""
    if s.reaches:
        over = " and ".join(b.name for b in s.binders)
        read.note(f"the sum over {over} goes on to the end of {read.said(s)}, where {over} stands last", s)
    if s.silent:
        read.note(f"the sum without an index runs over {s.binders[0].name}", s)
    with bound(read, s.binders[0]) as index:
        inner = summed(read, Summed(s.span, s.binders[1:], s.body)) if len(s.binders) > 1 else read.expr(s.body)
        assert isinstance(index, Index)
        return Sum(index, inner)


def multiplied_over(read: Context, s: Multiplied) -> Expr:
    """Π over the entries of an axis; over as many factors as a number says, written out."""
    with bound(read, s.binder) as index:
        body = read.expr(s.body)
    assert isinstance(index, Index)
    length = index.dim.size
    if (not isinstance(length, int) or length > 100) and not body.shape.axes:
        return Call(opaque.prod, (_entries(index, body),))
    if body.shape.axes or not isinstance(length, int):
        raise read.misfit(f"a product over an index is of scalars: {read.shaped((s.body, body))}", s.body)
    if _weight(body) * length > MOST_FACTORS:
        raise read.fail("this product is too long to be written out", s)
    return times([rename(body, {index: k}) for k in range(length)])


def _entries(index: Index, body: Expr) -> Expr:
    """The array with these entries: of x_i it is x; of what is 1 where i is k, that says so in one way."""
    match body:
        case At(array, (place,)) if place == index and index not in array.free and array.shape.rank == 1:
            return array
        case Cases(((Add((first, Mul((minus, Delta() as same)))), value),), other) if (first, minus, other) == (
            ONE,
            MINUS_ONE,
            ONE,
        ):
            return Build((index,), Cases(((same, ONE),), value))
        case _:
            return Build((index,), body)


def _weight(e: Expr) -> int:
    return 1 if not isinstance(e, Mul) else sum(map(_weight, e.factors))


def tabulated(read: Context, s: Tabulated, *, across: bool = False) -> Expr:
    """[body for i in range(n)], an array by its entries; in LaTeX arrays in their place are the blocks of a matrix.

    Raises:
        ShapeError: the entries are none, or have more than two axes.
    """
    with bound(read, s.binder) as index:
        body = s.body
        e = tabulated(read, body, across=read.of.latex) if isinstance(body, Tabulated) else read.expr(body)
        if (
            isinstance(body, Tabulated)
            and isinstance(e, Build)
            and (not read.of.latex or len(e.indices) == _depth(body))
        ):
            return Build((index, *e.indices), e.body)
        if not e.shape.axes:
            return Build((index,), e)
        taken = {*(k.name for k in indices_in((index,))), *read.scope, *(i.name for i in all_indices(e))}
        places = tuple([fresh_index(dim, taken) for dim in e.shape.axes[:1]])
        places += tuple([fresh_index(dim, taken | {places[0].name}) for dim in e.shape.axes[1:]])
        if e.shape.row or (s.of_members and e.shape.rank == 1):
            return Build((index, *places), At(e, places))
        if not read.of.latex or e.shape.rank > 2 or not isinstance(index, Index):
            raise read.misfit(f"the entries of a list are scalars: {read.shaped((s.body, e))}", s.body,
                              "write an entry with its places: [[X[i, j] for j in range(n)] for i in range(m)]")  # fmt: skip
        if len(places) == 1:
            return Build((*places, index) if across else (Pair(index, places[0]),), At(e, places))
        i, j = places
        return Build((i, Pair(index, j)) if across else (Pair(index, i), j), At(e, places))


def _depth(s: Surface) -> int:
    """How many lists stand within one another: of more axes than these the entries are arrays."""
    depth = 0
    while isinstance(s, Tabulated):
        depth, s = depth + 1, s.body
    return depth


def listed(read: Context, s: Listed) -> Expr:
    """Items below each other: scalars, or rows.

    Raises:
        ShapeError: the items are neither, or not of one shape.
    """
    cells = [(cell, read.expr(cell)) for cell in cells_of(s.items)] if read.of.latex else []
    if any(e.shape.axes for _, e in cells):
        corner = cells[0][0]
        shape = Shape((read.length("blocks below", corner), read.length("blocks beside", corner)))
        return _blocks(read, s, cells, shape)
    parts = [(item, _list_item(read, item)) for item in s.items]
    first = parts[0]
    if read.of.latex and not cells and have_a_matrix(s.items, [e.shape for _, e in parts]):
        width = next(e.shape.axes[1] for _, e in parts if e.shape.rank == 2)
        return _blocks(read, s, parts, Shape((read.length("blocks below", s.items[0]), width)))
    if read.of.holds and are_blocks([e.shape for _, e in parts]):
        length = read.length("stacked", s.items[0])
        said = "a list is of scalars, or of rows: columns below each other are not read"
        return hold(read, s, "stacked", said, tuple([e for _, e in parts]), Shape((length,)))
    for part in parts:
        shape = part[1].shape
        if shape.axes and not shape.row:
            hint = f"a row is {turned(read, part)}" if shape.rank == 1 else None
            raise read.misfit(f"a list is of scalars, or of rows: {read.shaped(part)}", part[0], hint)
        if not same_shape(first[1].shape, shape):
            raise read.misfit(f"the items of a list have one shape: {read.shaped(first)}, {read.shaped(part)}", s)
    return Call(opaque.stack, tuple([e for _, e in parts]))


def _blocks(read: Context, s: Surface, parts: list[tuple[Surface, Expr]], shape: Shape) -> Expr:
    """A matrix that is made of blocks, held abstract.

    Raises:
        ParseError: nothing is held abstract here.
    """
    block = next((item, e) for item, e in parts if e.shape.axes)
    said = f"a matrix that is made of blocks is not read: {read.shaped(block)}"
    hint = "write what it comes to with the letters of its blocks"
    return hold(read, s, "blocks", said, tuple([e for _, e in parts]), shape, hint=hint)


def columns(read: Context, s: Listed) -> Expr | None:
    """The matrix of columns that stand side by side, [u, v], or one row of rows; None where they are neither."""
    rows = any(isinstance(item, Listed | Tabulated) for item in s.items)  # a list within a list is a row
    parts = [read.expr(item) for item in s.items] if read.of.latex and not rows else []
    if parts and read.of.holds and are_row_blocks([e.shape for e in parts]):
        said = "a list is of scalars, or of rows: rows side by side are not read"
        length = read.length("beside", s.items[0])
        return Call(linear.transpose, (hold(read, s, "beside", said, tuple(parts), Shape((length,))),))
    if parts and have_a_matrix(s.items, [e.shape for e in parts]):
        height = next(e.shape.axes[0] for e in parts if e.shape.rank == 2)
        beside = Shape((height, read.length("blocks beside", s.items[0])))
        return _blocks(read, s, list(zip(s.items, parts, strict=True)), beside)
    if not parts or not are_columns([e.shape for e in parts]) or len({e.shape for e in parts}) > 1:
        return None
    read.note(f"{read.said(s)} is read as the matrix with these columns", s)
    return Call(linear.transpose, (Call(opaque.stack, tuple([Call(linear.transpose, (e,)) for e in parts])),))


def _list_item(read: Context, item: Surface) -> Expr:
    """A list within a list is a row."""
    e = read.expr(item)
    if isinstance(item, Listed) and e.shape.rank == 1:
        return Call(linear.transpose, (e,))
    if isinstance(item, Tabulated) and isinstance(e, Build) and len(e.indices) == 1:
        return Build(e.indices, e.body, row=True)
    return e
