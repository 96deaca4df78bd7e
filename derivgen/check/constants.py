"""The numbers that stand in expressions: at which scales values change, and how finely they are to be told apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import log2
from typing import Any

import numpy as np
from flint import arb

from derivgen.catalog.base import Abstract
from derivgen.check.balls import BallField
from derivgen.check.compare import precise
from derivgen.check.evaluator import Evaluator
from derivgen.check.fields import ExactField, Field
from derivgen.check.labelled import LabelledArray
from derivgen.check.ranges import Range
from derivgen.check.scope import Scope
from derivgen.errors import CheckError, DerivgenError
from derivgen.expr import Build, Call, Delta, Expr, Number, Position, Power, Size, Sum, Symbol

NARROW = 50
"""To how many bits two enclosures must agree where no constant asks for more."""

FAR = 16
"""A constant so many powers of two away from 1 asks for more."""

FARTHEST = 40_000
"""Beyond so many powers of two a constant is too large or too small for its digits to be looked at."""

LONGEST_PLACE = 64
"""Up to this number a constant beside a size or a position is taken for a place on an axis."""

LARGEST_MEASURED = 2000
"""Bounds of values are kept as fractions up to so many powers of two."""

_MEASURED = 64

MOST_PAIRS = 10_000
"""How many pairs of entries are compared to see whether an equation is met."""


@dataclass(frozen=True, slots=True)
class Constants:
    """What the constants of some expressions ask for.

    Attributes:
        values: those that are rational, or roughly, with the signs they have.
        exponents: the powers of two next to those that are far from 1.
        bits: to how many bits enclosures must agree, so that the smallest beside the largest is seen.
        within: whether all are within the bound, so that so many bits can be computed.
        place: the largest whole number that may be a place on an axis.
    """

    values: tuple[Fraction, ...] = ()
    exponents: tuple[int, ...] = ()
    bits: int = NARROW
    within: bool = True
    place: int = 0


Measured = dict[int, "tuple[Fraction, int, int] | None"]
"""What was found of nodes: the value of a constant, exactly or roughly, its power of two, and how many digits it has."""


def constants(scope: Scope, numbers: Iterable[int], measured: Measured) -> Constants:
    """The constants in the given nodes, those made of constants included, such as exp(-100)."""
    values: dict[Fraction, None] = {}
    exponents: dict[int, None] = {}
    bits, within, place = 0, True, 0
    for number in numbers:
        if number not in measured:
            measured[number] = _measure(scope, number, scope.pool.nodes[number])
        found = measured[number]
        if found is None:
            continue
        value, exponent, digits = found
        if abs(exponent) > FARTHEST:
            within = False
            continue
        values.setdefault(value)
        if abs(exponent) >= 3:
            exponents.setdefault(exponent)
        bits += (abs(exponent) if abs(exponent) >= FAR else 0) + (digits if digits > NARROW else 0)
        if value.denominator == 1 and 0 < value <= LONGEST_PLACE:
            place = max(place, int(value))
    return Constants(tuple(values), tuple(exponents), NARROW + min(bits, 2 * FARTHEST), within, place)


def _measure(scope: Scope, number: int, e: Expr) -> tuple[Fraction, int, int] | None:
    found = _value(scope, number, e)
    if found is None or found == 0:
        return None
    exponent = _exponent(found)
    if abs(exponent) > FARTHEST:
        return Fraction(0), exponent, 0
    if not isinstance(found, Fraction):
        return _rough(found), exponent, 0
    return found, exponent, found.numerator.bit_length() + found.denominator.bit_length() - abs(exponent)


_NO_CONSTANT = Symbol.bit | Size.bit | Position.bit | Sum.bit | Build.bit | Delta.bit


def _value(scope: Scope, number: int, e: Expr) -> Fraction | Any:
    """The value of a constant: a rational, or a ball round it; None for what is none, or has no value."""
    if isinstance(e, Number):
        return e.value
    if e.kinds & _NO_CONSTANT or e.shape.axes or e.free or scope.pool.sizes[number]:
        return None
    try:
        with precise(_MEASURED):
            found = of_constants(scope, BallField()).value(number).value.data
    except (DerivgenError, ArithmeticError, ValueError):
        return None
    return found if found.is_finite() and not found.contains(0) else None


def rationals(scope: Scope, number: int) -> list[Fraction] | None:
    """The values of an expression without variables, where they are rational."""
    try:
        data = of_constants(scope, ExactField()).value(number).value.data
    except (CheckError, ZeroDivisionError):
        return None
    return [Fraction(int(u.p), int(u.q)) for u in np.reshape(data, -1)]


def may_meet(scope: Scope, equation: int) -> bool:
    """Whether the two sides of an equation without variables are equal somewhere, or may be."""
    first, second = (rationals(scope, kid) for kid in scope.pool.kids[equation])
    if first is None or second is None or len(first) * len(second) > MOST_PAIRS:
        return True
    return any(u == v for u in first for v in second)


def of_constants(scope: Scope, field: Field) -> Evaluator:
    """An evaluator that refuses variables and declared functions."""
    return Evaluator(scope, field, _no_variable, _no_function)


def _no_variable(symbol: Symbol) -> LabelledArray:
    raise CheckError(f"{symbol.name} is no constant")


def _no_function(op: Abstract, args: object, jets: object) -> LabelledArray:
    raise CheckError(f"{op.name} is only declared")


def _exponent(value: Fraction | Any) -> int:
    if isinstance(value, Fraction):
        n, d = abs(value.numerator), value.denominator
        return n.bit_length() - d.bit_length() if max(n, d) >> 60 else round(log2(n / d))
    with precise(_MEASURED):
        found = (abs(value).log() / arb(2).log()).mid()
    return int(float(found)) if abs(found) < FARTHEST * 2 else 2 * FARTHEST


def _rough(ball: Any) -> Fraction:
    man, exp = ball.mid().man_exp()
    return Fraction(int(man)) * Fraction(2) ** int(exp)


def measure(scope: Scope, number: int, e: Expr) -> Range | None:
    """The range of a function of constants: as narrow as its enclosure."""
    if isinstance(e, Number) or not isinstance(e, Call | Power):
        return None
    found: Any = _value(scope, number, e)
    if found is None:
        return None
    low, high = found.lower(), found.upper()
    if max(abs(_exponent(low)), abs(_exponent(high))) > LARGEST_MEASURED:
        return None
    return Range(_rough(low), _rough(high), False, False)
