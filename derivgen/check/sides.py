"""Both sides of an equality at the points of a sheet: whether they are equal there, exactly or in balls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from derivgen.check.balls import FINEST
from derivgen.check.branches import Which
from derivgen.check.compare import (
    DIFFERENT,
    NO_VALUE,
    TOO_WIDE,
    Difference,
    all_equal,
    ball_codes,
    exact_codes,
    first_difference,
    good_points,
    precise,
)
from derivgen.check.constants import NARROW, Constants, Measured, constants
from derivgen.check.context import Context
from derivgen.check.evaluator import BATCH, Evaluator
from derivgen.check.labelled import Labels, TooLarge, spread, union
from derivgen.check.scope import Scope
from derivgen.check.sheets import SampleBatch, SampleStream
from derivgen.deadline import Deadline

PRECISIONS = (128, 256, 512, FINEST)
"""The bits that enclosures are given, one after another; more where constants ask for more."""

WIDE = "the enclosures stay too wide to tell the sides apart"
NOWHERE = "no point was found at which both sides have a value"
DIVISION = "a division by zero at every point tried"


class Equality:
    """Two expressions that may be equal, and what they are heard with at all lengths.

    Attributes:
        lenient: whether a side that is a mere border need not be met.
    """

    __slots__ = ("_known", "_measured", "_parts", "context", "deadline", "left", "lenient", "right")

    def __init__(
        self, left: int, right: int, context: Context, measured: Measured, deadline: Deadline, lenient: bool
    ) -> None:
        self.left, self.right = left, right
        self.context = context
        self.deadline = deadline
        self.lenient = lenient
        self._measured = measured
        self._known: Constants | None = None
        self._parts: list[int] = []

    @property
    def parts(self) -> list[int]:
        """All expressions that both sides are made of."""
        if not self._parts:
            self._parts = self.context.under(self.left, self.right)
        return self._parts

    @property
    def known(self) -> Constants:
        """The constants of both sides."""
        if self._known is None:
            self._known = constants(self.context.scope, self.parts, self._measured)
        return self._known

    @property
    def bits(self) -> int:
        """To how many bits enclosures must agree."""
        return NARROW if self.context.pool.plain else self.known.bits

    def is_empty(self, which: Which, side: int) -> bool:
        """Whether it is known that a condition is never on a side."""
        return self.context.is_empty(which, side, self.lenient)


@dataclass(slots=True)
class Outcome:
    """What one sheet of points says."""

    good: int = 0
    difference: Difference | None = None
    problem: str = ""


@dataclass(slots=True)
class Tally:
    """What all sheets so far say."""

    points: int = 0
    problems: dict[str, None] = field(default_factory=dict)
    used: list[SampleBatch] = field(default_factory=list)
    over: bool = False
    """Whether the time is over: what was computed so far must do."""
    generic: int = 0
    outside: int = 0
    """Of the points that no power of two is the denominator of: how many are good, at how many a side has no value."""

    @property
    def special(self) -> bool:
        """Whether the sides were found to have values at special points only."""
        return self.outside > 0 and not self.generic

    @property
    def partial(self) -> bool:
        """Whether at some points tried a side has no value."""
        return NOWHERE in self.problems or DIVISION in self.problems

    def count(self, sheet: SampleBatch, outcome: Outcome) -> None:
        """Add what came of one more sheet."""
        self.points += outcome.good
        if outcome.good:
            self.used.append(sheet)
        if outcome.problem:
            self.problems.setdefault(outcome.problem)


class Sides:
    """Both sides, in one scope."""

    def __init__(self, equality: Equality, scope: Scope) -> None:
        self.equality = equality
        self.scope = scope
        self.rank = scope.pool.nodes[equality.left].shape.rank

    def at(self, sheet: SampleBatch, series: SampleStream, tally: Tally) -> Outcome:
        """What the points of a sheet say; it is counted, unless the sides differ."""
        try:
            found = self._exactly(sheet) if sheet.kind.exact else self._in_balls(sheet, series, tally)
        except TooLarge:
            if not tally.points:
                raise
            tally.over = True
            return Outcome()
        if not found.difference:
            tally.count(sheet, found)
        return found

    def _both(self, evaluator: Evaluator) -> tuple[Labels, Any, Any]:
        evaluator.field.until(self.equality.deadline)
        x, y = evaluator.value(self.equality.left).value, evaluator.value(self.equality.right).value
        labels = x.labels if x.labels == y.labels else union(x.labels, y.labels)
        return labels, spread(x, labels, self.rank), spread(y, labels, self.rank)

    def _exactly(self, sheet: SampleBatch) -> Outcome:
        try:
            labels, a, b = self._both(sheet.evaluator(self.scope))
        except ZeroDivisionError:
            return Outcome(problem=DIVISION)
        if all_equal(a, b):
            return Outcome(sheet.kind.points)
        return Outcome(difference=first_difference(exact_codes(a, b), labels, a, b))

    def _in_balls(self, sheet: SampleBatch, series: SampleStream, tally: Tally) -> Outcome:
        outcome = Outcome()
        for precision in self._precisions():
            with precise(precision):
                evaluator = sheet.evaluator(self.scope, precision)
                try:
                    labels, a, b = self._both(evaluator)
                except ZeroDivisionError:
                    return Outcome(problem=DIVISION)
                outcome = self._compared(labels, a, b, evaluator, sheet, tally)
            if outcome.problem != WIDE:
                break
        if outcome.good < sheet.kind.points and sheet.number == len(series.sheets) - 1:
            series.failed(self._complained(evaluator))
        return outcome

    def _precisions(self) -> tuple[int, ...]:
        """The usual ones, more by as much as constants ask for."""
        more = self.equality.bits - NARROW
        return tuple([bits + more * (1 + k) for k, bits in enumerate(PRECISIONS)]) if more else PRECISIONS

    def _compared(
        self, labels: Labels, a: Any, b: Any, evaluator: Evaluator, sheet: SampleBatch, tally: Tally
    ) -> Outcome:
        codes = ball_codes(a, b, self.equality.bits)
        if not codes.any():
            tally.generic += sheet.kind.points > 1
            return Outcome(sheet.kind.points)
        if (codes == DIFFERENT).any():
            return Outcome(difference=first_difference(codes, labels, a, b))
        unclear = (codes == TOO_WIDE).any() or ((codes == NO_VALUE).any() and evaluator.field.undecided)
        good = good_points(codes, labels, sheet.kind.points)
        if BATCH in labels and not unclear:
            tally.generic += int(good[1::2].any())
            tally.outside += int((~good[1::2]).any())
        return Outcome(int(good.sum()), None, WIDE if unclear else NOWHERE)

    def _complained(self, evaluator: Evaluator) -> list[str]:
        """The variables in arguments that left the domain of a function."""
        bits = 0
        for site in evaluator.field.complaints:
            bits |= self.scope.names(site)
        return self.scope.pool.names_of(bits & self.names)

    @property
    def names(self) -> int:
        """The names that the sides depend on, as bits."""
        return self.scope.names(self.equality.left) | self.scope.names(self.equality.right)
