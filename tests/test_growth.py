"""Long, deep and much repeated questions end within 10 seconds of processor time and 1 GB, with an answer or a refusal."""

from __future__ import annotations

import inspect
import sys
from functools import reduce
from typing import Any

import numpy as np
import pytest

from derivgen.catalog.elementwise import tanh
from derivgen.catalog.linear import matmul
from derivgen.catalog.sign_facts import signs
from derivgen.derivation import derive, equal
from derivgen.errors import DerivgenError
from derivgen.expr import Call, Dim, Expr, Mul, Power, Shape, Symbol, canonical, rename, substitute
from derivgen.expr.nodes import ONE, Add
from derivgen.expr.text import text
from derivgen.read.question import parse_text
from tests import limited

N = Dim("n")


def names(letter: str, count: int) -> str:
    return ", ".join(f"{letter}{k}" for k in range(1, count + 1))


def nested(function: str, times: int, inner: str = "x") -> str:
    return reduce(lambda e, _: f"{function}({e})", range(times), inner)


def layers(count: int) -> str:
    return reduce(lambda e, k: f"tanh(W{k} @ {e})", range(1, count + 1), "x")


def lets(first: str, following: str, count: int) -> list[str]:
    """--let u1=first and u2=following, u3=following …, in which u is the name before."""
    given = [f"u1={first}", *(f"u{k}={following.replace('u', f'u{k - 1}')}" for k in range(2, count + 1))]
    return [word for one in given for word in ("--let", one)]


AFFINE = ", ".join(f"a{k}.T @ x + b{k}" for k in range(1, 41))
FIVE = "A, X in R^(n*n); a, b in R^n; t in R"

ANSWERED = {
    "names that double": ["u20", "--wrt", "x", "--where", "x in R", *lets("x*x", "u*u", 20)],
    "names that double, of a vector": ["sum(u20)", "--wrt", "x", "--where", "x in R^n", *lets("x*x", "u*u", 20)],
    "names that double very often": ["u150", "--wrt", "x", "--where", "x in R", *lets("x*x", "u*u", 150)],
    "names in a chain": ["sum(u150)", "--wrt", "x", "--where", "x in R^n", *lets("tanh(x)", "tanh(u)", 150)],
    "a polynomial in names": ["u30", "--wrt", "x", "--where", "x in R", *lets("x", "u*x + 1", 30)],
    "factors": ["*".join(f"(x+{k})" for k in range(1, 61)), "--wrt", "x", "--where", "x in R"],
    "terms": ["+".join(f"x**{k}" for k in range(1, 201)), "--wrt", "x", "--where", "x in R"],
    "terms of many letters": ["+".join(f"a{k}*x**{k}" for k in range(1, 101)), "--wrt", "x", "--where", f"x, {names('a', 100)} in R"],
    "a matrix product": [" @ ".join(["X"] * 30), "--wrt", "X", "--where", "X in R^(n*n)"],
    "the trace of a matrix product": [f"trace({' @ '.join(['X'] * 30)})", "--wrt", "X", "--where", "X in R^(n*n)"],
    "a product of many matrices": ["x.T @ " + " @ ".join(f"A{k}" for k in range(1, 65)) + " @ x", "--wrt", "x", "--where", f"x in R^n; {names('A', 64)} in R^(n*n)"],
    "a Hessian": [nested("tanh", 30), "--wrt", "x", "--where", "x in R", "--order", "2"],
    "inverses": ["a.T @ inv(A + inv(X)) @ b", "--wrt", "X", "--where", FIVE],
    "inverses twice": ["a.T @ inv(A + inv(X + t*A)) @ b", "--wrt", "t", "--where", FIVE, "--order", "2"],
    "layers": [layers(64), "--wrt", "x", "--where", f"x in R^n; {names('W', 64)} in R^(n*n)"],
    "functions": [nested("sin", 150), "--wrt", "x", "--where", "x in R"],
    "brackets": ["(" * 150 + "x" + ")" * 150 + "**2", "--wrt", "x", "--where", "x in R"],
    "signs": ["-" * 150 + "x", "--wrt", "x", "--where", "x in R"],
    "powers": ["**".join(["x"] * 12), "--wrt", "x", "--where", "x in R"],
}  # fmt: skip

LONG = ("names in a chain", "factors", "a matrix product", "the trace of a matrix product", "a product of many matrices",
        "a Hessian", "layers", "the largest of many", "3,000 names")  # fmt: skip
"""What takes seconds each."""

MAY_BE_REFUSED = {
    "the largest of many": [f"max({AFFINE})", "--wrt", "x", "--where", f"x, {names('a', 40)} in R^n; {names('b', 40)} in R", "--timeout", "3"],
    "3,000 brackets": ["(" * 3000 + "x" + ")" * 3000, "--wrt", "x", "--where", "x in R"],
    "3,000 brackets in a size": ["sum(x)", "--wrt", "x", "--where", f"x in R^{'(' * 3000}n{')' * 3000}"],
    "10,000 terms": ["+".join(["x"] * 10_000), "--wrt", "x", "--where", "x in R"],
    "3,000 signs": ["-" * 3000 + "x", "--wrt", "x", "--where", "x in R"],
    "3,000 transposes": ["x" + ".T" * 3000, "--wrt", "x", "--where", "x in R^n"],
    "powers upon powers": ["**".join(["x"] * 1500), "--wrt", "x", "--where", "x in R"],
    "3,000 names": ["u3000", "--wrt", "x", "--where", "x in R", *lets("sin(x)", "sin(u)", 3000), "--timeout", "3"],
    "braces": ["\\sin{" * 1000 + "x" + "}" * 1000, "--wrt", "x", "--where", "x in R", "--from", "latex"],
    "fractions": ["\\frac{1}{" * 1000 + "x" + "}" * 1000, "--wrt", "x", "--where", "x in R", "--from", "latex"],
}  # fmt: skip


