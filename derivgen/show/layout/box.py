"""Mathematics as it is laid out on paper: boxes, which the LaTeX and the terminal writer spell each in its own way."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from functools import wraps
from threading import local
from typing import Literal, TypeVar

from derivgen.deadline import on_time

Font = Literal["italic", "bold", "upright"]
Role = Literal["infix", "prefix", "punctuation", "ordinary"]


@dataclass(frozen=True, slots=True)
class Num:
    """A natural number in digits."""

    digits: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter, or a word used as one. Greek letters stand as themselves: θ."""

    text: str
    font: Font = "italic"


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign, given by its Unicode character; ``latex`` where its operation says how LaTeX writes it."""

    char: str
    role: Role = "infix"
    latex: str = ""


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a function: in plain text, and as a LaTeX command."""

    text: str
    latex: str


@dataclass(frozen=True, slots=True)
class Text:
    """Words inside mathematics, such as "otherwise"."""

    text: str


@dataclass(frozen=True, slots=True)
class Space:
    """A thin space; ``wide`` sets a remark apart."""

    wide: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """Boxes side by side."""

    parts: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Apply:
    """A function before its arguments in parentheses."""

    head: Box
    args: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Frac:
    """A fraction; ``full`` sets it full size where it would be small."""

    over: Box
    under: Box
    full: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """A base with a subscript, a superscript, or both."""

    base: Box
    sub: Box | None = None
    sup: Box | None = None


@dataclass(frozen=True, slots=True)
class Root:
    """A root sign over a box."""

    body: Box


@dataclass(frozen=True, slots=True)
class Fence:
    """Parentheses or another pair; each writer makes them as tall as the body asks."""

    body: Box
    left: str = "("
    right: str = ")"


@dataclass(frozen=True, slots=True)
class Big:
    """The sign of a sum, or of a product, with its limits."""

    below: Box
    above: Box
    sign: str = "∑"


@dataclass(frozen=True, slots=True)
class Value:
    """``body`` at the place ``at``, with a bar between."""

    body: Box
    at: Box


