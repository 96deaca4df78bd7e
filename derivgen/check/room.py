"""Where equalities are heard at one assignment of lengths: the points drawn there, and what was computed at them."""

from __future__ import annotations

from typing import Any

from derivgen.check.context import Context
from derivgen.check.facts import Reader
from derivgen.check.lengths import LONG, PLACE, Lengths
from derivgen.check.pool import Pool
from derivgen.check.scope import Names, Scope
from derivgen.check.sheets import SampleKind, SampleStream
from derivgen.check.sides import Equality

WEIGHT, LONG_WEIGHT = 30_000, 8_000
"""How many numbers may be computed at lengths that are not the usual ones, and at long ones."""

WANTED_WEIGHT = 300_000
"""How many where a branch is taken at some lengths only, such as the one where m > 10."""


class Room:
    """One assignment of lengths, with scopes and points of its own.

    Attributes:
        usual: whether it is the first, at which points are not spared.
        hopeless: conditions whose other side was searched for in vain.
    """

    def __init__(self, pool: Pool, number: int, seed: int, samples: int | None) -> None:
        self.pool = pool
        self.seed = seed
        self.samples = samples
        self.lengths = Lengths(number, seed)
        self.usual = number == 0
        self.hopeless: set[Any] = set()
        self._plain = Scope(Names(pool), self.lengths.sizes)
        self._series: dict[SampleKind, SampleStream] = {}
        self._readers: dict[Context, Reader] = {}

    def series(self, kind: SampleKind) -> SampleStream:
        """The sheets of points of one kind, the same for all scopes."""
        found = self._series.get(kind)
        if found is None:
            found = self._series[kind] = SampleStream(self.seed, kind, self._plain.length)
        return found

    def reader(self, context: Context) -> Reader:
        """The facts, and the scope, of a context at these lengths; every size has one."""
        self.lengths.give(self.pool)
        found = self._readers.get(context)
        if found is None:
            scope = Scope(context.names, self.lengths.sizes)
            found = self._readers[context] = Reader(scope, context.facts)
        return found

    def sizes(self, equality: Equality) -> dict[str, int]:
        """The lengths that an equality would be heard at."""
        self.lengths.give(self.pool, equality.known.place if self._is_long else 0)
        return self.reader(equality.context).scope.sizes_in(equality.left, equality.right)

    def is_light(self, equality: Equality, wanted: bool = False) -> bool:
        """Whether the values are few enough to be computed here, where that is not called for in the first place.

        They may be more where lengths like these are ``wanted``.
        """
        weight = self.reader(equality.context).scope.weight(equality.parts)
        return weight <= (WANTED_WEIGHT if wanted else LONG_WEIGHT if self._is_long else WEIGHT)

    @property
    def _is_long(self) -> bool:
        return self.lengths.number in (LONG, PLACE)
