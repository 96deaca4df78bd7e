"""``derivgen eval`` and ``derivgen equal`` as their users meet them, files and mistakes included."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import derivgen
from derivgen.cli import main

Printed = pytest.CaptureFixture[str]


def evaluated(capsys: Printed, *arguments: str) -> Any:
    assert main(["eval", *arguments, "--to", "json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def arrays(tmp_path: Path) -> str:
    """Vectors as one axis, as a column and as a row; a matrix; a number."""
    file = tmp_path / "point.npz"
    np.savez(file, w=np.ones((3, 1)), x=np.arange(3.0), r=np.full((1, 3), 2.0), A=np.eye(3)[:2], b=0.5)
    return str(file)


def test_values_from_arrays(arrays: str, capsys: Printed) -> None:
    where = ["--where", "w, x, r in R^n; A in R^(m*n); b in R", "--at", arrays]
    assert evaluated(capsys, "w @ x + r @ x + b", *where)["value"] == 9.5
    assert evaluated(capsys, "A @ x", *where)["value"] == [0.0, 1.0]
    assert evaluated(capsys, "m * ones(n)", *where)["value"] == [2.0, 2.0, 2.0]
    assert main(["eval", "A @ x", *where]) == 0
    assert capsys.readouterr().out == "[0. 1.]\n"


@pytest.mark.parametrize(("layout", "shape"), [
    ("numerator", [1, 3]), ("denominator", [3, 1]), ("gradient", [3, 1]), ("tensor", [3]),
])  # fmt: skip
def test_layouts(arrays: str, capsys: Printed, layout: str, shape: list[int]) -> None:
    found = evaluated(capsys, "w @ x", "--wrt", "w", "--where", "w, x in R^n", "--at", arrays, "--layout", layout)
    assert found["shape"] == shape
    assert np.ravel(found["value"]).tolist() == [0.0, 1.0, 2.0]


def test_several_variables_and_order_two(arrays: str, capsys: Printed) -> None:
    found = evaluated(capsys, "w @ x", "--wrt", "w,x", "--where", "w, x in R^n", "--at", arrays)
    assert [one["wrt"] for one in found] == ["w", "x"]
    assert np.ravel([one["value"] for one in found]).tolist() == [0.0, 1.0, 2.0, 1.0, 1.0, 1.0]
    found = evaluated(capsys, "w @ w", "--wrt", "w", "--order", "2", "--where", "w in R^n", "--at", arrays)
    assert found["value"] == (2 * np.eye(3)).tolist()


MISTAKES = (
    ("w @ x", "w, x in R^n", {"w": [1]}, "the point has no value for x"),
    ("w @ x", "w, x in R^n", {"w": [1], "x": [1, 2]}, "n is 1 by w, but 2 by x"),
    ("w @ x", "w, x in R^4", {"w": [1], "x": [1]}, "w is declared 4×1 column"),
    ("x", "x in R^n", {"x": [[1, 2], [3, 4]]}, "but its value is 2×2"),
    ("x", "x in R^n", {"x": "a"}, "the value of x is not an array of real numbers"),
    ("x", "x in R^n", {"x": [[1], [2, 3]]}, "the value of x is not an array of real numbers"),
    ("f(x)", "x in R^n; f: R -> R", {"x": [1], "f": 3}, "f is declared as a function"),
    ("f(x)", "x in R^n; f: R -> R", {"x": [1]}, "f is only declared"),
    ("z + x", "x in R^n", {"x": [1]}, "z is not declared"),
)


@pytest.mark.parametrize(("expression", "where", "point", "message"), MISTAKES)
def test_mistakes(
    expression: str, where: str, point: dict[str, Any], message: str, tmp_path: Path, capsys: Printed
) -> None:
    file = tmp_path / "point.json"
    file.write_text(json.dumps(point))
    assert main(["eval", expression, "--where", where, "--at", str(file)]) == 2
    told = capsys.readouterr()
    assert message in told.err
    assert told.out == ""


@pytest.mark.parametrize("content", [b"", b"[1]", b"{", b"\xff", b"PK\x03\x04"])
@pytest.mark.parametrize("suffix", [".json", ".npz"])
def test_files_that_hold_no_values(content: bytes, suffix: str, tmp_path: Path, capsys: Printed) -> None:
    file = tmp_path / f"point{suffix}"
    file.write_bytes(content)
    assert main(["eval", "x", "--where", "x in R", "--at", str(file)]) == 2
    assert capsys.readouterr().err


def test_equal(capsys: Printed) -> None:
    assert main(["equal", "x.T @ (A + A.T)", "x.T @ A + (A @ x).T", "--where", "x in R^n; A in R^(n*n)"]) == 0
    assert main(["equal", "x.T @ A", "A @ x", "--where", "x in R^n; A in R^(n*n)"]) == 1
    assert "the shapes differ" in capsys.readouterr().out
    assert main(["equal", "abs(x)", "x", "--where", "x in R^n", "--to", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["verdict"] == "refuted"
    assert float(found["evidence"]["left"]) == -float(found["evidence"]["right"])
    assert main(["equal", "x +", "x", "--where", "x in R^n"]) == 2
    assert "^" in capsys.readouterr().err


def test_equal_in_python() -> None:
    assert derivgen.equal("sum(x)", "ones(n).T @ x", "x in R^n").status == "verified"
    refuted = derivgen.equal("sum(x)**2", "x @ x", "x in R^n")
    assert refuted.status == "refuted"
    assert refuted.point
    assert derivgen.equal.__doc__
