"""The letters of intermediates: those of the lecture first, never one that stands for something else already."""

from __future__ import annotations

import itertools
import string
from collections.abc import Collection

from derivgen.catalog.base import Elementwise
from derivgen.catalog.build import split_coefficient
from derivgen.catalog.formulas import softmax
from derivgen.catalog.linear import matmul, sum_
from derivgen.catalog.opaque import stack
from derivgen.expr import (
    Add,
    At,
    Build,
    Call,
    Delta,
    Expr,
    Index,
    Mul,
    Number,
    Shape,
    Sum,
    Symbol,
    bound_indices,
    children,
    fresh_index,
    rename,
    with_children,
)
from derivgen.rules.engine import Context

VALUE = {0: "yCfzqg", 1: "yfzhqg", 2: "YFZHQG"}
"""Letters for the expression itself, by its rank."""

SPARE = {0: "zstqpgcdvr", 1: "uzhqgpsavr", 2: "ZHGQPUVKLE"}


def letters_for(e: Expr) -> str:
    """The letters that suit an intermediate, the best first."""
    rank = min(e.shape.rank, 2)
    match e:
        case Mul() if rank == 1:
            first = "u"
        case Call(op) if op is sum_:
            first = "s"
        case Call(op) if op is matmul:
            first = "s" if rank == 0 else "z"
        case Add(terms) if _is_difference(terms):
            first = "re"
        case Add():
            first = "z"
        case Call(op) if op is softmax:
            first = "s"
        case Call(Elementwise()):
            first = "a" if rank == 0 else "ah"
        case Call():
            first = "t" if rank == 0 else "v"
        case _:
            first = "z"
    if rank == 2:
        first = first.upper()
    return first + SPARE[rank]


def _is_difference(terms: tuple[Expr, ...]) -> bool:
    """Whether something known is compared with something found, as in a residual Ax - b; 1 - u is no such difference."""
    signs = {split_coefficient(t)[0] for t in terms}
    return signs == {1, -1} and not any(isinstance(t, Number) for t in terms)


class Letters:
    """Hands out names that nothing in the derivation bears yet."""

    def __init__(self, ctx: Context, *, numbered: Collection[str] | None = None) -> None:
        """``numbered`` are the letters, the first for their kind, that are numbered: z1, a1, z2, a2."""
        self._taken = ctx.taken
        self._numbered = numbered or ()
        self._count: dict[str, int] = {}

    def value(self, f: Expr, family: tuple[Index, ...] = (), *, listed: bool = False) -> Symbol:
        """The letter of the expression itself; f where it is derived by a ``listed`` number of variables."""
        if isinstance(f, Call) and f.op in (softmax, stack):
            return self._symbol(f, ("s" if f.op is softmax else "") + "yzhqv", family)
        rank = min(f.shape.rank, 2)
        return self._symbol(f, "f" * (listed and not rank) + VALUE[rank], family)

    def named(self, f: Expr, name: str) -> Symbol:
        """The name that the reader gives the expression itself."""
        return self._make(f, name, ())

    def gradient(self, e: Expr) -> Symbol:
        """The letter of a first derivative that is derived again."""
        return self._symbol(e, "ghqp", ())  # p is soon an index

    def carried(self, e: Expr, name: Expr, family: tuple[Index, ...] = ()) -> Symbol:
        """The letter of the derivative that is carried back to ``name``: δ, Δ of a matrix, with the number of the name."""
        symbol = name.array if isinstance(name, At) else name
        assert isinstance(symbol, Symbol)
        letter = "Delta" if e.shape.rank == 2 else "delta"
        number = symbol.name.lstrip(string.ascii_letters + "_")
        spellings = itertools.chain(
            (letter + number, f"{letter}_{symbol.name}"), (f"{letter}{k}" for k in itertools.count(2))
        )
        return self._make(e, next(n for n in spellings if n not in self._taken), family)

    def intermediate(self, e: Expr, family: tuple[Index, ...] = ()) -> Symbol:
        """The letter of a sub-expression; where there are several of a kind, its letter numbered: z1, a1, z2, a2."""
        letters = letters_for(e)
        if letters[0] in self._numbered:
            while True:
                self._count[letters[0]] = self._count.get(letters[0], 0) + 1
                name = f"{letters[0]}{self._count[letters[0]]}"
                if name not in self._taken:
                    return self._make(e, name, family)
        return self._symbol(e, letters, family)

    def part(self, e: Expr, family: tuple[Index, ...] = ()) -> Symbol:
        """The letter of a factor, or of what stands above or below in a quotient."""
        return self._symbol(e, "uvwpqst", family)

    def _symbol(self, e: Expr, letters: str, family: tuple[Index, ...]) -> Symbol:
        count = 0
        while True:
            for letter in letters:
                name = f"{letter}{count}" if count else letter
                if name not in self._taken:
                    return self._make(e, name, family)
            count += 1

    def _make(self, e: Expr, name: str, family: tuple[Index, ...]) -> Symbol:
        self._taken.add(name)
        axes = tuple(i.dim for i in family) + e.shape.axes
        return Symbol(name, Shape(axes, e.shape.row and not family))


def member(symbol: Symbol, family: tuple[Index, ...]) -> Expr:
    """The intermediate itself; of a family the member at its indices."""
    return At(symbol, family) if family else symbol


def family_value(value: Expr, family: tuple[Index, ...], ctx: Context) -> Expr:
    """What the symbol of a family stands for as a whole: an array over the family's indices too."""
    if not family:
        return value
    ctx = ctx.local()
    own = tuple(ctx.fresh(d) for d in value.shape.axes)
    return Build((*family, *own), At(value, own) if own else value)


def begun_again(e: Add, author: Collection[Index], ctx: Context) -> Expr:
    """A sum whose terms each begin again with i for what they are summed over; the indices of the ``author`` stay.

    The letters that no term needs any more are free again in the context.
    """
    bound = {i.name for i in bound_indices(e)}
    own = bound - {i.name for i in author}
    if not own:
        return e
    ctx.taken -= own
    free = frozenset(ctx.taken - bound)
    again = Add(tuple([_relettered(t, free, own) for t in e.terms]))
    ctx.taken.update(i.name for i in bound_indices(again))
    return again


def _relettered(e: Expr, taken: frozenset[str], own: Collection[str]) -> Expr:
    """``e`` with the first letters that are free for the indices of its sums, from the outside in; factors do not share one."""
    match e:
        case Sum(Index() as index, body) if index.name in own:
            inside = {i.name for i in bound_indices(body)} - {*own}
            here = fresh_index(index.dim, {*taken, *inside, *(i.name for i in body.free if i != index)})
            return Sum(here, _relettered(rename(body, {index: here}), taken | {here.name}, own))
        case Sum(Index() as index, body):
            return Sum(index, _relettered(body, taken | {index.name}, own))
        case Sum() | Build() | Delta():
            return e
        case Add(terms):
            return Add(tuple([_relettered(t, taken, own) for t in terms]))
        case _:
            parts: list[Expr] = []
            for part in children(e):
                parts.append(_relettered(part, taken, own))
                taken |= {i.name for i in bound_indices(parts[-1])}
            return with_children(e, tuple(parts)) if parts else e
