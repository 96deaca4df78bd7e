"""Functions of several scalars: partials organised into a row, gradients stacked to a Jacobian."""

from __future__ import annotations

from typing import TypeGuard

from derivgen.catalog.base import Abstract
from derivgen.catalog.build import transposed
from derivgen.catalog.opaque import stack
from derivgen.derivation.jacobian import jacobian, turned
from derivgen.derivation.methods.scalar import Derived, scalar_method
from derivgen.errors import NoRule
from derivgen.expr import Call, Definition, Expr, Symbol
from derivgen.options import Layout
from derivgen.rules import moves
from derivgen.rules.engine import Context
from derivgen.rules.step import Step


def is_stack(f: Expr) -> bool:
    """Whether ``f`` is written as a list of scalars."""
    return isinstance(f, Call) and f.op is stack and f.shape.rank == 1


def letters_of(f: Expr, name: Symbol, ctx: Context) -> Expr:
    """What f is called on the left: its letter, or a list of letters for a list of functions."""
    if not is_stack(f) or not isinstance(f, Call):
        return name
    pool = iter([c for c in "fghpqr" if c not in ctx.taken] + [f"f{k}" for k in range(1, len(f.args) + 1)])
    letters = [part.op.name if _is_declared(part) else next(pool) for part in f.args]
    if len({*letters}) < len(letters):  # one function of several arguments
        letters = [f"f{k}" for k in range(1, len(f.args) + 1)]
    ctx.taken.update(letters)
    return Call(stack, tuple(Symbol(letter, part.shape) for letter, part in zip(letters, f.args, strict=True)))


def _is_declared(part: Expr) -> TypeGuard[Call]:
    """Whether a function is one that is only declared: its own name is its letter."""
    return isinstance(part, Call) and isinstance(part.op, Abstract) and all(isinstance(a, Symbol) for a in part.args)


def stacked_method(f: Expr, wrt: Expr | tuple[Symbol, ...], name: Expr, ctx: Context) -> Derived:
    """The Jacobian of a scalar, or of a list of scalars, by a variable, or by a list of scalar variables.

    ``name`` is what ``letters_of`` gave.
    """
    parts = f.args if is_stack(f) and isinstance(f, Call) else (f,)
    names = name.args if is_stack(f) and isinstance(name, Call) else (name,)
    steps: list[Step] = []
    rows: list[Expr] = []
    starts: list[Expr] = []
    lefts: list[Expr] = []
    for part, letter in zip(parts, names, strict=True):
        known = letter == name or (_is_declared(part) and isinstance(letter, Symbol) and part.op.name == letter.name)
        introduces = (Definition(letter, part),) if isinstance(letter, Symbol) and not known else ()
        if isinstance(wrt, tuple):
            outcome, start, left = _gradient(part, wrt, letter, ctx)
        else:
            outcome = scalar_method(part, wrt, letter, ctx)
            start, left = jacobian(part, wrt, ctx), jacobian(letter, wrt, ctx)
        rows.append(outcome.result)
        starts.append(start)
        lefts.append(left)
        steps.append(
            moves.gradient.step(start, outcome.result, left=left, introduces=introduces, substeps=outcome.steps)
        )
    if len(parts) == 1 and not is_stack(f):
        return Derived(tuple(steps), rows[0])
    whole, result, left = (Call(stack, tuple(side)) for side in (starts, rows, lefts))
    steps.append(moves.stack_gradients.step(whole, result, left=left))
    return Derived(tuple(steps), result)


def definition(f: Expr, wrt: Expr | tuple[Symbol, ...], ctx: Context, layout: Layout,
               like: Expr | None = None) -> Expr:  # fmt: skip
    """The derivative of f as it is defined: of a list, or by a list, a stack of the single ones.

    ``like`` is what the name f stands for.

    Raises:
        NoRule: the shapes give no stack of vectors or matrices.
    """
    if not isinstance(wrt, tuple) and not is_stack(f):
        return jacobian(f, wrt, ctx, layout, like)
    if not isinstance(wrt, tuple) and wrt.shape.rank == 2:
        raise NoRule(
            f"a list of functions by the matrix {wrt} has three axes", hint="differentiate one function at a time"
        )
    parts = f.args if is_stack(f) and isinstance(f, Call) else (f,)
    rows: list[Expr] = []
    for part in parts:
        if isinstance(wrt, tuple):
            rows.append(_side_by_side([jacobian(part, x, ctx) for x in wrt]))
        else:
            rows.append(jacobian(part, wrt, ctx))
    whole = Call(stack, tuple(rows)) if is_stack(f) else rows[0]
    turn = layout == "denominator" or (layout == "gradient" and not is_stack(f))
    return turned(whole) if turn else whole


def _side_by_side(partials: list[Expr]) -> Expr:
    """Scalars as a row, columns as a matrix."""
    if partials[0].shape.rank > 1:
        raise NoRule("a matrix by a list of variables has three axes", hint="differentiate by one variable at a time")
    return transposed(Call(stack, tuple(transposed(p) if p.shape.axes else p for p in partials)))


def _gradient(part: Expr, wrt: tuple[Symbol, ...], letter: Expr, ctx: Context) -> tuple[Derived, Expr, Expr]:
    """The row of partials of one scalar."""
    steps: list[Step] = []
    results: list[Expr] = []
    for x in wrt:
        outcome = scalar_method(part, x, letter, ctx)
        steps += outcome.steps
        results.append(outcome.result)
    start, result, left = (
        _side_by_side(side)
        for side in ([jacobian(part, x, ctx) for x in wrt], results, [jacobian(letter, x, ctx) for x in wrt])
    )
    return Derived(tuple(steps), result), start, left
