"""An expression as it was written, with spans, before names and shapes are known; common to all dialects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from fractions import Fraction
from operator import attrgetter
from typing import Literal as Either

from derivgen.errors import Span
from derivgen.expr import STEP


@dataclass(frozen=True, slots=True)
class Surface:
    """A part of the source: ``span`` says which."""

    span: Span


@dataclass(frozen=True, slots=True)
class Literal(Surface):
    """A number."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Name(Surface):
    """A name in text."""

    name: str


@dataclass(frozen=True, slots=True)
class Group(Surface):
    """Parentheses that the tree would not show otherwise: in text around the left operand of a chain, or before brackets."""

    inner: Surface
    fence: str = "("


@dataclass(frozen=True, slots=True)
class Negated(Surface):
    """An operand with a minus sign."""

    operand: Surface


@dataclass(frozen=True, slots=True)
class Infix(Surface):
    """``operator`` is one of + - * / ** @ ◯ > < >= <= == !=."""

    operator: str
    left: Surface
    right: Surface


@dataclass(frozen=True, slots=True)
class Transposed(Surface):
    """An operand with a transpose sign."""

    operand: Surface


@dataclass(frozen=True, slots=True)
class Subscript(Surface):
    """An entry or a part of an array, in text."""

    array: Surface
    places: tuple[Surface, ...]


@dataclass(frozen=True, slots=True)
class Apply(Surface):
    """A function by its name; ``named`` is the span of the name, ``axis`` that along which it is taken in Python."""

    function: str
    args: tuple[Surface, ...]
    named: Span
    axis: int | None = None


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
class BinderPair(Surface):
    """Two indices that make one axis: for (j, i) in range(n, m)."""

    outer: Binder | BinderPair
    inner: Binder | BinderPair


@dataclass(frozen=True, slots=True)
class Paired(Surface):
    """Two places that make one, along an axis whose length is a product: the (l, k) of A[i, (l, k)]."""

    outer: Surface
    inner: Surface


@dataclass(frozen=True, slots=True)
class Summed(Surface):
    """A sum over indices. It ``reaches`` behind a + or − where its index stands there; a ``silent`` one does not name it."""

    binders: tuple[Binder, ...]
    body: Surface
    reaches: bool = False
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Tabulated(Surface):
    """An array by its entries: [body for i in range(n)]; those of a family may be columns."""

    binder: Binder | BinderPair
    body: Surface
    of_members: bool = False


@dataclass(frozen=True, slots=True)
class Listed(Surface):
    """A list in square brackets."""

    items: tuple[Surface, ...]


@dataclass(frozen=True, slots=True)
class Differentiated(Surface):
    """partial(body, x[j])."""

    body: Surface
    wrt: Surface


# --- what LaTeX adds -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Letter(Surface):
    """A letter, or a word set as one. ``font`` is "", "bold", "upright" or "script"; a Greek stem is the letter."""

    stem: str
    font: str = ""


@dataclass(frozen=True, slots=True)
class Scripted(Surface):
    """Subscripts, as many as commas part: of a name, or the places of an entry."""

    base: Surface
    subs: tuple[Surface, ...]


@dataclass(frozen=True, slots=True)
class Raised(Surface):
    """A superscript. ``sign`` is ⊗ where it says that the power is taken entry by entry."""

    base: Surface
    exponent: Surface
    sign: str = ""


@dataclass(frozen=True, slots=True)
class Primed(Surface):
    """A function with so many primes."""

    base: Surface
    count: int


@dataclass(frozen=True, slots=True)
class Product(Surface):
    """Factors side by side; ``signs`` stand before each but the first: "" · × * /."""

    factors: tuple[Surface, ...]
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quotient(Surface):
    """A fraction."""

    over: Surface
    under: Surface


@dataclass(frozen=True, slots=True)
class Root(Surface):
    """A root; without a degree it is the square root."""

    body: Surface
    degree: Surface | None = None


@dataclass(frozen=True, slots=True)
class Fenced(Surface):
    """Items between fences: ``left`` is one of ( [ { | ‖ ⟨, or "." for none."""

    left: str
    items: tuple[Surface, ...]


@dataclass(frozen=True, slots=True)
class Grid(Surface):
    """A matrix by its cells; None is an empty one."""

    rows: tuple[tuple[Surface | None, ...], ...]
    fence: str = ""


@dataclass(frozen=True, slots=True)
class Branches(Surface):
    """A case distinction: each value with its condition, None for "otherwise"."""

    rows: tuple[tuple[Surface, Surface | None], ...]


@dataclass(frozen=True, slots=True)
class Dots(Surface):
    """Dots that stand for what is left out."""


@dataclass(frozen=True, slots=True)
class Sequence(Surface):
    """Parts with commas between them that no fence holds together."""

    items: tuple[Surface, ...]


