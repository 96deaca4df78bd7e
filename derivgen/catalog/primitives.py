"""The functions of numbers that every arithmetic computes outright: in floats, in balls, along a direction, on a range."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from math import erf, erfc, factorial, inf, sqrt
from typing import Any

Series = Callable[[Any, Any, int], list[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Primitive:
    """A function of one number; given an arithmetic and an argument it is the value of an operation.

    Attributes:
        floats: the function in double precision, given NumPy and a number or an array.
        ball: the function of a ball of flint.
        slope: its derivative in any arithmetic, by which Taylor coefficients are found where there is no ``series``.
        series: the Taylor coefficients, f(x + h) = c0 + c1 h + c2 h² + …, in an arithmetic, at x, up to an order.
        low: what no value is below.
        high: what no value is above.
        increasing: whether it increases wherever it is defined, and never reaches ``low`` and ``high``.
        margin: what is positive inside the domain, of a ball; None where that is everything.
        border: whether it has a value where the margin is 0.
    """

    floats: Callable[[Any, Any], Any]
    ball: Callable[[Any], Any]
    slope: Callable[[Any, Any], Any] | None = None
    series: Series | None = None
    low: float = -inf
    high: float = inf
    increasing: bool = False
    margin: Callable[[Any], Any] | None = None
    border: bool = False

    def __call__(self, m: Any, u: Any) -> Any:
        return m.of(self, u)


# --- Taylor coefficients, each from the equation that the function satisfies --------------------------------------------


def _exp_series(m: Any, x: Any, order: int) -> list[Any]:
    value = m.exp(x)
    return [value, *(value / factorial(k) for k in range(1, order + 1))]


def _log_series(m: Any, x: Any, order: int) -> list[Any]:
    return [m.log(x), *((-1) ** (k + 1) * x**-k / k for k in range(1, order + 1))]


def _cycle(start: int) -> Series:
    """Those of the sine, and of a sine that is so many quarters of a turn ahead."""

    def series(m: Any, x: Any, order: int) -> list[Any]:
        s, c = m.sin(x), m.cos(x)
        return [(s, c, -s, -c)[(start + k) % 4] / factorial(k) for k in range(order + 1)]

    return series


def _hyperbolic(start: int) -> Series:
    """Those of sinh, and of cosh, which is its derivative, as it is of that."""

    def series(m: Any, x: Any, order: int) -> list[Any]:
        both = m.of(SINH, x), m.of(COSH, x)
        return [both[(start + k) % 2] / factorial(k) for k in range(order + 1)]

    return series


def _erf_series(m: Any, x: Any, order: int) -> list[Any]:
    """The derivative y = 2/√π exp(-x²) satisfies y' = -2 x y."""
    y = [2 * m.exp(-(x * x)) / m.sqrt(m.pi())]
    for k in range(order - 1):
        y.append(-2 * (x * y[k] + (y[k - 1] if k else 0)) / (k + 1))
    return [m.erf(x), *(y[k] / (k + 1) for k in range(order))]


def _normal_series(m: Any, x: Any, order: int) -> list[Any]:
    """The derivative y = exp(-x²/2)/√(2π) satisfies y' = -x y."""
    y = [m.exp(-(x * x) / 2) / m.sqrt(2 * m.pi())]
    for k in range(order - 1):
        y.append(-(x * y[k] + (y[k - 1] if k else 0)) / (k + 1))
    return [m.of(NORMAL, x), *(y[k] / (k + 1) for k in range(order))]


def _tanh_series(m: Any, x: Any, order: int) -> list[Any]:
    """y' = 1 - y²; the first coefficient as (1 - y)(1 + y), and from exp where y is nearly 1."""
    y = [m.tanh(x)]
    for k in range(order):
        if k == 0:
            y.append(4 * m.sigmoid(2 * x) * m.sigmoid(-2 * x))
        else:
            y.append(-sum(y[i] * y[k - i] for i in range(k + 1)) / (k + 1))
    return y


def _sigmoid_series(m: Any, x: Any, order: int) -> list[Any]:
    """s' = s (1 - s) = s t with t = sigmoid(-x), t' = -s'."""
    s, t = [m.sigmoid(x)], [m.sigmoid(-x)]
    for k in range(order):
        s.append(sum(s[i] * t[k - i] for i in range(k + 1)) / (k + 1))
        t.append(-s[k + 1])
    return s


