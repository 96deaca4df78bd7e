"""What holds where a formula stands: what its letters were said and defined to be, in its section, then in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from derivgen.catalog.base import Abstract
from derivgen.catalog.declared import member_of
from derivgen.deadline import refusals
from derivgen.expr import SCALAR, Symbol
from derivgen.notes.meaning.habits import as_names
from derivgen.notes.meaning.in_force import NEAR, definitions_for, unread_for
from derivgen.notes.meaning.own import Own, own_functions
from derivgen.notes.meaning.prose import Function, Words, words_of
from derivgen.notes.meaning.remarks import without_remarks
from derivgen.notes.meaning.rows import statements
from derivgen.notes.meaning.scope import Defined, Kind, Row, Scope, Unread, kinds_for, listed_letters, with_length
from derivgen.notes.meaning.sized import sized
from derivgen.notes.meaning.steps import SHIFTED, sequences
from derivgen.notes.meaning.trees import (
    Name,
    base_of,
    index_running,
    indices_of,
    is_letter,
    is_zero,
    name_of,
    names,
    parsed,
    unwrapped,
    value_at,
)
from derivgen.notes.meaning.values import (
    calls_in,
    is_bars,
    is_first_step,
    is_setting,
    is_tuple,
    laid_out,
    primed_capital,
    primed_letters,
    without_objective,
)
from derivgen.notes.sources.sections import Place, is_named_in_words
from derivgen.notes.sources.settings import Settings
from derivgen.notes.sources.source import Formula, Notes
from derivgen.options import Options
from derivgen.read.declarations import Declarations
from derivgen.read.declare import declare
from derivgen.read.kinds.prices import Ranks
from derivgen.read.surface import Called, Fenced, Grid, Letter, Negated, Raised, Surface, walk

ELSEWHERE = 2.0
"""What it costs that a letter is not what another section says of it."""

LITTLE = 1.0
"""What it costs that a letter is a matrix which a text turns around as it turns vectors."""

_TURNED_E = re.compile(
    r"(?<![A-Za-z\\{])e\s*(?:\^\s*\{?\s*\\(?:top|intercal|prime|mathsf|mathrm)(?![A-Za-z])|'\s*\\?[A-Za-z])"
)
"""e that is transposed, which is no number there, and not elsewhere either."""

_WORD = re.compile(
    r"\s*\\(?:text\w*|mbox|mathrm|operatorname|mathit|mathsf)\s*\{[A-Za-z][A-Za-z \-]+\}\s*|\s*[A-Z]{2,}\s*"
)
"""A member that is a word, and names what follows in words: \\text{loss} = L = …"""

_LET = re.compile(r"\b(?:let|denote|define|put|set|write|where)\b[^.]*$", re.IGNORECASE)


@dataclass
class Context:
    """All that a text says of its letters."""

    notes: Notes
    options: Options
    words: Words = field(init=False)
    given: Declarations = field(init=False)
    rows: list[Row] = field(default_factory=list)
    kinds: list[Kind] = field(default_factory=list)
    definitions: dict[Name, list[Defined]] = field(default_factory=dict)
    unread: list[Unread] = field(default_factory=list)
    called: list[tuple[Function, Name]] = field(default_factory=list)
    primed: set[Name] = field(default_factory=set)
    sizing: set[int] = field(default_factory=set)  # rows that only say of which entries a matrix is
    own: Own = field(default_factory=Own)
    settings: Settings = field(init=False)
    _trees: dict[tuple[str, frozenset[str]], Surface | None] = field(default_factory=dict)
    _scopes: tuple[int, dict[tuple[bool, bool], Scope]] = field(
        init=False, default=(-1, {})
    )  # of one row, asked for again

    def __post_init__(self) -> None:
        self.words = words_of(self.notes)
        self.settings = Settings(self.notes)
        self.given = self.settings.given
        for letter in primed_letters(f.latex for f in self.notes.formulas()):
            if (s := self.tree(letter)) is not None and (name := name_of(s)) is not None:
                self.primed.add(name)
        self.rows = list(self._rows())
        self.own = own_functions(self.rows, self.words)
        self._said()
        self.kinds += sized(self.words, self.written, self.paths)
        self._called()
        for row in self.rows:
            self._declared_in(row)
            self._defined_in(row)
            if any(_TURNED_E.search(m.text) for m in row.statement.members):
                self.kinds.append(Kind(row.piece, row.path, ("e", False), {1: 0.0, 2: LITTLE}))

    # --- what the text says ---

    def _rows(self) -> Iterator[Row]:
        place = Place()
        number = 0
        for piece_number, piece in enumerate(self.notes.pieces):
            place.meet(piece_number, piece)
            if isinstance(piece, Formula):
                section = place.section
                path, behind = (*section, *place.passages), (*section, *(place.closed or place.passages))
                named = not piece.display and is_named_in_words(self.notes.pieces[piece_number - 1])
                for statement in statements(without_remarks(piece.latex, self.notes.macros)):
                    yield Row(
                        number, piece_number, piece, statement, path, behind, section, named and statement.goes_on
                    )
                    number += 1

    @cached_property
    def paths(self) -> dict[int, tuple[int, ...]]:
        """The headings above each row, by the number of its piece."""
        return {row.piece: row.path for row in self.rows}

    def _said(self) -> None:
        for one in self.words.said:
            for part in re.split(r",(?![^()]*\))|\\text\{\s*and\s*\}|\band\b", one.latex.partition("=")[0]):
                s = self.tree(part.split(r"\in")[0])
                if s is None:
                    continue
                s = s.head if isinstance(s, Called) else s
                if isinstance(s, Raised) and isinstance(s.exponent, Negated):
                    s = s.base  # where \Sigma^{-1} is symmetric, so is \Sigma
                name = name_of(s)
                if name is not None and self._may_be(name, one.ranks):
                    path = self.paths.get(one.piece, ())
                    self.kinds.append(Kind(one.piece, path, name, one.ranks, one.traits, one.square, anew=one.anew))

    def _called(self) -> None:
        """Letters that are said to be functions; an element-wise one is any such function."""
        for one in self.words.functions:
            s = self.tree(one.latex)
            s = s.head if isinstance(s, Called) and all(map(is_letter, s.args)) else s
            name = None if s is None else name_of(s)
            if name is not None:
                self.called.append((one, name))
                path, function = self.paths.get(one.piece, ()), Abstract(name[0], (SCALAR,), SCALAR, True)
                if one.entrywise and name not in self.definitions:
                    self.kinds.append(Kind(one.piece, path, name, {0: 0}, symbol=function))

    def _may_be(self, name: Name, ranks: Ranks) -> bool:
        """A bold letter is no number, and a small one no matrix, whatever stands near it."""
        return not (name[1] and (0 in ranks or (2 in ranks) == name[0][:1].islower()))

    def tree(self, latex: str, row: Row | None = None) -> Surface | None:
        """What a piece of LaTeX says, without brackets and transposes around it; None where it says nothing."""
        return None if (found := self.written(latex, row)) is None else unwrapped(found)

    def head(self, latex: str, row: Row) -> Surface | None:
        """What is defined; a capital letter with a prime of which one says "let" is a letter of its own."""
        s = self.tree(latex, row)
        said = s is not None and _LET.search(self.words.before.get(row.piece, "")) is not None
        if s is None or not said or (name := primed_capital(s)) is None:
            return s
        self.primed.add(name)
        return as_names(s, frozenset({name}))

    def written(self, latex: str, row: Row | None = None) -> Surface | None:
        """What a piece of LaTeX says where a row does; read once."""
        key = latex, self.own.anywhere if row is None else self.own.at(row)
        with refusals():
            if self._trees.setdefault(key) is None and latex.strip():
                self._trees[key] = parsed(latex, 0, len(latex), self.given, self.notes.macros, called=key[1],
                                          labelled=self.words.labelled, spelled=self.words.spelled)  # fmt: skip
        return self._trees[key]

    _SET = re.compile(r"\\(?:mathbb|mathds|mathbf|R\b|RR|reals|mathcal\s*\{?S|Bbb)|ℝ|\[0|\\\{")

    def _declared_in(self, row: Row) -> None:
        r"""x, y \in \mathbb R^n, and f: \mathbb R^n \to \mathbb R."""
        s = row.statement
        for k, sign in enumerate(s.signs):
            if sign not in (r"\in", "∈"):
                continue
            left, right = s.members[k].text, s.members[k + 1].text
            left = re.sub(r"^\s*(?:\\forall|\\text\{[^{}]*\})", "", left)
            if not self._SET.search(right) or not left.strip():
                continue
            self._declare(row, f"{left} \\in {right}", left, right)
        if r"\to" in s.signs or "→" in s.signs or r"\mapsto" in s.signs or r"\rightarrow" in s.signs:
            whole = row.formula.latex[s.members[0].start : s.members[-1].end]
            if ":" in whole or r"\colon" in whole:
                self._declare(row, whole.replace(r"\rightarrow", r"\to"), whole.split(":")[0], "")

    def _declare(self, row: Row, text: str, left: str, right: str) -> None:
        found: Declarations | None = None
        with refusals():
            found = declare(re.sub(r"\\(?:,|;|!|quad|qquad)|~", " ", text))
        letters = [self.tree(part) for part in re.split(r",(?![^()]*\))", left)]
        by_name = {n[0]: n for n in (name_of(s) for s in letters if s is not None) if n is not None}
        if found is not None and (found.symbols or found.functions):
            everything: list[tuple[str, Symbol | Abstract]] = [*found.symbols.items(), *found.functions.items()]
            for name, known in everything:
                rank = known.space.rank if isinstance(known, Symbol) else known.codomain.rank
                bold = by_name.get(name, (name, "bf" in left or "bold" in left))[1]
                self.kinds.append(Kind(row.piece, row.path, (name, bold), {rank: 0}, symbol=known, sizes=found.sizes))
            return
        if right and r"\mathbb" in right:
            above = right.partition("^")[2]
            rank = 0 if not above else 2 if re.search(r"\\times|×", above) else 1
            for one in by_name.values():
                self.kinds.append(Kind(row.piece, row.path, one, {rank: 0}))

    def _defined_in(self, row: Row) -> None:
        """z = Wx + b, f(x) = x^2, and p_i = …; y = f(x) = x says what f is, too."""
        for first in range(len(row.statement.signs)):
            self._defined_at(row, first)

    def _defined_at(self, row: Row, first: int) -> None:
        """The first readable member behind a name that does not hold the name itself."""
        s = row.statement
        if not s.members[first].text or s.signs[first] not in ("=", ":="):
            return
        words, piece = self.words, row.piece
        if words.is_solved(piece) or words.is_one_case(piece) or words.is_consequence(piece):
            return
        head = self.head(without_objective(s.members[first].text), row)
        worded = all(_WORD.fullmatch(m.text) for m in s.members[:first])  # \text{Error} = E = …
        if first and (head is None or (value_at(head) is None and not worded)):
            return
        params: tuple[Name, ...] = ()
        below = ""
        if (function := value_at(head) if head is not None else None) is not None:
            called, below = function
            given = [name_of(a) for a in called.args]
            params = tuple(g for g in given if g is not None)
            at_point = any(map(is_first_step, params))  # f(x^0) = 17
            head = None if None in given or at_point else called.head
        if head is None or not is_letter(head):
            return
        index, full = below or "".join(indices_of(head)), name_of(head)
        end = next((k for k in range(first + 1, len(s.members)) if s.signs[k - 1] not in ("=", ":=")), len(s.members))
        for side in range(first + 1, end):
            value = self.tree(s.members[side].text, row)
            if params and value is not None and is_zero(value):
                return  # f(x) = 0 is to be solved
            if value is None or (not params and is_setting(value)) or is_tuple(value):
                continue
            laid = laid_out(value) if full is not None else None
            if laid is not None and full is not None and laid[0][0].upper() == full[0]:
                self._laid_out(row, full, *laid[1:])
                return
            if is_letter(value) and (name_of(value) or ("", False))[0] in self.words.running:
                return  # t = c, where c counts
            index = index or index_running(head, value, self.words.running)
            inside = {n for _, n in names(value)}
            whole = base_of(head)
            stems = {n for n, _ in inside} | {b[0] for part, _ in names(value) if (b := base_of(part)) is not None}
            if full is None or full in inside or (whole in inside) or full[0] in stems:
                if side == first + 1 and isinstance(unwrapped(value), Grid | Fenced):
                    continue  # y = [y_1, …] = Ax: its own entries say nothing of it
                return
            if (
                len(full[0]) == 1
                and full[0] in "nmkdpqNMKDhrijl"
                and not full[1]
                and (is_letter(value) or is_bars(value))
            ):
                return
            if not {*index} <= {part.stem for part in walk(value) if isinstance(part, Letter)}:
                if below:
                    return
                index = ""
            name = whole if index and not below and whole is not None else full
            called_here = {h for h in (name_of(c.head) for c in calls_in(value)) if h is not None}
            if name in called_here or (first and any(d.row.path == row.path for d in self.definitions.get(name, ()))):
                return
            found = Defined(name, s.members[side].text, row, side, params, index, whole[0] if whole is not None else "")
            self.definitions.setdefault(name, []).append(found)
            return
        behind = [m.text for m in s.members[first + 1 : end] if m.text.strip()]
        meant = base_of(head) if index else full
        if meant is not None and behind and not any(self.tree(text, row) for text in behind):
            self.unread.append(Unread(meant, behind[0], row))

    def _laid_out(self, row: Row, name: Name, rows: int, columns: int) -> None:
        """X = [x_{11} x_{12}; …] says how large X is, and that x_{ij} are its entries."""
        symbol = declare(f"{name[0]} in R^({rows}*{columns})").symbols[name[0]]
        self.kinds.append(Kind(row.piece, row.path, name, {2: 0}, symbol=symbol, laid_out=True))
        self.sizing.add(row.number)

    @cached_property
    def sequences(self) -> tuple[Defined, ...]:
        """What the text says of members of sequences; nothing where none is said by the one before or behind it."""
        return tuple(sequences(self.rows, self.tree)) if SHIFTED.search(self.notes.text) else ()

    def steps(self, row: Row) -> tuple[Defined, ...]:
        """What is said of sequences where a statement stands, where one of them is given by a recurrence."""
        here = [d for d in self.sequences if d.row.number < row.number and row.is_under(d.row.path)]
        indices = {d.index for d in here if d.recurs}
        return tuple([d for d in here if indices and d.index in (*indices, "")])

    # --- what holds at a place ---

    def scope(self, row: Row, *, wide: bool = True, far: bool = False) -> Scope:
        """What is known where a statement stands. ``wide`` takes in what other sections say, ``far`` all that they define."""
        if self._scopes[0] != row.number:
            self._scopes = row.number, {}
        if (wide, far) not in self._scopes[1]:
            self._scopes[1][wide, far] = self._scope(row, wide=wide, far=far)
        return self._scopes[1][wide, far]

    def _scope(self, row: Row, *, wide: bool, far: bool) -> Scope:
        given = self.settings.given_at(row.path)
        symbols, functions = dict(given.symbols), dict(given.functions)
        sizes = list(given.sizes)
        definitions = definitions_for(row, self.definitions, self.called, self.words, wide=wide, far=far)
        said: dict[Name, Ranks] = {}
        apt: dict[str, Kind] = {}  # what says more of a letter than from where it is
        square: set[str] = set()
        laid: set[Name] = set()
        for kind in kinds_for(row, self.kinds, wide=wide):
            known = kind.symbol
            own = row.is_under(kind.path)
            if kind.name[0] in given.names or (
                not own and 0 not in kind.ranks and not kind.name[1] and kind.name[0] in self._bold
            ):
                continue
            if not (own and kind.says_again(symbols.get(kind.name[0]))):
                symbols.pop(kind.name[0], None)
                functions.pop(kind.name[0], None)
            said[kind.name] = kind.ranks if own else {0: ELSEWHERE, 1: ELSEWHERE, 2: ELSEWHERE} | kind.ranks
            if isinstance(known, Symbol) and own:
                symbols[known.name] = known
                sizes += kind.sizes
            elif isinstance(known, Abstract) and own:
                # what a function is says more than from where to where it goes, unless it is another function by now
                if any(
                    d.row.piece >= kind.row_piece and kind.name[0] in (d.name[0], d.stem) for d in definitions.values()
                ):
                    continue
                definitions.pop(kind.name, None)
                functions[known.name] = known
                sizes += kind.sizes
            square.discard(kind.name[0])
            laid = laid | {kind.name} if kind.laid_out and own else laid - {kind.name}
            if kind.traits:
                apt[kind.name[0]] = kind
            elif kind.name[0] in apt and not (2 in kind.ranks and kind.is_beside(apt[kind.name[0]])):
                del apt[kind.name[0]]
            if kind.square:
                square.add(kind.name[0])
        sizes = [size for size in dict.fromkeys(sizes) if size not in symbols and size not in functions]
        declared = replace(given, symbols=symbols, functions=functions, sizes=tuple(sizes))
        for size in {of[0] for name in symbols if (of := member_of(name)) is not None}.intersection(sizes):
            declared = with_length(declared, size, f"n_{size}")  # h_t in R^h: the letter that has members, and a length
        called = frozenset(
            name[0]
            for f, name in self.called
            if f.piece <= row.piece + NEAR and row.is_under(self.paths.get(f.piece, ()))
        )
        called |= self.own.at(row)
        return Scope(declared, said, {name: kind.traits for name, kind in apt.items()}, frozenset(square), definitions, given, self.words.spectral,
                     self.words.entrywise, called=called, primed=frozenset(self.primed), listed=listed_letters(self.notes.text),
                     laid_out=frozenset(laid), labelled=self.words.labelled, spelled=self.words.spelled,
                     unread=unread_for(row, self.unread, definitions, self.kinds))  # fmt: skip

    @cached_property
    def _bold(self) -> set[str]:
        """Letters that are set in bold somewhere: where one is in italics too, the vector is what the text speaks of."""
        return {name for name, bold in (*self.definitions, *(k.name for k in self.kinds)) if bold}
