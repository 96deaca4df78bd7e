"""Stacked arrays: vec, kron and the matrix form of derivatives with three axes or more, against NumPy's own numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import derivgen
from derivgen.check.evaluate import evaluate

WHERE = "A in R^(k*m); X in R^(m*n); Z in R^(m*n); B in R^(n*p); S in R^(n*n); x in R^n; a in R^m; y in R^(mn); C in R^(p*(m*n))"
SIZES = {"k": 2, "m": 3, "n": 4, "p": 5}


def point(seed: int = 3) -> dict[str, Any]:
    draw = np.random.default_rng(seed)
    k, m, n, p = SIZES.values()
    shapes = {"A": (k, m), "X": (m, n), "Z": (m, n), "B": (n, p), "S": (n, n), "x": (n,), "a": (m,), "y": (m * n,),
              "C": (p, m * n)}  # fmt: skip
    return {name: draw.normal(size=shape) for name, shape in shapes.items()}


def vec(u: Any) -> Any:
    return np.asarray(u).reshape(-1, order="F")


VALUES: dict[str, Any] = {
    "A @ X @ B": lambda p: p["A"] @ p["X"] @ p["B"],
    "vec(A @ X @ B)": lambda p: vec(p["A"] @ p["X"] @ p["B"]),
    "X @ X.T": lambda p: p["X"] @ p["X"].T,
    "X.T @ X": lambda p: p["X"].T @ p["X"],
    "X.T": lambda p: p["X"].T,
    "tanh(X)": lambda p: np.tanh(p["X"]),
    "X * Z": lambda p: p["X"] * p["Z"],
    "A @ exp(X) @ B": lambda p: p["A"] @ np.exp(p["X"]) @ p["B"],
    "norm(X) * X": lambda p: np.linalg.norm(p["X"]) * p["X"],
    "X @ x": lambda p: p["X"] @ p["x"],
    "X.T @ a": lambda p: p["X"].T @ p["a"],
    "softmax(X @ x)": lambda p: np.exp(p["X"] @ p["x"]) / np.exp(p["X"] @ p["x"]).sum(),
    "C @ vec(X)": lambda p: p["C"] @ vec(p["X"]),
    "y * vec(X)": lambda p: p["y"] * vec(p["X"]),
    "kron(A, X)": lambda p: np.kron(p["A"], p["X"]),
    "kron(X, A)": lambda p: np.kron(p["X"], p["A"]),
    "kron(X, x)": lambda p: np.kron(p["X"], p["x"][:, None]),
    "kron(x.T, X)": lambda p: np.kron(p["x"][None, :], p["X"]),
    "vec(X) @ vec(X).T": lambda p: np.outer(vec(p["X"]), vec(p["X"])),
    "commutation(m, n) @ vec(X)": lambda p: vec(p["X"].T),
}


def by_differences(f: Any, at: dict[str, Any], name: str) -> Any:
    """The partials of every entry by every entry of a variable: axes of the value, then of the variable."""
    step = 1e-5
    columns = []
    for place in np.ndindex(at[name].shape):
        plus, minus = at[name].copy(), at[name].copy()
        plus[place] += step
        minus[place] -= step
        columns.append((f({**at, name: plus}) - f({**at, name: minus})) / (2 * step))
    stacked = np.stack(columns, axis=-1)
    return stacked.reshape(*stacked.shape[:-1], *at[name].shape)


def column_major(tensor: Any, rank: int) -> Any:
    """∂vec(Y)/∂vec(X) from the partials, by NumPy's own order F."""
    rows = tensor.shape[:rank]
    return tensor.reshape(int(np.prod(rows)), -1, order="F")


@pytest.mark.parametrize("expression", VALUES)
def test_entries_and_the_stacked_form_by_a_matrix(expression: str) -> None:
    d = derivgen.derive(expression, wrt="X", where=WHERE)
    assert d.verdict == "verified"
    assert d.stacked is not None
    at = point()
    assert np.allclose(d.value(at), VALUES[expression](at))
    expected = by_differences(VALUES[expression], at, "X")
    assert np.allclose(d.evaluate(at), expected, atol=1e-6)
    found = evaluate(d.stacked.result, {**at, **SIZES})
    assert np.allclose(found, column_major(expected, expected.ndim - 2), atol=1e-6)


