"""Derivatives whose values are known from automatic differentiation, and whose form is known from textbooks."""

from __future__ import annotations

import io
import json
import tokenize
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import derivgen
from derivgen.derivation.report import every_step
from derivgen.expr import Build, Delta, Sum, walk
from derivgen.read import parse_text
from derivgen.rules import BOOK

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "data" / "cases.json").read_text(encoding="utf-8"))
METHODS = ("auto", "scalar", "chain")
LAYOUTS = ("denominator", "gradient")
"""Beside the numerator layout, in which every case is derived by every method."""

each_case = pytest.mark.parametrize("case", [pytest.param(c, id=c["id"]) for c in CASES])


def derive(case: dict[str, Any], **choices: Any) -> derivgen.Derivation:
    found: derivgen.Derivation = derivgen.derive(
        case["text"], wrt=case["wrt"], where=case["where"], order=case["order"], **choices
    )
    return found


def point(case: dict[str, Any]) -> dict[str, Any]:
    arrays: dict[str, Any] = {name: np.array(value) for name, value in case["point"].items()}
    arrays.update(case["dims"])
    return arrays


def tokens(source: str) -> int:
    kinds = tokenize.generate_tokens(io.StringIO(source).readline)
    return sum(1 for t in kinds if t.string.strip())


@each_case
@pytest.mark.parametrize("method", METHODS)
def test_value_steps_and_form(case: dict[str, Any], method: str) -> None:
    d = derive(case, method=method)
    assert d.verdict == "verified"
    assert d.report is not None
    assert all(v.status == "verified" for v in d.report.verdicts)
    np.testing.assert_allclose(d.evaluate(point(case)), np.array(case["jacobian"]), rtol=1e-9, atol=1e-12)
    if case["order"] == 2:
        hessian = d.evaluate(point(case), layout="numerator")
        np.testing.assert_allclose(hessian, np.array(case["jacobian"]), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(d.value(point(case)), np.array(case["value"]), rtol=1e-9, atol=1e-12)
    assert derivgen.equal(str(d.result), case["answer"], case["where"]).status == "verified"
    assert tokens(str(d.result)) <= 1.5 * tokens(case["answer"])


@each_case
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("method", ["auto", "scalar"])
def test_every_layout(case: dict[str, Any], layout: str, method: str) -> None:
    d = derive(case, layout=layout, method=method)
    assert d.verdict == "verified"
    expected = np.array(case["jacobian"])
    np.testing.assert_allclose(d.evaluate(point(case)), expected, rtol=1e-9, atol=1e-12)
    read = d.evaluate(point(case), layout=layout)
    if case["order"] == 2:
        np.testing.assert_allclose(read, expected, rtol=1e-9, atol=1e-12)
        return
    numerator = d.evaluate(point(case), layout="numerator")
    value_axes = np.array(case["value"]).ndim
    turned = layout == "denominator" or (layout == "gradient" and value_axes == 0)
    np.testing.assert_allclose(read, numerator.T if turned else numerator)


@each_case
def test_the_answer_reads_back_and_its_steps_hang_together(case: dict[str, Any]) -> None:
    """No index is left that the reader did not write, no step has two sides that are the same, and each has a reason."""
    d = derive(case, check=False)
    own = {e.index.name for e in walk(d.problem.expression) if isinstance(e, Sum)}
    for e in walk(d.result):
        assert not isinstance(e, Build | Delta)
        assert not isinstance(e, Sum) or e.index.name in own
    for s in every_step(d.steps):
        assert s.before != s.after
        assert s.reason
        assert s.rule in BOOK.by_name
    assert parse_text(str(d.result), case["where"]) == d.result
    again = derivgen.derive(str(d.result), wrt=case["wrt"], where=case["where"])
    assert again.verdict != "refuted"
