"""Names that a reader gives although the catalog has them: the reader's is meant, and that is said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from derivgen.catalog.base import Abstract, Operation
from derivgen.catalog.glossary import Glossary
from derivgen.catalog.letters import GREEK
from derivgen.catalog.user_functions import UserFunction, user_functions
from derivgen.check.judge import Judge
from derivgen.errors import ParseError
from derivgen.expr import Call, Expr, Op, Size, Symbol, symbols, walk
from derivgen.expr.text import name_of

_KINDS: dict[type, tuple[str, str]] = {
    Symbol: ("variable", "constant"), Size: ("size", "constant"), Abstract: ("function", "operation"),
    UserFunction: ("function", "operation"),
}  # fmt: skip
"""What a reader declares, and what the catalog has instead."""


def remarks(given: tuple[Expr, ...], glossary: Glossary) -> tuple[str, ...]:
    """What is said of a question: a sentence for each name that the catalog has too."""
    own = _own(given, glossary)
    found = [
        f"{name} is the {_KINDS[type(what)][0]} that is declared here, and not the {_KINDS[type(what)][1]} of that name"
        for name, what in own.items()
    ]
    called = {name_of(op) for op in _operations(given)}
    both = [name for e in given for name in symbols(e) if name in called and name not in own]
    return (*found, *(f"{name} is the variable that is declared here, but {name}(…) is the operation" for name in dict.fromkeys(both)))  # fmt: skip


def refuse_mixed(given: tuple[Expr, ...], made: Iterable[Expr], glossary: Glossary) -> None:
    """Refuse a derivation with an operation of the catalog whose name the reader gave to something else.

    In a text nobody could tell the two apart; where they have the same values, nobody need.

    Raises:
        ParseError: the reader's name should be another one.
    """
    own = _own(given, glossary)
    if not own:
        return
    for op in dict.fromkeys(_operations(made)):
        name = name_of(op)
        if name in own and not _same(own[name], op):
            raise ParseError(
                f"{name} is declared here, but the derivative has the operation of that name as well",
                hint=f"give what is declared another name, such as {name}_",
            )


def _own(given: tuple[Expr, ...], glossary: Glossary) -> dict[str, Op | Symbol | Size]:
    """The reader's functions and variables whose names the catalog has."""
    functions: dict[str, Op] = {**user_functions(*given)}
    functions |= {here.op.name: here.op for e in given for here in _calls(e) if isinstance(here.op, Abstract)}
    found: dict[str, Op | Symbol | Size] = {
        n: f
        for n, f in functions.items()
        if n in glossary.names or n in glossary.words or GREEK.get(n) in glossary.letters
    }
    letters: dict[str, Op | Symbol | Size] = {n: x for e in given for n, x in symbols(e).items()}
    letters |= {str(here.dim): here for e in given for here in walk(e) if isinstance(here, Size)}
    return found | {n: x for n, x in letters.items() if n in glossary.constants}


def _calls(e: Expr) -> Iterator[Call]:
    return (here for here in walk(e) if isinstance(here, Call))


def _operations(made: Iterable[Expr]) -> Iterator[Operation]:
    for e in made:
        for here in _calls(e):
            if isinstance(here.op, Operation) and not isinstance(here.op, UserFunction):
                yield here.op


def _same(own: Op | Symbol | Size, op: Operation) -> bool:
    """Whether a function that is given by a formula has the values of an operation."""
    if not isinstance(own, UserFunction) or op.arguments != len(own.parameters):
        return False
    return Judge().agree(Call(op, own.parameters), own.formula).status == "verified"
