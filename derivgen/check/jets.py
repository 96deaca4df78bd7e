"""Numbers that carry derivatives: exact forward mode, nested without confusion.

A jet is f(x + ε₁ d₁ + ε₂ d₂ + …) with εₖ² = 0. Its parts are told apart by the set of ε in them, written as bits:
part 0 is the value, part 0b01 the derivative in direction 1, part 0b11 the mixed second derivative. Each direction
stands for all entries of a variable at once: a part has a label for every axis of the variables of its directions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import factorial
from typing import Any

import numpy as np

from derivgen.catalog.primitives import Arithmetic, Primitive
from derivgen.check.fields import Field
from derivgen.check.labelled import LabelledArray, Labels, add, expanded, multiply, paired, spread, subtract, union


class Jet:
    """``parts`` by the bits of their directions; part 0 is always there, a part that is not there is 0."""

    __slots__ = ("parts",)
    __array_ufunc__ = None

    def __init__(self, parts: dict[int, LabelledArray]) -> None:
        self.parts = parts

    @property
    def value(self) -> LabelledArray:
        """The value itself, without derivatives."""
        return self.parts[0]

    @property
    def plain(self) -> bool:
        """Whether it carries no derivative."""
        return len(self.parts) == 1

    @property
    def order(self) -> int:
        """How many directions it has, hence after which power its small part vanishes."""
        bits = 0
        for part in self.parts:
            bits |= part
        return bits.bit_count()

    # the operators that the values of operations are written with; the other operand may be an integer

    def __add__(self, other: Jet | Any) -> Jet:
        return plus(self, other if isinstance(other, Jet) else constant(other))

    __radd__ = __add__

    def __mul__(self, other: Jet | Any) -> Jet:
        if isinstance(other, Jet):
            return times(self, other)
        return Jet({s: LabelledArray(a.labels, a.data * other) for s, a in self.parts.items()})

    __rmul__ = __mul__

    def __neg__(self) -> Jet:
        return Jet({s: LabelledArray(a.labels, -a.data) for s, a in self.parts.items()})

    def __sub__(self, other: Jet | Any) -> Jet:
        return minus(self, other if isinstance(other, Jet) else constant(other))

    def __rsub__(self, other: Any) -> Jet:
        return plus(-self, constant(other))

    def __truediv__(self, other: Jet | Any) -> Jet:
        if isinstance(other, Jet):
            return times(self, reciprocal(other))
        return Jet({s: LabelledArray(a.labels, a.data / other) for s, a in self.parts.items()})

    def __rtruediv__(self, other: Any) -> Jet:
        return reciprocal(self).__mul__(other)

    def __pow__(self, exponent: int) -> Jet:
        if exponent < 0:
            return reciprocal(self) ** -exponent
        if exponent == 0:
            return self * 0 + 1
        half = self ** (exponent // 2) if exponent > 1 else None
        if half is None:
            return self
        return half * half * self if exponent % 2 else half * half


def constant(data: Any, labels: Labels = ()) -> Jet:
    """Numbers that do not move."""
    return Jet({0: LabelledArray(labels, data)})


def plus(a: Jet, b: Jet) -> Jet:
    """The sum, along all directions that either has."""
    if len(a.parts) == 1 and len(b.parts) == 1:
        return Jet({0: add(a.parts[0], b.parts[0])})
    parts = dict(a.parts)
    for s, part in b.parts.items():
        mine = parts.get(s)
        parts[s] = part if mine is None else add(mine, part)
    return levelled(Jet(parts))


def minus(a: Jet, b: Jet) -> Jet:
    """The difference, along all directions that either has."""
    if len(a.parts) == 1 and len(b.parts) == 1:
        return Jet({0: subtract(a.parts[0], b.parts[0])})
    parts = dict(a.parts)
    for s, part in b.parts.items():
        mine = parts.get(s)
        parts[s] = LabelledArray(part.labels, -part.data) if mine is None else subtract(mine, part)
    return levelled(Jet(parts))


def times(a: Jet, b: Jet) -> Jet:
    """The product entry by entry, by Leibniz' rule."""
    return bilinear(a, b, multiply)


