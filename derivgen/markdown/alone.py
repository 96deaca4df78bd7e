"""The extension where there is no site around it: one page at a time."""

from __future__ import annotations

import logging
import re
from itertools import count
from pathlib import Path
from typing import Any

from markdown import Markdown

from derivgen.equations import Equations
from derivgen.errors import DerivgenError
from derivgen.markdown.running import enclosing
from derivgen.options import chosen, keys
from derivgen.site import references
from derivgen.site.answer import RECORDS
from derivgen.site.assets import math_font, stylesheet
from derivgen.site.front_matter import front_matter
from derivgen.site.lines import lines_before
from derivgen.site.markdown_page import NUMBER, MarkdownPage, Placed, Problem
from derivgen.work.cache import Cache
from derivgen.work.store import Store
from derivgen.work.workers import SECONDS

log = logging.getLogger("derivgen")

_COUNTED = f"<!--{NUMBER}-->"
_COUNT = re.compile(f"{_COUNTED}|{NUMBER}")
"""What stands for the number of a card until the page is put together, and for that of a block which has no card."""


class BrokenDerivations(DerivgenError):
    """A page has blocks that could not be derived, or that were refuted; the message names them all."""

    kind = "broken derivations"


class Alone:
    """The host where there is no site: options from the extension's configuration, one page at a time."""

    def __init__(self, config: dict[str, Any], world: str = "") -> None:
        self.world = world
        given = {key: config.get(key) for key in keys("site")}
        said = {
            key: value for key, value in given.items() if not (value is None or (isinstance(value, str) and not value))
        }
        self.defaults = chosen(said, "site")
        self.math = "arithmatex" if self.defaults.math == "arithmatex" else "mathml"
        self.failing = str(config["on_failure"]) != "warn"
        font = str(config["math_font"] or "")
        self.style = stylesheet() + (math_font(font) if font else "") if config["style"] else ""
        folder = str(config["cache_dir"] or "")
        cache = Cache(Path(folder)) if folder else None
        self.store = Store(RECORDS, cache, seconds=SECONDS)
        self.equations = Equations(folder, cache, None)
        self.folder: Path | None = None
        """The pages of the site, where they are known."""
        self.text = ""

    def page(self, md: Markdown, lines: list[str]) -> MarkdownPage:
        """The page that is being converted; what a program prints into it is a page inside it."""
        outer = enclosing()
        if outer is not None:  # a program prints this into another page: its lines are not those of the file
            return MarkdownPage(self.store, outer.file, outer.defaults, self.math, world=self.world, outer=outer)
        page = MarkdownPage(self.store, defaults=self.defaults, math=self.math, world=self.world)
        self.folder = None
        known: Any = next((p for p in md.preprocessors if hasattr(getattr(p, "page", None), "path")), None)
        path, text = Path("page.md"), "\n".join(lines)
        given: object = front_matter(text).get("derivgen")
        if known is not None:  # Zensical says which page it is at, and has read its front matter
            folder = self.folder = Path(str(known.config.get("docs_dir", "docs")))
            page.file = str(known.page.path)
            given = known.page.meta.get("derivgen")
            found = next((p for p in (folder / page.file, Path(page.file)) if p.is_file()), None)
            if found is not None:
                path, whole = found, found.read_text(encoding="utf-8-sig")
                page.offset = lines_before(whole, text)
                text = whole
        page.begin(text, given)
        self.text = text
        said_above = known is not None and path == Path("page.md")  # the front matter is not in the text
        site = page.defaults if said_above else self.defaults
        self.equations.add(page.file, path, text, site, page.defaults.check_equations)
        page.marks = self.equations.marks(page.file, lines, lambda html: self._styled(page, html), tab=md.tab_length)
        page.problems += self.equations.problems(page.file)
        return page

    def shown(self, page: MarkdownPage, placed: Placed) -> str:
        """The card of a derivation, with the styles before the first of a page."""
        card = placed.card_as(NUMBER)  # it is counted where it stands when the page is put together
        return self._styled(page, card if NUMBER in card else f"{_COUNTED}{card}")

    def _styled(self, page: MarkdownPage, html: str) -> str:
        """HTML with the style before it, where it is the first on its page."""
        while page.outer is not None:
            page = page.outer
        if page.styled or not self.style:
            return html
        page.styled = True
        return f"<style>\n{self.style}</style>\n{html}"

    def linked(self, page: MarkdownPage, wanted: str) -> tuple[str, str] | None:
        """The address and the title of a derivation on this page, or on another page of its folder."""
        here = [*page.placed, *(page.outer.placed if page.outer else ())]
        found = next((p for p in here if p.anchor == wanted), None)
        if found is None and self.folder is not None:
            found = references.find(wanted, page.file, references.in_folder(self.folder, wanted, page, self.defaults))
        return (references.address(found, page.file), references.title_of(found)) if found is not None else None

    def unknown(self, page: MarkdownPage, wanted: str) -> None:
        """It is left as it stands: what other extensions know they have taken already."""
        meant = re.escape(wanted)
        at = re.search(rf"\[\]\[{meant}\]", self.text) or re.search(rf"\[[^\[\]]*\]\[{meant}\]", self.text)
        if at is None:
            return
        near = references.near(wanted, page.placed)
        said = f"there is no derivation with the id {wanted!r}, so {at[0]} stays as it is"
        said += f" (did you mean {near!r}?)" if near else ""
        if said not in (p.message for p in page.problems):
            page.add("warning", self.text.count("\n", 0, at.start()) + 1, said)

    def done(self, page: MarkdownPage, html: str) -> str:
        """The page as it is shown, its derivations numbered; problems go to the log.

        Raises:
            BrokenDerivations: one is broken, and the page is to fail then.
        """
        page.settle()
        if page.outer is not None:
            page.outer.problems += page.problems
            page.outer.placed += page.placed
            return html
        html = _numbered(html)
        problems = list(dict.fromkeys(page.problems))
        for problem in problems:
            if problem.level == "warning" or not self.failing:
                log.warning("%s", problem)
        wrong: list[Problem] = [p for p in problems if p.level == "error"]
        if wrong and self.failing:
            raise BrokenDerivations("\n".join(map(str, wrong)))
        return html


def _numbered(html: str) -> str:
    """The cards counted as they stand: what a program prints is made last, and may stand first."""
    number = count(1)

    def counted(m: re.Match[str]) -> str:
        k = next(number)
        return str(k) if m[0] == NUMBER else ""

    return _COUNT.sub(counted, html)
