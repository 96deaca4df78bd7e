"""One line of a text explained: how its formulas are read, what they are worth, and the derivation of what is only stated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from derivgen.codes import CODES
from derivgen.deadline import bounded
from derivgen.errors import DerivgenError, render
from derivgen.notes.check import check_notes
from derivgen.notes.find import found_in, gather
from derivgen.notes.reports.entry import place_of
from derivgen.notes.reports.proposal import proposed
from derivgen.notes.sources.header import base_of
from derivgen.notes.sources.source import Formula, Notes
from derivgen.notes.verdict import Equality
from derivgen.options import Layout, Options

SECONDS = 8.0
"""What one formula may take here, of processor time, where nobody says."""

_LINE = re.compile(r"(?P<file>.+?):(?:(?P<cell>\d+):)?(?P<line>\d+)")


def explained(where: str, options: Options) -> str:
    """What is known of the formulas on a line, FILE:LINE, or FILE:CELL:LINE in a notebook.

    Raises:
        DerivgenError: there is no such file, or no formula on the line.
    """
    asked = _LINE.fullmatch(where)
    if asked is None:
        raise DerivgenError(f"{where[:200]!r} names no line", hint="write FILE:LINE, or FILE:CELL:LINE for a notebook")
    path, line = Path(asked["file"]), int(asked["line"])
    notes = found_in(gather(path, None, base_of(options), options.preamble))
    there = _formulas(notes, path, line, int(asked["cell"]) if asked["cell"] else None)
    seconds = options.timeout or SECONDS
    checked = check_notes(notes, Options(seed=options.seed), seconds=seconds)
    parts: list[str] = []
    for formula in there:
        found = [e for e in checked.equalities if e.formula.start == formula.start]
        on_line = [e for e in found if _touches(notes, e, line)]
        parts += [part for e in on_line or found for part in _told(notes, e, seconds)]
        if not found:
            parts.append(
                f"{place_of(notes.spot(formula.start))}: {' '.join(formula.latex.split())}\n  states no equality"
            )
    return "\n\n".join([*dict.fromkeys(parts), *checked.remarks])


def _formulas(notes: Notes, path: Path, line: int, cell: int | None) -> list[Formula]:
    below: int | None = None
    found = []
    for f in notes.formulas():
        first, last = notes.spot(f.start), notes.spot(f.end)
        if first.path != path or (cell is not None and first.cell != cell):
            continue
        if first.line <= line <= last.line:
            found.append(f)
        elif first.line > line and below is None:
            below = first.line
    if not found:
        hint = None if below is None else f"the next stands on line {below}"
        raise DerivgenError(f"no formula stands on line {line} of {path}", hint=hint)
    return found


def _touches(notes: Notes, e: Equality, line: int) -> bool:
    first, last = notes.spot(e.formula.start + e.start), notes.spot(e.formula.start + e.end)
    return first.line <= line <= last.line


def _told(notes: Notes, e: Equality, seconds: float) -> Iterator[str]:
    lines = [f"{place_of(notes.spot(e.formula.start + e.start))}: {e.source}"]
    reason = e.reason or (CODES[e.code].sentence if e.code in CODES else "")
    lines.append(f"  {e.verdict}" + (f" [{e.code}]" if e.code else "") + (f": {reason}" if reason else ""))
    lines += [f"  {line}" for line in e.reading]
    lines += [f"  {line}" for line in e.values]
    if e.repair is not None:
        lines.append(f"  {proposed(e.repair)}   [verified]")
    yield "\n".join(lines)
    if e.question is not None:
        yield _derived(*e.question, seconds)


def _derived(expression: str, wrt: str, where: str, layout: Layout, seconds: float) -> str:
    """The whole derivation of what is stated, or why there is none."""
    from derivgen.derivation import derive_by
    from derivgen.show import render_all

    options = Options(wrt=(wrt,), where=where, layout=layout, dialect="text")
    try:
        with bounded(seconds):
            printed = render_all([derive_by(expression, wrt, options)], "text", options)
    except DerivgenError as error:
        return render(error)
    return printed.decode() if isinstance(printed, bytes) else printed
