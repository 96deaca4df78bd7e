"""A PDF through the TeX that is there; a clear error where there is none, where it is slow, and where it refuses."""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
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


def words(pdf: bytes, folder: Path) -> list[tuple[int, float, str]]:
    """Each word: its page, where it ends on the right as a share of the width, itself."""
    if shutil.which("pdftotext") is None:
        pytest.skip("needs pdftotext (Debian's package poppler-utils)")
    (folder / "a.pdf").write_bytes(pdf)
    run = subprocess.run(["pdftotext", "-bbox", str(folder / "a.pdf"), "-"], capture_output=True, text=True, check=True)
    found, page, width = [], 0, 1.0
    for line in run.stdout.splitlines():
        if size := re.search(r'<page width="([\d.]+)"', line):
            page, width = page + 1, float(size[1])
        if word := re.search(r'xMax="([-\d.]+)".*>(.*)</word>', line):
            found.append((page, float(word[1]) / width, word[2]))
    return found


def test_a_page_holds_titles_with_their_lines_and_all_of_these(pdflatex: str, tmp_path: Path) -> None:
    wide = "(A @ x - b).T @ inv(S) @ (A @ x - b) * exp(-(x.T @ Q @ x)/2) * where(x.T@x > 1, (a.T@x)/(1 + x.T@x), log(1+exp(a.T@x))/2)"
    where = "x, a in R^n; A in R^(m*n); b in R^m; S in R^(m*m); Q in R^(n*n)"
    made = render_all([derive(wide, wrt=x, where=where, check=False) for x in ("x", "b")], "pdf")
    assert isinstance(made, bytes)
    found = words(made, tmp_path)
    assert found[-1][0] > 3
    assert max(right for _, right, _ in found) < 1 - 24 / 210
    for _, group in itertools.groupby(found, lambda word: word[0]):
        sheet = [word for *_, word in group]
        titles = [k for k, word in enumerate(sheet) if re.fullmatch(r"[1-9]\d*\.", word)]
        assert not titles or "=" in "".join(sheet[titles[-1] :]), sheet[titles[-1] :]


def test_what_is_said_of_a_display_stands_on_its_page(pdflatex: str, tmp_path: Path) -> None:
    loss = "sum((y[i] - max(0, w.T @ X[i] + b))**2 for i in range(N)) / N"
    ds = [
        derive("max(0, w.T @ x + b)", wrt="w", where="w, x in R^n; b in R"),
        derive(loss, wrt="w", where="w in R^n; b in R; y in R^N; X in R^(N*n)"),
        derive("softmax(x)", wrt="x", where="x in R^n"),
    ]
    for d in ds:
        made = render_all([d], "pdf")
        assert isinstance(made, bytes)
        pages = [[word for *_, word in sheet] for _, sheet in itertools.groupby(words(made, tmp_path), lambda w: w[0])]
        assert len(pages) > 1
        assert sum(sheet.count("✓") for sheet in pages) > len(d.steps)
        assert all(sheet[0] != "✓" for sheet in pages), d


TASKS = {
    "sum(f(x))": ("x", "x in R^n; f: R^n -> R^n"),
    "w.T @ x": ("w", "w, x in R^n"),
    "softmax(x)": ("x", "x in R^n"),
    "N/2*logdet(S) + 1/2*sum((X[i]-m).T @ inv(S) @ (X[i]-m) for i in range(N))": (
        "S", "S in PD(n); X in R^(N*n); m in R^n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", TASKS)
def test_the_answer_stands_on_a_page_with_the_step_before_it(text: str, pdflatex: str, tmp_path: Path) -> None:
    wrt, where = TASKS[text]
    d = derive(text, wrt=wrt, where=where)
    made = render_all([d], "pdf")
    assert isinstance(made, bytes)
    pages = [[word for *_, word in sheet] for _, sheet in itertools.groupby(words(made, tmp_path), lambda w: w[0])]
    sheet = next(sheet for sheet in pages if "Answer." in sheet)
    assert f"{len(d.steps)}." in sheet[: sheet.index("Answer.")]


@pytest.mark.parametrize("title", ["∇f ≤ 0 for x₁², ℝⁿ and Aᵀ", "S⁻¹ − ½ ⊗ ∑ √x ≠ ∞ → ∂"])
def test_signs_in_a_title_are_set(title: str, pdflatex: str) -> None:
    assert render_all([derive("x", wrt="x", where="x in R", check=False)], "pdf", title=title)


def test_a_remark_on_a_symmetric_matrix_is_set_as_mathematics(pdflatex: str) -> None:
    d = derive("logdet(Sigma)", wrt="Sigma", where="Sigma in Sym(n)", check=False)
    assert r"$\Sigma$ is symmetric, so entries $(i, j)$ and $(j, i)$ change together." in render(d, "latex")
    assert "Σ is symmetric, so entries (i, j) and (j, i) change together." in " ".join(render(d, "text").split())
    assert render_all([d], "pdf")


def test_a_chance_of_error_is_a_power_of_ten() -> None:
    d = derive("w * x", wrt="w", where="w, x in R^n")
    for name in ("latex", "tex", "beamer"):
        shown = render(d, name)
        assert "below $10^{-15}$" in shown
        assert "textasciicircum" not in shown


def test_scalars_are_not_bold_in_headings() -> None:
    d = derive("w.T @ w + b", wrt="b", where="w in R^n; b in R", check=False)
    shown = render(d, "latex")
    assert r"\subsection*{Derivative with respect to $b$}" in shown
    neuron = derive("max(0, w.T @ x + b)", wrt="w", where="w, x in R^n; b in R", check=False)
    assert r"Differentiate $z$ by $s$" in render(neuron, "latex")
