"""The author's own equations, checked while a site is built: beside the formula, in the log, in the report."""

from __future__ import annotations

import json
import logging
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from tests.site.sites import GOOD, PLAIN, build, served, write_site

pytest.importorskip("mkdocs")
markdown = pytest.importorskip("markdown")

HEADER = "---\nderivgen:\n  where: w, x in R^n; A in R^(n*n)\n---\n"

PAGE = (
    HEADER
    + """# Rows

The gradient of a product is $\\nabla_w (w^\\top w) = 3 w$, as one sees.

$$
\\nabla_x (x^\\top A x) = (A + A^\\top) x
$$

```derivation
w.T @ x
wrt: w
```
"""
)


def found(said: str) -> list[str]:
    return re.findall(r"(?:WARNING|ERROR)\s+-\s+(\S+\.md:\d+:\d+): ", said)


def test_a_refuted_formula_has_a_badge_a_box_and_a_warning(tmp_path: Path) -> None:
    folder = write_site(tmp_path, {"index.md": GOOD, "sub/page.md": PAGE}, "check_equations: true, report_page: r.md")
    made = build(folder)
    assert made.status == 0, made.said
    column = len("The gradient of a product is $\\nabla_w (w^\\top w) = ") + 1
    assert found(made.said) == [f"sub/page.md:7:{column}"]
    assert "2 equations on 1 page: 1 verified, 1 refuted, 0 not judged; 1 page checked" in made.said
    html = made.page("sub/page.html")
    box = re.search(r'<div class="derivgen dg-error" id="dg-equation-1" role="note">(.*?)</div>', html, re.DOTALL)
    assert box is not None
    assert "Did you mean 2?" in box[1]
    assert "sub/page.md:7" in box[1]
    badge = html.index('href="#dg-equation-1"')
    assert html.index("3 w$") < badge < html.index("as one sees") < box.start() < html.index("A + A")
    assert "does not hold" not in made.page("search/search_index.json")
    data = made.data()
    assert [(e["file"], e["line"], e["verdict"]) for e in data["equations"]["equalities"]] == [
        ("sub/page.md", 7, "refuted"), ("sub/page.md", 10, "verified"),
    ]  # fmt: skip
    (problem,) = data["problems"]
    assert (problem["level"], problem["file"], problem["line"]) == ("warning", "sub/page.md", 7)
    report = made.page("r.html")
    assert "2 equations on 1 page: 1 verified, 1 refuted" in report
    assert 'href="sub/page.html#dg-equation-1"' in report
    again = build(folder)
    assert found(again.said) == found(made.said)
    assert "page checked" not in again.said
    assert again.page("sub/page.html") == html


def test_warnings_fail_where_warnings_fail(tmp_path: Path) -> None:
    made = build(write_site(tmp_path, {"index.md": PAGE}, "check_equations: true"), "--strict")
    assert made.status == 1
    assert found(made.said)


@pytest.mark.slow
@pytest.mark.parametrize("ignored", ["ignore: [kink, false]", "ignore: 'false, kink'"])
def test_what_a_site_ignores_fails_nothing(tmp_path: Path, ignored: str) -> None:
    made = build(write_site(tmp_path / "a", {"index.md": PAGE}, f"check_equations: true, {ignored}"), "--strict")
    assert made.status == 0, made.said
    assert "dg-equation" not in made.page("index.html")
    other = build(write_site(tmp_path / "b", {"index.md": PAGE}, "check_equations: true, ignore: kink"), "--strict")
    assert other.status == 1
    page = PAGE.replace("derivgen:\n", "derivgen:\n  ignore: [false]\n")
    own = build(write_site(tmp_path / "c", {"index.md": page}, "check_equations: true, ignore: kink"), "--strict")
    assert own.status == 0, own.said


def test_a_code_that_a_site_ignores_is_one(tmp_path: Path) -> None:
    made = build(write_site(tmp_path, {"index.md": PAGE}, "check_equations: true, ignore: kinks"))
    assert made.status == 1
    assert "there is no code 'kinks' (did you mean kink?)" in made.said


@pytest.mark.slow
def test_strict_fails_at_the_end(tmp_path: Path) -> None:
    pages = {"index.md": PAGE, "z.md": GOOD}
    made = build(write_site(tmp_path / "a", pages, "check_equations: strict"))
    assert made.status == 1
    assert "derivgen: 1 equation is refuted; the pages show where" in made.said
    assert "<article" in made.page("z.html")
    drafts = build(write_site(tmp_path / "b", pages, "check_equations: strict, on_failure: warn"))
    assert (drafts.status, len(found(drafts.said))) == (0, 1), drafts.said


