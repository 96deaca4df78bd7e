"""Sheets of sample points: all points of a sheet are computed at once, along an axis of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from random import Random
from typing import Any

import numpy as np
from flint import arb, fmpq

from derivgen.check.balls import BallField
from derivgen.check.evaluator import BATCH, Evaluator
from derivgen.check.fields import ExactField
from derivgen.check.functions import DeclaredFunctions
from derivgen.check.labelled import LabelledArray
from derivgen.check.points import GENERIC, NEGATIVE, POSITIVE, WHOLE, Style, draw, odd_whole
from derivgen.check.probes import Probes
from derivgen.check.scope import Scope
from derivgen.expr import Dim, Symbol

_enclose = np.frompyfunc(arb, 1, 1)

FIRST_STYLED = 3
"""The sheets before it have coordinates of all signs and about 1, where nothing is known to fail."""

SCALES = (-6, -3, 0, 3, 6, 8)

LEANING = (32, 32, 32, 32, 32, 56, 56, 12)
"""How the points of a sheet lean to positive numbers where branches are to be met: deep ramps are else 0 everywhere."""


FEW, REMEMBERED = 64, 512
"""Values of so few numbers are remembered, and how many of them."""


@dataclass(frozen=True, slots=True)
class SampleKind:
    """What a sheet is for: exact numbers or balls, trees with branches or without, and how many points it has."""

    exact: bool
    branches: bool
    points: int


class Points:
    """Values for every variable at ``kind.points`` points, drawn when a variable is first asked for.

    They depend on the seed, the number of the sheet and the variable's name only, so that a failure replays.
    """

    def __init__(self, seed: int, number: int, kind: SampleKind, length: Callable[[Dim], int]) -> None:
        self.seed = seed
        self.number = number
        self.kind = kind
        self.length = length
        self._odd = WHOLE if kind.exact else odd_whole(seed)
        self.styles: dict[str, Style] = {}
        self.any_style = GENERIC
        self._values: dict[tuple[str, Any], LabelledArray] = {}

    def value(self, symbol: Symbol) -> LabelledArray:
        """The values of a variable at all points, the axis of the points labelled."""
        key = (symbol.name, symbol.space)
        found = self._values.get(key)
        if found is None:
            found = self._values[key] = self._together(self._drawn(symbol))
        return found

    def _drawn(self, symbol: Symbol) -> Sequence[Any]:
        """The values at all points, one after another."""
        name = symbol.name
        lengths = tuple([self.length(d) for d in symbol.space.axes])
        how = tuple([(self._style(name, k), self.whole(k)) for k in range(self.kind.points)])
        drawn = _drawn_once if prod(lengths) * len(how) <= FEW else _draw_all
        return drawn(f"{self.seed}/{self.number}/{name}", symbol, lengths, how)

    def whole(self, point: int) -> int:
        """The denominator of a point: every other one, so that in balls too some coordinates are without error."""
        return self._odd if point % 2 else WHOLE

    def _together(self, drawn: Sequence[Any]) -> LabelledArray:
        if self.kind.points == 1:
            return LabelledArray((), drawn[0])
        data = np.empty((self.kind.points, *np.shape(drawn[0])), dtype=object)
        for k, part in enumerate(drawn):
            data[k] = part
        return LabelledArray((BATCH,), data)

    def _style(self, name: str, point: int) -> Style:
        asked = self.styles.get(name)
        if asked is not None:
            return asked
        if self.kind.branches:
            return Style(LEANING[point % len(LEANING)], self.any_style.scale)
        return self.any_style

    def at(self, symbol: Symbol, point: int) -> Any:
        """The value at one of the points."""
        a = self.value(symbol)
        return a.data[point] if a.labels else a.data

    def ball(self, symbol: Symbol) -> LabelledArray:
        """The value as a ball."""
        a = self.value(symbol)
        return LabelledArray(a.labels, _enclose(a.data))


def _draw_all(
    source: str, symbol: Symbol, lengths: tuple[int, ...], how: tuple[tuple[Style, int], ...]
) -> tuple[Any, ...]:
    rng = Random(source)
    return tuple([draw(rng, symbol, lengths, style, whole) for style, whole in how])


_drawn_once = lru_cache(maxsize=REMEMBERED)(_draw_all)
"""The same for another judge: most questions are about x and w, of the usual lengths."""


class Picked(Points):
    """Points that were found elsewhere."""

    def __init__(
        self, seed: int, kind: SampleKind, length: Callable[[Dim], int], picked: Sequence[tuple[Probes, int]]
    ) -> None:
        super().__init__(seed, 3000, kind, length)
        self.picked = picked

    def _drawn(self, symbol: Symbol) -> Sequence[Any]:
        return [probes.at(symbol, k) for probes, k in self.picked]


class Near(Points):
    """Points about a given one, of which some coordinates stay, at distances of several sizes."""

    def __init__(self, number: int, kind: SampleKind, centre: tuple[Points, int]) -> None:
        super().__init__(centre[0].seed, number, kind, centre[0].length)
        self.centre = centre

    def _drawn(self, symbol: Symbol) -> Sequence[Any]:
        if symbol.traits:
            return super()._drawn(symbol)
        rng = Random(f"{self.seed}/{self.number}/{symbol.name}")
        lengths = tuple([self.length(d) for d in symbol.space.axes])
        points, place = self.centre
        centre = points.at(symbol, place)
        size = np.max(np.abs(np.asarray(centre)))
        about = max(int(size.p).bit_length() - int(size.q).bit_length(), -8)
        return [
            centre
            if rng.random() < 0.3
            else centre + draw(rng, symbol, lengths, Style(32, about - rng.randrange(-1, 9)), self.whole(k))
            for k in range(self.kind.points)
        ]


class Between(Points):
    """Points on the line from one to another, these included."""

    def __init__(self, number: int, kind: SampleKind, first: tuple[Points, int], second: tuple[Points, int]) -> None:
        super().__init__(first[0].seed, number, kind, first[0].length)
        self.first, self.second = first, second

    def _drawn(self, symbol: Symbol) -> Sequence[Any]:
        start, end = (points.at(symbol, k) for points, k in (self.first, self.second))
        last = self.kind.points - 1
        return [start + (end - start) * fmpq(k, last) for k in range(last + 1)]


class SampleBatch:
    """What was computed at some points.

    It is apart from the points because its evaluators hold on to them: so nothing here holds on to itself.
    """

    def __init__(self, points: Points) -> None:
        self.points = points
        self.number, self.kind, self.at = points.number, points.kind, points.at
        self._evaluators: dict[tuple[Scope, int], Evaluator] = {}

    def evaluator(self, scope: Scope, precision: int = 0) -> Evaluator:
        """The evaluator of ``scope`` at these points, exact or at a precision in bits."""
        found = self._evaluators.get((scope, precision))
        if found is None:
            if precision:
                found = Evaluator(scope, BallField(), self.points.ball, None)
            else:
                found = Evaluator(scope, ExactField(), self.points.value, None)
            found.functions = DeclaredFunctions(self.points.seed, found.field, scope.length)
            self._evaluators[scope, precision] = found
        return found

    def evaluators(self, scope: Scope) -> list[Evaluator]:
        """The evaluators of ``scope`` that were used."""
        return [evaluator for (theirs, _), evaluator in self._evaluators.items() if theirs is scope]


class SampleStream:
    """The sheets of one kind in the order tried, with what was learned about where functions have values."""

    def __init__(self, seed: int, kind: SampleKind, length: Callable[[Dim], int]) -> None:
        self.seed = seed
        self.kind = kind
        self.length = length
        self.sheets: list[SampleBatch] = []
        self.failures: dict[str, int] = {}

    def sheet(self, k: int) -> SampleBatch:
        """SampleBatch ``k``: the first ones of either sign; later ones as the failures so far suggest."""
        while len(self.sheets) <= k:
            self.sheets.append(self._new(len(self.sheets)))
        return self.sheets[k]

    def _new(self, number: int) -> SampleBatch:
        new = Points(self.seed, number, self.kind, self.length)
        if number < FIRST_STYLED and not self.failures:
            return SampleBatch(new)
        rng = Random(f"{self.seed}/{number}/styles")
        if number >= FIRST_STYLED and number % 2:
            new.any_style = Style(32, rng.choice(SCALES))
        for name, failures in self.failures.items():
            if failures >= 2:
                new.styles[name] = _style(failures, rng)
        return SampleBatch(new)

    def failed(self, names: list[str]) -> None:
        """An argument made of these variables left a domain."""
        for name in names:
            self.failures[name] = self.failures.get(name, 0) + 1

    def targeted(self, sheet: SampleBatch, point: int, count: int) -> SampleBatch:
        """A further sheet, of points near a given one."""
        return SampleBatch(Near(1000 + count, self.kind, (sheet.points, point)))

    def line(self, start: tuple[SampleBatch, int], end: tuple[SampleBatch, int]) -> SampleBatch:
        """A further sheet, of points on the line between two given ones, these included."""
        return SampleBatch(Between(2000, self.kind, (start[0].points, start[1]), (end[0].points, end[1])))

    def picked(self, found: Sequence[tuple[Probes, int]]) -> SampleBatch:
        """A further sheet, of points that were found elsewhere."""
        kind = SampleKind(self.kind.exact, self.kind.branches, len(found))
        return SampleBatch(Picked(self.seed, kind, self.length, found))


def _style(failures: int, rng: Random) -> Style:
    match failures:
        case 2:
            return Style(POSITIVE)
        case 3:
            return Style(NEGATIVE)
        case _:
            return Style(rng.choice((NEGATIVE, 32, 32, POSITIVE, POSITIVE)), rng.choice((-5, -3, -1, 0, 2, 4)))
