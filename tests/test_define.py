"""Functions of numbers that the reader gives by a formula."""

from __future__ import annotations

import json
import math
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import derivgen
from derivgen.catalog.elementwise import exp
from derivgen.catalog.sympy_bridge import from_sympy, to_sympy
from derivgen.catalog.sympy_derivative import derivative
from derivgen.check.judge import Judge
from derivgen.cli import main
from derivgen.errors import DerivgenError, NameUnknown, NoRule, ParseError
from derivgen.expr import Call, Symbol
from derivgen.expr.text import text
from derivgen.options import Method
from derivgen.read import parse_text, read

GELU = "gelu(z) = z*(1 + erf(z/sqrt(2)))/2"

FORMULAS = (
    (GELU, "z * exp(-1 / 2 * z**2) / sqrt(2 * pi) + 1 / 2 * erf(z / sqrt(2)) + 1 / 2"),
    ("swish(z) = z*sigmoid(z)", "z * (1 - sigmoid(z)) * sigmoid(z) + sigmoid(z)"),
    ("ramp(z) = max(z, 0)", "z > 0"),
    ("leaky(z) = max(z, z/10)", "where(z > 0, 1, 1 / 10)"),
    ("elu(z) = where(z > 0, z, exp(z) - 1)", "where(z > 0, 1, exp(z))"),
    ("huber(z) = where(abs(z) < 1, z**2/2, abs(z) - 1/2)", "where(abs(z) < 1, z, sign(z))"),
    ("hinge(z) = max(0, 1 - z)", "where(z > 1, 0, -1)"),
    ("cubed(z) = z**3", "3 * z**2"),
    ("smooth(z) = sqrt(z**2 + 1) - 1", "z / sqrt(z**2 + 1)"),
    ("mish(z) = z*tanh(softplus(z))", "z * (1 - tanh(softplus(z))**2) * sigmoid(z) + tanh(softplus(z))"),
    ("bell(z) = exp(-z**2/2)/sqrt(2*pi)", "-z * exp(-1 / 2 * z**2) / sqrt(2 * pi)"),
    ("sinc(z) = sin(z)/z", "cos(z) / z - sin(z) / z**2"),
)
"""Functions with the form that a textbook gives their derivatives."""


@pytest.mark.parametrize(("define", "expected"), FORMULAS)
def test_the_derivative_and_its_form(define: str, expected: str) -> None:
    name = define.partition("(")[0]
    d = derivgen.derive(f"{name}(a)", "a", "a in R", define=[define])
    assert d.verdict == "verified"
    own = d.problem.user_functions[0]
    z = Symbol("z")
    shown = text(derivative(own.formula, z, (z,)))
    # at a kink both are a convention, and not the same: values are compared at random points
    verdict = Judge().agree(parse_text(shown, "z in R"), parse_text(expected, "z in R"))
    assert verdict.status == "verified"
    assert len(shown) <= len(expected) + 4, shown


@pytest.mark.parametrize("define", [f for f, _ in FORMULAS])
@pytest.mark.parametrize("expression", ["w @ {f}(x)", "{f}({f}(w * x))", "sum({f}(w @ X[i]) for i in range(N))"])
def test_within_expressions(define: str, expression: str) -> None:
    name = define.partition("(")[0]
    where = "w, x in R^n; X in R^(N*n)"
    known = read("0", where, (), [define])[1]
    methods: tuple[Method, ...] = ("scalar", "chain")
    for method in methods:
        d = derivgen.derive(expression.format(f=name), "w", where, define=[define], method=method)
        assert d.verdict == "verified"
        assert parse_text(str(d.result), known) == d.result
    for form in ("text", "latex", "markdown", "html", "json"):
        assert name in d.to(form)


