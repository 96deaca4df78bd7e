"""The arithmetics that values are computed in, and two of them: floats, and exact rationals."""

from __future__ import annotations

from fractions import Fraction
from math import inf
from time import monotonic
from typing import Any

import numpy as np
from flint import fmpq

from derivgen.catalog.primitives import Arithmetic, Primitive
from derivgen.check.labelled import LabelledArray, Labels, TooLarge
from derivgen.deadline import Deadline, on_time
from derivgen.errors import CheckError

LARGEST_HEIGHT = 4_000_000
"""Bits of a rational number, numerator or denominator, with which nobody computes."""

LARGEST_EXPONENT = 10_000
"""Beyond it a power of a rational number has too many digits to be computed in a moment."""


LOOK = 0.005
"""Seconds between two looks at the time that is left."""


class NotRational(CheckError):
    """A function that has no exact value in rationals was met."""


class Condition(LabelledArray):
    """The numbers whose signs choose a branch, with what was found out about them when it was asked for.

    Attributes:
        sides: those met: 1 positive, 2 not, 3 both; 0 where nobody has looked.
        likeness: what it has in common with the same condition elsewhere.
    """

    __slots__ = ("likeness", "sides")

    def __init__(self, labels: Labels, data: Any) -> None:
        super().__init__(labels, data)
        self.sides = 0
        self.likeness: tuple[float, ...] | None = None


class Field(Arithmetic):
    """Numbers of one kind, single or as NumPy arrays of them.

    While it computes it takes notes for the judge: which operation is at work (``site``), the conditions of branches
    (``conditions``), where an argument left the domain (``complaints``), and whether a sign could not be told.
    """

    dtype: Any = object
    exact = False

    def __init__(self) -> None:
        self.site = -1
        self.counted = 0
        self.labels: Labels = ()
        self.conditions: dict[int, dict[tuple[int, int], Condition]] = {}  # by site, then by site and number
        self.complaints: set[int] = set()
        self.undecided = False
        self._deadline = Deadline(inf, inf)
        self._eyes: dict[int, Any] = {}
        self._look = 0.0  # when the clocks of the processor are read again, on the wall

    def until(self, deadline: Deadline) -> None:
        """Compute no longer than that."""
        self._deadline = deadline
        self._look = 0.0

    def on_time(self) -> None:
        """Refuse to go on when the time is over."""
        now = monotonic()
        if now > self._look:
            on_time()
            if self._deadline.is_over():
                raise TooLarge("its values take too long to compute")
            self._look = now + LOOK

    def bounded(self, data: Any) -> None:
        """Refuse to go on with numbers that are too long."""

    # what every arithmetic supplies

    def number(self, value: Fraction) -> Any:
        """A rational as a number of this kind."""
        raise NotImplementedError

    def integers(self, data: Any) -> Any:
        """An array of Python or NumPy integers as numbers of this kind."""
        out = np.empty(np.shape(data), dtype=object)
        flat = out.reshape(-1)
        flat[:] = [self.integer(k) for k in np.reshape(data, -1).tolist()]
        return out

    def eye(self, n: int) -> Any:
        """The identity matrix, not to be written into."""
        found = self._eyes.get(n)
        if found is None:
            found = self._eyes[n] = self.integers(np.eye(n, dtype=int))
        return found

    def lift(self, u: Any) -> Any:
        """A Python integer, as operations write constants, as a number of this kind."""
        return self.integer(u) if isinstance(u, int) else u

    def integer(self, k: int) -> Any:
        """A Python integer as a number of this kind."""
        return self.number(Fraction(k))

    def of(self, function: Primitive, u: Any) -> Any:
        raise NotRational("a function of numbers has no exact value")

    def pi(self) -> Any:
        raise NotRational("pi has no exact value")

    def power(self, base: Any, exponent: Any) -> Any:
        """``base`` to a power that may differ from entry to entry."""
        raise NotImplementedError

    def constant_power(self, base: Any, exponent: Fraction) -> Any:
        """``base`` to a fixed power."""
        if exponent.denominator == 1:
            if abs(exponent.numerator) > LARGEST_EXPONENT:
                raise NotRational("the exponent is too large for an exact value")
            if exponent.numerator > 2 and _height(base) * exponent.numerator > LARGEST_HEIGHT:
                raise NotRational("it has too many digits for an exact value")
            return base**exponent.numerator
        raise NotRational("a root has no exact value")

    def positive(self, c: Any) -> Any:
        """For each number 1 if it is positive, 0 if it is not, 2 if that cannot be told."""
        return c > 0

    def zero(self, c: Any) -> Any:
        """For each number 1 if it is exactly zero, 0 if it is not, 2 if that cannot be told."""
        return c == 0

    def pick(self, code: Any, yes: Any, no: Any) -> Any:
        """``yes`` where ``code`` is 1, ``no`` where it is 0; what is known of both where it is 2."""
        yes, no = self.lift(yes), self.lift(no)
        if not isinstance(code, np.ndarray):
            if code == 2:
                return self.unknown(yes, no)
            return yes if code else no
        chosen = np.where(code == 1, yes, no)
        if code.dtype != bool and (code == 2).any():
            open_ = np.broadcast_to(code == 2, chosen.shape)
            first, second = (np.broadcast_to(side, chosen.shape)[open_] for side in (yes, no))
            chosen[open_] = self.unknown(first, second)
        return chosen

    def unknown(self, yes: Any, no: Any) -> Any:
        """What can be said of a number that is one of two, nobody can tell which."""
        raise NotRational("a sign cannot be told")

    def nothing(self) -> Any:
        """What stands where there is no value."""
        raise NotRational("there is no derivative where entries tie")

    # what operations see of it

    def at(self, site: int, labels: Labels = ()) -> None:
        """From here on it is operation ``site`` that computes, on arrays with ``labels``."""
        self.site = site
        self.counted = 0
        self.labels = labels

    def note(self, c: Any, labels: Labels) -> None:
        """Remember a condition, so that both its sides are looked for; of what is zero everywhere there are none."""
        if not all(map(self.may_be_zero, np.reshape(c, -1))):
            self.conditions.setdefault(self.site, {})[self.site, self.counted] = Condition(labels, c)
        self.counted += 1

    def may_be_zero(self, c: Any) -> bool:
        """Whether a single number is 0 or cannot be told from it."""
        return bool(c == 0)

    def where_positive(self, c: Any, yes: Any, no: Any) -> Any:
        c = self.lift(c)
        self.note(c, self.labels)
        return self.pick(self.positive(c), yes, no)

    def minus(self, u: Any, v: Any) -> Any:
        return u - v

    def larger(self, u: Any, v: Any) -> Any:
        return self.where_positive(self.minus(u, v), u, v)

    def smaller(self, u: Any, v: Any) -> Any:
        return self.where_positive(self.minus(u, v), v, u)

    def where_zero(self, c: Any, yes: Any, no: Any) -> Any:
        return self.pick(self.zero(self.lift(c)), yes, no)

    def magnitude(self, u: Any) -> float:
        """How large the least absolute value is, for the choice of a pivot: it may be on any scale."""
        self.on_time()
        if isinstance(u, np.ndarray):
            return min(map(self.magnitude, u.reshape(-1)))
        if isinstance(u, fmpq):  # by its logarithm: it may be too large for a float
            return float(int(u.p).bit_length() - int(u.q).bit_length()) if u != 0 else -inf
        return abs(float(u))


