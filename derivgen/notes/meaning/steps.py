"""A recurrence written out: h_t = f(h_{t-1}) at each of a few steps, with the sums and the products over them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import takewhile

from derivgen.expr import Symbol
from derivgen.notes.meaning.scope import Defined, Row
from derivgen.notes.meaning.trees import Name, base_of, changed, is_letter, name_of, names
from derivgen.read.kinds.letters import atoms, is_word
from derivgen.read.kinds.prices import Ranks
from derivgen.read.latex.names import taken_apart
from derivgen.read.latex.spelling import plain
from derivgen.read.surface import (
    Binder,
    Branches,
    Called,
    Chain,
    Dots,
    Fenced,
    Group,
    Infix,
    Letter,
    Literal,
    Multiplied,
    Product,
    Raised,
    Scripted,
    Sequence,
    Summed,
    Surface,
    Unsaid,
    walk,
)

SHIFTED = re.compile(r"_\s*\{\s*[a-z]\s*[-+−]\s*\d")
"""What stands below the letter of a neighbour, h_{t-1}; a text without it has no recurrence."""

HERE, LAST = 3, 4
"""The step that a formula speaks of, and how many steps there are."""

Numbers = Mapping[str, int]


def sequences(rows: Iterable[Row], tree: Callable[[str], Surface | None]) -> Iterator[Defined]:
    """What rows say of the members of sequences; ``tree`` reads LaTeX."""
    for row in rows:
        s = row.statement
        head = tree(s.members[0].text) if s.signs[:1] in (("=",), (":=",)) else None
        if head is not None and (is_letter(head) or isinstance(head, Called)):
            others = ((k, m.text, value) for k, m in enumerate(s.members) if k and (value := tree(m.text)) is not None)
            yield from members(row, head, others)


def members(row: Row, head: Surface, values: Iterable[tuple[int, str, Surface]]) -> Iterator[Defined]:
    """What a row says of the members of a sequence: h_t = f(h_{t-1}), o_t = g(h_t), or L(x_1, …, x_T) of all of them.

    ``values`` are its other members that are read, each with its number and as it is written.
    """
    name, below = base_of(head.head if isinstance(head, Called) else head), _below(head)
    if name is None or not (below or (isinstance(head, Called) and any(isinstance(a, Dots) for a in head.args))):
        return
    for side, latex, value in values:
        if below and not any(_below(part) == below or _shift(part) == below for part, _ in names(value)):
            continue
        recurs = any(_shift(part) == below and base_of(part) == name for part, _ in names(value))
        yield Defined(name, latex, row, side, index=below, stem=name[0], recurs=bool(below) and recurs)
        return


def _below(s: Surface) -> str:
    """The one small letter that stands below a letter; "" where another thing does."""
    head = taken_apart(s)
    places = atoms(head[1]) if head is not None else []
    match places:
        case [Letter(_, stem, "")] if len(stem) == 1 and stem.islower():
            return stem
        case _:
            return ""


def _shift(s: Surface) -> str:
    """The letter t of h_{t-1}; "" where another thing stands below."""
    head = taken_apart(s)
    match head[1] if head is not None else ():
        case (Infix(_, "+" | "-", Letter(_, stem, ""), Literal()),) if len(stem) == 1:
            return stem
        case _:
            return ""


def is_neighbour(s: Surface, said: Iterable[Defined]) -> bool:
    """Whether a member before or behind another one stands in a tree, of a sequence that is given by a recurrence."""
    given = {(d.name, d.index) for d in said if d.recurs}
    return bool(given) and any((base_of(part), _shift(part)) in given for part, _ in names(s))


@dataclass
class Steps:
    """Trees with a number for each step.

    Attributes:
        known: what is said of members, and of what is made of all of them.
        numbers: of each index, and of their last one, which step is meant.
        letters: the names of members that occur, each with that of its sequence and its step.
    """

    known: dict[Name, Defined]
    numbers: dict[str, int] = field(default_factory=dict)
    letters: dict[Name, tuple[Name, int]] = field(default_factory=dict)

    def count(self, trees: Iterable[Surface]) -> None:
        """Find the indices and their last in trees; a letter that is no number stands for itself."""
        indices = {d.index for d in self.known.values() if d.index}
        self.numbers |= dict.fromkeys(indices, HERE)
        for tree in trees:
            for part in walk(tree):
                if isinstance(part, Binder) and part.name in indices and isinstance(part.length, Letter):
                    self.numbers[part.length.stem] = LAST

    def defined(self, name: Name) -> tuple[Defined, Numbers] | None:
        """What a member is at its step, or what is made of all of them; None of what lies before the first or behind the last."""
        of, step = self.letters.get(name, (name, 0))
        found = self.known.get(of)
        if found is None or bool(found.index) != (name in self.letters) or (found.index and not 1 <= step <= LAST):
            return None
        return found, ({**self.numbers, found.index: step} if found.index else self.numbers)

    def written(self, s: Surface, numbers: Numbers | None = None) -> Surface:
        """A tree with its sums and products over steps written out, and a letter of its own for each member."""
        at = self.numbers if numbers is None else numbers
        match s:
            case Letter(span, stem, "") if stem in at:
                return Literal(span, Fraction(at[stem]))
            case Scripted() if is_letter(s):
                return self._member(s, at)
            case Raised(span, base, exponent) if (
                not isinstance(exponent, Literal) and (n := _number(exponent, at)) is not None
            ):
                body = self.written(base, at)
                return (
                    Literal(span, Fraction(1))
                    if n == 0
                    else body
                    if n == 1
                    else Raised(span, body, Literal(span, Fraction(n)))
                )
            case Summed(span, (first, *rest), body) if (n := self._length(first, at)) is not None:
                inner = Summed(span, tuple(rest), body) if rest else body
                terms = [self.written(inner, {**at, first.name: k}) for k in range(1, n + 1)]
                found = [t for t in terms if not (isinstance(t, Literal) and t.value == 0)]
                whole = found[0] if found else Literal(span, Fraction(0))
                for term in found[1:]:
                    whole = Infix(span, "+", whole, term)
                return Group(span, whole)
            case Multiplied(span, binder, body) if (n := self._length(binder, at)) is not None:
                factors = [Group(span, self.written(body, {**at, binder.name: k})) for k in range(1, n + 1)]
                kept = [f for f in factors if not (isinstance(f.inner, Literal) and f.inner.value == 1)]
                if len(kept) < 2:
                    return kept[0] if kept else Literal(span, Fraction(1))
                return Product(span, tuple(kept), ("",) * (len(kept) - 1))
            case Product(span, (Group(_, Chain() as condition), Group(_, body)), _) if (
                true := _holds(condition, at)
            ) is not None:
                return self.written(body, at) if true else Literal(span, Fraction(0))
            case Branches(_, rows) if row := next((r for r in rows if _holds(r[1], at) is not False), None):
                if _holds(row[1], at):
                    return self.written(row[0], at)
        return changed(s, lambda part: None if part is s else self.written(part, at))

    def kinds(
        self, symbols: Mapping[str, Symbol], said: Mapping[Name, Ranks]
    ) -> tuple[dict[str, Symbol], dict[Name, Ranks]]:
        """What is declared or said of members in general, of each of them by its name."""
        own: dict[str, Symbol] = {}
        ranks: dict[Name, Ranks] = {}
        for name, (of, _) in self.letters.items():
            member = self.known.get(of)
            for index in {member.index} if member is not None else {d.index for d in self.known.values() if d.index}:
                kind = plain(of[0], (index,))
                if kind in symbols:
                    own[name[0]] = Symbol(name[0], symbols[kind].space)
                elif (found := said.get((kind, of[1]), said.get(of))) is not None:
                    ranks[name] = found
        return own, ranks

    def _length(self, binder: Binder, at: Numbers) -> int | None:
        """How far an index over steps runs; None of any other."""
        if isinstance(binder.length, Unsaid):
            return LAST if binder.name in self.numbers else None
        return _number(binder.length, at)

    def _member(self, s: Scripted, at: Numbers) -> Surface:
        head = taken_apart(s)
        assert head is not None
        words = tuple(takewhile(is_word, head[1]))
        places = head[1][len(words) :]
        step = _number(places[0], at) if len(places) == 1 else None
        of = base_of(s)
        if step is None or of is None or (isinstance(places[0], Literal) and of not in self.known):
            return s
        made = Scripted(s.span, head[0], (*words, Letter(s.span, f"step{step}", "upright")))
        name = name_of(made)
        assert name is not None
        self.letters[name] = of, step
        return made


def _number(s: Surface, at: Numbers) -> int | None:
    """The number that a place is, where all letters in it are known."""
    match s:
        case Literal(_, value) if value.denominator == 1:
            return int(value)
        case Letter(_, stem, ""):
            return at.get(stem)
        case Group(_, inner) | Fenced(_, "(", (inner,)):
            return _number(inner, at)
        case Infix(_, "+" | "-" as sign, left, right):
            one, other = _number(left, at), _number(right, at)
            return None if one is None or other is None else one + other if sign == "+" else one - other
        case _:
            return None


_ORDER = {"<": (-1,), "≤": (-1, 0), ">": (1,), "≥": (0, 1), "=": (0,), "≠": (-1, 1)}


def _holds(condition: Surface | None, at: Numbers) -> bool | None:
    """Whether a condition on indices holds; None where that is not known. What is none holds."""
    match condition:
        case None:
            return True
        case Sequence(_, items):
            found = [_holds(item, at) for item in items]
            return None if None in found else all(found)
        case Chain(_, sides, signs) if set(signs) <= _ORDER.keys():
            values = [_number(s, at) for s in sides]
            if any(v is None for v in values):
                return None
            pairs = zip(values, values[1:], signs, strict=False)
            return all((a > b) - (a < b) in _ORDER[sign] for a, b, sign in pairs if a is not None and b is not None)
        case _:
            return None
