"""Operations that are linear in each argument, each given by what it does to entries."""

from __future__ import annotations

from derivgen.catalog.base import Linear, Signature, signature
from derivgen.errors import ShapeError
from derivgen.expr import Shape
from derivgen.expr.notation import ENTRYWISE, POWER, PRODUCT, Notation


def _label(k: int) -> str:
    """The k-th label of an index; there is no last one, for a chain may be long."""
    return chr(ord("a") + k)


def _chain(shapes: tuple[Shape, ...]) -> Signature:
    """Neighbours share an index. A row has no left one, a column no right one; both ends that are left over stay."""
    inputs: list[str] = []
    output = ""
    open_label: str | None = None  # the right-hand label of the product so far; None where that side has width 1
    used = 0
    row = False
    for k, shape in enumerate(shapes):
        if shape.rank not in (1, 2):
            raise ShapeError("a matrix product is of vectors and matrices; use * for a scalar")
        has_left = shape.rank == 2 or not shape.row
        has_right = shape.rank == 2 or shape.row
        if k > 0 and has_left != (open_label is not None):
            left, right = shapes[k - 1], shape
            raise ShapeError(
                f"a matrix product needs shapes that fit: {left} on the left, {right} on the right",
                hint="transpose one of them with .T",
            )
        label = ""
        if has_left:
            if open_label is None:
                open_label = _label(used)
                used += 1
                output += open_label
            label += open_label
        if has_right:
            open_label = _label(used)
            used += 1
            label += open_label
            if k == 0 and not has_left:
                row = True
        else:
            open_label = None
        inputs.append(label)
    if open_label is not None:
        output += open_label
    return Signature(tuple(inputs), output, row and len(output) == 1)


def _transpose(shapes: tuple[Shape, ...]) -> Signature:
    (shape,) = shapes
    match shape.rank:
        case 2:
            return signature("ij->ji")
        case 1:
            return signature("i->i", row=not shape.row)
        case _:
            raise ShapeError(f"a {shape} has no transpose")


def _sum(shapes: tuple[Shape, ...]) -> Signature:
    return Signature(("".join(map(_label, range(shapes[0].rank))),), "")


def _diag(shapes: tuple[Shape, ...]) -> Signature:
    match shapes[0].rank:
        case 1:
            return signature("i->ii")
        case 2:
            return signature("ii->i")
        case _:
            raise ShapeError("diag is of a vector or of a square matrix").marked("vector")


def _vec(shapes: tuple[Shape, ...]) -> Signature:
    match shapes[0].rank:
        case 2:
            return signature("ij->(ji)")
        case 1:
            return signature("i->i")
        case _:
            raise ShapeError("vec is of a matrix; a scalar has no columns to stack")


def _kron(shapes: tuple[Shape, ...]) -> Signature:
    """The rows of a product are the pairs of rows, its columns the pairs of columns; a vector has one of the two."""
    inputs: list[str] = []
    down = across = ""
    for shape, (i, j) in zip(shapes, (("i", "j"), ("k", "l")), strict=True):
        if not shape.rank:
            raise ShapeError("kron is of vectors and matrices; use * for a scalar")
        has_rows, has_columns = not shape.row, shape.rank == 2 or shape.row
        inputs.append((i if has_rows else "") + (j if has_columns else ""))
        down += i if has_rows else ""
        across += j if has_columns else ""
    joined = tuple(labels for labels in (down, across) if labels)
    return Signature(tuple(inputs), down + across, not down, joined)


matmul = Linear("matmul", "The matrix product: neighbouring factors share a summed index.",
                Notation(form="juxtaposed", text="@", level=PRODUCT, example=("A @ x", "A in R^(m*n); x in R^n")), _chain,
                arity=None, reference="lambda *factors: functools.reduce(numpy.matmul, factors)")  # fmt: skip
transpose = Linear("transpose", "Rows become columns.",
                   Notation(r"\mathsf T", "postfix", text=".T", level=POWER,
                            latex_aliases=("top", "intercal", "transpose", "trans", "⊤", "ᵀ"), example=("A.T @ x", "A in R^(m*n); x in R^m")), _transpose,
                            reference="numpy.transpose")  # fmt: skip
sum_ = Linear(
    "sum", "The sum of all entries.", Notation(r"\operatorname{sum}", "summed", code="sum"), _sum, reference="numpy.sum"
)
trace = Linear("trace", "The sum of the diagonal entries.",
               Notation(r"\operatorname{tr}", aliases=("tr",), latex_aliases=("Tr", "Trace"), whole=True, code="trace"),
               lambda shapes: signature("ii->"),
               explains=r"$\operatorname{tr}$ adds up the entries on the diagonal.", reference="numpy.trace")  # fmt: skip
vec = Linear("vec", "The columns of a matrix, one below the other, as one vector: entry (i, j) of an m×n matrix "
             "stands at place i + (j - 1) m.", Notation(r"\operatorname{vec}", example=("vec(A)", "A in R^(m*n)")), _vec,
             explains=r"$\operatorname{vec}$ stacks the columns of a matrix.", reference='lambda a: numpy.ravel(a, order="F")')  # fmt: skip
kron = Linear("kron", "The Kronecker product: every entry of the first factor times the whole second one, block by block; "
              "of an m×n and a p×q matrix it is mp×nq.",
              Notation(r"\otimes", "infix", "⊗", level=ENTRYWISE, example=("kron(x, y)", "x in R^n; y in R^m"),
                       code={"torch": "torch.kron(({0}).contiguous(), ({1}).contiguous())",  # of a transpose it fails
                             "": "kron"}), _kron, arity=2, explains=r"{f} multiplies each entry of its first factor by the whole of its second, block by block.", reference="numpy.kron")  # fmt: skip
diag = Linear("diag", "A vector on the diagonal of a matrix; of a matrix, its diagonal.",
              Notation(r"\operatorname{diag}", "listed", latex_aliases=("Diag",), code="diag"), _diag,
              reference="lambda a: numpy.diagflat(a) if 1 in a.shape else numpy.diag(a)")  # fmt: skip
