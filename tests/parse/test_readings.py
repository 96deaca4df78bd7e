"""What the language of INTERFACE says, sentence by sentence: text in, and the text of the tree that it makes."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest

from derivgen.catalog import elementwise, formulas, linear, opaque
from derivgen.catalog.base import GENERIC
from derivgen.expr import (
    MINUS_ONE,
    Add,
    At,
    Build,
    Call,
    Delta,
    Dim,
    Expr,
    Index,
    Mul,
    Number,
    Position,
    Power,
    Size,
    Sum,
)
from derivgen.expr.text import text
from derivgen.read import declare, parse_text

WHERE = """w, x, y in R^n; b, z in R; W, A in R^(m*n); v in R^m; B in R^(n*n); X in R^(N*n); t in R^N; lambda in R; p in R^3
f: R^n -> R^m; g: R -> R elementwise; h: R, R -> R; k: R^n -> R^n elementwise"""
KNOWN = declare(WHERE)

AS_TYPED = """
w + x
w - x * y
-w
x / norm(x)
w**x
w.T @ x
x @ x.T
A @ x
v.T @ A
A @ B
x + z
x * z
X[0]
X[0, 1]
x[0]
p[2]
(A @ x)[0]
(X[0])[1]
sum((t[i] - max(0, w.T @ X[i] + b))**2 for i in range(N)) / N
sum(X[i, j] for i in range(N) for j in range(n))
sum(t[i] * X[i].T for i in range(N))
max(x)
max(0, x)
min(x, y)
where(w.T @ x + b > 0, x.T, 0)
where(b > 0, x, b < -1, y, 0)
x > 0
v * (W @ x + v > 0)
norm(x)
norm(x, 1)
norm(X)
mean(x)
sum(x)
[b, z]
[[b, z], [z, 1]]
[x.T, y.T]
[x[i] * 2 for i in range(n)]
[x[i] * 2 for i in range(n)].T
[[X[i, j] for j in range(n)] for i in range(N)]
partial(b * x[0], x[0])
f(k(x))
g(A)
h(x, b)
D(f)(x)
D(h, 1)(x, y)
D(h, 0, 0)(b, z)
x ◯ y
D(◯, 0)(x, y)
diag(x) @ B
diag(B)
eye(n)
ones(n).T
zeros(m, n)
inv(B) @ x
trace(B) + det(B) + logdet(B)
softmax(x)
logsumexp(x)
sqrt(b)
exp(x) + log(x) + sin(x) + cos(x) + tan(x) + tanh(x) + sigmoid(x) + relu(x) + softplus(x) + abs(x) + sign(x)
pi * lambda
b / N
2 / N * b
-2 / N * (t - X @ w).T @ X
2 * A @ x
(2 * A) @ x
-(y * x).T @ B
(y * x).T @ B
eye(n) / norm(x) - x @ x.T / norm(x)**3
b / sqrt(z)
b * (z**2)**-1
1 / b / z
w - (x - y)
(w + x) + y
-(-b)
b - 3
sum((i + 1) * x[i] for i in range(n))
sum(i * x[i] for i in range(n))
sum((i == j) * B[i, j] for i in range(n) for j in range(n))
sum((i == 0) * x[i] for i in range(n))
transpose([x[i] for i in range(n)])
""".strip().splitlines()


@pytest.mark.parametrize("source", AS_TYPED)
def test_prints_as_typed(source: str) -> None:
    e = parse_text(source, KNOWN)
    assert text(e) == source
    assert parse_text(text(e), KNOWN) == e


READ_AS = [
    ("w @ x", "w.T @ x"),  # two columns make the dot product
    ("dot(w, x)", "w.T @ x"),
    ("dot(A, x)", "A @ x"),
    ("x.T * 2 @ y", "(x.T * 2) @ y"),
    ("x.T @ y @ w.T", "x.T @ y @ w.T"),
    ("-(y * x).T @ w", "-(y * x).T @ w"),
    ("-(A * A) @ x", "-(A * A) @ x"),
    ("2 * w @ x", "2 * w.T @ x"),
    ("A @ x @ v", "(A @ x).T @ v"),
    ("outer(x, y)", "x @ y.T"),
    ("A @ (B @ x)", "A @ B @ x"),
    ("maximum(0, x)", "max(0, x)"),
    ("minimum(x, y)", "min(x, y)"),
    ("max(b, z, 0)", "max(max(b, z), 0)"),
    ("X[0][1]", "X[0, 1]"),
    ("B[:, 0]", "B.T[0]"),
    ("B[0, :]", "B[0]"),
    ("x <> y", "x ◯ y"),
    ("2 * x ◯ y * z", "((2 * x) ◯ y) * z"),
    ("b.T", "b"),
    ("transpose(x)", "x.T"),
    ("np.exp(x)", "exp(x)"),
    ("np.linalg.norm(x)", "norm(x)"),
    ("np.linalg.norm(A, 'fro')", "norm(A)"),
    ('norm(A @ x, 1) + norm(A, "fro")', "norm(A @ x, 1) + norm(A)"),
    ("torch.tanh(x)", "tanh(x)"),
    ("np.pi * b", "pi * b"),
    ("x.sum()", "sum(x)"),
    ("X.mean()", "mean(X)"),
    ("x.dot(y)", "x.T @ y"),
    ("ones((m, n))", "ones(m, n)"),
    ("len(x) * b", "n * b"),
    ("len(p)", "3"),
    ("0.25 * b", "1 / 4 * b"),
    ("1e-3 * b", "1 / 1000 * b"),
    ("1_000", "1000"),
    ("b / (z**2)", "b / z**2"),
    ("b**-1", "1 / b"),
    ("b**(1 / 2)", "sqrt(b)"),
    ("-(2 * b)", "-2 * b"),
    ("+x", "x"),
    ("x − y", "x - y"),
    ("x\n  + y", "x + y"),
    ("sum(i + 2 for i in range(n))", "sum(i + 2 for i in range(n))"),
    ("eye(n, n)", "eye(n)"),
    ("zeros(3) * p", "zeros(3) * p"),
    ("[[x[i] for i in range(n)], y.T]", "[[x[i] for i in range(n)].T, y.T]"),
    ("sum(x[(i)] for i in range((n)))", "sum(x[i] for i in range(n))"),
    ("equal(0, 1)", "equal(0, 1)"),
    ("0 == 1", "0 == 1"),
    ("x * y >= w", "x * y >= w"),
    ("ln(b)", "log(b)"),
    ("tr(B)", "trace(B)"),
    ("σ(x)", "sigmoid(x)"),
    ("λ * x", "lambda * x"),
    ("square(x)", "x**2"),
    # sizes that the text leaves open
    ("B + eye", "B + eye(n)"),
    ("eye @ x", "eye(n) @ x"),
    ("ones.T @ x", "ones(n).T @ x"),
    ("x * zeros()", "x * zeros(n)"),
    ("f(ones)", "f(ones(n))"),
    ("ones.T @ (eye + eye) @ x", "ones(n).T @ (eye(n) + eye(n)) @ x"),
    ("A @ (eye - ones @ ones.T)", "A @ (eye(n) - ones(n) @ ones(n).T)"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "written"), READ_AS)
def test_is_read_as(source: str, written: str) -> None:
    e = parse_text(source, KNOWN)
    assert text(e) == written
    assert parse_text(written, KNOWN) == e


def symbol(name: str) -> Expr:
    return KNOWN.symbols[name]


def number(value: int) -> Number:
    return Number(Fraction(value))


n = Dim("n")
i, j = Index("i", n), Index("j", n)
b, z, x, A, B = map(symbol, ("b", "z", "x", "A", "B"))

TREES: list[tuple[str, Expr]] = [
    ("b - z", Add((b, Mul((MINUS_ONE, z))))),
    ("-2", number(-2)),
    ("b / z", Mul((b, Power(z, MINUS_ONE)))),
    ("b / z**2", Mul((b, Power(z, number(-2))))),
    ("1 / z", Power(z, MINUS_ONE)),
    ("b / 2", Mul((b, Power(number(2), MINUS_ONE)))),
    ("3 / 2", Number(Fraction(3, 2))),
    ("sqrt(b)", Power(b, Number(Fraction(1, 2)))),
    ("b * z * b", Mul((b, z, b))),
    ("b * (z * b)", Mul((b, Mul((z, b))))),
    ("(b * z) * b", Mul((Mul((b, z)), b))),  # parentheses are kept
    ("b + z + b", Add((b, z, b))),
    ("2 * A @ x", Mul((number(2), Call(linear.matmul, (A, x))))),
    ("(2 * A) @ x", Call(linear.matmul, (Mul((number(2), A)), x))),
    ("x.T @ B @ x", Call(linear.matmul, (Call(linear.transpose, (x,)), B, x))),
    ("sum(x)", Call(linear.sum_, (x,))),
    ("sum(x[i] for i in range(n))", Sum(i, At(x, (i,)))),
    ("sum(i + 1 for i in range(n))", Sum(i, Position(i))),
    ("sum(i for i in range(n))", Sum(i, Add((Position(i), MINUS_ONE)))),
    ("sum(B[i][j] for i in range(n) for j in range(n))", Sum(i, Sum(j, At(B, (i, j))))),
    ("[[i == j for j in range(n)] for i in range(n)]", Build((i, j), Delta(i, j))),
    ("[x[i] for i in range(n)].T", Build((i,), At(x, (i,)), row=True)),
    ("n * b", Mul((Size(n), b))),
    ("max(x)", Call(opaque.largest, (x,))),
    ("max(b, z)", Call(elementwise.maximum, (b, z))),
    ("norm(x, 1)", Call(formulas.norm1, (x,))),
    ("b ◯ z", Call(GENERIC, (b, z))),
    ("[b, z]", Call(opaque.stack, (b, z))),
]  # fmt: skip


@pytest.mark.parametrize(("source", "tree"), TREES, ids=[source for source, _ in TREES])
def test_makes_the_tree(source: str, tree: Expr) -> None:
    assert parse_text(source, KNOWN) == tree


def test_shapes() -> None:
    shapes = {
        "x": "n×1 column", "x.T": "1×n row", "X[0]": "n×1 column", "X[0].T": "1×n row", "x @ x.T": "n×n",
        "w @ x": "scalar", "A @ x": "m×1 column", "x.T @ B": "1×n row", "D(f)(x)": "m×n", "D(k)(x)": "n×1 column",
        "[b, z]": "2×1 column", "[x.T, y.T]": "2×n", "B[:, 0]": "n×1 column", "x > 0": "n×1 column",
    }  # fmt: skip
    assert {source: str(parse_text(source, KNOWN).shape) for source in shapes} == shapes


def test_free_indices() -> None:
    known = declare("i in range(n); w, x in R^n; B in R^(n*n)")
    assert parse_text("w[i] * x[i]", known).free == {i}
    found = parse_text("sum(B[i, j] * x[j] * (i == k) for j in range(n))", "B in R^(n*n); x in R^n", free_indices=True)
    assert found.free == {i, Index("k", n)}


def test_an_inner_index_hides_the_outer_one() -> None:
    inner = Sum(i, At(x, (i,)))
    assert parse_text("sum(x[i] * sum(x[i] for i in range(n)) for i in range(n))", KNOWN) == Sum(
        i, Mul((At(x, (i,)), inner))
    )


def test_reading_is_quick() -> None:
    known = declare("w, x in R^n; b in R")
    best = 1.0
    for _ in range(50):
        start = time.perf_counter()
        parse_text("max(0, w.T @ x + b)", known)
        best = min(best, time.perf_counter() - start)
    assert best < 1e-3
