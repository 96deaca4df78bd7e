"""The vector chain rule as a method: name the intermediates, derive each link, multiply the Jacobians."""

from __future__ import annotations

import string
from dataclasses import dataclass, replace

from derivgen.catalog.base import GENERIC, Abstract
from derivgen.catalog.build import plus, product, terms_of
from derivgen.catalog.letters import spoken
from derivgen.derivation.backward import backward_method
from derivgen.derivation.jacobian import compose, jacobian, variable_name
from derivgen.derivation.link import Task, derived_link, finished
from derivgen.derivation.links import dot_product, inner_product, links
from derivgen.derivation.naming import Letters, family_value, member
from derivgen.derivation.scalar import Derived, finish, scalar_method
from derivgen.derivation.telling import told
from derivgen.expr import (
    Add,
    At,
    Build,
    Call,
    Definition,
    Expr,
    Mul,
    Sum,
    Symbol,
    depends_on,
    interned,
    replace_parts,
    walk,
)
from derivgen.rules import moves
from derivgen.rules.engine import Context
from derivgen.rules.reason import worded
from derivgen.rules.told_of_moves import letters


def chain_method(task: Task, ctx: Context) -> Derived | None:
    """The derivation by links; None where there is nothing to name and the scalar method is the way."""
    f, x = task.f, task.x
    if not depends_on(f, variable_name(x)) or _has_generic(f):
        return None
    coefficient, core = _coefficient(f, x)
    if isinstance(core, Sum) and core.index in ctx.sample_indices:
        return _by_samples(task, ctx, coefficient, core)
    moving = [t for t in terms_of(core) if depends_on(t, variable_name(x))]
    alike = all(t.shape == core.shape for t in moving)  # a scalar among vectors would have another Jacobian
    wanted = {d.value: d.symbol for d in task.given}
    parts = links(f, x, wanted=wanted)
    shared = len(parts) > 1 and not _too_many_axes(parts, x)  # what all terms are made of is derived once
    if (
        isinstance(core, Add)
        and alike
        and len(moving) > 1
        and not shared
        and any(_composite(t, x, ctx) for t in moving)
    ):
        return _by_terms(task, ctx, coefficient, moving)
    backwards = backward_method(task, ctx)
    if backwards is not None:
        return backwards
    dot = inner_product(f, x)
    if len(parts) < 2 and dot is None:
        if task.method != "chain":
            return None
        parts = links(f, x, fine=True, wanted=wanted)
    if (len(parts) < 2 and dot is None) or _too_many_axes(parts, x):
        return None
    return _by_links(task, ctx, parts, dot)


def _has_generic(f: Expr) -> bool:
    """Whether the operator ◯ stands in f: its derivative is not known, so it is shown entry by entry."""
    return any(isinstance(e, Call) and e.op.name == GENERIC.name for e in walk(f))


def _too_many_axes(parts: list[Expr], x: Expr) -> bool:
    """Whether a Jacobian among the links would be no matrix, or their product no matrix product; entries say it then.

    A matrix may only stand at one end, with scalars all the way to the other.
    """
    ranks = [x.shape.rank, *(p.shape.rank for p in parts)]
    if max(ranks) > 1:
        return sum(ranks) > 2 or max(ranks[1:-1], default=0) > 1
    return False


def _composite(t: Expr, x: Expr, ctx: Context) -> bool:
    """Whether a term of a sum is worth a derivation of its own."""
    _, core = _coefficient(t, x)
    return (isinstance(core, Sum) and core.index in ctx.sample_indices) or len(links(t, x)) > 1


def _coefficient(f: Expr, x: Expr) -> tuple[tuple[Expr, ...], Expr]:
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
    start = jacobian(task.f, task.x, ctx)
    left = jacobian(task.name, task.x, ctx)
    letter = Letters(ctx).value(body, family)
    definition = Definition(letter, family_value(body, family, ctx))
    named = product(*coefficient, Sum(index, jacobian(member(letter, family), task.x, inner_ctx)))
    steps = [moves.derive_sample.step(start, named, left=left, introduces=(definition,), definitions=(definition,))]
    inner = derive_part(
        Task(body, task.x, member(letter, family), task.method, family, task.definitions, task.given), inner_ctx
    )
    steps += inner.steps
    total = product(*coefficient, Sum(index, inner.result))
    steps.append(moves.add_samples.step(start, total, left=left))
    return finished(steps, total, ctx, left, task.definitions)


def _by_terms(task: Task, ctx: Context, coefficient: tuple[Expr, ...], terms: list[Expr]) -> Derived:
    start = jacobian(task.f, task.x, ctx)
    left = jacobian(task.name, task.x, ctx)
    letters = Letters(ctx)
    symbols = [letters.intermediate(t, task.family) for t in terms]
    names = [member(s, task.family) for s in symbols]
    definitions = tuple(Definition(s, family_value(t, task.family, ctx)) for s, t in zip(symbols, terms, strict=True))
    after = product(*coefficient, plus(*(jacobian(n, task.x, ctx) for n in names)))
    steps = [moves.derive_terms.step(start, after, left=left, introduces=definitions, definitions=definitions)]
    results: list[Expr] = []
    for t, name in zip(terms, names, strict=True):
        inner = derive_part(Task(t, task.x, name, task.method, task.family, task.definitions, task.given), ctx)
        steps += inner.steps
        results.append(inner.result)
    total = product(*coefficient, plus(*results))
    steps.append(moves.add_terms.step(start, total, left=left))
    return finished(steps, total, ctx, left, task.definitions)


