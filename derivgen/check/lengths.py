"""Which lengths the sizes of an expression are given, one assignment after another."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from random import Random

from derivgen.check.pool import Pool, is_named
from derivgen.expr import Dim

Name = str | int
"""A size that is given a length: a symbol, or a declared number too large to be computed with."""

Sizes = dict[Name, int]

FIRST = 3

LONG_PRODUCT = 3
"""An axis whose length is the product of so many sizes calls for smaller ones."""

ASSIGNMENTS = 8
"""How many assignments there are; the first is the usual one."""

LONG, PLACE = 6, 7
"""The assignments with the longest axes, and with axes as long as a number that stands in the expression."""

DECLARED = ASSIGNMENTS
"""One more: the usual one, but declared lengths are what they are however large."""

ONES = DECLARED + 1
"""And one in which each size is 1, so that arrays are single numbers: what is wrong there is so whatever is an array."""


class Lengths:
    """One assignment of lengths: a size keeps the length that it was given when it was first met.

    The assignments differ in order and parity, so that together they have each size once as 1, once as 2, once larger
    than the others and, where there are several, all equal; all are longer than every literal place.
    """

    def __init__(self, number: int, seed: int) -> None:
        self.number = number
        self.sizes: Sizes = {}
        self.seed = seed
        self._met = 0
        self._given = 0

    @cached_property
    def _offset(self) -> int:
        """By how much the longer lengths are longer with this seed."""
        return Random(f"{self.seed}/lengths/{self.number}").randrange(4)

    def give(self, pool: Pool, place: int = 0) -> None:
        """A length for every size that has none; ``place`` is a place that the longest assignment should reach."""
        if self._given == len(pool.dims):
            return
        self._given = len(pool.dims)
        taken = {d.size for d in pool.dims if isinstance(d.size, int)} | set(self.sizes.values())
        symbols = [name for name in named(pool.dims) if isinstance(name, str)]
        numbers = sorted(name for name in named(pool.dims) if isinstance(name, int))  # products after their factors
        names: list[Name] = [*symbols, *numbers]
        for name in names:
            if name not in self.sizes:
                length = max(self._length(pool, place), self._least(pool, name))
                if isinstance(name, int):
                    length = name if self.number == DECLARED else self._of_product(pool, name) or length
                while self.number in (0, LONG, DECLARED) and length in taken and length != name:
                    length += 1
                taken.add(length)
                self.sizes[name] = length
                self._met += 1

    def _of_product(self, pool: Pool, name: int) -> int | None:
        """The length of a declared size that is the product of two others, such as that of vec(X)."""
        known = {
            d.size: self.sizes.get(d.size, d.size)
            for d in pool.dims
            if isinstance(d.size, int) and (d.size in self.sizes or not is_named(d.size))
        }
        for factor, length in known.items():
            other = name // factor if factor > 1 else name
            if factor * other == name and other in known and other != name:
                return length * known[other]
        return None

    def _least(self, pool: Pool, name: Name) -> int:
        """The least length that has all literal places; in the assignments with a long axis one that has more."""
        least = pool.least.get(name, 0) if isinstance(name, str) else 0
        return least + 1 + self._offset % 3 if least and self.number >= 4 else least

    def _length(self, pool: Pool, place: int) -> int:
        k, first = self._met, FIRST if pool.longest < LONG_PRODUCT else FIRST - 1
        match self.number:
            case n if n in (0, DECLARED):
                return first
            case n if n == ONES:
                return 1
            case 1:
                return 1 + k % 2
            case 2:
                return 2 - k % 2
            case 3:
                return 2
            case 4:
                return first + 2 + self._offset if k == 0 else 2 + k % 2
            case n if n == PLACE:
                return place or first
            case 5:
                return first + 2 + (self._offset + k) % 4 if k else 2
            case _:
                return max(9 + self._offset, place + 2) + k


def named(dims: Iterable[Dim]) -> list[Name]:
    """The sizes that are given lengths: those that are symbols, and numbers too large."""
    return [d.size for d in dims if not isinstance(d.size, tuple) and is_named(d.size)]
