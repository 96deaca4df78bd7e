"""The larger, the smaller and the absolute value, simplified before they are derived: what always ties has no kink there."""

from __future__ import annotations

from fractions import Fraction

from derivgen.catalog.build import product, split_coefficient
from derivgen.catalog.elementwise import absolute, maximum, minimum, relu
from derivgen.catalog.opaque import largest, smallest
from derivgen.catalog.sign_facts import signs
from derivgen.expr import MINUS_ONE, ONE, ZERO, At, Call, Expr, Mul, Number, Power, canonical
from derivgen.rules.arithmetic import filled, is_ones
from derivgen.rules.engine import Context
from derivgen.rules.rule import Phase, Stage, rule


def members(e: Expr) -> list[Expr]:
    """What the larger, or the smaller, of several is taken of; relu(u) is the larger of 0 and u."""
    match e:
        case Call(op, args) if op in (maximum, minimum):
            return [m for a in args for m in (members(a) if _kind(a) is op else (a,))]
        case Call(op, (u,)) if op is relu:
            return [ZERO, *(members(u) if _kind(u) is maximum else (u,))]
        case _:
            return [e]


def _kind(e: Expr) -> object:
    """``maximum`` or ``minimum``: which of several ``e`` is; None for anything else."""
    if not isinstance(e, Call):
        return None
    return maximum if e.op is relu else e.op if e.op in (maximum, minimum) else None


def _of(e: Call, members: list[Expr]) -> Expr | None:
    """The larger, or the smaller, of ``members``, written as ``e`` is; None where it would have another shape."""
    ramp = ZERO in members and any(isinstance(a, Call) and a.op is relu for a in (e, *e.args))
    new, *others = [m for m in members if not (ramp and m == ZERO)] or [ZERO]
    for m in others:
        new = Call(minimum if _kind(e) is minimum else maximum, (new, m))
    new = Call(relu, (new,)) if ramp and new != ZERO else new
    return _shaped(new, e)


def _shaped(new: Expr, e: Expr) -> Expr | None:
    if new == ZERO and e.shape.axes:
        return filled(ZERO, e.shape)
    if not new.shape.axes and e.shape.axes:
        return product(new, filled(ONE, e.shape))
    return new if new.shape == e.shape else None


@rule(Stage.EXPAND, Call, phases=(Phase.SETTLE, Phase.VALUES), title="Name each but once", states=r"\max(u, \max(u, v)) = \max(u, v),\quad \max(u, u) = u",
      because="The larger of several, or the smaller, does not depend on how often one of them is named.",
      examples=("max(a, a)", "max(x, max(a, x))", "min(c, min(a, min(c, z)))", "max(2, max(x, 1))", "max(x, relu(x))", "relu(relu(x))"))  # fmt: skip
def named_once(e: Call, _: Context) -> Expr | None:
    kind = _kind(e)
    named = members(e) if kind is not None else []
    numbers = [m.value for m in named if isinstance(m, Number)]
    best = max(numbers, default=None) if kind is maximum else min(numbers, default=None)
    kept: dict[Expr, Expr] = {}
    for m in named:
        if not isinstance(m, Number) or m.value == best:
            kept.setdefault(canonical(m), m)
    return _of(e, list(kept.values())) if len(kept) < len(named) else None


@rule(Stage.EXPAND, Call, phases=(Phase.SETTLE, Phase.VALUES), narrows=True, title="Leave out what is never taken", states=r"\max(u, \min(u, v)) = u,\quad \max(u, |u|) = |u|,\quad \max(x_i, \max(\mathbf x)) = \max(\mathbf x)",
      because="The larger of two is never smaller than one of them, nor the smaller of two larger; no number is larger than its absolute value, no entry larger than the largest.",
      examples=("max(a, min(a, c))", "max(x, max(x))", "min(x[0], max(x))", "max(x, min(x))", "min(x, min(x) * ones(n))", "max(sqrt(a**2), a)", "min(max(x, y), x)", "relu(min(0, x))", "max(abs(x), x)", "min(-x, abs(x))"))  # fmt: skip
