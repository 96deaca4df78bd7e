"""The second derivative of a scalar: the Jacobian of its gradient."""

from __future__ import annotations

from dataclasses import dataclass, replace

from derivgen.catalog.build import transposed
from derivgen.derivation.chain import derive_part
from derivgen.derivation.jacobian import jacobian, turned
from derivgen.derivation.link import Task
from derivgen.derivation.naming import Letters
from derivgen.derivation.scalar import Derived, finish, in_order
from derivgen.derivation.through import AS_COLUMN, second_definition, through_letter
from derivgen.errors import NoRule
from derivgen.expr import Definition, Expr, Symbol, substitute
from derivgen.options import Method
from derivgen.rules import moves, told_of_hessians
from derivgen.rules.engine import Context


@dataclass(frozen=True, slots=True)
class Twice:
    """A scalar that is derived twice by a scalar or a vector."""

    f: Expr
    x: Symbol
    name: Symbol
    method: Method


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
    through = through_letter(Task(task.f, task.x, task.name, task.method), ctx) if task.method != "scalar" else None
    if through is not None:
        return Derived(through.steps, substitute(through.result, {whole.x.name: whole.x}))
    once = derive_part(Task(task.f, task.x, task.name, task.method), ctx)
    ctx = ctx.local()
    column = in_order(transposed(once.result), ctx) if task.x.shape.axes else once.result
    tidied = finish(column, ctx, task.name) if task.x.shape.axes else []
    value = tidied[-1].after if tidied else column
    letter = Letters(ctx).gradient(value)
    definition = Definition(letter, value)
    named = Definition(task.name, task.f)
    first = moves.first_derivative.step(turned(jacobian(task.name, task.x, ctx)), value, left=letter,
                                        introduces=(definition,), definitions=(named, definition),
                                        reason=told_of_hessians.of_gradient(jacobian(task.name, task.x, ctx), letter, None),
                                        title=AS_COLUMN if task.x.shape.axes else moves.first_derivative.title)  # fmt: skip
    again = derive_part(Task(value, task.x, letter, task.method), ctx)
    last = moves.hessian.step(second_definition(task.f, task.x, ctx), again.result,
                              left=second_definition(task.name, task.x, ctx),
                              reason=told_of_hessians.of_second(task.name, letter, jacobian(letter, task.x, ctx)))  # fmt: skip
    return Derived((*once.steps, first, *again.steps, last), substitute(again.result, {whole.x.name: whole.x}))


def _without_simplex(task: Twice) -> Twice:
    """The task without the property that entries sum to one: it must not be used in what is derived again."""
    if "simplex" not in task.x.traits:
        return task
    x = Symbol(task.x.name, task.x.space, tuple(t for t in task.x.traits if t != "simplex"))
    return replace(task, f=substitute(task.f, {x.name: x}), x=x)
