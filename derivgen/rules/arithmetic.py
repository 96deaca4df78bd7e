"""Laws of numbers that hold entry by entry, on the floor of scalars and of arrays alike; all are applied silently."""

from __future__ import annotations

import itertools
from collections import Counter
from fractions import Fraction

from derivgen.catalog.build import (
    exchanged,
    factors_of,
    is_elementwise,
    plus,
    product,
    raised,
    split_base,
    split_coefficient,
    to_power,
    without,
)
from derivgen.catalog.elementwise import exp, log, pi
from derivgen.catalog.formulas import std, var
from derivgen.catalog.linear import transpose
from derivgen.catalog.opaque import ones, zeros
from derivgen.expr import ONE, ZERO, Add, Call, Expr, Mul, Number, Power, Shape, Size, Sum, canonical, skeleton
from derivgen.rules.engine import Context
from derivgen.rules.powers import of_one_base, told_of_one_base
from derivgen.rules.reason import Reason, Terms
from derivgen.rules.rule import Stage, rule, sides


def filled(value: Expr, shape: Shape) -> Expr:
    """An array all of whose entries are the number 0 or 1; the number itself for a scalar."""
    if not shape.axes:
        return value
    array = Call(zeros if value == ZERO else ones, (), shape.axes)
    return Call(transpose, (array,)) if shape.row else array


def is_zero(e: Expr) -> bool:
    """Whether ``e`` is written as 0, or as an array of zeros."""
    if e == ZERO:
        return True
    if isinstance(e, Call) and e.op is transpose:
        return is_zero(e.args[0])
    return isinstance(e, Call) and e.op is zeros


def is_ones(e: Expr) -> bool:
    """Whether ``e`` is a vector or matrix of ones, as a column or as a row."""
    if isinstance(e, Call) and e.op is transpose:
        return is_ones(e.args[0])
    return isinstance(e, Call) and e.op is ones


def with_ones(v: Expr, ctx: Context) -> Expr:
    """A vector to which numbers are added, with the vector of ones beside them, as in u - c𝟏.

    It stays as it is where the question adds numbers to vectors itself, if only by a variance, and where the terms are functions of entries, as
    in 1 - tanh²(x), with a number that no letter stands for.
    """
    if v.shape.rank != 1 or not isinstance(v, Add) or all(t.shape.axes for t in v.terms):
        return v
    if any(len({t.shape.rank for t in q.terms}) > 1 for q in ctx.asked(Add) if isinstance(q, Add)):
        return v
    if any(
        isinstance(q, Call) and q.op in (var, std) for q in ctx.asked(Call)
    ):  # their definition takes the mean from x
        return v
    beside = [t for t in v.terms if not t.shape.axes]
    arrays = [f for t in v.terms if t.shape.axes for f in factors_of(t) if f.shape.axes]
    if all(isinstance(t, Number) for t in beside) and any(is_elementwise(f) or isinstance(f, Power) for f in arrays):
        return v
    return plus(*exchanged(without(v.terms, *beside[1:]), beside[0], product(plus(*beside), filled(ONE, v.shape))))


@rule(Stage.SIMPLIFY, Mul, role="silent", states=r"a(bc) = abc", because="A product needs no inner brackets.", general=True,
      examples=("a * (x * y)",))  # fmt: skip
def flatten_product(e: Mul, _: Context) -> Expr | None:
    return product(*e.factors) if any(isinstance(f, Mul) for f in e.factors) or len(e.factors) < 2 else None


@rule(Stage.SIMPLIFY, Add, role="silent", states=r"a + (b + c) = a + b + c", because="A sum needs no inner brackets.", general=True,
      examples=("x + (y + w)", "a + (c + zeros(n))"))  # fmt: skip
def flatten_sum(e: Add, _: Context) -> Expr | None:
    return plus(*e.terms) if any(isinstance(t, Add) for t in e.terms) or len(e.terms) < 2 else None


