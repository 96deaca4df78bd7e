"""Random trees of every kind of node: the arithmetics agree, and derivatives agree with differences of 1000 bits."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from derivgen.catalog import operation
from derivgen.check.balls import BallField
from derivgen.check.compare import precise
from derivgen.check.evaluate import evaluate
from derivgen.check.evaluator import Evaluator
from derivgen.check.judge import Judge
from derivgen.check.labelled import LabelledArray
from derivgen.check.pool import Pool
from derivgen.check.scope import Names, Scope
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
    Shape,
    Size,
    Sum,
    Symbol,
    bound_indices,
    rename,
    substitute,
)

N = Dim("n")
I, J = Index("i", N), Index("j", N)  # noqa: E741
X, A, C = Symbol("x", Shape((N,))), Symbol("A", Shape((N, N))), Symbol("c")
SMOOTH = ("exp", "sin", "cos", "tanh", "sigmoid", "softplus")
BRANCHING = ("relu", "abs", "sign")


def call(name: str, *args: Expr) -> Expr:
    return Call(operation(name), args)


@st.composite
def trees(draw: st.DrawFn, rank: int = 0, depth: int = 4, smooth: bool = True) -> Expr:
    """A random expression without free indices."""
    if depth == 0:
        small = Number(Fraction(draw(st.integers(-3, 3)), 2))
        return {0: draw(st.sampled_from([C, small, Size(N)])), 1: X, 2: A}[rank]

    def some(r: int) -> Expr:
        return draw(trees(r, depth - 1, smooth))

    def two(r: int) -> tuple[Expr, Expr]:
        left, right = some(r), some(r if draw(st.booleans()) else 0)
        column = left.shape.axes == right.shape.axes and left.shape.row != right.shape.row
        return left, call("transpose", right) if column else right

    kinds = ["add", "mul", "power", "function", "build", "leaf"]
    kinds += {0: ["dot", "at", "sum", "trace", "partial"], 1: ["matvec", "softmax", "diag"], 2: ["outer", "matmul"]}[
        rank
    ]
    if not smooth:
        kinds += ["branch", "cases"]
    match draw(st.sampled_from(kinds)):
        case "add":
            return Add(two(rank))
        case "mul":
            return Mul(two(rank))
        case "power":
            return Power(some(rank), Number(Fraction(draw(st.integers(0, 3)))))
        case "function":
            return call(draw(st.sampled_from(SMOOTH)), Mul((Number(Fraction(1, 4)), some(rank))))
        case "branch":
            return call(draw(st.sampled_from(BRANCHING)), some(rank))
        case "cases":
            return Cases(((call("greater", some(0), C), some(rank)),), some(rank))
        case "build":
            places = (I, J)[:rank]
            body = At(some(rank), places) if rank else some(0)
            body = Mul((body, Add((Position(I), Delta(*places))) if rank == 2 else Position(I))) if rank else body
            return Build(places, body) if rank else body
        case "dot":
            return call("matmul", call("transpose", some(1)), some(1))
        case "at":
            return At(some(2), (0, draw(st.integers(0, 2))))
        case "sum":
            return Sum(J, Mul((At(some(1), (J,)), At(X, (J,)))))
        case "trace":
            return call("trace", some(2))
        case "partial":
            return Partial(some(0), draw(st.sampled_from([C, At(X, (1,))])))
        case "matvec":
            return call("matmul", some(2), some(1))
        case "softmax":
            return call("softmax", Mul((Number(Fraction(1, 4)), some(1))))
        case "diag":
            return call("diag", some(2))
        case "outer":
            return call("matmul", some(1), call("transpose", some(1)))
        case "matmul":
            return call("matmul", some(2), some(2), A)
        case _:
            return draw(trees(rank, 0))


def at_point(e: Expr, point: dict[str, Any]) -> Any:
    """The value in balls."""
    pool = Pool()
    scope = Scope(Names(pool), {"n": 3})
    evaluator = Evaluator(scope, BallField(), lambda s: LabelledArray((), point[s.name]), None)
    return evaluator.value(pool.number(e)).value.data


def random_point(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    each = np.frompyfunc(lambda u: arb(float(u)), 1, 1)
    return {
        "x": each(rng.uniform(-1, 1, 3)),
        "A": each(rng.uniform(-1, 1, (3, 3))),
        "c": arb(float(rng.uniform(-1, 1))),
    }


def moved(point: dict[str, Any], name: str, step: Any) -> dict[str, Any]:
    if name == "c":
        return {**point, "c": point["c"] + step}
    x = point["x"].copy()
    x[1] = x[1] + step
    return {**point, "x": x}


@given(trees(), st.sampled_from([C, At(X, (1,))]), st.integers(0, 100))
@settings(max_examples=150)
def test_derivatives_agree_with_differences(e: Expr, wrt: Expr, seed: int) -> None:
    point = random_point(seed)
    name = "c" if wrt is C else "x"
    with precise(2000):
        h = arb(2) ** -400
        difference = (at_point(e, moved(point, name, h)) - at_point(e, moved(point, name, -h))) / (2 * h)
        ours = at_point(Partial(e, wrt), point)
        apart = abs(difference - ours)
        assert apart <= arb(2) ** -300 * (1 + abs(ours) + abs(at_point(Partial(Partial(e, wrt), wrt), point)) + 10**40)


@given(trees(smooth=False), st.integers(0, 100))
@settings(max_examples=100)
def test_floats_agree_with_balls(e: Expr, seed: int) -> None:
    point = random_point(seed)
    with precise(256):
        ball = at_point(e, point)
    floats = {k: np.frompyfunc(float, 1, 1)(v).astype(float) if k != "c" else float(v) for k, v in point.items()}
    assert np.isclose(float(evaluate(e, {**floats, "n": 3})), float(ball), rtol=1e-6, atol=1e-9) or abs(ball) > 1e12


@given(trees(rank=1, smooth=False, depth=3))
@settings(max_examples=60)
def test_an_expression_equals_itself_written_otherwise(e: Expr) -> None:
    """Entry by entry, with bound indices renamed, with a name put for it: always true; one entry more: always false."""
    k = Index("k", N)
    assert not bound_indices(e) & {k}
    column = call("transpose", e) if e.shape.row else e
    judge = Judge()
    assert judge.agree(Build((k,), At(e, (k,))), column).status != "refuted"
    assert judge.agree(Build((k,), rename(At(e, (I,)), {I: k})), column).status != "refuted"
    v = Symbol("v", column.shape)
    assert judge.agree(call("sum", v), call("sum", e), [Definition(v, column)]).status != "refuted"
    wrong = judge.agree(Add((column, Build((k,), Delta(k, 0)))), column)
    assert wrong.status == "refuted" or judge.agree(column, column).status == "unchecked"


@given(trees(smooth=False, depth=3), trees(depth=2))
@settings(max_examples=60)
def test_a_total_derivative_is_that_of_the_substituted_tree(outer: Expr, inner: Expr) -> None:
    s = Symbol("s")
    body = Mul((outer, s, s))
    wrt = At(X, (1,))
    definition = Definition(s, inner)
    flat = Partial(substitute(body, {"s": inner}), wrt)
    assert Judge().agree(Partial(body, wrt), flat, [definition]).status != "refuted"
