"""Derivatives by symmetric, positive definite and diagonal matrices, against difference quotients of NumPy's values."""

from __future__ import annotations

import builtins
import itertools
import re
from typing import Any

import numpy as np
import pytest

import derivgen
from derivgen.expr import Dim, Shape, Symbol
from derivgen.options import Convention

WHERE = "A, B in R^(n*n); M in R^(m*n); x, y in R^n; a in R; S in Sym(n); P in PD(n); D in Diag(n)"
N, M = 3, 2
STEP = 1e-3

Array = np.ndarray[Any, Any]


def total(e: Any) -> Any:
    return np.sum(e) if isinstance(e, np.ndarray) else builtins.sum(e)


def logdet(e: Array) -> Any:
    return np.linalg.slogdet(e)[1]


NUMPY: dict[str, Any] = {
    "max": lambda *e: np.max(e[0]) if len(e) == 1 else np.maximum(*e), "min": np.min, "abs": np.abs, "relu": lambda u: np.maximum(u, 0),
    "trace": np.trace, "det": np.linalg.det, "logdet": logdet, "inv": np.linalg.inv, "norm": np.linalg.norm, "sum": total,
    "exp": np.exp, "log": np.log, "tanh": np.tanh, "sqrt": np.sqrt, "kron": np.kron, "outer": np.outer, "eye": np.eye,
    "diag": np.diag, "vec": lambda e: e.flatten("F"), "sigmoid": lambda u: 1 / (1 + np.exp(-u)), "range": range, "n": N, "m": M,
    "softmax": lambda u: np.exp(u) / np.sum(np.exp(u)), "logsumexp": lambda u: np.log(np.sum(np.exp(u))),
}  # fmt: skip
"""What the words of an expression mean to NumPy, which evaluates the text itself."""


def random_point() -> dict[str, Array]:
    rng = np.random.default_rng(7)
    point: dict[str, Any] = {"A": rng.normal(size=(N, N)), "B": rng.normal(size=(N, N)), "M": rng.normal(size=(M, N))}
    point |= {"x": rng.normal(size=N), "y": rng.normal(size=N), "a": rng.normal()}
    s, p = rng.normal(size=(N, N)), rng.normal(size=(N, N))
    return point | {"S": s + s.T + 5 * np.eye(N), "P": p @ p.T + np.eye(N), "D": np.diag(rng.uniform(1, 2, size=N))}


POINT = random_point()


def value(expression: str, name: str, at: Array) -> Array:
    return np.asarray(eval(expression, {**NUMPY, **POINT, name: at}))


def quotient(expression: str, name: str, change: Array) -> Array:
    """The derivative in the direction of a change of the variable, by differences of the fourth order."""

    def at(h: float) -> Array:
        return value(expression, name, POINT[name] + h * change)

    found: Array = (8 * (at(STEP) - at(-STEP)) - (at(2 * STEP) - at(-2 * STEP))) / (12 * STEP)
    return found


def unit(i: int, j: int) -> Array:
    e = np.zeros((N, N))
    e[i, j] = 1
    return e


