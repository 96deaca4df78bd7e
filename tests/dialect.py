"""Random expressions over everything that may be written: traits, norms, inverses, losses over rows, functions of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from hypothesis import strategies as st

from derivgen.catalog import elementwise, formulas, linear, opaque
from derivgen.expr import (
    MINUS_ONE,
    ONE,
    ZERO,
    Add,
    At,
    Build,
    Call,
    Cases,
    Dim,
    Expr,
    Index,
    Mul,
    Number,
    Position,
    Power,
    Shape,
    Sum,
)
from derivgen.read import Declarations, declare
from derivgen.read.question import declared_by
from derivgen.read.user_functions import read_own
from tests.strategies import (
    ABSTRACT,
    BRANCHES,
    DIFFERENTIABLE,
    INVERSE,
    SAMPLES,
    SCALAR,
    SQUARE,
    Grow,
    Grower,
    M,
    N,
    expressions,
)

OWN = ("ramp(z) = z*(1 + erf(z/sqrt(2)))/2", "huber(u, c) = where(abs(u) < 1 + c**2, u**2/2, (1 + c**2)*abs(u))")
"""Functions that random expressions use, as a reader defines them."""

DECLARED = read_own(
    OWN,
    declare(
        "a, b in R; c in R, c > 0; w, x, y in R^n; z in R^n, z > 0; p in Simplex(n); u, v in R^m; A, B in R^(m*n);"
        "S, T in R^(n*n); C in Sym(n); P in PD(n); D in Diag(n); X in R^(N*n); t in R^N;"
        "f: R^n -> R^m; g: R -> R elementwise; h: R, R -> R elementwise; k: R^n -> R^n elementwise; q: R^n -> R"
    ),
)
"""What they are made of."""

PARTS = DIFFERENTIABLE | {BRANCHES, ABSTRACT, INVERSE}
HALF, TWO = Number(Fraction(1, 2)), Number(Fraction(2))


@st.composite
def questions(draw: st.DrawFn) -> tuple[Expr, Declarations]:
    """An expression of any kind, safe or not, with its declarations."""
    shape = draw(st.sampled_from([SCALAR] * 4 + [Shape((N,))] * 3 + [Shape((N,), row=True), Shape((M,)), Shape((SAMPLES,)),
                                                                   Shape((M, N)), SQUARE]))  # fmt: skip
    safe = draw(st.sampled_from([True, True, True, False]))
    made = expressions(shape, parts=frozenset(PARTS), safe=safe, known=DECLARED, more=ways)
    e, _ = draw(made)
    if shape == SCALAR and draw(st.integers(0, 9)) == 0:
        e = Call(opaque.stack, (e, draw(made)[0]))
    return e, declared_by(e, Declarations(user_functions=DECLARED.user_functions))


def ways(shape: Shape) -> Sequence[Grow]:
    """What the plain strategy does not make."""
    match shape.rank, shape.row:
        case 0, _:
            return (_entry, _norm, _extreme, _volume, _trace, _loss, _own, _power, _logarithm, _entropy)
        case 1, False if shape.axes == (N,):
            return (_solved, _row, _cumulated, _own, _power, _logarithm, _normalised, _masked)
        case 1, False if shape.axes == (SAMPLES,):
            return (_rows_times, _own, _logarithm)
        case 2, _ if shape == SQUARE:
            return (_gram, _own, _powers)
        case _:
            return (_own,)


def _rooted(e: Expr) -> Expr:
    """1 + e², so that it has a root, a logarithm and a quotient."""
    return Add((ONE, Power(e, TWO)))


def _dot(left: Expr, right: Expr) -> Expr:
    return Call(linear.matmul, (Call(linear.transpose, (left,)), right))


def _minus(left: Expr, right: Expr) -> Expr:
    return Add((left, Mul((MINUS_ONE, right))))


def _positive(g: Grower) -> Expr:
    """A matrix that is positive definite."""
    p = next(s for s in g.symbols if s.name == "P")
    a = next(s for s in g.symbols if s.name == "A")
    gram = Call(linear.matmul, (Call(linear.transpose, (a,)), a))
    return g.pick([p, p, Add((gram, p)), Add((gram, Call(opaque.eye, (), (N,))))])


def _entry(g: Grower, shape: Shape) -> Expr:
    array = g.pick([s for s in g.symbols if s.shape.rank])
    return At(array, tuple(g.pick([0, 1]) for _ in array.shape.axes))


def _row(g: Grower, shape: Shape) -> Expr:
    array = g.pick([s for s in g.symbols if s.shape.rank == 2 and s.shape.axes[1] == N])
    return At(array, (g.pick([0, 1]),))


def _norm(g: Grower, shape: Shape) -> Expr:
    inner = g.grow(g.pick([Shape((N,)), Shape((M,)), Shape((M, N))]))
    if inner.shape.rank == 1 and g.draw(st.integers(0, 3)) == 0:
        return Call(formulas.norm1, (inner,))
    length = Call(formulas.norm, (inner,))
    return g.pick([length, Power(length, TWO), Power(_rooted(length), HALF)])


def _normalised(g: Grower, shape: Shape) -> Expr:
    inner = g.grow(shape)
    return Mul((inner, Power(Call(formulas.norm, (inner,)), MINUS_ONE)))


def _extreme(g: Grower, shape: Shape) -> Expr:
    return Call(g.pick([opaque.largest, opaque.smallest]), (g.grow(g.pick([Shape((N,)), Shape((M, N))])),))


def _volume(g: Grower, shape: Shape) -> Expr:
    return Call(g.pick([opaque.logdet, opaque.det]), (_positive(g),))


def _solved(g: Grower, shape: Shape) -> Expr:
    return Call(linear.matmul, (Call(opaque.inv, (_positive(g),)), g.grow(shape)))


def _trace(g: Grower, shape: Shape) -> Expr:
    one = g.grow(Shape((M, N)))
    inner = Call(linear.matmul, (Call(linear.transpose, (one,)), g.grow(Shape((M, N)))))
    return Call(linear.trace, (inner,))


def _loss(g: Grower, shape: Shape) -> Expr:
    """A mean over the rows of X."""
    within, i = g.bound(SAMPLES)
    x, t = (next(s for s in g.symbols if s.name == n) for n in "Xt")
    score = Add((_dot(g.grow(Shape((N,))), At(x, (i,))), g.pick([s for s in g.symbols if not s.shape.axes])))
    residue = _minus(
        At(t, (i,)), g.pick([score, Call(elementwise.sigmoid, (score,)), Call(elementwise.relu, (score,))])
    )
    term = g.pick([Power(residue, TWO), Call(elementwise.softplus, (Mul((MINUS_ONE, At(t, (i,)), score)),)),
                   Call(elementwise.absolute, (residue,)), Mul((At(t, (i,)), within.grow(SCALAR)))])  # fmt: skip
    total = Sum(i, term)
    return g.pick([total, Mul((total, Power(formulas.size(SAMPLES), MINUS_ONE)))])


def _rows_times(g: Grower, shape: Shape) -> Expr:
    x = next(s for s in g.symbols if s.name == "X")
    return Call(linear.matmul, (x, g.grow(Shape((N,)))))


def _own(g: Grower, shape: Shape) -> Expr:
    ramp, huber = DECLARED.user_functions.values()
    return g.pick([Call(ramp, (g.grow(shape),)), Call(huber, (g.grow(shape), g.leaf(SCALAR)))])


def _power(g: Grower, shape: Shape) -> Expr:
    base = _rooted(g.grow(shape))
    exponent = g.pick([HALF, Number(Fraction(-3, 2)), *(s for s in g.symbols if not s.shape.axes), g.leaf(shape)])
    return g.pick([Power(base, exponent), Power(TWO, g.grow(shape))])


def _logarithm(g: Grower, shape: Shape) -> Expr:
    return Call(elementwise.log, (_rooted(g.grow(shape)),))


def _entropy(g: Grower, shape: Shape) -> Expr:
    p, z = (next(s for s in g.symbols if s.name == n) for n in "pz")
    chances = g.pick([p, z, Call(formulas.softmax, (g.grow(Shape((N,))),))])
    weights = g.pick([p, chances, g.grow(Shape((N,)))])
    return Mul((MINUS_ONE, _dot(weights, Call(elementwise.log, (chances,)))))


def _cumulated(g: Grower, shape: Shape) -> Expr:
    i, j = Index("i", N), Index("j", N)
    inner = g.leaf(shape)
    text_i, text_j = (Add((Position(k), MINUS_ONE)) for k in (i, j))
    upto = Call(g.pick([elementwise.less_equal, elementwise.less]), (text_j, text_i))
    if inner.free:
        return inner
    term = At(inner, (j,))
    return Build((i,), Sum(j, g.pick([Mul((upto, term)), Mul((term, upto)), Cases(((upto, term),), ZERO)])))


def _masked(g: Grower, shape: Shape) -> Expr:
    return Cases(((Call(elementwise.greater, (g.leaf(shape), ZERO)), g.grow(shape)),), g.grow(g.pick([shape, SCALAR])))


def _gram(g: Grower, shape: Shape) -> Expr:
    a = g.grow(Shape((M, N)))
    return Call(linear.matmul, (Call(linear.transpose, (a,)), a))


def _powers(g: Grower, shape: Shape) -> Expr:
    if g.draw(st.integers(0, 3)) == 0:
        return Call(opaque.softmax_rows, (g.grow(shape),))
    s = g.pick([s for s in g.symbols if s.shape == SQUARE])
    return g.pick([Call(linear.matmul, (s, s)), Call(linear.matmul, (s, s, s)), Call(opaque.inv, (_positive(g),))])


__all__ = ["DECLARED", "OWN", "Dim", "questions"]
