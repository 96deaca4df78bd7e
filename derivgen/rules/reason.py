"""Why a step holds, in a sentence about its own terms: a law says it with letters, a step with what stands there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Any

from derivgen.expr import SCALAR, Dim, Expr, Index, Number, Pair, Place, Position, Size, Symbol
from derivgen.expr.text import text

Term = Expr | Place | Dim | str | tuple[Expr, ...]
Terms = Mapping[str, Term | None]
"""What stands in the places of a sentence, by the letter that the law has there: ``{"u": e.base}`` for {u}."""

_PLACE = re.compile(r"\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})+)\}")
_MARKS = re.compile(rf"\$[^$]*\$|{_PLACE.pattern}|(?P<mark>[][|])")
"""The signs between wordings, and what such a sign may stand in without that meaning."""


@dataclass(frozen=True, slots=True)
class Either:
    """A part of a sentence with several wordings: the first is said whose terms all fit into a line, or the last."""

    ways: tuple[tuple[str | Expr, ...], ...]

    def of(self, change: Callable[[Expr], Expr]) -> Either:
        """The same about other terms."""
        return Either(tuple([tuple([p if isinstance(p, str) else change(p) for p in way]) for way in self.ways]))

    def clause(self) -> Either:
        """The same with a small letter where it begins."""
        return Either(tuple([_small(way) for way in self.ways]))


def _terms(parts: tuple[str | Expr, ...]) -> tuple[Expr, ...]:
    terms: list[Expr] = []
    for part in parts:
        match part:
            case str():
                pass
            case _:
                terms += (part,)
    return tuple(terms)


def _small(parts: tuple[str | Expr, ...]) -> tuple[str | Expr, ...]:
    match parts:
        case (str() as first, *rest):
            return (first[:1].lower() + first[1:], *rest)
        case _:
            return parts


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence in parts: words, in which mathematics stands between dollar signs as LaTeX, terms of the step, and
    what is said in one of two ways, as the terms in it are short or long."""

    parts: tuple[str | Expr | Either, ...] = ()

    @property
    def whole(self) -> tuple[str | Expr, ...]:
        """Its words and terms, all of them."""
        whole: list[str | Expr] = []
        for part in self.parts:
            match part:
                case Either(ways):
                    whole += ways[0]
                case _:
                    whole += (part,)
        return tuple(whole)

    @property
    def terms(self) -> tuple[Expr, ...]:
        """The terms of its step that it names."""
        return _terms(self.whole)

    @property
    def first(self) -> Reason:
        """Its first sentence."""
        for k, part in enumerate(self.parts):
            if isinstance(part, str) and ". " in part:
                return Reason((*self.parts[:k], part[: part.index(". ") + 1]))
        return self

    @property
    def at_once(self) -> Reason:
        """Its sentences as one, with semicolons between them."""
        first = self.first
        rest = Reason(self.parts[len(first.parts) - 1 :]) if first is not self else Reason()
        if not rest.parts:
            return self
        cut = str(rest.parts[0])
        rest = (
            Reason((cut[cut.index(". ") + 2 :], *rest.parts[1:]))
            if cut[cut.index(". ") + 2 :]
            else Reason(rest.parts[1:])
        )
        return first.also(rest.at_once)

    @property
    def words(self) -> tuple[str, ...]:
        """The sentence without its terms."""
        return tuple([p for p in self.whole if isinstance(p, str)])

    def said(self, formula: Callable[[Expr], str]) -> str:
        """The sentence, whole, with ``formula`` to write its terms."""
        return "".join([p if isinstance(p, str) else formula(p) for p in self.whole])

    def of(self, change: Callable[[Expr], Expr]) -> Reason:
        """The same sentence about other terms."""
        return Reason(
            tuple(
                [p if isinstance(p, str) else p.of(change) if isinstance(p, Either) else change(p) for p in self.parts]
            )
        )

    def __add__(self, other: Reason) -> Reason:
        """Both sentences; one that is said already is not repeated."""
        if not other.parts or self.holds(other):
            return self
        return Reason(_joined([*self.parts, " ", *other.parts])) if self.parts else other

    def going_on(self, other: Reason) -> Reason:
        """One sentence, of which the other is the rest."""
        return Reason(_joined([*self.parts, *other.parts]))

    def also(self, other: Reason) -> Reason:
        """This reason with another behind a semicolon: a thing besides, and no thought of its own."""
        match (self.parts[-1:], other.parts[:1]):
            case ((str() as last,), (str() as first,)) if last.endswith("."):
                clause = first[:1].lower() + first[1:]
                return Reason(_joined([*self.parts[:-1], last[:-1], "; ", clause, *other.parts[1:]]))
            case ((str() as last,), (Expr(),)) if last.endswith("."):
                return Reason(_joined([*self.parts[:-1], last[:-1], "; ", *other.parts]))
            case ((str() as last,), (Either() as first,)) if last.endswith("."):
                return Reason(_joined([*self.parts[:-1], last[:-1], "; ", first.clause(), *other.parts[1:]]))
            case _:
                return self + other

    def besides(self, other: Reason) -> Reason:
        """This reason with another, as a sentence of its own where this one has only one, else behind a semicolon."""
        return self + other if self.first == self else self.also(other)

    def holds(self, other: Reason) -> bool:
        """Whether the sentence is a part of this one."""
        return {*other.terms} <= {*self.terms} and str(other) in str(self)

    def __str__(self) -> str:
        return self.said(text)

    def __bool__(self) -> bool:
        return bool(self.parts)


