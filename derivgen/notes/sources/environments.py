"""The environments of LaTeX: those that are mathematics, and those in which nothing is read."""

from __future__ import annotations

import re
from typing import Literal

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

_STATEMENT = (
    r"thm|theorem|lem(?:ma)?|prop(?:osition)?|cor(?:ollary)?|crl|conj(?:ecture)?|cnj|claim|fact|ex(?:m|r|am|ample|ercise)?|eg|"
    r"rem(?:ark)?|prob(?:lem)?|question|定理|引理|命题|推论|例"
)
_PROOF = r"proof|prf|pf|sol(?:ution)?|answer|证明|解"
_NAMED = re.compile(
    rf"(?:my|the|prf:)?(?:(?P<statement>{_STATEMENT})|(?P<proof>{_PROOF}))s?(?:box)?[\d*]*", re.IGNORECASE
)


def passage_of(name: str) -> Literal["statement", "proof", ""]:
    """Whether something with this name is a theorem or an example, or what goes with one; "" for what is neither.

    A definition is none: what it says holds for what follows.
    """
    found = _NAMED.fullmatch(name.strip())
    return "" if found is None else "proof" if found["proof"] else "statement"
