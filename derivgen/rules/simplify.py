"""The form a textbook prints: products with diagonal matrices are carried out, common factors collected, functions folded."""

from __future__ import annotations

from fractions import Fraction

from derivgen.catalog.build import chain, factors_of, plus, product, split_base, transposed, without
from derivgen.catalog.elementwise import exp
from derivgen.catalog.formulas import mean
from derivgen.catalog.linear import diag, matmul, sum_, transpose
from derivgen.catalog.opaque import eye, ones, zeros
from derivgen.expr import ONE, Add, Call, Cases, Expr, Mul, Number, Sum, Symbol, canonical, walk
from derivgen.rules import told_of_entries as told
from derivgen.rules.arithmetic import filled, is_ones, is_zero
from derivgen.rules.engine import Context
from derivgen.rules.properties import across
from derivgen.rules.rule import Phase, Stage, rule, sides


def _is(e: Expr, op: object) -> bool:
    return isinstance(e, Call) and e.op is op


def _diagonal(e: Expr) -> Expr | None:
    """The vector on the diagonal, of a matrix written as diag(v)."""
    if isinstance(e, Call) and e.op is diag and e.args[0].shape.rank == 1:
        return e.args[0]
    return None


# --- silent: how a product is written --------------------------------------------------------------------------------


@rule(Stage.SIMPLIFY, Call, role="silent", states=r"(A^{\mathsf T})^{\mathsf T} = A,\quad (AB)^{\mathsf T} = B^{\mathsf T}A^{\mathsf T}",
      because="A transpose of a transpose is the array; that of a product reverses it.",
      examples=("A.T.T", "(A @ x).T", "(a * x).T", "(a * x * y).T", "diag(x).T", "(2 * A @ x).T", "sum(A[i] for i in range(m)).T", "eye(n).T",
                "where(a > 0, x, 0).T", "where(x > 0, x, 0).T + where(a > 0, x, y).T",
                "(eye(n) + M).T", "ones(m, n).T", "(M + M.T).T", "(A.T @ v @ x.T + 2 * M.T @ N.T).T", "(u.T @ A + x.T).T", "(M.T * N.T).T",
                "(M + N + M @ N).T + M.T.T", "((M @ N.T) * (1 - M.T)).T"))  # fmt: skip
def move_transpose(e: Call, _: Context) -> Expr | None:
    if e.op is not transpose:
        return None
    match e.args[0]:
        case Call(op, (inner,)) if op is transpose:
            return inner
        case Call(op, args) if op is matmul:
            return chain(*(transposed(f) for f in reversed(args)))
        case Call(op) as c if op is eye or _diagonal(c) is not None:
            return c
        case Call(op, (), (m, n)) if op is zeros or op is ones:
            return Call(op, (), (n, m))
        case Mul(factors) if _turns_alone(factors):
            return product(*(transposed(f) if f.shape.axes else f for f in factors))
        case Mul(factors) if any(not f.shape.axes for f in factors):
            arrays = [f for f in factors if f.shape.axes]
            return product(*(f for f in factors if not f.shape.axes), transposed(product(*arrays)))
        case Mul(factors) as m:
            carried = product(*(_turned_factor(f) for f in factors))
            return carried if _transposes(carried) <= _transposes(m) else None
        case Sum(index, body):
            return Sum(index, transposed(body))
        case Cases(branches, otherwise):
            turned_cases = tuple((c, transposed(v) if v.shape.axes else v) for c, v in branches if not c.shape.axes)
            if len(turned_cases) < len(branches):
                return None
            return Cases(turned_cases, transposed(otherwise) if otherwise.shape.axes else otherwise)
        case Add(terms) as a if a.shape.row:
            return plus(*(_turned_term(t) for t in terms))
        case Add(terms) as a if a.shape.rank == 2:
            turned = plus(*(_turned_term(t) for t in terms))
            return (
                turned
                if any(_diagonal_term(t) for t in terms) or _transposes(turned) <= _transposes(a) + SPARED
                else None
            )
        case _:
            return None


