"""The report of a file as a question to be answered here, by another process, or from the cache."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from derivgen.deadline import no_memory
from derivgen.errors import DerivgenError
from derivgen.notes.find import Gathered, found_in, gather
from derivgen.notes.reports.entry import Report, load, refused, report_of
from derivgen.notes.sources.header import base_of
from derivgen.options import Options, chosen
from derivgen.plugins import whose
from derivgen.work.cache import Cache, key_of
from derivgen.work.store import Asked, Service

REPORTS = Service(
    "derivgen.notes.answer:answer", load, lambda error: refused(Path(), error), lambda report: report.lasting
)
"""The questions of files."""

SECONDS = 2.0
"""What judging one formula may take, of processor time, where nobody says."""

FILE_SECONDS = 900.0
"""What one file may take."""


def question(path: Path, gathered: Gathered, options: Options, text: str | None = None) -> Asked:
    """What is asked of a file: its text is named by a digest, so that the cache knows it again.

    ``text`` is that of a file which is not on the disk, or not so.
    """
    return {
        "path": str(path), "digest": gathered.digest(), "options": tuple(sorted(base_of(options).items())),
        "preamble": options.preamble, "seed": options.seed, "seconds": options.timeout or SECONDS,
        "memo": options.cache_dir if options.cache else "", **({} if text is None else {"text": text}),
    }  # fmt: skip


def answer(asked: Mapping[str, Any]) -> bytes:
    """The report of a file, as its bytes. No exception leaves this, unless DERIVGEN_DEBUG is set."""
    return make(asked).dump()


def make(asked: Mapping[str, Any]) -> Report:
    """The report of a file, in whichever process this is called."""
    path = Path(asked["path"])
    try:
        return _made(asked, path)
    except DerivgenError as error:
        return refused(path, error)
    except (MemoryError, RecursionError):
        return refused(path, no_memory())
    except Exception as bug:
        if os.environ.get("DERIVGEN_DEBUG"):
            raise
        return refused(path, whose(bug))


def _made(asked: Mapping[str, Any], path: Path) -> Report:
    from derivgen.notes.check import check_notes

    base = {key: tuple(value) if isinstance(value, list) else value for key, value in asked["options"]}
    gathered = gather(path, asked.get("text"), base, asked["preamble"])
    same = gathered.digest() == asked["digest"]
    options = chosen({"seed": asked["seed"]})
    memo = DiskMemo(_cache(asked["memo"])) if asked["memo"] else None
    report = report_of(check_notes(found_in(gathered), options, memo=memo, seconds=asked["seconds"]))
    return (
        report
        if same
        else Report(report.file, report.entries, report.formulas, report.remarks, report.declared, lasting=False)
    )


@lru_cache(maxsize=4)
def _cache(folder: str) -> Cache:
    return Cache(Path(folder))


class DiskMemo:
    """What was found of single formulas, in the cache."""

    def __init__(self, cache: Cache) -> None:
        self.cache = cache

    def get(self, key: str) -> str | None:
        """The text that is kept under a key; None where none is."""
        data = self.cache.get(key_of(memo=key))
        return None if data is None else data.decode("utf-8", "surrogatepass")

    def put(self, key: str, value: str) -> None:
        """Keep a text under a key."""
        self.cache.put(key_of(memo=key), value.encode("utf-8", "surrogatepass"))
