"""This project's own site, built with no network and driven in headless Chromium as a reader would."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.site.sites import environment, served

pytest.importorskip("material")
pytest.importorskip("mkdocstrings")

pytestmark = pytest.mark.slow

PAGES = (
    "", "start/", "tutorial/", "method/", "guide/course/", "guide/authors/", "guide/layouts/", "guide/gallery/", "guide/theming/", "guide/ci/", "guide/elsewhere/", "guide/serve/", "guide/jupyter/", "options/", "comparison/", "changelog/",
    "rules/", "operations/", "identities/", "forms/", "run/", "derivations/", "checks/", "reference/commands/", "reference/json/", "reference/python/",
)  # fmt: skip


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Iterator[str]:
    """Where the site is served; it was built for that address, which instant navigation compares."""
    out = tmp_path_factory.mktemp("site")
    with served(out) as url:
        run = subprocess.run(
            [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", str(out)],
            cwd=root, capture_output=True, text=True, env=environment(SITE_URL=url), timeout=600, check=False,
        )  # fmt: skip
        assert run.returncode == 0, run.stderr
        yield url


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """A page whose every complaint, and every request to another host, is a failure."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, permissions=["clipboard-read", "clipboard-write"]
    )
    made = context.new_page()
    complaints: list[str] = []
    made.on("pageerror", lambda error: complaints.append(str(error)))
    made.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    made.on(
        "request", lambda r: complaints.append(r.url) if not r.url.startswith((address, "data:", "blob:")) else None
    )
    yield made
    context.close()
    assert complaints == []


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_set_without_an_error(page: Any, address: str, name: str) -> None:
    page.goto(address + name)
    assert page.evaluate("document.querySelectorAll('merror').length") == 0
    assert page.locator(".dg-error, .dg-wrong").count() == 0
    prose = "const a = document.querySelector('article.md-content__inner').cloneNode(true); a.querySelectorAll('code, pre, script').forEach(e => e.remove()); return a.textContent"
    assert not re.findall(r"\\frac|\\mathbf|\$", page.evaluate(f"(() => {{ {prose} }})()"))
    unset = "[...document.querySelectorAll('.dg-card > :not(details) math')].filter(m => m.checkVisibility() && m.getBoundingClientRect().width < 2).length"
    assert page.evaluate(unset) == 0
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    broken = page.evaluate(
        "[...document.querySelectorAll('.dg-card')].filter(c => c.scrollWidth > c.clientWidth + 1).map(c => c.id)"
    )
    assert broken == []


def test_reasons_stand_in_one_place_whatever_the_width(page: Any, address: str) -> None:
    page.goto(address)
    step = page.locator("#neuron-1")
    step.locator(".dg-fold > summary").click()

    def place(part: str) -> dict[str, float]:
        found: dict[str, float] = step.locator(part).first.bounding_box()
        return found

    for width in (1280, 700, 360):
        page.set_viewport_size({"width": width, "height": 800})
        title, why, math = (place(part) for part in (".dg-what", ".dg-why", ".dg-math"))
        assert title["y"] + title["height"] <= why["y"] + 1
        assert why["y"] + why["height"] <= math["y"] + 1


def test_folds_and_marks_open_with_the_keyboard(page: Any, address: str) -> None:
    page.goto(address)
    step = page.locator("#neuron-2")
    why, inner = step.locator(".dg-body > .dg-why"), step.locator("#neuron-2-1")
    assert not why.is_visible()
    step.locator(".dg-fold > summary").focus()
    page.keyboard.press("Enter")
    assert why.is_visible()
    assert not inner.is_visible()
    step.locator(".dg-more > summary").first.focus()
    page.keyboard.press("Enter")
    assert inner.is_visible()
    rule = page.locator("#neuron-2 > .dg-facts .dg-rule")
    assert not rule.is_visible()
    page.locator("#neuron-2 > .dg-facts > summary").focus()
    page.keyboard.press("Enter")
    assert rule.is_visible()
    assert "Checked exactly" in page.locator("#neuron-2 > .dg-facts").inner_text()
    badge = page.locator("#neuron details.dg-badge")
    badge.locator("summary").click()
    assert "computed at random points" in badge.inner_text()


def test_buttons_copy(page: Any, address: str) -> None:
    page.goto(address)
    card = page.locator("#neuron")
    card.get_by_role("button", name="Copy LaTeX").click()
    card.get_by_text("Copied").wait_for()
    tex = page.evaluate("navigator.clipboard.readText()")
    assert tex.startswith("\\begin{aligned}\n")
    assert tex.count("\\\\") > 8
    card.get_by_role("button", name="Copy code").click()
    page.wait_for_function("navigator.clipboard.readText().then(t => t.includes('import numpy'))")
    compile(page.evaluate("navigator.clipboard.readText()"), "copied", "exec")


