"""Other names for indices, other expressions for variables: changes that keep the meaning of what is bound."""

from __future__ import annotations

from collections.abc import Set
from fractions import Fraction

from derivgen.expr.base import Expr, Index, Place
from derivgen.expr.nodes import At, Build, Delta, Number, Partial, Position, Sum, Symbol
from derivgen.expr.walks import all_indices, fresh_index, map_children, symbols


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
            return Position(new) if isinstance(new, Index) else Number(Fraction(new + 1))
        case Sum() | Build():
            binders = (e.index,) if isinstance(e, Sum) else e.indices
            arriving = {new for new in places.values() if isinstance(new, Index)}
            body = e.body
            changed: dict[Index, Index] = {}
            names = {i.name for i in arriving}
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
            return Build(tuple(changed.get(b, b) for b in binders), body, e.row)
        case _:
            return map_children(lambda child: rename(child, places, taken), e)


def _moved(place: Place, places: dict[Index, Place]) -> Place:
    return places.get(place, place) if isinstance(place, Index) else place


def substitute(e: Expr, values: dict[str, Expr]) -> Expr:
    """``e`` with the variables in ``values`` replaced, those of ``Partial`` and of its body excepted.

    Shared sub-expressions stay shared, so the cost is that of the distinct nodes. A bound index that also stands free
    in a value is renamed first.
    """
    arriving = frozenset().union(*(v.free for v in values.values())) if values else frozenset()
    arriving_names = {i.name for i in arriving}
    memo: dict[int, Expr] = {}

    def go(here: Expr) -> Expr:
        found = memo.get(id(here))
        if found is None:
            found = memo[id(here)] = step(here)
        return found

    def step(here: Expr) -> Expr:
        match here:
            case Symbol(name):
                return values.get(name, here)
            case Partial(body, wrt):
                variable = wrt.array if isinstance(wrt, At) else wrt
                assert isinstance(variable, Symbol)
                if variable.name in values:
                    return here
                return Partial(go(body), wrt)
            case Sum(index, body) if index.name in arriving_names:
                return go_fresh(here, (index,), body)
            case Build(indices, body) if any(i.name in arriving_names for i in indices):
                return go_fresh(here, indices, body)
            case _:
                return map_children(go, here)

    def go_fresh(here: Expr, binders: tuple[Index, ...], body: Expr) -> Expr:
        taken = _names(body) | arriving_names
        new: dict[Index, Place] = {}
        for b in binders:
            if b.name in arriving_names:
                fresh = fresh_index(b.dim, taken)
                taken.add(fresh.name)
                new[b] = fresh
        moved = tuple(new.get(b, b) for b in binders)
        body = go(rename(body, new))
        if isinstance(here, Sum):
            assert isinstance(moved[0], Index)
            return Sum(moved[0], body)
        assert isinstance(here, Build)
        return Build(tuple(m for m in moved if isinstance(m, Index)), body, here.row)

    return go(e)


def canonical(e: Expr) -> Expr:
    """``e`` with its bound indices named by nesting depth: two expressions equal up to bound names have equal canonical forms."""

    def go(here: Expr, depth: int) -> Expr:
        match here:
            case Sum(index, body):
                new = Index(f"#{depth}", index.dim)
                return Sum(new, go(rename(body, {index: new}), depth + 1))
            case Build(indices, body, row):
                named = tuple(Index(f"#{depth + k}", i.dim) for k, i in enumerate(indices))
                moved: dict[Index, Place] = dict(zip(indices, named, strict=True))
                return Build(named, go(rename(body, moved), depth + len(indices)), row)
            case _:
                return map_children(lambda child: go(child, depth), here)

    return go(e, 0)


def apart(e: Expr) -> Expr:
    """``e`` with every index that is bound inside a sum or an array over an index of the same name renamed."""

    def go(here: Expr, outer: frozenset[str]) -> Expr:
        match here:
            case Sum(index, body):
                new = fresh_index(index.dim, set(outer) | names) if index.name in outer else index
                return Sum(new, go(rename(body, {index: new}), outer | {new.name}))
            case Build(indices, body, row):
                taken = set(outer) | names
                moved: dict[Index, Place] = {}
                for index in indices:
                    moved[index] = fresh_index(index.dim, taken) if index.name in outer else index
                    taken.add(str(moved[index]))
                named = tuple(i for i in moved.values() if isinstance(i, Index))
                return Build(named, go(rename(body, moved), outer | {i.name for i in named}), row)
            case _:
                return map_children(lambda child: go(child, outer), here)

    names = _names(e)
    return go(e, frozenset()) if all_indices(e) else e


def _names(e: Expr) -> set[str]:
    """The names that no new index may have: those of indices, variables and sizes."""
    sizes = {str(i.dim) for i in all_indices(e)}
    return {i.name for i in all_indices(e)} | set(symbols(e)) | sizes
