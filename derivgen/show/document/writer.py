"""How a format writes a document: block by block, each by the method that has the name of its kind."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import ClassVar

from derivgen.derivation.derivation import Derivation
from derivgen.show.document.blocks import (
    Answer,
    Aside,
    Block,
    Equations,
    Item,
    Note,
    Notes,
    Question,
    Sentence,
    Steps,
    Summary,
    Where,
)
from derivgen.show.document.document import document_of
from derivgen.show.formats import Wishes
from derivgen.show.layout.box import Box
from derivgen.show.layout.lines import Line


class Writer(ABC):
    """Each block becomes a list of parts, which the format sets apart from one another.

    What most formats do alike stands here, in terms of how they set words and mathematics.

    Attributes:
        ANSWER: the heading of the answer.
        NOTE: what a remark begins with.
        APART: what stands between two declarations.
    """

    ANSWER: ClassVar[str] = "Answer"
    NOTE: ClassVar[str] = "Note: "
    APART: ClassVar[str] = "; "

    def parts(self, d: Derivation, wishes: Wishes) -> list[str]:
        """The parts of a derivation's document."""
        return self.blocks(document_of(d, wishes).blocks)

    def blocks(self, blocks: Iterable[Block]) -> list[str]:
        """The parts of all these blocks."""
        return [part for block in blocks for part in getattr(self, type(block).__name__.lower())(block)]

    # words and mathematics

    @abstractmethod
    def lines(self, lines: Sequence[Line]) -> list[str]:
        """Equations, one under the other, in one part; of none no part."""

    @abstractmethod
    def formula(self, box: Box) -> str:
        """A formula in a sentence."""

    @abstractmethod
    def prose(self, sentence: str) -> str:
        """A sentence with mathematics between dollar signs."""

    def paragraph(self, words: str) -> str:
        """Words that stand by themselves."""
        return words

    # blocks

    @abstractmethod
    def title(self, text: str) -> str:
        """The heading of a document."""

    def question(self, b: Question) -> list[str]:
        """What is asked, and what is declared."""
        return [self.title(b.title), *self.lines(b.lines), *self.about(b)]

    def about(self, b: Question) -> list[str]:
        """What is declared, and how the derivative is laid out."""
        declared = self.APART.join(map(self.formula, b.declarations))
        said = (f"where {declared}." if declared else "", *map(self.prose, b.reading), self.prose(b.convention))
        return [self.paragraph(words) for words in said if words]

    def steps(self, b: Steps) -> list[str]:
        """The steps in their order."""
        return self.blocks(b.blocks)

    @abstractmethod
    def item(self, b: Item) -> list[str]:
        """A step: its number and title, its reason, its equations, its check, its smaller steps."""

    def answer(self, b: Answer) -> list[str]:
        """The derivative that was found, and what belongs to it."""
        return [self.ANSWER, *self.lines((b.line,)), *self.blocks(b.blocks)]

    def sentence(self, b: Sentence) -> list[str]:
        """A paragraph of its own."""
        return [self.paragraph(self.prose(b.text))]

    def equations(self, b: Equations) -> list[str]:
        """Equations, one under the other."""
        return self.lines(b.lines)

    def where(self, b: Where) -> list[str]:
        """What the letters of the answer stand for."""
        return [self.paragraph("where"), *self.lines(b.lines)]

    def notes(self, b: Notes) -> list[str]:
        """Remarks, each a paragraph."""
        return [self.paragraph(self.NOTE + self.note(note)) for note in b.notes]

    def note(self, note: Note) -> str:
        """The words of a remark."""
        relation = self.formula(note.relation) if note.relation is not None else ""
        return self.prose(note.before) + relation + self.prose(note.after)

    def aside(self, b: Aside) -> list[str]:
        """What some readers want to see besides, under its own title."""
        return [b.title, *self.blocks(b.blocks)]

    @abstractmethod
    def summary(self, b: Summary) -> list[str]:
        """What the judge says of the whole."""
