"""Commands that nothing defines are read as they usually are, and the reader is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivgen import derive
from derivgen.catalog import GLOSSARY
from derivgen.errors import DerivgenError
from derivgen.expr.text import text
from derivgen.notes.check import check_notes
from derivgen.notes.find import notes_of
from derivgen.read.latex.commands import words_of
from derivgen.read.latex.customary import USUAL
from derivgen.read.latex.formula import parse_latex

WHERE = "w, x in R^n; A in R^(n*n); b in R"


@pytest.mark.parametrize(
    ("tex", "plain"),
    [
        (r"\tran{x} A x", "x.T @ A @ x"),
        (r"x^\T A x", "x.T @ A @ x"),
        (r"x\T A x", "x.T @ A @ x"),
        (r"\inner{\bw}{\vx}", "w.T @ x"),
        (r"\vx^\top \mA \vect{x}", "x.T @ A @ x"),
        (r"\half \norm{x}^2", "1 / 2 * norm(x)**2"),
        (r"\norm{A x}_1 + \abs{b}^2", "norm(A @ x, 1) + abs(b)**2"),
        (r"\dv{b^2}{b}", "partial(b**2, b)"),
        (r"\pdv{w^\top x}{b} + \pdiff{b}{b}", "partial(w.T @ x, b) + partial(b, b)"),
    ],
)
def test_usual_commands_are_read(tex: str, plain: str) -> None:
    assert text(parse_latex(tex, WHERE)) == plain


def test_a_definition_counts_for_more_than_custom() -> None:
    assert text(parse_latex(r"\tran{b}", WHERE, r"\newcommand{\tran}[1]{2 #1}")) == "2 * b"


@pytest.mark.parametrize("tex", [r"\pdv[2]{b^2}{b}", r"\dv{b}", r"\pdiff b b", r"\vb{x}", r"A^{\tran}"])
def test_what_follows_otherwise_than_usual_is_refused(tex: str) -> None:
    with pytest.raises(DerivgenError, match="is not known"):
        parse_latex(tex, WHERE)


def test_no_usual_command_is_one_that_is_known() -> None:
    assert not USUAL.keys() & words_of(GLOSSARY).commands.keys()


def test_a_question_says_what_was_taken_as_usual() -> None:
    reading = derive(r"\tran{\bx} A \bx", wrt="x").reading
    assert r"\tran{A} is defined nowhere, and read as A^{\mathsf T}" in reading.sentences()
    assert r"\bx is defined nowhere, and read as \mathbf{x}" in reading.sentences()
    own = derive(r"\tran{x} A x", wrt="x", preamble=r"\newcommand{\tran}[1]{{#1}^{\mathsf T}}").reading
    assert not any("defined nowhere" in sentence for sentence in own.sentences())


NOTES = r"""\section{One} For a vector $x$ and a matrix $A$:
\[ \pdiff{\tran{x} A x}{x} = A x + \tran{A} x \]
\[ \dif (X^{-1}) = -X^{-1} \dif X\, X^{-1} \]
Unless $X$ is a scalar, its derivative by $X$ has four indices.
"""


def test_a_text_whose_preamble_is_not_there_is_judged_and_told_so() -> None:
    found = check_notes(notes_of(Path("a.tex"), NOTES)).equalities
    assert [e.verdict for e in found] == ["verified", "verified"]
    assert r"\pdiff{A}{x} is defined nowhere, and read as \frac{\partial A}{\partial x}" in found[0].reading
    assert "Read as X in R^(N*N), by custom" in found[1].reading


def test_an_adjugate_may_be_a_command() -> None:
    source = r"For an invertible matrix $A$ it is $\adj(A) = \det(A) A^{-1}$."
    assert [e.verdict for e in check_notes(notes_of(Path("a.md"), source)).equalities] == ["verified"]
