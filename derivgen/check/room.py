"""Where equalities are heard at one assignment of lengths: the points drawn there, and what was computed at them."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from derivgen.catalog.base import Abstract
from derivgen.check.bounds import Bounds
from derivgen.check.branches import YES, Which
from derivgen.check.case import Case
from derivgen.check.constants import Constants, Measured, constants, of_constants
from derivgen.check.facts import Reader
from derivgen.check.fields import ExactField
from derivgen.check.lengths import LONG, PLACE, Lengths
from derivgen.check.ranges import Range
from derivgen.check.scope import Pool, Scope
from derivgen.check.sheets import SampleKind, SampleStream
from derivgen.deadline import Deadline
from derivgen.errors import CheckError
from derivgen.expr import Call, Position, Power

WEIGHT, LONG_WEIGHT = 30_000, 8_000
"""How many numbers may be computed at lengths that are not the usual ones, and at long ones."""


class Room:
    """One assignment of lengths, with scopes and points of its own.

    Attributes:
        lenient: whether a side that is a mere border need not be met.
        usual: whether it is the first, at which points are not spared.
        hopeless: conditions whose other side was searched for in vain.
    """

    def __init__(self, pool: Pool, number: int, seed: int, samples: int | None, measured: Measured) -> None:
        self.pool = pool
        self.seed = seed
        self.samples = samples
        self.measured = measured
        self.lengths = Lengths(number, seed)
        self.usual = number == 0
        self.lenient = True
        self.hopeless: set[Any] = set()
        self._plain = Scope(pool, (), self.lengths.sizes)
        self._series: dict[SampleKind, SampleStream] = {}
        self._scopes: list[tuple[Scope, Reader, Bounds]] = []
        self._last: tuple[dict[str, int], tuple[Scope, Reader, Bounds]] | None = None
        self._empty: dict[tuple[Scope, Which, int, bool], bool] = {}

    def series(self, kind: SampleKind) -> SampleStream:
        """The sheets of points of one kind, the same for all scopes."""
        found = self._series.get(kind)
        if found is None:
            found = self._series[kind] = SampleStream(self.seed, kind, self._plain.length)
        return found

    def sizes(self, a: int, b: int, given: dict[str, int], place: int) -> dict[str, int]:
        """The lengths that an equality would be heard at."""
        self.lengths.give(self.pool, place)
        return self._scope(a, b, given)[0].sizes_in(a, b)

    def constants(self, a: int, b: int, given: dict[str, int]) -> Constants:
        """The constants in two expressions."""
        scope, _, _ = self._scope(a, b, given)
        return constants(scope, self.pool.under(a, b, also=scope.defined), self.measured)

    def case(self, a: int, b: int, given: dict[str, int], known: Callable[[], Constants], deadline: Deadline) -> Case:
        """The equality of two expressions, names standing for what is given."""
        scope, reader, _ = self._scope(a, b, given)
        for side in (a, b):
            scope.names(side)  # refuses definitions that go in a circle
        self.lengths.give(self.pool)
        return Case(self, scope, a, b, (reader.facts(a), reader.facts(b)), known, deadline)

    def is_light(self, a: int, b: int, given: dict[str, int]) -> bool:
        """Whether the values are few enough to be computed here, where that is not called for in the first place."""
        scope, _, _ = self._scope(a, b, given)
        return scope.weight(a, b) <= (LONG_WEIGHT if self.lengths.number in (LONG, PLACE) else WEIGHT)

    def is_empty(self, scope: Scope, which: Which, side: int) -> bool:
        """Whether it is known that a condition is never on a side, whatever the variables and the lengths are.

        A side on which a condition is exactly 0, where it is never negative, counts as empty where derivatives are
        compared: they are there by convention only. Where values are compared it does where the branches meet there.
        """
        key = (scope, which, side, self.lenient)
        if key not in self._empty:
            self._empty[key] = self._find_empty(scope, which, side)
        return self._empty[key]

    def _find_empty(self, scope: Scope, which: Which, side: int) -> bool:
        site, count = which
        if self._is_fixed(site, scope):
            return True
        found = self.ranges(scope, site)
        if count >= len(found):
            return False
        if side == YES:
            return found[count].never_positive
        border = self.lenient or self._ranges(scope).is_continuous(site)
        return found[count].positive or (found[count].never_negative and border)

    def ranges(self, scope: Scope, site: int) -> list[Range]:
        """What is known of the conditions of an operation that branches."""
        ranges = self._ranges(scope)
        if isinstance(self.pool.nodes[site], Power):
            return [ranges.of(inner) for inner in self.pool.roots(site)]
        return ranges.conditions(site)

    def meets(self, scope: Scope, number: int) -> bool:
        """Whether the two sides of an equation without variables are equal somewhere at these lengths."""
        first, second = (_constant(scope, kid) for kid in self.pool.kids[number])
        if first is None or second is None:
            return True
        return any(u == v for u in first for v in second) if len(first) * len(second) < 10_000 else True

    def _ranges(self, scope: Scope) -> Bounds:
        return next(ranges for theirs, _, ranges in self._scopes if theirs is scope)

    def _is_fixed(self, number: int, scope: Scope) -> bool:
        """Whether a value depends on nothing: no variable, no length, no declared function."""
        return not any(
            self.pool.mentions[k]
            or self.pool.sizes[k]
            or isinstance(self.pool.nodes[k], Position)
            or (isinstance(e := self.pool.nodes[k], Call) and isinstance(e.op, Abstract))
            for k in self.pool.under(number, also=scope.defined)
        )

    def _scope(self, a: int, b: int, given: dict[str, int]) -> tuple[Scope, Reader, Bounds]:
        """The scope of the given definitions: one used before where no name has another meaning there."""
        if not given and self._scopes and self._scopes[0][0].stands_apart((a, b)):
            return self._scopes[0]
        if self._last is not None and self._last[0] is given and len(self._last[1][0].defined) == len(given):
            return self._last[1]
        found = self._fitting(a, b, given)
        self._last = given, found
        return found

    def _fitting(self, a: int, b: int, given: dict[str, int]) -> tuple[Scope, Reader, Bounds]:
        bit = self.pool.bit
        mentioned = self.pool.mentions[a] | self.pool.mentions[b]
        for value in given.values():
            mentioned |= self.pool.mentions[value]
        for scope, reader, ranges in self._scopes:
            if any(given.get(name) != value and bit(name) & mentioned for name, value in scope.defined.items()):
                continue
            new = {name: value for name, value in given.items() if scope.defined.get(name) != value}
            if any(name in scope.defined or bit(name) & scope.met for name in new):
                continue
            for name, value in new.items():
                scope.define(name, value)
            return scope, reader, ranges
        scope = Scope(self.pool, (), self.lengths.sizes)
        for name, value in given.items():
            scope.define(name, value)
        found = scope, Reader(scope, partial(_constant, scope)), Bounds(scope)
        self._scopes.append(found)
        return found


def _constant(scope: Scope, number: int) -> list[Fraction] | None:
    """The values of an expression without variables, where they are rational."""
    try:
        data = of_constants(scope, ExactField()).value(number).value.data
    except (CheckError, ZeroDivisionError):
        return None
    return [Fraction(int(u.p), int(u.q)) for u in np.reshape(data, -1)]
