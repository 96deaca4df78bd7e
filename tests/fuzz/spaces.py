"""Two kinds of numbers to compute an expression in: floats that autograd differentiates, and mpmath's of many digits."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, ClassVar

import autograd
import autograd.numpy as anp
import mpmath
import numpy as np
from autograd.extend import defvjp, primitive

_erf = primitive(np.vectorize(math.erf, otypes=[float]))


defvjp(_erf, lambda value, u: lambda g: g * 2 / math.sqrt(math.pi) * anp.exp(-u * u))


class Floats:
    """Arrays of floats; autograd may trace them."""

    functions: ClassVar[dict[str, Callable[[Any], Any]]] = {
        "exp": anp.exp, "log": anp.log, "sin": anp.sin, "cos": anp.cos, "tan": anp.tan, "tanh": anp.tanh,
        "sinh": anp.sinh, "cosh": anp.cosh, "coth": lambda u: 1 / anp.tanh(u),
        "sqrt": anp.sqrt, "abs": anp.abs, "sign": anp.sign, "erf": _erf,
        "sigmoid": lambda u: anp.exp(-anp.logaddexp(0.0 * u, -u)),
        "softplus": lambda u: anp.logaddexp(0.0 * u, u),
        "relu": lambda u: anp.maximum(u, 0.0),
        "normcdf": lambda u: 0.5 + 0.5 * _erf(u / math.sqrt(2)), "gelu": lambda u: u * (0.5 + 0.5 * _erf(u / math.sqrt(2))),
        "silu": lambda u: u * anp.exp(-anp.logaddexp(0.0 * u, -u)),
    }  # fmt: skip
    pi = math.pi

    @staticmethod
    def number(value: Fraction) -> Any:
        try:
            return float(value)
        except OverflowError:
            return math.inf if value > 0 else -math.inf

    @staticmethod
    def array(rows: list[Any]) -> Any:
        return anp.array(rows)

    @staticmethod
    def full(value: float, shape: tuple[int, ...]) -> Any:
        return np.full(shape, float(value))

    @staticmethod
    def power(base: Any, exponent: Any) -> Any:
        return base**exponent

    @staticmethod
    def where(condition: Any, yes: Any, no: Any) -> Any:
        """Arrays of one shape, since autograd's own ``where`` forgets that a number was spread."""
        zeros = np.zeros(np.broadcast_shapes(*[np.shape(a) for a in (condition, yes, no)]))
        return anp.where(condition != 0, yes + zeros, no + zeros)

    @staticmethod
    def compared(holds: Callable[[Any, Any], Any], u: Any, v: Any) -> Any:
        return np.asarray(holds(u, v)) * 1.0

    maximum, minimum = staticmethod(anp.maximum), staticmethod(anp.minimum)
    largest, smallest = staticmethod(anp.max), staticmethod(anp.min)
    inv, det = staticmethod(anp.linalg.inv), staticmethod(anp.linalg.det)

    @staticmethod
    def slope(function: Callable[[Any], Any]) -> Any:
        return autograd.grad(function)(0.0)

    @staticmethod
    def logdet(a: Any) -> Any:
        sign, value = anp.linalg.slogdet(a)
        return value if sign > 0 else value * math.nan

    @staticmethod
    def logsumexp(a: Any) -> Any:
        top = float(np.max(_plain(a)))
        return top + anp.log(anp.sum(anp.exp(a - top)))


def _plain(a: Any) -> Any:
    while hasattr(a, "_value"):
        a = a._value
    return a


def _entrywise(function: Callable[..., Any], arguments: int = 1) -> Callable[..., Any]:
    made = np.frompyfunc(function, arguments, 1)

    def of(*given: Any) -> Any:
        return made(*given)

    return of


def _real(value: Any) -> Any:
    return mpmath.nan if isinstance(value, mpmath.mpc) else value


def _log(u: Any) -> Any:
    return mpmath.log(u) if u > 0 else mpmath.nan