def never_taken(e: Call, _: Context) -> Expr | None:
    kind = _kind(e)
    named = members(e) if kind is not None else []
    kept = [m for m in named if not any(_beyond(m, other, kind) for other in named if other is not m)]
    return _of(e, kept) if len(kept) < len(named) else None


def _beyond(m: Expr, other: Expr, kind: object) -> bool:
    """Whether ``other`` is always taken rather than ``m``."""
    low, high = (m, other) if kind is maximum else (other, m)
    size = _size_of(high)
    if size is not None and split_coefficient(low)[0] in (1, -1):
        return canonical(split_coefficient(low)[1]) == canonical(size)
    return _bounds(low, high) or (_kind(m) not in (None, kind) and other in members(m))


def _bounds(low: Expr, high: Expr) -> bool:
    """Whether one is the largest, or the smallest, of entries of which the other is one, or the other extreme."""
    low, high = _filling(low), _filling(high)
    match low, high:
        case Call(op, (array,)), Call(other, (same,)) if op is smallest and other is largest:
            return array == same
        case _, Call(op, (array,)) if op is largest:
            return low == array or (isinstance(low, At) and low.array == array)
        case Call(op, (array,)), _ if op is smallest:
            return high == array or (isinstance(high, At) and high.array == array)
        case _:
            return False


def _filling(e: Expr) -> Expr:
    """The number that all entries of an array are, where it is a multiple of ones; anything else as it is."""
    match e:
        case Mul(factors) if all(is_ones(f) for f in factors if f.shape.axes):
            numbers = [f for f in factors if not f.shape.axes]
            return numbers[0] if len(numbers) == 1 else e
        case _:
            return e


def _size_of(e: Expr) -> Expr | None:
    """u where ``e`` is |u|, or the root of u²."""
    match e:
        case Call(op, (u,)) if op is absolute:
            return u
        case Power(Power(u, Number(value)), Number(root)) if value == 2 and root == Fraction(1, 2):
            return u
        case _:
            return None


@rule(Stage.EXPAND, Call, phases=(Phase.SETTLE, Phase.VALUES), title="Use the sign", states=r"\max(0, u) = u \text{ and } |u| = u \text{ for } u \geq 0",
      because="What is never negative is its own absolute value and never clipped at zero, what is never positive always is.",
      examples=("relu(exp(x))", "abs(norm(x))", "max(0, abs(x))", "min(0, a**2)", "min(0, -exp(x))", "abs(-x**2)", "relu(-relu(x))"))  # fmt: skip
def of_known_sign(e: Call, _: Context) -> Expr | None:
    match e:
        case Call(op, (u,)) if op in (absolute, relu):
            pass
        case Call(op, (u, v)) if op in (maximum, minimum) and ZERO in (u, v):
            u = v if u == ZERO else u
        case _:
            return None
    found = signs(u)
    if found <= {0, 1}:
        return _shaped(ZERO if op is minimum else u, e)
    if found <= {-1, 0}:
        return _shaped(product(MINUS_ONE, u) if op is absolute else u if op is minimum else ZERO, e)
    return None


@rule(Stage.EXPAND, Call, phases=(Phase.SETTLE, Phase.VALUES), title="Recognise the absolute value", states=r"\max(u, -u) = |u|,\quad |-u| = |u|",
      because="Of a number and its negative the larger is the absolute value.",
      examples=("max(x, -x)", "min(-a, a)", "abs(-2 * x)"))  # fmt: skip
def as_absolute(e: Call, _: Context) -> Expr | None:
    match e:
        case Call(op, (u,)) if op is absolute and split_coefficient(u)[0] < 0:
            return Call(absolute, (product(Number(-split_coefficient(u)[0]), split_coefficient(u)[1]),))
        case Call(op, (u, v)) if op in (maximum, minimum):
            (a, rest), (b, other) = split_coefficient(u), split_coefficient(v)
            if a != -b or a == 0 or canonical(rest) != canonical(other):
                return None
            size = Call(absolute, (u if a > 0 else v,))
            return size if op is maximum else product(MINUS_ONE, size)
        case _:
            return None
