"""Functions that are given by their entries, f(x)_i = x_i^2, at arguments and at places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from derivgen.notes.scope import Defined
from derivgen.notes.trees import Name, changed, name_of, with_arguments
from derivgen.read.kinds.letters import atoms
from derivgen.read.surface import Binder, Called, Group, Letter, Scripted, Surface, walk


def by_entries(s: Surface, indices: str) -> Surface:
    """An array by its entry, as one writes it within a formula: [x_i^2]_i."""
    return Scripted(s.span, Group(s.span, s, "["), tuple([Letter(s.span, i, "") for i in indices])) if indices else s


def entry_at(s: Surface, index: str, place: Surface) -> Surface | None:
    """An entry, which has an index, at another place; None where that is a letter of a sum in it."""
    bound = {p.name for p in walk(s) if isinstance(p, Binder)}
    if bound & {index, *(p.stem for p in walk(place) if isinstance(p, Letter))}:
        return None
    return changed(s, lambda p: replace(place, span=p.span) if isinstance(p, Letter) and p.stem == index else None)


def applied_at(s: Surface, needed: Mapping[Name, tuple[Defined, Surface]]) -> Surface | None:
    """f(u)_k of a function that is given by its entries: the entry k of it; None of anything else."""
    if not isinstance(s, Scripted) or not isinstance(s.base, Called) or len(places := atoms(s.subs)) != 1:
        return None
    name = name_of(s.base.head)
    entry = needed.get(name) if name is not None else None
    if entry is None or len(entry[0].index) != 1 or len(entry[0].params) != len(s.base.args):
        return None
    value = entry_at(entry[1], entry[0].index, places[0])
    return None if value is None else Group(s.span, with_arguments(value, entry[0].params, s.base.args))
