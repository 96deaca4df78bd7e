"""Displayed equations as MathML: whole as one element, or in pieces that a narrow page can put under one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from derivgen.render.as_markdown import aligned
from derivgen.render.box import COMMA, Box, Sign, Space, breadth, row
from derivgen.render.display import Line, broken
from derivgen.render.latex import write
from derivgen.render.mathml import FULL_SIZE, element, markup, quoted

NARROW = 22
"""The breadth, in letters, of a piece that a phone has room for."""

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
    """A part of an equation that stays on one line; ``wide`` if a phone must scroll to see it all."""

    markup: str
    wide: bool


def grid(lines: Sequence[Line]) -> str:
    """Equations as the cells of a grid, left side and right side in turn; the right sides wrap at their signs."""
    cells = []
    for one in lines:
        left = [] if one.left is None else _pieces(one.left)
        right = [p for side in (one.middle, one.right) if side is not None for p in _pieces(side, one.relation)]
        if one.remark is not None:
            right.append(_piece(row(COMMA, Space(True), one.remark)))
        cells.append(f'<div class="dg-left">{_shown(left)}</div>\n<div class="dg-right">{_shown(right)}</div>')
    source = quoted(aligned(lines)).replace("\n", "&#10;")
    widest = max([breadth(one.left) for one in lines if one.left is not None], default=0)
    kind = "dg-math dg-stacked" if widest > NARROW else "dg-math dg-broad" if widest > BROAD else "dg-math"
    return f'<div class="{kind}" data-tex="{source}">\n' + "\n".join(cells) + "\n</div>"


def _shown(pieces: Sequence[Piece]) -> str:
    # what scrolls must be within reach of the keyboard, and then it needs a name
    reached = ' tabindex="0" role="group" aria-label="Long formula"'
    return "\n".join(f'<span class="dg-piece"{reached if p.wide else ""}>{p.markup}</span>' for p in pieces)


def _pieces(side: Box, relation: str = "") -> list[Piece]:
    first, *rest = broken(side, NARROW, breadth)
    return [_piece(row(Sign(relation), first) if relation else first), *map(_piece, rest)]


def _piece(box: Box) -> Piece:
    return Piece(_element(box), breadth(box) > NARROW)


def _element(box: Box) -> str:
    return element(markup(box), write(box), FULL_SIZE)
