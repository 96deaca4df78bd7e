"""What is known at a place of a text: its rows, what letters stand for there, and of which kind they are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from derivgen.catalog.base import Abstract
from derivgen.expr import Dim, Shape, Symbol, product_dim
from derivgen.notes.meaning.rows import Statement
from derivgen.notes.meaning.trees import Name
from derivgen.notes.sources.sections import Path, is_within
from derivgen.notes.sources.source import Formula
from derivgen.read.declarations import Declarations
from derivgen.read.kinds.letters import Said
from derivgen.read.kinds.prices import Ranks


@dataclass(frozen=True, slots=True)
class Row:
    """A statement at its place.

    Attributes:
        number: counts the statements of a text, ``piece`` its pieces.
        path: what it stands under: headings, theorems, examples, proofs; ``section`` the headings alone.
        named: whether a word of the prose is its left side: "the mean $= 2$".
        behind: the same with the theorem or the example that ended before it.
    """

    number: int
    piece: int
    formula: Formula
    statement: Statement
    path: Path
    behind: Path
    section: Path
    named: bool = False

    def is_under(self, path: Path) -> bool:
        """Whether what is said under ``path`` holds here."""
        return is_within(path, self.path) or is_within(path, self.behind)


_LISTED = re.compile(r"([A-Za-z])\s*=\s*[^=$]{0,60}?\1\s*\^\s*\{?\s*[(\[]\s*1")


@lru_cache(maxsize=8)
def listed_letters(text: str) -> frozenset[str]:
    r"""Letters that stand for the array of the members that are written with them, as in y = [y^{(1)}, \ldots]."""
    return frozenset(_LISTED.findall(text))


def with_length(known: Declarations, size: str, other: str) -> Declarations:
    """What is declared, with another name for one of its sizes."""

    def space(shape: Shape) -> Shape:
        factors = [[other if f == size else f for f in dim.factors] for dim in shape.axes]
        return replace(shape, axes=tuple([product_dim([Dim(f) for f in of]) for of in factors]))

    return replace(
        known,
        symbols={name: replace(s, space=space(s.space)) for name, s in known.symbols.items()},
        functions={
            name: replace(f, domain=tuple(map(space, f.domain)), codomain=space(f.codomain))
            for name, f in known.functions.items()
        },
        sizes=tuple([other if one == size else one for one in known.sizes]),
    )


ONE_PASSAGE = 2
"""How many formulas apart what is said of one letter belongs together."""


@dataclass(slots=True)
class Kind:
    """A letter with what was said of it, at a place; ``laid_out`` where all entries of a matrix are written out there.

    ``anew``: whether any such letter is meant, whatever it stood for before.
    """

    row_piece: int
    path: tuple[int, ...]
    name: Name
    ranks: Ranks
    traits: tuple[str, ...] = ()
    square: bool = False
    symbol: Symbol | Abstract | None = None
    sizes: tuple[str, ...] = ()
    laid_out: bool = False
    anew: bool = False

    def says_again(self, known: Symbol | None) -> bool:
        """Whether it is said of a letter whose sizes are known, and goes with these."""
        if self.symbol is not None or self.anew or known is None or self.ranks.get(known.space.rank) != 0:
            return False
        return not (self.square or self.traits) or len(set(known.space.axes)) == 1

    def is_beside(self, other: Kind) -> bool:
        """Whether both stand in one passage: let K be symmetric, K in R^(n*n)."""
        return self.path == other.path and abs(self.row_piece - other.row_piece) <= ONE_PASSAGE


def kinds_for(row: Row, kinds: Sequence[Kind], *, wide: bool) -> list[Kind]:
    """What is said of letters where a statement stands, the weakest first: in other sections if ``wide``, behind, before."""

    def strength(kind: Kind) -> tuple[int, int]:
        own = row.is_under(kind.path)
        before = kind.row_piece <= row.piece
        near = abs(kind.row_piece - row.piece) if not before else 0
        return (2 if own and before else 1 if own else 0, kind.row_piece if before else -near)

    found = [k for k in kinds if row.is_under(k.path) or (wide and k.row_piece <= row.piece)]
    return sorted(found, key=strength)


@dataclass(frozen=True, slots=True)
class Defined:
    """What a letter or a function stands for.

    Attributes:
        name: the letter.
        latex: its value, as written.
        row: where it is said.
        side: which member of the chain the value is.
        params: of a function, the letters that are its arguments.
        index: of a letter given by its entries, the index, or both of them.
        stem: the name without what stands below it.
        recurs: whether a member of a sequence is given by another one of it.
    """

    name: Name
    latex: str
    row: Row
    side: int
    params: tuple[Name, ...] = ()
    index: str = ""
    stem: str = ""
    recurs: bool = False


@dataclass(frozen=True, slots=True)
class Unread:
    """A letter, or a function, that is given a meaning which is not read: an integral, an expectation, words."""

    name: Name
    latex: str
    row: Row


def defined_before(row: Row, definitions: Mapping[Name, list[Defined]]) -> dict[Name, Defined]:
    """What letters that a statement defines stood for in front of it."""
    return {d.name: e for several in definitions.values() for d in several if d.row is row
            for e in several if e.row.number < row.number and row.is_under(e.row.path)}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scope:
    """What is known at a place.

    Attributes:
        declared: letters with their sizes.
        said: letters of which the kind is known only.
        traits: what else is said of letters.
        definitions: what letters and functions stand for.
        given: letters with their sizes as the header has them, whatever the text says.
        spectral: whether the norm of a matrix is its largest singular value; ``entrywise`` whether nothing speaks of that
            or of another norm, so that one with a 2 may be that of its entries.
        rows: whether a matrix with one index is its row as it lies, and not set upright.
        called: letters that are said to be functions.
        primed: letters that have a prime where another one is meant: "let A' = …".
        listed: letters that stand for an array of members that are written with them: "y = [y^{(1)}, …]".
        labelled: what is a part of a name where it stands above a letter: a sign alone, and letters.
        laid_out: matrices of which all entries are written out, each by its small letter.
        spelled: words of the text that are all capitals, which are no products of letters.
        steps: what is said of the members of sequences, where these are to be written out; nothing where they are not.
        unread: letters of which the meaning is not read, with that meaning: they stand for themselves, and are not any.
    """

    declared: Declarations
    said: Said
    traits: dict[str, tuple[str, ...]]
    square: frozenset[str]
    definitions: dict[Name, Defined]
    given: Declarations
    spectral: bool = False
    entrywise: bool = False
    rows: bool = False
    called: frozenset[str] = frozenset()
    primed: frozenset[Name] = frozenset()
    listed: frozenset[str] = frozenset()
    laid_out: frozenset[Name] = frozenset()
    steps: tuple[Defined, ...] = ()
    labelled: frozenset[str] = frozenset()
    spelled: frozenset[str] = frozenset()
    unread: dict[Name, str] = field(default_factory=dict)
