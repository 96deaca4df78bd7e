"""A partial derivative as text writes it: partial(e, x[j])."""

from __future__ import annotations

from derivgen.expr import At, Expr, Partial, Symbol
from derivgen.read.context import Context
from derivgen.read.surface import Differentiated


def partial(read: Context, s: Differentiated) -> Expr:
    """partial(e, x[j])."""
    b, v = read.expr(s.body), read.expr(s.wrt)
    if not isinstance(v.array if isinstance(v, At) else v, Symbol):
        raise read.fail("a partial derivative is by a variable or by an entry of one", s.wrt, "write partial(e, x[j])")
    for part in ((s.body, b), (s.wrt, v)):
        if part[1].shape.axes:
            raise read.misfit(f"a partial derivative is of a scalar by a scalar: {read.shaped(part)}", part[0],
                              f"write an entry: {read.said(part[0])}[{', '.join('ij'[: part[1].shape.rank])}]")  # fmt: skip
    return Partial(b, v)
