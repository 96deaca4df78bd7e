"""True and false equations as authors write them: no true one is refuted, no false one verified, nearly all are decided."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from derivgen.notes.check import check_notes
from derivgen.notes.find import notes_of

PAIRS = json.loads((Path(__file__).parent.parent / "data" / "equations.json").read_text(encoding="utf-8"))
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


def test_there_are_enough() -> None:
    assert len(PAIRS) >= 200
    assert len({p["true"] for p in PAIRS}) >= 199
