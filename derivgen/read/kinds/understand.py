"""What a question means, as far as nothing declares it: letters, sizes and functions become declarations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain

from derivgen.catalog.base import Abstract
from derivgen.catalog.declared import family_of
from derivgen.errors import AmbiguousError, NameUnknown, ParseError
from derivgen.expr import Dim, Index, Shape, Symbol
from derivgen.read.declarations import Declarations, check_name
from derivgen.read.kinds.families import with_families
from derivgen.read.kinds.letters import Letters, Said, Written
from derivgen.read.kinds.meaning import Open
from derivgen.read.kinds.prices import IMPOSSIBLE, ODD
from derivgen.read.kinds.search import MOST_PARTS, Solution, solutions
from derivgen.read.kinds.sizes import Hole, Sign, Sizes, is_open
from derivgen.read.latex.commands import REFUSED
from derivgen.read.latex.spelling import plain
from derivgen.read.reading import Read, Reading, Source
from derivgen.read.wording import exchanged, nearest

MOST_NAMES = 60
"""How many names may be left undeclared."""

_COLUMNS = "nkpqrstuv"
_ROWS = "mlpqrstuv"
_LENGTHS = "NMKPQ"


@dataclass(frozen=True, slots=True)
class Understood:
    """A question of which every name is declared.

    Attributes:
        declarations: what was declared, and what was understood.
        symbols, functions: what was understood, with the way each symbol is written.
        lengths: those that nothing says and that were found.
        chosen: what was chosen about signs: the number of axes of a constant, the product that a ⊗ is, as ``FONTS`` has them,
            and 1 where the second reading of a scope is meant.
        cost: what speaks against it.
    """

    declarations: Declarations
    symbols: Mapping[str, tuple[Symbol, Open]]
    functions: Mapping[str, Abstract]
    lengths: Mapping[Hole, Dim]
    chosen: Mapping[Sign, int]
    cost: float = 0.0

    @property
    def letters(self) -> tuple[Read, ...]:
        """What was understood, and where that is known from."""
        symbols = [Read(symbol, _source(symbol, written)) for symbol, written in self.symbols.values()]
        return (*symbols, *(Read(f, "use") for f in self.functions.values()))


def understand(
    declarations: Declarations,
    formulas: tuple[Written, ...],
    *,
    layout: str = "numerator",
    free_indices: bool = False,
    like: Shape | None = None,
    avoid: frozenset[str] = frozenset(),
    product: str = "hadamard",
    variable: str = "",
) -> Understood:
    """The cheapest reading of formulas that belong together. A size is given no name that an index has, or one to ``avoid``.

    Where they are derived by a letter of its own, this is the ``variable``.

    Raises:
        AmbiguousError: another reading is as likely.
        NameUnknown: a name stands in two fonts, or a function is nearly one that is known.
        ParseError: a name cannot be one, or too many are not declared.
    """
    indexed = with_families(declarations, formulas)
    known = indexed.declarations
    letters = Letters(known, formulas, indexed.indices, free_indices=free_indices, product=product, variable=variable)
    ways_to_read = solutions(letters, formulas, layout, like)
    found = next(ways_to_read)
    _check(known, found)
    understood = _declared(known, found, indexed.indices, avoid)
    other = next(ways_to_read, None) if ODD <= found.cost < IMPOSSIBLE else None
    if other is not None and _differ(found, other):
        ways = (understood, _declared(known, other, indexed.indices, avoid))
        raise AmbiguousError(
            "this can be read in two ways",
            tuple([("; ".join(way.sentences()), way.where) for way in (Reading(u.letters) for u in ways)]),
            source=formulas[-1].source,
        )
    return understood


def readings(
    declarations: Declarations,
    formulas: tuple[Written, ...],
    *,
    layout: str = "numerator",
    product: str = "hadamard",
    said: Said | None = None,
    most: int = MOST_PARTS,
    abstract: bool = False,
) -> Iterator[Understood]:
    """All readings of formulas that belong together that are nearly as cheap as the cheapest, which comes first.

    Indices that nothing binds are free. ``said`` is what a text says of its letters, ``most`` how many parts of trees are
    gone through before every letter that is left is taken for what it looks like. Where it is ``abstract``, a length that
    nothing tells is one of its own.

    Raises:
        NameUnknown: as ``understand``.
        ParseError: as ``understand``.
    """
    indexed = with_families(declarations, formulas)
    known = indexed.declarations
    letters = Letters(known, formulas, indexed.indices, free_indices=True, product=product, said=said)
    for found in solutions(letters, formulas, layout, most=most):
        _check(known, found)
        yield _declared(known, found, indexed.indices, frozenset(), abstract=abstract)


def _differ(one: Solution, other: Solution) -> bool:
    """Whether two readings differ in what a letter is; constants such as 𝟏 mean the same whatever their shape."""
    return any(rank != other.ranks.get(name) for name, rank in one.ranks.items() if isinstance(name, str))


def _check(declarations: Declarations, found: Solution) -> None:
    letters = [letter for letter in found.letters.values() if letter.at is not None]
    for letter in letters:
        assert letter.at is not None
        span, source = letter.at.span, letter.source
        if len(letters) > MOST_NAMES:
            raise ParseError(
                f"more than {MOST_NAMES} names are not declared", source=source, hint="declare them in the where text"
            )
        said = source[span.start : span.end]
        if letter.name in declarations.names:
            raise ParseError(
                f"{said} is written like the declared {letter.name}, but differently", span=span, source=source
            )
        check_name(letter.name, span, source)
        if letter.name in declarations.glossary.constants:
            raise ParseError(
                f"{said} is written like the constant {letter.name}, but differently", span=span, source=source
            )
    for name, (s, source) in found.walk.lengths.items():
        if name in declarations.symbols:
            raise ParseError(f"{name} is a variable, not a size", span=s.span, source=source)
    for name, (called, source) in found.walk.applied_at.items():
        if name in REFUSED:
            raise ParseError(f"{name}: {REFUSED[name]}", span=called.span, source=source)
        near = (nearest if len(name) > 3 else exchanged)(name, declarations.glossary.typed)
        if near is not None and near != name:
            raise NameUnknown(f"there is no function {name}", span=called.span, source=source,
                              hint=f'did you mean {near}? A function of your own is declared in the where text, such as "{name}: R^n -> R^m"')  # fmt: skip


def _declared(
    declarations: Declarations,
    found: Solution,
    indices: frozenset[str],
    avoid: frozenset[str],
    *,
    abstract: bool = False,
) -> Understood:
    walk = found.walk
    sizes = walk.sizes
    named = [name for name in walk.lengths if name not in declarations.sizes]
    arrays = {name: shape for name, shape in walk.shapes.items() if isinstance(name, str)}
    numbers = {name: Shape(()) for name, rank in found.ranks.items() if not rank and isinstance(name, str)}
    taken = {*declarations.names, *arrays, *numbers, *walk.functions, *named, *indices, *avoid}
    families = [s for s in declarations.symbols.values() if any(map(is_open, s.space.axes))]
    shapes = [*arrays.values(), *(f.codomain for f in walk.functions.values())]
    lengths = [axis for s in families for axis in s.space.axes if is_open(axis)]
    lengths += sizes.holes.values() if abstract and found.cost < IMPOSSIBLE else ()
    named += name_sizes(sizes, shapes, taken, lengths)
    symbols = {letter.name: (_symbol(letter, sizes.shape(numbers.get(letter.name) or arrays[letter.name])), letter)
               for letter in found.letters.values() if letter.at is not None}  # fmt: skip
    given = {s.name: replace(s, space=sizes.shape(s.space)) for s in families}
    free = {name: Index(name, dim) for name, at in walk.scope.items()
            if name in indices and not is_open(dim := sizes.settled(at))}  # fmt: skip
    functions = {
        name: replace(f, domain=tuple(map(sizes.shape, f.domain)), codomain=sizes.shape(f.codomain))
        for name, f in walk.functions.items()
    }
    known = replace(
        declarations,
        symbols={**declarations.symbols, **given, **{name: symbol for name, (symbol, _) in symbols.items()}},
        indices={**free, **declarations.indices},
        functions={**declarations.functions, **functions},
        sizes=tuple(dict.fromkeys((*declarations.sizes, *named))),
    )
    chosen = {sign: rank for sign, rank in found.ranks.items() if isinstance(sign, Sign)}
    return Understood(known, symbols, functions, sizes.filled(), chosen | walk.second, found.cost)


def _symbol(letter: Open, shape: Shape) -> Symbol:
    """What a name that is not declared stands for: a letter that is never without its index is a family."""
    symbol = Symbol(letter.name, shape)
    members = len(letter.places)
    if not members or shape.rank <= members or letter.at is None or plain(letter.at.stem) != letter.name:
        return symbol
    return family_of(letter.name, shape.axes[:members], Symbol(letter.name, Shape(shape.axes[members:])))


def name_sizes(sizes: Sizes, shapes: list[Shape], taken: set[str], lengths: list[Dim]) -> list[str]:
    """Give the sizes that are open still a name, the usual one for lengths of families, for rows and for columns."""
    columns = [s.axes[1] for s in shapes if s.rank == 2]
    rows = [s.axes[0] for s in shapes if s.rank == 2]
    others = [s.axes for s in shapes if s.rank not in (0, 2)]
    given: list[str] = []
    for dims, letters in (
        (lengths, _LENGTHS),
        (columns, _COLUMNS),
        (rows, _ROWS),
        (list(chain(*others)), _COLUMNS),
    ):
        for dim in map(sizes.settled, dims):
            if is_open(dim):
                both = "n" in taken and dim in map(sizes.settled, rows)
                usual = chain(_ROWS if both else letters, map("n{}".format, range(1, 99)))
                size = next(c for c in usual if c not in taken)
                taken.add(size)
                sizes.same(dim, Dim(size))
                given.append(size)
    return given


def _source(symbol: Symbol, written: Open) -> Source:
    """Where the kind of a letter is known from: from its use where its font would have said something else."""
    ranks = written.ranks
    if ranks.get(symbol.shape.rank) != min(ranks.values()):
        return "use"
    return "font" if written.font.startswith("bold") else "habit"
