"""Where an axis whose length is a product comes from: the pair of indices that stands for a place along it."""

from __future__ import annotations

from derivgen.catalog.base import Constant, Elementwise, Linear
from derivgen.catalog.build import is_elementwise
from derivgen.catalog.linear import transpose
from derivgen.expr import Add, Binder, Build, Call, Cases, Dim, Expr, Index, Mul, Pair, Power, Sum, children, walk
from derivgen.rules.engine import Context

Parts = Dim | tuple["Parts", "Parts"]
"""A length, or the two parts of which it is the product: that of the outer index, that of the inner one."""


def parts(e: Expr, axis: int) -> Parts:
    """How the places along an axis of ``e`` divide: as columns and rows of X for vec(X); not at all for a variable."""
    whole = e.shape.axes[axis]
    if not isinstance(whole.size, tuple | int):
        return whole
    match e:
        case Build(indices):
            return _of_binder(indices[axis])
        case Call(Linear() as op, args):
            return _of_product(op, args, axis)
        case Call(Constant() as op, _, dims) if op.axes is not None:
            m, n = dims * 2 if len(dims) == 1 else dims
            return (m, n) if axis == 0 else (n, m)
        case Add() | Mul() | Power() | Cases() | Sum():
            return _first(whole, [parts(c, axis) for c in children(e) if c.shape.rank == e.shape.rank])
        case _ if is_elementwise(e):
            return _first(whole, [parts(c, axis) for c in children(e) if c.shape.rank == e.shape.rank])
        case _:
            return whole


def _of_binder(b: Binder) -> Parts:
    return b.dim if isinstance(b, Index) else (_of_binder(b.outer), _of_binder(b.inner))


def _of_product(op: Linear, args: tuple[Expr, ...], axis: int) -> Parts:
    rule = op.signature(tuple([a.shape for a in args]))
    found = [parts_of_label(args, rule.inputs, label) for label in rule.axes[axis]]
    return found[0] if len(found) == 1 else (found[0], found[1])


def parts_of_label(args: tuple[Expr, ...], inputs: tuple[str, ...], label: str) -> Parts:
    """How the places divide that a label of a signature stands for."""
    found = [parts(a, labels.index(label)) for a, labels in zip(args, inputs, strict=True) if label in labels]
    return _first(found[0], found)


def _first(whole: Parts, found: list[Parts]) -> Parts:
    return next((f for f in found if isinstance(f, tuple)), whole)


def fresh_place(of: Parts, ctx: Context) -> Binder:
    """An index of that length, or a pair of such."""
    if isinstance(of, Dim):
        return ctx.fresh(of)
    # the inner index is the row of a stacked matrix: it has the earlier letter
    inner = fresh_place(of[1], ctx)
    return Pair(fresh_place(of[0], ctx), inner)


def fresh_places(e: Expr, ctx: Context) -> tuple[Binder, ...]:
    """A place along each axis of ``e``."""
    return tuple(fresh_place(parts(e, axis), ctx) for axis in range(e.shape.rank))


def variable_places(f: Expr, x: Expr, ctx: Context) -> tuple[Binder, ...]:
    """A place along each axis of the variable ``x``, divided as that divides which ``f`` combines it with."""
    return tuple(fresh_place(_beside(f, x, axis), ctx) for axis in range(x.shape.rank))


def _beside(f: Expr, x: Expr, axis: int) -> Parts:
    whole = x.shape.axes[axis]
    if not isinstance(whole.size, tuple | int):
        return whole
    for e in walk(f):
        match e:
            case Call(Linear() as op, args):
                rule = op.signature(tuple([a.shape for a in args]))
                for arg, labels in zip(args, rule.inputs, strict=True):
                    at = _axis_of(arg, x, axis)
                    found = whole if at is None else parts_of_label(args, rule.inputs, labels[at])
                    if isinstance(found, tuple):
                        return found
            case Add() | Mul() | Power() | Cases() | Call(Elementwise()):
                own = children(e)
                at = next((k for k in (_axis_of(c, x, axis) for c in own) if k is not None), None)
                found = (
                    whole if at is None else _first(whole, [parts(c, at) for c in own if c.shape.rank == e.shape.rank])
                )
                if isinstance(found, tuple):
                    return found
            case _:
                pass
    return whole


def _axis_of(e: Expr, x: Expr, axis: int) -> int | None:
    """The axis of ``e`` that is that axis of ``x``, where ``e`` is x or its transpose."""
    match e:
        case Call(op, (arg,)) if op is transpose and arg == x:
            return axis if x.shape.rank == 1 else 1 - axis
        case _:
            return axis if e == x else None
