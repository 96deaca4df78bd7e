"""Where a term is too long for a sentence, no word of it points at something else that the line does not show."""

from __future__ import annotations

import pytest

import derivgen

NETWORK = (
    "-t.T @ log(softmax(W3 @ max(0, W2 @ max(0, W1 @ x + b1) + b2) + b3))",
    "W1",
    "W1 in R^(h*n); W2 in R^(p*h); W3 in R^(k*p); b1 in R^h; b2 in R^p; b3 in R^k; x in R^n; t in Simplex(k)",
)
FREE_WEIGHTS = (
    "-t.T @ log(softmax(W @ tanh(V @ x + c) + b + d*e))",
    "x",
    "W in R^(k*h); V in R^(h*n); x in R^n; b, t, e in R^k; c in R^h; d in R",
)
SHORT = ("-t.T @ log(softmax(W @ x + b))", "W", "W in R^(k*n); b in R^k; x in R^n; t in Simplex(k)")


def reason(question: tuple[str, str, str], rule: str) -> str:
    words = " ".join(derivgen.derive(*question).to("text").split())
    return words[: words.index(f"[{rule}]")].rsplit(" ✓ checked", 1)[-1]


@pytest.mark.parametrize("question", [NETWORK, FREE_WEIGHTS])
def test_a_long_argument_of_a_softmax_is_called_its_exponent(question: tuple[str, str, str]) -> None:
    said = reason(question, "log-of-softmax")
    assert "so its logarithm is the exponent less the logarithm of that sum" in said
    assert "this sum" not in said
    assert "(…)" not in said


def test_a_short_argument_of_a_softmax_is_said_itself() -> None:
    assert "so its logarithm is the entry of Wx + b less log(" in reason(SHORT, "log-of-softmax")


def test_letters_that_are_put_back_are_all_named_and_a_long_value_is_no_product_shown() -> None:
    said = reason(NETWORK, "letters-back")
    assert "δ₂ for the value given to it above, z₁ for W₁x + b₁, and likewise z₂ and z₃." in said
    assert "this product" not in said


def test_three_letters_or_fewer_are_said_with_their_values() -> None:
    said = reason(SHORT, "letters-back")
    assert "δ stands for (softmax(z) − t)ᵀ, and z for Wx + b." in said
    assert "likewise" not in said
