"""One equality at one assignment of lengths: which arithmetic, which points, and what they say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np

from derivgen.check import branches
from derivgen.check.balls import FINEST
from derivgen.check.compare import (
    DIFFERENT,
    NO_VALUE,
    TOO_WIDE,
    Difference,
    as_floats,
    ball_codes,
    exact_codes,
    first_difference,
    good_points,
    precise,
    two_texts,
)
from derivgen.check.constants import NARROW, Constants
from derivgen.check.evaluator import BATCH, Evaluator
from derivgen.check.explore import Explorer, Place
from derivgen.check.facts import Facts
from derivgen.check.fields import NotRational
from derivgen.check.labelled import Labels, TooLarge, spread, union
from derivgen.check.points import BITS
from derivgen.check.ranges import Range
from derivgen.check.scope import Scope
from derivgen.check.sheets import SampleBatch, SampleKind, SampleStream
from derivgen.check.verdict import Verdict
from derivgen.deadline import Deadline
from derivgen.expr import Index, Symbol

PRECISIONS = (128, 256, 512, FINEST)
"""The bits that enclosures are given, one after another; more where constants ask for more."""

LARGEST_DEGREE = 400
LARGEST_BRANCHING_DEGREE = 60
"""Above these degrees exact numbers grow too long, and balls are used."""

BRANCH_POINTS = 8
BALL_POINTS = 2
FEWER_POINTS = 3
"""How many points are asked for: at the usual lengths, and at the others where there are branches."""

EXACT_SHEETS = 4
BALL_SHEETS = 24
FEWER_SHEETS = 4
WIDER_SHEETS = 6
TARGETED_SHEETS = 10
SEARCHED_NODES = 4000
"""How many nodes in all are computed in search of the other side of a branch."""

SEARCHES = 6
"""How many sides are searched for in one equality."""

LINES = 5
LINE_POINTS = 4
"""How many lines are drawn, each within a step of the one before, to part two conditions, and their fewest points."""

LONG_AXIS = 50
"""Arrays of this length have entries enough for both sides of a branch at few points."""

_WIDE = "the enclosures stay too wide to tell the sides apart"
NOWHERE = "no point was found at which both sides have a value"
SPECIAL = "the sides have values at special points only"
_DIVISION = "a division by zero at every point tried"


Depth = Literal["step", "answer", "question"]
"""How closely an equality is looked at: see ``Judge.agree``."""


class Court(Protocol):
    """What a case needs of the judge, and of the room that it is heard in."""

    samples: int | None
    hopeless: set[Any]
    usual: bool

    def is_empty(self, scope: Scope, which: branches.Which, side: int) -> bool: ...

    def ranges(self, scope: Scope, site: int) -> list[Range]: ...

    def meets(self, scope: Scope, number: int) -> bool: ...

    def series(self, kind: SampleKind) -> SampleStream: ...


@dataclass(slots=True)
class _Outcome:
    """What one sheet of points says."""

    good: int = 0
    difference: Difference | None = None
    problem: str = ""


@dataclass(slots=True)
class _Tally:
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

    def count(self, sheet: SampleBatch, outcome: _Outcome) -> None:
        self.points += outcome.good
        if outcome.good:
            self.used.append(sheet)
        if outcome.problem:
            self.problems.setdefault(outcome.problem)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one assignment of lengths says.

    Attributes:
        refuted: the verdict where the sides differ.
        points: at how many points both sides were computed and are equal.
        sizes: the lengths.
        sides: of each condition the sides that were met.
        reason: why there are no points, where there are none.
        partial: whether at some points tried a side has no value.
    """

    refuted: Verdict | None = None
    points: int = 0
    sizes: dict[str, int] = field(default_factory=dict)
    arithmetic: str = ""
    bound: float | None = None
    sides: dict[branches.Which, int] = field(default_factory=dict)
    reason: str = ""
    partial: bool = False


