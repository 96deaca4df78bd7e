"""What the judge finds out on the way to a verdict: where there was no time for it, nothing follows."""

from __future__ import annotations

from derivgen.check.case import Depth
from derivgen.check.judge import Judge
from derivgen.check.verdict import Status
from derivgen.deadline import TooLong
from derivgen.expr import Definition, Expr, substitute
from derivgen.notes.meaning.question import Meant

LATE = "no time was left to compare its sides"


def agreement(judge: Judge, a: Expr, b: Expr, depth: Depth = "step") -> Status:
    """Whether two expressions are equal.

    Raises:
        TooLong: there was no time to find out.
    """
    found = judge.agree(a, b, depth=depth)
    if judge.late:
        raise TooLong(LATE)
    return found.status


def agreement_with(meant: Meant, a: Expr, b: Expr, given: dict[str, Expr]) -> Status:
    """Whether two expressions of a reading are equal with ``given`` in place of letters.

    Raises:
        TooLong: there was no time to find out.
    """
    return agreement(judge_with(meant, given), substitute(a, given), substitute(b, given))


def judge_with(meant: Meant, given: dict[str, Expr]) -> Judge:
    """One that knows what letters of a reading stand for, with ``given`` in place of others in that."""
    return Judge([Definition(d.symbol, substitute(d.value, given)) for d in meant.definitions])


def agreement_as_numbers(judge: Judge, a: Expr, b: Expr) -> bool | None:
    """Whether two expressions are equal where every array has one entry; None where that is not found out.

    Raises:
        TooLong: there was no time to find out.
    """
    found = judge.agree_as_numbers(a, b)
    if judge.late:
        raise TooLong(LATE)
    return found
