"""The way of a board: what needs two lines in a lecture has no detour through letters and matrices of ones."""

from __future__ import annotations

import pytest

from derivgen import derive


@pytest.mark.parametrize(("text", "where"), [
    ("-p.T @ log(p)", "p in R^n"),
    ("p.T @ (log(p) - log(q))", "p, q in R^n"),
    ("p.T @ tanh(p)", "p in R^n"),
])  # fmt: skip
def test_an_inner_product_of_a_vector_and_its_own_function_goes_by_its_entries(text: str, where: str) -> None:
    d = derive(text, "p", where)
    assert d.verdict == "verified"
    assert [s.rule for s in d.steps[:2]] == ["entry-of-product", "product-rule"]
    assert not any("ones(" in str(s.after) for s in d.steps)


def test_an_inner_product_with_what_is_constant_still_has_its_letters() -> None:
    d = derive("max(0, w.T @ x + b)", "w", "w, x in R^n; b in R")
    assert str(d.steps[0].introduces[0].value) == "w * x"


@pytest.mark.parametrize(("text", "names"), [
    ("-sum(log(b - A @ x))", ["r", "y"]),
    ("sum(max(0, A @ x - b))", ["r", "y"]),
    ("exp(sum(log(x)) / n)", []),
    ("sqrt(sum(exp(x)))", ["s", "y"]),
])  # fmt: skip
def test_what_one_function_makes_of_each_entry_is_added_up_in_the_same_link(text: str, names: list[str]) -> None:
    d = derive(text, "x", "x in R^n; A in R^(m*n); b in R^m")
    assert d.verdict == "verified"
    assert [str(i.symbol) for s in d.steps for i in s.introduces] == names


def test_a_sum_of_two_functions_of_each_entry_is_cut_between_them() -> None:
    d = derive("sqrt(sum(exp(tanh(A @ x))))", "x", "x in R^n; A in R^(m*n)", check=False)
    assert [str(i.symbol) for i in d.steps[0].introduces] == ["z", "a", "h", "s", "y"]


def test_no_root_of_a_softmax_is_folded() -> None:
    d = derive("sqrt(sum(exp(x)))", "x", "x in R^n")
    assert str(d.result) == "1 / 2 * exp(x).T / sqrt(sum(exp(x)))"