def _turns_alone(factors: tuple[Expr, ...]) -> bool:
    """Whether a product is transposed factor by factor: it has one array, or all are transposes."""
    arrays = [f for f in factors if f.shape.axes]
    return len(arrays) == 1 or all(_is(f, transpose) for f in arrays)


def _turned_factor(f: Expr) -> Expr:
    """The transpose of a factor of a product by entries, carried through sums, in which a number may stand."""
    return plus(*(_turned_term(t) for t in f.terms)) if isinstance(f, Add) else _turned_term(f)


def _turned_term(t: Expr) -> Expr:
    """The transpose of one term, carried through its products."""
    turned: list[Expr] = []
    for f in factors_of(t):
        if isinstance(f, Call) and f.op is matmul and f.shape.axes:
            turned.append(chain(*(transposed(g) for g in reversed(f.args))))
        else:
            turned.append(transposed(f) if f.shape.axes else f)
    return product(*turned)


def _transposes(e: Expr) -> int:
    return sum(1 for part in walk(e) if _is(part, transpose))


@rule(Stage.SIMPLIFY, Call, role="silent", states=r"A(BC) = ABC,\quad IA = A,\quad A(c\,\mathbf v) = c\,A\mathbf v",
      because="A matrix product needs no inner brackets and no identity; a scalar factor stands in front.", general=True,
      examples=("A @ (2 * x)", "eye(n) @ x", "eye(n) @ eye(n)", "M @ zeros(n)",
                "u.T @ (a * A) @ x", "A @ x + A @ (2 * y)"))  # fmt: skip
def write_product(e: Call, _: Context) -> Expr | None:
    if e.op is not matmul:
        return None
    if any(is_zero(f) for f in e.args):
        return filled(Number(Fraction(0)), e.shape)
    if any(_is(f, eye) for f in e.args):
        rest = [f for f in e.args if not _is(f, eye)]
        return chain(*rest) if rest else e.args[0]
    for k, f in enumerate(e.args):
        scalars = [g for g in factors_of(f) if not g.shape.axes]
        if scalars and isinstance(f, Mul):
            arrays = [g for g in f.factors if g.shape.axes]
            return product(*scalars, chain(*e.args[:k], product(*arrays), *e.args[k + 1 :]))
    return chain(*e.args) if any(_is(f, matmul) for f in e.args) else None


@rule(Stage.SIMPLIFY, Call, role="silent", states=r"\operatorname{diag}(\mathbf 1) = I,\quad \operatorname{diag}(c\,\mathbf v) = c\operatorname{diag}(\mathbf v),\quad \operatorname{diag}(\operatorname{diag}(\mathbf v)) = \mathbf v",
      because="A sign or a scalar factor stands before the matrix, ones on the diagonal are the identity, and the diagonal of diag(v) is v.",
      examples=("diag(ones(n))", "diag(-x)", "diag(a * ones(n))", "diag(diag(x)) + y"))  # fmt: skip
def write_diagonal(e: Call, _: Context) -> Expr | None:
    if e.op is diag and e.shape.rank == 1:
        return _diagonal(e.args[0])
    v = _diagonal(e)
    if v is None:
        return None
    if is_ones(v):
        return Call(eye, (), (v.shape.axes[0],))
    if isinstance(v, Mul):
        arrays = [f for f in v.factors if f.shape.axes]
        scalars = [f for f in v.factors if not f.shape.axes]
        if len(arrays) == 1 and is_ones(arrays[0]):
            return product(*scalars, Call(diag, (arrays[0],)))
        if scalars and isinstance(scalars[0], Number) and scalars[0].value < 0:
            size_only = () if scalars[0].value == -1 else (Number(-scalars[0].value),)
            rest = without(v.factors, scalars[0])
            return product(Number(Fraction(-1)), Call(diag, (product(*size_only, *rest),)))
    return None


