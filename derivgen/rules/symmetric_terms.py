"""Terms that are equal because what stands in them is the same either way round: ‖u - v‖, (a - b)², uᵀv."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from derivgen.catalog.build import chain, factors_of, plus, product, split_coefficient, transposed
from derivgen.catalog.elementwise import absolute
from derivgen.catalog.formulas import norm
from derivgen.catalog.linear import matmul
from derivgen.expr import Add, Call, Expr, Number, Once, Power, Sum, canonical, map_children, rename, walk
from derivgen.rules.engine import Context
from derivgen.rules.orientation import is_difference
from derivgen.rules.reason import Reason, filled
from derivgen.rules.rule import Phase, Stage, rule


def _other_way(e: Expr) -> Expr | None:
    """What is equal to it by symmetry, written the other way round."""
    match e:
        case Call(op, (Add() as d,)) if op in (norm, absolute) and is_difference(d):
            return Call(op, (_negative(d),))
        case Power(Add() as d, Number(n)) if (
            n.denominator == 1 and n % 2 == 0 and is_difference(d) and not d.shape.axes
        ):
            return Power(_negative(d), e.exponent)
        case Call(op, (left, right)) if op is matmul and not e.shape.axes:
            return chain(transposed(right), transposed(left))
        case _:
            return None


def _negative(d: Add) -> Expr:
    turned = ((-value, rest) for value, rest in map(split_coefficient, d.terms[::-1]))
    return plus(*(rest if value == 1 else product(Number(value), rest) for value, rest in turned))


def _one_way(e: Expr) -> Expr:
    """``e`` with all that is symmetric written in one way, whatever that was."""

    def part(e: Expr, again: Callable[[Expr], Expr]) -> Expr:
        new = map_children(again, e)
        other = _other_way(new)
        return new if other is None else min(new, other, key=str)

    return Once(part)(canonical(e))


def _told(e: Expr, _new: Expr) -> Reason | None:
    """What is the same either way round in the first two sums that are counted together."""
    assert isinstance(e, Add)
    met: dict[Expr, Expr] = {}
    for _, rest in map(split_coefficient, filter(_has_sum, e.terms)):
        first = met.setdefault(_one_way(rest), rest)
        if first is not rest:
            one, other = (next(f for f in factors_of(t) if isinstance(f, Sum)) for t in (first, rest))
            there = {rename(s, {one.index: other.index}) for s in walk(one.body)}
            turned = next(
                ((s, o) for s in walk(other.body) if s not in there and (o := _other_way(s)) is not None), None
            )
            u, v = turned or (None, None)
            return filled(
                "[{u} is {v}, so|Either way round it is the same, so] [{s} and {t} have the same terms|the terms of two sums are "
                "the same]: they are counted together.",
                {"u": u, "v": v, "s": one, "t": other},
            )
    return None


def _has_sum(t: Expr) -> bool:
    return bool(t.kinds & Sum.bit) and not t.shape.axes and any(isinstance(f, Sum) for f in factors_of(t))


@rule(Stage.SIMPLIFY, Add, phases=(Phase.COLLAPSE, Phase.SIMPLIFY), title="Count equal sums together",
      states=r"|u - v| = |v - u|:\quad \textstyle\sum_i w_i\,f(|u_i - v|) + \sum_j w_j\,f(|v - u_j|) = 2\sum_i w_i\,f(|u_i - v|)",
      because=r"{|u - v|} is {|v - u|}, so two sums have the same terms: they are counted together.", terms=_told,
      examples=("sum(norm(A[i] - x) for i in range(m)) + sum(norm(x - A[j]) for j in range(m))",
                "a * sum(exp(x[i] * (a - w[i])**2) for i in range(n)) + c + a * sum(exp(x[j] * (w[j] - a)**2) for j in range(n))",
                "sum(exp(A[i].T @ x) for i in range(m)) - sum(exp(x.T @ A[j]) for j in range(m)) + a"))  # fmt: skip
def count_equal_sums(e: Add, _: Context) -> Expr | None:
    sums = [k for k, t in enumerate(e.terms) if _has_sum(t)] if e.kinds & Sum.bit else []
    if len(sums) < 2:
        return None
    found: dict[Expr, int] = {}
    terms = [*map(split_coefficient, e.terms)]
    for k in sums:
        first = found.setdefault(_one_way(terms[k][1]), k)
        if first != k:
            terms[first] = (terms[first][0] + terms[k][0], terms[first][1])
            terms[k] = (Fraction(0), terms[k][1])
    kept = [product(Number(value), rest) if value != 1 else rest for value, rest in terms if value != 0]
    return plus(*kept) if len(kept) < len(e.terms) else None
