"""The derivatives of functions that a reader gives by formulas: found and simplified by SymPy, when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf
from random import Random
from typing import Any

from derivgen.catalog.sympy_bridge import from_sympy, to_sympy
from derivgen.catalog.user_functions import UserFunction, put
from derivgen.deadline import TooLong, bounded, interruptible, seconds_left
from derivgen.errors import DerivgenError, NoRule
from derivgen.expr import Expr, Symbol, children
from derivgen.turns import turns

LONGEST = 400
"""Nodes of a formula beyond which SymPy is not asked to simplify: it would not end."""

MOST_REMEMBERED = 256

_known: dict[tuple[Expr, Symbol, tuple[Symbol, ...]], tuple[Expr, float]] = {}
"""Derivatives that were found, each with the seconds after which a form was given up; infinite where none was."""


def derivative(formula: Expr, by: Symbol, parameters: tuple[Symbol, ...]) -> Expr:
    """The derivative of a formula by one of its parameters, in the shortest of the forms that SymPy finds.

    One that was found in little time is sought again where there is much more.

    Raises:
        NoRule: SymPy cannot differentiate it, or answers with what the catalog does not have.
    """
    asked = formula, by, parameters
    found = _remembered(asked)
    if found is None:
        with _alone():
            found = _remembered(asked)  # by another thread, while this one waited
            if found is None:
                found, seconds = _derivative(*asked)
                if len(_known) >= MOST_REMEMBERED:
                    del _known[next(iter(_known))]
                _known[asked] = found, seconds
    return found


def _remembered(asked: tuple[Expr, Symbol, tuple[Symbol, ...]]) -> Expr | None:
    found, seconds = _known.get(asked, (None, 0.0))
    return found if seconds >= _share() / 2 else None


def _share() -> float:
    """The seconds that one form may take."""
    return max(seconds_left(), 0.1) / 4


_turn = turns()


@contextmanager
def _alone() -> Iterator[None]:
    """SymPy for one thread, as it is not made for several at once; it draws the same numbers each time.

    Afterwards its generators of them are as before.
    """
    from sympy.core import random

    with _turn:
        generators = [found for found in vars(random).values() if isinstance(found, Random)]
        before = [generator.getstate() for generator in generators]
        random.seed(0)
        try:
            yield
        finally:
            for generator, state in zip(generators, before, strict=True):
                generator.setstate(state)


def _derivative(formula: Expr, by: Symbol, parameters: tuple[Symbol, ...]) -> tuple[Expr, float]:
    import sympy

    with interruptible():
        there = to_sympy(formula)
    found: list[Expr] = []
    given_up = inf
    reason: DerivgenError | None = None
    for raw in _differentiated(
        there, sympy.Symbol(by.name, real=True, positive=True if "positive" in by.traits else None)
    ):
        if raw.has(sympy.Derivative, sympy.Subs):
            raise NoRule(f"SymPy does not differentiate {formula!s} by {by.name}")
        ways: list[Callable[[Any], Any]] = [lambda s: s]
        ways += [sympy.simplify, sympy.factor_terms] if _size(formula) <= LONGEST else []
        for way in ways:
            seconds = _share()
            try:
                with bounded(seconds), interruptible():
                    form = way(raw)
                    if _hyperbolic(form) <= _hyperbolic(raw):  # of exp(x) + exp(-x) nobody expects a cosh
                        found.append(from_sympy(form, parameters))
            except DerivgenError as refused:
                reason = refused
                given_up = min(given_up, seconds) if isinstance(refused, TooLong) else given_up
            except (NotImplementedError, ValueError, TypeError, AttributeError, RecursionError):
                continue  # SymPy fails at that form; the others serve
    if not found:
        raise reason or NoRule(f"SymPy does not differentiate {formula!s} by {by.name}")
    shortest = min(found, key=_size)
    # what the rules of calculus give is what a textbook prints, unless another form is much shorter
    return (shortest if _size(shortest) < WORTH * _size(found[0]) else found[0]), given_up


def _hyperbolic(form: Any) -> set[type]:
    """Which of the functions sinh, cosh, … stand in a form."""
    from sympy.functions.elementary.hyperbolic import HyperbolicFunction

    return {type(part) for part in form.atoms(HyperbolicFunction)}


WORTH = 0.75
"""Of the size of a derivative: a form that is shorter than this is preferred to it."""


def _differentiated(there: Any, by: Any) -> list[Any]:
    """The derivative, where a maximum is in it by cases first."""
    import sympy

    with interruptible():
        found = [sympy.diff(there, by)]
        if there.has(sympy.Max, sympy.Min):
            cases = sympy.piecewise_fold(_slope(there, by))
            found.insert(0, _on_intervals(cases, by) or sympy.simplify(cases))
        return found


def _on_intervals(cases: Any, by: Any) -> Any:
    """Values by cases, each with the intervals of the one variable on which it holds; None where these are not found."""
    import sympy

    if not isinstance(cases, sympy.Piecewise) or cases.free_symbols != {by}:
        return None
    left: Any = sympy.S.Reals
    places: dict[Any, Any] = {}
    try:
        for value, condition in cases.args:
            here = left if condition is sympy.true else condition.as_set().intersect(left)
            places[value] = places.get(value, sympy.S.EmptySet).union(here)
            left -= here
        if any(v != 0 and isinstance(s, sympy.FiniteSet) for v, s in places.items()):
            return None  # a tie has a value of its own, which factors say better
        last = 0 if 0 in places else max(places, key=lambda v: sympy.count_ops(places[v].as_relational(by)))
        pairs = [(v, _canonical(s.as_relational(by))) for v, s in places.items() if v != last]
    except (NotImplementedError, ValueError, TypeError, AttributeError, RecursionError):
        return None
    if last == 0 and len(pairs) > 1 and all(v.is_number for v, _ in pairs):
        return sympy.Add(*(v * sympy.Piecewise((1, c), (0, True)) for v, c in pairs))
    return sympy.Piecewise(*pairs, (last, True))


def _canonical(condition: Any) -> Any:
    """The variable on the left of each relation."""
    import sympy

    if isinstance(condition, sympy.And | sympy.Or):
        return condition.func(*map(_canonical, condition.args))
    return condition.canonical if isinstance(condition, sympy.core.relational.Relational) else condition


def _slope(there: Any, by: Any) -> Any:
    """The derivative by cases: that of the larger one; where two are equal it is 0, as everywhere in the catalog."""
    import sympy

    extremes = sorted((e for e in there.atoms(sympy.Max, sympy.Min) if e.has(by)), key=sympy.count_ops, reverse=True)
    outer: dict[Any, Any] = {}
    for e in extremes:  # those that stand in another are met when that is differentiated
        if there.has(e):
            outer[e] = sympy.Dummy(real=True)
            there = there.xreplace({e: outer[e]})
    total = sympy.diff(there, by)
    for e, name in outer.items():
        total += sympy.diff(there, name) * _slope_of_extreme(e, by)
    return total.xreplace({name: _by_cases(e) for e, name in outer.items()})


def _slope_of_extreme(e: Any, by: Any) -> Any:
    import sympy

    first, rest = e.args[0], e.func(*e.args[1:])
    more, less = (sympy.Gt, sympy.Lt) if isinstance(e, sympy.Max) else (sympy.Lt, sympy.Gt)
    yes, no = _slope(first, by), _slope(rest, by)
    return sympy.Piecewise((yes, _compared(more, first, rest)), (no, _compared(less, first, rest)), (0, True))


def _compared(relation: Any, left: Any, right: Any) -> Any:
    """A relation in which no maximum stands by itself: the larger of two is above c where one of them is."""
    import sympy

    for side, one_is_enough in ((left, relation is sympy.Gt), (right, relation is sympy.Lt)):
        if isinstance(side, sympy.Max | sympy.Min):
            join = sympy.Or if isinstance(side, sympy.Max) is one_is_enough else sympy.And
            parts = [(a, right) if side is left else (left, a) for a in side.args]
            return join(*(_compared(relation, *part) for part in parts))
    return relation(left, right)


def _by_cases(e: Any) -> Any:
    """The value of a maximum by cases."""
    import sympy

    if not isinstance(e, sympy.Max | sympy.Min):
        return e
    relation = sympy.Gt if isinstance(e, sympy.Max) else sympy.Lt
    value, *rest = map(_by_cases, e.args)
    for other in rest:
        value = sympy.Piecewise((value, relation(value, other)), (other, True))
    return sympy.piecewise_fold(value)


def _size(e: Expr) -> int:
    return 1 + sum(map(_size, children(e)))


@dataclass(frozen=True, slots=True)
class Differentiated:
    """The derivative of a formula by a parameter, as a function of arguments; found when it is first asked for."""

    formula: Expr
    by: Symbol
    parameters: tuple[Symbol, ...]

    def __call__(self, *args: Expr) -> Expr:
        return put(derivative(self.formula, self.by, self.parameters), self.parameters, args)


def own_function(name: str, parameters: tuple[Symbol, ...], formula: Expr) -> UserFunction:
    """A function given by a formula, with the derivatives that SymPy finds."""
    return UserFunction.of(name, parameters, formula, tuple(Differentiated(formula, p, parameters) for p in parameters))
