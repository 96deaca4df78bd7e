"""Other forms of an answer: factors collected, products multiplied out. The measure decides whether they are printed."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from math import gcd

from derivgen.catalog.build import (
    chain,
    factors_of,
    plus,
    product,
    raised,
    split_base,
    terms_of,
    to_power,
    transposed,
    without,
)
from derivgen.catalog.linear import diag, matmul, transpose
from derivgen.catalog.opaque import eye
from derivgen.expr import ZERO, Add, Call, Expr, Mul, Number, Power, canonical
from derivgen.rules import told_of_entries as told
from derivgen.rules.arithmetic import filled as zeros_of
from derivgen.rules.engine import Context
from derivgen.rules.form_cost import divides, fraction_inside, measure
from derivgen.rules.orientation import Known, is_difference
from derivgen.rules.reason import Reason, filled
from derivgen.rules.rule import Phase, Stage, rule, sides

# --- collected ---------------------------------------------------------------------------------------------------------


@rule(Stage.SIMPLIFY, Add, role="offered", title="Collect the common factor", states=r"u\,v + u\,w = u\,(v + w)",
      because=r"{u} is a factor of every term of {u\,v + u\,w}, so it is taken out.", terms=told.collected,
      examples=("a * x * y - c * x * y", "x / a - y / a", "2 * x - 2 * y", "(a - c) * x + (c - a) * y", "x * w + a * w + y",
                "M * a - N * a", "a**2 * x - a * y", "diag(a * x) - a * x @ x.T"))  # fmt: skip
def collect_factors(e: Add, _: Context) -> Expr | None:
    terms = [_Term.of(t) for t in e.terms]
    known = Known()
    terms = [t.turned(known) for t in terms]
    options = [_collected(e, terms, group, common) for group, common in _choices(terms)]
    return min((o for o in options if o is not None), key=measure, default=None)


class _Term:
    """A term as a coefficient and powers of bases, in the order written."""

    __slots__ = ("powers", "value")

    def __init__(self, value: Fraction, powers: dict[Expr, Fraction]) -> None:
        self.value = value
        self.powers = powers

    @classmethod
    def of(cls, t: Expr) -> _Term:
        value = Fraction(1)
        powers: dict[Expr, Fraction] = {}
        for f in (part for factor in factors_of(t) for part in _opened(factor)):
            base, exponent = split_base(f)
            known = raised(base.value, exponent) if isinstance(base, Number) and base.value != 0 else None
            if known is not None:
                value *= known
                continue
            powers[base] = powers.get(base, Fraction(0)) + exponent
        return cls(value, powers)

    def turned(self, known: Known) -> _Term:
        """The same term with its differences written as those that are known already."""
        value = self.value
        powers: dict[Expr, Fraction] = {}
        for base, exponent in self.powers.items():
            if is_difference(base) and exponent.denominator == 1:
                sign, base = known.like(base)
                value *= sign ** (int(exponent) % 2)
            powers[base] = powers.get(base, Fraction(0)) + exponent
        return _Term(value, powers)

    def expression(self, without: dict[Expr, Fraction], over: Fraction = Fraction(1)) -> Expr:
        """The term with some powers of bases, and a number, taken out."""
        left = ((base, power - without.get(base, Fraction(0))) for base, power in self.powers.items())
        value = self.value / over
        number = () if value == 1 else (Number(value),)
        return product(*number, *(to_power(base, power) for base, power in left if power != 0))


def _opened(f: Expr) -> tuple[Expr, ...]:
    """A factor with its own scalar factors: diag(c v) is c diag(v)."""
    match f:
        case Call(op, (Mul(factors) as v,)) if op is diag and v.shape.rank == 1:
            scalars = tuple(g for g in factors if not g.shape.axes)
            return (*scalars, Call(diag, (product(*without(factors, *scalars)),))) if scalars else (f,)
        case _:
            return (f,)


_Common = tuple[dict[Expr, Fraction], Fraction]


def _choices(terms: list[_Term]) -> Iterator[tuple[tuple[int, ...], _Common]]:
    """Groups of terms with what they have in common: all of it, or what stands above or below the fraction bar."""
    groups: dict[tuple[int, ...], None] = {tuple(range(len(terms))): None}
    bases = dict.fromkeys(b for t in terms for b in t.powers)
    for base in bases:
        for above in (True, False):
            members = tuple(k for k, t in enumerate(terms) if base in t.powers and (t.powers[base] > 0) is above)
            if len(members) > 1:
                groups[members] = None
    for group in groups:
        first, *others = (terms[k] for k in group)
        shared = {
            b: min((t.powers[b] for t in (first, *others)), key=abs)
            for b, p in first.powers.items()
            if all(b in t.powers and t.powers[b] * p > 0 for t in others)
        }
        number = _common_number([t.value for t in (first, *others)])
        upper = {b: p for b, p in shared.items() if p > 0}
        lower = {b: p for b, p in shared.items() if p < 0}
        for common, value in itertools.product((shared, upper, lower, {}), dict.fromkeys((number, Fraction(1)))):
            if common or value != 1:
                yield group, (common, value)


def _common_number(values: list[Fraction]) -> Fraction:
    """The largest number that leaves whole coefficients, with the sign of the first."""
    top = gcd(*(v.numerator for v in values))
    below = {v.denominator for v in values}
    sign = -1 if all(v < 0 for v in values) else 1
    return Fraction(sign * top, below.pop()) if len(below) == 1 else Fraction(1)


def _collected(e: Add, terms: list[_Term], group: tuple[int, ...], common: _Common) -> Expr | None:
    """The sum with what a group of terms has in common taken out; None where the rest would mix scalars with a matrix."""
    powers, value = common
    inner = [terms[k].expression(powers, value) for k in group]
    ranks = {t.shape.rank for t in inner}
    if len(ranks) > 1 and 2 in (e.shape.rank, *ranks):
        return None
    factors = [to_power(base, power) for base, power in powers.items()]
    merged = product(*(() if value == 1 else (Number(value),)), *factors, plus(*inner))
    if merged.shape.axes != e.shape.axes and not any(
        t.shape == e.shape for k, t in enumerate(e.terms) if k not in group
    ):
        return None
    return plus(*(merged if k == group[0] else t for k, t in enumerate(e.terms) if k == group[0] or k not in group))


@rule(Stage.SIMPLIFY, Add, title="Add the diagonal matrices", states=r"\operatorname{diag}(\mathbf u) + \operatorname{diag}(\mathbf v) = \operatorname{diag}(\mathbf u + \mathbf v)",
      because="Diagonal matrices are added on the diagonal.",
      examples=("diag(x) + diag(y)", "M - a * diag(x) + 2 * diag(y)"))  # fmt: skip
def add_diagonals(e: Add, _: Context) -> Expr | None:
    found = {k: _diagonal(t) for k, t in enumerate(e.terms)}
    members = {k: v for k, v in found.items() if v is not None}
    if len(members) < 2:
        return None
    merged = Call(diag, (plus(*members.values()),))
    first = min(members)
    return plus(*(merged if k == first else t for k, t in enumerate(e.terms) if k == first or k not in members))


def _diagonal(t: Expr) -> Expr | None:
    """v of c diag(v), times c."""
    arrays = [f for f in factors_of(t) if f.shape.axes]
    match arrays:
        case [Call(op, (v,))] if op is diag and v.shape.rank == 1:
            return product(*(f for f in factors_of(t) if not f.shape.axes), v)
        case _:
            return None


# --- multiplied out ----------------------------------------------------------------------------------------------------

LIMIT = 24
"""The number of terms up to which products are multiplied out."""


@rule(Stage.SIMPLIFY, Add, Mul, Call, role="offered", phases=(Phase.LONG_FORM,), title="Multiply out and collect", states=r"u\,(v + w) - u\,w = u\,v",
      because=r"When [{u\,(v + w) - u\,w}|a product] is multiplied out, some terms are alike: they cancel, or are counted together.", terms=sides(r"u\,(v + w) - u\,w", r"u\,v"),
      examples=("2 * (x - y) - 2 * (x - w)", "(x / y + (x - 1) / (1 - y)) * y * (y - 1)", "M @ (N + M) @ N - M @ N @ N",
                "(M @ N - 2 * M) @ N.T + M @ (N @ N.T + 2 * N)", "(x - y).T @ M + (y - w).T @ M", "a * (M + N) @ x - a * M @ x",
                "(x + y)**2 - x * (x + 2 * y)", "a * c / a * (x - a * x / c) - c * x", "a * (x - y) - a * x + a * y"))  # fmt: skip
def multiply_out_and_collect(e: Expr, _: Context) -> Expr | None:
    terms = _expanded(e) if _sums_inside(e) else None
    if terms is None:
        return None
    counts: dict[frozenset[tuple[Expr, int]], Fraction] = {}
    shown: dict[frozenset[tuple[Expr, int]], list[Expr]] = {}
    for value, factors in terms:
        key = frozenset(Counter(canonical(f) for f in factors).items())
        counts[key] = counts.get(key, Fraction(0)) + value
        shown.setdefault(key, factors)
    # A product of sums stays where it would become a longer sum: (1 - u)(1 - 2u) is no polynomial to a reader.
    if len(counts) == len(terms) or (not isinstance(e, Add) and sum(map(bool, counts.values())) > _longest(e)):
        return None
    new = [_written(counts[key], factors) for key, factors in shown.items() if counts[key] != 0]
    if not any(t.shape == e.shape for t in new):
        new.append(zeros_of(ZERO, e.shape))
    return plus(*new)


def _longest(e: Expr) -> int:
    """The number of terms of the longest sum among the factors."""
    parts = e.factors if isinstance(e, Mul) else e.args if isinstance(e, Call) else ()
    return max((len(s.terms) for f in parts for s in (split_base(f)[0],) if isinstance(s, Add)), default=2)


def _written(value: Fraction, factors: Iterable[Expr]) -> Expr:
    return product(*(() if value == 1 else (Number(value),)), *factors)


def _sums_inside(e: Expr) -> bool:
    """Whether there is a sum in a product, and another term or sum for it to meet."""
    match e:
        case Add(terms):
            return any(_has_sum(f) for t in terms for f in factors_of(t))
        case Mul(factors):
            return any(isinstance(split_base(f)[0], Add) for f in factors) and sum(map(_has_sum, factors)) > 1
        case Call(op, args) if op is matmul:
            return sum(map(_has_sum, args)) > 1
        case _:
            return False


def _has_sum(f: Expr) -> bool:
    match f:
        case Add():
            return True
        case Power(Add(), Number(value)):
            return value.denominator == 1
        case Call(op, args) if op is matmul or (op is transpose and f.shape.rank > 0):
            return any(_has_sum(a) for a in args)
        case Mul(factors):
            return any(_has_sum(g) for g in factors)
        case _:
            return False


_Product = tuple[Fraction, list[Expr]]


def _expanded(e: Expr) -> list[_Product] | None:
    """The terms of ``e`` multiplied out, each as a coefficient and factors; None where they are too many to read."""
    done: list[_Product] = []
    todo: list[_Product] = [(Fraction(1), [e])]
    while todo:
        value, factors = _in_lowest_terms(*todo.pop())
        at, step = next(_splits(factors), (0, None))
        if step is None:
            done.append((value, factors))
        else:
            rest = (factors[:at], factors[at + 1 :])
            todo += [(value, [*rest[0], t, *rest[1]]) for t in reversed(step)]
        if len(done) + len(todo) > LIMIT:
            return None
    return done


def _in_lowest_terms(value: Fraction, factors: list[Expr]) -> _Product:
    """Powers of one base collected, also of a difference and its negative."""
    term = _Term.of(product(Number(value), *factors)).turned(Known())
    return term.value, [to_power(base, power) for base, power in term.powers.items() if power != 0]


def _split(f: Expr) -> list[Expr] | None:
    """The terms of a factor that is a sum; None where there is nothing to multiply out."""
    match f:
        case Add(terms):
            return list(terms)
        case Power(Add(terms) as base, Number(value)) if value.denominator == 1 and 1 < value <= 3:
            return [product(t, to_power(base, value - 1)) for t in terms]
        case Call(op, (inner,)) if op is transpose:
            parts = _split(inner)
            return None if parts is None else [_turned(t) for t in parts]
        case Call(op, args) if op is matmul:
            for k, a in enumerate(args):
                parts = _split(a)
                if parts is not None and all(t.shape.axes for t in parts):
                    return [_chained(args[:k], t, args[k + 1 :]) for t in parts]
            return None
        case Mul(factors):
            k, parts = next(_splits(factors), (0, None))
            return None if parts is None else [product(*factors[:k], t, *factors[k + 1 :]) for t in parts]
        case _:
            return None


def _splits(factors: Sequence[Expr]) -> Iterator[tuple[int, list[Expr]]]:
    """The factors that are sums, by their places, and their terms; quotients first, so that they cancel while they can."""
    for k in sorted(range(len(factors)), key=lambda k: not fraction_inside(factors[k])):
        parts = _split(factors[k])
        if parts is not None:
            yield k, parts


def _turned(t: Expr) -> Expr:
    """The transpose of a term, through its products."""
    return product(*(_turned_factor(f) if f.shape.axes else f for f in factors_of(t)))


def _turned_factor(f: Expr) -> Expr:
    if isinstance(f, Call) and f.op is matmul:
        return chain(*(transposed(a) for a in reversed(f.args)))
    return f if isinstance(f, Call) and f.op is eye else transposed(f)


def _chained(left: tuple[Expr, ...], t: Expr, right: tuple[Expr, ...]) -> Expr:
    """left · t · right with the scalars of t in front and no identity between."""
    scalars = [f for f in factors_of(t) if not f.shape.axes]
    inner = product(*(f for f in factors_of(t) if f.shape.axes))
    if isinstance(inner, Call) and inner.op is eye:
        return product(*scalars, chain(*left, *right))
    return product(*scalars, chain(*left, inner, *right))


@rule(Stage.SIMPLIFY, Add, role="offered", title="Write over one denominator", states=r"\frac 1u - \frac{v}{u^2} = \frac{u - v}{u^2}",
      because="Over one denominator, terms of the numerators cancel.", when="the denominator is not 0",
      examples=("1 / (a + c) - a / (a + c)**2", "1 - a / (a + c)"))  # fmt: skip
def over_one_denominator(e: Add, ctx: Context) -> Expr | None:
    if any(t.shape != e.shape for t in e.terms):
        return None
    powers = [split_base(f) for t in e.terms for f in factors_of(t)]
    for base in dict.fromkeys(b for b, p in powers if isinstance(b, Add) and p < 0 and p.denominator == 1):
        least = min(p for b, p in powers if b == base)
        top = plus(*(_Term.of(product(t, to_power(base, -least))).expression({}) for t in e.terms))
        top = multiply_out_and_collect.rewrite(top, ctx) or top
        if not _has_own_denominators(top):  # else there would be a fraction in a fraction
            return product(top, to_power(base, least))
    return None


def _has_own_denominators(e: Expr) -> bool:
    """Whether a term of a sum is divided by what not all of its terms are divided by."""
    below = [{b for b, p in map(split_base, factors_of(t)) if p < 0 and not isinstance(b, Number)} for t in terms_of(e)]
    return any(of != below[0] for of in below)


@rule(Stage.SIMPLIFY, Mul, role="offered", title="Cancel the denominators", states=r"u\,(1 - u)\left(\frac vu - \frac{w}{1 - u}\right) = v\,(1 - u) - w\,u",
      because=r"{u\,(1 - u)} goes into the sum, where each of its factors cancels against a denominator[: {v\,(1 - u) - w\,u} is left|].", when="the denominators are not 0",
      terms=lambda e, new: _cancelled(e, new),
      examples=("a * (1 - a) * (c / a - (1 - c) / (1 - a))", "x * y * (w / x + a / y)", "y * (1 - y) * (w / y - (1 - w) / (1 - y))"))  # fmt: skip
def cancel_denominators(e: Mul, ctx: Context) -> Expr | None:
    found = _put_into_sum(e)
    if found is None:
        return None
    _, inside, rest = found
    return product(*rest, multiply_out_and_collect.rewrite(inside, ctx) or inside)


def _put_into_sum(e: Mul) -> tuple[list[Expr], Expr, list[Expr]] | None:
    """Factors that each cancel against a denominator of a sum beside them, the sum with them in it, and what else there is."""
    for k, f in enumerate(e.factors):
        if not isinstance(f, Add):
            continue
        powers = [dict(map(split_base, factors_of(t))) for t in f.terms]
        others = [(m, g, *split_base(g)) for m, g in enumerate(e.factors) if m != k]
        put = {m: g for m, g, base, outside in others if any(p.get(base, 0) * outside < 0 for p in powers)}
        if len(put) > 1:
            inside = plus(*(_Term.of(product(*put.values(), t)).expression({}) for t in f.terms))
            return [*put.values()], inside, [g for m, g in enumerate(e.factors) if m != k and m not in put]
    return None


def _cancelled(e: Mul, new: Expr) -> Reason | dict[str, Expr]:
    """What goes into the sum, and what is left there; where terms cancel besides, what becomes of it."""
    found = _put_into_sum(e)
    assert found is not None
    put, inside, rest = found
    left = next((f for f in factors_of(new) if f not in rest), new)
    terms: dict[str, Expr] = {r"u\,(1 - u)": product(*put), r"v\,(1 - u) - w\,u": inside}
    if left == inside:
        return terms
    return filled(f"{cancel_denominators.because.removesuffix('.')}, which is {{w}}.", {**terms, "w": left})


@rule(Stage.SIMPLIFY, Mul, role="offered", title="Divide term by term", states=r"\frac{u - \frac va}{a} = \frac ua - \frac{v}{a^2}",
      because=r"Instead of the fraction over a fraction[ {\frac{u - \frac va}{a}}|] each term has its own denominator.", terms=sides(r"\frac{u - \frac va}{a}", r"\frac ua - \frac{v}{a^2}"),
      examples=("(x - c * y / a) / a", "2 * (a / c - z / a) / c"))  # fmt: skip
def divide_each_term(e: Mul, _: Context) -> Expr | None:
    if not any(divides(f) for f in e.factors):
        return None
    for k, f in enumerate(e.factors):
        if isinstance(f, Add) and any(divides(g) for t in f.terms for g in factors_of(t)):
            return plus(*(product(*e.factors[:k], t, *e.factors[k + 1 :]) for t in f.terms))
    return None
