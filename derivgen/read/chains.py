"""Chains of operators, and what becomes of a sign, a quotient and a product when they are read."""

from __future__ import annotations

from fractions import Fraction

from derivgen.catalog import linear
from derivgen.expr import MINUS_ONE, Call, Expr, Mul, Number, Power
from derivgen.read.surface import Infix


def spine(s: Infix, operators: tuple[str, ...]) -> list[Infix]:
    """The chain of these operators that leans to the left from ``s``, the last applied first."""
    chain = [s]
    while isinstance(left := chain[-1].left, Infix) and left.operator in operators:
        chain.append(left)
    return chain


def times(factors: list[Expr]) -> Expr:
    return factors[0] if len(factors) == 1 else Mul(tuple(factors))


def factors_of(e: Expr) -> tuple[Expr, ...]:
    return e.factors if isinstance(e, Mul) else (e,)


def operands(e: Expr) -> tuple[Expr, ...]:
    return e.args if isinstance(e, Call) and e.op is linear.matmul else (e,)


def negative(e: Expr) -> Expr:
    """-e: the sign goes into a number, or into the number that a product begins with."""
    match e:
        case Number(value):
            return Number(-value)
        case Mul((Number(value), *_)):
            return Mul((Number(-value), *e.factors[1:])) if value >= 0 else Mul((MINUS_ONE, e))
        case Mul(factors):
            return Mul((MINUS_ONE, *factors))
        case _:
            return Mul((MINUS_ONE, e))


def reciprocal(e: Expr) -> Expr:
    """1 / e: of a power, the exponent turns its sign."""
    match e:
        case Power(base, Number(value)) if value > 0:
            return Power(base, Number(Fraction(-value)))
        case _:
            return Power(e, MINUS_ONE)
