"""An answer whose parts take their values at a kink from different sides says so, also where the expression has a slope there."""

from __future__ import annotations

import pytest

from derivgen.catalog.elementwise import greater, less, sign
from derivgen.check.judge import Judge
from derivgen.derivation import derive
from derivgen.derivation.borders import torn
from derivgen.derivation.conditions import ARITHMETIC
from derivgen.expr import Call, walk
from derivgen.read import parse_text
from derivgen.read.declare import declare
from derivgen.rules.engine import Context, Engine


@pytest.mark.parametrize(
    ("asked", "wrt", "where"),
    [
        ("sum(max(0, x)) - sum(max(0, -x))", "x", "x in R^n"),  # the sum of x, of which the answer is 0 at 0
        ("sin(max(0, z)) + sin(min(0, z))", "z", "z in R"),
        ("exp(max(0, z)) * exp(min(0, z))", "z", "z in R"),
        ("abs(abs(x)) - 2*relu(relu(x)) + tanh(relu(x)) - tanh(relu(-x))", "x", "x in R"),
    ],
)
def test_a_value_that_rests_on_both_sides_of_a_kink_is_said_to_be_a_convention(
    asked: str, wrt: str, where: str
) -> None:
    said = [str(c) for c in derive(asked, wrt, where).conditions]
    assert any(s.startswith("there may be no derivative") and s.endswith("a convention") for s in said), said


@pytest.mark.parametrize(
    ("asked", "wrt", "where"),
    [
        ("max(0, z)**2", "z", "z in R"),
        ("z * abs(z)", "z", "z in R"),
        ("abs(z)**2", "z", "z in R"),
        ("max(0, z)**2 + max(0, -z)**2", "z", "z in R"),  # from both sides, and the same from both
        ("x * max(0, x) - x * max(0, -x)", "x", "x in R^n"),
        ("sum(max(0, x)**2) + max(0, sum(x))**2", "x", "x in R^n"),  # borders of other shapes
        ("sum(max(0, x)**2) + sum(max(0, -x)**2)", "x", "x in R^n"),
    ],
)
def test_what_has_its_slope_at_a_kink_from_one_side_needs_no_word(asked: str, wrt: str, where: str) -> None:
    assert not [str(c) for c in derive(asked, wrt, where).conditions if c.of_slopes]


@pytest.mark.parametrize(
    ("answer", "several"),
    [
        ("(u > v) + (v > u)", True),
        ("(u > v) + (2*u > 2*v)", False),
        ("(u > v) + (v <= u)", True),
        ("(u > v) + (v >= u)", False),  # at u = v both are as where u < v
        ("(u > v) + (v < u)", False),
        ("(u <= v) - (u > v)", False),
        ("sign(u - v)", False),
        ("sign(u - v) + (u > v)", True),
        ("(u > v) + (u > -v)", False),  # of another border
        ("3*u", False),
    ],
)
def test_from_which_side_an_answer_has_its_value(answer: str, several: bool) -> None:
    where = declare("u, v in R")
    e, border = (parse_text(text, where) for text in (answer, "u - v"))
    assert (torn(e, border, Engine((), ARITHMETIC, Context())) is not None) is several


@pytest.mark.parametrize(
    ("asked", "wrt", "where", "straight"),
    [
        ("max(0, z) - max(0, -z)", "z", "z in R", "1"),
        ("max(0, x) - max(0, -x)", "x", "x in R^n", "eye(n)"),
        ("max(0, z) + min(0, z)", "z", "z in R", "1"),
        ("max(0, z) - abs(z)/2", "z", "z in R", "1/2"),
        ("abs(x) - 2*max(0, x)", "x", "x in R", "-1"),
        ("max(0, w - 3) - max(0, 3 - w)", "w", "w in R", "1"),
        ("max(x, y) + min(x, y)", "x", "x, y in R^n", "eye(n)"),
        ("max(x, y) * min(x, y)", "x", "x, y in R^n", "diag(y)"),
        ("relu(z)*c - relu(-z)*c + relu(c)", "z", "z, c in R", "c"),
        ("max(0, z)/3 - max(0, -2*z)/6 + z**2", "z", "z in R", "1/3 + 2*z"),
        ("max(1, z) - max(1, 2 - z)", "z", "z in R", "1"),
        ("max(0, w.T@x) - max(0, -w.T@x)", "w", "x, w in R^n", "x.T"),
        ("(max(0, z) - max(0, -z))**2", "z", "z in R", "2*z"),
    ],
)
def test_kinks_that_cancel_leave_the_slope_that_is_there(asked: str, wrt: str, where: str, straight: str) -> None:
    found = derive(asked, wrt, where)
    assert Judge().agree(found.result, parse_text(straight, declare(where))).status == "verified"
    assert not any(isinstance(e, Call) and e.op in (greater, less, sign) for e in walk(found.result))
    assert not [str(c) for c in found.conditions if c.of_slopes]
