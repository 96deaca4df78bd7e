"""Entries along stacked axes as vec and Kronecker products: the Jacobian of vec(Y) by vec(X) read off its entries."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from derivgen.catalog.build import chain, factors_of, product
from derivgen.catalog.linear import diag, kron, matmul, transpose
from derivgen.catalog.opaque import commutation, eye, ones
from derivgen.expr import Binder, Build, Call, Delta, Expr, Index, Pair, rename
from derivgen.rules.engine import Context
from derivgen.rules.pair_axes import STACKED, Axes, axes_of, inside
from derivgen.rules.rule import Phase, Stage, rule, sides


def _array(down: Binder | None, across: Binder | None, factors: Iterable[Expr]) -> Expr:
    """The array over these axes with the product of the factors for its entries; a scalar where it has none."""
    body = product(*factors)
    binders = tuple(b for b in (down, across) if b is not None)
    return Build(binders, body, down is None) if binders else body


def _groups(factors: tuple[Expr, ...], bound: frozenset[Index]) -> list[tuple[frozenset[Index], list[Expr]]]:
    """Factors that hang together by the indices they share, with these indices."""
    groups: list[tuple[frozenset[Index], list[Expr]]] = []
    for f in factors:
        meant, members = f.free & bound, [f]
        for group in [g for g in groups if g[0] & meant]:
            groups.remove(group)
            meant, members = meant | group[0], [*group[1], *members]
        groups.append((meant, members))
    return groups


def _parted(
    e: Build, first: Iterable[Binder | None], second: Iterable[Binder | None]
) -> tuple[list[Expr], list[Expr], list[Expr]] | None:
    """The factors without any bound index, those of the first axes, those of the second; None where some need both."""
    one, other = (frozenset().union(*map(inside, binders)) for binders in (first, second))
    scalars: list[Expr] = []
    left: list[Expr] = []
    right: list[Expr] = []
    for meant, members in _groups(factors_of(e.body), one | other):
        if not meant:
            scalars += members
        elif meant <= one:
            left += members
        elif meant <= other:
            right += members
        else:
            return None
    return scalars, left, right


@rule(Stage.RECOMBINE, Build, title="Recognise a Kronecker product",
      states=r"[M_{jl}N_{ik}]_{(ji)(lk)} = M \otimes N",
      because="Entry $((j, i), (l, k))$ of a Kronecker product is entry $(j, l)$ of its first factor times entry $(i, k)$ of its second.",
      reference=STACKED,
      examples=("[[A[i, k] * B[l, j] for (l, k) in range(n, n)] for (j, i) in range(p, m)]",
                "[u[i] * w[j] for (j, i) in range(n, m)]",
                "[[a * w[l] * (i == k) for (l, k) in range(n, m)] for i in range(m)]",
                "[[(i == k) * w[j] for k in range(m)] for (j, i) in range(n, m)]",
                "[[w[j] for k in range(m)] for (j, i) in range(n, m)]"))  # fmt: skip
def kronecker_product(e: Build, _: Context) -> Expr | None:
    axes = axes_of(e)
    if axes is None:
        return None
    down, across = axes
    for (r, c), (s, d) in _ways(down, across):
        found = _parted(e, (r, c), (s, d))
        if found is not None:
            scalars, left, right = found
            return product(*scalars, Call(kron, (_array(r, c, left), _array(s, d, right))))
    return None


def _ways(down: Binder | None, across: Binder | None) -> list[tuple[Axes, Axes]]:
    """How two axes divide among the factors of a Kronecker product: the outer parts to the first, the inner to the second."""
    match down, across:
        case Pair(j, i), Pair(l, k):
            return [((j, l), (i, k)), ((j, None), (i, across)), ((j, across), (i, None))]
        case Pair(j, i), None:
            return [((j, None), (i, None))]
        case None, Pair(l, k):
            return [((None, l), (None, k))]
        case Pair(j, i), k:
            return [((j, None), (i, k)), ((j, k), (i, None))]
        case i, Pair(l, k):
            return [((None, l), (i, k)), ((i, l), (None, k))]
        case _:
            return []


@rule(Stage.RECOMBINE, Build, title="Recognise an outer product of stacked matrices",
      states=r"[U_{ij}V_{kl}]_{(ji)(lk)} = \operatorname{vec}(U)\operatorname{vec}(V)^{\mathsf T}",
      because=r"[In {[U_{ij}V_{kl}]_{(ji)(lk)}} one|One] factor has the indices of the rows, the other those of the columns.", terms=sides(r"[U_{ij}V_{kl}]_{(ji)(lk)}", r"\operatorname{vec}(U)\operatorname{vec}(V)^{\mathsf T}"), reference=STACKED,
      examples=("[[A[i, j] * B[k, l] for (l, k) in range(p, n)] for (j, i) in range(n, m)]",
                "[[u[i] * A[k, l] for (l, k) in range(n, m)] for i in range(m)]"))  # fmt: skip
def stacked_outer_product(e: Build, _: Context) -> Expr | None:
    axes = axes_of(e)
    if axes is None or None in axes:
        return None
    down, across = axes
    found = _parted(e, (down,), (across,))
    if found is None:
        return None
    scalars, left, right = found
    return product(*scalars, chain(_array(down, None, left), _array(None, across, right)))


@rule(Stage.RECOMBINE, Build, title="Commute the columns",
      states=r"[M_{jk}N_{il}]_{(ji)(lk)} = (M \otimes N)K_{mn}",
      because="The columns are those of a Kronecker product in the order of the transposed matrix; the commutation matrix, for "
              r"which $K_{mn}\operatorname{vec}(A) = \operatorname{vec}(A^{\mathsf T})$, puts them in place.", general=True,
      reference=STACKED,
      examples=("[[A[i, l] * B[k, j] for (l, k) in range(n, n)] for (j, i) in range(p, m)]",))  # fmt: skip
def commute_columns(e: Build, _: Context) -> Expr | None:
    match axes_of(e):
        case Pair(j, i), Pair(l, k):
            found = _parted(e, (j, k), (i, l))
        case _:
            return None
    if found is None:
        return None
    scalars, left, right = found
    swap = Call(commutation, (), (k.dim, l.dim))
    return product(*scalars, chain(Call(kron, (_array(j, k, left), _array(i, l, right))), swap))


@rule(Stage.RECOMBINE, Build, title="Interleave the rows",
      states=r"[u_{(qj)}N_{(li)}]_{((ql)(ji))} = (I \otimes K \otimes I)(\mathbf u \otimes \mathbf n)",
      because="The rows are those of a Kronecker product but for the two indices in the middle; a commutation matrix between "
              "identities puts them in place.", general=True,
      reference=STACKED,
      examples=("[[M[j, q] * (i == r) * (l == s) for (s, r) in range(p, m)] for ((q, l), (j, i)) in range((n, p), (n, m))]",))  # fmt: skip
def interleave_rows(e: Build, ctx: Context) -> Expr | None:
    match axes_of(e):
        case Pair(Pair(q, l), Pair(j, i)), across if across is not None:
            moved = Build((Pair(Pair(q, j), Pair(l, i)), across), e.body)
        case _:
            return None
    if kronecker_product.rewrite(moved, ctx) is None:
        return None
    swap = Call(kron, (Call(commutation, (), (l.dim, j.dim)), Call(eye, (), (i.dim,))))
    return chain(Call(kron, (Call(eye, (), (q.dim,)), swap)), moved)


@rule(Stage.RECOMBINE, Build, title="Scale the stacked rows",
      states=r"[U_{ij}\,J_{(ji)(lk)}]_{(ji)(lk)} = \operatorname{diag}(\operatorname{vec} U)\,J",
      because=r"[In {[U_{ij}\,J_{(ji)(lk)}]_{(ji)(lk)}} a|A] factor with the indices of the rows alone multiplies each row, as a diagonal matrix on the left does.", terms=sides(r"[U_{ij}\,J_{(ji)(lk)}]_{(ji)(lk)}", r"\operatorname{diag}(\operatorname{vec} U)\,J"),
      reference=STACKED,
      examples=("[[A[i, j] * (i == k) * (j == l) for (l, k) in range(n, m)] for (j, i) in range(n, m)]",
                "[[A[i, j] * (i == k) for k in range(m)] for (j, i) in range(n, m)]",
                "[[A[k, j] * (i == k) for k in range(m)] for (j, i) in range(n, m)]",
                "[[exp(M[j, q] * M[i, l]) * (i == k) for k in range(n)] for ((q, l), (j, i)) in range((n, n), (n, n))]"))  # fmt: skip
def scale_stacked_rows(e: Build, _: Context) -> Expr | None:
    found = _scaled(e, 0)
    return None if found is None else chain(*found)


@rule(Stage.RECOMBINE, Build, title="Scale the stacked columns",
      states=r"[J_{(ji)(lk)}\,V_{kl}]_{(ji)(lk)} = J\operatorname{diag}(\operatorname{vec} V)",
      because=r"[In {[J_{(ji)(lk)}\,V_{kl}]_{(ji)(lk)}} a|A] factor with the indices of the columns alone multiplies each column, as a diagonal matrix on the right does.", terms=sides(r"[J_{(ji)(lk)}\,V_{kl}]_{(ji)(lk)}", r"J\operatorname{diag}(\operatorname{vec} V)"),
      reference=STACKED,
      examples=("[[A[k, l] * (i == k) for (l, k) in range(n, m)] for i in range(m)]",))  # fmt: skip
def scale_stacked_columns(e: Build, _: Context) -> Expr | None:
    found = _scaled(e, 1)
    return None if found is None else chain(*reversed(found))


def _scaled(e: Build, own: int) -> tuple[Expr, Expr] | None:
    """What scales the rows, 0, or the columns, 1, as a diagonal matrix, and what is scaled."""
    axes = axes_of(e)
    if axes is None or None in axes or not isinstance(axes[own], Pair):
        return None
    found = _of_one_axis(e, axes[own], axes[1 - own])
    if found is None:
        return None
    chosen, rest = found
    return Call(diag, (_array(axes[own], None, chosen),)), _array(*axes, rest)


def _of_one_axis(e: Build, own: Binder | None, other: Binder | None) -> tuple[list[Expr], list[Expr]] | None:
    """The factors that have both indices of the one axis and none of the other, and the rest; None where none has.

    Where a delta makes an index of the other axis the same as one of this, a factor may be read with either.
    """
    assert isinstance(own, Pair)
    both = inside(own.outer), inside(own.inner)

    def belongs(f: Expr) -> bool:
        return all(f.free & part for part in both) and not f.free & inside(other)

    factors = factors_of(e.body)
    chosen = [f for f in factors if belongs(f)]
    if chosen:
        return chosen, [f for f in factors if f not in chosen]
    for delta in factors:
        match delta:
            case Delta(Index() as a, Index() as b):
                here, there = (a, b) if b in inside(other) else (b, a)
            case _:
                continue
        read = [rename(f, {there: here}) if f != delta else f for f in factors]
        chosen = [new for new in read if belongs(new)]
        if chosen:
            return chosen, [f for f, new in zip(factors, read, strict=True) if not belongs(new)]
    return None


@rule(Stage.SIMPLIFY, Call, phases=(Phase.OUTWARD,), role="silent", states=r"I_n \otimes I_m = I_{mn}",
      because="A Kronecker product of identities is an identity; so it is with ones.", general=True, reference=STACKED,
      examples=("kron(eye(m), eye(n))", "kron(ones(m), ones(n))", "kron(ones(m), ones(n, p))", "kron(ones(m).T, ones(n).T)"))  # fmt: skip
def kron_of_constants(e: Call, _: Context) -> Expr | None:
    if e.op is not kron:
        return None
    match e.args:
        case Call(left, (), dims), Call(right, (), others) if left is right is eye and len(dims) == len(others) == 1:
            return Call(eye, (), e.shape.axes[:1])
        case Call(left, (), _), Call(right, (), _) if left is right is ones:
            return Call(ones, (), e.shape.axes)
        case Call(a, (Call(left, (), _),)), Call(b, (Call(right, (), _),)) if (
            a is b is transpose and left is right is ones
        ):
            return Call(transpose, (Call(ones, (), e.shape.axes),))
        case _:
            return None


@rule(Stage.SIMPLIFY, Call, title="Multiply the Kronecker products", states=r"(A \otimes B)(C \otimes D) = AC \otimes BD",
      because="Block by block, the factors of two Kronecker products multiply by themselves where they fit.", reference=STACKED,
      examples=("kron(A, M) @ kron(x, B)", "kron(M, A) @ kron(M, x)", "u.T @ A @ kron(M, w.T) @ kron(x, M)",
                "kron(M, A) @ kron(A.T, B)"))  # fmt: skip
def mixed_product(e: Call, _: Context) -> Expr | None:
    if e.op is not matmul:
        return None
    for k, pair in enumerate(pairwise(e.args)):
        match pair:
            case Call(op, (a, b)), Call(other, (c, d)) if op is other is kron and _meets(a, c) and _meets(b, d):
                return chain(*e.args[:k], Call(kron, (chain(a, c), chain(b, d))), *e.args[k + 2 :])
            case _:
                continue
    return None


def _meets(left: Expr, right: Expr) -> bool:
    """Whether two arrays have a matrix product that is no scalar."""
    inner = left.shape.axes[-1] if left.shape.rank == 2 or left.shape.row else None
    outer = right.shape.axes[0] if right.shape.rank == 2 or not right.shape.row else None
    return inner is not None and inner == outer and left.shape.rank + right.shape.rank > 2


@rule(Stage.SIMPLIFY, Call, title="Exchange the factors", states=r"K_{mn}(A \otimes \mathbf b) = \mathbf b \otimes A",
      because="The commutation matrix exchanges the factors of a Kronecker product with a vector.", reference=STACKED,
      examples=("commutation(m, n) @ kron(M, u)", "commutation(n, m) @ kron(u, M)", "commutation(m, n) @ kron(x, u)"))  # fmt: skip
def exchange_factors(e: Call, _: Context) -> Expr | None:
    if e.op is not matmul:
        return None
    for k, pair in enumerate(pairwise(e.args)):
        match pair:
            case Call(swap, (), dims), Call(op, (a, b)) if (
                swap is commutation and op is kron and not (a.shape.row or b.shape.row)
            ):
                m, n = dims * 2 if len(dims) == 1 else dims
                if (b.shape.axes[0], a.shape.axes[0]) == (m, n) and 1 in (a.shape.rank, b.shape.rank):
                    return chain(*e.args[:k], Call(kron, (b, a)), *e.args[k + 2 :])
            case _:
                continue
    return None
