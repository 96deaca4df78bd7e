"""The family of errors: each says what is wrong, points at the place in the source and proposes a fix."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of code points, ``start <= position < end``, in the text that the reader gave."""

    start: int
    end: int

    def __or__(self, other: Span) -> Span:
        return Span(min(self.start, other.start), max(self.end, other.end))


class DerivgenError(Exception):
    """Anything that derivgen refuses.

    Attributes:
        message: one sentence that says what is wrong.
        span: where in ``source`` it is wrong, or None where no place is to blame.
        hint: what to write instead, or None.
        source: the text that ``span`` points into.
    """

    kind = "error"

    def __init__(self, message: str, *, span: Span | None = None, hint: str | None = None, source: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.span = span
        self.hint = hint
        self.source = source

    def at(self, span: Span | None, source: str | None) -> DerivgenError:
        """The same error, placed in ``source``; a place that is known already is kept."""
        if self.span is None:
            self.span = span
        if self.source is None:
            self.source = source
        return self


class ParseError(DerivgenError):
    """Text that cannot be read as an expression, a declaration or an option."""

    kind = "cannot read"


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
