"""From arrays to entries: definitions are written out, then an entry is pushed inward until only letters have indices."""

from __future__ import annotations

from collections.abc import Callable

from derivgen.catalog.base import Abstract, Constant, Formula, Linear, Signature
from derivgen.catalog.build import (
    chain,
    factors_of,
    is_elementwise,
    plus,
    product,
    split_base,
    split_coefficient,
    to_power,
    transposed,
    without,
)
from derivgen.catalog.elementwise import exp, log
from derivgen.catalog.formulas import norm, softmax, squared_norm
from derivgen.catalog.linear import kron, matmul, sum_, transpose, vec
from derivgen.catalog.opaque import ones, stack
from derivgen.expr import (
    MINUS_ONE,
    ONE,
    Add,
    At,
    Binder,
    Build,
    Call,
    Cases,
    Delta,
    Expr,
    Index,
    Mul,
    Number,
    Pair,
    Place,
    Power,
    Size,
    Sum,
    Symbol,
    bind,
    children,
    indices_in,
    rename,
    replace_parts,
    walk,
    with_children,
)
from derivgen.rules import told_of_entries as told
from derivgen.rules.axis_parts import fresh_place, parts_of_label
from derivgen.rules.cases import asks_for_extreme
from derivgen.rules.engine import Context
from derivgen.rules.rule import Phase, Stage, rule, sides

NAMES = "element-wise operators"


def entry_of(e: Expr, places: tuple[Place, ...]) -> Expr:
    """The entry of ``e`` at ``places``, a scalar standing for itself."""
    return At(e, places) if e.shape.axes else e


@rule(Stage.EXPAND, Add, Mul, Call, phases=(Phase.WIDEN,), title="Expand the scalar", states=r"\mathbf x + z = \mathbf x + \mathbf 1 z",
      because=r"Beside {\mathbf x} the scalar {z} stands for {\mathbf 1 z}, the vector with {z} in every entry.", terms=told.expanded,
      reference="scalar expansion", examples=("x + z", "x * z", "z - x", "max(x, z)", "x * sum(y) + x.T @ y"))  # fmt: skip
def expand_scalar(e: Add | Mul | Call, _: Context) -> Expr | None:
    parts = children(e)
    vectors = [p for p in parts if p.shape.rank == 1]
    scalars = [p for p in parts if not p.shape.axes]
    if len(parts) != 2 or len(vectors) != 1 or len(scalars) != 1:
        return None
    compound = isinstance(e, Add) and not isinstance(split_coefficient(scalars[0])[1], Symbol | Number)
    letters = isinstance(scalars[0], Symbol) and isinstance(split_coefficient(vectors[0])[1], Symbol)
    if not (compound or letters) or (isinstance(e, Call) and not is_elementwise(e)):
        return None
    column = Call(ones, (), vectors[0].shape.axes)
    one = Call(transpose, (column,)) if vectors[0].shape.row else column
    new = tuple(Mul((one, p)) if p is scalars[0] else p for p in parts)
    return with_children(e, new)


@rule(Stage.EXPAND, Call, Power, title="Write out the definition", states=r"\operatorname{softmax}(\mathbf x) = \exp(\mathbf x)/\textstyle\sum_k \exp(x_k)",
      because=told.BY_DEFINITION, terms=told.of_definition, examples=("softmax(x)", "norm(x)", "norm(x)**2", "1 / norm(x)**4", "mean(x)"))  # fmt: skip
def write_definition(e: Call | Power, ctx: Context) -> Expr | None:
    match e:
        case Power(Call(op, (x,)) as call, Number(value)) if op is norm and value % 2 == 0:  # its root is never written
            return None if call in ctx.held or ctx.constant(call) else to_power(squared_norm(x), value / 2)
        case Call(Formula() as op, args) if e not in ctx.held and not ctx.constant(e):
            return op.definition(*args)
        case _:
            return None


@rule(Stage.EXPAND, Mul, Call, phases=(Phase.SETTLE,), title="Write the logarithm of the softmax as a difference",
      states=r"\log(\operatorname{softmax}(\mathbf x))_i = x_i - \log\textstyle\sum_j \exp(x_j)",
      because=r"{\operatorname{softmax}(\mathbf x)} divides each exponential by their sum, and the logarithm of a quotient is a difference: an entry of {\mathbf x}, less {\log\textstyle\sum_j \exp(x_j)}.",
      terms=lambda e, new: told.log_of_softmax(e, new),
      examples=("log(softmax(x))", "-u.T @ log(softmax(A @ x))", "a * y.T @ log(softmax(x)) / c", "log(softmax(x)[0])", "sum(y * log(softmax(x)))"))  # fmt: skip
