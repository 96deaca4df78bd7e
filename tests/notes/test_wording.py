"""What is decided by an error: by what it says that it is about, however it is worded; the code of a side by its words."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from derivgen.errors import DerivgenError, ParseError, ShapeError
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


def error_of(where: str, equation: str) -> DerivgenError:
    error = outcome_of(where, equation).error
    assert error is not None
    return error


@pytest.mark.parametrize("side", [r"\sum_{i=1}^m v_i", r"\sum_{i=1}^m u_i v_i"])
def test_the_lengths_that_an_index_runs_to_are_known(side: str) -> None:
    outcome = outcome_of("v in R^n; u in R^m", f"{side} = 1")
    assert unequal_lengths(outcome) == {"m", "n"}
    assert outcome.about == "lengths"


def test_lengths_that_are_no_single_letters_are_not_put_in_place_of_each_other() -> None:
    outcome = outcome_of("v in R^n; u in R^m", r"\sum_{i=1}^{10} v_i = 1")
    assert (outcome.about, unequal_lengths(outcome)) == ("lengths", frozenset())


@pytest.mark.parametrize(
    ("where", "equation"),
    [
        ("v in R^n; c in R", "v_c = 1"),  # is no index here
        ("f: R -> R; c in R", "f + c = c"),  # stands without its argument
        ("c in R", r"\nabla c = 1"),  # by which variable
        ("c in R", "c' = 1"),  # a prime
    ],
)
def test_what_is_wrong_with_a_letter_is_known(where: str, equation: str) -> None:
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
def test_what_is_wrong_with_a_derivative_by_a_function_is_known(where: str, side: str) -> None:
    with pytest.raises(DerivgenError) as caught:
        parse_latex(side, where)
    outcome = Outcome("unread", error=caught.value)
    assert is_of_function(outcome), caught.value
    assert not is_of_letter(outcome, ("i",))


@pytest.mark.parametrize("equation", [r"\|c\|_1 = c", r"\operatorname{softmax}(c) = c"])
def test_a_function_of_a_vector_says_so_of_a_number(equation: str) -> None:
    assert error_of("c in R", equation).about == "vector"


def test_an_entry_of_what_has_none_is_told_of_by_its_axes() -> None:
    assert error_of("v in R^n; c in R", "(c v)_{ij} = c").about == "entry"
    assert error_of("v in R^n; c in R", "(c^2)_i = c").about == "entry"


def test_a_name_that_nothing_declares_is_an_index_where_it_is_bound_elsewhere() -> None:
    outcome = Outcome("unread", error=ParseError("worded as one likes").marked("undeclared", "i"))
    assert is_of_letter(outcome, ("i",))
    assert not is_of_letter(outcome, ("j",))


def test_the_function_is_known_that_is_not_said_to_be_of_anything() -> None:
    with pytest.raises(DerivgenError) as caught:
        parse_latex(r"\frac{\partial f}{\partial g}", "f: R, R -> R; g: R -> R")
    assert (caught.value.about, caught.value.names) == ("function", ("f",))


def test_what_an_error_is_about_goes_with_it_to_another_process() -> None:
    sent = pickle.loads(pickle.dumps(ShapeError("no").marked("lengths", "m", "n")))
    assert (sent.message, sent.about, sent.names) == ("no", "lengths", ("m", "n"))


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
def test_why_a_side_is_not_read_is_known(code: str, equation: str) -> None:
    assert unread_code(error_of("c in R", equation).message) == code


def test_each_code_of_what_is_not_read_has_a_message_here() -> None:
    assert {code for code, _ in UNREAD_WORDS} <= {code for code, _ in UNREAD}
