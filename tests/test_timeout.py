"""A bound for the time of one question: how it is set, where it holds, and what is said when it is over."""

from __future__ import annotations

import ast
import math
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import derivgen
from derivgen import DerivgenError
from derivgen.check.evaluate import evaluate
from derivgen.cli import main
from derivgen.deadline import TooLong, bounded, doing, interruptible, on_time, refusals, seconds_left, unbounded
from derivgen.expr import Add, Expr
from derivgen.read import parse_text
from tests.limited import command, python, run

LONG = ("sum(exp(A @ x + y) * tanh(A @ y * x) + sin(x) * relu(y))", "x", "x, y in R^n; A in R^(n*n)")
"""Something that takes longer than a thousandth of a second."""


def endless() -> None:
    e: Expr = parse_text("x", "x in R")
    while True:
        e = Add((e, e))


def test_what_makes_nodes_without_end_is_ended() -> None:
    with bounded(0.2), doing("a test"), pytest.raises(TooLong, match=r"a test takes more than 0\.2 seconds") as caught:
        endless()
    assert "--timeout" in str(caught.value.hint)
    on_time()  # outside there is no bound


def test_of_several_bounds_the_nearest_holds() -> None:
    with bounded(100):
        with bounded(None):
            assert seconds_left() > 50
        with bounded(1):
            assert seconds_left() <= 1
            with bounded(50):
                assert seconds_left() <= 1
            with unbounded():
                assert seconds_left() == math.inf
                on_time()
        assert seconds_left() > 50
    assert seconds_left() == math.inf
    with bounded(None):
        assert 1 < seconds_left() < 10


@pytest.mark.parametrize("given", [0, -1, math.nan, True, "1", [1]])
def test_a_bound_is_a_number_of_seconds(given: Any) -> None:
    for ask in (
        lambda: derivgen.derive("x", "x", "x in R", timeout=given),
        lambda: derivgen.equal("x", "x", "x in R", timeout=given),
        lambda: evaluate(parse_text("x", "x in R"), {"x": 1}, timeout=given),
    ):
        with pytest.raises(DerivgenError, match="timeout"):
            ask()


def test_each_question_takes_a_bound() -> None:
    with pytest.raises(TooLong, match=r"takes more than 0\.001 seconds"):
        derivgen.derive(*LONG, timeout=0.001)
    with pytest.raises(TooLong):
        derivgen.derive(LONG[0], ["x", "y"], LONG[2], timeout=0.001)
    late = derivgen.equal("det(A @ B)", "det(A) * det(B)", "A, B in R^(9*9)", timeout=0.001)
    assert late.status == "unchecked"
    d = derivgen.derive("sum(x * x)", "x", "x in R^n", timeout=math.inf)
    assert d.verdict == "verified"
    assert d.evaluate({"x": [1, 2]}, timeout=5).tolist() == [2, 4]


