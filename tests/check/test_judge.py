"""The judge: three verdicts, each with its evidence, on equalities of which we know whether they hold."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from derivgen.catalog import operation
from derivgen.catalog.base import Elementwise
from derivgen.catalog.elementwise import greater, tanh
from derivgen.check import judge, sides
from derivgen.check.evaluate import evaluate
from derivgen.check.judge import Judge
from derivgen.check.verdict import Verdict
from derivgen.expr import (
    MINUS_ONE,
    ONE,
    ZERO,
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
    Power,
    Shape,
    Sum,
    Symbol,
    symbols,
)
from derivgen.read import parse_text

SPACES = (
    "w, x, y in R^n; u in R^m; A in R^(m*n); B, C in R^(n*n); b, c in R; p in R^n, p > 0; f: R^n -> R^m; g: R^m -> R; "
    "h: R -> R elementwise; S in Sym(n); P in PD(n); D in Diag(n); q in Simplex(n)"
)
N, M = Dim("n"), Dim("m")
I, J = Index("i", N), Index("j", N)  # noqa: E741
X, W, C = Symbol("x", Shape((N,))), Symbol("w", Shape((N,))), Symbol("c")


def agree(left: str | Expr, right: str | Expr, **options: Any) -> Verdict:
    a, b = (parse_text(e, SPACES) if isinstance(e, str) else e for e in (left, right))
    return Judge(**options).agree(a, b)


def pending(text: str, wrt: str, *, row: bool = False) -> Expr:
    """The derivative by a vector or a number, not carried out: the Jacobian of a vector, a row of a scalar."""
    e = parse_text(text, SPACES)
    v = symbols(parse_text(f"{wrt} + 0", SPACES))[wrt]
    own = tuple(Index(f"a{k}", dim) for k, dim in enumerate(e.shape.axes))
    new = tuple(Index(f"d{k}", dim) for k, dim in enumerate(v.shape.axes))
    body = Partial(At(e, own) if own else e, At(v, new) if new else v)
    return Build(own + new, body, row) if own + new else body


TRUE = [
    ("exact", "w * x", "x * w"),
    ("exact", "x.T @ B @ x", "x.T @ B.T @ x"),
    ("exact", "trace(B @ C)", "trace(C @ B)"),
    ("exact", "ones(n).T @ diag(x)", "x.T"),
    ("exact", "x @ x.T @ y", "(x.T @ y) * x"),
    ("exact", "1 / x + 1 / y", "(x + y) / (x * y)"),
    ("exact", "inv(B @ C)", "inv(C) @ inv(B)"),
    ("exact", "det(B @ C)", "det(B) * det(C)"),
    ("exact", "S", "S.T"),
    ("exact", "P", "P.T"),
    ("exact", "D @ x", "diag(D) * x"),
    ("exact", "sum(q)", "1"),
    ("exact", "c**2 - 1", "(c - 1) * (c + 1)"),
    ("exact", "relu(x) - relu(-x)", "x"),
    ("exact", "max(x, y)", "(x + y + abs(x - y)) / 2"),
    ("exact", "max(0, c)", "where(c > 0, c, 0)"),
    ("exact", "abs(x)", "sign(x) * x"),
    ("exact", "-max(-x)", "min(x)"),
    ("ball", "exp(w + x)", "exp(w) * exp(x)"),
    ("ball", "log(p * exp(x))", "log(p) + x"),
    ("ball", "log(w * x)", "log(-w) + log(-x)"),
    ("ball", "sqrt(x**2)", "abs(x)"),
    ("ball", "norm(x)**2", "x.T @ x"),
    ("ball", "sin(x)**2 + cos(x)**2", "ones(n)"),
    ("ball", "tanh(x)", "2 * sigmoid(2 * x) - 1"),
    ("ball", "softplus(x)", "log(1 + exp(x))"),
    ("ball", "softmax(x + c)", "softmax(x)"),
    ("ball", "w**x", "exp(x * log(w))"),
    ("ball", "logdet(P)", "log(det(P))"),
    ("ball", "log(1 - c)", "log((1 - c)**2) / 2"),
]


@pytest.mark.parametrize(("arithmetic", "left", "right"), TRUE, ids=[f"{a} = {b}" for _, a, b in TRUE])
def test_what_is_true_is_verified(arithmetic: str, left: str, right: str) -> None:
    verdict = agree(left, right)
    assert (verdict.status, verdict.arithmetic) == ("verified", arithmetic), verdict
    assert verdict.points >= 1
    assert verdict.passed


FALSE = [
    ("w * x", "w + x"),
    ("x.T @ B", "x.T @ B.T"),
    ("x.T @ (B + B)", "x.T @ (B + B.T)"),
    ("B @ C", "C @ B"),
    ("S @ B", "B @ S"),
    ("inv(B @ C)", "inv(B) @ inv(C)"),
    ("relu(x)", "x"),
    ("relu(x)", "0 * x"),
    ("abs(x)", "x"),
    ("sqrt(x**2)", "x"),
    ("sqrt(c**2) * log(p)", "c * log(p)"),
    ("sqrt(c**2) * log(b)", "c * log(b)"),
    ("max(x, y)", "x"),
    ("max(x)", "x[0]"),
    ("exp(w + x)", "exp(w) + exp(x)"),
    ("exp(x)", "1 + x + x**2 / 2 + x**3 / 6 + x**4 / 24 + x**5 / 120 + x**6 / 720 + x**7 / 5040"),
    ("c**9 * 10**-12", "0"),
    ("c + 10**-25 * exp(c)", "c"),
    ("where(c > 100, 1, 0)", "0"),
    ("where(c < -50, 1, 0) * exp(c)", "0"),
    ("where(abs(c) < 0.01, 1, 0)", "0"),
    ("relu((c - 100) * (101 - c))", "0"),
    ("relu(relu(x) - relu(-x) - 3)", "0 * x"),
    ("q * sum(q)", "q + 1 / n"),
    ("mean(x)", "sum(x)"),
    ("sum(f(x))", "sum(f(y))"),
    ("h(w + x)", "h(w) + h(x)"),
    ("h(x)**2", "h(x**2)"),
    ("D(h)(x)", "h(x)"),
]


@pytest.mark.parametrize(("left", "right"), FALSE, ids=[f"{a} ≠ {b}" for a, b in FALSE])
def test_what_is_false_is_refuted(left: str, right: str) -> None:
    verdict = agree(left, right)
    assert verdict.status == "refuted", verdict
    assert verdict.left != verdict.right


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("x", "x.T"),
        ("ones(n).T @ diag(x)", "x"),  # with vectors of one axis and no orientation this comes out true
        ("0", "zeros(n)"),
        ("x", "x @ ones(n).T"),
        ("A", "A.T"),
        ("x", "u"),
        ("x @ x.T", "x.T @ x"),
    ],
)
def test_shapes_are_compared_first(left: str, right: str) -> None:
    verdict = agree(left, right)
    assert verdict.status == "refuted"
    assert "shapes" in verdict.reason


# --- evidence -----------------------------------------------------------------------------------------------------


def test_a_refutation_shows_the_point_the_place_and_both_values() -> None:
    left, right = parse_text("A @ x + u", SPACES), parse_text("A @ x - u", SPACES)
    verdict = Judge().agree(left, right)
    assert set(verdict.point) == {"A", "x", "u"}
    assert verdict.sizes == {"m": len(verdict.point["u"]), "n": len(verdict.point["x"])}
    place = int(verdict.place.removeprefix("entry ")) - 1
    assert evaluate(left, verdict.point)[place] == pytest.approx(float(verdict.left), rel=1e-4)
    assert evaluate(right, verdict.point)[place] == pytest.approx(float(verdict.right), rel=1e-4)


def test_a_refutation_names_entry_and_free_indices() -> None:
    assert agree("w @ x.T", "w @ y.T").place == "entry (1, 1)"
    verdict = Judge().agree(Delta(I, J), ONE)
    assert verdict.place == "i = 1, j = 2"
    assert (verdict.left, verdict.right) == ("0", "1")


def test_close_values_are_printed_with_digits_enough() -> None:
    verdict = agree("c", "c * (1 + 10**-9)")
    assert verdict.left != verdict.right
    assert agree("c", "c + 10**-30").left != agree("c", "c + 10**-30").right


def test_a_verification_by_one_exact_point_states_its_bound() -> None:
    verdict = agree("(x + y)**2", "x**2 + 2 * x * y + y**2")
    assert (verdict.points, verdict.arithmetic) == (1, "exact")
    assert verdict.bound is not None
    assert 0 < verdict.bound < 1e-14
    two = agree("(x + y)**2", "x**2 + 2 * x * y + y**2", samples=2)
    assert two.points == 2
    assert two.bound == pytest.approx(verdict.bound**2)


def test_other_arithmetics_state_no_bound() -> None:
    assert agree("relu(x) - relu(-x)", "x").bound is None
    assert agree("exp(w + x)", "exp(w) * exp(x)").bound is None


def test_samples_asks_for_points() -> None:
    for left, right in (("relu(x) - relu(-x)", "x"), ("exp(w + x)", "exp(w) * exp(x)"), ("log(w * x)", "log(x * w)")):
        assert agree(left, right, samples=20).points >= 20
        assert agree(left, right).points < 20


def test_sizes_are_distinct_also_from_numbers() -> None:
    court = Judge()
    e = parse_text("sum(A @ x) + sum(v) + sum(r)", "A in R^(m*n); x in R^n; v in R^3; r in R^k")
    verdict = court.agree(e, Mul((ONE, e)))
    assert sorted([*court.sizes.values(), 3]) == [3, 4, 5, 6]
    assert verdict.sizes == court.sizes
    assert set(court.agree(C, Mul((ONE, C))).sizes) == set()


def test_equalities_that_hold_at_equal_sizes_only_are_refuted() -> None:
    assert agree("sum(x) * m", "sum(x) * n").status == "refuted"
    assert agree("sum(c for i in range(m))", "sum(c for i in range(n))").status == "refuted"


def test_a_question_is_heard_at_several_sizes() -> None:
    """Each of these is true at the lengths that are taken first, or at any three of them."""
    for left, right in (
        ("mean(x)", "sum(x) / 3"), ("x**n", "x**3"), ("-det(B)", "det(-B)"), ("max(x)", "max(x[0], max(x[1], x[2]))"),
        ("n * x", "(m - 1) * x"), ("(n - 1) * (n - 2) * (n - 3) * x", "0 * x"), ("det(x @ x.T)", "0 * sum(x)"),
        ("sum(where(i > 20, x[i], 0) for i in range(n))", "0 * sum(x)"), ("where(n == 17, 1, 0)", "0"),
    ):  # fmt: skip
        a, b = parse_text(left, SPACES + "; z in R^m"), parse_text(right, SPACES + "; z in R^m")
        verdict = Judge().agree(a, b, depth="question")
        assert verdict.status == "refuted", f"{left} = {right}"
    verdict = Judge().agree(parse_text("A @ x", SPACES), parse_text("(x.T @ A.T).T", SPACES), depth="question")
    assert len(verdict.lengths) >= 5
    assert any(one["m"] > one["n"] for one in verdict.lengths)
    assert any(one["m"] < one["n"] for one in verdict.lengths)
    assert any(one["m"] == one["n"] for one in verdict.lengths)
    assert {1, 2} <= {one["n"] for one in verdict.lengths}


# --- branches -----------------------------------------------------------------------------------------------------


def test_both_sides_of_a_branch_are_met() -> None:
    verdict = agree("max(0, w.T @ x + b)", "where(w.T @ x + b > 0, w.T @ x + b, 0)")
    assert "both sides" in verdict.reason
    assert verdict.points >= 4


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("relu(exp(x))", "exp(x)"),
        ("abs(x**2 + 1)", "x**2 + 1"),
        ("(sigmoid(x) < 2) + 0", "ones(n)"),
        ("min(x, max(x))", "x"),
        ("relu(abs(c) - c)", "abs(c) - c"),
        ("(exp(c + 1) > exp(c)) + 0", "1"),
        ("(det(P) > 0) + 0", "1"),
        ("relu(P[0, 0])", "P[0, 0]"),
        ("max(tanh(c), -2)", "tanh(c)"),
        ("where(2 > 1, c, 0)", "c"),
    ],
)
def test_a_side_that_is_known_to_be_empty_is_not_asked_for(left: str, right: str) -> None:
    verdict = agree(left, right)
    assert verdict.status == "verified", verdict.reason
    assert verdict.unmet == ()


@pytest.mark.parametrize(
    ("left", "right", "side"),
    [
        ("max(c, -exp(1000))", "c", "c <= -exp(1000)"),
        ("where(c > 10**400, 1, 0)", "0", "c > 10**400"),
        (
            "where(norm(x) + norm(y) + 1 > norm(x + y), 1, 0)",
            "1",
            "norm(x) + norm(y) + 1 <= norm(x + y)",
        ),
    ],
)
def test_a_side_that_is_never_met_is_admitted(left: str, right: str, side: str) -> None:
    """Far beyond what doubles reach; or empty, by an inequality that the judge does not know."""
    verdict = agree(left, right)
    assert verdict.status == "unchecked"
    assert verdict.unmet == (side,)
    assert side in verdict.reason


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("where(c > 0, x, y)", "where(c > 1, x, y)"),
        ("where(c > 0, x, y)", "where(c > 0.001, x, y)"),
        ("where(c > 0, where(c > 0.1, x, y), w)", "where(c > 0, x, w)"),
        ("relu(x - 0.01)", "where(x > 0, x - 0.01, 0)"),
        ("exp(c) * (w.T @ x + b > 0)", "exp(c) * (w.T @ x > 0)"),
        ("(w.T @ x + b > 0)", "(b > 0) + 0 * c"),
    ],
)
def test_neighbouring_branches_are_told_apart(left: str, right: str) -> None:
    """Both sides of c > 0 and of c > 0.001 are met by any few points, but hardly any lies between."""
    for seed in range(12):
        assert agree(left, right, seed=seed).status == "refuted"


def test_branches_that_are_one_in_two_forms_stay_verified() -> None:
    for left, right in (("(c > 0)", "(c**3 > 0)"), ("(c > 0)", "(exp(c) > 1)"), ("(x > y)", "(2 * y < 2 * x)")):
        assert agree(left, right).status == "verified"


@pytest.mark.parametrize("depth", [3, 30])
def test_deep_ramps_are_seen_alive(depth: int) -> None:
    """Random weights of either sign make most deep ramps 0 at most points, and any two gradients equal."""
    h: Expr = X
    for k in range(depth):
        h = Call(operation("relu"), (Call(operation("matmul"), (Symbol(f"W{k}", Shape((N, N))), h)),))
    wrong = Add((h, Mul((Number(Fraction(1, 10**9)), h))))
    assert Judge().agree(h, wrong).status == "refuted"


# --- what cannot be told ------------------------------------------------------------------------------------------


def test_a_wide_ball_verifies_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """10^60 (sin² + cos² - 1) is 0, but at 128 bits its enclosure is wider than 1."""
    true = "10**60 * (sin(c)**2 + cos(c)**2 - 1) + c"
    assert agree(true, "c").status == "verified"
    monkeypatch.setattr(sides, "PRECISIONS", (128,))
    verdict = agree(true, "c")
    assert verdict.status == "unchecked"
    assert "too wide" in verdict.reason


def test_the_largest_entry_is_told_among_the_entries() -> None:
    """A ball that meets itself, or its like computed again, overlaps: the two are one number all the same."""
    for larger in ("exp(x) >= max(exp(x))", "max([exp(x[i]) for i in range(n)]) <= exp(x)"):
        assert agree(f"sum({larger})", "1 + 0 * sum(x)").status == "verified"
        assert agree(f"sum({larger})", "0 * sum(x)").status == "refuted"
    assert agree("sum(min(inv(B)) == inv(B))", "1 + 0 * trace(B)").status == "verified"
    assert agree("(exp(c) >= exp(c + 10**(-90))) + 1", "1 + 0 * c").status == "verified"


def test_a_sign_that_no_precision_tells_is_unchecked() -> None:
    verdict = agree("where(sin(c)**2 + cos(c)**2 > 1, c, 2 * c)", "2 * c")
    assert verdict.status == "unchecked"
    assert "too wide" in verdict.reason


def test_a_power_of_zero_is_zero() -> None:
    """Where the exponent is positive; what is zero everywhere does not move, whatever the exponent of its derivative."""
    assert agree("sum((0 * x)**(5 / 4))", "0 * sum(x)").status == "verified"
    assert agree(pending("sum((c * ones(n) - c)**(5 / 4))", "c"), "0 * c").status == "verified"
    assert agree(pending("sum((c * ones(n) - c)**(2 / 3))", "c"), "0 * c").status == "verified"
    assert agree("(0 * c)**(-1 / 4)", "0 * c").status == "unchecked"


def test_what_has_no_value_anywhere_is_unchecked() -> None:
    verdict = agree("log(-x**2)", "x")
    assert verdict.status == "unchecked"
    assert "value" in verdict.reason
    assert agree("1 / (c - c)", "c").status == "unchecked"


def test_an_array_too_large_for_seconds_is_unchecked() -> None:
    e = parse_text("sum(X * Y)", "X, Y in R^(60*60)")
    x = symbols(e)["X"]
    i, j = Index("i", Dim(60)), Index("j", Dim(60))
    verdict = Judge().agree(Build((i, j), Partial(e, At(x, (i, j)))), symbols(e)["Y"])
    assert verdict.status == "unchecked"
    assert "too large" in verdict.reason


def test_a_declared_length_too_large_is_judged_at_smaller_ones() -> None:
    """What depends on the length itself is told apart there only; the verdict says what was taken."""
    spaces = "x, y in R^10000; A in R^(10000*300)"
    left, right = (parse_text(e, spaces) for e in ("sum(x * y)", "x.T @ y"))
    verdict = Judge().agree(left, right, depth="question")
    assert verdict.status == "verified"
    assert all(length["10000"] < 20 for length in verdict.lengths)
    assert "length 10000 taken as" in verdict.evidence
    for a, b in (("sum(x) / 10000", "mean(x)"), ("mean(x)", "sum(x) / 3"), ("sum(ones(10000))", "10000")):
        verdict = Judge().agree(parse_text(a, spaces), parse_text(b, spaces), depth="question")
        assert verdict.status == ("refuted" if "3" in b else "verified"), (a, b, verdict.reason)
    verdict = Judge().agree(parse_text("trace(A.T @ A)", spaces), parse_text("300 * trace(A.T @ A)", spaces))
    assert verdict.status in ("refuted", "unchecked")


def test_time_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    large = "inv(G) @ inv(G)", "inv(G @ G)"
    left, right = (parse_text(e, "G in R^(60*60)") for e in large)
    monkeypatch.setattr(judge, "SECONDS", 0.2)
    verdict = Judge().agree(left, right)
    assert verdict.status == "unchecked"
    assert "too long" in verdict.reason
    monkeypatch.setattr(judge, "ALL_SECONDS", 0.0)
    assert agree("x", "y").reason == "the time for checks is used up"


def test_definitions_in_a_circle_are_unchecked() -> None:
    u, v = Symbol("u"), Symbol("v")
    verdict = Judge([Definition(u, v), Definition(v, u)]).agree(Add((u, v)), ZERO)
    assert verdict.status == "unchecked"
    assert "by itself" in verdict.reason


def test_a_branch_not_taken_may_have_no_value() -> None:
    assert agree("where(x > 0, log(x), 0) + y", "y + where(x <= 0, 0, log(x))").status == "verified"
    difference = Add((At(X, (I,)), Mul((MINUS_ONE, At(X, (J,))))))
    antisymmetric = Sum(J, Sum(I, Cases(((Delta(I, J), ZERO),), Power(difference, MINUS_ONE))))
    assert Judge().agree(antisymmetric, ZERO).status == "verified"


# --- derivatives --------------------------------------------------------------------------------------------------

JACOBIANS = [
    ("w * x", "w", "diag(x)", "diag(w)"),
    ("w / x", "x", "-diag(w / x**2)", "diag(w / x**2)"),
    ("w**x", "x", "diag(w**x * log(w))", "diag(w**x)"),
    ("max(0, w.T @ x + b)", "w", "where(w.T @ x + b > 0, x.T, 0)", "x.T"),
    ("max(0, w.T @ x + b)", "b", "where(w.T @ x + b > 0, 1, 0)", "1"),
    ("x.T @ B @ x", "x", "x.T @ (B + B.T)", "2 * x.T @ B"),
    ("softmax(x)", "x", "diag(softmax(x)) - softmax(x) @ softmax(x).T", "diag(softmax(x))"),
    ("norm(x)", "x", "x.T / norm(x)", "x.T"),
    ("tanh(A @ x)", "x", "diag(1 - tanh(A @ x)**2) @ A", "A @ diag(1 - tanh(x)**2)"),
    ("logdet(c * P)", "c", "n / c", "1 / c"),
    ("g(f(x))", "x", "D(g)(f(x)).T @ D(f)(x)", "D(g)(2 * f(x)).T @ D(f)(x)"),
    ("h(w * x)", "x", "diag(w * D(h)(w * x))", "diag(D(h)(w * x))"),
]


@pytest.mark.parametrize(("text", "wrt", "right", "wrong"), JACOBIANS, ids=[j[0] + " by " + j[1] for j in JACOBIANS])
def test_a_pending_derivative_is_judged(text: str, wrt: str, right: str, wrong: str) -> None:
    good = parse_text(right, SPACES)
    left = pending(text, wrt, row=good.shape.row)
    assert Judge().agree(left, good).status == "verified"
    assert Judge().agree(left, parse_text(wrong, SPACES)).status == "refuted"


def test_a_corrupt_catalog_is_refuted() -> None:
    """A rule that differentiates by the catalog's declaration is judged by the value of the operation."""
    assert isinstance(tanh, Elementwise)
    corrupt = replace(tanh, derivatives=(lambda u: Add((ONE, Power(Call(corrupt, (u,)), Number(Fraction(2))))),))
    c = Symbol("c")
    by_declaration = corrupt.derivatives[0](c)
    assert Judge().agree(Partial(Call(corrupt, (c,)), c), by_declaration).status == "refuted"
    assert Judge().agree(Partial(Call(corrupt, (c,)), c), tanh.derivatives[0](c)).status == "verified"


