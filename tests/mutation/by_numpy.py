"""The value of an expression by NumPy and differences, entry by entry: a second opinion that shares nothing with the judge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import product
from typing import Any
from zlib import crc32

import numpy as np

from derivgen.catalog.base import Abstract, Constant, Elementwise, Operation
from derivgen.catalog.opaque import inv, logdet
from derivgen.expr import (
    Add,
    At,
    Build,
    Call,
    Cases,
    Definition,
    Delta,
    Dim,
    Expr,
    Index,
    Mul,
    Number,
    Partial,
    Position,
    Power,
    Size,
    Sum,
    Symbol,
    symbols,
)
from derivgen.expr import Pair as Both
from derivgen.trials.reference import Reference

STEP = 1e-3
WEIGHTS = ((-2, 1 / 12), (-1, -8 / 12), (1, 8 / 12), (2, -1 / 12))
"""Differences of the fourth order."""

LENGTHS = (3, 4, 2, 5)

WORST = 1e8
"""The condition of a matrix from which on its inverse is no number."""


class Unknown(Exception):
    """There is something in it that is not evaluated here."""


@lru_cache(maxsize=256)
def _reference(op: Operation) -> Reference:
    return Reference.of(op)


@dataclass
class Point:
    """Values of letters, places of indices and lengths, and what names stand for."""

    values: dict[str, Any]
    lengths: dict[str, int]
    defined: Mapping[str, Expr]
    places: dict[Index, int] = field(default_factory=dict)
    turn: int = 0

    def length(self, dim: Dim) -> int:
        size = dim.size
        if isinstance(size, int):
            return size
        if isinstance(size, str):
            return self.lengths.setdefault(size, LENGTHS[(self.turn + len(self.lengths)) % len(LENGTHS)])
        raise Unknown("a length that is computed")

    def place(self, p: Any) -> int:
        if isinstance(p, Both):
            raise Unknown("a place in a product")
        return p if isinstance(p, int) else self.places[p]

    def at(self, places: dict[Index, int]) -> Point:
        return replace(self, places={**self.places, **places})

    def value(self, e: Expr) -> Any:
        match e:
            case Number(value):
                return float(value)
            case Size(dim):
                return float(self.length(dim))
            case Position(index):
                return float(self.places[index] + 1)
            case Symbol(name):
                return self.values[name] if name in self.values else self.value(self.defined[name])
            case Add(terms):
                return sum(self.value(t) for t in terms)
            case Mul(factors):
                found: Any = 1.0
                for f in factors:
                    found = found * self.value(f)
                return found
            case Power(base, exponent):
                return np.power(self.value(base), self.value(exponent))
            case At(array, places):
                return np.asarray(self.value(array))[tuple(map(self.place, places))]
            case Build(indices, body):
                if any(isinstance(i, Both) for i in indices):
                    raise Unknown("an axis that is a product")
                lengths = [self.length(i.dim) for i in indices if isinstance(i, Index)]
                out = np.empty(lengths)
                for spot in product(*map(range, lengths)):
                    out[spot] = self.at(dict(zip(indices, spot, strict=True))).value(body)  # type: ignore[arg-type]
                return out
            case Sum(index, body):
                return sum(self.at({index: k}).value(body) for k in range(self.length(index.dim)))
            case Delta(left, right):
                return float(self.place(left) == self.place(right))
            case Partial(body, wrt):
                return self.partial(body, wrt)
            case Cases(branches, otherwise):
                shape = [self.length(d) for d in e.shape.axes]
                out = np.broadcast_to(self.value(otherwise), shape)
                for condition, chosen in reversed(branches):
                    out = np.where(np.asarray(self.value(condition)) != 0, self.value(chosen), out)
                return out
            case Call(op, args, dims):
                return self.call(op, args, dims, e)
            case _:
                raise Unknown(type(e).__name__)

    def partial(self, body: Expr, wrt: Expr) -> Any:
        variable = wrt.array if isinstance(wrt, At) else wrt
        assert isinstance(variable, Symbol)
        spot = tuple(map(self.place, wrt.places)) if isinstance(wrt, At) else ()
        here = np.asarray(self.value(variable), dtype=float)
        total: Any = 0.0
        for k, weight in WEIGHTS:
            moved = here.copy()
            moved[spot] += k * STEP
            total = total + weight * replace(self, values={**self.values, variable.name: moved}).value(body)
        return total / STEP

    def call(self, op: Any, args: tuple[Expr, ...], dims: tuple[Dim, ...], e: Expr) -> Any:
        lengths = tuple([self.length(d) for d in e.shape.axes])
        given = [self.value(a) for a in args]
        if isinstance(op, Abstract):
            return abstract(op, [np.asarray(g, dtype=float) for g in given], lambda d: self.length(d))
        if not isinstance(op, Operation) or op.composed:
            raise Unknown(getattr(op, "name", "an operation"))
        if isinstance(op, Constant):
            return _reference(op)([self.length(d) for d in dims], e.shape, lengths)
        if isinstance(op, Elementwise):
            return np.asarray(_reference(op).function(*given), dtype=float)
        seen = [_seen(g, a) for g, a in zip(given, args, strict=True)]
        if op in (inv, logdet) and np.linalg.cond(seen[0]) > WORST:
            return np.full(lengths, np.nan)
        return _reference(op)(seen, e.shape, lengths)


def _seen(value: Any, e: Expr) -> Any:
    found = np.asarray(value, dtype=float)
    if found.ndim != 1:
        return found
    return found.reshape(1, -1) if e.shape.row else found.reshape(-1, 1)


def abstract(op: Abstract, args: list[Any], length: Any) -> Any:
    """A smooth function with the name of an abstract one; its derivatives by differences."""
    if op.orders:
        k = op.orders[-1]
        inner = replace(op, orders=op.orders[:-1])
        parts = []
        spots = [()] if op.pointwise and not op.codomain.axes else list(np.ndindex(args[k].shape))
        for spot in spots:
            total: Any = 0.0
            for step, weight in WEIGHTS:
                moved = args[k].copy()
                if op.pointwise:
                    moved += step * STEP
                else:
                    moved[spot] += step * STEP
                total = total + weight * abstract(inner, [*args[:k], moved, *args[k + 1 :]], length)
            if op.pointwise:
                return total / STEP
            parts.append(np.asarray(total / STEP))
        return np.stack(parts, axis=-1).reshape(parts[0].shape + args[k].shape)
    if op.pointwise:
        shape = np.broadcast_shapes(*[a.shape for a in args])
        own = 0.3 * np.arange(int(np.prod(shape))).reshape(shape) if op.codomain.axes else 0.0
        return _waves(op.name, 0, sum((k + 1.3) * a for k, a in enumerate(args)) + own)
    lengths = [length(d) for d in op.codomain.axes]
    out = np.empty(lengths)
    flat = np.concatenate([np.ravel(a) for a in args])
    for number, spot in enumerate(np.ndindex(*lengths)):
        rng = np.random.default_rng(crc32(f"{op.name} {number}".encode()))
        out[spot] = np.sin(rng.normal(size=(5, flat.size)) @ flat * 0.7 + rng.normal(size=5)) @ rng.normal(size=5)
    return out if lengths else float(out)


def _waves(name: str, number: int, x: Any) -> Any:
    rng = np.random.default_rng(crc32(f"{name} {number}".encode()))
    return sum(c * np.sin(a * x + b) for a, b, c in rng.normal(size=(4, 3)))


def differ(a: Expr, b: Expr, definitions: Iterable[Definition], *, points: int = 4) -> bool | None:
    """Whether two expressions have different values at random points; None where that is not found out."""
    if a.shape.axes != b.shape.axes or a.shape.row != b.shape.row:
        return True
    defined = {d.symbol.name: d.value for d in definitions}
    needed: dict[str, Symbol] = {}
    for e in (a, b, *defined.values()):
        needed |= symbols(e)
    free = sorted(a.free | b.free, key=lambda i: i.name)
    compared = 0
    for seed in range(3 * points):
        rng = np.random.default_rng(seed)
        point = Point({}, {}, defined, turn=seed % 2)
        try:
            for name, symbol in sorted(needed.items()):
                if name not in defined:
                    point.values[name] = _drawn(symbol, point, rng, positive=seed % 3 == 2)
            with np.errstate(all="ignore"):
                for spot in list(product(*[range(point.length(i.dim)) for i in free]))[:12]:
                    here = point.at(dict(zip(free, spot, strict=True)))
                    x, y = np.asarray(here.value(a), dtype=float), np.asarray(here.value(b), dtype=float)
                    if not (np.isfinite(x).all() and np.isfinite(y).all()):
                        break
                    scale = 1e-4 * max(1.0, float(np.max(np.abs(x), initial=0)), float(np.max(np.abs(y), initial=0)))
                    if float(np.max(np.abs(x - y), initial=0)) > scale:
                        return True
                else:
                    compared += 1
        except (Unknown, KeyError, IndexError, ValueError, TypeError, RecursionError):
            return None
        if compared >= points:
            return False
    return None


def _drawn(symbol: Symbol, point: Point, rng: Any, *, positive: bool) -> Any:
    shape = [point.length(d) for d in symbol.space.axes]
    drawn = rng.uniform(0.5, 2.0, size=shape) if positive or "positive" in symbol.traits else rng.normal(size=shape)
    if "positive-definite" in symbol.traits:
        return drawn @ drawn.T + np.eye(shape[0])
    if "symmetric" in symbol.traits:
        return drawn + drawn.T
    if "diagonal" in symbol.traits:
        return np.diag(np.diag(drawn))
    return drawn if shape else float(drawn)
