"""What stands in the brackets behind a letter of which nothing is said is no part of a repair: no true chain rule is refuted."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivgen.notes.check import check_notes
from derivgen.notes.find import notes_of

LINKS = [
    r"\frac{\partial C(p_k, q_k)}{\partial v_k} = \frac{\partial C(p_k, q_k)}{\partial p_k} \frac{\partial p_k}{\partial v_k}",
    r"\frac{\partial}{\partial M_{jk}} C(\hat q_k, q_k) = \frac{\partial C(\hat q_k, q_k)}{\partial \hat q_k} \cdot \frac{\partial \hat q_k}{\partial M_{jk}}",
    r"\frac{\partial \ell(q_k, \bar{p}_k)}{\partial v_k} = \frac{\partial \ell(q_k, \bar{p}_k)}{\partial \bar{p}_k} \frac{\partial \bar{p}_k}{\partial v_k}",
]


@pytest.mark.parametrize("equation", LINKS)
@pytest.mark.parametrize("ending", ["", "\n\nHere $v^\\top v = \\sum_k v_k^2$.\n"])
def test_a_chain_rule_by_one_entry_is_left_open(equation: str, ending: str) -> None:
    found = check_notes(notes_of(Path("notes.md"), f"$${equation}$$\n{ending}")).equalities[0]
    assert (found.verdict, found.code) == ("unchecked", "letters"), (found.reason, found.repair)


def test_a_transpose_in_the_brackets_of_a_function_that_is_defined_is_a_repair() -> None:
    text = "Put $g(X) = X a$ with the vector $a$ and the matrix $X$.\n\n$$g(X) + b = X^\\top a + b$$\n"
    found = check_notes(notes_of(Path("notes.md"), text)).equalities[-1]
    assert found.verdict == "refuted"
    assert found.repair is not None


@pytest.mark.parametrize("argument", ["v", "x"])
def test_a_gradient_is_by_what_the_function_is_taken_at(argument: str) -> None:
    """Also where it was defined with the letter of another argument."""
    said = f"Maximize $h({argument}) = l(p(v))$, where $p(v)$ is the network.\n\n"
    for claim, verdict in (
        (r"\nabla h(v) = \frac{\partial l}{\partial p} \frac{\partial p}{\partial v}", "verified"),
        (r"\nabla h(v) = 2 \frac{\partial l}{\partial p} \frac{\partial p}{\partial v}", "refuted"),
    ):
        found = check_notes(notes_of(Path("notes.md"), f"{said}$${claim}$$\n")).equalities[-1]
        assert found.verdict == verdict, found.reason
