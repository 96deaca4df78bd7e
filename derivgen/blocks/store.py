"""Records by question: from memory, from the cache on disk, or derived now."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from typing import Any, Protocol

from derivgen.blocks.record import SCHEMA, Record, load, make
from derivgen.blocks.worker import Workers
from derivgen.cache import Cache, key_of

MOST_REMEMBERED = 5_000


class Source(Protocol):
    """Where a page gets its records from."""

    def get(self, question: Mapping[str, Any]) -> Record: ...


class Store:
    """Records, each derived once for as long as the program, the question and the options stay the same.

    Without workers a question is answered in this process, and then nothing limits the time that it takes.
    """

    def __init__(self, cache: Cache | None = None, workers: Workers | None = None) -> None:
        self.cache, self.workers = cache, workers
        self.derived = 0
        self._known: dict[str, Record] = {}
        self._coming: dict[str, Future[Record]] = {}

    def get(self, question: Mapping[str, Any]) -> Record:
        key = _key(question)
        return self._found(key) or self._arrived(key, self._asked(key, question).result())

    def prepare(self, questions: Iterable[Mapping[str, Any]], tell: Callable[[int, int], None] | None = None) -> None:
        """Have many questions answered, side by side; ``tell`` hears now and then how many are done, and of how many."""
        missing = {key: q for q in questions if (key := _key(q)) not in self._known and self._found(key) is None}
        waiting = {key: self._asked(key, q) for key, q in missing.items()}
        heard = time.monotonic()
        for done, (key, future) in enumerate(waiting.items(), 1):
            self._arrived(key, future.result())
            if tell and time.monotonic() - heard > 1.0:
                tell(done, len(waiting))
                heard = time.monotonic()

    def forget(self, kept: Iterable[Mapping[str, Any]]) -> None:
        """Keep in memory only what these questions need, for a program that runs all day."""
        if len(self._known) > MOST_REMEMBERED:
            wanted = {_key(q) for q in kept}
            self._known = {key: record for key, record in self._known.items() if key in wanted}

    def close(self) -> None:
        if self.workers is not None:
            self.workers.close()

    def _found(self, key: str) -> Record | None:
        if key not in self._known and self.cache is not None:
            data = self.cache.get(key)
            record = load(data) if data is not None else None
            if record is not None:
                self._known[key] = record
        return self._known.get(key)

    def _asked(self, key: str, question: Mapping[str, Any]) -> Future[Record]:
        if key not in self._coming:
            if self.workers is not None:
                self._coming[key] = self.workers.ask(question)
            else:
                self._coming[key] = Future()
                self._coming[key].set_result(make(dict(question)))
        return self._coming[key]

    def _arrived(self, key: str, record: Record) -> Record:
        self._coming.pop(key, None)
        self.derived += 1
        if record.lasting:
            self._known[key] = record
            if self.cache is not None:
                self.cache.put(key, record.dump())
        return record


def _key(question: Mapping[str, Any]) -> str:
    return key_of(schema=SCHEMA, **question)
