"""Answers by question: from memory, from the cache on disk, or made now, here or by workers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

from derivgen.errors import DerivgenError
from derivgen.work.cache import Cache, key_of
from derivgen.work.workers import Workers, answer_here

T = TypeVar("T")
Asked = Mapping[str, Hashable]
"""Plain data by name, such as JSON has, with tuples for lists."""

MOST_REMEMBERED = 5_000


@dataclass(frozen=True, slots=True)
class Service(Generic[T]):
    """What is asked, and how its answers are read.

    Attributes:
        function: what answers, ``module:function``: it takes a question and gives bytes, and raises nothing.
        load: the answer from its bytes; None where they are not those of one.
        failed: the answer where the process that was asked has ended.
        lasting: whether the same question gets the same answer again.
    """

    function: str
    load: Callable[[bytes], T | None]
    failed: Callable[[DerivgenError], T]
    lasting: Callable[[T], bool]


class Store(Generic[T]):
    """Answers, each made once for as long as the program and the question stay the same.

    Without workers a question is answered in this process, by the one who asks. ``seconds`` is the time that each may
    take, of the processor.
    """

    def __init__(
        self,
        service: Service[T],
        cache: Cache | None = None,
        workers: Workers | None = None,
        seconds: float | None = None,
    ) -> None:
        self.service, self.cache, self.workers, self.seconds = service, cache, workers, seconds
        self.made = 0
        self._known: dict[str, T] = {}
        self._coming: dict[str, Future[T]] = {}
        self._counting = threading.Lock()

    def get(self, question: Asked) -> T:
        """The answer, waited for where it is on its way."""
        key = self._key(question)
        if key not in self._coming:
            self._look_up((key,))
            if key in self._known:
                return self._known[key]
            self._coming[key] = self._asked(key, question)
        return self._coming[key].result()

    def prepare(self, questions: Iterable[Asked], tell: Callable[[int, int], None] | None = None) -> None:
        """Have many questions answered, side by side, without waiting for the answers: pages are made meanwhile.

        ``tell`` hears now and then how many are done, and of how many. What failed the last time is asked again.
        """
        self._coming = {key: future for key, future in self._coming.items() if not future.done()}
        if self.workers is None:
            return
        keyed = {self._key(q): q for q in questions}
        self._look_up([key for key in keyed if key not in self._coming])
        missing = {key: q for key, q in keyed.items() if key not in self._coming and key not in self._known}
        progress = _Progress(len(missing), tell)
        for key, q in missing.items():
            self._coming[key] = self._asked(key, q)
            self._coming[key].add_done_callback(progress.one_more)

    def kept(self, question: Asked) -> T | None:
        """What the cache has, for one who asks each question once: it is not remembered."""
        data = self.cache.get(self._key(question)) if self.cache is not None else None
        return None if data is None else self.service.load(data)

    def ask(self, question: Asked, seconds: float | None = None) -> Future[T]:
        """Have a question answered now, whatever is known; the answer goes into the cache and is not remembered."""
        return self._asked(self._key(question), question, seconds, remember=False)

    def forget(self, kept: Iterable[Asked]) -> None:
        """Keep in memory only what these questions need, for a program that runs all day."""
        if len(self._known) > MOST_REMEMBERED:
            wanted = {self._key(q) for q in kept}
            self._known = {key: answer for key, answer in self._known.items() if key in wanted}

    def __enter__(self) -> Store[T]:
        return self

    def __exit__(self, error: object, *_: object) -> None:
        """Nobody waits for the answers any more where there is an error."""
        if error is None:
            self.close()
        else:
            self.stop()

    def close(self) -> None:
        """End the processes and close the cache."""
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

    def _key(self, question: Asked) -> str:
        return _key_of(self.service.function, tuple(question.items()))

    def _look_up(self, keys: Iterable[str]) -> None:
        """Take from the cache what it has."""
        if self.cache is not None:
            unknown = [key for key in keys if key not in self._known]
            for key, data in self.cache.get_many(unknown).items():
                answer = self.service.load(data)
                if answer is not None:
                    self._known[key] = answer

    def _asked(self, key: str, question: Asked, seconds: float | None = None, *, remember: bool = True) -> Future[T]:
        answer: Future[T] = Future()
        seconds = self.seconds if seconds is None else seconds
        if self.workers is None:
            found: Future[bytes] = Future()
            found.set_result(answer_here(self.service.function, question, seconds))
        else:
            found = self.workers.ask(self.service.function, question, seconds)
        found.add_done_callback(lambda done: self._arrived(key, done, answer, remember))
        return answer

    def _arrived(self, key: str, done: Future[bytes], answer: Future[T], remember: bool) -> None:
        """Keep what came, in the thread that it came in: a build that is killed has kept all that was made."""
        if done.cancelled():
            answer.cancel()
            return
        try:
            answer.set_result(self._taken(key, done.result(), remember))
        except DerivgenError as error:
            answer.set_result(self.service.failed(error))
        except BaseException as bug:
            answer.set_exception(bug)

    def _taken(self, key: str, data: bytes, remember: bool) -> T:
        found = self.service.load(data)
        if found is None:
            raise DerivgenError("what came from the process that derives cannot be read")
        with self._counting:
            self.made += 1
        if self.service.lasting(found):
            if remember:
                self._known[key] = found
            if self.cache is not None:
                self.cache.put(key, data)
        return found


class _Progress:
    """Counts what is done and tells of it, no more than once in a second."""

    def __init__(self, count: int, tell: Callable[[int, int], None] | None) -> None:
        self.count, self.tell = count, tell
        self.done, self.told = 0, time.monotonic()
        self.counting = threading.Lock()

    def one_more(self, future: Future[T]) -> None:
        with self.counting:
            self.done += 1
            if self.tell is not None and not future.cancelled() and time.monotonic() - self.told > 1.0:
                self.told = time.monotonic()
                self.tell(self.done, self.count)


@lru_cache(maxsize=MOST_REMEMBERED)
def _key_of(function: str, question: tuple[tuple[str, Hashable], ...]) -> str:
    """Asked when all derivations are looked through, and again when each is placed on its page."""
    return key_of(function=function, question=dict(question))
