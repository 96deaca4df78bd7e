"""What is singular by its shape has the determinant 0, and neither an inverse nor the logarithm of a determinant."""

from __future__ import annotations

import numpy as np
import pytest

import derivgen
from derivgen.check.evaluate import evaluate
from derivgen.read import declare, parse_text
from derivgen.rules.singular import rank_bound

WHERE = (
    "a in R; x, y in R^n; v, w in R^5; X in R^(5*2); Y in R^(2*5); Z in R^(5*1); M, N in R^(5*5); P in R^(m*n); V in R^(n*2); "
    "B in R^(n*n); S in Sym(5); F in R^(2*5)"
)

BOUNDS = (
    ("v @ w.T", 1), ("outer(v, w)", 1), ("X @ Y", 2), ("X @ X.T", 2), ("M", 5), ("M @ X @ Y @ N", 2), ("Z @ Z.T", 1), ("(X @ Y).T", 2),
    ("v @ w.T + w @ v.T", 2), ("X @ Y + v @ w.T", 3), ("X @ Y + a", 3), ("3 * X @ Y", 2), ("(v @ w.T) * (X @ Y)", 2),
    ("(X @ Y) * (X @ Y)", 4), ("(X @ Y)**2", 4), ("(v @ w.T)**3", 1), ("ones(5, 5)", 1), ("ones(5, 5) + v @ w.T", 2),
    ("kron(v @ w.T, X @ Y)", 2), ("sum(F[i] @ F[i].T for i in range(2))", 2), ("where(a > 0, v @ w.T, X @ Y)", 2), ("v @ v.T @ w @ w.T", 1),
    ("X @ Y + eye(5)", 5), ("tanh(v @ w.T)", 5), ("S", 5),
)  # fmt: skip


@pytest.mark.parametrize(("expression", "bound"), BOUNDS)
def test_no_matrix_has_more_rank_than_its_bound(expression: str, bound: int) -> None:
    e = parse_text(expression, declare(WHERE))
    rng = np.random.default_rng(3)
    point = {"a": 0.7} | {name: rng.normal(size=5) for name in "vw"}
    point |= {"X": rng.normal(size=(5, 2)), "Z": rng.normal(size=(5, 1))} | {n: rng.normal(size=(5, 5)) for n in "MNS"}
    point |= {name: rng.normal(size=(2, 5)) for name in "YF"}
    rank = np.linalg.matrix_rank(evaluate(e, point))
    assert rank_bound(e) == bound
    assert rank <= bound


ZERO = (
    ("det(X @ X.T)", "X"), ("det(X @ Y)", "Y"), ("det(v @ w.T)", "v"), ("det(2 * M @ X @ Y)", "M"), ("a * det(Z @ Z.T)", "Z"),
    ("det(v @ w.T + w @ v.T) * trace(M)", "v"), ("det(X @ Y) + det(Z @ Z.T)", "X"), ("log(1 + det(X @ X.T)**2)", "X"),
)  # fmt: skip


@pytest.mark.parametrize(("expression", "wrt"), ZERO)
@pytest.mark.parametrize("method", ["auto", "scalar", "chain"])
def test_the_determinant_is_zero_where_the_sizes_make_it_certain(expression: str, wrt: str, method: str) -> None:
    d = derivgen.derive(expression, wrt, WHERE, method=method)  # type: ignore[call-overload]
    assert d.verdict == "verified"
    assert d.steps[0].rule == "singular-determinant"
    assert (
        derivgen.equal(expression.replace(f"trace({wrt})", "1"), "0", WHERE).status == "verified" or "log" in expression
    )
    rng = np.random.default_rng(5)
    shapes: dict[str, int | tuple[int, ...]] = {
        "a": (),
        "v": 5,
        "w": 5,
        "X": (5, 2),
        "Y": (2, 5),
        "Z": (5, 1),
        "M": (5, 5),
    }
    assert not d.evaluate({name: rng.normal(size=shape) for name, shape in shapes.items()}).any()


def test_what_else_there_is_stays() -> None:
    d = derivgen.derive("det(X @ X.T) + trace(X.T @ X)", "X", WHERE)
    assert (str(d.result), d.verdict) == ("2 * X.T", "verified")


REFUSED = (
    ("det(x @ x.T)", "x", "n > 1"), ("logdet(x @ x.T)", "x", "n > 1"), ("trace(B @ inv(x @ x.T))", "x", "n > 1"),
    ("trace(B @ inv(x @ x.T))", "B", "n > 1"), ("logdet(V @ V.T)", "V", "n > 2"), ("inv(x @ y.T + y @ x.T)", "x", "n > 2"),
    ("logdet(X @ X.T)", "X", "nowhere"), ("inv(X @ Y)", "X", "nowhere"), ("a * trace(inv(v @ v.T))", "a", "nowhere"),
    ("x.T @ inv(3 * x @ x.T) @ y", "y", "n > 1"), ("logdet(kron(X @ Y, M))", "M", "nowhere"),
)  # fmt: skip


@pytest.mark.parametrize(("expression", "wrt", "said"), REFUSED)
def test_what_is_defined_nowhere_is_refused_with_the_reason(expression: str, wrt: str, said: str) -> None:
    with pytest.raises(derivgen.DerivgenError) as raised:
        derivgen.derive(expression, wrt, WHERE)
    assert said in raised.value.message
    assert "rank" in raised.value.message
    assert raised.value.hint


FINE = (
    ("det(X.T @ X)", "X"), ("logdet(P @ P.T)", "P"), ("inv(x @ x.T + eye(n)) @ y", "y"), ("det(x @ x.T + B)", "x"),
    ("logdet(X @ Y + M @ M.T)", "M"), ("a * det(x @ x.T)", "a"), ("trace(inv(eye(n) + V @ V.T))", "V"), ("det((x @ x.T) * B)", "B"),
)  # fmt: skip


@pytest.mark.parametrize(("expression", "wrt"), FINE)
def test_what_has_full_rank_somewhere_is_derived(expression: str, wrt: str) -> None:
    assert derivgen.derive(expression, wrt, WHERE).verdict == "verified"


def test_in_latex_too() -> None:
    with pytest.raises(derivgen.DerivgenError, match="rank 1"):
        derivgen.derive(r"\log\det(\mathbf x \mathbf x^\top)", r"\mathbf x", dialect="latex")
