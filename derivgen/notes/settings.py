"""What header, comments of sections and the one who asks have set, at each place of a text."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from derivgen.codes import known_codes
from derivgen.errors import DerivgenError
from derivgen.notes.header import merged
from derivgen.notes.source import Finding, Heading, Ignored, Notes, Setting, Value
from derivgen.read.declarations import Declarations
from derivgen.read.declare import declare
from derivgen.read.user_functions import read_own

Path = tuple[int, ...]
"""The headings that something stands under, as numbers of pieces."""


@dataclass
class Settings:
    """Options of a text and of its sections.

    Attributes:
        given: what is declared and defined for all of the text.
        findings: what was declared and cannot be read.
    """

    notes: Notes
    given: Declarations = field(init=False)
    findings: list[Finding] = field(default_factory=list)
    _given: dict[Path, Declarations] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.given = self._header(Declarations(), self.notes.options)

    def option(self, key: str, path: Path) -> str:
        """What an option is under some headings, as it was written; "" where nobody says."""
        here = [s.value for s in self._set_at(path) if s.key == key]
        return here[-1] if here else _text(self.notes.options.get(key, ""))

    def given_at(self, path: Path) -> Declarations:
        """What is declared and defined under some headings."""
        if path not in self._given:
            own = merged(self._set_at(path), {}) if self.notes.settings else {}
            self._given[path] = self._header(self.given, own) if own else self.given
        return self._given[path]

    def section(self, start: int) -> tuple[int, int]:
        """Where the section that holds a place begins and ends, with those below it."""
        k = bisect_right(self._sections, start, key=lambda s: s[0]) - 1
        begin, own = self._sections[k]
        ends = (at for at, path in self._sections[k + 1 :] if not is_within(own, path))
        return begin, next(ends, len(self.notes.text))

    def _set_at(self, path: Path) -> Iterator[Setting]:
        for setting in self.notes.settings:
            own = self._sections[bisect_right(self._sections, setting.start, key=lambda s: s[0]) - 1][1]
            if is_within(own, path):
                yield setting

    @cached_property
    def _sections(self) -> tuple[tuple[int, Path], ...]:
        """Where sections begin, with the headings from there on."""
        found: list[tuple[int, Path]] = [(0, ())]
        path: list[tuple[int, int]] = []
        for number, piece in enumerate(self.notes.pieces):
            if isinstance(piece, Heading):
                path = [p for p in path if p[0] < piece.level] + [(piece.level, number)]
                found.append((piece.start, tuple(p[1] for p in path)))
        return tuple(found)

    def _header(self, before: Declarations, options: Mapping[str, Value]) -> Declarations:
        """What a header declares and defines, on top of what holds already."""
        found = before
        for clause in re.split(r"[;\n]", _text(options.get("where", ""))):
            try:
                one = _declared(clause, found)
            except DerivgenError as error:
                self._unread(clause, error)
                continue
            found = replace(found, symbols={**found.symbols, **one.symbols}, functions={**found.functions, **one.functions},
                            sizes=tuple(dict.fromkeys((*found.sizes, *one.sizes))))  # fmt: skip
        defined = options.get("define", ())
        for source in (defined,) if isinstance(defined, str) else defined:
            try:
                found = read_own((source,), found)
            except DerivgenError as error:
                self._unread(source, error)
        return found

    def _unread(self, said: str, error: DerivgenError) -> None:
        at = max(self.notes.text.find(said.strip()), 0)
        message = f"this cannot be read: {error.advised}"
        self.findings.append(Finding(at, at + len(said.strip()) if at else 0, "option", "warning", message))


def _declared(clause: str, before: Declarations) -> Declarations:
    """What a clause declares; one such as x > 0 says more of letters that were declared before.

    Raises:
        DerivgenError: it cannot be read.
    """
    try:
        return declare(clause)
    except DerivgenError:
        letters = [name for name in re.split(r"\W+", clause.partition(">")[0]) if name in before.symbols]
        if not letters:
            raise
    signs = declare(f"{', '.join(letters)} in R; {clause}").symbols
    more = {
        name: replace(before.symbols[name], traits=(*before.symbols[name].traits, *s.traits))
        for name, s in signs.items()
    }
    return replace(before, symbols=more)


def silenced(notes: Notes) -> tuple[Ignored, ...]:
    """Where findings are not wanted: by comments that ask for silence, and by the option for a text or a section."""
    settings = Settings(notes)
    given = [(0, len(notes.text), notes.options.get("ignore", ()))]
    given += [(*settings.section(s.start), s.value) for s in notes.settings if s.key == "ignore"]
    return (*notes.ignored, *(Ignored(a, b, _codes(value)) for a, b, value in given if value))


def _codes(value: Value) -> frozenset[str]:
    return frozenset(known_codes(value if isinstance(value, str) else ",".join(value)))


def is_within(path: Path, here: Path) -> bool:
    """Whether what stands under ``here`` stands under ``path`` too."""
    return path == here[: len(path)]


def _text(value: Value) -> str:
    return value if isinstance(value, str) else "; ".join(value)
