"""Which of several equal forms is printed: the measure of a form, and the preferred forms as a table."""

from __future__ import annotations

from dataclasses import dataclass

from derivgen.catalog.linear import matmul, transpose
from derivgen.catalog.opaque import eye
from derivgen.expr import Add, Build, Call, Delta, Expr, Mul, Number, Partial, Power, Size, Sum, children
from derivgen.expr.nodes import MINUS_ONE
from derivgen.rules.algebra import factors_of
from derivgen.rules.signs import opposite


@dataclass(frozen=True, slots=True)
class Weight:
    """One thing that is counted: what, how much each costs a reader, and why."""

    what: str
    cost: int
    why: str


LETTER = Weight("a letter, a whole number, a size", 1, "It must be read.")
FRACTION = Weight("a fraction of numbers", 2, "Two numbers, set small.")
FUNCTION = Weight("a function, an inverse, a root or a power", 1, "A name or an exponent besides the argument.")
SIGN = Weight("a sign of a sum or of a product, a fraction bar", 1, "A minus sign in front costs nothing: the sum has a sign there.")  # fmt: skip
TURN = Weight("a transposition", 1, "The reader turns the array in the mind.")
IDENTITY = Weight("an identity matrix", 2, "$I$ beside other matrices is seldom what a textbook leaves.")
BRACKET = Weight("a pair of brackets around a sum", 2, "What stands in it is read before what stands around it.")
NESTED = Weight("a fraction over a fraction", 6, "Textbooks divide once: each term has its own denominator.")
SPREAD = Weight(
    "a scalar added to an array", 3, r"Mathematics writes $c\mathbf 1$; only NumPy adds a number to a vector."
)
ENTRY = Weight("a sum over an index, an array of entries, a delta, a partial", 4, "Arrays are what was asked for.")
OTHER = Weight("a sum unlike all others", 1, "Differences that are all the same way round are read once.")
KNOWN = Weight(
    "a sum that stands in the question, such as a residual: half of what is in it", 0, "The reader knows it."
)

WEIGHTS = (LETTER, FRACTION, FUNCTION, SIGN, TURN, IDENTITY, BRACKET, NESTED, SPREAD, ENTRY, OTHER, KNOWN)
"""The measure, item by item. Of equal forms the one with the smaller total is printed, of equal totals the first."""


def measure(e: Expr, known: frozenset[Expr] = frozenset()) -> int:
    """What a form costs its reader: the total of ``WEIGHTS`` over all that is printed.

    What occurs twice is read twice, so it counts twice; the cost of computing it is that of the distinct nodes.
    ``known`` are sums that the question has.
    """
    memo: dict[int, int] = {}
    sums: set[Expr] = set()

    def go(here: Expr) -> int:
        found = memo.get(id(here))
        if found is None:
            found = memo[id(here)] = _own(here) + sum([go(c) for c in _read(here)])
            if isinstance(here, Add):
                sums.add(here)
                if here in known or any(opposite(here, k) for k in known):
                    found = memo[id(here)] = (found + 1) // 2
        return found

    return go(e) + OTHER.cost * len(sums)


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
            return LETTER.cost if value.denominator == 1 else FRACTION.cost
        case Add(terms):
            spread = bool(e.shape.axes) and any(not t.shape.axes for t in terms)
            return SIGN.cost * (len(terms) - 1) + SPREAD.cost * spread
        case Mul(factors):
            signs = len(_read(e)) - 1
            return SIGN.cost * signs + BRACKET.cost * _brackets(factors) + NESTED.cost * _nested(factors)
        case Power(base, exponent):
            bare = not isinstance(exponent, Number) or exponent.value not in (-1,)
            return FUNCTION.cost * bare + BRACKET.cost * isinstance(base, Add | Mul)
        case Call(op, args) if op is transpose:
            return TURN.cost + BRACKET.cost * isinstance(args[0], Add | Mul)
        case Call(op, args) if op is matmul:
            return SIGN.cost * (len(args) - 1) + BRACKET.cost * _brackets(args)
        case Call(op) if op is eye:
            return IDENTITY.cost
        case Sum() | Build() | Delta() | Partial():
            return ENTRY.cost
        case Call():
            return FUNCTION.cost
        case _:
            return LETTER.cost


def _brackets(factors: tuple[Expr, ...]) -> int:
    return sum(isinstance(f, Add) for f in factors)


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
    return any(_fraction_inside(f) for f in factors)


def _fraction_inside(f: Expr) -> bool:
    """Whether a factor holds a sum that has a denominator, in brackets of any depth."""
    match f:
        case Add(terms):
            return any(divides(g) or _fraction_inside(g) for t in terms for g in factors_of(t))
        case Call(op, args) if op is transpose or op is matmul:
            return any(_fraction_inside(g) for a in args for g in factors_of(a))
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
