"""A quotient, a product or a function of numbers that depend on an array: each has a letter and a gradient, then comes the rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from derivgen.catalog.base import Elementwise
from derivgen.catalog.build import factors_of, plus, product, split_base, terms_of, to_power, without
from derivgen.catalog.formulas import norm
from derivgen.derivation.jacobian import jacobian, variable_name
from derivgen.derivation.methods.link import NotTurned, Task, derived_link, finished, letters_put_back, link_step
from derivgen.derivation.methods.scalar import Derived, in_order, lengths
from derivgen.derivation.words.links import links
from derivgen.derivation.words.naming import Letters, family_value, member
from derivgen.expr import (
    MINUS_ONE,
    Add,
    At,
    Call,
    Cases,
    Definition,
    Expr,
    Mul,
    Partial,
    Power,
    Sum,
    Symbol,
    children,
    depends_on,
    replace_parts,
    walk,
)
from derivgen.rules import moves, told_of_factors
from derivgen.rules.cases import is_indicator
from derivgen.rules.engine import Context
from derivgen.rules.step import Step

MOST_PARTS = 3
"""How many numbers have letters."""

Deriver = Callable[[Task, Context], Derived]


@dataclass(frozen=True, slots=True)
class _Parts:
    """A number as a function of numbers that depend on an array.

    Attributes:
        kind: a quotient of two, a product, or another function.
        values: what the parts are, in the letters of the question.
        front: constant factors of a product.
    """

    kind: Literal["quotient", "product", "function"]
    values: tuple[Expr, ...]
    front: tuple[Expr, ...] = ()

    def whole(self, f: Expr, names: Sequence[Expr]) -> Expr:
        """The number in the letters of its parts."""
        match self.kind:
            case "quotient":
                return product(names[0], to_power(names[1], Fraction(-1)))
            case "product":
                return product(*self.front, *names)
            case _:
                return replace_parts(f, dict(zip(self.values, names, strict=True)))

    def rule(self, names: Sequence[Expr], rates: Sequence[Expr], slopes: Sequence[Expr]) -> Expr:
        """Its derivative by those of the parts; ``slopes`` are those of another function by each part."""
        match self.kind:
            case "quotient":
                (u, v), (du, dv) = names, rates
                return product(plus(product(v, du), product(MINUS_ONE, u, dv)), to_power(v, Fraction(-2)))
            case "product":
                each = zip(names, rates, strict=True)
                return plus(*(product(*self.front, *without(names, n), rate) for n, rate in each))
            case _:
                return plus(*(product(slope, rate) for slope, rate in zip(slopes, rates, strict=True)))

    def filled(self, names: Sequence[Expr], rates: Sequence[Expr], slopes: Sequence[Expr]) -> Expr:
        """The same with what was found; a quotient as a difference of fractions, in which it is found again itself."""
        if self.kind != "quotient":
            return self.rule(names, rates, slopes)
        (u, v), (du, dv) = names, rates
        return plus(product(du, to_power(v, Fraction(-1))), product(MINUS_ONE, u, dv, to_power(v, Fraction(-2))))


def factors_method(task: Task, ctx: Context, derive: Deriver) -> Derived | None:
    """The derivation of a quotient, a product or a function of numbers by the gradients of these; None where f is no such.

    ``derive`` is what derives a part in which arrays are worth a name.
    """
    f, x = task.f, task.x
    parts = _parts(f, x)
    if parts is None:
        return None
    outer, ctx = ctx, ctx.local()  # the letters of an attempt that fails are free again
    letters = Letters(ctx)
    symbols = [letters.part(g, task.family) for g in parts.values]
    names = [member(s, task.family) for s in symbols]
    whole = parts.whole(f, names)
    slopes = _slopes(whole, names, task.name, ctx) if parts.kind == "function" else []
    if any(_is_by_cases(e) for s in slopes for e in walk(s.after)):
        return None
    outer.taken.update(ctx.taken)
    last = task.name.array if isinstance(task.name, At) else task.name
    assert isinstance(last, Symbol)
    values = [*zip(symbols, parts.values, strict=True), (last, whole)]
    introduces = tuple([Definition(s, family_value(e, task.family, ctx)) for s, e in values])
    definitions = (*task.definitions, *introduces)
    steps = [moves.name_intermediates.step(f, whole, left=task.name, picture="names", introduces=introduces, definitions=definitions,
                                           reason=told_of_factors.of_names(x, task.name, names, parts.kind))]  # fmt: skip
    found: list[Expr] = []
    at_once: list[Step] = []
    own: dict[Expr, Expr] = dict(zip(parts.values, names, strict=True))
    for part, letter in own.items():
        inner = replace(task, f=part, name=letter, definitions=definitions, term=True)
        outcome = of_part(inner, ctx, derive)
        if outcome.turned != task.column:
            raise NotTurned
        found.append(replace_parts(outcome.result, own))
        if len(outcome.steps) == 1:  # in the letters, as that of exp(t) is its value
            (step,) = outcome.steps
            linear = not depends_on(outcome.result, variable_name(x))
            (at_once if linear else steps).append(replace(step, after=found[-1], definitions=definitions))
        else:
            steps += outcome.steps
    left = jacobian(task.name, x, ctx, task.layout)
    pending = parts.rule(
        names, [jacobian(n, x, ctx, task.layout) for n in names], [jacobian(task.name, n, ctx) for n in names]
    )
    put = parts.filled(names, found, [s.after for s in slopes])
    after = plus(*(in_order(t, ctx) for t in terms_of(put)))  # the rows stay rows
    steps.append(_MOVES[parts.kind].step(jacobian(f, x, ctx, task.layout), after, left=left, via=(pending,), definitions=definitions,
                           substeps=(*slopes, *at_once),
                           reason=told_of_factors.of_rule(task.name, x, names, slopes, at_once, parts.kind)))  # fmt: skip
    put_back, back = letters_put_back(after, dict(zip(names, parts.values, strict=True)), left, definitions)
    return replace(finished([*steps, *put_back], back, ctx, left, definitions), turned=task.column)


_MOVES = {
    "quotient": moves.quotient_of_values,
    "product": moves.product_of_values,
    "function": moves.function_of_values,
}


def _parts(f: Expr, x: Expr) -> _Parts | None:
    """The numbers that ``f`` is made of, each of which depends on the array ``x``; None where there are not several."""
    if f.shape.axes or not x.shape.axes or not isinstance(f, Mul | Call | Power | Add):
        return None
    if any(isinstance(e, At) and e.array == x for e in walk(f)):  # of a few entries the partials are seen at once
        return None
    name = variable_name(x)
    if isinstance(f, Mul):
        above, below = _parted(f)
        moving = tuple(g for g in factors_of(f) if depends_on(g, name))
        if depends_on(below, name) and depends_on(above, name):
            return _Parts("quotient", (above, below))
        if 1 < len(moving) <= MOST_PARTS and all(split_base(g)[1] > 0 for g in moving):
            return _Parts("product", moving, tuple(g for g in factors_of(f) if g not in moving))
        if len(moving) > 1:
            return None
    if sum(depends_on(t, name) for t in terms_of(f)) > 1:
        return None
    found = _numbers(f, x)
    return _Parts("function", found) if found is not None and 1 < len(found) <= MOST_PARTS else None


def _numbers(f: Expr, x: Expr) -> tuple[Expr, ...] | None:
    """The numbers in f that are made of arrays, through which alone it depends on ``x``; None where there are others."""
    found: dict[Expr, None] = {}
    todo: list[Expr] = [f]
    while todo:
        e = todo.pop()
        if not depends_on(e, variable_name(x)):
            continue
        if e.shape.axes or not e.free <= f.free or _is_by_cases(e) or isinstance(e, Partial):
            return None
        moving = [c for c in children(e) if depends_on(c, variable_name(x))]
        squared = isinstance(e, Power) and isinstance(e.base, Call) and e.base.op is norm
        if isinstance(e, Sum) or squared or any(c.shape.axes for c in moving):
            found[e] = None
        else:
            todo += moving[::-1]
    return tuple(found)


def _is_by_cases(e: Expr) -> bool:
    """Whether a value is chosen by a condition."""
    kinked = isinstance(e, Call) and isinstance(e.op, Elementwise) and e.op.kink is not None
    return kinked or isinstance(e, Cases) or is_indicator(e)


def _slopes(whole: Expr, names: Sequence[Expr], y: Expr, ctx: Context) -> list[Step]:
    """How the whole changes with each of its parts, the others held."""
    steps: list[Step] = []
    for n in names:
        inner = derived_link(whole, n, y, ctx)
        steps.append(link_step(whole, n, y, inner, ctx, title=moves.derive_link.title, via=()))
    return steps


def _parted(f: Mul) -> tuple[Expr, Expr]:
    """What stands above and what stands below in a quotient."""
    factors = [split_base(g) for g in f.factors]
    above = [to_power(base, power) for base, power in factors if power >= 0]
    below = [to_power(base, -power) for base, power in factors if power < 0]
    return product(*above), product(*below)


def of_part(task: Task, ctx: Context, derive: Deriver) -> Derived:
    """The gradient of one part in one step, or by names where arrays in it are worth these."""
    if any(e.shape.axes for e in links(task.f, task.x)[:-1]):
        by_names = derive(task, ctx)
        if any(s.rule == moves.name_intermediates.name for s in by_names.steps):
            return by_names
    held = frozenset(lengths(task.f, task.x)) if not isinstance(task.f, Power) else frozenset[Expr]()
    inner = derived_link(task.f, task.x, task.name, ctx, held=held, layout=task.layout)
    step = link_step(task.f, task.x, task.name, inner, ctx, layout=task.layout)
    return Derived((step,), inner.result, task.column)
