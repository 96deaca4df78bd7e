"""A quotient stands in its own derivative, where it has the letter of the value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import derivgen


@pytest.mark.parametrize(("text", "where", "layout", "answer"), [
    ("(x.T @ A @ x) / (x.T @ x)", "A in Sym(n); x in R^n", "numerator", "2(xᵀA − yxᵀ) / (xᵀx)"),
    ("(x.T @ A @ x) / (x.T @ x)", "A in Sym(n); x in R^n", "gradient", "2(Ax − yx) / (xᵀx)"),
    ("(x.T @ A @ x) / (x.T @ C @ x)", "A, C in Sym(n); x in R^n", "numerator", "2xᵀ(A − yC) / (xᵀCx)"),
    ("2 * (a.T @ x) / (1 + b.T @ x)", "a, b, x in R^n", "gradient", "(2a − yb) / (1 + bᵀx)"),
])  # fmt: skip
def test_the_answer_is_in_the_letter_of_the_value(text: str, where: str, layout: Any, answer: str) -> None:
    d = derivgen.derive(text, "x", where, layout=layout)
    assert d.verdict == "verified"
    assert "y" not in str(d.result).replace("eye", "")
    said = d.to("text").split("Answer")[1]
    assert f"∂y/∂x = {answer}\n" in said
    assert "where\n    y = " in said
    assert d.steps[-1].rule == "value-by-letter"


def test_its_value_is_that_of_finite_differences() -> None:
    d = derivgen.derive("(x.T @ A @ x) / (x.T @ x)", "x", "A in Sym(n); x in R^n")
    rng = np.random.default_rng(2)
    a, x = rng.normal(size=(3, 3)), rng.normal(size=3)
    a += a.T

    def value(v: Any) -> Any:
        return v @ a @ v / (v @ v)

    expected = [(value(x + h) - value(x - h)) / 2e-6 for h in 1e-6 * np.eye(3)]
    np.testing.assert_allclose(d.evaluate({"A": a, "x": x}), expected, rtol=1e-6)


@pytest.mark.parametrize(("text", "where"), [
    ("x / (k + x)", "x, k in R"),
    ("(a.T @ x) / norm(a)", "a, x in R^n"),
    ("1 / (1 + b.T @ x)", "b, x in R^n"),
    ("(a.T @ x)**2 / (b.T @ x)", "a, b, x in R^n"),
])  # fmt: skip
def test_elsewhere_it_has_none(text: str, where: str) -> None:
    d = derivgen.derive(text, "x", where)
    assert d.verdict == "verified"
    assert "value-by-letter" not in {s.rule for s in d.steps}


def test_the_letter_in_a_title_is_that_of_the_step() -> None:
    text = derivgen.derive("-sum(sum(T[i,k] * log(softmax(W @ P[i])[k]) for k in range(K)) for i in range(N))", "W",
                           "T in R^(N*K); P in R^(N*M); W in R^(K*M)").to("text")  # fmt: skip
    assert "Carry it back to zᵢ\n" in text
    rows = derivgen.derive(
        "sum(norm(X[i] - W @ Z[i])**2 for i in range(N))", "W", "X in R^(N*n); Z in R^(N*k); W in R^(n*k)"
    ).to("text")
    assert "Differentiate Cᵢ by rᵢ\n" in rows
    assert "δᵢ stands for 2rᵢ, and rᵢ for xᵢ − Wzᵢ" in rows


def test_a_quotient_without_a_number_in_front_has_no_one_over_one() -> None:
    text = derivgen.derive("u.T @ x / norm(x)", "x", "u, x in R^n").to("text")
    assert "1/1" not in text
    assert "uᵀ/‖x‖ − yxᵀ/‖x‖²" in text
