"""The pages of the manual that one follows: the course in ten minutes and the recipes are done as they say."""

from __future__ import annotations

import json
import os
import pydoc
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import derivgen
from derivgen.site.assets import stylesheet
from tests.site.sites import Built, build, environment

pytest.importorskip("mkdocs")
pytest.importorskip("material")

_FILE = re.compile(
    r'^(?P<marks>`{3,})(?P<kind>\w+) title="(?P<name>[^"]+)"\n(?P<text>.*?)^(?P=marks)$', re.MULTILINE | re.DOTALL
)


def files(page: Path) -> dict[str, str]:
    """What a page has to be written into files, by their names."""
    return {m["name"]: m["text"] for m in _FILE.finditer(page.read_text(encoding="utf-8"))}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """The files of the course, as a reader copies them."""
    folder = tmp_path_factory.mktemp("course")
    for page in ("course", "ci"):
        for name, text in files(root / "docs" / "guide" / f"{page}.md").items():
            if "says" not in name and name != "more hooks":
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_the_course_is_built_and_every_formula_verified(course: Path) -> None:
    made = build(course, "--strict")
    assert made.status == 0, made.said
    assert [d["verdict"] for d in made.data()["derivations"] if d["number"]] == ["verified"] * 4
    assert 'href="../regression/#loss"' in (course / "site/neuron/index.html").read_text(encoding="utf-8")
    assert "A neuron with a rectifier" in (course / "site/formulas/index.html").read_text(encoding="utf-8")


def test_the_mistake_says_what_the_page_says(course: Path, root: Path) -> None:
    page = course / "docs/index.md"
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("w.T @ x\n", "w.T x\n", 1), encoding="utf-8")
    try:
        made = build(course, "--strict")
    finally:
        page.write_text(text, encoding="utf-8")
    assert made.status != 0
    assert files(root / "docs/guide/course.md")["what it says"].strip() in made.said


def commands(course: Path) -> Iterator[tuple[str, str]]:
    """The commands of the recipes, without those that install."""

    def read(name: str) -> Any:
        return yaml.safe_load((course / name).read_text(encoding="utf-8"))

    workflow = read(".github/workflows/site.yml")
    assert workflow[True] == {"push": {"branches": ["main"]}, "pull_request": None}  # YAML takes "on" for yes
    assert workflow["jobs"]["publish"]["needs"] in workflow["jobs"]
    found = [("GitHub", step["run"]) for step in workflow["jobs"]["build"]["steps"] if "run" in step]
    found += [("GitLab", line) for line in read(".gitlab-ci.yml")["pages"]["script"]]
    (hook,) = read(".pre-commit-config.yaml")["repos"][0]["hooks"]
    assert re.search(hook["files"], "docs/index.md")
    assert re.search(hook["files"], "mkdocs.yml")
    assert hook["additional_dependencies"] == (course / "requirements.txt").read_text(encoding="utf-8").split("\n")[:2]
    found += [("pre-commit", hook["entry"]), ("render", (course / "render.sh").read_text(encoding="utf-8"))]
    for name, line in found:
        if not line.startswith("pip install"):
            yield name, line.strip()


def run(line: str, folder: Path) -> Built:
    """A command in the folder, with the programs of this environment."""
    program, *rest = shlex.split(line)
    done = subprocess.run(
        [sys.executable, "-m", program, *rest], cwd=folder, capture_output=True, text=True, encoding="utf-8",
        env=environment(), timeout=300, check=False,
    )  # fmt: skip
    return Built(done.returncode, done.stdout + done.stderr, folder)


@pytest.mark.slow
def test_the_recipes_pass_and_stop_a_mistake(course: Path) -> None:
    page = course / "docs/neuron.md"
    text = page.read_text(encoding="utf-8")
    names = []
    for name, line in commands(course):
        names.append(name)
        good = run(line, course)
        assert good.status == 0, (name, good.said)
        page.write_text(text.replace("w.T @ x", "w.T @ z"), encoding="utf-8")
        try:
            bad = run(line, course)
        finally:
            page.write_text(text, encoding="utf-8")
        assert bad.status != 0, name
        assert "neuron.md:6:" in bad.said, (name, bad.said)
    assert names == ["GitHub", "GitLab", "pre-commit", "render"]
    assert "frac{\\partial" in (course / "rendered/regression.md").read_text(encoding="utf-8")
    assert (course / "public/index.html").is_file()


