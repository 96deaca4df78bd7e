"""The tree of expressions: an array is a function of its indices; ``At`` applies it and ``Build`` makes it.

One closed set of nodes serves arrays and scalars alike. Nodes carry no algorithm: a node knows its children, its
shape and its free indices, and nothing else. Nothing here rewrites: ``Add((b, a))`` stays b + a.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Any, ClassVar

from derivgen.errors import ShapeError


@dataclass(frozen=True, slots=True)
class Dim:
    """A size: a symbol (``Dim("n")``) or a number (``Dim(3)``)."""

    size: str | int

    def __str__(self) -> str:
        return str(self.size)


@dataclass(frozen=True, slots=True)
class Index:
    """A position along an axis of length ``dim``. Two indices are one when name and length agree."""

    name: str
    dim: Dim

    def __str__(self) -> str:
        return self.name


Place = Index | int
"""What an axis is read at: an index, or a number that counts from 0."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The axes of an array, and whether its reader sees a row.

    A scalar has no axis, a vector one, a matrix two: there are no axes of length 1. ``row`` says that a vector is
    written as a row (1 by n); it is False everywhere else.
    """

    axes: tuple[Dim, ...] = ()
    row: bool = False

    @property
    def rank(self) -> int:
        return len(self.axes)

    def __str__(self) -> str:
        match self.axes:
            case ():
                return "scalar"
            case (n,):
                return f"1×{n} row" if self.row else f"{n}×1 column"
            case _:
                return "×".join(map(str, self.axes))


SCALAR = Shape()


class Op:
    """An operation as the tree knows it: a name, and the shape of its value. The kinds stand in ``catalog.base``."""

    __slots__ = ()
    name: str

    def result_shape(self, args: tuple[Expr, ...], dims: tuple[Dim, ...]) -> Shape:
        """The shape of the operation's value, or ShapeError where the arguments do not fit."""
        raise NotImplementedError


_NO_INDICES: frozenset[Index] = frozenset()


class Expr:
    """A node. Its shape, its free indices and the kinds of node in it are read off once, when it is made.

    ``kinds`` has the bit of every kind of node that occurs in it, itself included, so that a search for one kind can
    pass over what does not hold any.
    """

    __slots__ = ("_hash", "free", "kinds", "shape")
    __match_args__: ClassVar[tuple[str, ...]] = ()
    bit: ClassVar[int] = 0
    shape: Shape
    free: frozenset[Index]
    kinds: int
    _hash: int

    def _settle(self, shape: Shape, free: frozenset[Index], parts: tuple[Expr, ...], key: tuple[Any, ...]) -> None:
        kinds = self.bit
        for part in parts:
            kinds |= part.kinds
        put = object.__setattr__
        put(self, "shape", shape)
        put(self, "free", free)
        put(self, "kinds", kinds)
        put(self, "_hash", hash((kinds, key)))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Expr) or type(self) is not type(other) or self._hash != other._hash:
            return False
        return all(getattr(self, name) == getattr(other, name) for name in self.__match_args__)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(getattr(self, f.name) for f in fields(self))  # type: ignore[arg-type]

    # Thin doors to the printers, which stand above: a result speaks for itself at a prompt and in a notebook.

    def __str__(self) -> str:
        from derivgen.text import text

        return text(self)

    def _repr_latex_(self) -> str:
        from derivgen.render.latex import latex
        from derivgen.render.style import Style

        with deep():
            return f"$\\displaystyle {latex(self, Style())}$"

    def _repr_markdown_(self) -> str:
        return self._repr_latex_()

    def __repr__(self) -> str:
        return f"<{self}>"


def _free(children: tuple[Expr, ...]) -> frozenset[Index]:
    found = _NO_INDICES
    for child in children:
        if child.free and child.free is not found:
            found = found | child.free if found else child.free
    return found


def _common_shape(args: tuple[Expr, ...]) -> Shape:
    """The shape of an element-wise combination: scalars expand, arrays must agree, row with row."""
    common: Expr | None = None
    for arg in args:
        if not arg.shape.axes:
            continue
        if common is None:
            common = arg
        elif common.shape != arg.shape:
            raise shape_mismatch("an element-wise operation", common, arg)
    return SCALAR if common is None else common.shape


