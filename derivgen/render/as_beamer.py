"""Derivations as slides, one step on each, for the LaTeX class beamer."""

from __future__ import annotations

from collections.abc import Sequence

from derivgen.render.as_latex import MARKS, displays
from derivgen.render.derivation import Derivation, Wishes
from derivgen.render.latex import escaped, write
from derivgen.render.page import Item, Page, evidence, page
from derivgen.render.prose import for_latex

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


def beamer(ds: Sequence[Derivation], wishes: Wishes) -> str:
    """The source of the slides: the question, each step, the answer."""
    frames = [frame for d in ds for frame in _frames(page(d, wishes))]
    return _PREAMBLE + "\n".join(frames) + "\n\\end{document}\n"


def _frames(p: Page) -> list[str]:
    about = [f"where {'; '.join(f'${write(b)}$' for b in p.declarations)}."] if p.declarations else []
    question = [*displays(p.headline, WIDTH), *about, for_latex(p.convention)]
    frames = [_frame(escaped(p.title), question)]
    frames += [frame for item in p.items for frame in _steps(item)]
    answer = displays((p.answer,), WIDTH)
    if p.where:
        answer += ["where", *displays(p.where, WIDTH)]
    notes = [f"{for_latex(before)}${write(box)}${for_latex(after)}" for before, box, after in p.conditions]
    answer += [rf"{{\small {sentence}}}" for sentence in (*notes, *map(for_latex, p.notes))]
    verdict = escaped(p.summary)
    if p.answer_check is not None and p.answer_check.status == "refuted":
        verdict += " " + escaped(evidence(p.answer_check))
    answer.append(rf"{{\small {MARKS.get(p.verdict, '?')} {verdict}}}")
    return [*frames, _frame("Answer", answer)]


def _steps(item: Item) -> list[str]:
    """A slide for a step, and one for each of its sub-steps."""
    parts = displays(item.lines, WIDTH)
    rule = rf" {{\scriptsize(\texttt{{{escaped(item.rule)}}})}}" if item.rule else ""
    parts.append(for_latex(item.reason) + rule)
    if item.check is not None:
        parts.append(rf"{{\footnotesize {MARKS[item.check.status]} {escaped(evidence(item.check))}}}")
    own = _frame(rf"{item.number}. {for_latex(item.title)}", parts)
    return [own, *(frame for sub in item.substeps for frame in _steps(sub))]


def _frame(title: str, parts: Sequence[str]) -> str:
    body = "\n\n".join(parts)
    return f"\\begin{{frame}}{{{title}}}\n{body}\n\\end{{frame}}\n"
