"""Functions that are given by their entries, f(x)_i = x_i^2, at arguments and at places."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from derivgen.notes.meaning.scope import Defined
from derivgen.notes.meaning.trees import Name, changed, is_letter, name_of, names, unwrapped, with_arguments
from derivgen.read.kinds.letters import atoms
from derivgen.read.surface import (
    Binder,
    Called,
    Chain,
    Derivative,
    Differential,
    Evaluated,
    Group,
    Held,
    Letter,
    Product,
    Scripted,
    Surface,
    walk,
)


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


Needed = Mapping[Name, tuple[tuple[Name, ...], Surface]]
"""What names stand for, each with the arguments that it is said with."""


def at_place(s: Surface, place: Callable[[Surface], Letter], needed: Needed) -> Surface | None:
    r"""What is differentiated by y, at y = e: by a letter that stands for e. The bar is that of all factors before it.

    A letter of which nothing says how it depends on y is held abstract there.
    """
    if isinstance(s, Product):
        for k in range(len(s.factors) - 1, 0, -1):
            before = replace(s, factors=s.factors[: k + 1], signs=s.signs[:k])
            if (value := _at_end(before, place, needed)) is not None:
                rest = s.factors[k + 1 :]
                return replace(s, factors=(value, *rest), signs=s.signs[k:]) if rest else value
        return None
    return _at_end(s, place, needed)


def _at_end(s: Surface, place: Callable[[Surface], Letter], needed: Needed) -> Surface | None:
    found = _without_bar(s)
    if found is None or not any(_by(p, found[1]) for p in walk(found[0])):
        return None
    return _with_place(s, found[0], found[1], place(found[2]), needed)


def _without_bar(s: Surface) -> tuple[Surface, Name, Surface] | None:
    """What ends with a bar, without it, and the letter and the value that stand below that."""
    match s:
        case Evaluated(_, body, Chain(_, (letter, value), ("=",))) if (name := name_of(letter)) is not None:
            return body, name, value
        case Derivative(body=Surface() as body) | Differential(_, body):
            found = _without_bar(body)
            return None if found is None else (replace(s, body=found[0]), *found[1:])
        case Product(_, (*before, last)):
            found = _without_bar(last)
            return None if found is None else (replace(s, factors=(*before, found[0])), *found[1:])
        case _:
            return None


def _by(s: Surface, name: Name) -> bool:
    """Whether it is differentiated by a letter, or is the differential of it."""
    s = unwrapped(s)
    if isinstance(s, Differential):
        return name_of(unwrapped(s.body)) == name
    return isinstance(s, Derivative) and any(name_of(v) == name for v in s.by)


def _with_place(s: Surface, body: Surface, name: Name, place: Letter, needed: Needed) -> Surface:
    """A formula with another letter for one of its own, in what its letters stand for, too."""
    unknown = False

    def put(part: Surface) -> Surface | None:
        nonlocal unknown
        if isinstance(part, Derivative) and part.body is not None and is_letter(of := unwrapped(part.body)):
            known = needed.get(name_of(of) or name)
            unknown |= known is None
        if not is_letter(part):
            return None
        own = name_of(part)
        if own == name:
            return replace(place, span=part.span)
        known = needed.get(own) if own is not None else None
        if known is None or name not in {n for _, n in names(known[1])}:
            return None
        return Group(part.span, with_arguments(known[1], (name,), (place,)))

    made = changed(body, put)
    if unknown:
        said = "how this depends on what is put in at the place is not known"
        return Held(s.span, "at", (body, replace(place, span=s.span)), said, like="body")
    return Group(s.span, made)
