"""Reading and writing sums and products as lists: the vocabulary that the chapters of rules share."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from derivgen.catalog.base import Elementwise, is_pointwise_scalar
from derivgen.expr import ONE, ZERO, Add, At, Call, Delta, Expr, Mul, Number, Place, Power

LONGEST_POWER = 3_000
"""Bits of a number that stands for a power of one."""


def product(*factors: Expr) -> Expr:
    """The product, written flat: a product among the factors is opened (associativity needs no line)."""
    flat: list[Expr] = []
    for f in factors:
        flat.extend(f.factors if isinstance(f, Mul) else (f,))
    if len(flat) == 1:
        return flat[0]
    return Mul(tuple(flat)) if flat else ONE


def plus(*terms: Expr) -> Expr:
    """The sum, written flat."""
    flat: list[Expr] = []
    for t in terms:
        flat.extend(t.terms if isinstance(t, Add) else (t,))
    if len(flat) == 1:
        return flat[0]
    return Add(tuple(flat)) if flat else ZERO


def factors_of(e: Expr) -> tuple[Expr, ...]:
    return e.factors if isinstance(e, Mul) else (e,)


def terms_of(e: Expr) -> tuple[Expr, ...]:
    return e.terms if isinstance(e, Add) else (e,)


def without(parts: Sequence[Expr], *gone: Expr) -> list[Expr]:
    """Factors or terms without some of them, each taken away once: u is left of u u without u."""
    rest = list(parts)
    for one in gone:
        rest.remove(one)
    return rest


def exchanged(parts: Sequence[Expr], old: Expr, new: Expr) -> list[Expr]:
    """Factors or terms with one of them, once, exchanged for another."""
    rest = list(parts)
    rest[rest.index(old)] = new
    return rest


def number(value: int | Fraction) -> Number:
    return Number(Fraction(value))


def raised(value: Fraction, exponent: Fraction) -> Fraction | None:
    """The whole power of a number, None where it has too many digits to be written out."""
    bits = max(value.numerator.bit_length(), value.denominator.bit_length()) - 1
    if exponent.denominator != 1 or bits * abs(exponent.numerator) > LONGEST_POWER:
        return None
    return Fraction(value ** int(exponent))


def is_elementwise(e: Expr) -> bool:
    """Whether ``e`` is a function of numbers applied entry by entry."""
    return isinstance(e, Call) and (isinstance(e.op, Elementwise) or is_pointwise_scalar(e.op))


def split_base(e: Expr) -> tuple[Expr, Fraction]:
    """A factor as a base and a numeric exponent: u is u¹."""
    if isinstance(e, Power) and isinstance(e.exponent, Number):
        return e.base, e.exponent.value
    return e, ONE.value


def to_power(base: Expr, exponent: Fraction) -> Expr:
    return base if exponent == 1 else Power(base, Number(exponent))


def entry(e: Expr) -> tuple[Expr, tuple[Place, ...]] | None:
    """The array and the places of an entry read off an array."""
    return (e.array, e.places) if isinstance(e, At) and not e.shape.axes else None


def split_coefficient(e: Expr) -> tuple[Fraction, Expr]:
    """A term as a numeric coefficient and the rest."""
    if isinstance(e, Number):
        return e.value, ONE
    if isinstance(e, Mul) and isinstance(e.factors[0], Number):
        rest = e.factors[1:]
        return e.factors[0].value, rest[0] if len(rest) == 1 else Mul(rest)
    return Fraction(1), e


def has_delta_factor(term: Expr) -> bool:
    """Whether a delta stands among the factors of ``term``."""
    return any(isinstance(f, Delta) for f in factors_of(term))
