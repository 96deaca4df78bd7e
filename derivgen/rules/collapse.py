"""Deltas and sums: a delta under a sum picks one term, what does not depend on the index moves out."""

from __future__ import annotations

from fractions import Fraction

from derivgen.catalog.base import Elementwise
from derivgen.catalog.build import (
    factors_of,
    has_delta_factor,
    is_elementwise,
    plus,
    product,
    split_base,
    split_coefficient,
    terms_of,
    to_power,
    without,
)
from derivgen.catalog.elementwise import exp, greater, greater_equal, less, less_equal, maximum, minimum, relu, sigmoid
from derivgen.catalog.formulas import size
from derivgen.deadline import on_time
from derivgen.expr import (
    ONE,
    ZERO,
    Add,
    At,
    Build,
    Call,
    Cases,
    Delta,
    Expr,
    Index,
    Mul,
    Number,
    Op,
    Pair,
    Place,
    Power,
    Sum,
    indices_in,
    map_children,
    rename,
    walk,
)
from derivgen.rules import told_of_entries as told
from derivgen.rules.engine import Context
from derivgen.rules.reason import Reason, filled
from derivgen.rules.rule import Stage, rule, sides


@rule(Stage.COLLAPSE, Sum, title="Collapse the delta", states=r"\textstyle\sum_j f_j\,\delta_{jk} = f_k",
      because=r"{\delta_{jk}} is 0 unless {j} is {k}, so of the sum over {j} that one term is left.", terms=told.collapsed, reference="the method",
      examples=("[sum(x[j] * (j == k) for j in range(n)) for k in range(n)]", "sum(x[j] * (0 == j) for j in range(n))",
                "[[sum(t[j, i] * (0 == j) * (j == l) for j in range(n)) for l in range(n)] for i in range(m)]"))  # fmt: skip
def collapse_delta(e: Sum, ctx: Context) -> Expr | None:
    factors = factors_of(e.body)
    for k, f in enumerate(factors):
        if isinstance(f, Delta) and f.left != f.right and e.index in (f.left, f.right):
            other: Place = f.right if f.left == e.index else f.left
            rest = product(*factors[:k], *factors[k + 1 :])
            if isinstance(other, int) and _is_paired(rest, e.index):
                continue  # no place says a number beside an index
            return rename(rest, {e.index: other}, ctx.taken)
    return None


def _is_paired(e: Expr, index: Index) -> bool:
    """Whether the index is a part of a pair anywhere in ``e``."""
    places = (p for part in walk(e) for p in _places(part))
    return any(isinstance(p, Pair) and index in indices_in((p,)) for p in places)


def _places(e: Expr) -> tuple[Place, ...]:
    match e:
        case At(_, places):
            return places
        case Delta(left, right):
            return left, right
        case _:
            return ()


@rule(Stage.COLLAPSE, Sum, title="Read the stacked entry", states=r"\textstyle\sum_j\sum_i A_{ij}\,\delta_{(ji)k} = \operatorname{vec}(A)_k",
      because=r"The delta picks the entry of the matrix at place {k} of its stacked columns.", terms=lambda e, new: {"k": new.places[0]},
      examples=("[sum(A[i, j] * ((j, i) == k) for j in range(n) for i in range(m)) for k in range(m*n)]",))  # fmt: skip
def read_stacked_entry(e: Sum, _: Context) -> Expr | None:
    if not isinstance(e.body, Sum) or e.body.body.shape.axes:
        return None
    summed = {e.index, e.body.index}
    factors = factors_of(e.body.body)
    for k, f in enumerate(factors):
        match f:
            case Delta(Pair() as pair, Index() as place) | Delta(Index() as place, Pair() as pair):
                rest = product(*factors[:k], *factors[k + 1 :])
                if {pair.outer, pair.inner} == summed and place not in rest.free | summed:
                    return At(Build((pair,), rest), (place,))
            case _:
                pass
    return None


@rule(Stage.COLLAPSE, Sum, role="silent", states=r"\textstyle\sum_i (u_i + v_i\delta_{ij}) = \sum_i u_i + \sum_i v_i\delta_{ij}",
      because=r"The sum over {i} is taken term by term, so that each delta can be collapsed.", terms=lambda e, _: {"i": e.index},
      examples=("[sum(x[i] + y[i] * (i == j) for i in range(n)) for j in range(n)]",))  # fmt: skip
