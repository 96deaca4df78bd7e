"""A site of 200 pages with 5 derivations each, cold and warm, beside the same site with the finished LaTeX pasted in."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.site.sites import environment

PAGES, EACH = 200, 5

QUESTIONS = (
    ("{c} * (w * x) + w", "w", "w, x in R^n"),
    ("sum(w * x) + {c}", "w", "w, x in R^n"),
    ("max(0, w.T @ x + {c}*b)", "w", "w, x in R^n; b in R"),
    ("exp({c} * x)", "x", "x in R^n"),
    ("w / x + {c}", "x", "w, x in R^n"),
)

HEAD = "site_name: S\ntheme:\n  name: material\n  font: false\n"
OURS = HEAD + "plugins: [search, derivgen]\nmarkdown_extensions: [pymdownx.superfences]\n"
PASTED = (
    HEAD
    + "plugins: [search]\nmarkdown_extensions:\n  - pymdownx.superfences\n  - pymdownx.arithmatex: {generic: true}\n"
)
PROSE = HEAD + "plugins: [search]\n"


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours, pasted, prose = (folder / n for n in ("ours", "pasted", "prose"))
        _write(ours, OURS, lambda k, j: _block(k, j))
        _build(ours)
        report = json.loads((ours / "site/derivations.json").read_text(encoding="utf-8"))["derivations"]
        wrong = sum(d["verdict"] != "verified" for d in report)
        found = {(d["file"], d["number"]): d for d in report}
        _write(pasted, PASTED, lambda k, j: _latex(found[f"p{k}.md", j + 1]))
        _write(prose, PROSE, lambda k, j: _words(ours, k, j))
        warm = _middle([(_build(pasted), _build(ours)) for _ in range(5)])
        cold = _middle([(_build(pasted), _cold(ours)) for _ in range(5)])
        _build(prose)
        sizes = [(s / "site/search/search_index.json").stat().st_size for s in (ours, prose)]
        edits = []
        for n in range(3):
            _edit(ours, n)
            edits.append(_build(ours))
        served = _served(pasted, ours)
        print(f"{len(report)} derivations, {wrong} not verified")
        for name, (base, own, ratio) in {"cold": cold, "warm": warm, "one block edited while served": served}.items():
            print(f"{name}: pasted {base:.2f} s, ours {own:.2f} s, {ratio:.2f} times pasted")
        print(f"one block edited, whole build {sorted(edits)[1]:.2f} s, {sorted(edits)[1] / warm[0]:.2f} times pasted")
        print(f"search index {sizes[0] / sizes[1]:.2f} times that of titles and reasons as prose")


def _write(folder: Path, config: str, part: object) -> None:
    assert callable(part)
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "docs").mkdir(parents=True)
    (folder / "mkdocs.yml").write_text(config, encoding="utf-8")
    (folder / "docs/index.md").write_text("# Site\n", encoding="utf-8")
    for k in range(PAGES):
        parts = "\n".join(f"Some words before number {j}.\n\n{part(k, j)}" for j in range(EACH))
        (folder / f"docs/p{k}.md").write_text(f"# Page {k}\n\n{parts}", encoding="utf-8")


def _block(k: int, j: int) -> str:
    expression, wrt, where = QUESTIONS[j]
    return f"```derivation\n{expression.format(c=k + 2)}\nwrt: {wrt}\nwhere: {where}\ntitle: Question {j} of page {k}\n```\n"


def _latex(data: dict[str, object]) -> str:
    """As many lines as the derivation has steps, as one would paste them."""
    results, steps = data["results"], data["steps"]
    assert isinstance(results, list)
    assert isinstance(steps, list)
    answer = results[0]["latex"].replace(" = ", " &= ", 1)
    lines = " \\\\\n".join(f"{answer} && \\text{{{step['title']}}}" for step in steps)
    return f"{data['title']}\n\n$$\n\\begin{{aligned}}\n{lines}\n\\end{{aligned}}\n$$\n"


def _words(ours: Path, k: int, j: int) -> str:
    html = (ours / f"site/p{k}/index.html").read_text(encoding="utf-8").split('<article class="derivgen')[j + 1]
    said = re.findall(r'<p class="dg-what">(.*?)</p>|<div class="dg-why">\s*<p>(.*?)</p>', html, re.DOTALL)
    text = " ".join(re.sub(r"<math.*?</math>|<[^>]+>", "", a or b) for a, b in said)
    return f"Question {j} of page {k}\n\n{text}\n"


def _edit(folder: Path, n: int) -> str:
    """Change a formula on a page; what is there then that was not there before."""
    page = folder / "docs/p7.md"
    text = page.read_text(encoding="utf-8")
    was = next(f for f in ("exp(", r"\exp(") if f in text)
    page.write_text(text.replace(was, f"{was}{n + 2} * ", 1) + f"\nEdition {n}.\n", encoding="utf-8")
    return f"Edition {n}."


@dataclass(frozen=True, slots=True)
class _Server:
    """A site that is served, and built again when it changes."""

    folder: Path
    process: subprocess.Popen[bytes]
    url: str

    @classmethod
    def start(cls, folder: Path) -> _Server:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "mkdocs", "serve", "-q", "--dev-addr", f"127.0.0.1:{port}"]
        process = subprocess.Popen(command, cwd=folder, env=environment(), stderr=subprocess.DEVNULL)
        return cls(folder, process, f"http://127.0.0.1:{port}/p7/")

    def edit(self, n: int) -> float:
        """The seconds from an edit to the changed page."""
        begun = time.perf_counter()
        _shows(self.url, _edit(self.folder, n))
        return time.perf_counter() - begun


def _served(one: Path, other: Path) -> tuple[float, float, float]:
    """The seconds from an edit to the changed page, in the middle of seven, of two sites served side by side."""
    servers = [_Server.start(folder) for folder in (one, other)]
    try:
        for server in servers:
            _shows(server.url, "Page 7")
            server.edit(10)  # what a first build leaves to the second is not counted
        rounds = []
        for n in range(11, 18):
            time.sleep(1.0)
            rounds.append((servers[0].edit(n), servers[1].edit(n)))
        return _middle(rounds)
    finally:
        for server in servers:
            server.process.terminate()
            server.process.wait(10)


def _shows(url: str, wanted: str) -> None:
    """Wait until a page shows something."""
    for _ in range(6000):
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:
                if wanted in answer.read().decode():
                    return
        except OSError:
            pass
        time.sleep(0.01)
    raise TimeoutError(f"{url} never showed {wanted!r}")


def _middle(rounds: list[tuple[float, float]]) -> tuple[float, float, float]:
    """The middle time of each of two builds that took turns, and the middle of their ratios.

    The speed of a machine moves, so what is compared was measured side by side.
    """
    one, other = (median(times) for times in zip(*rounds, strict=True))
    return one, other, median(b / a for a, b in rounds)


def _cold(folder: Path) -> float:
    shutil.rmtree(folder / ".cache")
    return _build(folder)


def _build(folder: Path) -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-m", "mkdocs", "build", "-q"], cwd=folder, env=environment(), check=True)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
