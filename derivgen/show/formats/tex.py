"""Derivations as a LaTeX document of their own."""

from __future__ import annotations

from collections.abc import Sequence

from derivgen.derivation.derivation import Derivation
from derivgen.show.formats import Format, Wishes
from derivgen.show.formats.latex import body

SUFFIXES = (".tex",)
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


def tex(ds: Sequence[Derivation], wishes: Wishes) -> str:
    """A document that pdflatex and lualatex typeset as it stands, with one derivation after the other."""
    return _PREAMBLE + "\n".join(body(d, wishes) for d in ds) + "\\end{document}\n"


FORMAT = Format(tex)
