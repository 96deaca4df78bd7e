"""What operations are called in text, in LaTeX and in SymPy, read off their declarations."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from derivgen.catalog.base import Constant, Elementwise, Operation
from derivgen.catalog.letters import LATEX_LETTERS
from derivgen.expr.text import name_of

NAMELESS = ("juxtaposed", "grid")
"""Forms of operations that are not called by a name in text."""


class Glossary:
    """The names and the signs of some operations."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self.operations = tuple(operations)

    @cached_property
    def by_name(self) -> dict[str, tuple[Operation, ...]]:
        """Operations by their names in text; those that share one are told apart by their arguments."""
        found: dict[str, tuple[Operation, ...]] = {}
        for op in self.operations:
            if op.notation.form not in NAMELESS:
                for name in dict.fromkeys((name_of(op), *op.notation.aliases)):
                    found[name] = (*found.get(name, ()), op)
        return found

    @cached_property
    def relations(self) -> dict[str, Operation]:
        """Relations by their sign in mathematics."""
        return {op.notation.unicode: op for op in self.operations if op.notation.form == "relation"}

    @cached_property
    def comparisons(self) -> dict[str, Operation]:
        """Relations by their sign in text, of those that have one."""
        return {op.notation.text: op for op in self.relations.values() if op.notation.text}

    @cached_property
    def infixes(self) -> dict[str, Operation]:
        """Other operations with a sign between two, by it."""
        return {op.notation.unicode: op for op in self.operations if op.notation.form == "infix"}

    @cached_property
    def signs(self) -> dict[str, str]:
        """The signs of relations and of other infix operations by all their spellings in LaTeX, without the backslash."""
        return {
            spelled.removeprefix("\\"): sign
            for sign, op in (self.infixes | self.relations).items()
            for spelled in (sign, op.notation.latex, *op.notation.latex_aliases)
        }

    @cached_property
    def superscripts(self) -> frozenset[str]:
        """The words that stand in a superscript for an operation."""
        return frozenset(
            w for op in self.operations if op.notation.form == "postfix" for w in op.notation.latex_aliases
        )

    @cached_property
    def words(self) -> dict[str, str]:
        """The words that functions have in LaTeX, as commands or in \\operatorname, with the name in text."""
        found: dict[str, str] = {}
        for op in self.operations:
            if op.notation.form not in (*NAMELESS, "relation", "letter"):
                spelled = (name_of(op), *op.notation.aliases, *op.notation.latex_aliases, op.notation.command)
                found.update({w: name_of(op) for w in spelled if w and w not in LATEX_LETTERS})
        return {
            w: name for w, name in found.items() if w.isascii() and w not in self.superscripts and w not in self.signs
        }

    @cached_property
    def letters(self) -> dict[str, Operation]:
        """Functions and constants by the letter that they are written with."""
        return {
            op.notation.unicode: op
            for op in self.operations
            if op.notation.unicode and op.notation.form in ("function", "letter")
        }

    @cached_property
    def fences(self) -> dict[str, tuple[Operation, ...]]:
        """Operations that are written as a fence, by its left side."""
        found: dict[str, tuple[Operation, ...]] = {}
        for op in self.operations:
            if op.notation.form == "fence":
                found[op.notation.unicode] = (*found.get(op.notation.unicode, ()), op)
        return found

    @cached_property
    def constants(self) -> dict[str, Operation]:
        """Constants that stand by their name alone, without sizes or with sizes to be found."""
        return {
            op.name: op
            for op in self.operations
            if (isinstance(op, Constant) and op.axes is None) or (isinstance(op, Elementwise) and not op.derivatives)
        }
