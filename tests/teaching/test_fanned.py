"""A vector by a matrix goes by a Jacobian up to the vector in which the matrix stands, and then by entries."""

from __future__ import annotations

from typing import Any

import pytest

from derivgen import derive
from derivgen.expr import Sum, walk

ATTENTION = ("V.T @ softmax(K @ q)", "K", "q in R^d; K in R^(M*d); V in R^(M*p)")


@pytest.mark.parametrize("layout", ["numerator", "gradient", "denominator"])
def test_attention_by_its_keys_goes_by_named_links(layout: Any) -> None:
    text, wrt, where = ATTENTION
    d = derive(text, wrt, where, layout=layout)
    assert d.verdict == "verified"
    assert [str(i.symbol) for s in d.steps for i in s.introduces] == ["z", "s", "y"]
    assert [s.rule for s in d.steps].count("letters-back") == 1
    (by_entries,) = (s for s in d.steps if s.rule == "carry-by-entries")
    assert not any(isinstance(e, Sum) for e in walk(by_entries.after))
    assert d.stacked is not None
    assert "kron(q.T, V.T @ (diag(softmax(K @ q)) - softmax(K @ q) @ softmax(K @ q).T))" in str(d.stacked.result)


@pytest.mark.parametrize(("text", "wrt", "where"), [
    ("tanh(W @ x)", "W", "W in R^(m*n); x in R^n"),
    ("A @ tanh(W @ x)", "W", "W in R^(m*n); x in R^n; A in R^(k*m)"),
    ("V.T @ softmax(K @ q)", "V", "q in R^d; K in R^(M*d); V in R^(M*p)"),
])  # fmt: skip
def test_what_is_done_entry_by_entry_goes_by_its_entries(text: str, wrt: str, where: str) -> None:
    d = derive(text, wrt, where)
    assert d.verdict == "verified"
    assert "carry-by-entries" not in {s.rule for s in d.steps}


@pytest.mark.parametrize(("text", "where", "steps", "stacked"), [
    ("softmax(W @ x)", "", 4, "kron(x.T, diag(softmax(W @ x)) - softmax(W @ x) @ softmax(W @ x).T)"),
    ("log(softmax(W @ x))", "", 6, "kron(x.T, eye(k) - ones(k) @ softmax(W @ x).T)"),
    ("(W @ x) / norm(W @ x)", "", 5, "kron(x.T, eye(k) / norm(W @ x) - W @ x @ x.T @ W.T / norm(W @ x)**3)"),
    ("V @ softmax(W @ x + b)", "V in R^(m*k); b in R^k", 7,
     "kron(x.T, V @ (diag(softmax(W @ x + b)) - softmax(W @ x + b) @ softmax(W @ x + b).T))"),
    ("V @ softmax(K @ W @ x)", "V in R^(m*p); K in R^(p*k)", 7,
     "kron(x.T, V @ (diag(softmax(K @ W @ x)) - softmax(K @ W @ x) @ softmax(K @ W @ x).T) @ K)"),
    ("softmax(K.T @ W @ x)", "K in R^(k*p)", 4,
     "kron(x.T, (diag(softmax(K.T @ W @ x)) - softmax(K.T @ W @ x) @ softmax(K.T @ W @ x).T) @ K.T)"),
])  # fmt: skip
def test_a_function_that_mixes_entries_is_differentiated_as_a_whole(
    text: str, where: str, steps: int, stacked: str
) -> None:
    d = derive(text, "W", f"W in R^(k*n); x in R^n; {where}")
    assert d.verdict == "verified"
    assert len(d.steps) == steps
    assert d.stacked is not None
    assert str(d.stacked.result) == stacked
    (by_entries,) = (s for s in d.steps if s.rule == "carry-by-entries")
    assert not any(isinstance(e, Sum) for e in walk(by_entries.after))