def bilinear(a: Jet, b: Jet, product: Callable[[LabelledArray, LabelledArray], LabelledArray]) -> Jet:
    """Leibniz' rule for any product; ε² = 0 leaves out what both have."""
    if len(a.parts) == 1 == len(b.parts) and 0 in a.parts and 0 in b.parts:
        return Jet({0: product(a.parts[0], b.parts[0])})
    parts: dict[int, LabelledArray] = {}
    for s, x in a.parts.items():
        for t, y in b.parts.items():
            if s & t == 0:
                new = product(x, y)
                old = parts.get(s | t)
                parts[s | t] = new if old is None else add(old, new)
    return Jet(parts)


def levelled(u: Jet) -> Jet:
    """Every part with the own axes of the value: a scalar's derivative expands as the scalar did."""
    own = u.parts[0].own
    if own:
        for s, part in u.parts.items():
            if part.rank != len(own):
                u.parts[s] = expanded(part, own)
    return u


def compose(u: Jet, coefficients: Sequence[Any]) -> Jet:
    """The function with the given Taylor coefficients at the value of ``u``, at ``u``."""
    labels = u.parts[0].labels
    result: dict[int, LabelledArray] = {0: LabelledArray(labels, coefficients[0])}
    small = Jet({s: part for s, part in u.parts.items() if s})
    power: Jet | None = None
    for c in coefficients[1:]:
        power = small if power is None else bilinear(power, small, multiply)
        for s, part in power.parts.items():
            new = multiply(LabelledArray(labels, c), part)
            old = result.get(s)
            result[s] = new if old is None else add(old, new)
    return Jet(result)


def reciprocal(u: Jet) -> Jet:
    """1/u entry by entry, by the geometric series in the small part of ``u``."""
    one_over = 1 / u.parts[0].data
    coefficients = [one_over]
    for _ in range(u.order):
        coefficients.append(-coefficients[-1] * one_over)
    return compose(u, coefficients)


