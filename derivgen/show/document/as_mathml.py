"""A derivation as plain HTML elements with MathML: a fragment without classes or style, for any page or e-book."""

from __future__ import annotations

from derivgen.derivation.derivation import Derivation
from derivgen.show.document.document import MARKS, Item, Page, evidence, page
from derivgen.show.document.equations import display
from derivgen.show.document.prose import for_html
from derivgen.show.formats import Wishes
from derivgen.show.math.mathml import inline, quoted


def fragment(d: Derivation, wishes: Wishes) -> str:
    """The derivation; it is well-formed XML too."""
    return _page(page(d, wishes))


def _page(p: Page) -> str:
    blocks = [f"<h2>{quoted(p.title)}</h2>", display(p.headline)]
    if p.declarations:
        blocks.append(f"<p>where {'; '.join(map(inline, p.declarations))}.</p>")
    blocks += [f"<p>{for_html(p.convention)}</p>"] if p.convention else []
    for item in p.items:
        blocks += _item(item, 3)
    blocks += ["<h3>Answer</h3>", display((p.answer,))]
    for other in p.further:
        blocks += [f"<p>{for_html(other.sentence)}</p>", display((other.line,))]
    if p.where:
        blocks += ["<p>where</p>", display(p.where)]
    notes = [for_html(before) + inline(box) + for_html(after) for before, box, after in p.conditions]
    blocks += [f"<p>Note: {sentence}</p>" for sentence in (*notes, *map(for_html, p.notes))]
    blocks.append(f"<p>{MARKS.get(p.verdict, '?')} {quoted(p.summary)}</p>")
    body = "\n".join(blocks)
    return f"<section>\n{body}\n</section>\n"


def _item(item: Item, level: int) -> list[str]:
    heading = f"h{min(level, 6)}"
    rule = f" <code>{quoted(item.rule)}</code>" if item.rule else ""
    blocks = [
        f"<{heading}>{item.number}. {for_html(item.title)}</{heading}>",
        *([display(item.lines)] if item.lines else []),
        f"<p>{for_html(item.reason)}{rule}</p>",
    ]
    if item.check is not None:
        blocks.append(f"<p>{MARKS[item.check.status]} {quoted(evidence(item.check))}</p>")
    for sub in item.substeps:
        blocks += _item(sub, level + 1)
    return blocks