SYMMETRIC = (
    "trace(A @ S)", "trace(A.T @ S)", "trace(S @ A)", "sum(A * S)", "trace(A @ S.T)", "x.T @ S @ x", "x.T @ S @ y", "y.T @ S.T @ x",
    "trace(S @ S)", "trace(A @ S @ B @ S)", "x.T @ S @ S @ y", "norm(S)", "norm(S)**2", "norm(A @ S - B)**2", "norm(S @ x - y)**2",
    "sum(S)", "sum(S**2 * A)", "det(S)", "det(A @ S)", "det(S + A)", "trace(inv(S))", "trace(A @ inv(S))", "x.T @ inv(S) @ y",
    "S[0, 1]", "S[1, 1]", "a * S[0, 2] * S[2, 0]", "sum(S[i, i] for i in range(n))", "sum(S[i, 0] * x[i] for i in range(n))",
    "sum(sum(A[i, j] * S[i, j]**2 for j in range(n)) for i in range(n))", "sum(tanh(S))", "sum(exp(A @ S))",
    "sigmoid(x.T @ S @ y)", "log(1 + exp(x.T @ S @ y))", "trace(A @ S) * trace(B @ S)", "logsumexp(S @ x)", "sum(x * (S @ y))",
    "trace(kron(S, A))", "trace(kron(A, S) @ kron(B, S))", "x.T @ diag(S)", "sum(S @ x) + trace(A @ S)", "trace(S) * det(S)",
    "y.T @ softmax(S @ x)", "exp(trace(A @ S)) / a",
)  # fmt: skip
DEFINITE = (
    "logdet(P)", "logdet(P) + x.T @ inv(P) @ x", "x.T @ inv(P) @ y", "logdet(M @ P @ M.T)", "logdet(P + A @ A.T)", "sqrt(x.T @ P @ x)",
    "trace(A @ P) - logdet(P)", "det(P) * trace(A @ inv(P))", "log(det(P))", "trace(inv(P + eye(n)) @ A)", "sqrt(det(P))",
)  # fmt: skip
DIAGONAL = (
    "trace(A @ D)", "x.T @ D @ x", "y.T @ D @ x", "trace(D @ A @ D)", "det(D)", "logdet(D + A @ A.T)", "norm(D @ x - y)**2",
    "sum(exp(D @ x))", "trace(A @ inv(D))", "D[0, 0]", "D[0, 1] + D[1, 1]", "sum(D)",
    "x.T @ D @ A @ D @ y", "sum(tanh(D))", "norm(D)", "trace(D) * sum(D * A)",
)  # fmt: skip
ARRAYS = (
    "S @ x",
    "S @ A",
    "S @ S",
    "inv(S)",
    "x.T @ S",
    "trace(S) * x",
    "tanh(S)",
    "diag(S)",
    "kron(S, A)",
    "vec(S)",
    "S[0]",
    "S.T",
)
ARRAYS_DIAGONAL = ("D @ x", "A @ D", "D @ A @ D", "inv(D)", "diag(D)", "exp(D)", "kron(D, A)")

CASES = (
    *((e, "S") for e in SYMMETRIC), *((e, "P") for e in DEFINITE), *((e, "D") for e in DIAGONAL),
    *((e, "S") for e in ARRAYS), *((e, "D") for e in ARRAYS_DIAGONAL),
)  # fmt: skip

each_case = pytest.mark.parametrize(("expression", "name"), CASES)


def expected(expression: str, name: str, convention: Convention) -> Array:
    """The derivative by each entry, the axes of the value first: what the entries that move together do, as shared out."""

    def change(i: int, j: int) -> Array:
        if convention == "free":
            return unit(i, j)
        if name == "D":
            return unit(i, j) * (i == j)
        return (unit(i, j) + unit(j, i)) / (2 if convention == "within" or i == j else 1)

    parts = [quotient(expression, name, change(i, j)) for i, j in itertools.product(range(N), repeat=2)]
    return np.stack(parts, axis=-1).reshape(*parts[0].shape, N, N)


@each_case
@pytest.mark.parametrize("convention", ["within", "entries", "free"])
def test_the_derivative_is_that_of_the_changes_that_are_said(
    expression: str, name: str, convention: Convention
) -> None:
    d = derivgen.derive(expression, name, WHERE, structured=convention)
    assert d.verdict == "verified"
    np.testing.assert_allclose(d.evaluate(POINT), expected(expression, name, convention), rtol=1e-7, atol=1e-7)


@each_case
def test_a_change_within_the_space_is_what_the_gradient_says(expression: str, name: str) -> None:
    rng = np.random.default_rng(11)
    g = derivgen.derive(expression, name, WHERE, check=False).evaluate(POINT)
    change = rng.normal(size=(N, N))
    change = np.diag(np.diag(change)) if name == "D" else change + change.T
    np.testing.assert_allclose(np.tensordot(g, change), quotient(expression, name, change), rtol=1e-7, atol=1e-7)
    kept = g * np.eye(N) if name == "D" else np.swapaxes(g, -1, -2)
    np.testing.assert_allclose(g, kept, atol=1e-12)


