"""Verdicts kept between runs: of a chain by all that they depend on, so that a changed formula is judged anew, and no other."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from hashlib import blake2b
from typing import Any, Protocol

from derivgen.expr.text import text
from derivgen.notes.judge.court import Outcome
from derivgen.notes.judge.ways import Lean, scope_for
from derivgen.notes.meaning.chains import Chain
from derivgen.notes.meaning.context import Context
from derivgen.notes.meaning.edits import transpose_spelling
from derivgen.notes.meaning.scope import Scope
from derivgen.notes.verdict import Equality, Finding
from derivgen.version import __version__

Judged = tuple[Equality, Outcome | None]


class Memo(Protocol):
    """Where texts are kept under keys of any length."""

    def get(self, key: str) -> str | None:
        """The text that is kept under a key; None where none is."""

    def put(self, key: str, value: str) -> None:
        """Keep a text under a key."""


_PLACES = ("start", "end", "repair_start", "repair_end")
_OTHERS = tuple(f.name for f in fields(Equality) if f.name not in ("formula", "source", *_PLACES))


def key_of(context: Context, chain: Chain, scope: Scope, *others: object) -> str | None:
    """What the verdicts of a chain depend on; None for one that runs through several formulas."""
    formula, row = chain.row.formula, chain.row
    if any(link.formula is not formula for link in chain.links):
        return None
    source = formula.latex[chain.links[0].member.start : chain.links[-1].member.end]
    words = context.words
    own = {
        name: [d.latex for d in several]
        for name, several in context.definitions.items()
        if any(d.row is row for d in several)
    }
    scopes = [_told(s) for s in (scope, *(scope_for(context, chain, lean) for lean in LEANER))]
    parts = (__version__, source, [(link.member.text, link.sign) for link in chain.links], sorted(own.items()), scopes,
             re.sub(r"\d+|\s", "", words.before.get(row.piece, "")), words.symmetric, words.einstein, words.sums_to_one, words.signs, transpose_spelling(context.notes.text),
             sorted(context.notes.macros.items(), key=lambda m: m[0]), others)  # fmt: skip
    return "notes " + blake2b(repr(parts).encode(), digest_size=20).hexdigest()


LEANER: tuple[Lean, ...] = ("near", "later", "steps")
"""The ways of reading that depend on what no other of them depends on."""


def _told(scope: Scope) -> tuple[object, ...]:
    definitions = sorted((d.name, d.latex, d.params, d.index) for d in scope.definitions.values())
    own = [(f.name, [p.name for p in f.parameters], text(f.formula)) for f in scope.declared.user_functions.values()]
    return (definitions, sorted(scope.said.items(), key=str), str(scope.declared), own, scope.declared.sizes,
            sorted(scope.traits.items()), scope.spectral, scope.entrywise, sorted(scope.labelled), sorted(scope.primed), sorted(scope.called), [(d.name, d.latex, d.index) for d in scope.steps],
            sorted(scope.unread.items()))  # fmt: skip


def told(chain: Chain, judged: Sequence[Judged], findings: Sequence[Finding]) -> str:
    """Verdicts and findings as text, their places counted from where the chain begins."""
    origin = chain.links[0].member.start
    start = chain.row.formula.start + origin
    rows = [
        {
            "at": [getattr(e, name) - origin for name in _PLACES],
            "equality": {name: getattr(e, name) for name in _OTHERS},
            "source": e.source,
            "outcome": None if o is None else [o.status, o.layouts],
        }
        for e, o in judged
    ]
    found = [asdict(replace(f, start=f.start - start, end=f.end - start)) for f in findings]
    return json.dumps([rows, found])


def recalled(chain: Chain, kept: str) -> tuple[list[Judged], list[Finding]] | None:
    """What was told of a chain, at its places now; None where the text is none of ours."""
    origin = chain.links[0].member.start
    start = chain.row.formula.start + origin
    try:
        rows, found = json.loads(kept)
        judged = [_judged(chain, row, origin) for row in rows]
        findings = [Finding(**{**f, "start": f["start"] + start, "end": f["end"] + start}) for f in found]
    except (ValueError, KeyError, TypeError):
        return None
    return judged, findings


def _judged(chain: Chain, row: dict[str, Any], origin: int) -> Judged:
    given: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in row["equality"].items()}
    given |= dict(zip(_PLACES, (at + origin for at in row["at"]), strict=True))
    outcome = row["outcome"]
    equality = Equality(chain.row.formula, source=row["source"], **given)
    return equality, None if outcome is None else Outcome(outcome[0], layouts=tuple(outcome[1]))
