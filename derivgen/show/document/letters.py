"""The letters of indices: within a derivation each has one range, whatever the steps were found with.

Every part of a derivation is found with i and j at first, so that one letter may run to n in one step and to m in the next.
A reader takes the same letter for the same range, so indices that would have a letter in common get others before they are
printed. What a letter stands for does not change by this: it is another name for what is bound, or for a free place of a line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from derivgen.catalog.linear import sum_
from derivgen.derivation.derivation import Derivation
from derivgen.expr import (
    Build,
    Call,
    Definition,
    Dim,
    Expr,
    Index,
    Partial,
    Sum,
    Symbol,
    all_indices,
    fresh_index,
    relettered,
    symbols,
    walk,
)
from derivgen.rules.reason import Either
from derivgen.rules.step import Step

LETTERS = "ijklmprstq"
"""Those that have a small form below the line come first."""


def by_range(d: Derivation, *, smaller: bool = True) -> tuple[Derivation, dict[str, Dim]]:
    """The derivation with indices under names that have one range each, and these; the reader's own and those of the answer stay.

    What is printed keeps its letters from step to step. A letter that only a sentence has is free again in the next step.
    Where no letter has two ranges nothing is changed, and none is said. Without ``smaller`` the smaller steps, which are
    not printed, stay as they are.
    """
    p = d.problem
    asked = [p.expression, *(n.value for n in p.definitions), d.left, d.result, *(n.value for n in d.said_result[1])]
    lines = [*map(_Line, asked), *_all_lines(d.steps, smaller=smaller)]
    ranges: dict[str, Dim] = {}
    if all(ranges.setdefault(i.name, i.dim) == i.dim for line in lines for i in line.seen):
        return d, {}
    taken = {*p.symbols, *p.functions, *(str(i.dim) for line in lines for i in line.all)}
    taken.update(s.name for line in lines for e in line.of for s in walk(e) if isinstance(s, Symbol))
    letters = _Letters(taken, smaller)
    for line in lines[: len(asked)]:
        for i in line.seen:
            letters.fixed[i] = i.name
            letters.ranges.setdefault(i.name, i.dim)
    return d.with_steps(letters.moved(d.steps, {})), letters.ranges


class _Line:
    """What is read at once: one side of an equation with what it is equal to, or a sentence.

    Attributes:
        of: its expressions.
        seen: the indices that are printed, in the order met.
        all: these and those that a derivative in names has under its sign.
    """

    __slots__ = ("all", "of", "seen")

    def __init__(self, *of: Expr | None) -> None:
        self.of = [e for e in of if e is not None]
        self.seen = {i: None for e in self.of for i in sorted(e.free, key=str)}
        hidden: dict[Index, None] = {}
        for here in (here for e in self.of if e.kinds & _BINDING for here in walk(e)):
            match here:
                case Sum(index):
                    self.seen[index] = None
                case Build():
                    (hidden if isinstance(here.body, Partial) else self.seen).update(dict.fromkeys(here.bound))
                case Call(op, (arg,)) if op is sum_:  # it is printed as a sum over letters
                    names = {*symbols(arg), *(i.name for i in all_indices(arg)), *map(str, arg.shape.axes)}
                    for dim in arg.shape.axes:
                        new = fresh_index(dim, names)
                        names.add(new.name)
                        self.seen[new] = None
                case _:
                    pass
        self.all = {**self.seen, **hidden}


_BINDING = Sum.bit | Build.bit | Call.bit
"""The kinds of node that may print an index which does not stand free."""


def _all_lines(steps: Iterable[Step], *, smaller: bool) -> Iterator[_Line]:
    for s in steps:
        yield from (*_displays(s), *_sentences(s))
        yield from _all_lines(s.substeps, smaller=True) if smaller else ()


def _displays(s: Step) -> list[_Line]:
    return [*(_Line(n.value) for n in s.introduces), *(_Line(s.left, side) for side in (s.before, *s.via, s.after))]


def _sentences(s: Step) -> list[_Line]:
    """What is said of a step, with the terms that fit into a line and without."""
    parts = s.reason.parts
    ways = ([q for p in parts for q in (p.ways[k] if isinstance(p, Either) else (p,))] for k in (0, -1))
    return [_Line(*(q for q in way if isinstance(q, Expr))) for way in ways]


def _free(s: Step) -> frozenset[Index]:
    """The indices that stand free in a step."""
    return frozenset().union(*(e.free for e in (s.left, s.before, *s.via, s.after) if e is not None))


@dataclass(slots=True)
class _Letters:
    """Which letter has which range so far.

    Attributes:
        taken: names that are no letters for indices.
        smaller: whether smaller steps get other letters, too.
        ranges: the range of each letter that was printed.
        fixed: the letters that stay.
        last: the letter that an index had last.
    """

    taken: set[str]
    smaller: bool
    fixed: dict[Index, str] = field(default_factory=dict)
    ranges: dict[str, Dim] = field(default_factory=dict)
    last: dict[Index, str] = field(default_factory=dict)

    def moved(self, steps: tuple[Step, ...], around: Mapping[Index, str]) -> tuple[Step, ...]:
        """Steps in other letters, and those within them after all of these; the letters ``around`` them stay."""
        found = [{**{i: name for i, name in around.items() if i in _free(s)}, **self.fixed} for s in steps]
        known: list[dict[Index, str]] = []
        for s, names in zip(steps, found, strict=True):
            self._name_all(_displays(s), {}, names, self.ranges)
            self.last |= names
            known.append(dict(self.last))
        for s, names, last in zip(steps, found, known, strict=True):
            self.last = last
            self._say(s, names)
        return tuple([self._moved(s, names) for s, names in zip(steps, found, strict=True)])

    def _name_all(
        self, lines: Sequence[_Line], beside: dict[Index, set[Index]], names: dict[Index, str], ranges: dict[str, Dim]
    ) -> None:
        """A name for each index of lines: none that another one of its line has, and none of another range."""
        for line in lines:
            for i in line.all:
                beside.setdefault(i, set()).update(line.all)
        met = dict.fromkeys(i for line in lines for i in line.seen if i not in names)
        for change in (False, True):  # those first that may keep the name that they have
            for i in [i for i in met if i not in names]:
                near = {names[j] for j in beside[i] if j in names}
                name = self._name(i, names, near, ranges)
                if change or name == self.last.get(i, i.name):
                    names[i] = name
                    ranges.setdefault(name, i.dim)

    def _name(self, i: Index, names: Mapping[Index, str], near: set[str], ranges: Mapping[str, Dim]) -> str:
        """The name that it had last, or its own, or one that has its range already, or the next letter that is free."""
        letters = [self.last.get(i, i.name), i.name, *ranges, *(c for c in LETTERS if c not in self.taken)]
        here = {name: j.dim for j, name in names.items()}
        for known in (ranges, here):  # where no letter is left one is used again, in this step for one range still
            for name in letters:
                if name not in near and known.get(name, here.get(name, i.dim)) == i.dim:
                    return name
        return fresh_index(i.dim, {*near, *here, *ranges, *self.taken}, LETTERS).name

    def _say(self, s: Step, names: dict[Index, str]) -> None:
        """Names for the letters that only a sentence of a step has, and for those that are never printed."""
        lines = [*_displays(s), *_sentences(s), *(_Line(n.value) for n in s.definitions if n.value.free)]
        beside = {i: set(names) for i in names if i in _free(s)}
        self._name_all(lines, beside, names, dict(self.ranges))
        for i, near in beside.items():
            if i not in names:
                held = {names[j] for j in near if j in names}
                own = self.last.get(i, i.name)
                names[i] = fresh_index(i.dim, {*held, *self.taken}, LETTERS).name if own in held else own

    def _moved(self, s: Step, names: Mapping[Index, str]) -> Step:
        put = {i: Index(name, i.dim) for i, name in names.items() if name != i.name}

        def moved(e: Expr) -> Expr:
            return relettered(e, put)

        return replace(
            s, before=moved(s.before), after=moved(s.after), reason=s.reason.of(moved), substeps=self.moved(s.substeps, names) if self.smaller else s.substeps,
            left=None if s.left is None else moved(s.left), via=tuple([moved(e) for e in s.via]),
            introduces=tuple([Definition(n.symbol, moved(n.value)) for n in s.introduces]),
            definitions=tuple([Definition(n.symbol, moved(n.value)) if n.value.free else n for n in s.definitions]),
        )  # fmt: skip
