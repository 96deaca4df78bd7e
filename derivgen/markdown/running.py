"""The page that an instance of Python-Markdown is at, and the one around it while a program prints a part of that."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, Protocol, runtime_checkable
from xml.etree.ElementTree import Element

from markdown import Markdown

from derivgen.site.markdown_page import MarkdownPage, Placed


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


class Running:
    """A Markdown instance with the page that it is at."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.page: MarkdownPage | None = None
        self.outer: Running | None = None
        """The instance around it, while that is at work on a page of its own."""
        self.inline: dict[str, Placed] = {}
        self.blocks: dict[str, Placed] = {}
        """The answers in sentences and the blocks, by what stands for each until the page is put together."""
        self.set = False
        """Whether its elements are there."""


_AT_WORK: ContextVar[Running | None] = ContextVar("derivgen_at_work", default=None)


def remember(md: Markdown, running: Running) -> None:
    """Have it known while an instance converts a text, so that others which do so meanwhile know what they are part of."""
    convert: Any = md.convert

    def remembered(source: str) -> str:
        running.outer = _AT_WORK.get()
        at_work = _AT_WORK.set(running)
        try:
            return str(convert(source))
        finally:
            _AT_WORK.reset(at_work)
            running.page = None  # it may have stopped half-way

    md.convert = remembered  # type: ignore[method-assign]


def enclosing() -> MarkdownPage | None:
    """The page that the text at hand is printed into by a program; None where it is a page itself."""
    here = _AT_WORK.get()
    return here.outer.page if here is not None and here.outer is not None else None
