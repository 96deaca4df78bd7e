"""Between which numbers a value lies, whatever the variables are: so that a branch is known to be never taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from math import inf
from typing import Any

from derivgen.catalog import elementwise, linear, opaque
from derivgen.catalog.base import Constant, Elementwise, Formula, Linear, Opaque
from derivgen.catalog.own import Own
from derivgen.check.scope import Scope
from derivgen.expr import Add, At, Build, Call, Cases, Delta, Expr, Mul, Number, Position, Power, Size, Sum, Symbol
from derivgen.signs import is_positive_definite

End = Fraction | float
"""A rational number, or an infinity."""

LARGEST_EXPONENT = 1000


@dataclass(frozen=True, slots=True)
class Range:
    """The numbers from ``low`` to ``high``; an end that is open is not reached. Infinite ends are open.

    ``number`` is that of the expression whose values they are, -1 where it is none that stands there; ``apart`` are
    the numbers of the two whose difference it is.
    """

    low: End = -inf
    high: End = inf
    low_open: bool = True
    high_open: bool = True
    number: int = -1
    apart: tuple[int, int] = (-1, -1)

    @property
    def positive(self) -> bool:
        """Whether all of it is above 0."""
        return self.low > 0 or (self.low == 0 and self.low_open)

    @property
    def never_positive(self) -> bool:
        return self.high <= 0

    @property
    def never_negative(self) -> bool:
        return self.low >= 0

    def __neg__(self) -> Range:
        return Range(-self.high, -self.low, self.high_open, self.low_open)

    def __add__(self, other: Range | int) -> Range:
        v = _range(other)
        low, high = _plus(self.low, v.low), _plus(self.high, v.high)
        return Range(low, high, self.low_open or v.low_open, self.high_open or v.high_open)

    __radd__ = __add__

    def __sub__(self, other: Range | int) -> Range:
        return self + -_range(other)

    def __rsub__(self, other: int) -> Range:
        return -self + other

    def __mul__(self, other: Range | int) -> Range:
        v = _range(other)
        corners = [_corner(a, b) for a in self._ends() for b in v._ends()]
        low, high = min(c for c, _ in corners), max(c for c, _ in corners)
        lows, highs = ([o for c, o in corners if c == end] for end in (low, high))
        return Range(low, high, all(lows), all(highs))

    __rmul__ = __mul__

    def __truediv__(self, other: Range | int) -> Range:
        return self * _inverted(_range(other))

    def __rtruediv__(self, other: int) -> Range:
        return _inverted(self) * other

    def __pow__(self, k: int) -> Range:
        if k < 0:
            return _inverted(self**-k)
        if k == 0:
            return Range(Fraction(1), Fraction(1), False, False)
        if k % 2 == 0:
            size = self.size()
            return Range(_raised(size.low, k), _raised(size.high, k), size.low_open, size.high_open)
        return Range(_raised(self.low, k), _raised(self.high, k), self.low_open, self.high_open)

    def size(self) -> Range:
        """Of the absolute values."""
        if self.low >= 0:
            return self
        if self.high <= 0:
            return -self
        high = max(-self.low, self.high)
        ends = [o for e, o in ((-self.low, self.low_open), (self.high, self.high_open)) if e == high]
        return Range(Fraction(0), high, False, all(ends))

    def union(self, other: Range) -> Range:
        low, high = min(self.low, other.low), max(self.high, other.high)
        lows = [r.low_open for r in (self, other) if r.low == low]
        highs = [r.high_open for r in (self, other) if r.high == high]
        return Range(low, high, all(lows), all(highs))

    def larger(self, other: Range) -> Range:
        """Of the larger of two."""
        low, high = max(self.low, other.low), max(self.high, other.high)
        lows = [r.low_open for r in (self, other) if r.low == low]
        highs = [r.high_open for r in (self, other) if r.high == high]
        return Range(low, high, any(lows), all(highs))

    def summed(self) -> Range:
        """Of sums of one term or more."""
        low = self.low if self.low >= 0 else -inf
        high = self.high if self.high <= 0 else inf
        return Range(low, high, self.low_open or low == -inf, self.high_open or high == inf)

    def _ends(self) -> tuple[tuple[End, bool], tuple[End, bool]]:
        return (self.low, self.low_open), (self.high, self.high_open)


ALL = Range()
POSITIVE = Range(Fraction(0))
NOT_NEGATIVE = Range(Fraction(0), inf, False)
UNIT = Range(Fraction(0), Fraction(1), False, False)
ONE_OR_MORE = Range(Fraction(1), inf, False)
BETWEEN_ONES = Range(Fraction(-1), Fraction(1), False, False)


def _range(u: Range | int) -> Range:
    return u if isinstance(u, Range) else Range(Fraction(u), Fraction(u), False, False)


def _corner(a: tuple[End, bool], b: tuple[End, bool]) -> tuple[End, bool]:
    """The product of two ends, and whether it is not reached."""
    (u, u_open), (v, v_open) = a, b
    if u == 0 or v == 0:
        return Fraction(0), not ((u == 0 and not u_open) or (v == 0 and not v_open))
    if isinstance(u, float) or isinstance(v, float):
        return inf if (u > 0) == (v > 0) else -inf, True
    return u * v, u_open or v_open


def _plus(u: End, v: End) -> End:
    return u if isinstance(u, float) else v if isinstance(v, float) else u + v


def _raised(u: End, k: int) -> End:
    if isinstance(u, float) or (k > LARGEST_EXPONENT and abs(u) > 1):
        return inf if u > 0 or k % 2 == 0 else -inf
    return u**k if k <= LARGEST_EXPONENT or u in (0, 1, -1) else Fraction(0)


def _inverted(u: Range) -> Range:
    if u.positive:
        return Range(Fraction(0) if u.high == inf else 1 / u.high, inf if u.low == 0 else 1 / u.low,
                     u.high_open, u.low == 0 or u.low_open)  # fmt: skip
    if (-u).positive:
        return -_inverted(-u)
    return ALL


def _ordered(difference: Range, below: int, above: int) -> Range:
    """The range of u - v where it is known how far u is below v, or above: 2 strictly, 1 at most, 0 not known."""
    found = difference
    if below and found.high >= 0:
        found = replace(found, high=Fraction(0), high_open=below == 2 or (found.high == 0 and found.high_open))
    if above and found.low <= 0:
        found = replace(found, low=Fraction(0), low_open=above == 2 or (found.low == 0 and found.low_open))
    return found


class _Arithmetic:
    """The values of operations, on ranges; it notes the conditions of branches in the order met."""

    def __init__(self, never_above: Callable[[int, int], int]) -> None:
        self.conditions: list[Range] = []
        self.never_above = never_above

    def exp(self, u: Any) -> Range:
        low = Fraction(1) if _range(u).low >= 0 else Fraction(0)
        high = Fraction(1) if _range(u).high <= 0 else inf
        return Range(low, high, low == 0 or _range(u).low_open, high == inf or _range(u).high_open)

    def log(self, u: Any) -> Range:
        low = Fraction(0) if _range(u).low >= 1 else -inf
        high = Fraction(0) if _range(u).high <= 1 else inf
        return Range(low, high, low == -inf or _range(u).low_open, high == inf or _range(u).high_open)

    def sqrt(self, u: Any) -> Range:
        return POSITIVE if _range(u).positive else NOT_NEGATIVE

    def softplus(self, u: Any) -> Range:
        return POSITIVE

    def sigmoid(self, u: Any) -> Range:
        return Range(Fraction(0), Fraction(1))

    def tanh(self, u: Any) -> Range:
        """As ``erf``: of the sign of its argument, between -1 and 1."""
        v = _range(u)
        low = Fraction(0) if v.low >= 0 else Fraction(-1)
        high = Fraction(0) if v.high <= 0 else Fraction(1)
        return Range(low, high, v.low != 0 or v.low_open, v.high != 0 or v.high_open)

    erf = tanh

    def sin(self, u: Any) -> Range:
        return BETWEEN_ONES

    cos = sin

    def pi(self) -> Range:
        return Range(Fraction(3), Fraction(4))

    def magnitude(self, u: Any) -> float:
        return 1.0

    def minus(self, u: Any, v: Any) -> Range:
        a, b = _range(u), _range(v)
        found = replace(a - b, apart=(a.number, b.number))
        return _ordered(found, self.never_above(a.number, b.number), self.never_above(b.number, a.number))

    def where_positive(self, c: Any, yes: Any, no: Any) -> Range:
        self.conditions.append(_range(c))
        return self.where_zero(c, yes, no)

    def where_zero(self, c: Any, yes: Any, no: Any) -> Range:
        return _range(yes).union(_range(no))

    def larger(self, u: Any, v: Any) -> Range:
        self.conditions.append(self.minus(u, v))
        return _range(u).larger(_range(v))

    def smaller(self, u: Any, v: Any) -> Range:
        self.conditions.append(self.minus(u, v))
        return -(-_range(u)).larger(-_range(v))


_CLIPPED: dict[Any, Callable[..., Range]] = {
    elementwise.relu: lambda u: u.larger(_range(0)),
    elementwise.absolute: lambda u: u.size(),
    elementwise.maximum: lambda u, v: u.larger(v),
    elementwise.minimum: lambda u, v: -(-u).larger(-v),
}
"""Operations of which more is known than that the value is one of two."""


_INCREASING = (
    elementwise.exp, elementwise.log, elementwise.tanh, elementwise.sigmoid, elementwise.softplus, elementwise.erf,
)  # fmt: skip


class Ranges:
    """The ranges of the expressions of a scope, whatever the sizes are. Each is found once."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.pool = scope.pool
        self._memo: dict[int, Range] = {}

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
        trial = _Arithmetic(self._never_above)
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
            case Call(op) if isinstance(op, Formula | Own):
                return (self.pool.expansion(number),)
            case _:
                return self.pool.kids[number]

    def _found(self, number: int, e: Expr) -> Range:
        parts = [self._memo[k] for k in self._needed(number)]
        match e:
            case Number(value):
                return Range(value, value, False, False)
            case Symbol(name, _, traits):
                if name in self.scope.defined:
                    return parts[0]
                return POSITIVE if "positive" in traits else UNIT if "simplex" in traits else ALL
            case Size() | Position():
                return ONE_OR_MORE
            case Delta():
                return UNIT
            case Add():
                return self._added(parts, self.pool.kids[number])
            case Mul():
                return _product(parts)
            case Power(_, exponent):
                return _power(parts[0], exponent)
            case Sum():
                return parts[0].summed()
            case At(array, places):
                on_diagonal = len(places) == 2 and places[0] == places[1]
                return POSITIVE if on_diagonal and is_positive_definite(array) else parts[0]
            case Build():
                return parts[0]
            case Cases():
                return _union([*parts[1:-1:2], parts[-1]])
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
                other = self.pool.nodes[kids[1 - k]]
                if isinstance(other, Mul) and other.factors[0] == Number(Fraction(-1)) and len(other.factors) == 2:
                    v = self.pool.kids[kids[1 - k]][1]
                    total = _ordered(total, self._never_above(kids[k], v), self._never_above(v, kids[k]))
        return total

    def _call(self, number: int, e: Call, op: Any, parts: list[Range]) -> Range:
        if op in _CLIPPED:
            return _CLIPPED[op](*parts)
        match op:
            case Formula() | Own():
                return parts[0]
            case Constant():
                return UNIT if op.name in ("eye", "ones", "zeros", "commutation") else ALL
            case Elementwise():
                found: Any = op.value(_Arithmetic(self._never_above), *parts)
                return _range(found)
            case Linear():
                return self._linear(e, op, parts)
            case Opaque() if op in (opaque.largest, opaque.smallest):
                return parts[0]
            case Opaque() if op is opaque.stack:
                return _union(parts)
            case Opaque() if op is opaque.det and is_positive_definite(e.args[0]):
                return POSITIVE
            case _:
                return ALL

    def _linear(self, e: Call, op: Linear, parts: list[Range]) -> Range:
        if op is linear.trace and is_positive_definite(e.args[0]):
            return POSITIVE
        if op is linear.matmul and not e.shape.axes and e.args[0] == Call(linear.transpose, (e.args[1],)):
            return NOT_NEGATIVE
        if op is linear.total and isinstance(e.args[0], Symbol) and "simplex" in e.args[0].traits:
            return _range(1)
        rule = op.signature(tuple([a.shape for a in e.args]))
        found = _product(parts)
        if any(letter not in rule.output for letters in rule.inputs for letter in letters):
            found = found.summed()
        if len(set(rule.output)) < len(rule.output):
            found = found.union(_range(0))
        return found

    def _never_above(self, u: int, v: int) -> int:
        """By what they are made of: 2 where u < v, 1 where u ≤ v, 0 where it is not known.

        Seen are max(u, w), |u|, the largest of entries that u is one of, u + w, and increasing functions of such.
        """
        if u < 0 or v < 0:
            return 0
        if u == v:
            return 1
        lower, upper = self.pool.nodes[u], self.pool.nodes[v]
        if isinstance(lower, Call) and isinstance(upper, Call) and lower.op is upper.op and lower.op in _INCREASING:
            return self._never_above(self.pool.kids[u][0], self.pool.kids[v][0])
        if isinstance(upper, Add) and u in self.pool.kids[v]:
            return self._above(self._rest(v, u))
        if isinstance(lower, Add) and v in self.pool.kids[u]:
            return self._above(-self._rest(u, v))
        match upper:
            case Call(op) if op in (elementwise.maximum, elementwise.relu, elementwise.absolute):
                if any(self._never_above(u, kid) for kid in self.pool.kids[v]):
                    return 1
                if op is elementwise.absolute and self._is_opposite(lower, self.pool.nodes[self.pool.kids[v][0]]):
                    return 1
            case Call(op) if op is opaque.largest and self._is_entry(u, self.pool.kids[v][0]):
                return 1
            case _:
                pass
        match lower:
            case Call(op) if op is elementwise.minimum:
                return max(self._never_above(kid, v) for kid in self.pool.kids[u])
            case Call(op) if op is opaque.smallest:
                return int(self._is_entry(v, self.pool.kids[u][0]))
            case _:
                return 0

    def _is_opposite(self, e: Expr, other: Expr) -> bool:
        """Whether one is written as -1 times the other."""
        minus = Number(Fraction(-1))
        return any(
            isinstance(a, Mul) and a.factors[0] == minus and a.factors[1:] == (b,) for a, b in ((e, other), (other, e))
        )

    def _rest(self, total: int, term: int) -> Range:
        """The range of a sum without one of its terms."""
        rest = list(self.pool.kids[total])
        rest.remove(term)
        found = _range(0)
        for k in rest:
            found = found + self.of(k)
        return found

    def _above(self, rest: Range) -> int:
        return 2 if rest.positive else int((-rest).never_positive)

    def _is_entry(self, u: int, array: int) -> bool:
        node = self.pool.nodes[u]
        return u == array or (isinstance(node, At) and self.pool.kids[u][0] == array)


def _product(parts: Iterable[Range]) -> Range:
    found = _range(1)
    for part in parts:
        found = found * part
    return found


def _union(parts: list[Range]) -> Range:
    found = parts[0]
    for part in parts[1:]:
        found = found.union(part)
    return found


def _power(base: Range, exponent: Expr) -> Range:
    if isinstance(exponent, Number) and exponent.value.denominator == 1:
        return base ** int(exponent.value)
    return POSITIVE if base.positive else NOT_NEGATIVE
