"""How powers are written: roots, fractions, exponents, the element-wise power of a matrix."""

from __future__ import annotations

from fractions import Fraction

from derivgen.expr import Call, Expr, Mul, Number, Power
from derivgen.expr.notation import ATOM, POWER, SUM
from derivgen.show.layout.box import MINUS, Apply, Box, Name, Num, Root, Script, Sign, row, scripted
from derivgen.show.layout.products import juxtaposed
from derivgen.show.layout.term import Context, Term

_HALF = Fraction(1, 2)


def power(e: Power, c: Context) -> Term:
    """A power of a scalar, or of an array entry by entry."""
    match e.exponent:
        case Number(value) if value < 0:
            return c.term(Mul((e,))) if e.base.shape.axes else _divided(e, value, c)
        case Number(value) if value == _HALF and e.base.shape.rank < 2:
            return Term(Root(c.box(e.base)), ATOM)
        case Number(value) if (
            value.denominator == 1 and value > 1 and isinstance(e.base, Call) and e.base.op.notation.raised
        ):
            head = c.box(e.base)
            if isinstance(head, Apply) and isinstance(head.head, Name):
                return Term(Apply(Script(head.head, None, Num(str(value.numerator))), head.args), ATOM)
    return _raised(e, c)


def _raised(e: Power, c: Context) -> Term:
    sup = exponent(e.exponent, c)
    if e.base.shape.rank > 1 and e.shape == e.base.shape:
        sup = row(Sign(c.style.times, "ordinary"), sup)  # X² would be the matrix product XX
    return Term(scripted(c.term(e.base).within(ATOM), sup=sup), POWER)


def _divided(e: Power, value: Fraction, c: Context) -> Term:
    return juxtaposed((Power(e.base, Number(value)),), c)


def exponent(e: Expr, c: Context) -> Box:
    """An exponent; a fraction stands on one line there."""
    if isinstance(e, Number) and e.value.denominator > 1:
        parts: list[Box] = [Num(str(abs(e.value.numerator))), Sign("/", "ordinary"), Num(str(e.value.denominator))]
        return row(*([MINUS] if e.value < 0 else []), *parts)
    return c.term(e).within(SUM)
