"""One page of a site: its blocks get numbers, anchors and cards, and what is wrong with them gets a file and a line."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Literal

from derivgen.errors import DerivgenError, render
from derivgen.errors import Span as Range
from derivgen.options import Options
from derivgen.site.block import Block, page_defaults, read_block, read_inline
from derivgen.site.fences import INLINE, Fence, Span, found, left_in, misnamed
from derivgen.site.front_matter import line_of, place_in
from derivgen.site.record import Record, Trouble, question
from derivgen.work.store import Store

ANCHOR, NUMBER = "dg-anchor-dg", "dg-number-dg"
"""The marks in a card for its id and its number; ``show.card`` writes them."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that the author must see: an error or a warning, with its place; ``broken`` if there is no derivation."""

    level: Literal["error", "warning"]
    file: str
    line: int
    column: int
    message: str
    broken: bool = False

    def __str__(self) -> str:
        column = f":{self.column}" if self.column else ""
        return f"{self.file}:{self.line}{column}: {self.message}"


@dataclass(frozen=True, slots=True)
class Mark:
    """HTML to be put into the text of a page.

    It stands in the line (from 0) before the column, or, without one, below the line, behind what leads its block in.
    """

    line: int
    html: str
    column: int | None = None
    lead: str = ""


@dataclass(slots=True, eq=False)
class Placed:
    """A derivation in its place. The ``line`` counts from 1 in the file; one in a sentence has the number 0.

    ``answer`` gives the record and the boxes for what is wrong with it. It waits until they are there, so it is asked
    when somebody looks, and once.
    """

    file: str
    line: int
    number: int
    anchor: str
    block: Block
    answer: Callable[[], tuple[Record, str]]
    lead: str = ""
    page: MarkdownPage | None = None
    _settled: tuple[Record, str] | None = None

    def settled(self) -> tuple[Record, str]:
        """The record and the boxes, waited for; what is wrong is with the problems of the page from now on."""
        if self._settled is None:
            self._settled = self.answer()
        return self._settled

    @property
    def record(self) -> Record:
        """What came of the derivation; it is waited for."""
        return self.settled()[0]

    @property
    def boxes(self) -> str:
        """The boxes that say what went wrong with it, as HTML; they are waited for."""
        return self.settled()[1]

    @property
    def title(self) -> str:
        """What a link to it says."""
        return self.block.options.title or self.record.title or f"Derivation {self.number}"

    @property
    def spoken(self) -> str:
        """The answers as plain text."""
        from derivgen.show.document.prose import unicode_math  # it brings the engine

        found = [one["latex"].partition(" = ")[2] for one in self.record.told().get("results", ())]
        return ", ".join(map(unicode_math, found))

    @property
    def card(self) -> str:
        """What stands on the page: the card, boxes for what is wrong above it."""
        return self.card_as(str(self.number))

    def card_as(self, number: str) -> str:
        """The card with another number, or with a mark for one."""
        card = self.record.html.replace(NUMBER, number, 1).replace(ANCHOR, self.anchor)
        if card and self.page is not None:
            card = self.page.said_once(card, self)
        if card or not self.anchor:
            return self.boxes + card
        return self.boxes.replace(_ERROR, f'{_ERROR} id="{self.anchor}"', 1)


