"""Lines of points, limits along them, and where a function has none: what is seen of a reference from outside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Point = dict[str, Floats]

BREAK = 1e-3
"""How far two slopes, or two values, are from each other where there is no derivative."""

MARKS = np.linspace(0, 1, 65)
"""Where a line is looked at."""

NARROW, BEND = 2.0**-30, 2.0**-18
"""The part of a line within which a zero is found, and within which a bend is."""


class Line:
    """The points between two, ``line(0)`` and ``line(1)``."""

    def __init__(self, start: Point, end: Point) -> None:
        self.start, self.end = start, end

    def __call__(self, t: float) -> Point:
        return {name: np.array(data + t * (self.end[name] - data)) for name, data in self.start.items()}

    def crossings(self, f: Callable[[float], float]) -> Iterator[tuple[float, float]]:
        """Where ``f`` is 0: one place twice, or two places, one on each side."""
        values = [f(t) for t in MARKS]
        for (a, u), (b, v) in pairwise(zip(MARKS, values, strict=True)):
            if u == 0:
                yield a, a
            if not u * v < 0:
                continue
            while b - a > NARROW:
                t = (a + b) / 2
                w = f(t)
                a, b, u = (t, t, w) if w == 0 else (t, b, w) if w * u > 0 else (a, t, u)
            yield a, b

    def bends(self, f: Callable[[float], float]) -> Iterator[float]:
        """Where ``f`` has a kink or jumps, of the places where its slope changes most."""
        values = np.array([f(t) for t in MARKS])
        changes = np.nan_to_num(np.abs(np.diff(values, 2)), posinf=0, nan=0)
        for k in np.argsort(changes)[-5:]:
            a, b = MARKS[k], MARKS[k + 2]
            change, steepest = 0.0, 0.0
            while b - a > BEND:
                places = np.linspace(a, b, 5)
                slopes = np.diff([f(t) for t in places]) / np.diff(places)
                if not np.isfinite(slopes).all():
                    break
                changing = np.abs(np.diff(slopes))
                most = int(np.argmax(changing))
                change, steepest = float(changing[most]), float(np.max(np.abs(slopes)))
                a, b = places[most], places[most + 2]
            else:
                if change > BREAK * 10 * (1 + steepest):
                    yield (a + b) / 2


def limit(f: Callable[[float], Floats], ratio: int) -> tuple[Floats, float]:
    """The limit of f(h) as h becomes 0, by Richardson's extrapolation, and an estimate of its error.

    ``ratio`` is 4 where the error of f(h) has even powers of h only, else 2.
    """
    best = np.asarray(f(2.0**-1))
    error = np.full(best.shape, np.inf)
    before: list[Floats] = []
    for k in range(2, 17):
        row = [f(2.0**-k)]
        for j, older in enumerate(before):
            row.append(row[j] + (row[j] - older) / (ratio ** (j + 1) - 1))
            new = np.maximum(np.abs(row[-1] - row[j]), np.abs(row[-1] - older))
            best, error = np.where(new < error, row[-1], best), np.where(new < error, new, error)
        before = row
    return best, float(np.max(error, initial=0))


def slope_at(f: Callable[[float], Floats], side: int) -> tuple[Floats, float]:
    """The derivative of f at 0 from the left (-1) or from the right (1), and an estimate of its error."""
    return limit(lambda h: (f(2 * side * h) - f(side * h)) / (side * h), 2)


def breaks(f: Callable[[float], Floats]) -> bool:
    """Whether f has no derivative at 0: it jumps there, or its slopes differ, or have no limit."""
    limits = [limit(lambda h, side=side: f(side * h), 2) for side in (-1, 1)]  # type: ignore[misc]
    left, right = (slope_at(f, side) for side in (-1, 1))
    if not all(error < BREAK for _, error in (*limits, left, right)):
        return True
    apart = [np.abs(value - f(0)) for value, _ in limits] + [np.abs(left[0] - right[0])]
    return bool(np.max(apart, initial=0) > BREAK)
