"""Letters in the links of a chain rule, as they are written: ∂y/∂u ∂u/∂x."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from derivgen.notes.edits import Edit, argument_end, without_transposes

_FRACTION = re.compile(r"\\[dt]?frac\s*(?=\{)")
_BETWEEN = re.compile(r"(?:\s|\\[,;:!]|\\cdot|\\times)*")
_CHANGE = re.compile(r"\{\s*(?:\\partial|d|\\(?:mathrm|text|rm)\s*\{?\s*d\s*\}?)\s*(.*)\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Link:
    """A fraction of two changes: where it begins, where its upper part ends, where it ends, and of what the changes are."""

    start: int
    middle: int
    end: int
    over: str
    under: str


def _links(latex: str) -> Iterator[_Link]:
    for m in _FRACTION.finditer(latex):
        middle = argument_end(latex, m.end())
        end = argument_end(latex, middle)
        over, under = (_CHANGE.fullmatch(s.strip()) for s in (latex[m.end() : middle], latex[middle:end]))
        if over is not None and under is not None:
            yield _Link(m.start(), middle, end, without_transposes(over[1]), without_transposes(under[1]))


def makes_links(edit: Edit, side: str, other: str) -> bool:
    """Whether a letter that is put in makes a link go on with the one beside it, or begin or end as a derivative of ``other``."""
    made = edit.applied(side)
    found = list(_links(made))
    for before, behind in pairwise(found):
        if _BETWEEN.fullmatch(made, before.end, behind.start) is None:
            continue
        for here, beside in ((before, behind), (behind, before)):
            if here.start <= edit.start < here.middle:
                return here.over == beside.under or any(here.over == link.over for link in _links(other))
            if here.middle <= edit.start < here.end:
                return here.under == beside.over or any(here.under == link.under for link in _links(other))
    return False
