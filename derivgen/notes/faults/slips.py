"""What cannot be read since one letter or one entry is not what belongs there: refuted, where all holds with that."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from derivgen.deadline import TooLong
from derivgen.notes.faults.forms import Wrong, blamed, mended
from derivgen.notes.faults.patterns import outliers
from derivgen.notes.faults.repair import ANYWHERE, Repair
from derivgen.notes.faults.style import half_derivatives
from derivgen.notes.judge.court import Court, Outcome
from derivgen.notes.judge.excuses import Excuse
from derivgen.notes.judge.ways import Heard
from derivgen.notes.judge.wording import OUT, is_of_function, is_of_letter
from derivgen.notes.meaning.chains import Chain, equality_of
from derivgen.notes.meaning.context import Context
from derivgen.notes.verdict import Equality
from derivgen.read.surface import Binder, walk

Repairs = Callable[..., Repair | None]
"""Looks for a repair of an equality as it is heard."""


def out_of_pattern(context: Context, heard: Heard, holds: Callable[[Chain, int, int], bool]) -> Equality | None:
    """Refuted, where one entry among dots, or a ∂ that is left out, is all that cannot be read, and the equality holds
    with what belongs there."""
    chain, i, j = heard.chain, heard.i, heard.j
    side = i if heard.outcome.wrong == 0 else j
    text = chain.links[side].member.text
    tree = context.written(text) if "dots" in text else None
    if heard.outcome.wrong is None:
        return None
    for found in (*(outliers(tree, text) if tree is not None else ()), *half_derivatives(text, with_d=False)):
        made_well = chain.with_member(side, text[: found.start] + found.text + text[found.end :])
        if holds(made_well, i, j):
            wrong = " ".join(text[found.start : found.end].split())
            code = "pattern" if "dots" in text else "form"
            reason = f"{wrong} {OUT[code]}"
            made = equality_of(chain, i, j, "refuted", code, reason)
            if chain.links[side].formula is not made.formula:
                return made
            start = chain.links[side].member.start
            return replace(made, repair=found.text, repair_start=start + found.start, repair_end=start + found.end)
    return None


def misplaced(heard: Heard, reason: str, repair: Repairs) -> Equality | None:
    """Refuted, where a letter that is known here stands where it says nothing, and another in its place makes all true."""
    chain, i, j, outcome = heard.chain, heard.i, heard.j, heard.outcome
    trees = [heard.court.question.sides[k].tree for k in (i, j)]
    bound = {p.name for tree in trees if tree is not None for p in walk(tree) if isinstance(p, Binder)}
    of_function = is_of_function(outcome)
    if None in trees or not (of_function or is_of_letter(outcome, bound)):
        return None
    place = blamed(heard.court, i, j, outcome)
    found = repair(heard, strict=True, place=ANYWHERE if of_function else place)
    if found is None:
        return None
    named = outcome.error.names if of_function and outcome.error is not None else ()
    exchanged = chain.links[found.side].member.text[found.start : found.end]
    if named and not re.search(rf"(?<![A-Za-z\\]){re.escape(named[0])}(?![A-Za-z])", exchanged):
        return None  # another letter was exchanged, beside which this one only makes sense by chance
    return mended(equality_of(chain, i, j, "refuted", "form", reason), chain, j, place, found)


def ill(chain: Chain, court: Court, k: int, wrong: Wrong, repair: Repairs) -> Equality:
    """Refuted, since it is none whatever its letters are; with another letter in its place, where that makes all true."""
    made = equality_of(chain, k - 1, k, "refuted", wrong.code, wrong.reason)
    for side in (k, k - 1) if wrong.repair is None else ():
        member = chain.links[side].member
        if chain.links[side].formula is made.formula and member.start <= wrong.start < wrong.end <= member.end:
            place, found = (side, wrong.start - member.start, wrong.end - member.start), None
            with suppress(TooLong):  # it is wrong with a repair and without one
                found = repair(Heard(chain, court, k - 1, k, Outcome("unread")), strict=True, place=place)
            if found is not None:
                return mended(made, chain, k, place, found)
    return replace(made, repair=wrong.repair, repair_start=wrong.start, repair_end=wrong.end)


def circle(heard: Heard, repair: Repairs) -> Equality | None:
    """Refuted, where letters depend on each other in a circle, and another letter in one makes a chain rule of it."""
    chain, i, j = heard.chain, heard.i, heard.j
    found = repair(heard, strict=True, excuse=Excuse("dependence", linked=True))
    if found is None:
        return None
    made = equality_of(chain, i, j, "refuted", "form", "its letters depend on each other in a circle")
    return mended(made, chain, j, (j, 0, len(chain.links[j].member.text)), found)
