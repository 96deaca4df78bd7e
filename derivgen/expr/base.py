"""What every node has: a shape, free indices, and a place in the closed set."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, ClassVar

from derivgen import doors
from derivgen.deadline import on_time
from derivgen.errors import ArgumentError, ShapeError, shown
from derivgen.expr.flat import assembled, rows
from derivgen.expr.notation import Notation
from derivgen.expr.sizes import SCALAR, Dim, Index, Shape


class Op:
    """An operation as the tree knows it: its name, how it is written, its shape. The kinds stand in ``catalog.base``."""

    __slots__ = ()
    name: str
    notation: Notation

    def result_shape(self, args: tuple[Expr, ...], dims: tuple[Dim, ...]) -> Shape:
        """The shape of the operation's value, or ShapeError where the arguments do not fit."""
        raise NotImplementedError


NO_INDICES: frozenset[Index] = frozenset()


UNCOUNTED = 1 << 60
"""More nodes than can be written: shared parts double what is written with every level, so counting ends here."""


FLAT = 8
"""Expressions no higher than this are compared and walked as they come, shared parts each time they occur."""


TALL = 64
"""An expression that is higher is pickled as the list of its nodes: recursion would go too deep."""


class Expr:
    """A node. Its shape, its free indices and the kinds of node in it are read off once, when it is made.

    ``children`` are the sub-expressions directly under it, in the order written. ``kinds`` has the bit of every kind of
    node that occurs in it, itself included, so that a search for one kind can pass over what does not hold any.
    ``height`` is how deep it is nested, 1 for a leaf; ``written`` the number of nodes when it is written out, those of
    shared parts counted each time, up to ``UNCOUNTED``.
    """

    __slots__ = (
        "_canonical",
        "_hash",
        "_key",
        "_skeleton",
        "_twin",
        "children",
        "free",
        "height",
        "kinds",
        "shape",
        "written",
    )
    __match_args__: ClassVar[tuple[str, ...]] = ()
    bit: ClassVar[int] = 0
    example: ClassVar[str] = ""  # how one is written
    shape: Shape
    free: frozenset[Index]
    children: tuple[Expr, ...]
    kinds: int
    height: int
    written: int
    _canonical: Expr  # see ``expr.change.canonical``
    _skeleton: int  # see ``expr.change.skeleton``
    _twin: Expr  # an equal one, met in a comparison
    _hash: int
    _key: tuple[Any, ...]

    def __post_init__(self) -> None:
        try:
            self._form()
        except (AttributeError, TypeError, ValueError) as error:  # what it is made of is of another kind
            given = ", ".join([shown(getattr(self, f.name)) for f in fields(self)])  # type: ignore[arg-type]
            raise ArgumentError(
                f"{type(self).__name__} is not made of {given}", hint=f"write {self.example}"
            ) from error

    def _form(self) -> None:
        """Find the shape and the free indices, and settle them."""
        raise NotImplementedError

    def _settle(self, shape: Shape, free: frozenset[Index], parts: tuple[Expr, ...], key: tuple[Any, ...]) -> None:
        on_time()  # what has no end makes node after node
        kinds = self.bit
        height, written = 0, 1
        for part in parts:
            kinds |= part.kinds
            written += part.written
            if part.height > height:
                height = part.height
        put = object.__setattr__
        put(self, "height", height + 1)
        put(self, "written", written if written < UNCOUNTED else UNCOUNTED)
        put(self, "children", parts)
        put(self, "shape", shape)
        put(self, "free", free)
        put(self, "kinds", kinds)
        put(self, "_key", key)
        put(self, "_hash", hash((kinds, key)))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if type(self) is not type(other):
            return False
        assert isinstance(other, Expr)
        if self._hash != other._hash:
            return False
        if self.height > FLAT:
            return _same(self, other)
        return self._key == other._key

    def _own(self) -> tuple[Any, ...]:
        """What tells it from other nodes of its kind that have the same children."""
        return tuple([part for part in self._key if not isinstance(part, Expr) and part is not self.children])

    def __reduce__(self) -> tuple[Any, ...]:
        if self.height > TALL:
            return assembled, (rows(self),)
        return type(self), tuple(getattr(self, f.name) for f in fields(self))  # type: ignore[arg-type]

    def __copy__(self) -> Expr:
        return self  # nothing can be changed in it

    def __deepcopy__(self, known: object) -> Expr:
        return self

    # Results speak for themselves at a prompt and in a notebook: expr.text fills __str__.

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {doors.formula(self)}$"

    def _repr_markdown_(self) -> str:
        return self._repr_latex_()

    def __repr__(self) -> str:
        return f"<{self}>" if self.written <= 10_000 else f"<an expression of {self.written:,} parts>"


def _same(a: Expr, b: Expr) -> bool:
    """Whether two expressions are one, each pair of nodes compared once and none by recursion.

    Of two that are equal one remembers the other, so that they, and what they are parts of, are compared at once the next
    time.
    """
    met: dict[tuple[int, int], tuple[Expr, Expr]] = {}
    todo = [(a, b)]
    while todo:
        a, b = map(_first_of, todo.pop())
        if a is b or (id(a), id(b)) in met:
            continue
        if type(a) is not type(b) or a._hash != b._hash:
            return False
        if a.height <= FLAT:
            if a._key != b._key:
                return False
            continue
        if len(a.children) != len(b.children) or a._own() != b._own():
            return False
        met[id(a), id(b)] = a, b
        todo.extend(zip(a.children, b.children, strict=True))
    for a, b in met.values():
        a, b = sorted(map(_first_of, (a, b)), key=id)  # one way only: two threads at once make no circle
        if a is not b:
            object.__setattr__(b, "_twin", a)
    return True


def _first_of(e: Expr) -> Expr:
    """The one that stands for all that were found to equal ``e``."""
    while (twin := getattr(e, "_twin", None)) is not None:
        e = twin
    return e


def free_indices(children: tuple[Expr, ...]) -> frozenset[Index]:
    """The indices that stand free in any of the children."""
    found = NO_INDICES
    for child in children:
        if child.free and child.free is not found:
            found = found | child.free if found else child.free
    return found


def common_shape(args: tuple[Expr, ...]) -> Shape:
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