TIES = (
    "max(S)", "min(S)", "min(exp(S))", "max(S @ S)", "sum(max(S, S.T))", "max(S[0, 1], S[1, 0])", "max(tanh(A + A.T) * S)",
    "sum(sum(max(S[i, j], S[j, i]) for i in range(n)) for j in range(n))", "sum(abs(S - S.T)) + trace(A @ S)",
    "sum(max(S, A))", "max(S @ x)", "sum(relu(S)) + sum(abs(S))",
)  # fmt: skip
"""What ties at every symmetric matrix, since two entries of it are one, and what does not."""


@pytest.mark.parametrize("expression", TIES)
@pytest.mark.parametrize("convention", ["within", "entries"])
def test_entries_across_the_diagonal_are_one_function(expression: str, convention: Convention) -> None:
    d = derivgen.derive(expression, "S", WHERE, structured=convention)
    assert d.verdict == "verified"
    np.testing.assert_allclose(d.evaluate(POINT), expected(expression, "S", convention), rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("expression", ["sum(max(S, S.T))", "max(S)", "sum(abs(S - S.T))"])
def test_free_entries_tie_at_symmetric_matrices_and_that_is_said(expression: str) -> None:
    d = derivgen.derive(expression, "S", WHERE, structured="free")
    assert d.verdict == "verified"
    assert any(c.of_slopes and str(c).endswith("the value there is a convention") for c in d.conditions)
    general = {**POINT, "S": POINT["A"]}  # where nothing ties
    parts = [
        (
            value(expression, "S", general["S"] + STEP * unit(i, j))
            - value(expression, "S", general["S"] - STEP * unit(i, j))
        )
        for i, j in itertools.product(range(N), repeat=2)
    ]
    np.testing.assert_allclose(d.evaluate(general), np.reshape(parts, (N, N)) / (2 * STEP), atol=1e-9)


@pytest.mark.parametrize("convention", ["within", "entries", "free"])
def test_what_is_settled_first_is_of_the_same_variable(convention: Convention) -> None:
    e = "max(a**2, a * a) * trace(inv(S.T @ S + eye(n)) @ A) + max(x.T @ x, x.T @ x)"
    d = derivgen.derive(e, "S", WHERE, structured=convention)
    assert d.verdict == "verified"
    e = e.replace("max(a**2, a * a)", "a**2").replace(" + max(x.T @ x, x.T @ x)", "")
    np.testing.assert_allclose(d.evaluate(POINT), expected(e, "S", convention), rtol=1e-7, atol=1e-9)


SAME = (
    ("trace(A @ S)", "trace(A.T @ S)"), ("trace(A @ S)", "trace(S.T @ A)"), ("x.T @ S @ y", "y.T @ S @ x"),
    ("S[0, 1]", "S[1, 0]"), ("sum(A * S)", "sum(A.T * S)"), ("trace(A @ inv(S))", "trace(A @ inv(S).T)"), ("det(S)", "det(S.T)"),
    ("S @ x", "S.T @ x"), ("norm(S @ x)**2", "x.T @ S @ S @ x"), ("trace(S @ S)", "norm(S)**2"),
)  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME)
@pytest.mark.parametrize("convention", ["within", "entries"])
def test_what_is_equal_for_symmetric_matrices_has_equal_derivatives(
    one: str, other: str, convention: Convention
) -> None:
    first, second = (derivgen.derive(e, "S", WHERE, structured=convention) for e in (one, other))
    assert first.verdict == second.verdict == "verified"
    assert derivgen.equal(str(first.result), str(second.result), WHERE).status == "verified"


