"""Two members of a chain compared in every reading that makes sense: what holds in one is not refuted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from derivgen.catalog.elementwise import equal
from derivgen.check.judge import Judge
from derivgen.check.verdict import Verdict
from derivgen.deadline import TooLong, refusals
from derivgen.errors import About, DerivgenError, NameUnknown, ParseError, ShapeError
from derivgen.expr import ZERO, Add, Call, Expr, Mul
from derivgen.expr import walk as expressions
from derivgen.notes.judge.letters import unsaid_functions
from derivgen.notes.judge.timely import LATE, agreement
from derivgen.notes.meaning.question import Meant, Question
from derivgen.notes.meaning.scope import Row, Scope
from derivgen.notes.meaning.trees import base_of, derivatives, is_letter, is_zero, name_of, names
from derivgen.notes.meaning.unheld import unheld
from derivgen.options import Layout
from derivgen.read.kinds.prices import NEAR
from derivgen.read.latex.names import taken_apart
from derivgen.read.surface import Called, Derivative, Differential, Fenced, Grid, Nabla, Surface, walk
from derivgen.tex.macros import Macro

LAYOUTS: tuple[Layout, ...] = ("numerator", "denominator", "gradient")

Status = Literal["verified", "refuted", "shape", "empty", "unread", "undecided"]

SECONDS = 0.6
"""How long one comparison may take in one reading."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comparing two members in all readings says.

    Attributes:
        status: "verified" in some reading, with a value that is not 0; "empty" where both are 0; "shape" where the sides do
            not fit in any; "unread" where a side is nothing that is read.
        layouts: those in which it holds.
        meant: the reading that counts: the first in which it holds, or the first of all.
        wrong: the side that has no shape, 0 or 1, where there is one.
        refuted_in: the readings in which the sides differ, where it holds in none.
        either: whether a side is a list that may be a row or a column, so that no layout is wrong.
    """

    status: Status
    verdict: Verdict | None = None
    meant: Meant | None = None
    layouts: tuple[Layout, ...] = ()
    error: DerivgenError | None = None
    wrong: int | None = None
    either: bool = False
    refuted_in: tuple[Meant, ...] = ()

    @property
    def readings(self) -> tuple[Meant, ...]:
        """The readings in which the sides differ; where there are none, the one that counts."""
        return self.refuted_in or ((self.meant,) if self.meant is not None else ())

    def tried(self, i: int, j: int) -> Iterator[tuple[Meant, Expr, Expr]]:
        """Those of them in which both members have a value, with the two."""
        for meant in self.readings:
            a, b = meant.values[i], meant.values[j]
            if isinstance(a, Expr) and isinstance(b, Expr):
                yield meant, a, b

    @property
    def about(self) -> About:
        """What the error is about, where there is one that says so."""
        return self.error.about if self.error is not None else ""

    @property
    def is_by_font(self) -> bool:
        """Whether a letter in bold is another thing in it than its font says, so that it does not hold as it looks."""
        return self.meant is not None and bool(self.meant.against_font)


@dataclass
class Court:
    """The members of one chain, read once in each layout.

    What is known and wanted is not changed once it is made: ``of`` makes another.
    """

    latexes: Sequence[str]
    scope: Scope
    macros: dict[str, Macro]
    differentials: bool
    product: str
    layouts: Sequence[Layout]
    einstein: bool = False
    columns: bool = False
    _question: Question | None = field(init=False, default=None)
    _meant: dict[Layout, list[Meant]] = field(init=False, default_factory=dict)
    _judges: dict[int, Judge] = field(init=False, default_factory=dict)
    _outcomes: dict[tuple[int, int], Outcome] = field(init=False, default_factory=dict)

    def of(self, latexes: Sequence[str] | None = None, **changes: Any) -> Court:
        """A court that reads other members as this one does, or the same ones with ``changes`` of what is known or wanted.

        What this one has found by then is not taken over.
        """
        return replace(self, **changes) if latexes is None else replace(self, latexes=latexes, **changes)

    @property
    def question(self) -> Question:
        """The members of the chain as one question, read when it is first asked for."""
        if self._question is None:
            self._question = Question(self.scope, self.macros, self.differentials)
            self._question.einstein, self._question.columns = self.einstein, self.columns
            self._question.read(self.latexes, frozenset())
        return self._question

    @property
    def derives(self) -> bool:
        """Whether a derivative stands somewhere, so that its layout counts."""
        return any(isinstance(p, Derivative | Nabla) for t in self.question.trees() for p in walk(t))

    @property
    def is_of_numbers(self) -> bool:
        """Whether all letters are numbers in the first layout, so that no other says anything else."""
        if any(isinstance(p, Nabla | Grid) for t in self.question.trees() for p in walk(t)):
            return False
        first = self.meant(self.layouts[0])
        return bool(first) and all(
            not symbol.space.axes for meant in first for symbol in (*meant.understood.declarations.symbols.values(), *(d.symbol for d in meant.definitions))
        )  # fmt: skip

    @property
    def size(self) -> int:
        """How many parts its trees have."""
        return self.size_of(*range(len(self.latexes)))

    def size_of(self, *members: int) -> int:
        """How many parts some of its members have, with all that the chain needs."""
        trees = [self.question.sides[k].tree for k in members] + [tree for _, tree in self.question.needed.values()]
        return sum(1 for tree in trees if tree is not None for _ in walk(tree))

    def is_unsaid(self, i: int) -> bool:
        """Whether a member has a function with a word for its name, of which nothing is said."""
        tree = self.question.sides[i].tree
        heads = [taken_apart(p.head) for p in walk(tree) if isinstance(p, Called)] if tree is not None else []
        words = {name for head in heads if head is not None and len(head[0].stem) > 1 and (name := name_of(head[0]))}
        return tree is not None and bool(words) and bool(words & unsaid_functions(self.question, tree))

    def is_named_only(self, i: int, row: Row) -> bool:
        """Whether a member is a function that nothing but this row says anything of."""
        tree = self.question.sides[i].tree
        name = name_of(tree) if tree is not None else None  # what is of its own arguments has given way to its name
        known = self.question.needed.get(name) if name is not None else None
        return self.is_unsaid(i) or (known is not None and known[0].row is row and bool(known[0].params))

    def meant(self, layout: Layout) -> list[Meant]:
        """The expressions that the chain can mean in a layout; none where it cannot be read so."""
        if layout not in self._meant:
            found: list[Meant] = []
            with refusals():
                found = list(self.question.meant(layout, self.product))
            self._meant[layout] = found
        return self._meant[layout]

    def judge(self, meant: Meant) -> Judge:
        """The judge of one meaning, with the time that is its own."""
        key = id(meant)
        if key not in self._judges:
            self._judges[key] = Judge(meant.definitions)
            self._judges[key].left = 4 * SECONDS
        return self._judges[key]

    def compare(self, i: int, j: int) -> Outcome:
        """What comes of comparing members i and j, found once.

        Raises:
            TooLong: there was no time to find out.
        """
        if (i, j) not in self._outcomes:
            self._outcomes[i, j] = self._compare(i, j)
        return self._outcomes[i, j]

    def _compare(self, i: int, j: int) -> Outcome:
        for side in (i, j):
            error = self.question.sides[side].error
            if self.question.sides[side].tree is None and error is not None:
                return Outcome("unread", error=error, wrong=(i, j).index(side))
        if self.question.circular:
            return Outcome("undecided")
        layouts = tuple(self.layouts) if self.derives and not self.is_of_numbers else tuple(self.layouts[:1])
        holds: list[tuple[Layout, Meant, Verdict]] = []
        empty: list[tuple[Meant, Verdict]] = []
        refuted: list[tuple[Meant, Verdict]] = []
        misfits: list[Outcome] = []
        open_ones: list[tuple[Meant, Verdict]] = []
        late = False
        for layout in layouts:
            for meant in self.meant(layout):
                a, b = meant.values[i], meant.values[j]
                wrong = 0 if not isinstance(a, Expr) else 1 if not isinstance(b, Expr) else None
                if wrong is not None and (held := self._held(meant, i, j)) is not None:
                    holds.append((layout, meant, held))
                    break
                if wrong is not None or not isinstance(a, Expr) or not isinstance(b, Expr):
                    misread = (a, b)[wrong or 0]
                    assert isinstance(misread, DerivgenError)
                    misfits.append(
                        Outcome("shape" if _is_misfit(misread) else "unread", None, meant, (), misread, wrong)
                    )
                    continue
                a, b = self._with_zeros(i, j, a, b)
                verdict = self.judge(meant).agree(a, b, depth="answer")
                if verdict.status == "verified" and meant.bold_numbers:
                    open_ones.append((meant, replace(verdict, status="unchecked", reason=_bold_words(meant))))
                elif verdict.status == "verified":
                    if self._is_empty(meant, a, b) and not self._says_zero(i, j):
                        empty.append((meant, verdict))
                    else:
                        holds.append((layout, meant, verdict))
                        break
                elif verdict.status == "unchecked":
                    late |= self.judge(meant).late
                    open_ones.append((meant, verdict))
                elif meant.untold is not None:
                    misfits.append(Outcome("unread", None, meant, (), meant.untold))
                elif a.shape != b.shape:
                    misfits.append(Outcome("shape", verdict, meant))
                else:
                    refuted.append((meant, verdict))
        if holds:
            least = min(meant.cost for _, meant, _ in holds)
            holds = [h for h in holds if h[1].cost <= least + NEAR]  # no layout is one in which letters are odd
            found = LAYOUTS if len(layouts) == 1 else tuple([layout for layout, _, _ in holds])
            return Outcome("verified", holds[0][2], holds[0][1], found, either=any(map(self._is_list, (i, j))))
        if empty:
            return Outcome("empty", empty[0][1], empty[0][0])
        unread = [m for m in misfits if m.status == "unread"]
        if late:
            raise TooLong(LATE)  # with more time it may hold
        if open_ones:
            return Outcome("undecided", open_ones[0][1], open_ones[0][0])
        if refuted:
            return Outcome("refuted", refuted[0][1], refuted[0][0], refuted_in=tuple([meant for meant, _ in refuted]))
        if unread:
            return self._as_columns(i, j) or unread[0]
        if misfits:
            return misfits[0]
        return Outcome("unread", error=self.question.failure)

    def _with_zeros(self, i: int, j: int, a: Expr, b: Expr) -> tuple[Expr, Expr]:
        """Two sides, of which one that is written 0 is as many zeros as the other has entries."""
        if a.shape == b.shape:
            return a, b
        one, other = (self.question.sides[k].tree for k in (i, j))
        if self.derives and not all(self.changes_by_it(side) for side in (one, other) if side is not None):
            return a, b
        if other is not None and is_zero(other) and not b.shape.axes:
            return a, Mul((ZERO, a))
        if one is not None and is_zero(one) and not a.shape.axes:
            return Mul((ZERO, b)), b
        return a, b

    def is_astray(self, side: Surface) -> bool:
        """Whether a letter is differentiated there by another to which nothing that it stands for leads."""
        needed = self.question.needed
        for body, by in derivatives(side):
            name, goals = name_of(body), {n for n in (name_of(by), base_of(by)) if n is not None}
            if not (is_letter(body) and is_letter(by) and goals) or name not in needed or name in goals:
                continue
            if goals.isdisjoint(needed[name][0].params) and not any(self.question.reaches(name, g) for g in goals):
                return True
        return False

    def changes_by_it(self, side: Surface) -> bool:
        """Whether all that is differentiated there has, or leads to, what it is differentiated by."""
        for body, by in derivatives(side):
            goal = name_of(by)
            inside = {n for part, name in names(body) for n in (name, base_of(part)) if n is not None}
            if goal not in inside and not any(goal is not None and self.question.reaches(n, goal) for n in inside):
                return False
        return True

    def _is_list(self, i: int) -> bool:
        """Whether a member is a list with commas, of which nothing says whether it is a row or a column."""
        tree = self.question.sides[i].tree
        return isinstance(tree, Fenced) and len(tree.items) > 1

    def _held(self, meant: Meant, i: int, j: int) -> Verdict | None:
        """That two members are equal, whatever the values are that are held abstract in them."""
        sides = [meant.held.get(k, meant.values[k]) for k in (i, j)]
        a, b = (unheld(e, entrywise=self.scope.entrywise) if isinstance(e, Expr) else None for e in sides)
        if a is None or b is None:
            return None
        verdict = self.judge(meant).agree(a, b, depth="answer")
        return verdict if verdict.status == "verified" and not self._is_empty(meant, a, b) else None

    def _as_columns(self, i: int, j: int) -> Outcome | None:
        """Whether a bold 1 or 0 whose size nothing tells does not fit as a vector: then the shapes are wrong."""
        texts = [self.latexes[k] for k in (i, j)]
        if self.columns or not any(re.search(r"\\(?:mathbf|boldsymbol|bm|mathbb)\s*\{?\s*[01]", t) for t in texts):
            return None
        found = self.of(columns=True).compare(i, j)
        if found.status != "shape":
            return None
        values = [found.meant.values[k] for k in (i, j)] if found.meant is not None else []
        ranks = [e.shape.rank for e in values if isinstance(e, Expr)]
        # a column beside a matrix, whatever its length is
        return found if found.error is not None or (len(ranks) == 2 and ranks[0] != ranks[1]) else None

    @property
    def _changes(self) -> bool:
        """Whether a differential stands somewhere, which is 0 of what nothing is said to change."""
        trees = self.question.trees() if self.differentials else []
        return any(isinstance(p, Differential) for tree in trees for p in walk(tree))

    def _is_empty(self, meant: Meant, a: Expr, b: Expr) -> bool:
        """Whether both sides are 0, and neither is written so, nor are they terms that cancel."""
        rare = any(isinstance(x, Call) and x.op is equal for e in (a, b) for x in expressions(e))  # 1{y = 1}
        if not self.derives and not self._changes and not rare:
            return False
        judge = self.judge(meant)
        zero = all(agreement(judge, e, Mul((ZERO, e))) == "verified" for e in (a, b))
        terms = [t for e in (a, b) if isinstance(e, Add) for t in e.terms] if zero else []
        return zero and not any(agreement(judge, t, Mul((ZERO, t))) == "refuted" for t in terms)

    def _says_zero(self, i: int, j: int) -> bool:
        """Whether one side is written as 0, and the other as derivatives of expressions, of which it is known what they hold."""
        sides = [self.question.sides[k].tree for k in (i, j)]
        if not any(s is not None and is_zero(s) for s in sides):
            return False
        bodies = [body for s in sides if s is not None for body, _ in derivatives(s)]
        told = all(self.changes_by_it(s) for s in sides if s is not None) or not any(
            True for b in bodies for _ in names(b)
        )
        return bool(bodies) and told and not any(map(is_letter, bodies))

    def misfit_of(self, i: int) -> Iterator[DerivgenError]:
        """Why a member has no shape, in each reading; nothing if it has one in some."""
        errors: list[DerivgenError] = []
        for layout in self.layouts:
            for meant in self.meant(layout):
                value = meant.values[i]
                if isinstance(value, Expr):
                    return
                errors.append(value)
        yield from errors


def _bold_words(meant: Meant) -> str:
    return f"it would hold if {', '.join(meant.bold_numbers)}, in bold, were a number"


def _is_misfit(error: DerivgenError) -> bool:
    return isinstance(error, ShapeError) and not isinstance(error, NameUnknown | ParseError)
