"""Displayed equations as boxes, and how one that is too wide is broken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from derivgen.show.layout.box import DOT, Big, Box, Frac, Grid, Name, Row, Script, Sign, Space, Text, breadth, row


@dataclass(frozen=True, slots=True)
class Line:
    """A displayed equation: ``left`` = ``middle`` = ``right``, and a remark for which indices it holds."""

    left: Box | None
    right: Box
    middle: Box | None = None
    remark: Box | None = None
    relation: str = "="


def split(line: Line, limit: int, measure: Callable[[Box], int]) -> list[Line]:
    """A line that is too wide as several: = right below, and the terms of a long sum on lines of their own."""
    parts = [box for box in (line.left, line.middle, line.right) if box is not None]
    if sum(measure(box) + 3 for box in parts) <= limit:
        return [line]
    if line.left is not None and measure(line.left) > limit // 3:
        # nothing would have room to the right of it: it stands above, and = begins the lines below
        return [Line(None, line.left, relation=""), *split(replace(line, left=None), limit, measure)]
    lines = [line]
    if line.middle is not None:
        lines = [Line(line.left, line.middle), Line(None, line.right, None, line.remark, line.relation)]
    start = (measure(line.left) if line.left is not None else 0) + 5  # a row that goes on is set in by 5
    pieces = broken(line.right, limit - start, measure)
    lines[-1] = replace(lines[-1], right=pieces[0], remark=None if len(pieces) > 1 else line.remark)
    lines += [Line(None, piece, relation="") for piece in pieces[1:]]
    if len(pieces) > 1:
        lines[-1] = replace(lines[-1], remark=line.remark)
    return lines


def broken(box: Box, room: int, measure: Callable[[Box], int]) -> list[Box]:
    """A long sum in as many rows as it needs, or a long product by factors; each but the first begins with its sign."""
    if not isinstance(box, Row) or measure(box) <= room:
        return [box]
    flat = _flat(box)
    is_sum = any(_is_plus(part) for part in flat[1:])
    terms: list[list[Box]] = [[]]
    for part in flat:
        if terms[-1] and (_is_plus(part) if is_sum else not _belongs(terms[-1], part)):
            terms.append([])
        terms[-1].append(part)
    if not is_sum and len(terms) > 1 and breadth(row(*terms[-1])) < SHORT:
        last = terms.pop()
        terms[-1] += last
    rows: list[list[Box]] = [terms[0]]
    for term in terms[1:]:
        if measure(row(*rows[-1], *term)) <= room:
            rows[-1] += term
        elif is_sum or term[0] == DOT or isinstance(term[0], Grid):  # brackets beside brackets are a product anyway
            rows.append(term)
        else:
            while isinstance(rows[-1][-1], Space):  # the sign brings its own
                rows[-1].pop()
            rows.append([DOT, *term])
    return [piece for parts in rows for piece in (_by_factors(parts, room, measure) if is_sum else [row(*parts)])]


def _by_factors(parts: list[Box], room: int, measure: Callable[[Box], int]) -> list[Box]:
    """A row of a sum that is too wide: its one term, with the sign before it, by factors."""
    sign = parts[:1] if _is_plus(parts[0]) else []
    if measure(row(*parts)) <= room or any(map(_is_plus, parts[1:])):
        return [row(*parts)]
    first, *more = broken(row(*parts[len(sign) :]), room, measure)
    return [row(*sign, first), *more]


def _belongs(before: list[Box], part: Box) -> bool:
    """Whether a factor stays with those before it: after Σ, ∏ over all but one, ∂/∂x and the name of a function, and after something short."""
    last = next((box for box in reversed(before) if not isinstance(box, Space)), before[-1])
    operator = isinstance(last, Frac) and isinstance(last.over, Sign)
    core = last.base if isinstance(last, Script) else last
    named = isinstance(core, Name | Text) or (isinstance(core, Sign) and core.role == "prefix")
    joined = isinstance(part, Sign | Space | Text) and part != DOT
    if operator or named or joined or isinstance(last, Sign | Big):
        return True
    return breadth(row(*before)) < SHORT


SHORT = 6
"""The breadth, in letters, of a factor that does not stand on a line by itself."""


def _flat(box: Row) -> list[Box]:
    return [inner for part in box.parts for inner in (_flat(part) if isinstance(part, Row) else [part])]


def _is_plus(box: Box) -> bool:
    return isinstance(box, Sign) and box.role == "infix" and box.char in "+−"
