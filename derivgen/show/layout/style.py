"""How mathematics is to look: the notation, the layout, and the letters that the document uses already."""

from __future__ import annotations

from dataclasses import dataclass

from derivgen.catalog.base import Abstract
from derivgen.expr import Symbol
from derivgen.options import Layout, NotationName


@dataclass(frozen=True, slots=True)
class Style:
    """The choices of a document.

    Attributes:
        notation: "notes" writes ⊗ for the element-wise product, "modern" ⊙.
        layout: which of a derivative and its transpose is written ∂y/∂x.
        symbols: the variables of the whole document; a name is spelled so that none of them can be meant instead.
        functions: its abstract functions, for the same reason.
        entire: whether entry i of an element-wise function is still written f_i(𝐰), not yet f_i(w_i).
    """

    notation: NotationName = "notes"
    layout: Layout = "numerator"
    symbols: tuple[Symbol, ...] = ()
    functions: tuple[Abstract, ...] = ()
    entire: bool = False

    @property
    def times(self) -> str:
        """The sign of the element-wise product."""
        return "⊗" if self.notation == "notes" else "⊙"


NOTES = Style()
