"""What speaks for an author only seemingly: a slip is refuted where a letter is known to depend, and where nothing is to be solved."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivgen.notes.check import check_notes
from derivgen.notes.find import notes_of
from derivgen.notes.verdict import Equality


def last(given: str, equation: str) -> Equality:
    return check_notes(notes_of(Path("notes.md"), f"{given}\n\n$${equation}$$\n")).equalities[-1]


TWO = "Let $p(a, b) = a^3 + 2 a b$ and $q(a, b) = b^4$."
PARTIALS = (
    r"\begin{bmatrix} \frac{\partial p}{\partial a} & \frac{\partial p}{\partial b} \\ \frac{\partial q}{\partial a} &"
    r" \frac{\partial q}{\partial b} \end{bmatrix} = \begin{bmatrix} 3a^2 + 2b & 2a \\ 0 & @ \end{bmatrix}"
)
LOSS = r"Let $c, \hat{c} \in \mathbb{R}^m$ and $E = \frac{1}{m} \sum_{i=1}^m (c_i - \hat{c}_i)^2$."
SLOPE = r"\frac{\partial E}{\partial \hat{c}_k} = -\frac{@}{m} (c_k - \hat{c}_k)"
SUM = r"Let $E = \log \sum_{i=1}^m e^{3 v_i}$ where $v \in \mathbb{R}^m$."
SHARE = r"\frac{\partial E}{\partial v_k} = \frac{@ e^{3 v_k}}{\sum_{i=1}^m e^{3 v_i}}"


@pytest.mark.parametrize(
    ("given", "equation", "true", "slip"),
    [
        (TWO, PARTIALS, "4b^3", "3b^3"),
        (TWO, PARTIALS, "4b^3", "4b^2"),
        (TWO, r"\frac{\partial p}{\partial a} + \frac{\partial q}{\partial a} = @", "3a^2 + 2b", "3a^2 + 2a"),
        (LOSS, SLOPE, "2", "3"),
        (SUM, SHARE, "3", "5"),
    ],
)
def test_a_slip_in_a_derivative_by_what_a_definition_leads_to_is_refuted(
    given: str, equation: str, true: str, slip: str
) -> None:
    assert last(given, equation.replace("@", true)).verdict == "verified"
    assert last(given, equation.replace("@", slip)).verdict == "refuted"


@pytest.mark.parametrize("by", ["r", "r_k"])
def test_a_derivative_by_a_letter_to_which_nothing_leads_is_left_alone(by: str) -> None:
    found = last(r"Let $E = \|v\|^2$ with $v, r \in \mathbb{R}^m$.", rf"\frac{{\partial E}}{{\partial {by}}} = 2 {by}")
    assert (found.verdict, found.code) == ("unchecked", "dependence")


MEAN = r"Let $w \in \mathbb{R}^m$ and $\bar{w} = \frac{1}{m} \sum_{i=1}^m w_i$."


def test_a_number_that_is_none_whatever_the_letters_are_is_refuted() -> None:
    zero = r"\sum_{i=1}^m (w_i - \bar{w}) = "
    assert last(MEAN, zero + "0").verdict == "verified"
    assert last(MEAN, zero + "5").verdict == "refuted"
    assert last(MEAN, r"5 = \sum_{i=1}^m (w_i - \bar{w})").verdict == "refuted"


@pytest.mark.parametrize("before", ["", "Suppose that"])
def test_an_equation_that_some_letters_solve_is_left_alone(before: str) -> None:
    found = last(f"{MEAN} {before}", r"\sum_{i=1}^m (w_i + \bar{w}) = 5")
    assert (found.verdict, found.code) == ("unchecked", "equation")


def test_what_is_only_supposed_is_left_alone() -> None:
    assert last(f"{MEAN} Suppose that", r"\sum_{i=1}^m (w_i - \bar{w}) = 5").verdict == "unchecked"