def test_it_holds_in_threads_and_for_each_by_itself() -> None:
    found: dict[float, object] = {}

    def ask(seconds: float) -> None:
        try:
            found[seconds] = derivgen.derive(*LONG, timeout=seconds).verdict
        except TooLong as wrong:
            found[seconds] = wrong.kind

    threads = [threading.Thread(target=ask, args=(seconds,)) for seconds in (0.001, 60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {0.001: "too large", 60: "verified"}


def test_checks_take_what_is_left() -> None:
    """A derivation that is made in time is an answer, also where there is no time for all of its checks."""
    alone = derivgen.derive(*LONG, check=False)
    for seconds in (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4):
        try:
            d = derivgen.derive(*LONG, timeout=seconds)
        except TooLong:
            continue
        assert d.result == alone.result
        assert d.verdict in ("verified", "unchecked")
        break
    else:
        pytest.fail("never in time")


def test_what_never_asks_is_interrupted() -> None:
    def endless_in_a_library() -> None:
        with bounded(0.05), interruptible():
            while True:
                try:
                    list(range(100))
                except Exception:
                    continue

    for _ in range(10):
        with pytest.raises(TooLong, match=r"0\.05 seconds"):
            endless_in_a_library()
        assert sum(range(100_000)) == 4999950000  # nothing comes later
    with bounded(5), interruptible():
        assert sum(range(1000)) == 499500


def test_only_the_thread_that_is_late_is_interrupted() -> None:
    late: list[str] = []

    def work(seconds: float) -> None:
        try:
            with bounded(seconds), interruptible():
                for _ in range(3_000_000 if seconds > 1 else 1_000_000_000):  # it is late before it can be done
                    pass
        except TooLong:
            late.append("late")

    threads = [threading.Thread(target=work, args=(seconds,)) for seconds in (0.01, 60, 60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert late == ["late"]


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_command_says_what_takes_too_long(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["derive", LONG[0], "--wrt", "x", "--where", LONG[2]]
    assert main([*asked, "--timeout", "0.001"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.startswith("too large: ")) == ("", True)
    assert "takes more than 0.001 seconds" in err
    assert "--timeout" in err
    for wrong in ("0", "-3", "nan", "a"):
        assert main([*asked, "--timeout", wrong]) == 2
        assert "timeout" in capsys.readouterr().err
    assert main(["eval", "x", "--where", "x in R", "--at", "/dev/null", "--timeout", "0"]) == 2


def test_one_of_a_list_takes_too_long(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "list.yml"
    file.write_text(
        f"where: {LONG[2]!r}\nwrt: x\nderivations:\n- {{expression: sum(x), id: short}}\n"
        f"- {{expression: {LONG[0]!r}, id: long, timeout: 0.001}}\n- {{expression: sum(y), id: other, timeout: a}}\n",
        encoding="utf-8",
    )  # fmt: skip
    assert main(["run", str(file), "-o", str(tmp_path), "--jobs", "1", "--no-cache"]) == 2
    out, err = capsys.readouterr()
    assert "2 errors" in out
    assert "1 verified" in out
    assert "long: too large: " in err
    assert "timeout is a number, not 'a'" in err
    assert main(["run", str(file), "-o", str(tmp_path), "--jobs", "1", "--no-cache", "--timeout", "0.0001"]) == 2
    assert "3 errors" in capsys.readouterr().out


# --- memory -----------------------------------------------------------------------------------------------------------

HOARDER = """
from derivgen.deadline import TooLong, limit_memory, bounded
from derivgen.expr import Add
from derivgen.read import parse_text
limit_memory(30_000_000)
kept = [parse_text("x", "x in R")]
try:
    with bounded(None):
        while True: kept.append(Add((kept[0], kept[-1])) if len(kept) % 100 else kept[0])
except TooLong as wrong:
    kept.clear()
    print(wrong.message)
"""


def test_memory_has_a_bound_too() -> None:
    made = python(HOARDER)
    assert made.stdout == "this takes more than 30 MB of memory\n", made


def test_memory_has_a_bound_where_only_its_peak_is_told() -> None:
    """As on systems without /proc; the next question has a bound of its own, and not that of the one before."""
    elsewhere = "import derivgen.deadline\nderivgen.deadline._STATM = '/nowhere/statm'\n"
    program = f"{elsewhere}{HOARDER}\nfrom derivgen import derive\nprint(derive('x*x', 'x', 'x in R').result)\n"
    # Linux has a program begin with the peak of the one that started it: a small one goes between, for that of the
    # tests is larger than the bound
    made = run(["sh", "-c", '"$@"; exit $?', "sh", sys.executable, "-c", program])
    assert made.stdout == "this takes more than 30 MB of memory\n2 * x\n", made


@pytest.mark.parametrize("more", ["1000000000", "10001", "0"])
def test_the_points_of_a_check_have_a_bound(more: str) -> None:
    made = command("equal", "x", "x + 0", "--where", "x in R", "--samples", more)
    assert made.refused, made
    assert "hint: take samples of at " in made.stderr


def test_what_is_refused_is_passed_over_and_no_end_of_time() -> None:
    with refusals():
        raise DerivgenError("no")
    with pytest.raises(TooLong), refusals():
        raise TooLong("late")
    with pytest.raises(ValueError, match="other"), refusals():
        raise ValueError("other")


def swallowed(source: str) -> list[int]:
    """The lines at which any refusal is taken for an answer, an end of time too, but for those with a bound of their own."""
    found: list[int] = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.With(items):
                calls = [ast.unparse(item.context_expr) for item in items]
                if "suppress(DerivgenError)" in calls and not any(call.startswith("bounded(") for call in calls):
                    found.append(node.lineno)
            case ast.Try(_, handlers):
                named = [ast.unparse(h.type) if h.type is not None else "" for h in handlers]
                for k, h in enumerate(handlers):
                    passes_on = any(isinstance(part, ast.Raise) for part in ast.walk(h))
                    if named[k] == "DerivgenError" and not passes_on and "TooLong" not in named[:k]:
                        found.append(h.lineno)
    return found


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("with suppress(DerivgenError):\n    f()", [1]),
        ("with suppress(DerivgenError), bounded(1.0):\n    f()", []),
        ("try:\n    f()\nexcept DerivgenError:\n    g()", [3]),
        ("try:\n    f()\nexcept TooLong:\n    raise\nexcept DerivgenError:\n    g()", []),
        ("try:\n    f()\nexcept DerivgenError as wrong:\n    raise ParseError() from wrong", []),
    ],
)
def test_how_such_lines_are_found(source: str, lines: list[int]) -> None:
    assert swallowed(source) == lines


@pytest.mark.parametrize("folder", ["notes/judge", "notes/meaning", "notes/faults", "read", "derivation", "rules"])
def test_no_meaning_and_no_verdict_follows_from_an_end_of_time(folder: str) -> None:
    files = sorted((Path(derivgen.__file__).parent / folder).rglob("*.py"))
    assert files
    assert {f.name: lines for f in files if (lines := swallowed(f.read_text("utf-8")))} == {}
