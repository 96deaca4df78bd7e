"""Case distinctions of an author: what stands before a sign within a case, and whether one case holds everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from derivgen.notes.judge.ways import Heard
from derivgen.notes.meaning.chains import Chain as Members
from derivgen.notes.meaning.context import Context
from derivgen.read.surface import Branches, Chain, Surface, walk

_ORDER = {"<": ("<", r"\leq"), "≤": ("<", r"\leq"), ">": (">", r"\geq"), "≥": (">", r"\geq")}
"""Comparisons, each with both that differ at the border only, where a half of each is counted."""


def before_signs(tree: Surface, latex: str) -> Iterator[str]:
    """A member in which cases go on with a sign, 0·x = 0, with what stands there before the last sign, from the front on."""
    rows = [(v, v.sides if isinstance(v, Chain) and set(v.signs) == {"="} else (v,)) for part in walk(tree)
            if isinstance(part, Branches) for v, _ in part.rows]  # fmt: skip
    for k in range(max((len(sides) for _, sides in rows), default=1) - 1):
        made, at = "", 0
        for value, sides in sorted(rows, key=lambda row: row[0].span.start):
            side = sides[min(k, len(sides) - 1)]
            made += latex[at : value.span.start] + latex[side.span.start : side.span.end]
            at = value.span.end
        yield made + latex[at:]


def number_of_cases(tree: Surface, latex: str) -> str | None:
    """How many cases hold, as LaTeX; None where something else than one comparison is a condition."""
    if not isinstance(tree, Branches):
        return None
    made: list[str] = []
    for _, when in tree.rows:
        if not isinstance(when, Chain) or len(when.signs) > 1 or when.signs[0] not in _ORDER:
            return None
        left, right = (latex[s.span.start : s.span.end] for s in when.sides)
        made += [
            rf"\begin{{cases}} \frac{{1}}{{2}} & {left} {sign} {right} \\ 0 & \text{{otherwise}} \end{{cases}}"
            for sign in _ORDER[when.signs[0]]
        ]
    return " + ".join(made)


def wrong_cases(heard: Heard, context: Context, against: Callable[[Members, int, int], str]) -> str:
    """Why an equality that holds is wrong within its cases: by what stands before a sign, or since not one case holds.

    Args:
        heard: the equality, where what stands last in each case counts, and what no case before it takes is the last one's.
        against: why an equality of other members is refuted; "" where it is not.
    """
    for side in (heard.j, heard.i):
        text = heard.chain.links[side].member.text
        tree = context.tree(text) if "cases" in text or r"\{" in text else None
        if tree is None:
            continue
        for first in before_signs(tree, text):
            if reason := against(heard.chain.with_member(side, first), heard.i, heard.j):
                return reason
        number = number_of_cases(tree, text)
        if number is not None and heard.court.of((number, "1")).compare(0, 1).status == "refuted":
            return "its conditions leave something out, or two of them hold at once"
    return ""
