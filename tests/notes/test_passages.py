"""What is introduced in a theorem or an example belongs to it and to its proof; what a matrix written out says of letters."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivgen.notes.check import check_notes
from derivgen.notes.find import notes_of
from derivgen.notes.meaning.context import Context
from derivgen.notes.sources.environments import passage_of
from derivgen.notes.sources.sections import Place
from derivgen.notes.sources.source import Formula, Heading, Passage, Piece
from derivgen.options import Options
from tests.notes.test_meant import read

FIRST = r"Let $q(u) = u^\top H u$ with a symmetric matrix $H$."
PROVED = r"$$\frac{\partial q}{\partial u} = 2 H u$$"
SECOND = r"Let $q$ depend on $v = Cu$."
ABSTRACT = r"$$\frac{\partial q}{\partial u} = C^\top \frac{\partial q}{\partial v}$$"

WAYS = {
    "latex": ("notes.tex", r"\begin{theorem}{0}\end{theorem}\begin{proof}{1}\end{proof}\begin{example}{2}\end{example}"),
    "own names": ("notes.tex", r"\newtheorem{satz}{Theorem}\newtheorem{fall}{Example}\begin{satz}{0}\end{satz}\begin{pf}{1}\end{pf}"
                  r"\begin{fall}{2}\end{fall}"),
    "quarto": ("notes.qmd", "::: {#thm-a}\n\n## Its name\n\n{0}\n:::\n\n::: {.proof}\n{1}\n:::\n\n::: {#exm-b}\n{2}\n:::\n"),
    "colons": ("notes.md", ":::{prf:theorem} Its name\n{0}\n:::\n\n:::{prf:proof}\n{1}\n:::\n\n:::{prf:example}\n{2}\n:::\n"),
    "fences": ("notes.md", "```{prf:lemma}\n{0}\n```\n\n```{prf:proof}\n{1}\n```\n\n```{prf:example}\n{2}\n```\n"),
    "quotations": ("notes.md", "> **Theorem 1.** {0}\n\n> **Proof.** {1}\n\n> **Example 2.** {2}\n"),
    "callouts": ("notes.md", "> [!theorem] Its name\n> {0}\n\n> [!proof]\n> {1}\n\n> [!example]\n> {2}\n"),
}  # fmt: skip


def filled(way: str) -> tuple[str, str]:
    name, frame = WAYS[way]
    for k, part in enumerate((FIRST, PROVED, SECOND + " " + ABSTRACT)):
        frame = frame.replace(f"{{{k}}}", part)
    return name, frame


@pytest.mark.parametrize("way", WAYS)
def test_letters_of_a_theorem_hold_in_its_proof_and_not_in_the_next_example(way: str) -> None:
    name, text = filled(way)
    proved, _, chained = check_notes(notes_of(Path(name), text)).equalities[-3:]
    assert (proved.verdict, chained.verdict) == ("verified", "verified")
    assert "with q = u.T @ H @ u" in proved.reading
    assert "with v = C @ u" in chained.reading
    assert not any("H" in line for line in chained.reading)


def test_without_a_theorem_a_letter_stays_what_it_was_defined_to_be() -> None:
    *_, chained = check_notes(notes_of(Path("notes.md"), f"{FIRST} {PROVED} {SECOND} {ABSTRACT}")).equalities
    assert chained.verdict == "unchecked"


@pytest.mark.parametrize(
    ("between", "holds"),
    [("", True), (r"\begin{lemma} $r = 1$ \end{lemma}", False), (r"\section{Next}", False), (r"\emph{So}", True)],
)
def test_words_behind_a_theorem_speak_of_it_until_something_else_begins(between: str, holds: bool) -> None:
    text = rf"\section{{A}}\begin{{theorem}}{FIRST}\end{{theorem}} {between} {PROVED}"
    context = Context(notes_of(Path("notes.tex"), text), Options())
    assert (("q", False) in context.scope(context.rows[-1]).definitions) == holds


def test_what_a_definition_says_holds_for_what_follows() -> None:
    text = rf"\begin{{definition}}{FIRST}\end{{definition}}\begin{{example}}{PROVED}\end{{example}}"
    *_, found = check_notes(notes_of(Path("notes.tex"), text)).equalities
    assert "with q = u.T @ H @ u" in found.reading


@pytest.mark.parametrize(
    ("name", "kind"),
    [("theorem", "statement"), ("mythm", "statement"), ("lem", "statement"), ("Example", "statement"), ("exm", "statement"),
     ("prf:corollary", "statement"), ("theorem*", "statement"), ("examples", "statement"), ("定理", "statement"),
     ("proof", "proof"), ("solution", "proof"), ("pf", "proof"), ("证明", "proof"),
     ("definition", ""), ("itemize", ""), ("exit", ""), ("note", ""), ("abstract", ""), ("figure", "")],
)  # fmt: skip
def test_the_name_tells_what_a_passage_is(name: str, kind: str) -> None:
    assert passage_of(name) == kind


def test_a_proof_goes_with_what_it_proves_and_passages_nest() -> None:
    place = Place()
    seen = []
    pieces: list[Piece] = [
        Heading(1, "A", 0), Passage("statement", 1), Passage("", 2), Passage("proof", 3), Passage("statement", 4),
        Passage("", 5), Passage("", 6), Passage("proof", 7), Passage("", 8), Formula("x", 9, False), Heading(2, "B", 10),
        Passage("", 11),
    ]  # fmt: skip
    for number, piece in enumerate(pieces):
        place.meet(number, piece)
        seen.append((*place.section, *place.passages))
    assert seen == [
        (0,),
        (0, 1),
        (0,),
        (0, 1, 3),
        (0, 1, 3, 4),
        (0, 1, 3),
        (0,),
        (0, 1, 7),
        (0,),
        (0,),
        (0, 10),
        (0, 10),
    ]


# --- matrices written out ---

LAID = {
    r"\mathbf H": (r"h_{1,1} & h_{1,2} & h_{1,3} \\ h_{2,1} & h_{2,2} & h_{2,3}", "H"),
    r"H": (r"h_{11} & h_{12} & h_{13} \\ h_{21} & h_{22} & h_{23}", "H"),
    r"\bm{H}": (r"H_{11} & H_{12} & H_{13} \\ H_{21} & H_{22} & H_{23}", "H"),
}


@pytest.mark.parametrize("letter", LAID)
def test_a_matrix_written_out_says_how_large_it_is_and_which_its_entries_are(letter: str) -> None:
    cells, _ = LAID[letter]
    grid = rf"\begin{{bmatrix}} {cells} \end{{bmatrix}}"
    found = read(f"$${letter} = {grid}$$")
    assert found[grid] == "[[H[0, 0], H[0, 1], H[0, 2]], [H[1, 0], H[1, 1], H[1, 2]]]"
    (equality,) = check_notes(notes_of(Path("text.md"), f"$${letter} = {grid}$$")).equalities
    assert (equality.verdict, equality.code) == ("unchecked", "definition")


def test_entries_alone_are_those_of_the_matrix_that_was_written_out() -> None:
    text = r"""$$\mathbf H = \begin{bmatrix} h_{11} & h_{12} \\ h_{21} & h_{22} \end{bmatrix}$$
    $$\mathbf G = \begin{bmatrix} g_{1,1} & g_{1,2} \\ g_{2,1} & g_{2,2} \end{bmatrix}
    = \begin{bmatrix} r(h_{1,1}) & r(h_{1,2}) \\ r(h_{2,1}) & r(h_{2,2}) \end{bmatrix} = r(\mathbf H)$$
    $$s = h_{12} + h_{21}$$"""
    assert read(text)["h_{12} + h_{21}"] == "H[0, 1] + H[1, 0]"
    report = check_notes(notes_of(Path("text.md"), text))
    assert [e.verdict for e in report.equalities[2:4]] == ["unchecked", "verified"]


@pytest.mark.parametrize(
    "cells",
    [
        r"h_{11} & h_{12} \\ h_{12} & h_{22}",
        r"h_{11} & h_{21} \\ h_{12} & h_{22}",
        r"h_{11} & g_{12} \\ h_{21} & h_{22}",
    ],
)
def test_a_matrix_whose_entries_are_not_in_their_places_is_another_thing(cells: str) -> None:
    grid = rf"\begin{{bmatrix}} {cells} \end{{bmatrix}}"
    context = read(f"$$H = {grid}$$ $$s = h_{{11}} + h_{{22}}$$")
    assert "H[" not in context["h_{11} + h_{22}"]


def test_two_numbers_below_with_a_comma_are_a_name_of_their_own() -> None:
    assert read(r"$s = u_{1,2} + u_{12}$")["u_{1,2} + u_{12}"] == "u_1_2 + u12"


# --- e, and functions in their own brackets ---


@pytest.mark.parametrize(
    ("latex", "meant"),
    [
        (r"e^\top e", "e.T @ e"),
        (r"e^T e", "e.T @ e"),
        (r"e e^T", "e @ e.T"),
        (r"\operatorname{tr}(e e^\top H)", "trace(e @ e.T @ H)"),
        (r"e^{T} H e", "e.T @ H @ e"),
        (r"e^{T}", "exp(T)"),
        (r"e^T + T", "exp(T) + T"),
        (r"e^{-s} e^{T}", "exp(-s) * exp(T)"),
        (r"e \cdot s", "exp(1) * s"),
    ],
)
def test_e_is_a_letter_where_it_is_transposed(latex: str, meant: str) -> None:
    assert read(f"$q = {latex}$")[latex] == meant


@pytest.mark.parametrize(
    ("latex", "meant"),
    [
        (r"\phi^{y}(1-\phi)^{1-y}", "phi**y * (1 - phi)**(1 - y)"),
        (r"h(1 - h)", "h * (1 - h)"),
        (r"h^2(1 - h)^3", "h**2 * (1 - h)**3"),
        (r"g_1(1 - g_1)", "g1 * (1 - g1)"),
        (r"f(s + f(s))", "f(s + f(s))"),
        (r"f(s - f'(s))", "f(s - D(f)(s))"),
        (r"h(s_{\mathrm h} - 1)", "h(s_h - 1)"),
        (r"\phi(s)^2(1 - \phi(s))", "phi(s)**2 * (1 - phi(s))"),
    ],
)
def test_no_function_stands_in_its_own_brackets_without_some(latex: str, meant: str) -> None:
    assert read(f"$q = {latex}$")[latex] == meant


@pytest.mark.parametrize(
    ("claim", "line"),
    [
        (r"\frac{\partial u'Hv}{\partial v} = H'u", "Read as u in R^N; v in R^M, by use; H in R^(N*M), by custom"),
        (r"\frac{\partial (a^\top v)}{\partial v} = a", "Read as a, v in R^N, by use"),
        (r"\frac{\partial (v^\top a)}{\partial v} = a^\top", "Read as v, a in R^N, by use"),
    ],
)
def test_a_layout_in_which_letters_are_odd_gives_way_to_one_in_which_they_are_not(claim: str, line: str) -> None:
    (found,) = check_notes(notes_of(Path("text.md"), f"$${claim}$$")).equalities
    assert found.verdict == "verified"
    assert found.reading[0] == line
