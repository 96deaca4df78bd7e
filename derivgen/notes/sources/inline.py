"""Mathematics within the text of a paragraph of Markdown, between dollars, brackets and ends of environments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from derivgen.deadline import on_time
from derivgen.notes.sources.environments import INLINE, MATHEMATICS


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
    ends = _Ends(text, end)
    while (found := _SPECIAL.search(text, at, end)) is not None:
        on_time()
        mark = found[0]
        if mark[0] == "`":
            close = _same_run(ends, found.end(), mark)
            piece: Math | Hidden | None = None if close is None else Hidden(found.start(), close)
        elif mark[0] == "<":
            piece = _markup(ends, found.start())
        elif mark[0] == "$":
            piece = _dollars(ends, found)
        else:
            piece = _backslashes(ends, found)
            if piece is None:  # an odd one keeps what follows from meaning anything
                at = found.end() + len(mark) % 2
                continue
        if piece is None:
            at = found.end()
        else:
            yield piece
            at = piece.end


class _Ends:
    """Where what ends something stands for the last time, so that what has no end is not looked for again and again."""

    def __init__(self, text: str, end: int) -> None:
        self.text, self.end = text, end
        self.last: dict[str, int] = {}

    def find(self, mark: str, at: int, most: int | None = None) -> int:
        """The first place of ``mark`` from ``at`` on, within ``most`` characters; -1 where there is none."""
        if mark not in self.last:
            self.last[mark] = self.text.rfind(mark, 0, self.end)
        if at > self.last[mark]:
            return -1
        return self.text.find(mark, at, self.end if most is None else min(self.end, at + most))


def _same_run(ends: _Ends, at: int, mark: str) -> int | None:
    """Where the run of backticks ends that closes one as long."""
    close = ends.find(mark, at)
    while close >= 0:
        after = close + len(mark)
        while after < ends.end and ends.text[after] == "`":
            after += 1
        if after - close == len(mark):
            return after
        close = ends.find(mark, after)
    return None


def _markup(ends: _Ends, at: int) -> Hidden | None:
    text, end = ends.text, ends.end
    if text.startswith("<!--", at):
        close = ends.find("-->", at + 4)
        return Hidden(at, end if close < 0 else close + 3, comment=True)
    element = _ELEMENT.match(text, at, end)
    if element is not None and (close := ends.find(f"</{element[1]}>", element.end())) >= 0:
        return Hidden(at, close + len(element[1]) + 3)
    tag = _TAG.match(text, at, min(end, at + LONGEST_INLINE)) or _LINK.match(text, at, min(end, at + LONGEST_INLINE))
    return None if tag is None else Hidden(at, tag.end())


# --- dollars ----------------------------------------------------------------------------------------------------------


def _dollars(ends: _Ends, mark: re.Match[str]) -> Math | None:
    text, end = ends.text, ends.end
    start, inner = mark.start(), mark.end()
    if len(mark[0]) > 2 or ends.find(mark[0], inner) < 0:
        return None
    if len(mark[0]) == 2:
        close = _closing(text, inner, end, "$$")
        if close is None or not text[inner:close].strip():
            return None
        return Math(start, close + 2, inner, close, not _within_words(text, start, close + 2))
    if text.startswith("`", inner):  # as GitHub and GitLab have it, too
        close = ends.find("`$", inner + 1)
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


def _backslashes(ends: _Ends, mark: re.Match[str]) -> Math | None:
    text, end = ends.text, ends.end
    count, at = len(mark[0]), mark.end()
    if count not in (1, 2, 4) or at >= end:
        return None
    sign = text[at]
    if sign in "([":
        close = _closing_bracket(ends, at + 1, mark[0] + (")" if sign == "(" else "]"))
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
    close = ends.find(close_mark, environment.end(), LONGEST_DISPLAY)
    if close < 0:
        return None
    return Math(mark.start(), close + len(close_mark), environment.end(), close, name not in INLINE, name, count)


def _looks(inside: str) -> bool:
    """Whether what stands in brackets looks like mathematics."""
    words = _BRACED.sub("", inside)
    return (
        bool(_SIGNS.search(inside)) or (len(inside.strip()) < 3 and inside.strip().isalpha()) or not _WORD.search(words)
    )


def _closing_bracket(ends: _Ends, at: int, mark: str) -> int | None:
    """Behind the bracket that closes one, with as many backslashes."""
    close = ends.find(mark, at, LONGEST_DISPLAY)
    while close >= 0:
        if ends.text[close - 1] != "\\":
            return close + len(mark)
        close = ends.find(mark, close + 1, LONGEST_DISPLAY)
    return None
