"""Formulas as people write them: each is answered as it is meant, or refused, and what is printed reads back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import derivgen
from derivgen.catalog.declared import places_of_members, where_text
from derivgen.check.judge import Judge
from derivgen.errors import DerivgenError
from derivgen.read import Declarations, declare, parse_text
from derivgen.read.latex.formula import parse_latex
from derivgen.read.question import declared_by
from derivgen.show.document.context import occurring, style_of
from derivgen.show.layout.declarations import declarations
from derivgen.show.layout.notate import context
from derivgen.show.math.latex import latex, write

READINGS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "data" / "readings.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize(
    "c", [pytest.param(c, id=f"{c['kind']}: {c.get('latex') or c['text']}, by {c['wrt']}") for c in READINGS]
)
def test_as_meant(c: dict[str, Any]) -> None:
    source, dialect = (c["latex"], "latex") if "latex" in c else (c["text"], "text")
    choices: dict[str, Any] = {"dialect": dialect, "order": c["order"], **c.get("options", {})}
    if c["expected"] == "refuse":
        with pytest.raises(DerivgenError) as caught:
            derivgen.derive(source, wrt=c["wrt"], where=c["where"], **choices)
        assert caught.value.hint, caught.value.message
        return
    d = derivgen.derive(source, wrt=c["wrt"], where=c["where"], check=False, **choices)
    known = declared_by(d.result, declared_by(d.problem.expression, Declarations(d.problem.symbols)))
    indices = {i.name: i for i in d.result.free | d.problem.expression.free}
    known = Declarations(known.symbols, known.functions, known.sizes, indices)
    meant = parse_text(c["expected"], known)
    assert meant.shape == d.result.shape
    assert Judge().agree(d.result, meant).status == "verified", str(d.result)
    assert declare(where_text(d.problem.symbols.values())).symbols == d.problem.symbols
    families = [s for s in occurring(d) if places_of_members(s)]
    said = [write(box) for box in declarations(families, (), context(style_of(d)))]
    assert declare("; ".join(said)).symbols == {s.name: s for s in families}, said
    again = parse_latex(latex(d.result, style_of(d)), known, shape=d.result.shape)
    assert Judge().agree(d.result, again).status == "verified", latex(d.result, style_of(d))
