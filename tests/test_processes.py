"""The processes of a command end with it, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
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


def started(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """The command, when both of its workers are busy."""
    path = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH") or os.getcwd()])
    process = subprocess.Popen(
        [sys.executable, "-m", "derivgen", *arguments], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "PYTHONPATH": path, "BUSY": str(folder / "busy")},
    )  # fmt: skip
    until = time.monotonic() + 60
    while len(os.listdir(folder / "busy")) < 2:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.02)
    return process


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize("name", ["TERM", "HUP", "KILL", "INT"])
@pytest.mark.parametrize("what", COMMANDS)
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


def test_signals_that_somebody_waits_for_are_left_alone(folder: Path) -> None:
    """``nohup`` has a command pass over HUP; one that is called from a program leaves the program's own arrangements."""
    program = (
        "import signal; from derivgen.cli import main; signal.signal(signal.SIGHUP, signal.SIG_IGN);"
        "main(['--version']); print(signal.getsignal(signal.SIGHUP) == signal.SIG_IGN, signal.getsignal(signal.SIGTERM) == 0)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "True True"
