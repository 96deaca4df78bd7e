"""The page of a rule is made from its declaration, with its examples run as it is made."""

from __future__ import annotations

import re

from derivgen.derivation.examples import pages
from derivgen.expr import Expr
from derivgen.read import parse_text
from derivgen.rules.rule import Rule, Stage
from derivgen.show.document.prose import unicode_math
from derivgen.show.rulebook import index_markdown, index_text, page_data, page_markdown, page_text
from derivgen.world import World

WHERE = "x in R^n; A in R^(m*n)"
RULE = Rule(
    name="matrix-vector", title="Recognise a matrix times a vector", stage=Stage.RECOMBINE,
    states=r"\textstyle\sum_j A_{ij}\,x_j = (A\mathbf x)_i", because="Row $i$ times $x$.", examples=("A @ x", "x"),
    on=(Expr,), rewrite=lambda e, c: None, when="$x$ is a vector", reference="the dot product",
)  # fmt: skip


def live(rule: Rule, example: str) -> tuple[Expr, Expr] | None:
    e = parse_text(example, WHERE)
    return (e, parse_text("A @ (1 * x)", WHERE)) if example == "A @ x" else None


def test_the_page_in_a_terminal() -> None:
    assert page_text(RULE, live).splitlines() == [
        "matrix-vector: Recognise a matrix times a vector",
        "",
        "  ∑ⱼ Aᵢⱼ xⱼ = (Ax)ᵢ",
        "",
        "  Row i times x.",
        "  It holds when x is a vector. See the notes on the dot product.",
        "",
        "Examples",
        "",
        "  A @ x",
        "    Ax = A(1 · x)",
        "",
        "  x",
        "    (the rule does not act here)",
    ]


def test_the_page_of_a_site() -> None:
    page = page_markdown(RULE, live)
    assert page.startswith("## Recognise a matrix times a vector\n\nRule `matrix-vector`, stage *recombine*.\n\n$$\n")
    assert "Example: `A @ x`\n\n$$\nA \\mathbf{x} = A (1 \\cdot \\mathbf{x})\n$$" in page


def test_the_page_as_data() -> None:
    data = page_data(RULE, live)
    assert data["examples"][0] == {"source": "A @ x", "before": "A @ x", "after": "A @ (1 * x)"}
    assert data["examples"][1]["after"] is None


def test_the_book_is_sorted_by_stage() -> None:
    assert index_text([RULE]) == "recombine\n  matrix-vector  Recognise a matrix times a vector\n"
    assert "| `matrix-vector` | Recognise a matrix times a vector |" in index_markdown([RULE])


def test_statements_are_read_in_a_terminal_too() -> None:
    said = {rule.name: unicode_math(rule.states) for rule in pages(World.default()).values()}
    assert said["stack-gradients"] == "J = [∇f(x, y); ∇g(x, y)]"
    assert said["place-entries"] == "[uᵢ δᵢⱼ]ᵢⱼ = [u₁, 0, 0; 0, ⋱, 0; 0, 0, uₙ]"
    assert said["partial-of-sum"] == "∂/∂x ∑ᵢ uᵢ = ∑ᵢ ∂uᵢ/∂x"
    assert said["log-of-product"] == "log ∏ᵢ uᵢ = ∑ᵢ log uᵢ"
    assert said["scalar-out-of-sum"] == "sum(c v) = c sum(v)"
    assert said["root-of-constants"] == "√2 √π = √(2π)"
    assert said["fold-softmax"] == "exp(x) / (∑ₖ exp(xₖ)) = softmax(x)"
    assert not [text for text in said.values() if re.search(r"matrix|\bell|\\|&", text)]
