"""A PDF through the TeX that is there; a clear error where there is none, where it is slow, and where it refuses."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from derivgen import DerivgenError, derive
from derivgen.cli import main
from derivgen.show import render, render_all
from derivgen.show.formats import pdf

DOCUMENT = "\\documentclass{article}\n\\begin{document}\n%s\n\\end{document}\n"
NEURON = ("derive", "max(0, w.T @ x + b)", "--wrt", "w,x", "--where", "w, x in R^n; b in R", "--no-check")


def test_file_is_a_pdf(pdflatex: str, tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    assert main([*NEURON, "-o", str(file)]) == 0
    assert file.read_bytes().startswith(b"%PDF-")
    assert [f.name for f in tmp_path.iterdir()] == ["a.pdf"]


def test_without_tex_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    d = derive("x", wrt="x", where="x in R", check=False)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(DerivgenError, match="no TeX is installed") as refusal:
        render_all([d], "pdf")
    assert "--to tex" in (refusal.value.hint or "")


def test_render_gives_text_only(pdflatex: str) -> None:
    d = derive("x", wrt="x", where="x in R", check=False)
    with pytest.raises(DerivgenError, match="pdf is not text"):
        render(d, "pdf")


def test_a_refusal_is_told_in_the_words_of_tex(pdflatex: str) -> None:
    with pytest.raises(DerivgenError, match="line 3: Undefined control sequence"):
        pdf.typeset(DOCUMENT % r"\nosuchcommand")


def test_tex_that_runs_without_end_is_stopped(pdflatex: str) -> None:
    with pytest.raises(DerivgenError, match="more than 2 seconds"):
        pdf.typeset(DOCUMENT % r"\def\a{\a}\a", timeout=2)


@pytest.mark.parametrize("name", ["/etc/passwd", "../secret"])
def test_tex_reads_nothing_outside_its_folder(name: str, pdflatex: str) -> None:
    with pytest.raises(DerivgenError, match="refused the document"):
        pdf.typeset(DOCUMENT % rf"\input{{{name}}}")


def test_tex_runs_no_program(pdflatex: str, tmp_path: Path) -> None:
    made = tmp_path / "made"
    pdf.typeset(DOCUMENT % rf"x\immediate\write18{{touch {made}}}")
    assert not made.exists()