@pytest.mark.parametrize(
    "arguments",
    [pytest.param(a, id=name, marks=[pytest.mark.slow] * (name in LONG)) for name, a in ANSWERED.items()],
)
def test_much_is_answered(arguments: list[str]) -> None:
    found = limited.command("derive", *arguments)
    assert found.status == 0, (found.status, found.stdout[-300:], found.stderr[-1000:])
    assert "refuted." not in found.stdout.rsplit("\n", 3)[-2]
    assert "Verified" in found.stdout or "nothing refuted" in found.stdout


@pytest.mark.parametrize(
    "arguments",
    [pytest.param(a, id=name, marks=[pytest.mark.slow] * (name in LONG)) for name, a in MAY_BE_REFUSED.items()],
)
def test_too_much_is_answered_or_refused_in_words(arguments: list[str]) -> None:
    found = limited.command("derive", *arguments)
    assert found.fine, (found.status, found.stdout[-300:], found.stderr[-1000:])
    if found.refused:
        said = ("nested", "long", "takes more than", "more than")
        assert any(word in found.stderr for word in said), found.stderr[-1000:]


@pytest.mark.parametrize("form", ["text", "latex", "markdown", "json", "html", "numpy", "svg"])
def test_every_format_of_what_repeats_ends(form: str) -> None:
    arguments = ANSWERED["names that double, of a vector"]
    found = limited.command("derive", *arguments, "--to", form)
    assert found.fine, (found.status, found.stderr[-1000:])
    assert len(found.stdout) < 1_000_000


def chain(count: int) -> Expr:
    e: Expr = Symbol("x", Shape((N,)))
    for k in range(1, count + 1):
        e = Call(tanh, (Call(matmul, (Symbol(f"W{k}", Shape((N, N))), e)),))
    return e


@pytest.mark.slow
def test_a_thousand_layers_are_derived_without_a_deeper_recursion() -> None:
    program = (
        "import sys; from tests.test_growth import chain; from derivgen.derivation import derive\n"
        "before = sys.getrecursionlimit()\n"
        "d = derive(chain(1000), 'x', check=False, timeout=9)\n"
        "assert sys.getrecursionlimit() == before\n"
        "print(len(d.steps))"
    )
    found = limited.python(program)
    assert (found.status, found.stdout.strip()) == (0, "2003"), found.stderr[-1000:]


def doubled(levels: int) -> Expr:
    """x², (x²)², …, written out 2 to the power of ``levels`` letters, kept as so many nodes."""
    e: Expr = Symbol("x")
    for _ in range(levels):
        e = Mul((e, e))
    return e


def test_walks_see_shared_parts_once() -> None:
    first, second = doubled(300), doubled(300)
    assert first == second
    assert hash(first) == hash(second)
    assert first != doubled(301)
    y = Symbol("y")
    assert substitute(first, {"x": y}) == substitute(second, {"x": y})
    assert canonical(first) is first
    assert rename(first, {}) is first
    assert signs(substitute(first, {"x": Symbol("p", traits=("positive",))})) == {1}


def test_walks_go_as_deep_as_it_takes() -> None:
    limit = sys.getrecursionlimit()
    e, other = chain(5000), chain(5000)
    assert e == other
    assert substitute(e, {"x": Symbol("z", Shape((N,)))}) != e
    assert e.height == 10_001
    tower: Expr = Symbol("p", traits=("positive",))
    for _ in range(3000):
        tower = Power(Add((tower, ONE)), Add((ONE, ONE)))
    assert signs(tower) == {1}
    assert sys.getrecursionlimit() == limit


def test_what_cannot_be_written_out_is_refused_by_its_length() -> None:
    with pytest.raises(DerivgenError, match="too long to be written out"):
        text(doubled(300))
    d = derive("u40", wrt="x", where="x in R", let=["u1 = x*x", *(f"u{k} = u{k - 1}*u{k - 1}" for k in range(2, 41))])
    assert d.verdict == "verified"
    assert "y = u₄₀" in d.to("text")


def test_deep_expressions_are_judged() -> None:
    e = parse_text(nested("sin", 190, "c*x"), "x, c in R")
    assert equal(e, parse_text(nested("sin", 190, "x*c"), "x, c in R")).status == "verified"


@pytest.mark.slow
def test_code_of_many_layers_computes_the_derivative() -> None:
    """By complex steps (Squire and Trapp, SIAM Review 40, 1998)."""
    count = 210
    draw = np.random.default_rng(1)
    weights = [1.05 * np.linalg.qr(draw.normal(size=(3, 3)))[0] for _ in range(count)]
    x = draw.normal(size=3)
    space: dict[str, Any] = {}
    exec(derive(chain(count), wrt="x", check=False).to("numpy"), space)
    function = next(made for name, made in space.items() if name.startswith("jacobian"))
    point = {"x": x} | {f"W{k}": w for k, w in enumerate(weights, 1)}
    found = function(**{name: point[name] for name in inspect.signature(function).parameters})
    columns = []
    for k in range(3):
        value = x + 1e-30j * np.eye(3)[k]
        for w in weights:
            value = np.tanh(w @ value)
        columns.append(value.imag / 1e-30)
    assert np.allclose(found, np.stack(columns, axis=-1), rtol=1e-9, atol=1e-9)
