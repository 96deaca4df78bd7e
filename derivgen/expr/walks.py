"""The few walks that every reader of the tree needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from derivgen.expr.base import Dim, Expr, Index
from derivgen.expr.nodes import (
    Add,
    At,
    Build,
    Call,
    Cases,
    Mul,
    Partial,
    Power,
    Sum,
    Symbol,
)


def children(e: Expr) -> tuple[Expr, ...]:
    """The sub-expressions directly under ``e``, in the order written."""
    return e.children


def map_children(f: Callable[[Expr], Expr], e: Expr) -> Expr:
    """``e`` with ``f`` applied to each child; ``e`` itself where nothing changed."""
    old = e.children
    if not old:
        return e
    new = tuple([f(child) for child in old])
    for before, after in zip(old, new, strict=True):
        if before is not after:
            return with_children(e, new)
    return e


def with_children(e: Expr, new: tuple[Expr, ...]) -> Expr:
    """``e`` with other children, as many as it has."""
    match e:
        case Add():
            return Add(new)
        case Mul():
            return Mul(new)
        case Power():
            return Power(*new)
        case Call(op, _, dims):
            return Call(op, new, dims)
        case At(_, places):
            return At(new[0], places)
        case Build(indices, _, row):
            return Build(indices, new[0], row)
        case Sum(index, _):
            return Sum(index, new[0])
        case Partial():
            return Partial(*new)
        case Cases(branches):
            pairs = tuple((new[2 * k], new[2 * k + 1]) for k in range(len(branches)))
            return Cases(pairs, new[-1])
        case _:
            return e


def walk(e: Expr) -> Iterator[Expr]:
    """Every node once, each before its children; shared nodes are visited once."""
    seen: set[int] = set()
    todo = [e]
    while todo:
        here = todo.pop()
        if id(here) in seen:
            continue
        seen.add(id(here))
        yield here
        todo.extend(here.children[::-1])


def symbols(e: Expr) -> dict[str, Symbol]:
    """The variables in ``e`` by name, in the order met."""
    return {s.name: s for s in walk(e) if isinstance(s, Symbol)}


def depends_on(e: Expr, name: str) -> bool:
    """Whether the variable ``name`` occurs in ``e``."""
    return any(isinstance(s, Symbol) and s.name == name for s in walk(e))


def bound_indices(e: Expr) -> set[Index]:
    """Every index that some Sum or Build inside ``e`` binds."""
    found: set[Index] = set()
    for here in walk(e):
        match here:
            case Build():
                found.update(here.bound)
            case Sum(index):
                found.add(index)
            case _:
                pass
    return found


def all_indices(e: Expr) -> set[Index]:
    """Every index in ``e``, free or bound."""
    return bound_indices(e) | e.free


def fresh_index(dim: Dim, taken: set[str], letters: str = "ijklpqrst") -> Index:
    """An index of length ``dim`` whose name is not in ``taken``."""
    for letter in letters:
        if letter not in taken:
            return Index(letter, dim)
    count = 1
    while f"i{count}" in taken:
        count += 1
    return Index(f"i{count}", dim)


def replace_parts(e: Expr, parts: dict[Expr, Expr]) -> Expr:
    """``e`` with every occurrence of a part replaced, in one pass: what is put in is not searched again."""
    return _with_parts(e, parts, {})


def _with_parts(e: Expr, parts: dict[Expr, Expr], known: dict[int, Expr]) -> Expr:
    found = known.get(id(e))
    if found is None:
        found = parts[e] if e in parts else map_children(lambda child: _with_parts(child, parts, known), e)
        known[id(e)] = found
    return found
