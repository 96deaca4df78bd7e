"""The bench measures what it says: its arithmetic, its judge, and a short run of all of it. No time is judged."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from tests.bench import __main__ as bench
from tests.bench import clock, growth, with_sympy
from tests.bench.corpus import Case, cases

CASES = {c.id: c for c in cases()}


def test_growth_of_a_line_and_of_a_square() -> None:
    slope, fit, exponent = clock.growth([1, 2, 4, 8], [3, 6, 12, 24])
    assert (slope, fit, exponent) == pytest.approx((3, 1, 1))
    assert clock.growth([1, 2, 4, 8], [1, 4, 16, 64])[2] == pytest.approx(2)


def test_numbers_are_right_in_either_layout() -> None:
    case = CASES["linear"]
    transposed = [list(column) for column in zip(*case.jacobian, strict=True)]
    assert case.judge(case.jacobian) == case.judge(transposed) == "right"
    transposed[0][0] += 1e-3
    assert case.judge(transposed) == "wrong"
    assert case.judge(0) == "wrong"


def test_spaces() -> None:
    assert CASES["loss-w"].spaces() == {"w": ("n",), "b": (), "y": ("N",), "X": ("N", "n")}


def test_every_encoding_has_its_case() -> None:
    assert with_sympy.ARRAYS.keys() <= CASES.keys()


@pytest.mark.parametrize(("name", "outcome"), [("dot", "right"), ("tanh-affine", "right"), ("logsumexp", "wrong")])
def test_matrix_symbols_of_sympy(name: str, outcome: str) -> None:
    case = CASES[name]
    assert case.judge(with_sympy.number_arrays(case, with_sympy.derive_arrays(case))) == outcome


@pytest.mark.parametrize(
    "name", ["dot", "affine-b", "softmax", "neuron-w", "loss-b", "trace-quadratic", "hess-quadratic"]
)
def test_entries_of_sympy(name: str) -> None:
    case = CASES[name]
    derivative = with_sympy.derive_entries(case)
    assert case.judge(with_sympy.number_entries(case, derivative)) == "right"
    assert with_sympy.typeset(derivative)


def test_failure_is_an_outcome() -> None:
    def derive(case: Case) -> None:
        raise RecursionError

    side = bench.Side("broken", derive, lambda case, d: d, str)
    assert "broken" in bench.corpus([side], [CASES["dot"]], 1)
    assert side.outcomes == {"fails": 1}


@pytest.mark.slow
def test_short_run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["bench", "--only", "hadamard", "--repeats", "1", "--depth", "5", "--growth", "0"])
    bench.main()
    out = capsys.readouterr().out
    for part in ("import derivgen", "import sympy", "SymPy, matrix symbols", "derivgen derive …", "1 is linear"):
        assert part in out


@pytest.mark.parametrize("family", growth.FAMILIES, ids=lambda family: family.name)
def test_growth_is_asked_of_the_same_question(family: growth.Family) -> None:
    """What the text says in complex steps is what derivgen and SymPy say; a wrong number is told."""
    case = family.case(2)
    assert growth.ours(family, case, 2).outcome == "right"
    # SymPy is asked where the question is an expression: it knows no names
    assert growth.sympy_entries(family, case, 2).outcome == ("right" if family.lets is None else "no form")
    moved = np.array(case.jacobian)
    moved.flat[0] += 1e-3
    assert growth.judged(case, moved) == "wrong"


def test_growth_at_a_tiny_size(capsys: pytest.CaptureFixture[str]) -> None:
    growth.main(["--largest", "2", "--seconds", "20", "--only", "depth of"])
    out = capsys.readouterr().out
    assert out.count("right") >= 4
    for part in ("derivgen", "SymPy, matrix symbols", "SymPy, entries at n = 3", "exponent"):
        assert part in out


def test_growth_ends_what_takes_too_long_and_says_what_fails() -> None:
    def endless(family: growth.Family, case: Case, size: int) -> growth.Measured:
        while True:
            pass

    def broken(family: growth.Family, case: Case, size: int) -> growth.Measured:
        raise RecursionError

    assert growth.capped(endless, growth.FAMILIES[0], 1, 1).outcome == "over 1 s"
    assert growth.capped(broken, growth.FAMILIES[0], 1, 1).outcome == "fails (RecursionError)"


def test_exponents() -> None:
    found = {size: growth.Measured("right", size, size**2) for size in (1, 2, 4, 8)}
    assert (growth.exponent(found, "derive"), growth.exponent(found, "all")) == ("1.0", "2.0")
