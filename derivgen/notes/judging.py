"""One equality of a text judged: heard in the way in which it holds; else excused, or refuted with a repair."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import replace

from derivgen.deadline import TooLong, bounded, refusals, seconds_left
from derivgen.errors import DerivgenError
from derivgen.notes.faults.forms import blamed, kinks, mended
from derivgen.notes.faults.founded import is_founded
from derivgen.notes.faults.repair import Part, Repair, Wanted, repaired
from derivgen.notes.faults.slips import circle, misplaced, out_of_pattern
from derivgen.notes.faults.unread import unread_letters
from derivgen.notes.judge.cases import wrong_cases
from derivgen.notes.judge.court import LAYOUTS, Court, Outcome
from derivgen.notes.judge.digits import holds_to_its_digits
from derivgen.notes.judge.excuses import Excuse
from derivgen.notes.judge.hearing import Hearing
from derivgen.notes.judge.letters import letters_at
from derivgen.notes.judge.stated import stated
from derivgen.notes.judge.ways import Heard
from derivgen.notes.judge.wording import (
    doubtful_words,
    misfit_words,
    reading_words,
    unequal_lengths,
    unread_reason,
    untold_words,
    value_words,
)
from derivgen.notes.meaning.chains import Chain, equality_of
from derivgen.notes.meaning.context import Context
from derivgen.notes.meaning.edits import atoms
from derivgen.notes.meaning.scope import defined_before
from derivgen.notes.meaning.trees import name_of
from derivgen.notes.verdict import DOUBTFUL, Equality, Finding
from derivgen.options import Layout

REPAIR_SECONDS = 1.5
"""How long a repair may be looked for at most. What is tried is counted, so that a busy machine finds the same: this is for
what takes long beyond all measure."""

REPAIR_SHARE, TICK = 0.75, 0.01
"""How much of the time that is left a repair may be looked for, so that the verdict is given without one, too."""


class Judging(Hearing):
    """What judges equalities of one text; ``held`` counts the layouts in which derivatives were found to hold."""

    def __init__(self, context: Context, seconds: float) -> None:
        super().__init__(context)
        self.seconds = seconds
        self.findings: list[Finding] = []
        self.held: Counter[Layout] = Counter()

    def judged(self, chain: Chain, court: Court, i: int, j: int) -> tuple[Equality, Outcome | None]:
        """An equality with its verdict, and what came of comparing its sides; nothing came of it if there was no time."""
        try:
            with bounded(self.seconds):
                heard = self.heard(chain, court, i, j)
                if heard.besides is not None and (wrong := self.refuted(heard.besides, empty=True)).repair is not None:
                    return self.explained(heard.besides, wrong), heard.besides.outcome
                return self.answered(heard), heard.outcome
        except DerivgenError as error:
            return equality_of(chain, i, j, "unchecked", "undecided", error.message), None
        except RecursionError:
            return equality_of(chain, i, j, "unchecked", "unread", "it is nested too deeply"), None

    def answered(self, heard: Heard) -> Equality:
        """The verdict, with how the equality was read and what it states of a derivative."""
        return self.explained(heard, self.verdict(heard))

    def explained(self, heard: Heard, verdict: Equality) -> Equality:
        """A verdict with how the equality was read and what it states of a derivative."""
        question, reading = stated(heard.outcome, heard.i, heard.j), reading_words(heard.outcome)
        reason = doubtful_words(verdict.reason, reading) if verdict.code == DOUBTFUL else verdict.reason
        return replace(verdict, reading=reading, question=question, reason=reason)

    def verdict(self, heard: Heard) -> Equality:
        """The verdict of an equality as it was heard."""
        chain, i, j, outcome = heard.chain, heard.i, heard.j, heard.outcome
        match outcome.status:
            case "verified" if heard.lean == "sizes":
                reason = "it would hold if letters had other sizes than the text says"
                return equality_of(chain, i, j, "unchecked", "reading", reason)
            case "verified":
                assert outcome.verdict is not None
                if reason := wrong_cases(heard, self.context, self.against):
                    return equality_of(chain, i, j, "refuted", "false", reason)
                if heard.condition:
                    return equality_of(chain, i, j, "verified", "", f"it holds where {heard.condition}")
                self.findings += kinks(chain, heard.court, outcome, i, j)
                return equality_of(chain, i, j, "verified", "", outcome.verdict.evidence or outcome.verdict.reason)
            case "empty":
                return equality_of(chain, i, j, "unchecked", "empty")
            case "undecided":
                reason = outcome.verdict.reason if outcome.verdict is not None else ""
                if heard.court.question.circular and (found := circle(heard, self.repair)) is not None:
                    return found
                return equality_of(chain, i, j, "unchecked", "undecided", reason)
            case "unread":
                code, reason = unread_reason(outcome, chain.links[i if outcome.wrong == 0 else j].member.text)
                return (
                    out_of_pattern(self.context, heard, self.holds)
                    or misplaced(heard, reason, self.repair)
                    or equality_of(chain, i, j, "unchecked", code, reason)
                )
            case _:
                return self.refuted(heard)

    def holds(self, chain: Chain, i: int, j: int) -> bool:
        """Whether members of a chain that is made up here are equal, by what the text says of its letters, or by what alone
        the letters stood for before it that it defines, or that stand at its head."""
        first = self.court(chain)
        head = self.context.tree(chain.links[0].member.text)
        own = first.scope.definitions.get(name) if head is not None and (name := name_of(head)) is not None else None
        before = defined_before(chain.row, self.context.definitions) or ({own.name: own} if own is not None else {})
        known = [{**others, **before} for others in (first.scope.definitions, {}) if before]
        courts = [first, *(first.of(scope=replace(first.scope, definitions=found)) for found in known)]
        return any(self.heard(chain, court, i, j).outcome.status == "verified" for court in courts)

    def against(self, chain: Chain, i: int, j: int) -> str:
        """Why an equality of a chain that is made up here is refuted; "" where it is not."""
        found = self.verdict(self.heard(chain, self.court(chain), i, j))
        return found.reason if found.verdict == "refuted" else ""

    def refuted(self, heard: Heard, *, excused: bool = True, empty: bool = False) -> Equality:
        """Refuted, unless something speaks for the author; with a repair where there is one.

        ``empty``: both sides are 0 as the text defines their letters, so that no other letter says anything.

        Raises:
            TooLong: there was no time to find out whether it is refuted.
        """
        chain, i, j, outcome = heard.chain, heard.i, heard.j, heard.outcome
        if holds_to_its_digits(outcome.verdict, *(chain.links[k].member.text for k in (i, j))):
            return equality_of(chain, i, j, "verified", "", "to the digits that are written")
        found = self.excuse(heard) if excused else None
        if empty:
            found = replace(found or Excuse("empty", repairable=True), lettered=True)
        if found is not None and not found.repairable:
            return equality_of(chain, i, j, "unchecked", found.code, found.reason)
        text = self.context.notes.text
        founded = is_founded(heard, None, found, text)
        repair = None
        with suppress(TooLong):  # what is founded is wrong with one and without, and all else is unchecked
            repair = self.repair(heard, strict=found is not None or not excused, excuse=found)
        if found is not None and repair is None:
            return equality_of(chain, i, j, "unchecked", found.code, found.reason)
        shape = outcome.status == "shape"
        made = equality_of(chain, i, j, "refuted", "shape" if shape else "false",
                             misfit_words(outcome) if shape else value_words(outcome)[0])  # fmt: skip
        if not founded and not is_founded(heard, repair, found, text):
            if letters := unread_letters(heard):
                return equality_of(chain, i, j, "unchecked", "unread", untold_words(letters))
            made = replace(made, verdict="unchecked", code=DOUBTFUL)
        made = replace(made, values=value_words(outcome)[1])
        return mended(made, chain, j, blamed(heard.court, i, j, outcome), repair)

    def repair(
        self, heard: Heard, *, strict: bool, excuse: Excuse | None = None, place: Part | None = None
    ) -> Repair | None:
        """A small edit that makes an equality true, which is verified; None where none is found.

        Raises:
            TooLong: there was no time to find out.
        """
        chain = heard.chain
        needed = [d.latex for d, _ in heard.court.question.needed.values()]
        inside = tuple([s[a.start : a.base] for s in needed for a in atoms(s) if a.letter])
        layout = self.layout_of(chain.row) or next((layout for layout, _ in self.held.most_common(1)), None)
        layouts = (layout,) if layout is not None else LAYOUTS[:2]

        left = seconds_left()
        dotted = excuse is not None and excuse.code == "unread" and len(chain.links) > 2
        with refusals(), bounded(min(REPAIR_SECONDS, max(left * REPAIR_SHARE, TICK))):
            wanted = Wanted(
                strict, excuse, place, shape=heard.outcome.status == "shape", lengths=unequal_lengths(heard.outcome),
                whole=(lambda made: self.holds(made, heard.i, heard.j)) if dotted else None,
            )  # fmt: skip
            return repaired(
                chain, heard.i, heard.j, lambda latexes: heard.court.of(latexes, layouts=layouts), self.context.notes.text,
                inside if strict else (*inside, *letters_at(self.context.scope(chain.row))), wanted,
            )  # fmt: skip
        return None
