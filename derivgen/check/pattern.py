"""Which entries of an array are zero: its values at random points, at small lengths that all differ."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, count
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from derivgen.check.compare import as_floats, precise
from derivgen.check.evaluator import BATCH
from derivgen.check.fields import NotRational
from derivgen.check.labelled import spread
from derivgen.check.pool import Pool
from derivgen.check.scope import Names, Scope
from derivgen.check.sheets import SampleKind, SampleStream
from derivgen.errors import CheckError
from derivgen.expr import Expr

LENGTHS = (4, 6, 5, 3, 7, 8)
SHORT_LENGTHS = (2, 3, 4)
"""The lengths of the axes, by the order in which they are met; the short ones where there are more than two axes."""

LONGEST = 40
"""The longest side of a table that is looked at."""

POINTS, SHEETS, ENOUGH = 8, 12, 16
"""Points computed at once, how often at most, and how many must have a value before the looking ends."""

PRECISION = 256
NOTHING = 1e-40
"""Bits of the arithmetic where it is not exact, and the number below which it takes a value for 0."""

Table = npt.NDArray[np.int8]
Floats = npt.NDArray[np.float64]

ZERO, CONSTANT, MOVING = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Pattern:
    """A table of ZERO, CONSTANT and MOVING, and the lengths at which it was computed, by the names of the sizes."""

    entries: Table
    sizes: dict[str, int]


def pattern(e: Expr, out: int = 1, seed: int = 0) -> Pattern:
    """The pattern of zeros of ``e``, a scalar, a vector or a matrix as it is read.

    More axes than two make a table: the first ``out`` of them down, the others across, the first of each fastest.

    Raises:
        CheckError: no point is found at which ``e`` has a value, or the table is too large.
    """
    least = _pool(e).least
    sizes = _lengths(e, least)
    lengths = [prod(sizes[f] if isinstance(f, str) else f for f in d.factors) for d in e.shape.axes]
    down = out if len(lengths) > 2 else 1
    if max(prod(lengths[:down]), prod(lengths[down:])) > LONGEST:
        raise CheckError("the derivative has too many entries for a picture of its zeros",
                         hint="declare the sizes by letters: small numbers are put in for them")  # fmt: skip
    values, sizes = _somewhere(e, sizes, seed, least)
    kinds = _classified(values)
    if kinds.ndim > 2:
        # column-major on either side: the first axis runs fastest
        shape = (prod(kinds.shape[:down]), -1)
        kinds = np.transpose(kinds, (*range(down)[::-1], *range(down, kinds.ndim)[::-1])).reshape(shape)
    elif kinds.ndim < 2:
        kinds = kinds.reshape((1, -1) if e.shape.row or not kinds.ndim else (-1, 1))
    return Pattern(kinds, {s: sizes[s] for d in e.shape.axes for s in d.symbols})


def _pool(e: Expr) -> Pool:
    pool = Pool()
    pool.number(e)
    return pool


def _somewhere(e: Expr, sizes: dict[str, int], seed: int, least: dict[str, int]) -> tuple[Floats, dict[str, int]]:
    """Values at many points, and the lengths at which there are any: XᵀX is singular where X is wide."""
    backward = dict(zip(sizes, reversed(sizes.values()), strict=True))
    beyond = max(sizes.values(), default=0) + 1
    for own, inner in ((sizes, 3), (backward, 3), (sizes, beyond), (backward, beyond)):
        if any(own[s] < least.get(s, 0) for s in own):
            continue  # turned about, an axis lacks a place that is read
        values = _values(e, dict(own), seed, inner)
        if len(values):
            return values, own
    raise CheckError("no point was found at which the derivative has a value, so its zeros are not known")


def _classified(values: Floats) -> Table:
    """From values, the points along the first axis, to the kinds of the entries."""
    tolerance = 1e-12 * np.maximum(1.0, np.abs(values).max(axis=0, initial=0.0))
    moving = np.ptp(values, axis=0) > tolerance
    zero = (np.abs(values) < NOTHING).all(axis=0)
    return np.where(zero, ZERO, np.where(moving, MOVING, CONSTANT)).astype(np.int8)


def _lengths(e: Expr, least: dict[str, int]) -> dict[str, int]:
    """Lengths for the sizes of the axes, each another, and none shorter than the ``least`` one."""
    lengths = LENGTHS if e.shape.rank <= 2 else SHORT_LENGTHS
    taken: set[str | int] = {f for d in e.shape.axes for f in d.factors}
    found: dict[str, int] = {}
    for size in dict.fromkeys(s for d in e.shape.axes for s in d.symbols):
        start = least.get(size, 0)
        found[size] = next(n for n in chain(lengths, count(max(9, start))) if n >= start and n not in taken)
        taken.add(found[size])
    return found


def _values(e: Expr, sizes: dict[str, int], seed: int, inner: int) -> Floats:
    """Values at many points; in exact arithmetic where the expression is rational, so that a zero is one."""
    pool = _pool(e)
    root = pool.number(e)
    _complete(sizes, pool, inner)
    scope = Scope(Names(pool), sizes)
    with precise(PRECISION), np.errstate(all="ignore"):
        try:
            rows = _at_points(e, root, SampleStream(seed, SampleKind(True, True, POINTS), scope.length), scope, 0)
        except NotRational:
            rows = _at_points(
                e, root, SampleStream(seed, SampleKind(False, True, POINTS), scope.length), scope, PRECISION
            )
    return np.array(rows)


def _complete(sizes: dict[str, int], pool: Pool, inner: int) -> None:
    """A length, at least ``inner``, for the sizes that stand inside the expression only."""
    for dim in pool.dims:
        if isinstance(dim.size, str) and dim.size not in sizes:
            first = max(inner, pool.least.get(dim.size, 0))
            sizes[dim.size] = next(n for n in count(first) if n not in sizes.values())


def _at_points(e: Expr, root: int, series: SampleStream, scope: Scope, precision: int) -> list[Any]:
    """The values of ``e`` at the points at which all its entries have one."""
    free = sorted(e.free, key=lambda index: index.name)  # each of their places is looked at as a point
    own = scope.lengths(e.shape.axes)
    shape = (series.kind.points, *scope.lengths([index.dim for index in free]), *own)
    rows: list[Any] = []
    for k in range(SHEETS):
        evaluator = series.sheet(k).evaluator(scope, precision)
        try:
            value = evaluator.value(root).value
        except ZeroDivisionError:
            continue
        want = (BATCH, *map(evaluator.label, free))
        data = np.broadcast_to(as_floats(spread(value, want, e.shape.rank)), shape).astype(float).reshape(-1, *own)
        found = [row for row in data if np.isfinite(row).all()]
        rows += found
        if len(rows) >= ENOUGH:
            break
        if len(found) < len(data):
            bits = 0
            for site in evaluator.field.complaints:
                bits |= scope.names(site)
            series.failed(scope.pool.names_of(bits))
    return rows
