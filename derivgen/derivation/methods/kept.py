"""Letters that the answer is printed with are not put back in the last steps, only to be taken out again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from derivgen.catalog.base import Elementwise, Formula
from derivgen.derivation.methods.scalar import Derived
from derivgen.derivation.words.shorten import place_of_letters, shorten, with_letter, written_out
from derivgen.expr import Call, Definition, Expr, Symbol, replace_parts, substitute, symbols, walk
from derivgen.rules import moves
from derivgen.rules.form_cost import LETTER, measure
from derivgen.rules.step import Step
from derivgen.rules.told_of_moves import letters

MOST_LETTERS = 60
"""How many letters are looked for in the last lines: each is looked for in all of them, and nobody reads more."""


def with_letters_kept(outcome: Derived, left: Expr, taken: Sequence[str]) -> Derived:
    """The steps in the letters of the answer: where all of them are kept there is no step that puts them back, else it says
    which are put back. The result stays in the letters of the question.

    ``left`` is what the answer is about, ``taken`` are letters that a function in it may not have.
    """
    steps = outcome.steps
    place = place_of_letters(left, steps)
    if place is None or not place:
        return _with_new_letter(outcome, left, taken)
    back = steps[place]
    shown, names = shorten(left, outcome.result, steps)
    named = bool(names)
    names = names or _letters(outcome, back, taken)
    known = {d.symbol for d in back.definitions}
    if not named and len(names) == 1 and not {names[0].symbol} & known:
        return _with_new_letter(outcome, left, taken)
    if not 0 < len(names) <= MOST_LETTERS or not {d.symbol for d in names} <= known or left.shape.rank > 2:
        return outcome
    kept = _keeping(names)
    own = {d.symbol for d in names}
    tail = [
        replace(
            s,
            before=s.before if k == 0 else kept(s.before),
            after=kept(s.after),
            via=tuple(dict.fromkeys(map(kept, s.via))),
            definitions=back.definitions,
        )
        for k, s in enumerate(steps[place:])
    ]
    if named:
        tail[-1] = replace(tail[-1], after=shown)
    first, *more = tail
    met = set(symbols(back.before))
    gone: dict[Expr, Expr] = {}
    for d in reversed(back.definitions):  # the letters within what others stand for too
        if d.symbol.name in met and d.symbol not in own:
            gone[d.symbol] = kept(d.value)
            met |= set(symbols(gone[d.symbol]))
    if not gone or first.after == first.before:
        tail = more
        if not more and steps[place - 1].left == back.left:
            last = steps[place - 1]
            return Derived((*steps[: place - 1], replace(last, definitions=back.definitions)), outcome.result)
    else:
        tail = [replace(first, reason=letters(gone, set(walk(back.before))) or first.reason), *more]
    tail = [s for s in tail if s.after != s.before]
    return Derived((*steps[:place], *tail), outcome.result)


def _with_new_letter(outcome: Derived, left: Expr, taken: Sequence[str]) -> Derived:
    """The derivation with the letter that a function in the answer gets at its end in the last step too, after the line without."""
    *before, last = outcome.steps or (None,)
    if (
        last is None
        or last.left != left
        or last.rule == moves.value_by_letter.name
        or outcome.result.free
        or last.after != outcome.result
    ):
        return outcome
    own = (*last.definitions, *(d for s in outcome.steps for d in s.introduces))
    shown, chosen = with_letter(outcome.result, own, taken)
    if len(chosen) != 1 or chosen[0].symbol.name in {d.symbol.name for d in own}:
        return outcome
    last = replace(
        last,
        after=shown,
        via=(*last.via, last.after),
        introduces=(*last.introduces, *chosen),
        definitions=(*last.definitions, *chosen),
    )
    return Derived((*before, last), outcome.result)


def _letters(outcome: Derived, back: Step, taken: Sequence[str]) -> tuple[Definition, ...]:
    """The letters of a short answer, each with what it stands for in those before it."""
    if outcome.result.free or any(d.value.free or d.symbol.shape != d.value.shape for d in back.definitions):
        return ()
    own = (*back.definitions, *(d for s in outcome.steps for d in s.introduces))
    _, chosen = with_letter(outcome.result, own, taken)
    wanted = {d.symbol for d in chosen}
    once: set[Symbol] = set()
    while True:
        names = (*_needed_twice(back, wanted, once), *chosen)  # a function as it stands in the answer, too
        lines = [_keeping(names)(outcome.result), *(d.value for d in names)]
        alone = {
            d.symbol for d in names if sum(e == d.symbol for line in lines for e in written_out(line)) < 2
        } - wanted
        if not alone:
            return names
        once |= alone


def _needed_twice(back: Step, wanted: set[Symbol], once: set[Symbol]) -> tuple[Definition, ...]:
    """The letters that are ``wanted``, and those that stand in the line, or in what others stand for, more than once and are
    worth it; what they stand for is in those letters and in the ones of the question.

    Those that stand ``once`` in the answer are none of them."""
    full: dict[str, Expr] = {}
    for d in back.definitions:
        full[d.symbol.name] = substitute(d.value, full)
    lines, kept = [back.before], set(wanted)
    for d in reversed(back.definitions):
        count = sum(e == d.symbol for line in lines for e in written_out(line))
        if d.symbol in wanted or (
            d.symbol not in once and count > 1 and (count - 1) * measure(full[d.symbol.name]) > count * LETTER.cost
        ):
            kept.add(d.symbol)
        lines = [replace_parts(line, {d.symbol: d.value}) if d.symbol not in kept else line for line in lines]
        if d.symbol in kept and count:
            lines.append(d.value)
    put: dict[str, Expr] = {}
    names: list[Definition] = []
    for d in back.definitions:
        value = substitute(d.value, put)
        if d.symbol in kept:
            names.append(Definition(d.symbol, value))
        else:
            put[d.symbol.name] = value
    met = {name for line in lines for name in symbols(line)}
    return tuple([d for d in names if d.symbol.name in met])


def _is_curved(e: Expr) -> bool:
    """Whether a function stands in what a letter stands for: Ax is read as fast as a letter for it."""
    return any(isinstance(p, Call) and isinstance(p.op, Elementwise | Formula) for p in walk(e))


def _keeping(names: Sequence[Definition]) -> Callable[[Expr], Expr]:
    """What writes each name for what it stands for; those that come first stand in what the later ones stand for."""

    def kept(e: Expr) -> Expr:
        for d in names:
            e = replace_parts(e, {d.value: d.symbol})
        return e

    return kept