# --- the chain ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Link:
    symbol: Symbol
    value: Expr  # in the letters of the reader and of the link before
    node: Expr  # the sub-expression that it stands for, in the letters of the reader alone
    inner: Expr  # what it is derived by: the link before, or the variable


def _by_links(task: Task, ctx: Context, parts: list[Expr], dot: Expr | None) -> Derived:
    chain = _named_links(task, ctx, parts, dot)
    definitions = (*task.definitions, *(Definition(k.symbol, family_value(k.value, task.family, ctx)) for k in chain))
    names = [member(k.symbol, task.family) for k in chain]
    introduced = definitions[len(task.definitions) :]
    named = {"left": names[-1], "picture": "names", "introduces": introduced}
    steps = [moves.name_intermediates.step(task.f, chain[-1].value, definitions=definitions, **named)]
    jacobians: list[Expr] = []
    for k, link in enumerate(chain):
        inner = derived_link(link.value, link.inner, names[k], ctx)
        # The Jacobian of s = softmax(z) reads diag(s) - ssᵀ: the link's own letter is shorter than its value.
        outcome = replace_parts(inner.result, {link.value: names[k]}) if k < len(chain) - 1 else inner.result
        jacobians.append(outcome)
        title = f"Differentiate {spoken(link.symbol.name)} by {spoken(variable_name(link.inner))}"
        shown = _table_of(outcome, ctx)
        steps.append(moves.derive_link.step(jacobian(link.value, link.inner, ctx), shown, title=title, reason=told(inner.steps, ctx.book),
                                            left=jacobian(names[k], link.inner, ctx), substeps=inner.steps,
                                            via=inner.steps[0].via if len(inner.steps) == 1 else (),
                                            definitions=definitions, picture="" if shown is outcome else "table"))  # fmt: skip
    left = jacobian(names[-1], task.x, ctx)
    pending = compose([jacobian(n, k.inner, ctx) for n, k in zip(reversed(names), reversed(chain), strict=True)])
    (filled,) = interned(compose(jacobians[::-1]))  # it does not show which of the links were known
    start = jacobian(task.f, task.x, ctx)
    if pending != left:
        steps.append(moves.chain_rule.step(start, pending, left=left, definitions=definitions))
        steps.append(moves.put_links_in.step(pending, filled, left=left, definitions=definitions))
    simplified = finish(filled, ctx, left, by_cases=False)
    steps += [replace(s, definitions=definitions) for s in simplified]
    here = simplified[-1].after if simplified else filled
    # The letters stand for parts of the reader's own expression, which stay shared.
    back = replace_parts(here, {name: link.node for name, link in zip(names, chain, strict=True)})
    if back != here:
        stand_for = {name: k.node for name, k in zip(names, chain, strict=True)}
        why = letters(stand_for, set(walk(here))) or worded(moves.letters_back.sentence)
        steps.append(moves.letters_back.step(here, back, left=left, definitions=definitions, reason=why))
    return finished(steps, back, ctx, left, definitions)


def _table_of(e: Expr, ctx: Context) -> Expr:
    """The Jacobian of a function that is only declared, as the table of its partials; anything else as it is."""
    if not (isinstance(e, Call) and isinstance(e.op, Abstract) and e.shape.rank == 2):
        return e
    ctx = ctx.local()
    places = tuple(ctx.fresh(d) for d in e.shape.axes)
    return Build(places, At(e, places))


def _named_links(task: Task, ctx: Context, parts: list[Expr], dot: Expr | None) -> list[_Link]:
    inner: Expr = task.x
    before: Expr = task.x  # the sub-expression that ``inner`` names
    nodes: list[tuple[Expr, Expr]] = []  # what is named, and as which expression it is shown
    if dot is not None:
        # The lecture's way: wᵀx is the sum of the entries of w ⊗ x.
        entries, total = dot_product(dot)
        nodes += [(entries, entries), (dot, total)]
        parts = parts[1:] if parts[0] == dot else parts
    nodes += [(p, p) for p in parts]
    letters = Letters(ctx, numbered=string.ascii_letters if len(nodes) > 6 else "")
    given = {d.value: d.symbol for d in reversed(task.given)}
    chain: list[_Link] = []
    for k, (node, shown) in enumerate(nodes):
        value = replace_parts(shown, {before: inner}) if k else shown
        if k == len(nodes) - 1:
            symbol = task.name.array if isinstance(task.name, At) else task.name
            assert isinstance(symbol, Symbol)
        else:
            symbol = given.get(node) or letters.intermediate(shown, task.family)
        chain.append(_Link(symbol, value, node, inner))
        inner, before = member(symbol, task.family), node
    return chain


def derive_part(task: Task, ctx: Context) -> Derived:
    """The derivative of a part, by whichever method suits it."""
    if task.method != "scalar":
        outcome = chain_method(task, ctx)
        if outcome is not None:
            return outcome
    return scalar_method(task.f, task.x, task.name, ctx, definitions=task.definitions)
