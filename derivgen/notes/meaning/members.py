"""The members of a chain as trees, and the letters in them told apart by their fonts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from derivgen.catalog.declared import member_of
from derivgen.deadline import refusals
from derivgen.errors import DerivgenError
from derivgen.expr import Symbol
from derivgen.notes.meaning.applied import functions_as_letters, of_the_list
from derivgen.notes.meaning.habits import as_names
from derivgen.notes.meaning.scope import Defined, Scope
from derivgen.notes.meaning.trees import (
    OTHER,
    Name,
    changed,
    changed_head,
    changed_subs,
    indices_of,
    name_of,
    names,
    parsed,
    renamed_name,
)
from derivgen.read.kinds.prices import Ranks
from derivgen.read.latex.names import taken_apart
from derivgen.read.surface import Held, Infix, Letter, Scripted, Surface, walk
from derivgen.tex.macros import Macro

_BY_LABEL = re.compile(r"_\s*\{\s*\w+\s*[_^]")  # \mu_{y_i}
_ABOVE = re.compile(r"\^\s*\{?\s*[(\[]\s*$")


@dataclass(slots=True)
class Side:
    """A member of a chain: what it was read as, or why not."""

    latex: str
    low: int = 0
    tree: Surface | None = None
    error: DerivgenError | None = None


@dataclass
class Members:
    """A chain, and what it needs.

    Attributes:
        sides: its members.
        needed: the definitions that it needs, with their trees.
        edges: what depends on what, as derivatives and calls say it.
        functions: names of functions that are taken for letters, since their arguments are the same throughout.
        unread: names of which the definition is not read here, or not put in, with that definition.
    """

    scope: Scope
    macros: dict[str, Macro]
    differentials: bool
    sides: list[Side] = field(default_factory=list)
    source: str = ""
    needed: dict[Name, tuple[Defined, Surface]] = field(default_factory=dict)
    unread: dict[Name, str] = field(default_factory=dict)
    edges: dict[Name, dict[Name, None]] = field(default_factory=dict)
    direct: frozenset[Name] = frozenset()
    fresh: int = 0
    places: list[tuple[str, Surface]] = field(default_factory=list)
    einstein: bool = False
    columns: bool = False
    entries: set[str] = field(default_factory=set)
    said: dict[Name, Ranks] = field(default_factory=dict)

    def definition(self, name: Name, latex: str) -> Surface | None:
        """What a letter stands for; None where that is not read, so that the letter stands for itself."""
        with refusals():
            value = self.add(latex)
            by_label = self.add(latex, holds=True) if _BY_LABEL.search(latex) else None
            # what is held abstract in a definition would be so in all that needs it
            if by_label is None or not any(isinstance(p, Held) and p.name == "member" for p in walk(by_label)):
                return value
            return None
        self.unread[name] = latex
        return None

    def add(self, latex: str, *, holds: bool = False) -> Surface:
        """Read one more formula at the end of the source.

        Raises:
            ParseError: it cannot be read.
        """
        low = len(self.source)
        self.source += latex + "\n"
        known = replace(self.scope.declared, symbols=dict(self.scope.declared.symbols))
        tree = parsed(self.source, low, low + len(latex), known, self.macros, differentials=self.differentials,
                      holds=holds, called=self.scope.called, labelled=self.scope.labelled,
                      spelled=self.scope.spelled)  # fmt: skip
        return changed(tree, lambda s: as_names(s, self.scope.primed)) if self.scope.primed else tree

    def trees(self) -> list[Surface]:
        """What the sides are, and what definitions say."""
        return [s.tree for s in self.sides if s.tree is not None] + [tree for _, tree in self.needed.values()]

    def change(self, how: Callable[[Surface], Surface | None]) -> None:
        """Change every part for which ``how`` gives another."""
        for side in self.sides:
            if side.tree is not None:
                side.tree = changed(side.tree, how)
        self.needed = {name: (d, changed(tree, how)) for name, (d, tree) in self.needed.items()}

    def letter(self, name: Name, s: Surface) -> Surface:
        """A letter of the question with this name."""
        for tree in self.trees():
            for part, found in names(tree):
                if found == name:
                    return replace(part, span=s.span)
        return Letter(s.span, name[0], "bold" if name[1] else "")

    def as_column(self, s: Surface) -> Surface | None:
        """Bold 1 and 0 as vectors of their own, to see whether they fit as such."""
        if isinstance(s, Scripted) and isinstance(s.base, Letter) and s.base.stem in "01":
            return s
        if isinstance(s, Letter) and s.stem in ("1", "0") and s.font == "bold":
            name = f"column{s.span.start}"
            self.said[name, True] = {1: 0.0}
            return replace(s, stem=name)
        return None

    def families_apart(self) -> None:
        r"""x^{(i)} beside a bare x, or an entry x_j, is one of several, and these are another letter than x."""
        trees = self.trees()
        members: set[str] = set()
        alone: set[str] = set()
        listed = {name for (name, _), (d, _) in self.needed.items() if d.index} | self.scope.listed
        for tree in trees:
            for part, _ in names(tree):
                head = taken_apart(part)
                numbered = head is not None and any(map(self._is_above, head[1])) and not self._is_member(head[1])
                if head is not None and len(head[0].stem) == 1 and head[0].stem.isascii() and not numbered:
                    (members if self._is_member(head[1]) else alone).add(head[0].stem)
        several = (members & alone) - listed
        if not several:
            return

        def other(s: Surface) -> Surface | None:
            head = taken_apart(s)
            if head is None:
                return None
            letter, subs = head
            if letter.stem in several and self._is_member(subs):
                return changed_head(s, replace(letter, stem=chr(ord(letter.stem) + OTHER)), changed_subs(subs, other))
            return changed_head(s, letter, changed_subs(subs, other)) if subs else None

        self.change(other)
        for stem, bold in [known for known in self.said if known[0] in several]:
            self.said[chr(ord(stem) + OTHER), bold] = self.said[stem, bold]
        symbols: dict[str, Symbol] = {}
        for name, symbol in self.scope.declared.symbols.items():
            of = member_of(name)
            new = chr(ord(name[0]) + OTHER) + name[1:] if of is not None and of[0] in several else name
            symbols[new] = replace(symbol, name=new)
        self.scope = replace(self.scope, declared=replace(self.scope.declared, symbols=symbols))

    def _is_member(self, subs: tuple[Surface, ...]) -> bool:
        """Whether a name has an index in parentheses above it."""
        return any(isinstance(sub, Letter) and self._is_above(sub) for sub in subs)

    def _is_above(self, sub: Surface) -> bool:
        """Whether a label stands in parentheses above its letter."""
        return _ABOVE.search(self.source, max(0, sub.span.start - 12), sub.span.start) is not None

    def _has_entries(self, stem: str) -> bool:
        """Whether a bold letter with an index is an entry, since the letter is defined as a whole, or that of it by entries.

        What is defined member by member, k_i = x_i in bold, is a sequence of vectors.
        """
        whole, value = self.needed.get((stem, True), (None, None))
        if whole is None or value is None:
            return False
        plain = (part for part, (_, bold) in names(value) if not bold)
        return not whole.index or any(len(indices_of(part)) == 2 for part in plain)

    def lists_as_vectors(self) -> None:
        """Functions of the list of all entries of a letter are of that letter, which is a vector."""

        def whole(s: Surface) -> Surface | None:
            made = of_the_list(s)
            if made is None or (name := name_of(made[1])) is None:
                return None
            self.said.setdefault(name, {1: 0.0})
            return made[0]

        self.change(whole)

    def functions_as_letters(self) -> None:
        """Declared functions that differentiate each other without their arguments are letters, of the size of their values."""
        declared = self.scope.declared
        found = functions_as_letters(self.trees(), declared.functions)
        if not found:
            return
        for name, bold in found:
            self.said[name, bold] = {declared.functions[name].codomain.rank: 0.0}
        known = {name: f for name, f in declared.functions.items() if name not in {n for n, _ in found}}
        self.scope = replace(self.scope, declared=replace(declared, functions=known))

    def same_names(self) -> None:
        """x_i beside a bold x is an entry of it; an italic x beside a bold one is another letter."""
        fonts: dict[str, set[str]] = {}
        shifted: set[str] = set()
        for tree in self.trees():
            for part, _ in names(tree):
                head = taken_apart(part)
                if head is not None and any(isinstance(sub, Infix) for sub in head[1]):  # z_{t-1}: steps of a method
                    shifted.add(head[0].stem)
                if head is not None and len(head[0].stem) == 1 and head[0].stem.isascii() and head[0].stem.isalpha():
                    kind = "bold" if head[0].font == "bold" else "italic"
                    fonts.setdefault(head[0].stem, set()).add(f"{kind} indexed" if head[1] else kind)
        entries = self.entries = {
            stem for stem, found in fonts.items() if "bold indexed" in found and self._has_entries(stem)
        } - shifted
        one = {
            stem for stem, found in fonts.items() if {"bold", "italic indexed"} <= found and "bold indexed" not in found
        }
        one |= entries
        two = {stem for stem, found in fonts.items() if "italic" in found and found & {"bold", "bold indexed"}}
        if not one and not two:
            return
        for known in [(stem, False) for stem in one if "italic" not in fonts[stem]]:
            if known in self.needed and self.needed[known][0].params:  # a function is another letter than entries
                del self.needed[known]

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
            entry = (replace(entry[0], params=tuple(renamed_name(p, one, two) for p in entry[0].params)), entry[1])
            renamed[renamed_name((name, bold), one, two)] = entry
        self.needed = renamed
        for stem in one:
            column = {2: 0.0} if stem.isupper() else {1: 0.0}
            self.said[stem, False] = self.scope.said.get((stem, True), column)
        for stem in two:
            if (stem, False) in self.scope.said:
                self.said[chr(ord(stem) + OTHER), False] = self.scope.said[stem, False]
            if stem not in one:
                self.said.pop((stem, False), None)
