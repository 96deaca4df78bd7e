"""Whether shapes fit: an open size takes the one that it meets; what does not fit is said in the source's words."""

from __future__ import annotations

import difflib

from derivgen.catalog import linear
from derivgen.catalog.build import chain
from derivgen.errors import ParseError, ShapeError, Span
from derivgen.expr import Call, Dim, Expr, Shape, product_dim
from derivgen.read.kinds.sizes import is_open, unshared
from derivgen.read.surface import Apply, Name, Subscript, Surface, Transposed, ungrouped

Said = tuple[Surface, Expr]
"""An expression, and how it was written."""


class SizeFound(Exception):
    """An open size has met a length: the tree is made anew with it."""

    def __init__(self, open_size: Dim, length: Dim) -> None:
        self.open_size = open_size
        self.length = length


class ShapeUnifier:
    """Shapes of parts whose spans point into ``source``."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.found: dict[Dim, Dim] = {}
        self.left_open: dict[Dim, Surface] = {}

    # --- errors ---

    def fail(self, message: str, where: Surface | Span, hint: str | None = None) -> ParseError:
        span = where.span if isinstance(where, Surface) else where
        return ParseError(message, span=span, hint=hint, source=self.source)

    def misfit(self, message: str, where: Surface, hint: str | None = None) -> ShapeError:
        return ShapeError(message, span=where.span, hint=hint, source=self.source)

    def said(self, s: Surface) -> str:
        """The source of a part, cut where it is long."""
        words = " ".join(self.source[s.span.start : s.span.end].split())
        return words if len(words) <= 40 else f"{words[:24]}…{words[-15:]}"

    def shaped(self, part: Said) -> str:
        """ "W @ x is an m×1 column"."""
        return f"{self.said(part[0])} is {described(part[1].shape)}"

    # --- sizes that are left open ---

    def open_dim(self, key: str, s: Surface) -> Dim:
        dim = Dim(f"?{key}")
        while dim in self.found:
            dim = self.found[dim]
        if is_open(dim):
            self.left_open[dim] = s
        return dim

    def same(self, left: Dim, right: Dim) -> bool:
        """Whether two lengths are one; an open one takes the other."""
        if left == right:
            return True
        if is_open(left):
            raise SizeFound(left, right)
        if is_open(right):
            raise SizeFound(right, left)
        return self.same_product(left, right)

    def same_product(self, left: Dim, right: Dim) -> bool:
        """Whether two products of lengths are one: what is left of them without their common factors."""
        rest, other = unshared(left, right)
        if len(rest) == len(other) == 1 and len(left.factors) > 1:
            return self.same(Dim(rest[0]), Dim(other[0]))
        for one, whole in ((rest, other), (other, rest)):
            if len(one) == 1 and is_open(Dim(one[0])) and whole:
                raise SizeFound(Dim(one[0]), product_dim([Dim(f) for f in whole]))
        return False

    def same_shape(self, left: Shape, right: Shape) -> bool:
        return (
            left.rank == right.rank
            and left.row == right.row
            and all(self.same(a, b) for a, b in zip(left.axes, right.axes, strict=True))
        )

    # --- operands ---

    def fit(self, what: str, parts: list[Said], where: Surface) -> None:
        """Check that arrays combined entry by entry are of one shape; scalars expand."""
        first: Said | None = None
        for part in parts:
            if not part[1].shape.axes:
                continue
            if first is None:
                first = part
            elif not self.same_shape(first[1].shape, part[1].shape):
                raise self.elementwise_misfit(what, first, part, where)

    def elementwise_misfit(self, what: str, left: Said, right: Said, where: Surface) -> ShapeError:
        a, b = left[1].shape, right[1].shape
        hint = None
        if a.axes == b.axes and a.row != b.row:
            turned = ungrouped(right[0] if b.row else left[0])
            hint = f"transpose one of them: write {self.said(left[0])}.T"
            if isinstance(turned, Transposed):
                hint = f"write {self.said(turned.operand)} instead of {self.said(turned)}"
        elif what == "*" and (a.rank == 2 or b.rank == 2):
            hint = "the matrix product is written @"
        elif a.rank == b.rank == 2 and a.axes == b.axes[::-1]:
            hint = "transpose one of them with .T"
        elif what in ("⊗", "\\otimes"):
            hint = "⊗ is the element-wise product; the Kronecker product is written kron(A, B)"
        elif a.rank == b.rank and a.row == b.row:
            hint = "if the sizes are the same, declare them by one name"
        message = f"{what} needs operands of one shape: {self.shaped(left)}, {self.shaped(right)}"
        return self.misfit(message, where, hint)

    def matmul(self, left: Said, right: Said, where: Surface, *, goes_on: bool = False) -> Expr:
        """The matrix product, flattened; two columns make the dot product.

        Where a product ``goes_on``, u.T @ v @ w.T is u.T @ (v @ w.T): what is 1 by 1 so far takes a row.
        """
        a, b = left[1].shape, right[1].shape
        if goes_on and not a.axes and b.row:
            return chain(left[1], right[1])
        for part in (left, right):
            if not part[1].shape.axes:
                raise self.misfit(
                    f"@ is the product of vectors and matrices: {self.shaped(part)}",
                    where,
                    "multiply by a scalar with *",
                )
        dot = a.rank == b.rank == 1 and not a.row and not b.row
        inner_left = a.axes[-1] if a.rank == 2 or a.row or dot else None
        inner_right = b.axes[0] if b.rank == 2 or not b.row else None
        fits = inner_left is None and inner_right is None
        if inner_left is not None and inner_right is not None:
            fits = self.same(inner_left, inner_right)
        if not fits:
            raise self.matmul_misfit(left, right, where)
        if dot:
            return chain(Call(linear.transpose, (left[1],)), right[1])
        return chain(left[1], right[1])

    def matmul_misfit(self, left: Said, right: Said, where: Surface) -> ShapeError:
        a, b = left[1].shape, right[1].shape
        hint = None
        (rows, inner), (other, columns) = extents(a), extents(b)
        if rows == other and inner != other:
            hint = f"transpose the left one: {self.turned(left)} @ {self.said(right[0])}"
        elif inner == columns:
            hint = f"transpose the right one: {self.said(left[0])} @ {self.turned(right)}"
        elif rows == columns:
            hint = f"the other way round: {self.said(right[0])} @ {self.said(left[0])}"
        elif a.rank == 2:
            hint = "if the sizes are the same, declare them by one name"
        return self.misfit(f"@ needs inner sizes that agree: {self.shaped(left)}, {self.shaped(right)}", where, hint)

    def turned(self, part: Said) -> str:
        words, inner = self.said(part[0]), ungrouped(part[0])
        if isinstance(inner, Transposed):
            return self.said(inner.operand)
        simple = isinstance(inner, Name | Apply | Subscript) or (words.startswith("(") and words.endswith(")"))
        return f"{words}.T" if simple else f"({words}).T"


def described(shape: Shape) -> str:
    """A shape with its article, as one says it."""
    match shape.axes:
        case ():
            return "a scalar"
        case (n,):
            return f"a 1×{n} row" if shape.row else f"{article(n)} {n}×1 column"
        case _:
            return f"{article(shape.axes[0])} {shape} matrix"


def article(dim: Dim) -> str:
    """A or an, as the size is spoken."""
    said = str(dim)
    if said[0] == "8" or said in ("11", "18"):
        return "an"
    return "an" if (len(said) == 1 or isinstance(dim.size, tuple)) and said[0] in "aefhilmnorsxAEFHILMNORSX" else "a"


def extents(shape: Shape) -> tuple[Dim, Dim]:
    """Rows and columns, as the reader sees them."""
    match shape.axes:
        case (n,):
            return (Dim(1), n) if shape.row else (n, Dim(1))
        case axes:
            return axes[0], axes[-1]


def counted(n: int) -> str:
    return "1 argument" if n == 1 else f"{n} arguments"


def called(name: str, n: int) -> str:
    """How a function of n arguments is written."""
    return f"write {name}({', '.join('uvwxyz'[:n])})"


def nearest(name: str, known: tuple[str, ...]) -> str | None:
    """The known name that is most like ``name``: another case counts as alike."""
    for other in known:
        if other.lower() == name.lower():
            return other
    found = difflib.get_close_matches(name, known, n=1, cutoff=0.7)
    return found[0] if found else None
