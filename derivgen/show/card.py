"""A derivation as a card inside the page of a site, with its mathematics as MathML or as LaTeX for the site's own script."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from derivgen.derivation.derivation import Derivation
from derivgen.options import Options
from derivgen.show.document.blocks import Answer, Aside, Document, Equations, Item, Question, Steps, Summary
from derivgen.show.document.context import context_of
from derivgen.show.document.document import document_of, heading
from derivgen.show.document.equations import grid
from derivgen.show.document.prose import (
    NARROW,
    for_html,
    for_terminal,
    formula,
    in_html,
    pieces,
    remembered,
    unicode_math,
)
from derivgen.show.document.room import Room, room
from derivgen.show.document.verdicts import MARKS
from derivgen.show.formats import Wishes, html, pattern, svg
from derivgen.show.formats.mathml import with_powers
from derivgen.show.formats.numpy import code
from derivgen.show.layout.box import Box, Sign, breadth, row
from derivgen.show.layout.lines import Line, split
from derivgen.show.math.latex import write
from derivgen.show.math.latex_lines import aligned, equation
from derivgen.show.math.mathml import quoted

ANCHOR, NUMBER = "dg-anchor-dg", "dg-number-dg"
"""What stands in a card for its id and its number until it has its place on a page."""

WIDTH = 48
"""The breadth, in letters, of a line of LaTeX in a card."""

WORDS = {"verified": "verified", "refuted": "refuted", "unchecked": "not all checked"}


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
    documents = [document_of(d, Wishes(replace(options, title=""), folds=True)) for d in ds]
    kind = " dg-print-all" * (options.paper == "all") + " dg-row" * (options.fold == "row")
    out = [f'<article class="derivgen dg-card{kind}" id="{ANCHOR}" aria-labelledby="{ANCHOR}-title">']
    if options.fold == "row":
        out.append(f'<details class="dg-whole"><summary>{_row(ds, documents, math)}</summary>\n<div class="dg-inside">')
    out += [
        '<div class="dg-head">',
        f'<p class="dg-title" id="{ANCHOR}-title"><a class="dg-count" href="#{ANCHOR}">{NUMBER}</a> {CARDS[math]().prose(title)}</p>',
        _badge(documents, any(d.answer_check for d in ds)),
        "</div>",
    ]
    several, opened = len(ds) > 1, options.detail == "full"
    rooms = [room(document, options, len(ds)) for document in documents]
    for k, (d, document) in enumerate(zip(ds, documents, strict=True), 1):
        anchor = f"{ANCHOR}-{k}" if several else ANCHOR
        writer = CARDS[math](anchor, options.show, opened=opened, room=rooms[k - 1], several=several)
        out += writer.derivation(d, document)
    said = " ".join(dict.fromkeys(map(_said, documents))) if "steps" in options.show else ""
    out += ["</div></details>", "</article>"] if options.fold == "row" else ["</article>"]
    shown = html.said_once("\n".join(out), set())
    return Card(in_ascii(shown), said)


def title_of(ds: Sequence[Derivation]) -> str:
    """What the derivations of one block are called where the author gives no title: a sentence with mathematics."""
    c = context_of(ds[0])
    f = c.box(ds[0].problem.expression)
    of = f" of ${write(f)}$" if breadth(f) <= NARROW and "$" not in write(f) else ""
    first, *more = dict.fromkeys(heading(d, context_of(d)) for d in ds)
    return " and ".join([first.replace(" with respect", f"{of} with respect", 1), *more])


def in_short(d: Derivation, math: str) -> str:
    """The question and the answer, each on a line, for lists of derivations."""
    c = context_of(d)
    writer = CARDS[math]()
    sides = (
        row(c.box(a), Sign("="), c.box(b)) for a, b in ((d.name, d.problem.expression), (d.left, d.printed_result))
    )
    return in_ascii("".join(f'<span class="dg-inline dg-short">{writer.formula(box)}</span>' for box in sides))


def _row(ds: Sequence[Derivation], documents: Sequence[Document], math: str) -> str:
    """A card as one row of a table: the questions, the answers, the verdict."""
    status = _worst(documents)
    cells = "".join(in_short(d, math) for d in ds)
    return f'{cells}<span class="dg-sign dg-{status}">{MARKS[status]}<span class="dg-hidden"> {WORDS[status]}</span></span>'


def _worst(documents: Sequence[Document]) -> str:
    found = {b.status for document in documents for b in document.find(Summary)}
    return next((s for s in ("refuted", "unchecked", "verified") if s in found), "unchecked")


def answer_alone(d: Derivation, math: str) -> str:
    """The answer alone, for a sentence."""
    c = context_of(d)
    return in_ascii(f'<span class="dg-inline">{CARDS[math]().formula(c.box(d.printed_result))}</span>')


def in_ascii(html: str) -> str:
    """The same HTML with references for all characters but those of ASCII.

    One bold letter of mathematics makes Python hold a text with four bytes for every character, and a page that holds
    cards is copied many times before it is written.
    """
    return html.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _said(document: Document) -> str:
    spoken: dict[str, None] = {}
    for item in document.find(Item):
        spoken |= dict.fromkeys((_plain(item.title), _plain(item.reason)))
    return " ".join(spoken)


@remembered
def _plain(sentence: str) -> str:
    """A sentence as the search has it: with its letters, and without its longer formulas."""
    words = "".join(f" {_letters(part)} " if is_math else part for is_math, part in pieces(sentence))
    words = re.sub(r" +([,.;:])", r"\1", for_terminal(words))
    return words if words.endswith((".", ":", "!", "?")) else words + "."


def _letters(tex: str) -> str:
    said = unicode_math(tex)
    return said if len(said) <= MOST_LETTERS and "∂" not in said else ""


MOST_LETTERS = 6
"""The longest formula in a sentence that the search has."""


class SiteCard(html.Card):
    """Its mathematics browsers set by themselves; a card has its LaTeX once, to be copied, where no search finds it.

    Args:
        anchor: the id of the derivation.
        show: what is shown of it.
        opened: whether smaller steps are unfolded.
        room: what there is room for.
        several: whether it is one of several in its card, and has a title of its own.
    """

    def __init__(
        self,
        anchor: str = ANCHOR,
        show: Sequence[str] = (),
        *,
        opened: bool = False,
        room: Room = "all",
        several: bool = False,
    ) -> None:
        super().__init__(anchor, opened=opened, room=room)
        self.show, self.several = show, several

    def derivation(self, d: Derivation, document: Document) -> list[str]:
        """The document of a derivation, with pictures and code between its blocks."""
        at = next(k for k, b in enumerate(document.blocks) if isinstance(b, Answer))
        question, *before = document.blocks[:at]
        steps = [b for b in before if isinstance(b, Steps)]
        out = self.blocks([question, *(b for b in before if isinstance(b, Aside))])
        if "graph" in self.show:
            out.append(_picture(svg.svg(d, Wishes()), self.anchor))
        items = list(document.find(Item)) if "steps" in self.show else []
        smaller = any(item.substeps for item in items) and not self.opened
        more = "Show all" if items and self.room != "all" else "Show smaller steps" if smaller else ""
        tools = _tools(_displays(document), code(d), more, stepping=len(items) > 1)
        if "steps" in self.show:
            out += [tools, *self.blocks(steps)]
        out += self.blocks(document.blocks[at:])
        if "pattern" in self.show:
            out.append(_picture(pattern.svg(d, Wishes()), self.anchor))
        if "code" in self.show:
            out.append(f'<pre class="dg-code" tabindex="0"><code>{quoted(code(d))}</code></pre>')
        return [*out, *([] if "steps" in self.show else [tools])]

    def lines(self, lines: Sequence[Line]) -> list[str]:
        return [_figure(grid(lines, source=False))] if lines else []

    def formula(self, box: Box) -> str:
        return formula(box)

    def prose(self, sentence: str) -> str:
        return for_html(sentence, source=False)

    def question(self, b: Question) -> list[str]:
        part = [f'<p class="dg-part">{self.prose(b.title)}</p>'] if self.several else []
        return [*part, f'<div class="dg-question">{"".join(self.lines(b.lines))}</div>', *self.about(b)]

    def steps(self, b: Steps) -> list[str]:
        return super().steps(b if b.blocks[0].depth else Steps(tuple(map(_once, b.blocks))))

    def what(self, b: Item) -> str:
        """The title of a step, in what it is folded under."""
        tag = "p" if b.depth else "span"
        return f'<{tag} class="dg-what">{self.titled(b)}</{tag}>'

    def answer(self, b: Answer) -> list[str]:
        begin = f'<div class="dg-answer" id="{self.anchor}-answer" role="group" aria-label="Answer">'
        head = ['<p class="dg-what">Answer</p>'] if "steps" in self.show else []
        return [begin, *head, *self.lines((b.line,)), *self.blocks(b.blocks), "</div>"]

    def summary(self, b: Summary) -> list[str]:
        return []  # it stands at the head of the card


class LaTeXCard(SiteCard):
    """Its mathematics is for MathJax or KaTeX, in the elements that pymdownx.arithmatex writes."""

    def lines(self, lines: Sequence[Line]) -> list[str]:
        if not lines:
            return []
        rows = [part for one in lines for part in split(one, WIDTH, breadth)]
        sides = [sum(breadth(box) for box in (r.left, r.middle, r.right, r.remark) if box is not None) for r in rows]
        reached = ' tabindex="0" role="group" aria-label="Long formula"' if max(sides) > NARROW else ""
        return [_figure(f'<div class="arithmatex"{reached}>\\[\n{quoted(aligned(rows))}\n\\]</div>')]

    def formula(self, box: Box) -> str:
        return self._inline(write(box))

    def prose(self, sentence: str) -> str:
        return in_html(sentence, self._inline)

    def _inline(self, tex: str) -> str:
        return f'<span class="arithmatex">\\({quoted(tex)}\\)</span>'


CARDS: dict[str, type[SiteCard]] = {"mathml": SiteCard, "arithmatex": LaTeXCard}
"""By the way that mathematics is set."""


def _once(item: Item) -> Item:
    """A step in which a smaller one by the same law does not give its reason again."""
    if not item.substeps:
        return item
    below = [replace(_once(s), reason="") if s.reason == item.reason else _once(s) for s in item.substeps]
    return replace(item, substeps=tuple(below))


def _figure(inside: str) -> str:
    return f'<figure class="dg-figure" data-search-exclude>\n{inside}\n</figure>'


def _badge(documents: Sequence[Document], judged: bool) -> str:
    """The verdict in one word; its evidence unfolds."""
    found = [summary for document in documents for summary in document.find(Summary)]
    worst = _worst(documents)
    lines = [f"<p>{with_powers(b.text)}</p>" for b in found]
    how = (
        "<p>Both sides of each step were computed at random points by a judge that knows none of the rules, and the "
        "answer was compared with the derivative of the expression itself.</p>"
    )
    mark = f'<span aria-hidden="true">{MARKS[worst]}</span>'
    word = WORDS[worst] if judged or worst != "unchecked" else "not checked"
    return (
        f'<details class="dg-badge dg-{worst}"><summary>{mark} {word}</summary>'
        f'<div class="dg-evidence">{"".join(lines)}{how if judged else ""}</div></details>'
    )


def _tools(tex: str, source: str, more: str, *, stepping: bool) -> str:
    """Buttons; without a script they are not shown."""
    buttons = [_button("all", more)] if more else []
    buttons += [_button("step", "Step by step")] if stepping else []
    buttons += [_button("copy", f"Copy {what}", text) for what, text in (("LaTeX", tex), ("code", source))]
    status = '<span class="dg-status" role="status"></span>'
    return f'<div class="dg-tools">\n{chr(10).join(buttons)}\n{status}\n</div>'


def _button(does: str, label: str, text: str = "") -> str:
    carried = f' data-copy="{quoted(text).replace(chr(10), "&#10;")}"' if text else ""
    return f'<button type="button" class="dg-button" data-dg="{does}"{carried}>{label}</button>'


def _displays(document: Document) -> str:
    """All displays of the derivation, as they stand in a paper: the question, the lines of the steps, the answer."""
    (question,), (answer,) = document.find(Question), document.find(Answer)
    lines = [*question.lines, *(line for b in document.find(Item) for line in b.lines), answer.line]
    lines += [line for b in document.find(Equations) for line in b.lines]
    return aligned(list({equation(line, "&"): line for line in lines}.values()))


def _picture(drawn: str, anchor: str) -> str:
    """The computational graph or the pattern of zeros, as a picture in the page."""
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