def test_several_arguments_and_functions_of_functions() -> None:
    define = [GELU, "gated(u, v) = gelu(u)*v**2"]
    d = derivgen.derive("gated(A @ x, y)", "x", "A in R^(m*n); x in R^n; y in R^m", define=define)
    assert d.verdict == "verified"
    assert [f.name for f in d.problem.user_functions] == ["gelu", "gated"]
    point: dict[str, Any] = {"A": np.ones((2, 3)) / 4, "x": [1.0, -2, 0.5], "y": [0.3, -1]}
    gate = derivgen.derive("gated(A @ x, y)", "y", "A in R^(m*n); x in R^n; y in R^m", define=define)
    u = -0.125
    gelu = u * (1 + math.erf(u / 2**0.5)) / 2
    np.testing.assert_allclose(gate.evaluate(point), np.diag([2 * gelu * 0.3, -2 * gelu]), rtol=1e-12)


def test_second_order() -> None:
    d = derivgen.derive("sum(gelu(x))", "x", "x in R^n", define=[GELU], order=2)
    assert d.verdict == "verified"
    assert derivgen.equal(d.result, "diag((2 - x**2) * exp(-x**2/2) / sqrt(2*pi))", "x in R^n").status == "verified"


def test_kinks_of_the_formula_are_told() -> None:
    d = derivgen.derive("sum(leaky(x))", "x", "x in R^n", define=["leaky(z) = max(z, z/10)"])
    assert [str(c) for c in d.conditions] == [
        "not differentiable where x == 0 in some entry; the value there is a convention"
    ]


def test_the_judge_does_not_read_the_derivative() -> None:
    """A wrong derivative is refuted: the judge differentiates the formula."""
    from dataclasses import replace

    e, _, _ = read("w @ gelu(x)", "w, x in R^n", (), [GELU])
    gelu = next(iter(derivgen.derive(e, "x", check=False).problem.user_functions))
    wrong = replace(gelu, derivatives=(lambda u: Call(exp, (u,)),))
    x = e.args[1].args[0]  # type: ignore[attr-defined]
    d = derivgen.derive(Call(e.op, (e.args[0], Call(wrong, (x,)))), "x")  # type: ignore[attr-defined]
    assert d.verdict == "refuted"


def test_equal_knows_defined_functions() -> None:
    assert derivgen.equal("swish(x)", "x * sigmoid(x)", "x in R^n", define=["swish(z) = z*sigmoid(z)"]).passed
    assert not derivgen.equal("swish(x)", "sigmoid(x)", "x in R^n", define=["swish(z) = z*sigmoid(z)"]).passed


def test_pickles() -> None:
    e, _, _ = read("gelu(a)", "a in R", (), [GELU])
    assert pickle.loads(pickle.dumps(e)) == e
    assert derivgen.derive(pickle.loads(pickle.dumps(e)), "a").verdict == "verified"


IN_LATEX = (
    (r"\operatorname{gelu}(z) = z(1 + \operatorname{erf}(z/\sqrt 2))/2", GELU),
    (r"$\mathrm{gelu}(z) := \frac{z}{2}\left(1 + \operatorname{erf}\frac{z}{\sqrt{2}}\right)$", GELU),
    (r"\operatorname{gelu}\left(\beta\right) = \max(0, \beta)", "gelu(z) = max(0, z)"),
    (r"\operatorname{gelu}(z) = \begin{cases} z & z > 0 \\ e^z - 1 & \text{otherwise} \end{cases}",
     "gelu(z) = where(z > 0, z, exp(z) - 1)"),
    (r"\operatorname{gelu}(z_1) = z_1^{3}", "gelu(z) = z**3"),
)  # fmt: skip


@pytest.mark.parametrize(("define", "same"), IN_LATEX)
def test_expressions_and_definitions_in_latex(define: str, same: str) -> None:
    where = "W in R^(m*n); x in R^n"
    twin = derivgen.derive("gelu(W @ x)", "x", where, define=[same], check=False)
    point: dict[str, Any] = {"W": np.array([[1.0, -2], [0.5, 1], [-1, 0.25]]), "x": [0.7, -0.4]}
    for expression in (r"\operatorname{gelu}(W\mathbf{x})", r"\mathrm{gelu}\left(W\mathbf{x}\right)", "gelu(W @ x)"):
        d = derivgen.derive(expression, "x", where, define=[define])
        assert d.verdict == "verified"
        np.testing.assert_allclose(d.evaluate(point), twin.evaluate(point), rtol=1e-12)


