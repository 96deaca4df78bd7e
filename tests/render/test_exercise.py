"""Derivations with blanks: what is left blank is nowhere to be read before the solutions, and is right there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import derivgen
from derivgen.cli import main
from tests.site.sites import CHROMIUM, FLAGS

QUESTION = ("exp(w.T @ x)", "w", "w, x in R^n")


@pytest.fixture(scope="module")
def d() -> derivgen.Derivation:
    return derivgen.derive(*QUESTION, method="scalar")


def test_a_blank_is_not_given_away_before_the_solutions(d: derivgen.Derivation) -> None:
    whole = d.to("text")
    found = [line.strip() for line in whole.splitlines() if line.strip().startswith("∂y/∂wⱼ")]
    solution = found[0].rpartition(" = ")[2]
    blank, _, behind = d.to("text", exercise="2").partition("Solutions")
    assert "□" in blank
    assert solution not in blank
    assert solution in behind
    assert "Hints" in blank


def test_without_solutions_there_are_hints_only(d: derivgen.Derivation) -> None:
    shown = d.to("text", exercise="auto", solutions=False)
    assert "Hints" in shown
    assert "Solutions" not in shown
    assert "xᵀ" not in shown.partition("Answer")[2]


def test_the_answer_is_a_blank_where_the_last_step_is(d: derivgen.Derivation) -> None:
    last = len(d.steps)
    shown = d.to("text", exercise=str(last))
    assert "∂y/∂w = □" in shown.partition("Answer")[2].partition("Hints")[0]
    assert "exp(wᵀx) xᵀ" in shown.partition("Solutions")[2]


def test_in_a_card_hint_and_solution_fold_out_without_a_script(d: derivgen.Derivation) -> None:
    page = d.to("html", exercise="auto", example=2)
    folds = re.findall(r'<details class="dg-way dg-aside"( open)? id="([^"]+)"><summary>(Hint|Solution)<', page)
    assert len(folds) >= 4
    assert not any(opened for opened, _, _ in folds)
    names = re.findall(r'\bid="([^"]+)"', page)
    assert len(names) == len(set(names))


@pytest.mark.parametrize("asked", ["9", "two", "0"])
def test_a_step_that_there_is_not(d: derivgen.Derivation, asked: str) -> None:
    with pytest.raises(derivgen.DerivgenError, match=f"no step {asked}") as refused:
        d.to("text", exercise=asked)
    assert "the steps 1 to" in str(refused.value.hint)


LIST = """
where: w, x in R^n
derivations:
  - {expression: exp(w.T @ x), wrt: w, title: First}
  - {expression: w * x, wrt: w, title: Second, exercise: "1"}
"""


@pytest.mark.parametrize(("form", "suffix"), [("markdown", ".md"), ("tex", ".tex"), ("html", ".html")])
def test_a_list_makes_a_sheet_and_its_solutions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str, suffix: str
) -> None:
    (tmp_path / "week.yml").write_text(LIST, encoding="utf-8")
    assert main(["exercise", str(tmp_path / "week.yml"), "--to", form, "-o", str(tmp_path / "out")]) == 0
    sheet, solutions = (tmp_path / "out" / f"week-{name}{suffix}" for name in ("sheet", "solutions"))
    assert capsys.readouterr().out.split() == [str(sheet), str(solutions)]
    blank, full = sheet.read_text(encoding="utf-8"), solutions.read_text(encoding="utf-8")
    sign = "□" if form == "html" else r"\square"
    assert blank.count(sign) >= 3
    assert sign not in full
    for title in ("First", "Second"):
        assert title in blank
        assert title in full


def test_a_list_with_a_mistake_makes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "week.yml").write_text("derivations:\n  - {expression: x + y, wrt: x, where: x in R^n; y in R^m}\n")
    assert main(["exercise", str(tmp_path / "week.yml"), "-o", str(tmp_path / "out")]) == 2
    assert "shapes" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_a_sheet_is_accessible(d: derivgen.Derivation, tmp_path: Path, width: int, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    sync_api = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("needs Chromium (Debian's package chromium)")
    (tmp_path / "sheet.html").write_text(d.to("html", exercise="auto"), encoding="utf-8")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 850})
        page.goto((tmp_path / "sheet.html").as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.get_by_text("Solution", exact=True).count() > 1
        found = axe.run(page).response["violations"]
        browser.close()
    assert {v["id"]: v["impact"] for v in found if v["impact"] in ("serious", "critical")} == {}
