"""What an author chooses reaches the card, wherever it is chosen; and a slip in it is placed, with a proposal."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

import derivgen
from derivgen.cli import main
from derivgen.errors import DerivgenError
from derivgen.show.document.verdicts import evidence
from tests.site.sites import build, write_site

pytest.importorskip("mkdocs")
markdown = pytest.importorskip("markdown")

QUESTION = ("max(0, w.T @ x + b)", "w", "w, x in R^n; b in R")
BLOCK = "```derivation\n{}\nwrt: {}\nwhere: {}\n".format(*QUESTION)
CHOICES: dict[str, tuple[dict[str, Any], str]] = {
    "check: no": ({"check": False}, "--no-check"),
    "seed: 3": ({"seed": 3}, "--seed=3"),
    "samples: 32": ({"samples": 32}, "--samples=32"),
}


def expected(choice: str) -> str:
    """What the engine itself says of the answer."""
    d = derivgen.derive(*QUESTION, **CHOICES[choice][0]) if choice else derivgen.derive(*QUESTION)
    return evidence(d.answer_check) if d.answer_check else "the numeric check was turned off"


def test_the_choices_are_told_apart() -> None:
    assert len({expected(choice) for choice in ("", *CHOICES)}) == 1 + len(CHOICES)


def assert_card_says(html: str, choice: str) -> None:
    (found,) = re.findall(r'<div class="dg-evidence"><p>(.*?)</p>', html)
    assert expected(choice) in unescape(found)
    assert ('class="dg-badge dg-unchecked"' in html) == (choice == "check: no")


def test_in_blocks_and_front_matter(tmp_path: Path) -> None:
    pages = {"index.md": BLOCK + "```\n"}
    for k, choice in enumerate(CHOICES):
        pages[f"block{k}.md"] = f"{BLOCK}{choice}\n```\n"
        pages[f"page{k}.md"] = f"---\nderivgen:\n  {choice}\n---\n{BLOCK}```\n"
    made = build(write_site(tmp_path, pages), "--strict")
    assert made.status == 0, made.said
    assert_card_says(made.page("index.html"), "")
    for k, choice in enumerate(CHOICES):
        assert_card_says(made.page(f"block{k}.html"), choice)
        assert_card_says(made.page(f"page{k}.html"), choice)


@pytest.mark.parametrize("choice", CHOICES)
def test_in_the_settings_of_a_site(choice: str, tmp_path: Path) -> None:
    made = build(write_site(tmp_path, {"index.md": BLOCK + "```\n"}, choice), "--strict")
    assert made.status == 0, made.said
    assert_card_says(made.page("index.html"), choice)


@pytest.mark.parametrize("choice", CHOICES)
def test_in_the_extension_and_where_markdown_is_written(choice: str, tmp_path: Path) -> None:
    settings = {"derivgen.markdown": {"cache_dir": "", **CHOICES[choice][0]}}
    html = markdown.markdown(BLOCK + "```\n", extensions=["derivgen.markdown"], extension_configs=settings)
    assert_card_says(html, choice)
    (tmp_path / "a.md").write_text(BLOCK + "```\n", encoding="utf-8")
    places = [str(tmp_path / name) for name in ("a.md", "b.md")]
    assert main(["render", *places, "--no-cache", CHOICES[choice][1]]) == 0
    assert expected(choice) in (tmp_path / "b.md").read_text(encoding="utf-8")


def slips(folder: Path) -> list[str]:
    """What is said of one slip in a name and one in a value, on each face."""
    said = []
    for name, value in (("layuot", "gradient"), ("layout", "gradiant")):
        pages = {
            "a.md": f"# A\n\n{BLOCK}{name}: {value}\n```\n",
            "b.md": f"---\nderivgen:\n  seed: 1\n  {name}: {value}\n---\n# B\n",
        }
        pages["index.md"] = "# I\n"
        said.append(build(write_site(folder / name, pages)).said)
        said.append(build(write_site(folder / f"{name}-site", {"index.md": "# I\n"}, f"{name}: {value}")).said)
    return said


def test_slips_are_placed_with_a_proposal(tmp_path: Path) -> None:
    name, site_name, value, site_value = slips(tmp_path)
    for text, near in ((name, "layout"), (value, "gradient")):
        assert re.search(rf"a\.md:7: .*did you mean {near}\?", text), text
        assert re.search(rf"b\.md:4: .*did you mean {near}\?", text), text
    assert re.search(r"'layuot'.*did you mean layout\?", site_name), site_name
    assert re.search(r"'layout'.*did you mean gradient\?", site_value), site_value


@pytest.mark.parametrize(
    ("name", "value", "near"), [("layuot", "gradient", "layout"), ("layout", "gradiant", "gradient")]
)
def test_slips_elsewhere(name: str, value: str, near: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given: dict[str, Any] = {name: value}
    for ask in (
        lambda: derivgen.derive(*QUESTION, **given),
        lambda: markdown.markdown("", extensions=["derivgen.markdown"], extension_configs={"derivgen.markdown": given}),
    ):
        with pytest.raises(DerivgenError) as caught:
            ask()
        assert caught.value.hint == f"did you mean {near}?"
    assert main(["derive", QUESTION[0], "--wrt", "w", f"--{name}", value]) == 2
    assert re.search(rf"[Dd]id you mean (--)?{near}\?", capsys.readouterr().err)
    (tmp_path / "l.yml").write_text(f"derivations:\n- expression: x\n  wrt: x\n  {name}: {value}\n", encoding="utf-8")
    assert main(["run", str(tmp_path / "l.yml"), "-o", str(tmp_path / "out"), "--no-cache"]) == 2
    said = capsys.readouterr().err
    assert f"l.yml:4:{3 if name == 'layuot' else 11}: " in said
    assert f"did you mean {near}?" in said


HEAD = """---
title: A
derivgen:
  layuot: gradient
  where: |
    w in R^n
    x in R^n; eps > 0 in R
  notation: modern
