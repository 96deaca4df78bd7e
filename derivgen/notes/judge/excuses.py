"""What an equality is besides a claim: definitions, settings, hypotheses, updates, equations to solve, what holds at a point."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from derivgen.catalog.base import GENERIC
from derivgen.notes.judge.asides import has_property
from derivgen.notes.judge.court import Court, Outcome
from derivgen.notes.judge.customs import has_operator, is_complex, reach_of, vanishing_square
from derivgen.notes.judge.instead import (
    counts_by_capital,
    has_generic,
    holds_with,
    is_another,
    is_constant,
    is_far_off,
    is_never,
    is_settled,
    is_strange,
    is_tensor,
    lengths_of,
    unsaid_numbers,
)
from derivgen.notes.judge.laws import SURE, law_by_which
from derivgen.notes.judge.letters import (
    is_column,
    is_partial,
    is_sure,
    is_told,
    is_total,
    is_unknown,
    is_within,
    letters_of,
    moving,
    unsaid_functions,
)
from derivgen.notes.meaning.chains import Chain
from derivgen.notes.meaning.context import Context
from derivgen.notes.meaning.looks import (
    bare,
    ellipsis,
    free,
    has_no_other_function,
    is_computed,
    is_derivative,
    is_example,
    is_listed,
    is_name,
    is_of_numbers,
    is_primed,
    is_property,
    is_row,
    is_solved_behind,
    is_step,
    is_summed_silently,
    is_system,
    is_times_bracket,
    is_worked_out,
    lies,
    numbered,
    same_factors,
)
from derivgen.notes.meaning.question import Question
from derivgen.notes.meaning.trees import (
    base_of,
    derivatives,
    is_letter,
    is_zero,
    names,
    unwrapped,
)
from derivgen.notes.meaning.values import turns_by_letter
from derivgen.read.kinds.prices import IMPOSSIBLE
from derivgen.read.surface import (
    Called,
    Fenced,
    Grid,
    Letter,
    Literal,
    Surface,
    walk,
)

_POINT = re.compile(
    r"\bat\b|\bwhen\b|\bpoint\b|\bevaluat|\bplug|\bfor example\b|\bexample\b|\be\.g\.|\bif\b|\bsay\b", re.IGNORECASE
)

_ON_CONDITION = re.compile(
    r"\\(?:text\w*|mbox)\s*\{[^{}]*\b(?:if|when|whenever|assum\w+|provided|unless|cases?)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Excuse:
    """Why an equality that does not hold is no mistake; ``repairable`` if a small edit that makes it true says otherwise.

    ``lettered`` says that an edit which puts in another letter says nothing, ``linked`` that only one does which makes
    derivatives go on with each other, as in a chain rule, and ``squares`` that a square put in or left out says something, too.
    """

    code: str
    reason: str = ""
    repairable: bool = False
    lettered: bool = False
    linked: bool = False
    squares: bool = False


_OF_CHANCE = re.compile(r"(?<![A-Za-z\\{])(?:[EPV]|Pr|Var|Cov)(?![A-Za-z])\s*(?:\\left|\\big|\\Big)?\s*[(\[]")
"""What a text that speaks of chance calls an expectation, a probability, a variance, in italic letters."""


def excuse(context: Context, chain: Chain, court: Court, i: int, j: int, outcome: Outcome) -> Excuse | None:
    """What speaks for an author whose equality does not hold; None where nothing does.

    It is repairable only if all that speaks for the author is.
    """
    first: Excuse | None = None
    for found in _excuses(context, chain, court, i, j, outcome):
        before = first or found
        first = replace(
            before,
            lettered=found.lettered or before.lettered,
            linked=found.linked or before.linked,
            squares=found.squares and before.squares,
        )
        if not found.repairable:
            return replace(first, repairable=False)
    return first


def _excuses(context: Context, chain: Chain, court: Court, i: int, j: int, outcome: Outcome) -> Iterator[Excuse]:
    """All that speaks for an author, the plainest first."""
    question = court.question
    left, right = question.sides[i].tree, question.sides[j].tree
    if left is None or right is None:
        yield Excuse("unread")
        return
    piece = chain.links[j].row.piece
    texts = [chain.links[k].member.text for k in (i, j)]
    written = [context.written(chain.links[k].member.text) or s for k, s in ((i, left), (j, right))]
    if is_tensor(outcome):
        yield Excuse("tensor", repairable=True)
    if _ON_CONDITION.search(chain.links[j].formula.latex, chain.links[j].member.end) or has_property(chain.links[j]):
        yield Excuse("hypothesis")
    if (
        outcome.status == "shape"
        and outcome.error is None
        and any(is_listed(s) for s in (left, right))
        and not (any(is_column(question, s) for s in written) and any(map(lies, written)))
    ):
        yield Excuse("reading", "a list may be a row or a column")
    if ellipsis(left) or ellipsis(right):
        yield Excuse("unread", "what dots leave out is not known here", repairable=True)
    first, last = bare(written[0]), unwrapped(right)
    if is_name(first):
        yield Excuse("definition", repairable=_names_itself(first, right))
    elif isinstance(last, Called) and is_name(last):
        yield Excuse("definition", repairable=_names_itself(last, left))
    there, here = unsaid_functions(question, left), unsaid_functions(question, right)
    if context.words.chance and any(_OF_CHANCE.search(chain.links[k].member.text) for k in (i, j)):
        yield Excuse("random")
    if there != here:
        yield Excuse(
            "operator" if any(len(n) > 1 for n, _ in there ^ here) else "definition",
            "a function in it is not defined",
            repairable=True,
            lettered=(not here or not here < there) and not has_no_other_function(written[1], written[0]),
        )
    if any(d.params and is_times_bracket(s, name) for s in (left, right) for name, (d, _) in question.needed.items()):
        yield Excuse("reading", "a function stands before a bracket, or a number that is multiplied by it")
    if outcome.status == "shape" and (is_zero(left) or is_zero(right)):
        yield Excuse("equation")
    settled = _is_in_header(context, chain, question, outcome)
    if (_forced(outcome) and not settled) or is_strange(outcome, (left, right), settled=settled):
        yield Excuse("reading", repairable=not counts_by_capital(outcome))
    if reason := reach_of(texts):
        yield Excuse("reading", reason)
    if reason := is_complex(context.notes.text, texts, unsaid_numbers(outcome)):
        yield Excuse("reading", reason)
    if letter := vanishing_square(context.notes.text, texts):
        yield Excuse("hypothesis", f"the square of {letter} is 0, as the text says", repairable=True)
    if outcome.about == "vector" and (free(left) or free(right)):
        yield Excuse("reading", "an entry may be meant where the whole is written")
    if outcome.status == "shape" and any(is_example(value) for _, value in question.needed.values()):
        yield Excuse("reading", "a letter stands for an example in numbers elsewhere")
    if is_summed_silently(left, right) or (
        context.words.einstein and max([*free(left).values(), *free(right).values(), 0]) > 1
    ):
        yield Excuse(
            "reading", "an index stands on one side only, or is summed over without saying so", repairable=True
        )
    if outcome.meant is not None and "d" in outcome.meant.understood.symbols:
        yield Excuse("reading", "d may be a letter, or the sign of a differential", repairable=True)
    if has_operator(texts) and not _is_known(question, "D"):
        yield Excuse("reading", "D may be a letter, or the sign of a derivative")
    if outcome.status == "shape" and not is_sure(question) and any(is_row(p) for s in (left, right) for p in walk(s)):
        yield Excuse("reading", "a letter with one index may be a row or a column of a matrix")
    if context.words.symmetric and holds_with(outcome, i, j, "symmetric"):
        yield Excuse("reading", "it holds where the matrices are symmetric, which the text speaks of")
    if law := law_by_which(context.notes.text, outcome, i, j):
        yield Excuse("hypothesis", f"it holds where {law}, of which the text speaks", repairable=law not in SURE)
    if context.words.signs and holds_with(outcome, i, j, "sign"):
        yield Excuse("hypothesis", "it holds where a number is 1 or -1, of which the text speaks")
    bars = any(isinstance(p, Fenced) and p.left == "|" for side in (left, right) for p in walk(side))
    if bars and holds_with(outcome, i, j, "positive"):
        yield Excuse("hypothesis", "it holds where the letters are positive numbers", repairable=True)
    if holds_with(outcome, i, j, "unit"):
        reason = "it holds where a vector has length 1"
        yield Excuse("hypothesis", reason, repairable=True, squares=not context.words.unit)
    if context.words.sums_to_one and holds_with(outcome, i, j, "simplex"):
        yield Excuse("hypothesis", "it holds where the entries of a vector sum to 1, which the text speaks of")
    if outcome.status == "shape" and (not is_sure(question) or any(map(is_primed, (left, right)))):
        yield Excuse("reading", repairable=True)
    if any(map(is_primed, (left, right))) and turns_by_letter(f.latex for f in context.notes.formulas()):
        yield Excuse("reading", "a prime may stand for a derivative where ^T transposes", repairable=True)
    if is_another(chain, court, i):
        yield Excuse("definition", "a function at the head of the chain is not what it was defined to be")
    changing = moving(question, left), moving(question, right)
    if all(changing) and changing[0] != changing[1]:
        yield Excuse(
            "dependence",
            "a letter changes on one side, and is constant on the other",
            repairable=is_total(question, *changing),
        )
    if is_step(*(chain.links[k].member.text for k in (i, j))):
        yield Excuse("update", repairable=True)
    derives = [is_derivative(left), is_derivative(right)]
    if any(derives):
        yield from _calculus(context, court, question, left, right, piece, outcome)
    elif (rest := _algebra(context, question, left, right, piece, outcome, i, j)) is not None:
        yield rest
    elif is_solved_behind(chain.links[j]):
        yield Excuse("equation")


_CONDITION = ("1", True)
"""The sign that is 1 where a condition holds, and 0 elsewhere."""


def _names_itself(name: Surface, value: Surface) -> bool:
    """Whether a letter stands beside the list of its own entries, or is the sign of a condition: neither is defined there."""
    base = base_of(name.head if isinstance(name, Called) else name)
    if base is None or base == _CONDITION:
        return base is not None
    return any(isinstance(p, Grid) for p in walk(value)) and base[0] in {
        b[0] for part, _ in names(value) if (b := base_of(part)) is not None
    }


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


def _algebra(
    context: Context, question: Question, left: Surface, right: Surface, piece: int, outcome: Outcome, i: int, j: int
) -> Excuse | None:
    if any(
        isinstance(s, Called) and (head := question.head(s.head)) not in question.needed and head != _CONDITION
        for s in (unwrapped(left), unwrapped(right))
    ):
        return Excuse("definition")
    one, other = (letters_of(question, s) - lengths_of(outcome) for s in (left, right))
    if is_letter(unwrapped(right)) and not other <= one:
        return Excuse("equation")
    if is_zero(left) or is_zero(right):
        generic = any(isinstance(p, Letter) and p.stem == GENERIC.name for p in walk(left)) or has_generic(outcome)
        return None if generic or "bigcirc" in question.source else Excuse("equation", repairable=False)
    if is_of_numbers(left, right) and is_far_off(outcome) and not context.words.is_hypothesis(piece):
        return None
    if isinstance(unwrapped(right), Literal) or isinstance(unwrapped(left), Literal):
        never = not context.words.is_hypothesis(piece) and is_never(outcome, i, j)
        return None if never else Excuse("equation", repairable=True)
    if is_settled(outcome, i, j) and not context.words.is_hypothesis(piece):
        return None
    if not one or not other:
        return Excuse("equation", repairable=True)
    if context.words.is_hypothesis(piece):
        return Excuse("hypothesis", repairable=True)
    if len(one | other) == 1 and is_property(left, right):
        return Excuse("hypothesis", repairable=True)
    if same_factors(left, right):
        return Excuse("hypothesis")
    if one != other and not (other <= one and is_computed(left, right) and not holds_with(outcome, i, j, "zero")):
        return Excuse("equation", repairable=True)
    if numbered(left) != numbered(right) or any(
        is_system(s) and not is_worked_out(s, other) for s, other in ((left, right), (right, left))
    ):
        return Excuse("equation", repairable=True)
    return None


def _calculus(
    context: Context, court: Court, question: Question, left: Surface, right: Surface, piece: int, outcome: Outcome
) -> Iterator[Excuse]:
    before = context.words.before.get(piece, "")
    if is_zero(right) != is_zero(left):
        yield Excuse("equation")
    pairs_of_letters = [(b, v) for s in (left, right) for b, v in derivatives(s) if is_letter(b) and is_letter(v)]
    met = Counter((question.known(b), question.known(v)) for b, v in pairs_of_letters)
    if any(
        is_partial(question, b, v)
        for b, v in pairs_of_letters
        # of what is not defined, a derivative that stands there once is the whole change: the other says nothing of it
        if question.known(b) in question.needed or met[question.known(b), question.known(v)] > 1
    ):
        yield Excuse(
            "dependence", "nothing says what is held fixed in a partial derivative", repairable=True, linked=True
        )
    for side in (left, right):
        told = [(question.known(b), question.known(v)) for b, v in derivatives(side) if is_letter(b) and is_letter(v)]
        for b, v in told:
            if any(c == b and w is not None and v is not None and w != v and question.reaches(w, v) for c, w in told):
                yield Excuse(
                    "dependence",
                    "nothing says what is held fixed in a partial derivative",
                    repairable=True,
                    linked=True,
                )
    reduced = question.reduced()
    variables = [v for side in (left, right) for _, v in derivatives(side) if is_letter(v)]
    abstract = outcome.meant.abstract if outcome.meant is not None else frozenset()
    for side, other in ((left, right), (right, left)):
        pairs = [(question.known(b), question.known(v)) for b, v in derivatives(other) if is_letter(b) and is_letter(v)]
        for body, by in derivatives(side):
            name = question.known(body) if is_letter(body) else None
            if name is not None and name[0] not in abstract and (whole := base_of(body)) and whole[0] in abstract:
                name = whole  # of an entry nothing more is known
            if name is None or name in question.needed or name[0] not in abstract:
                continue
            if is_told(question, side, other):
                yield Excuse("dependence", "a function in it is not defined", repairable=True, linked=True)
            if is_within(question, name, other):
                continue
            if name in question.direct and not any(question.known(v) in question.edges for v in variables):
                continue
            target = question.known(by) if is_letter(by) else None
            if not any(b is not None and (b == name or question.reaches(b, name)) for b, _ in pairs):
                yield Excuse("dependence", repairable=True, linked=True)
            through = any(
                b == name and v is not None and target is not None and question.reaches(target, v) for b, v in pairs
            )
            if (
                target in reduced.get(name, ())
                and (name, target) not in pairs
                and not through
                and any(b == name for b, _ in pairs)
            ):
                yield Excuse("dependence", repairable=True, linked=True)
    if any(is_unknown(question, s) or court.is_astray(s) for s in (left, right)):
        yield Excuse("dependence", repairable=True)
        return
    one, other_letters = letters_of(question, left), letters_of(question, right)
    if not other_letters and not isinstance(unwrapped(right), Called) and _POINT.search(before):
        yield Excuse("point")
    if not other_letters and one and not is_constant(court, outcome, 0):
        yield Excuse("point")
    if other_letters - one - lengths_of(outcome):
        yield Excuse("letters", repairable=True)
