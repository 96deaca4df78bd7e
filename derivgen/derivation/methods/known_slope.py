"""A Hessian by the letter of a number in the gradient: the value itself, as in that of a density, or one that has a name.

The slope of that number is known by then, so the product rule needs the Jacobian of the rest alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from derivgen.catalog.build import (
    chain,
    factors_of,
    plus,
    product,
    split_base,
    split_coefficient,
    to_power,
    transposed,
)
from derivgen.derivation.jacobian import jacobian, second_definition, turned
from derivgen.derivation.methods.chain import coefficient_of
from derivgen.derivation.methods.link import derived_link, link_step, what_letters_are
from derivgen.derivation.methods.scalar import Derived, finish, in_order, lengths
from derivgen.derivation.methods.through import AS_COLUMN
from derivgen.derivation.words.naming import Letters
from derivgen.expr import Definition, Expr, Number, Symbol, depends_on, replace_parts, walk
from derivgen.rules import moves, told_of_hessians
from derivgen.rules.engine import Context
from derivgen.rules.reason import Reason
from derivgen.rules.step import Step, end_of


@dataclass(frozen=True, slots=True)
class _Known:
    """A gradient as a power of a number times the rest of it.

    Attributes:
        letter: of the number, and what it stands for.
        slope: its derivative by the variable; None of the value, whose is the gradient.
        read: what of the gradient is that number, or a power of it.
        means: the same in its letter.
        power: which power.
        rest: the column that it multiplies.
    """

    letter: Definition
    slope: Expr | None
    read: Expr
    means: Expr
    power: Fraction
    rest: Expr


def by_known_slope(f: Expr, x: Symbol, name: Symbol, once: Derived, value: Expr, ctx: Context) -> Derived | None:
    """The second derivative where the gradient, a column, is a column times a power of such a number; None where it is not.

    Args:
        f: what is derived twice.
        x: the vector that it is derived by.
        name: the letter of f.
        once: its gradient, and the steps to that.
        value: the gradient as a column.
        ctx: the names in use.
    """
    if not x.shape.axes or lengths(value, x):
        return None
    gradient = jacobian(name, x, ctx)
    steps, letters_told = _before_letters(once.steps, gradient)
    found = next(_factors(Definition(name, f), x, value, once.steps, ctx), None)
    if found is None:
        return None
    letters = Letters(ctx)
    u, k, s = Definition(letters.part(found.rest), found.rest), found.power, found.letter.symbol
    power = to_power(s, k)
    column = product(power, u.symbol)
    g = Definition(letters.gradient(column), column)
    definitions = (Definition(name, f), *([found.letter] if found.slope is not None else []), u, g)
    why = (
        letters_told + told_of_hessians.of_own_value(gradient, g.symbol, found.read, found.means, u.symbol)
        if found.slope is None
        else told_of_hessians.of_known_factor(gradient, g.symbol, power, u.symbol)
    )
    first = moves.first_derivative.step(turned(gradient), column, left=g.symbol, introduces=(u, g), definitions=definitions,
                                        title=AS_COLUMN, reason=why)  # fmt: skip
    inner = derived_link(found.rest, x, u.symbol, ctx)
    of_u, of_s = jacobian(u.symbol, x, ctx), jacobian(s, x, ctx)
    link = link_step(found.rest, x, u.symbol, inner, ctx, definitions=definitions)
    front = [] if k == 1 else [product(Number(k), to_power(s, k - 1))]
    slope = product(power, transposed(u.symbol)) if found.slope is None else found.slope
    both = [
        (product(*front, chain(u.symbol, of_s)), in_order(product(*front, chain(u.symbol, slope)), ctx)),
        (product(power, of_u), in_order(product(power, inner.result), ctx)),
    ]
    both.sort(key=lambda term: split_coefficient(term[1])[0] < 0)  # no sum begins with a minus sign
    pending, put = (plus(*terms) for terms in zip(*both, strict=True))
    left = second_definition(name, x, ctx)
    tidied = finish(put, ctx, left, by_cases=False)
    after = end_of(tidied, put)
    via = dict.fromkeys((jacobian(g.symbol, x, ctx), pending, put))
    second = moves.hessian.step(
        second_definition(f, x, ctx), after, left=left, definitions=definitions,
        via=tuple(e for e in via if e != after), substeps=tuple([replace(t, definitions=definitions) for t in tidied]),
        reason=told_of_hessians.of_second(name, g.symbol, jacobian(g.symbol, x, ctx))
        + told_of_hessians.of_two_factors(s, u.symbol, of_s, transposed(g.symbol) if found.slope is None else slope),
    )  # fmt: skip
    kept = found.slope is None
    own: dict[Expr, Expr] = {u.symbol: u.value} if kept else {u.symbol: u.value, s: found.letter.value}
    back = in_order(replace_parts(after, own), ctx)
    ends = finish(back, ctx, left, by_cases=False)
    result = end_of(ends, back)
    said = what_letters_are(own, after)
    put_back = moves.value_by_letter if kept else moves.letters_back
    last = put_back.step(after, result, left=left, definitions=definitions[:-1], title=moves.letters_back.title,
                         reason=told_of_hessians.of_kept(said, name if kept else None))  # fmt: skip
    whole = in_order(replace_parts(result, {name: f}), ctx) if kept else result
    return Derived((*steps, first, link, second, last), whole)


def _before_letters(steps: tuple[Step, ...], gradient: Expr) -> tuple[tuple[Step, ...], Reason]:
    """The steps up to those that put the letters of a gradient back, and what these stand for: the next step has them still."""
    for k, s in enumerate(steps):
        if s.rule == moves.letters_back.name and all(t.left == gradient for t in steps[k:]):
            return steps[:k], s.reason.first
    return steps, Reason()


def _factors(y: Definition, x: Symbol, value: Expr, steps: tuple[Step, ...], ctx: Context) -> Iterator[_Known]:
    """The numbers of which a power is a factor of a gradient: the value, and those that have a name and a slope by now."""
    front, core = coefficient_of(y.value, x)
    yield from _factor(y, None, front, core, x, value, ctx)
    named = {d.symbol: d for s in steps for d in s.introduces if not d.symbol.shape.axes and d.symbol != y.symbol}
    for d in named.values():
        left = jacobian(d.symbol, x, ctx)
        slope = next((s.after for s in steps if s.left == left and s.rule == moves.derive_link.name), None)
        if slope is not None:
            yield from _factor(d, slope, (), d.value, x, value, ctx)


def _factor(letter: Definition, slope: Expr | None, front: tuple[Expr, ...], core: Expr, x: Symbol, value: Expr,
            ctx: Context) -> Iterator[_Known]:  # fmt: skip
    """A gradient with a power of this number for a factor, if it stands in it once."""
    core = in_order(core, ctx)
    folded = finish(core, ctx, core, by_cases=False)
    for e in dict.fromkeys((core, end_of(folded, core))):
        base, own = split_base(e)
        for g in factors_of(value):
            over, power = split_base(g)
            k = power / own
            if over != base or k.denominator != 1:
                continue
            constant = [to_power(c, -k) for c in front]
            rest = in_order(product(*constant, *(h for h in factors_of(value) if h is not g)), ctx)
            if rest != x and depends_on(rest, x.name) and not any(p == base for p in walk(rest)):
                yield _Known(letter, slope, g, in_order(product(*constant, to_power(letter.symbol, k)), ctx), k, rest)
