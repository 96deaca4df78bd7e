"""Roots that stay zero where two indices agree: the derivative has a value there, and it is right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import derivgen

WHERE = "X in R^(m*n); A in R^(k*n); x, y in R^m; a in R"
RNG = np.random.default_rng(11)
POINT: dict[str, Any] = {"X": RNG.normal(size=(3, 2)), "A": RNG.normal(size=(4, 2)), "x": RNG.normal(size=3),
                         "y": RNG.normal(size=3), "a": 0.7}  # fmt: skip


def differences(d: derivgen.Derivation, wrt: str) -> Any:
    """The derivative by central differences of the value."""
    at = np.asarray(POINT[wrt])
    columns = []
    for place in np.ndindex(at.shape):
        step = np.zeros(at.shape)
        step[place] = 1e-6
        columns.append((d.value(POINT | {wrt: at + step}) - d.value(POINT | {wrt: at - step})) / 2e-6)
    return np.stack(columns, axis=-1).reshape((*columns[0].shape, *at.shape))


@pytest.mark.parametrize("method", ["scalar", "chain"])
@pytest.mark.parametrize(
    ("expression", "wrt"),
    [
        ("sum(norm(X[i] - X[j]) for i in range(m) for j in range(m))", "X"),
        ("sum(y[i] * y[j] * norm(X[i] - X[j]) for i in range(m) for j in range(m))", "X"),
        ("sum(exp(-a * norm(X[i] - X[j])) for i in range(m) for j in range(m))", "X"),
        ("sum(exp(-a * norm(X[i] - X[j])) for i in range(m) for j in range(m))", "a"),
        ("sum(sqrt((x[i] - x[j])**2) for i in range(m) for j in range(m))", "x"),
        ("sum(sqrt(norm(X[i] - X[j])) for i in range(m) for j in range(m))", "X"),
        ("sum((norm(X[i] - X[j]) - y[i])**2 for i in range(m) for j in range(m))", "X"),
        ("[[norm(X[i] - X[j]) for j in range(m)] for i in range(m)]", "X"),
    ],
)
def test_pairs(expression: str, wrt: str, method: Any) -> None:
    d = derivgen.derive(expression, wrt, WHERE, method=method)
    assert d.verdict == "verified"
    np.testing.assert_allclose(d.evaluate(POINT), differences(d, wrt), atol=1e-7)
    space: dict[str, Any] = {}
    exec(d.to("numpy"), space)
    function = next(f for name, f in space.items() if name.startswith(("gradient", "jacobian", "derivative")))
    wanted = function.__code__.co_varnames[: function.__code__.co_argcount]
    with np.errstate(all="ignore"):
        found = function(**{name: POINT[name] for name in wanted})
    np.testing.assert_allclose(found, d.evaluate(POINT), atol=1e-12)


@pytest.mark.parametrize("expression", ["norm(A @ (X[i] - X[j]))", "log(1 + norm(X[i] - X[j]))"])
def test_within_other_functions(expression: str) -> None:
    """Some smaller steps have no value at the pairs left out; the answer has."""
    d = derivgen.derive(f"sum({expression} for i in range(m) for j in range(m))", "X", WHERE)
    assert d.answer_check is not None
    assert d.answer_check.status == "verified"
    np.testing.assert_allclose(d.evaluate(POINT), differences(d, "X"), atol=1e-7)


@pytest.mark.parametrize(
    "expression", ["sqrt(max(x, a))", "log(max(x, a))", "sqrt(min(x, 2 * a + 3))", "max(x, a)**(3/2)"]
)
def test_a_root_of_a_maximum_keeps_it(expression: str) -> None:
    """The other of the two may be negative, where the derivative is 0 and not undefined."""
    d = derivgen.derive(f"sum({expression})", "x", WHERE)
    assert d.verdict == "verified"
    point: dict[str, Any] = {"x": np.array([-1.0, 2.0, 9.0]), "a": 1.0}
    if "min" in expression:
        point["x"] = np.array([1.0, 2.0, 9.0])
    step = 1e-6 * np.eye(3)
    expected = [(d.value(point | {"x": point["x"] + s}) - d.value(point | {"x": point["x"] - s})) / 2e-6 for s in step]
    np.testing.assert_allclose(d.evaluate(point), expected, atol=1e-7)