def negated(code: Any) -> Any:
    """1 and 0 exchanged, 2 (unknown) kept."""
    if isinstance(code, np.ndarray):
        return ~code if code.dtype == bool else np.where(code == 2, 2, 1 - code)
    return 2 if code == 2 else 1 - int(code)


class FloatField(Field):
    """Double precision, whole arrays at a time; outside its domain a function is nan."""

    dtype = float

    def number(self, value: Fraction) -> Any:
        return np.float64(value)

    def integers(self, data: Any) -> Any:
        return np.asarray(data, dtype=float)

    def of(self, function: Primitive, u: Any) -> Any:
        return function.floats(np, u)

    def pi(self) -> Any:
        return np.float64(np.pi)

    def power(self, base: Any, exponent: Any) -> Any:
        return np.power(base, exponent)

    def constant_power(self, base: Any, exponent: Fraction) -> Any:
        if exponent == Fraction(1, 2):
            return np.sqrt(base)
        if exponent == -1:
            return 1.0 / base
        return np.power(base, float(exponent))

    def positive(self, c: Any) -> Any:
        yes = np.greater(c, 0).astype(np.int8)
        return np.where(np.isnan(c), 2, yes) if np.ndim(c) else (2 if np.isnan(c) else int(yes))

    def zero(self, c: Any) -> Any:
        yes = np.equal(c, 0).astype(np.int8)
        return np.where(np.isnan(c), 2, yes) if np.ndim(c) else (2 if np.isnan(c) else int(yes))

    def unknown(self, yes: Any, no: Any) -> Any:
        return np.float64(np.nan)

    def nothing(self) -> Any:
        return np.float64(np.nan)

    def note(self, c: Any, labels: Labels) -> None:
        """Nobody asks floats about branches."""

    def magnitude(self, u: Any) -> float:
        return float(np.min(np.abs(u)))


class ProbeField(FloatField):
    """Double precision that takes notes of branches: for a look at many points, at which nothing is decided."""

    note = Field.note


class ExactField(Field):
    """Rational numbers, without rounding."""

    exact = True

    def number(self, value: Fraction) -> Any:
        return fmpq(value.numerator, value.denominator)

    def integer(self, k: int) -> Any:
        return fmpq(k)

    def bounded(self, data: Any) -> None:
        first = data.flat[0] if isinstance(data, np.ndarray) and data.size else data
        if _height(first) > LARGEST_HEIGHT:
            raise NotRational("it has too many digits for an exact value")

    def power(self, base: Any, exponent: Any) -> Any:
        return np.frompyfunc(_exact_power, 2, 1)(base, exponent)


def _exact_power(base: Any, exponent: Any) -> Any:
    if exponent.q != 1:
        raise NotRational("a root has no exact value")
    k = int(exponent.p)
    if abs(k) > LARGEST_EXPONENT or _height(base) * abs(k) > LARGEST_HEIGHT:
        raise NotRational("the exponent is too large for an exact value")
    return base**k


def _height(data: Any) -> int:
    """The most bits of a rational among numbers; 0 where there is none."""
    if isinstance(data, np.ndarray):
        return max(map(_height, data.reshape(-1)), default=0)
    return int(data.height_bits()) if isinstance(data, fmpq) else 0
