"""A build that is killed, and two at once over one cache, leave nothing wrong behind."""

from __future__ import annotations

import random
import re
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.site.sites import build, environment, write_site

pytest.importorskip("mkdocs")

MOMENTS = 20

PAGES = {
    f"p{k}.md": "# P\n\n"
    + "".join(f"```derivation\nw * x + {k}*w + {j}\nwrt: w\nwhere: w, x in R^n\n```\n\n" for j in range(3))
    for k in range(4)
} | {"index.md": "# I\n"}  # fmt: skip


def started(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "mkdocs", "build", "-q"], cwd=folder, env=environment(),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def contents(folder: Path) -> dict[str, str]:
    pages = {p.name: p.read_text(encoding="utf-8") for p in (folder / "site").glob("p*.html")}
    return {name: re.sub(r"Build Date UTC.*", "", text) for name, text in pages.items()}


@pytest.mark.slow
def test_killed_at_random_moments(tmp_path: Path) -> None:
    clean = write_site(tmp_path / "clean", PAGES)
    begun = time.monotonic()
    assert build(clean).status == 0
    whole = time.monotonic() - begun
    folder = write_site(tmp_path / "killed", PAGES)
    moments = random.Random(7)
    for _ in range(MOMENTS):
        process = started(folder)
        time.sleep(moments.uniform(0.15, whole))
        process.kill()
        process.wait()
    made = build(folder)
    assert made.status == 0, made.said
    assert contents(folder) == contents(clean)


def test_two_builds_over_one_cache(tmp_path: Path) -> None:
    shared = f"cache_dir: {tmp_path / 'cache'}"
    folders = [write_site(tmp_path / name, PAGES, shared) for name in ("a", "b")]
    assert [p.wait(120) for p in [started(f) for f in folders]] == [0, 0]
    assert contents(folders[0]) == contents(folders[1])
    assert all(page.count("<article") == 3 for page in contents(folders[0]).values())


def test_damaged_entries_are_made_again(tmp_path: Path) -> None:
    folder = write_site(tmp_path, PAGES)
    build(folder)
    before = contents(folder)
    path = next((folder / ".cache/plugin/derivgen").glob("*.sqlite"))
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT count(*) FROM entry").fetchone() == (12,)
        database.execute("UPDATE entry SET value = substr(value, rowid) WHERE rowid % 4")
    database.close()
    made = build(folder)
    assert made.status == 0, made.said
    assert contents(folder) == before
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    made = build(folder)
    assert made.status == 0, made.said
    assert contents(folder) == before


def test_serving_derives_only_what_changed(tmp_path: Path) -> None:
    """The plugin is kept between the builds of a server, and so are its results."""
    from mkdocs.commands.build import build as run
    from mkdocs.config import load_config

    folder = write_site(tmp_path, PAGES)
    config = load_config(str(folder / "mkdocs.yml"))
    config.plugins.on_startup(command="serve", dirty=False)
    plugin = config.plugins["derivgen"]
    run(config)
    store = plugin.store  # type: ignore[attr-defined]
    asked: list[object] = []
    ask = store.workers.ask

    def noted(function: str, question: dict[str, object], seconds: float) -> object:
        asked.append(question["expression"])
        return ask(function, question, seconds)

    store.workers.ask = noted
    text = (folder / "docs/p1.md").read_text(encoding="utf-8")
    (folder / "docs/p1.md").write_text(text.replace("1*w + 2", "1*w + 77"), encoding="utf-8")
    plugin.on_config(config)
    run(config)
    config.plugins.on_shutdown()
    assert asked == ["w * x + 1*w + 77"]
