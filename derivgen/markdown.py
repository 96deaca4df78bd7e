"""The extension of Python-Markdown for derivations; it knows no site generator, so it works under any that has extensions."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.postprocessors import Postprocessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from derivgen.arguments import require
from derivgen.equations import Equations
from derivgen.errors import ArgumentError, DerivgenError, proposal, shown
from derivgen.options import chosen, declared, keys, option_of
from derivgen.site.answer import RECORDS
from derivgen.site.assets import math_font, stylesheet
from derivgen.site.block import page_defaults
from derivgen.site.fences import NAME, is_inline
from derivgen.site.front_matter import front_matter, line_of
from derivgen.site.markdown_page import MarkdownPage, Placed, Problem, lines_before
from derivgen.site.references import PATTERN, address, find, in_folder, title_of
from derivgen.work.cache import Cache
from derivgen.work.store import Store
from derivgen.work.workers import SECONDS

if TYPE_CHECKING:
    from derivgen.world import World

log = logging.getLogger("derivgen")


class BrokenDerivations(DerivgenError):
    """A page has blocks that could not be derived, or that were refuted; the message names them all."""

    kind = "broken derivations"


FAILURES = ("fail", "warn")


@runtime_checkable
class Host(Protocol):
    """Who makes the pages: a site's plugin, or the extension on its own."""

    def page(self, md: Markdown, lines: list[str]) -> MarkdownPage:
        """The page that begins, with its text."""

    def shown(self, page: MarkdownPage, placed: Placed) -> str:
        """What stands on the page for a block."""

    def linked(self, page: MarkdownPage, wanted: str) -> tuple[str, str] | None:
        """The address and the title of the derivation with this id; None if it is not known."""

    def unknown(self, page: MarkdownPage, wanted: str) -> Element | None:
        """What a reference to an id that is not known becomes; None leaves it to others."""

    def done(self, page: MarkdownPage, html: str) -> str:
        """The page is made: its HTML, perhaps changed."""


class DerivgenExtension(Extension):
    """``markdown.markdown(text, extensions=["derivgen.markdown"])``.

    ``world`` has the operations and rules, where they are not those of the default world.
    """

    def __init__(self, host: Host | None = None, *, world: World | None = None, **kwargs: Any) -> None:
        self.config: dict[str, list[Any]] = {
            "on_failure": ["fail", "'fail' raises an error once the page is made, 'warn' logs a warning"],
            "style": [True, "put the style sheet on each page that has a derivation"],
            "math_font": ["", "the address of a font of mathematics that the site hosts, for all formulas of cards"],
            "cache_dir": [".cache/derivgen", "keep results in this folder; an empty text keeps none"],
        }
        self.config |= {o.key: ["", o.help] for o in declared("site")}
        super().__init__(**kwargs)
        if host is not None:
            require(host, Host, "a host makes the pages of a site", "leave it out where there is none")
        if world is not None:
            from derivgen.world import World

            require(world, World, "a world holds operations and rules", "such as World.default()")
        self.host, self.world = host, world.packed() if world else ""

    def setConfig(self, key: str, value: Any) -> None:
        if key not in self.config:
            option_of(key, "site")
        if key == "on_failure":
            require(value, str, "on_failure is a text", proposal("", FAILURES))
            if value not in FAILURES:
                raise ArgumentError(f"on_failure cannot be {shown(value)}", hint=proposal(value, FAILURES))
        if key == "math_font":
            require(value, str, "math_font is an address", 'such as math_font="/fonts/STIXTwoMath.woff2"')
        if key == "cache_dir":
            require(value, (str, Path, type(None)), "cache_dir is a folder", 'such as cache_dir=".cache/derivgen"')
        try:
            super().setConfig(key, value)
        except (ValueError, AttributeError) as error:  # of a switch, which Markdown reads by itself
            raise ArgumentError(f"{key} is True or False, not {shown(value)}", hint=f"write {key}=False") from error

    def extendMarkdown(self, md: Markdown) -> None:
        host = self.host or Alone(self.getConfigs(), self.world)
        running = _Running(host)
        md.preprocessors.register(_Blocks(md, running), "derivgen", 28)  # before all that read fences
        md.inlinePatterns.register(_Inline(_CODE, md, running), "derivgen", 195)  # before all other code in sentences
        md.inlinePatterns.register(
            _Reference(md, running), "derivgen-reference", 165
        )  # behind those that a page defines
        md.treeprocessors.register(_Headings(md, running), "derivgen", 15)  # between sentences and the contents
        md.treeprocessors.register(_Contents(md, running), "derivgen-contents", 3)  # behind the contents
        md.postprocessors.register(_Lone(md), "derivgen-lone", 31)  # before what was put away comes back
        md.postprocessors.register(_End(md, running), "derivgen", 1)


