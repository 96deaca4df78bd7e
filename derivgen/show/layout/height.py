"""About how high mathematics is on a page, so that what does not fit a screen is folded."""

from __future__ import annotations

from collections.abc import Iterable

from derivgen.show.layout.box import Apply, Big, Box, Changed, Fence, Frac, Grid, Root, Row, Script, Value, remembered
from derivgen.show.layout.lines import Line

LINE = 26.0
"""The height of a line of text, in pixels of a usual page."""


@remembered
def height(box: Box) -> float:
    """In lines of text."""
    match box:
        case Row(parts):
            return max((height(p) for p in parts), default=1.0)
        case Apply(head, args):
            return max(height(head), *(height(a) for a in args))
        case Frac(over, under):
            return height(over) + height(under) - 0.2
        case Script(base, sub, sup):
            return height(base) + 0.2 * ((sub is not None) + (sup is not None))
        case Root(body) | Fence(body) | Value(body) | Changed(body):
            return height(body)
        case Big():
            return 2.4
        case Grid(rows):
            return sum(max((height(cell) for cell in line if cell is not None), default=1.0) + 0.2 for line in rows)
        case _:
            return 1.0


def pixels(lines: Iterable[Line]) -> float:
    """The height of equations, one under the other, none of them broken."""
    sides = ([box for box in (one.left, one.middle, one.right) if box is not None] for one in lines)
    return sum(LINE * max(map(height, boxes)) + 8 for boxes in sides)
