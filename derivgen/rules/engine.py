"""The engine: how a list of rules is run over an expression with every application recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from operator import is_not

from derivgen.catalog.base import Abstract
from derivgen.expr import (
    INDEX_LETTERS,
    STEP,
    ZERO,
    Call,
    Cases,
    Delta,
    Dim,
    Expr,
    Index,
    Number,
    Partial,
    Power,
    Symbol,
    all_indices,
    depends_on,
    fresh_index,
    from_below,
    replace_parts,
    walk,
    with_children,
)
from derivgen.rules.book import Book
from derivgen.rules.reason import Reason
from derivgen.rules.rule import Application, Rule, Stage, aloud, reason_of
from derivgen.rules.step import Step

NO_BOOK = Book()


@dataclass(slots=True)
class Context:
    """What rules may ask about the derivation that they work in.

    Attributes:
        book: where methods collect their rules.
        taken: names of indices, variables and sizes in use; a fresh index avoids them.
        sample_indices: indices of the reader's own sums over rows (a sum over the samples). They are not recombined away.
        variable: the name of the variable; what does not contain it is not taken apart. None takes everything apart.
        entry: the indices of the entry that is derived: on these the element-wise condition is spoken of. None: on all.
        question: what is derived, as the reader wrote it and as it stands in the letters of a link: an answer says it
            in the same words.
        held: what is not written out by its definition, since its own derivative is known.
    """

    book: Book = NO_BOOK
    taken: set[str] = field(default_factory=set)
    sample_indices: frozenset[Index] = frozenset()
    variable: str | None = None
    entry: frozenset[Index] | None = None
    question: tuple[Expr, ...] = ()
    held: frozenset[Expr] = frozenset()
    _asked: dict[tuple[type[Expr], tuple[Expr, ...]], tuple[Expr, ...]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls, e: Expr, book: Book, *, taken: Iterable[str] = (), sample_indices: frozenset[Index] = frozenset()
    ) -> Context:
        """A context that knows every name in ``e``."""
        names = {i.name for i in all_indices(e)} | set(taken)
        for here in walk(e):
            names.update(str(d) for d in here.shape.axes)
            match here:
                case Symbol(name) | Call(Abstract(name)):
                    names.add(name)
        return cls(book, names, sample_indices, question=(e,))

    def about(self, variable: str, sample_indices: frozenset[Index] = frozenset()) -> Context:
        """The same names in use, for work on another variable, with further indices of samples."""
        return replace(self, variable=variable, sample_indices=self.sample_indices | sample_indices)

    def local(self) -> Context:
        """A context of its own, so that every part of a derivation may begin again with i and j."""
        return replace(self, taken=set(self.taken))

    def asked(self, kind: type[Expr]) -> tuple[Expr, ...]:
        """The sub-expressions of the question that are of one kind of node, in the order met."""
        key = kind, self.question
        found = self._asked.get(key)
        if found is None:
            parts = (here for e in self.question if e.kinds & kind.bit for here in walk(e))
            found = self._asked[key] = tuple([here for here in parts if isinstance(here, kind)])
        return found

    def constant(self, e: Expr) -> bool:
        """Whether ``e`` is known not to contain the variable."""
        return self.variable is not None and not depends_on(e, self.variable)

    def fresh(self, dim: Dim, *, like: str = INDEX_LETTERS) -> Index:
        """An index of length ``dim`` under a name that nothing else has."""
        index = fresh_index(dim, self.taken, like)
        self.taken.add(index.name)
        return index


@lru_cache(maxsize=64)
def _by_kind(rules: tuple[Rule, ...]) -> dict[type[Expr], tuple[Rule, ...]]:
    """The rules that look at each kind of node, in order."""
    return {kind: tuple(r for r in rules if kind in r.on) for r in rules for kind in r.on}


_RECOMBINE = Stage.RECOMBINE  # asked of every node: a look into an enumeration is slow

MERGED = (Stage.COLLAPSE, Stage.RECOMBINE, Stage.SIMPLIFY)
"""Stages in which a rule that acts twice in a row makes one step; each derivative taken is a thought of its own."""


def _joined(first: Step, second: Step, again: Reason) -> Step:
    """Two steps by one rule as one, each a substep; ``again`` is what the rule says of both, else it is told of the first."""
    parts = (*(first.substeps or (first,)), *(second.substeps or (second,)))
    return replace(first, after=second.after, substeps=parts, reason=again or first.reason)


class Engine:
    """Rules at work in one context. It remembers which sub-trees a rule has nothing to say of."""

    def __init__(self, shown: Sequence[Rule], silent: Sequence[Rule], context: Context) -> None:
        self.shown = tuple(shown)
        self.context = context
        self._silent = _by_kind(tuple(silent))
        self._clean: dict[Rule, dict[int, Expr]] = {r: {} for r in self.shown}
        self._tidy: dict[int, tuple[Expr, Expr]] = {}
        self._offers: dict[tuple[Rule, int], tuple[Expr, Expr | None]] = {}

    def run(self, start: Expr) -> list[Step]:
        """Apply the shown rules, the first that acts first, everywhere at once, until none acts; a step for each."""
        steps: list[Step] = []
        here = start
        # Every rule makes progress toward a normal form; the bound turns a mistake in one into an error, not a hang.
        for _ in range(2000):
            step = self._advance(here)
            if step is None:
                return steps
            here = step.after
            if steps and steps[-1].rule == step.rule and step.stage in MERGED:
                step = _joined(steps.pop(), step, self._again(step.rule))
            steps.append(step)
        raise RuntimeError(f"the rules do not come to an end: {steps[-1].rule}")

    def _again(self, name: str) -> Reason:
        """What a rule says where it acts on what it has made itself."""
        again = next(r.again for r in self.shown if r.name == name)
        return Reason((again,)) if again else Reason()

    def tidy(self, start: Expr) -> tuple[Expr, list[Application]]:
        """The silent rules only, from the leaves up."""
        record: list[Application] = []
        return self._settled(start, record), record

    def _settled(self, start: Expr, record: list[Application]) -> Expr:
        """The silent rules everywhere; what lies deep is settled before, so that no recursion is as deep as it."""
        for part in from_below(start, self._tidy):
            self._settle(part, record)
        return self._settle(start, record)

    def offers(self, e: Expr, rules: Sequence[Rule]) -> Iterator[Step]:
        """One step for each rule at each sub-expression that it acts on, wherever that occurs: forms to choose among."""
        for here in walk(e):
            for r in rules:
                if not isinstance(here, r.on):
                    continue
                changed = self._offered(r, here)
                if changed is None:
                    continue
                record = [Application(r, here, changed)]
                after = self._settled(replace_parts(e, {here: changed}), record)
                if after != e:
                    substeps = tuple(a.step() for a in record) if here != e or len(record) > 1 else ()
                    yield Step(
                        r.name, r.title, e, after, self._told(record[:1]), r.stage, picture=r.picture, substeps=substeps
                    )

    def _facts(self, r: Rule, record: Sequence[Application]) -> tuple[Step, ...]:
        """What is known of the functions that a rule acted on, each once."""
        if r.proves is None:
            return ()
        known = {s.title: s for a in record if a.rule is r for s in r.proves(a.before, self.context)}
        return tuple(known.values())

    def _told(self, record: Sequence[Application], reasons: Sequence[Reason] = ()) -> Reason:
        """The reason of a step, with its terms in the order in which they are printed."""
        return reason_of(record, reasons).of(lambda e: self._settled(e, []))

    def aloud(self, record: Sequence[Application], after: Expr) -> Reason:
        """What a reader of the line ``after`` is told of the silent laws that led to it."""
        return aloud(record, after, lambda e: self._settled(e, []))

    def _offered(self, r: Rule, here: Expr) -> Expr | None:
        """What a rule makes of a node, None where it does not act; the next choice is mostly among the same nodes."""
        found = self._offers.get((r, id(here)))
        if found is None:
            changed = r.rewrite(here, self.context)
            found = self._offers[r, id(here)] = here, None if changed == here else changed
        return found[1]

    def _advance(self, here: Expr) -> Step | None:
        for r in self.shown:
            if not here.kinds & r.kinds:
                continue
            record: list[Application] = []
            after = self._all(r, here, record)
            if not record:
                continue
            after = self._settled(after, record)
            if after == here:
                continue
            substeps = tuple(a.step() for a in record)
            reason = self._told(record, [s.reason for s in substeps]).also(self.aloud(record, after))
            if len(substeps) == 1 and _is_most(record[0].before, here):
                substeps = ()
            substeps = (*self._facts(r, record), *substeps)
            return Step(r.name, r.title, here, after, reason, r.stage, picture=r.picture, substeps=substeps)
        return None

    def _all(self, r: Rule, here: Expr, record: list[Application]) -> Expr:
        """One rule everywhere, in what lies deep without recursion."""
        if self._is_clean(r, here):
            return here
        if here.height <= STEP:
            return self._everywhere(r, here, record)
        made: dict[int, Expr] = {}
        todo = [(here, False)]
        while todo:
            e, ready = todo.pop()
            if id(e) in made:
                continue
            if self._is_clean(r, e):
                made[id(e)] = e
            elif e.height <= STEP:
                made[id(e)] = self._everywhere(r, e, record)
            elif not ready:
                found = self._here(r, e, record)
                if found is not None:
                    made[id(e)] = found
                else:
                    todo.append((e, True))
                    todo.extend((child, False) for child in reversed(e.children))
            else:
                new = tuple([made[id(child)] for child in e.children])
                if any(map(is_not, new, e.children)):
                    made[id(e)] = with_children(e, new)
                else:
                    made[id(e)] = self._clean[r][id(e)] = e
        return made[id(here)]

    def _is_clean(self, r: Rule, here: Expr) -> bool:
        """Whether a rule is known to have nothing to say of a node and all that is in it."""
        return not here.kinds & r.kinds or id(here) in self._clean[r]

    def _here(self, r: Rule, here: Expr, record: list[Application]) -> Expr | None:
        """What a rule makes of one node; the node itself where it is not to look into it, None where it may."""
        if r.stage is _RECOMBINE and (isinstance(here, Partial) or _divides_in_case(here)):
            return here  # a derivative that stays to be taken keeps its entries, and so does what has no value at i = j
        if isinstance(here, r.on):
            after = r.rewrite(here, self.context)
            if after is not None and after != here:
                record.append(Application(r, here, after))
                return after
        return None

    def _everywhere(self, r: Rule, here: Expr, record: list[Application]) -> Expr:
        """One rule in what is not known to be clean."""
        if r.stage is _RECOMBINE or isinstance(here, r.on):
            found = self._here(r, here, record)
            if found is not None:
                return found
        kinds, clean = r.kinds, self._clean[r]
        changed: dict[int, Expr] = {}
        first = len(record)
        for k, child in enumerate(here.children):
            if child.kinds & kinds and id(child) not in clean:
                new = self._everywhere(r, child, record)
                if new is not child:
                    changed[k] = new
        if isinstance(here, Cases):
            _within_case(here, record, first)
        if changed:
            return with_children(here, tuple([changed.get(k, child) for k, child in enumerate(here.children)]))
        clean[id(here)] = here  # the node is kept, so that its id stays its own
        return here

    def _settle(self, start: Expr, record: list[Application]) -> Expr:
        tidy = self._tidy
        found = tidy.get(id(start))
        if found is not None:
            return found[1]
        here = start
        if start.children:
            settled = []
            first = len(record)
            for child in start.children:
                found = tidy.get(id(child))
                settled.append(found[1] if found is not None else self._settle(child, record))
            if any(map(is_not, settled, start.children)):
                here = with_children(start, tuple(settled))
                if isinstance(here, Cases):
                    _within_case(here, record, first)
        for r in self._silent.get(type(here), ()):
            after = r.rewrite(here, self.context)
            if after is not None and after != here:
                record.append(Application(r, here, after))
                here = self._settle(after, record)
                break
        tidy[id(start)] = (start, here)
        if here is not start:
            tidy[id(here)] = (here, here)
        return here


def _sets_apart(e: Expr) -> bool:
    """Whether ``e`` is a case that is 0 where two indices agree."""
    match e:
        case Cases(((Delta(Index(), Index()), value), *_), _):
            return value == ZERO
        case _:
            return False


def _within_case(e: Cases, record: list[Application], first: int) -> None:
    """Applications within ``e``, those from ``first`` on, as ones on the case: where two indices agree they have no value."""
    condition = e.branches[0][0]
    if not _sets_apart(e):
        return
    for n, a in enumerate(record[first:], first):
        if condition.free <= a.before.free and not a.before.shape.axes:
            case = ((condition, ZERO),)
            record[n] = Application(a.rule, Cases(case, a.before), Cases(case, a.after))


def _divides_in_case(e: Expr) -> bool:
    """Whether ``e`` is such a case, and divides: written with arrays, its entries would mix with what has no value."""
    return _sets_apart(e) and any(
        isinstance(p, Power) and isinstance(p.exponent, Number) and p.exponent.value < 0 for p in walk(e)
    )


def _is_most(part: Expr, whole: Expr) -> bool:
    """Whether a reader of the whole sees the part at once, so that what was done there need not be shown by itself."""
    return part == whole or 2 * sum(1 for _ in walk(part)) >= sum(1 for _ in walk(whole))


def apply(r: Rule, e: Expr, context: Context) -> tuple[Expr, list[Application]]:
    """One rule everywhere in ``e``, nothing tidied: for the test and the page of the rule."""
    engine = Engine((r,), (), context)
    record: list[Application] = []
    after = engine._all(r, e, record)
    return after, record
