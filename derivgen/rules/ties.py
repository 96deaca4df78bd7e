"""What ties at every point, by its values and not by its looks: written so that each slope counts once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from derivgen.catalog.base import Elementwise
from derivgen.catalog.elementwise import (
    absolute,
    equal,
    greater,
    greater_equal,
    less,
    less_equal,
    maximum,
    minimum,
    relu,
)
from derivgen.catalog.formulas import norm, norm1
from derivgen.catalog.linear import diag, matmul, sum_, transpose
from derivgen.catalog.opaque import largest, ones, smallest, stack, zeros
from derivgen.catalog.user_functions import UserFunction
from derivgen.check.verdict import Verdict
from derivgen.expr import (
    MINUS_ONE,
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
    Partial,
    Power,
    Sum,
    Symbol,
    canonical,
    depends_on,
    replace_parts,
    symbols,
    walk,
)
from derivgen.rules.arithmetic import filled
from derivgen.rules.cases import is_indicator
from derivgen.rules.engine import Context, Engine
from derivgen.rules.max_min import members
from derivgen.rules.properties import is_symmetric
from derivgen.rules.rule import Application, Phase, Rule, Stage, rule, sides

SEED = 271_828
"""The points at which a tie is noticed are not those at which the step that says so is judged."""


# --- by their values ------------------------------------------------------------------------------------------------


def _word(u: Expr, v: Expr) -> Verdict:
    """What the judge says of an equality; it is loaded where it is asked for, since a page of rules does without."""
    from derivgen.check.judge import Judge

    return Judge(seed=SEED).agree(u, v, depth="answer")


@lru_cache(maxsize=64)
def same(u: Expr, v: Expr) -> bool:
    """Whether two expressions have the same value wherever both have one."""
    from derivgen.rules import glance

    if u.shape != v.shape or glance.may_agree(u, v) is False:
        return False
    return _word(u, v).status == "verified"


def meet(u: Expr, v: Expr) -> bool:
    """Whether entries of two expressions are equal at random points, or so near that nobody can tell.

    What is the larger of several is any of them, somewhere; numbers among them have no slopes to be counted twice. Cases
    may hold at points that are seldom met: each is looked at by itself.
    """
    moving, other = ([m for m in members(e) if symbols(m)] for e in (u, v))
    return any(_meet(*ab) for a in moving for b in other for ab in islice(_case_by_case(a, b), MOST_CASES))


def _case_by_case(u: Expr, v: Expr) -> Iterator[tuple[Expr, Expr]]:
    """Two expressions as they are in each case of what stands in them; what has the same conditions is in one case."""
    cases = [c for e in (u, v) if e.kinds & Cases.bit for c in walk(e) if isinstance(c, Cases)]
    if not cases:
        yield u, v
        return
    conditions = [condition for condition, _ in cases[0].branches]
    alike = [c for c in cases if [condition for condition, _ in c.branches] == conditions]
    for k in range(len(conditions) + 1):
        chosen: dict[Expr, Expr] = {c: [*(value for _, value in c.branches), c.otherwise][k] for c in alike}
        yield from _case_by_case(replace_parts(u, chosen), replace_parts(v, chosen))


MOST_CASES = 16
"""In how many cases two expressions are looked at."""


@lru_cache(maxsize=64)
def _meet(u: Expr, v: Expr) -> bool:
    from derivgen.rules import glance

    seen = glance.may_meet(u, v)
    if seen is not None:
        return seen
    met = Call(equal, (u, v))
    verdict = _word(met, filled(ZERO, met.shape))
    return verdict.status == "refuted" or (verdict.status == "unchecked" and verdict.arithmetic == "ball")


@lru_cache(maxsize=64)
def recurs(array: Expr, variable: str | None) -> bool:
    """Whether two entries of an array may be equal at a random point, and move with the variable."""
    moving = [s for s in symbols(array).values() if variable in (None, s.name)]
    if any(MOVES in _common(array, axis, s.name) for axis in range(array.shape.rank) for s in moving):
        return True
    from derivgen.rules import glance

    if glance.may_recur(array) is False:
        return False
    first, second = (tuple(Index(f"#{c}{k}", d) for k, d in enumerate(array.shape.axes)) for c in "pq")
    there = Mul(tuple(Delta(p, q) for p, q in zip(first, second, strict=True)))
    twice = Mul((Call(equal, (At(array, first), At(array, second))), Add((ONE, Mul((MINUS_ONE, there))))))
    verdict = _word(twice, ZERO)
    if verdict.status == "unchecked":
        return any(_seen_twice(array, s.name) for s in moving)
    return verdict.status == "refuted" and any(_slopes(twice, At(array, first), s) for s in moving)


def _slopes(where: Expr, entry: Expr, x: Symbol) -> bool:
    """Whether an entry has a slope where ``where`` is not zero."""
    places = tuple(Index(f"#x{k}", d) for k, d in enumerate(x.shape.axes))
    slope = Partial(entry, At(x, places) if places else x)
    return _word(Mul((where, slope)), ZERO).status != "verified"


# --- by their looks -------------------------------------------------------------------------------------------------


def _seen_twice(e: Expr, name: str) -> bool:
    """Whether two entries of an array may be the same expression of the variable ``name``."""
    if not depends_on(e, name):
        return False
    if isinstance(e, Call) and e.op is stack:
        moving = [canonical(part) for part in e.args if depends_on(part, name)]
        return len(set(moving)) < len(moving) or any(_seen_twice(part, name) for part in e.args if part.shape.axes)
    return e.shape.rank == 2 and is_symmetric(e) and not (isinstance(e, Call) and e.op is diag)


MOVES, STAYS = True, False
NOTHING: frozenset[bool] = frozenset()


def _common(e: Expr, axis: int, name: str) -> frozenset[bool]:
    """What several entries along an axis may share: an expression that moves with the variable, one that stays.

    It is empty where no two entries are seen to be the same, whichever branches they take.
    """
    match e:
        case _ if not e.shape.axes:
            return frozenset((depends_on(e, name),))
        case Build(indices, body):
            return NOTHING if indices[axis] in body.free else frozenset((depends_on(body, name),))
        case Call(op) if op in (ones, zeros):
            return frozenset((STAYS,))
        case Call(op, (inner,)) if op is transpose:
            return _common(inner, axis if inner.shape.rank == 1 else 1 - axis, name)
        case Call(op, args) if op is matmul:
            first = axis == 0 and not args[0].shape.row
            factor = args[0] if first else args[-1]
            found = _common(factor, 0 if first else factor.shape.rank - 1, name)
            return found and frozenset((depends_on(e, name),))
        case At(array, places):
            return _common(array, axis + len(places), name)
        case Sum(_, body):
            return _common(body, axis, name)
        case Call(op, parts) if op in (maximum, minimum):
            return frozenset().union(*(_common(p, axis, name) for p in parts))
        case Cases(branches, otherwise):
            return frozenset().union(*(_common(p, axis, name) for p in (*(v for _, v in branches), otherwise)))
        case Call(op, (inner,)) if op is relu:
            return _common(inner, axis, name) | {STAYS}
        case Call(UserFunction() as op, parts):
            return _common(op.definition(*parts), axis, name)
        case Add(parts) | Mul(parts) | Call(Elementwise(), parts):
            return _together(parts, axis, name)
        case Power(base, exponent):
            return _together((base, exponent), axis, name)
        case _:
            return NOTHING


def _together(parts: tuple[Expr, ...], axis: int, name: str) -> frozenset[bool]:
    """What entries share that are made of entries of several arrays."""
    found = [_common(p, axis, name) for p in parts]
    if not all(found):
        return NOTHING
    moves = {MOVES} if any(MOVES in f for f in found) else set()
    return frozenset(moves | ({STAYS} if all(STAYS in f for f in found) else set()))


# --- the laws -------------------------------------------------------------------------------------------------------


def _moves(e: Expr, ctx: Context) -> bool:
    return bool(symbols(e)) if ctx.variable is None else depends_on(e, ctx.variable)


def _pair(e: Expr, ctx: Context) -> tuple[Expr, Expr] | None:
    """Two that the larger or the smaller is taken of, both of which move."""
    match e:
        case Call(op, (u, v)) if op in (maximum, minimum) and _moves(u, ctx) and _moves(v, ctx):
            return u, v
        case _:
            return None


@rule(Stage.EXPAND, Call, phases=(Phase.VALUES,), narrows=True, title="Name what is equal but once", states=r"\max(u, v) = u \text{ for } u = v",
      because="The two have the same value everywhere, so neither is ever the larger.",
      examples=("max(x**2, x * x)", "min(exp(log(a)), a)", "max(norm(x), sqrt(x.T @ x))"))  # fmt: skip
def one_of_equals(e: Call, ctx: Context) -> Expr | None:
    pair = _pair(e, ctx)
    if pair is None or not same(*pair):
        return None
    return min(pair, key=lambda u: sum(1 for _ in walk(u)))


@rule(Stage.EXPAND, Call, Power, phases=(Phase.VALUES,), narrows=True, title="See that nothing is left", states=r"\|\mathbf u - \mathbf v\| = 0 \text{ for } \mathbf u = \mathbf v",
      because=r"{\|\mathbf u - \mathbf v\|} is the difference of what is equal everywhere, so it is zero.", terms=sides(r"\|\mathbf u - \mathbf v\|", r"0"),
      examples=("norm(2 * x - x - x)", "a * sqrt(a - a) + c", "relu(x - x)", "max(Q - Q.T)"))  # fmt: skip
def nothing_left(e: Call | Power, ctx: Context) -> Expr | None:
    match e:
        case Power(Add() as u, Number(value)) if value > 0 and value.denominator > 1:
            pass
        case Call(op, (Add() as u,)) if op in (norm, norm1, absolute, relu, largest, smallest):
            pass
        case _:
            return None
    return filled(ZERO, e.shape) if _moves(u, ctx) and same(u, filled(ZERO, u.shape)) else None


@rule(Stage.EXPAND, Call, phases=(Phase.VALUES,), title="Count each slope once", states=r"\max(u, v) = \mathbf 1(u > v)\,u + \mathbf 1(u \leq v)\,v",
      because=r"In some places the two[ in {\max(u, v)}|] are always equal, and have one slope there: it is that of the second, which counts unless the first is larger.", terms=sides(r"\max(u, v)", r"\mathbf 1(u > v)\,u + \mathbf 1(u \leq v)\,v"),
      examples=("max(x[0], x)", "sum(min(x[i], x[j]) for i in range(n) for j in range(n))", "max(M, M.T)"))  # fmt: skip
def by_indicators(e: Call, ctx: Context) -> Expr | None:
    pair = _pair(e, ctx)
    if pair is None or not meet(*pair):
        return None
    u, v = pair
    beyond, not_beyond = (greater, less_equal) if e.op is maximum else (less, greater_equal)
    return Add((Mul((Call(beyond, pair), u)), Mul((Call(not_beyond, pair), v))))


@rule(Stage.EXPAND, Call, phases=(Phase.VALUES,), title="Count equal entries once",
      states=r"\max(\mathbf x) = \frac{\sum_i c_i x_i}{\sum_i c_i} \text{ with } c_i = \mathbf 1(x_i \geq \max(\mathbf x))",
      because=r"Several entries[ in {\max(\mathbf x)}|] may be equal and move together: the extreme is the mean of those that reach it, whose slopes are one.", terms=sides(r"\max(\mathbf x)", r"\frac{\sum_i c_i x_i}{\sum_i c_i} \text{ with } c_i = \mathbf 1(x_i \geq \max(\mathbf x))"),
      examples=("max(M + M.T)", "min(x @ x.T)", "max(Q)"))  # fmt: skip
def mean_of_extremes(e: Call, ctx: Context) -> Expr | None:
    if e.op not in (largest, smallest) or not _moves(e, ctx) or not recurs(e.args[0], ctx.variable):
        return None
    (array,) = e.args
    reached = Call(greater_equal, (array, e) if e.op is largest else (e, array))
    return Mul((Call(sum_, (Mul((reached, array)),)), Power(Call(sum_, (reached,)), MINUS_ONE)))


_CONCERNED = frozenset((maximum, minimum, relu, absolute, largest, smallest, norm, norm1))


def concerns(e: Expr) -> bool:
    """Whether laws about ties may have something to say of a node, or of what it abbreviates."""
    match e:
        case Call(op):
            return op in _CONCERNED or isinstance(op, UserFunction)
        case Power(Add(), Number(value)):
            return value > 0 and value.denominator > 1
        case _:
            return False


class OfValues(Engine):
    """Rules at work on what has a slope: a condition only chooses, and is left as it stands."""

    def _everywhere(self, r: Rule, here: Expr, record: list[Application]) -> Expr:
        if is_indicator(here):
            return here
        return super()._everywhere(r, here, record)
