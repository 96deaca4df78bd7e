"""The plugin end to end: sites are written, built by mkdocs, and what it wrote is read."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

import pytest

from tests.site.sites import GOOD, build, write_site

pytest.importorskip("mkdocs")


def test_page_with_a_derivation(tmp_path: Path) -> None:
    pages = {
        "index.md": GOOD,
        "b.md": "# B\n\nSee [it](index.md#product), `derivation: sum(x) | wrt: x | where: x in R^n`.\n",
    }
    made = build(write_site(tmp_path, pages), "--strict")
    assert made.status == 0, made.said
    html = made.page("index.html")
    assert '<article class="derivgen dg-card" id="product"' in html
    assert "data-derivgen" not in html
    assert '<span class="dg-inline"><math>' in made.page("b.html")
    assert "assets/derivgen/derivgen.css" in html
    assert (tmp_path / "site/assets/derivgen/derivgen.js").is_file()
    (one, inline) = sorted(made.data()["derivations"], key=lambda d: d["file"], reverse=True)
    assert (one["file"], one["line"], one["id"], one["verdict"]) == ("index.md", 3, "product", "verified")
    assert (one["page"], one["results"][0]["text"]) == ("index.html", "diag(x)")
    assert all(step["verdict"] == "verified" and step["evidence"] for step in one["steps"])
    assert inline["id"] is None
    assert made.data()["problems"] == []


def test_search_has_words_and_no_mathematics(tmp_path: Path) -> None:
    made = build(write_site(tmp_path, {"index.md": GOOD}))
    text = " ".join(d["text"] for d in made.data("search/search_index.json")["docs"])
    assert "A product entry by entry." in text
    assert "Entry i of w ⊗ x" in text
    assert not re.search(r"\\frac|∂|mathbf|<m", text)


def test_site_page_and_block_choose(tmp_path: Path) -> None:
    block = "```derivation\nw.T @ x\nwrt: w\nwhere: w, x in R^n\nshow: answer\n{}```\n"
    pages = {
        "index.md": "# I\n\n" + block.format(""),
        "page.md": "---\nderivgen:\n  layout: numerator\n---\n# P\n\n"
        + block.format("")
        + block.format("layout: gradient\n"),
    }
    made = build(write_site(tmp_path, pages, "layout: denominator"))
    assert made.status == 0, made.said
    found = {(d["file"], d["line"]): d["layout"] for d in made.data()["derivations"]}
    assert found == {("index.md", 3): "denominator", ("page.md", 7): "numerator", ("page.md", 13): "gradient"}


def test_a_name_that_is_declared_again_says_where_it_stands_already(tmp_path: Path) -> None:
    block = "```derivation\nw.T @ x + b\nwrt: w\nwhere: {}\n```\n"
    page = "---\nderivgen:\n  where: b in R\n---\n" + "".join(
        map(block.format, ("x in R^m", "b in R^n", "z in R; z in R^n"))
    )
    made = build(write_site(tmp_path, {"index.md": page}, 'where: "w, x in R^n"'))
    said = [line.partition("cannot read: ")[2] for line in made.said.splitlines() if "declared twice" in line]
    assert said == [
        "x is declared twice (leave it out here, or in 'w, x in R^n', which stands in the settings of the site)",
        "b is declared twice (leave it out here, or in 'b in R', which stands in the front matter of the page)",
        "z is declared twice (leave it out here, or in 'z in R')",
    ]


@pytest.mark.slow
def test_pages_that_are_made(tmp_path: Path) -> None:
    settings = "index_page: all.md, rules_page: rules.md, operations_page: ops.md, report_page: checks.md"
    pages = {"index.md": GOOD, "sub/two.md": GOOD.replace("product", "second").replace("w * x", "w + x"),
             "checks.md": "# My own heading\n\n<!-- derivgen: report -->\n"}  # fmt: skip
    made = build(write_site(tmp_path, pages, settings), "--strict")
    assert made.status == 0, made.said
    index = made.page("all.html")
    assert 'href="index.html#product"' in index
    assert 'href="sub/two.html#second"' in index
    rules = made.page("rules.html")
    assert 'id="rule-entry-by-entry"' in rules
    assert 'href="sub/two.html#second"' in rules
    assert 'id="rule-chain-rule"' not in rules  # only those in use
    assert 'href="../rules.html#rule-entry-by-entry"' in made.page("sub/two.html")
    assert "My own heading" in made.page("checks.html")
    assert "2 verified" in made.page("checks.html")
    assert 'id="operation-exp"' in made.page("ops.html")


def test_references_with_autorefs(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs_autorefs")
    config = "site_name: S\nplugins: [autorefs, derivgen]\nuse_directory_urls: false\n"
    made = build(
        write_site(tmp_path, {"index.md": GOOD, "b.md": "# B\n\n[that][product]\n"}, config=config), "--strict"
    )
    assert made.status == 0, made.said
    assert re.search(r'href="index\.html#product"[^>]*>that</a>', made.page("b.html"))


def test_failure_at_the_end_and_all_else_is_built(tmp_path: Path) -> None:
    bad = "---\ntitle: T\n---\n\n# Bad\n\n```derivation\nw * y\nwrt: w\nwhere: w in R^n\n```\n"
    made = build(write_site(tmp_path, {"index.md": GOOD, "bad.md": bad, "z.md": GOOD}))
    assert made.status == 1
    assert "bad.md:8:5: unknown name: y is not declared" in made.said
    assert 'class="derivgen dg-error" id="derivation-1"' in made.page("bad.html")
    assert "<article" in made.page("z.html")
    (problem,) = made.data()["problems"]
    assert (problem["level"], problem["file"], problem["line"], problem["column"]) == ("error", "bad.md", 8, 5)


def test_warnings_for_drafts(tmp_path: Path) -> None:
    folder = write_site(tmp_path, {"index.md": "```derivation\nx\n```\n"}, "on_failure: warn")
    made = build(folder)
    assert (made.status, "WARNING" in made.said) == (0, True), made.said
    assert build(folder, "--strict").status == 1


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("layout: numeratr", "did you mean numerator"),
        ("on_failure: maybe", "on_failure"),
        ("layuot: gradient", "layuot"),
    ],
)
def test_wrong_settings_are_named(tmp_path: Path, settings: str, said: str) -> None:
    made = build(write_site(tmp_path, {"index.md": "# I\n"}, settings), "--strict")
    assert made.status == 1
    assert said in made.said


def test_disabled_plugin_does_nothing(tmp_path: Path) -> None:
    made = build(write_site(tmp_path, {"index.md": GOOD}, "enabled: false"), "--strict")
    assert made.status == 0
    assert "<article" not in made.page("index.html")


def test_second_build_takes_all_from_the_cache_without_engine_reader_or_checker(tmp_path: Path) -> None:
    folder = write_site(tmp_path, {"index.md": GOOD}, "index_page: all.md, rules_page: rules.md")
    first = build(folder)
    page = first.page("index.html")
    script = (
        "import sys; from mkdocs.__main__ import cli; cli(['build', '-q'], standalone_mode=False); "
        "heavy = ('sympy', 'numpy', 'flint', 'derivgen.derivation', 'derivgen.read', 'derivgen.catalog', 'derivgen.notes'); "
        "print(*sorted(m for m in sys.modules if m.startswith(heavy)))"
    )
    again = build(folder, program=(sys.executable, "-c", script))
    assert again.said.strip() == ""
    assert _undated(again.page("index.html")) == _undated(page)


def _undated(html: str) -> str:
    return re.sub(r"Build Date UTC.*", "", html)


def test_scripts_of_the_site_get_latex(tmp_path: Path) -> None:
    config = (
        "site_name: S\nplugins: [derivgen]\nuse_directory_urls: false\n"
        "markdown_extensions:\n  - pymdownx.arithmatex: {generic: true}\nextra_javascript: [js/mathjax.js]\n"
    )
    made = build(write_site(tmp_path, {"index.md": GOOD}, config=config))
    assert made.status == 0, made.said
    assert '<div class="arithmatex">\\[' in made.page("index.html")
    assert "<math" not in made.page("index.html")


@pytest.mark.slow
def test_dirty_build_keeps_numbers_and_report(tmp_path: Path) -> None:
    two = GOOD + GOOD.replace("product", "second")
    folder = write_site(tmp_path, {"index.md": GOOD, "b.md": two})
    build(folder)
    time.sleep(0.01)
    (folder / "docs/b.md").write_text(two.replace("w * x", "w + x"), encoding="utf-8")
    made = build(folder, "--dirty")
    assert made.status == 0, made.said
    assert [(d["file"], d["number"]) for d in made.data()["derivations"]] == [("index.md", 1), ("b.md", 1), ("b.md", 2)]


def test_block_with_several_variables_is_one_card(tmp_path: Path) -> None:
    made = build(write_site(tmp_path, {"index.md": GOOD.replace("wrt: w", "wrt: w, x")}), "--strict")
    assert made.status == 0, made.said
    html = made.page("index.html")
    assert html.count("<article") == 1
    assert html.count('class="dg-answer"') == 2
    ids = re.findall(r'\bid="(product[^"]*)"', html)
    assert len(ids) == len(set(ids))


MACROS = """
def on_page_markdown(markdown, **more):
    block = "```derivation\\nx + w\\nwrt: x\\nwhere: {}\\nid: made\\ntitle: From a *macro*\\n```"
    return markdown.replace("MACRO", "Put in.\\n\\n" + block.format("x, w in R^n")).replace("WRONG", block.format("x in R"))
