"""Arrays of numbers over free indices and axes of their own, and the products of such arrays.

An axis of an array is either its own (the second axis of a matrix) or belongs to a label: a free index, a direction of
differentiation, the number of the sample point. Labels are small integers, and their axes come first. Arrays are
combined label with label, so that nobody needs to count axes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from derivgen.errors import CheckError

Labels = tuple[int, ...]

LARGEST = 400_000
LARGEST_OF_FLOATS = 20_000_000
"""How many numbers one array may have, of objects and of floats: more would not end within seconds, or not fit."""


class TooLarge(CheckError):
    """An array that is too large to be computed number by number."""


class LabelledArray:
    """Numbers ``data`` with one leading axis for each label. A single number without labels is no ndarray."""

    __slots__ = ("data", "labels")

    def __init__(self, labels: Labels, data: Any) -> None:
        self.labels = labels
        self.data = data

    @property
    def rank(self) -> int:
        """The number of own axes."""
        return self.data.ndim - len(self.labels) if isinstance(self.data, np.ndarray) else 0

    @property
    def own(self) -> tuple[int, ...]:
        """The lengths of the own axes."""
        return self.data.shape[len(self.labels) :] if isinstance(self.data, np.ndarray) else ()


def bare(data: Any) -> Any:
    """A number instead of an array without axes."""
    return data[()] if isinstance(data, np.ndarray) and data.ndim == 0 else data


@lru_cache(maxsize=1024)
def union(a: Labels, b: Labels) -> Labels:
    """The labels of both, each once."""
    return a + tuple([label for label in b if label not in a])


@lru_cache(maxsize=1024)
def _spreading(have: Labels, own: int, want: Labels, rank: int) -> tuple[Labels | None, tuple[Any, ...] | None]:
    """How axes (labels ``have``, then ``own`` more) are moved to stand as ``want``, then ``rank`` more."""
    moved = [have.index(label) for label in want if label in have] + list(range(len(have), len(have) + own))
    index: list[Any] = [slice(None) if label in have else None for label in want]
    index += [slice(None)] * rank if own == rank else [None] * rank
    return (
        tuple(moved) if moved != sorted(moved) else None,
        tuple(index) if None in index else None,
    )


def spread(a: LabelledArray, want: Labels, rank: int) -> Any:
    """The numbers of ``a`` with axes for the labels ``want`` and ``rank`` own ones, of length 1 where it has none."""
    data = a.data
    if not isinstance(data, np.ndarray):
        return data
    own = data.ndim - len(a.labels)
    if a.labels == want and own == rank:
        return data
    order, index = _spreading(a.labels, own, want, rank)
    if order is not None:
        data = data.transpose(order)
    return data if index is None else data[index]


def paired(a: LabelledArray, b: LabelledArray) -> tuple[Labels, Any, Any]:
    """Common labels and the numbers of both, ready for entry-wise arithmetic."""
    x, y = a.data, b.data
    if not isinstance(x, np.ndarray):
        return b.labels, x, y
    if not isinstance(y, np.ndarray):
        return a.labels, x, y
    if a.labels == b.labels and x.ndim == y.ndim:
        return a.labels, x, y
    labels = union(a.labels, b.labels)
    rank = max(x.ndim - len(a.labels), y.ndim - len(b.labels))
    x, y = spread(a, labels, rank), spread(b, labels, rank)
    if x.size * y.size > LARGEST:
        refuse_large(np.broadcast_shapes(x.shape, y.shape), x.dtype)
    return labels, x, y


def refuse_large(shape: Sequence[int], dtype: Any) -> None:
    """Refuse to make an array that is too large."""
    count = math.prod(shape)
    if count > (LARGEST if np.dtype(dtype).hasobject else LARGEST_OF_FLOATS):
        raise TooLarge(f"an array of {count:,} numbers is too large to be computed")


def add(a: LabelledArray, b: LabelledArray) -> LabelledArray:
    """The sum of two arrays, entry by entry, their labels paired."""
    labels, x, y = paired(a, b)
    return LabelledArray(labels, x + y)


def subtract(a: LabelledArray, b: LabelledArray) -> LabelledArray:
    """The difference of two arrays, entry by entry, their labels paired."""
    labels, x, y = paired(a, b)
    return LabelledArray(labels, x - y)


def multiply(a: LabelledArray, b: LabelledArray) -> LabelledArray:
    """The product of two arrays, entry by entry, their labels paired."""
    labels, x, y = paired(a, b)
    return LabelledArray(labels, x * y)


@lru_cache(maxsize=1024)
def _subscripts(operands: tuple[tuple[Labels, str], ...], out: str) -> tuple[str, Labels]:
    labels: Labels = ()
    for have, _ in operands:
        labels = union(labels, have)
    name = {label: chr(ord("A") + k) for k, label in enumerate(labels)}
    # A long chain of products numbers its axes beyond z; here only a few of them meet.
    letters = dict.fromkeys("".join(own for _, own in operands) + out)
    short = {letter: chr(ord("a") + k) for k, letter in enumerate(letters)}
    operands = tuple((have, "".join(short[c] for c in own)) for have, own in operands)
    out = "".join(short[c] for c in out)
    inputs = ["".join(name[label] for label in have) + own for have, own in operands]
    return ",".join(inputs) + "->" + "".join(name[label] for label in labels) + out, labels


def contract(operands: Sequence[tuple[LabelledArray, str]], out: str) -> LabelledArray:
    """The sum of products in the manner of einsum; lower-case letters name own axes, labels are kept."""
    text, labels = _subscripts(tuple([(a.labels, own) for a, own in operands]), out)
    arrays = [a.data for a, _ in operands]
    first = arrays[0]
    if isinstance(first, np.ndarray) and first.dtype == object:
        if max(np.size(a) for a in arrays) > 64:
            _refuse_work(text, arrays)
        return LabelledArray(labels, bare(np.einsum(text, *arrays)))
    large = len(arrays) > 1 and max(np.size(a) for a in arrays) > 4096
    return LabelledArray(labels, bare(np.einsum(text, *arrays, optimize=large)))


def _refuse_work(text: str, arrays: list[Any]) -> None:
    lengths: dict[str, int] = {}
    for letters, a in zip(text.split("->")[0].split(","), arrays, strict=True):
        lengths.update(zip(letters, np.shape(a), strict=True))
    refuse_large(list(lengths.values()), object)


def expanded(a: LabelledArray, own: tuple[int, ...]) -> LabelledArray:
    """``a``, a scalar, expanded to own axes of the given lengths."""
    labels = a.labels
    data = spread(a, labels, len(own))
    if not isinstance(data, np.ndarray):
        filled = np.empty(own, dtype=object if not isinstance(data, float) else float)
        filled[...] = data
        return LabelledArray(labels, filled)
    return LabelledArray(labels, np.broadcast_to(data, data.shape[: len(labels)] + own))


def joined(a: LabelledArray, own: tuple[int, ...], axes: tuple[int, ...]) -> LabelledArray:
    """``a`` with its own axes, of lengths ``own``, joined to fewer; the last of those joined runs first."""
    data = a.data
    if not isinstance(data, np.ndarray) or data.ndim - len(a.labels) != len(own):
        return a  # the same everywhere
    return LabelledArray(a.labels, np.reshape(data, data.shape[: len(a.labels)] + axes))


def diagonals(data: Any, labels: Labels) -> tuple[Any, Labels]:
    """Axes with the same label joined to one, running along the diagonal."""
    done: list[int] = []
    for label in labels:
        if label in done:
            first = done.index(label)
            data = data.diagonal(0, first, len(done))
            last = data.ndim - 1
            data = data.transpose((*range(first), last, *range(first, last)))
        else:
            done.append(label)
    return data, tuple(done)
