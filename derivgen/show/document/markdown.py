"""A derivation as Markdown with dollar mathematics, for GitHub, MkDocs and notebooks alike."""

from __future__ import annotations

import re
from collections.abc import Sequence

from derivgen.show.document.derivation import Derivation, Wishes
from derivgen.show.document.display import Line, split
from derivgen.show.document.document import MARKS, Item, Page, evidence, page
from derivgen.show.document.prose import for_markdown, inline_markdown, markdown_math, plain_markdown
from derivgen.show.layout.box import breadth
from derivgen.show.math.latex import write

WIDTH = 62
"""The breadth, in letters, up to which a chain of equalities stands on one line of a page."""


def markdown(d: Derivation, wishes: Wishes) -> str:
    """The whole derivation. Headings are without mathematics, and no display has a blank line in it."""
    return _page(page(d, wishes))


def _page(p: Page) -> str:
    blocks = [f"## {plain_markdown(p.title)}"]
    blocks += displays(p.headline)
    if p.declarations:
        blocks.append("where " + "; ".join(inline_markdown(write(b)) for b in p.declarations) + ".")
    blocks += [for_markdown(p.convention)] if p.convention else []
    for item in p.items:
        blocks += _item(item, 0)
    blocks += ["**Answer.**", *displays((p.answer,))]
    for other in p.further:
        blocks += [for_markdown(other.sentence), *displays((other.line,))]
    if p.where:
        blocks += ["where", *displays(p.where)]
    notes = [
        for_markdown(before) + inline_markdown(write(box)) + for_markdown(after) for before, box, after in p.conditions
    ]
    blocks += [f"*Note.* {sentence}" for sentence in (*notes, *map(for_markdown, p.notes))]
    verdict = f"{MARKS.get(p.verdict, '?')} {plain_markdown(p.summary)}"
    blocks.append(f"*{verdict}*")
    return "\n\n".join(blocks) + "\n"


def _item(item: Item, depth: int) -> list[str]:
    number = f"{item.number}." if depth == 0 else f"({item.number})"
    rule = f" (`{re.sub(r'[^A-Za-z0-9-]+', '-', item.rule)}`)" if item.rule else ""
    blocks = [f"**{number} {for_markdown(item.title)}.** {for_markdown(item.reason)}{rule}"]
    blocks += displays(item.lines)
    if item.check is not None:
        said = plain_markdown(evidence(item.check))
        blocks.append(f"*{MARKS[item.check.status]} {said}*" if item.check.status != "refuted" else f"**✗ {said}**")
    for sub in item.substeps:
        blocks += _item(sub, depth + 1)
    return blocks


def displays(lines: Sequence[Line]) -> list[str]:
    """Each line in a display of its own block; several are aligned."""
    return [f"$$\n{markdown_math(aligned(lines))}\n$$"] if lines else []


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
