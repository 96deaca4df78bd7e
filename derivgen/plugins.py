"""Packages that bring operations and rules: those that are installed and have an entry point in the group ``derivgen``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Any

from derivgen.catalog.base import Operation
from derivgen.errors import DerivgenError, ExtensionError
from derivgen.rules.rule import Rule

GROUP = "derivgen"


@dataclass(frozen=True, slots=True)
class Package:
    """What an entry point brings, and the package that has it, with its version: "derivgen-cumsum 1.2"."""

    name: str
    operations: tuple[Operation, ...] = ()
    rules: tuple[Rule, ...] = ()


def installed() -> tuple[str, ...]:
    """The packages with their versions, without loading them."""
    return tuple(dict.fromkeys(map(_package, _points())))


def load() -> tuple[Package, ...]:
    """All that they bring.

    Raises:
        ExtensionError: one cannot be loaded, or brings something else; it names the package.
    """
    return tuple([_loaded(point) for point in _points()])


@lru_cache(maxsize=1)
def _points() -> tuple[EntryPoint, ...]:
    return tuple(sorted(entry_points(group=GROUP), key=lambda point: (_package(point), point.name)))


def _package(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else point.value


def _loaded(point: EntryPoint) -> Package:
    where = f"entry point {point.name} = {point.value} of the package {_package(point)}"
    try:
        found = point.load()
        if callable(found) and not isinstance(found, Operation):
            found = found()
        parts = _declared(found) if isinstance(found, ModuleType) else tuple(found)
    except DerivgenError as wrong:
        raise ExtensionError(f"the {where}: {wrong.message}", hint=wrong.hint) from wrong
    except Exception as wrong:
        raise ExtensionError(
            f"the {where} fails: {type(wrong).__name__}: {wrong}", hint="mend the package, or uninstall it"
        ) from wrong
    for part in parts:
        if not isinstance(part, Operation | Rule):
            raise ExtensionError(
                f"the {where} brings {part!r}, which is neither an operation nor a rule",
                hint="it is a module that declares them, a list of them, or a function that returns one",
            )
    return Package(
        _package(point),
        tuple([p for p in parts if isinstance(p, Operation)]),
        tuple([p for p in parts if isinstance(p, Rule)]),
    )


def _declared(module: ModuleType) -> Iterable[Any]:
    """The operations and rules that a module declares, not those that it imports."""
    return tuple(
        part for part in vars(module).values()
        if (isinstance(part, Operation) and part.module == module.__name__)
        or (isinstance(part, Rule) and part.rewrite.__module__ == module.__name__)
    )  # fmt: skip
