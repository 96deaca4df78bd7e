"""Reports as a person, a program and the services of a repository read them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from derivgen.notes.reports.chosen import reported
from derivgen.notes.reports.entry import Entry, Report
from derivgen.notes.reports.proposal import proposed, sentence

_RED, _YELLOW, _BOLD, _PLAIN = "\x1b[1;31m", "\x1b[1;33m", "\x1b[1m", "\x1b[0m"
_COLOURS = {"error": _RED, "warning": _YELLOW, "note": _BOLD}


def place(e: Entry) -> str:
    """Where an entry stands, as compilers write it."""
    cell = "" if e.cell is None else f"cell {e.cell}:"
    return f"{e.file}:{cell}{e.line}:{e.column}"


# --- text ---------------------------------------------------------------------------------------------------------------


def as_text(reports: Sequence[Report], color: bool = False) -> str:
    """Each entry with its line and carets, what holds for whole files, and the summary below."""
    blocks = [text_of(e, color) for report in reports for e in reported(report)]
    remarks = "\n".join(f"{r.file}: {remark}" for r in reports for remark in r.remarks)
    return "\n\n".join([*blocks, *([remarks] if remarks else []), summary(reports)])


def text_of(e: Entry, color: bool = False) -> str:
    """An entry for a terminal: what is said, the line with the place marked, the repair."""
    mark, bold, plain = (_COLOURS[e.level], _BOLD, _PLAIN) if color else ("", "", "")
    lines = [f"{bold}{place(e)}:{plain} {mark}{e.level}{plain}: {_one_line(e.message)} [{e.code}]"]
    if e.shown:
        lines += [f"    {e.shown}", f"    {mark}{e.carets}{plain}"]
    if e.repair is not None:
        checked = "   [verified]" if e.is_equality else ""
        lines.append(f"    {proposed(e.repair)}{checked}")
    return "\n".join(lines)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def summary(reports: Sequence[Report]) -> str:
    """How much was looked at, what became of it, and why the rest was not judged."""
    equalities = [e for r in reports for e in r.entries if e.is_equality]
    counts = Counter(e.verdict for e in equalities)
    shown = Counter(e.level for r in reports for e in reported(r))
    formulas = sum(r.formulas for r in reports)
    lines = [
        f"{many(len(reports), 'file')}, {many(formulas, 'formula')}, {many(len(equalities), 'equality', 'equalities')}: "
        + ", ".join(f"{counts[v]} {v}" for v in ("verified", "refuted", "unchecked"))
    ]
    why = Counter(e.code for e in equalities if e.verdict == "unchecked")
    if why:
        lines.append("unchecked: " + ", ".join(f"{code} {n}" for code, n in why.most_common()))
    hidden = sum(e.ignored and e.level != "none" for r in reports for e in r.entries)
    found = ", ".join(many(shown[level], level) for level in ("error", "warning", "note") if shown[level])
    lines.append((found or "nothing to report") + (f", {hidden} ignored" if hidden else ""))
    return "\n".join(lines)


def many(count: int, one: str, more: str = "") -> str:
    """A count with its noun; ``more`` is the plural that does not end in s."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"


# --- JSON ---------------------------------------------------------------------------------------------------------------


def as_json(reports: Sequence[Report]) -> str:
    """Reports as JSON."""
    return json.dumps(as_data(reports), ensure_ascii=False, indent=1)


def as_data(reports: Sequence[Report]) -> dict[str, Any]:
    """One object with all equalities, all findings, and what holds for whole files."""
    equalities = [_equality(e) for r in reports for e in r.entries if e.is_equality]
    findings = [_finding(e) for r in reports for e in r.entries if not e.is_equality and not e.ignored]
    files = [
        {"file": r.file, "formulas": r.formulas, "remarks": list(r.remarks), "declared": dict(r.declared), "error": r.trouble or None}
        for r in reports
    ]  # fmt: skip
    return {"equalities": equalities, "findings": findings, "files": files}


def _where(e: Entry) -> dict[str, Any]:
    return {
        "file": e.file, "line": e.line, "column": e.column, "end_line": e.end_line, "end_column": e.end_column,
        **({} if e.cell is None else {"cell": e.cell}),
    }  # fmt: skip


def _equality(e: Entry) -> dict[str, Any]:
    return {
        **_where(e), "source": e.source, "verdict": e.verdict, "reason": e.code or None, "message": e.message or None,
        "repair": e.repair, "reading": list(e.reading), "values": list(e.values), "ignored": e.ignored,
    }  # fmt: skip


def _finding(e: Entry) -> dict[str, Any]:
    return {**_where(e), "code": e.code, "level": e.level, "message": e.message, "repair": e.repair}


# --- GitHub -------------------------------------------------------------------------------------------------------------


def as_github(reports: Sequence[Report]) -> str:
    """Commands of a workflow, which GitHub shows beside the lines of a change."""
    return "\n".join(_annotation(e) for report in reports for e in reported(report))


def _annotation(e: Entry) -> str:
    level = "notice" if e.level == "note" else e.level
    where = {"file": e.file, "title": f"derivgen {e.code}"}
    if e.cell is None:
        where |= {"line": str(e.line), "endLine": str(e.end_line), "col": str(e.column)}
        if e.end_line == e.line:
            where["endColumn"] = str(e.end_column)
    said = _one_line(e.message) + ("" if e.repair is None else f" {sentence(proposed(e.repair))}")
    if e.cell is not None:
        said = f"cell {e.cell}, line {e.line}: {said}"
    properties = ",".join(f"{key}={_escaped(value, ':,')}" for key, value in where.items())
    return f"::{level} {properties}::{_escaped(said)}"


def _escaped(text: str, more: str = "") -> str:
    for c in "%\r\n" + more:
        text = text.replace(c, f"%{ord(c):02X}")
    return text
