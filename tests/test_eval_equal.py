"""``derivgen eval`` and ``derivgen equal`` as their users meet them, files and mistakes included."""

from __future__ import annotations

import json
import math
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


@pytest.mark.parametrize(("structured", "value"), [
    ("within", [[1.0, 2.5], [2.5, 4.0]]), ("entries", [[1.0, 5.0], [5.0, 4.0]]), ("free", [[1.0, 2.0], [3.0, 4.0]]),
])  # fmt: skip
def test_conventions_of_symmetric_matrices(
    tmp_path: Path, capsys: Printed, structured: str, value: list[list[float]]
) -> None:
    file = tmp_path / "point.json"
    file.write_text(json.dumps({"A": [[1, 2], [3, 4]], "S": [[1, 0], [0, 1]]}), encoding="utf-8")
    where = "A in R^(n*n); S in Sym(n)"
    found = evaluated(
        capsys, "trace(A @ S)", "--wrt", "S", "--where", where, "--at", str(file), "--structured", structured
    )
    assert (found["value"], found["structured"]) == (value, structured)


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


GELU = r"\operatorname{gelu}(z) = \frac{z}{2}\left(1 + \operatorname{erf}(z/\sqrt{2})\right)"


def test_latex(arrays: str, tmp_path: Path, capsys: Printed) -> None:
    """Expressions, declarations, variables, definitions and macros as LaTeX has them."""
    where = ["--where", r"\mathbf{w}, \mathbf{x} \in \mathbb{R}^n; b \in \mathbb{R}", "--at", arrays]
    assert evaluated(capsys, r"\mathbf{w}^{\mathsf T}\mathbf{x} + b^2", *where)["value"] == 3.25
    assert evaluated(capsys, "w^Tx + b^2", *where, "--from", "latex")["value"] == 3.25
    found = evaluated(capsys, r"\|\mathbf{x}\|^2", "--wrt", r"\mathbf{x}", "--at", arrays)
    assert found["value"] == [[0.0, 2.0, 4.0]]
    macros = tmp_path / "macros.tex"
    macros.write_text(r"\newcommand{\vx}{\mathbf{x}}\DeclareMathOperator{\erf}{erf}")
    taught = ["--preamble", str(macros)]
    assert evaluated(capsys, r"\operatorname{sum}(\erf(\vx - \vx)) + b", *where, *taught)["value"] == 0.5
    assert main(["equal", r"\vx^\top\vx", "x @ x", "--where", "x in R^n", *taught]) == 0
    assert main(["equal", "x^2", r"x \cdot x", "--from", "latex", "--where", "x in R"]) == 0
    assert main(["equal", r"\mathbf{x}^\top A\mathbf{x}", r"\mathbf{x}^\top A^\top\mathbf{x}"]) == 0
    assert main(["equal", r"\mathbf{x}^\top A", r"\mathbf{x}^\top A^\top"]) == 1
    capsys.readouterr()
    assert main(["eval", r"\mathbf{x} + \foo", *where]) == 2
    assert "^" in capsys.readouterr().err
    for define in (GELU, "gelu(z) = z*(1 + erf(z/sqrt(2)))/2"):
        gelu = ["--define", define]
        for name in (r"\operatorname{gelu}", r"\mathrm{gelu}"):
            value = evaluated(capsys, rf"{name}(A\mathbf x)", *gelu, "--at", arrays)["value"]
            np.testing.assert_allclose(value, [0, 0.8413447460685429], rtol=1e-14)
        slopes = evaluated(capsys, r"\operatorname{gelu}(\mathbf x)", "--wrt", "x", *gelu, "--at", arrays)["value"]
        expected = [
            (1 + math.erf(x / 2**0.5)) / 2 + x * math.exp(-(x**2) / 2) / math.sqrt(2 * math.pi) for x in range(3)
        ]
        np.testing.assert_allclose(slopes, np.diag(expected), rtol=1e-12)
        by_hand = r"\mathbf x \otimes \left(1 + \operatorname{erf}(\mathbf x/\sqrt 2)\right)/2"
        assert main(["equal", r"\operatorname{gelu}(\mathbf x)", by_hand, *gelu]) == 0
        assert main(["equal", r"\operatorname{gelu}(\mathbf x)", r"\mathbf x", *gelu]) == 1
        capsys.readouterr()


def test_how_both_sides_were_read_is_said(tmp_path: Path, capsys: Printed) -> None:
    assert main(["equal", "x^T A y", "y^T A^T x"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("checked exactly")
    assert told[1].startswith("Read as x in R^")
    assert main(["equal", "x^T A y", "y^T A^T x", "--to", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in data["reading"]["inferred"]] == ["x", "A", "y"]
    assert main(["equal", "x.T @ x", "norm(x)**2", "--where", "x in R^n"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1
    assert derivgen.equal("x.T @ x", "norm(x)**2", "x in R^n").reading == ()
    assert derivgen.equal("x^T y", "y^T x").reading[0] == "Read as x, y in R^n, by use"
    point = tmp_path / "point.json"
    point.write_text('{"x": [1, 2], "A": [[1, 2], [3, 4]]}', encoding="utf-8")
    assert main(["eval", "x^T A x", "--at", str(point)]) == 0
    out, err = capsys.readouterr()
    assert out == "27.0\n"
    assert err.startswith("Read as x in R^n")
    assert evaluated(capsys, "x^T A x", "--at", str(point))["reading"]["inferred"][1]["name"] == "A"


def test_an_index_that_nothing_binds_is_any_place(tmp_path: Path, capsys: Printed) -> None:
    told = "k stands for any place, since nothing binds it"
    d = derivgen.derive("x[k]**2", "x", "x in R^n")
    assert (d.verdict, d.reading.sentences()) == ("verified", (told,))
    assert told in d.to("text")
    assert "any place" not in derivgen.derive("sum(x[k]**2 for k in range(n))", "x", "x in R^n").to("text")
    both = derivgen.equal("x[k] * y[j]", "y[j] * x[k]", "x, y in R^n")
    assert (both.status, both.reading) == ("verified", (told, told.replace("k ", "j "))[::-1])
    assert derivgen.equal("x[k]", "x[j]", "x in R^n").status == "refuted"
    with pytest.raises(derivgen.DerivgenError, match="n is no index"):
        derivgen.derive("x[n]", "x", "x in R^n")
    with pytest.raises(derivgen.DerivgenError, match="k"):
        derivgen.derive("x[k] + A[0, k]", "x", "x in R^n; A in R^(n*m)")
    point = tmp_path / "point.json"
    point.write_text('{"x": [1, 2, 3], "k": 1}', encoding="utf-8")
    assert evaluated(capsys, "x[k]**2", "--where", "x in R^n", "--at", str(point))["value"] == 4


def test_equal_in_python() -> None:
    assert derivgen.equal("sum(x)", "ones(n).T @ x", "x in R^n").status == "verified"
    refuted = derivgen.equal("sum(x)**2", "x @ x", "x in R^n")
    assert refuted.status == "refuted"
    assert refuted.point
    assert derivgen.equal.__doc__
