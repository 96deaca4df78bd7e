"""The kinds of operation. An operation is one declaration; shape, entries, value and spelling are all read off it."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from importlib import import_module
from typing import Any, ClassVar

from derivgen.catalog.proof import Proof
from derivgen.catalog.signs import ALL, Signs
from derivgen.errors import ArgumentError, OperationError, ShapeError, shown
from derivgen.expr import SCALAR, Binder, Dim, Expr, Op, Place, Shape, common_shape, is_shape, product_dim
from derivgen.expr.notation import CIRCLE, Notation


@dataclass(frozen=True, slots=True)
class Domain:
    """A condition on the arguments without which an operation has no value, or no derivative.

    ``condition`` stands in ``relation``, ">" or ">=" or "!=", to 0 there.
    """

    condition: Callable[..., Expr]
    relation: str


@dataclass(frozen=True, slots=True)
class Operation(Op):
    """What every kind declares: the name used in text, one sentence of meaning, how it is written, and its reference.

    Attributes:
        reference: the value by a library that knows nothing of derivgen. It is the function, or Python text in which
            ``numpy``, ``scipy`` and ``mpmath`` can be used: "numpy.tanh", or "lambda u: numpy.maximum(0, u)". That of a
            function of numbers takes numbers; of a constant, the sizes; any other what a reader sees: a number, a
            column n×1, a row 1×n, a matrix. ``testing.check_operation`` compares all that is declared with it.
        proof: why it has the derivative that is declared.
        signs: which signs its values have, where not all.
        explains: what a document says of it where it first prints it, if a course would: a sentence with mathematics between
            dollar signs, in letters of its own; {f} is its name, or its sign.
        module: the module in which it was declared.
        composed: whether the operation is made of others, so that what they are compared with serves for it.

    Raises:
        OperationError: there is no reference.
    """

    name: str
    states: str
    notation: Notation
    reference: str | Callable[..., Any] = field(default="", kw_only=True)
    proof: Proof | None = field(default=None, kw_only=True)
    signs: Signs = field(default=ALL, kw_only=True)
    explains: str = field(default="", kw_only=True)
    module: str = field(default="", init=False, compare=False)
    composed: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if not self.reference and not self.composed:
            raise OperationError(
                f"the operation {self.name} has no reference",
                hint='say which function of a library has its value, such as reference="numpy.tanh"',
            )
        if not self.notation.latex and self.notation.form in ("function", "listed"):
            latex = self.name.replace("_", r"\_")
            object.__setattr__(self, "notation", replace(self.notation, latex=rf"\operatorname{{{latex}}}"))
        caller = sys._getframe(2)  # behind the __init__ that dataclasses write
        object.__setattr__(self, "module", caller.f_globals.get("__name__", ""))

    @property
    def arguments(self) -> int | None:
        """How many arguments it takes; None where it takes any number."""
        return getattr(self, "arity", 0)

    def __eq__(self, other: object) -> bool:
        if self is other or type(self) is not type(other):
            return self is other
        assert isinstance(other, Operation)
        if self.name != other.name:  # most are told apart by it, and rules ask often
            return False
        return self._declared() == other._declared()

    def __hash__(self) -> int:
        return hash(self.name)

    def __copy__(self) -> Operation:
        return self  # nothing can be changed in it

    def __deepcopy__(self, known: object) -> Operation:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """By its place in a module where it has one, as a function is, so that it stays the one it was; else by value."""
        module = sys.modules.get(self.module)
        for name, value in vars(module).items() if module else ():
            if value is self:
                return _found_in, (self.module, name)
        declared = self._declared()
        for what, value in declared.items():
            if any("<" in getattr(part, "__qualname__", "") for part in _parts(value)):
                raise OperationError(
                    f"the operation {self.name} cannot be sent to another process: its {what} has a function without a name",
                    hint="assign the operation to a name at the top of a module, or define its functions there with def",
                )
        return _made_of, (type(self), declared)

    def _declared(self) -> dict[str, Any]:
        return {f.name: getattr(self, f.name) for f in fields(self) if f.compare}

    def __repr__(self) -> str:
        return f"<{self.name}>"


def _parts(declared: Any) -> tuple[Any, ...]:
    """The functions that a field may hold."""
    match declared:
        case tuple():
            return declared
        case Proof():
            return (declared.lines,)
        case _:
            return (declared,)


def _found_in(module: str, name: str) -> Any:
    return getattr(import_module(module), name)


def _made_of(kind: type[Operation], declared: dict[str, Any]) -> Operation:
    return kind(**declared)


def _refuse_number(op: Op, wanted: int | None, args: tuple[Expr, ...], dims: tuple[Dim, ...]) -> None:
    """Refuse sizes, and another number of arguments than ``wanted``; None is any but none."""
    if dims:
        raise ShapeError(f"{op.name} takes no sizes; constants such as ones(n) do")
    if len(args) != wanted if wanted is not None else not args:
        number = "arguments" if wanted is None else "1 argument" if wanted == 1 else f"{wanted} arguments"
        raise ShapeError(f"{op.name} takes {number}, not {len(args)}")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Elementwise(Operation):
    """A function of numbers, applied entry by entry; scalars expand.

    ``derivatives[k]`` gives the partial by argument k from the arguments; ``value`` computes it in any Arithmetic.
    ``kink`` gives an expression at whose zeros the function is not differentiable, ``domain`` where it has a value.
    """

    derivatives: tuple[Callable[..., Expr], ...]
    value: Callable[..., Any]
    kink: Callable[..., Expr] | None = None
    domain: Domain | None = None

    @property
    def arguments(self) -> int:
        """How many arguments it takes."""
        return len(self.derivatives)

    def result_shape(self, args: tuple[Expr, ...], dims: tuple[Dim, ...]) -> Shape:
        """That of the arguments, beside which scalars expand.

        Raises:
            ShapeError: the arguments do not fit, or it takes another number of them.
        """
        _refuse_number(self, len(self.derivatives), args, dims)
        return common_shape(args)


@dataclass(frozen=True, slots=True)
class Signature:
    """A product of entries in the manner of einsum: labels of each argument's axes, labels of the result's.

    A label that the result lacks is summed; one that the result repeats puts the entries on a diagonal. Labels that
    stand together in ``joined`` make one axis of the result, the last of them running first; without it each label
    of ``output`` has its own.
    """

    inputs: tuple[str, ...]
    output: str
    row: bool = False
    joined: tuple[str, ...] | None = None

    @property
    def axes(self) -> tuple[str, ...]:
        """The labels of each axis of the result."""
        return tuple(self.output) if self.joined is None else self.joined


def signature(text: str, *, row: bool = False) -> Signature:
    """Read "ij,j->i"; "ij->(ji)" joins two labels to one axis."""
    left, _, right = text.partition("->")
    if "(" not in right:
        return Signature(tuple(left.split(",")), right, row)
    joined = tuple(group or single for group, single in re.findall(r"\((\w+)\)|(\w)", right))
    return Signature(tuple(left.split(",")), "".join(joined), row, joined)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Linear(Operation):
    """An operation that is linear in each argument, given by its signature in entries.

    The signature is the shape rule, the meaning in entries, the value, and, read right to left, how entries become an
    array again. Where it depends on the shapes of the arguments it is a function of them. ``arity`` is None where it
    takes any number of arguments from 1 on.
    """

    signature: Callable[[tuple[Shape, ...]], Signature]
    arity: int | None = 1

    def result_shape(self, args: tuple[Expr, ...], dims: tuple[Dim, ...]) -> Shape:
        """The shape that the labels of the result say.

        Raises:
            ShapeError: an argument has another rank, or one label stands for two lengths.
        """
        _refuse_number(self, self.arity, args, dims)
        shapes = tuple([a.shape for a in args])
        rule = self.signature(shapes)
        lengths: dict[str, Dim] = {}
        for arg, labels in zip(args, rule.inputs, strict=True):
            if len(labels) != arg.shape.rank:
                raise ShapeError(f"{self.name} cannot take a {arg.shape} here")
            for label, dim in zip(labels, arg.shape.axes, strict=True):
                if lengths.setdefault(label, dim) != dim:
                    error = ShapeError(
                        f"{self.name} needs lengths that agree: {lengths[label]} on one side, {dim} on the other"
                    )
                    error.operands = args  # type: ignore[attr-defined]
                    raise error
        axes = tuple(
            [
                lengths[labels[0]] if len(labels) == 1 else product_dim([lengths[label] for label in labels])
                for labels in rule.axes
            ]
        )
        return Shape(axes, rule.row)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Constant(Operation):
    """An array known by its sizes alone, such as ones(n); ``entry`` gives the scalar at the places.

    ``rank`` is -1 where it may have any; ``axes`` gives the axes from the sizes where they are not the sizes. A constant
    of which ``entry`` cannot say what stands at a single place is given by ``built``, the array from the sizes.
    """

    rank: int
    entry: Callable[[tuple[Place, ...]], Expr]
    axes: Callable[[tuple[Dim, ...]], tuple[Dim, ...]] | None = None
    built: Callable[[tuple[Dim, ...]], Expr] | None = None

    def result_shape(self, args: tuple[Expr, ...], dims: tuple[Dim, ...]) -> Shape:
        """The shape that the sizes say; one size alone is that of both sides of a matrix.

        Raises:
            ShapeError: there are arguments, or sizes of another number than its axes.
        """
        if not all(isinstance(dim, Dim) for dim in dims):
            raise TypeError
        if self.axes is not None and not args and len(dims) in (1, self.rank):
            return Shape(self.axes(dims * self.rank if len(dims) == 1 else dims))
        if args or (len(dims) not in (1, self.rank) and self.rank != -1):
            raise ShapeError(f"{self.name} takes sizes, such as {self.name}(n)")
        if self.rank == 2 and len(dims) == 1:
            return Shape((dims[0], dims[0]))
        return Shape(dims)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Formula(Operation):
    """An operation defined by others: ``definition`` gives the expression that it abbreviates."""

    definition: Callable[..., Expr]
    arity: int = 1
    domain: Domain | None = None

    def result_shape(self, args: tuple[Expr, ...], dims: tuple[Dim, ...]) -> Shape:
        """That of the expression which it abbreviates.

        Raises:
            ShapeError: the expression has none of these arguments, or it takes another number of them.
        """
        _refuse_number(self, self.arity, args, dims)
        return self.definition(*args).shape


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Opaque(Operation):
    """An operation that is not reduced further: the partials of its entries are given by hand.

    ``partial(args, k, out, at)`` is the partial of the entry at places ``out`` by argument k's entry at ``at``.
    ``value(arithmetic, *arguments)`` computes it from nested lists of numbers (a scalar is a number). ``arity`` is None
    where it takes any number of arguments from 1 on. ``square`` says that it is of a square matrix.
    """

    shape_rule: Callable[[tuple[Shape, ...]], Shape]
    partial: Callable[[tuple[Expr, ...], int, tuple[Place, ...], tuple[Binder, ...]], Expr]
    value: Callable[..., Any]
    domain: Domain | None = None
    arity: int | None = 1
    square: bool = False

    def result_shape(self, args: tuple[Expr, ...], dims: tuple[Dim, ...]) -> Shape:
        """What ``shape_rule`` says.

        Raises:
            ShapeError: the rule refuses the arguments, or it takes another number of them.
        """
        _refuse_number(self, self.arity, args, dims)
        return self.shape_rule(tuple([a.shape for a in args]))


def takes_square(op: Op, shapes: tuple[Shape, ...]) -> bool:
    """Whether the argument must be a square matrix: a linear operation reads it along its diagonal."""
    if isinstance(op, Linear):
        return any(len(set(labels)) < len(labels) for labels in op.signature(shapes).inputs)
    return isinstance(op, Opaque) and op.square


@dataclass(frozen=True, slots=True)
class Abstract(Op):
    """A function that is only declared: f: Rⁿ → Rᵐ, or entry by entry, or the generic operator ◯.

    Attributes:
        name: as declared, or "◯".
        domain: the shape of each argument; all scalars for an element-wise one that serves any shape.
        codomain: the shape of the value of f itself, before any derivative is taken.
        pointwise: entry i of the value depends on entry i of the arguments only. With scalar domain and codomain it
            is one function of numbers for all entries; with vectors, entry i has a function of its own, written f_i.
        orders: by which arguments it has been differentiated already: (0,) is the Jacobian by the first argument.
            A Jacobian's axes are the value's, then the argument's; of a pointwise function it has the value's shape.
        vector_name: whether the name is printed bold (it has a vector for value).
    """

    name: str
    domain: tuple[Shape, ...]
    codomain: Shape = SCALAR
    pointwise: bool = False
    orders: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        name: object = self.name
        domain: object = self.domain
        has_domain = isinstance(domain, tuple) and domain
        if not (isinstance(name, str) and has_domain and all(map(is_shape, (*self.domain, self.codomain)))):
            raise ArgumentError(
                f"a declared function has a name, the shapes of its arguments and the shape of its value, "
                f"not {shown(name)}, {shown(domain)} and {shown(self.codomain)}",
                hint='write Abstract("f", (Shape((Dim("n"),)),), SCALAR)',
            )

    def result_shape(self, args: tuple[Expr, ...], dims: tuple[Dim, ...]) -> Shape:
        """The axes of the value, then those of each argument by which it is differentiated.

        Raises:
            ShapeError: an argument has another shape than is declared, or there are more or fewer of them.
        """
        _refuse_number(self, len(self.domain), args, dims)
        if self.pointwise and not self.codomain.axes:
            return common_shape(args)
        for arg, wanted in zip(args, self.domain, strict=True):
            if arg.shape.axes != wanted.axes:
                raise ShapeError(f"{self.name} is declared on {wanted}, not on {arg.shape}")
        if self.pointwise:
            return self.codomain
        axes = self.codomain.axes
        for k in self.orders:
            axes = axes + self.domain[k].axes
        return Shape(axes)

    @property
    def notation(self) -> Notation:  # type: ignore[override]
        """◯ stands between its operands; a derivative is D(f), or D(f, 0, 1) by the numbers of the arguments."""
        return _written(self.name, self.orders, len(self.domain))

    def derivative(self, k: int) -> Abstract:
        """The Jacobian by argument k, as a function of the same arguments."""
        return Abstract(self.name, self.domain, self.codomain, self.pointwise, (*self.orders, k))


GENERIC = Abstract("◯", (SCALAR, SCALAR), SCALAR, pointwise=True)
"""The generic element-wise operator of the notes."""


@lru_cache(maxsize=256)
def _written(name: str, orders: tuple[int, ...], arguments: int) -> Notation:
    if not orders:
        return Notation(form="infix", text=name, level=CIRCLE) if name == GENERIC.name else Notation()
    by = () if orders == (0,) and arguments == 1 else orders
    return Notation(text=f"D({', '.join([name, *map(str, by)])})")


def is_pointwise_scalar(op: Op) -> bool:
    """Whether ``op`` is an abstract function of numbers that is applied entry by entry."""
    return isinstance(op, Abstract) and op.pointwise and not op.codomain.axes
