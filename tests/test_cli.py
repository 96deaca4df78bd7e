"""The command, as its users meet it: answers, files, exit statuses, and what it says when something is wrong."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import derivgen.derivation
from derivgen.check.verdict import Verdict
from derivgen.cli import main
from derivgen.console import wants_json
from derivgen.option import split_names

NEURON = ("derive", "max(0, w.T @ x + b)", "--wrt", "w", "--where", "w, x in R^n; b in R")
PRODUCT = ("derive", "w * x", "--wrt", "w", "--where", "w, x in R^n")

FIELDS = {
    "version", "expression", "wrt", "where", "define", "order", "layout", "structured", "method", "notation", "result",
    "conditions", "steps", "verdict",
}  # fmt: skip
STEP_FIELDS = {"rule", "title", "before", "after", "via", "reason", "verdict", "evidence", "substeps"}


class Run:
    """One run of the command in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Run:
        self.status = main(arguments)
        self.out, self.err = self._capsys.readouterr()
        return self


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(capsys)


def give(text: str | bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    data = text.encode() if isinstance(text, str) else text
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))


def process(*arguments: str, **more: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "derivgen", *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, **more)


def test_expression_that_looks_like_a_flag_gets_a_hint(run: Run) -> None:
    assert run("derive", "--x", "--wrt", "x", "--where", "x in R").status == 2
    assert "set in brackets: (--x)" in run.err
    assert run("derive", "(--x)", "--wrt", "x", "--where", "x in R").status == 0


@pytest.mark.parametrize(("flag", "value"), [("--samples", "0"), ("--samples", "-3"), ("--seed", "-1")])
def test_checks_that_make_no_sense_are_refused(flag: str, value: str, run: Run) -> None:
    assert run("equal", "x", "x + 0", "--where", "x in R", flag, value).status == 2
    assert "hint:" in run.err
    assert run(*PRODUCT, flag, value).status == 2


# --- answers ----------------------------------------------------------------------------------------------------------


def test_derive_prints_a_derivation(run: Run) -> None:
    run(*NEURON)
    assert (run.status, run.err) == (0, "")
    assert "Verified" in run.out
    assert "\033[" not in run.out


def test_as_a_module() -> None:
    found = process(*PRODUCT)
    assert (found.returncode, found.stderr) == (0, "")
    assert "diag" in found.stdout


def test_json_has_the_fields_of_the_interface(run: Run) -> None:
    found = json.loads(run(*NEURON, "--to", "json").out)
    assert found.keys() >= FIELDS
    assert found["result"].keys() == {"text", "latex"}
    assert found["verdict"] == "verified"
    for step in found["steps"]:
        assert step.keys() >= STEP_FIELDS


@pytest.mark.parametrize("wrt", [("--wrt", "w,x"), ("--wrt", "w", "--wrt", "x"), ("--wrt", " w , x ")])
def test_several_variables_give_a_derivation_each(wrt: tuple[str, ...], run: Run) -> None:
    found = json.loads(run("derive", "w * x", *wrt, "--where", "w, x in R^n", "--to", "json").out)
    assert [(d["wrt"], d["result"]["text"]) for d in found] == [("w", "diag(x)"), ("x", "diag(w)")]


def test_several_variables_make_one_document(run: Run) -> None:
    out = run("derive", "w * x", "--wrt", "w,x", "--where", "w, x in R^n", "--to", "tex").out
    assert [out.count(word) for word in ("documentclass", "begin{document}", "end{document}", "textbf{Answer")] == [
        1,
        1,
        1,
        2,
    ]
    assert out.endswith("\\end{document}\n")


def test_a_list_of_scalars_is_one_variable(run: Run) -> None:
    run("derive", "x * y", "--wrt", "[x, y]", "--where", "x, y in R", "--to", "json")
    assert json.loads(run.out)["wrt"] == ["x", "y"]


def test_names_are_split_outside_brackets() -> None:
    assert split_names("a, [x, y], b") == ("a", "[x, y]", "b")


