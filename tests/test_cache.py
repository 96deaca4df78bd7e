"""The cache gives back what was put in, or nothing: after kills, beside other writers, and over damaged files."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import derivgen.cache
from derivgen.cache import Cache, fingerprint, key_of, write_whole


def entries(folder: Path) -> list[Path]:
    return sorted(folder.glob("*/*.entry"))


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


def test_an_entry_cut_anywhere_is_missing_and_made_again(cache: Cache) -> None:
    cache.put("a", b"the value")
    (path,) = entries(cache.folder)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert cache.get("a") is None
    cache.put("a", b"the value")
    assert cache.get("a") == b"the value"


def test_an_entry_changed_anywhere_is_missing(cache: Cache) -> None:
    cache.put("a", b"the value")
    (path,) = entries(cache.folder)
    whole = path.read_bytes()
    for k in range(len(whole)):
        path.write_bytes(whole[:k] + bytes([whole[k] ^ 1]) + whole[k + 1 :])
        assert cache.get("a") is None
    path.write_bytes(whole + b"\n")
    assert cache.get("a") is None


def test_an_entry_under_another_key_is_missing(cache: Cache) -> None:
    cache.put("a", b"of a")
    cache.put("b", b"of b")
    one, other = entries(cache.folder)
    one.write_bytes(other.read_bytes())
    assert {cache.get("a"), cache.get("b")} in ({None, b"of a"}, {None, b"of b"})


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
    for path in entries(cache.folder):
        key = path.read_bytes()[-1:].decode()
        os.utime(path, (1000 + keys.index(key),) * 2)


def kept(cache: Cache, keys: str) -> str:
    return "".join(key for key in keys if cache.get(key) is not None)


def test_the_oldest_go_where_there_are_too_many(cache: Cache) -> None:
    aged(cache, "abcdef")
    cache.most_entries = 4
    cache.trim()
    assert kept(cache, "abcdef") == "cdef"


def test_the_oldest_go_where_they_are_too_large(cache: Cache) -> None:
    aged(cache, "abcdef")
    cache.most_bytes = 3 * len(entries(cache.folder)[0].read_bytes())
    cache.trim()
    assert kept(cache, "abcdef") == "def"


def test_what_was_used_stays(cache: Cache) -> None:
    aged(cache, "abcdef")
    cache.get("a")
    cache.most_entries = 2
    cache.trim()
    assert kept(cache, "abcdef") == "af"


def test_files_that_were_never_finished_go_once_they_are_old(cache: Cache) -> None:
    cache.put("a", b"one")
    folder = entries(cache.folder)[0].parent
    new, old = folder / ".new.part", folder / ".old.part"
    for path in (new, old):
        path.write_bytes(b"half")
    os.utime(old, (1000, 1000))
    cache.trim()
    assert (new.exists(), old.exists()) == (True, False)
    assert cache.get("a") == b"one"


# --- keys --------------------------------------------------------------------------------------------------------------


def test_a_key_depends_on_all_its_parts_and_not_on_their_order() -> None:
    assert key_of(a=1, b=[2, 3]) == key_of(b=[2, 3], a=1)
    assert len({key_of(a=1), key_of(a="1"), key_of(b=1), key_of(a=1, b=None), key_of()}) == 5


def test_a_key_depends_on_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    before = key_of(a=1)
    monkeypatch.setattr(derivgen.cache, "__version__", "9.9")
    other = key_of(a=1)
    monkeypatch.setattr(derivgen.cache, "fingerprint", lambda: "changed")
    assert len({before, other, key_of(a=1)}) == 3


def test_the_fingerprint_is_the_same_in_every_process() -> None:
    script = "from derivgen.cache import fingerprint; print(fingerprint())"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    fingerprint.cache_clear()
    assert run.stdout.strip() == fingerprint() != ""


# --- kills and neighbours ----------------------------------------------------------------------------------------------

WRITER = """
import sys
from pathlib import Path
from derivgen.cache import Cache
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
    for path in entries(cache.folder):
        assert path.read_bytes().startswith(b"derivgen-cache-1 ")
    cache.put("key 0", b"key 0 " * 20_000)
    sound(cache)


def test_writers_at_once_read_what_they_wrote(cache: Cache) -> None:
    running = [writer(cache.folder, seed, 300) for seed in range(2)]
    for process in running:
        _, wrong = process.communicate()
        assert process.returncode == 0, wrong
    sound(cache)
    assert not list(cache.folder.rglob("*.part"))


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
