"""Differences that are alike up to their sign: u - v and v - u are written as one, so that they cancel and collect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from itertools import islice

from derivgen.catalog.build import exchanged, plus, product, split_coefficient, without
from derivgen.catalog.elementwise import sigmoid
from derivgen.catalog.linear import diag, matmul, transpose
from derivgen.expr import (
    MINUS_ONE,
    ZERO,
    Add,
    Call,
    Cases,
    Expr,
    Mul,
    Number,
    Power,
    Shape,
    Sum,
    children,
    how_often,
    walk,
    with_children,
)
from derivgen.rules import told_of_entries
from derivgen.rules.engine import Context
from derivgen.rules.reason import Terms
from derivgen.rules.rule import Stage, rule

Told = tuple[Shape, frozenset[tuple[tuple[Expr, Fraction], int]]]


def told(e: Add, sign: int = 1) -> Told:
    """What tells a sum from others, the order of its terms left out; with -1 for ``sign``, that of its negative."""
    terms = Counter((rest, sign * value) for value, rest in map(split_coefficient, e.terms))
    return e.shape, frozenset(terms.items())


def is_difference(e: Expr) -> bool:
    """Whether a sum has terms of either sign, so that its negative is as short."""
    return isinstance(e, Add) and len({split_coefficient(t)[0] < 0 for t in e.terms}) == 2


class Known:
    """Expressions met before, in order, each found again as it is and by its negative."""

    __slots__ = ("_negatives", "_places")

    def __init__(self, met: Iterable[Expr] = ()) -> None:
        self._places: dict[Expr, int] = {}
        self._negatives: dict[Told, tuple[int, Expr]] = {}
        for e in met:
            self._join(e)

    def _join(self, e: Expr) -> None:
        place = self._places.setdefault(e, len(self._places))
        if isinstance(e, Add):
            self._negatives.setdefault(told(e, -1), (place, e))

    def like(self, e: Expr) -> tuple[int, Expr]:
        """``e`` as a sign and the first of those met that it equals up to the sign; ``e`` itself joins them otherwise."""
        same = self._places.get(e)
        turned = self._negatives.get(told(e)) if isinstance(e, Add) else None
        if turned is not None and (same is None or turned[0] < same):
            return -1, turned[1]
        if same is None:
            self._join(e)
        return 1, e


def _alike(e: Expr, known: Known) -> tuple[int, Expr]:
    """A factor with its differences written as those before it, and the sign that this leaves."""
    match e:
        case Add() if is_difference(e):
            return known.like(e)
        case Power(base, Number(value)) if value.denominator == 1 and is_difference(base):
            sign, found = known.like(base)
            return sign ** (int(value) % 2), Power(found, e.exponent)
        case Call(op) if op in (matmul, transpose, diag):
            pass
        case Mul():
            pass
        case _:
            return 1, e
    signs, parts = zip(*(_alike(part, known) for part in children(e)), strict=True)
    new = e if all(a is b for a, b in zip(parts, children(e), strict=True)) else with_children(e, parts)
    return (-1) ** signs.count(-1), new


@rule(Stage.SIMPLIFY, Mul, Call, role="silent", states=r"(\mathbf u - \mathbf v)(\mathbf v - \mathbf u)^{\mathsf T} = -(\mathbf u - \mathbf v)(\mathbf u - \mathbf v)^{\mathsf T}",
      because="In one product a difference is written one way round, its sign in front.", general=True,
      examples=("(x - y) @ (y - x).T", "(a - c) / (c - a)", "(a - c) * (c - a)**2", "diag(x - y) @ (y - x)", "((x - y) * w).T @ (y - x)"))  # fmt: skip
def turn_alike(e: Mul | Call, _: Context) -> Expr | None:
    if not e.kinds & Add.bit or (isinstance(e, Call) and e.op is not matmul):
        return None
    if sum(1 for part in children(e) if part.kinds & Add.bit) < 2 or sum(1 for part in islice(_differences(e), 2)) < 2:
        return None
    sign, new = _alike(e, Known())
    if new == e:
        return None
    return product(MINUS_ONE, new) if sign < 0 else new


def _differences(e: Expr) -> Iterator[Expr]:
    """The differences among the factors of a product, those in its matrix products too."""
    match e:
        case Add():
            if is_difference(e):
                yield e
            return
        case Power(base, Number()):
            yield from _differences(base) if isinstance(base, Add) else ()
        case Mul():
            for part in e.factors:
                yield from _differences(part)
        case Call(op, args) if op in (matmul, transpose, diag):
            for part in args:
                yield from _differences(part)
        case _:
            return


@rule(Stage.SIMPLIFY, Mul, role="silent", states=r"(u - 1)(\mathbf v - \mathbf w) = (1 - u)(\mathbf w - \mathbf v)",
      because="A difference from 1 is written as such; another difference turns with it.", general=True,
      examples=("(a - 1) * (x - y)", "(x - 1) * (y - w)", "(a - 1) * (c - 1) * (x - y)"))  # fmt: skip
def turn_from_one(e: Mul, _: Context) -> Expr | None:
    if e.kinds & Add.bit == 0 or sum(isinstance(f, Add) for f in e.factors) < 2:
        return None
    for k, f in enumerate(e.factors):
        if isinstance(f, Add) and _ends_in_number(f) and is_difference(f):
            first = Add(tuple(product(MINUS_ONE, t) for t in f.terms))
            for m, g in enumerate(e.factors):
                turned = _negated(g, e, _has_no_number) if m != k else None
                if turned is not None:
                    return product(*(first if n == k else turned if n == m else h for n, h in enumerate(e.factors)))
    return None


def _of_turn(before: Expr, after: Expr) -> Terms:
    """The difference that a sign turns, and what it is then, also where its terms are not put in order yet."""
    old, new = _turned(after, before), _turned(before, after)
    if isinstance(old, Add) and not (isinstance(new, Add) and told(new) == told(old, -1)):
        turned = [rest if c == -1 else product(Number(-c), rest) for c, rest in map(split_coefficient, old.terms)]
        new = plus(*sorted(turned, key=lambda t: split_coefficient(t)[0] < 0))
    return {"u - v": old, "v - u": new}


@rule(Stage.SIMPLIFY, Mul, role="silent", states=r"-(\mathbf u - \mathbf v)^{\mathsf T}A = (\mathbf v - \mathbf u)^{\mathsf T}A",
      because="A minus sign in front of [{u - v} turns it around, to {v - u}|{u - v} turns it around|a difference turns it around].",
      examples=("-(x - y).T @ M", "-diag(x - y)", "-2 * (x - y)", "-diag(x * (x - y))", "-(x - y) / norm(x - y) * (x - w)", "-(x - 1) * y", "-2 * where(a > 0, (a - c) * x, 0)", "-sum(A[i] - x for i in range(m))"),
      terms=_of_turn, aloud=True)  # fmt: skip
def absorb_sign(e: Mul, _: Context) -> Expr | None:
    match e.factors[0]:
        case Number(value) if value < 0:
            for wanted in (_ends_in_number, _has_no_number):
                for k, f in enumerate(e.factors[1:], 1):
                    turned = _negated(f, e, wanted)
                    if turned is not None:
                        return product(Number(-value), *e.factors[1:k], turned, *e.factors[k + 1 :])
    return None


def _turned(before: Expr, after: Expr) -> Expr:
    """The difference that stands in ``after`` the other way round."""
    known = set(walk(before))
    return next((e for e in walk(after) if is_difference(e) and e not in known), after)


def _as_asked(before: Expr, after: Expr) -> Expr:
    """The difference in ``after`` that is the negative of one which is gone."""
    left = [e for e in walk(after) if isinstance(e, Add)]
    gone = next((e for e in walk(before) if isinstance(e, Add) and is_difference(e) and e not in left), None)
    return after if gone is None else next((e for e in left if told(e) == told(gone, -1)), after)


def _ends_in_number(e: Add) -> bool:
    """Whether a sum reads u - 1."""
    return any(isinstance(t, Number) and t.value < 0 for t in e.terms)


def _has_no_number(e: Add) -> bool:
    """Whether a sum turns around without a loss: 1 - u would read u - 1."""
    return not any(isinstance(t, Number) for t in e.terms)


def _negated(e: Expr, whole: Expr, wanted: Callable[[Add], bool]) -> Expr | None:
    """The negative of a difference, or of a product or a transpose that holds one; None where there is no minus to use.

    A difference that occurs in the whole more than once stays: one letter could stand for it.
    """
    match e:
        case Add(terms):
            if not is_difference(e) or not wanted(e) or how_often(e, whole) > 1:
                return None
            return Add(tuple(product(MINUS_ONE, t) for t in terms))
        case Call(op) if op in (matmul, transpose, diag):
            pass
        case Mul():
            pass
        case Sum() if e.shape.axes:
            pass
        case Cases(((condition, value),), otherwise) if otherwise == ZERO:
            turned = _negated(value, whole, wanted)
            return None if turned is None else Cases(((condition, turned),), otherwise)
        case _:
            return None
    parts = children(e)
    for k, part in enumerate(parts):
        turned = _negated(part, whole, wanted)
        if turned is not None:
            return with_children(e, (*parts[:k], turned, *parts[k + 1 :]))
    return None


@rule(Stage.SIMPLIFY, Add, title="Fold the sigmoid", states=r"1 - \sigma(-u) = \sigma(u)",
      because=r"{\sigma(-u)} is {\frac{1}{1 + \exp(u)}}, and one minus that is {\frac{\exp(u)}{1 + \exp(u)}}, which is {\sigma(u)}.", terms=told_of_entries.complement,
      examples=("1 - sigmoid(-a)", "x + sigmoid(-2 * y) - 1", "1 - sigmoid(-x.T @ y)"))  # fmt: skip
def fold_sigmoid_complement(e: Add, _: Context) -> Expr | None:
    numbers = [t for t in e.terms if isinstance(t, Number) and abs(t.value) == 1]
    if not numbers:
        return None
    for t in e.terms:
        match split_coefficient(t):
            case value, Call(op, (u,)) if op is sigmoid and value == -numbers[0].value and split_coefficient(u)[0] < 0:
                folded = product(numbers[0], Call(sigmoid, (product(MINUS_ONE, u),)))
                return plus(*exchanged(without(e.terms, numbers[0]), t, folded))
            case _:
                continue
    return None


@rule(Stage.SIMPLIFY, Mul, Call, role="offered", title="Write the difference as asked", states=r"\mathbf v - \mathbf u = -(\mathbf u - \mathbf v)",
      because="A difference is written as the question has it[, {u - v}|].",
      terms=lambda e, new: {"u - v": _as_asked(e, new)},
      examples=("norm(x - y)**2 * (y - x) @ (y - x).T", "norm(x - y) * (y - x)", "norm(x - y) + (y - x).T @ w"))  # fmt: skip
def turn_as_asked(e: Mul | Call, ctx: Context) -> Expr | None:
    if not e.kinds & Add.bit or (isinstance(e, Call) and e.op is not matmul):
        return None
    sign, new = _alike(e, Known(d for d in ctx.asked(Add) if is_difference(d)))
    if new == e:
        return None
    return product(MINUS_ONE, new) if sign < 0 else new
