"""Operations that are not reduced to entries: their partials are given by hand, their values computed outright."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from derivgen.catalog import proofs
from derivgen.catalog.base import Constant, Domain, Opaque
from derivgen.catalog.build import times
from derivgen.catalog.elementwise import exp, greater_equal
from derivgen.catalog.primitives import Arithmetic
from derivgen.catalog.proof import Proof
from derivgen.catalog.signs import POSITIVE
from derivgen.errors import ShapeError
from derivgen.expr import (
    MINUS_ONE,
    ONE,
    SCALAR,
    ZERO,
    Add,
    At,
    Binder,
    Build,
    Call,
    Cases,
    Delta,
    Dim,
    Expr,
    Index,
    Mul,
    Pair,
    Place,
    Shape,
    Symbol,
    all_indices,
    fresh_index,
    indices_in,
    product_dim,
)
from derivgen.expr.notation import POWER, Notation

Matrix = list[list[Any]]


def _square(shapes: tuple[Shape, ...]) -> Shape:
    (shape,) = shapes
    if shape.rank != 2 or shape.axes[0] != shape.axes[1]:
        raise ShapeError(f"a square matrix is needed, not a {shape}")
    return shape


def _scalar_of_square(shapes: tuple[Shape, ...]) -> Shape:
    _square(shapes)
    return SCALAR


def _eliminate(m: Arithmetic, rows: Matrix, right: Matrix) -> tuple[Any, Matrix]:
    """Gauss-Jordan with the largest pivot: the determinant, and the inverse times ``right``."""
    a = [list(row) for row in rows]
    b = [list(row) for row in right]
    n = len(a)
    determinant: Any = 1
    for k in range(n):
        best = max(range(k, n), key=lambda r: m.magnitude(a[r][k]))
        if best != k:
            a[k], a[best], b[k], b[best] = a[best], a[k], b[best], b[k]
            determinant = -determinant
        pivot = a[k][k]  # 0 only in a singular matrix: the division then fails, or gives nan
        determinant = determinant * pivot
        if k == n - 1 and not b[k]:
            break
        later = slice(k + 1, n)  # the columns up to the pivot's are not looked at again
        a[k][later] = [u / pivot for u in a[k][later]]
        b[k] = [u / pivot for u in b[k]]
        for r in range(n) if b[k] else range(k + 1, n):  # the determinant alone needs no row above
            if r != k:
                factor = a[r][k]
                a[r][later] = [u - factor * v for u, v in zip(a[r][later], a[k][later], strict=True)]
                b[r] = [u - factor * v for u, v in zip(b[r], b[k], strict=True)]
    return determinant, b


_SMALL = 4
"""Up to this size an inverse is computed by cofactors, without division but by the determinant."""


def _expand(rows: Matrix) -> Any:
    """The determinant without division: the minors of the first rows, by the columns that they stand in."""
    minors: dict[int, Any] = {0: 1}
    for row in rows:
        wider: dict[int, Any] = {}
        for columns, minor in minors.items():
            for j, u in enumerate(row):
                if not columns >> j & 1:
                    term = u * minor if (columns >> j).bit_count() % 2 == 0 else -(u * minor)
                    old = wider.get(columns | 1 << j)
                    wider[columns | 1 << j] = term if old is None else old + term
        minors = wider
    (determinant,) = minors.values()
    return determinant


def _inverse_value(m: Arithmetic, a: Matrix) -> Matrix:
    n = len(a)
    if n > _SMALL:
        return _eliminate(m, a, [[int(i == j) for j in range(n)] for i in range(n)])[1]
    determinant = _expand(a)

    def cofactor(i: int, j: int) -> Any:
        minor = _expand([row[:j] + row[j + 1 :] for k, row in enumerate(a) if k != i])
        return minor if (i + j) % 2 == 0 else -minor

    return [[cofactor(j, i) / determinant for j in range(n)] for i in range(n)]


def _determinant_value(m: Arithmetic, a: Matrix) -> Any:
    return _expand(a) if len(a) <= _SMALL + 2 else _eliminate(m, a, [[] for _ in a])[0]


def _inverse_partial(args: tuple[Expr, ...], k: int, out: tuple[Place, ...], at: tuple[Binder, ...]) -> Expr:
    """∂(X⁻¹)_ij/∂X_pq = -(X⁻¹)_ip (X⁻¹)_qj, from differentiating X X⁻¹ = I."""
    inverse = Call(inv, args)
    return Mul((MINUS_ONE, At(inverse, (out[0], at[0])), At(inverse, (at[1], out[1]))))


def _determinant_partial(args: tuple[Expr, ...], k: int, out: tuple[Place, ...], at: tuple[Binder, ...]) -> Expr:
    """∂det X/∂X_pq = det(X) (X⁻¹)_qp, Jacobi's formula."""
    return Mul((Call(det, args), At(Call(inv, args), (at[1], at[0]))))


