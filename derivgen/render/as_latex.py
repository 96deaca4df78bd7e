"""A derivation as LaTeX: a fragment to be put into a document, or a document of its own."""

from __future__ import annotations

from collections.abc import Sequence

from derivgen.render.as_markdown import aligned
from derivgen.render.derivation import Derivation, Wishes
from derivgen.render.display import Line
from derivgen.render.latex import escaped, write
from derivgen.render.page import Item, Page, evidence, page
from derivgen.render.prose import for_latex

NEEDS = r"% needs \usepackage{amsmath,amssymb}"

_PREAMBLE = r"""\documentclass[11pt,a4paper]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{amsmath,amssymb}
\usepackage[margin=25mm]{geometry}
\setlength{\parindent}{0pt}
\setlength{\parskip}{6pt plus 2pt}
\emergencystretch=4em
\allowdisplaybreaks
\begin{document}
"""

_MARKS = {"verified": r"$\checkmark$", "refuted": r"$\times$", "unchecked": r"?"}


def fragment(d: Derivation, wishes: Wishes) -> str:
    """The derivation without a preamble; its first line names the packages that it needs."""
    return f"{NEEDS}\n{_page(page(d, wishes))}"


def document(d: Derivation, wishes: Wishes) -> str:
    """A document that pdflatex and lualatex typeset as it stands."""
    return f"{_PREAMBLE}{_page(page(d, wishes))}\\end{{document}}\n"


def _page(p: Page) -> str:
    parts = [rf"\subsection*{{{escaped(p.title)}}}", *_displays(p.headline)]
    if p.declarations:
        parts.append("where " + "; ".join(f"${write(b)}$" for b in p.declarations) + ".")
    parts.append(for_latex(p.convention))
    for item in p.items:
        parts += _item(item, 0)
    parts += [r"\medskip\textbf{Answer.}", *_displays((p.answer,))]
    if p.where:
        parts += ["where", *_displays(p.where)]
    conditions = [f"{before}${write(relation)}${after}" for before, relation, after in p.conditions]
    parts += [rf"\emph{{Note.}} {for_latex(sentence)}" for sentence in (*conditions, *p.notes)]
    verdict = f"{_MARKS.get(p.verdict, '?')} {escaped(p.summary)}"
    if p.answer_check is not None and p.answer_check.status == "refuted":
        verdict += " " + escaped(evidence(p.answer_check))
    parts.append(rf"\emph{{{verdict}}}")
    return "\n\n".join(parts) + "\n"


def _item(item: Item, depth: int) -> list[str]:
    number = f"{item.number}." if depth == 0 else f"({item.number})"
    rule = rf" {{\small(\texttt{{{escaped(item.rule)}}})}}" if item.rule else ""
    parts = [
        rf"\medskip\textbf{{{number} {for_latex(item.title)}.}} {for_latex(item.reason)}{rule}",
        *_displays(item.lines),
    ]
    if item.check is not None:
        said = escaped(evidence(item.check))
        parts.append(rf"{{\small {_MARKS[item.check.status]} {said}}}")
    for sub in item.substeps:
        parts += _item(sub, depth + 1)
    return parts


def _displays(lines: Sequence[Line]) -> list[str]:
    return [f"\\[\n{aligned(lines)}\n\\]"] if lines else []
