"""Reasons as a document says them: their terms in its letters, and in a word what would fill a line."""

from __future__ import annotations

import re

from derivgen.catalog.base import Elementwise
from derivgen.catalog.linear import matmul, transpose
from derivgen.expr import Add, At, Build, Call, Cases, Expr, Mul, Number, Partial, Power, Sum, Symbol, replace_parts
from derivgen.rules.reason import STAND_IN, Either, Reason, stand_in
from derivgen.show.layout.box import Apply, Box, Fence, Frac, Num, Sign, remembered
from derivgen.show.layout.latex_to_box import read
from derivgen.show.layout.term import Context
from derivgen.show.math.latex import write
from derivgen.show.math.unicode_line import linear

LONGEST = 28
"""The length, in letters on one line, of a term in a sentence; what is longer is called the sum, the product, …"""

_RELATED = re.compile(r"\$ (?:\$(\\leq|\\geq|[<>])\$|(=)) \$")
"""A relation between two formulas, which is one formula with them, so that no line breaks there."""


def sentence(reason: Reason, c: Context) -> str:
    """The reason as a sentence with mathematics between dollar signs."""
    said = ""
    parts = _in_free_letters(reason, c).parts
    c = c.under(
        tuple([i for e in reason.terms for i in e.free])
    )  # a letter that is bound in one term is not free in another
    for k, part in enumerate(parts):
        match part:
            case str():
                said += part
            case Either(ways):
                for way in ways:
                    words, fits = _said(way, said, c)
                    if fits:
                        break
                said = said + words if words else said.rstrip()
            case _:
                words, _ = _said((part,), said, c, parts[k + 1 : k + 2])
                said += words
    return _RELATED.sub(lambda found: f" {found[1] or found[2]} ", said).strip()


def _said(
    parts: tuple[str | Expr, ...], before: str, c: Context, after: tuple[str | Expr | Either, ...] = ()
) -> tuple[str, bool]:
    """Words and terms as they go on from what stands ``before`` them, and whether all terms stand there whole."""
    said, fits = before, True
    for k, part in enumerate(parts):
        if isinstance(part, str):
            said += part
            continue
        following = next(iter((*parts[k + 1 : k + 2], *after)), "")
        factor = isinstance(part, Add | Sum) and (
            said.endswith(" times ") or (isinstance(following, str) and following.startswith(" times "))
        )
        box = c.box(part)
        formula = in_sentence(Fence(box) if factor else box)
        fits = fits and bool(formula)
        words = formula or in_sentence(_outline(box)) or _in_words(part, c)
        said += words[:1].upper() + words[1:] if not said or said.endswith(". ") else words
    return said[len(before) :], fits


def _in_free_letters(reason: Reason, c: Context) -> Reason:
    """The reason with other letters for its stand-ins where the document has theirs for something else."""
    put: dict[Expr, Expr] = {}
    for part in reason.terms:
        if type(part) is Symbol and STAND_IN in part.traits and part.name in c.names.taken and part not in put:
            free = (name for name in "tuvqsphzrgc" if name not in c.names.taken)
            put[part] = stand_in(next(name for name in free if stand_in(name) not in put.values()))
    return reason.of(lambda e: replace_parts(e, put)) if put else reason


@remembered
def in_sentence(box: Box) -> str:
    """A formula between dollar signs; "" where it is too long for a sentence, or no format could read it there."""
    tex = write(box)
    return f"${tex}$" if len(linear(box)) <= LONGEST and "$" not in tex and read(tex) is not None else ""


def _outline(box: Box) -> Box:
    """A function of what is too long for a sentence, as log(…), and one over it; anything else as it is."""
    match box:
        case Apply(head):
            return Apply(head, (_DOTS,))
        case Frac(Num("1"), _):
            return Frac(Num("1"), Fence(_DOTS))
        case _:
            return box


_DOTS = Sign("…", "ordinary", r"\dots")


def _in_words(e: Expr, c: Context) -> str:
    """What kind of thing a long term is."""
    match e:
        case Add():
            return "this sum"
        case Sum(index):
            return f"the sum over ${index.name}$" if index.name.isalpha() else "this sum"
        case Mul(factors):
            divides = any(
                isinstance(f, Power) and isinstance(f.exponent, Number) and f.exponent.value < 0 for f in factors
            )
            return "this quotient" if divides else "this product"
        case Power(_, Number(value)):
            return "this quotient" if value < 0 else "this square" if value == 2 else "this power"
        case Power():
            return "this power"
        case Partial():
            return "this derivative"
        case Cases():
            return "these cases"
        case At():
            return "this entry"
        case Build():
            return "this array"
        case Call(op, (inner,)) if op is transpose:
            return _in_words(inner, c)
        case Call(op) if op is matmul or op.notation.form == "multiplied":
            return "this product"
        case Call(Elementwise()):
            return "this array" if e.shape.axes else "this value"
        case Call(op):
            return f"this {_NOUNS.get(op.name, op.notation.word or op.name)}"
        case _:
            return "this term"


_NOUNS = {
    "inv": "inverse",
    "det": "determinant",
    "logdet": "logarithm of a determinant",
    "norm1": "norm",
    "diag": "diagonal matrix",
}
"""What the value of an operation is called whose name is no word for it."""
