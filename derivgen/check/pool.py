"""Expressions numbered so that equal ones have one number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import prod
from typing import Any

from derivgen.catalog.base import Elementwise, Formula, Linear, Signature
from derivgen.catalog.user_functions import UserFunction
from derivgen.errors import CheckError
from derivgen.expr import (
    STEP,
    Add,
    At,
    Build,
    Call,
    Cases,
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
        self._bits_of_dims: dict[Dim, int] = {}
        self._signatures: dict[int, Signature] = {}

    def number(self, e: Expr) -> int:
        """The number of ``e``."""
        found = self._by_identity.get(id(e))
        if found is None:
            if e.height > STEP:
                for part in from_below(e, self._by_identity):
                    self._number(part)
            found = self._number(e)
        return found

    def _number(self, e: Expr) -> int:
        known = self._by_identity
        found = known.get(id(e))
        if found is None:
            kids = tuple([known[id(kid)] if id(kid) in known else self._number(kid) for kid in e.children])
            found = known[id(e)] = self._find(e, kids)
            self._kept.append(e)
        return found

    def _find(self, e: Expr, kids: tuple[int, ...]) -> int:
        kind = type(e)
        key, dims = ((kind, kids), ()) if kind in _TOLD_BY_CHILDREN else _told_by(e, kids)
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
                bits = self._bits_of_dims.get(dim)
                sizes |= self._bits_of(dim) if bits is None else bits
            self.mentions.append(mentioned)
            self.sizes.append(sizes)
            if not mentioned and not sizes:
                self.plain = self.plain and _is_plain(e)
            if isinstance(e, At | Delta):
                for name, length in _presupposed(e):
                    self.least[name] = max(length, self.least.get(name, 0))
        return found

    def _bits_of(self, dim: Dim) -> int:
        """The symbolic sizes that a length is made of, as bits."""
        self.longest = max(self.longest, len(dim.factors))
        bits = 0
        for factor in dim.factors:
            one = dim if factor == dim.size else Dim(factor)
            bits |= self.dims.setdefault(one, 1 << len(self.dims) if is_named(factor) else 0)
        self._bits_of_dims[dim] = bits
        return bits

    def signature(self, number: int) -> Signature:
        """Which axes of its arguments a linear operation joins, and which stay."""
        found = self._signatures.get(number)
        if found is None:
            call = self.nodes[number]
            assert isinstance(call, Call)
            assert isinstance(call.op, Linear)
            found = self._signatures[number] = call.op.signature(tuple([a.shape for a in call.args]))
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
        """The names in a set of names, in the order first met."""
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


_TOLD_BY_CHILDREN = frozenset((Add, Mul, Power, Partial, Cases))
"""The kinds of node that are told from others of their kind by their children alone."""


def _told_by(e: Expr, kids: tuple[int, ...]) -> tuple[Any, Iterable[Dim]]:
    """What tells a node from others, its children being numbered, and the lengths that it is the first to name."""
    match e:
        case At(_, places):
            told = (At, kids, *map(_told_place, places))
            # an index has the length of the axis that it runs along, which the array has named
            return told, [i.dim for p in places if isinstance(p, Pair) for i in indices_in((p,))]
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


def _presupposed(e: At | Delta) -> Iterator[tuple[str, int]]:
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
