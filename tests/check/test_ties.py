"""Derivatives where arguments or entries are equal, against one-sided differences of the value at random points."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import derivgen
from derivgen.read import parse_text

Floats = np.ndarray[Any, Any]

VECTOR = "x in R^n"
MATRIX = "A in R^(n*n)"
BOTH = "x, y in R^n; A in R^(n*n)"
POSITIVE = "x in R^n, x > 0"
SYMMETRIC = "S in Sym(n); A in R^(n*n); x in R^n"
DEFINITE = "S in PD(n); A in R^(n*n); x in R^n"
DIAGONAL = "S in Diag(n); A in R^(n*n); x in R^n"

OF_VECTORS = (
    # two names of one
    "max(3*x - x, 2*x)", "min(x*x*x, x**3)", "max(x*(1 + x), x + x**2)", "max(tanh(x), tanh(2*x - x))",
    "sum(max(x**2 - 1, (x - 1)*(x + 1)))", "min(exp(2*x), exp(x)**2)", "max(x.T @ x, sum(x**2))", "max(norm(x)**2, x.T @ x)*x[0]",
    "max(mean(x), ones(n).T @ x / n)", "min(sum(x*x), norm(x)*norm(x))", "max(softmax(x), exp(x)/sum(exp(x)))",
    "max(sigmoid(x), 1/(1 + exp(-x)))", "max(logsumexp(x), log(sum(exp(x))))", "max(x, max(x, 1*x))", "max(x - mean(x), x - sum(x)/n)",
    "relu(x - 2*x + x)", "abs(3*x - 2*x - x)", "norm(x**2 - x*x)", "sum(abs(x - x.T.T))", "relu(x*x - x**2) + x", "sign(x - x) + x**2",
    "max(1 - tanh(x)**2, (1 - tanh(x))*(1 + tanh(x)))", "min(cos(x)**2, 1 - sin(x)**2)",
    # the same in places
    "max(x, x[1])", "min(x[1], x)", "sum(max(x, x[0] + 0*x)**2)", "max(x[0], x)*x[1]", "sum(relu(x - x[0]))", "sum(abs(x - x[1]))",
    "max(x, x[0], x[1])", "min(max(x, x[0]), x[1])", "sum(max(x*x[0], x**2))", "max(tanh(x), tanh(x[0]))", "sum(min(exp(x), exp(x[1])))",
    "sum(where(x > x[0], x, x[0]))", "sum(where(x >= x[1], x**2, x[1]**2))", "max(x[0], x[1]) + max(x[1], x[0])",
    "sum(clip(x - x[0]))", "sum(lse(x, x[0]))", "sum(big(x, x[0]))", "sum(big(x[i], x[j])*x[j] for i in range(n) for j in range(n))",
    # sums over pairs and triples
    "sum(max(x[i]*x[j], x[j]) for i in range(n) for j in range(n))", "sum(min(x[i], 2*x[j]) for i in range(n) for j in range(n))",
    "sum(max(x[i], x[j], x[k]) for i in range(n) for j in range(n) for k in range(n))",
    "sum(max(x[i] - x[j], 0) for i in range(n) for j in range(n))", "sum(abs(x[i] - x[j])**3 for i in range(n) for j in range(n))",
    "sum(max(x[i]*x[j], x[j]*x[k]) for i in range(n) for j in range(n) for k in range(n))",
    "sum(relu(x[i] - x[j])*x[i] for i in range(n) for j in range(n))", "sum(max(sin(x[i]), sin(x[j])) for i in range(n) for j in range(n))",
    "sum(max(x[i], x[0])*min(x[i], x[1]) for i in range(n))", "[sum(max(x[i], x[j]) for j in range(n)) for i in range(n)]",
    "[[max(x[i], x[j]) for j in range(n)] for i in range(n)]", "log(sum(exp(max(x[i], x[j])) for i in range(n) for j in range(n)))",
    # the extreme among its own
    "sum(max(x, max(x)))", "min(x, min(x))", "max(max(x), x[1])", "min(min(x), x[0])*x", "max(x) - x[0]", "relu(max(x) - x)", "max(x - min(x))",
    "sum(max(x, mean(x)))", "max(x)*min(x)", "max(x)**2 + max(x**2)", "max(max(x), x) - max(x)", "abs(max(x) - x)", "max(-x) + min(x)",
    # clipping and signs
    "min(max(x, -1), 1)*x", "max(min(x, 1), -1)**2", "relu(min(x, 0)) + x", "min(relu(x), relu(x))", "max(relu(x), relu(x)*1)",
    "relu(x)*sign(x)", "max(sign(x), sign(x)**3)*x", "max(sign(x), 1)*x", "min(sign(x), -1) + x", "relu(sign(x))*x", "sign(abs(x))*x",
    "max((x > 0), (x > 1))*x", "min((x > 0)*x, relu(x))", "abs(relu(x)) + relu(abs(x))", "relu(-relu(x)) + x", "clip(sign(x))*x",
    # reductions of entries that recur
    "max(outer(x, x))", "min(x @ x.T)", "max(x @ x.T + ones(n) @ ones(n).T)", "max(exp(x @ x.T))", "min(tanh(x @ x.T))", "max(kron(x, ones(2)))",
    "max(outer(x, ones(n)))", "min(x @ x.T * x[0])", "max(x*ones(n)) + max(x[0]*ones(n))", "max([x[0], x[1], x[0]])", "sum([x[0], x[0]])",
    "max(diag(x)) + min(diag(x))", "max(relu(x))", "min(relu(x))", "max(min(x, x[0]))", "max(max(x, x[0]))", "min(abs(x @ x.T))",
    "max(vec(x @ x.T))", "max(x)*max(x @ x.T)", "sqrt(1 + max(x @ x.T))", "max([x[i]**2 for i in range(n)])",
    "max(x + x[0]*ones(n))", "max(where(x > 0, x, x[0]))", "max(x - max(x))", "log(max(exp(x)))",
)  # fmt: skip

OF_MATRICES = (
    "max(A, A.T)", "sum(min(A, A.T)**2)", "trace(max(A.T, A))", "sum(abs(A - A.T))", "trace(abs(A + A.T))", "sum(relu(A - A.T))",
    "trace(relu(A - A.T)) + trace(A)", "norm(relu(A - A.T) + A)**2", "sum(max(A, diag(diag(A))))", "trace(max(A, diag(diag(A))))",
    "sum(max(A, 2*diag(diag(A))))", "sum(max(A*A.T, A.T*A))", "sum(max(A @ A, A @ A.T.T))", "trace(max(A @ A.T, (A @ A.T).T))",
    "sum(max(A @ A.T, (A @ A.T).T)*A)", "max(A*A.T)", "min(A + A.T)", "max(A.T @ A)", "max(tanh(A + A.T))", "min(exp(A @ A.T))",
    "max(A - A.T)", "max(abs(A - A.T))", "max(A @ ones(n))", "max(A @ ones(n) @ ones(n).T)", "max(ones(n) @ ones(n).T @ A)",
    "max(diag(diag(A)) + ones(n) @ ones(n).T)", "max(vec(A + A.T))", "sum(max(A[i] @ A[j], A[j] @ A[i]) for i in range(n) for j in range(n))",
    "sum(max(A[i, j], A[j, i]) for i in range(n) for j in range(n))", "sum(max(A[i, i], A[i, j]) for i in range(n) for j in range(n))",
    "sum(max(A[i, j], A[0, j]) for i in range(n) for j in range(n))", "sum(max(A, A[0, 0]))", "max(A[0, 0], A[0, 0] + 0*A)[1, 1]",
    "sum(max(trace(A), sum(diag(A)))*A)", "max(det(A), det(A.T))", "max(norm(A), sqrt(trace(A.T @ A)))", "max(sum(A), ones(n).T @ A @ ones(n))",
    "sum(max(outer(diag(A), ones(n)), outer(ones(n), diag(A))))", "sum(max(A.T, A)*A)", "max(A) + max(A.T)", "max(A)*max(A @ A.T)",
    "max(A @ (2*ones(n)))", "max((1 + 1)*A + A)", "max(A @ ones(n) - 2*ones(n)*A[0, 0])",
)  # fmt: skip

OF_STRUCTURED = (
    "max(S)", "min(2*S)", "max(S*S)", "min(exp(S))", "max(S + S.T)", "sum(max(S, S.T)*A)", "sum(abs(S - S.T)) + trace(S)", "max(S @ S)",
    "max(S) - min(S)", "max(S @ x) + min(S @ x)", "trace(max(S, A))", "sum(max(S, diag(diag(S))))", "sum(max(S[i, j], S[j, i])*A[i, j] for i in range(n) for j in range(n))",
    "sum(max(S @ A, (A.T @ S).T))", "max(S)*sum(S*A)", "max(abs(S))", "sum(max(S, S[0, 0]))", "max(A @ S)", "max(A @ S @ A.T)", "norm(S - S.T)*max(S) + max(S)",
)  # fmt: skip

DEFINE = ("clip(z) = min(max(z, -1), 1)", "big(u, v) = max(u, v)", "lse(u, v) = max(u, v)**2 + min(u, v)")

QUESTIONS = [
    *((e, "x", VECTOR) for e in OF_VECTORS),
    *((e, "A", MATRIX) for e in OF_MATRICES),
    *((e, "S", where) for where in (SYMMETRIC, DIAGONAL) for e in OF_STRUCTURED),
    *((e, "S", DEFINITE) for e in OF_STRUCTURED[4:8]),
    *(
        (e, "x", POSITIVE)
        for e in ("max(exp(log(x)), x)", "max(sqrt(x)**2, x)", "min(x**(1/2)*x**(1/2), x)", "max(sqrt(x**2), x)", "max(log(x**2), 2*log(x))",
                  "sum(max(log(x), log(x[0])))", "max(sqrt(x @ x.T))", "sqrt(x - x) + x", "sum(max(x**x[0], x[0]**x))", "abs(x)*max(x, sqrt(x*x))")
    ),
    *(
        (e, w, BOTH)
        for e, w in (("max(x + y, y + x)", "x"), ("sum(max(A @ x, A @ x + 0*y))", "A"), ("max(y.T @ A @ x, x.T @ A.T @ y)", "x"),
                     ("sum(max(A*outer(x, y), outer(x, y)*A))", "A"), ("max(x.T @ y, sum(x*y))", "y"), ("max((A @ x).T @ y, x.T @ (A.T @ y))", "A"),
                     ("max(diag(x) @ y, x*y)", "x"), ("sum(max(outer(x, y), outer(y, x)))", "x"), ("trace(max(outer(x, y), outer(y, x)))", "x"),
                     ("max(x @ y.T + y @ x.T)", "x"), ("sum(max(x[i]*y[j], x[j]*y[i]) for i in range(n) for j in range(n))", "y"))
    ),
]  # fmt: skip

RNG = np.random.default_rng(20)
STEP = 1e-6
UNDECIDED = frozenset({"max(min(x, x[0]))"})
"""Of these the judge does not know that a side is empty."""


def drawn(space: str, n: int) -> Floats:
    """A random value for a variable."""
    if space == "R^n":
        return RNG.normal(size=n)
    a = RNG.normal(size=(n, n))
    return {"Sym(n)": a + a.T, "PD(n)": a @ a.T + np.eye(n), "Diag(n)": np.diag(RNG.normal(size=n))}.get(space, a)


def direction(space: str, n: int) -> Floats:
    """A way for a variable to move within its space."""
    return drawn("Sym(n)" if space == "PD(n)" else space, n)


def spaces(where: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in where.split(";"):
        names, space = part.split(" in ")
        found |= {name.strip(): space.strip() for name in names.split(",")}
    return found


def wrong(d: derivgen.Derivation, wrt: str, where: str, n: int) -> str:
    """What a derivation says against the differences from both sides, where these agree; nothing where it is right."""
    kinds = spaces(where)
    positive = {name for name, space in kinds.items() if "> 0" in where}
    space = {name: kind.split(",")[0] for name, kind in kinds.items()}
    point = {
        name: np.abs(v) + 0.1 if name in positive else v for name, v in ((k, drawn(s, n)) for k, s in space.items())
    }
    slope = d.evaluate(point)
    for _ in range(3):
        way = direction(space[wrt], n)
        before, here, after = (d.value({**point, wrt: point[wrt] + k * STEP * way}) for k in (-1, 0, 1))
        left, right = (here - before) / STEP, (after - here) / STEP
        both = np.isclose(left, right, rtol=1e-3, atol=1e-3)
        told = np.tensordot(slope, way, axes=way.ndim)
        if not np.allclose(told[both], ((left + right) / 2)[both], rtol=1e-4, atol=1e-4):
            return f"{told} told, {left} and {right} found at {point}"
    return ""


def test_the_differences_would_tell_a_wrong_derivative() -> None:
    d = derivgen.derive("sum(max(x, x[0]))", "x", VECTOR)
    assert not wrong(d, "x", VECTOR, 3)
    forgetful = parse_text("(sum(x[0] > x) * eye(n)[0] + (x > x[0])).T", VECTOR)
    assert wrong(replace(d, result=forgetful), "x", VECTOR, 3)


@pytest.mark.parametrize(("expression", "wrt", "where"), [pytest.param(*q, id=f"{q[0]} by {q[2]}") for q in QUESTIONS])
def test_the_derivative_is_the_slope_from_both_sides(expression: str, wrt: str, where: str) -> None:
    d = derivgen.derive(expression, wrt, where, define=DEFINE)  # none is refused
    assert d.verdict == ("unchecked" if expression in UNDECIDED else "verified")
    if d.verdict == "verified":
        for n in (2, 3, 5):
            found = wrong(d, wrt, where, n)
            assert not found, f"{d.result}: {found}"
