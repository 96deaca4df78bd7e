"""What ∂f/∂g and ∂₁f(x, g(x)) are is said, as the layout has them, and no sign is both a total and a partial derivative."""

from __future__ import annotations

import re

import pytest

import derivgen
from derivgen.options import Layout

SCALARS = "x in R; g: R -> R; f: R, R -> R"


def said(text: str, wrt: str, where: str, layout: Layout = "numerator", order: int = 1) -> str:
    return " ".join(derivgen.derive(text, wrt, where, layout=layout, order=order, check=False).to("text").split())


@pytest.mark.parametrize(("where", "layout", "words"), [
    ("x in R; g: R -> R^k; f: R^k -> R", "numerator", "∂f/∂g is the gradient of f at g(x), a row."),
    ("x in R; g: R -> R^k; f: R^k -> R", "gradient", "∂f/∂g is the gradient of f at g(x), a column."),
    ("x in R^n; g: R^n -> R^k; f: R^k -> R", "numerator", "∂f/∂g is the gradient of f at g(x), a row."),
    ("x in R^n; g: R^n -> R^k; f: R^k -> R", "gradient", "∂f/∂g is the gradient of f at g(x), a column."),
    ("x in R^n; g: R^n -> R^k; f: R^k -> R", "denominator", "∂f/∂g is the gradient of f at g(x), a column."),
    ("x in R^n; g: R^n -> R; f: R -> R^k", "numerator", "∂f/∂g is the Jacobian of f at g(x), a column."),
    ("x in R^n; g: R^n -> R; f: R -> R^k", "denominator", "∂f/∂g is the transposed Jacobian of f at g(x), a row."),
    ("x in R^n; g: R^n -> R^k; f: R^k -> R^m", "numerator", "∂f/∂g is the Jacobian of f at g(x)."),
    ("x in R^n; g: R^n -> R^k; f: R^k -> R^m", "denominator", "∂f/∂g is the transposed Jacobian of f at g(x)."),
])  # fmt: skip
def test_the_derivative_at_a_function_has_its_shape_as_printed(where: str, layout: Layout, words: str) -> None:
    text = said("f(g(x))", "x", where, layout)
    assert words in text
    assert "(∂f/∂g)ᵀ is" not in text


@pytest.mark.parametrize(("text", "where", "answer"), [
    ("f(x, g(x))", SCALARS, "∂₁f(x, g(x)) + ∂₂f(x, g(x)) g′(x)"),
    ("f(x, c*x)", "x, c in R; f: R, R -> R", "∂₁f(x, cx) + ∂₂f(x, cx)c"),
    ("f(t, x, g(t, x))", "t, x in R; g: R, R -> R; f: R, R, R -> R", "∂₁f(t, x, g(t, x)) + ∂₃f(t, x, g(t, x)) · ∂g(t, x)/∂t"),
    ("sum(f(x, a*x))", "x, a in R^n; f: R, R -> R", "(∂₁f(x, a ⊗ x) + a ⊗ ∂₂f(x, a ⊗ x))ᵀ"),
])  # fmt: skip
def test_the_whole_and_one_place_have_different_signs(text: str, where: str, answer: str) -> None:
    wrt = "t" if "t in R" in where or where.startswith("t,") else "x"
    d = derivgen.derive(text, wrt, where)
    assert d.verdict == "verified"
    printed = " ".join(d.to("text").split())
    assert f"∂y/∂{wrt} = {answer}" in printed
    assert "by its first and its" in printed
    assert derivgen.equal(str(d.result), str(d.result), where).status == "verified"


def test_where_no_place_contains_another_the_variable_stands_below() -> None:
    assert "∂y/∂x = ∂f(x, z)/∂x" in said("f(x, z)", "x", "x, z in R; f: R, R -> R")


def test_the_sign_of_a_place_is_read_back() -> None:
    answer = str(derivgen.derive("f(x, g(x))", "x", SCALARS, check=False).result)
    latex = r"\partial_1 f(x, g(x)) + \partial_2 f(x, g(x)) g'(x)"
    assert latex in derivgen.derive("f(x, g(x))", "x", SCALARS, check=False).to("latex")
    assert derivgen.equal(latex, answer, SCALARS).status == "verified"
    assert derivgen.equal(latex.replace("_1", "_2"), answer, SCALARS).status == "refuted"


@pytest.mark.parametrize(("where", "layout", "words"), [
    (SCALARS, "numerator", "∂₁f and ∂₂f are the derivatives of f by its first and its second argument alone."),
    ("x in R^n; g: R^n -> R^k; f: R^n, R^k -> R^m", "numerator",
     "∂₁f and ∂₂f are the Jacobians of f by its first and its second argument alone."),
    ("x in R^n; g: R^n -> R^k; f: R^n, R^k -> R", "numerator",
     "∂₁f and ∂₂f are the gradients of f by its first and its second argument alone, rows."),
    ("x in R^n; g: R^n -> R^k; f: R^n, R^k -> R", "gradient",
     "∂₁f and ∂₂f are the gradients of f by its first and its second argument alone, columns."),
])  # fmt: skip
def test_the_derivatives_by_place_are_declared_together(where: str, layout: Layout, words: str) -> None:
    assert said("f(x, g(x))", "x", where, layout).count(words) == 1


