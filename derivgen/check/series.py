"""Taylor coefficients: f(x + h) = c0 + c1 h + c2 h² + …, each from the equation that the function satisfies."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import factorial
from typing import Any

Series = Callable[[Any, Any, int], list[Any]]


def exp_series(field: Any, x: Any, order: int) -> list[Any]:
    value = field.exp(x)
    return [value, *(value / factorial(k) for k in range(1, order + 1))]


def log_series(field: Any, x: Any, order: int) -> list[Any]:
    return [field.log(x), *((-1) ** (k + 1) * x**-k / k for k in range(1, order + 1))]


def sin_series(field: Any, x: Any, order: int) -> list[Any]:
    s, c = field.sin(x), field.cos(x)
    cycle = (s, c, -s, -c)
    return [cycle[k % 4] / factorial(k) for k in range(order + 1)]


def cos_series(field: Any, x: Any, order: int) -> list[Any]:
    s, c = field.sin(x), field.cos(x)
    cycle = (c, -s, -c, s)
    return [cycle[k % 4] / factorial(k) for k in range(order + 1)]


def erf_series(field: Any, x: Any, order: int) -> list[Any]:
    """The derivative y = 2/√π exp(-x²) satisfies y' = -2 x y."""
    y = [2 * field.exp(-(x * x)) / field.sqrt(field.pi())]
    for k in range(order - 1):
        y.append(-2 * (x * y[k] + (y[k - 1] if k else 0)) / (k + 1))
    return [field.erf(x), *(y[k] / (k + 1) for k in range(order))]


def tanh_series(field: Any, x: Any, order: int) -> list[Any]:
    """y' = 1 - y²; the first coefficient as (1 - y)(1 + y), and from exp where y is nearly 1."""
    y = [field.tanh(x)]
    for k in range(order):
        if k == 0:
            s = field.sigmoid(2 * x)
            y.append(4 * s * field.sigmoid(-2 * x))
        else:
            y.append(-sum(y[i] * y[k - i] for i in range(k + 1)) / (k + 1))
    return y


def sigmoid_series(field: Any, x: Any, order: int) -> list[Any]:
    """s' = s (1 - s) = s t with t = sigmoid(-x), t' = -s'."""
    s, t = [field.sigmoid(x)], [field.sigmoid(-x)]
    for k in range(order):
        s.append(sum(s[i] * t[k - i] for i in range(k + 1)) / (k + 1))
        t.append(-s[k + 1])
    return s


def softplus_series(field: Any, x: Any, order: int) -> list[Any]:
    s = sigmoid_series(field, x, max(order - 1, 0))
    return [field.softplus(x), *(s[k] / (k + 1) for k in range(order))]


def power_series(field: Any, x: Any, exponent: Fraction, order: int) -> list[Any]:
    """Binomial coefficients; a polynomial ends, also at x = 0."""
    out, binomial = [], Fraction(1)
    for k in range(order + 1):
        if k:
            binomial = binomial * (exponent - k + 1) / k
        if binomial == 0:
            out.append(0 * x)
        elif exponent == k:
            out.append(field.number(binomial) + 0 * x)
        else:
            out.append(field.number(binomial) * field.constant_power(x, exponent - k))
    return out
