"""Entries among which dots stand, and the one of them that does not go on as the others do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from fractions import Fraction
from typing import Any

from derivgen.errors import Span
from derivgen.read.latex.dots import same
from derivgen.read.surface import (
    Apply,
    Called,
    Dots,
    Fenced,
    Grid,
    Infix,
    Letter,
    Literal,
    Product,
    Scripted,
    Surface,
    walk,
)
from derivgen.read.surface import Sequence as Listed

Place = tuple[int, ...]
"""Where an entry stands along each axis; 0 is the last place, behind the dots."""

Entries = list[tuple[Place, Surface]]

FEWEST = 3
"""How many entries must be written out, so that the others say which one is wrong."""


@dataclass(frozen=True, slots=True)
class Outlier:
    """``source[start:end]`` is an entry that may be wrong: as the others go on, it would be ``text``."""

    start: int
    end: int
    text: str


class _Differs(Exception):
    """Entries are not of one form."""


@dataclass
class _Form:
    """What entries have in common: ``holes`` are the spans in each where its place stands, with the axis."""

    places: list[Place]
    holes: list[tuple[list[Span], int]] = field(default_factory=list)
    last: dict[int, Surface] = field(default_factory=dict)

    def compare(self, parts: list[Any]) -> None:
        """Go through the same part of every entry.

        Raises:
            _Differs: they differ otherwise than by their places.
        """
        first = parts[0]
        if all(same(first, other) for other in parts[1:]):
            return
        if all(isinstance(p, tuple) for p in parts) and len({len(p) for p in parts}) == 1:
            for several in zip(*parts, strict=True):
                self.compare(list(several))
            return
        if not all(isinstance(p, Surface) for p in parts):
            raise _Differs
        axis = next((a for a in range(len(self.places[0])) if self.is_place(parts, a)), None)
        if axis is not None:
            self.holes.append(([p.span for p in parts], axis))
            return
        parts = [_digits(p) for p in parts] if any(isinstance(p, Product) for p in parts) else parts
        if len({type(p) for p in parts}) > 1:
            raise _Differs
        for f in fields(parts[0]):
            if f.name not in ("span", "named"):
                self.compare([getattr(p, f.name) for p in parts])

    def is_place(self, parts: list[Surface], axis: int) -> bool:
        """Whether the parts say where each entry stands along an axis."""
        last = self.last.get(axis)
        most = max(place[axis] for place in self.places)
        for part, place in zip(parts, self.places, strict=True):
            if place[axis]:
                if not (isinstance(part, Literal) and part.value == place[axis]):
                    return False
            elif isinstance(part, Literal) and part.value <= most:
                return False
            elif last is None:
                last = part
            elif not same(last, part):
                return False
        if last is not None:
            self.last[axis] = last
        return True


def _digits(s: Surface) -> Surface:
    """A_{12} and A_{1n}: a number of two digits as two places."""
    if isinstance(s, Literal) and s.value.denominator == 1 and 10 < s.value < 100:
        start = s.span.start
        parts = [Literal(Span(start + k, start + k + 1), Fraction(d)) for k, d in enumerate(str(s.value))]
        return Product(s.span, tuple(parts), ("",))
    return s


def outliers(tree: Surface, source: str) -> Iterator[Outlier]:
    """Entries without which the others go on, where all of them do not, each with what they say of its place."""
    for part in walk(tree):
        for entries in _entries(part):
            if len(entries) >= FEWEST and _form(entries) is None and not any(_has_dots(e) for _, e in entries):
                yield from _one_out(entries, source)


def _has_dots(s: Surface) -> bool:
    return any(isinstance(part, Dots) for part in walk(s))


def _entries(s: Surface) -> Iterator[Entries]:
    """The entries of a series or a table with dots, with their places."""
    match s:
        case Grid(_, rows):
            lines = [[c for c in r if c is not None] for r in rows]
            kept = [r for r in lines if not all(isinstance(c, Dots) for c in r)]
            if len(kept) < len(rows) and len({len(r) for r in kept}) == 1:
                down = _places([Dots(s.span) if all(isinstance(c, Dots) for c in r) else s for r in lines])
                yield [((i, j), c) for (i, _), r in zip(down, kept, strict=False) for j, c in _places(r)]
            else:
                yield from map(_along, kept)
        case Fenced(_, _, items) | Listed(_, items) | Called(_, _, items) | Apply(_, _, items, _):
            yield _along(items)
        case Infix(_, "+"):
            yield _along(_terms(s))


def _along(items: Sequence[Surface]) -> Entries:
    return [((j,), c) for j, c in _places(items)]


def _places(items: Sequence[Surface]) -> list[tuple[int, Surface]]:
    """Items with their places, where there are dots before the last of them; none where there are no such dots."""
    dots = [k for k, item in enumerate(items) if isinstance(item, Dots)]
    if dots == [len(items) - 2]:
        return [*((k + 1, item) for k, item in enumerate(items[:-2])), (0, items[-1])]
    return [] if dots else [(k + 1, item) for k, item in enumerate(items)]


def _terms(s: Surface) -> list[Surface]:
    return [*_terms(s.left), s.right] if isinstance(s, Infix) and s.operator == "+" else [s]


def _form(entries: Entries) -> _Form | None:
    form = _Form([place for place, _ in entries])
    try:
        form.compare([entry for _, entry in entries])
    except _Differs:
        return None
    return form


def _one_out(entries: Entries, source: str) -> Iterator[Outlier]:
    """Each entry without which the others are of one form that moves along every axis."""
    moving = {axis for axis in range(len(entries[0][0])) if len({place[axis] for place, _ in entries}) > 1}
    for k, (place, entry) in enumerate(entries):
        rest = [*entries[:k], *entries[k + 1 :]]
        form = _form(rest)
        if form is None or {axis for _, axis in form.holes} != moving:
            continue
        near = next((n for n, (other, _) in enumerate(rest) if other[0] == place[0]), 0)
        unknown = any(not at and axis not in form.last for axis, at in enumerate(place))
        for end in dict.fromkeys(_below(entry, source)) if unknown else ("",):
            last = dict.fromkeys(moving, end)
            last |= {axis: source[s.span.start : s.span.end] for axis, s in form.last.items()}
            text, at = "", rest[near][1].span.start
            for spans, axis in sorted(form.holes, key=lambda hole: hole[0][near].start):
                text += source[at : spans[near].start] + (str(place[axis]) if place[axis] else last[axis])
                at = spans[near].end
            yield Outlier(entry.span.start, entry.span.end, text + source[at : rest[near][1].span.end])


def _below(entry: Surface, source: str) -> Iterator[str]:
    """The letters below others, one of which may be the last place."""
    for part in walk(entry):
        for sub in part.subs if isinstance(part, Scripted) else ():
            if isinstance(sub, Letter):
                yield source[sub.span.start : sub.span.end]
