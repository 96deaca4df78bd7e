"""What is reported of a file, as plain data: each entry with its place, ready for any format, process and cache."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from derivgen.errors import DerivgenError, window
from derivgen.notes.sources.sections import silenced
from derivgen.notes.sources.source import Finding, Ignored, Notes, Spot
from derivgen.notes.verdict import Checked, Equality


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An equality, or a finding, whose ``verdict`` is "".

    Attributes:
        file: as it was named, with slashes.
        line, column, end_line, end_column: the place to look at, from 1, in code points, the end behind it. Of an equality
            that is refuted it is what is to blame.
        cell: of a notebook.
        level: "error", "warning", or "none" for what is only reported when it is asked for.
        code, message: its kind, and a sentence.
        source: an equality as written.
        repair: what to write at the place, from ``repair_from`` (line, column) to ``repair_to``; None where nothing is known.
        shown, carets: its line in the file, cut to a window, and the marks below it.
        ignored: whether the author asks for silence, by a comment or an option.
        reading, values: how it was read, and what was computed.
    """

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    cell: int | None = None
    verdict: str = ""
    level: str = "none"
    code: str = ""
    message: str = ""
    source: str = ""
    repair: str | None = None
    shown: str = ""
    carets: str = ""
    ignored: bool = False
    reading: tuple[str, ...] = ()
    values: tuple[str, ...] = ()

    @property
    def is_equality(self) -> bool:
        """Whether it is about an equation that was judged."""
        return self.verdict != ""


@dataclass(frozen=True, slots=True)
class Report:
    """What is reported of a file.

    Attributes:
        entries: in the order of the text.
        formulas: how many there are.
        remarks: sentences on the whole file.
        declared: the header that settles what was guessed, by option.
        trouble: why the file cannot be read; "" where it was.
        lasting: whether the same text gets the same report again.
    """

    file: str
    entries: tuple[Entry, ...] = ()
    formulas: int = 0
    remarks: tuple[str, ...] = ()
    declared: tuple[tuple[str, str], ...] = ()
    trouble: str = ""
    lasting: bool = field(default=True, compare=False)

    def dump(self) -> bytes:
        """It as JSON in UTF-8."""
        return json.dumps(asdict(self)).encode("utf-8", "surrogatepass")


def load(data: bytes) -> Report | None:
    """A report from its bytes; None where they are not those of one."""
    names = {f.name for f in fields(Entry)}
    try:
        found: Any = json.loads(data)
        entries = tuple(_entry(given, names) for given in found.pop("entries"))
        declared = tuple((str(key), str(value)) for key, value in found.pop("declared"))
        return Report(entries=entries, declared=declared, remarks=tuple(found.pop("remarks")), **found)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _entry(given: Any, names: set[str]) -> Entry:
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in given.items() if k in names}
    return Entry(**values)


def refused(file: Path, error: DerivgenError) -> Report:
    """The report of a file that cannot be read."""
    return Report(file.as_posix(), trouble=error.advised, lasting=False)


def report_of(checked: Checked) -> Report:
    """All that was found in a text, by its places in files."""
    notes = checked.notes
    notes = replace(notes, ignored=silenced(notes))
    entries = [(_start(e), _of_equality(notes, e)) for e in checked.equalities]
    entries += [(f.start, _of_finding(notes, f)) for f in (*notes.findings, *checked.findings)]
    entries.sort(key=lambda pair: pair[0])
    return Report(
        notes.path.as_posix(), tuple(e for _, e in entries), sum(1 for _ in notes.formulas()), checked.remarks, checked.declared
    )  # fmt: skip


def _start(e: Equality) -> int:
    return e.formula.start + (e.repair_start if e.repair_end > e.repair_start else e.start)


def _of_equality(notes: Notes, e: Equality) -> Entry:
    start = _start(e)
    end = e.formula.start + (e.repair_end if e.repair_end > e.repair_start else e.end)
    shown = _shown(notes, start, end) if e.fails else ("", "")
    level = "error" if e.verdict == "refuted" else "warning" if e.fails else "none"
    return Entry(
        **_place(notes, start, end), verdict=e.verdict, level=level, code=e.code, message=e.reason, source=e.source,
        repair=e.repair, shown=shown[0], carets=shown[1], ignored=_is_ignored(notes.ignored, start, end, e.code),
        reading=e.reading, values=e.values,
    )  # fmt: skip


def _of_finding(notes: Notes, f: Finding) -> Entry:
    shown = _shown(notes, f.start, f.end)
    return Entry(
        **_place(notes, f.start, f.end), level=f.level, code=f.code, message=f.message, repair=f.repair,
        shown=shown[0], carets=shown[1], ignored=_is_ignored(notes.ignored, f.start, f.end, f.code),
    )  # fmt: skip


def _place(notes: Notes, start: int, end: int) -> dict[str, Any]:
    first, last = notes.spot(start), notes.spot(max(end - 1, start))
    if (last.path, last.cell) != (
        first.path,
        first.cell,
    ):  # what goes on in another file is shown up to the end of this
        last = first
    return {
        "file": first.path.as_posix(), "line": first.line, "column": first.column, "end_line": last.line,
        "end_column": last.column + (end > start), "cell": first.cell,
    }  # fmt: skip


def _shown(notes: Notes, start: int, end: int) -> tuple[str, str]:
    begin, line_end = notes.line_at(start)
    line = notes.text[begin:line_end]
    return window(line, start - begin, max(min(end, line_end) - begin, start - begin + 1))


def _is_ignored(ignored: Iterable[Ignored], start: int, end: int, code: str) -> bool:
    return any(i.start < max(end, start + 1) and start < i.end and (not i.codes or code in i.codes) for i in ignored)


def place_of(spot: Spot) -> str:
    """A place as compilers write it: file, cell of a notebook, line, column."""
    cell = "" if spot.cell is None else f"cell {spot.cell}:"
    return f"{spot.path.as_posix()}:{cell}{spot.line}:{spot.column}"
