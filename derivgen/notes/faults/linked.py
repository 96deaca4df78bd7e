"""Letters in the links of a chain rule, as they are written: ∂y/∂u ∂u/∂x."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from derivgen.notes.meaning.edits import Edit, argument_end, atoms, plain_letter, without_transposes

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


_ARGUMENTS = re.compile(r"[^()]*(?:\\left)?\((?P<inside>[^()]*?)(?:\\right)?\)")


def makes_own(edit: Edit, side: str) -> bool:
    """Whether a letter that is put in makes the derivative of g(x, y) one by x or y, which it was not: ∂g(x, y)/∂f."""
    before, now = (
        next((link for link in _links(s) if link.middle <= edit.start < link.end), None)
        for s in (side, edit.applied(side))
    )
    called = _ARGUMENTS.fullmatch(now.over) if now is not None else None
    if before is None or now is None or called is None or before.over != now.over:
        return False
    own = [without_transposes(a) for a in called["inside"].split(",")]
    return now.under in own and before.under not in own


def makes_whole(edit: Edit, side: str, definitions: Mapping[str, str]) -> bool:
    """Whether the rate of a part becomes that of the whole: of z = ax + b in place of b, by x.

    ``definitions`` are of letters, without their fonts; the part is a letter that has none, and cannot be the whole itself.
    """
    link = next((link for link in _links(edit.applied(side)) if link.start <= edit.start < link.middle), None)
    old, new = plain_letter(side[edit.start : edit.end]), plain_letter(edit.text)
    if link is None or link.over != edit.text or new not in definitions or old in definitions:
        return False
    value = definitions[new]
    return {old, plain_letter(link.under)} <= {plain_letter(value[a.start : a.base]) for a in atoms(value) if a.letter}
