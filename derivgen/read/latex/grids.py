"""Rows and cells: matrices, case distinctions, displays of several lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivgen.errors import ParseError, Span
from derivgen.expr.notation import RELATION, SUM
from derivgen.read.latex import commands as words
from derivgen.read.latex.names import Lexicon
from derivgen.read.latex.tokens import Token
from derivgen.read.surface import Branches, Chain, Fenced, Grid, Letter, Sequence, Surface

_IF = frozenset({"if", "for", "when", "where", "falls", "wenn", "si", "provided"})
_ELSE = frozenset({"otherwise", "else", "sonst", "sinon", "elsewhere"})


class Grids:
    """The part of the parser that reads rows and cells, and what every part needs."""

    source: str
    tokens: list[Token]
    lexicon: Lexicon
    known: words.Words
    at: int
    depth: int
    fences: list[str]
    below: int

    if TYPE_CHECKING:

        def expression(self, level: int = RELATION) -> Surface: ...
        def operand(self) -> Surface: ...
        def items(self) -> list[Surface]: ...
        def chain(self, first: Surface) -> Surface: ...
        def argument(self, command: Token) -> Surface: ...
        def starts_operand(self) -> bool: ...

    # --- tokens ---

    @property
    def here(self) -> Token:
        return self.tokens[self.at]

    def since(self, start: Token | Surface) -> Span:
        """From ``start`` up to the token read last."""
        first = start.span.start if isinstance(start, Surface) else start.start
        return Span(first, max(self.tokens[self.at - 1].end, first))

    def fail(self, message: str, where: Token | Span | Surface, hint: str | None = None) -> ParseError:
        span = where if isinstance(where, Span) else where.span
        return ParseError(message, span=span, hint=hint, source=self.source)

    def shown(self, token: Token) -> str:
        """A token as the source has it."""
        return self.source[token.start : token.end] or "the end"

    def expect(self, kind: str, value: str) -> None:
        if self.here.kind != kind:
            raise self.left_over(f"{value} is expected before {self.shown(self.here)}")
        self.at += 1

    def left_over(self, message: str = "") -> ParseError:
        """The error for a token that fits nowhere."""
        token = self.here
        match token.kind:
            case "closing" | "right":
                if not self.fences:
                    return self.fail(f"{self.shown(token)} closes nothing", token)
                return self.fail(f"{self.shown(token)} does not close the {self.fences[-1]}", token)
            case "mark" if token.value == ":":
                return self.fail('":" is not read here', token, "declarations stand in the where text")
            case "mark" if token.value in ",;":
                return self.fail(f"{token.value} stands between arguments and entries only", token)
            case "amp" | "newrow":
                return self.fail(f"{self.shown(token)} stands outside of a matrix", token)
            case "ending":
                return self.fail(f"\\end{{{token.value}}} ends nothing", token)
            case "quad":
                return self.fail("what stands behind the wide space is no part of the expression", token)
            case "end":
                before = self.tokens[self.at - 1] if self.at else token
                return self.fail(message or f"the formula ends after {self.shown(before)}", before)
            case _:
                return self.fail(message or f"{self.shown(token)} is not read here", token)

    # --- environments ---

    def environment(self) -> Surface:
        token = self.here
        name = token.value
        if name not in words.MATRICES and name not in words.CASES:
            if name in words.DISPLAYS:
                raise self.fail(f"{name} stands around a whole display", token)
            raise self.fail(
                f"the environment {name} is not known", token, "matrices are read (bmatrix, pmatrix, array), and cases"
            )
        self.at += 1
        rows = self.rows(token)
        span = self.since(token)
        if name in words.CASES:
            return self.branches(span, rows)
        fence = words.MATRICES[name]
        grid = Grid(span, rows)
        return Fenced(span, fence, (grid,)) if fence else grid

    def rows(self, begin: Token) -> tuple[tuple[Surface | None, ...], ...]:
        """Cells up to the end of the environment."""
        self.fences.append("cell")
        rows: list[list[Surface | None]] = [[]]
        while True:
            rows[-1].append(self.cell())
            token = self.here
            self.at += 1
            if token.kind == "newrow":
                rows.append([])
            elif token.kind == "ending":
                if token.value != begin.value:
                    raise self.fail(f"\\end{{{token.value}}} does not end \\begin{{{begin.value}}}", token)
                break
            elif token.kind == "end":
                self.at -= 1
                raise self.fail(f"\\begin{{{begin.value}}} is never ended", begin)
            elif token.kind != "amp":
                self.at -= 1
                raise self.left_over()
        self.fences.pop()
        if len(rows) > 1 and rows[-1] == [None]:
            del rows[-1]
        return tuple(tuple(r) for r in rows)

    def cell(self) -> Surface | None:
        token = self.here
        if token.kind in ("amp", "newrow", "ending", "end"):
            return None
        if token.kind in ("letter", "words"):
            first = token.value.split()[0]
            if first in _ELSE:
                self.at += 1
                if self.here.kind == "mark" and self.here.value in ".,;":
                    self.at += 1
                return Letter(token.span, "otherwise", "words")
            if token.value in _IF and token.font == "upright":
                self.at += 1
        found = self.items()
        while self.here.kind == "mark" and self.here.value in ".,;":
            self.at += 1
        return found[0] if len(found) == 1 else Sequence(self.since(token), tuple(found))

    def branches(self, span: Span, rows: tuple[tuple[Surface | None, ...], ...]) -> Surface:
        """The rows of a case distinction: value and condition."""
        found: list[tuple[Surface, Surface | None]] = []
        for row in rows:
            value = row[0]
            condition = row[1] if len(row) == 2 else None
            if value is None or len(row) > 2:
                raise self.fail("a case is a value and its condition", span, r"value & condition \\")
            if isinstance(condition, Letter) and condition.font == "words":
                condition = None
            found.append((value, condition))
        return Branches(span, tuple(found))

    # --- a whole display ---

    def display(self) -> Surface:
        """Equations with their remarks; a line that begins with a relation goes on with the one before."""
        opened = self.here if self.here.kind == "begin" and self.here.value in words.DISPLAYS else None
        if opened is not None:
            self.at += 1
            self.tokens = _without_columns(self.tokens, self.at)
        lines: list[Chain] = []
        while True:
            if not (self.here.kind == "newrow" or (lines and self.here.kind in ("end", "ending"))):
                self.line(lines)
            if self.here.kind != "newrow":
                break
            self.at += 1
        if opened is not None:
            if self.here.kind != "ending" or self.here.value != opened.value:
                raise self.fail(f"\\begin{{{opened.value}}} is never ended", opened)
            self.at += 1
        if self.here.kind != "end":
            raise self.left_over()
        if len(lines) == 1:
            return lines[0]
        return Grid(Span(lines[0].span.start, lines[-1].span.end), tuple((line,) for line in lines))

    def line(self, lines: list[Chain]) -> None:
        goes_on = self.here.kind == "relation" and bool(lines)
        first: Surface = lines[-1].sides[-1] if goes_on else self.expression(SUM)
        found = self.chain(first)
        assert isinstance(found, Chain)
        remarks: list[Surface] = []
        while self.here.kind == "quad" or (self.here.kind == "mark" and self.here.value in ",.;"):
            self.at += 1
            if self.here.kind not in ("quad", "mark", "end", "newrow", "ending"):
                remarks += self.items()
        if goes_on:
            before = lines.pop()
            found = Chain(before.span | found.span, (*before.sides, *found.sides[1:]), (*before.signs, *found.signs))
        lines.append(Chain(found.span, found.sides, found.signs, tuple(remarks)))


def _without_columns(tokens: list[Token], start: int) -> list[Token]:
    """The tokens without the marks that align the lines of a display."""
    kept, depth = tokens[:start], 0
    for token in tokens[start:]:
        depth += {"begin": 1, "ending": -1}.get(token.kind, 0)
        if token.kind != "amp" or depth > 0:
            kept.append(token)
    return kept


def without_inner_space(tokens: list[Token]) -> list[Token]:
    """Wide spaces part remarks from equations only where nothing is open."""
    if not any(t.kind == "quad" for t in tokens):
        return tokens
    depth = 0
    kept: list[Token] = []
    for t in tokens:
        if t.kind in ("open", "opening", "left", "begin"):
            depth += 1
        elif t.kind in ("close", "closing", "right", "ending"):
            depth -= 1
        if t.kind != "quad" or depth <= 0:
            kept.append(t)
    return kept
