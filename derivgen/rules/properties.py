"""What declared properties allow: a symmetric matrix is its own transpose, an inverse cancels, entries that sum to one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from derivgen.catalog.build import (
    chain,
    exchanged,
    factors_of,
    is_elementwise,
    number,
    plus,
    product,
    split_base,
    to_power,
    transposed,
    without,
)
from derivgen.catalog.elementwise import greater, maximum, relu
from derivgen.catalog.formulas import centred, mean, norm, size, softmax, std, var
from derivgen.catalog.linear import diag, matmul, sum_, trace, transpose
from derivgen.catalog.opaque import eye, inv, ones, stack, zeros
from derivgen.expr import (
    ONE,
    ZERO,
    Add,
    Call,
    Cases,
    Expr,
    Mul,
    Number,
    Power,
    Sum,
    Symbol,
    canonical,
    children,
    walk,
    with_children,
)
from derivgen.rules import told
from derivgen.rules.arithmetic import is_ones
from derivgen.rules.cases import asks_for_extreme
from derivgen.rules.engine import Context
from derivgen.rules.literals import grid
from derivgen.rules.monomials import square_root
from derivgen.rules.rule import Stage, rule, sides


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
        case Call(op) if op is stack:
            rows = grid(e)
            return rows is not None and list(rows) == list(zip(*rows, strict=True))
        case Call(op) if op in (ones, zeros):
            return e.shape.rank == 2 and e.shape.axes[0] == e.shape.axes[1]
        case Add(parts) | Mul(parts):
            return e.shape.rank == 2 and (
                all(is_symmetric(p) for p in parts if p.shape.axes)
                or Counter(map(canonical, parts)) == Counter(canonical(across(p)) for p in parts)
            )
        case Power(base, exponent):
            return e.shape.rank == 2 and all(is_symmetric(p) for p in (base, exponent) if p.shape.axes)
        case Call() if asks_for_extreme(e) and any(map(_is_rounded, walk(e))):
            return False  # of two entries that are equal only one may reach the extreme in numbers
        case Call(_, args) if is_elementwise(e):
            return e.shape.rank == 2 and all(is_symmetric(p) for p in args if p.shape.axes)
        case Sum(_, body):
            return is_symmetric(body)
        case Cases():
            return e.shape.rank == 2 and all(is_symmetric(p) for p in children(e) if p.shape.axes)
        case _:
            return False


def _is_rounded(e: Expr) -> bool:
    """Whether entries (i, j) and (j, i) of a symmetric array may round apart: they are sums in another order."""
    match e:
        case Call(op, args) if op is matmul:
            return len(args) > 2 or any(a.shape.rank == 2 for a in args)
        case Call(op):
            return op is inv
        case _:
            return False


def across(e: Expr) -> Expr:
    """The transpose of a term or a factor, carried through its products."""
    match e:
        case _ if e.shape.rank != 2 or is_symmetric(e):
            return e
        case Mul(factors):
            return product(*map(across, factors))
        case Call(op, args) if op is matmul:
            return _turned(args)
        case _:
            return transposed(e)


def is_diagonal(e: Expr) -> bool:
    """Whether a matrix is seen to be zero off its diagonal."""
    match e:
        case Symbol(traits=traits):
            return "diagonal" in traits
        case Call(op) if op is eye or (op is diag and e.shape.rank == 2):
            return True
        case Call(op, args) if op in (inv, transpose, matmul):
            return e.shape.rank == 2 and all(is_diagonal(a) for a in args)
        case Add(terms):
            return all(is_diagonal(t) for t in terms)
        case Mul(factors):
            return any(is_diagonal(f) for f in factors if f.shape.axes)
        case Power(base, Number(value)):
            return value > 0 and is_diagonal(base)
        case Sum(_, body):
            return is_diagonal(body)
        case Cases(branches, otherwise):
            return all(v == ZERO or is_diagonal(v) for v in (*(v for _, v in branches), otherwise))
        case _:
            return False


@rule(Stage.SIMPLIFY, Call, title="Use the symmetry", states=r"S^{\mathsf T} = S \text{ for symmetric } S",
      because=r"{S^{\mathsf T}} is {S}: a symmetric matrix is its own transpose.", terms=told.of_symmetry,
      examples=("Q.T", "inv(Q).T", "inv(A.T @ A).T", "inv(Q + eye(n)).T", "inv(2 * Q).T", "inv(Q**2).T"))  # fmt: skip
def symmetric(e: Call, _: Context) -> Expr | None:
    if e.op is not transpose or e.shape.rank != 2:
        return None
    return e.args[0] if is_symmetric(e.args[0]) else None


@rule(Stage.SIMPLIFY, Call, title="Use what the entries sum to", states=r"\operatorname{sum}(\mathbf y) = 1",
      because="The entries of a point of the simplex, such as a distribution over classes or a softmax, sum to one.",
      examples=("sum(d) * x", "sum(softmax(x)) * x"))  # fmt: skip
def simplex_sum(e: Call, _: Context) -> Expr | None:
    match e:
        case Call(op, (Symbol(traits=traits),)) if op is sum_ and "simplex" in traits:
            return ONE
        case Call(op, (Call(inner),)) if op is sum_ and inner is softmax:
            return ONE
        case _:
            return None


@rule(Stage.SIMPLIFY, Call, title="Sum term by term", states=r"\operatorname{sum}(\mathbf v + c) = \operatorname{sum}(\mathbf v) + n\,c",
      because=r"[In {\operatorname{sum}(\mathbf v + c)} the|The] entries are summed term by term; a scalar is counted once for each entry.", terms=sides(r"\operatorname{sum}(\mathbf v + c)", r"\operatorname{sum}(\mathbf v) + n\,c"), examples=("sum(x + a)", "sum(A - c)"))  # fmt: skip
def sum_of_shifted(e: Call, _: Context) -> Expr | None:
    if e.op is not sum_ or not isinstance(e.args[0], Add):
        return None
    terms = e.args[0].terms
    scalars = [t for t in terms if not t.shape.axes]
    if not scalars:
        return None
    count = product(*(size(d) for d in e.args[0].shape.axes))
    arrays = plus(*(t for t in terms if t.shape.axes))
    return plus(*(product(count, t) for t in scalars), Call(sum_, (arrays,)))


@rule(Stage.SIMPLIFY, Call, title="Sum term by term", states=r"\operatorname{sum}(\mathbf u \otimes (\mathbf v + c)) = \mathbf u^{\mathsf T}\mathbf v + c\operatorname{sum}(\mathbf u)",
      because=r"[In {\operatorname{sum}(\mathbf u \otimes (\mathbf v + c))} a|A] scalar is added to every entry, so it is multiplied by the sum of the other factor.", terms=sides(r"\operatorname{sum}(\mathbf u \otimes (\mathbf v + c))", r"\mathbf u^{\mathsf T}\mathbf v + c\operatorname{sum}(\mathbf u)"),
      examples=("sum(x * (y + a))", "sum(x * (y - w.T @ y) * w)"))  # fmt: skip
def sum_of_scaled_shift(e: Call, _: Context) -> Expr | None:
    if e.op is not sum_ or not isinstance(e.args[0], Mul):
        return None
    factors = e.args[0].factors
    for k, f in enumerate(factors):
        if not isinstance(f, Add) or all(t.shape.axes for t in f.terms):
            continue
        rest = (*factors[:k], *factors[k + 1 :])
        arrays = plus(*(t for t in f.terms if t.shape.axes))
        scalars = plus(*(t for t in f.terms if not t.shape.axes))
        return plus(Call(sum_, (product(*rest, arrays),)), product(scalars, Call(sum_, (product(*rest),))))
    return None


@rule(Stage.SIMPLIFY, Call, title="Recognise an inner product", states=r"\operatorname{sum}(\mathbf u \otimes \mathbf v) = \mathbf u^{\mathsf T}\mathbf v",
      because=r"[{\operatorname{sum}(\mathbf u \otimes \mathbf v)} adds up products of entries of two vectors: the inner product {\mathbf u^{\mathsf T}\mathbf v}|The sum adds up the products of the entries of one vector, or of several multiplied entry by entry, with those of another: an inner product].", terms=sides(r"\operatorname{sum}(\mathbf u \otimes \mathbf v)", r"\mathbf u^{\mathsf T}\mathbf v"), reference="the dot product",
      examples=("sum(x * y)", "sum(x * y * w)"))  # fmt: skip
def sum_as_inner_product(e: Call, _: Context) -> Expr | None:
    if e.op is not sum_ or e.args[0].shape.rank != 1 or not isinstance(e.args[0], Mul):
        return None
    vectors = [transposed(f) if f.shape.row else f for f in e.args[0].factors if f.shape.axes]
    if len(vectors) < 2 or len(vectors) < len(e.args[0].factors):
        return None
    return chain(transposed(product(*vectors[:-1])), vectors[-1])


@rule(Stage.SIMPLIFY, Call, title="Take the mean term by term", states=r"\operatorname{mean}(\mathbf v + c) = \operatorname{mean}(\mathbf v) + c",
      because="Shifting every entry shifts the mean.", examples=("mean(x + a)", "mean(x + y - a)"))  # fmt: skip
def mean_of_shifted(e: Call, _: Context) -> Expr | None:
    if e.op is not mean or not isinstance(e.args[0], Add):
        return None
    scalars = [t for t in e.args[0].terms if not t.shape.axes]
    if not scalars:
        return None
    return plus(Call(mean, (plus(*(t for t in e.args[0].terms if t.shape.axes)),)), *scalars)


@rule(Stage.SIMPLIFY, Mul, title="Sum of the entries", states=r"n\operatorname{mean}(\mathbf x) = \operatorname{sum}(\mathbf x)",
      because="The mean times the number of the entries is their sum.", examples=("n * mean(x)", "a * mean(x) * n"))  # fmt: skip
def times_size(e: Mul, _: Context) -> Expr | None:
    for f in e.factors:
        if isinstance(f, Call) and f.op is mean and f.args[0].shape.rank == 1:
            count = size(f.args[0].shape.axes[0])
            if count in e.factors:
                return product(*exchanged(without(e.factors, count), f, Call(sum_, f.args)))
    return None


@rule(Stage.SIMPLIFY, Mul, title="Fold the mean", states=r"\tfrac 1n\operatorname{sum}(\mathbf x) = \operatorname{mean}(\mathbf x)",
      because="The sum of the entries over their number is the mean.", examples=("1 / n * sum(x)", "a * sum(x) / n", "1 / n * mean(A @ ones(n))"))  # fmt: skip
def fold_mean(e: Mul, _: Context) -> Expr | None:
    for f in e.factors:
        match f:
            case Call(op, (u,)) if op is sum_ and u.shape.rank == 1:
                over = u.shape.axes
            case Call(op, (Call(inner, (*before, last)),)) if op is mean and inner is matmul and is_ones(last):
                u, over = chain(*before), last.shape.axes
            case _:
                continue
        lengths = [Power(size(d), number(-1)) for d in over]
        if Counter(lengths) <= Counter(e.factors):
            return product(*without(e.factors, f, *lengths), Call(mean, (u,)))
    return None


@rule(Stage.SIMPLIFY, Call, order=1, role="silent", states=r"\operatorname{sum}(c\,\mathbf v) = c\operatorname{sum}(\mathbf v)",
      because="A scalar factor stands before the sum, the mean or the trace.", examples=("sum(-x)", "sum(a * x * y)", "mean(2 * x)"))  # fmt: skip
def scalar_out_of_sum(e: Call, _: Context) -> Expr | None:
    if e.op not in (sum_, mean, trace) or not isinstance(e.args[0], Mul):
        return None
    scalars = [f for f in e.args[0].factors if not f.shape.axes]
    arrays = [f for f in e.args[0].factors if f.shape.axes]
    return product(*scalars, Call(e.op, (product(*arrays),))) if scalars else None


@rule(Stage.SIMPLIFY, Call, Mul, title="Fold what the question has", states=r"\mathbf u^{\mathsf T}\mathbf u = \|\mathbf u\|^2,\quad \tfrac 1n\mathbf u^{\mathsf T}\mathbf u = \operatorname{mean}(\mathbf u^2)",
      because=r"[{\mathbf u^{\mathsf T}\mathbf u}|A part] is written as the question has it[: {\|\mathbf u\|^2}|].", terms=sides(r"\mathbf u^{\mathsf T}\mathbf u", r"\|\mathbf u\|^2"),
      examples=("norm(x) + x.T @ x", "mean(x**2) + 1 / n * x.T @ x", "var(x) + 1 / n * (x - mean(x)).T @ (x - mean(x))", "norm(A) + sum(A**2)"))  # fmt: skip
def fold_squares_as_asked(e: Call | Mul, ctx: Context) -> Expr | None:
    match e:
        case Call(op, (Power(u, Number(value)),)) if op is sum_ and value == 2:
            length = Call(norm, (u,))
        case Call() if (root := square_root(e)) is not None:
            length = Call(norm, (root,))
        case Mul(factors):
            return _mean_of_squares(factors, ctx)
        case _:
            return None
    return Power(length, number(2)) if any(c == length for c in ctx.asked(Call)) else None


def _mean_of_squares(factors: tuple[Expr, ...], ctx: Context) -> Expr | None:
    for f in factors:
        u = square_root(f) if isinstance(f, Call) else None
        over = Power(size(u.shape.axes[0]), number(-1)) if u is not None else None
        if u is None or over not in factors:
            continue
        squares = Call(mean, (Power(u, number(2)),))
        for c in ctx.asked(Call):
            spread = isinstance(c, Call) and c.op in (var, std) and u == centred(c.args[0])
            if spread or c == squares:
                asked = Call(var, c.children) if spread else squares
                return product(*exchanged(without(factors, over), f, asked))
    return None


@rule(Stage.SIMPLIFY, Power, title="Fold what the question has", states=r"\operatorname{var}(\mathbf u)^{1/2} = \operatorname{std}(\mathbf u)",
      because=r"The root of the variance is the standard deviation[: {\operatorname{var}(\mathbf u)^{1/2}} is {\operatorname{std}(\mathbf u)}|].",
      terms=sides(r"\operatorname{var}(\mathbf u)^{1/2}", r"\operatorname{std}(\mathbf u)"),
      examples=("std(x) + sqrt(var(x))", "std(x) / sqrt(var(x))"))  # fmt: skip
def fold_deviation_as_asked(e: Power, ctx: Context) -> Expr | None:
    match e:
        case Power(Call(op, args), Number(value)) if op is var and value.denominator == 2:
            length = Call(std, args)
            return to_power(length, 2 * value) if length in ctx.asked(Call) else None
        case _:
            return None


@rule(Stage.SIMPLIFY, Call, title="Recognise a trace", states=r"\textstyle\sum_i\sum_j A_{ij}B_{ij} = \operatorname{tr}(A^{\mathsf T}B)",
      because=r"[{\textstyle\sum_i\sum_j A_{ij}B_{ij}}|The double sum] multiplies two matrices entry by entry and adds up: that is a trace[, {\operatorname{tr}(A^{\mathsf T}B)}|].", terms=sides(r"\textstyle\sum_i\sum_j A_{ij}B_{ij}", r"\operatorname{tr}(A^{\mathsf T}B)"),
      examples=("trace(M.T @ N) + sum(M * N)", "trace(Q @ M @ N) * sum((Q @ M) * N.T)", "log(trace(A @ A.T)) + sum(A**2)",
                "sum(M * N.T)", "a * sum(A.T * tanh(A.T @ v @ v.T))"))  # fmt: skip
def sum_as_trace(e: Call, ctx: Context) -> Expr | None:
    match e:
        case Call(op, (Mul((a, b)),)) if op is sum_ and a.shape.rank == b.shape.rank == 2:
            pass
        case Call(op, (Power(a, Number(value)) as b,)) if op is sum_ and value == 2 and b.shape.rank == 2:
            b = a
        case _:
            return None
    wanted = {canonical(a), canonical(b)}
    asked = next((t for t in ctx.asked(Call) if wanted in _hadamard_factors(t)), None)
    if asked is None and any(isinstance(f, Call) and f.op is transpose for f in (a, b)):
        left, right = (a, b) if isinstance(b, Call) and b.op is transpose else (b, a)
        return Call(trace, (chain(left, transposed(right)),))
    return asked


def _hadamard_factors(t: Expr) -> list[set[Expr]]:
    """The pairs of matrices A and B for which a trace is written as tr(AᵀB)."""
    if not isinstance(t, Call) or t.op is not trace:
        return []
    whole = t.args[0]
    args = whole.args if isinstance(whole, Call) and whole.op is matmul else ()
    pairs = ((args[:k], args[k:]) for k in range(1, len(args)))
    return [
        {canonical(chain(*plain)), canonical(_turned(other))}
        for left, right in pairs
        for plain, other in ((left, right), (right, left))
    ]


def _turned(args: tuple[Expr, ...]) -> Expr:
    """The transpose of a matrix product."""
    return chain(*(a if is_symmetric(a) else transposed(a) for a in reversed(args)))


@rule(Stage.SIMPLIFY, Mul, title="Fold what the question has", states=r"\mathbf 1(\mathbf u > 0) \otimes \mathbf u = \max(0, \mathbf u)",
      because=r"[{\mathbf 1(\mathbf u > 0) \otimes \mathbf u}|The product with the indicator] keeps what is positive: that is the ramp of the question[, {\max(0, \mathbf u)}|].", terms=sides(r"\mathbf 1(\mathbf u > 0) \otimes \mathbf u", r"\max(0, \mathbf u)"),
      examples=("relu(x) + (x > 0) * x", "max(0, y) * y + 2 * (y > 0) * y**3"))  # fmt: skip
def fold_ramp_as_asked(e: Mul, ctx: Context) -> Expr | None:
    if not e.shape.axes:  # a number is given by cases
        return None
    for k, f in enumerate(e.factors):
        if not isinstance(f, Call) or f.op is not greater or f.args[1] != ZERO:
            continue
        ramps = (Call(relu, f.args[:1]), Call(maximum, f.args[::-1]), Call(maximum, f.args))
        ramp = next((c for c in ctx.asked(Call) if c in ramps), None)
        for m, g in enumerate(e.factors):
            base, exponent = split_base(g)
            if ramp is not None and base == f.args[0] and exponent >= 1:
                return product(*(to_power(ramp, exponent) if n == m else h for n, h in enumerate(e.factors) if n != k))
    return None


@rule(Stage.SIMPLIFY, Call, order=1, role="silent", states=r"\operatorname{sum}(A^{\mathsf T} \otimes B^{\mathsf T}) = \operatorname{sum}(A \otimes B)",
      because="All entries are added up, in whatever order.", examples=("sum(M.T)", "sum(a * (M.T - N.T)**2 * exp(N.T))"))  # fmt: skip
def sum_of_transposed(e: Call, _: Context) -> Expr | None:
    if e.op is not sum_ or e.args[0].shape.rank != 2 or not any(c.op is transpose for c in _matrices(e.args[0])):
        return None
    new = _all_turned(e.args[0])
    return Call(sum_, (new,)) if new is not None else None


def _matrices(e: Expr) -> Iterator[Call]:
    """The operations on matrices of which an element-wise expression is made."""
    if isinstance(e, Add | Mul | Power) or is_elementwise(e):
        for part in children(e):
            yield from _matrices(part)
    elif isinstance(e, Call):
        yield e


def _all_turned(e: Expr) -> Expr | None:
    """The transpose of an element-wise expression in which every matrix is written as a transpose."""
    if e.shape.rank != 2:
        return None if e.shape.axes else e
    if isinstance(e, Call) and e.op is transpose:
        return e.args[0]
    if not isinstance(e, Add | Mul | Power) and not is_elementwise(e):
        return None
    parts = [_all_turned(part) for part in children(e)]
    return None if None in parts else with_children(e, tuple(p for p in parts if p is not None))


@rule(Stage.SIMPLIFY, Call, role="offered", order=1, title="Sum term by term", states=r"\operatorname{mean}(\mathbf u + \mathbf v) = \operatorname{mean}(\mathbf u) + \operatorname{mean}(\mathbf v)",
      because=r"[{\operatorname{mean}(\mathbf u + \mathbf v)}|The mean] is taken term by term.", terms=sides(r"\operatorname{mean}(\mathbf u + \mathbf v)", r"\operatorname{mean}(\mathbf u) + \operatorname{mean}(\mathbf v)"),
      examples=("mean(x - 2 * y)", "sum(x + (y - mean(y)))"))  # fmt: skip
def sum_of_terms(e: Call, _: Context) -> Expr | None:
    if e.op not in (sum_, mean) or not isinstance(e.args[0], Add) or not all(t.shape.axes for t in e.args[0].terms):
        return None
    return plus(*(Call(e.op, (t,)) for t in e.args[0].terms))


@rule(Stage.SIMPLIFY, Add, order=1, role="silent", title="Expand the scalar", states=r"\mathbf x + z\,\mathbf 1 = \mathbf x + z",
      because=r"Beside a vector a scalar stands for the vector with it in every entry[, so {\mathbf x + z\,\mathbf 1} is {\mathbf x + z}|].", terms=sides(r"\mathbf x + z\,\mathbf 1", r"\mathbf x + z"),
      reference="scalar expansion", examples=("sum(x - mean(x)) * (y - mean(y) * ones(n))", "norm(x - a) + (x.T - c * ones(n).T) @ y"))  # fmt: skip
def spread_as_asked(e: Add, ctx: Context) -> Expr | None:
    if e.shape.rank != 1:
        return None
    new = [product(*(f for f in factors_of(t) if not is_ones(f))) if t.kinds & Call.bit else t for t in e.terms]
    if all(t.shape.axes for t in new) or not any(t.shape.axes for t in new) or new == list(e.terms):
        return None
    asked = any(len({t.shape.rank for t in q.terms}) > 1 for q in ctx.asked(Add) if isinstance(q, Add))
    return plus(*new) if asked else None
