"""The plain name that a name in LaTeX stands for, where it is declared."""

from __future__ import annotations

import re
from functools import lru_cache

from derivgen.catalog.letters import LATEX_LETTERS, LETTER_NAMES
from derivgen.read.latex.commands import ACCENTS, FONTS

_COMMAND = re.compile(r"\\([A-Za-z]+)\s*")
_LETTERS = re.compile(r"[^\W\d_][^\W_]*")
_BELOW = re.compile(r"\s*_\s*(?:\{(?P<group>[^{}]*(?:\{[^{}]*\}[^{}]*)*)\}|(?P<one>\\[A-Za-z]+|[^\W_]))")
_ABOVE = re.compile(r"\s*\^\s*(?:\{\s*\((?P<group>[\w\s]*)\)\s*\}|(?P<star>\*|\{\s*\*\s*\}))")
_BLANK = re.compile(r"\s*")


@lru_cache(maxsize=4096)
def plain(stem: str, subs: tuple[str, ...] = ()) -> str:
    """The plain name of a spelling: x with subscript 1 is x1, θ with hat theta_hat."""
    parts = [LETTER_NAMES.get(p, p) for p in (stem, *subs)]
    name = parts[0]
    several = len(subs) > 1 and all(sub.isdigit() for sub in subs)  # x_{1,2} is no x_{12}, nor x1 with a 2
    for sub in parts[1:]:
        joined = not several and sub.isdigit() and not name[-1].isdigit() and "_" not in name
        name += sub if joined else f"_{sub}"
    return re.sub(r"\W", "_", name)


def declared_name(source: str, at: int) -> tuple[str, int] | None:
    r"""The plain name that begins at ``at``, and where it ends: \mathbf{w}_1 is w1. None where LaTeX names nothing there."""
    found = _nucleus(source, at)
    if found is None:
        return None
    stem, subs, end = found
    while (script := _BELOW.match(source, end) or _ABOVE.match(source, end)) is not None:
        given = next((g for g in script.groups() if g is not None), "")
        subs += ("star",) if "*" in given else tuple(s for s in map(_bare, given.split(",")) if s)
        end = script.end()
    return plain(stem, subs), end


def _nucleus(source: str, at: int, depth: int = 0) -> tuple[str, tuple[str, ...], int] | None:
    """A letter in fonts, under accents and in braces."""
    if depth > 5:
        return None
    if source[at : at + 1] == "{" and depth:
        start = _end_of_blank(source, at + 1)
        inner = _nucleus(source, start, depth + 1)
        if inner is None:
            return None
        end = _end_of_blank(source, inner[2])
        return (*inner[:2], end + 1) if source[end : end + 1] == "}" else None
    command = _COMMAND.match(source, at)
    if command is None:
        letters = _LETTERS.match(source, at)
        return None if letters is None else (letters[0], (), letters.end())
    name = command[1]
    if name in LATEX_LETTERS:
        return LATEX_LETTERS[name], (), at + 1 + len(name)
    if name in FONTS and name not in ("mathbb", "mathds", "mathbbm"):
        return _nucleus(source, command.end(), depth + 1)
    if name in ACCENTS:
        inner = _nucleus(source, command.end(), depth + 1)
        return None if inner is None else (inner[0], (*inner[1], ACCENTS[name]), inner[2])
    return None


def _end_of_blank(source: str, at: int) -> int:
    blank = _BLANK.match(source, at)
    return at if blank is None else blank.end()


def _bare(sub: str) -> str:
    """A subscript without fonts and braces."""
    letters = re.sub(r"\\([A-Za-z]+)", lambda m: "" if m[1] in FONTS else m[1], sub)
    letters = re.sub(r"^\s*[-−](?=\s*\d+\s*$)", "minus", letters)
    return re.sub(r"[^\w]", "", letters)
