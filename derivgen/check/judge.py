"""The judge: whether two expressions are equal, by their values alone. It knows no rule."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import partial
from time import thread_time
from typing import Any

import numpy as np

from derivgen.catalog.base import Abstract
from derivgen.check.case import NOWHERE, Case
from derivgen.check.evaluator import Evaluator, deep
from derivgen.check.facts import Reader
from derivgen.check.fields import ExactField
from derivgen.check.labelled import Arr
from derivgen.check.scope import Pool, Scope
from derivgen.check.sheets import Kind, Series
from derivgen.check.verdict import Verdict
from derivgen.errors import CheckError
from derivgen.expr import Definition, Expr, Symbol

MOST_SAMPLES = 10_000
"""The most points that one may ask for."""

FIRST_SIZE = 3

LONG_PRODUCT = 3
"""An axis whose length is the product of so many sizes calls for smaller ones."""

SECONDS = 2.0
ALL_SECONDS = 6.0
"""How long one equality may take, and all of a derivation, in time of the processor: on a busy machine as on an idle
one. More points than usual may take longer."""


class Judge:
    """Compares the two sides of each step of a derivation.

    One judge serves a whole derivation, but for the links of a chain, which have one each: it gives every size one
    length, draws its points once, and computes every expression that steps share once. Points depend on ``seed`` and on
    the names of the variables.

    Attributes:
        sizes: the length given to each symbolic size.
        hopeless: conditions whose other side was searched for in vain.
        left: how long all equalities that are still to come may take together, in seconds of the processor.

    Raises:
        CheckError: the seed is negative, or there are to be no points.
    """

    def __init__(self, definitions: Iterable[Definition] = (), seed: int = 0, samples: int | None = None) -> None:
        if samples is not None and samples < 1:
            raise CheckError(
                f"{samples} points check nothing", hint="take samples of at least 1, or turn the check off"
            )
        if samples is not None and samples > MOST_SAMPLES:
            raise CheckError(
                f"{samples} points are more than {MOST_SAMPLES:,}",
                hint=f"take samples of at most {MOST_SAMPLES:,}: a few dozen find what there is to find",
            )
        if seed < 0:
            raise CheckError(f"the seed {seed} is negative", hint="a seed is a whole number from 0 on")
        self.definitions = tuple(definitions)
        self.seed = seed
        self.samples = samples
        self.sizes: dict[str, int] = {}
        self.hopeless: set[Any] = set()
        self._pool = Pool()
        self._scopes: list[tuple[Scope, Reader]] = []
        self._series: dict[Kind, Series] = {}
        self._sized = 0
        self._turned: Judge | None = None
        self.left = ALL_SECONDS * max(1.0, (samples or 0) / 16)

    @property
    def seconds(self) -> float:
        """How long the next equality may take."""
        return min(self.left, SECONDS * max(1.0, (self.samples or 0) / 16))

    def expect(self, e: Expr) -> None:
        """Say that ``e`` will be judged, so that the sizes are chosen with it in mind."""
        self._pool.number(e)

    def agree(self, left: Expr, right: Expr, definitions: Iterable[Definition] | None = None) -> Verdict:
        """Whether ``left`` equals ``right`` for all values of the variables.

        Names in ``definitions`` stand for their values, in addition to the judge's own. Expressions of different
        shapes are not equal: a row is no column, and a scalar 0 no vector.
        """
        if left.shape != right.shape:
            return Verdict("refuted", f"the shapes differ: {left.shape} on the left, {right.shape} on the right")
        if self.left <= 0:
            return Verdict("unchecked", "the time for checks is used up")
        start = thread_time()
        try:
            if self._turned is not None:
                return self._turned.agree(left, right, definitions)
            with deep():
                verdict = self._agree(left, right, definitions)
            if verdict.status == "unchecked" and verdict.reason == NOWHERE:
                return self._with_lengths_turned(left, right, definitions, verdict)
            return verdict
        except CheckError as error:
            return Verdict("unchecked", error.message)
        except (ArithmeticError, RecursionError, MemoryError) as error:
            return Verdict("unchecked", f"the values cannot be computed: {error}")
        finally:
            self.left -= thread_time() - start

    def _agree(self, left: Expr, right: Expr, definitions: Iterable[Definition] | None) -> Verdict:
        a, b = self._pool.number(left), self._pool.number(right)
        if a == b:
            return Verdict("verified", "both sides are the same expression", bound=0.0)
        scope, reader = self._scope(a, b, definitions)
        self._give_sizes()
        return Case(self, scope, a, b, (reader.facts(a), reader.facts(b))).verdict()

    def series(self, kind: Kind, scope: Scope) -> Series:
        """The sheets of points of one kind, the same for all scopes."""
        found = self._series.get(kind)
        if found is None:
            found = self._series[kind] = Series(self.seed, kind, scope.length)
        return found

    def _scope(self, a: int, b: int, definitions: Iterable[Definition] | None) -> tuple[Scope, Reader]:
        """The scope of the given definitions: one used before where no name has another meaning there."""
        if not self.definitions and not definitions and self._scopes and self._scopes[0][0].stands_apart((a, b)):
            return self._scopes[0]
        given = {d.symbol.name: self._pool.number(d.value) for d in (*self.definitions, *(definitions or ()))}
        bit = self._pool.bit
        mentioned = self._pool.mentions[a] | self._pool.mentions[b]
        for value in given.values():
            mentioned |= self._pool.mentions[value]
        for scope, reader in self._scopes:
            if any(given.get(name) != value and bit(name) & mentioned for name, value in scope.defined.items()):
                continue
            new = {name: value for name, value in given.items() if scope.defined.get(name) != value}
            if any(name in scope.defined or bit(name) & scope.met for name in new):
                continue
            for name, value in new.items():
                scope.define(name, value)
            return scope, reader
        scope = Scope(self._pool, (), self.sizes)
        for name, value in given.items():
            scope.define(name, value)
        reader = Reader(scope, partial(_constant, scope))
        self._scopes.append((scope, reader))
        return scope, reader

    def _with_lengths_turned(
        self, left: Expr, right: Expr, definitions: Iterable[Definition] | None, verdict: Verdict
    ) -> Verdict:
        """Another try with the longest length for the size met first: XᵀX is singular where X is wide.

        Where that succeeds, the turned judge takes over.
        """
        if len(self.sizes) < 2 or list(self.sizes.values()) != sorted(self.sizes.values()):
            return verdict
        other = Judge(self.definitions, self.seed, self.samples)
        other.sizes = dict(zip(self.sizes, reversed(list(self.sizes.values())), strict=True))
        second = other.agree(left, right, definitions)
        if second.status != "unchecked":
            self._turned = other
        return second

    def _give_sizes(self) -> None:
        """Every symbolic size gets a length that no other size has."""
        dims = self._pool.dims
        if len(dims) == self._sized:
            return
        self._sized = len(dims)
        taken = {d.size for d in dims if isinstance(d.size, int)} | set(self.sizes.values())
        first = FIRST_SIZE if self._pool.longest < LONG_PRODUCT else FIRST_SIZE - 1
        for dim in dims:
            if isinstance(dim.size, str) and dim.size not in self.sizes:
                length = first
                while length in taken:
                    length += 1
                taken.add(length)
                self.sizes[dim.size] = length


def _constant(scope: Scope, number: int) -> list[Fraction] | None:
    """The values of an expression without variables, where they are rational."""

    def no_variable(symbol: Symbol) -> Arr:
        raise CheckError(f"{symbol.name} is no constant")

    def no_function(op: Abstract, args: object, jets: object) -> Arr:
        raise CheckError(f"{op.name} is only declared")

    try:
        data = Evaluator(scope, ExactField(), no_variable, no_function).value(number).value.data
    except (CheckError, ZeroDivisionError):
        return None
    return [Fraction(int(u.p), int(u.q)) for u in np.reshape(data, -1)]
