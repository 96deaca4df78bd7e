"""A derivation as LaTeX, to be put into a document."""

from __future__ import annotations

import re
from collections.abc import Sequence

from derivgen.derivation.derivation import Derivation
from derivgen.show.document.blocks import Aside, Item, Summary
from derivgen.show.document.prose import for_latex
from derivgen.show.document.verdicts import evidence
from derivgen.show.document.writer import Writer
from derivgen.show.formats import Wishes, each
from derivgen.show.layout.box import Box
from derivgen.show.layout.lines import Line
from derivgen.show.math.latex import NEW, escaped, write
from derivgen.show.math.latex_lines import WIDTH, aligned

SUFFIXES = (".latex",)
NEEDS = r"% needs \usepackage{amsmath,amssymb}"
KEPT = r"\[\postdisplaypenalty=10000"
"""How a display begins that no page ends with."""

MARKS = {"verified": r"$\checkmark$", "refuted": r"$\times$", "unchecked": r"?"}


def latex(d: Derivation, wishes: Wishes) -> str:
    """The derivation without a preamble; its first line names the packages that it needs."""
    made = body(d, wishes)
    return f"{NEEDS.replace('}', ',xcolor}') if NEW in made else NEEDS}\n{made}"


def body(d: Derivation, wishes: Wishes, writer: Latex | None = None) -> str:
    """What stands between the preamble and the end of a document."""
    first, *parts = (writer or Latex()).parts(d, wishes)
    # a display that belongs to the paragraph above it goes on in it, and is never set on another page
    return first + "".join([("\n" if part.startswith("\\[") else "\n\n") + part for part in parts]) + "\n"


FORMAT = each(latex)


class Latex(Writer):
    """Parts are paragraphs and displays."""

    ANSWER = r"\nopagebreak\medskip\textbf{Answer.}"  # with the last step, lest a page holds the answer alone
    NOTE = r"\emph{Note.} "

    def lines(self, lines: Sequence[Line], width: int = WIDTH) -> list[str]:
        """A display of all the lines, each broken where it is broader than ``width``."""
        return [f"\\[\n{aligned(lines, width)}\n\\]"] if lines else []

    def formula(self, box: Box) -> str:
        return f"${write(box)}$"

    def prose(self, sentence: str) -> str:
        return for_latex(sentence)

    def title(self, text: str) -> str:
        return rf"\subsection*{{{for_latex(text)}}}"

    def item(self, b: Item) -> list[str]:
        number = f"({b.number})" if b.depth else f"{b.number}."
        head = rf"\medskip\textbf{{{number} {for_latex(b.title)}.}} {self.because(b, 'small')}"
        displays, said = self.lines(b.lines), self.checked(b, "small")
        if displays and said:  # nor is what is said of a display, which is as good as a part of it
            displays, said = [displays[0].replace("\\[", KEPT, 1) + "\n" + said[0]], []
        return [head, *displays, *said, *self.blocks(b.substeps)]

    def because(self, b: Item, size: str) -> str:
        """The reason for a step, and its rule in this size of letters."""
        # at the right margin, as the number of an equation: on the last line where that has room, else below it
        rule = rf"\hfil\penalty50\quad\hspace*{{\fill}}{{\{size}(\texttt{{{escaped(b.rule)}}})}}" if b.rule else ""
        return for_latex(b.reason) + rule

    def checked(self, b: Item, size: str) -> list[str]:
        """The verdict on a step, in this size of letters."""
        if b.check is None:
            return []
        return [rf"{{\{size} {MARKS[b.check.status]} {with_powers(escaped(evidence(b.check)))}}}"]

    def aside(self, b: Aside) -> list[str]:
        return [rf"\medskip\textbf{{{for_latex(b.title)}.}}", *self.blocks(b.blocks)]

    def summary(self, b: Summary) -> list[str]:
        return [rf"\emph{{{MARKS[b.status]} {with_powers(escaped(b.text))}}}"]


def with_powers(escaped: str) -> str:
    """Words on evidence, with the powers of ten in them, as 10^-15, set as such."""
    return _POWER.sub(r"$10^{\1}$", escaped)


_POWER = re.compile(r"\b10\\textasciicircum\{\}(-\d+)")
