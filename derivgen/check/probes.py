"""Points drawn in double precision, many at once: of all magnitudes, near constants, on domains to their edges."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import prod
from threading import local
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt
from flint import fmpq

from derivgen.check.constants import Constants
from derivgen.check.evaluator import BATCH
from derivgen.check.labelled import LabelledArray
from derivgen.expr import Dim, Symbol

Floats = npt.NDArray[np.float64]
Length = Callable[[Dim], int]

MAGNITUDES = (-200, -60, -40, -30, -20, -14, -10, -7, -4, -2, 0, 0, 1, 3, 6, 10, 15, 24, 40, 70, 200)
"""The powers of two at which probes are drawn, besides those that the constants call for."""

DISTANCES = (0, 1, 3, 6, 10, 15, 21, 28, 36, 45)
"""How many powers of two nearer than its own size a probe is to a constant."""

PLAIN = 6
"""One probe of so many is a plain one: all its coordinates are about 1."""

LARGEST_SCALE = 1000
"""A double holds no larger powers of two."""


_sources = local()


class Probes:
    """Values for every variable at ``count`` points, each drawn when a variable is first asked for.

    What is drawn are numbers without properties (``raw``); a symmetric matrix, a positive definite one or a point of the
    simplex is made of them, in doubles for all points, and exactly for those that are looked at again.
    """

    def __init__(self, seed: int, number: int, length: Length, count: int) -> None:
        self.seed = seed
        self.number = number
        self.length = length
        self.count = count
        self.plain = 0  # how many of the first points are plain ones
        self._raw: dict[tuple[str, Any], Floats] = {}

    def raw(self, symbol: Symbol) -> Floats:
        """The numbers drawn, a row for each point."""
        key = (symbol.name, symbol.space)
        found = self._raw.get(key)
        if found is None:
            lengths = tuple([self.length(d) for d in symbol.space.axes])
            with np.errstate(all="ignore"):
                found = self._raw[key] = self._draw(symbol, prod(lengths)).reshape(self.count, *lengths)
        return found

    def random(self, name: str) -> np.random.RandomState:
        """Random numbers that belong to a name, the same with every version of NumPy.

        They are used up before others are asked for: there is one source in a thread, for it takes long to be made.
        """
        source = getattr(_sources, "source", None)
        if source is None:
            source = _sources.source = np.random.RandomState()
        source.seed(crc32(f"{self.seed}/{self.number}/{name}".encode()))
        return source

    def _draw(self, symbol: Symbol, entries: int) -> Floats:
        raise NotImplementedError

    def double(self, symbol: Symbol) -> LabelledArray:
        """The values at all points."""
        return LabelledArray((BATCH,), shaped(self.raw(symbol), symbol))

    def at(self, symbol: Symbol, point: int) -> Any:
        """The value at one of the points, exactly."""
        raw = self.raw(symbol)[point]
        exact = np.frompyfunc(lambda u: fmpq(*float(u).as_integer_ratio()), 1, 1)(raw)
        return shaped(np.asarray(exact, dtype=object)[None], symbol)[0]


def shaped(raw: Any, symbol: Symbol) -> Any:
    """Numbers made a value of a variable with its properties; the first axis is that of the points."""
    traits = symbol.traits
    if "positive" in traits:
        return np.abs(raw)
    if "simplex" in traits and raw.ndim == 2:
        sizes = np.abs(raw)
        return sizes / sizes.sum(axis=1)[:, None]
    if raw.ndim != 3:
        return raw
    if "positive-definite" in traits:
        # L Lᵀ with a lower triangular L, of which no entry on the diagonal is 0
        lower = np.tril(np.ones(raw.shape[1:], dtype=int))
        factor = raw * lower
        return np.matmul(factor, factor.swapaxes(1, 2)) if raw.dtype != object else _squares(factor)
    found = raw
    if "symmetric" in traits:
        rows, columns = np.tril_indices(raw.shape[1], -1)
        found = raw.copy()
        found[:, rows, columns] = raw[:, columns, rows]
    return found * np.eye(raw.shape[1], dtype=int) if "diagonal" in traits else found


def _squares(factor: Any) -> Any:
    return np.stack([one @ one.T for one in factor])


class Scattered(Probes):
    """Points of all magnitudes, near the constants that occur and between them.

    Where something moves, as in a derivative, no two numbers are the same and none is 0 or a constant itself: at ties
    and kinks a derivative is a convention, of which there may be two.
    """

    def __init__(self, seed: int, number: int, length: Length, count: int, known: Constants, moving: bool) -> None:
        super().__init__(seed, number, length, count)
        self.about = _about(known.values)
        self.moving = moving
        scales = [*MAGNITUDES, *(s * e + d for e in known.exponents for s in (1, -1) for d in (-1, 0, 1, 2))]
        if len(known.exponents) > 1:
            scales += [s * sum(map(abs, known.exponents)) for s in (1, -1)]
        self.scales = np.clip(np.array(scales), -LARGEST_SCALE, LARGEST_SCALE)
        rng = self.random("")
        kinds = ("aaabbcceeed" if len(self.about) else "aaabbd") + ("" if moving else "zkq")
        self.kinds = np.array(list(kinds))[rng.randint(len(kinds), size=count)]
        self.scale = self.scales[rng.randint(len(self.scales), size=count)]
        self.plain = count // PLAIN
        self.kinds[: self.plain], self.scale[: self.plain] = "a", 0
        self.lean = np.array((32, 32, 32, 64, 0))[rng.randint(5, size=count)]
        self.place = rng.randint(len(DISTANCES), size=count)
        self.side = rng.randint(2, size=count)
        self.shared = rng.randint(-3, 4, size=count) * rng.random_sample(count)  # one number for all coordinates
        self.which = rng.randint(max(len(self.about), 1), size=count)

    def _draw(self, symbol: Symbol, entries: int) -> Floats:
        """All variables at one scale (a), each at one of its own (b), entries of different sizes (d), near constants,
        each entry near any (c) or all of a point near one (e), some of them 0 (z),
        each a constant (k), or all one number (q)."""
        rng = self.random(symbol.name)
        shape = (self.count, entries)
        kinds, column = self.kinds[:, None], np.newaxis
        own = self.scales[rng.randint(len(self.scales), size=self.count)][:, column] + rng.randint(-4, 5, size=shape)
        scale = np.where(kinds == "a", self.scale[:, column], np.where(kinds == "b", own, rng.randint(-20, 21, shape)))
        scale[: self.plain] = 0
        sign = np.where(rng.randint(64, size=shape) < self.lean[:, column], 1.0, -1.0)
        found: Floats = sign * np.ldexp(
            rng.random_sample(shape) + 2.0**-60, np.clip(scale, -LARGEST_SCALE, LARGEST_SCALE)
        )
        free = not {"positive", "positive-definite", "simplex"} & set(symbol.traits)
        if self.moving:
            return self._apart(rng, self._near(rng, found))
        zero = free & (kinds == "z") & (rng.randint(2, size=(self.count, 1)) == 0)
        found = np.where(zero, 0.0, np.where(free & (kinds == "q"), self.shared[:, column], found))
        if len(self.about):
            found = np.where(free & (kinds == "k"), self.about[rng.randint(len(self.about), size=shape)], found)
        return self._near(rng, found)

    def _apart(self, rng: np.random.RandomState, drawn: Floats) -> Floats:
        return np.asarray(drawn * (1 + np.ldexp(rng.random_sample(drawn.shape), -30)) + np.ldexp(1.0, -LARGEST_SCALE))

    def _near(self, rng: np.random.RandomState, found: Floats) -> Floats:
        """The numbers drawn, but those that are to be near constants."""
        if not len(self.about):
            return found
        shape, kinds, column = found.shape, self.kinds[:, None], np.newaxis
        which = np.where(kinds == "e", self.which[:, column], rng.randint(len(self.about), size=shape))
        centre, before = self.about[which], self.about[np.maximum(which - 1, 0)]
        part = rng.random_sample(shape)
        distance = np.where(centre == 0, 1.0, np.abs(centre)) * part
        together = kinds == "e"  # at one distance, on one side
        place = np.where(together, self.place[:, column], rng.randint(len(DISTANCES), size=shape))
        side = np.where(together, self.side[:, column], rng.randint(2, size=shape))
        distance = np.ldexp(distance, -np.array(DISTANCES)[place])
        beside = centre + np.where(side == 1, distance, -distance)
        near = np.where(rng.random_sample(shape) < 0.5, before + (centre - before) * part, beside)
        return np.asarray(np.where((kinds == "c") | (kinds == "e"), near, found))


def _about(values: Sequence[Fraction]) -> Floats:
    """The constants near which points are drawn, in order: with both signs, and 1 divided by them."""
    found = {0.0}
    for v in values:
        for u in (v, 1 / v):
            try:
                found |= {float(u), -float(u)}
            except OverflowError:
                continue
    return np.array(sorted(found)) if len(found) > 1 else np.array([])


class Around(Probes):
    """Points about a given one, of which some coordinates stay, at distances of all sizes."""

    def __init__(self, number: int, count: int, centre: tuple[Probes, int]) -> None:
        super().__init__(centre[0].seed, number, centre[0].length, count)
        self.centre = centre

    def _draw(self, symbol: Symbol, entries: int) -> Floats:
        points, place = self.centre
        shape = (self.count, entries)
        centre = points.raw(symbol)[place].reshape(1, -1)
        rng = self.random(symbol.name)
        size = np.max(np.abs(centre), initial=2.0**-LARGEST_SCALE)
        step = np.ldexp(size * (2 * rng.random_sample(shape) - 1), 1 - rng.randint(0, 60, size=(self.count, 1)))
        return np.asarray(np.where(rng.random_sample(shape) < 0.3, centre, centre + step))


class Lines(Probes):
    """Points on lines, each from one point to another, these included; as many on each."""

    def __init__(self, number: int, each: int, ends: Sequence[tuple[tuple[Probes, int], tuple[Probes, int]]]) -> None:
        first = ends[0][0][0]
        super().__init__(first.seed, number, first.length, each * len(ends))
        self.each = each
        self.ends = ends

    def _draw(self, symbol: Symbol, entries: int) -> Floats:
        share = np.linspace(0.0, 1.0, self.each)[:, None]
        rows = []
        for (one, a), (other, b) in self.ends:
            start, end = one.raw(symbol)[a].reshape(1, -1), other.raw(symbol)[b].reshape(1, -1)
            rows.append(start * (1 - share) + end * share)
        return np.concatenate(rows)
