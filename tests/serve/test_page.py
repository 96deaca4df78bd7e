"""The page of ``derivgen serve`` in headless Chromium, used as a person would use it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from derivgen.options import Options
from derivgen.site.block import read_block
from tests.serve.served import NEURON, Served, served
from tests.site.sites import CHROMIUM, FLAGS

sync_api = pytest.importorskip("playwright.sync_api")
pytest.importorskip("uvicorn")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (Debian's package chromium)"),
    pytest.mark.slow,
]


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with served() as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Any, server: Served) -> Iterator[Any]:
    """The page, open and empty; every complaint, and every request to another host, is a failure."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, permissions=["clipboard-read", "clipboard-write"]
    )
    made = context.new_page()
    complaints: list[str] = []
    made.on("pageerror", lambda error: complaints.append(str(error)))
    made.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    made.on("request", lambda r: complaints.append(r.url) if not r.url.startswith((server.url, "data:")) else None)
    made.goto(server.url)
    yield made
    context.close()
    assert complaints == []


def link(expression: str, options: dict[str, str]) -> str:
    return "#" + urlencode({"expression": expression, **options})


def derived(page: Any) -> Any:
    """The card, once the page has answered what stands in the form."""
    page.locator("#status", has_text="Derived").wait_for()
    page.wait_for_function("() => !document.querySelector('#card').hasAttribute('data-old')")
    return page.locator("#card .dg-card")


def test_it_answers_as_one_types(page: Any) -> None:
    page.get_by_label("Expression").press_sequentially("max(0, w.T @ x + b)", delay=5)
    page.get_by_role("button", name="by w").wait_for(state="detached")  # nothing is known of w before it is declared
    page.get_by_label("Declarations").press_sequentially("w, x in R^n; b in R", delay=5)
    page.get_by_role("button", name="by w").click()
    card = derived(page)
    assert "with respect to" in card.inner_text()
    assert card.locator(".dg-badge").inner_text() == "✓ verified"
    assert page.locator("#answer math").count() > 0
    page.get_by_label("Expression").fill("softmax(w)")
    page.locator("#card", has_text="softmax").wait_for()
    assert page.title() == "Derivative of softmax(w) with respect to w – derivgen"


def test_the_address_holds_the_question(page: Any, server: Served) -> None:
    page.get_by_role("link", name="The chain rule").click()
    derived(page)
    page.get_by_label("layout").select_option("denominator")
    page.wait_for_function("() => location.hash.includes('layout=denominator')")
    page.locator("#card", has_text="Denominator layout").wait_for()
    page.get_by_role("button", name="Copy link").click()
    page.get_by_text("Copied").wait_for()
    address = page.evaluate("navigator.clipboard.readText()")
    page.goto("about:blank")
    page.goto(address)
    assert "Denominator layout" in derived(page).inner_text()
    assert page.get_by_label("method").input_value() == "chain"
    page.get_by_role("link", name="Softmax").click()
    page.locator("#card", has_text="softmax").wait_for()
    assert page.get_by_label("method").input_value() == "auto"
    page.go_back()
    page.locator("#card", has_text="Denominator layout").wait_for()


def test_what_is_copied(page: Any, server: Served) -> None:
    page.goto(server.url + link(*NEURON))
    card = derived(page)

    def copied(name: str, begin: str) -> str:
        card.get_by_role("button", name=name).click()
        found = ""
        for _ in range(100):  # what is made on demand comes a moment later
            found = page.evaluate("navigator.clipboard.readText()")
            if found.startswith(begin):
                break
            page.wait_for_timeout(100)
        return found

    assert "\\frac{\\partial" in copied("Copy LaTeX", "\\begin{aligned}")
    assert "**Answer.**" in copied("Copy Markdown", "### Derivative")
    compile(copied("Copy code", '"""'), "copied", "exec")
    fence, *body, _ = copied("Copy block", "```derivation").split("\n")
    assert fence == "```derivation"
    read = read_block(body, Options())
    assert (read.expression, read.options.wrt, read.options.where) == (NEURON[0], ("w",), NEURON[1]["where"])


