"""The text of a block as a question: the expression, and below it the options, each on a line of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from derivgen.errors import DerivgenError, ParseError, nearest, proposal
from derivgen.options import Options, chosen, keys

LONGEST = 100_000
"""Characters of a block."""

OPTIONS = keys("block")

_OPTION = re.compile(rf"\s*(?P<key>{'|'.join(map(re.escape, OPTIONS))})\s*:(?P<value>.*)$")
_ANY = re.compile(r"\s*(?P<key>[A-Za-z_][\w-]*)\s*:(?P<value>.*)$")
_APART = re.compile(rf"\s+\\?\|\s+(?=(?:{'|'.join(map(re.escape, OPTIONS))})\s*:)")
_TIGHT = re.compile(r"\|\s*wrt\s*:")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the source and the line that it begins on, counted from 0 inside the block."""

    text: str
    line: int
    column: int = 0


@dataclass(slots=True)
class Block:
    """A block as it was read.

    Attributes:
        expression: what stands above the options.
        options: what was chosen, on the page and site too.
        parts: the pieces that the engine is given, for the lines of its errors.
        error: why it cannot be derived.
        error_line: the line of that error, counted from 0 inside the block.
    """

    expression: str
    options: Options
    parts: list[Part] = field(default_factory=list)
    error: DerivgenError | None = None
    error_line: int = 0

    def place(self, source: str | None, start: int | None) -> tuple[int, int] | None:
        """The line and the column inside the block, both from 0, of a place in a text that the engine was given."""
        if not source or start is None:
            return None
        for part in self.parts:
            if part.text == source:
                return _position(part, start)
        for part in self.parts:  # declarations on several lines are one text
            at = source.find(part.text)
            if part.text and at >= 0 and at <= start <= at + len(part.text):
                return _position(part, start - at)
        return None


def _position(part: Part, start: int) -> tuple[int, int]:
    before = part.text[:start]
    below = before.count("\n")
    return part.line + below, start - (before.rfind("\n") + 1) + (0 if below else part.column)


def read_block(body: Sequence[str], defaults: Options, *, inline: bool = False) -> Block:
    """Read the lines of a block. A mistake is kept in it: a block never stops the page that it is on."""
    first = next((k for k, line in enumerate(body) if _OPTION.match(line)), len(body))
    expression, line, column = _expression(body[:first])
    block = Block(expression, defaults, [Part(expression, line, column)])
    if sum(map(len, body)) > LONGEST:
        return _wrong(block, ParseError(f"the block has more than {LONGEST:,} characters"), 0)
    if not expression:
        hint = "write the expression on the first lines, and the options below it"
        below = next((k for k, text in enumerate(body) if text.strip() and not _OPTION.match(text)), None)
        if below is not None and not _ANY.match(body[below]):
            return _wrong(block, ParseError("the expression stands below an option", hint=hint), below)
        return _wrong(block, ParseError("the block has no expression", hint=hint), 0)
    given: dict[str, list[Part]] = {}
    for k in range(first, len(body)):
        if not body[k].strip():
            continue
        match = _OPTION.match(body[k])
        if match is None:
            return _wrong(block, _unknown(body[k]), k)
        value = match["value"].strip()
        behind = match.start("value") + len(match["value"]) - len(match["value"].lstrip())
        given.setdefault(match["key"], []).append(Part(value, k, behind))
    block.parts += [part for parts in given.values() for part in parts]
    for key, parts in given.items():
        try:
            texts = [part.text for part in parts]
            block.options = chosen({key: texts if len(texts) > 1 else texts[0]}, "block", block.options)
        except DerivgenError as error:
            return _wrong(block, error, parts[-1].line)
    if not block.options.wrt:
        hint = "write 'wrt: w' below the expression" if not inline else "write '| wrt: w' behind the expression"
        stray = next((m["key"] for line in body[:first] if (m := _ANY.match(line)) and nearest(m["key"], OPTIONS)), "")
        if stray:
            hint = f"did you mean '{nearest(stray, OPTIONS)}:' instead of '{stray}:'?"
        return _wrong(block, ParseError("the block does not say by what it is derived", hint=hint), first - 1)
    return block


def read_inline(inside: str, defaults: Options) -> Block:
    """Read the text of a code span: the expression, and the options behind it, each after an upright stroke."""
    block = read_block(options_of(inside), replace(defaults, title="", id=""), inline=True)
    if block.error is not None and not block.options.wrt and _TIGHT.search(inside):
        block.error.hint = "set spaces around each upright stroke: ' | wrt: w'"
    return block


def options_of(inside: str) -> list[str]:
    """The parts of a text between upright strokes, each a line; what was broken over several lines is one line here."""
    return [" ".join(part.split()) for part in _APART.split(inside)]


def _expression(lines: Sequence[str]) -> tuple[str, int, int]:
    """The expression without the blank lines and the indentation around it, and where it begins."""
    text = "\n".join(lines)
    begin = len(text) - len(text.lstrip())
    before = text[:begin]
    return text.strip(), before.count("\n"), begin - (before.rfind("\n") + 1)


def _wrong(block: Block, error: DerivgenError, line: int) -> Block:
    block.error, block.error_line = error, max(line, 0)
    return block


def _unknown(line: str) -> ParseError:
    match = _ANY.match(line)
    if match is None:
        return ParseError(f"{line.strip()[:60]!r} is no option", hint="below the first option each line is 'key: text'")
    return ParseError(f"there is no option {match['key']!r}", hint=proposal(match["key"], OPTIONS))


def page_defaults(given: object, site: Options) -> tuple[Options, list[DerivgenError]]:
    """The options that a page sets for its blocks, as a mapping from its front matter, and what cannot be read of it.

    What was given is never shown whole: it may be endless.
    """
    if given is None:
        return site, []
    if not isinstance(given, Mapping):
        hint = "write 'derivgen:' and under it 'layout: gradient'"
        return site, [ParseError("'derivgen' in the front matter is no mapping", hint=hint)]
    wrong: list[DerivgenError] = []
    for key, value in given.items():
        try:
            site = chosen({key: value}, "page", site)
        except DerivgenError as error:
            wrong.append(error)
    return site, wrong
