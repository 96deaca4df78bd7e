"""Which method derives a composite: the plainest that suits it, its terms by themselves, or the chain of its links."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from derivgen.catalog.base import GENERIC
from derivgen.catalog.build import plus, product, terms_of
from derivgen.catalog.linear import transpose
from derivgen.derivation.jacobian import jacobian, variable_name
from derivgen.derivation.methods.backward import backward_method
from derivgen.derivation.methods.differential import differential_method
from derivgen.derivation.methods.factors import factors_method
from derivgen.derivation.methods.fanned import fanned_method
from derivgen.derivation.methods.link import NotTurned, Task, derived_link, finished, link_step
from derivgen.derivation.methods.linked import by_links, too_many_axes
from derivgen.derivation.methods.rate import moving_matrix, rate_method
from derivgen.derivation.methods.routine import in_brief
from derivgen.derivation.methods.scalar import Derived, in_order, scalar_method
from derivgen.derivation.methods.scaled import scaled_method
from derivgen.derivation.words.folding import opened
from derivgen.derivation.words.left_over import without_unseen_turns
from derivgen.derivation.words.links import inner_product, is_linear, is_log_sigmoid, is_shifted, links
from derivgen.derivation.words.naming import Letters, family_value, member
from derivgen.derivation.words.telling import in_a_sum, simplified, told
from derivgen.expr import (
    Add,
    At,
    Call,
    Definition,
    Dim,
    Expr,
    Mul,
    Sum,
    depends_on,
    rename,
    walk,
)
from derivgen.rules import moves
from derivgen.rules.cases import is_indicator
from derivgen.rules.data_sums import samples_as_product
from derivgen.rules.engine import Context
from derivgen.rules.reason import Reason
from derivgen.rules.step import Step
from derivgen.rules.told_of_sums import of_number_in_front, of_samples

LECTURED = 2
"""How many links a chain has in which an inner product is taken apart, as the lecture does with that of a neuron."""


def chain_method(task: Task, ctx: Context) -> Derived | None:
    """The derivation by links; None where there is nothing to name and the scalar method is the way.

    It is in the layout of the task where it says that it is ``turned``, else in numerator layout: some ways know no other.
    """
    if not task.column:
        return _chain_method(task, ctx)
    taken = set(ctx.taken)
    try:
        return _chain_method(task, ctx)
    except NotTurned:
        ctx.taken.clear()
        ctx.taken.update(taken)
        return _chain_method(replace(task, column=False), ctx)


def _chain_method(task: Task, ctx: Context) -> Derived | None:
    """The same, with another layout in some part or not."""
    f, x = task.f, task.x
    if not depends_on(f, variable_name(x)) or _has_generic(f) or is_indicator(f):
        return None  # of a condition the slope is 0, whatever it is made of
    by_change = differential_method(task, ctx) or rate_method(task, ctx)
    if by_change is not None:
        return by_change
    joined = joined_sums(f, x, ctx)
    if joined is not None:
        step = moves.join_sums.step(f, joined, left=task.name, definitions=task.definitions)
        rest = derive_part(replace(task, f=joined), ctx)
        return replace(rest, steps=(step, *rest.steps))
    coefficient, core = _beside_constants(f, x, ctx)
    if isinstance(core, Sum) and core.index in ctx.sample_indices:
        return None if _has_own_entry(core, x) else _by_samples(task, ctx, coefficient, core)
    moving = [t for t in terms_of(core) if depends_on(t, variable_name(x))]
    alike = all(t.shape == core.shape for t in moving)  # a scalar among vectors would have another Jacobian
    wanted = {d.value: d.symbol for d in task.given}
    parts = links(f, x, wanted=wanted)
    parts = parts[1:] if task.twice and is_shifted(parts[0], x) else parts
    fanned = fanned_method(task, ctx, parts, derive_part) if task.method == "auto" else None
    if fanned is not None:
        return fanned
    shared = len(parts) > 1 and not too_many_axes(parts, x)  # what all terms are made of is derived once
    backwards = backward_method(task, ctx) if len(parts) > 1 and not shared else None
    if backwards is not None:  # what all terms are made of has a letter
        return backwards
    if (
        isinstance(core, Add)
        and alike
        and len(moving) > 1
        and not shared
        and any(_composite(t, x, ctx) for t in moving)
    ):
        return _by_terms(task, ctx, coefficient, _together(moving, x, wanted))
    if len(parts) < 2 and task.method == "auto":
        by_factors = factors_method(task, ctx, derive_part) or scaled_method(task, ctx, derive_part)
        if by_factors is not None:
            return by_factors
    backwards = backward_method(task, ctx) if len(parts) < 2 or shared else None
    if backwards is not None:
        return backwards
    # of each sample, and of each term of a sum, the products are not written out again
    # and so it is where the number that the products add up to is itself only the first of several
    further = task.family or task.term or len(parts) > LECTURED or any(map(is_log_sigmoid, walk(parts[-1])))
    by_entries = task.method == "chain" or not further
    dot = inner_product(f, x) if by_entries else None
    if len(parts) < 2 and dot is None:
        if task.method != "chain":
            return None
        parts = links(f, x, fine=True, wanted=wanted)
    if (len(parts) < 2 and dot is None) or too_many_axes(parts, x):
        return None
    return by_links(task, ctx, parts, dot)


def joined_sums(f: Expr, x: Expr, ctx: Context) -> Expr | None:
    """Sums over the same samples as one; None where there are not several, or nothing in their terms is shared."""
    sums: dict[Dim, list[Sum]] = {}
    others: list[Expr] = []
    for t in terms_of(f):
        front, core = coefficient_of(t, x)
        if isinstance(core, Sum) and _over_samples(t, x, ctx):
            sums.setdefault(core.index.dim, []).append(Sum(core.index, product(*front, core.body)))
        else:
            others.append(t)
    found = next((alike for alike in sums.values() if len(alike) > 1), None)
    if found is None:
        return None
    first, *more = found
    bodies = [first.body, *(rename(s.body, {s.index: first.index}) for s in more)]
    parts = [
        {e for e in walk(b) if e not in (b, x, Call(transpose, (x,))) and depends_on(e, variable_name(x))}
        for b in bodies
    ]
    if len(sums) > 1 or not set.intersection(*parts):
        return None
    return plus(Sum(first.index, plus(*bodies)), *others)


def _together(terms: list[Expr], x: Expr, wanted: Collection[Expr]) -> list[Expr]:
    """The terms, those added up that x reaches by one link: with h = σ(Xw), both logarithms of a cross-entropy."""
    groups: list[list[Expr]] = []
    for t in terms:
        for group in groups:
            parts = links(plus(*group, t), x, wanted=wanted)
            if len(parts) > 1 and not too_many_axes(parts, x):
                group.append(t)
                break
        else:
            groups.append([t])
    return [plus(*group) for group in groups]


def _has_generic(f: Expr) -> bool:
    """Whether the operator ◯ stands in f: its derivative is not known, so it is shown entry by entry."""
    return any(isinstance(e, Call) and e.op.name == GENERIC.name for e in walk(f))


def _composite(t: Expr, x: Expr, ctx: Context) -> bool:
    """Whether a term of a sum is worth a derivation of its own."""
    linear = x.shape.rank == 1 and is_linear(t, variable_name(x))  # also over samples it is one thought
    return (_over_samples(t, x, ctx) and not linear) or len(links(t, x)) > 1 or moving_matrix(t, x) is not None


def _over_samples(t: Expr, x: Expr, ctx: Context) -> bool:
    _, core = coefficient_of(t, x)
    return isinstance(core, Sum) and core.index in ctx.sample_indices and not _has_own_entry(core, x)


def _beside_constants(f: Expr, x: Expr, ctx: Context) -> tuple[tuple[Expr, ...], Expr]:
    """Constant scalar factors, and what is left; of a sum over samples also where only constants are added to it."""
    coefficient, core = coefficient_of(f, x)
    moving = [t for t in terms_of(core) if depends_on(t, variable_name(x))]
    if len(moving) != 1 or not isinstance(core, Add) or not _over_samples(moving[0], x, ctx):
        return coefficient, core
    front, samples = coefficient_of(moving[0], x)
    return (*coefficient, *front), samples


def _has_own_entry(samples: Sum, x: Expr) -> bool:
    """Whether each sample reads an entry, or a row, of the variable that is its own: then one is no picture of the others."""
    return any(isinstance(e, At) and e.array == x and samples.index in e.places for e in walk(samples.body))


def coefficient_of(f: Expr, x: Expr) -> tuple[tuple[Expr, ...], Expr]:
    """Constant scalar factors, and what is left."""
    if not isinstance(f, Mul):
        return (), f
    name = variable_name(x)
    outside = tuple(g for g in f.factors if not g.shape.axes and not depends_on(g, name))
    inside = tuple(g for g in f.factors if g not in outside)
    return outside, product(*inside)


# --- a sum over the samples, a sum of terms -----------------------------------------------------------------------------


def _by_samples(task: Task, ctx: Context, coefficient: tuple[Expr, ...], core: Sum) -> Derived:
    inner_ctx = ctx.about(variable_name(task.x), frozenset((core.index,)))
    family = (*task.family, core.index)
    body, index = core.body, core.index
    start = jacobian(task.f, task.x, ctx, task.layout)
    left = jacobian(task.name, task.x, ctx, task.layout)
    letter = Letters(ctx).value(body, family)
    definition = Definition(letter, family_value(body, family, ctx))
    named = product(*coefficient, Sum(index, jacobian(member(letter, family), task.x, inner_ctx, task.layout)))
    steps = [moves.derive_sample.step(start, named, left=left, introduces=(definition,), definitions=(definition,))]
    inner = derive_part(replace(task, f=body, name=member(letter, family), family=family, term=False), inner_ctx)
    if inner.turned != task.column:
        raise NotTurned
    total = product(*coefficient, Sum(index, inner.result))
    *before, last = inner.steps
    back = bool(before) and last.rule == moves.letters_back.name and before[-1].left == last.left
    here = last.before if back else inner.result
    lettered = in_order(product(*coefficient, Sum(index, here)), inner_ctx)
    steps += before if back else inner.steps
    why = of_samples(left, named).also(of_number_in_front(here, lettered) or Reason())
    adding = moves.add_samples.step(
        start if task.x.shape.axes else named, total, left=left, reason=why,
        definitions=(*last.definitions, definition) if back else (definition,), via=(lettered,) if back else (),
    )  # fmt: skip
    found = finished([*steps, adding], total, ctx, left, task.definitions)
    if not back:
        return replace(found, turned=task.column)
    added = found.steps[len(steps)]
    added = replace(added, reason=without_unseen_turns(why + last.reason, added.after))
    return Derived((*steps, added, *found.steps[len(steps) + 1 :]), found.result, task.column)


def _by_terms(task: Task, ctx: Context, coefficient: tuple[Expr, ...], terms: list[Expr]) -> Derived:
    start = jacobian(task.f, task.x, ctx, task.layout)
    left = jacobian(task.name, task.x, ctx, task.layout)
    letters = Letters(ctx)
    symbols = [letters.intermediate(t, task.family) for t in terms]
    names = [member(s, task.family) for s in symbols]
    definitions = tuple(Definition(s, family_value(t, task.family, ctx)) for s, t in zip(symbols, terms, strict=True))
    after = product(*coefficient, plus(*(jacobian(n, task.x, ctx, task.layout) for n in names)))
    steps = [moves.derive_terms.step(start, after, left=left, introduces=definitions, definitions=definitions)]
    results: list[Expr] = []
    for t, name in zip(terms, names, strict=True):
        part = replace(task, f=t, name=name, term=True)
        inner = _by_entries(part, ctx) or derive_part(part, ctx)
        if inner.turned != task.column:
            raise NotTurned
        steps += inner.steps
        results.append(inner.result)
    total = product(*coefficient, plus(*results))
    steps = in_brief(steps, 1) if task.method == "auto" else steps
    steps.append(moves.add_terms.step(start if task.x.shape.axes else after, total, left=left, definitions=definitions))
    return replace(finished(steps, total, ctx, left, task.definitions), turned=task.column)


def _by_entries(task: Task, ctx: Context) -> Derived | None:
    """A term without a link, such as an inner product with the variable, in one step; None where it is worth more."""
    t, x, name = task.f, task.x, task.name
    if _composite(t, x, ctx) or _has_generic(t):
        return None
    inner = derived_link(t, x, name, ctx, layout=task.layout)
    if x.shape.rank > 1 and not in_a_sum(inner.steps):  # the entries have places in a matrix
        return None
    steps, result, left = inner.steps, inner.result, jacobian(name, x, ctx, task.layout)
    more: tuple[Step, ...] = ()
    said: dict[str, Any] = {}
    if len(steps) > 1 and (last := simplified(opened(steps))) is not None:
        if last.rule == samples_as_product.name:
            said = {"via": (last.before,), "reason": told(steps[:-1], ctx.book).first + last.reason.first}
        else:  # that Mᵀ is M is a thought of its own
            steps, more, result = steps[:-1], (replace(last, left=left),), last.before
    step = link_step(t, x, name, Derived(steps, result), ctx, layout=task.layout, **said)
    return Derived((step, *more), inner.result, task.column)


def derive_part(task: Task, ctx: Context) -> Derived:
    """The derivative of a part, by whichever method suits it."""
    if task.method != "scalar":
        outcome = chain_method(task, ctx)
        if outcome is not None:
            return outcome
    found = scalar_method(task.f, task.x, task.name, ctx, task.layout, task.definitions)
    return replace(found, turned=task.column)
