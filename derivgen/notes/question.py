"""The members of a chain read together, with all that their letters stand for and depend on: from LaTeX to what a judge compares."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from derivgen.catalog.base import Abstract
from derivgen.errors import DerivgenError
from derivgen.expr import SCALAR, At, Call, Definition, Expr, Shape, Symbol, symbols
from derivgen.notes.context import Defined, Scope
from derivgen.notes.trees import (
    Name,
    base_of,
    calls,
    changed,
    derivatives,
    is_letter,
    name_of,
    names,
    parsed,
    unwrapped,
    walk,
)
from derivgen.options import Layout
from derivgen.read.declarations import Declarations
from derivgen.read.kinds.letters import Written
from derivgen.read.kinds.prices import Ranks
from derivgen.read.kinds.understand import Understood, readings
from derivgen.read.latex.calculus import ALONG
from derivgen.read.latex.einstein import with_sums
from derivgen.read.latex.formula import elaborated
from derivgen.read.latex.names import Lexicon, taken_apart
from derivgen.read.latex.preamble import Macro
from derivgen.read.surface import (
    Binder,
    Branches,
    Called,
    Chain,
    Derivative,
    Differential,
    Group,
    Letter,
    Nabla,
    Primed,
    Scripted,
    Sequence as Listed,
    Surface,
    Tabulated,
    Unsaid,
)

MOST_DEFINITIONS = 24
"""How many definitions a chain may need."""

OTHER = 0xFEE0
"""How far the letters are in Unicode that stand for italic ones beside bold ones of the same name."""

STRETCHED = 4.0
"""How much dearer a reading may be for the sake of an equation than the cheapest reading of its sides apart."""


@dataclass(slots=True)
class Side:
    """A member of a chain: what it was read as, or why not."""

    latex: str
    tree: Surface | None = None
    error: DerivgenError | None = None


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
    """

    values: tuple[Expr | DerivgenError, ...]
    definitions: tuple[Definition, ...]
    abstract: frozenset[str]
    understood: Understood
    layout: Layout
    apart: bool
    cost: float


