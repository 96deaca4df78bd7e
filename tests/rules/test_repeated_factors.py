"""Products in which a vector, an outer product or a matrix of ones stands again and again, against closed forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import derivgen

RNG = np.random.default_rng(5)
W, X = RNG.normal(size=4), RNG.normal(size=4)
A, B, Y, Z = (RNG.normal(size=(4, 2)) for _ in range(4))
POINT: dict[str, Any] = {"w": W, "x": X, "A": A, "B": B, "Y": Y, "Z": Z, "a": 0.6, "b": 0.7, "u": RNG.normal(size=3)}

WHERE = "w, x in R^n; A, B, Y, Z in R^(n*k); a, b in R; u in R^m"


def by_differences(f: Callable[..., Any], wrt: str) -> Any:
    """The derivative of a function of arrays, by central differences: the axes of the value, then those of ``wrt``."""
    at = np.asarray(POINT[wrt], dtype=float)
    columns = []
    for place in np.ndindex(at.shape):
        step = np.zeros(at.shape)
        step[place] = 1e-5
        ahead, back = (np.asarray(f(**POINT | {wrt: at + sign * step})) for sign in (1, -1))
        columns.append((ahead - back) / 2e-5)
    return np.stack(columns, axis=-1).reshape((*columns[0].shape, *at.shape))


@pytest.mark.parametrize("method", ["auto", "scalar", "chain"])
@pytest.mark.parametrize(
    ("expression", "wrt", "f"),
    [
        ("w.T @ (w @ w.T) @ w * b**2", "b", lambda w, b, **_: (w @ w) ** 2 * b**2),
        ("w.T @ (w @ w.T) @ w * b**2", "w", lambda w, b, **_: (w @ w) ** 2 * b**2),
        ("sin(w.T @ (w @ w.T) @ w)", "w", lambda w, **_: np.sin((w @ w) ** 2)),
        ("sqrt(w.T @ w @ w.T @ w)", "w", lambda w, **_: w @ w),
        ("w.T @ (w @ w.T) @ (w @ w.T) @ w", "w", lambda w, **_: (w @ w) ** 3),
        ("w.T @ (x @ x.T) @ (w @ x.T) @ x", "x", lambda w, x, **_: (w @ x) ** 2 * (x @ x)),
        ("w.T @ (x @ x.T) @ w / norm(x @ w.T)", "x",
         lambda w, x, **_: (w @ x) ** 2 / np.sqrt((x @ x) * (w @ w))),
        ("mean(w**2) * w.T @ (w @ w.T) @ w", "w", lambda w, **_: np.mean(w**2) * (w @ w) ** 2),
        ("norm(w.T @ w * w)", "w", lambda w, **_: (w @ w) ** 1.5),
        ("(B * A) @ (a * ones(k, m))", "a", lambda A, B, a, **_: (B * A) @ (a * np.ones((2, 3)))),
        ("sum(((B * A) @ ones(k, m))**2)", "A", lambda A, B, **_: np.sum(((B * A) @ np.ones((2, 3))) ** 2)),
        ("sum(ones(m, n) @ (A * B))", "A", lambda A, B, **_: np.sum(np.ones((3, 4)) @ (A * B))),
        ("sum(sin(ones(m, n) @ (A * B)))", "A", lambda A, B, **_: np.sum(np.sin(np.ones((3, 4)) @ (A * B)))),
        ("det(ones(k, k) * b + Y.T @ Z)", "Y", lambda Y, Z, b, **_: np.linalg.det(b * np.ones((2, 2)) + Y.T @ Z)),
        ("trace(ones(k, n) @ (Y * Z))", "Y", lambda Y, Z, **_: np.sum(Y * Z)),
    ],
)  # fmt: skip
def test_products(expression: str, wrt: str, f: Callable[..., Any], method: Any) -> None:
    d = derivgen.derive(expression, wrt, WHERE, method=method)
    assert d.verdict == "verified"
    np.testing.assert_allclose(d.evaluate(POINT), by_differences(f, wrt), rtol=1e-6, atol=1e-7)
