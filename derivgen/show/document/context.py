"""The letters of a derivation's document: what occurs, how it is spelled, and names for what is too long to be written out."""

from __future__ import annotations

from dataclasses import replace

from derivgen.catalog.base import Abstract
from derivgen.derivation.derivation import Derivation
from derivgen.derivation.words.shorten import letters_of_parts
from derivgen.expr import Call, Expr, Symbol, symbols, walk
from derivgen.show.layout.notate import context
from derivgen.show.layout.style import Style
from derivgen.show.layout.term import MOST_WRITTEN, Context
from derivgen.show.math.latex import latex


def variables(d: Derivation) -> tuple[Symbol, ...]:
    """What the expression is differentiated by."""
    return (d.problem.wrt,) if isinstance(d.problem.wrt, Symbol) else d.problem.wrt


def occurring(d: Derivation) -> tuple[Symbol, ...]:
    """The variables of the question. A site may declare many more: they keep no letter from others, and are not shown."""
    p = d.problem
    used = {*(s.name for s in variables(d))}.union(
        *map(symbols, _written(d)), (one.symbol.name for one in p.definitions)
    )
    return tuple(s for name, s in p.symbols.items() if name in used)


def applied(d: Derivation) -> tuple[Abstract, ...]:
    """The declared functions of the question."""
    formulas = (own.formula for own in d.problem.user_functions)
    calls = (e.op for whole in (*_written(d), *formulas) for e in walk(whole) if isinstance(e, Call))
    used = {op.name for op in calls if isinstance(op, Abstract)}
    return tuple(f for name, f in d.problem.functions.items() if f.name in used or name in used)


def _written(d: Derivation) -> tuple[Expr, ...]:
    """What the author wrote: the expression and the named intermediates."""
    return (d.problem.expression, *(definition.value for definition in d.problem.definitions))


def style_of(d: Derivation) -> Style:
    """The style of a derivation's document: every name in it is known to the speller."""
    p = d.problem
    known = {s.name: s for s in occurring(d)}
    known.setdefault(d.name.name, d.name)
    groups = (p.definitions, d.said_result[1], *(group for s in d.steps for group in (s.definitions, s.introduces)))
    for group in {id(group): group for group in groups}.values():  # the steps of a chain have one in common
        for definition in group:
            known.setdefault(definition.symbol.name, definition.symbol)
    return Style(p.options.notation, p.options.layout, tuple(known.values()), tuple(p.functions.values()))


def answer_latex(d: Derivation) -> str:
    """The answer alone, ∂y/∂w = …, as LaTeX."""
    style = style_of(d)
    return f"{latex(d.left, style)} = {latex(d.printed_result, style)}"


def context_of(d: Derivation, style: Style | None = None) -> Context:
    """The context of a derivation's document."""
    c = context(style_of(d) if style is None else style)
    sides = (e for s in d.steps for e in (s.before, s.after))
    if max((e.written for e in (d.problem.expression, d.result, *sides)), default=0) <= MOST_WRITTEN:
        return c
    return replace(c, shorter=_names(d), said={}, told={})


def _names(d: Derivation) -> dict[Expr, Expr]:
    """The names that the reader and the derivation give to parts, by what they stand for in the letters of the question."""
    own = (*d.problem.definitions, *(n for s in d.steps for n in s.introduces))
    return dict(letters_of_parts(one for one in own if one.symbol.name != d.name.name))