@pytest.mark.slow
def test_a_page_decides_for_itself(tmp_path: Path) -> None:
    off = PAGE.replace("derivgen:\n", "derivgen:\n  check_equations: no\n")
    on = PAGE.replace("derivgen:\n", "derivgen:\n  check_equations: strict\n")
    made = build(write_site(tmp_path / "off", {"index.md": off}, "check_equations: true"), "--strict")
    assert made.status == 0, made.said
    assert "dg-equation" not in made.page("index.html")
    made = build(write_site(tmp_path / "on", {"index.md": on, "b.md": PAGE}))
    assert made.status == 1
    assert found(made.said) == ["index.md:8:53"]
    wrong = build(write_site(tmp_path / "wrong", {"index.md": PAGE.replace("where", "check_equations")}))
    assert re.search(r"index\.md:3: .* is no value of check_equations \(it is one of no, yes, strict\)", wrong.said)


MACROS = 'window.MathJax = { tex: { macros: { tp: "^{\\\\top}", grad: ["\\\\nabla_{#1}", 1] } } };\n'
OWN = HEADER + "# Own\n\n$\\grad{w} (w\\tp w) = 3 w$ and $\\grad{w} (w\\tp w) = 2 w$\n"


@pytest.mark.parametrize("name", ["mkdocs.yml", "other.yml"])
def test_macros_of_the_site_are_known(tmp_path: Path, name: str) -> None:
    config = PLAIN.format(settings="check_equations: true")
    config += "extra_javascript: [js/math.js]\nmarkdown_extensions:\n  - pymdownx.arithmatex: {generic: true}\n"
    folder = write_site(tmp_path, {"index.md": OWN, "js/math.js": MACROS}, config=config)
    (folder / "mkdocs.yml").rename(folder / name)
    made = build(folder, "-f", name)
    assert made.status == 0, made.said
    assert "2 equations on 1 page: 1 verified, 1 refuted" in made.said
    assert re.search(r'= 3 w\\\)</span> ?<a class="dg-mark dg-refuted dg-doubt"', made.page("index.html"))


HOOK = """
def on_page_markdown(markdown, **_):
    return markdown.replace("HEAD", "Some\\nlines\\n\\nmore").replace("GONE $w^\\\\top w = 2 w^\\\\top w$", "")
"""


def test_a_program_may_change_the_page(tmp_path: Path) -> None:
    page = HEADER + "# P\n\nHEAD\n\nGONE $w^\\top w = 2 w^\\top w$\n\nbefore $w^\\top w = 3 w^\\top w$ after\n"
    config = PLAIN.format(settings="check_equations: true") + "hooks: [hook.py]\n"
    folder = write_site(tmp_path, {"index.md": page}, config=config)
    (folder / "hook.py").write_text(HOOK, encoding="utf-8")
    made = build(folder)
    assert [place.split(":")[1] for place in found(made.said)] == ["9", "11"]
    html = made.page("index.html")
    assert "<p>GONE" not in html
    assert html.index("3 w^\\top w$") < html.index('href="#dg-equation-2"') < html.index("after")
    assert html.index('id="dg-equation-2"') < html.index('id="dg-equation-1"')  # what is gone stands at the end


@pytest.mark.slow
def test_settings_of_the_folder_hold_and_are_watched(tmp_path: Path) -> None:
    from mkdocs.config import load_config

    folder = write_site(
        tmp_path, {"index.md": PAGE.replace("A in R^(n*n)", "b in R")}, "check_equations: true, jobs: 1"
    )
    (folder / "derivgen.toml").write_text('where = "A in Sym(n)"\n', encoding="utf-8")
    config = load_config(str(folder / "mkdocs.yml"))
    config = config.plugins.on_config(config)
    config.plugins.on_shutdown()
    assert str(folder / "derivgen.toml") in config.watch
    page = folder / "docs/index.md"
    page.write_text(page.read_text(encoding="utf-8").replace("(A + A^\\top) x", "2 A x"), encoding="utf-8")
    assert "1 verified, 1 refuted" in build(folder).said
    (folder / "derivgen.toml").write_text('where = "A in R^(n*n)"\n', encoding="utf-8")
    assert "0 verified, 2 refuted" in build(folder).said


NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "metadata": {}, "source": ["# N\n"]},
        {"cell_type": "markdown", "metadata": {}, "source": ["Let $w \\in \\mathbb{R}^n$.\n", "$\\nabla_w (w^\\top w) = 3 w$"]},
    ],
    "metadata": {}, "nbformat": 4, "nbformat_minor": 5,
}  # fmt: skip

