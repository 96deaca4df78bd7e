"""Every line of every derivation of the corpus, in the hands of those who read LaTeX: KaTeX, MathJax, pdflatex."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from derivgen.derivation import Derivation
from derivgen.rules import recombine
from derivgen.rules.rule import Rule
from derivgen.show import render_all

READERS = Path(__file__).parent / "readers"
ROOM = 10.0
"""Points by which a line of a document may stick out."""


@pytest.fixture(scope="module")
def formulas(corpus: dict[str, Derivation]) -> list[tuple[str, bool]]:
    """Every formula of every derivation, sub-steps included, with whether it is displayed; each once."""
    found: dict[tuple[str, bool], None] = {}
    for d in corpus.values():
        shown = d.to("markdown", detail="full")
        for tex in re.findall(r"\$\$\n(.*?)\n\$\$", shown, re.DOTALL):
            found[tex, True] = None
        rest = re.sub(r"\$\$\n.*?\n\$\$", "", shown, flags=re.DOTALL)
        for tex in re.findall(r"(?<!\\)\$([^$]+)\$", rest):
            found[tex, False] = None
    for rule in vars(recombine).values():  # a chapter: what the rules state is printed too
        if isinstance(rule, Rule):
            found[rule.states, True] = None
    assert len(found) > 1000
    return list(found)


def ask(node: str, script: str, folder: Path, formulas: list[tuple[str, bool]]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [node, str(READERS / script), str(folder)],
        input=json.dumps(formulas), capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip


def test_katex_accepts_every_formula_in_its_strict_mode(
    node: str, katex: Path, formulas: list[tuple[str, bool]]
) -> None:
    run = ask(node, "katex.js", katex, formulas)
    assert run.returncode == 0, run.stderr[-3000:]


@pytest.mark.slow
def test_mathjax_accepts_every_formula(node: str, mathjax: Path, formulas: list[tuple[str, bool]]) -> None:
    run = ask(node, "mathjax.js", mathjax, formulas)
    assert run.returncode == 0, run.stderr[-3000:]


@pytest.mark.parametrize("script", ["katex.js", "mathjax.js"])
def test_the_readers_do_refuse(node: str, katex: Path, mathjax: Path, script: str) -> None:
    folder = katex if script == "katex.js" else mathjax
    for wrong in (r"\frac{1}{", r"\nosuchcommand x", r"x_1_2"):
        assert ask(node, script, folder, [(wrong, True)]).returncode == 1


@pytest.mark.parametrize("form", ["tex", pytest.param("beamer", marks=pytest.mark.slow)])
def test_one_document_with_all_of_them_is_typeset(
    form: str, pdflatex: str, corpus: dict[str, Derivation], tmp_path: Path
) -> None:
    source = render_all(list(corpus.values()), form, detail="full" if form == "tex" else "normal")
    assert isinstance(source, str)
    (tmp_path / "all.tex").write_text(source, encoding="utf-8")
    run = subprocess.run(
        [pdflatex, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "all.tex"],
        cwd=tmp_path, capture_output=True, timeout=600, check=False,
    )  # fmt: skip
    log = run.stdout.decode("utf-8", "replace")
    assert run.returncode == 0, log[-2000:]
    assert sticking_out(log) == []


def sticking_out(log: str) -> list[str]:
    """What is too wide or too high by more than there is room for."""
    found = re.findall(r"Overfull \\[hv]box \((\d+(?:\.\d+)?)pt too (?:wide|high)\)([^\n]*)", log)
    return [f"{by}pt{where}" for by, where in found if float(by) > ROOM]


def test_what_sticks_out_is_seen() -> None:
    assert sticking_out("Overfull \\hbox (12.5pt too wide) detected at line 5\n") == ["12.5pt detected at line 5"]
    assert sticking_out("Overfull \\hbox (1.5pt too wide) detected at line 5\n") == []
