"""What the place of a repair says by itself: how an equality writes the same thing elsewhere, whatever its letters are."""

from __future__ import annotations

import re

from derivgen.notes.faults.repair import Repair
from derivgen.notes.meaning.edits import closing, joined

_SIZED = re.compile(r"\\(?:left|right|[bB]igg?[lr]?)(?![A-Za-z])|\\[,;:! ]|\s+")
"""How large a bracket is, and how wide a space: neither says anything."""

_CALLED = r"(?![A-Za-z])\s*'*\s*(?:\\left\s*)?\("
"""What stands behind the name of a function, with its primes."""


def is_told_by_its_place(repair: Repair, side: str, other: str) -> bool:
    """Whether what a repair puts in place makes what stands in brackets around it that of the other side, or takes out the
    name of a function that stands there without arguments.

    Args:
        repair: the edit.
        side: the member that it changes, in LaTeX.
        other: the member that it is then equal to.
    """
    taken = side[repair.start : repair.end].strip()
    if repair.kind == "letter" and _is_a_functions_name(taken, side, repair.end, other):
        return True
    made = side[: repair.start] + joined(repair.text, side[repair.end :])
    around, before = _bracket(made, repair.start), _bracket(side, repair.start)
    said = _plain(other)
    return len(_plain(around)) > len(_plain(repair.text)) + 2 and _plain(around) in said and _plain(before) not in said


def _is_a_functions_name(taken: str, side: str, end: int, other: str) -> bool:
    """Whether a letter is that of a function that the equality gives its arguments, and has none where it is replaced."""
    called = re.compile((r"" if taken.startswith("\\") else r"(?<![A-Za-z\\])") + re.escape(taken) + _CALLED)
    return bool(taken) and not called.match(taken + side[end:]) and any(map(called.search, (side, other)))


def _bracket(latex: str, start: int) -> str:
    """The innermost round or square bracket around a place, with the bracket; "" where there is none."""
    depth = 0
    for at in range(start - 1, -1, -1):
        if latex[at] in ")]":
            depth += 1
        elif latex[at] in "([":
            if depth == 0:
                return latex[at : closing(latex, at)]
            depth -= 1
    return ""


def _plain(latex: str) -> str:
    """LaTeX without what makes no difference to how a bracket looks."""
    return _SIZED.sub("", latex)
