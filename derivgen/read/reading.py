"""How a question was read: what each letter is, where that is known from, and what could have been meant instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from derivgen.catalog.base import Abstract
from derivgen.catalog.declared import places_of_members, where_text
from derivgen.errors import Span
from derivgen.expr import Symbol

Source = Literal["declared", "defined", "use", "font", "habit"]
"""Where it is known from what a letter is, the strongest first."""

SAID: dict[Source, str] = {
    "use": "by use",
    "font": "by font",
    "habit": "by custom",
}


@dataclass(frozen=True, slots=True)
class Read:
    """What one letter was read as.

    Attributes:
        letter: the variable, or the function.
        source: where that is known from.
    """

    letter: Symbol | Abstract
    source: Source

    @property
    def kind(self) -> str:
        """ "number", "column", "row", "matrix", "family" or "function"."""
        if isinstance(self.letter, Abstract):
            return "function"
        if places_of_members(self.letter):
            return "family"
        shape = self.letter.shape
        return ("number", "row" if shape.row else "column", "matrix")[shape.rank]

    @property
    def where(self) -> str:
        """The declaration that says the same: "x in R^n"."""
        return where_text([self.letter]) if isinstance(self.letter, Symbol) else where_text([], [self.letter])

    @property
    def size(self) -> str:
        """The space that the letter is of: "R^n", "R^n -> R"."""
        return self.where.partition(": " if isinstance(self.letter, Abstract) else " in ")[2]


@dataclass(frozen=True, slots=True)
class Choice:
    """A sign, or letters side by side, that could be read otherwise.

    Attributes:
        span: where in ``source`` it stands.
        taken: the sentence that says what it was taken for.
        instead: what else it could be, and how that is written.
    """

    span: Span
    source: str
    taken: str
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a question was read.

    Attributes:
        letters: every letter, those that are declared too, in the order met.
        choices: what could have been read otherwise.
        shadowed: of each name that the catalog has too, a sentence that says whose is meant.
        written: how often the derivative that is asked for is written in the question; what is read is without it.
    """

    letters: tuple[Read, ...] = ()
    choices: tuple[Choice, ...] = ()
    shadowed: tuple[str, ...] = ()
    written: int = 0

    @property
    def inferred(self) -> tuple[Read, ...]:
        """The letters that nothing declares or defines."""
        return tuple(one for one in self.letters if one.source in SAID)

    @property
    def guessed(self) -> bool:
        """Whether the answer rests on anything that was not said."""
        return bool(self.inferred or self.choices)

    @property
    def where(self) -> str:
        """The declarations that say what was inferred: with them the question reads the same."""
        return _declared(self.inferred)

    def beside(self, other: Reading) -> Reading:
        """The reading of two expressions of one question: what either of them says."""
        letters = {one.letter.name: one for one in (*self.letters, *other.letters)}
        return Reading(
            tuple(letters.values()),
            tuple(dict.fromkeys((*self.choices, *other.choices))),
            tuple(dict.fromkeys((*self.shadowed, *other.shadowed))),
            max(self.written, other.written),
        )

    def sentences(self) -> tuple[str, ...]:
        """What a reader is told: the letters by where they are known from, then each choice."""
        order = list(SAID)
        groups = groupby(sorted(self.inferred, key=lambda one: order.index(one.source)), key=lambda one: one.source)
        letters = "; ".join(f"{_declared(tuple(group))}, {SAID[source]}" for source, group in groups)
        taken = tuple(dict.fromkeys(choice.taken for choice in self.choices))
        return ((f"Read as {letters}",) if letters else ()) + taken + self.shadowed


NOTHING_READ = Reading()
"""The reading of a tree, in which nothing is left to be read."""


def _declared(letters: Iterable[Read]) -> str:
    known = tuple(letters)
    symbols = [one.letter for one in known if isinstance(one.letter, Symbol)]
    return where_text(symbols, [one.letter for one in known if isinstance(one.letter, Abstract)])
