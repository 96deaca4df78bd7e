"""The member of a sequence before or behind the one of which a text says what it is: e_{k-1} of e_k = x_k - y_k."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from derivgen.notes.meaning.scope import Defined
from derivgen.notes.meaning.trees import Name, base_of, name_of, names
from derivgen.read.kinds.letters import atoms, is_word
from derivgen.read.latex.names import taken_apart
from derivgen.read.surface import Infix, Letter, Literal, Surface


def shifted(tree: Surface, definitions: Mapping[Name, Defined]) -> dict[Name, Defined]:
    """What the members that stand in a tree are, by their names."""
    found: dict[Name, Defined] = {}
    for part, _ in names(tree):
        at = shift_of(part)
        base, name = base_of(part), name_of(part)
        if at is None or name is None or base is None or name in definitions:
            continue
        known = definitions.get(base) or definitions.get((f"{base[0]}_{at[0]}", base[1]))
        if known is None or known.params or len(known.index) > 1 or _recurs(known):
            continue
        latex = moved(known.latex, known.index or at[0], *at)
        if latex is not None:
            found[name] = replace(known, name=name, latex=latex, index="", stem=name[0])
    return found


def _recurs(known: Defined) -> bool:
    """Whether a member is given by another one of its sequence: such a recurrence is written out elsewhere."""
    letter = re.escape((known.stem or known.name[0]).partition("_")[0])
    return (
        known.recurs
        or re.search(rf"(?<![A-Za-z]){letter}(?![A-Za-z])\s*\}}?\s*_\s*\{{[^{{}}]*[-+]", known.latex) is not None
    )


def shift_of(s: Surface) -> tuple[str, int] | None:
    """The letter and the number of a place such as k - 1 below a letter; None where another thing stands there."""
    head = taken_apart(s)
    match [a for a in atoms(head[1]) if not is_word(a)] if head is not None else []:
        case [Infix(_, "+" | "-" as sign, Letter(_, stem, ""), Literal(_, value))] if value.denominator == 1:
            return stem, int(value) if sign == "+" else -int(value)
        case _:
            return None


def moved(latex: str, index: str, to: str, by: int) -> str | None:
    """A formula with another place for an index; None where the index is more than a place."""
    letter = rf"(?<![A-Za-z\\]){index}(?![A-Za-z])"
    braced = re.compile(r"(?<=_)\{[^{}]*\}|(?<=_)[a-z]|(?<=\^)\{\([^{}()]*\)\}")

    def place(m: re.Match[str]) -> str:
        n = int((m["by"] or "0").replace(" ", "")) + by
        return f"{to}{n:+d}" if n else to

    def below(m: re.Match[str]) -> str:
        inside = re.sub(rf"{letter}\s*(?P<by>[-+]\s*\d+)?", place, m[0])
        return inside if inside.startswith("{") else "{" + inside + "}"

    return None if re.search(letter, braced.sub("", latex)) else braced.sub(below, latex)
