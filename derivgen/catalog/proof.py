"""Why an operation has the derivative that is declared: the fact in a sentence, and its proof line by line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from derivgen.expr import Expr


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a proof: two sides that are equal, what was done, and why they are, words and terms in turn."""

    title: str
    left: Expr
    right: Expr
    because: tuple[str | Expr, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """What is said of a derivative, and how it comes about.

    Attributes:
        fact: a sentence, without its full stop. It has places: {f} for the operation of its arguments, {d} for the
            derivative, {w} for the argument that it is taken by, {c} for the other of two, or for the matrix of which {w}
            is an entry; then {g} is 1 + {t} times the entry that stands in the derivative.
        lines: the proof, from the arguments and the number of the one that the derivative is taken by; of an operation
            on matrices from the matrix, the places of the entries, those of the value first, an index that is free and a
            letter for how much an entry grows. Every line is judged as
            a step is. None where the fact is a definition, or one of analysis.
        short: the proof in a sentence, in LaTeX and in the letter u, which a document says where it first states the
            fact and does not print the lines; "" of what everybody learns at school.
    """

    fact: str
    lines: Callable[..., tuple[Line, ...]] | None = None
    short: str = ""

    @property
    def noun(self) -> str:
        """What the fact calls the operation, as "the hyperbolic tangent"; "" where it only writes its sign."""
        words, _, _ = self.fact.partition("{f}")
        return words.strip()[:1].lower() + words.strip()[1:]
