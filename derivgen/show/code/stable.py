"""Quotients of exponentials as code that does not overflow: what is divided by their sum is shifted by the largest."""

from __future__ import annotations

from fractions import Fraction

from derivgen.catalog.base import Linear
from derivgen.catalog.build import chain, is_elementwise, transposed
from derivgen.catalog.elementwise import exp, log
from derivgen.catalog.formulas import logsumexp
from derivgen.catalog.linear import matmul, sum_
from derivgen.catalog.opaque import largest
from derivgen.expr import (
    MINUS_ONE,
    Add,
    Build,
    Call,
    Expr,
    Mul,
    Number,
    Power,
    Sum,
    children,
    map_children,
    replace_parts,
    walk,
)


def stable(e: Expr) -> Expr:
    """``e`` in a form of the same value: no sum of exponentials overflows that something is divided by.

    exp(u)/sum(exp(u)) does not change when a number is added to all of u, so the largest entry is taken away from it.
    The logarithm of such a sum is left to the library, which does the same.
    """
    sums = {c for c in walk(e) if isinstance(c, Call) and c.op is sum_ and _is_exponential(c.args[0])}
    if not sums:
        return e
    logarithms: dict[Expr, Expr] = {
        c: _logarithm(c) for c in walk(e) if isinstance(c, Call) and c.op is log and c.args[0] in sums
    }
    e = replace_parts(e, logarithms)
    for s in sums:
        assert isinstance(s, Call)
        (power,) = s.args
        assert isinstance(power, Call)
        e = _shifted(_as_columns_of(e, power), power)
    return e


def _is_exponential(e: Expr) -> bool:
    return isinstance(e, Call) and e.op is exp and bool(e.shape.axes) and not e.free


def _logarithm(e: Call) -> Expr:
    """log(sum(exp(u))) under its own name."""
    inner = e.args[0].children[0]
    return Call(logsumexp, inner.children)


def _as_columns_of(e: Expr, power: Call) -> Expr:
    """``e`` with exp(uᵀ) written as the transpose of ``power``, exp(u)."""
    turned: dict[Expr, Expr] = {
        c: transposed(power)
        for c in walk(e)
        if isinstance(c, Call) and c.op is exp and c != power and _turned(c.args[0]) == power.args[0]
    }
    return replace_parts(e, turned) if turned else e


def _turned(e: Expr) -> Expr:
    """The transpose, carried inward."""
    match e:
        case Call(op, args) if op is matmul:
            return chain(*(transposed(f) for f in reversed(args)))
        case _ if isinstance(e, Add | Mul) or is_elementwise(e):
            return map_children(lambda c: _turned(c) if c.shape.axes else c, e)
        case _:
            return transposed(e) if e.shape.axes else e


def _shifted(e: Expr, power: Call) -> Expr:
    """``e`` with ``power`` shifted in the parts that a common factor of its entries does not change."""
    (u,) = power.args
    shifted = Call(exp, (Add((u, Mul((MINUS_ONE, Call(largest, (u,)))))),))
    seen = _Degrees(power)
    done: dict[int, Expr] = {}

    def of(part: Expr) -> Expr:
        if id(part) not in done:
            if not seen.divided(part):
                done[id(part)] = part
            elif seen.degree(part) == 0:
                done[id(part)] = replace_parts(part, {power: shifted})
            else:
                done[id(part)] = map_children(of, part)
        return done[id(part)]

    return of(e)


class _Degrees:
    """How often a factor common to all entries of ``power`` comes out of an expression, each part looked at once."""

    def __init__(self, power: Call) -> None:
        self.power = power
        self.sum = Call(sum_, (power,))
        self._degrees: dict[int, Fraction | None] = {}
        self._divided: dict[int, bool] = {}

    def divided(self, e: Expr) -> bool:
        """Whether something is divided by the sum of ``power`` within ``e``."""
        found = self._divided.get(id(e))
        if found is None:
            below = isinstance(e, Power) and e.base == self.sum and _is_negative(e.exponent)
            found = self._divided[id(e)] = below or any(self.divided(c) for c in children(e))
        return found

    def degree(self, e: Expr) -> Fraction | None:
        """None where no factor comes out, or where ``e`` is divided by what is not the whole sum: that may come to 0."""
        if id(e) not in self._degrees:
            self._degrees[id(e)] = Fraction(1) if e == self.power else self._combined(e)
        return self._degrees[id(e)]

    def _combined(self, e: Expr) -> Fraction | None:
        parts = [self.degree(c) for c in children(e)]
        known = [p for p in parts if p is not None]
        if len(known) < len(parts):
            return None
        match e:
            case Mul() | Call(Linear()):
                return sum(known, Fraction(0))
            case Power(base, Number(value)) if known[0]:
                return None if value < 0 and base != self.sum else known[0] * value
            case Add() | Sum() | Build():
                return known[0] if len({*known}) == 1 else None
            case _:
                return None if any(known) else Fraction(0)


def _is_negative(e: Expr) -> bool:
    return isinstance(e, Number) and e.value < 0
