"""A Hessian through one letter: where a scalar depends on the variable through r alone, and r linearly, r is named once."""

from __future__ import annotations

from dataclasses import dataclass, replace

from derivgen.catalog.build import product, split_coefficient, transposed
from derivgen.catalog.linear import matmul
from derivgen.derivation.jacobian import compose, jacobian, second_definition, turned, variable_name
from derivgen.derivation.methods.chain import coefficient_of
from derivgen.derivation.methods.linear_inside import by_linear_number
from derivgen.derivation.methods.link import Task, derived_link, link_step, put_back_and_read
from derivgen.derivation.methods.linked import Product, multiplied, too_many_axes
from derivgen.derivation.methods.scalar import Derived, finish, in_order
from derivgen.derivation.methods.softened import Softened, softened
from derivgen.derivation.words.links import is_shifted, links
from derivgen.derivation.words.naming import Letters, family_value, member
from derivgen.derivation.words.telling import told
from derivgen.expr import (
    Call,
    Definition,
    Expr,
    Index,
    Sum,
    Symbol,
    depends_on,
    indices_in,
    replace_parts,
)
from derivgen.rules import moves, told_of_hessians
from derivgen.rules.axis_parts import fresh_places
from derivgen.rules.engine import Context
from derivgen.rules.step import Step, end_of

AS_COLUMN = "Write the gradient as a column"


@dataclass(frozen=True, slots=True)
class _Terms:
    """A scalar as a constant times one value, or times a sum of such over samples."""

    coefficient: tuple[Expr, ...]
    index: Index | None
    body: Expr

    def of(self, e: Expr) -> Expr:
        """The whole of which ``e`` is one term."""
        return product(*self.coefficient, e if self.index is None else Sum(self.index, e))


def through_letter(task: Task, ctx: Context) -> Derived | None:
    """The second derivative of f(r) with r linear in x; None where no letter stands between in that way.

    The gradient stays in the letter r, whose Jacobian is known when it is derived again.
    """
    f, x = task.f, task.x
    ctx = ctx.local()  # the letters of an attempt that fails are free again
    coefficient, core = coefficient_of(f, x)
    over = core.index if isinstance(core, Sum) and core.index in ctx.sample_indices else None
    terms = _Terms(coefficient, over, core.body if isinstance(core, Sum) and over is not None else core)
    if over is None and coefficient:
        terms = _Terms((), None, f)
    family = (over,) if over is not None else ()
    parts = links(terms.body, x)
    if len(parts) < 2 or too_many_axes(parts, x):
        return None
    if is_shifted(parts[0], x) and not (isinstance(core, Call) and core.op is matmul):
        return None  # of a function of (x - m)ᵀS⁻¹(x - m) the form is what is worth a letter
    assert isinstance(x, Symbol)
    assert isinstance(task.name, Symbol)
    by_number = by_linear_number(task, terms.body, parts, family, terms.of, ctx)
    if by_number is not None:
        return by_number
    inner = ctx.about(variable_name(x), frozenset(family))
    steps: list[Step] = []
    name: Expr = task.name
    if family:
        letter = Letters(ctx).value(terms.body, family)
        name = member(letter, family)
        sample = Definition(letter, family_value(terms.body, family, ctx))
        pending = terms.of(jacobian(name, x, inner))
        steps.append(moves.derive_sample.step(jacobian(f, x, ctx), pending, left=jacobian(task.name, x, ctx),
                                              introduces=(sample,), definitions=(sample,)))  # fmt: skip
    once = multiplied(Task(terms.body, x, name, task.method, family), inner, parts, None)
    column = _in_first_letter(once, x, inner)
    if column is None:
        return None
    return _again(task, terms, once, column, family, [*steps, *once.steps], inner)


def _in_first_letter(once: Product, x: Expr, ctx: Context) -> Expr | None:
    """The gradient of one term as a column in the letter of the innermost link; None where x stands in it besides."""
    row = once.result
    for name, link in zip(once.names[:0:-1], once.links[:0:-1], strict=True):
        row = replace_parts(row, {name: link.value})
    column = in_order(turned(row) if not row.shape.row else transposed(row), ctx) if row.shape.axes else row
    names = (x, *once.names)
    linear = not any(depends_on(once.jacobians[0], variable_name(n)) for n in names)
    alone = linear and not depends_on(column, variable_name(x))
    return column if alone and depends_on(column, variable_name(once.names[0])) else None


