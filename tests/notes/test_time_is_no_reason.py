"""Verdicts do not depend on how fast a machine is: where time runs out an equality is unchecked, and nothing else follows."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

import derivgen.check.fields
import derivgen.check.judge
import derivgen.deadline
from derivgen.check.judge import Judge
from derivgen.deadline import TooLong
from derivgen.notes.check import check_notes
from derivgen.notes.find import notes_of
from derivgen.notes.judge.timely import agreement, agreement_as_numbers
from derivgen.notes.sources.definitions import macros_of
from derivgen.read import parse_text

WHERE = "<!-- derivgen: where: x, v in R^n; A, B in R^(n*n); s in R -->\n\n"
SYMMETRIC = "The matrix $S$ is symmetric, as all Hessians are.\n\n"
TEXT = r"""
$$\frac{\partial}{\partial x} x^\top A x = x^\top (A + A)$$
$$\operatorname{tr}(A B) = \operatorname{tr}(B A^\top)$$
$$\operatorname{tr}(B P) = \operatorname{tr}(B P^\top)$$
$$\|x - v\|^2 = \|x\|^2 - 2 x^\top v + s$$
$$u = A x$$
$$u = \frac{\partial}{\partial v} v^\top A x$$
$$v^\top u + s = x^\top A^\top v + s = x^\top A v + s$$
$$F = \exp(s) - 1$$
$$F' = \exp(s)$$
"""


NOTES = [notes_of(Path("text.md"), WHERE + said + TEXT) for said in ("", SYMMETRIC)]


class Clock:
    """A clock that goes on by a step whenever it is looked at."""

    def __init__(self, step: float) -> None:
        self.looks = count()
        self.step = step

    def __call__(self) -> float:
        return next(self.looks) * self.step


def verdicts() -> list[tuple[str, str, str]]:
    found = [e for notes in NOTES for e in check_notes(notes).equalities]
    return [(e.source, e.verdict, e.code) for e in found]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    made = Clock(request.param)
    for module in (derivgen.deadline, derivgen.check.judge):
        monkeypatch.setattr(module, "thread_time", made)
        monkeypatch.setattr(module, "monotonic", made)
    monkeypatch.setattr(derivgen.check.fields, "monotonic", made)


def test_the_text_has_verdicts_of_each_kind() -> None:
    found = verdicts()
    assert {verdict for _, verdict, _ in found} == {"verified", "refuted", "unchecked"}
    assert "undecided" not in {code for _, _, code in found}


@pytest.mark.parametrize("clock", [0.3 / 3**k for k in range(10)], indirect=True)
def test_where_time_runs_out_no_verdict_changes_into_another_one(clock: None, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = verdicts()
    monkeypatch.undo()
    for late, full in zip(slow, verdicts(), strict=True):
        open_still = late[1] == "unchecked" and (late[2] == "undecided" or full[1] == "refuted")  # by a repair
        assert late == full or open_still, (late, full)


def test_a_judge_says_whether_its_time_was_over() -> None:
    judge = Judge()
    a, b = parse_text("x + 1", "x in R"), parse_text("1 + 2*x", "x in R")
    assert (judge.agree(a, b).status, judge.late) == ("refuted", False)
    assert (judge.agree_as_numbers(a, b), judge.late) == (False, False)
    judge.left = 0.0
    assert (judge.agree(a, b).status, judge.late) == ("unchecked", True)
    assert (judge.agree_as_numbers(a, b), judge.late) == (None, True)
    for ask in (agreement, agreement_as_numbers):
        with pytest.raises(TooLong):
            ask(judge, a, b)
    judge.left = 1.0
    assert (agreement(judge, a, a), agreement_as_numbers(judge, a, a)) == ("verified", True)


def test_what_has_no_time_defines_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*_: object, **__: object) -> None:
        raise TooLong("late")

    monkeypatch.setattr("derivgen.notes.sources.definitions.preamble", late)
    with pytest.raises(TooLong):
        macros_of(r"\newcommand{\R}{\mathbb R}")
