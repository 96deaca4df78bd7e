"""The product of all entries: its logarithm, its derivative, and the product of all but one beside it."""

from __future__ import annotations

from fractions import Fraction

from derivgen.catalog.build import exchanged, plus, product, split_base, to_power, without
from derivgen.catalog.elementwise import exp, log
from derivgen.catalog.linear import sum_
from derivgen.catalog.opaque import prod
from derivgen.catalog.sign_facts import signs
from derivgen.catalog.signs import POSITIVE
from derivgen.expr import (
    ONE,
    At,
    Build,
    Call,
    Cases,
    Delta,
    Expr,
    Index,
    Mul,
    Partial,
    Place,
    Power,
    Sum,
    canonical,
    indices_in,
    rename,
)
from derivgen.rules.axis_parts import fresh_places
from derivgen.rules.differentiate import partial_of_entry
from derivgen.rules.engine import Context
from derivgen.rules.facts import proved
from derivgen.rules.rule import Phase, Stage, rule
from derivgen.rules.told import moves
from derivgen.rules.unfold import entry_of


@rule(Stage.EXPAND, Call, phases=(Phase.SETTLE, Phase.EXPAND), title="The logarithm of a product is a sum", states=r"\log\textstyle\prod_i u_i = \sum_i \log u_i",
      because=r"All factors are positive, so that the logarithm of their product is the sum of their logarithms[: {\log\textstyle\prod_i u_i} is {\sum_i \log u_i}|].",
      terms=lambda e, new: {r"\log\textstyle\prod_i u_i": e, r"\sum_i \log u_i": new}, when="all $u_i$ are positive",
      examples=("log(prod(exp(x)))", "log(prod(exp(x) * softmax(w)**y))", "log(prod(exp(x[i]) * 2 for i in range(n)))", "log(prod(softmax(x)))"))  # fmt: skip
def log_of_product(e: Call, _: Context) -> Expr | None:
    match e:
        case Call(op, (Call(inner, (u,)),)) if (
            op is log and inner is prod and signs(u.body if isinstance(u, Build) else u) == POSITIVE
        ):
            if isinstance(u, Build) and isinstance(u.indices[0], Index):
                return Sum(u.indices[0], _logarithm(u.body))
            return Call(sum_, (_logarithm(u),))
        case _:
            return None


def _logarithm(u: Expr) -> Expr:
    """The logarithm of what is positive, of a product factor by factor."""
    match u:
        case Mul(factors) if all(signs(f) == POSITIVE for f in factors):
            return plus(*map(_logarithm, factors))
        case Power(base, exponent) if signs(base) == POSITIVE:
            return product(exponent, Call(log, (base,)))
        case Call(op, (v,)) if op is exp:
            return v
        case _:
            return Call(log, (u,))


@rule(Stage.DIFFERENTIATE, Partial, title="The product rule", states=r"\frac{\partial}{\partial x}\textstyle\prod_i u_i = \sum_k \left(\prod_{i \neq k} u_i\right)\frac{\partial u_k}{\partial x}",
      because=r"Each factor of [{\textstyle\prod_i u_i}|the product] is differentiated in turn while all others stay, and what this gives is added up.",
      terms=lambda e, _: {r"\textstyle\prod_i u_i": e.body}, proves=proved, examples=("partial(prod(a * x), a)", "[partial(prod([x[i] + y[i] for i in range(n)]), x[j]) for j in range(n)]"))  # fmt: skip
def product_of_all(e: Partial, ctx: Context) -> Expr | None:
    if not (isinstance(e.body, Call) and e.body.op is prod and moves(e.body, e.wrt)):
        return None
    (u,) = e.body.args
    at = fresh_places(u, ctx)
    term = product(partial_of_entry(e.body, 0, (), at, ctx), Partial(entry_of(u, at), e.wrt))
    for index in reversed(indices_in(at)):
        term = Sum(index, term)
    return term


def all_but_one(e: Expr) -> tuple[Index, Expr, Place] | None:
    """Of the product of all entries but one: the index, the entry there, and the place that is left out."""
    match e:
        case Call(op, (Build((Index() as i,), Cases(((Delta(a, b), one),), entry)),)) if (
            op is prod and one == ONE and i in (a, b)
        ):
            return i, entry, b if a == i else a
        case _:
            return None


def _entry(i: Index, entry: Expr, place: Place) -> Expr:
    return rename(entry, {i: place})


def _is_whole(e: Expr, i: Index, entry: Expr) -> bool:
    """Whether ``e`` is the product of all these entries."""
    match e:
        case Call(op, (Build((Index() as j,), body),)) if op is prod:
            return j.dim == i.dim and canonical(rename(body, {j: i})) == canonical(entry)
        case Call(op, (u,)) if op is prod:
            return entry == At(u, (i,))
        case _:
            return False


@rule(Stage.COLLAPSE, Mul, title="All factors but one over all of them", narrows=True, states=r"\frac{\prod_{i \neq k} u_i}{\prod_i u_i} = \frac{1}{u_k}",
      because=r"Of all factors over all but one that one is left, below the line[: {u_k}|].", terms=lambda e, new: {"u_k": _left_below(e)}, when="no $u_i$ is zero",
      examples=("[prod([where(j == i, 1, x[j]) for j in range(n)]) / prod(x) for i in range(n)]",
                "[prod([where(j == i, 1, exp(x[j])) for j in range(n)]) / prod([exp(x[j]) for j in range(n)])**2 / a for i in range(n)]"))  # fmt: skip
def one_of_product(e: Mul, _: Context) -> Expr | None:
    found = _beside_whole(e)
    if found is None:
        return None
    others, whole, left = found
    base, power = split_base(whole)
    rest = without(exchanged(e.factors, others, to_power(left, Fraction(-1))), whole)
    return product(*rest, *([to_power(base, power + 1)] if power != -1 else []))


def _beside_whole(e: Mul) -> tuple[Expr, Expr, Expr] | None:
    """A product of all entries but one, the power of that of all which it is divided by, and the one."""
    for f in e.factors:
        match f:
            case Call(op) if op is prod:
                found = all_but_one(f)
            case _:
                continue
        if found is None:
            continue
        i, entry, place = found
        for g in e.factors:
            base, power = split_base(g)
            if power < 0 and _is_whole(base, i, entry):
                return f, g, _entry(i, entry, place)
    return None


def _left_below(e: Mul) -> Expr:
    found = _beside_whole(e)
    assert found is not None
    return found[2]


def _left_out(e: Expr) -> Expr:
    found = all_but_one(e)
    assert found is not None
    return _entry(*found)


@rule(Stage.COLLAPSE, Call, title="Divide by the one that is left out", states=r"\textstyle\prod_{i \neq k} u_i = \frac{1}{u_k}\prod_i u_i",
      because=r"No factor is zero, so that the product of all but {u_k} is that of all over {u_k}.",
      terms=lambda e, new: {"u_k": _left_out(e)}, when="no $u_i$ is zero",
      examples=("[prod([where(j == i, 1, softmax(x)[j]) for j in range(n)]) for i in range(n)]", "[prod([where(j == i, 1, exp(x[j])) for j in range(n)]) for i in range(n)]"))  # fmt: skip
def product_over_one(e: Call, _: Context) -> Expr | None:
    found = all_but_one(e) if e.op is prod else None
    if found is None or 0 in signs(found[1]):
        return None
    i, entry, place = found
    array = entry.array if isinstance(entry, At) and entry.places == (i,) and i not in entry.array.free else None
    return product(
        Call(prod, (Build((i,), entry) if array is None else array,)), to_power(_entry(i, entry, place), Fraction(-1))
    )