def sum_by_terms(e: Sum, _: Context) -> Expr | None:
    if isinstance(e.body, Add) and any(has_delta_factor(t) for t in e.body.terms):
        return plus(*(Sum(e.index, t) for t in e.body.terms))
    return None


@rule(Stage.COLLAPSE, Mul, role="silent", states=r"u\,(v\,\delta_{ij} + w) = u\,v\,\delta_{ij} + u\,w",
      because=r"[{u\,(v\,\delta_{ij} + w)}|A product] is multiplied out, so that the delta can be collapsed.", terms=lambda e, _: {r"u\,(v\,\delta_{ij} + w)": e},
      examples=("[[x[i] * (y[i] * (i == j) + 1) for j in range(n)] for i in range(n)]",))  # fmt: skip
def multiply_out_delta(e: Mul, _: Context) -> Expr | None:
    for k, f in enumerate(e.factors):
        if isinstance(f, Add) and any(has_delta_factor(t) for t in f.terms):
            return plus(*(product(*e.factors[:k], t, *e.factors[k + 1 :]) for t in f.terms))
    return None


@rule(Stage.COLLAPSE, Sum, role="silent", states=r"\textstyle\sum_i c\,u_i = c \sum_i u_i",
      because=r"[{c} does not contain the index {i}, so it stands|What does not contain the index {i} stands] before the sum.", terms=lambda e, _: {"c": product(*(f for f in e.body.factors if e.index not in f.free)), "i": e.index}, examples=("sum(a * x[i] for i in range(n))",))  # fmt: skip
def factor_out_of_sum(e: Sum, _: Context) -> Expr | None:
    if not isinstance(e.body, Mul):
        return None
    outside = [f for f in e.body.factors if e.index not in f.free]
    inside = [f for f in e.body.factors if e.index in f.free]
    if not outside or not inside or (e.body.shape.axes and not any(f.shape.axes for f in inside)):
        return None
    return product(*outside, Sum(e.index, product(*inside)))


@rule(Stage.COLLAPSE, Sum, role="silent", states=r"\textstyle\sum_{i=1}^n c = n\,c",
      because=r"[{c} is the same for every {i}, so the sum is {n} times {c}|All terms of the sum over {i} are the same, so it is {n} times one of them].", terms=lambda e, _: {"c": e.body, "i": e.index, "n": e.index.dim}, examples=("sum(a for i in range(n))",
                "[[[sum(a for l in range(n)) * x[i] * x[j] * x[k] for k in range(n)] for j in range(n)] for i in range(n)]"))  # fmt: skip
def constant_sum(e: Sum, _: Context) -> Expr | None:
    return product(size(e.index.dim), e.body) if e.index not in e.body.free else None


@rule(Stage.COLLAPSE, Delta, role="silent", states=r"\delta_{ii} = 1,\quad \delta_{12} = 0", because=r"{\delta_{ii}} is {1}, by the meaning of the delta.", terms=sides(r"\delta_{ii}", "1"),
      examples=("sum(x[i] * (i == i) for i in range(n))", "[sum((i == 0) * (i == 1) * x[j] for i in range(2)) for j in range(n)]"))  # fmt: skip
def delta_of_equals(e: Delta, _: Context) -> Expr | None:
    if e.left == e.right:
        return ONE
    return ZERO if isinstance(e.left, int) and isinstance(e.right, int) else None


@rule(Stage.COLLAPSE, Delta, role="silent", states=r"\delta_{(ji)(lk)} = \delta_{jl}\,\delta_{ik}",
      because="Two pairs are one if both their indices agree.",
      examples=("[[((j, i) == (l, k)) * u[i] for (l, k) in range(n, m)] for (j, i) in range(n, m)]",))  # fmt: skip
def delta_of_pairs(e: Delta, _: Context) -> Expr | None:
    match e.left, e.right:
        case Pair(j, i), Pair(l, k) if (j.dim, i.dim) == (l.dim, k.dim) and e.left != e.right:
            return product(Delta(j, l), Delta(i, k))
        case _:
            return None


@rule(Stage.COLLAPSE, Mul, Power, role="silent", states=r"\delta_{ij}\delta_{ij} = \delta_{ij}", because=r"A delta is 0 or 1, so {\delta_{ij}\delta_{ij}} is {\delta_{ij}}.", terms=sides(r"\delta_{ij}\delta_{ij}", r"\delta_{ij}"),
      examples=("[[(i == j) * (j == i) * x[i] for j in range(n)] for i in range(n)]",
                "[[(i == j)**2 for j in range(n)] for i in range(n)]"))  # fmt: skip
