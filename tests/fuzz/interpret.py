"""What a text expression is worth at a point: a second reading of the dialect, from Python's own tree to numbers.

It shares nothing with derivgen: no parser, no tree, no catalog. A vector has one axis and knows whether it is a row.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from tests.fuzz.spaces import Digits, Floats


class Unknown(Exception):
    """The dialect has it, this interpreter does not."""


@dataclass(frozen=True, slots=True)
class Value:
    """An array with as many axes as the reader sees, but one for a vector, which is a row or a column."""

    data: Any
    row: bool = False

    @property
    def rank(self) -> int:
        return int(np.ndim(self.data))


Function = Callable[[tuple[int, ...], list[Value]], Value]
"""A declared function, made concrete: its derivative by the arguments of these numbers, or its value where there are none."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What names mean.

    Attributes:
        values: variables and intermediates.
        sizes: lengths by name.
        indices: bound indices, counted from 0, with the length of their axis.
        functions: declared functions.
    """

    values: Mapping[str, Value]
    sizes: Mapping[str, int] = field(default_factory=dict)
    indices: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    functions: Mapping[str, Function] = field(default_factory=dict)

    def bind(self, name: str, place: int, length: int) -> Scope:
        return replace(self, indices={**self.indices, name: (place, length)})

    def having(self, name: str, value: Value) -> Scope:
        return replace(self, values={**self.values, name: value})


@cache
def tree(source: str) -> ast.expr:
    return ast.parse(source.strip(), mode="eval").body


def interpret(source: str, scope: Scope, space: Floats | Digits) -> Value:
    """The value of ``source``; Unknown where it says something that is not read here."""
    return _Interpreter(space, source).value(tree(source), scope)


_SYMBOLS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Gt: lambda a, b: a > b, ast.Lt: lambda a, b: a < b, ast.GtE: lambda a, b: a >= b,
    ast.LtE: lambda a, b: a <= b, ast.Eq: lambda a, b: a == b, ast.NotEq: lambda a, b: a != b,
}  # fmt: skip


class _Interpreter:
    def __init__(self, space: Floats | Digits, source: str) -> None:
        self.space = space
        self.source = source.strip()

    # --- the walk ---

    def value(self, node: ast.expr, scope: Scope) -> Value:
        match node:
            case ast.Constant(value=int() | float()):
                text = ast.get_source_segment(self.source, node) or repr(node.value)
                return Value(self.space.number(Fraction(text.replace("_", ""))))
            case ast.Name(id=name):
                return self.name(name, scope)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                inner = self.value(operand, scope)
                return Value(-inner.data, inner.row)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.value(operand, scope)
            case ast.BinOp(left=left, op=op, right=right):
                return self.binary(op, self.value(left, scope), self.value(right, scope))
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return self.compare(op, left, right, scope)
            case ast.Attribute(value=value, attr="T"):
                return self.transposed(self.value(value, scope))
            case ast.Subscript(value=value, slice=places):
                return self.subscript(self.value(value, scope), places, scope)
            case ast.List(elts=items):
                return self.stacked([self.item(item, scope) for item in items])
            case ast.ListComp(elt=body, generators=[generator]):
                parts = [self.item(body, inner) for inner in self.bound(generator, scope)]
                return Value(self.space.array([p.data for p in parts]))
            case ast.Call(func=function, args=args, keywords=[]):
                return self.call(function, args, scope)
            case _:
                raise Unknown(ast.dump(node)[:80])

    def item(self, node: ast.expr, scope: Scope) -> Value:
        return self.value(node, scope)

    def stacked(self, parts: list[Value]) -> Value:
        return Value(self.space.array([p.data for p in parts]))

    def name(self, name: str, scope: Scope) -> Value:
        if name in scope.indices:
            return Value(self.space.number(Fraction(scope.indices[name][0])))
        if name in scope.values:
            return scope.values[name]
        if name in scope.sizes:
            return Value(self.space.number(Fraction(scope.sizes[name])))
        if name == "pi":
            return Value(self.space.pi)
        raise Unknown(name)

    # --- arithmetic ---

    def binary(self, op: ast.operator, left: Value, right: Value) -> Value:
        a, b = left.data, right.data
        row = left.row or right.row
        match op:
            case ast.Add():
                return Value(a + b, row)
            case ast.Sub():
                return Value(a - b, row)
            case ast.Mult():
                return Value(a * b, row)
            case ast.Div():
                return Value(a / b, row)
            case ast.Pow():
                return Value(self.space.power(a, b), row)
            case ast.MatMult():
                return self.product(left, right)
            case _:
                raise Unknown(type(op).__name__)

    def product(self, left: Value, right: Value) -> Value:
        a, b = left.data, right.data
        match left.rank, right.rank:
            case 1, 1 if right.row:
                return Value(a[:, None] * b[None, :]) if not left.row else _refuse("a row times a row")
            case 1, 1:
                return Value((a * b).sum())  # of two columns: the dot product
            case 1, 2:
                return Value((a[:, None] * b).sum(0), row=True)
            case 2, 1 if not right.row:
                return Value((a * b[None, :]).sum(1))
            case 2, 2:
                return Value(a @ b)
            case _:
                raise Unknown("a product that does not fit")

    def compare(self, op: ast.cmpop, left: ast.expr, right: ast.expr, scope: Scope) -> Value:
        if isinstance(left, ast.Tuple) or isinstance(right, ast.Tuple):
            same = self.place(left, None, scope) == self.place(right, None, scope)
            return Value(self.space.number(Fraction(int(same))))
        a, b = self.value(left, scope), self.value(right, scope)
        return Value(self.space.compared(_SYMBOLS[type(op)], a.data, b.data), a.row or b.row)

    # --- arrays ---

    def transposed(self, v: Value) -> Value:
        return Value(v.data, not v.row) if v.rank == 1 else Value(v.data.T) if v.rank == 2 else v

    def subscript(self, array: Value, places: ast.expr, scope: Scope) -> Value:
        listed = places.elts if isinstance(places, ast.Tuple) else [places]
        whole = [isinstance(p, ast.Slice) for p in listed]
        if whole == [True, False]:
            return Value(array.data[:, self.place(listed[1], None, scope)])
        if whole == [False, True]:
            listed = listed[:1]
        if array.rank == 1 and len(listed) == 2:
            return Value(array.data[self.place(places, len(array.data), scope)])
        return Value(array.data[tuple(self.place(p, None, scope) for p in listed)])

    def place(self, node: ast.expr, length: int | None, scope: Scope) -> int:
        match node:
            case ast.Tuple(elts=[outer, inner]):
                return self.place(outer, None, scope) * self.extent(inner, scope) + self.place(inner, None, scope)
            case ast.Name(id=name) if name in scope.indices:
                return scope.indices[name][0]
            case ast.Constant(value=int() as k):
                return k
            case _:
                raise Unknown("a place")

    def extent(self, node: ast.expr, scope: Scope) -> int:
        match node:
            case ast.Name(id=name) if name in scope.indices:
                return scope.indices[name][1]
            case ast.Tuple(elts=[outer, inner]):
                return self.extent(outer, scope) * self.extent(inner, scope)
            case _:
                raise Unknown("the length of a literal place's axis")

    def length(self, node: ast.expr, scope: Scope) -> int:
        match node:
            case ast.Name(id=name) if name in scope.sizes:
                return scope.sizes[name]
            case ast.Constant(value=int() as k):
                return k
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                return self.length(left, scope) * self.length(right, scope)
            case ast.Call(func=ast.Name(id="len"), args=[array]):
                return len(self.value(array, scope).data)
            case _:
                raise Unknown("a length")

    def bound(self, generator: ast.comprehension, scope: Scope) -> Iterator[Scope]:
        lengths = generator.iter.args if isinstance(generator.iter, ast.Call) else None
        if not lengths:
            raise Unknown("what an index runs over")
        yield from self.places(generator.target, lengths, scope)

    def places(self, target: ast.expr, lengths: list[ast.expr], scope: Scope) -> Iterator[Scope]:
        match target, lengths:
            case ast.Name(id=name), [one]:
                extent = self.length(one, scope)
                for k in range(extent):
                    yield scope.bind(name, k, extent)
            case ast.Tuple(elts=[outer, inner]), [first, second]:
                for within in self.places(outer, [first], scope):
                    yield from self.places(inner, [second], within)
            case _:
                raise Unknown("nested pairs of indices")

    def summed(self, body: ast.expr, generators: list[ast.comprehension], scope: Scope) -> Value:
        first, *rest = generators
        total: Value | None = None
        for inner in self.bound(first, scope):
            term = self.summed(body, rest, inner) if rest else self.value(body, inner)
            total = term if total is None else Value(total.data + term.data, total.row or term.row)
        assert total is not None
        return total

    # --- functions ---

    def call(self, function: ast.expr, args: list[ast.expr], scope: Scope) -> Value:
        match function, args:
            case ast.Name(id="sum"), [ast.GeneratorExp(elt=body, generators=generators)]:
                return self.summed(body, generators, scope)
            case ast.Call(func=ast.Name(id="D"), args=[ast.Name(id=name), *orders]), _:
                by = tuple(k.value for k in orders if isinstance(k, ast.Constant) and isinstance(k.value, int))
                if name not in scope.functions:
                    raise Unknown(f"D of {name}")
                return scope.functions[name](by or (0,), [self.value(a, scope) for a in args])
            case ast.Name(id="partial"), [body, wrt]:
                return self.partial(body, wrt, scope)
            case ast.Name(id=("eye" | "ones" | "zeros" | "commutation") as name), _:
                return self.constant(name, args, scope)
            case ast.Name(id="len"), _:
                return Value(self.space.number(Fraction(self.length(ast.Call(function, args, []), scope))))
            case ast.Name(id="norm"), [_, ast.Constant(value=kind)]:
                v = self.value(args[0], scope)
                return self.apply("norm1" if kind == 1 else "norm", [v])
            case ast.Name(id=name), _:
                values = [self.value(a, scope) for a in args]
                found = scope.functions.get(name)
                return found((), values) if found else self.apply(name, values)
            case ast.Attribute(value=ast.Name(id="np"), attr=name), _:
                return self.apply(name, [self.value(a, scope) for a in args])
            case ast.Attribute(value=value, attr=name), _:
                return self.apply(name, [self.value(a, scope) for a in (value, *args)])
            case _:
                raise Unknown(ast.dump(function)[:80])

    def partial(self, body: ast.expr, wrt: ast.expr, scope: Scope) -> Value:
        """The derivative of a number by a variable that is one, or by an entry."""
        array, places = (wrt.value, wrt.slice) if isinstance(wrt, ast.Subscript) else (wrt, None)
        if not isinstance(array, ast.Name):
            raise Unknown("what a partial derivative is by")
        old = scope.values[array.id]
        listed = places.elts if isinstance(places, ast.Tuple) else [places] if places else []
        where = np.zeros(np.shape(old.data))
        where[tuple(self.place(p, None, scope) for p in listed)] = 1

        def moved(step: Any) -> Any:
            return self.value(body, scope.having(array.id, Value(old.data + step * where, old.row))).data

        return Value(self.space.slope(moved))

    def constant(self, name: str, args: list[ast.expr], scope: Scope) -> Value:
        listed = args[0].elts if isinstance(args[0], ast.Tuple) else args
        lengths = tuple(self.length(a, scope) for a in listed)
        match name:
            case "eye":
                return Value(self.unit(*(lengths if len(lengths) == 2 else lengths * 2)))
            case "commutation":
                m, n = lengths if len(lengths) == 2 else lengths * 2
                order = np.arange(m * n).reshape(n, m).T.ravel()  # vec(A.T) = vec(A)[order]: vec stacks columns
                return Value(self.unit(m * n, m * n)[order])
            case _:
                return Value(self.space.full(1 if name == "ones" else 0, lengths))

    def unit(self, m: int, n: int) -> Any:
        out = self.space.full(0, (m, n))
        for k in range(min(m, n)):
            out[k, k] = self.space.number(Fraction(1))
        return out

    def apply(self, name: str, v: list[Value]) -> Value:
        space, first = self.space, v[0]
        data, row = first.data, any(u.row for u in v)
        name = {
            "ln": "log",
            "absolute": "abs",
            "amax": "max",
            "amin": "min",
            "tr": "trace",
            "matmul": "dot",
            "swish": "silu",
            "ndtr": "normcdf",
            "row_softmax": "softmax_rows",
        }.get(name, name)
        if name in space.functions and len(v) == 1:
            return Value(space.functions[name](data), row)
        match name, len(v):
            case (("max" | "maximum"), 1):
                return Value(space.largest(data))
            case (("min" | "minimum"), 1):
                return Value(space.smallest(data))
            case (("max" | "maximum" | "min" | "minimum"), _):
                two = space.maximum if name.startswith("max") else space.minimum
                for u in v[1:]:
                    data = two(data, u.data)
                return Value(data, row)
            case "where", _:
                *pairs, last = v
                out = last.data
                for condition, yes in reversed(list(zip(pairs[::2], pairs[1::2], strict=True))):
                    out = space.where(condition.data, yes.data, out)
                return Value(out, row)
            case "square", 1:
                return Value(data * data, row)
            case "sum", 1:
                return Value(data.sum())
            case "prod", 1:
                return Value(math.prod([data.reshape(-1)[k] for k in range(data.size)]))
            case "mean", 1:
                return Value(data.sum() / data.size)
            case "var" | "std", 1:
                apart = data - data.sum() / data.size
                spread = (apart * apart).sum() / data.size
                return Value(spread if name == "var" else space.functions["sqrt"](spread))
            case "norm", 1:
                return Value(space.functions["sqrt"]((data * data).sum()))
            case "norm1", 1:
                return Value(space.functions["abs"](data).sum())
            case "softmax", 1:
                return Value(space.functions["exp"](data - space.logsumexp(data)), row)
            case "softmax_rows", 1:
                return Value((above := space.functions["exp"](data)) / above.sum(axis=1)[:, None])
            case "logsumexp", 1:
                return Value(space.logsumexp(data))
            case "dot", 2:
                return self.product(*v)
            case "outer", 2:
                return Value(data[:, None] * v[1].data[None, :])
            case "transpose", 1:
                return self.transposed(first)
            case "trace", 1:
                return Value((data * self.unit(*np.shape(data))).sum())
            case "diag", 1 if first.rank == 1:
                return Value(data[:, None] * self.unit(len(data), len(data)))
            case "diag", 1:
                return Value((data * self.unit(*np.shape(data))).sum(1))
            case "vec", 1:
                return Value(data.T.reshape(-1))
            case "kron", 2:
                return self.kron(*v)
            case "inv", 1:
                return Value(space.inv(data))
            case (("det" | "logdet"), 1):
                return Value(getattr(space, name)(data))
            case _:
                raise Unknown(name)

    def kron(self, left: Value, right: Value) -> Value:
        """Block by block: vectors are matrices of one column or one row here."""

        def matrix(v: Value) -> Any:
            return v.data if v.rank == 2 else v.data[None, :] if v.row else v.data[:, None]

        a, b = matrix(left), matrix(right)
        (m, n), (p, q) = np.shape(a), np.shape(b)
        whole = (a[:, None, :, None] * b[None, :, None, :]).reshape(m * p, n * q)
        vectors = left.rank == right.rank == 1
        if vectors and left.row == right.row:
            return Value(whole.reshape(-1), left.row)
        return Value(whole)


def _refuse(why: str) -> Value:
    raise Unknown(why)
