"""Identities that tables of matrix calculus list: each is derived, verified, and found in the form that the tables print."""

from __future__ import annotations

import json
import os
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


def page() -> str:
    """The page of the manual: every identity as a block that is derived and checked while the site is built."""
    parts = [
        "---",
        "derivgen:",
        "  fold: row",
        "  detail: brief",
        "---",
        "",
        "# Identities",
        "",
        "Each line is derived, checked and printed while this page is built; it opens its derivation. Numerator layout throughout.",
        "",
    ]
    for group in dict.fromkeys(r["group"] for r in ROWS):
        parts += [f"## {group.capitalize()}", ""]
        for r in (r for r in ROWS if r["group"] == group):
            order = [f"order: {r['order']}"] if r["order"] != 1 else []
            title = f"title: {r['expression']} by {r['wrt']}" + (", twice" if order else "")
            lines = [r["expression"], f"wrt: {r['wrt']}", f"where: {r['where']}", *order, title]
            parts += ["```derivation", *lines, "```", ""]
    return "\n".join(parts)


def test_the_manual_lists_them_all(root: Path) -> None:
    written = root / "docs" / "identities.md"
    if os.environ.get("DERIVGEN_REWRITE"):
        written.write_text(page(), encoding="utf-8")
    assert written.read_text(encoding="utf-8") == page(), "run the tests once with DERIVGEN_REWRITE=1"
