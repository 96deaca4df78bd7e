"""A vector over its length has a letter, by which its derivative is seen to be a projection: (I - uuᵀ)/‖x‖."""

from __future__ import annotations

from typing import Any

import pytest

from derivgen.derivation import Derivation, derive
from derivgen.derivation.words.directions import direction, projected, projections
from derivgen.expr import Dim, Shape, Symbol
from derivgen.options import Options
from derivgen.read.question import read_any

X = "x, a, c in R^n; A in R^(m*n); b in R^m; s in R"


def derived(text: str, **options: Any) -> Derivation:
    d = derive(text, "x", X, **options)
    assert d.verdict == "verified"
    return d


def printed(d: Derivation) -> str:
    """The answer with what its letters stand for, as the document has it at its end."""
    said = d.to("text").split("\nAnswer\n")[1].split("\n  Note")[0]
    return " ".join(said.split())


@pytest.mark.parametrize(("text", "answer"), [
    ("x / norm(x)", "∂y/∂x = (I − yyᵀ) / ‖x‖ where y = x/‖x‖"),
    ("(x - c) / norm(x - c)", "∂y/∂x = (I − yyᵀ) / ‖x − c‖ where y = (x − c) / ‖x − c‖"),
    ("s * x / norm(x)", "∂y/∂x = s(I − uuᵀ) / ‖x‖ where u = x/‖x‖"),
    ("x / norm(x)**3", "∂y/∂x = (I − 3uuᵀ) / ‖x‖³ where u = x/‖x‖"),
    ("A @ x / norm(A @ x)", "∂y/∂x = (I − yyᵀ)A / ‖Ax‖ where z = Ax y = z/‖z‖"),
    ("a.T @ (x / norm(x))", "∂y/∂x = (aᵀ − (aᵀu)uᵀ) / ‖x‖ where u = x/‖x‖"),
    ("norm(x / norm(x) - a)**2", "∂y/∂x = 2(u − a + ((a − u)ᵀu)u)ᵀ / ‖x‖ where u = x/‖x‖"),
])  # fmt: skip
def test_the_answer_shows_the_projection(text: str, answer: str) -> None:
    assert printed(derived(text)).startswith(answer)


@pytest.mark.parametrize(("text", "answer"), [
    ("norm(x)", "∂²y/∂x∂xᵀ = (I − ggᵀ) / ‖x‖ where g = x/‖x‖"),
    ("norm(x - c)", "∂²y/∂x∂xᵀ = (I − ggᵀ) / ‖x − c‖ where g = (x − c) / ‖x − c‖"),
    ("norm(A @ x - b)", "∂²y/∂x∂xᵀ = Aᵀ(I − uuᵀ)A / ‖Ax − b‖ where r = Ax − b u = r/‖r‖"),
    ("norm(A @ x - b) + a.T @ x", "∂²y/∂x∂xᵀ = Aᵀ(I − uuᵀ)A / ‖Ax − b‖ where r = Ax − b u = r/‖r‖"),
])  # fmt: skip
def test_the_hessian_of_a_length_is_a_projection(text: str, answer: str) -> None:
    assert printed(derived(text, order=2)).startswith(answer)


@pytest.mark.parametrize("order", [1, 2])
def test_the_result_stays_in_the_letters_of_the_question(order: int) -> None:
    d = derived("norm(x)" if order == 2 else "x / norm(x)", order=order)
    assert str(d.result) == "eye(n) / norm(x) - x @ x.T / norm(x)**3"


def test_the_reason_says_what_the_projection_does() -> None:
    *_, last = derived("x / norm(x)").steps
    assert "takes away what is along y, whose length stays 1" in str(last.reason)
    *_, last = derived("x / norm(x)**3").steps
    assert "takes away" not in str(last.reason)


def test_terms_of_a_sum_keep_the_letters_of_the_question() -> None:
    """Where they are added up nobody would know what the letter of one term stands for."""
    d = derived("norm(A @ x - b) + norm(x - c)", order=2)
    assert all(" u u" not in str(s.after) and "u.T" not in str(s.after) for s in d.steps)


def test_a_direction_that_is_the_same_in_every_sample_has_no_letter_for_each() -> None:
    d = derive("sum(exp(-y[i] * (w / norm(w)).T @ X[i]) for i in range(N))", "w", "w in R^n; y in R^N; X in R^(N*n)")
    assert d.verdict == "verified"
    assert not any(str(n.value).startswith("[w / norm(w)") for s in d.steps for n in s.introduces)


def test_what_is_no_projection_stays() -> None:
    x = Symbol("x", Shape((Dim("n"),)))
    for other in ("x @ a.T / norm(x)**3", "x @ x.T / norm(x)**2", "a @ a.T / norm(x)**3"):
        e = read_any(f"eye(n) / norm(x) - {other}", Options(where=X)).expression
        assert projections(e) == {}
        assert projected(e, {direction(x): Symbol("u", x.shape)}) == e
