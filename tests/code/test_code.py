"""The code that is written runs, and gives what the derivation gives, in every library that is installed."""

from __future__ import annotations

import importlib
import importlib.util
import json
from collections.abc import Callable
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import derivgen
from derivgen.catalog.opaque import inv
from derivgen.errors import DerivgenError, NoRule
from derivgen.expr import Call, Dim, Expr, walk
from derivgen.expr.text import text
from derivgen.options import Layout
from tests.strategies import BRANCHES, DIFFERENTIABLE, INVERSE, expressions

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "data" / "cases.json").read_text(encoding="utf-8")
)
INSTALLED = [name for name in ("numpy", "jax", "torch") if importlib.util.find_spec(name)]
"""NumPy always; JAX and PyTorch are no dependencies of the tests, and are run where they happen to be."""

SIZES = {"n": 3, "m": 4, "N": 5, "k": 2}


def function(d: derivgen.Derivation, library: str = "numpy", *, raw: bool = False) -> Callable[..., Any]:
    """The function that the code defines, called with arrays by name; it gives a NumPy array, or ``raw`` its own."""
    source = d.to(library)
    space: dict[str, Any] = {}
    exec(compile(source, "<code>", "exec"), space)
    name = next(line for line in source.split("\n") if line.startswith("def ")).removeprefix("def ").partition("(")[0]
    convert = _converter(library)

    def called(**point: Any) -> Any:
        wanted = space[name].__code__.co_varnames[: space[name].__code__.co_argcount]
        found = {k: v for k, v in point.items() if k in wanted}
        with np.errstate(all="ignore"):
            value = space[name](**{k: convert(v) if isinstance(v, np.ndarray) else v for k, v in found.items()})
        return value if raw else np.asarray(value)

    return called


def _converter(library: str) -> Callable[[Any], Any]:
    if library == "jax":
        importlib.import_module("jax").config.update("jax_enable_x64", True)
    if library == "torch":
        from_numpy: Callable[[Any], Any] = importlib.import_module("torch").from_numpy
        return lambda array: from_numpy(np.array(array, dtype=float))
    return lambda array: array


def at_hand(case: dict[str, Any]) -> dict[str, Any]:
    sizes: dict[str, Any] = case["dims"]
    return {name: np.array(value, dtype=float) for name, value in case["point"].items()} | sizes


@pytest.mark.parametrize("library", INSTALLED)
@pytest.mark.parametrize("method", ["scalar", "chain"])
@pytest.mark.parametrize("case", [pytest.param(c, id=c["id"]) for c in CASES])
def test_the_corpus(case: dict[str, Any], method: Any, library: str) -> None:
    layouts: tuple[Layout, ...] = ("numerator", "denominator", "gradient")
    for layout in layouts if library == "numpy" else layouts[:1]:
        d = derivgen.derive(case["text"], case["wrt"], case["where"], order=case["order"], method=method,
                            layout=layout, check=False)  # fmt: skip
        found = function(d, library)(**at_hand(case))
        expected = d.evaluate(at_hand(case))
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(found, np.array(case["jacobian"]), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("library", INSTALLED)
@given(data=st.data())
def test_random_expressions(library: str, data: st.DataObject) -> None:
    parts = data.draw(st.sampled_from([DIFFERENTIABLE, DIFFERENTIABLE | {BRANCHES}, DIFFERENTIABLE | {INVERSE}]))
    e, declarations = data.draw(expressions(parts=parts))
    if not declarations.symbols:
        return
    name = data.draw(st.sampled_from(list(declarations.symbols)))
    draw = np.random.default_rng(data.draw(st.integers(0, 1 << 32)))
    try:
        d = derivgen.derive(
            e, name, str(declarations), check=False, method=data.draw(st.sampled_from(["auto", "scalar"]))
        )
    except NoRule:
        return
    point = _point(draw, declarations.symbols)
    expected = d.evaluate(point)
    if not np.isfinite(expected).all() or np.abs(expected).max(initial=0) > 1e12:
        return
    try:
        found = function(d, library)(**point)
    except (np.linalg.LinAlgError, RuntimeError) as refusal:
        assert "ingular" in str(refusal)  # noqa: PT017 - rounding alone gave it an inverse
        return
    if library == "jax" and _singular(d.result, point):  # of which it says nothing
        return
    assert found.shape == expected.shape, d.to(library)
    scale = np.abs(expected).max(initial=1)
    # an inverse of what is nearly singular magnifies rounding: by how much, points next to this one tell
    near = [d.evaluate({k: v * (1 + k2 * 1e-13 * draw.normal(size=np.shape(v))) if k not in SIZES else v for k, v in point.items()})
            for k2 in (1, -1, 2)]  # fmt: skip
    noise = max(float(np.nanmax(np.abs(one - expected), initial=0)) for one in near)
    if np.isfinite(found).all() or not _overflows(d.result, point):
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8 * scale + 100 * noise,
                                   err_msg=f"{text(e)}\n{d.to(library)}")  # fmt: skip


