"""The page: whole without a script or a network, in order for a screen reader, and fit for a phone, in a real browser."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Literal

import pytest

from derivgen import derive
from derivgen.check.verdict import Verdict
from derivgen.derivation import Derivation
from derivgen.derivation.report import Report
from derivgen.options import Options
from derivgen.show import render_all
from derivgen.show.document.prose import BREAK, for_html
from derivgen.show.formats import Wishes
from derivgen.show.formats.html import card, stylesheet

Look = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]
VOID = {"meta", "link", "br", "hr", "img"}


class Outline(HTMLParser):
    """Headings, ids, links and the nesting of a page."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.levels: list[int] = []
        self.ids: Counter[str] = Counter()
        self.links: list[str] = []
        self.open: list[str] = []
        self.names: Counter[str] = Counter()
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.names[tag] += 1
        assert not any(name.startswith("on") for name in given)
        if tag not in VOID:
            self.open.append(tag)
        if re.fullmatch("h[1-6]", tag) or given.get("role") == "heading":
            self.levels.append(int(given.get("aria-level") or tag[1]))
        self.ids.update([str(given["id"])] if "id" in given else [])
        self.links += [str(given[a]) for a in ("href", "src") if a in given]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def neuron() -> Derivation:
    return derive("max(0, w.T @ x + b)", wrt="w", where="w, x in R^n; b in R")


@pytest.fixture(scope="module")
def refuted(neuron: Derivation) -> Derivation:
    wrong = Verdict("refuted", "the two sides have different values", 1, {"n": 2}, "exact",
                    point={"w": [1, 2]}, place="entry (1, 2)", left="3", right="7")  # fmt: skip
    steps = (replace(neuron.steps[0], check=wrong), *neuron.steps[1:])
    return replace(neuron, steps=steps, report=Report(steps, wrong))


def test_a_page_asks_for_nothing(neuron: Derivation) -> None:
    page = neuron.to("html")
    outline = Outline(page)
    assert outline.names["script"] == outline.names["link"] == outline.names["img"] == 0
    assert all(link.startswith("#") for link in outline.links)
    assert "url(" not in page
    assert "@import" not in page
    assert "default-src 'none'" in page
    assert '<html lang="en">' in page
    assert outline.names["main"] == outline.names["h1"] == 1


@pytest.mark.slow
def test_headings_descend_by_one_and_anchors_are_unique(corpus: dict[str, Derivation]) -> None:
    page = render_all(list(corpus.values()), "html")
    assert isinstance(page, str)
    outline = Outline(page)
    assert outline.levels[0] == 1
    assert all(later <= before + 1 for before, later in zip(outline.levels, outline.levels[1:], strict=False))
    assert max(outline.ids.values()) == 1
    assert {link.removeprefix("#") for link in outline.links} <= outline.ids.keys()


def test_steps_are_numbered_and_sub_steps_folded(neuron: Derivation) -> None:
    page = neuron.to("html")
    assert 'id="d1-9"' in page
    assert 'id="d1-2-1"' in page
    assert 'class="dg-more"><summary>5 smaller steps of step 2</summary>' in page
    assert 'class="dg-more" open><summary>5 smaller steps of step 2</summary>' in neuron.to("html", detail="full")
    assert 'class="dg-more"' not in neuron.to("html", detail="brief")


def test_the_steps_are_folded_where_that_is_asked(neuron: Derivation) -> None:
    assert neuron.to("html").count('class="dg-fold" open>') == 9
    folded = render_all([neuron], "html", options=Options(fold="always"))
    assert isinstance(folded, str)
    assert folded.count('class="dg-fold">') == 9
    assert 'class="dg-fold" open>' not in folded


def test_a_refuted_step_is_open_with_its_evidence(refuted: Derivation) -> None:
    page = render_all([refuted], "html", options=Options(fold="always"))
    assert isinstance(page, str)
    assert page.count('class="dg-fold" open>') == page.count('class="dg-facts" open>') == 1


def test_a_page_says_once_how_derivatives_are_laid_out() -> None:
    ds = [derive("w.T @ x", wrt=name, where="w, x in R^n", check=False) for name in "wx"]
    page = render_all([*ds, derive("w * x", wrt="w", where="w, x in R^n", check=False)], "html")
    assert isinstance(page, str)
    assert page.count("Vectors are columns") == 1
    assert page.count("the gradient of a scalar is a row") == 1
    assert page.count("of the Jacobian is the derivative of entry") == 1


def test_verdicts_have_their_evidence(neuron: Derivation, refuted: Derivation) -> None:
    assert "Checked exactly at 8 points" in neuron.to("html")
    page = refuted.to("html")
    assert 'class="dg-verdict dg-refuted"' in page
    assert "left 3, right 7 at entry (1, 2); for w = [1, 2]" in page


