"""What a reader gives in LaTeX, read together: declarations, named intermediates, the expression, the variable."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from derivgen.errors import ParseError, Span
from derivgen.expr import Definition, Expr, Symbol
from derivgen.read.declarations import Declarations, check_name
from derivgen.read.declare import declare
from derivgen.read.latex.formula import elaborated, surface
from derivgen.read.latex.names import Lexicon, plain_name, spelling, taken_apart
from derivgen.read.user_functions import read_own


def read_latex(
    source: str,
    where: str | Mapping[str, str] | Declarations | None = None,
    lets: str | Iterable[str] | Mapping[str, str] = (),
    preamble: str = "",
    define: str | Iterable[str] = (),
) -> tuple[Expr, Declarations, tuple[Definition, ...], tuple[str, ...]]:
    """The expression, what is declared or was inferred, the intermediates in order, and what was guessed."""
    declarations = read_own(define, declare(where), preamble) if define else declare(where)
    notes: dict[str, None] = {}
    definitions: list[Definition] = []
    for let in _lets(lets):
        declarations, definition = _definition(let, declarations, preamble, notes)
        definitions.append(definition)
    read, e = elaborated(source, declarations, preamble)
    notes |= read.notes
    return e, read.understood.declarations, tuple(definitions), tuple(notes)


def _lets(lets: str | Iterable[str] | Mapping[str, str]) -> list[str]:
    if isinstance(lets, str):
        return [part for part in re.split(r"(?<!\\);|\n", lets) if part.strip()]
    if isinstance(lets, Mapping):
        return [f"{name} = {value}" for name, value in lets.items()]
    return list(lets)


def _definition(
    let: str, known: Declarations, preamble: str, notes: dict[str, None]
) -> tuple[Declarations, Definition]:
    r"""\mathbf u = \mathbf w \otimes \mathbf x names an intermediate."""
    left, equals, right = let.partition("=")
    name = None
    if equals and right.strip():
        name = plain_name(surface(left, Declarations(), preamble)) if left.strip() else None
    if name is None:
        raise ParseError("a name for an intermediate is given as name = expression", span=Span(0, len(let)),
                         source=let, hint=r"write \mathbf u = \mathbf w \otimes \mathbf x")  # fmt: skip
    span = Span(0, len(left.rstrip()))
    if name in known.names:
        raise ParseError(f"{name} has a meaning already", span=span, source=let, hint="choose another name")
    check_name(name, span, let)
    read, value = elaborated(let, known, preamble, start=len(left) + 1)
    notes |= read.notes
    symbol = Symbol(name, value.shape)
    return read.understood.declarations.with_definition(symbol), Definition(symbol, value)


def latex_variable(source: str, declarations: Declarations, preamble: str = "") -> str | None:
    """The plain name of a variable given as LaTeX, None where it is no name."""
    s = surface(source, declarations, preamble)
    head = taken_apart(s)
    if head is None:
        return None
    return Lexicon(declarations).find(spelling(head[0].stem, head[1])) or plain_name(s)
