"""Equalities that are verified, broken by one edit: what the checker says of each, and whether it stayed true by NumPy."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from derivgen.derivation import derive
from derivgen.errors import DerivgenError
from derivgen.expr import Expr, Symbol, symbols
from derivgen.notes.check import SIGNS, _Checker
from derivgen.notes.find import notes_of
from derivgen.notes.judge.cases import before_signs
from derivgen.notes.judge.layouts import in_layout
from derivgen.notes.judge.ways import Heard
from derivgen.notes.meaning.chains import Chain, chains
from derivgen.notes.meaning.context import Context
from derivgen.notes.meaning.edits import Edit, atoms, edits, transpose_spelling
from derivgen.notes.meaning.looks import plain_kind
from derivgen.notes.sources.source import Notes
from derivgen.notes.verdict import DOUBTFUL
from derivgen.options import Options
from tests.mutation.by_numpy import differ

KINDS = frozenset({"transpose", "sign", "letter", "index", "factor", "operator"})
SECONDS = 4.0
DATA = Path(__file__).parent.parent / "data"


@dataclass
class Tally:
    """What became of edits: found; warned of as doubtful; stayed true, by NumPy; warned of as true in another layout; could
    not be read; not found.

    ``left`` lists those that were not found.
    """

    found: int = 0
    doubted: int = 0
    true: int = 0
    layout: int = 0
    unreadable: int = 0
    missed: int = 0
    equalities: int = 0
    left: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """The share that is refuted: what is only warned of counts as missed."""
        return self.found / max(self.broken, 1)

    @property
    def broken(self) -> int:
        return self.found + self.doubted + self.missed

    def __iadd__(self, other: Tally) -> Tally:
        for name in ("found", "doubted", "true", "layout", "unreadable", "missed", "equalities"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.left += other.left
        return self

    def __str__(self) -> str:
        return (
            f"{self.equalities} equalities, {self.found} of {self.broken} broken ones refuted "
            f"({100 * self.rate:.1f} %), {self.doubted} more doubted and warned of, {self.true} stayed true, {self.layout} true in another layout and warned of, "
            f"{self.unreadable} could not be read"
        )


def mutated(notes: Notes, most: int, seed: int = 0) -> Tally:
    """Break verified equalities of a text, ``most`` times in all, spread over them by chance."""
    context = Context(notes, Options())
    checker = _Checker(context, SECONDS)
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
            equality, outcome = checker.judged(chain, checker.court(chain), k - 1, k)
            equality = in_layout(equality, outcome, checker.layout_of(chain.row), checker.context, [])
            if equality.verdict == "verified":  # in the layout of the text
                yield chain, k


def _judge(checker: _Checker, chain: Chain, k: int, edit: Edit, tally: Tally) -> None:
    left, right = chain.links[k - 1], chain.links[k]
    text = edit.applied(right.member.text)
    if _plain(text) in (_plain(right.member.text), _plain(left.member.text)):
        return
    now, broken = _broken(checker, chain, k, text)
    signs = [n for n in range(1, len(broken.links)) if broken.links[n].sign in SIGNS]
    at = signs.index(k)
    verdicts = [e.verdict for e, _ in checker.all_of(chain)]
    judged = now.all_of(broken)
    equality = judged[at][0]
    # at the next sign, too: it stands in the same formula, and was no fault before
    if any(
        e.verdict == "refuted" != before for (e, _), before in list(zip(judged, verdicts, strict=True))[at : at + 2]
    ):
        tally.found += 1
        return
    if equality.code == DOUBTFUL:
        tally.doubted += 1
        tally.left.append(f"{edit.kind}: {' '.join(left.member.text.split())[:110]} = {' '.join(text.split())[:150]}: doubtful {equality.reason[:70]}")  # fmt: skip
        return
    court = now.court(broken)
    if court.question.sides[k].tree is None:
        tally.unreadable += 1
    heard = now.heard(broken, court, k - 1, k)
    layout = now.layout_of(broken.row)
    if in_layout(equality, heard.outcome, layout, now.context, []).code == "layout":
        tally.layout += 1
        return
    before = checker.heard(chain, checker.court(chain), k - 1, k)
    same = _reads_alike(before, heard)
    other = _differ(heard) if same else _read_as(before, heard)
    if other is False and all(_differ(h) is False for h in _within_cases(now, broken, k)):
        tally.true += 1
        return
    tally.missed += 1
    said = f"{equality.verdict} {equality.code} ({heard.outcome.status}, NumPy: {other}{'' if same else ', otherwise read'})"
    tally.left.append(f"{edit.kind}: {' '.join(left.member.text.split())[:110]} = {' '.join(text.split())[:150]}: {said} {equality.reason[:70]}")  # fmt: skip


def _plain(latex: str) -> str:
    """LaTeX without what makes no difference: spaces, and braces around one letter."""
    return re.sub(r"\{(\w)\}", r"\1", "".join(latex.split()))


def _broken(checker: _Checker, chain: Chain, k: int, member: str) -> tuple[_Checker, Chain]:
    """The text with another member in it, which is then all that is known of its letters, and the chain in it."""
    notes, right = checker.context.notes, chain.links[k]
    start = right.formula.start + right.member.start
    end = start + len(right.member.text)
    if notes.text[start:end] == right.member.text:
        text = notes.text[:start] + member + notes.text[end:]
        now = _Checker(Context(notes_of(notes.path, text), Options()), SECONDS)
        now.layout, now.held = checker.layout, checker.held
        for other in chains(now.context.rows):
            if (
                len(other.links) == len(chain.links)
                and other.links[k].member.text == member
                and other.links[k].formula.start == right.formula.start
            ):
                return now, other
    return checker, chain.with_member(k, member)


def _within_cases(now: _Checker, broken: Chain, k: int) -> Iterator[Heard]:
    """The equality with what stands before a sign within its cases."""
    text = broken.links[k].member.text
    tree = now.context.tree(text)
    for first in before_signs(tree, text) if tree is not None else ():
        made = broken.with_member(k, first)
        yield now.heard(made, now.court(made), k - 1, k)


def _differ(heard: Heard) -> bool | None:
    meant = heard.outcome.meant
    if meant is None or heard.outcome.status == "empty":
        return None
    a, b = meant.values[heard.i], meant.values[heard.j]
    if not isinstance(a, Expr) or not isinstance(b, Expr):
        return None
    return differ(a, b, meant.definitions)


def _reads_alike(before: Heard, now: Heard) -> bool:
    """Whether letters have the kinds and the sizes that they had before the edit."""
    one, other = (_letters(h) for h in (before, now))
    return all(one[name].space == other[name].space for name in one.keys() & other.keys())


def _read_as(before: Heard, now: Heard) -> bool | None:
    """Whether the sides differ with the letters as they were read before; None where that is not found out."""
    meant = before.outcome.meant
    if meant is None:
        return None
    known = meant.understood.declarations
    kept = {name: s for name, s in known.symbols.items() if name not in {d.symbol.name for d in meant.definitions}}
    scope = replace(now.court.scope, declared=replace(known, symbols=kept), said={})
    court = now.court.of(scope=scope, layouts=(meant.layout,))
    for found in court.meant(meant.layout):
        a, b = found.values[now.i], found.values[now.j]
        if isinstance(a, Expr) and isinstance(b, Expr):
            return differ(a, b, found.definitions)
    return None


def _letters(heard: Heard) -> dict[str, Symbol]:
    meant = heard.outcome.meant
    found: dict[str, Symbol] = {}
    for e in (meant.values[heard.i], meant.values[heard.j], *(d.value for d in meant.definitions)) if meant else ():
        found |= symbols(e) if isinstance(e, Expr) else {}
    return found


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
