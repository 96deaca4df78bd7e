"""Random well-typed expressions: no derivative is wrong, and what keeps its indices says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

import derivgen
from derivgen.errors import NoRule
from derivgen.expr import Build, symbols, walk
from derivgen.methods.chain import Method
from derivgen.parse import parse_text
from derivgen.text import text
from tests.strategies import expressions

METHODS: tuple[Method, ...] = ("auto", "scalar", "chain")
OUTCOMES: Counter[str] = Counter()


@given(st.data())
def test_no_derivative_is_wrong(data: st.DataObject) -> None:
    e, declarations = data.draw(expressions(shape=None))
    variables = list(symbols(e))
    if not variables:
        return
    name = data.draw(st.sampled_from(variables))
    method: Method = data.draw(st.sampled_from(METHODS))
    try:
        d = derivgen.derive(e, wrt=name, where=str(declarations), method=method)
    except NoRule:
        OUTCOMES["refused with a reason"] += 1
        return
    bad = [
        (s.rule, text(s.before), text(s.after), s.check.reason)
        for s in d.steps
        if s.check is not None and not s.check.passed
    ]
    assert d.verdict != "refuted", f"{text(e)} by {name}: {text(d.result)}: {bad}"
    assert parse_text(str(d.result), declarations) == d.result
    index_form = any(isinstance(part, Build) for part in walk(d.result))
    OUTCOMES["in index form" if index_form else "in matrix form"] += 1
    OUTCOMES[d.verdict] += 1


def test_the_share_left_in_index_form(record_property: Callable[[str, object], None]) -> None:
    """Shown by -s, and kept in the report."""
    for outcome, count in OUTCOMES.items():
        record_property(outcome, count)
    print(f"\nrandom expressions: {dict(OUTCOMES)}")
