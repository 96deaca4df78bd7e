"""The numeric evaluator against closed forms written in NumPy, and what it says of points that do not fit."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from derivgen.catalog import operation
from derivgen.check.evaluate import evaluate
from derivgen.errors import CheckError, ShapeError
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
)
from derivgen.read import parse_text

N = Dim("n")
I, J = Index("i", N), Index("j", N)  # noqa: E741
X = Symbol("x", Shape((N,)))

SPACES = "x, y in R^n; u in R^m; A in R^(m*n); B in R^(n*n); c in R"


@pytest.fixture
def point() -> dict[str, Any]:
    rng = np.random.default_rng(1)
    return {
        "x": rng.normal(size=4), "y": rng.uniform(0.5, 2, size=4), "u": rng.normal(size=3),
        "A": rng.normal(size=(3, 4)), "B": rng.normal(size=(4, 4)), "c": 0.7,
    }  # fmt: skip


def softmax(v: Any) -> Any:
    e = np.exp(v - v.max())
    return e / e.sum()


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("x * y - c", lambda x, y, c, **_: x * y - c),
        ("x / y**2", lambda x, y, **_: x / y**2),
        ("y**x", lambda x, y, **_: y**x),
        ("x**3", lambda x, **_: x**3),
        ("sqrt(y)", lambda y, **_: np.sqrt(y)),
        ("dot(x, y) + x @ y", lambda x, y, **_: 2 * (x @ y)),
        ("A @ x", lambda A, x, **_: A @ x),
        ("u.T @ A", lambda A, u, **_: u @ A),
        ("u.T @ A @ B @ x", lambda A, B, u, x, **_: u @ A @ B @ x),
        ("outer(u, x)", lambda u, x, **_: np.outer(u, x)),
        ("x @ y.T @ B", lambda x, y, B, **_: np.outer(x, y) @ B),
        ("A @ A.T", lambda A, **_: A @ A.T),
        ("diag(x) @ B", lambda x, B, **_: np.diag(x) @ B),
        ("diag(B)", lambda B, **_: np.diag(B)),
        ("trace(B @ B)", lambda B, **_: np.trace(B @ B)),
        ("sum(A)", lambda A, **_: A.sum()),
        ("mean(A)", lambda A, **_: A.mean()),
        ("eye(n) + ones(n) @ zeros(n).T", lambda **_: np.eye(4)),
        ("max(x)", lambda x, **_: x.max()),
        ("min(A)", lambda A, **_: A.min()),
        ("max(x, y)", lambda x, y, **_: np.maximum(x, y)),
        ("minimum(x, c)", lambda x, c, **_: np.minimum(x, c)),
        ("relu(x) + abs(x) + sign(x)", lambda x, **_: np.maximum(x, 0) + np.abs(x) + np.sign(x)),
        ("where(x > y, x, c)", lambda x, y, c, **_: np.where(x > y, x, c)),
        ("where(c > 1, x, y)", lambda y, **_: y),
        ("(x >= y) + (x < c)", lambda x, y, c, **_: 1.0 * (x >= y) + 1.0 * (x < c)),
        ("sin(x) * cos(x) + tan(x)", lambda x, **_: np.sin(x) * np.cos(x) + np.tan(x)),
        ("tanh(x) + sigmoid(x)", lambda x, **_: np.tanh(x) + 1 / (1 + np.exp(-x))),
        ("softplus(x) + exp(x) * log(y)", lambda x, y, **_: np.log1p(np.exp(x)) + np.exp(x) * np.log(y)),
        ("softmax(A @ x)", lambda A, x, **_: softmax(A @ x)),
        ("logsumexp(x)", lambda x, **_: np.log(np.exp(x).sum())),
        ("norm(x) + norm(x, 1) + norm(A)", lambda x, A, **_: np.linalg.norm(x) + np.abs(x).sum() + np.linalg.norm(A)),
        ("inv(B)", lambda B, **_: np.linalg.inv(B)),
        ("det(B)", lambda B, **_: np.linalg.det(B)),
        ("logdet(B @ B.T)", lambda B, **_: np.linalg.slogdet(B @ B.T)[1]),
        ("[c, c**2]", lambda c, **_: np.array([c, c**2])),
        ("[[c, 1], [2, c**2]]", lambda c, **_: np.array([[c, 1], [2, c**2]])),
        ("A[1]", lambda A, **_: A[1]),
        ("A[1, 2] * x[0]", lambda A, x, **_: A[1, 2] * x[0]),
        ("sum(A[i] for i in range(m))", lambda A, **_: A.sum(axis=0)),
        ("sum(B[i, i] * x[i] for i in range(n))", lambda B, x, **_: (np.diag(B) * x).sum()),
        ("sum(c for i in range(m)) / m", lambda c, **_: c),
    ],
)
def test_value_is_that_of_numpy(text: str, closed: Callable[..., Any], point: dict[str, Any]) -> None:
    value = evaluate(parse_text(text, SPACES), {**point, "m": 3, "n": 4})
    assert value.dtype == float
    assert value == pytest.approx(closed(**point), rel=1e-12, abs=1e-13)
    assert value.shape == np.shape(closed(**point))


def test_entries_are_read_and_made_in_any_order(point: dict[str, Any]) -> None:
    b = Symbol("B", Shape((N, N)))
    turned = Build((J, I), At(b, (I, J)))
    assert evaluate(turned, point) == pytest.approx(point["B"].T)
    diagonal = Build((I,), At(b, (I, I)))
    assert evaluate(diagonal, point) == pytest.approx(np.diag(point["B"]))
    second_column = Build((I,), At(b, (I, 1)))
    assert evaluate(second_column, point) == pytest.approx(point["B"][:, 1])
    constant_rows = Build((I, J), At(X, (J,)))
    assert evaluate(constant_rows, point) == pytest.approx(np.tile(point["x"], (4, 1)))


def test_free_indices_are_axes_in_the_order_of_their_names(point: dict[str, Any]) -> None:
    b = Symbol("B", Shape((N, N)))
    assert evaluate(At(b, (J, I)), point) == pytest.approx(point["B"].T)
    assert evaluate(Mul((At(X, (J,)), Position(I))), point) == pytest.approx(np.outer(np.arange(1, 5), point["x"]))
    assert evaluate(At(b, (I,)), point) == pytest.approx(point["B"])


def test_indices_that_are_bound_twice_do_not_meet() -> None:
    inner = Sum(I, At(X, (I,)))
    assert evaluate(Sum(I, Mul((At(X, (I,)), inner))), {"x": [1, 2, 3]}) == pytest.approx(36)


def test_delta_position_and_size() -> None:
    at = {"x": [5, 6, 7]}
    assert evaluate(Build((I, J), Delta(I, J)), at | {"n": 3}) == pytest.approx(np.eye(3))
    assert evaluate(Sum(I, Mul((Delta(I, 1), At(X, (I,))))), at) == 6
    assert evaluate(Delta(2, 2), {}) == 1
    assert evaluate(Delta(2, 1), {}) == 0
    assert evaluate(Sum(I, Position(I)), {"n": 3}) == 6
    assert evaluate(Mul((Size(N), Sum(I, At(X, (I,))))), at) == 54


def test_the_first_case_that_holds_counts() -> None:
    c = Symbol("c")
    large = Call(operation("greater"), (c, Number(Fraction(2))))
    e = Cases(((large, Number(Fraction(10))), (c, c)), Number(Fraction(7)))
    assert [float(evaluate(e, {"c": v})) for v in (3, 1, 0, -1)] == [10, 1, 7, -1]


def test_a_case_that_is_not_taken_may_have_no_value() -> None:
    e = parse_text("where(x > 0, log(x), 0)", "x in R^n")
    assert evaluate(e, {"x": [1, -1, np.e]}) == pytest.approx([0, 0, 1])


@pytest.mark.parametrize("given", [[1, 2, 3], [[1], [2], [3]], [[1, 2, 3]], np.array([1.0, 2, 3])])
def test_vectors_come_as_lists_columns_or_rows(given: Any) -> None:
    assert evaluate(parse_text("2 * x", "x in R^n"), {"x": given}) == pytest.approx([2, 4, 6])


def test_names_that_are_not_needed_are_passed_over() -> None:
    assert evaluate(parse_text("c", "c in R"), {"c": 2, "d": "nonsense"}) == 2


@pytest.mark.parametrize(
    ("text", "point", "error", "says"),
    [
        ("x + y", {}, CheckError, "x, y"),
        ("x + y", {"y": [1, 2]}, CheckError, "no value for x"),
        ("x + y", {"x": [1, 2], "y": [1, 2, 3]}, ShapeError, "n is 2 by x, but 3 by y"),
        ("A @ x", {"x": [1, 2], "A": [[1, 2, 3]]}, ShapeError, "n is"),
        ("A @ x", {"x": [1, 2], "A": [1, 2]}, ShapeError, "A is declared m×n, but its value is 2"),
        ("c * x", {"x": [1, 2], "c": [1, 2]}, ShapeError, "c is declared scalar"),
        ("p + 1", {"p": [1, 2]}, ShapeError, "p is declared 3×1 column"),
        ("ones(m)", {"x": [1]}, CheckError, "length m"),
        ("ones(m)", {"m": 2.5}, CheckError, "length m"),
        ("x", {"x": "abc"}, CheckError, "x is not an array"),
        ("f(x)", {"x": [1]}, CheckError, "f is only declared"),
    ],
)
def test_a_point_that_does_not_fit_is_refused(text: str, point: Any, error: type[Exception], says: str) -> None:
    e = parse_text(text, SPACES + "; p in R^3; f: R^n -> R")
    with pytest.raises(error, match=says):
        evaluate(e, point)


def test_large_arguments_neither_overflow_nor_warn() -> None:
    u = np.array([-1e4, -700.0, -30, 0, 30, 700, 1e4])
    at = {"x": u}
    with warnings.catch_warnings():
        warnings.simplefilter("error")

        def value(text: str) -> Any:
            return evaluate(parse_text(text, "x in R^n"), at)

        expected = [0, np.exp(-700), 1 / (1 + np.exp(30)), 0.5, 1, 1, 1]
        assert value("sigmoid(x)") == pytest.approx(expected, rel=1e-12, abs=1e-300)
        assert value("tanh(x)") == pytest.approx(np.tanh(u))
        assert value("softplus(x)") == pytest.approx(np.logaddexp(0, u))
        assert value("softmax(x)") == pytest.approx([0, 0, 0, 0, 0, 0, 1])
        assert value("logsumexp(x)") == pytest.approx(1e4)
        assert np.isnan(value("log(x)")[:3]).all()
        assert value("log(x)")[3] == -np.inf
        slope = value("[partial(sigmoid(x[i]) + tanh(x[i]) + softplus(x[i]), x[i]) for i in range(n)]")
        assert slope == pytest.approx([0, 0, 1 / (1 + np.exp(30)), 1.75, 1, 1, 1], abs=1e-12)


def test_tanh_is_right_near_zero() -> None:
    assert float(evaluate(parse_text("tanh(c)", "c in R"), {"c": 1e-9})) == pytest.approx(1e-9, rel=1e-15)


def test_a_declared_function_takes_its_value_from_python() -> None:
    spaces = "x in R^n; c in R; f: R^n -> R^m; g: R -> R elementwise"
    at = {"x": [1, 2, 3], "c": 2, "f": lambda v: np.array([v.sum(), v.prod()]), "g": abs}
    assert evaluate(parse_text("c * f(x)", spaces), at) == pytest.approx([12, 12])
    assert evaluate(parse_text("g(-x)", spaces), at) == pytest.approx([1, 2, 3])
    with pytest.raises(CheckError, match="derivative of g"):
        evaluate(parse_text("partial(g(c), c)", spaces), at)
    with pytest.raises(CheckError, match="derivative of g"):
        evaluate(parse_text("D(g)(x)", spaces), at)


def defined(text: str, spaces: str, **values: str) -> tuple[Expr, list[Definition]]:
    """An expression in names that stand for other expressions."""
    definitions = []
    for name, value in values.items():
        body = parse_text(value, spaces)
        definitions.append(Definition(Symbol(name, body.shape), body))
        axes = "*".join(map(str, body.shape.axes))
        spaces += f"; {name} in R" + (f"^({axes})" if axes else "")
    return parse_text(text, spaces), definitions


def test_defined_names_stand_for_their_values() -> None:
    e, names = defined("s + w[0]", "w, x in R^n", u="w * x", s="sum(u)")
    assert evaluate(e, {"w": [1, 2], "x": [3, 4]}, names) == 12


def test_a_definition_by_itself_is_refused() -> None:
    u = Symbol("u")
    with pytest.raises(CheckError, match="u is defined by itself"):
        evaluate(u, {}, [Definition(u, Add((u, Number(Fraction(1)))))])


def test_shared_parts_are_computed_once() -> None:
    e: Expr = Symbol("c")
    for _ in range(400):
        e = Add((e, e))
    assert evaluate(e, {"c": 1}) == 2.0**400


def test_deep_nesting_is_no_problem() -> None:
    e: Expr = Symbol("c")
    for _ in range(2000):
        e = Add((Power(e, Number(Fraction(1))), Number(Fraction(1))))
    assert evaluate(e, {"c": 0}) == 2000
    assert evaluate(Partial(e, Symbol("c")), {"c": 0}) == 1


def test_a_chain_of_a_hundred_layers() -> None:
    rng = np.random.default_rng(3)
    weights = [rng.normal(size=(4, 4)) * 0.7 for _ in range(100)]
    h: Expr = X
    value, jacobian = rng.normal(size=4), np.eye(4)
    at = {"x": value} | {f"W{k}": w for k, w in enumerate(weights)}
    for k, w in enumerate(weights):
        h = Call(operation("tanh"), (Call(operation("matmul"), (Symbol(f"W{k}", Shape((N, N))), h)),))
        value = np.tanh(w @ value)
        jacobian = np.diag(1 - value**2) @ w @ jacobian
    assert evaluate(h, at) == pytest.approx(value)
    whole = Build((I, J), Partial(At(h, (I,)), At(X, (J,))))
    assert evaluate(whole, at) == pytest.approx(jacobian, rel=1e-10, abs=1e-14 * np.abs(jacobian).max())


def test_one_entry_without_a_value_leaves_the_others() -> None:
    found = evaluate(parse_text("diag(sqrt(x)) + 0 * diag(x)", SPACES), {"x": np.array([4.0, -1.0])})
    np.testing.assert_array_equal(found, [[2.0, 0.0], [0.0, np.nan]])


def test_what_cancels_beyond_the_range_of_floats_is_zero() -> None:
    e = parse_text("x * exp(c * y) / sum(exp(c * y)) - x * softmax(c * y)", SPACES)
    point = {"x": np.ones(3), "y": np.array([1.0, 2.0, 3.0]), "c": 1e4}
    np.testing.assert_array_equal(evaluate(e, point), np.zeros(3))
