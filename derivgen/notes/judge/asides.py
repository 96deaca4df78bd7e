r"""Words that stand in a row beside an equality: \text{(A is symmetric)}, \tag{if S is symmetric}."""

from __future__ import annotations

import re
from dataclasses import replace

from derivgen.notes.judge.ways import Heard, MakeCourt
from derivgen.notes.meaning.chains import Chain, Link
from derivgen.notes.meaning.prose import REMARK
from derivgen.notes.meaning.trees import base_of, names

_PROPERTY = re.compile(r"\b(?:symmetr(?:ic|y)|idempotent|orthogonal|orthonormal)\b", re.IGNORECASE)
_SYMMETRIC = re.compile(
    r"(?<![A-Za-z\\])\$?(?P<letter>(?:\\[a-z]+\s*\{)*\\?[A-Za-z]+\}*)\$?\s+(?:is|being)\s+(?:a\s+)?symmetric\b|"
    r"\bsymmetric\s+(?:matrix\s+)?\$?(?P<behind>(?:\\[a-z]+\s*\{)*\\?[A-Za-z]+\}*)",
    re.IGNORECASE,
)


def beside(link: Link) -> str:
    """The remarks between a member and the end of its row."""
    latex = link.row.formula.latex
    end = latex.find(r"\\", link.member.end)
    return " ".join(REMARK.findall(latex, link.member.end, end if end >= 0 else len(latex)))


def has_property(link: Link) -> bool:
    """Whether a property of a matrix is named beside a member, by which it is what stands before it."""
    return _PROPERTY.search(beside(link)) is not None


def under_property(heard: Heard, make: MakeCourt) -> Heard | None:
    """An equality that holds where a matrix is symmetric of which that is said beside it; None where none is."""
    links = heard.chain.links[heard.i], heard.chain.links[heard.j]
    said = [m["letter"] or m["behind"] for m in _SYMMETRIC.finditer(beside(links[1]))]
    letters = {re.sub(r"\\[a-z]+\s*\{|[\\}]", "", latex) for latex in said}
    trees = [tree for k in (heard.i, heard.j) if (tree := heard.court.question.sides[k].tree) is not None]
    met = {base[0] for tree in trees for part, _ in names(tree) if (base := base_of(part)) is not None}
    found = sorted(letters & met)
    if not found:
        return None
    pair = Chain(links)
    court = make(pair)
    traits = court.scope.traits | dict.fromkeys(found, ("symmetric",))
    court = court.of(scope=replace(court.scope, traits=traits, square=court.scope.square | {*found}))
    outcome = court.compare(0, 1)
    if outcome.status != "verified":
        return None
    return Heard(
        pair, court, 0, 1, outcome, "case", f"{' and '.join(found)} {'is' if len(found) == 1 else 'are'} symmetric"
    )
