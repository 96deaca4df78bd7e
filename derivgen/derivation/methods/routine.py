"""A chain of two links as one step, in a derivation that has several such and would be long with all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from derivgen.catalog.letters import spoken
from derivgen.derivation.jacobian import jacobian, variable_name
from derivgen.expr import Cases, Expr, Sum, walk
from derivgen.rules import moves
from derivgen.rules.engine import Context
from derivgen.rules.reason import Reason
from derivgen.rules.step import Step, end_of
from derivgen.rules.told_of_chains import in_short
from derivgen.rules.told_of_hessians import of_all_terms
from derivgen.rules.told_of_moves import derivatives, value_of, variable_of

LONG = 10
"""How many steps a derivation may have before its routine chains are one step each."""

LONGEST_RATE = 24
"""Nodes of a rate up to which it stands in the sentence; a longer one has its name there, and so has one by cases."""

CHAIN = [moves.name_intermediates.name, *[moves.derive_link.name] * 2, moves.chain_rule.name]


def in_brief(steps: Sequence[Step], more: int) -> list[Step]:
    """The steps, the chains of two links among them as one step each where they and ``more`` are a long derivation."""
    if len(steps) + more <= LONG:
        return list(steps)
    found: list[Step] = []
    k = 0
    while k < len(steps):
        here = steps[k : k + len(CHAIN)]
        if [s.rule for s in here] == CHAIN:
            last = steps[k + len(CHAIN)] if k + len(CHAIN) < len(steps) else None
            back = [last] if last is not None and last.rule == moves.letters_back.name else []
            found.append(at_once([*here, *back]))
            k += len(here) + len(back)
        else:
            found.append(steps[k])
            k += 1
    return found


def at_once(steps: Sequence[Step], *, linear: bool = False) -> Step:
    """One step for all of a chain, with the product in names and in the letter for its lines between.

    The chain may be that of one term of a sum over samples, which the value adds up. How the inner link changes is not
    told again where that is ``linear``: its rate stands in the sentence.
    """
    naming, inner, outer, chained, *back = steps
    whole = next(derivatives(chained.left))
    y, x, u = value_of(whole), variable_of(whole), variable_of(next(derivatives(outer.left)))
    one = value_of(next(derivatives(outer.left)))
    within = next((d.value for d in naming.introduces if d.symbol == u), None) if linear else None
    reason = _reason(one, x, u, inner, outer, within)
    introduces = naming.introduces[:-1]
    if one != y:
        total = next(e for e in walk(chained.via[0]) if isinstance(e, Sum))
        reason = reason.also(of_all_terms(next(derivatives(chained.left)), jacobian(one, x, Context()), total.index))
        introduces = naming.introduces
    after = end_of(back, chained.after)
    via = dict.fromkeys([*chained.via, *([chained.after] if back else [])])
    return replace(
        chained, rule=moves.chain_at_once.name, title=f"Differentiate {spoken(variable_name(y))} by {spoken(variable_name(x))}", after=after, via=tuple(via), substeps=tuple(steps),
        introduces=introduces, picture="", reason=reason,
    )  # fmt: skip


def _reason(y: Expr, x: Expr, u: Expr, inner: Step, outer: Step, linear: Expr | None) -> Reason:
    """At which rates the two links change, and why; of what is ``linear`` that is seen."""
    a, b = (
        next(derivatives(s.left)) if s.after.kinds & Cases.bit or s.after.written > LONGEST_RATE else s.after
        for s in (inner, outer)
    )
    if linear is not None:
        return in_short(y, x, u, a, b, linear) + outer.reason.at_once
    return in_short(y, x, u, a, b) + inner.reason.first.also(outer.reason.at_once)  # what its quotient is known as, too