def test_one_definition_in_latex_uses_another() -> None:
    define = ["half(z) = z/2", r"\operatorname{twice}(u, v) = 4\operatorname{half}(u)\operatorname{half}(v)"]
    assert derivgen.equal("twice(x, x)", "x**2", "x in R^n", define=define).passed
    assert derivgen.equal(r"\operatorname{twice}(\mathbf x, \mathbf x)", "x**2", "x in R^n", define=define).passed


BAD_IN_LATEX = (
    (r"\operatorname{gelu}(z)", "a function is given as", r"\operatorname{gelu}(z)"),
    (r"\operatorname{gelu}(2z) = z", "an argument is a name", "2z"),
    (r"\operatorname{gelu}(z, z) = z", "z is named twice", "z"),
    (r"\operatorname{where}(z) = z^{2}", "where belongs to the way", r"\operatorname{where}"),
    (r"\exp(z) = \exp(z)^{2}", "exp is defined by itself", ""),
    (r"\operatorname{gelu}(z) = \operatorname{gelu}(z)", "gelu is defined by itself", ""),
    (r"\operatorname{gelu}(z) = zc^{2}", "c is not declared", ""),
    (r"\operatorname{gelu}(z) = \operatorname{foo}(z)", "foo is not declared", ""),
    (r"\operatorname{gelu}(z) = \frac{z", "this { is never closed", "{"),
    (r"\operatorname{gelu}(z) = \mathbf{x}", "x is not declared", ""),
    (r"\mathbf{x}(z) = z^{2}", "x has a meaning already", r"\mathbf{x}"),
)


@pytest.mark.parametrize(("define", "message", "place"), BAD_IN_LATEX)
def test_errors_in_latex_point_at_the_place(define: str, message: str, place: str) -> None:
    for expression in (r"\mathbf{x}", "x"):
        with pytest.raises((ParseError, NameUnknown)) as caught:
            derivgen.derive(expression, "x", "x in R", define=[define])
        error = caught.value
        assert message in error.message
        assert error.source == define
        assert error.span is not None
        if place:
            assert define[error.span.start : error.span.end] == place


BAD = (
    ("gelu", "a function is given as", "gelu"),
    ("gelu(z)", "a function is given as", "gelu(z)"),
    ("gelu(z) == z", "a function is given as", "gelu(z) == z"),
    ("sqrt(z) = z", "sqrt belongs to the way", "sqrt"),
    ("exp(z) = exp(z)", "exp is defined by itself", "exp(z)"),
    ("x(z) = z", "x has a meaning already", "x"),
    ("f(z, z) = z", "z is named twice", "z"),
    ("f() = 1", "an argument is a name", ")"),
    ("f(2) = 1", "an argument is a name", "2"),
    ("f(f) = 1", "f is its own argument", "f"),
    ("f(z) = z + f(z)", "f is defined by itself", "f"),
    ("f(z) = z + c", "c is not declared", "c"),
    ("f(z) = sigmod(z)", "did you mean sigmoid? A formula is made of its arguments, z,", "sigmod"),
    ("f(z) = z +", "", ""),
    ("f(z) = sum(z for i in range(3))", "", ""),
    ("f(z) = [z, z]", "the value of f is a number", "[z, z]"),
    ("f(if) = 1", "", "if"),
    ("f(z) = __import__('os')", "", ""),
)


@pytest.mark.parametrize(("define", "message", "place"), BAD)
def test_errors_point_at_the_place(define: str, message: str, place: str) -> None:
    with pytest.raises((ParseError, NameUnknown)) as caught:
        derivgen.derive("x", "x", "x in R", define=[define])
    error = caught.value
    assert message in str(error)
    assert error.source == define
    assert error.span is not None
    if place:
        assert define[error.span.start : error.span.end] == place


def test_what_sympy_cannot_do_is_refused() -> None:
    import sympy

    with pytest.raises(NoRule, match="no form in the catalog"):
        from_sympy(sympy.gamma(sympy.Symbol("z")))
    with pytest.raises(NoRule, match="not handed to SymPy"):
        to_sympy(parse_text("x", "x in R^n"))


