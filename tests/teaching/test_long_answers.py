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
    assert shown == {"numerator": "x @ delta1", "gradient": "delta1.T @ x.T"}


def test_an_answer_by_wrong_names_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    d = derive(DEEP, "W1", WEIGHTS, check=False)
    assert d.printed_result != d.result
    shown, names = d.printed_result, d.where_names
    twice = dataclasses.replace(names[0], value=product(number(2), names[0].value))
    monkeypatch.setattr(derivation, "shorten", lambda *_: (shown, (twice, *names[1:])))
    again = derive(DEEP, "W1", WEIGHTS, check=False)
    assert again.printed_result == again.result
    assert again.where_names == ()
