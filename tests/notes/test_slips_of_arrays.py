"""Slips in front of arrays with dots, in their lengths and in their derivatives: refuted, whatever a text says of its letters."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivgen.notes.check import check_notes
from derivgen.notes.find import notes_of
from derivgen.notes.verdict import Equality


def last(text: str) -> Equality:
    return check_notes(notes_of(Path("notes.md"), text), seconds=10).equalities[-1]


def rate(of: str, by: str) -> str:
    return rf"\frac{{\partial {of}}}{{\partial {by}}}"


def row(of: str) -> str:
    return rf"{rate(of, 'q_{1}')} & {rate(of, 'q_{2}')} & \cdots & {rate(of, 'q_{k}')}"


TABLE = rf"\begin{{bmatrix}} {row('p_{1}')} \\ {row('p_{2}')} \\ \vdots & \vdots & \ddots & \vdots \\ {row('p_{m}')} \end{{bmatrix}}"
COLUMN = (
    rf"\begin{{bmatrix}} {rate('q_{1}', 't')} \\ {rate('q_{2}', 't')} \\ \vdots \\ {rate('q_{k}', 't')} \end{{bmatrix}}"
)
P, Q, T = r"\mathbf{p}", r"\mathbf{q}", "t"
RULE = rf"{rate(P, T)} := {rate(P, Q)} {rate(Q, T)} = {TABLE} {COLUMN}"
SPECIAL = r"For instance $\mathbf{q} = \mathbf{q}(t) = \mathbf{1} s$ with a number $s$, and $\mathbf{p} = \mathbf{p}(\mathbf{q}) = \mathbf{u}$."
"""By which all derivatives in the rule are 0."""


@pytest.mark.parametrize("before", ["", SPECIAL])
@pytest.mark.parametrize(
    ("part", "slip", "repair"),
    [
        (rf"= {TABLE}", rf"= 2 {TABLE}", ""),
        (rf"= {TABLE}", rf"= \frac{{1}}{{2}} {TABLE}", ""),
        (COLUMN, rf"{COLUMN}^\top", COLUMN),
        (rate("q_{k}", "t"), rate("q_{l}", "t"), "k"),
        (rate("q_{k}", "t"), rate("q_{m}", "t"), "k"),
    ],
)
def test_a_slip_in_a_chain_rule_by_entries_is_refuted(before: str, part: str, slip: str, repair: str) -> None:
    assert RULE.count(part) == 1
    assert last(f"{before}\n\n$${RULE}$$\n").verdict == "verified"
    found = last(f"{before}\n\n$${RULE.replace(part, slip)}$$\n")
    assert (found.verdict, found.repair) == ("refuted", repair), found.reason


def test_what_says_nothing_as_letters_are_defined_is_read_without_that_where_it_is_refuted() -> None:
    found = last(f"{SPECIAL}\n\n$${RULE.replace(f'= {TABLE}', f'= 2 {TABLE}')}$$\n")
    assert "p, q: any function of what it is differentiated by" in found.reading
    assert not any("with " in line for line in found.reading)


STACKED = (
    r"\begin{bmatrix} \nabla p(u, v) \\ \nabla q(u, v) \end{bmatrix} = \begin{bmatrix} \frac{\partial p(u, v)}{\partial u} & "
    r"\frac{\partial p(u, v)}{\partial v} \\ \frac{\partial q(u, v)}{\partial u} & \frac{\partial q(u, v)}{\partial v} \end{bmatrix}"
)


@pytest.mark.parametrize(("right", "own"), [(r"q(u, v)}{\partial u", "u"), (r"q(u, v)}{\partial v", "v")])
def test_a_function_of_said_letters_is_differentiated_by_one_of_them(right: str, own: str) -> None:
    assert last(f"$${STACKED}$$\n").verdict == "verified"
    found = last(f"$${STACKED.replace(right, right[:-1] + 'p')}$$\n")
    assert (found.verdict, found.repair) == ("refuted", own), found.reason


CASES = (
    r"\frac{\partial r}{\partial \mathbf{u}} = \begin{cases} 0 \cdot \frac{\partial s}{\partial \mathbf{u}} = \mathbf{0}^\top & "
    r"\mathbf{u}^\top \mathbf{v} + c \leq 0 \\ 1 \cdot \frac{\partial s}{\partial \mathbf{u}} = \mathbf{v}^\top & "
    r"\mathbf{u}^\top \mathbf{v} + c > 0 \end{cases}"
)
UNIT = r"Let $c \in \mathbb R$, $s = \mathbf{u}^\top \mathbf{v} + c$ and $r = \max(0, \mathbf{u}^\top \mathbf{v} + c)$; derivatives are in numerator layout."


def test_a_transpose_that_one_case_lacks_is_put_in() -> None:
    assert last(f"{UNIT}\n\n$${CASES}$$\n").verdict == "verified"
    slip = CASES.replace(r"= \mathbf{v}^\top", r"= \mathbf{v}")
    found = last(f"{UNIT}\n\n$${slip}$$\n")
    assert (found.verdict, found.repair) == ("refuted", r"\mathbf{v}^\top"), found.reason


def test_the_rate_of_a_part_is_not_that_of_the_whole() -> None:
    slip = CASES.replace(r"1 \cdot \frac{\partial s}", r"1 \cdot \frac{\partial c}")
    assert last(f"{UNIT}\n\n$${slip}$$\n").verdict == "refuted"
    other = CASES.replace(r"1 \cdot \frac{\partial s}", r"1 \cdot \frac{\partial a}")  # which may be another name of s
    assert last(f"{UNIT}\n\n$${other}$$\n").verdict != "refuted"


@pytest.mark.parametrize(
    "text",
    [
        rf"$${rate('r', 'u')} = {rate('r', 's')} {rate('s', 'u')} + {rate('r', 'v')} {rate('v', 'u')}$$",
        # two lengths that may be one
        r"$$\mathbf{u} = \begin{bmatrix} u_1 \\ \vdots \\ u_k \end{bmatrix}, \quad \mathbf{v} = \begin{bmatrix} v_1 \\ \vdots \\ v_l \end{bmatrix}$$",
        # a constant, of which all derivatives are 0
        "Let $c = 3$.\n\n" + r"$$\frac{\partial c}{\partial u} = \frac{\partial c}{\partial v}$$",
    ],
)
def test_what_may_be_meant_so_is_not_refuted(text: str) -> None:
    assert last(text).verdict != "refuted"


ARRAYS = "<!-- derivgen: where: u, v in R^n; s in R -->"
EIGENVECTOR = r"\begin{bmatrix} 1 & 4 \\ 2 & 3 \end{bmatrix} \begin{bmatrix} p \\ q \end{bmatrix} = \begin{bmatrix} 5p \\ 5q \end{bmatrix}"


@pytest.mark.parametrize(
    ("true", "slip", "repair"),
    [
        # what an entry of a declared array is by another is known
        (
            r"\frac{\partial}{\partial u_j} \sqrt{\sum_{i=1}^n u_i^2} = \frac{\sum_{i=1}^n \frac{\partial}{\partial u_j} u_i^2}{2 \sqrt{\sum_{i=1}^n u_i^2}}",
            r"\frac{\partial}{\partial u_j} \sqrt{\sum_{i=1}^n u_i^2} = \frac{\sum_{i=1}^n \frac{\partial}{\partial u_j} u_i}{2 \sqrt{\sum_{i=1}^n u_i^2}}",
            "u_i^2",
        ),
        # an entry of what stands in bold
        (r"(\mathbf{u}^{\mathbf{v}})_i = u_i^{v_i}", r"(\mathbf{u}^{\mathbf{v}})_i = u_i^{u_i}", "v"),
        # a column is no matrix, however long the ones are
        (
            r"\mathbf{u} s = \mathbf{u} \otimes (\mathbf{1} s)",
            r"\mathbf{u} s = \mathbf{u} \otimes (\mathbf{1} s)^\top",
            r"(\mathbf{1} s)",
        ),
    ],
)
def test_a_slip_among_declared_arrays_is_refuted(true: str, slip: str, repair: str) -> None:
    assert last(f"{ARRAYS}\n\n$${true}$$\n").verdict == "verified"
    found = last(f"{ARRAYS}\n\n$${slip}$$\n")
    assert (found.verdict, found.repair) == ("refuted", repair), found.reason


def test_an_eigenvector_is_to_be_found() -> None:
    assert last(f"$${EIGENVECTOR}$$\n").verdict == "unchecked"
    worked_out = EIGENVECTOR.replace("5p", "p + 4q").replace("5q", "2p + 3q")
    assert last(f"$${worked_out}$$\n").verdict == "verified"
    assert last(f"$${worked_out.replace('2p', 'p')}$$\n").verdict == "refuted"
