"""Small sites: written to a folder and built by the program that a reader would run."""

from __future__ import annotations

import functools
import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

from tests import warm

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

MKDOCS = (sys.executable, "-m", "mkdocs")

PLAIN = "site_name: S\ntheme: mkdocs\nuse_directory_urls: false\nplugins:\n  - search\n  - derivgen: {{jobs: 1, {settings}}}\n"
"""One process derives: to start a second takes longer than what there is to derive. Sites with a text of their own have all."""

GOOD = """
# Good

```derivation
w * x
wrt: w
where: w, x in R^n
title: A product entry by entry
id: product
```
"""


@dataclass(frozen=True, slots=True)
class Built:
    """What a build left: its exit status, what it said, and its folder."""

    status: int
    said: str
    folder: Path

    def page(self, name: str) -> str:
        return (self.folder / "site" / name).read_text(encoding="utf-8")

    def data(self, name: str = "derivations.json") -> Any:
        return json.loads(self.page(name))


def write_site(folder: Path, pages: dict[str, str], settings: str = "", config: str = PLAIN) -> Path:
    """A site's files; the pages are given by name."""
    for name, text in pages.items():
        path = folder / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    (folder / "mkdocs.yml").write_text(
        config.format(settings=settings) if config is PLAIN else config, encoding="utf-8"
    )
    return folder


def environment(**more: str) -> dict[str, str]:
    """The environment of a build; a folder of ``PYTHONPATH`` stands before those that there are."""
    if "PYTHONPATH" in more and "PYTHONPATH" in os.environ:
        more["PYTHONPATH"] += os.pathsep + os.environ["PYTHONPATH"]
    return {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONUTF8": "1", **more}


def build(folder: Path, *flags: str, program: tuple[str, ...] = MKDOCS, **env: str) -> Built:
    """Build a site in a process of its own; one that is told other modules, or is another program, imports all itself."""
    if program == MKDOCS and "PYTHONPATH" not in env:
        run = warm.run("mkdocs", ("build", *flags), cwd=folder, environment=environment(**env), timeout=300)
    else:
        run = subprocess.run(
            [*program, "build", *flags], cwd=folder, capture_output=True, text=True, encoding="utf-8", env=environment(**env),
            timeout=300, check=False,
        )  # fmt: skip
    return Built(run.returncode, run.stdout + run.stderr, folder)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address at which a folder is served meanwhile."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
