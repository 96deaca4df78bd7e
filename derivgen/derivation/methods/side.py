"""On which side a derivative is carried back: as a row before its Jacobians, or as a column behind their transposes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from derivgen.catalog.build import chain, product, transposed
from derivgen.catalog.linear import trace
from derivgen.derivation.jacobian import compose, jacobian
from derivgen.derivation.methods.carried import carried_through
from derivgen.derivation.methods.last_link import entry
from derivgen.derivation.methods.network import Node
from derivgen.expr import Call, Expr, Place
from derivgen.options import Layout
from derivgen.rules.engine import Context


@dataclass(frozen=True, slots=True)
class Side:
    """How a backward pass writes what it carries.

    Attributes:
        column: whether what is carried to a vector is a column, and what is carried to a matrix has its shape, as in gradient
            layout; else it is the transpose of that.
    """

    column: bool

    @property
    def layout(self) -> Layout:
        """The layout of the derivative of a number."""
        return "gradient" if self.column else "numerator"

    def layout_of(self, n: Node) -> Layout:
        """The layout in which a link is derived: the Jacobian of a vector is turned afterwards."""
        return "numerator" if n.name.shape.axes else self.layout

    def of(self, whole: Expr, u: Expr, ctx: Context) -> Expr:
        """The derivative of the value, a number, by an intermediate."""
        return jacobian(whole, u, ctx, self.layout)

    def passes(self, n: Node, u: Expr, ctx: Context) -> Expr:
        """The factor that a link is, in names."""
        return jacobian(n.name, u, ctx, "denominator" if self.column else "numerator")

    def factor(self, n: Node, rate: Expr) -> Expr:
        """The factor that a link is, with the Jacobian that was found."""
        return carried_through(rate) if self.column and n.name.shape.axes else rate

    def product(self, carried: Expr, factor: Expr) -> Expr:
        """What is carried, times one more factor."""
        return compose([factor, carried] if self.column else [carried, factor])

    def weighted(self, weight: Expr, n: Node) -> Expr:
        """The entries of an intermediate, each with its weight: what is carried there, held as it is."""
        row = transposed(weight) if self.column and weight.shape.axes else weight
        match n.name.shape.rank:
            case 0:
                return product(weight, n.value)
            case 1:
                return chain(row, n.value)
            case _:
                return Call(trace, (chain(row, n.value),))

    def places(self, places: Sequence[Place]) -> tuple[Place, ...]:
        """The places in what is carried that belong to those in an intermediate, and the other way round."""
        return tuple(places) if self.column else tuple(places)[::-1]

    def weight(self, carried: Expr, places: tuple[Place, ...]) -> Expr:
        """What is carried at an entry of an intermediate."""
        if not places:
            return carried
        return entry(carried.args[0] if isinstance(carried, Call) else carried, self.places(places))