FORMS = [
    ("A @ X @ B", "X", "kron(B.T, A)"),
    ("inv(S)", "S", "-kron(inv(S).T, inv(S))"),
    ("X @ X.T", "X", "kron(X, eye(m)) + kron(eye(m), X) @ commutation(m, n)"),
    ("X.T", "X", "commutation(m, n)"),
    ("exp(X)", "X", "diag(vec(exp(X)))"),
    ("outer(x, x)", "x", "kron(x, eye(n)) + kron(eye(n), x)"),
    ("X * Z", "X", "diag(vec(Z))"),
    ("trace(S) * S", "S", "vec(S) @ vec(eye(n)).T + trace(S) * eye(n * n)"),
    ("diag(x)", "x", "diag(vec(eye(n))) @ kron(ones(n), eye(n))"),
    ("diag(S)", "S", "kron(ones(n).T, eye(n)) @ diag(vec(eye(n)))"),
    ("kron(A, X)", "X", "kron(eye(m), kron(commutation(n, k), eye(m))) @ kron(vec(A), eye(m * n))"),
]


@pytest.mark.parametrize(("expression", "wrt", "form"), FORMS)
def test_the_forms_are_those_of_textbooks(expression: str, wrt: str, form: str) -> None:
    """Magnus and Neudecker, Matrix Differential Calculus, chapters 3 and 9."""
    d = derivgen.derive(expression, wrt=wrt, where=WHERE)
    assert d.verdict == "verified"
    assert d.stacked is not None
    assert len(str(d.stacked.result)) <= len(form)
    assert derivgen.equal(str(d.stacked.result), form, WHERE).status == "verified"


TWO_AXES = [
    ("kron(a, x)", "x", "kron(a, eye(n))"),
    ("kron(x, a)", "x", "kron(eye(n), a)"),
    ("norm(vec(X))", "X", "X.T / norm(X)"),
    ("y @ vec(X)", "y", "vec(X).T"),
    ("vec(X).T @ kron(S, A.T @ A) @ vec(X)", "X", "(S + S.T) @ X.T @ A.T @ A"),
    ("trace(kron(S, S))", "S", "2 * trace(S) * eye(n)"),
    ("tanh(kron(x, a))", "x", "diag(1 - tanh(kron(x, a))**2) @ kron(eye(n), a)"),
]


@pytest.mark.parametrize(("expression", "wrt", "form"), TWO_AXES)
def test_derivatives_of_stacked_arrays(expression: str, wrt: str, form: str) -> None:
    d = derivgen.derive(expression, wrt=wrt, where=WHERE)
    assert d.verdict == "verified"
    assert derivgen.equal(str(d.result), form, WHERE).status == "verified"


def test_a_wrong_stacked_form_is_refuted() -> None:
    d = derivgen.derive("X @ X.T", wrt="X", where=WHERE)
    assert d.stacked is not None
    for wrong in ("kron(X, eye(m)) + kron(eye(m), X)", "kron(eye(m), X) @ commutation(m, n)",
                  "kron(eye(m), X) + kron(X, eye(m)) @ commutation(m, n)"):  # fmt: skip
        assert derivgen.equal(str(d.stacked.result), wrong, WHERE).status == "refuted"


@pytest.mark.parametrize(("a", "b"), [("vec(X)", "vec(X.T)"), ("kron(A, X)", "kron(X, A)"), ("kron(a, x)", "kron(x, a)"),
                                      ("commutation(m, n)", "commutation(n, m)")])  # fmt: skip
def test_the_order_matters(a: str, b: str) -> None:
    assert derivgen.equal(a, b, WHERE).status == "refuted"


@pytest.mark.parametrize("expression", ["vec(a * 0)[0] + a @ vec(x)", "kron(2, X)", "vec(3)", "y + a", "C @ vec(A)"])
def test_what_does_not_fit_is_refused(expression: str) -> None:
    with pytest.raises(derivgen.DerivgenError):
        derivgen.equal(expression, expression, WHERE)
