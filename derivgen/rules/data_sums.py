"""Sums over the samples: read as matrix products, or with what is the same in every term written once."""

from __future__ import annotations

from itertools import takewhile

from derivgen.catalog.base import Opaque
from derivgen.catalog.build import (
    chain,
    column,
    factors_of,
    is_elementwise,
    operands_of,
    plus,
    product,
    split_coefficient,
    terms_of,
    transposed,
)
from derivgen.catalog.formulas import logsumexp, size, softmax
from derivgen.catalog.linear import diag, matmul, sum_
from derivgen.catalog.opaque import ones
from derivgen.expr import (
    ZERO,
    Add,
    At,
    Call,
    Expr,
    Index,
    Mul,
    Number,
    Power,
    Sum,
    children,
    indices_in,
    replace_parts,
    walk,
    with_children,
)
from derivgen.rules import told_of_sums as told
from derivgen.rules.engine import Context
from derivgen.rules.monomials import live
from derivgen.rules.rule import Phase, Stage, rule


def constant_ends(e: Sum, args: tuple[Expr, ...]) -> tuple[int, int]:
    """How many factors of a matrix product, from the left and from the right, are the same in every term."""
    left, right = (sum(1 for _ in takewhile(lambda a: e.index not in a.free, side)) for side in (args, args[::-1]))
    return left, right


@rule(Stage.SIMPLIFY, Sum, role="offered", title="Take the constants out of the sum",
      states=r"\textstyle\sum_i A\,\mathbf v_i\mathbf v_i^{\mathsf T}B = A\left(\sum_i \mathbf v_i\mathbf v_i^{\mathsf T}\right)B",
      because=r"{A} and {B} are the same in every term of the sum over {i}, so the sum of the others is multiplied by them.", terms=told.same_in_all,
      examples=("sum(M @ A[i] for i in range(m))", "sum(u[i] * M @ A[i] @ A[i].T @ N for i in range(m))"))  # fmt: skip
def constants_out_of_sum(e: Sum, _: Context) -> Expr | None:
    factors = factors_of(e.body)
    arrays = [k for k, f in enumerate(factors) if f.shape.axes]
    match [factors[k] for k in arrays]:
        case [Call(op, args)] if op is matmul and 0 < sum(constant_ends(e, args)) < len(args):
            left, right = constant_ends(e, args)
        case _:
            return None
    k, last = arrays[0], len(args) - right
    inner = Sum(e.index, product(*factors[:k], chain(*args[left:last]), *factors[k + 1 :]))
    return chain(*args[:left], inner, *args[last:])


# --- read as products of the whole data -----------------------------------------------------------------------------------


def _column(e: Expr, i: Index) -> Expr | None:
    """The vector whose entry i is the scalar ``e``; a scalar without the index is itself, and is expanded."""
    if i not in e.free:
        return e
    match e:
        case At(array, (place,)) if place == i and i not in array.free:
            return array
        case At(array, (first, last)) if last == i and i not in array.free and i not in indices_in((first,)):
            return At(array, (first,))
        case At(array, (first, last)) if first == i and i not in array.free and i not in indices_in((last,)):
            return At(transposed(array), (last,))
        case Call(op, args) if op is matmul:
            moving = [k for k, a in enumerate(args) if i in a.free]
            ends = {k: _rows(args[k] if k else transposed(args[k]), i) for k in moving}
            match moving, list(ends.values()):
                case [0], [Expr() as rows]:
                    return chain(rows, *args[1:])
                case [k], [Expr() as rows] if k == len(args) - 1:
                    return chain(rows, *(transposed(a) for a in reversed(args[:-1])))
                case [0, k], [Expr() as left, Expr() as right] if k == len(args) - 1:
                    return Call(diag, (chain(left, *args[1:-1], transposed(right)),))
                case _:
                    return None
        case Add() | Mul() | Power():
            pass
        case Call() if is_elementwise(e):
            pass
        case _:
            return None
    parts = [_column(part, i) for part in children(e)]
    return None if None in parts else with_children(e, tuple(p for p in parts if p is not None))


def _rows(e: Expr, i: Index) -> Expr | None:
    """The matrix whose row i is the vector ``e``, a column."""
    match e:
        case At(array, (place,)) if place == i and i not in array.free and array.shape.rank == 2:
            return array
        case Call(op, args) if op is matmul and i not in chain(*args[:-1]).free:
            rows = _rows(args[-1], i)
            return None if rows is None else chain(rows, *(transposed(a) for a in reversed(args[:-1])))
        case Call(op, (inner,)) if is_elementwise(e):
            rows = _rows(inner, i)
            return None if rows is None else Call(op, (rows,))
        case _:
            return None


