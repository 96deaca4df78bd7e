"""A sentence says that a sign turns a difference around, or that factors cancel, where the line shows it so, and only there."""

from __future__ import annotations

import pytest

import derivgen
from derivgen.derivation.derivation import Derivation
from derivgen.derivation.report import every_step


def test_a_difference_that_is_turned_back_before_the_line_is_shown_is_not_called_turned() -> None:
    d = derivgen.derive("1/2*norm(sigmoid(X @ w) - y)**2", "w", "X in R^(N*n); w in R^n; y in R^N", order=2)
    words = " ".join(d.to("text").split())
    assert "turns it around" not in words
    kernel = "sum(a[i]*exp(-norm(x - X[i])**2/(2*s**2)) for i in range(N))"
    d = derivgen.derive(kernel, "x", "a in R^N; X in R^(N*n); x in R^n; s in R; s > 0", order=2)
    words = " ".join(d.to("text").split())
    assert "turns the difference around" not in words[words.index("Differentiate g by x") :]


def test_a_difference_that_the_line_shows_turned_is_called_so() -> None:
    kernel = "sum(a[i]*exp(-norm(x - X[i])**2/(2*s**2)) for i in range(N))"
    d = derivgen.derive(kernel, "x", "a in R^N; X in R^(N*n); x in R^n; s in R; s > 0", order=2)
    assert "the minus sign turns the difference around, to Xᵢₖ − xₖ" in " ".join(d.to("text").split())


@pytest.mark.parametrize(("text", "where", "said"), [
    ("norm(x - W @ softmax(W.T @ x))**2", "x in R^n; W in R^(n*k)", "a minus sign in front of diag(s) − ssᵀ turns it around, to ssᵀ − diag(s)"),
    ("1/2*sum((x*a[i] - y[i])**2 for i in range(n)) + sum((y[i] - x*a[i])**2 for i in range(n))", "x in R; a, y in R^n", ""),
    ("1/2*sum((y[i] - x*a[i])**2 for i in range(n))", "x in R; a, y in R^n", "the minus sign turns the difference around, to xaᵢ − yᵢ"),
])  # fmt: skip
def test_a_sign_of_what_is_multiplied_turns_a_difference(text: str, where: str, said: str) -> None:
    words = " ".join(derivgen.derive(text, "x", where, check=False).to("text").split())
    assert said in words if said else "turns" not in words


def test_a_smaller_step_names_a_turned_difference_with_its_terms_in_order() -> None:
    d = derivgen.derive("1/2*sum((y[i] - x*a[i])**2 for i in range(n))", "x", "x in R; a, y in R^n", check=False)
    assert isinstance(d, Derivation)
    turns = [s.reason for top in d.steps for s in every_step((top,)) if s.rule == "absorb-sign"]
    assert turns
    assert all(str(why).endswith("to x * a[i] - y[i].") for why in turns)


@pytest.mark.parametrize(("text", "where", "said"), [
    ("sum(x*log(x/q))", "x, q in R^n; x > 0; q > 0", "qⱼ and xⱼ cancel."),
    ("sum(x*log(x))", "x in R^n; x > 0", "xⱼ cancels."),
    ("sum((x - y)**2)/2", "x, y in R^n", "2 and 1/2 cancel."),
    ("sum((x - y)**2)/2 + sum(y*x)", "x, y in R^n", "2 and 1/2 cancel"),
    ("sum((x - y)**3)/3", "x, y in R^n", "3 and 1/3 cancel."),
    ("sum((x - y)**2)/3", "x, y in R^n", ""),
    ("sum(x*log(1 + x))", "x in R^n; x > 0", ""),
])  # fmt: skip
def test_what_cancels_while_a_line_is_found_is_said(text: str, where: str, said: str) -> None:
    d = derivgen.derive(text, "x", where, check=False)
    words = " ".join(d.to("text").split())
    assert said in words if said else "cancel" not in words
