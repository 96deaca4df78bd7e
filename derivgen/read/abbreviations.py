"""Functions of array libraries that are another expression written shorter: clip(x, a, b) is min(max(x, a), b)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from derivgen.catalog import elementwise as e
from derivgen.catalog.base import Elementwise
from derivgen.catalog.build import number, plus, product, reciprocal
from derivgen.catalog.formulas import mean, softmax
from derivgen.catalog.opaque import stack
from derivgen.expr import (
    MINUS_ONE,
    ONE,
    ZERO,
    At,
    Build,
    Call,
    Cases,
    Expr,
    Number,
    Position,
    Power,
    Sum,
    all_indices,
    fresh_index,
)
from derivgen.expr.text import text
from derivgen.read.along import softmax_of_matrix
from derivgen.read.context import Context, Said
from derivgen.read.shapes import fit
from derivgen.read.surface import Apply, Surface
from derivgen.read.wording import called, counted

HALF, TWO, PERCENT = Number(Fraction(1, 2)), number(2), Number(Fraction(1, 100))


def _of(op: Elementwise, *args: Expr) -> Expr:
    return Call(op, args)


def _minus(u: Expr, v: Expr) -> Expr:
    return plus(u, product(MINUS_ONE, v))


def _square(u: Expr) -> Expr:
    return Power(u, TWO)


def _clip(u: Expr, low: Expr, high: Expr) -> Expr:
    return _of(e.minimum, _of(e.maximum, u, low), high)


def _positive(u: Expr, yes: Expr, no: Expr) -> Expr:
    return Cases(((_of(e.greater, u, ZERO), yes),), no)


def _huber(u: Expr, c: Expr = ONE) -> Expr:
    """Of two arguments the number is the border, which SciPy has first."""
    u, c = (c, u) if isinstance(u, Number) and not isinstance(c, Number) else (u, c)
    size = _of(e.absolute, u)
    beyond = product(c, _minus(size, product(HALF, c)))
    return Cases(((_of(e.less_equal, size, c), product(HALF, _square(u))),), beyond)


def _mean(u: Expr) -> Expr:
    return Call(mean, (u,)) if u.shape.axes else u


def _tanh_ramp(u: Expr) -> Expr:
    root = Power(product(TWO, reciprocal(Call(e.pi, ()))), HALF)
    inner = product(root, plus(u, product(number(Fraction("0.044715")), Power(u, number(3)))))
    return product(HALF, u, plus(ONE, _of(e.tanh, inner)))


def _density(u: Expr) -> Expr:
    return e.normcdf.derivatives[0](u)


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """A function of numbers, entry by entry, or of arrays of one shape.

    Attributes:
        made: the expression, from the arguments.
        least, most: how many arguments it takes.
    """

    made: Callable[..., Expr]
    least: int = 1
    most: int = 1


ABBREVIATIONS: dict[str, Abbreviation] = {
    "log1p": Abbreviation(lambda u: _of(e.log, plus(ONE, u))),
    "expm1": Abbreviation(lambda u: _minus(_of(e.exp, u), ONE)),
    "log2": Abbreviation(lambda u: product(_of(e.log, u), reciprocal(_of(e.log, TWO)))),
    "log10": Abbreviation(lambda u: product(_of(e.log, u), reciprocal(_of(e.log, number(10))))),
    "logit": Abbreviation(lambda u: _of(e.log, product(u, reciprocal(_minus(ONE, u))))),
    "logsigmoid": Abbreviation(lambda u: _of(e.log, _of(e.sigmoid, u))),
    "log_sigmoid": Abbreviation(lambda u: _of(e.log, _of(e.sigmoid, u))),
    "log_ndtr": Abbreviation(lambda u: _of(e.log, _of(e.normcdf, u))),
    "normpdf": Abbreviation(_density),
    "gelu_tanh": Abbreviation(_tanh_ramp),
    "mish": Abbreviation(lambda u: product(u, _of(e.tanh, _of(e.softplus, u)))),
    "elu": Abbreviation(lambda u, a=ONE: _positive(u, u, product(a, _minus(_of(e.exp, u), ONE))), 1, 2),
    "leaky_relu": Abbreviation(lambda u, a=PERCENT: _positive(u, u, product(a, u)), 1, 2),
    "relu6": Abbreviation(lambda u: _clip(u, ZERO, number(6))),
    "hardtanh": Abbreviation(lambda u: _clip(u, MINUS_ONE, ONE)),
    "softsign": Abbreviation(lambda u: product(u, reciprocal(plus(ONE, _of(e.absolute, u))))),
    "clip": Abbreviation(_clip, 3, 3),
    "clamp": Abbreviation(_clip, 3, 3),
    "hinge": Abbreviation(lambda u: _of(e.maximum, ZERO, _minus(ONE, u))),
    "huber": Abbreviation(_huber, 1, 2),
    "hypot": Abbreviation(lambda u, v: Power(plus(_square(u), _square(v)), HALF), 2, 2),
    "logaddexp": Abbreviation(lambda u, v: _of(e.log, plus(_of(e.exp, u), _of(e.exp, v))), 2, 2),
    "mse_loss": Abbreviation(lambda u, v: _mean(_square(_minus(u, v))), 2, 2),
    "l1_loss": Abbreviation(lambda u, v: _mean(_of(e.absolute, _minus(u, v))), 2, 2),
    "huber_loss": Abbreviation(lambda u, v: _mean(_huber(_minus(u, v))), 2, 2),
    "smooth_l1_loss": Abbreviation(lambda u, v: _mean(_huber(_minus(u, v))), 2, 2),
}  # fmt: skip
"""What each stands for."""


def _log_softmax(read: Context, s: Apply, part: Said) -> Expr:
    if part[1].shape.rank == 2:
        return Call(e.log, (softmax_of_matrix(read, s, part[1]),))
    if not part[1].shape.axes:
        raise read.misfit(f"{s.function} is of a vector: {read.shaped(part)}", s).marked("vector")
    return Call(e.log, (Call(softmax, (part[1],)),))


def _cumsum(read: Context, s: Apply, part: Said) -> Expr:
    """Entry i is the sum of the entries up to i."""
    x = part[1]
    if x.shape.rank != 1 or x.shape.row:
        raise read.misfit(f"{s.function} is of a column: {read.shaped(part)}", s)
    taken = {index.name for index in all_indices(x)} | set(map(str, x.shape.axes)) | set(read.scope)
    i = fresh_index(x.shape.axes[0], taken)
    j = fresh_index(x.shape.axes[0], taken | {i.name})
    upto = Call(e.less_equal, (Position(j), Position(i)))
    return Build((i,), Sum(j, product(upto, At(x, (j,)))))


def cross(read: Context, s: Surface, left: Said, right: Said) -> Expr:
    """The cross product."""
    for part in (left, right):
        if part[1].shape.rank != 1 or part[1].shape.row or part[1].shape.axes[0].size != 3:
            raise read.misfit(f"the cross product is of two columns of length 3: {read.shaped(part)}", s)
    u, v = left[1], right[1]
    turned = ((1, 2), (2, 0), (0, 1))
    return Call(
        stack, tuple([_minus(product(At(u, (i,)), At(v, (j,))), product(At(u, (j,)), At(v, (i,)))) for i, j in turned])
    )


ARRAYS: dict[str, tuple[int, Callable[..., Expr]]] = {
    "log_softmax": (1, _log_softmax), "cumsum": (1, _cumsum), "cross": (2, cross),
}  # fmt: skip
"""Functions of arrays, with the number of their arguments."""


def abbreviated(read: Context, s: Apply) -> Expr | None:
    """What a function stands for; None where it is none of these."""
    name = s.function
    short = ABBREVIATIONS.get(name)
    count, of_arrays = ARRAYS.get(name, (0, None))
    if short is None and of_arrays is None:
        return None
    least, most = (short.least, short.most) if short is not None else (count, count)
    if not least <= len(s.args) <= most:
        raise read.fail(f"{name} takes {counted(most)}, not {len(s.args)}", s, called(name, most))
    parts = [(a, read.expr(a)) for a in s.args]
    if name == "huber" and len(parts) == 2 and sum(isinstance(part, Number) for _, part in parts) != 1:
        raise read.fail(
            "which argument of huber is the border is not clear",
            s,
            "write where(abs(r) <= c, r**2/2, c*(abs(r) - c/2))",
        )
    if short is not None:
        fit(read, name, parts, s)
        made = short.made(*(part for _, part in parts))
    else:
        assert of_arrays is not None
        made = of_arrays(read, s, *parts)
    read.note(f"{read.said(s)} is read as {text(made)}", s)
    return made
