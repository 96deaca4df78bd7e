"""What names stand for where equalities are heard, and what is known of expressions then, whatever the lengths are."""

from __future__ import annotations

from derivgen.catalog.base import Abstract
from derivgen.check.bounds import Bounds
from derivgen.check.branches import YES, Which
from derivgen.check.facts import Facts
from derivgen.check.pool import Pool
from derivgen.check.ranges import Range
from derivgen.check.scope import Names, Scope
from derivgen.expr import Call, Position, Power


class Context:
    """Definitions, and what follows from them at all lengths.

    Attributes:
        scope: a scope without lengths.
        facts: those that hold at all lengths.
    """

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.names = Names(pool)
        self.scope = Scope(self.names, {})
        self.facts: dict[int, Facts] = {}
        self._bounds = Bounds(self.scope)
        self._empty: dict[tuple[Which, int, bool], bool] = {}

    def under(self, *numbers: int) -> list[int]:
        """All expressions that the given ones are made of."""
        return self.pool.under(*numbers, also=self.names.defined)

    def is_empty(self, which: Which, side: int, lenient: bool) -> bool:
        """Whether it is known that a condition is never on a side, whatever the variables and the lengths are.

        A side on which a condition is exactly 0, where it is never negative, counts as empty where derivatives are
        compared (``lenient``): they are there by convention only. Where values are compared it does where the branches
        meet there.
        """
        key = which, side, lenient
        if key not in self._empty:
            self._empty[key] = self._find_empty(which, side, lenient)
        return self._empty[key]

    def _find_empty(self, which: Which, side: int, lenient: bool) -> bool:
        site, count = which
        if self._is_fixed(site):
            return True
        found = self.ranges(site)
        if count >= len(found):
            return False
        if side == YES:
            return found[count].never_positive
        border = lenient or self._bounds.is_continuous(site)
        return found[count].positive or (found[count].never_negative and border)

    def ranges(self, site: int) -> list[Range]:
        """What is known of the conditions of an operation that branches."""
        if isinstance(self.pool.nodes[site], Power):
            return [self._bounds.of(inner) for inner in self.pool.roots(site)]
        return self._bounds.conditions(site)

    def _is_fixed(self, number: int) -> bool:
        """Whether a value depends on nothing: no variable, no length, no declared function."""
        return not any(
            self.pool.mentions[k]
            or self.pool.sizes[k]
            or isinstance(self.pool.nodes[k], Position)
            or (isinstance(e := self.pool.nodes[k], Call) and isinstance(e.op, Abstract))
            for k in self.under(number)
        )


class Contexts:
    """The contexts of a judge: one that was used before serves again where no name has another meaning in it."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self._all: list[Context] = []
        self._last: tuple[dict[str, int], Context] | None = None

    def of(self, a: int, b: int, given: dict[str, int]) -> Context:
        """The context of two expressions, names standing for the ``given`` ones."""
        if not given and self._all:
            first = self._all[0].names
            if not (self.pool.mentions[a] | self.pool.mentions[b]) & first.bits:
                return self._all[0]
        if self._last is not None and self._last[0] is given and len(self._last[1].names.defined) == len(given):
            return self._last[1]
        found = self._fitting(a, b, given)
        self._last = given, found
        return found

    def _fitting(self, a: int, b: int, given: dict[str, int]) -> Context:
        bit = self.pool.bit
        mentioned = self.pool.mentions[a] | self.pool.mentions[b]
        for value in given.values():
            mentioned |= self.pool.mentions[value]
        for context in self._all:
            names = context.names
            if any(given.get(name) != value and bit(name) & mentioned for name, value in names.defined.items()):
                continue
            new = {name: value for name, value in given.items() if names.defined.get(name) != value}
            if any(name in names.defined or bit(name) & names.met for name in new):
                continue
            for name, value in new.items():
                names.define(name, value)
            return context
        found = Context(self.pool)
        for name, value in given.items():
            found.names.define(name, value)
        self._all.append(found)
        return found
