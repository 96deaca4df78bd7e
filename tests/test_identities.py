"""Identities that tables of matrix calculus list: each is derived, verified, and found in the form that the tables print."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import derivgen
from tests.test_corpus import tokens

ROWS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "docs" / "data" / "identities.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("row", [pytest.param(r, id=f"{r['expression']} by {r['wrt']}") for r in ROWS])
def test_identity(row: dict[str, Any]) -> None:
    d = derivgen.derive(row["expression"], wrt=row["wrt"], where=row["where"], order=row["order"])
    assert d.verdict == "verified"
    assert derivgen.equal(str(d.result), row["answer"], row["where"]).status == "verified"
    assert tokens(str(d.result)) <= 1.5 * tokens(row["answer"])


def test_there_are_many() -> None:
    assert len({(r["expression"], r["wrt"], r["order"]) for r in ROWS}) == len(ROWS) >= 60
