"""What the judge finds out on the way to a verdict: where there was no time for it, nothing follows."""

from __future__ import annotations

from derivgen.check.case import Depth
from derivgen.check.judge import Judge
from derivgen.check.verdict import Status
from derivgen.deadline import TooLong
from derivgen.expr import Expr

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


def agreement_as_numbers(judge: Judge, a: Expr, b: Expr) -> bool | None:
    """Whether two expressions are equal where every array has one entry; None where that is not found out.

    Raises:
        TooLong: there was no time to find out.
    """
    found = judge.agree_as_numbers(a, b)
    if judge.late:
        raise TooLong(LATE)
    return found
