"""Roots of what is zero where two indices agree, such as the distance of a point to itself: they do not move there."""

from __future__ import annotations

from fractions import Fraction

from derivgen.catalog.base import Linear
from derivgen.catalog.build import factors_of, has_delta_factor, plus, product, split_coefficient
from derivgen.catalog.formulas import norm
from derivgen.expr import (
    ZERO,
    Add,
    At,
    Build,
    Call,
    Cases,
    Delta,
    Expr,
    Index,
    Mul,
    Number,
    Power,
    Sum,
    canonical,
    rename,
    replace_parts,
    with_children,
)
from derivgen.rules.arithmetic import is_zero
from derivgen.rules.engine import Context
from derivgen.rules.rule import Phase, Stage, rule, sides


@rule(Stage.EXPAND, Sum, Build, phases=(Phase.SETTLE,), title="Set apart what stays zero",
      states=r"\textstyle\sum_{i,j} \|\mathbf x_i - \mathbf x_j\| = \sum_{i,j} \{0 \text{ if } i = j;\ \|\mathbf x_i - \mathbf x_j\|\}",
      because=r"Where the two indices agree the root[ {\textstyle\sum_{i,j} \|\mathbf x_i - \mathbf x_j\|}|] is 0 whatever the variables are: it does not move, and nothing is divided by it.", terms=sides(r"\textstyle\sum_{i,j} \|\mathbf x_i - \mathbf x_j\|", r"\sum_{i,j} \{0 \text{ if } i = j;\ \|\mathbf x_i - \mathbf x_j\|\}"),
      examples=("sum(norm(A[i] - A[j]) for i in range(m) for j in range(m))", "[[exp(-sqrt((x[i] - x[j])**2)) * sqrt(1 + x[i]**2) for j in range(n)] for i in range(n)]",
                "sum(norm(M @ (2 * M[i] * a - 2 * a * M[j]))**(1/2) + norm(M[i] - M[j])**2 for i in range(n) for j in range(n))",
                "sum(where(i == j, 0, norm(M[i] - M[j])) + sqrt(sum((M[i, k] - M[j, k])**2 for k in range(n))) for i in range(n) for j in range(n))"))  # fmt: skip
def root_that_stays_zero(e: Sum | Build, ctx: Context) -> Expr | None:
    own = (e.index,) if isinstance(e, Sum) else e.bound
    parts: dict[Expr, Expr] = {}
    todo = [e.body]
    while todo:
        here = todo.pop()
        match here:
            case Cases(((Delta(), _), *_), _):
                continue  # set apart already
            case Power(Call(op, (u,)), Number(value)) if op is norm and value >= 2:
                todo.append(u)  # no root is left of a square
                continue
            case Power(inside, Number(value)) if 0 < value < 1 and not here.shape.axes:
                pass
            case Call(op, (inside,)) if op is norm:
                pass
            case _:
                todo.extend(here.children)
                continue
        met = _coincidence(inside, own)
        if met is None or ctx.constant(here):
            todo.extend(here.children)
        else:
            parts[here] = Cases(((Delta(*met), ZERO),), here)
    return with_children(e, (replace_parts(e.body, parts),)) if parts else None


def _coincidence(e: Expr, own: tuple[Index, ...]) -> tuple[Index, Index] | None:
    """Two indices, one of ``own``, of which it is seen that ``e`` is zero where they agree."""
    free = sorted(e.free, key=lambda i: i.name)
    pairs = ((i, j) for j in own if j in e.free for i in free if i != j and i.dim == j.dim)
    return next(((i, j) for i, j in pairs if _vanishes(rename(e, {j: i}))), None)


def _vanishes(e: Expr) -> bool:
    """Whether ``e`` is seen to be zero: its terms cancel, or it has a factor that is."""
    match e:
        case Add(terms):
            left: dict[Expr, Fraction] = {}
            for t in terms:
                coefficient, rest = split_coefficient(t)
                key = canonical(_sorted(rest))
                left[key] = left.get(key, Fraction(0)) + coefficient
            return all(value == 0 or _vanishes(rest) for rest, value in left.items())
        case Mul(factors):
            return any(map(_vanishes, factors))
        case Power(base, Number(value)) if value > 0:
            return _vanishes(base)
        case Call(Linear(), args):
            return any(map(_vanishes, args))
        case Call(op, (u,)) if op is norm:
            return _vanishes(u)
        case Sum(_, body) | Build(_, body) | At(body):
            return _vanishes(body)
        case _:
            return is_zero(e)


def _sorted(e: Expr) -> Expr:
    """A product with its factors in a settled order, so that 2ax and 2xa are found to be one."""
    return product(*sorted(factors_of(e), key=str)) if isinstance(e, Mul) else e


@rule(Stage.COLLAPSE, Cases, role="silent", states=r"\{0 \text{ if } i = j;\ u\,\delta_{ik} + v\} = \{0 \text{ if } i = j;\ u\,\delta_{ik}\} + \{0 \text{ if } i = j;\ v\}",
      because=r"The sum over {i} is taken term by term, so that each delta can be collapsed.", terms=lambda e, _: {"i": e.index} if isinstance(e, Sum) else None,
      examples=("[sum(where(i == j, 0, x[i] * (i == k) + y[j]) for i in range(n) for j in range(n)) for k in range(n)]",))  # fmt: skip
def case_by_terms(e: Cases, _: Context) -> Expr | None:
    match e:
        case Cases(((Delta(Index(), Index()), value) as apart,), Add(terms)) if value == ZERO and not e.shape.axes:
            return plus(*(Cases((apart,), t) for t in terms)) if any(map(has_delta_factor, terms)) else None
        case _:
            return None
