"""The same derivative by the other method, and that both agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from derivgen.check.judge import Judge
from derivgen.derivation.derivation import Derivation
from derivgen.derivation.solve import solve
from derivgen.errors import DerivgenError
from derivgen.options import Method
from derivgen.rules.rule import Stage
from derivgen.show.document.blocks import Aside, Block, Equations, Sentence, Steps
from derivgen.show.document.context import context_of
from derivgen.show.document.steps import items_of
from derivgen.show.formats import Wishes
from derivgen.show.layout.lines import Line

TITLES: dict[Method, str] = {"scalar": "A second way, entry by entry", "chain": "A second way, by the chain rule"}
NONE = "There are no intermediates here whose Jacobians could be multiplied, so there is no second way."


def second_way(d: Derivation, wishes: Wishes) -> Aside:
    """The steps by the method that was not taken, its answer, and a remark on both.

    Raises:
        DerivgenError: the two ways do not agree.
    """
    method: Method = "scalar" if _is_chain(d) else "chain"
    other = solve(replace(d.problem, options=replace(d.problem.options, method=method, check=d.checked)))
    if method == "chain" and not _is_chain(other):
        return Aside(TITLES[method], (Sentence(NONE),))
    c = context_of(other)
    answer = Equations((Line(c.box(other.left), c.box(other.printed_result)),))
    return Aside(TITLES[method], (Steps(items_of(other.steps, c, wishes)), answer, *_compared(d, other)))


def _is_chain(d: Derivation) -> bool:
    return any(s.stage == Stage.CHAIN for s in d.steps)


def _compared(d: Derivation, other: Derivation) -> Iterator[Block]:
    if d.result == other.result:
        yield Sentence("Both ways end in the same expression.")
        return
    found = Judge(seed=d.problem.options.seed).agree(d.result, other.result, depth="question")
    if found.status == "refuted":
        raise DerivgenError("the two ways do not agree: one of them is wrong", hint="please report this")
    if found.status == "verified":
        yield Sentence("Both ways agree: the two expressions are equal at all points that were tried.")
    else:
        yield Sentence(f"Whether both ways agree could not be checked: {found.reason}.")
