"""What an author of a course met in a day: each sentence of that day is a test."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import derivgen
from derivgen.errors import DerivgenError
from tests.site.sites import GOOD, build, write_site

pytest.importorskip("mkdocs")
markdown = pytest.importorskip("markdown")
preprocessors = pytest.importorskip("markdown.preprocessors")

POWER = "```derivation\nx**{0}\nwrt: x\nwhere: x in R\ncheck: no\n```\n"
ALONE = {"derivgen.markdown": {"cache_dir": "", "style": False}}

NESTED = """
import markdown


def on_config(config):
    def shown(source, language, css_class, options, md, **kwargs):
        inner = markdown.Markdown(extensions=config.markdown_extensions, extension_configs=config.mdx_configs)
        return inner.convert(source)

    config.mdx_configs["pymdownx.superfences"] = {"custom_fences": [{"name": "again", "class": "again", "format": shown}]}
    return config
"""


@pytest.mark.slow
def test_numbers_and_lists_go_on_where_a_program_prints_blocks(tmp_path: Path) -> None:
    pytest.importorskip("pymdownx")
    inside = "\n".join(f"~~~{line[3:]}" if line.startswith("```") else line for line in POWER.format(3).splitlines())
    pages = {"index.md": f"# I\n\n{POWER.format(2)}\n```again\n{inside}\n```\n\n{POWER.format(4)}\n"}
    config = (
        "site_name: S\nuse_directory_urls: false\nhooks: [hook.py]\n"
        "plugins: [{ derivgen: { index_page: all.md, report_page: checks.md } }]\n"
        "markdown_extensions: [pymdownx.superfences]\n"
    )
    folder = write_site(tmp_path, pages, config=config)
    (folder / "hook.py").write_text(NESTED, encoding="utf-8")
    made = build(folder, "--strict")
    assert made.status == 0, made.said
    found = re.findall(r'<a class="dg-count" href="#([^"]*)">(\d+)', made.page("index.html"))
    assert [number for _, number in found] == ["1", "2", "3"]
    assert len({anchor for anchor, _ in found}) == 3
    for name in ("all.html", "checks.html"):
        assert re.findall(r">Derivative of x(.) with respect to x</a>", made.page(name)) == ["²", "³", "⁴"]


NOTEBOOK = {
    "cells": [
        {"cell_type": "code", "source": ["1"], "metadata": {}, "outputs": [], "execution_count": None},
        {"cell_type": "markdown", "source": ["# N\n", "\n", "```derivation\n", "x\n", "wrt: x\n", "```"], "metadata": {}},
    ],
    "metadata": {},
    "nbformat": 4,
    "nbformat_minor": 5,
}  # fmt: skip

SHOWN = """
def on_files(files, config):
    files.get_file_from_path("n.ipynb").is_documentation_page = lambda: True  # as mkdocs-jupyter does
    return files
"""


def test_a_block_in_a_notebook_is_a_warning(tmp_path: Path) -> None:
    folder = write_site(tmp_path, {"index.md": "# I\n"}, config="site_name: S\nplugins: [derivgen]\nhooks: [hook.py]\n")
    (folder / "docs/n.ipynb").write_text(json.dumps(NOTEBOOK), encoding="utf-8")
    (folder / "hook.py").write_text("", encoding="utf-8")
    assert build(folder, "--strict").status == 0  # nothing shows it
    (folder / "hook.py").write_text(SHOWN, encoding="utf-8")
    made = build(folder, "--strict")
    assert made.status == 1
    assert "n.ipynb: cell 2: a derivation block in a notebook is not made" in made.said


class Nesting(HTMLParser):
    """Elements that no paragraph may hold."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if "p" in self.open and tag in {"article", "div", "p", "details", "figure", "ol"}:
            self.wrong.append(tag)
        self.open += [tag]

    def handle_endtag(self, tag: str) -> None:
        self.wrong += [] if self.open.pop() == tag else [tag]


