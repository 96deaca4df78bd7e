"""The labelled outer product: an answer with many axes whose entry is a product of entries, each with axes of its own."""

from __future__ import annotations

from dataclasses import dataclass

from derivgen.catalog import opaque
from derivgen.catalog.build import added
from derivgen.expr import Add, At, Build, Call, Delta, Expr, Index, Mul, Number, indices_in


@dataclass(frozen=True, slots=True)
class Factor:
    """An array, and the labels of its axes."""

    array: Expr
    axes: tuple[Index, ...]


@dataclass(frozen=True, slots=True)
class Outer:
    """The entry, its factors in the order of their axes; ``terms`` has the factors of each term, numbers left out."""

    entry: Expr
    terms: tuple[tuple[Factor, ...], ...]


def labelled(e: Expr) -> Outer | None:
    """The entries of an array with three or more axes as a sum of outer products.

    None where a label stands at two factors of a term, which is no outer product then.
    """
    if not isinstance(e, Build) or len(e.indices) < 3:
        return None
    order = {index: k for k, index in enumerate(e.bound)}
    entries: list[Expr] = []
    terms: list[tuple[Factor, ...]] = []
    for term in e.body.terms if isinstance(e.body, Add) else (e.body,):
        factors = term.factors if isinstance(term, Mul) else (term,)
        scalars = [f for f in factors if not f.free & set(order)]
        found = [(f, _factor(f)) for f in factors if f.free & set(order)]
        pairs = sorted(((f, own) for f, own in found if own is not None), key=lambda p: order.get(p[1].axes[0], 0))
        axes = [i for _, own in pairs for i in own.axes]
        if len(pairs) < max(2, len(found)) or len(set(axes)) < len(axes):
            return None
        parts = (*scalars, *(f for f, _ in pairs))
        entries.append(Mul(parts))
        arrays = tuple(own for _, own in pairs)
        outside = [s for s in scalars if not isinstance(s, Number)]
        terms.append((*(Factor(s, ()) for s in outside), *arrays))
    return Outer(added(entries), tuple(terms))


def _factor(e: Expr) -> Factor | None:
    """An entry as its array and the labels that it is read at."""
    match e:
        case At(array, places) if not array.free and all(isinstance(p, Index) for p in places):
            return Factor(array, indices_in(places))
        case Delta(Index() as a, Index() as b):
            return Factor(Call(opaque.eye, (), (a.dim,)), (a, b))
        case _:
            return None
