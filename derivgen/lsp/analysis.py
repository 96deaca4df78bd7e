"""A text that is open in an editor, and all that is known of it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from derivgen.deadline import bounded
from derivgen.errors import DerivgenError
from derivgen.notes.check import check_notes
from derivgen.notes.find import MARKDOWN, notes_of
from derivgen.notes.reports.entry import Report, report_of
from derivgen.notes.verdict import Checked, Equality
from derivgen.options import Options
from derivgen.site.answer import RECORDS
from derivgen.site.block import page_defaults
from derivgen.site.fences import Fence
from derivgen.site.fences import found as fences
from derivgen.site.markdown_page import MarkdownPage, Placed, Problem
from derivgen.site.record import Record
from derivgen.work.store import Store

MOST_KEPT = 50_000
"""Verdicts of formulas that are kept for the next keystroke."""

SECONDS = 2.0
"""What one formula may take, of processor time."""

DERIVATION_SECONDS = 8.0


class Superseded(BaseException):
    """The text has changed meanwhile: nobody waits for what is under way."""


class Kept:
    """Verdicts of formulas by what they depend on, so that a keystroke asks only for the formula that it changed."""

    def __init__(self) -> None:
        self._values: OrderedDict[str, str] = OrderedDict()
        self._turn = threading.Lock()

    def get(self, key: str) -> str | None:
        """The verdict kept under a key, which is thereby the one used last; None where there is none."""
        with self._turn:
            value = self._values.get(key)
            if value is not None:
                self._values.move_to_end(key)
            return value

    def put(self, key: str, value: str) -> None:
        """Keep a verdict; the one that was not used for longest goes where there are too many."""
        with self._turn:
            self._values[key] = value
            while len(self._values) > MOST_KEPT:
                self._values.popitem(last=False)


@dataclass(slots=True)
class Watched:
    """What is kept, for one version of a text: it is asked between two formulas, and ends what is out of date."""

    kept: Kept
    stale: threading.Event

    def get(self, key: str) -> str | None:
        """The verdict kept under a key, or None.

        Raises:
            Superseded: the text has changed meanwhile.
        """
        if self.stale.is_set():
            raise Superseded
        return self.kept.get(key)

    def put(self, key: str, value: str) -> None:
        """Keep a verdict, which holds for later versions too."""
        self.kept.put(key, value)


@dataclass(frozen=True, slots=True)
class Analysis:
    """What is known of one version of a text.

    Attributes:
        checked, report: of its equations; None where the text cannot be read, which ``trouble`` says.
        problems, placed: of its blocks of derivations.
    """

    path: Path
    text: str
    checked: Checked | None = None
    report: Report | None = None
    trouble: str = ""
    problems: tuple[Problem, ...] = ()
    placed: tuple[Placed, ...] = field(default=(), compare=False)

    def equalities_at(self, line: int, column: int) -> Iterator[Equality]:
        """Those around a place, from 1, in code points; the smallest first."""
        if self.checked is None:
            return
        at = self.checked.notes.offset(self.path, line, column)
        if at is not None:
            around = [e for e in self.checked.equalities if e.formula.start + e.start <= at <= e.formula.start + e.end]
            yield from sorted(around, key=lambda e: e.end - e.start)

    def derivations_at(self, line: int) -> Iterator[Placed]:
        """Those that a line, from 1, is part of: a block, or those in its sentences."""
        for place in fences(self.text.split("\n")):
            first, last = (place.start + 1, place.end) if isinstance(place, Fence) else (place.line + 1, place.line + 1)
            if first <= line <= last:
                yield from (p for p in self.placed if p.line == first and bool(p.number) == isinstance(place, Fence))
                return


class Analyst:
    """Looks at texts; what it has found of formulas and blocks it remembers."""

    def __init__(self) -> None:
        self.kept = Kept()
        self.records: Store[Record] = Store(RECORDS, seconds=DERIVATION_SECONDS)

    def look(self, path: Path, text: str, stale: threading.Event) -> Analysis:
        """All that there is to say of a text.

        Raises:
            Superseded: ``stale`` was set meanwhile.
        """
        if stale.is_set():  # while others were looked at
            raise Superseded
        problems: tuple[Problem, ...] = ()
        placed: tuple[Placed, ...] = ()
        if path.suffix.lower() in MARKDOWN:
            page = self._blocks(path, text)
            problems, placed = tuple(page.problems), tuple(page.placed)
        try:
            checked = check_notes(notes_of(path, text), Options(), memo=Watched(self.kept, stale), seconds=SECONDS)
        except DerivgenError as error:
            return Analysis(path, text, trouble=error.advised, problems=problems, placed=placed)
        return Analysis(path, text, checked, report_of(checked), problems=problems, placed=placed)

    def _blocks(self, path: Path, text: str) -> MarkdownPage:
        page = MarkdownPage(self.records, path.as_posix(), defaults_of(text), "markdown")
        try:
            with bounded(60.0):
                page.survey(text)
                page.settle()
        except DerivgenError as error:
            page.add("warning", 1, error.advised)
        return page


def defaults_of(text: str) -> Options:
    """The options that front matter sets for the blocks of a page."""
    from derivgen.notes.sources.markdown import FRONT_MATTER
    from derivgen.notes.sources.plain_yaml import plain_yaml

    front = FRONT_MATTER.match(text)
    try:
        found = plain_yaml(front["yaml"]) if front else None
        return page_defaults(found.get("derivgen") if isinstance(found, dict) else None, Options())[0]
    except DerivgenError:
        return Options()