"""


def test_references_without_autorefs(tmp_path: Path) -> None:
    here = "[that][product], [][product], [a *b*][made], [][made], A[i][j], `c`[i][j], `[a][product]`, [o][own], [l][far].\n\n[own]: #i\n"
    pages = {"index.md": "# I\n\n" + here, "s/p.md": GOOD + "\n[it][product] [up][made]\n", "z.md": "# M\n\nMACRO\n",
             "t/p.md": GOOD + "\n[][product]\n"}  # fmt: skip
    config = "site_name: S\nhooks: [macros.py]\nplugins: [search, derivgen]\n"
    folder = write_site(tmp_path, pages, config=config)
    (folder / "macros.py").write_text(MACROS, encoding="utf-8")
    made = build(folder)
    assert made.status == 0, made.said
    assert made.said.count("WARNING") == 1
    assert "'index.md' has a reference to 'far'" in made.said
    html = made.page("index.html")
    for wanted in (
        '<a href="s/p/#product">that</a>', '<a href="s/p/#product">A product entry by entry</a>', '<a href="#i">o</a>',
        '<a href="z/#made">a <em>b</em></a>', '<a href="z/#made">From a *macro*</a>', " A[i][j], <code>c</code>[i][j], ",
        "<code>[a][product]</code>", "[l][far]",
    ):  # fmt: skip
        assert wanted in html, wanted
    assert '<a href="#product">it</a> <a href="../../z/#made">up</a>' in made.page("s/p/index.html")
    assert '<a href="#product">A product entry by entry</a>' in made.page("t/p/index.html")
    assert build(folder, "--strict").status == 1


def test_derivations_that_macros_write(tmp_path: Path) -> None:
    pages = {
        "index.md": "# I\n\n- two\n\nMACRO\n\n```derivation\nx\nwrt: x\nwhere: x in R\n```\n",
        "w.md": "# W\n\nWRONG\n",
    }
    config = "site_name: S\nhooks: [macros.py]\nplugins:\n  - derivgen: {index_page: a.md, on_failure: warn}\n"
    folder = write_site(tmp_path, pages, config=config)
    (folder / "macros.py").write_text(MACROS, encoding="utf-8")
    made = build(folder)
    assert made.status == 0, made.said
    assert [(d["file"], d["line"], d["number"], d["title"]) for d in made.data()["derivations"]] == [
        ("index.md", 5, 1, "From a *macro*"), ("index.md", 7, 2, "Derivative of x with respect to x"), ("w.md", 3, 1, "From a *macro*"),
    ]  # fmt: skip
    assert "w.md:3:5: unknown name: w is not declared" in made.said
    listed = made.page("a/index.html")
    assert '<a href="../#made">From a *macro*</a>' in listed
    assert '<a href="../w/#made">' in listed


@pytest.mark.slow
def test_site_in_folders_of_its_own(tmp_path: Path) -> None:
    """The texts are elsewhere, and pages are in two languages, out of the navigation, drafts or left out."""
    block = "# P\n\n```derivation\nw * {}\nwrt: w\nwhere: w, x in R\nid: {}\n```\n\n[][one] [h][hidden]\n"
    pages = {"en/a.md": block.format("x", "one"), "de/a.md": block.format("x", "one"), "hidden.md": block.format("x", "hidden"),
             "draft.md": block.format("q", "draft"), "no/out.md": block.format("q", "out")}  # fmt: skip
    write_site(tmp_path, pages)
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf/mkdocs.yml").write_text(
        "site_name: S\ndocs_dir: ../docs\nsite_dir: ../site\nuse_directory_urls: false\nnot_in_nav: hidden.md\n"
        "draft_docs: draft.md\nexclude_docs: no/\nnav: [en/a.md, de/a.md]\n"
        "plugins:\n  - derivgen: {index_page: deep/er/all.md, rules_page: rules.md}\n",
        encoding="utf-8",
    )
    made = build(tmp_path, "--strict", "-f", "conf/mkdocs.yml")
    assert made.status == 0, made.said
    assert [(d["file"], d["page"]) for d in made.data()["derivations"]] == [
        ("en/a.md", "en/a.html"), ("de/a.md", "de/a.html"), ("hidden.md", "hidden.html"),
    ]  # fmt: skip
    assert re.search(
        r'<a href="#one">Derivative of [^<]+ with respect to w</a> <a href="../hidden\.html#hidden">h</a>',
        made.page("de/a.html"),
    )
    assert 'href="../../de/a.html#one"' in made.page("deep/er/all.html")
    assert 'href="../rules.html#rule-' in made.page("de/a.html")


@pytest.mark.slow
def test_beginnings_of_posts_in_a_blog(tmp_path: Path) -> None:
    pytest.importorskip("material")
    post = "---\ndate: 2024-01-0{}\n---\n\n# Post\n\n`derivation: w + b | wrt: w | where: w, b in R`\n" + GOOD[7:]
    post += "\n[][product]\n\n<!-- more -->\n\nEnd.\n"
    config = (
        "site_name: S\ntheme: {name: material, font: false}\nplugins:\n  - blog\n"
        "  - derivgen: {jobs: 1, index_page: all.md, rules_page: book/rules.md}\n"
    )
    pages = {"index.md": "# I\n", "blog/index.md": "# Blog\n", "blog/posts/a.md": post.format(1),
             "blog/posts/b.md": post.format(2).replace("# Post", "# Next")}  # fmt: skip
    made = build(write_site(tmp_path, pages, config=config), "--strict")
    assert made.status == 0, made.said
    assert [d["file"][-4:] for d in made.data()["derivations"]] == ["a.md", "a.md", "b.md", "b.md"]
    listed = made.page("blog/index.html")
    assert listed.count("<article class=") == listed.count('<article class="md-post') + 2
    assert listed.count('class="dg-inline"') == 2
    assert "data-derivgen" not in listed
    links = set(re.findall(r'<a class="dg-rule" href="([^"#]*)#rule-', listed))
    assert links == {"../book/rules/"}
    assert '<code class="dg-rule">' not in listed
    ids = re.findall(r'\bid="([^"]*product[^"]*)"', listed)
    assert ids
    assert len(ids) == len(set(ids))
