"""What stands beside a derivation for who learns from it: numbers with a nudge, a second way."""

from __future__ import annotations

import re

import numpy as np
import pytest

import derivgen
from derivgen.formats import FORMATS
from derivgen.show import render_all
from derivgen.show.document.asides import asides
from derivgen.show.document.blocks import Document, Sentence, Steps
from derivgen.show.document.context import context_of
from derivgen.show.document.document import document_of
from derivgen.show.formats import Wishes

NEURON = ("max(0, w.T @ x + b)", "w", "w, x in R^n; b in R")
POINT = "w=[1, -2], x=[3, 1], b=0.5"


def document(d: derivgen.Derivation) -> Document:
    return document_of(d, Wishes(d.problem.options))


def test_numbers_are_those_of_the_formula() -> None:
    text = derivgen.derive(*NEURON).to("text", numbers=POINT)
    aside = text.split("In numbers")[1]
    w, x, b = np.array([1, -2]), np.array([3, 1]), 0.5
    assert f"y = {w @ x + b}" in aside
    assert "∂y/∂w = [3  1]" in aside
    words = " ".join(aside.split())
    assert (
        "when w₁ grows by 0.01, from 1 to 1.01, y changes by 0.03; the derivative foretells 3 · 0.01 = 0.03." in words
    )


def test_a_nudge_beside_what_was_foretold() -> None:
    text = " ".join(derivgen.derive("sum(x**2)", "x", "x in R^n").to("text", numbers="x=[1, -3]").split())
    assert "when x₂ grows by 0.01, from −3 to −2.99, y changes by −0.0599" in text
    assert "foretells −6 · 0.01 = −0.06." in text


@pytest.mark.parametrize(
    ("question", "value"),
    [
        (("sqrt(x)", "x", "x in R^n"), "x in R^n"),
        (("logdet(S)", "S", "S in PD(n)"), "S"),
        (("trace(A @ S)", "S", "S in Sym(n); A in R^(n*n)"), "S"),
        (("sum(y * log(y))", "y", "y in Simplex(n)"), "y"),
        (("norm(A @ x - b)**2", "A", "A in R^(m*n); x in R^n; b in R^m"), "A"),
        (("x.T @ A @ x", "x", "x in R^n; A in R^(n*n)", 2), "x"),
    ],
)
def test_chosen_numbers_are_some_at_which_there_is_a_derivative(question: tuple[str, ...], value: str) -> None:
    expression, wrt, where, *order = question
    d = derivgen.derive(expression, wrt, where, order=2 if order else 1)
    text = d.to("text", numbers="chosen")
    assert "nan" not in text.split("In numbers")[1]


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ("w=[1, -2]", "has no values for x, b"),
        ("w=[1, 2], x=[1, 2, 3], b=0", "n is 2 by w, but 3 by x"),
        ("w", "gives no variable a value"),
        ("w=open('x'), x=[1], b=0", "is no number"),
        ("w=[[1], [2, 3]], x=[1, 2], b=0", "is no number"),
    ],
)
def test_numbers_that_are_none(numbers: str, said: str) -> None:
    with pytest.raises(derivgen.DerivgenError, match=re.escape(said)):
        derivgen.derive(*NEURON).to("text", numbers=numbers)


def test_no_derivative_at_the_point_is_said() -> None:
    with pytest.raises(derivgen.DerivgenError, match=r"no derivative at the numbers|no value"):
        derivgen.derive("sum(log(x))", "x", "x in R^n").to("text", numbers="x=[0, 1]")


def test_a_second_way_is_by_the_other_method() -> None:
    by_entries = derivgen.derive("exp(w.T @ x)", "w", "w, x in R^n", method="scalar")
    by_chain = derivgen.derive("exp(w.T @ x)", "w", "w, x in R^n", method="chain")
    for d, second in ((by_chain, "entry by entry"), (by_entries, "by the chain rule")):
        (aside,) = asides(d, context_of(d), Wishes(derivgen.options.Options(compare=True)))
        assert second in aside.title
        steps, _, last = aside.blocks
        assert isinstance(steps, Steps)
        assert all(item.check is not None and item.check.status == "verified" for item in steps.blocks)
        assert isinstance(last, Sentence)
        assert "Both ways" in last.text


def test_where_there_is_no_second_way_it_is_said() -> None:
    d = derivgen.derive("x**2", "x", "x in R", method="scalar")
    assert "there is no second way" in " ".join(d.to("text", compare=True).split())


@pytest.mark.parametrize(
    "name", [f for f in FORMATS if f not in ("pdf", "json", "numpy", "jax", "torch", "svg", "pattern", "mermaid")]
)
def test_every_format_of_a_document_shows_them(name: str) -> None:
    d = derivgen.derive(*NEURON)
    shown = render_all([d], name, d.problem.options, numbers=POINT, compare=True)
    assert isinstance(shown, str)
    assert "In numbers" in shown
    assert "second way" in shown


def test_places_in_a_card_have_names_of_their_own() -> None:
    page = derivgen.derive(*NEURON).to("html", numbers=POINT, compare=True)
    names = re.findall(r'\bid="([^"]+)"', page)
    assert len(names) == len(set(names))


def example(question: tuple[str, str, str], length: int = 3) -> str:
    text = derivgen.derive(*question).to("text", example=length)
    return text.split("\nWith ", 1)[1].split("\n1. ")[0]


def test_an_example_writes_every_entry_out() -> None:
    shown = example(("w.T @ x", "w", "w, x in R^n"))
    assert shown.startswith("n = 3\n")
    for line in ("y = w₁x₁ + w₂x₂ + w₃x₃", "∂y/∂w₁ = x₁", "∂y/∂w₃ = x₃", "∂y/∂w = [x₁  x₂  x₃] = xᵀ"):
        assert line in shown
    assert "Each of these partials was checked." in shown


def test_an_example_of_a_jacobian_is_a_table() -> None:
    shown = example(("w * x", "w", "w, x in R^n"), 2)
    assert "⎡x₁  0 ⎤ = diag(x)" in shown
    assert "⎣0   x₂⎦" in shown


def test_an_example_that_is_long_shows_what_stands_for_the_rest() -> None:
    shown = example(("softmax(x)", "x", "x in R^n"))
    assert "∂s₁/∂x₁ = " in shown
    assert "∂s₁/∂x₂ = −exp(x₁) exp(x₂) / (exp(x₁) + exp(x₂) + exp(x₃))²" in shown
    assert "The others are like them." in shown


@pytest.mark.parametrize(
    ("question", "length"),
    [
        (("a * b", "a", "a, b in R"), 3),
        (("x**2", "x", "x in R^3"), 3),
        (("outer(x, y)", "x", "x in R^n; y in R^m"), 3),
        (("logdet(S)", "S", "S in PD(n)"), 2),
    ],
)
def test_where_there_is_no_small_example_it_is_said(question: tuple[str, str, str], length: int) -> None:
    with pytest.raises(derivgen.DerivgenError, match=r"no smaller example|entries") as refused:
        derivgen.derive(*question).to("text", example=length)
    assert refused.value.hint


def test_an_example_stands_before_the_steps() -> None:
    d = derivgen.derive(*NEURON)
    for name in ("text", "markdown", "latex", "html", "mathml"):
        shown = d.to(name, example=2, numbers=POINT)
        assert shown.index("With") < shown.index("Name the intermediates") < shown.index("In numbers")