@pytest.mark.parametrize("lead", [("> ", "> "), ("> a\n>\n> ", "> "), ("- a\n\n    > ", "    > "), ("- > ", "  > ")])
def test_a_quotation_is_valid(lead: tuple[str, str]) -> None:
    first, further = lead
    text = first + POWER.format(2).strip().replace("\n", f"\n{further}") + f"\n{further.rstrip()}\n{further}after\n"
    html = markdown.markdown(text, extensions=["derivgen.markdown"], extension_configs=ALONE)
    nesting = Nesting()
    nesting.feed(html)
    assert nesting.wrong == [], html


@pytest.mark.parametrize("math", ["mathml", "arithmatex"])
def test_an_answer_in_a_heading_is_text_in_the_contents(math: str) -> None:
    settings = {"derivgen.markdown": {"cache_dir": "", "math": math}}
    md = markdown.Markdown(extensions=["derivgen.markdown", "toc"], extension_configs=settings)
    html = md.convert("# It is `derivation: w.T @ x | wrt: w | where: w, x in R^n | check: no`\n\n## Plain\n")
    (top,) = md.toc_tokens
    assert top["name"] == "It is xᵀ"
    assert top["children"][0]["name"] == "Plain"
    assert "dg-inline" in html


@pytest.mark.parametrize(
    ("summary", "warned"),
    [
        ("<summary>{}</summary>", True),
        ('<summary markdown="span">{}</summary>', False),
        ("<summary><code>{}</code></summary>", False),
    ],
)
def test_an_answer_in_html_that_is_not_read_is_a_warning(
    summary: str, warned: bool, caplog: pytest.LogCaptureFixture
) -> None:
    span = "`derivation: x**2 + exp(x) | wrt: x | where: x in R | check: no`"
    text = f"# A\n\n{span.replace('exp', 'log')}\n\n<details markdown>\n{summary.format(span)}\n\nB\n\n</details>\n"
    markdown.markdown(text, extensions=["md_in_html", "derivgen.markdown"], extension_configs=ALONE)
    said = [f"<text>:6: {span} stands in HTML that Markdown does not read"] if warned else []
    assert [r.message.partition(" (")[0] for r in caplog.records] == said


def test_what_is_unreadable_is_not_called_refuted(tmp_path: Path) -> None:
    bad = "# Bad\n\n```derivation\nw * y\nwrt: w\nwhere: w in R^n\n```\n\n```derivation\nw *\nwrt: w\nwhere: w in R\n```\n"
    made = build(
        write_site(
            tmp_path, {"index.md": GOOD, "bad.md": bad}, "index_page: all.md, report_page: checks.md, on_failure: warn"
        )
    )
    for page in ("all.html", "checks.html"):
        html = made.page(page)
        assert html.count("✗ unreadable") == 2
        assert "✗ refuted" not in html
    assert "1 verified, 0 not all checked, 0 refuted, 2 unreadable." in made.page("checks.html")


def test_github_reads_the_markdown() -> None:
    d = derivgen.derive("trace(A @ diag(x)) + sum(sigmoid(x))", wrt="x", where="x in R^n; A in R^(n*n)", check=False)
    shown = d.to("markdown")
    assert r"\operatorname" not in shown
    assert r"\mathop{\mathrm{diag}}\nolimits" in shown


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("loss = w.T @ x", "loss"),
        ("z = w.T @ x", "z"),
        (r"L(\mathbf w) = \mathbf w^\top \mathbf x", "L"),
        (r"\phi = \mathbf w^\top \mathbf x", "phi"),
    ],
)
def test_a_question_may_name_its_value(text: str, name: str) -> None:
    d = derivgen.derive(text, wrt="w", where="w, x in R^n", check=False)
    assert d.name.name == name
    assert str(d.result) == "x.T"


def test_ell_is_printed_as_it_is_written() -> None:
    for text, where in ((r"\ell = t \mathbf w^\top \mathbf x", "t in R"), ("ℓ = t * w.T @ x", "w, x in R^n; t in R")):
        d = derivgen.derive(text, wrt="w", where=where, check=False)
        assert (d.name.name, str(d.result)) == ("ell", "t * x.T")
        assert "ℓ = twᵀx" in d.to("text")
        assert r"\ell = t" in d.to("latex")
    assert str(derivgen.derive("ℓ * x", wrt="x", where="x, ell in R", check=False).result) == "ell"


