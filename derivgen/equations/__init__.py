"""The equations that stand on the pages of a site: asked for side by side, reported, and shown beside their formulas."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from derivgen.options import Options
from derivgen.site.markdown_page import Mark, Problem
from derivgen.work.cache import Cache
from derivgen.work.workers import Workers

if TYPE_CHECKING:
    from derivgen.equations.checked import Checked, Show
    from derivgen.notes.reports.entry import Entry, Report

_HAS = re.compile(r"\$|\\[\[(]|\\begin\{|```+ *\{?math|~~~+ *\{?math")


class Equations:
    """The equations of pages that are checked, by the names of the pages.

    The checker comes with the first page that asks for it: most sites have none, and their builds do not wait for it.
    ``folder`` is that of the cache, "" for none; the ``configuration`` of the site may define commands for all pages.
    """

    def __init__(
        self, folder: str, cache: Cache | None, workers: Workers | None, configuration: str | None = None
    ) -> None:
        self._given = (folder, cache, workers, configuration)
        self._checked: Checked | None = None

    @property
    def pages(self) -> list[str]:
        """The names of the pages that are checked."""
        return [] if self._checked is None else [*self._checked.pages]

    def begin(self) -> None:
        """Forget the pages: those of another build come."""
        if self._checked is not None:
            self._checked.begin()

    def add(self, name: str, path: Path, text: str, site: Options, check: str) -> None:
        """A page with its text, front matter and all, if ``check`` asks for it and mathematics may stand on it.

        ``site`` has what holds for all pages; what a page says for itself is found in its text.
        """
        wanted = check != "no" and _HAS.search(text) is not None
        if self._checked is None and wanted:
            from derivgen.equations.checked import Checked

            self._checked = Checked(*self._given)
        if self._checked is not None:
            self._checked.add(name, path, text, site, check if wanted else "no")

    def prepare(self, tell: Callable[[int, int], None] | None = None) -> None:
        """Have all pages checked, side by side, without waiting."""
        if self._checked is not None:
            self._checked.prepare(tell)

    def reports(self) -> list[Report]:
        """What the checker says of every page that was checked. They are waited for."""
        return [] if self._checked is None else self._checked.reports()

    def take_made(self) -> int:
        """How many pages were checked since this was last asked, the others taken from the cache."""
        return 0 if self._checked is None else self._checked.take_made()

    def problems(self, name: str) -> list[Problem]:
        """What an author must see of a page: errors only where the check is strict."""
        return [] if self._checked is None else self._checked.problems(name)

    def marks(self, name: str, lines: Sequence[str], show: Show = str, prefix: str = "", tab: int = 4) -> list[Mark]:
        """What is put into the text of a page: a box below each formula that is refuted, and a badge beside it.

        ``lines`` may be what a program has made of the page. ``tab`` is how far the text of an item stands to the right.
        """
        return [] if self._checked is None else self._checked.marks(name, lines, show, prefix, tab)

    def anchors(self, name: str) -> dict[Entry, str]:
        """The anchors of the boxes on a page, by what they are about."""
        return {} if self._checked is None else self._checked.anchors(name)
