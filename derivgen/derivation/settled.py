"""A question without what always ties: the steps that come before all others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from derivgen.catalog.elementwise import log
from derivgen.catalog.formulas import logsumexp, softmax
from derivgen.catalog.linear import diag
from derivgen.catalog.opaque import det, prod
from derivgen.catalog.user_functions import written_out
from derivgen.expr import Add, Build, Call, Definition, Expr, Mul, Power, Sum, Symbol, walk
from derivgen.rules import data_sums, ties, unfold
from derivgen.rules.engine import Context, Engine
from derivgen.rules.rule import Application, Phase, Rule
from derivgen.rules.step import Step, end_of


def settling(
    f: Expr,
    x: Expr | tuple[Symbol, ...],
    shown: Expr,
    ctx: Context,
    named: Iterable[Definition] = (),
    *,
    by_entries: bool = False,
) -> list[Step]:
    """The steps from ``f`` to an equal expression whose ties each count once, as max(b, b) is b, without determinants
    that are zero by their shape, and without products with a diagonal matrix that moves; ``shown`` is left of them.

    ``x`` is the variable: what does not move with it may tie as it likes. A softmax among what is ``named`` stays, since
    who names it wants to see it used. What is derived ``by_entries`` needs no matrix of its data.
    """
    if not any(
        ties.concerns(e)
        or isinstance(e, Sum | Build)
        or (
            isinstance(e, Call)
            and (
                e.op in (det, diag, prod)
                or (e.op in (softmax, logsumexp) and e.args[0].shape.row)
                or (e.op is log and isinstance(e.args[0], Mul))
                or unfold.is_log_of_softmax(e)
            )
        )
        for e in walk(f)
    ):
        return []
    if isinstance(x, Symbol):
        ctx = ctx.about(x.name)
    rules = ctx.book.shown(Phase.SETTLE)
    wanted = {*_wanted(f)} - ({data_sums.samples_inside, data_sums.row_as_column} if by_entries else set())
    rules = tuple([r for r in rules if r not in OF_SUMS or r in wanted])
    if any(isinstance(d.value, Call) and d.value.op is softmax for d in named):
        rules = tuple(r for r in rules if r is not unfold.log_of_softmax)
    steps = [_between(s) for s in Engine(rules, (), ctx).run(f)]
    steps += _without_ties(end_of(steps, f), ctx)
    return [replace(s, left=shown) for s in steps]


OF_SUMS = (
    data_sums.constant_terms_of_sum,
    data_sums.samples_inside,
    data_sums.row_as_column,
    unfold.log_of_exponential,
)
"""Rules that are tried where there is something for them: a question with a sum seldom has that."""


def _wanted(f: Expr) -> Iterator[Rule]:
    """Which of these rules have something to act on, or may have it after another."""
    for e in walk(f):
        match e:
            case Sum(_, Add()):
                yield data_sums.constant_terms_of_sum
            case Call(op, (inner,)) if op in (softmax, logsumexp) and inner.shape.row:
                yield data_sums.row_as_column
            case Call(op, (inner,)) if op is log and (isinstance(inner, Mul) or unfold.is_log_of_softmax(e)):
                yield from OF_SUMS
            case Call() | Power() if e.kinds & Sum.bit:
                yield data_sums.samples_inside
            case _:
                pass


def _between(s: Step) -> Step:
    """A step that multiplies the logarithm of a softmax out, with the difference that this is standing between."""
    between = unfold.logarithms_as_differences(s.before) if s.rule == unfold.log_of_softmax.name else s.before
    return s if between in (s.before, s.after) else replace(s, via=(between,))


def _without_ties(f: Expr, ctx: Context) -> list[Step]:
    """The steps by values; functions of the reader's are opened where these have something to say of their formulas."""
    opened = written_out(f)
    steps = ties.OfValues(ctx.book.shown(Phase.VALUES), (), ctx).run(opened)
    if opened == f:
        return steps
    by_values = {r.name for r in ctx.book.shown(Phase.VALUES) if Phase.SETTLE not in r.phases}
    if not any(s.rule in by_values for s in steps):
        return []
    return [Application(unfold.write_definition, f, opened).step(), *steps]
