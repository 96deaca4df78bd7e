"""Reasons as a document says them: their terms in its letters, and in a word what would fill a line."""

from __future__ import annotations

import re

from derivgen.catalog.base import Elementwise
from derivgen.catalog.linear import matmul, transpose
from derivgen.expr import Add, At, Build, Call, Cases, Expr, Mul, Number, Partial, Power, Sum, Symbol, replace_parts
from derivgen.rules.reason import STAND_IN, Reason, stand_in
from derivgen.show.layout.box import Apply, Box, Fence, Frac, Num, Sign, remembered
from derivgen.show.layout.latex_to_box import read
from derivgen.show.layout.term import Context
from derivgen.show.math.latex import write
from derivgen.show.math.unicode_line import linear

LONGEST = 28
"""The length, in letters on one line, of a term in a sentence; what is longer is called the sum, the product, …"""

_RELATED = re.compile(r"\$ (?:\$(\\leq|\\geq|[<>])\$|(=)) \$")
"""A relation between two formulas, which is one formula with them, so that no line breaks there."""

BELOW = "the one below"
"""What a second such term is called, which is displayed under the sentence."""


def sentence(reason: Reason, c: Context) -> str:
    """The reason as a sentence with mathematics between dollar signs."""
    said = ""
    reason = _in_free_letters(reason, c)
    for k, part in enumerate(reason.parts):
        following = reason.parts[k + 1] if k + 1 < len(reason.parts) else ""
        if isinstance(part, str):
            said += part
        elif isinstance(part, Add | Sum) and (said.endswith(" times ") or str(following).startswith(" times ")):
            said += in_sentence(Fence(c.box(part))) or f"{_LONG}{_in_words(part, c)}{_LONG}"
        else:
            words = _formula(part, c)
            said += words if words.startswith("$") else f"{_LONG}{words}{_LONG}"
    return _RELATED.sub(
        lambda found: f" {found[1] or found[2]} ", _without_long(said) if _LONG in said or _OUTLINED in said else said
    )


_LONG = "\N{INVISIBLE SEPARATOR}"
"""Around the words for a term that is too long, until it is seen whether the sentence can do without it."""

_TERM = rf"(?:\$[^$]*\$|{_LONG}[^{_LONG}]*{_LONG})"
_LONG_TERM = rf"{_LONG}[^{_LONG}]*{_LONG}"

_DONE_WITHOUT = tuple((re.compile(pattern), words) for pattern, words in (
    (rf", which stands once: {_LONG_TERM}", " which stands once"),
    (rf"The terms of {_LONG_TERM} have", "The terms have"),
    (rf"([Ee]ntry (?:{_TERM}|\([^)]*\))) of {_LONG_TERM} is {_LONG_TERM}", r"\1 is written out"),
    (rf" = {_LONG_TERM}", ""),
    (rf"(?:, |; )so {_TERM} is {_LONG_TERM}(?: for every {_TERM})?(?=[.;])", ""),
    (rf"(?<=[.;] )So {_TERM} is {_LONG_TERM}(?: for every {_TERM})?\. ?", ""),
    (rf"; in {_TERM} only {_LONG_TERM} contains {_TERM}", ""),
    (rf"([Ss]o {_TERM}) is {_LONG_TERM} if ({_TERM} = {_TERM}) and 0 otherwise", r"\1 is 0 unless \2"),
    (rf", as {_LONG_TERM}; it has", "; it has"),
    (rf"the inner product {_LONG_TERM}", "their inner product"),
    (rf"{_LONG_TERM} is the same in all places on the diagonal and 0 off it: a", "what is the same in all places on the "
     "diagonal and 0 off it is a"),
    (rf"{_LONG_TERM} is written as the question has it", "a part is written as the question has it"),
    (rf"of every term of {_LONG_TERM}", "of several terms"),
    (rf": {_LONG_TERM} is (?:an entry of )?{_TERM}(?=\.)", ""),
    (rf"By its definition {_LONG_TERM} is {_LONG_TERM}", "The definition is written out"),
    (rf"{_LONG_TERM} is a sum of products", "a product is a sum of products"),
    (rf"[Ii]n {_LONG_TERM} row meets column", "row meets column"),
    (rf", which gives {_LONG_TERM}", ""),
    (rf"holds {_LONG_TERM} in column", "holds what was found in column"),
    (rf"The matrix with {_LONG_TERM} on its diagonal and 0 elsewhere is {_TERM}",
     "A matrix with entries on its diagonal and 0 elsewhere is written with diag"),
    (rf", entry (?:{_TERM}|\([^)]*\)) of {_LONG_TERM}", ""),
    (rf"(row {_TERM}) of {_LONG_TERM} times", r"\1 of the matrix on the left times"),
    (rf"the row {_LONG_TERM} times", "the row on the left times"),
    (rf"(column {_TERM}) of {_LONG_TERM}", r"\1 of the matrix on the right"),
    (rf"here with ({_TERM}) for {_LONG_TERM}", r"here with \1 for what stands in its place"),
    (rf"(?:{_TERM}, )*{_TERM} and {_TERM} (both|all) (can contain|contain)", None),
))  # fmt: skip
"""What a sentence says instead where a term in it is too long: it names nothing that the reader would have to look for."""


