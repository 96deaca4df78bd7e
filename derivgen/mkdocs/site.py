"""What one build knows of its pages."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from mkdocs.structure.files import File

from derivgen.options import Options
from derivgen.site.markdown_page import Page, Placed

if TYPE_CHECKING:
    from mkdocs.structure.pages import Page as SitePage


KEPT = re.compile(r'<div data-derivgen="(\d+)">[^<]*</div>')
"""What stands on a page for something that was put away."""


class Kept(NamedTuple):
    """HTML put away until the search has read its page, with the words to be found there."""

    number: int
    html: Callable[[], str]
    words: Callable[[], str]

    def stub(self, words: str) -> str:
        return f'<div data-derivgen="{self.number}">{words}</div>'


class Site:
    """One build."""

    def __init__(self, options: Options, math: str) -> None:
        self.options, self.math = options, math
        self.ahead: dict[str, Callable[[], Page]] = {}
        self.surveyed: dict[str, Page] = {}
        self.made: dict[str, Page] = {}
        self.kept: dict[str, list[Kept]] = {}
        self.told: set[str] = set()
        self.known: dict[str, Any] = {}
        self.titles: dict[str, str] = {}
        self.order: list[str] = []
        self.urls: dict[str, str] = {}
        self.coming: Page | None = None
        self.now: Page | None = None
        self.text = ""
        self.read = False
        self.excerpts = 0
        self.shown_at = ""

    def pages(self) -> dict[str, Page]:
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


def content_of(file: File) -> str:
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
