"""A word that stands in a formula as letters side by side is one name, and no product on which an error could rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivgen.notes.check import check_notes
from derivgen.notes.find import notes_of
from derivgen.notes.verdict import Equality


def last(text: str) -> Equality:
    return check_notes(notes_of(Path("notes.md"), f"{text}\n")).equalities[-1]


@pytest.mark.parametrize(
    "equation",
    [
        r"{\partial loss \over \partial v_k} = p_k - q_k",
        r"\frac{\partial cost}{\partial v_k} = p_k - q_k",
        r"\frac{dloss}{dv} = 2(v - q)",
        r"\frac{\partial error}{\partial v} = v (1 - v)",
        r"\frac{\partial Loss}{\partial v} = -\frac{q}{v}",
    ],
)
def test_the_derivative_of_a_word_rests_on_what_it_stands_for(equation: str) -> None:
    found = last(f"$${equation}$$")
    assert (found.verdict, found.code) == ("unchecked", "dependence"), found.reason


def test_a_word_of_the_prose_is_a_name_in_formulas() -> None:
    equation = r"$$\frac{\partial turnover}{\partial v} = \frac{\partial turnover}{\partial v}$$"
    said = last(f"The turnover is what is sold.\n\n{equation}")
    assert said.verdict == "verified"
    assert "turnover: any function of what it is differentiated by" in said.reading
    wrong = last("Tea is cheap.\n\n$$\\frac{\\partial}{\\partial a} (t e a) = 2 t e$$")
    assert wrong.verdict == "refuted"


def test_a_word_that_is_defined_is_judged_by_what_it_stands_for() -> None:
    text = "Here $loss = (q - v s)^2$ and so\n\n$$\\frac{\\partial loss}{\\partial v} = 2 s (v s - q)$$"
    assert last(text).verdict == "verified"
    assert last(text.replace("2 s (v", "3 s (v")).verdict == "refuted"


def test_letters_that_spell_nothing_are_a_product() -> None:
    assert last(r"$$\frac{\partial}{\partial v} pqr v = pqr$$").verdict == "verified"
    assert last(r"$$\frac{\partial}{\partial v} pqr v = 2pqr$$").verdict == "refuted"


def test_declared_letters_are_a_product_whatever_they_spell() -> None:
    header = "<!-- derivgen: where: r, a, t, e in R -->\n\nThe rate is known.\n\n"
    assert last(rf"{header}$$\frac{{\partial}}{{\partial a}} rate = rte$$").verdict == "verified"


def test_no_repair_makes_a_side_of_terms_that_cancel() -> None:
    text = r"Put $loss = -(q_1 \ln p_1 + q_2 \ln p_2)$. Then $$\frac{\partial loss}{\partial v_k} = p_k - q_k$$"
    found = last(text)
    assert (found.verdict, found.repair) == ("unchecked", None), found.reason
