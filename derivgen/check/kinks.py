"""Whether a derivative jumps where an expression changes its branch: looked at in floats, from both sides of a border."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Literal
from zlib import crc32

import numpy as np
import numpy.typing as npt

from derivgen.check.evaluator import BATCH, Evaluator
from derivgen.check.fields import FloatField
from derivgen.check.functions import DeclaredFunctions
from derivgen.check.labelled import LabelledArray
from derivgen.check.lengths import Lengths
from derivgen.check.pool import Pool
from derivgen.check.probes import shaped
from derivgen.check.scope import Names, Scope
from derivgen.errors import DerivgenError
from derivgen.expr import Expr, Symbol

Floats = npt.NDArray[np.float64]

SCALES = (0, 0, 5, 0, 10, 2, 2, 7)
"""Of each line the power of two at which its ends are drawn: some borders are far from 0."""

MARKS = 9
"""How many points of a line, or of a part of it that is left, are looked at to find where it crosses a border."""

ROUNDS = 12

WIDTH = 2.0**-26
"""How near the crossing is to be known, as a part of the line."""

FAR, NEAR = 2.0**-12, 2.0**-20
"""Two distances from the border. What is continuous differs from side to side in proportion to the distance."""

NOISE = 1e-7
"""Differences that are less than so much of the values are rounding."""

HEAVY = 20_000
"""More numbers are not computed at a point: it is left open what they do."""


class BothSides:
    """A function and its derivative, to be looked at on both sides of borders, on lines on which only ``moving`` moves.

    Attributes:
        order: which derivative it is.
    """

    def __init__(self, value: Expr, derivative: Expr, moving: Collection[str], order: int) -> None:
        self.order = order
        self._pool = Pool()
        self._parts = self._pool.number(value), self._pool.number(derivative)
        self._moving = moving
        self._ends: dict[str, tuple[Floats, Floats]] = {}
        self._lengths = Lengths(0, 0)

    def differ(self, border: Expr) -> bool | None:
        """Whether a derivative up to ``order`` jumps where ``border`` is 0 in some entry; None where nobody knows.

        That is where no line was found to cross it, where the values cannot be computed, or where they do not settle
        on either side as the border comes near.
        """
        root = self._pool.number(border)
        self._lengths.give(self._pool)
        scope = Scope(Names(self._pool), self._lengths.sizes)
        try:
            if scope.weight(self._pool.under(root, *self._parts, also={})) > HEAVY:
                return None
            with np.errstate(all="ignore"):
                return self._look(root, scope)
        except (DerivgenError, ArithmeticError, ValueError, RecursionError, MemoryError):
            return None

    def _look(self, root: int, scope: Scope) -> bool | None:
        lines, crossed = self._crossings(root, scope)
        if not len(lines):
            return None
        away = np.array([-2 * FAR, -FAR, -2 * NEAR, -NEAR, NEAR, 2 * NEAR, FAR, 2 * FAR])
        places = crossed[:, None] + away
        evaluator = self._evaluator(scope, lines, places)
        value, derivative = (_rows(evaluator, part, places.shape) for part in self._parts)
        looked = [(v[:, [1, 6]], v[:, [3, 4]], v[:, [2, 5]]) for v in (value, derivative)]
        if self.order == 2:
            slopes = np.diff(value, axis=1) / np.diff(away)[None, :, None]
            near = slopes[:, [2, 4]]
            looked.append((slopes[:, [0, 6]], near, near))
        jumps = [_jumps(*places) for places in looked]
        if any(j is True for j in jumps):
            return True
        return False if False in jumps and "doubtful" not in jumps else None

    def _crossings(self, root: int, scope: Scope) -> tuple[Any, Floats]:
        """The lines that cross a border, and where: the first place at which some entry changes its sign."""
        lines = np.arange(len(SCALES))
        low, high = np.zeros(len(SCALES)), np.ones(len(SCALES))
        share = np.linspace(0.0, 1.0, MARKS)
        found = _rows(self._evaluator(scope, lines, share[None] + low[:, None]), root, (len(lines), MARKS))
        changes = found[:, :-1] * found[:, 1:] < 0
        lines = np.flatnonzero(changes.any(axis=(1, 2)))
        if not len(lines):
            return lines, low
        where = changes[lines].reshape(len(lines), -1).argmax(axis=1)
        mark, entry = np.divmod(where, found.shape[2])
        low, high = share[mark], share[mark + 1]
        before, after = found[lines, mark, entry], found[lines, mark + 1, entry]
        size = np.maximum(np.abs(before), np.abs(after))
        for _ in range(ROUNDS):
            if (high - low).max() <= WIDTH:
                break
            # where the border is straight the secant finds it; where it is not the part that is left is cut
            guess = low + (high - low) * np.clip(before / (before - after), 0.0, 1.0)
            marks = np.concatenate([low[:, None] + (high - low)[:, None] * share, guess[:, None] + WIDTH * np.array([-0.4, 0.4])], axis=1)  # fmt: skip
            marks = np.sort(np.clip(marks, low[:, None], high[:, None]), axis=1)
            rows = _rows(self._evaluator(scope, lines, marks), root, marks.shape)
            values = rows[np.arange(len(lines)), :, entry]
            turn = (np.sign(values) != np.sign(before)[:, None]).argmax(axis=1)
            here = np.arange(len(lines))
            low, high = marks[here, turn - 1], marks[here, turn]
            before, after = values[here, turn - 1], values[here, turn]
        # at a pole the sign changes too
        met = (high - low <= WIDTH) & (np.maximum(np.abs(before), np.abs(after)) < size / 64)
        return lines[met], ((low + high) / 2)[met]

    def _evaluator(self, scope: Scope, lines: Any, places: Floats) -> Evaluator:
        """What computes at places on lines, a row of places for each line."""
        field = FloatField()

        def variable(symbol: Symbol) -> LabelledArray:
            start, end = (e[lines][:, None] for e in self._ends_of(symbol, scope))
            if symbol.name not in self._moving:
                end = start
            share = places.reshape(*places.shape, *[1] * symbol.space.rank)
            values = start + (end - start) * share
            return LabelledArray((BATCH,), values.reshape(-1, *values.shape[2:]))

        return Evaluator(scope, field, variable, DeclaredFunctions(0, field, scope.length))

    def _ends_of(self, symbol: Symbol, scope: Scope) -> tuple[Floats, Floats]:
        """Where the lines start and end: every other one crosses to about the opposite of where it starts."""
        found = self._ends.get(symbol.name)
        if found is None:
            source = np.random.RandomState(crc32(symbol.name.encode()))
            lengths = scope.lengths(symbol.space.axes)
            sizes = np.ldexp(1.0, SCALES).reshape(-1, *[1] * len(lengths))
            start, end = (source.standard_normal((len(SCALES), *lengths)) * sizes for _ in range(2))
            end[::2] = end[::2] / 2 - start[::2]
            found = self._ends[symbol.name] = shaped(start, symbol), shaped(end, symbol)
        return found


def _rows(evaluator: Evaluator, number: int, shape: tuple[int, ...]) -> Floats:
    """Values with an axis for the lines, one for the places on them, and one for all entries."""
    value = evaluator.value(number).value
    data = np.asarray(value.data, dtype=float)
    if BATCH not in value.labels:
        data = np.broadcast_to(data, (*shape, *data.shape))
        return data.reshape(*shape, -1)
    return np.moveaxis(data, value.labels.index(BATCH), 0).reshape(*shape, -1)


def _jumps(far: Floats, near: Floats, twice: Floats) -> bool | Literal["doubtful"] | None:
    """Whether values on two sides differ however near they are; None where there are no values on either side.

    It is doubtful where they come together slowly, as the slopes of |x|^1.2, and where those of a side do not settle,
    as the slope of x² sin(1/x). ``far``, ``near`` and ``twice``, at twice the distance of ``near``, have an axis for
    the lines, one for the two sides, and one for the entries.
    """
    known = np.isfinite(near)
    one_sided = known[:, 0] != known[:, 1]
    both = known.all(axis=1) & np.isfinite(far).all(axis=1)
    size = 1 + np.abs(near).max(axis=(1, 2), where=known, initial=0.0)[:, None]
    here, there = np.abs(near[:, 1] - near[:, 0]), np.abs(far[:, 1] - far[:, 0])
    apart = both & (here > NOISE * size) & (here > there / 12)
    grows = (near * twice > 0) & (np.abs(near) > np.abs(twice))  # as the slope of a root, which has no end
    unsettled = (np.abs(near - twice) * ~grows).max(axis=1) > here / 4
    if not (both | one_sided).any():
        return None
    if one_sided.any() or ((apart & (here > there / 2)).any() and not (apart & unsettled).any()):
        return True
    return "doubtful" if apart.any() else False