@rule(Stage.SIMPLIFY, Mul, role="silent", states=r"0 \cdot u = 0", because=r"A product with a zero factor is zero, and so {0 \cdot u} is {0}.", terms=sides(r"0 \cdot u", r"0"),
      examples=("0 * a", "0 * x", "0 * x.T"))  # fmt: skip
def zero_factor(e: Mul, _: Context) -> Expr | None:
    return filled(ZERO, e.shape) if any(is_zero(f) for f in e.factors) else None


@rule(Stage.SIMPLIFY, Add, role="silent", states=r"0 + u = u", because=r"A zero term adds nothing: {u} is left.", terms=lambda e, new: {"u": new},
      examples=("x + 0", "x + zeros(n)", "0 + zeros(n)", "-x - y + 0"))  # fmt: skip
def zero_term(e: Add, _: Context) -> Expr | None:
    rest = tuple(t for t in e.terms if not is_zero(t))
    if len(rest) == len(e.terms):
        return None
    if not any(t.shape == e.shape for t in rest):
        # The zero array gave the sum its shape: it stays, to be expanded to.
        rest = (*rest, filled(ZERO, e.shape)) if rest else (filled(ZERO, e.shape),)
        if len(rest) == len(e.terms):
            return None
    return plus(*rest)


@rule(Stage.SIMPLIFY, Mul, role="silent", states=r"(c + \mathbf 0) \otimes \mathbf u = c\,\mathbf u",
      because="Zeros that only give a number the shape of an array are not needed beside an array.",
      examples=("(a + zeros(n)) * x",))  # fmt: skip
def zeros_beside_array(e: Mul, _: Context) -> Expr | None:
    if not e.shape.axes or not e.kinds & Add.bit:
        return None
    for k, f in enumerate(e.factors):
        if isinstance(f, Add) and any(map(is_zero, f.terms)) and any(g.shape == e.shape for g in without(e.factors, f)):
            return product(*e.factors[:k], plus(*(t for t in f.terms if not is_zero(t))), *e.factors[k + 1 :])
    return None


@rule(Stage.SIMPLIFY, Mul, role="silent", states=r"2 \cdot 3\,u = 6u,\quad 1 \cdot u = u",
      because="Numeric factors are multiplied out and stand first; a factor 1 is not written.", general=True,
      examples=("2 * x * 3", "2 * sum(x + y) * 3", "2 * mean(x + y) * 3", "1 * a", "ones(n) * x"))  # fmt: skip
def fold_factors(e: Mul, _: Context) -> Expr | None:
    value = Fraction(1)
    rest: list[Expr] = []
    for f in e.factors:
        if isinstance(f, Number):
            value *= f.value
        else:
            rest.append(f)
    kept = [f for f in rest if not is_ones(f)]
    if any(f.shape == e.shape for f in kept):  # ones among arrays of the same shape are the factor 1
        rest = kept
    new = tuple(rest) if value == 1 and rest else (Number(value), *rest)
    return None if new == e.factors else product(*new)


@rule(Stage.SIMPLIFY, Add, role="silent", states=r"2 + 3 + u = 5 + u", because="Numbers are added up.",
      examples=("a + 2 + 3",))  # fmt: skip
def fold_terms(e: Add, _: Context) -> Expr | None:
    numbers = [t for t in e.terms if isinstance(t, Number)]
    if len(numbers) < 2:
        return None
    total = Number(sum((t.value for t in numbers), Fraction(0)))
    first = next(k for k, t in enumerate(e.terms) if isinstance(t, Number))
    new = [total if k == first else t for k, t in enumerate(e.terms) if k == first or not isinstance(t, Number)]
    return plus(*new)


@rule(Stage.SIMPLIFY, Power, role="silent", states=r"u^1 = u,\quad u^0 = 1,\quad 1^p = 1,\quad 0^2 = 0", because=r"By the meaning of a power {u^1} is {u}.", terms=lambda e, new: _of_folded(e, new),
      examples=("x**1", "x**0", "1**a", "2**3", "zeros(n)**(1/2)"))  # fmt: skip
