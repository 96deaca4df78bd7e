"""Which entries are reported: by their codes, and not those of a baseline."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from derivgen.errors import DerivgenError
from derivgen.files import read_text, write_whole
from derivgen.notes.reports.entry import Entry, Report


def picked(reports: Sequence[Report], select: Collection[str]) -> list[Report]:
    """Reports in which what is not selected is marked as ignored, and what is only there on demand is, if it is selected."""

    def judged(e: Entry) -> Entry:
        if select and e.code not in select and e.level != "none":
            return replace(e, ignored=True)
        return replace(e, level="note") if e.code in select and e.level == "none" else e

    return [replace(r, entries=tuple(map(judged, r.entries))) for r in reports]


def reported(report: Report) -> list[Entry]:
    """The entries of a file that a reader is to see."""
    return [e for e in report.entries if e.level != "none" and not e.ignored]


def fingerprint(e: Entry) -> str:
    """What makes an entry the same after lines were added above it: not its line."""
    said = "".join((e.source or (e.carets and e.shown) or e.message).split())
    return sha256("\0".join((e.file, e.code, said)).encode("utf-8", "surrogatepass")).hexdigest()[:24]


# --- the baseline -------------------------------------------------------------------------------------------------------


def write_baseline(path: Path, reports: Sequence[Report]) -> int:
    """Write what is reported to a file, and how many entries it has.

    Raises:
        DerivgenError: it cannot be written.
    """
    entries = [e for report in reports for e in reported(report)]
    rows = [
        {"file": e.file, "code": e.code, "fingerprint": fingerprint(e), "source": (e.source or e.message)[:200]}
        for e in entries
    ]
    text = json.dumps({"version": 1, "entries": rows}, ensure_ascii=False, indent=1) + "\n"
    try:
        write_whole(path, text.encode("utf-8", "surrogatepass"))
    except (OSError, ValueError) as wrong:
        raise DerivgenError(f"cannot write {path}: {getattr(wrong, 'strerror', None) or wrong}") from wrong
    return len(rows)


def read_baseline(name: str) -> Counter[str]:
    """How often each entry stands in a baseline, by its fingerprint.

    Raises:
        DerivgenError: the file cannot be read, or is none.
    """
    try:
        found = json.loads(read_text(name, hint="derivgen check --write-baseline FILE makes one"))
        return Counter(str(row["fingerprint"]) for row in found["entries"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise DerivgenError(f"{name} is no baseline", hint="derivgen check --write-baseline FILE makes one") from None


def without(reports: Sequence[Report], baseline: Counter[str]) -> list[Report]:
    """Reports in which what the baseline has is ignored, as often as it has it."""
    left = Counter(baseline)
    out = []
    for report in reports:
        entries = []
        for e in report.entries:
            key = fingerprint(e)
            known = e.level != "none" and not e.ignored and left[key] > 0
            left[key] -= known
            entries.append(replace(e, ignored=True) if known else e)
        out.append(replace(report, entries=tuple(entries)))
    return out
