"""Random points: rationals of the signs and scales asked for, and matrices with declared properties."""

from __future__ import annotations

from dataclasses import dataclass
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
    """

    lean: int = 32
    scale: int = 0


GENERIC = Style()
POSITIVE = 64
NEGATIVE = 0


def draw(rng: Random, symbol: Symbol, lengths: tuple[int, ...], style: Style, whole: int = WHOLE) -> Any:
    """A value for ``symbol``, honouring its traits: a number, or an array of numbers."""
    traits = symbol.traits
    if "simplex" in traits and len(lengths) == 1:
        return _simplex(rng, lengths[0], whole)
    if "positive-definite" in traits and len(lengths) == 2:
        return _positive_definite(rng, lengths[0], style, whole)
    if "positive" in traits:
        style = Style(POSITIVE, style.scale)
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
    bits = rng.getrandbits(BITS + 7)
    size = bits >> 6 | 1
    sign = 1 if bits & 63 < style.lean else -1
    if style.scale >= 0:
        return fmpq(sign * size << style.scale, whole)
    return fmpq(sign * size, whole << -style.scale)


def _simplex(rng: Random, n: int, whole: int) -> Any:
    """Positive numbers that sum to 1: the lengths between random cuts."""
    cuts: set[int] = set()
    while len(cuts) < n - 1:
        cuts.add(rng.randrange(1, whole))
    marks = [0, *sorted(cuts), whole]
    data = np.empty(n, dtype=object)
    data[:] = [fmpq(b - a, whole) for a, b in pairwise(marks)]
    return data


def _positive_definite(rng: Random, n: int, style: Style, whole: int) -> Any:
    """B Bᵀ + I/2 for a random B, scaled."""
    numbers = np.empty(n * n, dtype=object)
    numbers[:] = [_number(rng, GENERIC, whole) for _ in range(n * n)]
    b = numbers.reshape(n, n)
    half = np.empty((n, n), dtype=object)
    half[...] = fmpq(0)
    for k in range(n):
        half[k, k] = fmpq(1, 2)
    found = b @ b.T + half
    return found * _power_of_two(style.scale) if style.scale else found


def _power_of_two(k: int) -> Any:
    return fmpq(1 << k) if k >= 0 else fmpq(1, 1 << -k)
