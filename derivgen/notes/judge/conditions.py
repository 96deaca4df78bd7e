"""Conditions that stand beside an equality, "for i ≠ j" or "if x > 0", and the equality where they hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from derivgen.catalog.letters import GREEK
from derivgen.notes.judge.ways import Heard
from derivgen.notes.meaning.chains import Chain, Link
from derivgen.notes.meaning.context import Context
from derivgen.notes.meaning.scope import Row
from derivgen.notes.sources.source import Formula, Prose
from derivgen.read.surface import Letter, walk

_RELATION = r"=|≠|\\neq?(?![a-z])|\\not\s*=|<|>|≤|≥|\\[lg](?:eq?|eqslant|t)(?![a-z])"
_LETTER = r"(?:[A-Za-z]|\\[a-z]+)(?:_(?:[a-z\d]|\{[^{}]*\}))?"
_CONDITION = re.compile(rf"(?P<left>{_LETTER})\s*(?P<sign>{_RELATION})\s*(?P<right>{_LETTER}|-?\d+)(?![\w^_.({{\[\\])")
_INDEX = re.compile(r"[a-z]")
_NO_CASE = re.compile(r"\\(?:sum|prod|max|min|int|lim|bigcup|underset)[^{}]*\{$")
_BEFORE, _BEHIND = 4, 2
"""How many pieces of a text before an equality, and behind it, a condition may stand that is a formula by itself."""

_IN_WORDS = re.compile(
    rf"\b(?:[Ff]or|[Ii]f|[Ww]hen|[Ww]here|[Cc]ases?(?:\s+\d+\s*[:.])?)\s+({_LETTER}\s*(?:=|≠|!=)\s*{_LETTER})(?![\w^_])"
)
"""A condition that is written in words, not as a formula."""

_PARAGRAPH = re.compile(r"\n[ \t]*\n(?=\s*\S)")


def cases_beside(context: Context, link: Link, first: Link) -> Iterator[tuple[str, str]]:
    """The conditions that are said beside a chain that begins with ``first``, as LaTeX of a factor that is 1 where one holds
    and 0 elsewhere, each with its words."""
    row = link.row
    found: dict[str, None] = {}
    latex = row.formula.latex
    start = latex.rfind(r"\\", 0, first.member.start) + 2 if first.formula is row.formula else 0
    start = 0 if start == 1 else start
    end = latex.find(r"\\", link.member.end)
    for m in _CONDITION.finditer(latex, start, end if end >= 0 else len(latex)):
        if not (first.member.start <= m.start() < link.member.end and first.formula is row.formula) and not (
            _NO_CASE.search(latex, 0, m.start())
        ):
            found |= dict.fromkeys(_factor(m))
    above = _paragraph_above(context, row)
    for other in context.rows:
        s = other.statement
        near = (-_BEHIND <= row.piece - other.piece <= _BEFORE and other.piece != row.piece) or other.piece in above
        if near and other.section == row.section and len(s.members) == 2:
            text = other.formula.latex.strip(" .,;:~\n")
            whole = _CONDITION.fullmatch(re.sub(r"^\\(?:text|forall)\s*(?:\{[^{}]*\})?", "", text))
            found |= dict.fromkeys(_factor(whole) if whole is not None else ())
    for piece in map(context.notes.pieces.__getitem__, above):
        for said in _IN_WORDS.finditer(piece.text) if isinstance(piece, Prose) else ():
            whole = _CONDITION.fullmatch(said[1].replace("!=", "≠"))
            found |= dict.fromkeys(_factor(whole) if whole is not None else ())
    yield from ((factor, _words(factor)) for factor in found)


def _paragraph_above(context: Context, row: Row) -> range:
    """The pieces of the paragraph that leads to a display, which may say where it holds at its beginning."""
    pieces = context.notes.pieces
    if not row.formula.display:
        return range(0)
    first = row.piece
    while first > 0:
        match pieces[first - 1]:
            case Formula(display=False):
                pass
            case Prose(text=text) if not _PARAGRAPH.search(text if first == row.piece else f"{text}."):
                pass
            case _:
                break
        first -= 1
    return range(first, row.piece)


def _factor(m: re.Match[str]) -> Iterator[str]:
    """A factor for a condition; none for x = 0, which sets a letter, and i = 1."""
    left, sign, right = m["left"], m["sign"], m["right"]
    indices = _INDEX.fullmatch(left) and _INDEX.fullmatch(right) and left != right
    if sign in ("=", "≠") or sign.startswith(r"\n"):
        if indices:
            yield _one_where(f"{left} = {right}", sign == "=")
    elif not indices:
        yield _one_where(f"{left} {sign} {right}", True)


def _one_where(condition: str, holds: bool) -> str:
    one, other = (1, 0) if holds else (0, 1)
    return rf"\begin{{cases}} {one} & {condition} \\ {other} & \text{{otherwise}} \end{{cases}}"


def _words(factor: str) -> str:
    holds, _, condition = factor.removeprefix(r"\begin{cases} ").partition(r" \\")[0].partition(" & ")
    return condition if holds == "1" else condition.replace(" = ", " ≠ ")


def under_conditions(context: Context, heard: Heard, listen: Callable[[Chain], Heard]) -> Heard | None:
    """An equality that holds where a condition does that stands beside it; None where it holds under none.

    ``listen`` hears two members. A condition on letters that the equality does not have says nothing of it.
    """
    links = heard.chain.links[heard.i], heard.chain.links[heard.j]
    first = heard.chain.links[0]
    letters = {p.stem for k in (heard.i, heard.j) if (tree := heard.court.question.sides[k].tree) is not None
               for p in walk(tree) if isinstance(p, Letter)}  # fmt: skip
    for factor, words in cases_beside(context, links[1], first):
        if not letters & {GREEK.get(w, w) for w in re.findall(r"[A-Za-z]+", words)}:
            continue
        made = [replace(k, member=replace(k.member, text=rf"\left({k.member.text}\right) {factor}")) for k in links]
        there = listen(Chain(tuple(made)))
        if there.outcome.status == "verified":
            return replace(there, chain=Chain(links), lean="case", condition=words)
    return None