def test_the_answer_says_what_its_letters_are(page: Any, server: Served) -> None:
    layer = {"wrt": "W", "where": "W in R^(m*n); x in R^n; t in R^m", "layout": "gradient", "method": "chain"}
    page.goto(server.url + link("sum((tanh(W @ x) - t)**2)", layer))
    own, above = derived(page).locator(".dg-answer"), page.locator("#answer")
    shown = "e => [...e.querySelectorAll('math')].map(m => m.textContent)"
    assert own.locator(".dg-where math").count() == 1  # a stands for tanh(Wx)
    assert above.evaluate(shown) == own.evaluate(shown)
    assert above.get_by_text("Answer", exact=True).count() == 1


def test_a_mistake_is_underlined_where_it_stands(page: Any, server: Served) -> None:
    page.goto(server.url + link("max(0, w.T @ z + b)", NEURON[1]))
    mark = page.locator(".marks mark")
    mark.wait_for()
    assert mark.inner_text() == "z"
    field = page.get_by_label("Expression")
    assert field.get_attribute("aria-invalid") == "true"
    # it lies below the letter: as far right as so many letters are wide
    width = page.evaluate("""() => { const c = document.createElement('canvas').getContext('2d');
        c.font = getComputedStyle(document.querySelector('#o-expression')).font; return c.measureText('max(0, w.T @ ').width }""")
    edge = mark.bounding_box()["x"] - field.bounding_box()["x"]
    assert width < edge < width + 15
    page.get_by_role("button", name="z in R^n").click()
    derived(page)
    assert page.get_by_label("Declarations").input_value() == "w, x in R^n; b in R; z in R^n"
    assert mark.count() == 0
    page.get_by_label("Declarations").fill("w in R^n; b in Q; z in R^n")
    mark.wait_for()
    assert "Q" in mark.inner_text()
    assert page.get_by_label("Declarations").get_attribute("aria-invalid") == "true"