def test_declarations_may_be_given_one_by_one(run: Run) -> None:
    run("derive", "w * x", "--wrt", "w", "--where", "w in R^n", "--where", "x in R^n")
    assert run.status == 0


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_expression_from_standard_input(end: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    give("w * x" + end, monkeypatch)
    run("derive", "-", *PRODUCT[2:], "--to", "json")
    assert json.loads(run.out)["expression"] == "w * x"


@pytest.mark.parametrize("text", ["-x", "-x + 1", "-2 * x", "-(x + x)", "-----x", "--(x)", "-sum(x) * x"])
def test_expression_that_begins_with_a_minus(text: str, run: Run) -> None:
    run("derive", text, "--wrt", "x", "--where", "x in R^n")
    assert (run.status, run.err) == (0, "")
    assert run("equal", text, text, "--where", "x in R^n").status == 0


@pytest.mark.parametrize(
    ("name", "begin"), [("a.tex", "\\documentclass"), ("a.md", "#"), ("a.json", "{"), ("a.txt", "Derivative")]
)
def test_file_gets_the_format_of_its_suffix(name: str, begin: str, run: Run, tmp_path: Path) -> None:
    file = tmp_path / name
    run(*PRODUCT, "-o", str(file))
    assert (run.status, run.out, run.err) == (0, "", "")
    assert begin in file.read_text(encoding="utf-8")[:200]


def test_a_chain_that_cannot_be_had_is_said(run: Run) -> None:
    given = ("V @ tanh(x)", "--where", "x in R^n; V in R^(k*n)", "--method", "chain", "--no-check")
    run("derive", *given, "--wrt", "V")
    assert (run.status, "derived entry by entry" in " ".join(run.out.split())) == (0, True)
    run("derive", *given, "--wrt", "x")
    assert "entry by entry" not in run.out.partition("Answer")[2]


def test_variable_that_does_not_occur_is_an_answer(run: Run) -> None:
    run("derive", "x", "--wrt", "z", "--where", "x in R^n; z in R")
    assert run.status == 0
    assert "does not occur" in run.out


def test_without_check_the_output_says_so(run: Run) -> None:
    run(*PRODUCT, "--no-check")
    assert (run.status, run.err) == (0, "")
    assert "Not checked" in run.out


# --- what is refuted --------------------------------------------------------------------------------------------------


def test_refuted_step_is_named_with_its_point(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    false = Verdict("refuted", "the sides differ", 1, {"n": 3}, "exact", None, {"w": [1, 2, 3]}, "entry 2", "5", "7")
    honest = derivgen.derivation.derive_by

    def derive(*given: Any, **more: Any) -> Any:
        found: Any = honest(*given, **more)
        steps = (replace(found.steps[0], check=false), *found.steps[1:])
        return replace(found, steps=steps, report=replace(found.report, steps=steps))

    monkeypatch.setattr(derivgen.derivation, "derive_by", derive)
    run(*PRODUCT)
    assert run.status == 1
    assert "Refuted" in run.out
    for part in ("refuted: step 1", "[1, 2, 3]", "entry 2", "5", "7"):
        assert part in run.err


@pytest.mark.parametrize(
    ("left", "right", "status", "verdict"),
    [("ones(n).T @ diag(x)", "x.T", 0, "verified"), ("x + x", "3 * x", 1, "refuted"), ("x", "x.T", 1, "refuted")],
)
def test_equal(left: str, right: str, status: int, verdict: str, run: Run) -> None:
    run("equal", left, right, "--where", "x in R^n", "--to", "json")
    assert run.status == status
    assert json.loads(run.out)["verdict"] == verdict
    assert run("equal", left, right, "--where", "x in R^n").status == status


# --- numbers ----------------------------------------------------------------------------------------------------------

POINT = {"w": [1.0, 2.0], "x": [3.0, 4.0]}


def test_numbers_of_a_derivative(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "point.json"
    file.write_text(json.dumps(POINT), encoding="utf-8")
    run("eval", "w * x", "--wrt", "w", "--where", "w, x in R^n", "--at", str(file), "--to", "json")
    found = json.loads(run.out)
    assert (found["shape"], found["value"]) == ([2, 2], [[3, 0], [0, 4]])


def test_numbers_of_an_expression_from_npz(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "point.npz"
    np.savez(file, **{name: np.array(value) for name, value in POINT.items()})  # type: ignore[arg-type]
    run("eval", "w.T @ x", "--where", "w, x in R^n", "--at", str(file))
    assert (run.status, run.out) == (0, "11.0\n")


@pytest.mark.parametrize(("layout", "shape"), [("numerator", [1, 2]), ("denominator", [2, 1]), ("tensor", [2])])
def test_layouts_of_numbers(layout: str, shape: list[int], run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    give(json.dumps(POINT), monkeypatch)
    run("eval", "w.T @ x", *PRODUCT[2:], "--at", "-", "--layout", layout, "--to", "json")
    assert json.loads(run.out)["shape"] == shape


@pytest.mark.parametrize(
    "text",
    ["[1, 2]", "{", '{"w": "a", "x": 1}', "{}", "[" * 100_000, "\0"],
    ids=["list", "open", "word", "none", "deep", "nul"],
)
def test_bad_points(text: str, run: Run, tmp_path: Path) -> None:
    for name in ("point.json", "point.npz"):
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        is_error(run("eval", "w.T @ x", "--where", "w, x in R^n", "--at", str(file)))


# --- errors -----------------------------------------------------------------------------------------------------------


def is_error(run: Run, *parts: str) -> None:
    assert run.status == 2
    assert run.out == ""
    assert "Traceback" not in run.err
    assert 1 <= len(run.err.splitlines()) <= 24
    assert max(map(len, run.err.splitlines())) <= 240
    for part in parts:
        assert part in run.err


MATRICES = "W in R^(m*n); x in R^n; b in R^m; f: R^n -> R^m"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("W @ x + b.T", ["^", "m×1 column", "1×m row"]),
        ("W @ b", ["^", "n", "m"]),
        ("W @ q", ["^", "q"]),
        ("foo(x)", ["^", "foo"]),
        ("sofmax(x)", ["^", "softmax"]),
        ('__import__("os")', ["^"]),
        ("x.__class__", ["^"]),
        ("x**2 + x^2", ["^", "**"]),
        ("", []),
        (" ", []),
        ("х + 1", ["^"]),
        ("x[", ["^"]),
        ("x +", []),
        ("x if x else x", ["^"]),
        ("lambda: 0", ["^"]),
        ("x; x", ["^"]),
        ("x\x00", []),
        ("(" * 10_000 + "x" + ")" * 10_000, []),
        ("x + " * 250_000 + "x", []),
        ("-" * 100_000 + "x", []),
        ("x" * 1_000_000, []),
        ("9" * 100_000, []),
    ],
    ids=lambda value: value[:12].encode("ascii", "replace").decode() if isinstance(value, str) else "",
)
def test_bad_expressions(text: str, parts: list[str], run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    give(text, monkeypatch)
    is_error(run("derive", "-", "--wrt", "x", "--where", MATRICES), *parts)


@pytest.mark.parametrize("text", ["x ** 9 ** 9 ** 9 ** 9", "x ** (10 ** 100)", "x ** 1e400", "0.1 ** 10 ** 9 * x"])
def test_huge_numbers_come_to_an_end(text: str, run: Run) -> None:
    run("derive", text, "--wrt", "x", "--where", "x in R^n")
    assert run.status in (0, 2)
    assert "internal" not in run.err


@pytest.mark.parametrize(
    "where", ["x in", "x in R^", "x in R^n; x in R", "x in Q", "in in R", ";;", "x in R^(n*", "R^n", "x in R^-1", "\0"]
)
def test_bad_declarations(where: str, run: Run) -> None:
    is_error(run("derive", "x", "--wrt", "x", "--where", where))


@pytest.mark.parametrize("wrt", ["q", "", "x,", "[x", "x + 1", "[]", "W @ x"])
def test_bad_variables(wrt: str, run: Run) -> None:
    is_error(run("derive", "sum(x)", "--wrt", wrt, "--where", "x in R^n"))


@pytest.mark.parametrize(
    "arguments",
    [
        ["derive"],
        ["derive", "x"],
        ["derive", "x", "x", "--wrt", "x"],
        ["derive", "x", "--wrt"],
        ["derive", "x", "--wrt", "x", "--layout", "sideways"],
        ["derive", "x", "--wrt", "x", "--seed", "a"],
        ["derive", "x", "--wrt", "x", "--nonsense"],
        ["derive", "x", "--wrt", "x", "-o", "a.png"],
        ["nonsense"],
        ["eval", "x"],
        ["rules", "no-such-rule"],
    ],
    ids=" ".join,
)
def test_bad_usage(arguments: list[str], run: Run) -> None:
    is_error(run(*arguments))


def test_unknown_short_flag_is_named(run: Run) -> None:
    is_error(run("derive", "x", "-z", "--wrt", "x"), "(-z)")


def test_nothing_asked_shows_the_help(run: Run) -> None:
    run()
    assert (run.status, run.out) == (2, "")
    assert "Commands:" in run.err


def test_file_that_cannot_be_written(run: Run, tmp_path: Path) -> None:
    is_error(run(*PRODUCT, "-o", str(tmp_path / "no" / "folder.txt")), "No such file")
    is_error(run("eval", "x", "--at", str(tmp_path / "none.json"), "--where", "x in R"), "No such file")


@pytest.mark.parametrize("arguments", [["--to", "json"], ["--to=json"], ["-o", "answer.json"]])
def test_error_is_json_where_the_answer_would_be(arguments: list[str], run: Run) -> None:
    is_error(run("derive", "x +\n q", "--wrt", "x", "--where", "x in R^n", *arguments))
    error = json.loads(run.err)["error"]
    assert error["kind"] == "unknown name"
    assert (error["line"], error["column"]) == (2, 2)
    assert error["hint"]


def test_error_of_usage_is_json_too(run: Run) -> None:
    is_error(run("derive", "--to", "json"))
    assert json.loads(run.err)["error"]["kind"] == "bad usage"


def test_json_is_recognised_by_hand() -> None:
    assert wants_json(["-o", "a.json"])
    assert not wants_json(["-o", "a.json", "--to", "tex"])
    assert not wants_json(["--to"])


def test_input_that_is_not_text(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    give(b"\xff\xfe", monkeypatch)
    is_error(run("derive", "-", "--wrt", "x"), "UTF-8")


def test_endless_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with open("/dev/zero", encoding="utf-8") as zeros:
        monkeypatch.setattr(sys, "stdin", zeros)
        is_error(run("derive", "-", "--wrt", "x"), "longer")


# --- accidents --------------------------------------------------------------------------------------------------------


def break_engine(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    def derive(*_: Any, **__: Any) -> Any:
        raise error

    monkeypatch.setattr(derivgen.derivation, "derive_by", derive)


@pytest.mark.parametrize("error", [ZeroDivisionError("by zero"), KeyError("a\nb")])
def test_mistake_of_ours_is_one_message(error: Exception, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DERIVGEN_DEBUG", raising=False)
    break_engine(error, monkeypatch)
    is_error(run(*PRODUCT), "internal error", type(error).__name__, "report")


def test_no_memory_is_no_mistake_of_ours(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    break_engine(MemoryError(), monkeypatch)
    is_error(run(*PRODUCT), "too large: this takes more memory than there is")


def test_mistake_of_ours_is_shown_in_full_on_demand(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DERIVGEN_DEBUG", "1")
    break_engine(ZeroDivisionError("by zero"), monkeypatch)
    with pytest.raises(ZeroDivisionError):
        run(*PRODUCT)


def test_interrupt(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    break_engine(KeyboardInterrupt(), monkeypatch)
    run(*PRODUCT)
    assert run.status == 130
    assert "Traceback" not in run.err


def test_reader_that_has_gone_away() -> None:
    command = [sys.executable, "-m", "derivgen", *PRODUCT]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait() == 141


# --- colour and help --------------------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("variable", "value", "wanted"), [("NO_COLOR", "1", False), ("NO_COLOR", "", True), ("TERM", "dumb", False)]
)
def test_colour_on_a_terminal_only(variable: str, value: str, wanted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, value)
    out, err = Terminal(), Terminal()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    main(PRODUCT)
    main(["derive", "q", "--wrt", "q"])
    assert ("\033[" in out.getvalue(), "\033[" in err.getvalue()) == (wanted, wanted)


@pytest.mark.parametrize(
    "arguments", [["--help"], ["derive", "-h"], ["equal", "--help"], ["eval", "--help"], ["rules", "-h"]]
)
def test_help(arguments: list[str], run: Run) -> None:
    run(*arguments)
    assert (run.status, run.err) == (0, "")
    assert run.out.startswith("Usage: derivgen")
    assert max(map(len, run.out.splitlines())) <= 100


def test_version(run: Run) -> None:
    assert run("--version").out == f"derivgen {derivgen.__version__}\n"


def test_output_that_cannot_take_the_letters() -> None:
    found = process(*NEURON, env={"PATH": "", "PYTHONIOENCODING": "ascii"})
    assert found.returncode == 0
    assert "Traceback" not in found.stderr
