"""Random points: dyadic rationals, of the signs and scales asked for, and matrices with declared properties."""

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
"""A number is one of 2^BITS dyadic rationals of each sign, all of which are floats too."""


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


def draw(rng: Random, symbol: Symbol, lengths: tuple[int, ...], style: Style) -> Any:
    """A value for ``symbol``, honouring its traits: a number, or an array of numbers."""
    traits = symbol.traits
    if "simplex" in traits and len(lengths) == 1:
        return _simplex(rng, lengths[0])
    if "positive-definite" in traits and len(lengths) == 2:
        return _positive_definite(rng, lengths[0], style)
    if "positive" in traits:
        style = Style(POSITIVE, style.scale)
    if not lengths:
        return _number(rng, style)
    data = np.empty(prod(lengths), dtype=object)
    data[:] = [_number(rng, style) for _ in range(len(data))]
    data = data.reshape(lengths)
    if "symmetric" in traits and len(lengths) == 2:
        lower = np.tril_indices(lengths[0], -1)
        data[lower] = data.T[lower]
    if "diagonal" in traits and len(lengths) == 2:
        data[~np.eye(lengths[0], dtype=bool)] = fmpq(0)
    return data


def _number(rng: Random, style: Style) -> Any:
    """One of 2^BITS numbers between 0 and 2 (times the scale), with a sign; never 0."""
    bits = rng.getrandbits(BITS + 7)
    size = bits >> 6 | 1
    sign = 1 if bits & 63 < style.lean else -1
    if style.scale >= 0:
        return fmpq(sign * size << style.scale, 1 << BITS)
    return fmpq(sign * size, 1 << (BITS - style.scale))


def _simplex(rng: Random, n: int) -> Any:
    """Positive numbers that sum to 1: the lengths between random cuts."""
    whole = 1 << BITS
    cuts: set[int] = set()
    while len(cuts) < n - 1:
        cuts.add(rng.randrange(1, whole))
    marks = [0, *sorted(cuts), whole]
    data = np.empty(n, dtype=object)
    data[:] = [fmpq(b - a, whole) for a, b in pairwise(marks)]
    return data


def _positive_definite(rng: Random, n: int, style: Style) -> Any:
    """B Bᵀ + I/2 for a random B."""
    numbers = np.empty(n * n, dtype=object)
    numbers[:] = [_number(rng, GENERIC) for _ in range(n * n)]
    b = numbers.reshape(n, n)
    half = np.empty((n, n), dtype=object)
    half[...] = fmpq(0)
    for k in range(n):
        half[k, k] = fmpq(1, 2)
    return b @ b.T + half
