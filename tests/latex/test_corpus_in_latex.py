"""The corpus from LaTeX: the same expressions, the same derivatives, and answers that read back as they are printed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import derivgen
from derivgen.check.judge import Judge
from derivgen.read import parse_text
from derivgen.read.latex.formula import parse_latex
from derivgen.show.layout.style import Style
from derivgen.show.math.latex import latex

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "data" / "cases.json").read_text(encoding="utf-8")
)
IN_LATEX = [pytest.param(c, id=c["id"]) for c in CASES if c["latex"]]


@pytest.mark.parametrize("case", IN_LATEX)
def test_latex_and_text_say_the_same(case: dict[str, Any]) -> None:
    both = parse_latex(case["latex"], case["where"]), parse_text(case["text"], case["where"])
    assert Judge().agree(*both).status == "verified"


@pytest.mark.parametrize("case", IN_LATEX)
def test_the_same_derivative(case: dict[str, Any]) -> None:
    d = derivgen.derive(case["latex"], wrt=case["wrt"], where=case["where"], order=case["order"])
    assert d.verdict == "verified"
    assert derivgen.equal(str(d.result), case["answer"], case["where"]).status == "verified"


@pytest.mark.parametrize("case", IN_LATEX)
def test_what_is_not_declared_is_taken_from_the_fonts_and_said(case: dict[str, Any]) -> None:
    if "x_i" in case["latex"] and "\\mathbf{x}_i" in case["latex"]:
        return  # whether 𝐱ᵢ is a row of X only a declaration tells
    d = derivgen.derive(case["latex"], wrt=case["wrt"], order=case["order"])
    assert d.verdict == "verified"
    used = {*d.problem.symbols, *d.problem.functions}
    assert {one.letter.name for one in d.reading.inferred} == used


@pytest.mark.parametrize("notation", ["notes", "modern"])
@pytest.mark.parametrize("case", [pytest.param(c, id=c["id"]) for c in CASES])
def test_question_and_answer_read_back(case: dict[str, Any], notation: Any) -> None:
    d = derivgen.derive(case["text"], wrt=case["wrt"], where=case["where"], order=case["order"], check=False)
    style = Style(notation, "numerator", tuple(d.problem.symbols.values()), ())
    for e in (d.problem.expression, d.result):
        again = parse_latex(latex(e, style), case["where"], shape=e.shape)
        assert Judge().agree(e, again).status == "verified", latex(e, style)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (r"\frac{1}{", "closed"),
        (r"\mathbf{w}^{\mathsf T}\mathbf{x} +", ""),
        (r"\input{/etc/passwd}", "input"),
        (r"\write18{ls}", "write"),
        (r"\href{javascript:alert(1)}{x}", "href"),
        (r"\sqroot{x}", "sqroot"),
        ("", "empty"),
        (r"\left(" * 3000, ""),
        (r"\mathbf{x}" * 60_000, ""),
    ],
    ids=lambda value: value[:20],
)
def test_bad_latex_is_an_error_that_points(source: str, said: str) -> None:
    with pytest.raises(derivgen.DerivgenError) as caught:
        derivgen.derive(source, wrt="x", where="w, x in R^n", dialect="latex")
    assert said in caught.value.message.lower() or said in (caught.value.hint or "").lower()
    assert not source or len(source) > 100_000 or caught.value.span is not None
