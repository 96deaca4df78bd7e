"""The extension of Python-Markdown for derivations; it knows no site generator, so it works under any that has extensions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.postprocessors import Postprocessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from derivgen.arguments import require
from derivgen.errors import ArgumentError, proposal, shown
from derivgen.markdown.alone import Alone
from derivgen.markdown.alone import BrokenDerivations as BrokenDerivations
from derivgen.markdown.running import Host as Host
from derivgen.markdown.running import Running, remember
from derivgen.options import declared, option_of
from derivgen.site.fences import NAME, is_inline
from derivgen.site.markdown_page import Placed
from derivgen.site.references import PATTERN, title_of

if TYPE_CHECKING:
    from derivgen.world import World

FAILURES = ("fail", "warn")


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
        """Take a setting, which is checked here.

        Raises:
            ArgumentError: there is no such setting, or it cannot have that value.
        """
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
        md.registerExtension(self)  # programs that print into pages look there for what to convert their text with
        running = Running(host)
        remember(md, running)
        md.preprocessors.register(_Blocks(md, running), "derivgen", 28)  # before all that read fences
        md.inlinePatterns.register(_Inline(_CODE, md, running), "derivgen", 195)  # before all other code in sentences
        md.inlinePatterns.register(
            _Reference(md, running), "derivgen-reference", 165
        )  # behind those that a page defines
        md.treeprocessors.register(_Headings(md, running), "derivgen", 15)  # between sentences and the contents
        md.treeprocessors.register(_Contents(md, running), "derivgen-contents", 3)  # behind the contents
        md.postprocessors.register(_Lone(md), "derivgen-lone", 31)  # before what was put away comes back
        md.postprocessors.register(_End(md, running), "derivgen", 1)


class _Blocks(Preprocessor):
    def __init__(self, md: Markdown, running: Running) -> None:
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
    def __init__(self, pattern: str, md: Markdown, running: Running) -> None:
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

    def __init__(self, md: Markdown, running: Running) -> None:
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

    def __init__(self, md: Markdown, running: Running) -> None:
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
    def __init__(self, md: Markdown, running: Running) -> None:
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
        page.unread(text)
        return self.running.host.done(page, text)


class _Contents(Treeprocessor):
    """Derivations in the table of contents, each below the heading that it stands under."""

    def __init__(self, md: Markdown, running: Running) -> None:
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


def makeExtension(**kwargs: Any) -> DerivgenExtension:
    """What Python-Markdown calls."""
    return DerivgenExtension(**kwargs)
