"""Equations with one slip: refuted, with what was meant where one letter or sign says it; what may be meant so is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivgen.notes.check import check_notes
from derivgen.notes.find import notes_of
from derivgen.notes.meaning.edits import Edit, atoms, edits
from derivgen.notes.verdict import Equality


def last(text: str) -> Equality:
    return check_notes(notes_of(Path("notes.md"), text), seconds=10).equalities[-1]


RESIDUAL = r"Let $\mathbf{r} = \mathbf{t} - \mathbf{F}\mathbf{u}$."
LAYER = r"Let $\mathbf{s} = \mathbf{V}\mathbf{u} + \mathbf{c}$; gradients are columns."
ENTRYWISE = r"Let $\mathbf{k} = \sin(\mathbf{z})$."
COLUMN = r"Let $\mathbf{q}$ be a vector."
MAPS = (
    r"Let $p: \mathbb{R}^n \to \mathbb{R}^m$ and $q: \mathbb{R}^k \to \mathbb{R}^n$, and $\mathbf{t} \in \mathbb{R}^k$."
)
SLIPS = [
    # letters in bold are not taken for other things than they look, so that something holds
    (
        RESIDUAL,
        r"\frac{\partial}{\partial \mathbf{u}} (\mathbf{r}^\top \mathbf{r}) = -2 \mathbf{r}^\top \mathbf{F}",
        r"\frac{\partial}{\partial \mathbf{u}} (\mathbf{r}^\top \mathbf{r}) = -2 \mathbf{F} \mathbf{r}^\top",
        None,
    ),
    (
        LAYER,
        r"\frac{\partial J}{\partial \mathbf{u}} = \mathbf{V}^\top \frac{\partial J}{\partial \mathbf{s}}",
        r"\frac{\partial J}{\partial \mathbf{u}} = \mathbf{V} \frac{\partial J}{\partial \mathbf{s}}",
        r"\mathbf{V}^\top",
    ),
    (
        ENTRYWISE,
        r"\frac{\partial \mathbf{k}}{\partial \mathbf{z}} = \operatorname{diag}(\cos(\mathbf{z}) \odot (1 + 0 \mathbf{k}))",
        r"\frac{\partial \mathbf{k}}{\partial \mathbf{z}} = \operatorname{diag}(\cos(\mathbf{z}) \mathbf{k})",
        None,
    ),
    # a variable that stands nowhere else
    (
        "",
        r"\nabla h(u, v) = \left[\frac{\partial h(u, v)}{\partial u}, \frac{\partial h(u, v)}{\partial v}\right]",
        r"\nabla h(u, v) = \left[\frac{\partial h(u, v)}{\partial v}, \frac{\partial h(u, v)}{\partial v}\right]",
        "u",
    ),
    # a column that is transposed in so many words
    (
        COLUMN,
        r"\mathbf q = \begin{bmatrix} q_1 \\ \vdots \\ q_n \end{bmatrix}",
        r"\mathbf q = \begin{bmatrix} q_1 \\ \vdots \\ q_n \end{bmatrix}^\top",
        r"\begin{bmatrix} q_1 \\ \vdots \\ q_n \end{bmatrix}",
    ),
    # an index outside of its sum
    ("", r"\sum_{k=1}^m k = \frac{m(m+1)}{2}", r"\sum_{k=1}^m k = \frac{k(m+1)}{2}", "m"),
    # letters of a chain rule
    (
        "",
        r"\frac{dz}{dt} = \frac{dz}{ds}\frac{ds}{dt}",
        r"\frac{dz}{dt} = \frac{dt}{ds}\frac{ds}{dt}",
        "z",
    ),
    (
        MAPS,
        r"\frac{\partial}{\partial \mathbf{t}} p(q(\mathbf{t})) = \frac{\partial p}{\partial q}\frac{\partial q}{\partial \mathbf{t}}",
        r"\frac{\partial}{\partial \mathbf{t}} p(q(\mathbf{t})) = \frac{\partial q}{\partial q}\frac{\partial q}{\partial \mathbf{t}}",
        "p",
    ),
    # functions and letters
    (
        "",
        r"\frac{d}{dt}[p(t) - q(t)] = \frac{d p(t)}{dt} - \frac{d q(t)}{dt}",
        r"\frac{d}{dt}[p(t) - q(t)] = \frac{d q(t)}{dt} - \frac{d q(t)}{dt}",
        "p",
    ),
    ("", r"\frac{d}{dt} \ln p(t) = \frac{p'(t)}{p(t)}", r"\frac{d}{dt} \ln p(t) = \frac{t'(t)}{p(t)}", "p"),
    (
        r"Here $c$ is a number and $u$, $v$ are vectors.",
        r"\|c u - v\|^2 = c^2 \|u\|^2 - 2 c\, u^\top v + \|v\|^2",
        r"\|c u - v\|^2 = v^2 \|u\|^2 - 2 c\, u^\top v + \|v\|^2",
        "c",
    ),
    # indices that only the other side has, numbers that are doubled, what has no form
    ("", r"(M N)_{ij} = \sum_{k=1}^n M_{ik} N_{kj}", r"(M N)_{ij} = \sum_{k=1}^n M_{kk} N_{kj}", "i"),
    ("", r"\frac{d}{dt} (8 t) = 8", r"\frac{d}{dt} (8 t) = 16", "8"),
    ("", r"\frac{d}{dt} t^{14} = 14 t^{13}", r"\frac{d}{dt} t^{14} = 28 t^{13}", "14"),
    (
        "",
        r"\nabla h(u, v) = \left[\frac{\partial h(u, v)}{\partial u}, \frac{\partial h(u, v)}{\partial v}\right]",
        r"\nabla h(u, v) = \left[\frac{\partial v(u, v)}{\partial u}, \frac{\partial h(u, v)}{\partial v}\right]",
        "h",
    ),
    (
        "Let $s = p(u_1, u_2)$.",
        r"\frac{\partial s}{\partial u_i} = \frac{\partial p}{\partial u_i}",
        r"\frac{\partial s}{\partial u_i} = \frac{\partial p}{\partial u_j}",
        None,
    ),
    ("", r"\frac{d}{dt} [c p(t)] = c \frac{d}{dt} p(t)", r"\frac{d}{dt} [c p(t)] = c \frac{d}{dt} p(p)", "t"),
    # a transpose in a large formula
    (
        "",
        r"\begin{bmatrix} \nabla p(u, v) \\ \nabla q(u, v) \end{bmatrix} = \begin{bmatrix} \frac{\partial p(u, v)}{\partial u} & "
        r"\frac{\partial p(u, v)}{\partial v} \\ \frac{\partial q(u, v)}{\partial u} & \frac{\partial q(u, v)}{\partial v} \end{bmatrix}",
        r"\begin{bmatrix} \nabla p(u, v) \\ \nabla q(u, v) \end{bmatrix} = \begin{bmatrix} \frac{\partial p(u, v)}{\partial u} & "
        r"\frac{\partial p(u, v)}{\partial v} \\ \frac{\partial q(u, v^\top)}{\partial u} & \frac{\partial q(u, v)}{\partial v} \end{bmatrix}",
        None,
    ),
    # what changes with another letter
    (
        "",
        r"ds = \operatorname{tr}\left(\left(\frac{\partial s}{\partial M}\right)^\top dM\right)",
        r"ds = 2\operatorname{tr}\left(\left(\frac{\partial s}{\partial M}\right)^\top dM\right)",
        "",
    ),
    # numbers that are worked out
    ("", r"0.25 + 7 = 7.25", r"0.25 + 7 = 9", None),
    (
        "",
        r"\begin{bmatrix} 1 & 2 \\ 0 & 5 \end{bmatrix} \begin{bmatrix} u \\ v \end{bmatrix} = \begin{bmatrix} u + 2 v \\ 5 v \end{bmatrix}",
        r"\begin{bmatrix} 1 & 2 \\ 0 & 5 \end{bmatrix} \begin{bmatrix} u \\ v \end{bmatrix} = \begin{bmatrix} u + 2 v \\ 4 v \end{bmatrix}",
        None,
    ),
    # no laws, no settings
    ("Let $M$ be a square matrix.", r"(a M)^\top = a M^\top", r"(a M)^\top = a M", r"M^\top"),
    ("With $s = 4 t^2$ we have $ds = 8 t dt$.", r"ds = 8 t dt", r"ds = 4 t dt", "8"),
]


@pytest.mark.parametrize(("text", "true", "broken", "repair"), SLIPS)
def test_slips_are_refuted(text: str, true: str, broken: str, repair: str | None) -> None:
    assert last(f"{text}\n\n$${true}$$\n").verdict != "refuted"
    found = last(f"{text}\n\n$${broken}$$\n")
    assert found.verdict == "refuted", found.reason
    if repair is not None:
        assert found.repair == repair


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("", r"\frac{ds}{dt} = \frac{1}{dt/ds}"),  # of an inverse, which is no slip of a chain rule
        ("", "M N = N M"),  # a law
        ("", r"\mathbf{L} = \frac{1}{2} \mathbf{L} + \frac{1}{2} \mathbf{L}"),  # a loss may be set in bold
        ("", r"\frac{d}{dt} p(t) = q(t) - r(t)"),  # it says what the derivative is
        ("", r"\mathbf q = \begin{bmatrix} q_1 & \cdots & q_n \end{bmatrix}"),
        ("", r"0.25 + 7 = 7.3"),  # a number that is rounded
        ("", r"ds = \cos(t) dr"),  # nothing says what s is of
        (
            "",
            r"\begin{bmatrix} 1 & 2 \\ 0 & 5 \end{bmatrix} \begin{bmatrix} u \\ v \end{bmatrix} = \begin{bmatrix} 3 \\ 4 \end{bmatrix}",
        ),
        (
            "",
            r"\begin{bmatrix} 1 & 2 \\ 0 & 5 \end{bmatrix} \begin{bmatrix} u \\ v \end{bmatrix} = 5 \begin{bmatrix} u \\ v \end{bmatrix}",
        ),
    ],
)
def test_what_may_be_meant_is_not_refuted(text: str, formula: str) -> None:
    assert last(f"{text}\n\n$${formula}$$\n").verdict != "refuted"


def test_a_list_may_end_in_a_letter_by_which_another_one_is_counted() -> None:
    one = r"\begin{bmatrix} \nabla p_1(\mathbf{u}) \\ \vdots \\ \nabla p_i(\mathbf{u}) \end{bmatrix}"
    other = r"\begin{bmatrix} \nabla p_1(\mathbf{u}) \\ \vdots \\ \nabla p_m(\mathbf{u}) \end{bmatrix}"
    assert "cannot be an index" not in last(f"$${one} = {other}$$\n").reason


def test_digits_behind_a_fraction_are_two_numbers() -> None:
    latex = r"-\tfrac12 u \exp(12 u)"
    numerals = [latex[a.start : a.end] for a in atoms(latex) if a.numeral]
    assert numerals == ["1", "2", "12"]
    at = latex.index("2")
    assert Edit(at, at + 1, "1", "factor") in list(edits(latex, [], r"^\top"))
    assert Edit(at, at + 1, "", "factor") not in list(edits(latex, [], r"^\top"))


def test_numbers_are_doubled_in_braces_where_a_power_needs_them() -> None:
    made = [edit.applied("3 u^7") for edit in edits("3 u^7", [], r"^\top") if edit.kind == "factor"]
    assert "3 u^{14}" in made
    assert "6 u^7" in made


def test_words_are_no_letters() -> None:
    latex = r"6sin(u) miles + uvw \max(v)"
    assert [latex[a.start : a.base] for a in atoms(latex) if a.letter] == ["u", "u", "v", "w", "v"]


def test_a_matrix_is_a_part_as_brackets_are() -> None:
    latex = r"M \begin{bmatrix} \begin{matrix} 1 \end{matrix} & u \end{bmatrix}^\top"
    matrices = [latex[a.start : a.end] for a in atoms(latex) if not a.letter and not a.numeral]
    assert matrices[0] == latex[2:]
    assert r"\begin{matrix} 1 \end{matrix}" in matrices


def test_the_sign_of_a_differential_is_no_letter() -> None:
    latex = r"\mathrm{d} u + \mathrm d \mathbf{v}"
    assert [latex[a.start : a.base] for a in atoms(latex) if a.letter] == ["u", r"\mathbf{v}"]
