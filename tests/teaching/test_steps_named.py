"""A step has the name of what it does, and says where each number in it comes from."""

from __future__ import annotations

import pytest

import derivgen
from derivgen import Derivation


def derived(text: str, wrt: str, where: str, order: int = 1) -> Derivation:
    d = derivgen.derive(text, wrt, where, order=order)
    assert d.verdict == "verified"
    return d


@pytest.mark.parametrize(
    ("text", "wrt", "where"),
    [
        ("z * max(0, z)", "z", "z in R"),
        ("z * abs(z)", "z", "z in R"),
        ("exp(x)", "x", "x in R"),
        ("sum(tanh(x))", "x", "x in R^n"),
        ("w * exp(x)", "x", "w, x in R^n"),
    ],
)
def test_the_slope_of_a_function_of_the_variable_itself_is_no_chain(text: str, wrt: str, where: str) -> None:
    assert "chain rule" not in derived(text, wrt, where).to("text").lower()


@pytest.mark.parametrize(
    ("text", "wrt", "where"),
    [("exp(x**2)", "x", "x in R"), ("log(sum(exp(x)))", "x", "x in R^n"), ("z * max(0, 2*z)", "z", "z in R")],
)
def test_a_function_of_a_function_is_a_chain(text: str, wrt: str, where: str) -> None:
    assert "The chain rule" in derived(text, wrt, where).to("text")


def test_what_the_step_before_said_of_an_exponential_is_no_step_again() -> None:
    steps = derived("log(sum(exp(x)))", "x", "x in R^n", order=2).steps
    (law,) = [s for s in steps if s.rule == "chain-of-function"]
    assert "of whose terms only exp(x[j]), its own slope, contains x[j]" in str(law.reason)
    assert str(law.after) == "exp(x[j]) / sum(exp(x[i]) for i in range(n))"


@pytest.mark.parametrize(
    ("text", "wrt", "said"),
    [
        ("w * x", "w", "xᵢ does not contain wᵢ, so it stays as a factor; wᵢ changes with itself at rate 1."),
        ("w / x", "w", "1/xᵢ does not contain wᵢ, so it stays as a factor; wᵢ changes with itself at rate 1."),
        ("w - x", "x", "wᵢ does not contain xᵢ and has the derivative 0; xᵢ changes with itself at rate 1."),
        ("w.T @ x", "w", "than wᵢ, which has the constant factor xᵢ, so ∂uᵢ/∂wⱼ is xᵢ if i = j"),
        ("2 * w.T @ (3*x)", "w", "which has the constant factor"),
    ],
)
def test_the_entry_on_the_diagonal_has_its_reason_as_the_zeros_beside_it(text: str, wrt: str, said: str) -> None:
    assert said in " ".join(derived(text, wrt, "w, x in R^n").to("text").split())


def test_no_factor_is_constant_that_moves() -> None:
    for text in ("w * w", "w * sum(w)", "tanh(w) * x"):
        assert "constant factor" not in derived(text, "w", "w, x in R^n").to("text")


def test_the_entry_of_a_softmax_is_a_difference_before_it_is_a_product() -> None:
    text = " ".join(derived("softmax(x)", "x", "x in R^n").to("text").split())
    assert "= sᵢδᵢₖ − sᵢsₖ = ⎰" in text
    assert "over its square; a sum is differentiated term by term." in text
