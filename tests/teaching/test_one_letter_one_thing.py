"""A letter, an index and a name stand for one thing in a derivation, and both sides of an equation have one shape."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from derivgen import derive
from derivgen.expr import Build, Cases, Expr, Partial, Symbol, bound_indices, symbols, walk
from derivgen.rules.step import Step

SYMMETRIC = "S in Sym(n); x, b in R^n; A, B in R^(n*n)"


def said(text: str, wrt: str, where: str, **more: Any) -> str:
    return " ".join(derive(text, wrt, where, **more).to("text").split())


def every(steps: tuple[Step, ...]) -> Iterator[Step]:
    for s in steps:
        yield s
        yield from every(s.substeps)


@pytest.mark.parametrize(
    ("text", "wrt", "where"),
    [
        ("norm(X.T @ A @ X - B)**2", "X", "X in R^(n*k); A in R^(n*n); B in R^(k*k)"),
        ("norm(A @ X @ B - C)**2", "X", "A in R^(m*n); X in R^(n*k); B in R^(k*p); C in R^(m*p)"),
        ("norm(W.T @ A @ W @ B)**2", "W", "W in R^(n*k); A in R^(n*n); B in R^(k*k)"),
        ("norm(Y - X @ W)**2", "W", "Y in R^(N*k); X in R^(N*n); W in R^(n*k)"),
    ],
)
def test_no_index_is_free_and_summed_over_in_one_line(text: str, wrt: str, where: str) -> None:
    d = derive(text, wrt, where)
    assert d.verdict == "verified"
    carried = [s for s in every(d.steps) if s.rule == "carry-by-entries" and isinstance(s.left, Partial)]
    assert carried
    for s in carried:
        assert s.left is not None
        free = {i.name for i in (*s.after.free, *s.left.free)}
        assert not free & {i.name for i in bound_indices(s.after)}


def test_an_entry_by_cases_is_not_set_equal_to_the_matrix() -> None:
    d = derive("log(sum(exp(x)))", "x", "x in R^n", order=2)
    (s,) = (s for s in d.steps if any(isinstance(e, Build) and isinstance(e.body, Cases) for e in s.via))
    assert s.after.shape.rank == 2
    lines = d.to("text").splitlines()
    (k,) = (k for k, line in enumerate(lines) if "⎰" in line)
    assert lines[k].strip().startswith("∂sᵢ/∂xₖ = ⎰")
    assert lines[k + 2].strip() == "∂s/∂x = diag(s) − ssᵀ"
    by_entries = derive("softmax(x)", "x", "x in R^n").to("text")  # there each side is an entry
    assert "= sᵢ(δᵢₖ − sₖ)" in by_entries


@pytest.mark.parametrize(
    ("text", "where"), [("X @ X", ""), ("inv(X) @ a", "; a in R^n"), ("A @ X @ X.T @ B", "; A, B in R^(n*n)")]
)
@pytest.mark.parametrize("space", ["Sym", "Diag"])
def test_the_variable_that_keeps_its_structure_is_called_by_its_name(text: str, where: str, space: str) -> None:
    d = derive(text, "X", f"X in {space}(n){where}")
    (last,) = (s for s in d.steps if s.rule in ("keep-symmetric", "keep-diagonal"))
    assert {e.name for e in last.reason.terms if isinstance(e, Symbol)} == {"X"}
    assert not any("$S$" in w or "$D$" in w for w in last.reason.words)


def derivatives(e: Expr | None, name: str, wrt: str) -> list[Expr]:
    """The derivatives of the value by the variable, or by an entry of it, that an expression has in names."""
    inner = [p for p in walk(e) if isinstance(p, Partial)] if e is not None else []
    symbols = [({*walk(p.body)}, {*walk(p.wrt)}) for p in inner]
    return [
        p
        for p, (of, by) in zip(inner, symbols, strict=True)
        if any(isinstance(s, Symbol) and s.name == name for s in of) and any(isinstance(s, Symbol) and s.name == wrt for s in by)
    ]  # fmt: skip


@pytest.mark.parametrize("layout", ["numerator", "denominator", "gradient"])
@pytest.mark.parametrize("structured", ["within", "entries"])
@pytest.mark.parametrize(
    ("text", "where", "name"),
    [
        ("norm(S @ x - b)**2", SYMMETRIC, "y"),
        ("trace(S @ A @ S @ B)", SYMMETRIC, "y"),
        ("x.T @ inv(S) @ b", SYMMETRIC, "y"),
        ("S @ S", SYMMETRIC, "Y"),
        ("norm(S @ x - b)**2", SYMMETRIC.replace("Sym", "Diag"), "y"),
    ],
)
def test_what_is_found_with_all_entries_free_has_another_name_than_the_answer(
    text: str, where: str, name: str, structured: Any, layout: Any
) -> None:
    d = derive(text, "S", where, structured=structured, layout=layout)
    assert d.verdict == "verified"
    k = next(k for k, s in enumerate(d.steps) if s.rule in ("keep-symmetric", "keep-diagonal", "count-free-entries"))
    assert not any(derivatives(s.left, name, "S") for s in d.steps[:k])
    assert derivatives(d.steps[k].left, name, "S")
    letters = {e.name for e in walk(d.steps[k].before) if isinstance(e, Symbol)}
    assert letters == {"G"}
    assert "no other entry of S being varied" in " ".join(d.to("text").split())


def test_a_derivative_that_keeps_the_structure_already_has_one_name() -> None:
    d = derive("x.T @ S @ x", "S", SYMMETRIC)
    assert all(derivatives(s.left, "y", "S") for s in d.steps if isinstance(s.left, Build))
    taken = derive("x.T @ S @ G @ x", "S", "S in Sym(n); x in R^n; G in R^(n*n)")
    assert taken.verdict == "verified"
    assert "(H + Hᵀ)" in taken.to("text")


@pytest.mark.parametrize("layout", ["numerator", "gradient"])
def test_entries_are_combined_by_their_place(layout: str) -> None:
    text = said("logdet(X)", "X", "X in R^(n*n)", layout=layout)
    place = "row j and column i is X⁻¹" if layout == "numerator" else "row i and column j is X⁻ᵀ"
    assert f"The matrix with (X⁻¹)ⱼᵢ in {place}." in text
    assert "every place" not in text


def test_what_only_a_definition_brings_in_is_not_told() -> None:
    assert "⊗" not in said("norm(W)**2 * norm(x)", "W", "W in R^(m*n); x in R^n")


def test_the_letter_of_a_change_is_none_of_the_answer() -> None:
    d = derive(
        "sum((sigmoid(A @ x) - t)**2) + a.T @ inv(B + diag(x)) @ a", "x", "A in R^(n*n); x, t, a in R^n; B in Sym(n)"
    )
    (change,) = (
        symbols(s.left).keys() - {"x"} for s in d.steps if s.rule == "take-differential" and s.left is not None
    )
    assert "h" in change
    assert {n.symbol.name for n in d.said_result[1]}.isdisjoint(change)
