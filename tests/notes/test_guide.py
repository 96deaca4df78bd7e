"""The page of the manual: its example is run, and the hook for pre-commit is what it says."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
import yaml

from derivgen.cli import main
from derivgen.notes.find import SUFFIXES

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "guide" / "check.md"


def test_the_example_is_checked_as_the_manual_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = PAGE.read_text(encoding="utf-8")
    example = re.search(r"^````markdown\n(.*?)^````$", page, re.MULTILINE | re.DOTALL)
    output = re.search(r"^```text\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert example is not None
    assert output is not None
    monkeypatch.chdir(tmp_path)
    Path("notes.md").write_text(example[1], encoding="utf-8")
    assert main(["check", "notes.md", "--no-cache"]) == 1
    printed = capsys.readouterr().out
    if os.environ.get("DERIVGEN_REWRITE"):
        PAGE.write_text(page[: output.start(1)] + printed + page[output.end(1) :], encoding="utf-8")
    else:
        assert printed == output[1]


def test_the_hook_takes_the_files_that_are_read() -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert hook["entry"] == "derivgen check"
    taken = re.compile(hook["files"])
    assert all(taken.search(f"folder/name{suffix}") for suffix in SUFFIXES - {".mkd", ".mdown", ".mdx", ".latex"})
    assert not taken.search("folder/name.py")
    assert hook["id"] in PAGE.read_text(encoding="utf-8")
