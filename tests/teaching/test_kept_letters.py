"""Letters that the answer is printed with are not put back in the last steps, only to be taken out again."""

from __future__ import annotations

from typing import Any

import pytest

from derivgen import derive
from derivgen.expr import substitute, symbols

RESIDUAL = ("norm(x + V @ tanh(W @ x + b) - y)**2", "x, y in R^n; W in R^(h*n); V in R^(n*h); b in R^h")
ATTENTION = ("norm(V.T @ softmax(K @ x / sqrt(d)) - y)**2", "x in R^d; K in R^(n*d); V in R^(n*p); y in R^p")
NORMED = ("norm(g * (x - mean(x)) / sqrt(sum((x - mean(x))**2)/n + e) + b - y)**2", "x, g, b, y in R^n; e in R; e>0")


@pytest.mark.parametrize("layout", ["numerator", "gradient", "denominator"])
@pytest.mark.parametrize(("text", "where", "kept", "back"), [
    (*RESIDUAL, ["a", "r"], False),
    (*ATTENTION, ["s"], True),
    (*NORMED, ["r"], False),
])  # fmt: skip
def test_the_last_lines_are_in_the_letters_of_the_answer(
    text: str, where: str, kept: list[str], back: bool, layout: Any
) -> None:
    d = derive(text, "x", where, layout=layout)
    assert d.verdict == "verified"
    shown, names = d.said_result
    assert [n.symbol.name for n in names] == kept
    assert d.steps[-1].after == shown
    assert any(s.rule == "letters-back" for s in d.steps) is back
    assert not {"a", "r", "s", "z", "u"} & set(symbols(d.result))
    for n in reversed(names):
        shown = substitute(shown, {n.symbol.name: n.value})
    assert set(symbols(shown)) == set(symbols(d.result))


def test_only_what_is_put_back_is_said_to_be() -> None:
    d = derive(*ATTENTION[:1], "x", ATTENTION[1])
    (back,) = (s for s in d.steps if s.rule == "letters-back")
    assert str(back.reason).startswith("r stands for")
    assert "s stands for" not in " ".join(d.to("text").split())


@pytest.mark.parametrize(("text", "where", "line"), [
    ("log(sigmoid(w.T @ x))", "w, x in R^n", "(1 - sigmoid(w.T @ x)) * w.T"),  # the letter is gone but for one place
    ("sum((A @ x)**4)", "A in R^(m*n); x in R^n", "4 * ((A @ x)**3).T @ A"),
])  # fmt: skip
def test_a_letter_that_stands_once_or_for_a_product_is_put_back(text: str, where: str, line: str) -> None:
    d = derive(text, "x", where)
    assert d.steps[-1].rule == "letters-back"
    assert str(d.steps[-1].after) == str(d.result) == line
