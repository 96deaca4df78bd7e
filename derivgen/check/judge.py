"""The judge: whether two expressions are equal, by their values alone. It knows no rule."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from time import monotonic, thread_time

from derivgen.catalog.base import Opaque
from derivgen.catalog.elementwise import equal, not_equal
from derivgen.check.branches import BOTH, YES, Which
from derivgen.check.case import Case, Depth, Finding
from derivgen.check.constants import Constants, Measured
from derivgen.check.lengths import ASSIGNMENTS, DECLARED
from derivgen.check.room import Room
from derivgen.check.scope import Pool
from derivgen.check.verdict import Verdict
from derivgen.deadline import Deadline
from derivgen.errors import CheckError
from derivgen.expr import Call, Definition, Expr, Partial
from derivgen.expr.text import text

SECONDS = 2.0
ALL_SECONDS = 6.0
"""How long one equality may take, and all of a derivation, in time of the processor: on a busy machine as on an idle
one. More points than usual may take longer."""

ANSWER_ROOMS = (0, 4, 5)
"""The assignments at which the answer of a derivation is heard; a question that somebody asks is heard at all."""

MOST_SAMPLES = 10_000
"""The most points that one may ask for."""


class Judge:
    """Compares the two sides of each step of a derivation.

    One judge serves a whole derivation, but for the links of a chain, which have one each: it draws its points once for
    each assignment of lengths, and computes every expression that steps share once. Points depend on ``seed`` and on the
    names of the variables.

    Attributes:
        left: how long all equalities that are still to come may take together, in seconds of the processor.

    Raises:
        CheckError: the seed is negative, or there are to be no points, or too many.
    """

    def __init__(self, definitions: Iterable[Definition] = (), seed: int = 0, samples: int | None = None) -> None:
        if samples is not None and samples < 1:
            raise CheckError(
                f"{samples} points check nothing", hint="take samples of at least 1, or turn the check off"
            )
        if samples is not None and samples > MOST_SAMPLES:
            raise CheckError(
                f"{samples} points are more than {MOST_SAMPLES:,}",
                hint=f"take samples of at most {MOST_SAMPLES:,}: a few dozen find what there is to find",
            )
        if seed < 0:
            raise CheckError(f"the seed {seed} is negative", hint="a seed is a whole number from 0 on")
        self.definitions = tuple(definitions)
        self.seed = seed
        self.samples = samples
        self._pool = Pool()
        more = max(1.0, (samples or 0) / 16)
        self._each = SECONDS * more
        self.left = ALL_SECONDS * more
        self._measured: Measured = {}
        self._rooms: list[Room] = []
        self._preferred = 0
        self._given: tuple[tuple[Definition, ...] | None, dict[str, int]] | None = None

    @property
    def sizes(self) -> dict[str, int]:
        """The length given to each symbolic size, at first."""
        return {str(name): length for name, length in self.room(0).lengths.sizes.items()}

    @property
    def hurried(self) -> bool:
        """Whether less time is left than one equality may take, so that there may be less evidence than usual."""
        return self.left < self._each

    def expect(self, e: Expr) -> None:
        """Say that ``e`` will be judged, so that the sizes are chosen with it in mind."""
        self._pool.number(e)

    def agree(
        self, left: Expr, right: Expr, definitions: Iterable[Definition] | None = None, depth: Depth = "step"
    ) -> Verdict:
        """Whether ``left`` equals ``right`` for all values of the variables.

        Names in ``definitions`` stand for their values, in addition to the judge's own. Expressions of different
        shapes are not equal: a row is no column, and a scalar 0 no vector. ``depth`` says how closely it is looked at:
        a step at one assignment of lengths, and at others and at points of all magnitudes where these leave a question
        open; an answer at several and at such points; a question that somebody asks at all and at many.
        """
        if left.shape != right.shape:
            return Verdict("refuted", f"the shapes differ: {left.shape} on the left, {right.shape} on the right")
        if self.left <= 0:
            return Verdict("unchecked", "the time for checks is used up")
        start = thread_time()
        try:
            seconds = min(self.left, self._each)
            deadline = Deadline(monotonic() + seconds, start + seconds)
            return self._agree(left, right, definitions, depth, deadline)
        except CheckError as error:
            return Verdict("unchecked", error.message)
        except (ArithmeticError, RecursionError, MemoryError) as error:
            return Verdict("unchecked", f"the values cannot be computed: {error}")
        finally:
            self.left -= thread_time() - start

    def _agree(
        self, left: Expr, right: Expr, definitions: Iterable[Definition] | None, depth: Depth, deadline: Deadline
    ) -> Verdict:
        a, b = self._pool.number(left), self._pool.number(right)
        if a == b:
            return Verdict("verified", "both sides are the same expression", bound=0.0)
        return _Hearing(self, a, b, self._named(definitions), deadline).verdict(depth)

    def _named(self, definitions: Iterable[Definition] | None) -> dict[str, int]:
        """What names stand for; the steps of a derivation bring the same tuple of definitions again and again."""
        if self._given is not None and self._given[0] is definitions:
            return self._given[1]
        named = (*self.definitions, *(definitions or ()))
        found = {d.symbol.name: self._pool.number(d.value) for d in named}
        # a list may have grown when it comes again
        self._given = (definitions, found) if definitions is None or isinstance(definitions, tuple) else None
        return found

    def room(self, number: int) -> Room:
        """The room of an assignment of lengths."""
        while len(self._rooms) <= number:
            new = Room(self._pool, len(self._rooms), self.seed, self.samples, self._measured)
            self._rooms.append(new)
        return self._rooms[number]


class _Hearing:
    """One equality, heard at as many assignments of lengths as are called for."""

    def __init__(self, judge: Judge, a: int, b: int, given: dict[str, int], deadline: Deadline) -> None:
        self.judge = judge
        self.a, self.b = a, b
        self.given = given
        self._known: Constants | None = None
        self.deadline = deadline
        self.lenient = True
        self.unsolved: list[int] = []
        self.cases: list[Case] = []
        self.findings: list[Finding] = []

    def known(self) -> Constants:
        """The constants of both sides."""
        if self._known is None:
            self._known = self.judge.room(0).constants(self.a, self.b, self.given)
        return self._known

    def verdict(self, depth: Depth) -> Verdict:
        self.lenient = depth != "question" or self._derives()
        thorough = depth != "step"
        first = self.judge._preferred
        refuted = self._hear(first)
        if refuted is not None:
            return refuted
        found = self.findings[0]
        if not thorough and found.points and not found.sides:
            return self._verified(self.findings, {})  # what nearly all steps are
        if thorough or not found.points or self._missing():
            rooms = ANSWER_ROOMS if depth == "answer" and found.points and not self._missing() else range(ASSIGNMENTS)
            for number in [n for n in rooms if n != first]:
                if self.deadline.is_over():
                    break
                refuted = self._hear(number) if self._is_new(number) else None
                if refuted is not None:
                    return refuted
                if not found.points and self.findings[-1].points and not thorough and not self._missing():
                    self.judge._preferred = number
                    break
        good = [f for f in self.findings if f.points]
        if not good:
            return Verdict("unchecked", found.reason, sizes=found.sizes, arithmetic=found.arithmetic)
        missing = self._missing()
        if thorough and (never := self._never_equal()):
            told = f"equal where it was looked at, but at no lengths that were taken is {never[0]}"
            return Verdict("unchecked", told, sum(f.points for f in good), good[0].sizes, good[0].arithmetic,
                           lengths=tuple([f.sizes for f in good]), sides="one", unmet=never)  # fmt: skip
        equations = self._equations() if depth == "question" and not self._derives() else []
        if missing or equations or (thorough and self._may_hide(good[0], depth)):
            refuted = self._explore(missing, depth, equations)
            if refuted is not None:
                return refuted
        return self._verified([f for f in self.findings if f.points], self._missing())

    def _equations(self) -> list[int]:
        """Comparisons that ask whether values are equal, which by chance they are not."""
        pool = self.judge._pool
        return [
            k
            for k in pool.under(self.a, self.b, also=self.given)
            if isinstance(e := pool.nodes[k], Call) and e.op in (equal, not_equal) and pool.mentions[k]
        ]

    def _never_equal(self) -> tuple[str, ...]:
        """Equations between sizes that are met at none of the lengths: the sides may differ where they are."""
        pool = self.judge._pool
        found = []
        for number in pool.under(self.a, self.b, also=self.given):
            e = pool.nodes[number]
            if isinstance(e, Call) and e.op in (equal, not_equal) and pool.sizes[number] and not pool.mentions[number]:
                heard = [case for case, f in zip(self.cases, self.findings, strict=True) if f.points]
                if not any(case.court.meets(case.scope, number) for case in heard):
                    found.append(f"{text(e.args[0])} == {text(e.args[1])}")
        return tuple(found)

    def _derives(self) -> bool:
        """Whether a derivative stands on a side, so that values at kinks are conventions."""
        nodes = self.judge._pool.nodes
        return bool((nodes[self.a].kinds | nodes[self.b].kinds) & Partial.bit)

    def _hear(self, number: int) -> Verdict | None:
        """The equality at one assignment; a refutation of it, else what was found is kept."""
        case, found = self._at(number)
        if found.refuted is not None and _stands_in(found.sizes):
            # the lengths that are declared may matter
            room = self.judge.room(DECLARED)
            room.sizes(self.a, self.b, self.given, 0)
            if not room.is_light(self.a, self.b, self.given):
                reason = "the declared lengths are too large to be computed, and the sides differ at smaller ones"
                return Verdict("unchecked", reason, sizes=found.sizes, arithmetic=found.arithmetic)
            case, found = self._at(DECLARED)
        self.cases.append(case)
        self.findings.append(found)
        return found.refuted

    def _at(self, number: int) -> tuple[Case, Finding]:
        room = self.judge.room(number)
        room.lenient = self.lenient
        case = room.case(self.a, self.b, self.given, self.known, self.deadline)
        try:
            return case, case.finding()
        except CheckError as error:
            return case, Finding(sizes=case.sizes(), reason=error.message)
        except ValueError:
            if not _stands_in(case.sizes()):
                raise
            return case, Finding(sizes=case.sizes(), reason="the declared lengths are too large to be computed")

    def _is_new(self, number: int) -> bool:
        """Whether an assignment has lengths that no other had, and is not too large to be heard."""
        room = self.judge.room(number)
        sizes = room.sizes(self.a, self.b, self.given, self.known().place)
        return all(sizes != f.sizes for f in self.findings) and room.is_light(self.a, self.b, self.given)

    def _sides(self) -> dict[Which, int]:
        """Of each condition the sides that were met anywhere; longer axes have more of them, which are like the others."""
        first, *others = [f for f in self.findings if f.points] or self.findings
        seen = dict(first.sides)
        for found in others:
            for key in seen:
                seen[key] |= found.sides.get(key, 0)
        # which of its comparisons an extreme entry wins is no branch of its own: entries may always be equal
        together: dict[int, int] = {}
        for (site, _), sides in seen.items():
            together[site] = together.get(site, 0) | sides
        nodes = self.judge._pool.nodes
        return {key: together[key[0]] if _is_extreme(nodes[key[0]]) else sides for key, sides in seen.items()}

    def _missing(self) -> dict[Which, int]:
        """The conditions of which one side was not met, with that side, where it is not known to be empty."""
        court, scope = self.cases[0].court, self.cases[0].scope
        found = {key: BOTH & ~sides for key, sides in self._sides().items() if sides != BOTH}
        if not found:
            return found
        return {key: side for key, side in found.items() if not court.is_empty(scope, key, side)}

    def _may_hide(self, found: Finding, depth: Depth) -> bool:
        """Whether values at other magnitudes may tell more: of rational functions without branches they do not.

        Of an answer they are looked at where it branches, or where a constant is far from 1.
        """
        if depth == "answer":
            return bool(found.sides) or (found.arithmetic == "ball" and not self.judge._pool.plain)
        return found.arithmetic == "ball" or bool(found.sides)

    def _explore(self, missing: dict[Which, int], depth: Depth, equations: list[int]) -> Verdict | None:
        """A closer look, at the first lengths at which the sides have values."""
        place = next(k for k, found in enumerate(self.findings) if found.points)
        found = self.cases[place].explored(missing, depth, equations)
        self.unsolved = self.cases[place].unsolved
        self.findings[place] = found
        return found.refuted

    def _verified(self, good: list[Finding], missing: dict[Which, int]) -> Verdict:
        points = sum(f.points for f in good)
        arithmetic = "ball" if any(f.arithmetic == "ball" for f in good) else "exact"
        bound = None if any(f.bound is None for f in good) else prod(f.bound for f in good if f.bound is not None)
        lengths = tuple([f.sizes for f in good])
        how = "exactly" if arithmetic == "exact" else "in balls that enclose both sides"
        reason = f"equal at {points} random point{'s' * (points != 1)}, computed {how}"
        if missing or self.unsolved:
            told_sides = [self._told(key, side) for key, side in missing.items()]
            told_sides += [" == ".join(map(text, self.judge._pool.nodes[k].children)) for k in self.unsolved]
            unmet = tuple(dict.fromkeys(told_sides))
            told = f"{reason}; but no point was found where {_listed(unmet)}"
            return Verdict(
                "unchecked", told, points, good[0].sizes, arithmetic, lengths=lengths, sides="one", unmet=unmet
            )
        if arithmetic == "ball" and not self.judge._pool.plain and not self.known().within:
            told = f"{reason}; but a number in it is too large or too small for the sides to be told apart"
            return Verdict("unchecked", told, points, good[0].sizes, arithmetic, lengths=lengths)
        sides = any(f.sides for f in good)
        partial = any(f.partial for f in self.findings)
        empty = any(one != BOTH for one in self._sides().values()) if sides else False
        if partial:
            reason += ", where both have a value"
        if sides:
            reason += ", on both sides of every branch"
        return Verdict("verified", reason, points, good[0].sizes, arithmetic, bound, lengths=lengths,
                       sides="" if not sides else "possible" if empty else "both", partial=partial)  # fmt: skip

    def _told(self, which: Which, side: int) -> str:
        """The side of a condition, as text."""
        site, count = which
        nodes = self.judge._pool.nodes
        found = self.cases[0].court.ranges(self.cases[0].scope, site)
        if count >= len(found):
            return f"{text(nodes[site])} takes another of its branches"
        (u, v), number = found[count].apart, found[count].number
        if number >= 0:
            return f"{text(nodes[number])} {'>' if side == YES else '<='} 0"
        first, second = (text(nodes[k]) if k >= 0 else "0" for k in (u, v))
        return f"{first} {'>' if side == YES else '<='} {second}"


def _is_extreme(e: Expr) -> bool:
    return isinstance(e, Call) and isinstance(e.op, Opaque)


def _stands_in(sizes: dict[str, int]) -> bool:
    """Whether a declared length was taken as a smaller one."""
    return any(name.isdecimal() and int(name) != length for name, length in sizes.items())


def _listed(sides: tuple[str, ...]) -> str:
    shown = " or ".join(sides[:2])
    return shown if len(sides) <= 2 else f"{shown}, or {len(sides) - 2} more"