FORMS = (
    ("trace(A @ S)", "S", "within", "1 / 2 * (A + A.T)"),
    ("trace(A.T @ S)", "S", "within", "1 / 2 * (A + A.T)"),
    ("trace(A @ S)", "S", "entries", "A + A.T - A * eye(n)"),
    ("trace(A @ S)", "S", "free", "A"),
    ("trace(A @ D)", "D", "within", "A * eye(n)"),
    ("trace(A @ D)", "D", "entries", "A * eye(n)"),
    ("trace(A @ D)", "D", "free", "A"),
    ("x.T @ D @ y", "D", "within", "diag(y * x)"),
    ("x.T @ S @ x", "S", "within", "x @ x.T"),
    ("x.T @ S @ y", "S", "within", "1 / 2 * (y @ x.T + x @ y.T)"),
    ("det(S)", "S", "within", "det(S) * inv(S)"),
    ("det(S)", "S", "free", "det(S) * inv(S)"),
    ("logdet(P)", "P", "within", "inv(P)"),
    ("logdet(P)", "P", "entries", "2 * inv(P) - inv(P) * eye(n)"),
    ("logdet(P)", "P", "free", "inv(P)"),
    ("det(D)", "D", "within", "det(D) * inv(D)"),
    ("trace(S @ S)", "S", "within", "2 * S"),
    ("trace(A @ inv(S))", "S", "within", "-1 / 2 * inv(S) @ (A + A.T) @ inv(S)"),
)  # fmt: skip


@pytest.mark.parametrize(("expression", "name", "convention", "answer"), FORMS)
def test_the_answer_is_as_short_as_in_a_book(expression: str, name: str, convention: Convention, answer: str) -> None:
    assert str(derivgen.derive(expression, name, WHERE, structured=convention, check=False).result) == answer


@pytest.mark.parametrize(
    ("expression", "name"), [("det(S)", "S"), ("logdet(P)", "P"), ("norm(S)**2", "S"), ("det(D)", "D")]
)
def test_no_step_is_shown_where_the_derivative_keeps_the_structure_anyway(expression: str, name: str) -> None:
    d = derivgen.derive(expression, name, WHERE)
    assert not any(s.rule.startswith("keep-") for s in d.steps)


@pytest.mark.parametrize("layout", ["numerator", "denominator", "gradient"])
@pytest.mark.parametrize("convention", ["within", "entries", "free"])
@pytest.mark.parametrize(("expression", "name"), [("sigmoid(x.T @ S @ y)", "S"), ("trace(A @ D)", "D"), ("S @ x", "S")])
def test_layouts_and_code_follow(expression: str, name: str, convention: Convention, layout: Any) -> None:
    d = derivgen.derive(expression, name, WHERE, structured=convention, layout=layout)
    want = expected(expression, name, convention)
    assert d.verdict == "verified"
    np.testing.assert_allclose(d.evaluate(POINT), want, atol=1e-7)
    read = d.evaluate(POINT, layout=layout)
    np.testing.assert_allclose(read, want.T if layout == "numerator" and want.ndim == 2 else want, atol=1e-7)
    space: dict[str, Any] = {}
    exec(d.to("numpy"), space)
    function = next(
        v for k, v in space.items() if k in ("gradient", "jacobian") or k.startswith(("gradient", "jacobian"))
    )
    arguments = function.__code__.co_varnames[: function.__code__.co_argcount]
    np.testing.assert_allclose(function(*(POINT[a] for a in arguments)), want, atol=1e-7)


@pytest.mark.parametrize("convention", ["within", "entries", "free"])
@pytest.mark.parametrize("method", ["scalar", "chain"])
def test_methods_agree(convention: Convention, method: Any) -> None:
    for expression in ("sigmoid(x.T @ S @ y)", "norm(S @ x - y)**2", "logdet(eye(n) + S @ S)", "exp(trace(A @ S))"):
        d = derivgen.derive(expression, "S", WHERE, structured=convention, method=method)
        assert d.verdict == "verified"
        np.testing.assert_allclose(d.evaluate(POINT), expected(expression, "S", convention), rtol=1e-6, atol=1e-6)


