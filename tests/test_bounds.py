"""Inputs that would not end, or not fit, come to an answer or to a refusal that says what is too large."""

from __future__ import annotations

from pathlib import Path

import pytest

import derivgen
from derivgen import DerivgenError
from tests.limited import command

ASKED = ("--wrt", "x", "--where", "x in R")
LONG = "9" * 390


ENDLESS = {
    "a tower in LaTeX": (r"x^{10^{10^{10}}}", ()),
    "a tower": ("x**(10**10**10)", ()),
    "a tower of numbers": ("x * 2**10**10", ()),
    "powers of powers": ("x * ((((2**64)**64)**64)**64)**64", ()),
    "larger powers of powers": ("x * (((2**10000)**10000)**10000)**10000", ()),
    "a power of a long number": (f"({LONG} * x)**60", ()),
    "a long exponent": (f"x**{LONG}", ()),
    "a sum of a tower": ("x**(10**10**10) + 3**(10**10**10) * x + x", ()),
    "a square of a square": ("x * " + "(" * 60 + "3" + "**2)" * 60, ()),
    "a function with a tower": ("f(x)", ("--define", "f(z) = z**(10**10**10)")),
    "a function with a large number": ("f(x)", ("--define", "f(z) = z * ((2**10000)**10000)**10000")),
    "a function with a large exponent": ("f(x)", ("--define", "f(z) = (z + 1)**100000", "--timeout", "4")),
    "a function with many factors": (
        "f(x)",
        ("--define", "f(z) = " + "*".join(f"(z + {k})" for k in range(60)), "--timeout", "3"),
    ),
    "a function of a function": ("f(x)", ("--define", "f(z) = " + "exp(" * 30 + "z" + ")" * 30, "--timeout", "3")),
}


SLOW = ("a function with a large exponent", "a function with many factors", "a function of a function")


@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.slow] * (name in SLOW)) for name in ENDLESS])
def test_numbers_that_cannot_be_written_out(name: str) -> None:
    expression, more = ENDLESS[name]
    made = command("derive", "-", *ASKED, *more, stdin=expression)
    assert made.fine, (made.status, made.stderr)


@pytest.mark.parametrize(
    ("left", "right"), [("((2**10000)**10000)**10000", "3"), ("3**3**3**3**3", "3**3**3**3**3 + 1")]
)
def test_equalities_of_such_numbers(left: str, right: str) -> None:
    made = command("equal", left, right, "--where", "x in R")
    assert made.fine, (made.status, made.stderr)
    assert made.status == 1 or "not checked" in made.stdout


MACROS = {
    r"\newcommand{\a}[1]{#1+#1}": r"\a{" * 60 + "x" + "}" * 60,
    r"\newcommand{\a}[1]{\a{#1#1}}": r"\a{x}",
    r"\newcommand{\a}[1]{\b{#1#1}}\newcommand{\b}[1]{\a{#1#1}}": r"\a{x}",
    r"\newcommand{\a}{\b\b}\newcommand{\b}{\a\a}": r"\a",
    r"\newcommand{\a}[1]{" + "#1" * 100_000 + "}": r"\a{" + "x+" * 5_000 + "x}",
    "".join(rf"\newcommand{{\{a}}}{{\{b}\{b}}}" for a, b in zip("abcdefghijklmno", "bcdefghijklmnop", strict=True))
    + r"\newcommand{\p}{x}": r"\a",
}  # fmt: skip


@pytest.mark.parametrize("preamble", MACROS, ids=lambda text: text[:50])
def test_macros_that_grow(preamble: str, tmp_path: Path) -> None:
    file = tmp_path / "preamble.tex"
    file.write_text(preamble, encoding="utf-8")
    made = command("derive", "-", *ASKED, "--preamble", str(file), "--from", "latex", stdin=MACROS[preamble])
    assert made.refused, (made.status, made.stderr)
    assert "20,000 tokens" in made.stderr or "defined by itself" in made.stderr


def test_macros_that_stand_in_one_another_are_read() -> None:
    preamble = r"\newcommand{\a}[1]{#1+1}"
    d = derivgen.derive(r"\a{" * 30 + "x" + "}" * 30, "x", "x in R", dialect="latex", preamble=preamble)
    assert str(d.result) == "1"


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("x*" + "9" * 99_000, "number is too long"),
        ("x*" + "9" * 1_000_000, "1,000,002 characters"),
        ("x^{" + "9" * 1_000_000 + "}", "1,000,004 characters"),
        ("*".join([LONG] * 20) + "*x", "a number here has more than 3,900 digits"),
        ("x/" + "/".join([LONG] * 20), "a number here has more than 3,900 digits"),
        (r"\mathbf{" * 5_000 + "x" + "}" * 5_000, "nested too deeply"),
        (r"\sqrt{" * 5_000 + "x" + "}" * 5_000, "nested too deeply"),
        (r"\frac{1}{" * 3_000 + "x" + "}" * 3_000, "nested too deeply"),
        (r"\left(" * 4_000 + "x" + r"\right)" * 4_000, "nested too deeply"),
        (r"x\," + "{" * 9_000 + "x" + "}" * 9_000, "nested too deeply"),
        ("(" * 3_000 + "x" + ")" * 3_000, "200 brackets deep"),
    ],
    ids=lambda text: text[:24],
)
def test_texts_that_are_too_long_or_too_deep(expression: str, said: str) -> None:
    made = command("derive", "-", *ASKED, stdin=expression)
    assert made.refused, (made.status, made.stderr)
    assert said in made.stderr


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("x in R^" + "(" * 3_000 + "n" + ")" * 3_000, "nested more than 50 brackets"),
        ("x in Sym" + "(" * 3_000 + "n" + ")" * 3_000, "nested more than 50 brackets"),
        ("x in R^((" + "*".join(["99999"] * 8_000) + "))", "too large"),
        ("x in R^" + "9" * 90_000, "is no size"),
        ("x in R^{" * 3_000 + "n" + "}" * 3_000, ""),
        ("x in R; f: " + "R^((" * 3_000 + "n" + "))" * 3_000, ""),
    ],
    ids=lambda text: text[:24],
)
def test_declarations_that_are_too_deep(where: str, said: str) -> None:
    with pytest.raises(DerivgenError) as caught:
        derivgen.derive("sum(x)", "x", where)
    assert said in caught.value.message
