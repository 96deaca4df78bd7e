"""How operations are written, and how tightly what is written holds together: data for every printer and every reader."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

CONDITIONAL, RELATION, SUM, BIG, CIRCLE, PRODUCT, ENTRYWISE, FRACTION, SIGN, POWER, ATOM = range(11)
"""The ladder of precedence, from what is loosest to what needs no parentheses anywhere: Python's ``a if c else b``; a
relation; a sum, or in mathematics a sign; Σ and a derivative operator, which take all up to the next + or −; ◯; a product
by *, @ or juxtaposition; ⊗ ⊘; a fraction; a sign in text; what has a superscript."""

Form = Literal[
    "function",
    "listed",
    "summed",
    "multiplied",
    "relation",
    "infix",
    "juxtaposed",
    "postfix",
    "fence",
    "grid",
    "letter",
]

SIGNED = frozenset({"relation", "infix", "juxtaposed", "postfix"})
"""Forms in which what stands in text is a sign, not a name."""


@dataclass(frozen=True, slots=True)
class Notation:
    r"""How an operation is written.

    Attributes:
        latex: its name, sign, letter or superscript in LaTeX, such as ``\exp``, ``\leq``, ``\mathbf 1``, ``\mathsf T``.
        form: "function" (the name before its arguments), "listed" (a function of a vector whose entries may be listed),
            "summed" and "multiplied" (Σ and Π over the entries of its argument), "relation" (a sign between two; the number 1 where it holds),
            "infix" (a sign between two, in mathematics; a function in text), "juxtaposed" (factors side by side),
            "postfix" (a superscript), "fence" (a pair around one), "grid" (its arguments in brackets), "letter".
        unicode: its sign or letter, or the fence on the left. Where a document has a variable of that letter, or the sign
            means something else, the operation is written by its name.
        text: in text, what stands in the place of its name, such as ``<=``, ``@``, ``.T``, or the name that it shares.
        aliases: further names that are read, in text and in LaTeX.
        latex_aliases: further words that are read in LaTeX, as commands or in \operatorname; of a postfix form those that
            stand in a superscript.
        under: the subscripts that a fence around a vector, or the name of a function, may have, the first of which is printed;
            in text that of a fence is the last argument, as in norm(x, 1).
        under_matrix: those of one around a matrix.
        level: how tightly it holds together in mathematics.
        contrary: the sign of the relation that holds where this one does not.
        raised: whether its power stands on its name, as in tanh² u.
        of_matrices: whether there is a function of matrices of that name, so that one taken entry by entry is marked: exp∘(X).
        whole: whether without parentheses it is of the whole product that follows, as det AB.
        code: how array libraries call it: the name of a function ("linalg.inv"), source with a hole for each argument and
            ``{m}`` for the library ("{m}.maximum({0}, 0)"), or the definition of a function; by library where they differ,
            under "" for all others.
        sympy: the class of SymPy that it is there; one without is differentiated there as it is declared.
        example: an expression and its declarations by which its derivative is shown, where it needs arguments that are
            not a number, a vector or a square matrix.
    """

    latex: str = ""
    form: Form = "function"
    unicode: str = ""
    text: str = ""
    aliases: tuple[str, ...] = ()
    latex_aliases: tuple[str, ...] = ()
    under: tuple[str, ...] = ("",)
    under_matrix: tuple[str, ...] = ("",)
    level: int = ATOM
    contrary: str = ""
    raised: bool = False
    of_matrices: bool = False
    whole: bool = False
    code: str | Mapping[str, str] = ""
    sympy: str = ""
    example: tuple[str, str] | None = None

    @property
    def word(self) -> str:
        r"""The name as plain words: tr of ``\operatorname{tr}``, log det of ``\log\det``."""
        return _words(self.latex)

    @property
    def command(self) -> str | None:
        r"""The word that LaTeX has for it, exp of ``\exp`` and tr of ``\operatorname{tr}``; None where it is not one word."""
        if self.under[0]:
            return None
        found = re.fullmatch(r"\\(?:operatorname\{(\w+)\}|([A-Za-z]+))", self.latex)
        return found and (found[1] or found[2])


@lru_cache(maxsize=256)
def _words(latex: str) -> str:
    found = re.findall(r"\\operatorname\{([^{}]*)\}|\\?([A-Za-z0-9]+)", latex)
    return " ".join(a or b for a, b in found).replace("\\", "")
