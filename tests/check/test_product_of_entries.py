"""The product of all entries: read as people write it, derived without dividing by what may be zero, and judged."""

from __future__ import annotations

import numpy as np
import pytest

import derivgen
from derivgen.read import parse_text
from derivgen.read.latex.formula import parse_latex
from derivgen.show.math.latex import latex

WHERE = "a in R; x, y in R^n; z in R^n, z > 0; A in R^(m*n); w in R^d; X in R^(n*d)"

TRUE = [
    ("prod(x * y)", "prod(x) * prod(y)"),
    ("prod(x**2)", "prod(x)**2"),
    ("prod(a * ones(n))", "a**n"),
    ("log(prod(z))", "sum(log(z))"),
    ("prod(exp(x))", "exp(sum(x))"),
    ("prod(x)", "prod(x[i] for i in range(n))"),
    ("prod(A)", "prod(prod(A[i]) for i in range(m))"),
    ("prod(A, axis=0)", "[prod(A.T[j]) for j in range(n)]"),
    (
        "[partial(prod(x), x[k]) for k in range(n)]",
        "[prod(where(i == k, 1, x[i]) for i in range(n)) for k in range(n)]",
    ),
    ("[partial(prod(z), z[k]) for k in range(n)]", "prod(z) / z"),
    ("[partial(prod(z)**(1/n), z[k]) for k in range(n)]", "prod(z)**(1/n) / (n * z)"),
    ("[x[k] * partial(prod(x), x[k]) for k in range(n)]", "prod(x) * ones(n)"),
]

FALSE = [
    ("prod(x + y)", "prod(x) + prod(y)"),
    ("prod(a * x)", "a * prod(x)"),
    ("prod(x)", "sum(x)"),
    ("prod(z)", "exp(sum(z))"),
    ("log(prod(z))", "prod(log(z))"),
    ("prod(x)**2", "prod(x**3)"),
    ("prod(-x)", "-prod(x)"),
    ("prod(x)", "prod(abs(x))"),
    ("prod(1 + x)", "1 + prod(x)"),
    ("[partial(prod(x), x[k]) for k in range(n)]", "[prod(where(i == k, 0, x[i]) for i in range(n)) for k in range(n)]"),
    ("[partial(prod(x), x[k]) for k in range(n)]", "prod(x) * ones(n)"),
    ("prod(x)", "prod(where(x == 0, 1, x)) * (1 + 1e-9)"),
]  # fmt: skip


@pytest.mark.parametrize(("left", "right"), TRUE)
def test_what_is_so_is_verified(left: str, right: str) -> None:
    assert derivgen.equal(left, right, where=WHERE).status == "verified"


@pytest.mark.parametrize(("left", "right"), FALSE)
def test_a_near_miss_is_refuted(left: str, right: str) -> None:
    assert derivgen.equal(left, right, where=WHERE).status == "refuted"


@pytest.mark.parametrize(
    ("expression", "wrt", "answer"),
    [
        ("prod(x)", "x", "[prod(where(j == i, 1, x[j]) for j in range(n)) for i in range(n)].T"),
        ("prod(z)", "z", "prod(z) * (1 / z).T"),
        ("prod(z)**(1/n)", "z", "prod(z)**(1/n) * (1 / z).T / n"),
        ("log(prod(x))", "x", "(1 / x).T"),
        ("prod(1 + x**2)", "x", "2 * prod(1 + x**2) * (x / (1 + x**2)).T"),
        ("log(prod(sigmoid(y[i] * w.T @ X[i]) for i in range(n)))", "w", "(y * (1 - sigmoid(y * (X @ w)))).T @ X"),
        (r"\log \prod_{i=1}^n z_i^{y_i}", "z", "(y / z).T"),
    ],
)
def test_its_derivatives(expression: str, wrt: str, answer: str) -> None:
    found = derivgen.derive(expression, wrt, WHERE)
    assert found.verdict == "verified"
    assert derivgen.equal(str(found.result), answer, where=WHERE).status == "verified"


def test_an_entry_may_be_zero() -> None:
    found = derivgen.derive("prod(x)", "x", WHERE)
    np.testing.assert_array_equal(np.ravel(found.evaluate({"x": [0.0, 2.0, 3.0]})), [6, 0, 0])
    np.testing.assert_array_equal(np.ravel(found.evaluate({"x": [0.0, 0.0, 3.0]})), [0, 0, 0])
    assert not found.notes


def test_a_likelihood_is_read_from_its_logarithm() -> None:
    found = derivgen.derive("log(prod(sigmoid(X[i].T @ w) for i in range(n)))", "w", WHERE)
    assert found.steps[0].rule == "log-of-product"
    assert "∏_{j≠i} xⱼ" in derivgen.derive("prod(x)", "x", WHERE).to("text")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("np.prod(x)", "prod(x)"),
        ("x.prod()", "prod(x)"),
        ("math.prod(x[i]**2 for i in range(n))", "prod([x[i]**2 for i in range(n)])"),
        (r"\prod_{i=1}^n x_i", "prod(x)"),
        (r"\prod_i x_i^2", "prod([x[i]**2 for i in range(n)])"),
        (r"\prod_{i \neq 2} x_i", "prod([where(i == 1, 1, x[i]) for i in range(n)])"),
        (r"\sum_k y_k \prod_{i \neq k} x_i", "sum(y[k] * prod([where(i == k, 1, x[i]) for i in range(n)]) for k in range(n))"),
    ],
)  # fmt: skip
def test_it_is_read_as_people_write_it(written: str, meant: str) -> None:
    read = parse_latex if "\\" in written else parse_text
    assert read(written, WHERE) == parse_text(meant, WHERE)


@pytest.mark.parametrize("source", ["prod(x)", "prod(x**2)", "prod(1 + x)", "a * prod(x) + 1", "prod(x)**2 / a",
                                    "[prod(where(j == i, 1, x[j]) for j in range(n)) for i in range(n)]"])  # fmt: skip
def test_what_is_printed_reads_back_with_the_same_value(source: str) -> None:
    e = parse_text(source, WHERE)
    printed = latex(e)
    if e.shape.axes == ():
        assert derivgen.equal(parse_latex(printed, WHERE), e).status == "verified"
    assert parse_text(str(e), WHERE) == e
