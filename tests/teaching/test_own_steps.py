"""A step says what holds in it alone: its two slopes, the border of its cases, which entry is which, what each sign means."""

from __future__ import annotations

import pytest

from derivgen import derive
from derivgen.derivation.report import every_step


def said(text: str, wrt: str, where: str, order: int = 1) -> str:
    d = derive(text, wrt, where, order=order)
    assert d.verdict == "verified"
    return " ".join(d.to("text").split())


@pytest.mark.parametrize("text", ["max(0, a)", "relu(a)", "abs(a)", "min(a, c)"])
def test_there_is_no_slope_on_the_border(text: str) -> None:
    words = said(text, "a", "a, c in R")
    assert "these differ, so there is no slope" in words
    assert "≤ 0, max" not in words


@pytest.mark.parametrize(("text", "wrt", "where", "words"), [
    ("norm(A @ x - b)**2", "x", "A in R^(m*n); x in R^n; b in R^m", "‖v‖² = vᵀv adds up the squares of the entries."),
    ("norm(v - x)**2", "x", "v, x in R^n", "‖u‖² = uᵀu adds up"),
    ("norm(M)**2", "M", "M in R^(n*n)", "‖A‖_F² adds up the squares of the entries of A."),
    ("max(0, w.T @ x + b)", "w", "w, x in R^n; b in R", "𝟎 is the vector of zeros in ℝⁿ."),
    ("f(g(x))", "x", "x in R^n; g: R^n -> R^k; f: R^k -> R^m", "∂f/∂g is the Jacobian of f at g(x)."),
])  # fmt: skip
def test_signs_that_were_not_declared(text: str, wrt: str, where: str, words: str) -> None:
    assert words in said(text, wrt, where)


def test_the_hessian_has_its_sign_where_it_is_announced() -> None:
    assert "column j of the Hessian ∂²y/∂x∂xᵀ" in said("x.T @ A @ x", "x", "x in R^n; A in R^(n*n)", 2)


def test_cases_say_what_each_becomes() -> None:
    where = "w in R^n; b in R; y in R^N; X in R^(N*n)"
    words = said("sum((y[i] - max(0, w.T @ X[i] + b))**2 for i in range(N)) / N", "w", where)
    assert "0 becomes 𝟎ᵀ and −1 becomes −rᵢxᵢᵀ; the minus sign goes in front of the cases" in words.replace("\xa0", " ")
    assert "Where wᵀxᵢ + b > 0, max(0, wᵀxᵢ + b) is wᵀxᵢ + b." in words
    assert (
        "∂fᵢ/∂w, added up over i and multiplied by 1/N, is ∂C/∂w; the factor 2 of each term goes in front of the sum."
        in words
    )


def test_the_exponent_is_said_where_a_quotient_or_a_root_hides_it() -> None:
    assert "1/a has the slope −1/a² (the exponent −1 comes down as a factor" in said("1 / a", "a", "a in R")
    assert "a³ has the slope 3a², the exponent coming down as a factor." in said("a**3", "a", "a in R")


def test_a_quotient_has_its_rule() -> None:
    d = derive("exp(a) / (1 + a**2)", "a", "a in R")
    assert d.verdict == "verified"
    assert d.steps[0].rule == "quotient-rule"
    assert d.evaluate({"a": 1.0}) == pytest.approx(0.0, abs=1e-12)
    assert d.evaluate({"a": 0.0}) == pytest.approx(1.0)


def test_a_diagonal_jacobian_says_why() -> None:
    words = said("norm(W2 @ tanh(W1 @ x) - y)**2", "W1", "W1 in R^(h*n); W2 in R^(m*h); x in R^n; y in R^m")
    assert "aᵢ = tanh(zᵢ) contains no other entry of z than zᵢ" in words


def test_a_sum_over_samples_says_which_array_holds_the_weights() -> None:
    logistic = ("sum(log(1 + exp(-y[i] * (w.T @ X[i]))) for i in range(N))", "w", "w in R^n; y in R^N; X in R^(N*n)")
    assert "(since wᵀxᵢ is entry i of Xw)" in said(*logistic)
    squares = said("sum((y[i] - w.T @ X[i])**2 for i in range(N))", "w", "w in R^n; y in R^N; X in R^(N*n)", 2)
    assert "xᵢxᵢᵀ is column i of Xᵀ times row i of X" in squares
    assert "stands for" not in squares  # no letter is left


