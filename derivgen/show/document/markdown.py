"""A derivation as Markdown with dollar mathematics, for GitHub, MkDocs and notebooks alike."""

from __future__ import annotations

import re
from collections.abc import Sequence

from derivgen.derivation.derivation import Derivation
from derivgen.show.document.document import MARKS, Item, Page, evidence, page
from derivgen.show.document.prose import for_markdown, inline_markdown, markdown_math, plain_markdown
from derivgen.show.formats import Wishes
from derivgen.show.layout.lines import Line
from derivgen.show.math.latex import write
from derivgen.show.math.latex_lines import aligned


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
