"""How far apart the sides of an equality are at one point, in many digits, by the interpreter of these tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import mpmath
import numpy as np

from tests.fuzz.given import Given
from tests.fuzz.interpret import Scope, Value, interpret
from tests.fuzz.points import declared, draw, size_names
from tests.fuzz.spaces import Digits

SPACE = Digits()
PLAIN = ("exp(z/3) + z", "sin(z) - z**2", "exp(z) - z")
"""What declared functions of one number are where nothing else is said."""


def apart(a: str, b: str, where: str, at: Mapping[str, Any], seed: int = 1, digits: int = 60) -> Any:
    """The largest difference of entries, against 1 + the entry; nan where a side has no value.

    ``at`` gives a length for every size, and what else is not left to chance: values, whose numbers may be written as
    expressions, and formulas for functions.
    """
    with mpmath.workdps(digits):
        scope = point(where, at, seed)
        left, right = (interpret(side, scope, SPACE) for side in (a, b))
        assert (left.rank, left.row) == (right.rank, right.row), "the sides have different shapes"
        pairs = zip(*map(np.ravel, np.broadcast_arrays(left.data, right.data)), strict=True)
        return max((abs(u - v) / (1 + abs(u)) for u, v in pairs), key=lambda d: (mpmath.isnan(d), d))


def point(where: str, at: Mapping[str, Any], seed: int) -> Scope:
    """Random values but for those that ``at`` gives."""
    sizes = {name: int(at[name]) for name in size_names(where)}
    drawn = draw(where, sizes, np.random.default_rng(seed))
    values = {name: _array(at.get(name, np.round(value, 6))) for name, value in drawn.items()}
    for name, d in declared(where).items():
        if d.family == "Simplex":
            values[name] = values[name] / values[name].sum()
    return Scope({name: Value(v) for name, v in values.items()}, sizes, {}, functions(where, at))


def functions(where: str, at: Mapping[str, Any]) -> dict[str, Given]:
    found: dict[str, Given] = {}
    for clause in where.split(";"):
        names, colon, spaces = clause.partition(":")
        if not colon:
            continue
        domain, _, codomain = spaces.partition("->")
        pointwise = "^" not in spaces or "elementwise" in spaces
        for k, name in enumerate(n.strip() for n in names.split(",")):
            own = PLAIN[k] if pointwise else "sum(exp(z/2)) + z[0]**2" if codomain.strip() == "R" else "exp(z)"
            found[name] = Given(at.get(name, "sin(z + 2*w) + z*w" if "," in domain else own), pointwise, SPACE)
    return found


def _array(given: Any) -> Any:
    return np.frompyfunc(_number, 1, 1)(np.array(given, dtype=object))


def _number(given: Any) -> Any:
    return interpret(given, Scope({}), SPACE).data if isinstance(given, str) else mpmath.mpf(given)


def some_sizes(where: str) -> list[dict[str, int]]:
    """Assignments of lengths to the sizes: in either order, equal, and 1."""
    lengths = ((3, 2, 4), (2, 3, 3), (2, 2, 2), (1, 4, 2))
    return [{name: row[k % 3] for k, name in enumerate(size_names(where))} for row in lengths]
