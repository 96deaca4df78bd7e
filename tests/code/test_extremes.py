"""The entries that reach an extreme, in numbers: both sides of the comparison are one, so that rounding parts no two."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import derivgen
from tests.code.test_code import function

WHERE = "A, B in R^(n*n); x in R^n; c in R; S in Sym(n)"

EXTREMES = [
    ("max(A @ (ones(n) + c))", "A"), ("max(A @ (ones(n) + c))", "c"), ("min((2*A + A) @ x)", "x"), ("max(A @ A.T)", "A"),
    ("min(B.T @ A @ B)", "B"), ("max((A + B) @ x - x*c)", "x"), ("max(tanh(A @ (B @ x)))", "x"), ("max(A @ x @ x.T)", "A"),
    ("min(x @ x.T * c)", "x"), ("max(A.T @ A) + min(A @ B)", "A"), ("max(S @ S)", "S"), ("max(S @ S @ S)", "S"), ("max(A @ S @ A.T)", "S"),
    ("max((A + A.T) @ (A + A.T) @ A.T)", "A"), ("sum(max(A @ A.T, (A @ A.T).T))", "A"), ("max(c*x + 1/3)", "x"),
]  # fmt: skip


def point(rng: np.random.Generator, n: int = 4) -> dict[str, Any]:
    a, b, s = rng.normal(size=(3, n, n))
    return {"A": a, "B": b, "x": rng.normal(size=n), "c": float(rng.normal()), "S": s + s.T}


@pytest.mark.parametrize(("expression", "wrt"), EXTREMES)
def test_an_entry_reaches_the_extreme_in_floats_too(expression: str, wrt: str) -> None:
    d = derivgen.derive(expression, wrt, WHERE)
    assert d.verdict == "verified"
    code = function(d)
    rng = np.random.default_rng(3)
    for _ in range(40):
        at = point(rng)
        way = np.asarray(point(rng)[wrt])
        slope = [d.value({**at, wrt: at[wrt] + h * way}) for h in (1e-6, -1e-6)]
        expected = (slope[0] - slope[1]) / 2e-6
        told = np.asarray(d.evaluate(at))
        written = np.asarray(code(**at, n=4)).reshape(told.shape)
        for gradient in (told, written):
            assert np.tensordot(gradient, way, axes=way.ndim) == pytest.approx(expected, rel=1e-4, abs=1e-4)