def shape_mismatch(what: str, left: Expr, right: Expr) -> ShapeError:
    """The error for two operands that do not fit; the operands stand on it as ``operands`` for whoever can print them."""
    hint = None
    if left.shape.axes == right.shape.axes and left.shape.row != right.shape.row:
        hint = "one is a row and the other a column: transpose one of them with .T"
    error = ShapeError(f"{what} needs shapes that fit: {left.shape} on the left, {right.shape} on the right", hint=hint)
    error.operands = (left, right)  # type: ignore[attr-defined]
    return error


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Number(Expr):
    """An exact rational constant."""

    value: Fraction

    def __post_init__(self) -> None:
        self._settle(SCALAR, _NO_INDICES, (), (self.value,))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Size(Expr):
    """A length used as a number: the N of 1/N."""

    dim: Dim

    def __post_init__(self) -> None:
        self._settle(SCALAR, _NO_INDICES, (), (self.dim,))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Position(Expr):
    """An index used as a number, counting from 1 as mathematics does."""

    index: Index

    def __post_init__(self) -> None:
        self._settle(SCALAR, frozenset((self.index,)), (), (self.index,))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Symbol(Expr):
    """A named variable. ``traits`` are declared properties, such as "symmetric" or "positive"."""

    name: str
    space: Shape = SCALAR
    traits: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self._settle(self.space, _NO_INDICES, (), (self.name, self.space))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Add(Expr):
    """An element-wise sum; scalars expand."""

    terms: tuple[Expr, ...]

    def __post_init__(self) -> None:
        self._settle(_common_shape(self.terms), _free(self.terms), self.terms, self.terms)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Mul(Expr):
    """An element-wise product, the Hadamard product where two factors are arrays; scalars expand."""

    factors: tuple[Expr, ...]

    def __post_init__(self) -> None:
        self._settle(_common_shape(self.factors), _free(self.factors), self.factors, self.factors)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Power(Expr):
    """An element-wise power; a square root is the power 1/2, a quotient the power -1. Scalars expand."""

    base: Expr
    exponent: Expr

    def __post_init__(self) -> None:
        both = (self.base, self.exponent)
        self._settle(_common_shape(both), _free(both), both, both)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Call(Expr):
    """An operation of the catalog applied to arguments; ``dims`` are the sizes of constants such as ``eye(n)``."""

    op: Op
    args: tuple[Expr, ...]
    dims: tuple[Dim, ...] = ()

    def __post_init__(self) -> None:
        shape = self.op.result_shape(self.args, self.dims)
        self._settle(shape, _free(self.args), self.args, (self.op.name, self.args, self.dims))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class At(Expr):
    """An array read at places: A_ij, or with fewer places than axes the array of the rest (row i, as a column)."""

    array: Expr
    places: tuple[Place, ...]

    def __post_init__(self) -> None:
        axes = self.array.shape.axes
        if not self.places or len(self.places) > len(axes):
            raise ShapeError(f"{len(self.places)} places for an array of {len(axes)} axes")
        for place, dim in zip(self.places, axes, strict=False):
            if isinstance(place, Index):
                if place.dim != dim:
                    raise ShapeError(f"index {place} runs to {place.dim}, but the axis has length {dim}")
            elif place < 0 or (isinstance(dim.size, int) and place >= dim.size):
                raise ShapeError(f"place {place} is outside an axis of length {dim} (text counts from 0)")
        own = frozenset(p for p in self.places if isinstance(p, Index))
        self._settle(Shape(axes[len(self.places) :]), self.array.free | own, (self.array,), (self.array, self.places))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Build(Expr):
    """The array whose entry at ``indices`` is ``body``, a scalar; ``row`` writes a vector as a row."""

    indices: tuple[Index, ...]
    body: Expr
    row: bool = False

    def __post_init__(self) -> None:
        if self.body.shape.axes:
            raise ShapeError(f"the entries of an array are scalars; this one is {self.body.shape}")
        if self.row and len(self.indices) != 1:
            raise ShapeError("only a vector is written as a row")
        shape = Shape(tuple(i.dim for i in self.indices), self.row)
        self._settle(shape, self.body.free - frozenset(self.indices), (self.body,), (self.indices, self.body, self.row))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Sum(Expr):
    """The sum of ``body``, a scalar or an array, over all places of ``index``."""

    index: Index
    body: Expr

    def __post_init__(self) -> None:
        self._settle(self.body.shape, self.body.free - {self.index}, (self.body,), (self.index, self.body))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Delta(Expr):
    """Kronecker's delta: 1 where the two places are equal, else 0."""

    left: Place
    right: Place

    def __post_init__(self) -> None:
        own = frozenset(p for p in (self.left, self.right) if isinstance(p, Index))
        self._settle(SCALAR, own, (), (self.left, self.right))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Partial(Expr):
    """The partial derivative of a scalar by a scalar variable: a scalar Symbol, or At(Symbol, places).

    It is total over defined names: a name that is defined by the variable moves with it, the variable itself being
    free also where it is a defined name.
    """

    body: Expr
    wrt: Expr

    def __post_init__(self) -> None:
        if self.body.shape.axes or self.wrt.shape.axes:
            raise ShapeError("a partial derivative is of a scalar by a scalar")
        if not isinstance(self.wrt.array if isinstance(self.wrt, At) else self.wrt, Symbol):
            raise ShapeError("a partial derivative is by a variable or by an entry of one")
        both = (self.body, self.wrt)
        self._settle(SCALAR, _free(both), both, both)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Cases(Expr):
    """The first value whose condition holds (is not 0), else ``otherwise``. Conditions are scalar or of the value's shape."""

    branches: tuple[tuple[Expr, Expr], ...]
    otherwise: Expr

    def __post_init__(self) -> None:
        shape = _common_shape((*(value for _, value in self.branches), self.otherwise))
        for condition, _ in self.branches:
            if condition.shape.axes and condition.shape != shape:
                raise shape_mismatch("a case distinction", condition, self)
        parts = children_of_cases(self)
        self._settle(shape, _free(parts), parts, (self.branches, self.otherwise))


