"""What stands for a value that is not read: its shape is known, and what it is made of."""

from __future__ import annotations

from dataclasses import dataclass

from derivgen.expr import Dim, Expr, Op, Shape
from derivgen.expr.notation import Notation


@dataclass(frozen=True, slots=True)
class Held(Op):
    """A value that depends on its arguments, and of which no more is known. It has no derivative, and is computed by nothing.

    Attributes:
        said, hint: what is said where more would be needed.
        bound: the letters that run within it, on which it does not depend.
        within: its scripts as written: two values of the same arguments are the same if these are.
    """

    name: str
    codomain: Shape
    said: str
    hint: str = ""
    bound: frozenset[str] = frozenset()
    within: str = ""

    def result_shape(self, args: tuple[Expr, ...], dims: tuple[Dim, ...]) -> Shape:
        return self.codomain

    @property
    def notation(self) -> Notation:  # type: ignore[override]
        """Its name before its arguments."""
        return Notation()