@dataclass(frozen=True, slots=True)
class LargeZero:
    """The large 0 that stands for a whole corner of zeros; ``tall`` where the rows are."""

    tall: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A matrix in brackets, or the branches of a case distinction (value, condition). None leaves a cell empty."""

    rows: tuple[tuple[Box | None, ...], ...]
    form: Literal["matrix", "cases"] = "matrix"


@dataclass(frozen=True, slots=True)
class Changed:
    """What was not there in the line before, marked for those who ask for it."""

    body: Box


Box = (
    Num
    | Letter
    | Sign
    | Name
    | Text
    | Space
    | Row
    | Apply
    | Frac
    | Script
    | Root
    | Fence
    | Big
    | Value
    | LargeZero
    | Grid
    | Changed
)

MINUS = Sign("−", "prefix")
PARTIAL = Sign("∂", "prefix")
DOT = Sign("·")
COMMA = Sign(",", "punctuation")
PRIME = Sign("′", "ordinary")
TRANSPOSE = Sign("T", "ordinary")
THIN = Space()


def row(*parts: Box) -> Box:
    """Boxes side by side; one alone needs no row."""
    return parts[0] if len(parts) == 1 else Row(parts)


def scripted(base: Box, *, sub: Box | None = None, sup: Box | None = None) -> Box:
    """A script put on a base; it joins the other one where the base carries that alone."""
    if isinstance(base, Script):
        if sup is not None and sub is None and base.sup is None:
            return Script(base.base, base.sub, sup)
        if sub is not None and sup is None and base.sub is None:
            return Script(base.base, sub, base.sup)
    return Script(base, sub, sup)


def listed(parts: list[Box]) -> Box:
    """Boxes with commas between them."""
    spread: list[Box] = []
    for part in parts:
        spread += [part] if not spread else [COMMA, part]
    return row(*spread)


_Found = TypeVar("_Found")
MOST_REMEMBERED = 20_000


def remembered(find: Callable[[Box], _Found]) -> Callable[[Box], _Found]:
    """A function of boxes that knows again the boxes it has seen: the steps of a derivation share most of their parts.

    A box is known by its identity, which is kept with it: to compare two would take as long as to look through one. The
    recursion goes ``DEEPEST`` boxes down; what lies deeper is found from below.
    """
    known: dict[int, tuple[Box, _Found]] = {}
    level = _Level()

    @wraps(find)
    def found(box: Box) -> _Found:
        entry = known.get(id(box))
        if entry is None and type(box) in _LEAVES:
            entry = known[id(box)] = box, find(box)
        if entry is not None:
            return entry[1]
        depth = level.depth
        try:
            if depth >= DEEPEST:
                level.depth = 0
                for part in _from_below(box, known):
                    known[id(part)] = part, find(part)
            level.depth = depth + 1
            value = find(box)
        finally:
            level.depth = depth
        if len(known) >= MOST_REMEMBERED and not depth:
            known.clear()
        known[id(box)] = box, value
        return value

    return found


DEEPEST = 40
"""How many boxes within each other a function of boxes goes down by recursion."""


_LEAVES = frozenset({Num, Letter, Sign, Name, Text, Space, LargeZero})
"""The kinds of box that have none within them."""


class _Level(local):
    depth = 0  # of the recursion, in each thread


def _from_below(box: Box, known: Container[int]) -> Iterator[Box]:
    """The boxes within a box that are not known, each after those within it."""
    on_time()
    met: set[int] = set()
    todo = [(inner, False) for inner in inside(box)]
    while todo:
        here, ready = todo.pop()
        if ready:
            yield here
        elif id(here) not in met and id(here) not in known:
            met.add(id(here))
            todo.append((here, True))
            todo.extend((inner, False) for inner in inside(here))


def inside(box: Box) -> Iterator[Box]:
    """The boxes directly within a box."""
    match box:
        case Row(parts):
            yield from parts
        case Apply(head, args):
            yield head
            yield from args
        case Frac(first, second) | Value(first, second) | Big(first, second):
            yield from (first, second)
        case Script():
            yield from (part for part in (box.base, box.sub, box.sup) if part is not None)
        case Root(body) | Fence(body) | Changed(body):
            yield body
        case Grid(rows):
            yield from (cell for line in rows for cell in line if cell is not None)
        case _:
            pass


def leading(box: Box) -> Box:
    """The box that a reader meets first."""
    while True:
        match box:
            case Row((first, *_)) | Script(first) | Apply(first) | Changed(first):
                box = first
            case _:
                return box


def trailing(box: Box) -> Box:
    """The box that a reader meets last."""
    while True:
        match box:
            case Row((*_, last)) | Changed(last):
                box = last
            case _:
                return box


@remembered
def is_high(box: Box) -> bool:
    """Whether a box is higher than a line of text, so that the fences around it grow."""
    match box:
        case Frac() | Big() | Grid() | Value():
            return True
        case Row(parts):
            return any(is_high(p) for p in parts)
        case Apply(head, args):
            return is_high(head) or any(is_high(a) for a in args)
        case Fence(body) | Root(body) | Changed(body):
            return is_high(body)
        case Script(base, sub, sup):
            return any(part is not None and is_high(part) for part in (base, sub, sup))
        case _:
            return False


@remembered
def has_fraction(box: Box) -> bool:
    """Whether a cell is higher than a line because of a fraction in it."""
    match box:
        case Frac():
            return True
        case Row(parts):
            return any(has_fraction(p) for p in parts)
        case Fence(body) | Script(body) | Value(body) | Changed(body):
            return has_fraction(body)
        case _:
            return False


@remembered
def breadth(box: Box) -> int:
    """About how many letters wide a box is on paper."""
    match box:
        case Num(text) | Letter(text) | Name(text) | Text(text):
            return len(text)
        case Row(parts):
            return sum([breadth(p) for p in parts])
        case Apply(head, args):
            return breadth(head) + 1 + sum([breadth(a) + 1 for a in args])
        case Frac(over, under):
            return max(breadth(over), breadth(under))
        case Changed(body):
            return breadth(body)
        case Script(base, sub, sup):
            small = max(breadth(sub) if sub is not None else 0, breadth(sup) if sup is not None else 0)
            return breadth(base) + (small + 1) // 2
        case Root(body) | Fence(body):
            return breadth(body) + 2
        case Big(below, _):
            return breadth(below)
        case Value(body, at):
            return breadth(body) + breadth(at)
        case Grid(rows):
            wide = [[0 if c is None else breadth(c) for c in line] for line in rows]
            return 2 + sum([2 + max(line[k] for line in wide if k < len(line)) for k in range(max(map(len, wide)))])
        case Sign(_, role):
            return 3 if role == "infix" else 1
        case _:
            return 1


WIDEST = 56
"""The breadth, in letters, up to which a matrix has its fractions at full size."""

Cells = tuple[tuple[Box | None, ...], ...]


def breathing(rows: Cells, form: Literal["matrix", "cases"] = "matrix") -> Cells:
    """The rows of a matrix, with its fractions at full size where there is room; those of cases have the room."""
    if (form == "matrix" and breadth(Grid(rows)) > WIDEST) or not any(
        cell is not None and has_fraction(cell) for r in rows for cell in r
    ):
        return rows
    return tuple([tuple([None if cell is None else _full_size(cell) for cell in line]) for line in rows])


@remembered
def _full_size(box: Box) -> Box:
    match box:
        case Frac(over, under):
            return Frac(over, under, True)
        case Row(parts):
            return Row(tuple([_full_size(p) for p in parts]))
        case Fence(body, left, right):
            return Fence(_full_size(body), left, right)
        case Script(base, sub, sup):
            return Script(_full_size(base), sub, sup)
        case _:
            return box
