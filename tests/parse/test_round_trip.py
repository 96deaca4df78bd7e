"""Text and tree are two faces of one thing: parse_text(text(e)) == e, exactly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given

import derivgen
from derivgen.expr import Dim, Expr, Index
from derivgen.expr.text import text
from derivgen.options import Layout
from derivgen.read import Declarations, declare, parse_text
from tests.strategies import EVERYTHING, SAMPLES, N, expressions

CASES = json.loads((Path(__file__).parent.parent / "data" / "cases.json").read_text(encoding="utf-8"))


@given(expressions(None, parts=EVERYTHING, safe=False, depth=4))
def test_any_tree_reads_back(problem: tuple[Expr, Declarations]) -> None:
    e, declarations = problem
    assert parse_text(text(e), declarations) == e, text(e)


@given(expressions(None, parts=EVERYTHING, safe=False, free=(Index("i", N), Index("j", N), Index("l", SAMPLES))))
def test_any_tree_with_free_indices_reads_back(problem: tuple[Expr, Declarations]) -> None:
    e, declarations = problem
    assert parse_text(text(e), declarations) == e, text(e)


@given(expressions(None, parts=EVERYTHING, safe=False))
def test_declarations_read_back(problem: tuple[Expr, Declarations]) -> None:
    _, declarations = problem
    read = declare(str(declarations))
    assert (read.symbols, read.functions) == (declarations.symbols, declarations.functions)


@pytest.mark.parametrize("field", ["text", "answer"])
@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"])
def test_the_corpus_reads_back(case: dict[str, str], field: str) -> None:
    declarations = declare(case["where"])
    e = parse_text(case[field], declarations)
    written = text(e)
    assert parse_text(written, declarations) == e
    expected = case[field].replace("maximum(", "max(").replace(" ** ", "**")
    assert written == expected


def test_deep_chains_read_back() -> None:
    layers = 100
    source = "x"
    for k in range(1, layers + 1):
        source = f"tanh(W{k} @ {source} + b{k})"
    where = "x in R^n; " + "; ".join(f"W{k} in R^(n*n); b{k} in R^n" for k in range(1, layers + 1))
    e = parse_text(source, where)
    assert text(e) == source
    assert e.shape.axes == (Dim("n"),)


@pytest.mark.parametrize("layout", ["numerator", "denominator"])
@pytest.mark.parametrize(
    ("expression", "wrt"), [("A @ x", "X"), ("A", "X"), ("A", "x"), ("vec(A)", "X"), ("kron(A, X)", "x"), ("x", "a")]
)
def test_zeros_read_back(expression: str, wrt: str, layout: Layout) -> None:
    """With however many axes: that is what a derivative by a variable that does not occur is."""
    where = "A in R^(m*n); X in R^(p*q); x in R^n; a in R"
    d = derivgen.derive(expression, wrt, where, layout=layout)
    assert "zeros" in str(d.result)
    assert parse_text(str(d.result), where) == d.result
