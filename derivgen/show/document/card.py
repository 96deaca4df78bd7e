"""A derivation as a card inside the page of a site, with its mathematics as MathML or as LaTeX for the site's own script."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from derivgen.derivation.derivation import Derivation
from derivgen.options import Options
from derivgen.show.code.module import code
from derivgen.show.document.context import context_of
from derivgen.show.document.document import MARKS, Item, Page, heading, page
from derivgen.show.document.equations import BESIDE, grid
from derivgen.show.document.html import facts
from derivgen.show.document.prose import for_html, for_terminal, in_html, kept, pieces
from derivgen.show.formats import Wishes
from derivgen.show.layout.box import Box, breadth
from derivgen.show.layout.lines import Line, split
from derivgen.show.math.latex import write
from derivgen.show.math.latex_lines import aligned
from derivgen.show.math.mathml import inline, quoted

ANCHOR, NUMBER = "dg-anchor-dg", "dg-number-dg"
"""What stands in a card for its id and its number until it has its place on a page."""

WIDTH = 48
"""The breadth, in letters, of a line of LaTeX in a card."""

WORDS = {"verified": "verified", "refuted": "refuted", "unchecked": "not all checked"}


class Setting(Protocol):
    """How mathematics is set."""

    def lines(self, lines: Sequence[Line]) -> str:
        """Equations, one under the other."""

    def formula(self, box: Box) -> str:
        """A formula in a sentence."""

    def prose(self, sentence: str) -> str:
        """A sentence with mathematics between dollar signs."""


class MathML:
    """Mathematics that browsers set by themselves; a card has its LaTeX once, to be copied, where no search finds it."""

    def lines(self, lines: Sequence[Line]) -> str:
        return f'<figure class="dg-figure" data-search-exclude>\n{grid(lines, source=False)}\n</figure>'

    def formula(self, box: Box) -> str:
        return inline(box, source=False)

    def prose(self, sentence: str) -> str:
        return for_html(sentence, source=False)


class LaTeX:
    """Mathematics for MathJax or KaTeX, in the elements that pymdownx.arithmatex writes."""

    def lines(self, lines: Sequence[Line]) -> str:
        rows = [part for one in lines for part in split(one, WIDTH, breadth)]
        sides = [sum(breadth(box) for box in (r.left, r.middle, r.right, r.remark) if box is not None) for r in rows]
        long = " dg-long" if max(sides, default=0) > BESIDE else ""
        body = quoted(aligned(rows))
        return f'<figure class="dg-figure" data-search-exclude>\n<div class="arithmatex{long}">\\[\n{body}\n\\]</div>\n</figure>'

    def formula(self, box: Box) -> str:
        return self._inline(write(box))

    def prose(self, sentence: str) -> str:
        return in_html(sentence, self._inline)

    def _inline(self, tex: str) -> str:
        return f'<span class="arithmatex">\\({quoted(tex)}\\)</span>'


SETTINGS: dict[str, Setting] = {"mathml": MathML(), "arithmatex": LaTeX()}


@dataclass(frozen=True, slots=True)
class Card:
    """The derivations of one block.

    Attributes:
        html: the card itself.
        said: what a search should find: the headings and the reasons, without mathematics.
    """

    html: str
    said: str = ""


def embedded(ds: Sequence[Derivation], options: Options, *, title: str, math: str) -> Card:
    """The derivations of one block as one card, under their title."""
    pages = [page(d, Wishes(options.detail, folds=True)) for d in ds]
    html = _Embedding(SETTINGS[math], options).card(ds, pages, title)
    return Card(in_ascii(html), " ".join(dict.fromkeys(map(_said, pages))) if "steps" in options.show else "")


def title_of(ds: Sequence[Derivation]) -> str:
    """What the derivations of one block are called where the author gives no title."""
    return " and ".join(dict.fromkeys(map(heading, ds)))


def answer(d: Derivation, math: str) -> str:
    """The answer alone, for a sentence."""
    c = context_of(d)
    return in_ascii(f'<span class="dg-inline">{SETTINGS[math].formula(c.box(d.printed_result))}</span>')


def in_ascii(html: str) -> str:
    """The same HTML with references for all characters but those of ASCII.

    One bold letter of mathematics makes Python hold a text with four bytes for every character, and a page that holds
    cards is copied many times before it is written.
    """
    return html.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _said(p: Page) -> str:
    spoken: dict[str, None] = {}
    for item in p.items:
        spoken |= dict.fromkeys((_plain(item.title), _plain(item.reason)))
    return " ".join(spoken)


def _plain(sentence: str) -> str:
    words = for_terminal("".join(part for is_math, part in pieces(sentence) if not is_math))
    return words if words.endswith((".", ":", "!", "?")) else words + "."


class _Embedding:
    """One card while it is written."""

    def __init__(self, setting: Setting, options: Options) -> None:
        self.math, self.show, self.detail = setting, options.show, options.detail

    def card(self, ds: Sequence[Derivation], pages: Sequence[Page], title: str) -> str:
        out = [
            f'<article class="derivgen dg-card" id="{ANCHOR}" aria-labelledby="{ANCHOR}-title">',
            '<div class="dg-head">',
            f'<p class="dg-title" id="{ANCHOR}-title"><a class="dg-count" href="#{ANCHOR}">{NUMBER}</a> {for_html(title)}</p>',
            _badge(pages),
            "</div>",
        ]
        for k, (d, p) in enumerate(zip(ds, pages, strict=True)):
            out += self._one(d, p, f"{ANCHOR}-{k + 1}" if len(ds) > 1 else ANCHOR, len(ds) > 1)
        return "\n".join([*out, "</article>"])

    def _one(self, d: Derivation, p: Page, anchor: str, several: bool) -> list[str]:
        out = [f'<p class="dg-part">{for_html(p.title)}</p>'] if several else []
        out += [f'<div class="dg-question">{self.math.lines(p.headline)}</div>']
        marks = [*[";"] * (len(p.declarations) - 1), "."]
        declared = [kept(self.math.formula(b), mark) for b, mark in zip(p.declarations, marks, strict=False)]
        about = [f"where {' '.join(declared)}"] if declared else []
        out += [f'<p class="dg-about">{" ".join([*about, self.math.prose(p.convention)])}</p>']
        if "graph" in self.show:
            out.append(_picture(d, "graph", anchor))
        if "steps" in self.show and p.items:
            out += self._steps(p.items, anchor)
        out += self._answer(d, p, anchor)
        if "pattern" in self.show:
            out.append(_picture(d, "pattern", anchor))
        if "code" in self.show:
            out.append(f'<pre class="dg-code" tabindex="0"><code>{quoted(code(d))}</code></pre>')
        return [*out, _tools(d, p, stepping="steps" in self.show and len(p.items) > 1)]

    def _steps(self, items: Sequence[Item], anchor: str, under: Item | None = None) -> list[str]:
        more = " dg-top" if under is None else ""
        out = [f'<ol class="dg-steps{more}" role="list">']
        for item in items:
            # a smaller step by the same law does not give its reason again
            out += self._step(item, anchor, "" if under is not None and item.reason == under.reason else item.reason)
        return [*out, "</ol>"]

    def _step(self, item: Item, anchor: str, reason: str) -> list[str]:
        own = f"{anchor}-{item.number.replace('.', '-')}"
        link = f'<a class="dg-number" href="#{own}" aria-label="Step {item.number}">{item.number}</a>'
        out = [f'<li class="dg-step" id="{own}">', f'<p class="dg-what">{link} {self.math.prose(item.title)}</p>']
        out += [self.math.lines(item.lines)] if item.lines else []
        out += ['<div class="dg-why">', *([f"<p>{self.math.prose(reason)}</p>"] if reason else [])]
        out += [facts(item), "</div>"]
        if item.substeps:
            count = len(item.substeps)
            how = "in one smaller step" if count == 1 else f"in {count} smaller steps"
            opened = " open" if self.detail == "full" else ""
            out += [f'<details class="dg-more"{opened}><summary>{item.number} {how}</summary>']
            out += [*self._steps(item.substeps, anchor, item), "</details>"]
        return [*out, "</li>"]

    def _answer(self, d: Derivation, p: Page, anchor: str) -> list[str]:
        out = [f'<div class="dg-answer" id="{anchor}-answer" role="group" aria-label="Answer">']
        out += ['<p class="dg-what">Answer</p>'] if "steps" in self.show else []
        out += [self.math.lines((p.answer,))]
        for other in p.further:
            out += [f"<p>{self.math.prose(other.sentence)}</p>", self.math.lines((other.line,))]
        if p.where:
            out += ["<p>where</p>", self.math.lines(p.where)]
        notes = [self.math.prose(a) + self.math.formula(box) + self.math.prose(b) for a, box, b in p.conditions]
        out += [f'<p class="dg-note">{note}</p>' for note in (*notes, *map(self.math.prose, p.notes))]
        return [*out, "</div>"]


def _badge(pages: Sequence[Page]) -> str:
    """The verdict in one word; its evidence unfolds."""
    order = ("refuted", "unchecked", "verified")
    worst = next((s for s in order if any(p.verdict == s for p in pages)), "unchecked")
    lines = [f"<p>{quoted(p.summary)}</p>" for p in pages]
    how = (
        "<p>Both sides of each step were computed at random points by a judge that knows none of the rules, and the "
        "answer was compared with the derivative of the expression itself.</p>"
    )
    mark = f'<span aria-hidden="true">{MARKS[worst]}</span>'
    return (
        f'<details class="dg-badge dg-{worst}"><summary>{mark} {WORDS[worst]}</summary>'
        f'<div class="dg-evidence">{"".join(lines)}{how if any(p.answer_check for p in pages) else ""}</div></details>'
    )


def _tools(d: Derivation, p: Page, *, stepping: bool) -> str:
    """Buttons; without a script they are not shown."""
    step = '<button type="button" class="dg-button" data-dg="step">Step by step</button>\n' if stepping else ""
    return (
        f'<div class="dg-tools">\n{step}'
        f'<button type="button" class="dg-button" data-dg="copy" data-copy="{_attribute(_latex(p))}">Copy LaTeX</button>\n'
        f'<button type="button" class="dg-button" data-dg="copy" data-copy="{_attribute(code(d))}">Copy code</button>\n'
        '<span class="dg-status" role="status"></span>\n</div>'
    )


def _attribute(value: str) -> str:
    return quoted(value).replace("\n", "&#10;")


def _latex(p: Page) -> str:
    """All displays of the derivation, as they stand in a paper: the question, the lines of the steps, the answer."""
    lines = [*p.headline, *(one for item in p.items for one in item.lines), p.answer, *(f.line for f in p.further)]
    rows = [part for one in dict.fromkeys(lines) for part in split(one, 62, breadth)]
    return aligned(rows)


def _picture(d: Derivation, kind: str, anchor: str) -> str:
    """The computational graph or the pattern of zeros, as a picture in the page."""
    from derivgen.show.figures import graph_svg, pattern

    drawn = graph_svg.svg(d, Wishes()) if kind == "graph" else pattern.svg(d, Wishes())
    drawn = re.sub(r"^<\?xml[^>]*\?>\s*", "", drawn)
    # ids are of the picture alone; on a page with others they must be told apart
    for name in dict.fromkeys(re.findall(r'\bid="([^"]+)"', drawn)):
        drawn = drawn.replace(f'"{name}"', f'"{anchor}-{name}"').replace(f"#{name})", f"#{anchor}-{name})")
    drawn = re.sub(
        r'aria-labelledby="([^"]+)"',
        lambda m: (
            'aria-labelledby="' + " ".join(n if n.startswith(anchor) else f"{anchor}-{n}" for n in m[1].split()) + '"'
        ),
        drawn,
    )
    return f'<figure class="dg-picture" tabindex="0" data-search-exclude>\n{drawn}\n</figure>'
