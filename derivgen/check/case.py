"""One equality at one assignment of lengths: which arithmetic, which points, and what they say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from derivgen.check import branches
from derivgen.check.compare import Difference, as_floats, two_texts
from derivgen.check.explore import Explorer, Place
from derivgen.check.facts import Reader
from derivgen.check.fields import NotRational
from derivgen.check.labelled import TooLarge
from derivgen.check.points import BITS
from derivgen.check.room import Room
from derivgen.check.sheets import SampleBatch, SampleKind, SampleStream
from derivgen.check.sides import NOWHERE, Equality, Sides, Tally
from derivgen.check.verdict import Verdict
from derivgen.expr import Index, Symbol

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

DOUBTS = 4
"""How often points are looked at anew that doubles took for others, since what they computed was a rounding error."""

LINES = 5
LINE_POINTS = 4
"""How many lines are drawn, each within a step of the one before, to part two conditions, and their fewest points."""

LONG_AXIS = 50
"""Arrays of this length have entries enough for both sides of a branch at few points."""

SPECIAL = "the sides have values at special points only"

Depth = Literal["step", "answer", "question"]
"""How closely an equality is looked at: see ``Judge.agree``."""


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
    """An equality in a room.

    Raises:
        CheckError: a name is defined by itself.
    """

    def __init__(self, room: Room, equality: Equality) -> None:
        self.room = room
        self.equality = equality
        reader: Reader = room.reader(equality.context)
        self.scope = reader.scope
        self.names = self.scope.names(equality.left) | self.scope.names(equality.right)
        self.facts = reader.facts(equality.left), reader.facts(equality.right)
        self.sites = self.facts[0].branches | self.facts[1].branches
        self.sizes = self.scope.sizes_in(equality.left, equality.right)
        self.unsolved: list[int] = []
        self._sides = Sides(equality, self.scope)
        self._tally = Tally()
        self._series: SampleStream | None = None
        self._partial = False
        self._arithmetic = ""
        self._bound: float | None = None

    def finding(self) -> Finding:
        """What the points say that are drawn at random."""
        a, b = self.facts
        if a.rational and b.rational:
            degree = max(a.degree.over + b.degree.under, b.degree.over + a.degree.under)
            if degree <= (LARGEST_BRANCHING_DEGREE if self.sites else LARGEST_DEGREE):
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
            points = BALL_POINTS if long else BRANCH_POINTS if self.room.usual else FEWER_POINTS
        return SampleKind(exact, bool(self.sites), points)

    def _exactly(self, degree: int) -> Finding | None:
        """What rationals say; None where every point met a division by zero."""
        self._arithmetic = "exact"
        refuted = self._try(EXACT_SHEETS)
        if refuted is None and not self._tally.points:
            return None
        # a false equality of this degree holds at a random point with at most this probability; a positive
        # definite matrix is made of squares of random numbers, which at most doubles the degree
        bound = None if self.sites else min(1.0, 2 * degree / 2**BITS) ** self._tally.points
        return self._found(refuted, bound)

    def _in_balls(self) -> Finding:
        self._tally, self._arithmetic = Tally(), "ball"
        return self._found(self._try(BALL_SHEETS if self.room.usual else FEWER_SHEETS), None)

    def _try(self, most: int) -> Verdict | None:
        series = self._series = self.room.series(self._kind(self._arithmetic == "exact"))
        for sheet in self._sheets(series, self._tally, most):
            outcome = self._sides.at(sheet, series, self._tally)
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
        partial = self._partial or tally.partial
        return Finding(refuted, tally.points, self.sizes, self._arithmetic, bound, sides, reason, partial)

    # a closer look

    def conditions_apart(self) -> int:
        """How many conditions there are that are not one and the same by their values."""
        if self._series is None or not self.sites:
            return 0
        met = branches.conditions(self.scope, self._series.sheets[0], self.sites)
        return len({branches.likeness(condition) for condition in met.values()})

    def explored(
        self, missing: dict[branches.Which, int], depth: Depth, equations: Sequence[int] = (), *, crossed: bool = False
    ) -> Finding:
        """What is found where doubles say that the sides differ, or that a missing side of a branch is.

        Args:
            missing: conditions with the side of each that was not met.
            equations: those that are to hold somewhere; ``unsolved`` has those then that were not seen to.
            depth: of a step missing sides are looked for alone, else differences too.
            crossed: of a step differences are looked for too, where nothing is tied.
        """
        assert self._series is not None
        series, tally = self._series, self._tally
        explorer = Explorer(series.seed, self.scope, self.equality, equations)
        try:
            explorer.look(len(self.sites), many=depth == "question" or bool(missing), apart=crossed)
            if depth == "question" and self.sites:
                for _ in explorer.borders([key for key in explorer.conditions if key[1] == 0]):
                    pass
            places = explorer.suspicious() if crossed or depth != "step" else []
            for k, (key, side) in enumerate(missing.items()):
                if self.equality.deadline.is_over():
                    break
                refuted = self._meet(explorer, key, side, k < SEARCHES)
                if refuted is not None:
                    return self._found(refuted, self._bound)
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

    def _meet(self, explorer: Explorer, key: branches.Which, side: int, search: bool) -> Verdict | None:
        """Look at points at which doubles say that a condition is on a side, until at one it is; a refutation there."""
        assert self._series is not None
        tally = self._tally
        for _ in range(DOUBTS):
            places = explorer.on_side(key, side) or (explorer.search(key, side) if search else [])
            for place in places:
                refuted = self._at(place, self._series, tally)
                if refuted is not None:
                    return refuted
            met = branches.sides_seen(self.scope, tally.used[-len(places) :], self.sites) if places else {}
            if not places or met.get(key, 0) & side:
                break
            explorer.doubt(key, places)
        return None

    def _at(self, place: Place, series: SampleStream, tally: Tally) -> Verdict | None:
        sheet = series.picked([place])
        try:
            outcome = self._sides.at(sheet, series, tally)
        except NotRational:
            return None
        return self._refuted(sheet, outcome.difference) if outcome.difference else None

    # which points

    def _sheets(self, series: SampleStream, tally: Tally, most: int) -> Iterator[SampleBatch]:
        """Sheets until enough points are good and every branch was seen from both sides, within bounds."""
        points = series.kind.points
        asked = (self.room.samples or 0) if self.room.usual else 0  # how many somebody asks for
        need = max(points // 2 if self.sites else points, asked)
        most = max(most, 2 * asked // points)
        tried = 0
        while tried < most and (tally.points < need or tally.special) and not tally.over:
            yield series.sheet(tried)
            tried += 1
        if not self.sites or not tally.points or not self.room.usual:
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
            self.room.hopeless.add(self._likeness(tally, key))
        yield from self._separating(series, tally)

    def _separating(self, series: SampleStream, tally: Tally) -> Iterator[SampleBatch]:
        """Sheets that tell conditions apart whose signs went together by chance."""
        if series.kind.points < LINE_POINTS:
            return
        last, tried = None, 0
        while not tally.over and (
            found := branches.unseparated(self.scope, tally.used, self.sites, self.room.hopeless)
        ):
            tried = tried + 1 if found.pair == last else 0
            last = found.pair
            if tried == LINES:
                self.room.hopeless.add(found.pair)
            else:
                yield series.line(found.first, found.second)

    def _one_sided(self, tally: Tally) -> list[branches.Which]:
        """The conditions of which one side only was met, and of which the other is not known to hide."""
        seen = branches.sides_seen(self.scope, tally.used, self.sites)
        missing = [key for key, sides in seen.items() if sides != branches.BOTH and self._may_be(key, sides)]
        if missing and self.room.hopeless:
            missing = [key for key in missing if self._likeness(tally, key) not in self.room.hopeless]
        return missing

    def _may_be(self, key: branches.Which, sides: int) -> bool:
        """Whether the side of a condition that was not met is not known to be empty."""
        return not self.equality.is_empty(key, branches.BOTH & ~sides)

    def _likeness(self, tally: Tally, key: branches.Which) -> Any:
        condition = branches.conditions(self.scope, tally.used[0], self.sites).get(key)
        return key if condition is None else branches.likeness(condition)

    # evidence

    def _refuted(self, sheet: SampleBatch, found: Difference) -> Verdict:
        evaluator = sheet.evaluators(self.scope)[0]
        where = dict(zip(found.labels, found.position, strict=False))
        own = [k + 1 for k in found.position[len(found.labels) :]]
        parts = ["entry " + (str(own[0]) if len(own) == 1 else str(tuple(own)))] if own else []
        for index in self._free():
            place = where.get(evaluator.label(index))
            if place is not None:
                parts.append(f"{index.name} = {place + 1}")
        left, right = two_texts(found.left, found.right)
        return Verdict(
            "refuted", "the two sides have different values", self._tally.points + sheet.kind.points, self.sizes,
            self._arithmetic, None, self._shown_point(sheet, found.point), ", ".join(parts), left, right,
        )  # fmt: skip

    def _shown_point(self, sheet: SampleBatch, point: int) -> dict[str, Any]:
        """The values of the variables, rounded for reading."""
        bits = self.names
        shown: dict[str, Any] = {}
        for e in self.scope.pool.nodes:
            if isinstance(e, Symbol) and self.scope.pool.bit(e.name) & bits and e.name not in self.scope.defined:
                shown[e.name] = np.round(as_floats(sheet.at(e, point)), 6).tolist()
        return shown

    def _free(self) -> list[Index]:
        nodes = self.scope.pool.nodes
        free = nodes[self.equality.left].free | nodes[self.equality.right].free
        return sorted(free, key=lambda index: index.name)
