"""Random points: rationals of the signs and scales asked for, and matrices with declared properties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import prod
from random import Random
from typing import Any

import numpy as np
from flint import fmpq

from derivgen.expr import Symbol

BITS = 52
"""A number is one of 2^BITS rationals of each sign."""

WHOLE = 1 << BITS
"""The denominator of exact points: sums of their coordinates stay short."""


def odd_whole(seed: int) -> int:
    """A denominator that belongs to ``seed`` and is prime to most numbers that are written down.

    Of dyadic coordinates the sine of 2⁵²πx is 0 at each; of these it is not, whatever the factor.
    """
    return WHOLE + 1 + 2 * Random(f"{seed}/whole").randrange(WHOLE // 2)


@dataclass(frozen=True, slots=True)
class Style:
    """How the entries of a variable are drawn.

    Attributes:
        lean: in how many cases of 64 an entry is positive.
        scale: the power of 2 by which it is scaled.
        spread: by how many powers of 2 more or less the entries may differ in size; the eigenvalues of a positive
            definite matrix, and the entries of a point of the simplex, too.
        about: numbers near which the entries are drawn, or between two of which.
    """

    lean: int = 32
    scale: int = 0
    spread: int = 0
    about: tuple[Fraction, ...] = ()


GENERIC = Style()
POSITIVE = 64
NEGATIVE = 0


def draw(rng: Random, symbol: Symbol, lengths: tuple[int, ...], style: Style, whole: int = WHOLE) -> Any:
    """A value for ``symbol``, honouring its traits: a number, or an array of numbers."""
    traits = symbol.traits
    if "simplex" in traits and len(lengths) == 1:
        return _simplex(rng, lengths[0], style, whole)
    if "positive-definite" in traits and len(lengths) == 2:
        return _positive_definite(rng, lengths[0], style, whole)
    if "positive" in traits:
        style = Style(POSITIVE, style.scale, style.spread, tuple([abs(c) for c in style.about]))
    if not lengths:
        return _number(rng, style, whole)
    data = np.empty(prod(lengths), dtype=object)
    data[:] = [_number(rng, style, whole) for _ in range(len(data))]
    data = data.reshape(lengths)
    if "symmetric" in traits and len(lengths) == 2:
        lower = np.tril_indices(lengths[0], -1)
        data[lower] = data.T[lower]
    if "diagonal" in traits and len(lengths) == 2:
        data[~np.eye(lengths[0], dtype=bool)] = fmpq(0)
    return data


def _number(rng: Random, style: Style, whole: int) -> Any:
    """One of 2^BITS numbers between 0 and 2 (times the scale), with a sign; never 0."""
    if style.about:
        return _near(rng, style.about, whole)
    bits = rng.getrandbits(BITS + 7)
    size = bits >> 6 | 1
    sign = 1 if bits & 63 < style.lean else -1
    scale = style.scale + (rng.randint(-style.spread, style.spread) if style.spread else 0)
    if scale >= 0:
        return fmpq(sign * size << scale, whole)
    return fmpq(sign * size, whole << -scale)


def _near(rng: Random, about: Sequence[Fraction], whole: int) -> Any:
    """A number beside one of those given, at any distance from it, or between two that are neighbours."""
    k = rng.randrange(len(about))
    centre = about[k]
    part = Fraction(rng.randrange(1, whole), whole)
    if k and rng.random() < 0.5:
        found = about[k - 1] + (centre - about[k - 1]) * part
    else:
        distance = (abs(centre) or 1) * part / 2 ** rng.choice((0, 1, 3, 6, 10, 15, 21, 28, 36, 45))
        found = centre + (distance if rng.random() < 0.5 else -distance)
    return fmpq(found.numerator, found.denominator)


def _simplex(rng: Random, n: int, style: Style, whole: int) -> Any:
    """Positive numbers that sum to 1: the lengths between random cuts; or near a corner, or near the centre."""
    data = np.empty(n, dtype=object)
    if style.spread:
        powers = [rng.randint(0, style.spread) if style.scale >= 0 else 0 for _ in range(n)]
        small = rng.randint(1, style.spread)
        weights = [
            (rng.randrange(1, whole) if style.scale >= 0 else (whole << small) + rng.randrange(whole)) << p
            for p in powers
        ]
        data[:] = [fmpq(w, sum(weights)) for w in weights]
        return data
    cuts: set[int] = set()
    while len(cuts) < n - 1:
        cuts.add(rng.randrange(1, whole))
    marks = [0, *sorted(cuts), whole]
    data[:] = [fmpq(b - a, whole) for a, b in pairwise(marks)]
    return data


def _positive_definite(rng: Random, n: int, style: Style, whole: int) -> Any:
    """B Bᵀ + I/2 for a random B, scaled; with a spread, rows and columns are scaled too, so that eigenvalues differ."""
    numbers = np.empty(n * n, dtype=object)
    numbers[:] = [_number(rng, GENERIC, whole) for _ in range(n * n)]
    b = numbers.reshape(n, n)
    half = np.empty((n, n), dtype=object)
    half[...] = fmpq(0)
    for k in range(n):
        half[k, k] = fmpq(1, 2)
    found = b @ b.T + half
    if style.spread:
        rows = np.empty(n, dtype=object)
        rows[:] = [_power_of_two(rng.randint(-style.spread, style.spread)) for _ in range(n)]
        found = rows[:, None] * found * rows
    return found * _power_of_two(style.scale) if style.scale else found


def _power_of_two(k: int) -> Any:
    return fmpq(1 << k) if k >= 0 else fmpq(1, 1 << -k)
