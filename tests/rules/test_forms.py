"""The preferred forms: the engine, given the plain form, ends in the preferred one, and the measure says why."""

from __future__ import annotations

from typing import Any

import pytest

import derivgen
from derivgen.check.judge import Judge
from derivgen.derivation.methods.scalar import finish, in_order
from derivgen.derivation.report import every_step
from derivgen.expr import Build, Expr, canonical, walk
from derivgen.expr.text import text
from derivgen.read import parse_text
from derivgen.rules import BOOK
from derivgen.rules.engine import Context
from derivgen.rules.form_cost import PREFERRED, WEIGHTS, Preferred, measure


def finished(e: Expr) -> Expr:
    start = in_order(e, Context.of(e, BOOK))
    ctx = Context.of(start, BOOK)
    ctx.question = ()  # what is simplified is no question: nothing in it is known to a reader beforehand
    steps = finish(start, ctx, start, by_cases=False)
    for s in steps:
        assert Judge().agree(s.before, s.after).status == "verified", s.rule
    return steps[-1].after if steps else start


each = pytest.mark.parametrize("row", [pytest.param(r, id=r.plain) for r in PREFERRED])


@each
def test_the_plain_form_ends_in_the_preferred_one(row: Preferred) -> None:
    plain, preferred = parse_text(row.plain, row.where), parse_text(row.preferred, row.where)
    assert Judge().agree(plain, preferred).status == "verified"
    assert canonical(finished(plain)) == canonical(preferred), text(finished(plain))


@each
def test_the_preferred_form_stays(row: Preferred) -> None:
    preferred = parse_text(row.preferred, row.where)
    assert finished(preferred) == preferred


@each
def test_the_preferred_form_measures_no_more(row: Preferred) -> None:
    plain, preferred = parse_text(row.plain, row.where), parse_text(row.preferred, row.where)
    assert measure(preferred) <= measure(plain)


def test_the_measure_tells_nearly_all_apart() -> None:
    """Only where a minus sign turns a difference around do both forms measure the same."""
    same = [r for r in PREFERRED if measure(parse_text(r.preferred, r.where)) == measure(parse_text(r.plain, r.where))]
    assert len(same) <= 2


@pytest.mark.parametrize(
    ("expression", "wrt", "answer"),
    [
        ("sigmoid(x) * (1 - sigmoid(x))", "x", "diag(sigmoid(x) * (1 - sigmoid(x)) * (1 - 2 * sigmoid(x)))"),
        ("sum(log(1 + exp(-y * (A @ x))))", "x", "-(y * sigmoid(-y * (A @ x))).T @ A"),
        ("sin(x**2)", "x", "2 * diag(x * cos(x**2))"),
        ("exp(tanh(x) * u)", "u", "diag(exp(tanh(x) * u) * tanh(x))"),
    ],
)
def test_letters_stand_before_functions(expression: str, wrt: str, answer: str) -> None:
    d = derivgen.derive(expression, wrt, "x, y, u in R^n; A in R^(n*n)")
    assert (str(d.result), d.verdict) == (answer, "verified")


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("sigmoid(A @ x) * u + (1 - sigmoid(A @ x)) * y", "diag(sigmoid(A @ x) * (1 - sigmoid(A @ x)) * (u - y)) @ A"),
        ("exp(u.T @ x) + log(1 + (u.T @ x)**2)", "(exp(u.T @ x) + 2 * u.T @ x / (1 + (u.T @ x)**2)) * u.T"),
        ("sum(tanh(A @ x)) + norm(A @ x)", "(1 - tanh(A @ x)**2 + A @ x / norm(A @ x)).T @ A"),
    ],
)
def test_what_all_terms_share_is_derived_once(expression: str, answer: str) -> None:
    """With a gate z = σ(Ax), the mixture z ⊗ u + (1 - z) ⊗ y is derived by z, and z by x: once, not once a term."""
    d = derivgen.derive(expression, "x", "x, y, u in R^n; A in R^(n*n)")
    assert (str(d.result), d.verdict) == (answer, "verified")
    assert len(d.steps) <= 8
    assert sum(s.rule == "name-intermediates" for s in d.steps) == 1


def test_a_difference_that_would_be_written_out_is_named() -> None:
    """The centred vector r = x - mean(x) is one letter, and its own derivative one link."""
    d = derivgen.derive("sqrt(sum((x - mean(x))**2) / n + 1)", "x", "x in R^n")
    assert [str(i.value) for i in d.steps[0].introduces] == ["x - mean(x)", "sqrt(sum(r**2) / n + 1)"]
    assert next(str(s.after) for s in d.steps if s.rule == "derive-link") == "eye(n) - 1 / n * ones(n) @ ones(n).T"
    assert len(d.steps) <= 11


