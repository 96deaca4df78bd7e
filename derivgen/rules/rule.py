"""What a rule is: one law, declared once with all that a method, a reader, a test and the manual need of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import import_module
from typing import Any, Literal

from derivgen.errors import ExtensionError
from derivgen.expr import Expr, Partial, walk
from derivgen.rules.reason import Either, Reason, Telling, filled, in_letters, listing
from derivgen.rules.step import Step


class Stage(StrEnum):
    """The stations of a derivation, in the order of the method."""

    EXPAND = "expand"
    UNFOLD = "unfold"
    DIFFERENTIATE = "differentiate"
    COLLAPSE = "collapse"
    RECOMBINE = "recombine"
    SIMPLIFY = "simplify"
    CHAIN = "chain"


Role = Literal["shown", "silent", "offered"]
"""A rule that is shown makes a step; one that is silent is folded into the step before; one that is offered gives
another form, which is taken where it makes the whole shorter."""


class Phase(StrEnum):
    """Where a method asks for rules: the passes over an expression, from the question to the answer."""

    SETTLE = "settle"
    """Before all else, on the question: what always ties, by what is written."""
    VALUES = "values"
    """The same, by what is equal in value."""
    EXPAND = "expand"
    """On the question: definitions are written out. Again while partials are taken."""
    WIDEN = "widen"
    """On the question as a whole, where nothing was expanded."""
    UNFOLD = "unfold"
    """On the entry of the value. Again while partials are taken."""
    DIFFERENTIATE = "differentiate"
    """On the partial of that entry."""
    COLLAPSE = "collapse"
    """On what has no partials left. Again in every array, after the rules that simplify."""
    RECOMBINE = "recombine"
    """On the array that is known by its entries."""
    SIMPLIFY = "simplify"
    """On every array that a method makes."""
    BY_CASES = "by-cases"
    """On the answer as a whole."""
    ALWAYS = "always"
    """Of silent rules: in each of the passes from EXPAND on."""
    INWARD = "inward"
    """Of silent rules: in the passes on numbers, from EXPAND to COLLAPSE."""
    OUTWARD = "outward"
    """Of silent rules: in the passes on arrays, RECOMBINE and SIMPLIFY."""
    FORM = "form"
    """Of rules that offer a form: any that is shorter is taken."""
    LONG_FORM = "long-form"
    """The same, where no other form is shorter: it is taken only if it is much shorter."""


ASKED: dict[Role, tuple[Phase, ...]] = {
    "shown": (Phase.SETTLE, Phase.VALUES, Phase.EXPAND, Phase.WIDEN, Phase.UNFOLD, Phase.DIFFERENTIATE, Phase.COLLAPSE,
              Phase.RECOMBINE, Phase.SIMPLIFY, Phase.BY_CASES),
    "silent": (Phase.ALWAYS, Phase.INWARD, Phase.OUTWARD),
    "offered": (Phase.FORM, Phase.LONG_FORM),
}  # fmt: skip
"""The phases in which methods ask for rules of each role. Elsewhere a rule would never act."""

_SILENT = {
    Stage.EXPAND: Phase.INWARD, Stage.UNFOLD: Phase.INWARD, Stage.DIFFERENTIATE: Phase.INWARD, Stage.COLLAPSE: Phase.ALWAYS,
    Stage.RECOMBINE: Phase.OUTWARD, Stage.SIMPLIFY: Phase.ALWAYS,
}  # fmt: skip

Rewrite = Callable[[Any, Any], Expr | None]
"""Takes a node and the Context."""


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One law, with all that a reader, a test and the manual need of it.

    Attributes:
        name: how a step cites it: "collapse-delta".
        title: the heading of a step that it makes: "Collapse the deltas".
        stage: the station at which it is used.
        states: the law, in LaTeX.
        because: one sentence that gives the reason. It has places, {u}, for the letters of ``states``: a step says it with
            its own terms there.
        terms: what stands in these places, from the node before and after; another sentence where that one does not fit;
            None where the letters are to stay. A rule without it says that the node before is the node after.
        general: whether the sentence is of the law as a whole, and names no term of a step.
        aloud: of silent rules, whether the step that one is folded into says it too, since its line looks turned around.
        proves: the facts that one use of it rests on, each a step with its proof below it, from the node and the Context.
        again: what a step says instead that stands for several uses, each of what the one before made.
        examples: expressions in text on which it acts; between them they reach every line of ``rewrite``.
        on: the kinds of node that it looks at.
        rewrite: the node with the law applied, or None where the law has nothing to say.
        when: a condition under which it holds, where it does not always.
        reference: the part of the lecture that it belongs to.
        role: whether it makes a step, acts silently, or offers a form.
        phases: where methods ask for it.
        order: among the rules that are asked for together, those of lower order act first; of one order, in the order of the book.
        narrows: whether what it leaves out may have had a value at fewer points than what is left.
        picture: how the result of its step is drawn (see Step).
        kinds: the bits of the kinds of node in ``on``.
    """

    name: str
    title: str
    stage: Stage
    states: str
    because: str
    examples: tuple[str, ...]
    on: tuple[type[Expr], ...]
    rewrite: Rewrite
    when: str = ""
    reference: str = ""
    role: Role = "shown"
    phases: tuple[Phase, ...] = ()
    order: int = 0
    narrows: bool = False
    picture: str = ""
    terms: Telling | None = None
    general: bool = False
    aloud: bool = False
    proves: Callable[[Any, Any], tuple[Step, ...]] | None = None
    again: str = ""
    kinds: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kinds", sum(kind.bit for kind in self.on))

    def __repr__(self) -> str:
        return f"<rule {self.name}>"

    def __reduce__(self) -> tuple[Any, ...]:
        """By its place in a module, where the name of the function is that of the rule."""
        place = self.rewrite.__module__, self.rewrite.__name__
        if getattr(sys.modules.get(place[0]), place[1], None) is self:
            return _found_in, place
        raise ExtensionError(
            f"rule {self.name} cannot be sent to another process", hint="declare it at the top of a module"
        )

    @property
    def silent(self) -> bool:
        """Whether it makes no step of its own."""
        return self.role == "silent"

    @property
    def sentence(self) -> str:
        """The reason in the letters of the law."""
        return in_letters(self.because)

    def reason(self, before: Expr, after: Expr) -> Reason:
        """The reason in the terms of one use."""
        # within a case that sets places apart, the case has been put around the node
        told = self.terms(before, after) if self.terms is not None and isinstance(before, self.on) else None
        if told is None and not self.general and before != after:
            return Reason((self.sentence.removesuffix("."), Either(((": ", before, " is ", after), ())), "."))
        return told if isinstance(told, Reason) else filled(self.because, told or {})


