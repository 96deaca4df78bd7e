"""What a severe reader of derivations that no other test has stumbled over: kinds, each at one or two examples."""

from __future__ import annotations

import re
from typing import Any, Literal

import numpy as np
import pytest

import derivgen

SAMPLES = "X in R^(N*d); w in R^d; t in R^N"


def said(d: derivgen.Derivation, detail: Literal["normal", "full"] = "normal") -> str:
    return " ".join(d.to("text", detail=detail).split())


def test_the_factors_of_a_slope_cancel_both_denominators_in_one_thought() -> None:
    whole = "-sum(t[n]*log(sigmoid(w.T@X[n])) + (1-t[n])*log(1-sigmoid(w.T@X[n])) for n in range(N))"
    d = derivgen.derive(whole, "w", SAMPLES)
    assert d.verdict == "verified"
    assert str(d.result) == "(sigmoid(X @ w) - t).T @ X"
    assert len(d.steps) <= 10
    text = said(d)
    assert "(1 − aₙ)tₙ − aₙ(1 − tₙ) is left, which is tₙ − aₙ." in text
    assert "over-one-denominator" not in text


def test_a_letter_of_a_sentence_is_none_of_the_question() -> None:
    whole = "sum(t[n]*log(1 - sigmoid(w.T@X[n])) for n in range(N))"
    text = said(derivgen.derive(whole, "w", SAMPLES))
    assert "log(t)" not in text
    assert "here with u for" in text
    own = said(derivgen.derive("sigmoid(u.T @ v) * u", "u", "u, v in R^n"))
    assert "σ(t) = 1 / (1 + exp(−t)) is the logistic function." in own
    neuron = said(derivgen.derive("max(0, v.T @ x + b)", "v", "v, x in R^n; b in R"))
    assert "on its diagonal and 0 elsewhere" in neuron
    assert "diag(v)" not in neuron


def test_an_inner_product_within_a_term_of_a_sum_is_known_at_once() -> None:
    d = derivgen.derive(
        "sum(y[i]*(A@w)[i] for i in range(m)) + c*norm(w-u)**2 - log(1-w.T@u)", "w",
        "A in R^(m*n); w, u in R^n; y in R^m; c in R",
    )  # fmt: skip
    assert d.verdict == "verified"
    assert len(d.steps) <= 9
    text = said(d)
    assert "⊗" not in text
    assert "∂q/∂w = −uᵀ" in text


def test_a_sum_of_matrices_is_multiplied_out_of_its_transpose() -> None:
    where = "A in R^(m*m); X in R^(m*n); B in R^(n*n)"
    assert str(derivgen.derive("trace(A@X@B@X.T)", "X", where).result) == "B @ X.T @ A + B.T @ X.T @ A.T"
    assert "(NM + MN)ᵀ" in said(derivgen.derive("trace(M.T @ N.T @ X + N.T @ M.T @ X)", "X", "M, N, X in R^(n*n)"))


def test_the_determinant_is_proved_by_the_growth_of_one_entry() -> None:
    full = said(derivgen.derive("det(X)", "X", "X in R^(n*n)"), "full")
    assert "det(I + tX⁻¹eₚe_qᵀ) = 1 + t(X⁻¹)_{qp}" in full
    assert "Expanded along each of its other columns, which have a single 1" in full


MIXTURE = "sum(log(sum(p[k]*exp(-(X[i]-M[k]).T@S@(X[i]-M[k])/2) for k in range(K))) for i in range(N))"
OF_MIXTURE = "X in R^(N*n); M in R^(K*n); p in R^K; S in Sym(n)"


@pytest.mark.parametrize("layout", ["numerator", "gradient"])
@pytest.mark.parametrize("member", ["M[j]", "M[1]"])
def test_a_mixture_has_its_responsibilities(member: str, layout: Literal["numerator", "gradient"]) -> None:
    d = derivgen.derive(MIXTURE, member, OF_MIXTURE, layout=layout)
    assert d.verdict == "verified"
    assert [s.rule for s in d.steps[:3]] == ["share-of-term", "derive-link", "value-by-letter"]
    text = said(d)
    g = "γᵢⱼ" if member == "M[j]" else "γᵢ₂"
    m = "mⱼ" if member == "M[j]" else "m₂"
    assert (f"= ∑ᵢ₌₁ᴺ {g}(xᵢ − {m})ᵀS where" if layout == "numerator" else f"= S ∑ᵢ₌₁ᴺ {g}(xᵢ − {m}) where") in text
    assert "γᵢₖ = pₖ exp(qᵢₖ) / (∑" in text

    rng = np.random.default_rng(1)
    X, M, p, S = rng.normal(size=(4, 3)), rng.normal(size=(2, 3)), np.array([0.3, 0.7]), np.diag([1.0, 2.0, 0.5])

    def value(means: Any) -> float:
        quadratic = np.einsum("ikn,nm,ikm->ik", X[:, None] - means, S, X[:, None] - means)
        return float(np.log(np.exp(-quadratic / 2) @ p).sum())

    expected = []
    for step in np.eye(3) * 1e-6:
        up, down = M.copy(), M.copy()
        up[1], down[1] = M[1] + step, M[1] - step
        expected.append((value(up) - value(down)) / 2e-6)
    point = {"X": X, "M": M, "p": p, "S": S}
    found = d.evaluate({**point, "j": 1} if member == "M[j]" else point)
    np.testing.assert_allclose(np.ravel(found), expected, rtol=1e-6)


