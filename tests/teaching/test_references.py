"""What a sentence refers to stands in the display: no long term is called "this sum" where there is none to be seen."""

from __future__ import annotations

import re
from typing import Literal

import pytest

import derivgen
from derivgen.show.document.context import context_of
from derivgen.show.document.reasons import sentence

LONG_TERMS = (
    ("norm(relu(X @ W1) @ W2 - Y)**2/N", "W1", "X in R^(N*d); W1 in R^(d*h); W2 in R^(h*k); Y in R^(N*k)", 1),
    ("trace(X.T @ A @ X @ B)/trace(X.T @ X)", "X", "X in R^(n*k); A in R^(n*n); B in R^(k*k)", 1),
    ("sum(max(0, w.T @ X[i])**2 for i in range(N))", "w", "w in R^n; X in R^(N*n)", 2),
    ("norm(W @ W.T @ x - x)**2", "W", "W in R^(n*k); x in R^n", 1),
    ("(x - mean(x)) * exp(-var(x)) / sqrt(var(x) + eps)", "x", "x in R^n; eps in R", 1),
    ("exp(sum(log(x))/n)", "x", "x in R^n", 2),
    ("norm(tanh(W @ x + b) - y)**2/2", "x", "W in R^(k*n); x in R^n; y, b in R^k", 1),
    ("exp(w * x) / x", "x", "w, x in R^n", 1),
    ("sum(log(1 + exp(-y * (X @ w))))", "w", "w in R^n; y in R^N; X in R^(N*n)", 2),
)
LONGER = (
    ("sum(exp(-(x - m)**2 / s)) / sum(x)", "x", "x, m in R^n; s in R", 1),
    ("norm(tanh(W @ x + b) * (V @ x + c) - y)**2", "x", "W, V in R^(k*n); x in R^n; b, c, y in R^k", 1),
    (
        "log(det(X.T @ A @ X)) - trace(B @ X.T @ C @ X)/n",
        "X",
        "X in R^(n*k); A in R^(n*n); B in R^(k*k); C in R^(n*n)",
        1,
    ),
)
_OF_NOTHING = re.compile(
    r"the one below|these cases|\\frac\{1\}\{\(\\dots\)\}|\N{INVISIBLE SEPARATOR}"
    r"|\b(?:is|as|at|of|with|only|for|=) this (?:sum|product|quotient|square|power|derivative|value|array|term)\b"
)


def reasons(text: str, wrt: str, where: str, order: int = 1) -> str:
    d = derivgen.derive(text, wrt, where, order=order, check=False)
    return " ".join(sentence(s.reason, context_of(d)) for s in d.steps)


def said(text: str, wrt: str, where: str, method: Literal["auto", "scalar"] = "auto") -> str:
    return " ".join(derivgen.derive(text, wrt, where, check=False, method=method).to("text").split())


@pytest.mark.parametrize(("text", "wrt", "where", "order"), LONG_TERMS + LONGER)
def test_no_sentence_refers_to_a_term_that_is_nowhere(text: str, wrt: str, where: str, order: int) -> None:
    assert not _OF_NOTHING.search(reasons(text, wrt, where, order))


@pytest.mark.parametrize(("case", "words"), [
    (0, "$A_{lp}$ stands in $R_{li} = \\sum_{r=1}^{h} A_{lr} W_{2,r i} - Y_{li}$ for every $i$, which changes"),
    (2, "and $C_i$ with $s_i$ at $\\frac{\\partial C_i}{\\partial s_i}$: by the chain rule"),
    (3, "$2 W^{\\mathsf T}$ is a factor of two terms, so it is taken out."),
    (4, "All factors contain $x_s$: each is differentiated in turn"),
    (4, "entry $i$ is written out."),
    (6, "that is the row on the left times column $j$ of $W$."),
])  # fmt: skip
def test_a_sentence_holds_without_its_long_term(case: int, words: str) -> None:
    assert words in reasons(*LONG_TERMS[case])


def test_a_diagonal_and_a_value_are_told_without_a_long_rate() -> None:
    text = said("sum(exp(-(x - m)**2 / s)) / sum(x)", "x", "x, m in R^n; s in R")
    assert "contains no other entry of x than xᵢ, so ∂aᵢ/∂xⱼ is 0 unless i = j." in text
    assert "The quotient itself stands in its derivative; it has the letter y." in text


def test_a_sum_in_a_product_in_words_stands_in_parentheses() -> None:
    hinge = said("sum(max(0, w.T @ X[i] - y[i]) * (w.T @ X[i] - y[i]) for i in range(N))", "w",
                 "w in R^n; X in R^(N*n); y in R^N")  # fmt: skip
    assert "∂fᵢ/∂w is (𝟏(rᵢ > 0) rᵢ + max(0, rᵢ)) times xᵢᵀ" in hinge
    assert "row i of (I − (1/n) 𝟏 𝟏ᵀ) times column" in said("log(x) - mean(log(x))", "x", "x in R^n")
    assert "is σ(sᵢ) times xᵢᵀ" in said(
        "sum(log(1 + exp(c.T @ X[i])) for i in range(N))", "c", "c in R^n; X in R^(N*n)"
    )


def test_an_entry_of_a_difference_is_a_difference_and_says_which_is_turned() -> None:
    text = said("(x - mu).T @ inv(S) @ (x - mu)", "mu", "x, mu in R^n; S in R^(n*n)", method="scalar")
    assert "Entry i of x − μ is xᵢ − μᵢ." in text
    assert "a minus sign in front of xᵢ − μᵢ turns it around, to μᵢ − xᵢ" in text


@pytest.mark.parametrize(("text", "where", "row"), [
    ("vec(A @ X @ B)", "A in R^(m*n); X in R^(n*p); B in R^(p*q)", "row (j, i) belongs to entry (j, i), column"),
    ("X @ b", "X in R^(n*p); b in R^p", "row i belongs to entry i, column"),
    ("A @ X", "A in R^(m*n); X in R^(n*p)", "row (j, i) belongs to entry (i, j) of the value, column"),
])  # fmt: skip
def test_a_row_of_stacked_entries_is_called_as_they_are(text: str, where: str, row: str) -> None:
    assert row in said(text, "X", where)


@pytest.mark.parametrize(("text", "where", "printed"), [
    ("a.T @ X @ X @ b", "X in R^(n*n); a, b in R^n", "is an entry of Xbaᵀ."),
    ("a.T @ X @ b", "X in R^(m*n); a in R^m; b in R^n", "is an entry of baᵀ."),
])  # fmt: skip
def test_an_outer_product_is_named_as_it_is_printed(text: str, where: str, printed: str) -> None:
    assert printed in said(text, "X", where)


def test_jacobians_are_read_from_the_right() -> None:
    text = said("max(0, w.T @ x + b)", "w", "w, x in R^n; b in R")
    assert "From the left" not in text
    assert (
        "Read from the right, diag(x) multiplies each entry of a small change of w by that of x, 𝟏ᵀ adds up its entries"
        in text
    )


def test_constant_factors_stay_only_where_there_are_some() -> None:
    assert "constant factors" not in said("norm(x)**4 - (a.T @ x)**2", "x", "x, a in R^n")
    assert "and constant factors stay" in said("3*(norm(x)**4 - (a.T @ x)**2)", "x", "x, a in R^n")
