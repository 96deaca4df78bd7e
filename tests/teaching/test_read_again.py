"""Sentences that a reader found false, empty or short of a step: fractions, letters that are put back, diagonals, names."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pytest

import derivgen
from derivgen.derivation.derivation import Derivation
from derivgen.expr import Build, Partial, walk
from tests.teaching.claims import all_claims


@lru_cache
def derived(text: str, wrt: str, where: str, **options: Any) -> Derivation:
    d = derivgen.derive(text, wrt, where, check=False, **options)
    assert isinstance(d, Derivation)
    return d


def words(text: str, wrt: str, where: str, **options: Any) -> str:
    return " ".join(derived(text, wrt, where, **options).to("text").split())


PROBIT = ("sum(y[i]*log(normcdf(w.T @ X[i])) + (1 - y[i])*log(1 - normcdf(w.T @ X[i])) for i in range(N))", "w",
          "w in R^n; y in R^N; X in R^(N*n)")  # fmt: skip


def test_a_fraction_in_a_fraction_is_not_called_one_denominator() -> None:
    assert "ver one denominator" not in words(*PROBIT)
    assert all(c.holds is not False for _, c in all_claims(derived(*PROBIT)))


@pytest.mark.parametrize("layout", ["numerator", "gradient"])
def test_letters_within_what_is_put_back_are_said_too(layout: str) -> None:
    said = words(
        "norm(W2 @ tanh(W1 @ x) - y)**2", "W1", "W1 in R^(h*n); W2 in R^(m*h); x in R^n; y in R^m", layout=layout
    )
    assert "and r for W₂a − y." in said


def test_a_long_value_of_a_letter_is_not_called_what_it_names() -> None:
    said = words("norm((W @ x) * sigmoid(V @ x) - y)**2", "V", "W, V in R^(m*n); x in R^n; y in R^m")
    assert "what it names" not in said
    assert "δ stands for the value given to it above." in said


@pytest.mark.parametrize(("text", "where", "said"), [
    ("-logdet(V.T @ diag(x) @ V)", "V in R^(m*n); x in R^m, x > 0", "Under a trace what follows diag(h) may go to the front"),
    ("a.T @ inv(A + diag(x)) @ a", "A in PD(n); a, x in R^n", "diag(h) multiplies each entry of what follows it by the entry of h in its place"),
])  # fmt: skip
def test_a_change_on_a_diagonal_is_told_by_what_the_product_does(text: str, where: str, said: str) -> None:
    assert said in words(text, "x", where)


def test_a_second_partial_is_told_by_the_sign_that_the_line_has() -> None:
    said = words("norm(r(x))**2 / 2", "x", "x in R^n; r: R^n -> R^m", order=2)
    assert "∂²rₗ/∂xₖ∂xᵢ is how the derivative of ∂rₗ/∂xᵢ by xₖ is written." in said
    assert "∂₁" not in said


def test_the_quotient_that_is_the_logistic_function_is_said() -> None:
    said = words("sum(log(1 + exp(w.T @ X[i])) - y[i]*(w.T @ X[i]) for i in range(N)) + c*norm(w)**2", "w",
                 "w in R^n; y in R^N; X in R^(N*n); c in R")  # fmt: skip
    assert "multiplied above and below by exp(tᵢ), it is the quotient found, exp(tᵢ) / (1 + exp(tᵢ))." in said


def test_only_of_the_letter_itself_it_is_the_jacobian_of_a_formula() -> None:
    scaled = words("sum(p * log(p / softmax(z / T)))", "z", "p in Simplex(n); z in R^n; T in R; T > 0")
    assert "the Jacobian of softmax" not in scaled
    assert "the Jacobian of softmax" in words("norm(softmax(W @ x) - y)**2", "W", "W in R^(k*n); x in R^n; y in R^k")


BY_BASE = ("prod(x[i]**a[i] for i in range(n))", "x", "x, a in R^n; x > 0")
BY_EXPONENT = ("prod(x[i]**a[i] for i in range(n))", "a", "x, a in R^n; x > 0")


@pytest.mark.parametrize(
    "asked",
    [
        BY_BASE,
        BY_EXPONENT,
        ("sum(prod(1 + x[i]*A[j,i] for i in range(n)) for j in range(m))", "x", "x in R^n; A in R^(m*n)"),
    ],
)
def test_no_letter_of_a_product_is_that_of_the_entry_derived_by(asked: tuple[str, str, str]) -> None:
    for s in derived(*asked).steps:
        for side in (s.before, *s.via, s.after):
            free = {i.name for i in side.free}
            products = [e for e in walk(side) if isinstance(e, Build) and not isinstance(e.body, Partial)]
            outside = {i.name for e in walk(side) for i in e.free if isinstance(e, Partial)}
            assert all(not {i.name for i in e.bound} & (free | outside) for e in products if side not in products)


def test_powers_of_one_base_with_letters_as_exponents_are_one_power() -> None:
    d = derived(*BY_BASE)
    assert str(d.result) == "prod(x**a) * (a / x).T"
    assert "powers of one base add their exponents: xⱼ^(aⱼ−1) / xⱼ^(aⱼ) is 1/xⱼ." in words(*BY_BASE)
    assert str(derived(*BY_EXPONENT).result) == "prod(x**a) * log(x).T"


def test_the_one_term_of_a_sum_beside_a_product_is_said() -> None:
    assert "xₖ changes with xⱼ only where k = j, and then at rate 1." in words(*BY_BASE)


def test_of_a_quotient_the_slope_of_what_is_above_and_below_is_said() -> None:
    said = words("V @ softmax(K.T @ q)", "q", "q in R^d; K in R^(d*n); V in R^(p*n)")
    assert (
        "these rates multiply the derivatives of both; a sum is differentiated term by term; exp(zᵢ) is its own slope. The exponentials "
        "over their sum are s" in said
    )


def test_the_logarithm_of_a_determinant_changes_as_that_of_one_plus_a_trace_does() -> None:
    said = words("N/2 * logdet(S) + a.T @ inv(S) @ a", "S", "S in R^(n*n); a in R^n; N in R")
    assert "to first order det(I + M), a sum over permutations, is 1 + tr(M), since" in said
    assert "a product that leaves the diagonal leaves it twice, and log(1 + tr(M)) is tr(M)." in said
    said = words("det(S) + a.T @ inv(S) @ a", "S", "S in R^(n*n); a in R^n")
    assert "to first order det(I + M), a sum over permutations, is 1 + tr(M), since" in said
    assert "log(1 + t)" not in said
