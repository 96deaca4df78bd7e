"""How many steps a derivation has at normal detail, and what becomes of those that only regroup."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import derivgen
from derivgen.derivation.report import every_step
from derivgen.derivation.words.folding import opened

LOGISTIC = ("sum(log(1 + exp(-y[i] * (w.T @ X[i]))) for i in range(N))", "w", "w in R^n; y in R^N; X in R^(N*n)")

CROSS_ENTROPY = "-y.T @ log(sigmoid(X @ w)) - (1 - y).T @ log(1 - sigmoid(X @ w)) + a * norm(w)**2"


@pytest.mark.parametrize(("text", "wrt", "where", "order", "most"), [
    ("softmax(x)", "x", "x in R^n", 1, 6),
    ("softmax(A @ x)", "x", "x in R^n; A in R^(m*n)", 1, 5),
    ("-y.T @ log(softmax(W @ x))", "W", "y in R^k; W in R^(k*n); x in R^n", 1, 8),
    ("-y.T @ log(softmax(W @ x))", "W", "y in Simplex(k); W in R^(k*n); x in R^n", 1, 8),
    (*LOGISTIC, 1, 8),
    (*LOGISTIC, 2, 10),
    ("sum((y[i] - max(0, w.T @ X[i] + b))**2 for i in range(N)) / N", "w", "w in R^n; b in R; y in R^N; X in R^(N*n)", 1, 10),
    ("a * sum(abs(x))", "x", "x in R^n; a in R", 1, 3),
    ("sum((y - X @ w)**2) / (2*N) + a*sum(abs(w))", "w", "y in R^N; X in R^(N*n); w in R^n; a in R", 1, 8),
    (CROSS_ENTROPY, "w", "y in R^N; X in R^(N*n); w in R^n; a in R", 1, 12),
    ("-log(softmax(W @ x)[k])", "W", "W in R^(K*n); x in R^n", 1, 6),
    ("norm(A @ x - b)**2", "x", "A in R^(m*n); x in R^n; b in R^m", 1, 5),
    ("w * x", "w", "w, x in R^n", 1, 5),
    ("x * z", "x", "x in R^n; z in R", 1, 5),
    ("x.T @ A @ x", "x", "x in R^n; A in R^(n*n)", 1, 5),
])  # fmt: skip
def test_there_are_no_more_steps_than_a_lecture_needs(text: str, wrt: str, where: str, order: int, most: int) -> None:
    d = derivgen.derive(text, wrt, where, order=order)
    assert len(d.steps) <= most
    assert all(s.check is not None and s.check.status == "verified" for s in every_step(d.steps))


def test_terms_with_one_link_are_derived_together() -> None:
    """Both logarithms of the cross-entropy go through σ(Xw), which is derived once; the penalty stands by itself."""
    d = derivgen.derive(CROSS_ENTROPY, "w", "y in R^N; X in R^(N*n); w in R^n; a in R")
    assert [len(s.introduces) for s in d.steps if s.introduces] == [2, 3]
    assert sum("∂h/∂u =" in line for line in d.to("text").splitlines()) == 1
    assert str(d.result) == "(sigmoid(X @ w) - y).T @ X + 2 * a * w.T"


def test_softmax_ends_in_its_own_letter() -> None:
    d = derivgen.derive("softmax(x)", "x", "x in R^n")
    entries, matrix = d.steps[-2:]
    text = d.to("text")
    assert "= sᵢ(δᵢₖ − sₖ)" in text
    assert "⎰ sᵢ(1 − sᵢ)   i = k" in text
    assert "⎱ −sᵢsₖ        i ≠ k" in text
    assert str(matrix.after) == "diag(s) - s @ s.T"
    assert entries.definitions[-1] == matrix.definitions[-1]
    assert str(d.result) == "diag(softmax(x)) - softmax(x) @ softmax(x).T"
    assert "∂s/∂x = diag(s) − ssᵀ" in text.split("Answer")[1]
    np.testing.assert_allclose(d.evaluate({"x": [0.0, 0.0]}), [[0.25, -0.25], [-0.25, 0.25]])


def test_what_was_folded_is_there_to_be_opened() -> None:
    """Each step goes on where the one before ended, the single ones too."""
    d = derivgen.derive("softmax(x)", "x", "x in R^n")
    single = [s for step in d.steps[:-2] for s in opened([step])]
    assert len(single) > len(d.steps[:-2])
    assert {"quotient-rule", "element-wise-condition", "chain-of-function", "collapse-delta"} <= {
        s.rule for s in single
    }


def test_a_hessian_names_its_chain_once() -> None:
    d = derivgen.derive(*LOGISTIC, order=2)
    assert sum(s.rule == "name-intermediates" for s in d.steps) == 1
    rng = np.random.default_rng(5)
    y, X, w = np.array([1.0, -1.0, 1.0]), rng.normal(size=(3, 2)), rng.normal(size=2)

    def slope(v: Any) -> Any:
        return -(y / (1 + np.exp(y * (X @ v)))) @ X

    expected = [(slope(w + h) - slope(w - h)) / 2e-6 for h in 1e-6 * np.eye(2)]
    np.testing.assert_allclose(d.evaluate({"y": y, "X": X, "w": w}), expected, rtol=1e-6)


@pytest.mark.parametrize(("text", "where"), [
    ("norm(A @ x - b)**2", "A in R^(m*n); x in R^n; b in R^m"),
    ("logsumexp(A @ x)", "A in R^(m*n); x in R^n"),
    ("log(1 + exp(b.T @ x))", "b, x in R^n"),
    ("sum((b[i] - A[i].T @ x)**2 for i in range(m)) / m", "A in R^(m*n); x in R^n; b in R^m"),
    ("exp(-x.T @ x)", "x in R^n"),
    ("norm(x)", "x in R^n"),
])  # fmt: skip
def test_second_derivatives_through_one_letter_hold(text: str, where: str) -> None:
    d = derivgen.derive(text, "x", where, order=2)
    assert d.verdict == "verified"
    assert all(s.check is not None and s.check.status == "verified" for s in every_step(d.steps))


def test_an_equation_of_the_value_is_not_folded_into_its_partials() -> None:
    d = derivgen.derive(r"\sum_{i=1}^{n} x_i z", "z", "x in R^n; z in R")
    assert d.verdict == "verified"
    np.testing.assert_allclose(d.evaluate({"x": [1.0, 2.0, 4.0], "z": 3.0}), 7.0)


SHOWN = [
    ("sum(x)", "x", "x in R^n", 1),
    ("x + z", "z", "x in R^n; z in R", 1),
    ("max(0, w.T @ x + b)", "w", "w, x in R^n; b in R", 1),
    ("-y.T @ log(softmax(W @ x))", "W", "y in R^k; W in R^(k*n); x in R^n", 1),
    (*LOGISTIC, 2),
]


@pytest.mark.parametrize("detail", ["brief", "normal", "full"])
@pytest.mark.parametrize(("text", "wrt", "where", "order"), SHOWN)
def test_as_many_steps_are_said_to_hold_as_are_shown(text: str, wrt: str, where: str, order: int, detail: Any) -> None:
    printed = derivgen.derive(text, wrt, where, order=order).to("text", detail=detail)
    shown = re.findall(r"^(\d+)\. ", printed, re.MULTILINE)
    said = re.search(r"Verified: (?:all (\d+) steps|the step)", printed)
    assert said is not None
    assert shown == [str(k) for k in range(1, int(said[1] or 1) + 1)]


@pytest.mark.parametrize(("text", "where", "answer"), [
    ("log(1 + norm(A.T @ x - c)**2) - (a.T @ x) * s", "A in R^(n*m); x, a in R^n; c in R^m; s in R", "2(Aᵀx − c)ᵀAᵀ / (1 + ‖Aᵀx − c‖²) − saᵀ"),
    ("a.T @ x + exp(b.T @ x)", "a, b, x in R^n", "aᵀ + exp(bᵀx) bᵀ"),
    ("(a.T @ x) * (b.T @ x)", "a, b, x in R^n", "(bᵀx)aᵀ + (aᵀx)bᵀ"),
])  # fmt: skip
def test_a_sum_of_rows_stays_one(text: str, where: str, answer: str) -> None:
    assert f"∂y/∂x = {answer}\n" in derivgen.derive(text, "x", where).to("text").split("Answer")[1]


def test_what_is_turned_around_is_said() -> None:
    columns = derivgen.derive("norm(softmax(x))**2", "x", "x in R^n").to("text")
    assert "the sum of rows is the transpose of the sum of the columns" in " ".join(columns.split())
    sign = derivgen.derive("norm(y - A @ x)**2", "x", "A in R^(m*n); x in R^n; y in R^m").to("text")
    assert "r stands for y − Ax; a minus sign in front of y − Ax turns it around, to Ax − y." in " ".join(sign.split())


@pytest.mark.parametrize(("text", "where", "said"), [
    ("sum(a) - 1/2*sum(a[i]*a[j]*y[i]*y[j]*K[i,j] for i in range(N) for j in range(N))", "a, y in R^N; K in Sym(N)",
     "∂C/∂aₖ = ∂/∂aₖ (∑ᵢ₌₁ᴺ aᵢ − (1/2) ∑ᵢ₌₁ᴺ aᵢyᵢ ∑ⱼ₌₁ᴺ aⱼyⱼKᵢⱼ)"),
    ("sum(a) - 1/2*sum(a[i]*a[j]*y[i]*y[j]*(X[i].T @ X[j]) for i in range(N) for j in range(N))", "a, y in R^N; X in R^(N*n)",
     "∂C/∂aₖ = ∂/∂aₖ (∑ᵢ₌₁ᴺ aᵢ − (1/2) ∑ᵢ₌₁ᴺ aᵢyᵢ ∑ⱼ₌₁ᴺ aⱼyⱼxᵢᵀxⱼ)"),
    ("a.T @ K @ a + y.T @ a", "a, y in R^N; K in R^(N*N)", "∑ᵢ₌₁ᴺ aᵢ ∑ⱼ₌₁ᴺ Kᵢⱼaⱼ + ∑ᵢ₌₁ᴺ yᵢaᵢ"),
    ("y.T @ a + (y.T @ a) * sqrt(a.T @ a)", "a, y in R^N", "∑ᵢ₌₁ᴺ yᵢaᵢ + (∑ᵢ₌₁ᴺ yᵢaᵢ)√(∑ⱼ₌₁ᴺ aⱼ²)"),
    ("y.T @ a + (y.T @ a) * norm(a)", "a, y in R^N", "∑ᵢ₌₁ᴺ yᵢaᵢ + (∑ᵢ₌₁ᴺ yᵢaᵢ)‖a‖"),
])  # fmt: skip
def test_each_term_of_a_sum_begins_again_with_i(text: str, where: str, said: str) -> None:
    d = derivgen.derive(text, "a", where)
    assert d.verdict == "verified"
    assert len(d.steps) <= 6
    assert said in " ".join(d.to("text").split())


def test_a_sum_over_entries_of_the_variable_is_derived_at_once() -> None:
    d = derivgen.derive(
        "sum((y[i] - a[i] - w.T @ X[i])**2 for i in range(N))", "a", "a, y in R^N; w in R^n; X in R^(N*n)"
    )
    assert d.verdict == "verified"
    assert not {"derive-sample", "add-samples"} & {s.rule for s in d.steps}
    assert str(d.result) == "2 * (a - y + X @ w).T"


@pytest.mark.parametrize(("text", "where", "answer"), [
    ("log(1 + r**2 / v)", "r, v in R", "2 * r / (v + r**2)"),
    ("(v + 1) / 2 * log(1 + (y - w * r)**2 / v)", "r, v, y, w in R", "-(y - w * r) * w * (v + 1) / (v + (y - w * r)**2)"),
])  # fmt: skip
def test_what_cancels_below_the_bar_is_cancelled(text: str, where: str, answer: str) -> None:
    d = derivgen.derive(text, "r", where)
    assert derivgen.equal(str(d.result), answer, where).status == "verified"
    assert str(d.result).count("/") == 1
    assert "Written for" not in d.to("text")


def test_the_logarithm_of_a_sum_of_exponentials_is_one_link() -> None:
    d = derivgen.derive("log(sum(exp(A @ x + b)))", "x", "A in R^(m*n); x in R^n; b in R^m")
    assert str(d.result) == "softmax(A @ x + b).T @ A"
    assert len(d.steps) == 5
