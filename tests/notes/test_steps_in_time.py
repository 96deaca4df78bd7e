"""Letters that all have one index, as at each step in time: the members before and behind, matrices as factors."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivgen.notes.check import check_notes
from derivgen.notes.find import notes_of


def last(text: str) -> str:
    return check_notes(notes_of(Path("notes.md"), text)).equalities[-1].verdict


@pytest.mark.parametrize(
    ("text", "true", "false"),
    [
        ("The error is $d_k = r_k - s_k$. So $$F(r_{k-1} - s_{k-1}) + u_k = @$$", "F d_{k-1} + u_k", "F d_{k-1} - u_k"),
        (
            "Put $g_t = 2h_t + h_{t-1}$. So $$g_{t-1} + h_t = @$$",
            "2h_{t-1} + h_{t-2} + h_t",
            "2h_{t-1} + h_{t-2} - h_t",
        ),
        (
            "$$r_k - L_k(z_k - M r_k) - L_k u_k = @$$",
            "(I + L_k M) r_k - L_k z_k - L_k u_k",
            "(I - L_k M) r_k - L_k z_k - L_k u_k",
        ),
        ("$$r - L M r + L M s = @$$", "(r - s) - L M(r - s) + s", "(r - s) - L M(r + s) + s"),
    ],
)
def test_an_index_of_all_letters_is_no_hindrance(text: str, true: str, false: str) -> None:
    assert last(text.replace("@", true)) == "verified"
    assert last(text.replace("@", false)) == "refuted"


def test_what_holds_in_one_case_defines_nothing() -> None:
    text = "When $L = 0$, $r_k = s_k$. In general $$r_k - s_k + u_k = u_k - (s_k - r_k)$$ and $$r_k = s_k + u_k - v_k$$"
    assert [e.verdict for e in check_notes(notes_of(Path("notes.md"), text)).equalities][2] == "verified"


def test_the_derivative_of_an_entry_of_which_nothing_is_known_is_not_refuted() -> None:
    text = (
        "Let $\\mathbf{Q}$ and $\\mathbf{R}$ be matrices. $$\\frac{\\partial \\mathbf{q}}{\\partial \\mathbf{R}} = "
        "\\begin{bmatrix} \\frac{\\partial q_{1,1}}{\\partial r_{1,1}} & \\frac{\\partial q_{2,1}}{\\partial r_{1,1}} \\end{bmatrix} "
        "= \\begin{bmatrix} 1 & 0 \\end{bmatrix}$$"
    )
    assert "refuted" not in [e.verdict for e in check_notes(notes_of(Path("notes.md"), text)).equalities]
