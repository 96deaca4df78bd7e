"""A Hessian uses what is known of its gradient: the two cases of a softmax, the slope of a length."""

from __future__ import annotations

import pytest

from derivgen import derive
from derivgen.catalog.build import factors_of, operands_of, product, split_coefficient
from derivgen.derivation.methods.chain import coefficient_of
from derivgen.expr import Build, Cases, Partial, Sum


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
GONE = "so that its minus sign is gone."
SUMS = {
    "a minus sign in front": ("-sum(log(b[i] - A[i].T @ x) for i in range(m))", -1, GONE),
    "a minus sign of the rate": ("sum(log(b[i] - A[i].T @ x) for i in range(m))", 1, GONE),
    "no minus sign": ("sum(1/(A[i].T @ x) for i in range(m))", 1, "which are added up over i."),
    "a factor in front": ("sum((A[i].T @ x - b[i])**4 for i in range(m))/m", 1, "which are added up over i."),
    "no factor": ("sum(exp(A[i].T @ x) for i in range(m))", 1, "which are added up over i."),
}


@pytest.mark.parametrize("case", SUMS)
def test_a_sum_of_what_has_one_linear_number_inside_is_derived_again_by_that(case: str) -> None:
    text, sign, words = SUMS[case]
    d = derive(text, "x", ROWS, order=2)
    assert d.verdict == "verified"
    assert len(d.steps) <= 6
    assert "first-derivative" not in {s.rule for s in d.steps}
    (again,) = (s for s in d.steps if s.title.endswith(" again"))
    assert isinstance(again.left, Partial)
    assert isinstance(again.left.body, Partial)
    (hessian,) = (s for s in d.steps if s.rule == "hessian")
    front, total = coefficient_of(hessian.via[-1], d.problem.symbols["x"])
    assert isinstance(total, Sum)
    assert (split_coefficient(product(*front))[0] > 0) == (sign > 0)
    assert again.left in factors_of(total.body)
    assert words in " ".join(d.to("text").split())


@pytest.mark.parametrize(("text", "where", "steps"), [
    ("sum(log(A @ x))", ROWS, 4),
    ("norm(A @ x - b)**2", ROWS, 3),
    ("c.T @ x - sum(log(b - A @ x))", f"c in R^n; {ROWS}", 5),
    ("sum(log(1 + exp(A @ x)))", ROWS, 7),
])  # fmt: skip
def test_a_vector_whose_entries_act_by_themselves_has_a_diagonal_between_its_jacobians(
    text: str, where: str, steps: int
) -> None:
    d = derive(text, "x", where, order=2)
    assert d.verdict == "verified"
    assert len(d.steps) <= steps
    (again,) = (s for s in d.steps if s.title.endswith(" again"))
    assert "contains no other entry of" in str(again.reason)
    assert str(again.after).replace("2 * ", "").startswith(("diag(", "-diag(", "eye("))
    (hessian,) = (s for s in d.steps if s.rule == "hessian")
    (product_,) = hessian.via
    assert again.left in operands_of(product_)


@pytest.mark.parametrize(("text", "where", "steps"), [
    ("-x.T @ log(x)", "x in R^n; x > 0", 5),
    ("sum(x * log(x / q))", "x, q in R^n; x > 0; q > 0", 5),
    ("-sum(log(x))", "x in R^n; x > 0", 4),
    ("c.T @ x - t*sum(log(x))", "c, x in R^n; x > 0; t in R", 4),
    ("sum(sqrt(1 + x**2))", "x in R^n", 7),
    ("sum(x**4)/4 - sum(x**2)/2", "x in R^n", 4),
])  # fmt: skip
def test_a_sum_whose_terms_have_an_entry_each_is_derived_again_entry_by_entry(
    text: str, where: str, steps: int
) -> None:
    d = derive(text, "x", where, order=2)
    assert d.verdict == "verified"
    assert len(d.steps) <= steps
    *_, again, hessian = d.steps
    assert isinstance(again.left, Partial)
    assert isinstance(again.left.body, Partial)
    assert again.left.wrt == again.left.body.wrt
    assert hessian.rule == "hessian"
    assert "contains no other entry of x than x[" in str(hessian.reason)
    assert "diag(" in str(d.result)


def test_where_a_partial_contains_other_entries_the_hessian_is_not_taken_for_diagonal() -> None:
    for text in ("sum(x)**2", "x.T @ x * sum(x)", "sum(x) * sum(exp(x))", "(x.T @ x)**2"):
        d = derive(text, "x", "x in R^n", order=2)
        assert d.verdict == "verified"
        assert "contains no other entry" not in " ".join(str(s.reason) for s in d.steps if s.rule == "hessian")


def test_a_second_derivative_by_one_letter_has_its_square_below() -> None:
    text = derive("sin(a.T @ x)", "x", "a, x in R^n", order=2).to("text")
    assert "∂²y/∂s² = ∂/∂s cos(s) = −sin(s)" in text
    assert "∂²y/∂x²" in derive("x**3", "x", "x in R", order=2).to("text")


@pytest.mark.parametrize(("text", "between"), [
    ("sqrt(1 + norm(A @ x - b)**2)", "eye(m) / sqrt(1 + norm(r)**2) - r @ r.T / (1 + norm(r)**2)**(3 / 2)"),
    ("log(1 + norm(A @ x)**2)", "2 * eye(m) / (1 + norm(z)**2) - 4 * z @ z.T / (1 + norm(z)**2)**2"),
])  # fmt: skip
def test_the_hessian_by_a_linear_vector_stands_between_its_jacobians(text: str, between: str) -> None:
    d = derive(text, "x", ROWS, order=2)
    assert d.verdict == "verified"
    assert len(d.steps) <= 7
    (again,) = (s for s in d.steps if s.title.endswith(" again"))
    assert str(again.after) == between
    assert str(d.result).endswith("@ A")
