"""Notebooks, macros of sites, options in headers, comments that ask for silence, and the files that are meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from derivgen.errors import DerivgenError
from derivgen.notes.files import alone, files_of
from derivgen.notes.find import notes_of
from derivgen.notes.sources.source import Notes
from derivgen.tex.macros import expanded, preamble
from derivgen.tex.raw import raw_tokens


def latex_of(notes: Notes, written: str) -> str:
    """A formula with the author's commands put in."""
    return "".join(
        ("\\" if r.kind == "macro" else "") + r.value
        for r in expanded(raw_tokens(written, 0, len(written)), notes.macros, written)
    )


def md(folder: Path, text: str) -> Notes:
    return notes_of(folder / "page.md", text)


# --- notebooks ----------------------------------------------------------------------------------------------------------


def test_a_notebook_has_cells(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "code", "source": "x = '$no$'"},
        {"cell_type": "markdown", "source": ["Text\n", "\n", "an $a = b$ here"]},
        {"cell_type": "raw", "source": "$no$"},
        {"cell_type": "markdown", "source": "`$no$`\r\n$$\r\nc\r\n$$"},
    ]
    path = tmp_path / "n.ipynb"
    path.write_text(json.dumps({"cells": cells, "nbformat": 4}), encoding="utf-8")
    notes = notes_of(path)
    found = [(f.latex, (s := notes.spot(f.start)).cell, s.line, s.column) for f in notes.formulas()]
    assert found == [("a = b", 2, 3, 5), ("\nc\n", 4, 2, 3)]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"cells": 3}', "[" * 100_000, "null", '{"cells": [1, {"source": 5}]}']
)
def test_what_is_no_notebook(tmp_path: Path, text: str) -> None:
    path = tmp_path / "n.ipynb"
    path.write_text(text, encoding="utf-8")
    if text.endswith("5}]}"):
        assert list(notes_of(path).formulas()) == []
    else:
        with pytest.raises(DerivgenError, match="no notebook"):
            notes_of(path)


# --- commands of the author ---------------------------------------------------------------------------------------------


def test_commands_defined_in_a_formula(tmp_path: Path) -> None:
    notes = md(
        tmp_path,
        "$\\newcommand{\\R}{\\mathbb{R}} \\def\\half#1{\\frac{#1}{2}}$\n\n$$\\newcommand{\\T}{^\\top} x = y$$\n`$\\def\\no{}$`",
    )
    assert set(notes.macros) == {"R", "half", "T"}
    assert [f.latex.strip() for f in notes.formulas()] == ["x = y"]
    assert latex_of(notes, "\\half x") == "\\frac{x}{2}"


def test_commands_of_a_site(tmp_path: Path) -> None:
    (tmp_path / "docs" / "js").mkdir(parents=True)
    (tmp_path / "mkdocs.yml").write_text(
        "site_name: x\nextra_javascript:\n  - js/math.js\n  - https://a.b/c.js\n  - ../../other.js\n"
        "markdown_extensions:\n  - a: !!python/name:os.system\n",
        encoding="utf-8",
    )
    script = r"""
    window.MathJax = { tex: { inlineMath: [["\\(", "\\)"]], macros: {
        RR: "\\mathbb{R}",  // the reals
        'vec': ["\\mathbf{#1}", 1], grad: ['\\nabla_{#1}', 1, "x"],
        "\\tr": `\\operatorname{tr}`,
    } } }; fetch("x");"""
    (tmp_path / "docs" / "js" / "math.js").write_text(script, encoding="utf-8")
    notes = md(tmp_path / "docs", "$x$")
    assert set(notes.macros) == {"RR", "vec", "grad", "tr"}
    assert latex_of(notes, "\\vec x \\grad[y] \\tr A") == "\\mathbf{x}\\nabla_{y}\\operatorname{tr}A"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "_quarto.yml",
            "format:\n  html:\n    include-in-header:\n      - text: |\n          \\newcommand{\\R}{\\mathbb R}\n",
        ),
        (
            "_config.yml",
            "sphinx:\n  config:\n    mathjax3_config:\n      tex:\n        macros:\n          R: '\\mathbb R'\n",
        ),
        ("myst.yml", "project:\n  math:\n    '\\R': '\\mathbb R'\n"),
    ],
)
def test_commands_of_a_book(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "chapter").mkdir()
    assert set(md(tmp_path / "chapter", "$x$").macros) == {"R"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("zensical.toml", '[project]\nsite_name = "S"\ndocs_dir = "text"\nextra_javascript = ["m.js"]\n'),
        ("properdocs.yml", "site_name: S\ndocs_dir: text\nextra_javascript: [m.js]\n"),
    ],
)
def test_commands_of_other_generators(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / "text/sub").mkdir(parents=True)
    (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "text/m.js").write_text(
        'window.katexOptions = { macros: { "\\\\tp": "^{\\\\top}" } };\n', encoding="utf-8"
    )
    assert set(md(tmp_path / "text/sub", "$x$").macros) == {"tp"}
    (tmp_path / name).write_text("][", encoding="utf-8")
    assert not md(tmp_path / "text/sub", "$x$").macros


def test_names_in_yaml_that_lead_back_end(tmp_path: Path) -> None:
    (tmp_path / "mkdocs.yml").write_text("a: &a\n  b: *a\n", encoding="utf-8")
    assert md(tmp_path, "$x$").macros == {}
    laughs = "a0: &a0 [x]\n" + "".join(f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 9)}]\n" for k in range(1, 40))
    (tmp_path / "mkdocs.yml").write_text(laughs, encoding="utf-8")
    assert md(tmp_path, "$x$").macros == {}


