"""The Jacobian as a definition: an array built from partial derivatives, its axes in the order that the layout says."""

from __future__ import annotations

from fractions import Fraction
from math import prod

from derivgen.catalog.build import chain, product, split_coefficient
from derivgen.catalog.linear import transpose
from derivgen.errors import NoRule
from derivgen.expr import (
    ONE,
    Add,
    At,
    Binder,
    Build,
    Call,
    Expr,
    Mul,
    Number,
    Partial,
    Symbol,
    bind,
    bound_indices,
    children,
    rename,
    with_children,
)
from derivgen.options import Layout
from derivgen.rules.axis_parts import fresh_places, variable_places
from derivgen.rules.engine import Context
from derivgen.rules.unfold import entry_of


def arrange(out: tuple[Binder, ...], at: tuple[Binder, ...], layout: Layout) -> tuple[tuple[Binder, ...], bool]:
    """The order of the axes, and whether a vector is a row.

    ``out`` are the axes of the value, ``at`` those of the variable. In numerator layout a scalar by a vector is a row,
    a vector by a vector has the value's entries down, a scalar by an m×n matrix is n×m; the denominator layout is the
    transpose of each, and the gradient convention gives a scalar's derivative the shape of the variable. With three
    axes and more there is no matrix: the axes of the value come first in all of them.
    """
    if len(out) + len(at) > 2:
        return out + at, False
    transposed = layout == "denominator" or (layout == "gradient" and not out)
    match len(out), len(at):
        case (0, 1):
            return at, not transposed
        case (1, 0):
            return out, transposed
        case (0, 2):
            return (at if transposed else at[::-1]), False
        case (2, 0):
            return (out[::-1] if transposed else out), False
        case (1, 1):
            return (at + out if transposed else out + at), False
        case _:
            return (), False


def partial_of(f: Expr, out: tuple[Binder, ...], x: Expr, at: tuple[Binder, ...]) -> Partial:
    """The partial of the entry of f at ``out`` by the entry of x at ``at``; x is a variable or one of a family."""
    wrt = x
    if at:
        wrt = At(x.array, (*x.places, *at)) if isinstance(x, At) else At(x, at)
    return Partial(entry_of(f, out) if out else f, wrt)


def build(body: Expr, out: tuple[Binder, ...], at: tuple[Binder, ...], layout: Layout) -> Expr:
    """The array of the derivative with ``body`` for its entries."""
    indices, row = arrange(out, at, layout)
    return Build(indices, body, row) if indices else body


def jacobian(f: Expr, x: Expr, ctx: Context, layout: Layout = "numerator", like: Expr | None = None) -> Expr:
    """The derivative of f by x as it is defined, nothing carried out; ``like`` is what the name f stands for."""
    ctx = ctx.local()
    ctx.taken.update(i.name for i in bound_indices(f))
    out = fresh_places(f if like is None else like, ctx)
    at = variable_places(f if like is None else like, x, ctx)
    return build(partial_of(f, out, x, at), out, at, layout)


def second_definition(f: Expr, x: Symbol, ctx: Context) -> Expr:
    """The matrix of second partials, nothing carried out."""
    ctx = ctx.local()
    ctx.taken.update(i.name for i in bound_indices(f))
    places = tuple(ctx.fresh(d) for d in (*x.shape.axes, *x.shape.axes))
    half = len(places) // 2
    inner = partial_of(f, (), x, places[half:])
    twice = Partial(inner, partial_of(f, (), x, places[:half]).wrt)
    return Build(places, twice) if places else twice


def compose(links: list[Expr]) -> Expr:
    """The product of Jacobians in numerator layout, the outermost first; scalars among them stand in front, numbers first.

    Raises:
        NoRule: a link has more than two axes.
    """
    parts = [(e, *split_coefficient(e)) for e in links]
    number = prod((value for _, value, _ in parts), start=Fraction(1))
    kept = [e if value == 1 else rest for e, value, rest in parts if value == 1 or rest != ONE]
    scalars = [*([Number(number)] if number != 1 else []), *(e for e in kept if not e.shape.axes)]
    arrays = [e for e in kept if e.shape.axes]
    if any(e.shape.rank > 2 for e in arrays):
        raise NoRule("a link of the chain has more than two axes, and no matrix product takes it",
                     hint='choose method="scalar"')  # fmt: skip
    return product(*scalars, chain(*arrays)) if arrays else product(*scalars)


def variable_name(x: Expr) -> str:
    """The name of the variable, or of the family that it belongs to."""
    symbol = x.array if isinstance(x, At) else x
    assert isinstance(symbol, Symbol)
    return symbol.name


def turned(e: Expr) -> Expr:
    """The transpose of what a layout turns; a scalar stays."""
    return Call(transpose, (e,)) if e.shape.axes else e


def entry_at(e: Expr, places: tuple[Binder, ...]) -> Expr | None:
    """The entry of a sum or a product of arrays that are known by their entries; None where one is not."""
    if not e.shape.axes:
        return e
    match e:
        case Build(indices, body):
            moved = bind(indices, places)
            return None if moved is None else rename(body, moved)
        case Add() | Mul():
            parts = [entry_at(part, places) for part in children(e)]
            known = [part for part in parts if part is not None]
            return with_children(e, tuple(known)) if len(known) == len(parts) else None
        case _:
            return None
