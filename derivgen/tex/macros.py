"""Commands that an author defines in a preamble, and their expansion in a formula."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from derivgen.errors import DerivgenError, ParseError, Span
from derivgen.tex.raw import MOST, Raw, raw_tokens, too_long

DEEPEST = 40
"""How many expansions may nest."""

LONGEST = 1_000_000
"""The most characters that a preamble may have."""


@dataclass(frozen=True, slots=True)
class Macro:
    """What a command stands for.

    Attributes:
        count: of its arguments.
        body: with #1, #2, … for these.
        default: of the first, where that is optional.
        sized: whether a star or a size in brackets may follow the command, which only say how large fences are.
    """

    count: int
    body: tuple[Raw, ...]
    default: tuple[Raw, ...] | None = None
    sized: bool = False


_DEFINES = re.compile(
    r"""\\(?P<how>DeclareMathOperator\s*\*?|(?:re)?newcommand\s*\*?|providecommand\s*\*?|def|DeclareRobustCommand\s*\*?)
        \s*(?:\{\s*)?\\(?P<name>[A-Za-z]+|.)\s*(?:\})?""",
    re.VERBOSE,
)
_FENCES = re.compile(r"\\DeclarePairedDelimiter\s*\{?\s*\\(?P<name>[A-Za-z]+)\s*\}?\s*(?=\{)")
_COUNT = re.compile(r"\s*\[\s*([0-9])\s*\]")
_DEFAULT = re.compile(r"\s*\[([^\[\]]*)\]")
_ARGUMENTS = re.compile(r"(?:#[1-9])*")


def preamble(text: str, *, strict: bool = True) -> dict[str, Macro]:
    r"""The definitions in a preamble; all else in it is passed over.

    Read are ``\DeclareMathOperator``, ``\newcommand`` with arguments, its kin, ``\def`` and ``\DeclarePairedDelimiter``.

    Raises:
        ParseError: one of them is no LaTeX; where this is not ``strict``, it is passed over.
    """
    if len(text) > LONGEST:
        raise ParseError(f"the preamble has {len(text):,} characters; at most {LONGEST:,} are read")
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
        try:
            body = _cut(text, at + 1, end)
        except ParseError:
            if strict:
                raise
            continue
        if "Operator" in m["how"]:
            here = body[0] if body else Raw("char", "", at, end, False)
            body = (here._replace(kind="macro", value="operatorname"), here._replace(kind="open", value="{"), *body,
                    here._replace(kind="close", value="}"))  # fmt: skip
        if "providecommand" not in m["how"] or m["name"] not in found:
            found[m["name"]] = Macro(count, body, default)
    for m in _FENCES.finditer(bare):
        middle = _closing(bare, m.end())
        end = None if middle is None else _closing(bare, middle + 1)
        if middle is not None and end is not None:
            fences = rf"\left{text[m.end() + 1 : middle]} #1 \right{text[middle + 2 : end]}"
            found[m["name"]] = Macro(1, _cut(fences, 0, len(fences)), sized=True)
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
    """``raws`` with the commands of ``macros`` replaced; what replaces them stands where they stood.

    Raises:
        ParseError: a command lacks an argument, or they grow without end.
    """
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
            if macro.sized:
                at += at < len(tokens) and tokens[at].value == "*"
                at = _optional(tokens, at)[1]
            args: list[list[Raw]] = []
            for k in range(macro.count):
                if not k and macro.default is not None:
                    given, at = _optional(tokens, at)
                    args.append(list(macro.default) if given is None else given)
                else:
                    argument, at = _argument(tokens, at, raw, source, macros)
                    args.append(argument)
            filled = _filled(macro.body, args, raw, source)
            budget[0] -= len(filled)
            out += run(filled, depth + 1)
        return out

    return run(raws, 0)


def _argument(
    tokens: list[Raw], at: int, command: Raw, source: str, macros: Mapping[str, Macro]
) -> tuple[list[Raw], int]:
    """What a command is of: a group, or one token; another command of the author brings its own arguments."""
    if at >= len(tokens) or tokens[at].kind == "close":
        raise ParseError(f"\\{command.value} wants an argument", span=Span(command.start, command.end), source=source,
                         hint=f"write \\{command.value}{{…}}")  # fmt: skip
    if tokens[at].kind != "open":
        end = at + 1
        inner = macros.get(tokens[at].value) if tokens[at].kind == "macro" else None
        for _ in range(inner.count if inner is not None and inner.default is None else 0):
            end = _argument(tokens, end, tokens[at], source, {})[1]
        return tokens[at:end], end
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
