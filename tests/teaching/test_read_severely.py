"""What a severe reader of derivations that no other test has stumbled over: kinds, each at one or two examples."""

from __future__ import annotations

from typing import Literal

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
