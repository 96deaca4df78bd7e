"""A derivation as HTML: a card for any page, and a page of its own that needs no script, no network and no font file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files

from derivgen.derivation.derivation import Derivation
from derivgen.expr.text import text
from derivgen.show.document.blocks import Answer, Item, Notes, Question, Steps, Summary
from derivgen.show.document.document import heading
from derivgen.show.document.equations import grid
from derivgen.show.document.prose import for_html
from derivgen.show.document.verdicts import MARKS, evidence
from derivgen.show.formats import Format, Wishes
from derivgen.show.formats.mathml import MathML
from derivgen.show.layout.lines import Line
from derivgen.show.math.mathml import quoted

SUFFIXES = (".html", ".htm")


@lru_cache(maxsize=4)
def stylesheet(name: str = "card") -> str:
    """The style of a card, or with "page" what a page of its own adds."""
    return files("derivgen.show.formats").joinpath("assets", f"{name}.css").read_text(encoding="utf-8")


def html(ds: Sequence[Derivation], wishes: Wishes) -> str:
    """A whole page with one card for each derivation."""
    alone = len(ds) == 1
    cards = [card(d, wishes, anchor=f"d{k + 1}", level=1 if alone else 2) for k, d in enumerate(ds)]
    if not alone:
        cards.insert(0, "<h1>Derivatives</h1>\n")
    return _PAGE.format(
        title=quoted(_title(ds, wishes)), style=stylesheet("page") + stylesheet("card"), body="".join(cards)
    )


FORMAT = Format(html)

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="derivgen">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<main>
{body}</main>
</body>
</html>
"""


def _title(ds: Sequence[Derivation], wishes: Wishes) -> str:
    asked = text(ds[0].problem.expression)
    about = wishes.title or heading(ds[0]) if len(ds) == 1 else "Derivatives"
    return f"{about}: {asked if len(asked) <= 60 else asked[:59] + '…'}"


def card(d: Derivation, wishes: Wishes | None = None, *, anchor: str = "derivation", level: int = 2) -> str:
    """One derivation as an ``article``, styled by ``stylesheet()``.

    Args:
        d: the derivation.
        wishes: how much is shown; sub-steps are folded, and open with the detail "full".
        anchor: the article's id; those of its steps begin with it. It must be the only one on the page.
        level: the level of its heading; those of the steps are below it.
    """
    wishes = replace(wishes or Wishes(), folds=True)
    anchor = re.sub(r"[^A-Za-z0-9_-]+", "-", anchor).strip("-") or "derivation"
    parts = Card(anchor, level, opened=wishes.detail == "full").parts(d, wishes)
    article = f'<article class="derivgen" id="{anchor}" lang="en" aria-labelledby="{anchor}-title">'
    return "\n".join([article, *parts, "</article>"]) + "\n"


class Card(MathML):
    """Parts are elements, or begin or end one.

    Args:
        anchor: the id of the card, with which those of its parts begin.
        level: the level of its title.
        opened: whether smaller steps are unfolded.
    """

    STEP = "Step "

    def __init__(self, anchor: str, level: int = 2, *, opened: bool = False) -> None:
        self.anchor, self.level, self.opened = anchor, level, opened

    def lines(self, lines: Sequence[Line]) -> list[str]:
        return [grid(lines)] if lines else []

    def heading(self, below: int, inside: str, attributes: str = "") -> str:
        """A heading; HTML has six levels, and below them ARIA counts on."""
        level = self.level + below
        if level <= 6:
            return f"<h{level}{attributes}>{inside}</h{level}>"
        return f'<div role="heading" aria-level="{level}" class="dg-deep"{attributes}>{inside}</div>'

    def title(self, text: str) -> str:
        return self.heading(0, quoted(text), f' id="{self.anchor}-title"')

    def question(self, b: Question) -> list[str]:
        return [
            self.title(b.title),
            f'<div class="dg-question">\n{"".join(self.lines(b.lines))}\n</div>',
            *self.about(b),
        ]

    def about(self, b: Question) -> list[str]:
        declared = [f"where {'; '.join(map(self.formula, b.declarations))}."] if b.declarations else []
        return [f'<p class="dg-about">{" ".join([*declared, *map(self.prose, (*b.reading, b.convention))])}</p>']

    def steps(self, b: Steps) -> list[str]:
        return ['<ol class="dg-steps" role="list">', *self.blocks(b.blocks), "</ol>"]

    def item(self, b: Item) -> list[str]:
        anchor = f"{self.anchor}-{b.number.replace('.', '-')}"
        parts = [f'<li class="dg-step" id="{anchor}">', self.what(b, anchor), *self.lines(b.lines)]
        parts += [
            '<div class="dg-why">',
            *([self.paragraph(self.prose(b.reason))] if b.reason else []),
            facts(b),
            "</div>",
        ]
        if b.substeps:
            count = len(b.substeps)
            how = "in one smaller step" if count == 1 else f"in {count} smaller steps"
            opened = " open" if self.opened else ""
            parts += [f'<details class="dg-more"{opened}><summary>{self.STEP}{b.number} {how}</summary>']
            parts += [*self.steps(Steps(b.substeps)), "</details>"]
        return [*parts, "</li>"]

    def what(self, b: Item, anchor: str) -> str:
        """The number of a step, a link to it, and what is done."""
        link = f'<a class="dg-number" href="#{anchor}" aria-label="Step {b.number}">{b.number} </a>'
        return self.heading(1 + b.depth, link + for_html(b.title))

    def answer(self, b: Answer) -> list[str]:
        begin = f'<div class="dg-answer" id="{self.anchor}-answer">'
        return [begin, self.heading(1, "Answer"), *self.lines((b.line,)), *self.blocks(b.blocks), "</div>"]

    def notes(self, b: Notes) -> list[str]:
        return [f'<p class="dg-note">{self.note(note)}</p>' for note in b.notes]

    def summary(self, b: Summary) -> list[str]:
        mark = f'<span aria-hidden="true">{MARKS[b.status]}</span>'
        return [f'<p class="dg-summary dg-{b.status}">{mark} {quoted(b.text)}</p>']


def facts(item: Item) -> str:
    """The rule of a step and its verdict with the evidence."""
    rule = f'<code class="dg-rule">{quoted(item.rule)}</code>' if item.rule else ""
    check = ""
    if item.check is not None:
        check = f'\n<span class="dg-verdict dg-{item.check.status}">{quoted(evidence(item.check))}</span>'
    return f'<p class="dg-facts">{rule}{check}</p>'
