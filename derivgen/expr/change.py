"""Other names for indices, other expressions for variables: changes that keep the meaning of what is bound."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Set
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from derivgen.errors import ShapeError
from derivgen.expr.base import Expr
from derivgen.expr.nodes import (
    MINUS_ONE,
    Add,
    At,
    Build,
    Call,
    Delta,
    Mul,
    Number,
    Partial,
    Position,
    Size,
    Sum,
    Symbol,
)
from derivgen.expr.sizes import Binder, Dim, Index, Pair, Place, indices_in
from derivgen.expr.walks import Once, all_indices, fresh_index, from_below, map_children, symbols

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
    gone = places.keys()

    def renamed_in(here: Expr, again: Callable[[Expr], Expr]) -> Expr:
        return here if gone.isdisjoint(here.free) else _renamed(here, places, taken, again)

    return Once(renamed_in)(e)


def _renamed(e: Expr, places: dict[Index, Place], taken: Set[str], again: Callable[[Expr], Expr]) -> Expr:
    """One node with indices replaced, some of which stand free in it; ``again`` is the same for its children."""
    match e:
        case Sum() | Build():
            places = {old: new for old, new in places.items() if old in e.free}
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
            return _with_places(e, places, again)


def _with_places(e: Expr, places: Mapping[Index, Place], again: Callable[[Expr], Expr]) -> Expr:
    """A node that binds no index, read at other places; ``again`` is the same for its children."""
    match e:
        case At(array, where):
            return At(again(array), tuple([_moved(p, places) for p in where]))
        case Delta(left, right):
            return Delta(_moved(left, places), _moved(right, places))
        case Position(index):
            return position(places[index]) if index in places else e
        case _:
            return map_children(again, e)


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


def relettered(e: Expr, names: Mapping[Index, Index]) -> Expr:
    """``e`` with indices under other names wherever they stand, free or bound.

    No index that is moved may get the name of another one in ``e``: what a name stands for is not looked at.
    """
    return Once(partial(_relettered, names))(e) if names else e


def _relettered(names: Mapping[Index, Index], e: Expr, again: Callable[[Expr], Expr]) -> Expr:
    match e:
        case Sum(index, body):
            return Sum(names.get(index, index), again(body))
        case Build(indices, body, row):
            return Build(renamed(indices, names), again(body), row)
        case _:
            return _with_places(e, names, again)


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
    return Once(_Substitution(values, {i.name for i in arriving}).of)(e)


@dataclass(frozen=True, slots=True)
class _Substitution:
    """Values for variables, and the names of the indices that stand free in them."""

    values: dict[str, Expr]
    arriving: set[str]

    def of(self, e: Expr, again: Callable[[Expr], Expr]) -> Expr:
        match e:
            case Symbol(name):
                return self.values.get(name, e)
            case Partial(body, wrt):
                variable = wrt.array if isinstance(wrt, At) else wrt
                assert isinstance(variable, Symbol)
                return e if variable.name in self.values else Partial(again(body), wrt)
            case Sum(index, body) if index.name in self.arriving:
                new = self._fresh((index,), body)
                return Sum(new[index], again(rename(body, dict(new))))
            case Build(indices, body, row) if any(i.name in self.arriving for i in e.bound):
                new = self._fresh(e.bound, body)
                return Build(renamed(indices, new), again(rename(body, dict(new))), row)
            case _:
                return map_children(again, e)

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
    if not e.kinds & BINDERS:
        return e
    found: Expr | None = getattr(e, "_canonical", None)
    if found is None:
        found = Once(partial(_canonical, _Level(0), None, {}))(e)
        if found is not e:  # a node that held itself would stay in memory
            object.__setattr__(e, "_canonical", found)
    return found


class _Level:
    """What stands within so many indices. Parts in which none of these stands are the same all over a level."""

    __slots__ = ("_deeper", "depth")

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self._deeper: dict[int, tuple[_Level, Once[Expr]]] = {}

    def by(self, count: int) -> tuple[_Level, Once[Expr]]:
        """The level so many indices below, and the canonical form of parts in which no index stands free."""
        found = self._deeper.get(count)
        if found is None:
            level = _Level(self.depth + count)
            found = self._deeper[count] = level, Once(partial(_canonical, level, None, {}))
        return found


def _canonical(
    level: _Level, closed: Once[Expr] | None, names: dict[Index, Place], e: Expr, again: Callable[[Expr], Expr]
) -> Expr:
    """A node in the names of its depth, those of the indices around it put in; ``closed`` is for parts without these."""
    if names.keys().isdisjoint(e.free):
        if not e.kinds & BINDERS:
            return e
        if names and closed is not None:
            return closed(e)
    match e:
        case Sum() | Build():
            bound = (e.index,) if isinstance(e, Sum) else e.bound
            new = {i: Index(f"#{level.depth + k}", i.dim) for k, i in enumerate(bound)}
            below, apart = level.by(len(bound))
            body = Once(partial(_canonical, below, apart, {**names, **new}))(e.body)
            return Sum(new[e.index], body) if isinstance(e, Sum) else Build(renamed(e.indices, new), body, e.row)
        case _:
            return _with_places(e, names, again)


def skeleton(e: Expr) -> int:
    """A number that expressions have in common if they are equal up to the names of bound indices, and few others do."""
    found: int | None = getattr(e, "_skeleton", None)
    if found is None:
        if not all(hasattr(child, "_skeleton") for child in e.children):
            for part in from_below(e):
                _skeleton(part)
        found = _skeleton(e)
    return found


def _skeleton(e: Expr) -> int:
    found: int | None = getattr(e, "_skeleton", None)
    if found is not None:
        return found
    own: object
    match e:
        case Symbol() | Number() | Size():
            own = hash(e)
        case Call(op, _, dims):
            own = op, dims
        case At(_, places):
            own = tuple([place if isinstance(place, int) else place.dim for place in places])
        case Sum(index):
            own = index.dim
        case Build(_, _, row):
            own = e.shape.axes, row
        case _:
            own = None
    found = hash((e.bit, own, tuple([_skeleton(child) for child in e.children])))
    object.__setattr__(e, "_skeleton", found)
    return found


def apart(e: Expr, around: Collection[str] = ()) -> Expr:
    """``e`` with every index renamed that is bound inside a sum or an array over an index of the same name.

    ``around`` are the names of indices that have a meaning around the whole.
    """
    return _apart_within(frozenset(around), _names(e) | set(around))(e) if e.kinds & BINDERS else e


def _apart_within(outer: frozenset[str], names: set[str]) -> Once[Expr]:
    return Once(partial(_apart, outer, names))


def _apart(outer: frozenset[str], names: set[str], e: Expr, again: Callable[[Expr], Expr]) -> Expr:
    if not e.kinds & BINDERS:
        return e
    match e:
        case Sum(index, body):
            new = fresh_index(index.dim, set(outer) | names) if index.name in outer else index
            return Sum(new, _apart_within(outer | {new.name}, names)(rename(body, {index: new})))
        case Build(indices, body, row):
            taken = set(outer) | names
            moved: dict[Index, Index] = {}
            for index in e.bound:
                moved[index] = fresh_index(index.dim, taken) if index.name in outer else index
                taken.add(str(moved[index]))
            here = outer | {i.name for i in moved.values()}
            return Build(renamed(indices, moved), _apart_within(here, names)(rename(body, dict(moved))), row)
        case _:
            return map_children(again, e)


def _names(e: Expr) -> set[str]:
    """The names that no new index may have: those of indices, variables and sizes."""
    indices, variables = all_indices(e), symbols(e)
    axes = (*(i.dim for i in indices), *(d for x in variables.values() for d in x.shape.axes))
    return {i.name for i in indices} | variables.keys() | {str(f) for d in axes for f in d.factors}
