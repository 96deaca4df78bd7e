"""Matrices that are singular by their shape: products through fewer columns than they have rows."""

from __future__ import annotations

from math import prod

from derivgen.catalog.build import factors_of
from derivgen.catalog.linear import kron, matmul, transpose
from derivgen.catalog.opaque import det, inv, logdet, ones, zeros
from derivgen.errors import NoRule
from derivgen.expr import ZERO, Add, Build, Call, Cases, Expr, Index, Mul, Number, Power, Sum, depends_on, walk
from derivgen.expr.text import text
from derivgen.rules.engine import Context
from derivgen.rules.rule import Phase, Stage, rule, sides


def rank_bound(e: Expr) -> int | None:
    """A number that the rank of a matrix, or of a vector, never exceeds; None where the shapes alone tell none."""
    sizes = [d.size for d in e.shape.axes if isinstance(d.size, int)]
    whole = 1 if e.shape.rank == 1 else min(sizes, default=None)
    found = _of_parts(e) if e.shape.rank == 2 else None
    return whole if found is None else found if whole is None else min(found, whole)


def _of_parts(e: Expr) -> int | None:
    """The bound that the parts of a matrix give."""
    match e:
        case Call(op) if op in (ones, zeros):
            return int(op is ones)
        case Call(op, (inner,)) if op in (transpose, inv):
            return rank_bound(inner)
        case Call(op, args) if op is matmul:
            return min((b for b in map(rank_bound, args) if b is not None), default=None)
        case Call(op, args) if op is kron:
            return _product(args)
        case Add(terms):  # a scalar that is added to each entry adds a multiple of a matrix of ones
            bounds = [rank_bound(t) if t.shape.axes else 1 for t in terms]
            known = [b for b in bounds if b is not None]
            return sum(known) if len(known) == len(bounds) else None
        case Mul(factors):
            return _product(tuple(f for f in factors if f.shape.axes))
        case Power(base, Number(value)) if value.denominator == 1 and value > 0:
            bound = rank_bound(base)
            return None if bound is None else bound ** min(int(value), 64)
        case Sum(index, body) if isinstance(index.dim.size, int):
            bound = rank_bound(body)
            return None if bound is None else bound * index.dim.size
        case Cases(branches, otherwise) if not any(c.shape.axes for c, _ in branches):
            bounds = [rank_bound(v) if v.shape.axes else 1 for v in (*(v for _, v in branches), otherwise)]
            known = [b for b in bounds if b is not None]
            return max(known) if len(known) == len(bounds) else None
        case Build((Index() as i, Index() as j), body):  # u_i v_j
            return 1 if not any({i, j} <= f.free for f in factors_of(body)) else None
        case _:
            return None


def _product(parts: tuple[Expr, ...]) -> int | None:
    """The bound of a product, entry by entry or block by block: the ranks multiply."""
    bounds = [rank_bound(p) for p in parts]
    known = [b for b in bounds if b is not None]
    return prod(known) if len(known) == len(bounds) else None


def _is_singular(e: Expr) -> bool:
    """Whether the shapes make it certain that a square matrix has no inverse."""
    size, bound = e.shape.axes[0].size, rank_bound(e)
    return isinstance(size, int) and bound is not None and bound < size


@rule(Stage.EXPAND, Call, phases=(Phase.SETTLE,), title="See that the matrix is singular", states=r"\det(AB) = 0 \text{ where } A \text{ has fewer columns than rows}",
      because=r"All columns of the matrix[ in {\det(AB)}|] lie in a space of fewer dimensions, so its determinant is 0.", terms=sides(r"\det(AB)", r"0"),
      examples=("det(ones(3, 2) @ ones(2, 3))", "a * det(2 * eye(3)[0] @ eye(3)[1].T)"))  # fmt: skip
def singular_determinant(e: Call, _: Context) -> Expr | None:
    return ZERO if e.op is det and _is_singular(e.args[0]) else None


def refuse_singular(f: Expr, name: str) -> None:
    """Refuse what has no value, or no derivative by ``name`` worth the name, since a matrix is singular by its shape.

    Raises:
        NoRule: an inverse or the logarithm of a determinant is defined nowhere, or only where a size is small; or a
            determinant is zero for all but small sizes.
    """
    for e in walk(f):
        if not isinstance(e, Call) or e.op not in (det, inv, logdet):
            continue
        inner, size = e.args[0], e.args[0].shape.axes[0]
        bound = rank_bound(inner)
        if bound is None or (isinstance(size.size, int) and (bound >= size.size or e.op is det)):
            continue
        if e.op is det and not depends_on(e, name):
            continue
        where = "" if isinstance(size.size, int) else f" for {size} > {bound}"
        what = f"{text(inner)}, which is {inner.shape}, has rank {bound} at most"
        if e.op is det:
            raise NoRule(
                f"{what}, so {text(e)} is 0{where}, and its derivative too",
                hint=f"declare {size} as a number, such as {bound + 1}, to have that derived",
            )
        raise NoRule(
            f"{what}, so {text(e)} is defined nowhere{where}",
            hint=f"what is meant may be another order of the factors, or a multiple of eye({size}) added to the matrix",
        )
