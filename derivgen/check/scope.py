"""Expressions numbered so that equal ones have one number, with the names that are defined and the sizes in force."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from math import prod
from typing import Any, TypeVar

from derivgen.catalog.base import Elementwise, Formula
from derivgen.catalog.user_functions import UserFunction
from derivgen.errors import CheckError
from derivgen.expr import (
    Add,
    At,
    Build,
    Call,
    Cases,
    Definition,
    Delta,
    Dim,
    Expr,
    Index,
    Mul,
    Number,
    Pair,
    Partial,
    Place,
    Position,
    Power,
    Size,
    Sum,
    Symbol,
    children,
    from_below,
    indices_in,
)

PLAIN = 1 << 12
"""Numbers below it, and their reciprocals, are nothing special."""

LARGEST_LENGTH = 64
"""A declared length beyond it is judged at smaller ones."""


def is_named(size: str | int) -> bool:
    """Whether a size is given a length: a symbol, or a number too large to be computed with."""
    return isinstance(size, str) or size > LARGEST_LENGTH


class Pool:
    """Every expression met, each structure once: what is computed for a number serves all that are equal to it."""

    def __init__(self) -> None:
        self.nodes: list[Expr] = []
        self.kids: list[tuple[int, ...]] = []
        self.dims: dict[Dim, int] = {}  # with the bit of each symbolic one
        self.plain = True  # whether no number is far from 1, or long, so that nothing hides beside it
        self.longest = 1  # the number of sizes that a length is the product of, at most
        self.least: dict[str, int] = {}  # of sizes, the least length at which every place that is a number is there
        self.mentions: list[int] = []  # the names of variables in each, as bits
        self.sizes: list[int] = []  # the symbolic sizes in each, as bits
        self._bits: dict[str, int] = {}
        self._names: list[str] = []  # of each bit
        self._by_identity: dict[int, int] = {}
        self._by_structure: dict[Any, int] = {}
        self._kept: list[Expr] = []  # an identity stands for a node only as long as the node lives
        self._expansions: dict[int, int] = {}
        self._roots: dict[int, list[int]] = {}

    def number(self, e: Expr) -> int:
        """The number of ``e``."""
        found = self._by_identity.get(id(e))
        if found is None:
            for part in from_below(e, self._by_identity):
                self._number(part)
            found = self._number(e)
        return found

    def _number(self, e: Expr) -> int:
        found = self._by_identity.get(id(e))
        if found is None:
            number = self._number
            found = self._by_identity[id(e)] = self._find(e, tuple([number(child) for child in children(e)]))
            self._kept.append(e)
        return found

    def _find(self, e: Expr, kids: tuple[int, ...]) -> int:
        key, dims = _told_by(e, kids)
        found = self._by_structure.get(key)
        if found is None:
            found = self._by_structure[key] = len(self.nodes)
            self.nodes.append(e)
            self.kids.append(kids)
            mentioned = self.bit(e.name) if isinstance(e, Symbol) else 0
            sizes = 0
            for kid in kids:
                mentioned |= self.mentions[kid]
                sizes |= self.sizes[kid]
            for dim in dims:
                self.longest = max(self.longest, len(dim.factors))
                for factor in dim.factors:
                    one = dim if factor == dim.size else Dim(factor)
                    sizes |= self.dims.setdefault(one, 1 << len(self.dims) if is_named(factor) else 0)
            self.mentions.append(mentioned)
            self.sizes.append(sizes)
            if not mentioned and not sizes:
                self.plain = self.plain and _is_plain(e)
            for name, length in _presupposed(e):
                self.least[name] = max(length, self.least.get(name, 0))
        return found

    def under(self, *numbers: int, also: dict[str, int]) -> list[int]:
        """All expressions that the given ones are made of, these included; ``also`` are the values of names."""
        found: dict[int, None] = {}
        todo = list(numbers)
        while todo:
            here = todo.pop()
            if here in found:
                continue
            found[here] = None
            todo += self.kids[here]
            match self.nodes[here]:
                case Symbol(name) if name in also:
                    todo.append(also[name])
                case Call(op) if isinstance(op, Formula | UserFunction):
                    todo.append(self.expansion(here))
        return sorted(found)

    def roots(self, number: int) -> list[int]:
        """Of an even root what stands under it to an even power: where it changes its sign, the root takes a branch."""
        found = self._roots.get(number)
        if found is None:
            found = self._roots[number] = self._find_roots(number)
        return found

    def _find_roots(self, number: int) -> list[int]:
        match self.nodes[number]:
            case Power(_, Number(value)) if value.denominator % 2 == 0:
                pass
            case _:
                return []
        base = self.kids[number][0]
        parts = self.kids[base] if isinstance(self.nodes[base], Mul) else (base,)
        squared = [k for k in parts if parts.count(k) > 1]
        for part in parts:
            match self.nodes[part]:
                case Power(_, Number(value)) if value.denominator == 1 and value % 2 == 0 and value:
                    squared.append(self.kids[part][0])
        return list(dict.fromkeys(squared))

    def bit(self, name: str) -> int:
        """The bit that stands for a name in a set of names."""
        found = self._bits.get(name)
        if found is None:
            found = self._bits[name] = 1 << len(self._bits)
            self._names.append(name)
        return found

    def names_in(self, bits: int) -> Iterator[str]:
        """The names in a set of names; their number is what it costs, not that of all names."""
        while bits:
            lowest = bits & -bits
            yield self._names[lowest.bit_length() - 1]
            bits ^= lowest

    def names_of(self, bits: int) -> list[str]:
        return [name for name, bit in self._bits.items() if bit & bits]

    def expansion(self, number: int) -> int:
        """The expression that a call of a Formula, or of a reader's own function, abbreviates."""
        found = self._expansions.get(number)
        if found is None:
            call = self.nodes[number]
            assert isinstance(call, Call)
            assert isinstance(call.op, Formula | UserFunction)
            found = self._expansions[number] = self.number(call.op.definition(*call.args))
        return found