def fold_power(e: Power, _: Context) -> Expr | None:
    match e:
        case Power(base, Number(value)) if value == 1:
            return base
        case Power(_, Number(value)) if value == 0:
            return filled(ONE, e.shape)
        case Power(Number(base), _) if base == 1:
            return filled(ONE, e.shape)
        case Power(Number(base), Number(value)) if base != 0 and abs(value) <= 64:
            known = raised(base, value)
            return None if known is None else Number(known)
        case Power(base, Number(value)) if is_zero(base) and value > 0:
            return base
        case _:
            return None


def _of_folded(e: Power, new: Expr) -> Reason | Terms:
    """A power and what it is; of a quotient of numbers, which is printed as the power was, nothing is said."""
    match e, new:
        case Power(Number(base), Number(exponent)), Number(value) if exponent == -1 and value * base == 1 and base > 0:
            return Reason()
        case _:
            return {"u^1": e, "u": new}


@rule(Stage.SIMPLIFY, Power, role="silent", states=r"(u^p)^k = u^{pk}\ (k \in \mathbb Z)",
      because=r"A whole power of a power multiplies the exponents[, so {(u^p)^k} is {u^{pk}}|]; of a quotient, or of a product with a number, it is taken of each.", terms=sides(r"(u^p)^k", r"u^{pk}"),
      examples=("sqrt(a)**2", "(-x)**2", "1 / (a / c)"))  # fmt: skip
def power_of_power(e: Power, _: Context) -> Expr | None:
    if not (isinstance(e.exponent, Number) and e.exponent.value.denominator == 1):
        return None
    match e.base:
        case Power(base, Number(value)):
            return to_power(base, value * e.exponent.value)
        case Mul((Number(value), *rest)) if value != 0 and abs(e.exponent.value) <= 64:
            known = raised(value, e.exponent.value)
            first = Power(Number(value), e.exponent) if known is None else Number(known)
            return product(first, to_power(product(*rest), e.exponent.value))
        case Mul(factors) if any(split_base(f)[1] < 0 for f in factors):
            return product(*(to_power(f, e.exponent.value) for f in factors))
        case _:
            return None


@rule(Stage.SIMPLIFY, Mul, role="silent", states=r"\frac{u}{(u\,v)^2} = \frac{1}{u\,v^2}",
      because=r"A power of a product is the product of the powers, so that [in {\frac{u}{(u\,v)^2}} |]a common factor cancels.", terms=sides(r"\frac{u}{(u\,v)^2}", r"\frac{1}{u\,v^2}"),
      when="the factors are not 0 where an exponent is negative",
      examples=("a * x / (a * c)**2", "(a * x)**2 * x / y"))  # fmt: skip
def power_of_common_product(e: Mul, _: Context) -> Expr | None:
    for k, f in enumerate(e.factors):
        base, exponent = split_base(f) if isinstance(f, Power) else (f, Fraction(1))
        if not isinstance(base, Mul) or exponent.denominator != 1:
            continue
        inner = {split_base(g)[0] for g in base.factors}
        if any(split_base(g)[0] in inner for g in e.factors):
            parts = (to_power(b, p * exponent) for b, p in map(split_base, base.factors))
            return product(*e.factors[:k], *parts, *e.factors[k + 1 :])
    return None


@rule(Stage.SIMPLIFY, Mul, role="silent", states=r"u^p u^q = u^{p+q}", because="Powers of one base add their exponents.",
      when="u is not 0 where an exponent is negative",
      examples=("a * a", "x**2 / x", "2 * x / x", "a * exp(a) / exp(a)"))  # fmt: skip
