"""Case distinctions and indicators, put in order silently: what is decided, what all cases share."""

from __future__ import annotations

from derivgen.catalog.build import product, split_base, split_coefficient, to_power
from derivgen.catalog.elementwise import absolute, equal, greater, greater_equal, less, less_equal, not_equal, sign
from derivgen.catalog.opaque import largest, smallest
from derivgen.expr import ONE, ZERO, At, Call, Cases, Expr, Mul, Number, Op, Power, canonical
from derivgen.rules.arithmetic import filled, is_zero
from derivgen.rules.engine import Context
from derivgen.rules.rule import Stage, rule

_BY_DIFFERENCE = (greater, less, greater_equal, less_equal, equal, not_equal)
"""Relations that hold or not by the sign of the difference of their sides."""


def is_indicator(e: Expr) -> bool:
    """Whether ``e`` is 1 where a relation holds, else 0."""
    return isinstance(e, Call) and e.op.notation.form == "relation"


def asks_for_extreme(e: Expr) -> bool:
    """Whether entries are compared with the largest or the smallest of them: some always reach it."""
    match e:
        case Call(_, (u, v)) if is_indicator(e):
            return any(
                isinstance(a, Call)
                and a.op in (largest, smallest)
                and a.args[0] in (b, b.array if isinstance(b, At) else b)
                for a, b in ((u, v), (v, u))
            )
        case _:
            return False


_TURNED: dict[Op, Op] = {greater: less, less: greater, greater_equal: less_equal, less_equal: greater_equal}


@rule(Stage.SIMPLIFY, Power, Call, role="silent", states=r"\mathbf 1(c)^2 = \mathbf 1(c),\quad \mathbf 1(u > u) = 0",
      because="An indicator is 0 or 1, and nothing is larger than itself.", examples=("(x > 0)**2", "(a > a) * c", "x * (y < y)", "a * (c >= c)"))  # fmt: skip
def decide_indicator(e: Power | Call, _: Context) -> Expr | None:
    match e:
        case Power(base, Number(value)) if is_indicator(base) and value > 0:
            return base
        case Call(op, (u, v)) if op in _BY_DIFFERENCE and u == v:
            return filled(ONE if op in (greater_equal, less_equal, equal) else ZERO, e.shape)
        case _:
            return None


@rule(Stage.SIMPLIFY, Call, role="silent", states=r"\mathbf 1(2u > u) = \mathbf 1(u > 0)",
      because=r"In {2u > u} two multiples of one number compare as their difference compares with zero.", terms=lambda e, _: {"2u > u": e}, examples=("x > -x", "a * (a > 2 * a)", "(3 * y == y)"))  # fmt: skip
def compare_multiples(e: Call, _: Context) -> Expr | None:
    if e.op not in _BY_DIFFERENCE:
        return None
    (a, u), (b, v) = map(split_coefficient, e.args)
    if a * b == 0 or a == b or canonical(u) != canonical(v):
        return None
    return Call(e.op if a > b else _TURNED.get(e.op, e.op), (u, ZERO))


@rule(Stage.SIMPLIFY, Mul, role="silent", states=r"|u|\operatorname{sign}(u) = u,\quad u\operatorname{sign}(u) = |u|",
      because="A number is its absolute value with its sign.", examples=("abs(x) * sign(x)", "a * abs(a)**3 * sign(a)", "x * sign(x)", "y * x**2 * sign(x)"))  # fmt: skip
def absorb_the_sign(e: Mul, _: Context) -> Expr | None:
    for k, f in enumerate(e.factors):
        if not isinstance(f, Call) or f.op is not sign:
            continue
        for u, new in ((Call(absolute, f.args), f.args[0]), (f.args[0], Call(absolute, f.args))):
            for m, g in enumerate(e.factors):
                base, exponent = split_base(g)
                if m != k and base == u and exponent >= 1:
                    left = (to_power(base, exponent - 1),) if exponent != 1 else ()
                    return product(*(h for n, h in enumerate(e.factors) if n not in (k, m)), *left, new)
    return None