def test_derivatives_of_declared_functions_commute_and_compose() -> None:
    spaces = "x in R^n; f: R^n -> R^m; k: R, R -> R; c, b in R"

    def read(text: str) -> Expr:
        return parse_text(text, spaces)

    f, i, j = read("f(x)"), Index("i", M), Index("j", N)
    entry = Partial(At(f, (i,)), At(X, (j,)))
    assert Judge().agree(Build((i, j), entry), read("D(f)(x)")).status == "verified"
    second = Partial(entry, At(X, (J,)))
    swapped = Partial(Partial(At(f, (i,)), At(X, (J,))), At(X, (j,)))
    assert Judge().agree(second, swapped).status == "verified"
    c, b = Symbol("c"), Symbol("b")
    k = read("k(c, b)")
    assert Judge().agree(Partial(Partial(k, c), b), read("D(k, 0, 1)(c, b)")).status == "verified"
    assert Judge().agree(Partial(k, c), read("D(k, 1)(c, b)")).status == "refuted"


def test_functions_of_entries_differ_from_entry_to_entry() -> None:
    spaces = "w, x in R^n; f: R^n -> R^n elementwise"
    f = parse_text("f(x)", spaces)
    jacobian = Build((I, J), Partial(At(f, (I,)), At(X, (J,))))
    assert Judge().agree(jacobian, parse_text("diag(D(f)(x))", spaces)).status == "verified"
    assert Judge().agree(Sum(I, At(f, (I,))), Mul((Number(Fraction(1)), At(f, (0,))))).status == "refuted"