@rule(Stage.SIMPLIFY, Add, role="silent", states=r"\mathbf u^{\mathsf T} + \mathbf v^{\mathsf T} = (\mathbf u + \mathbf v)^{\mathsf T}",
      because="The sum of rows is the transpose of the sum of the columns.",
      examples=("x.T + 2 * y.T", "x.T @ M.T - y.T"), general=True, aloud=True)  # fmt: skip
def gather_transposes(e: Add, _: Context) -> Expr | None:
    if not e.shape.row:
        return None
    new: list[Expr] = []
    for t in e.terms:
        arrays = [f for f in factors_of(t) if f.shape.axes]
        turned = _turned_term(t)
        # A product is turned where it loses its transposes: that of xᵀAᵀ is Ax, that of uᵀA would be Aᵀu.
        if not arrays or not all(
            _is(f, transpose) or (_is(f, matmul) and _transposes(t) > 1 + _transposes(turned)) for f in arrays
        ):
            return None
        new.append(turned)
    gathered = plus(*new)
    # A sum of rows reads as it stands where the columns would have transposes of their own, and nothing to collect.
    plain = all(isinstance(f, Symbol) or _is(f, matmul) for t in new for f in factors_of(t) if f.shape.axes)
    return None if plain and any(_is(e, transpose) and not is_ones(e) for e in walk(gathered)) else transposed(gathered)


@rule(Stage.SIMPLIFY, Add, role="offered", title="Transpose the whole", states=r"B^{\mathsf T}A^{\mathsf T} + A^{\mathsf T}B^{\mathsf T} = (AB + BA)^{\mathsf T}",
      because="A sum of transposes is the transpose of the sum.", examples=("M.T @ N.T + N.T @ M.T",))  # fmt: skip
def transpose_the_whole(e: Add, _: Context) -> Expr | None:
    if e.shape.rank != 2 or any(_diagonal_term(t) for t in e.terms):
        return None
    turned = plus(*(_turned_term(t) for t in e.terms))
    return transposed(turned) if _transposes(turned) + SPARED < _transposes(e) else None


@rule(Stage.SIMPLIFY, Mul, Call, phases=(Phase.BY_CASES,), title="Transpose the whole", states=r"C^{\mathsf T}B^{\mathsf T}A^{\mathsf T} = (ABC)^{\mathsf T}",
      because="A product of transposes is the transpose of the product in reverse.", examples=("M.T @ N.T @ M.T", "a * M.T @ N.T @ M.T @ inv(Q)", "M.T @ N.T @ M + a * M + M.T @ N.T @ M.T"))  # fmt: skip
def transpose_the_product(e: Mul | Call, _: Context) -> Expr | None:
    scalars = [f for f in factors_of(e) if not f.shape.axes]
    turned = across(product(*(f for f in factors_of(e) if f.shape.axes)))
    if not _is(turned, matmul) or e.shape.rank != 2 or _transposes(turned) or _transposes(e) < MANY:
        return None
    return product(*scalars, transposed(turned))


SPARED = 2
"""The transposes that one around a whole sum must spare: BXᵀA + BᵀXᵀAᵀ is read at once, (AᵀXBᵀ + AXB)ᵀ must be turned first."""

MANY = 3
"""Transposes in a product from which on it is written as the transpose of the whole: two are read as they stand."""


@rule(Stage.SIMPLIFY, Mul, role="silent", states=r"\mathbf u^{\mathsf T} \otimes \mathbf v^{\mathsf T} = (\mathbf u \otimes \mathbf v)^{\mathsf T}",
      because="An element-wise product of rows is the transpose of that of the columns.", general=True, examples=("x.T * y.T * a",))  # fmt: skip
def gather_transposed_factors(e: Mul, _: Context) -> Expr | None:
    arrays = [f for f in e.factors if f.shape.axes]
    if len(arrays) < 2 or not e.shape.row or not all(_is(f, transpose) for f in arrays):
        return None
    scalars = [f for f in e.factors if not f.shape.axes]
    return product(*scalars, transposed(product(*(transposed(f) for f in arrays))))


