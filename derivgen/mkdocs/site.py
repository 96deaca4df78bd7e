"""What one build knows of its pages."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.etree.ElementTree import Element

from markdown import Markdown
from mkdocs.structure.files import File
from mkdocs.utils import get_relative_url

from derivgen.equations import Equations
from derivgen.mkdocs import listing
from derivgen.options import Options
from derivgen.site import references
from derivgen.site.lines import lines_before, origins
from derivgen.site.markdown_page import MarkdownPage, Placed
from derivgen.site.record import Record
from derivgen.work.store import Store

if TYPE_CHECKING:
    from mkdocs.structure.pages import Page as SitePage


KEPT = re.compile(r'<div data-derivgen="(\d+)">[^<]*</div>')
"""What stands on a page for something that was put away."""


class Kept(NamedTuple):
    """HTML put away until the search has read its page, with the words to be found there."""

    number: int
    html: Callable[[], str]
    words: Callable[[], str]
    placed: Placed | None = None

    def stub(self, words: str) -> str:
        """What stands in the page until it is put together."""
        return f'<div data-derivgen="{self.number}">{words}</div>'


class Site:
    """One build, the host of the extension while its pages are made."""

    def __init__(
        self, store: Store[Record], options: Options, math: str, equations: Equations, rules_page: str = ""
    ) -> None:
        self.store, self.options, self.math, self.rules_page = store, options, math, rules_page
        self.equations = equations
        self.ahead: dict[str, Callable[[], MarkdownPage]] = {}
        self.surveyed: dict[str, MarkdownPage] = {}
        self.made: dict[str, MarkdownPage] = {}
        self.kept: dict[str, list[Kept]] = {}
        self.told: set[str] = set()
        self.known: dict[str, Any] = {}
        self.titles: dict[str, str] = {}
        self.order: list[str] = []
        self.urls: dict[str, str] = {}
        self.coming: MarkdownPage | None = None
        self.now: MarkdownPage | None = None
        self.text = ""
        self.read = False
        self.excerpts = 0
        self.shown_at = ""

    def pages(self) -> dict[str, MarkdownPage]:
        """The pages with what stands on them, as it was made or else as it will be, in the order of the site.

        The way ahead is looked at only when it is asked for: that waits for all derivations.
        """
        for name, survey in self.ahead.items():
            if name not in self.made and name not in self.surveyed:
                self.surveyed[name] = survey()
        known = {**self.surveyed, **self.made}
        return {name: known[name] for name in dict.fromkeys((*self.order, *known)) if name in known}

    def placed(self) -> list[Placed]:
        """All derivations that are known by now."""
        return [p for page in self.pages().values() for p in page.placed]

    # --- pages ---

    def page_of(self, name: str, content: str, text: str, meta: dict[str, Any], *, quiet: bool = False) -> MarkdownPage:
        """A page by its name, its file's content, its text without front matter, and its front matter."""
        known = self.known.setdefault(name, {})
        page = MarkdownPage(self.store, name, self.options, self.math, lines_before(content, text), known=known)
        page.begin(content, meta.get("derivgen"), quiet=quiet)
        return page

    def survey(self, name: str, content: str, text: str, meta: dict[str, Any]) -> MarkdownPage:
        """A page whose derivations are found and begun, not yet shown."""
        page = self.page_of(name, content, text, meta)
        page.survey(text)
        return page

    def page(self, md: Markdown, lines: list[str]) -> MarkdownPage:
        """The page that MkDocs is at; text inside it, such as a docstring, is a page of its own."""
        page, self.coming = self.coming, None
        if page is None and self.read:
            return self._excerpt(md, lines)
        if page is None:  # text inside the page, such as a docstring: its lines are not those of the file
            outer = self.made.get(self.now.file) if self.now else None
            defaults = outer.defaults if outer else self.options
            return MarkdownPage(self.store, self.now.file if self.now else "<text>", defaults, self.math, outer=outer)
        page.origin = origins(self.text.split("\n"), lines)
        page.marks = self.equations.marks(
            page.file, lines, lambda html: self.keep(page.file, lambda: html), tab=md.tab_length
        )
        self.made[page.file] = page
        return page

    def _excerpt(self, md: Markdown, lines: list[str]) -> MarkdownPage:
        """A text that was read before and is shown again, such as the beginning of a post of a blog."""
        file = next((f for f in (getattr(p, "file", None) for p in md.treeprocessors) if f is not None), None)
        name = str(getattr(file, "src_uri", "<text>"))
        own = self.made.get(name)
        self.excerpts += 1
        self.shown_at = str(getattr(file, "url", ""))  # of the page that lists the posts
        page = MarkdownPage(self.store, name, self.options, self.math, prefix=f"excerpt-{self.excerpts}-")
        page.defaults = own.defaults if own else self.options
        page.marks = self.equations.marks(name, lines, prefix=page.prefix, tab=md.tab_length)
        return page

    def shown(self, page: MarkdownPage, placed: Placed) -> str:
        """A stub for the card of a derivation, which comes when the page is put together."""
        if page.prefix:
            return self.with_links(placed.card, self.shown_at)
        return self.keep(page.file, lambda: placed.card, lambda: _words(placed), placed)

    def linked(self, page: MarkdownPage, wanted: str) -> tuple[str, str] | None:
        """The address and the title of a derivation anywhere on the site."""
        found = references.find(wanted, page.file, self.placed())
        return (references.address(found, page.file), references.title_of(found)) if found else None

    def unknown(self, page: MarkdownPage, wanted: str) -> Element | None:
        """A link that is settled once all pages are read."""
        return None if page.prefix else references.later(wanted)

    def done(self, page: MarkdownPage, html: str) -> str:
        """The page as it is; one inside another hands on what was found."""
        outer = self.made.get(page.file)
        if outer is not None and outer is not page and not page.prefix:
            page.settle()
            outer.problems += page.problems
            outer.placed += page.placed
        return html

    # --- what is put away until the search has read a page ---

    def keep(
        self, name: str, html: Callable[[], str], words: Callable[[], str] = str, placed: Placed | None = None
    ) -> str:
        """Put HTML away until the search has read the page; what stands for it gets the words to be found."""
        kept = self.kept.setdefault(name, [])
        kept.append(Kept(len(kept), html, words, placed))
        return kept[-1].stub("")

    def number(self, content: str, name: str) -> None:
        """Number the derivations of a page as they stand on it: what a program wrote comes last and may stand first."""
        kept = self.kept.get(name, ())
        shown = [kept[int(k)].placed for k in KEPT.findall(content)]
        for k, placed in enumerate(dict.fromkeys(p for p in shown if p is not None and p.number), 1):
            placed.number = k

    def filled(self, content: str, name: str, shown: Callable[[Kept], str]) -> str:
        """A page with what was put away in the places kept for it."""
        kept = self.kept.get(name, ())
        found = KEPT.split(content) if kept else [content]
        for k in range(1, len(found), 2):
            found[k] = shown(kept[int(found[k])])
        return "".join(found)

    def with_links(self, html: str, here: str) -> str:
        """A card whose rules are links to their page, for the page with the address ``here``."""
        url = self.urls.get(self.rules_page) if self.rules_page else None
        if url is None:
            return html
        base = get_relative_url(url, here)
        return re.sub(
            r'<code class="dg-rule">([a-z0-9-]+)</code>',
            lambda m: f'<a class="dg-rule" href="{base}#{listing.anchor("rules", m[1])}">{m[1]}</a>',
            html,
        )


def _words(placed: Placed) -> str:
    """What the search finds a derivation by."""
    return f"{placed.title}. {placed.record.said}" if placed.record.trouble is None else ""


def content_of(file: File) -> str:
    """The content of a file; "" where it cannot be read."""
    try:
        return file.content_string
    except (OSError, UnicodeError):
        return ""  # MkDocs says so when it comes to the page


def title_of(page: SitePage, text: str) -> str:
    """The title of a page before it is made."""
    title: object = page.title  # what the front matter says may be anything
    if isinstance(title, str) and title and not os.path.basename(page.file.src_uri).startswith(title):
        return title
    found = re.search(r"^#\s+(.+?)\s*#*$", text, re.MULTILINE)
    return found[1] if found else page.file.name
