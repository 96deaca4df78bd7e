"""Functions that are only declared, made concrete: random polynomials of degree three, or what the caller supplies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import comb, factorial, prod
from random import Random
from typing import Any

import numpy as np

from derivgen.catalog.base import Abstract
from derivgen.check.fields import Field
from derivgen.check.jets import Jet, constant
from derivgen.check.labelled import Arr, bare, contract, spread, union
from derivgen.check.operations import product
from derivgen.check.points import BITS
from derivgen.check.scope import Scope
from derivgen.errors import CheckError, ShapeError

DEGREE = 3
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class RandomFunctions:
    """Every abstract function as Σᵣ cᵣ₁ sᵣ + cᵣ₂ sᵣ² + cᵣ₃ sᵣ³, each sᵣ a random linear form of all arguments.

    There are more forms than arguments have entries, so that value, Jacobian and Hessian satisfy no equation that
    does not hold for all functions. The coefficients depend on the seed and the name, not on the point.
    """

    def __init__(self, seed: int, field: Field, length: Callable[[Any], int]) -> None:
        self.seed = seed
        self.field = field
        self.length = length
        self._made: dict[Any, Any] = {}

    def __call__(self, op: Abstract, args: list[Jet]) -> Jet:
        return self._pointwise(op, args) if op.pointwise else self._whole(op, args)

    def _coefficients(self, rng: Random, shape: tuple[int, ...]) -> Any:
        """Random dyadic numbers between -1 and 1, never 0."""
        whole = 1 << BITS
        odd = [2 * rng.randrange(-whole, whole) + 1 for _ in range(prod(shape))]
        drawn = [self.field.number(Fraction(k, 2 * whole)) for k in odd]
        if not shape:
            return drawn[0]
        out = np.empty(len(drawn), dtype=self.field.dtype)
        out[:] = drawn
        return out.reshape(shape)

    def _several(self, count: int, rng: Random, shape: tuple[int, ...]) -> list[Jet]:
        return [constant(self._coefficients(rng, shape)) for _ in range(count)]

    def _random(self, op: Abstract) -> Random:
        return Random(f"{self.seed}/{op.name}/{len(op.domain)}/{op.pointwise}")

    def _axes(self, shape: Any) -> tuple[int, ...]:
        return tuple([self.length(d) for d in shape.axes])

    def _pointwise(self, op: Abstract, args: list[Jet]) -> Jet:
        key = (op.name, op.domain, op.codomain, True)
        if key not in self._made:
            rng = self._random(op)
            own = self._axes(op.codomain)
            self._made[key] = [
                (self._several(len(args), rng, own), *self._several(1, rng, own), self._several(DEGREE, rng, own))
                for _ in range(len(args) + 1)
            ]
        total: Jet | int = 0
        for slopes, shift, weights in self._made[key]:
            form = shift
            for slope, arg in zip(slopes, args, strict=True):
                form = form + slope * arg
            term: Jet | int = 0
            for power, weight, factor in _derived(weights, len(op.orders)):
                term = weight * (form**power * factor) + term
            for k in op.orders:
                term = slopes[k] * term
            total = term + total
        assert isinstance(total, Jet)
        return total

    def _whole(self, op: Abstract, args: list[Jet]) -> Jet:
        key = (op.name, op.domain, op.codomain, False)
        domain = [self._axes(s) for s in op.domain]
        if key not in self._made:
            rng = self._random(op)
            forms = sum(map(prod, domain)) + 1
            slopes = [constant(self._coefficients(rng, (forms, *axes))) for axes in domain]
            shift = constant(self._coefficients(rng, (forms,)))
            self._made[key] = slopes, shift, self._several(DEGREE, rng, (*self._axes(op.codomain), forms))
        slopes, shift, weights = self._made[key]
        form = shift
        for slope, arg, axes in zip(slopes, args, domain, strict=True):
            own = _LETTERS[: len(axes)]
            form = form + product(slope, "z" + own, arg, own, "z")
        out = _LETTERS[: op.codomain.rank]
        total: Jet | int = 0
        for power, weight, factor in _derived(weights, len(op.orders)):
            letters, used = out + "z", len(out)
            term = product(weight, letters, form**power * factor, "z", letters)
            for place, k in enumerate(op.orders):
                own = _LETTERS[used : used + len(domain[k])]
                used += len(own)
                grown = letters[:-1] + own + ("" if place == len(op.orders) - 1 else "z")
                term = product(term, letters, slopes[k], "z" + own, grown)
                letters = grown
            if not op.orders:
                term = Jet({s: contract([(a, letters)], out) for s, a in term.parts.items()})
            total = term + total
        assert isinstance(total, Jet)
        return total


def _derived(weights: list[Jet], order: int) -> list[tuple[int, Jet, int]]:
    """The powers of a form, their coefficients and factors after differentiating ``order`` times by the form."""
    if order > DEGREE:
        return [(0, weights[0] * 0, 1)]
    return [
        (power - order, weight, comb(power, order) * factorial(order))
        for power, weight in enumerate(weights, start=1)
        if power >= order
    ]


class GivenFunctions:
    """Functions that the caller supplies, for values in floats; their derivatives are not known."""

    def __init__(self, given: Mapping[str, Any], scope: Scope) -> None:
        self.given = given
        self.scope = scope

    def __call__(self, op: Abstract, args: list[Jet]) -> Jet:
        function = self.given.get(op.name)
        if function is None:
            raise CheckError(f"{op.name} is only declared, so it has no value in numbers",
                             hint=f"give it as a Python function under the name {op.name!r}")  # fmt: skip
        if not callable(function):
            raise CheckError(f"{op.name} is declared as a function, but its value is none",
                             hint="write it as an expression, or define it by a formula")  # fmt: skip
        if op.orders or not all(arg.plain for arg in args):
            raise CheckError(f"the derivative of {op.name} is not known: it is given as a Python function",
                             hint=f"write {op.name} as an expression")  # fmt: skip
        values = [arg.value for arg in args]
        if op.pointwise and not op.codomain.axes:
            return self._entrywise(function, values)
        if any(v.labels for v in values):
            raise CheckError(f"{op.name} of an array for each index cannot be computed from a Python function")
        return constant(self._fitting(op, np.asarray(function(*[v.data for v in values]), dtype=float)))

    def _fitting(self, op: Abstract, value: Any) -> Any:
        """A value of the declared shape; a length that nothing else fixes is read off it."""
        axes = op.codomain.axes
        if value.ndim == len(axes):
            for dim, length in zip(axes, value.shape, strict=True):
                if isinstance(dim.size, str):
                    self.scope.sizes.setdefault(dim.size, length)
        if value.ndim != len(axes) or value.shape != self.scope.lengths(axes):
            shown = "×".join(map(str, value.shape)) or "a single number"
            raise ShapeError(f"{op.name} is declared to have a {op.codomain} for value, but it returned {shown}")
        return bare(value)

    @staticmethod
    def _entrywise(function: Callable[..., Any], values: list[Arr]) -> Jet:
        labels: tuple[int, ...] = ()
        for v in values:
            labels = union(labels, v.labels)
        rank = max(v.rank for v in values)
        out = np.vectorize(function, otypes=[float])(*[spread(v, labels, rank) for v in values])
        return constant(out if np.ndim(out) else np.float64(out), labels)
