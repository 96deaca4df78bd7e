"""A derivation as LaTeX: a fragment to be put into a document, or a document of its own."""

from __future__ import annotations

from collections.abc import Sequence

from derivgen.derivation.derivation import Derivation
from derivgen.show.document.document import Item, Page, evidence, page
from derivgen.show.document.prose import for_latex
from derivgen.show.formats import Wishes
from derivgen.show.layout.lines import Line
from derivgen.show.math.latex import escaped, write
from derivgen.show.math.latex_lines import WIDTH, aligned

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

MARKS = {"verified": r"$\checkmark$", "refuted": r"$\times$", "unchecked": r"?"}


def fragment(d: Derivation, wishes: Wishes) -> str:
    """The derivation without a preamble; its first line names the packages that it needs."""
    return f"{NEEDS}\n{_page(page(d, wishes))}"


def document(ds: Sequence[Derivation], wishes: Wishes) -> str:
    """A document that pdflatex and lualatex typeset as it stands, with one derivation after the other."""
    body = "\n".join(_page(page(d, wishes)) for d in ds)
    return f"{_PREAMBLE}{body}\\end{{document}}\n"


def _page(p: Page) -> str:
    parts = [rf"\subsection*{{{escaped(p.title)}}}", *displays(p.headline)]
    if p.declarations:
        parts.append("where " + "; ".join(f"${write(b)}$" for b in p.declarations) + ".")
    parts += [for_latex(p.convention)] if p.convention else []
    for item in p.items:
        parts += _item(item, 0)
    parts += [r"\medskip\textbf{Answer.}", *displays((p.answer,))]
    for other in p.further:
        parts += [for_latex(other.sentence), *displays((other.line,))]
    if p.where:
        parts += ["where", *displays(p.where)]
    notes = [f"{for_latex(before)}${write(box)}${for_latex(after)}" for before, box, after in p.conditions]
    parts += [rf"\emph{{Note.}} {sentence}" for sentence in (*notes, *map(for_latex, p.notes))]
    verdict = f"{MARKS.get(p.verdict, '?')} {escaped(p.summary)}"
    parts.append(rf"\emph{{{verdict}}}")
    return "\n\n".join(parts) + "\n"


def _item(item: Item, depth: int) -> list[str]:
    number = f"{item.number}." if depth == 0 else f"({item.number})"
    rule = rf" {{\small(\texttt{{{escaped(item.rule)}}})}}" if item.rule else ""
    parts = [
        rf"\medskip\textbf{{{number} {for_latex(item.title)}.}} {for_latex(item.reason)}{rule}",
        *displays(item.lines),
    ]
    if item.check is not None:
        said = escaped(evidence(item.check))
        parts.append(rf"{{\small {MARKS[item.check.status]} {said}}}")
    for sub in item.substeps:
        parts += _item(sub, depth + 1)
    return parts


def displays(lines: Sequence[Line], width: int = WIDTH) -> list[str]:
    """A display of all the lines, each broken where it is broader than ``width``."""
    return [f"\\[\n{aligned(lines, width)}\n\\]"] if lines else []
