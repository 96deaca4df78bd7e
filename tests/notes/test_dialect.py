"""Other ways of writing the same in TeX are read in a text, and words to the reader are no part of an equation."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivgen.notes.check import check_notes
from derivgen.notes.find import notes_of


def verdicts(text: str, name: str = "notes.md") -> list[str]:
    return [e.verdict for e in check_notes(notes_of(Path(name), text)).equalities]


@pytest.mark.parametrize(
    ("true", "false"),
    [
        (r"{\partial r^\top C s \over \partial s} = C^\top r", r"{\partial r^\top C s \over \partial s} = C^\top s"),
        (r"{a + b \over 2} = {{a \over 2}} + {b \over 2}", r"{a + b \over 2} = {a \over 2} + b"),
        (
            r"\begin{bmatrix} a \cr b \cr \end{bmatrix} + \begin{bmatrix} c \\ d \end{bmatrix} = \begin{bmatrix} a + c \cr b + d \end{bmatrix}",
            r"\begin{bmatrix} a \cr b \end{bmatrix} + \begin{bmatrix} c \\ d \end{bmatrix} = \begin{bmatrix} a + c \cr b - d \end{bmatrix}",
        ),
        (
            r"2\begin{pmatrix*}[r] a & -b \end{pmatrix*} = \begin{pmatrix*}[r] 2a & -2b \end{pmatrix*}",
            r"2\begin{pmatrix*}[r] a & -b \end{pmatrix*} = \begin{pmatrix*}[r] 2a & 2b \end{pmatrix*}",
        ),
        (
            r"(r - t_{\star})^\top (r - t_\star) = r^\top r - 2 r^\top t_{\star} + t_\star^\top t_\star",
            r"(r - t_{\star})^\top (r - t_\star) = r^\top r - r^\top t_{\star} + t_\star^\top t_\star",
        ),
        (
            r"3\begin{bmatrix} a \newline b \end{bmatrix} = \begin{bmatrix} 3a \\ 3b \end{bmatrix}",
            r"3\begin{bmatrix} a \newline b \end{bmatrix} = \begin{bmatrix} 3a \\ b \end{bmatrix}",
        ),
        (r"a_{1}.b_{2} + c{} = c + b_2 a_1", r"a_{1}.b_{2} + c{} = c - b_2 a_1"),
        (r"\ln\ 2a\ + \ \ln b = \ln (2ab)", r"\ln\ 2a\ + \ \ln b = \ln (ab)"),
    ],
)
def test_a_dialect_of_tex_says_the_same(true: str, false: str) -> None:
    assert verdicts(f"$$\n{true}\n$$") == ["verified"]
    assert verdicts(f"$$\n{false}\n$$") == ["refuted"]


def test_a_derivative_with_a_slash_between_braces_is_one() -> None:
    text = "Let $h = 3t^2$. Then ${{\\partial h}}/{{\\partial t}} = {}$."
    assert verdicts(text.format("6t"))[-1] == "verified"
    assert verdicts(text.format("5t"))[-1] == "refuted"


def test_a_sign_above_a_letter_is_a_part_of_its_name() -> None:
    text = "$$(I - LC)S_k^- = S_k^- - L C S_k^{{-}} {}$$"
    assert verdicts(text.format("")) == ["verified"]
    assert verdicts(text.format("+ L L^\\top")) == ["refuted"]
    after = "Let $m^+ = m^- + L(z - Cm^-)$. So $m^+ - m^- = Lz {} LCm^-$."
    assert verdicts(after.format("-"))[-1] == "verified"
    assert verdicts(after.format("+"))[-1] == "refuted"


def test_a_plus_above_a_matrix_is_no_label_where_no_minus_is() -> None:
    (found,) = check_notes(notes_of(Path("notes.md"), "$S^+ S S^+ = S^+$")).equalities
    assert found.verdict == "unchecked"


def test_a_general_inverse_is_not_taken_for_the_inverse() -> None:
    (found,) = check_notes(
        notes_of(Path("notes.md"), "A matrix $S^-$ with $S S^- S = S$ is a generalised inverse.")
    ).equalities
    assert found.verdict == "unchecked"


def test_a_command_that_holds_words_is_no_factor() -> None:
    text = (
        "\\newcommand{\\why}[1]{\\footnotesize\\textcolor{gray}{\\text{#1}}}\n\\begin{document}\n"
        "\\begin{align}\n a(b + c) &= ab + ac \\why{by the law of $a$} \\\\\n &\\why{in another order} \\\\\n &= ca + @ \n\\end{align}\n\\end{document}\n"
    )
    assert verdicts(text.replace("@", "ba"), "text.tex") == ["verified", "verified"]
    assert verdicts(text.replace("@", "bc"), "text.tex") == ["verified", "refuted"]


def test_from_where_to_where_an_index_runs_says_nothing_of_the_letters() -> None:
    text = "For $c = 1 \\cdots C$ let $y_c = \\frac{e^{z_c}}{\\sum_{d=1}^C e^{z_d}}$. Then $\\frac{\\partial y_i}{\\partial z_j} = @$."
    assert verdicts(text.replace("@", r"y_i(\delta_{ij} - y_j)"))[-1] == "verified"
    assert verdicts(text.replace("@", r"y_i(\delta_{ij} + y_j)"))[-1] == "refuted"


def test_a_word_below_a_letter_is_a_part_of_its_name_behind_an_index_too() -> None:
    text = "For vectors $r, s \\in \\mathbb R^n$ let $u_{k,seen} = 2r_k + s_k$. Then $3u_{k,seen} = @r_k + 3s_k$."
    assert verdicts(text.replace("@", "6"))[-1] == "verified"
    assert verdicts(text.replace("@", "5"))[-1] == "refuted"


VECTOR = r"Let $\mathbf{b} \in \mathbb{R}^n$ and $\mathbf{C}$ a matrix. "


@pytest.mark.parametrize(
    ("given", "claim"),
    [
        ("Let $g(u, v) = u^3 v^2$. ", r"$\partial^2 g/\partial u^2 = @6 u v^2$"),
        ("Let $g(u, v) = u^3 v^2$. ", r"$\partial^2 g / \partial u \partial v = @6 u^2 v$"),
        (VECTOR, r"$\partial^2 (\mathbf{b}'\mathbf{C}\mathbf{b})/\partial\mathbf{b}\partial\mathbf{b}' = @\mathbf{C} + \mathbf{C}'$"),
        (VECTOR, r"$\frac{\partial^2 (\mathbf{b}'\mathbf{C}\mathbf{b})}{\partial\mathbf{b}\partial\mathbf{b}'} = @\mathbf{C} + \mathbf{C}'$"),
        (VECTOR, r"$\sum\displaylimits_{i=1}^n b_i^2 = @\bold{b}^T\bold{b}\xspace$"),
    ],
)  # fmt: skip
def test_second_derivatives_on_the_line_and_other_spellings(given: str, claim: str) -> None:
    assert verdicts(given + claim.replace("@", ""))[-1] == "verified"
    assert verdicts(given + claim.replace("@", "2"))[-1] == "refuted"
