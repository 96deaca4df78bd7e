"""The computational graph of a derivation: the variable, the named intermediates, and the Jacobian on each edge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from derivgen.catalog.build import product
from derivgen.catalog.opaque import eye
from derivgen.derivation.derivation import Derivation
from derivgen.derivation.methods.gradient_lists import is_stack
from derivgen.derivation.methods.structured import kept, structure
from derivgen.derivation.problem import Problem
from derivgen.derivation.report import every_step
from derivgen.derivation.solve import solve
from derivgen.errors import NoRule
from derivgen.expr import (
    INDEX_LETTERS,
    ONE,
    At,
    Build,
    Call,
    Definition,
    Expr,
    Index,
    Mul,
    Partial,
    Sum,
    Symbol,
    depends_on,
    replace_parts,
    symbols,
)
from derivgen.rules import moves
from derivgen.rules.step import Step
from derivgen.show.document.context import context_of, variables
from derivgen.show.document.display import by_cases, definition
from derivgen.show.layout.box import Box, Grid, Text
from derivgen.show.layout.term import Context
from derivgen.show.math.unicode_line import linear

Role = Literal["source", "inner", "sink"]

WIDEST, TALLEST = 46, 4
"""Letters in a line of a label and lines in a label; what is longer ends in an ellipsis."""


@dataclass(frozen=True, slots=True)
class Node:
    """A quantity: ``lines`` are what is written in it."""

    name: str
    lines: tuple[str, ...]
    role: Role


@dataclass(frozen=True, slots=True)
class Edge:
    """From the node with number ``start`` to the one with number ``end``; ``lines`` are its Jacobian."""

    start: int
    end: int
    lines: tuple[str, ...]
    refuted: bool = False


@dataclass(frozen=True, slots=True)
class Graph:
    """What every picture of a graph shows; edges run from the variables to the values."""

    title: str
    summary: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def graph(d: Derivation, title: str = "") -> Graph:
    """The graph of a derivation's links; where it has none, the expression is taken apart into its operations."""
    drawing = _Drawing(context_of(d))
    f, wrt = d.problem.expression, variables(d)
    if len(wrt) == 1 and not is_stack(f) and isinstance(d.problem.wrt, Symbol):
        steps: Sequence[Step] = d.steps
        again = next((k for k, s in enumerate(steps) if s.rule == moves.first_derivative.name), len(steps))
        steps = steps[:again]
        if not any(s.rule in _LINKING for s in steps):
            steps = _taken_apart(d) or steps
        drawing.derived(f, wrt[0], d.name, steps, d.printed_result)
        drawing.keep(wrt[0], d.problem, d.printed_result)
    else:
        _side_by_side(d, drawing)
    by = ", ".join(v.name for v in wrt)
    said = "; ".join(f"{a.start} to {a.end}: {' '.join(drawing.label(a))}" for a in drawing.edges)
    ends = f"from {by} to {', '.join(drawing.sinks)}"
    summary = (
        f"F{ends[1:]}, each edge with its Jacobian in numerator layout: {said}." if said else f"No way leads {ends}."
    )
    return Graph(title or f"Computational graph of the derivative with respect to {by}", summary, *drawing.drawn())


_BACKWARD = (moves.carry_back.name, moves.carry_by_entries.name)
_LINKING = (moves.derive_link.name, moves.derive_sample.name, moves.derive_terms.name)


def _taken_apart(d: Derivation) -> tuple[Step, ...]:
    """The steps of the same question by the chain method; none where it has no chain."""
    try:
        return solve(_asked_again(d, method="chain", order=1)).steps
    except NoRule:
        return ()


def _asked_again(d: Derivation, **otherwise: Any) -> Problem:
    """The question of a derivation with other choices, checked if it was."""
    return replace(d.problem, options=replace(d.problem.options, check=d.checked, **otherwise))


def _side_by_side(d: Derivation, drawing: _Drawing) -> None:
    """Several functions, or several variables: one edge for each partial that is not zero by itself."""
    f = d.problem.expression
    parts = f.args if is_stack(f) and isinstance(f, Call) else (f,)
    named = {n.value: n.symbol for s in d.steps for n in s.introduces}
    for part in parts:
        name = named.get(part, d.name)
        for x in variables(d):
            drawing.node(x, None, "source")
        drawing.node(name, part, "sink")
        for x in variables(d):
            if depends_on(part, x.name):
                asked = _asked_again(d, layout="numerator", method="scalar")
                one = solve(replace(asked, expression=part, wrt=x, definitions=()))
                drawing.edge(x.name, name.name, one.result, one.verdict == "refuted")


