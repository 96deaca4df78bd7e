"""What header, comments of sections and the one who asks have set, at each place of a text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from derivgen.errors import DerivgenError
from derivgen.notes.sources.header import merged
from derivgen.notes.sources.sections import Path, Sections
from derivgen.notes.sources.source import Finding, Notes, Value
from derivgen.read.declarations import Declarations
from derivgen.read.declare import declare
from derivgen.read.user_functions import read_own


@dataclass
class Settings:
    """Options of a text and of its sections.

    Attributes:
        given: what is declared and defined for all of the text.
        findings: what was declared and cannot be read.
    """

    notes: Notes
    given: Declarations = field(init=False)
    sections: Sections = field(init=False)
    findings: list[Finding] = field(default_factory=list)
    _given: dict[Path, Declarations] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sections = Sections(self.notes)
        self.given = self._header(Declarations(), self.notes.options)

    def option(self, key: str, path: Path) -> str:
        """What an option is under some headings, as it was written; "" where nobody says."""
        here = [s.value for s in self.sections.set_at(path) if s.key == key]
        return here[-1] if here else _text(self.notes.options.get(key, ""))

    def given_at(self, path: Path) -> Declarations:
        """What is declared and defined under some headings."""
        if path not in self._given:
            own = merged(self.sections.set_at(path), {}) if self.notes.settings else {}
            self._given[path] = self._header(self.given, own) if own else self.given
        return self._given[path]

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


def _text(value: Value) -> str:
    return value if isinstance(value, str) else "; ".join(value)
