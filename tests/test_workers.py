"""The pool of processes: many questions, one that never ends, one that is the end of its process, one that prints."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from pathlib import Path

import pytest

from derivgen.errors import DerivgenError
from derivgen.work.workers import AHEAD, NoAnswer, Workers, answer_here

FUNCTIONS = """
import os, time
def answer(question):
    word = question["word"]
    if word == "endless":
        while True: pass
    if word == "asleep":
        time.sleep(1000)
    if word == "deadly":
        os._exit(7)
    if word == "wrong":
        raise ValueError(word)
    if word == "loud":
        os.write(1, b"12\\\\nthis is not an answer")
        print("nor this", flush=True)
    with open(os.environ["ANSWERED"], "a") as file:
        file.write(word + "\\\\n")
    return b"answer to " + word.encode() + b"\\\\n" * question.get("lines", 0)
""".replace("\\\\n", "\\n")


@pytest.fixture
def answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A function that answers questions of ours, and the file that says which."""
    (tmp_path / "questions_of_ours.py").write_text(FUNCTIONS, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("ANSWERED", str(tmp_path / "answered"))
    return tmp_path / "answered"


def ask(workers: Workers, word: str, lines: int = 0, seconds: float = 30.0) -> Future[bytes]:
    return workers.ask("questions_of_ours:answer", {"word": word, "lines": lines}, seconds)


@pytest.mark.slow
def test_questions_behind_one_that_ends_a_process_are_answered(answered: Path) -> None:
    words = [f"word {k}" for k in range(20)]
    for place, word in ((3, "deadly"), (11, "endless"), (12, "deadly"), (16, "wrong")):
        words.insert(place, word)
    workers = Workers(1)
    for word, future in [(word, ask(workers, word, seconds=1.0)) for word in words]:
        if " " in word:
            assert future.result() == f"answer to {word}".encode()
            continue
        with pytest.raises(NoAnswer) as caught:
            future.result()
        match word:
            case "deadly":
                assert "status 7" in caught.value.message
            case "endless":
                assert (caught.value.kind, "1 seconds" in caught.value.message) == ("too long", True)
            case _:
                assert "status 1" in caught.value.message
    workers.close()
    assert answered.read_text(encoding="utf-8").split("\n")[:-1] == [word for word in words if " " in word]


@pytest.mark.slow
def test_one_that_only_waits_is_ended_too(answered: Path) -> None:
    workers = Workers(1)
    with pytest.raises(NoAnswer, match=r"more than 0\.02 seconds"):
        ask(workers, "asleep", seconds=0.02).result(60)
    workers.close()


def test_what_a_question_prints_is_no_answer(answered: Path) -> None:
    workers = Workers(2)
    futures = [ask(workers, word) for word in ("loud", "a", "loud", "b")]
    assert [f.result() for f in futures] == [b"answer to loud", b"answer to a", b"answer to loud", b"answer to b"]
    workers.close()


def test_answers_come_whole_and_each_to_its_question(answered: Path) -> None:
    workers = Workers(2)
    futures = {k: ask(workers, f"{k}", lines=k * 100_000) for k in range(3 * AHEAD)}
    for k, future in futures.items():
        assert future.result() == f"answer to {k}".encode() + b"\n" * (k * 100_000)
    workers.close()


def test_here_it_is_the_same(answered: Path) -> None:
    assert answer_here("questions_of_ours:answer", {"word": "one"}, None) == b"answer to one"


def test_what_was_not_begun_is_not_done_at_the_end(answered: Path) -> None:
    workers = Workers(1)
    futures = [ask(workers, f"{k}") for k in range(3000)]
    workers.close()
    done = [f for f in futures if not f.cancelled()]
    assert all(f.done() for f in futures)
    assert len(done) < len(futures)
    assert all(f.result().startswith(b"answer") for f in done)
    again = ask(workers, "again")  # it may be asked again
    assert again.result() == b"answer to again"
    workers.close()


def test_what_is_under_way_is_ended_when_nobody_waits(answered: Path) -> None:
    workers = Workers(1)
    futures = [ask(workers, word) for word in ("first", "endless", "last")]
    futures[0].result()
    workers.stop()
    assert all(f.done() for f in futures)
    assert not any(f.cancelled() or f.exception() is None for f in futures[1:2])


def test_where_no_process_can_be_started_the_answer_says_so(answered: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("too many processes")

    workers = Workers(1)
    monkeypatch.setattr("subprocess.Popen", full)
    for future in [ask(workers, f"{k}") for k in range(8)]:
        with pytest.raises(NoAnswer, match="too many processes"):
            future.result(10)
    monkeypatch.undo()
    monkeypatch.syspath_prepend(str(answered.parent))
    monkeypatch.setenv("ANSWERED", str(answered))
    assert ask(workers, "again").result() == b"answer to again"
    workers.close()


def test_a_time_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(DerivgenError, match="makes no sense"):
        Workers(1).ask("questions_of_ours:answer", {}, -1.0)


def test_one_that_is_interrupted_before_its_thread_begins_ends_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C may come between the making of a thread and its start."""

    def interrupted(thread: threading.Thread) -> None:
        raise KeyboardInterrupt

    workers = Workers(1)
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", interrupted)
        with pytest.raises(KeyboardInterrupt):
            workers.ask("json:dumps", {})
    workers.close()
