"""Whether shapes fit; what does not is said in the source's words, with what to write instead."""

from __future__ import annotations

from derivgen.catalog import linear
from derivgen.catalog.build import chain, operands_of
from derivgen.errors import ShapeError
from derivgen.expr import Call, Expr
from derivgen.read.context import Context, Said, same_shape
from derivgen.read.surface import (
    Apply,
    Called,
    Fenced,
    Group,
    Letter,
    Name,
    Scripted,
    Subscript,
    Surface,
    Transposed,
    ungrouped,
)
from derivgen.read.wording import extents


def fit(read: Context, what: str, parts: list[Said], where: Surface) -> None:
    """Check that arrays combined entry by entry are of one shape; scalars expand."""
    first: Said | None = None
    for part in parts:
        if not part[1].shape.axes:
            continue
        if first is None:
            first = part
        elif not same_shape(first[1].shape, part[1].shape):
            raise _elementwise_misfit(read, what, first, part, where)


def _elementwise_misfit(read: Context, what: str, left: Said, right: Said, where: Surface) -> ShapeError:
    a, b = left[1].shape, right[1].shape
    hint = None
    if a.axes == b.axes and a.row != b.row:
        inner = ungrouped(right[0] if b.row else left[0])
        hint = f"transpose one of them: {turned(read, left)}"
        if isinstance(inner, Transposed):
            hint = f"write {read.said(inner.operand)} instead of {read.said(inner)}"
    elif what == "*" and (a.rank == 2 or b.rank == 2):
        hint = "the matrix product is written @"
    elif a.rank == b.rank == 2 and a.axes == b.axes[::-1]:
        hint = f"transpose one of them: {turned(read, left)}"
    elif what == "⊗":
        hint = "⊗ is the element-wise product; the Kronecker product is written kron(A, B)"
    elif a.rank == b.rank and a.row == b.row:
        hint = "if the sizes are the same, declare them by one name"
    return read.misfit(f"{what} needs operands of one shape: {read.shaped(left)}, {read.shaped(right)}", where, hint)


def matmul(read: Context, left: Said, right: Said, where: Surface, *, goes_on: bool = False) -> Expr:
    """The matrix product, flattened; two columns make the dot product.

    Where a product ``goes_on``, u.T @ v @ w.T is u.T @ (v @ w.T): what is 1 by 1 so far takes a row.
    """
    a, b = left[1].shape, right[1].shape
    if goes_on and not a.axes and b.row:
        return chain(left[1], right[1])
    for part in (left, right):
        if not part[1].shape.axes:
            raise read.misfit(f"@ is the product of vectors and matrices: {read.shaped(part)}", where,
                              "multiply by a scalar with *")  # fmt: skip
    weights = operands_of(left[1])[-1] if read.rowwise else left[1]
    if read.rowwise and weights in read.rowwise and weights not in read.settled_rows:
        read.settled_rows.add(weights)
        read.note("the softmax of a matrix, which weighs the rows beside it, is read as that of each row", left[0])
    dot = a.rank == b.rank == 1 and not a.row and not b.row
    inner_left = a.axes[-1] if a.rank == 2 or a.row or dot else None
    inner_right = b.axes[0] if b.rank == 2 or not b.row else None
    if inner_left != inner_right:
        raise _matmul_misfit(read, left, right, where)
    return chain(Call(linear.transpose, (left[1],)) if dot else left[1], right[1])


def _matmul_misfit(read: Context, left: Said, right: Said, where: Surface) -> ShapeError:
    a, b = left[1].shape, right[1].shape
    sign = " " if read.of.latex else " @ "
    hint = None
    (rows, inner), (other, columns) = extents(a), extents(b)
    if rows == other and inner != other:
        hint = f"transpose the left one: {turned(read, left)}{sign}{read.said(right[0])}"
    elif inner == columns:
        hint = f"transpose the right one: {read.said(left[0])}{sign}{turned(read, right)}"
    elif rows == columns:
        hint = f"the other way round: {read.said(right[0])}{sign}{read.said(left[0])}"
    elif a.rank == 2:
        hint = "if the sizes are the same, declare them by one name"
    product = "a matrix product" if read.of.latex else "@"
    return read.misfit(
        f"{product} needs inner sizes that agree: {read.shaped(left)}, {read.shaped(right)}", where, hint
    )


def turned(read: Context, part: Said) -> str:
    """The transpose of a part, as it is written in this dialect."""
    words, inner = read.said(part[0]), ungrouped(part[0])
    if isinstance(inner, Transposed):
        return read.said(inner.operand)
    simple = isinstance(inner, Name | Apply | Subscript | Letter | Scripted | Fenced | Called) or isinstance(
        part[0], Group
    )
    if not simple and not (words.startswith("(") and words.endswith(")")):
        words = f"({words})"
    return rf"{words}^{{\mathsf T}}" if read.of.latex else f"{words}.T"
