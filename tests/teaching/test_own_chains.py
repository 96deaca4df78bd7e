"""A chain says how its own change goes through it, a plan what is particular to its question, a line what it leaves out."""

from __future__ import annotations

import re
from typing import Any

import pytest

from derivgen.derivation import derive


def said(text: str, wrt: str, where: str, rule: str = "", **more: Any) -> str:
    """The reasons of the steps by a rule as a reader sees them, on one line each."""
    words = derive(text, wrt, where, check=False, **more).to("text")
    blocks = words.split("\n\n")
    found = [" ".join(b.split()) for b in blocks if f"[{rule}]" in " ".join(b.split()) or not rule]
    return " | ".join(found).replace("\xa0", " ")


@pytest.mark.parametrize(
    ("text", "wrt", "where", "words"),
    [
        ("norm(A @ x - b)**2", "x", "A in R^(m*n); x in R^n; b in R^m",
         "xⱼ changes y through the entries rᵢ, each of which passes on ∂y/∂rᵢ times ∂rᵢ/∂xⱼ: added up over i, by the vector chain rule, "
         "that is the row 2rᵀ times column j of A."),
        ("sigmoid(A @ x)", "x", "A in R^(m*n); x in R^n",
         "yᵢ changes with zᵢ alone, at the rate in place i of y ⊗ (1 − y): by that entry row i of A is multiplied."),
        ("norm(tanh(t * x))**2", "t", "t in R; x in R^n", "is the row 2aᵀ times the column x ⊗ (1 − a²)."),
        ("log(1 + exp(c.T @ x))", "x", "c, x in R^n",
         "Read from the right, diag(c) multiplies each entry of a small change of x by that of c, 𝟏ᵀ adds up its entries and σ(s) "
         "multiplies it: by the vector chain rule ∂y/∂x is their product."),
        ("sum(log(1 + exp(c.T @ X[i])) for i in range(N))", "c", "c in R^n; X in R^(N*n)",
         "sᵢ changes with c at the rate xᵢᵀ and Cᵢ with sᵢ at σ(sᵢ): by the chain rule ∂Cᵢ/∂c is σ(sᵢ) times xᵢᵀ."),
    ],
)  # fmt: skip
def test_the_chain_rule_is_about_its_own_line(text: str, wrt: str, where: str, words: str) -> None:
    assert words in said(text, wrt, where, "chain-rule")


def test_no_two_chains_of_different_links_have_one_reason() -> None:
    asked = (
        ("norm(A @ x - b)**2", "A in R^(m*n); x in R^n; b in R^m"),
        ("sum(tanh(A @ x))", "A in R^(m*n); x in R^n"),
        ("sigmoid(A @ x)", "A in R^(m*n); x in R^n"),
        ("max(0, c.T @ x + b)", "c, x in R^n; b in R"),
        ("exp(c.T @ x)", "c, x in R^n"),
    )
    reasons = [said(text, "x", where, "chain-rule") for text, where in asked]
    assert len({*reasons}) == len(reasons)


@pytest.mark.parametrize(
    ("text", "wrt", "where", "words"),
    [
        ("max(0, w.T @ x + b)", "w", "w, x in R^n; b in R",
         "w → u → s → z → y: u, s and z change at a constant rate, but y at one that has cases in z."),
        ("sum((y[i] - tanh(w.T @ X[i]))**2 for i in range(N))", "w", "w in R^n; y in R^N; X in R^(N*n)",
         "sᵢ changes at a constant rate, rᵢ at one that depends on sᵢ and fᵢ at one that depends on rᵢ."),
        ("norm(V @ tanh(W @ x) - y)**2", "W", "W in R^(h*n); V in R^(m*h); x in R^n; y in R^m",
         "the Jacobian of z by W would have three axes, so the derivative of C is carried back to z first, and from there to single entries of W."),
        ("sum(softmax(tanh(A @ x)) * y)", "x", "A in R^(m*n); x in R^n; y in R^m", "so what is carried back is a row at each of"),
    ],
)  # fmt: skip
def test_a_plan_tells_what_is_particular_to_its_question(text: str, wrt: str, where: str, words: str) -> None:
    assert words in said(text, wrt, where, "name-intermediates")


