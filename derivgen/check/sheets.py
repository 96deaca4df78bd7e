"""Sheets of sample points: all points of a sheet are computed at once, along an axis of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
from flint import arb, fmpq

from derivgen.check.compare import as_floats
from derivgen.check.constants import Constants
from derivgen.check.evaluator import BATCH, Evaluator
from derivgen.check.fields import BallField, ExactField, ProbeField
from derivgen.check.functions import DeclaredFunctions
from derivgen.check.labelled import Arr
from derivgen.check.points import GENERIC, NEGATIVE, POSITIVE, WHOLE, Style, draw, odd_whole
from derivgen.check.scope import Scope
from derivgen.expr import Dim, Symbol

_enclose = np.frompyfunc(arb, 1, 1)

SCALES = (-6, -3, 0, 3, 6, 8)

LEANING = (32, 32, 32, 32, 32, 56, 56, 12)
"""How the points of a sheet lean to positive numbers where branches are to be met: deep ramps are else 0 everywhere."""

MAGNITUDES = (-200, -60, -40, -30, -20, -14, -10, -7, -4, -2, 0, 0, 1, 3, 6, 10, 15, 24, 40, 70, 200)
"""The powers of two at which probes are drawn, besides those that the constants call for."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a sheet is for: exact numbers or balls, trees with branches or without, and how many points it has."""

    exact: bool
    branches: bool
    points: int


class Points:
    """Values for every variable at ``kind.points`` points, drawn when a variable is first asked for.

    They depend on the seed, the number of the sheet and the variable's name only, so that a failure replays.
    """

    def __init__(self, seed: int, number: int, kind: Kind, length: Callable[[Dim], int]) -> None:
        self.seed = seed
        self.number = number
        self.kind = kind
        self.length = length
        self._odd = WHOLE if kind.exact else odd_whole(seed)
        self.styles: dict[str, Style] = {}
        self.any_style = GENERIC
        self._values: dict[tuple[str, Any], Arr] = {}

    def value(self, symbol: Symbol) -> Arr:
        key = (symbol.name, symbol.space)
        found = self._values.get(key)
        if found is None:
            found = self._values[key] = self._together(self._drawn(symbol), symbol)
        return found

    def _drawn(self, symbol: Symbol) -> list[Any]:
        """The values at all points, one after another."""
        rng = Random(f"{self.seed}/{self.number}/{symbol.name}")
        lengths = tuple([self.length(d) for d in symbol.space.axes])
        return [
            draw(rng, symbol, lengths, self._style(symbol.name, k), self.whole(k)) for k in range(self.kind.points)
        ]  # fmt: skip

    def whole(self, point: int) -> int:
        """The denominator of a point: every other one, so that in balls too some coordinates are without error."""
        return self._odd if point % 2 else WHOLE

    def _together(self, drawn: list[Any], symbol: Symbol) -> Arr:
        if self.kind.points == 1:
            return Arr((), drawn[0])
        data = np.empty((self.kind.points, *np.shape(drawn[0])), dtype=object)
        for k, part in enumerate(drawn):
            data[k] = part
        return Arr((BATCH,), data)

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

    def ball(self, symbol: Symbol) -> Arr:
        """The value as a ball."""
        a = self.value(symbol)
        return Arr(a.labels, _enclose(a.data))

    def double(self, symbol: Symbol) -> Arr:
        """The value in double precision."""
        a = self.value(symbol)
        data = as_floats(a.data)
        return Arr(a.labels, data if data.ndim else data[()])


class Picked(Points):
    """Some points of other sheets."""

    def __init__(self, first: Points, kind: Kind, picked: Sequence[tuple[Points, int]]) -> None:
        super().__init__(first.seed, first.number, kind, first.length)
        self.picked = picked

    def _drawn(self, symbol: Symbol) -> list[Any]:
        return [points.at(symbol, k) for points, k in self.picked]


class Near(Points):
    """Points about a given one, of which some coordinates stay, at distances of all sizes down to ``finest``."""

    def __init__(self, number: int, kind: Kind, centre: tuple[Points, int], finest: int = 9) -> None:
        super().__init__(centre[0].seed, number, kind, centre[0].length)
        self.centre = centre
        self.finest = finest

    def _drawn(self, symbol: Symbol) -> list[Any]:
        if symbol.traits:
            return super()._drawn(symbol)
        rng = Random(f"{self.seed}/{self.number}/{symbol.name}")
        lengths = tuple([self.length(d) for d in symbol.space.axes])
        points, place = self.centre
        centre = points.at(symbol, place)
        size = np.max(np.abs(np.asarray(centre)))
        about = max(int(size.p).bit_length() - int(size.q).bit_length(), -8 if self.finest < 10 else -300)
        return [
            centre
            if rng.random() < 0.3
            else centre + draw(rng, symbol, lengths, Style(32, about - rng.randrange(-1, self.finest)), self.whole(k))
            for k in range(self.kind.points)
        ]