def test_the_name_of_a_value_may_be_declared_as_what_it_is() -> None:
    d = derivgen.derive("u = w.T @ tanh(x)", wrt="x", where="w, x in R^n; u in R", method="chain", check=False)
    assert d.name.name == "u"
    assert [line.strip() for line in d.to("text").splitlines() if line.strip().startswith("u =")] == [
        "u = wᵀ tanh(x)",
        "u = wᵀa",
    ]
    with pytest.raises(DerivgenError, match="phi has a meaning already") as caught:
        derivgen.derive("φ = φ.T @ x", wrt="x", where="phi, x in R^n")
    assert caught.value.span is not None
    assert (caught.value.span.start, caught.value.span.end) == (0, 1)
    for where, wrong in ("w, x in R^n; u in R^n", "u is declared as an n×1 column"), ("u, x in R^n", "u has a meaning"):
        with pytest.raises(DerivgenError, match=wrong):
            derivgen.derive("u = u.T @ x" if "w" not in where else "u = w.T @ x", wrt="x", where=where)
    with pytest.raises(DerivgenError, match="w has a meaning already"):  # it is what is derived by
        derivgen.derive("w = x.T @ x", wrt="w", where="w in R; x in R^n")


def test_the_name_of_a_value_is_free_and_places_stay() -> None:
    with pytest.raises(DerivgenError, match="w has a meaning already"):
        derivgen.derive("w = w.T @ x", wrt="w", where="w, x in R^n")
    with pytest.raises(DerivgenError, match="q is not declared") as caught:
        derivgen.derive("y = w.T @ q", wrt="w", where="w, x in R^n")
    assert caught.value.source == "y = w.T @ q"
    assert caught.value.span is not None
    assert (caught.value.span.start, caught.value.span.end) == (10, 11)
    html = markdown.markdown(
        "```derivation\nloss = w.T @ x\nwrt: w\nwhere: w, x in R^n\ncheck: no\n```\n",
        extensions=["derivgen.markdown"], extension_configs=ALONE,
    )  # fmt: skip
    assert "<mi>loss</mi>" in html


class Known(preprocessors.Preprocessor):  # type: ignore[name-defined, misc]
    """What Zensical has among the preprocessors: which page is made, and where its folder is."""

    def __init__(self, md: Any, folder: Path, name: str) -> None:
        super().__init__(md)
        self.page = SimpleNamespace(path=name, meta={})
        self.config = {"docs_dir": str(folder)}

    def run(self, lines: list[str]) -> list[str]:
        return lines


