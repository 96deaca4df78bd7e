"""Files and streams that do not do what one hopes: full disks, closed streams, links, devices, names without end."""

from __future__ import annotations

import os
import resource
import stat
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from derivgen.cli import main
from derivgen.files import copy_whole, write_whole
from tests.limited import command

SUM = ("derive", "sum(x)", "--wrt", "x", "--where", "x in R^n")
LIST = "derivations:\n- {expression: sum(x), wrt: x, where: x in R^n, id: one, to: html}\n"


def shell(line: str, **more: str) -> subprocess.CompletedProcess[str]:
    """A line of a shell, in which ``$D`` is the command and "$S" asks for a derivation."""
    words = 'D="$PYTHON -m derivgen"; S() { $D derive "sum(x)" --wrt x --where "x in R^n" "$@"; }; ' + line
    env = {**os.environ, "PYTHON": sys.executable, **more}
    return subprocess.run(["bash", "-c", words], capture_output=True, text=True, env=env, timeout=120, check=False)


def test_pipes_are_utf_8_where_the_system_has_no_letters_for_mathematics() -> None:
    plain = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    run = subprocess.run(
        [sys.executable, "-m", "derivgen", "derive", "-", "--wrt", "x", "--where", "x, y in R^n"],
        input="x ◯ y".encode(), capture_output=True, env={**os.environ, **plain}, timeout=120, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert "∂" in run.stdout.decode("utf-8")


# --- standard streams ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("S > /dev/full", "cannot write to standard output: No space left"),
        ("S >&-", "standard output is closed"),
        ("$D rules > /dev/full", "cannot write to standard output: No space left"),
        ("$D --help > /dev/full", "cannot write to standard output: No space left"),
        ("$D derive - --wrt x <&-", "standard input is closed"),
        ("$D derive - --wrt x 0> /dev/null", "cannot read standard input: "),
        ("$D eval x --where 'x in R' --at - <&-", "standard input is closed"),
        ("$D derive - --wrt x --where 'x in R' < /dev/zero", "standard input is longer"),
        ("$D derive 'x +' --wrt x 2>&-", ""),
        ("$D derive 'x +' --wrt x 2>/dev/full", ""),
        ("$D derive 'x +' --wrt x >&- 2>&- <&-", ""),
    ],
)
def test_a_stream_that_is_full_or_closed_is_an_error_of_its_own(line: str, said: str) -> None:
    made = shell(line)
    assert made.returncode == 2, made.stderr
    assert said in made.stderr
    assert made.stdout == ""
    assert "Traceback" not in made.stderr
    assert "internal error" not in made.stderr
    assert len(made.stderr.splitlines()) <= 2


def test_closed_streams_that_are_not_needed_change_nothing(tmp_path: Path) -> None:
    made = shell(f"S -o {tmp_path}/a.txt <&- >&- 2>&-")
    assert made.returncode == 0
    assert "Verified" in (tmp_path / "a.txt").read_text(encoding="utf-8")
    two = LIST + LIST.splitlines()[1].replace("one", "two") + "\n"
    (tmp_path / "list.yml").write_text(two, encoding="utf-8")
    made = shell(f"cd {tmp_path} && $D run list.yml --jobs 2 -o out <&- 2>&-")
    assert made.returncode == 0
    assert "2 verified" in made.stdout


@pytest.mark.parametrize("line", ["S", "S --to json -o /dev/stdout", "$D rules", "$D --help"])
def test_a_reader_that_went_away_is_no_error(line: str) -> None:
    made = shell(f"{{ {line}; echo $? >&2; }} | true")
    assert made.stderr in ("141\n", "0\n")  # the answer may have been written before the reader went


# --- files that are written ---------------------------------------------------------------------------------------------


