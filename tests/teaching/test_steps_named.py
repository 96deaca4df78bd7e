"""A step has the name of what it does, and says where each number in it comes from."""

from __future__ import annotations

from typing import Any

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
    assert "; a sum is differentiated term by term." in text


def words(text: str, wrt: str, where: str, **options: Any) -> str:
    return " ".join(derivgen.derive(text, wrt, where, check=False, **options).to("text").split())


DATA = "w in R^n; y, t in R^N; X in R^(N*n); c in R"


@pytest.mark.parametrize(
    ("text", "stays"),
    [
        ("sum((y[i] - tanh(w.T @ X[i]))**2 for i in range(N)) / N", "1/N stays"),
        ("-sum(log(sigmoid(y[i] * w.T @ X[i])) for i in range(N))", "the minus sign stays"),
        ("sum((w.T @ X[i] - y[i])**4 for i in range(N)) / c", "1/c stays"),
    ],
)
def test_what_stands_before_a_sum_is_said_to_stay(text: str, stays: str) -> None:
    said = words(text, "w", DATA)
    assert f": {stays}, and the derivative of a sum is the sum of the derivatives, so it is enough" in said


def test_the_slope_of_the_logistic_function_has_each_of_its_steps() -> None:
    said = words("sigmoid(z)**2", "z", "z in R")
    assert "has the slope exp(−u) / (1 + exp(−u))², for exp(−u) has the slope −exp(−u): that is σ(u) times" in said
    assert "exp(−u) / (1 + exp(−u)), which is 1 − 1 / (1 + exp(−u)) = 1 − σ(u)." in said


def test_the_product_of_two_jacobians_comes_from_the_sum_over_the_entries_between() -> None:
    said = words("f(g(x))", "x", "x in R^n; g: R^n -> R^k; f: R^k -> R^m", method="chain")
    assert "each of which passes on ∂yₗ/∂vᵢ times ∂vᵢ/∂xⱼ: added up over i, by the vector chain rule, that is row l of ∂f/∂v times column j" in said  # fmt: skip
    assert "The total derivative: row by column, xⱼ changes yₗ through every entry of v." in said


def test_two_minus_signs_that_cancel_are_seen() -> None:
    where = "A in R^(m*n); b in R^m; x in R^n"
    said = words("-sum(log(b - A @ x))", "x", where, order=2)
    assert "r, which is b − Ax, changes with x at the rate −A" in said
    assert "at their product, in which the minus signs cancel." in said
    assert "minus signs cancel" not in words("sum(log(b + A @ x))", "x", where, order=2)


def test_a_factor_beside_a_softmax_stays() -> None:
    where = "y in R^k; W in R^(k*n); x in R^n"
    assert "contains zₗ; 𝟏ᵀy stays; −∑" in words("-y.T @ log(softmax(W @ x))", "W", where)


def test_the_slope_of_a_length_has_both_twos() -> None:
    said = words("norm(A @ x - b)", "x", "A in R^(m*n); x in R^n; b in R^m")
    assert "only rⱼ², with the slope 2rⱼ, contains rⱼ; the 2 of one slope cancels that of the other." in said


def test_the_larger_of_two_that_both_move_changes_as_that_one_does() -> None:
    said = words("max(z**2, z/10)", "z", "z in R")
    assert "and changes with z as that one does; where these are equal, 0 is taken by convention." in said
    assert "is the smaller of" in words("min(z**2, exp(z))", "z", "z in R")
    d = derivgen.derive("max(z**2, z/10)", "z", "z in R")
    assert d.evaluate({"z": 0.0}) == 0  # both are 0 there
