"""Cards on a page of their own site: folded to a screen, reached by links, whole on a phone and on paper."""

from __future__ import annotations

import base64
import itertools
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tests.site.sites import build, served, write_site

pytest.importorskip("material")
pytestmark = pytest.mark.slow

CONFIG = """
site_name: S
theme: { name: material, font: false, features: [content.tabs.link] }
use_directory_urls: false
markdown_extensions: [pymdownx.details, pymdownx.superfences, tables, { pymdownx.tabbed: { alternate_style: true } }]
plugins:
  - search
  - derivgen: { math_font: fonts/own.otf }
"""

WIDE = (
    "(A @ x - b).T @ inv(S) @ (A @ x - b) * exp(-(x.T @ Q @ x)/2) * where(x.T@x > 1, (a.T@x)/(1 + x.T@x), "
    "log(1+exp(a.T@x))/2)\nwrt: x\nwhere: x, a in R^n; A in R^(m*n); b in R^m; S in R^(m*m); Q in R^(n*n)\n"
)
NEURON = "max(0, w.T @ x + b)\nwrt: w\nwhere: w, x in R^n; b in R\n"
CASES = {
    "short": "x**2 + a*x\nwrt: x\nwhere: a, x in R\n",
    "neuron": NEURON,
    "softmax": "softmax(x)\nwrt: x\nwhere: x in R^n\n",
    "loss": "sum((y[i] - max(0, w.T @ X[i] + b))**2 for i in range(N)) / N\nwrt: w\nwhere: w in R^n; b in R; y in R^N; X in R^(N*n)\n",
    "wide": WIDE,
}


def block(body: str, *options: str) -> str:
    return f"```derivation\n{body}" + "".join(f"{o}\n" for o in options) + "```\n"


def inside(body: str) -> str:
    return "".join(f"    {line}\n" for line in body.splitlines())


PAGES = {
    "index.md": "# Cards\n\n" + "\n".join(block(body, f"id: {name}") for name, body in CASES.items()),
    "places.md": "# Places\n\n[There](#hidden-3) and [there](#noted-2-1) and [there](#wide-2).\n\n"
    + '=== "One"\n\n    Nothing.\n\n=== "Two"\n\n'
    + inside(block(NEURON, "id: hidden"))
    + "\n??? note\n\n"
    + inside(block(NEURON, "id: noted"))
    + "\n"
    + block(WIDE, "id: wide"),
    "sentences.md": dedent("""\
        # Sentences

        Ridge: `derivation: \\|A x - b\\|^2 + \\lambda x^T x | wrt: x | where: A in R^(m*n); x in R^n; b in R^m; lambda in R | layout: gradient`, and
        GLS with more: `derivation: (A @ x - b).T @ S @ (A @ x - b) + (C @ x - d).T @ R @ (C @ x - d) | wrt: x | where: x in R^n; A, C in R^(m*n); b, d in R^m; S, R in R^(m*m)`.

        | A table | here |
        | --- | --- |
        | its Jacobian | `derivation: [x**2*y + z, sin(x*y), exp(x)*z, x + y + z] \\| wrt: [x, y, z] \\| where: x, y, z in R` |

        - Softmax: `derivation: softmax(A @ x + b) | wrt: x | where: A in R^(m*n); x in R^n; b in R^m`.
        """),
    "rows.md": "---\nderivgen:\n  fold: row\n---\n# Rows\n\n" + "\n".join(block(CASES[name]) for name in ("short", "neuron")),
    "lesson.md": "# Lesson\n\n" + "\n".join(f"## Part\n\n{block(body)}" for body in list(CASES.values()) * 2),
    "paper.md": "# Paper\n\n" + block(WIDE, "id: all", "paper: all", "detail: full") + block(NEURON, "fold: never", "id: neuron"),
}  # fmt: skip

