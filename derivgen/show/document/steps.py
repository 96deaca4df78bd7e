"""The steps of a derivation as a reader sees them: which are shown, as one or apart, and what each displays."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from derivgen.catalog.letters import spoken
from derivgen.check.verdict import Verdict
from derivgen.expr import At, Expr
from derivgen.rules.differentiate import element_wise_condition
from derivgen.rules.moves import (
    add_samples,
    add_terms,
    carry_back,
    carry_by_entries,
    chain_at_once,
    chain_rule,
    derive_link,
    derive_sample,
    derive_terms,
    known_derivative,
    name_intermediates,
    read_as_matrix,
)
from derivgen.rules.rule import Stage
from derivgen.rules.step import Step
from derivgen.rules.told_of_moves import derivatives, value_of, variable_of
from derivgen.show.document.arrays import listed_in_words
from derivgen.show.document.blocks import Item
from derivgen.show.document.signs import explained
from derivgen.show.document.told import told
from derivgen.show.document.verdicts import worse
from derivgen.show.formats import Wishes
from derivgen.show.layout.box import Box, Letter, Script, breadth
from derivgen.show.layout.lines import Line
from derivgen.show.layout.notate import context
from derivgen.show.layout.term import Context
from derivgen.show.math.latex import write


def items_of(
    steps: tuple[Step, ...], c: Context, wishes: Wishes, known: frozenset[str] = frozenset(), asked: Line | None = None
) -> tuple[Item, ...]:
    """The numbered steps. Signs that are ``known`` from the question are not explained; what is ``asked`` is not repeated."""
    own = {f"row {d.symbol.name}" for s in steps for d in s.introduces}  # of an intermediate a member is no row
    return explained(_brief(_items(_chosen(steps, wishes), c, wishes, "", set(), asked), wishes), known | own)


def _chosen(steps: tuple[Step, ...], wishes: Wishes) -> tuple[Step, ...]:
    """The steps that are shown: for "brief" those of one stage, about one left side, are one, which says what each does."""
    if wishes.detail != "brief":
        return steps
    merged: list[Step] = []
    several = False  # whether the last is more than one already
    for step in steps:
        last = merged[-1] if merged else None
        if (
            last is not None
            and last.stage == step.stage
            and last.left == step.left
            and step.stage
            and not step.introduces
        ):
            check = worse(last.check, step.check)
            picture = step.picture or ""
            merged[-1] = replace(step, title=last.title, rule=last.rule, before=last.before, picture=picture,
                                 check=check, reason=last.reason + (step.reason.first if several else step.reason), substeps=(), via=())  # fmt: skip
            several = True
        else:
            merged.append(step)
            several = False
    return tuple(merged)


def _brief(items: tuple[Item, ...], wishes: Wishes) -> tuple[Item, ...]:
    """The steps of a chain: for "brief" the links are one, and so is all that is done with their product."""
    if wishes.detail != "brief":
        return items
    made: list[Item] = []
    for kind, group in groupby(_parts(items), key=lambda part: part[0]):
        those = [item for _, item in group]
        if kind == "":
            made += [replace(item, number=str(len(made) + k)) for k, item in enumerate(those, 1)]
            continue
        if len(those) == 1:
            made.append(replace(those[0], number=str(len(made) + 1)))
            continue
        check = those[0].check
        for other in those[1:]:
            check = worse(check, other.check)
        move, shown = (derive_link, those) if kind == "links" else (chain_rule, those[-1:])
        lines = tuple(_whole_line(item.lines) for item in shown if item.lines)
        if kind == "product" and those[0].rule == chain_rule.name and len(those[0].lines) > 1:
            lines = tuple(replace(line, middle=line.middle or those[0].lines[0].right) for line in lines)
        if any(item.rule == carry_back.name for item in those):
            move = carry_back
        title = "Differentiate the links" if move is derive_link else move.title
        if kind == "links":
            first = "" if move is carry_back else _sentences(those[-1].reason)[0]
            reason = " ".join((_each_link(those), *(_laws(those) or [first]))).rstrip()
        else:
            reason = " ".join(dict.fromkeys(words for item in those for words in _sentences(item.reason)))
        shown_product = move is not carry_back  # else no line has the factors whose shapes fit
        notes = tuple(
            note for item in those for note in item.notes if shown_product or not note[0].startswith("shapes ")
        )
        made.append(Item(str(len(made) + 1), title, lines, reason, move.name, check, notes=notes))
    return tuple(made)


def _sentences(reason: str) -> list[str]:
    return [words.removesuffix(".") + "." for words in reason.split(". ")]


MOST_LAWS = 3
"""How many sentences about slopes are said where several links are one step."""


def _laws(items: Iterable[Item]) -> list[str]:
    """What is said of the slopes in links, and of a function that was found again in one."""
    found: dict[str, None] = {}
    for item in items:
        said = _sentences(item.reason)
        for k, words in enumerate(said):
            if " slope" in words or (k and said[k - 1] in found and any(sign in words for sign in _FOUND_AGAIN)):
                found[words] = None
    return list(found)[:MOST_LAWS]


_FOUND_AGAIN = ("is the logistic function", "exponentials over their sum")


def _whole_line(lines: tuple[Line, ...]) -> Line:
    """From the name to what is found for it, whatever stands between."""
    name = next((line.left for line in reversed(lines) if line.left is not None), None)
    means = lines[0].right if len(lines) > 2 and isinstance(name, Letter | Script) else None  # δ = ∂C/∂z = …
    return replace(lines[-1], left=name, middle=means)


def _parts(items: Iterable[Item]) -> Iterator[tuple[str, Item]]:
    """Each step of a chain with what it belongs to: its links, the work on their product, or "" for what stands alone.

    A sum over samples or of terms has a chain for each part, between steps of its own.
    """
    kind = ""
    for item in items:
        if item.rule in (derive_link.name, carry_back.name):
            kind = "links"
        elif item.rule in _APART:
            kind = ""
        elif kind == "links":
            kind = "product"
        yield kind, item


_APART = {m.name for m in (name_intermediates, chain_at_once, derive_sample, derive_terms, add_samples, add_terms,
                             carry_by_entries, read_as_matrix)}  # fmt: skip


def _each_link(items: list[Item]) -> str:
    """Which links are one step."""
    pairs = [(y, x) for item in items for y, x in _LINK.findall(item.title)]
    carried = [x for item in items for x in _CARRIED.findall(item.title)]
    if carried:
        to = listed_in_words(carried)
        first = " and ".join(f"{y} is differentiated by {x}" for y, x in pairs)
        return f"{first}, and that is carried back to {to}: each time it is multiplied by the next Jacobian."
    said = [f"{y} {'by' if k else 'is differentiated by'} {x}" for k, (y, x) in enumerate(pairs)]
    return f"{listed_in_words(said)}, each entry by entry."


def _items(
    steps: tuple[Step, ...], c: Context, wishes: Wishes, prefix: str, proved: set[str], asked: Line | None = None
) -> tuple[Item, ...]:
    """The steps of one level. What was ``proved`` above is not proved again."""
    items: list[Item] = []
    above: Line | None = None
    stages = {step.stage for step in steps}
    phases: tuple[str, bool] | None = ("", False) if stages.issuperset(_PHASES) else None
    # f_i(𝐰) is written f_i(w_i) from the step on that says why it may be
    reduced = next((k for k, step in enumerate(steps) if step.rule == element_wise_condition.name), -1)
    earlier = context(replace(c.style, entire=True)) if reduced >= 0 else c
    for k, step in enumerate(steps):
        now = earlier if k < reduced else c
        said = told(step, now, earlier if k == reduced else None)
        lines = [*said.lines]
        start = _start(lines[-1], above) if lines else None
        again = asked is not None and not k and len(lines) == 1 and _alike(lines[0], asked)
        if again and len(steps) > 1 and _holds(step.check) and wishes.detail != "full":
            continue  # the question is written by its entries already
        if lines and above is not None and _look_alike(lines[-1].left, above.left):
            # what the line above ended with is not repeated
            if lines[-1].middle == above.right:
                lines[-1] = replace(lines[-1], middle=None)
            if wishes.detail != "full" and len(lines) == 1 and _alike(lines[0], replace(above, middle=None)):
                # it would be printed as the line above ends: the reader sees one step, under the worse verdict
                items[-1] = replace(items[-1], check=worse(items[-1].check, step.check))
                continue
        if prefix and len(lines) == 1 and _shows_nothing(lines[0]) and _holds(step.check):
            continue
        number = f"{prefix}{len(items) + 1}"
        under: tuple[Item, ...] = ()
        if wishes.opened and step.substeps:
            under = _items(_unproved(step.substeps, proved), c, wishes, number + ".", proved)
            if wishes.detail != "full" and len(under) == 1 and lines and _is_whole(under[0], lines[-1], start):
                under = tuple([_renumbered(item, under[0].number, number) for item in under[0].substeps])
            if len(under) == 1 and under[0].rule == step.rule and under[0].reason == said.reason:  # it is said already
                under = tuple([_renumbered(item, under[0].number, number) for item in under[0].substeps])
        phases = _phase_of(step.stage, phases)
        title, notes = _lettered(_phased(step.title, phases), step, now), said.notes(lines)
        items.append(Item(number, title, tuple(lines), said.reason, step.rule, step.check, under, notes=notes))
        if prefix:
            items = _forward(items)
        above = _with_left(lines)
    return tuple(items)


def _unproved(steps: tuple[Step, ...], proved: set[str]) -> tuple[Step, ...]:
    """Smaller steps without the proofs that stand in the document already; what does not hold is shown."""
    kept = tuple(
        s
        for s in steps
        if not (s.rule == known_derivative.name and s.substeps and s.title in proved and _holds(s.check))
    )
    proved.update(s.title for s in kept if s.rule == known_derivative.name and s.substeps)
    return kept


_LINK = re.compile(r"Differentiate (\$.*?\$|\S+) by (\$.*?\$|\S+)")
_CARRIED = re.compile(r"Carry it back to (\S.*)")
_OF_A_LINK = re.compile(r"(Differentiate) (\S+) (by) (\S+)(?: (again))?|(Carry it back to) (\S+)")


_PHASES: dict[str, str] = {Stage.DIFFERENTIATE: "Take the partials", Stage.RECOMBINE: "Recombine"}
"""The phases of the method that the titles of steps do not name: the scalar equations have a title of their own."""

_SAME_PHASE = (Stage.COLLAPSE, Stage.SIMPLIFY)


def _phase_of(stage: str, before: tuple[str, bool] | None) -> tuple[str, bool] | None:
    """The phase that a step is in, and whether it begins there; None where entries are not what is worked with."""
    if before is None or stage in _SAME_PHASE:
        return before and (before[0], False)
    return stage, stage != before[0]


def _phased(title: str, phase: tuple[str, bool] | None) -> str:
    """The title of a step, with that of the phase which begins with it."""
    name = _PHASES.get(phase[0]) if phase is not None and phase[1] else None
    return title if name is None or name == title else f"{name}: {title[:1].lower()}{title[1:]}"


def _lettered(title: str, step: Step, c: Context) -> str:
    """A title whose letters are mathematics, so that only what is an array is bold in a heading."""
    found = _OF_A_LINK.fullmatch(title)
    if found is None:
        return title
    known: dict[str, Expr] = {spoken(s.name): s for s in c.style.symbols}
    whole = next((d for e in (step.left, step.before, *step.via) for d in derivatives(e)), None)
    if whole is not None:  # of a family the member
        members = ((found[2], value_of(whole)), (found[4] or found[7], variable_of(whole)))
        known |= {said: e for said, e in members if said in known and isinstance(e, At)}
    parts = [part for part in found.groups() if part is not None]
    return " ".join(
        f"${write(c.box(known[part]))}$" if k % 2 and part in known else part for k, part in enumerate(parts)
    )


def _forward(items: list[Item]) -> list[Item]:
    """Smaller steps without the last where it says again what an earlier one said; a way round that led there goes too."""
    *before, last = items
    for k, item in enumerate(before):
        if item.lines and last.lines and _same(item.lines[-1], last.lines[-1]):
            between = items[k + 1 :]
            if not all(_holds(one.check) for one in between):
                return items
            round_ = all(one.lines and _look_alike(one.lines[-1].left, last.lines[-1].left) for one in between)
            return items[: k + 1] if round_ else before
    return items


def _same(one: Line, other: Line) -> bool:
    """Whether two lines have the same sides, whatever stands between."""
    return one.relation == other.relation and _look_alike(one.left, other.left) and _look_alike(one.right, other.right)


def _with_left(lines: list[Line]) -> Line | None:
    """What a step ends with, and the name that it began with."""
    if not lines:
        return None
    named = next((one.left for one in reversed(lines) if one.left is not None), None)
    return lines[-1] if lines[-1].left is named else replace(lines[-1], left=named)


def _holds(check: Verdict | None) -> bool:
    return check is None or check.status == "verified"


def _look_alike(a: Box | None, b: Box | None) -> bool:
    """Whether two boxes are printed alike: a product within a product is not set apart."""
    if a is b or a is None or b is None:
        return a is b
    return breadth(a) == breadth(b) and write(a) == write(b)


def _alike(one: Line, other: Line) -> bool:
    sides = ((one.left, other.left), (one.middle, other.middle), (one.right, other.right), (one.remark, other.remark))
    return one.relation == other.relation and all(_look_alike(a, b) for a, b in sides)


def _shows_nothing(line: Line) -> bool:
    """Whether both sides are printed alike, so that a reader sees nothing happen."""
    return line.middle is None and _look_alike(line.left, line.right)


def _start(line: Line, above: Line | None) -> Box | None:
    """What a line begins with that is not its name: the right side of the line above where it does not say it."""
    if line.middle is not None:
        return line.middle
    return above.right if above is not None and above.left == line.left else line.left


def _is_whole(item: Item, line: Line, start: Box | None) -> bool:
    """Whether the only smaller step is the step itself once more, from the same start to the same end."""
    own = item.lines[-1] if len(item.lines) == 1 else None
    if own is None or not _holds(item.check):
        return False
    return _look_alike(own.right, line.right) and _look_alike(own.middle or own.left, start)


def _renumbered(item: Item, old: str, new: str) -> Item:
    """A smaller step of the step ``old`` as one of the step ``new``."""
    substeps = tuple([_renumbered(s, old, new) for s in item.substeps])
    return replace(item, number=new + item.number.removeprefix(old), substeps=substeps)
