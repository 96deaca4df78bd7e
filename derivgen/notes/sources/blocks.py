"""The blocks of a Markdown text, as CommonMark has them, except that display mathematics is one whatever stands in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from derivgen.deadline import on_time
from derivgen.notes.sources.environments import MATHEMATICS

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock

    Rule = Callable[[StateBlock, int, int, bool], bool]


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of text within its containers.

    Attributes:
        kind: the name of the rule of CommonMark: paragraph, heading, lheading, table, html_block, fence, code.
        lines: where each of its lines begins and ends, without what the containers set before it.
    """

    kind: str
    lines: tuple[tuple[int, int], ...]

    @property
    def start(self) -> int:
        """Where its first line begins."""
        return self.lines[0][0]

    @property
    def end(self) -> int:
        """Where its last line ends."""
        return self.lines[-1][1]


DEEPEST = 60
"""How deep lists and quotations may nest."""

_FARTHEST = 400
"""Lines within which the end of display mathematics is looked for."""

_MARK = re.compile(
    r"(?P<code>`+)|(?P<dollars>\$+)|(?P<begin>(?:\\{1,2})begin\{(?P<name>[A-Za-z]+\*?)\})|(?P<open>(?<!\\)\\{1,4}\[)|\\."
)
_INLINE_DOLLARS = re.compile(r"\$(?![\s$])(?:\\.|[^$\\])*\$")
_CONTAINER = re.compile(r"(?:!!!|\?\?\?\+?|===[+!]*|:|\[\^[^\]]+\]:|\d+[.)]|[-+*])(?:\s|$)")
_STARTS_BLOCK = re.compile(r"#{1,6}\s|`{3,}|~{3,}")


def blocks(text: str) -> list[Block]:
    """The blocks with text or code in them, in their order. Lines end in \\n alone.

    Raises:
        TooLong: there is no time left.
    """
    found: list[Block] = []
    _parser().block.parse(text, _parser(), {"found": found}, [])
    return found


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt, rules_block

    parser = MarkdownIt("commonmark", {"maxNesting": DEEPEST}).enable("table")
    ruler = parser.block.ruler
    ends_paragraph = ["paragraph", "reference", "blockquote"]
    alternatives = {"table": ["paragraph", "reference"], "fence": [*ends_paragraph, "list"],
                    "html_block": ends_paragraph, "heading": ends_paragraph}  # fmt: skip
    for name in ("table", "fence", "html_block", "heading", "lheading", "paragraph"):
        ruler.at(name, _recording(name, getattr(rules_block, name)), {"alt": alternatives.get(name, [])})
    ruler.at("code", _indented)
    ruler.before("lheading", "mathematics", _recording("paragraph", _mathematics))
    return parser


def _record(state: StateBlock, kind: str, start: int, end: int) -> None:
    places = tuple((state.bMarks[k] + state.tShift[k], state.eMarks[k]) for k in range(start, end))
    found: list[Block] = state.env["found"]
    if places:
        found.append(Block(kind, tuple((min(a, b), b) for a, b in places)))


def _recording(kind: str, rule: Rule) -> Rule:
    """A rule that notes where the lines stand that it takes."""

    def run(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        on_time()
        if not rule(state, start, end, silent):
            return False
        if not silent:
            _record(state, kind, start, min(state.line, state.lineMax))
        return True

    return run


def _indented(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Code by its indentation; but within a note, a tab, a footnote or a definition, the text of that."""
    if not state.is_code_block(start):
        return False
    last = at = start + 1
    while at < end:
        if state.is_code_block(at):
            last = at = at + 1
        elif state.isEmpty(at):
            at += 1
        else:
            break
    if _is_contained(state, start) and state.level < DEEPEST:
        indent, most, level = state.blkIndent, state.lineMax, state.level
        state.blkIndent, state.lineMax, state.level = indent + 4, last, level + 1
        state.md.block.tokenize(state, start, last)
        state.blkIndent, state.lineMax, state.level = indent, most, level
        state.line = last
        return True
    state.line = last
    _record(state, "code", start, last)
    return True


def _is_contained(state: StateBlock, start: int) -> bool:
    """Whether the nearest line above that is less indented begins something whose text is indented by four."""
    for k in range(start - 1, max(start - _FARTHEST, -1), -1):
        if not state.isEmpty(k) and state.sCount[k] < state.sCount[start]:
            return _CONTAINER.match(state.src, state.bMarks[k] + state.tShift[k]) is not None
    return False


def _mathematics(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A paragraph with display mathematics over several lines, in which a row may look like a list or a heading."""
    if silent or state.is_code_block(start):
        return False
    terminators = state.md.block.ruler.getRules("paragraph")
    parent, state.parentType = state.parentType, "paragraph"
    line, closing, several, opened = start, "", False, start
    try:
        while line < min(end, state.lineMax):
            if not closing and line > start:
                if state.isEmpty(line):
                    break
                inside = state.sCount[line] - state.blkIndent > 3 or state.sCount[line] < 0
                if not inside and any(rule(state, line, end, True) for rule in terminators):
                    break
            text = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
            if closing and (line - opened > _FARTHEST or _is_astray(state, line, text, closing)):
                return False
            before, closing = closing, _left_open(text, closing)
            if closing and not before:
                if state.src.find(closing, state.eMarks[line]) < 0:
                    return False
                opened = line
            several = several or bool(closing)
            line += 1
    finally:
        state.parentType = parent
    if not several or closing:
        return False
    state.line = line
    return True


def _is_astray(state: StateBlock, line: int, text: str, closing: str) -> bool:
    """Whether the mathematics that was begun above cannot go on in this line: its end is missing."""
    if 0 <= state.sCount[line] < state.blkIndent and text:
        return True
    return line > 0 and state.isEmpty(line - 1) and _STARTS_BLOCK.match(text) is not None and closing not in text


def _left_open(text: str, closing: str) -> str:
    """What closes the display mathematics that is open at the end of a line; ``closing`` is what does at its start."""
    at = 0
    while True:
        if closing:
            end = text.find(closing, at)
            if end < 0:
                return closing
            at, closing = end + len(closing), ""
        mark: Any = _MARK.search(text, at)
        if mark is None:
            return ""
        at = mark.end()
        if mark["code"]:
            close = re.compile(rf"(?<!`){mark[0]}(?!`)").search(text, at)
            at = close.end() if close else at
        elif mark["dollars"]:
            inline = _INLINE_DOLLARS.match(text, mark.start()) if len(mark[0]) == 1 else None
            at = inline.end() if inline else at
            closing = "$$" if len(mark[0]) == 2 else ""
        elif mark["begin"] and mark["name"] in MATHEMATICS:
            closing = mark[0].replace("begin", "end", 1)
        elif mark["open"]:
            closing = mark[0].replace("[", "]")
