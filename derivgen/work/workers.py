"""Processes that answer questions for this one: a line of JSON to each, the bytes of the answer back, an end to what takes too long.

A question names the function that answers it, ``module:function``, and is plain data; the answer is bytes. So these know
no questions, and whoever asks brings them: ``run``, ``render``, a site.
"""

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
import traceback
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from importlib import import_module
from time import monotonic
from typing import IO, Any, NoReturn, cast

from derivgen.deadline import bounded, limit_memory, sensible
from derivgen.errors import DerivgenError

SECONDS = 60.0
"""What one answer may take, of processor time, where nobody says."""

MOST = 64
"""Processes at a time."""

READY = 8
"""Processes that are made ready before there are questions."""

AHEAD = 3
"""How many questions a process is given at a time where there are many: it need not wait while this one is busy."""

PIPE = 1 << 20
"""Bytes of answers that wait for this process to read them."""

_LATE = (-int(signal.SIGALRM), -int(signal.SIGPROF)) if hasattr(signal, "SIGPROF") else (1,)
"""The statuses of a process that has ended itself because its time was over."""

# the one who asks is sent Ctrl-C too, and ends this; what prints to standard output must not come between the answers
_PROGRAM = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
answers = os.fdopen(os.dup(1), "wb")
os.dup2(2, 1)
from derivgen.work.workers import serve
serve(sys.stdin.buffer, answers)
"""


class NoAnswer(DerivgenError):
    """The process that was asked has ended, or none could be started."""

    def __init__(self, message: str, kind: str = "internal error") -> None:
        super().__init__(message)
        self.kind = kind


def answer_here(function: str, question: Mapping[str, Any], seconds: float | None) -> bytes:
    """What a function says to a question, in the process and the thread of the one who calls."""
    module, _, name = function.partition(":")
    with bounded(seconds):
        return cast(Callable[[Mapping[str, Any]], bytes], getattr(import_module(module), name))(question)


# --- in a worker ------------------------------------------------------------------------------------------------------


def serve(questions: IO[bytes], answers: IO[bytes]) -> NoReturn:
    """Answer what is asked: the life of a worker, which ends with the stream of questions."""
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(questions, lines), name="derivgen-questions", daemon=True).start()
    try:
        _limit(SECONDS)
        _begin()
        _limit(0)
        while True:
            asked = json.loads(lines.get())
            _limit(asked["seconds"])
            data = answer_here(asked["function"], asked["question"], asked["seconds"])
            _limit(0)
            answers.write(b"%d\n%b" % (len(data), data))
            answers.flush()
    except BaseException:
        traceback.print_exc()
    os._exit(1)  # at once: Python would wait for the thread that reads


def _begin() -> None:
    """What every worker does first, while the one who asks is busy with other things: what is needed is brought here."""
    limit_memory()
    from derivgen.derivation import derivation  # noqa: F401
    from derivgen.show import card  # noqa: F401

    # trees have no cycles: a search for them now and then is enough, and it need not look at what was imported
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)


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


# --- for the one who asks ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    """A line for a worker, the time that it has, and where the answer is awaited."""

    line: bytes
    seconds: float
    answer: Future[bytes]


class Workers:
    """A few processes; each is started when there is work for it, and again when a question was its end."""

    def __init__(self, count: int | None = None) -> None:
        here = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self.count = min(count or here, MOST)
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._ready: queue.SimpleQueue[subprocess.Popen[bytes]] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._busy: set[subprocess.Popen[bytes]] = set()
        self._stopped = False

    def ask(self, function: str, question: Mapping[str, Any], seconds: float | None = None) -> Future[bytes]:
        """Have a question answered, in its turn; NoAnswer comes instead where that is the end of the process.

        Raises:
            DerivgenError: the number of seconds makes no sense.
        """
        allowed = SECONDS if seconds is None else sensible(seconds)
        asked = {"function": function, "question": dict(question), "seconds": allowed}
        job = _Job(json.dumps(asked).encode() + b"\n", allowed, Future())
        self._jobs.put(job)
        if len(self._threads) < self.count:
            self._threads.append(threading.Thread(target=self._work, name="derivgen", daemon=True))
            self._threads[-1].start()
        return job.answer

    def start(self) -> None:
        """Have the processes ready before there are questions."""
        for _ in range(min(self.count, READY) - len(self._threads) - self._ready.qsize()):
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
            with contextlib.suppress(RuntimeError):  # an interruption came before it was started
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
                    job.answer.set_exception(NoAnswer("the derivation was stopped"))
                sent.clear()
                continue
            if process is None:  # the first, or one for what the last has left
                fresh, sent = [*sent, *fresh], deque()
                try:
                    process = self._process()
                except OSError as wrong:
                    for job in fresh:
                        job.answer.set_exception(NoAnswer(f"no process could be started to derive this: {wrong}"))
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
        length, data = -1, b""
        with contextlib.suppress(OSError, ValueError):
            length = int(process.stdout.readline())
            data = process.stdout.read(length)
        job = sent.popleft()
        if len(data) == length:
            job.answer.set_result(data)
            return True
        with contextlib.suppress(subprocess.TimeoutExpired):  # as a rule it has begun to end
            process.wait(1)
        process.kill()
        status = _end(process)
        # 1 may also be the status of one that never began; a signal says for itself what it was
        if status in _LATE and (status < 0 or monotonic() - since > job.seconds / 2):
            said = NoAnswer(f"the derivation took more than {job.seconds:g} seconds and was stopped", "too long")
        else:
            why = ", perhaps for want of memory" if status == -9 else ""
            said = NoAnswer(f"the process that derives ended with status {status}{why}")
        job.answer.set_exception(said)
        return False


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
        stderr=None if os.environ.get("DERIVGEN_DEBUG") else subprocess.DEVNULL,
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
