"""Text for a terminal: as broad as it may be, and with vectors of ones that look like no number."""

from __future__ import annotations

import re

import pytest

from derivgen import derive
from derivgen.cli import main
from derivgen.console import BROADEST

TASKS = (
    ("f(w) <> g(x)", "w", "w, x in R^n; f, g: R -> R elementwise"),
    ("x * z", "x", "x in R^n; z in R"),
    ("f(g(x))", "x", "x in R^n; g: R^n -> R^k; f: R^k -> R^m"),
    ("sum((y[i] - max(0, w.T @ X[i] + b))**2 for i in range(N)) / N", "w", "w in R^n; b in R; y in R^N; X in R^(N*n)"),
    ("softmax(x)", "x", "x in R^n"),
    ("norm(W2 @ tanh(W1 @ x) - y)**2", "W1", "W1 in R^(h*n); W2 in R^(m*h); x in R^n; y in R^m"),
)


@pytest.mark.parametrize(("text", "wrt", "where"), TASKS)
def test_text_keeps_to_its_width(text: str, wrt: str, where: str) -> None:
    d = derive(text, wrt=wrt, where=where)
    for width in (80, 120):
        rows = d.to("text", width=width).split("\n")
        assert max(map(len, rows)) <= width
        words = [row for row in rows if re.match(r" *[A-Z][a-z]+ [a-z]+ ", row)]
        assert words
        assert max(map(len, words)) <= 88  # longer lines of words are hard to read


def test_a_matrix_that_is_too_wide_stands_below_its_name() -> None:
    rows = derive(*TASKS[0]).to("text", width=80).split("\n")
    below = rows.index("      ∂y/∂w =") + 1
    assert rows[below].startswith("        ⎡∂/∂w₁ (f(w₁) ◯ g(x₁))")


def test_a_short_formula_is_not_torn_at_the_end_of_a_line() -> None:
    d = derive("max(0, w.T @ x + b)", wrt="w", where="w, x in R^n; b in R")
    for width in range(40, 90, 5):
        assert "Here u ∈ ℝⁿ; s, z, y ∈ ℝ." in " ".join(d.to("text", width=width).split())
        assert not re.search(r"∈\n|\n +∈", d.to("text", width=width))


def test_the_vector_of_ones_is_told_from_the_number() -> None:
    shown = derive("x + z", wrt="z", where="x in R^n; z in R").to("text")
    assert "∂y/∂z = 𝟏\n" in shown
    assert "Every entry is 1, so the whole is 𝟏, a column of ones." in shown
    slope = derive("norm(tanh(x) - y)**2", wrt="x", where="x, y in R^n").to("text")
    assert "⊗ (1 − tanh²(x))" in slope  # a number beside a vector stays one


@pytest.mark.parametrize(("columns", "most"), [(60, 60), (200, BROADEST)])
def test_the_terminal_says_how_broad_text_is(
    columns: int, most: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr("derivgen.console.is_terminal", lambda stream: True)
    monkeypatch.setenv("NO_COLOR", "1")
    text, wrt, where = TASKS[0]
    assert main(["derive", text, "--wrt", wrt, "--where", where, "--no-check"]) == 0
    shown = capsys.readouterr().out.split("\n")
    assert ("      ∂y/∂w =" in shown) == (columns == 60)
    words = [row for row in shown if re.match(r" *[A-Z][a-z]+ [a-z]+ ", row)]
    assert 50 < max(map(len, words)) <= min(most, 88)


@pytest.mark.parametrize(
    "name", ["eps", "loss", "W_hidden", "x_new", "my_loss_2", "hat_y", "alpha_max", "ℓ", "Ω", "X_1_2", "x1"]
)
@pytest.mark.parametrize("space", ["R", "R^n", "R^(m*n)"])
def test_a_name_of_several_letters_is_no_latex_in_a_sentence(name: str, space: str) -> None:
    value = f"sum(2 * {name})" if "^" in space else f"2 * {name}"
    d = derive(value, name, f"{name} in {space}", check=False, dialect="text")
    assert not set("\\$") & set(d.to("text", detail="full"))
    assert "$" not in re.sub(r"<annotation.*?</annotation>", "", d.to("html"), flags=re.DOTALL)


def test_a_product_over_all_but_one_is_not_torn_from_its_sign() -> None:
    nested = "prod([prod([min(x.T @ y, A[0, j]) for j in range(2)]) for i in range(2)])"
    d = derive(nested, "A", "x, y in R^n; A in R^(m*2)", check=False, method="scalar")
    lines = [line.rstrip() for line in d.to("text").splitlines()]
    assert any("≠" in line and "∏" in line for line in lines)
    assert not any(re.search(r"∏_\{\w≠\w\}$", line) for line in lines)