def _log_determinant_partial(args: tuple[Expr, ...], k: int, out: tuple[Place, ...], at: tuple[Binder, ...]) -> Expr:
    """∂log det X/∂X_pq = (X⁻¹)_qp."""
    return At(Call(inv, args), (at[1], at[0]))


def _largest_partial(args: tuple[Expr, ...], k: int, out: tuple[Place, ...], at: tuple[Binder, ...]) -> Expr:
    """1 where the entry is the largest; away from ties only one is."""
    return _compared(args[0], at, lambda array: Call(greater_equal, (array, Call(largest, args))))


def _smallest_partial(args: tuple[Expr, ...], k: int, out: tuple[Place, ...], at: tuple[Binder, ...]) -> Expr:
    return _compared(args[0], at, lambda array: Call(greater_equal, (Call(smallest, args), array)))


def _compared(array: Expr, at: tuple[Binder, ...], with_extreme: Callable[[Expr], Expr]) -> Expr:
    """An entry compared with the extreme one. A compound array is compared whole: both sides stay one expression."""
    return with_extreme(At(array, at)) if isinstance(array, Symbol) else At(with_extreme(array), at)


def _entries(a: Any) -> list[Any]:
    return [u for part in a for u in _entries(part)] if isinstance(a, list) else [a]


def _largest_value(m: Arithmetic, a: Any) -> Any:
    best, *rest = _entries(a)
    for u in rest:
        best = m.larger(u, best)
    return best


def _smallest_value(m: Arithmetic, a: Any) -> Any:
    best, *rest = _entries(a)
    for u in rest:
        best = m.smaller(u, best)
    return best


def _array_to_scalar(shapes: tuple[Shape, ...]) -> Shape:
    if not shapes[0].axes:
        said = "the largest entry is of a vector or a matrix; max(a, b) takes two scalars"
        raise ShapeError(said).marked("vector")
    return SCALAR


def _stack(shapes: tuple[Shape, ...]) -> Shape:
    first = shapes[0]
    if any(s != first for s in shapes) or not (first.rank == 0 or first.row):
        raise ShapeError("a stack is of scalars, or of rows of one length")
    return Shape((Dim(len(shapes)), *first.axes))


def _stack_partial(args: tuple[Expr, ...], k: int, out: tuple[Place, ...], at: tuple[Binder, ...]) -> Expr:
    return times([Delta(out[0], k), *(Delta(o, a) for o, a in zip(out[1:], at, strict=True))])


def _scalar_of_vector(shapes: tuple[Shape, ...]) -> Shape:
    (shape,) = shapes
    if shape.rank != 1:
        raise ShapeError(f"a product of entries is of a vector, not of a {shape}").marked("vector")
    return SCALAR


def _product_value(m: Arithmetic, a: list[Any]) -> Any:
    value, *rest = a
    for u in rest:
        value = value * u
    return value


def without_entry(x: Expr, k: Place) -> Expr:
    """The product of all entries but entry k: that of the entries, with 1 in the place of entry k."""
    names = {i.name for i in all_indices(x)} | {i.name for i in indices_in((k,))}
    i = fresh_index(x.shape.axes[0], names)
    return Call(prod, (Build((i,), Cases(((Delta(i, k), ONE),), At(x, (i,)))),))


def _product_partial(args: tuple[Expr, ...], k: int, out: tuple[Place, ...], at: tuple[Binder, ...]) -> Expr:
    """∂(∏ x_i)/∂x_k is the product of all others, in which x_k does not stand."""
    return without_entry(args[0], at[0])