def test_step_by_step(page: Any, address: str) -> None:
    page.goto(address)
    card = page.locator("#neuron")
    steps = card.locator(".dg-top > .dg-step")
    count = steps.count()
    card.get_by_role("button", name="Step by step").click()

    def shown() -> int:
        return sum(steps.nth(k).is_visible() for k in range(count))

    assert shown() == 1
    assert steps.nth(0).locator(".dg-why").first.is_visible()
    card.get_by_role("button", name="Next step").click()
    assert shown() == 2
    for _ in range(count - 1):
        button = card.get_by_role("button", name="Next step")
        button.click()
    assert shown() == count
    assert card.locator(".dg-answer").is_visible()
    assert card.get_by_role("button", name="Step by step").is_visible()


SEEN = "[...document.querySelectorAll('#neuron .dg-tools button')].every(b => { const r = b.getBoundingClientRect(); const top = document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2); return b === top })"


@pytest.mark.parametrize("height", [500, 900])
def test_buttons_do_not_scroll_the_reader_away(page: Any, address: str, height: int) -> None:
    page.set_viewport_size({"width": 1280, "height": height})
    page.goto(address)
    card = page.locator("#neuron")
    bar = card.locator(".dg-tools")
    page.evaluate("document.querySelector('#neuron .dg-tools').scrollIntoView({block: 'center', behavior: 'instant'})")
    for name in ("Show all", "Show smaller steps"):
        before = bar.bounding_box()
        card.get_by_role("button", name=name).click()
        assert abs(bar.bounding_box()["y"] - before["y"]) < 2
    card.get_by_role("button", name="Show less").click()
    card.get_by_role("button", name="Step by step").click()
    latest = (
        "[...document.querySelectorAll('#neuron .dg-top > .dg-step:not(.dg-later)')].at(-1).getBoundingClientRect()"
    )
    for _ in range(8):
        card.get_by_role("button", name="Next step").click()
        assert page.evaluate(SEEN)
        assert page.evaluate(f"{latest}.top < innerHeight - 20 && {latest}.bottom > 0")


def test_each_derivation_of_a_card_is_stepped_by_itself(page: Any, address: str) -> None:
    page.goto(address + "tutorial/")
    shown = "[...document.querySelectorAll('#both :is(.dg-top, .dg-answer)')].map(e => [e, ...e.querySelectorAll(':scope > .dg-step')].filter(s => s.checkVisibility()).length)"
    card = page.locator("#both")
    for _ in range(2):
        card.get_by_role("button", name="Show all").first.click()
    first, answer, second, last = page.evaluate(shown)
    assert min(first, second) > 2
    assert answer == last == 1
    card.get_by_role("button", name="Step by step").nth(1).click()
    assert page.evaluate(shown) == [first, answer, 2, 0]
    card.get_by_role("button", name="Next step").click()
    assert page.evaluate(shown) == [first, answer, 3, 0]


def test_dark_mode(page: Any, address: str) -> None:
    ink = "getComputedStyle(document.querySelector('#neuron .dg-facts > summary')).color"
    page.goto(address)
    light = page.evaluate(ink)
    page.locator("label[for=__palette_1]").click()
    page.wait_for_function("document.body.getAttribute('data-md-color-scheme') === 'slate'")
    assert page.evaluate(ink) != light


def test_instant_navigation(page: Any, address: str) -> None:
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.evaluate("window.sameDocument = true")
    page.locator("#neuron-1 .dg-facts > summary").first.click()
    page.locator("#neuron a.dg-rule").first.click()
    page.wait_for_url("**/rules/#rule-*")
    page.locator(".md-tabs").get_by_role("link", name="Learn").click()
    page.locator(".md-nav--primary").get_by_role("link", name="The method").click()
    page.locator("#times").wait_for()
    assert page.evaluate("window.sameDocument") is True
    assert page.locator("#times .dg-tools").first.is_visible()
    page.locator("#times").get_by_role("button", name="Copy LaTeX").click()
    page.locator("#times").get_by_text("Copied").wait_for()


def test_search_finds_titles_and_reasons(page: Any, address: str) -> None:
    page.goto(address)
    page.wait_for_load_state("networkidle")
    field, links = page.locator(".md-search__input"), page.locator(".md-search-result__link")
    for words, wanted in (("identity function", "method/"), ("in which these are named", "method/")):
        field.fill("")
        field.press_sequentially(words)
        page.locator(f".md-search-result__link[href*='{wanted}']").first.wait_for(state="attached")
    field.fill("")
    field.press_sequentially("mathbf")
    page.wait_for_function("document.querySelector('.md-search-result__meta').innerText.includes('No matching')")
    assert links.count() == 0


