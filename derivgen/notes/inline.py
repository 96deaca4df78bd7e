"""Mathematics within the text of a paragraph of Markdown, between dollars, brackets and ends of environments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from derivgen.deadline import on_time
from derivgen.notes.environments import INLINE, MATHEMATICS


@dataclass(frozen=True, slots=True)
class Math:
    r"""A formula: ``start <= offset < end`` with its delimiters, ``inner_start <= offset < inner_end`` without.

    ``doubled`` says that its backslashes were written twice (or four times), for Markdown to take the half of them.
    """

    start: int
    end: int
    inner_start: int
    inner_end: int
    display: bool
    environment: str = ""
    doubled: int = 1


@dataclass(frozen=True, slots=True)
class Hidden:
    """What is no prose: code, a tag, a comment."""

    start: int
    end: int
    comment: bool = False


LONGEST_INLINE, LONGEST_DISPLAY = 20_000, 200_000
"""Characters within which the end of a formula is looked for."""

_SPECIAL = re.compile(r"`+|\\+|\$+|<")
_ENVIRONMENT = re.compile(r"begin\{([A-Za-z]+\*?)\}")
_ELEMENT = re.compile(r"<(code|pre|script|style|textarea|kbd|samp|tt)\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(
    r"<(?:/[A-Za-z][A-Za-z0-9-]*\s*|[A-Za-z][A-Za-z0-9-]*(?:\s+[A-Za-z_:][\w:.-]*(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'=<>`]+))?)*\s*/?)>"
)
_LINK = re.compile(r"<(?:[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*|[^\s<>@]+@[^\s<>@]+)>")
_WORD = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2,}")
_BRACED = re.compile(r"\{[^{}]*\}")
_SIGNS = re.compile(r"\\[A-Za-z]|[_^=<>+/|{}]")


def scan(text: str, start: int, end: int) -> Iterator[Math | Hidden]:
    """What is not plain text in a stretch of it, which is one paragraph, in its order."""
    at = start
    while (found := _SPECIAL.search(text, at, end)) is not None:
        on_time()
        mark = found[0]
        if mark[0] == "`":
            close = _same_run(text, found.end(), end, mark)
            piece: Math | Hidden | None = None if close is None else Hidden(found.start(), close)
        elif mark[0] == "<":
            piece = _markup(text, found.start(), end)
        elif mark[0] == "$":
            piece = _dollars(text, found, end)
        else:
            piece = _backslashes(text, found, start, end)
            if piece is None:  # an odd one keeps what follows from meaning anything
                at = found.end() + len(mark) % 2
                continue
        if piece is None:
            at = found.end()
        else:
            yield piece
            at = piece.end


def _same_run(text: str, at: int, end: int, mark: str) -> int | None:
    """Where the run of backticks ends that closes one as long."""
    close = text.find(mark, at, end)
    while close >= 0:
        after = close + len(mark)
        while after < end and text[after] == "`":
            after += 1
        if after - close == len(mark):
            return after
        close = text.find(mark, after, end)
    return None


def _markup(text: str, at: int, end: int) -> Hidden | None:
    if text.startswith("<!--", at):
        close = text.find("-->", at + 4, end)
        return Hidden(at, end if close < 0 else close + 3, comment=True)
    element = _ELEMENT.match(text, at, end)
    if element is not None:
        close_tag = re.compile(rf"</{element[1]}\s*>", re.IGNORECASE).search(text, element.end(), end)
        if close_tag is not None:
            return Hidden(at, close_tag.end())
    tag = _TAG.match(text, at, end) or _LINK.match(text, at, end)
    return None if tag is None else Hidden(at, tag.end())


# --- dollars ----------------------------------------------------------------------------------------------------------


def _dollars(text: str, mark: re.Match[str], end: int) -> Math | None:
    start, inner = mark.start(), mark.end()
    if len(mark[0]) == 2:
        close = _closing(text, inner, end, "$$")
        if close is None or not text[inner:close].strip():
            return None
        return Math(start, close + 2, inner, close, not _within_words(text, start, close + 2))
    if len(mark[0]) > 2:
        return None
    if text.startswith("`", inner):  # as GitHub and GitLab have it, too
        close = text.find("`$", inner + 1, end)
        if close > inner + 1:
            return Math(start, close + 2, inner + 1, close, False)
    close = _closing(text, inner, end, "$")
    if close is None or not is_formula(text, inner, close, end):
        return None
    return Math(start, close + 1, inner, close, False)


def is_formula(text: str, start: int, close: int, end: int) -> bool:
    """Whether ``text[start:close]`` between two single dollars is mathematics, and not a sum of money or a variable."""
    inside = text[start:close]
    if not inside.strip():
        return False
    left, right = inside[0].isspace(), inside[-1].isspace()
    if not left and not right:
        return not (close + 1 < end and text[close + 1].isdigit() and not _SIGNS.search(inside))
    # blanks inside are no mathematics to many readers, but some write them
    return "\\" in inside or not _WORD.search(inside)


def _closing(text: str, at: int, end: int, mark: str) -> int | None:
    """The dollars that close a formula: those outside its braces, else the first."""
    first: int | None = None
    depth = 0
    end = min(end, at + (LONGEST_INLINE if mark == "$" else LONGEST_DISPLAY))
    for k in re.compile(r"\\.|[{}]|\$+", re.DOTALL).finditer(text, at, end):
        on_time()
        sign = k[0]
        if sign == "{":
            depth += 1
        elif sign == "}":
            depth -= 1
        elif sign[0] == "$":
            if len(sign) >= len(mark):
                if depth <= 0:
                    return k.start()
                first = k.start() if first is None else first
            if len(mark) == 1 and len(sign) == 2 and depth <= 0:
                return k.start()
    return first


def _within_words(text: str, start: int, end: int) -> bool:
    """Whether there are words before or behind, on the lines where a formula begins and ends, and it has one line."""
    if "\n" in text[start:end]:
        return False
    before = text[text.rfind("\n", 0, start) + 1 : start]
    after = text[end:].partition("\n")[0] if len(text) - end < 10_000 else text[end : end + 10_000].partition("\n")[0]
    return any(c.isalpha() for c in before) or any(c.isalpha() for c in re.sub(r"\{[^}]*\}|\([^)]*\)", "", after))


# --- backslashes ------------------------------------------------------------------------------------------------------


def _backslashes(text: str, mark: re.Match[str], start: int, end: int) -> Math | None:
    count, at = len(mark[0]), mark.end()
    if count not in (1, 2, 4) or at >= end:
        return None
    sign = text[at]
    if sign in "([":
        close = _closing_bracket(text, at + 1, end, count, ")" if sign == "(" else "]")
        if close is None:
            return None
        inside = text[at + 1 : close - count - 1]
        # \( and \[ may be brackets that Markdown is to leave alone
        if not inside.strip() or (count == 1 and not _looks(inside)):
            return None
        return Math(mark.start(), close, at + 1, close - count - 1, sign == "[", doubled=count)
    environment = _ENVIRONMENT.match(text, at, end)
    if environment is None or environment[1] not in MATHEMATICS or count == 4:
        return None
    name = environment[1]
    close_mark = mark[0] + "end{" + name + "}"
    close = text.find(close_mark, environment.end(), min(end, at + LONGEST_DISPLAY))
    if close < 0:
        return None
    return Math(mark.start(), close + len(close_mark), environment.end(), close, name not in INLINE, name, count)


def _looks(inside: str) -> bool:
    """Whether what stands in brackets looks like mathematics."""
    words = _BRACED.sub("", inside)
    return (
        bool(_SIGNS.search(inside)) or (len(inside.strip()) < 3 and inside.strip().isalpha()) or not _WORD.search(words)
    )


def _closing_bracket(text: str, at: int, end: int, count: int, sign: str) -> int | None:
    """Behind the bracket that closes one, with as many backslashes."""
    end = min(end, at + LONGEST_DISPLAY)
    close = text.find("\\" * count + sign, at, end)
    while close >= 0:
        if text[close - 1] != "\\":
            return close + count + 1
        close = text.find("\\" * count + sign, close + 1, end)
    return None
