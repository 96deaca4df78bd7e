"""The corpus, derived once for all readers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from derivgen import derive
from derivgen.derivation import Derivation


@pytest.fixture(scope="session")
def corpus(root: Path) -> dict[str, Derivation]:
    """Every case of the corpus by its name, derived. The judge is not asked: it is the printing that is tested."""
    cases = json.loads((root / "tests" / "data" / "cases.json").read_text(encoding="utf-8"))
    found = {}
    for case in cases:
        order = case.get("order", 1)
        found[case["id"]] = derive(case["text"], wrt=case["wrt"], where=case["where"], order=order, check=False)
    return found
