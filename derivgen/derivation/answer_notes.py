"""What is read off an answer: where it has a value, where it is zero, and what can be left out of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from fractions import Fraction
from itertools import combinations

from derivgen.catalog import GLOSSARY, elementwise
from derivgen.catalog.base import Elementwise, Formula, Linear
from derivgen.catalog.build import factors_of, transposed
from derivgen.catalog.elementwise import equal, greater, greater_equal, less, less_equal, not_equal, sigmoid
from derivgen.catalog.formulas import mean, norm, softmax
from derivgen.catalog.linear import matmul, sum_
from derivgen.catalog.opaque import det, eye, ones, prod, zeros
from derivgen.catalog.user_functions import written_out
from derivgen.derivation.conditions import ARITHMETIC, Condition, Kind, conditions, implied, vanishing
from derivgen.expr import (
    ONE,
    ZERO,
    Add,
    At,
    Build,
    Call,
    Cases,
    Expr,
    Mul,
    Number,
    Power,
    Sum,
    Symbol,
    children,
    symbols,
    walk,
)
from derivgen.rules import arithmetic, ties
from derivgen.rules.cases import asks_for_extreme
from derivgen.rules.engine import Context, Engine


def added(result: Expr, known: Collection[Condition], e: Expr) -> tuple[Condition, ...]:
    """Where an answer has a value, as far as the question does not ask for that: det(X) has none for det(X) inv(X)ᵀ.

    ``known`` are the conditions of the question, ``e`` is what was derived.
    """
    known = [*known, *(Condition("domain", Call(greater, c.relation.children)) for c in known if c.kind == "root")]
    domains = [c for c in conditions(result, "") if c.kind == "domain"]
    asked = [c.relation for c in known if c.kind == "domain"]
    new = [c for c in domains if c not in known and not implied(c, [*known, *domains]) and not _counts(c.relation)]
    new = [c for c in new if not any(_says(k, c.relation) for k in asked)]
    return tuple(
        Condition("written", c.relation, surely=_is_polynomial(e)) for c in new if not _is_product(c.relation, asked)
    )


def _is_polynomial(e: Expr) -> bool:
    """Whether an expression has derivatives everywhere since it is made of sums, products and whole powers."""

    def smooth(here: Expr) -> bool:
        match here:
            case Call(Formula() as op, args) if op is not norm:
                return _is_polynomial(op.definition(*args))
            case Call(op):
                return isinstance(op, Linear) or op in (det, prod, norm, eye, ones, zeros)
            case Power(base, Number(value)):
                length = isinstance(base, Call) and base.op is norm
                return value.denominator == 1 and value > (2 if length else 0)
            case Power():
                return False
            case _:
                return not isinstance(here, Cases)

    powers = {id(p.base) for p in walk(e) if isinstance(p, Power)}
    return all(smooth(p) and (not (isinstance(p, Call) and p.op is norm) or id(p) in powers) for p in walk(e))


def _is_product(relation: Expr, known: Collection[Expr]) -> bool:
    """Whether a relation asks that a product of two numbers is not 0 neither of which is: v + r² is (1 + r²/v)v."""
    nonzero = [
        u for k in known if isinstance(k, Call) and k.op in (greater, not_equal) for u in k.args[:1] if not u.shape.axes
    ]
    match relation:
        case Call(op, (v, _)) if op is not_equal and not v.shape.axes:
            return any(ties.same(Mul(both), v) for both in combinations(nonzero, 2))
        case _:
            return False


def _counts(e: Expr) -> bool:
    """Whether a number counts the entries that reach an extreme, however it is written: some always do."""
    moving = [c for c in children(e) if symbols(c)]
    return asks_for_extreme(e) or (bool(moving) and all(map(_counts, moving)))


def _says(known: Expr, relation: Expr) -> bool:
    """Whether the one relation holds where the other does: of the same number, its square, its ramp, or a factor."""
    match known, relation:
        case Call(said, (u, _)), Call(op, (v, _)) if said is greater or said is op:
            v = Call(sum_, v.args) if isinstance(v, Call) and v.op is mean else v  # a mean has the sign of the sum
            if _factor(v, u) or u == Call(elementwise.relu, (v,)) or (isinstance(v, At) and v.array == u):
                return True
            if v.shape.rank == 1 and not u.shape.axes and [i.dim for i in u.free] == [*v.shape.axes]:
                return ties.same(u, At(v, tuple(u.free)))  # said of an entry, asked of all
            return u.shape == v.shape and (ties.same(u, v) or ties.same(u, Mul((v, v))))
        case _:
            return False


def _factor(part: Expr, whole: Expr) -> bool:
    """Whether a determinant is one of a factor of a square product, or a number is a factor in one."""
    match part, whole:
        case _, Call(other, (Mul(scaled),)) if other is det and not part.shape.axes:
            return part in scaled
        case Call(op, (factor,)), Call(other, (Call(times, factors),)) if op is other is det and times is matmul:
            return factor in factors
        case _:
            return False


_ORDERINGS = (greater, less, greater_equal, less_equal)

_CLIPS = (elementwise.maximum, elementwise.minimum, elementwise.relu)


def _edges(e: Expr) -> frozenset[Expr]:
    """Where the larger or smaller of two changes hands."""
    engine = Engine((), ARITHMETIC, Context())
    calls = (c for c in walk(written_out(e)) if isinstance(c, Call) and c.op in _CLIPS)
    kinks = (c.op.kink(*c.args) for c in calls if isinstance(c.op, Elementwise) and c.op.kink is not None)
    return frozenset(vanishing(engine.tidy(k)[0]) for k in kinks)


def _multiplied(e: Expr) -> Iterator[Expr]:
    """The parts of an answer that make the whole of it zero where they are zero, each once."""
    met: set[int] = set()
    todo = [e]
    while todo:
        here = todo.pop()
        if id(here) in met:
            continue
        met.add(id(here))
        yield here
        match here:
            case Mul(parts) | Call(Linear(), parts):
                todo.extend(reversed(parts))
            case Sum(_, body) | Build(_, body):
                todo.append(body)


def answer_notes(result: Expr, e: Expr) -> tuple[Condition, ...]:
    """What an answer by cases says in words: where it is zero, for lack of a branch that moves or of an error; something is
    clipped only where what was derived, ``e``, takes the larger or the smaller of two."""
    found: dict[Condition, None] = {}
    edges = _edges(e)
    engine = Engine((), ARITHMETIC, Context())
    for here in _multiplied(result):
        match here:
            case Cases(((Call(op, args), value),), otherwise) if otherwise == ZERO and op in _ORDERINGS:
                border, _ = engine.tidy(Add((args[0], Mul((Number(Fraction(-1)), args[1])))))
                kind: Kind = "clipped" if vanishing(border) in edges else "constant"
                found[Condition(kind, Call(GLOSSARY.relations[op.notation.contrary], args))] = None
                for f in factors_of(value) if value.shape.axes else ():
                    if isinstance(f, Add) and not f.shape.axes and vanishing(f) != vanishing(border):
                        found[Condition("no error", vanishing(f))] = None
    shares = (_sum_beside_softmax(here) for here in walk(result) if isinstance(here, Mul))
    found.update((Condition("shares", Call(equal, (s, ONE))), None) for s in shares if s is not None)
    squares = (
        (_square_of_labels(here) for here in walk(result) if isinstance(here, Mul)) if result.kinds & Power.bit else ()
    )
    found.update((Condition("labels", Call(equal, (s, ONE))), None) for s in squares if s is not None)
    return tuple(found)


def _square_of_labels(e: Mul) -> Expr | None:
    """The square of what turns the sign of a logistic function beside it: with labels -1 and 1 it is 1."""
    curves = [f for f in e.factors if isinstance(f, Call) and f.op is sigmoid]
    for f in e.factors if curves else ():
        match f:
            case Power(Symbol() | At(Symbol()) as y, Number(value)) if value == 2:
                if any(y in factors_of(c.args[0]) for c in curves):
                    return f
            case _:
                pass
    return None


def _sum_beside_softmax(e: Mul) -> Expr | None:
    """The sum of the entries of a vector, as a factor of a softmax: with labels of which one is right it is 1."""
    if not any(isinstance(f, Call) and f.op is softmax for f in e.factors):
        return None
    sums = (f for f in e.factors if isinstance(f, Call) and f.op is matmul and not f.shape.axes)
    return next((f for f in sums if arithmetic.is_ones(transposed(f.args[0]))), None)
