"""Numbers that an author gives by their first digits: 1/3 = 0.333 says no more than the digits that are written."""

from __future__ import annotations

import re
from fractions import Fraction

from derivgen.check.verdict import Verdict

_DECIMAL = re.compile(r"\s*(?P<value>[-+]?\d*\.(?P<digits>\d+))\s*(?:\\?[,;.])?\s*")


def holds_to_its_digits(verdict: Verdict | None, left: str, right: str) -> bool:
    """Whether one member is a decimal number that agrees with the value of the other as far as it is written, cut off or rounded.

    ``left`` and ``right`` are the members as written; they hold no letter, so that there is no point.
    """
    if verdict is None or verdict.status != "refuted" or verdict.point or verdict.place:
        return False
    for written, value in ((left, verdict.right), (right, verdict.left)):
        found = _DECIMAL.fullmatch(written)
        if found is not None and (other := _number(value)) is not None:
            return abs(Fraction(found["value"]) - other) < Fraction(1, 10 ** len(found["digits"]))
    return False


def _number(value: str) -> Fraction | None:
    try:
        return Fraction(value)
    except (ValueError, ZeroDivisionError):
        return None
