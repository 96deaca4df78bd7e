"""The sections of a text: where each begins and ends, what comments set in it, and where findings are not wanted."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from derivgen.codes import known_codes
from derivgen.notes.sources.source import Heading, Ignored, Notes, Passage, Piece, Prose, Setting, Value

Path = tuple[int, ...]
"""What something stands under, as numbers of pieces: headings, then theorems, examples and proofs."""


@dataclass
class Place:
    """What a reader who goes from piece to piece stands under.

    Attributes:
        passages: the theorems and examples that are open, with their proofs.
        closed: those that ended last, where no other has begun since: a proof goes with them, and words behind speak of them.
    """

    headings: list[tuple[int, int]] = field(default_factory=list)
    passages: Path = ()
    closed: Path = ()
    _around: list[tuple[Path, Path]] = field(default_factory=list)
    _begins: bool = False

    def meet(self, number: int, piece: Piece) -> None:
        """Go past a piece."""
        begins, self._begins = self._begins, isinstance(piece, Passage) and bool(piece.kind)
        match piece:
            case Prose():
                self._begins = begins
            case Heading() if begins:  # ## is how Quarto gives a theorem its name
                pass
            case Heading(level):
                self.headings = [p for p in self.headings if p[0] < level] + [(level, number)]
                self.passages = self.closed = ()
                self._around.clear()
            case Passage("statement" | "proof" as kind):
                around = (self.closed or self.passages) if kind == "proof" else self.passages
                self._around.append((self.passages, around if kind == "proof" else (*around, number)))
                self.passages, self.closed = (*around, number), ()
            case Passage() if self._around:
                self.passages, self.closed = self._around.pop()
            case _:
                pass

    @property
    def section(self) -> Path:
        """The headings."""
        return tuple([number for _, number in self.headings])


@dataclass(frozen=True)
class Sections:
    """The sections of a text."""

    notes: Notes

    def extent(self, start: int) -> tuple[int, int]:
        """Where the section that holds a place begins and ends, with those below it."""
        k = self._number(start)
        begin, own = self._begin[k]
        ends = (at for at, path in self._begin[k + 1 :] if not is_within(own, path))
        return begin, next(ends, len(self.notes.text))

    def set_at(self, path: Path) -> Iterator[Setting]:
        """What comments set for what stands under some headings."""
        for setting in self.notes.settings:
            if is_within(self._begin[self._number(setting.start)][1], path):
                yield setting

    def _number(self, start: int) -> int:
        return bisect_right(self._begin, start, key=lambda s: s[0]) - 1

    @cached_property
    def _begin(self) -> tuple[tuple[int, Path], ...]:
        """Where sections begin, with the headings from there on."""
        found: list[tuple[int, Path]] = [(0, ())]
        place = Place()
        for number, piece in enumerate(self.notes.pieces):
            place.meet(number, piece)
            if place.section != found[-1][1]:
                found.append((piece.start, place.section))
        return tuple(found)


def is_within(path: Path, here: Path) -> bool:
    """Whether what stands under ``here`` stands under ``path`` too."""
    return path == here[: len(path)]


_LAST_WORD = re.compile(r"([^\W\d_]{2,})[\s*_]*$")
_GOING_ON = frozenset(
    ("so", "thus", "hence", "and", "which", "that", "is", "this", "it", "or", "then", "therefore", "equals", "gives", "giving",
     "where", "since", "because", "by", "have", "get", "obtain", "finally", "again", "now", "also", "are", "be", "as", "with")
)  # fmt: skip
"""Words behind which a formula that begins with a sign goes on from the one before."""


def is_named_in_words(before: Piece) -> bool:
    """Whether the words before a formula that begins with a sign end with what it speaks of: "the mean $= 2$"."""
    word = _LAST_WORD.search(before.text) if isinstance(before, Prose) else None
    return word is not None and word[1].lower() not in _GOING_ON


def silenced(notes: Notes) -> tuple[Ignored, ...]:
    """Where findings are not wanted: by comments that ask for silence, and by the option for a text or a section."""
    sections = Sections(notes)
    given = [(0, len(notes.text), notes.options.get("ignore", ()))]
    given += [(*sections.extent(s.start), s.value) for s in notes.settings if s.key == "ignore"]
    return (*notes.ignored, *(Ignored(a, b, _codes(value)) for a, b, value in given if value))


def _codes(value: Value) -> frozenset[str]:
    return frozenset(known_codes(value if isinstance(value, str) else ",".join(value)))
