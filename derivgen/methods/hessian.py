"""The second derivative of a scalar: the Jacobian of its gradient."""

from __future__ import annotations

from dataclasses import dataclass

from derivgen.errors import NoRule
from derivgen.expr import Build, Definition, Expr, Partial, Symbol, bound_indices
from derivgen.methods.chain import Method, Task, derive_part
from derivgen.methods.jacobian import jacobian, partial_of
from derivgen.methods.naming import Letters
from derivgen.methods.scalar import Outcome, finish
from derivgen.rules import moves
from derivgen.rules.engine import Context
from derivgen.rules.entries import transposed


@dataclass(frozen=True, slots=True)
class Twice:
    """A scalar that is derived twice by a scalar or a vector."""

    f: Expr
    x: Symbol
    name: Symbol
    method: Method

    def __post_init__(self) -> None:
        if self.f.shape.axes or self.x.shape.rank > 1:
            raise NoRule(
                f"a second derivative is taken of a scalar by a scalar or a vector; this is a {self.f.shape} by a {self.x.shape}",
                hint="derive it once (order 1), and derive entries of the result",
            )


def second_definition(f: Expr, x: Symbol, ctx: Context) -> Expr:
    """The matrix of second partials, nothing carried out."""
    ctx = ctx.local()
    ctx.taken.update(i.name for i in bound_indices(f))
    places = tuple(ctx.fresh(d) for d in (*x.shape.axes, *x.shape.axes))
    half = len(places) // 2
    inner = partial_of(f, (), x, places[half:])
    twice = Partial(inner, partial_of(f, (), x, places[:half]).wrt)
    return Build(places, twice) if places else twice


def hessian_method(task: Twice, ctx: Context) -> Outcome:
    """Derive once, write the gradient as a column, derive again."""
    once = derive_part(Task(task.f, task.x, task.name, task.method), ctx)
    ctx = ctx.local()
    column = finish(transposed(once.result), ctx, task.name) if task.x.shape.axes else []
    value = column[-1].after if column else transposed(once.result) if task.x.shape.axes else once.result
    letter = Letters(ctx).gradient(value)
    definition = Definition(letter, value)
    first = moves.first_derivative.step(
        jacobian(task.f, task.x, ctx),
        once.result,
        left=jacobian(task.name, task.x, ctx),
        introduces=(definition,),
        substeps=once.steps,
    )
    again = derive_part(Task(value, task.x, letter, task.method), ctx)
    last = moves.hessian.step(
        second_definition(task.f, task.x, ctx), again.result, left=second_definition(task.name, task.x, ctx)
    )
    return Outcome((first, *again.steps, last), again.result)
