"""What an equality is besides a claim: definitions, settings, hypotheses, updates, equations to solve, what holds at a point."""

from __future__ import annotations

import re
from dataclasses import dataclass

from derivgen.expr import Expr
from derivgen.notes.chains import Chain
from derivgen.notes.context import Context
from derivgen.notes.court import Court, Outcome
from derivgen.notes.instead import holds_with, is_another, is_constant, is_strange
from derivgen.notes.looks import (
    bare,
    ellipsis,
    free,
    is_computed,
    is_derivative,
    is_example,
    is_listed,
    is_name,
    is_primed,
    is_property,
    is_summed_silently,
    is_system,
    numbered,
    same_factors,
)
from derivgen.notes.question import Question
from derivgen.notes.trees import (
    Name,
    base_of,
    derivatives,
    index_of,
    is_letter,
    is_zero,
    name_of,
    names,
    unwrapped,
)
from derivgen.read.kinds.prices import IMPOSSIBLE
from derivgen.read.surface import (
    Binder,
    Called,
    Differential,
    Fenced,
    Letter,
    Literal,
    Primed,
    Scripted,
    Surface,
    walk,
)

_POINT = re.compile(
    r"\bat\b|\bwhen\b|\bpoint\b|\bevaluat|\bplug|\bfor example\b|\bexample\b|\be\.g\.|\bif\b|\bsay\b", re.IGNORECASE
)

_ON_CONDITION = re.compile(
    r"\\(?:text\w*|mbox)\s*\{[^{}]*\b(?:if|when|whenever|assum\w+|provided|unless|cases?)\b", re.IGNORECASE
)

_OPERATOR_D = re.compile(r"(?<![A-Za-z\\])D(?:_(?:\w|\{[^{}]*\}))?\s*[fghu](?![A-Za-z])")
"""D f, as some write a derivative."""


@dataclass(frozen=True, slots=True)
class Excuse:
    """Why an equality that does not hold is no mistake; ``repairable`` if a small edit that makes it true says otherwise."""

    code: str
    reason: str = ""
    repairable: bool = False


