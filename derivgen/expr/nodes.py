"""The closed set of nodes: an array is a function of its indices; ``At`` applies it and ``Build`` makes it.

One set serves arrays and scalars alike. Nodes carry no algorithm: a node knows its children, its shape and its free
indices, and nothing else. Nothing here rewrites: ``Add((b, a))`` stays b + a.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from derivgen.deadline import TooLong
from derivgen.errors import ShapeError
from derivgen.expr.base import (
    NO_INDICES,
    SCALAR,
    Binder,
    Dim,
    Expr,
    Index,
    Op,
    Pair,
    Place,
    Shape,
    common_shape,
    free_indices,
    indices_in,
    shape_mismatch,
)

LONGEST_NUMBER = 13_000
"""Bits of a constant: Python writes down no number of 4,300 digits, and nobody reads one."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Number(Expr):
    """An exact rational constant, of a length that can be written down.

    Raises:
        TooLong: it has more digits than that.
    """

    value: Fraction

    def __post_init__(self) -> None:
        if max(self.value.numerator.bit_length(), self.value.denominator.bit_length()) > LONGEST_NUMBER:
            raise TooLong(
                f"a number here has more than {LONGEST_NUMBER * 3 // 10:,} digits", hint="leave it as a power"
            )
        self._settle(SCALAR, NO_INDICES, (), (self.value,))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Size(Expr):
    """A length used as a number: the N of 1/N."""

    dim: Dim

    def __post_init__(self) -> None:
        self._settle(SCALAR, NO_INDICES, (), (self.dim,))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Position(Expr):
    """An index used as a number, counting from 1 as mathematics does."""

    index: Index

    def __post_init__(self) -> None:
        self._settle(SCALAR, frozenset((self.index,)), (), (self.index,))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Symbol(Expr):
    """A named variable. ``traits`` are declared properties, such as "symmetric" or "positive"."""

    name: str
    space: Shape = SCALAR
    traits: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self._settle(self.space, NO_INDICES, (), (self.name, self.space, self.traits))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Add(Expr):
    """An element-wise sum; scalars expand."""

    terms: tuple[Expr, ...]

    def __post_init__(self) -> None:
        self._settle(common_shape(self.terms), free_indices(self.terms), self.terms, self.terms)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Mul(Expr):
    """An element-wise product, the Hadamard product where two factors are arrays; scalars expand."""

    factors: tuple[Expr, ...]

    def __post_init__(self) -> None:
        self._settle(common_shape(self.factors), free_indices(self.factors), self.factors, self.factors)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Power(Expr):
    """An element-wise power; a square root is the power 1/2, a quotient the power -1. Scalars expand."""

    base: Expr
    exponent: Expr

    def __post_init__(self) -> None:
        both = (self.base, self.exponent)
        self._settle(common_shape(both), free_indices(both), both, both)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Call(Expr):
    """An operation of the catalog applied to arguments; ``dims`` are the sizes of constants such as ``eye(n)``."""

    op: Op
    args: tuple[Expr, ...]
    dims: tuple[Dim, ...] = ()

    def __post_init__(self) -> None:
        shape = self.op.result_shape(self.args, self.dims)
        self._settle(shape, free_indices(self.args), self.args, (self.op, self.args, self.dims))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class At(Expr):
    """An array read at places: A_ij, or with fewer places than axes the array of the rest (row i, as a column)."""

    array: Expr
    places: tuple[Place, ...]

    def __post_init__(self) -> None:
        axes = self.array.shape.axes
        if not self.places or len(self.places) > len(axes):
            raise ShapeError(f"{len(self.places)} places for an array of {len(axes)} axes")
        for place, dim in zip(self.places, axes, strict=False):
            if isinstance(place, Index | Pair):
                if place.dim != dim:
                    raise ShapeError(f"index {place} runs to {place.dim}, but the axis has length {dim}")
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

    def __post_init__(self) -> None:
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

    def __post_init__(self) -> None:
        self._settle(self.body.shape, self.body.free - {self.index}, (self.body,), (self.index, self.body))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Delta(Expr):
    """Kronecker's delta: 1 where the two places are equal, else 0."""

    left: Place
    right: Place

    def __post_init__(self) -> None:
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

    def __post_init__(self) -> None:
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

    def __post_init__(self) -> None:
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