def log_of_softmax(e: Mul | Call, ctx: Context) -> Expr | None:
    weighted = [f for f in factors_of(e) if _weighted(f, ctx) is not None]
    beside = without(factors_of(e), *weighted)
    if len(weighted) == 1 and not any(f.shape.axes for f in beside):
        found = _weighted(weighted[0], ctx)
        assert found is not None
        number, rest = split_coefficient(product(*beside))
        scalars = () if rest == ONE else (rest,)
        parts = [(number, found[0]), (-number, found[1])]
        parts.sort(key=lambda part: part[0] < 0)  # what is subtracted last
        return plus(*(product(*([Number(k)] if k != 1 else []), *scalars, of_entries) for k, of_entries in parts))
    match e:
        case Call(op, (Call(inner, (x,)),)) if op is log and inner is softmax and not ctx.constant(x):
            return _difference(x)
        case _:
            return None


@rule(Stage.EXPAND, Call, phases=(Phase.SETTLE,), title="Write the logarithm as a sum", states=r"\log(e^u\,v) = u + \log(v),\quad \log\frac{e^u}{v} = u - \log(v)",
      because=r"The logarithm of a product is the sum of the logarithms, and that of {e^u} is {u}[; a divisor gives a difference|].",
      terms=lambda e, _: {"e^u": _exponentials(e)[0], "u": _exponentials(e)[0].children[0]},
      examples=("log(exp(a) / sum(exp(x)))", "log(c * exp(x[0]) / (1 + a**2))"))  # fmt: skip
def log_of_exponential(e: Call, ctx: Context) -> Expr | None:
    if e.op is not log or ctx.constant(e) or len(factors_of(e.args[0])) < 2 or len(_exponentials(e)) != 1:
        return None
    (own,) = _exponentials(e)
    parts = [split_base(f) for f in without(factors_of(e.args[0]), own)]
    above, below = (product(*(to_power(b, abs(p)) for b, p in parts if (p > 0) is sign)) for sign in (True, False))
    logs = [Call(log, (above,))] if above != ONE else []
    return plus(own.children[0], *logs, *([Mul((MINUS_ONE, Call(log, (below,))))] if below != ONE else []))


def _exponentials(e: Call) -> list[Expr]:
    """The factors of what a logarithm is taken of that are exponentials of numbers."""
    return [f for f in factors_of(e.args[0]) if isinstance(f, Call) and f.op is exp and not f.shape.axes]


def _difference(x: Expr) -> Expr:
    return Add((x, Mul((MINUS_ONE, _log_sum(x), Call(ones, (), x.shape.axes)))))


def logarithms_as_differences(e: Expr) -> Expr:
    """``e`` with the logarithm of each softmax of a vector as the difference that it is."""
    found: dict[Expr, Expr] = {
        c: _difference(c.args[0].children[0])
        for c in walk(e)
        if isinstance(c, Call) and is_log_of_softmax(c) and isinstance(c.args[0], Call)
    }
    return replace_parts(e, found)


def _weighted(f: Expr, ctx: Context) -> tuple[Expr, Expr] | None:
    """Of entries of log softmax(x) with weights, or of one: the same of x, and what that leaves of the logarithm subtracted."""
    match f:
        case Call(op, (row, logarithm)) if op is matmul and row.shape.row and is_log_of_softmax(logarithm):
            y = transposed(row)
        case Call(op, (Mul(factors),)) if op is sum_ and f.args[0].shape.rank == 1:
            logarithms = [g for g in factors if is_log_of_softmax(g) and g.shape.axes]
            if len(logarithms) != 1:
                return None
            (logarithm,) = logarithms
            y = product(*without(factors, logarithm))
        case Call(op, (At(Call(_, (x,)), places),)) if is_log_of_softmax(f) and not ctx.constant(x):
            return At(x, places), _log_sum(x)
        case _:
            return None
    if y.shape.rank != 1:
        return None
    assert isinstance(logarithm, Call)
    (x,) = logarithm.args[0].children
    if ctx.constant(x):
        return None
    if isinstance(y, Symbol) and "simplex" in y.traits and ctx.constant(y):  # whose entries sum to one
        return Call(matmul, (transposed(y), x)), _log_sum(x)
    weights = chain(transposed(Call(ones, (), x.shape.axes)), y)
    return Call(matmul, (transposed(y), x)), product(
        weights, _log_sum(x)
    )  # Wx stays whole, so that it may have a letter


