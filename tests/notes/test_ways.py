"""What a text says elsewhere is used where it fits, and does not spoil what is said here."""

from __future__ import annotations

from pathlib import Path
from time import thread_time

import pytest

from derivgen.notes.check import check_notes
from derivgen.notes.find import notes_of
from derivgen.notes.verdict import Equality


def last(text: str) -> Equality:
    return check_notes(notes_of(Path("notes.md"), text)).equalities[-1]


FAR_WORDS = "# One\n\nHere $x$ is a vector.\n\n# Two\n\nFor the power rule, "
SIGNATURE = "Take a function $f: \\mathbb{R} \\to \\mathbb{R}$. Let $f(x) = x^3 + 5x$. Then "
ENTRIES = "A map $\\mathbf{f}: \\mathbb{R}^n \\to \\mathbb{R}^m$ has $f_1(\\mathbf{x}) = x_1^2 + x_2$. So "
EXAMPLE = "A matrix is $\\mathbf{X} = \\begin{bmatrix} 1 & 2 \\\\ 3 & 4 \\end{bmatrix}$.\n\nIn general, "
AGAIN = "# One\n\nLet $g(t) = t^4$.\n\n# Two\n\nHere $h = g(t) = \\sin t$. Then "
DELTA = "The error is $\\delta = \\frac{\\partial L}{\\partial z}$, and $z_i = \\sum_k W_{ik} x_k$. Then "


@pytest.mark.parametrize(
    ("text", "true", "false"),
    [
        (FAR_WORDS, r"\frac{d}{dx} x^2 = 2x", r"\frac{d}{dx} x^2 = 3x"),
        (SIGNATURE, r"\frac{\partial f}{\partial x} = 3x^2 + 5", r"\frac{\partial f}{\partial x} = 3x^2"),
        (ENTRIES, r"\frac{\partial f_1}{\partial x_1} = 2x_1", r"\frac{\partial f_1}{\partial x_1} = 2x_2"),
        (
            EXAMPLE,
            r"\frac{\partial \operatorname{tr}(\mathbf{X}^2)}{\partial \mathbf{X}} = 2\mathbf{X}",
            r"\frac{\partial \operatorname{tr}(\mathbf{X}^2)}{\partial \mathbf{X}} = \mathbf{X}",
        ),
        (AGAIN, r"\frac{dh}{dt} = \cos t", r"\frac{dh}{dt} = -\cos t"),
        (DELTA, r"\frac{\partial z_i}{\partial W_{jk}} = \delta_{ij} x_k", ""),
        ("", r"\frac{d}{dx} 99 = 0", r"\frac{d}{dx} x = 0"),
    ],
)
def test_true_ones_hold(text: str, true: str, false: str) -> None:
    found = last(f"{text}${true}$.")
    assert found.verdict == "verified", found.reason
    if false:
        assert last(f"{text}${false}$.").verdict != "verified"


@pytest.mark.parametrize(
    ("text", "false"),
    [
        (FAR_WORDS, r"\frac{d}{dx} x^2 = 3x"),
        (SIGNATURE, r"\frac{\partial f}{\partial x} = 3x^2"),
        (ENTRIES, r"\frac{\partial f_1}{\partial x_1} = 2x_2"),
        (AGAIN, r"\frac{dh}{dt} = -\cos t"),
    ],
)
def test_false_ones_do_not(text: str, false: str) -> None:
    assert last(f"{text}${false}$.").verdict == "refuted"


def test_what_holds_in_some_cases_is_no_claim() -> None:
    given = "Here $u = \\max(0, wx)$.\n\n"
    claim = "$$\\frac{\\partial u}{\\partial w} = x \\quad \\text{(for the case that it is active)}$$\n"
    found = last(given + claim)
    assert (found.verdict, found.code) == ("unchecked", "hypothesis")


def test_other_sizes_than_those_said_are_no_fault() -> None:
    text = "Let $\\mathbf{X} \\in \\mathbb{R}^{n \\times n}$. For any size, "
    found = last(text + r"$\|\mathbf{X}\|_F^2 = \sum_{i=1}^m \sum_{j=1}^n X_{ij}^2$.")
    assert (found.verdict, found.code) == ("unchecked", "reading")


def test_long_rules_in_tables_are_passed_over() -> None:
    rules = "\n".join("|" + "-" * 300 + "|" for _ in range(8))
    start = thread_time()
    found = last(f"# Sizes\n\n| $x$ | vector |\n{rules}\n\n$\\frac{{d}}{{dx}} x^3 = 3x^2$\n")
    assert found.verdict == "verified"
    assert thread_time() - start < 5
