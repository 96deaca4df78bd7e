"""The extension and the plugin under other generators, each in an environment of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.site.sites import GOOD, Built, build, write_site
from tests.site.test_manual import files

pytestmark = pytest.mark.slow

BAD = "---\ntitle: T\n---\n\n# Bad\n\n```derivation\nw * y\nwrt: w\nwhere: w in R^n\n```\n"
GRADIENT = "---\nderivgen:\n  layout: gradient\n---\n\n" + GOOD.replace("w * x", "w.T @ x")


@pytest.fixture(scope="session")
def own(tmp_path_factory: pytest.TempPathFactory, root: Path) -> dict[str, Path]:
    """An environment for each generator, with this project in it."""
    found = {}
    for generator in ("zensical", "properdocs"):
        folder = tmp_path_factory.mktemp(generator) / "venv"
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        scripts = folder / ("Scripts" if sys.platform == "win32" else "bin")
        pip = [str(scripts / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        theme = ["properdocs-theme-mkdocs"] if generator == "properdocs" else ["markdown-exec"]
        run = subprocess.run(
            [*pip, f"{root}[markdown]", generator, *theme], capture_output=True, text=True, check=False
        )
        if run.returncode:
            pytest.skip(f"pip cannot install {generator}: {run.stderr.strip()[-200:]}")
        found[generator] = scripts / generator
    return found


ZENSICAL = (
    "site_name: S\nuse_directory_urls: false\nmarkdown_extensions:\n  - pymdownx.superfences\n"
    "  - derivgen.markdown:\n      layout: denominator\n"
)


def zensical(own: dict[str, Path], folder: Path, pages: dict[str, str]) -> Built:
    return build(write_site(folder, pages, config=ZENSICAL), "--clean", program=(str(own["zensical"]),))


def test_zensical(own: dict[str, Path], tmp_path: Path) -> None:
    made = zensical(own, tmp_path, {"index.md": GOOD, "page.md": GRADIENT, "plain.md": "# Plain\n"})
    assert made.status == 0, made.said
    html = made.page("index.html")
    assert '<article class="derivgen dg-card" id="product"' in html
    assert "Denominator layout" in html
    assert html.count("<style>\n/* A derivation.") == 1
    assert "Gradient layout" in made.page("page.html")
    assert "dg-card" not in made.page("plain.html")


def test_zensical_fails_with_file_and_line(own: dict[str, Path], tmp_path: Path) -> None:
    made = zensical(own, tmp_path, {"index.md": GOOD, "bad.md": BAD})
    assert made.status != 0
    assert "bad.md:8:5: unknown name: y is not declared" in made.said


def test_what_differs_under_zensical(own: dict[str, Path], tmp_path: Path) -> None:
    """As the manual says."""
    page = (
        "# P\n\n[here][product], [][product], [there](index.md#product), [other][], [][other], [][nowhere], [else][othr]\n\n"
        + GOOD
    )
    pages = {"index.md": GOOD + GOOD.replace("product", "other"), "page.md": page, "sub/c.md": "# C\n\n[][other]\n"}
    made = zensical(own, tmp_path, pages)
    assert made.status == 0, made.said
    html = made.page("page.html")
    assert '<a href="#product">here</a>' in html
    assert html.count('<a href="#product">') == 2
    assert '<a href="index.html#product">there</a>' in html
    assert "[other][]" in html
    assert '<a href="index.html#other">A other entry by entry</a>' in html
    assert "[][nowhere]" in html
    assert "page.md:3: there is no derivation with the id 'nowhere'" in made.said
    assert "page.md:3: there is no derivation with the id 'othr', so [else][othr] stays as it is" in made.said
    assert '<a href="../index.html#other">' in made.page("sub/c.html")
    assert "derivgenReady" not in html
    assert not (made.folder / "site/derivations.json").exists()
    assert (made.folder / ".cache/derivgen").is_dir()


@pytest.mark.parametrize("plugins", [True, False])
def test_numbers_go_on_under_zensical(own: dict[str, Path], tmp_path: Path, plugins: bool) -> None:
    """Where markdown-exec prints a block, set up in either of its ways."""
    fence = '\n```python exec="true"\nprint({!r})\n```\n'.format(
        GOOD.partition("# Good\n")[2].replace("product", "printed")
    )
    config = ZENSICAL
    if plugins:
        config += "plugins:\n  - markdown-exec: {}\n"
    else:
        fences = "  - pymdownx.superfences:\n      custom_fences:\n        - name: python\n          class: python\n"
        fences += "          validator: !!python/name:markdown_exec.validator\n"
        fences += "          format: !!python/name:markdown_exec.formatter\n"
        config = config.replace("  - pymdownx.superfences\n", fences)
    page = GOOD + "\n[][printed]\n" + fence + GOOD.replace("product", "last")
    made = build(write_site(tmp_path, {"index.md": page}, config=config), "--clean", program=(str(own["zensical"]),))
    assert made.status == 0, made.said
    html = made.page("index.html")
    cards = re.findall(r'dg-count" href="#(\w+)">(\d+)<', html)
    assert cards == [("product", "1"), ("printed", "2"), ("last", "3")]
    assert '<a href="#printed">' in html
    assert html.count("<style>\n/* A derivation.") == 1


def test_equations_under_zensical(own: dict[str, Path], tmp_path: Path) -> None:
    page = "---\ntitle: T\nderivgen:\n  where: w in R^n\n---\n\n# P\n\nIt is $\\nabla_w (w\\tp w) = 3 w$.\n"
    script = 'window.MathJax = { tex: { macros: { tp: "^{\\\\top}" } } };\n'
    config = (
        ZENSICAL.replace("denominator\n", "denominator\n      check_equations: {}\n") + "extra_javascript: [m.js]\n"
    )
    for way, status in (("true", 0), ("strict", 1)):
        folder = write_site(tmp_path / way, {"index.md": page, "m.js": script}, config=config.replace("{}", way))
        made = build(folder, "--clean", program=(str(own["zensical"]),))
        assert bool(made.status) == bool(status), made.said
        assert re.search(r"index\.md:9:\d+: the sides differ", made.said)
    assert 'href="#dg-equation-1"' in (tmp_path / "true/site/index.html").read_text(encoding="utf-8")


def test_the_course_of_the_manual(own: dict[str, Path], tmp_path: Path, root: Path) -> None:
    """Built by ProperDocs as it stands, and by Zensical with the extension in the place of the plugin."""
    for name, text in files(root / "docs/guide/course.md").items():
        if name.startswith("docs/"):
            for folder in ("properdocs", "zensical"):
                path = tmp_path / folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    config = files(root / "docs/guide/course.md")["mkdocs.yml"]
    plain = config.replace("name: material\n  features: [navigation.footer]", "name: mkdocs")
    (tmp_path / "properdocs/mkdocs.yml").write_text(plain, encoding="utf-8")
    made = build(tmp_path / "properdocs", "--strict", program=(str(own["properdocs"]),))
    assert made.status == 0, made.said
    assert {d["verdict"] for d in made.data()["derivations"]} == {"verified"}
    extension = "site_name: Gradients\nmarkdown_extensions:\n  - pymdownx.superfences\n  - derivgen.markdown:\n      layout: gradient\n"
    (tmp_path / "zensical/mkdocs.yml").write_text(extension, encoding="utf-8")
    made = build(tmp_path / "zensical", "--clean", program=(str(own["zensical"]),))
    assert made.status == 0, made.said
    assert "../regression/#loss" in made.page("neuron/index.html")


def test_properdocs(own: dict[str, Path], tmp_path: Path) -> None:
    folder = write_site(tmp_path, {"index.md": GOOD, "page.md": GRADIENT}, "rules_page: rules.md")
    made = build(folder, "--strict", program=(str(own["properdocs"]),))
    assert made.status == 0, made.said
    assert '<article class="derivgen dg-card" id="product"' in made.page("index.html")
    assert 'id="rule-entry-by-entry"' in made.page("rules.html")
    assert [d["verdict"] for d in made.data()["derivations"]] == ["verified", "verified"]


def test_properdocs_fails_at_the_end(own: dict[str, Path], tmp_path: Path) -> None:
    made = build(write_site(tmp_path, {"index.md": GOOD, "bad.md": BAD}), program=(str(own["properdocs"]),))
    assert made.status == 1
    assert "bad.md:8:5: unknown name: y is not declared" in made.said
    assert "<article" in made.page("index.html")
