"""A derivation as HTML: a card for any page, and a page of its own that needs no script, no network and no font file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files

from derivgen.derivation.derivation import Derivation
from derivgen.expr.text import text
from derivgen.show.document.document import MARKS, Item, evidence, page
from derivgen.show.document.equations import grid
from derivgen.show.document.prose import for_html
from derivgen.show.formats import Wishes
from derivgen.show.math.mathml import inline, quoted


@lru_cache(maxsize=4)
def stylesheet(name: str = "card") -> str:
    """The style of a card, or with "page" what a page of its own adds."""
    return files("derivgen.show.document").joinpath("assets", f"{name}.css").read_text(encoding="utf-8")


def html(ds: Sequence[Derivation], wishes: Wishes) -> str:
    """A whole page with one card for each derivation."""
    alone = len(ds) == 1
    cards = [card(d, wishes, anchor=f"d{k + 1}", level=1 if alone else 2) for k, d in enumerate(ds)]
    if not alone:
        cards.insert(0, "<h1>Derivatives</h1>\n")
    return _PAGE.format(
        title=quoted(_title(ds, wishes)), style=stylesheet("page") + stylesheet("card"), body="".join(cards)
    )


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
    about = page(ds[0], replace(wishes, detail="brief")).title if len(ds) == 1 else "Derivatives"
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
    return _Card(_identifier(anchor), level, wishes.detail == "full").article(d, wishes)


def _identifier(anchor: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", anchor).strip("-") or "derivation"


class _Card:
    """Where a card stands on its page."""

    def __init__(self, anchor: str, level: int, opened: bool) -> None:
        self.anchor, self.level, self.opened = anchor, level, opened

    def article(self, d: Derivation, wishes: Wishes) -> str:
        p = page(d, wishes)
        head = f"{self.anchor}-title"
        blocks = [
            f'<article class="derivgen" id="{self.anchor}" lang="en" aria-labelledby="{head}">',
            self.heading(0, quoted(p.title), f' id="{head}"'),
            f'<div class="dg-question">\n{grid(p.headline)}\n</div>',
        ]
        about = [f"where {'; '.join(map(inline, p.declarations))}."] if p.declarations else []
        blocks += [f'<p class="dg-about">{" ".join([*about, for_html(p.convention)])}</p>']
        blocks += self.steps(p.items, 1) if p.items else []
        blocks += [
            f'<div class="dg-answer" id="{self.anchor}-answer">',
            self.heading(1, "Answer"),
            grid((p.answer,)),
        ]
        for other in p.further:
            blocks += [f"<p>{for_html(other.sentence)}</p>", grid((other.line,))]
        if p.where:
            blocks += ["<p>where</p>", grid(p.where)]
        notes = [for_html(before) + inline(box) + for_html(after) for before, box, after in p.conditions]
        blocks += [f'<p class="dg-note">{sentence}</p>' for sentence in (*notes, *map(for_html, p.notes))]
        blocks.append(_summary(p.verdict, p.summary))
        return "\n".join([*blocks, "</div>", "</article>"]) + "\n"

    def heading(self, below: int, inside: str, attributes: str = "") -> str:
        """A heading; HTML has six levels, and below them ARIA counts on."""
        level = self.level + below
        if level <= 6:
            return f"<h{level}{attributes}>{inside}</h{level}>"
        return f'<div role="heading" aria-level="{level}" class="dg-deep"{attributes}>{inside}</div>'

    def steps(self, items: Sequence[Item], depth: int) -> list[str]:
        return [
            '<ol class="dg-steps" role="list">',
            *(block for item in items for block in self.step(item, depth)),
            "</ol>",
        ]

    def step(self, item: Item, depth: int) -> list[str]:
        anchor = f"{self.anchor}-{item.number.replace('.', '-')}"
        link = f'<a class="dg-number" href="#{anchor}" aria-label="Step {item.number}">{item.number} </a>'
        blocks = [f'<li class="dg-step" id="{anchor}">', self.heading(depth, link + for_html(item.title))]
        blocks += [grid(item.lines)] if item.lines else []
        blocks += ['<div class="dg-why">', f"<p>{for_html(item.reason)}</p>"]
        blocks += [facts(item), "</div>"]
        if item.substeps:
            count = len(item.substeps)
            how = "in one smaller step" if count == 1 else f"in {count} smaller steps"
            blocks.append(
                f'<details class="dg-more"{" open" if self.opened else ""}><summary>Step {item.number} {how}</summary>'
            )
            blocks += [*self.steps(item.substeps, depth + 1), "</details>"]
        return [*blocks, "</li>"]


def facts(item: Item) -> str:
    """The rule of a step and its verdict with the evidence, for a card of any kind."""
    rule = f'<code class="dg-rule">{quoted(item.rule)}</code>' if item.rule else ""
    check = ""
    if item.check is not None:
        check = f'\n<span class="dg-verdict dg-{item.check.status}">{quoted(evidence(item.check))}</span>'
    return f'<p class="dg-facts">{rule}{check}</p>'


def _summary(verdict: str, summary: str) -> str:
    status = verdict if verdict in MARKS else "unchecked"
    mark = f'<span aria-hidden="true">{MARKS[status]}</span>'
    return f'<p class="dg-summary dg-{status}">{mark} {quoted(summary)}</p>'
