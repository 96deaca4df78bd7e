"""A derivation before the judge: every step and sub-step, and the answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import get_args

from derivgen.check.judge import Judge
from derivgen.check.verdict import Status, Verdict
from derivgen.deadline import seconds_left, unbounded
from derivgen.derivation.methods.link import LINKS_REMEMBERED
from derivgen.derivation.methods.scalar import Derived
from derivgen.derivation.methods.vectorised import Stacked
from derivgen.expr import At, Definition, Expr, substitute, symbols
from derivgen.rules import moves
from derivgen.rules.step import Step
from derivgen.turns import turns

FOR_CHECKS = 0.8
"""The part of the time left that checks may take: the answer is to be printed, too."""


@dataclass(frozen=True, slots=True, repr=False)
class Report:
    """What the judge says of a derivation.

    Attributes:
        steps: the steps, each with its verdict, sub-steps too.
        answer: the verdict on the answer against the derivative of the expression itself, taken by forward mode.
        verdict: the worst of all verdicts: refuted before unchecked before verified.
    """

    steps: tuple[Step, ...]
    answer: Verdict
    verdict: Status = field(init=False, compare=False)

    def __post_init__(self) -> None:
        found = {v.status for v in self.verdicts}
        worst: Status = "refuted" if "refuted" in found else "unchecked" if "unchecked" in found else "verified"
        object.__setattr__(self, "verdict", worst)

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Every verdict: the steps and their sub-steps in the order read, the answer last."""
        return (*(s.check for s in every_step(self.steps) if s.check is not None), self.answer)

    def __repr__(self) -> str:
        """How many verdicts of each kind there are: the steps, their sub-steps and the answer."""
        found = [v.status for v in self.verdicts]
        counts = (f"{found.count(s)} {s}" for s in get_args(Status) if s in found)
        return f"<Report: {', '.join(counts)}>"

    @property
    def passed(self) -> bool:
        """Whether nothing is refuted."""
        return all(v.passed for v in self.verdicts)


def judge(start: Expr, outcome: Derived, seed: int = 0, samples: int | None = None, stacked: Stacked | None = None,
          called: Definition | None = None) -> Report:  # fmt: skip
    """Every step and sub-step before the judge, then the answer against forward mode on the expression itself.

    Of an answer that is given as a matrix too, both forms must hold. ``called`` is the name of what is derived, with
    which the names on the left of the steps are judged as well.
    """
    court = Judge(seed=seed, samples=samples)
    court.left = min(court.left, FOR_CHECKS * seconds_left())
    with unbounded():  # the judge looks at its own clock
        return _report(start, outcome, stacked, court, called)


def _report(start: Expr, outcome: Derived, stacked: Stacked | None, court: Judge, called: Definition | None) -> Report:
    if start.kinds & At.bit:  # an entry that no step has, since it does not matter: v[3] in where(v[3], B, B)
        court.expect(start)
    if stacked is not None:
        court.expect(stacked.result)
    steps = tuple([_judged(s, court) for s in outcome.steps])
    if called is not None:
        steps = _with_names(start, steps, called, court)
    answer = court.agree(start, outcome.result, depth="answer")
    if stacked is not None and answer.status == "verified":
        answer = court.agree(stacked.start, stacked.result, depth="answer")
    return Report(steps, answer)


def _with_names(start: Expr, steps: tuple[Step, ...], called: Definition, court: Judge) -> tuple[Step, ...]:
    """Steps whose names on the left hold too: where ∂y/∂w = wᵀA is printed, ∂y/∂w is what is compared with wᵀA.

    What is on the left again holds by the lines between. A name that stands for what the step begins with, or for what
    is derived, says nothing that is not judged already.
    """
    named, seen, found, own = {called.symbol: called}, set[Expr](), list[Step](), symbols(start).keys()
    for s in steps:
        named |= {d.symbol: d for d in s.introduces}
        gives = s.rule == moves.name_intermediates.name  # its left side is a name by what it says itself
        if s.left is not None and s.left not in seen and not gives and s.check and s.check.status == "verified":
            seen.add(s.left)
            known = named | {d.symbol: d for d in s.definitions}
            if symbols(s.left).keys() - own - {d.symbol.name for d in known.values()}:
                found.append(s)  # a letter that a display gives to a part says only what it shows
                continue
            plain = (substitute(s.left, {d.symbol.name: d.value}) for d in known.values())
            if not {s.before, s.after, start}.intersection(plain):
                s = s.judged(court.agree(s.left, s.after, known.values()), s.substeps)
        found.append(s)
    return tuple(found)


def _judged(step: Step, court: Judge) -> Step:
    if step.rule == moves.known_derivative.name and step.substeps and _is_proved(step):
        lines = _link(step.substeps, court)  # the same in every derivation that rests on it
        return step.judged(_worst(lines), lines)
    verdict = court.agree(step.before, step.after, step.definitions)
    for between in step.via:
        if verdict.status == "verified":
            said = court.agree(between, step.after, step.definitions)
            verdict = verdict if said.status == "verified" else said
    if step.rule == moves.derive_link.name:
        return step.judged(verdict, _link(step.substeps, court))
    return step.judged(verdict, tuple([_judged(s, court) for s in step.substeps]))


def _is_proved(step: Step) -> bool:
    """Whether the last line of a step's proof is the step itself."""
    return (step.substeps[-1].before, step.substeps[-1].after) == (step.before, step.after)


def _worst(steps: Sequence[Step]) -> Verdict:
    """The verdict on a proof: that on its last line, which is what is proved, unless one before does not hold."""
    checks = [s.check for s in steps if s.check is not None]
    return next((v for v in checks if v.status != "verified"), checks[-1])


_links: dict[tuple[int, int, int | None], tuple[tuple[Step, ...], tuple[Step, ...]]] = {}
"""Links that were judged, by the identity of their steps, which is kept with them."""

_turn = turns()


def _link(steps: tuple[Step, ...], court: Judge) -> tuple[Step, ...]:
    """The derivation of a link by a court of its own.

    It is the same in every chain that has the link, and so are its verdicts: they do not depend on what was judged
    before, so they are remembered unless the time was too short for one.
    """
    key = id(steps), court.seed, court.samples
    with _turn:
        known = _links.pop(key, None)
        if known is not None:
            _links[key] = known  # the last to go
            return known[1]
    own = Judge(seed=court.seed, samples=court.samples)
    own.left = court.left
    judged = tuple([_judged(s, own) for s in steps])
    court.left = own.left
    if not own.hurried and all(s.check is not None and s.check.status == "verified" for s in every_step(judged)):
        with _turn:
            if len(_links) >= LINKS_REMEMBERED:
                del _links[next(iter(_links))]
            _links[key] = steps, judged
    return judged


def every_step(steps: Sequence[Step]) -> Iterator[Step]:
    """Steps and sub-steps in the order read."""
    for s in steps:
        yield s
        yield from every_step(s.substeps)
