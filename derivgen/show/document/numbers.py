"""A derivative in numbers: the value, the derivative, and what a nudge of one entry does, beside what was foretold."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

import numpy as np

from derivgen.derivation.derivation import Derivation
from derivgen.errors import CheckError, DerivgenError, ParseError
from derivgen.expr import At, Symbol
from derivgen.show.document.blocks import Aside, Block, Equations, Sentence
from derivgen.show.document.context import occurring, variables
from derivgen.show.layout.box import DOT, MINUS, TRANSPOSE, Box, Grid, Num, Script, row, scripted
from derivgen.show.layout.lines import Line
from derivgen.show.layout.term import Context
from derivgen.show.math.latex import write

CHOSEN = "chosen"
"""What is written for small whole numbers that nobody had to think of."""

NUDGE = 0.01
MOST_ENTRIES = 36
"""An array of more entries than these is not written out."""

TRIES = 40


def in_numbers(d: Derivation, c: Context, asked: str) -> Aside:
    """The value and the derivative at a point.

    Args:
        d: the derivation.
        c: the context of its document.
        asked: the point as text, "w=[1, -2], b=0.5", or "chosen".

    Raises:
        DerivgenError: the text is no point, a variable is missing, or there is no value at it.
    """
    point = _chosen(d) if asked.strip() == CHOSEN else _point(asked)
    value, derivative = d.value(point), d.evaluate(point, d.problem.options.layout)
    if not (np.isfinite(value).all() and np.isfinite(derivative).all()):
        raise CheckError("the expression has no derivative at the numbers that are given", hint="choose others")
    lines = [Line(c.box(s), _array(point[s.name])) for s in occurring(d) if s.name in point]
    lines += [Line(c.box(d.name), _array(value)), Line(c.box(d.left), _array(derivative))]
    return Aside("In numbers", (Equations(tuple(lines)), *_nudged(d, c, point, value)))


def _point(text: str) -> dict[str, Any]:
    """Names with their values, ``w=[1, -2], b=0.5``."""
    found: dict[str, Any] = {}
    pieces = re.split(r"(?:^|,|;)\s*([^\W\d]\w*)\s*=(?!=)", text)
    for name, written in zip(pieces[1::2], pieces[2::2], strict=True):
        try:
            value = np.array(ast.literal_eval(written.strip()), dtype=float)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            raise ParseError(f"{written.strip()[:40]!r} is no number and no array", hint=_HINT) from None
        found[name] = value
    if not found or pieces[0].strip():
        raise ParseError(f"{text[:40]!r} gives no variable a value", hint=_HINT)
    return found


_HINT = "write numbers: w=[1, -2], b=0.5, and a matrix by its rows: A=[[1, 0], [2, 1]]; or numbers: chosen"


def _chosen(d: Derivation) -> dict[str, Any]:
    """Small whole numbers at which there is a derivative; axes are 2 and 3 long, in the order of the declarations."""
    lengths: dict[Any, int] = {}
    for s in occurring(d):
        for dim in s.shape.axes:
            for size in dim.factors:
                lengths.setdefault(size, size if isinstance(size, int) else 2 + len(lengths) % 2)
    for seed in range(TRIES):
        rng = Random(seed)
        point = {s.name: _drawn(rng, s, tuple(_length(dim.factors, lengths) for dim in s.shape.axes))
                 for s in occurring(d)}  # fmt: skip
        try:
            if np.isfinite(d.value(point)).all() and np.isfinite(d.evaluate(point)).all():
                return point
        except CheckError as error:
            if seed == TRIES - 1:
                raise DerivgenError(f"no numbers were found: {error.message}", hint=_HINT) from error
    raise DerivgenError("no small numbers were found at which there is a derivative", hint=_HINT)


def _length(factors: tuple[str | int, ...], lengths: Mapping[Any, int]) -> int:
    return int(np.prod([lengths[f] for f in factors]))


def _drawn(rng: Random, s: Symbol, lengths: tuple[int, ...]) -> Any:
    signed = [1] if {"positive", "simplex"} & set(s.traits) else [1, 1, -1]
    found = np.array([rng.randint(1, 3) * rng.choice(signed) for _ in range(int(np.prod(lengths)))], dtype=float)
    found = found.reshape(lengths)
    if "simplex" in s.traits:
        return found / found.sum()
    if "positive-definite" in s.traits:
        return found @ found.T + np.eye(lengths[0])
    if "symmetric" in s.traits:
        return np.tril(found) + np.tril(found, -1).T
    return np.diag(np.diag(found)) if "diagonal" in s.traits else found


# --- a nudge ----------------------------------------------------------------------------------------------------------


def _nudged(d: Derivation, c: Context, point: Mapping[str, Any], value: Any) -> Iterator[Block]:
    """What happens to the first entry of the value when the entry that moves it most grows a little."""
    x = variables(d)[0]
    tied = {"symmetric", "diagonal", "positive-definite", "simplex"} & set(x.traits)
    if d.problem.options.order == 2 or tied or d.problem.places or d.problem.expression.free:
        return
    at = np.asarray(point[x.name], dtype=float)
    slopes = d.evaluate(point).reshape(value.size, -1)
    if len(variables(d)) > 1:
        slopes = slopes[:, :1]
    which = int(np.argmax(np.abs(slopes[0])))
    moved = at.reshape(-1).copy()
    moved[which] += NUDGE
    try:
        after = d.value({**point, x.name: moved.reshape(at.shape)}).reshape(-1)[0]
    except CheckError:
        return
    before, slope = value.reshape(-1)[0], slopes[0, which]
    name = _entry(x, np.unravel_index(which, at.shape), c)
    whole = _entry(d.name, (0,) * d.problem.expression.shape.rank, c)
    yield Sentence(
        f"A nudge: when {name} grows by {_words(NUDGE)}, from {_words(moved[which] - NUDGE)} to {_words(moved[which])}, "
        f"{whole} changes by {_words(after - before)}; the derivative foretells {_words(slope)} · {_words(NUDGE)} = "
        f"{_words(slope * NUDGE)}."
    )


def _entry(s: Symbol, places: tuple[Any, ...], c: Context) -> str:
    return f"${write(c.box(At(s, tuple(map(int, places))) if places else s))}$"


# --- how numbers are written -------------------------------------------------------------------------------------------


def _array(value: Any) -> Box:
    """A number, a column as a transposed row, or a matrix."""
    found = np.asarray(value, dtype=float)
    if found.size > MOST_ENTRIES:
        raise DerivgenError(f"an array of {found.size} entries is too large to be shown", hint="take shorter axes")
    if found.ndim > 2:
        return row(*(_array(part) for part in found))
    if found.ndim == 2 and found.shape[1] == 1 and found.shape[0] > 1:
        found = found[:, 0]
    if found.ndim == 1:
        return scripted(_grid(found[None, :]), sup=TRANSPOSE)
    return _grid(found) if found.ndim else _number(float(found))


def _grid(found: Any) -> Box:
    return Grid(tuple([tuple([_number(float(v)) for v in line]) for line in found]))


def _number(value: float) -> Box:
    digits, _, power = _digits(abs(value)).partition("e")
    box: Box = Num(digits)
    if power:
        sized: Box = Num(str(abs(int(power))))
        box = row(box, DOT, Script(Num("10"), sup=row(MINUS, sized) if int(power) < 0 else sized))
    return row(MINUS, box) if value < 0 and digits.strip("0.") else box


def _words(value: float) -> str:
    return _digits(value).replace("-", "−")


def _digits(value: float) -> str:
    return f"{value:.4g}"
