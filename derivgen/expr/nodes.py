"""The closed set of nodes: an array is a function of its indices; ``At`` applies it and ``Build`` makes it.

One set serves arrays and scalars alike. Nodes carry no algorithm: a node knows its children, its shape and its free
indices, and nothing else. Nothing here rewrites: ``Add((b, a))`` stays b + a.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from derivgen.deadline import TooLong
from derivgen.errors import ArgumentError, ShapeError, shown
from derivgen.expr.base import NO_INDICES, Expr, Op, common_shape, free_indices, shape_mismatch
from derivgen.expr.sizes import SCALAR, Binder, Dim, Index, Pair, Place, Shape, indices_in, is_shape

LONGEST_NUMBER = 13_000
"""Bits of a constant: Python writes down no number of 4,300 digits, and nobody reads one."""


def _exact(value: object) -> Fraction:
    """A whole number as a fraction; of nothing else it is certain which number is meant."""
    if type(value) is not int:
        raise TypeError
    return Fraction(value)


def _is_place(place: object) -> bool:
    return type(place) is Index or type(place) is int or type(place) is Pair


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Number(Expr):
    """An exact rational constant, of a length that can be written down; a whole number is taken for one.

    Raises:
        TooLong: it has more digits than that.
    """

    value: Fraction
    example: ClassVar[str] = "Number(Fraction(1, 2)) or Number(2)"

    def _form(self) -> None:
        if type(self.value) is not Fraction:
            object.__setattr__(self, "value", _exact(self.value))
        if max(self.value.numerator.bit_length(), self.value.denominator.bit_length()) > LONGEST_NUMBER:
            raise TooLong(
                f"a number here has more than {LONGEST_NUMBER * 3 // 10:,} digits", hint="leave it as a power"
            )
        self._settle(SCALAR, NO_INDICES, (), (self.value,))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Size(Expr):
    """A length used as a number: the N of 1/N."""

    dim: Dim
    example: ClassVar[str] = 'Size(Dim("n"))'

    def _form(self) -> None:
        if not isinstance(self.dim, Dim):
            raise TypeError
        self._settle(SCALAR, NO_INDICES, (), (self.dim,))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Position(Expr):
    """An index used as a number, counting from 1 as mathematics does."""

    index: Index
    example: ClassVar[str] = 'Position(Index("i", Dim("n")))'

    def _form(self) -> None:
        if not isinstance(self.index, Index):
            raise TypeError
        self._settle(SCALAR, frozenset((self.index,)), (), (self.index,))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Symbol(Expr):
    """A named variable. ``traits`` are declared properties, such as "symmetric" or "positive"."""

    name: str
    space: Shape = SCALAR
    traits: tuple[str, ...] = ()
    example: ClassVar[str] = 'Symbol("x", Shape((Dim("n"),)))'

    def _form(self) -> None:
        if type(self.name) is not str or not self.name or not is_shape(self.space) or type(self.traits) is not tuple:
            raise TypeError
        self._settle(self.space, NO_INDICES, (), (self.name, self.space, self.traits))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Add(Expr):
    """An element-wise sum; scalars expand."""

    terms: tuple[Expr, ...]
    example: ClassVar[str] = "Add((x, y)), a tuple of expressions"

    def _form(self) -> None:
        if type(self.terms) is not tuple or not self.terms:
            raise TypeError
        self._settle(common_shape(self.terms), free_indices(self.terms), self.terms, self.terms)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Mul(Expr):
    """An element-wise product, the Hadamard product where two factors are arrays; scalars expand."""

    factors: tuple[Expr, ...]
    example: ClassVar[str] = "Mul((x, y)), a tuple of expressions"

    def _form(self) -> None:
        if type(self.factors) is not tuple or not self.factors:
            raise TypeError
        self._settle(common_shape(self.factors), free_indices(self.factors), self.factors, self.factors)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Power(Expr):
    """An element-wise power; a square root is the power 1/2, a quotient the power -1. Scalars expand."""

    base: Expr
    exponent: Expr
    example: ClassVar[str] = "Power(x, Number(2))"

    def _form(self) -> None:
        both = (self.base, self.exponent)
        self._settle(common_shape(both), free_indices(both), both, both)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Call(Expr):
    """An operation of the catalog applied to arguments; ``dims`` are the sizes of constants such as ``eye(n)``."""

    op: Op
    args: tuple[Expr, ...]
    dims: tuple[Dim, ...] = ()
    example: ClassVar[str] = 'Call(operation("exp"), (x,)), an operation and a tuple of expressions'

    def _form(self) -> None:
        if type(self.args) is not tuple or type(self.dims) is not tuple:
            raise TypeError
        shape = self.op.result_shape(self.args, self.dims)
        self._settle(shape, free_indices(self.args), self.args, (self.op, self.args, self.dims))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class At(Expr):
    """An array read at places: A_ij, or with fewer places than axes the array of the rest (row i, as a column)."""

    array: Expr
    places: tuple[Place, ...]
    example: ClassVar[str] = 'At(x, (Index("i", Dim("n")),)), or At(x, (0,))'

    def _form(self) -> None:
        axes = self.array.shape.axes
        if type(self.places) is not tuple:
            raise TypeError
        if not self.places or len(self.places) > len(axes):
            raise ShapeError(f"{len(self.places)} places for an array of {len(axes)} axes")
        for place, dim in zip(self.places, axes, strict=False):
            if isinstance(place, Index | Pair):
                if place.dim != dim:
                    said = f"index {place} runs to {place.dim}, but the axis has length {dim}"
                    raise ShapeError(said).marked("lengths", str(place.dim), str(dim))
            elif type(place) is not int:
                raise TypeError
            elif place < 0 or (isinstance(dim.size, int) and place >= dim.size):
                raise ShapeError(f"place {place} is outside an axis of length {dim} (text counts from 0)")
        own = frozenset(indices_in(self.places))
        self._settle(Shape(axes[len(self.places) :]), self.array.free | own, (self.array,), (self.array, self.places))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Build(Expr):
    """The array whose entry at ``indices`` is ``body``, a scalar; ``row`` writes a vector as a row.

    A pair among ``indices`` makes one axis, whose length is a product, of two indices.
    """

    indices: tuple[Binder, ...]
    body: Expr
    row: bool = False
    example: ClassVar[str] = 'Build((Index("i", Dim("n")),), body), a tuple of indices and a scalar'

    def _form(self) -> None:
        if type(self.indices) is not tuple:
            raise TypeError
        if self.body.shape.axes:
            raise ShapeError(f"the entries of an array are scalars; this one is {self.body.shape}")
        if self.row and len(self.indices) != 1:
            raise ShapeError("only a vector is written as a row")
        shape = Shape(tuple(i.dim for i in self.indices), self.row)
        self._settle(shape, self.body.free - frozenset(self.bound), (self.body,), (self.indices, self.body, self.row))

    @property
    def bound(self) -> tuple[Index, ...]:
        """Every index that it binds, those of pairs one by one."""
        return indices_in(self.indices)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Sum(Expr):
    """The sum of ``body``, a scalar or an array, over all places of ``index``."""

    index: Index
    body: Expr
    example: ClassVar[str] = 'Sum(Index("i", Dim("n")), body)'

    def _form(self) -> None:
        if not isinstance(self.index, Index):
            raise TypeError
        self._settle(self.body.shape, self.body.free - {self.index}, (self.body,), (self.index, self.body))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Delta(Expr):
    """Kronecker's delta: 1 where the two places are equal, else 0."""

    left: Place
    right: Place
    example: ClassVar[str] = 'Delta(Index("i", Dim("n")), Index("j", Dim("n")))'

    def _form(self) -> None:
        if not (_is_place(self.left) and _is_place(self.right)):
            raise TypeError
        own = frozenset(indices_in((self.left, self.right)))
        self._settle(SCALAR, own, (), (self.left, self.right))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Partial(Expr):
    """The partial derivative of a scalar by a scalar variable: a scalar Symbol, or At(Symbol, places).

    It is total over defined names: a name that is defined by the variable moves with it, the variable itself being
    free also where it is a defined name.
    """

    body: Expr
    wrt: Expr
    example: ClassVar[str] = (
        "Partial(At(y, (i,)), At(x, (j,))), scalars, of which the second is a variable or an entry of one"
    )

    def _form(self) -> None:
        if self.body.shape.axes or self.wrt.shape.axes:
            raise ShapeError("a partial derivative is of a scalar by a scalar")
        if not isinstance(self.wrt.array if isinstance(self.wrt, At) else self.wrt, Symbol):
            raise ShapeError("a partial derivative is by a variable or by an entry of one")
        both = (self.body, self.wrt)
        self._settle(SCALAR, free_indices(both), both, both)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Cases(Expr):
    """The first value whose condition holds (is not 0), else ``otherwise``. Conditions are scalar or of the value's shape."""

    branches: tuple[tuple[Expr, Expr], ...]
    otherwise: Expr
    example: ClassVar[str] = "Cases(((condition, value),), otherwise)"

    def _form(self) -> None:
        if type(self.branches) is not tuple:
            raise TypeError
        shape = common_shape((*(value for _, value in self.branches), self.otherwise))
        for condition, _ in self.branches:
            if condition.shape.axes and condition.shape != shape:
                raise shape_mismatch(
                    "a case distinction", condition, next((v for _, v in self.branches if v.shape.axes), self.otherwise)
                )
        parts = (*(part for branch in self.branches for part in branch), self.otherwise)
        self._settle(shape, free_indices(parts), parts, parts)