def delta_squared(e: Mul | Power, _: Context) -> Expr | None:
    if isinstance(e, Power):
        positive = isinstance(e.exponent, Number) and e.exponent.value > 0
        return e.base if isinstance(e.base, Delta) and positive else None
    seen: list[frozenset[Place]] = []
    rest: list[Expr] = []
    for f in e.factors:
        if isinstance(f, Delta):
            pair = frozenset((f.left, f.right))
            if pair in seen:
                continue
            seen.append(pair)
        rest.append(f)
    return product(*rest) if len(rest) < len(e.factors) else None


@rule(
    Stage.COLLAPSE,
    Mul,
    title="Cancel the common factor",
    states=r"\frac 1u\,(u\,v - u\,w) = v - w",
    because=r"Every term of the sum has the factor {u}, which cancels against the one outside.",
    terms=told.cancelled,
    when="the factor is not 0",
    examples=("(a * c - a * z**2) / a", "a**2 * (c / a - z / a**2)"),
)
def cancel_common_factor(e: Mul, _: Context) -> Expr | None:
    for k, f in enumerate(e.factors):
        if not isinstance(f, Add):
            continue
        for m, g in enumerate(e.factors):
            base, outside = split_base(g)
            if m == k or isinstance(base, Number):
                continue
            on_time()  # of long products this compares each factor with each term
            inside = [_exponent_of(base, t) for t in f.terms]
            if not all(q * outside < 0 for q in inside):
                continue
            common = min(inside, key=abs)
            terms = (product(to_power(base, -common), t) for t in f.terms)
            rest = [h for n, h in enumerate(e.factors) if n not in (k, m)]
            left_over = [] if outside + common == 0 else [to_power(base, outside + common)]
            return product(*rest, *left_over, plus(*terms))
    return None


@rule(Stage.SIMPLIFY, Mul, role="offered", title="Cancel the factor term by term", states=r"u\left(1 - \frac vu\right) = u - v",
      because="Multiplied into the sum, the factor cancels against a denominator.", when="the factor is not 0",
      examples=("x * (1 - y / x)", "c * (a - z) * (1 + z / c)"))  # fmt: skip
def cancel_into_sum(e: Mul, _: Context) -> Expr | None:
    for k, f in enumerate(e.factors):
        for m, g in enumerate(e.factors if isinstance(f, Add) else ()):
            base, outside = split_base(g)
            if m != k and outside > 0 and any(_exponent_of(base, t) < 0 for t in terms_of(f)):
                inside = plus(*(product(g, t) for t in terms_of(f)))
                return product(*(inside if n == k else h for n, h in enumerate(e.factors) if n != m))
    return None


@rule(Stage.SIMPLIFY, Mul, title="Multiply out below the bar", states=r"\frac{w}{\left(1 + \frac vu\right)u} = \frac{w}{u + v}",
      because=r"Below the bar {u} goes into the sum, in which it cancels[: what stands there is {u + v}|].",
      examples=("y / (1 + z**2 / a) / a", "c / (1 + z / a)**2 / a**2", "x / (a + norm(x)**2 / c) / c"),
      terms=lambda e, new: _below(e, new))  # fmt: skip
def cancel_below(e: Mul, _: Context) -> Expr | None:
    if not (e.kinds & Add.bit and e.kinds & Power.bit):
        return None
    powers = [split_base(f) for f in e.factors]
    for k, (total, power) in enumerate(powers):
        if not isinstance(total, Add) or power >= 0 or power.denominator > 1:  # √(u²) is |u|, not u
            continue
        for m, (base, outside) in enumerate(powers):
            put = outside / power
            if put >= 1 and put.denominator == 1 and any(_exponent_of(base, t) <= -put for t in total.terms):
                inside = plus(*(product(to_power(base, put), t) for t in total.terms))
                return product(*(to_power(inside, power) if n == k else h for n, h in enumerate(e.factors) if n != m))
    return None


def _below(before: Mul, after: Expr) -> dict[str, Expr]:
    """What goes into a sum below the bar, and what becomes of that sum."""
    left = factors_of(after)
    gone = next((f for f in before.factors if f not in left and not isinstance(split_base(f)[0], Add)), ONE)
    new = next((f for f in left if f not in before.factors), after)
    (u, p), (v, q) = split_base(gone), split_base(new)
    return {"u": to_power(u, -p), "u + v": to_power(v, -q)}