def _found_in(module: str, name: str) -> Any:
    return getattr(import_module(module), name)


def rule(stage: Stage, *on: type[Expr], title: str = "", states: str, because: str, examples: Sequence[str], when: str = "",
         reference: str = "", role: Role = "shown", phases: Sequence[Phase] = (), order: int = 0,
         narrows: bool = False, picture: str = "", terms: Telling | None = None, general: bool = False, aloud: bool = False,
         proves: Callable[[Any, Any], tuple[Step, ...]] | None = None, again: str = "") -> Callable[[Rewrite], Rule]:  # fmt: skip
    """Declare a rule. Its name is that of the function, with hyphens; its phases are, unless said otherwise, those of its stage."""

    def declare(rewrite: Rewrite) -> Rule:
        name = rewrite.__name__.replace("_", "-")
        heading = title or name.replace("-", " ").capitalize()
        return Rule(name, heading, stage, states, because, tuple(examples), on, rewrite, when, reference, role,
                    tuple(phases) or _phases(stage, role), order, narrows, picture, terms, general, aloud, proves, again)  # fmt: skip

    return declare


def _phases(stage: Stage, role: Role) -> tuple[Phase, ...]:
    match role:
        case "silent":
            return (_SILENT.get(stage, Phase.ALWAYS),)
        case "offered":
            return (Phase.FORM,)
        case _:
            return () if stage is Stage.CHAIN else (Phase(stage.value),)


@dataclass(frozen=True, slots=True)
class Application:
    """One use of a rule on one sub-expression."""

    rule: Rule
    before: Expr
    after: Expr

    @property
    def reason(self) -> Reason:
        """Why it holds, in the terms of what it was applied to."""
        return self.rule.reason(self.before, self.after)

    def step(self) -> Step:
        """The step that shows it."""
        return Step(self.rule.name, self.rule.title, self.before, self.after, self.reason, self.rule.stage)


def reason_of(record: Sequence[Application], reasons: Sequence[Reason] = ()) -> Reason:
    """The reason of a step that the rule of the first application makes, with the terms of all its uses.

    ``reasons`` are those of the applications, where they are known already.
    """
    law, known = record[0].rule, reasons or [a.reason for a in record]
    first = known[0]
    more = {r: _subject(a) for a, r in zip(record, known, strict=True) if a.rule is law and r != first}
    other = next((r for r in more if r.words != first.words), None)
    if other is not None:
        return first + other
    told = [e for e in more.values() if e != _subject(record[0]) and e.written <= MOST_WRITTEN][:MOST_ALIKE]
    if not told or not first.terms:
        return first
    return first + Reason(("Likewise for ", *listing(told), "."))


def aloud(record: Sequence[Application], after: Expr, settled: Callable[[Expr], Expr]) -> Reason:
    """What silent laws did that a reader of the line ``after`` is told: rows that became columns, a sign that moved inward.

    ``settled`` gives what such a law left the form that it has in the line.
    """
    said = {a.rule: a for a in reversed(record) if a.rule.aloud}  # the first of each
    if not said:
        return Reason()
    parts = set(walk(after))
    found = Reason()
    for a in said.values():
        left = settled(a.after)
        if left in parts:
            found += a.rule.reason(a.before, left)
    return found


MOST_ALIKE = 2
"""How many more terms a reason names that the same is done to."""

MOST_WRITTEN = 12
"""The parts up to which such a term is short enough to be named."""


def _subject(a: Application) -> Expr:
    """What a rule is about: of a derivative that which is derived."""
    return a.before.body if isinstance(a.before, Partial) else a.before


def sides(before: str, after: str) -> Telling:
    """For a sentence about a whole node and what became of it, which stand at these two places."""
    return lambda e, new: {before: e, after: new}
