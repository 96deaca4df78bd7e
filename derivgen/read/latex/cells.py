"""Rows and cells: matrices, case distinctions, displays of several lines."""

from __future__ import annotations

from derivgen.errors import Span
from derivgen.expr.notation import SUM
from derivgen.read.latex import commands as words
from derivgen.read.latex.cursor import Cursor
from derivgen.read.latex.tape import Token
from derivgen.read.surface import Branches, Chain, Fenced, Grid, Group, Letter, Sequence, Surface

_IF = frozenset({"if", "for", "when", "where", "falls", "wenn", "si", "provided"})
_ELSE = frozenset({"otherwise", "else", "sonst", "sinon", "elsewhere"})

Rows = tuple[tuple[Surface | None, ...], ...]


def environment(p: Cursor) -> Surface:
    """A matrix or a choice of cases.

    Raises:
        ParseError: the environment is another.
    """
    token, name = p.here, p.here.value
    if name not in words.MATRICES and name not in words.CASES:
        if name in words.DISPLAYS:
            raise p.fail(f"{name} stands around a whole display", token)
        raise p.fail(f"the environment {name} is not known", token,
                     "matrices are read (bmatrix, pmatrix, array), and cases")  # fmt: skip
    p.at += 1
    rows = _rows(p, token)
    span = p.since(token)
    if name in words.CASES:
        return branches(p, span, rows)
    fence, grid = words.MATRICES[name], Grid(span, rows)
    if fence in ("|", "‖"):
        return Fenced(span, fence, (grid,))
    return Group(span, grid, fence) if fence else grid


def _rows(p: Cursor, begin: Token) -> Rows:
    """Cells up to the end of the environment."""
    p.fences.append("cell")
    rows: list[list[Surface | None]] = [[]]
    while True:
        rows[-1].append(_cell(p))
        token = p.here
        if token.kind == "end":
            raise p.fail(f"\\begin{{{begin.value}}} is never ended", begin)
        if token.kind not in ("amp", "newrow", "ending"):
            raise p.left_over()
        p.at += 1
        if token.kind == "newrow":
            rows.append([])
        elif token.kind == "ending":
            break
    if token.value != begin.value:
        raise p.fail(f"\\end{{{token.value}}} does not end \\begin{{{begin.value}}}", token)
    p.fences.pop()
    if len(rows) > 1 and rows[-1] == [None]:
        del rows[-1]
    return tuple(tuple(r) for r in rows)


def _cell(p: Cursor) -> Surface | None:
    token = p.here
    if token.kind in ("amp", "newrow", "ending", "end"):
        return None
    if token.kind in ("letter", "words"):
        if token.value.split()[0] in _ELSE:
            p.at += 1
            p.at += p.is_mark(".,;")
            return Letter(token.span, "otherwise", "words")
        p.at += token.value in _IF and token.font == "upright"
    found = p.items()
    while p.is_mark(".,;"):
        p.at += 1
    return found[0] if len(found) == 1 else Sequence(p.since(token), tuple(found))


def branches(p: Cursor, span: Span, rows: Rows) -> Surface:
    """The rows of a case distinction: value and condition."""
    found: list[tuple[Surface, Surface | None]] = []
    for value, *conditions in rows:
        if value is None or len(conditions) > 1:
            raise p.fail("a case is a value and its condition", span, r"value & condition \\")
        condition = conditions[0] if conditions else None
        otherwise = isinstance(condition, Letter) and condition.font == "words"
        found.append((value, None if otherwise else condition))
    return Branches(span, tuple(found))


# --- a whole display ---


def display(p: Cursor) -> Surface:
    """Equations with their remarks; a line that begins with a relation goes on with the one before."""
    opened = p.here if p.here.kind == "begin" and p.here.value in words.DISPLAYS else None
    if opened is not None:
        p.at += 1
        p.tokens = _without_columns(p.tokens, p.at)
    lines: list[Chain] = []
    while True:
        if not (p.here.kind == "newrow" or (lines and p.here.kind in ("end", "ending"))):
            _line(p, lines)
        if p.here.kind != "newrow":
            break
        p.at += 1
    if opened is not None:
        if p.here.kind != "ending" or p.here.value != opened.value:
            raise p.fail(f"\\begin{{{opened.value}}} is never ended", opened)
        p.at += 1
    if p.here.kind != "end":
        raise p.left_over()
    if len(lines) == 1:
        return lines[0]
    return Grid(Span(lines[0].span.start, lines[-1].span.end), tuple((line,) for line in lines))


def _line(p: Cursor, lines: list[Chain]) -> None:
    goes_on = p.here.kind == "relation" and bool(lines)
    found = chain(p, lines[-1].sides[-1] if goes_on else p.expression(SUM))
    remarks: list[Surface] = []
    while p.here.kind == "quad" or p.is_mark(",.;"):
        p.at += 1
        if p.here.kind not in ("quad", "mark", "end", "newrow", "ending"):
            remarks += p.items()
    if goes_on:
        before = lines.pop()
        found = Chain(before.span | found.span, (*before.sides, *found.sides[1:]), (*before.signs, *found.signs))
    lines.append(Chain(found.span, found.sides, found.signs, tuple(remarks)))


def chain(p: Cursor, first: Surface) -> Chain:
    """Sides with relations between them."""
    sides, signs = [first], []
    while p.here.kind == "relation" or defines(p):
        defined = defines(p)
        p.at += defined
        token = p.step()
        signs.append(":=" if defined else token.value)
        sides.append(p.expression(SUM))
    return Chain(p.since(first), tuple(sides), tuple(signs))


def defines(p: Cursor) -> bool:
    """Whether := stands here."""
    return p.is_mark(":") and p.next.value == "="


def _without_columns(tokens: list[Token], start: int) -> list[Token]:
    """The tokens without the marks that align the lines of a display."""
    kept, depth = tokens[:start], 0
    for token in tokens[start:]:
        depth += {"begin": 1, "ending": -1}.get(token.kind, 0)
        if token.kind != "amp" or depth > 0:
            kept.append(token)
    return kept
