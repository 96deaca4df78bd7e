"""The picture is proved too: what is printed in LaTeX reads back as an expression with the same values."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

import derivgen
from derivgen.catalog.base import Abstract
from derivgen.catalog.linear import kron
from derivgen.check.judge import Judge
from derivgen.derivation.report import every_step
from derivgen.errors import DerivgenError
from derivgen.expr import Call, Definition, Expr, Index, symbols, walk
from derivgen.options import Layout, NotationName
from derivgen.read import Declarations, declare, parse_text
from derivgen.read.latex.formula import parse_latex
from derivgen.read.question import declared_by
from derivgen.show.layout.style import Style
from derivgen.show.math.latex import latex
from tests.strategies import EVERYTHING, SAMPLES, N, expressions

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "data" / "cases.json").read_text(encoding="utf-8")
)

NOTES_CASES = [
    ("f(x)", "x", "f: R^n -> R^m; x in R^n"),
    ("f(g(x))", "x", "f: R^k -> R^m; g: R^n -> R^k; x in R^n"),
    ("f(g(x))", "x", "f: R^n -> R^n elementwise; g: R^n -> R^n elementwise; x in R^n"),
    ("f(w) ◯ g(x)", "w", "f: R^n -> R^n elementwise; g: R^n -> R^n elementwise; w, x in R^n"),
    ("f(g(x), h(x))", "x", "f: R, R -> R; g, h: R -> R; x in R"),
    ("[f(x, y), g(x, y)]", "[x, y]", "f, g: R, R -> R; x, y in R"),
    ("f(A @ x)", "x", "f: R^m -> R; A in R^(m*n); x in R^n"),
    ("f(X)", "X", "f: R^(m*n) -> R; X in R^(m*n)"),
]
"""Functions that are only declared, as the notes have them; the corpus has none."""

STYLES = [
    Style("notes", "numerator"), Style("modern", "numerator"), Style("notes", "denominator"), Style("modern", "gradient"),
]  # fmt: skip


def applied(*expressions: Expr) -> dict[str, tuple[Expr, ...]]:
    """What the declared functions of a document are of."""
    return {
        x.op.name: x.args for e in expressions for x in walk(e) if isinstance(x, Call) and isinstance(x.op, Abstract)
    }


def read_back(
    e: Expr,
    style: Style,
    declarations: Declarations,
    definitions: tuple[Definition, ...] = (),
    known: Mapping[str, tuple[Expr, ...]] | None = None,
) -> None:
    tex = latex(e, style)
    again = parse_latex(tex, declarations, layout=style.layout, shape=e.shape, applied=known or applied(e))
    verdict = Judge().agree(e, again, definitions)
    assert verdict.status != "refuted", tex
    assert again.shape == e.shape, tex


@settings(max_examples=300)
@given(expressions(None, parts=EVERYTHING, safe=True, depth=3))
def test_any_expression_reads_back(problem: tuple[Expr, Declarations]) -> None:
    # ⊗ is read as the element-wise product, whichever notation wrote it: there the Kronecker product has its sign.
    written_with_sign = any(isinstance(e, Call) and e.op is kron for e in walk(problem[0]))
    for style in STYLES:
        if not (written_with_sign and style.notation == "modern"):
            read_back(problem[0], style, problem[1])


@pytest.mark.slow
@settings(max_examples=300)
@given(expressions(None, parts=EVERYTHING, safe=False, free=(Index("i", N), Index("j", N), Index("l", SAMPLES))))
def test_any_expression_with_free_indices_reads_back(problem: tuple[Expr, Declarations]) -> None:
    try:
        read_back(problem[0], STYLES[0], problem[1])
    except DerivgenError as error:  # trees may divide by 0; formulas may not
        assert error.message == "this divides by zero"  # noqa: PT017


def lines(d: derivgen.Derivation) -> Iterator[tuple[Expr, tuple[Definition, ...]]]:
    """Every side that a derivation prints, with the names in force."""
    seen: set[Expr] = set()
    for step in every_step(d.steps):
        for e in (step.before, step.after, step.left):
            if e is not None and e not in seen:
                seen.add(e)
                yield e, step.definitions


def problems() -> Iterator[Any]:
    for c in CASES:
        yield pytest.param(c["text"], c["wrt"], c["where"], c["order"], id=c["id"])
    for text, wrt, where in NOTES_CASES:
        yield pytest.param(text, wrt, where, 1, id=text)


@pytest.mark.parametrize(("notation", "layout"), [("notes", "numerator"), ("modern", "denominator")])
@pytest.mark.parametrize(("text", "wrt", "where", "order"), list(problems()))
def test_every_line_of_a_derivation_reads_back(
    text: str, wrt: str, where: str, order: int, notation: NotationName, layout: Layout
) -> None:
    d = derivgen.derive(text, wrt=wrt, where=where, order=order, notation=notation, layout=layout, check=False)
    functions = declare(where).functions
    for e, definitions in lines(d):
        called = {n: f for n, f in functions.items() if n not in symbols(e)}  # ∂f/∂x is of the value that f names there
        known = declared_by(e, Declarations(functions=called, indices={i.name: i for i in e.free}))
        read_back(e, Style(notation, layout), known, definitions, applied(d.problem.expression))


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("x1 + x[0]", "x in R^n; x1 in R"),
        ("W1[0, 1] + W[0, 1] + W[1, 2]", "W, W1 in R^(m*n)"),
        ("loss * W_hidden @ x_max", "loss in R; W_hidden in R^(m*n); x_max in R^n"),
        ("x_max[0] + x[11]", "x_max, x in R^13"),
        ("lam * theta_hat + lambda * theta1", "lam, lambda in R; theta_hat, theta1 in R^n"),
        ("I * x + eye(n) @ x", "I in R; x in R^n"),
        ("I @ x + eye(n) @ x", "I in R^(n*n); x in R^n"),
        ("delta * (i == j) + sigma * sigmoid(sigma)", "delta, sigma in R; i, j in range(n)"),
        ("T * x.T @ x + e * exp(e) + x.T @ x / d", "T, e, d in R; x in R^n"),
        ("X[0] + w", "X in R^(m*n); w in R^n"),
        ("X[0] + x", "X in R^(n*n); x in R^n"),
        ("u[i] @ w + X1[i] @ w", "u, X1 in R^(m*n); w in R^n; i in range(m)"),
        ("X[11] @ w", "X in R^(12*n); w in R^n"),
        ("f1(x) + f_hat(x)", "f1, f_hat: R^n -> R^m; x in R^n"),
        ("tr + trace(A) + max1 + max(b, 1)", "tr, max1, b in R; A in R^(n*n)"),
        ("sum((i + 1) * x[i] * y[i1] for i in range(n) for i1 in range(n))", "x, y in R^n"),
        ("diag([x[i]**2 for i in range(7)])", "x in R^7"),
        ("norm(ones(m)) + ones(n).T @ ones(n) + trace(eye(k)) * N", "A in R^(m*n); B in R^(k*N)"),
        ("logdet(zeros(n, n) + eye(n)) + sum(zeros(m, n) @ ones(n))", "A in R^(m*n)"),
        ("[[1 for j in range(n)] for i in range(m)] @ x", "x in R^n; A in R^(m*n)"),
        ("eye(n)[1] + ones(n)[0] * zeros(n)", "x in R^n"),
        ("D(p, 1)(A @ x, y) @ y + p(x, y)", "p: R^n, R^m -> R^n; A in R^(n*n); x in R^n; y in R^m"),
        ("D(r, 0)(x, y).T @ x + y.T @ D(r, 0, 1)(x, y).T @ x", "r: R^n, R^n -> R; x, y in R^n"),
        ("D(f)(g(x)) @ D(f)(g(y))", "f, g: R^n -> R^n; x, y in R^n"),
    ],
)  # fmt: skip
def test_names_read_back(text: str, where: str) -> None:
    e = parse_text(text, where)
    for style in STYLES:
        read_back(e, style, declare(where))
