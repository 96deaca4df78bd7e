"""Arrays with dots: an entry that does not go on as the others do is found, and what is regular or meant so is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivgen.notes.check import check_notes
from derivgen.notes.find import notes_of
from derivgen.notes.verdict import Equality

GIVEN = "Let $u, v \\in \\mathbb{R}^p$ and $M \\in \\mathbb{R}^{q \\times p}$.\n\n"


def judged(equation: str) -> Equality:
    return check_notes(notes_of(Path("notes.md"), f"{GIVEN}$${equation}$$\n")).equalities[-1]


COLUMN = r"u = \begin{bmatrix} u_1 \\ u_2 \\ \vdots \\ u_p \end{bmatrix}"
SUM = r"u^\top v = u_1 v_1 + u_2 v_2 + \cdots + u_p v_p"
TABLE = (
    r"u v^\top = \begin{pmatrix} u_1 v_1 & u_1 v_2 & \cdots & u_1 v_p \\ u_2 v_1 & u_2 v_2 & \cdots & u_2 v_p \\"
    r" \vdots & \vdots & \ddots & \vdots \\ u_p v_1 & u_p v_2 & \cdots & u_p v_p \end{pmatrix}"
)
DIGITS = (
    r"M = \begin{bmatrix} M_{11} & M_{12} & \dots & M_{1p} \\ M_{21} & M_{22} & \dots & M_{2p} \\"
    r" \vdots & & & \vdots \\ M_{q1} & M_{q2} & \dots & M_{qp} \end{bmatrix}"
)


@pytest.mark.parametrize("equation", [COLUMN, SUM, TABLE, DIGITS])
def test_what_goes_on_is_verified(equation: str) -> None:
    assert judged(equation).verdict == "verified"


@pytest.mark.parametrize(
    ("equation", "right", "slip", "meant"),
    [
        (COLUMN, r"u_2", r"v_2", "u_2"),
        (COLUMN, r"u_2", r"-u_2", "u_2"),
        (COLUMN, r"u_p", r"v_p", "u_p"),
        (COLUMN, r"u_1", r"u_1^\top", "u_1"),
        (SUM, "u_2 v_2", "u_2 u_2", "u_2 v_2"),
        (SUM, "u_p v_p", "u_2 v_p", "u_p v_p"),
        (TABLE, "u_2 v_p", "u_2 v_2", "u_2 v_p"),
        (TABLE, "u_p v_2", "u_1 v_2", "u_p v_2"),
        (TABLE, "u_1 v_1", "u_1 u_1", "u_1 v_1"),
        (DIGITS, "M_{22}", "M_{12}", "M_{22}"),
        (DIGITS, "M_{q2}", "M_{q2}^\\top", "M_{q2}"),
    ],
)
def test_an_entry_that_does_not_go_on_is_refuted(equation: str, right: str, slip: str, meant: str) -> None:
    assert equation.count(right) == 1
    found = judged(equation.replace(right, slip))
    assert (found.verdict, found.code, found.repair) == ("refuted", "pattern", meant)


GIVEN_BEFORE = r"Let $\mathbf r = h(\mathbf s) \bigcirc k(\mathbf t)$, where $\bigcirc$ is any element-wise operator."
DEFINING = (
    r"\mathbf r = \begin{bmatrix} r_1 \\ r_2 \\ \vdots \\ r_m \end{bmatrix} = \begin{bmatrix}"
    r" h_1(\mathbf s) \bigcirc k_1(\mathbf t) \\ h_2(\mathbf s) \bigcirc k_2(\mathbf t) \\ \vdots \\"
    r" h_m(\mathbf s) \bigcirc k_m(\mathbf t) \end{bmatrix}"
)


@pytest.mark.parametrize(
    ("right", "slip"),
    [
        (r"h_2", r"h_1"),
        (r"h_2", r"k_2"),
        (r"h_1", r"-h_1"),
        (r"k_m", r"3 k_m"),
        (r"k_1(\mathbf t)", r"k_1(\mathbf t)^\top"),
        (r"h_m(\mathbf s)", r"h_m(\mathbf t)"),
        (r"h_2(\mathbf s) \bigcirc", r"h_2(\mathbf s) +"),
        (r"k_2", r"r_2"),
    ],
)
@pytest.mark.parametrize("example", ["", r"The identity is $\mathbf r = h(\mathbf s) = \mathbf s$. "])
def test_an_array_that_says_again_what_a_letter_stands_for_is_held_to_what_was_said_before(
    right: str, slip: str, example: str
) -> None:
    def found(equation: str) -> Equality:
        text = f"{example}{GIVEN_BEFORE}\n\n$${equation}$$\n"
        return check_notes(notes_of(Path("notes.md"), text)).equalities[-1]

    assert DEFINING.count(right) == 1
    assert found(DEFINING).verdict == "verified"
    broken = found(DEFINING.replace(right, slip))
    assert (broken.verdict, broken.code) == ("refuted", "pattern")
    assert broken.repair is not None
    assert right in broken.repair


@pytest.mark.parametrize(
    "equation",
    [
        r"u = \begin{bmatrix} 1 \\ v_2 \\ \vdots \\ u_p \end{bmatrix}",
        r"s = \begin{bmatrix} u_1 \\ -u_2 \\ \vdots \\ u_p \end{bmatrix}",
        r"u^\top v = 2 u_1 v_1 + u_2 v_2 + \cdots + 3 u_p v_p",
    ],
)
def test_what_may_be_meant_otherwise_is_left_alone(equation: str) -> None:
    """More than one entry is irregular, or the array is what defines a letter."""
    assert judged(equation).verdict == "unchecked"


def test_an_array_is_judged_where_another_letter_cannot_be_read_for_what_stood_before() -> None:
    """K is of functions of two arguments, which have one by now; what follows does not need it."""
    old = r"$$K = \begin{bmatrix} \nabla h(a, b) \\ \nabla k(a, b) \end{bmatrix}$$"
    entry = r"\frac{\partial}{\partial s_%s} (h_%s(\mathbf s) \bigcirc k_%s(\mathbf t))"
    rows = [" & ".join(entry % (j, i, i) for j in ("1", "2")) for i in ("1", "2")]
    rows = [f"{row} & \\cdots & {entry % ('m', i, i)}" for row, i in zip(rows, ("1", "2"), strict=True)]
    last = " & ".join(entry % (j, "m", "m") for j in ("1", "2")) + f" & \\cdots & {entry % ('m', 'm', 'm')}"
    table = r"\begin{bmatrix}" + r" \\ ".join((*rows, r"& \ldots & &", last)) + r"\end{bmatrix}"
    for factor, verdict, repair in (("", "verified", None), (r"\frac{1}{2} ", "refuted", "")):
        equation = r"K_{\mathbf s} = \frac{\partial \mathbf r}{\partial \mathbf s} = " + factor + table
        text = f"{old}\n\n{GIVEN_BEFORE}\n\n$${DEFINING}$$\n\n$${equation}$$\n"
        found = check_notes(notes_of(Path("notes.md"), text)).equalities[-1]
        assert (found.verdict, found.repair) == (verdict, repair)
