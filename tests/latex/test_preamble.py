"""Commands of the author's own, defined in a preamble."""

from __future__ import annotations

import pytest

from derivgen.errors import DerivgenError
from derivgen.expr.text import text
from derivgen.read.latex.formula import parse_latex
from derivgen.tex.macros import preamble

WHERE = "w, x in R^n; A in R^(n*n); b in R"

PREAMBLE = r"""
\documentclass{article}
\usepackage{amsmath} % \newcommand{\hidden}{b}
\DeclareMathOperator{\tr}{tr}
\DeclareMathOperator*{\softmax}{soft\,max}
\newcommand{\bx}{\mathbf{x}}
\newcommand\bw{\mathbf w}
\newcommand{\T}{^{\mathsf T}}
\newcommand{\norm}[1]{\left\lVert#1\right\rVert}
\newcommand*{\inner}[2]{#1\T #2}
\newcommand{\power}[2][2]{#2^{#1}}
\renewcommand{\power}[2][3]{#2^{#1}}
\providecommand{\bx}{b}
\def\half{\frac12}
\def\twice#1{2#1}
\title{A title with {braces}}
"""


@pytest.mark.parametrize(
    ("tex", "plain"),
    [
        (r"\bw\T\bx", "w.T @ x"),
        (r"\inner{\bw}{\bx}", "w.T @ x"),
        (r"\norm{A\bx}^2", "norm(A @ x)**2"),
        (r"\tr(A) + \tr A", "trace(A) + trace(A)"),
        (r"\softmax(\bx)", "softmax(x)"),
        (r"\power{b} + \power[4]{b}", "b**3 + b**4"),
        (r"\half\twice b + \twice{(b + 1)}", "1 / 2 * 2 * b + 2 * (b + 1)"),
    ],
)
def test_expansion(tex: str, plain: str) -> None:
    assert text(parse_latex(tex, WHERE, PREAMBLE)) == plain


def test_only_definitions_are_read() -> None:
    known = {"tr", "softmax", "bx", "bw", "T", "norm", "inner", "power", "half", "twice"}
    assert set(preamble(PREAMBLE)) == known


def test_errors_point_into_the_formula() -> None:
    tex = r"b + \norm{\bx + A}"
    with pytest.raises(DerivgenError) as caught:
        parse_latex(tex, WHERE, PREAMBLE)
    span = caught.value.span
    assert span is not None
    assert tex[span.start : span.end] == r"\bx + A"


@pytest.mark.parametrize(
    ("tex", "definitions", "said"),
    [
        (r"\x", r"\newcommand{\x}{\x\x}", "defined by itself"),
        (r"\x", r"\newcommand{\x}{\y\y}\newcommand{\y}{\x}", "defined by itself"),
        (r"\a", "".join(rf"\newcommand{{\{a}}}{{\{b}\{b}\{b}\{b}}}" for a, b in zip("abcdefgh", "bcdefghi", strict=True)),
         "more than 20,000 tokens"),
        (r"\norm", r"\newcommand{\norm}[1]{|#1|}", "wants an argument"),
        (r"\x", r"\newcommand{\x}{\input{/etc/passwd}}", "refused"),
        (r"\x", r"\newcommand{\x}{", "is not known"),
        ("b", "x" * 2_000_000, "at most"),
    ],
)  # fmt: skip
def test_bad_definitions(tex: str, definitions: str, said: str) -> None:
    with pytest.raises(DerivgenError) as caught:
        parse_latex(tex, WHERE, definitions)
    assert said in caught.value.message
