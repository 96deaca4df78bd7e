"""The softmax of each row: its derivative, and a judge that is not fooled by what is nearly it."""

from __future__ import annotations

import pytest

import derivgen

WHERE = (
    "A, B, Y in R^(m*n); V in R^(n*p); T in R^(m*p); x in R^n; Q in R^(m*d); K in R^(n*d); X in R^(m*k); W in R^(k*n)"
)

TRUE = [
    ("softmax_rows(A) @ ones(n)", "ones(m)"),
    ("softmax_rows(A)", "exp(A) / (exp(A) @ ones(n, n))"),
    ("softmax_rows(A)[0]", "softmax(A[0])"),
    ("softmax_rows(A + ones(m) @ x.T)", "softmax_rows(A + ones(m) @ x.T)"),
    ("softmax_rows(A - 3)", "softmax_rows(A)"),
    ("softmax_rows(A + (A @ x) @ ones(n).T)", "softmax_rows(A)"),
    ("log(softmax_rows(A))", "A - log(exp(A) @ ones(n)) @ ones(n).T"),
    ("softmax_rows(diag(A @ x) @ A) @ ones(n)", "ones(m)"),
]

FALSE = [
    ("softmax_rows(A)", "exp(A) / sum(exp(A))"),
    ("softmax_rows(A)", "softmax_rows(A.T).T"),
    ("softmax_rows(A).T @ ones(m)", "ones(n)"),
    ("softmax_rows(A + ones(m) @ x.T)", "softmax_rows(A)"),
    ("softmax_rows(2 * A)", "softmax_rows(A)"),
    ("softmax_rows(A) @ x", "A @ x"),
    ("softmax_rows(A * B)", "softmax_rows(A) * softmax_rows(B)"),
    ("log(softmax_rows(A))", "A - log(exp(A) @ ones(n, n)) * 1.0000001"),
]


@pytest.mark.parametrize(("left", "right"), TRUE)
def test_what_is_so_is_verified(left: str, right: str) -> None:
    assert derivgen.equal(left, right, where=WHERE).status == "verified"


@pytest.mark.parametrize(("left", "right"), FALSE)
def test_a_near_miss_is_refuted(left: str, right: str) -> None:
    assert derivgen.equal(left, right, where=WHERE).status == "refuted"


S = "softmax_rows(Q @ K.T / sqrt(d))"
DELTA = f"(2 * ({S} @ V - T) @ V.T)"
BACK = f"({S} * ({DELTA} - ({S} * {DELTA}) @ ones(n, n)))"


@pytest.mark.parametrize(
    ("expression", "wrt", "answer"),
    [
        (f"norm({S} @ V - T)**2", "V", f"2 * {S}.T @ ({S} @ V - T)"),
        (f"norm({S} @ V - T)**2", "Q", f"{BACK} @ K / sqrt(d)"),
        (f"norm({S} @ V - T)**2", "K", f"{BACK}.T @ Q / sqrt(d)"),
        ("-sum(Y * log(softmax_rows(X @ W)))", "W", "X.T @ (diag(Y @ ones(n)) @ softmax_rows(X @ W) - Y)"),
        ("sum(B * softmax_rows(A))", "A", "softmax_rows(A) * (B - (softmax_rows(A) * B) @ ones(n, n))"),
    ],
)
def test_gradients_of_attention(expression: str, wrt: str, answer: str) -> None:
    found = derivgen.derive(expression, wrt, WHERE, layout="gradient")
    assert found.verdict == "verified"
    assert derivgen.equal(str(found.result), answer, where=WHERE).status == "verified"


def test_attention_is_carried_back_link_by_link() -> None:
    found = derivgen.derive(f"norm({S} @ V - T)**2", "Q", WHERE)
    assert next(s.rule for s in found.steps) == "name-intermediates"
    assert "carry-by-entries" in {s.rule for s in found.steps}


def test_a_weight_is_known_to_be_positive() -> None:
    found = derivgen.derive("-sum(Y * log(softmax_rows(X @ W)))", "W", WHERE)
    assert not [note for note in found.notes if "Defined where" in note]
    assert not [note for note in derivgen.derive("log(normcdf(A[0, 0]))", "A", WHERE).notes if "Defined where" in note]
