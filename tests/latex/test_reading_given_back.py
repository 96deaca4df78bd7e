"""The reading that is printed, given back as declarations, reads the same: each letter, each size, and the question."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from derivgen.check.judge import Judge
from derivgen.derivation.ask import read_problem
from derivgen.derivation.problem import Problem
from derivgen.errors import DerivgenError
from derivgen.options import Options, chosen
from derivgen.read import declare
from derivgen.read.latex.formula import parse_latex
from derivgen.show.layout.style import Style
from derivgen.show.math.latex import latex
from derivgen.world import World

DATA = Path(__file__).parent.parent / "data"


def _questions() -> Iterator[tuple[str, str, str, int, dict[str, Any]]]:
    """Each question of the corpora twice: with what is declared in it, and with nothing declared."""
    for name in ("readings", "cases", "forms_published"):
        for c in json.loads((DATA / f"{name}.json").read_text(encoding="utf-8")):
            for dialect in ("latex", "text"):
                for where in dict.fromkeys((c["where"], "")) if c.get(dialect) else ():
                    yield c[dialect], c["wrt"], where, c["order"], {"dialect": dialect, **c.get("options", {})}


def read(source: str, wrt: str, where: str, order: int, choices: dict[str, Any]) -> Problem:
    options = chosen({"order": order, **choices}, "derivgen.derive", Options(where=where))
    return read_problem(source, wrt, options, World.default())


def answered() -> int:
    found = 0
    for source, wrt, where, order, choices in _questions():
        with suppress(DerivgenError):
            found += bool(read(source, wrt, where, order, choices).reading.inferred)
    return found


QUESTIONS = [pytest.param(*q, id=f"{q[0]}, by {q[1]}: {q[2]}") for q in _questions()]


@pytest.mark.parametrize(("source", "wrt", "where", "order", "choices"), QUESTIONS)
def test_the_reading_given_back(source: str, wrt: str, where: str, order: int, choices: dict[str, Any]) -> None:
    try:
        first = read(source, wrt, where, order, choices)
    except DerivgenError:  # what is not answered has no reading
        return
    reading = first.reading
    added = "; ".join(part for part in (where, reading.where) if part)
    again = read(source, wrt, added, order, choices)
    assert not again.reading.inferred
    assert (again.expression, again.variable, again.places) == (first.expression, first.variable, first.places)
    assert (again.symbols, again.functions) == (first.symbols, first.functions)
    said = declare("; ".join(one.where for one in reading.letters))
    said = replace(said, indices={i.name: i for i in first.expression.free})
    printed = latex(first.expression, Style("modern", "numerator", tuple(first.symbols.values()), ()))
    back = parse_latex(printed, said, shape=first.expression.shape)
    assert Judge().agree(back, first.expression).status == "verified", printed


def test_there_are_many_of_which_nothing_or_little_is_declared() -> None:
    assert answered() >= 400
