"""A matrix that is made of blocks is not read: what is said of it is left open, whichever brackets stand around it."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivgen import derive
from derivgen.errors import DerivgenError
from derivgen.notes.check import check_notes
from derivgen.notes.find import notes_of
from derivgen.notes.verdict import Equality


def judged(equation: str, before: str = "Here.") -> Equality:
    notes = notes_of(Path("notes.md"), f"{before}\n\n$${equation}$$\n")
    return check_notes(notes).equalities[-1]


@pytest.mark.parametrize(
    "equation",
    [
        r"\det\begin{bmatrix} \mathbf P & \mathbf Q \\ \mathbf R & \mathbf S \end{bmatrix} = \det(\mathbf P)\det(\mathbf S - \mathbf R \mathbf P^{-1} \mathbf Q)",
        r"\operatorname{det}\left(\left[\begin{array}{cc} \mathbf P & \mathbf Q \\ \mathbf R & \mathbf S \end{array}\right]\right) = |\mathbf S||\mathbf P - \mathbf Q \mathbf S^{-1} \mathbf R|",
        r"\begin{vmatrix} \mathbf P & \mathbf 0 \\ \mathbf R & \mathbf S \end{vmatrix} = |\mathbf P||\mathbf S|",
        r"\begin{pmatrix} \mathbf P & \mathbf Q \end{pmatrix} \begin{pmatrix} \mathbf U \\ \mathbf V \end{pmatrix} = \mathbf P \mathbf U + \mathbf Q \mathbf V",
        r"\begin{bmatrix} \mathbf P & \mathbf 0 \\ \mathbf 0 & \mathbf S \end{bmatrix}^{-1} = \begin{bmatrix} \mathbf P^{-1} & \mathbf 0 \\ \mathbf 0 & \mathbf S^{-1} \end{bmatrix}",
        r"\operatorname{tr}\begin{bmatrix} \mathbf P & \mathbf q \\ \mathbf q^\top & s \end{bmatrix} = \operatorname{tr}(\mathbf P) + s",
        r"\left[\begin{array}{c|c} \mathbf P & \mathbf q \end{array}\right] \begin{bmatrix} \mathbf x \\ 1 \end{bmatrix} = \mathbf P \mathbf x + \mathbf q",
        r"\begin{bmatrix} \mathbf I & 0 \end{bmatrix} \begin{bmatrix} \mathbf P \\ \mathbf Q \end{bmatrix} = \mathbf P",
        r"\begin{bmatrix} \mathbf P \\ \mathbf q^\top \end{bmatrix} \mathbf x = \begin{bmatrix} \mathbf P \mathbf x \\ \mathbf q^\top \mathbf x \end{bmatrix}",
    ],
)
def test_a_matrix_of_blocks_is_left_open(equation: str) -> None:
    found = judged(equation)
    assert (found.verdict, found.code) == ("unchecked", "operator")
    assert "made of blocks" in found.reason


def test_what_holds_whatever_the_matrix_is_holds_for_one_of_blocks() -> None:
    whole = r"\begin{bmatrix} \mathbf P & \mathbf Q \\ \mathbf R & \mathbf S \end{bmatrix}"
    assert judged(rf"{whole} + {whole} = 2 {whole}").verdict == "verified"


def test_a_matrix_of_numbers_is_read_as_before() -> None:
    table = r"\begin{bmatrix} p & q \\ r & s \end{bmatrix}"
    assert judged(rf"\det{table} = p s - q r").verdict == "verified"
    assert judged(rf"\det{table} = p s + q r").verdict == "refuted"


@pytest.mark.parametrize(
    "source", [r"\det\begin{bmatrix} P & Q \\ Q & P \end{bmatrix}", r"\begin{bmatrix} P & Q \end{bmatrix}"]
)
def test_a_question_about_blocks_says_what_is_not_read(source: str) -> None:
    with pytest.raises(DerivgenError, match="a matrix that is made of blocks is not read: P is an n×n matrix") as found:
        derive(source, wrt="P", where="P, Q in R^(n*n)")
    assert found.value.hint == "write what it comes to with the letters of its blocks"