def test_of_a_function_of_numbers_too() -> None:
    d = derivgen.derive("-2 * log(sum(exp(m[k]*x) for k in range(K)))", "m[j]", "x in R; m in R^K")
    assert d.verdict == "verified"
    assert "∂y/∂mⱼ = −2γⱼx where" in said(d)
    plain = derivgen.derive("log(sum(exp(m[k]) for k in range(K)))", "m[j]", "m in R^K")
    assert plain.steps[0].rule != "share-of-term"
    twice = derivgen.derive("log(sum(exp(m[k]*m[0]) for k in range(K)))", "m[j]", "m in R^K")
    assert twice.steps[0].rule != "share-of-term"
    assert twice.verdict == "verified"


def test_a_smaller_step_does_not_say_again_what_the_step_says() -> None:
    full = derivgen.derive("softmax(x)", "x", "x in R^n").to("text", detail="full")
    assert "1.3 Write the scalar equations" in full
    assert "1.3.1" not in full
    assert "3.1.1 The element-wise condition" in full


def test_slopes_by_cases_are_cases_at_once() -> None:
    d = derivgen.derive("max(0, w.T @ x + b)", "b", "w, x in R^n; b in R")
    assert len(d.steps) == 1
    assert "𝟏" not in d.to("text")
    weighted = derivgen.derive("c * max(0, w.T @ x + b)", "b", "w, x in R^n; b, c in R")
    assert weighted.verdict == "verified"


def test_the_layout_of_a_gradient_is_said_as_the_others_are() -> None:
    of_vector = said(derivgen.derive("w.T @ x", "w", "w, x in R^n", layout="gradient"))
    assert "Gradient layout: the gradient of a scalar is a column, as the variable is." in of_vector
    of_matrix = said(derivgen.derive("trace(A @ X)", "X", "A, X in R^(n*n)", layout="gradient"))
    assert "Gradient layout: entry (i, j) is the derivative by entry (i, j) of the matrix." in of_matrix


def test_brackets_beside_brackets_have_no_sign_between_them() -> None:
    d = derivgen.derive("w.T @ x", "w", "w, x in R^n")
    html = re.sub("<annotation.*?</annotation>", "", d.to("html"))
    assert "<mo>[</mo><mtable>" in html
    assert "⋅</mo><mrow><mo>[</mo><mtable>" not in html


@pytest.mark.parametrize(("text", "most"), [
    ("x / norm(x)", 5), ("(x - a) / norm(x - a)", 6), ("a.T @ x / norm(x)", 6), ("norm(x) * x", 5), ("norm(2 * x + a) * x", 9),
    ("x / norm(x) + norm(x)**2 * a", 9),
])  # fmt: skip
def test_the_slope_of_a_length_beside_the_variable_is_known(text: str, most: int) -> None:
    d = derivgen.derive(text, "x", "a, x in R^n")
    assert d.verdict == "verified"
    assert len(d.steps) <= most
    if "2" not in text:
        assert "√" not in d.to("text")
        assert "twice ‖x" in said(d)
    value, x, a = eval(f"lambda x, a: {text}", {"norm": np.linalg.norm}), np.array([0.5, -1.0, 2.0]), np.ones(3)
    columns = [(value(x + h, a) - value(x - h, a)) / 2e-6 for h in np.eye(3) * 1e-6]
    np.testing.assert_allclose(d.evaluate({"x": x, "a": a}), np.transpose(columns), rtol=1e-6, atol=1e-8)


def test_a_length_alone_is_still_derived_by_its_definition() -> None:
    assert "√(∑" in said(derivgen.derive("norm(x)", "x", "x in R^n"))


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("x.T @ S @ x / 2 - l * (v.T @ x - c) - g * (sum(x) - 1)", "S @ x - l * v - g * ones(n)"),
        ("x.T @ x + sum(x)", "2 * x + ones(n)"),
        ("x.T @ x / 2 + mean(x)", "x + 1 / n * ones(n)"),
        ("logsumexp(x) - c * (sum(x) - 1)", "softmax(x) - c * ones(n)"),
        ("sum(p * log(p)) - l * (sum(p) - 1)", "log(p) + (1 - l) * ones(n)"),
        # a function of the entries, and a question that adds numbers to vectors itself
        ("sum(tanh(x))", "1 - tanh(x)**2"),
        ("sum(p * log(p))", "log(p) + 1"),
        ("sum((x - mean(x))**2) + c * sum(x)", "2 * (x - mean(x)) + c"),
        ("var(x)", "2 / n * (x - mean(x))"),
    ],
)
def test_a_number_beside_a_vector_stands_with_the_vector_of_ones(text: str, answer: str) -> None:
    where = "S in PD(n); x, v in R^n; p in R^n; p > 0; l, g, c in R"
    d = derivgen.derive(text, "p" if "p *" in text else "x", where, layout="gradient")
    assert str(d.result) == answer
    assert d.verdict == "verified"