# --- one judge for a whole derivation -----------------------------------------------------------------------------


def test_names_may_be_defined_step_by_step() -> None:
    court = Judge()
    u, s = Symbol("u", Shape((N,))), Symbol("s")
    first = Definition(u, Mul((W, X)))
    second = Definition(s, Sum(I, At(u, (I,))))
    dot = parse_text("w.T @ x", SPACES)
    assert court.agree(u, Mul((X, W)), [first]).status == "verified"
    assert court.agree(s, dot, [first, second]).status == "verified"
    assert court.agree(s, dot, [second]).status == "refuted"  # here u is free
    assert court.agree(s, dot, [first, Definition(s, Sum(I, At(X, (I,))))]).status == "refuted"
    assert court.agree(s, dot, [first, second]).status == "verified"
    row = Build((J,), Partial(s, At(W, (J,))), row=True)
    assert court.agree(row, parse_text("x.T", SPACES), [first, second]).status == "verified"
    assert court.agree(row, parse_text("0 * x.T", SPACES)).status == "verified"  # s is a variable of its own here


def test_a_list_of_definitions_may_grow() -> None:
    court = Judge()
    u, s = Symbol("u", Shape((N,))), Symbol("s")
    known = [Definition(s, Sum(I, At(u, (I,))))]
    dot = parse_text("w.T @ x", SPACES)
    assert court.agree(s, dot, known).status == "refuted"
    known.append(Definition(u, Mul((W, X))))
    assert court.agree(s, dot, known).status == "verified"