@rule(Stage.SIMPLIFY, Cases, role="silent", states=r"\{u \text{ if } 0;\ v \text{ otherwise}\} = v",
      because=r"[Of {\{u \text{ if } c;\ v\}} a|A] case whose condition never holds is not written; one whose condition always holds is the last.", terms=lambda e, _: {r"\{u \text{ if } c;\ v\}": e},
      examples=("where(0, c, z)", "where(1, c, z)", "where(a > 0, c, 0, z, a)", "where(a > 0, c, 1, z, a)"))  # fmt: skip
def decided_case(e: Cases, _: Context) -> Expr | None:
    branches: list[tuple[Expr, Expr]] = []
    otherwise = e.otherwise
    for condition, value in e.branches:
        if condition == ONE:
            otherwise = value
            break
        if condition != ZERO:
            branches.append((condition, value))
    if len(branches) == len(e.branches):
        return None
    new = Cases(tuple(branches), otherwise) if branches else otherwise
    return new if new.shape == e.shape else None


@rule(Stage.SIMPLIFY, Cases, role="silent", states=r"\{\mathbf 1(c)\,u \text{ if } c;\ 0\} = \{u \text{ if } c;\ 0\}",
      because=r"In the case where {c} holds its indicator is 1.", terms=lambda e, _: {"c": e.branches[0][0]}, examples=("where(a > 0, (a > 0) * x, 0)", "where(a > 0, c, a > c, (a > c) * (a > 0), c)", "where(a > 0, (a > 0), c)"))  # fmt: skip
def indicator_in_its_case(e: Cases, _: Context) -> Expr | None:
    branches = tuple([(c, _held(value, c)) for c, value in e.branches])
    if branches == e.branches:
        return None
    return Cases(branches, e.otherwise)


def _held(value: Expr, condition: Expr) -> Expr:
    """A value where a condition holds that is a factor of it."""
    factors = value.factors if isinstance(value, Mul) else (value,)
    left = [f for f in factors if f != condition]
    return product(*left) if is_indicator(condition) and len(left) < len(factors) else value


@rule(Stage.SIMPLIFY, Cases, role="silent", states=r"\{u \text{ if } c;\ u \text{ otherwise}\} = u",
      because=r"All cases are {u}, so there is nothing to tell apart.", terms=lambda _, new: {"u": new}, examples=("where(a > 0, c, c)",))  # fmt: skip
def equal_cases(e: Cases, _: Context) -> Expr | None:
    same = all(value == e.otherwise for _, value in e.branches)
    return e.otherwise if same and e.otherwise.shape == e.shape else None


@rule(Stage.SIMPLIFY, Cases, role="silent", states=r"\{\mathbf u \text{ if } c;\ \mathbf 0\} = \{\mathbf u \text{ if } c;\ 0\}",
      because=r"The zero[ in {\{\mathbf u \text{ if } c;\ 0\}}|] takes the shape of the other case.", terms=lambda e, _: {r"\{\mathbf u \text{ if } c;\ 0\}": e}, examples=("where(a > 0, x, zeros(n))", "where(a > 0, zeros(n), x)"))  # fmt: skip
def zero_case(e: Cases, _: Context) -> Expr | None:
    values = [*(value for _, value in e.branches), e.otherwise]
    if not any(v.shape.axes and not is_zero(v) for v in values) or not any(is_zero(v) and v != ZERO for v in values):
        return None
    branches = tuple((c, ZERO if is_zero(v) else v) for c, v in e.branches)
    return Cases(branches, ZERO if is_zero(e.otherwise) else e.otherwise)


@rule(Stage.SIMPLIFY, Cases, role="silent", states=r"\{2u \text{ if } c;\ 0\} = 2\,\{u \text{ if } c;\ 0\}",
      because=r"{c} is common to all cases and stands before them.", terms=lambda e, new: {"c": new.factors[0] if isinstance(new, Mul) else new}, examples=("where(a > 0, -2 * x, 0)",))  # fmt: skip
def factor_out_of_cases(e: Cases, _: Context) -> Expr | None:
    if e.otherwise != ZERO or len(e.branches) != 1:
        return None
    ((condition, value),) = e.branches
    coefficient, rest = split_coefficient(value)
    if coefficient in (0, 1) or rest == ONE:
        return None
    return product(Number(coefficient), Cases(((condition, rest),), ZERO))