def _point(draw: np.random.Generator, symbols: Any) -> dict[str, Any]:
    arrays = {s.name: draw.normal(size=[_length(n) for n in s.shape.axes]) for s in symbols.values()}
    return arrays | SIZES


def _length(dim: Dim) -> int:
    return prod(f if isinstance(f, int) else SIZES[f] for f in dim.factors)


def _singular(e: Expr, point: dict[str, Any]) -> bool:
    """Whether a matrix is inverted that rounding alone gives an inverse."""
    from derivgen.check.evaluate import evaluate

    inverted = [part.args[0] for part in walk(e) if isinstance(part, Call) and part.op is inv and not part.free]
    return any(np.linalg.cond(evaluate(a, point)) > 1e14 for a in inverted)


def _overflows(e: Expr, point: dict[str, Any]) -> bool:
    """Whether a part of the answer leaves the floats, so that only the judge's numbers get past it."""
    from derivgen.check.evaluate import evaluate

    for part in walk(e):
        if not part.free:
            value = evaluate(part, point)
            if not np.isfinite(value).all() or np.abs(value).max(initial=0) > 1e150:
                return True
    return False


# --- what it looks like ----------------------------------------------------------------------------------------------


def body(source: str) -> list[str]:
    """The statements of the first function, those that read its arguments left out."""
    after = source.split('"""', 2)[2].split("\n\n\n")[0]
    return [line.strip() for line in after.split("\n") if line.strip() and "asarray" not in line]


READINGS = (
    ("max(0, w.T @ x + b)", "w", "w, x in R^n; b in R", ["return np.where(w @ x + b > 0, x, 0)"]),
    ("diag(u) @ A @ x", "x", "u in R^m; A in R^(m*n); x in R^n", ["return u[:, None] * A"]),
    ("softmax(W @ x)", "x", "W in R^(m*n); x in R^n",
     ["s = _softmax(W @ x)", "return (np.diag(s) - np.outer(s, s)) @ W"]),
    ("norm(y - exp(X @ w))**2", "w", "y in R^m; X in R^(m*n); w in R^n",
     ["t1 = np.exp(X @ w)", "return 2 * (((t1 - y) * t1) @ X)"]),
    ("y.T @ inv(S) @ x", "x", "x, y in R^n; S in R^(n*n)", ["return np.linalg.solve(S.T, y)"]),
    ("X @ w", "X", "X in R^(m*n); w in R^n", ["m = X.shape[0]", 'return np.einsum("ab,c->abc", np.eye(m), w)']),
    ("log(sum(exp(x)))", "x", "x in R^n", ["return _softmax(x)"]),
)  # fmt: skip


