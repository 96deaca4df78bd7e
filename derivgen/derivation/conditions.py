"""Where a derivative holds: the kinks and the domains of the operations that the expression is made of."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from derivgen.catalog import GLOSSARY
from derivgen.catalog.base import Domain, Elementwise, Formula, Opaque
from derivgen.catalog.build import factors_of, product, split_coefficient
from derivgen.catalog.elementwise import equal, greater, greater_equal, less, not_equal
from derivgen.catalog.formulas import norm, norm1, std
from derivgen.catalog.opaque import largest, smallest
from derivgen.catalog.sign_facts import signs
from derivgen.catalog.signs import ALL
from derivgen.catalog.user_functions import written_out
from derivgen.expr import (
    ZERO,
    Add,
    Call,
    Cases,
    Expr,
    Mul,
    Number,
    Once,
    Op,
    Power,
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
    "kink",
    "tie",
    "joined",
    "root",
    "domain",
    "written",
    "nowhere",
    "clipped",
    "constant",
    "no error",
    "shares",
    "labels",
]

ARITHMETIC = declared(arithmetic)


@dataclass(frozen=True, slots=True)
class Condition:
    """A relation that limits a derivative.

    ``clipped``, ``constant`` and ``no error`` read the answer: where ``relation`` holds the derivative is zero, and why.
    ``shares`` and ``labels`` read it too: where ``relation`` holds, as for probabilities or for labels, a factor of it is 1.
    ``tie``: as a ``kink``, where ``relation`` holds in several entries of different slopes. ``nowhere``: an empty ``domain``.
    ``written``: where ``relation`` does not hold the answer has no value, though the expression may have a derivative.
    ``root``: where ``relation`` holds a length is 0, which has no slope there.
    ``kink``: where ``relation`` (an equation) holds the expression is not differentiable ``order`` times, or may not be, and
    the value there is a convention; ``joined``: it is a kink's, but both sides have one slope there. ``domain``: the
    expression has a value only where ``relation`` holds. Arrays are meant entry by entry.

    Attributes:
        partly: of a kink, that ``relation`` holds at every point in some places, with one slope on both sides.
        order: which derivative it is that has no value there, or is zero.
        valued: of a kink or a tie, that the answer has a value there.
        surely: of a kink, a root or a tie, that there is no derivative anywhere on it; of ``written``, that there is one elsewhere.
    """

    kind: Kind
    relation: Expr
    partly: bool = False
    order: int = 1
    surely: bool = True
    valued: bool = True

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
        chosen = "; the value there is a convention" if self.valued else ""
        none = f"not {twice}differentiable" if self.surely else f"there may be no {second}derivative"
        if self.kind == "kink":
            slopes = ", unless both have one slope there" if self.partly and self.surely else ""
            return f"{none} where {relation}{entry}{slopes}{chosen}"
        if self.kind == "root":
            return f"{none} where {relation}"
        if self.kind == "tie":
            return f"{none} where {relation} in several entries with different slopes{chosen}"
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
        id(p.base) for p in walk(e) if isinstance(p, Power) and isinstance(p.exponent, Number) and p.exponent.value > 1
    }
    guarded = _guarded(e, name)
    for here in walk(e):
        moving = moves(here)
        if isinstance(here, Call) and here.op in _ROOTS:  # a length has a value at 0, and from its square on a slope
            if moving and id(here) not in smooth:
                found[Condition("root", Call(equal, (here, ZERO)))] = None
            continue
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
        for domain in _domains(here, moving=moving):
            if domain not in guarded:
                found[Condition("domain", domain)] = None
    plain = dict.fromkeys(_without_known(c) for c in found if not _holds_always(c))
    return tuple(_possible(c) for c in plain if not implied(c, plain))


def _guarded(e: Expr, name: str) -> frozenset[Expr]:
    """The domains that are asked for in cases alone in which they hold: of 1/t where t > 0."""
    within: set[Expr] = set()
    outside: set[Expr] = set()
    met: set[tuple[int, frozenset[Expr]]] = set()
    todo: list[tuple[Expr, frozenset[Expr]]] = [(e, frozenset())] if e.kinds & Cases.bit else []
    while todo:
        here, held = todo.pop()
        if (id(here), held) in met:
            continue
        met.add((id(here), held))
        for d in _domains(here, moving=depends_on(here, name)):
            (within if _is_held(d, held) else outside).add(d)
        if isinstance(here, Cases):
            for border, value in here.branches:
                todo += [(border, held), (value, held | {border})]
            todo.append((here.otherwise, held))
        else:
            todo += [(part, held) for part in children(here)]
    return frozenset(within - outside)


def _is_held(domain: Expr, held: frozenset[Expr]) -> bool:
    """Whether u > 0, u < 0 or 0 < u holds where u is not to be 0, and the first or last where it is to be positive."""
    if not isinstance(domain, Call):
        return False
    op, (u, _) = domain.op, domain.args
    above = {Call(greater, (u, ZERO)), Call(less, (ZERO, u))}
    below = {Call(less, (u, ZERO)), Call(greater, (ZERO, u))}
    return bool(held & (above | below if op is not_equal else above))


def _domains(here: Expr, *, moving: bool) -> tuple[Expr, ...]:
    """Where a node has a value, if not everywhere; a product is not 0 where each factor is not."""
    match _domain(here, moving=moving):
        case None:
            return ()
        case Call(op, (base, zero)) if op is not_equal:
            factors = [f for f in factors_of(base) if symbols(f)]
            return tuple([Call(greater if isinstance(f, Call) and f.op is norm else op, (f, zero)) for f in factors])
        case domain:
            return (domain,)


def _domain(here: Expr, *, moving: bool) -> Expr | None:
    """The relation that holds where a node has a value, and a slope if it moves."""
    if isinstance(here, Power):
        return _power_domain(here.base, here.exponent, moving=moving)
    if isinstance(here, Call) and isinstance(here.op, Elementwise | Formula | Opaque) and here.op.domain:
        return _relation(here.op.domain, here.args)
    return None


_ROOTS = (norm, std)
"""Lengths, whose slope has no value where they are 0."""

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


def implied(c: Condition, all_of_them: Collection[Condition]) -> bool:
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


def _power_domain(base: Expr, exponent: Expr, *, moving: bool) -> Expr | None:
    if isinstance(base, Number):
        return None
    if isinstance(exponent, Number):
        if exponent.value.denominator != 1:
            has_end = exponent.value > (1 if moving else 0)
            return Call(greater_equal if has_end else greater, (base, ZERO))
        return Call(not_equal, (base, ZERO)) if exponent.value < 0 else None
    return Call(greater, (base, ZERO))


def _relation(domain: Domain, args: tuple[Expr, ...]) -> Expr:
    return Call(GLOSSARY.comparisons[domain.relation], (domain.condition(*args), ZERO))
