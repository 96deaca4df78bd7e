"""Between which numbers the values of expressions lie, whatever the variables and the lengths are.

So a branch is known to be never taken, and its other side is not looked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from math import inf
from typing import Any

from derivgen.catalog import elementwise, linear, opaque, signs
from derivgen.catalog.base import Constant, Elementwise, Formula, Linear, Opaque
from derivgen.catalog.user_functions import UserFunction
from derivgen.check.constants import measure
from derivgen.check.definite import DEFINITE, Definite
from derivgen.check.order import Order
from derivgen.check.quadratic import sign_of
from derivgen.check.ranges import (
    ALL,
    INSIDE,
    NOT_NEGATIVE,
    ONE_OR_MORE,
    POSITIVE,
    SHARE,
    UNIT,
    UP_TO_ONE,
    Range,
    RangeArithmetic,
    as_range,
    ordered,
    power,
    product,
    union,
)
from derivgen.check.scope import Scope
from derivgen.expr import (
    MINUS_ONE,
    Add,
    At,
    Build,
    Call,
    Cases,
    Delta,
    Expr,
    Mul,
    Number,
    Position,
    Power,
    Size,
    Sum,
    Symbol,
)

_CLIPPED: dict[Any, Callable[..., Range]] = {
    elementwise.relu: lambda u: u.larger(as_range(0)),
    elementwise.absolute: lambda u: u.size(),
    elementwise.maximum: lambda u, v: u.larger(v),
    elementwise.minimum: lambda u, v: -(-u).larger(-v),
}
"""Operations of which more is known than that the value is one of two."""


MINUS_HALF = Number(Fraction(-1, 2))

STRICTLY = 2
"""What an order says where one is never the other."""

DEEPEST = 3
"""So many branches within branches are looked at each where it is taken."""


class Bounds:
    """The ranges of the expressions of a scope. Each is found once."""

    def __init__(self, scope: Scope, depth: int = 0) -> None:
        self.scope = scope
        self.depth = depth
        self.pool = scope.pool
        self._memo: dict[int, Range] = {}
        self._order = Order(scope, self.of)
        self._matrices = Definite(self._value)

    def of(self, number: int) -> Range:
        """The range of the entries of an expression."""
        todo = [number]
        while todo:
            here = todo[-1]
            missing = [k for k in self._needed(here) if k not in self._memo]
            if here in self._memo or not missing:
                todo.pop()
                if here not in self._memo:
                    self._memo[here] = replace(self._found(here, self.pool.nodes[here]), number=here)
            elif len(todo) > len(self.pool.nodes):  # definitions that go in a circle
                return ALL
            else:
                todo += missing
        return self._memo[number]

    def conditions(self, site: int) -> list[Range]:
        """The ranges of the conditions of an operation that branches, in the order in which it asks for them."""
        call = self.pool.nodes[site]
        if not isinstance(call, Call) or not isinstance(call.op, Elementwise):
            return []
        trial = RangeArithmetic(self._order.never_above, self._apart)
        call.op.value(trial, *[self.of(kid) for kid in self.pool.kids[site]])
        return trial.conditions

    def is_continuous(self, site: int) -> bool:
        """Whether both alternatives of a branch are one on its border, as those of |u| are."""
        call = self.pool.nodes[site]
        return isinstance(call, Power) or (isinstance(call, Call) and call.op in _CLIPPED)

    def _needed(self, number: int) -> tuple[int, ...]:
        match self.pool.nodes[number]:
            case Symbol(name) if name in self.scope.defined:
                return (self.scope.defined[name],)
            case Call(op) if isinstance(op, Formula | UserFunction):
                return (self.pool.expansion(number),)
            case At() if (seen := self._order.seen(number)) != number:
                return (seen,)
            case _:
                return self.pool.kids[number]

    def _value(self, name: str) -> Expr | None:
        number = self.scope.defined.get(name)
        return None if number is None else self.pool.nodes[number]

    def _found(self, number: int, e: Expr) -> Range:
        known = measure(self.scope, number, e)
        if known is not None:
            return known
        parts = [self._memo[k] for k in self._needed(number)]
        match e:
            case Number(value):
                return Range(value, value, False, False)
            case Symbol(name, _, traits):
                if name in self.scope.defined:
                    return parts[0]
                return POSITIVE if "positive" in traits else UNIT if "simplex" in traits else ALL
            case Position(index) if isinstance(index.dim.size, int):
                return Range(Fraction(1), Fraction(index.dim.size), False, False)
            case Size() | Position():
                return ONE_OR_MORE
            case Delta():
                return UNIT
            case Add():
                return self._added(parts, self.pool.kids[number])
            case Mul():
                return product(self._uncancelled(self.pool.kids[number]))
            case Power(_, exponent):
                return power(parts[0], exponent)
            case Sum():
                return NOT_NEGATIVE if self._matrices.is_quadratic_form(e) else parts[0].summed()
            case At(array, places):
                if len(places) == 2 and places[0] == places[1] and (definite := self._matrices.definite(array)):
                    return parts[0].within(POSITIVE if definite == DEFINITE else NOT_NEGATIVE)
                return as_range(0) if _apart(places) and _is_diagonal(array) else parts[0]
            case Build():
                return parts[0]
            case Cases():
                return self._cases(self.pool.kids[number], parts)
            case Call(op):
                return self._call(number, e, op, parts)
            case _:
                return ALL

    def _added(self, parts: list[Range], kids: tuple[int, ...]) -> Range:
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        if len(parts) == 2:  # u - v, of which one is never larger
            for k in (0, 1):
                second = self._order.seen(kids[1 - k])
                other = self.pool.nodes[second]
                if isinstance(other, Mul) and other.factors[0] == MINUS_ONE and len(other.factors) == 2:
                    v = self.pool.kids[second][1]
                    total = ordered(total, self._order.never_above(kids[k], v), self._order.never_above(v, kids[k]))
        return total.within(sign_of(self.pool, [(kid, 1) for kid in kids]))

    def _uncancelled(self, factors: tuple[int, ...]) -> list[Range]:
        """The ranges of factors, of which u and 1/u are 1 together, and u and 1/Σu at most 1 where u is never negative.

        An entry of x over the norm of x is between -1 and 1. Equal ones are a power together.
        """
        left = list(factors)
        shares = []
        for k in factors:
            if k in left and (share := self._share(k, [j for j in left if j != k])) is not None:
                partner, found = share
                left.remove(k)
                left.remove(partner)
                shares.append(found)
        return [*shares, *[self._memo[k] ** times for k, times in Counter(left).items()]]

    def _share(self, k: int, others: list[int]) -> tuple[int, Range] | None:
        """Of a divisor the one among other factors that it bounds, and the range of the quotient of both."""
        e = self.pool.nodes[k]
        if not isinstance(e, Power) or e.exponent not in (MINUS_ONE, MINUS_HALF):
            return None
        below, whole = self.pool.kids[k][0], e.exponent == MINUS_ONE
        if whole and below in others:
            return below, as_range(1)
        size_below = self._order.size_below if whole else self._order.size_below_root
        for j in others:
            positive, not_negative = self._memo[j].positive, self._memo[j].never_negative
            if known := size_below(j, below):
                found = INSIDE if known == STRICTLY else UP_TO_ONE
                return j, found.within(NOT_NEGATIVE) if not_negative else found
            if whole and not_negative and self._order.is_part(j, below):
                return j, SHARE if positive else UNIT
        return None

    def _cases(self, kids: tuple[int, ...], parts: list[Range]) -> Range:
        """Of two branches each is looked at where its condition holds."""
        if len(kids) != 3 or self.depth > DEEPEST:
            return union([*parts[1:-1:2], parts[-1]])
        condition, yes, no = kids
        return self._where(condition, yes, True).union(self._where(condition, no, False))

    def _where(self, condition: int, branch: int, holds: bool) -> Range:
        """The range of an expression where a comparison of two others holds, or does not."""
        compared = self._order.compared(condition, holds)
        if compared is None:
            return self.of(branch)
        below, above = compared
        there = Bounds(self.scope, self.depth + 1)
        low, high = self.of(below), self.of(above)
        there._memo[below] = replace(low.within(Range(-inf, high.high, True, False)), number=below)
        there._memo[above] = replace(high.within(Range(low.low, inf, False, True)), number=above)
        return there.of(branch)

    def _apart(self, u: int, v: int) -> Range | None:
        """The range of the difference of two multiples of one expression, or of two sums of which one is the larger."""
        if u < 0 or v < 0:
            return None
        (a, first), (b, second) = self._multiple(u), self._multiple(v)
        if first == second:
            return product([as_range(a - b), *map(self.of, first)])
        known = sign_of(self.pool, [(u, 1), (v, -1)])
        return None if known == ALL else known

    def _multiple(self, number: int) -> tuple[Fraction, tuple[int, ...]]:
        """An expression as a number times factors."""
        e = self.pool.nodes[number]
        if isinstance(e, Mul) and isinstance(e.factors[0], Number):
            return e.factors[0].value, self.pool.kids[number][1:]
        return Fraction(1), (number,)

    def _call(self, number: int, e: Call, op: Any, parts: list[Range]) -> Range:
        if op in _CLIPPED or op is elementwise.sign:
            return self._clipped(number, op, parts)
        match op:
            case Formula() | UserFunction():
                return parts[0]
            case Constant():
                if op in (opaque.ones, opaque.zeros):
                    return as_range(int(op is opaque.ones))
                return UNIT if op in (opaque.eye, opaque.commutation) else ALL
            case Elementwise():
                found: Any = op.value(RangeArithmetic(self._order.never_above, self._apart), *parts)
                return as_range(found)
            case Linear():
                return self._linear(e, op, parts)
            case Opaque() if op in (opaque.largest, opaque.smallest):
                return parts[0]
            case Opaque() if op is opaque.stack:
                return union(parts)
            case Opaque() if op.signs == signs.POSITIVE:
                return POSITIVE
            case Opaque() if op in (opaque.det, opaque.logdet) and self._matrices.exceeds_identity(e.args[0]):
                return ONE_OR_MORE if op is opaque.det else NOT_NEGATIVE
            case Opaque() if op is opaque.det and self._matrices.definite(e.args[0]):
                return POSITIVE if self._matrices.definite(e.args[0]) == DEFINITE else NOT_NEGATIVE
            case _:
                return ALL

    def _clipped(self, number: int, op: Any, parts: list[Range]) -> Range:
        if op is elementwise.sign:
            return _least_sign(parts[0]).union(-_least_sign(-parts[0]))
        found = _CLIPPED[op](*parts)
        kids = self.pool.kids[number]
        if len(kids) == 2 and self._order.are_opposite(*kids):  # max(u, -u) is |u|
            return found.within(NOT_NEGATIVE if op is elementwise.maximum else -NOT_NEGATIVE)
        return found

    def _linear(self, e: Call, op: Linear, parts: list[Range]) -> Range:
        if (
            op in (linear.trace, linear.diag, linear.sum_)
            and e.args[0].shape.rank == 2
            and (known := self._matrices.definite(e.args[0]))
        ):
            return POSITIVE if known == DEFINITE else NOT_NEGATIVE
        if op is linear.matmul and not e.shape.axes and self._matrices.definite(e):
            return NOT_NEGATIVE
        if op is linear.sum_ and isinstance(e.args[0], Symbol) and "simplex" in e.args[0].traits:
            return as_range(1)
        rule = op.signature(tuple([a.shape for a in e.args]))
        found = product(parts)
        if any(letter not in rule.output for letters in rule.inputs for letter in letters):
            found = found.summed()
        if len(set(rule.output)) < len(rule.output):
            found = found.union(as_range(0))
        return found


def _apart(places: tuple[Any, ...]) -> bool:
    """Whether two places are numbers that differ."""
    return len(places) == 2 and all(isinstance(p, int) for p in places) and places[0] != places[1]


def _least_sign(u: Range) -> Range:
    return as_range(1 if u.positive else 0 if u.never_negative else -1)


def _is_diagonal(e: Expr) -> bool:
    """Whether a matrix is seen to be 0 away from its diagonal."""
    match e:
        case Symbol(traits=traits):
            return "diagonal" in traits
        case Call(op, args):
            return op is opaque.eye or (op is linear.transpose and _is_diagonal(args[0]))
        case Mul(factors):
            return any(_is_diagonal(f) for f in factors if f.shape.rank == 2)
        case _:
            return False