@dataclass(slots=True)
class MarkdownPage:
    """A page while it is made.

    Attributes:
        source: where records come from.
        file: its name, as the author knows it.
        defaults: what blocks get that do not choose.
        math: "mathml" or "arithmatex".
        offset: lines of the file before the text, such as its front matter.
        origin: for each line of the text the one that it came from, both from 0, where a program has changed the text.
        prefix: what the anchors begin with, where the text is shown on a page among others.
        outer: the page that this text is part of, where a program writes it while that is made.
        world: the operations and rules, packed, where they are not those of the default world.
        problems, placed: what was found so far.
        known: what was read and answered before, on the same page with the same defaults.
        marks: what is to be put into the text besides.
        styled: whether the style is on the page, where it stands on pages.
        content: the file with its front matter.
    """

    source: Store[Record]
    file: str = "<text>"
    defaults: Options = field(default_factory=Options)
    math: str = "mathml"
    offset: int = 0
    origin: Sequence[int] = ()
    prefix: str = ""
    world: str = ""
    outer: MarkdownPage | None = None
    problems: list[Problem] = field(default_factory=list)
    placed: list[Placed] = field(default_factory=list)
    known: dict[Fence, tuple[Block, Record | None]] = field(default_factory=dict)
    marks: Sequence[Mark] = ()
    styled: bool = False
    content: str = ""
    _lines: dict[str, deque[int]] = field(default_factory=dict)
    _met: set[str] = field(default_factory=set)
    _anchors: dict[str, int] = field(default_factory=dict)
    _says: dict[str, Placed] = field(default_factory=dict)
    _heard: int = 0
    _site: Options = field(init=False)

    def __post_init__(self) -> None:
        self._site = self.defaults
        if self.outer is not None:
            self._anchors, self._says = self.outer._anchors, self.outer._says

    def begin(self, content: str, given: object, *, quiet: bool = False) -> None:
        """Take what the front matter of the file gives to all blocks, and note what is wrong with it, unless ``quiet``."""
        self.content = content
        self.defaults, wrong = page_defaults(given, self._site)
        for error in () if quiet else wrong:
            self.add("error", line_of(error, content), error.advised, broken=True)

    def questions(self, text: str) -> Iterator[dict[str, Any]]:
        """What the derivations of a text ask, without answering."""
        for place in found(text.split("\n")):
            block = self._read(place)
            if block.error is None:
                yield self._question(block, inline=isinstance(place, Span))

    def marked(self, lines: Sequence[str], stands: Callable[[str], str]) -> list[str]:
        """As many lines, with what ``stands`` makes of the HTML of each mark put in."""
        out = list(lines)
        ordered = sorted(self.marks, key=lambda m: (m.line, m.column is None, m.column or 0))
        for mark in reversed(ordered):  # from the end on, so that places stay
            text, html = out[mark.line], stands(mark.html)
            if mark.column is None:
                bare = mark.lead.rstrip(" \t")
                first, _, below = text.partition("\n")
                out[mark.line] = f"{first}\n{bare}\n{mark.lead}{html}\n{bare}" + (f"\n{below}" if below else "")
            else:
                out[mark.line] = text[: mark.column] + html + text[mark.column :]
        return out

    def replaced(self, lines: Sequence[str], shown: Callable[[Placed], str]) -> list[str]:
        """The lines of a text with its blocks replaced by what ``shown`` makes of each."""
        out: list[str] = []
        at = 0
        self._lines.clear()
        for line, wrong in misnamed(lines):
            self.add("warning", self._line(line), wrong)
        for place in found(lines):
            if isinstance(place, Span):
                self._lines.setdefault(_same(place.inside), deque()).append(place.line)
                continue
            out += lines[at : place.start]
            bare = place.lead.rstrip(" \t")
            out += [bare, place.lead + shown(self.fence(place)), bare]
            at = place.end
        return [*out, *lines[at:]]

    def survey(self, text: str) -> None:
        """Find all derivations of a text without making the page."""
        for place in found(text.split("\n")):
            if isinstance(place, Fence):
                self.fence(place)
            else:
                self._lines.setdefault(_same(place.inside), deque()).append(place.line)
                self.inline(place.inside)

    def fence(self, place: Fence) -> Placed:
        """A block in its place on the page."""
        before = (self.outer.placed if self.outer is not None else []) + self.placed
        number = sum(1 for p in before if p.number) + 1
        line = self._line(place.start)
        block = self._read(place)
        answered = self.known[place][1]
        wanted = self.prefix + (block.options.id or _slug(block.options.title) or f"derivation-{number}")
        anchor = self._anchor(wanted)
        if block.options.id and anchor != wanted and block.error is None:
            block.error = DerivgenError(
                f"the id {block.options.id!r} is taken by another derivation of this page", hint="choose another"
            )

        def answer() -> tuple[Record, str]:
            found = self._record(block, place.start, len(place.lead), answered)
            self.known[place] = (block, found[0])
            return found

        placed = Placed(self.file, line, number, anchor, block, answer, place.lead, self)
        self.placed.append(placed)
        return placed

    def inline(self, inside: str, at: int | None = None) -> Placed:
        """A derivation in a sentence, by its text between the backticks; its line, from 0, is found where it is not said."""
        known = self._lines.get(_same(inside)) if at is None else None
        self._met.add(_same(inside))
        at = known.popleft() if known else at or 0
        if known is not None and not known:
            known.append(at)  # the same text in a place that was not seen before
        block = self._read(Span(at, inside))
        placed = Placed(self.file, self._line(at), 0, "", block, lambda: self._record(block, at, None))
        self.placed.append(placed)
        return placed

    def unread(self, html: str) -> None:
        """Warn of what was meant for a sentence and stands on the page as it was typed: in HTML of the author's own."""
        hint = 'write markdown="span" into its tag, with the extension md_in_html'
        for one in left_in(html, [one for one in self._lines if one not in self._met]):
            line = self._line(self._lines[one][0])
            self.add("warning", line, f"`{_short(one)}` stands in HTML that Markdown does not read ({hint})")

    def add(
        self, level: Literal["error", "warning"], line: int, message: str, column: int = 0, *, broken: bool = False
    ) -> Problem:
        """Note a problem at a line of the page's file, from 1, and return it."""
        problem = Problem(level, self.file, line, column, message, broken)
        self.problems.append(problem)
        return problem

    def settle(self) -> None:
        """Wait for all answers, so that all problems of the page are known."""
        for placed in self.placed:
            placed.settled()
        self.problems.sort(key=lambda p: p.line)

    def said_once(self, card: str, own: Placed) -> str:
        """A card without the sentences on the layout that one above it says."""
        for placed in self.placed[self._heard :]:
            for sentence in _LAYOUT.findall(placed.record.html):
                self._says.setdefault(sentence, placed)
        self._heard = len(self.placed)
        return _LAYOUT.sub(lambda m: m[0] if self._says.get(m[0]) is own else "", card)

    def _read(self, place: Fence | Span) -> Block:
        if isinstance(place, Span):
            match = INLINE.fullmatch(place.inside)
            return read_inline(match["body"] if match else place.inside, self.defaults)
        if place in self.known:
            return self.known[place][0]
        block = read_block(place.body, self.defaults)
        if not place.closed:
            block.error = DerivgenError("the block has no end", hint="close it with a line of ``` below it")
        self.known[place] = (block, None)
        return block

    def _question(self, block: Block, *, inline: bool) -> dict[str, Any]:
        return question(block.expression, block.options, self.math, inline=inline, world=self.world)

    def _line(self, at: int) -> int:
        """The line of the file, from 1, for a line of the text, from 0."""
        return self.offset + (self.origin[at] if at < len(self.origin) else at) + 1

    def _record(self, block: Block, at: int, indent: int | None, before: Record | None = None) -> tuple[Record, str]:
        """The record of a block, and boxes for what is wrong with it; in a sentence there is no ``indent``."""
        inline = indent is None
        if block.error is not None:
            record = Record(trouble=Trouble.of(block.error), verdict="refuted")
        else:
            record = before or self.source.get(self._question(block, inline=inline))
        if record.trouble is not None:
            return record, self._trouble(block, record.trouble, at, indent)
        box, line = "", self._line(at)
        for status, where, how in record.doubts:
            if status == "refuted":
                problem = self.add("error", line, f"{where}: {how}")
                box += notice("A step of this derivation is refuted", f"{where}: {how}", "", "", problem, inline)
            elif record.checked:
                self.add("warning", line, f"{where}: {how}")
        return record, box

    def _trouble(self, block: Block, trouble: Trouble, at: int, indent: int | None) -> str:
        inline = indent is None
        place = block.place(trouble.source, trouble.start)
        within = place[0] if place else block.error_line if block.error is not None else 0
        below = 0 if place is None and block.error is None else 1  # the fence itself stands above the block
        column = place[1] + indent + 1 if place and indent is not None else 0
        said = f"{trouble.kind}: {trouble.message}"
        advice = (trouble.hint or "") + self._declared_by(trouble)
        hint = f" ({advice})" if advice else ""
        line = self._line(at + (0 if inline else within + below))
        line, column = self._in_front(trouble) or (line, column)
        problem = self.add("error", line, _short(said + hint), column, broken=True)
        return notice("This derivation could not be made", said, _excerpt(trouble), advice, problem, inline)

    def _in_front(self, trouble: Trouble) -> tuple[int, int] | None:
        """The line and the column in the front matter, from 1, of what is wrong with what it says for all blocks."""
        source, at, before = trouble.source or "", trouble.start, len(self._site.where)
        where = source.startswith(self.defaults.where) and before <= (at or 0) < len(self.defaults.where)
        if at is None or not (where or source in self.defaults.define[len(self._site.define) :]):
            return None
        return place_in(self.content, source, at)

    def _declared_by(self, trouble: Trouble) -> str:
        """Where a declaration stands, if not in the block: its ``where`` goes on that of page and site."""
        source, at = trouble.source or "", trouble.first if trouble.first is not None else trouble.start
        if at is None or not source:
            return ""
        inherited = source.startswith(self.defaults.where)
        if (inherited and at < len(self._site.where)) or source in self._site.define:
            return ", which stands in the settings of the site"
        mine = trouble.first is not None and inherited and at < len(self.defaults.where)
        return ", which stands in the front matter of the page" if mine else ""

    def _anchor(self, wanted: str) -> str:
        count = self._anchors.get(wanted, 0) + 1
        self._anchors[wanted] = count
        return wanted if count == 1 else f"{wanted}-{count}"


