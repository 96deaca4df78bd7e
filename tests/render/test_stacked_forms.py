"""An answer with three axes or more on every face: the entries, the labelled outer product, the matrix of the stacked columns."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

import derivgen

WHERE = "A in R^(k*m); X in R^(m*n); B in R^(n*p); S in R^(n*n); y in R^(mn)"


def test_the_three_forms_stand_in_every_face() -> None:
    d = derivgen.derive("A @ X @ B", wrt="X", where=WHERE)
    text = d.to("text")
    after = text[text.index("Answer") :]
    assert "∂Yᵢⱼ/∂Xₗᵣ = AᵢₗBᵣⱼ" in after
    assert "∂vec(Y)/∂vec(X) = kron(Bᵀ, A)" in after
    for face in ("latex", "tex", "markdown", "beamer"):
        shown = d.to(face)
        assert r"A_{il} B_{rj}" in shown
        name = r"\mathop{\mathrm{kron}}\nolimits " if face == "markdown" else r"\operatorname{kron}"
        assert shown.count(name + r"(B^{\mathsf T}, A)") == 2  # its step, and the answer
    for face in ("html", "mathml"):
        assert d.to(face).count("kron") >= 2
    assert len([s for s in d.steps if s.rule == "stack-columns-of-both"]) == 1


def test_json_has_both_forms(root: Path) -> None:
    schema = json.loads((root / "docs" / "data" / "derivation.schema.json").read_text(encoding="utf-8"))
    found = json.loads(derivgen.derive("X @ X.T", wrt="X", where=WHERE).to("json"))
    jsonschema.validate(found, schema)
    assert found["result"]["vec"]["text"] == "kron(X, eye(m)) + kron(eye(m), X) @ commutation(m, n)"
    assert found["result"]["outer"]["terms"] == [
        [{"text": "eye(m)", "axes": ["i", "l"]}, {"text": "X", "axes": ["j", "r"]}],
        [{"text": "X", "axes": ["i", "r"]}, {"text": "eye(m)", "axes": ["j", "l"]}],
    ]
    assert any("commutation matrix" in said for said in found["conditions"])


@pytest.mark.parametrize(("expression", "has_outer"), [("tanh(X)", False), ("X", True), ("inv(S)", True)])
def test_an_outer_product_is_said_only_where_no_label_is_shared(expression: str, has_outer: bool) -> None:
    wrt = "S" if "S" in expression else "X"
    found = json.loads(derivgen.derive(expression, wrt=wrt, where=WHERE).to("json"))
    assert ("outer" in found["result"]) == has_outer


def test_the_sign_of_the_kronecker_product_depends_on_the_notation() -> None:
    shown = {n: derivgen.derive("A @ X @ B", "X", WHERE, notation=n).to("latex") for n in ("notes", "modern")}
    assert r"B^{\mathsf T} \otimes A" in shown["modern"]
    assert r"\otimes" not in shown["notes"]


def test_two_axes_have_no_further_form() -> None:
    found = json.loads(derivgen.derive("trace(X.T @ X)", wrt="X", where=WHERE).to("json"))
    assert set(found["result"]) == {"text", "latex"}


def test_a_scalar_that_is_known_by_its_entries_has_a_row() -> None:
    d = derivgen.derive("norm(vec(X) - y)**2", wrt="X", where=WHERE)
    assert d.stacked is not None
    assert str(d.stacked.result) == "2 * (vec(X) - y).T"
    assert "/∂vec(X) = 2(vec(X) − y)ᵀ" in d.to("text")
