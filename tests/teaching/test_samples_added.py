"""The end of a sum over samples: the letters of one sample are put back where the samples are added up."""

from __future__ import annotations

import pytest

from derivgen.derivation import Derivation, derive
from derivgen.options import Layout

DATA = "w in R^n; m in R^n; y in R^N; X in R^(N*n); S in PD(n); W in R^(k*n); x in R^n; v in R^k"


def derived(text: str, wrt: str = "w", layout: Layout = "numerator") -> Derivation:
    d = derive(text, wrt, DATA, layout=layout)
    assert d.verdict == "verified"
    return d


def said(d: Derivation) -> str:
    return " ".join(d.to("text").split())


@pytest.mark.parametrize(("text", "words"), [
    ("sum((y[i] - w.T @ X[i])**2 for i in range(N)) / N",
     "multiplied by 1/N, is ∂C/∂w; the factor −2 of each term goes in front of the sum. rᵢ stands for yᵢ − wᵀxᵢ"),
    ("sum(log(1 + exp(-y[i] * (w.T @ X[i]))) for i in range(N))",
     "is ∂C/∂w; the minus sign of each term goes in front of the sum. zᵢ stands for −yᵢwᵀxᵢ."),
    ("-1/2 * sum((w - X[i]).T @ inv(S) @ (w - X[i]) for i in range(N))", "where the numbers cancel."),
])  # fmt: skip
def test_a_number_of_each_term_goes_in_front_and_the_letters_go_back(text: str, words: str) -> None:
    d = derived(text)
    assert words in said(d)
    (adding,) = (s for s in d.steps if s.rule == "add-samples")
    assert len(adding.via) == 1  # the sum with the letters
    assert all(s.rule != "letters-back" for s in d.steps)


def test_a_difference_that_is_turned_twice_is_not_turned() -> None:
    text = said(derived("-1/2 * sum((X[i] - m).T @ inv(S) @ (X[i] - m) for i in range(N))", "m", "gradient"))
    assert "turns it around" not in text
    assert "m − xᵢ" not in text


def test_a_letter_of_the_answer_is_in_its_last_step() -> None:
    d = derive("-v.T @ log(softmax(W @ x))", "W", DATA)
    *_, last = d.steps
    assert [str(n.symbol) for n in last.introduces] == ["s"]
    assert str(last.after) == str(d.said_result[0])
    _, answer = d.to("text").split("\nAnswer\n")
    assert "s = softmax(Wx)" in answer


@pytest.mark.parametrize(("text", "wrt", "where"), [
    ("sum((max(0, X @ V) @ U - Y)**2)", "V", "X in R^(N*n); V in R^(n*h); U in R^(h*m); Y in R^(N*m)"),
    ("sum(f(x))", "x", "x in R^n; f: R^n -> R^n"),
])  # fmt: skip
def test_the_answer_is_the_last_line_of_the_last_step(text: str, wrt: str, where: str) -> None:
    steps, answer = derive(text, wrt, where).to("text").split("\nAnswer\n")
    shown = answer.strip().splitlines()[0].split(" = ", maxsplit=1)[1]
    assert f"= {shown}\n" in steps[steps.rindex(". ") :]


@pytest.mark.parametrize(("text", "where", "words"), [
    ("softmax(x)", "x in R^n", "the quotient changes with exp(xᵢ) at the rate"),
    ("x / norm(x)", "x in R^n", "with xᵢ at the rate 1/‖x‖ and with ‖x‖ at −xᵢ/‖x‖²"),
    ("(x.T @ A @ x) / (x.T @ x)", "x in R^n; A in Sym(n)", "y changes with u at the rate 1/v and with v at −u/v²"),
])  # fmt: skip
def test_a_quotient_is_told_by_its_own_rates(text: str, where: str, words: str) -> None:
    text = said(derive(text, "x", where))
    assert words in text
    assert "over its square" not in text


def test_a_declared_function_is_told_by_its_entries() -> None:
    text = said(derive("f(g(x))", "x", "x in R^n; g: R^n -> R^k; f: R^k -> R^m"))
    assert "v is g(x): row i holds the partials of gᵢ(x), so ∂vᵢ/∂xⱼ is ∂gᵢ/∂xⱼ." in text
    assert "y is f(v): row l holds the partials of fₗ(v) by the entries of v, wherever v comes from" in text
    assert "gᵢ is entry i of g, for i = 1, …, k" in text
    assert "∂f/∂v is the Jacobian of f" in text


def test_a_plan_is_the_only_reason_of_a_chain() -> None:
    for text in ("norm(tanh(W @ x) - v)**2", "max(0, w.T @ x + 1)"):
        assert "a change is passed on" not in said(derive(text, "x", DATA))
