"""An answer that is not the derivative: the check of the answer against the derivative does not verify it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import derivgen
from derivgen.read import parse_text

HERE = Path(__file__).parent
IDENTITIES: list[dict[str, Any]] = json.loads(
    (HERE.parent.parent / "docs" / "data" / "identities.json").read_text(encoding="utf-8")
)
FALSE: list[dict[str, Any]] = json.loads((HERE / "falsehoods.json").read_text(encoding="utf-8"))


def test_no_mutated_answer_is_verified(capsys: pytest.CaptureFixture[str]) -> None:
    """With a sign, a factor or a transpose changed, or wrong only at other lengths, on one side, or by 10⁻⁴⁰."""
    questions = {(i["answer"], i["where"]): i for i in IDENTITIES}
    outcomes: Counter[str] = Counter()
    verified = []
    for r in FALSE:
        asked = questions.get((r["a"], r["where"]))
        if asked is None or not r["kind"].startswith("mutated"):
            continue
        d = derivgen.derive(asked["expression"], asked["wrt"], asked["where"], order=asked["order"], check=False)
        answer = replace(d, result=parse_text(r["b"], r["where"]), steps=()).check().answer
        assert answer is not None
        outcomes[answer.status] += 1
        if answer.status == "verified":
            verified.append((asked["expression"], asked["wrt"], r["b"]))
    with capsys.disabled():
        print(f"\nmutated answers: {dict(outcomes)}")
    assert verified == []
    assert outcomes.total() >= 110
    assert outcomes["refuted"] >= 0.9 * outcomes.total()