def _without_long(said: str) -> str:
    """The sentence without the terms that are too long where it holds without them; what is left of them in words."""
    for pattern, words in _DONE_WITHOUT:
        said = pattern.sub(words if words is not None else _all_factors, said)
    met = False
    *before, last = re.split(f"({_LONG_TERM})", said)
    said = ""
    for k in range(0, len(before), 2):
        words = BELOW if met else before[k + 1].strip(_LONG)
        said, met = said + before[k], True
        said += words
    return _SENTENCE.sub(lambda found: found[0].upper(), said + last).rstrip()


_SENTENCE = re.compile(r"(?:^|(?<=\. ))[a-z]")


def _all_factors(found: re.Match[str]) -> str:
    """Factors one of which is too long, without their names."""
    named = found[0]
    if _LONG not in named and _OUTLINED not in named:
        return named
    return f"{found[1]} factors {found[2]}"


def _in_free_letters(reason: Reason, c: Context) -> Reason:
    """The reason with other letters for its stand-ins where the document has theirs for something else."""
    put: dict[Expr, Expr] = {}
    for part in reason.parts:
        if type(part) is Symbol and STAND_IN in part.traits and part.name in c.names.taken and part not in put:
            free = (name for name in "tuvqsphzrgc" if name not in c.names.taken)
            put[part] = stand_in(next(name for name in free if stand_in(name) not in put.values()))
    return reason.of(lambda e: replace_parts(e, put)) if put else reason


def _formula(e: Expr, c: Context) -> str:
    box = c.box(e)
    return in_sentence(box) or in_sentence(_outline(box)) or _in_words(e, c)


@remembered
def in_sentence(box: Box) -> str:
    """A formula between dollar signs; "" where it is too long for a sentence, or no format could read it there."""
    tex = write(box)
    return f"${tex}$" if len(linear(box)) <= LONGEST and "$" not in tex and read(tex) is not None else ""


def _outline(box: Box) -> Box:
    """A function of what is too long for a sentence, as log(…), and one over it; anything else as it is."""
    match box:
        case Apply(head, (_,)):
            return Apply(head, (_DOTS,))
        case Frac(Num("1"), _):
            return Frac(Num("1"), Fence(_DOTS))
        case _:
            return box


_OUTLINED = r"\dots"
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
        case Call(op) if op is matmul:
            return "this product"
        case Call(Elementwise()):
            return "this array" if e.shape.axes else "this value"
        case Call(op):
            return f"this {_NOUNS.get(op.name, op.name)}"
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