def _again(
    task: Task, terms: _Terms, once: Product, column: Expr, family: tuple[Index, ...], steps: list[Step], ctx: Context
) -> Derived:
    """The gradient, and its own derivative by the same letter."""
    x, r = task.x, once.names[0]
    definitions = once.definitions
    letters = Letters(ctx)
    total = in_order(terms.of(column), ctx)
    soft = softened(total, r, ctx, definitions) if not family else None
    gradient = soft.gradient if soft is not None else Definition(letters.gradient(total), total)
    g = gradient.symbol
    introduced = soft.introduces if soft is not None else (gradient,)
    definitions = (*definitions, *introduced)
    assert isinstance(task.name, Symbol)
    assert isinstance(x, Symbol)
    definitions = (*definitions, Definition(task.name, task.f))
    start = jacobian(task.name, x, ctx)
    steps.append(
        moves.first_derivative.step(
            turned(start), gradient.value, left=g, introduces=introduced, definitions=definitions,
            via=(terms.of(turned(jacobian(once.names[-1], x, ctx))),) if family else (),
            reason=told_of_hessians.of_gradient(start, g, terms.of(jacobian(once.names[-1], x, ctx)) if family else None),
            title=moves.first_derivative.title if not x.shape.axes else AS_COLUMN,
        )
    )  # fmt: skip
    if family:
        terms, column = _as_it_stands(total, terms, column, r)
    name: Expr = g
    introduces: tuple[Definition, ...] = ()
    if family:
        letter = letters.intermediate(column, family)
        name = member(letter, family)
        introduces = (Definition(letter, family_value(column, family, ctx)),)
        definitions = (*definitions, *introduces)
    if soft is not None:
        return _by_softmax(task, once, soft, [*steps, *soft.steps], definitions, ctx)
    inner = derived_link(column, r, name, ctx)
    why = told(inner.steps, ctx.book)
    if family:
        why = told_of_hessians.of_term(name, column, r, g, terms.of(name), why)
    steps.append(
        link_step(column, r, name, inner, ctx, reason=why, via=(), introduces=introduces, definitions=definitions)
    )
    links_ = [jacobian(name, r, ctx), jacobian(r, x, ctx)]
    filled = in_order(compose([inner.result, once.jacobians[0]]), ctx)
    named = second_definition(task.name, x, ctx)
    tidied = finish(filled, ctx, named, by_cases=False)
    last_one = end_of(tidied, filled)
    whole = terms.of(last_one)
    if family and split_coefficient(whole)[0] < 0 and split_coefficient(last_one)[0] < 0:
        whole = in_order(whole, ctx)  # two signs are none
    if not depends_on(whole, variable_name(r)):  # no letter is left to be put back
        whole = in_order(once.put_back(whole), ctx)
    steps.append(
        moves.hessian.step(
            second_definition(task.f, x, ctx), whole, left=named, via=(jacobian(g, x, ctx), terms.of(compose(links_))),
            definitions=definitions, substeps=tuple(tidied) if not family else (),
            reason=told_of_hessians.of_links(task.name, g, (name, r, x), links_, (inner.result, once.jacobians[0]),
                                             indices_in(fresh_places(g, ctx.local())), family, product(*terms.coefficient)),
        )
    )  # fmt: skip
    back = in_order(once.put_back(whole), ctx)
    ended = put_back_and_read(whole, back, {once.names[0]: once.links[0].node}, named, definitions, ctx)
    return Derived((*steps, *ended.steps), ended.result)


def _as_it_stands(total: Expr, terms: _Terms, column: Expr, r: Expr) -> tuple[_Terms, Expr]:
    """The gradient as it was reached, a constant times a sum over samples, and one term of that; a sign may have gone."""
    front, core = coefficient_of(total, r)
    if not isinstance(core, Sum) or core.index != terms.index:
        return terms, column
    return replace(terms, coefficient=front), core.body


def _by_softmax(
    task: Task, once: Product, soft: Softened, steps: list[Step], definitions: tuple[Definition, ...], ctx: Context
) -> Derived:
    """The Hessian by the letter of a softmax that stands in the gradient, which the last line keeps."""
    x, r = task.x, once.names[0]
    assert isinstance(x, Symbol)
    further = ((r, x, once.jacobians[0]),)
    pending, filled = soft.chained(further, ctx)
    left = second_definition(task.name, x, ctx)
    put = in_order(filled, ctx)
    tidied = finish(put, ctx, left, by_cases=False)
    after = end_of(tidied, put)
    steps.append(moves.hessian.step(second_definition(task.f, x, ctx), after, left=left, definitions=definitions,
                                    via=(jacobian(soft.gradient.symbol, x, ctx), pending),
                                    substeps=tuple(replace(s, definitions=definitions) for s in tidied),
                                    reason=soft.why(task.name, x, further, ctx)))  # fmt: skip
    back = in_order(once.put_back(soft.put_back(after)), ctx)
    ends = finish(back, ctx, left, by_cases=False)
    return Derived(tuple(steps), end_of(ends, back))