class JetArithmetic(Arithmetic):
    """The functions of a field, on jets."""

    def __init__(self, field: Field) -> None:
        self.field = field

    def _jet(self, u: Any) -> Jet:
        return u if isinstance(u, Jet) else constant(self.field.lift(u))

    def of(self, function: Primitive, u: Any) -> Jet:
        u = self._jet(u)
        return compose(u, taylor(function, self.field, u.parts[0].data, u.order))

    def sqrt(self, u: Any) -> Jet:
        """The square root: a fixed power, for which what does not move counts."""
        return self.constant_power(self._jet(u), Fraction(1, 2))

    def pi(self) -> Jet:
        return constant(self.field.pi())

    def where_positive(self, c: Any, yes: Any, no: Any) -> Jet:
        """``yes`` where ``c`` is positive, else ``no``.

        Where ``c`` is exactly zero the two sides meet: a derivative that both have in common is the derivative there, as
        of max(u, v) where u and v are one function. Where theirs differ there is none, and it is 0 by convention.
        """
        decided = self._jet(c).parts[0]
        yes, no = self._jet(yes), self._jet(no)
        self.field.note(decided.data, decided.labels)
        chosen = self.choose(LabelledArray(decided.labels, self.field.positive(decided.data)), yes, no)
        if len(chosen.parts) == 1:
            return chosen
        tied = LabelledArray(decided.labels, self.field.zero(decided.data))
        return self._at_ties(tied, yes, no, chosen) if (np.asarray(tied.data) == 1).any() else chosen

    def _at_ties(self, tied: LabelledArray, yes: Jet, no: Jet, chosen: Jet) -> Jet:
        """The derivatives of ``chosen``, but 0 where ``tied`` and those of the sides differ."""
        zero = LabelledArray((), self.field.lift(0))
        kept = {0: chosen.parts[0]}
        for s, part in chosen.parts.items():
            if s == 0:
                continue
            labels, x, y = paired(yes.parts.get(s, zero), no.parts.get(s, zero))
            apart = LabelledArray(labels, self.field.zero(self.field.minus(x, y)))
            labels = union(union(tied.labels, labels), part.labels)
            rank = max(tied.rank, apart.rank, part.rank)
            met, alike = np.broadcast_arrays(spread(tied, labels, rank), spread(apart, labels, rank))
            # 1: they are tied and differ; 2: tied, and whether they differ cannot be told
            lost = np.where((met == 1) & (alike != 1), np.where(alike == 2, 2, 1), 0)
            if lost.any():
                code = LabelledArray(labels, lost if lost.ndim else int(lost))
                kept[s] = self.choose(code, Jet({0: zero}), Jet({0: part})).value
            else:
                kept[s] = part
        return levelled(Jet(kept))

    def minus(self, u: Any, v: Any) -> Jet:
        u, v = self._jet(u), self._jet(v)
        labels, first, second = paired(u.parts[0], v.parts[0])
        return Jet({**(u - v).parts, 0: LabelledArray(labels, self.field.minus(first, second))})

    def larger(self, u: Any, v: Any) -> Jet:
        return self._extreme(u, v, self.minus(u, v))

    def smaller(self, u: Any, v: Any) -> Jet:
        return self._extreme(v, u, self.minus(u, v))

    def _extreme(self, u: Any, v: Any, apart: Jet) -> Jet:
        """``u`` where ``apart``, their difference either way, is positive, else ``v``."""
        decided = apart.parts[0]
        self.field.note(decided.data, decided.labels)
        chosen = self.choose(LabelledArray(decided.labels, self.field.positive(decided.data)), u, v)
        for s, part in apart.parts.items():
            if s:
                chosen = self._where_tied(decided, part, chosen)
        return chosen

    def _where_tied(self, decided: LabelledArray, part: LabelledArray, chosen: Jet) -> Jet:
        """No derivative where two values are equal and a part of their derivatives is not."""
        labels = union(decided.labels, part.labels)
        rank = max(decided.rank, part.rank)
        tied, alike = (np.asarray(self.field.zero(spread(a, labels, rank))) for a in (decided, part))
        lost = np.where((tied == 1) & (alike != 1), 1, 0)
        if not lost.any():
            return chosen
        code, nothing = LabelledArray(labels, lost if lost.ndim else int(lost)), constant(self.field.nothing())
        parts = {s: p if s == 0 else self.choose(code, nothing, Jet({0: p})).value for s, p in chosen.parts.items()}
        return levelled(Jet(parts))

    def where_zero(self, c: Any, yes: Any, no: Any) -> Jet:
        decided = self._jet(c).parts[0]
        return self.choose(LabelledArray(decided.labels, self.field.zero(decided.data)), yes, no)

    def choose(self, code: LabelledArray, yes: Any, no: Any) -> Jet:
        """Entry by entry the one or the other, with its derivatives."""
        yes, no = self._jet(yes), self._jet(no)
        zero = LabelledArray((), self.field.lift(0))
        parts: dict[int, LabelledArray] = {}
        for s in {**yes.parts, **no.parts}:
            x, y = yes.parts.get(s, zero), no.parts.get(s, zero)
            labels = union(union(code.labels, x.labels), y.labels)
            rank = max(code.rank, x.rank, y.rank)
            sides = spread(x, labels, rank), spread(y, labels, rank)
            picked = self.field.pick(spread(code, labels, rank), *sides)
            if isinstance(picked, np.ndarray) and not isinstance(code.data, np.ndarray):
                # one side was taken whole: it may have been a scalar beside an array
                picked = np.broadcast_to(picked, np.broadcast_shapes(*map(np.shape, sides)))
            if isinstance(picked, np.ndarray) or not labels:
                parts[s] = LabelledArray(labels, picked)
            else:
                parts[s] = LabelledArray((), picked)
        return levelled(Jet(parts))

    def magnitude(self, u: Any) -> float:
        return self.field.magnitude(self._jet(u).parts[0].data)

    def constant_power(self, u: Jet, exponent: Fraction) -> Jet:
        """A fixed power; a root of what is exactly 0 and does not move is 0 and does not move."""
        data = u.parts[0].data
        if u.plain:
            return Jet({0: LabelledArray(u.parts[0].labels, self.field.constant_power(data, exponent))})
        if exponent > 0 and exponent.denominator > 1:
            still = self._still_zero(u)
            if still is not None:
                away = self.choose(still, constant(self.field.lift(1)), u)
                return self.choose(still, constant(self.field.lift(0)), self.constant_power(away, exponent))
        return compose(u, power_series(self.field, data, exponent, u.order))

    def _still_zero(self, u: Jet) -> LabelledArray | None:
        """Where a value is exactly 0 and does not move, as x - x: a root of it is 0 and does not move either.

        None where there is no such place.
        """
        value = u.parts[0]
        still = np.asarray(self.field.zero(value.data)) == 1
        for s, part in u.parts.items():
            if not still.any():
                return None
            if s:
                labels = union(value.labels, part.labels)
                zero = np.asarray(self.field.zero(spread(part, labels, value.rank))) == 1
                still = still & zero.all(axis=tuple(range(len(value.labels), len(labels))))
        return LabelledArray(value.labels, still if still.ndim else int(still)) if still.any() else None

    def power(self, u: Jet, v: Jet) -> Jet:
        """u to the power v, both moving: exp(v log u), the value itself taken as the power that it is."""
        labels, base, exponent = _together(u.parts[0], v.parts[0])
        value = LabelledArray(labels, self.field.power(base, exponent))
        if u.plain and v.plain:
            return Jet({0: value})
        if v.plain:
            return self._moving_base(u, labels, base, exponent, value)
        grown = v * self.log(u)
        order = grown.order
        coefficients = [value.data, *(value.data / k for k in _factorials(order))]
        grown.parts[0] = value
        return levelled(compose(levelled(grown), coefficients))

    def _moving_base(self, u: Jet, labels: Labels, base: Any, exponent: Any, value: LabelledArray) -> Jet:
        coefficients, binomial = [value.data], self.field.lift(1)
        for k in range(1, u.order + 1):
            binomial = binomial * (exponent - (k - 1)) / k
            lowered = binomial * self.field.power(base, exponent - k)
            coefficients.append(self.field.pick(self.field.zero(binomial), binomial, lowered))
        moved = Jet({**u.parts, 0: LabelledArray(labels, value.data)})
        return levelled(compose(levelled(moved), coefficients))


