"""Functions that are only declared, made concrete: any function at all, waves, or what the caller supplies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from hashlib import blake2b
from itertools import combinations_with_replacement, product
from math import factorial, prod
from random import Random
from typing import Any

import numpy as np

from derivgen.catalog.base import Abstract
from derivgen.check.fields import Field
from derivgen.check.jets import Jet, bilinear, constant, levelled
from derivgen.check.labelled import LabelledArray, Labels, add, bare, contract, multiply, spread, union
from derivgen.check.operations import product as contracted
from derivgen.check.points import BITS
from derivgen.check.scope import Scope
from derivgen.errors import CheckError, DerivgenError, ShapeError

_LETTERS = "abcdefghijklmnopqrstuvwxyz"

_SHIFTS = (0, 0, 0, 2, 4, 6)
"""By how many powers of two the values of a declared function exceed 1."""

AMPLITUDE = 8
"""How far from 0 a single wave goes, at most."""

WAVES = 3
"""How many waves more than arguments have entries an abstract function is made of."""


class AnyFunctions:
    """Every abstract function as a table, filled as it is asked: for exact arguments only.

    Its value at an argument, and each of its derivatives there, are random numbers of their own: they depend on the
    seed, the name and the argument, and on nothing else. So what holds for them holds for every function, whatever
    arguments it is asked at; a polynomial of degree three has fourth differences 0. Mixed derivatives are symmetric.
    """

    def __init__(self, seed: int, field: Field, length: Callable[[Any], int]) -> None:
        self.seed = seed
        self.field = field
        self.length = length

    def __call__(self, op: Abstract, args: list[Jet]) -> Jet:
        labels: Labels = ()
        for arg in args:
            labels = union(labels, arg.value.labels)
        return self._pointwise(op, args, labels) if op.pointwise else self._whole(op, args, labels)

    def _number(self, *key: Any) -> Any:
        """A number of either sign, never 0, that belongs to ``key``: of several magnitudes, so that conditions are met."""
        digest = blake2b(repr((self.seed, *key)).encode(), digest_size=8).digest()
        odd = (int.from_bytes(digest) >> (63 - BITS)) | 1
        return self.field.number(Fraction((odd - (1 << BITS)) << _SHIFTS[digest[-1] % len(_SHIFTS)], 1 << BITS))

    def _axes(self, shape: Any) -> tuple[int, ...]:
        return tuple([self.length(d) for d in shape.axes])

    def _pointwise(self, op: Abstract, args: list[Jet], labels: Labels) -> Jet:
        """f(u + δ) = Σ f⁽ᵅ⁾(u) δᵅ/α!, entry by entry; an entry of a function to Rⁿ is a function of its own."""
        own = self._axes(op.codomain)
        rank = max(len(own), *(arg.value.rank for arg in args))
        spreads = [np.asarray(spread(arg.value, labels, rank), dtype=object) for arg in args]
        shape = np.broadcast_shapes(*(s.shape for s in spreads), (1,) * len(labels) + own)
        data = [np.broadcast_to(s, shape) for s in spreads]
        place = [None if not own else k[-len(own) :] for k in np.ndindex(*shape)]
        cells = list(zip(place, zip(*(d.reshape(-1) for d in data), strict=True), strict=True))

        def coefficient(which: tuple[int, ...]) -> LabelledArray:
            slots = tuple(sorted((*op.orders, *which)))
            out = np.empty(len(cells), dtype=object)
            out[:] = [self._number(op.name, len(args), slots, where, _told(at)) for where, at in cells]
            return LabelledArray(labels, bare(out.reshape(shape)))

        total = Jet({0: coefficient(())})
        small = [_small(arg) for arg in args]
        for which in _expansion(args, combinations_with_replacement):
            term = _product([small[k] for k in which])
            share = prod(factorial(which.count(k)) for k in set(which))
            c = coefficient(which)
            _put(total, Jet({t: multiply(LabelledArray(labels, c.data / share), a) for t, a in term.parts.items()}))
        return levelled(total)

    def _whole(self, op: Abstract, args: list[Jet], labels: Labels) -> Jet:
        """f(u + δ) = Σ Dʳf(u)(δ, …, δ)/r!, all entries together."""
        domain = [self._axes(s) for s in op.domain]
        data = [
            np.asarray(spread(arg.value, labels, len(axes)), dtype=object)
            for arg, axes in zip(args, domain, strict=True)
        ]
        outside = np.broadcast_shapes(*(d.shape[: len(labels)] for d in data))
        flat = [
            np.broadcast_to(d, outside + axes).reshape(prod(outside), -1) for d, axes in zip(data, domain, strict=True)
        ]
        cells = [_told([u for d in flat for u in d[k]]) for k in range(prod(outside))]
        out = self._axes(op.codomain)

        def derivative(slots: tuple[int, ...]) -> LabelledArray:
            shape = out + tuple([n for k in slots for n in domain[k]])
            places = [list(np.ndindex(*domain[k])) for k in slots]
            entries = [
                (o, tuple(sorted(zip(slots, at, strict=True)))) for o in np.ndindex(*out) for at in product(*places)
            ]
            found = np.empty(len(cells) * len(entries), dtype=object)
            found[:] = [self._number(op.name, len(args), o, at, cell) for cell in cells for o, at in entries]
            return LabelledArray(labels, bare(found.reshape(outside + shape)))

        total = Jet({0: derivative(op.orders)})
        own = len(out) + sum(len(domain[k]) for k in op.orders)
        for which in _expansion(args, lambda ks, r: product(ks, repeat=r)):
            letters = _LETTERS[: own + sum(len(domain[k]) for k in which)]
            term = Jet({0: derivative((*op.orders, *which))})
            for k in which:
                used = letters[own : own + len(domain[k])]
                rest = letters[:own] + letters[own + len(used) :]
                term = contracted(term, letters, _small(args[k]), used, rest)
                letters = rest
            _put(
                total, Jet({s: LabelledArray(a.labels, a.data / factorial(len(which))) for s, a in term.parts.items()})
            )
        return total


def _told(numbers: Sequence[Any]) -> tuple[tuple[int, int], ...]:
    return tuple([(int(u.p), int(u.q)) for u in numbers])


def _small(u: Jet) -> Jet:
    """What moves of a number."""
    return Jet({s: part for s, part in u.parts.items() if s})


def _expansion(args: list[Jet], choose: Callable[[range, int], Any]) -> Iterator[tuple[int, ...]]:
    """Which arguments the terms of a Taylor expansion take: those that move, as often as there are directions."""
    bits = 0
    for arg in args:
        for s in arg.parts:
            bits |= s
    for order in range(1, bits.bit_count() + 1):
        for which in choose(range(len(args)), order):
            if not any(args[k].plain for k in which):
                yield tuple(which)


def _product(factors: list[Jet]) -> Jet:
    found = factors[0]
    for f in factors[1:]:
        found = bilinear(found, f, multiply)
    return found


def _put(total: Jet, term: Jet) -> None:
    """Add a term that may have no value, only what moves."""
    for s, part in term.parts.items():
        old = total.parts.get(s)
        total.parts[s] = part if old is None else add(old, part)


class Waves:
    """Every abstract function as a sum of waves Σᵣ cᵣ sin(sᵣ), each sᵣ a random linear form of all arguments.

    There are more waves than arguments have entries, so that value, Jacobian, Hessian and third derivatives satisfy no
    equation that does not hold for all functions; nor do values at different arguments, since no frequency is known.
    The coefficients depend on the seed and the name, not on the point.
    """

    def __init__(self, seed: int, field: Field, length: Callable[[Any], int]) -> None:
        self.seed = seed
        self.field = field
        self.length = length
        self._made: dict[Any, Any] = {}

    def __call__(self, op: Abstract, args: list[Jet], jets: Any) -> Jet:
        return self._pointwise(op, args, jets) if op.pointwise else self._whole(op, args, jets)

    def _coefficients(self, rng: Random, shape: tuple[int, ...]) -> Any:
        """Random numbers between -1 and 1, never 0, no quotient of two of them a simple one."""
        whole = 1 << BITS
        odd = [2 * rng.randrange(-whole, whole) + 1 for _ in range(prod(shape))]
        drawn = [self.field.number(Fraction(k, 2 * whole)) for k in odd]
        if not shape:
            return drawn[0]
        out = np.empty(len(drawn), dtype=self.field.dtype)
        out[:] = drawn
        return out.reshape(shape)

    def _random(self, op: Abstract) -> Random:
        return Random(f"{self.seed}/{op.name}/{len(op.domain)}/{op.pointwise}")

    def _axes(self, shape: Any) -> tuple[int, ...]:
        return tuple([self.length(d) for d in shape.axes])

    def _pointwise(self, op: Abstract, args: list[Jet], jets: Any) -> Jet:
        key = (op.name, op.domain, op.codomain, True)
        if key not in self._made:
            rng = self._random(op)
            own = self._axes(op.codomain)

            def drawn() -> Jet:
                return constant(self._coefficients(rng, own))

            self._made[key] = [([drawn() for _ in args], drawn(), drawn()) for _ in range(len(args) + WAVES)]
        total: Jet | int = 0
        for slopes, shift, weight in self._made[key]:
            form = shift
            for slope, arg in zip(slopes, args, strict=True):
                form = form + slope * arg
            term = weight * AMPLITUDE * _wave(jets, form, len(op.orders))
            for k in op.orders:
                term = slopes[k] * term
            total = term + total
        assert isinstance(total, Jet)
        return total

    def _whole(self, op: Abstract, args: list[Jet], jets: Any) -> Jet:
        key = (op.name, op.domain, op.codomain, False)
        domain = [self._axes(s) for s in op.domain]
        if key not in self._made:
            rng = self._random(op)
            forms = sum(map(prod, domain)) + WAVES
            slopes = [constant(self._coefficients(rng, (forms, *axes))) for axes in domain]
            shift = constant(self._coefficients(rng, (forms,)))
            weight = constant(self._coefficients(rng, (*self._axes(op.codomain), forms))) * AMPLITUDE
            self._made[key] = slopes, shift, weight
        slopes, shift, weight = self._made[key]
        form = shift
        for slope, arg, axes in zip(slopes, args, domain, strict=True):
            own = _LETTERS[: len(axes)]
            form = form + contracted(slope, "z" + own, arg, own, "z")
        out = _LETTERS[: op.codomain.rank]
        letters, used = out + "z", len(out)
        term = contracted(weight, letters, _wave(jets, form, len(op.orders)), "z", letters)
        for place, k in enumerate(op.orders):
            own = _LETTERS[used : used + len(domain[k])]
            used += len(own)
            grown = letters[:-1] + own + ("" if place == len(op.orders) - 1 else "z")
            term = contracted(term, letters, slopes[k], "z" + own, grown)
            letters = grown
        if not op.orders:
            term = Jet({s: contract([(a, letters)], out) for s, a in term.parts.items()})
        return term


def _wave(jets: Any, form: Jet, order: int) -> Jet:
    """The sine of a form, differentiated so often by the form."""
    wave = jets.cos(form) if order % 2 else jets.sin(form)
    turned: Jet = -wave if order % 4 in (2, 3) else wave
    return turned


class DeclaredFunctions:
    """The abstract functions of an evaluator: any functions in exact arithmetic, waves in every other."""

    def __init__(self, seed: int, field: Field, length: Callable[[Any], int]) -> None:
        self._exact = AnyFunctions(seed, field, length) if field.exact else None
        self._waves = Waves(seed, field, length)

    def __call__(self, op: Abstract, args: list[Jet], jets: Any) -> Jet:
        return self._exact(op, args) if self._exact is not None else self._waves(op, args, jets)


class GivenFunctions:
    """Functions that the caller supplies, for values in floats; their derivatives are not known."""

    def __init__(self, given: Mapping[str, Any], scope: Scope) -> None:
        self.given = given
        self.scope = scope

    def __call__(self, op: Abstract, args: list[Jet], jets: Any) -> Jet:
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
            with _its_own_errors(op):
                return self._entrywise(function, values)
        if any(v.labels for v in values):
            raise CheckError(f"{op.name} of an array for each index cannot be computed from a Python function")
        with _its_own_errors(op):
            found = np.asarray(function(*[v.data for v in values]), dtype=float)
        return constant(self._fitting(op, found))

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
    def _entrywise(function: Callable[..., Any], values: list[LabelledArray]) -> Jet:
        labels: tuple[int, ...] = ()
        for v in values:
            labels = union(labels, v.labels)
        rank = max(v.rank for v in values)
        out = np.vectorize(function, otypes=[float])(*[spread(v, labels, rank) for v in values])
        return constant(out if np.ndim(out) else np.float64(out), labels)


@contextmanager
def _its_own_errors(op: Abstract) -> Iterator[None]:
    """What goes wrong in a function that the caller supplies, as an error that names it."""
    try:
        yield
    except DerivgenError:
        raise
    except Exception as error:
        raise CheckError(
            f"the function given for {op.name} has no value here: {error}", hint="it takes arrays and returns one"
        ) from error
