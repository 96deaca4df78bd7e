"""Why something has a letter, and what a step says of a slope: about this question, in words that fit no other."""

from __future__ import annotations

import re

import pytest

import derivgen
from derivgen.show.document.context import context_of
from derivgen.show.document.reasons import sentence
from tests.teaching.test_reasons import derived


def said(text: str, wrt: str, where: str) -> str:
    return " ".join(derivgen.derive(text, wrt, where).to("text").split())


@pytest.mark.parametrize(("text", "wrt", "where", "why"), [
    ("norm(A @ x - b)**2", "x", "A in R^(m*n); x in R^n; b in R^m",
     "x stands in y only within Ax − b; with the letter r for it, y is ‖r‖²."),
    ("w.T @ x", "w", "w, x in R^n",
     "wᵀx multiplies entry by entry and adds up: it is the sum of the entries of w ⊗ x, which has the letter u."),
    ("-y.T @ log(softmax(W @ x))", "W", "y in R^k; W in R^(k*n); x in R^n", "W stands in C only within Wx, so this has a letter, z."),
    ("norm(tanh(W @ x) - y)**2", "W", "y in R^k; W in R^(k*n); x in R^n", "C → a → z → W: the Jacobian of z by W would have three axes"),
    ("norm(tanh(A @ x) - A @ y)**2", "A", "A in R^(m*n); x, y in R^n", "A reaches C in more than one way"),
])  # fmt: skip
def test_why_there_are_letters(text: str, wrt: str, where: str, why: str) -> None:
    assert why in said(text, wrt, where)


def test_of_each_sample_the_products_are_not_written_out() -> None:
    d = derivgen.derive(
        "sum(log(1 + exp(-y[i] * (w.T @ X[i]))) for i in range(N))", "w", "w in R^n; y in R^N; X in R^(N*n)"
    )
    assert [len(s.introduces) for s in d.steps if s.introduces] == [1, 2]
    assert "ones" not in str(d.steps)


def test_two_functions_are_two_links() -> None:
    """The residual has its letter, so that the slope of the ramp and that of the square are told apart."""
    text = said("(y - max(0, w.T @ x + b))**2", "w", "w, x in R^n; y, b in R")
    assert "r = y − max(0, z)" in text
    assert "∂C/∂r" in text or "∂y/∂r" in text or "/∂r" in text
    d = derivgen.derive("(y - max(0, w.T @ x + b))**2", "w", "w, x in R^n; y, b in R")
    assert "max" not in str(d.result)
    assert d.evaluate({"y": 3.0, "w": [1.0, 2.0], "x": [1.0, -1.0], "b": 2.0}).tolist() == [-4.0, 4.0]


def test_a_residual_is_a_difference_and_r_its_letter() -> None:
    assert "r = " in said("norm(A @ x - b)**2", "x", "A in R^(m*n); x in R^n; b in R^m")
    assert "r = " not in said("max(0, 1 - y * (w.T @ x))", "w", "w, x in R^n; y in R")


def test_no_slope_is_a_placeholder() -> None:
    vague = re.compile(r"slope (?:the one below|this (?:product|quotient|sum|power|square|value))")
    for d in derived():
        for s in d.steps:
            assert not vague.search(sentence(s.reason, context_of(d))), d


@pytest.mark.parametrize(("text", "wrt", "where", "words"), [
    ("sigmoid(3*(w.T @ x - 2*c + b) / (norm(x) + 1))", "w", "w, x in R^n; b, c in R", "The logistic function σ("),
    ("sigmoid(a*t + b*t**2 + c)", "t", "a, b, c, t in R",
     "σ(u) has the slope σ(u)(1 − σ(u)), its value times one minus it, here with u for at + bt² + c;"),
    ("(a*x + b*x**2 + c + exp(x) + d)**3", "x", "a, b, c, d, x in R", "t³ has the slope 3t²"),
    ("max(0, w.T @ x + b)", "b", "w, x in R^n; b in R", "here with t for wᵀx + b; that is multiplied by 1, the derivative of t"),
    ("log(sum(exp(x)))", "x", "x in R^n", "by the derivative of t, of whose terms only exp(xⱼ), its own slope, contains xⱼ."),
    ("log(1 + exp(a))", "a", "a in R", "The logarithm log(t) has the slope 1/t, here with t for 1 + exp(a);"),
    ("exp(c - 2*a*t)", "t", "a, c, t in R", "here with u for c − 2at; that is multiplied by −2a, the derivative of u"),
])  # fmt: skip
def test_a_slope_is_said(text: str, wrt: str, where: str, words: str) -> None:
    assert words in said(text, wrt, where)


def test_indices_of_a_sentence_are_those_of_its_line() -> None:
    text = said("-y.T @ log(softmax(W @ x))", "W", "y in R^k; W in R^(k*n); x in R^n")
    assert "∂C/∂Wᵢⱼ = δᵢ · ∂zᵢ/∂Wᵢⱼ" in text
    (other,) = re.findall(r"only zᵢ = ∑(.)₌₁ⁿ Wᵢ", text)
    assert other not in "ᵢⱼ"


def test_the_complement_of_the_logistic_function_is_worked_out() -> None:
    d = derivgen.derive("1 - sigmoid(-w.T @ x)", "w", "w, x in R^n", method="scalar")
    assert d.verdict == "verified"
    logistic = ("sum(log(1 + exp(-y[i] * (w.T @ X[i]))) for i in range(N))", "w", "w in R^n; y in R^N; X in R^(N*n)")
    text = " ".join(derivgen.derive(*logistic, order=2).to("text").split())
    assert "σ(−t) is 1 / (1 + exp(t)), and one minus that is exp(t) / (1 + exp(t)), which is σ(t)" in text
