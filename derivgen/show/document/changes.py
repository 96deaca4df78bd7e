"""What changed between two lines: the parts of a line that were not in the one before are marked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from difflib import SequenceMatcher

from derivgen.show.document.blocks import Item
from derivgen.show.layout.box import Apply, Box, Changed, Fence, Frac, Grid, Root, Row, Script, Sign, Space, row
from derivgen.show.layout.lines import Line

MOST_MARKED = 0.75
"""The share of a line that may be marked: where more is new, all of it is, and a mark says nothing."""


def with_changes(items: Sequence[Item]) -> tuple[Item, ...]:
    """Steps in which each line that continues another shows what is new in it."""
    made: list[Item] = []
    last: dict[Box | None, Box] = {}  # what each left side was equal to where it stood before
    left: Box | None = None
    for item in items:
        lines: list[Line] = []
        for line in item.lines:
            left = line.left or left
            old, middle = last.get(left), line.middle
            if middle is not None:
                middle, old = new_in(middle, old), middle
            lines.append(replace(line, middle=middle, right=new_in(line.right, old)))
            last[left] = line.right
        made.append(replace(item, lines=tuple(lines), substeps=with_changes(item.substeps)))
    return tuple(made)


def new_in(box: Box, old: Box | None) -> Box:
    """A side of a line, with marks around what the side before does not have; none where all or nothing is new."""
    if old is None or box == old:
        return box
    marked = _marked(box, old)
    whole, new = _size(box), _size_marked(marked)
    return marked if 0 < new <= MOST_MARKED * whole else box


def _marked(box: Box, old: Box) -> Box:
    if box == old:
        return box
    match box, old:
        case Row(), _:
            return row(*_row(_flat(box), _flat(old)))
        case _, Row(parts) if box in parts:
            return box
        case Grid(), Grid() if [len(r) for r in box.rows] == [len(r) for r in old.rows] and box.form == old.form:
            rows = tuple(
                tuple(a if a is None or b is None else _marked(a, b) for a, b in zip(r, q, strict=True))
                for r, q in zip(box.rows, old.rows, strict=True)
            )
            return Grid(rows, box.form)
        case Apply(head, args), Apply(other, olds) if head == other and len(args) == len(olds):
            return Apply(head, tuple(_marked(a, b) for a, b in zip(args, olds, strict=True)))
        case Frac(over, under, full), Frac(above, below) if over == above or under == below:
            return Frac(_marked(over, above), _marked(under, below), full)
        case Script(base, sub, sup), Script(other, low, high) if (sub, sup) == (low, high):
            return Script(_marked(base, other), sub, sup)
        case Fence(body, left, right), Fence(other, begin, end) if (left, right) == (begin, end):
            return Fence(_marked(body, other), left, right)
        case Root(body), Root(other):
            return Root(_marked(body, other))
        case _:
            return Changed(box)


def _row(parts: Sequence[Box], old: Sequence[Box]) -> list[Box]:
    """Boxes side by side; those that came in are marked run by run, and a sign at an end of a run stands outside."""
    found: list[Box] = []
    for how, a1, a2, b1, b2 in SequenceMatcher(None, old, parts, autojunk=False).get_opcodes():
        new, gone = parts[b1:b2], old[a1:a2]
        if how == "equal":
            found += new
        elif len(new) == len(gone) == 1:
            found.append(_marked(new[0], gone[0]))
        elif new:
            found += _run(list(new))
    return found


def _run(parts: list[Box]) -> list[Box]:
    start, end = 0, len(parts)
    while start < end and isinstance(parts[start], Sign | Space):
        start += 1
    while end > start and isinstance(parts[end - 1], Sign | Space):
        end -= 1
    inner = [Changed(row(*parts[start:end]))] if start < end else []
    return [*parts[:start], *inner, *parts[end:]]


def _flat(box: Box) -> list[Box]:
    return [p for part in box.parts for p in _flat(part)] if isinstance(box, Row) else [box]


def _parts(box: Box) -> Iterable[Box]:
    for f in fields(box):
        value = getattr(box, f.name)
        stack = list(value) if isinstance(value, tuple) else [value]
        while stack:
            here = stack.pop()
            if isinstance(here, tuple):
                stack.extend(here)
            elif hasattr(here, "__dataclass_fields__"):
                yield here


def _size(box: Box) -> int:
    """How many letters, numbers and signs there are in a box."""
    inner = [_size(p) for p in _parts(box)]
    return sum(inner) if inner else int(not isinstance(box, Space))


def _size_marked(box: Box) -> int:
    return _size(box) if isinstance(box, Changed) else sum(_size_marked(p) for p in _parts(box))