def _read(t: Expr, i: Index) -> Expr | None:
    """The sum over i of a term as a product of the arrays that hold all samples."""
    scalars = [f for f in factors_of(t) if not f.shape.axes]
    arrays = [f for f in factors_of(t) if f.shape.axes]
    outside = [s for s in scalars if i not in s.free]
    weights = [_column(s, i) for s in scalars if i in s.free]
    if len(arrays) > 1 or None in weights:
        return None
    v = product(*(w for w in weights if w is not None)) if weights else Call(ones, (), (i.dim,))
    if not arrays:
        return product(*outside, Call(sum_, (v,)))
    args = operands_of(arrays[0])
    at = next((k for k, a in enumerate(args) if i in a.free), -1)
    first = args[at] if at >= 0 else ZERO
    rows = _rows(column(first), i)
    if rows is None or any(i in a.free for a in args[at + 2 :]):
        return None
    if first.shape.row:
        middle: tuple[Expr, ...] = (transposed(v), rows)
        rest = args[at + 1 :]
    elif at + 1 < len(args) and i in args[at + 1].free:
        right = _rows(column(args[at + 1]), i)
        if right is None:
            return None
        middle = (transposed(rows), *((Call(diag, (v,)),) if weights else ()), right)
        rest = args[at + 2 :]
    else:
        middle = (transposed(rows), v)
        rest = args[at + 1 :]
    return None if any(i in a.free for a in rest) else product(*outside, chain(*args[:at], *middle, *rest))


@rule(Stage.SIMPLIFY, Sum, role="offered", title="Read the sum as a matrix product", states=r"\textstyle\sum_i v_i\,\mathbf x_i = X^{\mathsf T}\mathbf v,\quad \sum_i v_i\,\mathbf x_i\mathbf x_i^{\mathsf T} = X^{\mathsf T}\operatorname{diag}(\mathbf v)X",
      because=r"A sum of rows, each with its own weight, is a matrix product with the vector of the weights[: {\textstyle\sum_i v_i\,\mathbf x_i} is {X^{\mathsf T}\mathbf v}|].", terms=told.gathered,
      examples=("sum(u[i] * exp(A[i].T @ x) * A[i] for i in range(m))", "sum((A[i].T @ x - u[i]) * A[i].T @ N for i in range(m))",
                "sum(u[i]**2 * A[i] @ A[i].T for i in range(m))", "sum(A[i] @ A[i].T for i in range(m)) @ sum(where(a > u[i], 1, 0) * A[i] for i in range(m))",
                "sum(u[i] * (x.T @ M @ A[i]) for i in range(m))", "sum(log(A[i].T @ M @ A[i]) for i in range(m))", "sum(M[i, 0] * A[1, i] * tanh(N @ M[i]) for i in range(n))"))  # fmt: skip
def samples_as_product(e: Sum, _: Context) -> Expr | None:
    parts = [_read(t, e.index) for t in terms_of(e.body)]
    return None if None in parts else plus(*(p for p in parts if p is not None))


@rule(Stage.EXPAND, Call, phases=(Phase.SETTLE,), title="Write the sum as a matrix product", states=r"\det\left(\textstyle\sum_i v_i\,\mathbf x_i\mathbf x_i^{\mathsf T}\right) = \det\left(X^{\mathsf T}\operatorname{diag}(\mathbf v)X\right)",
      because="A sum of outer products of rows, each with its own weight, is a product of three matrices.",
      examples=("logdet(sum(u[i] * A[i] @ A[i].T for i in range(m)))", "inv(M + sum(A[i] @ A[i].T for i in range(m)))"))  # fmt: skip
def samples_of_matrices(e: Call, _: Context) -> Expr | None:
    if not isinstance(e.op, Opaque) or not e.op.square:
        return None
    sums = [s for s in walk(e.args[0]) if isinstance(s, Sum) and s.shape.rank == 2]
    whole = {s: _read(s.body, s.index) for s in sums}
    found: dict[Expr, Expr] = {s: p for s, p in whole.items() if p is not None}
    return with_children(e, (replace_parts(e.args[0], found),)) if found else None


@rule(Stage.RECOMBINE, Call, title="Read the entries as a matrix product", states=r"\mathbf u^{\mathsf T}\mathbf x_i = (X\mathbf u)_i",
      because=r"{\mathbf x_i} is a row of {X}[, so the entry of {X\mathbf u} at its place is {\mathbf u^{\mathsf T}\mathbf x_i}|, so its product with a vector is an entry of that of {X}].", terms=told.rows_read,
      examples=("[x[i] - w.T @ N[i] for i in range(n)]", "[exp(a * N[i].T @ x) for i in range(n)]"))  # fmt: skip
def rows_as_product(e: Call, ctx: Context) -> Expr | None:
    if e.op is not matmul or e.shape.axes:
        return None
    places = live(e, ctx)
    if len(places) != 1:
        return None
    (i,) = places
    array = _column(e, i)
    return None if array is None else At(array, (i,))


# --- before anything is derived ---------------------------------------------------------------------------------------------


