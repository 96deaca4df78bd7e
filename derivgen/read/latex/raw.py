"""LaTeX cut into what TeX sees: commands, characters, braces that match."""

from __future__ import annotations

import re
from typing import NamedTuple

from derivgen.errors import ParseError, Span

MOST = 20_000
"""The most tokens that a formula may have, its own macros expanded."""


class Raw(NamedTuple):
    """A token as TeX sees it: macro, char, open, close, or mathmode, which is a dollar sign or its kin."""

    kind: str
    value: str
    start: int
    end: int
    spaced: bool


_TOKEN = re.compile(
    r"(?P<blank>\s+)|%[^\n]*\n?\s*|\\\Z|\\(?P<mathmode>[()\[\]])|\\(?P<macro>[A-Za-z]+|[^A-Za-z])|(?P<dollar>\$\$?)|(?P<char>[^\\])",
    re.DOTALL,
)
_AFTER = re.compile(r"\s*")
_BRACES = {"{": "open", "}": "close"}


def raw_tokens(source: str, start: int, end: int) -> list[Raw]:
    """The tokens of ``source[start:end]``, with braces that match."""
    found: list[Raw] = []
    opened: list[Raw] = []
    at, spaced = start, False
    while at < end:
        token = _TOKEN.match(source, at, end)
        assert token is not None  # every character is a token
        kind, low, at = token.lastgroup, at, token.end()
        if kind is None or kind == "blank":
            spaced = spaced or kind is not None
            continue
        value = token[kind]
        match kind:
            case "mathmode":
                raw = Raw("mathmode", f"\\{value}", low, at, spaced)
            case "dollar":
                raw = Raw("mathmode", value, low, at, spaced)
            case "macro":
                raw = Raw("macro", value, low, at, spaced)
            case _:
                raw = Raw(_BRACES.get(value, "char"), value, low, at, spaced)
        spaced = False
        if kind == "macro" and value.isalpha():  # TeX takes the blanks behind a word
            after = _AFTER.match(source, at, end)
            at = at if after is None else after.end()
        elif raw.kind == "open":
            opened.append(raw)
        elif raw.kind == "close":
            if not opened:
                raise ParseError("this } closes nothing", span=Span(low, at), source=source,
                                 hint=r"a brace to be seen is written \}")  # fmt: skip
            opened.pop()
        found.append(raw)
        if len(found) > MOST:
            raise too_long(source)
    if opened:
        raise ParseError("this { is never closed", span=Span(opened[-1].start, opened[-1].end), source=source,
                         hint="write } where it ends")  # fmt: skip
    return found


def too_long(source: str) -> ParseError:
    return ParseError(f"the formula has more than {MOST:,} tokens", source=source, hint="name its parts with --let")