@dataclass(frozen=True, slots=True)
class _Arrow:
    start: str
    end: str
    jacobian: Expr
    refuted: bool


class _Drawing:
    """A graph as it grows, its nodes by their names."""

    def __init__(self, c: Context) -> None:
        self.context = c
        self.values: dict[str, tuple[Symbol, Expr | None, Role]] = {}
        self.edges: list[_Arrow] = []

    @property
    def sinks(self) -> list[str]:
        return [name for name, (_, _, role) in self.values.items() if role == "sink"]

    def node(self, symbol: Symbol, value: Expr | None, role: Role) -> None:
        before = self.values.get(symbol.name)
        self.values[symbol.name] = (symbol, value, before[2] if before else role)

    def edge(self, start: str, end: str, jacobian: Expr, refuted: bool) -> None:
        if not any((a.start, a.end) == (start, end) for a in self.edges):
            self.edges.append(_Arrow(start, end, jacobian, refuted))

    def keep(self, x: Symbol, problem: Problem, result: Expr) -> None:
        """Links are derived with each entry varied by itself; those that leave ``x`` keep to its structure here.

        The ``result`` does so already, where it is the one edge.
        """
        if structure(x) is not None and problem.options.structured != "free":
            self.edges = [
                replace(a, jacobian=kept(a.jacobian, x, problem.options.structured, problem.world.book))
                if a.start == x.name and a.jacobian is not result
                else a
                for a in self.edges
            ]

    def derived(self, f: Expr, x: Symbol, name: Symbol, steps: Sequence[Step], result: Expr) -> None:
        """One function of one variable, from the steps of its derivation."""
        self.node(x, None, "source")
        self.node(name, f, "sink")
        for s in steps:
            if s.rule in _LINKING or s.rule == moves.name_intermediates.name:
                for d in s.introduces:
                    self.node(d.symbol, d.value, "inner")
            ends = _ends(s.left) or _ends(s.before)
            if ends is not None:
                self._linked(*ends, s, f)
        if any(s.rule in _BACKWARD for s in steps):
            self._along(x, steps)
        for end in [n for n in self.values if n != x.name and not any(a.end == n for a in self.edges)]:
            found = [s for s in steps if _ends(s.left) == (end, x.name)]
            jacobian = found[-1].after if found and end != name.name else result
            refuted = any(map(_is_refuted, found))
            if depends_on(f, x.name):
                self.edge(x.name, end, jacobian, refuted)

    def _linked(self, end: str, start: str, s: Step, f: Expr) -> None:
        """The edges that a step about the derivative of ``end`` by ``start`` has found."""
        if s.rule == moves.derive_link.name:
            self.edge(start, end, s.after, _is_refuted(s))
        elif s.rule in _LINKING:
            for d in s.introduces:
                self.edge(d.symbol.name, end, _factor(s.after, self.values[end][1] or f), _is_refuted(s))
            self._shorten(end, s.introduces)

    def _along(self, x: Symbol, steps: Sequence[Step]) -> None:
        """The edges of a backward pass: the Jacobian of each link, or how its entries move where that is no matrix."""
        found = {_ends(s.left): s for s in every_step(steps) if s.rule == moves.derive_link.name}
        named = [d for s in steps for d in s.introduces if s.rule == moves.name_intermediates.name]
        for d in named:
            used = symbols(d.value)
            for inner in (x, *(other.symbol for other in named)):
                if inner.name in used and inner != d.symbol:
                    link = found.get((d.symbol.name, inner.name))
                    entry = _entry_by_entry(d.symbol, inner) if link is None else link.after
                    self.edge(inner.name, d.symbol.name, entry, link is not None and _is_refuted(link))

    def _shorten(self, name: str, parts: Sequence[Definition]) -> None:
        """What a node stands for, in the letters of the nodes that it is made from."""
        symbol, value, role = self.values[name]
        if value is not None:
            letters = dict(_member(d) for d in parts)
            self.values[name] = (symbol, replace_parts(value, letters), role)

    def drawn(self) -> tuple[tuple[Node, ...], tuple[Edge, ...]]:
        """The graph with numbers for names, in an order in which each node follows those that it is made from."""
        names = list(self.values)
        order = sorted(names, key=lambda n: {"source": 0, "inner": 1, "sink": 2}[self.values[n][2]])
        nodes = tuple(Node(n, self._written(n), self.values[n][2]) for n in order)
        edges = tuple(Edge(order.index(a.start), order.index(a.end), self.label(a), a.refuted) for a in self.edges)
        return nodes, edges

    def label(self, a: _Arrow) -> tuple[str, ...]:
        return lines(self.context.box(by_cases(a.jacobian)))

    def _written(self, name: str) -> tuple[str, ...]:
        symbol, value, _ = self.values[name]
        if value is None:
            return lines(self.context.box(symbol))
        shown = definition(Definition(symbol, value), self.context)
        return lines(shown.right, f"{linear(shown.left)} = " if shown.left is not None else "")


