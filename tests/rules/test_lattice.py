"""The larger of what is named twice, or of a number and itself in disguise, is derived as what it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import derivgen

Function = Callable[..., Any]

TIED: list[tuple[str, str, Function]] = [
    ("max(x, x)", "1", lambda x, y: x),
    ("max(x, y, x)", "where(x > y, 1, 0)", lambda x, y: max(x, y)),
    ("max(max(x, y), min(x, y))", "where(x > y, 1, 0)", lambda x, y: max(x, y)),
    ("min(max(x, y), x)", "1", lambda x, y: x),
    ("max(x, relu(x))", "where(x > 0, 1, 0)", lambda x, y: max(x, 0)),
    ("max(x, abs(x))", "sign(x)", lambda x, y: abs(x)),
    ("min(-x, abs(x))", "-1", lambda x, y: -x),
    ("abs(abs(x)) + abs(-2 * x)", "3 * sign(x)", lambda x, y: 3 * abs(x)),
    ("max(0, max(0, x * y))", "where(x * y > 0, y, 0)", lambda x, y: max(0, x * y)),
    ("max(2, max(x, 1))", "where(x > 2, 1, 0)", lambda x, y: max(2, x)),
    ("relu(-relu(x)) + y", "0", lambda x, y: y),
    ("max(0, min(0, x)) + x", "1", lambda x, y: x),
    ("max(x, -x)", "sign(x)", lambda x, y: abs(x)),
    ("max(x, 2 * x)", "(x < 0) + 2 * (x > 0)", lambda x, y: max(x, 2 * x)),
    ("abs(x)**3", "3 * x * abs(x)", lambda x, y: abs(x) ** 3),
]


@pytest.mark.parametrize(("expression", "answer", "function"), [pytest.param(*row, id=row[0]) for row in TIED])
def test_what_always_ties_has_the_derivative_of_either_side(expression: str, answer: str, function: Function) -> None:
    d = derivgen.derive(expression, "x", "x, y in R")
    assert d.verdict == "verified"
    assert derivgen.equal(str(d.result), answer, "x, y in R").status == "verified"
    h = 2.0**-20
    for x, y in ((3.0, 0.75), (1.5, 2.25), (-1.25, 2.0), (-0.5, -3.0), (0.5, -1.5)):
        slope = (function(x + h, y) - function(x - h, y)) / (2 * h)
        assert np.isclose(d.evaluate({"x": x, "y": y}), slope, rtol=1e-6, atol=1e-9), (x, y)
        assert d.value({"x": x, "y": y}) == pytest.approx(function(x, y))


def test_they_are_seen_in_arrays_and_below_sums() -> None:
    where = "X in R^(N*n); W in R^(m*n); w, x in R^n; b in R"
    for expression, wrt, answer in (
        ("max(0, relu(W @ x))", "x", "diag(W @ x > 0) @ W"),
        ("max(0, max(0, w.T @ x + b))", "w", "where(w.T @ x + b > 0, x.T, 0)"),
        ("sum(relu(relu(X[i] @ w)) for i in range(N))", "w", "sum(where(X[i].T @ w > 0, X[i].T, 0) for i in range(N))"),
        ("sum(relu(W @ x)**2)", "x", "2 * relu(W @ x).T @ W"),
        ("sum(max(0, x)**2)", "x", "2 * max(0, x).T"),
        ("norm(abs(x))**2", "x", "2 * x.T"),
    ):
        d = derivgen.derive(expression, wrt, where)
        assert (str(d.result), d.verdict) == (answer, "verified")


def test_the_derivation_says_so() -> None:
    first, *_ = derivgen.derive("max(b, b)", "b", "b in R").steps
    assert (first.rule, str(first.before), str(first.after)) == ("named-once", "max(b, b)", "b")
    assert derivgen.derive("max(b, b)", "b", "b in R").conditions == ()
