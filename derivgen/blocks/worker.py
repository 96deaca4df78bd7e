"""Processes that derive for this one: a line of JSON to each, a record back, and an end to what takes too long."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import IO, Any

from derivgen.blocks.record import Record, failed, load, make

SECONDS = 60.0
"""What one derivation may take."""

_PROGRAM = "import sys; from derivgen.blocks.worker import serve; serve(sys.stdin.buffer, sys.stdout.buffer)"


def serve(questions: IO[bytes], answers: IO[bytes]) -> None:
    """Answer until there are no more questions: the life of a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who asks ends this, by closing the pipe
    # read now: the one who asks is busy with other things before the first question
    from derivgen import derivation  # noqa: F401
    from derivgen.render import embed  # noqa: F401

    # trees have no cycles: a search for them now and then is enough, and it need not look at what was imported
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)
    clock = getattr(signal, "alarm", None)  # a worker that is left alone with an endless question ends itself
    for line in questions:
        asked = json.loads(line)
        if clock:
            clock(int(asked["seconds"]) + 5)
        data = make(asked["question"]).dump()
        answers.write(b"%d\n%b" % (len(data), data))
        answers.flush()
        if clock:
            clock(0)


class Workers:
    """A few processes; each is started when there is work for it, and again when a question was its end."""

    def __init__(self, count: int | None = None, seconds: float = SECONDS) -> None:
        self.count = count or max(
            1, min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, 8)
        )
        self.seconds = seconds
        self._idle: queue.SimpleQueue[subprocess.Popen[bytes]] = queue.SimpleQueue()
        self._threads: ThreadPoolExecutor | None = None

    def ask(self, question: Mapping[str, Any]) -> Future[tuple[Record, bytes]]:
        """Have a question answered, in its turn: the record, and as the bytes that it came in."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self.count, "derivgen")
        return self._threads.submit(self._answer, question)

    def start(self) -> None:
        """Have the processes ready before there are questions."""
        for _ in range(self.count - self._idle.qsize()):
            self._idle.put(_start())

    def close(self) -> None:
        """End the processes; what was not begun is not done."""
        if self._threads is not None:
            self._threads.shutdown(wait=True, cancel_futures=True)
            self._threads = None
        with contextlib.suppress(queue.Empty):
            while True:
                _end(self._idle.get_nowait())

    def _answer(self, question: Mapping[str, Any]) -> tuple[Record, bytes]:
        try:
            process = self._idle.get_nowait()
        except queue.Empty:
            process = _start()
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        clock = threading.Timer(self.seconds, stop)
        clock.daemon = True
        clock.start()
        record, data = None, b""
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps({"question": dict(question), "seconds": self.seconds}).encode() + b"\n")
            process.stdin.flush()
            length = process.stdout.readline()
            data = process.stdout.read(int(length))
            record = load(data)
        except (OSError, ValueError):
            pass
        finally:
            clock.cancel()
        if record is not None and not late.is_set():
            self._idle.put(process)
            return record, data
        process.kill()
        status = _end(process)
        if late.is_set():
            record = failed("too long", f"the derivation took more than {self.seconds:g} seconds and was stopped")
        else:
            record = failed("internal error", f"the process that derives ended with status {status}")
        return record, record.dump()


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
