"""The second derivative of a scalar: the Jacobian of its gradient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from derivgen.catalog.build import plus, terms_of, transposed
from derivgen.catalog.letters import spoken
from derivgen.catalog.linear import matmul
from derivgen.derivation.jacobian import jacobian, second_definition, turned, variable_name
from derivgen.derivation.methods.chain import derive_part
from derivgen.derivation.methods.entrywise import by_entries, entrywise, stands_apart
from derivgen.derivation.methods.known_slope import by_known_slope
from derivgen.derivation.methods.link import Task, derived_link, link_step
from derivgen.derivation.methods.routine import in_brief
from derivgen.derivation.methods.scalar import Derived, finish, in_order, lengths, scalar_method
from derivgen.derivation.methods.softened import Softened, softened
from derivgen.derivation.methods.through import AS_COLUMN, through_letter
from derivgen.derivation.words.directions import in_letter
from derivgen.derivation.words.links import is_linear, links
from derivgen.derivation.words.naming import Letters
from derivgen.derivation.words.telling import lines_between, told
from derivgen.errors import NoRule
from derivgen.expr import ZERO, Call, Definition, Expr, Symbol, depends_on, substitute, walk
from derivgen.options import Method
from derivgen.rules import moves, told_of_hessians
from derivgen.rules.arithmetic import filled as filled_with
from derivgen.rules.engine import Context
from derivgen.rules.step import end_of


@dataclass(frozen=True, slots=True)
class Twice:
    """A scalar that is derived twice by a scalar or a vector."""

    f: Expr
    x: Symbol
    name: Symbol
    method: Method
    term: bool = False  # whether it is one term of several, of which a simple one is told in one step


def refuse_twice(f: Expr, x: Symbol) -> None:
    """Refuse what has no matrix of second derivatives.

    Raises:
        NoRule: f is no scalar, or x is a matrix.
    """
    if f.shape.axes or x.shape.rank > 1:
        raise NoRule(
            f"a second derivative is taken of a scalar by a scalar or a vector; this is a {f.shape} by a {x.shape}",
            hint="derive it once (order 1), or sum its entries",
        )


def hessian_method(task: Twice, ctx: Context) -> Derived:
    """Derive once, write the gradient as a column, derive again."""
    whole, task = task, _without_simplex(task)
    alone = Task(task.f, task.x, task.name, task.method, term=task.term)
    through = through_letter(alone, ctx) if task.method != "scalar" else None
    if through is not None:
        return Derived(through.steps, substitute(through.result, {whole.x.name: whole.x}))
    by_terms = _by_terms(task, ctx) if task.method != "scalar" else None
    if by_terms is not None:
        return Derived(by_terms.steps, substitute(by_terms.result, {whole.x.name: whole.x}))
    if task.method == "auto" and stands_apart(task.f, task.x):
        once = scalar_method(task.f, task.x, task.name, ctx)
        if not any(
            isinstance(e, Call) and e.op is matmul for e in walk(task.f)
        ):  # it is printed by its entries already
            once = replace(once, steps=tuple([s for s in once.steps if s.left != task.name]))
    else:
        once = derive_part(Task(task.f, task.x, task.name, task.method, twice=True), ctx)
    ctx = ctx.local()
    named = second_definition(task.name, task.x, ctx)
    apart = entrywise(once.steps, task.x, ctx, named) if task.method != "scalar" else None
    if apart is not None and not (task.term and not depends_on(apart.second, task.x.name)):
        found = by_entries(apart, second_definition(task.f, task.x, ctx), task.x, named)
        return Derived(found.steps, substitute(found.result, {whole.x.name: whole.x}))
    column = in_order(transposed(once.result), ctx) if task.x.shape.axes else once.result
    tidied = finish(column, ctx, task.name) if task.x.shape.axes else []
    value = end_of(tidied, column)
    soft = softened(value, task.x, ctx, (Definition(task.name, task.f),)) if task.method != "scalar" else None
    if soft is not None:
        by_softmax = _by_softmax(task, once, soft, ctx)
        return Derived(by_softmax.steps, substitute(by_softmax.result, {whole.x.name: whole.x}))
    known = by_known_slope(task.f, task.x, task.name, once, value, ctx) if task.method != "scalar" else None
    if known is not None:
        return Derived(known.steps, substitute(known.result, {whole.x.name: whole.x}))
    letter = Letters(ctx).gradient(value)
    definition = Definition(letter, value)
    own = Definition(task.name, task.f)
    first = moves.first_derivative.step(turned(jacobian(task.name, task.x, ctx)), value, left=letter,
                                        introduces=(definition,), definitions=(own, definition),
                                        reason=told_of_hessians.of_gradient(jacobian(task.name, task.x, ctx), letter, None),
                                        title=AS_COLUMN if task.x.shape.axes else moves.first_derivative.title)  # fmt: skip
    again = _again(Task(value, task.x, letter, task.method, definitions=(own, definition), term=task.term), ctx)
    kept = (own, definition) if depends_on(again.result, letter.name) else ()
    last = moves.hessian.step(second_definition(task.f, task.x, ctx), again.result,
                              left=named, definitions=kept,
                              reason=told_of_hessians.of_second(task.name, letter, jacobian(letter, task.x, ctx)))  # fmt: skip
    result = again.steps[-1].via[-1] if kept else again.result  # in the letters of the question
    return Derived((*once.steps, first, *again.steps, last), substitute(result, {whole.x.name: whole.x}))


def _by_terms(task: Twice, ctx: Context) -> Derived | None:
    """The Hessian of a sum as the sum of those of its terms, where one of them goes through a letter of its own."""
    f, x = task.f, task.x
    terms = [t for t in terms_of(f) if depends_on(t, x.name)]
    if (
        len(terms) < 2
        or not x.shape.axes
        or all(through_letter(Task(t, x, task.name, task.method), ctx) is None for t in terms)
    ):
        return None
    letters = Letters(ctx)
    straight = [t for t in terms if is_linear(t, x.name)]
    if len(terms) == len(straight) + 1:
        (curved,) = (t for t in terms if t not in straight)
        return _beside_linear(task, curved, straight, letters, ctx)
    names = [letters.intermediate(t) for t in terms]
    own = tuple([Definition(n, t) for n, t in zip(names, terms, strict=True)])
    left = second_definition(task.name, x, ctx)
    after = plus(*(second_definition(n, x, ctx) for n in names))
    steps = [moves.derive_terms.step(second_definition(f, x, ctx), after, left=left, introduces=own, definitions=own)]
    found: list[Expr] = []
    for n, t in zip(names, terms, strict=True):
        inner = (
            _of_linear(n, t, x, ctx)
            if is_linear(t, x.name)
            else hessian_method(Twice(t, x, n, task.method, term=True), ctx)
        )
        ctx.taken.update(d.symbol.name for s in inner.steps for d in s.introduces)  # one letter is one thing
        inner = _at_once(n, t, x, inner, ctx)
        steps += [replace(s, definitions=(*own, *(d for d in s.definitions if d not in own))) for s in inner.steps]
        found.append(inner.result)
    total = in_order(plus(*found), ctx)
    steps = in_brief(steps, 1) if task.method == "auto" else steps
    tidied = finish(total, ctx, left, by_cases=False)
    result = end_of(tidied, total)
    last = moves.add_terms.step(after, result, left=left, definitions=own, via=(total,) if tidied else (), substeps=tuple(tidied),
                                reason=told_of_hessians.of_sum(task.name, names))  # fmt: skip
    return Derived((*steps, last), result)


def _beside_linear(task: Twice, curved: Expr, straight: Sequence[Expr], letters: Letters, ctx: Context) -> Derived:
    """The Hessian of a sum of which one term alone has one that is not zero: that of this term."""
    x, n = task.x, letters.intermediate(curved)
    own = (Definition(n, curved),)
    of_sum, of_one = (second_definition(e, x, ctx) for e in (task.name, n))
    step = moves.derive_terms.step(second_definition(task.f, x, ctx), of_one, left=of_sum, introduces=own, definitions=own,
                                   reason=told_of_hessians.of_linear_terms(task.name, n, x, straight))  # fmt: skip
    inner = hessian_method(Twice(curved, x, n, task.method), ctx)
    steps = [replace(s, left=of_sum if s.left == of_one else s.left,
                     definitions=(*own, *(d for d in s.definitions if d not in own))) for s in inner.steps]  # fmt: skip
    return Derived((step, *steps), inner.result)


def _of_linear(n: Symbol, t: Expr, x: Symbol, ctx: Context) -> Derived:
    """The Hessian of a linear term: none, as its gradient is constant."""
    row = derived_link(t, x, n, ctx).result
    left = second_definition(n, x, ctx)
    zero = filled_with(ZERO, left.shape)
    step = moves.hessian.step(second_definition(t, x, ctx), zero, left=left, title=f"The Hessian of {spoken(n.name)}",
                              reason=told_of_hessians.of_linear(n, x, jacobian(n, x, ctx), row))  # fmt: skip
    return Derived((step,), zero)


def _at_once(n: Symbol, t: Expr, x: Symbol, inner: Derived, ctx: Context) -> Derived:
    """The Hessian of a term without names as one step where its gradient is linear, as that of a square, else with one for that."""
    k = next((k for k, s in enumerate(inner.steps) if s.rule == moves.first_derivative.name), 0)
    first = inner.steps[:k]
    if not k or any(s.introduces for s in first):
        return inner
    if not is_linear(inner.steps[k].after, x.name):
        gradient = link_step(t, x, n, Derived(first, first[-1].after), ctx)
        return replace(inner, steps=(gradient, *inner.steps[k:]))
    row = inner.steps[k - 1].after
    left = second_definition(n, x, ctx)
    why = told(first, ctx.book) + told_of_hessians.of_term_at_once(
        jacobian(n, x, ctx), row, inner.steps[k].after, inner.result
    )
    step = moves.hessian.step(second_definition(t, x, ctx), inner.result, left=left, substeps=inner.steps, reason=why,
                              title=f"The Hessian of {spoken(n.name)}")  # fmt: skip
    return Derived((step,), inner.result)


def _again(task: Task, ctx: Context) -> Derived:
    """The Jacobian of a gradient; in one step where that is of a length, whose slope is known by now, or linear."""
    value, x = task.f, task.x
    plain = bool(x.shape.axes) and (bool(lengths(value, x)) or is_linear(value, variable_name(x)))
    if task.method == "scalar" or not plain or len(links(value, x)) > 1:
        return derive_part(task, ctx)
    inner = derived_link(value, x, task.name, ctx)
    by_letter = inner.result if task.term else in_letter(inner.result, value, task.name)
    if by_letter == inner.result:
        return Derived((link_step(value, x, task.name, inner, ctx),), inner.result)
    via = (*lines_between(inner.steps, inner.result), inner.result)
    step = link_step(value, x, task.name, inner, ctx, after=by_letter, via=via, definitions=task.definitions)
    return Derived((step,), by_letter)


def _by_softmax(task: Twice, once: Derived, soft: Softened, ctx: Context) -> Derived:
    """The Hessian by the letter of a softmax that stands in the gradient, which the last line keeps."""
    x, g = task.x, soft.gradient.symbol
    named, left = (Definition(task.name, task.f), *soft.introduces), second_definition(task.name, x, ctx)
    first = moves.first_derivative.step(turned(jacobian(task.name, x, ctx)), soft.gradient.value, left=g, introduces=soft.introduces,
                                        definitions=named, title=AS_COLUMN,
                                        reason=told_of_hessians.of_gradient(jacobian(task.name, x, ctx), g, None))  # fmt: skip
    pending, filled = soft.chained((), ctx)
    put = in_order(filled, ctx)
    tidied = finish(put, ctx, left, by_cases=False)
    after = end_of(tidied, put)
    via = tuple(dict.fromkeys((jacobian(g, x, ctx), pending)))
    last = moves.hessian.step(second_definition(task.f, x, ctx), after, left=left, via=via, definitions=named,
                              substeps=tuple(replace(s, definitions=named) for s in tidied),
                              reason=soft.why(task.name, x, (), ctx))  # fmt: skip
    back = in_order(soft.put_back(after), ctx)
    ends = finish(back, ctx, left, by_cases=False)
    return Derived((*once.steps, first, *soft.steps, last), end_of(ends, back))


def _without_simplex(task: Twice) -> Twice:
    """The task without the property that entries sum to one: it must not be used in what is derived again."""
    if "simplex" not in task.x.traits:
        return task
    x = Symbol(task.x.name, task.x.space, tuple(t for t in task.x.traits if t != "simplex"))
    return replace(task, f=substitute(task.f, {x.name: x}), x=x)
