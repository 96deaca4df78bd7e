"""Displayed equations as LaTeX."""

from __future__ import annotations

from collections.abc import Sequence

from derivgen.show.layout.box import breadth
from derivgen.show.layout.lines import Line, split
from derivgen.show.math.latex import write

WIDTH = 62
"""The breadth, in letters, up to which a chain of equalities stands on one line of a page."""


def aligned(lines: Sequence[Line], width: int = WIDTH) -> str:
    """Equations as LaTeX, aligned at their relation where there are several."""
    rows = [part for one in lines for part in split(one, width, breadth)]
    if len(rows) == 1:
        return equation(rows[0], "")
    body = " \\\\\n".join(equation(one, "&") for one in rows)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"


def equation(one: Line, tab: str) -> str:
    """left = middle = right, with its remark behind; ``tab`` stands before the first sign of equality."""
    sides = [write(box) for box in (one.middle, one.right) if box is not None]
    left = write(one.left) + " " if one.left is not None else ""
    remark = rf", \quad {write(one.remark)}" if one.remark is not None else ""
    if not one.relation:
        return rf"{tab}\quad " + sides[0] + remark
    return f"{left}{tab}{one.relation} " + f" {one.relation} ".join(sides) + remark
