"""A question that begins with the name of its value: y = wᵀx, f(x) = …"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from derivgen.catalog.letters import GREEK
from derivgen.errors import ParseError, ShapeError, Span
from derivgen.expr import Symbol, depends_on
from derivgen.read.declarations import check_name
from derivgen.read.text.characters import plain_name
from derivgen.read.wording import described

if TYPE_CHECKING:
    from derivgen.read.question import Question

_TEXT = re.compile(r"\s*(?P<name>[^\W\d]\w*)\s*=(?![=>])")
_FONT = r"(?:\\(?:mathbf|boldsymbol|bm|mathrm|mathit|vec)\s*)?"
_LATEX = re.compile(
    rf"\s*(?:\$\$?|\\\[|\\\()?\s*{_FONT}\{{?\s*(?P<name>\\?[A-Za-z]+)\s*\}}?\s*(?:\([^()=]*\))?\s*&?\s*(?::=|=)(?!=)"
)


def value_name(source: str) -> tuple[str, str]:
    """The name that a text gives its value, and the text with blanks in the place of that; "" and the text where none is.

    Blanks keep the places of errors.
    """
    found = _TEXT.match(source)
    if found is not None:
        name = plain_name(found["name"], found.start("name"), source)
        return name, " " * found.end() + source[found.end() :]
    found = _LATEX.match(source)
    if found is None:
        return "", source
    name = found["name"].removeprefix("\\")
    if found["name"] != name and name not in GREEK:
        return "", source
    if found["name"] == name and len(name) > 1:
        return "", source  # letters side by side are a product
    before = source[: found.start("name")]
    opening = re.match(r"\s*(\$\$?|\\\[|\\\()?", before)
    kept = opening[0] if opening else ""
    return name, kept + " " * (found.end() - len(kept)) + source[found.end() :]


def refuse_taken(name: str, question: Question, wrt: Symbol | tuple[Symbol, ...], source: str) -> None:
    """The name of a value has no other meaning. It may be declared, as a space like that of the value.

    Raises:
        ParseError: it has one.
        ShapeError: it is declared as something else than the value is.
    """
    written = next(form for form in (name, GREEK.get(name, "")) if form in source)
    at = source.find(written)
    span = Span(at, at + len(written))
    declarations = question.declarations
    own = declarations.symbols.get(name)
    e = question.expression
    used = own is not None and (
        own in (wrt if isinstance(wrt, tuple) else (wrt,))
        or any(d.symbol.name == name for d in question.definitions)
        or any(depends_on(part, name) for part in (e, *(d.value for d in question.definitions)))
    )
    taken = name in declarations.names if own is None else used
    if taken or any(op.name == name for op in declarations.glossary.operations):
        raise ParseError(
            f"{name} has a meaning already, so it cannot be the name of the value",
            span=span, source=source, hint="give the value another name, or none",
        )  # fmt: skip
    if own is not None and own.shape != e.shape:
        raise ShapeError(
            f"{name} is declared as {described(own.shape)}, but its value is {described(e.shape)}",
            span=span, source=source, hint="give the value another name, or none",
        )  # fmt: skip
    check_name(name, span, source)