class Case:
    """Whether the expressions numbered ``left`` and ``right`` are equal in a scope."""

    def __init__(
        self,
        court: Court,
        scope: Scope,
        left: int,
        right: int,
        facts: tuple[Facts, Facts],
        known: Callable[[], Constants],
        deadline: Deadline,
    ) -> None:
        self.court = court
        self.scope = scope
        self.left, self.right = left, right
        sides = scope.pool.nodes[left], scope.pool.nodes[right]
        self.rank = sides[0].shape.rank
        self.free: list[Index] = sorted(sides[0].free | sides[1].free, key=lambda index: index.name)
        self.facts = facts
        self._known = known
        self.deadline = deadline
        self.sites = facts[0].branches | facts[1].branches
        self._tally = _Tally()
        self._series: SampleStream | None = None
        self.unsolved: list[int] = []
        self._partial = False
        self._arithmetic = ""
        self._bound: float | None = None

    @property
    def known(self) -> Constants:
        """The constants of both sides."""
        return self._known()

    @property
    def _bits(self) -> int:
        """To how many bits enclosures must agree."""
        return NARROW if self.scope.pool.plain else self.known.bits

    def finding(self) -> Finding:
        a, b = self.facts
        degree = max(a.degree.over + b.degree.under, b.degree.over + a.degree.under)
        if a.rational and b.rational and degree <= (LARGEST_BRANCHING_DEGREE if self.sites else LARGEST_DEGREE):
            try:
                found = self._exactly(degree)
            except NotRational:
                found = None
            if found is not None:
                return found
        return self._in_balls()

    def _kind(self, exact: bool) -> SampleKind:
        points = 1 if exact else BALL_POINTS
        if self.sites:
            long = any(isinstance(d.size, int) and d.size >= LONG_AXIS for d in self.scope.pool.dims)
            points = BALL_POINTS if long else BRANCH_POINTS if self.court.usual else FEWER_POINTS
        return SampleKind(exact, bool(self.sites), points)

    @property
    def _asked(self) -> int:
        """How many points somebody asks for."""
        return (self.court.samples or 0) if self.court.usual else 0

    def _exactly(self, degree: int) -> Finding | None:
        """What rationals say; None where every point met a division by zero."""
        self._tally, self._arithmetic = _Tally(), "exact"
        refuted = self._try(EXACT_SHEETS)
        if refuted is None and not self._tally.points:
            return None
        # a false equality of this degree holds at a random point with at most this probability; a positive
        # definite matrix is made of squares of random numbers, which at most doubles the degree
        bound = None if self.sites else min(1.0, 2 * degree / 2**BITS) ** self._tally.points
        return self._found(refuted, bound)

    def _in_balls(self) -> Finding:
        self._tally, self._arithmetic = _Tally(), "ball"
        return self._found(self._try(BALL_SHEETS if self.court.usual else FEWER_SHEETS), None)

    def _try(self, most: int) -> Verdict | None:
        series = self._series = self.court.series(self._kind(self._arithmetic == "exact"))
        for sheet in self._sheets(series, self._tally, most):
            outcome = self._outcome(sheet, series, self._tally)
            if outcome.difference:
                return self._refuted(sheet, outcome.difference)
        return None

    def _found(self, refuted: Verdict | None, bound: float | None) -> Finding:
        tally = self._tally
        self._bound = bound
        if refuted is None and tally.points and tally.special:
            tally.points = 0
            tally.problems = {SPECIAL: None}
        sides = branches.sides_seen(self.scope, tally.used, self.sites) if self.sites else {}
        reason = "" if tally.points else "; ".join(tally.problems) or NOWHERE
        partial = self._partial or NOWHERE in tally.problems or _DIVISION in tally.problems
        return Finding(refuted, tally.points, self.sizes(), self._arithmetic, bound, sides, reason, partial)

    # a closer look

    def explored(self, missing: dict[branches.Which, int], depth: Depth, equations: Sequence[int] = ()) -> Finding:
        """What is found where doubles say that the sides differ, or that a missing side of a branch is.

        Args:
            missing: conditions with the side of each that was not met.
            equations: those that are to hold somewhere; ``unsolved`` has those then that were not seen to.
            depth: of a step missing sides are looked for alone, else differences too.
        """
        assert self._series is not None
        series, tally = self._series, self._tally
        explorer = Explorer(series.seed, self.scope, (self.left, self.right), self.known, equations)
        try:
            explorer.look(len(self.sites), many=depth == "question" or bool(missing))
            if depth == "question" and self.sites:
                for _ in explorer.borders([key for key in explorer.conditions if key[1] == 0]):
                    pass
            places = explorer.suspicious() if depth != "step" else []
            for k, (key, side) in enumerate(missing.items()):
                if self.deadline.is_over():
                    break
                known = explorer.on_side(key, side)
                places += known or (explorer.search(key, side) if k < SEARCHES else [])
            places += explorer.solved.values()
            self._partial = self._partial or explorer.partial
        except TooLarge:
            places = []
        self.unsolved = [equation for equation in equations if equation not in explorer.solved]
        for place in dict.fromkeys(places):
            refuted = self._at(place, series, tally)
            if refuted is not None:
                return self._found(refuted, self._bound)
        return self._found(None, self._bound)

    def _at(self, place: Place, series: SampleStream, tally: _Tally) -> Verdict | None:
        sheet = series.picked([place])
        try:
            outcome = self._outcome(sheet, series, tally)
        except NotRational:
            return None
        return self._refuted(sheet, outcome.difference) if outcome.difference else None

    # which points

    def _sheets(self, series: SampleStream, tally: _Tally, most: int) -> Iterator[SampleBatch]:
        """Sheets until enough points are good and every branch was seen from both sides, within bounds."""
        need = max(series.kind.points // 2 if self.sites else series.kind.points, self._asked)
        most = max(most, 2 * self._asked // series.kind.points)
        tried = 0
        while tried < most and (tally.points < need or tally.special) and not tally.over:
            yield series.sheet(tried)
            tried += 1
        if not self.sites or not tally.points or not self.court.usual:
            return
        allowed = max(3, SEARCHED_NODES // len(self.scope.pool.nodes))
        for extra in range(min(WIDER_SHEETS, allowed)):
            if tally.over or not self._one_sided(tally):
                break
            yield series.sheet(tried + extra)
        for extra in range(min(TARGETED_SHEETS, allowed)):
            missing = self._one_sided(tally)
            if tally.over or not missing:
                break
            near = branches.nearest_point(self.scope, tally.used, missing[extra % len(missing)])
            yield series.targeted(*near, extra)
        for key in self._one_sided(tally):
            self.court.hopeless.add(self._likeness(tally, key))
        yield from self._separating(series, tally)

    def _separating(self, series: SampleStream, tally: _Tally) -> Iterator[SampleBatch]:
        """Sheets that tell conditions apart whose signs went together by chance."""
        if series.kind.points < LINE_POINTS:
            return
        last, tried = None, 0
        while not tally.over and (
            found := branches.unseparated(self.scope, tally.used, self.sites, self.court.hopeless)
        ):
            tried = tried + 1 if found.pair == last else 0
            last = found.pair
            if tried == LINES:
                self.court.hopeless.add(found.pair)
            else:
                yield series.line(found.first, found.second)

    def _one_sided(self, tally: _Tally) -> list[branches.Which]:
        """The conditions of which one side only was met, and of which the other is not known to hide."""
        seen = branches.sides_seen(self.scope, tally.used, self.sites)
        missing = [key for key, sides in seen.items() if sides != branches.BOTH and self._may_be(key, sides)]
        if missing and self.court.hopeless:
            missing = [key for key in missing if self._likeness(tally, key) not in self.court.hopeless]
        return missing

    def _may_be(self, key: branches.Which, sides: int) -> bool:
        """Whether the side of a condition that was not met is not known to be empty."""
        return not self.court.is_empty(self.scope, key, branches.BOTH & ~sides)

    def _likeness(self, tally: _Tally, key: branches.Which) -> Any:
        condition = branches.conditions(self.scope, tally.used[0], self.sites).get(key)
        return key if condition is None else branches.likeness(condition)

    # what the points of a sheet say

    def _outcome(self, sheet: SampleBatch, series: SampleStream, tally: _Tally) -> _Outcome:
        try:
            outcome = self._exact_outcome(sheet) if series.kind.exact else self._ball_outcome(sheet, series)
        except TooLarge:
            if not tally.points:
                raise
            tally.over = True
            return _Outcome()
        if not outcome.difference:
            tally.count(sheet, outcome)
        return outcome

    def _both(self, evaluator: Evaluator) -> tuple[Labels, Any, Any]:
        evaluator.field.deadline = self.deadline
        x, y = evaluator.value(self.left).value, evaluator.value(self.right).value
        labels = union(x.labels, y.labels)
        return labels, spread(x, labels, self.rank), spread(y, labels, self.rank)

    def _exact_outcome(self, sheet: SampleBatch) -> _Outcome:
        try:
            labels, a, b = self._both(sheet.evaluator(self.scope))
        except ZeroDivisionError:
            return _Outcome(problem=_DIVISION)
        codes = exact_codes(a, b)
        if codes.any():
            return _Outcome(difference=first_difference(codes, labels, a, b))
        return _Outcome(sheet.kind.points)

    def _ball_outcome(self, sheet: SampleBatch, series: SampleStream) -> _Outcome:
        outcome = _Outcome()
        for precision in self._precisions():
            with precise(precision):
                evaluator = sheet.evaluator(self.scope, precision)
                try:
                    labels, a, b = self._both(evaluator)
                except ZeroDivisionError:
                    return _Outcome(problem=_DIVISION)
                outcome = self._compared(labels, a, b, evaluator, sheet)
            if outcome.problem != _WIDE:
                break
        if outcome.good < sheet.kind.points and sheet.number == len(series.sheets) - 1:
            series.failed(self._complained(evaluator))
        return outcome

    def _precisions(self) -> tuple[int, ...]:
        """The usual ones, more by as much as constants ask for."""
        more = self._bits - NARROW
        return tuple([bits + more * (1 + k) for k, bits in enumerate(PRECISIONS)]) if more else PRECISIONS

    def _compared(self, labels: Labels, a: Any, b: Any, evaluator: Evaluator, sheet: SampleBatch) -> _Outcome:
        codes = ball_codes(a, b, self._bits)
        if not codes.any():
            self._tally.generic += sheet.kind.points > 1
            return _Outcome(sheet.kind.points)
        if (codes == DIFFERENT).any():
            return _Outcome(difference=first_difference(codes, labels, a, b))
        unclear = (codes == TOO_WIDE).any() or ((codes == NO_VALUE).any() and evaluator.field.undecided)
        good = good_points(codes, labels, sheet.kind.points)
        if BATCH in labels and not unclear:
            self._tally.generic += int(good[1::2].any())
            self._tally.outside += int((~good[1::2]).any())
        return _Outcome(int(good.sum()), None, _WIDE if unclear else NOWHERE)

    def _complained(self, evaluator: Evaluator) -> list[str]:
        """The variables in arguments that left the domain of a function."""
        bits = 0
        for site in evaluator.field.complaints:
            bits |= self.scope.names(site)
        return self.scope.pool.names_of(bits & self._names())

    # evidence

    def _names(self) -> int:
        return self.scope.names(self.left) | self.scope.names(self.right)

    def sizes(self) -> dict[str, int]:
        return self.scope.sizes_in(self.left, self.right)

    def _refuted(self, sheet: SampleBatch, found: Difference) -> Verdict:
        evaluator = sheet.evaluators(self.scope)[0]
        where = dict(zip(found.labels, found.position, strict=False))
        own = [k + 1 for k in found.position[len(found.labels) :]]
        parts = ["entry " + (str(own[0]) if len(own) == 1 else str(tuple(own)))] if own else []
        for index in self.free:
            place = where.get(evaluator.label(index))
            if place is not None:
                parts.append(f"{index.name} = {place + 1}")
        left, right = two_texts(found.left, found.right)
        return Verdict(
            "refuted", "the two sides have different values", self._tally.points + sheet.kind.points, self.sizes(),
            self._arithmetic, None, self._shown_point(sheet, found.point), ", ".join(parts), left, right,
        )  # fmt: skip

    def _shown_point(self, sheet: SampleBatch, point: int) -> dict[str, Any]:
        """The values of the variables, rounded for reading."""
        bits = self._names()
        shown: dict[str, Any] = {}
        for e in self.scope.pool.nodes:
            if isinstance(e, Symbol) and self.scope.pool.bit(e.name) & bits and e.name not in self.scope.defined:
                shown[e.name] = np.round(as_floats(sheet.at(e, point)), 6).tolist()
        return shown
