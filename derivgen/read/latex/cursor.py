"""Where the parser stands among the tokens of a formula, and what every part of it needs."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod

from derivgen.errors import ParseError, Span
from derivgen.expr.notation import RELATION
from derivgen.read.latex.commands import words_of
from derivgen.read.latex.names import Lexicon
from derivgen.read.latex.tape import Token
from derivgen.read.surface import Letter, Surface

OPENING = frozenset({"open", "opening", "left", "begin"})
CLOSING = frozenset({"close", "closing", "right", "ending"})
_EXPLAINED = re.compile(r"(?:[,;\s]|\\q?quad|\\[,;:! ]|\\(?:text|mathrm)\s*\{[^{}=]*\})+([^=,]+=[^=]+)$")
"""An equation that stands behind a formula, perhaps after "where"."""
_STARTS = OPENING | {"letter", "digit", "dots", "words"}


class Cursor(ABC):
    r"""A place among tokens. ``lexicon`` says which names are functions.

    Attributes:
        fences: those that are open here, as they are shown.
        below: how many subscripts are open here.
        running: the indices that run here.
        differentials: whether d\mathbf X that stands alone is read.
        reaching: whether it is being looked how far a sum reaches.
        holds: whether what is known and not read is kept as what it is made of.
        document: whether it is a formula of an author's own text.
        labelled: what is a part of a name there where it stands above a letter: "-" for a sign alone, as in x^+, "(a)" for
            a letter in parentheses, "L" for one without.
    """

    def __init__(self, source: str, tokens: list[Token], lexicon: Lexicon) -> None:
        self.source = source
        self.tokens = tokens
        self.lexicon = lexicon
        self.known = words_of(lexicon.declarations.glossary)
        self.at = 0
        self.depth = 0
        self.fences: list[str] = []
        self.below = 0
        self.running: frozenset[str] = frozenset()
        self.differentials = False
        self.holds = False
        self.document = False
        self.labelled: frozenset[str] = frozenset()
        self.reaching = False

    # --- what is read elsewhere ---

    @abstractmethod
    def expression(self, level: int = RELATION) -> Surface:
        """All that binds at least as tightly as ``level``."""

    @abstractmethod
    def operand(self) -> Surface:
        """One operand with its scripts, its primes and its arguments."""

    @abstractmethod
    def argument(self, command: Token) -> Surface:
        """What a command is of: a group, or one token."""

    # --- tokens ---

    @property
    def here(self) -> Token:
        """The token that is next."""
        return self.tokens[self.at]

    @property
    def next(self) -> Token:
        """The token after the next."""
        return self.tokens[self.at + 1]

    def step(self) -> Token:
        """The token that stands here, passed by."""
        self.at += 1
        return self.tokens[self.at - 1]

    def is_mark(self, marks: str) -> bool:
        """Whether one of these marks is next."""
        token = self.tokens[self.at]
        return token.kind == "mark" and token.value in marks

    def is_script(self, sign: str) -> bool:
        """Whether this sign of a script, _ or ^, is next."""
        token = self.tokens[self.at]
        return token.kind == "script" and token.value == sign

    def opens(self) -> bool:
        """Whether a fence begins here that is no bar."""
        return self.tokens[self.at].kind in ("opening", "left")

    def starts_operand(self) -> bool:
        """Whether the next token begins another factor."""
        token = self.tokens[self.at]
        if token.kind == "bar":
            return self.fences[-1:] != [token.value]
        return token.kind in _STARTS or (token.kind == "command" and token.value not in self.known.transposes)

    def inside(self, at: int) -> list[Token]:
        """The tokens between the fences that begin at ``at``, without what stands in further ones."""
        found: list[Token] = []
        depth = 0
        for token in self.tokens[at:]:
            depth += (token.kind in OPENING) - (token.kind in CLOSING)
            if depth <= 0:
                break
            if depth == 1:
                found.append(token)
        return found[1:]

    def after_group(self, at: int) -> int:
        """Where the token stands that follows the group, or the one token, at ``at``."""
        depth = 0
        for k in range(at, len(self.tokens)):
            depth += {"open": 1, "close": -1}.get(self.tokens[k].kind, 0)
            if depth <= 0:
                return k + 1
        return len(self.tokens) - 1

    def behind_scripts(self, at: int) -> int:
        """Behind the scripts and primes that begin at a place."""
        while self.tokens[at].kind in ("script", "prime"):
            at = self.after_group(at + 1) if self.tokens[at].kind == "script" else at + 1
        return at

    def items(self) -> list[Surface]:
        """Expressions with commas between them; in a cell the last comma may stand alone."""
        found = [self.expression()]
        while self.is_mark(",;"):
            self.at += 1
            if self.fences[-1:] == ["cell"] and self.here.kind in (*CLOSING, "amp", "newrow"):
                break
            found.append(self.expression())
        return found

    def since(self, start: Token | Surface) -> Span:
        """From ``start`` up to the token read last."""
        first = start.span.start
        return Span(first, max(self.tokens[self.at - 1].end, first))

    # --- errors ---

    def fail(self, message: str, where: Token | Span | Surface, hint: str | None = None) -> ParseError:
        """The error that the formula cannot be read at a place."""
        span = where if isinstance(where, Span) else where.span
        return ParseError(message, span=span, hint=hint, source=self.source)

    def shown(self, token: Token) -> str:
        """A token as the source has it."""
        return self.source[token.start : token.end] or "the end"

    def expect(self, kind: str, value: str) -> None:
        """Go behind a token of this kind.

        Raises:
            ParseError: another is next.
        """
        if self.here.kind != kind:
            raise self.left_over(f"{value} is expected before {self.shown(self.here)}")
        self.at += 1

    def left_over(self, message: str = "") -> ParseError:
        """The error for a token that fits nowhere."""
        token, shown = self.here, self.shown(self.here)
        match token.kind:
            case "closing" | "right" if not self.fences:
                return self.fail(f"{shown} closes nothing", token)
            case "closing" | "right":
                return self.fail(f"{shown} does not close the {self.fences[-1]}", token)
            case "mark" if token.value == ":":
                return self.fail('":" is not read here', token, "declarations stand in the where text")
            case "mark" if token.value in ",;":
                words = f"{token.value} stands between arguments and entries only"
                return self.fail(words, token, self._named_behind())
            case "amp" | "newrow":
                return self.fail(f"{shown} stands outside of a matrix", token)
            case "ending":
                return self.fail(f"\\end{{{token.value}}} ends nothing", token)
            case "quad":
                words = "what stands behind the wide space is no part of the expression"
                return self.fail(words, token, self._named_behind())
            case "end":
                before = self.tokens[self.at - 1] if self.at else token
                return self.fail(message or f"the formula ends after {self.shown(before)}", before)
            case _:
                return self.fail(message or f"{shown} is not read here", token)

    def _named_behind(self) -> str | None:
        """What to write instead where a name is explained behind the formula, as in ``f(u), \\quad u = Ax``."""
        found = _EXPLAINED.match(self.source, self.here.start)
        return found and f'name a part with let: "{found[1].rstrip(". ")}"'


def letter(token: Token) -> Letter:
    """The letter of a token."""
    return Letter(token.span, token.value, "upright" if token.font == "operator" else token.font)