@pytest.mark.parametrize(("expression", "wrt", "where", "expected"), READINGS)
def test_readings(expression: str, wrt: str, where: str, expected: list[str]) -> None:
    assert body(derivgen.derive(expression, wrt, where, check=False).to("numpy")) == expected


def test_a_sum_over_samples_is_a_sum() -> None:
    where = "w in R^n; b in R; X in R^(N*n); y in R^N"
    source = derivgen.derive("1/N * sum((y[i] - max(0, w @ X[i] + b))**2 for i in range(N))", "w", where).to("numpy")
    assert "for i in range(N))" in source
    assert source.count("w @ X[i]") == 1 + source.split('"""')[1].count("w @ X[i]")


def test_docstring_says_shapes_formula_and_conditions() -> None:
    source = derivgen.derive("norm(A @ x)", "x", "A in R^(m*n); x in R^n", check=False).to("numpy")
    for said in ("The gradient of y with respect to x", "y = norm(A @ x)", "A: an array of shape (m, n)",
                 "an array of shape (n,). It has the shape of x.", "There may be no derivative where norm(A @ x) == 0."):  # fmt: skip
        assert said in source


def test_no_name_shadows_what_the_code_uses() -> None:
    where = "lambda, np, sum, range, float, t1 in R; x, exp_ in R^n"
    d = derivgen.derive("lambda * np * sum * range * float * t1 * sum(exp(x) * exp_)", "x", where, check=False)
    source = d.to("numpy")
    assert "def gradient_of_y(lambda_, np_, sum_, range_, float_, t1, x, exp_):" in source
    point: dict[str, Any] = {"lambda": 2.0, "np": 3.0, "sum": 0.5, "range": 1.5, "float": -1.0, "t1": 0.25,
             "x": np.array([0.1, -0.4]), "exp_": np.array([1.0, 2.0])}  # fmt: skip
    called = {k + "_" * (k not in ("t1", "x", "exp_")): v for k, v in point.items()}
    np.testing.assert_allclose(function(d)(**called), d.evaluate(point))


def test_declared_functions_are_arguments() -> None:
    d = derivgen.derive("g(f(x))", "x", "x in R^n; f: R^n -> R^m; g: R^m -> R^k", check=False)
    a, b = np.arange(6.0).reshape(2, 3), np.arange(8.0).reshape(4, 2)
    found = function(d)(x=np.ones(3), f=lambda x: a @ x, D_f=lambda x: a, D_g=lambda u: b * u)
    np.testing.assert_allclose(found, (b * a.sum(axis=1)) @ a)
    assert "D_g: the derivative by argument 1 of the function g: R^m -> R^k" in d.to("numpy")


def test_lengths_that_no_array_fixes_are_arguments() -> None:
    d = derivgen.derive("sum(a * i for i in range(K))", "a", "a in R; t in R^K", check=False)
    assert function(d)(a=1.0, K=4) == 6


def test_several_derivations_are_one_module() -> None:
    from derivgen.show import render_all

    ds = derivgen.derive("sum(sigmoid(w * x))", ["w", "x"], "w, x in R^n", check=False)
    space: dict[str, Any] = {}
    source = render_all(ds, "numpy")
    assert isinstance(source, str)
    exec(source, space)
    assert source.count("import numpy") == source.count("def _sigmoid") == 1
    point = {"w": np.array([0.3, -700.0]), "x": np.array([2.0, 3.0])}
    for d, name in zip(ds, ("gradient_of_y_by_w", "gradient_of_y_by_x"), strict=True):
        np.testing.assert_allclose(space[name](**point), d.evaluate(point), atol=1e-300)


def test_no_overflow() -> None:
    x = np.array([800.0, -900.0, 3.0])
    for expression in ("sum(softplus(x))", "logsumexp(x)", "sum(softmax(x)**2)", "sum(sigmoid(x))"):
        assert np.isfinite(function(derivgen.derive(expression, "x", "x in R^n", check=False))(x=x)).all()


