"""Stacked axes: two indices that are read as one along the longer axis, and sums over the parts of such an axis."""

from __future__ import annotations

from derivgen.catalog.build import chain, column, factors_of, plus, product, transposed
from derivgen.catalog.linear import kron, vec
from derivgen.catalog.opaque import eye, ones
from derivgen.expr import (
    Add,
    At,
    Binder,
    Build,
    Call,
    Delta,
    Expr,
    Index,
    Mul,
    Pair,
    Place,
    Sum,
    indices_in,
    map_children,
    rename,
)
from derivgen.rules.engine import Context
from derivgen.rules.monomials import as_entry, live
from derivgen.rules.rule import Stage, rule, sides

STACKED = "answers with three or more axes"

Axes = tuple[Binder | None, Binder | None]
"""What a matrix has down and across; None where it has one row, or one column."""


def axes_of(e: Build) -> Axes | None:
    """The axes of a matrix or a vector one of whose axes is a pair; None for anything else."""
    if len(e.indices) > 2 or not any(isinstance(b, Pair) for b in e.indices):
        return None
    if len(e.indices) == 2:
        return e.indices[0], e.indices[1]
    return (None, e.indices[0]) if e.row else (e.indices[0], None)


def inside(binder: Binder | None) -> frozenset[Index]:
    """The indices that a binder brings; of none, none."""
    return frozenset(indices_in((binder,))) if binder is not None else frozenset()


@rule(Stage.RECOMBINE, Build, role="silent", states=r"[u_{ij} + v_{ij}]_{(ji)} = [u_{ij}]_{(ji)} + [v_{ij}]_{(ji)}",
      because="An array of sums is the sum of the arrays.", general=True, reference=STACKED,
      examples=("[[A[i, k] * (j == l) + u[i] * w[j] for (l, k) in range(n, n)] for (j, i) in range(n, m)]",))  # fmt: skip
def stack_term_by_term(e: Build, _: Context) -> Expr | None:
    axes = axes_of(e)
    if (
        axes is None
        or not isinstance(e.body, Add)
        or (None in axes and all(inside(axes[0] or axes[1]) <= t.free for t in e.body.terms))
    ):
        return None
    return plus(*(Build(e.indices, t, e.row) for t in e.body.terms))


@rule(Stage.RECOMBINE, Build, role="silent", states=r"[A_{i(lk)}]_{i(lk)} = A",
      because="Two indices that stand together everywhere are one index along the longer axis.", general=True, reference=STACKED,
      examples=("[[t[j, i] * u[k] for (j, i) in range(n, m)] for k in range(m)]", ))  # fmt: skip
def join_pair(e: Build, ctx: Context) -> Expr | None:
    for k, binder in enumerate(e.indices):
        if not isinstance(binder, Pair) or not inside(binder) & e.body.free:
            continue
        index = ctx.local().fresh(binder.dim)
        body = _joined(e.body, binder, index)
        if not inside(binder) & body.free:
            return Build((*e.indices[:k], index, *e.indices[k + 1 :]), body, e.row)
    return None


def _joined(e: Expr, pair: Pair, index: Index) -> Expr:
    """``e`` with an index for every occurrence of the pair."""

    def place(p: Place) -> Place:
        if p == pair:
            return index
        if isinstance(p, Pair):
            outer, inner = place(p.outer), place(p.inner)
            assert not isinstance(outer, int)
            assert not isinstance(inner, int)
            return Pair(outer, inner)
        return p

    match e:
        case At(array, places):
            return At(_joined(array, pair, index), tuple(map(place, places)))
        case Delta(left, right):
            return Delta(place(left), place(right))
        case _:
            return map_children(lambda child: _joined(child, pair, index), e)


@rule(Stage.RECOMBINE, Build, title="Read the entries along the stacked axis",
      states=r"[A_{ij} + v_{(ji)}]_{(ji)} = [\operatorname{vec}(A)_r + v_r]_r",
      because="Beside entries of a stacked array, those of a matrix are read as entries of its stacked columns.", reference=STACKED,
      examples=("[A[i, j] + t[j, i] for (j, i) in range(n, m)]", "[exp(u[i] * A[i, j]) * t[j, i] for (j, i) in range(n, m)].T"))  # fmt: skip
