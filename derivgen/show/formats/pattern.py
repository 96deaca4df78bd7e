"""The pattern of zeros of a derivative as an SVG picture: a square for each entry, at small sizes."""

from __future__ import annotations

from derivgen.check.pattern import CONSTANT, MOVING, ZERO, Pattern, pattern
from derivgen.derivation.derivation import Derivation
from derivgen.show.document.context import style_of, variables
from derivgen.show.figures.svg import LINE, document, measure, number, words
from derivgen.show.formats import Wishes, alone
from derivgen.show.layout.notate import context
from derivgen.show.math.unicode_line import linear

SUFFIXES = (".pattern.svg",)
SIDE, GAP, MARGIN = 22.0, 3.0, 12.0
STEP = SIDE + GAP

LOOKS = {
    ZERO: 'fill="none" stroke="currentColor" stroke-opacity="0.35"',
    CONSTANT: 'fill="currentColor" fill-opacity="0.35" stroke="currentColor" stroke-opacity="0.6"',
    MOVING: 'fill="currentColor" fill-opacity="0.85" stroke="currentColor" stroke-opacity="0.85"',
}
MEANINGS = {MOVING: "depends on the point", CONSTANT: "the same number everywhere, not 0", ZERO: "0 everywhere"}


def svg(d: Derivation, wishes: Wishes) -> str:
    """The picture for a derivation, laid out as its answer is."""
    c = context(style_of(d))
    e = d.result
    found = pattern(e, out=d.problem.expression.shape.rank)
    rows, columns = found.entries.shape
    left = linear(c.box(d.left)) if e.shape.rank <= 2 else f"∂vec({d.name.name})/∂vec({variables(d)[0].name})"
    where = ", ".join(f"{name} = {length}" for name, length in found.sizes.items())
    headings = (
        f"{left} is {rows} × {columns}" if e.shape.axes else f"{left} is a number",
        f"for {where}" if where else "",
    )
    counts = "; ".join(f"{MEANINGS[kind]}: {int((found.entries == kind).sum())}" for kind in (MOVING, CONSTANT, ZERO))
    by = ", ".join(v.name for v in variables(d))
    summary = f"{' '.join(filter(None, headings))}. Of its {found.entries.size} entries: {counts}. {_rows(found)}"
    title = wishes.title or f"Pattern of zeros of the derivative with respect to {by}"
    return _picture(found, title, summary, headings)


FORMAT = alone(svg)


def _rows(p: Pattern) -> str:
    """The table in words, a letter for each entry."""
    rows = "; ".join("".join("0c*"[kind] for kind in line) for line in p.entries)
    return f"Row by row (0 zero, c constant, * other): {rows}."


def _picture(p: Pattern, title: str, summary: str, headings: tuple[str, ...]) -> str:
    rows, columns = p.entries.shape
    headings = tuple(h for h in headings if h)
    parts = [words(h, MARGIN, MARGIN + (k + 0.5) * LINE, "start") for k, h in enumerate(headings)]
    top = MARGIN + len(headings) * LINE + 10
    parts += [
        _square(MARGIN + j * STEP, top + i * STEP, int(p.entries[i, j])) for i in range(rows) for j in range(columns)
    ]
    legend = top + rows * STEP + 10
    shown = [kind for kind in (MOVING, CONSTANT, ZERO) if (p.entries == kind).any()]
    for k, kind in enumerate(shown):
        y = legend + k * (STEP + 2)
        parts.append(_square(MARGIN, y, kind))
        parts.append(words(MEANINGS[kind], MARGIN + STEP + 6, y + SIDE / 2, "start"))
    texts = [*map(measure, headings), *(measure(MEANINGS[kind]) + STEP + 6 for kind in shown)]
    width = max(columns * STEP, *texts) + 2 * MARGIN
    return document("derivgen-pattern", title, summary, parts, width, legend + len(shown) * (STEP + 2) + MARGIN)


def _square(x: float, y: float, kind: int) -> str:
    return (
        f'<rect x="{number(x)}" y="{number(y)}" width="{number(SIDE)}" height="{number(SIDE)}" rx="2" {LOOKS[kind]}/>'
    )
