"""The value of every node of the closed set, pending derivatives included, in any arithmetic."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import numpy as np

from derivgen.catalog.base import Abstract, Constant, Elementwise, Formula, Linear, Opaque
from derivgen.check.fields import Field
from derivgen.check.jets import Jet, JetArithmetic, bilinear, constant, levelled, plus, times
from derivgen.check.labelled import Arr, Labels, bare, contract, expanded, spread, union
from derivgen.check.scope import Scope
from derivgen.errors import CheckError
from derivgen.expr import (
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
    Partial,
    Place,
    Position,
    Power,
    Size,
    Sum,
    Symbol,
)

BATCH = 0
"""The label of the axis of sample points."""


@contextmanager
def deep() -> Iterator[None]:
    """Recursion as deep as expressions are. Calls between Python functions use no C stack from Python 3.11 on."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, 50_000))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


class Evaluator:
    """Values at one set of points in one arithmetic, each computed once.

    ``directions`` is the set, as bits, of the variables' copies that move. A value depends only on those directions
    whose variable it depends on, so it is kept under them.
    """

    def __init__(self, scope: Scope, field: Field, variable: Callable[[Symbol], Arr], functions: Any) -> None:
        self.scope = scope
        self.pool = scope.pool
        self.field = field
        self.jets = JetArithmetic(field)
        self.variable = variable
        self.functions = functions
        self._memo: dict[tuple[int, int], Jet] = {}
        self._labels: dict[Index, int] = {}
        self._next_label = BATCH + 1
        self._directions: dict[tuple[str, int], int] = {}  # (name, copy) to bit
        self._moving: list[tuple[int, str]] = []  # of each bit: the bit of the variable's name, the name
        self._seed_labels: dict[int, Labels] = {}
        self._relevant: dict[tuple[int, int], int] = {}
        self._handlers: dict[type[Expr], Callable[[int, Any, int], Jet]] = {
            Number: self._number, Size: self._size, Position: self._position, Symbol: self._symbol, Add: self._add,
            Mul: self._mul, Power: self._power, Call: self._call, At: self._at, Build: self._build, Sum: self._sum,
            Delta: self._delta, Partial: self._partial, Cases: self._cases,
        }  # fmt: skip

    def value(self, number: int, directions: int = 0) -> Jet:
        if directions:
            directions = self._that_matter(number, directions)
        key = (number, directions)
        found = self._memo.get(key)
        if found is None:
            e = self.pool.nodes[number]
            found = self._memo[key] = self._handlers[type(e)](number, e, directions)
        return found

    def label(self, index: Index) -> int:
        """The label of a free index."""
        found = self._labels.get(index)
        if found is None:
            found = self._labels[index] = self._next_label
            self._next_label += 1
        return found

    def _that_matter(self, number: int, directions: int) -> int:
        names = self.scope.names(number)
        key = (names, directions)
        found = self._relevant.get(key)
        if found is None:
            found = 0
            for k, (bit, _) in enumerate(self._moving):
                if directions >> k & 1 and bit & names:
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
        labels = tuple([self.label(p) for p in (left, right) if isinstance(p, Index)])
        equal = np.equal.outer(self._places(left), self._places(right)).astype(int)
        return constant(self.field.integers(equal), labels)

    def _places(self, place: Place) -> Any:
        return place if isinstance(place, int) else np.arange(self.scope.length(place.dim))

    def _symbol(self, number: int, e: Symbol, directions: int) -> Jet:
        inside = self.scope.defined.get(e.name)
        parts = {0: self.variable(e)} if inside is None else dict(self.value(inside, directions).parts)
        for k, (_, name) in enumerate(self._moving):
            if directions >> k & 1 and name == e.name:
                seed = self._seed(k, e)
                old = parts.get(1 << k)
                assert old is None, "a name moves in its own direction only by itself"
                parts[1 << k] = seed
        return Jet(parts)

    def _seed(self, k: int, e: Symbol) -> Arr:
        """The derivative of a variable by its own entries: 1 where they are the same."""
        lengths = self.scope.lengths(e.shape.axes)
        if not lengths:
            return Arr((), self.field.lift(1))
        count = int(np.prod(lengths))
        return Arr(self._seed_labels[k], self.field.eye(count).reshape(lengths + lengths))

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
        self.field.at(number)
        fixed = self.pool.nodes[exponent]
        if isinstance(fixed, Number):
            return self.jets.constant_power(u, fixed.value)
        v = self.value(exponent, directions)
        self.field.at(number)
        return self.jets.power(u, v)

    # arrays and their entries

    def _at(self, number: int, e: At, directions: int) -> Jet:
        array = self.value(self.pool.kids[number][0], directions)
        return Jet({s: self._read(a, e.places) for s, a in array.parts.items()})

    def _read(self, a: Arr, places: tuple[Place, ...]) -> Arr:
        """``a`` at places on its first own axes: an index makes its axis a label, twice the same one takes the diagonal."""
        new = [self.label(p) for p in places if isinstance(p, Index)]
        data = a.data
        if len(new) != len(places):
            data = data[(slice(None),) * len(a.labels) + tuple([slice(None) if isinstance(p, Index) else p for p in places])]
        labels = a.labels + tuple(new)
        if len(set(labels)) != len(labels):
            data, labels = _diagonals(data, labels)
        return Arr(labels, bare(data))

    def _build(self, number: int, e: Build, directions: int) -> Jet:
        body = self.value(self.pool.kids[number][0], directions)
        own = [self.label(i) for i in e.indices]
        lengths = self.scope.lengths([i.dim for i in e.indices])
        return Jet({s: self._gather(a, own, lengths) for s, a in body.parts.items()})

    def _gather(self, a: Arr, own: list[int], lengths: tuple[int, ...]) -> Arr:
        """A scalar's labels ``own`` made own axes, in this order."""
        rest = tuple([label for label in a.labels if label not in own])
        data = spread(a, rest + tuple(own), 0)
        if len(rest) + len(own) != len(a.labels):
            if not isinstance(data, np.ndarray):
                return expanded(Arr(rest, data), lengths)
            data = np.broadcast_to(data, data.shape[: len(rest)] + lengths)
        return Arr(rest, data)

    def _sum(self, number: int, e: Sum, directions: int) -> Jet:
        body = self.value(self.pool.kids[number][0], directions)
        label, n = self.label(e.index), self.scope.length(e.index.dim)
        parts = {}
        for s, a in body.parts.items():
            if label in a.labels:
                axis = a.labels.index(label)
                parts[s] = Arr(a.labels[:axis] + a.labels[axis + 1 :], np.add.reduce(a.data, axis=axis))
            else:
                parts[s] = Arr(a.labels, a.data * n)
        return Jet(parts)

    def _partial(self, number: int, e: Partial, directions: int) -> Jet:
        variable = e.wrt.array if isinstance(e.wrt, At) else e.wrt
        assert isinstance(variable, Symbol)
        k = self._direction(variable, directions)
        bit = 1 << k
        body = self.value(self.pool.kids[number][0], directions | bit)
        lengths = self.scope.lengths(variable.shape.axes)
        places = e.wrt.places if isinstance(e.wrt, At) else ()
        parts = {}
        for s, a in body.parts.items():
            if s & bit:
                gradient = self._gather(a, list(self._seed_labels[k]), lengths) if lengths else a
                parts[s & ~bit] = self._read(gradient, places) if places else gradient
        parts.setdefault(0, Arr((), self.field.lift(0)))
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
            code = Arr(condition.labels, _negated(holds))
            result = self.jets.choose(code, self.value(pairs[k + 1], directions), result)
        return self._level(result, e)

    def _level(self, u: Jet, e: Expr) -> Jet:
        """A value that came out without the own axes of its node, being the same everywhere, with them."""
        if e.shape.axes and u.value.rank != len(e.shape.axes):
            u = Jet({**u.parts, 0: expanded(u.value, self.scope.lengths(e.shape.axes))})
        return levelled(u)

    # operations

    def _call(self, number: int, e: Call, directions: int) -> Jet:
        op = e.op
        if isinstance(op, Formula):
            return self.value(self.pool.expansion(number), directions)
        if isinstance(op, Constant):
            indices = tuple([Index(f"#{k}", dim) for k, dim in enumerate(e.shape.axes)])
            return self.value(self.pool.number(Build(indices, op.entry(indices))))
        args = [self.value(kid, directions) for kid in self.pool.kids[number]]
        if isinstance(op, Linear):
            return self._linear(op, e, args)
        if isinstance(op, Abstract):
            return self._level(self.functions(op, args), e)
        if isinstance(op, Elementwise):
            return self._level(self._elementwise(number, op, args), e)
        if isinstance(op, Opaque):
            self.field.at(number)
            return self._opaque(op, e, args)
        raise CheckError(f"{op.name} has no value")

    def _elementwise(self, number: int, op: Elementwise, args: list[Jet]) -> Jet:
        if not all([len(a.parts) == 1 for a in args]):
            self.field.at(number)
            value = op.value(self.jets, *args)
            return value if isinstance(value, Jet) else constant(self.field.lift(value))
        labels: Labels = ()
        rank = 0
        for arg in args:
            labels = union(labels, arg.value.labels)
            rank = max(rank, arg.value.rank)
        self.field.at(number, labels)
        data = self.field.lift(op.value(self.field, *[spread(a.value, labels, rank) for a in args]))
        return constant(data, labels if isinstance(data, np.ndarray) else ())

    def _linear(self, op: Linear, e: Call, args: list[Jet]) -> Jet:
        rule = op.signature(tuple([a.shape for a in e.args]))
        inputs, out = list(rule.inputs), ""
        if len(inputs) == 1 and sorted(inputs[0]) == sorted(rule.output) == sorted(set(inputs[0])):
            return self._transposed(args[0], inputs[0], rule.output)
        for letter in rule.output:  # a repeated label is a delta between the label and a new one
            if letter in out:
                twin = next(c for c in "zyxwvutsrqponm" if c not in "".join(inputs))
                axis = next((a, own.index(letter)) for a, own in enumerate(inputs) if letter in own)
                length = args[axis[0]].value.own[axis[1]]
                inputs.append(letter + twin)
                args = [*args, constant(self.field.eye(length))]
                letter = twin
            out += letter
        current, letters = args[0], inputs[0]
        if len(args) == 1:
            return Jet({s: contract([(a, letters)], out) for s, a in current.parts.items()})
        for k in range(1, len(args)):
            later = out + "".join(inputs[k + 1 :])
            keep = "".join(dict.fromkeys(c for c in letters + inputs[k] if c in later)) if k < len(args) - 1 else out
            current = _multiplied(current, letters, args[k], inputs[k], keep)
            letters = keep
        return current

    @staticmethod
    def _transposed(u: Jet, have: str, want: str) -> Jet:
        if have == want:
            return u
        order = [have.index(letter) for letter in want]
        parts = {}
        for s, a in u.parts.items():
            first = len(a.labels)
            parts[s] = Arr(a.labels, a.data.transpose(list(range(first)) + [first + k for k in order]))
        return Jet(parts)

    def _opaque(self, op: Opaque, e: Call, args: list[Jet]) -> Jet:
        lengths = self.scope.lengths(e.shape.axes)
        single = all(a.plain and not a.value.labels for a in args)
        nested = [_nested(a, a.value.own, single) for a in args]
        result = op.value(self.field if single else self.jets, *nested)
        flat = _flat(result, len(lengths))
        if single:
            if not lengths:
                return constant(self.field.lift(flat[0]))
            out = np.empty(len(flat), dtype=self.field.dtype)
            out[:] = [self.field.lift(u) for u in flat]
            return constant(out.reshape(lengths))
        return self._stacked([u if isinstance(u, Jet) else constant(self.field.lift(u)) for u in flat], lengths)

    def _stacked(self, entries: list[Jet], lengths: tuple[int, ...]) -> Jet:
        """Scalar entries put together to an array."""
        if not lengths:
            return entries[0]
        parts = {}
        zero = Arr((), self.field.lift(0))
        for s in dict.fromkeys(s for u in entries for s in u.parts):
            found = [u.parts.get(s, zero) for u in entries]
            labels: Labels = ()
            for a in found:
                labels = union(labels, a.labels)
            data = [spread(a, labels, 0) for a in found]
            shape = np.broadcast_shapes(*[np.shape(d) for d in data])
            out = np.empty((len(entries), *shape), dtype=self.field.dtype)
            for k, d in enumerate(data):
                out[k] = d
            out = np.moveaxis(out, 0, -1)
            parts[s] = Arr(labels, out.reshape(out.shape[:-1] + lengths))
        return Jet(parts)