def no_room() -> None:
    """A disk on which no file can grow beyond a few bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))


def limited(*arguments: str, at: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "derivgen", *arguments], cwd=at, capture_output=True, text=True, check=False,
        preexec_fn=no_room, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    old = tmp_path / "a.html"
    old.write_text("old", encoding="utf-8")
    made = limited(*SUM, "-o", "a.html", at=tmp_path)
    assert (made.returncode, made.stderr) == (2, "error: cannot write a.html: File too large\n")
    assert old.read_text(encoding="utf-8") == "old"
    assert os.listdir(tmp_path) == ["a.html"]


def test_a_full_disk_and_a_list_of_derivations(tmp_path: Path) -> None:
    (tmp_path / "list.yml").write_text(LIST, encoding="utf-8")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/one.html").write_text("old", encoding="utf-8")
    made = limited("run", "list.yml", "-o", "out", "--jobs", "1", at=tmp_path)
    assert made.returncode == 2
    assert "cannot write out/one.html: File too large" in made.stderr
    assert (tmp_path / "out/one.html").read_text(encoding="utf-8") == "old"
    assert os.listdir(tmp_path / "out") == ["one.html"]


def test_a_full_disk_and_a_folder_of_pages(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.md").write_text("word " * 100, encoding="utf-8")
    (tmp_path / "in/b.bin").write_bytes(b"b" * 500)
    for name in ("a.md", "b.bin"):
        (tmp_path / "out").mkdir(exist_ok=True)
        (tmp_path / "out" / name).write_text("old", encoding="utf-8")
    made = limited("render", "in", "out", at=tmp_path)
    assert (made.returncode, "File too large" in made.stderr) == (2, True)
    assert {p.name: p.read_text(encoding="utf-8") for p in (tmp_path / "out").iterdir()} == {
        "a.md": "old",
        "b.bin": "old",
    }


def replacements(folder: Path) -> dict[str, Callable[[Path], object]]:
    """What replaces files: the answer of a command, a page, a file copied along."""
    source = folder / "source.txt"
    source.write_bytes(b"new")
    return {
        "write": lambda path: write_whole(path, b"new"),
        "copy": lambda path: copy_whole(source, path),
        "answer": lambda path: main([*SUM, "--to", "text", "-o", str(path)]),
    }


@pytest.mark.parametrize("how", ["write", "copy", "answer"])
def test_links_are_written_through_and_permissions_stay(how: str, tmp_path: Path) -> None:
    write = replacements(tmp_path)[how]
    (tmp_path / "deep").mkdir()
    real = tmp_path / "deep/real.txt"
    real.write_text("old", encoding="utf-8")
    real.chmod(0o640)
    (tmp_path / "first.txt").symlink_to("deep/second.txt")
    (tmp_path / "deep/second.txt").symlink_to("real.txt")
    write(tmp_path / "first.txt")
    assert real.read_text(encoding="utf-8") != "old"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert os.readlink(tmp_path / "first.txt") == "deep/second.txt"
    assert os.readlink(tmp_path / "deep/second.txt") == "real.txt"
    (tmp_path / "hanging.txt").symlink_to("deep/made.txt")
    write(tmp_path / "hanging.txt")
    assert (tmp_path / "hanging.txt").is_symlink()
    assert (tmp_path / "deep/made.txt").stat().st_size > 0
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("how", ["write", "copy", "answer"])
def test_what_is_no_regular_file_is_written_to(how: str, tmp_path: Path) -> None:
    write = replacements(tmp_path)[how]
    pipe = tmp_path / "pipe.txt"
    os.mkfifo(pipe)
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(pipe.read_bytes()))
    reader.start()
    write(pipe)
    reader.join(20)
    assert found != [b""]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    before = os.stat("/dev/null")
    write(Path("/dev/null"))
    assert os.path.samestat(before, os.stat("/dev/null"))
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_the_name_of_standard_output_is_no_file_to_replace(name: str, tmp_path: Path) -> None:
    made = shell(
        f"cd {tmp_path}; ln -s {name} link; echo before > file; S --to text -o link >> file; echo after >> file; S --to json -o {name}"
    )
    assert made.returncode == 0, made.stderr
    text = (tmp_path / "file").read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert "Verified" in text
    assert text.endswith("after\n")
    assert '"verdict": "verified"' in made.stdout
    assert sorted(os.listdir(tmp_path)) == ["file", "link"]


def test_places_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "folder.txt").mkdir()
    (tmp_path / "loop.txt").symlink_to("loop.txt")
    long = "a" * 300 + ".txt"
    for path, why in [
        ("folder.txt", "Is a directory"),
        ("loop.txt", "symbolic links"),
        (long, "too long"),
        ("no/a.txt", "No such file"),
    ]:
        assert main([*SUM, "-o", str(tmp_path / path)]) == 2
        assert why in capsys.readouterr().err
    assert sorted(os.listdir(tmp_path)) == ["folder.txt", "loop.txt"]


def test_a_file_that_may_not_be_written_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.geteuid() == 0:  # nothing is forbidden to root: the system's answer to anybody else is put in its place
        monkeypatch.setattr(os, "access", lambda path, mode: not os.stat(path).st_mode & 0o400 or mode != os.W_OK)
    file = tmp_path / "a.txt"
    file.write_text("old", encoding="utf-8")
    file.chmod(0o444)
    assert main([*SUM, "-o", str(file)]) == 2
    assert "Permission denied" in capsys.readouterr().err
    assert file.read_text(encoding="utf-8") == "old"


# --- files that are read --------------------------------------------------------------------------------------------------


def test_files_without_end_are_refused(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.md").symlink_to("/dev/zero")
    for arguments in (
        (*SUM, "--preamble", "/dev/zero"),
        ("equal", "x", "x", "--where", "x in R", "--preamble", "/dev/zero"),
        ("eval", "x", "--where", "x in R", "--at", "/dev/zero"),
        ("run", "/dev/zero", "-o", str(tmp_path / "out")),
        ("render", str(tmp_path / "in"), str(tmp_path / "out")),
    ):
        made = command(*arguments)
        assert made.refused, made
        assert "longer than" in made.stderr or "no regular file" in made.stderr
    assert command(*SUM, "--preamble", str(tmp_path)).refused


def test_arrays_that_would_not_fit_are_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "a.npz"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed, packed.open("x.npy", "w") as part:
        part.write(
            b"\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': False, 'shape': (62500000,), }".ljust(127) + b"\n"
        )
        for _ in range(500):
            part.write(bytes(1_000_000))
    made = command("eval", "x", "--where", "x in R^n", "--at", str(file))
    assert made.refused, made
    assert "bytes, more than" in made.stderr


@pytest.mark.parametrize("where", ["a" * 300, "/dev/null/cache", "file"])
def test_a_cache_that_has_no_place_is_done_without(
    where: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    (tmp_path / "list.yml").write_text(LIST, encoding="utf-8")
    folder = where if where.startswith("/") else str(tmp_path / where)
    assert (
        main(["run", str(tmp_path / "list.yml"), "-o", str(tmp_path / "out"), "--cache-dir", folder, "--jobs", "1"])
        == 0
    )
    out, err = capsys.readouterr()
    assert err.startswith("warning: nothing is kept for the next time: ")
    assert "1 verified" in out
    (tmp_path / "in.md").write_text("# A\n", encoding="utf-8")
    assert main(["render", str(tmp_path / "in.md"), str(tmp_path / "out.md"), "--cache-dir", folder]) == 0
