"""The derivative of a quotient by the quotient's own letter: (u' - y v') / v, as that of a Rayleigh quotient is known."""

from __future__ import annotations

from fractions import Fraction

from derivgen.catalog.build import factors_of, product, split_base, to_power
from derivgen.derivation.jacobian import variable_name
from derivgen.derivation.scalar import Derived, finish
from derivgen.expr import ONE, Add, Definition, Expr, Mul, Number, Symbol, depends_on, replace_parts, walk
from derivgen.rules import moves
from derivgen.rules.engine import Context
from derivgen.rules.form_cost import measure


def in_letter_of_quotient(outcome: Derived, f: Expr, x: Expr, name: Symbol, ctx: Context, left: Expr) -> Derived:
    """The derivation of a quotient with a last step in which its value has its letter, where that is shorter.

    The result stays in the letters of the question.
    """
    if f.shape.axes or not isinstance(f, Mul):
        return outcome
    parts = _powers(f)
    moving = {base: power for base, power in parts.items() if depends_on(base, variable_name(x))}
    if {*moving.values()} != {Fraction(1), Fraction(-1)}:
        return outcome
    read = replace_parts(
        outcome.result, {e: _read(e, moving, name, f) for e in walk(outcome.result) if isinstance(e, Add)}
    )
    if read == outcome.result:
        return outcome
    tidied = finish(read, ctx, left, by_cases=False)
    after = tidied[-1].after if tidied else read
    if measure(after) >= measure(outcome.result):
        return outcome
    own = (*outcome.steps[-1].definitions, Definition(name, f))
    step = moves.value_by_letter.step(outcome.result, after, left=left, definitions=own)
    return Derived((*outcome.steps, step), outcome.result)


def _powers(e: Expr) -> dict[Expr, Fraction]:
    """The factors of a product that are no numbers, by their exponents."""
    found: dict[Expr, Fraction] = {}
    for base, power in map(split_base, factors_of(e)):
        if not isinstance(base, Number):
            found[base] = found.get(base, Fraction(0)) + power
    return found


def _read(e: Add, quotient: dict[Expr, Fraction], name: Symbol, f: Expr) -> Expr:
    """A sum with the letter in the terms that have the whole quotient for a factor."""
    constant = product(*(g for g in factors_of(f) if split_base(g)[0] not in quotient))
    scale = [to_power(base, -power) for base, power in map(split_base, factors_of(constant)) if base != ONE]
    terms: list[Expr] = []
    for t in e.terms:
        powers = _powers(t)
        if all(powers.get(base, 0) * power >= 1 for base, power in quotient.items()):
            left = {base: power - quotient.get(base, 0) for base, power in powers.items()}
            numbers = [g for g in factors_of(t) if isinstance(split_base(g)[0], Number)]
            kept = [to_power(base, power) for base, power in left.items() if power]
            terms.append(product(*numbers, *scale, name, *kept))
        else:
            terms.append(t)
    return Add(tuple(terms))
