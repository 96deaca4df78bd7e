"""Which side stands first is none of the answer: two expressions are judged alike, and read alike, from either side."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import derivgen
from derivgen.errors import DerivgenError

HERE, DATA = Path(__file__).parent, Path(__file__).parent.parent / "data"
PAIRS = [
    (c["a"], c["b"], c["where"])
    for name in ("truths", "falsehoods")
    for c in json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
]
CASES = [
    (c["latex"], c["text"], where)
    for c in json.loads((DATA / "cases.json").read_text(encoding="utf-8"))
    for where in (c["where"], "")
    if c["latex"]
]
UNDECLARED = [
    (r"\mathbf 1^T A^{\circ 2} \mathbf 1", r"x^T \tanh(A) x", ""),  # 𝟏 has the length of A, wherever it is met
    (r"\mathbf 1^T \tanh(x)", r"\mathbf 1^T A x", ""),
    (r"x^T A x", r"\operatorname{tr}(A x x^T)", ""),
    (r"\|x\|^2 \mathbf 1^T \mathbf 1", r"n x^T x", "x in R^n"),
]


def told(left: str, right: str, where: str) -> tuple[str, frozenset[str]]:
    try:
        verdict = derivgen.equal(left, right, where=where)
    except DerivgenError as refused:
        return "refused" if refused.message else "", frozenset()
    words = frozenset(word for said in verdict.reading for word in said.replace(";", " ").replace(",", " ").split())
    return verdict.status, words


@pytest.mark.parametrize(("left", "right", "where"), [*PAIRS, *CASES, *UNDECLARED])
def test_from_either_side(left: str, right: str, where: str) -> None:
    (one, read), (other, read_too) = told(left, right, where), told(right, left, where)
    assert read == read_too
    assert (one == "refused") == (other == "refused")
    assert (one == "verified") == (other == "verified")
