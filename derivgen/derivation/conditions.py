"""Where a derivative holds: the kinks and the domains of the operations that the expression is made of."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import combinations
from typing import Literal

from derivgen.catalog import GLOSSARY, elementwise
from derivgen.catalog.base import Domain, Elementwise, Formula, Linear, Opaque
from derivgen.catalog.build import factors_of, product, split_coefficient, transposed
from derivgen.catalog.elementwise import equal, greater, greater_equal, less, less_equal, not_equal, sigmoid
from derivgen.catalog.formulas import norm, norm1, softmax
from derivgen.catalog.linear import matmul
from derivgen.catalog.opaque import det, largest, smallest
from derivgen.catalog.sign_facts import signs
from derivgen.catalog.signs import ALL
from derivgen.catalog.user_functions import written_out
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
    Once,
    Op,
    Power,
    Sum,
    Symbol,
    children,
    depends_on,
    map_children,
    occurrence,
    symbols,
    walk,
)
from derivgen.expr.text import text
from derivgen.rules import arithmetic, ties
from derivgen.rules.book import declared
from derivgen.rules.cases import asks_for_extreme
from derivgen.rules.engine import Context, Engine

Kind = Literal[
    "kink", "tie", "joined", "domain", "written", "nowhere", "clipped", "constant", "no error", "shares", "labels"
]

ARITHMETIC = declared(arithmetic)


@dataclass(frozen=True, slots=True)
class Condition:
    """A relation that limits a derivative.

    ``clipped``, ``constant`` and ``no error`` read the answer: where ``relation`` holds the derivative is zero, and why.
    ``shares`` and ``labels`` read it too: where ``relation`` holds, as for probabilities or for labels, a factor of it is 1.
    ``tie``: as a ``kink``, where ``relation`` holds in several entries of different slopes. ``nowhere``: an empty ``domain``.
    ``written``: where ``relation`` does not hold the answer has no value, though the expression may have a derivative.
    ``kink``: where ``relation`` (an equation) holds the expression is not differentiable ``order`` times, or may not be, and
    the value there is a convention; ``joined``: it is a kink's, but both sides have one slope there. ``domain``: the
    expression has a value only where ``relation`` holds. Arrays are meant entry by entry.

    Attributes:
        partly: of a kink, that ``relation`` holds at every point in some places, with one slope on both sides.
        order: which derivative it is that has no value there, or is zero.
        surely: of a kink or a tie, that there is no derivative anywhere on it; of ``written``, that there is one elsewhere.
    """

    kind: Kind
    relation: Expr
    partly: bool = False
    order: int = 1
    surely: bool = True

    @property
    def of_slopes(self) -> bool:
        """Whether it is about slopes that differ, not about values."""
        return self.kind in ("kink", "tie")

    @property
    def entrywise(self) -> bool:
        """Whether it is a condition on each entry of an array."""
        return bool(self.relation.shape.axes)

    def sentence(self, relation: str) -> str:
        """The condition in words, the relation being printed as the caller prints mathematics."""
        entry = " in some entry" if self.entrywise else ""
        each = " in every entry" if self.entrywise else ""
        twice, second = ("twice ", "second ") if self.order == 2 else ("", "")
        none = f"not {twice}differentiable" if self.surely else f"there may be no {second}derivative"
        if self.kind == "kink":
            slopes = ", unless both have one slope there" if self.partly and self.surely else ""
            return f"{none} where {relation}{entry}{slopes}; the value there is a convention"
        if self.kind == "tie":
            return f"{none} where {relation} in several entries with different slopes; the value there is a convention"
        if self.kind == "joined":
            return f"where {relation}{entry} both sides tend to the value there, which is the {second}derivative"
        if self.kind == "nowhere":
            return f"defined nowhere: {relation} holds for no real values, so the expression has no value to derive"
        if self.kind == "written":
            exists = "exists, too" if self.surely else "may exist"
            return f"written for {relation}{each}; elsewhere the derivative {exists}, but not in this form"
        zero = "each term is zero" if self.relation.free else "zero"
        if self.kind == "no error":
            return f"elsewhere {zero} where {relation}{'' if self.order == 2 else ': no error, no gradient'}"
        if self.order == 2 and self.kind in ("constant", "clipped"):
            return f"{zero} where {relation}: the first derivative is constant there"
        if self.kind == "constant":
            return f"{zero} where {relation}: the expression is constant there"
        if self.kind == "clipped":
            return f"{zero} where {relation}: what is clipped passes no gradient"
        if self.kind == "shares":
            return f"where {relation}, as for probabilities, that factor can be left out"
        if self.kind == "labels":
            return f"where {relation}{each}, as for labels −1 and 1, that factor can be left out"
        return f"defined where {relation}{each}"

    def __str__(self) -> str:
        return self.sentence(text(self.relation))


@lru_cache(maxsize=16)  # the question is asked about before and after it is derived
def conditions(e: Expr, name: str) -> tuple[Condition, ...]:
    """The kinks that moving ``name`` can meet, and the domains of all operations in ``e``, each once, in order met."""
    e = with_kinks_open(written_out(e))  # first, since parts are known again by what they are in memory
    found: dict[Condition, None] = {}
    engine = Engine((), ARITHMETIC, Context())
    moves = occurrence(name)
    smooth = {
        id(p.base) for p in walk(e) if isinstance(p, Power) and isinstance(p.exponent, Number) and p.exponent.value >= 2
    }
    for here in walk(e):
        moving = moves(here)
        if isinstance(here, Call) and here.op is norm and (id(here) in smooth or not moving):
            continue  # a norm has a value at 0, and from its square on a slope
        match here:
            case Call(Elementwise(kink=kink), args) if kink is not None and moving and not asks_for_extreme(here):
                zero, _ = engine.tidy(kink(*args))
                partly = len(args) == 2 and all(depends_on(a, name) for a in args) and ties.meet(*args)
                found[Condition("kink", vanishing(zero), partly)] = None
            case Call(op, _) if op in (largest, smallest) and moving:
                found[Condition("tie", Call(equal, (here.args[0], here)))] = None
            case Cases(branches) if moving:
                for border, _ in branches:
                    if isinstance(border, Call) and len(border.args) == 2 and depends_on(border, name):
                        zero, _ = engine.tidy(Add((border.args[0], Mul((Number(Fraction(-1)), border.args[1])))))
                        found[Condition("kink", vanishing(zero))] = None
        for domain in _domains(here):
            found[Condition("domain", domain)] = None
    plain = dict.fromkeys(_without_known(c) for c in found if not _holds_always(c))
    return tuple(_possible(c) for c in plain if not _implied(c, plain))


def _domains(here: Expr) -> tuple[Expr, ...]:
    """Where a node has a value, if not everywhere; a product is not 0 where each factor is not."""
    match _domain(here):
        case None:
            return ()
        case Call(op, (base, zero)) if op is not_equal:
            moving = [f for f in factors_of(base) if symbols(f)]
            return tuple([Call(greater if isinstance(f, Call) and f.op is norm else op, (f, zero)) for f in moving])
        case domain:
            return (domain,)


def _domain(here: Expr) -> Expr | None:
    """The relation that holds where a node has a value."""
    if isinstance(here, Power):
        return _power_domain(here.base, here.exponent)
    if isinstance(here, Call) and isinstance(here.op, Elementwise | Formula | Opaque) and here.op.domain:
        return _relation(here.op.domain, here.args)
    return None


def added(result: Expr, known: Collection[Condition]) -> tuple[Condition, ...]:
    """Where an answer has a value, as far as the question does not ask for that: det(X) has none for det(X) inv(X)ᵀ.

    ``known`` are the conditions of the question.
    """
    domains = [c for c in conditions(result, "") if c.kind == "domain"]
    asked = [c.relation for c in known if c.kind == "domain"]
    new = [c for c in domains if c not in known and not _implied(c, [*known, *domains]) and not _counts(c.relation)]
    new = [c for c in new if not any(_says(k, c.relation) for k in asked)]
    return tuple(Condition("written", c.relation, surely=not known) for c in new if not _is_product(c.relation, asked))


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
            if _factor(v, u) or u == Call(elementwise.relu, (v,)):
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


_HOLDS: dict[Op, set[int]] = {greater: {1}, greater_equal: {0, 1}, not_equal: {-1, 1}}


def _holds_always(c: Condition) -> bool:
    """Whether a domain is everything, as that of log(1 + exp(x)) is."""
    match c.relation:
        case Call(op, (e, zero)):
            return c.kind == "domain" and zero == ZERO and signs(e) <= _HOLDS.get(op, set())
        case _:
            return False


def _without_known(c: Condition) -> Condition:
    """A domain without the numbers in front whose sign is known: 2πs > 0 is s > 0."""
    match c.relation:
        case Call(op, (Mul(factors), zero)) if c.kind == "domain" and zero == ZERO:
            known = {1, -1} if op is not_equal else {1}
            left = [f for f in factors if f.shape.axes or not signs(f) <= known]
            return Condition(c.kind, Call(op, (product(*left), ZERO))) if left else c
        case _:
            return c


def _possible(c: Condition) -> Condition:
    """A domain that is empty is said to be so."""
    match c.relation:
        case Call(op, (e, zero)) if c.kind == "domain" and zero == ZERO and not signs(e) & _HOLDS.get(op, ALL):
            return Condition("nowhere", c.relation)
        case _:
            return c


def with_kinks_open(e: Expr) -> Expr:
    """``e`` with abbreviations opened that hide a kink, such as the absolute values of ‖x‖₁."""

    def open_it(here: Expr, again: Callable[[Expr], Expr]) -> Expr:
        opened = map_children(again, here)
        if isinstance(opened, Call) and isinstance(opened.op, Formula) and opened.op is norm1:
            return opened.op.definition(*opened.args)
        return opened

    return Once(open_it)(e)


def _implied(c: Condition, all_of_them: Collection[Condition]) -> bool:
    """Whether u ≠ 0 is said where u > 0 is said too, or u v ≠ 0 where that is said of u and of v."""
    match c.relation:
        case Call(op, (u, zero)) if op is not_equal:
            return all(
                any(
                    said != c and said in all_of_them
                    for said in (Condition("domain", Call(r, (f, zero))) for r in (greater, not_equal))
                )
                or 0 not in signs(f)
                for f in factors_of(u)
            )
        case _:
            return False


def vanishing(e: Expr) -> Expr:
    """e = 0; a difference of two as u = v, a sign turned so that it does not lead."""
    if isinstance(e, Mul) and split_coefficient(e)[0] != 0:  # a number in front does not move the zeros
        e = split_coefficient(e)[1]
    if isinstance(e, Add) and len(e.terms) == 2:
        value, rest = split_coefficient(e.terms[1])
        if value == -1:
            return Call(equal, (e.terms[0], rest))
    if isinstance(e, Add) and all(split_coefficient(t)[0] < 0 for t in e.terms):
        e = Add(tuple(_negative(t) for t in e.terms))
    return Call(equal, (e, ZERO))


def _negative(t: Expr) -> Expr:
    value, rest = split_coefficient(t)
    return rest if value == -1 else Mul((Number(-value), rest))


def _power_domain(base: Expr, exponent: Expr) -> Expr | None:
    if isinstance(base, Number):
        return None
    if isinstance(exponent, Number):
        if exponent.value.denominator != 1:
            return Call(greater, (base, ZERO))
        return Call(not_equal, (base, ZERO)) if exponent.value < 0 else None
    return Call(greater, (base, ZERO))


def _relation(domain: Domain, args: tuple[Expr, ...]) -> Expr:
    return Call(GLOSSARY.comparisons[domain.relation], (domain.condition(*args), ZERO))


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


def readings(result: Expr, e: Expr) -> tuple[Condition, ...]:
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
