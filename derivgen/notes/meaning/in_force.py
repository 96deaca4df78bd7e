"""Which definitions of a text are in force at a place, and which letters have a meaning there that is not read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from derivgen.notes.meaning.prose import Function, Words
from derivgen.notes.meaning.scope import Defined, Kind, Row, Unread
from derivgen.notes.meaning.trees import Name
from derivgen.notes.meaning.values import has_numbers, is_example, is_place

NEAR = 6
"""How many formulas behind one its letters may be explained: "…, where z = Wx"."""

_PASSING = re.compile(r"[A-Za-z](?:\d+|_.*)?")
"""Names such as f and g_1, which every section takes for functions of its own."""

_IDENTITY = re.compile(r"\s*(?:\\math(?:bf|rm|bb)\s*)?\{?\s*I\s*\}?(?:_\w|_\{\w+\})?\s*")
"""A = I says what A is in what follows, not before."""


def definitions_for(
    row: Row,
    definitions: Mapping[Name, Sequence[Defined]],
    called: Sequence[tuple[Function, Name]],
    words: Words,
    *,
    wide: bool,
    far: bool,
) -> dict[Name, Defined]:
    """What letters stand for where a statement stands; ``wide`` and ``far`` as in ``Context.scope``."""
    found: dict[Name, Defined] = {}
    anew = {name: f.piece for f, name in called if f.anew and f.piece <= row.piece}
    for name, all_of_it in definitions.items():
        several = [d for d in all_of_it if far or d.row.piece >= anew.get(name, 0)]
        alike = len({d.latex for d in several}) == 1  # a letter that is taken again means something else
        before = [d for d in several if d.row.number <= row.number and row.is_under(d.row.path)
                  and (alike or not d.params or d.row.section == row.section) and not _is_past(d, row, words)]  # fmt: skip
        behind = [d for d in several if row.number < d.row.number and d.row.piece <= row.piece + NEAR
                  and d.row.path == row.path and not _IDENTITY.fullmatch(d.latex) and not _is_past(d, row, words)]  # fmt: skip
        elsewhere = [d for d in several if wide and d.row.number < row.number
                     and (far or (alike and d.params and not _PASSING.fullmatch(d.stem or name[0])))]  # fmt: skip
        if before:
            found[name] = before[-1]
        elif behind:
            found[name] = behind[0]
        elif elsewhere:
            found[name] = elsewhere[-1]
    return found


def _is_past(d: Defined, row: Row, words: Words) -> bool:
    """Whether a letter is a matrix of numbers, an example, or a place, of which a formula without numbers does not speak."""
    is_old = row.piece > d.row.piece + 2 * NEAR and is_example(d.latex)
    is_old |= is_place(d.latex, words.before.get(d.row.piece, ""))
    return is_old and not any(has_numbers(m.text) for m in row.statement.members)


def unread_for(
    row: Row, unread: Sequence[Unread], definitions: Mapping[Name, Defined], kinds: Iterable[Kind]
) -> dict[Name, str]:
    """The letters of which the meaning that is in force where a statement stands is not read, with that meaning.

    It is in force where it is given before the statement, and nothing else since, or close behind it, and nothing before.
    """
    found: dict[Name, str] = {}
    if not unread:
        return found
    anew = {k.name: k.row_piece for k in kinds if k.anew and k.row_piece <= row.piece}  # any such letter, from there on
    for one in unread:
        if one.row.piece < anew.get(one.name, 0):
            continue
        known = definitions.get(one.name)
        if one.row.number <= row.number:
            if row.is_under(one.row.path) and (known is None or known.row.number < one.row.number):
                found[one.name] = one.latex
        elif known is None and one.row.path == row.path and one.row.piece <= row.piece + NEAR:
            found.setdefault(one.name, one.latex)
    return found
