"""The README keeps its word: its commands are those that CI runs, and the output it shows is what they print."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from derivgen.cli import main

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def readme(root: Path) -> str:
    return (root / "README.md").read_text(encoding="utf-8")


def blocks(readme: str, language: str) -> list[str]:
    return [body for found, body in BLOCK.findall(readme) if found == language]


def derivgen_calls(text: str) -> list[list[str]]:
    """The arguments of every call of derivgen in lines of shell."""
    found = []
    for line in text.splitlines():
        for command in re.split(r" && ", line):
            words = shlex.split(command)
            if words and Path(words[0]).name == "derivgen":
                found.append(words[1:])
    return found


def test_two_commands_of_one_line(readme: str) -> None:
    commands = blocks(readme, "sh")
    assert [len(c.splitlines()) for c in commands] == [1, 1]
    for command, last in zip(commands, ("derivgen derive", "-m pytest"), strict=True):
        first, *_, ending = command.strip().split(" && ")
        assert first == "python3 -m venv .venv"
        assert last in ending
        subprocess.run(["sh", "-n", "-c", command], check=True)


def test_pictures_are_there_and_said_in_words(readme: str, root: Path) -> None:
    pictures = re.findall(r'<img src="([^"]+)" alt="([^"]+)"', readme)
    assert len(pictures) == 2
    for source, words in pictures:
        assert (root / source).is_file()
        assert len(words.split()) > 20
        assert "answer" in words


def test_ci_runs_these_commands(root: Path) -> None:
    script = (root / ".ci" / "run").read_text(encoding="utf-8")
    assert 'command_with "derivgen derive"' in script
    assert 'command_with "pytest"' in script
    subprocess.run(["bash", "-n", root / ".ci" / "run"], check=True)


def test_output_shown_is_the_output(readme: str, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (arguments,) = derivgen_calls(blocks(readme, "sh")[0])
    assert main(arguments) == 0
    printed, warnings = capsys.readouterr()
    assert warnings == ""
    shown = blocks(readme, "text")[0]
    if os.environ.get("DERIVGEN_REWRITE"):
        (root / "README.md").write_text(
            readme.replace(f"```text\n{shown}```", f"```text\n{printed}```", 1), encoding="utf-8"
        )
        return
    assert shown == printed, "run the tests once with DERIVGEN_REWRITE=1"


def test_further_commands_work(
    readme: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    calls = derivgen_calls(blocks(readme, "text")[1])
    assert len(calls) >= 4
    for arguments in calls:
        assert main(arguments) == 0, arguments
        assert capsys.readouterr().err == "", arguments


def test_python_shown_works(readme: str, capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = blocks(readme, "python")
    names: dict[str, object] = {}
    exec(code, names)
    assert "where(" in capsys.readouterr().out


def test_links_lead_somewhere(readme: str, root: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", readme):
        assert target.startswith("https://") or (root / target).exists(), target