def is_log_of_softmax(e: Expr) -> bool:
    """Whether it is the logarithm of a softmax, or of an entry of one."""
    match e:
        case Call(op, (Call(inner) | At(Call(inner)),)):
            return op is log and inner is softmax
        case _:
            return False


def _log_sum(x: Expr) -> Expr:
    return Call(log, (Call(sum_, (Call(exp, (x,)),)),))


def _is_paired(e: At) -> bool:
    """Whether an entry is read at a pair of indices: what is stacked is taken apart, be it constant or not."""
    return any(isinstance(p, Pair) for p in e.places)


def _entrywise(e: Expr) -> bool:
    """Whether ``e`` is made of variables and numbers by element-wise operations only, so that its entries are short."""
    match e:
        case Symbol() | Number() | Size() | At(Symbol()):
            return True
        case Add() | Mul() | Power():
            return all(_entrywise(c) for c in children(e))
        case Call(Constant()):
            return True
        case Call(op) if is_elementwise(e) or (isinstance(op, Abstract) and op.pointwise):
            return all(_entrywise(c) for c in children(e))
        case _:
            return False


def _stays_whole(e: Expr) -> bool:
    """Whether a compound array is compared with its largest or smallest entry."""
    return asks_for_extreme(e) and not any(isinstance(a, Symbol) for a in children(e))


def _numbers_in_front(e: Expr) -> Expr:
    """A sum of entries with the number in each before it: (−v)ᵢ is −vᵢ."""
    return Add(tuple(map(_number_in_front, e.terms))) if isinstance(e, Add) else e


def _number_in_front(e: Expr) -> Expr:
    match e:
        case At(Mul((Number() as k, *rest)), places) if len(rest) == 1:
            return product(k, At(rest[0], places))
        case _:
            return e


@rule(Stage.UNFOLD, At, title="Write the scalar equations", states=r"(\mathbf u \bigcirc \mathbf v)_i = u_i \bigcirc v_i",
      because=r"Entry {i}[ of {\mathbf u \bigcirc \mathbf v} is {u_i \bigcirc v_i}| is made of the entries in that place].", terms=lambda e, new: {"i": told.indices(e), r"\mathbf u \bigcirc \mathbf v": e.array, r"u_i \bigcirc v_i": _numbers_in_front(new)}, reference=NAMES,
      examples=("[(x * y)[i] for i in range(n)]", "[exp(x)[i] for i in range(n)]", "[(x + z)[i] for i in range(n)]",
                "[(x**2)[i] for i in range(n)]", "[where(x > 0, x, 0)[i] for i in range(n)]"))  # fmt: skip
def entry_by_entry(e: At, ctx: Context) -> Expr | None:
    array = e.array
    # what is compared with its largest entry stays one expression on both sides, so that its numbers are the same
    if e.shape.axes or _stays_whole(array) or (ctx.constant(array) and not _entrywise(array) and not _is_paired(e)):
        return None
    if isinstance(array, Add | Mul | Power | Cases) or is_elementwise(array):
        return with_children(array, tuple(entry_of(c, e.places) for c in children(array)))
    return None


@rule(Stage.UNFOLD, At, Call, title="Write the scalar equations", states=r"(A\mathbf x)_i = \textstyle\sum_j A_{ij}x_j",
      because=r"[{(A\mathbf x)_i} is a sum of products over {j}|Each product of arrays is a sum of products over an index of its own]: neighbours share the index that is summed.", terms=told.of_product, reference="the dot product",
      examples=("[(A @ x)[i] for i in range(m)]", "w.T @ x", "[[(x @ y.T)[i, j] for j in range(n)] for i in range(n)]"))  # fmt: skip
def entry_of_product(e: At | Call, ctx: Context) -> Expr | None:
    return _entry_of_linear(e, ctx, lambda call: call.op is matmul)


