"""A vector over its length, u = x/‖x‖, and what its derivative is by that letter: (I - uuᵀ)/‖x‖, a projection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from derivgen.catalog.build import factors_of, plus, product, split_base, split_coefficient, to_power, transposed
from derivgen.catalog.formulas import norm
from derivgen.catalog.linear import matmul
from derivgen.catalog.opaque import eye
from derivgen.expr import MINUS_ONE, ONE, Add, Call, Expr, Mul, Number, Power, replace_parts, walk
from derivgen.rules.orientation import told
from derivgen.rules.reason import Reason, filled

TWO = Fraction(2)


@dataclass(frozen=True, slots=True)
class Projection:
    """A sum such as I/‖v‖ - vvᵀ/‖v‖³, by the factors of its identity.

    Attributes:
        unit: the identity.
        vector: v, whose direction is taken away.
        front: what the identity is multiplied by.
        share: how much of the outer product of the direction stands beside it, -1 of a projection.
    """

    unit: Expr
    vector: Expr
    front: Expr
    share: Fraction

    def by(self, u: Expr) -> Expr:
        """The same with a letter for the direction: (I - uuᵀ)/‖v‖."""
        outer = Call(matmul, (u, transposed(u)))
        taken = plus(self.unit, product(Number(self.share), outer))
        factors = factors_of(self.front) if self.front != ONE else ()
        below = [f for f in factors if split_base(f)[1] < 0]
        return product(*(f for f in factors if f not in below), taken, *below)


def direction(v: Expr) -> Expr:
    """A vector over its length."""
    return product(v, Power(Call(norm, (v,)), MINUS_ONE))


def is_direction(e: Expr) -> bool:
    """Whether it is a vector over its length."""
    divided = isinstance(e, Mul) and e.shape.rank == 1 and any(isinstance(f, Power) for f in e.factors)
    return divided and any(e == direction(v) for v in factors_of(e) if v.shape.axes)


def projections(e: Expr) -> dict[Expr, Projection]:
    """The sums in ``e`` that are projections, or such with another share of the direction."""
    sums = (part for part in walk(e) if isinstance(part, Add) and part.shape.rank == 2) if e.kinds & Call.bit else ()
    return {part: found for part in sums for found in _read(part)}


def directions_in(e: Expr) -> list[Expr]:
    """The vectors over their lengths by which its projections are shorter."""
    return list(dict.fromkeys(direction(p.vector) for p in projections(e).values()))


def projected(e: Expr, letters: Mapping[Expr, Expr]) -> Expr:
    """``e`` with its projections by the ``letters`` of the directions."""
    found = {part: (p, letters.get(direction(p.vector))) for part, p in projections(e).items()}
    put = {part: p.by(u) for part, (p, u) in found.items() if u is not None}
    return replace_parts(e, put) if put else e


def in_letter(e: Expr, value: Expr, name: Expr) -> Expr:
    """The Jacobian of a link by its letter, where the link is a vector over its length; any other as it is."""
    return projected(e, {value: name}) if is_direction(value) else e


def told_of(p: Projection, u: Expr) -> Reason:
    """What the letter of the direction says of the derivative."""
    outer = Call(matmul, (p.vector, transposed(p.vector)))
    said = "{x} over its length is {u}, so {o} is {l} {s}"
    said += ": {P} takes away what is along {u}, whose length stays 1." if p.share == -1 else "."
    length = Call(norm, (p.vector,))
    whole = {"x": p.vector, "u": u, "o": outer, "l": to_power(length, TWO), "s": Call(matmul, (u, transposed(u)))}
    return filled(said, {**whole, "P": replace(p, front=ONE).by(u)})


def _read(e: Add) -> Iterator[Projection]:
    """The sum of two terms as a projection, where it is one."""
    if len(e.terms) != 2:
        return
    for unit, other in (e.terms, e.terms[::-1]):
        whole, rest = _powers(unit)
        part, more = _powers(other)
        units = [f for f in rest if isinstance(f, Call) and f.op is eye]
        outers = [f for f in more if isinstance(f, Call) and f.op is matmul and len(f.args) == 2 and f.shape.rank == 2]
        if len(units) != 1 or len(outers) != 1 or f"{rest.pop(units[0])} {more.pop(outers[0])}" != "1 1":
            continue
        v, w = outers[0].args
        for length in [f for f in more if isinstance(f, Call) and f.op is norm]:
            (of,) = length.args
            if (
                transposed(w) == v
                and _same_line(of, v)
                and {**rest, length: rest.get(length, Fraction(0)) - TWO} == more
            ):
                front = product(Number(whole), *(to_power(base, exponent) for base, exponent in rest.items()))
                yield Projection(units[0], of, front, part / whole)


def _same_line(a: Expr, b: Expr) -> bool:
    """Whether two vectors are one, or each the negative of the other."""
    return a == b or (isinstance(a, Add) and isinstance(b, Add) and told(a) == told(b, -1))


def _powers(t: Expr) -> tuple[Fraction, dict[Expr, Fraction]]:
    """The number in front of a term, and its other factors with their exponents."""
    number, rest = split_coefficient(t)
    return number, dict(map(split_base, factors_of(rest)))