WORDS: dict[tuple[str, Convention], str] = {
    ("S", "within"): "within the symmetric matrices",
    ("S", "entries"): "by the free entries of S",
    ("S", "free"): "as if S were any matrix",
    ("D", "within"): "within the diagonal matrices",
    ("D", "entries"): "by the free entries of D",
    ("D", "free"): "as if D were any matrix",
}


@pytest.mark.parametrize(("name", "convention"), WORDS)
@pytest.mark.parametrize("format", ["text", "latex", "tex", "markdown", "html", "mathml", "json", "beamer", "numpy"])
def test_every_format_says_which_convention_it_is(name: str, convention: Convention, format: str) -> None:
    d = derivgen.derive(f"trace(A @ {name})", name, WHERE, structured=convention, check=False)
    said = " ".join(d.to(format).split())
    words = WORDS[name, convention].split(f" {name}")  # a letter is set as mathematics where the format has that
    assert all(part in said for part in words)


def test_what_has_no_structure_says_nothing_of_it() -> None:
    for expression, wrt, where in (
        ("trace(A @ X)", "X", "A, X in R^(n*n)"),
        ("x.T @ S @ x", "x", "x in R^n; S in Sym(n)"),
        ("trace(A @ B)", "S", "A, B in R^(n*n); S in Sym(n)"),
    ):
        conventions: tuple[Convention, ...] = ("within", "entries", "free")
        found = [derivgen.derive(expression, wrt, where, structured=c, check=False) for c in conventions]
        assert len({str(d.result) for d in found}) == 1
        assert not any("within" in note or "free" in note for d in found for note in d.notes)


def test_a_named_intermediate_is_no_structured_variable() -> None:
    d = derivgen.derive("trace(B @ S)", "S", "A, B in R^(n*n)", let=["S = A @ A.T"])
    assert str(d.result) == "B"
    assert d.notes == ()


@pytest.mark.parametrize("convention", ["within", "free"])
def test_a_named_part_of_a_structured_variable_is_used(convention: Convention) -> None:
    d = derivgen.derive("u**2 + exp(u)", "S", WHERE, let=["u = x.T @ S @ x"], structured=convention, method="chain")
    assert d.verdict == "verified"
    assert any(definition.symbol.name == "u" for s in d.steps for definition in s.introduces)


def test_the_variable_has_the_structure_that_it_has_in_the_expression() -> None:
    e = derivgen.derive("trace(A @ S)", "S", WHERE, check=False).problem.expression
    assert str(derivgen.derive(e, Symbol("S", Shape((Dim("n"), Dim("n")))), check=False).result) == "1 / 2 * (A + A.T)"


def test_a_simplex_is_said_to_be_varied_entry_by_entry() -> None:
    d = derivgen.derive("log(a + x.T @ y)", "y", "x in R^n; a in R; y in Simplex(n)")
    assert any("independently" in note for note in d.notes)


def test_a_convention_that_there_is_not() -> None:
    with pytest.raises(derivgen.DerivgenError) as raised:
        derivgen.derive("trace(S)", "S", "S in Sym(n)", structured="half")  # type: ignore[call-overload]
    assert "within" in str(raised.value.hint)


@pytest.mark.parametrize(("text", "space", "last"), [
    ("logdet(S)", "PD(n)", "these are equal here, so ∂y/∂S is that mean."),
    ("x.T @ S @ x", "Sym(n)", "these are equal here, so ∂y/∂S is that mean."),
    ("logdet(S)", "Diag(n)", "Off the diagonal S cannot change, and there ∂y/∂S is 0 as it should be."),
    ("trace(A @ S)", "Sym(n)", "so both get the mean of their two partials."),
])  # fmt: skip
def test_it_is_said_what_is_varied_and_why_that_is_enough(text: str, space: str, last: str) -> None:
    printed = " ".join(derivgen.derive(text, "S", f"S in {space}; A in R^(n*n); x in R^n").to("text").split())
    first = re.search("each entry of S is varied by itself at first, as if S were any matrix", printed, re.IGNORECASE)
    assert first is not None
    assert printed.index(last) > first.start()
