"""Declarations as they are typed: "w in R^n; f: R^n -> R^m"."""

from __future__ import annotations

from collections.abc import Iterable

from derivgen.catalog.base import GENERIC, Abstract
from derivgen.expr import Dim, Shape, Symbol
from derivgen.expr.text import text_of_dim

TRAITS: dict[str, tuple[str, ...]] = {
    "PD": ("positive-definite", "symmetric"),
    "Diag": ("diagonal", "symmetric"),
    "Sym": ("symmetric",),
    "Simplex": ("simplex",),
}
"""The sets that are known by name, and what they say of their members; the first that a symbol belongs to is the one to say."""


def text_of_shape(shape: Shape) -> str:
    """The space of an array: R, R^n, R^(m*n)."""
    match shape.axes:
        case ():
            return "R"
        case (n,):
            return f"R^{_factor(n)}" if not isinstance(n.size, tuple) else f"R^({_factor(n)})"
        case axes:
            return f"R^({'*'.join(map(_factor, axes))})"


def _factor(dim: Dim) -> str:
    """The length of an axis in a declaration; one that is a product stands in parentheses."""
    return f"({text_of_dim(dim)})" if isinstance(dim.size, tuple) else str(dim)


def text_of_space(symbol: Symbol) -> str:
    """What a declaration says of a symbol, its name left out: "R^n", "Sym(n)"."""
    for family, traits in TRAITS.items():
        if traits[0] in symbol.traits and symbol.space.axes:
            return f"{family}({text_of_dim(symbol.space.axes[0])})"
    return text_of_shape(symbol.space)


def _declaration(group: Iterable[Symbol]) -> str:
    members = tuple(group)
    out = f"{', '.join(s.name for s in members)} in {text_of_space(members[0])}"
    if "positive" in members[0].traits:
        out += "".join(f", {s.name} > 0" for s in members)
    return out


def function_declaration(op: Abstract) -> str:
    """The declaration of an abstract function: "f: R^n -> R^m"."""
    out = f"{op.name}: {', '.join(map(text_of_shape, op.domain))} -> {text_of_shape(op.codomain)}"
    return out + (" elementwise" if op.pointwise else "")


def where_text(symbols: Iterable[Symbol], functions: Iterable[Abstract] = ()) -> str:
    """All declarations in one line, those of one space together, in the order met."""
    groups: dict[tuple[Shape, tuple[str, ...]], list[Symbol]] = {}
    for symbol in symbols:
        groups.setdefault((symbol.space, symbol.traits), []).append(symbol)
    parts = [_declaration(group) for group in groups.values()]
    parts += [function_declaration(f) for f in functions if f.name != GENERIC.name]
    return "; ".join(parts)
