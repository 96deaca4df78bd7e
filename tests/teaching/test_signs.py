"""Every sign is explained where it is first printed, each letter with its space, and the shapes of a product fit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from derivgen.derivation import derive
from derivgen.derivation.derivation import Derivation
from derivgen.expr import At, Build, Call, Delta, Index, Symbol, walk
from derivgen.options import Options
from derivgen.show.document.blocks import Item, Question
from derivgen.show.document.document import document_of
from derivgen.show.formats import Wishes
from tests.teaching.test_reasons import derived

EXPLAINED = {
    r"\mathbf{1}^": ("of ones",), r"\mathbf{1}(": ("condition",), r"\operatorname{diag}": ("diagonal",),
    r"\sigma(": ("logistic function",), r"\delta_{": (r"\delta",), r"\otimes": ("entry by entry",), r"\oslash": ("entry by entry",),
}  # fmt: skip
"""Signs as LaTeX writes them, with words of the sentence that explains each."""


def levels(d: Derivation) -> Iterator[tuple[str, str]]:
    """What a reader has read by the end of each step at the top, and of the smaller ones below it."""
    for detail in ("brief", "normal", "full"):
        wishes = Wishes(replace(Options(), detail=detail))
        document = document_of(d, wishes)
        (question,) = document.find(Question)
        read = " ".join(question.reading)
        yield from _read(tuple(document.find(Item)), read)


def _read(items: tuple[Item, ...], read: str) -> Iterator[tuple[str, str]]:
    from derivgen.show.math.latex import write

    for item in items:
        read = f"{read} {item.reason}"
        sides = (side for line in item.lines for side in (line.left, line.middle, line.right) if side is not None)
        yield read, " ".join(map(write, sides))
        yield from _read(item.substeps, read)


def test_no_sign_is_printed_that_is_not_explained() -> None:
    missing: list[tuple[str, str]] = []
    for d in derived():
        named = {s.name for e in (d.problem.expression, d.result) for s in walk(e) if isinstance(s, Symbol)}
        for read, printed in levels(d):
            for sign, words in EXPLAINED.items():
                if sign == r"\sigma(" and "sigma" in named:
                    continue
                if sign in printed and not any(w in read for w in words):
                    missing.append((repr(d), sign))
    assert not missing


def test_rows_of_a_matrix_are_explained() -> None:
    for d in derived():
        own = {s.symbol.name for step in d.steps for s in step.introduces}
        rows = {
            e.array.name
            for e in walk(d.problem.expression)
            if isinstance(e, At) and isinstance(e.array, Symbol) and e.array.shape.rank == 2 and len(e.places) == 1
            and isinstance(e.places[0], Index) and "members" not in e.array.traits and e.array.name not in own
        }  # fmt: skip
        if rows:
            assert "written as a column" in d.to("text"), d


def test_a_sign_is_explained_once_and_where_it_is_first_met() -> None:
    d = derive("max(0, w.T @ x + b)", "w", "w, x in R^n; b in R")
    text = " ".join(d.to("text").split())
    for words in ("diag(v) has v on its diagonal and 0 elsewhere.", "𝟏 is the vector of ones in ℝⁿ.",
                  "⊗ multiplies entry by entry.", "Here u ∈ ℝⁿ; s, z, y ∈ ℝ."):  # fmt: skip
        assert text.count(words) == 1, words
    items = document_of(d, Wishes()).find(Item)
    first = {word: item.number for item in items for word in ("diag", "ones", "otimes") if word in item.reason}
    assert first["otimes"] == "1"
    assert text.index("diag(v) has v") < text.index("3. Differentiate s by u")


def test_the_shapes_of_the_links_are_said_under_their_product() -> None:
    text = " ".join(derive("max(0, w.T @ x + b)", "w", "w, x in R^n; b in R").to("text").split())
    assert "The shapes fit: (1 × 1)(1 × 1)(1 × n)(n × n) = 1 × n." in text
    text = " ".join(derive("f(g(x))", "x", "x in R^n; g: R^n -> R^k; f: R^k -> R^m").to("text").split())
    assert "(m × k)(k × n) = m × n" in text


def test_members_of_a_family_have_their_own_space() -> None:
    d = derive("sum((w.T @ X[i])**3 for i in range(N))", "w", "w in R^n; X in R^(N*n)", method="chain")
    text = " ".join(d.to("text").split())
    assert re.search(r"Here .ᵢ ∈ ℝⁿ; ", text)
    assert "ℝᴺˣⁿ;" not in text.split("Here")[1]


ANNOUNCED = (
    r"In numerator layout the derivative by M(?:ᵢⱼ|ⱼₖ|ₖₗ) stands in row (?:j, column i|k, column j|l, column k)\."
)


@pytest.mark.parametrize(("text", "entry"), [("trace(A @ M)", "M"), ("u.T @ M @ v", "M")])
def test_where_the_derivative_by_an_entry_stands_is_announced(text: str, entry: str) -> None:
    d = derive(text, entry, "A, M in R^(n*n); u, v in R^n")
    assert re.search(ANNOUNCED, " ".join(d.to("text").split()))
    turned = derive(text, entry, "A, M in R^(n*n); u, v in R^n", layout="denominator")
    assert "stands in row" not in turned.to("text")


@pytest.mark.parametrize("form", ["text", "markdown", "latex", "html", "beamer", "json"])
def test_every_format_explains_them(form: str) -> None:
    d = derive("w * x", "w", "w, x in R^n", check=False)
    assert "on its diagonal and 0 elsewhere" in re.sub(r"<[^>]*>", "", d.to(form))


def test_a_letter_of_ones_own_is_no_sign() -> None:
    d = derive("delta * x", "x", "delta in R; x in R^n")
    assert not any(isinstance(e, Delta | Build) for e in walk(d.result))
    assert "is 1 if i = j" not in d.to("text")
    assert any(isinstance(e, Call) for e in walk(d.result))


def test_titles_say_where_a_phase_of_the_method_begins() -> None:
    d = derive("w * x", "w", "w, x in R^n", check=False)
    titles = [item.title for item in document_of(d, Wishes()).find(Item)]
    assert titles == [
        "Write the scalar equations", "Take the partials: write out the Jacobian", "The element-wise condition",
        "Recombine: put the entries in their places", "Name the diagonal matrix",
    ]  # fmt: skip
    chain = derive("max(0, w.T @ x + b)", "w", "w, x in R^n; b in R", check=False)
    assert not any("Recombine" in item.title for item in document_of(chain, Wishes()).find(Item))


def test_a_constant_is_seen_to_have_the_derivative_0() -> None:
    text = " ".join(derive("x + z", "z", "x in R^n; z in R").to("text").split())
    assert "= 0 + 1 = 1" in text
    assert "xᵢ does not contain z and has the derivative 0" in text
    text = " ".join(derive("max(0, w.T @ x + b)", "w", "w, x in R^n; b in R").to("text").split())
    assert "∂z/∂s = ∂/∂s (s + b) = 1 + 0 = 1" in text


@pytest.mark.parametrize(
    ("where", "words"),
    [("S in Sym(n)", "S is symmetric, so entries (i, j) and (j, i) change together."),
     ("S in Diag(n)", "S is diagonal, so only the entries on the diagonal change.")],
)  # fmt: skip
def test_the_convention_for_a_matrix_with_structure_stands_beside_the_answer(where: str, words: str) -> None:
    d = derive("logdet(S)" if "Sym" in where else "trace(S)", "S", where)
    after = d.to("text").split("\nAnswer\n")[1]
    assert words in " ".join(after.split())


@pytest.mark.parametrize(("text", "where", "words"), [
    ("W @ tanh(A @ x)", "W in R^(m*h); A in R^(h*n); x in R^n", "tanh(Ax) is taken entry by entry."),
    ("tanh(x) + x**2", "x in R^n", "x² are taken entry by entry."),
    ("c.T @ sigmoid(A @ x)", "A in R^(m*n); c in R^m; x in R^n", "σ(Ax) is taken entry by entry."),
    ("y.T @ log(b - A @ x)", "A in R^(m*n); b, y in R^m; x in R^n", "log(b − Ax) is taken entry by entry."),
    ("-y.T @ log(softmax(A @ x))", "A in R^(m*n); y in R^m; x in R^n", "exp(z) is taken entry by entry."),
    ("y.T @ tanh(A @ x)", "A in R^(m*n); y in R^m; x in R^n", "tanh(Ax) is taken entry by entry."),
    ("norm(A @ tanh(x) - y)**2", "A in R^(m*n); y in R^m; x in R^n", "1 − a² subtracts the square of each entry of a from 1"),
    ("1 / x**2", "x in R^n", "x² is taken entry by entry."),
])  # fmt: skip
def test_functions_of_arrays_are_said_to_act_entry_by_entry(text: str, where: str, words: str) -> None:
    assert " ".join(derive(text, "x", where).to("text").split()).count(words) == 1


def test_functions_whose_entries_alone_are_printed_are_not_said_to_act_so() -> None:
    text = derive("-sum(log(b - A @ x))", "x", "A in R^(m*n); b in R^m; x in R^n").to("text")
    assert "log(b − Ax)" not in text
    text = " ".join(derive("sum(exp(A @ x)**2) + y.T @ tanh(x)", "x", "A in R^(m*n); y, x in R^n").to("text").split())
    question, steps = text.split(" 1. ", maxsplit=1)
    assert "tanh(x) is taken entry by entry." in question
    assert "tanh(x) is taken" not in steps


def test_an_identity_and_ones_have_their_space() -> None:
    assert "I is the identity matrix in ℝⁿˣⁿ" in " ".join(derive("x * z", "x", "x in R^n; z in R").to("text").split())
    text = " ".join(derive("x + z", "z", "x in R^n; z in R").to("text").split())
    assert text.count("𝟏 is the vector of ones in ℝⁿ") == 1
    assert "is the vector of ones." not in text


def test_a_delta_is_explained_by_the_places_that_it_has() -> None:
    text = " ".join(derive("softmax(x)", "x", "x in R^n").to("text").split())
    assert "δᵢₖ is 1 if i = k and 0 otherwise." in text
    assert "δᵢⱼ" not in text


def test_a_column_times_a_row_has_its_shapes() -> None:
    where = "W in R^(h*n); V in R^(m*h); x in R^n; y in R^m"
    text = " ".join(derive("norm(V @ tanh(W @ x) - y)**2", "W", where).to("text").split())
    assert "The shapes fit: (n × 1)(1 × h) = n × h." in text


def test_text_has_no_marks_of_latex_for_a_row_or_a_point() -> None:
    text = derive("sum(exp(-norm(x - X[i])**2) for i in range(N))", "x", "x in R^n; X in R^(N*n)").to("text")
    assert "X[i,:]ᵀ" in text
    text += derive("f(A @ x)", "x", "x in R^n; A in R^(k*n); f: R^k -> R^m").to("text")
    assert "(∂f/∂u at u = Ax)A" in text
    assert "_{" not in text


def test_a_number_before_a_matrix_of_a_chain_goes_in_front() -> None:
    d = derive("V.T @ softmax(K @ q / sqrt(d))", "q", "K in R^(n*d); q in R^d; V in R^(n*k)")
    assert "(1/√d) Vᵀ(diag(s) − ssᵀ)K" in d.to("text")


def test_a_function_of_numbers_needs_no_such_word() -> None:
    for text, where in (("exp(a.T @ x)", "a, x in R^n"), ("sum(exp(x[i]) for i in range(n))", "x in R^n")):
        assert "taken entry by entry" not in derive(text, "x", where).to("text")


@pytest.mark.parametrize("detail", ["brief", "normal", "full"])
def test_no_step_has_two_equal_sides(detail: Any) -> None:
    def equal(items: tuple[Item, ...]) -> Iterator[str]:
        from derivgen.show.math.latex import write

        for item in items:
            for line in item.lines if len(item.lines) == 1 else ():
                if line.left is not None and line.middle is None and write(line.left) == write(line.right):
                    yield f"{item.number} {item.title}"
            yield from equal(item.substeps)

    wishes = Wishes(replace(Options(), detail=detail))
    found = {repr(d): said for d in derived() if (said := [*equal(tuple(document_of(d, wishes).find(Item)))])}
    assert not found
