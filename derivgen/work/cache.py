"""Results kept on disk between runs: safe beside other processes, after a kill, and where the disk has damaged them."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from derivgen import plugins, version
from derivgen.files import write_whole

T = TypeVar("T")

MOST_ENTRIES = 20_000
MOST_BYTES = 500_000_000
"""What a cache may hold; beyond that the entries that were not used for longest go."""

TRIMMED_AFTER = 1_000
"""How many entries are used before somebody looks whether there are too many, if nobody closes the cache."""

AT_ONCE = 100
"""How many entries one question to the database asks for."""

PATIENCE = 10.0
"""Seconds to wait for another program that writes."""

_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# This folder is a cache of derivgen and can be deleted.\n"

# not waiting for the disk risks what was written just before the power fails: the digests tell
_SCHEMA = """
PRAGMA page_size = 16384;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = OFF;
CREATE TABLE IF NOT EXISTS entry (name BLOB PRIMARY KEY, digest BLOB, size INTEGER, value BLOB);
CREATE TABLE IF NOT EXISTS use (name BLOB PRIMARY KEY, moment REAL) WITHOUT ROWID;
"""


class Cache:
    """Values by key, in a database of SQLite in a folder, which programs that run at once may share.

    A value carries the digest of its key and itself: one that was changed, or put under another key, counts as missing,
    and a database that cannot be read is begun anew. What the disk refuses is passed over, because everything here can
    be made again.
    """

    def __init__(self, folder: Path, *, most_entries: int = MOST_ENTRIES, most_bytes: int = MOST_BYTES) -> None:
        self.folder = folder
        self.path = folder / "results-1.sqlite"
        self.most_entries = most_entries
        self.most_bytes = most_bytes
        self._used: set[bytes] = set()
        self._database: sqlite3.Connection | None = None
        self._turn = threading.RLock()

    def get(self, key: str) -> bytes | None:
        """The value kept under ``key``; None where there is none, or none that is whole."""
        return self.get_many((key,)).get(key)

    def get_many(self, keys: Iterable[str]) -> dict[str, bytes]:
        """The values kept under keys, without those of which there is none, or none that is whole."""
        keyed = {_name(key): key for key in keys}
        names = list(keyed)
        found: dict[str, bytes] = {}
        for k in range(0, len(names), AT_ONCE):
            some = names[k : k + AT_ONCE]
            question = f"SELECT name, digest, value FROM entry WHERE name IN ({','.join('?' * len(some))})"
            for name, digest, value in self._rows(question, *some):
                if isinstance(value, bytes) and name in keyed and digest == _digest(name, value):
                    self._used.add(name)
                    found[keyed[name]] = value
        return found

    def put(self, key: str, value: bytes) -> bool:
        """Keep a value; whether that was possible. Of several writers the last one wins, whole."""
        name = _name(key)
        self._used.add(name)
        if len(self._used) % TRIMMED_AFTER == 0:
            self.trim()
        entry = name, _digest(name, value), len(value), value
        return self._write("INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?)", [entry])

    def is_empty(self) -> bool:
        """Whether nothing is kept yet."""
        return not self._rows("SELECT 1 FROM entry LIMIT 1")

    def trim(self) -> None:
        """Note what was used since the last time; remove what was not used for longest, where there is too much."""
        used = tuple(self._used)  # another thread may use more meanwhile
        if used and os.path.exists(self.path):
            now = time.time()
            self._write("INSERT OR REPLACE INTO use VALUES (?, ?)", [(name, now) for name in used])
        self._used.difference_update(used)
        for count, size in self._rows("SELECT count(*), total(size) FROM entry"):
            if count > self.most_entries or size > self.most_bytes:
                self._remove(count - self.most_entries, size - self.most_bytes)

    def close(self) -> None:
        """Note what was used, and let go of the files: the cache opens them again when it is asked again."""
        with self._turn:
            self.trim()
            if self._database is not None:
                with contextlib.suppress(sqlite3.Error):
                    self._database.close()
                self._database = None

    def _remove(self, count: int, size: int) -> None:
        """Remove the oldest entries: so many at least, and of so many bytes together."""
        gone: list[tuple[bytes]] = []
        for name, own in self._rows(
            "SELECT name, size FROM entry LEFT JOIN use USING (name) ORDER BY moment, entry.rowid"
        ):
            if count <= 0 and size <= 0:
                break
            gone.append((name,))
            count, size = count - 1, size - own
        self._write("DELETE FROM entry WHERE name = ?", gone)
        self._write("DELETE FROM use WHERE name = ?", gone)

    def _rows(self, question: str, *values: Any) -> list[Any]:
        """What the database answers; nothing where there is none, or none that can be read."""
        if self._database is None and not os.path.exists(self.path):
            return []
        return self._attempt(lambda database: database.execute(question, values).fetchall()) or []

    def _write(self, change: str, rows: Sequence[tuple[Any, ...]]) -> bool:
        """Carry out a change for each of the rows, for all or for none; whether that was possible."""

        def change_all(database: sqlite3.Connection) -> bool:
            with database:
                database.execute("BEGIN IMMEDIATE")
                database.executemany(change, rows)
            return True

        return bool(self._attempt(change_all))

    def _attempt(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        with self._turn:
            for _ in range(2):
                try:
                    if self._database is None:
                        self._database = self._opened()
                    return work(self._database)
                except (sqlite3.OperationalError, OSError):  # it is in use, or the disk is full or not to be written
                    return None
                except sqlite3.Error:  # it is damaged
                    self._discard()
            return None

    def _opened(self) -> sqlite3.Connection:
        self.folder.mkdir(parents=True, exist_ok=True)
        # backup programs and git need not keep anything here
        for name, text in (("CACHEDIR.TAG", _TAG), (".gitignore", "*\n")):
            if not os.path.exists(self.folder / name):
                write_whole(self.folder / name, text.encode())
        database = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        try:
            database.executescript(_SCHEMA)
        except BaseException:
            database.close()
            raise
        return database

    def _discard(self) -> None:
        if self._database is not None:
            with contextlib.suppress(sqlite3.Error):
                self._database.close()
            self._database = None
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(OSError):
                self.path.with_name(self.path.name + suffix).unlink()


def _name(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def _digest(name: bytes, value: bytes) -> bytes:
    both = hashlib.sha256(name)
    both.update(value)
    return both.digest()


def key_of(**parts: Any) -> str:
    """The key of a result: what it was made from, in any order, and the program that makes it."""
    made = {"version": version.__version__, "source": fingerprint(), **parts}
    text = json.dumps(made, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """A digest of the text of the program and of the packages that it uses, with their names and versions.

    So a change to any of them forgets all results; "" where one cannot be read.
    """
    digest = hashlib.sha256()
    own = Path(version.__file__).parent
    try:
        for package, places in (("derivgen", [own]), *plugins.installed()):
            digest.update(f"{package}\0".encode())
            for place in places:
                for path in sorted(p for p in (place, *place.rglob("*")) if p.is_file()):
                    if path.suffix not in (".pyc", ".pyo"):
                        text = path.read_bytes()
                        digest.update(f"{path.relative_to(place).as_posix()}\0{len(text)}\0".encode())
                        digest.update(text)
    except OSError:
        return ""
    return digest.hexdigest()
