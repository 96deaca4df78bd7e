"""A long answer is printed by the names of its steps, and with these put in it is the answer, in every layout."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from derivgen import derive
from derivgen.catalog.build import number, product
from derivgen.check.evaluate import evaluate
from derivgen.derivation import derivation
from derivgen.expr import substitute

DEEP = "norm(tanh(W4 @ tanh(W3 @ tanh(W2 @ tanh(W1 @ x)))) - y)**2 + norm(tanh(W2 @ tanh(W1 @ x)))**2"
WEIGHTS = "; ".join(f"W{k} in R^(n*n)" for k in range(1, 5)) + "; x, y in R^n"


@pytest.mark.parametrize(("text", "wrt", "where", "choices"), [
    ("(c.T @ x + d)**2 / (x.T @ x + 1)", "x", "x, c in R^n; d in R", {"order": 2}),
    *((DEEP, wrt, WEIGHTS, {"layout": layout}) for wrt in ("W1", "x") for layout in ("numerator", "gradient", "denominator")),
])  # fmt: skip
def test_what_is_printed_at_the_end_is_the_answer(text: str, wrt: str, where: str, choices: dict[str, Any]) -> None:
    d = derive(text, wrt, where, check=False, **choices)
    assert d.result.written > 90
    shown, names = d.said_result
    for n in reversed(names):
        shown = substitute(shown, {n.symbol.name: n.value})
    assert shown.shape == d.result.shape
    rng = np.random.default_rng(7)
    point = {name: rng.normal(size=(3,) * s.shape.rank) for name, s in d.problem.symbols.items()}
    assert np.allclose(evaluate(shown, {**point, "n": 3}), evaluate(d.result, {**point, "n": 3}))


def test_the_names_stay_in_every_layout() -> None:
    shown = {
        layout: str(derive(DEEP, "W1", WEIGHTS, check=False, layout=layout).said_result[0])
        for layout in ("numerator", "gradient")
    }
    assert shown == {"numerator": "x @ delta1", "gradient": "delta1 @ x.T"}


def test_an_answer_by_wrong_names_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    d = derive(DEEP, "W1", WEIGHTS, check=False)
    assert d.printed_result != d.result
    shown, names = d.printed_result, d.where_names
    twice = dataclasses.replace(names[0], value=product(number(2), names[0].value))
    monkeypatch.setattr(derivation, "shorten", lambda *_: (shown, (twice, *names[1:])))
    again = derive(DEEP, "W1", WEIGHTS, check=False)
    assert again.printed_result == again.result
    assert again.where_names == ()


@pytest.mark.parametrize("choices", [{}, {"layout": "gradient"}])
@pytest.mark.parametrize(("text", "where", "names"), [
    ("norm(g * (x - mean(x)) / sqrt(sum((x - mean(x))**2)/n + e) + b - y)**2", "x, g, b, y in R^n; e in R; e>0", "r"),
    ("norm((A@x - mean(A@x)) * g / sqrt(sum((A@x - mean(A@x))**2)/n + e) - y)**2", "x, g, y in R^n; A in R^(n*n); e in R; e>0", "zr"),
])  # fmt: skip
def test_what_was_simplified_after_the_letters_is_simplified_in_the_answer_by_names(
    text: str, where: str, names: str, choices: dict[str, Any]
) -> None:
    d = derive(text, "x", where, check=False, **choices)
    own = [s.rule for s in d.steps if s.rule != "turn-layout"]
    assert own[-1] != "letters-back"
    shown, used = d.said_result
    assert [n.symbol.name for n in used] == [*names]
    for n in reversed(used):
        shown = substitute(shown, {n.symbol.name: n.value})
    assert shown == d.result
