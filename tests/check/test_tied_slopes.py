"""The judge where two values are equal: a slope that both have in common is the derivative, as it is away from there."""

from __future__ import annotations

import pytest

from derivgen.check.evaluate import evaluate
from derivgen.check.judge import Judge
from derivgen.expr import At, Build, Expr, Index, Partial, symbols
from derivgen.read import parse_text

SPACES = "x, y in R^n; A in R^(n*n); c in R; S in Sym(n)"


def gradient(text: str, wrt: str) -> Expr:
    """The derivative of a scalar, of the shape of the variable, not carried out."""
    f = parse_text(text, SPACES)
    variable = symbols(f)[wrt]
    places = tuple(Index(f"d{k}", dim) for k, dim in enumerate(variable.shape.axes))
    return Build(places, Partial(f, At(variable, places))) if places else Partial(f, variable)


ALIKE = [
    ("sum(max(x**2, x * x))", "x", "2 * x", "0 * x"),
    ("sum(min(3 * x, x + 2 * x))", "x", "3 * ones(n)", "0 * x"),
    ("sum(max(y[0], y))", "y", "sum(y[0] > y) * eye(n)[0] + (y >= y[0])", "sum(y[0] > y) * eye(n)[0] + (y > y[0])"),
    ("sum(max(A, A.T))", "A", "(A > A.T) + (A >= A.T)", "2 * (A > A.T)"),
    ("trace(min(A, A.T))", "A", "eye(n)", "0 * A"),
    ("sum(max(x[i], x[j]) for i in range(n) for j in range(n))", "x",
     "[1 + 2 * sum(x[k] > x[j] for j in range(n)) for k in range(n)]", "[2 * sum(x[k] > x[j] for j in range(n)) for k in range(n)]"),
    ("sum(max(exp(log(x)), x))", "x", "ones(n) + 0 * log(x)", "0 * log(x)"),
    ("max(sqrt(x.T @ x), norm(x))", "x", "x / norm(x)", "0 * x"),
    ("max(c * c + sin(c), sin(c) + c**2)", "c", "2 * c + cos(c)", "0 * c"),
    ("sum(max(x, max(x)))", "x", "sum(ones(n)) * (x >= max(x))", "0 * x"),
    ("max(A + A.T)", "A", "2 * (A + A.T >= max(A + A.T)) / sum(A + A.T >= max(A + A.T))", "2 * (A + A.T >= max(A + A.T))"),
    ("min(exp(x @ x.T))", "x", "2 * exp(min(x @ x.T)) * (min(x @ x.T) >= x @ x.T) @ x / sum(min(x @ x.T) >= x @ x.T)",
     "2 * exp(min(x @ x.T)) * (min(x @ x.T) >= x @ x.T) @ x"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wrt", "true", "false"), ALIKE)
def test_a_slope_that_both_sides_share_is_the_derivative(text: str, wrt: str, true: str, false: str) -> None:
    court = Judge()
    pending = gradient(text, wrt)
    right, wrong = (court.agree(pending, parse_text(e, SPACES)).status for e in (true, false))
    assert (right, wrong) == ("verified", "refuted")


@pytest.mark.parametrize(
    ("text", "slope"),
    [("max(c, 2 * c)", 0), ("min(c**2 + c, c)", 1), ("relu(c**3)", 0), ("abs(c)", 0), ("max(c, 0) + min(c, 0)", 0)],
)
def test_at_a_kink_the_derivative_is_zero_and_elsewhere_what_both_have(text: str, slope: float) -> None:
    assert evaluate(gradient(text, "c"), {"c": 0.0}) == slope


def test_of_a_second_derivative_too() -> None:
    c = symbols(parse_text("c", SPACES))["c"]
    twice = Partial(Partial(parse_text("max(c**3 + c, c + c * c**2)", SPACES), c), c)
    assert Judge().agree(twice, parse_text("6 * c", SPACES)).status == "verified"


def test_where_it_cannot_be_told_which_side_it_is_the_value_holds_both() -> None:
    """exp(log(x)) and x meet at no precision exactly; the larger of them is either, and a jump between them is open."""
    assert Judge().agree(parse_text("max(exp(log(x)), x)", SPACES), parse_text("x + 0 * log(x)", SPACES)).passed
    jump = Judge().agree(parse_text("(exp(log(c)) > c) * c", SPACES), parse_text("0 * c + 0 * log(c)", SPACES))
    assert jump.status == "unchecked"


def test_what_is_equal_everywhere_has_no_other_side() -> None:
    reason = Judge().agree(parse_text("max(x**2, x * x)", SPACES), parse_text("x**2", SPACES)).reason
    assert "nowhere" not in reason
