"""Displayed equations as MathML: whole as one element, or in pieces that a narrow page can put under one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from derivgen.show.document.prose import NARROW, scrolled
from derivgen.show.layout.box import COMMA, Box, Sign, Space, breadth, row
from derivgen.show.layout.lines import Line, broken
from derivgen.show.math.latex import write
from derivgen.show.math.latex_lines import aligned
from derivgen.show.math.mathml import element, markup, quoted

MOST_REMEMBERED = 2_000
"""How many lines are known again."""

BROAD = 6
"""The breadth of a left side beyond which a phone sets the right side under it."""


def display(lines: Sequence[Line]) -> str:
    """Equations as one element, aligned at their relation where there are several."""
    if len(lines) == 1:
        one = lines[0]
        inside = (markup(one.left) if one.left is not None else "") + "".join(map(markup, _sides(one)))
    else:
        rows = [
            f'<mtr><mtd style="text-align: -webkit-right; padding-right: 0">{"" if one.left is None else markup(one.left)}</mtd>'
            f'<mtd style="text-align: left; padding-left: 0">{"".join(map(markup, _sides(one)))}</mtd></mtr>'
            for one in lines
        ]
        inside = f'<mtable displaystyle="true">{"".join(rows)}</mtable>'
    return element(inside, aligned(lines), namespace=True)


def _sides(one: Line) -> list[Box]:
    """What stands right of the left side, each side with its sign of equality, the remark at the end."""
    sides = [row(Sign(one.relation), box) for box in (one.middle, one.right) if box is not None]
    return [*sides, row(COMMA, Space(True), one.remark)] if one.remark is not None else sides


# --- in pieces -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an equation that stays on one line, and its breadth in letters."""

    markup: str
    breadth: int


def grid(lines: Sequence[Line], *, source: bool = True) -> str:
    """Equations as the cells of a grid, left side and right side in turn; the right sides wrap at their signs.

    ``source`` sends the LaTeX along, of the whole and of each piece.
    """
    cells = [_cells(one, source) for one in lines]
    tex = f' data-tex="{quoted(aligned(lines)).replace(chr(10), "&#10;")}"' if source else ""
    widest = max([breadth(one.left) for one in lines if one.left is not None], default=0)
    kind = "dg-math dg-stacked" if widest > NARROW else "dg-math dg-broad" if widest > BROAD else "dg-math"
    return f'<div class="{kind}"{tex}>\n' + "\n".join(cells) + "\n</div>"


_known: dict[tuple[object, ...], tuple[Line, str]] = {}
"""The cells of lines, by the identity of their boxes, which are kept with them: derivations share many lines."""


def _cells(one: Line, source: bool) -> str:
    key = (id(one.left), id(one.middle), id(one.right), id(one.remark), one.relation, source)
    found = _known.get(key)
    if found is None:
        if len(_known) >= MOST_REMEMBERED:
            _known.clear()
        found = _known[key] = one, _new_cells(one, source)
    return found[1]


def _new_cells(one: Line, source: bool) -> str:
    left = [] if one.left is None else broken(one.left, NARROW, breadth)
    right = [box for side in (one.middle, one.right) if side is not None for box in _related(side, one.relation)]
    if one.remark is not None:
        right[-1:] = [*(row(box, COMMA) for box in right[-1:]), row(Space(True), one.remark)]
    sides = [_shown([_piece(box, source) for box in side]) for side in (left, right)]
    return f'<div class="dg-left">{sides[0]}</div>\n<div class="dg-right">{sides[1]}</div>'


def _shown(pieces: Sequence[Piece]) -> str:
    return "\n".join([p.markup if p.breadth <= NARROW else scrolled(p.markup, p.breadth) for p in pieces])


def _related(side: Box, relation: str) -> list[Box]:
    """A right side in pieces, the first with its sign of equality."""
    first, *rest = broken(side, NARROW, breadth)
    return [row(Sign(relation), first) if relation else first, *rest]


def _piece(box: Box, source: bool) -> Piece:
    return Piece(element(markup(box), write(box) if source else None, style=""), breadth(box))
