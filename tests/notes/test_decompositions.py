"""The factors of a decomposition are orthogonal and diagonal, though no word says so: what rests on that is left open."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivgen.notes.check import check_notes
from derivgen.notes.find import notes_of
from derivgen.notes.verdict import Equality

EIGEN = r"Write $M = Q \Lambda Q^T$."
SINGULAR = r"Write $\mathbf M = \mathbf U \boldsymbol\Sigma \mathbf V^\top$."
OTHER = r"Write $M = P D P^{-1}$."


def last(text: str) -> Equality:
    return check_notes(notes_of(Path("notes.md"), f"{text}\n")).equalities[-1]


@pytest.mark.parametrize(
    ("text", "equation"),
    [
        (EIGEN, r"|Q||\Lambda||Q^T| = |\Lambda|"),
        (EIGEN, r"M^2 = Q \Lambda^2 Q^T"),
        (EIGEN, r"M^{-1} = Q \Lambda^{-1} Q^T"),
        (EIGEN, r"\|M v\|^2 = \|\Lambda Q^T v\|^2"),
        (SINGULAR, r"\mathbf M^\top \mathbf M = \mathbf V \boldsymbol\Sigma^2 \mathbf V^\top"),
        (
            SINGULAR,
            r"\mathbf M^\top \mathbf M = \mathbf V \boldsymbol\Sigma \mathbf U^\top \mathbf U \boldsymbol\Sigma \mathbf V^\top",
        ),
        (SINGULAR, r"\mathbf M \mathbf M^\top \mathbf U = \mathbf U \boldsymbol\Sigma^2"),
        (OTHER, r"(P D P^{-1})^T = P^{-T} D P^T"),
    ],
)
def test_what_rests_on_the_factors_is_left_open(text: str, equation: str) -> None:
    found = last(f"{text}\n\n$${equation}$$")
    assert (found.verdict, found.code, found.repair) == ("unchecked", "hypothesis", None), found.reason
    assert "diagonal" in found.reason


@pytest.mark.parametrize(
    ("text", "equation"),
    [
        (SINGULAR, r"\mathbf M^\top \mathbf M = \mathbf U \boldsymbol\Sigma^2 \mathbf U^\top"),
        (SINGULAR, r"\mathbf M \mathbf M^\top = \mathbf U \boldsymbol\Sigma \mathbf U^\top"),
        (r"Write $M = F K F^T$.", r"M^T M = F K^T F^T F K F"),  # no decomposition: a matrix between two others
    ],
)
def test_what_the_factors_do_not_save_is_no_hypothesis(text: str, equation: str) -> None:
    assert last(f"{text}\n\n$${equation}$$").code != "hypothesis"


@pytest.mark.parametrize("equation", [r"\|M v - w\|^2 = \|R v - Q^T w\|^2", r"M^T M = R^T R", r"Q^T M v = R v"])
def test_the_first_factor_of_qr_is_orthogonal(equation: str) -> None:
    found = last(f"Let $M = QR$.\n\n$${equation}$$")
    assert (found.verdict, found.reason) == ("unchecked", "it holds where Q is orthogonal")
    assert last(f"Let $M = QF$.\n\n$${equation.replace('R', 'F')}$$").reason != found.reason


def test_an_error_beside_a_decomposition_is_one() -> None:
    wrong = r"\mathbf M \mathbf M^\top = \mathbf U \boldsymbol\Sigma^2 \mathbf V^\top"
    assert last(f"{SINGULAR}\n\n$${wrong}$$").verdict == "refuted"


def test_in_a_text_about_orthogonal_matrices_a_square_one_may_be_one() -> None:
    equation = r"$$\operatorname{tr}(Q M Q^T) = \operatorname{tr}(M Q^{-1} Q^{T} Q Q)$$"
    assert last(f"Rotations are orthogonal.\n\n{equation}").code == "hypothesis"
    assert last(f"Nothing is said.\n\n{equation}").code != "hypothesis"


def test_what_is_differentiated_by_is_no_factor() -> None:
    text = f"{EIGEN}\n\n$$\\frac{{\\partial}}{{\\partial Q}} \\log |Q| = Q$$"
    assert last(text).code != "hypothesis"
