"""How long and how wide the words of an author say that letters are: "an $n \\times k$ matrix", "of length $m$"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from derivgen.deadline import refusals
from derivgen.notes.meaning.natures import LIST, ONE
from derivgen.notes.meaning.prose import BEFORE, IS, SHORT, Words
from derivgen.notes.meaning.scope import Kind
from derivgen.notes.meaning.trees import is_letter, name_of
from derivgen.notes.sources.source import Formula
from derivgen.read.declare import declare
from derivgen.read.surface import Surface

_BETWEEN = r"(?:\s*(?:×|x|by|times)\s*|-by-)"
_MEASURE = rf"(?P<measure>{ONE}(?:{_BETWEEN}{ONE})?)"
_WORD = r"(?:size|shape|length|dimensions?|order|format)"

_BESIDE = re.compile(
    rf"(?P<letters>{LIST})\s*,?\s*(?:is|are|be|being|has|have|with)\s+(?:an?\s+|the\s+|of\s+)?(?:{_WORD}\s+)?{_MEASURE}(?![-\w×⟦])"
)
r"""β is $k \times 1$, and β has length k."""

_IN_PARENTHESES = re.compile(rf"(?P<letters>{ONE})\s*\(\s*(?:of\s+)?(?:{_WORD}\s+)?{_MEASURE}\s*\)")

_BEHIND = re.compile(
    rf"\s*,?\s*(?:of|with|whose)\s+(?:{_WORD}\s+(?:is\s+)?)?{_MEASURE}(?![-\w×⟦])(?P<what>\s+(?:entries|components|elements|coordinates|rows)\b)?"
)
"""A vector of length n, a vector with n entries."""

_LINES = re.compile(rf"\s*,?\s*with\s+(?P<rows>{ONE})\s+rows\s+and\s+(?P<columns>{ONE})\s+columns\b")

_IN_FRONT = re.compile(rf"{_MEASURE}(?:-|\s)?(?P<word>dimensional|dimension|vector|matri)?")

_SIDES = re.compile(r"\\times|×")
_SIDE = re.compile(r"\d+|[A-Za-w](?:_\w|_\{\w+\})?")
"""A length: no x, y or z, of which $2 \times x$ is a multiple."""


def sized(words: Words, tree: Callable[[str], Surface | None], paths: Mapping[int, tuple[int, ...]]) -> Iterator[Kind]:
    """Letters with the sizes that the words of a text give them."""
    for text, pieces in words.marked:
        for letters, lengths in _measured(text, pieces):
            for number in map(int, re.findall(r"⟦(\d+)⟧", letters)):
                if number in pieces:
                    for part in pieces[number].latex.split(","):
                        yield from _kind(number, paths.get(number, ()), part, lengths, tree)


def _measured(text: str, pieces: Mapping[int, Formula]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Marks of letters, with the lengths along their axes."""
    for pattern in (BEFORE, IS, SHORT):
        for m in pattern.finditer(text):
            if m["function"] or m["noun"].lower().rstrip("s").endswith(("number", "scalar", "constant")):
                continue
            axes = 1 if "vector" in m["noun"].lower() else 2
            lengths = _in_front(m["adjectives"], pieces) or _behind(text, m.end(), pieces)
            if len(lengths) == axes or (axes == 1 and lengths[1:] == ("1",)):
                yield m["letters"], lengths
    for pattern in (_BESIDE, _IN_PARENTHESES):
        for m in pattern.finditer(text):
            lengths = _lengths(m["measure"], pieces)
            if len(lengths) == 2 or (pattern is _BESIDE and "length" in m[0][len(m["letters"]) :]):
                yield m["letters"], lengths


def _in_front(adjectives: str, pieces: Mapping[int, Formula]) -> tuple[str, ...]:
    m = _IN_FRONT.search(adjectives)
    return _lengths(m["measure"], pieces) if m is not None else ()


def _behind(text: str, at: int, pieces: Mapping[int, Formula]) -> tuple[str, ...]:
    if (lines := _LINES.match(text, at)) is not None:
        return (*_lengths(lines["rows"], pieces), *_lengths(lines["columns"], pieces))
    m = _BEHIND.match(text, at)
    if m is None or not (m["what"] or re.search(_WORD, m[0])):
        return ()
    return _lengths(m["measure"], pieces)


def _lengths(marks: str, pieces: Mapping[int, Formula]) -> tuple[str, ...]:
    """The lengths that formulas in a row say: one formula may hold both, or each its own."""
    found = [pieces[int(k)].latex for k in re.findall(r"⟦(\d+)⟧", marks) if int(k) in pieces]
    return tuple([side.strip() for latex in found for side in _SIDES.split(latex)])


def _kind(
    piece: int, path: tuple[int, ...], latex: str, lengths: tuple[str, ...], tree: Callable[[str], Surface | None]
) -> Iterator[Kind]:
    """A letter with its lengths; nothing where it is none, or they are none that are read."""
    s = tree(latex)
    name = name_of(s) if s is not None and is_letter(s) else None
    if name is None or not all(map(_SIDE.fullmatch, lengths)):
        return
    with refusals():
        found = declare(latex + r" \in \mathbb{R}^{" + r" \times ".join(lengths) + "}")
        symbol = found.symbols.get(name[0])
        if symbol is not None and not (name[1] and (symbol.space.rank == 2) == name[0][:1].islower()):
            yield Kind(piece, path, name, {symbol.space.rank: 0}, symbol=symbol, sizes=found.sizes)