def _is_refuted(s: Step) -> bool:
    return s.check is not None and s.check.status == "refuted"


def _entry_by_entry(value: Symbol, variable: Symbol) -> Expr:
    """The partial of an entry by an entry: what stands for a Jacobian that is no matrix."""
    letters = iter(INDEX_LETTERS)
    of, by = (tuple(Index(next(letters), axis) for axis in s.shape.axes) for s in (value, variable))
    return Partial(At(value, of) if of else value, At(variable, by) if by else variable)


def _ends(left: Expr | None) -> tuple[str, str] | None:
    """The names in ∂u/∂w: what is derived, and by what."""
    while isinstance(left, Build):
        left = left.body
    if not isinstance(left, Partial):
        return None
    body, wrt = _name(left.body), _name(left.wrt)
    return (body, wrt) if body and wrt else None


def _name(e: Expr) -> str:
    while isinstance(e, At):
        e = e.array
    return e.name if isinstance(e, Symbol) else ""


def _member(d: Definition) -> tuple[Expr, Expr]:
    """The expression that a name was given to, and the name as it replaces it."""
    match d.value:
        case Build(indices, At(value, own)) if indices[-len(own) :] == own and not value.free & set(own):
            family = indices[: len(indices) - len(own)]
            return value, At(d.symbol, family) if family else d.symbol
        case Build(indices, body):
            return body, At(d.symbol, indices)
        case value:
            return value, d.symbol


def _factor(after: Expr, whole: Expr) -> Expr:
    """What each term, or sample, of ``whole`` is multiplied by: the Jacobian of the edge from it."""
    outside = [g for g in after.factors if not g.shape.axes and not _sums(g)] if isinstance(after, Mul) else []
    if whole.shape.rank == 1 and not isinstance(whole, Build):
        outside.append(Call(eye, (), whole.shape.axes))
    return product(*outside) if outside else ONE


def _sums(e: Expr) -> bool:
    """Whether a factor is the sum of the derivatives itself."""
    return isinstance(e, Sum | Partial | Build) or any(isinstance(t, Partial) for t in getattr(e, "terms", ()))


# --- labels --------------------------------------------------------------------------------------------------------


def lines(box: Box, before: str = "") -> tuple[str, ...]:
    """A formula as the lines of a label: a case distinction by its cases, anything long broken at its spaces."""
    if isinstance(box, Grid) and box.form == "cases":
        cases = [_case(cells) for cells in box.rows]
        texts = [before + "; ".join(cases)] if len("; ".join(cases)) + len(before) <= WIDEST // 2 else [before, *cases]
    else:
        texts = [before + linear(box)]
    found = [line for text in texts if text.strip() for line in _broken(text)]
    if len(found) > TALLEST:
        found = [*found[: TALLEST - 1], "…"]
    return tuple(found)


def _case(cells: Sequence[Box | None]) -> str:
    """A value, and the condition under which it is one."""
    value, condition = ("" if c is None else linear(c) for c in cells)
    last = cells[1]
    return f"{value} {condition}" if isinstance(last, Text) else f"{value} if {condition}"


def _broken(text: str) -> Iterator[str]:
    line = ""
    for word in text.rstrip().split(" "):
        if line and len(line) + 1 + len(word) > WIDEST:
            yield line
            line = ""
        line = f"{line} {word}" if line else word
    yield line if len(line) <= 2 * WIDEST else line[: 2 * WIDEST] + "…"