def test_on_a_phone_what_is_wrong_is_said_in_sight_of_the_field(browser: Any, server: Served) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(server.url + link("max(0, w.T @ z + b)", NEURON[1]))
    said, field = page.locator("#trouble", has_text="z is not declared"), page.get_by_label("Expression")
    said.wait_for()
    below, above = said.bounding_box(), field.bounding_box()
    assert 0 <= below["y"] - above["y"] - above["height"] < 40
    page.get_by_role("button", name="z in R^n").click()
    derived(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    field.fill("max(0, w.T @ q + b)")
    page.locator("#trouble", has_text="q is not declared").wait_for()
    assert page.locator("#result > #trouble").count() == 1
    page.close()


def test_a_function_that_is_not_known_is_declared_by_a_click(page: Any, server: Served) -> None:
    page.goto(server.url + link("f(w.T @ x)", {"wrt": "w", "where": "w, x in R^n"}))
    page.get_by_role("button", name="f: R -> R elementwise").click()
    derived(page)
    assert page.get_by_label("Declarations").input_value() == "w, x in R^n; f: R -> R elementwise"


def test_all_that_is_touched_is_high_enough_for_a_finger(page: Any, server: Served) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(server.url + link(*NEURON))
    derived(page)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    low = """[...document.querySelectorAll('button, select, textarea, #examples a, summary:not(.dg-badge > summary)')].filter(
        e => e.checkVisibility() && e.getBoundingClientRect().height < 43.5).map(e => e.outerHTML.slice(0, 80))"""
    assert page.evaluate(low) == []


def test_characters_outside_the_first_plane_do_not_shift_the_mark(page: Any, server: Served) -> None:
    page.goto(server.url + link("x + 𝐱 + q", {"wrt": "x", "where": "x in R"}))
    mark = page.locator(".marks mark")
    mark.wait_for()
    assert mark.inner_text() in ("𝐱", "q")


def test_a_letter_is_declared_by_a_click(page: Any, server: Served) -> None:
    page.goto(server.url + link(r"\mathbf a^\top \mathbf x + \beta", {"wrt": r"\mathbf x"}))
    derived(page)
    page.get_by_role("button", name="x in R^n, by font").click()
    field = page.get_by_label("Declaration of x")
    field.fill("x in R^3")
    field.press("Enter")
    page.get_by_role("button", name="x in R^3, declared").wait_for()
    assert page.get_by_label("Declarations").input_value() == "x in R^3"
    page.get_by_role("button", name="a in R^3, by font").click()
    page.get_by_role("button", name="Differentiate by a").click()
    page.wait_for_function("document.querySelector('[name=wrt]').value === 'a'")
    derived(page)


def test_asked_back_and_settled_by_a_click(page: Any, server: Served) -> None:
    page.goto(server.url + link(r"b^T a^{-1} b", {"wrt": "b"}))
    ways = page.locator("#trouble .chip")
    ways.first.wait_for()
    assert ways.count() > 1
    ways.first.click()
    derived(page)


def test_with_the_keyboard_alone(page: Any) -> None:
    page.keyboard.type("x.T @ x")  # the field has the focus from the start
    page.keyboard.press("Tab")
    page.keyboard.type("x")
    page.keyboard.press("Tab")
    page.keyboard.type("x in R^n")
    derived(page)
    page.locator("#reading .chip").first.focus()
    page.keyboard.press("Enter")
    page.locator(".editor").wait_for()
    page.keyboard.press("Escape")
    page.locator(".editor").wait_for(state="detached")
    assert page.evaluate("document.activeElement.className") == "chip"


def test_every_option_changes_the_question(page: Any, server: Served) -> None:
    page.goto(server.url + link(*NEURON))
    derived(page)
    page.locator("summary", has_text="More options").click()
    page.get_by_label("Show", exact=True).select_option(["answer", "graph", "code"])
    page.get_by_label("check", exact=True).uncheck()
    page.get_by_label("let", exact=True).fill("u = w * x")
    page.wait_for_function("() => location.hash.includes('let=')")
    page.locator("#card .dg-picture").wait_for()
    card = page.locator("#card .dg-card")
    assert card.locator(".dg-code").count() == 1
    assert "not checked" in card.inner_text()
    for part in ("show=answer%2C+graph%2C+code", "check=no", "let=u"):
        assert part in page.evaluate("location.hash")


def test_places_in_the_card_do_not_change_the_address(page: Any, server: Served) -> None:
    page.goto(server.url + link(*NEURON))
    card = derived(page)
    card.get_by_role("button", name="Show all").click()
    card.locator(".dg-top > .dg-step > .dg-facts > summary").nth(8).click()
    page.evaluate("window.scrollTo({top: 0, behavior: 'instant'})")
    card.locator(".dg-top > .dg-step > .dg-facts .dg-link").nth(8).evaluate("link => link.click()")
    page.wait_for_function("() => window.scrollY > 200")
    assert "expression=" in page.evaluate("location.hash")


def test_light_and_dark(page: Any, server: Served) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(server.url + link(*NEURON))
    ink = "getComputedStyle(document.querySelector('#card .dg-facts > summary')).color"
    derived(page)
    dark = page.evaluate(ink)
    page.get_by_role("button", name="Light").click()
    assert page.evaluate(ink) != dark
    page.reload()
    derived(page)
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "light"


def test_when_the_server_has_gone(browser: Any) -> None:
    context = browser.new_context()
    page = context.new_page()
    with served() as mortal:
        page.goto(mortal.url + link(*NEURON))
        derived(page)
    page.get_by_label("Expression").fill("softmax(w)")
    page.locator("#status", has_text="does not answer").wait_for()
    context.close()


def test_without_a_script_the_page_says_so(browser: Any, server: Served) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(server.url)
    assert page.locator("noscript p").bounding_box()["height"] > 10
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("question", ["", link(*NEURON), link("w + q", {"wrt": "w", "where": "w in R"})])
def test_accessible_and_never_too_wide(browser: Any, server: Served, question: str, width: int, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 850})
    page = context.new_page()
    page.goto(server.url + question)
    if question:
        page.locator("#card .dg-card, #trouble p").first.wait_for()
        page.locator(".chip").first.click()
        page.locator("summary", has_text="More options").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = axe.run(page).response["violations"]
    assert {
        v["id"]: [n["html"][:160] for n in v["nodes"][:3]] for v in found if v["impact"] in ("serious", "critical")
    } == {}
    context.close()