NOTEBOOKS = """
from mkdocs.structure.pages import Page

def on_files(files, config):
    for file in files:
        if file.src_uri.endswith(".ipynb"):
            file.is_documentation_page = lambda: True
    return files
"""


def test_a_notebook_of_the_site_has_warnings_with_its_cell(tmp_path: Path) -> None:
    config = PLAIN.format(settings="check_equations: true, report_page: r.md") + "hooks: [hook.py]\n"
    folder = write_site(tmp_path, {"index.md": "# I\n", "n.ipynb": json.dumps(NOTEBOOK)}, config=config)
    (folder / "hook.py").write_text(NOTEBOOKS, encoding="utf-8")
    made = build(folder)
    assert made.status == 0, made.said
    assert re.search(r"WARNING\s+-\s+n\.ipynb:2:\d+: cell 2: the sides differ", made.said)
    assert "cell 2, line 2" in made.page("r.html")


def test_words_of_a_report_are_shown_as_they_are(tmp_path: Path) -> None:
    page = PAGE.replace("# Rows", "# A: b^c <d> & *e* [f](g) {{ h }}") + GOOD.replace(
        "title: A product", "title: A^2: a product"
    )
    made = build(write_site(tmp_path, {"index.md": page}, "check_equations: true, report_page: r.md, index_page: i.md"))
    assert made.status == 0, made.said
    report = unescape(made.page("r.html"))
    assert "A^2: a product entry by entry" in report
    assert "A: b^c <d> & *e* [f](g) {{ h }}, line 7" in report
    assert ": the sides differ in entry 1: " in report
    assert "A^2: a product entry by entry" in unescape(made.page("i.html"))


def test_the_beginning_of_a_post_has_its_boxes(tmp_path: Path) -> None:
    pytest.importorskip("material")
    config = "site_name: B\ntheme: {name: material, font: false}\nuse_directory_urls: false\nplugins:\n  - blog\n  - derivgen: {jobs: 1, check_equations: true}\n"
    post = PAGE.replace("---\n", "---\ndate: 2024-01-01\n", 1).replace(
        "as one sees.", "as one sees.\n\n<!-- more -->\n"
    )
    made = build(
        write_site(tmp_path, {"index.md": "# I\n", "blog/index.md": "# B\n", "blog/posts/p.md": post}, config=config)
    )
    assert made.status == 0, made.said
    assert len(found(made.said)) == 1
    assert 'id="excerpt-1-dg-equation-1"' in made.page("blog/index.html")
    assert 'href="#excerpt-1-dg-equation-1"' in made.page("blog/index.html")


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_accessible(tmp_path: Path, browser: Any, scheme: str, width: int) -> None:
    pytest.importorskip("material")
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    palette = "[{media: '(prefers-color-scheme: light)', scheme: default}, {media: '(prefers-color-scheme: dark)', scheme: slate}]"
    config = f"site_name: S\ntheme: {{name: material, font: false, palette: {palette}}}\nuse_directory_urls: false\n"
    config += "plugins:\n  - derivgen: {jobs: 1, check_equations: true, report_page: r.md}\nmarkdown_extensions: [tables, admonition]\n"
    page = (
        PAGE
        + "\n!!! note\n\n    $w^\\top w = 3 w^\\top w$\n\n> $w^\\top w = 4 w^\\top w$\n\n| a |\n| - |\n| $w^\\top w = 5 w^\\top w$ |\n"
    )
    made = build(write_site(tmp_path, {"index.md": page}, config=config))
    assert len(found(made.said)) == 4, made.said
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 900}, java_script_enabled=True
    )
    with served(made.folder / "site") as address:
        for name in ("index.html", "r.html"):
            shown = context.new_page()
            shown.goto(address + name)
            violations = axe.run(shown, context=".md-content").response["violations"]
            serious = {
                v["id"]: [n["html"][:160] for n in v["nodes"][:3]]
                for v in violations
                if v["impact"] in ("serious", "critical")
            }
            assert serious == {}
            assert shown.evaluate("document.documentElement.scrollWidth") <= width
            if name == "index.html":
                badge = shown.locator("a.dg-doubt").first
                badge.focus()
                shown.keyboard.press("Enter")
                shown.wait_for_url("**/index.html#dg-equation-1")
                assert shown.locator("#dg-equation-1").is_visible()
    context.close()


# --- the extension alone ----------------------------------------------------------------------------------------------


