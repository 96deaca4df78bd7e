"""Mixtures by the point and by all their means: each term by its letter, the responsibility where there is a logarithm."""

from __future__ import annotations

from typing import Any

import pytest

from derivgen import derive

MIX = "sum(pi[k] * exp(-norm(x - M[k])**2 / 2) for k in range(K))"
ALL = "sum(log(sum(pi[k] * exp(-norm(X[i] - M[k])**2 / 2) for k in range(K))) for i in range(N))"
WHERE = "x in R^n; X in R^(N*n); M in R^(K*n); pi in R^K"


@pytest.mark.parametrize(("text", "wrt", "gradient", "steps"), [
    (MIX, "x", "∑ₖ₌₁ᴷ γₖ(mₖ − x)", 4),
    (f"log({MIX})", "x", "∑ₖ₌₁ᴷ γₖ(mₖ − x)", 4),
    (MIX, "M", "γxᵀ − diag(γ) M", 4),
    (f"log({MIX})", "M", "γxᵀ − diag(γ) M", 4),
    (ALL, "M", "γᵀX − diag(γᵀ 𝟏) M", 4),
])  # fmt: skip
@pytest.mark.parametrize("layout", ["numerator", "gradient", "denominator"])
def test_each_term_is_weighed_by_its_letter(text: str, wrt: str, gradient: str, steps: int, layout: Any) -> None:
    d = derive(text, wrt, WHERE, layout=layout)
    assert d.verdict == "verified"
    assert len(d.steps) <= steps
    answer = d.to("text").partition("Answer")[2]
    assert "γ" in answer.partition("where")[0]
    assert "gamma" not in str(d.result)
    if layout != "numerator":
        assert f"= {gradient}\n" in answer


COLUMNS = "sum(log(sum(pi[k] * exp(-norm(X[i] - C[:, k])**2 / 2) for k in range(K))) for i in range(N))"


@pytest.mark.parametrize(("layout", "gradient"), [
    ("numerator", "γᵀX − diag(γᵀ 𝟏) Cᵀ"),
    ("gradient", "Xᵀγ − C diag(γᵀ 𝟏)"),
    ("denominator", "Xᵀγ − C diag(γᵀ 𝟏)"),
])  # fmt: skip
def test_the_columns_of_a_matrix_are_the_rows_of_its_transpose(layout: Any, gradient: str) -> None:
    d = derive(COLUMNS, "C", f"{WHERE}; C in R^(n*K)", layout=layout)
    assert d.verdict == "verified"
    assert len(d.steps) <= 6
    text = d.to("text")
    assert f"= {gradient}\n" in text.partition("Answer")[2]
    assert "The columns of C are the rows of Cᵀ, which has the letter V." in " ".join(text.split())


def test_a_matrix_that_stands_beside_its_columns_is_not_renamed() -> None:
    d = derive(f"{COLUMNS} + norm(C)**2", "C", f"{WHERE}; C in R^(n*K)", check=False)
    assert "has the letter V" not in d.to("text")


def test_an_entry_of_a_row_has_its_sign_before_it() -> None:
    assert "(−mₖ)ᵢ" not in derive(f"log({MIX})", "x", WHERE).to("text")


@pytest.mark.parametrize(
    "text", ["log(sum(exp(A[i].T @ x) for i in range(m)))", "sum(exp(A[i].T @ x) for i in range(m))"]
)
def test_what_is_linear_in_the_exponent_is_a_softmax(text: str) -> None:
    d = derive(text, "x", "A in R^(m*n); x in R^n")
    assert d.verdict == "verified"
    assert not {s.rule for s in d.steps} & {"shares-of-terms", "terms-by-themselves"}


def test_a_residual_in_the_exponent_keeps_its_own_letter() -> None:
    d = derive("sum(exp(-norm(B @ w - X[i])**2) for i in range(N))", "w", "B in R^(n*p); w in R^p; X in R^(N*n)")
    assert d.verdict == "verified"
    assert "name-intermediates" in {s.rule for s in d.steps}
