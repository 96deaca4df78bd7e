"""A question that begins with the name of its value: y = wᵀx, f(x) = …"""

from __future__ import annotations

import re

from derivgen.catalog.letters import GREEK
from derivgen.errors import ParseError, Span
from derivgen.read.declarations import Declarations, check_name

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
        return found["name"], " " * found.end() + source[found.end() :]
    found = _LATEX.match(source)
    if found is None:
        return "", source
    name = found["name"].removeprefix("\\")
    if found["name"] != name and name not in GREEK and name != "ell":
        return "", source
    if found["name"] == name and len(name) > 1:
        return "", source  # letters side by side are a product
    before = source[: found.start("name")]
    opening = re.match(r"\s*(\$\$?|\\\[|\\\()?", before)
    kept = opening[0] if opening else ""
    return "l" if name == "ell" else name, kept + " " * (found.end() - len(kept)) + source[found.end() :]


def refuse_taken(name: str, declarations: Declarations, source: str) -> None:
    """The name of a value has no other meaning.

    Raises:
        ParseError: it has one.
    """
    at = source.find(name)
    span = Span(at, at + len(name))
    if name in declarations.names or any(op.name == name for op in declarations.glossary.operations):
        raise ParseError(
            f"{name} has a meaning already, so it cannot be the name of the value",
            span=span, source=source, hint="give the value another name, or none",
        )  # fmt: skip
    check_name(name, span, source)
