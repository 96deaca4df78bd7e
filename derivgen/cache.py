"""Results kept on disk between runs: safe beside other processes, after a kill, and with entries that are damaged."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
import uuid
from functools import lru_cache
from pathlib import Path
from typing import Any

from derivgen import __version__

DEFAULT_FOLDER = ".cache/derivgen"

MOST_ENTRIES = 20_000
MOST_BYTES = 500_000_000
"""What a cache may hold; beyond that the entries that were not used for longest go."""

_HEAD = b"derivgen-cache-1 "
_DIGEST = 64
_SUFFIX = ".entry"
_UNFINISHED = ".part"
_STALE = 3600.0
"""Seconds after which a file that was never finished has no writer any more."""

_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# This folder is a cache of derivgen and can be deleted.\n"


class Cache:
    """A folder of entries, each a file that is written as a whole or not at all.

    An entry carries the digest of its key and its value: one that was cut short, changed, or put under another key
    counts as missing. What the disk refuses is passed over, because everything here can be made again.
    """

    def __init__(self, folder: Path, *, most_entries: int = MOST_ENTRIES, most_bytes: int = MOST_BYTES) -> None:
        self.folder = folder
        self.most_entries = most_entries
        self.most_bytes = most_bytes

    def get(self, key: str) -> bytes | None:
        """The value kept under ``key``; None where there is none, or none that is whole."""
        path = self._path(key)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        value = data[len(_HEAD) + _DIGEST + 1 :]
        if data != _entry(key, value):
            return None  # it is written anew; removing it here could hit what another process has just put there
        with contextlib.suppress(OSError):
            os.utime(path)  # used now: among the last to go
        return value

    def put(self, key: str, value: bytes) -> bool:
        """Keep a value; whether that was possible. Of several writers the last one wins, whole."""
        path = self._path(key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._mark()
            write_whole(path, _entry(key, value))
        except OSError:
            return False
        return True

    def is_empty(self) -> bool:
        """Whether nothing is kept yet."""
        return next(self.folder.glob(f"*/*{_SUFFIX}"), None) is None

    def trim(self) -> None:
        """Remove the entries that were not used for longest, where there are too many, and what was never finished."""
        found: list[tuple[float, int, Path]] = []
        for path in self.folder.glob("*/*"):
            with contextlib.suppress(OSError):
                state = path.stat()
                if path.suffix == _SUFFIX:
                    found.append((state.st_mtime, state.st_size, path))
                elif path.suffix == _UNFINISHED and time.time() - state.st_mtime > _STALE:
                    path.unlink()
        count, size = len(found), sum(s for _, s, _ in found)
        for _, own, path in sorted(found):
            if count <= self.most_entries and size <= self.most_bytes:
                break
            with contextlib.suppress(OSError):
                path.unlink()
            count, size = count - 1, size - own

    def _path(self, key: str) -> Path:
        name = hashlib.sha256(key.encode()).hexdigest()
        return self.folder.joinpath(name[:2], f"{name[2:]}{_SUFFIX}")

    def _mark(self) -> None:
        """Say to backup programs and to git that nothing here needs keeping."""
        for name, text in (("CACHEDIR.TAG", _TAG), (".gitignore", "*\n")):
            if not (self.folder / name).exists():
                write_whole(self.folder / name, text.encode())


def _entry(key: str, value: bytes) -> bytes:
    digest = hashlib.sha256(key.encode() + b"\0" + value).hexdigest()
    return _HEAD + digest.encode() + b"\n" + value


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that a reader finds the old one or the new one, whenever it looks and whoever else writes."""
    part = path.parent / f".{uuid.uuid4().hex}{_UNFINISHED}"
    try:
        with part.open("xb") as file:
            file.write(data)
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise


def key_of(**parts: Any) -> str:
    """The key of a result: what it was made from, in any order, and the program that makes it."""
    made = {"version": __version__, "source": fingerprint(), **parts}
    text = json.dumps(made, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """A digest of the program's own text, so that a change to it forgets all results; "" where it cannot be read."""
    folder = Path(__file__).parent
    digest = hashlib.sha256()
    try:
        for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix not in (".pyc", ".pyo")):
            text = path.read_bytes()
            digest.update(f"{path.relative_to(folder).as_posix()}\0{len(text)}\0".encode())
            digest.update(text)
    except OSError:
        return ""
    return digest.hexdigest()
