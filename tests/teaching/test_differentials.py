"""A scalar of a matrix that is inverted, or whose determinant is taken: its change, and the derivative read off beside it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import derivgen
from derivgen.derivation.report import every_step
from derivgen.expr import Sum, walk

GAUSSIAN = ("N/2*logdet(S) + 1/2*sum((X[i]-m).T @ inv(S) @ (X[i]-m) for i in range(N))", "S")
DATA = "X in R^(N*n); m in R^n"
BY_CHANGE = {"take-differential", "pull-out-change", "read-derivative"}


def logdet(a: Any) -> Any:
    return np.linalg.slogdet(a)[1]


CASES: list[tuple[str, str, Callable[..., Any], int]] = [
    ("logdet(M.T @ M)", "M in R^(m*n)", lambda M: logdet(M.T @ M), 3),
    ("logdet(M) + trace(inv(M) @ C)", "M, C in R^(n*n)", lambda M, C: logdet(M) + np.trace(np.linalg.inv(M) @ C), 3),
    ("u.T @ inv(M.T) @ v", "M in R^(n*n); u, v in R^n", lambda M, u, v: u @ np.linalg.inv(M.T) @ v, 3),
    ("norm(inv(M) @ b)**2", "M in R^(n*n); b in R^n", lambda M, b: np.sum(np.linalg.solve(M, b) ** 2), 4),
    ("norm(inv(M) - C)**2 + logdet(M)", "M, C in R^(n*n)", lambda M, C: np.sum((np.linalg.inv(M) - C) ** 2) + logdet(M), 5),
    ("log(u.T @ inv(M) @ u + 9)", "M in R^(n*n); u in R^n", lambda M, u: np.log(u @ np.linalg.inv(M) @ u + 9), 3),
    ("trace(M.T) * det(M)", "M in R^(n*n)", lambda M: np.trace(M) * np.linalg.det(M), 4),
    ("exp(trace(inv(M) @ C)) / 2 - a**2", "M, C in R^(n*n); a in R", lambda M, C, a: np.exp(np.trace(np.linalg.inv(M) @ C)) / 2 - a**2, 4),
    ("sum(a[i] * (Z[i].T @ inv(M) @ Z[i])**2 for i in range(k))", "M in R^(n*n); Z in R^(k*n); a in R^k",
     lambda M, Z, a: sum(a[i] * (Z[i] @ np.linalg.inv(M) @ Z[i]) ** 2 for i in range(len(a))), 5),
    ("(a.T @ b) * trace(b @ a.T @ inv(M)) + sqrt(det(M.T @ M))", "M in R^(n*n); a, b in R^n",
     lambda M, a, b: (a @ b) * np.trace(np.outer(b, a) @ np.linalg.inv(M)) + np.sqrt(np.linalg.det(M.T @ M)), 6),
]  # fmt: skip
SHAPES: dict[str, tuple[int, ...]] = {"M": (3, 3), "C": (3, 3), "Z": (4, 3), "u": (3,), "v": (3,), "b": (3,)}


@pytest.mark.parametrize(("text", "where", "value", "most"), CASES, ids=[c[0] for c in CASES])
def test_the_derivative_that_is_read_off(text: str, where: str, value: Callable[..., Any], most: int) -> None:
    d = derivgen.derive(text, "M", where)
    assert d.verdict == "verified"
    assert len(d.steps) <= most
    assert {s.rule for s in d.steps[:3]} <= BY_CHANGE
    assert all(s.check is not None and s.check.status == "verified" for s in every_step(d.steps))
    rng = np.random.default_rng(3)
    point: dict[str, Any] = {name: rng.normal(size=SHAPES[name]) for name in d.problem.symbols if name in SHAPES}
    point["M"] = np.eye(3) * 2 + rng.normal(size=(3, 3)) / 3
    if "a" in d.problem.symbols:
        point["a"] = rng.normal(size={0: (), 1: (4,) if "Z" in point else (3,)}[d.problem.symbols["a"].shape.rank])
    expected = np.zeros((3, 3))
    for j, k in np.ndindex(3, 3):
        step = np.zeros((3, 3))
        step[j, k] = 1e-6
        above, below = ({**point, "M": point["M"] + sign * step} for sign in (1, -1))
        expected[j, k] = (value(**above) - value(**below)) / 2e-6
    np.testing.assert_allclose(d.evaluate(point), expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("space", ["PD(n)", "R^(n*n)"])
def test_the_gaussian_is_as_short_as_in_a_book(space: str) -> None:
    d = derivgen.derive(*GAUSSIAN, f"S in {space}; {DATA}")
    assert d.verdict == "verified"
    assert len(d.steps) == 3
    printed = " ".join(d.to("text").split())
    assert (
        "log det(S) changes by tr(S⁻¹E) and S⁻¹ by −S⁻¹ES⁻¹ (SS⁻¹ stays I, so the changes of its two factors cancel)."
        in printed
    )
    assert "In numerator layout the derivative by Sⱼₖ stands in row k, column j." in printed


def test_what_it_rests_on_is_proved_entry_by_entry() -> None:
    full = derivgen.derive(*GAUSSIAN, f"S in PD(n); {DATA}").to("text", detail="full")
    for title in (
        "The derivative of inv",
        "Multiply by the inverse",
        "Let one entry grow",
        "One column differs",
        "The determinant cancels",
    ):
        assert title in full


def test_of_another_matrix_it_is_said_which() -> None:
    printed = " ".join(derivgen.derive("logdet(M.T @ M)", "M", "M in R^(m*n)").to("text").split())
    assert "log det(Z) changes by tr(Z⁻¹H) when Z, which is MᵀM here, changes by H." in printed
    assert "A trace stays the same when its last factor goes to the front or all of it is transposed" in printed


def test_a_function_of_a_number_is_spoken_of() -> None:
    printed = " ".join(derivgen.derive("log(u.T @ inv(M) @ u)", "M", "M in PD(n); u in R^n").to("text").split())
    assert (
        "M⁻¹ changes by −M⁻¹EM⁻¹ (MM⁻¹ stays I, so the changes of its two factors cancel); a function of a number changes by its slope times the change of the number."
        in printed
    )


@pytest.mark.parametrize(("text", "where", "words"), [
    ("norm(A @ M - B)**2 + c*norm(M)**2", "A in R^(m*n); M in R^(n*k); B in R^(m*k); c in R",
     "‖AM − B‖_F² is tr((AM − B)ᵀ(AM − B)): AM − B changes by AE, in both factors alike, which gives the 2, and likewise ‖M‖_F²."),
    ("norm(R - M @ V.T)**2 + c*norm(M)**2 + c*norm(V)**2", "R in R^(m*n); M in R^(m*k); V in R^(n*k); c in R",
     "R − MVᵀ changes by −EVᵀ, in both factors alike, which gives the 2, and likewise ‖M‖_F²; a sum is transposed term by term."),
    ("trace(A @ M) + norm(M - B)**2", "A in R^(n*m); M, B in R^(m*n)", "M − B changes by E, in both factors alike, which gives the 2;"),
    ("norm(Y - X @ M)**2 + c*trace(M.T @ S @ M)", "Y in R^(N*k); X in R^(N*n); M in R^(n*k); S in R^(n*n); c in R",
     "In a product each M changes in turn, while two changes at once are of second order."),
    ("norm(inv(M) - C)**2 + logdet(M)", "M, C in R^(n*n)", "its two factors change alike, which gives the 2; to first order M⁻¹ changes by"),
])  # fmt: skip
def test_a_square_among_other_terms_says_how_it_changes(text: str, where: str, words: str) -> None:
    d = derivgen.derive(text, "M", where)
    assert d.verdict == "verified"
    printed = " ".join(d.to("text").split())
    assert words in printed
    assert not re.search(r"(?<!of second) order ?[.;]", printed)


@pytest.mark.parametrize(("text", "where"), [
    ("logdet(M)", "M in R^(n*n)"),
    ("2 * det(M)", "M in R^(n*n)"),
    ("trace(inv(M) * C)", "M, C in R^(n*n)"),
    ("trace(inv(tanh(M)))", "M in R^(n*n)"),
    ("trace((u.T @ M @ u) * inv(M))", "M in R^(n*n); u in R^n"),
    ("trace(M @ C)", "M, C in R^(n*n)"),
])  # fmt: skip
def test_where_entries_are_shorter_or_the_change_is_no_factor(text: str, where: str) -> None:
    d = derivgen.derive(text, "M", where)
    assert d.verdict == "verified"
    assert not BY_CHANGE & {s.rule for s in d.steps}


def test_the_letter_of_the_change_is_free() -> None:
    d = derivgen.derive("trace(inv(M) @ E) + H", "M", "M, E in R^(n*n); H in R")
    assert "D" in d.to("text").split("Answer")[0]
    assert str(d.result) == "-inv(M) @ E @ inv(M)"


def test_the_other_methods_are_there() -> None:
    entries, links = (
        derivgen.derive("u.T @ inv(M) @ v", "M", "M in R^(n*n); u, v in R^n", method=m) for m in ("scalar", "chain")
    )
    assert not BY_CHANGE & {s.rule for d in (entries, links) for s in d.steps}


BY_A_NUMBER = [
    ("-logdet(A + t*V)", "-trace(inv(A + t*V) @ V)"),
    ("trace(inv(A + t*V))", "-trace(inv(A + t*V) @ V @ inv(A + t*V))"),
    ("inv(A + t*V)", "-inv(A + t*V) @ V @ inv(A + t*V)"),
    ("x.T @ inv(A + t**2*V) @ x", "-2*t * x.T @ inv(A + t**2*V) @ V @ inv(A + t**2*V) @ x"),
    ("logdet(A + t*V) + x.T @ inv(A + t*V) @ x - t", "trace(inv(A + t*V) @ V) - x.T @ inv(A + t*V) @ V @ inv(A + t*V) @ x - 1"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "answer"), BY_A_NUMBER)
def test_a_matrix_that_changes_with_a_number_has_a_letter(text: str, answer: str) -> None:
    where = "A, V in R^(n*n); x in R^n; t in R"
    d = derivgen.derive(text, "t", where)
    assert d.verdict == "verified"
    assert derivgen.equal(str(d.result), answer, where).status == "verified"
    assert "sum(" not in str(d.result)
    assert "rate-of-matrix" in {s.rule for s in d.steps}
    assert "Here that change is ∂M/∂t times the change of t." in " ".join(d.to("text").split())
    A, V, x, t, h = np.diag([3.0, 4.0]), np.array([[1.0, 2.0], [0.5, 1.0]]), np.array([1.0, -1.0]), 0.3, 1e-6
    if text == "-logdet(A + t*V)":
        ends = [-np.log(np.linalg.det(A + s * V)) for s in (t + h, t - h)]
        np.testing.assert_allclose(
            d.evaluate({"A": A, "V": V, "x": x, "t": t}), (ends[0] - ends[1]) / (2 * h), rtol=1e-6
        )


def test_a_symmetric_matrix_changes_as_one() -> None:
    d = derivgen.derive(*GAUSSIAN, f"S in PD(n); {DATA}")
    text = " ".join(d.to("text").split())
    assert "each entry by itself" not in text
    assert "When S changes by a small E, symmetric or not, to first order y changes" in text
    assert "both get the mean of their two partials; these are equal here, so ∂y/∂S is that mean." in text


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ("logdet(X.T @ X)", "X in R^(m*n)", "H is EᵀX + XᵀE: in XᵀX each X changes in turn, while two changes at once are of second order."),
        ("b.T @ inv(A @ X @ B) @ c", "X, A, B in R^(n*n); b, c in R^n", "As X changes by E, AXB changes by H = AEB."),
        ("logdet(X + A)", "X, A in R^(n*n)", "What X + A adds to X stays, so H is E."),
    ],
)  # fmt: skip
def test_the_change_of_a_matrix_within_is_said(text: str, where: str, words: str) -> None:
    printed = " ".join(derivgen.derive(text, "X", where, check=False).to("text").split())
    assert words in printed


def test_of_the_variable_itself_no_other_change_is_said() -> None:
    printed = derivgen.derive("y.T @ inv(X) @ y", "X", "X in R^(n*n); y in R^n", check=False).to("text")
    assert " H " not in printed


def test_a_symmetry_that_makes_two_terms_equal_is_said() -> None:
    printed = " ".join(derivgen.derive("logdet(X.T @ X)", "X", "X in R^(m*n)", check=False).to("text").split())
    assert "There the two terms are equal, for (XᵀX)⁻¹ is its own transpose." in printed


@pytest.mark.parametrize(
    ("text", "wrt", "where", "named"),
    [("N/2 * logdet(S) + a.T @ inv(S) @ a", "S", "S in R^(n*n); a in R^n; N in R", "det(S + E)"),
     ("logdet(A + t * B)", "t", "A, B in R^(n*n); t in R", "det(M + E)")],
)  # fmt: skip
def test_the_change_of_a_determinant_has_its_reason_once(text: str, wrt: str, where: str, named: str) -> None:
    printed = " ".join(derivgen.derive(text, wrt, where, check=False).to("text").split())
    assert printed.count("a sum over permutations, is 1 + tr(") == 1
    assert f". {named} = " in printed
    trace = "tr(M)" if named == "det(S + E)" else "tr(P)"
    assert f"leaves it twice, and log(1 + {trace}) is {trace}." in printed
    full = derivgen.derive(text, wrt, where, check=False).to("text", detail="full")
    assert "permutations" not in full  # its proof is there line by line


def test_a_name_is_that_of_one_formula() -> None:
    """It is the change of a determinant that is Jacobi's, and not that of its logarithm."""
    for text, named in (
        ("logdet(X)", 0),
        ("logdet(X.T @ X)", 0),
        ("det(X)", 1),
        ("det(X.T @ X)", 1),
        ("log(det(X.T @ X))", 1),
    ):
        where = "X in R^(n*n)" if "T" not in text else "X in R^(m*n)"
        assert derivgen.derive(text, "X", where, check=False).to("text").count("Jacobi") == named


