"""An equality heard in one way of taking what a text says, and in others: without far words, without definitions, by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from derivgen.catalog.letters import GREEK
from derivgen.errors import DerivgenError, ParseError
from derivgen.notes.judge.court import Court, Outcome
from derivgen.notes.meaning.chains import Chain
from derivgen.notes.meaning.context import Context
from derivgen.notes.meaning.everywhere import index_everywhere, scope_without, without_index
from derivgen.notes.meaning.habits import is_member
from derivgen.notes.meaning.scope import Scope
from derivgen.notes.meaning.shifts import shift_of
from derivgen.notes.meaning.steps import is_neighbour
from derivgen.notes.meaning.trees import base_of, derivatives, is_letter, names
from derivgen.read.kinds.letters import LOSSES
from derivgen.read.surface import Held, Surface, walk

Lean = Literal[
    "",
    "far",
    "near",
    "later",
    "letters",
    "all",
    "bare",
    "sizes",
    "rows",
    "steps",
    "case",
    "everywhere",
    "fonts",
    "layers",
]
"""What of a text is left out: nothing; less than nothing, for all is taken in that earlier sections define; what other sections say; definitions that are followed by others of the same name, for
which these are taken; definitions of letters; all definitions; what other sections say, and all definitions; the sizes that
it gives, but for those in its header; that a row of a matrix is set upright; that members of a sequence are many, which are
written out for a few steps; that it holds everywhere, where a condition stands beside
it; that an index which all letters have says anything; that letters in bold may be other than they look; that layers are
many."""

MORE: frozenset[Lean] = frozenset({"far", "rows", "steps"})
"""Ways that take in more than is said where an equality stands: one that holds so is verified, and none is refuted."""

LARGE = 700
"""How many parts members have at most, with all that they need, that are read in other ways too where they differ."""

MakeCourt = Callable[..., Court]


@dataclass(frozen=True, slots=True)
class Heard:
    """An equality between members ``i`` and ``j`` of a chain, with the court that heard it, and where it holds.

    ``besides`` is the way in which it does not hold, where both sides are 0 as the text defines their letters.
    """

    chain: Chain
    court: Court
    i: int
    j: int
    outcome: Outcome
    lean: Lean = ""
    condition: str = ""
    besides: Heard | None = None

    def keeps_all_of(self, other: Heard) -> bool:
        """Whether no definition is left out that the equality needs where ``other`` heard it."""
        before, now = other.court.scope.definitions, self.court.scope.definitions
        there = other.court.of((other.court.latexes[other.i], other.court.latexes[other.j]))
        return all(now.get(d.name) == before.get(d.name) for d, _ in there.question.needed.values())


def scope_for(context: Context, chain: Chain, lean: Lean) -> Scope:
    """What is known where a chain stands, and is not left out."""
    scope = context.scope(chain.row, wide=lean not in ("near", "bare"), far=lean == "far")
    match lean:
        case "later":
            behind = {name: next((d for d in several if d.row.number > chain.row.number), None)
                      for name, several in context.definitions.items()}  # fmt: skip
            later = {name: d for name, d in behind.items() if d is not None}
            return replace(scope, definitions={**scope.definitions, **later})
        case "letters":
            return replace(scope, definitions={name: d for name, d in scope.definitions.items() if d.params})
        case "rows":
            return replace(scope, rows=True)
        case "steps":
            return replace(scope, steps=context.steps(chain.row))
        case "all" | "bare":
            return replace(scope, definitions={})
        case "sizes":
            return replace(scope, declared=context.settings.given_at(chain.row.path))
        case _:
            return scope


def is_spoilt(heard: Heard) -> bool:
    """Whether what the text says elsewhere, and not the equality, is what cannot be read."""
    meant = heard.outcome.meant
    if heard.court.question.circular:
        return True
    if meant is None or meant.untold is not None:
        return meant is not None
    return all(isinstance(v, DerivgenError) for v in meant.values) and bool(meant.values)


def is_far(heard: Heard) -> bool:
    """Whether a definition of another section is needed, which may have another meaning here."""
    here = heard.chain.row
    return any(not here.is_under(d.row.path) for d, _ in heard.court.question.needed.values())


def otherwise(heard: Heard, make: MakeCourt, *, einstein: bool) -> Iterator[Heard]:
    """The same equality heard in other sensible ways, those that leave out least first. ``make`` makes a court."""
    court, chain = heard.court, heard.chain
    i, j = heard.i, heard.j
    if court.size_of(i, j) > LARGE or court.is_unsaid(i) != court.is_unsaid(j):
        return
    whole = court.size <= LARGE
    if einstein and not court.einstein:
        other = make(chain, einstein=True)
        yield Heard(chain, other, i, j, other.compare(i, j))
    needed = court.question.needed.values()
    pair = Chain((chain.links[i], chain.links[j]))
    ways: list[tuple[Chain, Lean]] = []
    if len(chain.links) > 2:
        ways.append((pair, ""))
    ways += [(pair, "far"), (pair, "near")]
    if whole and any(not d.params for d, _ in needed):
        ways.append((chain, "letters"))
    if whole and any(d.params for d, _ in needed):
        ways.append((chain, "all"))
    ways += [(pair, "bare"), (pair, "later")]
    if heard.outcome.status == "shape":
        ways.append((pair, "sizes"))
        if whole and any(is_member(p) for tree in court.question.trees() for p in walk(tree)):
            ways.append((chain, "rows"))
    ways.append((pair, "steps"))
    if heard.outcome.status == "unread" and _holds_abstract(court, i, j):
        ways = [
            (members, lean) for members, lean in ways if lean in ("", "far")
        ]  # what else is left out is read no better
    steps = any(shift_of(part) is not None for tree in court.question.trees() for part, _ in names(tree))
    if heard.outcome.status == "empty" and not steps:
        yield from _without_one(heard, pair, make)
    known = [court.scope] if len(chain.links) == 2 else []
    met = {name for tree in court.question.trees() for _, name in names(tree)}
    for members, lean in ways:
        other = make(members, lean=lean)
        if lean == "far" and not met & (other.scope.definitions.keys() - court.scope.definitions.keys()):
            continue
        if lean == "steps" and not other.scope.steps:
            continue
        if members is pair:
            if other.scope in known:
                continue
            known.append(other.scope)
        a, b = (0, 1) if members is pair else (i, j)
        yield Heard(members, other, a, b, other.compare(a, b), lean)


def _holds_abstract(court: Court, i: int, j: int) -> bool:
    """Whether an expectation or the like stands in a member itself."""
    trees = [tree for k in (i, j) if (tree := court.question.sides[k].tree) is not None]
    return any(isinstance(part, Held) for tree in trees for part in walk(tree))


def _without_one(heard: Heard, pair: Chain, make: MakeCourt) -> Iterator[Heard]:
    """An equality of which both sides come to 0, each time without what one letter stands for: a text may have supposed it."""
    for d, _ in heard.court.question.needed.values():
        if not d.params:
            court: Court = make(pair)
            rest = {n: e for n, e in court.scope.definitions.items() if n != d.name}
            court = court.of(scope=replace(court.scope, definitions=rest))
            yield Heard(pair, court, 0, 1, court.compare(0, 1), "letters")


def in_fonts(heard: Heard, make: MakeCourt) -> Heard:
    """An equality in which letters in bold are what their font says, whatever would fit: it may be refuted so, not verified."""
    pair = Chain((heard.chain.links[heard.i], heard.chain.links[heard.j]))
    court: Court = make(pair)
    court = court.of(scope=_by_fonts(court.scope, heard.court.question.trees()))
    return Heard(pair, court, 0, 1, court.compare(0, 1), "fonts")


def _by_fonts(scope: Scope, trees: list[Surface]) -> Scope:
    """What is known where a bold small letter is a vector, and a bold capital no number."""
    said = dict(scope.said)
    values = {base_of(body) for tree in trees for body, _ in derivatives(tree) if is_letter(body)}
    for name in {base_of(part) for tree in trees for part, _ in names(tree)}:
        if (
            name is None
            or not name[1]
            or name in said
            or not (name[0] in GREEK or (len(name[0]) == 1 and name[0].isalpha()))
        ):
            continue
        if name[0].islower():
            said[name] = {1: 0.0}
        elif name[0] not in LOSSES and name not in values:
            said[name] = {2: 0.0, 1: 4.0}
    return replace(scope, said=said)


def at_every_step(first: Chain, court: Court, i: int, j: int) -> Heard | None:
    """An equality that holds without the index that all of its letters have; None where it does not, or there is none."""
    trees = [tree for k in (i, j) if (tree := court.question.sides[k].tree) is not None]
    index = index_everywhere(trees) if len(trees) == 2 else ""
    if not index:
        return None
    pair = Chain((first.links[i], first.links[j]))
    scope = scope_without(court.scope, index)
    neighbours = any(
        shift_of(part) is not None for tree in trees for part, _ in names(tree)
    )  # of which no definition tells
    for known in (() if neighbours else (scope,)) + (replace(scope, definitions={}),):
        other = court.of([without_index(court.latexes[k], index) for k in (i, j)], scope=known)
        outcome = other.compare(0, 1)
        if outcome.status == "verified":
            return Heard(pair, other, 0, 1, outcome, "everywhere")
    return None


def by_steps(context: Context, first: Heard, make: MakeCourt) -> Heard | None:
    """An equality that holds where h_{t-1} is a letter of its own, which it is not: with the recurrence written out.

    None where no recurrence of the text is met.
    """
    chain, i, j = first.chain, first.i, first.j
    said = context.steps(chain.row)
    trees = [first.court.question.sides[k].tree for k in (i, j)] if said else []
    if not any(tree is not None and is_neighbour(tree, said) for tree in trees):
        return None
    pair = Chain((chain.links[i], chain.links[j]))
    court: Court = make(pair, lean="steps")
    outcome = court.compare(0, 1)
    if outcome.status != "verified":
        outcome = Outcome("unread", error=ParseError("it does not hold by the recurrence that the text gives"))
    return Heard(pair, court, 0, 1, outcome, "steps")
