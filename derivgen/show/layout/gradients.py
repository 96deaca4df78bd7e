"""The displays of the notes that have ∇ in them, and products whose factors are drawn in full."""

from __future__ import annotations

from derivgen.catalog.base import Abstract
from derivgen.catalog.linear import diag, matmul, transpose
from derivgen.catalog.opaque import ones, stack
from derivgen.expr import Build, Call, Expr, Index, Partial, Symbol
from derivgen.show.layout import pictures
from derivgen.show.layout.box import Apply, Box, Frac, Grid, Num, Sign, row
from derivgen.show.layout.entries import entry
from derivgen.show.layout.term import Context

NABLA = Sign("∇", "prefix")
PARTIAL = Sign("∂", "prefix")


def listed_partials(e: Expr) -> tuple[Expr, tuple[Expr, ...]] | None:
    """What is derived in a row of partials of one function, and the variables; None where it is no such row."""
    match e:
        case Call(op, (Call(inner, parts),)) if op is transpose and inner is stack:
            own = [p for p in parts if isinstance(p, Partial)]
            if len(own) == len(parts) > 1 and len({p.body for p in own}) == 1:
                return own[0].body, tuple(p.wrt for p in own)
    return None


def gradient(e: Expr, c: Context) -> Box | None:
    """∇f(x, y) for the row [∂f/∂x, ∂f/∂y]."""
    found = listed_partials(e)
    if found is None or not isinstance(found[0], Symbol):
        return None
    return row(NABLA, Apply(c.box(found[0]), tuple(map(c.box, found[1]))))


def stacked_gradients(e: Expr, c: Context) -> Box | None:
    """The stack of ∇f(x, y) and ∇g(x, y) for the table of their partials."""
    if not (isinstance(e, Call) and e.op is stack and e.shape.rank == 2):
        return None
    boxes = [gradient(part, c) for part in e.args]
    shown = [box for box in boxes if box is not None]
    return Grid(tuple((box,) for box in shown)) if len(shown) == len(boxes) else None


def separated(e: Expr, c: Context) -> Box:
    """A row of partials with commas between: [∂f/∂x, ∂f/∂y]."""
    match e:
        case Call(op, (Call(inner, parts),)) if op is transpose and inner is stack:
            return pictures.fenced([c.box(p) for p in parts])
        case _:
            return c.box(e)


def stages(value: Expr, variable: Expr, c: Context) -> list[Box]:
    """The Jacobian of a declared function as the stack of its gradients: ∇f_i(x), then ∂/∂x f_i(x)."""
    places = pictures.shown_places(value.shape.axes[0])
    entries = [None if p is None else c.box(entry(value, (p,))) for p in places]
    operator = Frac(PARTIAL, row(PARTIAL, c.box(variable)))
    return [
        Grid(tuple((pictures.DOWN if e is None else row(before, e),) for e in entries)) for before in (NABLA, operator)
    ]


# --- a product whose factors are drawn -------------------------------------------------------------------------------


def drawn_product(e: Expr, c: Context) -> Box | None:
    """A matrix product, its factors side by side in full; None where one of them is only a name."""
    if not (isinstance(e, Call) and e.op is matmul):
        return None
    boxes = [drawn(f, c) for f in e.args]
    shown = [box for box in boxes if box is not None]
    return row(*shown) if len(shown) == len(boxes) else None


def drawn(e: Expr, c: Context) -> Box | None:
    """A factor in full: the table of a declared function's partials, a diagonal with large zeros, a row of ones."""
    match e:
        case Call(op, (u,)) if op is diag and e.shape.rank == 2:
            return pictures.diagonal(_built(u), c)
        case Call(op, (Call(inner),)) if op is transpose and inner is ones:
            return pictures.fenced(
                [Num("1") if p is not None else pictures.LISTED for p in pictures.shown_places(e.shape.axes[0])]
            )
        case Call(Abstract(orders=(_, *_))) if e.shape.axes:
            return pictures.table(_built(e), c)
        case Build():
            return pictures.table(e, c)
        case _:
            return None


def entries_of(e: Expr, c: Context) -> Box:
    """A vector by its entries, [x_1, x_2, …, x_n]."""
    return pictures.stack(_built(e), c)


def _built(e: Expr) -> Build:
    own = tuple(Index("ijkl"[k], d) for k, d in enumerate(e.shape.axes))
    return Build(own, entry(e, own), e.shape.row)
