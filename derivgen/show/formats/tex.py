"""Derivations as a LaTeX document of their own."""

from __future__ import annotations

from collections.abc import Sequence

from derivgen.derivation.derivation import Derivation
from derivgen.show.formats import Format, Wishes
from derivgen.show.formats.latex import Latex, body
from derivgen.show.layout.lines import Line
from derivgen.show.math.latex import NEW
from derivgen.show.math.latex_lines import WIDTH, aligned

SUFFIXES = (".tex",)
_PREAMBLE = r"""\documentclass[11pt,a4paper]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}
\usepackage{amsmath,amssymb}
\usepackage[margin=25mm]{geometry}
\usepackage{graphicx}
\setlength{\parindent}{0pt}
\setlength{\parskip}{6pt plus 2pt}
\emergencystretch=4em
\interlinepenalty=10000
% what is wider than the page is set smaller
\newcommand{\fitted}[1]{\sbox0{$\displaystyle #1$}\ifdim\wd0>\linewidth\resizebox{\linewidth}{!}{\usebox0}\else\usebox0\fi}
\begin{document}
"""


def tex(ds: Sequence[Derivation], wishes: Wishes) -> str:
    """A document that pdflatex and lualatex typeset as it stands, with one derivation after the other."""
    made = "\n".join(body(d, wishes, Fitted()) for d in ds)
    colors = "\\usepackage{xcolor}\n" if NEW in made else ""
    return (
        _PREAMBLE.replace("\\usepackage{graphicx}\n", f"\\usepackage{{graphicx}}\n{colors}")
        + made
        + "\\end{document}\n"
    )


class Fitted(Latex):
    """A document of one's own has a command that fits displays to its lines."""

    def lines(self, lines: Sequence[Line], width: int = WIDTH) -> list[str]:
        return [f"\\[\\fitted{{%\n{aligned(lines, width)}%\n}}\\]"] if lines else []


FORMAT = Format(tex)
