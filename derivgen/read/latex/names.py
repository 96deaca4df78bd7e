"""Names as LaTeX writes them, a letter with subscripts in a font, and the plain names that they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache

from derivgen.catalog.base import Abstract
from derivgen.catalog.letters import GREEK, Spelling, spell, spellings
from derivgen.read.declarations import Declarations
from derivgen.read.latex.spelling import plain
from derivgen.read.surface import Infix, Letter, Literal, Negated, Product, Scripted, Surface

FUNCTION_LETTERS = frozenset("fghFGφψ")
"""Letters that name a function where nothing is declared and parentheses follow."""


def sub_text(s: Surface) -> str | None:
    """A subscript as part of a name: digits, a letter, or letters side by side as a word."""
    match s:
        case Literal(_, value) if value.denominator == 1:
            return str(value)
        case Letter(_, stem):
            return stem
        case Negated(_, Literal() as number):  # \mu_{-1} of the class −1
            return f"minus{sub_text(number)}"
        case Infix(_, "+" | "-" as sign, Letter() as left, Literal() as right):
            return f"{sub_text(left)}{'plus' if sign == '+' else 'minus'}{sub_text(right)}"
        case Product(_, factors, signs) if not any(signs):
            parts = [sub_text(f) for f in factors]
            return None if None in parts else "".join(p for p in parts if p)
        case _:
            return None


def taken_apart(s: Surface) -> tuple[Letter, tuple[Surface, ...]] | None:
    """The letter of a name and all its subscripts, None where ``s`` is no name."""
    if type(s) is Letter:
        return s, ()
    subs: tuple[Surface, ...] = ()
    while isinstance(s, Scripted):
        subs = (*s.subs, *subs)
        s = s.base
    return (s, subs) if isinstance(s, Letter) else None


def spelling(stem: str, subs: tuple[Surface, ...]) -> Spelling | None:
    """The spelling that a name has in the source, None where a subscript is no part of a name."""
    if not subs:
        return Spelling(stem)
    texts = [sub_text(s) for s in subs]
    return None if None in texts else Spelling(stem, tuple(_normal(t) for t in texts if t))


def _normal(sub: str) -> str:
    return GREEK.get(sub, sub)


def plain_name(s: Surface) -> str | None:
    """The plain name that a letter with subscripts has, None where it is no name."""
    found = taken_apart(s)
    if found is None:
        return None
    spelled = spelling(found[0].stem, found[1])
    return None if spelled is None else plain(spelled.stem, spelled.subs)


def is_function_name(lexicon: Lexicon, s: Surface) -> bool:
    """Whether a letter, whatever stands below it, is that of a function."""
    head = taken_apart(s)
    if head is None:
        return False
    name = lexicon.find(Spelling(head[0].stem))
    return name in lexicon.declarations.functions if name is not None else head[0].stem in FUNCTION_LETTERS


class Lexicon:
    """What is declared, by its spelling in mathematics; letters that are ``called`` are functions of which no more is said.

    Letters that are ``spelled`` side by side are a word of the text.
    """

    def __init__(
        self,
        declarations: Declarations,
        called: frozenset[str] = frozenset(),
        spelled: frozenset[str] = frozenset(),
    ) -> None:
        self.declarations = declarations
        self.called = called
        self.spelled = spelled

    @cached_property
    def _spelled(self) -> tuple[Mapping[Spelling, str], frozenset[str]]:
        declared = self.declarations
        ranks = [(name, s.shape.rank) for name, s in declared.symbols.items()]
        ranks += [(name, f.codomain.rank) for name, f in declared.functions.items()]
        return _spelled(tuple(ranks), (*declared.user_functions, *declared.indices, *declared.sizes))

    @property
    def stems(self) -> frozenset[str]:
        """The letters that the names begin with."""
        return self._spelled[1]

    def find(self, spelled: Spelling | None) -> str | None:
        """The declared name that is spelled so."""
        return None if spelled is None else self._spelled[0].get(spelled)

    def knows(self, stem: str) -> bool:
        """Whether a declared name has this stem, whatever its subscripts."""
        return stem in self.stems

    def is_length(self, stem: str) -> bool:
        """Whether a letter is known as a length, and as nothing else."""
        declared = self.declarations
        others = (*declared.symbols, *declared.functions, *declared.user_functions, *declared.indices)
        return stem in declared.sizes and not any(name.partition("_")[0] == stem for name in others)

    def behind_differential(self, stem: str, *, under: bool) -> tuple[str, ...]:
        """The kinds of token that may follow a d for it to be the sign of a derivative, ``under`` the line of a fraction or over it.

        In a text about ℝᵈ it is that still in d/dx and d/d(1 + x), but d(d + 1)/2 and dn/d are fractions there.
        """
        if self.is_length(stem):
            brackets = ("open", "opening", "left")
            return ("letter", "command", *brackets) if under else ("letter", "command", "close", "script", *brackets)
        if self.knows(stem):
            return ()
        return ("letter", "close", "script", "command", "open", "opening", "left", "bar")

    def declared_function(self, stem: str) -> str | None:
        """The name of the function that a word is declared as."""
        name = self.find(Spelling(stem))
        return name if name in self.declarations.functions or name in self.declarations.user_functions else None

    def function_of(
        self, s: Surface, subs: tuple[Surface, ...] | None = None
    ) -> tuple[Abstract, tuple[Surface, ...]] | None:
        """The declared function that a name is, and what below it says which component is meant."""
        head, below = (s, subs) if subs is not None else taken_apart(s) or (None, ())
        if isinstance(head, Letter):
            for own in range(len(below), -1, -1):
                op = self.declarations.functions.get(self.find(spelling(head.stem, below[:own])) or "")
                if op is not None:
                    return op, below[own:]
        return None

    def is_function(self, head: Letter, subs: tuple[Surface, ...], *, several: bool, lone: bool) -> bool:
        """Whether a name before parentheses is a function.

        Where nothing declares it, it is taken for one if ``several`` arguments stand in these, or a ``lone`` letter:
        nobody puts parentheses around that in a product.
        """
        functions = {**self.declarations.functions, **self.declarations.user_functions}
        for spelled in (spelling(head.stem, subs), Spelling(head.stem)):
            name = self.find(spelled)
            if name is not None:
                return name in functions
        if several or lone or (head.font == "upright" and len(head.stem) > 1):
            return head.stem not in ("0", "1")
        return head.stem in FUNCTION_LETTERS or head.stem in self.called


@lru_cache(maxsize=64)
def _spelled(
    ranks: tuple[tuple[str, int], ...], others: tuple[str, ...]
) -> tuple[Mapping[Spelling, str], frozenset[str]]:
    """Names by their spelling, given the ranks of what some of them name; and the letters that they begin with."""
    names: dict[Spelling, str] = {}
    for name, spelled in spellings(dict(ranks)).items():
        names.setdefault(_key(spelled), name)
    for name in others:
        names.setdefault(_key(spell(name)), name)
    for name in dict(ranks):  # \bar x_1 is no entry of x, however it is printed
        own = spell(name)
        if own.subs and len(own.subs[0]) > 1 and not own.subs[0].isdigit():
            names.setdefault(_key(own), name)
    for name in (*dict(ranks), *others):  # a word spelled out
        names.setdefault(Spelling(name), name)
    return names, frozenset([s.stem for s in names])


def _key(spelled: Spelling) -> Spelling:
    return Spelling(spelled.stem, tuple([_normal(s) for s in spelled.subs])) if spelled.subs else spelled