def _of_matrix(shapes: tuple[Shape, ...]) -> Shape:
    (shape,) = shapes
    if shape.rank != 2:
        raise ShapeError(f"the softmax of each row is of a matrix, not of a {shape}")
    return shape


def _softmax_rows_value(m: Arithmetic, a: Matrix) -> Matrix:
    """exp(u) over the sum of all exp(v) in its row, as one over the sum of all exp(v - u)."""

    def weight(row: list[Any], j: int) -> Any:
        others = [m.exp(v - row[j]) for k, v in enumerate(row) if k != j]
        return 1 / sum(others, 1) if others else 0 * row[j] + 1  # one over 1 would be no number of the arithmetic

    return [[weight(row, j) for j in range(len(row))] for row in a]


def _softmax_rows_partial(args: tuple[Expr, ...], k: int, out: tuple[Place, ...], at: tuple[Binder, ...]) -> Expr:
    """∂S_ij/∂X_pq = δ_ip S_ij (δ_jq - S_iq): an entry depends on those of its row, as that of a softmax does."""
    (i, j), (p, q) = out, at
    weights = Call(softmax_rows, args)
    own = Add((Delta(j, q), Mul((MINUS_ONE, At(weights, (i, q))))))
    return times([*([Delta(i, p)] if i != p else []), At(weights, (i, j)), own])


inv: Opaque = Opaque("inv", "The inverse of a square matrix.",
             Notation("-1", "postfix", level=POWER, whole=True, code="linalg.inv"), _square, _inverse_partial, _inverse_value,
             domain=Domain(lambda a: Call(det, (a,)), "!="), square=True, reference="numpy.linalg.inv",
             proof=Proof("{c} times its inverse is the identity and does not change with {w}, which gives {f} the derivative {d}",
                         lambda *given: proofs.of_inverse_matrix(inv)(*given)))  # fmt: skip
det: Opaque = Opaque("det", "The determinant.", Notation(r"\det", latex_aliases=("Det",), whole=True, code="linalg.det"),
             _scalar_of_square, _determinant_partial, _determinant_value, square=True, reference="numpy.linalg.det",
             proof=Proof("When {w} grows by {t}, {c} is multiplied by a matrix that is the identity but for one column, and has the determinant {g}; "
                         "{f} is multiplied by that, so its slope is {d} (Jacobi's formula)",
                         lambda *given: proofs.of_determinant(det, inv, eye)(*given)))  # fmt: skip
logdet: Opaque = Opaque("logdet", "The logarithm of the determinant.",
                Notation(r"\log\det", level=POWER, whole=True, code="{m}.linalg.slogdet({0})[1]"), _scalar_of_square,
                _log_determinant_partial, lambda m, a: m.log(_determinant_value(m, a)),
                domain=Domain(lambda a: Call(det, (a,)), ">"), square=True,
                reference="lambda a: numpy.log(numpy.linalg.det(a))",
                proof=Proof("When {w} grows by {t}, {c} is multiplied by a matrix that is the identity but for one column, and has the determinant {g}; "
                      "the logarithm of that is added to {f}, and has the slope {d} where {t} is 0",
                            lambda *given: proofs.of_log_determinant(logdet, det, inv, eye)(*given)))  # fmt: skip
largest: Opaque = Opaque("largest", "The largest entry (max of one argument in text).",
                 Notation(r"\max", text="max", aliases=("maximum", "amax"), code="max"), _array_to_scalar,
                 _largest_partial, _largest_value, explains=r"$\max(\mathbf v)$ is the largest entry.", reference="numpy.max",
                 proof=Proof("{f} is one of the entries, and changes with {w} only if it is that one, at rate 1: {d}"))  # fmt: skip
smallest: Opaque = Opaque("smallest", "The smallest entry (min of one argument in text).",
                  Notation(r"\min", text="min", aliases=("minimum", "amin"), code="min"), _array_to_scalar,
                  _smallest_partial, _smallest_value, explains=r"$\min(\mathbf v)$ is the smallest entry.", reference="numpy.min",
                  proof=Proof("{f} is one of the entries, and changes with {w} only if it is that one, at rate 1: {d}"))  # fmt: skip
