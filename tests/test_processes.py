"""The processes of a command end with it, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

HOOK = """
import os, time
import derivgen.derivation
def derive(expression, *_, **__):
    open(os.path.join(os.environ["BUSY"], str(os.getpid())), "w").close()
    while True: pass
derivgen.derivation.derive_by = derive
"""

LIST = "derivations:\n" + "".join(f"- {{expression: x * {k}, wrt: x, where: x in R}}\n" for k in range(2, 8))
PAGE = "".join(f"```derivation\nx * {k}\nwrt: x\nwhere: x in R\n```\n\n" for k in range(2, 8))
COMMANDS = {
    "run": ("run", "list.yml", "-o", "out", "--jobs", "2"),
    "render": ("render", "in.md", "out.md", "--jobs", "2"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which nothing that is asked for is ever done; the names of files in "busy" are those who try."""
    (tmp_path / "sitecustomize.py").write_text(HOOK, encoding="utf-8")
    (tmp_path / "list.yml").write_text(LIST, encoding="utf-8")
    (tmp_path / "in.md").write_text(PAGE, encoding="utf-8")
    (tmp_path / "busy").mkdir()
    return tmp_path


def begun(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """The command, in a group of its own, as a terminal has it."""
    path = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH") or os.getcwd()])
    return subprocess.Popen(
        [sys.executable, "-m", "derivgen", *arguments], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "PYTHONPATH": path, "BUSY": str(folder / "busy")}, start_new_session=True,
        preexec_fn=heard,
    )  # fmt: skip


def heard() -> None:
    """Hear what a terminal sends, though the tests may run where it is ignored: behind nohup, or an & of a script."""
    for sent in (signal.SIGINT, signal.SIGHUP):
        signal.signal(sent, signal.SIG_DFL)


def wait(process: subprocess.Popen[str], so_far: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not so_far():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.005)


def started(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """The command, when both of its workers are busy."""
    process = begun(folder, *arguments)
    wait(process, lambda: len(os.listdir(folder / "busy")) == 2)
    return process


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize(
    ("what", "name"),
    [pytest.param(what, name, marks=[pytest.mark.slow] * (name in ("HUP", "KILL")), id=f"{what}-{name}")
     for what in COMMANDS for name in ("TERM", "HUP", "KILL", "INT")],
)  # fmt: skip
def test_no_worker_outlives_the_command(what: str, name: str, folder: Path) -> None:
    number = getattr(signal, f"SIG{name}")
    process = started(folder, *COMMANDS[what])
    workers = [int(pid) for pid in os.listdir(folder / "busy")]
    try:
        assert all(map(lives, workers))
        process.send_signal(number)
        said, _ = process.communicate(timeout=30)  # until nobody holds the pipe any more
        assert process.returncode == (130 if name == "INT" else -number)
        assert "Traceback" not in said
        until = time.monotonic() + 10
        while any(map(lives, workers)) and time.monotonic() < until:
            time.sleep(0.02)
        assert not any(map(lives, workers))
        assert not list(folder.rglob("*.part"))
    finally:
        process.kill()
        for pid in filter(lives, workers):
            os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("moment", [0.0, 0.05, 0.2, 0.5])
@pytest.mark.parametrize("what", COMMANDS)
def test_an_interruption_is_quiet_while_workers_begin(what: str, moment: float, folder: Path) -> None:
    """A terminal sends Ctrl-C to the command and to its workers."""
    process = begun(folder, *COMMANDS[what])
    try:
        wait(process, lambda: bool(children(process.pid)))
        time.sleep(moment)
        workers = children(process.pid)
        os.killpg(process.pid, signal.SIGINT)
        said, _ = process.communicate(timeout=30)
        assert (process.returncode, said.strip()) == (130, "derivgen: interrupted")
        assert not any(map(lives, workers))
    finally:
        process.kill()


def children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text(encoding="ascii").split()]


def test_signals_that_somebody_waits_for_are_left_alone(folder: Path) -> None:
    """``nohup`` has a command pass over HUP; one that is called from a program leaves the program's own arrangements."""
    program = (
        "import signal; from derivgen.cli import main; signal.signal(signal.SIGHUP, signal.SIG_IGN);"
        "main(['--version']); print(signal.getsignal(signal.SIGHUP) == signal.SIG_IGN, signal.getsignal(signal.SIGTERM) == 0)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "True True"
