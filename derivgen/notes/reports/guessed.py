"""The header that settles what had to be guessed, from how the letters of a text were read."""

from __future__ import annotations

import re

from derivgen.notes.verdict import Checked
from derivgen.read.reading import SAID

_READ = re.compile(rf"(?:^Read as |; )?(?P<clauses>.*?), (?:{'|'.join(SAID.values())})(?=;|$)")
_CLAUSE = re.compile(r"(?P<names>[^:]+?)(?P<between>: | in )(?P<space>.+)")
_LAYOUT = re.compile(r"derivatives are read in (?P<layout>\w+) layout")


def guessed(checked: Checked) -> tuple[tuple[str, str], ...]:
    """Options that say what was guessed: of letters those that were read alike wherever they stand."""
    spaces: dict[str, dict[str, None]] = {}
    for equality in checked.equalities:
        for line in equality.reading:
            for read in _READ.finditer(line) if line.startswith("Read as ") else ():
                for clause in map(_CLAUSE.fullmatch, read["clauses"].split("; ")):
                    for name in clause["names"].split(", ") if clause else ():
                        assert clause is not None
                        spaces.setdefault(name.strip(), {})[clause["between"] + clause["space"]] = None
    alike: dict[str, list[str]] = {}
    for name, found in spaces.items():
        if len(found) == 1:
            alike.setdefault(next(iter(found)), []).append(name)
    where = "; ".join(", ".join(names) + space for space, names in alike.items())
    layouts = [found["layout"] for found in map(_LAYOUT.match, checked.remarks) if found]
    return (*((("where", where),) if where else ()), *(("layout", layout) for layout in layouts[:1]))
