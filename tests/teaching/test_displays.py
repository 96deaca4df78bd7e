"""The displays of the notes: gradients with ∇, stacked gradients before the table, both Jacobians in full."""

from __future__ import annotations

import re

import pytest

from derivgen import Derivation, derive
from derivgen.derivation.report import every_step

COMPOSITE = ("f(g(x))", "x", "x in R^n; g: R^n -> R^k; f: R^k -> R^m")


def shown(d: Derivation) -> str:
    """The text without the evidence, blank lines left out."""
    return re.sub(r"\n\n+", "\n", d.to("text"))


def test_a_gradient_is_a_row_of_partials() -> None:
    d = derive("3 * x**2 * y", "[x, y]", "x, y in R")
    assert "∇f(x, y) = [∂f/∂x, ∂f/∂y]" in shown(d)
    assert "= [6xy, 3x²]" in shown(d)
    assert d.verdict == "verified"


def test_gradients_are_stacked_before_they_are_a_table() -> None:
    text = shown(derive("[3 * x**2 * y, 2 * x + y**8]", "[x, y]", "x, y in R"))
    stacked, table, found = (text.index(line) for line in ("J = ⎡∇f(x, y)⎤", "= ⎡∂f/∂x  ∂f/∂y⎤", "= ⎡6xy  3x²⎤"))
    assert stacked < table < found


def test_declared_functions_keep_their_names() -> None:
    text = shown(derive("[f(x, y), g(x, y)]", "[x, y]", "x, y in R; f, g: R, R -> R"))
    assert "J = ⎡∇f(x, y)⎤" in text
    assert "⎡∂f(x, y)/∂x  ∂f(x, y)/∂y⎤" in text
    assert not re.search(r"\b[hp]\b", text.split("Answer")[0].split("where")[1])


def test_the_general_jacobian_has_three_stages_and_ends_there() -> None:
    d = derive("f(x)", "x", "x in R^n; f: R^n -> R^m")
    (step,) = d.steps
    text = shown(d)
    stages = [text.index(line) for line in ("⎡∇f₁(x)⎤", "⎡∂/∂x f₁(x)⎤", "⎡∂f₁/∂x₁  ∂f₁/∂x₂  ⋯  ∂f₁/∂xₙ⎤")]
    assert stages == sorted(stages)
    assert {s.rule for s in every_step(step.substeps)} >= {"partial-at-the-variable"}
    assert all(s.check is not None and s.check.status == "verified" for s in every_step(d.steps))


@pytest.mark.parametrize(
    ("where", "column"),
    [(COMPOSITE[2], "⎡∂g₁/∂x₁  ∂g₁/∂x₂  ⋯  ∂g₁/∂xₙ⎤"), ("x in R; g: R -> R^k; f: R^k -> R^m", "⎡∂g₁/∂x⎤")],
)
def test_both_jacobians_stand_side_by_side(where: str, column: str) -> None:
    d = derive(COMPOSITE[0], "x", where)
    assert f"⎡∂f₁/∂v₁  ∂f₁/∂v₂  ⋯  ∂f₁/∂vₖ⎤ {column}" in shown(d)
    assert "total derivative" in shown(d)
    (entry,) = (s for s in d.steps if s.rule == "total-derivative")
    assert entry.check is not None
    assert entry.check.status == "verified"


def test_diagonal_jacobians_are_multiplied_with_their_large_zeros() -> None:
    text = shown(derive("f(g(x))", "x", "x in R^n; f, g: R -> R elementwise"))
    assert "⎡f′(v₁)                   ⎤ ⎡g′(x₁)                   ⎤" in text


def test_ones_times_a_diagonal_is_shown_once() -> None:
    text = shown(derive("max(0, w.T @ x + b)", "w", "w, x in R^n; b in R"))
    assert text.count("𝟏ᵀ diag(x) = [1, 1, …, 1] ⎢") == 1
    assert "= [x₁, x₂, …, xₙ]" in text


@pytest.mark.parametrize("to", ["latex", "html", "markdown", "mathml", "tex"])
def test_every_format_has_them(to: str) -> None:
    gradients = derive("[3 * x**2 * y, 2 * x + y**8]", "[x, y]", "x, y in R").to(to)
    assert "nabla" in gradients or "∇" in gradients
    assert derive(*COMPOSITE).to(to)


def test_the_plan_of_a_longer_chain_is_said_first() -> None:
    long, short = derive("max(0, w.T @ x + b)", "w", "w, x in R^n; b in R"), derive(*COMPOSITE)
    assert "w → u → s → z → y" in str(long.steps[0].reason)
    assert "→" not in str(short.steps[0].reason)


def test_ones_times_a_jacobian_is_the_row_of_the_sums_of_its_columns() -> None:
    d = derive("sum(f(x))", "x", "x in R^n; f: R^n -> R^n")
    text = d.to("text")
    assert "= [∑ᵢ₌₁ⁿ ∂fᵢ/∂x₁, ∑ᵢ₌₁ⁿ ∂fᵢ/∂x₂, …, ∑ᵢ₌₁ⁿ ∂fᵢ/∂xₙ]" in text
    assert "entry j is ∑ᵢ₌₁ⁿ ∂fᵢ/∂xⱼ, the sum of column j" in " ".join(text.split())
    assert len(d.steps) == 4
    assert str(derive("sum(f(x))", "x", "x in R^n; f: R -> R elementwise").result).endswith("(x).T")
