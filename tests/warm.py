"""Programs that are run many times, each in a process of its own that need not import them again.

A server imports a program's modules, runs none of it, and makes a process for each run by forking itself: its own
arguments, folder, environment, streams and limits, and a clock of processor time that begins at 0.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import resource
import runpy
import select
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module, invalidate_caches
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

PROGRAMS = {
    "derivgen": ("derivgen.cli", "derivgen.derivation.ask", "derivgen.show.formats", "derivgen.notes.check", "derivgen.work.batch"),
    "mkdocs": ("mkdocs.__main__", "mkdocs.commands.build", "mkdocs.contrib.search", "derivgen.mkdocs.plugin", "derivgen.derivation.ask",
               "derivgen.site.answer", "derivgen.show.card", "derivgen.notes.check"),
}  # fmt: skip
"""By the name after ``python -m``, what of a program most of its runs import."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds of processor time and bytes of address space that a run may take; None is no limit."""

    seconds: int | None = None
    memory: int | None = None


class _Server:
    """One server, and what is asked of it."""

    def __init__(self, program: str) -> None:
        # the libraries of linear algebra reserve address space for a thread of each core, and a thread is lost by a fork
        threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        path = os.pathsep.join(filter(None, (str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH", ""))))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.warm", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, **threads, "PYTHONPATH": path, "PYTHONUTF8": "1"},
        )  # fmt: skip
        atexit.register(self.process.communicate)  # it ends when nothing more can be asked of it

    def said(self, timeout: float | None) -> int:
        assert self.process.stdout is not None
        if not select.select([self.process.stdout], [], [], timeout)[0]:
            raise TimeoutError
        return int(self.process.stdout.readline())

    def run(self, order: dict[str, Any], timeout: float) -> int:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        child = self.said(None)
        try:
            return self.said(timeout)
        except TimeoutError:
            os.kill(child, 9)
            self.said(None)
            raise subprocess.TimeoutExpired(order["arguments"], timeout) from None


_server = cache(_Server)


def run(
    program: str, arguments: tuple[str, ...], *, timeout: float, stdin: str = "", cwd: Path | None = None,
    environment: dict[str, str] | None = None, limits: Limits | None = None,
) -> subprocess.CompletedProcess[str]:  # fmt: skip
    """``python -m program arguments`` in UTF-8; the status is as ``subprocess`` has it.

    Raises:
        subprocess.TimeoutExpired: it took longer; it is ended then.
    """
    limits = limits or Limits()
    with TemporaryDirectory() as folder:
        streams = [Path(folder) / name for name in ("stdin", "stdout", "stderr")]
        streams[0].write_bytes(stdin.encode("utf-8", "surrogateescape"))
        order = {
            "program": program, "arguments": arguments, "cwd": str(cwd or Path.cwd()), "streams": list(map(str, streams)),
            "environment": {**os.environ, **(environment or {})}, "seconds": limits.seconds, "memory": limits.memory,
        }  # fmt: skip
        status = _server(program).run(order, timeout)
        out, err = (path.read_text(encoding="utf-8", errors="replace") for path in streams[1:])
    return subprocess.CompletedProcess(arguments, status, out, err)


# --- the other side: a process that imports and forks ----------------------------------------------------------------


def _serve(program: str) -> None:
    for module in PROGRAMS[program]:
        import_module(module)
    if program == "derivgen":  # the plugin of mkdocs does so itself, where nobody did
        gc.freeze()
    named = _named_folders(os.environ)
    installed = [folder for folder in sys.path[1:] if folder not in named]
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if not child:
            return _become(order, installed)
        print(child, flush=True)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(status, flush=True)
    return None


def _named_folders(environment: Mapping[str, str]) -> list[str]:
    """The folders from which modules are taken before those that are installed."""
    return list(filter(None, environment.get("PYTHONPATH", "").split(os.pathsep)))


def _become(order: dict[str, Any], before: list[str]) -> None:
    """Be the run that was asked for, to the end of the process; ``before`` is where modules are found in any case."""
    os.chdir(order["cwd"])
    os.environ.clear()
    os.environ.update(order["environment"])
    for number, path in enumerate(order["streams"]):
        opened = os.open(path, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
    if order["seconds"] is not None:
        resource.setrlimit(resource.RLIMIT_CPU, (order["seconds"], order["seconds"] + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if order["memory"] is not None:
        resource.setrlimit(resource.RLIMIT_AS, (order["memory"], order["memory"]))
    sys.argv = [order["program"], *order["arguments"]]
    named = _named_folders(os.environ)
    sys.path[:] = [order["cwd"], *named, *(folder for folder in before if folder not in named)]
    invalidate_caches()
    runpy.run_module(order["program"], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _serve(sys.argv[1])
