"""What a folded derivation is told by: the law at its heart, and what it finds for one entry."""

from __future__ import annotations

from derivgen.catalog.build import product
from derivgen.derivation.folding import opened
from derivgen.expr import At, Build, Delta, Expr, Index, Mul, Partial, rename, walk
from derivgen.rules import differentiate, moves
from derivgen.rules.book import Book
from derivgen.rules.reason import Reason, Terms, filled
from derivgen.rules.rule import Stage
from derivgen.rules.step import Step
from derivgen.rules.told import variable_of

SETTING_UP = (moves.write_jacobian.name, differentiate.element_wise_condition.name, differentiate.variable.name)
"""Steps whose reason does not tell what a derivative came from, where another does."""


def told(steps: tuple[Step, ...], book: Book) -> Reason:
    """The reason of a derivation that is folded to one step, in at most two sentences."""
    steps = opened(steps)
    on_diagonal, laws = _on_diagonal(steps), _laws(steps, book)
    law = laws[0].reason if laws else Reason()
    if on_diagonal is not None:
        aloud = any(r.name == s.rule and not r.silent for s in laws[:1] for r in book.rules)
        return law + on_diagonal if aloud else on_diagonal
    second = _folded(steps) or (_entry_found(steps) if len(laws) < 2 else laws[-1].reason.first)
    if not law:
        return second or steps[0].reason
    return law.first + second if second else law


def _laws(steps: tuple[Step, ...], book: Book) -> list[Step]:
    """The laws of calculus in a derivation that are worth telling: those that make steps, if there are any."""
    silent = {r.name for r in book.rules if r.silent}
    laws = [s for s in steps if s.stage == Stage.DIFFERENTIATE and s.rule not in SETTING_UP]
    return [s for s in laws if s.rule not in silent] or laws


def _folded(steps: tuple[Step, ...]) -> Reason | None:
    """Why what is left has a name of its own, such as σ."""
    return next((s.reason for s in steps if s.rule.startswith("fold-") and s.stage == Stage.COLLAPSE), None)


def _on_diagonal(steps: tuple[Step, ...]) -> Reason | None:
    """Of an element-wise operation: which entry of the variable each entry contains, and what that leaves."""
    found = _last_entry(steps)
    start = next((s.before for s in steps if isinstance(s.left, Partial) and isinstance(s.before, Partial)), None)
    if found is None or start is None:
        return None
    left, after = found
    split, variable = _on_deltas(after), variable_of(left.wrt)
    entries = {e for e in walk(start.body) if isinstance(e, At) and e.array == variable}
    if split is None or len(entries) != 1:
        return None
    body, (kept,) = start.body, entries
    y: Terms = {"y": left.body, "u": body, "w": variable, "w_i": kept, "d": left, **split}
    name = "{u}" if left.body == body else "{y} = {u}"
    return filled(
        f"{name} contains no other entry of {{w}} than {{w_i}}, so {{d}} is {{v}} if {{i}} = {{j}} and 0 otherwise.", y
    )


def _last_entry(steps: tuple[Step, ...]) -> tuple[Partial, Expr] | None:
    """What is found for one entry; None where the whole is no array."""
    if not any(isinstance(s.left, Build) for s in steps):
        return None
    entries = [(s.left, s.after) for s in steps if isinstance(s.left, Partial) and not s.after.shape.axes]
    placed = next((s for s in steps if s.rule == moves.place_entries.name), None)
    if (
        placed is not None
        and isinstance(placed.left, Build)
        and isinstance(placed.after, Build)
        and isinstance(placed.left.body, Partial)
    ):
        return placed.left.body, placed.after.body
    return entries[-1] if entries else None


def _on_deltas(e: Expr) -> Terms | None:
    """Of an entry with a delta: what it is where its two indices agree, and which these are."""
    factors = e.factors if isinstance(e, Mul) else (e,)
    deltas = [f for f in factors if isinstance(f, Delta)]
    if len(deltas) != 1 or any(isinstance(p, Delta) for f in factors if f not in deltas for p in walk(f)):
        return None
    match deltas[0]:
        case Delta(Index() as i, Index() as j):
            return {"v": rename(product(*(f for f in factors if f not in deltas)), {j: i}), "i": i, "j": j}
        case _:
            return None


def _entry_found(steps: tuple[Step, ...]) -> Reason | None:
    """What is found for one entry, where the matrix that it is put into says it less plainly."""
    found = _last_entry(steps)
    if found is None or any(isinstance(p, Partial) for p in walk(found[1])):
        return None
    left, after = found
    terms: Terms = {"d": left, "v": after}
    split = _on_deltas(after)
    if split is not None:
        return filled("So {d} is {v} if {i} = {j} and 0 otherwise.", {**terms, **split})
    if not after.free and isinstance(left.wrt, At):
        return filled("So {d} is {v} for every {j}.", {**terms, "j": left.wrt.places[-1]})
    return filled("So {d} is {v}.", terms)
