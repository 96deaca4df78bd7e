"""The cache gives back what was put in, or nothing: after kills, beside other writers, and over damaged files."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

import derivgen.work.cache
from derivgen import version
from derivgen.files import write_whole
from derivgen.work.cache import Cache, fingerprint, key_of


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def test_what_was_put_in_comes_out(cache: Cache) -> None:
    assert cache.get("a") is None
    for value in (b"", b"one", bytes(range(256)) * 1000):
        assert cache.put("a", value)
        assert cache.get("a") == value
    assert cache.get("b") is None
    assert Cache(cache.folder).get("a") is not None


def test_keys_are_any_text(cache: Cache) -> None:
    keys = ["", "../../etc/passwd", "a" * 10_000, "ключ\0", "A", "a"]
    for key in keys:
        cache.put(key, key.encode() + b"!")
    assert [cache.get(key) for key in keys] == [key.encode() + b"!" for key in keys]
    assert all(path.is_relative_to(cache.folder) for path in cache.folder.rglob("*"))


def damaged(cache: Cache, content: bytes) -> None:
    """What the disk has made of the database since it was closed."""
    cache.close()
    cache.path.write_bytes(content)


VALUES = {f"key {k}": bytes([k]) * (1 + 97 * k) for k in range(40)}


@pytest.fixture
def whole(cache: Cache) -> bytes:
    """A database as it should be."""
    for key, value in VALUES.items():
        cache.put(key, value)
    cache.close()
    return cache.path.read_bytes()


def test_a_database_cut_anywhere_is_begun_anew(cache: Cache, whole: bytes) -> None:
    for length in [*range(0, 200, 7), *range(200, len(whole), 999)]:
        damaged(cache, whole[:length])
        assert all(cache.get(key) in (None, value) for key, value in VALUES.items()), length
        assert cache.put("new", b"the value")
        assert cache.get("new") == b"the value"


def test_a_database_changed_anywhere_gives_no_wrong_value(cache: Cache, whole: bytes) -> None:
    places = random.Random(3)
    for k in [*range(100), *places.sample(range(len(whole)), 300)]:
        damaged(cache, whole[:k] + bytes([whole[k] ^ 1 << k % 8]) + whole[k + 1 :])
        assert all(cache.get(key) in (None, value) for key, value in VALUES.items()), k
        cache.put("new", b"the value")
        assert cache.get("new") in (b"the value", None)


def test_what_is_no_database_is_begun_anew(cache: Cache) -> None:
    for content in (b"", b"x", b"not a database, but a text of some length " * 1000, b"\0" * 50_000):
        cache.put("a", b"old")
        damaged(cache, content)
        assert cache.get("a") is None
        assert cache.put("a", b"the value")
        assert cache.get("a") == b"the value"


def changed(cache: Cache, change: str) -> None:
    """What somebody has done to the entries."""
    cache.close()
    with sqlite3.connect(cache.path) as database:
        database.execute(change)
    database.close()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE entry SET value = substr(value, 2)", "UPDATE entry SET value = value || x'00'",
        "UPDATE entry SET value = NULL", "UPDATE entry SET value = 'text'", "UPDATE entry SET digest = NULL",
        "UPDATE entry SET digest = (SELECT digest FROM entry ORDER BY size LIMIT 1)", "DROP TABLE entry",
    ],
)  # fmt: skip
def test_a_changed_entry_is_missing_and_made_again(cache: Cache, change: str) -> None:
    cache.put("a", b"the value")
    cache.put("b", b"of b")
    changed(cache, change)
    assert cache.get("a") is None
    cache.put("a", b"the value")
    assert cache.get("a") == b"the value"


def test_an_entry_under_another_key_is_missing(cache: Cache) -> None:
    cache.put("a", b"of a")
    cache.put("b", b"of b")
    changed(cache, "UPDATE entry SET (digest, value) = (SELECT digest, value FROM entry WHERE size = 4 LIMIT 1)")
    assert {cache.get("a"), cache.get("b")} in ({None, b"of a"}, {None, b"of b"})


def test_a_database_that_another_program_holds_is_passed_over(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(derivgen.work.cache, "PATIENCE", 0.05)
    other = Cache(cache.folder)
    other.put("a", b"one")
    with sqlite3.connect(cache.path, isolation_level=None) as holder:
        holder.execute("BEGIN IMMEDIATE")
        assert not cache.put("a", b"two")
        assert cache.get("a") == b"one"
        holder.execute("COMMIT")
    holder.close()
    assert cache.put("a", b"two")


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    cache = Cache(tmp_path / "file" / "cache")
    assert not cache.put("a", b"one")
    assert cache.get("a") is None
    cache.trim()


def test_the_folder_says_that_it_may_be_deleted(cache: Cache) -> None:
    cache.put("a", b"one")
    assert (
        (cache.folder / "CACHEDIR.TAG")
        .read_text(encoding="utf-8")
        .startswith("Signature: 8a477f597d28d172789f06886806bc55")
    )
    assert (cache.folder / ".gitignore").read_text(encoding="utf-8") == "*\n"


# --- how much is kept --------------------------------------------------------------------------------------------------


def aged(cache: Cache, keys: str) -> None:
    """One entry for each letter, each older than the next."""
    for key in keys:
        cache.put(key, key.encode() * 100)
        cache.trim()


def kept(cache: Cache, keys: str) -> str:
    return "".join(key for key in keys if cache.get(key) is not None)


def test_the_oldest_go_where_there_are_too_many(cache: Cache) -> None:
    aged(cache, "abcdef")
    cache.most_entries = 4
    cache.trim()
    assert kept(cache, "abcdef") == "cdef"


def test_the_oldest_go_where_they_are_too_large(cache: Cache) -> None:
    aged(cache, "abcdef")
    cache.most_bytes = 399
    cache.trim()
    assert kept(cache, "abcdef") == "def"


def test_what_was_used_stays(cache: Cache) -> None:
    aged(cache, "abcdef")
    cache.close()
    again = Cache(cache.folder, most_entries=2)
    again.get("a")
    again.trim()
    assert kept(again, "abcdef") == "af"


def test_a_cache_that_nobody_closes_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(derivgen.work.cache, "TRIMMED_AFTER", 10)
    cache = Cache(tmp_path, most_entries=20)
    for k in range(100):
        cache.put(f"key {k}", b"value")
    assert kept_of(cache) <= 30


def kept_of(cache: Cache) -> int:
    return sum(cache.get(f"key {k}") is not None for k in range(100))


# --- keys --------------------------------------------------------------------------------------------------------------


def test_a_key_depends_on_all_its_parts_and_not_on_their_order() -> None:
    assert key_of(a=1, b=[2, 3]) == key_of(b=[2, 3], a=1)
    assert len({key_of(a=1), key_of(a="1"), key_of(b=1), key_of(a=1, b=None), key_of()}) == 5


def test_a_key_depends_on_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    before = key_of(a=1)
    monkeypatch.setattr(version, "__version__", "9.9")
    other = key_of(a=1)
    monkeypatch.setattr(derivgen.work.cache, "fingerprint", lambda: "changed")
    assert len({before, other, key_of(a=1)}) == 3


def printed(root: Path) -> str:
    """The fingerprint of the program in a folder."""
    script = "from derivgen.work.cache import fingerprint; print(fingerprint())"
    run = subprocess.run([sys.executable, "-c", script], cwd=root, env={**os.environ, "PYTHONPATH": str(root)}, text=True,
                         capture_output=True, check=True)  # fmt: skip
    return run.stdout.strip()


def test_the_fingerprint_is_the_same_in_every_process(root: Path) -> None:
    fingerprint.cache_clear()
    assert printed(root) == fingerprint() != ""


@pytest.mark.parametrize("changed", ["work/cache.py", "options.py", "rules/collect.py", "site/static/site.css"])
def test_the_fingerprint_is_of_the_whole_program(changed: str, root: Path, tmp_path: Path) -> None:
    shutil.copytree(root / "derivgen", tmp_path / "derivgen", ignore=shutil.ignore_patterns("__pycache__"))
    before = printed(tmp_path)
    assert before == printed(root)
    with (tmp_path / "derivgen" / changed).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert printed(tmp_path) != before


# --- kills and neighbours ----------------------------------------------------------------------------------------------

WRITER = """
import sys
from pathlib import Path
from derivgen.work.cache import Cache
cache, seed = Cache(Path(sys.argv[1])), int(sys.argv[2])
print("ready", flush=True)
for k in range(int(sys.argv[3])):
    key = f"key {k % 7}"
    cache.put(key, (f"{key} " * 20_000).encode())
    value = cache.get(key)
    assert value == (f"{key} " * 20_000).encode(), (seed, k)
    if k % 50 == 0:
        cache.trim()
"""


def writer(folder: Path, seed: int, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), str(seed), str(count)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def sound(cache: Cache) -> None:
    """Every entry is whole or missing."""
    for k in range(7):
        key = f"key {k}"
        assert cache.get(key) in (None, (f"{key} " * 20_000).encode())


def test_a_writer_killed_at_any_moment_leaves_no_half_entry(cache: Cache) -> None:
    rng = random.Random(0)
    for seed in range(5):
        with writer(cache.folder, seed, 10**9) as running:
            assert running.stdout is not None
            running.stdout.readline()
            for _ in range(4):
                time.sleep(rng.random() / 50)
                sound(cache)
            running.send_signal(signal.SIGKILL)
        sound(cache)
    cache.put("key 0", b"key 0 " * 20_000)
    sound(cache)


def test_writers_at_once_read_what_they_wrote(cache: Cache) -> None:
    running = [writer(cache.folder, seed, 300) for seed in range(2)]
    for process in running:
        _, wrong = process.communicate()
        assert process.returncode == 0, wrong
    sound(cache)
    cache.close()
    assert {path.name for path in cache.folder.iterdir()} == {cache.path.name, ".gitignore", "CACHEDIR.TAG"}


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write_whole(path, b"old")

    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="no space"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