@pytest.mark.parametrize(
    ("expression", "wrt", "answer"),
    [
        ("-log(softmax(x)[2])", "x", "(softmax(x) - eye(n)[2]).T"),
        ("-log(softmax(x)[k])", "x", "(softmax(x) - eye(n)[k]).T"),
        ("-log(softmax(A @ x)[k])", "A", "x @ (softmax(A @ x) - eye(m)[k]).T"),
        ("x[1] * sum(x)", "x", "(sum(x) * eye(n)[1] + x[1] * ones(n)).T"),
        ("x[k]**2 * y.T @ x", "x", "x[k] * (2 * (y.T @ x) * eye(n)[k] + x[k] * y).T"),
    ],
)
def test_of_a_unit_vector_the_one_entry_is_left(expression: str, wrt: str, answer: str) -> None:
    d = derivgen.derive(expression, wrt, "x, y in R^n; A in R^(m*n)")
    assert (str(d.result), d.verdict) == (answer, "verified")


@pytest.mark.parametrize("method", ["auto", "chain", "scalar"])
def test_entries_with_rows_of_a_matrix_are_read_as_its_product(method: Any) -> None:
    """Such as uᵢ - xᵀaᵢ, which is an entry of u - Ax."""
    where = "a in R; u in R^m; x in R^n; A in R^(m*n)"
    d = derivgen.derive("exp(sum((u[i] - x.T @ A[i])**2 for i in range(m)))", "u", where, method=method)
    assert (str(d.result), d.verdict) == ("2 * exp(sum((u - A @ x)**2)) * (u - A @ x).T", "verified")


@pytest.mark.parametrize("method", ["auto", "chain", "scalar"])
def test_lines_between_two_arrays_are_arrays(method: Any) -> None:
    where = "a in R; u in R^m; x in R^n; A in R^(m*n)"
    d = derivgen.derive(
        "max(sin(a), sum((u[i] - log(x).T @ A[i])**2 for i in range(m)) / 3)", "u", where, method=method
    )
    assert d.verdict == "verified"
    assert not any(isinstance(part, Build) for part in walk(d.result))
    assert all(e.shape == s.after.shape for s in every_step(d.steps) for e in s.via)


def test_a_difference_of_entries_becomes_one_of_arrays_at_once() -> None:
    """1 - σ(z)_i is an entry of 1 - σ(z); nobody would write 1 + (-σ(z))_i on the way."""
    d = derivgen.derive("sum(sigmoid(A @ x + y) * tanh(B @ x))", "x", "x, y in R^n; A, B in R^(n*n)", check=False)
    lines = [str(s.after) for s in every_step(d.steps)]
    assert not any("(-sigmoid" in line for line in lines)
    assert any("sigmoid(z2)[i] * (1 - sigmoid(z2))[i]" in line for line in lines)


def test_the_manual_prints_the_measure_and_the_table() -> None:
    from derivgen.mkdocs.manual import TABLES

    assert TABLES["weights"]().count("\n| ") == len(WEIGHTS) + 1
    assert TABLES["preferred-forms"]().count("<math") == 2 * len(PREFERRED)


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("sum(X[i].T @ A @ X[i] for i in range(N))", "(A + A.T) @ X.T"),
        ("sum((X[i].T @ w - y[i])**2 for i in range(N))", "2 * w @ (X @ w - y).T"),
        ("sum(norm(X[i])**2 for i in range(N))", "2 * X.T"),
    ],
)
def test_by_the_matrix_of_the_samples_no_sum_over_them_stays(expression: str, answer: str) -> None:
    d = derivgen.derive(expression, "X", "X in R^(N*n); A in R^(n*n); w in R^n; y in R^N")
    assert (str(d.result), d.verdict) == (answer, "verified")


@pytest.mark.parametrize(
    ("expression", "wrt", "method"),
    [
        ("log(2 + x / (1 + x))", "x", "scalar"),
        ("sqrt(1 + abs((x / max(x)).T @ (x / max(x))))", "x", "auto"),
        ("sqrt(1 + a**2 / c**2)", "a", "auto"),
    ],
)
def test_what_goes_below_the_bar_keeps_its_sign(expression: str, wrt: str, method: Any) -> None:
    """Below a root u would go in as u², and come out as |u|."""
    assert derivgen.derive(expression, wrt, "a, c in R; x in R^n", method=method).verdict == "verified"


def test_what_is_multiplied_out_is_not_collected_again() -> None:
    d = derivgen.derive("trace(c * diag(x) @ (H - exp(C) * diag(y)))", "c", "c in R; x, y in R^n; C, H in R^(n*n)")
    assert d.verdict == "verified"


def test_an_index_of_an_array_is_none_of_the_samples() -> None:
    d = derivgen.derive("sum(a * C[i] for i in range(n)) @ [i for i in range(n)]", "a", "a in R; C in R^(n*n)")
    assert d.verdict == "verified"
