"""Derivations as slides, one step on each, for the LaTeX class beamer."""

from __future__ import annotations

from collections.abc import Sequence

from derivgen.derivation.derivation import Derivation
from derivgen.show.document.document import Item, Page, evidence, page
from derivgen.show.document.latex import MARKS, displays
from derivgen.show.document.prose import for_latex
from derivgen.show.formats import Wishes
from derivgen.show.layout.box import breadth
from derivgen.show.layout.lines import Line, split
from derivgen.show.math.latex import escaped, write
from derivgen.show.math.latex_lines import aligned

WIDTH = 40
"""The breadth, in letters, up to which a chain of equalities stands on one line of a slide."""

_PREAMBLE = r"""\documentclass{beamer}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{lmodern}
\usepackage{amsmath,amssymb}
\setbeamertemplate{navigation symbols}{}
\setbeamertemplate{footline}[frame number]
\begin{document}

"""


BROADEST = 54
"""The breadth, in letters, of a line that a slide has room for; a broader one, a matrix, is made smaller."""


def beamer(ds: Sequence[Derivation], wishes: Wishes) -> str:
    """The source of the slides: the question, each step, the answer."""
    frames = [frame for d in ds for frame in _frames(page(d, wishes))]
    return _PREAMBLE + "\n".join(frames) + "\n\\end{document}\n"


def _frames(p: Page) -> list[str]:
    about = [f"where {'; '.join(f'${write(b)}$' for b in p.declarations)}."] if p.declarations else []
    question = [*_displays(p.headline), *about, *([for_latex(p.convention)] if p.convention else [])]
    frames = [_frame(escaped(p.title), question)]
    frames += [frame for item in p.items for frame in _steps(item)]
    answer = _displays((p.answer,))
    for other in p.further:
        answer += [rf"{{\small {for_latex(other.sentence)}}}", *_displays((other.line,))]
    if p.where:
        answer += ["where", *_displays(p.where)]
    notes = [f"{for_latex(before)}${write(box)}${for_latex(after)}" for before, box, after in p.conditions]
    answer += [rf"{{\small {sentence}}}" for sentence in (*notes, *map(for_latex, p.notes))]
    verdict = escaped(p.summary)
    answer.append(rf"{{\small {MARKS.get(p.verdict, '?')} {verdict}}}")
    return [*frames, _frame("Answer", answer)]


def _steps(item: Item) -> list[str]:
    """A slide for a step, and one for each of its sub-steps."""
    parts = _displays(item.lines)
    rule = rf" {{\scriptsize(\texttt{{{escaped(item.rule)}}})}}" if item.rule else ""
    parts.append(for_latex(item.reason) + rule)
    if item.check is not None:
        parts.append(rf"{{\footnotesize {MARKS[item.check.status]} {escaped(evidence(item.check))}}}")
    own = _frame(rf"{item.number}. {for_latex(item.title)}", parts)
    return [own, *(frame for sub in item.substeps for frame in _steps(sub))]


def _displays(lines: Sequence[Line]) -> list[str]:
    rows = [part for one in lines for part in split(one, WIDTH, breadth)]
    if all(_breadth(one) <= BROADEST for one in rows):
        return displays(lines, WIDTH)
    return [f"\\[\n\\resizebox{{\\linewidth}}{{!}}{{$\\displaystyle\n{aligned(lines, WIDTH)}\n$}}\n\\]"]


def _breadth(one: Line) -> int:
    return sum(breadth(box) + 2 for box in (one.left, one.middle, one.right, one.remark) if box is not None)


def _frame(title: str, parts: Sequence[str]) -> str:
    body = "\n\n".join(parts)
    return f"\\begin{{frame}}{{{title}}}\n{body}\n\\end{{frame}}\n"
