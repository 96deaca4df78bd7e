"""Letters of which only what they depend on is said: their derivatives are those of functions, never 0."""

from __future__ import annotations

import pytest

import derivgen
from derivgen.errors import DerivgenError, ParseError
from derivgen.read import declare


@pytest.mark.parametrize(
    ("source", "where", "answer"),
    [
        ("L", "L: function of w; w in R^n", "D(L)(w).T"),
        ("L", "L(w); w in R^n", "D(L)(w).T"),
        ("L", "w in R^n; L(w) in R", "D(L)(w).T"),
        (r"\frac{\partial L}{\partial w}", "L: function of w; w in R^n", "D(L)(w).T"),
        (r"\nabla_w L", "L: function of w; w in R^n", "D(L)(w).T"),
        ("2 * L + w.T @ w", "L: function of w, b; w in R^n; b in R", "2 * D(L, 0)(w, b).T + 2 * w.T"),
        (r"\lambda L + w^\top w", r"L: function of w, b, \lambda \in R; w \in R^n; b \in R",
         "lambda * D(L, 0)(w, b).T + 2 * w.T"),
        ("z", "z(w) in R^m; w in R^n", "D(z)(w)"),
        ("L", "L: function of z; z(w) in R^m; w in R^n", "D(L)(z(w)).T @ D(z)(w)"),
        (r"\frac{\partial L}{\partial w}", "z(w) in R^m; w in R^n; L: function of z", "D(L)(z(w)).T @ D(z)(w)"),
        ("L", "L: function of v; w, v in R^n", "zeros(n).T"),
    ],
)  # fmt: skip
def test_a_letter_is_a_function_of_what_it_depends_on(source: str, where: str, answer: str) -> None:
    d = derivgen.derive(source, wrt="w", where=where)
    assert d.check().passed
    functions = "L: R^n -> R; z: R^n -> R^m" if "z(w)" not in where else "L: R^m -> R; z: R^n -> R^m"
    functions = functions.replace("L: R^n", "L: R^n, R") if ", b" in where else functions
    known = "w in R^n; b, lambda in R"
    assert derivgen.equal(d.result, answer, f"{known}; {functions}").status == "verified", str(d.result)


@pytest.mark.parametrize(
    ("source", "where", "said", "hint"),
    [
        (r"\frac{\partial L}{\partial w}", "L in R; w in R^n", "how L depends on w", "L: function of w"),
        (r"\nabla_w L", "L in R; w in R^n", "how L depends on w", "L: function of w"),
        (r"w^\top w + \frac{\partial L}{\partial v}^\top v", "L: function of w; w, v in R^n",
         "a function of w only", "L: function of w, …"),
        ("L", "L: function of V; w in R^n", "V is not declared", "V in R^n"),
        ("L", "L: function of z; z: function of L; w in R^n", "depends on itself", "leave"),
        ("L", "L: function of", "the name of a variable is expected", "L: function of W, b"),
        ("L", "L(w; w in R^n", ") is expected", "L(W, b)"),
        ("L", "L in R; w in R^n; L: function of w", "L is declared twice", "leave it out"),
    ],
)  # fmt: skip
def test_what_is_not_said_is_refused(source: str, where: str, said: str, hint: str) -> None:
    with pytest.raises(DerivgenError) as caught:
        derivgen.derive(source, wrt="w", where=where)
    assert said in caught.value.message
    assert hint in str(caught.value.hint)


@pytest.mark.parametrize(
    ("source", "wrt", "where"),
    [
        (r"\frac{\partial L}{\partial W}", "W", "W in R^(m*n)"),
        (r"\frac{\partial L}{\partial x_2}", "x", "x in R^n"),
        (r"\frac{d\mathbf z}{d\mathbf y}", "y", "y in R^m"),
        (r"\nabla_x J", "x", "x in R^n"),
        (r"\frac{\partial Y}{\partial t}", "t", "t in R"),
    ],
)
def test_the_hint_is_true(source: str, wrt: str, where: str) -> None:
    """What it says to declare is read, and the question is answered with it."""
    with pytest.raises(ParseError, match="it is not said how") as caught:
        derivgen.derive(source, wrt=wrt, where=where)
    declaration = str(caught.value.hint).removeprefix("declare that it does, ").split(", or give")[0]
    assert derivgen.derive(source, wrt=wrt, where=f"{where}; {declaration}").check().passed


@pytest.mark.parametrize(
    "where", ["W in R^(m*n); b in R; L: function of W, b", "w in R^n; L: function of w; f: R^n -> R^m"]
)
def test_declarations_say_it_again(where: str) -> None:
    known = declare(where)
    again = declare(str(known))
    assert (again.symbols, again.functions, again.depends) == (known.symbols, known.functions, known.depends)


def test_a_clause_ends_where_the_next_begins() -> None:
    known = declare("L: function of w, x in R^n; w in R")
    assert known.depends == {"L": ("w",)}
    assert set(known.symbols) == {"w", "x"}
    with pytest.raises(ParseError, match="not declared"):
        declare("L: function of w, q; w in R")


@pytest.mark.parametrize(
    ("left", "right", "choices"),
    [
        ("u.T @ u", "x.T @ A.T @ A @ x", {"let": ("u = A @ x",)}),
        (r"u^\top u", r"x^\top A^\top A x", {"let": ("u = A x",)}),
        (r"\frac{\partial}{\partial x} x^\top B x", "(B + B.T) @ x", {"layout": "denominator"}),
        (r"\frac{\partial}{\partial x} x^\top B x", "x.T @ (B + B.T)", {}),
        (r"\nabla_x x^\top B x", "(B + B.T) @ x", {"layout": "gradient"}),
    ],
)
def test_equal_takes_intermediates_and_a_layout(left: str, right: str, choices: dict[str, object]) -> None:
    where = "A in R^(m*n); B in R^(n*n); x in R^n"
    assert derivgen.equal(left, right, where, **choices).status == "verified"  # type: ignore[arg-type]
