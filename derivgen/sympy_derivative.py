"""The derivatives of functions that a reader gives by formulas: found and simplified by SymPy, when they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from derivgen.catalog.own import Own, put
from derivgen.errors import DerivgenError, NoRule
from derivgen.expr import Expr, Symbol, children
from derivgen.sympy_bridge import from_sympy, to_sympy
from derivgen.text import text

LONGEST = 400
"""Nodes of a formula beyond which SymPy is not asked to simplify: it would not end."""


@lru_cache(maxsize=256)
def derivative(formula: Expr, by: Symbol, parameters: tuple[Symbol, ...]) -> Expr:
    """The derivative of a formula by one of its parameters, in the shortest of the forms that SymPy finds.

    Raises:
        NoRule: SymPy cannot differentiate it, or answers with what the catalog does not have.
    """
    import sympy

    there = to_sympy(formula)
    found: list[Expr] = []
    reason: DerivgenError | None = None
    for raw in _differentiated(
        there, sympy.Symbol(by.name, real=True, positive=True if "positive" in by.traits else None)
    ):
        if raw.has(sympy.Derivative, sympy.Subs):
            raise NoRule(f"SymPy does not differentiate {text(formula)} by {by.name}")
        ways: list[Callable[[Any], Any]] = [lambda s: s]
        ways += [sympy.simplify, sympy.factor_terms] if _size(formula) <= LONGEST else []
        for way in ways:
            try:
                found.append(from_sympy(way(raw), parameters))
            except DerivgenError as refused:
                reason = refused
            except (NotImplementedError, ValueError, TypeError, AttributeError, RecursionError):
                continue  # SymPy fails at that form; the others serve
    if not found:
        raise reason or NoRule(f"SymPy does not differentiate {text(formula)} by {by.name}")
    shortest = min(found, key=_size)
    # what the rules of calculus give is what a textbook prints, unless another form is much shorter
    return shortest if _size(shortest) < WORTH * _size(found[0]) else found[0]


WORTH = 0.75
"""Of the size of a derivative: a form that is shorter than this is preferred to it."""


def _differentiated(there: Any, by: Any) -> list[Any]:
    """The derivative, where a maximum is in it by cases first."""
    import sympy

    found = [sympy.diff(there, by)]
    if there.has(sympy.Max, sympy.Min):
        by_cases = there.replace(sympy.Max, _by_cases(sympy.Gt)).replace(sympy.Min, _by_cases(sympy.Lt))
        found.insert(0, sympy.simplify(sympy.diff(sympy.piecewise_fold(by_cases), by)))
    return found


def _by_cases(relation: Any) -> Callable[..., Any]:
    import sympy

    def larger(*args: Any) -> Any:
        value = args[0]
        for other in args[1:]:
            value = sympy.Piecewise((value, relation(value, other)), (other, True))
        return value

    return larger


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


def own_function(name: str, parameters: tuple[Symbol, ...], formula: Expr) -> Own:
    """A function given by a formula, with the derivatives that SymPy finds."""
    return Own.of(name, parameters, formula, tuple(Differentiated(formula, p, parameters) for p in parameters))
