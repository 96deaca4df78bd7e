"""What is said of an equality: how it was read, why it is refuted, at which values, why it was not judged."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from string import ascii_letters

from derivgen.catalog.elementwise import sigmoid
from derivgen.codes import CODES
from derivgen.expr import Call, Expr, walk
from derivgen.expr.text import text
from derivgen.notes.judge.court import Outcome
from derivgen.notes.meaning.gathered import PLACE
from derivgen.notes.meaning.trees import Name
from derivgen.read.reading import Reading

_ITALIC = {0xFEE0 + ord(c): 0x1D434 + ord(c) - ord("A") - (6 if c > "Z" else 0) for c in ascii_letters}
_ITALIC[0xFEE0 + ord("h")] = 0x210E
"""The letters that stand for members x^{(i)}, or italic ones, beside another x, as they are shown."""

OUT = {
    "pattern": "does not go on as the other entries do",
    "form": "stands below a change of something, and has no ∂ itself",
}
"""What is said of a part without which an equality can be read, and holds."""


def reading_words(outcome: Outcome) -> tuple[str, ...]:
    """How the letters were read, one line each."""
    meant = outcome.meant
    if meant is None:
        return ()
    lines = list(Reading(meant.understood.letters, meant.choices).sentences())
    given = [d for d in meant.definitions if d.symbol.name not in meant.abstract and "()" not in text(d.value)]
    given = [d for d in given if not d.symbol.name.startswith(PLACE)]
    if given:
        lines.append("with " + "; ".join(f"{d.symbol.name} = {text(d.value)}" for d in given))
    if meant.abstract:
        names = ", ".join(sorted(meant.abstract))
        lines.append(f"{names}: any function of what it is differentiated by")
    values = [e for e in (*meant.values, *meant.held.values()) if isinstance(e, Expr)]
    if any(isinstance(part, Call) and part.op is sigmoid for e in values for part in walk(e)):
        lines.append("σ is read as the logistic function")
    if len(outcome.layouts) in (1, 2):
        lines.append(f"layout: {' or '.join(outcome.layouts)}")
    return tuple([line.translate(_ITALIC) for line in lines])


def value_words(outcome: Outcome) -> tuple[str, tuple[str, ...]]:
    """A sentence that says the sides differ, and the point with both values."""
    v = outcome.verdict
    if v is None or not v.left:
        return (v.reason if v is not None else CODES["false"].sentence), ()
    point = ", ".join(f"{name} = {value}" for name, value in v.point.items())
    where = f" in {v.place}" if v.place else ""
    lines = (f"at {point}".translate(_ITALIC),) if point else ()
    return f"the sides differ{where}: {v.left} on the left, {v.right} on the right", (
        *lines,
        f"left: {v.left}",
        f"right: {v.right}",
    )


def doubtful_words(reason: str, reading: tuple[str, ...]) -> str:
    """That an equality does not hold as it was read, and how that is."""
    read = "; ".join(line[0].lower() + line[1:] for line in reading)
    return f"does not hold as read: {reason}" + (f" ({read})" if read else "")


def untold_words(letters: Iterable[Name]) -> str:
    """That the meaning of letters is not read, on which an equality rests."""
    return f"what {' and '.join(dict.fromkeys(name for name, _ in letters))} stands for is not read here"


def misfit_words(outcome: Outcome) -> str:
    """Why two sides do not fit, in a sentence."""
    if outcome.error is not None:
        return f"shapes do not fit: {outcome.error.message}"
    return outcome.verdict.reason if outcome.verdict is not None else CODES["shape"].sentence


def unequal_lengths(outcome: Outcome) -> frozenset[str]:
    """The letters of the length that an index runs to and of that which it should run to; none where nothing is so wrong."""
    names = outcome.error.names if outcome.error is not None and outcome.about == "lengths" else ()
    return frozenset(names) if all(len(name) == 1 for name in names) else frozenset()


_WORDS = re.compile(r"\\text|\\mbox|\\verb|\\texttt|\\mathtt|[\u4e00-\u9fff]")


def is_of_letter(outcome: Outcome, bound: Container[str]) -> bool:
    """Whether a side is not read since a letter stands where it says nothing: a vector before arguments, a function without,
    one of the ``bound`` indices outside of the sum."""
    unknown = outcome.error.names if outcome.error is not None and outcome.about == "undeclared" else ()
    return outcome.about == "letter" or any(name in bound for name in unknown)


def is_of_function(outcome: Outcome) -> bool:
    """Whether a side is not read since a derivative is by a function, or of one, that is not of what stands there."""
    return outcome.about == "function"


def unread_reason(outcome: Outcome, latex: str) -> tuple[str, str]:
    """The code and the sentence of a side that was not read."""
    message = outcome.error.message if outcome.error is not None else ""
    code = unread_code(message) if message else "reading"
    if code == "unread" and _WORDS.search(latex):
        code = "words"
    return code, message or CODES[code].sentence


UNREAD_WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("random", ("expectation", "probabilit", "densit", "distribution", "conditional", "variance")),
    ("limit", ("integral", "limits are", "argument of the m", "extrem", "suprem", "infim", "lim ")),
    ("operator", ("not read", "no derivative", "not known", "no function", "not defined here")),
)
"""How the message of an error says why a side cannot be read."""


def unread_code(message: str) -> str:
    """The code of a side that cannot be read, by what the reader said."""
    low = message.lower()
    return next((code for code, words in UNREAD_WORDS if any(word in low for word in words)), "unread")
