"""The equations of a real lecture, where it lies beside the project: its faults are found at their places, and no others."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from derivgen.notes.check import check_notes
from derivgen.notes.find import notes_of
from derivgen.notes.verdict import Checked

SHARED = Path(__file__).resolve().parents[3] / "shared"
LECTURE = SHARED / "notes.md"
KNOWN: dict[str, Any] = json.loads((SHARED / "notes-findings.json").read_text("utf-8")) if LECTURE.exists() else {}
ENOUGH = 0.8


@cache
def checked() -> Checked:
    return check_notes(notes_of(LECTURE))


def places(level: str) -> list[tuple[int, int, int]]:
    """Line, first and last column of all that is found, equalities with their whole formula."""
    found: list[tuple[int, int, int]] = []
    notes = checked().notes
    for e in checked().refuted() if level == "error" else ():
        spot = notes.spot(e.formula.start)
        found.append((spot.line, spot.column, spot.column + len(e.formula.latex)))
    for f in checked().findings:
        if f.level == level:
            spot = notes.spot(f.start)
            found.append((spot.line, spot.column, spot.column + f.end - f.start))
    return found


def reports(level: str) -> list[dict[str, Any]]:
    return [r for r in KNOWN.get("report", ()) if r["level"] == level]


def test_errors_are_found_at_their_places() -> None:
    found = places("error")
    missing = [r for r in reports("error") if not any(a == r["line"] and b <= r["col"] <= c for a, b, c in found)]
    assert not missing


def test_nothing_true_is_called_false() -> None:
    lines = [checked().notes.spot(e.formula.start).line for e in checked().refuted() if e.formula.display]
    assert not set(lines) & set(KNOWN["true_displays"])


def test_most_warnings_are_given() -> None:
    lines = {line for line, _, _ in places("warning")}
    given = [r for r in reports("warning") if r["line"] in lines]
    assert len(given) >= ENOUGH * len(reports("warning"))


def test_nothing_else_is_refuted() -> None:
    known = {r["line"] for r in KNOWN["report"] if r["level"] in ("error", "optional")}
    assert {line for line, _, _ in places("error")} <= known


@pytest.mark.slow
def test_repairs_hold() -> None:
    repaired = [e for e in checked().refuted() if e.repair is not None and e.code == "shape"]
    assert repaired
    for e in repaired:
        assert e.repair is not None
        text = checked().notes.text
        start, end = e.formula.start + e.repair_start, e.formula.start + e.repair_end
        again = check_notes(read_text(text[:start] + e.repair + text[end:]))
        assert not [o for o in again.refuted() if o.formula.start == e.formula.start]


def read_text(text: str) -> Any:
    from derivgen.notes.find import notes_of

    return notes_of(LECTURE, text)
