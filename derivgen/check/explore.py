"""A look at many points in double precision, for those at which the sides may differ or a branch be met from its other
side. Nothing is decided here: what is found is computed again, exactly or in balls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import Any

import numpy as np

from derivgen.check.branches import NO, YES, Which
from derivgen.check.constants import Constants
from derivgen.check.evaluator import BATCH
from derivgen.check.fields import Condition
from derivgen.check.labelled import Arr, TooLarge, spread, union
from derivgen.check.scope import Scope
from derivgen.check.sheets import Between, Kind, Near, Points, Probes, Sheet
from derivgen.errors import CheckError
from derivgen.expr import Symbol

Place = tuple[Sheet, int]

PROBES, MANY = 96, 320
"""How many probes a sheet has; many where the variables have few entries together."""

FEW_ENTRIES = 12

MOST = 4
"""How many suspicious points are handed on, of those that differ most and of those that differ most by their size."""

SUSPICIOUS = 1e-7

CLIMBS = 10
"""How often a search goes on from the best point so far."""

BORDERS = 3
"""How many borders are looked at closely, for what lies near them."""

FINEST = 60
"""At how many powers of two less than a coordinate its neighbours are tried."""

_CLIMB, _BORDER = 5000, 7000


class Explorer:
    """Probes of two expressions in one scope."""

    def __init__(self, seed: int, scope: Scope, sides: tuple[int, int], known: Constants) -> None:
        self.seed = seed
        self.scope = scope
        self.sides = sides
        self.rank = scope.pool.nodes[sides[0]].shape.rank
        self.known = known
        symbols = [scope.pool.nodes[k] for k in scope.pool.under(*sides, also=scope.defined)]
        entries = sum(prod(scope.lengths(e.shape.axes)) for e in symbols if isinstance(e, Symbol))
        self.count = MANY if entries <= FEW_ENTRIES else PROBES
        self.sheets: list[Sheet] = []
        self._conditions: list[dict[Which, Any]] = []
        self._differences: list[Any] = []

    def look(self, sheets: int) -> None:
        """Draw probes of all kinds."""
        for k in range(sheets):
            self._add(Probes(self.seed, 9000 + k, self.scope.length, self.known, self.count))

    def suspicious(self) -> list[Place]:
        """The points at which the sides differ most, as far as doubles can tell."""
        found: dict[tuple[int, int], Place] = {}
        for s, differences in enumerate(self._differences):
            for one in differences:
                for k in np.argsort(-one)[:MOST]:
                    if one[k] > SUSPICIOUS:
                        found.setdefault((s, int(k)), (self.sheets[s], int(k)))
        return list(found.values())[: 2 * MOST]

    def on_side(self, key: Which, side: int) -> list[Place]:
        """Points at which the condition ``key`` is on a side."""
        found: list[Place] = []
        for sheet, conditions in zip(self.sheets, self._conditions, strict=True):
            if key in conditions:
                values = conditions[key]
                met = (values > 0) if side == YES else (values <= 0)
                found += [(sheet, int(k)) for k in np.flatnonzero(met.any(axis=1))[:2]]
        return found[:2]

    def search(self, key: Which, side: int) -> list[Place]:
        """Points on a side that no probe so far is on: uphill from the best, then close to the borders of others."""
        for found in self._climb(key, side):
            if found:
                return found
        for _ in self.borders([other for other in self.conditions if other != key]):
            found = self.on_side(key, side)
            if found:
                return found
        return []

    @property
    def conditions(self) -> list[Which]:
        """The conditions that were met, in the order in which they are asked for."""
        return list(self._conditions[0]) if self._conditions else []

    def _climb(self, key: Which, side: int) -> Iterator[list[Place]]:
        best, height = self._best(key, side)
        for k in range(CLIMBS):
            if best is None:
                return
            number = _CLIMB + 100 * (len(self.sheets) % 100) + k
            self._add(Near(number, Kind(False, True, self.count), (best[0].points, best[1]), FINEST if k % 2 else 9))
            yield self.on_side(key, side)
            best, higher = self._best(key, side)
            if higher <= height and k > 2:
                return
            height = higher

    def borders(self, keys: Sequence[Which]) -> Iterator[None]:
        """Points closer and closer to where conditions change, on both sides of them."""
        for key in keys[:BORDERS]:
            ends = self._ends(key)
            for k in range(9):
                if ends is None:
                    break
                number = _BORDER + 100 * (len(self.sheets) % 100) + k
                first, second = ((sheet.points, place) for sheet, place in ends)
                self._add(Between(number, Kind(False, True, 33), first, second))
                yield
                ends = self._change(key)

    def _ends(self, key: Which) -> tuple[Place, Place] | None:
        """The points nearest to where a condition changes, one on each side of it."""
        nearest: list[Place | None] = [None, None]
        least = [np.inf, np.inf]
        for sheet, conditions in zip(self.sheets, self._conditions, strict=True):
            values = conditions.get(key)
            if values is None or not values.size:
                continue
            for k, on in enumerate((values > 0, values <= 0)):
                distance = np.where(on, np.abs(values), np.inf).min(axis=1)
                point = int(np.argmin(distance))
                if distance[point] < least[k]:
                    least[k], nearest[k] = float(distance[point]), (sheet, point)
        yes, no = nearest
        return (yes, no) if yes is not None and no is not None else None

    def _change(self, key: Which) -> tuple[Place, Place] | None:
        """Neighbours on the last sheet between which an entry of a condition changes its sign."""
        values = self._conditions[-1].get(key)
        if values is None:
            return None
        changes = np.argwhere((values[1:] > 0) != (values[:-1] > 0))
        if not len(changes):
            return None
        row = int(changes[0][0])
        return (self.sheets[-1], row), (self.sheets[-1], row + 1)

    def _best(self, key: Which, side: int) -> tuple[Place | None, float]:
        """The point at which a condition is nearest to a side, and how near: larger is nearer."""
        best: Place | None = None
        height = -np.inf
        for sheet, conditions in zip(self.sheets, self._conditions, strict=True):
            values = conditions.get(key)
            if values is None or not values.size:
                continue
            upward = np.where(np.isfinite(values), values if side == YES else -values, -np.inf).max(axis=1)
            k = int(np.argmax(upward))
            if upward[k] > height:
                best, height = (sheet, k), float(upward[k])
        return best, height

    def _add(self, points: Points) -> None:
        sheet = Sheet(points)
        with np.errstate(all="ignore"):
            evaluator = sheet.probe(self.scope)
            try:
                x, y = (evaluator.value(side).value for side in self.sides)
                differences = _differences(x, y, self.rank, points.kind.points)
            except TooLarge:
                raise
            except (ArithmeticError, ValueError, CheckError):
                return
        self.sheets.append(sheet)
        self._differences.append(differences)
        self._conditions.append(
            {
                key: _by_point(condition, points.kind.points)
                for at_site in evaluator.field.conditions.values()
                for key, condition in at_site.items()
            }
        )


def _by_point(condition: Condition, points: int) -> Any:
    """The values of a condition, a row for each point; nan where it has none."""
    data = np.asarray(condition.data, dtype=float)
    if BATCH not in condition.labels:
        return np.broadcast_to(data.reshape(1, -1), (points, data.size))
    return np.moveaxis(data, condition.labels.index(BATCH), 0).reshape(points, -1)


def _differences(x: Arr, y: Arr, rank: int, points: int) -> Sequence[Any]:
    """Of each point how far the sides are apart, beside 1 and beside their own size."""
    labels = union((BATCH,), union(x.labels, y.labels))
    a, b = (np.asarray(spread(u, labels, rank), dtype=float) for u in (x, y))
    apart, size = np.abs(a - b), np.abs(a) + np.abs(b)
    with np.errstate(all="ignore"):
        both = [apart / (1 + size), apart / size]
    return [
        np.broadcast_to(np.nan_to_num(d, nan=0.0, posinf=0.0), np.broadcast_shapes(d.shape, (points,) + (1,) * (d.ndim - 1)))
        .reshape(points, -1).max(axis=1, initial=0.0)
        for d in both
    ]  # fmt: skip
