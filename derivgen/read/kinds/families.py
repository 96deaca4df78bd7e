r"""Letters with an index: x_i \in R^n under a sum over i is a family x_1, …, x_N, one array with i along its first axis."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from derivgen.catalog.declared import family_of, member_of
from derivgen.catalog.letters import GREEK
from derivgen.errors import ParseError
from derivgen.expr import Dim
from derivgen.read.declarations import Declarations
from derivgen.read.kinds.letters import Written, atoms
from derivgen.read.latex.names import plain_name, sub_text, taken_apart
from derivgen.read.latex.spelling import plain
from derivgen.read.surface import Binder, Chain, Infix, Letter, Literal, Scripted, Surface

Use = tuple[str, tuple[str, ...], int]
"""The plain name of a letter, the names that stand below it, and how many places there are; "" is what has no letter."""


_ALWAYS = ("", "delta")
"""What stands below brackets, and below Kronecker's delta, is a place."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """What stands below letters.

    Attributes:
        declarations: with families in place of their members; the lengths that nothing says are open.
        indices: the names that are indices wherever they stand below a letter, those that nothing binds among them.
    """

    declarations: Declarations
    indices: frozenset[str]


def with_families(known: Declarations, formulas: tuple[Written, ...]) -> Indexed:
    r"""What is declared of a member, as x_i \in R^n is, declared of the family where a formula binds the index.

    An index is bound by a sum or a product. What stands at its place below the same letter elsewhere is an index too: v_i
    beside \sum_j v_j, and z_i where z is a declared array. A member whose index nothing binds is a variable by itself.

    Raises:
        ParseError: members of one family are declared differently, or its letter has another meaning.
    """
    of_kind: dict[type[Surface], list[Any]] = {Scripted: [], Chain: [], Letter: [], Binder: [], Infix: []}
    for formula in formulas:
        for s in formula.parts:
            if type(s) in of_kind:
                of_kind[type(s)].append(s)
    indices = {s.name for s in of_kind[Binder]} | set(known.indices)
    if not of_kind[Scripted]:
        return Indexed(known, frozenset(indices))
    below = {id(a) for s in of_kind[Scripted] for a in atoms(s.subs)}
    below |= {id(side) for s in of_kind[Chain] for side in s.sides}
    bare = {s.stem for s in of_kind[Letter] if id(s) not in below}
    limits = {plain_name(s.length) for s in of_kind[Binder]}
    uses = [use for s in of_kind[Scripted] for use in _uses(s)]
    members = {name: found for name in known.symbols if (found := member_of(name)) is not None}
    families: set[tuple[str, int]] = set()

    def index(name: str) -> bool:
        small = name in GREEK or (len(name) == 1 and name.islower())
        return name in indices or (small and name not in known.names and name not in bare and name not in limits)

    def met(stem: str, names: tuple[str, ...], count: int) -> bool:
        """Whether what has so many places is a family or an array: where it is declared as one, or by what stands below."""
        for name, (of, letters) in members.items():
            rank = known.symbols[name].shape.rank
            if of == stem and len(letters) <= count <= len(letters) + rank:
                if indices.intersection(names[: len(letters)]):
                    families.add((stem, len(letters)))
                if (stem, len(letters)) in families:
                    return True
        symbol = known.symbols.get(stem)
        if stem in _ALWAYS or (symbol is not None and symbol.shape.rank >= count):
            return True
        if indices.intersection(names):
            families.add((stem, count))
        return (stem, count) in families

    before = -1
    while before != len(indices) + len(families):
        before = len(indices) + len(families)
        for stem, names, count in uses:
            if all(map(index, names)) and met(stem, names, count):
                indices.update(names)
    for formula in formulas if of_kind[Infix] else ():
        for s in formula.parts:
            if type(s) is Infix:
                _refuse_both(s, formula.source, known, indices)
    of_families = {name: of for name, of in members.items() if (of[0], len(of[1])) in families}
    return Indexed(_declared(known, of_families) if of_families else known, frozenset(indices))


def _refuse_both(s: Infix, source: str, known: Declarations, indices: set[str]) -> None:
    r"""x - x_i, where nothing says whether x_i is an entry of x or a vector beside it."""
    match s:
        case Infix(_, "+" | "-", one, other):
            pair = {type(side): side for side in (one, other)}
        case _:
            return
    bare, indexed = pair.get(Letter), pair.get(Scripted)
    if not isinstance(bare, Letter) or not isinstance(indexed, Scripted):
        return
    name = plain_name(bare)
    if name not in known.names and any(
        stem == name and indices.issuperset(names) and count == len(names) for stem, names, count in _uses(indexed)
    ):
        raise ParseError(
            f"{name} stands here with an index and without", span=s.span, source=source,
            hint=f'if it is one array, declare it, such as "{name} in R^n"; else give one of them another letter',
        )  # fmt: skip


def _uses(s: Scripted) -> Iterator[Use]:
    """The ways to part what stands below a letter, or below brackets, into what belongs to its name and the places."""
    head, subs = taken_apart(s) or (None, s.subs)
    for k in range(len(subs) if head is not None else 1):
        words = [sub_text(w) or "" for w in subs[:k]]
        places = atoms(subs[k:])
        names = [plain_name(a) or "" for a in places if isinstance(a, Letter) and a.stem != ":"]
        if names and all(words) and all(isinstance(a, Letter | Literal) for a in places):
            yield plain(head.stem, tuple(words)) if head is not None else "", tuple(names), len(places)


def _declared(known: Declarations, of_families: dict[str, tuple[str, tuple[str, ...]]]) -> Declarations:
    symbols = {name: s for name, s in known.symbols.items() if name not in of_families}
    for name, (stem, letters) in of_families.items():
        member = known.symbols[name]
        family = family_of(stem, [Dim(f"?{stem} of {k}") for k in range(len(letters))], member)
        if stem in known.glossary.constants:
            family = replace(family, name=f"{stem}_")  # π_k, beside the number π
        given = symbols.get(stem)
        if given is not None and not member.shape.axes and given.shape.rank == len(letters):
            continue  # x \in R^n; x_i \in R: an entry of x
        other = family.name in {*known.names} - set(of_families)
        if other or symbols.setdefault(family.name, family) != family:
            raise ParseError(f"{name} is declared with an index that runs, and {stem} is declared as something else",
                             hint="give one of them another letter")  # fmt: skip
    return replace(known, symbols=symbols)
