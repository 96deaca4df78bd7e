"""What the formats need of a derivation, and what one may ask of a format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from derivgen.catalog.base import Abstract
from derivgen.catalog.user_functions import UserFunction
from derivgen.check.verdict import Verdict
from derivgen.expr import Call, Definition, Expr, Symbol, symbols, walk
from derivgen.rules.step import Step
from derivgen.show.layout.style import Layout, NotationName, StructureName, Style

Detail = Literal["brief", "normal", "full"]


class Problem(Protocol):
    """What was asked."""

    @property
    def expression(self) -> Expr: ...
    @property
    def wrt(self) -> Symbol | tuple[Symbol, ...]: ...
    @property
    def symbols(self) -> Mapping[str, Symbol]: ...
    @property
    def functions(self) -> Mapping[str, Abstract]: ...
    @property
    def definitions(self) -> tuple[Definition, ...]: ...
    @property
    def user_functions(self) -> tuple[UserFunction, ...]: ...
    @property
    def order(self) -> int: ...
    @property
    def layout(self) -> str: ...
    @property
    def structured(self) -> StructureName: ...
    @property
    def method(self) -> str: ...
    @property
    def notation(self) -> NotationName: ...


class Condition(Protocol):
    """A relation that limits the answer, and its sentence around the relation as printed."""

    @property
    def relation(self) -> Expr: ...
    def sentence(self, relation: str) -> str: ...


class Stacked(Protocol):
    """∂vec(Y)/∂vec(X): in names, and as a matrix."""

    @property
    def left(self) -> Expr: ...
    @property
    def result(self) -> Expr: ...


class Derivation(Protocol):
    """What was found.

    Attributes:
        name: the letter that stands for the expression.
        left: the derivative in names, ∂y/∂w.
        steps: the steps, each with its verdict.
        result: the answer in the reader's letters.
        where_names: the names that ``printed_result`` uses, each explained by those before it.
        printed_result: the answer as it is printed.
        conditions: where the answer holds.
        stacked: the answer as a matrix, both arrays stacked to vectors, where it has three axes or more.
        notes: further sentences; mathematics in them stands between dollar signs.
        checked: whether the judge was asked.
        verdict: "verified", "refuted" or "unchecked", of the whole.
        answer_check: the judge's verdict on the answer.
    """

    @property
    def problem(self) -> Problem: ...
    @property
    def name(self) -> Symbol: ...
    @property
    def left(self) -> Expr: ...
    @property
    def steps(self) -> tuple[Step, ...]: ...
    @property
    def result(self) -> Expr: ...
    @property
    def where_names(self) -> tuple[Definition, ...]: ...
    @property
    def printed_result(self) -> Expr: ...
    @property
    def conditions(self) -> Sequence[Condition]: ...
    @property
    def notes(self) -> tuple[str, ...]: ...
    @property
    def stacked(self) -> Stacked | None: ...
    @property
    def checked(self) -> bool: ...
    @property
    def verdict(self) -> str: ...
    @property
    def answer_check(self) -> Verdict | None: ...


@dataclass(frozen=True, slots=True)
class Wishes:
    """What one may ask of a format.

    Attributes:
        detail: "brief" merges the steps of a stage, "full" shows what was folded.
        color: whether a terminal is to show colours.
        folds: whether the format can fold sub-steps away; it gets them unless the detail is "brief".
        title: the heading; without one the page says what is derived by what.
    """

    detail: Detail = "normal"
    color: bool = False
    folds: bool = False
    title: str = ""

    @property
    def opened(self) -> bool:
        """Whether sub-steps are part of the page."""
        return self.detail == "full" or (self.folds and self.detail == "normal")


def occurring(d: Derivation) -> tuple[Symbol, ...]:
    """The variables of the question. A site may declare many more: they keep no letter from others, and are not shown."""
    p = d.problem
    asked = p.wrt if isinstance(p.wrt, tuple) else (p.wrt,)
    used = {*(s.name for s in asked)}.union(*map(symbols, _written(d)), (one.symbol.name for one in p.definitions))
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
    groups = (p.definitions, d.where_names, *(group for s in d.steps for group in (s.definitions, s.introduces)))
    for group in {id(group): group for group in groups}.values():  # the steps of a chain have one in common
        for definition in group:
            known.setdefault(definition.symbol.name, definition.symbol)
    layouts: dict[str, Layout] = {"numerator": "numerator", "denominator": "denominator", "gradient": "gradient"}
    return Style(p.notation, layouts.get(p.layout, "numerator"), tuple(known.values()), tuple(p.functions.values()))
