"""How far a sum reaches: up to the next + or −, or further, to where its index stands last and nothing else says what it is."""

from __future__ import annotations

from derivgen.errors import ParseError
from derivgen.expr.notation import BIG
from derivgen.read.latex.cursor import CLOSING, OPENING, Cursor
from derivgen.read.latex.tape import Token
from derivgen.read.surface import Infix, Letter, Multiplied, Scripted, Summed, Surface, inside, walk


def reached(p: Cursor, sign: Token, names: frozenset[str], summand: Surface) -> Surface:
    r"""The summand with the terms behind it in which an index of the sum stands: \sum_i a_i - b_i is of both.

    ``names`` are the indices. One that is known, that runs around the sum, or that stands before it, means itself there.
    """
    names = frozenset(n for n in names if n not in p.running and not p.lexicon.knows(n))
    if p.reaching or not names or not p.is_mark("+-") or not _may_reach(p, sign, names):
        return summand
    start, depth, fences = p.at, p.depth, [*p.fences]
    whole, end, found = summand, start, summand
    p.reaching = True
    try:
        while p.is_mark("+-"):
            mark = p.step().value
            term = p.expression(BIG)
            whole = Infix(p.since(summand), mark, whole, term)
            if _stands_in(term, names):
                found, end = whole, p.at
    except ParseError:  # it is said where the term is read in its own place
        p.depth, p.fences = depth, fences
    finally:
        p.reaching = False
    p.at = end
    return found


def _may_reach(p: Cursor, sign: Token, names: frozenset[str]) -> bool:
    """Whether an index stands behind the summand within what is open here, and nowhere before the sum."""
    if any(t.kind == "letter" and t.value in names for t in p.tokens if t.start < sign.start):
        return False
    depth = 0
    for token in p.tokens[p.at :]:
        depth += (token.kind in OPENING) - (token.kind in CLOSING)
        if depth < 0:
            break
        if token.kind == "letter" and token.value in names:
            return True
    return False


def _stands_in(s: object, names: frozenset[str]) -> bool:
    """Whether one of the indices stands below a letter, and no sum of its own binds it."""
    match s:
        case Summed(_, binders, body):
            return _stands_in(body, names - {b.name for b in binders})
        case Multiplied(_, binder, body):
            return _stands_in(body, names - {binder.name})
        case Scripted(_, base, below):
            marks = (part for sub in below for part in walk(sub))
            return any(isinstance(m, Letter) and m.stem in names for m in marks) or _stands_in(base, names)
        case tuple():
            return any(_stands_in(part, names) for part in s)
        case Surface():
            return _stands_in(inside(s), names)
        case _:
            return False