def test_what_is_open_on_the_screen_is_printed(page: Any, address: str) -> None:
    page.goto(address)
    card = page.locator("#neuron")
    why = "[...document.querySelectorAll('#neuron .dg-why')].filter(e => e.checkVisibility({contentVisibilityAuto: true})).length"
    page.emulate_media(media="print")
    assert page.evaluate(why) == 0
    assert not card.locator(".dg-tools").is_visible()
    page.emulate_media(media="screen")
    card.get_by_role("button", name="Show all").click()
    page.emulate_media(media="print")
    page.wait_for_function(f"{why} === 9")  # a browser unfolds by style with its next frame
    assert len(page.pdf(format="A4")) > 20_000


def test_paper_has_no_line_of_what_cannot_be_opened_there(page: Any, address: str) -> None:
    page.goto(address)
    card = page.locator("#neuron")
    card.get_by_role("button", name="Show all").click()
    folded = card.locator(".dg-top > .dg-step > .dg-fold > .dg-body > .dg-more > summary")
    assert folded.first.is_visible()
    page.emulate_media(media="print")
    assert not any(folded.nth(k).is_visible() for k in range(folded.count()))
    page.emulate_media(media="screen")
    folded.first.click()
    page.emulate_media(media="print")
    folded.first.wait_for(state="visible")


@pytest.mark.parametrize("width", [1280, 620, 390])
@pytest.mark.parametrize("media", ["screen", "print"])
def test_right_sides_begin_at_one_place(page: Any, address: str, media: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(address)
    page.locator("#neuron").get_by_role("button", name="Show all").click()
    page.emulate_media(media=media)
    starts = page.evaluate(
        "[...document.querySelectorAll('#neuron .dg-math.dg-broad')].filter(m => m.checkVisibility()).map("
        "m => [...m.querySelectorAll(':scope > .dg-right')].map(r => Math.round(r.getBoundingClientRect().x)))"
    )
    assert any(len(one) > 2 for one in starts)
    assert all(len(set(one)) == 1 for one in starts)


def test_a_formula_in_a_sentence_stands_on_its_line(page: Any, address: str) -> None:
    page.goto(address)
    page.evaluate(
        "document.querySelector('#neuron .dg-about').innerHTML = 'ab <math><mi>a</mi></math> <span class=\"dg-piece\" "
        'style="--dg-breadth: 23"><math><mi>a</mi></math></span>\''
    )
    tops = page.evaluate(
        "[...document.querySelectorAll('#neuron .dg-about mi')].map(m => m.getBoundingClientRect().bottom)"
    )
    assert abs(tops[0] - tops[1]) < 0.6


def test_a_line_that_is_a_little_too_broad_is_set_smaller_and_no_other(page: Any, address: str) -> None:
    page.goto(address)
    size = """breadth => {
        const math = document.querySelector('#neuron .dg-answer .dg-math');
        math.innerHTML = `<div class="dg-left"></div><div class="dg-right"><span class="dg-piece" style="--dg-breadth: ${breadth}">x</span></div>`;
        const own = e => parseFloat(getComputedStyle(e).fontSize);
        return own(math.querySelector('.dg-piece')) / own(math);
    }"""
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate(size, 23) == 1
    assert 0.74 < page.evaluate(size, 33) < 1
    assert page.evaluate(size, 90) == 1


def test_dark_pages_are_printed_dark_on_white(page: Any, address: str) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(address)
    page.wait_for_function("document.body.getAttribute('data-md-color-scheme') === 'slate'")
    page.emulate_media(media="print", color_scheme="dark")
    pale = """(() => {
        const pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
        const painted = color => { pen.clearRect(0, 0, 1, 1); pen.fillStyle = color; pen.fillRect(0, 0, 1, 1); return [...pen.getImageData(0, 0, 1, 1).data] };
        return [...document.querySelectorAll('#neuron :is(.dg-verified, .dg-about, .dg-what, .dg-math mo, .dg-answer)')].filter(e => {
            const ink = painted(getComputedStyle(e).color), paper = painted(getComputedStyle(e).backgroundColor);
            return Math.max(...ink.slice(0, 3)) > 130 || paper[3] && Math.min(...paper.slice(0, 3)) < 255;
        });
    })()"""
    assert page.evaluate("document.querySelectorAll('#neuron .dg-math mo').length") > 20
    page.wait_for_function(f"{pale}.length === 0", timeout=5000)  # links fade from one colour to the other


def test_readable_without_a_script(browser: Any, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    assert page.locator("#neuron .dg-answer math").first.is_visible()
    assert not page.locator("#neuron .dg-tools").is_visible()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["", "method/", "rules/", "checks/", "guide/authors/"])
def test_accessible(browser: Any, address: str, name: str, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(address + name)
    found = axe.run(page, context=".md-content").response["violations"]
    serious = {
        v["id"]: [n["html"][:160] for n in v["nodes"][:3]] for v in found if v["impact"] in ("serious", "critical")
    }
    context.close()
    assert serious == {}
