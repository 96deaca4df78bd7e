"""The family of errors: each says what is wrong, points at the place in the source and proposes a fix."""

from __future__ import annotations

import reprlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Self


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of code points, ``start <= position < end``, in the text that the reader gave."""

    start: int
    end: int

    def __or__(self, other: Span) -> Span:
        return Span(min(self.start, other.start), max(self.end, other.end))


About = Literal["", "lengths", "entry", "vector", "letter", "function", "undeclared"]
"""What an error is about, for those who go on by it: two lengths that are not one; an entry of what has none there; a function of
vectors that is given a number; a letter that stands where it says nothing; a derivative by a function, or of one, that is not
of what stands there; a name that nothing declares."""


class DerivgenError(Exception):
    """Anything that derivgen refuses.

    Attributes:
        message: one sentence that says what is wrong.
        span: where in ``source`` it is wrong, or None where no place is to blame.
        hint: what to write instead, or None.
        source: the text that ``span`` points into.
        first: where in ``source`` the same thing stands before, of what may stand only once.
        about: what it is about, where somebody goes on by that; ``names`` those that it is about: lengths, a function, a letter.
    """

    kind = "error"

    def __init__(
        self, message: str, *, span: Span | None = None, hint: str | None = None, source: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.span = span
        self.hint = hint
        self.source = source
        self.first: Span | None = None
        self.about: About = ""
        self.names: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.advised  # the last line of a traceback is all that a notebook shows

    def at(self, span: Span | None, source: str | None) -> DerivgenError:
        """The same error, placed in ``source``; a place that is known already is kept."""
        if self.span is None:
            self.span = span
        if self.source is None:
            self.source = source
        return self

    def marked(self, about: About, *names: str) -> Self:
        """The same error, with what it is about for those who go on by that, however it is worded."""
        self.about, self.names = about, names
        return self

    @property
    def advised(self) -> str:
        """The message, and what to write instead in brackets behind it: for a place that has one line."""
        return f"{self.message} ({self.hint})" if self.hint else self.message


def shown(value: object) -> str:
    """A value as it stands in a message: as Python writes it, cut where it is long."""
    return value.__name__ if isinstance(value, type) else _SHORT.repr(value)


_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 60


class ParseError(DerivgenError):
    """Text that cannot be read as an expression, a declaration or an option."""

    kind = "cannot read"


class AmbiguousError(DerivgenError):
    """A question that can be meant in two ways with different answers: it is asked back.

    Attributes:
        readings: each way, in words, with the declarations that settle it.
    """

    kind = "ambiguous"

    def __init__(self, message: str, readings: tuple[tuple[str, str], ...], *, source: str | None = None) -> None:
        ways = " or ".join(f'"{where}"' for _, where in readings)
        super().__init__(message, hint=f"declare what is meant: {ways}", source=source)
        self.readings = readings

    def __reduce__(self) -> tuple[object, ...]:
        return _ambiguous, (self.message, self.readings, self.source)


def _ambiguous(message: str, readings: tuple[tuple[str, str], ...], source: str | None) -> AmbiguousError:
    return AmbiguousError(message, readings, source=source)


class ShapeError(DerivgenError):
    """Operands whose shapes do not fit."""

    kind = "shapes do not fit"


class NameUnknown(DerivgenError):
    """A name that is neither declared nor an operation."""

    kind = "unknown name"


class NoRule(DerivgenError):
    """A derivative that no rule covers. It is refused: it is never taken to be zero."""

    kind = "no rule"


class CheckError(DerivgenError):
    """A point, an assumption or a tool that the numeric check needs and does not have."""

    kind = "cannot check"


class ArgumentError(DerivgenError):
    """A value of a kind that a function or a node does not take."""

    kind = "wrong argument"


class ExtensionError(DerivgenError):
    """An operation, a rule, or a package of them, that derivgen cannot be extended by."""

    kind = "cannot extend"


class OperationError(ExtensionError):
    """A declaration of an operation that lacks something, or that says what is not so."""

    kind = "wrong declaration"


class InternalError(DerivgenError):
    """A mistake of ours."""

    kind = "internal error"

    @classmethod
    def of(cls, bug: BaseException) -> InternalError:
        """An exception that should not have come, as an error that asks for a report."""
        what = " ".join(f"{type(bug).__name__}: {bug}".split())[:300]
        return cls(what, hint="this is a mistake in derivgen: please report it, with what DERIVGEN_DEBUG=1 shows")


def nearest(word: str, known: Iterable[str]) -> str:
    """The one of the known words that is spelled most like this, or an empty text where none is."""
    if not word:
        return ""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word, list(known), 1)), "")


def proposal(word: str, known: Iterable[str]) -> str:
    """A hint for a word that is none of those known."""
    near = nearest(word, known)
    return f"did you mean {near}?" if near else f"it is one of {', '.join(known)}"


# --- an error on one screen ------------------------------------------------------------------------------------------

WIDEST = 76
"""Columns of the source that are shown at once."""

MOST_LINES = 3
_RED, _BOLD, _PLAIN = "\x1b[1;31m", "\x1b[1m", "\x1b[0m"


def render(error: DerivgenError, *, color: bool = False) -> str:
    """The error as a reader sees it: what is wrong, the place underlined with carets, what to write instead."""
    red, bold, plain = (_RED, _BOLD, _PLAIN) if color else ("", "", "")
    out = [f"{red}{error.kind}{plain}{bold}: {_one_line(error.message)}{plain}"]
    if error.span is not None and error.source:
        for shown, carets in _places(error.source, error.span):
            out += [f"  {shown}", f"  {red}{carets}{plain}"]
    if error.hint:
        out.append(f"hint: {_one_line(error.hint)}")
    return "\n".join(out)


def _one_line(message: str) -> str:
    words = "".join(map(_visible, " ".join(message.split())))
    return words if len(words) <= 600 else f"{words[:400]} … {words[-160:]}"


def _visible(c: str) -> str:
    if c.isprintable():
        return c
    return " " if c.isspace() else "\N{REPLACEMENT CHARACTER}"


def _places(source: str, span: Span) -> list[tuple[str, str]]:
    """The lines that the span touches, the first few of them, each with its carets."""
    start = min(max(span.start, 0), len(source))
    end = min(max(span.end, start), len(source))
    found: list[tuple[str, str]] = []
    at = 0
    for line in source.splitlines(keepends=True):
        here, at = at, at + len(line)
        if (at <= start and not at == len(source) == start) or (found and here >= end):
            continue
        if len(found) == MOST_LINES:
            found.append(("…", ""))
            break
        text = line.rstrip("\r\n")
        low, high = max(start - here, 0), min(end - here, len(text))
        if len(found) and not text[low:high].strip():
            continue
        found.append(window(text, low, max(high, low + 1)))
    return found


def window(line: str, low: int, high: int) -> tuple[str, str]:
    """One line and its carets below ``line[low:high]``, cut to the columns around them."""
    left, right = 0, len(line)
    if _width(line) > WIDEST:
        high = min(high, low + WIDEST - 10)
        left = max(0, min(low - (WIDEST - (high - low)) // 2, right - WIDEST))
        right = min(right, left + WIDEST)
    before = "…" if left else ""
    shown = "".join(map(_visible, line[left:right]))
    blank = " " * (len(before) + _width(line[left:low]))
    carets = "^" * max(_width(line[low:high]), 1)
    return before + shown + ("…" if right < len(line) else ""), blank + carets


def _width(text: str) -> int:
    """Columns on a terminal: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
