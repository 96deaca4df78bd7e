"""What declared properties allow: a symmetric matrix is its own transpose, an inverse cancels, entries that sum to one."""

from __future__ import annotations

from derivgen.catalog.formulas import mean, size
from derivgen.catalog.linear import diag, matmul, total, transpose
from derivgen.catalog.opaque import eye, inv
from derivgen.expr import ONE, Add, Call, Expr, Mul, Number, Power, Symbol, canonical
from derivgen.rules.algebra import plus, product
from derivgen.rules.engine import Context, Stage, rule
from derivgen.rules.entries import chain, transposed


def is_symmetric(e: Expr) -> bool:
    """Whether a matrix is seen to be its own transpose: declared so, or made so."""
    match e:
        case Symbol(traits=traits):
            return "symmetric" in traits
        case Call(op, (inner,)) if op is inv or op is transpose:
            return is_symmetric(inner)
        case Call(op, args) if op is matmul:
            turned = tuple(transposed(f) if not is_symmetric(f) else f for f in reversed(args))
            return e.shape.rank == 2 and canonical(Call(matmul, turned)) == canonical(e)
        case Call(op) if op in (eye, diag):
            return e.shape.rank == 2
        case Add(parts) | Mul(parts):
            return e.shape.rank == 2 and all(is_symmetric(p) for p in parts if p.shape.axes)
        case Power(base, Number()):
            return e.shape.rank == 2 and is_symmetric(base)
        case _:
            return False


@rule(Stage.SIMPLIFY, Call, title="Use the symmetry", states=r"S^{\mathsf T} = S \text{ for symmetric } S",
      because="A symmetric matrix is its own transpose; the inverse of one is symmetric too.",
      examples=("Q.T", "inv(Q).T", "inv(A.T @ A).T", "inv(Q + eye(n)).T", "inv(2 * Q).T", "inv(Q**2).T"))  # fmt: skip
def symmetric(e: Call, _: Context) -> Expr | None:
    if e.op is not transpose or e.shape.rank != 2:
        return None
    return e.args[0] if is_symmetric(e.args[0]) else None


@rule(Stage.SIMPLIFY, Call, title="Cancel the inverse", states=r"A^{-1}A = I,\quad B(AB)^{-1} = A^{-1}",
      because="A matrix times its inverse is the identity; the inverse of a product is the product of the inverses in reverse.",
      when="the matrices are square and have inverses", examples=("inv(M) @ M @ x", "M @ inv(M)", "N @ inv(M @ N)", "inv(M @ N) @ M"))  # fmt: skip
def cancel_inverse(e: Call, _: Context) -> Expr | None:
    if e.op is not matmul:
        return None
    for k, (left, right) in enumerate(zip(e.args, e.args[1:], strict=False)):
        new = _cancelled(left, right)
        if new is not None:
            return chain(*e.args[:k], new, *e.args[k + 2 :])
    return None


def _cancelled(left: Expr, right: Expr) -> Expr | None:
    """What a matrix and a neighbouring inverse leave."""
    for matrix, other, last in ((left, right, False), (right, left, True)):
        if not isinstance(other, Call) or other.op is not inv:
            continue
        inner = other.args[0]
        factors = inner.args if isinstance(inner, Call) and inner.op is matmul else (inner,)
        if any(f.shape.axes != inner.shape.axes for f in factors):
            continue
        # B (A … B)⁻¹ leaves the inverse of what stands before B; (A … B)⁻¹ A of what stands after A.
        end, rest = (factors[0], factors[1:]) if last else (factors[-1], factors[:-1])
        if end == matrix:
            return Call(inv, (chain(*rest),)) if rest else Call(eye, (), (inner.shape.axes[0],))
    return None


@rule(Stage.SIMPLIFY, Call, title="Use what the entries sum to", states=r"\operatorname{sum}(\mathbf y) = 1",
      because="The entries of a point of the simplex, such as a distribution over classes, sum to one.",
      examples=("sum(d) * x",))  # fmt: skip
def simplex_sum(e: Call, _: Context) -> Expr | None:
    match e:
        case Call(op, (Symbol(traits=traits),)) if op is total and "simplex" in traits:
            return ONE
        case _:
            return None


@rule(Stage.SIMPLIFY, Call, title="Sum term by term", states=r"\operatorname{sum}(\mathbf v + c) = \operatorname{sum}(\mathbf v) + n\,c",
      because="The entries are summed term by term; a scalar is counted once for each entry.", examples=("sum(x + a)", "sum(A - c)"))  # fmt: skip
def sum_of_shifted(e: Call, _: Context) -> Expr | None:
    if e.op is not total or not isinstance(e.args[0], Add):
        return None
    terms = e.args[0].terms
    scalars = [t for t in terms if not t.shape.axes]
    if not scalars:
        return None
    count = product(*(size(d) for d in e.args[0].shape.axes))
    arrays = plus(*(t for t in terms if t.shape.axes))
    return plus(*(product(count, t) for t in scalars), Call(total, (arrays,)))


@rule(Stage.SIMPLIFY, Call, title="Take the mean term by term", states=r"\operatorname{mean}(\mathbf v + c) = \operatorname{mean}(\mathbf v) + c",
      because="Shifting every entry shifts the mean.", examples=("mean(x + a)", "mean(x + y - a)"))  # fmt: skip
def mean_of_shifted(e: Call, _: Context) -> Expr | None:
    if e.op is not mean or not isinstance(e.args[0], Add):
        return None
    scalars = [t for t in e.args[0].terms if not t.shape.axes]
    if not scalars:
        return None
    return plus(Call(mean, (plus(*(t for t in e.args[0].terms if t.shape.axes)),)), *scalars)


@rule(Stage.SIMPLIFY, Mul, title="Fold the mean", states=r"\tfrac 1n\operatorname{sum}(\mathbf x) = \operatorname{mean}(\mathbf x)",
      because="The sum of the entries over their number is the mean.", examples=("1 / n * sum(x)", "a * sum(x) / n"))  # fmt: skip
def fold_mean(e: Mul, _: Context) -> Expr | None:
    for k, f in enumerate(e.factors):
        if not (isinstance(f, Call) and f.op is total and f.args[0].shape.rank == 1):
            continue
        over = Power(size(f.args[0].shape.axes[0]), Number(-1))  # type: ignore[arg-type]
        if over in e.factors:
            rest = [g for n, g in enumerate(e.factors) if n != k and g != over]
            return product(*rest, Call(mean, f.args))
    return None


@rule(Stage.SIMPLIFY, Call, quiet=True, states=r"\operatorname{sum}(c\,\mathbf v) = c\operatorname{sum}(\mathbf v)",
      because="A scalar factor stands before the sum of the entries.", examples=("sum(-x)", "sum(a * x * y)"))  # fmt: skip
def scalar_out_of_sum(e: Call, _: Context) -> Expr | None:
    if e.op is not total or not isinstance(e.args[0], Mul):
        return None
    scalars = [f for f in e.args[0].factors if not f.shape.axes]
    arrays = [f for f in e.args[0].factors if f.shape.axes]
    return product(*scalars, Call(total, (product(*arrays),))) if scalars else None


LOUD = (symmetric, cancel_inverse, simplex_sum, sum_of_shifted, mean_of_shifted, fold_mean)
QUIET = (scalar_out_of_sum,)
RULES = LOUD + QUIET