def _told_by(e: Expr, kids: tuple[int, ...]) -> tuple[Any, Iterable[Dim]]:
    """What tells a node from others, its children being numbered, and the lengths that it is the first to name."""
    match e:
        case Add() | Mul() | Power() | Partial() | Cases():
            return (type(e), kids), ()
        case At(_, places):
            return (At, kids, *map(_told_place, places)), [i.dim for i in indices_in(places)]
        case Number():
            return e, ()
        case Symbol(_, space):
            return e, space.axes
        case Call(op, _, dims):
            return (op, kids, dims), (*dims, *e.shape.axes)
        case Sum(index):
            return (Sum, kids, index.name, index.dim.size), (index.dim,)
        case Build(indices, _, row):
            return (Build, kids, row, *map(_told_place, indices)), [i.dim for i in e.bound]
        case Delta(left, right):
            return e, [i.dim for i in indices_in((left, right))]
        case Position(index):
            return e, (index.dim,)
        case Size(dim):
            return e, (dim,)
        case _:
            raise CheckError(f"a {type(e).__name__} has no value")


def _is_plain(e: Expr) -> bool:
    """Whether a constant is seen to be neither large nor small nor long: a function of constants is not seen to be."""
    match e:
        case Number(value):
            return abs(value.numerator) < PLAIN and value.denominator < PLAIN
        case Power(Number(base), Number(exponent)):
            return abs(base) < PLAIN and base.denominator < PLAIN and abs(exponent) <= 2
        case Power():
            return False
        case Call(op, args):
            return not args or not isinstance(op, Elementwise)
        case _:
            return True


def _presupposed(e: Expr) -> Iterator[tuple[str, int]]:
    """Sizes and how long they must be, at least, that the places read by number exist: x[3] needs a fourth entry.

    Of a product of sizes the first one is to be long enough.
    """
    match e:
        case At(array, places):
            pairs = [(p, d) for p, d in zip(places, array.shape.axes, strict=False) if isinstance(p, int)]
        case Delta(int() as p, Index() as index) | Delta(Index() as index, int() as p):
            pairs = [(p, index.dim)]
        case _:
            return
    for p, dim in pairs:
        if dim.symbols:
            known = prod([f for f in dim.factors if isinstance(f, int)])
            yield dim.symbols[0], p // known + 1


def _told_place(place: Place) -> Any:
    match place:
        case Index(name, dim):
            return name, dim.size
        case Pair(outer, inner):
            return Pair, _told_place(outer), _told_place(inner)
        case _:
            return place


