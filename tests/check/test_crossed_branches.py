"""Two conditions in one equality: a side of the one that is met only with one side of the other hides no falsehood."""

from __future__ import annotations

import pytest

from derivgen.check.judge import Judge
from derivgen.read.declare import declare
from derivgen.read.question import parse_text

WHERE = declare("a, b, c in R; v in R^n")

FALSE = [
    ("where(a > 0, (a > b) * v, 0)", "where(a > 0, v, 0)"),
    ("where(a > 0, (a > 0) * (a > b) * c, 0)", "where(a > 0, c, 0)"),
    ("(a > 0) * (b > 0) * c", "(a > 0) * (b > 0) * c + (a <= 0) * (b <= 0) * c"),
    ("max(0, a) * max(0, b)", "max(0, a) * max(0, b) + max(0, -a) * max(0, -b) / 2"),
    ("(a > 0) * (b > 0) * (c > 0) * c", "(a > 0) * (b > 0) * (c > 0) * c + (a <= 0) * (b <= 0) * (c <= 0) * c"),
    ("where(a > 0, where(a > b, c, 0), 0)", "where(a > 0, where(a > b, c, b - a + abs(a - b)), 0)"),
    ("where(a > 0, where(b > 1, exp(c), 1), 0)", "where(a > 0, where(b > 1, exp(c), exp(0 * c) + (b < 0) * c), 0)"),
]
TRUE = [
    ("(a > 0) * (b > 0) * c", "where(b > 0, c * (a > 0), 0)"),
    ("max(0, a) * max(0, b)", "max(0, a * max(0, b))"),
    ("where(a > 0, where(a > b, c, 0), 0)", "(a > 0) * (a > b) * c"),
]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(("left", "right"), FALSE)
def test_a_step_is_refuted_where_two_sides_meet(left: str, right: str, seed: int) -> None:
    found = Judge(seed=seed).agree(parse_text(left, WHERE), parse_text(right, WHERE), depth="step")
    assert found.status == "refuted"


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("left", "right"), TRUE)
def test_what_is_true_stays_so(left: str, right: str, seed: int) -> None:
    found = Judge(seed=seed).agree(parse_text(left, WHERE), parse_text(right, WHERE), depth="step")
    assert found.status == "verified"
