"""What a letter with its subscripts is: a constant, an index, what is declared, an entry, or a name still to be understood."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from derivgen.catalog.base import Constant
from derivgen.catalog.letters import GREEK, Spelling
from derivgen.errors import NameUnknown
from derivgen.expr import Symbol
from derivgen.read.declarations import Declarations
from derivgen.read.kinds.meaning import ByItsSize, Defined, Dependent, Meaning, Numeral, Open, Several, Variable
from derivgen.read.kinds.prices import Ranks
from derivgen.read.kinds.usual import is_letter_e
from derivgen.read.latex.commands import REFUSED
from derivgen.read.latex.names import Lexicon, plain_name, spelling, sub_text, taken_apart
from derivgen.read.latex.spelling import plain
from derivgen.read.surface import (
    Binder,
    Called,
    Chain,
    Infix,
    Letter,
    Literal,
    Name,
    Product,
    Scripted,
    Surface,
    inside,
    ungrouped,
    walk,
)

_INDICES = frozenset("ijklmnpqrstT′")
"""Upright letters that may be indices, or a transpose; any other, as in w_{\\mathrm h}, is a label."""

_COUNTING = frozenset("ijklmnpqrst")
"""Letters that are indices even where they stand alone beside: (-1)^{i+j} M_{ij}."""

_LENGTHS = frozenset("mnpqrdkNMKDP")
"""Letters that say how long 𝟏 is, where they stand alone below it and are no index."""

LOSSES = frozenset("LJCEN")
BESIDE_PI = "pi_"
"""The name that π with an index has: the letter alone stays the number."""

_SMALL_GREEK = frozenset(sign for name, sign in GREEK.items() if name.islower())
_NO_INDEX = _SMALL_GREEK | frozenset("cefghowxyz")  # where nothing binds it: W_f and b_o of gates, W_h


@dataclass(frozen=True, slots=True)
class Written:
    """One formula of a question: its source, its surface tree with all parts of it, and the name that it defines, if it does."""

    source: str
    tree: Surface
    name: str = ""
    parts: tuple[Surface, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", tuple(parts(self.tree)))


Said = Mapping[tuple[str, bool], Ranks]
"""What a text says of its letters, by plain name and whether it is bold: what each number of axes costs."""


def font_of(head: Letter) -> str:
    """The kind of letter, as ``FONTS`` has it."""
    first = head.stem[:1]
    if head.font == "script":
        return "script"
    if head.font == "bold":
        return "bold capital" if first.isupper() else "bold small"
    if head.font in ("upright", "words", "operator") and len(head.stem) > 1:
        return "word"
    if first in _SMALL_GREEK:
        return "greek"
    if first.isupper():
        return "loss" if head.stem in LOSSES else "capital"
    return "small"


def _is_parameter(s: Surface) -> bool:
    r"""Whether what stands below a function is what it depends on, \theta of h_\theta, or a word, and no component."""
    return isinstance(s, Letter) and (s.stem in _SMALL_GREEK or is_word(s))


class Letters:
    """The names of a question.

    Attributes:
        bound: its indices: those that a part of it binds, and those that stand beside them.
        settled: whether all is understood, so that only what is declared is a size.
        variable: the letter by which is derived: it is one of its own.
    """

    def __init__(
        self,
        declarations: Declarations,
        formulas: tuple[Written, ...],
        indices: frozenset[str] = frozenset(),
        *,
        free_indices: bool = False,
        product: str = "hadamard",
        settled: bool = False,
        said: Said | None = None,
        variable: str = "",
    ) -> None:
        self.declarations = declarations
        self.variable = variable
        self.said: Said = said or {}
        self.product = product
        self.defined = frozenset(formula.name for formula in formulas if formula.name)
        self.source = ""  # of the formula that is gone through
        self.lexicon = Lexicon(declarations)
        self.functions = {*declarations.functions, *declarations.user_functions}
        self.free_indices = free_indices
        self.settled = settled
        bound: set[str] = {*declarations.indices, *indices}
        self.bound: Container[str] = bound
        self.limits: set[str] = set()
        self.summed: set[str] = set()  # indices that something binds
        self.bare: set[str] = set()  # stems that stand without a subscript
        self.bold: set[str] = set()  # those of them in bold
        self.components: set[str] = set()  # functions with components: f_i(x), or whose value has a bold name
        self.numbered: set[str] = set()  # stems with a number from 1 below them
        self.labelled: set[str] = set()  # stems with a label that counts on: x^{(k+1)}
        if free_indices:
            bound |= {a.stem for formula in formulas for part in formula.parts if isinstance(part, Scripted)
                      for a in atoms(part.subs) if isinstance(a, Letter) and a.stem in ("i", "j")}  # fmt: skip
        self._set: dict[str, Letter] = {}
        self._met: dict[int, tuple[Surface, str | None, Meaning]] = {}
        for formula in formulas:
            for part in formula.parts:
                match part:
                    case Binder(_, name, length):
                        bound.add(name)
                        self.summed.add(name)
                        limit = plain_name(length)
                        if limit is not None:
                            self.limits.add(limit)
                    case Called(_, Scripted(_, Letter(_, stem), subs), _) if not any(map(_is_parameter, atoms(subs))):
                        self.components.add(stem)
                    case Scripted(_, Letter(_, stem), subs) if any(isinstance(a, Infix) for a in atoms(subs)):
                        self.labelled.add(stem)
                    case Scripted(_, Letter(_, stem), subs) if any(
                        isinstance(a, Literal) and a.value for a in atoms(subs)
                    ):
                        self.numbered.add(stem)
                    case Letter(_, stem, font):
                        self.bare.add(stem)
                        if font == "bold":
                            self.bold.add(stem)
        parts_of = (part for formula in formulas for part in formula.parts)
        self.is_letter_e = "e" in self.bare and is_letter_e(parts_of, self.lexicon, self.said)
        for formula in formulas:  # \mathbf y = f(\mathbf x)
            match ungrouped(formula.tree):
                case Called(_, Letter(_, stem), _) if formula.name in self.bold and formula.name.islower():
                    self.components.add(stem)

    def meaning(self, s: Surface) -> tuple[str | None, Meaning]:
        """The plain name, and what it is; None for what is no name at all."""
        met = self._met.get(id(s))
        if met is None:
            met = s, plain_name(s), self.look_up(s)  # the part is kept, so that no other has its identity
            self._met[id(s)] = met
        return met[1:]

    def look_up(self, s: Surface) -> Meaning:
        """What a letter with its subscripts stands for; None where nothing is known."""
        if isinstance(s, Name):
            return self._named(s.name)
        found = taken_apart(s)
        if found is None:
            return None
        head, subs = found
        constant = self._constant(head, subs)
        if constant is not None:
            return constant
        spelled = spelling(head.stem, subs)
        name = None if spelled is None else plain(spelled.stem, spelled.subs)
        if name is not None and (name in self.bound or name in self.limits):
            return Numeral("index", name)
        given = self.lexicon.find(spelled)
        if given in self.defined:
            return Defined(given)
        if given is not None and (given != BESIDE_PI or subs or head.font == "bold"):
            return self._declared(given)
        if subs:
            entry = None if self._is_label(head, subs) else self._entry(head, subs)
            if entry is not None:
                return entry
        elif head.stem == "π":
            return Numeral("constant", "pi")
        elif head.stem == "e" and head.font in ("", "upright") and not self.is_letter_e:
            return Numeral("e")
        elif len(head.stem) > 1 and head.font != "words" and all(self.lexicon.find(Spelling(c)) for c in head.stem):
            letters = tuple(Letter(head.span, c, head.font) for c in head.stem)  # \mathbf{Xw}
            return Several(Product(s.span, letters, ("",) * (len(letters) - 1)))
        if head.font == "words" or "_" in head.stem or (head.font == "upright" and head.stem in REFUSED):
            return None
        if any(
            not is_word(sub) and self.lexicon.find(spelling(head.stem, subs[:k])) in self.functions
            for k, sub in enumerate(subs)
        ):
            return None  # a component of a function that stands without its arguments
        return self._undeclared(head, subs)

    def _named(self, name: str) -> Meaning:
        """A name in text."""
        if name in self.bound:
            return Numeral("index", name)
        declared = self._declared(name)
        op = self.declarations.glossary.constants.get(name)
        if declared is not None or op is None or name in self.functions:
            return declared
        return ByItsSize(name) if isinstance(op, Constant) else Numeral("constant", name)

    def _declared(self, name: str) -> Meaning:
        symbol = self.declarations.symbols.get(name)
        if symbol is not None:
            return Variable(symbol)
        if name in self.declarations.sizes:
            return Numeral("size", name)
        if name in self.declarations.depends:
            return Dependent(name)
        return Numeral("index", name) if name in self.declarations.indices else None

    def _constant(self, head: Letter, subs: tuple[Surface, ...]) -> Meaning:
        r"""𝟏, 𝟎, I, 𝐞_i and K_{mn}, and 𝟏_{x > 0}."""
        stem, font = head.stem, head.font
        if stem == "e" and font == "bold" and len(atoms(subs)) == 1 and not self.lexicon.knows("e"):
            return ByItsSize("unit", subs)
        op = self.declarations.glossary.letters.get(stem)
        if not isinstance(op, Constant) or (font != "upright" and self.lexicon.knows(stem)):
            return None
        if op.axes is not None:  # of as many sizes as it has axes
            sizes = [plain_name(a) for a in atoms(subs)]
            of_sizes = len(sizes) == op.rank and all(size in self.declarations.sizes for size in sizes)
            return ByItsSize(op.name, tuple(atoms(subs))) if of_sizes else None
        if op.name == "ones" and len(subs) == 1 and isinstance(subs[0], Chain):
            return Numeral("indicator", below=subs)
        return ByItsSize(op.name, subs)

    def sizes_below(self, subs: tuple[Surface, ...]) -> list[Surface] | None:
        """A subscript as sizes: n, 3, m × n, and mn where m and n are sizes; None where it holds places."""
        parts: list[Surface] = []
        for s in subs:
            crossed = isinstance(s, Product) and set(s.signs) == {"×"}
            parts += s.factors if isinstance(s, Product) and crossed else [s]
        for p in parts:
            if isinstance(p, Literal):
                continue
            lone = len(parts) == 1 and isinstance(p, Letter) and p.stem in _LENGTHS  # \mathbf 1_n
            one_of_two = len(parts) == 2 and isinstance(p, Letter) and (p.font == "upright" or p.stem in _LENGTHS)
            must_be_known = self.free_indices and not (lone or crossed or one_of_two)
            must_be_known |= self.settled and isinstance(p, Product)
            for name in map(plain_name, atoms((p,))):
                known = name in self.declarations.sizes
                if name is None or name in self.bound or (must_be_known and not known):
                    return None
        return parts

    def _entry(self, head: Letter, subs: tuple[Surface, ...]) -> Meaning:
        """Places of a declared array: of a row of one, of δ, which is Kronecker's."""
        row = head.font == "bold"  # \mathbf x_{12} is row 12, X_{12} an entry
        best: Variable | None = None
        for k in range(len(subs) - 1, -1, -1):
            places = atoms(subs[k:])
            if any(map(is_word, places)):
                break
            name = self.lexicon.find(spelling(head.stem, subs[:k]))
            if (
                name is None and len(places) == 1 and (row or self._may_be_row(head, places))
            ):  # \mathbf x_i is row i of X
                name = self.lexicon.find(spelling(head.stem.upper(), subs[:k]))
                symbol = self.declarations.symbols.get(name or "")
                if symbol is None or symbol.shape.rank != 2:
                    continue
            if name in self.defined:
                return Defined(name, tuple(places))
            symbol = self.declarations.symbols.get(name or "")
            if symbol is not None and symbol.shape.axes:
                given = tuple(places if row else digits(places, symbol.shape.rank))
                if best is None or len(given) == symbol.shape.rank:
                    best = Variable(symbol, given)
        if best is None and head.stem == "δ" and len(both := tuple(atoms(subs))) == 2 and not any(map(is_word, subs)):
            return Numeral("delta", below=both)
        return best

    def _may_be_row(self, head: Letter, places: Sequence[Surface]) -> bool:
        return self.settled and not self.free_indices and len(head.stem) == 1 and plain_name(places[0]) in self.bound

    def matrix_of(self, letter: Open) -> Symbol | None:
        """The declared matrix of which a letter with an index may be a row, as x_i of X."""
        if self.free_indices or letter.at is None or letter.name != letter.at.stem or len(letter.places) != 1:
            return None
        symbol = self.declarations.symbols.get(letter.name.upper())
        named = letter.name.islower() and letter.name != self.variable and plain_name(letter.places[0]) in self.bound
        return symbol if named and symbol is not None and symbol.shape.rank == 2 else None

    def _is_label(self, head: Letter, subs: tuple[Surface, ...]) -> bool:
        """Whether what stands below a letter of a text is part of its name: a size, or an index that counts on elsewhere."""
        if not self.free_indices:
            return False
        places = [plain_name(a) for a in atoms(subs)]
        if head.stem in self.labelled:
            return not any(name in self.summed for name in places)
        lasts = self.limits - self.summed  # b_t beside a product up to t
        return bool(places) and all(name in self.declarations.sizes or name in lasts for name in places)

    def _undeclared(self, head: Letter, subs: tuple[Surface, ...]) -> Meaning:
        font = font_of(head)
        if not subs:
            name = plain(head.stem)
            before = self._set.setdefault(name, head)
            if before.font != head.font and "bold" in (before.font, head.font):
                raise NameUnknown(
                    f"{head.stem} stands here and in bold, and is not declared", span=head.span, source=self.source,
                    hint=f'declare it in the where text, such as "{name} in R^n"; a scalar beside a vector has another letter',
                )  # fmt: skip
            return self._open(name, font, (), head)
        words = [sub_text(w) or "" for w in takewhile(is_word, subs)]  # \hat p_k is an entry of \hat p
        stem = plain(head.stem, tuple(words))
        places = atoms(subs[len(words) :])
        named = [plain_name(a) for a in places]
        indexed = bool(places) and all(n is not None and n in self.bound for n in named)
        if self._is_label(head, subs):
            indexed = False
        elif self.free_indices and places and not indexed:
            indexed = all(isinstance(a, Letter) and len(a.stem) == 1 for a in places)
            indexed &= len(places) > 1 or not isinstance(places[0], Letter) or places[0].stem not in _NO_INDEX
            # \mu_\xi beside a variable \xi is a letter of its own; i and j stand alone as numbers, too
            indexed &= not any(name in self.bare and a.stem not in _COUNTING for name, a in zip(named, places, strict=True)
                               if isinstance(a, Letter))  # fmt: skip
        if indexed and stem in self.declarations.glossary.constants:
            stem = f"{stem}_"
        if indexed and len(places) <= 2:
            if font == "bold small" and len(places) == 1:  # \mathbf x_i is row i of X
                matrix = plain(head.stem.upper(), tuple(words))
                stem = stem if "Α" <= matrix <= "Ω" or matrix in self.declarations.names else matrix  # Μ is no M
            return self._open(stem, font, tuple(places), head)
        numbers = (
            bool(places)
            and not words
            and head.stem not in self.labelled
            and all(isinstance(a, Literal) for a in places)
            and (head.stem in self.numbered or any(isinstance(a, Literal) and a.value for a in places))  # x_0 beside x
        )
        one_of_several = head.font == "bold" and not (
            font == "bold capital" and len(places) == 2
        )  # \mathbf x_1, not X_{12}
        if numbers and len(places) <= 2 and head.stem in self.bare and not one_of_several:
            return self._open(stem, font, tuple(places), head)
        whole = plain_name(Scripted(head.span, head, subs))
        return None if whole is None else self._open(whole, font, (), head)

    def _open(self, name: str, font: str, places: tuple[Surface, ...], head: Letter) -> Open:
        bold = head.font == "bold" and not (places and head.stem.islower() and name.isupper())
        return Open(name, font, places, head, self.source, said=self.said.get((name, bold)))


def atoms(subs: tuple[Surface, ...]) -> list[Surface]:
    """The places that subscripts hold: those without commas between them stand side by side."""
    found: list[Surface] = []
    for s in subs:
        found += s.factors if isinstance(s, Product) and not any(s.signs) else [s]
    return found


def digits(places: list[Surface], rank: int) -> list[Surface]:
    """X_{12} is at places 1 and 2 of a matrix, x_{12} at place 12 of a vector; the digits are parted."""
    match places:
        case [Literal(span, value)] if rank == 2 and 10 < value < 100 and value.denominator == 1:
            return [Literal(span, type(value)(d)) for d in str(value)]
        case _:
            return places


def is_word(s: Surface) -> bool:
    """Whether a subscript is a word, which is part of a name."""
    return isinstance(s, Letter) and s.font == "upright" and (len(s.stem) > 1 or s.stem not in _INDICES)


def parts(s: Surface) -> Iterator[Surface]:
    """Every part of a surface tree; a letter with subscripts is one part, and so is the name of a function."""
    return walk(s, _within)


def _within(s: Surface) -> object:
    match s:
        case Scripted() if taken_apart(s) is not None:
            return ()
        case Called(head=Letter() | Scripted()):
            return s.args
        case _:
            return inside(s)
