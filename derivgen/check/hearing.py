"""One equality before the judge, heard at as many assignments of lengths as are called for."""

from __future__ import annotations

from collections.abc import Callable

from derivgen.catalog.base import Opaque
from derivgen.catalog.elementwise import equal, not_equal
from derivgen.check.branches import BOTH, YES, Which
from derivgen.check.case import Case, Depth, Finding
from derivgen.check.constants import may_meet
from derivgen.check.lengths import ASSIGNMENTS, DECLARED
from derivgen.check.room import Room
from derivgen.check.sides import Equality
from derivgen.check.verdict import Verdict
from derivgen.errors import CheckError
from derivgen.expr import Call, Expr
from derivgen.expr.text import text

ANSWER_ROOMS = (0, 4, 5)
"""The assignments at which the answer of a derivation is heard; a question that somebody asks is heard at all."""

STEP_ROOMS = (4, 5, *(n for n in range(ASSIGNMENTS) if n not in (4, 5)))
"""Where a step is heard that has no values at the usual lengths: those first at which no axis has length 1, where a matrix
is a number."""


class Hearing:
    """How an equality is heard.

    Attributes:
        preferred: the room that is tried first; another one where that has no points and another has.
    """

    def __init__(
        self, equality: Equality, depth: Depth, derives: bool, preferred: int, room: Callable[[int], Room]
    ) -> None:
        self.equality = equality
        self.depth = depth
        self.derives = derives  # whether a derivative stands on a side, so that values at kinks are conventions
        self.preferred = preferred
        self.pool = equality.context.pool
        self._room = room
        self._unsolved: list[int] = []
        self._cases: list[Case] = []
        self._findings: list[Finding] = []

    def verdict(self) -> Verdict:
        """What it comes to.

        Raises:
            CheckError: a name is defined by itself, or the values cannot be computed.
        """
        refuted = self._hear(self.preferred)
        if refuted is not None:
            return refuted
        found = self._findings[0]
        thorough = self.depth != "step"
        if not thorough and found.points and not found.sides:
            return self._verified(self._findings, {})  # what nearly all steps are
        if thorough or not found.points or self._missing():
            refuted = self._hear_elsewhere(found)
            if refuted is not None:
                return refuted
        good = [f for f in self._findings if f.points]
        if not good:
            return Verdict("unchecked", found.reason, sizes=found.sizes, arithmetic=found.arithmetic)
        missing = self._missing()
        if thorough and (never := self._never_equal()):
            told = f"equal where it was looked at, but at no lengths that were taken is {never[0]}"
            return Verdict("unchecked", told, sum(f.points for f in good), good[0].sizes, good[0].arithmetic,
                           lengths=tuple([f.sizes for f in good]), sides="one", unmet=never)  # fmt: skip
        equations = self._equations() if self.depth == "question" and not self.derives else []
        crossed = not thorough and not missing and self._may_cross()
        if missing or equations or crossed or (thorough and self._may_hide(good[0])):
            refuted = self._explore(missing, equations, crossed=crossed)
            if refuted is not None:
                return refuted
        return self._verified([f for f in self._findings if f.points], self._missing())

    def _hear_elsewhere(self, found: Finding) -> Verdict | None:
        """The equality at further assignments; a refutation of it, if there is one."""
        first = self.preferred
        answered = self.depth == "answer" and found.points and not self._missing()
        rooms = ANSWER_ROOMS if answered else STEP_ROOMS if self.depth == "step" else range(ASSIGNMENTS)
        for number in [n for n in rooms if n != first]:
            if self.equality.deadline.is_over():
                break
            refuted = self._hear(number) if self._is_new(number) else None
            if refuted is not None:
                return refuted
            if self.depth == "step" and not found.points and self._findings[-1].points and not self._missing():
                self.preferred = number
                break
        return None

    def _equations(self) -> list[int]:
        """Comparisons that ask whether values are equal, which by chance they are not."""
        pool = self.pool
        return [
            k
            for k in self.equality.parts
            if isinstance(e := pool.nodes[k], Call) and e.op in (equal, not_equal) and pool.mentions[k]
        ]

    def _never_equal(self) -> tuple[str, ...]:
        """Equations between sizes that are met at none of the lengths: the sides may differ where they are."""
        pool = self.pool
        found = []
        for number in self.equality.parts:
            e = pool.nodes[number]
            if isinstance(e, Call) and e.op in (equal, not_equal) and pool.sizes[number] and not pool.mentions[number]:
                heard = [case for case, f in zip(self._cases, self._findings, strict=True) if f.points]
                if not any(may_meet(case.scope, number) for case in heard):
                    found.append(f"{text(e.args[0])} == {text(e.args[1])}")
        return tuple(found)

    def _hear(self, number: int) -> Verdict | None:
        """The equality at one assignment; a refutation of it, else what was found is kept."""
        case, found = self._at(number)
        if found.refuted is not None and _stands_in(found.sizes):
            # the lengths that are declared may matter
            if not self._room(DECLARED).is_light(self.equality):
                reason = "the declared lengths are too large to be computed, and the sides differ at smaller ones"
                return Verdict("unchecked", reason, sizes=found.sizes, arithmetic=found.arithmetic)
            case, found = self._at(DECLARED)
        self._cases.append(case)
        self._findings.append(found)
        return found.refuted

    def _at(self, number: int) -> tuple[Case, Finding]:
        case = Case(self._room(number), self.equality)
        try:
            return case, case.finding()
        except CheckError as error:
            return case, Finding(sizes=case.sizes, reason=error.message)
        except ValueError:
            if not _stands_in(case.sizes):
                raise
            return case, Finding(sizes=case.sizes, reason="the declared lengths are too large to be computed")

    def _is_new(self, number: int) -> bool:
        """Whether an assignment has lengths that no other had, and is not too large to be heard."""
        room = self._room(number)
        sizes = room.sizes(self.equality)
        wanted = any(not self.pool.mentions[site] for site, _ in self._missing())
        return all(sizes != f.sizes for f in self._findings) and room.is_light(self.equality, wanted)

    def _sides(self) -> dict[Which, int]:
        """Of each condition the sides that were met anywhere; longer axes have more of them, which are like the others."""
        first, *others = [f for f in self._findings if f.points] or self._findings
        seen = dict(first.sides)
        for found in others:
            for key in seen:
                seen[key] |= found.sides.get(key, 0)
        # which of its comparisons an extreme entry wins is no branch of its own: entries may always be equal
        together: dict[int, int] = {}
        for (site, _), sides in seen.items():
            together[site] = together.get(site, 0) | sides
        nodes = self.pool.nodes
        return {key: together[key[0]] if _is_extreme(nodes[key[0]]) else sides for key, sides in seen.items()}

    def _missing(self) -> dict[Which, int]:
        """The conditions of which one side was not met, with that side, where it is not known to be empty."""
        found = {key: BOTH & ~sides for key, sides in self._sides().items() if sides != BOTH}
        return {key: side for key, side in found.items() if not self.equality.is_empty(key, side)}

    def _may_hide(self, found: Finding) -> bool:
        """Whether values at other magnitudes may tell more: of rational functions without branches they do not.

        Of an answer they are looked at where it branches, or where a constant is far from 1.
        """
        if self.depth == "answer":
            return bool(found.sides) or (found.arithmetic == "ball" and not self.pool.plain)
        return found.arithmetic == "ball" or bool(found.sides)

    def _may_cross(self) -> bool:
        """Whether two conditions branch: of each both sides are met, but at a few points not every side with every other."""
        heard = next(case for case, found in zip(self._cases, self._findings, strict=True) if found.points)
        return heard.conditions_apart() > 1

    def _explore(self, missing: dict[Which, int], equations: list[int], *, crossed: bool) -> Verdict | None:
        """A closer look, at the first lengths at which the sides have values."""
        place = next(k for k, found in enumerate(self._findings) if found.points)
        found = self._cases[place].explored(missing, self.depth, equations, crossed=crossed)
        self._unsolved = self._cases[place].unsolved
        self._findings[place] = found
        return found.refuted

    def _verified(self, good: list[Finding], missing: dict[Which, int]) -> Verdict:
        points, arithmetic, bound = good[0].points, good[0].arithmetic, good[0].bound
        for f in good[1:]:
            points += f.points
            arithmetic = "ball" if f.arithmetic == "ball" else arithmetic
            bound = None if bound is None or f.bound is None else bound * f.bound
        lengths = tuple([f.sizes for f in good])
        how = "exactly" if arithmetic == "exact" else "in balls that enclose both sides"
        reason = f"equal at {points} random point{'s' * (points != 1)}, computed {how}"
        if missing or self._unsolved:
            told_sides = [self._told(key, side) for key, side in missing.items()]
            told_sides += [" == ".join(map(text, self.pool.nodes[k].children)) for k in self._unsolved]
            unmet = tuple(dict.fromkeys(told_sides))
            told = f"{reason}; but no point was found where {_listed(unmet)}"
            return Verdict(
                "unchecked", told, points, good[0].sizes, arithmetic, lengths=lengths, sides="one", unmet=unmet
            )
        if arithmetic == "ball" and not self.pool.plain and not self.equality.known.within:
            told = f"{reason}; but a number in it is too large or too small for the sides to be told apart"
            return Verdict("unchecked", told, points, good[0].sizes, arithmetic, lengths=lengths)
        sides = any(f.sides for f in good)
        partial = any(f.partial for f in self._findings)
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
        nodes = self.pool.nodes
        found = self.equality.context.ranges(site)
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
