"""The vector chain rule as a method: name the intermediates, derive each link, multiply the Jacobians."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from derivgen.catalog.base import GENERIC, Abstract
from derivgen.catalog.build import plus, product, terms_of
from derivgen.catalog.letters import spoken
from derivgen.catalog.user_functions import user_functions
from derivgen.derivation.jacobian import compose, jacobian, variable_name
from derivgen.derivation.links import dot_product, inner_product, links
from derivgen.derivation.naming import Letters, family_value, member
from derivgen.derivation.scalar import Derived, finish, in_order, scalar_method
from derivgen.expr import (
    Add,
    At,
    Build,
    Call,
    Definition,
    Expr,
    Index,
    Mul,
    Sum,
    Symbol,
    could_be_index,
    depends_on,
    interned,
    replace_parts,
    walk,
)
from derivgen.options import Method
from derivgen.rules import moves
from derivgen.rules.book import Book
from derivgen.rules.engine import Context
from derivgen.rules.rule import Stage
from derivgen.rules.step import Step

SETTING_UP = ("write-jacobian", "element-wise-condition", "variable", "constant-factor")
"""Steps whose reason does not tell what a derivative came from."""

LINKS_REMEMBERED = 64
"""How many links are known again when another chain has them: the sum of the entries, the ramp, the logistic function."""

UNREAD = 20_000
"""Nodes of an answer, written out, from which on it is printed in the names of the links only: it needs no better form."""


@dataclass(frozen=True, slots=True)
class Task:
    """One derivative to be found, in numerator layout.

    ``family`` are the indices of the reader's sums around ``f``; ``name`` is what the left-hand side calls it;
    ``definitions`` are the names in force; ``given`` are names that the reader wants to see used.
    """

    f: Expr
    x: Expr
    name: Expr
    method: Method
    family: tuple[Index, ...] = ()
    definitions: tuple[Definition, ...] = ()
    given: tuple[Definition, ...] = ()


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
    return _finished(steps, total, ctx, left, task.definitions)


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
    return _finished(steps, total, ctx, left, task.definitions)


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
    taken = frozenset(name for name in ctx.taken if could_be_index(name))
    for k, link in enumerate(chain):
        laws = tuple([f.derivatives for f in user_functions(link.value).values()])
        inner = _derived(link.value, link.inner, names[k], ctx.book, taken, ctx.sample_indices, laws)
        # The Jacobian of s = softmax(z) reads diag(s) - ssᵀ: the link's own letter is shorter than its value.
        outcome = replace_parts(inner.result, {link.value: names[k]}) if k < len(chain) - 1 else inner.result
        jacobians.append(outcome)
        title = f"Differentiate {spoken(link.symbol.name)} by {spoken(variable_name(link.inner))}"
        shown = _table_of(outcome, ctx)
        steps.append(moves.derive_link.step(jacobian(link.value, link.inner, ctx), shown, title=title, reason=_main_reason(inner, ctx.book),
                                            left=jacobian(names[k], link.inner, ctx), substeps=inner.steps,
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
        steps.append(moves.letters_back.step(here, back, left=left, definitions=definitions))
    return _finished(steps, back, ctx, left, definitions)


@lru_cache(maxsize=LINKS_REMEMBERED)
def _derived(value: Expr, inner: Expr, name: Expr, book: Book, taken: frozenset[str], sample_indices: frozenset[Index],
             laws: tuple[object, ...]) -> Derived:  # fmt: skip
    """The derivative of a link: a question of its own, which other chains ask too. Its letters are free here.

    ``laws`` are the derivatives of the reader's own functions in it, for two are equal by their formulas alone.
    """
    value, inner, name = interned(value, inner, name)  # nothing of the chain that happens to ask first
    return scalar_method(value, inner, name, Context(book, set(taken), sample_indices, question=(value,)))


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
    letters = Letters(ctx, numbered=len(nodes) > 6)
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


def _main_reason(inner: Derived, book: Book) -> str:
    """The reason that stands for a folded derivation: the law of calculus in it, else what puts it together."""
    laws = [s for s in inner.steps if s.stage == Stage.DIFFERENTIATE and s.rule not in SETTING_UP]
    telling = [s for s in laws if not getattr(book.by_name.get(s.rule), "silent", False)]
    titles = list(dict.fromkeys(s.title[0].lower() + s.title[1:] for s in telling))
    if len(titles) > 1:
        return f"Entry by entry, by {', '.join(titles[:-1])} and {titles[-1]}."
    placing = [s for s in inner.steps if s.stage in (Stage.RECOMBINE, Stage.CHAIN)]
    return (telling or laws or placing or list(inner.steps))[0].reason


def _finished(steps: list[Step], e: Expr, ctx: Context, left: Expr, definitions: tuple[Definition, ...]) -> Derived:
    if e.written <= UNREAD:
        tidied = in_order(e, ctx)
        if tidied != e:
            steps[-1] = replace(steps[-1], after=tidied)
        steps += finish(tidied, ctx, left)
    result = steps[-1].after
    return Derived(tuple(replace(s, definitions=s.definitions or definitions) for s in steps), result)


def derive_part(task: Task, ctx: Context) -> Derived:
    """The derivative of a part, by whichever method suits it."""
    if task.method != "scalar":
        outcome = chain_method(task, ctx)
        if outcome is not None:
            return outcome
    return scalar_method(task.f, task.x, task.name, ctx, definitions=task.definitions)
