"""Derivatives that other systems get wrong: each is right here, by values from the definition of the derivative."""

from __future__ import annotations

import numpy as np
import pytest

import derivgen

GENERATOR = np.random.default_rng(11)
A = GENERATOR.uniform(-1, 1, (4, 4)) + 4 * np.eye(4)
X = GENERATOR.uniform(-1, 1, (6, 4))
x = GENERATOR.uniform(0.5, 2, 4)
y = GENERATOR.uniform(-1, 1, 6)
s = np.exp(x) / np.exp(x).sum()
norm = np.sqrt(x @ x)
e = np.exp(X @ x)

ROWS = [
    ("logdet(A)", "A", "A in R^(n*n)", np.linalg.inv(A).T),
    ("a.T @ x", "a", "a, x in R^n", x),
    ("log(x.T @ x)", "x", "x in R^n", 2 * x / (x @ x)),
    ("exp(-x.T @ A @ x / 9)", "x", "x in R^n; A in R^(n*n)", -np.exp(-x @ A @ x / 9) * (A + A.T) @ x / 9),
    ("softmax(x)", "x", "x in R^n", np.diag(s) - np.outer(s, s)),
    ("x / norm(x)", "x", "x in R^n", np.eye(4) / norm - np.outer(x, x) / norm**3),
    ("norm(y - exp(X @ x))**2", "x", "X in R^(N*n); x in R^n; y in R^N", -2 * ((y - e) * e) @ X),
    ("x @ x.T", "x", "x in R^n", np.einsum("ik,j->ijk", np.eye(4), x) + np.einsum("i,jk->ijk", x, np.eye(4))),
    ("exp(x)", "x", "x in R^n", np.diag(np.exp(x))),
    ("diag(x) @ A @ x", "x", "x in R^n; A in R^(n*n)", np.diag(A @ x) + np.diag(x) @ A),
]


@pytest.mark.parametrize(("text", "wrt", "where", "expected"), ROWS, ids=[r[0] for r in ROWS])
def test_first_derivative(text: str, wrt: str, where: str, expected: np.ndarray) -> None:
    d = derivgen.derive(text, wrt=wrt, where=where)
    assert d.verdict == "verified"
    point = {"A": A, "X": X, "x": x, "y": y, "a": x + 1}
    np.testing.assert_allclose(d.evaluate(point), expected, rtol=1e-11, atol=1e-13)


def test_the_hessian_of_a_quadratic_form_is_not_twice_the_matrix() -> None:
    d = derivgen.derive("x.T @ A @ x", wrt="x", where="x in R^n; A in R^(n*n)", order=2)
    assert str(d.result) == "A + A.T"
    assert d.verdict == "verified"


def test_a_function_of_a_derivative_is_never_taken_for_zero() -> None:
    d = derivgen.derive("f(x)", wrt="x", where="x in R^n; f: R^n -> R^m")
    assert str(d.result) == "D(f)(x)"
