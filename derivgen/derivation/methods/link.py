"""What the methods that go by links share: the task, a link as a step, letters that are put back, the form of the outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from derivgen.catalog.letters import spoken
from derivgen.catalog.user_functions import user_functions
from derivgen.derivation.jacobian import jacobian, variable_name
from derivgen.derivation.methods.scalar import Derived, finish, ordered, scalar_method
from derivgen.derivation.words.telling import lines_between, told
from derivgen.expr import Definition, Expr, Index, could_be_index, interned, replace_parts, walk
from derivgen.options import Layout, Method
from derivgen.rules import moves
from derivgen.rules.book import Book
from derivgen.rules.engine import Context
from derivgen.rules.reason import Reason, worded
from derivgen.rules.step import Step, end_of
from derivgen.rules.told_of_moves import letters

LINKS_REMEMBERED = 64
"""How many links are known again when another chain has them: the sum of the entries, the ramp, the logistic function."""

PLANNED = 4
"""How many names, the variable and the value among them, make a chain so long that its plan is said first."""

UNREAD = 20_000
"""Nodes of an answer, written out, from which on it is printed in the names of the links only: it needs no better form."""


@dataclass(frozen=True, slots=True)
class Task:
    """One derivative to be found, in numerator layout, or where it is asked for as a ``column`` in gradient layout.

    ``family`` are the indices of the reader's sums around ``f``; ``name`` is what the left-hand side calls it;
    ``definitions`` are the names in force; ``given`` are names that the reader wants to see used; ``term`` says that it
    is one term of a longer sum, in which an inner product is known at once; ``twice`` that the gradient is derived again,
    and in the letters of the question: x - m has none then; ``column`` that what is carried back may be a
    column at once, for the gradient of a number.
    """

    f: Expr
    x: Expr
    name: Expr
    method: Method
    family: tuple[Index, ...] = ()
    definitions: tuple[Definition, ...] = ()
    given: tuple[Definition, ...] = ()
    term: bool = False
    twice: bool = False
    column: bool = False

    @property
    def layout(self) -> Layout:
        """The layout of the derivative of a number."""
        return "gradient" if self.column else "numerator"

    def layout_of(self, name: Expr) -> Layout:
        """The layout in which a link is derived: the Jacobian of a vector is turned afterwards."""
        return "numerator" if name.shape.axes else self.layout


class NotTurned(Exception):
    """A part of a value has its derivative in another layout than the whole."""


MOST_PLANNED = 12
"""A longer way is shown by its ends."""


def planned(step: Step, way: Sequence[Expr | None], what: Reason) -> Step:
    """The step that names the intermediates, with the plan of a longer chain: u → s → z → y, and what is particular to it."""
    if len(way) < PLANNED:
        return step
    if len(way) > MOST_PLANNED:
        way = [*way[:3], None, *way[-2:]]
    arrows = [
        part
        for k, name in enumerate([e if e is not None else "…" for e in way])
        for part in ((" → ", name) if k else (name,))
    ]
    return replace(step, reason=step.reason + Reason((*arrows, ": ")).going_on(what))


def letters_taken(ctx: Context) -> frozenset[str]:
    """The names in use that could be those of indices; found once for all links of a chain."""
    return frozenset(name for name in ctx.taken if could_be_index(name))


def derived_link(value: Expr, inner: Expr, name: Expr, ctx: Context, taken: frozenset[str] | None = None,
                 held: frozenset[Expr] = frozenset(), layout: Layout = "numerator") -> Derived:  # fmt: skip
    """The derivative of a link, in numerator layout or another; every other name in it is held.

    Of the lengths that are ``held`` the derivative is known.
    """
    taken = letters_taken(ctx) if taken is None else taken
    laws = tuple([f.derivatives for f in user_functions(value).values()])
    return _derived(value, inner, name, ctx.book, taken, ctx.sample_indices, laws, held, layout)


@lru_cache(maxsize=LINKS_REMEMBERED)
def _derived(value: Expr, inner: Expr, name: Expr, book: Book, taken: frozenset[str], sample_indices: frozenset[Index],
             laws: tuple[object, ...], held: frozenset[Expr], layout: Layout) -> Derived:  # fmt: skip
    """The derivative of a link: a question of its own, which other chains ask too. Its letters are free here.

    ``laws`` are the derivatives of the reader's own functions in it, for two are equal by their formulas alone.
    """
    value, inner, name = interned(value, inner, name)  # nothing of the chain that happens to ask first
    return scalar_method(
        value, inner, name, Context(book, set(taken), sample_indices, question=(value,), held=held), layout
    )


def link_step(value: Expr, inner: Expr, name: Expr, found: Derived, ctx: Context, *, after: Expr | None = None,
              layout: Layout = "numerator", **more: Any) -> Step:  # fmt: skip
    """The derivative of a link as one step, its smaller steps those by which it was ``found``.

    ``name`` stands for the value on the left; ``after`` is the derivative as this step shows it, where that is not in the
    form in which it was found; ``more`` are fields of Step, in the place of what is said otherwise.
    """
    if "title" not in more:
        more["title"] = f"Differentiate {spoken(variable_name(name))} by {spoken(variable_name(inner))}"
    if "reason" not in more:
        more["reason"] = told(found.steps, ctx.book)
    if "via" not in more:
        more["via"] = lines_between(found.steps, found.result)
    return moves.derive_link.step(
        jacobian(value, inner, ctx, layout), found.result if after is None else after,
        left=jacobian(name, inner, ctx, layout), substeps=found.steps, **more,
    )  # fmt: skip


def what_letters_are(values: Mapping[Expr, Expr], e: Expr) -> Reason:
    """What the letters in ``e`` stand for; where that is nothing to be told, that they are put back."""
    return letters(values, set(walk(e))) or worded(moves.letters_back.sentence)


def letters_put_back(e: Expr, values: dict[Expr, Expr], left: Expr, definitions: tuple[Definition, ...],
                     back: Expr | None = None) -> tuple[list[Step], Expr]:  # fmt: skip
    """The step that puts ``values`` in the place of their letters, none where no letter is met, and what is reached.

    ``back`` is that, where the letters are not put back all at once.
    """
    back = replace_parts(e, values) if back is None else back
    if back == e:
        return [], back
    reason = what_letters_are(values, e)
    return [moves.letters_back.step(e, back, left=left, definitions=definitions, reason=reason)], back


def put_back_and_read(e: Expr, back: Expr, values: Mapping[Expr, Expr], left: Expr, definitions: tuple[Definition, ...],
                      ctx: Context) -> Derived:  # fmt: skip
    """The end of a second derivative: ``back`` is ``e`` without its letters, which is brought to a form to be read.

    All but the last law of that are told with the letters.
    """
    last = finish(back, ctx, left)
    steps: list[Step] = []
    if back != e or last[:-1]:
        put = moves.letters_back.step(
            e, last[-1].before if last else back, left=left, definitions=definitions, substeps=tuple(last[:-1]),
            via=(back,) if last[:-1] else (), reason=what_letters_are(values, e),
        )  # fmt: skip
        steps.append(replace(put, reason=put.reason + last[0].reason) if last[:-1] else put)
    if last:
        steps.append(replace(last[-1], left=left, definitions=definitions))
    return Derived(tuple(steps), end_of(last, back))


def finished(steps: list[Step], e: Expr, ctx: Context, left: Expr, definitions: tuple[Definition, ...]) -> Derived:
    """The derivation of a link: its steps, then what brings its last expression to a form to be read."""
    if e.written <= UNREAD:
        tidied, said = ordered(e, ctx)
        if tidied != e:
            steps[-1] = replace(steps[-1], after=tidied, reason=steps[-1].reason.also(said))
        steps += finish(tidied, ctx, left)
    result = steps[-1].after
    return Derived(tuple(replace(s, definitions=s.definitions or definitions) for s in steps), result)


def about(step: Step, old: Expr, new: Expr) -> Step:
    """A step about another value with the same derivative."""
    left = None if step.left is None else replace_parts(step.left, {old: new})
    return replace(step, left=left, substeps=tuple(about(s, old, new) for s in step.substeps))
