"""What a document says of a step, known again in the next derivation that has the step: most share many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from derivgen.rules.step import Step
from derivgen.show.document.display import displayed
from derivgen.show.document.reasons import sentence
from derivgen.show.document.signs import notes_of
from derivgen.show.document.spaces import Note
from derivgen.show.layout.lines import Line
from derivgen.show.layout.term import Context

MOST_TOLD = 2_000
"""How many steps a context remembers before it begins anew."""


@dataclass(frozen=True, slots=True)
class Told:
    """A step in the letters of its context.

    Attributes:
        lines: its displayed lines.
        reason: its reason as a sentence.
    """

    step: Step
    context: Context
    lines: tuple[Line, ...]
    reason: str
    _notes: dict[bool, tuple[Note, ...]] = field(default_factory=dict)

    def notes(self, lines: Sequence[Line]) -> tuple[Note, ...]:
        """The signs to be explained where ``lines`` are shown: its own, the last perhaps without its middle."""
        whole = lines[-1:] == [*self.lines[-1:]]
        found = self._notes.get(whole)
        if found is None:
            found = self._notes[whole] = notes_of(self.step, lines, self.context)
        return found


def told(step: Step, c: Context, earlier: Context | None = None) -> Told:
    """What is said of a step; what stood before in an ``earlier`` context is said in that."""
    if earlier is not None:
        return _told(step, c, earlier)
    key = _content(step)
    found = c.told.get(key)
    if found is None:
        if len(c.told) >= MOST_TOLD:
            c.told.clear()
        found = c.told[key] = _told(step, c, None)
    assert isinstance(found, Told)
    return found


def _told(step: Step, c: Context, earlier: Context | None) -> Told:
    return Told(step, c, tuple(displayed(step, c, earlier)), sentence(step.reason, earlier or c))


def _content(step: Step) -> tuple[Any, ...]:
    """What is shown of a step depends on: not its title, its verdict, the names in force or its smaller steps."""
    return (
        step.before, step.after, step.left, step.via, step.introduces, step.picture, step.stage, step.rule, step.reason.parts,
    )  # fmt: skip