@rule(Stage.EXPAND, Sum, phases=(Phase.SETTLE,), title="Count what stays the same", states=r"\textstyle\sum_{i=1}^n (u_i + c) = \sum_i u_i + n\,c",
      because=r"[{c} is|What stays is] the same in every term of the sum over {i}, which counts it {n} times.",
      terms=lambda e, _: {"c": plus(*(t for t in terms_of(e.body) if e.index not in t.free)), "i": e.index, "n": e.index.dim},
      examples=("sum(w[i] * x[i] - log(sum(exp(x))) for i in range(n))", "sum(x[i]**2 + exp(x[0]) for i in range(n))"))  # fmt: skip
def constant_terms_of_sum(e: Sum, ctx: Context) -> Expr | None:
    same = [t for t in terms_of(e.body) if e.index not in t.free]
    moving = [t for t in terms_of(e.body) if t not in same]
    if not moving or all(ctx.constant(t) for t in same):
        return None
    return plus(Sum(e.index, plus(*moving)), *(product(*_counted(t, e.index)) for t in same))


def _counted(t: Expr, i: Index) -> tuple[Expr, ...]:
    """A term times the length of the index, a number in front of both."""
    number, rest = split_coefficient(t)
    return (*([Number(number)] if number != 1 else []), size(i.dim), rest)


@rule(Stage.EXPAND, Call, Power, phases=(Phase.SETTLE,), title="Read the data as a matrix", states=r"f\left(\textstyle\sum_j g(\mathbf w^{\mathsf T}\mathbf x_j)\right) = f\left(\textstyle\sum_j g((X\mathbf w)_j)\right)",
      because=r"{\mathbf w^{\mathsf T}\mathbf x_j} is entry {j} of {X\mathbf w}, so the sum over {j} adds up the entries of one vector[, {v}|].",
      examples=("log(sum(exp(A[i].T @ x) for i in range(m)))", "sqrt(1 + sum(u[i] * tanh(x.T @ A[i]) for i in range(m)))"), terms=lambda e, new: told.data_inside(e, new))  # fmt: skip
def samples_inside(e: Call | Power, ctx: Context) -> Expr | None:
    if e.shape.axes or not (isinstance(e, Power) or is_elementwise(e)) or ctx.constant(e):
        return None
    vectors = {s: _read(s.body, s.index) for s in walk(e) if isinstance(s, Sum) and _of_rows(s, ctx)}
    found: dict[Expr, Expr] = {s: v for s, v in vectors.items() if v is not None}
    return replace_parts(e, found) if found else None


def _of_rows(s: Sum, ctx: Context) -> bool:
    """Whether the variable stands in a sum of numbers beside rows of data only, and no function within another: of what is not
    linear in the exponents each term has a share of its own."""
    moving = [e for e in walk(s.body) if not ctx.constant(e)]
    curved = [e for e in moving if isinstance(e, Power) or is_elementwise(e)]
    rows = [e for e in moving if isinstance(e, Call) and e.op is matmul and s.index in e.free]
    data = [e.array for e in walk(s.body) if isinstance(e, At) and s.index in indices_in(e.places)]
    if s.shape.axes or not rows or any(ctx.variable is not None and not ctx.constant(a) for a in data):
        return False
    return not any(p is not e and p in curved for e in curved for p in walk(e))


@rule(Stage.EXPAND, Call, phases=(Phase.SETTLE,), title="Write the row as a column", states=r"f(\mathbf q^{\mathsf T}K) = f(K^{\mathsf T}\mathbf q)^{\mathsf T}",
      because=r"The row {\mathbf q^{\mathsf T}K} has the entries of the column {K^{\mathsf T}\mathbf q}, of which {f(\mathbf q^{\mathsf T}K)} is the function.",
      terms=lambda e, new: {r"\mathbf q^{\mathsf T}K": e.args[0], r"K^{\mathsf T}\mathbf q": _upright(e.args[0]), r"f(\mathbf q^{\mathsf T}K)": e},
      examples=("softmax(u.T @ A)", "logsumexp(x.T @ B)", "softmax(x.T @ N / c) @ M"))  # fmt: skip
def row_as_column(e: Call, ctx: Context) -> Expr | None:
    if e.op not in (softmax, logsumexp) or ctx.constant(e) or not e.args[0].shape.row:
        return None
    upright = _upright(e.args[0])
    new = e if upright is None else with_children(e, (upright,))
    return None if new == e else transposed(new) if new.shape.axes else new


def _upright(e: Expr) -> Expr | None:
    """A row that begins with the transpose of a column, as that column's product; None of another."""
    scalars, arrays = [f for f in factors_of(e) if not f.shape.axes], [f for f in factors_of(e) if f.shape.axes]
    match arrays:
        case [Call(op, (first, *_) as args)] if op is matmul and first.shape.row:
            return product(*scalars, chain(*(transposed(a) for a in reversed(args))))
        case _:
            return None