@pytest.mark.slow
def test_the_recipes_for_equations_pass_and_stop_a_mistake(course: Path, root: Path) -> None:
    workflow = yaml.safe_load((course / ".github/workflows/equations.yml").read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read", "security-events": "write"}
    steps = workflow["jobs"]["check"]["steps"]
    (command,) = [step["run"] for step in steps if "run" in step and not step["run"].startswith("pip")]
    (upload,) = [step for step in steps if "upload-sarif" in step.get("uses", "")]
    assert upload["if"] == "always()"  # a mistake is no reason not to show it
    sarif = course / upload["with"]["sarif_file"]
    more = files(root / "docs/guide/ci.md")["more hooks"]
    given = (course / ".pre-commit-config.yaml").read_text(encoding="utf-8") + more
    _, hook = yaml.safe_load(given)["repos"][0]["hooks"]
    (packaged,) = yaml.safe_load((root / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert {key: hook[key] for key in ("entry", "language", "require_serial")} == {
        key: packaged[key] for key in ("entry", "language", "require_serial")
    }
    assert re.search(hook["files"], "docs/neuron.md")
    page = course / "docs/neuron.md"
    text = page.read_text(encoding="utf-8")
    page.write_text(text + "\nFor $w \\in \\mathbb{R}^n$ it is $\\nabla_w (w^\\top w) = 2 w$.\n", encoding="utf-8")
    try:
        for line in (command, f"{hook['entry']} docs/neuron.md"):
            assert run(line, course).status == 0
        assert json.loads(sarif.read_text(encoding="utf-8"))["runs"][0]["results"] == []
        page.write_text(page.read_text(encoding="utf-8").replace("= 2 w", "= 3 w"), encoding="utf-8")
        assert run(command, course).status == 1
        bad = run(f"{hook['entry']} docs/neuron.md", course)
    finally:
        page.write_text(text, encoding="utf-8")
    line = text.count("\n") + 2
    assert bad.status == 1
    assert f"docs/neuron.md:{line}:" in bad.said
    (found,) = json.loads(sarif.read_text(encoding="utf-8"))["runs"][0]["results"]
    place = found["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("docs/neuron.md", line)


def test_every_variable_of_the_style_is_in_the_manual(root: Path) -> None:
    said = set(
        re.findall(
            r"^\| `(--dg-[a-z-]+)` \|", (root / "docs/guide/theming.md").read_text(encoding="utf-8"), re.MULTILINE
        )
    )
    first = re.search(r"\{(.*?)\}", stylesheet(), re.DOTALL)
    assert first is not None
    assert said == {*re.findall(r"(--dg-[a-z-]+):", first[1]), "--dg-math-font"}
    for part, percent in (("soft", 74), ("line", 17), ("fill", 5)):
        assert f"--dg-{part}: color-mix(in srgb, var(--dg-ink) {percent}%" in first[1]
    assert "var(--dg-math-font, " in stylesheet()


def test_what_the_reference_names_is_there(root: Path) -> None:
    text = (root / "docs/reference/python.md").read_text(encoding="utf-8")
    names = re.findall(r"^::: (\S+)$", text, re.MULTILINE)
    names += [
        f"{m[1]}.{one}"
        for m in re.finditer(r"^from (\S+) import (.+)$", text, re.MULTILINE)
        for one in m[2].split(", ")
    ]
    assert len(names) > 12
    assert [name for name in names if pydoc.locate(name) is None] == []


def test_the_citation_is_that_of_this_version(root: Path) -> None:
    said = files(root / "docs/citation.md")
    assert said["CITATION.cff"] == (root / "CITATION.cff").read_text(encoding="utf-8")
    cff = yaml.safe_load(said["CITATION.cff"])
    assert cff["version"] == derivgen.__version__
    for part in (cff["title"], f"version = {{{derivgen.__version__}}}", cff["license"], cff["authors"][0]["name"]):
        assert part in said["derivgen.bib"]


@pytest.mark.slow
def test_a_font_of_the_site_is_used(tmp_path: Path, root: Path) -> None:
    """The settings of the manual, with a font that TeX brings under the name of the file."""
    sync_api = pytest.importorskip("playwright.sync_api")
    from tests.site.sites import CHROMIUM, FLAGS

    font = Path("/usr/share/texmf/fonts/opentype/public/lm-math/latinmodern-math.otf")
    if CHROMIUM is None or not font.is_file():
        pytest.skip("needs Chromium (Debian's package chromium) and Latin Modern Math (fonts-lmodern)")
    page = (root / "docs/guide/theming.md").read_text(encoding="utf-8")
    settings = re.search(r"^```yaml\n(plugins:\n  - derivgen:\n      math_font: (\S+)\n)```$", page, re.MULTILINE)
    assert settings is not None
    docs = tmp_path / "docs"
    (docs / settings[2]).parent.mkdir(parents=True)
    (docs / settings[2]).write_bytes(font.read_bytes())
    (docs / "index.md").write_text("# A\n\n```derivation\nw.T @ x\nwrt: w\nwhere: w, x in R^n\n```\n", encoding="utf-8")
    (tmp_path / "mkdocs.yml").write_text(f"site_name: S\n{settings[1]}", encoding="utf-8")
    assert build(tmp_path, "--strict").status == 0
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, "--allow-file-access-from-files"])
        page = browser.new_page()
        page.goto((tmp_path / "site/index.html").as_uri())
        page.evaluate("document.fonts.ready.then(() => 0)")
        loaded = page.evaluate(
            "[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family.replaceAll('\"', ''))"
        )
        assert "derivgen mathematics" in loaded
        assert "derivgen mathematics" in page.evaluate(
            "getComputedStyle(document.querySelector('.dg-card math')).fontFamily"
        )
        browser.close()


@pytest.mark.slow
def test_own_formulas_and_cards_are_set_by_katex(tmp_path: Path, root: Path, katex: Path) -> None:
    """The settings of the manual; what they ask of a server of packages is that package, as npm has it."""
    sync_api = pytest.importorskip("playwright.sync_api")
    pytest.importorskip("pymdownx")
    from tests.site.sites import CHROMIUM, FLAGS, served

    if CHROMIUM is None:
        pytest.skip("needs Chromium (Debian's package chromium)")
    own = files(root / "docs/guide/elsewhere.md")
    script = tmp_path / "docs/javascripts/katex.js"
    script.parent.mkdir(parents=True)
    script.write_text(own["docs/javascripts/katex.js"], encoding="utf-8")
    block = "```derivation\nw.T @ x\nwrt: w\nwhere: w, x in R^n\n```\n"
    (tmp_path / "docs/index.md").write_text(f"# A\n\nOwn: $v^2$.\n\n$$\na + b\n$$\n\n{block}", encoding="utf-8")
    settings = (
        "site_name: S\ntheme: { name: material, font: false }\nplugins: [derivgen]\n" + own["added to mkdocs.yml"]
    )
    (tmp_path / "mkdocs.yml").write_text(settings, encoding="utf-8")
    made = build(tmp_path, "--strict")
    assert made.status == 0, made.said
    with served(tmp_path / "site") as address, sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        there = "https://unpkg.com/katex@0/"
        page.route(f"{there}**", lambda route: route.fulfill(path=str(katex / route.request.url.removeprefix(there))))
        page.goto(address)
        page.locator(".dg-card .katex").first.wait_for()
        assert page.locator("article .katex").count() >= 2 + page.locator(".dg-card .arithmatex").count()
        assert page.locator(".katex-error").count() == 0
        assert "\\(" not in page.locator("article").first.evaluate("e => e.innerText")
        browser.close()


def test_pages_of_the_manual_are_in_its_menu(root: Path) -> None:
    menu = (root / "mkdocs.yml").read_text(encoding="utf-8")
    for path in sorted((root / "docs").rglob("*.md")):
        name = path.relative_to(root / "docs").as_posix()
        assert os.path.sep == "\\" or f"- {name}\n" in menu, name
