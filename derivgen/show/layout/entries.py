"""An entry of an array, read inside where the array is made entry by entry; display only, no step of a derivation."""

from __future__ import annotations

from derivgen.catalog import linear, opaque
from derivgen.catalog.base import Abstract, Constant, Elementwise
from derivgen.catalog.build import added, times
from derivgen.expr import (
    ONE,
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
    Place,
    Power,
    Sum,
    bind,
    map_children,
    rename,
)


def works_by_entry(op: object) -> bool:
    """Whether entry i of the value needs entry i of the arguments only, by one function for all i."""
    return isinstance(op, Elementwise) or (isinstance(op, Abstract) and op.pointwise and not op.codomain.axes)


def entry(e: Expr, where: tuple[Place, ...]) -> Expr:
    """The entry of ``e`` at ``where``; a scalar is its own entry, as in scalar expansion."""
    if not e.shape.axes or not where:
        return e
    match e:
        case Build(indices, body) if len(indices) == len(where) and (places := bind(indices, where)) is not None:
            return rename(body, places)
        case Add() | Mul() | Power() | Cases():
            return map_children(lambda child: entry(child, where), e)
        case Call(op, _, _) if works_by_entry(op):
            return map_children(lambda child: entry(child, where), e)
        case Call(op, (arg,), _) if op is linear.transpose and len(where) == arg.shape.rank:
            return entry(arg, where[::-1])
        case Call(op, args, _) if op is opaque.stack and isinstance(where[0], int):
            return entry(args[where[0]], where[1:])
        case Call(Constant() as op, _, _) if len(where) == e.shape.rank and op.built is None:
            return settled(op.entry(where))
        case Sum(index, body) if index not in where:
            return Sum(index, entry(body, where))
        case At(array, first):
            return entry(array, (*first, *where)) if not isinstance(array, At) else At(array, (*first, *where))
        case _:
            return At(e, where)


def same_place(left: Place, right: Place) -> bool | None:
    """Whether two places are one; None where it depends on the index. The last place counts as none of the first."""
    if left == right:
        return True
    fixed = [isinstance(p, int) or (isinstance(p, Index) and p.name == str(p.dim)) for p in (left, right)]
    return False if all(fixed) else None


def settled(e: Expr) -> Expr:
    """``e`` with deltas between known places replaced by 1 or 0, and what they erase left out."""
    match e:
        case Delta(left, right):
            same = same_place(left, right)
            return e if same is None else ONE if same else ZERO
        case Mul(factors):
            new = [settled(f) for f in factors]
            if any(f == ZERO and old != ZERO for f, old in zip(new, factors, strict=True)):
                return ZERO
            kept = tuple(f for f, old in zip(new, factors, strict=True) if not (f == ONE and old != ONE))
            return times(kept)
        case Add(terms):
            new = [settled(t) for t in terms]
            kept = tuple(t for t, old in zip(new, terms, strict=True) if not (t == ZERO and old != ZERO))
            return added(kept)
        case _:
            return map_children(settled, e)
