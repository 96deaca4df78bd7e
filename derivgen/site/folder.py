"""A folder of Markdown with derivations in, a folder of plain Markdown out; all other files are copied."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from derivgen.errors import DerivgenError
from derivgen.files import copy_whole, read_text, write_whole
from derivgen.options import Options
from derivgen.show.document.prose import plain_markdown
from derivgen.site import references
from derivgen.site.fences import CODE, Span, found, is_inline, outside_code
from derivgen.site.front_matter import front_matter
from derivgen.site.markdown_page import MarkdownPage, Placed, Problem
from derivgen.site.record import Record
from derivgen.work.store import Store

MARKDOWN = (".md", ".markdown")


@dataclass(frozen=True, slots=True)
class Written:
    """What was made: the pages, how many derivations they have, and what was wrong."""

    pages: int
    derivations: int
    problems: tuple[Problem, ...]


def render_folder(
    source: Path, target: Path, options: Options, store: Store[Record], tell: Callable[[int, int], None]
) -> Written:
    """Write the plain Markdown of a file or a folder.

    Raises:
        DerivgenError: a file cannot be read or written, or one would be written over itself.
    """
    single = source.is_file()
    if not single and not source.is_dir():
        raise DerivgenError(f"there is no file or folder {source}")
    own, there = source.resolve(), target.resolve()
    if own == there or there in own.parents or (not single and own in there.parents):
        raise DerivgenError(f"{target} and {source} hold one another", hint="write to a folder of its own")
    files = [source] if single else list(_files(source))
    for path in files:
        if not path.is_file():
            raise DerivgenError(f"{path} is no regular file", hint=f"take it out of {source}")
    texts = {path: read_text(path, encoding="utf-8-sig") for path in files if path.suffix.lower() in MARKDOWN}
    page_of = {path: MarkdownPage(store, str(path), options, "markdown") for path in texts}
    for path, text in texts.items():
        page_of[path].begin(text, front_matter(text).get("derivgen"))
    store.prepare([q for path, text in texts.items() for q in page_of[path].questions(text)], tell)
    problems: list[Problem] = []
    count = 0
    made = {path: plain_text(page_of[path], text) for path, text in texts.items()}
    placed = [p for page in page_of.values() for p in page.placed]
    try:
        for path in files:
            out = target if single else target / path.relative_to(source)
            out.parent.mkdir(parents=True, exist_ok=True)
            if path not in texts:
                copy_whole(path, out)
                continue
            page = page_of[path]
            write_whole(out, linked(page, made[path], placed).encode("utf-8"))
            problems += sorted(page.problems, key=lambda p: p.line)
            count += len(page.placed)
    except OSError as wrong:
        raise DerivgenError(f"cannot write to {target}: {wrong.strerror or wrong}") from wrong
    return Written(len(texts), count, tuple(dict.fromkeys(problems)))


def plain_text(page: MarkdownPage, text: str) -> str:
    """The text of a page with its derivations written out."""
    lines = text.split("\n")
    below: dict[int, int] = {}
    for place in found(lines):
        if isinstance(place, Span):
            below[place.line] = max(place.below, below.get(place.line, 0))
    for k, more in below.items():
        lines[k] = _sentence(page, lines[k : k + more + 1], k)
        lines[k + 1 : k + more + 1] = [_TAKEN] * more
    return "\n".join(line for line in page.replaced(lines, lambda p: _indented(p, page)) if line != _TAKEN)


def linked(page: MarkdownPage, text: str, placed: Sequence[Placed]) -> str:
    """The text with its references to derivations, ``[text][id]`` and ``[][id]``, as links."""

    def link(m: re.Match[str], line: int) -> str:
        found = references.find(m["id"], page.file, placed)
        if found is None or not found.block.options.id or f"[{m['id']}]:" in text:
            if not m["text"] and f"[{m['id']}]:" not in text:
                near = references.near(m["id"], placed)
                hint = f" (did you mean {near}?)" if near else ""
                page.add("warning", line, f"there is no derivation with the id {m['id']!r}{hint}")
            return m[0]
        title = m["text"] or plain_markdown(references.title_of(found))
        return f"[{title}]({references.address(found, page.file)})"

    lines = text.split("\n")
    for k in outside_code(lines):
        if "][" in lines[k]:
            parts = CODE.split(lines[k])  # ticks and inside of each code span stand between
            shown = [re.sub(references.PATTERN, lambda m: link(m, k + 1), part) for part in parts[::3]]  # noqa: B023
            spans = [f"{t}{i}{t}" for t, i in zip(parts[1::3], parts[2::3], strict=True)]
            lines[k] = "".join(a + b for a, b in zip_longest(shown, spans, fillvalue=""))
    return "\n".join(lines)


_TAKEN = "\0"
"""Stands for a line that was put to the one before it, so that the numbers of the others stay."""


def _sentence(page: MarkdownPage, lines: Sequence[str], number: int) -> str:
    def answer(m: re.Match[str]) -> str:
        inside = re.sub(r"\n[ \t>]+" if quoted else r"\n[ \t]+", "\n", m["inside"])
        if not is_inline(m["ticks"], inside):
            return m[0]
        return page.inline(inside, number).record.html or f"**[{_last(page)}]**"

    quoted = lines[0].lstrip().startswith(">")
    return CODE.sub(answer, "\n".join(lines))


def _indented(placed: Placed, page: MarkdownPage) -> str:
    """The block in Markdown, each line after the first behind what stands before the block."""
    anchor = f'<a id="{placed.anchor}"></a>\n\n' if placed.block.options.id else ""
    body = placed.record.html or f"> **This derivation could not be made.** {_last(page)}"
    if placed.record.html and placed.boxes:
        body = f"> **A step of this derivation is refuted.** {_last(page)}\n\n{body}"
    return (anchor + body).replace("\n", "\n" + placed.lead)


def _last(page: MarkdownPage) -> str:
    """The problem that was found last, so that no character of it is markup."""
    return re.sub(r"([\\`*_{}\[\]<>#|$~&])", r"\\\1", str(page.problems[-1]))


def _files(folder: Path) -> Iterator[Path]:
    """The files under a folder in the order of their names; what is hidden is left out."""
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        yield from (Path(here) / name for name in sorted(names) if not name.startswith("."))
