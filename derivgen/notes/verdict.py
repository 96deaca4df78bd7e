"""What a checker says of an author's text: a verdict for each equality, and findings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from derivgen.notes.sources.source import Finding as Finding
from derivgen.notes.sources.source import Formula, Notes
from derivgen.notes.sources.source import Level as Level
from derivgen.options import Layout

Status = Literal["verified", "refuted", "unchecked"]

DOUBTFUL = "doubtful"
"""The code of an equality that does not hold as it was read, where that rests on something that was guessed."""


@dataclass(frozen=True, slots=True)
class Equality:
    """A relation of two neighbours in a chain, and what is known of it.

    Attributes:
        formula: where it stands.
        start, end: both sides and the sign between them, in ``formula.latex``; in the next one, too, where a chain goes on.
        source: it as written, without line ends.
        verdict: what the judge says; "unchecked" where it is no claim, or none that can be judged, or doubtful.
        code: of the reason, one word of a closed list; "" where it is verified.
        reason: one sentence, of evidence, of what does not fit, or of why it is not judged.
        repair: what may be meant: ``formula.latex[repair_start:repair_end]`` written so makes it true, which was verified.
        repair_start, repair_end: what the repair takes the place of, in ``formula.latex``; carets are set there.
        reading: how its letters were read, one line each.
        values: the point where both sides differ, and their values, for a reader who asks.
        question: what derives the side that is a derivative: the expression, the variable, declarations, the layout.
    """

    formula: Formula
    start: int
    end: int
    source: str
    verdict: Status
    code: str = ""
    reason: str = ""
    repair: str | None = None
    repair_start: int = 0
    repair_end: int = 0
    reading: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    question: tuple[str, str, str, Layout] | None = None

    @property
    def fails(self) -> bool:
        """Whether its sides differ as it was read, be it refuted or doubtful."""
        return self.verdict == "refuted" or self.code == DOUBTFUL


@dataclass(frozen=True, slots=True)
class Checked:
    """Notes with all that was found in them, in the order of the text.

    Attributes:
        declared: the header that settles what had to be guessed, by option: ``{"where": "w, x in R^n", "layout": …}``.
        remarks: what holds for the whole file, one sentence each: the layout that was inferred, say.
    """

    notes: Notes
    equalities: tuple[Equality, ...] = ()
    findings: tuple[Finding, ...] = ()
    declared: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = ()

    def refuted(self) -> Iterator[Equality]:
        """The equations that do not hold, in the order written."""
        return (e for e in self.equalities if e.verdict == "refuted")