def children_of_cases(e: Cases) -> tuple[Expr, ...]:
    return (*(part for branch in e.branches for part in branch), e.otherwise)


NODES: tuple[type[Expr], ...] = (
    Number,
    Size,
    Position,
    Symbol,
    Add,
    Mul,
    Power,
    Call,
    At,
    Build,
    Sum,
    Delta,
    Partial,
    Cases,
)
"""The closed set of nodes: every algorithm over expressions is one ``match`` over these."""

for _place, _kind in enumerate(NODES):
    _kind.bit = 1 << _place


@contextmanager
def deep() -> Iterator[None]:
    """Recursion as deep as expressions are. Calls between Python functions use no C stack from Python 3.11 on."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, 50_000))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


ZERO = Number(Fraction(0))
ONE = Number(Fraction(1))
MINUS_ONE = Number(Fraction(-1))


# --- the few walks that every reader of the tree needs -------------------------------------------------------------


def children(e: Expr) -> tuple[Expr, ...]:
    """The sub-expressions directly under ``e``, in the order written."""
    match e:
        case Symbol() | Number() | Delta() | Size() | Position():
            return ()
        case At(array):
            return (array,)
        case Mul(factors):
            return factors
        case Add(terms):
            return terms
        case Power(base, exponent):
            return (base, exponent)
        case Call(_, args):
            return args
        case Build(_, body) | Sum(_, body):
            return (body,)
        case Partial(body, wrt):
            return (body, wrt)
        case Cases():
            return children_of_cases(e)
        case _:
            return ()


def map_children(f: Callable[[Expr], Expr], e: Expr) -> Expr:
    """``e`` with ``f`` applied to each child; ``e`` itself where nothing changed."""
    old = children(e)
    new = tuple([f(child) for child in old])
    if all(a is b for a, b in zip(old, new, strict=True)):
        return e
    return with_children(e, new)


def with_children(e: Expr, new: tuple[Expr, ...]) -> Expr:
    """``e`` with other children, as many as it has."""
    match e:
        case Add():
            return Add(new)
        case Mul():
            return Mul(new)
        case Power():
            return Power(*new)
        case Call(op, _, dims):
            return Call(op, new, dims)
        case At(_, places):
            return At(new[0], places)
        case Build(indices, _, row):
            return Build(indices, new[0], row)
        case Sum(index, _):
            return Sum(index, new[0])
        case Partial():
            return Partial(*new)
        case Cases(branches):
            pairs = tuple((new[2 * k], new[2 * k + 1]) for k in range(len(branches)))
            return Cases(pairs, new[-1])
        case _:
            return e


def walk(e: Expr) -> Iterator[Expr]:
    """Every node once, each before its children; shared nodes are visited once."""
    seen: set[int] = set()
    todo = [e]
    while todo:
        here = todo.pop()
        if id(here) in seen:
            continue
        seen.add(id(here))
        yield here
        todo.extend(reversed(children(here)))


def symbols(e: Expr) -> dict[str, Symbol]:
    """The variables in ``e`` by name, in the order met."""
    return {s.name: s for s in walk(e) if isinstance(s, Symbol)}


def depends_on(e: Expr, name: str) -> bool:
    """Whether the variable ``name`` occurs in ``e``."""
    return any(isinstance(s, Symbol) and s.name == name for s in walk(e))


def bound_indices(e: Expr) -> set[Index]:
    """Every index that some Sum or Build inside ``e`` binds."""
    found: set[Index] = set()
    for here in walk(e):
        match here:
            case Build(indices):
                found.update(indices)
            case Sum(index):
                found.add(index)
            case _:
                pass
    return found


def all_indices(e: Expr) -> set[Index]:
    """Every index in ``e``, free or bound."""
    return bound_indices(e) | e.free


def fresh_index(dim: Dim, taken: set[str], letters: str = "ijklpqrst") -> Index:
    """An index of length ``dim`` whose name is not in ``taken``."""
    for letter in letters:
        if letter not in taken:
            return Index(letter, dim)
    count = 1
    while f"i{count}" in taken:
        count += 1
    return Index(f"i{count}", dim)


def rename(e: Expr, places: dict[Index, Place]) -> Expr:
    """``e`` with free indices replaced; a bound index that would capture a new one is renamed first."""
    places = {old: new for old, new in places.items() if old in e.free and old != new}
    if not places:
        return e
    match e:
        case At(array, where):
            return At(rename(array, places), tuple([_moved(p, places) for p in where]))
        case Delta(left, right):
            return Delta(_moved(left, places), _moved(right, places))
        case Position(index):
            new = places[index]
            return Position(new) if isinstance(new, Index) else Number(Fraction(new + 1))
        case Sum() | Build():
            binders = (e.index,) if isinstance(e, Sum) else e.indices
            arriving = {new for new in places.values() if isinstance(new, Index)}
            body = e.body
            changed: dict[Index, Index] = {}
            if any(b in arriving for b in binders):
                taken = {i.name for i in all_indices(body) | arriving}
                for b in binders:
                    if b in arriving:
                        changed[b] = fresh_index(b.dim, taken)
                        taken.add(changed[b].name)
                body = rename(body, dict(changed))
            body = rename(body, places)
            if isinstance(e, Sum):
                return Sum(changed.get(e.index, e.index), body)
            return Build(tuple(changed.get(b, b) for b in binders), body, e.row)
        case _:
            return map_children(lambda child: rename(child, places), e)


def _moved(place: Place, places: dict[Index, Place]) -> Place:
    return places.get(place, place) if isinstance(place, Index) else place


def substitute(e: Expr, values: dict[str, Expr]) -> Expr:
    """``e`` with the variables in ``values`` replaced, those of ``Partial`` and of its body excepted.

    Shared sub-expressions stay shared, so the cost is that of the distinct nodes. A bound index that also stands free
    in a value is renamed first.
    """
    arriving = frozenset().union(*(v.free for v in values.values())) if values else frozenset()
    memo: dict[int, Expr] = {}

    def go(here: Expr) -> Expr:
        found = memo.get(id(here))
        if found is None:
            found = memo[id(here)] = step(here)
        return found

    def step(here: Expr) -> Expr:
        match here:
            case Symbol(name):
                return values.get(name, here)
            case Partial(body, wrt):
                variable = wrt.array if isinstance(wrt, At) else wrt
                assert isinstance(variable, Symbol)
                if variable.name in values:
                    return here
                return Partial(go(body), wrt)
            case Sum(index, body) if index in arriving:
                return go_fresh(here, (index,), body)
            case Build(indices, body) if any(i in arriving for i in indices):
                return go_fresh(here, indices, body)
            case _:
                return map_children(go, here)

    def go_fresh(here: Expr, binders: tuple[Index, ...], body: Expr) -> Expr:
        taken = {i.name for i in all_indices(body) | arriving}
        new: dict[Index, Place] = {}
        for b in binders:
            if b in arriving:
                fresh = fresh_index(b.dim, taken)
                taken.add(fresh.name)
                new[b] = fresh
        moved = tuple(new.get(b, b) for b in binders)
        body = go(rename(body, new))
        if isinstance(here, Sum):
            assert isinstance(moved[0], Index)
            return Sum(moved[0], body)
        assert isinstance(here, Build)
        return Build(tuple(m for m in moved if isinstance(m, Index)), body, here.row)

    return go(e)


def canonical(e: Expr) -> Expr:
    """``e`` with its bound indices named by nesting depth: two expressions equal up to bound names have equal canonical forms."""

    def go(here: Expr, depth: int) -> Expr:
        match here:
            case Sum(index, body):
                new = Index(f"#{depth}", index.dim)
                return Sum(new, go(rename(body, {index: new}), depth + 1))
            case Build(indices, body, row):
                named = tuple(Index(f"#{depth + k}", i.dim) for k, i in enumerate(indices))
                moved: dict[Index, Place] = dict(zip(indices, named, strict=True))
                return Build(named, go(rename(body, moved), depth + len(indices)), row)
            case _:
                return map_children(lambda child: go(child, depth), here)

    return go(e, 0)


@dataclass(frozen=True, slots=True)
class Definition:
    """A name for an intermediate: ``symbol`` stands for ``value``.

    A family, one intermediate for each i of a sum, has the axis of i first: z in Rᴺ with ``Build((i,), …)`` for value,
    read as ``At(z, (i,))``.
    """

    symbol: Symbol
    value: Expr
