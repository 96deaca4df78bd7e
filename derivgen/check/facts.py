"""What a tree tells before any number is drawn: whether it is rational, of which degree, and where it branches."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterable
from fractions import Fraction
from math import prod
from typing import Any, NamedTuple

from derivgen.catalog.base import Abstract, Constant, Elementwise, Formula, Linear, Opaque
from derivgen.catalog.primitives import EXP, Arithmetic, Primitive
from derivgen.catalog.user_functions import UserFunction
from derivgen.check.constants import rationals
from derivgen.check.scope import Scope, before
from derivgen.errors import CheckError
from derivgen.expr import (
    STEP,
    Add,
    At,
    Build,
    Call,
    Cases,
    Dim,
    Expr,
    Mul,
    Number,
    Partial,
    Power,
    Sum,
    Symbol,
)

UNBOUNDED = 1 << 60


class Degree:
    """Bounds on the degrees of numerator and denominator of a rational function of the variables.

    It is a number to the values of operations: they are computed on degrees as on numbers.
    """

    __slots__ = ("over", "under")

    def __init__(self, over: int, under: int = 0) -> None:
        self.over = over if over < UNBOUNDED else UNBOUNDED
        self.under = under if under < UNBOUNDED else UNBOUNDED

    def __add__(self, other: Degree | Any) -> Degree:
        if not isinstance(other, Degree):
            return Degree(max(self.over, self.under), self.under)
        over = max(self.over + other.under, other.over + self.under)
        return Degree(over, self.under + other.under)

    __radd__ = __sub__ = __rsub__ = __add__

    def __neg__(self) -> Degree:
        return self

    def __mul__(self, other: Degree | Any) -> Degree:
        return Degree(self.over + other.over, self.under + other.under) if isinstance(other, Degree) else self

    __rmul__ = __mul__

    def __truediv__(self, other: Degree | Any) -> Degree:
        return Degree(self.over + other.under, self.under + other.over) if isinstance(other, Degree) else self

    def __rtruediv__(self, other: Any) -> Degree:
        return Degree(self.under, self.over)

    def __pow__(self, k: int) -> Degree:
        over, under = (self.over, self.under) if k >= 0 else (self.under, self.over)
        return Degree(over * abs(k), under * abs(k))

    def times_terms(self, count: int) -> Degree:
        """The degree of a sum of ``count`` terms like this one."""
        return Degree(self.over + (count - 1) * self.under, count * self.under)

    def derived(self) -> Degree:
        """The degree of a derivative."""
        if self.under == 0:
            return Degree(max(self.over - 1, 0), 0)
        return Degree(self.over + self.under, 2 * self.under)

    def or_else(self, other: Degree) -> Degree:
        """The bounds of a value that is either this one or the other."""
        return Degree(max(self.over, other.over), max(self.under, other.under))


class DegreeArithmetic(Arithmetic):
    """Operations' values on degrees: shows whether an operation is rational, and whether it branches."""

    def __init__(self) -> None:
        self.rational = True
        self.branches = False

    def of(self, function: Primitive, u: Any) -> Degree:
        self.rational = False
        return Degree(0)

    def pi(self) -> Degree:
        return self.of(EXP, None)

    def magnitude(self, u: Any) -> float:
        return 1.0

    def where_positive(self, c: Any, yes: Any, no: Any) -> Degree:
        return self.where_zero(c, yes, no)

    def minus(self, u: Any, v: Any) -> Degree:
        return _degree(u) + _degree(v)

    def larger(self, u: Any, v: Any) -> Degree:
        return self.where_positive(u, u, v)

    smaller = larger

    def where_zero(self, c: Any, yes: Any, no: Any) -> Degree:
        self.branches = True
        return _degree(yes).or_else(_degree(no))


def _degree(u: Any) -> Degree:
    return u if isinstance(u, Degree) else Degree(0)


class Facts(NamedTuple):
    """Of a value: the degree of each entry, whether it is rational, the operations in it that branch.

    Attributes:
        anywhere: whether all this holds at all lengths.
    """

    degree: Degree
    rational: bool = True
    branches: frozenset[int] = frozenset()
    anywhere: bool = True


_CONSTANT = Facts(Degree(0))
_VARIABLE = Facts(Degree(1))


