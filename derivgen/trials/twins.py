"""Wrong twins of an expression: a sign turned, a factor or a term dropped, places or factors swapped, a number changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from derivgen.catalog.base import Abstract
from derivgen.catalog.linear import kron, matmul, transpose
from derivgen.catalog.opaque import commutation
from derivgen.check.evaluate import evaluate
from derivgen.errors import DerivgenError
from derivgen.expr import (
    MINUS_ONE,
    Add,
    At,
    Call,
    Dim,
    Expr,
    Index,
    Mul,
    Number,
    Power,
    children,
    symbols,
    walk,
    with_children,
)

Put = Callable[[Expr], Expr]

POINTS, ENOUGH = 40, 16
"""How many points are tried for such as have a value, and of how many of these nobody looks further."""


def twins(e: Expr) -> Iterator[tuple[str, Expr]]:
    """Expressions that differ from ``e`` in one place; some happen to be equal to it, none is meant to be."""
    yield "sign", Mul((MINUS_ONE, e))
    for part, put in places(e):
        for kind, other in changed(part):
            try:
                yield kind, put(other)
            except DerivgenError:
                continue  # the twin has no shape, so no one could write it


def places(e: Expr) -> Iterator[tuple[Expr, Put]]:
    """Each node of ``e``, and how to put another in its place."""

    def within(here: Expr, k: int, put: Put) -> Put:
        parts = children(here)
        return lambda new: put(with_children(here, (*parts[:k], new, *parts[k + 1 :])))

    todo: list[tuple[Expr, Put]] = [(e, lambda new: new)]
    while todo:
        here, put = todo.pop()
        yield here, put
        for k, child in enumerate(children(here)):
            todo.append((child, within(here, k, put)))


def changed(part: Expr) -> Iterator[tuple[str, Expr]]:
    """A node with one small mistake, each with its name."""
    match part:
        case Mul(factors) if len(factors) > 1:
            for k in range(len(factors)):
                rest = factors[:k] + factors[k + 1 :]
                yield "dropped factor", rest[0] if len(rest) == 1 else Mul(rest)
        case Add(terms) if len(terms) > 1:
            for k in range(len(terms)):
                rest = terms[:k] + terms[k + 1 :]
                yield "dropped term", rest[0] if len(rest) == 1 else Add(rest)
            yield "sign", Add((*terms[:-1], Mul((MINUS_ONE, terms[-1]))))
        case Number(value):
            yield "number", Number(value + 1)
        case Power(base, Number(value)):
            yield "number", Power(base, Number(value + Fraction(1)))
        case Call(op, (inner,)) if op is transpose:
            yield "transpose", inner
        case Call(op, args) if op is matmul:
            yield "transpose", Call(transpose, (part,)) if part.shape.axes else part
            for k in range(len(args) - 1):
                yield (
                    "swapped factors",
                    Call(matmul, (*args[:k], args[k + 1], args[k], *args[k + 2 :])) if fits(args, k) else part,
                )
        case Call(op, (left, right)) if op is kron:
            yield "swapped factors", Call(kron, (right, left))
        case Call(op, (), (m, n)) if op is commutation:
            yield "swapped sizes", Call(commutation, (), (n, m))
        case At(array, (Index() as i, Index() as j)):
            if i.dim == j.dim:
                yield "swapped index", At(array, (j, i))
        case _:
            pass


def fits(args: tuple[Expr, ...], k: int) -> bool:
    """Whether the matrix product has a shape when factors k and k + 1 change places."""
    try:
        Call(matmul, (*args[:k], args[k + 1], args[k], *args[k + 2 :]))
    except DerivgenError:
        return False
    return True


def differs(a: Expr, b: Expr, seed: int = 5) -> bool | None:
    """Whether two closed expressions differ in floats, at sizes and points that the judge does not use.

    None where floats cannot tell: an abstract function has no value of its own.
    """
    if any(isinstance(e, Call) and isinstance(e.op, Abstract) for side in (a, b) for e in walk(side)):
        return None
    if (a.shape.axes, a.shape.row) != (b.shape.axes, b.shape.row):
        return True
    known = symbols(a) | symbols(b)
    sizes = {str(d): 6 + k for k, d in enumerate(dims_of(a, b))}
    draw = np.random.default_rng(seed)
    seen = 0
    for trial in range(POINTS):
        low = 0.3 if trial % 2 else -2.0
        point: dict[str, Any] = dict(sizes)
        for s in known.values():
            shape = tuple(prod(f if isinstance(f, int) else sizes[f] for f in d.factors) for d in s.shape.axes)
            value = draw.uniform(low, 2.0, shape)
            if "simplex" in s.traits:
                value = abs(value) / abs(value).sum()
            if "symmetric" in s.traits:
                value = value + value.T
            point[s.name] = value
        left, right = evaluate(a, point), evaluate(b, point)
        if not (np.isfinite(left).all() and np.isfinite(right).all()):
            continue
        seen += 1
        if not np.allclose(left, right, rtol=1e-7, atol=1e-9):
            return True
        if seen == ENOUGH:
            return False
    return False if seen else None


def dims_of(*sides: Expr) -> list[Dim]:
    """The symbolic sizes that occur in the axes, the sizes and the indices of expressions."""
    found: dict[Dim, None] = {}
    for side in sides:
        for e in walk(side):
            for d in (*e.shape.axes, *getattr(e, "dims", ()), *(i.dim for i in e.free)):
                found |= dict.fromkeys(map(Dim, d.symbols))
            bound = (*getattr(e, "indices", ()), *([e.index] if hasattr(e, "index") else []))
            for d in (*(i.dim for i in bound), *([e.dim] if hasattr(e, "dim") else [])):
                found |= dict.fromkeys(map(Dim, d.symbols))
    return list(found)
