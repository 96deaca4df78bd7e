"""Records by question: made in processes, kept as the bytes that they came in, and not kept where a process ended."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from derivgen.options import Options
from derivgen.site.answer import RECORDS, make
from derivgen.site.record import question
from derivgen.work.cache import Cache
from derivgen.work.store import Asked, Store
from derivgen.work.workers import Workers

HOOK = """
import os
import derivgen.site.answer as site
real = site.answer
def answer(asked):
    if asked["expression"] == "endless":
        while True: pass
    if asked["expression"] == "deadly":
        os._exit(7)
    return real(asked)
site.answer = answer
"""


def asked(expression: str) -> Asked:
    return question(expression, Options(wrt=("x",), where="x in R"), "mathml")


@pytest.mark.slow
def test_what_ends_a_process_is_a_record_that_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sitecustomize.py").write_text(HOOK, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    expressions = ["2 * x", "deadly", "3 * x", "endless", "4 * x"]
    with Store(RECORDS, Cache(tmp_path / "cache"), Workers(1), seconds=2.0) as store:
        store.prepare(map(asked, expressions))
        records = [store.get(asked(e)) for e in expressions]
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
            assert (store.kept(asked(expression)) == record) is (" " in expression)


def test_the_bytes_are_those_of_the_record() -> None:
    workers = Workers(2)
    for future in [workers.ask(RECORDS.function, asked(f"{k} * x")) for k in range(2, 6)]:
        data = future.result()
        record = RECORDS.load(data)
        assert record is not None
        assert data == record.dump()
        assert json.loads(data.partition(b"\n")[0])["title"] == record.title
    workers.close()


def test_here_and_there_it_is_the_same() -> None:
    with Store(RECORDS, workers=Workers(1)) as store:
        assert store.get(asked("x**2")) == make(asked("x**2")) == Store(RECORDS).get(asked("x**2"))