def _same(inside: str) -> str:
    """What a code span is known by: its text, wherever its lines are broken."""
    return " ".join(inside.split())


def _short(text: str) -> str:
    words = "".join(ch if ch.isprintable() else " " for ch in " ".join(text.split()))
    return words if len(words) <= 500 else f"{words[:380]} … {words[-100:]}"


def _excerpt(trouble: Trouble) -> str:
    """The place in the source with its carets."""
    if not trouble.source or trouble.start is None or trouble.end is None:
        return ""
    error = DerivgenError("", span=Range(trouble.start, trouble.end), source=trouble.source)
    return "\n".join(line.removeprefix("  ") for line in render(error).splitlines()[1:])


def notice(head: str, said: str, excerpt: str, hint: str, problem: Problem, inline: bool = False) -> str:
    """What is wrong, where a reader sees it."""
    where = f"{problem.file}:{problem.line}"
    if inline:
        return f'<strong class="dg-inline dg-wrong">[{escape(f"{where}: {_short(said)}")}]</strong>'
    parts = [f'<p class="dg-title">{escape(head)}</p>', f"<p>{escape(_short(said))}</p>"]
    if excerpt:
        parts.append(f'<pre class="dg-code" tabindex="0"><code>{escape(excerpt)}</code></pre>')
    if hint:
        parts.append(f"<p>{escape(_short(hint))}</p>")
    parts.append(f'<p class="dg-place">{escape(where)}</p>')
    return f'<{_ERROR} role="note">{"".join(parts)}</div>\n'


_LAYOUT = re.compile(r'<p class="dg-layout">.*?</p>')
"""A sentence on the layout in a card; ``show.formats.html`` writes it."""

_ERROR = 'div class="derivgen dg-error"'


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60]
