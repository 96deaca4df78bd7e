"""Reading and writing sums and products as lists: the vocabulary that the chapters of rules share."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from derivgen.catalog.base import Elementwise, is_pointwise_scalar
from derivgen.catalog.linear import matmul, transpose
from derivgen.expr import MINUS_ONE, ONE, ZERO, Add, At, Call, Delta, Expr, Mul, Number, Place, Power

LONGEST_POWER = 3_000
"""Bits of a number that stands for a power of one."""


def times(factors: Sequence[Expr]) -> Expr:
    """The product of factors as they stand; one alone is itself, none is 1."""
    return factors[0] if len(factors) == 1 else Mul(tuple(factors)) if factors else ONE


def added(terms: Sequence[Expr]) -> Expr:
    """The sum of terms as they stand; one alone is itself, none is 0."""
    return terms[0] if len(terms) == 1 else Add(tuple(terms)) if terms else ZERO


def product(*factors: Expr) -> Expr:
    """The product, written flat: a product among the factors is opened (associativity needs no line)."""
    return times([part for f in factors for part in factors_of(f)])


def plus(*terms: Expr) -> Expr:
    """The sum, written flat."""
    return added([part for t in terms for part in terms_of(t)])


def transposed(e: Expr) -> Expr:
    """The transpose; of a transpose, the array itself."""
    return e.args[0] if isinstance(e, Call) and e.op is transpose else Call(transpose, (e,))


def column(e: Expr) -> Expr:
    """A vector as a column, whichever way it is written."""
    return transposed(e) if e.shape.row else e


def chain(*factors: Expr) -> Expr:
    """The matrix product, written flat."""
    flat = [part for f in factors for part in operands_of(f)]
    return flat[0] if len(flat) == 1 else Call(matmul, tuple(flat))


def operands_of(e: Expr) -> tuple[Expr, ...]:
    """The factors of a matrix product; of anything else, itself."""
    return e.args if isinstance(e, Call) and e.op is matmul else (e,)


def negative(e: Expr) -> Expr:
    """-e: the sign goes into a number, or into the number that a product begins with."""
    match e:
        case Number(value):
            return Number(-value)
        case Mul((Number(value), *_)):
            return Mul((Number(-value), *e.factors[1:])) if value >= 0 else Mul((MINUS_ONE, e))
        case _:
            return Mul((MINUS_ONE, *factors_of(e)))


def reciprocal(e: Expr) -> Expr:
    """1 / e: of a power, the exponent turns its sign."""
    match e:
        case Power(base, Number(value)) if value > 0:
            return Power(base, Number(-value))
        case _:
            return Power(e, MINUS_ONE)


def factors_of(e: Expr) -> tuple[Expr, ...]:
    """The factors of a product of entries; of anything else, itself."""
    return e.factors if isinstance(e, Mul) else (e,)


def terms_of(e: Expr) -> tuple[Expr, ...]:
    """The terms of a sum; of anything else, itself."""
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
    """An exact number as an expression."""
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
    """``base`` raised to a number; the first power is the base itself."""
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
        return e.factors[0].value, times(rest)
    return Fraction(1), e


def has_delta_factor(term: Expr) -> bool:
    """Whether a delta stands among the factors of ``term``."""
    return any(isinstance(f, Delta) for f in factors_of(term))
