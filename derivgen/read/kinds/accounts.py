"""What a pass over the trees of a question knows: names, indices, the sizes that are one, and what it costs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from derivgen.catalog.base import Abstract
from derivgen.expr import SCALAR, Dim, Shape, Symbol, product_dim
from derivgen.read.kinds.letters import Letters, atoms, digits
from derivgen.read.kinds.meaning import ByItsSize, Defined, Dependent, Numeral, Open, Several, Variable
from derivgen.read.kinds.prices import ACTIVATIONS, IMPOSSIBLE, USE
from derivgen.read.kinds.sizes import INDEX, Hole, Sign, Sizes
from derivgen.read.latex.names import plain_name, spelling, taken_apart
from derivgen.read.surface import (
    Binder,
    BinderPair,
    Called,
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

_STATE = (
    "of_tensors",
    "scope",
    "local",
    "undecided",
    "chosen",
    "shapes",
    "functions",
    "applied_at",
    "lengths",
    "second",
)
"""What a pass learns on its way."""


class Accounts(ABC):
    """What a pass over the trees of a question knows. A shape that is not known yet is None, and costs nothing.

    Attributes:
        ranks: the kinds that are tried, by name, and ``chosen`` those of them that were met.
        cost: what the reading costs.
        undecided: the names whose kind is not chosen, in the order met.
        shapes: the arrays that are chosen, with the open sizes of their axes.
        functions: those that nothing declares, and ``applied_at`` where each is met first; none is ``of_tensors``.
        lengths: the names that stand where a length does, with the place and its source.
        second: the signs of which the second reading is the one that fits.
        formula: the number of the formula that is gone through.
    """

    def __init__(self, letters: Letters, ranks: Mapping[str | Sign, int], layout: str = "numerator") -> None:
        self.letters = letters
        self.declarations = letters.declarations
        self.ranks = ranks
        self.layout = layout
        self.sizes = Sizes()
        self.scope: dict[str, Dim] = {name: i.dim for name, i in letters.declarations.indices.items()}
        self.local: dict[str, Shape | None] = {}
        self.formula = 0
        self.depth = 0
        self.met: dict[int, Shape | None] = {}  # of parts that were gone through before their turn
        self.cost = 0.0
        self.undecided: dict[str | Sign, Open] = {}
        self.chosen: dict[str | Sign, int] = {}
        self.shapes: dict[str | Sign, Shape] = {}
        self.second: dict[Sign, int] = {}
        self.functions: dict[str, Abstract] = {}
        self.of_tensors: dict[str, bool] = {}
        self.applied_at: dict[str, tuple[Called, str]] = {}
        self.lengths: dict[str, tuple[Surface, str]] = {}

    # --- accounts ---

    def pay(self, what: str) -> None:
        """Count the cost of an unusual reading."""
        self.cost += USE[what]

    def misfit(self) -> None:
        """Count that shapes do not fit."""
        self.cost += IMPOSSIBLE

    def either(self, sign: Sign, first: Callable[[], Shape | None], other: Callable[[], Shape | None]) -> Shape | None:
        """The first of two readings, the second one where that alone fits."""
        before = self._state()
        start = self.cost
        shape = first()
        if self.cost < start + IMPOSSIBLE:
            return shape
        tried = shape, self.cost, self._state()
        self.cost = start
        self._restore(before)
        shape = other()
        if self.cost < start + IMPOSSIBLE:
            self.second[sign] = 1
            return shape
        shape, self.cost, state = tried
        self._restore(state)
        return shape

    def _state(self) -> list[dict[Any, Any]]:
        return [dict(getattr(self, name)) for name in _STATE] + [dict(self.sizes.found)]

    def _restore(self, state: list[dict[Any, Any]]) -> None:
        *tables, self.sizes.found = state
        for name, table in zip(_STATE, tables, strict=True):
            setattr(self, name, table)

    def sign(self, what: str, s: Surface) -> Sign:
        """What is left open at a place."""
        return Sign(what, s.span, self.formula)

    def open(self, what: str, s: Surface) -> Dim:
        """The length of what stands here, which nothing says."""
        return self.sizes.settled(self.sizes.open(Hole(self.sign(what, s))))

    def index(self, name: str) -> Dim:
        """How far an index runs that nothing binds."""
        return self.scope.setdefault(name, self.sizes.open(Hole(name, INDEX)))

    def same(self, left: Dim, right: Dim) -> None:
        """Have two axes of one length; a misfit where they cannot be."""
        if not self.sizes.same(left, right):
            self.misfit()

    @abstractmethod
    def shape(self, s: Surface) -> Shape | None:
        """The shape of a part."""

    @abstractmethod
    def row_of(self, letter: Open, whole: Symbol) -> Shape | None:
        """The shape of a letter that may be a row of a matrix."""

    @abstractmethod
    def scripted(self, s: Scripted) -> Shape | None:
        """The shape of brackets, or of a value, with something below."""

    def untold(self) -> None:
        """The constants whose length nothing tells, once all trees are gone through."""
        constants = [shape for name, shape in self.shapes.items() if isinstance(name, Sign)]
        if constants:
            for _ in range(self.sizes.untold(constants)):
                self.pay("length that nothing tells")

    # --- names ---

    def named(self, s: Surface) -> Shape | None:
        """The shape of a letter; None where it is not known yet."""
        name, meaning = self.letters.meaning(s)
        if name in self.scope:
            return SCALAR
        if name in self.local:
            return self.local[name]
        match meaning:
            case Variable(symbol, places):
                return self.entry(self.sizes.shape(symbol.shape), places)
            case Numeral("delta", _, (left, right)):  # both run along one axis
                self.place(right, self.place(left, self.open("delta", s)))
                return SCALAR
            case Numeral("indicator", _, (relation,)):
                return self.shape(relation)
            case Numeral():
                return SCALAR
            case Open() as letter if (whole := self.letters.matrix_of(letter)) is not None:
                return self.row_of(letter, whole)
            case Open() as letter:
                return self.entry(self.of_letter(letter), letter.places)
            case Defined(given, places):
                return self.entry(self.local.get(given), places)
            case Dependent(letter_name):
                return self.sizes.shape(self.declarations.functions[letter_name].codomain)
            case Several(product):
                return self.shape(product)
            case ByItsSize(constant, subs):
                return self.constant(constant, subs, s)
            case _:
                return self.scripted(s) if isinstance(s, Scripted) and taken_apart(s) is None else None

    def choice(self, sign: Open) -> int | None:
        """What is tried about a sign; None where nothing is."""
        chosen = self.ranks.get(sign.key)
        if chosen is None:
            self.undecided.setdefault(sign.key, sign)
        else:
            self.chosen[sign.key] = chosen
        return chosen

    def of_letter(self, letter: Open) -> Shape | None:
        """The shape of an undeclared letter by the rank tried, its axes open; None where none is tried."""
        key = letter.key
        rank = self.ranks.get(key)
        if rank is None:
            self.undecided.setdefault(key, letter)
            return None
        shape = self.shapes.get(key)
        if shape is None:
            shape = Shape(tuple([self.sizes.open(Hole(key, axis)) for axis in range(rank)]))
            self.shapes[key] = shape
            self.chosen[key] = rank
        return self.sizes.shape(shape)

    def constant(self, name: str, subs: tuple[Surface, ...], s: Surface) -> Shape | None:
        """A constant that is known by its size: that below it, or one that follows from what stands around it."""
        if name == "unit":
            dim = self.open("eye", s)
            self.entry(Shape((dim,)), atoms(subs))
            return self.sizes.shape(Shape((dim,)))
        below = self.letters.sizes_below(subs) if subs else None
        if below is None:
            return self.entry(self.open_constant(name, s), subs)
        return self.of_sizes(name, list(map(self.length, below)))

    def open_constant(self, name: str, s: Surface) -> Shape | None:
        """The shape of a constant without sizes: that of eye has two equal axes, others are undeclared letters."""
        if name == "eye":
            return self.sizes.shape(Shape((self.open(name, s),) * 2))
        return self.of_letter(Open(name, "constant", sign=self.sign(name, s)))

    def of_sizes(self, name: str, lengths: list[Dim]) -> Shape:
        """Of as many sizes as it is given, eye(n) that of a square."""
        if name == "commutation":
            return Shape((product_dim(lengths * (1 if len(lengths) > 1 else 2)),) * 2)
        return Shape(tuple(lengths * 2 if name == "eye" and len(lengths) == 1 else lengths))

    def entry(self, shape: Shape | None, subs: Sequence[Surface]) -> Shape | None:
        """What is left of an array at these places."""
        if shape is None or not subs:
            return shape
        places = digits(atoms(tuple(subs)), shape.rank)
        if len(places) > shape.rank:
            self.misfit()
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

    def are_places(self, left: Surface, right: Surface) -> bool:
        """Whether two indices are compared, which run along one axis then."""
        found: list[str] = []
        for s in map(ungrouped, (left, right)):
            name = s.name if isinstance(s, Name) else plain_name(s) if isinstance(s, Letter | Scripted) else None
            free = self.letters.free_indices and name not in self.declarations.names and not isinstance(s, Scripted)
            free |= isinstance(s, Letter) and name in self.letters.bound  # i of \sum_{j \ne i} A_{ij}
            if name is None or not (name in self.scope or free):
                return False
            found.append(name)
        self.same(self.index(found[0]), self.index(found[1]))
        return True

    def place(self, s: Surface, dim: Dim) -> Dim:
        """Let what stands at a place run along an axis of this length, which is returned."""
        match ungrouped(s):
            case Paired(_, outer, inner):
                for part in (outer, inner):
                    self.place(part, self.open("pair", part))
            case Letter() | Scripted() | Name() as here:
                name = here.name if isinstance(here, Name) else plain_name(here)
                if name is not None:
                    self.same(self.index(name), dim)
        return dim

    def length(self, s: Surface) -> Dim:
        """The length that is written, or one that is open."""
        match ungrouped(s):
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
        """Indices while they are bound, with the lengths of their axes."""
        outer = dict(self.scope)
        dims = tuple([self.bind(binder) for binder in binders])
        try:
            yield dims
        finally:
            free = {k: v for k, v in self.scope.items() if k not in outer and v == self.sizes.holes.get(Hole(k, INDEX))}
            self.scope = outer | free

    def bind(self, binder: Binder | BinderPair) -> Dim:
        """Bind an index, or a pair; the length of its axis."""
        if isinstance(binder, BinderPair):
            return self.bind(binder.outer).times(self.bind(binder.inner))
        name, said = binder.name, binder.length
        dim = self.scope[name] = self.open(f"length of {name}", said) if isinstance(said, Unsaid) else self.length(said)
        return dim

    def fitted(self, parts: Sequence[Said], numbers: str = "") -> Shape | None:
        """Arrays of one shape, among which numbers expand: the shape of all."""
        arrays = [shape for _, shape in parts if shape is not None and shape.axes]
        for shape in arrays[1:]:
            if not self.sizes.same_shape(arrays[0], shape):
                self.misfit()
                return None
        if not arrays:
            return None if any(shape is None for _, shape in parts) else SCALAR
        if numbers and any(shape == SCALAR and not is_number(s) for s, shape in parts):
            self.pay(numbers)
        return self.sizes.shape(arrays[0])

    def combined(self, parts: Sequence[Said], operator: str) -> Shape | None:
        """The shape of a sum, or of what is taken entry by entry: nobody writes ⊙ of numbers."""
        if operator == "⊗" and all(shape == SCALAR and not is_number(s) for s, shape in parts):
            self.pay("⊙ of numbers")
        said = "array plus a number" if operator in "+-" else "⊙ with a number" if operator == "⊗" else ""
        return self.fitted(parts, said)

    def of_numbers(self, parts: Sequence[Said], name: str = "") -> Shape | None:
        """A function of numbers, that has this name."""
        shape = self.fitted(parts)
        if shape is not None and shape.axes and name not in ACTIVATIONS:
            self.pay("function of a column" if shape.rank == 1 else "function of a matrix")
        return shape

    def reduced(self, parts: Sequence[Said], of_number: str) -> Shape:
        """A number made of arrays; of one made of numbers the cost ``of_number`` is counted."""
        for _, shape in parts:
            if shape is not None and not shape.axes:
                self.pay(of_number)
        return SCALAR

    def transposed(self, operand: Surface, shape: Shape | None) -> Shape | None:
        """The shape of a transpose; None where that of the operand is not known, or it has more than two axes."""
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

    # --- of two shapes ---

    def matmul(self, left: Said, right: Said, *, dot: bool = True) -> Shape | None:
        """The shape of a matrix product; None where it is not known or does not fit. ``dot`` allows two columns."""
        a, b = left[1], right[1]
        if a is None or b is None:
            return None
        if not a.axes or not b.axes or a.rank > 2 or b.rank > 2:
            self.misfit()
            return None
        inner_left = a.axes[-1] if a.rank == 2 or a.row or (dot and b.rank == 1 and not b.row) else None
        inner_right = b.axes[0] if b.rank == 2 or not b.row else None
        if (inner_left is None) != (inner_right is None):
            self.misfit()
            return None
        if inner_left is not None and inner_right is not None:
            self.same(inner_left, inner_right)
        rows = a.axes[:1] if a.rank == 2 or (not a.row and inner_left is None) else ()
        columns = b.axes[1:] if b.rank == 2 else b.axes if b.row else ()
        return self.sizes.shape(Shape((*rows, *columns), row=not rows and bool(columns)))


def is_number(s: Surface) -> bool:
    """Whether a number is written there, whatever its sign and brackets."""
    inner = ungrouped(s)
    while isinstance(inner, Negated):
        inner = ungrouped(inner.operand)
    return isinstance(inner, Literal)
