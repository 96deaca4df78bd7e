"""What a look at values in floats shows, before anyone asks the judge."""

from __future__ import annotations

import pytest

from derivgen.read import parse_text
from derivgen.rules.glance import may_agree, may_meet, may_recur

SPACES = "x, y in R^n; A in R^(n*n); a, b in R; S in Sym(n); P in PD(n); D in Diag(n); q in Simplex(n); p in R^n, p > 0; f: R^n -> R^n; z in R^1000000"


@pytest.mark.parametrize(
    ("u", "v", "meet", "agree"),
    [
        ("x**2", "x * x", True, True), ("x", "y", False, False), ("x", "x[1]", True, False), ("x", "x[5]", True, False),
        ("A", "A.T", True, False), ("S", "S.T", True, True), ("D", "diag(diag(D))", True, True), ("P", "P.T", True, True),
        ("exp(log(a))", "a", True, True), ("sqrt(x**2)", "x", True, False), ("sqrt(a**2)", "-a", True, False), ("sum(q)", "1 + 0 * a", True, True),
        ("sqrt(p**2)", "p", True, True), ("a", "a + 1/1000", False, False), ("f(x)", "f(x)", None, None), ("z", "z", None, None),
        ("x @ y.T", "y @ x.T", True, False), ("x", "mean(x)", True, False), ("max(a, b)", "a", True, False),
    ],
)  # fmt: skip
def test_what_two_have_in_common(u: str, v: str, meet: bool | None, agree: bool | None) -> None:
    one, other = parse_text(u, SPACES), parse_text(v, SPACES)
    assert (may_meet(one, other), may_agree(one, other)) == (meet, agree)


@pytest.mark.parametrize(
    ("array", "recur"),
    [
        ("x", False),
        ("S", True),
        ("A", False),
        ("A @ A.T", True),
        ("x + x[0] * x", False),
        ("kron(x, x)", True),
        ("relu(x)", True),
        ("f(x)", None),
    ],
)
def test_entries_that_are_there_twice(array: str, recur: bool | None) -> None:
    assert may_recur(parse_text(array, SPACES)) is recur


def test_entries_of_one_array_at_free_places_meet_where_the_places_do() -> None:
    total = parse_text("sum(max(x[i], x[j]) for i in range(n) for j in range(n))", SPACES)
    both = total.body.body.args  # type: ignore[attr-defined]
    assert may_meet(*both)
    assert may_agree(*both) is False
