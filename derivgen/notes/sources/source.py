"""An author's text as a checker sees it: prose, formulas and headings in their order, each with its place."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from derivgen.tex.macros import Macro


@dataclass(frozen=True, slots=True)
class Spot:
    """A place as an editor shows it: lines and columns from 1, columns in code points, in a notebook within the cell.

    Attributes:
        path: the file, which is another where a text takes in others.
        cell: of a notebook, counted from 1 among all of its cells; None elsewhere.
    """

    path: Path
    line: int
    column: int
    cell: int | None = None


@dataclass(frozen=True, slots=True)
class Prose:
    """Words between formulas, blank lines among them.

    What is no prose is blank: code, comments, marks of quotations, commands of LaTeX (the words in their braces stay).
    So ``text[k]`` stands at ``start + k`` of the notes.
    """

    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Formula:
    r"""Mathematics, without its delimiters.

    Attributes:
        latex: as written, except that what the container adds is blank: the > of a quotation, a backslash that only
            keeps Markdown from eating the next. ``latex[k]`` stands at ``start + k`` of the notes.
        display: whether it is set on lines of its own.
        environment: ``align``, ``equation*``, … where the delimiters are ``\begin`` and ``\end``, else "".
    """

    latex: str
    start: int
    display: bool
    environment: str = ""

    @property
    def end(self) -> int:
        """Where its last character ends."""
        return self.start + len(self.latex)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; its formulas follow it as pieces of their own. ``level`` counts from 1, as in HTML."""

    level: int
    title: str
    start: int


@dataclass(frozen=True, slots=True)
class Passage:
    """Where a theorem or an example begins or ends, to which belongs what is introduced in it.

    Attributes:
        kind: "statement" where one begins, "proof" where what goes with the statement before does, "" at the end of either.
    """

    kind: Literal["statement", "proof", ""]
    start: int


@dataclass(frozen=True, slots=True)
class Setting:
    """An option that a comment sets at a place: for all of the file before its first heading, else for that section."""

    key: str
    value: str
    start: int


@dataclass(frozen=True, slots=True)
class Ignored:
    """Findings that the author does not want to hear of: those of ``codes``, or all, in ``start <= offset < end``."""

    start: int
    end: int
    codes: frozenset[str] = frozenset()


Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something an author may want to know, besides the equalities that are refuted.

    Attributes:
        start, end: the place in ``Notes.text``.
        code: its kind, one word of a closed list, by which it is selected and ignored.
        repair: what to write there instead, or None.
    """

    start: int
    end: int
    code: str
    level: Level
    message: str
    repair: str | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the notes that stands in one file, or one cell: where it begins, here and there."""

    start: int
    path: Path
    line: int = 1
    column: int = 1
    cell: int | None = None


Piece = Prose | Formula | Heading | Passage

Value = str | tuple[str, ...]
"""The value of an option as its author wrote it; several where it may be given more than once."""


@dataclass(frozen=True)
class Notes:
    """A text that was read: what stands in it, and what its author says about how to read it.

    Attributes:
        path: the file that was named.
        text: all of it; cells and files that are taken in one after another. Offsets count code points of it.
        pieces: in the order of the text.
        options: what front matter, comments before the first heading and ``derivgen.toml`` set, by the keys of options.
        settings: what comments set further down.
        macros: the commands of the author, from the file, what it takes in, its preamble and the site's configuration.
        ignored: where findings are not wanted.
        findings: what is wrong with what was to be read: an option that there is not, a file that is not there.
        segments: where the text comes from, in its order; the first begins at 0.
    """

    path: Path
    text: str
    pieces: tuple[Piece, ...]
    options: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    settings: tuple[Setting, ...] = ()
    macros: Mapping[str, Macro] = field(default_factory=lambda: MappingProxyType({}))
    ignored: tuple[Ignored, ...] = ()
    findings: tuple[Finding, ...] = ()
    segments: tuple[Segment, ...] = ()

    @cached_property
    def _lines(self) -> tuple[int, ...]:
        """Where lines of the text begin."""
        found = [0]
        at = self.text.find("\n")
        while at >= 0:
            found.append(at + 1)
            at = self.text.find("\n", at + 1)
        return tuple(found)

    @cached_property
    def _segments(self) -> tuple[Segment, ...]:
        return self.segments or (Segment(0, self.path),)

    def formulas(self) -> Iterator[Formula]:
        """The formulas, in the order written."""
        return (p for p in self.pieces if isinstance(p, Formula))

    def spot(self, offset: int) -> Spot:
        """Where a code point of the text stands; one behind its end is taken for the end."""
        offset = min(max(offset, 0), len(self.text))
        found = self._segments[bisect_right(self._segments, offset, key=lambda s: s.start) - 1]
        line = bisect_right(self._lines, offset) - 1
        first = bisect_right(self._lines, found.start) - 1
        column = found.column + offset - found.start if line == first else offset - self._lines[line] + 1
        return Spot(found.path, found.line + line - first, column, found.cell)

    def offset(self, path: Path, line: int, column: int, cell: int | None = None) -> int | None:
        """The place in the text of a line and a column of a file; None where that is no part of it."""
        for segment, after in zip(self._segments, (*self._segments[1:], None), strict=True):
            if (segment.path, segment.cell) != (path, cell) or line < segment.line:
                continue
            end = len(self.text) if after is None else after.start
            first = bisect_right(self._lines, segment.start) - 1
            number = first + line - segment.line
            if number >= len(self._lines) or self._lines[number] > end:
                continue
            begin = segment.start - segment.column + 1 if number == first else self._lines[number]
            found = begin + column - 1
            if segment.start <= found <= end:
                return found
        return None

    def line_at(self, offset: int) -> tuple[int, int]:
        """The line of the text around an offset: where it begins and where it ends, without its line end."""
        line = bisect_right(self._lines, offset) - 1
        end = self._lines[line + 1] - 1 if line + 1 < len(self._lines) else len(self.text)
        return self._lines[line], end