def test_a_chain_of_a_hundred_defined_layers_is_judged() -> None:
    definitions: list[Definition] = []
    nested: Expr = X
    name: Expr = X
    for k in range(100):
        weight = Symbol(f"W{k}", Shape((N, N)))
        layer = Symbol(f"h{k}", Shape((N,)))
        definitions.append(Definition(layer, Call(tanh, (Call(operation("matmul"), (weight, name)),))))
        nested = Call(tanh, (Call(operation("matmul"), (weight, nested)),))
        name = layer
    by_name = Build((I, J), Partial(At(name, (I,)), At(X, (J,))))
    in_full = Build((I, J), Partial(At(nested, (I,)), At(X, (J,))))
    assert Judge(definitions).agree(by_name, in_full).status == "verified"
    assert Judge(definitions[:-1]).agree(by_name, in_full).status == "refuted"


def test_shared_trees_cost_what_is_distinct() -> None:
    e: Expr = C
    for _ in range(200):
        e = Add((e, e))
    assert Judge().agree(e, Mul((Number(Fraction(2**200)), C))).status == "verified"
    for _ in range(60):  # a degree far too high for exact numbers
        e = Mul((e, e))
    assert Judge().agree(e, Mul((ONE, e))).status == "verified"


def test_the_same_question_has_the_same_answer_in_every_process() -> None:
    ask = (
        "from derivgen.check.judge import Judge; from derivgen.read import parse_text as p; s = 'x, y in R^n';"
        "print(Judge(seed=3).agree(p('exp(x) * max(x, y)', s), p('exp(x) * x', s)))"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", ask], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    }
    assert len(answers) == 1
    assert "refuted" in answers.pop()


def test_other_seeds_draw_other_points() -> None:
    points = [agree("c", "2 * c", seed=seed).point["c"] for seed in range(5)]
    assert len(set(points)) == 5


def test_ties_are_the_reader_s_convention_not_an_error() -> None:
    """At a kink the value of a derivative is a convention; random points do not meet it."""
    slope = Partial(Call(operation("relu"), (C,)), C)
    assert Judge().agree(slope, Call(greater, (C, ZERO))).status == "verified"


def test_the_judge_is_light() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, derivgen.check.judge; print(*sys.modules)"],
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    assert not {"sympy", "derivgen.rules", "derivgen.read", "derivgen.show"} & set(loaded)
