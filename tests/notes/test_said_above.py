"""A condition that the paragraph above a display says at its beginning is one under which the display holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivgen.notes.check import check_notes
from derivgen.notes.find import notes_of
from derivgen.notes.verdict import Equality

TURNED = r"""

$$
\frac{\partial}{\partial u_l}\left(e^{u_k} / S\right) = \frac{\partial}{\partial u_k}\left(e^{u_k} / S\right)
$$
"""


def last(above: str, display: str = TURNED) -> Equality:
    return check_notes(notes_of(Path("notes.md"), above + display)).equalities[-1]


@pytest.mark.parametrize(
    "above",
    [
        "When $l=k$, the share $p_k$ of the number $u_k$ has $e^{u_k}$ in it:",
        "* $$k=l$$ (say $p_1$ by $u_1$): the derivative of $$p_k$$ by $$u_l$$ has $e^{u_k}$ in it.",
        "For l = k:",
        "- case k = l, of the share $p_k$",
    ],
)
def test_what_the_paragraph_above_says_is_a_condition(above: str) -> None:
    found = last(above)
    assert found.verdict == "verified"
    assert found.reason in ("it holds where l = k", "it holds where k = l")


@pytest.mark.parametrize("above", ["For $k \\neq l$, the share $p_k$ of $u_k$ has $S$ in it:", "For k ≠ l:"])
def test_places_that_differ_may_be_said_there_too(above: str) -> None:
    assert last(above, "\n\n$$\n\\frac{\\partial}{\\partial u_l} (u_k^2 + c u_l) = c\n$$\n").verdict == "verified"


@pytest.mark.parametrize(
    "above",
    [
        "",
        "The letters k and l count.",
        "If $k \\neq l$, the share $p_k$ of $u_l$ has $S$ in it:",
        "For k ≠ l:",
        "When $k=l$ it is known.\n\nThe share $p_k$ of $u_l$ and $S$, the sum of $e^{u_k}$, leads to",
        "When k = l it is known.\n\nThe share leads to",
    ],
)
def test_what_is_not_said_there_or_does_not_help_is_none(above: str) -> None:
    assert last(above).verdict == "refuted"


def test_a_slip_is_found_under_a_condition() -> None:
    assert last("For $l=k$, of $p_k$ and $u_k$:", TURNED.replace(r"= \frac", r"= -\frac")).verdict == "refuted"
