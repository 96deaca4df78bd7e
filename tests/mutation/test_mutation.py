"""Equations that are broken by one edit are found; the whole of it is ``python -m tests.mutation``."""

from __future__ import annotations

import pytest

from derivgen.expr import Expr
from derivgen.read import parse_text
from derivgen.read.declare import declare
from tests.mutation.by_numpy import differ
from tests.mutation.mutate import Tally, authored, mutated, printed

ENOUGH = 0.99
"""The least share of a small sample; that of all is printed by the command."""

ENOUGH_OF_AUTHORS = 0.97
"""That of authors' equations, of which one in the sample is a law that one matrix may obey; 99 % in all."""


@pytest.mark.slow
def test_broken_steps_are_found() -> None:
    tally = mutated(printed(10), 60)
    assert tally.equalities >= 20
    assert tally.found + tally.missed >= 30
    assert tally.rate >= ENOUGH, tally.left


@pytest.mark.slow
def test_broken_equations_of_authors_are_found() -> None:
    tally = Tally()
    for seed, notes in enumerate(authored(0.15)):
        tally += mutated(notes, 2, seed)
    assert tally.equalities >= 25
    assert tally.found + tally.missed >= 35
    assert tally.rate >= ENOUGH_OF_AUTHORS, tally.left


def expression(text: str) -> Expr:
    found = parse_text(text, declare("x, y in R^n; A in R^(n*n); X in R^(n*p); S in Sym(n); t in R; f: R^n -> R"))
    assert isinstance(found, Expr)
    return found


@pytest.mark.parametrize(
    ("one", "other", "different"),
    [
        ("x.T @ A @ x", "sum(x * (A @ x))", False),
        ("x.T @ A @ y", "y.T @ A @ x", True),
        ("x.T @ S @ y", "y.T @ S @ x", False),
        ("tanh(2*t)", "2*tanh(t)/(1 + tanh(t)**2)", False),
        ("log(exp(t) + 1)", "t", True),
        ("f(x + y)", "f(y + x)", False),
        ("f(x)", "f(y)", True),
        ("trace(inv(A))", "trace(inv(A.T))", False),
        ("X @ inv(X.T @ X) @ X.T", "X @ inv(X.T @ X).T @ X.T", False),
        ("X @ inv(X.T @ X) @ X.T", "X @ X.T", True),
        ("max(x, y)", "x + relu(y - x)", False),
    ],
)
def test_the_second_opinion(one: str, other: str, different: bool) -> None:
    assert differ(expression(one), expression(other), ()) is different
