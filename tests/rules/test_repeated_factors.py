"""Products in which a vector, an outer product or a matrix of ones stands again and again, against closed forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import derivgen
from derivgen.errors import NoRule

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


@pytest.mark.parametrize("method", ["scalar", "chain"])
@pytest.mark.parametrize(
    ("expression", "wrt", "f"),
    [
        ("sum(sum(x - A[i, j] * w for j in range(k)) for i in range(n))", "x", lambda w, x, A, **_: 8 * x - A.sum() * w),
        ("kron(w, sum(sum(ones(k) - A[i, j] for j in range(k)) for i in range(n)))", "w",
         lambda w, A, **_: np.kron(w, (8 - A.sum()) * np.ones(2))),
        ("sum(sum((B - A[i, j]) * w[i]**2 for j in range(k)) for i in range(n)).T @ x", "w",
         lambda w, x, A, B, **_: (2 * (w @ w) * B - (w**2 @ A).sum()).T @ x),
        ("w @ w.T @ (b**2 * x @ x.T) @ w + x @ x.T @ (b * w @ w.T) @ w", "b",
         lambda w, x, b, **_: w * (w @ x) ** 2 * b**2 + b * x * (w @ x) * (w @ w)),
        ("(A @ ones(k) @ (A @ ones(k)).T) @ ([a / (1 + b**2) for i in range(n)] @ [a / (1 + b**2) for i in range(n)].T) @ w", "b",
         lambda w, A, a, b, **_: A.sum(axis=1) * A.sum() * (a / (1 + b**2)) ** 2 * w.sum()),
    ],
)  # fmt: skip
def test_arrays_under_sums(expression: str, wrt: str, f: Callable[..., Any], method: Any) -> None:
    """An array with indices of its own is no entry: what is the same in all entries stays beside it."""
    d = derivgen.derive(expression, wrt, WHERE, method=method)
    assert d.verdict == "verified"
    np.testing.assert_allclose(d.evaluate(POINT), by_differences(f, wrt), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    "expression", ["w / zeros(n)", "a / (b - b)", "x / (zeros(m).T @ u)", "b * sum((x - x)**(-2))", "sum(1 / (0 * w))"]
)
def test_what_divides_by_zero_is_refused(expression: str) -> None:
    for wrt in "wabx":
        with pytest.raises(NoRule, match="is 0 whatever the variables are") as refusal:
            derivgen.derive(expression, wrt, WHERE)
        assert refusal.value.hint


def test_a_case_that_never_holds_may_divide_by_zero() -> None:
    assert derivgen.derive("where(a > 0, a, 1 / (b - b))", "a", WHERE).verdict == "verified"
