"""What a checker says of a text: verdicts with reasons, at their places."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from derivgen.notes.check import check_notes
from derivgen.notes.find import notes_of
from derivgen.notes.meaning.edits import edits
from derivgen.notes.verdict import Checked, Equality


def checked(text: str) -> Checked:
    return check_notes(notes_of(Path("notes.md"), text))


def last(text: str) -> Equality:
    return checked(text).equalities[-1]


@pytest.mark.parametrize(
    ("text", "verdict", "code"),
    [
        (r"$\mathbf{z} = \mathbf{W}\mathbf{x} + \mathbf{b}$", "unchecked", "definition"),
        (r"Set $n = 3$.", "unchecked", "setting"),
        (r"We iterate $w_{t+1} = w_t - \eta g_t$.", "unchecked", "update"),
        (r"Suppose that $A x = b$.", "unchecked", "equation"),
        (r"Let $A^\top = A$.", "unchecked", "hypothesis"),
        (r"At the optimum $\nabla_x (x^\top x - a^\top x) = 0$.", "unchecked", "equation"),
        (r"We have $\frac{\partial L}{\partial w} = \delta x$.", "unchecked", "dependence"),
        (r"$\mathbb{E}[x^\top x] = n$", "unchecked", "random"),
        (r"$\operatorname{rank}(A B) = \operatorname{rank}(B A)$", "unchecked", "operator"),
        (r"$(\mathbf{A}\mathbf{B})^\top = \mathbf{B}^\top\mathbf{A}^\top$", "verified", ""),
        (r"$(\mathbf{A}\mathbf{B})^\top = \mathbf{A}^\top\mathbf{B}^\top$", "refuted", "false"),
        (r"$\frac{d}{dx} x^3 = 3x^2$", "verified", ""),
        (r"$\frac{d}{dx} x^3 = 3x$", "refuted", "false"),
    ],
)
def test_kinds(text: str, verdict: str, code: str) -> None:
    found = last(text)
    assert (found.verdict, found.code) == (verdict, code), found.reason


def test_definitions_are_used() -> None:
    found = checked(r"Let $y = 3u^2$ and $u = 2x$." "\n\n" r"$$\frac{dy}{dx} = \frac{dy}{du}\frac{du}{dx} = 12u$$")
    assert [e.verdict for e in found.equalities[2:]] == ["verified", "verified"]


def test_after_a_broken_member_the_last_good_one_counts() -> None:
    found = checked(r"$$\frac{d}{dx} x^3 = 3x = 3x^2$$").equalities
    assert [e.verdict for e in found] == ["refuted", "verified"]


def test_places() -> None:
    text = "One.\n\nTwo $a$ and $\\frac{d}{dx} x^3 = 3x$.\n"
    notes = notes_of(Path("notes.md"), text)
    (found,) = check_notes(notes).equalities
    spot = notes.spot(found.formula.start + found.start)
    assert (spot.line, spot.column) == (3, 14)
    assert text[found.formula.start + found.start : found.formula.start + found.end] == r"\frac{d}{dx} x^3 = 3x"


def test_what_did_not_change_is_remembered() -> None:
    class Kept(dict[str, str]):
        def put(self, key: str, value: str) -> None:
            self[key] = value

    kept = Kept()
    text = "Let $y = 3u^2$ and $u = 2x$.\n\n$$\\frac{dy}{dx} = \\frac{dy}{du}\\frac{du}{dx} = 13u$$\n"
    first = check_notes(notes_of(Path("notes.md"), text), memo=kept)
    count = len(kept)
    assert count
    again = check_notes(notes_of(Path("notes.md"), text), memo=kept)
    assert again == first
    moved = check_notes(notes_of(Path("notes.md"), "More words.\n\n" + text), memo=kept)
    assert [e.verdict for e in moved.equalities] == [e.verdict for e in first.equalities]
    assert len(kept) == count
    check_notes(notes_of(Path("notes.md"), text.replace("3u^2", "4u^2")), memo=kept)
    assert len(kept) > count


def test_what_fits_in_no_reading_is_refuted_where_one_edit_makes_it_true() -> None:
    found = last(r"$\begin{cases} 0 & z^\top \leq 0 \\ 1 & z > 0 \end{cases} = \mathbf{1}(z > 0)$")
    assert (found.verdict, found.code, found.repair) == ("refuted", "shape", "z")


def test_an_array_that_misses_an_index_is_no_silent_sum() -> None:
    given = "Let $x \\in \\mathbb{R}^n$.\n\n"
    true = r"$\left[ x_i x_j \right]_{ij} = x x^\top$"
    assert last(given + true).verdict == "verified"
    assert last(given + true.replace("]_{ij}", "]_{lj}")).verdict == "refuted"


@pytest.mark.parametrize(
    ("given", "true", "broken", "code"),
    [
        (r"The matrix is $H = \begin{bmatrix} a & b \\ c & d \end{bmatrix}$.", r"\det(H) = ad - bc", r"\det(H) = 2ad - bc", "false"),
        ("", r"\mathbf{v} = \begin{bmatrix} v_1 \\ v_2 \\ \vdots \\ v_n \end{bmatrix}",
         r"\mathbf{v} = -\begin{bmatrix} v_1 \\ v_2 \\ \vdots \\ v_n \end{bmatrix}", "false"),
        (r"Let $A, B \in \mathbb{R}^{m\times n}$.", r"\operatorname{tr}(B^\top A) = \sum_{i=1}^m \sum_{j=1}^n B_{ij} A_{ij}",
         r"\operatorname{tr}(B^\top A) = \sum_{i=1}^m \sum_{j=1}^n A_{ij} A_{ij}", "false"),
        (r"Let $w = g(p, q)$ where $p = a(t)$ and $q = b(t)$.",
         r"\frac{dw}{dt} = \frac{\partial w}{\partial p}\frac{dp}{dt} + \frac{\partial w}{\partial q}\frac{dq}{dt}",
         r"\frac{dw}{dt} = \frac{\partial w}{\partial p}\frac{dp}{dt} + \frac{\partial q}{\partial q}\frac{dq}{dt}", "false"),
        (r"Let $h$ be a function of one variable and $k$ a constant.", r"\frac{d}{dx} h(k x) = k h'(k x)",
         r"\frac{d}{dx} h(k x) = k k'(k x)", "form"),
        ("", r"\nabla h(s, t) = [\frac{\partial h(s, t)}{\partial s}, \frac{\partial h(s, t)}{\partial t}]",
         r"\nabla h(s, t) = [\frac{\partial t(s, t)}{\partial s}, \frac{\partial h(s, t)}{\partial t}]", "form"),
        ("", r"\nabla h(s, t) = [\frac{\partial h(s, t)}{\partial s}, \frac{\partial h(s, t)}{\partial t}]",
         r"\nabla h(s, t) = [\frac{\partial h(s, t)}{\partial h}, \frac{\partial h(s, t)}{\partial t}]", "form"),
        (r"Let $w = e^{3t}$.", r"dw = 3 e^{3t} dt", r"dw = 3 e^{3t} dw", "false"),
        (r"Let $s = \mathbf{a}^\top \mathbf{x}$; numerator layout.", r"\frac{\partial s}{\partial \mathbf{x}} = 0 \frac{\partial s}{\partial \mathbf{a}} + \mathbf{a}^\top",
         r"\frac{\partial s}{\partial \mathbf{x}} = 0 \frac{\partial s}{\partial \mathbf{0}} + \mathbf{a}^\top", "form"),
        (r"Let $u, v \in \mathbb{R}^n$.", r"\|u + v\|^2 = \|u\|^2 + 2 u^\top v + \|v\|^2",
         r"\|u + v\|^2 = \|u\| + 2 u^\top v + \|v\|^2", "false"),
        (r"For differentiable $g$ and $h$ of one real variable.", r"(g(t) h(t))' = g'(t) h(t) + g(t) h'(t)",
         r"(g(t) h(t))' = g'(t) h(t) + t(t) h'(t)", "false"),
    ],
)  # fmt: skip
def test_what_may_be_meant_otherwise_is_refuted_where_one_edit_makes_it_true(
    given: str, true: str, broken: str, code: str
) -> None:
    found = last(f"{given}\n\n$${true}$$")
    assert found.verdict == "verified", found.reason
    found = last(f"{given}\n\n$${broken}$$")
    assert (found.verdict, found.code) == ("refuted", code), found.reason


@pytest.mark.parametrize("lengths", ["", " of length 1", " with $u^\\top u = 1$"])
def test_vectors_have_any_length_where_nothing_says_that_it_is_one(lengths: str) -> None:
    given = f"Let $u, v \\in \\mathbb{{R}}^n$ be vectors{lengths}.\n\n"
    found = last(given + r"$$\|u + v\|^2 = \|u\| + 2 u^\top v + \|v\|^2$$")
    assert (found.verdict, found.code) == (("unchecked", "hypothesis") if lengths else ("refuted", "false"))


@pytest.mark.parametrize(
    ("cases", "verdict"),
    [
        (r"0 & z \leq 0 \\ \frac{dz}{dz} = 1 & z > 0", "verified"),
        (r"0 & z < 0 \\ 1 & z > 0", "verified"),
        (r"0 & z < 0 \\ 1 & \text{otherwise}", "verified"),
        (r"0 & z < 0 \\ 1 & z > 1", "refuted"),
        (r"0 & z \leq 0 \\ 1 & z > -1", "refuted"),
        (r"0 & z \leq 0 \\ 2\frac{dz}{dz} = 1 & z > 0", "refuted"),
    ],
)
def test_one_case_holds_everywhere_and_is_what_stands_before_its_sign(cases: str, verdict: str) -> None:
    found = last(rf"$$\frac{{\partial}}{{\partial z}} \max(0, z) = \begin{{cases}} {cases} \end{{cases}}$$")
    assert found.verdict == verdict, found.reason


def test_a_command_does_not_run_into_a_letter() -> None:
    for side in (r"c A B^\top", r"A^\top x", r"x^2 y", r"\frac{a}{2}", r"e^x y"):
        for edit in edits(side, ["x", "y", r"\alpha"], r"^\top"):
            made = edit.applied(side)
            assert not re.search(r"\\(?:top|alpha)[A-Za-z]|\^\s*(?:$|[ })])|\{\}", made), (side, made)


def test_a_number_is_not_repaired_by_its_transpose() -> None:
    found = last(
        r"With $z = \sum_i x_i$ it is"
        "\n\n"
        r"$$\frac{\partial x_i}{\partial x_i} + \frac{\partial z}{\partial x_i} = 1 + 0$$"
    )
    assert found.repair is None or "T" not in found.repair
