"""Many derivations at once: the file that lists them, the files that are made, the cache, the statuses and the mistakes."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import derivgen.work.batch
from derivgen import DerivgenError
from derivgen.check.verdict import Verdict
from derivgen.cli import main, program
from derivgen.formats import FORMATS, suffixes
from derivgen.options import declared, keys
from derivgen.work.batch import RESULTS, Result, question
from derivgen.work.cache import Cache, key_of
from derivgen.work.worklist import EXPRESSION, Job, Refusal, read_list

TWO = """
where: w, x in R^n; b in R
derivations:
  - expression: w * x
    wrt: w
    id: product
    to: [text, json]
  - expression: sum(w * x)
    wrt: [w, x]
    title: The sum of it
"""


class Here:
    """A folder with a file, and the command run over it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.file = folder / "list.yml"
        self.out_dir = folder / "out"
        self._capsys = capsys

    def write(self, text: str | bytes) -> Here:
        self.file.write_bytes(text.encode() if isinstance(text, str) else text)
        return self

    def __call__(self, *more: str) -> Here:
        places = ("-o", str(self.out_dir), "--cache-dir", str(self.folder / "cache"))
        self.status = main(["run", str(self.file), "--jobs", "1", *places, *more])
        self.out, self.err = self._capsys.readouterr()
        return self

    def jobs(self) -> list[Job | Refusal]:
        return read_list(str(self.file))

    def made(self) -> dict[str, str]:
        paths = sorted(p for p in self.out_dir.rglob("*") if p.is_file())
        return {p.relative_to(self.out_dir).as_posix(): p.read_text(encoding="utf-8") for p in paths}

    def refused(self) -> DerivgenError:
        """The one mistake in the file."""
        try:
            (found,) = [job.error for job in self.jobs() if isinstance(job, Refusal)]
        except DerivgenError as error:
            return error
        return found


