"""What the parts of the notation share: a box with how tightly it binds, and the context in which it is said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from threading import local
from typing import Any

from derivgen.expr import UNCOUNTED, Dim, Expr, Index, from_below, replace_parts
from derivgen.show.layout.box import Box, Fence, Text
from derivgen.show.layout.names import Names
from derivgen.show.layout.style import Style


@dataclass(frozen=True, slots=True)
class Term:
    """A box and its step on the ladder of precedence."""

    box: Box
    level: int

    def within(self, level: int) -> Box:
        """The box, in parentheses where it binds less tightly than ``level``."""
        return self.box if self.level >= level else Fence(self.box)


DEEPEST = 20
"""How many expressions within each other are said by recursion: what lies deeper is said before."""

MOST_WRITTEN = 20_000
"""The most parts that a formula is written with, those that repeat counted each time: some ten pages."""


class _Level(local):
    """How deep a recursion is, in each thread."""

    depth = 0


_level = _Level()

MOST_SAID = 5_000
"""How many terms a context remembers before it begins anew."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the parts need to know: the style, the spellings, how to say a whole, and the indices bound around.

    ``sized`` are the constants and the arrays by entries that are written with their sizes, ``varied`` the functions
    that are of this here and of that there, so that their arguments are never left out. ``said`` remembers: the steps
    of a derivation, and derivations about the same names, share most of their parts; ``told`` does so of whole steps. ``shorter`` are names for parts,
    used where an expression is too long to be written out. ``ranges`` are those of letters for indices.
    """

    style: Style
    names: Names
    say: Callable[[Expr, Context], Term]
    scope: frozenset[str] = frozenset()
    sized: frozenset[Expr] = frozenset()
    varied: frozenset[str] = frozenset()
    said: dict[tuple[Expr, frozenset[str]], Term] = field(default_factory=dict)
    told: dict[tuple[Any, ...], object] = field(default_factory=dict)
    shorter: dict[Expr, Expr] = field(default_factory=dict)
    ranges: Mapping[str, Dim] = field(default_factory=dict)

    def over(self, ranges: Mapping[str, Dim]) -> Context:
        """The context in which letters of indices have these ranges."""
        return replace(self, ranges=ranges, said={}, told={}) if ranges else self

    def term(self, e: Expr) -> Term:
        """How an expression is written here; what was written before is remembered."""
        key = (e, self.scope)
        found = self.said.get(key)
        if found is None:
            depth = _level.depth
            if len(self.said) >= MOST_SAID and not depth:
                self.said.clear()
            try:
                if depth >= DEEPEST:
                    _level.depth = 0
                    for part in from_below(e):
                        if {i.name for i in part.free} <= self.scope:
                            self.term(part)
                _level.depth = depth + 1
                found = self.said[key] = self.say(e, self)
            finally:
                _level.depth = depth
        return found

    def box(self, e: Expr) -> Box:
        """An expression as a box. Its free indices are in use all through it: a sum inside takes other letters."""
        if e.written > MOST_WRITTEN:
            e = self.shortened(e)
        if e.written > MOST_WRITTEN:
            count = f"{e.written:,}" if e.written < UNCOUNTED else "more than can be counted"
            return Text(f"an expression too long to be written out: {count} parts")
        free = {i.name for i in e.free} if e.free else self.scope
        here = self if free <= self.scope else self._within(self.scope | free)
        return here.term(e).box

    def shortened(self, e: Expr) -> Expr:
        """An expression that is too long to be written out, in the names that its parts have."""
        return replace_parts(e, self.shorter) if e.written > MOST_WRITTEN and self.shorter else e

    def under(self, indices: tuple[Index, ...]) -> Context:
        """The context inside something that binds ``indices``."""
        return self._within(self.scope | {i.name for i in indices})

    def _within(self, scope: frozenset[str]) -> Context:
        return Context(
            self.style,
            self.names,
            self.say,
            scope,
            self.sized,
            self.varied,
            self.said,
            self.told,
            self.shorter,
            self.ranges,
        )
