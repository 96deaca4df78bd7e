"""Every equation of an author's text judged: claims told from definitions, read with the text around them, compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from types import MappingProxyType

from derivgen.deadline import TooLong, bounded, refusals
from derivgen.errors import DerivgenError
from derivgen.notes.faults.forms import bold_entries, ill_formed, lone_findings
from derivgen.notes.faults.slips import ill
from derivgen.notes.faults.style import style
from derivgen.notes.judge.conditions import cases_beside
from derivgen.notes.judge.court import Outcome
from derivgen.notes.judge.layers import by_layers
from derivgen.notes.judge.layouts import in_layout, with_matrices
from derivgen.notes.judge.ways import Heard
from derivgen.notes.judging import Judging
from derivgen.notes.meaning.chains import Chain, chains, equality_of
from derivgen.notes.meaning.context import Context
from derivgen.notes.meaning.looks import plain_kind
from derivgen.notes.meaning.scope import defined_before
from derivgen.notes.remember import Judged, Memo, key_of, recalled, told
from derivgen.notes.reports.guessed import guessed
from derivgen.notes.sources.header import base_of, over
from derivgen.notes.sources.source import Notes
from derivgen.notes.verdict import Checked, Equality, Finding
from derivgen.options import Layout, Options
from derivgen.plugins import whose

SIGNS = frozenset({"=", ":="})

LONG = 5
"""How many members a chain has at least whose equalities are heard one by one where it takes too long as a whole."""


def check_notes(
    notes: Notes, options: Options | None = None, *, memo: Memo | None = None, seconds: float = 2.0
) -> Checked:
    """Judge every equality of a text.

    Args:
        notes: the text, as ``derivgen.notes`` finds it.
        options: what holds where the text itself sets nothing; what the text declares is added to ``where``.
        memo: where verdicts are kept between runs.
        seconds: how long one chain may take, in processor time.

    Nothing is raised for what an author wrote: what cannot be read is an equality that is unchecked.
    """
    options = options or Options()
    notes = replace(notes, options=MappingProxyType(over(notes.options, base_of(options))))
    context = Context(notes, options)
    checker = _Checker(context, seconds, memo)
    return checker.checked()


class _Checker(Judging):
    def __init__(self, context: Context, seconds: float, memo: Memo | None = None) -> None:
        super().__init__(context, seconds)
        self.memo = memo

    def checked(self) -> Checked:
        judged: list[tuple[Equality, Outcome | None, Layout | None, Chain]] = []
        held = self.held
        for chain in chains(self.context.rows):
            own = self.layout_of(chain.row)
            for equality, outcome in self.remembered(chain):
                judged.append((equality, outcome, own, chain))
                if (
                    own is None
                    and outcome is not None
                    and outcome.status == "verified"
                    and len(outcome.layouts) in (1, 2)
                ):
                    held.update(outcome.layouts)
        layout = self.layout or (held.most_common(1)[0][0] if held else None)
        remarks: list[str] = []
        findings: list[Finding] = []
        if layout is not None and held and self.layout is None:
            remarks.append(f"derivatives are read in {layout} layout, in which most of them hold")
        findings += style(self.context)
        findings += self.findings + self.context.settings.findings
        final: list[Equality] = []
        for e, o, own, chain in judged:
            count = len(findings)
            placed = in_layout(e, o, own or layout, self.context, findings)
            if len(findings) > count and (wrong := self.with_matrices(chain, e)) is not None:
                placed = wrong
                del findings[count:]
            final.append(placed)
        said = {e.formula.start + e.repair_start for e in final if e.fails and e.repair is not None}
        findings = [f for f in findings if f.code != "half-derivative" or f.start not in said]
        findings.sort(key=lambda f: f.start)
        found = Checked(self.context.notes, tuple(final), tuple(findings), remarks=tuple(remarks))
        return replace(found, declared=guessed(found))

    def with_matrices(self, chain: Chain, e: Equality) -> Equality | None:
        """Refuted, where an equality holds in no layout if capital letters are matrices, and a small edit makes it true."""
        k = next((k for k, x in enumerate(chain.links) if k and x.formula is e.formula and x.member.end == e.end), 0)
        if not k:
            return None
        pair = Chain((chain.links[k - 1], chain.links[k]))
        found = self.kept(pair, lambda: [(e, None) for e in self.judged_with_matrices(pair)], "matrices")
        return found[0][0] if found else None

    def judged_with_matrices(self, pair: Chain) -> Iterator[Equality]:
        court, before = self.court(pair), self.court(pair)
        court = court.of(scope=with_matrices(before))
        if court.scope == before.scope:
            return
        try:
            with refusals(), bounded(self.seconds):
                heard = Heard(pair, court, 0, 1, court.compare(0, 1))
                if heard.outcome.status in ("refuted", "shape"):
                    found = self.refuted(heard, excused=False)
                    if found.repair is not None:
                        yield found
        except TooLong as late:
            yield equality_of(pair, 0, 1, "unchecked", "undecided", late.message)

    def remembered(self, chain: Chain) -> list[Judged]:
        """The equalities of a chain, from before where nothing that they depend on has changed."""
        return self.all_of(chain) if len(chain.links) < 2 else self.kept(chain, lambda: self.all_of(chain))

    def kept(self, chain: Chain, judge: Callable[[], list[Judged]], *way: str) -> list[Judged]:
        """What is judged of a chain in one way, or what was before where nothing that it depends on has changed."""
        if self.memo is None:
            return judge()
        row = chain.row
        asked = (
            self.layout_of(row),
            self.held.most_common(1)[:1],
            self.differentials,
            self.product(row),
            self.einstein(row),
            tuple(cases_beside(self.context, chain.links[-1], chain.links[0])),
            *way,
        )
        key = key_of(self.context, chain, self.context.scope(row), *asked)
        text = self.memo.get(key) if key is not None else None
        before = recalled(chain, text) if text is not None else None
        if before is not None:
            self.findings += before[1]
            return before[0]
        met = len(self.findings)
        found = judge()
        if key is not None and all(e.code != "undecided" for e, _ in found):
            self.memo.put(key, told(chain, found, self.findings[met:]))
        return found

    def all_of(self, chain: Chain) -> list[tuple[Equality, Outcome | None]]:
        """The equalities of a chain. A mistake of ours in one of them is no reason to say nothing of the others."""
        found: list[tuple[Equality, Outcome | None]] = []
        try:
            with bounded(self.seconds):
                found.extend(self.chain(chain))
        except DerivgenError as error:
            found += self.given_up(chain, len(found), error)
        except Exception as bug:
            return [*found, *self.given_up(chain, len(found), whose(bug))]
        return self.pair_by_pair(chain, found)

    def pair_by_pair(self, chain: Chain, found: list[Judged]) -> list[Judged]:
        """What a long chain left undecided that takes too much time as a whole, each equality by itself."""
        signs = [k for k in range(1, len(chain.links)) if chain.links[k].sign in SIGNS]
        if len(chain.links) < LONG or len(found) != len(signs):
            return found
        with suppress(DerivgenError), bounded(2 * self.seconds):
            for at, k in enumerate(signs):
                kind = plain_kind(self.context, chain, k)
                if found[at][1] is not None or found[at][0].code != "undecided" or kind:
                    continue
                fails = at and signs[at - 1] == k - 1 > 1 and found[at - 1][0].fails
                pair = Chain((chain.links[k - 2 if fails else k - 1], chain.links[k]))
                found[at] = self.judged(pair, self.court(pair), 0, 1)
        return found

    def given_up(self, chain: Chain, done: int, error: DerivgenError) -> Iterator[tuple[Equality, None]]:
        signs = [k for k in range(1, len(chain.links)) if chain.links[k].sign in SIGNS]
        for k in signs[done:]:
            yield equality_of(chain, k - 1, k, "unchecked", "undecided", error.message), None

    def chain(self, chain: Chain) -> Iterator[tuple[Equality, Outcome | None]]:
        court = self.court(chain)
        if len(chain.links) == 1:
            self.findings += lone_findings(chain, court)
            return
        self.findings += bold_entries(chain, court)
        good = known = 0
        for k in range(1, len(chain.links)):
            link = chain.links[k]
            if link.sign not in SIGNS:
                good = known = k
                continue
            wrong = ill_formed(self.context, chain, court, k)
            if wrong is not None:
                yield ill(chain, court, k, wrong, self.repair), None
                continue
            kind = plain_kind(self.context, chain, k)
            if kind == "definition":
                try:
                    again = self.defined_before(chain, k)
                except TooLong as late:
                    again = equality_of(chain, k - 1, k, "unchecked", "undecided", late.message), None
                if again is not None:
                    yield again
                    good = k
                    continue
            if kind:
                yield equality_of(chain, k - 1, k, "unchecked", kind), None
                good = k
                continue
            equality, outcome = self.judged(chain, court, known, k)
            named_only = equality.fails and court.is_named_only(good, chain.links[good].row)
            if known < good and equality.verdict != "verified" and not named_only:
                before, compared = equality, outcome
                equality, outcome = self.judged(chain, court, good, k)  # known: before what nothing is said of
                if equality.code in ("empty", "unread") and before.repair is not None:
                    equality, outcome = before, compared
            if (
                outcome is None
                or outcome.status in ("verified", "empty", "undecided")
                or not (
                    equality.verdict == "verified"
                    or equality.fails
                    or (outcome.status == "unread" and outcome.wrong == 1)
                )
            ):
                known = known if equality.verdict == "unchecked" and court.is_unsaid(k) else k
                good = k
            yield equality, outcome

    def defined_before(self, chain: Chain, k: int) -> Judged | None:
        """Where a letter that has a meaning already is given another form of it.

        Raises:
            TooLong: there was no time to find out.
        """
        row = chain.links[k].row
        before = defined_before(row, self.context.definitions)
        if (words := self.words_for_layers) is not None:
            with refusals(), bounded(self.seconds):
                heard = by_layers(words, Heard(chain, self.court(chain), k - 1, k, Outcome("undecided")), self.court)
                if heard is not None:
                    return self.answered(heard), heard.outcome
        if not before:
            return None
        scope = self.court(chain).scope
        court = self.court(chain).of(scope=replace(scope, definitions={**scope.definitions, **before}))
        with refusals(), bounded(self.seconds):
            outcome = court.compare(k - 1, k)
            if outcome.status == "verified":
                return self.answered(Heard(chain, court, k - 1, k, outcome)), outcome
        return None