def excuse(context: Context, chain: Chain, court: Court, i: int, j: int, outcome: Outcome) -> Excuse | None:
    """What speaks for an author whose equality does not hold; None where nothing does."""
    question = court.question
    left, right = question.sides[i].tree, question.sides[j].tree
    if left is None or right is None:
        return Excuse("unread")
    piece = chain.links[j].row.piece
    if _tensor(outcome):
        return Excuse("tensor")
    if _ON_CONDITION.search(chain.links[j].formula.latex, chain.links[j].member.end):
        return Excuse("hypothesis")
    if ellipsis(left) or ellipsis(right):
        return Excuse("unread", "what dots leave out is not known here")
    written = context.written(chain.links[i].member.text)
    if is_name(bare(written or left)) or (isinstance(unwrapped(right), Called) and is_name(unwrapped(right))):
        return Excuse("definition")
    if _functions(question, left) != _functions(question, right):
        return Excuse(
            "operator"
            if any(len(n) > 1 for n, _ in _functions(question, left) ^ _functions(question, right))
            else "definition",
            "a function in it is not defined",
        )
    if outcome.status == "shape" and (is_zero(left) or is_zero(right)):
        return Excuse("equation")
    if outcome.status == "shape" and outcome.error is None and any(is_listed(s) for s in (left, right)):
        return Excuse("reading", "a list may be a row or a column")
    if (_forced(outcome) and not _is_in_header(context, chain, question, outcome)) or is_strange(
        outcome, (left, right)
    ):
        return Excuse("reading")
    if any(_REACH.search(chain.links[k].member.text) for k in (i, j)):
        return Excuse("reading", "how far a function without parentheses reaches is not said")
    if outcome.error is not None and " is of a vector" in outcome.error.message and (free(left) or free(right)):
        return Excuse("reading", "an entry may be meant where the whole is written")
    if outcome.status == "shape" and any(is_example(value) for _, value in question.needed.values()):
        return Excuse("reading", "a letter stands for an example in numbers elsewhere")
    if is_summed_silently(left, right) or (
        context.words.einstein and max([*free(left).values(), *free(right).values(), 0]) > 1
    ):
        return Excuse("reading", "an index stands on one side only, or is summed over without saying so")
    if outcome.meant is not None and "d" in outcome.meant.understood.symbols:
        return Excuse("reading", "d may be a letter, or the sign of a differential")
    if any(_OPERATOR_D.search(chain.links[k].member.text) for k in (i, j)) and not _is_known(question, "D"):
        return Excuse("reading", "D may be a letter, or the sign of a derivative")
    if (
        outcome.status == "shape"
        and not _sure(question)
        and any(_is_row(court, p) for s in (left, right) for p in walk(s))
    ):
        return Excuse("reading", "a letter with one index may be a row or a column of a matrix")
    if context.words.symmetric and holds_with(outcome, i, j, "symmetric"):
        return Excuse("reading", "it holds where the matrices are symmetric, which the text speaks of")
    if context.words.signs and holds_with(outcome, i, j, "sign"):
        return Excuse("hypothesis", "it holds where a number is 1 or -1, of which the text speaks")
    bars = any(isinstance(p, Fenced) and p.left == "|" for side in (left, right) for p in walk(side))
    if bars and holds_with(outcome, i, j, "positive"):
        return Excuse("hypothesis", "it holds where the letters are positive numbers")
    if holds_with(outcome, i, j, "unit"):
        return Excuse("hypothesis", "it holds where a vector has length 1")
    if context.words.sums_to_one and holds_with(outcome, i, j, "simplex"):
        return Excuse("hypothesis", "it holds where the entries of a vector sum to 1, which the text speaks of")
    if outcome.status == "shape" and (not _sure(question) or any(map(is_primed, (left, right)))):
        return Excuse("reading")
    if is_another(chain, court, i):
        return Excuse("definition", "a function at the head of the chain is not what it was defined to be")
    moving = _moving(question, left), _moving(question, right)
    if all(moving) and moving[0] != moving[1]:
        return Excuse("dependence", "a letter changes on one side, and is constant on the other")
    derives = [is_derivative(left), is_derivative(right)]
    if not any(derives):
        return _algebra(context, question, left, right, piece, outcome, i, j)
    return _calculus(context, court, question, left, right, piece, outcome)


def _is_known(question: Question, name: str) -> bool:
    """Whether a letter is declared, or defined."""
    return name in question.scope.declared.names or any(n == name for n, _ in question.needed)


DEAR = 7.5
"""What a reading costs that is too far from what the letters look like to refute anything by it."""


def _is_in_header(context: Context, chain: Chain, question: Question, outcome: Outcome) -> bool:
    """Whether a header declares every letter, so that none was taken for what it does not look like."""
    given = set(context.settings.given_at(chain.row.path).names)
    known = question.scope.declared
    return (
        outcome.meant is not None
        and not outcome.meant.understood.symbols
        and given >= {*known.symbols, *known.functions}
    )


def _forced(outcome: Outcome) -> bool:
    """Whether letters were taken for what they do not look like, so that all fits."""
    meant = outcome.meant
    if meant is None:
        return False
    letters = [
        (symbol.shape.rank, letter) for symbol, letter in meant.understood.symbols.values() if letter.said is None
    ]
    if meant.cost % IMPOSSIBLE >= DEAR or sum(letter.ranks.get(rank, 0.0) for rank, letter in letters) >= DEAR:
        return True
    return any(
        rank != (2 if "capital" in letter.font else 1) for rank, letter in letters if letter.font.startswith("bold")
    )


_REACH = re.compile(r"\\(?:log|ln|exp|sin|cos|tan|det)\s*(?![{^_\s\\])[A-Za-z]\s*(?:\\cdot\s*)?[A-Za-z](?![A-Za-z]*\{)")
"""log a b, which may be log(a b)."""


def _is_row(court: Court, s: Surface) -> bool:
    """Whether a part is a matrix with one index."""
    base = base_of(s)
    return index_of(s) is not None and base is not None and base[0][:1].isupper()


