"""What a pass over the trees of a question knows: names, indices, the sizes that are one, and what it costs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from derivgen.catalog.base import Abstract
from derivgen.expr import SCALAR, Dim, Shape, product_dim
from derivgen.read.kinds.letters import (
    Constant,
    Defined,
    Known,
    Letters,
    Open,
    Several,
    atoms,
    digits,
    is_sign,
    open_size,
)
from derivgen.read.kinds.prices import IMPOSSIBLE, USE
from derivgen.read.kinds.sizes import Sizes, is_open
from derivgen.read.latex.names import plain_name, spelling, taken_apart
from derivgen.read.surface import (
    Binder,
    BinderPair,
    Called,
    Chain,
    Fenced,
    Grid,
    Infix,
    Letter,
    Literal,
    Name,
    Negated,
    Paired,
    Product,
    Scripted,
    Surface,
    Unsaid,
    ungrouped,
)

Said = tuple[Surface, Shape | None]

_STATE = ("scope", "local", "undecided", "shapes", "functions", "applied_at", "lengths")
"""What a pass learns on its way."""


class Accounts(ABC):
    """What a pass over the trees of a question knows. A shape that is not known yet is None, and costs nothing.

    Attributes:
        ranks: the kinds chosen so far, by name.
        cost: what the reading costs.
        undecided: the names whose kind is not chosen, in the order met.
        clash: where shapes first did not fit.
        shapes: the arrays that are chosen, with the open sizes of their axes.
        functions: those that nothing declares, and ``applied_at`` where each is met first.
        lengths: the names that stand where a length does, with the place and its source.
        mark: what tells the open sizes of one formula from those of another.
    """

    def __init__(self, letters: Letters, ranks: Mapping[str, int], layout: str = "numerator") -> None:
        self.letters = letters
        self.declarations = letters.declarations
        self.ranks = ranks
        self.layout = layout
        self.sizes = Sizes()
        self.scope: dict[str, Dim] = {name: i.dim for name, i in letters.declarations.indices.items()}
        self.local: dict[str, Shape | None] = {}
        self.mark = ""
        self.cost = 0.0
        self.undecided: dict[str, Open] = {}
        self.clash: Surface | None = None
        self.shapes: dict[str, Shape] = {}
        self.functions: dict[str, Abstract] = {}
        self.applied_at: dict[str, tuple[Called, str]] = {}
        self.lengths: dict[str, tuple[Surface, str]] = {}

    # --- accounts ---

    def pay(self, what: str) -> None:
        self.cost += USE[what]

    def misfit(self, where: Surface) -> None:
        self.cost += IMPOSSIBLE
        self.clash = self.clash or where

    def either(self, first: Callable[[], Shape | None], other: Callable[[], Shape | None]) -> Shape | None:
        """The first of two readings, the other one where that alone fits."""
        before = self._state()
        start, clash = self.cost, self.clash
        shape = first()
        if self.cost < start + IMPOSSIBLE:
            return shape
        tried = shape, self.cost, self.clash, self._state()
        self.cost, self.clash = start, clash
        self._restore(before)
        shape = other()
        if self.cost >= start + IMPOSSIBLE:
            shape, self.cost, self.clash, state = tried
            self._restore(state)
        return shape

    def _state(self) -> list[dict[Any, Any]]:
        return [dict(getattr(self, name)) for name in _STATE] + [dict(self.sizes.found)]

    def _restore(self, state: list[dict[Any, Any]]) -> None:
        *tables, self.sizes.found = state
        for name, table in zip(_STATE, tables, strict=True):
            setattr(self, name, table)

    def open(self, key: str, s: Surface) -> Dim:
        return Dim(f"?{key} {s.span.start}{self.mark}")

    def same(self, left: Dim, right: Dim, where: Surface) -> None:
        if not self.sizes.same(left, right):
            self.misfit(where)

    @abstractmethod
    def shape(self, s: Surface) -> Shape | None:
        """The shape of a part."""

    def untold(self) -> None:
        """The constants whose length nothing tells, once all trees are gone through."""
        for name, shape in self.shapes.items():
            if is_sign(name) and any(is_open(d) and d in shape.axes for d in self.sizes.shape(shape).axes):
                self.pay("length that nothing tells")

    # --- names ---

    def named(self, s: Surface) -> Shape | None:
        name = plain_name(s)
        if name is not None and name in self.scope:
            return SCALAR
        if name is not None and name in self.local:
            return self.local[name]
        match self.letters.meaning(s):
            case Known(shape, ()):
                return self.sizes.shape(shape)
            case Known(Shape(()), (left, right)):  # δ: both run along one axis
                self.place(right, self.place(left, self.open("delta", s)))
                return SCALAR
            case Known(shape, places):
                return self.entry(shape, places, s)
            case Open() as letter:
                return self.entry(self.of_letter(letter), letter.places, s)
            case Defined(given, places):
                return self.entry(self.local.get(given), places, s)
            case Several(product):
                return self.shape(product)
            case Constant(kind, subs):
                return self.constant(kind, subs, s)
            case _:
                return self.scripted(s) if isinstance(s, Scripted) and taken_apart(s) is None else None

    def of_letter(self, letter: Open) -> Shape | None:
        rank = self.ranks.get(letter.name)
        if rank is None:
            self.undecided.setdefault(letter.name, letter)
            return None
        shape = self.shapes.get(letter.name)
        if shape is None:
            shape = Shape(tuple(open_size(letter, k, rank) for k in range(rank)))
            self.shapes[letter.name] = shape
        return self.sizes.shape(shape)

    def constant(self, kind: str, subs: tuple[Surface, ...], s: Surface) -> Shape | None:
        if kind == "unit":
            dim = self.open("eye", s)
            self.entry(Shape((dim,)), atoms(subs), s)
            return Shape((self.sizes.settled(dim),))
        if not subs:
            if kind == "eye":
                return self.sizes.shape(Shape((self.open(kind, s),) * 2))
            return self.of_letter(Open(f"{kind} {s.span.start}{self.mark}", "constant"))
        lengths: list[Dim] = []
        for sub in subs:
            lengths += [self.length(p) for p in (sub.factors if isinstance(sub, Product) else (sub,))]
        if any(isinstance(p, Letter) and plain_name(p) in self.scope for sub in subs for p in atoms((sub,))):
            return None
        return Shape(tuple(lengths * 2 if kind == "eye" and len(lengths) == 1 else lengths))

    def scripted(self, s: Scripted) -> Shape | None:
        match s.base:
            case Fenced(_, "‖", (inner,)):
                return self.reduced([(inner, self.shape(inner))], "norm of a number")
            case Fenced(_, "[", (inner,)) if not isinstance(inner, Grid):
                outer = dict(self.scope)
                dims: list[Dim] = []
                for atom in atoms(s.subs):
                    name = plain_name(atom.sides[0] if isinstance(atom, Chain) else atom)
                    if name is None:
                        return None
                    dims.append(self.open(f"built {name}", s))
                    self.scope[name] = dims[-1]
                body = self.shape(inner)
                self.scope = outer
                return Shape(tuple(dims)) if body == SCALAR else None
        return self.entry(self.shape(s.base), s.subs, s)

    def entry(self, shape: Shape | None, subs: Sequence[Surface], s: Surface) -> Shape | None:
        """What is left of an array at these places."""
        if shape is None or not subs:
            return shape
        places = digits(atoms(tuple(subs)), shape.rank)
        if len(places) > shape.rank:
            self.misfit(s)
            return None
        left: list[Dim] = []
        for place, dim in zip(places, shape.axes, strict=False):
            if isinstance(place, Letter) and place.stem == ":":
                left.append(dim)
            else:
                self.place(place, dim)
        rest = (*left, *shape.axes[len(places) :])
        whole_last = isinstance(places[-1], Letter) and places[-1].stem == ":"
        return self.sizes.shape(Shape(rest, row=len(places) == 2 and whole_last))

    def place(self, s: Surface, dim: Dim) -> Dim:
        """Let what stands at a place run along an axis of this length, which is returned."""
        match ungrouped(s):
            case Paired(_, outer, inner):
                for part in (outer, inner):
                    self.place(part, self.open("pair", part))
            case Letter() | Scripted() | Name() as here:
                name = here.name if isinstance(here, Name) else plain_name(here)
                if name is not None:
                    self.same(self.scope.setdefault(name, Dim(f"?index {name}")), dim, s)
        return dim

    def length(self, s: Surface) -> Dim:
        match ungrouped(s):
            case Unsaid():
                return self.open("length", s)
            case Literal(_, value) if value.denominator == 1 and value > 0:
                return Dim(int(value))
            case Name(_, name):
                return Dim(name)
            case Letter() | Scripted() as here:
                found = taken_apart(here)
                given = self.letters.lexicon.find(spelling(found[0].stem, found[1])) if found else None
                length = given or plain_name(here)
                if length is None:
                    return self.open("length", s)
                self.lengths.setdefault(length, (s, self.letters.source))
                return Dim(length)
            case Product(_, factors, _):
                return product_dim(map(self.length, factors))
            case Infix(_, "*", left, right):
                return self.length(left).times(self.length(right))
            case _:
                return self.open("length", s)

    @contextmanager
    def bound(self, binders: Sequence[Binder | BinderPair]) -> Iterator[tuple[Dim, ...]]:
        outer = dict(self.scope)
        dims = tuple([self.bind(binder) for binder in binders])
        try:
            yield dims
        finally:
            free = {k: v for k, v in self.scope.items() if k not in outer and v.size == f"?index {k}"}
            self.scope = outer | free

    def bind(self, binder: Binder | BinderPair) -> Dim:
        if isinstance(binder, BinderPair):
            return self.bind(binder.outer).times(self.bind(binder.inner))
        dim = self.scope[binder.name] = self.length(binder.length)
        return dim

    def fitted(self, parts: Sequence[Said], where: Surface, numbers: str = "") -> Shape | None:
        """Arrays of one shape, among which numbers expand: the shape of all."""
        arrays = [shape for _, shape in parts if shape is not None and shape.axes]
        for shape in arrays[1:]:
            if not self.sizes.same_shape(arrays[0], shape):
                self.misfit(where)
                return None
        if not arrays:
            return None if any(shape is None for _, shape in parts) else SCALAR
        if numbers and any(shape == SCALAR and not is_number(s) for s, shape in parts):
            self.pay(numbers)
        return self.sizes.shape(arrays[0])

    def of_numbers(self, parts: Sequence[Said], where: Surface) -> Shape | None:
        """A function of numbers."""
        shape = self.fitted(parts, where)
        if shape is not None and shape.axes:
            self.pay("function of a column" if shape.rank == 1 else "function of a matrix")
        return shape

    def reduced(self, parts: Sequence[Said], of_number: str) -> Shape:
        for _, shape in parts:
            if shape is not None and not shape.axes:
                self.pay(of_number)
        return SCALAR

    def transposed(self, operand: Surface, shape: Shape | None) -> Shape | None:
        if shape is None:
            return None
        match shape.axes:
            case ():
                if not is_number(operand):
                    self.pay("transpose of a number")
                return SCALAR
            case (n,):
                return Shape((n,), row=not shape.row)
            case (m, n):
                return Shape((n, m))
            case _:
                return None


def is_number(s: Surface) -> bool:
    inner = ungrouped(s)
    while isinstance(inner, Negated):
        inner = ungrouped(inner.operand)
    return isinstance(inner, Literal)
