"""The layout of a text: what holds in another one only is a warning, and no refutation."""

from __future__ import annotations

from dataclasses import replace

from derivgen.notes.judge.court import LAYOUTS, Court, Outcome
from derivgen.notes.meaning.context import Context
from derivgen.notes.meaning.habits import factors_in
from derivgen.notes.meaning.scope import Scope
from derivgen.notes.verdict import Equality, Finding
from derivgen.options import Layout


def with_matrices(court: Court) -> Scope:
    """What is known, where capital letters that stand as factors, and of which nothing is said, are matrices."""
    scope = court.scope
    open_ones = [n for n in factors_in(court.question.trees()) if len(n[0]) == 1 and n[0] not in scope.declared.names
                 and n not in scope.said and n not in scope.definitions]  # fmt: skip
    return replace(scope, said={**{key: {2: 0.0} for key in open_ones}, **scope.said})


def in_layout(
    e: Equality, o: Outcome | None, layout: Layout | None, context: Context, findings: list[Finding]
) -> Equality:
    """What holds in another layout only is a warning; what holds in none is derived in that of the text."""
    if e.question is not None and layout is not None and (o is None or o.status != "verified"):
        e = replace(e, question=(*e.question[:3], layout))
    if (
        o is None
        or layout is None
        or o.status != "verified"
        or layout in o.layouts
        or (layout == "gradient" == context.words.layout and "denominator" in o.layouts)  # words fit both
        or o.either
        or len(o.layouts) == len(LAYOUTS)
    ):
        return e
    message = f"this holds in {o.layouts[0]} layout; the rest of the text is in {layout} layout"
    findings.append(Finding(e.formula.start + e.start, e.formula.start + e.end, "layout", "warning", message))
    return replace(e, verdict="unchecked", code="layout", reason=message)
