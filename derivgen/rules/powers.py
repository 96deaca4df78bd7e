"""Powers of one base whose exponents are letters: which factors of a product are some, and what they are together."""

from __future__ import annotations

from fractions import Fraction

from derivgen.catalog.build import plus, product, split_coefficient, terms_of
from derivgen.expr import ONE, ZERO, Expr, Mul, Number, Power
from derivgen.rules.reason import Terms


def of_one_base(e: Mul) -> tuple[int, int, Power] | None:
    """Two factors with one base and an exponent that is no number, by their places, and their product."""
    for k, f in enumerate(e.factors):
        if not isinstance(f, Power) or isinstance(f.exponent, Number):
            continue
        for m, g in enumerate(e.factors):
            base, exponent = _as_power(g)
            if m != k and base == f.base:
                return k, m, Power(base, plus(f.exponent, exponent))
    return None


def _as_power(e: Expr) -> tuple[Expr, Expr]:
    """A factor as a base and an exponent; 1/u^p is u^{-p}."""
    match e:
        case Power(Power(base, exponent), Number(k)) if k.denominator == 1 and not isinstance(exponent, Number):
            return base, product(Number(k), exponent)
        case Power(base, exponent):
            return base, exponent
        case _:
            return e, ONE


def told_of_one_base(e: Mul, _: Expr) -> Terms:
    """Two such factors, and the power that they are."""
    found = of_one_base(e)
    assert found is not None
    k, m, both = found
    counts: dict[Expr, Fraction] = {}
    for value, rest in map(split_coefficient, terms_of(both.exponent)):
        counts[rest] = counts.get(rest, Fraction(0)) + value
    total = plus(
        *(rest if c == 1 else product(Number(c), rest) if rest != ONE else Number(c) for rest, c in counts.items() if c)
    )
    one = both.base if total == ONE else ONE if total == ZERO else Power(both.base, total)
    return {"u^p u^q": product(e.factors[k], e.factors[m]), "u^{p+q}": one}
