"""A tall expression as a list of its nodes, for what walks by recursion and would go too deep, as pickle does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

Row = tuple[type[Any], tuple[Any, ...]]
"""A node: its kind and its fields, with a ``Part`` for each child."""


class Part(int):
    """The place, in the list, of a node that stands here."""

    __slots__ = ()


def rows(e: Any) -> list[Row]:
    """Every node once, each behind its children."""
    places: dict[int, Part] = {}
    found: list[Row] = []
    todo = [e]
    while todo:
        here = todo[-1]
        later = [child for child in here.children if id(child) not in places]
        if later:
            todo += later
            continue
        todo.pop()
        if id(here) not in places:
            found.append((type(here), tuple([_numbered(getattr(here, f.name), places) for f in fields(here)])))
            places[id(here)] = Part(len(places))
    return found


def assembled(given: Sequence[Row]) -> Any:
    """The expression again: the last node, made of those before it."""
    made: list[Any] = []
    for kind, values in given:
        made.append(kind(*[_filled(value, made) for value in values]))
    return made[-1]


def _numbered(value: Any, places: dict[int, Part]) -> Any:
    if isinstance(value, tuple):
        return tuple([_numbered(part, places) for part in value])
    return places.get(id(value), value)


def _filled(value: Any, made: list[Any]) -> Any:
    if isinstance(value, tuple):
        return tuple([_filled(part, made) for part in value])
    return made[value] if isinstance(value, Part) else value