def divided(products: Iterable[tuple[Dim, int]], sizes: Mapping[str, int]) -> dict[str, int]:
    """The sizes that follow by division: a length that is N times n has N, where n is in ``sizes``; one of n·n has n."""
    found: dict[str, int] = {}
    todo = list(products)
    while todo:
        left: list[tuple[Dim, int]] = []
        for dim, length in todo:
            known = {**sizes, **found}
            unknown = [f for f in dim.factors if isinstance(f, str) and f not in known]
            if len(set(unknown)) > 1:
                left.append((dim, length))
                continue
            over = prod([f if isinstance(f, int) else known[f] for f in dim.factors if f not in unknown])
            root = round((length // over) ** (1 / len(unknown))) if unknown and over else 0
            if root and root ** len(unknown) * over == length:
                found[unknown[0]] = root
        if len(left) == len(todo):
            break
        todo = left
    return found


class Scope:
    """The pool, seen with definitions and sizes: what each name stands for and how long each axis is."""

    def __init__(self, pool: Pool, definitions: Iterable[Definition], sizes: dict[Any, int]) -> None:
        self.pool = pool
        self.sizes = sizes
        self.defined: dict[str, int] = {}
        self._defined_bits = 0
        self.met = 0  # the names that some value was found to depend on, as bits
        self._names: dict[int, int] = {}
        for d in definitions:
            self.define(d.symbol.name, pool.number(d.value))

    def stands_apart(self, numbers: Iterable[int]) -> bool:
        """Whether none of the expressions mentions a name that is defined here."""
        return not any(self.pool.mentions[number] & self._defined_bits for number in numbers)

    def define(self, name: str, value: int) -> None:
        self.defined[name] = value
        self._defined_bits |= self.pool.bit(name)

    def length(self, dim: Dim) -> int:
        if isinstance(dim.size, int):
            return self.sizes.get(dim.size, dim.size)
        if isinstance(dim.size, tuple):
            return prod([self.length(Dim(factor)) for factor in dim.size])
        try:
            return self.sizes[dim.size]
        except KeyError:
            hint = f"give it beside the variables: {dim.size!r}: 4"
            raise CheckError(f"the length {dim} follows from no array of the point", hint=hint) from None

    def lengths(self, dims: Iterable[Dim]) -> tuple[int, ...]:
        return tuple([self.length(d) for d in dims])

    def sizes_in(self, *numbers: int) -> dict[str, int]:
        """The lengths of the symbolic sizes that occur, in definitions too."""
        names = bits = 0
        for number in numbers:
            names |= self.names(number)
            bits |= self.pool.sizes[number]
        for name in self.pool.names_in(names & self._defined_bits):
            bits |= self.pool.sizes[self.defined[name]]
        return {str(dim.size): self.length(dim) for dim, bit in self.pool.dims.items() if bit & bits}

    def weight(self, *numbers: int) -> int:
        """About how many numbers expressions have for values, those that they are made of and derivatives included."""
        entries, directions = 1, 1
        for k in self.pool.under(*numbers, also=self.defined):
            e = self.pool.nodes[k]
            entries += prod(self.lengths(e.shape.axes)) * prod(self.lengths([i.dim for i in e.free]))
            if isinstance(e, Partial):
                variable = e.wrt.array if isinstance(e.wrt, At) else e.wrt
                directions = max(directions, prod(self.lengths(variable.shape.axes)))
        return entries * directions

    def names(self, number: int) -> int:
        """All names that a value depends on, through definitions too, as bits."""
        found = self._names.get(number)
        if found is None:
            found = self._names[number] = self._find_names(number)
        return found

    def _find_names(self, number: int) -> int:
        """The names mentioned, and the names that the defined ones among them depend on."""
        bits = self.pool.mentions[number]
        self.met |= bits
        for name in self.pool.names_in(bits & self._defined_bits):
            bits |= self._names_behind(name)
        return bits

    def _names_behind(self, name: str) -> int:
        """The names that a defined one depends on. A chain of definitions is as deep as it is long: no recursion here."""
        open_names: dict[str, None] = {}
        todo = [(name, False)]
        while todo:
            here, ready = todo.pop()
            value = self.defined[here]
            if ready:
                del open_names[here]
                bits = self.pool.mentions[value]
                self.met |= bits
                for inner in self.pool.names_in(bits & self._defined_bits):
                    bits |= self._names[self.defined[inner]]
                self._names[value] = bits
            elif here in open_names:
                raise CheckError(f"{here} is defined by itself")
            elif value not in self._names:
                open_names[here] = None
                todo.append((here, True))
                mentioned = self.pool.mentions[value] & self._defined_bits
                todo.extend((inner, False) for inner in self.pool.names_in(mentioned))
        return self._names[self.defined[name]]


K = TypeVar("K")


def before(start: K, needs: Callable[[K], Iterable[K]], known: Container[K]) -> Iterator[K]:
    """All that ``start`` needs, in turn, and that is not yet known, each after what it needs itself."""
    met: set[K] = set()
    todo = [(start, False)]
    while todo:
        here, ready = todo.pop()
        if ready:
            yield here
        elif here not in met and here not in known:
            met.add(here)
            todo.append((here, True))
            todo.extend((need, False) for need in needs(here))
