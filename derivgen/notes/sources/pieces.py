"""What is found in a text, put together: formulas and headings, and prose for all between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from derivgen.notes.sources.source import Formula, Piece, Prose

_VISIBLE = re.compile(r"\S")


@dataclass(slots=True)
class Found:
    """What stands in a text, or in a part of it.

    Attributes:
        pieces: in their order.
        comments: where comments stand, what they say, and whether a line holds nothing else.
        definitions: LaTeX that may define commands.
    """

    pieces: list[Piece] = field(default_factory=list)
    comments: list[tuple[int, int, str]] = field(default_factory=list)
    definitions: list[str] = field(default_factory=list)


def blank(text: str) -> str:
    """Spaces in the place of all that can be seen, so that places stay."""
    return _VISIBLE.sub(" ", text)


def kept(text: str, shown: list[tuple[int, int]], hidden: list[tuple[int, int]]) -> str:
    """The text, blank but for what is shown and not hidden."""
    out: list[str] = []
    at = 0
    for start, end in sorted(shown):
        if start >= at:
            out += [blank(text[at:start]), text[start:end]]
            at = end
    out.append(blank(text[at:]))
    text, out, at = "".join(out), [], 0
    for start, end in sorted(hidden):
        start = max(start, at)
        if end > start:
            out += [text[at:start], blank(text[start:end])]
            at = end
    return "".join(out) + text[at:]


def with_prose(pieces: list[Piece], words: str) -> Iterator[Piece]:
    """The pieces, and between them the words, in which formulas and headings are blank."""
    at = 0
    for piece in pieces:
        if piece.start > at:
            yield Prose(words[at : piece.start], at)
        yield piece
        at = max(at, piece.end if isinstance(piece, Formula) else piece.start)
    if at < len(words):
        yield Prose(words[at:], at)
