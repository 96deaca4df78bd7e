"""What is decided by the words of an error: each pattern goes with the message that it means, as the reader words it today."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivgen.errors import DerivgenError
from derivgen.notes.check import _Checker
from derivgen.notes.find import notes_of
from derivgen.notes.judge.court import Outcome
from derivgen.notes.judge.wording import UNREAD_WORDS, is_of_function, is_of_letter, unequal_lengths, unread_code
from derivgen.notes.meaning.chains import chains
from derivgen.notes.meaning.context import Context
from derivgen.options import Options
from derivgen.read.latex.formula import parse_latex


def outcome_of(where: str, equation: str) -> Outcome:
    """What comes of comparing the two sides of an equation below a header."""
    text = f"<!-- derivgen: where: {where} -->\n\n$$\n{equation}\n$$\n"
    checker = _Checker(Context(notes_of(Path("text.md"), text), Options()), 5.0)
    (chain,) = chains(checker.context.rows)
    return checker.court(chain).compare(0, 1)


def message_of(where: str, equation: str) -> str:
    error = outcome_of(where, equation).error
    assert error is not None
    return error.message


@pytest.mark.parametrize("side", [r"\sum_{i=1}^m v_i", r"\sum_{i=1}^m u_i v_i"])
def test_the_lengths_that_an_index_runs_to_are_found_in_the_message(side: str) -> None:
    outcome = outcome_of("v in R^n; u in R^m", f"{side} = 1")
    assert unequal_lengths(outcome) == {"m", "n"}
    assert " runs to " in message_of("v in R^n; u in R^m", f"{side} = 1")


@pytest.mark.parametrize(
    ("where", "equation"),
    [
        ("v in R^n; c in R", "v_c = 1"),  # is no index here
        ("f: R -> R; c in R", "f + c = c"),  # stands without its argument
        ("c in R", r"\nabla c = 1"),  # by which variable
        ("c in R", "c' = 1"),  # a prime
    ],
)
def test_what_is_wrong_with_a_letter_is_known_by_the_message(where: str, equation: str) -> None:
    outcome = outcome_of(where, equation)
    assert outcome.status == "unread"
    assert is_of_letter(outcome, ("i",)), outcome.error
    assert not is_of_function(outcome)


@pytest.mark.parametrize(
    ("where", "side"),
    [
        ("f: R, R -> R; g: R -> R; c in R", r"\frac{\partial f}{\partial g}"),  # what it is of
        ("f: R -> R; c, d in R", r"\frac{\partial (c d)}{\partial f}"),  # of a function of it
        ("f, g: R -> R; c in R", r"\frac{\partial f(c)}{\partial g}"),  # no function of
    ],
)
def test_what_is_wrong_with_a_derivative_by_a_function_is_known_by_the_message(where: str, side: str) -> None:
    with pytest.raises(DerivgenError) as caught:
        parse_latex(side, where)
    outcome = Outcome("unread", error=caught.value)
    assert is_of_function(outcome), caught.value
    assert not is_of_letter(outcome, ("i",))


@pytest.mark.parametrize("equation", [r"\|c\|_1 = c", r"\operatorname{softmax}(c) = c"])
def test_a_function_of_a_vector_says_so_of_a_number(equation: str) -> None:
    assert " is of a vector" in message_of("c in R", equation)


def test_an_entry_of_what_has_none_is_told_of_by_its_axes() -> None:
    assert "no further axis" in message_of("v in R^n; c in R", "(c v)_{ij} = c")


UNREAD = [
    ("random", r"\mathbb E[v] = c"),
    ("random", r"p(x \mid y) = c"),
    ("random", r"\operatorname{Var}(x) = c"),
    ("limit", r"\int x dx = c"),
    ("limit", r"\lim_{x \to 0} x = c"),
    ("limit", r"\arg\max_x x = c"),
    ("limit", r"\sup_x x = c"),
    ("limit", r"\inf_x x = c"),
    ("limit", r"\max_x f(x) = c"),
    ("operator", r"\operatorname{rank}(A) = c"),
    ("operator", r"\frobnicate{x} = c"),
    ("operator", "A^+ = c"),
    ("unread", "c_{i} = c"),
]


@pytest.mark.parametrize(("code", "equation"), UNREAD)
def test_why_a_side_is_not_read_is_known_by_the_message(code: str, equation: str) -> None:
    assert unread_code(message_of("c in R", equation)) == code


def test_each_code_of_what_is_not_read_has_a_message_here() -> None:
    assert {code for code, _ in UNREAD_WORDS} <= {code for code, _ in UNREAD}
