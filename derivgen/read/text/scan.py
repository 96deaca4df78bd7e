"""A first look at text before Python's own parser sees it: what it would call "invalid syntax" is said in our words."""

from __future__ import annotations

import keyword
import re
from collections.abc import Container
from dataclasses import dataclass

from derivgen.errors import ParseError, Span
from derivgen.read.text.characters import INSTEAD, OPTIONS, SAME, plain_name, refuse_character, refuse_sentence

LONGEST = 100_000
"""The most characters that an expression or a declaration may have."""

DEEPEST = 200
"""The deepest nesting of brackets: Python's own limit."""

LONGEST_NAME = 60

MOST = 5000
"""The most operators, brackets and dots: a chain of them is as deep as it is long."""

STAND_IN = "ꙮ"
"""A letter that stands in for what Python would not take as a name: lambda, and ◯ where it is no operator."""

_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<option>(?:,\s*|(?<=\())(?:(?:axis|dim)\s*=\s*-?[0-9]|approximate\s*=\s*(?:True|False|"\w+"|'\w+'))\s*(?=[,)]))
      | (?P<number>(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?)
      | (?P<name>[^\W\d]\w*)
      | (?P<operator>\*\*|//|<>|<=|>=|==|!=|:=|->|\.\.\.|[-+*/@<>◯%])
      | (?P<opening>[(\[])
      | (?P<closing>[)\]])
      | (?P<quoted>"\w+"|'\w+')
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)

_LATEX = re.compile(r"\\[A-Za-z]+|\\[\[(|{,;!]|[\^_]\s*\{|\^\+|^\s*\$.*\$\s*$", re.DOTALL)


def looks_like_latex(source: str) -> bool:
    """Whether a text is LaTeX: it has a command, a braced script, or dollar signs around it."""
    return _LATEX.search(source[:LONGEST]) is not None


_WORDS_OF_PYTHON = {
    "if": "a case distinction is written where(condition, a, b)",
    "else": "a case distinction is written where(condition, a, b)",
    "and": "multiply conditions, which are 1 or 0: (x > 0) * (x < 1)",
    "or": "write 1 - (1 - c) * (1 - d) for conditions c, d, which are 1 or 0",
    "not": "the opposite of a condition c is 1 - c",
    "is": "equality is written ==",
    "True": "write 1",
    "False": "write 0",
    "None": None,
}
_OPERATORS_REFUSED = {
    "//": "division is written /",
    ":=": 'name an intermediate with --let "u = w * x"',
    "->": "functions are declared in the where text: f: R^n -> R^m",
    "...": "a sum is written sum(x[i] for i in range(n))",
}
_LAMBDA = re.compile(r"lambda\s*(?:\w+\s*(?:,\s*\w+\s*)*)?:")
_WIDEST_NUMBER = 400  # digits of a number; far beyond any use, and far below what takes time


@dataclass(frozen=True, slots=True)
class Scanned:
    """Text that Python's parser takes, of the same length as the source."""

    source: str
    python: str


class Scanner:
    """One pass over the tokens, keeping whether an operand must come next and which brackets are open."""

    def __init__(self, source: str, functions: Container[str]) -> None:
        self.source = source
        self.functions = functions
        self.out: list[str] = []
        self.open: list[tuple[str, int, bool]] = []  # bracket, where, whether it calls or subscripts
        self.wants_operand = True
        self.last: tuple[str, int, int] = ("", 0, 0)  # kind or text, start, end
        self.marks = 0
        self.indices = 0  # how often for has been met without its in

    def fail(self, message: str, start: int, end: int, hint: str | None = None) -> ParseError:
        """The error that the source cannot be read from ``start`` to ``end``."""
        return ParseError(message, span=Span(start, end), hint=hint, source=self.source)

    def scan(self) -> Scanned:
        """The source, checked, and what Python's own parser is given for it.

        Raises:
            ParseError: it is no expression.
        """
        for found in _TOKEN.finditer(self.source):
            kind, token, start, end = found.lastgroup, found.group(), found.start(), found.end()
            match kind:
                case "space":
                    self.out.append(" " * len(token))
                    continue
                case "number":
                    self.number(token, start, end)
                case "option" if self.wants_operand == (
                    token[0] != ","
                ):  # what it is an option of is looked at where it is read
                    self.out.append(token)
                case "name":
                    self.name(token, start, end)
                case _ if self.too_many():
                    raise self.fail(f"the expression has more than {MOST:,} operators and brackets", start, end,
                                    "name its parts with --let")  # fmt: skip
                case "operator":
                    self.operator(token, start, end)
                case "opening":
                    self.opening(token, start, end)
                case "closing":
                    self.closing(token, start, end)
                case "quoted" if self.names_a_norm():
                    self.operand(start, end)
                    self.out.append(f" {token[1:-1]} ")
                case "quoted":
                    raise refuse_character(token[0], start, self.source)
                case _:
                    self.other(token, start, end)
        if self.open:
            bracket, at, _ = self.open[-1]
            closing = {"(": ")", "[": "]"}[bracket]
            raise self.fail(f"this {bracket} is never closed", at, at + 1, f"write {closing} where it ends")
        if self.wants_operand:
            _, start, end = self.last
            hint = "write what follows, or take the sign out"
            raise self.fail("the expression ends where an operand is expected", start, max(end, start + 1), hint)
        return Scanned(self.source, "".join(self.out))

    def names_a_norm(self) -> bool:
        """Whether an argument comes that says which norm is meant: NumPy has "fro" there, the one text in a formula."""
        return self.last[0] == "," and bool(self.open) and self.source.endswith("norm", 0, self.open[-1][1])

    def too_many(self) -> bool:
        """Count a sign, and say whether there are too many."""
        self.marks += 1
        return self.marks > MOST

    def operand(self, start: int, end: int) -> None:
        """Note an operand; two in a row are refused."""
        if not self.wants_operand:
            raise self.juxtaposed(start, end)
        self.wants_operand = False
        self.last = ("operand", start, end)

    def juxtaposed(self, start: int, end: int) -> ParseError:
        """The error that two operands stand side by side."""
        before = self.source[self.last[1] : self.last[2]]
        here = self.source[start:end]
        if (sentence := refuse_sentence(self.source)) is not None:
            return sentence
        hint = "a product is written out: * entry by entry or by a scalar, @ for the matrix product"
        if self.last[0] == "operand" and len(before) + len(here) < 30:
            if before in self.functions or before == "sqrt":
                return self.fail(
                    "the argument of a function stands in parentheses", self.last[1], end, f"write {before}({here})"
                )
            if before.startswith("sum_"):
                return self.fail(
                    "a sum is not written so in text", self.last[1], end, "write sum(x[i] for i in range(n))"
                )
            here = {"(": "(…)", "[": "[…]"}.get(here, here)
            hint = f"write {before} * {here}, or {before} @ {here} for the matrix product"
            if before[0].isdigit():
                hint = f"write {before} * {here}"
        return self.fail("an operator is missing here", self.last[1], end, hint)

    def number(self, token: str, start: int, end: int) -> None:
        """Read a number.

        Raises:
            ParseError: it is too long, is not real, begins with 0, or no operand can stand there.
        """
        if len(token) > _WIDEST_NUMBER or len(token.lower().partition("e")[2]) > 4:
            raise self.fail("this number is too long", start, end)
        if len(token) > 1 and token[0] == "0" and token.replace("_", "").isdigit():
            raise self.fail("a number does not begin with 0", start, end, f"write {token.lstrip('0_') or '0'}")
        if self.source[end : end + 1] in ("j", "J") and not self.source[end + 1 : end + 2].isalnum():
            raise self.fail("numbers here are real", start, end + 1)
        self.operand(start, end)
        self.out.append(token)

    def name(self, token: str, start: int, end: int) -> None:
        """Read a name, or a word of Python's.

        Raises:
            ParseError: it cannot stand there.
        """
        if len(token) > LONGEST_NAME:
            raise self.fail(f"this name has {len(token):,} letters; at most {LONGEST_NAME} are read", start, end)
        if not token.isascii():
            if STAND_IN in token:
                raise refuse_character(STAND_IN, start + token.index(STAND_IN), self.source)
            plain_name(token, start, self.source)
        if token in ("for", "in"):
            if self.wants_operand:
                raise self.missing(token, start, end)
            if self.source[start - 1] in "0123456789._":  # Python would warn, and its warnings are those of a process
                raise self.fail(f"a space is missing before {token}", start, end, f"write {token} as a word of its own")
            self.indices += 1 if token == "for" else -1
            if not self.open:
                raise self.fail(
                    f'"{token}" is not read here',
                    start,
                    end,
                    "sums are written sum(x[i] for i in range(n)); declarations stand in the where text",
                )
            if self.indices not in (0, 1):
                raise self.fail(f'"{token}" is not read here', start, end, "write sum(x[i] for i in range(n))")
            self.wants_operand = True
            self.last = (token, start, end)
            self.out.append(token)
            return
        if self.source[end : end + 1] in ("'", '"') and self.source.find(self.source[end], end + 1) > 0:
            raise refuse_character(self.source[end], end, self.source)
        if token == "lambda":
            if _LAMBDA.match(self.source, start):
                raise self.fail("functions are not defined inside an expression", start, end,
                                "declare f: R^n -> R^m, or write the expression out; lambda alone is the Greek letter")  # fmt: skip
            token = "lambd" + STAND_IN
        elif keyword.iskeyword(token):
            if token in _WORDS_OF_PYTHON:
                hint = _WORDS_OF_PYTHON[token]
                if (
                    token == "if"
                    and self.open
                    and not self.wants_operand
                    and " for " in self.source[self.open[-1][1] : start]
                ):
                    self.wants_operand = True  # for i in range(n) if i != j
                    self.last = (token, start, end)
                    self.out.append(token)
                    return
                raise self.fail(f'"{token}" is not read here', start, end, hint)
            raise self.fail(
                f"{token} is a word of Python's own and cannot be a name",
                start,
                end,
                f"call it {token}_, or by another letter",
            )
        if token.startswith("__") and self.last[0] != ".":
            raise self.fail(
                f"{token} is not read here: expressions are read, never run",
                start,
                end,
                "a name does not begin with two underscores",
            )
        if self.last[0] == ".":  # an attribute: the parser knows which there are
            self.last = ("operand", self.last[1], end)
            self.wants_operand = False
        else:
            self.operand(start, end)
        self.out.append(token)

    def operator(self, token: str, start: int, end: int) -> None:
        """Read an operator.

        Raises:
            ParseError: it is none of ours, or an operand is missing before it.
        """
        if token in _OPERATORS_REFUSED:
            raise self.fail(f"{token} is not read here", start, end, _OPERATORS_REFUSED[token])
        if token == "%":
            raise refuse_character("%", start, self.source)
        if token == "◯" and self.wants_operand and self.last[0] == "(":  # D(◯, 0)
            self.operand(start, end)
            self.out.append(STAND_IN)
            return
        if self.wants_operand and token not in ("+", "-"):
            raise self.missing(token, start, end)
        self.wants_operand = True
        self.last = (token, start, end)
        self.out.append({"◯": "%", "<>": "% "}.get(token, token))

    def missing(self, token: str, start: int, end: int) -> ParseError:
        """The error that an operand is missing before a sign."""
        side = "at the beginning, " if not self.last[0] else ""
        hint = "a power is written **" if token == "*" and self.last[0] == "*" else None
        return self.fail(f"an operand is missing {side}before {token}", start, end, hint)

    def opening(self, token: str, start: int, end: int) -> None:
        """Read a bracket that opens.

        Raises:
            ParseError: it cannot stand there, or there are too many inside each other.
        """
        applies = not self.wants_operand
        if applies and self.last[0] == "operand" and self.source[self.last[1]].isdigit():
            raise self.juxtaposed(start, end)
        if len(self.open) >= DEEPEST:
            raise self.fail(
                f"the expression is nested more than {DEEPEST} brackets deep",
                start,
                end,
                "name the inner parts with --let",
            )
        self.open.append((token, start, applies))
        self.wants_operand = True
        self.last = (token, start, end)
        self.out.append(token)

    def closing(self, token: str, start: int, end: int) -> None:
        """Read a bracket that closes.

        Raises:
            ParseError: it closes nothing, or too early.
        """
        if not self.open:
            raise self.fail(f"this {token} closes nothing", start, end, "take it out, or open it before")
        bracket, at, applies = self.open.pop()
        if {"(": ")", "[": "]"}[bracket] != token:
            raise self.fail(f"this {token} does not close the {bracket}", start, end)
        if self.wants_operand and self.last[0] not in (",", ":"):
            if self.last[0] != bracket:
                raise self.fail(f"an operand is missing before {token}", start, end)
            if not (applies and bracket == "("):
                raise self.fail("nothing stands between the brackets", at, end)
        self.wants_operand = False
        self.last = ("operand" if bracket == "(" and not applies else "closed", at, end)
        self.out.append(token)

    def other(self, token: str, start: int, end: int) -> None:
        """Read a sign that is neither operator nor bracket.

        Raises:
            ParseError: it cannot stand there.
        """
        if token in SAME:
            token = SAME[token]
            if token == " ":
                self.out.append(token)
            else:
                self.operator(token, start, end)
        elif token == ",":
            if self.wants_operand and self.last[0] != ":":
                raise self.missing(token, start, end)
            self.separate(token, start, end)
        elif token == ":" and self.open and self.open[-1][0] == "[":
            self.separate(token, start, end)
        elif token == ".":
            if self.wants_operand:
                raise self.missing(token, start, end)
            self.last = (".", self.last[1], end)
            self.wants_operand = True
            self.out.append(token)
        elif token == "=" and self.open and self.open[-1][2] and self.open[-1][0] == "(":
            option = self.source[self.last[1] : self.last[2]]
            raise self.fail(f"the option {option} is not read", self.last[1], end, OPTIONS.get(option, OPTIONS[""]))
        elif token == "=":
            raise self.fail("an equation is no expression", start, end,
                            'give the right-hand side only, or name a part with --let "u = …"; equality is ==')  # fmt: skip
        elif token == ":":
            raise self.fail('":" is not read here', start, end, "declarations stand in the where text")
        elif token == "^" and not self.wants_operand:
            raise self.fail("^ is not read here", start, end, self.power_hint(end))
        elif token == "'" and not self.wants_operand and token not in self.source[end:]:
            raise self.fail('"\'" is not read here', start, end, INSTEAD["′"])
        else:
            raise refuse_character(token, start, self.source)

    def power_hint(self, end: int) -> str:
        """How the power would be written that was meant."""
        base = self.source[self.last[1] : self.last[2]] if self.last[0] == "operand" else "…"
        exponent = re.match(r"\s*([-\w.]+)", self.source[end:])
        said = f"a power is written **: {base}**{exponent[1] if exponent else '…'}"
        inverse = exponent and exponent[1] == "-1" and base != "…"
        return f"{said}, of each entry; the inverse of a matrix is inv({base})" if inverse else said

    def separate(self, token: str, start: int, end: int) -> None:
        """Read a sign that separates two operands."""
        self.wants_operand = True
        self.last = (token, start, end)
        self.out.append(token)


def scan(source: str, functions: Container[str]) -> Scanned:
    """Check the characters, brackets and operands of ``source``, and make of it what Python's parser takes.

    ``functions`` are the names of operations, which stand before parentheses.

    Raises:
        ParseError: one of them cannot be; the span is the place.
    """
    if len(source) > LONGEST:
        raise ParseError(f"the expression has {len(source):,} characters; at most {LONGEST:,} are read",
                         hint="name its parts with --let")  # fmt: skip
    if not source or source.isspace():
        raise ParseError("the expression is empty", hint='give one, such as "w.T @ x + b"')
    return Scanner(source, functions).scan()