def collect_powers(e: Mul, _: Context) -> Expr | None:
    bases: list[Expr] = []
    exponents: dict[Expr, Fraction] = {}
    seen = 0
    for f in e.factors:
        base, exponent = split_base(f)
        if isinstance(base, Number):
            bases.append(f)
            continue
        if base in exponents:
            exponents[base] += exponent
            seen += 1
        else:
            bases.append(base)
            exponents[base] = exponent
    if not seen:
        return None
    new = [b if b not in exponents else to_power(b, exponents[b]) for b in bases if exponents.get(b, Fraction(1)) != 0]
    if not any(f.shape == e.shape for f in new):
        new.append(filled(ONE, e.shape))
    return product(*new)


@rule(Stage.SIMPLIFY, Mul, role="silent", states=r"\frac{u^{p-1}}{u} = u^{p-2}", because="Powers of one base add their exponents[: {u^p u^q} is {u^{p+q}}|].",
      when="u is positive, or the exponents are whole", terms=told_of_one_base, aloud=True,
      examples=("exp(a)**c * x / exp(a)", "exp(a)**c * exp(a)**(c - 1)", "exp(a)**c * exp(a)", "exp(a)**(c - 1) / exp(a)**c", "exp(x)**(y - 1) / exp(x)**y", "exp(a)**c * exp(a)**(1 - c)", "exp(a)**c * exp(a)**(-c) * x"))  # fmt: skip
def collect_general_powers(e: Mul, _: Context) -> Expr | None:
    found = of_one_base(e)
    if found is None:
        return None
    k, m, both = found
    return product(*(both if n == k else h for n, h in enumerate(e.factors) if n != m))


@rule(Stage.SIMPLIFY, Mul, role="silent", states=r"\sqrt 2\,\sqrt\pi = \sqrt{2\pi}",
      because="Roots of positive constants are one root of their product.", examples=("a / sqrt(2) / sqrt(pi)", "sqrt(pi) * sqrt(3) * x"))  # fmt: skip
def root_of_constants(e: Mul, _: Context) -> Expr | None:
    roots = [
        f for f in e.factors if isinstance(f, Power) and _constant(f.base) and abs(split_base(f)[1]) == Fraction(1, 2)
    ]
    for k, f in enumerate(roots):
        for g in roots[k + 1 :]:
            if g.exponent == f.exponent:
                both = Power(product(*sorted((f.base, g.base), key=rank)), f.exponent)
                return product(*exchanged(without(e.factors, g), f, both))
    return None


def _constant(e: Expr) -> bool:
    """Whether a base is a positive constant without a letter: a number, or pi."""
    match e:
        case Number(value):
            return value > 0
        case Call(op):
            return op is pi
        case Mul(factors):
            return all(_constant(f) for f in factors)
        case _:
            return False


@rule(Stage.SIMPLIFY, Add, role="silent", states=r"2u + 3u = 5u", because="Equal terms are counted together.",
      examples=("x + x", "2 * x - 2 * x", "a + x - a"))  # fmt: skip
def collect_terms(e: Add, _: Context) -> Expr | None:
    parts = [split_coefficient(t) for t in e.terms]
    alike = Counter(skeleton(rest) for _, rest in parts)  # a look that tells most terms from all others
    counts: dict[Expr, tuple[Fraction, Expr]] = {}
    for value, rest in parts:
        key = canonical(rest) if alike[skeleton(rest)] > 1 else rest
        old = counts.get(key)
        counts[key] = (value if old is None else old[0] + value, rest if old is None else old[1])
    if len(counts) == len(e.terms):
        return None
    new = [rest if value == 1 else product(Number(value), rest) for value, rest in counts.values() if value != 0]
    if not any(t.shape == e.shape for t in new):
        new.append(filled(ZERO, e.shape))
    return plus(*new)


@rule(Stage.SIMPLIFY, Add, role="silent", states=r"1 + (u - 1)\,\mathbf 1 = u\,\mathbf 1",
      because="A number added to every entry is counted together with that beside the ones.",
      examples=("y + 1 + (a - 1) * ones(n)", "(a + 2) * ones(n) + x - 1"))  # fmt: skip
