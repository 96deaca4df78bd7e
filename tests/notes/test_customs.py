"""Where a member is written in a way that means something else than its letters do, no true equality is called wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivgen.notes.check import check_notes
from derivgen.notes.find import notes_of
from derivgen.notes.verdict import Equality


def last(text: str) -> Equality:
    return check_notes(notes_of(Path("notes.md"), text)).equalities[-1]


@pytest.mark.parametrize(
    "text",
    [
        r"Put $\text{logit}(s) := \log \frac{s}{1-s}$. Then $$\text{logit}^{-1}(s) = \frac{1}{1+e^{-s}}$$",
        r"Put $\text{logit}(s) := \log \frac{s}{1-s}$. Then $$\text{logit}^{-1} \left( s \right) = \frac{1}{1+e^{-s}}$$",
        r"It is known that $$\tanh^{-1}(s) = \frac{1}{2} \log \frac{1+s}{1-s}$$",
    ],
)
def test_the_power_of_a_named_function_may_be_its_inverse(text: str) -> None:
    assert last(text + "\n").verdict != "refuted"


def test_a_power_of_what_a_function_gives_is_a_reciprocal() -> None:
    assert last("$$(\\exp(s))^{-1} = e^{s}$$\n").verdict == "refuted"
    assert last("$$\\exp(s)^{-1} = e^{-s}$$\n").verdict == "verified"


DUAL = r"$$(p + r\eta)(q + s\eta) = pq + (ps + rq)\eta$$"


@pytest.mark.parametrize(
    "said",
    [
        r"Let $\eta$ be nilpotent, that is $\eta^2 = 0$.",
        r"Dual numbers are of the form $p + r\eta$ where $\eta ^ {2}=0$.",
    ],
)
def test_the_square_of_a_letter_may_be_nothing(said: str) -> None:
    assert last(f"{said}\n\n{DUAL}\n").verdict == "unchecked"


@pytest.mark.parametrize("said", ["Let $\\eta$ be a number.", r"Dual numbers have a $\xi$ with $\xi^2 = 0$."])
def test_without_such_words_a_square_is_missing(said: str) -> None:
    assert last(f"{said}\n\n{DUAL}\n").verdict == "refuted"


@pytest.mark.parametrize("text", [r"$\nabla g(x) = Dg(x)^\top$", r"$Dh(v)^T = \nabla h(v)$"])
def test_the_gradient_is_the_jacobian_turned(text: str) -> None:
    assert last(f"Write $D$ for the Jacobian; then {text}.\n").verdict != "refuted"