@pytest.fixture
def here(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Here:
    return Here(tmp_path, capsys)


def verdicts(out: str) -> list[list[str]]:
    """The cells of the summary."""
    return [re.split(r"\s{2,}", line.strip()) for line in out.split("\n\n")[0].splitlines()[2:]]


# --- what is made ------------------------------------------------------------------------------------------------------


def test_every_derivation_is_made_in_its_formats(here: Here) -> None:
    here.write(TWO)()
    assert (here.status, here.err) == (0, "")
    assert list(here.made()) == ["product.json", "product.txt", "the-sum-of-it-w.txt", "the-sum-of-it-x.txt"]
    assert json.loads(here.made()["product.json"])["verdict"] == "verified"
    assert here.made()["the-sum-of-it-w.txt"].startswith("The sum of it")
    assert all(int(row[3]) > 1 for row in verdicts(here.out))
    assert [[*row[:3], *row[4:]] for row in verdicts(here.out)] == [
        ["product", "w", "verified", "now", "text, json"],
        ["the-sum-of-it-w", "w", "verified", "now", "text"],
        ["the-sum-of-it-x", "x", "verified", "now", "text"],
    ]
    assert here.out.endswith("3 derivations: 3 verified\n")


def test_the_output_is_that_of_derive(here: Here, capsys: pytest.CaptureFixture[str]) -> None:
    here.write(TWO)()
    main(["derive", "w * x", "--wrt", "w", "--where", "w, x in R^n; b in R"])
    assert here.made()["product.txt"] == capsys.readouterr().out


def test_in_parallel_it_is_the_same(here: Here) -> None:
    here.write(TWO)()
    alone = here.made()
    here.out_dir = here.folder / "other"
    here("--jobs", "2", "--no-cache")
    assert here.status == 0
    assert here.made() == alone


def test_own_options_come_before_those_of_all(here: Here) -> None:
    here.write("""
layout: denominator
notation: modern
check: no
to: text
derivations:
  - {expression: w * x, wrt: w, where: "w, x in R^n", layout: gradient, seed: 3, check: true, let: ["u = w * x"]}
  - {expression: w * x, wrt: w, where: ["w in R^n", "x in R^n"], order: 2, to: "latex, svg", output: sub/it}
  - {expression: w * x, wrt: "[w, x], x", where: "w, x in R", output: a.md}
""")
    one, two, three, four = [job for job in here.jobs() if isinstance(job, Job)]
    assert (one.options.layout, one.options.notation, one.options.seed, one.options.check) == (
        "gradient",
        "modern",
        3,
        True,
    )
    assert one.options.let == ("u = w * x",)
    assert (two.options.layout, two.options.where, two.options.order, two.options.check) == (
        "denominator", "w in R^n; x in R^n", 2, False,
    )  # fmt: skip
    assert two.outputs == (("sub/it.latex", "latex"), ("sub/it.svg", "svg"))
    assert (three.wrt, four.wrt) == ("[w, x]", "x")
    assert one.outputs == (("derivation-1.txt", "text"),)


def test_texts_are_taken_as_they_are_written(here: Here) -> None:
    here.write("derivations:\n- {expression: 1e3, wrt: yes, id: 010, title: 2026-01-01, where: 'yes in R'}\n")
    (job,) = here.jobs()
    assert isinstance(job, Job)
    assert (job.expression, job.wrt, job.name, job.options.title) == ("1e3", "yes", "010", "2026-01-01")


def test_the_suffix_of_the_output_says_the_format(here: Here) -> None:
    here.write("derivations:\n- {expression: x, wrt: x, where: x in R, output: sub/a.tex}\n")
    (job,) = here.jobs()
    assert isinstance(job, Job)
    assert job.outputs == (("sub/a.tex", "tex"),)


def test_every_option_of_derive_is_a_key_and_every_format_has_a_file() -> None:
    assert {o.name for o in declared("list")} >= {o.name for o in declared("derive")}
    assert EXPRESSION not in keys("list")
    assert len({suffixes(form)[0] for form in FORMATS}) == len(FORMATS)


def test_the_help_names_every_key() -> None:
    help = program.commands["run"].help or ""
    for key in keys("list"):
        assert re.search(rf"\b{key}\b", help), key


def test_the_example_of_the_manual_is_made(here: Here, root: Path) -> None:
    manual = (root / "docs" / "run.md").read_text(encoding="utf-8")
    here.write(manual.partition("```yaml\n")[2].partition("```")[0])()
    assert (here.status, here.err) == (0, "")
    assert list(here.made()) == [
        "chapter-2/jacobian.tex", "derivation-2-w.latex", "derivation-2-w.svg",
        "derivation-2-x.latex", "derivation-2-x.svg", "neuron.latex", "neuron.svg",
    ]  # fmt: skip


# --- statuses ----------------------------------------------------------------------------------------------------------


def test_what_is_wrong_does_not_keep_the_others_from_being_made(here: Here) -> None:
    here.write(TWO + "  - {expression: w * q, wrt: w}\n  - {expression: w, wrt: w, layot: numerator}\n")()
    assert here.status == 2
    assert len(here.made()) == 4
    assert [row[-1] if len(row) == 2 else row[2] for row in verdicts(here.out)] == ["verified"] * 3 + ["error"] * 2
    assert "q is not declared" in here.err
    assert f"{here.file}:11: derivation-3" in here.err
    assert f"{here.file}:12:29: there is no key 'layot' here" in here.err
    assert "did you mean layout?" in here.err


FALSE = Verdict("refuted", "the sides differ", 1, {"n": 3}, "exact", None, {"w": [1, 2, 3]}, "entry 2", "5", "7")


def refute(monkeypatch: pytest.MonkeyPatch) -> None:
    import derivgen.derivation

    honest = derivgen.derivation.derive_by

    def derive_by(*given: Any) -> Any:
        found: Any = honest(*given)
        steps = (replace(found.steps[0], check=FALSE), *found.steps[1:])
        return replace(found, steps=steps, report=replace(found.report, steps=steps))

    monkeypatch.setattr(derivgen.derivation, "derive_by", derive_by)


def test_a_refuted_derivation_is_said(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    refute(monkeypatch)
    here.write(TWO)()
    assert here.status == 1
    assert [row[2] for row in verdicts(here.out)] == ["refuted"] * 3
    assert "product: step 1" in here.err
    assert "left 5, right 7 at entry 2" in here.err
    here()  # from the cache it is refuted too
    assert (here.status, [row[4] for row in verdicts(here.out)]) == (1, ["cached"] * 3)


def test_a_mistake_of_ours_is_one_line_and_no_end(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DERIVGEN_DEBUG", raising=False)
    honest = derivgen.work.batch.make

    def make(asked: Mapping[str, Any]) -> Result:
        if asked["expression"] == "w * x":
            raise ZeroDivisionError("by zero")
        return honest(asked)

    monkeypatch.setattr(derivgen.work.batch, "make", make)
    here.write(TWO)()
    assert here.status == 2
    assert len(here.made()) == 2
    assert "internal error: ZeroDivisionError: by zero" in here.err
    assert "Traceback" not in here.err


HOOK = """
import os
import derivgen.derivation
honest = derivgen.derivation.derive_by
def derive_by(expression, *rest):
    if expression == "deadly":
        os._exit(7)
    return honest(expression, *rest)
derivgen.derivation.derive_by = derive_by
"""


def test_a_process_that_dies_takes_no_other_derivation_with_it(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    (here.folder / "sitecustomize.py").write_text(HOOK, encoding="utf-8")
    monkeypatch.syspath_prepend(str(here.folder))
    here.write(TWO + "  - {expression: deadly, wrt: w}\n" * 2 + "  - {expression: w, wrt: w}\n")("--jobs", "2")
    assert here.status == 2
    assert [row[-1] if len(row) == 2 else row[2] for row in verdicts(here.out)] == [
        *["verified"] * 3,
        *["error"] * 2,
        "verified",
    ]
    for line, name in ((11, "derivation-3"), (12, "derivation-4")):
        assert f"{here.file}:{line}: {name}: internal error: the process that derives ended with status 7" in here.err


def test_nothing_to_do(here: Here) -> None:
    here.write("derivations: []\n")()
    assert (here.status, here.err) == (0, "")
    assert "0 derivations: nothing to do" in here.out


# --- the cache ---------------------------------------------------------------------------------------------------------


def test_what_has_not_changed_is_taken_from_the_cache(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    here.write(TWO)()
    files = here.made()
    dates = {name: (here.out_dir / name).stat().st_mtime_ns for name in files}

    def make(asked: Mapping[str, Any]) -> Result:
        pytest.fail(f"{asked['expression']} is made again")

    with monkeypatch.context() as patched:
        patched.setattr(derivgen.work.batch, "make", make)
        here()
    assert [row[4] for row in verdicts(here.out)] == ["cached"] * 3
    assert here.out.endswith("3 from the cache\n")
    assert here.made() == files
    assert {name: (here.out_dir / name).stat().st_mtime_ns for name in files} == dates
    here.write(TWO.replace("id: product", "id: renamed").replace("[w, x]\n", "[w, x]\n    notation: modern\n"))()
    assert [row[4] for row in verdicts(here.out)] == ["cached", "now", "now"]
    here("--no-cache")
    assert [row[4] for row in verdicts(here.out)] == ["now"] * 3


def test_lost_and_damaged_files_are_written_again(here: Here) -> None:
    here.write(TWO)()
    files = here.made()
    (here.out_dir / "product.txt").unlink()
    (here.out_dir / "product.json").write_text("{", encoding="utf-8")
    here()
    assert here.made() == files


def test_damaged_entries_are_made_again(here: Here) -> None:
    here.write(TWO)()
    files = here.made()
    with sqlite3.connect(Cache(here.folder / "cache").path) as database:
        assert database.execute("SELECT count(*) FROM entry").fetchone() == (3,)
        database.execute("UPDATE entry SET value = substr(value, 1, size / 2)")
    database.close()
    here()
    assert (here.status, [row[4] for row in verdicts(here.out)]) == (0, ["now"] * 3)
    assert here.made() == files


def test_an_entry_that_is_no_result_is_made_again(here: Here) -> None:
    (job,) = [j for j in here.write(TWO).jobs() if isinstance(j, Job) and j.name == "product"]
    for data in (b"", b"{}", b"[]", b"null", b'{"verdict": "verified"}', b"\xff"):
        Cache(here.folder / "cache").put(key_of(function=RESULTS.function, question=question(job)), data)
        here()
        assert (here.status, verdicts(here.out)[0][4]) == (0, "now")


def test_a_result_is_unpacked_as_it_was_packed() -> None:
    result = Result("verified", 3, "words", {"pdf": bytes(range(256)), "text": "∂".encode()}, lasting=True)
    assert Result.unpacked(result.packed()) == result


def command(here: Here, *more: str) -> list[str]:
    places = ["-o", str(here.out_dir), "--cache-dir", str(here.folder / "cache")]
    return [sys.executable, "-m", "derivgen", "run", str(here.file), *places, *more]


def test_two_runs_at_once_and_one_that_is_killed(here: Here) -> None:
    here.write(TWO)
    killed = subprocess.Popen(command(here, "--jobs", "1"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    cache = Cache(here.folder / "cache")
    while killed.poll() is None and cache.is_empty():
        time.sleep(0.002)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    both = [
        subprocess.Popen(command(here), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    for running in both:
        _, wrong = running.communicate()
        assert (running.returncode, wrong) == (0, "")
    # what was being written when the process was killed is hidden, and in nobody's way
    found = {name: text for name, text in here.made().items() if not (name.startswith(".") and name.endswith(".part"))}
    here.out_dir = here.folder / "fresh"
    here("--no-cache")
    assert found == here.made()


# --- mistakes in the file ----------------------------------------------------------------------------------------------

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 0, "is empty"),
        ("# nothing\n", 0, "is empty"),
        ("- a\n- b\n", 1, "the file is a mapping"),
        ("where: x in R\n", 1, "there is no list 'derivations'"),
        ("derivations: 3\n", 1, "is not a list"),
        ("derivatons: []\n", 1, "there is no key 'derivatons'"),
        ("derivations:\n- 3\n", 2, "a derivation is a mapping"),
        ("derivations:\n- {wrt: x}\n", 2, "has no expression"),
        ("derivations:\n- {expression: x}\n", 2, "by what it is derived"),
        ("derivations:\n- {expression: x, wrt: x, wrt: y}\n", 2, "'wrt' stands here twice"),
        ("where: a\nwhere: b\nderivations: []\n", 2, "'where' stands here twice"),
        ("derivations:\n- {expression: x, wrt: x, layout: sideways}\n", 2, "is no value of"),
        ("derivations:\n- {expression: x, wrt: x, seed: two}\n", 2, "whole number"),
        ("derivations:\n- {expression: x, wrt: x, order: 3}\n", 2, "is no value of"),
        ("derivations:\n- {expression: x, wrt: x, check: maybe}\n", 2, "yes or no"),
        ("derivations:\n- {expression: x, wrt: x, to: docx}\n", 2, "is no value of"),
        ("derivations:\n- {expression: x, wrt: x, wrt: }\n", 2, "twice"),
        ("derivations:\n- {expression: x, wrt: 'x,'}\n", 2, "no variable"),
        ("derivations:\n- {expression: [x], wrt: x}\n", 2, "a text is wanted"),
        ("derivations:\n- {expression: x, wrt: x, output: ../up}\n", 2, "no name of a file"),
        ("derivations:\n- {expression: x, wrt: x, output: /etc/passwd}\n", 2, "no name of a file"),
        ("derivations:\n- {expression: x, wrt: x, id: 'a\\b/../..'}\n", 2, "no name of a file"),
        ('derivations:\n- {expression: x, wrt: x, id: "a\\0b"}\n', 2, "no name of a file"),
        ("derivations:\n- {expression: x, wrt: x, <<: {id: a}}\n", 2, "no key '<<'"),
        ("derivations:\n- {expression: x, wrt: x, [a]: b}\n", 2, "a key is a word"),
        ("derivations:\n- where: f: R^n -> R\n", 2, "not YAML"),
        ("derivations: [\n", 2, "not YAML"),
        ("derivations: *nothing\n", 1, "not YAML"),
        ("derivations: \x01\n", 1, "not YAML"),
        ("a: 1\n---\nb: 2\n", 2, "not YAML"),
        (LAUGHS + "derivations: *i\n", 1, "have no end"),
        ("derivations: &d\n- *d\n", 1, "have no end"),
        ("derivations: " + "[" * 200 + "]" * 200, 1, "have no end"),
        ("derivations: !!python/object/apply:os.system ['true']\n", 1, "a derivation is a mapping"),
    ],
    ids=lambda value: value[:24].encode("ascii", "replace").decode() if isinstance(value, str) else "",
)
def test_mistakes_in_the_file(text: str, line: int, message: str, here: Here) -> None:
    error = here.write(text).refused()
    assert message in error.message
    assert str(here.file) in error.message
    if line:
        assert f"{here.file}:{line}:" in error.message
    here()
    assert here.status == 2
    assert message in here.err
    assert "Traceback" not in here.err
    assert len(here.err.splitlines()) <= 8


def test_a_colon_in_a_text_is_explained(here: Here) -> None:
    error = here.write("derivations:\n- where: f: R^n -> R\n").refused()
    assert "quotation marks" in (error.hint or "")


def test_files_that_cannot_be_read(here: Here) -> None:
    here.file = here.folder / "none.yml"
    here()
    assert (here.status, "No such file" in here.err) == (2, True)
    here.write(b"\xff\xfe")()
    assert (here.status, "UTF-8" in here.err) == (2, True)
    here.write("#" * 1_000_001)()
    assert (here.status, "longer than" in here.err) == (2, True)
    here.write("a: " + "[" * 100_000)()
    assert (here.status, "nested too deeply" in here.err) == (2, True)


def test_two_that_would_write_one_file(here: Here) -> None:
    error = here.write(TWO + "  - {expression: w, wrt: w, id: Product, to: json}\n").refused()
    assert "Product.json is made by the derivation at line 4 already" in error.message


def test_a_folder_that_cannot_be_made(here: Here) -> None:
    here.out_dir = here.file / "out"
    here.write(TWO)()
    assert (here.status, "cannot make the folder" in here.err) == (2, True)


def test_a_number_of_jobs_that_is_none(here: Here) -> None:
    here.write(TWO)("--jobs", "0")
    assert (here.status, "--jobs" in here.err) == (2, True)
