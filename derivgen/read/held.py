"""What is known and not read, held abstract in documents: the shape of its value is known, and what it depends on."""

from __future__ import annotations

from derivgen.catalog import linear, opaque
from derivgen.catalog.held import Held as HeldOp
from derivgen.errors import DerivgenError
from derivgen.expr import SCALAR, Call, Expr, Mul, Shape
from derivgen.expr import walk as expressions
from derivgen.read.context import Context
from derivgen.read.latex.held import ADJUGATES, paired
from derivgen.read.latex.names import plain_name
from derivgen.read.surface import Held, Surface


def held(read: Context, s: Held) -> Expr:
    """An expectation and the like.

    Raises:
        ParseError: nothing is held abstract here.
    """
    if not read.of.holds:
        raise read.fail(s.said, s, s.hint or None)
    parts = tuple([read.expr(part) for part in s.body])
    if s.name in ADJUGATES and len(parts) == 1 and len(axes := parts[0].shape.axes) == 2 and axes[0] == axes[1]:
        read.note(f"{read.said(s)} is read as the determinant times the inverse, of an invertible matrix", s)
        made = Mul((Call(opaque.det, parts), Call(opaque.inv, parts)))
        return made if s.name == "adj" else Call(linear.transpose, (made,))
    like = {"body": parts[:1], "bound": tuple([read.expr(part) for part in s.bound[:1]])}.get(s.like, ())
    shape = like[0].shape if like else SCALAR
    if s.like == "member":
        shape = Shape(parts[0].shape.axes[1:])
    elif s.like == "stacked":
        shape = Shape((read.length("stacked", s.body[0]),))
    elif s.like == "pairs" and parts:
        shape = paired([part.shape for part in parts], s.within) or SCALAR
    names = frozenset(name for part in s.bound if (name := plain_name(part)) is not None)
    return hold(read, s, s.name, s.said, parts, shape, hint=s.hint, bound=names,
                within=s.within)  # fmt: skip


def hold(
    read: Context,
    s: Surface,
    name: str,
    said: str,
    parts: tuple[Expr, ...],
    shape: Shape = SCALAR,
    *,
    hint: str = "",
    bound: frozenset[str] = frozenset(),
    within: str = "",
) -> Expr:
    """A value of this shape that depends on ``parts``.

    Raises:
        ParseError: nothing is held abstract here.
    """
    if not read.of.holds:
        raise read.fail(said, s, hint or None)
    read.note(f"{read.said(s)} is held abstract", s)
    return Call(HeldOp(name, Shape(shape.axes), said, hint, bound, within), parts)


def held_in(e: Expr | DerivgenError) -> HeldOp | None:
    """What is held abstract in an expression, the first of it."""
    if not isinstance(e, Expr):
        return None
    return next((part.op for part in expressions(e) if isinstance(part, Call) and isinstance(part.op, HeldOp)), None)
