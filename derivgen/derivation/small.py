"""A question with short axes, and its expressions with every sum written out: what one does first on paper."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product as places_of
from math import prod

from derivgen.catalog.base import Abstract
from derivgen.catalog.build import plus
from derivgen.derivation.problem import Problem
from derivgen.expr import (
    At,
    Binder,
    Build,
    Call,
    Definition,
    Delta,
    Dim,
    Expr,
    Index,
    Number,
    Pair,
    Place,
    Position,
    Shape,
    Size,
    Sum,
    Symbol,
    map_children,
    rename,
)
from derivgen.expr.walks import Once
from derivgen.rules.engine import Context, Engine
from derivgen.rules.rule import Phase
from derivgen.rules.step import end_of
from derivgen.rules.unfold import entry_of

LONGEST_AXIS = 4


def small(problem: Problem, length: int) -> Problem:
    """The question with ``length`` for every size that is a letter."""
    change = _Resized(length)
    wrt = problem.wrt
    assert isinstance(wrt, Symbol)
    shorter = {n: change.symbol(s) for n, s in problem.symbols.items()}
    functions = {n: change.function(f) for n, f in problem.functions.items()}
    definitions = tuple(Definition(change.symbol(d.symbol), change(d.value)) for d in problem.definitions)
    return replace(problem, expression=change(problem.expression), wrt=change.symbol(wrt), symbols=shorter,
                   functions=functions, definitions=definitions)  # fmt: skip


class _Resized:
    """Expressions with ``length`` for every size that is a letter."""

    def __init__(self, length: int) -> None:
        self._length = length
        self._again = Once(self._changed)

    def __call__(self, e: Expr) -> Expr:
        return self._again(e)

    def dim(self, d: Dim) -> Dim:
        return Dim(prod(f if isinstance(f, int) else self._length for f in d.factors))

    def shape(self, s: Shape) -> Shape:
        return Shape(tuple(map(self.dim, s.axes)), s.row)

    def symbol(self, s: Symbol) -> Symbol:
        return Symbol(s.name, self.shape(s.space), s.traits)

    def function(self, f: Abstract) -> Abstract:
        return replace(f, domain=tuple(map(self.shape, f.domain)), codomain=self.shape(f.codomain))

    def _place(self, p: Place) -> Place:
        match p:
            case int():
                return p
            case Index(name, d):
                return Index(name, self.dim(d))
            case Pair():
                return self._binder(p)

    def _binder(self, b: Binder) -> Binder:
        if isinstance(b, Index):
            return Index(b.name, self.dim(b.dim))
        return Pair(self._binder(b.outer), self._binder(b.inner))

    def _changed(self, e: Expr, again: Callable[[Expr], Expr]) -> Expr:
        match e:
            case Symbol():
                return self.symbol(e)
            case Size(d):
                return Number(self.dim(d).size)  # type: ignore[arg-type]
            case Position(index):
                return Position(Index(index.name, self.dim(index.dim)))
            case Delta(left, right):
                return Delta(self._place(left), self._place(right))
            case At(array, places):
                return At(again(array), tuple(map(self._place, places)))
            case Sum(index, body):
                return Sum(Index(index.name, self.dim(index.dim)), again(body))
            case Build(binders, body, row):
                return Build(tuple(map(self._binder, binders)), again(body), row)
            case Call(op, args, dims):
                new = self.function(op) if isinstance(op, Abstract) else op
                return Call(new, tuple(map(again, args)), tuple(map(self.dim, dims)))
            case _:
                return map_children(again, e)


def entries(e: Expr, ctx: Context) -> dict[tuple[int, ...], Expr]:
    """Each entry of an array whose axes have lengths in numbers, with its sums written out; a scalar has one."""
    ranges = [range(d.size) for d in e.shape.axes if isinstance(d.size, int)]
    return {at: written_out(entry_of(e, at), ctx) for at in places_of(*ranges)}


def written_out(e: Expr, ctx: Context) -> Expr:
    """A scalar in the entries of its variables, every sum over a known length as its terms."""
    engine = Engine(ctx.book.shown(Phase.EXPAND, Phase.UNFOLD), ctx.book.silent(Phase.ALWAYS, Phase.INWARD), ctx)
    tidy = Engine(ctx.book.shown(Phase.COLLAPSE), ctx.book.silent(Phase.ALWAYS, Phase.INWARD), ctx)
    while True:
        before = e
        for one in (engine, tidy):
            e = one.tidy(e)[0]
            steps = one.run(e)
            e = end_of(steps, e)
        e = tidy.tidy(Once(_added)(e))[0]
        if e == before:
            return e


def _added(e: Expr, again: Callable[[Expr], Expr]) -> Expr:
    inner = map_children(again, e)
    if isinstance(inner, Sum) and isinstance(inner.index.dim.size, int) and inner.index.dim.size <= LONGEST_AXIS:
        return plus(*(rename(inner.body, {inner.index: k}) for k in range(inner.index.dim.size)))
    return inner
