"""Whether every branch of a tree was seen from both sides, and where to look for the other side."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from derivgen.check.compare import DOUBLE, as_floats, precise
from derivgen.check.evaluator import BATCH
from derivgen.check.fields import Condition
from derivgen.check.labelled import spread, union
from derivgen.check.scope import Scope
from derivgen.check.sheets import SampleBatch

Which = tuple[int, int]
"""A condition: the number of the operation that branches, and which of its conditions it is."""

YES, NO = 1, 2
BOTH = YES | NO


def conditions(scope: Scope, sheet: SampleBatch, sites: frozenset[int]) -> dict[Which, Condition]:
    """The values of the conditions at the points of a sheet."""
    found: dict[Which, Condition] = {}
    for evaluator in sheet.evaluators(scope):
        for site in sites:
            found.update(evaluator.field.conditions.get(site, {}))
    return found


def sides_seen(scope: Scope, sheets: list[SampleBatch], sites: frozenset[int]) -> dict[Which, int]:
    """For each condition the sides that were met."""
    seen: dict[Which, int] = {}
    for sheet in sheets:
        for key, condition in conditions(scope, sheet, sites).items():
            seen[key] = seen.get(key, 0) | (condition.sides or _look(condition))
    return seen


def _look(condition: Condition) -> int:
    condition.sides = YES * int(np.any(condition.data > 0)) | NO * int(np.any(condition.data <= 0))
    return condition.sides


def likeness(condition: Condition) -> tuple[float, ...]:
    """What a condition has in common with the same one elsewhere: its values, up to a factor."""
    if condition.likeness is None:
        sizes = np.abs(as_floats(condition.data)).reshape(-1)
        largest = sizes.max()
        if not np.isfinite(largest):  # beyond what a float holds
            entries = np.reshape(condition.data, -1)
            with precise(DOUBLE):
                sizes, largest = np.abs(as_floats(entries / entries[0])), 1.0
        condition.likeness = tuple(sorted(set((sizes / largest).round(10).tolist()))) if largest > 0 else ()
    return condition.likeness


def nearest_point(scope: Scope, sheets: list[SampleBatch], key: Which) -> tuple[SampleBatch, int]:
    """The point at which a condition is nearest to changing sides."""
    best, found = np.inf, (sheets[0], 0)
    for sheet in sheets:
        condition = conditions(scope, sheet, frozenset((key[0],))).get(key)
        if condition is None or BATCH not in condition.labels:
            continue
        distance = np.abs(as_floats(condition.data))
        distance = np.moveaxis(distance, condition.labels.index(BATCH), 0)
        distance = distance.reshape(len(distance), -1).min(axis=1)  # of one point where it is the same at all
        point = int(np.argmin(distance))
        if distance[point] < best:
            best, found = float(distance[point]), (sheet, point)
    return found


@dataclass(frozen=True, slots=True)
class Bracket:
    """Two conditions whose signs went together at all points so far, and two points between which both change."""

    pair: frozenset[tuple[float, ...]]
    first: tuple[SampleBatch, int]
    second: tuple[SampleBatch, int]


def unseparated(scope: Scope, sheets: list[SampleBatch], sites: frozenset[int], known: set[Any]) -> Bracket | None:
    """Conditions that look like one, though their values say that they are two, if there are such.

    Of ``a > 0`` and ``a > 1`` both sides may be met, and yet no point between 0 and 1.
    """
    met = [conditions(scope, sheet, sites) for sheet in sheets]
    different: dict[tuple[float, ...], Which] = {}
    for key, condition in met[0].items():
        different.setdefault(likeness(condition), key)
    if len(different) < 2:
        return None
    for (one, a), (other, b) in combinations(different.items(), 2):
        pair = frozenset((one, other))
        if pair not in known:
            found = _bracket(sheets, [(m[a], m[b]) for m in met if a in m and b in m])
            if found is not None:
                return Bracket(pair, *found)
    return None


def _bracket(
    sheets: list[SampleBatch], pairs: list[tuple[Condition, Condition]]
) -> tuple[tuple[SampleBatch, int], tuple[SampleBatch, int]] | None:
    """Neighbouring points of one sheet between which an entry of both conditions changes its sign.

    None where the conditions are told apart, or where they have no entries in common.
    """
    if len(pairs) < len(sheets):
        return None
    signs: list[tuple[Any, Any]] = []
    alike = apart = False
    for a, b in pairs:
        both = _signs(a, b)
        if both is None:
            return None
        same = both[0] == both[1]
        alike, apart = alike or bool(same.any()), apart or not same.all()
        if alike and apart:
            return None
        signs.append(both)
    for sheet, (x, y) in reversed(list(zip(sheets, signs, strict=True))):
        points = np.broadcast_to(x, np.broadcast_shapes(x.shape, y.shape)).reshape(sheet.kind.points, -1)
        changes = np.argwhere(points[1:] != points[:-1])
        if len(changes):
            row = int(changes[0][0])
            return (sheet, row), (sheet, row + 1)
    return None


def _signs(a: Condition, b: Condition) -> tuple[Any, Any] | None:
    """The signs of both, the axis of points first, and with as many axes."""
    if BATCH not in a.labels or BATCH not in b.labels:
        return None
    labels = union((BATCH,), union(a.labels, b.labels))
    rank = max(a.rank, b.rank)
    if a.rank and b.rank and a.own != b.own:
        return None
    return spread(a, labels, rank) > 0, spread(b, labels, rank) > 0