@pytest.mark.parametrize(
    ("text", "wrt", "where", "rule", "words"),
    [
        ("norm(X)**2", "X", "X in R^(m*n)", "power-rule", "In the sums over i and j only the term with i = k and j = l contains Xₖₗ."),
        ("sum(tanh(x))", "x", "x in R^n", "chain-of-function", "In the sum over i only the term with i = j contains xⱼ."),
        ("x.T @ A @ x", "x", "x in R^n; A in R^(n*n)", "product-rule",
         "xᵢ changes with xₖ only where i = k, and then at rate 1, so of the sum over i that one term is left; likewise of that over j."),
        ("X.T @ X", "X", "X in R^(m*n)", "product-rule",
         "Xₖᵢ changes with Xᵣₚ only where k = r and i = p, and then at rate 1, so of the sum over k that one term is left."),
        ("exp(-norm(x - y)**2 / 2)", "x", "x, y in R^n", "power-rule",
         "2 and 1/2 cancel; the minus sign turns the difference around, to yⱼ − xⱼ."),
    ],
)  # fmt: skip
def test_a_line_says_what_it_folds(text: str, wrt: str, where: str, rule: str, words: str) -> None:
    assert words in said(text, wrt, where, rule)


def test_where_nothing_is_folded_nothing_is_said_of_it() -> None:
    assert "only the term" not in said("a**2 * x[0]", "a", "a in R; x in R^n")
    assert "cancel" not in said("norm(x)**2 / 3", "x", "x in R^n")
    assert "turns the difference" not in said("norm(x - y)**2", "x", "x, y in R^n")


CROSS_ENTROPY = ("-y.T @ log(softmax(W @ x))", "W", "y in R^k; W in R^(k*n); x in R^n")


def test_what_becomes_a_softmax_is_shown_before() -> None:
    text = " ".join(derive(*CROSS_ENTROPY).to("text").split())
    assert "= −yᵀ(Wx − log(∑ᵢ₌₁ᵏ exp((Wx)ᵢ)) 𝟏) = (𝟏ᵀy) log(∑ᵢ₌₁ᵏ exp((Wx)ᵢ)) − yᵀWx" in text
    assert "= ((𝟏ᵀy) exp(z) / (∑ᵢ₌₁ᵏ exp(zᵢ)) − y)ᵀ = ((𝟏ᵀy) softmax(z) − y)ᵀ" in text
    assert "all 6 steps and the answer hold" in text


def test_a_sum_of_weights_beside_a_softmax_is_one_for_probabilities() -> None:
    note = "Where 𝟏ᵀy = 1, as for probabilities, that factor can be left out."
    assert note in " ".join(derive(*CROSS_ENTROPY, check=False).to("text").split())
    known = derive("-y.T @ log(softmax(W @ x))", "W", "y in Simplex(k); W in R^(k*n); x in R^n", check=False)
    assert "probabilities" not in known.to("text")
    other = derive("sum(y) * norm(A @ x)**2", "x", "A in R^(m*n); x in R^n; y in R^m", check=False)
    assert "probabilities" not in other.to("text")


@pytest.mark.parametrize(
    ("text", "wrt", "where", "words"),
    [
        ("log(1 + exp(t)) - c * t", "t", "t, c in R", "−ct changes with t at the rate −c."),
        ("sum(exp(t)) - c * sum(t)", "t", "t in R^n; c in R", "−c ∑ᵢ₌₁ⁿ tᵢ changes with tⱼ at the rate −c."),
        ("exp(t) + c * t", "t", "t in R^n; c in R", "ctᵢ changes with tⱼ at the rate cδᵢⱼ."),
        ("log(1 + exp(w.T @ x)) - a * (w.T @ x)", "w", "w, x in R^n; a in R", "−as changes with s at the rate −a."),
        ("-y.T @ log(softmax(W @ x))", "W", "y in R^k; W in R^(k*n); x in R^n", "−∑ᵢ₌₁ᵏ yᵢzᵢ changes with zₗ at the rate −yₗ."),
    ],
)  # fmt: skip
def test_what_a_linear_term_gives_is_said(text: str, wrt: str, where: str, words: str) -> None:
    assert words in said(text, wrt, where)


