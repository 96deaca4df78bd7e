"""One or two small edits in the author's own spelling that make an equality true, each verified."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain as joining
from itertools import combinations, islice

from derivgen.deadline import on_time
from derivgen.expr import ZERO, Add, Expr, Mul
from derivgen.notes.faults.linked import makes_links, makes_own, makes_whole
from derivgen.notes.judge.court import Court
from derivgen.notes.judge.excuses import Excuse
from derivgen.notes.judge.timely import agreement
from derivgen.notes.meaning.chains import Chain
from derivgen.notes.meaning.edits import (
    BELOW,
    Edit,
    atoms,
    edits,
    joined,
    part_end,
    plain_letter,
    transpose_spelling,
    without_transposes,
)
from derivgen.notes.meaning.question import Meant
from derivgen.notes.meaning.trees import is_zero
from derivgen.read.kinds.prices import IMPOSSIBLE
from derivgen.read.latex.commands import ACCENTS

MOST_EDITS = 120
"""How many edits of one side are tried."""

MOST_LETTERS = 12
"""How many letters are tried in place of another."""

_ENTRY = re.compile(r"(?P<name>[A-Za-z])\s*_\s*\{?\s*(?P<places>[a-z]{1,2})\s*\}?")

_POWER = re.compile(r"\^\s*(?:\d|\{\s*-?\s*\d+\s*\})")

_CALL = re.compile(r"[A-Za-z}']\s*(?:\\left|\\[bB]ig+l?)?\s*\((?:[^()]|\([^()]*\))*\Z")
"""Before what stands in the brackets behind a letter."""

_ACCENTED = re.compile(r"\\(?P<accent>[a-z]+)\s*(?:\{\s*(?P<letter>\\?[^{}]+?)\s*\}|(?P<bare>.+))")

PARTS = {False: 15_000, True: 2_700}
"""How many parts of trees are gone through while edits are tried; the second where only one would say that it is a claim."""

DERIVED = 3
"""How much dearer a part is for each layout where something is differentiated."""

FEWEST = {False: 40, True: 12}
"""How many edits are tried, however large the members are."""

PAIRED = {"transpose": 4, "sign": 3, "factor": 2}
"""How many edits of the right side are tried two at a time, by their kind."""

WEAK = frozenset({"inverse", "power", "operator", "order"})
"""Edits that make too much true to say by themselves that an author slipped."""


Part = tuple[int, int, int]
"""A member, and where in it a part begins and ends."""

ANYWHERE: Part = (-1, 0, 0)
"""Both members that are compared."""


@dataclass(frozen=True, slots=True)
class Repair:
    """``text`` in place of ``start`` to ``end`` of member ``side``, an edit of a ``kind``."""

    side: int
    start: int
    end: int
    text: str
    kind: str = ""

    @property
    def weak(self) -> bool:
        """Whether such an edit makes too much true to say by itself that an author slipped."""
        return self.kind in WEAK


Candidate = tuple[int, Edit]
"""An edit of the left side, 0, or of the right one, 1."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an edit has to be, beside that it makes both sides equal.

    Attributes:
        strict: whether there is doubt that the equality is a claim, so that only what is likely counts.
        excuse: what speaks for the author, and says which edits do not.
        place: the member that cannot be read, and the part that is the reason, where only a letter in it is to be exchanged.
        shape: whether shapes do not fit, which no sign and no number changes.
        lengths: two that an index runs to and that should be one, where that is why they do not fit.
        whole: whether the members are equal in a whole chain, where two of them do not say all; it is asked of what takes
            away what stands before or behind all else, of transposes that are left out, and of one length in place of the other.
    """

    strict: bool
    excuse: Excuse | None = None
    place: Part | None = None
    shape: bool = False
    lengths: frozenset[str] = frozenset()
    whole: Callable[[Chain], bool] | None = None


def repaired(
    chain: Chain, i: int, j: int, court: Callable[[tuple[str, str]], Court], text: str, beside: tuple[str, ...],
    wanted: Wanted,
) -> Repair | None:  # fmt: skip
    """The first small edit of one side, or two of them, that makes both equal; None where none is found.

    Args:
        chain: where the equality stands, of members ``i`` and ``j``.
        court: reads two members.
        text: the whole of the notes, by which a transpose is spelled.
        beside: other letters that the text explains.
        wanted: what else an edit has to be.
    """
    texts = chain.links[i].member.text, chain.links[j].member.text
    before = court(texts)
    sides = _Sides(chain, (i, j), texts, court, before, _numbers(before), beside, wanted)
    found = sides.candidates(transpose_spelling(text))
    if wanted.strict:
        found = sides.likely_claims(found)
    if wanted.excuse is not None and wanted.excuse.linked:
        found = sides.linking(found)
    found = sides.in_place(found)
    tried = joining(found, () if wanted.strict else _pairs(found, texts[1]))
    for which, edit in islice(tried, sides.most):
        if sides.holds(which, edit) or sides.holds_in_all(which, edit):
            return _shown((i, j)[which], edit, texts[which])
    return None


@dataclass(frozen=True, slots=True)
class _Sides:
    """Two members of a chain, and what is known of them while edits are tried.

    Attributes:
        members: their numbers in the chain; ``texts`` are what is written in them.
        court: reads two members; ``before`` has read these.
        numbers: how many indices make a number of each letter in them.
        beside: other letters that the text explains.
    """

    chain: Chain
    members: tuple[int, int]
    texts: tuple[str, str]
    court: Callable[[tuple[str, str]], Court]
    before: Court
    numbers: dict[str, int]
    beside: tuple[str, ...]
    wanted: Wanted

    def candidates(self, transpose: str) -> list[Candidate]:
        """The edits of both sides, the likeliest first."""
        sensible = self.numbers if _makes_sense(self.before) else {}  # what is broken misleads
        letters = self._letters()
        found: list[Candidate] = []
        for which in (1, 0):
            side = self.texts[which]
            made = joining(_lengths(side, self.wanted.lengths), edits(side, letters, transpose, self.texts[1 - which]))
            own = sorted([(which, edit) for edit in made
                          if not (edit.kind == "transpose" and _is_of_number(edit, side, sensible))], key=self._unlikely)  # fmt: skip
            found += own[:MOST_EDITS]
        return sorted(found, key=self._unlikely)

    def _texts_around(self) -> list[str]:
        return [*self.texts, *(link.member.text for link in self.chain.links)]

    def _letters(self) -> list[str]:
        """The letters that may be put in place of another: those of the chain and of the text beside it."""
        around = (*self._texts_around(), *self.beside)
        met = list(dict.fromkeys(s[a.start : a.base] for s in around for a in atoms(s) if a.letter))
        return list(dict.fromkeys([*met[:MOST_LETTERS], *map(plain_letter, met[:MOST_LETTERS])]))  # of an entry, too

    def _unlikely(self, c: Candidate) -> tuple[int, ...]:
        fits = not self.wanted.shape or self.wanted.whole is not None or c[1].kind not in ("sign", "factor")
        first = _leaves_out(c[1]) or c[1].kind == "length"
        return c[1].kind in WEAK, not fits, self.wanted.strict and not first, _depth(c[1], self.texts[c[0]])

    def likely_claims(self, candidates: list[Candidate]) -> list[Candidate]:
        """Those by which an equality is likely to be a claim with a slip in it: no weak one, and no letter from nowhere."""
        excuse = self.wanted.excuse
        known = {_without_powers(s[a.start : a.end]) for s in self._texts_around() for a in atoms(s)}.union(self.beside)

        def counts(which: int, edit: Edit) -> bool:
            if edit.kind in WEAK:
                return edit.kind == "power" and excuse is not None and excuse.squares
            if edit.kind != "letter":
                return True
            lettered = excuse is not None and excuse.lettered
            return not lettered and _is_known(_whole(edit, self.texts[which]), known, self.numbers)

        return [(which, edit) for which, edit in candidates if counts(which, edit)]

    def linking(self, candidates: list[Candidate]) -> list[Candidate]:
        """Those that make derivatives go on with each other, as in a chain rule."""
        definitions = {d.name[0]: d.latex for d, _ in self.before.question.needed.values() if not d.params}

        def links(which: int, edit: Edit) -> bool:
            side, other = self.texts[which], self.texts[1 - which]
            match edit.kind:
                case "transpose":
                    return not edit.text
                case "letter":
                    return (
                        makes_links(edit, side, other) or makes_own(edit, side) or makes_whole(edit, side, definitions)
                    )
                case "index":
                    return _below(edit.applied(side)) == _below(other) != _below(side)
                case _:
                    return False

        return [(which, edit) for which, edit in candidates if links(which, edit)]

    def in_place(self, candidates: list[Candidate]) -> list[Candidate]:
        """Those that exchange a letter of the part that cannot be read, where there is one."""
        place = self.wanted.place
        if place is None:
            return candidates
        candidates = [c for c in candidates if c[1].kind == "letter"]
        if place == ANYWHERE:
            return candidates
        at, start, end = self.members.index(place[0]), *place[1:]
        return [c for c in candidates if c[0] == at and start <= c[1].start and c[1].end <= end]

    @property
    def most(self) -> int:
        """How many edits are tried: the fewer, the larger the members are."""
        size = self.before.size * (DERIVED * len(self.before.layouts) if self.before.derives else 1)
        return max(FEWEST[self.wanted.strict], PARTS[self.wanted.strict] // max(size, 1))

    def holds(self, which: int, edit: Edit) -> bool:
        """Whether the two members are equal with an edit, and not because it makes both the same, or both nothing."""
        on_time()
        made = [edit.applied(s) if k == which else s for k, s in enumerate(self.texts)]
        if _plain(made[0]) == _plain(made[1]):
            return False
        tried = self.court((made[0], made[1]))
        outcome = tried.compare(0, 1)
        if outcome.status == "empty":
            return any(s.tree is not None and is_zero(s.tree) for s in tried.question.sides)
        return outcome.status == "verified" and not (self.before.derives and _is_nothing(tried, outcome.meant, which))

    def holds_in_all(self, which: int, edit: Edit) -> bool:
        """Whether the members of the whole chain are equal with an edit, where that is asked."""
        if self.wanted.whole is None:
            return False
        if _depth(edit, self.texts[which]) and not (_leaves_out(edit) or edit.kind == "length"):
            return False
        return self.wanted.whole(self.chain.with_member(self.members[which], edit.applied(self.texts[which])))


def _is_nothing(court: Court, meant: Meant | None, which: int) -> bool:
    """Whether an edit makes the terms of a side cancel, which says nothing of a derivative that is 0: a_k - a_k."""
    value = meant.values[which] if meant is not None else None
    if meant is None or not isinstance(value, Add):
        return False
    return agreement(court.judge(meant), value, Mul((ZERO, value))) == "verified"


def _lengths(side: str, lengths: frozenset[str]) -> Iterator[Edit]:
    """One of two lengths below a letter in place of the other."""
    for m in BELOW.finditer(side):
        letter = m[0].strip("_{ }")
        if letter in lengths:
            start = m.start() + m[0].index(letter)
            yield from (Edit(start, start + 1, other, "length") for other in sorted(lengths - {letter}))


def _below(side: str) -> set[str]:
    """The indices of a side."""
    return {letter for m in BELOW.finditer(side) for letter in re.findall(r"[ijkl]", m[0])}


def _whole(edit: Edit, side: str) -> str:
    """A letter that is put in, with the scripts that it has there, but for transposes and powers."""
    scripts = next((side[a.base : a.end] for a in atoms(side) if a.start == edit.start and a.letter), "")
    return _without_powers(edit.text + scripts)


def _without_powers(latex: str) -> str:
    """A letter with its scripts, but for transposes, primes and powers in numbers."""
    return _POWER.sub("", without_transposes(latex))


def _is_known(whole: str, known: Collection[str], ranks: Mapping[str, int]) -> bool:
    """Whether a letter stands somewhere as it is put in, or is an entry of an array that does."""
    entry = _ENTRY.fullmatch(whole)
    if whole in known or entry is None:
        return whole in known
    name = entry["name"]
    return ranks.get(name) == len(entry["places"]) and any(plain_letter(k) == name for k in known)


def _numbers(court: Court) -> dict[str, int]:
    """How many indices make a number of each letter, in the first reading."""
    meant = next((m for layout in court.layouts for m in court.meant(layout)), None)
    if meant is None:
        return {}
    symbols = [*meant.understood.declarations.symbols.values(), *(d.symbol for d in meant.definitions)]
    return {s.name: s.space.rank for s in symbols}


def _makes_sense(court: Court) -> bool:
    """Whether the first reading is a possible one, in which all members have a value."""
    meant = next((m for layout in court.layouts for m in court.meant(layout)), None)
    return meant is not None and meant.cost < IMPOSSIBLE and all(isinstance(v, Expr) for v in meant.values)


def _is_of_number(edit: Edit, side: str, ranks: dict[str, int]) -> bool:
    """Whether the transpose of a number is put in, which is the number, or changes what depends on what."""
    for a in atoms(side) if edit.text else ():
        if a.letter and a.end in (edit.start, edit.end):
            name = _plain_name(side[a.start : a.base])
            if ranks and name.isidentifier() and name not in ranks and _CALL.search(side, 0, a.start):
                return True  # the y of L(x, y), where L stands for what is said nothing of
            return ranks.get(name, 3) <= ("_" in side[a.base : a.end])
    return False


def _plain_name(latex: str) -> str:
    """The plain name of a letter, an accent behind it: y_hat."""
    dressed = _ACCENTED.fullmatch(latex)
    if dressed is None or dressed["accent"] not in ACCENTS:
        return plain_letter(latex).lstrip("\\")
    return f"{_plain_name(dressed['letter'] or dressed['bare'])}_{ACCENTS[dressed['accent']]}"


def _leaves_out(edit: Edit) -> bool:
    """Whether a transpose is left out: there are few, so that they are looked at first where there is little time."""
    return edit.kind == "transpose" and not edit.text


def _depth(edit: Edit, side: str) -> int:
    """0 where an edit takes away what stands before or behind all else, 1 where it changes that, 2 where it is inside, 3 where
    it is unlikely."""
    if edit.kind == "factor" and edit.start == edit.end and side.lstrip().startswith((r"\left\{", r"\begin{cases}")):
        return 3  # nobody puts a number in front of cases
    outermost = not side[: edit.start].strip() or not side[edit.end :].strip()
    return 2 - outermost - (outermost and not edit.text)


def _pairs(candidates: list[Candidate], right: str) -> Iterator[Candidate]:
    """Two edits at once of the right side, those together first that are likely each by itself."""
    own = [edit for which, edit in candidates if which == 1]
    single = [edit for kind, most in PAIRED.items() for edit in [e for e in own if e.kind == kind][:most]]
    ranked = sorted(combinations(enumerate(single), 2), key=lambda pair: pair[0][0] + pair[1][0])
    for (_, one), (_, other) in ranked:
        first, last = sorted((one, other), key=lambda edit: (edit.start, edit.end))
        if first.end < last.start or (first.end == last.start and first.start < last.end):
            text = joined(first.text, right[first.end : last.start], last.text)
            yield 1, Edit(first.start, last.end, text, first.kind)


def _plain(latex: str) -> str:
    return "".join(latex.split()).strip("()").replace(r"\left", "").replace(r"\right", "")


def _shown(side: int, edit: Edit, latex: str) -> Repair:
    """The edit with something of what stands beside it, so that it has a place to be shown at."""
    start, end, text = edit.start, edit.end, edit.text
    if start == end:
        around = [a for a in atoms(latex) if a.end == start or a.start == start]
        if around:
            one = around[0]
            new = latex[one.start : one.end]
            text = new + text if one.end == start else text + new
            start, end = one.start, one.end
        else:
            end = part_end(latex, start)
            text = joined(text, latex[start:end])
    elif not text:
        whole = next((a for a in atoms(latex) if a.start <= start and end <= a.end), None)
        if whole is not None:
            text = latex[whole.start : start] + latex[end : whole.end]
            start, end = whole.start, whole.end
    power = edit.kind == "factor" and latex[:start].rstrip("{ ").endswith("^")
    return Repair(side, start, end, text, "power" if power else edit.kind)
