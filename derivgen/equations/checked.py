"""The equations of the pages that are checked, and what is shown beside those that do not hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from derivgen.errors import DerivgenError
from derivgen.notes.answer import FILE_SECONDS, REPORTS, question
from derivgen.notes.find import NOTEBOOK, gather
from derivgen.notes.reports.chosen import reported
from derivgen.notes.reports.entry import Entry, Report
from derivgen.notes.reports.entry import refused as not_read
from derivgen.notes.sources import markdown
from derivgen.notes.sources.definitions import configured
from derivgen.notes.sources.header import base_of
from derivgen.notes.sources.source import Formula
from derivgen.options import Options
from derivgen.site.markdown_page import Mark, Problem, notice
from derivgen.work.cache import Cache
from derivgen.work.store import Asked, Store
from derivgen.work.workers import Workers

Show = Callable[[str], str]
"""What becomes of the HTML of a box before it is put in its place."""

_CLOSE = re.compile(r"\s*(?:\\end\{[^{}]*\}|\$\$|`?\$|\\{1,2}[\])]|[ \t>]*(?:`{3,}|~{3,})[ \t]*$)", re.MULTILINE)
_FENCE = re.compile(r"`{3,}|~{3,}")
_LEAD = re.compile(r"[ \t>]*")
_ITEM = re.compile(r"(?:[-*+]|\d{1,9}[.)]|:|\[\^[^\]]*\]:)[ \t]+")
_HEADING = re.compile(r"#{1,6}(?:[ \t]|$)")
_UNDERLINE = re.compile(r"(?:=+|-+)[ \t]*$")
_OTHER = re.compile(r"`{3,}|~{3,}|#{1,6}[ \t]|!!!|\?\?\?|=== ?[\"!+]|:::|</?[a-z]|\[\^")
"""How a line begins that is no more of the paragraph above it."""


@dataclass(frozen=True, slots=True)
class _Page:
    path: Path
    text: str
    strict: bool
    asked: Asked | None
    trouble: Report | None = None


class Checked:
    """The pages that are checked, by their names. What a page is asked for is said at ``Equations``."""

    def __init__(self, folder: str, cache: Cache | None, workers: Workers | None, configuration: str | None) -> None:
        self.folder = folder
        self.preamble = configured(Path(configuration)) if configuration else ""
        self.store: Store[Report] = Store(REPORTS, cache, workers, FILE_SECONDS)
        self.pages: dict[str, _Page] = {}
        self._found: dict[str, Report] = {}

    def begin(self) -> None:
        """Forget the pages: those of another build come."""
        self.pages.clear()
        self._found.clear()

    def add(self, name: str, path: Path, text: str, site: Options, check: str) -> None:
        """A page to be checked, or one that is not any more."""
        self.pages.pop(name, None)
        self._found.pop(name, None)
        if check == "no":
            return
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        strict = check == "strict"
        own = replace(site, timeout=None, preamble=self.preamble, cache=bool(self.folder), cache_dir=self.folder)
        try:
            gathered = gather(path, text, base_of(own), self.preamble)
            self.pages[name] = _Page(path, text, strict, question(path, gathered, own, text))
        except DerivgenError as error:
            self.pages[name] = _Page(path, text, strict, None, not_read(path, error))

    def prepare(self, tell: Callable[[int, int], None] | None = None) -> None:
        """Have all pages checked, side by side, without waiting."""
        asked = [page.asked for page in self.pages.values() if page.asked is not None]
        self.store.prepare(asked, tell)
        self.store.forget(asked)

    def report(self, name: str) -> Report | None:
        """What was found on a page, its places by the name of the page; None if it is not checked. It is waited for."""
        page = self.pages.get(name)
        if page is None:
            return None
        if name in self._found:
            return self._found[name]
        found = page.trouble or (self.store.get(page.asked) if page.asked is not None else None)
        assert found is not None
        entries = tuple([replace(e, file=name) for e in found.entries])
        self._found[name] = replace(found, file=name, entries=entries)
        return self._found[name]

    def reports(self) -> list[Report]:
        """What the checker says of every page that was checked."""
        return [report for name in self.pages if (report := self.report(name)) is not None]

    def take_made(self) -> int:
        """How many pages were checked since this was last asked."""
        made, self.store.made = self.store.made, 0
        return made

    def problems(self, name: str) -> list[Problem]:
        """The errors and warnings of a page."""
        report = self.report(name)
        if report is None:
            return []
        page = self.pages[name]
        if report.trouble:
            said = f"the equations of this page are not checked: {report.trouble}"
            return [Problem("error" if page.strict else "warning", name, 1, 0, said)]
        return [problem_of(e, strict=page.strict) for e in reported(report)]

    def marks(self, name: str, lines: Sequence[str], show: Show, prefix: str, tab: int) -> list[Mark]:
        """The boxes and badges of a page."""
        report = self.report(name)
        page = self.pages.get(name)
        if report is None or page is None or page.path.suffix.lower() in NOTEBOOK:
            return []
        wrong = refuted(report)
        return list(_marks(wrong, page.text, lines, show, prefix, tab)) if wrong else []

    def anchors(self, name: str) -> dict[Entry, str]:
        """The anchors of the boxes on a page, by what they are about."""
        report, page = self.report(name), self.pages.get(name)
        if report is None or page is None or page.path.suffix.lower() in NOTEBOOK:
            return {}
        return {e: anchor_of(number) for number, e in enumerate(refuted(report), 1)}


def refuted(report: Report) -> list[Entry]:
    """The equations of a page that do not hold, in their order."""
    return [e for e in reported(report) if e.verdict == "refuted"]


def anchor_of(number: int) -> str:
    """The anchor of the box of a page's refuted equation by its number, from 1."""
    return f"dg-equation-{number}"