STAND_IN = "stand-in"
"""The trait of a letter that a sentence has for a part of a formula, and that nothing else knows."""


def stand_in(name: str) -> Symbol:
    """A letter for use within one sentence; where the document has that letter for something else it gets another."""
    return Symbol(name, SCALAR, (STAND_IN,))


def worded(sentence: str | Reason) -> Reason:
    """Words that name nothing."""
    return sentence if isinstance(sentence, Reason) else Reason((sentence,) if sentence else ())


def in_letters(sentence: str) -> str:
    """The sentence of a law, in the letters in which the law is stated."""
    return "".join([f"${part}$" if is_place else part for is_place, part in _whole(sentence)])


def places_of(sentence: str) -> tuple[str, ...]:
    """The letters for which a sentence has places."""
    return tuple(dict.fromkeys([part for is_place, part in _whole(sentence) if is_place]))


def _whole(sentence: str) -> Iterator[tuple[bool, str]]:
    """The pieces of a sentence as it is where every term fits."""
    return (piece for ways in _ways(sentence) for piece in ways[0])


@lru_cache(maxsize=1024)
def _ways(sentence: str) -> tuple[tuple[tuple[tuple[bool, str], ...], ...], ...]:
    """The sentence in parts, of each its wordings, and of each wording its pieces."""
    parts: list[list[str]] = []
    start, marks = 0, [found.start() for found in _MARKS.finditer(sentence) if found["mark"]]
    while "[" in (signs := [sentence[k] for k in marks]) and "]" in signs:
        opens, closes = marks[signs.index("[")], marks[signs.index("]")]
        between = [k for k in marks if opens < k < closes]
        if between:  # else they are brackets
            cuts = [opens, *between, closes]
            parts += [[sentence[start:opens]], [sentence[j + 1 : k] for j, k in pairwise(cuts)]]
            start = closes + 1
        marks = [k for k in marks if k > closes]
    parts.append([sentence[start:]])
    return tuple([tuple([_pieces(way) for way in ways]) for ways in parts if ways != [""]])


@lru_cache(maxsize=1024)
def _pieces(sentence: str) -> tuple[tuple[bool, str], ...]:
    """The sentence in parts, each a place or words; within mathematics there are no places."""
    found: list[tuple[bool, str]] = []
    for k, part in enumerate(sentence.split("$")):
        found += [(False, f"${part}$")] if k % 2 else [(n % 2 == 1, p) for n, p in enumerate(_PLACE.split(part)) if p]
    return tuple(found)


def filled(sentence: str, terms: Terms) -> Reason:
    """The sentence with terms in its places; a place for which there is none keeps its letter.

    Of ``[one|another]`` that is said whose terms all fit into a line, or the last.
    """
    parts: list[str | Expr | Either] = []
    for ways in _ways(sentence):
        put = [_put(way, terms) for way in ways]
        parts += put[0] if len(put) == 1 else [Either(tuple(map(tuple, put)))]
    return Reason(_joined(parts))


def _put(pieces: tuple[tuple[bool, str], ...], terms: Terms) -> list[str | Expr]:
    parts: list[str | Expr] = []
    for is_place, part in pieces:
        if not is_place:
            parts.append(part)
            continue
        put = terms.get(part)
        parts += [f"${part}$"] if put is None else _in_words(put)
    return parts


def _in_words(term: Term) -> list[str | Expr]:
    match term:
        case tuple():
            return listing(term)
        case Index():
            return [Position(term)]
        case Dim():
            return [Size(term)]
        case Pair(outer, inner):
            return ["(", *_in_words(outer), ", ", *_in_words(inner), ")"]
        case int():
            return [Number(Fraction(term + 1))]
        case _:
            return [term]


def listing(terms: Iterable[Expr]) -> list[str | Expr]:
    """Terms as a sentence lists them: a, b and c."""
    found = list(dict.fromkeys(terms))
    parts: list[str | Expr] = []
    for k, term in enumerate(found):
        parts += [] if not k else [" and " if k == len(found) - 1 else ", "]
        parts.append(term)
    return parts


def _joined(parts: Sequence[str | Expr | Either]) -> tuple[str | Expr | Either, ...]:
    """Words that stand together as one part."""
    found: list[str | Expr | Either] = []
    words = ""  # those that the next ones go on from
    for part in parts:
        if isinstance(part, str):
            words += part
            continue
        if words:
            found.append(words)
            words = ""
        found.append(part)
    return (*found, words) if words else tuple(found)


Telling = Callable[[Any, Any], Terms | Reason | None]
"""From a node and what became of it: what stands in the places of the sentence, another sentence, or None."""
