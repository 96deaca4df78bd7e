"""The arithmetic of balls, each of which encloses a real number."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
from flint import arb, ctx, fmpq

from derivgen.catalog.primitives import Primitive
from derivgen.check.fields import Field

FINEST = 1024
"""The most bits that balls are given."""


def _same_ball(u: Any, v: Any) -> bool:
    return bool(u.mid() == v.mid() and u.rad() == v.rad())


def _hull(u: Any, v: Any) -> Any:
    return u if u is v or _same_ball(u, v) else u.union(v)


def _whole_power(u: Any, k: int) -> Any:
    """A power with a whole exponent: flint's own is nan where a ball holds 0."""
    if k < 1 or not u.contains(0):
        return u**k
    found = None
    while k:
        if k & 1:
            found = u if found is None else found * u
        k >>= 1
        u = u * u
    return found


_each_whole_power: Any = np.frompyfunc(_whole_power, 2, 1)


class BallField(Field):
    """Real numbers enclosed in balls; the precision is flint's, set by whoever computes."""

    def number(self, value: Fraction) -> Any:
        return arb(fmpq(value.numerator, value.denominator))

    def integer(self, k: int) -> Any:
        return arb(k)

    def __init__(self) -> None:
        super().__init__()
        self.nan = arb.nan()
        each = np.frompyfunc
        self._each: dict[Primitive, Any] = {}
        self._power = each(self._to_the, 2, 1)
        self._code = each(self._sign, 1, 1)
        self._zero = each(self._is_zero, 1, 1)
        self._minus = each(self._difference, 2, 1)
        self._hull = each(_hull, 2, 1)

    def of(self, function: Primitive, u: Any) -> Any:
        found = self._each.get(function)
        if found is None:
            inside = function.ball if function.margin is None else partial(self._inside, function, function.margin)
            found = self._each[function] = np.frompyfunc(inside, 1, 1)
        return found(u)

    def _inside(self, function: Primitive, margin: Callable[[Any], Any], u: Any) -> Any:
        """The value of a function that is not defined everywhere."""
        room = margin(u)
        return function.ball(u) if room > 0 or (function.border and room == 0) else self._outside(room)

    def pi(self) -> Any:
        return arb.pi()

    def _outside(self, u: Any) -> Any:
        """nan for an argument outside the domain, where ``u`` is not positive, or so near that the ball cannot tell."""
        if u <= 0:
            self.complaints.add(self.site)
        elif not u.is_nan():
            self.undecided = True
        return self.nan

    def power(self, base: Any, exponent: Any) -> Any:
        """``base`` to a power; nan where the base is not positive and the exponent is no whole number."""
        return self._power(base, exponent)

    def _to_the(self, base: Any, exponent: Any) -> Any:
        if exponent.is_integer():
            return _whole_power(base, int(exponent.unique_fmpz()))
        if base.is_zero() and exponent > 0:
            return base
        return (exponent * base.log()).exp() if base > 0 else self._outside(base)

    def constant_power(self, base: Any, exponent: Fraction) -> Any:
        if exponent.denominator == 1:
            return _each_whole_power(base, exponent.numerator)
        if exponent.denominator == 2:
            return self.sqrt(base) ** exponent.numerator
        return self._power(base, self.number(exponent))

    def minus(self, u: Any, v: Any) -> Any:
        return self._minus(u, v)

    def _difference(self, u: Any, v: Any) -> Any:
        """0 where a number meets itself, as the largest entry does among the entries: its ball would only overlap.

        At the finest precision two balls that agree in every bit, radius and all, are the same number computed twice.
        """
        return arb(0) if u.is_finite() and (u is v or (ctx.prec >= FINEST and _same_ball(u, v))) else u - v

    def _sign(self, c: Any) -> int:
        if c > 0:
            return 1
        if c <= 0:
            return 0
        if not c.is_nan():
            self.undecided = True
        return 2

    def _is_zero(self, c: Any) -> int:
        if c.is_zero():
            return 1
        if not c.contains(0) and not c.is_nan():
            return 0
        if not c.is_nan():
            self.undecided = True
        return 2

    def positive(self, c: Any) -> Any:
        return self._code(c).astype(np.int8) if isinstance(c, np.ndarray) else self._sign(c)

    def zero(self, c: Any) -> Any:
        return self._zero(c).astype(np.int8) if isinstance(c, np.ndarray) else self._is_zero(c)

    def may_be_zero(self, c: Any) -> bool:
        return bool(c.contains(0))

    def unknown(self, yes: Any, no: Any) -> Any:
        """A ball that holds both: a narrow one where they are the same, whichever it is."""
        return self._hull(yes, no)

    def nothing(self) -> Any:
        return self.nan

    def magnitude(self, u: Any) -> float:
        self.on_time()
        if isinstance(u, np.ndarray):
            return min(map(self.magnitude, u.reshape(-1)))
        return 0.0 if u.contains(0) else abs(float(u.mid()))