def _exponent_of(base: Expr, term: Expr) -> Fraction:
    """The exponent of ``base`` among the factors of a term."""
    return sum((power for b, power in map(split_base, factors_of(term)) if b == base), Fraction(0))


@rule(Stage.COLLAPSE, Mul, title="Use the case", states=r"\mathbf 1(z > 0)\,\max(0, z) = \mathbf 1(z > 0)\,z",
      because=r"Where {\mathbf 1(z > 0)} is 1 the comparison in {\max(0, z)} is decided; elsewhere the product is 0 anyway.", terms=told.decided,
      examples=("(a > 0) * max(0, a)", "(a < c) * min(a, c)", "(a > 0) * exp(relu(a))", "(a > 0) * max(a, 0)",
                "(a < c) * max(a, c)", "(a > c) * min(a, c)"))  # fmt: skip
def decide_maximum(e: Mul, _: Context) -> Expr | None:
    for k, f in enumerate(e.factors):
        if not (isinstance(f, Call) and f.op in (greater, less)):
            continue
        big, small = f.args if f.op is greater else f.args[::-1]
        rest = product(*e.factors[:k], *e.factors[k + 1 :])
        decided = _decide(rest, big, small)
        if decided is not rest:
            return product(f, decided)
    return None


@rule(Stage.COLLAPSE, Cases, title="Use the case", states=r"\{\max(0, z) \text{ if } z > 0;\ c\} = \{z \text{ if } z > 0;\ c\}",
      because=r"Where {z > 0}, {\max(0, z)} is {z}.", terms=lambda e, _: _in_its_case(e),
      examples=("where(a > 0, exp(max(0, a)), c)", "where(a < c, 2, min(a, c))", "where(a > 0, relu(a), relu(a))", "where(a <= 0, c, z - max(0, a))"))  # fmt: skip
def decide_in_case(e: Cases, _: Context) -> Expr | None:
    branches = [(c, _decided_by(c, value)) for c, value in e.branches]
    otherwise = _decided_by(e.branches[0][0], e.otherwise, holds=False) if len(branches) == 1 else e.otherwise
    new = Cases(tuple(branches), otherwise)
    return new if new != e else None


def _in_its_case(e: Cases) -> Reason | None:
    """The first maximum, minimum or ramp that the condition of a case decides, and what it is there."""
    (first, _), *others = e.branches
    values = [*((c, True, v) for c, v in e.branches), *(((first, False, e.otherwise),) if not others else ())]
    for c, holds, value in values:
        for here in walk(value):
            decided = _decided_by(c, here, holds=holds) if isinstance(here, Call) else here
            if decided != here and isinstance(here, Call) and here.op in (maximum, minimum, relu):
                assert isinstance(c, Call)
                op = c.op if holds else _CONTRARY[c.op]
                return filled(f"Where {{u}} ${op.notation.latex}$ {{v}}, {{m}} is {{w}}.",
                              {"u": c.args[0], "v": c.args[1], "m": here, "w": decided})  # fmt: skip
    return None


_CONTRARY: dict[Op, Op] = {greater: less_equal, less: greater_equal, greater_equal: less, less_equal: greater}


def _decided_by(condition: Expr, value: Expr, *, holds: bool = True) -> Expr:
    """A value with maxima and minima decided by a comparison that holds, or does not: of equals either is the larger."""
    match condition:
        case Call(op, (u, v)) if op in (greater, greater_equal, less, less_equal):
            return _decide(value, u, v) if (op in (greater, greater_equal)) is holds else _decide(value, v, u)
        case _:
            return value


def _decide(e: Expr, big: Expr, small: Expr) -> Expr:
    """``e`` with maxima and minima decided by big > small, wherever that speaks of the same entry."""
    match e:
        case Call(op, (u, v)) if op in (maximum, minimum) and (u, v) in ((big, small), (small, big)):
            return big if op is maximum else small
        case Call(op, (u,)) if op is relu and (u, ZERO) in ((big, small), (small, big)):
            return big
        case Sum(index) if index in big.free | small.free:
            return e  # the index of the sum is another one
        case Build(indices) if (big.free | small.free) & set(indices):
            return e
        case Power(_, exponent) if small != ZERO and not (
            isinstance(exponent, Number) and exponent.value.denominator == 1
        ):
            return e  # a root of what may be negative where the maximum is not
        case Call(Elementwise() as op) if small != ZERO and op.domain is not None:
            return e
        case Add() | Mul() | Power() | Cases():
            pass
        case Call() if is_elementwise(e):
            pass
        case _ if big.shape.axes or small.shape.axes:
            return e  # an entry of an array decides nothing about what mixes all entries
    decided = map_children(lambda child: _decide(child, big, small), e)
    return _without_brackets(decided) if isinstance(decided, Add) and decided != e else decided


