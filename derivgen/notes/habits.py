"""Ways of writing that are the same everywhere: a_ij for an entry of A, dg/dx (x) for the derivative at its own variable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from derivgen.notes.trees import is_letter, name_of, names, unwrapped
from derivgen.read.kinds.letters import atoms, digits, is_word
from derivgen.read.latex.names import taken_apart
from derivgen.read.surface import Called, Derivative, Fenced, Group, Letter, Product, Scripted, Surface


def as_written(s: Surface, entries: Mapping[str, Letter]) -> Surface | None:
    """What a part stands for where it is written in such a way; ``entries`` are those of ``entries_of``."""
    if isinstance(s, Product):
        return at_itself(s, entries)
    return as_entry(s, entries)


def at_itself(s: Product, entries: Mapping[str, Letter]) -> Surface | None:
    """A derivative of a letter, with what it is differentiated by in parentheses behind it, is that derivative."""
    from derivgen.notes.trees import changed

    kept: list[int] = [
        k for k in range(len(s.factors)) if not (k and not s.signs[k - 1] and _is_at(s.factors[k - 1], s.factors[k]))
    ]
    if len(kept) == len(s.factors):
        return None
    factors = tuple([changed(s.factors[k], lambda part: as_written(part, entries)) for k in kept])
    if len(factors) == 1:
        return factors[0]
    return replace(s, factors=factors, signs=tuple([s.signs[k - 1] for k in kept[1:]]))


def _is_at(derivative: Surface, place: Surface) -> bool:
    if not isinstance(derivative, Derivative) or derivative.body is None or not isinstance(place, Group | Fenced):
        return False
    inside = unwrapped(place)
    inside = inside.head if isinstance(inside, Called) else inside
    return is_letter(unwrapped(derivative.body)) and all(
        is_letter(v) and is_letter(inside) and name_of(v) == name_of(inside) for v in derivative.by
    )


def entries_of(trees: Iterable[Surface]) -> dict[str, Letter]:
    """Small letters that have two indices wherever they stand, each with the capital letter beside it."""
    indexed: dict[str, bool] = {}
    capitals: dict[str, Letter] = {}
    for tree in trees:
        for part, _ in names(tree):
            head = taken_apart(part)
            if head is None or len(head[0].stem) != 1 or not head[0].stem.isascii():
                continue
            stem = head[0].stem
            if stem.islower():
                places = digits(atoms(head[1]), 2)  # x_{12} has two, too
                twice = len(places) == 2 and not is_word(places[0])
                indexed[stem] = indexed.get(stem, True) and twice
            elif stem.isalpha():
                capitals.setdefault(stem, head[0])
    return {stem: capitals[stem.upper()] for stem, twice in indexed.items() if twice and stem.upper() in capitals}


def as_entry(s: Surface, of: Mapping[str, Letter]) -> Surface | None:
    """An entry of a matrix that is written with the small letter of it."""
    head = taken_apart(s)
    big = of.get(head[0].stem) if head is not None else None
    if head is None or big is None or not head[1]:
        return None
    return Scripted(s.span, replace(head[0], stem=big.stem, font=big.font), head[1])
