"""What is wrong in the form of a formula: a list beside a number, an entry of a number, a derivative at a kink."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from derivgen.expr import Cases, Expr
from derivgen.expr import walk as expressions
from derivgen.notes.faults.repair import Repair
from derivgen.notes.judge.court import Court, Outcome
from derivgen.notes.meaning.chains import Chain
from derivgen.notes.meaning.context import Context
from derivgen.notes.meaning.trees import base_of, derivatives, index_of, is_letter, name_of, names
from derivgen.notes.verdict import Equality, Finding
from derivgen.read.surface import Branches, Called, Fenced, Group, Scripted, Surface, walk
from derivgen.read.surface import Chain as Relation


@dataclass(frozen=True, slots=True)
class Wrong:
    """An equality that has no value on one side; ``start`` to ``end``, in the formula, is to blame."""

    code: str
    reason: str
    start: int
    end: int
    repair: str | None = None


def blamed(court: Court, i: int, j: int, outcome: Outcome) -> tuple[int, int, int]:
    """The member to blame, and the part of it: where the shapes do not fit, else the whole of the right side."""
    side = i if outcome.wrong == 0 else j
    span = outcome.error.span if outcome.error is not None else None
    whole = len(court.latexes[side])
    if span is not None:
        low = court.question.sides[side].low
        start, end = span.start - low, span.end - low
        if 0 <= start < end <= whole:
            return side, start, end
    return side, 0, whole


def mended(made: Equality, chain: Chain, j: int, place: tuple[int, int, int], repair: Repair | None) -> Equality:
    """An equality with its repair, or with the place that is to blame."""
    side, start, end = place if repair is None else (repair.side, repair.start, repair.end)
    member = chain.links[side].member
    if chain.links[side].formula is not made.formula:
        member, start, end = chain.links[j].member, 0, len(chain.links[j].member.text)
        repair = None
    return replace(made, repair=repair.text if repair is not None else None,
                   repair_start=member.start + start, repair_end=member.start + end)  # fmt: skip


def ill_formed(context: Context, chain: Chain, court: Court, k: int) -> Wrong | None:
    """What makes the equality before member ``k`` none, whatever its letters are."""
    return _list(chain, court, k) or _entry_of_number(context, chain, court, k) or _of_itself(context, chain, k)


def _items(court: Court, k: int) -> tuple[Surface, ...]:
    tree = court.question.sides[k].tree
    match tree:
        case Fenced(_, "(", items) if len(items) > 1 and all(map(is_letter, items)):
            return items
        case _:
            return ()


def _list(chain: Chain, court: Court, k: int) -> Wrong | None:
    """z = (w, x, b) = wᵀx + b: a list in parentheses that goes on as a number made of its letters."""
    items = _items(court, k)
    if not items or k + 1 >= len(chain.links) or k < 1 or chain.links[k + 1].sign != "=":
        return None
    name, after = court.question.sides[k - 1].tree, court.question.sides[k + 1].tree
    if name is None or after is None or not is_letter(name):
        return None
    inside = {n for _, n in names(after)} | {b for s, _ in names(after) if (b := base_of(s)) is not None}
    if not all(base_of(item) in inside for item in items) or isinstance(after, Fenced):
        return None
    left, here = chain.links[k - 1], chain.links[k]
    if left.formula is not here.formula:
        return None
    return Wrong("form", "a list stands beside what is no list: the sign between the name and its arguments is one too many",
                 left.member.start, here.member.end, left.member.text + here.member.text)  # fmt: skip


def _entry_of_number(context: Context, chain: Chain, court: Court, k: int) -> Wrong | None:
    """∂z/∂z_i, where the text says that z is a number."""
    scope = court.scope
    for side in (k - 1, k):
        tree = court.question.sides[side].tree
        if tree is None:
            continue
        for body, by in derivatives(tree):
            base = base_of(by)
            if (
                index_of(by) is None
                or base is None
                or base[1]
                or scope.said.get(base) != {0: 0}
                or base_of(body) != base
            ):
                continue
            if not is_letter(body) or index_of(body) is not None:
                continue
            low = court.question.sides[side].low
            start, end = by.span.start - low, by.span.end - low
            member = chain.links[side].member
            vectors = [name for (name, _), ranks in scope.said.items() if ranks == {1: 0} and len(name) == 1]
            repair = None
            if vectors:
                repair = member.text[start:end].replace(base[0], vectors[-1], 1)
            return Wrong("entry", f"{base[0]} is a number in this text, so it has no entries",
                         member.start + start, member.start + end, repair)  # fmt: skip
    return None


def _of_itself(context: Context, chain: Chain, k: int) -> Wrong | None:
    """∂y(x, y)/∂x, where a function stands among its own arguments, ∂f(x, y)/∂f, where it is its own variable, and ∂z/∂𝟎."""
    first = k - 1 if k == 1 and chain.links[0].formula is chain.links[1].formula else k
    for member in [link.member for link in chain.links[first : k + 1]]:
        tree = context.written(member.text) if "(" in member.text or "mathbf" in member.text else None
        for body, by in derivatives(tree) if tree is not None else ():
            name, args = (name_of(body.head), body.args) if isinstance(body, Called) else (None, ())
            if base_of(by) in (("0", True), ("1", True)):
                wrong, reason = by, "nothing is differentiated by a vector of numbers"
            elif name is not None and len(args) > 1 and name in (name_of(by), *map(name_of, args)):
                wrong = by if name == name_of(by) else body
                reason = f"{name[0]} is a function here, and stands for one of its own arguments"
            else:
                continue
            return Wrong("form", reason, member.start + wrong.span.start, member.start + wrong.span.end)
    return None


def lone_findings(chain: Chain, court: Court) -> Iterator[Finding]:
    """An expression that stands alone and takes an entry of what is a number, all its letters being in bold."""
    link = chain.links[0]
    if "_" not in link.member.text or not any(x in link.member.text for x in (")_", ")}_", "]_")):
        return
    tree = court.question.sides[0].tree
    if tree is None:
        return
    for part in walk(tree):
        if not isinstance(part, Scripted) or not isinstance(part.base, Group | Fenced):
            continue
        letters = [base_of(s) for s, _ in names(part.base)]
        if not letters or not all(b is not None and b[1] for b in letters):
            continue
        columns = {b: {1: 0.0} for b in letters if b is not None and b[0][:1].islower()}
        scope = replace(court.scope, said={**court.scope.said, **columns})
        errors = list(court.of(scope=scope).misfit_of(0))
        if errors and all(e.about == "entry" for e in errors):
            start = link.formula.start + link.member.start
            end = link.formula.start + link.member.end
            yield Finding(start, end, "entry", "error", f"an entry is taken of a number: {errors[0].message}")
            return


def bold_entries(chain: Chain, court: Court) -> list[Finding]:
    """Entries of a bold vector that are set in bold."""
    found: list[Finding] = []
    for k, link in enumerate(chain.links):
        if "}_" not in link.member.text or link.row is not chain.row:
            continue
        side = court.question.sides[k]
        for stem in court.question.entries:
            at = link.member.text.find(rf"\mathbf{{{stem}}}_")
            if at >= 0 and side.tree is not None:
                start = link.formula.start + link.member.start + at
                found.append(Finding(start, start + len(rf"\mathbf{{{stem}}}"), "bold", "warning",
                                     f"an entry of {stem} is a number: it is set in bold here", stem))  # fmt: skip
    return found


def kinks(chain: Chain, court: Court, outcome: Outcome, i: int, j: int) -> list[Finding]:
    """Derivatives by cases, one of which takes in the point at which the values jump."""
    meant = outcome.meant
    found: list[Finding] = []
    if meant is None:
        return found
    for k, other in ((j, i), (i, j)):
        tree, beside, value = court.question.sides[k].tree, court.question.sides[other].tree, meant.values[k]
        if tree is None or beside is None or not any(True for _ in derivatives(beside)) or not isinstance(value, Expr):
            continue
        cases = next((e for e in expressions(value) if isinstance(e, Cases)), None)
        branches = next((p for p in walk(tree) if isinstance(p, Branches)), None)
        if cases is None or branches is None or len(branches.rows) < 2:
            continue
        for value_tree, condition in branches.rows:
            if isinstance(condition, Relation) and set(condition.signs) & {"<=", ">=", "≤", "≥", "=="}:
                start = chain.links[k].member.start + value_tree.span.start - court.question.sides[k].low
                end = chain.links[k].member.start + condition.span.end - court.question.sides[k].low
                at = chain.links[k].formula.start
                found.append(Finding(at + start, at + end, "kink", "warning",
                                     "the derivative jumps at this border, where it has no value"))  # fmt: skip
    return found
