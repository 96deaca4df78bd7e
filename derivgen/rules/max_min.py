"""The larger, the smaller and the absolute value, simplified before they are derived: what always ties has no kink there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import prod

from derivgen.catalog.build import added, factors_of, plus, product, split_coefficient, terms_of, times, without
from derivgen.catalog.elementwise import absolute, maximum, minimum, relu
from derivgen.catalog.opaque import largest, smallest
from derivgen.catalog.sign_facts import signs
from derivgen.expr import MINUS_ONE, ONE, ZERO, Add, At, Call, Expr, Mul, Number, Power, canonical
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


# --- two of them that make up for each other --------------------------------------------------------------------------


@rule(Stage.EXPAND, Add, phases=(Phase.SETTLE, Phase.VALUES), title="Let the kinks cancel", states=r"\max(u, v) + \min(u, v) = u + v,\quad \max(0, u) - \max(0, -u) = u",
      because="The larger of two is half of their sum and half of their distance, the smaller half of their sum less half of their distance: where the distances cancel, no kink is left.",
      examples=("max(0, a) - max(0, -a)", "max(x, y) + min(x, y)", "abs(x) - 2 * max(0, x)", "relu(a - 3) - relu(3 - a) + c", "z * max(a, c) - z * abs(a - c) / 2 + abs(z)", "min(1, x) + max(1, x)", "max(1, a) - max(1, 2 - a)"))  # fmt: skip
def cancelling_kinks(e: Add, _: Context) -> Expr | None:
    alike: dict[object, list[_Kinked]] = {}
    for t in e.terms:
        if (k := _kinked(t)) is not None:
            alike.setdefault((k.border, canonical(k.around)), []).append(k)
    rest = list(e.terms)
    for kinks in alike.values():
        if len(kinks) > 1 and sum(k.size for k in kinks) == 0:
            smooth = _weighed([(k.factor / 2, m) for k in kinks for m in k.sides])
            around = kinks[0].around
            rest = [*without(rest, *(k.term for k in kinks)), smooth if around == ONE else product(around, smooth)]
    return None if len(rest) == len(e.terms) else _shaped(plus(*rest), e)


@rule(Stage.EXPAND, Mul, phases=(Phase.SETTLE, Phase.VALUES), title="Multiply the larger by the smaller", states=r"\max(u, v) \min(u, v) = u v",
      because="Of two numbers one is the larger and the other the smaller, so that the product is that of the two.",
      examples=("max(a, c) * min(c, a)", "2 * min(x, y) * max(x, y) * a", "relu(a) * min(0, a) * c"))  # fmt: skip
def larger_by_smaller(e: Mul, _: Context) -> Expr | None:
    for low in e.factors:
        pair = members(low) if _kind(low) is minimum else ()
        for high in e.factors if len(pair) == 2 else ():
            if _kind(high) is maximum and Counter(members(high)) == Counter(pair):
                rest = [*without(e.factors, low, high), *pair]
                return _shaped(ZERO if ZERO in pair else product(*rest), e)
    return None


@dataclass(frozen=True, slots=True)
class _Kinked:
    """A term with one kink, which is factor · around · k, where k is half of the sum of two sides and so many times half
    of their distance: +1 for the larger and for |u|, whose sides are u and -u, and -1 for the smaller."""

    term: Expr
    factor: Fraction
    around: Expr
    sides: tuple[Expr, Expr]
    border: frozenset[frozenset[tuple[Expr, Fraction]]]
    """The difference of the sides and its negative, both with numbers that are 1 in all."""
    size: Fraction
    """How much of the border's |d| the term has, times ``around``."""


def _kinked(term: Expr) -> _Kinked | None:
    """The kink of a term; None where none of its factors is one, or several are."""
    factor, factors = _apart(term)
    kinks = [f for f in factors if isinstance(f, Call) and (f.op is absolute or _kind(f) is not None)]
    if len(kinks) != 1:
        return None
    (kink,) = kinks
    u, *others = (kink.args[0], product(MINUS_ONE, kink.args[0])) if kink.op is absolute else members(kink)
    if len(others) != 1:
        return None
    apart = _parts([(Fraction(1), u), (Fraction(-1), others[0])])
    width = sum((abs(c) for c in apart.values()), Fraction(0))
    if not width:
        return None
    border = frozenset(frozenset((body, turn * c / width) for body, c in apart.items() if c) for turn in (1, -1))
    sign = -1 if _kind(kink) is minimum else 1
    return _Kinked(term, factor, times(without(factors, kink)), (u, others[0]), border, sign * factor * width)


def _apart(term: Expr) -> tuple[Fraction, list[Expr]]:
    """The numbers of a term multiplied, and its other factors."""
    factors = factors_of(term)
    numbers = [c for f in factors if (c := _number(f)) is not None]
    return prod(numbers, start=Fraction(1)), [f for f in factors if _number(f) is None]


def _number(factor: Expr) -> Fraction | None:
    """The value of a number, and of what a number is divided by."""
    match factor:
        case Number(value):
            return value
        case Power(Number(value), Number(exponent)) if exponent == -1 and value != 0:
            return 1 / value
        case _:
            return None


def _parts(weighed: Iterable[tuple[Fraction, Expr]]) -> dict[Expr, Fraction]:
    """A sum of terms so often each, by what is in it without its number."""
    found: dict[Expr, Fraction] = {}
    for often, e in weighed:
        for t in terms_of(e):
            number, factors = _apart(t)
            body = times(factors)
            inner = _parts([(Fraction(1), body)]) if isinstance(body, Add) else {canonical(body): Fraction(1)}
            for part, again in inner.items():
                found[part] = found.get(part, Fraction(0)) + often * number * again
    return found


def _weighed(weighed: Iterable[tuple[Fraction, Expr]]) -> Expr:
    """The same as an expression."""
    return added([_times(c, body) for body, c in _parts(weighed).items() if c])


def _times(c: Fraction, body: Expr) -> Expr:
    return body if c == 1 else Number(c) if body == ONE else product(Number(c), body)