def _functions(question: Question, s: Surface) -> set[Name]:
    """Functions that nothing says anything of."""
    found: set[Name] = set()
    todo, met = [s], set[Name]()
    declared = {**question.scope.declared.functions, **question.scope.declared.user_functions}
    while todo:
        here = todo.pop()
        for part in walk(here):
            if isinstance(part, Called):
                head = part.head.base if isinstance(part.head, Primed) else part.head
                name = base_of(head)
                if name is not None and name[0] not in (*declared, "1") and name not in question.needed:
                    found.add(name)
            known = name_of(part)
            if known is not None and known in question.needed and known not in met:
                met.add(known)
                todo.append(question.needed[known][1])
    return found


def _tensor(outcome: Outcome) -> bool:
    values = outcome.meant.values if outcome.meant is not None else ()
    return any(isinstance(e, Expr) and e.shape.rank > 2 for e in values) and outcome.status == "shape"


def _letters(question: Question, s: Surface) -> set[Name]:
    """The letters that a side is made of, definitions put in; not its indices, nor how far they run."""
    found: set[Name] = set()
    running: set[Name] = set()
    todo = [s]
    met: set[Name] = set()
    while todo:
        here = todo.pop()
        for part in walk(here):
            if isinstance(part, Binder):
                running.add((part.name, False))
                running |= {n for _, n in names(part.length)}
            elif isinstance(part, Scripted) and base_of(part) is None:
                running |= {n for sub in part.subs for _, n in names(sub)}
        for part, name in names(here):
            base = base_of(part)
            known = next((n for n in (name, base) if n is not None and n in question.needed), None)
            if known is None:
                if base is not None and not base[0].isdigit() and base[0] not in ("I", "delta", "e", "pi"):
                    found.add(base)
            elif known not in met:
                met.add(known)
                todo.append(question.needed[known][1])
    for part in walk(s):
        if isinstance(part, Called):
            head = part.head.base if isinstance(part.head, Primed) else part.head
            base = base_of(head)
            if base is not None:
                found.discard(base)
    return found - running


def _algebra(
    context: Context, question: Question, left: Surface, right: Surface, piece: int, outcome: Outcome, i: int, j: int
) -> Excuse | None:
    if any(
        isinstance(s, Called) and question._head(s.head) not in question.needed
        for s in (unwrapped(left), unwrapped(right))
    ):
        return Excuse("definition")
    if is_letter(unwrapped(right)) and not _letters(question, right) <= _letters(question, left):
        return Excuse("equation")
    if is_zero(left) or is_zero(right):
        generic = any(isinstance(p, Letter) and p.stem == "◯" for p in walk(left)) or "◯" in str(outcome.verdict)
        return None if generic or "bigcirc" in question.source else Excuse("equation", repairable=False)
    if isinstance(unwrapped(right), Literal) or isinstance(unwrapped(left), Literal):
        return Excuse("equation", repairable=True)
    one, other = _letters(question, left), _letters(question, right)
    if not one or not other:
        return Excuse("equation", repairable=True)
    if context.words.is_hypothesis(piece):
        return Excuse("hypothesis", repairable=False)
    if len(one | other) == 1 and is_property(left, right):
        return Excuse("hypothesis", repairable=True)
    if same_factors(left, right):
        return Excuse("hypothesis")
    if one != other and not (other <= one and is_computed(left, right) and not holds_with(outcome, i, j, "zero")):
        return Excuse("equation", repairable=True)
    if numbered(left) != numbered(right) or any(is_system(s) for s in (left, right)):
        return Excuse("equation", repairable=True)
    return None


