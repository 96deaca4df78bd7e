"""Chains of equations as they run through a text: over rows, over formulas, over prose."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from derivgen.codes import CODES
from derivgen.notes.meaning.rows import Member
from derivgen.notes.meaning.scope import Row
from derivgen.notes.sources.source import Formula
from derivgen.notes.verdict import Equality


@dataclass(frozen=True, slots=True)
class Link:
    """A member of a chain, with the sign before it; the first has none."""

    row: Row
    member: Member
    sign: str = ""

    @property
    def formula(self) -> Formula:
        """The formula whose row it is."""
        return self.row.formula

    @property
    def sign_start(self) -> int:
        """Where the sign before it begins, in its formula."""
        return max(self.formula.latex.rfind(self.sign if self.sign != ":=" else "=", 0, self.member.start), 0)


@dataclass(frozen=True, slots=True)
class Chain:
    """Members in their order."""

    links: tuple[Link, ...]

    @property
    def row(self) -> Row:
        """Where it begins, or goes on."""
        return self.links[-1].row

    def with_member(self, k: int, text: str) -> Chain:
        """The chain with another text for one of its members."""
        link = replace(self.links[k], member=replace(self.links[k].member, text=text))
        return Chain((*self.links[:k], link, *self.links[k + 1 :]))


_DERIVES = re.compile(r"\\nabla|\\[dt]?frac\s*\{\s*(?:\\partial|d(?![A-Za-z])|\\mathrm\s*\{\s*d)")
"""What a formula has that asks for a derivative, which an equality behind it answers."""

NEXT = 2
"""How many pieces lie between a formula and the next, with the prose between."""

FAR = 4
"""How many pieces a chain may skip where it goes on behind prose."""


def chains(rows: list[Row]) -> list[Chain]:
    """All chains; one that begins with a sign goes on from the member before, or from a derivative that stands just before."""
    found: list[Chain] = []
    last: Link | None = None
    alone: Link | None = None
    for row in rows:
        s = row.statement
        links: list[Link] = []
        if s.goes_on:
            if alone is not None and row.piece - alone.row.piece <= NEXT:
                last = alone
            if last is not None and not row.named and row.piece - last.row.piece <= FAR:
                links.append(last)
        elif s.members[0].text:
            links.append(Link(row, s.members[0]))
        for member, sign in zip(s.members[1:], s.signs, strict=True):
            links.append(Link(row, member, sign))
        if s.goes_on and links and found and links[0] is last and last.row.piece == row.piece:
            found[-1] = Chain((*found[-1].links, *links[1:]))
        elif len(links) > 1 or (links and not s.goes_on):
            found.append(Chain(tuple(links)))
        if links and s.signs:
            last = links[-1]
        alone = Link(row, s.members[0]) if not s.signs and _DERIVES.search(s.members[0].text) else None
    return found


def equality_of(chain: Chain, i: int, j: int, verdict: str, code: str, reason: str = "") -> Equality:
    """What is said of the equality between members ``i`` and ``j`` of a chain."""
    left, right = chain.links[i], chain.links[j]
    formula = right.formula
    start = left.member.start if left.formula is formula else right.sign_start
    source = " ".join(formula.latex[start : right.member.end].split())
    sentence = reason or (CODES[code].sentence if code else "")
    return Equality(formula, start, right.member.end, source, verdict, code, sentence)  # type: ignore[arg-type]
