"""The environments of LaTeX: those that are mathematics, and those in which nothing is read."""

from __future__ import annotations

_WITH_STAR = (
    "equation", "align", "alignat", "xalignat", "flalign", "gather", "multline", "eqnarray", "displaymath", "math",
    "dmath", "dgroup", "darray", "empheq", "IEEEeqnarray", "subeqnarray", "optidef",
)  # fmt: skip

MATHEMATICS = frozenset(name + star for name in _WITH_STAR for star in ("", "*"))
"""What stands by itself in a text and is a formula."""

INLINE = frozenset({"math"})

ARGUMENTS = {"alignat": 1, "xalignat": 1, "IEEEeqnarray": 1, "empheq": 1}
"""How many arguments in braces follow the beginning, which are no mathematics."""

UNREAD = frozenset(
    name + star
    for name in (
        "verbatim", "Verbatim", "BVerbatim", "LVerbatim", "lstlisting", "minted", "comment", "filecontents", "tikzpicture",
        "tikzcd", "pgfpicture", "alltt", "asy", "algorithmic", "algorithm2e", "thebibliography", "Sinput", "Soutput", "code",
    )
    for star in ("", "*")
)  # fmt: skip
"""What is no mathematics whatever stands in it."""
