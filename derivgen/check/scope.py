"""Expressions numbered so that equal ones have one number, with the names that are defined and the sizes in force."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from derivgen.catalog.base import Formula
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
    Partial,
    Position,
    Power,
    Size,
    Sum,
    Symbol,
    children,
)


class Pool:
    """Every expression met, each structure once: what is computed for a number serves all that are equal to it."""

    def __init__(self) -> None:
        self.nodes: list[Expr] = []
        self.kids: list[tuple[int, ...]] = []
        self.dims: dict[Dim, int] = {}  # with the bit of each symbolic one
        self.mentions: list[int] = []  # the names of variables in each, as bits
        self.sizes: list[int] = []  # the symbolic sizes in each, as bits
        self._bits: dict[str, int] = {}
        self._by_identity: dict[int, int] = {}
        self._by_structure: dict[tuple[Any, ...], int] = {}
        self._kept: list[Expr] = []  # an identity stands for a node only as long as the node lives
        self._expansions: dict[int, int] = {}

    def number(self, e: Expr) -> int:
        """The number of ``e``. Without recursion: expressions may be deep."""
        known = self._by_identity
        found = known.get(id(e))
        if found is not None:
            return found
        todo = [e]
        while todo:
            here = todo[-1]
            if id(here) in known:
                todo.pop()
                continue
            below = children(here)
            missing = [child for child in below if id(child) not in known]
            if missing:
                todo.extend(missing)
                continue
            todo.pop()
            self._add(here, tuple([known[id(child)] for child in below]))
        return known[id(e)]

    def _add(self, e: Expr, kids: tuple[int, ...]) -> None:
        key = _key(e, kids)
        number = self._by_structure.get(key)
        if number is None:
            number = self._by_structure[key] = len(self.nodes)
            self.nodes.append(e)
            self.kids.append(kids)
            mentioned = self.bit(e.name) if isinstance(e, Symbol) else 0
            for kid in kids:
                mentioned |= self.mentions[kid]
            self.mentions.append(mentioned)
            sizes = 0
            for kid in kids:
                sizes |= self.sizes[kid]
            for dim in _dims(e):
                sizes |= self.dims.setdefault(dim, 0 if isinstance(dim.size, int) else 1 << len(self.dims))
            self.sizes.append(sizes)
        self._by_identity[id(e)] = number
        self._kept.append(e)

    def bit(self, name: str) -> int:
        """The bit that stands for a name in a set of names."""
        found = self._bits.get(name)
        if found is None:
            found = self._bits[name] = 1 << len(self._bits)
        return found

    def names_of(self, bits: int) -> list[str]:
        return [name for name, bit in self._bits.items() if bit & bits]

    def expansion(self, number: int) -> int:
        """The expression that a call of a Formula abbreviates."""
        found = self._expansions.get(number)
        if found is None:
            call = self.nodes[number]
            assert isinstance(call, Call)
            assert isinstance(call.op, Formula)
            found = self._expansions[number] = self.number(call.op.definition(*call.args))
        return found


def _key(e: Expr, kids: tuple[int, ...]) -> tuple[Any, ...]:
    match e:
        case Number(value):
            return (Number, value.numerator, value.denominator)
        case Size(dim):
            return (Size, dim)
        case Position(index):
            return (Position, index)
        case Symbol(name, space, traits):
            return (Symbol, name, space, traits)
        case Call(op, _, dims):
            return (Call, op, dims, kids)
        case At(_, places):
            return (At, places, kids)
        case Build(indices, _, row):
            return (Build, indices, row, kids)
        case Sum(index):
            return (Sum, index, kids)
        case Delta(left, right):
            return (Delta, left, right)
        case Add() | Mul() | Power() | Partial() | Cases():
            return (type(e), kids)
        case _:
            raise CheckError(f"a {type(e).__name__} has no value")


def _dims(e: Expr) -> Iterable[Dim]:
    match e:
        case Size(dim):
            return (dim,)
        case Position(index) | Sum(index):
            return (index.dim,)
        case Symbol(_, space):
            return space.axes
        case Call(_, _, dims):
            return (*dims, *e.shape.axes)
        case Build(indices):
            return tuple([i.dim for i in indices])
        case Delta(left, right):
            return tuple([p.dim for p in (left, right) if isinstance(p, Index)])
        case _:
            return ()


class Scope:
    """The pool, seen with definitions and sizes: what each name stands for and how long each axis is."""

    def __init__(self, pool: Pool, definitions: Iterable[Definition], sizes: dict[str, int]) -> None:
        self.pool = pool
        self.sizes = sizes
        self.defined: dict[str, int] = {}
        self._defined_bits = 0
        self.met = 0  # the names that some value was found to depend on, as bits
        self._names: dict[int, int] = {}
        self._open: set[str] = set()
        for d in definitions:
            self.define(d.symbol.name, pool.number(d.value))

    def define(self, name: str, value: int) -> None:
        self.defined[name] = value
        self._defined_bits |= self.pool.bit(name)

    def length(self, dim: Dim) -> int:
        if isinstance(dim.size, int):
            return dim.size
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
        for name, value in self.defined.items():
            if self.pool.bit(name) & names:
                bits |= self.pool.sizes[value]
        return {str(dim): self.length(dim) for dim, bit in self.pool.dims.items() if bit & bits}

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
        if not bits & self._defined_bits:
            return bits
        for name in [name for name in self.defined if self.pool.bit(name) & bits]:
            if name in self._open:
                raise CheckError(f"{name} is defined by itself")
            self._open.add(name)
            bits |= self.names(self.defined[name])
            self._open.discard(name)
        return bits