@pytest.fixture
def convert(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)

    def run(text: str, *extensions: str, **settings: Any) -> str:
        names = ["fenced_code", "tables", *extensions, "derivgen.markdown"]
        configured = {"derivgen.markdown": {"check_equations": True, "where": "w in R^n", **settings}}
        return str(markdown.markdown(text, extensions=names, extension_configs=configured))

    return run


FALSE = "w^\\top w = 3 w^\\top w"


@pytest.mark.parametrize(
    ("text", "around"),
    [
        (f"a ${FALSE}$ b\nc\n\nd\n", r"<p>a \$.*\$BADGE b\nc</p>\nBOX\n<p>d</p>"),
        (f"- a ${FALSE}$\n- b\n", r"<li>\n<p>a \$.*\$BADGE</p>\nBOX\n</li>\n<li>\n<p>b</p>"),
        (f"1. a ${FALSE}$\n2. b\n3. c\n", r"(?s)<ol>.*BOX\n</li>\n<li>.*b.*c.*</ol>"),
        (f"- a\n\n    $$\n    {FALSE}\n    $$\n\n- b\n", r"(?s)<p>a</p>\n<p>\$\$.*\$\$</p>\nBOX\n</li>\n<li>\n<p>b</p>"),
        (f"> a ${FALSE}$\n\nb\n", r"<blockquote>\n<p>a \$.*\$BADGE</p>\nBOX\n</blockquote>\n<p>b</p>"),
        (f"| a | b |\n| --- | --- |\n| ${FALSE}$ | c |\n\nd\n", r"(?s)<td>\$.*\$BADGE</td>.*</table>\nBOX\n<p>d</p>"),
        (f"## a ${FALSE}$\nb\n", r"<h2>a \$.*\$</h2>\nBOX\n<p>b</p>"),
        (f"a ${FALSE}$\n===\n\nb\n", r"<h1>a \$.*\$BADGE</h1>\nBOX\n<p>b</p>"),
        (f"$$\n{FALSE}\n$$\n```text\nx\n\ny\n```\n", r"(?s)\$\$</p>\nBOX\n<pre>.*x\n\ny\n</code></pre>"),
        (f"a\n\n\\begin{{align}}\n{FALSE}\n\\end{{align}}\n\nb\n", r"(?s)end\{align\}</p>\nBOX\n<p>b</p>"),
        (f"```text\n${FALSE}$\n```\n\n`${FALSE}$` and ${FALSE}$.\n", r"(?s)<code>\$.*\$</code> and \$.*\$BADGE\.</p>\nBOX"),
        (f"a ${FALSE}$ and $w^\\top w = 4 w^\\top w$\n", r"BADGE and \$.*\$BADGE</p>\nBOX\nBOX"),
    ],
)  # fmt: skip
def test_the_box_stands_below_its_paragraph(convert: Any, text: str, around: str) -> None:
    html = convert(text, style=False)
    html = re.sub(r'<a class="dg-mark.*?</a>', "BADGE", html)
    html = re.sub(r'<div class="derivgen dg-error" id="dg-equation-\d".*?</div>', "BOX", html, flags=re.DOTALL)
    assert re.search(around, re.sub(r"BOX\n+", "BOX\n", html)), html


def test_a_warning_or_an_error(convert: Any, caplog: pytest.LogCaptureFixture) -> None:
    from derivgen.markdown import BrokenDerivations

    text = f"# P\n\n${FALSE}$\n"
    with caplog.at_level(logging.WARNING, "derivgen"):
        html = convert(text)
    assert html.count("<style>") == 1
    assert ["<text>:3:13: the sides differ" in r.getMessage() for r in caplog.records] == [True]
    with pytest.raises(BrokenDerivations, match="<text>:3:13: the sides differ"):
        convert(text, check_equations="strict")
    assert "dg-equation" in convert(text, check_equations="strict", on_failure="warn")
    assert "dg-equation" not in convert(text, check_equations=False)
    assert "dg-equation" not in convert("---\nderivgen:\n  check_equations: no\n---\n" + text)


def test_what_was_checked_is_kept(convert: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    text = f"# P\n\n${FALSE}$\n"
    first = convert(text)
    monkeypatch.setattr("derivgen.notes.answer.answer", lambda asked: pytest.fail("checked again"))
    assert convert(text) == first


def test_a_page_that_cannot_be_checked_says_so(convert: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "derivgen.toml").write_text("layuot = 'gradient'\n", encoding="utf-8")
    with caplog.at_level(logging.WARNING, "derivgen"):
        convert(f"${FALSE}$\n")
    assert "the equations of this page are not checked" in caplog.text
    assert "layout" in caplog.text
