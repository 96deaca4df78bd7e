"""What the value of an answer at a kink rests on, where the slopes on both sides of it are one."""

from __future__ import annotations

from fractions import Fraction

from derivgen.catalog.build import split_coefficient
from derivgen.catalog.elementwise import exp, greater, greater_equal, less, less_equal, sign
from derivgen.expr import MINUS_ONE, ZERO, Add, Call, Cases, Expr, Mul, Number, Op, replace_parts, walk
from derivgen.rules.engine import Engine

_FROM: dict[Op, int] = {greater: -1, greater_equal: 1, less: 1, less_equal: -1}
"""On which side of u = v a comparison of u with v has the value that it has at u = v itself."""


def torn(answer: Expr, border: Expr, engine: Engine) -> Expr | None:
    """By how much an answer is another at ``border`` = 0 than just behind it, as an expression that counts only there.

    None where all of its parts take their values at the border from one side, so that it has that of this side:
    1(z > 0) + 1(-z > 0) is 1 on both sides of 0, and 0 at 0.
    """
    sides: set[int] = set()
    at: dict[Expr, Expr] = {}
    behind: dict[Expr, Expr] = {}
    for here in walk(answer):
        match here:
            case Call(op, (u, v)) if op in _FROM and (turn := _turned(Add((u, Mul((MINUS_ONE, v)))), border, engine)):
                sides.add(_FROM[op] * turn)
                nothing = (Mul((ZERO, u)), Mul((ZERO, v)))
                at[here] = Call(op, nothing)
                holds = (op in (greater, greater_equal)) == (turn > 0)
                behind[here] = Call(greater_equal if holds else greater, nothing)
            case Call(op, (u,)) if op is sign and (turn := _turned(u, border, engine)):
                sides.add(2)  # 0 is on neither side
                at[here] = Mul((ZERO, u))
                behind[here] = Mul((Number(Fraction(turn)), Call(sign, (Call(exp, (Mul((ZERO, u)),)),))))
            case _:
                pass
    if len(sides) < 2:
        return None
    return Add((replace_parts(answer, at), Mul((MINUS_ONE, replace_parts(answer, behind)))))


def takes_sides(answer: Expr) -> bool:
    """Whether an answer has a value at a border that is that of one side, or of none: by cases, comparisons or signs."""
    return any(isinstance(e, Cases) or (isinstance(e, Call) and (e.op in _FROM or e.op is sign)) for e in walk(answer))


def _turned(e: Expr, border: Expr, engine: Engine) -> int:
    """1 where an expression has the sign of a border everywhere, -1 where it has the other, 0 where it is another border."""
    value, rest = split_coefficient(engine.tidy(e)[0])
    whole, body = split_coefficient(engine.tidy(border)[0])
    turn = 1 if (value > 0) == (whole > 0) else -1
    if rest == body:
        return turn
    if rest.shape != body.shape:
        return 0
    if engine.tidy(Add((rest, body)))[0] == ZERO:
        return -turn
    return turn if engine.tidy(Add((rest, Mul((MINUS_ONE, body)))))[0] == ZERO else 0
