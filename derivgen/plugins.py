"""Packages that bring operations and rules: those that are installed and have an entry point in the group ``derivgen``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from traceback import walk_tb
from types import ModuleType
from typing import TYPE_CHECKING, Any

from derivgen.errors import DerivgenError, ExtensionError, InternalError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from derivgen.catalog.base import Operation
    from derivgen.rules.rule import Rule

GROUP = "derivgen"

_MEND = "mend the package, or uninstall it"


@dataclass(frozen=True, slots=True)
class Brought:
    """What an entry point brings, and the package that it belongs to, with its version: "derivgen-cumsum 1.2"."""

    package: str
    operations: tuple[Operation, ...] = ()
    rules: tuple[Rule, ...] = ()


def installed() -> Iterator[tuple[str, list[Path]]]:
    """The packages with their versions, and where the module stands that is loaded; nothing of it is run."""
    for point in _points():
        spec = find_spec(point.module.partition(".")[0])
        folders = (spec.submodule_search_locations if spec else None) or []
        file = [spec.origin] if spec and spec.origin and not folders else []
        yield _package(point), [Path(place) for place in (*folders, *file)]


def load() -> Iterator[Brought]:
    """All that they bring.

    Raises:
        ExtensionError: a package cannot be loaded, or brings something else; the message names it.
    """
    yield from map(_loaded, _points())


def whose(bug: Exception) -> DerivgenError:
    """What is said of an exception that nobody foresaw: whose it is, a package's in whose functions it came up, or ours."""
    points = {point.module.partition(".")[0]: point for point in _points()}
    for frame, line in walk_tb(bug.__traceback__):
        if point := points.get(frame.f_globals.get("__name__", "").partition(".")[0]):
            code = frame.f_code
            return ExtensionError(
                f"the package {_package(point)} cannot be used: {code.co_name}, {Path(code.co_filename).name}:{line}, fails: "
                f"{type(bug).__name__}: {bug}",
                hint=_MEND,
            )
    return InternalError.of(bug)


@lru_cache(maxsize=1)
def _points() -> tuple[EntryPoint, ...]:
    from importlib.metadata import entry_points

    return tuple(sorted(entry_points(group=GROUP), key=lambda point: (_package(point), point.name)))


def _package(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else point.value


def _loaded(point: EntryPoint) -> Brought:
    from derivgen.catalog.base import Operation
    from derivgen.rules.rule import Rule

    where = f"the package {_package(point)} cannot be used: its entry point {point.name} = {point.value}"
    try:
        found = point.load()
        if callable(found) and not isinstance(found, Operation):
            found = found()
        parts = _declared(found) if isinstance(found, ModuleType) else tuple(found)
    except DerivgenError as wrong:
        raise ExtensionError(f"{where} fails: {wrong.message}", hint=wrong.hint) from wrong
    except Exception as wrong:
        raise ExtensionError(f"{where} fails: {type(wrong).__name__}: {wrong}", hint=_MEND) from wrong
    for part in parts:
        if not isinstance(part, Operation | Rule):
            raise ExtensionError(
                f"{where} brings {part!r}, which is neither an operation nor a rule",
                hint="it is a module that declares them, a list of them, or a function that returns one",
            )
    return Brought(
        _package(point),
        tuple([part for part in parts if isinstance(part, Operation)]),
        tuple([part for part in parts if isinstance(part, Rule)]),
    )


def _declared(module: ModuleType) -> tuple[Any, ...]:
    """The operations and the rules that a module declares, not those that it imports."""
    from derivgen.catalog.base import Operation
    from derivgen.rules.book import declared

    operations = [op for op in vars(module).values() if isinstance(op, Operation) and op.module == module.__name__]
    return (*operations, *declared(module))
