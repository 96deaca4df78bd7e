"""Ranges of numbers, open or closed at their ends, and the values of operations on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from math import inf, isinf
from typing import Any

from flint import arb, fmpq

from derivgen.catalog.primitives import Arithmetic, Primitive
from derivgen.check.compare import precise
from derivgen.expr import Expr, Number

End = Fraction | float
"""A rational number, or an infinity."""

LONGEST = 20_000
"""Ends of ranges are kept as fractions of so many bits."""


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
        """Whether nothing of it is above 0."""
        return self.high <= 0

    @property
    def never_negative(self) -> bool:
        """Whether nothing of it is below 0."""
        return self.low >= 0

    def __neg__(self) -> Range:
        return Range(-self.high, -self.low, self.high_open, self.low_open)

    def __add__(self, other: Range | int) -> Range:
        v = as_range(other)
        low, high = _plus(self.low, v.low), _plus(self.high, v.high)
        return Range(low, high, self.low_open or v.low_open, self.high_open or v.high_open)

    __radd__ = __add__

    def __sub__(self, other: Range | int) -> Range:
        return self + -as_range(other)

    def __rsub__(self, other: int) -> Range:
        return -self + other

    def __mul__(self, other: Range | int) -> Range:
        v = as_range(other)
        corners = [_corner(a, b) for a in self._ends() for b in v._ends()]
        low, high = min(c for c, _ in corners), max(c for c, _ in corners)
        lows, highs = ([o for c, o in corners if c == end] for end in (low, high))
        return Range(low, high, all(lows), all(highs))

    __rmul__ = __mul__

    def __truediv__(self, other: Range | int) -> Range:
        return self * _inverted(as_range(other))

    def __rtruediv__(self, other: int) -> Range:
        return _inverted(self) * other

    def __pow__(self, k: int) -> Range:
        if k < 0:
            return _inverted(self**-k)
        if k == 0:
            return Range(Fraction(1), Fraction(1), False, False)
        u = self.size() if k % 2 == 0 else self
        (low, low_cut), (high, high_cut) = _raised(u.low, k, -1), _raised(u.high, k, 1)
        return Range(low, high, u.low_open or low_cut, u.high_open or high_cut)

    def size(self) -> Range:
        """Of the absolute values."""
        if self.low >= 0:
            return self
        if self.high <= 0:
            return -self
        high = max(-self.low, self.high)
        ends = [o for e, o in ((-self.low, self.low_open), (self.high, self.high_open)) if e == high]
        return Range(Fraction(0), high, False, all(ends))

    def within(self, other: Range) -> Range:
        """What both have in common; nothing is the one that it was."""
        low, high = max(self.low, other.low), min(self.high, other.high)
        if low > high:
            return self
        lows = [r.low_open for r in (self, other) if r.low == low]
        highs = [r.high_open for r in (self, other) if r.high == high]
        return Range(low, high, any(lows), any(highs))

    def union(self, other: Range) -> Range:
        """The smallest range that holds both."""
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
UP_TO_ONE = Range(Fraction(-1), Fraction(1), False, False)
INSIDE = Range(Fraction(-1), Fraction(1))
SHARE = Range(Fraction(0), Fraction(1), True, False)
ONE_OR_MORE = Range(Fraction(1), inf, False)


def as_range(u: Range | int | Fraction) -> Range:
    """A number as the range that holds it alone; a range is itself."""
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


def _raised(u: End, k: int, side: int) -> tuple[End, bool]:
    """A power of an end, and whether it was rounded, down for ``side`` -1 and up for 1: long powers are not computed."""
    if isinstance(u, float):
        return (inf if u > 0 or k % 2 == 0 else -inf), True
    if abs(u) in (0, 1) or k * max(abs(u.numerator).bit_length(), u.denominator.bit_length()) <= LONGEST:
        return u**k, False
    near, far = (Fraction(0), abs(u)) if abs(u) < 1 else (Fraction(1), inf)  # its size lies between these
    if u > 0 or k % 2 == 0:
        return (near if side < 0 else far), True
    return (-far if side < 0 else -near), True


def _inverted(u: Range) -> Range:
    """1/u, where it has a value."""
    if u.low >= 0:
        return Range(Fraction(0) if u.high == inf else 1 / u.high if u.high else inf, inf if u.low == 0 else 1 / u.low,
                     u.high_open, u.low == 0 or u.low_open)  # fmt: skip
    if u.high <= 0:
        return -_inverted(-u)
    return ALL


def _increasing(u: Range, f: Callable[[Any], Any], least: End, most: End) -> Range:
    """The range of an increasing function, whose values lie between ``least`` and ``most``, neither of them reached.

    Where the argument has a bound, the value at it is taken from a ball that encloses it.
    """
    low, high = _value(f, u.low, least, -1), _value(f, u.high, most, 1)
    return Range(low, high, u.low_open or low == least, u.high_open or high == most)


PIECES = 32
"""Into so many parts a range is cut, so that the values in each are enclosed closely."""

LONGEST_IMAGE = 64


def _image(u: Range, f: Callable[[Any], Any]) -> Range:
    """What encloses the values of a continuous function on a range that is not long."""
    if isinf(u.low) or isinf(u.high) or u.high - u.low > LONGEST_IMAGE:
        return ALL
    middle, step = Fraction(u.low), Fraction(u.high - u.low) / PIECES
    with precise(64):
        width = arb(0, fmpq(step.numerator, step.denominator))
        balls = []
        for k in range(PIECES + 1):
            at = middle + k * step
            balls.append(f(arb(fmpq(at.numerator, at.denominator)) + width))
        if not all(ball.is_finite() for ball in balls):
            return ALL
        low = min(_exactly(ball.lower()) for ball in balls)
        high = max(_exactly(ball.upper()) for ball in balls)
    return Range(low, high)


def _exactly(ball: Any) -> Fraction:
    mantissa, exponent = ball.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def _value(f: Callable[[Any], Any], at: End, otherwise: End, side: int) -> End:
    """The lower or the upper end of what encloses the value at an end."""
    if isinstance(at, float):
        return otherwise
    with precise(128):
        ball = f(arb(fmpq(at.numerator, at.denominator)))
        if not ball.is_finite():
            return otherwise
        mantissa, exponent = (ball.lower() if side < 0 else ball.upper()).man_exp()
    if abs(int(exponent)) > LONGEST:
        return otherwise
    found = Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
    return max(found, otherwise) if side < 0 else min(found, otherwise)


def ordered(difference: Range, below: int, above: int) -> Range:
    """The range of u - v where it is known how far u is below v, or above: 2 strictly, 1 at most, 0 not known."""
    found = difference
    if below and found.high >= 0:
        found = replace(found, high=Fraction(0), high_open=below == 2 or (found.high == 0 and found.high_open))
    if above and found.low <= 0:
        found = replace(found, low=Fraction(0), low_open=above == 2 or (found.low == 0 and found.low_open))
    return found


class RangeArithmetic(Arithmetic):
    """The values of operations, on ranges; it notes the conditions of branches in the order met."""

    def __init__(self, never_above: Callable[[int, int], int], apart: Callable[[int, int], Range | None]) -> None:
        self.conditions: list[Range] = []
        self.never_above = never_above
        self.apart = apart

    def of(self, function: Primitive, u: Any) -> Range:
        low, high = (end if isinf(end) else Fraction(end) for end in (function.low, function.high))
        if function.increasing:
            return _increasing(as_range(u), function.ball, low, high)
        return _image(as_range(u), function.ball).within(Range(low, high, isinf(low), isinf(high)))

    def sqrt(self, u: Any) -> Range:
        """Of square roots."""
        return root(as_range(u))

    def pi(self) -> Range:
        return Range(Fraction(3), Fraction(4))

    def magnitude(self, u: Any) -> float:
        return 1.0

    def minus(self, u: Any, v: Any) -> Range:
        a, b = as_range(u), as_range(v)
        known = self.apart(a.number, b.number)
        found = replace(a - b if known is None else (a - b).within(known), apart=(a.number, b.number), number=-1)
        return ordered(found, self.never_above(a.number, b.number), self.never_above(b.number, a.number))

    def where_positive(self, c: Any, yes: Any, no: Any) -> Range:
        self.conditions.append(as_range(c))
        if as_range(c).positive:
            return as_range(yes)
        return as_range(no) if as_range(c).never_positive else self.where_zero(c, yes, no)

    def where_zero(self, c: Any, yes: Any, no: Any) -> Range:
        return as_range(yes).union(as_range(no))

    def larger(self, u: Any, v: Any) -> Range:
        self.conditions.append(self.minus(u, v))
        return as_range(u).larger(as_range(v))

    def smaller(self, u: Any, v: Any) -> Range:
        self.conditions.append(self.minus(u, v))
        return -(-as_range(u)).larger(-as_range(v))


def product(parts: Iterable[Range]) -> Range:
    """Of the product of numbers, one from each range; 1 where there is none."""
    found = as_range(1)
    for part in parts:
        found = found * part
    return found


def union(parts: list[Range]) -> Range:
    """The smallest range that holds all of them, of which there is one at least."""
    found = parts[0]
    for part in parts[1:]:
        found = found.union(part)
    return found


def root(u: Range) -> Range:
    """Of square roots, which increase; where a number has none nothing is said."""
    above = u.within(NOT_NEGATIVE)
    low = _value(arb.sqrt, above.low, Fraction(0), -1)
    return Range(low, _value(arb.sqrt, above.high, inf, 1), above.low_open, above.high_open)


def power(base: Range, exponent: Expr) -> Range:
    """Of powers of the numbers of a range, as far as the exponent says anything."""
    if isinstance(exponent, Number) and exponent.value.denominator == 1:
        return base ** int(exponent.value)
    if isinstance(exponent, Number) and abs(exponent.value) == Fraction(1, 2):
        return root(base) ** (1 if exponent.value > 0 else -1)
    if base.positive:
        return POSITIVE
    # a size, or a variable, may be a whole number, and of these a power has either sign
    return NOT_NEGATIVE if isinstance(exponent, Number) else ALL
