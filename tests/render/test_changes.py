"""What changed between two lines, marked on demand; and the words that an answer is checked by."""

from __future__ import annotations

import pytest

from derivgen import derive
from derivgen.errors import DerivgenError
from derivgen.show.document.changes import new_in
from derivgen.show.layout.box import Changed, Fence, Frac, Grid, Letter, Num, Script, Sign, row
from derivgen.show.math.latex import write

A, B, C, D = (Letter(name) for name in "abcd")
PLUS = Sign("+")
NEURON = ("max(0, w.T @ x + b)", "w", "w, x in R^n; b in R")


def test_only_what_came_in_is_marked() -> None:
    assert new_in(row(A, PLUS, B, PLUS, C), row(A, PLUS, B)) == row(A, PLUS, B, PLUS, Changed(C))
    assert new_in(row(A, C), row(A, B)) == row(A, Changed(C))


def test_nothing_is_marked_where_nothing_or_all_is_new() -> None:
    assert new_in(row(A, B), row(A, B)) == row(A, B)
    assert new_in(row(C, D), row(A, B)) == row(C, D)
    assert new_in(A, None) == A


def test_marks_go_into_what_differs() -> None:
    assert new_in(
        row(A, Script(B, sup=Num("2")), Fence(row(C, D))), row(A, Script(B, sup=Num("2")), Fence(row(C, B)))
    ) == (row(A, Script(B, sup=Num("2")), Fence(row(C, Changed(D)))))
    assert new_in(Frac(row(A, B), C), Frac(row(A, D), C)) == Frac(row(A, Changed(B)), C)
    before, after = Grid(((A, B), (C, D)), "cases"), Grid(((A, B), (C, A)), "cases")
    assert new_in(after, before) == Grid(((A, B), (C, Changed(A))), "cases")


def test_without_the_option_nothing_is_marked() -> None:
    d = derive(*NEURON)
    for to, mark in (("html", "border-bottom: 2px"), ("latex", r"\textcolor"), ("tex", "xcolor"), ("text", "‾")):
        assert mark not in d.to(to)
        assert mark in d.to(to, changes=True)


def test_a_mark_has_a_second_sign_beside_its_colour() -> None:
    tex = write(Changed(A))
    assert tex == r"\underline{\textcolor{teal}{a}}"
    page = derive(*NEURON).to("html", changes=True)
    assert "color: var(--dg-link, LinkText); border-bottom: 2px dotted" in page


def test_shapes_zeros_and_one_sample_are_told() -> None:
    loss = derive("sum((y[i] - w.T @ X[i])**2 for i in range(N)) / N", "w", "w in R^n; y in R^N; X in R^(N*n)")
    text = derive(*NEURON).to("text", sense=True)
    assert "Zero: where x is 𝟎, the value does not change with w, and the answer is 𝟎ᵀ there." in text
    assert "Shape: the derivative is 1 × n" in text
    fits = derive("norm(A @ x - b)**2", "x", "A in R^(m*n); x in R^n; b in R^m").to("text", sense=True)
    assert "(1 × m)(m × n) = 1 × n" in fits
    assert "where b is 0" not in fits
    assert loss.verdict == "verified"


def test_the_sign_is_that_of_what_is_not_positive() -> None:
    text = derive("log(1 + exp(-y * (w.T @ x)))", "w", "w, x in R^n; y in R").to("text", sense=True)
    assert "σ(−ywᵀx) is positive whatever the values, so the answer has the sign of −yxᵀ" in " ".join(text.split())


def test_one_sample_is_shown() -> None:
    text = derive(
        "sum((y[i] - max(0, w.T @ X[i] + b))**2 for i in range(N)) / N", "w", "w in R^n; b in R; y in R^N; X in R^(N*n)"
    ).to("text", sense=True)
    assert "One sample: with N = 1" in text
    assert "(wᵀx₁ + b − y₁)x₁ᵀ" in text


def test_where_nothing_can_be_said_it_is_an_error() -> None:
    with pytest.raises(DerivgenError, match="nothing to check"):
        derive("a**2", "a", "a in R").to("text", sense=True)
