"""An index below every letter, as that of a step in time: what holds for letters without it holds at every step."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from derivgen.notes.meaning.looks import is_derivative
from derivgen.notes.meaning.scope import Defined, Scope
from derivgen.notes.meaning.shifts import shift_of
from derivgen.notes.meaning.trees import Name, base_of, names
from derivgen.read.kinds.letters import atoms, is_word
from derivgen.read.latex.names import taken_apart
from derivgen.read.surface import Binder, Letter, Surface, walk

LEAST = 3
"""How many letters have the index at least: fewer are read soon enough as they are."""


def index_everywhere(trees: Sequence[Surface]) -> str:
    """The one index of all letters that have any, none of which stands without it; "" where it is not so.

    Nothing is summed over, and nothing is differentiated: there the index is more than a name.
    """
    if any(is_derivative(t) or any(isinstance(p, Binder) for p in walk(t)) for t in trees):
        return ""
    with_index: list[Name] = []
    without: set[Name] = set()
    found: set[str] = set()
    for part, _ in (n for t in trees for n in names(t)):
        head, base = taken_apart(part), base_of(part)
        places = [a for a in atoms(head[1]) if not is_word(a)] if head is not None else []
        if base is None or (places and shift_of(part) is None and not (len(places) == 1 and _is_index(places[0]))):
            return ""
        if places and isinstance(places[0], Letter):
            found.add(places[0].stem)
            with_index.append(base)
        elif not places:
            without.add(base)
    return found.pop() if len(found) == 1 and len(with_index) >= LEAST and not without & {*with_index} else ""


def _is_index(s: Surface) -> bool:
    return isinstance(s, Letter) and s.font == "" and len(s.stem) == 1 and s.stem.islower()


def without_index(latex: str, index: str) -> str:
    """A formula without an index below its letters: x_{k,0} is x_{0}; one of a neighbour stays."""
    latex = re.sub(rf"_\s*(?:{index}|\{{\s*{index}\s*\}})", " ", latex)
    return re.sub(rf"_\s*\{{\s*{index}\s*,", "_{", latex)


def scope_without(scope: Scope, index: str) -> Scope:
    """What is known, where letters have lost an index."""
    definitions = {name: _without(d, index) for name, d in scope.definitions.items()}
    said = {(name.removesuffix(f"_{index}"), bold): ranks for (name, bold), ranks in scope.said.items()}
    return replace(scope, definitions=definitions, said=said)


def _without(d: Defined, index: str) -> Defined:
    return replace(d, latex=without_index(d.latex, index), index="" if d.index == index else d.index)
