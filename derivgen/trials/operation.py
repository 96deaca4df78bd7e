"""Whether the declaration of an operation says what is so, by a library: rules and judge both believe the declaration."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from random import Random

from derivgen.arguments import require
from derivgen.catalog.base import Constant, Elementwise, Operation
from derivgen.errors import OperationError, ShapeError
from derivgen.expr import SCALAR, Call, Dim, Shape, Symbol
from derivgen.trials.case import Case
from derivgen.trials.reference import Reference

CASES = 6
"""How many combinations of shapes are looked at, where an operation takes more."""

_N, _M = Dim("n"), Dim("m")
_SPACES = (
    *(SCALAR, Shape((_N,)), Shape((_N,), row=True), Shape((_M,)), Shape((_M,), row=True)),
    *(Shape((_N, _N)), Shape((_M, _N)), Shape((_N, _M))),
)


def check_operation(operation: Operation, *, seed: int = 0) -> None:
    """Compare all that the declaration of an operation says with its ``reference``.

    At random points of the domain and of random shapes, drawn from ``seed``: the value, in floats, exact rationals and
    balls; the derivative, the declared one and that of the judge's forward mode in each of these, with a numerical one
    of the reference. Along lines: outside of the domain the reference has no real value, or no derivative; where a kink
    is declared, and nowhere else, its one-sided derivatives differ, and the one that is declared lies between them.

    Raises:
        OperationError: something differs; the message says what, where, and both numbers.
    """
    require(operation, Operation, "what is checked is an operation", 'such as derivgen.catalog.operation("exp")')
    require(seed, int, "a seed is a whole number", "such as seed=1")
    if operation.composed:
        raise OperationError(f"{operation.name} is composed of others, and has no reference to be compared with")
    reference = Reference.of(operation)
    rng = Random(f"{operation.name}/{seed}")
    for e in calls(operation, rng):
        for n, m in (rng.sample((2, 3, 4), 2), rng.choices((1, 2, 3, 4), k=2)):
            case = Case(reference, e, {"n": n, "m": m}, rng)
            case.check_at_a_point()
            case.check_along_lines()


def calls(op: Operation, rng: Random) -> Iterator[Call]:
    """The operation at arguments of some of the shapes that it takes, of numbers first.

    Raises:
        OperationError: it takes none of them, or its shape cannot be told.
    """
    if isinstance(op, Constant):
        for k in {2: (1, 2), -1: (0, 1, 2)}.get(op.rank, (op.rank,)):
            yield Call(op, (), (_N, _M)[:k])
        return
    count = op.arguments
    fits = 0
    for k in (1, 2, 3) if count is None else (count,):
        found = []
        for spaces in product(_SPACES, repeat=k):
            args = tuple([Symbol(f"u{i}" if k > 3 else "uvw"[i], space) for i, space in enumerate(spaces)])
            try:
                found.append(Call(op, args))
            except ShapeError:
                continue
            except Exception as error:
                raise OperationError(f"the shape of {op.name} of {k} arguments cannot be told: {error}") from error
        fits += len(found)
        first = found[: isinstance(op, Elementwise)]
        others = found[len(first) :]
        yield from first + rng.sample(others, min(CASES, len(others)))
    if not fits:
        raise OperationError(f"{op.name} takes neither numbers nor vectors nor matrices")
