"""An operation at arguments of given shapes: its value, its derivatives, its domain and its kinks beside the reference."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import prod
from random import Random
from typing import Any

import numpy as np
from flint import arb, fmpq

from derivgen.catalog.base import Constant, Domain, Elementwise, Formula, Opaque
from derivgen.check.balls import BallField
from derivgen.check.compare import precise
from derivgen.check.evaluator import Evaluator
from derivgen.check.fields import ExactField, Field, FloatField, NotRational
from derivgen.check.labelled import LabelledArray, spread
from derivgen.check.pool import Pool
from derivgen.check.scope import Names, Scope
from derivgen.errors import OperationError
from derivgen.expr import At, Build, Call, Expr, Index, Partial, Shape, Symbol
from derivgen.trials.lines import BEND, BREAK, MARKS, Floats, Line, Point, breaks, limit, slope_at
from derivgen.trials.reference import Reference

VALUE, SLOPE = 1e-9, 1e-6
"""How far a value and a slope may be from those of the reference, in parts of the largest entry or of 1."""

_HOLDS: dict[str, Callable[[Any], Any]] = {">": lambda c: c > 0, ">=": lambda c: c >= 0, "!=": lambda c: c != 0}
_LIFT: dict[type[Field], Any] = {
    ExactField: np.frompyfunc(lambda u: fmpq(*u.as_integer_ratio()), 1, 1), BallField: np.frompyfunc(arb, 1, 1),
}  # fmt: skip


class Case:
    """An operation at arguments of given shapes and lengths."""

    def __init__(self, reference: Reference, e: Call, lengths: dict[str, int], rng: Random) -> None:
        self.op, self.by, self.e, self.lengths, self.rng = reference.op, reference, e, lengths, rng
        self.args = tuple([a for a in e.args if isinstance(a, Symbol)])
        self.out = tuple([Index(f"o{k}", dim) for k, dim in enumerate(e.shape.axes)])
        domain: Domain | None = getattr(self.op, "domain", None)
        self.holds = _HOLDS[domain.relation] if domain else None
        self.condition = self._made("domain", domain.condition, *e.args) if domain else None
        kink = getattr(self.op, "kink", None)
        self.kink = self._made("kink", kink, *e.args) if kink else None

    # numbers

    def _made(self, what: str, declared: Callable[..., Expr], *given: Any) -> Expr:
        try:
            return declared(*given)
        except Exception as error:
            raise OperationError(f"the {what} of {self.op.name} cannot be made: {error}") from error

    def _axes(self, shape: Shape) -> tuple[int, ...]:
        return tuple([prod([self.lengths[f] if isinstance(f, str) else f for f in d.factors]) for d in shape.axes])

    def reference(self, point: Point) -> Floats:
        """The value at a point by the library that the operation refers to."""
        args: list[Any] = [self.lengths[str(d)] for d in self.e.dims]
        if isinstance(self.op, Constant) and len(args) == 1:
            args *= max(self.op.rank, 1)
        for x in self.args:
            data = point[x.name]
            args.append(data[None, :] if x.shape.row else data[:, None] if data.ndim == 1 else data[()])
        return self.by(args, self.e.shape, self._axes(self.e.shape))

    def computed(self, what: str, e: Expr, point: Point, field: Field) -> Floats | None:
        """The value of ``e``; None where it has no exact one."""
        pool = Pool()
        root = pool.number(e)
        scope = Scope(Names(pool), dict(self.lengths))
        held = {
            name: data[()] if isinstance(field, FloatField) else _LIFT[type(field)](data)
            for name, data in point.items()
        }
        try:
            with np.errstate(all="ignore"), precise(128):
                found = Evaluator(scope, field, lambda s: LabelledArray((), held[s.name]), None).value(root).value
                data = np.asarray(_floats(spread(found, (), e.shape.rank)), dtype=float)
        except (NotRational, ZeroDivisionError):
            return None
        except Exception as error:
            raise OperationError(
                f"the {what} of {self.op.name}{f' at {_shown(point)}' if point else ''} cannot be computed: "
                f"{type(error).__name__}: {error}"
            ) from error
        return np.array(np.broadcast_to(data, self._axes(e.shape)))

    def in_floats(self, what: str, e: Expr, point: Point) -> Floats:
        """The value of an expression at a point, in floats; ``what`` names it in an error."""
        found = self.computed(what, e, point, FloatField())
        assert found is not None, "floats do not refuse"
        return found

    def inside(self, point: Point) -> bool:
        """Whether a point is in the domain that is declared."""
        if self.condition is None or self.holds is None:
            return True
        return bool(np.all(self.holds(self.in_floats("domain", self.condition, point))))

    def drawn(self) -> Point:
        """A point of the domain, of numbers that are without rounding in any arithmetic."""
        centre, width = 0.0, 1.0
        for _ in range(400):
            point = {x.name: self._numbers(x, centre, width) for x in self.args}
            if self.inside(point):
                return point
            centre, width = self.rng.choice((-2, -1, -0.5, 0, 0.5, 1, 2)), self.rng.choice((2, 1, 0.3, 0.1))
        raise OperationError(f"no point of the domain of {self.op.name} was found")

    def _numbers(self, x: Symbol, centre: float, width: float) -> Floats:
        axes = self._axes(x.shape)
        data = np.array([self.rng.gauss(centre, width) for _ in range(prod(axes))]).reshape(axes)
        if len(axes) == 2 and axes[0] == axes[1] and centre > 0:
            data = data @ data.T + np.eye(axes[0])
        return np.array(np.round(data * 2**20) / 2**20)

    # at a point

    def check_at_a_point(self) -> None:
        """The value and all derivatives, in every arithmetic."""
        point, slopes = self._with_slopes()
        expected = self.reference(point)
        if not {*np.sign(expected).ravel()} <= self.op.signs:
            raise OperationError(
                f"{self.op.name} is declared to have the signs {sorted(self.op.signs)}, but {self.by} has others at {_shown(point)}"
            )
        for name, field in _arithmetics():
            found = self.computed("value", self.e, point, field)
            self._same(f"the value of {self.op.name}, {name},", found, expected, point, VALUE, f"that of {self.by}")
        for k, x in enumerate(self.args):
            self._check_derivative(k, x, point, slopes[k])

    def _with_slopes(self) -> tuple[Point, list[Floats]]:
        """A point, and the derivatives of the reference by each argument there: no point so near a pole that they are wild."""
        for _ in range(8):
            point = self.drawn()
            if not np.isfinite(self.reference(point)).all():
                raise self._no_value(point)
            slopes = [s for x in self.args if (s := self._numerical(x, point)) is not None]
            if len(slopes) == len(self.args):
                return point, slopes
        raise OperationError(
            f"{self.by} seems to have no derivative, as at {_shown(point)}, where {self.op.name} has one"
        )

    def _check_derivative(self, k: int, x: Symbol, point: Point, slope: Floats) -> None:
        by = f"the slope of {self.by}"
        at = tuple([Index(f"i{j}", dim) for j, dim in enumerate(x.shape.axes)])
        forward = Partial(At(self.e, self.out) if self.out else self.e, At(x, at) if at else x)
        for name, field in _arithmetics():
            what = f"the derivative of {self.op.name} by {x.name} in forward mode, {name},"
            found = self.computed("derivative", self._over((*self.out, *at), forward), point, field)
            self._same(what, found, slope, point, SLOPE, by)
        what = f"the declared derivative of {self.op.name} by {x.name}"
        if isinstance(self.op, Elementwise):  # each entry moves its own only, so all may move at once
            slope = slope.sum(axis=tuple(range(len(self.out), slope.ndim)))
            declared = self._made("derivative", self.op.derivatives[k], *self.args)
        elif isinstance(self.op, Opaque):
            declared = self._over(
                (*self.out, *at), self._made("derivative", self.op.partial, self.args, k, self.out, at)
            )
        else:
            return
        found = np.broadcast_to(self.in_floats("declared derivative", declared, point), slope.shape)
        self._same(what, found, slope, point, SLOPE, by)

    def _over(self, indices: tuple[Index, ...], body: Expr) -> Expr:
        return Build(indices, body) if indices else body

    def _numerical(self, x: Symbol, point: Point) -> Floats | None:
        """The derivative of the reference by all entries of an argument, the axes of the value first.

        None where it cannot be told.
        """
        slopes = []
        for place in np.ndindex(point[x.name].shape):
            f = self._moving(x, point, place)
            slope, error = limit(lambda h, f=f: (f(h) - f(-h)) / (2 * h), 4)  # type: ignore[misc]
            if not error <= SLOPE / 10 * max(1.0, float(np.max(np.abs(slope), initial=0))):
                return None
            slopes.append(slope)
        stacked = np.stack(slopes, axis=-1)
        return stacked.reshape((*stacked.shape[:-1], *point[x.name].shape))

    def _moving(self, x: Symbol, point: Point, place: tuple[int, ...] = ()) -> Callable[[float], Floats]:
        """The reference as one entry of an argument moves."""

        def f(t: float) -> Floats:
            data = point[x.name].copy()
            data[place] += t
            return self.reference({**point, x.name: data})

        return f

    def _same(self, what: str, found: Floats | None, expected: Floats, point: Point, tolerance: float, by: str) -> None:
        if found is None:
            return
        scale = max(1.0, float(np.max(np.abs(expected), initial=0)))
        wrong = np.argwhere(~(np.abs(found - expected) <= tolerance * scale))
        if len(wrong):
            place = tuple([int(k) for k in wrong[0]])
            where = f"{_shown(point)}, at place {', '.join(str(k + 1) for k in place)}," if place else _shown(point)
            raise OperationError(f"{what} at {where} is {found[place]:.9g}, but {by} is {expected[place]:.9g}")

    def _no_value(self, point: Point) -> OperationError:
        return OperationError(
            f"{self.by} has no real value at {_shown(point)}, where {self.op.name} is declared to have one"
        )

    # along lines

    def check_along_lines(self) -> None:
        """The ends of the domain, and kinks: of functions of numbers along each argument, else along any line."""
        if isinstance(self.op, Elementwise) and not self.e.shape.axes:
            for k, x in enumerate(self.args):
                start = {**self.drawn(), x.name: np.array(-4.0)}
                line = Line(start, {**start, x.name: np.array(4.0)})
                ends = self._check_domain(line)
                self._check_kinks(self.op, k, x, line, ends)
        elif isinstance(self.op, Opaque | Formula):
            start = self.drawn()
            self._check_domain(Line(start, self.drawn()))
            self._check_domain(Line(start, {name: -data for name, data in start.items()}))

    def _check_domain(self, line: Line) -> list[float]:
        """That there is a value where one is declared, and none, or no derivative, elsewhere; where the domain ends."""
        values = [v for v in map(self.reference, map(line, MARKS)) if np.isfinite(v).all()]
        usual = float(np.median([np.max(np.abs(v), initial=0) for v in values] or [0]))
        condition = self.condition
        borders = [] if condition is None else list(line.crossings(lambda t: self._least(condition, line(t))))
        for t in [*MARKS, *(t for ends in borders for t in ends)]:
            if not self.inside(line(t)):
                self._check_end(line, (t,), usual)
            elif not np.isfinite(self.reference(line(t))).all():
                raise self._no_value(line(t))
        for ends in borders:
            self._check_end(line, ends, usual)
        return [t for ends in borders for t in ends]

    def _least(self, e: Expr, point: Point) -> float:
        return float(np.min(self.in_floats("domain", e, point)))

    def _check_end(self, line: Line, places: tuple[float, ...], usual: float) -> None:
        """That the reference has no value, an unbounded one, or no derivative at one of these places."""
        for t in places:
            value = self.reference(line(t))
            large = np.max(np.abs(value), initial=0) > 1e6 * (1 + usual)
            if large or not np.isfinite(value).all() or breaks(lambda h, t=t: self.reference(line(t + h))):  # type: ignore[misc]
                return
        raise OperationError(
            f"{self.op.name} is declared to have no value or no derivative at {_shown(line(places[0]))}, "
            f"but {self.by} has both there"
        )

    def _check_kinks(self, op: Elementwise, k: int, x: Symbol, line: Line, ends: list[float]) -> None:
        """That there are kinks where they are declared, and nowhere else."""
        kink = self.kink
        declared = [] if kink is None else list(line.crossings(lambda t: self._least(kink, line(t))))
        for a, b in declared:
            if self.inside(line(a)):
                self._check_kink(op, k, x, line(a), exactly=a == b)
        for t in line.bends(lambda t: float(self.reference(line(t)))):
            if not any(abs(t - known) < 2 * BEND for known in (*ends, *(a for a, _ in declared))):
                raise OperationError(
                    f"{self.by} has a kink or a jump near {_shown(line(t))}, where {self.op.name} is declared to have none"
                )

    def _check_kink(self, op: Elementwise, k: int, x: Symbol, point: Point, *, exactly: bool) -> None:
        f = self._moving(x, point)
        if not breaks(f):
            raise OperationError(
                f"{self.op.name} is declared to have a kink at {_shown(point)}, but {self.by} has a derivative by {x.name} there"
            )
        if not exactly:
            return
        slope = self._made("derivative", op.derivatives[k], *self.args)
        declared = self.in_floats("declared derivative", slope, point)
        forward = self.in_floats("derivative", Partial(self.e, x), point)
        what = f"the declared derivative of {self.op.name} by {x.name}"
        self._same(what, declared, forward, point, SLOPE, "that of forward mode")
        sides = [float(slope_at(f, side)[0]) for side in (-1, 1)]
        if not min(sides) - BREAK <= float(declared) <= max(sides) + BREAK:
            raise OperationError(
                f"{what} at {_shown(point)} is {float(declared):.6g}, "
                f"which is not between the one-sided slopes of {self.by}, {sides[0]:.6g} and {sides[1]:.6g}"
            )


def _arithmetics() -> tuple[tuple[str, Field], ...]:
    return ("in floats", FloatField()), ("in exact numbers", ExactField()), ("in balls", BallField())


def _as_float(u: Any) -> float:
    if isinstance(u, arb):
        return float(u.mid()) if u.is_finite() and u.rad() <= VALUE * (1 + abs(u)) else float("nan")
    return float(Fraction(int(u.p), int(u.q))) if isinstance(u, fmpq) else float(u)


_floats = np.frompyfunc(_as_float, 1, 1)


def _shown(point: Point) -> str:
    """A point in one line."""
    shown = {name: np.array2string(data, precision=6, separator=", ") for name, data in point.items()}
    return ", ".join(f"{name} = {' '.join(data.split())}" for name, data in shown.items())
