"""Which terms of a sum contain the variable, and which are equal, is said where it is so: true cases beside false ones."""

from __future__ import annotations

from typing import Any

import pytest

import derivgen
from derivgen.read import parse_text
from derivgen.rules import BOOK
from derivgen.rules.engine import Context
from derivgen.rules.inverses import cancel_inverse


def said(text: str, wrt: str, where: str, **choices: Any) -> str:
    d = derivgen.derive(text, wrt, where, **choices)
    assert d.verdict == "verified"
    return " ".join(d.to("text").split())


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("det(X.T @ X)", "X in R^(n*k)"),
        ("det(X.T @ S @ X)", "X in R^(n*k); S in Sym(n)"),
        ("trace(S @ inv(X @ X.T))", "X in R^(n*k); S in Sym(n)"),
    ],
)
def test_two_terms_that_became_twice_one_of_them_are_called_equal(text: str, where: str) -> None:
    assert "There the two terms are equal" in said(text, "X", where)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("det(X.T @ A @ X)", "X in R^(n*k); A in R^(n*n)"),
        ("log(det(X.T @ A @ X))", "X in R^(n*k); A in R^(n*n)"),
        ("det(X @ X.T + A)", "X in R^(n*k); A in R^(n*n)"),
        ("trace(A @ inv(X @ X.T))", "X in R^(n*k); A in R^(n*n)"),
    ],
)
def test_two_terms_that_were_both_kept_are_not_called_equal(text: str, where: str) -> None:
    assert "terms are equal" not in said(text, "X", where)


def test_that_an_inverse_is_its_own_transpose_is_said_without_equal_terms_too() -> None:
    text = said("trace(A @ inv(X @ X.T))", "X", "X in R^(n*k); A in R^(n*n)")
    assert (
        "so E goes to the end, and a sum of traces is the trace of the sum. There (XXᵀ)⁻¹ is its own transpose." in text
    )


def test_a_sum_each_term_of_which_contains_the_variable_has_no_only_term() -> None:
    text = said("sum((x[i] - mean(x))**2 for i in range(n))", "x", "x in R^n")
    assert (
        "In the sum over j only the term with j = k contains xₖ; xᵢ changes with xₖ only where i = k, and then at rate 1."
        in text
    )
    assert "only the term with i = k" not in text
    norm = said("(x - mean(x)) / sqrt(var(x) + eps)", "x", "x in R^n; eps in R", method="scalar")
    assert "In the sums over l and j only the terms with l = p and j = p contain xₚ; xₖ changes with xₚ only" in norm


def test_a_sum_over_entries_of_the_variable_alone_has_an_only_term() -> None:
    where = "x, c in R^n"
    assert "In the sum over i only the term with i = j contains xⱼ." in said("sum(tanh(x))", "x", where)
    cubes = said("sum((x[i] - mean(c))**3 for i in range(n))", "x", where)
    assert "changes with" not in cubes


def test_a_power_of_a_sum_has_no_term_of_its_own_for_an_entry_and_the_sum_has() -> None:
    text = said("sum(x)**2 / (x.T @ x)", "x", "x in R^n")
    assert "∑ᵢ₌₁ⁿ xᵢ contains xⱼ once, as a term of its own, so ∂u/∂xⱼ is 2 ∑ᵢ₌₁ⁿ xᵢ for every j." in text
    assert "(∑ᵢ₌₁ⁿ xᵢ)² contains" not in text


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ("x / norm(x)", "x in R^n", "xᵢ is divided by ‖x‖, and both depend on x:"),
        ("exp(x) / sum(exp(x))", "x in R^n", "aᵢ is divided by ∑ⱼ₌₁ⁿ aⱼ, and both depend on a:"),
        ("x.T @ A @ x", "x in R^n; A in R^(n*n)", "xᵢ and ∑ⱼ₌₁ⁿ Aᵢⱼxⱼ both depend on x:"),
        ("kron(x, A @ x)", "x in R^n; A in R^(n*n)", "xⱼ and ∑ₖ₌₁ⁿ Aᵢₖxₖ both depend on x:"),
    ],
)
def test_an_entry_at_another_index_does_not_contain_the_one_derived_by(text: str, where: str, words: str) -> None:
    assert words in said(text, "x", where)


def test_what_contains_the_entry_derived_by_at_every_index_is_said_to() -> None:
    text = said("(A @ x) / (x.T @ x)", "x", "x in R^n; A in R^(m*n)")
    assert "both contain x" in text
    assert "depend on x:" not in text
    assert "a and exp(a) both contain a:" in said("a * exp(a)", "a", "a in R")


def test_a_factor_is_multiplied_into_a_sum_only_where_a_denominator_goes() -> None:
    text = said("sum(log(sigmoid(y[i]*(w.T @ X[i] + b))) for i in range(N))", "w",
                "w in R^n; y in R^N; X in R^(N*n); b in R")  # fmt: skip
    assert "cancel-into-sum" not in text
    assert "1/aᵢ − 1" not in text


REVERSE = "the inverse of a product is the product of the inverses in reverse"


def test_the_inverse_of_a_product_is_spoken_of_only_where_one_cancels() -> None:
    text = said("trace(inv(X) @ A @ X)", "X", "X, A in R^(n*n)")
    assert "A matrix times its inverse is the identity: X⁻¹AXX⁻¹ is X⁻¹A." in text
    assert REVERSE not in text
    for expression, product in (("M @ inv(M) @ N", False), ("N @ inv(M @ N)", True), ("inv(M @ N) @ M @ N", True)):
        e = parse_text(expression, "M, N in R^(n*n)")
        new = cancel_inverse.rewrite(e, Context(BOOK, set()))
        assert new is not None
        assert (REVERSE in str(cancel_inverse.reason(e, new))) is product


def test_what_is_put_together_again_and_again_is_not_told_of_its_first_two_terms() -> None:
    text = said("trace(X.T @ A @ X @ X.T @ X)", "X", "X in R^(n*k); A in R^(n*n)")
    assert "is a factor of XXᵀAX and XXᵀAᵀX" not in text
    assert "A factor with which several terms begin or end is taken out of them, and so is" in text
    once = said("x.T @ A @ x", "x", "x in R^n; A in R^(n*n)")
    assert "xᵀ is a factor of xᵀAᵀ and xᵀA, so it is taken out." in once


def test_a_term_of_a_sum_that_does_not_contain_the_variable_is_said_to_be_constant() -> None:
    factors = "X in R^(m*n); U in R^(m*k); V in R^(n*k); c in R"
    text = said("norm(X - U @ V.T)**2 + c*norm(U)**2 + c*norm(V)**2", "U", factors)
    assert "added up; c‖V‖_F² does not contain U and has the derivative 0." in text
    assert "has the derivative 0" not in said("norm(X - U @ V.T)**2 + c*norm(U)**2", "U", factors)
    several = ("norm(A @ x - y)**2 + log(1 + x.T @ x) + norm(y)**2 - 3", "x", "A in R^(m*n); x in R^n; y in R^m")
    for order in (1, 2):
        assert "; ‖y‖² and 3 do not contain x and each has the derivative 0." in said(*several, order=order)
    halved = said(f"({several[0]})/s", "x", f"{several[2]}; s in R; s > 0")
    assert "and constant factors stay; ‖y‖² and 3 do not contain x" in halved
