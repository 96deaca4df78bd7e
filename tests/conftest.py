"""What all tests share: one reproducible profile of random examples, the outside readers, and the no-skip rule."""

from __future__ import annotations

import atexit
import gc
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# The machine that runs the tests may be busy: examples are counted, never timed, and are the same in every run.
settings.register_profile(
    "default", derandomize=True, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("long", parent=settings.get_profile("default"), max_examples=10_000)
settings.load_profile(os.environ.get("DERIVGEN_PROFILE", "default"))

NO_SKIP = bool(os.environ.get("DERIVGEN_NO_SKIP"))
"""Set where everything that the tests need is installed: there a skipped test is a failed one."""


COLLECTED_AFTER = 10_000, 20, 50
"""How many objects are made before the collector of garbage looks for some, and how many such looks go before a longer one."""


def pytest_configure(config: pytest.Config) -> None:
    """Keep bytecode for the run where the machine keeps none, as in a container.

    Tests start hundreds of programs: each would compile all modules again, as each process of pytest-xdist would, which
    also rewrites the asserts of all tests. They inherit a folder for it in pytest's cache, so that the next run has it too.
    """
    gc.set_threshold(*COLLECTED_AFTER)
    if not sys.dont_write_bytecode or "PYTEST_XDIST_WORKER" in os.environ:
        return
    if config.pluginmanager.has_plugin("cacheprovider"):
        folder = str(config.cache.mkdir("bytecode"))
    else:
        folder = tempfile.mkdtemp(prefix="derivgen-bytecode-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = folder


def pytest_collection_finish() -> None:
    """Thousands of tests are no garbage: the collector does not look through them again and again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if NO_SKIP and report.skipped and not hasattr(report, "wasxfail"):
        _refuse(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if NO_SKIP and report.skipped:
        _refuse(report)
    return report


def _refuse(report: pytest.TestReport | pytest.CollectReport) -> None:
    why = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
    report.outcome = "failed"
    report.longrepr = f"skipped where DERIVGEN_NO_SKIP allows none: {why}"


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the project."""
    return Path(__file__).resolve().parent.parent


def _program(name: str, package: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed (Debian's package {package})")
    return found


@pytest.fixture(scope="session")
def pdflatex() -> str:
    """The path of pdflatex; without it the test is skipped."""
    return _program("pdflatex", "texlive-latex-extra")


@pytest.fixture(scope="session")
def node() -> str:
    """The path of node; without it the test is skipped."""
    return _program("node", "nodejs")


def _npm(package: str) -> Path:
    """The folder of an npm package; without it the test is skipped.

    It is looked for in DERIVGEN_NODE_MODULES, in the project's own node_modules, and where CI keeps it.
    """
    own = Path(__file__).resolve().parent.parent / "node_modules"
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "derivgen" / "node_modules"
    for folder in (os.environ.get("DERIVGEN_NODE_MODULES"), own, cache):
        if folder and (Path(folder) / package / "package.json").is_file():
            return Path(folder) / package
    pytest.skip(f"{package} is not installed (npm install {package})")


@pytest.fixture(scope="session")
def katex(node: str) -> Path:
    """The folder of the npm package katex."""
    return _npm("katex")


@pytest.fixture(scope="session")
def mathjax(node: str) -> Path:
    """The folder of the npm package mathjax."""
    return _npm("mathjax")


@pytest.fixture(scope="session")
def chromium(node: str) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
    """Opens pages in headless Chromium without a network, and says of each what it saw and what axe-core found."""
    browser = _program("chromium", "chromium")
    modules = _npm("playwright-core").parent
    _npm("axe-core")
    script = Path(__file__).parent / "render" / "readers" / "chromium.js"

    def look(pages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        run = subprocess.run(
            [node, str(script), str(modules), browser],
            input=json.dumps({"pages": pages}), capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip
        assert run.returncode == 0, run.stderr[-2000:]
        found: list[dict[str, Any]] = json.loads(run.stdout)
        return found

    return look


@pytest.fixture(scope="session")
def mermaid_library(node: str) -> Path:
    """The folder of the npm package mermaid, with jsdom, which it needs where there is no browser, beside it."""
    _npm("jsdom")
    return _npm("mermaid")
