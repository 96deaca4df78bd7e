"""The raw tokens of a formula while they are read, and the tokens that are made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from derivgen.errors import ParseError, Span
from derivgen.read.latex.commands import Words
from derivgen.tex.raw import Raw


class Token(NamedTuple):
    """A token of a formula.

    ``kind`` is letter, digit, command, sign, relation, opening, closing, bar, left, right, open, close, script, prime,
    begin, ending, amp, newrow, dots, words, quad, mark or end. ``spaced`` says that a blank stands before it.
    """

    kind: str
    value: str
    font: str
    start: int
    end: int
    spaced: bool = False

    @property
    def span(self) -> Span:
        """Where it stands in the source."""
        return Span(self.start, self.end)


class Tape:
    """One pass over raw tokens.

    Attributes:
        fonts: those of the groups that are open.
        holds: whether what is known and not read is kept as a command.
        once: the font of the next letter alone, whose command stands at ``once_from``.
        readers: what reads a token, by what it does; the value is that of the table of commands.
    """

    def __init__(
        self,
        source: str,
        raws: list[Raw],
        known: Words,
        readers: Mapping[str, Callable[[Tape, Raw, str], None]],
        *,
        holds: bool = False,
    ) -> None:
        self.holds = holds
        self.source = source
        self.raws = raws
        self.known = known
        self.readers = readers
        self.at = 0
        self.fonts = [""]
        self.once: str | None = None
        self.once_from = 0
        self.out: list[Token] = []
        self.ends: dict[int, int] = {}
        opened: list[int] = []
        for k, raw in enumerate(self.raws):
            if raw.kind == "open":
                opened.append(k)
            elif raw.kind == "close" and opened:
                self.ends[opened.pop()] = k

    def run(self) -> list[Token]:
        """All tokens, each piece of the source read by the reader of its kind."""
        while self.at < len(self.raws):
            raw = self.raws[self.at]
            self.at += 1
            self.readers[raw.kind](self, raw, raw.value)
        return self.out

    def inserted(self, inner: list[Raw]) -> None:
        """The tokens of a formula within a command or among words."""
        self.out += Tape(self.source, inner, self.known, self.readers, holds=self.holds).run()

    def fail(self, message: str, raw: Raw, hint: str | None = None) -> ParseError:
        """The error that the source cannot be read at a piece."""
        return ParseError(message, span=Span(raw.start, raw.end), hint=hint, source=self.source)

    def put(self, kind: str, value: str, raw: Raw, end: int | None = None) -> None:
        """Put a token in the place of a piece, or of all up to ``end``."""
        self.out.append(Token(kind, value, "", raw.start, raw.end if end is None else end, raw.spaced))

    def letter(self, stem: str, raw: Raw, font: str | None = None, end: int | None = None) -> None:
        """Put a letter, in the font that is on, or in the one given."""
        start = raw.start
        if font is None and self.once is not None:
            font, start = self.once, min(self.once_from, raw.start)
        self.once = None
        font = self.fonts[-1] if font is None else font
        self.out.append(Token("letter", stem, font, start, raw.end if end is None else end, raw.spaced))

    def peek(self) -> Raw | None:
        """The piece that is next; None at the end."""
        return self.raws[self.at] if self.at < len(self.raws) else None

    def next_is(self, *values: str) -> bool:
        """Whether the next piece is one of these."""
        return self.at < len(self.raws) and self.raws[self.at].value in values

    def group(self, after: Raw) -> list[Raw]:
        """The raw tokens of the group that comes next, taken out; of one token where there are no braces."""
        first = self.peek()
        if first is None or first.kind == "close":
            raise self.fail(f"\\{after.value} wants an argument", after, f"\\{after.value}{{…}}")
        self.at += 1
        if first.kind != "open":
            return [first]
        start, end = self.at, self.ends.get(self.at - 1)
        if end is None:
            raise self.fail("this { is never closed", first, "write } where it ends")
        self.at = end + 1
        return self.raws[start:end]
