"""Records by question: from memory, from the cache on disk, or derived now."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from functools import lru_cache
from typing import Any, Protocol

from derivgen.site.record import SCHEMA, Record, load, make
from derivgen.work.cache import Cache, key_of
from derivgen.work.workers import Workers

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
        self._coming: dict[str, Future[tuple[Record, bytes]]] = {}
        self._counting = threading.Lock()

    def get(self, question: Mapping[str, Any]) -> Record:
        """The record, waited for where it is on its way."""
        key = _key(question)
        if key not in self._coming:
            found = self._found(key)
            if found is not None:
                return found
            self._coming[key] = self._asked(key, question)
        return self._coming[key].result()[0]

    def prepare(self, questions: Iterable[Mapping[str, Any]], tell: Callable[[int, int], None] | None = None) -> None:
        """Have many questions answered, side by side, without waiting for the answers: pages are made meanwhile.

        ``tell`` hears now and then how many are done, and of how many. What failed the last time is asked again.
        """
        self._coming = {key: future for key, future in self._coming.items() if not future.done()}
        if self.workers is None:
            return
        keyed = {_key(q): q for q in questions}
        self._look_up([key for key in keyed if key not in self._coming])
        missing = {key: q for key, q in keyed.items() if key not in self._coming and key not in self._known}
        progress = _Progress(len(missing), tell)
        for key, q in missing.items():
            self._coming[key] = self._asked(key, q)
            self._coming[key].add_done_callback(progress.one_more)

    def forget(self, kept: Iterable[Mapping[str, Any]]) -> None:
        """Keep in memory only what these questions need, for a program that runs all day."""
        if len(self._known) > MOST_REMEMBERED:
            wanted = {_key(q) for q in kept}
            self._known = {key: record for key, record in self._known.items() if key in wanted}

    def close(self) -> None:
        if self.workers is not None:
            self.workers.close()
        if self.cache is not None:
            self.cache.close()

    def stop(self) -> None:
        """End at once, and not when what is under way is done."""
        if self.workers is not None:
            self.workers.stop()
        if self.cache is not None:
            self.cache.close()

    def _found(self, key: str) -> Record | None:
        self._look_up((key,))
        return self._known.get(key)

    def _look_up(self, keys: Iterable[str]) -> None:
        """Take from the cache what it has."""
        if self.cache is not None:
            unknown = [key for key in keys if key not in self._known]
            for key, data in self.cache.get_many(unknown).items():
                record = load(data)
                if record is not None:
                    self._known[key] = record

    def _asked(self, key: str, question: Mapping[str, Any]) -> Future[tuple[Record, bytes]]:
        future: Future[tuple[Record, bytes]]
        if self.workers is not None:
            future = self.workers.ask(question)
        else:
            future = Future()
            record = make(dict(question))
            future.set_result((record, record.dump()))
        future.add_done_callback(lambda done: self._arrived(key, done))
        return future

    def _arrived(self, key: str, done: Future[tuple[Record, bytes]]) -> None:
        """Keep what came, in the thread that it came in: a build that is killed has kept all that was derived."""
        if done.cancelled() or done.exception() is not None:
            return
        record, data = done.result()
        with self._counting:
            self.derived += 1
        if record.lasting:
            self._known[key] = record
            if self.cache is not None:
                self.cache.put(key, data)


class _Progress:
    """Counts what is done and tells of it, no more than once in a second."""

    def __init__(self, count: int, tell: Callable[[int, int], None] | None) -> None:
        self.count, self.tell = count, tell
        self.done, self.told = 0, time.monotonic()
        self.counting = threading.Lock()

    def one_more(self, future: Future[tuple[Record, bytes]]) -> None:
        with self.counting:
            self.done += 1
            if self.tell is not None and not future.cancelled() and time.monotonic() - self.told > 1.0:
                self.told = time.monotonic()
                self.tell(self.done, self.count)


def _key(question: Mapping[str, Any]) -> str:
    return _key_of(tuple(question.items()))


@lru_cache(maxsize=MOST_REMEMBERED)
def _key_of(question: tuple[tuple[str, Any], ...]) -> str:
    """Asked when all derivations are looked through, and again when each is placed on its page."""
    return key_of(schema=SCHEMA, **dict(question))
