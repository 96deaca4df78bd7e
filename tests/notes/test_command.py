"""The command ``check``: what it prints, how it ends, and what it keeps."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from derivgen.cli import main

WHERE = "<!-- derivgen: where: w, x in R^n; A in R^(n*n) -->\n\n"
TRUE = "$\\nabla_w (w^\\top x) = x$\n"
FALSE = "so $\\nabla_w (w^\\top x) = w$ here\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(**texts: str) -> None:
    for name, text in texts.items():
        Path(name.replace("_", ".")).write_text(WHERE + text, encoding="utf-8")


def test_what_is_true_ends_well_and_what_is_false_does_not(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(good_md=TRUE, bad_md=TRUE + "\n" + FALSE)
    assert main(["check", "good.md"]) == 0
    assert "1 verified, 0 refuted" in capsys.readouterr().out
    assert main(["check", "good.md", "bad.md"]) == 1
    out = capsys.readouterr().out
    assert out.startswith("bad.md:5:")
    line, carets = out.split("\n")[1:3]
    at = carets.index("^")
    assert line[at : at + carets.count("^")] in "\\nabla_w (w^\\top x) = w"
    assert "2 files, 3 formulas, 3 equalities: 2 verified, 1 refuted, 0 unchecked" in out


def test_formats(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(bad_md=FALSE)
    assert main(["check", "bad.md", "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [(e["file"], e["line"], e["verdict"], e["reason"]) for e in found["equalities"]] == [
        ("bad.md", 3, "refuted", "false")
    ]
    assert main(["check", "bad.md", "--format", "github"]) == 1
    assert capsys.readouterr().out.startswith("::error file=bad.md,title=derivgen false,line=3")
    assert main(["check", "bad.md", "--format", "sarif", "-o", "out.sarif"]) == 1
    assert json.loads(Path("out.sarif").read_text(encoding="utf-8"))["runs"][0]["results"][0]["ruleId"] == "false"


def test_bad_usage_and_files_that_cannot_be_read(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(good_md=TRUE)
    Path("latin.tex").write_bytes("für $x$".encode("latin-1"))
    Path("none.ipynb").write_text("{", encoding="utf-8")
    assert main(["check"]) == 2
    assert main(["check", "gone.md"]) == 2
    assert main(["check", "good.md", "--select", "fals"]) == 2
    assert "did you mean false?" in capsys.readouterr().err
    assert main(["check", "latin.tex", "good.md", "none.ipynb", "--jobs", "1"]) == 2
    out, err = capsys.readouterr()
    assert "1 verified" in out
    assert "latin.tex is not UTF-8 text" in err
    assert "none.ipynb is no notebook" in err
    assert main(["check", "gone.md", "--format", "json"]) == 2
    assert json.loads(capsys.readouterr().err)["error"]["message"] == "there is no file gone.md"


def test_silence_that_is_asked_for(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(bad_md=FALSE, quiet_md=FALSE.strip() + " <!-- derivgen: ignore false -->\n")
    assert main(["check", "quiet.md"]) == 0
    assert "1 ignored" in capsys.readouterr().out
    assert main(["check", "bad.md", "--ignore", "false"]) == 0
    assert main(["check", "bad.md", "--select", "shape,kink"]) == 0
    assert main(["check", "bad.md", "--write-baseline", "base.json"]) == 0
    written(bad_md="One more line.\n\n" + FALSE)
    assert main(["check", "bad.md", "--baseline", "base.json"]) == 0
    written(bad_md=FALSE + "\n" + FALSE.replace("= w", "= 2w"))
    capsys.readouterr()
    assert main(["check", "bad.md", "--baseline", "base.json"]) == 1
    assert "1 error, 1 ignored" in capsys.readouterr().out


def test_a_line_explained(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(bad_md=TRUE + "\n" + FALSE)
    assert main(["check", "--explain", "bad.md:5"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("bad.md:5:5: ")
    assert "refuted [false]" in out
    assert (
        "Derivative with respect to w\n\n  y = wᵀx\n" in out
    )  # what is only stated is derived, as it is laid out there
    assert "\nAnswer\n\n    ∂y/∂w = x\n" in out
    assert main(["check", "--explain", "bad.md:1"]) == 2
    assert "the next stands on line 3" in capsys.readouterr().err


def test_formulas_that_have_not_changed_come_from_the_cache(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(good_md=TRUE, bad_md=FALSE)
    assert main(["check", "good.md", "bad.md", "--jobs", "1"]) == 1
    before = capsys.readouterr().out
    started = time.process_time()
    assert main(["check", "good.md", "bad.md", "--jobs", "1"]) == 1
    assert time.process_time() - started < 2
    assert capsys.readouterr().out == before
    assert Path(".cache/derivgen").is_dir()
    written(bad_md=TRUE)
    assert main(["check", "good.md", "bad.md", "--jobs", "1"]) == 0


def test_files_side_by_side_say_the_same(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(a_md=TRUE, b_md=FALSE, c_md=TRUE + FALSE)
    assert main(["check", ".", "--no-cache", "--jobs", "1"]) == 1
    alone = capsys.readouterr().out
    assert main(["check", ".", "--no-cache", "--jobs", "2"]) == 1
    assert capsys.readouterr().out == alone


def test_what_changes_is_checked_again(here: Path) -> None:
    written(page_md=TRUE)
    root = Path(__file__).resolve().parents[2]
    env = {**os.environ, "PYTHONPATH": str(root), "PYTHONUNBUFFERED": "1"}
    words = [sys.executable, "-m", "derivgen", "check", "page.md", "--watch"]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env, cwd=here
    ) as process:
        watchdog = threading.Timer(120, process.kill)
        watchdog.start()
        assert process.stdout is not None
        assert process.stderr is not None
        while "refuted" not in (line := process.stdout.readline()):
            assert line
        assert "1 verified, 0 refuted" in line
        assert "watching" in process.stderr.readline()
        written(page_md=FALSE)
        while "refuted" not in (line := process.stdout.readline()):
            assert line
        assert "0 verified, 1 refuted" in line
        process.terminate()
        assert process.wait(60) == -signal.SIGTERM
        watchdog.cancel()
