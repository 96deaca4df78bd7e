"""What is known before an expression is read, and which names may be given to what."""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from derivgen.catalog import GLOSSARY, OPERATIONS
from derivgen.catalog.base import Abstract
from derivgen.catalog.declared import where_text
from derivgen.catalog.user_functions import UserFunction
from derivgen.errors import ParseError, Span
from derivgen.expr import Index, Symbol

RESERVED = frozenset(GLOSSARY.constants)
"""Names that stand for a constant by themselves, so that no variable may have them."""


@dataclass(frozen=True, slots=True)
class Declarations:
    """What is known before an expression is read."""

    symbols: Mapping[str, Symbol] = field(default_factory=dict)
    functions: Mapping[str, Abstract] = field(default_factory=dict)
    sizes: tuple[str, ...] = ()
    indices: Mapping[str, Index] = field(default_factory=dict)
    defined: frozenset[str] = frozenset()
    user_functions: Mapping[str, UserFunction] = field(default_factory=dict)

    def with_definition(self, symbol: Symbol) -> Declarations:
        """The same, and one more name, which is that of an intermediate."""
        return replace(self, symbols={**self.symbols, symbol.name: symbol}, defined=self.defined | {symbol.name})

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.symbols, *self.functions, *self.user_functions, *self.sizes, *self.indices)

    def __str__(self) -> str:
        given = [s for s in self.symbols.values() if s.name not in self.defined]
        return where_text(given, self.functions.values())


def check_name(name: str, span: Span, source: str) -> None:
    """Refuse what cannot name a variable."""
    if name in RESERVED:
        raise ParseError(f"{name} stands for a constant and cannot be declared", span=span, source=source,
                         hint="choose another name")  # fmt: skip
    if keyword.iskeyword(name) and name != "lambda":
        raise ParseError(f"{name} is a word of Python's own and cannot be a name", span=span, source=source,
                         hint=f"call it {name}_, or by another letter")  # fmt: skip
    if name.startswith("__"):
        raise ParseError("a name does not begin with two underscores", span=span, source=source)


def known_functions() -> frozenset[str]:
    """The names that operations have in text."""
    return _FUNCTION_NAMES


_FUNCTION_NAMES = frozenset({*OPERATIONS, *GLOSSARY.by_name}) | {
    "dot",
    "outer",
    "sqrt",
    "where",
    "partial",
    "D",
    "len",
    "range",
}