class Between(Points):
    """Points on the line from one to another, these included."""

    def __init__(self, number: int, kind: Kind, first: tuple[Points, int], second: tuple[Points, int]) -> None:
        super().__init__(first[0].seed, number, kind, first[0].length)
        self.first, self.second = first, second

    def _drawn(self, symbol: Symbol) -> list[Any]:
        start, end = (points.at(symbol, k) for points, k in (self.first, self.second))
        last = self.kind.points - 1
        return [start + (end - start) * fmpq(k, last) for k in range(last + 1)]


class Probes(Points):
    """Points of all magnitudes, near the constants that occur and between them, and on domains to their edges."""

    def __init__(self, seed: int, number: int, length: Callable[[Dim], int], known: Constants, count: int) -> None:
        super().__init__(seed, number, Kind(False, True, count), length)
        rng = Random(f"{seed}/{number}/probes")
        signed = sorted({c for v in known.values for c in (v, -v, 1 / v, -1 / v)} | {v - v for v in known.values})
        self.about = tuple(signed)
        scales = [*MAGNITUDES, *(s * e + d for e in known.exponents for s in (1, -1) for d in (-1, 0, 1, 2))]
        if len(known.exponents) > 1:
            scales += [s * sum(map(abs, known.exponents)) for s in (1, -1)]
        self.scales = scales
        self.modes = [
            (rng.choice("aaabbcceeed"), rng.choice(scales), rng.choice((32, 32, 32, 64, 0)), rng.randrange(999))
            for _ in range(count)
        ]

    def _drawn(self, symbol: Symbol) -> list[Any]:
        rng = Random(f"{self.seed}/{self.number}/{symbol.name}")
        lengths = tuple([self.length(d) for d in symbol.space.axes])
        return [draw(rng, symbol, lengths, self._probe(rng, *mode), self.whole(k)) for k, mode in enumerate(self.modes)]

    def _probe(self, rng: Random, mode: str, scale: int, lean: int, which: int) -> Style:
        match mode:
            case "a":  # all variables at one scale
                return Style(lean, scale)
            case "b":  # each at a scale of its own
                return Style(lean, rng.choice(self.scales), 4)
            case "c" if self.about:  # entries near constants
                return Style(32, rng.choice((-1, 1)), 20, self.about)
            case "e" if self.about:  # all variables near one constant, or between it and its neighbour
                k = which % len(self.about)
                return Style(32, rng.choice((-1, 1)), 20, self.about[max(k - 1, 0) : k + 1])
            case _:  # entries of different sizes
                return Style(lean, rng.choice((-1, 0, 1)), 20)


class Sheet:
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

    def probe(self, scope: Scope) -> Evaluator:
        """The evaluator in double precision: it only tells where to look."""
        found = self._evaluators.get((scope, -1))
        if found is None:
            found = Evaluator(scope, ProbeField(), self.points.double, None)
            found.functions = DeclaredFunctions(self.points.seed, found.field, scope.length)
            self._evaluators[scope, -1] = found
        return found


class Series:
    """The sheets of one kind in the order tried, with what was learned about where functions have values."""

    def __init__(self, seed: int, kind: Kind, length: Callable[[Dim], int]) -> None:
        self.seed = seed
        self.kind = kind
        self.length = length
        self.sheets: list[Sheet] = []
        self.failures: dict[str, int] = {}

    def sheet(self, k: int) -> Sheet:
        """Sheet ``k``: the first ones of either sign; later ones as the failures so far suggest."""
        while len(self.sheets) <= k:
            self.sheets.append(self._new(len(self.sheets)))
        return self.sheets[k]

    def _new(self, number: int) -> Sheet:
        new = Points(self.seed, number, self.kind, self.length)
        rng = Random(f"{self.seed}/{number}/styles")
        if number >= 3 and number % 2:
            new.any_style = Style(32, rng.choice(SCALES))
        for name, failures in self.failures.items():
            if failures >= 2:
                new.styles[name] = _style(failures, rng)
        return Sheet(new)

    def failed(self, names: list[str]) -> None:
        """An argument made of these variables left a domain."""
        for name in names:
            self.failures[name] = self.failures.get(name, 0) + 1

    def targeted(self, sheet: Sheet, point: int, count: int) -> Sheet:
        """A further sheet, of points near a given one."""
        return Sheet(Near(1000 + count, self.kind, (sheet.points, point)))

    def line(self, start: tuple[Sheet, int], end: tuple[Sheet, int]) -> Sheet:
        """A further sheet, of points on the line between two given ones, these included."""
        return Sheet(Between(2000, self.kind, (start[0].points, start[1]), (end[0].points, end[1])))

    def picked(self, found: Sequence[tuple[Sheet, int]]) -> Sheet:
        """A further sheet, of points that were found elsewhere."""
        kind = Kind(self.kind.exact, self.kind.branches, len(found))
        return Sheet(Picked(found[0][0].points, kind, [(s.points, k) for s, k in found]))


def _style(failures: int, rng: Random) -> Style:
    match failures:
        case 2:
            return Style(POSITIVE)
        case 3:
            return Style(NEGATIVE)
        case _:
            return Style(rng.choice((NEGATIVE, 32, 32, POSITIVE, POSITIVE)), rng.choice((-5, -3, -1, 0, 2, 4)))
