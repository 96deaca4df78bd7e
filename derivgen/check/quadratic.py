"""Polynomials of degree two whose sign is known: sums of squares, found by completing them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from derivgen.catalog.elementwise import absolute
from derivgen.check.pool import Pool
from derivgen.check.ranges import ALL, NOT_NEGATIVE, POSITIVE, Range
from derivgen.expr import Add, Call, Mul, Number, Power

MOST_PARTS = 8
"""So many different expressions are told apart in one polynomial."""

MOST_TERMS = 24

TWO = Number(Fraction(2))

Monomial = tuple[int, ...]
"""The numbers of its factors, at most two of them."""


def sign_of(pool: Pool, parts: list[tuple[int, int]]) -> Range:
    """What is known of a sum of expressions, each of them times 1 or -1, as a polynomial of others.

    (1, a, b) is given a symmetric matrix M, such that the sum is (1, a, b) M (1, a, b)ᵀ. If M is positive semidefinite the
    sum is never negative, and if it is definite the sum is positive, since the vector is never 0.
    """
    found: dict[Monomial, Fraction] = {}
    count = 0
    for number, sign in parts:
        for monomial, factor in _monomials(pool, number, Fraction(sign)):
            count += 1
            if len(monomial) > 2 or count > MOST_TERMS:
                return ALL
            found[monomial] = found.get(monomial, Fraction(0)) + factor
    for number in {k for monomial in found for k in monomial}:
        e = pool.nodes[number]
        if isinstance(e, Call) and e.op is absolute:  # u² is |u|²
            square = 2 * pool.kids[number][:1]
            found[number, number] = found.get((number, number), Fraction(0)) + found.pop(square, Fraction(0))
    names = sorted({k for monomial in found for k in monomial})
    if len(names) > MOST_PARTS or not any(len(m) == 2 and m[0] == m[1] for m, factor in found.items() if factor):
        return ALL
    order = (-1, *names)  # -1 is the constant 1
    matrix = [[_entry(found, a, b) for b in order] for a in order]
    for sign in (1, -1):
        known = _definite([[sign * entry for entry in row] for row in matrix])
        if known:
            one = POSITIVE if known == 2 else NOT_NEGATIVE
            return one if sign == 1 else -one
    return ALL


def _entry(found: dict[Monomial, Fraction], a: int, b: int) -> Fraction:
    key = tuple(sorted(k for k in (a, b) if k >= 0))
    return found.get(key, Fraction(0)) / (1 if a == b else 2)


def _monomials(pool: Pool, number: int, factor: Fraction, depth: int = 4) -> Iterator[tuple[Monomial, Fraction]]:
    """The terms of an expression; what is neither a sum nor a product is one of the parts."""
    match pool.nodes[number]:
        case Number(value):
            yield (), factor * value
        case Add() if depth:
            for kid in pool.kids[number]:
                yield from _monomials(pool, kid, factor, depth - 1)
        case Mul() if depth:
            rest: list[int] = []
            for kid in pool.kids[number]:
                match pool.nodes[kid]:
                    case Number(value):
                        factor *= value
                    case Power(_, exponent) if exponent == TWO:
                        rest += 2 * pool.kids[kid][:1]
                    case _:
                        rest.append(kid)
            if len(rest) == 1:
                yield from _monomials(pool, rest[0], factor, depth - 1)
            else:
                yield tuple(sorted(rest)), factor
        case Power(_, exponent) if exponent == TWO:
            yield 2 * pool.kids[number][:1], factor
        case _:
            yield (number,), factor


def _definite(m: list[list[Fraction]]) -> int:
    """Of a symmetric matrix: 2 where it is positive definite, 1 where it is semidefinite, by elimination; else 0."""
    known = 2
    rows = [list(row) for row in m]
    while rows:
        first = rows[0]
        pivot = first[0]
        if pivot < 0 or (pivot == 0 and any(first)):
            return 0
        if pivot == 0:
            known = 1
            rows = [row[1:] for row in rows[1:]]
        else:
            rows = [[x - row[0] * y / pivot for x, y in zip(row[1:], first[1:], strict=True)] for row in rows[1:]]
    return known