def test_of_two_terms_that_bend_none_is_called_linear() -> None:
    assert "at the rate" not in said("exp(t) + t**2", "t", "t in R")


def test_what_stands_on_a_diagonal_is_said_of_sums_too() -> None:
    assert "Row i holds exp(tᵢ) + c in column i, and 0 in every other column." in said(
        "exp(t) + c * t", "t", "t in R^n; c in R"
    )


@pytest.mark.parametrize(
    ("text", "wrt", "where", "words"),
    [
        ("sum(exp(X @ w)) - y.T @ X @ w", "w", "X in R^(N*n); w in R^n; y in R^N",
         "In z = −∑ᵢ₌₁ᴺ yᵢ ∑ⱼ₌₁ⁿ Xᵢⱼwⱼ only the terms with Xᵢₖwₖ contain wₖ, so ∂z/∂wₖ is −∑ᵢ₌₁ᴺ yᵢXᵢₖ."),
        ("norm(Y - X @ W)**2", "W", "Y in R^(N*k); X in R^(N*n); W in R^(n*k)",
         "stands in row p, column l: the sum over i is row p of Δ times column l of X."),
        ("softmax(K @ q).T @ v", "q", "K in R^(m*n); q in R^n; v in R^m",
         "vᵀ(diag(s) − ssᵀ) is multiplied out, and a diagonal matrix multiplies entry by entry what stands beside it."),
        ("-mean(y * log(sigmoid(X @ w)) + (1 - y) * log(1 - sigmoid(X @ w)))", "w", "X in R^(N*n); w in R^n; y in R^N",
         "The row before diag(a ⊗ (1 − a)) meets one entry of a ⊗ (1 − a) in each column"),
        ("-mean(y * log(sigmoid(X @ w)) + (1 - y) * log(1 - sigmoid(X @ w)))", "w", "X in R^(N*n); w in R^n; y in R^N",
         "the logarithm log(t) has the slope 1/t, here with t for 1 − aᵢ"),
    ],
)  # fmt: skip
def test_of_several_acts_each_is_said(text: str, wrt: str, where: str, words: str) -> None:
    assert words in said(text, wrt, where)


def test_what_is_too_long_for_a_sentence_is_left_out_of_it() -> None:
    words = said(
        "-mean(y * log(sigmoid(X @ w)) + (1 - y) * log(1 - sigmoid(X @ w)))", "w", "X in R^(N*n); w in R^n; y in R^N"
    )
    assert "In C only the term with i = j contains aⱼ." in words
    assert "this quotient" not in words


@pytest.mark.parametrize(
    ("text", "wrt", "where"),
    [
        ("log(1 - sigmoid(t))", "t", "t in R"),
        ("sum(log(1 - sigmoid(X @ w)))", "w", "X in R^(N*n); w in R^n"),
        ("sum(log(1 - sigmoid(X[i].T @ w)) for i in range(N))", "w", "X in R^(N*n); w in R^n"),
    ],
)
def test_the_law_within_and_what_cancels_are_said_once(text: str, wrt: str, where: str) -> None:
    words = said(text, wrt, where)
    assert len(re.findall(r"1 − σ\(\S+\) cancels", words)) == 1
    assert len(re.findall(r"ogistic function σ\(\S+\) has the slope", words)) == 1


def test_a_denominator_that_stays_cancels_nothing() -> None:
    assert "cancels" not in said("log(1 + exp(t)) / (1 + t**2)", "t", "t in R")
