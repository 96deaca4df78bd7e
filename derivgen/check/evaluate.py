"""The value of an expression at a point, in floats."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from flint import arb

from derivgen.arguments import require, require_all
from derivgen.catalog.soundness import refuse_unsound
from derivgen.check.balls import BallField
from derivgen.check.compare import precise
from derivgen.check.evaluator import Evaluator
from derivgen.check.fields import FloatField
from derivgen.check.functions import GivenFunctions
from derivgen.check.labelled import LabelledArray, TooLarge, spread
from derivgen.check.pool import Pool
from derivgen.check.scope import Names, Scope, divided
from derivgen.deadline import TooLong, bounded, doing
from derivgen.errors import CheckError, DerivgenError, ShapeError, shown
from derivgen.expr import Definition, Dim, Expr, Index, Size, Symbol, walk

Floats = npt.NDArray[np.float64]

POINT = "a point is a dictionary from names to numbers and arrays"

Point = Mapping[str, Any]
"""Values by the names of the variables: numbers, vectors (one axis, n×1 or 1×n), matrices; lengths by their names."""


def evaluate(e: Expr, point: Point, definitions: Collection[Definition] = (), indices: Collection[Index] = (), *,
             timeout: float | None = None) -> Floats:  # fmt: skip
    """The value of ``e`` at ``point``.

    Vectors have one axis, rows too. Free indices give axes of their own, in the order of their names, before all
    others, unless the point has the place, counted from 0, under the name of the index. Those of ``indices`` are taken
    to be free in ``e``, also where it does not depend on them. A pending derivative is carried out, exactly. Names that
    ``e`` does not need are passed over; an abstract function takes its value from a Python function given under its
    name. ``timeout`` is in seconds of processor time, 8 unless said otherwise.

    Raises:
        CheckError: a variable or a length is missing, an abstract function is not given, or an array is too large.
        TooLong: it takes too long.
        ShapeError: the arrays do not fit the declared spaces or each other.
    """
    require(e, Expr, "an expression is a tree of derivgen.expr", "derivgen.read.parse_text makes one of text")
    require(point, Mapping, POINT, 'such as {"x": [1, 2, 3]}')
    require_all(
        definitions, Definition, "definitions are a list of Definition", "derivgen.read.read makes them of text"
    )
    require_all(indices, Index, "indices are a list of Index", 'such as [Index("i", Dim("n"))]')
    with bounded(timeout), doing("computing it"), np.errstate(all="ignore"):
        try:
            return _evaluate(e, point, tuple(definitions), e.free.union(indices))
        except MemoryError:
            raise TooLarge("its values take more memory than there is") from None


def _evaluate(e: Expr, point: Point, definitions: tuple[Definition, ...], free: frozenset[Index]) -> Floats:
    pool = Pool()
    scope = Scope(Names(pool, definitions), {})
    root = pool.number(e)
    for index in free - e.free:
        pool.number(Size(index.dim))  # its length is asked for, too
    values = _read_point(point, scope, _needed(e, definitions))
    functions = GivenFunctions(point, scope)
    labels_in_order = sorted(free, key=lambda index: index.name)

    def compute(evaluator: Evaluator) -> Any:
        result = evaluator.value(root)
        want = tuple([evaluator.label(index) for index in labels_in_order])
        shape = scope.lengths([index.dim for index in labels_in_order]) + scope.lengths(e.shape.axes)
        return np.broadcast_to(spread(result.value, want, len(e.shape.axes)), shape)

    scope.names(root)  # refuses definitions that go in a circle
    evaluator = Evaluator(scope, FloatField(), lambda s: LabelledArray((), values[s.name]), functions)
    out = np.array(compute(evaluator), dtype=float)
    if not np.isfinite(out).all():
        out = _without_overflow(out, scope, values, functions, compute)
    return _at_places(out, labels_in_order, point, scope)


def _at_places(out: Floats, free: list[Index], point: Point, scope: Scope) -> Floats:
    """Of an array with axes for the free indices, what stands at the places that the point gives for some of them."""
    chosen: list[int | slice] = []
    for index in free:
        given = point.get(index.name)
        if given is None:
            chosen.append(slice(None))
            continue
        length = scope.length(index.dim)
        if not isinstance(given, int | float | np.number) or isinstance(given, bool) or given not in range(length):
            raise CheckError(
                f"the index {index.name} is a place of an axis of length {length}, not {shown(given)}",
                hint=f"places count from 0: give a whole number less than {length}",
            )
        chosen.append(int(given))
    return np.array(out[tuple(chosen)])


def _without_overflow(
    out: Floats, scope: Scope, values: dict[str, Any], functions: Any, compute: Callable[[Evaluator], Any]
) -> Floats:
    """Where floats overflow on the way, balls do not: their exponents are unbounded."""
    if not all(np.isfinite(v).all() for v in values.values()):
        return out
    enclose = np.frompyfunc(lambda u: arb(float(u)), 1, 1)
    for bits in (256, 2048):  # the second for differences of what is nearly equal
        try:
            with precise(bits):
                balls = compute(
                    Evaluator(scope, BallField(), lambda s: LabelledArray((), enclose(values[s.name])), functions)
                )
                again = np.array(np.frompyfunc(_as_float, 1, 1)(balls), dtype=float)
        except TooLong:
            raise
        except (DerivgenError, ZeroDivisionError, ValueError, TypeError):
            return out
        out = np.where(np.isfinite(out) | ~np.isfinite(again), out, again)
        if np.isfinite(out).all():
            break
    return out


def _as_float(ball: Any) -> float:
    if not ball.is_finite():
        return float("nan")
    if ball.rad() == 0 or ball.rel_accuracy_bits() > 50:
        return float(ball.mid())
    # what cancels is 0, or nearer to it than floats tell
    return 0.0 if float(ball.abs_upper()) < 1e-300 else float("nan")


def _needed(e: Expr, definitions: tuple[Definition, ...]) -> dict[str, Symbol]:
    """The variables that the value depends on, those behind definitions included, by name."""
    defined = {d.symbol.name: d.value for d in definitions}
    found: dict[str, Symbol] = {}
    todo, seen = [e], set[str]()
    while todo:
        for here in walk(todo.pop()):
            if not isinstance(here, Symbol):
                continue
            if here.name not in seen:
                seen.add(here.name)
                if here.name in defined:
                    todo.append(defined[here.name])
                else:
                    found[here.name] = here
            elif here.name in found and found[here.name].space != here.space:
                refuse_unsound(found[here.name], here)
    return found


def _read_point(point: Point, scope: Scope, needed: dict[str, Symbol]) -> dict[str, Any]:
    """The variables' arrays in the engine's axes; the lengths of axes go to ``scope.sizes``."""
    missing = [name for name in needed if name not in point]
    if missing:
        word = "value" if len(missing) == 1 else "values"
        raise CheckError(f"the point has no {word} for {', '.join(missing)}",
                         hint="give " + ", ".join(f"{name!r}: …" for name in missing))  # fmt: skip
    values: dict[str, Any] = {}
    fixed_by: dict[str, str] = {}
    products: list[tuple[str, Dim, int]] = []
    for name, symbol in needed.items():
        data = _as_array(name, point[name], symbol)
        for length, dim in zip(data.shape, symbol.space.axes, strict=True):
            if dim.size == length:
                continue
            if isinstance(dim.size, int):
                raise ShapeError(f"{name} is declared {symbol.space}, but its value is {_sizes(data)}")
            if isinstance(dim.size, tuple):
                products.append((name, dim, length))
                continue
            known = scope.sizes.setdefault(dim.size, length)
            if known != length:
                raise ShapeError(f"{dim} is {known} by {fixed_by[dim.size]}, but {length} by {name}")
            fixed_by.setdefault(dim.size, name)
        values[name] = data if data.ndim else np.float64(data)
    _lengths_by_name(point, scope, needed)
    scope.sizes.update(divided([(dim, length) for _, dim, length in products], scope.sizes))
    for name, dim, length in products:
        if all(symbol in scope.sizes for symbol in dim.symbols) and scope.length(dim) != length:
            raise ShapeError(f"{dim} is {scope.length(dim)} by the other arrays, but {length} by {name}")
    return values


def _lengths_by_name(point: Point, scope: Scope, needed: dict[str, Symbol]) -> None:
    """Lengths that no array fixes, where the point gives them by name."""
    for dim in scope.pool.dims:
        size = dim.size
        if not isinstance(size, str) or size in scope.sizes or size in needed or size not in point:
            continue
        given = point[size]
        if not isinstance(given, int | float | np.number) or not np.isfinite(given) or given != int(given) or given < 0:
            raise CheckError(f"the length {size} is a whole number, not {shown(given)}", hint=f"such as {size}=3")
        scope.sizes[size] = int(given)


def _as_array(name: str, given: Any, symbol: Symbol) -> Floats:
    try:
        found = np.asarray(given)
        entries = found.flat if found.dtype.kind == "O" else ()
        if found.dtype.kind not in "biufO" or any(u is None or isinstance(u, str | complex) for u in entries):
            raise TypeError
        data = found.astype(float)
    except Exception:  # whatever an object does when it is asked to be an array
        raise CheckError(
            f"the value of {name} is not an array of real numbers",
            hint="it is a number, a list, or an array of NumPy's",
        ) from None
    rank = symbol.space.rank
    if data.ndim == rank:
        return data
    if rank == 0 and data.size == 1:
        return data.reshape(())
    if rank == 1 and data.ndim == 2 and 1 in data.shape:
        return data.reshape(-1)
    raise ShapeError(f"{name} is declared {symbol.space}, but its value is {_sizes(data)}")


def _sizes(data: Floats) -> str:
    return "a single number" if data.ndim == 0 else "×".join(map(str, data.shape))
