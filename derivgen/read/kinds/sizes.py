"""Which lengths are one: a union-find over sizes, those that are open among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from derivgen.errors import Span
from derivgen.expr import SCALAR, Dim, Shape, product_dim

INDEX = -1
"""In place of the number of an axis: how far the index of this name runs."""


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign at a place of a formula, about which something is chosen: the axes that 𝟏 has, which product ⊗ is."""

    what: str
    at: Span
    formula: int = 0


@dataclass(frozen=True, slots=True)
class Hole:
    """A length that nothing says: of an axis of a letter or of a sign, or of an index."""

    of: str | Sign
    axis: int = 0


def is_open(dim: Dim) -> bool:
    """Whether a size stands for a length that is still to be found."""
    return isinstance(dim.size, str) and dim.size.startswith("?")


def unshared(left: Dim, right: Dim) -> tuple[list[str | int], list[str | int]]:
    """What is left of two products of lengths without their common factors."""
    rest, other = list(left.factors), list(right.factors)
    for factor in left.factors:
        if factor in other:
            rest.remove(factor)
            other.remove(factor)
    return rest, other


class Sizes:
    """Open sizes and what they were found to be."""

    __slots__ = ("found", "holes", "later")

    def __init__(self) -> None:
        self.found: dict[Dim, Dim] = {}
        self.holes: dict[Hole, Dim] = {}
        self.later: list[tuple[Dim, Dim]] = []  # products that are one, of which it is not known yet how

    def settle(self) -> bool:
        """Whether the products that were left for later are one, now that more is known."""
        pending, self.later = self.later, []
        return all(self.same(left, right) for left, right in pending) and not self.later

    def open(self, hole: Hole) -> Dim:
        """The size that stands for a length which nothing says."""
        return self.holes.setdefault(hole, Dim(f"?{len(self.holes)}"))

    def filled(self) -> dict[Hole, Dim]:
        """The lengths that were open and are known by now."""
        known = {hole: self.settled(dim) for hole, dim in self.holes.items()}
        return {hole: dim for hole, dim in known.items() if not any(is_open(Dim(f)) for f in dim.factors)}

    def settled(self, dim: Dim) -> Dim:
        """What is known of a size by now."""
        if isinstance(dim.size, tuple):
            return product_dim([self.settled(Dim(f)) for f in dim.size])
        while (known := self.found.get(dim)) is not None:
            dim = known if not isinstance(known.size, tuple) else self.settled(known)
        return dim

    def untold(self, constants: Sequence[Shape]) -> int:
        """How many constants have a length that no letter and no index says; those of one length are counted once."""
        told = {self.settled(dim) for hole, dim in self.holes.items() if not isinstance(hole.of, Sign)}
        found = 0
        for shape in constants:
            own = {d for d in self.shape(shape).axes if is_open(d)} - told
            found += bool(own)
            told |= own
        return found

    def shape(self, shape: Shape) -> Shape:
        """The shape with the sizes that are known by now."""
        return Shape(tuple(map(self.settled, shape.axes)), shape.row)

    def same(self, left: Dim, right: Dim) -> bool:
        """Make two lengths one; whether that can be."""
        left, right = self.settled(left), self.settled(right)
        if left == right:
            return True
        if is_open(left) or is_open(right):
            one, other = (left, right) if is_open(left) else (right, left)
            if one in map(Dim, other.factors):
                return False
            self.found[one] = other
            return True
        return self._same_product(left, right)

    def _same_product(self, left: Dim, right: Dim) -> bool:
        """Two products of lengths are one where what is left of them without their common factors is."""
        rest, other = unshared(left, right)
        if len(rest) == len(other) == 1 and len(left.factors) > 1:
            return self.same(Dim(rest[0]), Dim(other[0]))
        for one, whole in ((rest, other), (other, rest)):
            if len(one) == 1 and is_open(Dim(one[0])) and whole:
                return self.same(Dim(one[0]), product_dim([Dim(f) for f in whole]))
        if len(rest) > 1 and len(other) > 1 and any(is_open(Dim(f)) for f in (*rest, *other)):
            self.later.append((left, right))
            return True
        return False

    def same_shape(self, left: Shape, right: Shape) -> bool:
        """Make two shapes one; whether that can be."""
        return (
            left.rank == right.rank
            and left.row == right.row
            and all(self.same(a, b) for a, b in zip(left.axes, right.axes, strict=True))
        )


def of_partials(of: Shape, by: Shape, layout: str) -> Shape | None:
    """The shape of a derivative in the layout of the page; None where it would have more than two axes."""
    if not by.axes and not of.axes:
        return SCALAR
    turned = layout == "denominator" or (layout == "gradient" and not of.axes)
    match of.rank, by.rank:
        case 0, 1:
            return Shape(by.axes, row=not turned)
        case 1, 0:
            return Shape(of.axes, row=turned)
        case 0, 2:
            return Shape(by.axes if turned else by.axes[::-1])
        case 2, 0:
            return Shape(of.axes[::-1] if turned else of.axes)
        case 1, 1:
            return Shape(by.axes + of.axes if turned else of.axes + by.axes)
        case _:
            return Shape(of.axes + by.axes)
