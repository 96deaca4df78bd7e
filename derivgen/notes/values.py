"""What the value of a name shows of it: an example in numbers, a setting, a list of arguments."""

from __future__ import annotations

import re
from collections.abc import Iterator

from derivgen.notes.trees import is_letter, names, unwrapped
from derivgen.read.surface import Called, Dots, Fenced, Grid, Surface, walk

_EXAMPLE = re.compile(r"\s*\\begin\{\w*matrix\}[-\d.,\s&\\/]*\\end\{\w*matrix\}\s*")
_IN_NUMBERS = re.compile(r"(?:[-+\d.\s(){}/]|\\(?:cdot|times|frac|sqrt)\b)+")


def is_example(latex: str) -> bool:
    """Whether a value is a matrix of numbers."""
    return _EXAMPLE.fullmatch(latex) is not None


def has_numbers(latex: str) -> bool:
    """Whether a formula holds a matrix, or nothing but numbers."""
    return "matrix}" in latex or _IN_NUMBERS.fullmatch(latex) is not None


def is_setting(value: Surface) -> bool:
    """Whether a value is a number, which says what a letter is at a point, or a list of values; a matrix is an example."""
    inner = unwrapped(value)
    if isinstance(inner, Fenced) and inner.left in "([" and len(inner.items) > 1:
        return True
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
