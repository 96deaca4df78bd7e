"""Processes that derive for this one: a line of JSON to each, a record back, and an end to what takes too long."""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from time import monotonic
from typing import IO, Any, NoReturn

from derivgen.deadline import bounded, limit_memory
from derivgen.site.record import Record, failed, load, make

SECONDS = 60.0
"""What one derivation may take, of processor time."""

AHEAD = 3
"""How many questions a process is given at a time where there are many: it need not wait while this one is busy."""

PIPE = 1 << 20
"""Bytes of answers that wait for this process to read them."""

_LATE = (-int(signal.SIGALRM), -int(signal.SIGPROF)) if hasattr(signal, "SIGPROF") else (1,)
"""The statuses of a process that has ended itself because its time was over."""

_PROGRAM = "import sys; from derivgen.work.workers import serve; serve(sys.stdin.buffer, sys.stdout.buffer)"


def serve(questions: IO[bytes], answers: IO[bytes]) -> NoReturn:
    """Answer what is asked: the life of a worker, which ends with the stream of questions."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who asks ends this, by closing the pipe
    limit_memory()
    _limit(SECONDS)
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(questions, lines), name="derivgen-questions", daemon=True).start()
    # read now: the one who asks is busy with other things before the first question
    from derivgen.derivation import derivation  # noqa: F401
    from derivgen.show import card  # noqa: F401

    _limit(0)

    # trees have no cycles: a search for them now and then is enough, and it need not look at what was imported
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)
    while True:
        asked = json.loads(lines.get())
        _limit(asked["seconds"])
        with bounded(asked["seconds"]):
            data = make(asked["question"]).dump()
        _limit(0)
        answers.write(b"%d\n%b" % (len(data), data))
        answers.flush()


def _read(questions: IO[bytes], lines: queue.SimpleQueue[bytes]) -> None:
    """Hand the questions on as they come, and end this process after the last.

    Whoever asks closes the pipe when all is answered, or is gone, however that ended. Then nobody waits for an answer
    that is under way, and what was remembered is given back at once, not object by object.
    """
    for line in questions:
        lines.put(line)
    os._exit(0)


def _limit(seconds: float) -> None:
    """End this process when so much is long over, whatever it does then; 0 is no limit.

    It is processor time: a busy machine does not end it earlier. But one that only waits is ended, too.
    """
    late = seconds and min(1.25 * seconds + 1.0, 1e6)
    if hasattr(signal, "SIGPROF"):
        signal.setitimer(signal.ITIMER_PROF, late)
        signal.setitimer(signal.ITIMER_REAL, 10 * late)
    elif seconds:
        faulthandler.dump_traceback_later(10 * late, exit=True)
    else:
        faulthandler.cancel_dump_traceback_later()


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    """A line for a worker, and where the answer is awaited."""

    line: bytes
    answer: Future[tuple[Record, bytes]]


class Workers:
    """A few processes; each is started when there is work for it, and again when a question was its end."""

    def __init__(self, count: int | None = None, seconds: float = SECONDS) -> None:
        self.count = count or max(
            1, min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, 8)
        )
        self.seconds = seconds
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._ready: queue.SimpleQueue[subprocess.Popen[bytes]] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._busy: set[subprocess.Popen[bytes]] = set()
        self._stopped = False

    def ask(self, question: Mapping[str, Any]) -> Future[tuple[Record, bytes]]:
        """Have a question answered, in its turn: the record, and as the bytes that it came in."""
        asked = {"question": dict(question), "seconds": self.seconds}
        job = _Job(json.dumps(asked).encode() + b"\n", Future())
        self._jobs.put(job)
        if len(self._threads) < self.count:
            self._threads.append(threading.Thread(target=self._work, name="derivgen", daemon=True))
            self._threads[-1].start()
        return job.answer

    def start(self) -> None:
        """Have the processes ready before there are questions."""
        for _ in range(self.count - len(self._threads) - self._ready.qsize()):
            self._ready.put(_start())

    def close(self) -> None:
        """End the processes; what was not begun is not done."""
        with contextlib.suppress(queue.Empty):
            while True:
                job = self._jobs.get_nowait()
                if job is not None:
                    job.answer.cancel()
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()
        self._threads.clear()
        with contextlib.suppress(queue.Empty):
            while True:
                _end(self._ready.get_nowait())

    def stop(self) -> None:
        """End the processes now: nobody waits any more for what is under way."""
        self._stopped = True
        for process in tuple(self._busy):
            process.kill()
        self.close()
        self._stopped = False

    def _work(self) -> None:
        """Keep one process busy until there is a None among the jobs."""
        process: subprocess.Popen[bytes] | None = None
        sent: deque[_Job] = deque()
        while True:
            fresh = self._taken(len(sent))
            if not (sent or fresh):
                break
            if self._stopped:
                for job in (*sent, *fresh):
                    _fail(job, "internal error", "the derivation was stopped")
                sent.clear()
                continue
            if process is None:  # the first, or one for what the last has left
                fresh, sent = [*sent, *fresh], deque()
                try:
                    process = self._process()
                except OSError as wrong:
                    for job in fresh:
                        _fail(job, "internal error", f"no process could be started to derive this: {wrong}")
                    continue
            _tell(process, fresh)
            sent.extend(fresh)
            if not self._answered(process, sent):
                self._busy.discard(process)
                process = None
        if process is not None:
            self._busy.discard(process)
            _end(process)

    def _taken(self, busy: int) -> list[_Job]:
        """Jobs for a process that has some already: at least one where it has none, and none when all is over.

        One that is waited for has no others put in front of it, unless all processes have enough to do.
        """
        taken: list[_Job] = []
        while True:
            count = busy + len(taken)
            if count and (count >= AHEAD or self._jobs.qsize() <= self.count):
                return taken
            try:
                job = self._jobs.get(block=not count)
            except queue.Empty:
                return taken
            if job is None:
                if count:
                    self._jobs.put(None)  # for when these are answered
                return taken
            if job.answer.set_running_or_notify_cancel():
                taken.append(job)

    def _process(self) -> subprocess.Popen[bytes]:
        try:
            process = self._ready.get_nowait()
        except queue.Empty:
            process = _start()
        self._busy.add(process)
        if self._stopped:  # meanwhile
            process.kill()
        return process

    def _answered(self, process: subprocess.Popen[bytes], sent: deque[_Job]) -> bool:
        """Wait for the answer to the first of the jobs; whether the process lives on."""
        since = monotonic()
        assert process.stdout is not None
        record, data = None, b""
        with contextlib.suppress(OSError, ValueError):
            length = process.stdout.readline()
            data = process.stdout.read(int(length))
            record = load(data)
        job = sent.popleft()
        if record is not None:
            job.answer.set_result((record, data))
            return True
        process.kill()
        status = _end(process)
        # 1 may also be the status of one that never began
        if status in _LATE and monotonic() - since > self.seconds / 2:
            _fail(job, "too long", f"the derivation took more than {self.seconds:g} seconds and was stopped")
        else:
            _fail(job, "internal error", f"the process that derives ended with status {status}")
        return False


def _fail(job: _Job, kind: str, message: str) -> None:
    record = failed(kind, message)
    job.answer.set_result((record, record.dump()))


def _tell(process: subprocess.Popen[bytes], jobs: list[_Job]) -> None:
    assert process.stdin is not None
    with contextlib.suppress(OSError):  # that it has ended is seen when its answer is read
        process.stdin.write(b"".join(job.line for job in jobs))
        process.stdin.flush()


def _start() -> subprocess.Popen[bytes]:
    paths = [p for p in sys.path if p]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONIOENCODING": "utf-8"}
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        env.setdefault(name, "1")  # the arrays are small; threads of their own would only take turns
    return subprocess.Popen(
        [sys.executable, "-c", _PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=env,
        pipesize=PIPE,
    )


def _end(process: subprocess.Popen[bytes]) -> int:
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
    try:
        return process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