# --- said aloud --------------------------------------------------------------------------------------------------------


@rule(Stage.SIMPLIFY, Call, title="Read the diagonal", states=r"\mathbf 1^{\mathsf T}(A \otimes B) = \operatorname{diag}(A^{\mathsf T}B)^{\mathsf T}",
      because=r"Column by column, the products of the entries of two matrices are summed: [{\mathbf 1^{\mathsf T}(A \otimes B)} holds|that gives] inner products, which stand on the diagonal of a matrix product.", terms=lambda e, _: {r"\mathbf 1^{\mathsf T}(A \otimes B)": e},
      examples=("ones(m).T @ (A * tanh(A))", "(M * N) @ ones(n)", "ones(n).T @ (M * N).T"))  # fmt: skip
def columns_as_diagonal(e: Call, _: Context) -> Expr | None:
    if e.op is not matmul or len(e.args) != 2:
        return None
    for one, other in (e.args, e.args[::-1]):
        ones_beside = is_ones(one) and one.shape.rank == 1
        inner = other.args[0] if isinstance(other, Call) and other.op is transpose else other
        if ones_beside and isinstance(inner, Mul) and [f.shape.rank for f in inner.factors] == [2, 2]:
            left, right = inner.factors if inner is other else map(transposed, inner.factors)
            if one.shape.row:
                return transposed(Call(diag, (chain(transposed(left), right),)))
            return Call(diag, (chain(left, transposed(right)),))
    return None


@rule(Stage.SIMPLIFY, Call, title="Multiply by the diagonal matrix",
      states=r"\mathbf v^{\mathsf T}\operatorname{diag}(\mathbf u) = (\mathbf v \otimes \mathbf u)^{\mathsf T},\quad \mathbf 1^{\mathsf T}\operatorname{diag}(\mathbf u) = \mathbf u^{\mathsf T}",
      because=r"[In {\mathbf v^{\mathsf T}\operatorname{diag}(\mathbf u)} row|Row] meets column: each entry is multiplied by the one on the diagonal[, which gives {(\mathbf v \otimes \mathbf u)^{\mathsf T}}|].", terms=told.by_diagonal,
      reference="the neuron", examples=("ones(n).T @ diag(x)", "x.T @ diag(y) @ M", "diag(x) @ diag(y)", "diag(x) @ y", "diag(x) @ M @ y"))  # fmt: skip
def multiply_by_diagonal(e: Call, _: Context) -> Expr | None:
    if e.op is not matmul:
        return None
    for k in range(len(e.args) - 1):
        left, right = e.args[k], e.args[k + 1]
        u, v = _diagonal(left), _diagonal(right)
        if u is not None and v is not None:
            new: Expr = Call(diag, (product(u, v),))
        elif v is not None and left.shape.row:
            new = transposed(product(transposed(left), v))
        elif u is not None and right.shape.rank == 1:
            new = product(u, right)
        elif u is not None and k == 0 and e.shape.rank == 1:
            return product(u, chain(*e.args[1:]))
        else:
            continue
        return chain(*e.args[:k], new, *e.args[k + 2 :])
    return None


def _diagonal_term(t: Expr) -> bool:
    return any(_diagonal(f) is not None or _is(f, eye) for f in factors_of(t))


def _product_with(left: tuple[Expr, ...], term: Expr, right: tuple[Expr, ...]) -> Expr:
    """left · term · right with the scalars of the term in front, and inner products taken out where they form."""
    scalars = [f for f in factors_of(term) if not f.shape.axes]
    arrays = [f for f in factors_of(term) if f.shape.axes]
    return product(*scalars, chain(*left, product(*arrays), *right))


