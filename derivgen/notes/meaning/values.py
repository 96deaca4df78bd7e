"""What a name and its value show of it: an example in numbers, a setting, a list of arguments, an aim, a prime."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from derivgen.notes.meaning.trees import Name, base_of, is_letter, name_of, names, unwrapped
from derivgen.read.kinds.letters import atoms, digits
from derivgen.read.latex.names import taken_apart
from derivgen.read.surface import Called, Dots, Fenced, Grid, Letter, Literal, Primed, Product, Scripted, Surface, walk

_EXAMPLE = re.compile(r"\s*\\begin\{\w*matrix\}[-\d.,\s&\\/]*\\end\{\w*matrix\}\s*")
_IN_NUMBERS = re.compile(r"(?:[-+\d.\s(){}/]|\\(?:cdot|times|frac|sqrt)\b)+")


_OBJECTIVE = re.compile(
    r"^\s*(?:\\underset\s*\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}\s*\{)?\s*(?:\\operatorname\*?\s*\{(?:arg)?(?:\s|\\,)*(?:min|max)\w*\}"
    r"|(?:\\arg\s*)?\\(?:arg)?(?:min|max))\s*\}?(?:_(?:\w|\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}))?(?:\\[,;!:]|\s|\\q?quad)*(?=\\?[A-Za-z])"
)
"""Before a letter that stands for what is to be made small or large: it is said there what it is."""


def laid_out(s: Surface) -> tuple[Name, int, int] | None:
    """The letter whose entries, each at its place, are all of a matrix that is written out, and how many rows and columns
    it has; None where it is another thing."""
    s = unwrapped(s)
    if not isinstance(s, Grid) or len(s.rows) < 2 or len({len(row) for row in s.rows}) != 1 or len(s.rows[0]) < 2:
        return None
    found: set[Name | None] = set()
    for i, row in enumerate(s.rows, 1):
        for j, cell in enumerate(row, 1):
            head = taken_apart(cell) if cell is not None else None
            places = digits(atoms(head[1]), 2) if head is not None else []
            if cell is None or [p.value for p in places if isinstance(p, Literal)] != [i, j] or len(places) != 2:
                return None
            found.add(base_of(cell))
    name = found.pop()
    return (name, len(s.rows), len(s.rows[0])) if name is not None and not found else None


_PRIMED = re.compile(
    r"(?P<letter>\\[A-Z][a-z]+|\\math(?:bf|cal)\s*\{[A-Z]\}|(?<![A-Za-z\\])[A-Z])\s*(?:'|\^\s*(?:\{\s*\\prime\s*\}|\\prime(?![a-z])))(?!')"
    r"(?P<goes_on>\s*(?:[A-Za-z(\[]|\\(?:math\w+\s*\{|bm|boldsymbol|[A-Z])))?"
)
_TURNED = re.compile(r"\^\s*\{?\s*(?:\\top|\\intercal|\\(?:mathsf|mathrm|mathbf|rm)\s*\{?\s*T|T(?![A-Za-z]))")


def turns_by_letter(formulas: Iterable[str]) -> bool:
    r"""Whether a text transposes with ^\top, as it does more than once, so that a prime may be something else there."""
    return sum(1 for f in formulas for _ in _TURNED.finditer(f)) > 1


def primed_letters(formulas: Iterable[str]) -> frozenset[str]:
    r"""The capital letters, in LaTeX, of which a prime makes another letter: \Sigma' in a text that transposes with ^\top.

    Where what is primed stands before another factor, the text may transpose with primes, too; before parentheses it is a
    function that is differentiated.
    """
    formulas = list(formulas)
    if not turns_by_letter(formulas):
        return frozenset()
    found: dict[str, bool] = {}
    for m in (m for f in formulas for m in _PRIMED.finditer(f)):
        found[m["letter"]] = found.get(m["letter"], True) and not m["goes_on"]
    return frozenset(letter for letter, alone in found.items() if alone)


def primed_capital(s: Surface) -> Name | None:
    """The capital letter that has a prime, before or behind what stands below it; None where there is none."""
    primed = s.base if isinstance(s, Scripted) and isinstance(s.base, Primed) else s
    if not isinstance(primed, Primed) or primed.count != 1:
        return None
    name = name_of(replace(s, base=primed.base) if isinstance(s, Scripted) else primed.base)
    return name if name is not None and name[0][:1].isupper() else None


def without_objective(latex: str) -> str:
    """What is defined, without the sign that says that it is to be made small or large."""
    return _OBJECTIVE.sub("", latex)


def is_example(latex: str) -> bool:
    """Whether a value is a matrix of numbers."""
    return _EXAMPLE.fullmatch(latex) is not None


def has_numbers(latex: str) -> bool:
    """Whether a formula holds a matrix, or nothing but numbers."""
    return "matrix}" in latex or _IN_NUMBERS.fullmatch(latex) is not None


_NUMBERS = re.compile(
    r"(?:[-+\d.,;\s()\[\]/&{}]|\\(?:begin|end)\{\w*matrix\}|\\(?:left|right|frac|mathbf|boldsymbol|vec|ldots|dots|top|intercal|\\)"
    r"|\^\s*\{?\s*(?:T|\\top|\\intercal|\\mathsf\s*\{?\s*T\s*\}?|\\mathrm\s*\{?\s*T\s*\}?)\s*\}?)+"
)


_AT = re.compile(r"\b(?:at|for|near)\s+(?:(?:the|a)\s+)?(?:points?\s+)?(?:where\s+)?$", re.IGNORECASE)


def is_place(latex: str, before: str) -> bool:
    """Whether numbers are said of a letter as the point at which one looks: "at the point $x = [1, 0]^T$"."""
    return _NUMBERS.fullmatch(latex) is not None and _AT.search(before) is not None


def is_setting(value: Surface) -> bool:
    """Whether a value is a number, which says what a letter is at a point, a list of values, or a range; a matrix is an example."""
    inner = unwrapped(value)
    if isinstance(inner, Fenced) and inner.left in "([" and len(inner.items) > 1:
        return True
    factors = inner.factors if isinstance(inner, Product) and not any(inner.signs) else ()
    kinds = {type(f) for f in factors}
    if Dots in kinds and kinds <= {Dots, Letter, Literal} and isinstance(factors[0], Literal):
        return True  # 1 \dots n, from where to where a letter runs
    return not any(isinstance(p, Grid | Dots) for p in walk(value)) and not any(True for _ in names(value))


def is_tuple(value: Surface) -> bool:
    """Whether a value is a list of letters in parentheses: arguments, whose function has lost its place."""
    return isinstance(value, Fenced) and value.left == "(" and len(value.items) > 1 and all(map(is_letter, value.items))


def is_bars(value: Surface) -> bool:
    """Whether bars stand around a value."""
    return isinstance(value, Fenced) and value.left == "|"


def calls_in(value: Surface) -> Iterator[Called]:
    """The functions in a value, applied."""
    return (p for p in walk(value) if isinstance(p, Called))


def is_first_step(name: Name) -> bool:
    r"""Whether it is \mathbf x^0 or \mathbf x^1, with which an iteration begins: f is known there by its value."""
    return re.search(r"_step[01]$", name[0]) is not None
