"""A sample of the random expressions of the long profile (``python -m tests.fuzz``): the same in every run, printed."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pytest

import derivgen
from derivgen.catalog import GLOSSARY
from derivgen.read.functions import SPECIAL
from tests.fuzz.compare import NOT_COMPARED, NOWHERE, REFUSED, UNCHECKED, WRONG, outcome
from tests.fuzz.generate import question
from tests.fuzz.interpret import Scope, Value, interpret
from tests.fuzz.profile import FAULTS, run, table
from tests.fuzz.shrink import shrunk
from tests.fuzz.spaces import Floats
from tests.fuzz.words import Question

SAMPLE, SEED = 300, 2026


@pytest.mark.slow
def test_what_is_derived_is_verified_and_right(
    record_property: Callable[[str, object], None], capsys: pytest.CaptureFixture[str]
) -> None:
    sample = list(run(SEED, range(SAMPLE), 1))
    lines = table([f.outcome for f in sample])
    for line in lines:
        record_property("fuzz", line.strip())
    with capsys.disabled():
        print("", *lines, sep="\n")
    faults = [f for f in sample if f.outcome.kind in FAULTS]
    assert not faults, [(f.outcome.kind, f.number, f.q, f.outcome.reason) for f in faults]
    derived = [f for f in sample if f.outcome.kind not in (REFUSED, NOWHERE)]
    unchecked = [(f.number, f.q.expression, f.outcome.reason) for f in derived if f.outcome.kind == UNCHECKED]
    assert len(unchecked) <= 0.02 * len(derived), unchecked  # of many it is one in a hundred; these are few
    assert sum(f.outcome.kind == REFUSED for f in sample) <= 0.03 * len(sample)
    assert sum(f.outcome.kind == NOT_COMPARED for f in sample) <= 0.01 * len(sample)


# --- the comparison itself ---


def test_a_wrong_answer_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer of another question, said to be verified."""
    derive = derivgen.derive
    for right, other in (
        ("x.T @ x", "3 * x.T @ x"),
        ("sum(sin(x))", "sum(sin(x)) + 1e-4 * x[0]"),
        ("x @ y.T", "y @ x.T"),
    ):
        q = Question(right, "x", "x, y in R^n", sizes={"n": 3})
        assert outcome(q).kind == "verified and right"
        monkeypatch.setattr(derivgen, "derive", lambda e, other=other, **k: derive(other, **k))
        assert outcome(q).kind == WRONG
        monkeypatch.setattr(derivgen, "derive", derive)


def test_kinks_are_passed_over_and_roots_of_zero_are_not() -> None:
    assert outcome(Question("norm(x - x)", "x", "x in R^n", sizes={"n": 2})).kind in ("verified and right", UNCHECKED)
    assert outcome(Question("max(a - a, 0) * abs(a)", "a", "a in R")).kind == "verified and right"


def test_a_fault_is_made_small() -> None:
    q = Question(
        "sin(x[0]) * sum(cos(x) + det(C) * y) / 2", "x", "x, y in R^n; C in R^(n*n)", 2, "scalar", sizes={"n": 2}
    )
    small = shrunk(q, lambda other: "det(" in other.expression)
    assert len(small.expression) < 12
    assert (small.order, small.method) == (1, "auto")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("kron(x, y)", [3.0, 4.0, 6.0, 8.0]),
        ("vec(A)", [1.0, 3.0, 2.0, 4.0]),
        ("commutation(n, n) @ vec(A)", [1.0, 2.0, 3.0, 4.0]),
        ("(A @ x).T @ inv(A)", [6.5, -0.5]),
        ("sum(i * x[i] for i in range(n))", 2.0),
        ("where(x > 1, x, y)", [3.0, 2.0]),
        ("-x**2 @ y", -19.0),
        ("max(x[0], y[0], 2)", 3.0),
        ("[x.T, y.T]", [[1.0, 2.0], [3.0, 4.0]]),
        ("[[A[j, i] for j in range(n)] for i in range(n)]", [[1.0, 3.0], [2.0, 4.0]]),
    ],
)
def test_the_second_reading(expression: str, expected: Any) -> None:
    """Values worked out by hand."""
    values = {
        "A": Value(np.array([[1.0, 2.0], [3.0, 4.0]])),
        "x": Value(np.array([1.0, 2.0])),
        "y": Value(np.array([3.0, 4.0])),
    }
    found = interpret(expression, Scope(values, {"n": 2}), Floats())
    np.testing.assert_allclose(found.data, expected)


def test_questions_have_all_that_the_dialect_has() -> None:
    text = " ".join(question(Random(f"words/{k}")).expression for k in range(3000))
    names = set(re.findall(r"\w+", text))
    comparisons = {">", "<", ">=", "<=", "==", "!="}
    spelled = {"greater", "less", "greater_equal", "less_equal", "equal", "not_equal"}  # written by their signs
    assert (set(GLOSSARY.by_name) | set(SPECIAL)) - names - spelled - {"transpose"} == set()
    assert comparisons - set(re.findall(r"[<>=!]+", text)) == set()
    assert {"D", "for", "T"} <= names
    assert "[:, " in text