def _calculus(
    context: Context, court: Court, question: Question, left: Surface, right: Surface, piece: int, outcome: Outcome
) -> Excuse | None:
    before = context.words.before.get(piece, "")
    if is_zero(right) and not is_zero(left):
        return Excuse("equation")
    if any(
        _is_partial(question, b, v)
        for side in (left, right)
        for b, v in derivatives(side)
        if is_letter(b) and is_letter(v)
    ):
        return Excuse("dependence", "nothing says what is held fixed in a partial derivative")
    for side in (left, right):
        told = [(question._known(b), question._known(v)) for b, v in derivatives(side) if is_letter(b) and is_letter(v)]
        for b, v in told:
            if any(c == b and w is not None and v is not None and w != v and question.reaches(w, v) for c, w in told):
                return Excuse("dependence", "nothing says what is held fixed in a partial derivative")
    reduced = question.reduced()
    variables = [v for side in (left, right) for _, v in derivatives(side) if is_letter(v)]
    abstract = outcome.meant.abstract if outcome.meant is not None else frozenset()
    for side, other in ((left, right), (right, left)):
        pairs = [
            (question._known(b), question._known(v)) for b, v in derivatives(other) if is_letter(b) and is_letter(v)
        ]
        for body, by in derivatives(side):
            name = question._known(body) if is_letter(body) else None
            if name is None or name in question.needed or name[0] not in abstract or _within(question, name, other):
                continue
            if name in question.direct and not any(question._known(v) in question.edges for v in variables):
                continue
            target = question._known(by) if is_letter(by) else None
            if not any(b is not None and (b == name or question.reaches(b, name)) for b, _ in pairs):
                return Excuse("dependence")
            through = any(
                b == name and v is not None and target is not None and question.reaches(target, v) for b, v in pairs
            )
            if (
                target in reduced.get(name, ())
                and (name, target) not in pairs
                and not through
                and any(b == name for b, _ in pairs)
            ):
                return Excuse("dependence")
    if any(_unknown_function(question, s) for s in (left, right)):
        return Excuse("dependence", repairable=True)
    one, other_letters = _letters(question, left), _letters(question, right)
    if not other_letters and not isinstance(unwrapped(right), Called) and _POINT.search(before):
        return Excuse("point")
    if not other_letters and one and not is_constant(court, outcome, 0):
        return Excuse("point")
    if other_letters - one:
        return Excuse("letters", repairable=True)
    return None


def _is_partial(question: Question, body: Surface, by: Surface) -> bool:
    """Whether a letter depends on another both at once and through something else, so that ∂ may mean two things."""
    name, variable = question._known(body), question._known(by)
    if name is None or variable is None:
        return False
    below = set(question.below(name))
    return variable in below and any(w != variable and question.reaches(w, variable) for w in below)


def _moving(question: Question, s: Surface) -> set[Name | None]:
    """The letters, defined ones left out, of which a side has the differential."""
    found = {
        question._known(unwrapped(p.body))
        for p in walk(s)
        if isinstance(p, Differential) and is_letter(unwrapped(p.body))
    }
    if any(isinstance(p, Differential) and not is_letter(unwrapped(p.body)) for p in walk(s)):
        return set()  # a differential of an expression may have them all
    return {name for name in found if name not in question.needed}


def _within(question: Question, name: Name, side: Surface) -> bool:
    """Whether a letter stands in an expression that is differentiated."""
    return any(
        not is_letter(body) and any(name in (n, base_of(part)) for part, n in names(body))
        for body, _ in derivatives(side)
    ) or any(
        isinstance(p, Differential) and any(name in (n, base_of(part)) for part, n in names(p.body)) for p in walk(side)
    )


def _unknown_function(question: Question, s: Surface) -> bool:
    """Whether a bare letter is differentiated of which nothing is known."""
    for body, _ in derivatives(s):
        if is_letter(body):
            name = question._known(body)
            if name is not None and name not in question.needed and name not in question.edges:
                return True
    return False


def _sure(question: Question) -> bool:
    """Whether the kind of every letter is certain: declared, said, or set in bold."""
    binders = [p for tree in question.trees() for p in walk(tree) if isinstance(p, Binder)]
    running = {b.name for b in binders} | {n for b in binders for _, (n, _) in names(b.length)}
    for tree in question.trees():
        for part in walk(tree):
            if isinstance(part, Scripted) and base_of(part) is None:
                running |= {n for sub in part.subs for _, (n, _) in names(sub)}
    for tree in question.trees():
        for part, name in names(tree):
            base = base_of(part)
            if name[0] in running:
                continue
            known = {n for n in (name, base) if n is not None}
            declared = any(n[0] in question.scope.declared.names for n in known)
            if not (declared or known & question.needed.keys() or (base is not None and base[1])):
                head = base[0] if base is not None else ""
                if head not in ("1", "0", "I") and len(head) == 1 and not head.isdigit():
                    return False
    return True
