"""Derivations in notebooks: the magic, what is shown in light and dark, what an error says, and what exports keep."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import derivgen
from derivgen.errors import render
from derivgen.notebook import CellError, Derivations

pytest.importorskip("IPython")

NEURON = "max(0, w.T @ x + b)\nwrt: w\nwhere: w, x in R^n; b in R\n"


@pytest.fixture
def shell() -> Any:
    from IPython.core.interactiveshell import InteractiveShell

    InteractiveShell.clear_instance()
    found = InteractiveShell.instance(history_length=0)
    assert found.history_manager is not None
    found.history_manager.enabled = False
    found.run_line_magic("load_ext", "derivgen")
    yield found
    InteractiveShell.clear_instance()


def test_a_cell_is_a_block(shell: Any) -> None:
    d = shell.run_cell_magic("derive", "layout: gradient | detail: brief", NEURON + "notation: modern\n")
    options = d.problem.options
    assert (options.layout, options.detail, options.notation, options.wrt) == ("gradient", "brief", "modern", ("w",))
    plain = derivgen.derive("max(0, w.T @ x + b)", "w", "w, x in R^n; b in R", layout="gradient", notation="modern")
    assert d.result == plain.result


def test_a_line_is_what_stands_in_a_sentence(shell: Any) -> None:
    d = shell.run_line_magic("derive", "w.T @ x | wrt: w | where: w, x in R^n")
    assert str(d.result) == "x.T"


def test_several_variables_are_one_card(shell: Any) -> None:
    ds = shell.run_line_magic("derive", "w * x | wrt: w, x | where: w, x in R^n")
    assert isinstance(ds, Derivations)
    assert [str(d.result) for d in ds] == ["diag(x)", "diag(w)"]
    html = shell.display_formatter.format(ds)[0]["text/html"]
    assert html.count("<article") == 1


def test_defaults_hold_for_the_cells_below(shell: Any) -> None:
    shell.run_line_magic("derive_defaults", "layout: denominator | where: w, x in R^n; b in R")
    d = shell.run_cell_magic("derive", "", "max(0, w.T @ x + b)\nwrt: w")
    assert d.problem.options.layout == "denominator"
    shell.run_line_magic("derive_defaults", "")
    with pytest.raises(CellError, match="not declared"):
        shell.run_cell_magic("derive", "", "max(0, w.T @ x + b)\nwrt: w")
    with pytest.raises(CellError, match="there is no option 'lay'"):
        shell.run_line_magic("derive_defaults", "lay: denominator")


@pytest.mark.parametrize(
    ("cell", "kind", "place", "hint"),
    [
        ("w.T @ z\nwrt: w\nwhere: w in R^n", "unknown name", "z", "declare it"),
        ("w @@ x\nwrt: w\nwhere: w, x in R^n", "cannot read", "@", ""),
        ("w * x\nwrt: w\nwhere: w, x in R^n\nlayuot: gradient", "cannot read", "", "did you mean layout?"),
        ("w * x", "cannot read", "", "write 'wrt: w' below the expression"),
    ],
)
def test_an_error_shows_the_place_in_the_cell(shell: Any, cell: str, kind: str, place: str, hint: str) -> None:
    with pytest.raises(CellError) as wrong:
        shell.run_cell_magic("derive", "", cell)
    error = wrong.value
    shown = "\n".join(error._render_traceback_())
    assert shown == render(error)
    assert shown.startswith(f"{kind}: ")
    assert hint in shown
    if place:
        lines = shown.split("\n")
        carets = next(k for k, line in enumerate(lines) if set(line.strip()) == {"^"})
        assert lines[carets - 1][lines[carets].index("^")] == place


def test_the_last_line_of_an_error_keeps_the_hint() -> None:
    with pytest.raises(derivgen.NameUnknown) as wrong:
        derivgen.derive("w + z", "w", "w in R^n")
    assert wrong.value.hint
    assert str(wrong.value) == f"{wrong.value.message} ({wrong.value.hint})"


def test_rich_output_in_every_form() -> None:
    d = derivgen.derive("w.T @ x", "w", "w, x in R^n")
    html = d._repr_html_()
    assert html.startswith("<style>")
    assert '<article class="derivgen dg-card dg-note-book" id="derivation-' in html
    assert not re.search(r"dg-(anchor|number)-dg|<script|https?:", html)
    assert d._repr_markdown_().startswith("##")
    assert d._repr_latex_().startswith("$")
    assert (
        html == derivgen.derive("w.T @ x", "w", "w, x in R^n")._repr_html_()
    )  # a notebook that is run again is the same
    assert html.split('id="')[1] != derivgen.derive("w.T @ x", "x", "w, x in R^n")._repr_html_().split('id="')[1]


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    nbformat = pytest.importorskip("nbformat")
    pytest.importorskip("nbconvert")
    pytest.importorskip("ipykernel")
    cells = ["%load_ext derivgen", f"%%derive\n{NEURON}", "%%derive\nw + z\nwrt: w\nwhere: w in R^n"]
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    path = tmp_path_factory.mktemp("notebook") / "a.ipynb"
    nbformat.write(made, path)
    return path


@pytest.mark.slow
def test_exports_keep_the_card(notebook: Path) -> None:
    def converted(to: str, source: Path, *flags: str) -> str:
        out = source.with_name(f"out-{to}")
        command = [sys.executable, "-m", "nbconvert", "--to", to, "--output", out.name, *flags, str(source)]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        return next(source.parent.glob(f"{out.name}.*")).read_text(encoding="utf-8")

    executed = converted("notebook", notebook, "--execute", "--allow-errors")
    assert "hint: declare it" in executed
    done = notebook.with_name("out-notebook.ipynb")
    for to in ("html", "markdown", "slides"):
        shown = converted(to, done)
        assert 'class="derivgen dg-card dg-note-book"' in shown
        assert shown.count("<math") > 20
    assert r"\frac{\partial y}{\partial \mathbf{w}}" in converted("latex", done)


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_light_and_dark(notebook: Path, theme: str) -> None:
    sync_api = pytest.importorskip("playwright.sync_api")
    from tests.site.sites import CHROMIUM, FLAGS

    if CHROMIUM is None:
        pytest.skip("needs Chromium (Debian's package chromium)")
    command = [
        "--to",
        "html",
        "--execute",
        "--allow-errors",
        "--theme",
        theme,
        "--output",
        f"{theme}.html",
        str(notebook),
    ]
    subprocess.run([sys.executable, "-m", "nbconvert", *command], check=True, capture_output=True, timeout=300)
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(color_scheme="dark" if theme == "light" else "light")  # the notebook's theme decides
        page.route("http*://**", lambda route: route.abort())
        page.goto(notebook.with_name(f"{theme}.html").as_uri())
        pale = """(() => { const c = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
            const bright = e => { c.fillStyle = getComputedStyle(e).color; c.fillRect(0, 0, 1, 1); return Math.max(...c.getImageData(0, 0, 1, 1).data.slice(0, 3)) > 128; };
            return [...document.querySelectorAll('.dg-card :is(.dg-verdict, .dg-what, .dg-about, .dg-badge, summary, math)')].filter(e => e.checkVisibility()).map(bright); })()"""
        found = page.evaluate(pale)
        assert len(found) > 10
        assert set(found) == {theme == "dark"}
        browser.close()
