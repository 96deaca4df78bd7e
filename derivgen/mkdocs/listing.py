"""The pages that are made of a site's own derivations: the index, the rules they use, the operations, the verdicts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Any

from derivgen.site.markdown_page import Placed, Problem
from derivgen.site.record import Record, compact
from derivgen.site.references import address, title_of

MARKS = {"verified": "✓", "unchecked": "?", "refuted": "✗"}

UNREADABLE = frozenset({"cannot read", "unknown name", "shapes do not fit", "ambiguous"})
"""What is wrong with a text that is not understood; all else that was asked could not be derived."""

KINDS = {
    "index": ("Derivations", "All derivations of this site, in the order of its pages."),
    "rules": ("Rules", "A step of a derivation names the rule that it follows by."),
    "operations": ("Operations", "Each operation with its derivative, derived and checked while this page was made."),
    "report": ("Checks", "Every step was computed at random points while this site was built."),
}
"""The pages with the title and the first sentence that they get where the author writes none."""

Keep = Callable[[str], str]
"""Puts HTML away and gives what stands for it in Markdown."""


MARKER = re.compile(r"^(?P<lead>[ \t]*)<!-- derivgen: (?P<kind>[a-z-]+) -->[ \t]*$", re.MULTILINE)
"""A line that a list stands in the place of."""


def marker(kind: str) -> str:
    """What an author writes on a line where the list is to stand."""
    return f"<!-- derivgen: {kind} -->"


def fresh(kind: str) -> str:
    """The text of a page that the author did not write."""
    title, sentence = KINDS[kind]
    return f"# {title}\n\n{sentence}\n\n{marker(kind)}\n"


def link(placed: Placed, here: str) -> str:
    """A link from the page ``here`` to a derivation, as Markdown that MkDocs checks."""
    return f"[{words(title_of(placed))}]({address(placed, here)})"


def words(text: str) -> str:
    """Text without anything that Markdown, HTML or a template would read."""
    text = re.sub(r"[|<~^=:{&]", lambda m: f"&#{ord(m[0])};", " ".join(text.split()))  # a backslash would stay there
    return re.sub(r"([\\`*_\[\]>!+-]|(?<!&)#)", r"\\\1", text)


def _shown(placed: Iterable[Placed]) -> list[Placed]:
    """What has a number, page by page in the order of the numbers; what a program writes into a page is known last."""
    pages: dict[str, list[Placed]] = {}
    for p in placed:
        if p.number:
            pages.setdefault(p.file, []).append(p)
    return [p for page in pages.values() for p in sorted(page, key=lambda p: p.number)]


def index(placed: Sequence[Placed], here: str, titles: dict[str, str], keep: Keep) -> str:
    """All derivations, page by page, each with its question and its answer."""
    out: list[str] = []
    page = ""
    for p in _shown(placed):
        if p.file != page:
            page = p.file
            out += ["", f"## {words(titles.get(page, page))}", ""]
        shown = keep(f'<div class="derivgen dg-entry">{p.record.formula}</div>') if p.record.formula else ""
        out.append(f"{p.number}. {link(p, here)} {mark(_verdict(p))} {shown}")
    return "\n".join(out) + "\n"


def _verdict(p: Placed) -> str:
    """The verdict on a derivation, or why there is none."""
    trouble = p.record.trouble
    if trouble is None:
        return p.record.verdict
    return "unreadable" if trouble.kind in UNREADABLE else "not derived"


def mark(verdict: str) -> str:
    """A verdict as a word with its sign, in HTML."""
    kind = verdict if verdict in MARKS else "refuted"
    return f'<span class="dg-mark dg-{kind}">{MARKS[kind]} {verdict}</span>'


def report(placed: Sequence[Placed], here: str) -> str:
    """A row for each derivation with what was checked, and in how many steps."""
    rows: list[tuple[str, ...]] = []
    shown = _shown(placed)
    steps = [len(p.record.told().get("steps", ())) for p in shown]
    for p, count in zip(shown, steps, strict=True):
        trouble = p.record.trouble
        remark = trouble.message if trouble else "; ".join(f"{where}: {how}" for _, where, how in p.record.doubts)
        rows.append((link(p, here), str(count), mark(_verdict(p)), words(remark[:300])))
    counts = Counter(map(_verdict, shown))
    head = f"{len(shown)} derivations with {sum(steps)} steps: {counts['verified']} verified, {counts['unchecked']} not all checked, "
    head += f"{counts['refuted']} refuted"
    head += "".join(f", {counts[kind]} {kind}" for kind in ("unreadable", "not derived") if counts[kind]) + "."
    columns = 4 if any(row[3] for row in rows) else 3
    rows = [("Derivation", "Steps", "Verdict", "Remarks"), ("---", "---:", "---", "---"), *rows]
    return f"{head}\n\n" + "\n".join(f"| {' | '.join(row[:columns])} |" for row in rows) + "\n"


def entries(record: Record) -> list[dict[str, Any]]:
    """The entries of a book from its record; none if it could not be made."""
    return list(record.told().get("entries", ()))


def book(
    entries: Sequence[dict[str, Any]], kind: str, placed: Sequence[Placed], here: str, used_only: bool, keep: Keep
) -> str:
    """The rules, or the operations, by chapters; a rule with the derivations that use it."""
    users: dict[str, list[Placed]] = {}
    if kind == "rules":
        for p in _shown(placed):
            for name in p.record.rules:
                users.setdefault(name, []).append(p)
    chapters: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        if not used_only or entry["name"] in users:
            chapters.setdefault(entry["stage"], []).append(entry)
    out: list[str] = []
    for chapter, members in chapters.items():
        out += [f"## {words(chapter[:1].upper() + chapter[1:])}", ""]
        for entry in members:
            head = words(entry["title"]) if kind == "rules" else f"`{entry['name']}`"
            out += [f'<a id="{anchor(kind, entry["name"])}"></a>', "", f"### {head}", ""]
            out += [f"Cited as `{entry['name']}`.", ""] if kind == "rules" else []
            out += [keep(entry["html"]), ""]
            if entry["name"] in users:
                links = [link(p, here) for p in users[entry["name"]]]
                more = f", and {len(links) - 12} more" if len(links) > 12 else ""
                out += [f"Used in {', '.join(links[:12])}{more}.", ""]
    return "\n".join(out) + "\n"


def anchor(kind: str, name: str) -> str:
    """The anchor of an entry on its page."""
    return f"{kind.rstrip('s')}-{escape(name)}"


def as_json(
    placed: Iterable[Placed],
    urls: dict[str, str],
    problems: Iterable[Problem],
    version: str,
    checked: dict[str, Any] | None = None,
) -> str:
    """The report of a build for programs: a derivation on each line, its facts copied as they were kept.

    What was ``checked`` stands in it as ``derivgen check --format json`` has it.
    """
    rows = [_joined(compact(_place(p, urls)), p.record.facts) for p in placed]
    wrong = [
        {"level": x.level, "file": x.file, "line": x.line, "column": x.column, "message": x.message} for x in problems
    ]
    lines = ",\n".join(rows)
    found = f',"equations":{compact(checked)}' if checked else ""
    return f'{{"version":1,"derivgen":{compact(version)},"derivations":[\n{lines}\n],"problems":{compact(wrong)}{found}}}\n'


def _place(p: Placed, urls: dict[str, str]) -> dict[str, Any]:
    trouble = p.record.trouble
    return {
        "file": p.file, "line": p.line, "page": urls.get(p.file), "number": p.number or None, "id": p.anchor or None,
        "title": p.title, "verdict": p.record.verdict if trouble is None else None,
        "error": trouble.message if trouble is not None else None,
    }  # fmt: skip


def _joined(first: str, second: str) -> str:
    """Two objects of JSON as one."""
    return first if second == "{}" else f"{first[:-1]},{second[1:]}"
