"""A vector times a number, or over one, where both depend on the variable: each has a letter, then comes the rule.

So a normalisation is derived: (x - mean(x)) / std(x) by the Jacobian of what is above and the gradient of what is below.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from derivgen.catalog.base import Elementwise, Formula
from derivgen.catalog.build import chain, factors_of, plus, product, split_base, terms_of, to_power
from derivgen.catalog.formulas import mean
from derivgen.catalog.opaque import eye
from derivgen.derivation.jacobian import jacobian, variable_name
from derivgen.derivation.methods.factors import Deriver, of_part
from derivgen.derivation.methods.link import Task, finished, letters_put_back
from derivgen.derivation.methods.scalar import Derived, finish, in_order, lengths
from derivgen.derivation.words.naming import Letters, family_value, member
from derivgen.expr import (
    MINUS_ONE,
    At,
    Call,
    Definition,
    Expr,
    Mul,
    Number,
    Power,
    Symbol,
    depends_on,
    replace_parts,
    walk,
)
from derivgen.rules import moves, told_of_factors
from derivgen.rules.engine import Context
from derivgen.rules.step import end_of


def scaled_method(task: Task, ctx: Context, derive: Deriver) -> Derived | None:
    """The derivation of such a vector by a vector; None where it is none, or its entries are derived as easily.

    ``derive`` is what derives a part in which arrays are worth a name.
    """
    f, x = task.f, task.x
    moving = [t for t in terms_of(f) if depends_on(t, variable_name(x))]
    beside = [t for t in terms_of(f) if t not in moving]  # what is added, and stays
    parts = _parts(moving[0], x) if len(moving) == 1 and moving[0].shape == f.shape else None
    if parts is None:
        return None
    above, number, divides = parts
    ctx = ctx.local()
    letters = Letters(ctx)
    own = {e: letters.part(e, task.family) for e in (above, number) if e != x}
    u, v = (x if e == x else member(own[e], task.family) for e in (above, number))
    y = task.name
    last = y.array if isinstance(y, At) else y
    assert isinstance(last, Symbol)
    factor = to_power(v, Fraction(-1)) if divides else v
    whole = plus(*(product(u, factor) if t is moving[0] else t for t in terms_of(f)))
    values = [*((s, e) for e, s in own.items()), (last, whole)]
    introduces = tuple([Definition(s, family_value(e, task.family, ctx)) for s, e in values])
    definitions = (*task.definitions, *introduces)
    steps = [moves.name_intermediates.step(f, whole, left=y, picture="names", introduces=introduces, definitions=definitions,
                                           reason=told_of_factors.of_scaled(x, y, u, v, divides=divides, beside=plus(*beside) if beside else None))]  # fmt: skip
    found: dict[Expr, Expr] = {x: Call(eye, (), x.shape.axes)}
    for part, letter in ((above, u), (number, v)):
        if part == x:
            continue
        inner = Task(part, x, letter, task.method, task.family, definitions, task.given, term=True)
        outcome = of_part(inner, ctx, derive)
        found[letter] = in_order(_in_letters(outcome.result, {above: u, number: v}), ctx)
        steps += [replace(s, definitions=definitions) for s in outcome.steps[:-1]]
        steps.append(replace(outcome.steps[-1], after=found[letter], definitions=definitions))
    left = jacobian(y, x, ctx)
    by_number = [MINUS_ONE, to_power(v, Fraction(-2))] if divides else []
    du, dv = (jacobian(e, x, ctx) for e in (u, v))
    pending = plus(product(factor, du), product(*by_number, chain(u, dv)))
    put = plus(
        in_order(product(factor, found[u]), ctx),
        in_order(product(*by_number, chain(u, found[v])), ctx),
    )
    tidied = finish(put, ctx, left, by_cases=False)
    after = end_of(tidied, put)
    move = moves.quotient_of_values if divides else moves.product_of_values
    steps.append(move.step(jacobian(f, x, ctx), after, left=left, via=tuple(e for e in (pending, put) if e != after), definitions=definitions,
                           substeps=tuple([replace(s, definitions=definitions) for s in tidied]),
                           reason=told_of_factors.of_scaled_rule(x, u, v, divides=divides)))  # fmt: skip
    put_back, back = letters_put_back(
        after, {e: part for e, part in ((u, above), (v, number)) if e != part}, left, definitions
    )
    return finished([*steps, *put_back], back, ctx, left, definitions)


def _in_letters(e: Expr, letters: dict[Expr, Expr]) -> Expr:
    """``e`` in the letters of the parts, and of powers of them: 1/√t by the letter of √t."""
    for part, letter in letters.items():
        base, own = split_base(part)
        put: dict[Expr, Expr] = {part: letter}
        for p in walk(e) if own != 1 else ():
            over, power = split_base(p)
            if over == base and (power / own).denominator == 1:
                put[p] = to_power(letter, power / own)
        e = replace_parts(e, put)
    return e


def _parts(f: Expr, x: Expr) -> tuple[Expr, Expr, bool] | None:
    """The vector with its constants, the number, and whether it divides."""
    if f.shape.rank != 1 or f.shape.row or x.shape.rank != 1 or not isinstance(f, Mul):
        return None
    name = variable_name(x)
    factors = factors_of(f)
    moving = [g for g in factors if depends_on(g, name)]
    numbers = [g for g in moving if not g.shape.axes]
    arrays = [g for g in factors if g.shape.axes]
    if len(numbers) != 1 or not any(depends_on(g, name) for g in arrays) or not _worth_a_letter(numbers[0], f, x):
        return None
    base, power = split_base(numbers[0])
    divides = power < 0
    number = to_power(base, -power) if divides else numbers[0]
    return product(*(g for g in factors if g not in numbers)), number, divides


def _worth_a_letter(number: Expr, f: Expr, x: Expr) -> bool:
    """Whether a number is more than sums of products: a root, a function of a number, an abbreviation."""
    if lengths(f, x):
        return False  # of a length the slope is known
    name = variable_name(x)
    for e in walk(number):
        if not depends_on(e, name):
            continue
        match e:
            case Power(_, Number(value)) if value.denominator != 1:
                return True
            case Call(op) if not e.shape.axes and (
                isinstance(op, Elementwise) or (isinstance(op, Formula) and op is not mean)
            ):
                return True
            case _:
                continue
    return False
