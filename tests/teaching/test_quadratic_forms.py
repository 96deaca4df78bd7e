"""A quadratic form of a difference goes through the difference; what an entry of its gradient is, is said."""

from __future__ import annotations

from typing import Any

import pytest

from derivgen.derivation import Derivation, derive

PLACE = "S in PD(n); A in R^(n*n); x, m in R^n; X in R^(N*n); a in R"


def derived(text: str, wrt: str = "x", **options: Any) -> Derivation:
    d = derive(text, wrt, PLACE, **options)
    assert d.verdict == "verified"
    return d


def said(d: Derivation) -> str:
    return " ".join(d.to("text").split())


@pytest.mark.parametrize(("text", "wrt", "result"), [
    ("(x - m).T @ inv(S) @ (x - m)", "x", "2 * (x - m).T @ inv(S)"),
    ("(x - m).T @ inv(S) @ (x - m)", "m", "2 * (m - x).T @ inv(S)"),
    ("(x - m).T @ A @ (x - m)", "x", "(x - m).T @ (A + A.T)"),
    ("(x + m).T @ A @ (x + m)", "x", "(x + m).T @ (A + A.T)"),
    ("(a * x - m).T @ inv(S) @ (a * x - m)", "a", "2 * (a * x - m).T @ inv(S) @ x"),
])  # fmt: skip
def test_the_vector_of_a_quadratic_form_has_a_letter(text: str, wrt: str, result: str) -> None:
    d = derived(text, wrt)
    assert str(d.result) == result
    assert d.steps[0].rule == "name-intermediates"
    assert len(d.steps) == 5
    assert not any(s.left == d.name and s.rule == "entry-of-product" for s in d.steps)


@pytest.mark.parametrize("text", ["x.T @ A @ x", "(x - m).T @ (x - m)"])
def test_the_variable_itself_needs_no_letter(text: str) -> None:
    assert all(s.rule != "name-intermediates" for s in derived(text).steps)


GAUSS = "-N/2 * logdet(S) - 1/2 * sum((X[i] - m).T @ inv(S) @ (X[i] - m) for i in range(N))"


def test_the_mean_of_a_gaussian_goes_through_one_sample_and_its_difference() -> None:
    d = derived(GAUSS, "m", layout="gradient")
    text = said(d)
    assert str(d.result) == "inv(S) @ sum(X[i] - m for i in range(N))"
    assert [s.rule for s in d.steps[:2]] == ["derive-sample", "name-intermediates"]
    assert "(N/2) log det(S) does not contain m and has the derivative 0" in text
    assert "rᵢ = xᵢ − m" in text
    assert "∑ⱼ₌₁ⁿ ∑" not in text
    assert "∂rᵢ/∂m = −I" in text


@pytest.mark.parametrize(("text", "entry"), [
    ("exp(x.T @ A @ x)", "so ∂s/∂xₖ is ∑ⱼ₌₁ⁿ Aₖⱼxⱼ + ∑ᵢ₌₁ⁿ xᵢAᵢₖ, entry k of xᵀAᵀ + xᵀA."),
    ("(x.T @ A @ x) / (x.T @ x)", "so ∂u/∂xₖ is ∑ⱼ₌₁ⁿ Aₖⱼxⱼ + ∑ᵢ₌₁ⁿ xᵢAᵢₖ, entry k of xᵀAᵀ + xᵀA."),
    ("(x - m).T @ inv(S) @ (x - m)", "so ∂y/∂rₖ is ∑ⱼ₌₁ⁿ (S⁻¹)ₖⱼrⱼ plus ∑ᵢ₌₁ⁿ rᵢ(S⁻¹)ᵢₖ, entry k of rᵀS⁻ᵀ + rᵀS⁻¹."),
])  # fmt: skip
def test_the_gradient_of_a_quadratic_form_is_found_by_its_entries(text: str, entry: str) -> None:
    assert entry in said(derived(text))


def test_an_identity_among_the_jacobians_is_left_out_of_their_product() -> None:
    (product,) = (s for s in derived("(x - m).T @ A @ (x - m)").steps if s.rule == "chain-rule")
    assert str(product.after) == "r.T @ (A + A.T)"


@pytest.mark.parametrize("text", ["exp(-(x - m).T @ inv(S) @ (x - m))", "sqrt((x - m).T @ S @ (x - m))"])
def test_a_function_of_a_quadratic_form_is_derived_twice_by_the_form(text: str) -> None:
    d = derived(text, order=2)
    assert not any(str(n.value) == "x - m" for s in d.steps for n in s.introduces)
    assert len(d.steps) <= 9