def number_beside_ones(e: Add, _: Context) -> Expr | None:
    numbers = [t for t in e.terms if isinstance(t, Number)]
    for t in e.terms if numbers else ():
        factors = factors_of(t)
        array = next((f for f in factors if is_ones(f)), None)
        if array is None:
            continue
        scalar = product(*without(factors, array))
        if isinstance(scalar, Add) and any(isinstance(s, Number) for s in scalar.terms):
            together = product(plus(scalar, *numbers), array)
            return plus(*exchanged(without(e.terms, *numbers), t, together))
    return None


@rule(Stage.SIMPLIFY, Add, role="silent", states=r"-a + b = b - a", because="A sum begins with a term that is not negative.", general=True,
      examples=("-x + y",))  # fmt: skip
def positive_first(e: Add, _: Context) -> Expr | None:
    if split_coefficient(e.terms[0])[0] >= 0:
        return None
    for k, t in enumerate(e.terms):
        if split_coefficient(t)[0] > 0:
            return Add((t, *e.terms[:k], *e.terms[k + 1 :]))
    return None


@rule(Stage.SIMPLIFY, Add, role="silent", states=r"A^{\mathsf T} + A = A + A^{\mathsf T}",
      because="Of an array and its transpose the array is named first.", general=True, examples=("M.T + M",))  # fmt: skip
def plain_first(e: Add, _: Context) -> Expr | None:
    for k, t in enumerate(e.terms):
        if isinstance(t, Call) and t.op is transpose and t.args[0] in e.terms[k + 1 :]:
            at = e.terms.index(t.args[0], k + 1)
            return Add((*e.terms[:k], t.args[0], t, *e.terms[k + 1 : at], *e.terms[at + 1 :]))
    return None


@rule(Stage.SIMPLIFY, Mul, role="silent", states=r"\mathbf x\,2\,c = 2c\,\mathbf x,\quad \tfrac 1c\,\mathbf x = \mathbf x/c",
      because="Factors are written in their usual order: numbers, scalars, arrays, then what divides.", general=True,
      examples=("x * a", "1 / a * x"))  # fmt: skip
def order_factors(e: Mul, _: Context) -> Expr | None:
    ranks = [rank(f) for f in e.factors]
    if all(a <= b for a, b in itertools.pairwise(ranks)):
        return None
    return Mul(tuple(sorted(e.factors, key=rank)))


def rank(f: Expr) -> int:
    """Where a factor stands: numbers, sizes and their reciprocals, scalars, arrays, reciprocals."""
    base, exponent = split_base(f)
    if isinstance(f, Number):
        return 0
    if isinstance(base, Size):
        return 1
    if exponent < 0:
        return 4
    return 3 if f.shape.axes else 2


@rule(Stage.SIMPLIFY, Sum, role="silent", states=r"\textstyle\sum_i 0 = 0", because=r"A sum of zeros over {i} is zero.", terms=lambda e, _: {"i": e.index},
      examples=("sum(0 * x[i] for i in range(n))",))  # fmt: skip
def sum_of_zero(e: Sum, _: Context) -> Expr | None:
    # The zero is seen through a product, so that the law stands on its own, without zero_factor having been at work.
    return filled(ZERO, e.shape) if any(is_zero(f) for f in factors_of(e.body)) else None


@rule(Stage.SIMPLIFY, Call, role="silent", states=r"\log(\exp(u)) = u,\quad \log 1 = 0,\quad \exp 0 = 1",
      because="The logarithm and the exponential undo each other.", examples=("log(exp(x))", "log(1)", "exp(0)"))  # fmt: skip
def log_of_exp(e: Call, _: Context) -> Expr | None:
    match e:
        case Call(op, (Call(inner, (u,)),)) if op is log and inner is exp:
            return u
        case Call(op, (Number(value),)) if op is log and value == 1:
            return ZERO
        case Call(op, (Number(value),)) if op is exp and value == 0:
            return ONE
        case _:
            return None
