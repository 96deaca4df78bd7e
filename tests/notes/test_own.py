"""A letter with a usual meaning stands for what a text says that it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivgen.notes.check import check_notes
from derivgen.notes.find import notes_of


def verdicts(text: str) -> list[str]:
    return [e.verdict for e in check_notes(notes_of(Path("notes.md"), text)).equalities]


@pytest.mark.parametrize(
    ("said", "true", "false"),
    [
        (r"\sigma(t) = \max(0, t)", r"\sigma(3t) = 3\sigma(t)", r"\sigma(3t) = 2\sigma(t)"),
        (r"\sigma(t) = \frac{e^t - e^{-t}}{e^t + e^{-t}}", r"2\sigma(t) = 2\tanh(t)", r"2\sigma(t) = \tanh(2t)"),
        (
            r"\sigma(\mathbf v)_k = \frac{e^{v_k}}{\sum_m e^{v_m}}",
            r"\frac{\partial \sigma_k}{\partial v_m} = \sigma_k(\delta_{km} - \sigma_m)",
            r"\frac{\partial \sigma_k}{\partial v_m} = \sigma_k(\delta_{km} + \sigma_m)",
        ),
        (
            r"\left[\sigma(\mathbf v)\right]_k = \frac{\exp(v_k)}{\sum_m \exp(v_m)}",
            r"\sum_k \sigma(\mathbf v)_k = 1",
            r"\sum_k \sigma(\mathbf v)_k v_k = \sum_k v_k",
        ),
    ],
)
def test_sigma_is_the_function_that_a_text_makes_it(said: str, true: str, false: str) -> None:
    text = f"The map is ${said}$.\n\nSo $$@$$\n"
    assert verdicts(text.replace("@", true)) == ["unchecked", "verified"]
    assert verdicts(text.replace("@", false)) == ["unchecked", "refuted"]


def test_a_wrong_logistic_function_is_one_all_the_same() -> None:
    assert verdicts(r"Let $\sigma(t) = \frac{1}{1 + e^{-t}}$.") == ["verified"]
    assert verdicts(r"Let $\sigma(t) = \frac{1}{1 + e^{t}}$.") == ["refuted"]
    assert verdicts(r"The sigmoid is $\sigma(t) = \frac{1}{2 + t}$.") == ["refuted"]


def test_each_section_has_its_own_meaning_of_the_letter() -> None:
    text = (
        "# Softmax\n\n$$\\sigma(\\mathbf v)_k = \\frac{e^{v_k}}{\\sum_m e^{v_m}}$$\n\n"
        "# Units\n\nHere $\\sigma(t) = 1/(1 + e^{-t})$. So $\\frac{d \\sigma(t)}{dt} = \\sigma(t)(1 - \\sigma(t))$.\n\n"
        "# Rest\n\nWe have $\\sigma(0) = 1/2$.\n"
    )
    assert verdicts(text) == ["unchecked", "verified", "verified", "unchecked"]


def test_an_entry_of_a_function_is_what_it_is_for_every_letter() -> None:
    text = "Let $g(\\mathbf u)_i = u_i^2$. Then $\\sum_k g(\\mathbf r)_k = @$."
    assert verdicts(text.replace("@", r"\mathbf r^\top \mathbf r"))[-1] == "verified"
    assert verdicts(text.replace("@", r"2\mathbf r^\top \mathbf r"))[-1] == "refuted"