def _together(a: LabelledArray, b: LabelledArray) -> tuple[Labels, Any, Any]:
    labels = union(a.labels, b.labels)
    rank = max(a.rank, b.rank)
    return labels, spread(a, labels, rank), spread(b, labels, rank)


def _factorials(order: int) -> list[int]:
    out, product = [], 1
    for k in range(1, order + 1):
        product *= k
        out.append(product)
    return out


# --- Taylor coefficients ---------------------------------------------------------------------------------------------


def taylor(function: Primitive, field: Field, x: Any, order: int) -> list[Any]:
    """Those of a function: its own, or by its derivative, which is taken along one direction less."""
    if function.series is not None:
        return function.series(field, x, order)
    assert function.slope is not None, "a primitive has a slope or a series"
    found = [field.of(function, x)]
    if order:
        ahead = {1 << k: LabelledArray((), field.lift(1)) for k in range(order - 1)}
        slope = function.slope(JetArithmetic(field), levelled(Jet({0: LabelledArray((), x), **ahead})))
        parts = [slope.parts.get((1 << k) - 1) for k in range(order)]
        found += [0 * x if part is None else part.data / factorial(k + 1) for k, part in enumerate(parts)]
    return found


def power_series(field: Any, x: Any, exponent: Fraction, order: int) -> list[Any]:
    """Binomial coefficients; a polynomial ends, also at x = 0."""
    out, binomial = [], Fraction(1)
    for k in range(order + 1):
        if k:
            binomial = binomial * (exponent - k + 1) / k
        if binomial == 0:
            out.append(0 * x)
        elif exponent == k:
            out.append(field.number(binomial) + 0 * x)
        else:
            out.append(field.number(binomial) * field.constant_power(x, exponent - k))
    return out