@pytest.mark.parametrize(
    "formula",
    ["z**3 - 2*z/3", "exp(-z)*sin(z)", "sqrt(z**2 + 2)", "tanh(z)/(1 + cos(z)**2)", "sigmoid(z) - softplus(z)*pi",
     "max(z, c)", "where(z > 1, z, c)", "abs(z)*sign(c)", "z**c", "relu(z)", "2/sqrt(pi)*z", "z/sqrt(2*pi)"],
)  # fmt: skip
def test_there_and_back(formula: str) -> None:
    where = "z, c in R, z > 0, c > 0"
    e = parse_text(formula, where)
    back = from_sympy(to_sympy(e), [Symbol("z", traits=("positive",)), Symbol("c", traits=("positive",))])
    assert derivgen.equal(e, back, where).status == "verified"


def test_sympy_is_loaded_only_where_it_is_asked_for() -> None:
    script = (
        "import sys, derivgen; derivgen.derive('w @ tanh(x)', 'x', 'w, x in R^n'); assert 'sympy' not in sys.modules;"
        f"derivgen.derive('w @ gelu(x)', 'x', 'w, x in R^n', define=[{GELU!r}]); assert 'sympy' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_on_the_command_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    asked = ["gelu(x)", "--where", "x in R^n", "--define", GELU]
    assert main(["derive", *asked, "--wrt", "x", "--to", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["define"] == ["gelu(z) = z * (1 + erf(z / sqrt(2))) / 2"]
    point = tmp_path / "point.json"
    point.write_text('{"x": [0, 1]}')
    assert main(["eval", *asked, "--at", str(point)]) == 0
    np.testing.assert_allclose(
        np.array(capsys.readouterr().out.strip("[]\n").split(), dtype=float), [0, 0.8413447460685429]
    )
    assert main(["eval", *asked, "--wrt", "x", "--at", str(point), "--to", "json"]) == 0
    value = json.loads(capsys.readouterr().out)["value"]
    np.testing.assert_allclose(value, [[0.5, 0], [0, 1.0833154705876798]])
    assert main(["equal", "gelu(x)", "x", "--where", "x in R^n", "--define", GELU]) == 1
    assert main(["derive", "f(x)", "--wrt", "x", "--where", "x in R", "--define", "f(z) = z +* 1"]) == 2
    assert "^" in capsys.readouterr().err


def test_the_code_defines_it_too() -> None:
    d = derivgen.derive("sum(gelu(x)*leaky(x))", "x", "x in R^n", define=[GELU, "leaky(z) = max(z, z/10)"])
    space: dict[str, object] = {}
    exec(d.to("numpy"), space)
    x = np.array([0.3, -1.2, 2.0])
    np.testing.assert_allclose(space["gradient_of_y"](x), d.evaluate({"x": x}), rtol=1e-12)  # type: ignore[operator]


def test_errors_are_of_the_family() -> None:
    with pytest.raises(DerivgenError):
        derivgen.equal("f(x)", "x", "x in R", define=["f(z)"])


@pytest.mark.parametrize("method", ["scalar", "chain"])
@pytest.mark.parametrize("inner", ["sign(u)", "2 * sign(u)", "relu(u)", "max(u, 1) - 1", "sign(u) + sign(u - 1)"])
@pytest.mark.parametrize("formula", ["min(max(z, -1), 1)", "max(z, 0)", "max(z, z/10)", "max(0, min(z, 1))", "max(z, 0)**2 + z",
                                     "z*min(max(z + 1, 0), 2)/2", "exp(max(z, 1))*z", "max(z, 2*z, 0)"])  # fmt: skip
def test_at_a_tie_a_formula_is_what_the_catalog_has(formula: str, inner: str, method: Method) -> None:
    """The inner function takes the value of a tie on whole half-lines: there the derivative is 0, as that of max is."""
    d = derivgen.derive(f"sum(f({inner}))", "u", "u in R^n", define=[f"f(z) = {formula}"], method=method)
    assert d.verdict == "verified"
    u, step = np.array([-1.3, 0.4, 1.7]), 1e-5
    ends = [[d.value({"u": u + side * e}) for side in (step, -step)] for e in np.eye(3)]
    np.testing.assert_allclose(d.evaluate({"u": u}), [(a - b) / (2 * step) for a, b in ends], atol=1e-6)
