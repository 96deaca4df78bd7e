"""References to derivations, ``[text][id]`` and ``[][id]``, between the pages of a site."""

from __future__ import annotations

import contextlib
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from html import escape, unescape
from pathlib import Path
from xml.etree.ElementTree import Element

from derivgen.errors import nearest
from derivgen.options import Options
from derivgen.site.block import page_defaults
from derivgen.site.front_matter import front_matter
from derivgen.site.markdown_page import MarkdownPage, Placed

PATTERN = (
    r"(?<![!\w\]\x03])\[(?P<text>(?!\^)(?:[^\[\]]|\[[^\[\]]*\]){0,500})\]\[(?P<id>[A-Za-z][\w.-]*)\]"  # A[i][j] is none
)
"""A reference in Markdown."""

_TAG = "derivgen-reference"
_LATER = re.compile(rf'<{_TAG} to="([^"]*)">(.*?)</{_TAG}>', re.DOTALL)


def find(wanted: str, here: str, placed: Iterable[Placed]) -> Placed | None:
    """The derivation with an anchor: on the page ``here``, else on the page that is nearest to it in the folders.

    A number is an anchor for its own page alone; an id and a title are anchors for all.
    """
    found = [p for p in placed if p.anchor == wanted and (p.file == here or _is_named(p))]
    return max(found, key=lambda p: (p.file == here, _shared(p.file, here)), default=None)


def in_folder(folder: Path, wanted: str, here: MarkdownPage, site: Options) -> Iterator[Placed]:
    """The derivations on the other pages of a folder that may have an anchor; none of them is derived for that."""
    words = re.compile("[^a-z0-9]+".join(map(re.escape, re.split("[^a-z0-9]+", wanted.lower()))))
    for path in sorted(folder.rglob("*.md")):
        name = path.relative_to(folder).as_posix()
        with contextlib.suppress(OSError, UnicodeError):
            text = _read(path, path.stat().st_mtime_ns)
            if name != here.file and "derivation" in text and words.search(text.lower()):
                page = MarkdownPage(here.source, name, site, here.math, world=here.world)
                page.defaults, _ = page_defaults(front_matter(text).get("derivgen"), site)  # said where it is made
                page.survey(text)
                yield from page.placed


@lru_cache(maxsize=10_000)
def _read(path: Path, stamp: int) -> str:
    return path.read_text(encoding="utf-8-sig")


def near(wanted: str, placed: Iterable[Placed]) -> str:
    """The anchor that is spelled most like one that is not there, or an empty text."""
    return nearest(wanted, {p.anchor for p in placed if p.anchor and _is_named(p)})


def _is_named(p: Placed) -> bool:
    return bool(p.block.options.id or p.block.options.title)


def _shared(one: str, other: str) -> int:
    """How many folders two files have in common, from the top."""
    pairs = list(zip(posixpath.dirname(one).split("/"), posixpath.dirname(other).split("/"), strict=False))
    return next((k for k, (a, b) in enumerate(pairs) if a != b), len(pairs))


def address(p: Placed, here: str) -> str:
    """A link from the page ``here`` to a derivation, by the names of the files, as MkDocs wants it."""
    if p.file == here:
        return f"#{p.anchor}"
    target = posixpath.relpath(p.file, posixpath.dirname(here) or ".")
    return f"{target.replace(' ', '%20')}#{p.anchor}"


def later(wanted: str) -> Element:
    """What stands for a reference until all pages were read: a page may be written by a program."""
    return Element(_TAG, to=wanted)


def title_of(p: Placed) -> str:
    """The title of a derivation as the text of a link: without markup."""
    if "$" not in p.title:
        return " ".join(filter(None, "".join(filter(str.isprintable, p.title)).split(" ")))
    from derivgen.show.document.prose import for_terminal  # it brings the engine, which most builds need not read

    return for_terminal(p.title)


def resolved(html: str, link: Callable[[str], tuple[str, str] | None]) -> str:
    """The page with the references that were left: ``link`` gives the address and the title; None leaves the text."""
    if _TAG not in html:
        return html

    def one(m: re.Match[str]) -> str:
        wanted = unescape(m[1])
        found = link(wanted)
        if found is None:
            return f"[{m[2]}][{m[1]}]"
        return f'<a href="{escape(found[0])}">{m[2] or escape(found[1])}</a>'

    return _LATER.sub(one, html)
