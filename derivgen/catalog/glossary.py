"""What operations are called in text, in LaTeX and in SymPy, read off their declarations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from keyword import iskeyword

from derivgen.catalog.base import Constant, Elementwise, Operation
from derivgen.catalog.letters import GREEK, LATEX_LETTERS
from derivgen.errors import ExtensionError
from derivgen.expr.text import name_of

NAMELESS = ("juxtaposed", "grid")
"""Forms of operations that are not called by a name in text."""


SYNTAX = frozenset({"D", "len", "partial", "range", "sqrt", "sum", "where"})
"""Words that mean more than an operation of their arguments; nothing else can have their names."""

SHORT = frozenset({"dot", "outer", "square"})
"""Words that are read as other expressions; no operation can have their names."""


@dataclass(frozen=True, eq=False)
class Glossary:
    """The names and the signs of some operations."""

    operations: tuple[Operation, ...]

    def extended(self, operations: Iterable[Operation]) -> Glossary:
        """The glossary with further operations.

        Raises:
            ExtensionError: one has a name that cannot be typed, or that another operation has.
        """
        found = self
        for op in operations:
            _refuse_names(op, found)
            found = Glossary((*found.operations, op))
        return found

    @cached_property
    def names(self) -> frozenset[str]:
        """What no variable can be called and be told from an operation, in text."""
        return frozenset((*self.by_name, *SHORT, *SYNTAX))

    @cached_property
    def typed(self) -> tuple[str, ...]:
        """What may have been meant by a name that is none: the names of operations, and of the letters that some have."""
        return tuple(sorted((*self.names, *(name for name, sign in GREEK.items() if sign in self.letters))))

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


_FORMS = {"function": None, "listed": 1, "infix": 2, "relation": 2}
"""The forms that operations from elsewhere can have, with the number of arguments that they take; None is any."""


def _refuse_names(op: object, known: Glossary) -> None:
    """Refuse an operation that could not be written, or not be told from one that is known."""
    if not isinstance(op, Operation):  # it comes from anywhere
        kinds = "Linear, Elementwise, Formula, Opaque or Constant"
        raise ExtensionError(f"{op!r} is no operation", hint=f"an operation is a {kinds}")
    said = op.notation
    for name in (op.name, *said.aliases, *([said.text] if said.text else ())):
        why = _why_no_name(name, known)
        if why:
            raise ExtensionError(f"an operation cannot be called {name}: {why}", hint="give it another name")
    _refuse_form(op)
    new = Glossary((op,))
    for spelled in (
        (new.words.keys() & known.words) | (new.signs.keys() & known.signs) | (new.letters.keys() & known.letters)
    ):
        raise ExtensionError(f"{op.name} is written {spelled}, as another is", hint="write yours in another way")
    if said.contrary and said.contrary not in known.relations:
        raise ExtensionError(f"the contrary of {op.name} is {said.contrary}, which is no relation", hint="leave it out")


def _why_no_name(name: str, known: Glossary) -> str:
    """Why a name is none for an operation; nothing where it is."""
    if not name.isidentifier() or name.startswith("__"):
        return "letters, digits and _ make a name"
    if iskeyword(name):
        return "that is a word of Python's own"
    if name in SYNTAX | SHORT:
        return "that word belongs to the way that expressions are written"
    if name in known.by_name or any(name == other.name for other in known.operations):
        return "there is one already"
    return ""


def _refuse_form(op: Operation) -> None:
    """Refuse an operation that is to be written in a way that is not open to it."""
    said = op.notation
    if said.form not in _FORMS:
        raise ExtensionError(f"{op.name} cannot have the form {said.form!r}", hint=f"take one of {', '.join(_FORMS)}")
    wanted, count = _FORMS[said.form], op.arguments
    if wanted not in (None, count):
        raise ExtensionError(
            f"{op.name} has the form {said.form!r}, which takes {wanted} arguments, and takes {count}",
            hint='take the form "function"',
        )
    if wanted == 2 and not said.unicode:
        raise ExtensionError(f"{op.name} has the form {said.form!r} and no sign", hint='give it one: unicode="⊞"')
