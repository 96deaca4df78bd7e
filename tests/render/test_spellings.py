"""Every kind of node is written as it ought to be, in LaTeX and in a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

import derivgen
from derivgen.expr import Expr, Mul, Shape, Symbol
from derivgen.read import parse_text
from derivgen.show.layout.style import Style
from derivgen.show.math.latex import latex
from derivgen.show.math.unicode import unicode

GOLDEN = (Path(__file__).parent / "spellings.txt").read_text(encoding="utf-8").splitlines()
WHERE = next(line for line in GOLDEN if line.startswith("# Declared: ")).removeprefix("# Declared: ")
LINES = [line for line in GOLDEN if line and not line.startswith("#")]
CASES = [(LINES[k], LINES[k + 1].strip(), LINES[k + 2].strip()) for k in range(0, len(LINES), 3)]


def read(text: str, where: str = WHERE) -> Expr:
    return parse_text(text, where, free_indices=True)


@pytest.mark.parametrize(("text", "tex", "plain"), CASES, ids=[text for text, _, _ in CASES])
def test_spelling(text: str, tex: str, plain: str) -> None:
    e = read(text)
    assert latex(e) == tex
    assert unicode(e).replace("\n", "⏎") == plain


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        ("w * x", r"\mathbf{w} \odot \mathbf{x}"),
        ("w / x", r"\mathbf{w} \oslash \mathbf{x}"),
        ("A**2", r"A^{\odot 2}"),
    ],
)
def test_modern_notation(text: str, tex: str) -> None:
    assert latex(read(text), Style(notation="modern")) == tex


@pytest.mark.parametrize(
    ("layout", "text", "tex"),
    [
        ("denominator", "[partial(z, w[j]) for j in range(n)]", r"\frac{\partial z}{\partial \mathbf{w}}"),
        ("gradient", "[partial(z, w[j]) for j in range(n)]", r"\frac{\partial z}{\partial \mathbf{w}}"),
        (
            "denominator",
            "[[partial(y[j], w[i]) for j in range(n)] for i in range(n)]",
            r"\frac{\partial \mathbf{y}}{\partial \mathbf{w}}",
        ),
        (
            "gradient",
            "[[partial(y[i], w[j]) for j in range(n)] for i in range(n)]",
            r"\frac{\partial \mathbf{y}}{\partial \mathbf{w}}",
        ),
        ("gradient", "[[partial(z, A[i, j]) for j in range(n)] for i in range(n)]", r"\frac{\partial z}{\partial A}"),
        ("denominator", "D(f)(x)", r"\left( \frac{\partial \mathbf{f}}{\partial \mathbf{x}} \right)^{\mathsf T}"),
        ("denominator", "D(q)(x)", r"\frac{\partial q}{\partial \mathbf{x}}"),
    ],
)
def test_a_quotient_of_names_follows_the_layout(layout: str, text: str, tex: str) -> None:
    assert latex(read(text), Style(layout=layout)) == tex  # type: ignore[arg-type]


# --- no letter means two things ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "text", "tex"),
    [
        # rows of X are bold x, unless x stands for something else
        ("X in R^(N*n)", "sum(X[i] for i in range(N))", r"\sum_{i=1}^{N} \mathbf{x}_i"),
        (
            "X in R^(N*n); x in R^n",
            "x + sum(X[i] for i in range(N))",
            r"\mathbf{x} + \sum_{i=1}^{N} X_{i,:}^{\mathsf T}",
        ),
        # x1 beside the vector x is not its first entry
        ("x in R^n; x1 in R", "x[0] * x1", r"x_1 \, \mathrm{x1}"),
        ("x1, x2 in R", "x1 * x2", r"x_1 x_2"),
        ("sigma in R; x in R^n", "sigma * sigmoid(x)", r"\sigma \operatorname{sigmoid}(\mathbf{x})"),
        ("I in R; x in R^n", "I * eye(3)", r"I \mathrm{I}"),
        (
            "delta, x in R^n",
            "[[(i == j) * delta[i] for j in range(n)] for i in range(n)]",
            r"[\mathbf{1}(i = j) \, \delta_i]_{ij}",
        ),
        ("x in R^n; i in R", "i * sum(x)", r"i \sum_{j=1}^{n} x_j"),
    ],
)
def test_no_letter_means_two_things(where: str, text: str, tex: str) -> None:
    e = read(text, where)
    assert latex(e) == tex


def test_two_names_of_one_greek_letter() -> None:
    assert latex(Mul((Symbol("lam"), Symbol("lambda")))) == r"\lambda \, \mathrm{lambda}"


def test_the_letters_of_the_whole_document_count() -> None:
    rows = read("sum(X[i] for i in range(N))", "X in R^(N*n)")
    x = read("x", "x in R^n")
    assert isinstance(x, Symbol)
    assert latex(rows, Style(symbols=(x,))) == r"\sum_{i=1}^{N} X_{i,:}^{\mathsf T}"


def test_a_variable_that_is_not_used_keeps_no_letter_from_the_rows() -> None:
    d = derivgen.derive("sum((w.T @ X[i])**2 for i in range(N))", "w", "X in R^(N*n); w, x in R^n", check=False)
    tex = d.to("latex")
    assert r"\mathbf{x}_i" in tex
    assert "X_{i,:}" not in tex


def test_a_sum_inside_an_entry_takes_another_index() -> None:
    """∑ᵢ xᵢ within entry i would say that both are one index."""
    e = read("x[i] * sum(x)", "x in R^n")
    assert unicode(e) == "xᵢ ∑ⱼ₌₁ⁿ xⱼ"


@pytest.mark.parametrize("name", ["x_", "_x", "a_b_c", "été", "变量", "x__y"])
def test_any_name_that_python_allows_is_safe_in_latex(name: str) -> None:
    tex = latex(Symbol(name, Shape()))
    assert "__" not in tex
    assert tex.count("{") == tex.count("}")


def test_hostile_names_are_escaped() -> None:
    tex = latex(Symbol(r"\input{/etc/passwd}%$&#"))
    assert "\\input" not in tex
    assert r"\%\$\&\#" in tex


def test_a_deep_chain_is_printed() -> None:
    text = "x"
    for _ in range(100):
        text = f"tanh(A @ {text})"
    assert latex(read(text)).count(r"\tanh") == 100
