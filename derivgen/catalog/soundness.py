"""Whether a tree that comes from outside can be worked with: one meaning for each name, and nothing that has none.

The nodes see to it that they are made of what they are made of. What lies between them is looked at here, once, where a
tree comes in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from derivgen.catalog.base import GENERIC, Abstract, Operation
from derivgen.errors import ArgumentError, DerivgenError, ShapeError, shown
from derivgen.expr import Build, Call, Dim, Expr, Index, Position, Size, Sum, Symbol, walk

_TRAITS: Mapping[str, int | None] = {
    "positive": None, "simplex": 1, "symmetric": 2, "diagonal": 2, "positive-definite": 2,
}  # fmt: skip
"""What may be declared of a variable, with the rank that it must have."""

_NAME = re.compile(r"[^\W\d]\w*")


def refuse_unsound(*trees: Expr, beside: Mapping[str, Symbol | Abstract] | None = None) -> None:
    """Refuse trees that cannot be worked with together, and beside what is declared already.

    Raises:
        DerivgenError: a name is none, or has two meanings; a variable has a property that does not fit it; an operation
            is of an unknown kind; an array has no entries.
    """
    meanings: dict[str, Symbol | Abstract] = dict(beside or {})
    sizes: dict[str, None] = {}
    for tree in trees:
        for here in walk(tree):
            _refuse_misused(here, meanings)
            for dim in _lengths(here):
                if dim.size == 0:
                    raise ShapeError(
                        "an array here has no entries: a length is 0", hint="lengths are whole numbers from 1"
                    )
                sizes.update(dict.fromkeys(dim.symbols))
    for name in (*meanings, *sizes, *(i.name for tree in trees for i in tree.free)):
        if not _NAME.fullmatch(name):
            raise ArgumentError(
                f"{shown(name)} is no name", hint="a name is made of letters, digits and _, such as W_1"
            )
    for name in sizes:
        if name in meanings:
            raise ArgumentError(f"{name} is a size and a {_what(meanings[name])}", hint="give one of them another name")


def _refuse_misused(here: Expr, meanings: dict[str, Symbol | Abstract]) -> None:
    match here:
        case Symbol():
            _refuse_misdeclared(here)
            _refuse_second(here, meanings)
        case Call(Abstract() as op):
            if op.name != GENERIC.name:
                _refuse_second(Abstract(op.name, op.domain, op.codomain, op.pointwise), meanings)
        case Call(op) if not isinstance(op, Operation):
            raise ArgumentError(
                f"{shown(op)} is no operation that derivgen knows",
                hint="declare it as one of the kinds in derivgen.catalog.base",
            )
        case Build():
            _refuse_twice(here.bound)


def _lengths(here: Expr) -> Iterator[Dim]:
    """The lengths that a node speaks of, apart from those that its parts do."""
    yield from here.shape.axes
    match here:
        case Call(Abstract(_, domain, codomain)):
            yield from [n for shape in (*domain, codomain) for n in shape.axes]
        case Call(_, _, dims):
            yield from dims
        case Size(dim):
            yield dim
        case Position(index) | Sum(index):
            yield index.dim


def _refuse_twice(bound: Iterable[Index]) -> None:
    names = [i.name for i in bound]
    for name in names:
        if names.count(name) > 1:
            raise ArgumentError(
                f"an array is built over the index {name} twice",
                hint="take two indices, and the delta of them for a diagonal",
            )


def _refuse_second(new: Symbol | Abstract, meanings: dict[str, Symbol | Abstract]) -> None:
    """Refuse a name that has another meaning."""
    old = meanings.setdefault(new.name, new)
    if old == new:
        return
    if _what(old) != _what(new):
        raise ArgumentError(f"{new.name} is a {_what(old)} and a {_what(new)}", hint="give one of them another name")
    raise _other_space(old, new)


def _other_space(old: Symbol | Abstract, new: Symbol | Abstract) -> DerivgenError:
    if isinstance(old, Symbol) and isinstance(new, Symbol) and old.space == new.space:
        spaces = [" and ".join(s.traits) or "without properties" for s in (old, new)]
    else:
        spaces = [_space(one) for one in (old, new)]
    return ShapeError(
        f"{new.name} is declared {spaces[0]} in one place, and {spaces[1]} in another",
        hint="give one of them another name",
    )


def _space(one: Symbol | Abstract) -> str:
    if isinstance(one, Symbol):
        return str(one.space)
    return f"from {', '.join(map(str, one.domain))} to {one.codomain}{' entry by entry' if one.pointwise else ''}"


def _what(one: Symbol | Abstract) -> str:
    return "variable" if isinstance(one, Symbol) else "function"


def _refuse_misdeclared(s: Symbol) -> None:
    for trait in s.traits:
        if trait not in _TRAITS:
            raise ArgumentError(
                f"{s.name} is declared {shown(trait)}, which is no property",
                hint=f"properties are {', '.join(_TRAITS)}",
            )
        rank = _TRAITS[trait]
        square = s.space.rank != 2 or s.space.axes[0] == s.space.axes[1]
        if rank not in (None, s.space.rank) or (rank == 2 and not square):
            raise ShapeError(f"{s.name} is declared {trait}, but it is {s.space}",
                             hint="a square matrix can be that" if rank == 2 else "a vector can be that")  # fmt: skip
    if {"diagonal", "positive-definite"} & {*s.traits} and "symmetric" not in s.traits:
        raise ArgumentError(
            f"{s.name} is {s.traits[0]}, and not declared symmetric", hint=f"write traits={(*s.traits, 'symmetric')!r}"
        )