@pytest.mark.parametrize(
    ("text", "in_one"),
    [
        ("c/2*logdet(S) + trace(inv(S) @ A)", True),
        ("sum(X[i].T @ inv(S) @ X[i] for i in range(N))", True),
        ("a.T @ inv(S) @ a", False),
        ("det(S) * trace(S @ A)", True),
    ],
)
def test_that_traces_make_one_trace_is_said(text: str, in_one: bool) -> None:
    where = "S, A in R^(n*n); a in R^n; c in R" if "X" not in text else "S in R^(n*n); X in R^(N*n)"
    printed = " ".join(derivgen.derive(text, "S", where, check=False).to("text").split())
    assert ("a sum of traces is the trace of the sum" in printed) == in_one
    assert "That holds for every change, also one entry's, so what stands" in printed


@pytest.mark.parametrize(("text", "result", "steps"), [
    ("logdet(A.T @ diag(x) @ A)", "diag(A @ inv(A.T @ diag(x) @ A) @ A.T).T", 3),
    ("logdet(B + x @ x.T)", "x.T @ (inv(B + x @ x.T) + inv(B + x @ x.T).T)", 4),
    ("logdet(S + x @ x.T)", "2 * x.T @ inv(S + x @ x.T)", 4),
    ("a.T @ inv(B + diag(x)) @ a", "-((inv(B + diag(x)).T @ a) * (inv(B + diag(x)) @ a)).T", 3),
    ("sqrt(det(B + x @ a.T))", "1 / 2 * sqrt(det(B + x @ a.T)) * a.T @ inv(B + x @ a.T)", 3),
    ("trace(inv(S + diag(exp(x))))", None, 5),
])  # fmt: skip
def test_a_vector_within_an_inverse_or_a_determinant_goes_by_its_change(
    text: str, result: str | None, steps: int
) -> None:
    d = derivgen.derive(text, "x", "x, a in R^n; A in R^(n*m); B in R^(n*n); S in Sym(n)")
    assert d.verdict == "verified"
    assert d.steps[0].rule == "take-differential"
    assert result in (None, str(d.result))
    assert len(d.steps) <= steps
    assert not any(isinstance(e, Sum) for s in d.steps for side in (s.before, s.after) for e in walk(side))


