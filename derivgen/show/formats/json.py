"""A derivation as JSON: the fields of the interface, with a version."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from derivgen.catalog.declared import where_text
from derivgen.check.verdict import Verdict
from derivgen.derivation.derivation import Derivation
from derivgen.expr import Call, Expr
from derivgen.expr.text import text
from derivgen.options import plain
from derivgen.read.reading import Reading
from derivgen.rules.reason import Reason
from derivgen.rules.step import Step
from derivgen.show.document.context import context_of, variables
from derivgen.show.document.display import displayed
from derivgen.show.document.document import signs_asked
from derivgen.show.document.reasons import sentence
from derivgen.show.document.signs import notes_of
from derivgen.show.formats import Format, Wishes
from derivgen.show.layout.outer import labelled
from derivgen.show.layout.term import Context
from derivgen.show.math.latex import write

SUFFIXES = (".json",)
VERSION = 2


def as_json(ds: Sequence[Derivation], wishes: Wishes) -> str:
    """The whole derivation, several in an array; substeps are always there."""
    found = [data(d) for d in ds]
    return json.dumps(found[0] if len(found) == 1 else found, ensure_ascii=False, indent=2) + "\n"


FORMAT = Format(as_json)


def data(d: Derivation) -> dict[str, Any]:
    """The derivation as plain lists and dictionaries."""
    said = _Sides(context_of(d))
    p = d.problem
    names = [text(p.variable)] if p.places else [v.name for v in variables(d)]
    return {
        "version": VERSION,
        "expression": said(p.expression)["text"],
        "wrt": names[0] if len(names) == 1 else names,
        "where": where_text(p.symbols.values(), p.functions.values()),
        "reading": reading_data(d.reading),
        "define": [f"{text(Call(f, f.parameters))} = {text(f.formula)}" for f in p.user_functions],
        **plain(p.options, "json"),
        "result": {**said(d.result), **_further(d, said)},
        "conditions": [*(str(one) for one in d.conditions), *d.notes],
        "signs": _signs(d),
        "steps": [_step(s, said) for s in d.steps],
        "verdict": d.verdict,
        "evidence": verdict_data(d.answer_check),
    }


def _signs(d: Derivation) -> list[str]:
    """What the signs of the question and of the steps mean, and which space each letter that is introduced is of."""
    c = context_of(d)
    found = dict(signs_asked(d, c))
    own = {f"row {n.symbol.name}" for s in d.steps for n in s.introduces}
    for s in d.steps:
        for name, words in notes_of(s, displayed(s, c), c):
            if name not in own:
                found.setdefault(name, words)
    return list(found.values())


def reading_data(reading: Reading) -> dict[str, Any]:
    """What was declared, what was inferred and from what, and what signs were taken for."""
    declared = [one for one in reading.letters if one not in reading.inferred]
    return {
        "declared": [
            {"name": one.letter.name, "kind": one.kind, "size": one.size, "from": one.source} for one in declared
        ],
        "inferred": [
            {"name": one.letter.name, "kind": one.kind, "size": one.size, "from": one.source}
            for one in reading.inferred
        ],
        "choices": [
            {"span": [c.span.start, c.span.end], "source": c.source, "taken": c.taken, "instead": c.instead}
            for c in reading.choices
        ],
        "shadowed": list(reading.shadowed),
    }


def _further(d: Derivation, said: _Sides) -> dict[str, Any]:
    """The other forms of an answer with three axes or more."""
    found: dict[str, Any] = {}
    outer = labelled(d.result)
    if outer is not None:
        terms = [
            [{"text": text(f.array), "axes": [i.name for i in f.axes]} for f in factors] for factors in outer.terms
        ]
        found["outer"] = {**said(outer.entry), "terms": terms}
    if d.stacked is not None:
        found["vec"] = said(d.stacked.result)
    return found


class _Sides:
    """An expression as text and as LaTeX; where one step ends the next begins, so each is written once."""

    def __init__(self, c: Context) -> None:
        self._context = c
        self._known: dict[Expr, dict[str, str]] = {}

    def __call__(self, e: Expr) -> dict[str, str]:
        if e not in self._known:
            self._known[e] = {"text": text(self._context.shortened(e)), "latex": write(self._context.box(e))}
        return self._known[e]

    def sentence(self, reason: Reason) -> str:
        """A reason, with mathematics between dollar signs."""
        return sentence(reason, self._context)


def _step(s: Step, said: _Sides) -> dict[str, Any]:
    return {
        "rule": s.rule,
        "title": s.title,
        "before": said(s.before),
        "after": said(s.after),
        "via": [said(e) for e in s.via],
        "reason": said.sentence(s.reason),
        "verdict": s.check.status if s.check is not None else "unchecked",
        "evidence": verdict_data(s.check),
        "substeps": [_step(sub, said) for sub in s.substeps],
    }


def verdict_data(v: Verdict | None) -> dict[str, Any] | None:
    """A verdict as data; None where the judge was not asked."""
    if v is None:
        return None
    found: dict[str, Any] = {"reason": v.reason, "points": v.points, "sizes": dict(v.sizes), "arithmetic": v.arithmetic}
    found |= {
        "lengths": [dict(one) for one in v.lengths],
        "sides": v.sides,
        "partial": v.partial,
        "unmet": list(v.unmet),
        "phrase": v.evidence,
    }
    if v.bound is not None:
        found["bound"] = v.bound
    if v.status == "refuted":
        found |= {"point": _plain(v.point), "place": v.place, "left": v.left, "right": v.right}
    return found


def _plain(value: Any) -> Any:
    """Numbers and lists as JSON knows them; anything else as text."""
    match value:
        case dict():
            return {str(k): _plain(v) for k, v in value.items()}
        case list() | tuple():
            return [_plain(v) for v in value]
        case None | bool() | int() | float() | str():
            return value
        case _:
            return str(value)