@dataclass
class Question:
    """A chain, and what it needs.

    Attributes:
        sides: its members.
        needed: the definitions that it needs, with their trees.
        edges: what depends on what, as derivatives and calls say it.
        functions: names of functions that are taken for letters, since their arguments are the same throughout.
    """

    scope: Scope
    macros: dict[str, Macro]
    differentials: bool
    sides: list[Side] = field(default_factory=list)
    source: str = ""
    needed: dict[Name, tuple[Defined, Surface]] = field(default_factory=dict)
    edges: dict[Name, dict[Name, None]] = field(default_factory=dict)
    direct: frozenset[Name] = frozenset()
    fresh: int = 0
    places: list[tuple[str, Surface]] = field(default_factory=list)
    einstein: bool = False
    said: dict[Name, Ranks] = field(default_factory=dict)

    # --- from text to trees ---

    def add(self, latex: str) -> Surface:
        low = len(self.source)
        self.source += latex + "\n"
        known = replace(self.scope.declared, symbols={k: v for k, v in self.scope.declared.symbols.items()})
        return parsed(self.source, low, low + len(latex), known, self.macros, differentials=self.differentials)

    def read(self, latexes: Sequence[str], without: frozenset[Name]) -> None:
        """Take in the members, and what they need but for the definitions of ``without``."""
        self.said = dict(self.scope.said)
        for latex in latexes:
            side = Side(latex)
            try:
                side.tree = self.add(latex)
            except DerivgenError as error:
                side.error = error
            self.sides.append(side)
        todo = [s.tree for s in self.sides if s.tree is not None]
        while todo:
            tree = todo.pop()
            for name in self._mentioned(tree):
                defined = self.scope.definitions.get(name)
                if defined is None or name in without or name in self.needed or len(self.needed) >= MOST_DEFINITIONS:
                    continue
                if name[0] in self.scope.declared.functions:
                    continue
                try:
                    value = self.add(defined.latex)
                except DerivgenError:
                    continue
                self.needed[name] = defined, value
                todo.append(value)
        self._drop_circles()
        if self.einstein:
            for side in self.sides:
                if side.tree is not None:
                    side.tree = with_sums(side.tree, self.source, self.scope.declared.names)
        self._same_names()
        self._functions()
        self._depend()

    def _mentioned(self, tree: Surface) -> Iterator[Name]:
        for s, name in names(tree):
            yield name
            base = base_of(s)
            if base is not None:
                yield base

    def _drop_circles(self) -> None:
        """A name that needs itself stands for nothing."""
        for name in list(self.needed):
            met: set[Name] = set()
            todo = [name]
            while todo:
                here = todo.pop()
                entry = self.needed.get(here)
                for other in self._mentioned(entry[1]) if entry is not None else ():
                    if other == name:
                        self.needed.pop(name, None)
                        todo.clear()
                        break
                    if other in self.needed and other not in met:
                        met.add(other)
                        todo.append(other)

    def trees(self) -> list[Surface]:
        return [s.tree for s in self.sides if s.tree is not None] + [tree for _, tree in self.needed.values()]

    def change(self, how: object) -> None:
        assert callable(how)
        for side in self.sides:
            if side.tree is not None:
                side.tree = changed(side.tree, how)
        self.needed = {name: (d, changed(tree, how)) for name, (d, tree) in self.needed.items()}

    def _same_names(self) -> None:
        """x_i beside a bold x is an entry of it; an italic x beside a bold one is another letter."""
        fonts: dict[str, set[str]] = {}
        for tree in self.trees():
            for part, _ in names(tree):
                head = taken_apart(part)
                if head is not None and len(head[0].stem) == 1 and head[0].stem.isascii() and head[0].stem.isalpha():
                    kind = "bold" if head[0].font == "bold" else "italic"
                    fonts.setdefault(head[0].stem, set()).add(f"{kind} indexed" if head[1] else kind)
        entries = {stem for stem, found in fonts.items() if "bold indexed" in found and (stem, True) in self.needed}
        one = {stem for stem, found in fonts.items() if {"bold", "italic indexed"} <= found and "bold indexed" not in found}
        one |= entries
        two = {stem for stem, found in fonts.items() if "italic" in found and found & {"bold", "bold indexed"}}
        if not one and not two:
            return

        def other(s: Surface) -> Surface | None:
            head = taken_apart(s)
            if head is None:
                return None
            letter, subs = head
            if letter.stem in two and letter.font != "bold" and not (subs and letter.stem in one):
                return changed_head(s, replace(letter, stem=chr(ord(letter.stem) + OTHER)), changed_subs(subs, other))
            if letter.stem in one and letter.font == "bold":
                return changed_head(s, replace(letter, font=""), changed_subs(subs, other))
            return changed_head(s, letter, changed_subs(subs, other)) if subs else None

        self.change(other)
        renamed = {}
        for (name, bold), entry in self.needed.items():
            entry = (replace(entry[0], params=tuple(_renamed(p, one, two) for p in entry[0].params)), entry[1])
            renamed[_renamed((name, bold), one, two)] = entry
        self.needed = renamed
        for stem in one:
            column = {2: 0.0} if stem.isupper() else {1: 0.0}
            self.said[stem, False] = self.scope.said.get((stem, True), column)
        for stem in two:
            if (stem, False) in self.scope.said:
                self.said[chr(ord(stem) + OTHER), False] = self.scope.said[stem, False]
            if stem not in one:
                self.said.pop((stem, False), None)

    # --- functions ---

    def _functions(self) -> None:
        """Functions that are defined give way to what they stand for; others to letters, where that says the same."""
        for _ in range(6):
            before = self.trees()
            self.change(self._apply)
            if all(a is b for a, b in zip(before, self.trees(), strict=True)):
                break
        for _ in range(4):
            chosen = self._letters_for()
            if not chosen:
                break
            self.direct |= frozenset(chosen)

            def letter(s: Surface, chosen: frozenset[Name] = frozenset(chosen)) -> Surface | None:
                if isinstance(s, Called) and not isinstance(s.head, Primed) and self._head(s.head) in chosen:
                    return replace(s.head, span=s.span)
                if isinstance(s, Nabla) and s.by is None and isinstance(s.body, Called):
                    name = self._head(s.body.head)
                    if name in chosen:
                        by = s.body.args[0] if len(s.body.args) == 1 else Listed(s.span, s.body.args)
                        return replace(s, body=s.body.head, by=by)
                return None

            self.change(letter)
        self.change(self._gradient_by)
        self.change(_last_of_rows)

    def _head(self, head: Surface) -> Name | None:
        """The function that a name before parentheses is: f of f_i, too."""
        full = name_of(head)
        if full is not None and (full in self.needed or full[0] in self.scope.declared.functions):
            return full
        base = base_of(head)
        found = taken_apart(head)
        if found is not None and found[1] and not all(isinstance(a, Letter) and len(a.stem) > 1 for a in found[1]):
            return base
        return full

    def _apply(self, s: Surface) -> Surface | None:
        """What a defined function is at its arguments."""
        if not isinstance(s, Called):
            return None
        primes = s.head.count if isinstance(s.head, Primed) else 0
        head = s.head.base if isinstance(s.head, Primed) else s.head
        name = name_of(head)
        entry = self.needed.get(name) if name is not None else None
        if entry is None or not entry[0].params or len(entry[0].params) != len(s.args):
            return None
        params = entry[0].params
        same = all(name_of(a) == p for a, p in zip(s.args, params, strict=True))
        if same and not primes:
            return replace(head, span=s.span)
        if same:
            return Derivative(s.span, Group(s.span, replace(head, span=s.span)), (s.args[0],) * primes)
        if primes and len(params) == 1:
            self.fresh += 1
            place = Letter(s.span, f"place{self.fresh}", "upright")
            self.places.append((place.stem, s.args[0]))
            return Derivative(s.span, Group(s.span, _put(entry[1], params, (place,))), (place,) * primes)
        return None if primes else Group(s.span, _put(entry[1], params, s.args))

    def _letters_for(self) -> list[Name]:
        """Functions that nothing defines, that have no primes, and the same letters for arguments wherever they stand."""
        given: dict[Name, tuple[Name, ...] | None] = {}
        for tree in self.trees():
            for called, head, primes in calls(tree):
                name = self._head(head)
                if name is None or name in self.direct:
                    continue
                args = tuple(name_of(a) if is_letter(a) else None for a in called.args)
                bad = primes or None in args or name in args or name[0] in self.scope.declared.functions or name[0] in ("1", "◯")
                known = tuple(a for a in args if a is not None)
                if bad or given.get(name, known) != known:
                    given[name] = None
                else:
                    given[name] = known
        found = [name for name, args in given.items() if args is not None and self._differentiated(name)]
        for name in found:
            self.edges.setdefault(name, {}).update(dict.fromkeys(given[name] or ()))
        return found

    def _differentiated(self, name: Name) -> bool:
        """Whether the bare letter, or a value of it, stands under a derivative or is differentiated by."""
        for tree in self.trees():
            for body, by in derivatives(tree):
                for s in (body, by):
                    s = s.head if isinstance(s, Called) and not isinstance(s.head, Primed) else s
                    if is_letter(s) and self._head(s) == name:
                        return True
            if any(isinstance(p, Nabla) and p.body is not None and self._nabla_of(p.body) == name for p in walk(tree)):
                return True
        return False

    def _nabla_of(self, body: Surface) -> Name | None:
        body = unwrapped(body)
        head = body.head if isinstance(body, Called) else body
        return self._head(head) if is_letter(head) else None

    def _gradient_by(self, s: Surface) -> Surface | None:
        """∇f of a letter whose arguments are known is by these."""
        if not isinstance(s, Nabla) or s.by is not None or s.body is None or not is_letter(unwrapped(s.body)):
            return None
        name = self._head(unwrapped(s.body))
        entry = self.needed.get(name) if name is not None else None
        params = entry[0].params if entry is not None else tuple(self.edges.get(name, ())) if name is not None else ()
        if not params:
            return None
        letters = [self._letter(p, s) for p in params]
        return replace(s, by=letters[0] if len(letters) == 1 else Listed(s.span, tuple(letters)))

    def _letter(self, name: Name, s: Surface) -> Surface:
        """A letter of the question with this name."""
        for tree in self.trees():
            for part, found in names(tree):
                if found == name:
                    return replace(part, span=s.span)
        return Letter(s.span, name[0], "bold" if name[1] else "")

    # --- what depends on what ---

    def _depend(self) -> None:
        for tree in self.trees():
            for body, by in derivatives(tree):
                if is_letter(body) and is_letter(by):
                    one, other = self._known(body), self._known(by)
                    if one is not None and other is not None and one != other and one not in self.needed:
                        self.edges.setdefault(one, {})[other] = None

    def _known(self, s: Surface) -> Name | None:
        """The letter whose entry, or which itself, stands there."""
        full, base = name_of(s), base_of(s)
        if full in self.needed or full == base or (full is not None and full[0] in self.scope.declared.symbols):
            return full
        head = taken_apart(s)
        assert head is not None
        if any(isinstance(a, Letter) and len(a.stem) == 1 and a.font == "" for p in head[1] for a in walk(p)) or base in self.needed:
            return base
        return full

    def reaches(self, start: Name, goal: Name) -> bool:
        met = {start}
        todo = [start]
        while todo:
            for other in self.below(todo.pop()):
                if other == goal:
                    return True
                if other not in met:
                    met.add(other)
                    todo.append(other)
        return False

    def below(self, name: Name) -> Iterator[Name]:
        """What a letter depends on at once."""
        entry = self.needed.get(name)
        if entry is not None:
            yield from (n for n in self._mentioned(entry[1]) if n != name)
        yield from self.edges.get(name, ())

    def reduced(self) -> dict[Name, tuple[Name, ...]]:
        """Of each letter that nothing defines, what it depends on, but not through something else."""
        found: dict[Name, tuple[Name, ...]] = {}
        for name, others in self.edges.items():
            if name in self.needed:
                continue
            kept = [v for v in others if not any(w != v and self.reaches(w, v) for w in others)]
            found[name] = tuple(kept)
        return found

    @property
    def circular(self) -> bool:
        return any(self.reaches(name, name) for name in self.edges)

    # --- readings ---

    def meant(self, layout: Layout, product: str, *, most: int = 2, hints: bool = True) -> Iterator[Meant]:
        """The readings of the chain, the cheapest first; then, where its members do not fit each other, each by itself."""
        apart = self._understood(layout, product, together=False, most=1, hints=hints)
        cheapest = apart[0].cost if apart else 0.0
        joint = self._understood(layout, product, together=True, most=most, hints=hints)
        fitting = [u for u in joint if u.cost <= cheapest + STRETCHED]
        for understood in fitting:
            yield self._elaborated(understood, layout, apart=False)
        if not fitting:
            for understood in apart:
                yield self._elaborated(understood, layout, apart=True)

    def formulas(self, *, together: bool) -> tuple[Written, ...]:
        given = [Written(self.source, tree, stem) for stem, tree in self.places]
        given += [Written(self.source, self._value(d, tree), name[0]) for name, (d, tree) in self._ordered()]
        for k, side in enumerate(self.sides):
            if side.tree is not None:
                given.append(Written(self.source, side.tree, "" if together else f"member_{k}"))
        return tuple(given)

    def _ordered(self) -> list[tuple[Name, tuple[Defined, Surface]]]:
        """Definitions, each behind those that it needs."""
        found: dict[Name, tuple[Defined, Surface]] = {}

        def put(name: Name) -> None:
            if name in found or name not in self.needed:
                return
            for other in self._mentioned(self.needed[name][1]):
                if other != name:
                    put(other)
            found[name] = self.needed[name]

        for name in self.needed:
            put(name)
        return list(found.items())

    def _value(self, defined: Defined, tree: Surface) -> Surface:
        if not defined.index:
            return tree
        return Tabulated(tree.span, Binder(tree.span, defined.index, Unsaid(tree.span)), tree)

    def _understood(self, layout: Layout, product: str, *, together: bool, most: int, hints: bool) -> list[Understood]:
        declared = self._declared()
        for name in (*(stem for stem, _ in self.places), *(name for name, _ in self.needed)):
            declared = declared.with_definition(Symbol(name))  # that it is a name is known so far
        said = self.said if hints else {}
        try:
            return list(islice(readings(declared, self.formulas(together=together), layout=layout, product=product, said=said), most))
        except DerivgenError as error:
            for side in self.sides:
                side.error = side.error or (error if side.tree is not None and len(self.sides) == 1 else None)
            self.failure = error
            return []

    failure: DerivgenError | None = None

    def _declared(self) -> Declarations:
        """What was declared, without letters that the question names itself, and those in another font."""
        taken = {name for name, _ in self.needed} | {stem for stem, _ in self.places}
        known = self.scope.declared
        kept = {name: s for name, s in known.symbols.items() if name not in taken}
        functions = {name: f for name, f in known.functions.items() if name not in taken}
        return replace(known, symbols=kept, functions=functions)

    def _elaborated(self, understood: Understood, layout: Layout, *, apart: bool) -> Meant:
        declarations = self._with_traits(understood.declarations)
        given = self._declared()
        definitions: list[Definition] = []
        values: list[Expr | DerivgenError] = []
        members = iter(self.sides)
        formulas = self.formulas(together=not apart)
        named = len(self.places) + len(self.needed)
        known = {f.name for f in formulas[:named]}
        declarations = replace(declarations, symbols={n: s for n, s in declarations.symbols.items() if n not in known})
        like: Shape | None = None
        for number, formula in enumerate(formulas):
            found = understood.of_formula(number)
            if number < named:
                try:
                    e = elaborated(formula, declarations, given, found, free_indices=True, layout=layout)[0]
                except DerivgenError as error:
                    return Meant(tuple([error for _ in self.sides]), (), frozenset(), understood, layout, apart, understood.cost)
                symbol = Symbol(formula.name, e.shape)
                definitions.append(Definition(symbol, e))
                declarations = declarations.with_definition(symbol)
                continue
            side = next(members)
            while side.tree is None:
                assert side.error is not None
                values.append(side.error)
                side = next(members)
            try:
                e = elaborated(formula, declarations, given, found, free_indices=True, layout=layout, like=None)[0]
                like = e.shape
            except DerivgenError as error:
                try:
                    if like is None:
                        raise error from None
                    e = elaborated(formula, declarations, given, found, free_indices=True, layout=layout, like=like)[0]
                except DerivgenError as error:
                    values.append(error)
                    continue
            values.append(e)
        for side in members:
            assert side.error is not None
            values.append(side.error)
        abstract = self._abstract(declarations, values, definitions)
        return Meant(tuple(values), tuple(definitions), frozenset(abstract), understood, layout, apart, understood.cost)

    def _with_traits(self, declarations: Declarations) -> Declarations:
        changed_symbols = {}
        for name, s in declarations.symbols.items():
            traits = self.scope.traits.get(name, ())
            if traits and not s.traits and s.space.rank == 2 and s.space.axes[0] == s.space.axes[1]:
                s = Symbol(s.name, s.space, traits)
            changed_symbols[name] = s
        return replace(declarations, symbols=changed_symbols)

    def _abstract(self, declarations: Declarations, values: list[Expr | DerivgenError], definitions: list[Definition]) -> set[str]:
        """Add what is only known to depend on something, and on the way of a differential."""
        lexicon = Lexicon(declarations)
        del lexicon
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
            value: Expr = Call(function, tuple([a if not a.space.row else a for a in known]))
            if value.shape != symbol.space:
                continue
            definitions.append(Definition(symbol, value))
            found.add(name)
            done.add(name)
            for a in known:
                occurring.setdefault(a.name, a)
        if self.differentials and any(isinstance(p, Differential) for t in self.trees() for p in walk(t)):
            self._vary(occurring, done, definitions)
        return found

    def _vary(self, occurring: dict[str, Symbol], done: set[str], definitions: list[Definition]) -> None:
        """Letters of which the differential stands somewhere change along the way; if none does, all of them do."""
        own: set[str] = set()
        under: set[str] = set()
        for tree in self.trees():
            for part in walk(tree):
                if isinstance(part, Differential):
                    body = unwrapped(part.body)
                    if is_letter(body):
                        name = self._known(body)
                        own.add(name[0] if name is not None else "")
                    under |= {n for _, (n, _) in names(body)} | {b[0] for s, _ in names(body) if (b := base_of(s)) is not None}
        moving = {n for n in own if n in occurring and n not in done}
        for name in moving or {n for n in under if n in occurring and n not in done}:
            symbol = occurring[name]
            function = Abstract(f"{name}()", (SCALAR,), Shape(symbol.space.axes))
            if not symbol.space.row:
                definitions.append(Definition(symbol, Call(function, (ALONG,))))