def _without_brackets(e: Add) -> Expr:
    """A sum in which no sum is subtracted any more: y - (z + b) is y - z - b."""
    return plus(
        *(t if a == 1 else product(Number(a), t) for a, u in map(split_coefficient, e.terms) for t in terms_of(u))
    )


@rule(Stage.COLLAPSE, Mul, title="Fold the sigmoid", states=r"\frac{e^u}{1 + e^u} = \sigma(u),\quad \frac{1}{1+e^{-u}} = \sigma(u)",
      because=r"[{\sigma(u)} = {\frac{1}{1 + e^{-u}}} is the logistic function; multiplied above and below by {e^u}, it is the quotient found, {\frac{e^u}{1 + e^u}}|"
              r"{\sigma(t)} = {\frac{1}{1 + e^{-t}}} is the logistic function; multiplied above and below by {e^t}, with what stands in "
              r"the exponent for {t}, it is the quotient found, {\frac{e^t}{1 + e^t}}].", terms=told.logistic,
      examples=("exp(a) / (1 + exp(a))", "exp(x) / (exp(x) + 1)", "c * exp(-a) / (1 + exp(-a))**2"))  # fmt: skip
def fold_sigmoid(e: Mul, _: Context) -> Expr | None:
    for k, f in enumerate(e.factors):
        base, exponent = split_base(f)
        argument = _one_plus_exp(base)
        if argument is None or exponent >= 0:
            continue
        top = Call(exp, (argument,))
        for m, g in enumerate(e.factors):
            if g != top:
                continue
            rest = [h for n, h in enumerate(e.factors) if n not in (k, m)]
            left_over = [] if exponent == -1 else [to_power(base, exponent + 1)]
            return product(*rest, Call(sigmoid, (argument,)), *left_over)
    return None


@rule(Stage.COLLAPSE, Power, title="Fold the sigmoid", states=r"\frac{1}{1+e^{-u}} = \sigma(u)",
      because=r"{\frac{1}{1+e^{-u}}} is {\sigma(u)}, as the logistic function is defined.", terms=sides(r"\frac{1}{1+e^{-u}}", r"\sigma(u)"),
      examples=("1 / (1 + exp(-a))", "1 / (1 + exp(-2 * x))"))  # fmt: skip
def fold_sigmoid_of_negative(e: Power, _: Context) -> Expr | None:
    argument = _one_plus_exp(e.base)
    match argument, e.exponent:
        case Mul((Number(value), *rest)), Number(power) if value < 0 and power == -1:
            return Call(sigmoid, (product(*(() if value == -1 else (Number(-value),)), *rest),))
        case _:
            return None


def _one_plus_exp(e: Expr) -> Expr | None:
    """u of 1 + exp(u)."""
    match terms_of(e):
        case (Number(value), Call(op, (u,))) | (Call(op, (u,)), Number(value)) if value == 1 and op is exp:
            return u
        case _:
            return None


@rule(Stage.COLLAPSE, Cases, role="silent", states=r"\{u\,\delta_{ij} \text{ if } c;\ v\,\delta_{ij}\} = \delta_{ij}\,\{u \text{ if } c;\ v\}",
      because=r"{\delta_{ij}} is common to all cases and stands before them.", terms=lambda e, new: {r"\delta_{ij}": new.factors[0] if isinstance(new, Mul) else new},
      examples=("[[where(a > 0, x[i] * (i == j), (i == j)) for j in range(n)] for i in range(n)]",
                "[[where(x[i] > 0, (i == j), 0) for j in range(n)] for i in range(n)]"))  # fmt: skip
def delta_out_of_cases(e: Cases, _: Context) -> Expr | None:
    values = [*(value for _, value in e.branches), e.otherwise]
    telling = [v for v in values if v != ZERO]
    common = [f for f in factors_of(telling[0]) if isinstance(f, Delta)] if telling else []
    shared = [f for f in common if all(f in factors_of(v) for v in telling)]
    if not shared:
        return None
    first = shared[0]
    rest = [v if v == ZERO else product(*without(factors_of(v), first)) for v in values]
    branches = tuple((c, v) for (c, _), v in zip(e.branches, rest, strict=False))
    return product(first, Cases(branches, rest[-1]))