def test_words_of_a_declaration_are_no_mathematics() -> None:
    d = derive("logdet(S) + f(w).T @ w", wrt="w", where="S in PD(n); w in R^n; f: R -> R elementwise", check=False)
    about = re.search(r'<p class="dg-about">(.*?)</p>', d.to("html"))
    assert about is not None
    words = re.sub(r"<math.*?</math>", "…", about[1])
    assert words.endswith("… (element-wise).")
    assert "(symmetric, positive-definite);" in words


def test_a_letter_in_the_answer_is_explained_in_a_sentence() -> None:
    d = derive("softmax(x)", wrt="x", where="x in R^n", check=False)
    answer = d.to("html").split('-answer">')[1]
    assert re.search(
        r'<p class="dg-where">where <span style="white-space: nowrap"><math.*?</math>\.</span></p>', answer
    )


def test_powers_of_ten_are_set_as_such() -> None:
    page = derive("w * x", wrt="w", where="w, x in R^n").to("html")
    assert "below 10<sup>−15</sup>." in page
    assert "10^" not in page


def test_a_long_formula_can_be_broken_though_a_mark_follows() -> None:
    said = for_html("it is $(1 \\times 1)(1 \\times 1)(1 \\times n)(n \\times n) = 1 \\times n$.", source=False)
    free, kept = said.split('<span style="white-space: nowrap">')
    assert free.count("<math") == 1
    assert free.endswith(BREAK)
    assert kept.endswith(".</span>")


def test_a_card_stands_in_any_page(neuron: Derivation) -> None:
    shown = card(neuron, Wishes(Options(detail="brief")), anchor='a "b" <c>', level=3)
    assert shown.startswith('<article class="derivgen" id="a-b-c"')
    assert Outline(shown).levels[:2] == [3, 4]
    assert "<style" not in shown
    assert ".derivgen" in stylesheet()


def test_each_display_has_its_whole_latex(neuron: Derivation) -> None:
    assert 'data-tex="\\begin{aligned}&#10;\\mathbf{u} &amp;= \\mathbf{w} \\otimes \\mathbf{x} \\\\' in neuron.to(
        "html"
    )


# --- in Chromium ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(corpus: dict[str, Derivation], refuted: Derivation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page for each case, unfolded, and one for all."""
    found = tmp_path_factory.mktemp("pages")
    for name, d in {**corpus, "refuted": refuted}.items():
        (found / f"{name}.html").write_text(d.to("html", detail="full"), encoding="utf-8")
    everything = render_all(list(corpus.values())[:3], "html")
    assert isinstance(everything, str)
    (found / "several.html").write_text(everything, encoding="utf-8")
    return found


@pytest.mark.slow
def test_every_page_is_sound_on_a_phone(folder: Path, chromium: Look) -> None:
    pages: list[dict[str, Any]] = [{"file": str(f), "width": 360, "axe": False} for f in sorted(folder.glob("*.html"))]
    for page, seen in zip(pages, chromium(pages), strict=True):
        assert seen["overflow"] <= 0, page
        assert seen["complaints"] == [], page
        assert (seen["requests"], seen["scripts"], seen["handlers"]) == (1, 0, 0), page
        assert seen["maths"] > 0
        assert (seen["wrong"], seen["flat"], seen["unreachable"]) == ([], 0, 0), page


@pytest.mark.slow
def test_axe_has_no_complaint_in_light_and_dark(folder: Path, chromium: Look) -> None:
    screens: list[dict[str, Any]] = [{"width": 360}, {"width": 1200, "scheme": "dark"}]
    names = ("hadamard", "refuted", "exp-hadamard", "several")
    pages = [{"file": str(folder / f"{name}.html"), **screen} for name in names for screen in screens]
    for page, seen in zip(pages, chromium(pages), strict=True):
        assert seen["violations"] == [], page


@pytest.mark.parametrize("paper", ["screen", "all"])
def test_what_is_printed(neuron: Derivation, chromium: Look, tmp_path: Path, paper: Literal["screen", "all"]) -> None:
    page = render_all([neuron], "html", options=Options(fold="always", paper=paper))
    assert isinstance(page, str)
    file = tmp_path / "page.html"
    file.write_text(page, encoding="utf-8")
    screen, printed = chromium(
        [{"file": str(file), "axe": False}, {"file": str(file), "media": "print", "width": 700, "axe": False}]
    )
    assert screen["shownSteps"] == 0
    assert screen["steps"] > 20
    assert printed["shownSteps"] == (screen["steps"] if paper == "all" else 0)
    assert printed["overflow"] <= 0


def test_the_checker_does_complain(chromium: Look, tmp_path: Path) -> None:
    file = tmp_path / "bad.html"
    file.write_text(
        "<!DOCTYPE html><title>x</title><h3 style='color:#999;background:#fff'>pale</h3><div style='width:3000px'>.</div>"
        "<math><mi>x</mi></math><img src='http://example.com/x.png'>"
    )
    (seen,) = chromium([{"file": str(file)}])
    assert seen["overflow"] > 0
    assert seen["requests"] == 2
    assert {"color-contrast", "html-has-lang", "image-alt"} <= {v.split(":")[0] for v in seen["violations"]}