@rule(Stage.UNFOLD, At, Call, title="Write the scalar equations", states=r"\operatorname{sum}(\mathbf x) = \textstyle\sum_i x_i",
      because=r"[{\operatorname{sum}(\mathbf x)} is written by its entries: it is {\textstyle\sum_i x_i}|{\operatorname{sum}(\mathbf x)} is written by its entries|What is added up is written by its entries].", terms=sides(r"\operatorname{sum}(\mathbf x)", r"\textstyle\sum_i x_i"),
      examples=("sum(x)", "trace(M)", "[[diag(x)[i, j] for j in range(n)] for i in range(n)]",
                "[diag(M)[i] for i in range(n)]"))  # fmt: skip
def entry_of_linear(e: At | Call, ctx: Context) -> Expr | None:
    return _entry_of_linear(e, ctx, lambda call: call.op not in (matmul, transpose, vec, kron))


@rule(Stage.UNFOLD, At, title="Write the scalar equations",
      states=r"\operatorname{vec}(A)_{(ji)} = A_{ij},\quad \operatorname{kron}(A, B)_{(ik)(jl)} = A_{ij}B_{kl}",
      because="A place along a stacked axis is a pair of indices, the block and the place within it.",
      reference="answers with three or more axes",
      examples=("[vec(A)[j, i] for (j, i) in range(n, m)]", "[[kron(A, M)[(i, k), (j, l)] for (j, l) in range(n, n)] for (i, k) in range(m, n)]",
                "[vec(A)[k] for k in range(m*n)]", "vec(eye(3))[4]"))  # fmt: skip
def entry_of_stacked(e: At, ctx: Context) -> Expr | None:
    return _entry_of_linear(e, ctx, lambda call: call.op in (vec, kron))


@rule(Stage.UNFOLD, At, role="silent", states=r"(A^{\mathsf T})_{ij} = A_{ji}", because="Transposing swaps the two places.",
      examples=("[[A.T[j, i] for i in range(m)] for j in range(n)]", "[x.T[i] for i in range(n)]"))  # fmt: skip
def entry_of_transpose(e: At, ctx: Context) -> Expr | None:
    return _entry_of_linear(e, ctx, lambda call: call.op is transpose)


def _entry_of_linear(e: At | Call, ctx: Context, wanted: Callable[[Call], bool]) -> Expr | None:
    """An entry of a linear operation by its signature; a scalar-valued one has no place."""
    call = e.array if isinstance(e, At) else e
    places = e.places if isinstance(e, At) else ()
    if e.shape.axes or not isinstance(call, Call) or not isinstance(call.op, Linear) or not wanted(call):
        return None
    if (
        ctx.constant(call)
        and call.op is not transpose
        and not (call.op in (vec, kron) and isinstance(e, At) and _is_paired(e))
    ):
        return None
    signature = call.op.signature(tuple([a.shape for a in call.args]))
    where: dict[str, Place] = {}
    factors: list[Expr] = []
    summed: list[Index] = []
    for labels, place in zip(signature.axes, places, strict=True):
        for label, part in zip(labels, _divided(call, signature, labels, place, ctx, factors, summed), strict=True):
            if label in where:
                factors.append(Delta(where[label], part))
            else:
                where[label] = part
    for arg, labels in zip(call.args, signature.inputs, strict=True):
        for label in labels:
            if label not in where:
                new = fresh_place(parts_of_label(call.args, signature.inputs, label), ctx)
                where[label] = new
                summed += indices_in((new,))
        factors.append(entry_of(arg, tuple(where[label] for label in labels)))
    return _nested_sums(factors, summed) if call.op is matmul else _summed(product(*factors), summed)


def _summed(body: Expr, indices: list[Index]) -> Expr:
    """The sum over all these indices, the first the outermost."""
    for index in reversed(indices):
        body = Sum(index, body)
    return body


def _nested_sums(factors: list[Expr], indices: list[Index]) -> Expr:
    """Each sum goes as far in as it can: a long chain is a nest of sums, not one sum over all indices at once."""
    body = factors[-1]
    for factor in reversed(factors[:-1]):
        shared = [i for i in indices if i in factor.free and i in body.free]
        body = _summed(product(factor, body), shared[::-1])
    return body


