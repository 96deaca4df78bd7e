"""In gradient layout the derivative of a number is a column from the first link on, and nothing is turned at the end."""

from __future__ import annotations

import pytest

from derivgen import derive
from derivgen.derivation.derivation import Derivation
from derivgen.expr import Build, Partial
from derivgen.rules.told_of_moves import derivatives

WHERE = "A in R^(m*n); X in R^(N*n); W in R^(k*n); B in Sym(n); S in PD(n); x, w in R^n; b in R^m; y in R^N; c, h in R; h > 0"
LOSSES = {
    "a chain": ("norm(A @ x - b)**2", "x", "2 * A.T @ (A @ x - b)"),
    "through a number": ("log(1 + exp(w.T @ x))", "w", "sigmoid(w.T @ x) * x"),
    "a softmax": ("log(sum(exp(A @ x + b)))", "x", "A.T @ softmax(A @ x + b)"),
    "cases": ("max(0, w.T @ x + c)", "w", "where(w.T @ x + c > 0, x, 0)"),
    "samples": ("sum((w.T @ X[i] - y[i])**2 for i in range(N))", "w", "2 * X.T @ (X @ w - y)"),
    "samples and a penalty": ("sum(log(1 + exp(w.T @ X[i])) for i in range(N)) + c*norm(w)**2", "w", "X.T @ sigmoid(X @ w) + 2 * c * w"),
    "samples by a matrix": ("sum(norm(W @ X[i])**2 for i in range(N))", "W", ""),
    "a quotient": ("(w.T @ B @ w) / (w.T @ S @ w)", "w", ""),
    "a product": ("(w.T @ x) * exp(w.T @ S @ w)", "w", ""),
    "shares": ("log(sum(exp(-norm(x - X[i])**2 / h) for i in range(N)))", "x", ""),
}  # fmt: skip


def derived(case: str) -> tuple[Derivation, str]:
    text, wrt, result = LOSSES[case]
    d = derive(text, wrt, WHERE, layout="gradient")
    assert isinstance(d, Derivation)
    return d, result


@pytest.mark.parametrize("case", LOSSES)
def test_the_gradient_of_a_number_is_never_turned(case: str) -> None:
    d, result = derived(case)
    assert d.verdict == "verified"
    assert "turn-layout" not in {s.rule for s in d.steps}
    assert not result or str(d.result) == result


@pytest.mark.parametrize("case", LOSSES)
def test_each_derivative_of_a_number_by_a_vector_on_the_way_is_a_column(case: str) -> None:
    d, _ = derived(case)
    for s in d.steps:
        for left in derivatives(s.left):
            match left:
                case Build((_,), Partial(), row):
                    assert not row
                case _:
                    pass


@pytest.mark.parametrize("case", LOSSES)
def test_it_has_no_more_steps_than_the_row(case: str) -> None:
    text, wrt, _ = LOSSES[case]
    d, _ = derived(case)
    assert len(d.steps) <= len(derive(text, wrt, WHERE, check=False).steps)


def test_a_column_is_multiplied_by_transposes_and_the_sentence_says_so() -> None:
    text = " ".join(derived("a chain")[0].to("text").split())
    assert "row j of the transpose of A times the column 2r. The shapes fit: (n × m)(m × 1) = n × 1." in text
    neuron = " ".join(derived("cases")[0].to("text").split())
    assert "the derivative of C by u is multiplied by the transpose of diag(x), by the vector chain rule." in neuron


@pytest.mark.parametrize(("text", "where", "result"), [
    ("norm(A @ x - b)**2", "A in R^(m*n); x in R^n; b in R^m", "2 * A.T @ (A @ x - b)"),
    ("exp(x.T @ A @ x)", "A in Sym(n); x in R^n", "2 * exp(x.T @ A @ x) * A @ x"),
    ("sum(log(1 + exp(-b[i] * (x.T @ A[i]))) for i in range(m))", "x in R^n; A in R^(m*n); b in R^m", ""),
])  # fmt: skip
def test_in_denominator_layout_the_gradient_by_a_vector_is_not_turned_at_the_end(
    text: str, where: str, result: str
) -> None:
    d = derive(text, "x", where, layout="denominator")
    assert d.verdict == "verified"
    assert "turn-layout" not in {s.rule for s in d.steps}
    assert not result or str(d.result) == result
    assert str(derive(text, "x", where, layout="gradient", check=False).result) == str(d.result)


def test_where_a_part_has_no_column_the_whole_is_turned_once() -> None:
    d = derive("trace(A.T @ A) + norm(A @ x - b)**2", "A", WHERE, layout="gradient")
    assert d.verdict == "verified"
    assert [s.rule for s in d.steps].count("turn-layout") <= 1


def test_a_diagonal_in_front_of_a_column_is_multiplied_in_the_step_of_the_chain() -> None:
    where = "V in R^(m*h); W in R^(h*n); x in R^n; b in R^h; y in R^m"
    d = derive("norm(V @ relu(W @ x + b) - y)**2", "b", where, layout="gradient")
    assert d.verdict == "verified"
    assert "multiply-by-diagonal" not in {s.rule for s in d.steps}
    (chained,) = (s for s in d.steps if s.rule == "chain-rule")
    assert str(chained.after) == "2 * (V.T @ r) * (W @ x + b > 0)"
    assert "multiplies each entry of the column behind it by that of" in str(chained.reason)
