"""A Hessian of a scalar whose partials each contain one entry of the variable alone, as that of an entropy or a sum of logarithms.

It is diagonal, so that each partial is differentiated once more by its own entry, and nothing is put together in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from derivgen.catalog.build import product
from derivgen.derivation.jacobian import build, variable_name
from derivgen.derivation.methods.scalar import Derived, recombined, scalar_method
from derivgen.derivation.words.telling import told
from derivgen.expr import At, Build, Delta, Expr, Index, Partial, Symbol, all_indices, depends_on, replace_parts
from derivgen.rules import moves, told_of_hessians
from derivgen.rules.engine import Context
from derivgen.rules.rule import Stage
from derivgen.rules.step import Step


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
    again = [*inner.steps]
    while again and again[-1].stage == Stage.RECOMBINE:  # it stays an entry
        again.pop()
    if not again or again[-1].after.kinds & (Partial.bit | Build.bit):
        return None
    value, k = again[-1].after, ctx.fresh(j.dim)
    state = build(product(value, Delta(j, k)), (), (j, k), "numerator")
    arrays = recombined(state, ctx, whole)
    after = arrays[-1].after if arrays else state
    if after.kinds & Build.bit:
        return None
    second = Partial(left, own)
    return Entrywise(tuple(once[: cut + 1]), tuple(again), second, value, Derived(tuple(arrays), after))


def by_entries(found: Entrywise, start: Expr, x: Symbol, whole: Expr) -> Derived:
    """The derivation by one partial, from the start of the first to the Hessian, which is ``start``, in names ``whole``."""
    first, *others = found.again
    title = f"Differentiate again: {first.title[:1].lower()}{first.title[1:]}"
    read = moves.hessian.step(start, found.read.result, left=whole, substeps=found.read.steps,
                              reason=told_of_hessians.of_entries(found.first, found.left, x, found.second))  # fmt: skip
    return Derived((*found.once, replace(first, title=title), *others, read), found.read.result)


def as_a_link(found: Entrywise, start: Expr, whole: Expr, ctx: Context, title: str) -> Step:
    """The second derivative by a letter as one step."""
    reason = told_of_hessians.of_entries(found.first, found.left, found.first.wrt, found.second)
    return moves.derive_link.step(start, found.read.result, left=whole, substeps=(*found.again, *found.read.steps), title=title,
                                  reason=told(found.again, ctx.book).first + reason)  # fmt: skip