def test_a_minus_in_front_of_a_sum_stays_in_front() -> None:
    barrier = said("-sum(log(b[i] - A[i].T @ x) for i in range(m))", "x", "A in R^(m*n); x in R^n; b in R^m", 2)
    assert "y = −∑ᵢ₌₁ᵐ Cᵢ" in barrier
    assert "y is −∑ᵢ₌₁ᵐ Cᵢ" in said(
        "-sum(log(b[i] - A[i].T @ x) for i in range(m))", "x", "A in R^(m*n); x in R^n; b in R^m"
    )
    assert "Defined where bᵢ − aᵢᵀx > 0" in barrier
    assert "Written for" not in barrier


def test_a_slope_is_that_by_what_it_is_said_of() -> None:
    below = derive("c / (exp(s) + 1)", "s", "c, s in R", method="scalar").to("text")
    assert "1/t has the slope −1/t²" in " ".join(below.split())
    assert "t² has the slope 2t" in said("(c - v * s)**2", "s", "c, v, s in R")
    assert "(s − c)² has the slope 2(s − c)" in said("(s - c)**2", "s", "c, s in R")


def test_what_is_more_than_a_definition_rests_on_one() -> None:
    d = derive("softmax(q.T @ K.T) @ V", "q", "q in R^d; K in R^(m*d); V in R^(m*p)", method="scalar")
    words = " ".join(d.to("text").split())
    assert "By the definition of softmax(qᵀKᵀ) entry i of softmax(qᵀKᵀ)V is" in words


@pytest.mark.parametrize(("text", "wrt", "where"), [
    ("norm(W @ x - y)**2", "W", "W in R^(m*n); x in R^n; y in R^m"),
    ("sum(norm(W @ X[i] - y)**2 for i in range(N))", "W", "W in R^(m*n); X in R^(N*n); y in R^m"),
    ("norm(x - W @ W.T @ x)**2", "W", "W in R^(n*k); x in R^n"),
])  # fmt: skip
def test_one_letter_is_one_number_in_the_smallest_steps(text: str, wrt: str, where: str) -> None:
    d = derive(text, wrt, where)
    by_entries = [s for s in every_step(d.steps) if s.rule == "carry-by-entries" and s.substeps[0].rule != s.rule]
    whole = str(d.steps[0].introduces[-1].symbol)
    assert by_entries
    for first in (s.substeps[0] for s in by_entries):
        assert "held at its value" in str(first.reason)
        assert str(first.left) not in (whole, f"{whole}[i]")


@pytest.mark.parametrize("text", ["logdet(X.T @ X)", "trace(inv(X.T @ C @ X) @ A)"])
def test_steps_are_not_checked_where_a_matrix_is_a_number(text: str) -> None:
    d = derive(text, "X", "X in R^(m*n); A in R^(n*n); C in PD(m)")
    assert d.report is not None
    assert all(1 not in v.sizes.values() for v in d.report.verdicts)


def test_another_sum_may_stand_before_that_over_the_samples() -> None:
    words = said(
        "sum(x[j]**3 for j in range(n)) * sum((w.T @ A[i])**2 for i in range(m))", "w", "x, w in R^n; A in R^(m*n)"
    )
    assert "differentiate one term" in words


@pytest.mark.parametrize(("loss", "words"), [
    ("(y[i] - sigmoid(w.T @ X[i]))**2", "xᵢᵀ is row i of X, and the number that it is multiplied by is entry i of a vector (since wᵀxᵢ is entry i of Xw): "
     "the weighted sum is the product of this vector and X."),
    ("exp(w.T @ X[i]) - y[i]*(w.T @ X[i])", "its weight exp(wᵀxᵢ) − yᵢ is entry i of (exp(Xw) − y)ᵀ"),
])  # fmt: skip
def test_a_weight_that_is_too_long_for_a_sentence_is_told_in_words(loss: str, words: str) -> None:
    text = said(f"sum({loss} for i in range(N))", "w", "w in R^n; y in R^N; X in R^(N*n)")
    assert words in text
    assert "the one below" not in text
