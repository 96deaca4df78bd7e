"""What a document is made of: blocks, each a kind of thing that every format has its own way to show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeVar

from derivgen.check.verdict import Verdict
from derivgen.show.layout.box import Box
from derivgen.show.layout.lines import Line


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, under a title: the expression and the names in it, what is declared, and the layout in a sentence.

    Attributes:
        reading: what letters and signs were taken for, where that was not said.
    """

    title: str
    lines: tuple[Line, ...]
    declarations: tuple[Box, ...]
    convention: str
    reading: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """One numbered step.

    Attributes:
        hidden: what a page folds away below it for who tries by himself first.
        notes: the signs that it prints, each by a name of it and with the sentence that explains it.
    """

    number: str
    title: str
    lines: tuple[Line, ...]
    reason: str
    rule: str
    check: Verdict | None
    substeps: tuple[Item, ...] = ()
    hidden: tuple[Aside, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()

    @property
    def depth(self) -> int:
        """How many steps this one is part of."""
        return self.number.count(".")


@dataclass(frozen=True, slots=True)
class Steps:
    """The way from the question to the answer."""

    blocks: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer, and what is said of it."""

    line: Line
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence by itself; mathematics in it stands between dollar signs."""

    text: str


@dataclass(frozen=True, slots=True)
class Equations:
    """Displayed equations."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Where:
    """The names that stand above, each with what it stands for."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """A remark: a sentence, or one around a relation."""

    before: str
    relation: Box | None = None
    after: str = ""


@dataclass(frozen=True, slots=True)
class Notes:
    """Remarks on the answer."""

    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """The verdict on the whole, "verified", "refuted" or "unchecked", in a sentence."""

    status: str
    text: str


@dataclass(frozen=True, slots=True)
class Aside:
    """What stands beside a derivation for who learns from it, under a title; ``folds`` says when a page folds it away."""

    title: str
    blocks: tuple[Block, ...]
    folds: Literal["never", "if long", "always"] = "if long"


Block = Question | Steps | Item | Answer | Sentence | Equations | Where | Notes | Summary | Aside
B = TypeVar("B", bound=Block)


@dataclass(frozen=True, slots=True)
class Document:
    """What every format shows, in the order in which it is shown."""

    blocks: tuple[Block, ...]

    def find(self, kind: type[B]) -> Iterator[B]:
        """The blocks of a kind, at the top or below the steps or the answer."""
        for block in self.blocks:
            inner = block.blocks if isinstance(block, Steps | Answer) else ()  # what stands aside is by itself
            yield from (found for found in (block, *inner) if isinstance(found, kind))