@rule(Stage.SIMPLIFY, Call, title="Multiply out", states=r"\mathbf v^{\mathsf T}(\operatorname{diag}(\mathbf s) - \mathbf s\mathbf s^{\mathsf T}) = (\mathbf v\otimes\mathbf s)^{\mathsf T} - (\mathbf v^{\mathsf T}\mathbf s)\mathbf s^{\mathsf T}",
      because=r"[{\mathbf v^{\mathsf T}(\operatorname{diag}(\mathbf s) - \mathbf s\mathbf s^{\mathsf T})}|The product] is multiplied out, and a diagonal matrix multiplies entry by entry what stands beside it.", terms=lambda e, _: {r"\mathbf v^{\mathsf T}(\operatorname{diag}(\mathbf s) - \mathbf s\mathbf s^{\mathsf T})": e},
      examples=("x.T @ (diag(y) - y @ y.T)", "(diag(y) + M) @ x", "diag(x) @ (eye(n) - y @ y.T)"))  # fmt: skip
def multiply_out_diagonal(e: Call, _: Context) -> Expr | None:
    if e.op is not matmul:
        return None
    for k, f in enumerate(e.args):
        if (
            not isinstance(f, Add)
            or not any(_diagonal_term(t) for t in f.terms)
            or any(not t.shape.axes for t in f.terms)
        ):
            continue
        beside = [
            n for n in (e.args[k - 1] if k else None, e.args[k + 1] if k + 1 < len(e.args) else None) if n is not None
        ]
        if any(n.shape.rank == 1 or _diagonal(n) is not None for n in beside):
            return plus(*(_product_with(e.args[:k], t, e.args[k + 1 :]) for t in f.terms))
    return None


@rule(Stage.SIMPLIFY, Call, title="Take out the inner product", states=r"\mathbf u^{\mathsf T}\mathbf v\,\mathbf w^{\mathsf T} = (\mathbf u^{\mathsf T}\mathbf v)\,\mathbf w^{\mathsf T}",
      because=r"[In {\mathbf u^{\mathsf T}\mathbf v\,\mathbf w^{\mathsf T}} a|A] row times a column is a number, and a number may stand in front[: {(\mathbf u^{\mathsf T}\mathbf v)\,\mathbf w^{\mathsf T}}|].", terms=sides(r"\mathbf u^{\mathsf T}\mathbf v\,\mathbf w^{\mathsf T}", r"(\mathbf u^{\mathsf T}\mathbf v)\,\mathbf w^{\mathsf T}"),
      examples=("x.T @ (y @ w.T)", "x @ y.T @ w", "x.T @ (x @ y.T) @ y"))  # fmt: skip
def take_out_inner_product(e: Call, _: Context) -> Expr | None:
    if e.op is not matmul:
        return None
    for k in range(len(e.args) - 1):
        if e.args[k].shape.row and e.args[k + 1].shape.rank == 1:
            rest = (*e.args[:k], *e.args[k + 2 :])
            return product(chain(e.args[k], e.args[k + 1]), chain(*rest)) if rest else None
    return None


@rule(Stage.SIMPLIFY, Call, title="Add the entries up", states=r"\mathbf 1^{\mathsf T}\mathbf v = \operatorname{sum}(\mathbf v),\quad (\mathbf u \oslash \mathbf v)^{\mathsf T}\mathbf v = \operatorname{sum}(\mathbf u)",
      because=r"[{\mathbf 1^{\mathsf T}\mathbf v} adds up the entries of {\mathbf v}, so it is {\operatorname{sum}(\mathbf v)}|Multiplied by ones, the entries of a vector are added up].", terms=told.added_up,
      examples=("ones(n).T @ x + sum(y)", "sum(x[i] for i in range(n)) * y.T @ ones(n)", "(x / y).T @ y", "sum(x) * (x / y).T @ y", "x.T @ ones(n)"))  # fmt: skip