def test_references_lead_to_other_pages_of_a_generator(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    text = "# A\n\n[one][far], [][far], [][x-squared], [][here], [a][gone], [][gone]\n\n"
    own = "```derivation\nx**3\nwrt: x\nwhere: x in R\nid: {}\ncheck: no\n```\n"
    pages = {
        "sub/a.md": text + own.format("here"),
        "b.md": "---\nderivgen:\n  layout: gradient\n---\n"
        + own.format("far")
        + own.format("y").replace("id: y", "title: X squared!"),
        "c.md": "No block: far.\n",
    }
    for name, page in pages.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(page, encoding="utf-8")
    md = markdown.Markdown(extensions=["derivgen.markdown"], extension_configs=ALONE)
    md.preprocessors.register(Known(md, tmp_path, "sub/a.md"), "known", 0)
    html = md.convert(pages["sub/a.md"])
    links = re.findall(r'<a href="([^"]*)">(.*?)</a>', html)
    assert links[:4] == [
        ("../b.md#far", "one"), ("../b.md#far", "Derivative of x³ with respect to x"), ("../b.md#x-squared", "X squared!"),
        ("#here", "Derivative of x³ with respect to x"),
    ]  # fmt: skip
    assert "[a][gone], [][gone]" in html
    assert [r.message for r in caplog.records] == [
        "sub/a.md:3: there is no derivation with the id 'gone', so [][gone] stays as it is"
    ]


def test_the_same_may_be_declared_twice(tmp_path: Path) -> None:
    front = "---\nderivgen:\n  where: 'w, x in R^n; f: R^n -> R'\n---\n"
    block = "```derivation\nw.T @ x\nwrt: w\nwhere: w in R^n; f: R^n -> R\n```\n"
    made = build(write_site(tmp_path, {"index.md": front + block}), "--strict")
    assert made.status == 0, made.said
    with pytest.raises(DerivgenError, match="w is declared twice"):
        derivgen.derive("w", wrt="w", where="w in R^n; w in R^m")


def test_the_last_line_of_an_error_has_the_hint() -> None:
    with pytest.raises(DerivgenError) as caught:
        derivgen.derive("w * y", wrt="w", where="w in R^n")
    assert caught.value.hint
    assert caught.value.hint in str(caught.value)


# --- pages ---------------------------------------------------------------------------------------------------------

UNTITLED = "# U\n\n" + "\n".join(POWER.format(k) for k in (2, 3)) + "\n## Below\n\n" + POWER.format(4)


def test_the_index_shows_formulas_and_tells_cards_apart(tmp_path: Path) -> None:
    made = build(write_site(tmp_path, {"index.md": UNTITLED}, "index_page: all.md"), "--strict", NO_CHECK="1")
    html = made.page("all.html")
    titles = re.findall(r'<a href="index\.html#derivation-\d">(.*?)</a>', html)
    assert titles == [f"Derivative of x{k} with respect to x" for k in "²³⁴"]
    assert html.count("dg-short") == 6
    assert "<math>" in html


def test_cards_stand_in_the_contents_by_choice(tmp_path: Path) -> None:
    front = "---\nderivgen:\n  contents: yes\n---\n"
    pages = {"index.md": "# I\n\n" + POWER.format(2), "all.md": front + UNTITLED}
    made = build(write_site(tmp_path, pages))
    assert 'href="#derivation-1" class="nav-link"' not in made.page("index.html")
    html = made.page("all.html")
    places = [html.index(f'href="#{a}" class="nav-link"') for a in ("derivation-1", "derivation-2", "below")]
    assert places == sorted(places)
    assert "Derivative of x² with respect to x</a>" in html


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["mkdocs", "material"])
def test_made_pages_are_out_of_the_search_by_choice(theme: str, tmp_path: Path) -> None:
    if theme == "material":
        pytest.importorskip("material")
    found = {}
    for choice in ("true", "false"):
        config = (
            f"site_name: S\ntheme: {{ name: {theme} }}\nuse_directory_urls: false\nplugins:\n  - search\n"
            f"  - derivgen: {{ jobs: 1, index_page: all.md, rules_page: rules.md, search_made_pages: {choice} }}\n"
        )
        made = build(
            write_site(
                tmp_path / choice, {"index.md": GOOD, "rules.md": "# R\n\n<!-- derivgen: rules -->\n"}, config=config
            )
        )
        found[choice] = {d["location"].partition("#")[0] for d in made.data("search/search_index.json")["docs"]}
    assert found["true"] >= {"all.html", "rules.html"}
    assert not found["false"] & {"all.html", "rules.html"}
    assert len(found["false"]) == 1


def test_rules_that_are_used_stand_in_the_order_of_the_method(tmp_path: Path) -> None:
    block = "```derivation\nmax(0, w.T @ x + b)\nwrt: w\nwhere: w, x in R^n; b in R\n```\n"
    made = build(write_site(tmp_path, {"index.md": block}, "rules_page: rules.md"))
    chapters = re.findall(r'<h2 id="([a-z-]+)"', made.page("rules.html"))
    order = ["expand", "unfold", "differentiate", "collapse", "recombine", "simplify", "chain"]
    assert chapters == [c for c in order if c in chapters]
    assert len(chapters) > 3


def test_a_card_may_be_a_row_that_opens(tmp_path: Path) -> None:
    made = build(
        write_site(tmp_path, {"index.md": "# I\n\n" + POWER.format(2).replace("check: no", "fold: row")}), "--strict"
    )
    html = made.page("index.html")
    row = html[html.index('<article class="derivgen dg-card dg-row"') :]
    assert row.index("<summary>") < row.index("dg-short") < row.index("</summary>") < row.index("dg-top")
    assert '<details class="dg-whole">' in row