---
# A

```derivation
w * x
wrt: w
where: b in R
```

```derivation
x * w
wrt: x
```
"""


def test_what_is_wrong_at_the_top_of_a_page_is_said_there_and_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = "A.md:7:15: cannot read: eps is not declared before this (write eps in R; eps > 0)"
    built = build(write_site(tmp_path, {"index.md": "# I\n", "A.md": HEAD}))
    (tmp_path / "docs").mkdir(exist_ok=True)
    main(["render", str(tmp_path / "docs" / "A.md"), str(tmp_path / "out.md"), "--no-cache"])
    for found in (built.said, capsys.readouterr().err):
        assert found.count("eps is not declared") == 1, found
        assert said in found
        assert "A.md:4: there is no option 'layuot' (did you mean layout?)" in found
        assert "w is not declared" not in found  # what can be read holds
    mended = HEAD.replace("  layuot: gradient\n", "").replace("eps > 0 in R\n", "eps in R; eps > 0\n")
    assert (made := build(write_site(tmp_path, {"A.md": mended}), "--strict")).status == 0, made.said


def test_what_is_wrong_in_the_settings_of_a_site_says_so(tmp_path: Path) -> None:
    said = build(write_site(tmp_path, {"index.md": BLOCK + "```\n"}, "where: eps > 0 in R")).said
    assert "(write eps in R; eps > 0, which stands in the settings of the site)" in said


@pytest.mark.slow
def test_definitions_of_site_page_and_block_are_put_together(tmp_path: Path) -> None:
    block = (
        "```derivation\nsum(half(w) + twice(w) + thrice(w))\nwrt: w\ndefine: thrice(z) = 3*z\nwhere: w in R^n\n```\n"
    )
    equation = "\n$$\n\\frac{\\partial}{\\partial t} (\\operatorname{half}(t) + \\operatorname{twice}(t)) = 2.5\n$$\n"
    page = f"---\nderivgen:\n  where: t in R\n  define: [twice(z) = 2*z]\n---\n# A\n\n{block}{equation}"
    made = build(write_site(tmp_path, {"index.md": page}, "define: half(z) = z/2, check_equations: strict"), "--strict")
    assert made.status == 0, made.said
    (one,) = made.data()["derivations"]
    assert (one["verdict"], one["results"][0]["text"]) == ("verified", "11 / 2 * ones(n).T")
    assert [e["verdict"] for e in made.data()["equations"]["equalities"]] == ["verified"]
    wrong = write_site(tmp_path, {"index.md": page.replace("2*z]", "2*y]")}, "define: half(z) = z/2")
    assert re.search(r"index\.md:4:\d+: unknown name: y is not declared", build(wrong).said)
