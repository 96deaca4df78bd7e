"""The judge beside the smooth ramps and the distribution function of the normal: truths pass, near misses do not."""

from __future__ import annotations

import pytest

import derivgen

WHERE = "a in R; x, y in R^n"

TRUE = [
    ("gelu(x)", "x * normcdf(x)"),
    ("gelu(x)", "x * (1 + erf(x / sqrt(2))) / 2"),
    ("gelu(x) - gelu(-x)", "x"),
    ("gelu(-a)", "a * normcdf(a) - a"),
    ("normcdf(a) + normcdf(-a)", "1"),
    ("normcdf(a)", "(1 + erf(a / sqrt(2))) / 2"),
    ("silu(x)", "x * sigmoid(x)"),
    ("silu(x)", "x / (1 + exp(-x))"),
    ("silu(a) - silu(-a)", "a"),
    ("swish(x) * exp(-x)", "x * sigmoid(-x)"),
    ("partial(gelu(a), a)", "normcdf(a) + a * exp(-a**2 / 2) / sqrt(2 * pi)"),
    ("partial(silu(a), a)", "sigmoid(a) * (1 + a * (1 - sigmoid(a)))"),
    ("partial(normcdf(a), a)", "exp(-a**2 / 2) / sqrt(2 * pi)"),
]

FALSE = [
    ("gelu(x)", "x * sigmoid(1.702 * x)"),  # the approximation by a logistic function
    ("gelu(a)", "a * (1 + tanh(sqrt(2 / pi) * (a + 0.044715 * a**3))) / 2"),  # and that by tanh
    ("gelu(x)", "max(0, x)"),
    ("gelu(x)", "x * erf(x)"),
    ("gelu(x)", "x * (1 + erf(x)) / 2"),
    ("gelu(-x)", "-gelu(x)"),
    ("normcdf(a)", "1 / (1 + exp(-1.702 * a))"),
    ("normcdf(a)", "erf(a / sqrt(2))"),
    ("normcdf(-a)", "-normcdf(a)"),
    ("normcdf(a + 1)", "normcdf(a) + normcdf(1)"),
    ("log(normcdf(a))", "normcdf(log(a**2) / 2)"),
    ("normcdf(a)", "normcdf(a)**1.0000001"),
    ("silu(x)", "gelu(x)"),
    ("silu(x)", "softplus(x) - log(2)"),
    ("silu(-x)", "-silu(x)"),
    ("silu(2 * x)", "2 * silu(x)"),
    ("silu(x)", "max(0, x)"),
    ("silu(x * y)", "silu(x) * silu(y)"),
    ("partial(silu(a), a)", "sigmoid(a) * (1 - sigmoid(a))"),
    ("partial(gelu(a), a)", "normcdf(a)"),
    ("partial(normcdf(a), a)", "exp(-a**2) / sqrt(2 * pi)"),
]


@pytest.mark.parametrize(("left", "right"), TRUE)
def test_what_is_so_is_verified(left: str, right: str) -> None:
    assert derivgen.equal(left, right, where=WHERE).status == "verified"


@pytest.mark.parametrize(("left", "right"), FALSE)
def test_a_near_miss_is_refuted(left: str, right: str) -> None:
    assert derivgen.equal(left, right, where=WHERE).status == "refuted"


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("sum(gelu(x))", "(normcdf(x) + x * exp(-x**2 / 2) / sqrt(2 * pi)).T"),
        ("sum(silu(x))", "(sigmoid(x) + x * sigmoid(x) * (1 - sigmoid(x))).T"),
        ("sum(log(normcdf(x * y)))", "(y * exp(-(x * y)**2 / 2) / normcdf(x * y)).T / sqrt(2 * pi)"),
        ("gelu(y.T @ x)", "(normcdf(y.T @ x) + (y.T @ x) * exp(-(y.T @ x)**2 / 2) / sqrt(2 * pi)) * y.T"),
    ],
)
def test_their_derivatives(expression: str, answer: str) -> None:
    found = derivgen.derive(expression, "x", WHERE)
    assert found.verdict == "verified"
    assert derivgen.equal(str(found.result), answer, where=WHERE).status == "verified"


def test_the_far_tails_keep_their_digits() -> None:
    """1 + erf would be 0 there, and its logarithm none."""
    found = derivgen.derive("log(normcdf(a))", "a", WHERE)
    assert found.value({"a": -20.0}) == pytest.approx(-203.91715537109727, rel=1e-13)
    assert found.evaluate({"a": -20.0}) == pytest.approx(20.049753, rel=1e-6)


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"\operatorname{GELU}(\mathbf x)", "gelu(x)"),
        (r"\operatorname{SiLU}(\mathbf x)", "silu(x)"),
        (r"\mathrm{swish}(\mathbf x)", "silu(x)"),
        (r"\operatorname{normcdf}(a)", "normcdf(a)"),
    ],
)
def test_both_languages_have_them(latex: str, text: str) -> None:
    assert derivgen.equal(latex, text, where=WHERE).status == "verified"
