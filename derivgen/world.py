"""The world: the operations and the rules that there are."""

from __future__ import annotations

import pickle
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from derivgen import plugins
from derivgen.arguments import require
from derivgen.catalog import GLOSSARY
from derivgen.catalog.base import Operation
from derivgen.catalog.glossary import Glossary
from derivgen.errors import ExtensionError
from derivgen.rules import BOOK
from derivgen.rules.book import Book
from derivgen.rules.rule import Rule


@dataclass(frozen=True, eq=False, slots=True)
class World:
    """The operations that expressions are read with, and the rules that derivations are made with.

    Attributes:
        glossary: the operations, by all their names.
        book: the rules.
        packages: what brings some of them besides derivgen, with its version.
    """

    glossary: Glossary = GLOSSARY
    book: Book = BOOK
    packages: tuple[str, ...] = ()

    @staticmethod
    def default() -> World:
        """Derivgen's own operations and rules, and those of the packages that are installed for it.

        Raises:
            ExtensionError: a package cannot be loaded, or what it brings cannot be taken in.
        """
        return _default()

    def extended(
        self, operations: Iterable[Operation] = (), rules: Iterable[Rule] = (), *, check: bool = True
    ) -> World:
        """The world with further operations and rules.

        ``check`` tries them, which takes a moment: operations beside their references (``derivgen.testing.check_operation``),
        rules on their examples (``check_rule``).

        Raises:
            ExtensionError: a name is taken or cannot be typed, no method would ask for a rule, or what is declared is
                not so. The message says which, where, and what was expected.
        """
        require(operations, Iterable, "operations are a list", "such as operations=[arctan]")
        require(rules, Iterable, "rules are a list", "such as rules=[cancel_arctan]")
        require(check, bool, "check is True or False", "such as check=False")
        operations, rules = tuple(operations), tuple(rules)
        for r in rules:
            if not isinstance(r, Rule):
                raise ExtensionError(f"{r!r} is no rule", hint="a rule is a function under @rule(Stage.SIMPLIFY, …)")
        found = replace(self, glossary=self.glossary.extended(operations), book=self.book.extended(rules))
        if check:
            found.check(operations, rules)
        return found

    def check(self, operations: Iterable[Operation], rules: Iterable[Rule]) -> None:
        """Try some of the operations and rules."""
        from derivgen.trials.operation import check_operation
        from derivgen.trials.rule import check_rule

        for op in operations:
            if not op.composed:
                check_operation(op)
        for r in rules:
            check_rule(r, glossary=self.glossary, book=self.book)

    @property
    def added(self) -> tuple[tuple[Operation, ...], tuple[Rule, ...]]:
        """The operations and rules that are not derivgen's own."""
        return self.glossary.operations[len(GLOSSARY.operations) :], self.book.rules[len(BOOK.rules) :]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, World) and (self.added, self.packages) == (other.added, other.packages)

    def __hash__(self) -> int:
        return hash((self.added, self.packages))

    def packed(self) -> str:
        """The world as text, for another process; ``unpacked`` reads it.

        Raises:
            ExtensionError: something in it cannot be found from there.
        """
        operations, rules = self.added
        modules = {op.name: op.module for op in operations} | {r.name: r.rewrite.__module__ for r in rules}
        for name, module in modules.items():
            if module == "__main__":
                raise ExtensionError(
                    f"{name} cannot be sent to another process: it is declared in the program itself",
                    hint="declare it in a module, which the program imports",
                )
        return b64encode(pickle.dumps(self)).decode()

    def __reduce__(self) -> tuple[Any, ...]:
        return _made, (*self.added, self.packages)


@lru_cache(maxsize=8)
def unpacked(text: str) -> World:
    """The world that ``packed`` made a text of."""
    world = pickle.loads(b64decode(text))
    assert isinstance(world, World)
    return world


@lru_cache(maxsize=8)
def _made(operations: tuple[Operation, ...], rules: tuple[Rule, ...], packages: tuple[str, ...]) -> World:
    """The same world for the same additions, so that what is remembered of it serves again."""
    return replace(World().extended(operations, rules, check=False), packages=packages)


@lru_cache(maxsize=1)
def _default() -> World:
    world = World()
    for brought in plugins.load():
        try:
            world = world.extended(brought.operations, brought.rules, check=False)
        except ExtensionError as wrong:
            raise ExtensionError(
                f"the package {brought.package} cannot be used: {wrong.message}", hint=wrong.hint
            ) from wrong
        world = replace(world, packages=(*world.packages, brought.package))
    return world
