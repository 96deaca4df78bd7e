"""The declarations as printed: each variable once with its space, each function with where it goes from and to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from derivgen.catalog.base import GENERIC, Abstract
from derivgen.catalog.declared import MEMBERS, places_of_members
from derivgen.expr import At, Dim, Index, Shape, Symbol
from derivgen.show.layout.box import COMMA, Box, Font, Num, Sign, Text, listed, row, scripted
from derivgen.show.layout.names import dim, named, place
from derivgen.show.layout.term import Context

_TRAITS = {"simplex": "entries at least 0 with sum 1"}
"""Declared properties whose name is not what a reader would say."""


def declarations(symbols: Iterable[Symbol], functions: Iterable[Abstract], c: Context) -> tuple[Box, ...]:
    """What is declared alike stands together."""
    groups: dict[tuple[Shape, tuple[str, ...]], list[Symbol]] = {}
    for s in symbols:
        groups.setdefault((s.shape, s.traits), []).append(s)
    found: list[Box] = []
    for (shape, traits), members in groups.items():
        indices = tuple(Index(letter, length) for letter, length in zip("ij", shape.axes, strict=False))
        indices = indices[: places_of_members(members[0])]
        names = listed([c.box(At(s, indices) if indices else s) for s in members])
        parts = [names, Sign("∈"), reals(shape.axes[len(indices) :])]
        if indices:
            parts += [Text(" for "), listed([_range(i) for i in indices])]
        told = _said(traits)
        parts += [Text(f" ({', '.join(told)})")] if told else []
        found.append(row(*parts))
    alike: dict[Abstract, list[Abstract]] = {}
    for f in functions:
        alike.setdefault(replace(f, name=GENERIC.name if f.name == GENERIC.name else ""), []).append(f)
    return (*found, *(_functions(members, c) for members in alike.values()))


def _said(traits: tuple[str, ...]) -> list[str]:
    """What is declared of a variable; a diagonal matrix need not be said to be symmetric."""
    plain = [t for t in traits if t not in MEMBERS and (t != "symmetric" or "diagonal" not in traits)]
    return [_TRAITS.get(trait, trait) for trait in sorted(plain, key=lambda trait: trait != "symmetric")]


def _range(index: Index) -> Box:
    """i = 1, …, N"""
    return row(place(index), Sign("="), Num("1"), COMMA, Sign("…", "ordinary", r"\dots"), COMMA, dim(index.dim))


def reals(axes: tuple[Dim, ...]) -> Box:
    """ℝ with the sizes as exponent."""
    sizes: list[Box] = []
    for axis in axes:
        sizes += [Sign("×"), dim(axis)] if sizes else [dim(axis)]
    reals = Sign("ℝ", "ordinary")
    return scripted(reals, sup=row(*sizes)) if sizes else reals


def _functions(members: list[Abstract], c: Context) -> Box:
    f = members[0]
    if f.name == GENERIC.name:
        return row(Sign(GENERIC.name, "ordinary"), Text(" is any element-wise operator"))
    font: Font = "bold" if f.codomain.rank == 1 else "italic"
    parts: list[Box] = [listed([named(c.names[g.name], font) for g in members]), Sign(":", "punctuation")]
    for k, shape in enumerate(f.domain):
        parts += [Sign("×")] if k else []
        parts.append(reals(shape.axes))
    parts += [Sign("→"), reals(f.codomain.axes)]
    if f.pointwise and len(f.domain) == 1:
        parts.append(Text(" (element-wise)"))
    return row(*parts)
