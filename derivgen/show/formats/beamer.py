"""Derivations as slides, one step on each, for the LaTeX class beamer."""

from __future__ import annotations

from collections.abc import Sequence

from derivgen.derivation.derivation import Derivation
from derivgen.show.document.blocks import Answer, Aside, Item, Notes, Question, Sentence, Summary
from derivgen.show.document.prose import for_latex
from derivgen.show.formats import Format, Wishes
from derivgen.show.formats.latex import MARKS, Latex, with_powers
from derivgen.show.layout.box import breadth
from derivgen.show.layout.lines import Line, split
from derivgen.show.math.latex import escaped
from derivgen.show.math.latex_lines import aligned

SUFFIXES = (".beamer.tex",)
WIDTH = 40
"""The breadth, in letters, up to which a chain of equalities stands on one line of a slide."""

BROADEST = 54
"""The breadth, in letters, of a line that a slide has room for; a broader one, a matrix, is made smaller."""

_PREAMBLE = r"""\documentclass{beamer}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{lmodern}
\usepackage{amsmath,amssymb}
\setbeamertemplate{navigation symbols}{}
\setbeamertemplate{footline}[frame number]
\begin{document}

"""


def beamer(ds: Sequence[Derivation], wishes: Wishes) -> str:
    """The source of the slides: the question, each step, the answer."""
    frames = [frame for d in ds for frame in Slides().parts(d, wishes)]
    return _PREAMBLE + "\n".join(frames) + "\n\\end{document}\n"


FORMAT = Format(beamer)


class Slides(Latex):
    """The parts of the question, of a step and of the answer are slides; those of what stands below are paragraphs."""

    def lines(self, lines: Sequence[Line], width: int = WIDTH) -> list[str]:
        rows = [part for one in lines for part in split(one, width, breadth)]
        if all(_breadth(one) <= BROADEST for one in rows):
            return super().lines(lines, width)
        return [f"\\[\n\\resizebox{{\\linewidth}}{{!}}{{$\\displaystyle\n{aligned(lines, width)}\n$}}\n\\]"]

    def question(self, b: Question) -> list[str]:
        return [_frame(for_latex(b.title), [*self.lines(b.lines), *self.about(b)])]

    def item(self, b: Item) -> list[str]:
        parts = [*self.lines(b.lines), self.because(b, "scriptsize"), *self.checked(b, "footnotesize")]
        return [_frame(rf"{b.number}. {for_latex(b.title)}", parts), *self.blocks(b.substeps)]

    def answer(self, b: Answer) -> list[str]:
        return [_frame("Answer", [*self.lines((b.line,)), *self.blocks(b.blocks)])]

    def aside(self, b: Aside) -> list[str]:
        return [_frame(for_latex(b.title), self.blocks(b.blocks))]

    def sentence(self, b: Sentence) -> list[str]:
        return [rf"{{\small {for_latex(b.text)}}}"]

    def notes(self, b: Notes) -> list[str]:
        return [rf"{{\small {self.note(note)}}}" for note in b.notes]

    def summary(self, b: Summary) -> list[str]:
        return [rf"{{\small {MARKS[b.status]} {with_powers(escaped(b.text))}}}"]


def _breadth(one: Line) -> int:
    return sum(breadth(box) + 2 for box in (one.left, one.middle, one.right, one.remark) if box is not None)


def _frame(title: str, parts: Sequence[str]) -> str:
    body = "\n\n".join(parts)
    return f"\\begin{{frame}}{{{title}}}\n{body}\n\\end{{frame}}\n"
