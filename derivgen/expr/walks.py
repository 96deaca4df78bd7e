"""The few walks that every reader of the tree needs."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from typing import Generic, TypeVar

from derivgen.expr.base import Expr
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
from derivgen.expr.sizes import Dim, Index


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
        key = id(here)
        if key in seen:
            continue
        seen.add(key)
        yield here
        if here.children:
            todo.extend(reversed(here.children))


def symbols(e: Expr) -> dict[str, Symbol]:
    """The variables in ``e`` by name, in the order met."""
    found: dict[str, Symbol] = {}
    seen: set[int] = set()
    todo = [e]
    while todo:
        here = todo.pop()
        if type(here) is Symbol:
            found[here.name] = here
        elif here.kinds & Symbol.bit and id(here) not in seen:
            seen.add(id(here))
            todo.extend(reversed(here.children))
    return found


def how_often(part: Expr, whole: Expr) -> int:
    """How often a part stands in a whole, as an operand of different operations."""
    return sum(child == part for here in walk(whole) for child in here.children)


def depends_on(e: Expr, name: str) -> bool:
    """Whether the variable ``name`` occurs in ``e``."""
    seen: set[int] = set()
    todo = [e]
    while todo:
        here = todo.pop()
        key = id(here)
        if key in seen or not here.kinds & Symbol.bit:
            continue
        if type(here) is Symbol and here.name == name:
            return True
        seen.add(key)
        todo.extend(here.children)
    return False


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


def could_be_index(name: str) -> bool:
    """Whether a name is one that ``fresh_index`` gives: any letter, or i with a number."""
    return len(name) == 1 or (name[0] == "i" and name[1:].isdigit())


INDEX_LETTERS = "ijklprstq"
"""The names of indices in the order in which they are taken; q is the last, since it has no small form below the line in text."""


def fresh_index(dim: Dim, taken: set[str], letters: str = INDEX_LETTERS) -> Index:
    """An index of length ``dim`` whose name is not in ``taken``."""
    for letter in letters:
        if letter not in taken:
            return Index(letter, dim)
    count = 1
    while f"i{count}" in taken:
        count += 1
    return Index(f"i{count}", dim)


STEP = 24
"""How many levels a walk by recursion goes down: what lies deeper is settled first, from below."""

T = TypeVar("T")


def from_below(e: Expr, known: Container[int] = ()) -> list[Expr]:
    """Parts of ``e``, the lowest first, that lie between levels: none is more than ``STEP`` levels above those before it.

    A recursion that remembers what it found, by the identity of the nodes or by their structure, takes these in turn
    and never goes deeper than ``STEP``. Nodes whose identity is ``known`` are passed over with all that is in them.
    """
    if e.height <= STEP:
        return []
    met: set[int] = set()
    found: dict[int, Expr] = {}
    todo = [e]
    while todo:
        here = todo.pop()
        level = here.height // STEP
        for child in here.children:
            key = id(child)
            if child.height // STEP < level and child.height > 1 and key not in known:
                found[key] = child
            if key not in met and child.height > STEP and key not in known:
                met.add(key)
                todo.append(child)
    return sorted(found.values(), key=lambda part: part.height)


class Once(Generic[T]):
    """A function of expressions that is made by recursion: it sees each node once, and goes ``STEP`` levels deep at most.

    ``find`` is given a node, and this function itself for the parts of it. Nodes are known by their address, so they are
    kept as long as the function is.
    """

    __slots__ = ("_depth", "_find", "_known")

    def __init__(self, find: Callable[[Expr, Callable[[Expr], T]], T]) -> None:
        self._find = find
        self._known: dict[int, tuple[Expr, T]] = {}
        self._depth = 0

    def __call__(self, e: Expr) -> T:
        found = self._known.get(id(e))
        if found is not None:
            return found[1]
        depth = self._depth
        if depth >= STEP:
            self._depth = 0
            for part in from_below(e, self._known):
                self(part)
        self._depth = depth + 1
        made = self._find(e, self)
        self._depth = depth
        self._known[id(e)] = e, made
        return made


def occurrence(name: str) -> Once[bool]:
    """``depends_on`` for many expressions that share their parts."""
    return Once(lambda e, again: e.name == name if isinstance(e, Symbol) else any(map(again, e.children)))


def replace_parts(e: Expr, parts: dict[Expr, Expr]) -> Expr:
    """``e`` with every occurrence of a part replaced, in one pass: what is put in is not searched again."""

    def with_parts(here: Expr, again: Callable[[Expr], Expr]) -> Expr:
        return parts[here] if here in parts else map_children(again, here)

    return Once(with_parts)(e)


def interned(*expressions: Expr) -> tuple[Expr, ...]:
    """Copies that share no node with anything else, and in which equal parts are one node.

    What is made of them, and counted in them, then depends on what they say alone, and not on whom they came from.
    """
    made: dict[Expr, Expr] = {}

    def copied(here: Expr, again: Callable[[Expr], Expr]) -> Expr:
        found = made.get(here)
        if found is None:
            new = tuple(map(again, here.children))
            kind, own = here.__reduce__()
            found = made[here] = with_children(here, new) if new else kind(*own)
        return found

    copy = Once(copied)
    return tuple(map(copy, expressions))
