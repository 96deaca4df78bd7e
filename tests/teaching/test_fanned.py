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
    assert [str(i.symbol) for s in d.steps for i in s.introduces] == ["z", "y", "s", "y"]
    (by_entries,) = (s for s in d.steps if s.rule == "carry-by-entries")
    assert not any(isinstance(e, Sum) for e in walk(by_entries.after))
    assert d.stacked is not None
    assert "kron(q.T, V.T @ (diag(softmax(K @ q)) - softmax(K @ q) @ softmax(K @ q).T))" in str(d.stacked.result)


@pytest.mark.parametrize(("text", "wrt", "where"), [
    ("tanh(W @ x)", "W", "W in R^(m*n); x in R^n"),
    ("softmax(W @ x)", "W", "W in R^(m*n); x in R^n"),
    ("V.T @ softmax(K @ q)", "V", "q in R^d; K in R^(M*d); V in R^(M*p)"),
])  # fmt: skip
def test_a_single_function_goes_by_its_entries(text: str, wrt: str, where: str) -> None:
    d = derive(text, wrt, where)
    assert d.verdict == "verified"
    assert "carry-by-entries" not in {s.rule for s in d.steps}
