"""What there is room for of a derivation where its card is to fit one screen."""

from __future__ import annotations

from typing import Literal

from derivgen.options import Options
from derivgen.show.document.blocks import Answer, Document, Equations, Item, Notes, Question, Where
from derivgen.show.layout.height import LINE, pixels

Room = Literal["all", "titles", "none"]

SCREEN, FOLDED, AROUND = 860.0, 37.0, 290.0
"""The height of a screen, of a folded step, and of the head, the buttons and the frames of a card, in pixels."""

LETTERS = 80
"""How many letters of a sentence stand on a line."""


def room(document: Document, options: Options, several: int = 1) -> Room:
    """Whether all steps of a derivation fit, as one of ``several`` on a card, or their titles, or not even those."""
    if options.fold != "auto":
        return "titles" if options.fold == "always" else "all"
    (question,), (answer,) = document.find(Question), document.find(Answer)
    lines = [*question.lines, answer.line]
    lines += [line for b in document.find(Equations) for line in b.lines]
    lines += [line for b in document.find(Where) for line in b.lines]
    around = AROUND + pixels(lines) + LINE * sum(len(b.notes) for b in document.find(Notes))
    items = list(document.find(Item))
    if around + sum(map(_unfolded, items)) <= SCREEN / several:
        return "all"
    return "titles" if around + FOLDED * len(items) <= SCREEN / several else "none"


def _unfolded(item: Item) -> float:
    """The height of a step that is open, its smaller steps folded."""
    more = FOLDED if item.substeps else 0.0
    return FOLDED + LINE * (1 + len(item.reason) // LETTERS) + pixels(item.lines) + more
