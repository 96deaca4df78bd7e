"""Factors of a decomposition, A = QΛQᵀ and X = UDVᵀ: orthogonal and diagonal, though the text may say so nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from derivgen.catalog.linear import matmul
from derivgen.expr import (
    MINUS_ONE,
    Add,
    At,
    Build,
    Call,
    Delta,
    Expr,
    Index,
    Mul,
    Number,
    Partial,
    Power,
    Sum,
    Symbol,
    symbols,
    walk,
)
from derivgen.notes.judge.court import Court
from derivgen.notes.judge.excuses import Excuse
from derivgen.notes.judge.timely import agreement_with
from derivgen.notes.judge.ways import Heard
from derivgen.notes.meaning.context import Context
from derivgen.notes.meaning.question import Meant
from derivgen.notes.meaning.trees import is_letter, name_of
from derivgen.read.declare import declare
from derivgen.read.surface import Group, Letter, Literal, Negated, Primed, Product, Raised, Surface, Transposed

_SPEAKS = re.compile(
    r"\borthogonal|\borthonormal|\brotation|\breflection|\bhouseholder|\bSVD\b|\bsingular values?\b|\beigen[- ]?(?:value )?decompos"
    r"|\bdiagonali[sz]|\bspectral (?:theorem|decomposition)|\bunitary\b|\bQR\b|正交|奇异值|特征分解|特征值分解",
    re.IGNORECASE,
)
"""What a text says that speaks of orthogonal matrices."""

_OUTER = frozenset("EPQRTUVW")
_INNER = frozenset({"Lambda", "Sigma", "Delta", "D", "S"})
"""The letters that authors give to the factors of a decomposition."""

_QR = ([("Q", False), ("R", False)], [("Q", True), ("R", True)])

_SIZE = "decomposed"
"""The name of the one size that all factors have."""


@dataclass(frozen=True, slots=True)
class Factors:
    """The plain names of letters that are orthogonal, and of those that are diagonal."""

    orthogonal: frozenset[str] = frozenset()
    diagonal: frozenset[str] = frozenset()

    @property
    def all(self) -> frozenset[str]:
        """Both of them."""
        return self.orthogonal | self.diagonal


def factors_in(context: Context) -> Factors:
    """The factors of the decompositions that a text writes, by the letters that are usual: of LMRᵀ the outer ones are
    orthogonal, and the middle one is diagonal; of LML⁻¹ only the middle one is; of QR the first is orthogonal."""
    orthogonal: set[str] = set()
    diagonal: set[str] = set()
    for row in context.rows:
        for member, sign in zip(row.statement.members[1:], row.statement.signs, strict=True):
            tree = context.written(member.text, row) if sign in ("=", ":=") else None
            if isinstance(tree, Product) and [name_of(f) for f in tree.factors] in _QR:
                orthogonal.add("Q")
            if (found := _split(tree)) is not None:
                left, middle, right, inverse = found
                orthogonal |= set() if inverse else {left, right}
                diagonal.add(middle)
    return Factors(frozenset(orthogonal), frozenset(diagonal - orthogonal))


def _split(s: Surface | None) -> tuple[str, str, str, bool] | None:
    """The letters of LMRᵀ or LMR⁻¹, and whether it is the second."""
    match s:
        case Product(_, (left, middle, last), ("", "")):
            pass
        case _:
            return None
    match last:
        case Transposed(_, right) | Primed(_, right, 1) | Raised(_, right, Letter(_, "T" | "⊤" | "H" | "*")):
            inverse = False
        case Raised(_, right, Negated(_, Literal(_, value)), _) if value == 1:
            inverse = True
        case _:
            return None
    right = right.inner if isinstance(right, Group) else right
    letters = [name[0] for part in (left, middle, right) if is_letter(part) and (name := name_of(part)) is not None]
    stems = [letter.partition("_")[0] for letter in letters]
    if len(letters) < 3 or not _OUTER.issuperset((stems[0], stems[2])) or stems[1] not in _INNER:
        return None
    return None if inverse and letters[0] != letters[2] else (letters[0], letters[1], letters[2], inverse)


def as_decomposed(heard: Heard, factors: Factors, text: str) -> Excuse | None:
    """What speaks for an author whose equality holds where the factors of a decomposition are what they are; None where it
    holds in no such way. In a text that speaks of orthogonal matrices any square one may be orthogonal."""
    if heard.outcome.status not in ("refuted", "shape"):
        return None
    used = {name for meant in heard.outcome.readings for name in _made_of(meant, heard)}
    if used & factors.all:
        court = _of_one_size(heard.court, used & factors.all)
        outcome = court.compare(heard.i, heard.j)
        if outcome.status == "verified" or any(
            _holds(*tried, heard, factors) for tried in outcome.tried(heard.i, heard.j)
        ):
            return Excuse("hypothesis", _words(factors, used))
    if heard.outcome.status == "refuted" and _SPEAKS.search(text):
        for meant, a, b in heard.outcome.tried(heard.i, heard.j):
            square = frozenset(_squares(meant, heard))
            for some in dict.fromkeys((*(frozenset({name}) for name in sorted(square)), square)):
                if some and _holds(meant, a, b, heard, Factors(some)):
                    return Excuse("hypothesis", _words(Factors(some), set(some)))
    return None


def _words(factors: Factors, used: set[str]) -> str:
    parts = [
        f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} {kind}"
        for kind, of in (("orthogonal", factors.orthogonal), ("diagonal", factors.diagonal))
        if (names := sorted(of & used))
    ]
    return f"it holds where {' and '.join(parts)}"


def _parts(meant: Meant, heard: Heard) -> Iterator[Expr]:
    yield from (e for e in (meant.values[heard.i], meant.values[heard.j]) if isinstance(e, Expr))
    yield from (d.value for d in meant.definitions)


def _made_of(meant: Meant, heard: Heard) -> set[str]:
    return {name for e in _parts(meant, heard) for name in symbols(e)}


def _squares(meant: Meant, heard: Heard) -> Iterator[str]:
    """The square matrices of which nothing is declared, and by which nothing is differentiated."""
    named = {d.symbol.name for d in meant.definitions} | _varied(meant, heard)
    for e in _parts(meant, heard):
        for name, s in symbols(e).items():
            if s.space.rank == 2 and s.space.axes[0] == s.space.axes[1] and not s.traits and name not in named:
                yield name


def _varied(meant: Meant, heard: Heard) -> set[str]:
    return {n for e in _parts(meant, heard) for p in walk(e) if isinstance(p, Partial) for n in symbols(p.wrt)}


def _of_one_size(court: Court, names: set[str]) -> Court:
    """The same members, where the factors are square and of one size."""
    scope = court.scope
    known = declare("; ".join(f"{name} in R^({_SIZE}*{_SIZE})" for name in sorted(names)))
    declared = replace(
        scope.declared,
        symbols={**scope.declared.symbols, **known.symbols},
        sizes=(*(size for size in scope.declared.sizes if size not in names), *known.sizes),
    )
    said = {name: ranks for name, ranks in scope.said.items() if name[0] not in names}
    return court.of(scope=replace(scope, declared=declared, said=said))


def _holds(meant: Meant, a: Expr, b: Expr, heard: Heard, factors: Factors) -> bool:
    """Whether the sides are equal with orthogonal and diagonal matrices in place of these letters."""
    varied = _varied(meant, heard)
    given: dict[str, Expr] = {}
    for e in _parts(meant, heard):
        for name, s in symbols(e).items():
            if s.space.rank == 2 and s.space.axes[0] == s.space.axes[1] and not s.traits and name not in varied:
                if name in factors.orthogonal:
                    given[name] = _turning(s)
                elif name in factors.diagonal:
                    given[name] = Symbol(name, s.space, ("diagonal", "symmetric"))
    return bool(given) and agreement_with(meant, a, b, given) == "verified"


def _turning(s: Symbol) -> Expr:
    """An orthogonal matrix that is made of the entries of a letter: two reflections, by its first column and its first row."""
    i, j, k = (Index(f"{name}_", s.space.axes[0]) for name in "ijk")
    return Call(matmul, (_reflection(At(s, (i, 0)), At(s, (j, 0)), At(s, (k, 0)), (i, j, k)),
                         _reflection(At(s, (0, i)), At(s, (0, j)), At(s, (0, k)), (i, j, k))))  # fmt: skip


def _reflection(one: Expr, other: Expr, each: Expr, places: tuple[Index, Index, Index]) -> Expr:
    i, j, k = places
    square = Power(Sum(k, Power(each, Number(Fraction(2)))), MINUS_ONE)
    return Build((i, j), Add((Delta(i, j), Mul((Number(Fraction(-2)), one, other, square)))))
