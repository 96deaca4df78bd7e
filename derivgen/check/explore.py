"""A look at many points in double precision, for those at which the sides may differ or a branch be met from its other
side. Nothing is decided here: what is found is computed again, exactly or in balls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from derivgen.check.branches import YES, Which
from derivgen.check.evaluator import BATCH, Evaluator
from derivgen.check.fields import Condition, ProbeField
from derivgen.check.functions import DeclaredFunctions
from derivgen.check.labelled import LabelledArray, TooLarge, spread, union
from derivgen.check.probes import Around, Lines, Probes, Scattered
from derivgen.check.scope import Scope
from derivgen.check.sides import Equality
from derivgen.errors import CheckError
from derivgen.expr import Partial

Place = tuple[Probes, int]
"""A point: where it was drawn, and which of these it is."""

FEWEST, MOST = 24, 1024
"""How many probes are drawn, at least and at most: as many as are computed in about the time of a usual check."""

NUMBERS = 60_000
"""How many numbers all expressions together may have at all probes."""

SUSPECTS = 4
"""How many suspicious points are handed on, of those that differ most and of those that differ most by their size."""

SUSPICIOUS = 1e-7

CLIMBS = 10
"""How often a search goes on from the best point so far."""

BORDERS = 4
"""How many borders are looked at closely, for what lies near them."""

ROUNDS, ON_A_LINE = 7, 65
"""How often a border is narrowed down, and how many points are looked at each time."""

_SCATTERED, _CLIMB, _BORDER = 9000, 5000, 7000


class Explorer:
    """Probes of two expressions in one scope."""

    def __init__(self, seed: int, scope: Scope, equality: Equality, equations: Sequence[int] = ()) -> None:
        self.seed = seed
        self.scope = scope
        self.equality = equality
        self.sides = equality.left, equality.right
        self.rank = scope.pool.nodes[equality.left].shape.rank
        self.equations = equations
        self.partial = False  # whether at a plain point one side alone has a value
        self.solved: dict[int, Place] = {}  # of an equation, a point at which it holds somewhere
        self.probes: list[Probes] = []
        self._conditions: list[dict[Which, Any]] = []
        self._differences: list[Any] = []

    def look(self, branches: int, many: bool, apart: bool = False) -> None:
        """Draw probes of all kinds: more of them where there is more to meet; if they are kept ``apart``, with no ties."""
        wanted = 64 if not branches else 512 if branches == 1 else MOST
        wanted = wanted if many else max(FEWEST, wanted // 4)
        count = max(FEWEST, min(wanted, NUMBERS // self.scope.weight(self.equality.parts)))
        # at kinks a derivative is a convention: where there is one no point is drawn there on purpose
        nodes = self.scope.pool.nodes
        moving = apart or any(nodes[k].kinds & Partial.bit for k in self.equality.parts)
        self._add(Scattered(self.seed, _SCATTERED, self.scope.length, count, self.equality.known, moving))

    @property
    def conditions(self) -> list[Which]:
        """The conditions that were met, in the order in which they are asked for."""
        return list(self._conditions[0]) if self._conditions else []

    def suspicious(self) -> list[Place]:
        """The points at which the sides differ most, as far as doubles can tell."""
        found: dict[tuple[int, int], Place] = {}
        for s, differences in enumerate(self._differences):
            for one in differences:
                for k in np.argsort(-one)[:SUSPECTS]:
                    if one[k] > SUSPICIOUS:
                        found.setdefault((s, int(k)), (self.probes[s], int(k)))
        return list(found.values())[: 2 * SUSPECTS]

    def on_side(self, key: Which, side: int) -> list[Place]:
        """Points at which the condition ``key`` is on a side."""
        found: list[Place] = []
        for probes, conditions in zip(self.probes, self._conditions, strict=True):
            if key in conditions:
                values = conditions[key]
                met = (values > 0) if side == YES else (values <= 0)
                found += [(probes, int(k)) for k in np.flatnonzero(met.any(axis=1))[:2]]
        return found[:2]

    def doubt(self, key: Which, places: Sequence[Place]) -> None:
        """Forget values of a condition that were seen to be wrong, and those as large or larger: they are rounding errors."""
        least = np.inf
        for probes, row in places:
            values = self._conditions[self.probes.index(probes)][key][row]
            least = min(least, float(np.nanmin(np.abs(values))))
        for conditions in self._conditions:
            if key in conditions:
                values = np.array(conditions[key])
                values[(np.abs(values) >= least).any(axis=1)] = np.nan
                conditions[key] = values

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

    def borders(self, keys: Sequence[Which]) -> Iterator[None]:
        """Points closer and closer to where conditions change, on both sides of them."""
        found = [(key, self._ends(key, plain)) for key in keys[:BORDERS] for plain in (True, False)]
        ends = [(key, e) for key, e in found if e is not None]
        for k in range(ROUNDS):
            if not ends:
                return
            if not self._add(Lines(_BORDER + 100 * (len(self.probes) % 100) + k, ON_A_LINE, [e for _, e in ends])):
                return
            yield
            closer = [(key, self._change(key, place * ON_A_LINE)) for place, (key, _) in enumerate(ends)]
            ends = [(key, e) for key, e in closer if e is not None]

    def _climb(self, key: Which, side: int) -> Iterator[list[Place]]:
        best, height = self._best(key, side)
        for k in range(CLIMBS):
            if best is None:
                return
            self._add(Around(_CLIMB + 100 * (len(self.probes) % 100) + k, self.probes[0].count, best))
            yield self.on_side(key, side)
            best, higher = self._best(key, side)
            if higher <= height and k > 2:
                return
            height = higher

    def _ends(self, key: Which, plain: bool) -> tuple[Place, Place] | None:
        """The points nearest to where a condition changes, one on each side of it; of the plain ones or of all."""
        nearest: list[Place | None] = [None, None]
        least = [np.inf, np.inf]
        for probes, conditions in zip(self.probes, self._conditions, strict=True):
            values = conditions.get(key)
            values = values[: probes.plain] if plain and values is not None else values
            if values is None or not values.size:
                continue
            for k, on in enumerate((values > 0, values <= 0)):
                distance = np.where(on, np.abs(values), np.inf).min(axis=1)
                point = int(np.argmin(distance))
                if distance[point] < least[k]:
                    least[k], nearest[k] = float(distance[point]), (probes, point)
        yes, no = nearest
        return (yes, no) if yes is not None and no is not None else None

    def _change(self, key: Which, first: int) -> tuple[Place, Place] | None:
        """Neighbours on a line of the last probes between which an entry of a condition changes its sign."""
        values = self._conditions[-1].get(key)
        if values is None:
            return None
        values = values[first : first + ON_A_LINE]
        changes = np.argwhere((values[1:] > 0) != (values[:-1] > 0))
        if not len(changes):
            return None
        row = first + int(changes[0][0])
        return (self.probes[-1], row), (self.probes[-1], row + 1)

    def _best(self, key: Which, side: int) -> tuple[Place | None, float]:
        """The point at which a condition is nearest to a side, and how near: larger is nearer."""
        best: Place | None = None
        height = -np.inf
        for probes, conditions in zip(self.probes, self._conditions, strict=True):
            values = conditions.get(key)
            if values is None or not values.size:
                continue
            upward = np.where(np.isfinite(values), values if side == YES else -values, -np.inf).max(axis=1)
            k = int(np.argmax(upward))
            if upward[k] > height:
                best, height = (probes, k), float(upward[k])
        return best, height

    def _solve(self, equation: int, evaluator: Evaluator, probes: Probes) -> None:
        """Remember a point at which an equation holds."""
        if equation in self.solved:
            return
        first, second = (evaluator.value(kid).value for kid in self.scope.pool.kids[equation])
        found = np.flatnonzero(_holds(first, second, probes.count))
        if len(found):
            self.solved[equation] = probes, int(found[0])

    def _add(self, probes: Probes) -> bool:
        """Compute the sides at probes; whether that succeeds."""
        evaluator = Evaluator(self.scope, ProbeField(), probes.double, None)
        evaluator.functions = DeclaredFunctions(self.seed, evaluator.field, self.scope.length)
        with np.errstate(all="ignore"):
            try:
                x, y = (evaluator.value(side).value for side in self.sides)
                differences = _differences(x, y, self.rank, probes.count)
                self.partial = self.partial or _one_alone(x, y, self.rank, probes)
            except TooLarge:
                raise
            except (ArithmeticError, ValueError, CheckError):
                return False
            for equation in self.equations:
                self._solve(equation, evaluator, probes)
        self.probes.append(probes)
        self._differences.append(differences)
        self._conditions.append(
            {
                key: _by_point(condition, probes.count)
                for at_site in evaluator.field.conditions.values()
                for key, condition in at_site.items()
            }
        )
        return True


def _one_alone(x: LabelledArray, y: LabelledArray, rank: int, probes: Probes) -> bool:
    labels = union((BATCH,), union(x.labels, y.labels))
    a, b = (np.isnan(np.asarray(spread(u, labels, rank), dtype=float)) for u in (x, y))
    alone = np.atleast_1d(a != b)
    return bool(alone[: probes.plain].any()) if len(alone) == probes.count else bool(probes.plain and alone.any())


def _holds(u: LabelledArray, v: LabelledArray, points: int) -> Any:
    """At which points two arrays are equal in some entry."""
    labels = union((BATCH,), union(u.labels, v.labels))
    rank = max(u.rank, v.rank)
    alike = np.asarray(spread(u, labels, rank) == spread(v, labels, rank))
    alike = np.broadcast_to(alike, np.broadcast_shapes(alike.shape, (points,) + (1,) * (alike.ndim - 1)))
    return alike.reshape(points, -1).any(axis=1)


def _by_point(condition: Condition, points: int) -> Any:
    """The values of a condition, a row for each point; nan where it has none."""
    data = np.asarray(condition.data, dtype=float)
    if BATCH not in condition.labels:
        return np.broadcast_to(data.reshape(1, -1), (points, data.size))
    return np.moveaxis(data, condition.labels.index(BATCH), 0).reshape(points, -1)


def _differences(x: LabelledArray, y: LabelledArray, rank: int, points: int) -> Sequence[Any]:
    """Of each point how far the sides are apart, beside 1 and beside their own size."""
    labels = union((BATCH,), union(x.labels, y.labels))
    a, b = (np.asarray(spread(u, labels, rank), dtype=float) for u in (x, y))
    apart, size = np.abs(a - b), np.abs(a) + np.abs(b)
    found = []
    for one in (apart / (1 + size), apart / size):
        told = np.nan_to_num(one, nan=0.0, posinf=0.0)
        told = np.broadcast_to(told, np.broadcast_shapes(told.shape, (points,) + (1,) * (told.ndim - 1)))
        found.append(told.reshape(points, -1).max(axis=1, initial=0.0))
    return found
