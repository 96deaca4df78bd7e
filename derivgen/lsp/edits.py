"""What an editor may do about a place: write the repair, declare what was guessed, derive what is stated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from derivgen.lsp.analysis import Analysis, defaults_of
from derivgen.notes.command import header_of
from derivgen.notes.find import MARKDOWN
from derivgen.notes.reports.entry import Entry
from derivgen.notes.sources.markdown import FRONT_MATTER
from derivgen.notes.verdict import Equality


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of the text: what stands between two places (line and column from 0, in code points) becomes ``text``."""

    title: str
    start: tuple[int, int]
    end: tuple[int, int]
    text: str
    entry: Entry | None = None


def repairs(analysis: Analysis, line: int, last: int) -> Iterator[Edit]:
    """The repairs of what is reported on these lines, from 0."""
    if analysis.report is None:
        return
    for e in analysis.report.entries:
        here = e.file == analysis.path.as_posix() and e.line - 1 <= last and line <= e.end_line - 1
        if here and e.repair is not None and not e.ignored:
            words = " ".join(e.repair.split())
            title = f"Write {words if len(words) < 60 else words[:57] + '…'}" if words else "Leave this out"
            yield Edit(title, (e.line - 1, e.column - 1), (e.end_line - 1, e.end_column - 1), e.repair, e)


def declaration(analysis: Analysis) -> Iterator[Edit]:
    """The header that settles what had to be guessed."""
    if analysis.report is None or not analysis.report.declared:
        return
    header = header_of(analysis.path, analysis.report.declared)
    front = FRONT_MATTER.match(analysis.text) if analysis.path.suffix.lower() in MARKDOWN else None
    line = analysis.text.count("\n", 0, front.end()) if front else 0
    blank = "\n\n" if analysis.path.suffix.lower() in MARKDOWN else "\n"
    yield Edit("Declare how the letters are read", (line, 0), (line, 0), header + blank)


def derive_this(analysis: Analysis, e: Equality) -> Iterator[Edit]:
    """A block below the paragraph that derives what an equality states."""
    if e.question is None or analysis.checked is None or analysis.path.suffix.lower() not in MARKDOWN:
        return
    expression, wrt, where, layout = e.question
    place = analysis.checked.notes.spot(e.formula.end)
    lines = analysis.text.split("\n")
    lead = re.match(r"[ \t>]*", lines[min(place.line, len(lines)) - 1])
    before = lead[0] if lead else ""
    at = place.line
    while at < len(lines) and lines[at].strip(" \t>"):
        at += 1
    inside = [
        "```derivation",
        *" ".join(expression.split()).split("\n"),
        f"wrt: {wrt}",
        *([f"where: {where}"] if where else []),
        *([f"layout: {layout}"] if layout != defaults_of(analysis.text).layout else []),
        "```",
    ]
    block = "".join(f"{before}{line}\n" for line in inside)
    gap = "\n" if at < len(lines) else "\n\n"
    yield Edit(
        f"Derive {_short(expression)} by {wrt}",
        (at, 0),
        (at, 0),
        (gap if at >= len(lines) else before.rstrip() + "\n") + block,
    )


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) < 40 else words[:37] + "…"