prod: Opaque = Opaque("prod", "The product of all entries.", Notation(r"\operatorname{prod}", "multiplied", code="prod"),
               _scalar_of_vector, _product_partial, _product_value, reference="numpy.prod",
               proof=Proof("Among the factors of {f} only one is {w}, which changes at rate 1: the slope is the product of all others",
                           lambda *given: proofs.of_product(prod, without_entry)(*given)))  # fmt: skip
softmax_rows: Opaque = Opaque("softmax_rows", "The softmax of each row of a matrix.",
                      Notation(r"\operatorname{softmax}", under=("rows", "row", "rowwise"), aliases=("row_softmax",), code={
                          "jax": "jax.nn.softmax({0}, axis=1)", "torch": "torch.softmax({0}, dim=1)", "numpy": '''def _softmax_rows(a):
    """The softmax of each row, without overflow."""
    e = np.exp(a - np.max(a, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)'''}), _of_matrix, _softmax_rows_partial, _softmax_rows_value,
                      explains=r"Row $i$ of {f}$(M)$ is the softmax of row $i$ of $M$: its entry $j$ is $\frac{\exp(M_{ij})}{\sum_k \exp(M_{ik})}$.",
                      signs=POSITIVE, reference="lambda a: scipy.special.softmax(a, axis=1)",
                      proof=Proof("{f} is an exponential over the sum of those in its row: it changes with {w} only if that is of the same row, and then as the quotient rule says",
                                  lambda *given: proofs.of_softmax_rows(softmax_rows, exp)(*given)))  # fmt: skip
stack: Opaque = Opaque("stack", "Scalars stacked to a vector, or rows to a matrix.", Notation(form="grid"), _stack, _stack_partial,
               lambda m, *parts: list(parts), arity=None, reference="lambda *rows: numpy.vstack(rows)")  # fmt: skip


def _delta(places: tuple[Place, ...]) -> Expr:
    return Delta(places[0], places[1])


eye: Constant = Constant("eye", "The identity matrix.", Notation("I", "letter", "I",
                           code={"torch": "torch.eye({0}).to({like})", "": "eye"}),
               2, _delta, reference="numpy.eye")  # fmt: skip


def _swapped(places: tuple[Place, ...]) -> Expr:
    """Entry ((i, j), (l, k)) of the commutation matrix is δ_ik δ_jl."""
    match places:
        case Pair(i, j), Pair(l, k) if (i.dim, j.dim) == (k.dim, l.dim):
            return Mul((Delta(i, k), Delta(j, l)))
        case _:
            raise ShapeError("the commutation matrix is read at pairs of indices")


def _commutation(dims: tuple[Dim, ...]) -> Expr:
    (i, k), (j, l) = ((Index(f"#{a}", d), Index(f"#{a}'", d)) for a, d in zip("mn", dims, strict=True))  # noqa: E741
    places = Pair(i, j), Pair(l, k)
    return Build(places, _swapped(places))


def _square_of_product(dims: tuple[Dim, ...]) -> tuple[Dim, ...]:
    return (product_dim(dims),) * 2


commutation: Constant = Constant(
    "commutation", "The commutation matrix: commutation(m, n) @ vec(A) is vec(A.T) for every m×n matrix A.",
    Notation("K", "letter", "K"), 2, _swapped, _square_of_product, _commutation,
    reference="lambda m, n: numpy.eye(m * n)[numpy.arange(m * n).reshape(n, m).T.ravel()]")  # fmt: skip
ones: Constant = Constant("ones", "All entries 1.", Notation(r"\mathbf 1", "letter", "1",
                            code={"torch": "{like}.new_ones({0})", "": "ones"}),
                -1, lambda places: ONE, reference="lambda *dims: numpy.ones(dims)")  # fmt: skip
zeros: Constant = Constant("zeros", "All entries 0.", Notation(r"\mathbf 0", "letter", "0",
                             code={"torch": "{like}.new_zeros({0})", "": "zeros"}),
                 -1, lambda places: ZERO, reference="lambda *dims: numpy.zeros(dims)")  # fmt: skip
