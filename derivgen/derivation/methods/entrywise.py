"""A Hessian of a scalar whose partials each contain one entry of the variable alone, as that of an entropy or a sum of logarithms.

It is diagonal, so that each partial is differentiated once more by its own entry, and nothing is put together in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from derivgen.catalog.build import is_elementwise, product, transposed
from derivgen.catalog.linear import matmul, sum_
from derivgen.derivation.jacobian import build, variable_name
from derivgen.derivation.methods.scalar import Derived, recombined, scalar_method
from derivgen.derivation.words.left_over import without_unseen_turns
from derivgen.derivation.words.telling import told
from derivgen.expr import (
    Add,
    At,
    Build,
    Call,
    Delta,
    Expr,
    Index,
    Mul,
    Partial,
    Power,
    Symbol,
    all_indices,
    children,
    depends_on,
    replace_parts,
)
from derivgen.rules import moves, told_of_hessians
from derivgen.rules.collect import over_one_denominator
from derivgen.rules.engine import Context
from derivgen.rules.reason import Reason
from derivgen.rules.rule import Stage
from derivgen.rules.step import Step, end_of


@dataclass(frozen=True, slots=True)
class Entrywise:
    """Such a scalar derived twice.

    Attributes:
        once: the steps to one partial.
        again: from that to its own derivative by the same entry.
        left: that derivative, in names.
        second: what it is.
        read: the Hessian with these on its diagonal, and how it is written.
    """

    once: tuple[Step, ...]
    again: tuple[Step, ...]
    left: Partial
    second: Expr
    read: Derived

    @property
    def first(self) -> Partial:
        """The partial that is derived again, in names."""
        assert isinstance(self.left.body, Partial)
        return self.left.body


def entrywise(once: Sequence[Step], x: Expr, ctx: Context, whole: Expr) -> Entrywise | None:
    """The second derivative from the steps that lead to the first; None where a partial contains other entries too.

    ``whole`` is the Hessian in names.
    """
    if x.shape.rank != 1 or any(s.introduces for s in once):
        return None
    found = [k for k, s in enumerate(once) if isinstance(s.left, Partial) and not isinstance(s.left.body, Partial)]
    if not found:
        return None
    cut = found[-1]
    left, entry = once[cut].left, once[cut].after
    match left:
        case Partial(_, At(_, (*_, Index() as j)) as own) if variable_name(own) == variable_name(x):
            pass
        case _:
            return None
    rest = replace_parts(entry, {own: Symbol("_", own.shape)})
    if entry.kinds & Partial.bit or depends_on(rest, variable_name(x)) or rest == entry:
        return None
    ctx = ctx.local()
    ctx.taken.update(i.name for s in once for i in all_indices(s.after))
    inner = scalar_method(entry, own, left, ctx)
    again = [*takewhile(lambda s: s.stage != Stage.RECOMBINE, inner.steps)]  # it stays an entry
    if not again or again[-1].after.kinds & (Partial.bit | Build.bit):
        return None
    value, k = again[-1].after, ctx.fresh(j.dim)
    state = build(product(value, Delta(j, k)), (), (j, k), "numerator")
    arrays = recombined(state, ctx, whole)
    after = end_of(arrays, state)
    if after.kinds & Build.bit:
        return None
    second = Partial(left, own)
    return Entrywise(tuple(once[: cut + 1]), tuple(again), second, value, Derived(tuple(arrays), after))


def stands_apart(f: Expr, x: Expr) -> bool:
    """Whether a number adds up values of which each contains one entry of the vector alone, as -pᵀ log(p) does."""
    name = variable_name(x)
    match f:
        case Add():
            return all(stands_apart(t, x) for t in f.terms if depends_on(t, name))
        case Mul():
            moving = [g for g in f.factors if depends_on(g, name)]
            return len(moving) == 1 and all(not g.shape.axes for g in f.factors) and stands_apart(moving[0], x)
        case Call(op, (v,)) if op is sum_:
            return _is_of_entries(v, x)
        case Call(op, (u, v)) if op is matmul and not f.shape.axes:
            return _is_of_entries(transposed(u), x) and _is_of_entries(v, x)
        case _:
            return False


def _is_of_entries(e: Expr, x: Expr) -> bool:
    """Whether each entry of a vector contains the variable by its own entry alone."""
    if e == x or not depends_on(e, variable_name(x)):
        return True
    of_numbers = isinstance(e, Add | Mul | Power) or is_elementwise(e)
    return e.shape == x.shape and of_numbers and all(_is_of_entries(c, x) for c in children(e))


def by_entries(found: Entrywise, start: Expr, x: Symbol, whole: Expr) -> Derived:
    """The derivation by one partial, from the start of the first to the Hessian, which is ``start``, in names ``whole``."""
    first, *others = found.again
    title = f"Differentiate again: {first.title[:1].lower()}{first.title[1:]}"
    read = moves.hessian.step(start, found.read.result, left=whole, substeps=found.read.steps,
                              reason=_with_form(told_of_hessians.of_entries(found.first, found.left, x, found.second), found.read.steps))  # fmt: skip
    return Derived((*found.once, replace(first, title=title), *others, read), found.read.result)


def _with_form(why: Reason, read: Sequence[Step]) -> Reason:
    """The reason with what brings the entries into another form than they were found in."""
    forms = [s for s in read if s.rule == over_one_denominator.name]
    return why + forms[-1].reason if forms else why


def as_a_link(found: Entrywise, start: Expr, whole: Expr, ctx: Context, title: str) -> Step:
    """The second derivative by a letter as one step."""
    reason = told_of_hessians.of_entries(found.first, found.left, found.first.wrt, found.second)
    return moves.derive_link.step(start, found.read.result, left=whole, substeps=(*found.again, *found.read.steps), title=title,
                                  reason=without_unseen_turns(told(found.again, ctx.book), found.read.result).first + reason)  # fmt: skip
