"""Declarations as they are typed: "w in R^n; f: R^n -> R^m"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from derivgen.catalog.base import GENERIC, Abstract
from derivgen.catalog.letters import spell
from derivgen.errors import ParseError
from derivgen.expr import Dim, Shape, Symbol
from derivgen.expr.text import text_of_dim

TRAITS: dict[str, tuple[str, ...]] = {
    "PD": ("positive-definite", "symmetric"),
    "Diag": ("diagonal", "symmetric"),
    "Sym": ("symmetric",),
    "Simplex": ("simplex",),
}
"""The sets that are known by name, and what they say of their members; the first that a symbol belongs to is the one to say."""


MEMBERS = {"vectors": 1, "matrices": 2}
"""Traits of a family, with the number of axes that each member has: x_1, …, x_N in R^n is one array, N×n, of vectors."""


def family_of(stem: str, lengths: Sequence[Dim], member: Symbol) -> Symbol:
    """The array of all members, the indices first; of numbers it is a vector or a matrix as any other.

    Raises:
        ParseError: the member has a structure that is not declared of all members at once.
    """
    kind = [trait for trait, rank in MEMBERS.items() if rank == member.shape.rank]
    tied = [trait for trait in member.traits if trait != "positive"]
    if tied:
        raise ParseError(f"{member.name} is declared {tied[0]}, which is not read of a member of a family",
                         hint="declare it by its sizes, as R^(n*n) or R^n")  # fmt: skip
    return Symbol(stem, Shape((*lengths, *member.shape.axes)), (*kind, *member.traits))


def member_of(name: str) -> tuple[str, tuple[str, ...]] | None:
    """The letter and the indices of a name that is written with one or two: x_i, K_ij, mu_k; None for other names."""
    subs = spell(name).subs
    letters = tuple(subs[-1]) if subs else ()
    if not 1 <= len(letters) <= 2 or not all(c.isalpha() and c.islower() for c in letters):
        return None
    stem = name[: -len(subs[-1]) - 1]
    return (stem, letters) if stem else None


def places_of_members(symbol: Symbol) -> int:
    """How many indices a member of a family has; 0 for what is no family."""
    return next((symbol.space.rank - rank for trait, rank in MEMBERS.items() if trait in symbol.traits), 0)


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
    first = members[0]
    indices = places_of_members(first)
    if indices:
        lengths = zip("ij", first.space.axes[:indices], strict=False)
        names = ", ".join(f"{s.name}[{', '.join('ij'[:indices])}]" for s in members)
        ranges = ", ".join(f"{i} in range({text_of_dim(length)})" for i, length in lengths)
        out = f"{names} in {text_of_shape(Shape(first.space.axes[indices:]))} for {ranges}"
    else:
        out = f"{', '.join(s.name for s in members)} in {text_of_space(first)}"
    if "positive" in first.traits:
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
