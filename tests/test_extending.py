"""What the page on extending says: its package is built, installed and used by command, by Python and by a site."""

from __future__ import annotations

import itertools
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

import derivgen.extend
from derivgen.expr import SCALAR, Dim, Expr, Index, Shape, Symbol
from tests import warm
from tests.packages import install
from tests.site.sites import build, write_site

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
FILES: dict[str, str] = dict(re.findall(r'```\w+ title="([^"]+)"\n(.*?)```', PAGE, re.DOTALL))
COMMANDS = [shlex.split(line) for line in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)[0].splitlines()]

BLOCK = """
# Running sums

```derivation
sum(cumsum(w * x)**2)
wrt: x
where: w, x in R^n
```
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(FILES, tmp_path_factory.mktemp("package"), by_pip=True)


def run(arguments: Sequence[str], installed: Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(installed)))}
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, encoding="utf-8", env=env, cwd=cwd, check=False
    )


def command(arguments: Sequence[str], installed: Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join((str(ROOT), str(installed)))
    return warm.run(arguments[0], tuple(arguments[1:]), environment={"PYTHONPATH": path}, cwd=cwd, timeout=300)


def changed(tmp_path: Path, **files: str) -> Path:
    """The package with some of its files, ``module`` and ``project``, as they are given."""
    names = {"module": "derivgen_cumsum.py", "project": "pyproject.toml"}
    return install({**FILES, **{names[key]: text for key, text in files.items()}}, tmp_path)


def test_the_commands_of_the_page(installed: Path) -> None:
    derived, told = (command(given, installed) for given in COMMANDS)
    assert (derived.returncode, derived.stderr) == (0, "")
    assert "[fold-the-running-sum]" in derived.stdout
    assert "∂C/∂x = 2(cumsum(x) − y)ᵀ tril(n)" in derived.stdout
    assert "✓ Verified: all" in derived.stdout
    assert told.returncode == 0
    assert "Recognise the triangle" in told.stdout
    assert told.stdout.count("tril(n)") > 1


@pytest.mark.slow
def test_the_programs_of_the_page(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "rows.py").write_text(FILES["rows.py"], encoding="utf-8")
    (tmp_path / "test_cumsum.py").write_text(FILES["test_cumsum.py"], encoding="utf-8")
    shown = run(["rows.py"], installed, tmp_path)
    assert (shown.returncode, shown.stdout) == (0, FILES["rows.py prints"])
    tested = run(["-m", "pytest", "-q", "-p", "no:cacheprovider", "test_cumsum.py"], installed, tmp_path)
    assert tested.returncode == 0, tested.stdout


def test_the_expressions_of_the_page() -> None:
    n = Dim("n")
    i, j, vector, square = Index("i", n), Index("j", n), Shape((n,)), Shape((n, n))
    letters = {"n": n, "i": i, "j": j, "x": Symbol("x", vector), "A": Symbol("A", square)}
    letters |= {name: Symbol(name, SCALAR) for name in ("u", "v", "condition")}
    section = re.search(r"^## Expressions\n(.*?)^## ", PAGE, re.DOTALL | re.MULTILINE)
    assert section is not None
    made = [re.findall("`(.+?)`", line.split("|")[1]) for line in section[1].splitlines() if line.startswith("| `")]
    assert len(made) == 6
    for text in itertools.chain.from_iterable(made):
        assert isinstance(eval(text, vars(derivgen.extend) | letters), Expr), text


def test_python_finds_the_package(installed: Path) -> None:
    script = """if True:
        import json, derivgen
        world = derivgen.World.default()
        d = derivgen.derive("norm(cumsum(x) - y)**2", "x", "x, y in R^n")
        latex = derivgen.derive(r"\\|\\operatorname{cumsum}(\\mathbf x) - \\mathbf y\\|^2", "x", "x, y in R^n")
        value = d.evaluate({"x": [1, 2, 3], "y": [1, 0, 1]}).tolist()
        print(json.dumps([world.packages, value, str(latex.result) == str(d.result), "np.tri(n)" in d.to("numpy")]))
    """
    made = run(["-c", script], installed)
    packages, value, same, code = json.loads(made.stdout or made.stderr)
    below = np.tri(3)
    np.testing.assert_allclose(value, 2 * (below @ [1, 2, 3] - [1, 0, 1]) @ below)
    assert (packages, same, code) == (["derivgen-cumsum 1.0"], True, True)


def test_workers_find_the_package(installed: Path, tmp_path: Path) -> None:
    jobs = [
        {"id": name, "expression": f"sum(cumsum(x)**{k})", "wrt": "x", "where": "x in R^n"}
        for k, name in ((2, "a"), (3, "b"))
    ]
    (tmp_path / "list.json").write_text(json.dumps({"derivations": jobs}), encoding="utf-8")
    made = command(["derivgen", "run", "list.json", "--jobs", "2", "--no-cache"], installed, tmp_path)
    assert made.returncode == 0, made.stdout + made.stderr
    assert "2 derivations: 2 verified" in made.stdout


@pytest.mark.slow
def test_a_site_finds_the_package(installed: Path, tmp_path: Path) -> None:
    settings = "rules_page: rules.md, rules: all, operations_page: operations.md"
    folder = write_site(tmp_path, {"index.md": BLOCK}, settings)
    path = os.pathsep.join((str(ROOT), str(installed)))
    made = build(folder, PYTHONPATH=path)
    assert made.status == 0, made.said
    assert "dg-verified" in made.page("index.html")
    assert "Recognise the triangle" in made.page("rules.html")
    assert "Entry i is the sum of the entries up to i" in made.page("operations.html")


def test_what_is_kept_is_forgotten_when_a_package_changes(tmp_path: Path) -> None:
    script = "from derivgen.work.cache import fingerprint; print(fingerprint())"
    seen = {run(["-c", script], tmp_path / "none").stdout}
    texts = (FILES["derivgen_cumsum.py"], FILES["derivgen_cumsum.py"] + "# changed\n")
    for k, (module, version) in enumerate(((texts[0], "1.0"), (texts[1], "1.0"), (texts[0], "1.1"))):
        (tmp_path / str(k)).mkdir()
        project = FILES["pyproject.toml"].replace('version = "1.0"', f'version = "{version}"')
        seen.add(run(["-c", script], changed(tmp_path / str(k), module=module, project=project)).stdout)
    assert len(seen) == 4


# --- packages that are broken ------------------------------------------------------------------------------------------

MODULE = FILES["derivgen_cumsum.py"]

BROKEN = [
    ("1 / 0", "the package derivgen-cumsum 1.0 cannot be used: its entry point cumsum = derivgen_cumsum fails: ZeroDivisionError"),
    ("import not_there", "fails: ModuleNotFoundError: No module named 'not_there'"),
    (MODULE.replace('"cumsum",', '"trace",', 1), "the package derivgen-cumsum 1.0 cannot be used: an operation cannot be called trace: there is one already"),
    (MODULE.replace('reference="numpy.tri"', 'reference=""'), "fails: the operation tril has no reference"),
    (MODULE.replace("Stage.RECOMBINE", "Stage.CHAIN"), "no method reaches rule name-the-triangle"),
]  # fmt: skip


@pytest.mark.parametrize(("module", "message"), BROKEN)
def test_a_broken_package_is_named(module: str, message: str, tmp_path: Path) -> None:
    made = command(["derivgen", "derive", "x**2", "--wrt", "x", "--where", "x in R"], changed(tmp_path, module=module))
    assert (made.returncode, made.stdout) == (2, "")
    assert made.stderr.startswith("cannot extend: ")
    assert message in made.stderr
    assert "Traceback" not in made.stderr


def test_a_mistake_of_a_package_is_the_package_s(tmp_path: Path) -> None:
    """Its functions are called while an expression is derived; what they raise is no mistake of derivgen."""
    made = command(COMMANDS[0], changed(tmp_path, module=MODULE.replace("i, j = places", "i, j, k = places")))
    assert (made.returncode, made.stdout) == (2, "")
    assert made.stderr.startswith(
        "cannot extend: the package derivgen-cumsum 1.0 cannot be used: on_and_below, derivgen_cumsum.py:"
    )
    assert "fails: ValueError: not enough values to unpack" in made.stderr


@pytest.mark.parametrize(
    ("point", "message"),
    [
        ("derivgen_cumsum:cumsum", "fails: TypeError"),
        ("derivgen_cumsum:missing", "fails: AttributeError"),
        ("derivgen_cumsum:on_and_below", "fails: TypeError"),
        ("derivgen_cumsum:__doc__", "brings 'R', which is neither an operation nor a rule"),
    ],
)
def test_an_entry_point_that_brings_something_else_is_named(point: str, message: str, tmp_path: Path) -> None:
    project = FILES["pyproject.toml"].replace('cumsum = "derivgen_cumsum"', f'cumsum = "{point}"')
    made = command(["derivgen", "rules"], changed(tmp_path, project=project))
    assert made.returncode == 2
    assert f"the package derivgen-cumsum 1.0 cannot be used: its entry point cumsum = {point} {message}" in made.stderr


@pytest.mark.parametrize("point", ["derivgen_cumsum:ALL", "derivgen_cumsum:everything"])
def test_an_entry_point_may_be_a_list_or_a_function(point: str, tmp_path: Path) -> None:
    more = "\nALL = [tril, cumsum, name_the_triangle]\ndef everything():\n    return ALL\n"
    project = FILES["pyproject.toml"].replace('cumsum = "derivgen_cumsum"', f'cumsum = "{point}"')
    made = command(COMMANDS[0], changed(tmp_path, project=project, module=MODULE + more))
    assert "∂C/∂x = 2(tril(n) x − y)ᵀ tril(n)" in made.stdout


def test_help_does_not_wait_for_packages(tmp_path: Path) -> None:
    """Nor is it kept from helping by one that is broken."""
    made = command(["derivgen", "derive", "--help"], changed(tmp_path, module="1 / 0"))
    assert (made.returncode, made.stderr) == (0, "")
    script = (
        "import sys; from derivgen.cli import main; main(['--help']);"
        "assert not {'derivgen.plugins', 'importlib.metadata'} & sys.modules.keys()"
    )
    assert run(["-c", script], tmp_path).returncode == 0