def entries_along_stack(e: Build, ctx: Context) -> Expr | None:
    match e.indices:
        case (Pair() as pair,):
            pass
        case _:
            return None
    index = ctx.local().fresh(pair.dim)
    body = _joined(e.body, pair, index)
    if body == e.body:
        return None
    body = _along(body, pair, index)
    return None if body.free & inside(pair) else Build((index,), body, e.row)


def _along(e: Expr, pair: Pair, index: Index) -> Expr:
    """``e`` with the entries at parts of the pair read at the index."""
    if not e.free & inside(pair):
        return e
    if isinstance(e, At | Delta):
        return At(Build((pair,), e), (index,))
    return map_children(lambda child: _along(child, pair, index), e)


@rule(Stage.RECOMBINE, Build, title="Stack the columns", states=r"[A_{ij}]_{(ji)} = \operatorname{vec}(A)",
      because=r"Column by column, the entries[ {[A_{ij}]_{(ji)}}|] of a matrix make one vector.", terms=sides(r"[A_{ij}]_{(ji)}", r"\operatorname{vec}(A)"), reference=STACKED,
      examples=("[A[i, j] for (j, i) in range(n, m)]", "[exp(A[i, j]) + u[i] for (j, i) in range(n, m)].T"))  # fmt: skip
def stack_columns(e: Build, _: Context) -> Expr | None:
    match e.indices:
        case (Pair(j, i),):
            stacked = Call(vec, (Build((i, j), e.body),))
            return transposed(stacked) if e.row else stacked
        case _:
            return None


@rule(Stage.RECOMBINE, Sum, title="Multiply by a stacked matrix",
      states=r"\textstyle\sum_j v_j M_{k(ji)} = (M(\mathbf v \otimes I))_{ki}",
      because="A sum over one part of a stacked axis multiplies by a Kronecker product with the identity, which keeps the "
              "other part.", general=True,
      reference=STACKED,
      examples=("[sum(w[j] * t[j, i] for j in range(n)) for i in range(m)]", "[sum(u[i] * t[j, i] for i in range(m)) for j in range(n)]",
                "[sum(a * w[j] * t[j, i] for j in range(n)) for i in range(m)]",
                "[[sum(u[i] * kron(B, A)[(j, i), (k, l)] for i in range(m)) for j in range(n)] for (k, l) in range(p, n)]",
                "[[sum(w[j] * commutation(m, n)[l, (j, i)] for j in range(n)) for i in range(m)] for l in range(m*n)]"))  # fmt: skip
def contract_stacked(e: Sum, ctx: Context) -> Expr | None:
    if e.index in ctx.sample_indices or e.body.shape.axes:
        return None
    outside: list[Expr] = []
    vectors: list[Expr] = []
    stacked: list[At] = []
    for f in factors_of(e.body):
        found = as_entry(f, ctx)
        if e.index not in f.free:
            outside.append(f)
        elif found is not None and found[1] == (e.index,):
            vectors.append(column(found[0]))
        elif isinstance(f, At) and not f.array.free and any(_half(p, e.index) for p in f.places):
            stacked.append(f)
        else:
            return None
    if len(stacked) != 1 or sum(e.index in indices_in((p,)) for p in stacked[0].places) != 1:
        return None
    array, places = stacked[0].array, stacked[0].places
    k = next(k for k, p in enumerate(places) if _half(p, e.index))
    pair = places[k]
    assert isinstance(pair, Pair)
    vector = product(*vectors) if vectors else Call(ones, (), (e.index.dim,))
    other = pair.inner if pair.outer == e.index else pair.outer
    identity = Call(eye, (), (other.dim,))
    keeps = Call(kron, (vector, identity) if pair.outer == e.index else (identity, vector))
    if len(places) == 1:
        return product(*outside, At(chain(transposed(keeps), column(array)), (other,)))
    multiplied = chain(array, keeps) if k else chain(transposed(keeps), array)
    return product(*outside, At(multiplied, (places[0], other) if k else (other, places[1])))


