"""A sentence names what it is about: of functions that are only declared, and where a rate is long, none is called "this …"."""

from __future__ import annotations

import re

import pytest

import derivgen
from derivgen.catalog import GLOSSARY
from derivgen.catalog.base import Elementwise
from derivgen.derivation.derivation import Derivation
from derivgen.derivation.report import every_step
from derivgen.show.document.context import context_of
from derivgen.show.document.reasons import sentence
from derivgen.show.layout.latex_to_box import read
from derivgen.show.math.latex import write
from derivgen.show.math.unicode_line import linear

DECLARED = (
    ("f(g(x))", "x", "x in R; f, g: R -> R", 2),
    ("f(g(h(x)))", "x", "x in R; f, g, h: R -> R", 2),
    ("f(g(x))", "x", "x in R^n; g: R^n -> R; f: R -> R", 2),
    ("f(g(x))", "x", "x in R^n; g: R^n -> R^k; f: R^k -> R", 2),
    ("f(g(x))", "x", "x in R; g: R -> R^k; f: R^k -> R", 2),
    ("f(A @ x + b)", "x", "A in R^(m*n); x in R^n; b in R^m; f: R^m -> R", 2),
    ("f(x)*g(x)", "x", "x in R; f, g: R -> R", 2),
    ("f(x)/g(x)", "x", "x in R; f, g: R -> R", 2),
    ("f(x)*g(x)", "x", "x in R^n; f, g: R^n -> R", 2),
    ("f(x).T @ g(x)", "x", "x in R^n; f, g: R^n -> R^m", 1),
    ("norm(f(x) - y)**2", "x", "x in R^n; y in R^m; f: R^n -> R^m", 2),
    ("exp(-f(x)**2)", "x", "x in R^n; f: R^n -> R", 2),
    ("f(x, g(x))", "x", "x in R; g: R -> R; f: R, R -> R", 2),
    ("f(x, g(x))", "x", "x in R^n; g: R^n -> R^k; f: R^n, R^k -> R^m", 1),
    ("f(x**2, c*x)", "x", "x, c in R; f: R, R -> R", 2),
    ("sum(f(w.T @ X[i]) for i in range(N))", "w", "w in R^n; X in R^(N*n); f: R -> R", 2),
    ("sum(f(w.T @ X[i] - y[i]) for i in range(N))/N", "w", "w in R^n; y in R^N; X in R^(N*n); f: R -> R", 2),
    ("sum(f(X[i], w) for i in range(N))", "w", "X in R^(N*n); w in R^k; f: R^n, R^k -> R", 1),
    ("sum(f(w * x))", "w", "w, x in R^n; f: R -> R", 2),
    ("f(x.T @ M @ x)", "x", "x in R^n; M in R^(n*n); f: R -> R", 2),
    ("f(t*x)", "t", "x in R^n; t in R; f: R^n -> R", 2),
    ("f(x*exp(-x**2) + sin(x)*log(x))", "x", "x in R; f: R -> R", 2),
    ("f(exp(-norm(x - a)**2/(2*c**2)) + log(1 + norm(x)**2))", "x", "x, a in R^n; c in R; f: R -> R", 1),
)
FUNCTIONS = tuple(op.name for op in GLOSSARY.operations if isinstance(op, Elementwise) and len(op.derivatives) == 1)
HOLE = re.compile(r"\b(?:[Tt]his|[Tt]hese) (?!is\b)(?:\$|[a-z]+)")


def holes(d: Derivation) -> list[str]:
    """The sentences with a "this …" that is not their own, but stands for a term."""
    c = context_of(d)
    found = []
    for s in every_step(d.steps):
        said, own = sentence(s.reason, c), HOLE.findall("".join(s.reason.words))
        found += [said] if HOLE.findall(said) != own else []
    return found


@pytest.mark.parametrize(("text", "wrt", "where", "order"), DECLARED)
def test_no_term_of_a_declared_function_is_called_this(text: str, wrt: str, where: str, order: int) -> None:
    assert holes(derivgen.derive(text, wrt, where, order=order, check=False)) == []


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_slope_of_each_function_is_said(name: str) -> None:
    assert holes(derivgen.derive(f"sum({name}(x))", "x", "x in R^n", check=False)) == []


def test_the_second_derivative_of_a_declared_function_is_written() -> None:
    once = derivgen.derive("f(g(x))", "x", "x in R; f, g: R -> R", order=2, check=False)
    assert "f′(g(x)) changes with g(x) at the rate f′′(g(x));" in " ".join(once.to("text").split())
    many = derivgen.derive(*DECLARED[15][:3], order=2, check=False)
    printed = " ".join(many.to("text").split())
    assert "f′(sᵢ) changes with sᵢ at the rate f′′(sᵢ)." in printed
    assert "The weight of xᵢxᵢᵀ, f′′(wᵀxᵢ), is entry i under diag" in printed


@pytest.mark.parametrize("tex", ["f'(x)", "f''(x)", "f'''(g(x))", "f_i''(x)"])
def test_primes_are_read_as_they_are_written(tex: str) -> None:
    box = read(tex)
    assert box is not None
    assert write(box).replace(" ", "") == tex
    assert linear(box).count("′") == tex.count("'")


@pytest.mark.parametrize("tex", ["f''^2(x)", "f^2''(x)", "'"])
def test_primes_beside_another_power_are_no_formula(tex: str) -> None:
    assert read(tex) is None


def test_a_function_of_what_is_too_long_keeps_its_name() -> None:
    d = derivgen.derive("f(x*exp(-x**2) + sin(x)*log(x))", "x", "x in R; f: R -> R", order=2, check=False)
    assert "at the rate f′′(…)" in " ".join(d.to("text").split())
