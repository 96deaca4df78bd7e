"""Quotients, products and functions of numbers go by the gradients of these, not by the entries of the whole."""

from __future__ import annotations

from typing import Any

import pytest

from derivgen import derive
from derivgen.expr import Partial, Sum, walk

CASES = [
    ("x.T @ A @ x / (x.T @ x)", "x", "A in Sym(n); x in R^n", "quotient-of-values", 5),
    ("w.T @ B @ w / (w.T @ S @ w)", "w", "B in Sym(n); S in PD(n); w in R^n", "quotient-of-values", 5),
    ("a.T @ x / (norm(a) * norm(x))", "x", "a, x in R^n", "quotient-of-values", 4),
    ("(a.T @ x + b) / (c.T @ x + d)", "x", "a, c, x in R^n; b, d in R", "quotient-of-values", 3),
    ("trace(X.T @ A @ X) / trace(X.T @ B @ X)", "X", "A, B in Sym(n); X in R^(n*k)", "quotient-of-values", 5),
    ("(m.T @ w - r) / sqrt(w.T @ S @ w)", "w", "m, w in R^n; S in PD(n); r in R", "quotient-of-values", 4),
    ("(a.T @ x) * (b.T @ x)", "x", "a, b, x in R^n", "product-of-values", 3),
    ("(a.T @ x) * (b.T @ x) * (c.T @ x)", "x", "a, b, c, x in R^n", "product-of-values", 4),
    ("(a.T @ x) * exp(b.T @ x) / c", "x", "a, b, x in R^n; c in R", "product-of-values", 5),
    ("(a.T @ X @ b) * (c.T @ X @ d)", "X", "X in R^(n*k); a, c in R^n; b, d in R^k", "product-of-values", 3),
    ("log(x.T @ A @ x / (x.T @ x))", "x", "A in PD(n); x in R^n", "function-of-values", 5),
    ("1 - a.T @ x / (norm(a) * norm(x))", "x", "a, x in R^n", "function-of-values", 4),
    ("sqrt((a.T @ x)**2 + exp(b.T @ x))", "x", "a, b, x in R^n", "function-of-values", 4),
]


@pytest.mark.parametrize(("text", "wrt", "where", "rule", "steps"), CASES)
def test_the_rule_is_said_of_letters(text: str, wrt: str, where: str, rule: str, steps: int) -> None:
    d = derive(text, wrt, where)
    assert d.verdict == "verified"
    assert len(d.steps) <= steps
    (by_rule,) = (s for s in d.steps if s.rule == rule)
    assert not any(isinstance(e, Sum) for e in walk(by_rule.after))
    assert any(isinstance(e, Partial) for e in walk(by_rule.via[0]))
    assert not any(isinstance(e, Partial) for e in walk(by_rule.after))


@pytest.mark.parametrize(
    "text",
    [
        "norm(X) * trace(X)",
        "norm(X) * norm(A @ X)",
        "norm(X - A) * (b.T @ X @ b)",
        "norm(X) / det(X)",
        "norm(X) / norm(X + A)",
        "trace(X) / norm(X)",
        "log(norm(X) + trace(X) * norm(X - A))",
    ],
)
def test_the_length_of_a_matrix_is_a_part_like_any_other(text: str) -> None:
    d = derive(text, "X", "X, A in R^(n*n); b in R^n")
    assert d.verdict == "verified"
    assert not any(isinstance(e, Partial) for e in walk(d.result))
    assert all(s.reason for s in d.steps)


def test_a_linear_part_has_no_line_of_its_own() -> None:
    d = derive("(a.T @ x) * (b.T @ x)", "x", "a, b, x in R^n")
    assert [s.rule for s in d.steps] == ["name-intermediates", "product-of-values", "letters-back"]
    assert "u changes with x at the rate aᵀ and v at bᵀ" in d.to("text").replace("\n   ", " ")


@pytest.mark.parametrize("layout", ["numerator", "gradient", "denominator"])
def test_the_letter_of_the_value_stands_in_every_layout(layout: Any) -> None:
    d = derive("a.T @ x / (norm(a) * norm(x))", "x", "a, x in R^n", layout=layout)
    assert d.verdict == "verified"
    assert d.steps[-1].rule == "value-by-letter"
    t = "ᵀ" if layout == "numerator" else ""
    assert f"∂y/∂x = a{t} / (‖a‖‖x‖) − yx{t}/‖x‖²\n" in d.to("text")


def test_arrays_in_a_part_have_names_there() -> None:
    d = derive("norm(A @ x - b)**2 / (1 + x.T @ x)", "x", "A in R^(m*n); x in R^n; b in R^m")
    assert d.verdict == "verified"
    assert [str(i.symbol) for s in d.steps for i in s.introduces] == ["u", "v", "y", "r", "u"]


@pytest.mark.parametrize(("text", "where"), [
    ("x[0]**2 * x[1]", "x in R^2"),
    ("a.T @ x + x.T @ x", "a, x in R^n"),
    ("max(a.T @ x, b.T @ x)", "a, b, x in R^n"),
    ("x * exp(x)", "x in R"),
    ("x / norm(x)", "x in R^n"),
])  # fmt: skip
def test_elsewhere_there_are_no_such_letters(text: str, where: str) -> None:
    d = derive(text, "x", where)
    assert d.verdict == "verified"
    assert not {s.rule for s in d.steps} & {"quotient-of-values", "product-of-values", "function-of-values"}


def test_of_each_sample_the_parts_are_families() -> None:
    d = derive("sum((A[i].T @ x) / norm(x) for i in range(m))", "x", "A in R^(m*n); x in R^n")
    assert d.verdict == "verified"
    assert "quotient-of-values" in {s.rule for s in d.steps}
