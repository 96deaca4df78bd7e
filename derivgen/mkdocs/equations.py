"""The author's own equations in what a build says; it comes with the checker, where a page is checked."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Sequence
from html import escape

from derivgen.equations import Equations
from derivgen.mkdocs.listing import Keep, mark, words
from derivgen.notes.reports.chosen import reported
from derivgen.notes.reports.entry import Report
from derivgen.notes.reports.formats import many
from derivgen.notes.reports.proposal import proposed, sentence


def coverage(reports: Sequence[Report], made: int = 0) -> str:
    """How many equations were looked at, what became of them, and how many pages were ``made`` now, if any."""
    verdicts = Counter(e.verdict for report in reports for e in report.entries if e.is_equality)
    head = f"{many(verdicts.total(), 'equation')} on {many(len(reports), 'page')}"
    how = f"; {many(made, 'page')} checked, the others taken from the cache" if made else ""
    return f"{head}: {verdicts['verified']} verified, {verdicts['refuted']} refuted, {verdicts['unchecked']} not judged{how}"


def listed(found: Equations, here: str, titles: dict[str, str], keep: Keep) -> str:
    """The author's own equations: page by page how many hold, then each that does not, and what else was found."""
    reports = found.reports()
    out = ["", "## Equations", "", f"{coverage(reports)}.", ""]
    out += ["| Page | Equations | Verified | Refuted | Not judged |", "| --- | ---: | ---: | ---: | ---: |"]
    rows = []
    for r in reports:
        title = words(titles.get(r.file, r.file))
        target = posixpath.relpath(r.file, posixpath.dirname(here) or ".").replace(" ", "%20")
        verdicts = Counter(e.verdict for e in r.entries if e.is_equality)
        cells = [verdicts.total(), *(verdicts[v] for v in ("verified", "refuted", "unchecked"))]
        out.append(f"| [{title}]({target}) | {' | '.join(map(str, cells))} |")
        anchors = found.anchors(r.file)
        for e in reported(r):
            at = f"#{anchors[e]}" if e in anchors else ""
            shown = keep(f"<code>{escape(e.source)}</code>") if e.source else ""
            hint = (
                ""
                if e.repair is None
                else f" {sentence(proposed(e.repair, lambda tex: keep(f'<code>{escape(tex)}</code>')))}"
            )
            verdict = mark("refuted") if e.verdict == "refuted" else e.level
            place = f"cell {e.cell}, line {e.line}" if e.cell is not None else f"line {e.line}"
            rows.append(f"| [{title}, {place}]({target}{at}) | {shown} | {verdict}: {words(e.message)}.{hint} |")
    if rows:
        out += ["", "| Place | Equation | What was found |", "| --- | --- | --- |", *rows]
    return "\n".join(out) + "\n"
