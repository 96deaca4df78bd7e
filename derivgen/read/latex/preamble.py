"""Commands that an author defines in a preamble, and their expansion in a formula."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from derivgen.errors import DerivgenError, ParseError, Span
from derivgen.read.latex.raw import MOST, Raw, raw_tokens, too_long
from derivgen.read.text.scan import LONGEST

DEEPEST = 40
"""How many expansions may nest."""


@dataclass(frozen=True, slots=True)
class Macro:
    """What a command stands for: ``body`` with #1, #2, … for its arguments; ``default`` is that of an optional first."""

    count: int
    body: tuple[Raw, ...]
    default: tuple[Raw, ...] | None = None


_DEFINES = re.compile(
    r"""\\(?P<how>DeclareMathOperator\s*\*?|(?:re)?newcommand\s*\*?|providecommand\s*\*?|def|DeclareRobustCommand\s*\*?)
        \s*(?:\{\s*)?\\(?P<name>[A-Za-z]+|.)\s*(?:\})?""",
    re.VERBOSE,
)
_COUNT = re.compile(r"\s*\[\s*([0-9])\s*\]")
_DEFAULT = re.compile(r"\s*\[([^\[\]]*)\]")
_ARGUMENTS = re.compile(r"(?:#[1-9])*")


def preamble(text: str) -> dict[str, Macro]:
    r"""The definitions in a preamble; all else in it is passed over.

    Read are ``\DeclareMathOperator``, ``\newcommand`` with arguments, its kin, and ``\def``.
    """
    if len(text) > 10 * LONGEST:
        raise ParseError(f"the preamble has {len(text):,} characters; at most {10 * LONGEST:,} are read")
    bare = re.sub(r"(?<!\\)%[^\n]*", lambda m: " " * len(m[0]), text)
    found: dict[str, Macro] = {}
    for m in _DEFINES.finditer(bare):
        at, count, default = m.end(), 0, None
        if m["how"] == "def":
            given = _ARGUMENTS.match(bare, at)
            assert given is not None
            count, at = len(given[0]) // 2, given.end()
        elif (sized := _COUNT.match(bare, at)) is not None:
            count, at = int(sized[1]), sized.end()
            if (given := _DEFAULT.match(bare, at)) is not None:
                default, at = _cut(text, given.start(1), given.end(1)), given.end()
        while bare[at : at + 1].isspace():
            at += 1
        end = _closing(bare, at)
        if end is None:
            continue  # nothing that is a definition
        body = _cut(text, at + 1, end)
        if "Operator" in m["how"]:
            here = body[0] if body else Raw("char", "", at, end, False)
            body = (here._replace(kind="macro", value="operatorname"), here._replace(kind="open", value="{"), *body,
                    here._replace(kind="close", value="}"))  # fmt: skip
        if "providecommand" not in m["how"] or m["name"] not in found:
            found[m["name"]] = Macro(count, body, default)
    return found


def _closing(text: str, at: int) -> int | None:
    """Where the group ends that begins at ``at``."""
    if text[at : at + 1] != "{":
        return None
    depth = 0
    for m in re.compile(r"\\.|[{}]", re.DOTALL).finditer(text, at):
        depth += {"{": 1, "}": -1}.get(m[0], 0)
        if not depth:
            return m.start()
    return None


def _cut(text: str, start: int, end: int) -> tuple[Raw, ...]:
    try:
        return tuple(raw_tokens(text, start, end))
    except DerivgenError as error:
        raise error.at(Span(start, end), text) from None


def expanded(raws: list[Raw], macros: Mapping[str, Macro], source: str) -> list[Raw]:
    """``raws`` with the commands of ``macros`` replaced; what replaces them stands where they stood."""
    budget = [MOST]

    def run(tokens: list[Raw], depth: int) -> list[Raw]:
        out: list[Raw] = []
        at = 0
        while at < len(tokens):
            raw = tokens[at]
            at += 1
            budget[0] -= 1
            if budget[0] < 0:
                raise too_long(source)
            macro = macros.get(raw.value) if raw.kind == "macro" else None
            if macro is None:
                out.append(raw)
                continue
            if depth > DEEPEST:
                raise ParseError(
                    f"the command \\{raw.value} is defined by itself, or commands stand in one another too deeply",
                    span=Span(raw.start, raw.end),
                    source=source,
                )
            args: list[list[Raw]] = []
            for k in range(macro.count):
                if not k and macro.default is not None:
                    given, at = _optional(tokens, at)
                    args.append(list(macro.default) if given is None else given)
                else:
                    argument, at = _argument(tokens, at, raw, source)
                    args.append(argument)
            filled = _filled(macro.body, args, raw, source)
            budget[0] -= len(filled)
            out += run(filled, depth + 1)
        return out

    return run(raws, 0)


def _argument(tokens: list[Raw], at: int, command: Raw, source: str) -> tuple[list[Raw], int]:
    if at >= len(tokens) or tokens[at].kind == "close":
        raise ParseError(f"\\{command.value} wants an argument", span=Span(command.start, command.end), source=source,
                         hint=f"write \\{command.value}{{…}}")  # fmt: skip
    if tokens[at].kind != "open":
        return [tokens[at]], at + 1
    depth = 0
    for k in range(at, len(tokens)):
        depth += {"open": 1, "close": -1}.get(tokens[k].kind, 0)
        if not depth:
            return tokens[at + 1 : k], k + 1
    raise ParseError("this { is never closed", span=Span(tokens[at].start, tokens[at].end), source=source,
                     hint="write } where it ends")  # fmt: skip


def _optional(tokens: list[Raw], at: int) -> tuple[list[Raw] | None, int]:
    if at < len(tokens) and tokens[at].value == "[":
        for k in range(at, len(tokens)):
            if tokens[k].value == "]":
                return tokens[at + 1 : k], k + 1
    return None, at


def _filled(body: tuple[Raw, ...], args: list[list[Raw]], call: Raw, source: str) -> list[Raw]:
    """The body with its arguments; its own tokens get the place of the call, so that errors point into the formula."""
    out: list[Raw] = []
    k = 0
    while k < len(body):
        raw = body[k]
        k += 1
        after = body[k] if k < len(body) else None
        if raw.value == "#" and after is not None and after.value.isdigit() and 0 < int(after.value) <= len(args):
            k += 1
            out += args[int(after.value) - 1]
        else:
            out.append(raw._replace(start=call.start, end=call.end))
        if len(out) > MOST:
            raise too_long(source)
    return out
