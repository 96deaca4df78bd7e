"""How entries are read when they are put together again: which array an entry belongs to, and what a sum multiplies."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from derivgen.catalog.build import chain, column, factors_of, product, transposed
from derivgen.catalog.linear import diag, matmul
from derivgen.catalog.opaque import eye
from derivgen.expr import At, Binder, Call, Delta, Expr, Index, Number, Pair, Place, Power, Sum, indices_in, walk
from derivgen.rules.engine import Context


def square_root(e: Expr) -> Expr | None:
    """u of uᵀu, the inner product of a vector with itself; Ax of xᵀAᵀAx. Of xᵀxxᵀx it would be a number: none."""
    if not isinstance(e, Call) or e.op is not matmul or e.shape.axes or len(e.args) % 2:
        return None
    half = len(e.args) // 2
    if any(e.args[half - 1 - k] != transposed(e.args[half + k]) for k in range(half)):
        return None
    root = chain(*e.args[half:])
    return root if root.shape.axes else None


def live(e: Expr, ctx: Context) -> frozenset[Index]:
    """The indices of ``e`` that are to be recombined: all but those of the reader's own sums."""
    return e.free - ctx.sample_indices if ctx.sample_indices else e.free


def as_entry(e: Expr, ctx: Context) -> tuple[Expr, tuple[Index, ...]] | None:
    """A scalar as an array read at live indices only, such as v at (i,) or A at (i, j); None where it is no entry.

    Places that are numbers, or indices of the reader's own sums, go with the array: X_ij with i kept is row i at j.
    """
    match e:
        case At(array, places) if not e.shape.axes:
            if not live(array, ctx):
                return _read(array, places, ctx)
        case Delta(int() as place, Index() as index) | Delta(Index() as index, int() as place):
            return (At(Call(eye, (), (index.dim,)), (place,)), (index,)) if index not in ctx.sample_indices else None
        case Delta(Index() as a, Index() as b) if (
            a != b and a not in ctx.sample_indices and b not in ctx.sample_indices
        ):
            return Call(eye, (), (a.dim,)), (a, b)
        case Delta(Index() as a, Index() as b) if (a in ctx.sample_indices) != (b in ctx.sample_indices):
            kept, index = (a, b) if a in ctx.sample_indices else (b, a)
            return At(Call(eye, (), (index.dim,)), (kept,)), (index,)
        case Power(base, Number() as exponent):
            inner = as_entry(base, ctx)
            if inner is not None:
                return Power(inner[0], exponent), inner[1]
        case _:
            pass
    return None


def _read(array: Expr, places: tuple[Place, ...], ctx: Context) -> tuple[Expr, tuple[Index, ...]] | None:
    if any(isinstance(p, Pair) for p in places):
        return None
    loose = tuple(p for p in places if isinstance(p, Index) and p not in ctx.sample_indices)
    if not loose:
        return None
    if len(loose) == len(places):
        if len(places) == 2 and places[0] == places[1]:
            return Call(diag, (array,)), (loose[0],)
        return (array, loose) if len(set(loose)) == len(loose) else None
    fixed = places[: len(places) - len(loose)]
    if places[len(fixed) :] == loose:
        return At(array, fixed), loose
    if len(places) == 2:
        return At(transposed(array), (places[1],)), loose
    return None


def as_array(e: Expr, order: tuple[Index, ...], ctx: Context) -> Expr | None:
    """The array whose entry at ``order`` is ``e``: a matrix is transposed where its places stand the other way."""
    found = as_entry(e, ctx)
    if found is None:
        return None
    array, places = found
    if places == order:
        return column(array)
    if len(order) == 2 and places == order[::-1]:
        return transposed(array)
    return None


@dataclass(frozen=True, slots=True)
class Monomial:
    """The factors of a summed product, as the summed index sees them.

    Attributes:
        outside: factors without the index.
        vectors: columns read at the index.
        matrices: matrices read at the index and at another, oriented so that the other comes first.
        ends: that other index, one for each matrix.
    """

    outside: tuple[Expr, ...]
    vectors: tuple[Expr, ...]
    matrices: tuple[Expr, ...]
    ends: tuple[Binder, ...]


def monomial(e: Sum, ctx: Context) -> Monomial | None:
    """Read the body of a sum as a product of entries; None where a factor is not an entry yet, or the sum is the reader's."""
    if e.index in ctx.sample_indices or e.body.shape.axes:
        return None
    outside: list[Expr] = []
    vectors: list[Expr] = []
    matrices: list[Expr] = []
    ends: list[Binder] = []
    for f in factors_of(e.body):
        if e.index not in f.free:
            outside.append(f)
            continue
        stacked = _stacked(f, e.index, ctx)
        if stacked is not None:
            matrices.append(stacked[0])
            ends.append(stacked[1])
            continue
        found = as_entry(f, ctx)
        if found is None:
            return None
        array, places = found
        if len(places) == 1:
            vectors.append(column(array))
        elif len(places) == 2:
            first = places[0] == e.index
            matrices.append(transposed(array) if first else array)
            ends.append(places[1] if first else places[0])
        else:
            return None
    return Monomial(tuple(outside), tuple(vectors), tuple(matrices), tuple(ends))


def _stacked(f: Expr, index: Index, ctx: Context) -> tuple[Expr, Pair] | None:
    """A matrix read at the summed index and at a pair, oriented so that the pair comes first."""
    match f:
        case At(array, (Pair() as pair, last)) if last == index and array.shape.rank == 2:
            pass
        case At(array, (first, Pair() as pair)) if first == index and array.shape.rank == 2:
            array = transposed(array)
        case _:
            return None
    inside = set(indices_in((pair,)))
    return None if index in inside or inside & ctx.sample_indices or array.free else (array, pair)


def times(m: Monomial, result: Expr) -> Expr:
    """The factors left outside, times the sum's array form."""
    return product(*m.outside, result)


def samples_index(e: Expr, variables: Collection[Expr] = ()) -> frozenset[Index]:
    """The indices of sums over rows, sum(… X[i] … for i in range(N)): the reader's sums over the samples.

    Where rows of one of the ``variables`` are summed over, each of its entries is in one term only: the sum does not stay.
    """
    found: set[Index] = set()
    for here in walk(e):
        if isinstance(here, Sum):
            rows = [a for a in walk(here.body) if isinstance(a, At) and a.shape.axes and here.index in a.places]
            if rows and not any(a.array in variables for a in rows):
                found.add(here.index)
    return frozenset(found)