def _multiplied(a: Jet, left: str, b: Jet, right: str, out: str) -> Jet:
    return bilinear(a, b, lambda x, y: contract([(x, left), (y, right)], out))


def _negated(code: Any) -> Any:
    """1 and 0 exchanged, 2 (unknown) kept."""
    if isinstance(code, np.ndarray):
        return ~code if code.dtype == bool else np.where(code == 2, 2, 1 - code)
    return 2 if code == 2 else 1 - int(code)


def _diagonals(data: Any, labels: Labels) -> tuple[Any, Labels]:
    """Axes with the same label joined to one, running along the diagonal."""
    done: list[int] = []
    for label in labels:
        if label in done:
            first = done.index(label)
            data = np.moveaxis(np.diagonal(data, axis1=first, axis2=len(done)), -1, first)
        else:
            done.append(label)
    return data, tuple(done)


def _nested(u: Jet, own: tuple[int, ...], single: bool) -> Any:
    """The entries as nested lists, of numbers or of jets."""
    if not own:
        return u.value.data if single else u
    if single:
        return [_nested(constant(part), own[1:], True) for part in u.value.data]
    out = []
    for k in range(own[0]):
        part = {s: Arr(a.labels, bare(a.data[(slice(None),) * len(a.labels) + (k,)])) for s, a in u.parts.items()}
        out.append(_nested(Jet(part), own[1:], False))
    return out


def _flat(nested: Any, rank: int) -> list[Any]:
    return [nested] if rank == 0 else [u for part in nested for u in _flat(part, rank - 1)]
