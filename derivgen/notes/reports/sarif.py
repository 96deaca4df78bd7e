"""Reports in the format of the tools that collect the findings of many checkers: SARIF 2.1.0."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from derivgen.notes.reports.chosen import fingerprint, reported
from derivgen.notes.reports.entry import Entry, Report
from derivgen.version import __version__

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def as_sarif(reports: Sequence[Report], sentences: Mapping[str, str]) -> str:
    """A log with one run. ``sentences`` says what each code means."""
    entries = [e for report in reports for e in reported(report)]
    codes = sorted({e.code for e in entries})
    rules = [{"id": code, "shortDescription": {"text": sentences.get(code, code)}} for code in codes]
    notes = [
        {"level": "error", "message": {"text": f"{r.file}: {r.trouble}"}} for r in reports if r.trouble
    ]  # fmt: skip
    run = {
        "tool": {"driver": {"name": "derivgen", "semanticVersion": _semantic(__version__), "version": __version__, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": not notes, "toolExecutionNotifications": notes}],
        "results": [_result(e, codes) for e in entries],
    }  # fmt: skip
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=1)


def _semantic(version: str) -> str:
    return ".".join((*version.split(".")[:3], "0", "0")[:3]) if version.replace(".", "").isdigit() else "0.0.0"


def _result(e: Entry, codes: Sequence[str]) -> dict[str, Any]:
    artifact = {"uri": quote(e.file)}
    region = {"startLine": e.line, "startColumn": e.column, "endLine": e.end_line, "endColumn": e.end_column}
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": artifact, "region": region}}
    said = " ".join(e.message.split())
    if e.cell is not None:  # lines of a cell are none of the file
        del location["physicalLocation"]["region"]
        location["logicalLocations"] = [{"name": f"cell {e.cell}", "kind": "cell"}]
        said = f"cell {e.cell}, line {e.line}: {said}"
    found: dict[str, Any] = {
        "ruleId": e.code, "ruleIndex": codes.index(e.code), "level": e.level, "message": {"text": said},
        "locations": [location], "partialFingerprints": {"derivgen/v1": fingerprint(e)},
    }  # fmt: skip
    if e.repair is not None and e.cell is None:
        replacement = {"deletedRegion": region, "insertedContent": {"text": e.repair}}
        found["fixes"] = [
            {"description": {"text": f"Write {' '.join(e.repair.split())}"},
             "artifactChanges": [{"artifactLocation": artifact, "replacements": [replacement]}]}
        ]  # fmt: skip
    return found
