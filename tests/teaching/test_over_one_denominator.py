"""Fractions with different denominators are written over one, and functions that stay below 1 ask for no condition."""

from __future__ import annotations

from functools import lru_cache

import pytest

from derivgen import derive
from tests.teaching.claims import all_claims

PROBIT = (
    "sum(y[i]*log(normcdf(w.T @ X[i])) + (1 - y[i])*log(1 - normcdf(w.T @ X[i])) for i in range(N))",
    "w",
    "w in R^n; y in R^N; X in R^(N*n)",
)


@lru_cache
def probit() -> str:
    d = derive(*PROBIT)
    assert d.verdict == "verified"
    assert all(claim.holds is not False for _, claim in all_claims(d))
    return " ".join(d.to("text").split())


def test_a_probit_has_one_fraction() -> None:
    assert "yᵢ/aᵢ − (1 − yᵢ) / (1 − aᵢ) is (yᵢ − aᵢ) / (aᵢ(1 − aᵢ))." in probit()
    assert "∂C/∂w = ((y − h) ⊗ exp(−(1/2) (Xw)²) ⊘ (h ⊗ (1 − h)))ᵀX / √(2π) where h = normcdf(Xw)" in probit()


def test_what_always_holds_is_no_note() -> None:
    assert "Defined where" not in probit()


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("c*log(a) + (1 - c)*log(1 - a)", "(c - a) / a / (1 - a)"),
        ("c*log(a) - b*log(1 + a)", "c / a - b / (1 + a)"),
    ],
)
def test_no_fraction_stays_in_a_fraction_and_two_that_do_not_cancel_stay(text: str, answer: str) -> None:
    assert str(derive(text, "a", "a, b, c in R; a > 0").result) == answer


@pytest.mark.parametrize("text", ["1 - normcdf(x)", "1 - tanh(x)", "1 + tanh(x)", "1 - tanh(x)**2", "1 - erf(x)", "2 - sigmoid(x) - normcdf(x)",
                                  "1 - sigmoid(x)**3"])  # fmt: skip
def test_a_function_that_stays_below_1_does_not_use_1_up(text: str) -> None:
    found = derive(f"log({text})", "x", "x in R").to("text")
    assert "Defined where" not in found


@pytest.mark.parametrize("text", ["1 - exp(x)", "1 - 2*tanh(x)", "1 - sigmoid(x) - tanh(x)", "sigmoid(x) - 1"])
def test_what_may_use_it_up_asks_for_a_condition(text: str) -> None:
    found = derive(f"log({text})", "x", "x in R").to("text").lower()
    assert "defined" in found
