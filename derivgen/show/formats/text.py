"""A derivation for a terminal, in Unicode, with colours only if they are asked for."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import replace

from derivgen.derivation.derivation import Derivation
from derivgen.show.document.blocks import Answer, Aside, Item, Note, Notes, Question, Summary, Where
from derivgen.show.document.prose import for_terminal
from derivgen.show.document.verdicts import MARKS, evidence
from derivgen.show.document.writer import Writer
from derivgen.show.formats import Wishes, each
from derivgen.show.layout.box import Box
from derivgen.show.layout.lines import Line, split
from derivgen.show.math.unicode import Block, beside, block, line
from derivgen.show.math.unicode_line import linear, small

SUFFIXES = (".txt",)
WIDTH = 88
"""Where lines are broken unless it is said, and where sentences are however broad the terminal is."""

_TIE = "\N{NO-BREAK SPACE}"
"""A space within a formula, until the lines are broken."""

_POWER = re.compile(r"\b10\^(-\d+)")
_CODES = {"bold": "1", "verified": "32", "refuted": "31;1", "unchecked": "33"}


def text(d: Derivation, wishes: Wishes) -> str:
    """The whole derivation."""
    parts = "\n\n".join(Text(wishes.color, wishes.options.width or WIDTH).parts(d, wishes)).replace(_TIE, " ")
    return "\n".join(row.rstrip() for row in parts.split("\n")) + "\n"


FORMAT = each(text)


class Text(Writer):
    """Parts are rows of text, with an empty row between them."""

    APART = ";  "

    def __init__(self, color: bool, width: int = WIDTH) -> None:
        self.color, self.width = color, width

    def lines(self, lines: Sequence[Line], margin: int = 4) -> list[str]:
        return ["\n".join(equations(lines, margin, self.width))] if lines else []

    def formula(self, box: Box) -> str:
        return linear(box)

    def prose(self, sentence: str) -> str:
        return for_terminal(sentence, _TIE)

    def paragraph(self, words: str) -> str:
        return "\n".join(self._wrapped(words, 2))

    def title(self, text: str) -> str:
        return self._painted([for_terminal(text)], "bold")

    def question(self, b: Question) -> list[str]:
        return [self.title(b.title), *self.lines(b.lines, 2), "\n".join(self.about(b))]

    def item(self, b: Item) -> list[str]:
        margin = 4 * b.depth
        name = self._wrapped(f"{b.number}{'' if b.depth else '.'} {for_terminal(b.title, _TIE)}", margin)
        rule = for_terminal(b.rule)
        reason = self._wrapped(for_terminal(b.reason, _TIE) + (f" [{rule}]" if rule else ""), margin + 3)
        out = [
            "\n".join([self._painted(name[:1], "bold", margin), *name[1:], *reason]),
            *self.lines(b.lines, margin + 6),
        ]
        if b.check is not None:
            said = self._wrapped(f"{MARKS[b.check.status]} {_with_powers(evidence(b.check))}", margin + 3)
            out.append(self._painted(said, b.check.status, margin + 3))
        return [*out, *self.blocks(b.substeps)]

    def answer(self, b: Answer) -> list[str]:
        return [self._painted([self.ANSWER], "bold"), *self.lines((b.line,)), *self.blocks(b.blocks)]

    def aside(self, b: Aside) -> list[str]:
        return [self._painted([b.title], "bold"), *self.blocks(b.blocks)]

    def where(self, b: Where) -> list[str]:
        return ["\n".join(super().where(b))]

    def notes(self, b: Notes) -> list[str]:
        return ["\n".join(super().notes(b))]

    def note(self, note: Note) -> str:
        relation = f" {linear(note.relation)}" if note.relation is not None else ""
        return for_terminal(note.before, _TIE) + relation + note.after

    def summary(self, b: Summary) -> list[str]:
        return [self._painted(self._wrapped(f"{MARKS[b.status]} {_with_powers(b.text)}", 0), b.status)]

    def _painted(self, rows: Sequence[str], how: str, margin: int = 0) -> str:
        """Rows in a colour, if there are any, all but their margin."""
        code = f"\033[{_CODES[how]}m"
        return "\n".join(f"{r[:margin]}{code}{r[margin:]}\033[0m" if self.color else r for r in rows)

    def _wrapped(self, sentence: str, margin: int) -> list[str]:
        pad = " " * margin
        wrapped = textwrap.wrap(sentence, min(self.width, WIDTH), initial_indent=pad, subsequent_indent=pad,
                                break_long_words=False, break_on_hyphens=False)  # fmt: skip
        return wrapped or [pad]


def _with_powers(evidence: str) -> str:
    """Words on evidence, with the powers of ten in them, as 10^-15, written as such."""
    return _POWER.sub(lambda found: "10" + small(found[1].replace("-", "−"), "^"), for_terminal(evidence))


def equations(lines: Sequence[Line], margin: int, width: int = WIDTH) -> list[str]:
    """Displayed equations, each on the margin; one that is too wide goes on under its sign of equality.

    What is still too wide, a matrix, stands below its name, as far to the left as it must.
    """
    out: list[str] = []
    left = 0
    for one in lines:
        parts = split(one, width - margin, lambda box: block(box).width)
        if one.left is not None:  # else it goes on under the sign of equality above
            left = block(parts[0].left).width if parts[0].left is not None else 0
        for part in parts:
            indent = margin if part.left is not None else margin + left
            shown = equation(part)
            if part.left is not None and part.middle is None and indent + shown.width > width:
                out.append(f"{' ' * margin}{linear(part.left)} {part.relation}")
                shown = equation(replace(part, left=None, relation=""), apart=False)
                indent = margin + 2
            if indent + shown.width > width:
                indent = max(0, min(indent, width - shown.width))
            out += [" " * indent + row for row in shown.lines]
    return out


def equation(shown: Line, apart: bool = True) -> Block:
    """left = middle = right, with its remark; what has no left side stands ``apart``, under the right sides above."""
    parts: list[Block] = []
    for box in (shown.left, shown.middle, shown.right):
        if box is not None:
            parts += (
                [line(f" {shown.relation} " if shown.relation else "     ")]
                if parts or (apart and shown.left is None)
                else []
            )
            parts.append(block(box))
    if shown.remark is not None:
        parts += [line("   for "), line(linear(shown.remark))]
    return beside(parts)
