"""Where the derivations of a Markdown text stand: fenced blocks, and code spans inside sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape

NAME = "derivation"

ALIKE = 0.9
"""How much the name of a fence is like ours to be taken for a slip."""
_OPENING = re.compile(r"(?P<lead>(?:>[ \t]?|[ \t])*)(?P<marks>`{3,}|~{3,})[ \t]*(?P<info>[^`\n]*)$")
_INFO = re.compile(rf"{NAME}|\{{[ \t]*\.?{NAME}[ \t]*\}}")
CODE = re.compile(r"(?<![`\\])(?P<ticks>`+)(?!`)(?P<inside>.+?)(?<!`)(?P=ticks)(?!`)", re.DOTALL)
_CONTAINER = re.compile(r"(?:[-+*]|\d+[.)]|!!!|\?\?\?\+?|===[+!]*|:|\[\^[^\]]+\]:)(?:\s|$)")
_OPEN = re.compile(rf"(?<![`\\])`(?!`)\s*{NAME}:[^`]*$")
INLINE = re.compile(rf"\s*{NAME}:\s*(?P<body>\S.*?)\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Fence:
    """A block: the lines ``start`` up to, not including, ``end`` of the text, counted from 0, the fences among them.

    Attributes:
        lead: what stands before each line of it: spaces of indentation, marks of a quotation.
        body: its lines without that.
        closed: whether its end is there.
    """

    start: int
    end: int
    lead: str
    body: tuple[str, ...]
    closed: bool = True


@dataclass(frozen=True, slots=True)
class Span:
    """A derivation inside a sentence: its line, counted from 0, the text between the backticks, and on how many more
    lines it goes on."""

    line: int
    inside: str
    below: int = 0


def left_in(html: str, spans: Sequence[str]) -> Iterator[str]:
    """Those texts between backticks that stand in a page as they were typed, not shown as code."""
    if spans and f"`{NAME}:" in html:
        shown = " ".join(_SHOWN.sub("", html).split())
        yield from (one for one in spans if f"`{one}`" in shown or f"`{escape(one, quote=False)}`" in shown)


_SHOWN = re.compile(r"<(code|pre|script|style|textarea)\b.*?</\1>", re.DOTALL)


def found(lines: Sequence[str]) -> Iterator[Fence | Span]:
    """The derivations of a text in their order; those shown inside other code are passed over."""
    at = 0
    comment = False
    while at < len(lines):
        line = lines[at]
        opening = _OPENING.match(line)
        if comment:
            comment = "-->" not in line
        elif opening is not None and not _is_code(lines, at, opening["lead"]):
            end, closed = _end(lines, at, opening)
            if _INFO.fullmatch(opening["info"].strip()):
                yield _fence(lines, at, end, opening["lead"], closed)
            elif not closed:
                end = at + 1
            at = end
            continue
        elif NAME not in line:
            comment = line.rfind("<!--") > line.rfind("-->")
        elif not _is_code(lines, at, line[: len(line) - len(line.lstrip(" \t>"))]):
            yield from (Span(at, m["inside"]) for m in CODE.finditer(line) if is_inline(m["ticks"], m["inside"]))
            yield from _broken(lines, at)
        at += 1


def misnamed(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The fences that look as if a derivation was meant: their lines, counted from 0, and what is wrong with each."""
    at = 0
    while at < len(lines):
        opening = _OPENING.match(lines[at])
        if opening is None or _is_code(lines, at, opening["lead"]):
            at += 1
            continue
        info = opening["info"].strip()
        word = re.match(r"\{?\s*\.?(\w*)", info)
        name = word[1] if word else ""
        if name == NAME and not _INFO.fullmatch(info):
            yield (
                at,
                f"the fence says {info[:60]!r}, so it is no derivation (options stand on lines below the expression)",
            )
        elif name != NAME and _is_like(name.lower()):
            yield at, f"the fence says {info[:60]!r}, so it is no derivation (did you mean {NAME}?)"
        end, closed = _end(lines, at, opening)
        at = end if closed else at + 1


def outside_code(lines: Sequence[str]) -> Iterator[int]:
    """The lines, counted from 0, that are in no block of code that a fence begins."""
    at = 0
    while at < len(lines):
        opening = _OPENING.match(lines[at])
        if opening is None or _is_code(lines, at, opening["lead"]):
            yield at
            at += 1
            continue
        end, closed = _end(lines, at, opening)
        at = end if closed else at + 1


@lru_cache(maxsize=256)
def _is_like(name: str) -> bool:
    from difflib import SequenceMatcher

    return SequenceMatcher(None, name, NAME).ratio() >= ALIKE


def _broken(lines: Sequence[str], at: int) -> Iterator[Span]:
    """The code span that begins in a line and ends in one below it, in the same paragraph."""
    begin = _OPEN.search(CODE.sub(lambda m: "\0" * len(m[0]), lines[at]))
    if begin is None:
        return
    lead = " \t>" if lines[at].lstrip().startswith(">") else " \t"
    inside = lines[at][begin.start() + 1 :]
    for below, line in enumerate(lines[at + 1 :], 1):
        if not line.strip(lead):
            return
        inside += "\n" + line.lstrip(lead)
        match = CODE.match("`" + inside)
        if match is not None:
            yield Span(at, match["inside"], below)
            return


def is_inline(ticks: str, inside: str) -> bool:
    """Whether a code span is a derivation: with more than one backtick around it, it shows how one is written."""
    return len(ticks) == 1 and INLINE.fullmatch(inside) is not None


def _end(lines: Sequence[str], start: int, opening: re.Match[str]) -> tuple[int, bool]:
    """The line behind a block; one that is never closed ends at the first blank line."""
    marks, depth = opening["marks"], opening["lead"].count(">")
    for k in range(start + 1, len(lines)):
        inner = lines[k].lstrip(" \t>") if depth else lines[k].lstrip(" \t")
        run = inner.rstrip()
        if len(run) >= len(marks) and not run.strip(marks[0]):
            return k + 1, True
        if depth and lines[k].count(">") < depth and not inner:
            break
    blank = (k for k in range(start + 1, len(lines)) if not lines[k].strip(" \t>"))
    return next(blank, len(lines)), False


def _fence(lines: Sequence[str], start: int, end: int, lead: str, closed: bool) -> Fence:
    inside = lines[start + 1 : end - 1 if closed else end]
    return Fence(start, end, lead, tuple(_without(line, lead) for line in inside), closed)


def _without(line: str, lead: str) -> str:
    """A line without what stands before it; a line that has less of it loses what it has."""
    for mark in lead:
        if line[:1] == mark or (line[:1] in " \t" and mark in " \t"):
            line = line[1:]
        elif mark == ">":
            break
    return line


def _is_code(lines: Sequence[str], at: int, lead: str) -> bool:
    """Whether a line is so far to the right that it is code by its indentation: no list or note is around it."""
    width = len(lead.expandtabs(4))
    if width < 4 or ">" in lead:
        return False
    for k in range(at - 1, -1, -1):
        text = lines[k].expandtabs(4)
        own = len(text) - len(text.lstrip(" "))
        if text.strip() and own < width:
            if _CONTAINER.match(text.lstrip(" ")):
                return False
            if own < 4:
                return True
            width = own
    return True
