"""The words of a declaration, in text and in LaTeX, before any clause is understood."""

from __future__ import annotations

import re
from typing import NamedTuple

from derivgen.catalog.letters import GREEK
from derivgen.errors import ParseError, Span
from derivgen.read.latex.spelling import declared_name
from derivgen.read.text.characters import plain_name, refuse_character
from derivgen.read.text.scan import LONGEST_NAME

FORMS = "declare variables like: w, x in R^n; b in R; A in R^(m*n), and functions like: f: R^n -> R^m"
"""What a hint says of the forms that declarations have."""


class Token(NamedTuple):
    """A word of a declaration, and where it stands."""

    kind: str  # name number real in to times or the character itself
    text: str
    span: Span


_TOKEN = re.compile(
    r"""(?P<blank>[ \t\r\f\v\u00a0]+)
      | (?P<skip>\\[,;:!\ ]|\\q?quad\b|\$|~)
      | (?P<real>\\mathbb\s*\{\s*R\s*\}|\\mathbb\s*R|\\mathds\s*\{\s*R\s*\}|\\(?:R|RR|reals|Reals)\b|ℝ)
      | (?P<in>\\in\b|∈)
      | (?P<to>->|→|⟶|\\to\b|\\rightarrow\b|\\longrightarrow\b|-->|=>)
      | (?P<times>\\times\b|×|\\cdot\b|·|\*)
      | (?P<colon>\\colon\b)
      | (?P<dots>\\[lc]?dots[cbmio]?\b|…|⋯|\.\.\.?)
      | (?P<font>\\(?:mathbf|boldsymbol|bm|mathrm|mathsf|mathit|vec|operatorname|text)\b)
      | (?P<command>\\(?!(?:succ|geq?|leq?)\b)[A-Za-z]+)
      | (?P<number>[0-9]+(?:\.[0-9]+)?)
      | (?P<name>[^\W\d]\w*)
      | (?P<operator>◯|○|<>)
      | (?P<relation>>=|≥|\\geq?|<=|≤|!=|≻|\\succ)
      | (?P<mark>[\^{}()\[\],;:>=<\n-])
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)


class Words:
    """The words of ``source`` in order, and the place of the reader among them; errors show them as they were ``said``."""

    def __init__(self, source: str, said: str) -> None:
        self.source, self.said = source, said
        self.tokens = self.tokenise()
        self.at = 0

    def fail(self, message: str, span: Span, hint: str | None = None) -> ParseError:
        """The error that a declaration cannot be read there."""
        return ParseError(
            message, span=span, hint=hint, source=self.said if span.end <= len(self.said) else self.source
        )

    def tokenise(self) -> list[Token]:
        """The tokens of the declarations, with one for the end.

        Raises:
            ParseError: a character cannot stand there.
        """
        found: list[Token] = []
        end = 0
        for m in _TOKEN.finditer(self.source):
            kind = m.lastgroup or "other"
            if kind == "blank":
                continue
            start, stop = m.span()
            if start < end:  # part of a name in LaTeX
                continue
            token, span = m[0], Span(start, stop)
            macro = token[0] == "\\"
            scripted = kind == "name" and token != "R" and self.source.startswith(("{", "^{(", "^*"), stop)
            if macro or scripted:
                name = declared_name(self.source, start)
                if name is not None and (macro or name[1] > stop):
                    end = name[1]
                    found.append(Token("name", name[0], Span(start, end)))
                    continue
            match kind:
                case "skip" | "font":
                    continue
                case "name":
                    if len(token) > LONGEST_NAME:
                        raise self.fail(f"this name has {len(token):,} letters; at most {LONGEST_NAME} are read", span)
                    token = plain_name(token, span.start, self.source)
                    kind = "in" if token == "in" else "name"
                case "command":
                    if token[1:] not in GREEK:
                        raise self.fail(f"{token} is not known in a declaration", span, FORMS)
                    kind, token = "name", token[1:]
                case "colon":
                    kind = ":"
                case "mark":
                    kind = ";" if token == "\n" else token
                case "other":
                    error = refuse_character(token, span.start, self.said)
                    real = token == "+" and "R" in (t.text for t in found[-2:])
                    above = 'a sign of a set stands below it: "R_+", or "R_{++}" without 0'
                    error.hint = error.hint or (above if real else FORMS)
                    raise error
            found.append(Token(kind, token, span))
        end = len(self.source)
        found.append(Token("end", "", Span(max(end - 1, 0), end)))
        return found

    @property
    def here(self) -> Token:
        """The token that is next."""
        return self.tokens[self.at]

    def take(self, *kinds: str) -> Token | None:
        """The next token, left behind, if it is of one of these kinds; else None."""
        token = self.tokens[self.at]
        if token.kind in kinds:
            self.at += 1
            return token
        return None

    def expected(self, what: str, hint: str | None = FORMS) -> ParseError:
        """The error that something else is expected here."""
        token = self.here
        if token.kind in ("end", ";"):
            before = self.tokens[self.at - 1].span if self.at else token.span
            return self.fail(f"the declaration ends where {what} is expected", before, hint)
        return self.fail(f"{what} is expected here, not {token.text}", token.span, hint)

    def around(self, place: Span) -> str:
        """The clause around a place, shortened."""
        start = max(self.source.rfind(mark, 0, place.start) for mark in ";\n") + 1
        text = " ".join(re.split("[;\n]", self.source[start:], maxsplit=1)[0].split())
        return text if len(text) <= 80 else f"{text[:60]} … {text[-15:]}"