TRACES: list[tuple[str, str, str, str, str]] = [
    ("trace((eye(n) - K @ H) @ P @ (eye(n) - K @ H).T + K @ R @ K.T)", "K", "K in R^(n*m); H in R^(m*n); P in PD(n); R in PD(m)",
     "2 * H @ P @ (H.T @ K.T - eye(n)) + 2 * R @ K.T", "There the terms are equal in pairs, for P and R are their own transposes."),
    ("trace((A @ X - B).T @ W @ (A @ X - B))", "X", "A in R^(m*n); X in R^(n*k); B in R^(m*k); W in PD(m)",
     "2 * (A @ X - B).T @ W @ A", "There the two terms are equal, for W is its own transpose."),
    ("trace(F @ P) + trace(K @ R @ K.T) - 2*trace(K @ H @ P)", "K", "K in R^(n*m); H in R^(m*n); P in Sym(n); R in Sym(m); F in R^(n*n)",
     "2 * R @ K.T - 2 * H @ P", "There tr(ERKᵀ) and tr(KREᵀ) are equal, for R is its own transpose."),
    ("trace(X @ X @ X)", "X", "X in R^(n*n)", "3 * X @ X", "There all terms are equal."),
    ("trace(X.T @ A @ X)", "X", "X in R^(n*k); A in R^(n*n)", "X.T @ (A + A.T)", "Xᵀ is a factor of XᵀAᵀ and XᵀA, so it is taken out."),
    ("trace(X)**2 + trace(X @ X)", "X", "X in R^(n*n)", "2 * trace(X) * eye(n) + 2 * X", "There tr(EX) and tr(XE) are equal."),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wrt", "where", "result", "said"), TRACES, ids=[c[0] for c in TRACES])
def test_a_matrix_in_several_factors_under_a_trace_changes_in_turn(
    text: str, wrt: str, where: str, result: str, said: str
) -> None:
    d = derivgen.derive(text, wrt, where)
    assert d.verdict == "verified"
    assert [s.rule for s in d.steps] == ["take-differential", "pull-out-change", "read-derivative"]
    assert str(d.result) == result
    printed = " ".join(d.to("text").split())
    assert f"In a product each {wrt} changes in turn, while two changes at once are of second order" in printed
    assert said in printed


def test_several_squares_of_matrices_change_at_once() -> None:
    factors = "X in R^(m*n); U in R^(m*k); V in R^(n*k); c in R"
    d = derivgen.derive("norm(X - U @ V.T)**2 + c*norm(U)**2", "U", factors)
    assert [s.rule for s in d.steps] == ["take-differential", "pull-out-change", "read-derivative"]
    printed = " ".join(d.to("text").split())
    assert "‖X − UVᵀ‖_F² is tr((X − UVᵀ)ᵀ(X − UVᵀ)): X − UVᵀ changes by −EVᵀ, in both factors" in printed
    assert "a function of a number" not in printed
    assert "a sum is transposed term by term" in printed


@pytest.mark.parametrize(("text", "where"), [
    ("norm(Y - X @ M)**2", "Y in R^(n*k); X in R^(n*m); M in R^(m*k)"),
    ("trace(M.T @ A @ M) / trace(M.T @ B @ M)", "M in R^(n*k); A, B in Sym(n)"),
])  # fmt: skip
def test_one_square_goes_by_names_and_a_quotient_by_its_rule(text: str, where: str) -> None:
    d = derivgen.derive(text, "M", where)
    assert d.verdict == "verified"
    assert "take-differential" not in {s.rule for s in d.steps}


@pytest.mark.parametrize("layout", ["gradient", "denominator"])
@pytest.mark.parametrize(("text", "where", "result"), [
    ("trace((eye(n) - M @ H) @ P @ (eye(n) - M @ H).T + M @ R @ M.T)", "M in R^(n*m); H in R^(m*n); P in PD(n); R in PD(m)",
     "2 * (M @ H - eye(n)) @ P @ H.T + 2 * M @ R"),
    ("trace(inv(M) @ A)", "M, A in R^(n*n)", "-(inv(M) @ A @ inv(M)).T"),
    ("trace(inv(M.T @ C @ M) @ M.T @ B @ M)", "M in R^(n*k); B, C in Sym(n)",
     "2 * (B - C @ M @ inv(M.T @ C @ M) @ M.T @ B) @ M @ inv(M.T @ C @ M)"),
])  # fmt: skip
def test_in_another_layout_it_is_read_off_as_the_transpose_at_once(
    text: str, where: str, result: str, layout: Any
) -> None:
    d = derivgen.derive(text, "M", where, layout=layout)
    assert d.verdict == "verified"
    assert str(d.result) == result
    assert d.steps[-1].rule == "read-derivative"
    assert "stands beside it is (∂y/∂M)ᵀ, of which ∂y/∂M is the transpose" in " ".join(d.to("text").split())
