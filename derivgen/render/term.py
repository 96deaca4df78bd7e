"""What the parts of the notation share: a box with how tightly it binds, and the context in which it is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from derivgen.expr import Expr, Index
from derivgen.render.box import Box, Fence
from derivgen.render.names import Names
from derivgen.render.style import Style

# from the loosest to the tightest; a LaTeX reader must use the same order
RELATION, ADD, BIG, CIRC, PRODUCT, HADAMARD, FRACTION, POSTFIX, ATOM = range(9)
"""A relation; a sum or a sign; Σ and a derivative operator, which take all up to the next + or −; ◯;
juxtaposition; ⊗ ⊘; a fraction; something with a superscript; what needs no parentheses anywhere."""


@dataclass(frozen=True, slots=True)
class Term:
    """A box and the level at which it binds."""

    box: Box
    level: int

    def within(self, level: int) -> Box:
        """The box, in parentheses where it binds less tightly than ``level``."""
        return self.box if self.level >= level else Fence(self.box)


MOST_SAID = 5_000
"""How many terms a context remembers before it begins anew."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the parts need to know: the style, the spellings, how to say a whole, and the indices bound around.

    ``sized`` are the constants and the arrays by entries that are written with their sizes, ``varied`` the functions
    that are of this here and of that there, so that their arguments are never left out. ``said`` remembers: the steps
    of a derivation, and derivations about the same names, share most of their parts.
    """

    style: Style
    names: Names
    say: Callable[[Expr, Context], Term]
    scope: frozenset[str] = frozenset()
    sized: frozenset[Expr] = frozenset()
    varied: frozenset[str] = frozenset()
    said: dict[tuple[Expr, frozenset[str]], Term] = field(default_factory=dict)

    def term(self, e: Expr) -> Term:
        key = (e, self.scope)
        found = self.said.get(key)
        if found is None:
            if len(self.said) >= MOST_SAID:
                self.said.clear()
            found = self.said[key] = self.say(e, self)
        return found

    def box(self, e: Expr) -> Box:
        """An expression as a box. Its free indices are in use all through it: a sum inside takes other letters."""
        free = {i.name for i in e.free}
        here = self if free <= self.scope else self._within(self.scope | free)
        return here.term(e).box

    def under(self, indices: tuple[Index, ...]) -> Context:
        """The context inside something that binds ``indices``."""
        return self._within(self.scope | {i.name for i in indices})

    def _within(self, scope: frozenset[str]) -> Context:
        return Context(self.style, self.names, self.say, scope, self.sized, self.varied, self.said)
