"""Random expressions that are well typed, for properties that hold of all expressions.

``expressions(shape)`` gives an expression with the declarations of what occurs in it. What may occur is chosen by
``parts``; with ``safe`` it has a value and a derivative everywhere (no logarithm of what may be negative, no quotient
by what may be zero), so that a judge can always judge.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeVar

from hypothesis import strategies as st

from derivgen.catalog import elementwise, formulas, linear, opaque
from derivgen.catalog.base import GENERIC
from derivgen.expr import (
    MINUS_ONE,
    ONE,
    ZERO,
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
    Op,
    Partial,
    Place,
    Position,
    Power,
    Shape,
    Size,
    Sum,
    Symbol,
)
from derivgen.read import Declarations, declare
from derivgen.read.question import declared_by

DECLARATIONS = declare(
    "a, b in R; w, x, y in R^n; u, v in R^m; A, B in R^(m*n); S, T in R^(n*n); X in R^(N*n); t in R^N; s in R^((m*n)); P in R^(n*(m*n));"
    "f: R^n -> R^m; g: R -> R elementwise; h: R, R -> R elementwise; k: R^n -> R^n elementwise; q: R^n -> R"
)
"""What random expressions are made of."""

N, M, SAMPLES = Dim("n"), Dim("m"), Dim("N")
SCALAR = Shape()
COLUMN = Shape((N,))
ROW = Shape((N,), row=True)
MATRIX = Shape((M, N))
SQUARE = Shape((N, N))
TALL = Shape((M.times(N),))
WIDE = Shape((N, M.times(N)))

ELEMENTWISE = "elementwise"  # exp, tanh, products, sums, quotients, powers: always there
LINEAR = "linear"  # @, .T, sum, trace, diag
FORMULAS = "formulas"  # norm, mean, softmax, logsumexp
BRANCHES = "branches"  # max, abs, relu, where, comparisons
INDICES = "indices"  # sums over an index, entries, lists by their entries
ABSTRACT = "abstract"  # f(x) and their derivatives
INVERSE = "inverse"  # inv, det
STACKED = "stacked"  # vec, kron, and arrays whose axes are products
NOTATION = "notation"  # what derivations contain on their way: partial, delta, positions, sizes

EVERYTHING = frozenset({LINEAR, FORMULAS, BRANCHES, INDICES, ABSTRACT, INVERSE, NOTATION, STACKED})
DIFFERENTIABLE = frozenset({LINEAR, FORMULAS, INDICES, STACKED})

_SMOOTH = (
    elementwise.exp,
    elementwise.sin,
    elementwise.cos,
    elementwise.tanh,
    elementwise.sigmoid,
    elementwise.softplus,
)
_KINKED = (elementwise.absolute, elementwise.relu, elementwise.sign)
_COMPARISONS = (elementwise.greater, elementwise.less, elementwise.greater_equal, elementwise.less_equal,
                elementwise.equal, elementwise.not_equal)  # fmt: skip
_NUMBERS = [Number(Fraction(v)) for v in ("0", "1", "2", "3", "-1", "-2", "1/2", "-1/2", "2/3", "5/4")]


T = TypeVar("T")
Grow = Callable[["Grower", Shape], Expr]


@dataclass(frozen=True)
class Grower:
    """What a random tree may be made of, and how deep it may still grow."""

    draw: st.DrawFn
    parts: frozenset[str]
    safe: bool
    depth: int
    scope: tuple[Index, ...] = ()
    symbols: tuple[Symbol, ...] = tuple(DECLARATIONS.symbols.values())
    more: Callable[[Shape], Sequence[Grow]] = lambda shape: ()

    def pick(self, choices: Sequence[T]) -> T:
        return self.draw(st.sampled_from(choices))

    def grow(self, shape: Shape) -> Expr:
        """A tree of this shape."""
        if self.depth <= 0 or self.draw(st.integers(0, 5)) == 0:
            return self.leaf(shape)
        return self.pick(self.ways(shape))(replace(self, depth=self.depth - 1), shape)

    def leaf(self, shape: Shape) -> Expr:
        if shape.row:
            return _transposed(self.leaf(Shape(shape.axes)))
        found: list[Expr] = [s for s in self.symbols if s.shape == shape]
        if not shape.axes:
            found += _NUMBERS
            found += [At(s, (i,)) for s in self.symbols for i in self.scope if s.shape == Shape((i.dim,))]
            found += [At(s, (i, j)) for s in self.symbols for i in self.scope for j in self.scope
                      if s.shape == Shape((i.dim, j.dim))]  # fmt: skip
            if NOTATION in self.parts:
                found += [Position(i) for i in self.scope]
                found += [Add((Position(i), MINUS_ONE)) for i in self.scope]
                places: tuple[Place, ...] = (*self.scope, 0, 1)
                found += [Delta(i, j) for i in self.scope for j in places if i.dim == _dim(j, i.dim)]
                found += [Size(SAMPLES), Call(elementwise.pi, ())]
        elif LINEAR in self.parts and not self.symbols_only(shape):
            found += [Call(opaque.ones, (), shape.axes), Call(opaque.zeros, (), shape.axes)]
            if shape.rank == 2 and shape.axes[0] == shape.axes[1]:
                found.append(Call(opaque.eye, (), shape.axes[:1]))
        if shape.rank == 1:
            found += [At(s, (i,)) for s in self.symbols for i in self.scope if s.shape == Shape((i.dim, *shape.axes))]
        return self.pick(found)

    def symbols_only(self, shape: Shape) -> bool:
        """Mostly leaves are variables."""
        return any(s.shape == shape for s in self.symbols) and self.draw(st.integers(0, 3)) > 0

    def ways(self, shape: Shape) -> list[Grow]:
        """How a tree of this shape may be made of smaller ones."""
        found: list[Grow] = [_sum, _product, _product, _quotient, _power, _elementwise]
        if LINEAR in self.parts:
            found += [_LINEAR_WAYS[shape.rank, shape.row]] * 3
        if FORMULAS in self.parts and shape.rank < 2 and not shape.row:
            found.append(_formula)
        if STACKED in self.parts and shape in (SCALAR, COLUMN, SQUARE):
            found.append(_stacked)
        if BRANCHES in self.parts:
            found += [_branch, _kinked]
        if INDICES in self.parts:
            found.append(_summed)
            if shape in (COLUMN, MATRIX):
                found.append(_listed)
        if ABSTRACT in self.parts:
            found.append(_abstract)
        if INVERSE in self.parts and shape in (SCALAR, SQUARE):
            found.append(_inverse)
        if NOTATION in self.parts and shape == SCALAR:
            found.append(_partial)
        return [*found, *self.more(shape)]

    def bound(self, dim: Dim) -> tuple[Grower, Index]:
        """A grower within a new index of this length; the name may hide an outer one."""
        index = Index(self.pick(["i", "j", "l"]), dim)
        outer = tuple(i for i in self.scope if i.name != index.name)
        return replace(self, scope=(*outer, index)), index


def _dim(place: Place, default: Dim) -> Dim:
    return place.dim if isinstance(place, Index) else default


def _transposed(e: Expr) -> Expr:
    return Call(linear.transpose, (e,))


def _matmul(*factors: Expr) -> Expr:
    """The matrix product, flat as everywhere."""
    flat: list[Expr] = []
    for f in factors:
        flat += f.args if isinstance(f, Call) and f.op is linear.matmul else (f,)
    return Call(linear.matmul, tuple(flat))


def _operands(g: Grower, shape: Shape, count: int) -> list[Expr]:
    """Operands of an element-wise operation: one of the shape, the others may be scalars."""
    parts = [g.grow(shape)] + [g.grow(g.pick([shape, SCALAR])) for _ in range(count - 1)]
    return g.draw(st.permutations(parts))


def _sum(g: Grower, shape: Shape) -> Expr:
    terms = _operands(g, shape, g.pick([2, 2, 3]))
    return Add(tuple(_negated(t) if g.draw(st.booleans()) else t for t in terms))


def _negated(e: Expr) -> Expr:
    return Mul((MINUS_ONE, e))


def _product(g: Grower, shape: Shape) -> Expr:
    return Mul(tuple(_operands(g, shape, g.pick([2, 2, 3]))))


def _quotient(g: Grower, shape: Shape) -> Expr:
    upper, lower = _operands(g, shape, 2)
    if g.safe:
        lower = Add((ONE, Power(lower, Number(Fraction(2)))))
    elif lower == ZERO:
        lower = Number(Fraction(2))
    under = Power(lower, MINUS_ONE)
    return under if upper == ONE else Mul((upper, under))


def _power(g: Grower, shape: Shape) -> Expr:
    base = g.grow(shape)
    if g.safe:
        return Power(base, Number(Fraction(g.pick([2, 2, 3]))))
    return Power(base, g.pick([*_NUMBERS, g.grow(SCALAR)]))


def _elementwise(g: Grower, shape: Shape) -> Expr:
    if not g.safe and g.draw(st.integers(0, 3)) == 0:
        return Call(elementwise.log, (g.grow(shape),))
    return Call(g.pick(_SMOOTH), (g.grow(shape),))


def _kinked(g: Grower, shape: Shape) -> Expr:
    return Call(g.pick(_KINKED), (g.grow(shape),))


def _branch(g: Grower, shape: Shape) -> Expr:
    if g.draw(st.booleans()):
        return Call(g.pick([elementwise.maximum, elementwise.minimum, GENERIC if not g.safe else elementwise.maximum]),
                    tuple(_operands(g, shape, 2)))  # fmt: skip
    branches = tuple((_comparison(g, g.pick([shape, SCALAR])), g.grow(shape)) for _ in range(g.pick([1, 1, 2])))
    return Cases(branches, g.grow(g.pick([shape, SCALAR])))


def _comparison(g: Grower, shape: Shape) -> Expr:
    return Call(g.pick(_COMPARISONS if not g.safe else _COMPARISONS[:2]), (g.grow(shape), g.grow(shape)))


def _linear_scalar(g: Grower, shape: Shape) -> Expr:
    column = g.pick([COLUMN, COLUMN, Shape((M,))])
    match g.pick(["dot", "sum", "form", "trace"]):
        case "dot":
            return _matmul(_transposed(g.grow(column)), g.grow(column))
        case "sum":
            return Call(linear.sum_, (g.grow(g.pick([column, MATRIX])),))
        case "form":
            return _matmul(_transposed(g.grow(Shape((M,)))), g.grow(MATRIX), g.grow(COLUMN))
        case _:
            return Call(linear.trace, (g.grow(SQUARE),))


def _linear_vector(g: Grower, shape: Shape) -> Expr:
    (dim,) = shape.axes
    ways = ["matvec", "matvec", "twice"] + (["diagonal"] if dim == N else [])
    match g.pick(ways):
        case "matvec":
            inner = N if dim == M else g.pick([N, M])
            return _matmul(g.grow(Shape((dim, inner))) if (dim, inner) != (N, M) else _transposed(g.grow(MATRIX)),
                           g.grow(Shape((inner,))))  # fmt: skip
        case "diagonal":
            return Call(linear.diag, (g.grow(SQUARE),))
        case _:
            return _transposed(_transposed(g.grow(shape)))


def _linear_row(g: Grower, shape: Shape) -> Expr:
    if shape == ROW and g.draw(st.booleans()):
        return _matmul(_transposed(g.grow(Shape((M,)))), g.grow(MATRIX))
    return _transposed(g.grow(Shape(shape.axes)))


def _linear_matrix(g: Grower, shape: Shape) -> Expr:
    rows, columns = shape.axes
    match g.pick(["outer", "product", "transpose", "diagonal"]):
        case "product":
            return _matmul(g.grow(shape), g.grow(Shape((columns, columns)))) if columns == N else g.grow(shape)
        case "transpose" if (columns, rows) in ((N, N), (M, N)):
            return _transposed(g.grow(Shape((columns, rows))))
        case "diagonal" if rows == columns:
            return Call(linear.diag, (g.grow(Shape((rows,))),))
        case _:
            return _matmul(g.grow(Shape((rows,))), _transposed(g.grow(Shape((columns,)))))


_LINEAR_WAYS: dict[tuple[int, bool], Grow] = {
    (0, False): _linear_scalar, (1, False): _linear_vector, (1, True): _linear_row, (2, False): _linear_matrix,
}  # fmt: skip


def _stacked(g: Grower, shape: Shape) -> Expr:
    """A scalar, a vector or a matrix that is made of arrays with an axis of length mn."""
    wide = next((s for s in g.symbols if s.shape == WIDE), None)
    if shape == SCALAR or wide is None:
        total = _matmul(_transposed(_tall(g)), _tall(g))
        return total if shape == SCALAR else Mul((total, g.grow(shape)))
    if shape == COLUMN:
        return _matmul(wide, _tall(g))
    return _matmul(wide, Call(linear.kron, (g.grow(SQUARE), g.grow(Shape((M,))))))


def _tall(g: Grower) -> Expr:
    """A vector of length mn."""
    known: list[Expr] = [s for s in g.symbols if s.shape == TALL]
    pair = g.grow(COLUMN), g.grow(Shape((M,)))
    made: list[Expr] = [Call(linear.vec, (g.grow(MATRIX),)), Call(linear.kron, pair), Call(linear.kron, pair[::-1])]
    return g.pick([*made, *known])


def _formula(g: Grower, shape: Shape) -> Expr:
    if shape.axes:
        return Call(formulas.softmax, (g.grow(shape),))
    op: Op = g.pick([formulas.mean, formulas.logsumexp] + ([] if g.safe else [formulas.norm, formulas.norm1]))
    return Call(op, (g.grow(g.pick([COLUMN, Shape((M,))])),))


def _summed(g: Grower, shape: Shape) -> Expr:
    within, index = g.bound(g.pick([N, SAMPLES, SAMPLES]))
    return Sum(index, within.grow(shape))


def _listed(g: Grower, shape: Shape) -> Expr:
    indices: list[Index] = []
    within = g
    for dim in shape.axes:
        within, index = within.bound(dim)
        if index.name in {i.name for i in indices}:
            return g.grow(shape)
        indices.append(index)
    return Build(tuple(indices), within.grow(SCALAR))


def _abstract(g: Grower, shape: Shape) -> Expr:
    functions = DECLARATIONS.functions
    if shape == Shape((M,)):
        return Call(functions["f"], (g.grow(COLUMN),))
    if shape == MATRIX:
        return Call(functions["f"].derivative(0), (g.grow(COLUMN),))
    if shape == COLUMN and g.draw(st.booleans()):
        return Call(g.pick([functions["k"], functions["k"].derivative(0)]), (g.grow(COLUMN),))
    if shape == SCALAR and g.draw(st.booleans()):
        return Call(functions["q"], (g.grow(COLUMN),))
    if g.draw(st.booleans()):
        return Call(g.pick([functions["g"], functions["g"].derivative(0)]), (g.grow(shape),))
    h = functions["h"]
    return Call(g.pick([h, h.derivative(0), h.derivative(0).derivative(1)]), tuple(_operands(g, shape, 2)))


def _inverse(g: Grower, shape: Shape) -> Expr:
    return Call(opaque.inv if shape.axes else g.pick([opaque.det, opaque.logdet]), (g.grow(SQUARE),))


def _partial(g: Grower, shape: Shape) -> Expr:
    wrt: list[Expr] = [s for s in g.symbols if not s.shape.axes]
    places: tuple[Place, ...] = (*g.scope, 0)
    wrt += [At(s, (i,)) for s in g.symbols for i in places if s.shape.rank == 1 and _dim(i, N) == s.shape.axes[0]]
    return Partial(g.grow(SCALAR), g.pick(wrt))


@st.composite
def expressions(
    draw: st.DrawFn,
    shape: Shape | None = SCALAR,
    *,
    parts: frozenset[str] = DIFFERENTIABLE,
    safe: bool = True,
    depth: int = 3,
    symbols: Sequence[str] = (),
    free: tuple[Index, ...] = (),
    known: Declarations = DECLARATIONS,
    more: Callable[[Shape], Sequence[Grow]] = lambda shape: (),
) -> tuple[Expr, Declarations]:
    """A random expression, and the declarations of what occurs in it.

    Args:
        shape: of the expression; None for any. There are columns and rows of n, columns of m, m by n and n by n.
        parts: the kinds of operation that may occur, beside element-wise ones.
        safe: whether it must have a value everywhere, and, away from kinks, a derivative.
        depth: how many operations may be nested.
        symbols: the names of the variables that may occur; all of DECLARATIONS otherwise. There must be one for
            every shape that is reached: w for columns and rows, a for scalars, A and S for matrices, u for Rᵐ.
        free: indices that may stand free.
        known: the declarations that symbols are taken from.
        more: further ways to make an array of a shape.
    """
    chosen = tuple(s for s in known.symbols.values() if not symbols or s.name in symbols)
    if shape is None:
        shape = draw(st.sampled_from([SCALAR, SCALAR, COLUMN, COLUMN, ROW, Shape((M,)), MATRIX, SQUARE]))
    e = Grower(draw, parts, safe, depth, free, chosen, more).grow(shape)
    return e, declared_by(e, Declarations(indices={i.name: i for i in free}))
