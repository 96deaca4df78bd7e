"""A derivation as plain HTML elements with MathML: a fragment without classes or style, for any page or e-book."""

from __future__ import annotations

import re
from collections.abc import Sequence

from derivgen.derivation.derivation import Derivation
from derivgen.show.document.blocks import Aside, Item, Summary
from derivgen.show.document.equations import display
from derivgen.show.document.prose import for_html
from derivgen.show.document.verdicts import MARKS, evidence
from derivgen.show.document.writer import Writer
from derivgen.show.formats import Wishes, each
from derivgen.show.layout.box import Box
from derivgen.show.layout.lines import Line
from derivgen.show.math.mathml import inline, quoted

SUFFIXES = (".mml", ".mathml")


def mathml(d: Derivation, wishes: Wishes) -> str:
    """The derivation; it is well-formed XML too."""
    body = "\n".join(MathML().parts(d, wishes))
    return f"<section>\n{body}\n</section>\n"


FORMAT = each(mathml)


class MathML(Writer):
    """Parts are elements."""

    ANSWER = "<h3>Answer</h3>"

    def lines(self, lines: Sequence[Line]) -> list[str]:
        return [display(lines)] if lines else []

    def formula(self, box: Box) -> str:
        return inline(box)

    def prose(self, sentence: str) -> str:
        return for_html(sentence)

    def paragraph(self, words: str) -> str:
        return f"<p>{words}</p>"

    def title(self, text: str) -> str:
        return f"<h2>{for_html(text)}</h2>"

    def item(self, b: Item) -> list[str]:
        heading = f"h{min(3 + b.depth, 6)}"
        rule = f" <code>{quoted(b.rule)}</code>" if b.rule else ""
        parts = [f"<{heading}>{b.number}. {for_html(b.title)}</{heading}>", *self.lines(b.lines)]
        parts.append(self.paragraph(for_html(b.reason) + rule))
        if b.check is not None:
            parts.append(self.paragraph(f"{MARKS[b.check.status]} {with_powers(evidence(b.check))}"))
        return [*parts, *self.blocks(b.substeps)]

    def aside(self, b: Aside) -> list[str]:
        return [f"<h3>{for_html(b.title)}</h3>", *self.blocks(b.blocks)]

    def summary(self, b: Summary) -> list[str]:
        return [self.paragraph(f"{MARKS[b.status]} {with_powers(b.text)}")]


def with_powers(words: str) -> str:
    """Words on evidence as HTML, with the powers of ten in them, as 10^-15, set as such."""
    return _POWER.sub(r"10<sup>−\1</sup>", quoted(words))


_POWER = re.compile(r"\b10\^-(\d+)")
