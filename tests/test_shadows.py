"""A name that a reader gives is the reader's, though the catalog has it too: every gain of the catalog leaves old pages as they were."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import derivgen
from derivgen import World
from derivgen.catalog.elementwise import exp
from derivgen.expr.notation import Notation
from derivgen.formats import FORMATS
from tests.test_world import artanh

X = np.array([0.3, -0.7])


def derive(expression: str, where: str = "x in R^n", **choices: Any) -> derivgen.Derivation:
    return derivgen.derive(expression, "x", where, **choices)


def said(name: str, what: str = "function", instead: str = "operation") -> str:
    return f"{name} is the {what} that is declared here, and not the {instead} of that name"


@pytest.mark.parametrize(
    ("expression", "definition", "name"),
    [
        ("tanh(x)", "tanh(z) = z**2 / 2", "tanh"),
        (r"\tanh(\mathbf x)", r"\tanh(z) = z^2 / 2", "tanh"),
        (r"\tanh \mathbf x", "tanh(z) = z**2 / 2", "tanh"),
        (r"\ln(\mathbf x)", r"\ln(z) = z^2 / 2", "ln"),
        (r"\operatorname{ReLU}(\mathbf x)", r"\operatorname{ReLU}(z) = z^2 / 2", "ReLU"),
        (r"\sigma(\mathbf x)", r"\sigma(z) = z^2 / 2", "sigma"),
        ("square(x)", "square(z) = z**2 / 2", "square"),
        ("log(x)", "log(z) = z**2 / 2", "log"),
        ("max(x)", "max(z) = z**2 / 2", "max"),
    ],
)
def test_a_function_that_is_defined_is_meant(expression: str, definition: str, name: str) -> None:
    d = derive(expression, define=[definition])
    np.testing.assert_allclose(d.evaluate({"x": X}), np.diag(X))
    assert (d.verdict, d.reading.shadowed) == ("verified", (said(name),))


@pytest.mark.parametrize("expression", ["tanh(x)", r"\tanh(\mathbf x)", r"\tanh\mathbf x"])
def test_a_function_that_is_declared_is_meant(expression: str) -> None:
    d = derive(expression, "x in R^n; tanh: R^n -> R^n")
    assert (str(d.result), d.verdict, d.reading.shadowed) == ("D(tanh)(x)", "verified", (said("tanh"),))


@pytest.mark.parametrize("expression", ["pi.T @ x", r"\pi^{\mathsf T} \mathbf x"])
def test_a_variable_may_have_the_name_of_a_constant(expression: str) -> None:
    d = derive(expression, "x, pi in R^n")
    assert (str(d.result), d.verdict, d.reading.shadowed) == ("pi.T", "verified", (said("pi", "variable", "constant"),))


def test_so_may_a_size_and_an_intermediate() -> None:
    assert derive("pi * sum(x)", "x in R^pi").reading.shadowed == (said("pi", "size", "constant"),)
    named = derivgen.derive("x * ones", "x", "x in R^n", let=["ones = x + x"])
    assert str(named.result) == "4 * diag(x)"
    assert named.reading.shadowed == (said("ones", "variable", "constant"),)


def test_a_variable_with_the_name_of_an_operation_is_told_from_it_by_parentheses() -> None:
    d = derivgen.derive("det * det(A)", "A", "A in R^(n*n); det in R")
    assert str(d.result) == "det * det(A) * inv(A)"
    assert d.reading.shadowed == ("det is the variable that is declared here, but det(…) is the operation",)
    assert derive("sum(diag * x)", "x, diag in R^n").reading.shadowed == ()


def test_the_remark_is_in_every_format_that_has_remarks() -> None:
    d = derive("tanh(x)", define=["tanh(z) = z**2"])
    for form in ("text", "latex", "tex", "beamer", "markdown", "html", "mathml"):
        assert "that is declared here" in " ".join(d.to(form).split()), form
    assert json.loads(d.to("json"))["reading"]["shadowed"] == [said("tanh")]
    assert set(FORMATS) >= {"text", "latex", "tex", "beamer", "markdown", "html", "mathml", "json"}


@pytest.mark.parametrize("expression", ["sigmoid(x)", r"\sigma(\mathbf x)"])
def test_one_with_the_values_of_the_operation_may_stand_beside_it(expression: str) -> None:
    """The derivative is folded to the catalog's sigmoid, which is the reader's too."""
    name = "sigma" if "\\" in expression else "sigmoid"
    d = derive(expression, define=[f"{name}(z) = 1 / (1 + exp(-z))"])
    assert str(d.result) == "diag(sigmoid(-x) * sigmoid(x))"
    assert d.verdict == "verified"


def test_one_with_other_values_may_not() -> None:
    with pytest.raises(derivgen.ParseError, match="sigmoid is declared here, but the derivative has the operation"):
        derive("sigmoid(x) / (1 + exp(-x))", define=["sigmoid(z) = 1 / (2 + exp(-z))"])
    with pytest.raises(derivgen.ParseError, match="pi is declared here, but the derivative has"):
        derive("erf(pi * x)", "x, pi in R^n")


def test_a_page_is_as_it_was_when_the_catalog_gains_its_names() -> None:
    """23 tests had failed when mish was added, for each of them defined it."""
    definition, where = "mish(z) = z * (1 + erf(z / sqrt(2))) / 2", "x in R^n; artanh: R -> R elementwise"
    gains = [replace(artanh, notation=Notation()), replace(exp, name="mish", notation=Notation())]
    world = World.default().extended(gains, check=False)
    for expression in ("mish(x)", "artanh(x) * mish(x)", r"\operatorname{mish}(\mathbf x)"):
        before = derive(expression, where, define=[definition])
        after = derive(expression, where, define=[definition], world=world)
        assert after.steps == before.steps
        assert set(after.reading.shadowed) - set(before.reading.shadowed) <= {said("mish"), said("artanh")}
        assert said("mish") in after.reading.shadowed
