"""Blocks that are wrong or hostile: each is an error in its place, nothing is executed, and all other pages are built."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.site.sites import GOOD, Built, build, write_site

pytest.importorskip("mkdocs")

SCRIPT = "<script>alert(1)</script>"
DEEP = "(" * 3000 + "x" + ")" * 3000

BROKEN = {
    "ill-typed": ("w + A", "wrt: w\nwhere: w in R^n; A in R^(m*n)"),
    "unparsable": ("w @@ x", "wrt: w\nwhere: w, x in R^n"),
    "undeclared": ("w * x", "wrt: w\nwhere: w in R^n"),
    "empty": ("", "wrt: w"),
    "no-wrt": ("x", "where: x in R^n"),
    "tag": (SCRIPT, f"wrt: x\nwhere: {SCRIPT}"),
    "closing-tag": ("</script></style></article>", "wrt: x"),
    "link": ("[a](javascript:alert(1))", "wrt: a\nwhere: a in R"),
    "import": ("__import__('os').system('touch executed')", "wrt: x\nwhere: x in R"),
    "long": (" + ".join(["x"] * 10_000), "wrt: x\nwhere: x in R"),
    "deep": (DEEP, "wrt: x\nwhere: x in R"),
    "template": ("{{ config.site_name }} {% raw %}", "wrt: x\nwhere: x in R"),
    "bytes": ("x\u202e\u0007\ufffe", "wrt: x\nwhere: x in R"),
    "nul": ("x + \0y", "wrt: x\nwhere: x, y in R"),
    "override": ("x * \u202ey", "wrt: x\nwhere: x, y in R"),
    "override-title": ("x", "wrt: x\nwhere: x in R\ntitle: \u202egnp.exe"),
    "nul-title": ("x", "wrt: x\nwhere: x in R\ntitle: a\0b"),
    "long-line": ("x + " + "y" * 1_000_000, "wrt: x\nwhere: x in R"),
    "anchors": ("x", "wrt: x\nwhere: x in R\nlayout: &a [*a, *a]"),
    "separator": ("x\u2028wrt: x", "where: x in R"),
    "bad-id": ("x", 'wrt: x\nwhere: x in R\nid: a" onmouseover="alert(1)'),
}


class _Reader(HTMLParser):
    """What a browser would execute or follow."""

    def __init__(self) -> None:
        super().__init__()
        self.active: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name.startswith("on") or (value or "").strip().lower().startswith("javascript:"):
                self.active.append(f"<{tag} {name}={value}>")

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "script" and "alert" in data:
            self.active.append(data)


def harmless(made: Built) -> None:
    for path in (made.folder / "site").rglob("*.html"):
        reader = _Reader()
        text = path.read_text(encoding="utf-8")
        reader.feed(text)
        assert reader.active == [], path
        assert "<script>alert" not in text
    assert not list(made.folder.rglob("executed"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """One site with a page for each of them."""
    pages = {
        f"{name}.md": f"# P\n\n```derivation\n{e}\n{options}\n```\n\nEnd of it.\n"
        for name, (e, options) in BROKEN.items()
    }
    return build(write_site(tmp_path_factory.mktemp("hostile"), {"index.md": GOOD, **pages}))


@pytest.mark.parametrize("name", BROKEN)
def test_error_with_file_and_line_in_the_page_and_in_the_report(made: Built, name: str) -> None:
    problems = [p for p in made.data()["problems"] if p["file"] == f"{name}.md"]
    assert problems
    assert all(p["level"] == "error" and p["line"] in range(3, 8) and len(p["message"]) < 600 for p in problems)
    assert f"{name}.md:{problems[0]['line']}" in made.said
    html = made.page(f"{name}.html")
    assert 'class="derivgen dg-error"' in html
    assert "End of it." in html


def test_other_pages_are_built_and_nothing_is_executed(made: Built) -> None:
    assert made.status == 1
    assert "<article" in made.page("index.html")
    harmless(made)


@pytest.mark.parametrize(("head", "newline"), [("\ufeff", "\n"), ("", "\r\n"), ("\ufeff", "\r\n")])
def test_marks_and_line_ends_of_other_systems(tmp_path: Path, head: str, newline: str) -> None:
    text = (
        "---\ntitle: T\n---\n# P\n\n```derivation\n  x * q\nwrt: x\nwhere: x in R\n```\n\n`derivation: x\n| wrt: x`\n"
    )
    folder = write_site(tmp_path, {"index.md": GOOD})
    (folder / "docs/bad.md").write_bytes((head + text + GOOD).replace("\n", newline).encode())
    made = build(folder)
    assert [(p["line"], p["column"]) for p in made.data()["problems"] if p["file"] == "bad.md"] == [(7, 7), (12, 0)]
    assert made.page("bad.html").count("<article") == 1


@pytest.mark.slow
def test_titles_are_text(tmp_path: Path) -> None:
    hostile = [
        SCRIPT,
        "</p></article>" + SCRIPT,
        "[a](javascript:alert(1))",
        "{{ 7 * 7 }}",
        "$\\href{javascript:alert(1)}{x}$",
        "| a | <b>",
    ]
    pages = {
        f"p{k}.md": f"# P\n\n```derivation\nx\nwrt: x\nwhere: x in R\ntitle: {title}\n```\n"
        for k, title in enumerate(hostile)
    }
    made = build(
        write_site(tmp_path, {"index.md": "# I\n", **pages}, "index_page: all.md, report_page: c.md, rules_page: r.md")
    )
    assert made.status == 0, made.said
    harmless(made)
    assert [d["title"] for d in made.data()["derivations"]] == hostile


FRONT = {
    "itself": "derivgen: &a\n  where: *a\n",
    "laughs": "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{c}: &{c} [{', '.join([f'*{b}'] * 9)}]\n" for b, c in zip("abcdefgh", "bcdefghi", strict=True)
    ) + "derivgen:\n  where: *i\n",
    "unknown": "derivgen:\n  layuot: gradient\n",
    "list": "derivgen: [1, 2]\n",
    "value": "derivgen:\n  layout: [gradient]\n",
}  # fmt: skip


@pytest.mark.parametrize("name", FRONT)
def test_front_matter(tmp_path: Path, name: str) -> None:
    bad = f"---\n{FRONT[name]}---\n\n" + GOOD
    made = build(write_site(tmp_path, {"index.md": GOOD, "bad.md": bad}))
    assert made.status == 1, made.said
    rows = FRONT[name].split("\n")
    line = max(
        k for k, row in enumerate(rows, 2) if row.startswith(("derivgen", "  "))
    )  # that of the option, if it has one
    assert f"bad.md:{line}: " in made.said
    assert len(made.said) < 5000
    assert "<article" in made.page("index.html")
    assert "<article" in made.page("bad.html")


def _customised(folder: Path, body: str) -> None:
    """A module that Python loads before all others, with a body for what imports."""
    head = "import builtins\nreal = builtins.__import__\ndef hooked(name, *rest, **more):\n"
    (folder / "sitecustomize.py").write_text(f"{head}{body}builtins.__import__ = hooked\n", encoding="utf-8")


def test_refuted_step_is_an_error(tmp_path: Path) -> None:
    """The engine is made to err by a module that the processes load first."""
    _customised(
        tmp_path,
        "    made = real(name, *rest, **more)\n"
        "    if name == 'derivgen.derivation':\n"
        "        from derivgen.catalog.elementwise import Call, sin\n"
        "        object.__setattr__(sin, 'derivatives', (lambda u: Call(sin, (u,)),))\n"
        "    return made\n",
    )
    page = "# P\n\n```derivation\nsin(x)\nwrt: x\nwhere: x in R\n```\n"
    made = build(write_site(tmp_path, {"index.md": page, "good.md": GOOD}), PYTHONPATH=str(tmp_path))
    assert made.status == 1, made.said
    assert re.search(r"index\.md:3: step \d+, .*: refuted", made.said), made.said
    html = made.page("index.html")
    assert "A step of this derivation is refuted" in html
    assert "dg-badge dg-refuted" in html
    assert "<article" in made.page("good.html")


@pytest.mark.slow
def test_endless_derivation_is_stopped(tmp_path: Path) -> None:
    _customised(
        tmp_path,
        "    if name == 'derivgen.derivation' and 'derive_by' in (rest[2] or ()):\n        while True: pass\n"
        "    return real(name, *rest, **more)\n",
    )
    made = build(write_site(tmp_path, {"index.md": GOOD}, "timeout: 2"), PYTHONPATH=str(tmp_path))
    assert made.status == 1
    assert "index.md:3: too long: the derivation took more than 2 seconds" in made.said, made.said
