"""Laws that matrices obey of which a text speaks, P P = P or A v = λ v: what holds by one of them is no mistake."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice, permutations, product

from derivgen.catalog.elementwise import absolute
from derivgen.catalog.linear import matmul, transpose
from derivgen.catalog.opaque import eye
from derivgen.expr import (
    MINUS_ONE,
    ONE,
    Add,
    Call,
    Dim,
    Expr,
    Mul,
    Partial,
    Power,
    Shape,
    Symbol,
    symbols,
    walk,
)
from derivgen.notes.judge.court import Outcome
from derivgen.notes.judge.timely import agreement_with
from derivgen.notes.meaning.question import Meant

_BY_SIGN = frozenset({"share", "order"})
"""Laws by which what stands between bars has one sign everywhere: at the points of the other sign nothing is found out."""

MOST = 12
"""How many ways are tried in which letters may obey a law."""

SURE = frozenset({"a matrix is idempotent", "a vector is an eigenvector"})
"""What an author uses who speaks of it: no small edit says otherwise."""

_LAWS: tuple[tuple[str, re.Pattern[str], str], ...] = tuple(
    (name, re.compile(words, re.IGNORECASE), said)
    for name, words, said in (
        ("idempotent", r"\bidempoten|\bproject(?:ion|or)s?\b|幂等|投影", "a matrix is idempotent"),
        (
            "perpendicular",
            r"\bortho(?:gonal|normal)|\bperpendicular|\bright angle|\buncorrelated|正交|垂直|직교",
            "two vectors are orthogonal",
        ),
        ("eigenvector", r"\beigen|\bpropre|\bautoval|特征(?:值|向量)|고유", "a vector is an eigenvector"),
        ("mean", r"\bmeans?\b|\baverages?\b|\bcent(?:er|re)d|均值|평균", "a letter with a bar is a mean"),
        ("share", r"\bconvex|\[0,\s*1\]|凸|볼록", "a number lies between 0 and 1"),
        ("order", r"min|max", "a least and a greatest number are positive"),
    )
)
"""The laws, the words of a text that speaks of them, and what is said where an equality holds by one."""


def law_by_which(text: str, outcome: Outcome, i: int, j: int) -> str:
    """What is so of letters by a law of which the text speaks, where members that differ are equal then; "" where they differ.

    What a law says is put in for the letters, so that it holds of them and nothing else is known: a projection onto one
    direction for a matrix that is idempotent.
    """
    if outcome.status != "refuted":
        return ""
    spoken = [(name, said) for name, words, said in _LAWS if words.search(text)]
    for meant, a, b in outcome.tried(i, j) if spoken else ():
        for name, said in spoken:
            if name == "mean" and _has_mean(_letters(meant, a, b)):
                return said
            ways = islice(_obeyed(name, _letters(meant, a, b)), MOST)
            enough = ("verified", "unchecked") if name in _BY_SIGN else ("verified",)
            if any(agreement_with(meant, a, b, given) in enough for given in ways):
                return said
    return ""


def _letters(meant: Meant, a: Expr, b: Expr) -> list[Symbol]:
    """The letters of two sides and of what they stand for that nothing defines, and by which nothing is differentiated."""
    named = {d.symbol.name for d in meant.definitions}
    by = {name for e in (a, b) for p in walk(e) if isinstance(p, Partial) for name in symbols(p.wrt)}
    found: dict[str, Symbol] = {}
    for e in (a, b, *(d.value for d in meant.definitions)):
        found |= symbols(e)
    return [s for name, s in found.items() if name not in named | by]


def _has_mean(letters: list[Symbol]) -> bool:
    """Whether a number has a bar, and a list of numbers is of the same letter, whose length another letter may say."""
    lists = {s.name for s in letters if s.space.rank == 1}
    return any(not s.space.axes and s.name.endswith("_bar") and s.name.removesuffix("_bar") in lists for s in letters)


def _obeyed(law: str, letters: list[Symbol]) -> Iterator[dict[str, Expr]]:
    """What is put in for letters so that they obey a law."""
    square = [s for s in letters if s.space.rank == 2 and s.space.axes[0] == s.space.axes[1]]
    match law:
        case "idempotent":
            for p in square:
                u, v = _vector("u", p.space.axes[:1]), _vector("v", p.space.axes[:1])
                yield {p.name: _over(_outer(u, v), _dot(u, v))}
                yield {p.name: _over(_outer(u, u), _dot(u, u))}
        case "perpendicular":
            for u, v in permutations([s for s in letters if s.space.rank == 1 and not s.space.row], 2):
                if u.space == v.space:
                    yield {v.name: Add((v, Mul((MINUS_ONE, _over(_dot(u, v), _dot(u, u)), u))))}
        case "share":
            for s in letters:
                if not s.space.axes:
                    part = Call(absolute, (s,))
                    yield {s.name: _over(part, Add((ONE, part)))}
        case "order":
            named = {s.name: s for s in letters if not s.space.axes}
            for name in [n for n in named if n.endswith("_max") and f"{n[:-4]}_min" in named]:
                least, more = (Call(absolute, (Symbol(n),)) for n in ("least_law", "more_law"))
                yield {f"{name[:-4]}_min": least, name: Add((least, more))}
        case _:
            vectors = [s for s in letters if s.space.rank == 1 and not s.space.row]
            numbers = [s for s in letters if not s.space.axes]
            for a, v, number in product(square, vectors, numbers):
                if a.space.axes[:1] == v.space.axes:
                    other = Add((_unit(a.space), Mul((MINUS_ONE, _over(_outer(v, v), _dot(v, v))))))
                    rest = Call(matmul, (Symbol(f"{a.name}_other", a.space), other))
                    yield {a.name: Add((Mul((number, _unit(a.space))), rest))}


def _vector(name: str, axes: tuple[Dim, ...]) -> Symbol:
    return Symbol(f"{name}_law", Shape(axes))


def _outer(u: Expr, v: Expr) -> Expr:
    return Call(matmul, (u, Call(transpose, (v,))))


def _dot(u: Expr, v: Expr) -> Expr:
    return Call(matmul, (Call(transpose, (u,)), v))


def _over(e: Expr, number: Expr) -> Expr:
    return Mul((Power(number, MINUS_ONE), e))


def _unit(space: Shape) -> Expr:
    return Call(eye, (), space.axes[:1])
