"""Bounds on values: no value lies outside of them, and no side of a branch is taken for empty that is not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import derivgen
from derivgen.check.bounds import Bounds
from derivgen.check.compare import as_floats, precise
from derivgen.check.lengths import Lengths
from derivgen.check.pool import Pool
from derivgen.check.scope import Names, Scope
from derivgen.check.sheets import SampleKind, SampleStream
from derivgen.errors import DerivgenError
from derivgen.read import parse_text

HERE = Path(__file__).parent
SAMPLED = 3
"""Every so many equalities of the corpus are looked at."""


FARTHEST = 1e300
"""Bounds beyond it are not looked at: doubles do not reach far beyond."""


def corpus() -> Iterator[tuple[str, str]]:
    for file in ("falsehoods.json", "truths.json", "equalities.json"):
        for row in json.loads((HERE / file).read_text(encoding="utf-8"))[::SAMPLED]:
            yield row["a"], row["where"]
            yield row["b"], row["where"]


def ends(data: Any) -> tuple[Any, Any]:
    """The ends of the balls that enclose values, a step of doubles outwards; of values that are finite."""
    balls = [b for b in np.reshape(data, -1) if b.is_finite()]
    return (
        np.nextafter(as_floats([b.lower() for b in balls]), -np.inf),
        np.nextafter(as_floats([b.upper() for b in balls]), np.inf),
    )


def outside(expression: str, where: str) -> list[str]:
    """The parts of an expression that have a value outside of their bounds, at random points and two lengths."""
    pool = Pool()
    root = pool.number(parse_text(expression, where))
    found = []
    for number in (0, 1):
        lengths = Lengths(number, 0)
        lengths.give(pool)
        scope = Scope(Names(pool), lengths.sizes)
        bounds = Bounds(scope)
        evaluator = SampleStream(7, SampleKind(False, True, 4), scope.length).sheet(0).evaluator(scope, 128)
        for part in pool.under(root, also={}):
            try:
                with precise(128):
                    lowest, highest = ends(evaluator.value(part).value.data)
            except (DerivgenError, ArithmeticError):
                continue
            r = bounds.of(part)
            low = float(r.low) if r.low > -FARTHEST else -np.inf
            high = float(r.high) if r.high < FARTHEST else np.inf
            if (highest < low).any() or (lowest > high).any():
                found.append(f"{pool.nodes[part]} in [{r.low}, {r.high}]")
    return found


HERE_X = "a, b in R; x, y in R^n; z in R^n, z > 0; P in PD(n); S in Sym(n); E in Diag(n); X in R^(N*n)"

SEEN = (
    # squares, and sums of squares
    "sum(relu(x * x))", "abs(x.T @ x)", "relu(sum((x * y)**2)) * sum(x)", "abs(sum(x @ x.T))", "relu(trace(x @ x.T))",
    "relu(a**2 - 2*a*b + b**2) * sum(x)", "max(sum(x)**2, sum(x) - 10)", "max(1 + sum(x)**2, abs(sum(x)))",
    # quadratic forms of definite matrices
    "relu(x.T @ P @ x)", "relu(x.T @ inv(P) @ x)", "abs(x.T @ X.T @ X @ x)", "relu(logdet(S @ S + eye(n))) * sum(x)",
    "abs(det(P @ P + eye(n))) * sum(x)", "where(E[0, 1] >= 1, a, sum(x))", "sum((X @ X.T)[i, i] for i in range(N)) * relu(x)",
    # what is larger than what
    "max(exp(x), x)", "max(log(z), z) * sum(x)", "max(x, log(1 + exp(x)))", "relu(log(1 + exp(x)) - x)", "relu(sqrt(1 + x**2) - x)",
    "max(x, 10*sqrt(1/2 + x**2))", "max(sum(x), sum(abs(x)))", "max(x / norm(x), 2)", "max(min(-x, x), 1)",
    "max(softmax(a * X @ sin(x)), 3/2)", "max(logsumexp(x), x[0])", "abs(logdet(sigmoid(X).T @ sigmoid(X) + eye(n))) * sum(x)", "sign(log(2 + abs(x)))", "relu(sign(x**2) + 1)", "cos(sin(x)) * (cos(sin(x)) > 0)", "max(logdet(P + eye(n)), det(P + eye(n))) * sum(x)",
    # what the lengths decide
    "(len(x) > 10) * sum(x)", "where(sum(1 for i in range(n)) > 10, sum(x), 0)", "where(sum(i for i in range(n)) > N, sum(x), 0)",
)  # fmt: skip
"""Expressions of which a side is never met, or far away, and that are seen to be so."""


BROADCAST = ("x[0] / (1/10 + abs(x))", "x[0] - abs(x) - 1/10", "x[0] / (1/10 + norm(x))")
"""One entry beside an array: it may be larger than the size of another."""


def test_no_value_lies_outside() -> None:
    looked_at, wrong = 0, []
    for expression, where in dict.fromkeys([*corpus(), *((e, HERE_X) for e in (*SEEN, *BROADCAST))]):
        try:
            wrong += outside(expression, where)
        except DerivgenError:
            continue
        looked_at += 1
    assert looked_at > 400
    assert wrong == []


@pytest.mark.parametrize(
    ("left", "right", "where"),
    [
        ("relu(f(2) - 10)", "0", "f: R -> R"),
        ("max(f(ones(n))[0], -30)", "f(ones(n))[0]", "f: R^n -> R^m; x in R^n"),
        ("relu(sum(ones(n)) - 130)", "0", "x in R^n"),
        ("relu(trace(eye(n)) - 140)", "0", "x in R^n"),
        ("relu((sum(ones(n)) - 120)*sigmoid(t))", "0", "t in R; x in R^n"),
        ("max(-(t**(n+1)) - 10**400, 0)", "0", "t in R; x in R^n"),
        ("relu(-(x.T@x@x.T@y) - 10**400)", "0", "x, y in R^n"),
        ("where((1/(2 + (x - 7/3 - y)**2*10**9))**1001*10**302 > 1, 1, 0)", "0", "x, y in R"),
        ("relu(sigmoid(-50 - 10**6*(x - y - z - 7/3)**2) - 10**(-23))", "0", "x, y, z in R"),
        ("relu(log(1 + 1/10**10 + x**2) - 10000000008/10**20)", "log(1 + 1/10**10 + x**2) - 10000000008/10**20", "x in R"),
    ],
)  # fmt: skip
def test_a_side_that_is_hard_to_meet_is_not_taken_for_empty(left: str, right: str, where: str) -> None:
    """All of these are false, somewhere far away or in a narrow place."""
    assert derivgen.equal(left, right, where).status != "verified"


@pytest.mark.parametrize(
    ("expression", "wrt", "where"),
    [
        ("max(sqrt(1 + abs(ones(n))), softmax(z))", "z", "z in R^n"),
        ("max(x / sum(x), 1)", "x", "x in R^n, x > 0"),
        ("sum(max(x[i] / sum(x[j] for j in range(n)), 2) for i in range(n))", "x", "x in R^n, x > 0"),
        ("sqrt(1 + exp(a)**2) > cos(b)", "a", "a, b in R"),
        ("max(1 / sqrt(1 + x**2), 1)", "x", "x in R^n"),
        ("(w >= x) * z <= z", "z", "w, x in R^n; z in R^n, z > 0"),
        ("max(B, where(B >= A, A, B))", "A", "A, B in R^(m*n)"),
        ("sum(where(i <= 3, w[i], x[i]**2) for i in range(4))", "x", "w, x in R^4"),
        *((e, "x", HERE_X) for e in SEEN),
    ],
)
def test_a_side_that_cannot_be_met_is_not_looked_for(expression: str, wrt: str, where: str) -> None:
    assert {v.status for v in derivgen.derive(expression, wrt, where).check().verdicts} == {"verified"}


@pytest.mark.parametrize(
    ("expression", "where", "differs"),
    [
        ("max(x / sum(x), 2)", "x in R^n", "2"),  # without a sign a share may be more than 1
        ("max(1 / sqrt(x), 1)", "x in R^n, x > 0", "1"),
        ("sum(where(i <= 3, w[i], x[i]) for i in range(5))", "w, x in R^5", "sum(w)"),
        ("max(B, where(B >= A, B, A))", "A, B in R^(m*n)", "B"),
        ("max(w * z, z)", "w in R^n; z in R^n, z > 0", "z"),
        ("max(softmax(z), 1/4)", "z in R^n", "1/4"),
        ("relu(a**2 - 3*a*b + b**2)", "a, b in R", "a**2 - 3*a*b + b**2"),
        ("max(b*b, b - 1/5)", "b in R", "b*b"),
        ("abs(x.T @ S @ x)", "x in R^n; S in Sym(n)", "x.T @ S @ x"),
        ("relu(x.T @ P @ y)", "x, y in R^n; P in PD(n)", "x.T @ P @ y"),
        ("max(exp(x) - 3/2, x)", "x in R^n", "exp(x) - 3/2"),
        ("max(sqrt(x**2 - 1/100), x/2)", "x in R", "sqrt(x**2 - 1/100)"),
        ("max(log(z + 1), z)", "z in R, z > 0", "log(z + 1)"),
        ("max(log(1/2 + exp(x)), x + 1/10)", "x in R", "x + 1/10"),
        ("max(log(sum(exp(x)) - 1), x[0])", "x in R^n", "x[0]"),
        ("relu(det(sigmoid(A) @ A.T))", "A in R^(m*n)", "det(sigmoid(A) @ A.T)"),
        ("max(x / norm(x), 9/10)", "x in R^n", "9/10"),
        ("max(x / (x.T @ x), 2)", "x in R^n", "2"),
        ("max(sum(x), sum(y))", "x, y in R^n", "sum(x)"),
        ("relu(cos(2*sin(x)))", "x in R", "cos(2*sin(x))"),
        ("relu(det(P @ S + eye(n)))", "P in PD(n); S in Sym(n)", "det(P @ S + eye(n))"),
        ("relu(sum(A @ A))", "A in R^(n*n)", "sum(A @ A)"),
        ("max(a, det(X.T @ X + eye(n)))", "a in R; X in R^(N*n)", "det(X.T @ X + eye(n))"),
        ("where(sum(1 for i in range(n)) > 10, a, 0)", "a in R; x in R^n", "0*a"),
    ],
)
def test_a_side_that_can_be_met_is_met(expression: str, where: str, differs: str) -> None:
    assert derivgen.equal(expression, differs, where=where).status == "refuted"
