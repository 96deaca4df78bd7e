"""Two arrays side by side: where they are equal, where they differ, and where that cannot be told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import flint
import numpy as np

from derivgen.check.evaluator import BATCH
from derivgen.check.labelled import Labels
from derivgen.turns import turns

EQUAL, DIFFERENT, TOO_WIDE, NO_VALUE = range(4)


@dataclass(frozen=True, slots=True)
class Difference:
    """A place at which the sides differ: the labels of its axes, its position along all axes, both values."""

    labels: Labels
    position: tuple[int, ...]
    left: Any
    right: Any

    @property
    def point(self) -> int:
        """Which point of the sheet it is."""
        return self.position[self.labels.index(BATCH)] if BATCH in self.labels else 0


def all_equal(a: Any, b: Any) -> bool:
    """Whether all rationals are equal."""
    same = a == b
    return bool(same.all()) if isinstance(same, np.ndarray) else bool(same)


def exact_codes(a: Any, b: Any) -> Any:
    """DIFFERENT or EQUAL for each pair of rationals."""
    return np.asarray(a != b).astype(np.int8)


def ball_codes(a: Any, b: Any, bits: int) -> Any:
    """For each pair of balls what can be said of the numbers inside, where equal means: to so many bits."""
    return np.asarray(_pairs(bits)(a, b)).astype(np.int8)


@lru_cache(maxsize=16)
def _pairs(bits: int) -> Any:
    narrow = flint.arb(2) ** -bits
    nothing = narrow * narrow

    def one_pair(a: Any, b: Any) -> int:
        if a.rel_accuracy_bits() > bits + 1 < b.rel_accuracy_bits() and a.overlaps(b) and a.is_finite():
            return EQUAL  # what nearly all pairs are: each is known to so many bits of its own size
        difference = a - b
        if not difference.is_finite():
            return NO_VALUE
        if not difference.contains(0):
            return DIFFERENT
        # a wide ball contains 0 whatever the numbers are: only a narrow one says that they are equal
        scale = max(abs(a).upper(), abs(b).upper())
        return EQUAL if difference.rad() <= scale * narrow or scale <= nothing else TOO_WIDE

    return np.frompyfunc(one_pair, 2, 1)


def first_difference(codes: Any, labels: Labels, a: Any, b: Any) -> Difference:
    """The first place at which the sides are known to differ."""
    position = tuple([int(k) for k in np.argwhere(codes == DIFFERENT)[0]])
    if not position:
        return Difference(labels, (), a, b)
    return Difference(
        labels, position, np.broadcast_to(a, codes.shape)[position], np.broadcast_to(b, codes.shape)[position]
    )


def good_points(codes: Any, labels: Labels, points: int) -> Any:
    """At which points of the sheet all entries are known to be equal."""
    if BATCH not in labels:
        return np.full(points, (codes == EQUAL).all())
    by_point = np.moveaxis(codes, labels.index(BATCH), 0).reshape(points, -1)
    return (by_point == EQUAL).all(axis=1)


DOUBLE = 53
"""The bits of a float."""


def _as_float(u: Any) -> float:
    return float(flint.arb(u) if isinstance(u, flint.fmpq) else u.mid())


_each_float: Any = np.frompyfunc(_as_float, 1, 1)


def as_floats(data: Any) -> Any:
    """Rationals, or the midpoints of balls, as floats."""
    with precise(DOUBLE):
        return np.asarray(_each_float(data), dtype=float)


def two_texts(a: Any, b: Any) -> tuple[str, str]:
    """Both values, with as many digits as tell them apart."""
    x, y = map(float, as_floats([a, b]))
    for digits in (6, 10, 15):
        left, right = f"{x:.{digits}g}", f"{y:.{digits}g}"
        if left != right:
            return left, right
    with precise(1024):
        for digits in (30, 60, 120, 300):
            left, right = (str(flint.arb(u).str(digits, radius=False)) for u in (a, b))
            if left != right:
                break
    return left, right


_turn = turns()


@contextmanager
def precise(bits: int) -> Iterator[None]:
    """Balls of so many bits: nothing is computed in balls, and no rational made one, but inside.

    The whole process has one precision, that of flint, so one thread at a time is inside; another waits, which is no
    processor time of its own.
    """
    with _turn:
        before = flint.ctx.prec
        flint.ctx.prec = bits
        try:
            yield
        finally:
            flint.ctx.prec = before
