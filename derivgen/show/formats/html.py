"""A derivation as HTML: a card for any page, and a page of its own that needs no script, no network and no font file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files

from derivgen.derivation.derivation import Derivation
from derivgen.expr.text import text
from derivgen.show.document.blocks import Answer, Aside, Item, Notes, Question, Steps, Summary, Where
from derivgen.show.document.document import heading
from derivgen.show.document.equations import grid
from derivgen.show.document.prose import NARROW, kept
from derivgen.show.document.room import Room
from derivgen.show.document.verdicts import MARKS, evidence
from derivgen.show.formats import Format, Wishes
from derivgen.show.formats.mathml import MathML, with_powers
from derivgen.show.layout.box import Box, Row, Sign, Text, breadth, row
from derivgen.show.layout.lines import Line
from derivgen.show.math.latex import write
from derivgen.show.math.mathml import quoted

SUFFIXES = (".html", ".htm")


@lru_cache(maxsize=4)
def stylesheet(name: str = "card") -> str:
    """The style of a card, or with "page" what a page of its own adds."""
    return files("derivgen.show.formats").joinpath("assets", f"{name}.css").read_text(encoding="utf-8")


def html(ds: Sequence[Derivation], wishes: Wishes) -> str:
    """A whole page with one card for each derivation."""
    alone = len(ds) == 1
    said: set[str] = set()
    cards = [said_once(card(d, wishes, anchor=f"d{k + 1}", level=1 if alone else 2), said) for k, d in enumerate(ds)]
    if not alone:
        cards.insert(0, "<h1>Derivatives</h1>\n")
    return _PAGE.format(
        title=quoted(_title(ds, wishes)), style=stylesheet("page") + stylesheet("card"), body="".join(cards)
    )


FORMAT = Format(html)


def said_once(html: str, said: set[str]) -> str:
    """A card without the sentences on the layout that were ``said`` before; its own are added to them."""

    def kept(m: re.Match[str]) -> str:
        if m[0] in said:
            return ""
        said.add(m[0])
        return m[0]

    return re.sub(f"{LAYOUT[0]}.*?{LAYOUT[1]}", kept, html)


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
    # without a script there is no button that opens all
    room: Room = "titles" if wishes.options.fold == "always" else "all"
    parts = Card(anchor, level, opened=wishes.detail == "full", room=room).parts(d, wishes)
    paper = " dg-print-all" if wishes.options.paper == "all" else ""
    article = f'<article class="derivgen{paper}" id="{anchor}" lang="en" aria-labelledby="{anchor}-title">'
    return "\n".join([article, *parts, "</article>"]) + "\n"


class Card(MathML):
    """Parts are elements, or begin or end one.

    Args:
        anchor: the id of the card, with which those of its parts begin.
        level: the level of its title.
        opened: whether smaller steps are unfolded.
        room: what there is room for: "all" the steps, their "titles", or "none".
    """

    def __init__(self, anchor: str, level: int = 2, *, opened: bool = False, room: Room = "all") -> None:
        self.anchor, self.level, self.opened, self.room = anchor, level, opened, room
        self.apart: dict[str, Box] = {}

    def lines(self, lines: Sequence[Line]) -> list[str]:
        return [grid(lines)] if lines else []

    def heading(self, below: int, inside: str, attributes: str = "") -> str:
        """A heading; HTML has six levels, and below them ARIA counts on."""
        level = self.level + below
        if level <= 6:
            return f"<h{level}{attributes}>{inside}</h{level}>"
        return f'<div role="heading" aria-level="{level}" class="dg-deep"{attributes}>{inside}</div>'

    def title(self, text: str) -> str:
        return self.heading(0, self.prose(text), f' id="{self.anchor}-title"')

    def question(self, b: Question) -> list[str]:
        return [
            self.title(b.title),
            f'<div class="dg-question">\n{"".join(self.lines(b.lines))}\n</div>',
            *self.about(b),
        ]

    def about(self, b: Question) -> list[str]:
        marks = [*[";"] * (len(b.declarations) - 1), "."]
        declared = [self.declared(box, mark) for box, mark in zip(b.declarations, marks, strict=False)]
        words = [*([f"where {' '.join(declared)}"] if declared else []), *map(self.prose, b.reading)]
        said = [f'<p class="dg-about">{" ".join(words)}</p>'] if words else []
        sentences = [s if s.endswith(".") else f"{s}." for s in b.convention.split(". ") if s]
        return [*said, *(f"{LAYOUT[0]}{self.prose(sentence)}{LAYOUT[1]}" for sentence in sentences)]

    def declared(self, box: Box, mark: str) -> str:
        """A declaration and the mark behind it; the words at its end are words of the sentence."""
        if isinstance(box, Row) and isinstance(words := box.parts[-1], Text):
            return f"{self.formula(row(*box.parts[:-1]))}{quoted(words.text)}{mark}"
        return kept(self.formula(box), mark)

    def where(self, b: Where) -> list[str]:
        if any(one.left is None or breadth(one.right) > NARROW for one in b.lines):
            return super().where(b)
        marks = [*[","] * (len(b.lines) - 2), *[" and"] * (len(b.lines) > 1), "."]
        said = [
            kept(self.formula(row(one.left, Sign(one.relation), one.right)), mark)
            for one, mark in zip(b.lines, marks, strict=True)
            if one.left is not None
        ]
        return [f'<p class="dg-where">where {" ".join(said)}</p>']

    def steps(self, b: Steps) -> list[str]:
        top = not b.blocks[0].depth
        if top:
            self.apart = told_apart(b.blocks)
        steps = [f'<ol class="dg-steps{" dg-top" * top}" role="list">', *self.blocks(b.blocks), "</ol>"]
        if not top or self.room != "none":
            return steps
        begin = f'<details class="dg-way"><summary>All {len(b.blocks)} steps</summary>'
        return [begin, *steps, "</details>"]

    def item(self, b: Item) -> list[str]:
        anchor = f"{self.anchor}-{b.number.replace('.', '-')}"
        body = [
            *([f'<p class="dg-why">{self.prose(b.reason)}</p>'] if b.reason else []),
            *self.lines(b.lines),
            *self.smaller(b),
            *[part for aside in b.hidden for part in self.aside(aside, anchor)],
        ]
        begin, head = f'<li class="dg-step" id="{anchor}">', self.what(b)
        if b.depth:
            return [begin, head, *body, self.facts(b, anchor), "</li>"]
        opened = " open" if self.room == "all" or not holds(b) else ""
        fold = f'<details class="dg-fold"{opened}><summary>{head}</summary>\n<div class="dg-body">'
        return [begin, fold, *body, "</div></details>", self.facts(b, anchor), "</li>"]

    def smaller(self, b: Item) -> list[str]:
        """The smaller steps of a step, folded away."""
        if not b.substeps:
            return []
        count = len(b.substeps)
        how = "One smaller step" if count == 1 else f"{count} smaller steps"
        opened = " open" if self.opened else ""
        begin = f'<details class="dg-more"{opened}><summary>{how} of step {b.number}</summary>'
        return [begin, *self.steps(Steps(b.substeps)), "</details>"]

    def what(self, b: Item) -> str:
        """The number of a step, and what is done."""
        return self.heading(1 + b.depth, self.titled(b), ' class="dg-what"')

    def titled(self, b: Item) -> str:
        """The number and the title of a step; folded, steps of one title are told apart by what they lead to."""
        more = f'<span class="dg-apart">: {self.formula(self.apart[b.number])}</span>' if b.number in self.apart else ""
        return f'<span class="dg-number">{b.number} </span>{self.prose(b.title)}{more}'

    def facts(self, b: Item, anchor: str) -> str:
        """The mark of a step. It opens what it stands for: the verdict with its evidence, the rule, a link to the step."""
        status = b.check.status if b.check is not None else "none"
        rule = f'By the rule <code class="dg-rule">{quoted(b.rule)}</code>. ' if b.rule else ""
        said = (evidence(b.check) if b.check is not None else "not checked").removesuffix(".") + "."
        verdict = f'<span class="dg-verdict dg-{status}">{with_powers(said[:1].upper() + said[1:])}</span> '
        link = f'<a class="dg-link" href="#{anchor}">Link to step {b.number}</a>'
        opened = "" if holds(b) else " open"
        return (
            f'<details class="dg-facts"{opened}><summary class="dg-{status}" aria-label="Step {b.number}: {SAID[status]}">'
            f'<span aria-hidden="true">{SIGNS[status]}</span></summary><p>{verdict}{rule}{link}</p></details>'
        )

    def answer(self, b: Answer) -> list[str]:
        begin = f'<div class="dg-answer" id="{self.anchor}-answer">'
        return [begin, self.heading(1, "Answer"), *self.lines((b.line,)), *self.blocks(b.blocks), "</div>"]

    def aside(self, b: Aside, below: str = "") -> list[str]:
        name = re.sub(r"[^a-z]+", "-", b.title.lower())
        inner = copy(self)
        inner.anchor = f"{below or self.anchor}-{name}"  # what is numbered in it has places of its own
        opened = " open" if b.folds == "never" or (b.folds == "if long" and self.room == "all") else ""
        inner.room = "all"
        begin = f'<details class="dg-way dg-aside"{opened} id="{inner.anchor}"><summary>{self.prose(b.title)}</summary>'
        return [begin, *inner.blocks(b.blocks), "</details>"]

    def notes(self, b: Notes) -> list[str]:
        return [f'<p class="dg-note">{self.note(note)}</p>' for note in b.notes]

    def summary(self, b: Summary) -> list[str]:
        mark = f'<span aria-hidden="true">{MARKS[b.status]}</span>'
        return [f'<p class="dg-summary dg-{b.status}">{mark} {with_powers(b.text)}</p>']


LAYOUT = '<p class="dg-layout">', "</p>"
"""Around each sentence on the layout, which is said once on a page."""

SIGNS = {**MARKS, "none": "…"}
SAID = {"verified": "verified", "refuted": "refuted", "unchecked": "not checked", "none": "its rule"}


def told_apart(items: Sequence[Item]) -> dict[str, Box]:
    """What to add to titles that stand more than once: the left side where that tells the steps apart, else the right."""
    found: dict[str, Box] = {}
    for item in items:
        alike = [other.lines[-1] for other in items if other.title == item.title and other.lines]
        if len(alike) < 2 or not item.lines:
            continue
        line = item.lines[-1]
        lefts = [write(one.left) for one in alike if one.left is not None]
        if line.left is not None and len(set(lefts)) == len(alike):
            found[item.number] = line.left
        elif breadth(line.right) <= NARROW:
            found[item.number] = line.right
    return found


def holds(b: Item) -> bool:
    """Whether nothing about a step needs to be seen at once."""
    return b.check is None or b.check.status == "verified"
