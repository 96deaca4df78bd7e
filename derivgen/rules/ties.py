"""Arrays of which several entries are always equal: the largest of them is never one entry alone."""

from __future__ import annotations

from derivgen.catalog.base import Elementwise
from derivgen.catalog.elementwise import maximum, minimum, relu
from derivgen.catalog.linear import diag, matmul, transpose
from derivgen.catalog.opaque import largest, ones, smallest, stack, zeros
from derivgen.catalog.own import Own
from derivgen.errors import NoRule
from derivgen.expr import Add, At, Build, Call, Cases, Expr, Mul, Power, Sum, Symbol, canonical, depends_on, walk
from derivgen.rules.properties import is_symmetric
from derivgen.text import text


def refuse_ties(f: Expr, x: Expr) -> None:
    """Refuse the derivative of the largest or smallest of entries that may be one expression: it would count each.

    Raises:
        NoRule: two entries of such an argument are the same expression, and move with ``x``.
    """
    variable = x.array if isinstance(x, At) else x
    assert isinstance(variable, Symbol)
    for e in walk(f):
        if isinstance(e, Call) and e.op in (largest, smallest) and has_ties(e.args[0], variable.name):
            raise NoRule(
                f"several entries of {text(e.args[0])} may be the same, so that its {e.op.name} entry is not one alone",
                hint="leave out what is there twice",
            )


def has_ties(e: Expr, name: str) -> bool:
    """Whether two entries of an array may be the same expression of the variable ``name``."""
    if not depends_on(e, name):
        return False
    if isinstance(e, Call) and e.op is stack:
        moving = [canonical(part) for part in e.args if depends_on(part, name)]
        return len(set(moving)) < len(moving) or any(has_ties(part, name) for part in e.args if part.shape.axes)
    if e.shape.rank == 2 and not isinstance(e, Symbol) and is_symmetric(e) and not _is_diagonal(e):
        return True
    return any(MOVES in _common(e, axis, name) for axis in range(e.shape.rank))


def _is_diagonal(e: Expr) -> bool:
    return isinstance(e, Call) and e.op is diag


MOVES, STAYS = True, False
NOTHING: frozenset[bool] = frozenset()


def _common(e: Expr, axis: int, name: str) -> frozenset[bool]:
    """What several entries along an axis may share: an expression that moves with the variable, one that stays.

    It is empty where no two entries are seen to be the same, whichever branches they take.
    """
    match e:
        case _ if not e.shape.axes:
            return frozenset((depends_on(e, name),))
        case Build(indices, body):
            return NOTHING if indices[axis] in body.free else frozenset((depends_on(body, name),))
        case Call(op) if op in (ones, zeros):
            return frozenset((STAYS,))
        case Call(op, (inner,)) if op is transpose:
            return _common(inner, axis if inner.shape.rank == 1 else 1 - axis, name)
        case Call(op, args) if op is matmul:
            first = axis == 0 and not args[0].shape.row
            factor = args[0] if first else args[-1]
            found = _common(factor, 0 if first else factor.shape.rank - 1, name)
            return found and frozenset((depends_on(e, name),))
        case At(array, places):
            return _common(array, axis + len(places), name)
        case Sum(_, body):
            return _common(body, axis, name)
        case Call(op, parts) if op in (maximum, minimum):
            return frozenset().union(*(_common(p, axis, name) for p in parts))
        case Cases(branches, otherwise):
            return frozenset().union(*(_common(p, axis, name) for p in (*(v for _, v in branches), otherwise)))
        case Call(op, (inner,)) if op is relu:
            return _common(inner, axis, name) | {STAYS}
        case Call(Own() as op, parts):
            return _common(op.definition(*parts), axis, name)
        case Add(parts) | Mul(parts) | Call(Elementwise(), parts):
            return _together(parts, axis, name)
        case Power(base, exponent):
            return _together((base, exponent), axis, name)
        case _:
            return NOTHING


def _together(parts: tuple[Expr, ...], axis: int, name: str) -> frozenset[bool]:
    """What entries share that are made of entries of several arrays."""
    found = [_common(p, axis, name) for p in parts]
    if not all(found):
        return NOTHING
    moves = {MOVES} if any(MOVES in f for f in found) else set()
    return frozenset(moves | ({STAYS} if all(STAYS in f for f in found) else set()))
