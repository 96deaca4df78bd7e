"""The judge: whether two expressions are equal, by their values alone. It knows no rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import flint
import numpy as np

from derivgen.check.evaluator import BATCH, Evaluator, deep
from derivgen.check.facts import Facts, Reader
from derivgen.check.fields import ExactField, NotRational
from derivgen.check.labelled import Arr, Labels, TooLarge, spread, union
from derivgen.check.points import BITS
from derivgen.check.scope import Pool, Scope
from derivgen.check.sheets import Kind, Series, Sheet
from derivgen.check.verdict import Verdict
from derivgen.errors import CheckError
from derivgen.expr import Definition, Expr, Index, Shape, Symbol

PRECISIONS = (128, 256, 512, 1024)
LARGEST_DEGREE = 400
LARGEST_BRANCHING_DEGREE = 60
"""Above these degrees exact numbers grow too long, and balls are used."""

FIRST_SIZE = 3
BRANCH_POINTS = 8
BALL_POINTS = 2
MAX_SHEETS = 24
MAX_WIDER = 6
MAX_TARGETED = 10
SEARCHED_NODES = 4000
"""How many nodes in all are computed in search of the other side of a branch."""


@dataclass(slots=True)
class _Outcome:
    """What one sheet of points says."""

    good: int = 0
    refuted: tuple[Labels, tuple[int, ...], Any, Any] | None = None
    problem: str = ""


@dataclass(slots=True)
class _Tally:
    """What all sheets so far say."""

    points: int = 0
    problems: dict[str, None] = field(default_factory=dict)
    used: list[Sheet] = field(default_factory=list)


class Judge:
    """Compares the two sides of each step of a derivation.

    One judge serves a whole derivation: it gives every size one length, draws its points once, and computes every
    expression that steps share once. Points depend on ``seed`` and on the names of the variables.

    Attributes:
        sizes: the length given to each symbolic size.
    """

    def __init__(self, definitions: Iterable[Definition] = (), seed: int = 0, samples: int | None = None) -> None:
        self.definitions = tuple(definitions)
        self.seed = seed
        self.samples = samples
        self.sizes: dict[str, int] = {}
        self._pool = Pool()
        self._scopes: list[tuple[Scope, Reader]] = []
        self._series: dict[Kind, Series] = {}
        self._sized = 0
        self._hopeless: set[Any] = set()

    def agree(self, left: Expr, right: Expr, definitions: Iterable[Definition] | None = None) -> Verdict:
        """Whether ``left`` equals ``right`` for all values of the variables.

        Names in ``definitions`` stand for their values, in addition to the judge's own. Expressions of different
        shapes are not equal: a row is no column, and a scalar 0 no vector.
        """
        if left.shape != right.shape:
            return Verdict("refuted", f"the shapes differ: the left side is a {left.shape}, the right side a {right.shape}")
        with deep():
            try:
                return self._agree(left, right, definitions)
            except (CheckError, NotImplementedError) as error:
                return Verdict("unchecked", getattr(error, "message", None) or str(error))

    def _agree(self, left: Expr, right: Expr, definitions: Iterable[Definition] | None) -> Verdict:
        l, r = self._pool.number(left), self._pool.number(right)
        if l == r:
            return Verdict("verified", "both sides are the same expression", bound=0.0)
        scope, reader = self._scope(l, r, definitions)
        self._give_sizes()
        case = _Case(self, scope, reader, l, r, left.shape, left.free | right.free)
        return case.verdict()

    def _scope(self, l: int, r: int, definitions: Iterable[Definition] | None) -> tuple[Scope, Reader]:
        """The scope of the given definitions: one used before where no name has another meaning there."""
        given = {d.symbol.name: self._pool.number(d.value) for d in (*self.definitions, *(definitions or ()))}
        mentioned = self._pool.mentions[l] | self._pool.mentions[r]
        for value in given.values():
            mentioned |= self._pool.mentions[value]
        for scope, reader in self._scopes:
            if all(given.get(name) == value or not self._pool.bit(name) & mentioned for name, value in scope.defined.items()):
                new = {name: value for name, value in given.items() if scope.defined.get(name) != value}
                if not any(name in scope.defined or self._pool.bit(name) & scope.met for name in new):
                    for name, value in new.items():
                        scope.define(name, value)
                    return scope, reader
        scope = Scope(self._pool, (), self.sizes)
        for name, value in given.items():
            scope.define(name, value)
        reader = Reader(scope, lambda number: self._constant(scope, number))
        self._scopes.append((scope, reader))
        return scope, reader

    def _constant(self, scope: Scope, number: int) -> list[Fraction] | None:
        """The values of an expression without variables."""
        def no_variable(symbol: Symbol) -> Arr:
            raise CheckError(f"{symbol.name} is no constant")

        try:
            data = Evaluator(scope, ExactField(), no_variable, None).value(number).value.data
        except (CheckError, ZeroDivisionError):
            return None
        return [Fraction(int(u.p), int(u.q)) for u in np.reshape(data, -1)]

    def _give_sizes(self) -> None:
        """Every symbolic size gets a length that no other size has."""
        dims = list(self._pool.dims)
        if len(dims) == self._sized:
            return
        self._sized = len(dims)
        taken = {d.size for d in dims if isinstance(d.size, int)} | set(self.sizes.values())
        for dim in dims:
            if isinstance(dim.size, str) and dim.size not in self.sizes:
                length = FIRST_SIZE
                while length in taken:
                    length += 1
                taken.add(length)
                self.sizes[dim.size] = length

    def series(self, kind: Kind, scope: Scope) -> Series:
        found = self._series.get(kind)
        if found is None:
            found = self._series[kind] = Series(self.seed, kind, scope.length)
        return found


class _Case:
    """One equality before the judge."""

    def __init__(self, judge: Judge, scope: Scope, reader: Reader, l: int, r: int, shape: Shape, free: frozenset[Index]) -> None:
        self.judge = judge
        self.scope = scope
        self.left, self.right = l, r
        self.shape = shape
        self.free = sorted(free, key=lambda index: index.name)
        self.facts: tuple[Facts, Facts] = reader.facts(l), reader.facts(r)
        self.branches = self.facts[0].branches | self.facts[1].branches

    # which arithmetic, how many points

    def verdict(self) -> Verdict:
        a, b = self.facts
        degree = max(a.degree.over + b.degree.under, b.degree.over + a.degree.under)
        if a.rational and b.rational and degree <= (LARGEST_BRANCHING_DEGREE if self.branches else LARGEST_DEGREE):
            try:
                found = self._exactly(degree)
            except NotRational:
                found = None
            if found is not None:
                return found
        return self._in_balls()

    def _points(self, least: int) -> int:
        least = BRANCH_POINTS if self.branches else least
        return max(least, self.judge.samples or 0)

    def _exactly(self, degree: int) -> Verdict | None:
        """The verdict in rationals; None where every point met a division by zero."""
        series = self.judge.series(Kind(True, bool(self.branches), self._points(1)), self.scope)
        tally = _Tally()
        for sheet in self._sheets(series, tally, most=4):
            outcome = self._exact_outcome(sheet)
            if outcome.refuted:
                return self._refuted(sheet, outcome.refuted, "exact", tally.points + outcome.good)
            self._count(tally, sheet, outcome)
        if not tally.points:
            return None
        if self.branches:
            return self._verified(tally, "exact", None, "exactly")
        bound = min(1.0, 2 * degree / 2**BITS) ** tally.points
        return self._verified(tally, "exact", bound, "exactly")

    def _in_balls(self) -> Verdict:
        series = self.judge.series(Kind(False, bool(self.branches), self._points(BALL_POINTS)), self.scope)
        tally = _Tally()
        for sheet in self._sheets(series, tally, most=MAX_SHEETS):
            outcome = self._ball_outcome(sheet, series)
            if outcome.refuted:
                return self._refuted(sheet, outcome.refuted, "ball", tally.points + outcome.good)
            self._count(tally, sheet, outcome)
        if not tally.points:
            reason = "; ".join(tally.problems) or "no point was found at which both sides have a value"
            return Verdict("unchecked", reason, sizes=self._sizes(), arithmetic="ball")
        return self._verified(tally, "ball", None, "in balls that enclose both sides")

    def _count(self, tally: _Tally, sheet: Sheet, outcome: _Outcome) -> None:
        tally.points += outcome.good
        if outcome.good:
            tally.used.append(sheet)
        if outcome.problem:
            tally.problems.setdefault(outcome.problem)

    def _sheets(self, series: Series, tally: _Tally, most: int) -> Iterator[Sheet]:
        """Sheets until enough points are good and every branch was seen from both sides, within bounds."""
        need = min(series.kind.points, self._points(1) if series.kind.exact else self._points(BALL_POINTS))
        if self.branches:
            need = max(need // 2, self.judge.samples or 0)
        for k in range(most):
            yield series.sheet(k)
            if tally.points >= need:
                break
        if not self.branches or not tally.points:
            return
        k += 1
        allowed = max(3, SEARCHED_NODES // len(self.judge._pool.nodes))
        for extra in range(min(MAX_WIDER, allowed)):
            if not self._one_sided(series, tally):
                return
            yield series.sheet(k + extra)
        for extra in range(min(MAX_TARGETED, allowed)):
            missing = self._one_sided(series, tally)
            if not missing:
                return
            yield series.targeted(*self._nearest(tally, missing[extra % len(missing)]), extra)
        for condition in self._one_sided(series, tally):
            self.judge._hopeless.add(self._print_of(tally, condition))

    # one sheet of points

    def _exact_outcome(self, sheet: Sheet) -> _Outcome:
        evaluator = sheet.evaluator(self.scope)
        try:
            labels, a, b = self._both(evaluator)
        except ZeroDivisionError:
            return _Outcome(problem="a division by zero at every point")
        differ = a != b
        if not isinstance(differ, np.ndarray):
            return _Outcome(sheet.kind.points) if not differ else _Outcome(refuted=(labels, (), a, b))
        if differ.any():
            return _Outcome(refuted=_first(labels, differ, a, b))
        return _Outcome(sheet.kind.points)

    def _both(self, evaluator: Evaluator) -> tuple[Labels, Any, Any]:
        x, y = evaluator.value(self.left).value, evaluator.value(self.right).value
        labels = union(x.labels, y.labels)
        rank = len(self.shape.axes)
        return labels, spread(x, labels, rank), spread(y, labels, rank)

    def _ball_outcome(self, sheet: Sheet, series: Series) -> _Outcome:
        outcome = _Outcome()
        for precision in PRECISIONS:
            with _precision(precision):
                evaluator = sheet.evaluator(self.scope, precision)
                try:
                    labels, a, b = self._both(evaluator)
                except ZeroDivisionError:
                    return _Outcome(problem="a division by zero at every point")
                outcome = self._compared(labels, a, b, evaluator, sheet)
            if outcome.refuted or outcome.problem != _WIDE:
                break
        if outcome.good < sheet.kind.points and len(series.sheets) == sheet.number + 1:
            series.failed(self._complained(evaluator))
        return outcome

    def _compared(self, labels: Labels, a: Any, b: Any, evaluator: Evaluator, sheet: Sheet) -> _Outcome:
        codes = _classify(a, b)
        if not isinstance(codes, np.ndarray):
            codes = np.int8(codes)
        else:
            codes = codes.astype(np.int8)
        if (codes == _DIFFERENT).any():
            differ = codes == _DIFFERENT
            return _Outcome(refuted=_first(labels, differ, a, b) if codes.ndim else (labels, (), a, b))
        worst = _by_point(codes, labels)
        good = int((worst == _EQUAL).sum())
        if worst.size == 1:
            good *= sheet.kind.points
        problem = ""
        if (codes == _TOO_WIDE).any() or (codes == _NO_VALUE).any() and evaluator.field.undecided:
            problem = _WIDE
        elif (codes == _NO_VALUE).any():
            problem = "no point was found at which both sides have a value"
        return _Outcome(good, None, problem)

    def _complained(self, evaluator: Evaluator) -> list[str]:
        bits = 0
        for site in evaluator.field.complaints:
            bits |= self.scope.names(site)
        return self.judge._pool.names_of(bits & (self.scope.names(self.left) | self.scope.names(self.right)))

    # branches

    def _conditions(self, sheet: Sheet) -> dict[tuple[int, int], Arr]:
        """The conditions met at a sheet, at the precision that served last."""
        found: dict[tuple[int, int], Arr] = {}
        for (scope, _), evaluator in sheet._evaluators.items():
            if scope is self.scope:
                found.update({k: c for k, c in evaluator.field.conditions.items() if k[0] in self.branches})
        return found

    def _one_sided(self, series: Series, tally: _Tally) -> list[tuple[int, int]]:
        """The conditions that were positive at all points so far, or at none."""
        seen: dict[tuple[int, int], int] = {}
        for sheet in tally.used:
            for key, condition in self._conditions(sheet).items():
                seen[key] = seen.get(key, 0) | _sides(condition)
        missing = [key for key, sides in seen.items() if sides != 3]
        if missing and self.judge._hopeless:
            missing = [key for key in missing if self._print_of(tally, key) not in self.judge._hopeless]
        return missing

    def _print_of(self, tally: _Tally, key: tuple[int, int]) -> Any:
        """What tells a condition from others: its values at the first sheet, up to the sign."""
        condition = self._conditions(tally.used[0]).get(key)
        return None if condition is None else tuple(sorted({abs(u) for u in _floats(condition.data).reshape(-1).tolist()}))

    def _nearest(self, tally: _Tally, key: tuple[int, int]) -> tuple[Sheet, int]:
        """The point so far at which a condition is nearest to changing sides."""
        best: tuple[float, Sheet, int] | None = None
        for sheet in tally.used:
            condition = self._conditions(sheet).get(key)
            if condition is None:
                continue
            distance = np.abs(_floats(condition.data))
            if BATCH in condition.labels:
                distance = np.moveaxis(distance, condition.labels.index(BATCH), 0).reshape(sheet.kind.points, -1).min(axis=1)
            else:
                distance = np.atleast_1d(distance.min())
            point = int(np.argmin(distance))
            if best is None or distance[point] < best[0]:
                best = (float(distance[point]), sheet, point)
        return (best[1], best[2]) if best else (tally.used[0], 0)

    # evidence

    def _sizes(self) -> dict[str, int]:
        return dict(self.judge.sizes)

    def _verified(self, tally: _Tally, arithmetic: str, bound: float | None, how: str) -> Verdict:
        points = tally.points
        reason = f"equal at {points} random point{'s' * (points != 1)}, computed {how}"
        if self.branches:
            hidden = [c for c, sides in self._all_sides(tally).items() if sides != 3]
            reason += ", on both sides of every branch" if not hidden else "; one side of a branch was met nowhere"
        return Verdict("verified", reason, points, self._sizes(), arithmetic, bound)

    def _all_sides(self, tally: _Tally) -> dict[tuple[int, int], int]:
        seen: dict[tuple[int, int], int] = {}
        for sheet in tally.used:
            for key, condition in self._conditions(sheet).items():
                seen[key] = seen.get(key, 0) | _sides(condition)
        return seen

    def _refuted(self, sheet: Sheet, found: tuple[Labels, tuple[int, ...], Any, Any], arithmetic: str, points: int) -> Verdict:
        labels, position, a, b = found
        evaluator = next(e for (scope, _), e in sheet._evaluators.items() if scope is self.scope)
        where = dict(zip(labels, position, strict=False))
        point = where.get(BATCH, 0)
        parts = [f"{index.name} = {where[evaluator.label(index)] + 1}" for index in self.free if evaluator.label(index) in where]
        own = position[len(labels):]
        if own:
            parts.insert(0, "entry " + (str(own[0] + 1) if len(own) == 1 else str(tuple(k + 1 for k in own))))
        left, right = _two_texts(a, b)
        return Verdict(
            "refuted", "the two sides have different values", points + 1, self._sizes(), arithmetic, None,
            self._shown_point(sheet, point), ", ".join(parts), left, right,
        )  # fmt: skip

    def _shown_point(self, sheet: Sheet, point: int) -> dict[str, Any]:
        bits = self.scope.names(self.left) | self.scope.names(self.right)
        shown: dict[str, Any] = {}
        for e in self.judge._pool.nodes:
            if isinstance(e, Symbol) and self.judge._pool.bit(e.name) & bits and e.name not in self.scope.defined:
                shown[e.name] = np.round(_floats(sheet.at(e, point)), 6).tolist()
        return shown


_EQUAL, _DIFFERENT, _TOO_WIDE, _NO_VALUE = range(4)
_WIDE = "the enclosures stay too wide to tell the sides apart"


def _one_class(a: Any, b: Any) -> int:
    difference = a - b
    if not difference.is_finite():
        return _NO_VALUE
    if not difference.contains(0):
        return _DIFFERENT
    radius = difference.rad()
    scale = max(abs(a).upper(), abs(b).upper())
    narrow = radius <= scale * _NARROW or scale <= _NOTHING
    return _EQUAL if narrow else _TOO_WIDE


_classify: Any = np.frompyfunc(_one_class, 2, 1)
_NARROW = flint.arb(2) ** -50
_NOTHING = flint.arb(2) ** -100


def _by_point(codes: Any, labels: Labels) -> Any:
    """For each point of the sheet the worst code of its entries."""
    if BATCH not in labels:
        return np.atleast_1d(codes.max())
    return np.moveaxis(codes, labels.index(BATCH), 0).reshape(codes.shape[labels.index(BATCH)], -1).max(axis=1)


def _first(labels: Labels, differ: Any, a: Any, b: Any) -> tuple[Labels, tuple[int, ...], Any, Any]:
    position = tuple(int(k) for k in np.argwhere(differ)[0])
    a, b = np.broadcast_to(a, differ.shape), np.broadcast_to(b, differ.shape)
    return labels, position, a[position], b[position]


def _sides(condition: Arr) -> int:
    """1 if some entry is positive, 2 if some is not, 3 for both."""
    if not isinstance(condition.data, np.ndarray):
        return 1 if condition.data > 0 else 2
    positive = condition.data > 0
    return int(positive.any()) | 2 * int(not positive.all())


def _float(u: Any) -> float:
    return float(flint.arb(u) if isinstance(u, flint.fmpq) else u.mid())


_as_floats: Any = np.frompyfunc(_float, 1, 1)


def _floats(data: Any) -> Any:
    return np.asarray(_as_floats(data), dtype=float)


def _two_texts(a: Any, b: Any) -> tuple[str, str]:
    """Both values, with as many digits as tell them apart."""
    x, y = _float(a), _float(b)
    for digits in (6, 10, 15, 17):
        left, right = f"{x:.{digits}g}", f"{y:.{digits}g}"
        if left != right:
            return left, right
    return str(a), str(b)


@contextmanager
def _precision(bits: int) -> Iterator[None]:
    before = flint.ctx.prec
    flint.ctx.prec = bits
    try:
        yield
    finally:
        flint.ctx.prec = before


__all__ = ["Judge", "TooLarge"]