class _Running:
    """The page that a Markdown instance is at."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.page: MarkdownPage | None = None
        self.inline: dict[str, Placed] = {}
        self.blocks: dict[str, Placed] = {}
        """The answers in sentences and the blocks, by what stands for each until the page is put together."""
        self.set = False
        """Whether its elements are there."""


class _Blocks(Preprocessor):
    def __init__(self, md: Markdown, running: _Running) -> None:
        super().__init__(md)
        self.running = running

    def run(self, lines: list[str]) -> list[str]:
        page = self.running.page = self.running.host.page(self.md, lines)
        show = self.running.host.shown

        def stands(placed: Placed) -> str:
            found = self.md.htmlStash.store(show(page, placed))
            self.running.blocks[found] = placed
            return found

        if not page.marks:
            return page.replaced(lines, stands)
        return "\n".join(page.replaced(page.marked(lines, self.md.htmlStash.store), stands)).split("\n")


_CODE = r"(?<![\\`])(`+)(?!`)(.+?)(?<!`)\1(?!`)"


class _Inline(InlineProcessor):
    def __init__(self, pattern: str, md: Markdown, running: _Running) -> None:
        super().__init__(pattern, md)
        self.running = running

    def handleMatch(self, m: Any, data: str) -> tuple[Element | str | None, int | None, int | None]:  # type: ignore[override]
        if self.running.page is None or not is_inline(m.group(1), m.group(2)):
            return None, None, None
        placed = self.running.page.inline(m.group(2))
        stands = self.md.htmlStash.store(placed.card)
        self.running.inline[stands] = placed
        return stands, m.start(0), m.end(0)


class _Reference(InlineProcessor):
    """``[text][id]`` and ``[][id]``, with the id of a derivation."""

    def __init__(self, md: Markdown, running: _Running) -> None:
        super().__init__(PATTERN, md)
        self.running = running

    def handleMatch(self, m: Any, data: str) -> tuple[Element | None, int | None, int | None]:  # type: ignore[override]
        page = self.running.page
        if page is None:
            return None, None, None
        found = self.running.host.linked(page, m["id"])
        link = Element("a", href=found[0]) if found else self.running.host.unknown(page, m["id"])
        if link is None:
            return None, None, None
        link.text = m["text"] or AtomicString(found[1] if found else "")
        return link, m.start(0), m.end(0)


class _Headings(Treeprocessor):
    """An answer in a heading is text in the table of contents."""

    def __init__(self, md: Markdown, running: _Running) -> None:
        super().__init__(md)
        self.running = running

    def run(self, root: Element) -> None:
        known, self.running.inline = self.running.inline, {}
        for heading in (e for e in root.iter() if known and re.fullmatch("h[1-6]", e.tag)):
            label = "".join(heading.itertext())
            if "data-toc-label" not in heading.attrib and any(stands in label for stands in known):
                for stands, placed in known.items():
                    label = label.replace(stands, placed.spoken)
                heading.set("data-toc-label", label)


class _Lone(Postprocessor):
    """A card that is all of a paragraph takes its place, in a quotation too, where a line more stands below it."""

    def run(self, text: str) -> str:
        return re.sub(r"<p>(\x02wzxhzdk:\d+\x03)\s+</p>", r"<p>\1</p>", text)


class _End(Postprocessor):
    def __init__(self, md: Markdown, running: _Running) -> None:
        super().__init__(md)
        self.running = running

    def run(self, text: str) -> str:
        if not self.running.set:  # the contents are made of headings by themselves
            return text
        page, self.running.page = self.running.page, None
        self.running.set = False
        if page is None:
            return text
        if f'class="language-{NAME}' in text or f'class="{NAME}"' in text:
            page.add("error", 1, "a derivation block of this page was not read: its fence must begin a line of its own")
        return self.running.host.done(page, text)


class _Contents(Treeprocessor):
    """Derivations in the table of contents, each below the heading that it stands under."""

    def __init__(self, md: Markdown, running: _Running) -> None:
        super().__init__(md)
        self.running = running

    def run(self, root: Element) -> None:
        self.running.set, blocks = True, self.running.blocks
        self.running.blocks = {}
        tokens = getattr(self.md, "toc_tokens", None)
        if not isinstance(tokens, list) or not any(p.block.options.contents for p in blocks.values()):
            return
        known = {token["id"]: token for token in _every(tokens)}
        above: dict[str, Any] | None = None
        for element in root.iter():
            if element.get("id") in known:
                above = known[str(element.get("id"))]
            placed = blocks.get((element.text or "").strip())
            if placed is not None and placed.block.options.contents:
                name = escape(title_of(placed))
                siblings = above["children"] if above else tokens
                own = [k for k, one in enumerate(siblings) if "derivation" in one]
                siblings.insert(own[-1] + 1 if own else 0, {
                    "level": above["level"] + 1 if above else 1, "id": placed.anchor, "name": name, "html": name,
                    "data-toc-label": "", "children": [], "derivation": True,
                })  # fmt: skip


def _every(tokens: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for token in tokens:
        yield token
        yield from _every(token["children"])


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
        self.text = ""

    def page(self, md: Markdown, lines: list[str]) -> MarkdownPage:
        page = MarkdownPage(self.store, defaults=self.defaults, math=self.math, world=self.world)
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
        try:
            page.defaults = page_defaults(given, self.defaults)
        except DerivgenError as error:
            page.add("error", line_of(error, text), error.advised)
        self.text = text
        self.equations.add(page.file, path, text, page.defaults)
        page.marks = self.equations.marks(page.file, lines, lambda html: self._styled(page, html), tab=md.tab_length)
        page.problems += self.equations.problems(page.file)
        return page

    def shown(self, page: MarkdownPage, placed: Placed) -> str:
        return self._styled(page, placed.card)

    def _styled(self, page: MarkdownPage, html: str) -> str:
        """HTML with the style before it, where it is the first on its page."""
        if page.styled or not self.style:
            return html
        page.styled = True
        return f"<style>\n{self.style}</style>\n{html}"

    def linked(self, page: MarkdownPage, wanted: str) -> tuple[str, str] | None:
        found = next((p for p in page.placed if p.anchor == wanted), None)
        if found is None and self.folder is not None:
            found = find(wanted, page.file, in_folder(self.folder, wanted, page, self.defaults))
        return (address(found, page.file), title_of(found)) if found is not None else None

    def unknown(self, page: MarkdownPage, wanted: str) -> None:
        """It is left as it stands, since another extension may know it; without a text it can only be meant for this."""
        at = self.text.find(f"[][{wanted}]")
        said = f"there is no derivation with the id {wanted!r}, so [][{wanted}] stays as it is"
        if at >= 0 and said not in (p.message for p in page.problems):
            page.add("warning", self.text.count("\n", 0, at) + 1, said)

    def done(self, page: MarkdownPage, html: str) -> str:
        page.settle()
        for problem in page.problems:
            if problem.level == "warning" or not self.failing:
                log.warning("%s", problem)
        wrong: list[Problem] = [p for p in page.problems if p.level == "error"]
        if wrong and self.failing:
            raise BrokenDerivations("\n".join(map(str, wrong)))
        return html


def makeExtension(**kwargs: Any) -> DerivgenExtension:
    """What Python-Markdown calls."""
    return DerivgenExtension(**kwargs)
