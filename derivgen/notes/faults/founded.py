"""Whether a refutation rests on what a text says, or on what was guessed of its letters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from derivgen.catalog.declared import MEMBERS
from derivgen.catalog.elementwise import absolute
from derivgen.check.judge import Judge
from derivgen.expr import (
    MINUS_ONE,
    ONE,
    ZERO,
    Add,
    Call,
    Definition,
    Delta,
    Expr,
    Mul,
    Partial,
    Power,
    Symbol,
    map_children,
    substitute,
    symbols,
    walk,
)
from derivgen.notes.faults.placed import is_told_by_its_place
from derivgen.notes.faults.repair import Repair
from derivgen.notes.faults.unread import stands_all_the_same, unread_letters
from derivgen.notes.judge.excuses import Excuse
from derivgen.notes.judge.instead import holds_with
from derivgen.notes.judge.timely import agreement, agreement_as_numbers, judge_with
from derivgen.notes.judge.ways import Heard
from derivgen.notes.meaning.edits import atoms
from derivgen.notes.meaning.question import Meant
from derivgen.notes.meaning.trees import is_zero, unwrapped
from derivgen.read.kinds.letters import Said
from derivgen.read.kinds.prices import IMPOSSIBLE
from derivgen.read.surface import Apply, Literal, Product, Surface
from derivgen.read.surface import walk as walk_surface

FREE = re.compile(r"\u2207 is read|the case |.* is read as the Kronecker product")
"""Choices that are none: derivatives are tried in all layouts, the last case is what the others leave, and ⊗ is read so
where nothing else fits."""

ABOUT_LINKS = frozenset({"dependence", "empty", "letters", "tensor", "operator", "unread"})
"""What speaks for an author without saying that the equality is no claim, or what kind its letters are of; dots are
unread, and what repairs an array with dots repairs the rest of it as well."""

_CLIPPED = re.compile(r"max|min|[|]|vert\b|relu|sqrt|sgn|sign", re.IGNORECASE)
"""What another form has of where letters are positive."""

_BY_CASES = re.compile(r"\\le|\\ge|\\leq|\\geq|[<>]|\\begin\{cases\}")
"""What says itself where a letter is positive, and where it is not."""

_BARE = re.compile(r"\\nabla\s*\{?[A-Za-z]\}?\s*(?![\w({\\^])")
"""The gradient of a letter that says nothing of its variables, whose order nobody knows."""

_ROW = re.compile(r"(?:\)|\b[A-Z]|[A-Z]\}+)\s*_\s*(?:\w|\{\s*\w\s*\})\s*\^")
"""A row of a matrix, A_i or (A^T)_i, with a transpose: to some it is a row, to others a column."""

_BOLD = re.compile(r"\\(?:mathbf|boldsymbol|bm)(?![A-Za-z])")

ODD = 3.5
"""What a reading costs at least in which letters are not what they look like."""

_UNIT = re.compile(
    r"ortho(?:normal|gonal)|unitary|\bunit\b|normali[sz]ed|idempotent|projection|rotation|正交|单位|직교|단위",
    re.IGNORECASE,
)
"""What a text says that speaks of vectors of length 1, or of matrices whose inverse is their transpose."""


_RANKED = re.compile(r"\bsingul|奇异值|특이값", re.IGNORECASE)
"""What a text says that speaks of singular values, of which as many count as the rank says."""


def is_founded(heard: Heard, repair: Repair | None, excuse: Excuse | None, text: str) -> bool:
    """Whether an equality that does not hold is wrong beyond what was guessed.

    With a repair it is, unless something else speaks for the author and the kinds of letters were guessed. Without one it
    is where both sides are made of the same letters, and either nothing was guessed, or the sides differ even if every
    array is a single number: any other reading of the letters has that case. None rests on a letter of which the meaning is
    not read, unless it stands whatever that is. ``text`` is the whole of the notes.
    """
    if (letters := unread_letters(heard)) and not stands_all_the_same(heard, repair, letters):
        return False
    if repair is not None and repair.kind == "length" and _RANKED.search(text):
        return False  # the singular values beyond the rank are 0
    if repair is not None and (not repair.weak or (excuse is not None and excuse.squares)):
        return _tells(heard, repair, excuse)
    if excuse is not None or heard.outcome.status == "shape":
        return excuse is None  # what does not fit is excused where the kind of a letter is not certain
    if _is_open(heard) or _holds_apart(heard, text):
        return False
    texts = [heard.court.latexes[k] for k in (heard.i, heard.j)]
    clipped = any(map(_CLIPPED.search, texts)) and not any(map(_BY_CASES.search, texts))
    if clipped and holds_with(heard.outcome, heard.i, heard.j, "positive"):
        return False  # where its inside is positive
    if not is_guessed(heard):
        return not (_UNIT.search(text) and _fails_in_numbers(heard) and _holds_for_ones(heard))
    return _fails_in_numbers(heard) and not _holds_for_ones(heard)


def is_guessed(heard: Heard) -> bool:
    """Whether the kind of a letter or of a function, or what a sign stands for, was guessed in the reading that counts."""
    meant = heard.outcome.meant
    if meant is None:
        return True
    sides = [meant.values[k] for k in (heard.i, heard.j)]
    used = {name for e in sides if isinstance(e, Expr) for name in _made_of(e, meant)}
    whole = all(isinstance(e, Expr) for e in sides)  # what has no value does not say of what it is made
    return (
        bool(meant.understood.functions)
        or any(not FREE.match(choice.taken) for choice in meant.choices)
        or any(name in used or not whole for name in _unsaid(meant))
    )


def _unsaid(meant: Meant) -> set[str]:
    """The letters that are not declared, described or set in bold."""
    return {s.name for s, letter in meant.understood.symbols.values()
            if letter.said is None and not letter.font.startswith("bold")}  # fmt: skip


def _has_unsaid_arrays(meant: Meant) -> bool:
    """Whether a letter that nothing describes was taken for a vector or a matrix."""
    unsaid = _unsaid(meant)
    return any(s.name in unsaid and s.space.axes for s, _ in meant.understood.symbols.values())


def _fails_in_numbers(heard: Heard) -> bool:
    """Whether the sides differ in every reading that was tried, where all arrays have one entry."""
    tried = list(_tried(heard))
    return bool(tried) and all(agreement_as_numbers(heard.court.judge(m), a, b) is False for m, a, b in tried)


def _is_open(heard: Heard) -> bool:
    """Whether an equality without a repair may be one to be solved, or rest on something that is not said here."""
    meant, texts = heard.outcome.meant, [heard.court.latexes[k] for k in (heard.i, heard.j)]
    if meant is None or _has_unknown_functions(heard, meant):
        return True
    if _is_lost(heard) or any(_BARE.search(text) or "const" in text for text in texts):
        return True
    guessed = is_guessed(heard)
    letters = _defined_letters(heard)
    for found, a, b in _tried(heard):
        one, other = (_made_of(e, found) for e in (a, b))
        if bool(one) != bool(other):
            worked = (
                not guessed and (a.kinds | b.kinds) & Partial.bit and _is_worked_out(heard, heard.j if one else heard.i)
            )
            return not worked and not _are_of_letters(heard)
        if not guessed:
            continue
        odd = other - one if Partial.bit & a.kinds else one - other if Partial.bit & b.kinds else one ^ other
        if odd & (_unsaid(found) | letters):
            return True
    return False


def _has_unknown_functions(heard: Heard, meant: Meant) -> bool:
    """Whether a function of which nothing is said may be of another kind: it is no function of numbers, or on one side alone."""
    unknown = meant.understood.functions
    if any(shape.axes for f in unknown.values() for shape in (*f.domain, f.codomain)):
        return True
    used = [
        {here.op.name for here in walk(e) if isinstance(here, Call)} if isinstance(e, Expr) else {""}
        for e in (meant.values[heard.i], meant.values[heard.j])
    ]
    return bool((used[0] ^ used[1]) & {"", *unknown})


def _is_lost(heard: Heard) -> bool:
    """Whether a side with derivatives comes to 0 that is not written so: it may be that nothing says what depends on what."""
    verdict = heard.outcome.verdict
    if any(_BY_CASES.search(heard.court.latexes[k]) for k in (heard.i, heard.j)):
        return False  # in one of the cases it may be 0, and in another not
    trees = [heard.court.question.sides[k].tree for k in (heard.i, heard.j)]
    zero = verdict is not None and "0" in (verdict.left, verdict.right)
    if not (heard.court.derives and zero) or any(map(_says_zero, trees)):
        return False
    tried = list(_tried(heard))
    return not tried or any(_vanishes(heard.court.judge(m), e) for m, a, b in tried for e in (a, b))


def _vanishes(judge: Judge, e: Expr) -> bool:
    """Whether it is 0 everywhere, and not only at the place where the sides differ."""
    return agreement(judge, e, Mul((ZERO, e))) == "verified"


def _says_zero(tree: Surface | None) -> bool:
    return tree is not None and is_zero(tree)


def _tells(heard: Heard, repair: Repair, excuse: Excuse | None) -> bool:
    """Whether a small edit that makes all true says that the author slipped, whatever speaks for the author."""
    if repair.kind in ("factor", "power") and (_is_lost(heard) or not _are_of_letters(heard)):
        return False  # one number can be made of any other
    if repair.kind == "transpose" and _ROW.search(repair.text) and is_guessed(heard):
        return False
    if repair.kind == "index" and is_guessed(heard) and _has_families(heard):
        return False  # q_j beside q_kj is to some a row, to others a column
    if excuse is None or excuse.code in ABOUT_LINKS or not is_guessed(heard):
        return True
    if repair.kind == "letter" and (excuse.code == "definition" or excuse.reason.startswith("an index")):
        return True
    if excuse.code in ("reading", "equation") and is_told_by_its_place(repair, *_sides(heard, repair)):
        return True
    meant = heard.outcome.meant
    if repair.kind == "letter" and excuse.code in ("equation", "hypothesis") and _is_of_known(heard):
        return True
    if repair.kind == "transpose" and excuse.code == "reading" and meant is not None:
        # what does not fit costs what it costs; but no other reading of a number makes an array of it that fits
        shape = heard.outcome.status == "shape"
        certain = _is_in_bold(repair.text) or not _has_unsaid_arrays(meant)
        return meant.cost < ODD or (shape and (certain or _are_told_by_the_other_side(heard, repair, meant)))
    return repair.kind in ("sign", "factor", "power") and _fails_in_numbers(heard)


def _has_families(heard: Heard) -> bool:
    """Whether a letter was taken for several, of which nothing says how they lie in a matrix."""
    meant = heard.outcome.meant
    return meant is not None and any(MEMBERS.keys() & {*s.traits} for s, _ in meant.understood.symbols.values())


def _sides(heard: Heard, repair: Repair) -> tuple[str, str]:
    """The side that a repair changes, and the other one."""
    other = heard.i if repair.side == heard.j else heard.j
    return heard.court.latexes[repair.side], heard.court.latexes[other]


def _is_in_bold(latex: str) -> bool:
    """Whether all letters of a part are set in bold, so that none of them was guessed to be a vector."""
    letters = [latex[a.start : a.base] for a in atoms(latex) if a.letter]
    return bool(letters) and all(_BOLD.match(letter) for letter in letters)


def _are_told_by_the_other_side(heard: Heard, repair: Repair, meant: Meant) -> bool:
    """Whether the side that a repair leaves as it is has no shape if a letter that was guessed to be an array is anything else."""
    other = heard.i if repair.side == heard.j else heard.j
    unsaid = _unsaid(meant)
    ranks = {s.name: s.space.rank for s, _ in meant.understood.symbols.values() if s.name in unsaid and s.space.axes}
    return not any(
        _has_a_shape(heard, other, {**heard.court.scope.said, (name, False): {rank: 0.0}})
        for name, own in ranks.items()
        for rank in (0, 1, 2)
        if rank != own
    )


def _has_a_shape(heard: Heard, side: int, said: Said) -> bool:
    """Whether a side alone makes sense in some reading, with this said of its letters."""
    court = heard.court.of((heard.court.latexes[side],), scope=replace(heard.court.scope, said=said))
    return any(
        m.cost < IMPOSSIBLE and isinstance(m.values[0], Expr) for layout in court.layouts for m in court.meant(layout)
    )


def _is_worked_out(heard: Heard, k: int) -> bool:
    """Whether a side without letters is a product with a function in it: nobody sets a derivative to that to solve for it."""
    tree = heard.court.question.sides[k].tree
    return isinstance(tree, Product) and any(isinstance(part, Apply) for part in walk_surface(tree))


def _defined_letters(heard: Heard) -> set[str]:
    """What stands for something else there, and is no function of arguments."""
    return {name for (name, _), (d, _) in heard.court.question.needed.items() if not d.params}


def _is_of_known(heard: Heard) -> bool:
    """Whether the letters that one side has alone are all declared, described or in bold: none of them is to be found."""
    odd: set[str] = set()
    unknown: set[str] = set()
    for meant, a, b in _tried(heard):
        odd |= _made_of(a, meant) ^ _made_of(b, meant)
        unknown |= _unsaid(meant) | _defined_letters(heard)
    return bool(odd) and not odd & unknown


def _are_of_letters(heard: Heard) -> bool:
    """Whether both sides have letters, or neither, and one is worked out; or one has some, and has one value all the same."""
    for meant, a, b in _tried(heard):
        one, other = (bool(symbols(e)) for e in (a, b))
        trees = [heard.court.question.sides[k].tree for k in (heard.i, heard.j)]
        if not one and not other and all(isinstance(t, Literal) for t in map(unwrapped, filter(None, trees))):
            return False
        if one != other:
            side = a if one else b
            again = [Definition(_renamed_symbol(d.symbol), _renamed(d.value)) for d in meant.definitions]
            if agreement(Judge((*meant.definitions, *again)), side, _renamed(side)) != "verified":
                return False
    return True


def _renamed(e: Expr) -> Expr:
    """An expression in other letters, those by which is derived among them: it is the same only if it has one value."""
    match e:
        case Symbol():
            return _renamed_symbol(e)
        case Partial(body, wrt):
            return Partial(_renamed(body), _renamed(wrt))
        case _:
            return map_children(_renamed, e)


def _renamed_symbol(s: Symbol) -> Symbol:
    return Symbol(f"{s.name}_other", s.space, s.traits)


def _holds_apart(heard: Heard, text: str) -> bool:
    """Whether the sides are equal where their two indices differ, which authors do not always say."""
    for meant, a, b in _tried(heard):
        if (a.kinds | b.kinds) & Delta.bit:
            return False  # δ speaks of both
        places = sorted(a.free | b.free, key=lambda index: index.name)
        if len(places) == 2 and places[0].dim == places[1].dim:
            if re.search(rf"{places[0].name}\s*=\s*{places[1].name}|{places[1].name}\s*=\s*{places[0].name}", text):
                return False  # the text speaks of the places where they are one
            apart = Add((ONE, Mul((MINUS_ONE, Delta(*places)))))
            if agreement(heard.court.judge(meant), Mul((apart, a)), Mul((apart, b))) == "verified":
                return True
    return False


def _tried(heard: Heard) -> Iterator[tuple[Meant, Expr, Expr]]:
    """The readings in which both sides have a value."""
    return heard.outcome.tried(heard.i, heard.j)


def _made_of(e: Expr, meant: Meant) -> set[str]:
    """The letters of an expression, and of what they stand for."""
    given = {d.symbol.name: d.value for d in meant.definitions}
    found: set[str] = set()
    left = list(symbols(e))
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += symbols(given[name]) if name in given else ()
    return found


def _holds_for_ones(heard: Heard) -> bool:
    """Whether members are equal where all arrays have one entry, and that of one letter is 1: a vector of length 1,
    or a matrix whose inverse is its transpose, may be meant."""
    for meant, a, b in _tried(heard):
        named = {d.symbol.name for d in meant.definitions}
        given: dict[str, Symbol] = {}
        for e in (a, b, *(d.value for d in meant.definitions)):
            given.update(symbols(e))
        for name, s in given.items():
            if name in named or not s.space.axes:
                continue
            one: dict[str, Expr] = {name: Mul((size := Call(absolute, (s,)), Power(size, MINUS_ONE)))}
            if agreement_as_numbers(judge_with(meant, one), substitute(a, one), substitute(b, one)):
                return True
    return False
