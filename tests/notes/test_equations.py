"""True and false equations as authors write them: no true one is refuted, no false one verified, nearly all are decided."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from derivgen.notes.check import check_notes
from derivgen.notes.find import notes_of

DATA = Path(__file__).parent.parent / "data"
PAIRS = json.loads((DATA / "equations.json").read_text(encoding="utf-8"))
MEANT = json.loads((DATA / "equations_meant.json").read_text(encoding="utf-8"))
"""Equations that rest on another section, on what is held abstract, or on a habit of writing that nothing declares."""

FEWEST = 0.9
"""The least share that is decided in each part; of all it is more than 0.95."""

CHUNKS = 8


def verdict(given: str, equation: str) -> str:
    notes = notes_of(Path("notes.md"), f"{given}\n\n$${equation}$$\n")
    return [e for e in check_notes(notes).equalities if e.formula.display][-1].verdict


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_verdicts(chunk: int) -> None:
    said = [(kind, verdict(p["given"], p[kind]), p[kind]) for p in PAIRS[chunk::CHUNKS] for kind in ("true", "false")]
    assert not [s for s in said if s[:2] in (("true", "refuted"), ("false", "verified"))]
    decided = sum(v != "unchecked" for _, v, _ in said)
    assert decided >= FEWEST * len(said), [s for s in said if s[1] == "unchecked"]


@pytest.mark.parametrize("chunk", range(CHUNKS // 2))
def test_what_is_meant_without_being_said(chunk: int) -> None:
    """True ones are verified. False ones may be left open, since another meaning may make them true."""
    said = [
        (kind, verdict(p["given"], p[kind]), p[kind]) for p in MEANT[chunk :: CHUNKS // 2] for kind in ("true", "false")
    ]
    assert not [s for s in said if s[:2] in (("true", "refuted"), ("false", "verified"))]
    true = [v for kind, v, _ in said if kind == "true"]
    assert true.count("verified") >= FEWEST * len(true), [s for s in said if s[:2] == ("true", "unchecked")]


def test_there_are_enough() -> None:
    assert len(PAIRS) >= 200
    assert len(MEANT) >= 60
    assert len({p["true"] for p in PAIRS}) >= 199
