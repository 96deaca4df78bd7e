"""A derivation for a terminal, in Unicode, with colours only if they are asked for."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from derivgen.derivation.derivation import Derivation
from derivgen.show.document.blocks import Answer, Aside, Item, Note, Notes, Question, Summary, Where
from derivgen.show.document.prose import for_terminal
from derivgen.show.document.verdicts import MARKS, evidence
from derivgen.show.document.writer import Writer
from derivgen.show.formats import Wishes, each
from derivgen.show.layout.box import Box
from derivgen.show.layout.lines import Line, split
from derivgen.show.math.unicode import Block, beside, block, line
from derivgen.show.math.unicode_line import linear

SUFFIXES = (".txt",)
WIDTH = 88
_CODES = {"bold": "1", "verified": "32", "refuted": "31;1", "unchecked": "33"}


def text(d: Derivation, wishes: Wishes) -> str:
    """The whole derivation."""
    parts = "\n\n".join(Text(wishes.color).parts(d, wishes))
    return "\n".join(row.rstrip() for row in parts.split("\n")) + "\n"


FORMAT = each(text)


class Text(Writer):
    """Parts are rows of text, with an empty row between them."""

    APART = ";  "

    def __init__(self, color: bool) -> None:
        self.color = color

    def lines(self, lines: Sequence[Line], margin: int = 4) -> list[str]:
        return ["\n".join(equations(lines, margin))] if lines else []

    def formula(self, box: Box) -> str:
        return linear(box)

    def prose(self, sentence: str) -> str:
        return for_terminal(sentence)

    def paragraph(self, words: str) -> str:
        return "\n".join(_wrapped(words, 2))

    def title(self, text: str) -> str:
        return self._painted([for_terminal(text)], "bold")

    def question(self, b: Question) -> list[str]:
        return [self.title(b.title), *self.lines(b.lines, 2), "\n".join(self.about(b))]

    def item(self, b: Item) -> list[str]:
        margin = 4 * b.depth
        name = _wrapped(f"{b.number}{'' if b.depth else '.'} {for_terminal(b.title)}", margin)
        rule = for_terminal(b.rule)
        reason = _wrapped(for_terminal(b.reason) + (f" [{rule}]" if rule else ""), margin + 3)
        out = [
            "\n".join([self._painted(name[:1], "bold", margin), *name[1:], *reason]),
            *self.lines(b.lines, margin + 6),
        ]
        if b.check is not None:
            said = _wrapped(f"{MARKS[b.check.status]} {for_terminal(evidence(b.check))}", margin + 3)
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
        return for_terminal(note.before) + relation + note.after

    def summary(self, b: Summary) -> list[str]:
        return [self._painted(_wrapped(f"{MARKS[b.status]} {for_terminal(b.text)}", 0), b.status)]

    def _painted(self, rows: Sequence[str], how: str, margin: int = 0) -> str:
        """Rows in a colour, if there are any, all but their margin."""
        code = f"\033[{_CODES[how]}m"
        return "\n".join(f"{r[:margin]}{code}{r[margin:]}\033[0m" if self.color else r for r in rows)


def equations(lines: Sequence[Line], margin: int) -> list[str]:
    """Displayed equations, each on the margin; one that is too wide goes on under its sign of equality."""
    out: list[str] = []
    left = 0
    for one in lines:
        parts = split(one, WIDTH - margin, lambda box: block(box).width)
        if one.left is not None:  # else it goes on under the sign of equality above
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
