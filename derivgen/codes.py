"""The closed list of what a checker of notes says: of an equality that is refuted, of one that is not judged, of style."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from derivgen.errors import ParseError, proposal
from derivgen.option import split_words


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of finding.

    Attributes:
        level: "error" and "warning" are reported; "none" is the reason why an equality is not judged.
        sentence: what it means.
    """

    level: Literal["error", "warning", "none"]
    sentence: str


CODES: dict[str, Code] = {
    # equalities that are refuted
    "false": Code("error", "The two sides have different values."),
    "shape": Code("error", "The shapes of the parts do not fit, or the two sides have different shapes."),
    "form": Code("error", "One side is no value that the other can have, such as a list beside a number."),
    "pattern": Code("error", "An entry does not go on as the others do among which dots stand."),
    "entry": Code("error", "An entry is taken of what is a number."),
    # equalities that are not judged
    "definition": Code("none", "It says what a name stands for."),
    "setting": Code("none", "It sets a size, an index or a number."),
    "hypothesis": Code("none", "It is a condition that the text makes."),
    "update": Code("none", "It is a step of an iteration."),
    "equation": Code("none", "It is an equation to solve, which does not hold for all values of its letters."),
    "convention": Code("none", "It says how a derivative is laid out."),
    "point": Code("none", "It holds at a point that the text names."),
    "unread": Code("none", "A side cannot be read."),
    "operator": Code("none", "An operation is not known here."),
    "random": Code("none", "Expectations, probabilities and distributions are not read."),
    "limit": Code("none", "Limits, integrals and extrema over a set are not read."),
    "words": Code("none", "A side holds words or code."),
    "dependence": Code("none", "It is not said how a letter depends on another."),
    "empty": Code("none", "It says nothing: both sides are 0, since nothing says what depends on what."),
    "reading": Code("none", "Nothing says which of several readings is meant."),
    "layout": Code("warning", "It holds in another layout of derivatives than the rest of the text."),
    "tensor": Code("none", "A derivative in it has three axes or more."),
    "undecided": Code("none", "No points were found at which the sides can be compared, or no time was left."),
    "letters": Code("none", "One side has letters of which nothing says how the other depends on them."),
    "option": Code("warning", "An option of the header there is not, or its value is wrong."),
    "input": Code("warning", "A file that is taken in cannot be read."),
    "doubtful": Code(
        "warning", "It does not hold as it was read, and that was guessed in part: what is meant may be true."
    ),
    # style
    "kink": Code("warning", "A derivative is given at a kink, where there is none."),
    "bold": Code("warning", "An entry of a vector is set in bold."),
    "function-font": Code("warning", "A function whose values are vectors is not set in bold, though vectors are."),
    "redefined": Code("warning", "A name stands for two different values in one section."),
    "kind-changes": Code("warning", "A letter is a number at one place and an array at another of the same section."),
    "list-in-cell": Code("warning", "A matrix of one cell holds a list with commas."),
    "empty-group": Code("warning", "A superscript stands on an empty group."),
    "sign-in-prose": Code("warning", "A sign of equality stands in the prose between two formulas."),
    "half-derivative": Code("warning", "A derivative lacks the sign of the differential below its line."),
    "stray-mark": Code("warning", "A mark stands where none belongs."),
    "bracket": Code("warning", "A bracket has no other, or its other stands on the far side of a brace."),
    "uneven-rows": Code("warning", "The rows of a matrix do not have the same number of cells."),
    "swapped-fonts": Code("warning", "The words say the opposite of what the fonts say."),
}
"""By code, in the order of the manual."""


def known_codes(text: str) -> tuple[str, ...]:
    """The codes that a text names, with commas or blanks between them.

    Raises:
        ParseError: there is no such code.
    """
    found = split_words(text)
    for code in found:
        if code not in CODES:
            raise ParseError(f"there is no code {code[:40]!r}", hint=proposal(code, CODES))
    return found
