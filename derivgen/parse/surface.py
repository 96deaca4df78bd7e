"""The tree of an expression as it was written, with spans, before shapes and names are known; common to all dialects."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from derivgen.errors import Span


@dataclass(frozen=True, slots=True)
class Surface:
    """A part of the source: ``span`` says which."""

    span: Span


@dataclass(frozen=True, slots=True)
class Literal(Surface):
    value: Fraction


@dataclass(frozen=True, slots=True)
class Name(Surface):
    name: str


@dataclass(frozen=True, slots=True)
class Group(Surface):
    """Parentheses that the tree would not show otherwise: around the left operand of a chain, or before brackets."""

    inner: Surface


@dataclass(frozen=True, slots=True)
class Negated(Surface):
    operand: Surface


@dataclass(frozen=True, slots=True)
class Infix(Surface):
    """``operator`` is one of + - * / ** @ ◯ > < >= <= == !=."""

    operator: str
    left: Surface
    right: Surface


@dataclass(frozen=True, slots=True)
class Transposed(Surface):
    operand: Surface


@dataclass(frozen=True, slots=True)
class Subscript(Surface):
    array: Surface
    places: tuple[Surface, ...]


@dataclass(frozen=True, slots=True)
class Apply(Surface):
    """A function by its name; ``named`` is the span of the name."""

    function: str
    args: tuple[Surface, ...]
    named: Span


@dataclass(frozen=True, slots=True)
class ApplyDerivative(Surface):
    """D(f, 0, 1)(x, y): the derivative of a declared function by its arguments of these numbers, in turn."""

    function: str
    orders: tuple[int, ...]
    args: tuple[Surface, ...]
    named: Span


@dataclass(frozen=True, slots=True)
class Binder(Surface):
    """An index and how far it runs."""

    name: str
    length: Surface


@dataclass(frozen=True, slots=True)
class Summed(Surface):
    binders: tuple[Binder, ...]
    body: Surface


@dataclass(frozen=True, slots=True)
class Tabulated(Surface):
    """An array by its entries: [body for i in range(n)]."""

    binder: Binder
    body: Surface


@dataclass(frozen=True, slots=True)
class Listed(Surface):
    items: tuple[Surface, ...]


@dataclass(frozen=True, slots=True)
class Differentiated(Surface):
    """partial(body, x[j])."""

    body: Surface
    wrt: Surface


def ungrouped(s: Surface) -> Surface:
    """What stands inside any parentheses."""
    while isinstance(s, Group):
        s = s.inner
    return s
