"""How an equality is heard: with all that the text says there, and in other ways where it does not hold so."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from derivgen.notes.judge.asides import under_property
from derivgen.notes.judge.conditions import under_conditions
from derivgen.notes.judge.court import LAYOUTS, Court, Outcome
from derivgen.notes.judge.decomposed import Factors, as_decomposed, factors_in
from derivgen.notes.judge.equations import under_equations
from derivgen.notes.judge.excuses import Excuse, excuse
from derivgen.notes.judge.layers import by_layers, layered
from derivgen.notes.judge.ways import (
    MORE,
    Heard,
    Lean,
    at_every_step,
    by_steps,
    in_fonts,
    is_far,
    is_spoilt,
    otherwise,
    scope_for,
)
from derivgen.notes.meaning.chains import Chain
from derivgen.notes.meaning.context import Context
from derivgen.notes.meaning.prose import has_differentials
from derivgen.notes.meaning.scope import Row
from derivgen.option import is_on
from derivgen.options import Layout


class Hearing:
    """One text, and how its equalities are heard."""

    def __init__(self, context: Context) -> None:
        self.context = context
        given = context.notes.options.get("layout")
        self.layout = next((layout for layout in LAYOUTS if given == layout), context.words.layout)
        self.differentials = has_differentials(context.notes.text)
        self._decomposed: dict[
            int, tuple[Outcome, Excuse | None]
        ] = {}  # by the outcome, which is kept so that it stays one

    @cached_property
    def factors(self) -> Factors:
        """The factors of the decompositions that the text writes."""
        return factors_in(self.context)

    @cached_property
    def words_for_layers(self) -> Context | None:
        """The text with words for its layers; None where there are none."""
        return layered(self.context)

    def product(self, row: Row) -> str:
        """What ⊗ is where a statement stands, as the text says or the options."""
        given = self.context.settings.option("product", row.path)
        return given or self.context.words.product or self.context.options.product

    def einstein(self, row: Row) -> bool:
        """Whether the signs of sums are left out where a statement stands."""
        return self.context.words.einstein or is_on(self.context.settings.option("einstein", row.path))

    def layout_of(self, row: Row) -> Layout | None:
        """The layout that is declared where a statement stands."""
        given = self.context.settings.option("layout", row.path)
        return next((layout for layout in LAYOUTS if given == layout), self.layout)

    def court(
        self, chain: Chain, *, latexes: tuple[str, ...] | None = None, lean: Lean = "", einstein: bool = False
    ) -> Court:
        """The members of a chain, or others in their place, read without what ``lean`` leaves out."""
        first = self.layout_of(chain.row)
        layouts = (first, *(x for x in LAYOUTS if x != first)) if first is not None else LAYOUTS
        return Court(latexes or tuple(link.member.text for link in chain.links), scope_for(self.context, chain, lean),
                     dict(self.context.notes.macros), self.differentials, self.product(chain.row), layouts, einstein)  # fmt: skip

    def heard(self, chain: Chain, court: Court, i: int, j: int) -> Heard:
        """An equality in the way in which it holds; where there is none, in the one by which it is to be judged."""
        if (early := at_every_step(chain, court, i, j)) is not None:
            return early
        first = Heard(chain, court, i, j, court.compare(i, j))
        status = first.outcome.status
        spoilt = is_spoilt(first)
        by_font = first.outcome.is_by_font
        if status == "verified" and (written := by_steps(self.context, first, self.court)) is not None:
            return written
        if status == "undecided" and by_font and self.is_certain(strict := in_fonts(first, self.court)):
            return strict
        if status == "verified" or (status == "undecided" and not spoilt):
            return first
        others: list[Heard] = []
        for other in otherwise(first, self.court, einstein=self.einstein(chain.row)):
            if other.outcome.status == "verified":
                return other
            if other.lean not in MORE:
                others.append(other)
        if (
            self.words_for_layers is not None
            and (there := by_layers(self.words_for_layers, first, self.court)) is not None
        ):
            return there
        if status in ("refuted", "shape"):
            there = (
                under_conditions(self.context, first, self.pair)
                or under_property(first, self.court)
                or under_equations(self.context, first, self.pair)
            )
            if there is not None:
                return there
        if by_font and not self.is_certain(first) and self.is_certain(strict := in_fonts(first, self.court)):
            return strict
        if status in ("refuted", "shape") and is_far(first):
            return next((o for o in others if o.lean == "near"), first)
        if status == "empty":
            return replace(first, besides=next((o for o in others if o.outcome.status in ("refuted", "shape")), None))
        if spoilt or self.is_doubtful(first):
            certain = next((o for o in others if self.is_certain(o) and o.keeps_all_of(first)), None)
            return certain or next((o for o in others if spoilt and self.is_repairable(o, first)), first)
        return first

    def pair(self, chain: Chain) -> Heard:
        """Two members alone."""
        court = self.court(chain)
        return Heard(chain, court, 0, 1, court.compare(0, 1))

    def is_doubtful(self, heard: Heard) -> bool:
        """Whether an equality does not hold because something else may be meant."""
        if heard.outcome.status not in ("refuted", "shape"):
            return False
        found = self.excuse(heard)
        return found is not None and found.code == "reading"

    def is_certain(self, heard: Heard) -> bool:
        """Whether an equality does not hold, and nothing speaks for its author."""
        return heard.outcome.status in ("refuted", "shape") and self.excuse(heard) is None

    def is_repairable(self, heard: Heard, first: Heard) -> bool:
        """Whether an equality does not hold by all that it needs, and is a slip if a small edit makes it true."""
        if heard.outcome.status not in ("refuted", "shape") or not heard.keeps_all_of(first):
            return False
        found = self.excuse(heard)
        return found is not None and found.repairable

    def excuse(self, heard: Heard) -> Excuse | None:
        """What speaks for the author of an equality that does not hold."""
        found = excuse(self.context, heard.chain, heard.court, heard.i, heard.j, heard.outcome)
        if found is not None and not found.repairable:
            return found
        key = id(heard.outcome)
        if key not in self._decomposed:
            self._decomposed[key] = heard.outcome, as_decomposed(heard, self.factors, self.context.notes.text)
        return self._decomposed[key][1] or found