def _flat(e: Sum) -> tuple[Sum, list[Expr]] | None:
    """The sum inside a sum, and the factors that stand under both."""
    factors = factors_of(e.body)
    inner = [f for f in factors if isinstance(f, Sum)]
    outside = [f for f in factors if not isinstance(f, Sum)]
    if len(inner) != 1 or e.body.shape.axes or any(inner[0].index in f.free for f in outside):
        return None
    return inner[0], [*outside, *factors_of(inner[0].body)]


@rule(Stage.RECOMBINE, Sum, title="Sum along the stacked axis",
      states=r"\textstyle\sum_l\sum_k M_{i(lk)}X_{kl} = \sum_r M_{ir}\operatorname{vec}(X)_r",
      because="Two sums over the parts of a pair are one sum along the stacked axis.", general=True, reference=STACKED,
      examples=("sum(t[j, i] * A[i, j] for j in range(n) for i in range(m))",
        "sum((t[j, i] + A[i, j]) * t[j, i] for j in range(n) for i in range(m))",
                "[sum(u[i] * sum(t[j, i] * B[j, l] for j in range(n)) for i in range(m)) for l in range(p)]",
                "[[sum(sum(t[j, i] * t[j, i] * A[i, j] for i in range(m)) for j in range(n)) * B[i, l] for l in range(p)] for i in range(n)]",
                "[sum(kron(M, A)[(j, i), (k, l)] * t[j, i] for i in range(m) for j in range(n)) for (k, l) in range(n, n)]"))  # fmt: skip
def sum_over_pair(e: Sum, ctx: Context) -> Expr | None:
    flat = _flat(e)
    if flat is None or {e.index, flat[0].index} & ctx.sample_indices:
        return None
    summed, factors = {e.index, flat[0].index}, flat[1]
    places = (p for f in factors if isinstance(f, At) for p in f.places)
    pair = next((p for p in places if isinstance(p, Pair) and {p.outer, p.inner} == summed), None)
    if pair is None:
        return None
    index = ctx.fresh(pair.dim)
    joined = [_joined(f, pair, index) for f in factors]
    loose = [f for f in joined if f.free & summed and index not in f.free]
    rest = [_along(f, pair, index) for f in joined if f not in loose]
    if not loose:
        return Sum(index, product(*rest))
    others = sorted(live(product(*loose), ctx) - summed, key=str)
    if len(others) > 1:
        return None
    columns = tuple(ctx.fresh(o.dim) for o in others)
    body = rename(product(*loose), dict(zip(others, columns, strict=True)))
    return Sum(index, product(*rest, At(Build((pair, *columns), body), (index, *others))))


def _half(place: Place, index: Index) -> bool:
    """Whether a place is a pair of which the index is one part."""
    return isinstance(place, Pair) and index in (place.outer, place.inner)


@rule(Stage.RECOMBINE, Build, title="Multiply out", states=r"[c\,(u_{ij}v_{kl} + w_{jl})]_{(ji)(lk)} = [c\,u_{ij}v_{kl} + c\,w_{jl}]_{(ji)(lk)}",
      because=r"[{[c\,(u_{ij}v_{kl} + w_{jl})]_{(ji)(lk)}}|A product] is multiplied out: its terms belong to different indices, so each is put together by itself.", terms=sides(r"[c\,(u_{ij}v_{kl} + w_{jl})]_{(ji)(lk)}", r"[c\,u_{ij}v_{kl} + c\,w_{jl}]_{(ji)(lk)}"), reference=STACKED,
      examples=("[[a * (A[i, j] * B[k, l] + (j == k)) for (l, k) in range(p, n)] for (j, i) in range(n, m)]",))  # fmt: skip
def multiply_out_stacked(e: Build, _: Context) -> Expr | None:
    if axes_of(e) is None or not isinstance(e.body, Mul):
        return None
    factors = e.body.factors
    for k, f in enumerate(factors):
        if isinstance(f, Add) and f.free & set(e.bound):
            terms = plus(*(product(*factors[:k], t, *factors[k + 1 :]) for t in f.terms))
            return Build(e.indices, terms, e.row)
    return None
