"""A scalar of a matrix, or of a vector in one, by its differential: how the value changes, and the derivative read off beside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from derivgen.catalog.base import Elementwise
from derivgen.catalog.build import chain, factors_of, number, plus, product, split_coefficient, terms_of, transposed
from derivgen.catalog.formulas import norm
from derivgen.catalog.linear import diag, matmul, trace, transpose
from derivgen.catalog.opaque import det, eye, inv, logdet, ones
from derivgen.derivation.jacobian import jacobian
from derivgen.derivation.methods.link import Task, finished
from derivgen.derivation.methods.scalar import Derived, finish, in_order
from derivgen.expr import (
    MINUS_ONE,
    Add,
    At,
    Build,
    Call,
    Definition,
    Expr,
    Index,
    Mul,
    Number,
    Partial,
    Power,
    Sum,
    Symbol,
    children,
    depends_on,
    walk,
)
from derivgen.rules import moves
from derivgen.rules.collect import collect_factors
from derivgen.rules.data_sums import constants_out_of_sum
from derivgen.rules.engine import Context
from derivgen.rules.facts import proved
from derivgen.rules.properties import across, is_symmetric
from derivgen.rules.reason import Reason
from derivgen.rules.simplify import common_factor
from derivgen.rules.step import Step
from derivgen.rules.told_of_changes import of_change, of_equal_terms, of_inner_change, of_sums_transposed

SQUARE = (inv, det, logdet)
"""Operations whose partials by entries are many and whose differential is short."""

MOST_TERMS = 12
"""Terms of a differential up to which one reads it."""

GROUPING = (constants_out_of_sum.name, collect_factors.name, common_factor.name)
"""Laws that only regroup what stands beside the change: it is read off when that is done."""

LETTERS = "EHDKQ"
"""For the change of a matrix."""

OF_VECTORS = "hdqpe"
"""For that of a vector."""


class NoDifferential(Exception):
    """Something acts entry by entry, so that its change is no product with that of the variable."""


def differential_method(task: Task, ctx: Context) -> Derived | None:
    """The derivation of a scalar by a matrix that is inverted, or whose determinant is taken, or by a vector that such a matrix
    is made of; None where another is shorter.

    The change of the value is tr(G E), E that of the variable, so that G is the derivative in numerator layout; by a vector
    it is a row times its change.
    """
    f, x = task.f, task.x
    if task.method != "auto" or f.shape.axes or not isinstance(x, Symbol) or x.shape.rank not in (1, 2) or x.shape.row:
        return None
    if task.family:
        return None
    found = [e for e in walk(f) if isinstance(e, Call) and e.op in SQUARE and depends_on(e, x.name)]
    core = _core(f, x)
    quadratic = _is_quadratic(f, x)
    if (
        not (found or quadratic)
        or (core in found and x in children(core))
        or {d.value for d in task.given} & set(walk(f))
    ):
        return None
    letter = next((c for c in (LETTERS if x.shape.rank == 2 else OF_VECTORS) if c not in ctx.taken), None)
    if letter is None:
        return None
    change = Symbol(letter, x.shape)
    try:
        terms = changes(f, x, change)
    except NoDifferential:
        return None
    if not 0 < len(terms) <= MOST_TERMS:
        return None
    ctx.taken.add(letter)
    start, left = jacobian(f, x, ctx), jacobian(task.name, x, ctx)
    shown = _together(left, change)
    raw = plus(*(c.scalar() for c in terms))
    moved = in_order(raw, ctx)
    facts = tuple(known_laws(found, x, change, ctx))
    own = (*task.definitions, Definition(task.name, f)) if isinstance(task.name, Symbol) else task.definitions
    what = "matrix" if x.shape.rank == 2 else "vector"
    first = moves.take_differential.step(
        shown, moved, left=shown, substeps=facts, definitions=own, title=f"Let the {what} change a little"
    )
    spread = of_sums_transposed([e for e in walk(raw) if _is_sum_transposed(e)], set(walk(moved)))
    steps = [replace(first, reason=(first.reason + _within(found, facts, x, change, ctx)).also(spread))]
    beside = in_order(plus(*(c.beside(change) for c in terms)), ctx)
    pulled = in_order(_together(beside, change), ctx)
    if pulled != moved:
        grouped = [*takewhile(lambda s: s.rule in GROUPING, finish(beside, ctx, left))]
        end = moves.pull_out_change.step(moved, pulled, left=shown)
        end = replace(end, reason=end.reason + _equal(terms, change, ctx))
        if grouped:
            beside = grouped[-1].after
            last = _together(beside, change)
            end = replace(
                end, after=last, via=(pulled,), reason=end.reason + grouped[0].reason.first, substeps=tuple(grouped)
            )
        steps.append(end)
    steps.append(moves.read_derivative.step(start, beside, left=left))
    return finished(steps, beside, ctx, left, task.definitions)


def _is_quadratic(f: Expr, x: Symbol) -> bool:
    """Whether f adds up traces and squared norms in which the matrix stands in products, and would be long by entries: under a
    trace in several factors of one, or in several terms each of which would have a derivation of its own."""
    if x.shape.rank != 2:
        return False
    moving = [t for t in terms_of(_core(f, x)) if depends_on(t, x.name)]
    inner = [_traced(_core(t, x)) for t in moving]
    if None in inner:
        return False
    traced = any(isinstance(_core(t, x), Call) and _products(t, x, 2) for t in moving)
    return traced or (len(moving) > 1 and any(_products(t, x, 1) for t in moving))


def _core(t: Expr, x: Symbol) -> Expr:
    """A term without its constant factors."""
    return product(*(g for g in factors_of(t) if depends_on(g, x.name)))


def _traced(t: Expr) -> Expr | None:
    """What a trace, or the squared norm of a matrix, is of."""
    match t:
        case Call(op, (a,)) if op is trace:
            return a
        case Power(Call(op, (a,)), Number(n)) if op is trace or (op is norm and n == 2 and a.shape.rank == 2):
            return a
        case _:
            return None


def _products(e: Expr, x: Symbol, least: int) -> bool:
    """Whether there is a matrix product of which at least so many factors contain the variable."""
    return any(
        isinstance(p, Call) and p.op is matmul and sum(depends_on(a, x.name) for a in p.args) >= least for p in walk(e)
    )


def _is_sum_transposed(e: Expr) -> bool:
    return isinstance(e, Call) and e.op is transpose and isinstance(e.args[0], Add)


def _together(beside: Expr, change: Symbol) -> Expr:
    """What stands beside a change and the change, as a number."""
    whole = chain(beside, change)
    return Call(trace, (whole,)) if change.shape.rank == 2 else whole


def _equal(terms: Sequence[Change], change: Symbol, ctx: Context) -> Reason:
    """Which terms of a differential are equal when its change stands last, and which matrices are their own transposes."""
    groups: dict[Expr, list[Change]] = {}
    for c in terms:
        groups.setdefault(split_coefficient(in_order(c.beside(change), ctx))[1], []).append(c)
    symmetric = dict.fromkeys(
        f
        for c in terms
        if transposed(change) in c.factors
        for f in c.factors
        if is_symmetric(f) and (isinstance(f, Symbol) or (isinstance(f, Call) and f.op is inv))
    )
    return of_equal_terms([[in_order(c.scalar(), ctx) for c in g] for g in groups.values()], tuple(symmetric))


@dataclass(frozen=True, slots=True)
class Change:
    """A term of a differential: matrices around the change of the variable, what it is multiplied by, the sums around it.

    ``front`` stands before the sums. A scalar is the trace of its ``factors`` or, not ``traced``, a row times a column.
    """

    factors: tuple[Expr, ...]
    front: tuple[Expr, ...] = ()
    inside: tuple[Expr, ...] = ()
    over: tuple[Index, ...] = ()
    traced: bool = False

    def within(self, before: tuple[Expr, ...], after: tuple[Expr, ...]) -> Change:
        """The term with further factors around it."""
        return replace(self, factors=(*before, *self.factors, *after))

    def times(self, *more: Expr) -> Change:
        """The term with scalars in front."""
        return replace(self, front=(*more, *self.front))

    def summed(self, index: Index) -> Change:
        """The sum of the term over an index."""
        moving = tuple(e for e in self.front if index in e.free)
        rest = tuple(e for e in self.front if index not in e.free)
        return replace(self, front=rest, inside=(*moving, *self.inside), over=(index, *self.over))

    def scalar(self) -> Expr:
        """The term as it stands."""
        whole = chain(*self.factors)
        return self._all(Call(trace, (whole,)) if self.traced else whole)

    def beside(self, change: Symbol) -> Expr:
        """What stands beside the change when it is the last factor under the trace."""
        k = next(k for k, e in enumerate(self.factors) if depends_on(e, change.name))
        around = (*self.factors[k + 1 :], *self.factors[:k])
        match self.factors[k]:
            case Call(op, (moved,)) if op is diag:
                return self._all(chain(transposed(self._diagonal(k, moved)), *_before(moved, change)))
            case moved:
                whole = chain(*around) if around else Call(eye, (), change.shape.axes[:1])
                return self._all(whole if moved == change else _turned(whole))

    def _diagonal(self, k: int, moved: Expr) -> Expr:
        """What the entries of ``moved``, on the diagonal of factor ``k``, are multiplied by before they are added up."""
        before, after = self.factors[:k], self.factors[k + 1 :]
        if not self.traced:
            return product(transposed(chain(*before)), chain(*after))
        return Call(diag, (chain(*after, *before),)) if before or after else Call(ones, (), moved.shape.axes)

    def _all(self, e: Expr) -> Expr:
        e = product(*self.inside, e)
        for index in self.over[::-1]:
            e = Sum(index, e)
        return product(*self.front, e)


def _turned(e: Expr) -> Expr:
    """The transpose of what stands beside a transposed change, with symmetric matrices as they are."""
    match e:
        case Call(op, args) if op is matmul and e.shape.rank == 1:
            return chain(*(across(f) if f.shape.rank == 2 else transposed(f) for f in reversed(args)))
        case _:
            return across(e) if e.shape.rank == 2 else transposed(e)


def _before(moved: Expr, change: Symbol) -> tuple[Expr, ...]:
    """The matrices that a change is multiplied by."""
    match moved:
        case Call(op, (*before, last)) if op is matmul and last == change:
            return tuple(before)
        case _:
            return ()


def changes(e: Expr, x: Symbol, change: Symbol) -> list[Change]:
    """The terms of the differential of ``e`` when ``x`` changes.

    Raises:
        NoDifferential: something in ``e`` acts on the variable entry by entry.
    """

    def of(part: Expr) -> list[Change]:
        return changes(part, x, change)

    if e == x:
        return [Change((change,))]
    if not depends_on(e, x.name):
        return []
    match e:
        case Add(terms) if all(t.shape == e.shape for t in terms):
            return [c for t in terms for c in of(t)]
        case Mul(factors) if sum(bool(f.shape.axes) for f in factors) <= 1:
            return [
                c
                for k, f in enumerate(factors)
                if not e.shape.axes or f.shape.axes or not _moving(f, x)
                for c in (c.times(*factors[:k], *factors[k + 1 :]) for c in of(f))
            ]
        case Call(op, args) if op is matmul:
            return [c.within(args[:k], args[k + 1 :]) for k, a in enumerate(args) for c in of(a)]
        case Call(op, (a,)) if op is transpose:
            return [replace(c, factors=tuple(transposed(g) for g in reversed(c.factors))) for c in of(a)]
        case Call(op, (a,)) if op is trace:
            return [replace(c, traced=True) for c in of(a)]
        case Call(op, (a,)) if op is diag and a.shape.rank == 1:
            return [_on_diagonal(c, change) for c in of(a)]
        case Call(Elementwise() as op, (a,)) if a.shape.rank == 1:
            return [c.within((Call(diag, (op.derivatives[0](a),)),), ()) for c in of(a)]
        case Call(op, (a,)) if op is inv:
            return [c.within((e,), (e,)).times(MINUS_ONE) for c in of(a)]
        case Call(op, (a,)) if op is logdet or op is det:
            scale = (e,) if op is det else ()
            return [replace(c.within((Call(inv, (a,)),), ()).times(*scale), traced=True) for c in of(a)]
        case Call(Elementwise() as op, (a,)) if not e.shape.axes:
            return [c.times(op.derivatives[0](a)) for c in of(a)]
        case Power(Call(op, (u,)), Number(n)) if op is norm and n == 2:
            return [replace(c.within((transposed(u),), ()).times(number(2)), traced=u.shape.rank == 2) for c in of(u)]
        case Power(base, Number(n)) if not e.shape.axes:
            return [c.times(number(n), Power(base, number(n - 1)) if n != 2 else base) for c in of(base)]
        case Sum(index, body):
            return [c.summed(index) for c in of(body)]
        case _:
            raise NoDifferential


def _on_diagonal(c: Change, change: Symbol) -> Change:
    """The change of a vector as that of the matrix with the vector on its diagonal.

    Raises:
        NoDifferential: the change of the variable does not stand last.
    """
    if c.factors[-1] != change:
        raise NoDifferential
    return replace(c, factors=(Call(diag, (chain(*c.factors),)),))


def _within(found: list[Call], facts: Sequence[Step], x: Symbol, change: Symbol, ctx: Context) -> Reason:
    """Of a matrix that is made of the variable, and is inverted or has its determinant taken: its change."""
    inner = {e.args[0] for e in found} - {x}
    letters = [t for s in facts if (t := of_change(s)) is not None and t["X"] != x]
    if len(inner) != 1 or not letters:
        return Reason()
    (matrix,) = inner
    terms = changes(matrix, x, change)
    moved = in_order(plus(*(c.scalar() for c in terms)), ctx)
    return of_inner_change(letters[0], matrix, moved, x, change, places=len(terms))


def _moving(e: Expr, x: Symbol) -> bool:
    """Whether a scalar factor of an array moves: then its change is no factor beside that of the variable.

    Raises:
        NoDifferential: it does.
    """
    if depends_on(e, x.name):
        raise NoDifferential
    return True


def known_laws(found: list[Call], x: Symbol, change: Symbol, ctx: Context) -> Iterator[Step]:
    """What is known of each inverse and determinant, of the variable itself or of a matrix in its place."""
    for op in dict.fromkeys(e.op for e in found):
        of = [e.args[0] for e in found if e.op is op]
        inner: Symbol = x if x in of else Symbol(next(c for c in "ZUVYAB" if c not in ctx.taken), of[0].shape)
        moved = change if inner is x else Symbol(next(c for c in LETTERS if c not in ctx.taken), inner.shape)
        call = Call(op, (inner,))
        (term,) = changes(call, inner, moved)
        own = ctx.local()
        i, j, k, m = (own.fresh(d) for d in (*inner.shape.axes, *inner.shape.axes))
        if op is inv:
            entry = Sum(k, Sum(m, product(Partial(At(call, (i, j)), At(inner, (k, m))), At(moved, (k, m)))))
            before: Expr = Build((i, j), entry)
            after = product(*term.front, chain(*term.factors))
        else:
            before = Call(trace, (chain(jacobian(call, inner, own), moved),))
            after = term.scalar()
        partial = Partial(At(call, (i, j)) if op is inv else call, At(inner, (k, m)))
        yield moves.known_change.step(before, after, substeps=proved(partial, own))
