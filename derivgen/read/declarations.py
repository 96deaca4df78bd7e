"""What is known before an expression is read, and which names may be given to what."""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from derivgen.catalog import GLOSSARY
from derivgen.catalog.base import Abstract
from derivgen.catalog.declared import where_text
from derivgen.catalog.glossary import SYNTAX, Glossary
from derivgen.catalog.user_functions import UserFunction
from derivgen.errors import ParseError, Span
from derivgen.expr import Index, Symbol


@dataclass(frozen=True, slots=True)
class Declarations:
    """What is known before an expression is read: what was declared, and the operations that there are.

    Attributes:
        depends: what each letter depends on that stands for a function of variables without being written as one.
    """

    symbols: Mapping[str, Symbol] = field(default_factory=dict)
    functions: Mapping[str, Abstract] = field(default_factory=dict)
    sizes: tuple[str, ...] = ()
    indices: Mapping[str, Index] = field(default_factory=dict)
    defined: frozenset[str] = frozenset()
    user_functions: Mapping[str, UserFunction] = field(default_factory=dict)
    glossary: Glossary = GLOSSARY
    depends: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def with_definition(self, symbol: Symbol) -> Declarations:
        """The same, and one more name, which is that of an intermediate."""
        return replace(self, symbols={**self.symbols, symbol.name: symbol}, defined=self.defined | {symbol.name})

    @property
    def names(self) -> tuple[str, ...]:
        """All that is declared: variables, functions, sizes, indices."""
        return (*self.symbols, *self.functions, *self.user_functions, *self.sizes, *self.indices)

    def __str__(self) -> str:
        given = [s for s in self.symbols.values() if s.name not in self.defined]
        functions = [f for name, f in self.functions.items() if name not in self.depends or f.codomain.axes]
        depends = [f"{name}: function of {', '.join(on)}" for name, on in self.depends.items()
                   if not self.functions[name].codomain.axes]  # fmt: skip
        return "; ".join([text for text in (where_text(given, functions), *depends) if text])


def check_name(name: str, span: Span, source: str) -> None:
    """Refuse what cannot name anything.

    Raises:
        ParseError: it cannot.
    """
    if keyword.iskeyword(name) and name != "lambda":
        raise ParseError(f"{name} is a word of Python's own and cannot be a name", span=span, source=source,
                         hint=f"call it {name}_, or by another letter")  # fmt: skip
    if name.startswith("__"):
        raise ParseError("a name does not begin with two underscores", span=span, source=source)


def check_function_name(name: str, span: Span, source: str) -> None:
    """Refuse what cannot name a function.

    Raises:
        ParseError: it cannot.
    """
    check_name(name, span, source)
    if name in SYNTAX:
        raise ParseError(f"{name} belongs to the way that expressions are written, and cannot be declared", span=span,
                         source=source, hint="choose another name")  # fmt: skip
