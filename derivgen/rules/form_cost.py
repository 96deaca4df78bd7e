"""Which of several equal forms is printed: the measure of a form, and the preferred forms as a table."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from derivgen.catalog.build import factors_of, split_coefficient
from derivgen.catalog.linear import diag, matmul, transpose
from derivgen.catalog.opaque import eye
from derivgen.expr import (
    Add,
    Build,
    Call,
    Delta,
    Expr,
    Index,
    Mul,
    Number,
    Partial,
    Power,
    Size,
    Sum,
    children,
    from_below,
)
from derivgen.expr.nodes import MINUS_ONE
from derivgen.rules.orientation import Told, told


@dataclass(frozen=True, slots=True)
class Weight:
    """One thing that is counted: what, how much each costs a reader, and why."""

    what: str
    cost: int
    why: str


LETTER = Weight("a letter, a size, a constant", 2, "It must be recognised.")
WHOLE = Weight("a whole number", 1, "It is read at a glance.")
FRACTION = Weight("a fraction of numbers", 2, "Two numbers, set small.")
FUNCTION = Weight("a function, an inverse", 2, "A name besides the argument.")
POWER = Weight("an exponent, a root", 1, "Set small; a number in it is not counted again.")
SIGN = Weight("a sign of a sum or of a product, a fraction bar", 1, "Between any two parts there is one.")
MINUS = Weight("a minus sign in front of the whole", 1, "Inside a sum it is the sign that stands there anyway.")
TURN = Weight("a transposition", 1, "The reader turns the array in the mind.")
DIAGONAL = Weight("a diagonal matrix", 3, "It only scales what stands beside it.")
IDENTITY = Weight("an identity matrix", 4, "Beside other matrices it is seldom what a textbook leaves.")
BRACKET = Weight("brackets around a sum or a product", 2, "What stands in them is read before what stands around.")
NESTED = Weight("a fraction over a fraction", 9, "Textbooks divide once: each term has its own denominator.")
SPREAD = Weight(
    "a scalar added to an array", 4, "Mathematics has no such sum; only NumPy adds a number to every entry."
)
ENTRY = Weight("a sum over an index, an array of entries, a delta, a partial", 8, "Arrays are what was asked for.")
CONSTANT = Weight("a factor of a matrix product that is the same in every term of a sum", 2, "It belongs to no term.")
OTHER = Weight("a sum unlike all others", 2, "Differences that all stand the same way round are read once.")
KNOWN = Weight(
    "in a sum that stands in the question, such as a residual, each two of the above", 1, "The reader knows it."
)

WEIGHTS = (LETTER, WHOLE, FRACTION, FUNCTION, POWER, SIGN, MINUS, TURN, DIAGONAL, IDENTITY, BRACKET, NESTED, SPREAD, ENTRY, CONSTANT, OTHER, KNOWN)  # fmt: skip
"""The measure, item by item. Of equal forms the one with the smaller total is printed, of equal totals the first."""

PAYS = Fraction(3, 4)
"""Products are multiplied out where that leaves at most this part of the total: factors tell a reader something."""


def measure(e: Expr, known: frozenset[Expr] = frozenset()) -> int:
    """What a form costs its reader: the total of ``WEIGHTS`` over all that is printed.

    What occurs twice is read twice, so it counts twice; the cost of computing it is that of the distinct nodes.
    ``known`` are sums that the question has.
    """
    for part in from_below(e):
        _total(part, known)
    total, sums = _total(e, known)
    front = MINUS.cost * (isinstance(e, Mul) and split_coefficient(e)[0] < 0)
    return total + front + OTHER.cost * len(sums)


@lru_cache(maxsize=2_000)  # the forms to choose among differ in a few nodes
def _total(e: Expr, known: frozenset[Expr]) -> tuple[int, frozenset[Expr]]:
    """The cost of a node and all below it, and the sums among them."""
    parts = [_total(c, known) for c in _read(e)]
    total = _own(e) + sum([cost for cost, _ in parts])
    sums = frozenset().union(*(inner for _, inner in parts if inner))
    if isinstance(e, Add):
        sums |= {e}
        if e in known or told(e) in _negatives(known):
            total = (total + 1) // 2 * KNOWN.cost
    return total, sums


@lru_cache(maxsize=64)
def _negatives(known: frozenset[Expr]) -> frozenset[Told]:
    """What tells the negatives of the sums that are known."""
    return frozenset(told(k, -1) for k in known if isinstance(k, Add))


def _read(e: Expr) -> tuple[Expr, ...]:
    """The children that are read by themselves: the exponents and signs that are numbers belong to their node."""
    match e:
        case Power(base, Number()):
            return (base,)
        case Mul(factors) if factors[0] == MINUS_ONE:
            return factors[1:]
        case _:
            return children(e)


def _own(e: Expr) -> int:
    """What a node costs without its children."""
    match e:
        case Number(value):
            return WHOLE.cost if value.denominator == 1 else FRACTION.cost
        case Add(terms):
            spread = bool(e.shape.axes) and any(not t.shape.axes for t in terms)
            return SIGN.cost * (len(terms) - 1) + SPREAD.cost * spread
        case Mul(factors):
            signs = len(_read(e)) - 1
            return SIGN.cost * signs + BRACKET.cost * _brackets(factors) + NESTED.cost * _nested(factors)
        case Power(base, exponent):
            bare = not isinstance(exponent, Number) or exponent.value != -1
            return POWER.cost * bare + BRACKET.cost * isinstance(base, Add | Mul)
        case Call(op, args) if op is transpose:
            return TURN.cost + BRACKET.cost * isinstance(args[0], Add | Mul)
        case Call(op, args) if op is matmul:
            sums = sum(isinstance(a, Sum) for a in args[:-1])
            return SIGN.cost * (len(args) - 1) + BRACKET.cost * (_brackets(args) + sums)
        case Call(op) if op is eye:
            return IDENTITY.cost
        case Call(op) if op is diag and e.shape.rank == 2:
            return DIAGONAL.cost
        case Sum(index, body):
            return ENTRY.cost + CONSTANT.cost * _constants(index, body)
        case Build() | Delta() | Partial():
            return ENTRY.cost
        case Call():
            return FUNCTION.cost
        case _:
            return LETTER.cost


def _brackets(factors: tuple[Expr, ...]) -> int:
    return sum(isinstance(f, Add) for f in factors)


def _constants(index: Index, body: Expr) -> int:
    """The factors of matrix products under a sum that do not have its index."""
    chains = (f.args for f in factors_of(body) if isinstance(f, Call) and f.op is matmul and f.shape.axes)
    return sum(index not in a.free for args in chains for a in args)


def divides(f: Expr) -> bool:
    """Whether a factor is a denominator; numbers and sizes are coefficients."""
    match f:
        case Power(base, Number(value)):
            return value < 0 and not isinstance(base, Number | Size)
        case _:
            return False


def _nested(factors: tuple[Expr, ...]) -> bool:
    """Whether a sum with a denominator in it is divided once more."""
    if not any(divides(f) for f in factors):
        return False
    return any(fraction_inside(f) for f in factors)


def fraction_inside(f: Expr) -> bool:
    """Whether a factor holds a sum that has a denominator, in brackets of any depth."""
    match f:
        case Add(terms):
            return any(divides(g) or fraction_inside(g) for t in terms for g in factors_of(t))
        case Call(op, args) if op is transpose or op is matmul:
            return any(fraction_inside(g) for a in args for g in factors_of(a))
        case _:
            return False


@dataclass(frozen=True, slots=True)
class Preferred:
    """Two equal forms, in text: the engine, given the plain one, ends in the preferred one.

    Attributes:
        plain: a form in which a derivative comes out entry by entry, or is written by hand.
        preferred: the form that is printed.
        where: the declarations.
        why: what is preferred to what.
    """

    plain: str
    preferred: str
    where: str
    why: str


_VECTORS = "x, y, u, v in R^n; a, c in R; A, B in R^(n*n)"
_DATA = "X in R^(N*n); w in R^n; y in R^N"

PREFERRED = (
    Preferred("a * u + a * v", "a * (u + v)", _VECTORS, "a common factor is collected"),
    Preferred("2 * x.T @ A - 2 * y.T @ A", "2 * (x - y).T @ A", _VECTORS, "also one of matrix products"),
    Preferred("2 * x.T @ A.T @ A - 2 * y.T @ A", "2 * (A @ x - y).T @ A", _VECTORS, "a residual is not multiplied out"),
    Preferred("u / a - v / a", "(u - v) / a", _VECTORS, "a common denominator is written once"),
    Preferred("(u - c * v / a) / a", "u / a - c * v / a**2", _VECTORS, "fractions do not stand over fractions"),
    Preferred("u / norm(x) - (x.T @ u) * norm(x) * x / (norm(x)**2)**2", "u / norm(x) - (x.T @ u) * x / norm(x)**3", _VECTORS, "what cancels is cancelled"),
    Preferred("(a - c) * u + (c - a) * v", "(a - c) * (u - v)", _VECTORS, "a difference and its negative are one"),
    Preferred("(x - y) @ (y - x).T", "-(x - y) @ (x - y).T", _VECTORS, "in a product differences stand one way round"),
    Preferred("-(x - y).T @ A", "(y - x).T @ A", _VECTORS, "a minus sign in front turns a lone difference around"),
    Preferred("(a - 1) * (x - y)", "(1 - a) * (y - x)", _VECTORS, "a difference from one is written as such"),
    Preferred("2 * (u - x) - 2 * (u - y)", "2 * (y - x)", _VECTORS, "multiplied out where terms cancel"),
    Preferred("(y / v + (y - 1) / (1 - v)) * v * (1 - v)", "y - v", _VECTORS, "also where they cancel in quotients"),
    Preferred("diag(u) @ A + diag(v) @ A", "diag(u + v) @ A", _VECTORS, "diagonal matrices are added on the diagonal"),
    Preferred("eye(n) @ A @ eye(n)", "A", _VECTORS, "no identity is left in a product"),
    Preferred("((A @ x).T @ B).T", "B.T @ A @ x", _VECTORS, "no transposition of a transposition"),
    Preferred("x.T @ diag(y)", "(x * y).T", _VECTORS, "products with diagonal matrices are carried out"),
    Preferred("ones(n).T @ diag(x)", "x.T", _VECTORS, "also those with ones"),
    Preferred("exp(x) / sum(exp(x))", "softmax(x)", _VECTORS, "the softmax is folded"),
    Preferred("exp(x) / (1 + exp(x))", "sigmoid(x)", _VECTORS, "the logistic function is folded"),
    Preferred("1 / (1 + exp(-x))", "sigmoid(x)", _VECTORS, "in either form"),
    Preferred("1 - sigmoid(-x)", "sigmoid(x)", _VECTORS, "and its complement"),
    Preferred("v * (1 - v) * x + v * (v - 1) * y", "v * (1 - v) * (x - y)", _VECTORS, "the derivative of the logistic function stays factored"),
    Preferred("v * (1 - v) * (1 - v) - v * v * (1 - v)", "v * (1 - v) * (1 - 2 * v)", _VECTORS, "and is not multiplied out for nothing"),
    Preferred("sqrt(x.T @ x)", "norm(x)", _VECTORS, "a root of a sum of squares is a norm"),
    Preferred("sqrt(x.T @ A.T @ A @ x)", "norm(A @ x)", _VECTORS, "also where the vector is a product"),
    Preferred("ones(n).T @ (A * B)", "diag(A.T @ B).T", _VECTORS, "sums of products along the columns are a diagonal"),
    Preferred("exp(a)**c * u / exp(a)", "exp(a)**(c - 1) * u", _VECTORS, "powers of one base are one power"),
    Preferred("1 / n * sum(x)", "mean(x)", _VECTORS, "a sum over its number of terms is a mean"),
    Preferred("sum(u * v)", "u.T @ v", _VECTORS, "a sum of products is an inner product"),
    Preferred("sum(y * (v - a))", "y.T @ v - a * sum(y)", _VECTORS, "no number is added to a vector under a sum"),
    Preferred("sum(A * B.T)", "trace(A @ B)", _VECTORS, "of entries across the diagonal a trace"),
    Preferred("-sum(B[i] - x for i in range(n))", "sum(x - B[i] for i in range(n))", _VECTORS, "a minus sign goes into a sum"),
    Preferred("sum(max(B[i]) * A @ B[i] for i in range(n))", "A @ sum(max(B[i]) * B[i] for i in range(n))", _VECTORS, "and constants out of it"),
    Preferred("sum((X[i].T @ w - y[i]) * X[i] for i in range(N))", "X.T @ (X @ w - y)", _DATA, "sums over the samples are products with the whole data"),
    Preferred("sum(y[i] * X[i] @ X[i].T for i in range(N))", "X.T @ diag(y) @ X", _DATA, "also those of outer products"),
    Preferred("sum(y) * u - y", "u - y", "u in R^n; y in Simplex(n)", "entries of a distribution sum to one"),
    Preferred("(u.T @ A + v.T).T", "A.T @ u + v", _VECTORS, "a transposition goes to the terms of a column"),
    Preferred("A.T @ B.T + B.T @ A.T", "(B @ A + A @ B).T", _VECTORS, "a sum of transposed matrices is transposed once"),
    Preferred("diag(a * u) - a * u @ u.T", "a * (diag(u) - u @ u.T)", _VECTORS, "a factor within a diagonal matrix is a factor"),
    Preferred("1 / (a + c) - a / (a + c)**2", "c / (a + c)**2", _VECTORS, "one denominator where terms cancel over it"),
    Preferred("x * (u - y / x)", "x * u - y", _VECTORS, "a factor is multiplied in where it cancels"),
    Preferred("inv(A @ B) @ A @ x", "inv(B) @ x", _VECTORS, "what an inverse cancels is cancelled"),
    Preferred("a * inv(a * A)", "inv(A)", _VECTORS, "also numbers in it"),
    Preferred("det(A @ A @ A)", "det(A)**3", _VECTORS, "the determinant of a power is the power of the determinant"),
    Preferred("sum(diag(A @ B))", "trace(A @ B)", _VECTORS, "a sum along the diagonal is a trace"),
    Preferred("trace(A @ B) + trace(B @ A)", "2 * trace(A @ B)", _VECTORS, "what is the same under a trace is counted together"),
    Preferred("X.T @ (X @ w) - X.T @ y", "X.T @ (X @ w - y)", _DATA, "the normal equations keep the residual"),
)  # fmt: skip
"""Preferred forms. They hold for what the variables stand for; the rules that lead to them are general."""
