"""Which signs the entries of an expression can have: as much as is plain from how it is written."""

from __future__ import annotations

from itertools import product

from derivgen.catalog import elementwise, formulas
from derivgen.expr import Add, Call, Expr, Mul, Number, Power

Signs = frozenset[int]

ALL: Signs = frozenset({-1, 0, 1})
_OF_CALL = {
    elementwise.exp: frozenset({1}),
    elementwise.sigmoid: frozenset({1}),
    elementwise.absolute: frozenset({0, 1}),
    elementwise.relu: frozenset({0, 1}),
    formulas.norm: frozenset({0, 1}),
    formulas.norm1: frozenset({0, 1}),
    formulas.softmax: frozenset({1}),
}


def signs(e: Expr) -> Signs:
    """A set that has -1, 0 and 1 where an entry of ``e`` may be negative, zero or positive; it may have more."""
    match e:
        case Number(value):
            return frozenset({(value > 0) - (value < 0)})
        case Add(terms):
            found = set().union(*map(signs, terms))
            if {-1, 1} <= found:
                return ALL
            some = any(0 not in signs(t) for t in terms)
            return frozenset(found - {0} if some else found)
        case Mul(factors):
            found = {1}
            for f in factors:
                found = {a * b for a, b in product(found, signs(f))}
            return frozenset(found)
        case Power(base, Number(value)) if base.shape.rank < 2:  # X² is the product of matrices in LaTeX
            if value.denominator != 1:
                return frozenset({0, 1})
            found = {a ** abs(int(value)) for a in signs(base)}
            return frozenset(found - {0} if value < 0 else found)
        case Call(op, (_,)):
            return next((found for known, found in _OF_CALL.items() if known is op), ALL)
        case _:
            return ALL
