"""The processes that derive: many questions, one that never ends, one that is the end of its process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from derivgen.options import Options
from derivgen.site.record import question
from derivgen.work.workers import AHEAD, Workers

HOOK = """
import os
import derivgen.site.record as record
real = record.make
def make(asked):
    if asked["expression"] == "endless":
        while True: pass
    if asked["expression"] == "deadly":
        os._exit(7)
    with open(os.environ["ANSWERED"], "a") as file:
        file.write(asked["expression"] + "\\n")
    return real(asked)
record.make = make
"""


def asked(expression: str) -> dict[str, Any]:
    return question(expression, Options(wrt=("x",), where="x in R"), "mathml")


@pytest.fixture
def answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Processes in which two questions are not like others; the file says what they have answered."""
    (tmp_path / "sitecustomize.py").write_text(HOOK, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("ANSWERED", str(tmp_path / "answered"))
    return tmp_path / "answered"


def test_questions_behind_one_that_ends_a_process_are_answered(answered: Path) -> None:
    expressions = [f"{k} * x" for k in range(2, 22)]
    expressions.insert(3, "deadly")
    expressions.insert(11, "endless")
    expressions.insert(12, "deadly")
    workers = Workers(1, seconds=2.0)
    records = [f.result()[0] for f in [workers.ask(asked(e)) for e in expressions]]
    workers.close()
    for expression, record in zip(expressions, records, strict=True):
        match expression:
            case "deadly":
                assert record.trouble is not None
                assert "status 7" in record.trouble.message
            case "endless":
                assert record.trouble is not None
                assert (record.trouble.kind, "2 seconds" in record.trouble.message) == ("too long", True)
            case _:
                assert record.verdict == "verified"
                assert record.told()["expression"] == expression
    assert answered.read_text(encoding="utf-8").split("\n")[:-1] == [e for e in expressions if " " in e]


def test_the_bytes_are_those_of_the_record() -> None:
    workers = Workers(2)
    for future in [workers.ask(asked(f"{k} * x")) for k in range(2, 2 + 3 * AHEAD)]:
        record, data = future.result()
        assert data == record.dump()
        assert json.loads(data.partition(b"\n")[0])["title"] == record.title
    workers.close()


def test_what_was_not_begun_is_not_done_at_the_end() -> None:
    workers = Workers(1)
    futures = [workers.ask(asked(f"{k} * x")) for k in range(2, 300)]
    workers.close()
    done = [f for f in futures if not f.cancelled()]
    assert all(f.done() for f in futures)
    assert len(done) < len(futures)
    assert all(f.result()[0].verdict == "verified" for f in done)
    again = workers.ask(asked("x**2"))  # it may be asked again
    assert again.result()[0].verdict == "verified"
    workers.close()


def test_where_no_process_can_be_started_the_answer_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("too many processes")

    workers = Workers(1)
    monkeypatch.setattr("subprocess.Popen", full)
    records = [f.result(10)[0] for f in [workers.ask(asked(f"{k} * x")) for k in range(2, 8)]]
    assert all(r.trouble is not None and "too many processes" in r.trouble.message for r in records)
    assert not any(r.lasting for r in records)
    monkeypatch.undo()
    assert workers.ask(asked("9 * x")).result()[0].verdict == "verified"
    workers.close()