def problem_of(e: Entry, *, strict: bool) -> Problem:
    """An entry as a build says it."""
    said = f"{e.message} [{e.code}]"
    if e.repair is not None:
        said += f" (did you mean {' '.join(e.repair.split())}?)"
    if e.source:
        said += f", in {e.source if len(e.source) <= 120 else e.source[:119] + '…'}"
    if e.cell is not None:
        said = f"cell {e.cell}: {said}"
    return Problem("error" if strict and e.level == "error" else "warning", e.file, e.line, e.column, said)


# --- beside the formulas ----------------------------------------------------------------------------------------------


def _marks(
    wrong: Iterable[Entry], text: str, lines: Sequence[str], show: Show, prefix: str, tab: int
) -> Iterator[Mark]:
    formulas = [piece for piece in markdown.find(text).pieces if isinstance(piece, Formula)]
    starts = [0]
    for row in text.split("\n"):
        starts.append(starts[-1] + len(row) + 1)
    made = "\n".join(lines)
    begin = front.end() if (front := markdown.FRONT_MATTER.match(text)) else 0
    badged: set[int] = set()
    for number, e in enumerate(wrong, 1):
        anchor = prefix + anchor_of(number)
        shown = show(_box(e, anchor))
        at = starts[e.line - 1] + e.column - 1
        formula = next((f for f in formulas if f.start <= at <= f.end), None)
        end = None if formula is None else _end(formula, text, made, begin)
        if formula is None or end is None:
            yield Mark(len(lines) - 1, shown)
            continue
        close = _CLOSE.match(made, end)
        end = close.end() if close else end
        line = made.count("\n", 0, end)
        heading = _HEADING.match(lines[line].lstrip(" \t>"))
        if not formula.display and not heading and formula.start not in badged:
            badged.add(formula.start)
            yield Mark(line, _badge(e, anchor), end - (made.rfind("\n", 0, end) + 1))
        yield Mark(*_below(lines, line, tab, shown, alone=bool(heading) or _is_fence(close)))


def _is_fence(close: re.Match[str] | None) -> bool:
    return close is not None and _FENCE.search(close[0]) is not None


def _end(formula: Formula, text: str, made: str, begin: int) -> int | None:
    """Where a formula ends in what was made of its text; None where it is not there."""
    raw = text[formula.start : formula.end].split()
    same = re.compile(r"\s+".join(map(re.escape, raw)))
    before = sum(1 for _ in same.finditer(text, begin, formula.start))
    found = next((m for k, m in enumerate(same.finditer(made)) if k == before), None)
    return None if found is None else found.end()


def _below(lines: Sequence[str], line: int, tab: int, html: str, *, alone: bool) -> tuple[int, str, None, str]:
    """The last line of the paragraph that a line is in, and what leads a block in that belongs to it."""
    first = line
    while first > 0 and lines[first - 1].strip(" \t>") and not _ITEM.match(lines[first].lstrip(" \t>")):
        first -= 1
    listed = any(_ITEM.match(own.lstrip(" \t>")) for own in lines[first : line + 1])
    last = line
    while not alone and last + 1 < len(lines):
        below = lines[last + 1].lstrip(" \t>")
        if not below.strip() or _OTHER.match(below) or (listed and _ITEM.match(below)):
            break
        last += 1
        if _UNDERLINE.match(below):
            break
    found = _LEAD.match(lines[line])
    lead = found[0] if found else ""
    if _ITEM.match(lines[line][len(lead) :]):
        lead += " " * tab
    return last, html, None, lead


def _badge(e: Entry, anchor: str) -> str:
    said = _HEADS.get(e.code, _HEAD)
    return f'<a class="dg-mark dg-refuted dg-doubt" href="#{anchor}" aria-label="{said}">✗</a>'


_HEAD = "This equation does not hold"
_HEADS = {"shape": "The sides of this equation do not fit"}


def _box(e: Entry, anchor: str) -> str:
    hint = "" if e.repair is None else f"Did you mean {' '.join(e.repair.split())}?"
    excerpt = f"{e.shown}\n{e.carets}" if e.shown else ""
    made = notice(_HEADS.get(e.code, _HEAD), _sentence(e.message), excerpt, hint, problem_of(e, strict=False))
    return made.replace('<div class="derivgen dg-error"', f'<div class="derivgen dg-error" id="{anchor}"', 1)


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "?")) else f"{text}."