def test_a_second_derivative_by_place_is_declared_where_it_is_printed() -> None:
    text = said("f(t*x)", "t", "x in R^n; t in R; f: R^n -> R", order=2)
    assert text.count("is the Hessian of f at tx") == 1
    assert text.index("∂₁∂₁f(tx)x") < text.index("∂₁∂₁f(tx) is the Hessian of f at tx")


@pytest.mark.parametrize(("text", "wrt", "where", "order", "words"), [
    ("f(g(x))", "x", "x in R^n; g: R^n -> R^k; f: R^k -> R^m", 1, "g and f are differentiable."),
    ("f(g(x))", "x", "x in R; f, g: R -> R", 2, "f and g are twice differentiable."),
    ("f(w) <> g(x)", "w", "w, x in R^n; f, g: R -> R elementwise", 1, "f and ◯ are differentiable."),
    ("sum(f(x))", "x", "x in R^n; f: R^n -> R^n", 1, "f is differentiable."),
    ("f(x)*D(g)(x)", "x", "x in R; f, g: R -> R", 1, "f is differentiable. g is twice differentiable."),
    ("f(x)*D(g)(x)", "x", "x in R; f, g: R -> R", 2, "f is twice differentiable. g is 3 times differentiable."),
])  # fmt: skip
def test_functions_have_the_derivatives_that_are_taken(text: str, wrt: str, where: str, order: int, words: str) -> None:
    head, _, rest = said(text, wrt, where, order=order).partition(" 1. ")
    assert words in head
    assert "differentiable" not in rest


@pytest.mark.parametrize(("text", "where"), [
    ("f(w) * x", "w, x in R^n; f: R -> R elementwise"),
    ("norm(x)**2", "x in R^n"),
])  # fmt: skip
def test_nothing_is_assumed_of_a_function_of_which_no_derivative_is_taken(text: str, where: str) -> None:
    assert "differentiable" not in said(text, "x", where)


def test_a_function_of_a_row_depends_on_an_entry_of_that_row_alone() -> None:
    text = said("sum(f(X[i]) for i in range(N))", "X", "X in R^(N*n); f: R^n -> R")
    assert "f(xᵢ) depends on Xⱼₖ only where i = j, through entry k of xᵢ." in text
    assert "every entry of xᵢ" not in text
    assert "∂f/∂Xⱼₖ" not in text
    assert "∂f/∂uₖ" in text
    linear = said("sum(f(A @ X[i]) for i in range(N))", "X", "X in R^(N*n); A in R^(m*n); f: R^m -> R")
    assert "only where i = j, through entry" not in linear


@pytest.mark.parametrize(("text", "order"), [("prod(x)", 1), ("prod(x)**(1/3)", 1), ("prod(x)", 2)])
def test_a_letter_is_not_bound_and_free_in_one_sentence(text: str, order: int) -> None:
    printed = said(text, "x", "x in R^n", order=order)
    assert re.search(r"Among the factors of ∏ⱼ₌₁ⁿ xⱼ only one is xᵢ", printed)
    assert "∏ᵢ₌₁ⁿ xᵢ does not contain the index i" not in printed


def test_cases_of_indices_have_no_border() -> None:
    text = said("prod(x)", "x", "x in R^n", order=2)
    assert "The indices alone say which of 1 and xₚ it is, so each is differentiated by itself." in text
    assert "border" not in text
    assert "Away from the border between them" in said("where(a > 0, a**2, c)", "a", "a, c in R")


@pytest.mark.parametrize(("text", "where", "words"), [
    ("f(g(x))", "x in R^n; g: R^n -> R^k; f: R^k -> R", "∂²f/∂g(x)∂g(x)ᵀ is the Hessian of f at g(x)."),
    ("f(A @ x + b)", "A in R^(m*n); x in R^n; b in R^m; f: R^m -> R", "∂₁∂₁f(Ax + b) is the Hessian of f at Ax + b."),
])  # fmt: skip
def test_a_hessian_at_what_is_no_variable_is_declared(text: str, where: str, words: str) -> None:
    assert said(text, "x", where, order=2).count(words) == 1


def test_the_letter_of_a_gradient_is_no_index_beside_it() -> None:
    text = said("f(g(x))", "x", "x in R^n; g: R^n -> R^k; f: R^k -> R", order=2)
    assert "∂y/∂x, written as a column, has the letter h." in text
    assert "∑ₚ₌₁ᵏ ∂gₚ/∂x₁" in text
    assert "p₁" not in text
