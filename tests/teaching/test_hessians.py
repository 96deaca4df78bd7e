"""A Hessian uses what is known of its gradient: the two cases of a softmax, the slope of a length."""

from __future__ import annotations

import pytest

from derivgen import derive
from derivgen.catalog.build import product, split_coefficient
from derivgen.check.judge import Judge
from derivgen.derivation.methods.chain import coefficient_of
from derivgen.expr import At, Build, Cases, Sum


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


ROWS = "A in R^(m*n); x in R^n; b in R^m"
SUMS = {
    "a minus sign that went": ("-sum(log(b[i] - A[i].T @ x) for i in range(m))", "the two minus signs cancel."),
    "a minus sign that came": ("sum(1/(A[i].T @ x) for i in range(m))", "in front; the two minus signs cancel."),
    "a minus sign that stays": (
        "sum(log(b[i] - A[i].T @ x) for i in range(m))",
        "the two minus signs of the rates cancel.",
    ),
    "a factor of the slope": ("sum((A[i].T @ x - b[i])**4 for i in range(m))/m", "with 4/m in front."),
    "no factor": ("sum(exp(A[i].T @ x) for i in range(m))", "these are added up over i."),
}


@pytest.mark.parametrize("case", SUMS)
def test_the_gradient_of_a_sum_is_derived_again_in_the_form_that_was_reached(case: str) -> None:
    text, words = SUMS[case]
    d = derive(text, "x", ROWS, order=2)
    assert d.verdict == "verified"
    (first,) = (s for s in d.steps if s.rule == "first-derivative")
    again = next(s for s in d.steps[d.steps.index(first) :] if s.rule == "derive-link")
    (term,) = again.introduces
    front, total = coefficient_of(first.after, d.problem.symbols["x"])
    assert isinstance(total, Sum)
    of_terms = product(*front, Sum(total.index, At(term.symbol, (total.index,))))
    assert Judge().agree(first.after, of_terms, [term]).status == "verified"
    (hessian,) = (s for s in d.steps if s.rule == "hessian")
    assert coefficient_of(hessian.via[-1], d.problem.symbols["x"])[0] == front
    last_front, last_total = coefficient_of(hessian.after, d.problem.symbols["x"])
    assert isinstance(last_total, Sum)
    assert split_coefficient(product(*last_front))[0] > 0 or split_coefficient(last_total.body)[0] > 0
    assert words in " ".join(d.to("text").split())
