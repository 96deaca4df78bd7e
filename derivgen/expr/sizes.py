"""What an array has besides its entries: the sizes of its axes, the places along them, its shape."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from derivgen.errors import ArgumentError, shown


@dataclass(frozen=True, slots=True)
class Dim:
    """A size: a symbol (``Dim("n")``), a number (``Dim(3)``), or the product of several (see ``times``).

    A product is the tuple of its factors in a settled order, a number first, so that mn and nm are one size.
    """

    size: str | int | tuple[str | int, ...]
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not _is_size(self.size):
            raise ArgumentError(
                f"a size is a name, a whole number from 0 on, or the product of such, not {shown(self.size)}",
                hint='write Dim("n") or Dim(3); a product is Dim("m").times(Dim("n"))',
            )
        object.__setattr__(self, "_hash", hash(self.size))

    def __hash__(self) -> int:
        return self._hash  # asked for with every look into a set of indices

    def __reduce__(self) -> tuple[Any, ...]:
        return Dim, (self.size,)  # another process hashes in another way

    @property
    def factors(self) -> tuple[str | int, ...]:
        """The symbols and the number that the size is the product of."""
        return self.size if isinstance(self.size, tuple) else (self.size,)

    @property
    def symbols(self) -> tuple[str, ...]:
        """The symbols among the factors, each once."""
        return tuple(dict.fromkeys(f for f in self.factors if isinstance(f, str)))

    def times(self, other: Dim) -> Dim:
        """The product of two sizes."""
        number = 1
        symbols: list[str] = []
        for factor in (*self.factors, *other.factors):
            if isinstance(factor, int):
                number *= factor
            else:
                symbols.append(factor)
        if not symbols or not number:
            return Dim(number)
        factors = (*((number,) if number != 1 else ()), *sorted(symbols))
        return Dim(factors[0]) if len(factors) == 1 else Dim(factors)

    def __str__(self) -> str:
        short = all(len(f) == 1 for f in self.symbols)
        return ("" if short else "·").join(map(str, self.factors))


def _is_size(size: object) -> bool:
    match size:
        case str():
            return size != ""
        case bool():
            return False
        case int():
            return size >= 0
        case tuple():
            numbers, names = [f for f in size if type(f) is int], [f for f in size if type(f) is str and f]
            in_order = (*(n for n in numbers if n > 1), *sorted(names))
            return len(size) > 1 >= len(numbers) and size == in_order
        case _:
            return False


def product_dim(dims: Iterable[Dim]) -> Dim:
    """The product of sizes; 1 of none."""
    found = Dim(1)
    for dim in dims:
        found = found.times(dim)
    return found


@dataclass(frozen=True, slots=True)
class Index:
    """A position along an axis of length ``dim``. Two indices are one when name and length agree."""

    name: str
    dim: Dim
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if type(self.name) is not str or not self.name or not isinstance(self.dim, Dim):
            raise ArgumentError(
                f"an index is a name and a length, not {shown(self.name)} and {shown(self.dim)}",
                hint='write Index("i", Dim("n"))',
            )
        object.__setattr__(self, "_hash", hash((self.name, self.dim)))

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> tuple[Any, ...]:
        return Index, (self.name, self.dim)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Pair:
    """A position along an axis whose length is a product: place ``inner`` of block ``outer``.

    ``inner`` runs first: with lengths p and q, Pair(i, k) is position i q + k, counted from 0. So entry (i, j) of X is
    the entry Pair(j, i) of vec(X), and entry Pair(i, k) of a Kronecker product belongs to entry i of its first factor.
    """

    outer: Index | Pair
    inner: Index | Pair

    def __post_init__(self) -> None:
        if not all(is_index(place) for place in (self.outer, self.inner)):
            raise ArgumentError(
                f"a pair is of two indices, not of {shown(self.outer)} and {shown(self.inner)}",
                hint='write Pair(Index("i", Dim("m")), Index("j", Dim("n")))',
            )

    @property
    def dim(self) -> Dim:
        """The length of the axis: the product of those of both indices."""
        return self.outer.dim.times(self.inner.dim)

    def __str__(self) -> str:
        return f"({self.outer}, {self.inner})"


def is_index(place: object) -> bool:
    """Whether it is an index or a pair of them."""
    return isinstance(place, Index | Pair)


Binder = Index | Pair
"""What an array is built over: an index for each axis, or a pair that makes one axis of two indices."""

Place = Index | Pair | int
"""What an axis is read at: an index, a pair of them, or a number that counts from 0."""


def indices_in(places: Iterable[Place]) -> tuple[Index, ...]:
    """The indices of places in the order written, those of pairs one by one."""
    found: list[Index] = []
    for place in places:
        if isinstance(place, Index):
            found.append(place)
        elif isinstance(place, Pair):
            found.extend(indices_in((place.outer, place.inner)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Shape:
    """The axes of an array, and whether its reader sees a row.

    A scalar has no axis, a vector one, a matrix two: there are no axes of length 1. ``row`` says that a vector is
    written as a row (1 by n); it is False everywhere else.
    """

    axes: tuple[Dim, ...] = ()
    row: bool = False

    @property
    def rank(self) -> int:
        """The number of axes: 0 of a scalar, 1 of a vector, 2 of a matrix."""
        return len(self.axes)

    def __str__(self) -> str:
        match self.axes:
            case ():
                return "scalar"
            case (n,):
                return f"1×{n} row" if self.row else f"{n}×1 column"
            case _:
                return "×".join(map(str, self.axes))


SCALAR = Shape()


def is_shape(shape: object) -> bool:
    """Whether a shape is well formed; it is asked of what a user gives, for shapes are made all the time."""
    match shape:
        case Shape(tuple(axes), bool(row)):
            return all(isinstance(dim, Dim) for dim in axes) and (len(axes) == 1 or not row)
        case _:
            return False
