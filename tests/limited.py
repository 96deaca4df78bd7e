"""A process of its own with limits on its processor time and its memory: what tests of bounds are made with.

A stop-watch measures the machine that the tests run on; a limit of resources measures the program.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests import warm

SECONDS = 10
"""Seconds of processor time that any input may take."""

BYTES = 1 << 30
"""Bytes of address space that any input may take."""

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended.

    Attributes:
        status: its exit status; minus the signal's number where a signal ended it, as in ``subprocess``.
        stdout: what it wrote.
        stderr: what it said.
    """

    status: int
    stdout: str
    stderr: str

    @property
    def over_time(self) -> bool:
        """Whether it used up its processor time."""
        return self.status in (-signal.SIGXCPU, -signal.SIGKILL)

    @property
    def refused(self) -> bool:
        """Whether it ended with an error meant for its reader, and not with one of the program's own."""
        return self.status == 2 and not self._fails

    @property
    def _fails(self) -> bool:
        return any(sign in self.stderr + self.stdout for sign in ("Traceback", "internal error"))

    @property
    def fine(self) -> bool:
        """Whether it ended by itself, with an answer or a refusal."""
        return self.status in (0, 1, 2) and not self._fails


def command(*arguments: str, stdin: str = "", seconds: int = SECONDS, memory: int = BYTES) -> Ended:
    """``python -m derivgen`` with these arguments, in at most ``seconds`` of processor time and ``memory`` bytes."""
    found = warm.run("derivgen", arguments, stdin=stdin, timeout=10 * seconds, limits=warm.Limits(seconds, memory))
    return Ended(found.returncode, found.stdout, found.stderr)


def python(program: str, *arguments: str, stdin: str = "", seconds: int = SECONDS, memory: int = BYTES) -> Ended:
    """A piece of Python, with ``arguments`` in its ``sys.argv[1:]``, within the same limits."""
    return run([sys.executable, "-c", program, *arguments], stdin=stdin, seconds=seconds, memory=memory)


def run(
    words: Sequence[str],
    stdin: str = "",
    seconds: int = SECONDS,
    memory: int = BYTES,
    environment: Mapping[str, str] | None = None,
) -> Ended:
    """A program within limits. One that waits without using the processor is ended after ten times the seconds."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    # the libraries of linear algebra reserve address space for a thread of each core
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", ""))))
    found = subprocess.run(
        words, input=stdin, capture_output=True, text=True, timeout=10 * seconds, check=False, preexec_fn=limit,
        env={**os.environ, **threads, "PYTHONPATH": path, **(environment or {})},
    )  # fmt: skip
    return Ended(found.returncode, found.stdout, found.stderr)
