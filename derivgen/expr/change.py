"""Other names for indices, other expressions for variables: changes that keep the meaning of what is bound."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from fractions import Fraction

from derivgen.errors import ShapeError
from derivgen.expr.base import Binder, Dim, Expr, Index, Pair, Place, indices_in
from derivgen.expr.nodes import MINUS_ONE, Add, At, Build, Delta, Mul, Number, Partial, Position, Size, Sum, Symbol
from derivgen.expr.walks import all_indices, fresh_index, map_children, symbols

BINDERS = Sum.bit | Build.bit
"""The kinds of node that bind an index."""


def rename(e: Expr, places: dict[Index, Place], taken: Set[str] = frozenset()) -> Expr:
    """``e`` with free indices replaced; a bound index that would capture a new one is renamed first.

    One captures another by its name, whatever their lengths: two of one name cannot be told apart in print. Its new
    name is none of those ``taken``, nor any in ``e``.
    """
    places = {old: new for old, new in places.items() if old in e.free and old != new}
    if not places:
        return e
    match e:
        case At(array, where):
            return At(rename(array, places, taken), tuple([_moved(p, places) for p in where]))
        case Delta(left, right):
            return Delta(_moved(left, places), _moved(right, places))
        case Position(index):
            new = places[index]
            return position(new)
        case Sum() | Build():
            binders = (e.index,) if isinstance(e, Sum) else e.bound
            arriving = set(indices_in(places.values()))
            # an index of another length under the same name would be read as the one that arrives
            names = {i.name for i in arriving}
            body = e.body
            changed: dict[Index, Index] = {}
            if any(b.name in names for b in binders):
                known = _names(body) | names | taken
                for b in binders:
                    if b.name in names:
                        changed[b] = fresh_index(b.dim, known)
                        known.add(changed[b].name)
                body = rename(body, dict(changed), known)
            body = rename(body, places, taken)
            if isinstance(e, Sum):
                return Sum(changed.get(e.index, e.index), body)
            return Build(renamed(e.indices, changed), body, e.row)
        case _:
            return map_children(lambda child: rename(child, places, taken), e)


def _moved(place: Place, places: Mapping[Index, Place]) -> Place:
    match place:
        case Index():
            return places.get(place, place)
        case Pair(outer, inner):
            return paired(_moved(outer, places), _moved(inner, places), inner.dim)
        case _:
            return place


def paired(outer: Place, inner: Place, length: Dim) -> Place:
    """The place ``inner`` of block ``outer``, each block being ``length`` long.

    Raises:
        ShapeError: one of the two is a number and the other is not: no place says that.
    """
    if isinstance(outer, int) and isinstance(inner, int) and isinstance(length.size, int):
        return outer * length.size + inner
    if isinstance(outer, int) or isinstance(inner, int):
        raise ShapeError("an index of a pair cannot be replaced by a number")
    return Pair(outer, inner)


def renamed(binders: tuple[Binder, ...], places: Mapping[Index, Index]) -> tuple[Binder, ...]:
    """Binders with other indices of the same lengths."""
    moved = [_moved(b, places) for b in binders]
    return tuple(b for b in moved if not isinstance(b, int))


def bind(binders: Iterable[Binder], places: Iterable[Place]) -> dict[Index, Place] | None:
    """What each index that is bound becomes where the array is read at ``places``; None where a pair meets no pair
    of the same lengths, so that its indices cannot be told."""
    found: dict[Index, Place] = {}
    for binder, place in zip(binders, places, strict=True):
        match binder, place:
            case Index(), _:
                found[binder] = place
            case Pair(), Pair() if binder.inner.dim == place.inner.dim and binder.outer.dim == place.outer.dim:
                inside = bind((binder.outer, binder.inner), (place.outer, place.inner))
                if inside is None:
                    return None
                found |= inside
            case Pair(), int() if isinstance(binder.inner.dim.size, int):
                inside = bind((binder.outer, binder.inner), divmod(place, binder.inner.dim.size))
                if inside is None:
                    return None
                found |= inside
            case _:
                return None
    return found


def position(place: Place) -> Expr:
    """A place as a number, counting from 1."""
    match place:
        case Index():
            return Position(place)
        case Pair(outer, inner):
            size = inner.dim.size
            length = Number(Fraction(size)) if isinstance(size, int) else Size(inner.dim)
            return Add((Mul((length, Add((position(outer), MINUS_ONE)))), position(inner)))
        case _:
            return Number(Fraction(place + 1))


def substitute(e: Expr, values: dict[str, Expr]) -> Expr:
    """``e`` with the variables in ``values`` replaced, those of ``Partial`` and of its body excepted.

    Shared sub-expressions stay shared, so the cost is that of the distinct nodes. A bound index that also stands free
    in a value is renamed first.
    """
    arriving = frozenset().union(*(v.free for v in values.values())) if values else frozenset()
    return _Substitution(values, {i.name for i in arriving}, {}).of(e)


@dataclass(frozen=True, slots=True)
class _Substitution:
    """Values for variables, the names of the indices that stand free in them, and what was made of nodes so far.

    A node is known by its address, so those that are only passing are kept until the end.
    """

    values: dict[str, Expr]
    arriving: set[str]
    made: dict[int, tuple[Expr, Expr]]

    def of(self, e: Expr) -> Expr:
        found = self.made.get(id(e))
        if found is None:
            found = self.made[id(e)] = e, self._new(e)
        return found[1]

    def _new(self, e: Expr) -> Expr:
        match e:
            case Symbol(name):
                return self.values.get(name, e)
            case Partial(body, wrt):
                variable = wrt.array if isinstance(wrt, At) else wrt
                assert isinstance(variable, Symbol)
                return e if variable.name in self.values else Partial(self.of(body), wrt)
            case Sum(index, body) if index.name in self.arriving:
                new = self._fresh((index,), body)
                return Sum(new[index], self.of(rename(body, dict(new))))
            case Build(indices, body, row) if any(i.name in self.arriving for i in e.bound):
                new = self._fresh(e.bound, body)
                return Build(renamed(indices, new), self.of(rename(body, dict(new))), row)
            case _:
                return map_children(self.of, e)

    def _fresh(self, binders: tuple[Index, ...], body: Expr) -> dict[Index, Index]:
        """New names for those of the bound indices that also stand free in a value."""
        taken = _names(body) | self.arriving
        new: dict[Index, Index] = {}
        for b in binders:
            if b.name in self.arriving:
                new[b] = fresh_index(b.dim, taken)
                taken.add(new[b].name)
        return new


def canonical(e: Expr) -> Expr:
    """``e`` with its bound indices named by nesting depth: two expressions equal up to bound names have equal canonical forms."""
    return _canonical(e, 0)


def _canonical(e: Expr, depth: int) -> Expr:
    if not e.kinds & BINDERS:
        return e
    match e:
        case Sum(index, body):
            new = Index(f"#{depth}", index.dim)
            return Sum(new, _canonical(rename(body, {index: new}), depth + 1))
        case Build(indices, body, row):
            moved = {i: Index(f"#{depth + k}", i.dim) for k, i in enumerate(e.bound)}
            return Build(renamed(indices, moved), _canonical(rename(body, dict(moved)), depth + len(moved)), row)
        case _:
            return map_children(lambda child: _canonical(child, depth), e)


def apart(e: Expr) -> Expr:
    """``e`` with every index that is bound inside a sum or an array over an index of the same name renamed."""
    return _apart(e, frozenset(), _names(e)) if e.kinds & BINDERS else e


def _apart(e: Expr, outer: frozenset[str], names: set[str]) -> Expr:
    match e:
        case Sum(index, body):
            new = fresh_index(index.dim, set(outer) | names) if index.name in outer else index
            return Sum(new, _apart(rename(body, {index: new}), outer | {new.name}, names))
        case Build(indices, body, row):
            taken = set(outer) | names
            moved: dict[Index, Index] = {}
            for index in e.bound:
                moved[index] = fresh_index(index.dim, taken) if index.name in outer else index
                taken.add(str(moved[index]))
            here = outer | {i.name for i in moved.values()}
            return Build(renamed(indices, moved), _apart(rename(body, dict(moved)), here, names), row)
        case _:
            return map_children(lambda child: _apart(child, outer, names), e)


def _names(e: Expr) -> set[str]:
    """The names that no new index may have: those of indices, variables and sizes."""
    sizes = {str(i.dim) for i in all_indices(e)}
    return {i.name for i in all_indices(e)} | set(symbols(e)) | sizes
