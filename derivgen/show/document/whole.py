"""The context in which a derivation's expressions are said: its letters, and names for what is too long to be written out."""

from __future__ import annotations

from dataclasses import replace

from derivgen.expr import Expr, substitute, symbols
from derivgen.show.document.derivation import Derivation, style_of
from derivgen.show.layout.notate import context
from derivgen.show.layout.style import Style
from derivgen.show.layout.term import MOST_WRITTEN, Context


def context_of(d: Derivation, style: Style | None = None) -> Context:
    """The context of a derivation's document."""
    c = context(style_of(d) if style is None else style)
    sides = (e for s in d.steps for e in (s.before, s.after))
    if max((e.written for e in (d.problem.expression, d.result, *sides)), default=0) <= MOST_WRITTEN:
        return c
    return replace(c, shorter=_names(d), said={})


def _names(d: Derivation) -> dict[Expr, Expr]:
    """The names that the reader and the derivation give to parts, by what they stand for in the letters of the question."""
    values: dict[str, Expr] = {}
    found: dict[Expr, Expr] = {}
    for one in (*d.problem.definitions, *(n for s in d.steps for n in s.introduces)):
        name = one.symbol.name
        if name in values or name == d.name.name:
            continue
        values[name] = substitute(one.value, {n: values[n] for n in symbols(one.value) if n in values})
        found.setdefault(values[name], one.symbol)
    return found
