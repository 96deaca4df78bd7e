"""Whether an expression has no derivative wherever a kink in it is met: what multiplies the kink may be zero there."""

from __future__ import annotations

from derivgen.catalog.base import Elementwise
from derivgen.catalog.build import factors_of, terms_of
from derivgen.catalog.elementwise import equal, maximum, minimum
from derivgen.catalog.formulas import norm
from derivgen.catalog.linear import sum_, transpose
from derivgen.catalog.opaque import largest, smallest
from derivgen.catalog.sign_facts import signs
from derivgen.catalog.user_functions import written_out
from derivgen.derivation.conditions import ARITHMETIC, vanishing, with_kinks_open
from derivgen.expr import (
    MINUS_ONE,
    ZERO,
    Add,
    At,
    Build,
    Call,
    Cases,
    Expr,
    Mul,
    Number,
    Sum,
    Symbol,
    depends_on,
    symbols,
    walk,
)
from derivgen.rules.engine import Context, Engine


def is_bent(f: Expr, relation: Expr, x: Symbol) -> bool:
    """Whether ``f`` has no derivative by ``x`` at all points where ``relation``, that of a kink or a tie, holds.

    ``f`` has two slopes at one of these points. That they are all alike is known where the kink is at one value of a
    number ``x`` alone, and where nothing that can be zero multiplies it: |x| + x² is bent, max(0, wᵀx) is not where x
    is 0, and max(0, z)² is not at all.
    """
    assert isinstance(relation, Call)
    engine = Engine((), ARITHMETIC, Context())
    if not x.shape.axes and symbols(f).keys() == {x.name} and _is_one_value(relation, x, engine):
        return True

    def is_kink(e: Expr) -> bool:
        match e:
            case Call(op, (u,)) if op in (largest, smallest):
                return relation == Call(equal, (u, e))
            case Call(op) if op is norm:
                return relation == Call(equal, (e, ZERO))
            case Call(Elementwise(kink=kink), args) if kink is not None and depends_on(e, x.name):
                return vanishing(engine.tidy(kink(*args))[0]) == relation
            case _:
                return isinstance(e, Cases)

    here = with_kinks_open(written_out(f))
    while not is_kink(here):
        match here:
            case Add(terms):
                bent = [t for t in terms if any(map(is_kink, walk(t)))]
                if len(bent) != 1:
                    return False
                (here,) = bent
            case Mul(factors):
                bent = [e for e in factors if any(map(is_kink, walk(e)))]
                if len(bent) != 1 or any(0 in signs(e) or depends_on(e, x.name) for e in factors if e is not bent[0]):
                    return False
                (here,) = bent
            case Sum(_, body) | Build(_, body):
                here = body
            case At(array) if isinstance(array, Call):
                here = array
            case Call(op, (body,)) if op in (sum_, transpose):
                here = body
            case _:
                return False
    match here:
        case Call(Elementwise()):
            return all(not depends_on(a, x.name) or _grows(a, x) for a in here.args)
        case Call(_, (u,)):
            return _grows(u, x)
        case _:
            return False


def _is_one_value(relation: Call, x: Symbol, engine: Engine) -> bool:
    """Whether an equation holds for one value of a number ``x``, as 2x = 3 does, and max(0, x) = 1."""
    match relation.args:
        case (Call(op, args), Number() as value) if op in (maximum, minimum):
            moving = [a for a in args if not isinstance(a, Number)]
            return len(moving) == 1 and value not in args and _grows(moving[0], x)
        case u, v:
            return _grows(engine.tidy(Add((u, Mul((MINUS_ONE, v)))))[0], x)
        case _:
            return False


def _grows(e: Expr, x: Symbol) -> bool:
    """Whether each entry changes with one entry of the variable, at a rate that is not 0: as x, -x and 2x + b do."""
    moving = [t for t in terms_of(e) if depends_on(t, x.name)]
    if len(moving) != 1:
        return False
    rate = [f for f in factors_of(moving[0]) if f != x and not (isinstance(f, At) and f.array == x)]
    return len(rate) == len(factors_of(moving[0])) - 1 and not any(0 in signs(f) or depends_on(f, x.name) for f in rate)
