"""What stands on the left of a line is judged as what stands on its right is: a name for another thing is refuted."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from derivgen import Derivation, derive
from derivgen.catalog.build import number, product
from derivgen.derivation.methods.scalar import Derived
from derivgen.derivation.report import judge
from derivgen.expr import Definition, Expr, symbols
from derivgen.read import parse_text
from derivgen.rules import moves
from derivgen.rules.reason import Reason
from derivgen.rules.step import Step

QUESTIONS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("norm(A @ x - b)**2 + k * norm(x)**2", "x", "A in R^(m*n); x in R^n; b in R^m; k in R", {}),
    ("sum(x * log(x))", "x", "x in R^n", {"layout": "denominator"}),
    ("x.T @ A @ x", "x", "A in R^(n*n); x in R^n", {"order": 2}),
    ("logdet(S)", "S", "S in Sym(n)", {"layout": "gradient"}),
    ("A @ X @ B", "X", "A in R^(m*n); X in R^(n*k); B in R^(k*l)", {}),
)


def on_the_left(d: Derivation, value: Expr) -> list[tuple[bool, str]]:
    """For each left side at its first place: whether it rests on the name of what is derived, and the verdict.

    A step that says itself what the name stands for does not.
    """
    found = judge(d.start, Derived(d.steps, d.result), called=Definition(d.name, value))
    firsts = {s.left: s for s in reversed(found.steps) if s.left is not None}
    return [
        (d.name.name in symbols(left) and d.name not in {n.symbol for n in s.definitions}, s.check.status)
        for left, s in firsts.items()
        if s.check is not None
    ]


@pytest.mark.parametrize(("text", "wrt", "where", "choices"), QUESTIONS)
def test_a_name_for_another_thing_is_refuted(text: str, wrt: str, where: str, choices: dict[str, Any]) -> None:
    d = derive(text, wrt, where, check=False, **choices)
    value = d.problem.expression
    right, wrong = on_the_left(d, value), on_the_left(d, product(number(2), value))
    assert {status for _, status in right} == {"verified"}
    assert any(own for own, _ in wrong)
    assert all(status == ("refuted" if own else "verified") for own, status in wrong)


def test_a_slope_that_is_known_is_verified_by_a_proof_of_itself() -> None:
    x, more, both, twice = (parse_text(t, "x in R") for t in ("x", "x + 1", "x + x", "2 * x"))
    line = Step("", "", both, twice, Reason(("It is added up.",)))
    step = Step(moves.known_derivative.name, "", x, more, Reason(("It is known.",)), substeps=(line,))
    assert [s.check.status for s in judge(x, Derived((step,), more)).steps if s.check is not None] == ["refuted"]
    proved = dataclasses.replace(step, before=both, after=twice)
    assert judge(both, Derived((proved,), twice)).verdict == "verified"


@pytest.mark.parametrize("method", ["auto", "scalar", "chain"])
def test_a_letter_that_only_a_display_gives_is_nobodys(method: Any) -> None:
    """Of the parts of [q(w), 0] the first is called q and the second f, and nothing but the display says so."""
    assert derive("[q(w), 0]", "w", "w in R^n; q: R^n -> R", method=method).verdict == "verified"