FONT = Path("/usr/share/texmf/fonts/opentype/public/lm-math/latinmodern-math.otf")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = write_site(tmp_path_factory.mktemp("page"), PAGES, config=CONFIG)
    (folder / "docs" / "fonts").mkdir()
    if not FONT.is_file():
        pytest.skip("needs a font of mathematics (Debian's package fonts-lmodern)")
    shutil.copy(FONT, folder / "docs" / "fonts" / "own.otf")
    made = build(folder, "--strict")
    assert made.status == 0, made.said
    with served(folder / "site") as url:
        yield url


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.fixture
def phone(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    yield context.new_page()
    context.close()


OPEN = "e => [...e.querySelectorAll('.dg-top > .dg-step > .dg-fold')].map(f => f.open && f.checkVisibility({contentVisibilityAuto: true}))"


def test_a_card_fits_one_screen(page: Any, address: str) -> None:
    page.goto(address + "index.html")
    room = {}
    for name in CASES:
        card = page.locator(f"#{name}")
        assert card.bounding_box()["height"] <= 900, name
        assert card.locator(".dg-answer").is_visible()
        shown = card.evaluate(OPEN)
        room[name] = "all" if all(shown) else "none" if card.locator(".dg-way").count() else "titles"
    assert room == {"short": "all", "neuron": "titles", "softmax": "titles", "loss": "none", "wide": "none"}


def test_the_layout_is_said_once(page: Any, address: str) -> None:
    page.goto(address + "index.html")
    said = page.locator(".dg-layout").all_inner_texts()
    assert len(said) == len(set(said)) == 3  # vectors, gradients, Jacobians
    assert "dg-layout" in page.locator("#neuron").inner_html()


@pytest.mark.parametrize("target", ["hidden-3", "noted-2-1", "wide-2"])
@pytest.mark.parametrize("clicked", [True, False])
def test_links_open_what_is_folded(page: Any, address: str, target: str, clicked: bool) -> None:
    page.goto(address + "places.html" + ("" if clicked else f"#{target}"))
    if clicked:
        page.locator(f"a[href$='#{target}']").first.click()
    step = page.locator(f"#{target}")
    step.locator(".dg-why").first.wait_for(state="visible")
    page.wait_for_function(
        f"(() => {{ const r = document.getElementById('{target}').getBoundingClientRect(); return r.top >= 0 && r.top < 300 }})()"
    )


@pytest.mark.parametrize("target", ["noted-2-1", "wide-2"])
def test_links_open_folds_without_a_script(browser: Any, address: str, target: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}places.html#{target}")
    page.locator(f"#{target}").wait_for(state="visible")
    context.close()


HIDDEN = """() => [...document.querySelectorAll('.dg-inline math, .derivgen math')].filter(m => m.checkVisibility({contentVisibilityAuto: true})).filter(m => {
    const own = m.closest('.dg-piece'), seen = own || m;
    const frame = (m.closest('td, li, p, .derivgen') || document.body).getBoundingClientRect();
    const cut = seen.getBoundingClientRect().right > Math.min(frame.right, innerWidth) + 1.5;
    const scrolled = own && getComputedStyle(own).overflowX === 'auto';
    return cut || (own && own.scrollWidth > own.clientWidth + 1 && !scrolled);
}).map(m => m.textContent)"""


def test_no_answer_is_hidden_on_a_phone(phone: Any, address: str) -> None:
    for name in ("sentences.html", "index.html"):
        phone.goto(address + name)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390
        assert phone.evaluate(HIDDEN) == []
    phone.goto(address + "sentences.html")
    # what can be broken is: only matrices and long factors are scrolled
    assert phone.locator(".dg-inline").nth(1).locator("math").count() > 1


def pixel(page: Any, x: float, y: float) -> list[int]:
    """The colour on the screen."""
    shot = base64.b64encode(page.screenshot(clip={"x": x, "y": y, "width": 1, "height": 1})).decode()
    found: list[int] = page.evaluate(
        """async data => { const i = new Image(); i.src = 'data:image/png;base64,' + data; await i.decode();
        const c = document.createElement('canvas').getContext('2d'); c.drawImage(i, 0, 0); return [...c.getImageData(0, 0, 1, 1).data].slice(0, 3) }""",
        shot,
    )
    return found


def test_what_is_scrolled_has_a_shadow_where_it_goes_on(page: Any, address: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(address + "index.html")
    page.locator("#wide [data-dg=all]").click()
    page.evaluate("""() => { const p = [...document.querySelectorAll('#wide .dg-piece')].find(p => p.checkVisibility() && p.scrollWidth > p.clientWidth + 60);
        p.id = 'piece'; p.scrollIntoView({block: 'center'}) }""")
    box = page.locator("#piece").bounding_box()
    right, left, y = box["x"] + box["width"] - 2, box["x"] + 1, box["y"] + 1
    paper = pixel(page, left, y)
    assert sum(pixel(page, right, y)) < sum(paper) - 60
    page.evaluate("document.getElementById('piece').scrollLeft = 1e5")
    assert sum(pixel(page, right, y)) > sum(paper) - 12
    assert sum(pixel(page, left, y)) < sum(paper) - 60


TARGETS = """() => [...document.querySelectorAll('.dg-card :is(button, summary), .dg-count')].filter(e => e.checkVisibility({contentVisibilityAuto: true})).map(e => {
    e.scrollIntoView({block: 'center', behavior: 'instant'});
    const r = e.getBoundingClientRect(), x = r.x + r.width / 2, y = r.y + r.height / 2;
    const own = (dx, dy) => e.contains(document.elementFromPoint(x + dx, y + dy));
    return [own(0, -21) && own(0, 21) && (own(-21, 0) || own(21, 0)), e.textContent.trim()];
}).filter(([fits]) => !fits)"""


def test_fingers_find_what_they_touch(phone: Any, address: str) -> None:
    phone.goto(address + "index.html")
    for button in ("neuron", "wide"):
        phone.locator(f"#{button} [data-dg=all]").click()
    phone.locator("#softmax [data-dg=step]").click()
    assert phone.evaluate(TARGETS) == []
    phone.goto(address + "rows.html")
    assert phone.evaluate(TARGETS) == []
    phone.locator(".dg-whole > summary").last.click()
    assert phone.evaluate(TARGETS) == []


def test_colours_are_those_of_the_theme(page: Any, address: str) -> None:
    page.goto(address + "index.html")
    page.add_style_tag(
        content="body { --md-typeset-a-color: rgb(1, 2, 3); --md-typeset-color: rgb(90, 0, 0); --md-default-bg-color: rgb(250, 240, 200) }"
    )
    colour = "([name, of]) => getComputedStyle(document.querySelector('#neuron ' + name))[of]"
    assert page.evaluate(colour, [".dg-button", "color"]) == "rgb(1, 2, 3)"
    assert page.evaluate(colour, [".dg-answer", "color"]) == "rgb(90, 0, 0)"
    red, _, blue = (
        float(n) for n in re.findall(r"[\d.]+", page.evaluate(colour, [".dg-answer", "backgroundColor"]))[:3]
    )
    assert red > blue  # a shade of the paper


def test_scalars_are_not_bold_in_headings(page: Any, address: str) -> None:
    page.goto(address + "index.html")
    page.locator("#neuron [data-dg=all]").click()
    weights = page.evaluate(
        "[...document.querySelectorAll('#neuron .dg-what math')].map(m => [getComputedStyle(m.parentElement).fontWeight, getComputedStyle(m).fontWeight])"
    )
    assert len(weights) > 5
    assert {tuple(w) for w in weights} == {("600", "400")}


def test_formulas_are_set_in_the_font_that_the_site_hosts(page: Any, address: str) -> None:
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url))
    page.goto(address + "index.html")
    page.wait_for_function("document.fonts.check('12px \"derivgen mathematics\"')")
    page.wait_for_function("[...document.fonts].some(f => f.family.includes('derivgen') && f.status === 'loaded')")
    assert f"{address}fonts/own.otf" in asked
    assert page.evaluate("getComputedStyle(document.querySelector('#neuron math')).fontFamily").startswith('"derivgen')


