"""A Hessian uses what is known of its gradient: the two cases of a softmax, the slope of a length."""

from __future__ import annotations

import pytest

from derivgen import derive
from derivgen.expr import Build, Cases


@pytest.mark.parametrize(("text", "x", "where", "steps"), [
    ("log(sum(exp(x)))", "x", "x in R^n", 7),
    ("log(sum(exp(x))) - c.T @ x", "x", "c, x in R^n", 8),
    ("log(sum(exp(A @ x)))", "x", "A in R^(m*n); x in R^n", 7),
    ("-y.T @ log(softmax(z))", "z", "y, z in R^n", 9),
    ("-y.T @ log(softmax(z))", "z", "y in Simplex(n); z in R^n", 9),
    ("-y.T @ log(softmax(A @ x + b))", "x", "y in Simplex(m); A in R^(m*n); b in R^m; x in R^n", 8),
])  # fmt: skip
def test_a_softmax_in_the_gradient_has_its_two_cases(text: str, x: str, where: str, steps: int) -> None:
    d = derive(text, x, where, order=2)
    assert d.verdict == "verified"
    assert len(d.steps) <= steps
    letters = {str(i.value): str(i.symbol) for s in d.steps for i in s.introduces}
    s = next(name for value, name in letters.items() if value.startswith("softmax("))
    (known,) = (t for t in d.steps if t.rule == "derive-link" and t.title.startswith(f"Differentiate {s} by"))
    assert str(known.after) == f"diag({s}) - {s} @ {s}.T"
    (cases,) = known.via
    assert isinstance(cases, Build)
    assert isinstance(cases.body, Cases)
    assert s in str(d.steps[-1].after)
    assert "softmax" in str(d.result)


def test_the_gradient_of_a_softmax_by_its_side_is_no_letter_of_its_own() -> None:
    d = derive("log(sum(exp(x)))", "x", "x in R^n", order=2)
    (first,) = (s for s in d.steps if s.rule == "first-derivative")
    assert [str(i.symbol) for i in first.introduces] == ["s"]


def test_a_constant_beside_the_softmax_is_no_link() -> None:
    d = derive("log(sum(exp(x))) - c.T @ x", "x", "c, x in R^n", order=2)
    assert "Of g only s contains x" in d.to("text")
    assert "eye" not in "".join(str(e) for s in d.steps for e in (*s.via, s.after))


@pytest.mark.parametrize(("text", "steps"), [("norm(x)", 7), ("norm(x - a)", 7)])
def test_a_length_is_derived_again_in_one_step(text: str, steps: int) -> None:
    d = derive(text, "x", "a, x in R^n", order=2)
    assert d.verdict == "verified"
    assert len(d.steps) <= steps
    assert [s.rule for s in d.steps[-3:]] == ["first-derivative", "derive-link", "hessian"]


def test_by_entries_it_is_derived_by_entries() -> None:
    d = derive("log(sum(exp(x)))", "x", "x in R^n", order=2, method="scalar")
    assert d.verdict == "verified"
    assert "derive-link" not in {s.rule for s in d.steps}