def _divided(call: Call, signature: Signature, labels: str, place: Place, ctx: Context,
             factors: list[Expr], summed: list[Index]) -> tuple[Place, ...]:  # fmt: skip
    """The place of each label of one axis. A place that does not divide so is found by a delta among all that do."""
    if len(labels) == 1:
        return (place,)
    binders: list[Binder] = []
    for label in labels:
        at = next(k for k, inputs in enumerate(signature.inputs) if label in inputs)
        binders.append(Index(label, call.args[at].shape.axes[signature.inputs[at].index(label)]))
    pair = Pair(*binders)
    found = bind((pair,), (place,))
    if found is not None:
        return tuple(found[index] for index in indices_in(binders))
    new = fresh_place((pair.outer.dim, pair.inner.dim), ctx)
    factors.append(Delta(new, place))
    summed += indices_in((new,))
    return indices_in((new,))


@rule(Stage.UNFOLD, At, role="silent", states=r"\mathbf 1_i = 1,\quad I_{ij} = \delta_{ij}", because=r"{I_{ij}} is {\delta_{ij}}, by the entries of the constant.", terms=sides("I_{ij}", r"\delta_{ij}"),
      examples=("[ones(n)[i] for i in range(n)]", "[[eye(n)[i, j] for j in range(n)] for i in range(n)]",
                "[zeros(n)[i] for i in range(n)]",
                "[[commutation(m, n)[(i, j), (l, k)] for (l, k) in range(n, m)] for (i, j) in range(m, n)]"))  # fmt: skip
def entry_of_constant(e: At, _: Context) -> Expr | None:
    if isinstance(e.array, Call) and isinstance(e.array.op, Constant) and not e.shape.axes:
        if e.array.op.built is None:
            return e.array.op.entry(e.places)
        if all(isinstance(p, Pair) for p in e.places):
            return At(e.array.op.built(e.array.dims * 2 if len(e.array.dims) == 1 else e.array.dims), e.places)
    return None


@rule(Stage.UNFOLD, At, role="silent", states=r"\left[b_i\right]_i\text{ at } k \text{ is } b_k", because=r"[{\left[b_i\right]_i}|An array] is read at one of its places.", terms=lambda e, _: {r"\left[b_i\right]_i": e.array},
      examples=("[[x[i]**2 for i in range(n)][j] for j in range(n)]",))  # fmt: skip
def entry_of_build(e: At, ctx: Context) -> Expr | None:
    if isinstance(e.array, Build) and not e.shape.axes:
        where = bind(e.array.indices, e.places)
        return None if where is None else rename(e.array.body, where, ctx.taken)
    return None


@rule(Stage.UNFOLD, At, role="silent", states=r"(\mathbf x_i)_j = X_{ij}", because=r"Entry {j} of row {i} is {X_{ij}}.", terms=lambda e, new: {"j": e.places[-1], "i": e.array.places[-1], "X_{ij}": new},
      examples=("[(2 * A[0])[j] for j in range(n)]",))  # fmt: skip
def entry_of_row(e: At, _: Context) -> Expr | None:
    if isinstance(e.array, At):
        return At(e.array.array, (*e.array.places, *e.places))
    return None


@rule(Stage.UNFOLD, At, role="silent", states=r"(\textstyle\sum_k \mathbf v_k)_i = \sum_k (\mathbf v_k)_i",
      because="An entry of a sum is the sum of the entries.",
      examples=("[sum(A[i] for i in range(m))[j] for j in range(n)]", "[sum(M[i] for i in range(n))[i] for i in range(n)]"))  # fmt: skip
def entry_of_sum(e: At, ctx: Context) -> Expr | None:
    if not isinstance(e.array, Sum):
        return None
    index, body = e.array.index, e.array.body
    if index in e.places:
        new = ctx.fresh(index.dim)
        index, body = new, rename(body, {index: new})
    return Sum(index, At(body, e.places))


@rule(Stage.UNFOLD, At, title="Write the scalar equations", states=r"[a, b]^{\mathsf T}_i = a\,\delta_{i1} + b\,\delta_{i2}",
      because="A stack has its first part at place 1, its second at place 2, and so on.",
      examples=("[[a, c][i] for i in range(2)]", "[a, c][0]", "[[a, 0], [0, c]][0, 1]"))  # fmt: skip
def entry_of_stack(e: At, ctx: Context) -> Expr | None:
    first, rest = e.places[0], e.places[1:]
    whole = ctx.constant(e.array) and not isinstance(first, int)
    if not (isinstance(e.array, Call) and e.array.op is stack) or e.shape.axes or whole:
        return None
    parts = [entry_of(part, rest) if rest else part for part in e.array.args]
    if isinstance(first, int):
        return parts[first]
    return plus(*(product(part, Delta(first, k)) for k, part in enumerate(parts)))
