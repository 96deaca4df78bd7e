"""What holds under a condition that stands beside it is not refuted, and is judged where the condition holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivgen.notes.check import check_notes
from derivgen.notes.find import notes_of
from derivgen.notes.verdict import Equality

SHARES = "Let $q_i = \\frac{e^{v_i}}{\\sum_k e^{v_k}}$.\n\n"


def last(text: str) -> Equality:
    return check_notes(notes_of(Path("notes.md"), text)).equalities[-1]


@pytest.mark.parametrize(
    ("text", "true", "false"),
    [
        (
            SHARES + "When $i \\neq j$,\n\n$$\n@\n$$\n",
            r"\frac{\partial q_i}{\partial v_j} = -q_i q_j",
            r"\frac{\partial q_i}{\partial v_j} = -q_i q_i",
        ),
        (
            SHARES + "Case 2: $i = j$.\n\n$$@$$\n",
            r"\frac{\partial q_i}{\partial v_j} = q_j(1 - q_i)",
            r"\frac{\partial q_i}{\partial v_j} = q_j(1 + q_i)",
        ),
        (
            SHARES + "$$\\text{if } i \\ne j: \\quad @$$\n",
            r"\frac{\partial q_i}{\partial v_j} = -\frac{e^{v_i} e^{v_j}}{(\sum_k e^{v_k})^2}",
            r"\frac{\partial q_i}{\partial v_j} = -\frac{e^{v_i} e^{v_j}}{\sum_k e^{v_k}}",
        ),
        (
            SHARES + "For $i \\neq j$: $$\\frac{\\partial q_i}{\\partial v_j} = 0 - q_i q_j = @$$",
            r"-\frac{e^{v_i} e^{v_j}}{(\sum_k e^{v_k})^2} = -q_i q_j",
            r"-\frac{e^{v_i} e^{v_j}}{(\sum_k e^{v_k})^2} = -q_i q_i",
        ),
        (
            SHARES + "$$@ \\quad (i \\not= j)$$\n",
            r"\frac{\partial q_i}{\partial v_j} = -q_j q_i",
            r"\frac{\partial q_i}{\partial v_j} = q_j q_i",
        ),
        (
            "Take $r(s) = \\max(0, 3s)$. For $s > 0$ we have $@$.",
            r"2r(s) = 6s",
            r"2r(s) = 2s",
        ),
    ],
)
def test_an_equality_is_judged_where_the_condition_beside_it_holds(text: str, true: str, false: str) -> None:
    found = check_notes(notes_of(Path("notes.md"), text.replace("@", true))).equalities
    assert found[-1].verdict == "verified"
    assert any(e.reason.startswith("it holds where ") for e in found)
    assert last(text.replace("@", false)).verdict == "refuted"


def test_a_condition_on_other_letters_says_nothing_of_an_equality() -> None:
    found = last("When $k \\neq m$, the rule is not used.\n\nWe have $\\frac{\\partial}{\\partial s} s^2 = 3s$.")
    assert found.verdict == "refuted"


def test_what_a_sum_runs_over_is_no_condition() -> None:
    found = last("For $v \\in \\mathbb R^n$ and each $j$, $$\\sum_{i \\neq j} v_i = \\sum_a v_a$$")
    assert (found.verdict, found.code) == ("unchecked", "equation")  # it holds where v_j is 0


def test_a_condition_that_is_changed_is_asked_again() -> None:
    class Kept(dict[str, str]):
        def put(self, key: str, value: str) -> None:
            self[key] = value

    memo = Kept()
    text = SHARES + "When $i \\neq j$,\n\n$$\\frac{\\partial q_i}{\\partial v_j} = -q_i q_j$$\n"
    before = check_notes(notes_of(Path("notes.md"), text), memo=memo).equalities[-1]
    after = check_notes(notes_of(Path("notes.md"), text.replace(r"\neq", "=")), memo=memo).equalities[-1]
    assert (before.verdict, after.verdict) == ("verified", "refuted")


def test_what_holds_in_another_layout_only_if_a_matrix_were_a_number_is_refuted() -> None:
    text = (
        "Let $\\mathbf r = K\\mathbf s + \\mathbf c$ and $\\gamma = \\frac{\\partial E}{\\partial \\mathbf r}$. Then $$"
        "\\frac{\\partial E}{\\partial K} = \\gamma \\mathbf s^\\top, \\qquad \\frac{\\partial E}{\\partial \\mathbf c} = \\gamma, \\qquad "
        "\\frac{\\partial E}{\\partial \\mathbf s} = @ \\gamma$$"
    )
    assert last(text.replace("@", "K^\\top")).verdict == "verified"
    found = last(text.replace("@", "K"))
    assert (found.verdict, found.repair) == ("refuted", "K^\\top")


def test_what_holds_for_matrices_in_another_layout_is_a_warning_about_the_layout() -> None:
    text = (
        "Let $\\mathbf r = K\\mathbf s$, $\\mathbf t \\in \\mathbb R^n$ and $\\mathbf s \\in \\mathbb R^n$. Then $\\frac{\\partial}{\\partial \\mathbf s} \\mathbf s^\\top\\mathbf s = 2\\mathbf s$, "
        "$\\frac{\\partial}{\\partial \\mathbf s} \\mathbf t^\\top\\mathbf s = \\mathbf t$ and $\\frac{\\partial \\mathbf r}{\\partial \\mathbf s} = K$."
    )
    assert last(text).verdict != "refuted"


def test_what_holds_for_symmetric_matrices_in_some_layout_is_excused_where_the_text_speaks_of_these() -> None:
    claim = "$$\\frac{d\\,\\mathrm{tr}(KSK^\\top)}{dK} = 2KS$$"
    assert last("The matrix $P$ is a covariance matrix. By a theorem " + claim).verdict == "unchecked"
    assert last("By a theorem " + claim).code == "doubtful"  # nothing says what K and S are
