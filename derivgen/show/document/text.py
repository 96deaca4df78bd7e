"""A derivation for a terminal, in Unicode, with colours only if they are asked for."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from derivgen.derivation.derivation import Derivation
from derivgen.show.document.document import MARKS, Item, Page, evidence, page
from derivgen.show.document.prose import for_terminal
from derivgen.show.formats import Wishes
from derivgen.show.layout.lines import Line, split
from derivgen.show.math.unicode import Block, beside, block, line
from derivgen.show.math.unicode_line import linear

WIDTH = 88


def text(d: Derivation, wishes: Wishes) -> str:
    """The whole derivation."""
    return _page(page(d, wishes), _Paint(wishes.color))


_CODES = {"bold": "1", "verified": "32", "refuted": "31;1", "unchecked": "33"}


class _Paint:
    """Colours, or none."""

    def __init__(self, on: bool) -> None:
        self.on = on

    def __call__(self, text: str, how: str) -> str:
        return f"\033[{_CODES[how]}m{text}\033[0m" if self.on else text


def _page(p: Page, paint: _Paint) -> str:
    out = [paint(for_terminal(p.title), "bold"), ""]
    out += equations(p.headline, 2)
    out.append("")
    declared = ";  ".join(linear(b) for b in p.declarations)
    if declared:
        out += _wrapped(f"where {declared}.", 2)
    out += _wrapped(for_terminal(p.convention), 2) if p.convention else []
    for item in p.items:
        out += ["", *_item(item, paint, 0)]
    out += ["", paint("Answer", "bold"), ""]
    out += equations((p.answer,), 4)
    for other in p.further:
        out += ["", *_wrapped(for_terminal(other.sentence), 2), "", *equations((other.line,), 4)]
    if p.where:
        out += ["", "  where", *equations(p.where, 4)]
    if p.conditions or p.notes:
        out.append("")
    for before, relation, after in p.conditions:
        out += _wrapped(f"Note: {for_terminal(before)} {linear(relation)}{after}", 2)
    for sentence in p.notes:
        out += _wrapped("Note: " + for_terminal(sentence), 2)
    mark = MARKS.get(p.verdict, "?")
    worst = p.verdict if p.verdict in MARKS else "unchecked"
    out += ["", *(paint(line, worst) for line in _wrapped(f"{mark} {for_terminal(p.summary)}", 0))]
    return "\n".join(row.rstrip() for row in out) + "\n"


def _item(item: Item, paint: _Paint, depth: int) -> list[str]:
    margin = 4 * depth
    number = f"{item.number}." if depth == 0 else item.number
    out = _wrapped(f"{number} {for_terminal(item.title)}", margin)
    out[0] = out[0][:margin] + paint(out[0][margin:], "bold")
    reason = for_terminal(item.reason)
    rule = for_terminal(item.rule)
    out += _wrapped(f"{reason} [{rule}]" if rule else reason, margin + 3)
    out.append("")
    out += equations(item.lines, margin + 6)
    if item.check is not None:
        status = item.check.status
        said = _wrapped(f"{MARKS[status]} {for_terminal(evidence(item.check))}", margin + 3)
        out += ["", *(row[: margin + 3] + paint(row[margin + 3 :], status) for row in said)]
    for sub in item.substeps:
        out += ["", *_item(sub, paint, depth + 1)]
    return out


def equations(lines: Sequence[Line], margin: int) -> list[str]:
    """Displayed equations, each on the margin; one that is too wide goes on under its sign of equality."""
    out: list[str] = []
    for one in lines:
        parts = split(one, WIDTH - margin, lambda box: block(box).width)
        left = block(parts[0].left).width if parts[0].left is not None else 0
        for part in parts:
            indent = margin if part.left is not None else margin + left
            out += [" " * indent + row for row in equation(part).lines]
    return out


def equation(shown: Line) -> Block:
    """left = middle = right, with its remark."""
    parts: list[Block] = []
    for box in (shown.left, shown.middle, shown.right):
        if box is not None:
            parts += [line(f" {shown.relation} " if shown.relation else "     ")] if parts or shown.left is None else []
            parts.append(block(box))
    if shown.remark is not None:
        parts += [line("   for "), line(linear(shown.remark))]
    return beside(parts)


def _wrapped(sentence: str, margin: int) -> list[str]:
    pad = " " * margin
    wrapped = textwrap.wrap(sentence, WIDTH, initial_indent=pad, subsequent_indent=pad,
                            break_long_words=False, break_on_hyphens=False)  # fmt: skip
    return wrapped or [pad]
