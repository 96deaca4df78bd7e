"""What is found with all entries of a structured variable varied freely has a letter of its own: it is not the answer yet.

Of a symmetric S the steps find G, with each entry moved by itself; ∂y/∂S is what is left of it, (G + Gᵀ)/2.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from derivgen.catalog.build import transposed
from derivgen.derivation.methods.scalar import Derived
from derivgen.expr import At, Build, Definition, Expr, Partial, Place, Symbol, map_children, walk
from derivgen.rules import moves
from derivgen.rules.engine import Context
from derivgen.rules.reason import Reason, filled
from derivgen.rules.step import Step

LETTERS = "GHKLPQ"


@dataclass(frozen=True, slots=True)
class Freely:
    """The letter of a derivative by all entries of a variable.

    Attributes:
        letter: the array of the partials, in the order of the axes that the answer has.
        name: the value that is differentiated.
        x: the variable.
        order: which place of a partial, those of the value and then those of the variable, stands where in ``letter``.
    """

    letter: Symbol
    name: Expr
    x: Symbol
    order: tuple[int, ...]

    def put(self, e: Expr) -> Expr:
        """``e`` with the letter, or an entry of it, for each derivative of the value by the variable."""
        if not e.kinds & Partial.bit:
            return e
        match e:
            case Partial():
                places = _places(e, self.name, self.x)
                return e if places is None else At(self.letter, tuple(places[k] for k in self.order))
            case Build(indices, Partial()):
                entry = self.put(e.body)
                if not isinstance(entry, At) or entry.array != self.letter:
                    return e
                if entry.places == indices:
                    return self.letter
                if entry.places == indices[::-1] and len(indices) == 2:
                    return transposed(self.letter)
                return Build(indices, entry, e.row)
            case _:
                return map_children(self.put, e)

    def said(self, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        """The steps in this letter; the first that has it says what it is."""
        found: list[Step] = []
        told = False
        for s in steps:
            new = self._of(s)
            if not told and new.left != s.left and s.left is not None:
                told = True
                new = replace(new, reason=new.reason + self._what(s.left))
            found.append(new)
        return tuple(found)

    def _defined(self, s: Step) -> Step:
        """The step with this letter in what stood before, too, where that is in names only."""
        before = self.put(s.before)
        if s.rule != moves.take_differential.name or before == s.before:
            return s
        whole = next(
            e for e in walk(s.before) if isinstance(e, Build) and self.put(e) in (self.letter, transposed(self.letter))
        )
        value = whole if self.put(whole) == self.letter else transposed(whole)
        return replace(s, before=before, definitions=(Definition(self.letter, value), *s.definitions))

    def _of(self, s: Step) -> Step:
        left = None if s.left is None else self.put(s.left)
        reason = s.reason.of(self.put)
        if s.rule == moves.turn_layout.name and left == self.letter:
            reason = filled(
                "{G} has them in the order of the layout that was asked for: it is the transpose.", {"G": left}
            )
        s = self._defined(s)
        return replace(s, left=left, reason=reason, substeps=tuple(map(self._of, s.substeps)))

    def _what(self, left: Expr) -> Reason:
        partial = next(p for p in walk(left) if _places(p, self.name, self.x) is not None)
        assert isinstance(partial, Partial)
        words = "{g} is the derivative of {y} by {s}, no other entry of {S} being varied."
        return filled(words, {"g": self.put(partial), "y": partial.body, "s": partial.wrt, "S": self.x})


def freely(outcome: Derived, left: Expr, x: Symbol, ctx: Context) -> Freely | None:
    """The letter for the derivative ``left``; None where that is not an array of partials."""
    match left:
        case Build(indices, Partial(body, At(array)) as entry) if array == x and left.bound == indices:
            name = body.array if isinstance(body, At) else body
        case _:
            return None
    places = _places(entry, name, x)
    if places is None or {*places} != {*indices}:
        return None
    known = {*ctx.taken, *(d.symbol.name for s in outcome.steps for d in (*s.definitions, *s.introduces))}
    free = [a for a in (*LETTERS, *(f"G{k}" for k in range(1, len(known) + 2))) if a not in known]
    return Freely(Symbol(free[0], left.shape), name, x, tuple(places.index(i) for i in indices))


def _places(e: Expr, name: Expr, x: Symbol) -> tuple[Place, ...] | None:
    """The places of a partial of ``name`` by an entry of ``x``, those of the value first; None where it is no such."""
    match e:
        case Partial(At(value, out), At(array, at)) if value == name and array == x:
            return (*out, *at)
        case Partial(value, At(array, at)) if value == name and array == x:
            return at
        case _:
            return None