@dataclass(frozen=True, slots=True)
class Chain(Surface):
    """Sides with relations between them, a = b = c; ``remarks`` are set apart behind them."""

    sides: tuple[Surface, ...]
    signs: tuple[str, ...]
    remarks: tuple[Surface, ...] = ()


@dataclass(frozen=True, slots=True)
class Derivative(Surface):
    """∂ body/∂ by, one after the other; without a body it is the bare operator."""

    body: Surface | None
    by: tuple[Surface, ...]


@dataclass(frozen=True, slots=True)
class Nabla(Surface):
    """∇ body, or with ``order`` 2 the Hessian, by the variable in the subscript if there is one."""

    body: Surface | None
    by: Surface | None
    order: int = 1


@dataclass(frozen=True, slots=True)
class Held(Surface):
    """What is known and not read, kept with what it is made of: an expectation, an integral, a maximum over a set.

    Attributes:
        name, body: its word or its sign, and what it is of.
        said, hint: what is said where it is refused.
        bound, within: the letters that run within it, and its scripts as written.
        like: whose shape its value has: that of "body", of each "member" of it, of what is "bound", of "pairs" of entries, …
    """

    name: str
    body: tuple[Surface, ...]
    said: str
    hint: str = ""
    bound: tuple[Surface, ...] = ()
    like: Either["body", "member", "bound", "pairs", "stacked", "number"] = "number"
    within: str = ""


@dataclass(frozen=True, slots=True)
class Differential(Surface):
    """d body: how it changes along any direction in which its letters change."""

    body: Surface


@dataclass(frozen=True, slots=True)
class Called(Surface):
    """A function that the catalog does not have, before its arguments."""

    head: Surface
    args: tuple[Surface, ...]


@dataclass(frozen=True, slots=True)
class Evaluated(Surface):
    """``body`` at a place, with a bar between: at is u = e."""

    body: Surface
    at: Surface


@dataclass(frozen=True, slots=True)
class Multiplied(Surface):
    """A product over an index."""

    binder: Binder
    body: Surface


@dataclass(frozen=True, slots=True)
class Unsaid(Surface):
    """A length that is not written: it follows from the use of the index."""


_FIELDS: dict[type, tuple[str, ...]] = {}
_LOOKS: dict[type, Callable[[Surface], object]] = {}


def fields_with_parts(kind: type[Surface]) -> tuple[str, ...]:
    """The fields of a kind of part that hold other parts."""
    if kind not in _FIELDS:
        _FIELDS[kind] = tuple([f.name for f in fields(kind) if "Surface" in str(f.type) or "Binder" in str(f.type)])
    return _FIELDS[kind]


def walk(s: Surface, into: Callable[[Surface], object] | None = None) -> Iterator[Surface]:
    """Every part of a tree, from the top on; ``into`` gives what of a part is looked into, where that is not all of it."""
    look, todo = into or inside, list[object]([s])
    while todo:
        here = todo.pop()
        if isinstance(here, tuple):
            todo.extend(here)
        elif isinstance(here, Surface):
            yield here
            if parts := look(here):
                todo.append(parts)


def inside(s: Surface) -> object:
    """The parts of a part, and tuples of them."""
    looks = _LOOKS.get(type(s))
    if looks is None:
        looks = _LOOKS[type(s)] = attrgetter(*names) if (names := fields_with_parts(type(s))) else lambda _: ()
    return looks(s)


def ungrouped(s: Surface) -> Surface:
    """What stands inside any parentheses."""
    while isinstance(s, Group):
        s = s.inner
    return s


def spine(s: Infix, operators: tuple[str, ...]) -> list[Infix]:
    """The chain of these operators that leans to the left from ``s``, the last applied first."""
    chain = [s]
    while isinstance(left := chain[-1].left, Infix) and left.operator in operators:
        chain.append(left)
    return chain


def operands(s: Surface) -> Iterator[Surface]:
    """What is read within a part as it stands there; not what an index runs through. A chain of operators is one part."""
    match s:
        case Infix():
            while isinstance(s, Infix):
                yield s.right
                s = s.left
            yield s
        case Group(_, one, _) | Negated(_, one) | Transposed(_, one) | Subscript(_, one, _) | Differentiated(_, one, _):
            yield one
        case Apply(_, _, args, _) | ApplyDerivative(_, _, _, args, _) | Listed(_, args):
            yield from args
        case _:
            pass


def landings(s: Surface) -> Iterator[Surface]:
    """Parts on every few levels below ``s``, the lowest first: between two of them recursion does not go deep."""
    order, todo = list[tuple[Surface, int]](), [(s, 0)]
    while todo:
        here, deep = todo.pop()
        order.append((here, deep))
        todo.extend((inner, deep + 1) for inner in operands(here))
    return (here for here, deep in reversed(order) if deep and deep % (STEP // 2) == 0)