def _last_of_rows(s: Surface) -> Surface | None:
    """In a case that goes on with a sign, 0·x = 0, what it comes to."""
    if not isinstance(s, Branches):
        return None
    if not any(isinstance(value, Chain) for value, _ in s.rows):
        return None
    rows = [(v.sides[-1] if isinstance(v, Chain) and set(v.signs) == {"="} else v, when) for v, when in s.rows]
    return replace(s, rows=tuple(rows))


def changed_head(s: Surface, letter: Letter, subs: tuple[Surface, ...]) -> Surface:
    """The same name with another letter, and what stands below it."""
    return Scripted(s.span, letter, subs) if subs else replace(letter, span=s.span)


def changed_subs(subs: tuple[Surface, ...], change: Callable[[Surface], Surface | None]) -> tuple[Surface, ...]:
    return tuple([changed(sub, change) for sub in subs])


def _renamed(name: Name, one: set[str], two: set[str]) -> Name:
    stem, bold = name
    if bold and stem in one:
        return stem, False
    if not bold and stem in two:
        return chr(ord(stem) + OTHER), False
    return name


def _put(tree: Surface, params: tuple[Name, ...], args: Sequence[Surface]) -> Surface:
    """A tree with arguments in place of parameters."""
    given = dict(zip(params, args, strict=True))

    def put(s: Surface) -> Surface | None:
        name = name_of(s)
        if name in given:
            return Group(s.span, given[name])
        base = base_of(s)
        if base in given and isinstance(s, Scripted) and is_letter(given[base]):
            head = taken_apart(s)
            assert head is not None
            return Scripted(s.span, given[base], head[1])
        return None

    return changed(tree, put)


__all__ = ["At", "Meant", "Question"]