@pytest.mark.parametrize("library", INSTALLED)
@pytest.mark.parametrize(
    ("expression", "wrt", "order"),
    [
        ("logsumexp(X)", "X", 1),
        ("logsumexp(a * X)", "a", 1),
        ("logsumexp(a * X)", "a", 2),
        ("a * logsumexp(X)", "a", 1),
        ("a * log(sum(exp(X)))", "a", 1),
        ("logsumexp(X)**2", "X", 1),
        ("logsumexp(X @ Y)", "X", 1),
        ("logsumexp(X @ Y)", "Y", 1),
        ("logsumexp(x @ x.T)", "x", 1),
        ("logsumexp(x @ x.T)", "x", 2),
        ("sum(X * exp(X)) / sum(exp(X))", "X", 1),
        ("x * exp(x) / sum(exp(x))", "x", 1),
        ("u.T @ exp(X) / sum(exp(X))", "u", 1),
        ("log(1 + exp(sum(x)))", "x", 1),
    ],
)
def test_quotients_of_exponentials_do_not_overflow(expression: str, wrt: str, order: int, library: str) -> None:
    """The evaluator computes such a quotient in numbers whose exponents have no bound."""
    where = "X in R^(m*n); Y in R^(n*k); x in R^n; u in R^m; a in R"
    rng = np.random.default_rng(2)
    point = {"X": rng.normal(size=(3, 4)) * 500, "Y": rng.normal(size=(4, 2)), "x": rng.normal(size=4) * 500,
             "u": rng.normal(size=3), "a": np.array(1.2)}  # fmt: skip
    d = derivgen.derive(expression, wrt, where, order=order, check=False)
    expected = d.evaluate(point)
    assert np.isfinite(expected).all()
    np.testing.assert_allclose(function(d, library)(**point), expected, rtol=1e-9, atol=1e-9)


def test_rows_of_their_own_are_not_shifted_by_one_number() -> None:
    """A row far below the largest entry keeps its sum."""
    d = derivgen.derive("sum(logsumexp(X[i]) for i in range(m))", "X", "X in R^(m*n)", check=False)
    X = np.array([[600.0, 601.0], [-600.0, -601.0]])
    np.testing.assert_allclose(function(d)(X=X), d.evaluate({"X": X}), rtol=1e-12)


@pytest.mark.parametrize("library", INSTALLED)
@pytest.mark.parametrize("layout", ["numerator", "denominator", "gradient"])
@pytest.mark.parametrize("expression", ["kron(B @ x, x)", "kron(x, B.T)", "kron(B.T, x.T @ A)", "kron(x, x.T)"])
def test_kronecker_products_of_what_is_turned(expression: str, layout: Layout, library: str) -> None:
    d = derivgen.derive(expression, "x", "B in R^(m*n); x in R^n; A in R^(n*k)", layout=layout, check=False)
    rng = np.random.default_rng(3)
    point = {"B": rng.normal(size=(3, 4)), "x": rng.normal(size=4), "A": rng.normal(size=(4, 2))}
    np.testing.assert_allclose(function(d, library)(**point), d.evaluate(point), rtol=1e-12)


def test_a_derivative_still_to_be_taken_is_refused() -> None:
    d = derivgen.derive("w ◯ x", "w", "w, x in R^n", check=False)
    with pytest.raises(DerivgenError, match="still to be taken") as caught:
        d.to("numpy")
    assert caught.value.hint


def test_the_command_writes_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from derivgen.cli import main

    target = tmp_path / "gradient.py"
    assert main(["derive", "w @ x", "--wrt", "w", "--where", "w, x in R^n", "-o", str(target)]) == 0
    assert "def gradient_of_y(w, x):" in target.read_text(encoding="utf-8")
    for library in ("jax", "torch"):
        assert main(["derive", "w @ x", "--wrt", "w", "--where", "w, x in R^n", "--to", library]) == 0
        assert f"import {library}" in capsys.readouterr().out
