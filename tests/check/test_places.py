"""Places by number on axes of symbolic length, and indices that stand free: derived, computed, drawn, written as code."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import derivgen
from derivgen.check.pattern import ZERO, pattern
from derivgen.errors import CheckError

RNG = np.random.default_rng(7)


def unit(n: int, k: int) -> Any:
    return np.eye(n)[k]


@pytest.mark.parametrize("place", [0, 2, 3, 4, 9])
def test_an_entry_of_a_vector(place: int) -> None:
    d = derivgen.derive(f"x[{place}]", "x", "x in R^n")
    assert d.report is not None
    assert d.report.passed
    x = RNG.normal(size=place + 2)
    assert d.value({"x": x}) == x[place]
    np.testing.assert_array_equal(d.evaluate({"x": x}), unit(place + 2, place))
    found = pattern(d.result)
    assert found.sizes["n"] > place
    assert found.entries[0].tolist() == [int(k == place) for k in range(found.sizes["n"])]


@pytest.mark.parametrize(
    ("expression", "wrt", "where", "shapes"),
    [
        ("X[3, 0]", "X", "X in R^(m*n)", {"X": (5, 6)}),
        ("diag(x)[4, 4]", "x", "x in R^n", {"x": (6,)}),
        ("X.T[5, 2] * x[4]", "X", "X in R^(m*n); x in R^n", {"X": (3, 6), "x": (6,)}),
        ("(x @ x.T)[5]", "x", "x in R^n", {"x": (7,)}),
        ("sum(X[i, 5] * y[i] for i in range(m))", "X", "X in R^(m*n); y in R^m", {"X": (3, 6), "y": (3,)}),
        ("vec(X)[7]", "X", "X in R^(m*n)", {"X": (3, 4)}),
        ("kron(x, x)[11]", "x", "x in R^n", {"x": (4,)}),
        ("[x[0], x[5]]", "x", "x in R^n", {"x": (8,)}),
    ],
)
def test_entries_of_all_kinds(expression: str, wrt: str, where: str, shapes: dict[str, tuple[int, ...]]) -> None:
    """Derivatives by central differences of the value, which are exact here but for rounding."""
    d = derivgen.derive(expression, wrt, where)
    assert d.report is not None
    assert d.report.passed
    point = {name: RNG.normal(size=shape) for name, shape in shapes.items()}
    found = d.evaluate(point)
    for place in np.ndindex(shapes[wrt]):
        step = np.zeros(shapes[wrt])
        step[place] = 1e-3
        ahead, back = (d.value(point | {wrt: point[wrt] + sign * step}) for sign in (1, -1))
        np.testing.assert_allclose(found[(..., *place)], (ahead - back) / 2e-3, atol=1e-9)


@pytest.mark.parametrize("wrt", ["x", "X"])
def test_a_place_that_is_not_there(wrt: str) -> None:
    d = derivgen.derive("x[3] * X[4, 0]", wrt, "x in R^n; X in R^(m*n)", check=False)
    point = {"x": np.ones(3), "X": np.ones((5, 3))}
    for compute in (d.value, d.evaluate):
        with pytest.raises(CheckError, match="place 3 is outside an axis of length 3") as refusal:
            compute(point)
        assert "at least 4" in (refusal.value.hint or "")


A = RNG.normal(size=(3, 4))
FREE = "X in R^(m*n); A in R^(n*p); i in range(m); j in range(p)"


def test_free_indices_have_axes_of_their_own() -> None:
    d = derivgen.derive("(X @ A)[i, j]", "X", FREE)
    assert d.verdict == "verified"
    X = RNG.normal(size=(2, 3))
    np.testing.assert_allclose(d.value({"X": X, "A": A}), X @ A)
    expected = np.einsum("ik,lj->ijkl", np.eye(2), A)
    np.testing.assert_allclose(d.evaluate({"X": X, "A": A}), expected)
    np.testing.assert_allclose(d.evaluate({"X": X, "A": A}, "numerator"), expected.swapaxes(2, 3))


@pytest.mark.parametrize("layout", ["numerator", "denominator", "gradient"])
def test_the_point_gives_a_place(layout: Any) -> None:
    d = derivgen.derive("(X @ A)[i, j]", "X", FREE, layout=layout)
    point: dict[str, Any] = {"X": RNG.normal(size=(2, 3)), "A": A, "i": 1, "j": np.float64(2)}
    assert d.value(point) == pytest.approx((point["X"] @ A)[1, 2])
    np.testing.assert_allclose(d.evaluate(point), np.outer(unit(2, 1), A[:, 2]))
    some = {k: v for k, v in point.items() if k != "i"}
    np.testing.assert_allclose(d.evaluate(some), np.einsum("ik,l->ikl", np.eye(2), A[:, 2]))


@pytest.mark.parametrize("layout", ["tensor", "numerator", "denominator"])
def test_the_shape_does_not_depend_on_the_answer(layout: str) -> None:
    """The derivative has no index left here, the expression has one."""
    d = derivgen.derive("a[j] + sum(x)", "x", "x in R^n; a in R^m; j in range(m)")
    shapes = {"tensor": (2, 3), "numerator": (2, 1, 3), "denominator": (2, 3, 1)}
    np.testing.assert_array_equal(d.evaluate({"x": np.ones(3), "a": np.ones(2)}, layout), np.ones(shapes[layout]))


def test_a_hessian_of_an_entry() -> None:
    d = derivgen.derive("x[j]**2", "x", "x in R^n; j in range(n)", order=2)
    np.testing.assert_array_equal(d.evaluate({"x": np.ones(3)}), 2 * np.einsum("ja,jb->jab", np.eye(3), np.eye(3)))


@pytest.mark.parametrize("place", [3, -1, 1.5, "a", [1], True])
def test_no_place(place: Any) -> None:
    d = derivgen.derive("x[j]", "x", "x in R^n; j in range(n)", check=False)
    with pytest.raises(CheckError, match="the index j is a place of an axis of length 3"):
        d.value({"x": np.ones(3), "j": place})


def test_the_pattern_of_a_free_index_is_that_of_all_its_places() -> None:
    d = derivgen.derive("x[j] * y", "y", "x, y in R^n; j in range(n)")
    entries = pattern(d.result).entries
    assert ((entries == ZERO) == (np.eye(len(entries)) == 0)).all()


def test_code_takes_the_place_of_a_free_index() -> None:
    d = derivgen.derive("(X @ A)[i, j] * (j + 1)", "X", FREE)
    space: dict[str, Any] = {}
    exec(d.to("numpy"), space)
    X = RNG.normal(size=(2, 3))
    found = space["gradient_of_y"](X, A, 1, 2)
    np.testing.assert_allclose(found, 3 * np.outer(unit(2, 1), A[:, 2]))


@pytest.mark.parametrize(
    ("expression", "where", "point", "length"),
    [
        ("kron(eye(N), F) @ z", "F in R^(m*n); z in R^((N*n))", {"F": np.ones((2, 3)), "z": np.ones(12)}, 8),
        ("N * z", "z in R^((3*N))", {"z": np.ones(12)}, 12),
        ("n * z", "z in R^((n*n))", {"z": np.ones(9)}, 9),
        ("sum(ones(N)) * ones(k)", "y in R^n; z in R^((n*N)); t in R^((k*N))",
         {"y": np.ones(2), "z": np.ones(6), "t": np.ones(12)}, 4),
    ],
)  # fmt: skip
def test_lengths_that_follow_by_division(expression: str, where: str, point: dict[str, Any], length: int) -> None:
    d = derivgen.derive(expression, "z", where)
    assert d.verdict == "verified"
    assert d.value(point).shape == (length,)
    assert d.evaluate(point).shape == (length, len(point["z"]))


@pytest.mark.parametrize(
    ("where", "length"), [("F in R^(m*n); z in R^((N*n))", 13), ("F in R^(m*n); z in R^((N*N*n))", 15)]
)
def test_lengths_that_do_not_divide(where: str, length: int) -> None:
    d = derivgen.derive("N * z", "z", where, check=False)
    with pytest.raises(CheckError, match="N follows from no array"):
        d.value({"F": np.ones((2, 3)), "z": np.ones(length)})


@pytest.mark.parametrize("method", ["scalar", "chain"])
@pytest.mark.parametrize(
    ("expression", "wrt"),
    [
        ("sum(norm(X[i] - X[j])**2 for i in range(m) for j in range(m))", "X"),
        ("sum(exp(-norm(X[i] - X[j])**2) for i in range(m) for j in range(m))", "X"),
        ("sum(norm(X[i] - X[j])**3 for i in range(m) for j in range(m))", "X"),
        ("sum(norm(x[i] * y - x[j] * y)**2 for i in range(n) for j in range(n))", "x"),
        ("sum(log(1 + norm(A @ (X[i] - X[j]))**2) for i in range(m) for j in range(m))", "X"),
        ("norm(x - x) + sum(x)", "x"),
    ],
)
def test_a_root_that_stays_zero_does_not_move(expression: str, wrt: str, method: Any) -> None:
    d = derivgen.derive(expression, wrt, "X in R^(m*n); A in R^(k*n); x, y in R^n", method=method)
    assert d.verdict == "verified"