# --- on paper ------------------------------------------------------------------------------------------------------


def words(pdf: Path) -> list[tuple[int, float, float, str]]:
    """Each word of a PDF: its page, where it ends on the right as a share of the page's width, its height on it, itself."""
    if shutil.which("pdftotext") is None:
        pytest.skip("needs pdftotext (Debian's package poppler-utils)")
    run = subprocess.run(["pdftotext", "-bbox", str(pdf), "-"], capture_output=True, text=True, check=True)
    found, number, width, height = [], 0, 1.0, 1.0
    for line in run.stdout.splitlines():
        if size := re.search(r'<page width="([\d.]+)" height="([\d.]+)"', line):
            number, width, height = number + 1, float(size[1]), float(size[2])
        if word := re.search(r'xMax="([-\d.]+)" yMax="([-\d.]+)">(.*)</word>', line):
            found.append((number, float(word[1]) / width, float(word[2]) / height, word[3]))
    return found


def test_nothing_is_cut_off_on_paper(page: Any, address: str, tmp_path: Path) -> None:
    page.goto(address + "paper.html")
    page.emulate_media(media="print")
    assert page.locator("#all .dg-why").count() > 30
    page.wait_for_function(  # a browser unfolds by style with its next frame, which a busy machine draws late
        "() => [...document.querySelectorAll('#all .dg-why')].every(e => e.checkVisibility({contentVisibilityAuto: true}))"
    )
    page.pdf(
        path=str(tmp_path / "a.pdf"), format="A4", margin=dict.fromkeys(("left", "right", "top", "bottom"), "15mm")
    )
    found = words(tmp_path / "a.pdf")
    assert max(number for number, *_ in found) > 5
    assert max(right for _, right, _, _ in found) <= 1 - 15 / 210 + 0.003


