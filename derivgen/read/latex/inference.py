"""What is not declared: its kind from its font and its use, its sizes by comparison with the rest of the formula."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from itertools import takewhile
from typing import TYPE_CHECKING

from derivgen.catalog.base import Abstract
from derivgen.catalog.declared import where_text
from derivgen.catalog.formulas import size as size_as_number
from derivgen.errors import NameUnknown
from derivgen.expr import SCALAR, At, Dim, Expr, Shape, Symbol
from derivgen.read.declarations import Declarations, check_name, known_functions
from derivgen.read.latex.commands import REFUSED
from derivgen.read.latex.names import plain_name, sub_text, taken_apart
from derivgen.read.latex.spelling import plain
from derivgen.read.shapes import is_open, nearest
from derivgen.read.surface import Binder, Called, Letter, Literal, Product, Quotient, Scripted, Surface

if TYPE_CHECKING:
    from derivgen.read.latex.elaborate import LatexElaborator

MOST_GUESSES = 60
"""How many names may be left undeclared."""

_COLUMNS = "nkpqrstuv"
_ROWS = "mlpqrstuv"


@dataclass(frozen=True, slots=True)
class Guess:
    """A name that was not declared: how it is spelled, its rank, and what it was written as."""

    name: str
    rank: int
    font: str
    said: str


class Inference:
    """The names of one formula that were not declared."""

    def __init__(self, read: LatexElaborator, root: Surface) -> None:
        self.read = read
        self.root = root
        self.symbols: dict[str, Guess] = {}
        self.functions: dict[str, Abstract] = {}
        self.sizes: dict[str, None] = {}
        self._bold: set[str] | None = None
        self._limits: set[str] = set()
        self._components: set[str] = set()
        self._binders: set[str] = set()
        self._divisors: set[str] = set()

    def begin(self) -> None:
        """The formula is gone through once more; the shapes of functions come from their arguments again."""
        self.functions = {}

    # --- what the formula shows ---

    @property
    def bold(self) -> set[str]:
        """The stems that stand in bold without a subscript."""
        if self._bold is None:
            self._bold = set()
            for s in parts(self.root):
                match s:
                    case Binder(_, name, length):
                        self._binders.add(name)
                        limit = plain_name(length)
                        if limit is not None:
                            self._limits.add(limit)
                    case Called(_, Scripted(_, Letter(_, stem))):
                        self._components.add(stem)
                    case Letter(_, stem, "bold"):
                        self._bold.add(stem)
                    case Quotient(_, _, Letter(_, stem, "")):
                        self._divisors.add(stem)
        return self._bold

    # --- names ---

    def name(self, s: Surface, head: Letter, subs: tuple[Surface, ...]) -> Expr:
        """The expression that an undeclared name is."""
        bold = self.bold
        name = plain_name(s)
        if name in self._limits:
            assert name is not None
            self.size(name)
            return size_as_number(Dim(name))
        if not subs and _is_product(head):
            self.read.note(f"{self.read.said(s)} is read as a product")
            letters = tuple(Letter(head.span, c, head.font) for c in head.stem)
            return self.read.expr(Product(s.span, letters, ("",) * (len(letters) - 1)))
        if head.font == "upright" and head.stem in REFUSED:
            raise self.read.fail(f"{self.read.said(s)}: {REFUSED[head.stem]}", s)
        if not subs:
            return self.whole(s, head)
        words = [sub_text(w) or "" for w in takewhile(_is_word, subs)]  # \hat p_k is an entry of \hat p
        atoms = self.read.atoms(subs[len(words) :])
        named = [plain_name(a) for a in atoms]
        stem = plain(head.stem, tuple(words))
        lower = head.font == "bold" and not head.stem[:1].isupper()
        places = bool(atoms) and all(n is not None and (n in self.read.scope or n in self._binders) for n in named)
        if self.read.free_indices and atoms and not places:
            places = all(isinstance(a, Letter) and len(a.stem) == 1 for a in atoms)
        if places and lower and len(atoms) == 1:
            matrix = plain(head.stem.upper(), tuple(words))
            if matrix in self.read.declarations.names:
                matrix = stem
            return At(self.symbol(matrix, 2, head, s), (self.read.place(atoms[0], self.dim(matrix, 0)),))
        if places and len(atoms) <= 2:
            rank = 2 if len(atoms) == 2 or (stem in self.symbols and self.symbols[stem].rank == 2) else 1
            return self.read.entry((s, self.symbol(stem, rank, head, s)), tuple(self.read.digits(atoms, rank)))
        numbers = bool(atoms) and not words and all(isinstance(a, Literal) for a in atoms)
        if numbers and len(atoms) <= 2 and (head.stem in bold or stem in self.symbols) and head.font != "bold":
            array = self.whole(s, Letter(head.span, head.stem, "bold"))
            if array.shape.rank >= len(atoms):
                return self.read.entry((s, array), tuple(self.read.digits(atoms, array.shape.rank)))
        if name is None or any(sub_text(sub) is None for sub in subs):
            raise self.read.fail(
                f"{self.read.said(s)} is no name that is declared", s, "declare the array in the where text"
            )
        return self.symbol(name, _rank(head), head, s)

    def whole(self, s: Surface, head: Letter) -> Expr:
        name = plain(head.stem)
        known = self.symbols.get(name)
        rank = _rank(head) if known is None else known.rank
        if known is None and head.stem in self._divisors:
            rank = 0
        if known is None and not rank and head.font == "" and head.stem in self.bold:
            raise NameUnknown(f"{head.stem} stands here and in bold, and is not declared", span=s.span, source=self.read.source,
                              hint=f'declare it in the where text, such as "{name} in R^n"; a scalar beside a vector has another letter')  # fmt: skip
        return self.symbol(name, rank, head, s)

    def symbol(self, name: str, rank: int, head: Letter, s: Surface) -> Symbol:
        known = self.symbols.get(name)
        if known is None:
            if len(self.symbols) >= MOST_GUESSES:
                raise self.read.fail(
                    f"more than {MOST_GUESSES} names are not declared", s, "declare them in the where text"
                )
            if name in self.read.declarations.names:
                raise self.read.fail(f"{self.read.said(s)} is written like the declared {name}, but differently", s)
            check_name(name, s.span, self.read.source)
            known = self.symbols[name] = Guess(name, rank, head.font, self.read.said(s))
        return Symbol(name, Shape(tuple(self.dim(name, k) for k in range(known.rank))))

    def dim(self, name: str, axis: int) -> Dim:
        """The length of an axis of an undeclared array, as far as it is known."""
        return self.read.settled(Dim(f"?{name} {axis}"))

    def size(self, name: str) -> Dim:
        """A size that is named in the formula only."""
        if name in self.read.declarations.symbols:
            raise self.read.fail(f"{name} is a variable, not a size", self.root)
        self.sizes[name] = None
        return Dim(name)

    # --- functions ---

    def function(self, head: Letter, name: str, args: tuple[Expr, ...], where: Surface) -> Abstract:
        """An undeclared function: on what it is given, vector-valued where it is bold or has components."""
        if head.stem in REFUSED:
            raise self.read.fail(f"{name}: {REFUSED[head.stem]}", where)
        known = self.functions.get(name)
        domain = tuple(Shape(a.shape.axes) for a in args)
        if known is not None:
            if len(known.domain) != len(domain):
                raise self.read.fail(f"{name} has {len(known.domain)} arguments elsewhere", where)
            for have, got in zip(known.domain, domain, strict=True):
                self.read.same_shape(have, got)
            return known
        near = nearest(name, tuple(sorted(known_functions()))) if len(name) > 3 else None
        if near is not None:
            raise NameUnknown(f"there is no function {name}", span=where.span, source=self.read.source,
                              hint=f'did you mean {near}? A function of your own is declared in the where text, such as "{name}: R^n -> R^m"')  # fmt: skip
        vector = head.stem in self.bold or head.font == "bold" or head.stem in self._components
        codomain = Shape((self.dim(f"{name}()", 0),)) if vector else SCALAR
        pointwise = not vector and not any(d.axes for d in domain)
        made = self.functions[name] = Abstract(name, domain, codomain, pointwise)
        return made

    # --- sizes ---

    def name_sizes(self) -> bool:
        """Give the sizes that are open still a name, the usual one for rows and for columns; whether there are any."""
        taken = {*self.read.declarations.names, *self.symbols, *self.functions, *self.sizes}
        shapes = [
            self.symbol(g.name, g.rank, Letter(self.root.span, g.name), self.root).shape for g in self.symbols.values()
        ]
        shapes += [f.codomain for f in self.functions.values()]
        columns = [s.axes[1] for s in shapes if s.rank == 2]
        rows = [s.axes[0] for s in shapes if s.rank == 2]
        vectors = [s.axes[0] for s in shapes if s.rank == 1]
        named = False
        for dims, letters in ((columns, _COLUMNS), (rows, _ROWS), (vectors, _COLUMNS)):
            for dim in dims:
                dim = self.read.settled(dim)
                if is_open(dim):
                    both = "n" in taken and dim in map(self.read.settled, rows)
                    size = next(
                        c for c in (*(_ROWS if both else letters), *(f"n{k}" for k in range(1, 99))) if c not in taken
                    )
                    taken.add(size)
                    self.read.found[dim] = Dim(size)
                    self.sizes[size] = None
                    named = True
        return named

    def report(self) -> None:
        """Say what was guessed."""
        found = [
            Symbol(g.name, Shape(tuple(self.dim(g.name, k) for k in range(g.rank)))) for g in self.symbols.values()
        ]
        if found:
            self.read.note(f"not declared, so taken from the fonts: {where_text(found)}")
        if self.functions:
            self.read.note(f"not declared, so taken for a function: {where_text((), self.functions.values())}")

    def declared(self) -> Declarations:
        """The declarations with what was guessed."""
        d = self.read.declarations
        symbols = dict(d.symbols)
        for g in self.symbols.values():
            symbols[g.name] = Symbol(g.name, Shape(tuple(self.dim(g.name, k) for k in range(g.rank))))
        sizes = dict.fromkeys((*d.sizes, *self.sizes))
        return replace(d, symbols=symbols, functions={**d.functions, **self.functions}, sizes=tuple(sizes))


def _is_word(s: Surface) -> bool:
    return isinstance(s, Letter) and s.font == "upright" and len(s.stem) > 1


def _is_product(head: Letter) -> bool:
    r"""Whether a word in bold is letters side by side: \mathbf{Xw}."""
    return (
        head.font == "bold"
        and 1 < len(head.stem) < 4
        and head.stem.isalpha()
        and head.stem[0].isupper()
        and not head.stem.isupper()
    )


def _rank(head: Letter) -> int:
    """What a font says: bold lower case a vector, upper case a matrix, anything else a scalar."""
    if head.font == "script" or (head.font == "upright" and len(head.stem) > 1):
        return 0
    if head.stem[:1].isupper():
        return 2
    return 1 if head.font == "bold" else 0


def parts(s: Surface) -> Iterator[Surface]:
    """Every part of a surface tree; a letter in a subscript, or under one, is not passed by itself."""
    todo: list[object] = [s]
    while todo:
        here = todo.pop()
        if isinstance(here, tuple):
            todo.extend(here)
        elif isinstance(here, Surface):
            yield here
            if isinstance(here, Scripted) and taken_apart(here) is not None:
                continue
            if isinstance(here, Called) and isinstance(here.head, Letter | Scripted):
                todo.append(here.args)
                continue
            todo.extend(getattr(here, f.name) for f in fields(here) if f.name not in ("span", "named"))
