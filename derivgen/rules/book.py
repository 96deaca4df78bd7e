"""The book: all rules and moves that a derivation may cite, from which the methods collect theirs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import ModuleType

from derivgen.errors import ExtensionError
from derivgen.rules.moves import Move
from derivgen.rules.rule import ASKED, Phase, Role, Rule

Entry = Rule | Move


@dataclass(frozen=True, slots=True, eq=False)
class Book:
    """The rules, in the order in which they act where nothing else is said, and the moves.

    Raises:
        ExtensionError: two entries have one name, or no method would ever ask for a rule.
    """

    rules: tuple[Rule, ...] = ()
    moves: tuple[Move, ...] = ()
    by_name: Mapping[str, Entry] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        by_name: dict[str, Entry] = {}
        entries: tuple[Entry, ...] = (*self.moves, *self.rules)
        for entry in entries:
            if by_name.setdefault(entry.name, entry) is not entry:
                raise ExtensionError(f"two rules are called {entry.name}", hint="give one of them another name")
        object.__setattr__(self, "by_name", by_name)
        for r in self.rules:
            _refuse_unreachable(r)

    def shown(self, *phases: Phase) -> tuple[Rule, ...]:
        """The rules that make steps, phase by phase."""
        return _collected(self, "shown", phases)

    def silent(self, *phases: Phase) -> tuple[Rule, ...]:
        """The rules that are folded into the step before."""
        return _collected(self, "silent", phases)

    def offered(self, *phases: Phase) -> tuple[Rule, ...]:
        """The rules that give other forms to choose among."""
        return _collected(self, "offered", phases)

    def extended(self, rules: Iterable[Rule]) -> Book:
        """The book with further rules after its own."""
        return Book((*self.rules, *rules), self.moves)


@lru_cache(maxsize=256)
def _collected(book: Book, role: Role, phases: tuple[Phase, ...]) -> tuple[Rule, ...]:
    ordered = sorted((r for r in book.rules if r.role == role), key=lambda r: r.order)
    return tuple(dict.fromkeys(r for phase in phases for r in ordered if phase in r.phases))


def declared(chapter: ModuleType) -> tuple[Rule, ...]:
    """The rules of a chapter, in the order written."""
    return tuple(r for r in vars(chapter).values() if isinstance(r, Rule) and r.rewrite.__module__ == chapter.__name__)


def _refuse_unreachable(r: Rule) -> None:
    """Refuse a rule that no method would ever ask for, so that nobody waits for it in vain."""
    if r.role not in ASKED:
        raise ExtensionError(f"rule {r.name} has the role {r.role!r}", hint=f"take one of {', '.join(ASKED)}")
    if not r.on:
        raise ExtensionError(
            f"rule {r.name} looks at no kind of node, so it would never act",
            hint="name the kinds after the stage: @rule(Stage.SIMPLIFY, Call, …)",
        )
    idle = [str(phase) for phase in r.phases if phase not in ASKED[r.role]]
    if idle or not r.phases:
        where = f"in the phase {idle[0]}" if idle else f"at the stage {r.stage}"
        raise ExtensionError(
            f"no method reaches rule {r.name}: none asks for rules that are {r.role} {where}",
            hint=f"rules that are {r.role} have the phases {', '.join(ASKED[r.role])}",
        )