SHUT = "() => [...document.querySelectorAll('.dg-card details')].map(d => d.open)"


def test_what_is_folded_is_folded_on_paper(page: Any, address: str, tmp_path: Path) -> None:
    """Themes open all that is folded when the browser says that it prints; a page of the course was 54 sheets."""
    page.goto(address)
    before = page.evaluate(SHUT)
    page.pdf(path=str(tmp_path / "a.pdf"), format="A4")
    found = [word for *_, word in words(tmp_path / "a.pdf")]
    assert "Checked" not in found
    assert page.evaluate(SHUT) == before
    page.locator("#neuron").get_by_role("button", name="Show all").click()
    page.pdf(path=str(tmp_path / "b.pdf"), format="A4")
    assert len(words(tmp_path / "b.pdf")) > len(found) + 100


def test_a_card_in_a_note_is_as_dense_as_elsewhere(page: Any, address: str) -> None:
    page.goto(address + "places.html")
    page.locator(".md-typeset details:has(#noted) > summary").first.click()
    gaps = "e => [...e.querySelectorAll('.dg-top > .dg-step')].map(s => s.offsetHeight - s.querySelector('summary').offsetHeight)"
    assert all(0 <= gap <= 2 for gap in page.locator("#noted").evaluate(gaps))


def test_rows_open_with_the_keyboard(page: Any, address: str) -> None:
    page.goto(address + "rows.html")
    rows = page.locator("details.dg-whole > summary")
    rows.nth(0).focus()
    page.keyboard.press("Tab")
    assert rows.nth(1).evaluate("e => e === document.activeElement")
    assert rows.nth(1).evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    assert page.evaluate(
        "[...document.querySelectorAll('.dg-inside')].every(e => !e.checkVisibility({contentVisibilityAuto: true}))"
    )
    for key in ("Enter", "Space"):
        page.keyboard.press(key)
        assert page.locator(".dg-inside").nth(1).is_visible() == (key == "Enter")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_rows_are_accessible(browser: Any, address: str, width: int, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 850})
    page = context.new_page()
    page.goto(address + "rows.html")
    page.locator("details.dg-whole > summary").nth(1).click()
    page.locator(".dg-inside .dg-fold > summary").nth(3).click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = axe.run(page, context=".md-content").response["violations"]
    assert {
        v["id"]: [n["html"][:160] for n in v["nodes"][:3]] for v in found if v["impact"] in ("serious", "critical")
    } == {}
    context.close()


TITLES = ("Differentiate", "Multiply", "Partials", "Collapse")
"""Words that titles of steps begin with, and nothing else on the page."""


def test_a_title_is_on_the_page_of_its_line(page: Any, address: str, tmp_path: Path) -> None:
    page.goto(address + "paper.html")
    page.pdf(path=str(tmp_path / "a.pdf"), format="A4")
    found = words(tmp_path / "a.pdf")
    for _, group in itertools.groupby(found, lambda word: word[0]):
        sheet = list(group)
        titles = [y for *_, y, word in sheet if word in TITLES]
        # below the lowest title on a page stand its reason and its line, in whatever order a reader of the file meets them
        assert not titles or any("=" in word and y > max(titles) for *_, y, word in sheet), sheet[-20:]


def test_no_heading_and_no_answer_stands_alone_on_paper(page: Any, address: str, tmp_path: Path) -> None:
    page.goto(address + "lesson.html")
    page.pdf(path=str(tmp_path / "a.pdf"), format="A4")
    sheets = [
        [word for *_, word in sheet] for _, sheet in itertools.groupby(words(tmp_path / "a.pdf"), lambda word: word[0])
    ]
    assert len(sheets) > 3
    assert sum(sheet.count("Answer") for sheet in sheets) == sum(sheet.count("Part") for sheet in sheets) == 10
    for sheet in sheets:
        assert sheet[0] != "Answer"
        last = max(k for k, word in enumerate(sheet) if word in ("Part", "Answer", "✓"))
        assert sheet[last] != "Part"