class Reader:
    """Facts of every number of a scope, each read once; those that hold at all lengths are shared with other scopes."""

    def __init__(self, scope: Scope, shared: dict[int, Facts]) -> None:
        self.scope = scope
        self.shared = shared
        self._memo: dict[int, Facts] = {}
        self._depth = 0  # of the recursion: what lies deeper than a few levels is read from below

    def facts(self, number: int) -> Facts:
        """The facts of an expression, whose names are known not to be defined in a circle."""
        found = self.shared.get(number) or self._memo.get(number)
        if found is None:
            depth = self._depth
            try:
                if depth >= STEP:
                    self._depth = 0
                    for inner in before(number, self._needs, ChainMap(self.shared, self._memo)):
                        self._keep(inner)
                else:
                    self._depth = depth + 1
                    return self._keep(number)
            finally:
                self._depth = depth
            found = self.shared.get(number) or self._memo[number]
        return found

    def _keep(self, number: int) -> Facts:
        found = self._read(number, self.scope.pool.nodes[number])
        (self.shared if found.anywhere else self._memo)[number] = found
        return found

    def _needs(self, number: int) -> Iterable[int]:
        """The expressions whose facts those of another are made of."""
        match self.scope.pool.nodes[number]:
            case Symbol(name):
                return (self.scope.defined[name],) if name in self.scope.defined else ()
            case Call(Formula() | UserFunction()):
                return (self.scope.pool.expansion(number),)
            case At() | Build() | Partial():
                return self.scope.pool.kids[number][:1]
            case _:
                return self.scope.pool.kids[number]

    def _read(self, number: int, e: Expr) -> Facts:
        kids = self.scope.pool.kids[number]
        match e:
            case Symbol(name):
                inside = self.scope.defined.get(name)
                return _VARIABLE if inside is None else self.facts(inside)
            case At() | Build():
                return self.facts(kids[0])
            case Mul():
                return self._joined(kids, _product)
            case Add():
                return self._joined(kids, _sum)
            case Call():
                return self._call(number, e, kids)
            case Sum(index):
                return self._summed(self.facts(kids[0]), (index.dim,))
            case Partial():
                inside_facts = self.facts(kids[0])
                return inside_facts._replace(degree=inside_facts.degree.derived())
            case Power():
                return self._power(number, *kids)
            case Cases():
                return self._joined(kids, _alternatives)
            case _:
                return _CONSTANT

    def _joined(self, kids: Iterable[int], combine: Callable[[list[Degree]], Degree], own: Facts = _CONSTANT) -> Facts:
        _, rational, branches, anywhere = own
        degrees = []
        for kid in kids:
            found = self.facts(kid)
            degrees.append(found.degree)
            rational = rational and found.rational
            anywhere = anywhere and found.anywhere
            if found.branches and found.branches is not branches:
                branches = branches | found.branches if branches else found.branches
        return Facts(combine(degrees), rational, branches, anywhere)

    def _summed(self, terms: Facts, dims: Iterable[Dim]) -> Facts:
        """A sum over axes: of polynomials it is of the same degree, however long they are."""
        if not terms.degree.under:
            return terms
        return terms._replace(degree=terms.degree.times_terms(prod(self.scope.lengths(dims))), anywhere=False)

    def _power(self, number: int, base: int, exponent: int) -> Facts:
        node = self.scope.pool.nodes[exponent]
        if isinstance(node, Number):
            powers: list[Fraction] | None = [node.value]
        elif self.scope.names(exponent) or not self.facts(exponent).rational:
            powers = None
        else:
            powers = rationals(self.scope, exponent)
        own = Facts(Degree(0), anywhere=isinstance(node, Number))
        if powers is None or any(p.denominator != 1 for p in powers):
            branches = frozenset((number,)) if self.scope.pool.roots(number) else frozenset()
            return self._joined((base, exponent), lambda _: Degree(0), own._replace(rational=False, branches=branches))
        low, high = min(int(p) for p in powers), max(int(p) for p in powers)
        return self._joined((base,), lambda d: (d[0] ** low).or_else(d[0] ** high), own)

    def _call(self, number: int, e: Call, kids: tuple[int, ...]) -> Facts:
        op = e.op
        match op:
            case Linear():
                terms = self._joined(kids, _product)
                return self._summed(terms, self._joined_axes(number, e)) if terms.degree.under else terms
            case Formula() | UserFunction():
                return self.facts(self.scope.pool.expansion(number))
            case Elementwise():
                trial = DegreeArithmetic()
                degree = _degree(op.value(trial, *[self.facts(kid).degree for kid in kids]))
                return self._tried(number, kids, trial, degree)
            case Constant():
                return _CONSTANT
            case Abstract():
                return self._joined(kids, lambda _: Degree(1))  # its value at an argument is a random number of its own
            case Opaque():
                trial = DegreeArithmetic()
                nested = [self._nested(a, self.facts(kid).degree) for a, kid in zip(e.args, kids, strict=True)]
                degree = _largest(op.value(trial, *nested))
                return self._tried(number, kids, trial, degree)._replace(anywhere=False)
            case _:
                raise CheckError(f"{op.name} has no value")

    def _tried(self, number: int, kids: tuple[int, ...], trial: DegreeArithmetic, degree: Degree) -> Facts:
        own = Facts(degree, trial.rational, frozenset((number,)) if trial.branches else frozenset())
        return self._joined(kids, lambda _: degree, own)

    def _joined_axes(self, number: int, e: Call) -> list[Dim]:
        """The axes that a linear operation sums over."""
        rule = self.scope.pool.signature(number)
        named: dict[str, Dim] = {}
        for a, labels in zip(e.args, rule.inputs, strict=True):
            named.update(zip(labels, a.shape.axes, strict=True))
        return [dim for label, dim in named.items() if label not in rule.output]

    def _nested(self, e: Expr, degree: Degree) -> Any:
        nested: Any = degree
        for n in reversed(self.scope.lengths(e.shape.axes)):
            nested = [nested] * n
        return nested


def _sum(degrees: list[Degree]) -> Degree:
    total = Degree(0)
    for d in degrees:
        total = total + d
    return total


def _product(degrees: list[Degree]) -> Degree:
    return Degree(sum([d.over for d in degrees]), sum([d.under for d in degrees]))


def _alternatives(degrees: list[Degree]) -> Degree:
    total = Degree(0)
    for d in degrees:
        total = total.or_else(d)
    return total


def _largest(nested: Any) -> Degree:
    if isinstance(nested, list):
        return _alternatives([_largest(part) for part in nested])
    return _degree(nested)
