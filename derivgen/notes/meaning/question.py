"""The members of a chain read together, with all that their letters stand for and depend on: what a judge compares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from derivgen.catalog.base import Abstract
from derivgen.catalog.declared import member_of
from derivgen.catalog.held import Held
from derivgen.catalog.linear import matmul, transpose
from derivgen.deadline import TooLong
from derivgen.errors import DerivgenError, ParseError
from derivgen.expr import SCALAR, Add, Call, Definition, Expr, Shape, Symbol, symbols
from derivgen.expr import walk as expressions
from derivgen.notes.meaning.gathered import Gathered
from derivgen.notes.meaning.trees import (
    Name,
    base_of,
    is_letter,
    mentioned,
    names,
    tabulated,
    unwrapped,
)
from derivgen.notes.meaning.unheld import unheld
from derivgen.options import Layout
from derivgen.read.calculus import ALONG
from derivgen.read.context import Circumstances
from derivgen.read.declarations import Declarations
from derivgen.read.held import held_in
from derivgen.read.kinds.letters import Written
from derivgen.read.kinds.understand import Understood, readings
from derivgen.read.latex.customary import customary
from derivgen.read.latex.desugar import desugared
from derivgen.read.latex.dots import letters
from derivgen.read.latex.formula import elaborated
from derivgen.read.reading import Choice
from derivgen.read.surface import Differential, Surface, walk

MOST_PARTS = 4_000
"""How many parts of trees are gone through for one reading of a chain."""

MOST_UNTOLD = 3
"""How many names may stand for themselves in a chain because their definitions are not read; of the last of these the error is told."""

STRETCHED = 4.0
"""How much dearer a reading may be for the sake of an equation than the cheapest reading of its sides apart."""


@dataclass(frozen=True, slots=True)
class Meant:
    """A chain in one reading.

    Attributes:
        values: of each member, what it is, or why it is nothing.
        definitions: what names stand for, abstract dependence included.
        abstract: the letters of which it is only known what they depend on.
        understood: letters, sizes, choices.
        layout: of derivatives.
        apart: whether the members were read without being made to fit each other.
        cost: what speaks against it.
        choices: what signs were taken for.
        held: what a member is in which something is held abstract, by its number; its value is why it is not judged as others.
        untold: why a definition is not read, where its name stands for itself.
        broken: the name of which the definition makes no sense, where that keeps all members from being read.
    """

    values: tuple[Expr | DerivgenError, ...]
    definitions: tuple[Definition, ...]
    abstract: frozenset[str]
    understood: Understood
    layout: Layout
    apart: bool
    cost: float
    choices: tuple[Choice, ...] = ()
    held: Mapping[int, Expr] = field(default_factory=dict)
    untold: DerivgenError | None = None
    broken: str = ""

    @property
    def bold_numbers(self) -> tuple[str, ...]:
        """The letters in bold capitals that are numbers in this reading, though nothing says so."""
        return tuple([symbol.name for symbol, letter in self.understood.symbols.values()
                      if not symbol.space.axes and letter.font == "bold capital" and not (letter.places or letter.said)])  # fmt: skip

    @property
    def against_font(self) -> tuple[str, ...]:
        """The letters in bold that are not what their font says in this reading: no vectors if small, numbers if capitals."""
        return tuple([symbol.name for symbol, letter in self.understood.symbols.values() if not letter.said
                      and ((letter.font == "bold small" and symbol.space.rank != 1)
                           or (letter.font == "bold capital" and not symbol.space.axes))])  # fmt: skip


class Question(Gathered):
    """A chain whose readings can be asked for."""

    def read(self, latexes: Sequence[str], without: frozenset[Name]) -> None:
        """Take in the members. Dots that make no sense in one of them say nothing of the others."""
        super().read(latexes, without)
        names = frozenset(self._declared().names)
        for side in self.sides:
            if side.tree is not None:
                try:
                    desugared(side.tree, self.source, names)
                except TooLong:
                    raise
                except DerivgenError as error:
                    side.tree, side.error = None, error
        for name, (defined, tree) in list(self.needed.items()):
            if "dots" in defined.latex or "…" in defined.latex or "..." in defined.latex:
                try:
                    desugared(tree, self.source, names)
                except TooLong:
                    raise
                except DerivgenError:  # what it stands for is not said in a way that is read: it stands for itself
                    del self.needed[name]
                    self.unread[name] = defined.latex

    # --- readings ---

    def meant(self, layout: Layout, product: str, *, most: int = 2, hints: bool = True) -> Iterator[Meant]:
        """The readings of the chain, the cheapest first; then, where its members do not fit each other, each by itself.

        A name of which the definition makes no sense in this layout stands for itself.
        """
        needed, self.untold = dict(self.needed), None
        for _ in range(MOST_UNTOLD):
            ways = list(self._ways(layout, product, most=most, hints=hints))
            broken = [name for name in self.needed if ways and all(name[0] == way.broken for way in ways)]
            if not broken:
                break
            self.untold = next((v for v in ways[0].values if isinstance(v, DerivgenError)), None)
            self.needed = {name: entry for name, entry in self.needed.items() if name not in broken}
        self.needed = needed
        yield from ways

    def _ways(self, layout: Layout, product: str, *, most: int, hints: bool) -> Iterator[Meant]:
        joint = self._understood(layout, product, together=True, most=most, hints=hints)
        apart: list[Understood] = []
        fitting = [u for u in joint if u.cost <= STRETCHED]
        if len(fitting) < max(len(joint), 1):
            apart = self._understood(layout, product, together=False, most=1, hints=hints)
            cheapest = apart[0].cost if apart else 0.0
            fitting = [u for u in joint if u.cost <= cheapest + STRETCHED]
        for understood in fitting:
            yield self._elaborated(understood, layout, apart=False)
        if not fitting:
            for understood in apart:
                yield self._elaborated(understood, layout, apart=True)

    def formulas(self, *, together: bool) -> tuple[Written, ...]:
        """What is to be read: places, definitions, then the sides, each of a kind by itself unless ``together``."""
        given = [Written(self.source, tree, name) for name, tree in self._ordered().items()]
        for k, side in enumerate(self.sides):
            if side.tree is not None:
                given.append(Written(self.source, side.tree, "" if together else f"member_{k}"))
        names = frozenset(self._declared().names)
        if "dots" in self.source or "…" in self.source or "..." in self.source:
            names |= letters(tuple([f.tree for f in given]))  # the index of one list is no length of another
        return tuple([replace(f, tree=desugared(f.tree, self.source, names)) for f in given])

    def _ordered(self) -> dict[str, Surface]:
        """What is at places, and what definitions say, each behind what it needs."""
        trees = dict(self.places) | {name[0]: tabulated(tree, d.index) for name, (d, tree) in self.needed.items()}
        found: dict[str, Surface] = {}
        met: set[str] = set()

        def put(name: str) -> None:
            if name in met or name not in trees:
                return
            met.add(name)
            for other, _ in mentioned(trees[name], self.scope.definitions):
                put(other)
            found[name] = trees[name]

        for name in trees:
            put(name)
        return found

    def _understood(self, layout: Layout, product: str, *, together: bool, most: int, hints: bool) -> list[Understood]:
        declared = self._declared()
        for name in (*(stem for stem, _ in self.places), *(name for name, _ in self.needed)):
            declared = declared.with_definition(Symbol(name))  # that it is a name is known so far
        said = self.said if hints else {}
        try:
            return list(
                islice(
                    readings(
                        declared,
                        self.formulas(together=together),
                        layout=layout,
                        product=product,
                        said=said,
                        most=MOST_PARTS,
                        abstract=together,
                    ),
                    most,
                )
            )
        except TooLong:
            raise
        except DerivgenError as error:
            for side in self.sides:
                side.error = side.error or (error if side.tree is not None and len(self.sides) == 1 else None)
            self.failure = error
            return []

    failure: DerivgenError | None = None
    untold: DerivgenError | None = None

    def _declared(self) -> Declarations:
        """What was declared, without letters that the question names itself, and those in another font."""
        taken = {name for name, _ in self.needed} | {stem for stem, _ in self.places}
        known = self.scope.declared
        kept = {name: s for name, s in known.symbols.items() if not taken & {name, *(member_of(name) or ())[:1]}}
        functions = {name: f for name, f in known.functions.items() if name not in taken}
        return replace(known, symbols=kept, functions=functions)

    def _elaborated(self, understood: Understood, layout: Layout, *, apart: bool) -> Meant:
        declarations = self._with_traits(understood.declarations)
        given = self._declared()
        definitions: list[Definition] = []
        choices: dict[Choice, None] = dict.fromkeys(customary(self.source, self.macros))
        values: list[Expr | DerivgenError] = []
        kept: dict[int, Expr] = {}
        unjudged: Held | None = None  # what is held abstract in a definition
        members = iter(self.sides)
        formulas = self.formulas(together=not apart)
        named = len(self.places) + len(self.needed)
        known = {f.name for f in formulas[:named]}
        declarations = replace(declarations, symbols={n: s for n, s in declarations.symbols.items() if n not in known})
        of = Circumstances(latex=True, free_indices=True, layout=layout, given=given)
        applied: dict[str, tuple[Expr, ...]] = {}
        for number, formula in enumerate(formulas):
            here = replace(of, number=number)
            if number < named:
                try:
                    e, taken = elaborated(formula, declarations, understood, replace(here, holds=True))
                except TooLong:
                    raise
                except DerivgenError as error:
                    errors = tuple([error for _ in self.sides])
                    return Meant(
                        errors, (), frozenset(), understood, layout, apart, understood.cost, broken=formula.name
                    )
                choices |= dict.fromkeys(taken)
                symbol = Symbol(formula.name, e.shape)
                value: Expr | None = e
                if (op := held_in(e)) is not None:
                    unjudged, value = op, unheld(e, entrywise=self.scope.entrywise)
                if value is not None:
                    definitions.append(Definition(symbol, value))
                declarations = declarations.with_definition(symbol)
                continue
            side = next(members)
            while side.tree is None:
                assert side.error is not None
                values.append(side.error)
                side = next(members)
            try:
                e, taken = elaborated(
                    formula, declarations, understood, replace(here, applied=dict(applied), holds=True)
                )
            except TooLong:
                raise
            except DerivgenError as error:
                values.append(error)
                continue
            choices |= dict.fromkeys(taken)
            held = held_in(e) or unjudged
            if held is not None:
                kept[len(values)] = e
                values.append(ParseError(held.said, hint=held.hint or None))
                continue
            values.append(e)
            applied.update(_applications(e))
        for side in members:
            assert side.error is not None
            values.append(side.error)
        abstract = self._abstract(declarations, [*values, *kept.values()], definitions)
        return Meant(tuple(values), tuple(definitions), frozenset(abstract), understood, layout, apart, understood.cost,
                     tuple(choices), kept, self.untold)  # fmt: skip

    def _with_traits(self, declarations: Declarations) -> Declarations:
        changed_symbols = {}
        for name, s in declarations.symbols.items():
            traits = self.scope.traits.get(name, ())
            if traits and not s.traits and s.space.rank == 2 and s.space.axes[0] == s.space.axes[1]:
                s = Symbol(s.name, s.space, traits)
            changed_symbols[name] = s
        return replace(declarations, symbols=changed_symbols)

    def _abstract(
        self, declarations: Declarations, values: list[Expr | DerivgenError], definitions: list[Definition]
    ) -> set[str]:
        """Add what is only known to depend on something, and on the way of a differential."""
        found: set[str] = set()
        occurring: dict[str, Symbol] = {}
        for e in (*values, *(d.value for d in definitions)):
            if isinstance(e, Expr):
                occurring.update(symbols(e))
        done = {d.symbol.name for d in definitions}
        for (name, _), others in self.reduced().items():
            symbol = occurring.get(name) or declarations.symbols.get(name)
            args = [occurring.get(o) or declarations.symbols.get(o) for o, _ in others]
            known = [a for a in args if a is not None]
            if symbol is None or not known or name in done:
                continue
            domain = tuple(Shape(a.space.axes) for a in known)
            function = Abstract(f"{name}()", domain, Shape(symbol.space.axes))
            value: Expr = Call(function, tuple(known))
            if value.shape != symbol.space:
                continue
            definitions.append(Definition(symbol, _of_its_kind(value, symbol)))
            found.add(name)
            done.add(name)
            for a in known:
                occurring.setdefault(a.name, a)
        if self.differentials and any(isinstance(p, Differential) for t in self.trees() for p in walk(t)):
            self._vary(occurring, done, definitions)
        return found

    def _vary(self, occurring: dict[str, Symbol], done: set[str], definitions: list[Definition]) -> None:
        """Letters of which the differential stands somewhere change along the way; if none does, all of them do, or what they are made of."""
        own: set[str] = set()
        under: set[str] = set()
        for tree in self.trees():
            for part in walk(tree):
                if isinstance(part, Differential):
                    body = unwrapped(part.body)
                    if is_letter(body):
                        name = self.known(body)
                        own.add(name[0] if name is not None else "")
                    under |= {n for _, (n, _) in names(body)} | {
                        b[0] for s, _ in names(body) if (b := base_of(s)) is not None
                    }
        made_of = {n for d in definitions if d.symbol.name in own for n in symbols(d.value)}
        moving = ({n for n in found if n in occurring and n not in done} for found in (own, under, made_of))
        for letter in next(filter(None, moving), ()):
            symbol = occurring[letter]
            function = Abstract(f"{letter}()", (SCALAR,), Shape(symbol.space.axes))
            if not symbol.space.row:
                definitions.append(Definition(symbol, _of_its_kind(Call(function, (ALONG,)), symbol)))


def _of_its_kind(value: Expr, symbol: Symbol) -> Expr:
    """Any value of a letter as one that has what is said of the letter: a matrix that is symmetric stays so as it varies."""
    if "positive-definite" in symbol.traits:
        return Call(matmul, (value, Call(transpose, (value,))))
    if "symmetric" in symbol.traits:
        return Add((value, Call(transpose, (value,))))
    return value


def _applications(e: Expr) -> dict[str, tuple[Expr, ...]]:
    """The arguments of declared functions in an expression."""
    return {
        x.op.name: x.args
        for x in expressions(e)
        if isinstance(x, Call) and isinstance(x.op, Abstract) and not x.op.orders
    }
