"""LaTeX cut by pylatexenc into what TeX sees: commands, characters, braces that match."""

from __future__ import annotations

from typing import Any, NamedTuple

from derivgen.errors import ParseError, Span

MOST = 20_000
"""The most tokens that a formula may have, its own macros expanded."""


class Raw(NamedTuple):
    """A token as TeX sees it: macro, char, open, close or mathmode."""

    kind: str
    value: str
    start: int
    end: int
    spaced: bool


_CONTEXT: Any = None

_KINDS = {
    "brace_open": "open", "brace_close": "close", "mathmode_inline": "mathmode", "mathmode_display": "mathmode",
}  # fmt: skip


def raw_tokens(source: str, start: int, end: int) -> list[Raw]:
    """The tokens of ``source[start:end]``, with braces that match.

    Raises:
        ParseError: a brace has no other.
    """
    global _CONTEXT  # made once, and only where LaTeX is read
    from pylatexenc.latexwalker import LatexWalker, LatexWalkerEndOfStream, LatexWalkerParseError
    from pylatexenc.macrospec import LatexContextDb

    _CONTEXT = _CONTEXT or LatexContextDb()
    walker = LatexWalker(source[:end], latex_context=_CONTEXT, tolerant_parsing=False)
    state = walker.make_parsing_state(in_math_mode=True)
    found: list[Raw] = []
    opened: list[Raw] = []
    at = start
    while True:
        try:
            token = walker.get_token(at, environments=False, parsing_state=state)
        except LatexWalkerEndOfStream:
            break
        except LatexWalkerParseError as error:
            raise ParseError(f"this is no LaTeX: {error.msg}", span=Span(at, end), source=source) from None
        what, value, start = token.tok, token.arg, token.pos
        at = end_of = start + token.len
        if what == "char":
            if value.isspace():
                continue
        elif what == "comment":
            continue
        elif what == "macro":
            end_of -= len(token.post_space)
        else:
            what = _KINDS.get(what, what)
        raw = Raw(what, value, start, end_of, token.pre_space != "")
        if what == "open":
            opened.append(raw)
        elif what == "close":
            if not opened:
                raise ParseError("this } closes nothing", span=Span(raw.start, raw.end), source=source,
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
    """The error that a formula has too many tokens."""
    return ParseError(f"the formula has more than {MOST:,} tokens", source=source, hint="name its parts with --let")
