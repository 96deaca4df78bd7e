"""How names are spelled: letters, Greek, subscripts, fonts, so that within a document no letter means two things."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from derivgen.catalog.base import Abstract, Operation
from derivgen.catalog.elementwise import less_equal
from derivgen.catalog.letters import GREEK, Spelling, spell, spellings
from derivgen.expr import Dim, Expr, Index, Pair, Place, Symbol, symbols
from derivgen.show.layout.box import COMMA, Box, Fence, Font, Letter, Num, Sign, listed, row, scripted


class Names:
    """The spellings of the variables and functions of a document."""

    __slots__ = ("_of", "taken")

    def __init__(self, variables: Iterable[Symbol], functions: Iterable[Abstract] = ()) -> None:
        ranks = {s.name: s.shape.rank for s in variables}
        ranks |= {f.name: len(f.codomain.axes) for f in functions}
        self._of = spellings(ranks)
        self.taken = frozenset(s.stem for s in self._of.values())

    def __getitem__(self, name: str) -> Spelling:
        return self._of.get(name) or spell(name)

    def row_of(self, name: str) -> Spelling | None:
        """The spelling of a row of the matrix ``name``: its lower-case letter, or None where that means something."""
        spelling = self[name]
        low = Spelling(spelling.stem.lower(), spelling.subs)
        others = (s for n, s in self._of.items() if n != name)
        return None if any(s.stem == low.stem for s in others) else low


@lru_cache(maxsize=64)
def _names(variables: tuple[Symbol, ...], functions: tuple[Abstract, ...]) -> Names:
    return Names(variables, functions)


def names_for(e: Expr | None, variables: tuple[Symbol, ...], functions: tuple[Abstract, ...]) -> Names:
    """The spellings for an expression in a document with these variables and functions."""
    own = tuple(symbols(e).values()) if e is not None else ()
    known = {s.name for s in variables}
    return _names((*variables, *(s for s in own if s.name not in known)), functions)


# --- boxes ---------------------------------------------------------------------------------------------------------


def _stem(stem: str, font: Font) -> Box:
    if font == "italic" and len(stem) > 1:
        return Letter(stem, "upright")
    return Letter(stem, font)


def _sub(sub: str) -> Box:
    if sub.isdigit() and sub.isascii():
        return Num(sub)
    return _stem(GREEK.get(sub, sub), "italic")


@lru_cache(maxsize=256)
def named(spelling: Spelling, font: Font = "italic", places: tuple[Box, ...] = ()) -> Box:
    """A name as a box, with the places of an entry after its own subscripts."""
    subs = [_sub(s) for s in spelling.subs]
    if places:
        subs.append(joined(places))
    base = _stem(spelling.stem, font)
    return scripted(base, sub=listed(subs)) if subs else base


def joined(places: tuple[Box, ...]) -> Box:
    """The places of an entry: side by side where each is one letter or digit, else with commas."""
    short = all(
        (isinstance(p, Num) and len(p.digits) == 1) or (isinstance(p, Letter) and len(p.text) == 1) for p in places
    )
    return row(*places) if short else listed(list(places))


@lru_cache(maxsize=256)
def place(p: Place) -> Box:
    """A place as printed: an index by its letter, a number counted from 1."""
    if isinstance(p, int):
        return Num(str(p + 1))
    if isinstance(p, Pair):
        return Fence(joined((place(p.outer), place(p.inner))))
    if p.name.isdigit():
        return Num(p.name)
    return named(spell(p.name))


def places(ps: tuple[Place, ...]) -> tuple[Box, ...]:
    """The places at which an array is read, as boxes."""
    return tuple([place(p) for p in ps])


@lru_cache(maxsize=256)
def dim(d: Dim) -> Box:
    """A length as printed."""
    boxes: list[Box] = [Num(str(f)) if isinstance(f, int) else named(spell(f)) for f in d.factors]
    return boxes[0] if len(boxes) == 1 else row(*boxes)


def ranges(indices: tuple[Index, ...]) -> Box:
    """Indices with how far they run, where nothing else says it: i ≤ m, j ≤ n."""
    return listed([row(place(i), sign_of(less_equal), dim(i.dim)) for i in indices])


def sign_of(op: Operation) -> Sign:
    """The sign of an operation that stands between two."""
    return Sign(op.notation.unicode, "infix", op.notation.latex)


def colon(ps: tuple[Place, ...]) -> Box:
    """The places of a row of a matrix: i, :"""
    return row(*places(ps), COMMA, Letter(":"))


def last_place(d: Dim) -> Index:
    """The last place along an axis: an index that prints as the length itself."""
    return Index(str(d), d)
