"""Formulas in LaTeX: each with its place and its file, none in what is no mathematics."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derivgen.notes.find import notes_of
from derivgen.notes.sources.latex import find
from derivgen.notes.sources.source import Formula, Heading, Prose


def formulas(text: str) -> list[tuple[str, str]]:
    return [(p.latex.strip(), p.environment) for p in find(text).pieces if isinstance(p, Formula)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a $x$ b", [("x", "")]),
        ("$$x$$ and \\[y\\] and \\(z\\)", [("x", ""), ("y", ""), ("z", "")]),
        ("\\begin{align}x &= y % why\n\\end{align}", [("x &= y", "align")]),
        ("\\begin{alignat}{2}x &= y\\end{alignat}", [("x &= y", "alignat")]),
        ("\\begin{IEEEeqnarray*}{rCl}x &=& y\\end{IEEEeqnarray*}", [("x &=& y", "IEEEeqnarray*")]),
        ("\\begin{empheq}[left=\\empheqlbrace]{align}x\\end{empheq}", [("x", "empheq")]),
        ("\\begin{theorem}[On $x$] $y$\\end{theorem}", [("y", "")]),
        ("\\def\\beq{\\begin{equation}}\\def\\eeq{\\end{equation}}\\beq x \\eeq", [("x", "equation")]),
        ("\\newcommand{\\bd}{\\[}\\newcommand{\\ed}{\\]} \\bd x \\ed", [("x", "")]),
        ("\\newenvironment{eq}{\\begin{gather}}{\\end{gather}}\\begin{eq}x\\end{eq}", [("x", "gather")]),
        ("$\\text{if $y$ holds}$ and $z$", [("\\text{if $y$ holds}", ""), ("z", "")]),
        ("\\textbf{bold $x$} \\ensuremath{y}", [("x", ""), ("y", "")]),
        ("row\\\\[2pt] text $x$", [("x", "")]),
        ("\\section{On $x$}", [("x", "")]),
        ("$5\\%$ and $x$", [("5\\%", ""), ("x", "")]),
        ("$a$$b$", [("a", ""), ("b", "")]),
    ],
)
def test_found(text: str, expected: list[tuple[str, str]]) -> None:
    assert formulas(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "% $x$\n",
        "\\% \\$x\\$",
        "\\verb|$x$| \\verb*+$x$+",
        "\\lstinline[language=C]{$x$}",
        "\\begin{verbatim}\n$x$\n\\end{verbatim}",
        "\\begin{lstlisting}[caption=a]\n$x$\n\\end{lstlisting}",
        "\\begin{comment}$x$\\end{comment}",
        "\\begin{tikzpicture}\\node at ($(a)+(b)$) {};\\end{tikzpicture}",
        "\\iffalse $x$ \\fi",
        "\\newcommand{\\half}[1]{$#1/2$}",
        "\\def\\half#1{$#1/2$}",
        "\\documentclass{article}\\title{$x$}\\begin{document}\\end{document} $y$",
        "a $ that is lost\n\nand $ one more\n\n",
    ],
)
def test_nothing_elsewhere(text: str) -> None:
    assert formulas(text) == []


def test_words_and_headings() -> None:
    text = (
        "\\section*{One \\emph{two}}\nLet $W$ be \\emph{symmetric}\\footnote{see~\\cite{a}} and \\textbf{real}. % no\n"
    )
    pieces = find(text).pieces
    assert Heading(2, "One two", text.index("One")) in pieces
    assert "".join(p.text for p in pieces if isinstance(p, Prose)).split()[2:] == ["Let", "be", "symmetric", "see", "and", "real", "."]  # fmt: skip
    for p in pieces:
        if isinstance(p, Prose):
            assert all(a == b or a == " " for a, b in zip(p.text, text[p.start :], strict=False))


_PARTS = st.sampled_from(
    ["$", "$$", "\\[", "\\]", "\\(", "\\)", "%", "\n", "\n\n", "{", "}", "[", "]", "\\begin{align}", "\\end{align}", "\\verb|",
     "|", "\\begin{verbatim}", "\\end{verbatim}", "\\section", "x", "\\", "\\newcommand", "\\def", "\\a", "#1", "\\iffalse",
     "\\fi", "\\begin{document}", "\\end{document}", "\\input{a}", "*", "\\ensuremath"]
)  # fmt: skip


@given(st.lists(_PARTS, max_size=40).map("".join))
def test_any_text_is_read(text: str) -> None:
    at = 0
    for piece in find(text).pieces:
        if isinstance(piece, Formula):
            assert piece.start >= at
            assert all(a == b or a == " " for a, b in zip(piece.latex, text[piece.start : piece.end], strict=True))
            at = piece.end


# --- several files ------------------------------------------------------------------------------------------------------


def test_what_is_taken_in_keeps_its_place(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "one.tex").write_text("First.\n\n  here $a = b$", encoding="utf-8")
    (tmp_path / "macros.tex").write_text("\\newcommand{\\T}{^\\top}\n\\DeclareMathOperator{\\tr}{tr}", encoding="utf-8")
    main = tmp_path / "main.tex"
    main.write_text(
        "\\documentclass{article}\n\\input macros\n\\begin{document}\n$c$ \\input{parts/one} then $d$\n$e$\n\\end{document}\n",
        encoding="utf-8",
    )
    notes = notes_of(main)
    places = [(f.latex, (s := notes.spot(f.start)).path.name, s.line, s.column) for f in notes.formulas()]
    assert places == [
        ("c", "main.tex", 4, 2),
        ("a = b", "one.tex", 3, 9),
        ("d", "main.tex", 4, 29),
        ("e", "main.tex", 5, 2),
    ]
    assert set(notes.macros) == {"T", "tr"}
    assert notes.findings == ()


def test_a_chapter_knows_the_preamble_of_its_document(tmp_path: Path) -> None:
    (tmp_path / "chapters").mkdir()
    main = (
        "\\documentclass{book}\n\\newcommand{\\R}{\\mathbb R}\n\\begin{document}\\include{chapters/one}\\end{document}"
    )
    (tmp_path / "book.tex").write_text(main, encoding="utf-8")
    (tmp_path / "derivgen.toml").write_text("", encoding="utf-8")
    for text in ("$x \\in \\R$", "% !TeX root = ../book.tex\n$x \\in \\R$"):
        (tmp_path / "chapters" / "one.tex").write_text(text, encoding="utf-8")
        assert set(notes_of(tmp_path / "chapters" / "one.tex").macros) == {"R"}


def test_nothing_outside_the_folder_and_no_circles(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret.tex").write_text("$secret$", encoding="utf-8")
    (inside / "link.tex").symlink_to(tmp_path / "secret.tex")
    (inside / "a.tex").write_text("$a$ \\input{b}", encoding="utf-8")
    (inside / "b.tex").write_text("$b$ \\input{a}", encoding="utf-8")
    text = f"\\input{{../secret}} \\input{{{tmp_path}/secret}} \\input{{link}} \\input{{a}} \\input{{none}} $x$"
    notes = notes_of(inside / "main.tex", text)
    assert [f.latex for f in notes.formulas()] == ["a", "b", "x"]
    said = [f.message for f in notes.findings]
    assert [("not in the folder" in s, "circle" in s, "no such file" in s) for s in said] == [
        (True, False, False), (True, False, False), (True, False, False), (False, True, False), (False, False, True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "other",
    [
        "\\includegraphics{plot}", "\\includegraphics[width=3cm]{plot}", "\\includeonly{plot}", "\\includepdf{plot}",
        "\\inputencoding{utf8}", "\\importance{plot}", "\\subfileinclude{plot}", "\\def\\input@path{{styles/}}",
    ],
)  # fmt: skip
def test_a_command_that_only_begins_like_one_that_takes_in_takes_in_nothing(tmp_path: Path, other: str) -> None:
    (tmp_path / "plot.tex").write_text("$p$", encoding="utf-8")
    (tmp_path / "part.tex").write_text("$q$", encoding="utf-8")
    notes = notes_of(tmp_path / "m.tex", f"{other} $x$ \\include {{part}}\\input part $y$")
    assert [f.latex for f in notes.formulas()] == ["x", "q", "q", "y"]
    assert notes.findings == ()


def test_files_that_take_in_one_another_many_times_end(tmp_path: Path) -> None:
    for k in range(10):
        (tmp_path / f"f{k}.tex").write_text(f"\\input{{f{k + 1}}}" * 30, encoding="utf-8")
    (tmp_path / "f10.tex").write_text("$x$", encoding="utf-8")
    assert len(list(notes_of(tmp_path / "f0.tex").formulas())) <= 2_000
