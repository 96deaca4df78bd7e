"""Which signs the entries of an expression can have: as much as is plain from how it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from itertools import product

from derivgen.catalog import elementwise, formulas, linear, opaque
from derivgen.catalog.base import Operation
from derivgen.catalog.build import split_base, split_coefficient, transposed
from derivgen.catalog.signs import ALL, Signs
from derivgen.expr import ONE, Add, At, Call, Expr, Mul, Number, Once, Position, Power, Size, Sum, Symbol

_LIKE_ITS_ENTRIES = (linear.sum_, formulas.mean, linear.transpose, opaque.largest, opaque.smallest)
"""Operations whose value has a sign that every entry of the argument could have, or is between two such."""


def signs(e: Expr) -> Signs:
    """A set that has -1, 0 and 1 where an entry of ``e`` may be negative, zero or positive; it may have more."""
    return Once(_signs)(e)


def _signs(e: Expr, signs: Callable[[Expr], Signs]) -> Signs:
    match e:
        case Number(value):
            return frozenset({(value > 0) - (value < 0)})
        case Add(terms) if _exceeds_bounded(terms):
            return frozenset({1})
        case Add(terms):
            found = set().union(*map(signs, terms))
            if {-1, 1} <= found:
                return ALL
            some = any(0 not in signs(t) for t in terms)
            return frozenset(found - {0} if some else found)
        case Mul(factors):
            return _multiplied(map(signs, factors))
        case Power(base, Number(value)) if base.shape.rank < 2:  # X² is the product of matrices in LaTeX
            if value.denominator != 1:
                return frozenset({0, 1})
            found = {a ** abs(int(value)) for a in signs(base)}
            return frozenset(found - {0} if value < 0 else found)
        case Power(base, _) if base.shape.rank < 2 and signs(base) == {1}:
            return frozenset({1})
        case Size() | Position():
            return frozenset({1})
        case Symbol(traits=traits):
            return frozenset({1} if "positive" in traits else {0, 1} if "simplex" in traits else ALL)
        case At(array):
            return signs(array)
        case Sum(_, body):
            return _added(signs(body))
        case Call(op, (Call(relation, (u, v)),)) if op is linear.sum_ and relation is elementwise.greater_equal:
            # some entry reaches the largest, or the smallest, of them all
            reached = u == Call(opaque.smallest, (v,)) if v.shape.axes else v == Call(opaque.largest, (u,))
            return frozenset({1} if reached else {0, 1})
        case Call(op, (inner,)) if op in _LIKE_ITS_ENTRIES:
            return _added(signs(inner))
        case Call(op, (factors,)) if op is opaque.prod:
            found = set(signs(factors))
            return frozenset(found | {1} if -1 in found else found)
        case Call(op, (matrix,)) if op in (opaque.det, linear.trace) and is_positive_definite(matrix):
            return frozenset({1})
        case Call(op, (matrix,)) if op in (opaque.det, linear.trace) and is_semidefinite(matrix):
            return frozenset({0, 1})
        case Call(op, factors) if op is linear.matmul and not e.shape.axes and _is_congruence(factors):
            return frozenset({0, 1})
        case Call(op, factors) if op is linear.matmul:  # sums of products of entries
            return _added(_multiplied(map(signs, factors)))
        case Call(Operation() as op):
            return op.signs
        case _:
            return ALL


def _multiplied(parts: Iterable[Signs]) -> Signs:
    """The signs of a product of numbers with these signs."""
    found = {1}
    for of_one in parts:
        found = {a * b for a, b in product(found, of_one)}
    return frozenset(found)


def _added(found: Signs) -> Signs:
    """The signs of a sum of numbers with these signs."""
    return ALL if {-1, 1} <= found else found


def is_positive_definite(e: Expr) -> bool:
    """Whether a matrix is seen to be positive definite: declared so, or made so."""
    match e:
        case Symbol(traits=traits):
            return "positive-definite" in traits
        case Call(op, (inner,)) if op is opaque.inv or op is linear.transpose:
            return is_positive_definite(inner)
        case Call(op, (vector,)) if op is linear.diag and vector.shape.rank == 1:
            return signs(vector) == {1}
        case Call(op) if op is opaque.eye:
            return True
        case Add(terms):
            return any(map(is_positive_definite, terms)) and all(map(is_semidefinite, terms))
        case Mul(factors):
            matrices = [f for f in factors if f.shape.axes]
            return len(matrices) == 1 and is_positive_definite(matrices[0]) and _sign_beside(factors) == {1}
        case _:
            return False


def is_semidefinite(e: Expr) -> bool:
    """Whether a matrix is seen to be positive semidefinite: a definite one, MᵀM or MᵀSM, or a sum of such."""
    match e:
        case Call(op, (inner,)) if op is linear.transpose:
            return is_semidefinite(inner)
        case Call(op, (vector,)) if op is linear.diag and vector.shape.rank == 1:
            return -1 not in signs(vector)
        case Call(op, factors) if op is linear.matmul and e.shape.rank == 2:
            return _is_congruence(factors)
        case Add(terms):
            return all(map(is_semidefinite, terms))
        case Mul(factors):
            matrices = [f for f in factors if f.shape.axes]
            return len(matrices) == 1 and is_semidefinite(matrices[0]) and -1 not in _sign_beside(factors)
        case Sum(_, body):
            return is_semidefinite(body)
        case _:
            return is_positive_definite(e)


def _sign_beside(factors: tuple[Expr, ...]) -> Signs:
    """The signs of the numbers among some factors, taken together."""
    return signs(Mul((ONE, *(f for f in factors if not f.shape.axes))))


def _is_congruence(factors: tuple[Expr, ...]) -> bool:
    """Whether a product reads MᵀM or MᵀSM with a semidefinite S, whatever number of factors M is of."""
    while len(factors) > 1:
        first, *inner, last = factors
        if first != transposed(last) and last != transposed(first):
            return False
        factors = tuple(inner)
    return not factors or is_semidefinite(factors[0])


_ODD = (elementwise.tanh, elementwise.erf)
_BELOW_ONE = (elementwise.sigmoid, elementwise.normcdf, *_ODD)
"""Functions whose values are less than 1, and more than -1."""


def _exceeds_bounded(terms: tuple[Expr, ...]) -> bool:
    """Whether the terms are a number and functions, or whole powers of such, that cannot use it up, as in 1 - σ(x) or
    1 - tanh(x)²: each is less than 1."""
    left, some = Fraction(0), False
    for t in terms:
        value, rest = split_coefficient(t)
        if rest == ONE:
            left += value
            continue
        base, exponent = split_base(rest)
        base = base.array if isinstance(base, At) else base
        if not (isinstance(base, Call) and base.op in _BELOW_ONE and exponent > 0 and exponent.denominator == 1):
            return False
        if value < 0 or (exponent % 2 and base.op in _ODD):
            left, some = left - abs(value), True
    return some and left >= 0
