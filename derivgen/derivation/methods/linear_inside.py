"""A Hessian of what depends on the variable through one number alone that is linear in it, of a sum of such values, or
through a vector of such numbers of which each acts by itself.

The derivative of that number does not change, so of the product that the chain rule gives only one factor is derived again:
∂²C/∂w∂wᵀ = Σᵢ ∂²fᵢ/∂zᵢ² (∂zᵢ/∂w)ᵀ ∂zᵢ/∂w.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

from derivgen.catalog.build import chain, product, transposed
from derivgen.catalog.formulas import softmax
from derivgen.derivation.jacobian import compose, jacobian, second_definition, variable_name
from derivgen.derivation.methods.entrywise import as_a_link, entrywise
from derivgen.derivation.methods.link import Task, derived_link, link_step, put_back_and_read
from derivgen.derivation.methods.linked import three_places
from derivgen.derivation.methods.routine import at_once
from derivgen.derivation.methods.scalar import Derived, finish, in_order
from derivgen.derivation.words.directions import directions_in, projected
from derivgen.derivation.words.folding import opened
from derivgen.derivation.words.naming import Letters, family_value, member
from derivgen.derivation.words.telling import laws_of, lines_between, told
from derivgen.expr import (
    Build,
    Call,
    Cases,
    Definition,
    Expr,
    Index,
    Number,
    Partial,
    Power,
    Symbol,
    depends_on,
    replace_parts,
    walk,
)
from derivgen.rules import moves, told_of_hessians
from derivgen.rules.engine import Context
from derivgen.rules.step import Step, end_of
from derivgen.rules.told_of_chains import of_product, without_slope
from derivgen.rules.told_of_moves import named_within

LONGEST_RATE = 24
"""Nodes of a rate up to which a sentence says it; a longer one by its name."""

MOST_LINKS = 3
"""How many links the chain may have of which all but the innermost are one function of that number."""


def by_linear_number(
    task: Task,
    body: Expr,
    parts: Sequence[Expr],
    family: tuple[Index, ...],
    whole: Callable[[Expr], Expr],
    ctx: Context,
) -> Derived | None:
    """The second derivative of such a value; None where it is of another kind.

    Args:
        task: what is derived twice.
        body: one term of it, for a member of the ``family``, or all of it.
        parts: the links of that.
        family: the index of the samples, if it is a sum over such.
        whole: what makes of a term, or of what is found for it, that of the value.
        ctx: the names in use.
    """
    x, y = task.x, task.name
    inside = parts[0]
    if not 1 < len(parts) <= MOST_LINKS or inside.shape.rank > (0 if family else 1) or inside.shape.row:
        return None
    assert isinstance(x, Symbol)
    assert isinstance(y, Symbol)
    second, second_named = (second_definition(e, x, ctx) for e in (task.f, y))
    own = ctx.about(variable_name(x), frozenset(family))
    letters = Letters(ctx)
    f = letters.value(body, family) if family else y
    z = letters.intermediate(inside, family)
    assert isinstance(f, Symbol)
    of_f, of_z = member(f, family), member(z, family)
    outer = replace_parts(body, {inside: of_z})
    inner = derived_link(inside, x, of_z, own)
    if depends_on(outer, variable_name(x)) or depends_on(inner.result, variable_name(x)):
        return None
    named = (Definition(z, family_value(inside, family, ctx)), Definition(f, family_value(outer, family, ctx)))
    found = _slopes(outer, of_z, of_f, own)
    if found is None:
        return None
    introduces = (*named, Definition(y, whole(of_f))) if family else named
    definitions = introduces
    why = named_within(x, of_z, inside, of_f, outer)
    steps = [moves.name_intermediates.step(task.f, introduces[-1].value, left=y, picture="names", introduces=introduces, definitions=definitions,
                                           reason=told_of_hessians.of_one_in_a_sum(y, of_f, family[0]) + why if family else why)]  # fmt: skip
    once, twice = (replace(s, definitions=definitions) for s in found)
    of_length = directions_in(twice.after)
    alone = len(of_length) == 1 and not (family or task.term)
    unit = Definition(letters.part(of_length[0]), of_length[0]) if alone else None
    if unit is not None:  # (I - uuᵀ)/‖r‖
        definitions = (*definitions, unit)
        twice = replace(twice, after=projected(twice.after, {unit.value: unit.symbol}), via=(*twice.via, twice.after),
                        introduces=(unit,), definitions=definitions)  # fmt: skip
    rate = jacobian(of_z, x, ctx)
    steps.append(link_step(inside, x, of_z, inner, own, definitions=definitions))
    steps.append(once)
    steps.append(_gradient(task, whole, (of_f, of_z), (once.after, inner.result), family, definitions, ctx))
    if _by_one_law(once, ctx):
        steps = [at_once(steps, linear=True)]
    steps.append(twice)
    named_left = twice.left
    assert named_left is not None
    squared = _squared(named_left, rate)
    filled = in_order(_squared(twice.after, inner.result), ctx)
    put = in_order(whole(filled), ctx)
    tidied = [] if family else finish(put, ctx, second_named, by_cases=False)
    after = end_of(tidied, put)
    steps.append(
        moves.hessian.step(
            second, after, left=second_named, via=(whole(squared),), definitions=definitions, substeps=tuple(tidied),
            reason=told_of_hessians.of_linear_number((of_f, of_z, x), rate, inner.result, (jacobian(of_f, of_z, ctx), named_left), family),
        )
    )  # fmt: skip
    back = in_order(replace_parts(after, {of_z: inside}), ctx)
    ended = put_back_and_read(after, back, {of_z: inside, of_f: body}, second_named, definitions, ctx)
    result = ended.result
    if unit is not None:
        result = in_order(replace_parts(result, {unit.symbol: replace_parts(unit.value, {of_z: inside})}), ctx)
    return Derived((*steps, *ended.steps), result)


def _by_one_law(link: Step, ctx: Context) -> bool:
    """Whether a slope is found by one law, and nothing is folded to a name."""
    steps = opened(link.substeps)
    return not link.via and len(laws_of(steps, ctx.book)) < 2 and not any(s.rule.startswith("fold-") for s in steps)


def _slopes(outer: Expr, z: Expr, f: Expr, ctx: Context) -> tuple[Step, Step] | None:
    """How the derivative of a function of a number, or of a vector, is found, and that of this; None where the second
    partials by two entries of the vector are not zero."""
    first = derived_link(outer, z, f, ctx)
    once = link_step(outer, z, f, first, ctx)
    title = f"{once.title} again"
    if z.shape.axes:
        assert isinstance(z, Symbol)
        start, whole = second_definition(outer, z, ctx), second_definition(f, z, ctx)
        apart = entrywise(opened(first.steps), z, ctx, whole)
        if apart is not None:
            return once, as_a_link(apart, start, whole, ctx, title)
        column = in_order(transposed(first.result), ctx)
        if not first.result.shape.row or any(isinstance(e, Call) and e.op is softmax for e in walk(column)):
            return None  # a softmax has a letter of its own
        again = derived_link(column, z, jacobian(f, z, ctx, "gradient"), ctx)
        if again.result.shape.rank != 2 or again.result.kinds & Build.bit:
            return None
        return once, moves.derive_link.step(start, again.result, left=whole, substeps=again.steps, title=title,
                                            reason=told(again.steps, ctx.book))  # fmt: skip
    name = jacobian(f, z, ctx)
    again = derived_link(first.result, z, name, ctx)
    by_cases = bool(again.result.kinds & Cases.bit)
    between = () if by_cases else tuple(e for e in lines_between(again.steps, again.result) if not _unsaid(e))
    return once, link_step(first.result, z, name, again, ctx, title=title, via=between)


def _unsaid(e: Expr) -> bool:
    """Whether the derivative of a letter by itself stands in a line: nobody writes it."""
    return any(isinstance(p, Partial) and p.body == p.wrt for p in walk(e))


def _gradient(
    task: Task, whole: Callable[[Expr], Expr], names: tuple[Expr, Expr], rates: tuple[Expr, Expr], family: tuple[Index, ...],
    definitions: tuple[Definition, ...], ctx: Context,
) -> Step:  # fmt: skip
    """The first derivative by the chain rule."""
    (f, z), x = names, task.x
    left = jacobian(task.name, x, ctx)
    pending = whole(compose([jacobian(f, z, ctx), jacobian(z, x, ctx)]))
    put = in_order(whole(compose([*rates])), ctx)
    tidied = [] if family else finish(put, ctx, left, by_cases=False)
    short = [
        jacobian(*n, ctx) if r.kinds & Cases.bit or r.written > LONGEST_RATE else r
        for r, n in zip(rates, ((f, z), (z, x)), strict=True)
    ]
    why = of_product(x, (z, f), short[::-1], jacobian(f, x, ctx), three_places((z, f), x, ctx)) + without_slope(rates)
    if family:
        why = why + told_of_hessians.of_all_terms(left, jacobian(f, x, ctx), family[0])
    return moves.chain_rule.step(
        jacobian(task.f, x, ctx), end_of(tidied, put), left=left, via=(pending,), definitions=definitions,
        reason=why, substeps=tuple(replace(s, definitions=definitions) for s in tidied),
    )  # fmt: skip


def _squared(second: Expr, rate: Expr) -> Expr:
    """What is passed on twice."""
    if second.shape.axes:
        return chain(transposed(rate), second, rate) if rate.shape.axes else product(rate, second, rate)
    if not rate.shape.axes:
        return product(second, Power(rate, Number(Fraction(2))))
    return product(second, chain(transposed(rate), rate))
