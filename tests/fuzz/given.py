"""Declared functions made concrete by a formula, with the derivatives that ``D`` asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import autograd
import mpmath
import numpy as np

from tests.fuzz.interpret import Scope, Value, interpret
from tests.fuzz.spaces import Digits, Floats


@dataclass(frozen=True, slots=True)
class Given:
    """A function of ``letters``.

    Attributes:
        formula: its value, in the letters and the constants.
        pointwise: whether entry i of the value depends on entry i of the arguments only.
    """

    formula: str
    pointwise: bool
    space: Floats | Digits
    letters: tuple[str, ...] = ("z", "w")
    constants: Mapping[str, Value] = field(default_factory=dict)

    def __call__(self, orders: tuple[int, ...], args: list[Value]) -> Value:
        row = any(a.row for a in args)
        data = [a.data for a in args]
        if not orders:
            return Value(self.value(*data), row and self.pointwise)
        if isinstance(self.space, Floats):
            return Value(self.traced(orders, data), row and self.pointwise)
        return Value(self.differences(orders, data), row and self.pointwise)

    def value(self, *data: Any) -> Any:
        named = {letter: Value(d) for letter, d in zip(self.letters, data, strict=False)}
        return interpret(self.formula, Scope({**self.constants, **named}), self.space).data

    def traced(self, orders: tuple[int, ...], data: list[Any]) -> Any:
        """By autograd; the axes of the arguments follow those of the value."""
        function = self.value
        for k in orders:
            function = (autograd.elementwise_grad if self.pointwise else autograd.jacobian)(function, k)
        shape = np.broadcast_shapes(*map(np.shape, data)) if self.pointwise else ()
        return function(*[d + np.zeros(shape) for d in data] if self.pointwise else data)

    def differences(self, orders: tuple[int, ...], data: list[Any]) -> Any:
        """By differences of many digits."""
        if self.pointwise:
            times = tuple(orders.count(k) for k in range(len(data)))
            one = np.frompyfunc(lambda *at: mpmath.diff(self.value, at, times), len(data), 1)
            return one(*data)
        flat = [u for d in data for u in np.ravel(d)]
        starts = np.cumsum([0, *map(np.size, data)])

        def entry(place: tuple[int, ...], *at: Any) -> Any:
            parts = [
                np.array(at[starts[k] : starts[k + 1]], dtype=object).reshape(np.shape(d)) for k, d in enumerate(data)
            ]
            return np.array(self.value(*parts), dtype=object)[place]

        shape = np.shape(self.value(*data))
        out = np.empty(shape + sum((np.shape(data[k]) for k in orders), ()), dtype=object)
        for place in np.ndindex(*shape):
            for at in product(*[range(np.size(data[k])) for k in orders]):
                counts = [0] * len(flat)
                for k, i in zip(orders, at, strict=True):
                    counts[starts[k] + i] += 1
                within = tuple(
                    j for k, i in zip(orders, at, strict=True) for j in np.unravel_index(i, np.shape(data[k]))
                )
                out[place + within] = mpmath.diff(lambda *u, p=place: entry(p, *u), tuple(flat), tuple(counts))
        return out
