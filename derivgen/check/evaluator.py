"""The value of every node of the closed set, pending derivatives included, in any arithmetic."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from derivgen.catalog.base import Abstract, Constant, Elementwise, Formula, Linear, Opaque
from derivgen.catalog.user_functions import UserFunction
from derivgen.check.fields import Field, negated
from derivgen.check.jets import Jet, JetArithmetic, constant, levelled, plus, times
from derivgen.check.labelled import LabelledArray, Labels, bare, diagonals, expanded, joined, refuse_large, spread
from derivgen.check.operations import elementwise, linear, opaque
from derivgen.check.scope import Scope, before
from derivgen.errors import CheckError
from derivgen.expr import (
    STEP,
    Add,
    At,
    Build,
    Call,
    Cases,
    Delta,
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
    indices_in,
)

BATCH = 0
"""The label of the axis of sample points."""


class Evaluator:
    """Values at one set of points in one arithmetic, each computed once.

    ``directions`` is the set, as bits, of the variables' copies that move. A value depends only on those directions
    whose variable it depends on, so it is kept under them.
    """

    def __init__(self, scope: Scope, field: Field, variable: Callable[[Symbol], LabelledArray], functions: Any) -> None:
        self.scope = scope
        self.pool = scope.pool
        self.field = field
        self.jets = JetArithmetic(field)
        self.variable = variable
        self.functions = functions
        self._memo: dict[tuple[int, int], Jet] = {}
        self._depth = 0  # of the recursion: what lies deeper than a few levels is found from below
        self._labels: dict[tuple[str, str | int | tuple[str | int, ...]], int] = {}
        self._next_label = BATCH + 1
        self._directions: dict[tuple[str, int], int] = {}  # (name, copy) to bit
        self._moving: list[tuple[int, str]] = []  # of each bit: the bit of the variable's name, the name
        self._seed_labels: dict[int, Labels] = {}
        self._relevant: dict[tuple[int, int], int] = {}

    def value(self, number: int, directions: int = 0) -> Jet:
        """The value of an expression by its number in the pool, with its derivatives along ``directions``, as bits."""
        if directions:
            directions = self._that_matter(number, directions)
        key = (number, directions)
        found = self._memo.get(key)
        if found is None:
            depth = self._depth
            try:
                if depth < STEP:
                    self._depth = depth + 1
                    return self._find(number, directions)
                self._depth = 0
                for inner in before(key, self._needs, self._memo):
                    self._find(*inner)
            finally:
                self._depth = depth
            found = self._memo[key]
        return found

    def _find(self, number: int, directions: int) -> Jet:
        self.field.on_time()
        e = self.pool.nodes[number]
        found = self._memo[number, directions] = _HANDLERS[type(e)](self, number, e, directions)
        if directions:
            self._memo.setdefault((number, 0), Jet({0: found.parts[0]}))
        if type(e) in _GROWING:
            self.field.bounded(found.parts[0].data)
        return found

    def _needs(self, key: tuple[int, int]) -> Iterator[tuple[int, int]]:
        """The values that one value is made of, each under the directions that matter to it."""
        number, directions = key
        e = self.pool.nodes[number]
        kids: Iterable[int] = self.pool.kids[number]
        match e:
            case Symbol(name):
                kids = (self.scope.defined[name],) if name in self.scope.defined else ()
            case Partial(_, wrt):
                variable = wrt.array if isinstance(wrt, At) else wrt
                assert isinstance(variable, Symbol)
                directions |= 1 << self._direction(variable, directions)
                kids = self.pool.kids[number][:1]
            case Call(Formula() | UserFunction()):
                kids = (self.pool.expansion(number),)
        for kid in kids:
            yield kid, self._that_matter(kid, directions) if directions else 0

    def label(self, index: Index) -> int:
        """The label of a free index."""
        key = (index.name, index.dim.size)
        found = self._labels.get(key)
        if found is None:
            found = self._labels[key] = self._next_label
            self._next_label += 1
        return found

    def _that_matter(self, number: int, directions: int) -> int:
        names = self.scope.names(number)
        key = (names, directions)
        found = self._relevant.get(key)
        if found is None:
            found = 0
            for k in _places(directions):
                if self._moving[k][0] & names:
                    found |= 1 << k
            self._relevant[key] = found
        return found

    # leaves

    def _number(self, number: int, e: Number, directions: int) -> Jet:
        return constant(self.field.number(e.value))

    def _size(self, number: int, e: Size, directions: int) -> Jet:
        return constant(self.field.number(Fraction(self.scope.length(e.dim))))

    def _position(self, number: int, e: Position, directions: int) -> Jet:
        n = self.scope.length(e.index.dim)
        return constant(self.field.integers(np.arange(1, n + 1)), (self.label(e.index),))

    def _delta(self, number: int, e: Delta, directions: int) -> Jet:
        left, right = e.left, e.right
        if left == right and isinstance(left, Index) == isinstance(right, Index):
            return constant(self.field.lift(1))
        if isinstance(left, int) and isinstance(right, int):
            return constant(self.field.lift(0))
        labels = tuple([self.label(p) for p in indices_in((left, right))])
        data: Any = np.equal.outer(self._places(left), self._places(right)).astype(int)
        if len(set(labels)) != len(labels):
            data, labels = diagonals(data, labels)
        return constant(self.field.integers(data), labels)

    def _places(self, place: Place) -> Any:
        """The positions that a place runs through, with an axis for each of its indices."""
        match place:
            case int():
                return place
            case Pair(outer, inner):
                return np.add.outer(self._places(outer) * self.scope.length(inner.dim), self._places(inner))
            case _:
                return np.arange(self.scope.length(place.dim))

    def _symbol(self, number: int, e: Symbol, directions: int) -> Jet:
        inside = self.scope.defined.get(e.name)
        parts = {0: self.variable(e)} if inside is None else dict(self.value(inside, directions).parts)
        for k in _places(directions):
            if self._moving[k][1] == e.name:
                seed = self._seed(k, e)
                old = parts.get(1 << k)
                assert old is None, "a name moves in its own direction only by itself"
                parts[1 << k] = seed
        return Jet(parts)

    def _seed(self, k: int, e: Symbol) -> LabelledArray:
        """The derivative of a variable by its own entries: 1 where they are the same."""
        lengths = self.scope.lengths(e.shape.axes)
        if not lengths:
            return LabelledArray((), self.field.lift(1))
        count = math.prod(lengths)
        refuse_large(lengths + lengths, self.field.dtype)
        return LabelledArray(self._seed_labels[k], self.field.eye(count).reshape(lengths + lengths))

    # arithmetic

    def _add(self, number: int, e: Add, directions: int) -> Jet:
        first, *rest = self.pool.kids[number] or (None,)
        if first is None:
            return constant(self.field.lift(0))
        total = self.value(first, directions)
        for kid in rest:
            total = plus(total, self.value(kid, directions))
        return total

    def _mul(self, number: int, e: Mul, directions: int) -> Jet:
        first, *rest = self.pool.kids[number] or (None,)
        if first is None:
            return constant(self.field.lift(1))
        product = self.value(first, directions)
        for kid in rest:
            product = times(product, self.value(kid, directions))
        return product

    def _power(self, number: int, e: Power, directions: int) -> Jet:
        base, exponent = self.pool.kids[number]
        u = self.value(base, directions)
        inner = [self.value(k).value for k in self.pool.roots(number)]
        self.field.at(number)
        for a in inner:
            self.field.note(a.data, a.labels)
        fixed = self.pool.nodes[exponent]
        if isinstance(fixed, Number):
            return self.jets.constant_power(u, fixed.value)
        v = self.value(exponent, directions)
        self.field.at(number)
        return self.jets.power(u, v)

    # arrays and their entries

    def _at(self, number: int, e: At, directions: int) -> Jet:
        array = self.value(self.pool.kids[number][0], directions)
        new, plain = self._labels_of(e.places)
        return Jet({s: self._read(a, e.places, new, plain) for s, a in array.parts.items()})

    def _labels_of(self, places: tuple[Place, ...]) -> tuple[Labels, bool]:
        """The labels of the indices of places, and whether each place is one of them, and each another."""
        new = tuple([self.label(p) for p in indices_in(places)])
        return new, {Index}.issuperset(map(type, places)) and len(set(new)) == len(new)

    def _read(self, a: LabelledArray, places: tuple[Place, ...], new: Labels, plain: bool) -> LabelledArray:
        """``a`` at places on its first own axes: an index makes an axis a label, twice the same takes the diagonal.

        ``new`` and ``plain`` are what ``_labels_of`` says of the places.
        """
        data = a.data
        if plain and set(new).isdisjoint(a.labels):
            return LabelledArray(a.labels + new, data)
        if any(isinstance(p, int) for p in places):
            _refuse_beyond(places, a.own)
            own = [p if isinstance(p, int) else slice(None) for p in places]
            data = data[(slice(None),) * len(a.labels) + tuple(own)]
        if any(isinstance(p, Pair) for p in places):
            first, rest = len(a.labels), len(a.labels) + sum(not isinstance(p, int) for p in places)
            apart = self.scope.lengths([i.dim for i in indices_in(places)])
            data = np.reshape(data, data.shape[:first] + apart + data.shape[rest:])
        labels = a.labels + new
        if len(set(labels)) != len(labels):
            data, labels = diagonals(data, labels)
        return LabelledArray(labels, bare(data))

    def _build(self, number: int, e: Build, directions: int) -> Jet:
        body = self.value(self.pool.kids[number][0], directions)
        own = [self.label(i) for i in e.bound]
        lengths = self.scope.lengths([i.dim for i in e.bound])
        parts = {s: self._gather(a, own, lengths) for s, a in body.parts.items()}
        if len(own) != len(e.indices):
            axes = self.scope.lengths(e.shape.axes)
            parts = {s: joined(a, lengths, axes) for s, a in parts.items()}
        return Jet(parts)

    def _gather(self, a: LabelledArray, own: list[int], lengths: tuple[int, ...]) -> LabelledArray:
        """A scalar's labels ``own`` made own axes, in this order."""
        rest = tuple([label for label in a.labels if label not in own])
        data = spread(a, rest + tuple(own), 0)
        if len(rest) + len(own) != len(a.labels):
            if not isinstance(data, np.ndarray):
                return expanded(LabelledArray(rest, data), lengths)
            data = np.broadcast_to(data, data.shape[: len(rest)] + lengths)
        return LabelledArray(rest, data)

    def _sum(self, number: int, e: Sum, directions: int) -> Jet:
        body = self.value(self.pool.kids[number][0], directions)
        label, n = self.label(e.index), self.scope.length(e.index.dim)
        parts = {}
        for s, a in body.parts.items():
            if label in a.labels:
                axis = a.labels.index(label)
                parts[s] = LabelledArray(a.labels[:axis] + a.labels[axis + 1 :], np.add.reduce(a.data, axis=axis))
            else:
                parts[s] = LabelledArray(a.labels, a.data * n)
        return Jet(parts)

    def _partial(self, number: int, e: Partial, directions: int) -> Jet:
        variable = e.wrt.array if isinstance(e.wrt, At) else e.wrt
        assert isinstance(variable, Symbol)
        k = self._direction(variable, directions)
        bit = 1 << k
        body = self.value(self.pool.kids[number][0], directions | bit)
        moving = self._seed_labels[k]
        places = e.wrt.places if isinstance(e.wrt, At) else ()
        new, plain = self._labels_of(places)
        parts = {}
        for s, a in body.parts.items():
            if s & bit:
                if plain and places and set(new).isdisjoint(a.labels):
                    renamed = dict(zip(moving, new, strict=True))
                    parts[s & ~bit] = LabelledArray(tuple([renamed.get(label, label) for label in a.labels]), a.data)
                    continue
                gradient = self._gather(a, list(moving), self.scope.lengths(variable.shape.axes)) if moving else a
                parts[s & ~bit] = self._read(gradient, places, new, plain) if places else gradient
        parts.setdefault(0, LabelledArray((), self.field.lift(0)))
        return Jet(parts)

    def _direction(self, variable: Symbol, directions: int) -> int:
        """A direction for ``variable`` that does not move yet; the same one for derivatives side by side."""
        copy = 0
        while True:
            k = self._directions.get((variable.name, copy))
            if k is None:
                k = self._directions[variable.name, copy] = len(self._moving)
                self._moving.append((self.pool.bit(variable.name), variable.name))
                count = len(variable.shape.axes)
                self._seed_labels[k] = tuple(range(self._next_label, self._next_label + count))
                self._next_label += count
                return k
            if not directions >> k & 1:
                return k
            copy += 1

    def _cases(self, number: int, e: Cases, directions: int) -> Jet:
        *pairs, otherwise = self.pool.kids[number]
        result = self.value(otherwise, directions)
        for k in range(len(pairs) - 2, -1, -2):
            condition = self.value(pairs[k]).value
            holds = self.field.zero(condition.data)
            code = LabelledArray(condition.labels, negated(holds))
            result = self.jets.choose(code, self.value(pairs[k + 1], directions), result)
        return self._level(result, e)

    def _level(self, u: Jet, e: Expr) -> Jet:
        """A value that came out without the own axes of its node, being the same everywhere, with them."""
        if e.shape.axes and u.value.rank != len(e.shape.axes):
            u = Jet({**u.parts, 0: expanded(u.value, self.scope.lengths(e.shape.axes))})
        return levelled(u)

    def _call(self, number: int, e: Call, directions: int) -> Jet:
        op = e.op
        if isinstance(op, Formula | UserFunction):
            return self._level(self.value(self.pool.expansion(number), directions), e)
        if isinstance(op, Constant):
            if op.built is not None:
                return self.value(self.pool.number(op.built(e.dims * 2 if len(e.dims) == 1 else e.dims)))
            indices = tuple([Index(f"#{k}", dim) for k, dim in enumerate(e.shape.axes)])
            return self.value(self.pool.number(Build(indices, op.entry(indices))))
        args = [self.value(kid, directions) for kid in self.pool.kids[number]]
        match op:
            case Linear():
                rule = self.pool.signature(number)
                found = linear(rule, args, self.field)
                if rule.joined is None:
                    return found
                lengths = self.scope.lengths(e.shape.axes)
                return Jet({s: joined(a, a.own, lengths) for s, a in found.parts.items()})
            case Elementwise():
                return self._level(elementwise(op, number, args, self.jets), e)
            case Abstract():
                return self._level(self.functions(op, args, self.jets), e)
            case Opaque():
                return opaque(op, number, args, self.jets, self.scope.lengths(e.shape.axes))
            case _:
                raise CheckError(f"{op.name} has no value")


_GROWING = (Mul, Power, Call)
"""The nodes whose values may be much longer numbers than those that they are made of."""

# of the class, not of each evaluator: one that held its own methods would live until a search for cycles finds it
_HANDLERS: dict[type[Expr], Callable[[Evaluator, int, Any, int], Jet]] = {
    Number: Evaluator._number, Size: Evaluator._size, Position: Evaluator._position, Symbol: Evaluator._symbol,
    Add: Evaluator._add, Mul: Evaluator._mul, Power: Evaluator._power, Call: Evaluator._call, At: Evaluator._at,
    Build: Evaluator._build, Sum: Evaluator._sum, Delta: Evaluator._delta, Partial: Evaluator._partial,
    Cases: Evaluator._cases,
}  # fmt: skip


def _refuse_beyond(places: tuple[Place, ...], lengths: tuple[int, ...]) -> None:
    """An entry that an array of these lengths does not have."""
    for place, length in zip(places, lengths, strict=False):
        if isinstance(place, int) and place >= length:
            raise CheckError(
                f"place {place} is outside an axis of length {length}",
                hint=f"places count from 0, so the axis must have a length of at least {place + 1}",
            )


def _places(bits: int) -> Iterator[int]:
    """The places of the bits that are set."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
