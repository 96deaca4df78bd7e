"""Whatever the functions of the interface are given: either they take it, or they say in words what to write."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from fractions import Fraction
from pathlib import Path
from typing import Any

import markdown
import numpy as np
import pytest

import derivgen
from derivgen.catalog import operation
from derivgen.catalog.base import Abstract
from derivgen.catalog.elementwise import exp
from derivgen.catalog.linear import matmul
from derivgen.catalog.opaque import ones
from derivgen.check.evaluate import evaluate
from derivgen.derivation import solve
from derivgen.errors import DerivgenError
from derivgen.expr import (
    SCALAR,
    Add,
    At,
    Build,
    Call,
    Cases,
    Definition,
    Delta,
    Dim,
    Expr,
    Index,
    Mul,
    Number,
    Pair,
    Partial,
    Position,
    Power,
    Shape,
    Size,
    Sum,
    Symbol,
)
from derivgen.markdown import DerivgenExtension
from derivgen.read import declare, parse_text, parse_variable
from derivgen.show import render, render_all
from derivgen.testing import check_operation

N, M = Dim("n"), Dim("m")
I, J = Index("i", N), Index("j", N)  # noqa: E741
X, A, C = Symbol("x", Shape((N,))), Symbol("A", Shape((M, N))), Symbol("c")
D = derivgen.derive("c * sum(x)", wrt="x", where="x in R^n; c in R")


class Odd:
    """Something that no function expects."""

    shape = (2, 3)

    def __repr__(self) -> str:
        raise RuntimeError("nobody prints me")


WRONG: dict[str, Any] = {
    "None": None, "True": True, "-1": -1, "0": 0, "7": 7, "2.5": 2.5, "nan": float("nan"), "1j": 1j, "no text": "", "text": "x",
    "two words": "x y", "nonsense": "§", "bytes": b"x", "no list": [], "list": ["x"], "list of None": [None], "list of trees": [X],
    "nested": [["x"]], "no tuple": (), "tuple": ("x",), "tuple of trees": (X,), "tuple of None": (None,), "twice": ("x", "x"),
    "pair": (1, 2), "no dict": {}, "dict": {"x": 1}, "dict of None": {"x": None}, "set": {1}, "object": object(), "odd": Odd(),
    "class": int, "function": lambda *_: 0, "array": np.zeros(2), "array of texts": np.array(["x"]), "matrix": np.zeros((2, 2)),
    "fraction": Fraction(1, 2), "size": N, "index": I, "shape": Shape((N,)), "scalar": C, "vector": X, "operation": exp, "derivation": D,
    "error": ValueError("x"), "range": range(3),
}  # fmt: skip
"""Values of all kinds, by what they are called in the names of the tests."""


@dataclass(frozen=True)
class Door:
    """A function with arguments that it takes: each of them is exchanged for others in turn."""

    function: Callable[..., Any]
    takes: dict[str, Any]

    def __str__(self) -> str:
        return getattr(self.function, "__qualname__", str(self.function))


def node(kind: type[Any], *given: Any) -> Door:
    return Door(kind, dict(zip([f.name for f in fields(kind) if f.init], given, strict=False)))


NODES = [
    node(Dim, "n"), node(Index, "i", N), node(Pair, I, J), node(Shape, (N,), False), node(Number, Fraction(1, 2)), node(Size, N),
    node(Position, I), node(Symbol, "x", Shape((N,)), ("positive",)), node(Add, (X, X)), node(Mul, (X, C)), node(Power, X, C),
    node(Call, exp, (X,), ()), node(Call, ones, (), (N,)), node(Call, matmul, (A, X), ()), node(At, X, (I,)),
    node(Build, (I,), At(X, (I,)), False), node(Sum, I, At(X, (I,))), node(Delta, I, J), node(Partial, C, C),
    node(Cases, ((C, X),), X), node(Definition, X, X), node(Abstract, "f", (X.shape,), SCALAR, False, ()),
]  # fmt: skip

QUESTION = {
    "expr": "c * sum(x)", "wrt": "x", "where": "x in R^n; c in R", "order": 1, "layout": "numerator", "structured": "within",
    "method": "auto", "notation": "notes", "let": (), "define": (), "dialect": "auto", "preamble": "",
}  # fmt: skip
CHECKING = {"check": False, "seed": 0, "samples": None, "timeout": None, "world": None}
POINT: dict[str, Any] = {"x": [1.0, 2.0], "c": 3.0}

F = derivgen.derive("c * sum(x) + m * x[i]", wrt="x", where="x in R^n; c in R; y in R^m; i in range(n)", check=False)
APPLIED = parse_text("f(c * x)", "x in R^n; c in R; f: R -> R elementwise")


def at_point(**point: Any) -> Any:
    """Numbers of all kinds: an array, a number, a length, a place, a function."""
    return F.evaluate(point), F.value(point), evaluate(APPLIED, point)


def on_a_page(**options: Any) -> str:
    """A page of Markdown with a derivation."""
    return markdown.markdown(PAGE, extensions=[DerivgenExtension(**options)])


PAGE = "```derivation\nmax(0, c) * x\nwrt: x\nwhere: x in R^n; c in R\n```\n"

DOORS = [
    Door(derivgen.derive, {**QUESTION, **CHECKING}),
    Door(solve, {"problem": D.problem}),
    Door(derivgen.World.default().extended, {"operations": (), "rules": (), "check": True}),
    Door(derivgen.equal, {"a": "x + x", "b": "2*x", "where": "x in R^n", "define": (), "dialect": "auto", "preamble": "", "seed": 0,
                          "samples": None, "timeout": None, "world": None}),
    Door(D.check, {"seed": 0, "samples": 16}),
    Door(D.evaluate, {"point": POINT, "layout": "tensor", "timeout": None}),
    Door(D.value, {"point": POINT}),
    Door(D.to, {"format": "text", "detail": "normal", "color": False, "title": ""}),
    Door(render, {"d": D, "format": "text", "detail": "normal", "color": False, "title": ""}),
    Door(render_all, {"ds": [D], "format": "text", "detail": "normal", "color": False, "title": ""}),
    Door(evaluate, {"e": Mul((C, X)), "point": POINT, "definitions": (), "indices": (), "timeout": None}),
    Door(parse_text, {"source": "c * x", "declarations": "x in R^n; c in R", "free_indices": False}),
    Door(parse_variable, {"text": "x", "declarations": declare("x in R^n")}),
    Door(declare, {"where": "x in R^n"}),
    Door(operation, {"name": "exp"}),
    Door(at_point, {"x": [1.0, 2.0], "c": 3.0, "m": 2, "i": 1, "f": np.tanh}),
    Door(on_a_page, {"host": None, "world": None, "on_failure": "fail", "style": True, "cache_dir": "", "where": "", "order": 1, "layout": "numerator",
                     "structured": "within", "method": "auto", "detail": "normal", "notation": "notes", "check": True, "seed": 0,
                     "samples": 16, "show": "steps", "math": "mathml"}),
    Door(check_operation, {"operation": operation("zeros"), "seed": 0}),
]  # fmt: skip


def arguments(doors: list[Door]) -> list[Any]:
    return [pytest.param(door, name, id=f"{door}-{name}") for door in doors for name in door.takes]


@pytest.mark.parametrize(("door", "name"), arguments(NODES))
def test_nodes_are_made_or_refused(door: Door, name: str) -> None:
    for value in WRONG.values():
        made = answered(door, name, value)
        if isinstance(made, Expr):
            hash(made)
            str(made)
            answered(Door(derivgen.derive, {"expr": made, "wrt": "x", "check": False}))
            answered(Door(derivgen.equal, {"a": made, "b": made}))
            answered(Door(evaluate, {"e": made, "point": POINT}))


@pytest.mark.parametrize(("door", "name"), arguments(DOORS))
def test_functions_answer_or_refuse(door: Door, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # a name may be that of a folder
    for value in WRONG.values():
        answered(door, name, value)


def answered(door: Door, name: str = "", value: Any = None) -> Any:
    """What the function returns, or the refusal; any other error fails the test."""
    try:
        return door.function(**({**door.takes, name: value} if name else door.takes))
    except DerivgenError as refused:
        shown = derivgen.errors.render(refused)
        assert ": " in shown, shown
        return refused
    except Exception as error:
        pytest.fail(f"{door}({name}={derivgen.errors.shown(value)}): {type(error).__name__}: {error}")


def test_what_they_take_they_take() -> None:
    for door in NODES + DOORS:
        assert not isinstance(answered(door), DerivgenError), door


SYMMETRIC = Symbol("S", Shape((N, N)), ("symmetric",))
F_OF_X, F_OF_C = (Call(Abstract("f", (e.shape,)), (e,)) for e in (X, C))

REFUSED: list[tuple[str, Callable[[], Any], str, str]] = [
    ("two shapes", lambda: derivgen.derive(Mul((X, Symbol("x"))), wrt="x"), "x is declared n×1 column in one place, and scalar in another", "another name"),
    ("two properties", lambda: derivgen.derive(Add((SYMMETRIC, Symbol("S", Shape((N, N))))), wrt="S"), "symmetric in one place, and without properties", "another name"),
    ("two functions", lambda: derivgen.derive(Mul((F_OF_X, F_OF_C)), wrt="x"), "f is declared from n×1 column to scalar in one place, and from scalar to scalar", "another name"),
    ("a variable and a function", lambda: derivgen.derive(Mul((Symbol("f"), F_OF_C)), wrt="f"), "f is a variable and a function", "another name"),
    ("a variable and a size", lambda: derivgen.derive(Mul((Symbol("n"), X)), wrt="x"), "n is a size and a variable", "another name"),
    ("on two sides", lambda: derivgen.equal(X, Mul((X, Symbol("x")))), "x is declared n×1 column in one place, and scalar", "another name"),
    ("beside a text", lambda: derivgen.equal(Symbol("x"), "x", where="x in R^n"), "x is declared n×1 column in one place, and scalar", "another name"),
    ("another declaration", lambda: derivgen.derive(X, wrt="x", where="x in R"), "x is declared scalar in one place, and n×1 column", "another name"),
    ("another variable", lambda: derivgen.derive(X, wrt=Symbol("x")), "x is declared n×1 column in one place, and scalar", "another name"),
    ("another in numbers", lambda: evaluate(Mul((X, Symbol("x"))), {"x": 1}), "x is declared n×1 column in one place", "another name"),
    ("no name", lambda: derivgen.derive(Symbol("x y"), wrt="x"), "'x y' is no name", "W_1"),
    ("a size below 0", lambda: Dim(-1), "a size is a name, a whole number from 0 on, or the product of such, not -1", r'Dim\("n"\)'),
    ("a size that is a truth", lambda: Dim(True), "not True", "Dim"),
    ("a product out of order", lambda: Dim(("n", "m")), r"not \('n', 'm'\)", "times"),
    ("no entries", lambda: derivgen.derive(Symbol("x", Shape((Dim(0),))), wrt="x"), "no entries", "from 1"),
    ("an empty sum", lambda: Add(()), r"Add is not made of \(\)", r"Add\(\(x, y\)\)"),
    ("a list of terms", lambda: Add([X, X]), r"Add is not made of \[<x>, <x>\]", "a tuple of expressions"),  # type: ignore[arg-type]
    ("a number beside a tree", lambda: Add((X, 3)), r"Add is not made of \(<x>, 3\)", "a tuple of expressions"),  # type: ignore[arg-type]
    ("a float", lambda: Number(0.5), "Number is not made of 0.5", r"Fraction\(1, 2\)"),  # type: ignore[arg-type]
    ("a name for an operation", lambda: Call("exp", (X,)), "Call is not made of 'exp'", r'operation\("exp"\)'),  # type: ignore[arg-type]
    ("sizes of a function", lambda: Call(exp, (X,), (N,)), "exp takes no sizes", ""),
    ("an index twice", lambda: derivgen.derive(Build((I, I), C), wrt="c"), "an array is built over the index i twice", "delta"),
    ("an unknown property", lambda: derivgen.derive(Symbol("x", SCALAR, ("positiv",)), wrt="x"), "x is declared 'positiv'", "positive"),
    ("a property that does not fit", lambda: derivgen.derive(Symbol("A", A.space, ("symmetric",)), wrt="A"), "A is declared symmetric, but it is m×n", "square"),
    ("half a property", lambda: derivgen.derive(Symbol("S", Shape((N, N)), ("diagonal",)), wrt="S"), "not declared symmetric", "traits="),
    ("a definition that does not fit", lambda: Definition(Symbol("u"), X), "u is a scalar, but what it stands for is a n×1 column", ""),
    ("declarations that are none", lambda: derivgen.equal("x", "x", where=123), "declarations are a text, not 123", 'where="w'),  # type: ignore[arg-type]
    ("no variable", lambda: derivgen.derive("x", wrt=None, where="x in R"), "a variable is a name, or a symbol", 'wrt="w"'),  # type: ignore[call-overload]
    ("an empty list of variables", lambda: derivgen.derive("x", wrt=[], where="x in R"), "there is no variable", 'wrt="w"'),
    ("two numbers", lambda: derivgen.equal(1, 2), "an expression is a text, or a tree of derivgen.expr, not 1", "such as"),  # type: ignore[arg-type]
    ("an unknown dialect", lambda: derivgen.derive(X, wrt="x", dialect="Latex"), "'Latex' is no value of dialect", "did you mean latex"),  # type: ignore[call-overload]
    ("an unknown layout", lambda: derivgen.derive("x", wrt="x", where="x in R", layout="num"), "'num' is no value of layout", "numerator"),  # type: ignore[call-overload]
    ("a layout of numbers", lambda: D.evaluate(POINT, layout="row"), "there is no layout 'row'", "tensor"),
    ("a number for a switch", lambda: derivgen.derive("x", wrt="x", where="x in R", check=1), "check is yes or no, not 1", ""),  # type: ignore[call-overload]
    ("half an order", lambda: derivgen.derive("x", wrt="x", where="x in R", order=1.0), "order is a whole number, not 1.0", ""),  # type: ignore[call-overload]
    ("a seed in words", lambda: D.check(seed="a"), "seed is a whole number, not a str", ""),  # type: ignore[arg-type]
    ("half a point", lambda: D.check(samples=2.5), "samples is a whole number, not 2.5", ""),  # type: ignore[arg-type]
    ("an unknown detail", lambda: D.to("text", detail="xx"), "'xx' is no value of detail", "brief, normal, full"),  # type: ignore[arg-type]
    ("an unknown option", lambda: D.to("text", detial="full"), "there is no option 'detial'", "did you mean detail"),  # type: ignore[call-arg]
    ("an unknown format", lambda: D.to("docx"), "there is no format 'docx'", "latex"),
    ("no format", lambda: D.to(None), "a format is named, not None", "latex"),  # type: ignore[arg-type]
    ("no derivation", lambda: render_all([1], "text"), "derivations are printed, not \\[1\\]", "derivgen.derive"),  # type: ignore[list-item]
    ("no derivations", lambda: render_all([], "json"), "derivations are printed", "derivgen.derive"),
    ("no point", lambda: D.evaluate([1, 2]), "a point is a dictionary", '{"x"'),  # type: ignore[arg-type]
    ("nothing at a point", lambda: D.value({"x": [1, None], "c": 1}), "the value of x is not an array of real numbers", "a list"),  # type: ignore[dict-item]
    ("a complex value", lambda: D.value({"x": np.array([1j, 2]), "c": 1}), "the value of x is not an array of real numbers", "a list"),
    ("a text for a number", lambda: D.value({"x": [1, 2], "c": "3"}), "the value of c is not an array of real numbers", "a list"),
    ("an infinite length", lambda: evaluate(parse_text("ones(m)", "y in R^m"), {"m": float("inf")}), "the length m is a whole number", "m=3"),
    ("a function that fails", lambda: at_point(**POINT, m=2, i=1, f=lambda u: 1 / 0), "the function given for f has no value here: division", "arrays"),
    ("an unknown operation", lambda: operation("sigmiod"), "the catalog has no operation 'sigmiod'", "did you mean sigmoid"),
    ("an unknown setting of pages", lambda: on_a_page(layuot="gradient"), "there is no option 'layuot'", "did you mean layout"),
    ("an unknown way to fail", lambda: on_a_page(on_failure="warning"), "on_failure cannot be 'warning'", "did you mean warn"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "says", "hint"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_what_is_wrong_is_said(call: Callable[[], Any], says: str, hint: str) -> None:
    with pytest.raises(DerivgenError, match=says) as refused:
        call()
    assert re.search(hint, refused.value.hint or "")


def test_what_fits_is_not_refused() -> None:
    assert derivgen.derive(Mul((SYMMETRIC, C)), wrt=Symbol("S", SYMMETRIC.space)).verdict == "verified"
    assert derivgen.derive(Mul((X, C)), wrt="x", where="x in R^n; c in R").verdict == "verified"
    assert str(derivgen.derive(Mul((Number(2), X)), wrt=X).result) == "2 * eye(n)"  # type: ignore[arg-type]
    assert "A title" in D.to("html", title="A title")
    assert D.value({"x": np.array([Fraction(1, 2), 1]), "c": True}) == 1.5
