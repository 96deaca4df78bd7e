"""What is held abstract, as any function of what it is made of: what holds for all of these holds for the one that is meant."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from derivgen.catalog.base import Abstract
from derivgen.catalog.formulas import norm
from derivgen.catalog.held import Held
from derivgen.errors import ShapeError
from derivgen.expr import Call, Expr, Partial, Shape, map_children, symbols, walk
from derivgen.expr.walks import Once


def unheld(e: Expr, *, entrywise: bool = False) -> Expr | None:
    """The expression with an unknown function for each value that is held abstract; None where that says another thing.

    ``entrywise`` takes the norm of a matrix with a 2 for that of its entries, where an author writes no other.
    A function of the same name is the same wherever it is of the same arguments, so E[2x] and 2E[x] are not made alike:
    what differs so may be equal all the same.
    """
    parts = list(walk(e))
    bound = {name for p in parts if isinstance(p, Call) and isinstance(p.op, Held) for name in p.op.bound}
    if any(isinstance(p, Partial) and bound & symbols(p.wrt).keys() for p in parts):
        return None  # a letter that runs within is another one outside
    with suppress(ShapeError):
        return Once(lambda part, inner: _unheld(part, inner, entrywise))(e)
    return None


def _unheld(e: Expr, inner: Callable[[Expr], Expr], entrywise: bool) -> Expr:
    match map_children(inner, e):
        case Call(Held("norm", said=said), args) if entrywise and said.startswith("the spectral norm"):
            return Call(norm, args)
        case Call(Held() as op, args):
            if not args or (op.codomain.axes and any(a.shape.row for a in args)):
                raise ShapeError("what is held abstract is of a row, or of nothing")
            name = " ".join([op.name, op.within, op.said, *sorted(op.bound)]) + "()"
            return Call(Abstract(name, tuple([Shape(a.shape.axes) for a in args]), Shape(op.codomain.axes)), args)
        case made:
            return made