def _extreme(pick: Callable[..., Any]) -> Callable[..., Any]:
    """The larger or the smaller of several; of what has no value there is none, whichever comes first."""
    return lambda *values: mpmath.nan if any(mpmath.isnan(v) for v in values) else pick(values)


ROUNDED = mpmath.mpf(10) ** -55
"""What is nearer to 0 than this, and not 0, may be 0 but for rounding."""


def _told_apart(u: Any) -> Any:
    """The same numbers, unless rounding decides of one on which side of 0 it is."""
    if any(0 < abs(number) < ROUNDED for number in np.ravel(u)):
        raise ZeroDivisionError("rounding decides on which side of 0 a number is")
    return u


class Digits:
    """Arrays of mpmath's numbers, with as many digits as mpmath is set to."""

    functions: ClassVar[dict[str, Callable[[Any], Any]]] = {
        "exp": _entrywise(mpmath.exp), "log": _entrywise(_log), "sin": _entrywise(mpmath.sin),
        "cos": _entrywise(mpmath.cos), "tan": _entrywise(mpmath.tan), "tanh": _entrywise(mpmath.tanh),
        "sinh": _entrywise(mpmath.sinh), "cosh": _entrywise(mpmath.cosh), "coth": _entrywise(mpmath.coth),
        "sqrt": _entrywise(lambda u: _real(mpmath.sqrt(u))), "abs": _entrywise(abs),
        "sign": lambda u: _entrywise(mpmath.sign)(_told_apart(u)), "erf": _entrywise(mpmath.erf),
        "sigmoid": _entrywise(lambda u: 1 / (1 + mpmath.exp(-u))),
        "softplus": _entrywise(lambda u: mpmath.log1p(mpmath.exp(u))),
        "relu": _entrywise(lambda u: max(u, mpmath.mpf(0))), "normcdf": _entrywise(mpmath.ncdf),
        "gelu": _entrywise(lambda u: u * mpmath.ncdf(u)), "silu": _entrywise(lambda u: u / (1 + mpmath.exp(-u))),
    }  # fmt: skip

    @property
    def pi(self) -> Any:
        return +mpmath.pi

    @staticmethod
    def number(value: Fraction) -> Any:
        return mpmath.mpf(value.numerator) / value.denominator

    @staticmethod
    def array(rows: list[Any]) -> Any:
        return np.array(rows, dtype=object)

    @staticmethod
    def full(value: float, shape: tuple[int, ...]) -> Any:
        out = np.empty(shape, dtype=object)
        out[...] = mpmath.mpf(value)
        return out

    power = staticmethod(_entrywise(lambda u, v: _real(mpmath.power(u, v)), 2))
    where = staticmethod(_entrywise(lambda c, yes, no: yes if c != 0 else no, 3))

    @staticmethod
    def compared(holds: Callable[[Any, Any], Any], u: Any, v: Any) -> Any:
        _told_apart(u - v)
        return _entrywise(lambda found: mpmath.mpf(1 if found else 0))(holds(u, v))

    maximum, minimum = (staticmethod(_entrywise(_extreme(pick), 2)) for pick in (max, min))
    largest, smallest = (staticmethod(lambda a, pick=pick: _extreme(pick)(*np.ravel(a))) for pick in (max, min))

    @staticmethod
    def inv(a: Any) -> Any:
        return np.array((mpmath.matrix(a.tolist()) ** -1).tolist(), dtype=object).reshape(a.shape)

    @staticmethod
    def det(a: Any) -> Any:
        return mpmath.det(mpmath.matrix(a.tolist()))

    @staticmethod
    def slope(function: Callable[[Any], Any]) -> Any:
        return mpmath.diff(function, mpmath.mpf(0))

    def logdet(self, a: Any) -> Any:
        return _log(self.det(a))

    @staticmethod
    def logsumexp(a: Any) -> Any:
        return mpmath.log(sum(mpmath.exp(u) for u in np.ravel(a)))