NODES: tuple[type[Expr], ...] = (
    Number,
    Size,
    Position,
    Symbol,
    Add,
    Mul,
    Power,
    Call,
    At,
    Build,
    Sum,
    Delta,
    Partial,
    Cases,
)
"""The closed set of nodes: every algorithm over expressions is one ``match`` over these."""

for _place, _kind in enumerate(NODES):
    _kind.bit = 1 << _place


ZERO = Number(Fraction(0))
ONE = Number(Fraction(1))
MINUS_ONE = Number(Fraction(-1))


@dataclass(frozen=True, slots=True)
class Definition:
    """A name for an intermediate: ``symbol`` stands for ``value``.

    A family, one intermediate for each i of a sum, has the axis of i first: z in Rᴺ with ``Build((i,), …)`` for value,
    read as ``At(z, (i,))``.
    """

    symbol: Symbol
    value: Expr

    def __post_init__(self) -> None:
        given: tuple[object, object] = (self.symbol, self.value)
        if not (isinstance(given[0], Symbol) and isinstance(given[1], Expr)):
            raise ArgumentError(
                f"a definition is of a symbol by an expression, not of {shown(given[0])} by {shown(given[1])}",
                hint='write Definition(Symbol("u", value.shape), value)',
            )
        if self.symbol.shape != self.value.shape:
            raise ShapeError(
                f"{self.symbol.name} is a {self.symbol.shape}, but what it stands for is a {self.value.shape}"
            )
