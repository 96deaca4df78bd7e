"""The text of a block as a question: the expression, and below it the options, each on a line of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from unicodedata import category

from derivgen.errors import DerivgenError, ParseError
from derivgen.options import Declared, Options, declared, split_names

LONGEST = 100_000
"""Characters of a block."""

OPTIONS = {o.key: o for o in declared("block")}
SITE = {o.key: o for o in declared("site")}

_OPTION = re.compile(rf"\s*(?P<key>{'|'.join(map(re.escape, OPTIONS))})\s*:(?P<value>.*)$")
_ANY = re.compile(r"\s*(?P<key>[A-Za-z_][\w-]*)\s*:(?P<value>.*)$")
_APART = re.compile(rf"\s+\\?\|\s+(?=(?:{'|'.join(map(re.escape, OPTIONS))})\s*:)")
_TIGHT = re.compile(r"\|\s*wrt\s*:")
_TRUTH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_TURNS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""What turns the direction of all text behind it."""
_ID = re.compile(r"[A-Za-z][\w.-]*")


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
    chosen: dict[str, Any] = {}
    wrong: tuple[DerivgenError, int] | None = None
    for key, parts in given.items():
        o = OPTIONS[key]
        block.parts += parts
        try:
            chosen[o.name] = _joined(o, key, parts, defaults)
        except DerivgenError as error:
            wrong = error, parts[-1].line
            break
    block.options = replace(defaults, **chosen)
    if wrong is not None:
        return _wrong(block, *wrong)
    if not block.options.wrt:
        hint = "write 'wrt: w' below the expression" if not inline else "write '| wrt: w' behind the expression"
        stray = next((m["key"] for line in body[:first] if (m := _ANY.match(line)) and _close(m["key"])), "")
        if stray:
            hint = f"did you mean '{_close(stray)}:' instead of '{stray}:'?"
        return _wrong(block, ParseError("the block does not say by what it is derived", hint=hint), first - 1)
    return block


def read_inline(inside: str, defaults: Options) -> Block:
    """Read the text of a code span: the expression, and the options behind it, each after an upright stroke."""
    # what was broken over several lines is one line here
    block = read_block(
        [" ".join(part.split()) for part in _APART.split(inside)], replace(defaults, title="", id=""), inline=True
    )
    if block.error is not None and not block.options.wrt and _TIGHT.search(inside):
        block.error.hint = "set spaces around each upright stroke: ' | wrt: w'"
    return block


def _expression(lines: Sequence[str]) -> tuple[str, int, int]:
    """The expression without the blank lines and the indentation around it, and where it begins."""
    text = "\n".join(lines)
    begin = len(text) - len(text.lstrip())
    before = text[:begin]
    return text.strip(), before.count("\n"), begin - (before.rfind("\n") + 1)


def _wrong(block: Block, error: DerivgenError, line: int) -> Block:
    block.error, block.error_line = error, max(line, 0)
    return block


def _close(key: str) -> str:
    return next(iter(_near(key, OPTIONS)), "")


def _unknown(line: str) -> ParseError:
    match = _ANY.match(line)
    if match is None:
        return ParseError(f"{line.strip()[:60]!r} is no option", hint="below the first option each line is 'key: text'")
    close = _close(match["key"])
    hint = f"did you mean {close}?" if close else f"the options are {', '.join(OPTIONS)}"
    return ParseError(f"there is no option {match['key']!r}", hint=hint)


def _joined(o: Declared, key: str, parts: Sequence[Part], defaults: Options) -> Any:
    """The value of an option from all its lines."""
    texts = [p.text for p in parts]
    if o.choice.separator:
        before = getattr(defaults, o.name)
        return o.choice.separator.join(text for text in ([before] if before else []) + texts if text)
    if o.name == "wrt":
        return split_names(texts)
    if o.repeatable and not o.values:
        return tuple(text for text in texts if text)
    if len(texts) > 1:
        raise ParseError(f"the option {key!r} is given twice", hint="keep one of the two lines")
    return value_of(o, texts[0])


def value_of(o: Declared, text: str) -> Any:
    """A text as the value of an option.

    Raises:
        ParseError: it is none.
    """
    if o.kind is bool:
        if text.lower() not in _TRUTH:
            raise ParseError(f"{o.key} is yes or no, not {text[:40]!r}")
        return _TRUTH[text.lower()]
    if o.repeatable:
        return tuple(_one_of(o, part) for part in text.replace(",", " ").split()) or o.default
    if o.values:
        return o.kind(_one_of(o, text))
    if o.kind is int:
        if not text.lstrip("-").isdecimal() or len(text) > 12:
            raise ParseError(f"{o.key} is a whole number, not {text[:40]!r}")
        return int(text)
    hidden = next((ch for ch in text if category(ch) == "Cc" or ch in _TURNS), "")
    if o.name == "title" and hidden:
        raise ParseError(f"the title has a character that is not visible, U+{ord(hidden):04X}", hint="take it out")
    if o.name == "id" and text and not _ID.fullmatch(text):
        raise ParseError(
            f"{text[:40]!r} is no id", hint="an id is a letter, and then letters, digits, '-', '_' and '.'"
        )
    return text


def _one_of(o: Declared, text: str) -> str:
    allowed = [str(v) for v in o.values]
    if text not in allowed:
        close = _near(text, allowed)
        hint = f"did you mean {close[0]}?" if close else f"it is one of {', '.join(allowed)}"
        raise ParseError(f"{text[:40]!r} is no value of {o.key}", hint=hint)
    return text


def page_defaults(given: object, site: Options) -> Options:
    """The options that a page sets for its blocks, as a mapping from its front matter.

    Raises:
        ParseError: a key or a value is not known. What was given is never shown whole: it may be endless.
    """
    if given is None:
        return site
    if not isinstance(given, Mapping):
        raise ParseError(
            "'derivgen' in the front matter is no mapping", hint="write 'derivgen:' and under it 'layout: gradient'"
        )
    chosen: dict[str, Any] = {}
    for key, value in list(given.items())[:100]:
        o = SITE.get(key) if isinstance(key, str) else None
        if o is None or o.name == "math":
            name = key[:40] if isinstance(key, str) else type(key).__name__
            close = _near(name, SITE)
            hint = f"did you mean {close[0]}?" if close else f"the options are {', '.join(SITE)}"
            raise ParseError(f"the front matter has no option {name!r} for derivgen", hint=hint)
        if isinstance(value, list) and o.repeatable and all(isinstance(v, str) for v in value[:100]):
            value = ", ".join(value[:100])
        if not isinstance(value, str | int | bool):
            raise ParseError(f"the value of {key} in the front matter is no text")
        chosen[o.name] = value if isinstance(value, bool) and o.kind is bool else value_of(o, str(value).strip())
        if o.choice.separator:
            chosen[o.name] = o.choice.separator.join(filter(None, (getattr(site, o.name), chosen[o.name])))
    return replace(site, **chosen)


def _near(word: str, known: Iterable[str]) -> list[str]:
    from difflib import get_close_matches

    return get_close_matches(word, known, 1)