def inner_product_as_sum(e: Call, ctx: Context) -> Expr | None:
    if e.op is not matmul or len(e.args) != 2 or e.shape.axes:
        return None
    left, right = transposed(e.args[0]), e.args[1]
    if is_ones(left) or is_ones(right):
        return _added_up(right if is_ones(left) else left, ctx)
    for f in factors_of(right):
        base, exponent = split_base(f)
        over = next((g for g in factors_of(left) if split_base(g) == (base, -exponent)), None)
        if over is not None:
            rest = product(*without(factors_of(left), over), *without(factors_of(right), f))
            return _added_up(rest if rest.shape.axes else filled(ONE, left.shape), ctx)
    return None


def _is_sum(e: Expr) -> bool:
    """Whether it adds up entries by the sign of a sum; of exponentials, whose logarithm has a softmax for its slope, none is left."""
    return isinstance(e, Call) and (e.op is mean or (e.op is sum_ and not _is(e.args[0], exp)))


def _added_up(v: Expr, ctx: Context) -> Expr:
    """The sum of the entries: of a letter as a product with ones, but by the sign of a sum where the question has one.

    Of anything else, and of a distribution, more is known of the sum.
    """
    known = not isinstance(v, Symbol) or "simplex" in v.traits
    if known or ctx.asked(Sum) or any(map(_is_sum, ctx.asked(Call))):
        return Call(sum_, (v,))
    return chain(transposed(filled(ONE, v.shape)), v)


def _as_chain(t: Expr) -> tuple[list[Expr], tuple[Expr, ...]] | None:
    """A term as scalar factors and the factors of its matrix product."""
    arrays = [f for f in factors_of(t) if f.shape.axes]
    if len(arrays) != 1:
        return None
    scalars = [f for f in factors_of(t) if not f.shape.axes]
    found = arrays[0]
    return scalars, found.args if isinstance(found, Call) and found.op is matmul else (found,)


def _merge(left: tuple[list[Expr], tuple[Expr, ...]], right: tuple[list[Expr], tuple[Expr, ...]], side: int) -> Expr:
    common = left[1][side]
    cut = slice(1, None) if side == 0 else slice(None, -1)
    shared = [f for f in left[0] if f in right[0]]
    terms = [
        product(*(f for f in scalars if f not in shared), chain(*factors[cut])) for scalars, factors in (left, right)
    ]
    inner = plus(*terms)
    if not inner.shape.axes:  # what is left of each is a row times a column
        return product(*shared, inner, common)
    return product(*shared, chain(common, inner) if side == 0 else chain(inner, common))


@rule(Stage.SIMPLIFY, Add, title="Collect the common factor", states=r"\mathbf u^{\mathsf T}A + \mathbf u^{\mathsf T}B = \mathbf u^{\mathsf T}(A + B)",
      because=r"{\mathbf u^{\mathsf T}} is a factor of every term of {\mathbf u^{\mathsf T}A + \mathbf u^{\mathsf T}B}, so it is taken out.", terms=told.collected,
      again="A factor with which several terms begin or end is taken out of them, and so is one that the terms made by this have in common.",
      examples=("x.T @ M + x.T @ N", "x.T @ M - 2 * y.T @ M", "M @ x - a * N @ x",
                "a * M @ x + M @ y", "diag(x) @ M - diag(x) @ (N * diag(y)) + x @ x.T @ M"))  # fmt: skip
def common_factor(e: Add, ctx: Context) -> Expr | None:
    split = [_as_chain(t) for t in e.terms]
    for side in (0, -1):
        for a in range(len(split)):
            for b in range(a + 1, len(split)):
                left, right = split[a], split[b]
                if left is None or right is None or len(left[1]) < 2 or len(right[1]) < 2:
                    continue
                if canonical(left[1][side]) != canonical(right[1][side]):
                    continue
                merged = _merge(left, right, side)
                if any(
                    isinstance(f, Call) and multiply_out_diagonal.rewrite(f, ctx) is not None
                    for f in factors_of(merged)
                ):
                    continue  # it would be multiplied out again
                rest = [t for k, t in enumerate(e.terms) if k not in (a, b)]
                return plus(*rest[:a], merged, *rest[a:])
    return None
