"""Equalities that are verified, broken by one edit: what the checker says of each, and whether it stayed true by NumPy."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from derivgen.derivation import derive
from derivgen.errors import DerivgenError
from derivgen.expr import Expr
from derivgen.notes.chains import Chain, chains
from derivgen.notes.check import SIGNS, _Checker
from derivgen.notes.context import Context
from derivgen.notes.edits import Edit, atoms, edits, transpose_spelling
from derivgen.notes.find import notes_of
from derivgen.notes.looks import plain_kind
from derivgen.notes.repair import Repair
from derivgen.notes.source import Notes
from derivgen.notes.ways import Heard
from derivgen.options import Options
from tests.mutation.by_numpy import differ

KINDS = frozenset({"transpose", "sign", "letter", "index", "factor", "operator"})
SECONDS = 4.0
DATA = Path(__file__).parent.parent / "data"


@dataclass
class Tally:
    """What became of edits: found; stayed true, by NumPy; could not be read; and not found, which ``left`` lists."""

    found: int = 0
    true: int = 0
    unreadable: int = 0
    missed: int = 0
    equalities: int = 0
    left: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return self.found / max(self.found + self.missed, 1)

    def __iadd__(self, other: Tally) -> Tally:
        for name in ("found", "true", "unreadable", "missed", "equalities"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.left += other.left
        return self

    def __str__(self) -> str:
        return (
            f"{self.equalities} equalities, {self.found} of {self.found + self.missed} broken ones found "
            f"({100 * self.rate:.1f} %), {self.true} stayed true, {self.unreadable} could not be read"
        )


class _Judging(_Checker):
    """A checker that looks for a repair only where the verdict depends on it."""

    def repair(self, heard: Heard, *, strict: bool, **more: Any) -> Repair | None:
        return super().repair(heard, strict=strict, **more) if strict else None


def mutated(notes: Notes, most: int, seed: int = 0) -> Tally:
    """Break verified equalities of a text, ``most`` times in all, spread over them by chance."""
    context = Context(notes, Options())
    checker = _Judging(context, SECONDS)
    checker.checked()  # by which its layout is known
    checker.layout = checker.layout or next((layout for layout, _ in checker.held.most_common(1)), None)
    tally = Tally()
    todo: list[tuple[Chain, int, Edit]] = []
    transpose = transpose_spelling(notes.text)
    for chain, k in _verified(checker):
        tally.equalities += 1
        near = [link.member.text for link in chain.links[k - 1 : k + 1]]
        letters = list(dict.fromkeys(s[a.start : a.base] for s in near for a in atoms(s) if a.letter))
        used = {(s[a.start : a.base], _indexed(s, a.base)) for s in near for a in atoms(s) if a.letter}
        todo += [
            (chain, k, edit)
            for edit in edits(near[1], letters, transpose)
            if edit.kind in KINDS and (edit.kind != "letter" or (edit.text, _indexed(near[1], edit.end)) in used)
        ]
    for chain, k, edit in random.Random(seed).sample(todo, min(most, len(todo))):
        _judge(checker, chain, k, edit, tally)
    return tally


def _indexed(latex: str, at: int) -> bool:
    """Whether a letter that ends there has something below it: one is not put in place of another that has none."""
    return latex[at:].lstrip().startswith("_")


def _verified(checker: _Checker) -> Iterator[tuple[Chain, int]]:
    for chain in chains(checker.context.rows):
        for k in range(1, len(chain.links)):
            if chain.links[k].sign not in SIGNS or plain_kind(checker.context, chain, k):
                continue
            if checker.judged(chain, checker.court(chain), k - 1, k)[0].verdict == "verified":
                yield chain, k


def _judge(checker: _Checker, chain: Chain, k: int, edit: Edit, tally: Tally) -> None:
    left, right = chain.links[k - 1], chain.links[k]
    text = edit.applied(right.member.text)
    if "".join(text.split()) in ("".join(right.member.text.split()), "".join(left.member.text.split())):
        return
    broken = chain.with_member(k, text)
    court = checker.court(broken)
    equality, _ = checker.judged(broken, court, k - 1, k)
    if equality.verdict == "refuted":
        tally.found += 1
        return
    if court.question.sides[k].tree is None:
        tally.unreadable += 1
    heard = checker.heard(broken, court, k - 1, k)
    other = _differ(heard)
    if other is False:
        tally.true += 1
        return
    tally.missed += 1
    said = f"{equality.verdict} {equality.code} ({heard.outcome.status}, NumPy: {other})"
    tally.left.append(f"{edit.kind}: {' '.join(left.member.text.split())[:110]} = {' '.join(text.split())[:150]}: {said} {equality.reason[:70]}")  # fmt: skip


def _differ(heard: Heard) -> bool | None:
    meant = heard.outcome.meant
    if meant is None:
        return None
    a, b = meant.values[heard.i], meant.values[heard.j]
    if not isinstance(a, Expr) or not isinstance(b, Expr):
        return None
    return differ(a, b, meant.definitions)


def authored(share: float = 1.0) -> Iterator[Notes]:
    """The true equations of our corpus, as authors write them, each with what is said before it."""
    pairs: list[dict[str, str]] = json.loads((DATA / "equations.json").read_text("utf-8"))
    for pair in random.Random(2).sample(pairs, round(share * len(pairs))):
        yield notes_of(Path("equation.md"), f"{pair['given']}\n\n$${pair['true']}$$\n")


def printed(count: int) -> Notes:
    """Derivations of our own as a text of equations: each question with its answer, and each step."""
    cases: list[dict[str, Any]] = json.loads((DATA / "cases.json").read_text("utf-8"))
    parts: list[str] = []
    usable = [c for c in cases if c["order"] == 1 and c["where"]]
    for case in random.Random(1).sample(usable, min(count, len(usable))):
        try:
            d = json.loads(derive(case["text"], wrt=case["wrt"], where=case["where"], check=False).to("json"))
        except DerivgenError:
            continue
        parts.append(f"# {case['id']}\n\n<!-- derivgen: where: {case['where']} -->\n")
        parts += [f"$$\n{step['before']['latex']} = {step['after']['latex']}\n$$\n" for step in d["steps"]]
    return notes_of(Path("derivations.md"), "\n".join(parts))