def test_fences_in_pairs_are_commands() -> None:
    macros = preamble("\\DeclarePairedDelimiter{\\norm}{\\lVert}{\\rVert}")
    for written in ("\\norm{x}", "\\norm*{x}", "\\norm[\\big]{x}"):
        tokens = expanded(raw_tokens(written, 0, len(written)), macros, written)
        assert [r.value for r in tokens] == ["left", "lVert", "x", "right", "rVert"]


def test_a_broken_definition_is_passed_over() -> None:
    assert set(preamble("\\newcommand{\\a}{}} \\newcommand{\\b}{x}", strict=False)) == {"a", "b"}
    assert set(preamble("\\newcommand{\\a}{\\verb", strict=False)) == set()


# --- options ------------------------------------------------------------------------------------------------------------


def test_options_in_comments(tmp_path: Path) -> None:
    notes = md(
        tmp_path,
        "<!-- derivgen: where: w, x in R^n -->\n<!-- derivgen:\nwhere: b in R\nlayout: gradient\n-->\n\n# Title\n\n"
        "<!-- derivgen: index -->\n<!-- derivgen: report -->\n\n## Two\n\ntext <!-- derivgen: where: z in R^n --> $z$\n",
    )
    assert notes.options == {"where": "w, x in R^n; b in R", "layout": "gradient"}
    assert [(s.key, s.value) for s in notes.settings] == [("where", "z in R^n")]
    assert notes.findings == ()


def test_a_first_section_beside_others_is_no_title_of_the_page(tmp_path: Path) -> None:
    text = "# One\n\n<!-- derivgen: where: x in R^n -->\n$x$\n\n## Below\n$x$\n\n{} Two\n\n$X$\n"
    beside = md(tmp_path, text.format("#"))
    assert (dict(beside.options), [s.value for s in beside.settings]) == ({}, ["x in R^n"])
    title = md(tmp_path, text.format("##"))
    assert (dict(title.options), title.settings) == ({"where": "x in R^n"}, ())


def test_options_in_latex_front_matter_and_configuration(tmp_path: Path) -> None:
    (tmp_path / "derivgen.toml").write_text('layout = "denominator"\nwhere = "a in R"\n[check]\nignore = ["kink"]\n', encoding="utf-8")  # fmt: skip
    text = "% derivgen: where: x in R^n\n\\documentclass{a}\n% derivgen: layout: gradient\n\\begin{document}$x$\\end{document}"
    assert notes_of(tmp_path / "a.tex", text).options == {"layout": "gradient", "where": "a in R; x in R^n"}
    front = "---\ntitle: t\nderivgen:\n  where: x in R^n\n  method: chain\n---\n$x$"
    notes = md(tmp_path, front)
    assert notes.options == {"layout": "denominator", "where": "a in R; x in R^n"}
    assert notes.findings == ()


def test_options_that_there_are_not(tmp_path: Path) -> None:
    notes = md(tmp_path, "<!-- derivgen: wher: x in R -->\n\n<!-- derivgen: layout: sideways -->\n")
    assert [(f.code, f.level, notes.spot(f.start).line) for f in notes.findings] == [("option", "warning", 1), ("option", "error", 3)]  # fmt: skip
    assert "did you mean where" in notes.findings[0].message
    (tmp_path / "derivgen.toml").write_text("layot = 'gradient'\n", encoding="utf-8")
    with pytest.raises(DerivgenError, match="layot"):
        md(tmp_path, "")


def test_a_preamble_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "derivgen.toml").write_text("preamble = 'macros.tex'\n", encoding="utf-8")
    (tmp_path / "macros.tex").write_text("\\newcommand{\\R}{\\mathbb R}", encoding="utf-8")
    assert set(md(tmp_path, "$x$").macros) == {"R"}
    assert md(tmp_path, "<!-- derivgen: preamble: ../../etc/passwd -->").findings[0].code == "option"


def test_comments_that_ask_for_silence(tmp_path: Path) -> None:
    text = (
        "$a$ <!-- derivgen: ignore kink, shape -->\n\n<!-- derivgen: ignore -->\n$b$\nmore\n\n$c$\n"
        "<!-- derivgen: ignore-file bold -->\n"
    )
    notes = md(tmp_path, text)
    a, b, c = (f.start for f in notes.formulas())
    hits = [[i.codes for i in notes.ignored if i.start <= at < i.end] for at in (a, b, c)]
    every = frozenset({"bold"})
    assert hits == [[frozenset({"kink", "shape"}), every], [frozenset(), every], [every]]


# --- which files --------------------------------------------------------------------------------------------------------


def test_files_folders_and_patterns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.md", "b/c.tex", "b/d.txt", "b/e/f.ipynb", ".hidden/g.md", "b/node_modules/h.md"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text("x", encoding="utf-8")
    assert [str(p) for p in files_of(("b", "a.md"))] == ["b/c.tex", "b/e/f.ipynb", "a.md"]
    assert [str(p) for p in files_of(("**/*.tex", "b/c.tex"))] == ["b/c.tex"]
    for wrong in ("no.md", "no/*.md", ".hidden/none"):
        with pytest.raises(DerivgenError, match="there is no"):
            files_of((wrong,))


def test_what_another_takes_in_is_read_once(tmp_path: Path) -> None:
    for name, text in (("main.tex", "\\input{one}"), ("one.tex", "$x$"), ("two.md", "$y$")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    paths = [tmp_path / n for n in ("one.tex", "main.tex", "two.md")]
    assert alone(paths) == [tmp_path / "main.tex", tmp_path / "two.md"]