# --- the functions ---------------------------------------------------------------------------------------------------

EXP = Primitive(lambda np, u: np.exp(u), lambda u: u.exp(), series=_exp_series, low=0, increasing=True)
LOG = Primitive(lambda np, u: np.log(u), lambda u: u.log(), series=_log_series, increasing=True, margin=lambda u: u)
SIN = Primitive(lambda np, u: np.sin(u), lambda u: u.sin(), series=_cycle(0), low=-1, high=1)
COS = Primitive(lambda np, u: np.cos(u), lambda u: u.cos(), series=_cycle(1), low=-1, high=1)
ERF = Primitive(lambda np, u: np.asarray(np.frompyfunc(erf, 1, 1)(u), dtype=float)[()], lambda u: u.erf(),
                series=_erf_series, low=-1, high=1, increasing=True)  # fmt: skip
NORMAL = Primitive(lambda np, u: np.asarray(np.frompyfunc(lambda x: erfc(-x / sqrt(2)) / 2, 1, 1)(u), dtype=float)[()],
                   lambda u: (-u / (0 * u + 2).sqrt()).erfc() / 2, series=_normal_series, low=0, high=1, increasing=True)  # fmt: skip
TANH = Primitive(lambda np, u: np.tanh(u), lambda u: u.tanh(), series=_tanh_series, low=-1, high=1, increasing=True)
SINH = Primitive(lambda np, u: np.sinh(u), lambda u: u.sinh(), series=_hyperbolic(0), increasing=True)
COSH = Primitive(lambda np, u: np.cosh(u), lambda u: u.cosh(), series=_hyperbolic(1), low=1)
SIGMOID = Primitive(lambda np, u: np.exp(-np.logaddexp(0, -u)), lambda u: 1 / (1 + (-u).exp()),
                    series=_sigmoid_series, low=0, high=1, increasing=True)  # fmt: skip
SOFTPLUS = Primitive(lambda np, u: np.logaddexp(0, u), lambda u: u.exp().log1p(), lambda m, u: m.sigmoid(u),
                     low=0, increasing=True)  # fmt: skip
SQRT = Primitive(lambda np, u: np.sqrt(u), lambda u: u.sqrt(), lambda m, u: 1 / (2 * m.sqrt(u)),
                 low=0, margin=lambda u: u, border=True)  # fmt: skip


def _method(function: Primitive) -> Callable[[Any, Any], Any]:
    def value(m: Any, u: Any) -> Any:
        return m.of(function, u)

    return value


class Arithmetic(ABC):
    """What an operation's value may be computed with.

    The numeric evaluator supplies it for floats, for exact rationals and for balls, and for numbers that carry a
    derivative along. All methods work on single numbers or, for floats, on arrays, entry by entry. ``+ - * /`` and
    integer powers are Python's own. Sigmoid and softplus do not overflow.
    """

    exp, log, sin, cos, erf, tanh = map(_method, (EXP, LOG, SIN, COS, ERF, TANH))
    sigmoid, softplus, sqrt = map(_method, (SIGMOID, SOFTPLUS, SQRT))

    @abstractmethod
    def of(self, function: Primitive, u: Any) -> Any:
        """A function that is computed outright, at ``u``."""

    @abstractmethod
    def pi(self) -> Any:
        """The number π."""

    @abstractmethod
    def magnitude(self, u: Any) -> float:
        """About |u|, for the choice of a pivot; 0 where u may be 0."""

    @abstractmethod
    def where_positive(self, c: Any, yes: Any, no: Any) -> Any:
        """``yes`` where c > 0, ``no`` where c < 0 or c = 0."""

    @abstractmethod
    def where_zero(self, c: Any, yes: Any, no: Any) -> Any:
        """``yes`` where c is exactly 0, else ``no``."""

    @abstractmethod
    def minus(self, u: Any, v: Any) -> Any:
        """u - v for a comparison: exactly 0 where the two are one number, however it was rounded."""

    @abstractmethod
    def larger(self, u: Any, v: Any) -> Any:
        """The larger of two. Where they are equal and do not move alike it has no derivative."""

    @abstractmethod
    def smaller(self, u: Any, v: Any) -> Any:
        """The smaller of two, as ``larger``."""
