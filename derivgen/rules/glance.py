"""A look at the values of expressions in floats: what is nowhere equal need not be asked of the judge."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from math import prod
from random import Random
from typing import Any, NoReturn
from zlib import crc32

import numpy as np

from derivgen.catalog.base import Abstract
from derivgen.check.evaluator import Evaluator
from derivgen.check.fields import FloatField
from derivgen.check.labelled import LabelledArray, spread
from derivgen.check.pool import Pool
from derivgen.check.scope import Names, Scope
from derivgen.deadline import TooLong
from derivgen.errors import CheckError, DerivgenError
from derivgen.expr import At, Dim, Expr, Index, Symbol, walk

Floats = np.ndarray[Any, Any]
Values = tuple[tuple[Index, ...], Floats]
"""The free indices, in the order of their names, and the values with an axis for each of them before their own."""

LOOKS = 24
"""At how many points: some ties are met at one in five. At every other one all variables are positive, so that roots and
logarithms have values."""

FEWEST = 3
"""The length of axes of which no place is read by its number."""

MOST = 200_000
"""How many numbers an array may have to be looked at."""

CLOSE = 1e-9


def may_meet(u: Expr, v: Expr) -> bool | None:
    """Whether some entries of two expressions are about equal somewhere; None where that cannot be seen."""
    return _seen(u, v, lambda near, known: bool((near & known).any()))


def may_agree(u: Expr, v: Expr) -> bool | None:
    """Whether two expressions are about equal wherever both have a value."""
    found = _seen(u, v, lambda near, known: not bool((near | ~known).all()))
    return None if found is None else not found


def may_recur(array: Expr) -> bool | None:
    """Whether two entries of an array are about equal somewhere."""
    length = _length((array,))
    for k in range(LOOKS):
        found = _values(array, length, k)
        if found is None:
            return None
        indices, data = found
        rows = np.sort(data.reshape(prod(data.shape[: len(indices)]), -1), axis=1)
        if bool(_near(rows[:, 1:], rows[:, :-1]).any()):
            return True
    return False


def _seen(u: Expr, v: Expr, wanted: Any) -> bool | None:
    """Whether ``wanted`` is true of where two are near each other, and both known, at one of the points."""
    length = _length((u, v))
    for k in range(LOOKS):
        one, other = _values(u, length, k), _values(v, length, k)
        if one is None or other is None:
            return None
        x, y = _side_by_side(one, other)
        if wanted(_near(x, y), np.isfinite(x) & np.isfinite(y)):
            return True
    return False


def _near(x: Floats, y: Floats) -> Floats:
    with np.errstate(all="ignore"):
        return np.asarray(np.abs(x - y) <= CLOSE * (np.abs(x) + np.abs(y)))


def _side_by_side(one: Values, other: Values) -> tuple[Floats, Floats]:
    """Two arrays with the same axes, of length 1 where a free index does not occur; a scalar beside any array."""
    indices = sorted({*one[0], *other[0]}, key=lambda index: index.name)
    rank = max(data.ndim - len(free) for free, data in (one, other))
    out = []
    for free, data in (one, other):
        own = data.shape[len(free) :]
        lengths = [data.shape[free.index(i)] if i in free else 1 for i in indices]
        out.append(data.reshape((*lengths, *(1,) * (rank - len(own)), *own)))
    return out[0], out[1]


def _length(expressions: tuple[Expr, ...]) -> int:
    """A length that has every place that is read by its number."""
    places = [p for e in expressions for here in walk(e) if isinstance(here, At) for p in here.places]
    return FEWEST + max((p for p in places if isinstance(p, int)), default=0)


@lru_cache(maxsize=512)
def _values(e: Expr, length: int, k: int) -> Values | None:
    """The values at the k-th point, where every symbolic size is ``length`` or a little more, or all are 1."""
    pool = Pool()
    root = pool.number(e)
    single = length == FEWEST and k % 4 == 3  # where there is one entry, it is the mean of all
    sizes = {s: 1 if single else length + crc32(s.encode()) % 3 for d in pool.dims for s in d.symbols}
    if any(prod(_lengths(here.shape.axes, sizes)) > MOST for here in pool.nodes):
        return None
    scope = Scope(Names(pool), sizes)
    evaluator = Evaluator(
        scope, FloatField(), lambda s: LabelledArray((), _drawn(s, scope.lengths(s.shape.axes), k)), _no_value
    )
    indices = tuple(sorted(e.free, key=lambda index: index.name))
    try:
        with np.errstate(all="ignore"):
            found = evaluator.value(root).value
    except TooLong:
        raise  # another who asks has more time
    except (DerivgenError, ArithmeticError, ValueError, MemoryError):
        return None
    axes = scope.lengths([i.dim for i in indices]) + scope.lengths(e.shape.axes)
    data = spread(found, tuple(evaluator.label(i) for i in indices), len(e.shape.axes))
    return indices, np.array(np.broadcast_to(np.asarray(data, dtype=float), axes))


def _no_value(op: Abstract, *_: Any) -> NoReturn:
    raise CheckError(f"{op.name} is only declared")


def _lengths(axes: tuple[Dim, ...], sizes: dict[str, int]) -> Iterator[int]:
    return (prod(sizes[f] if isinstance(f, str) else f for f in d.factors) for d in axes)


def _drawn(x: Symbol, lengths: tuple[int, ...], k: int) -> Any:
    """A random value for a variable, of its kind."""
    rng = np.random.default_rng(Random(f"{x.name}/{k}").getrandbits(32))
    data = rng.normal(size=lengths)
    if k % 2 or "positive" in x.traits or "simplex" in x.traits:
        data = np.abs(data) + 0.1
    if "simplex" in x.traits:
        data = data / data.sum()
    if "positive-definite" in x.traits:
        data = data @ data.T + np.eye(lengths[0])
    elif "diagonal" in x.traits:
        data = np.diag(np.diag(data))
    elif "symmetric" in x.traits:
        data = data + data.T
    return data if lengths else np.float64(data)
