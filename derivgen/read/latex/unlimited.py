"""Sums of which no limits say what they run over: without an index, and over the members of a set."""

from __future__ import annotations

from derivgen.errors import ParseError
from derivgen.expr.notation import BIG
from derivgen.read.latex.cursor import Cursor
from derivgen.read.latex.tape import Token
from derivgen.read.surface import (
    Binder,
    Chain,
    Held,
    Letter,
    Scripted,
    Surface,
    Tabulated,
    Unsaid,
    fields_with_parts,
    walk,
)


def silent_index(p: Cursor, token: Token) -> Letter | None:
    r"""The index of a sum that is written without one, \sum x_i y_i: the only small letter below others in it."""
    start, depth, fences, open_below = p.at, p.depth, list(p.fences), p.below
    try:
        body = p.expression(BIG)
    except ParseError:
        return None
    finally:
        p.at, p.depth, p.fences, p.below = start, depth, fences, open_below
    below = [a for part in walk(body) if isinstance(part, Scripted) for sub in part.subs for a in walk(sub)]
    letters = [a.stem for a in below if isinstance(a, Letter) and len(a.stem) == 1 and not a.font]
    found = {stem for stem in letters if stem.islower()} - p.running
    return Letter(token.span, found.pop(), "") if len(found) == 1 else None


def bare(s: Surface | tuple[object, ...]) -> set[str]:
    """The letters that stand in a part, but for those below others."""
    if isinstance(s, Letter):
        return {s.stem}
    if isinstance(s, Scripted):
        return bare(s.base)
    inside = s if isinstance(s, tuple) else [getattr(s, name) for name in fields_with_parts(type(s))]
    return set().union(*(bare(part) for part in inside if isinstance(part, Surface | tuple)))


def over_set(p: Cursor, token: Token, below: tuple[Surface, ...]) -> Surface | None:
    r"""\sum_{i \in S}, whose limits are passed by: made of all members of its body, as nothing says which are meant."""
    match below:
        case (Chain(_, (Letter(_, stem, "") as index, _), ("∈",)) as limits,) if (
            len(stem) == 1 and token.value == "sum"
        ):
            within = p.source[limits.span.start : limits.span.end]
        case _:
            return None
    around = p.running
    p.running = around | {stem}
    body = p.expression(BIG)
    p.running = around
    members = Tabulated(body.span, Binder(index.span, stem, Unsaid(index.span)), body, of_members=True)
    said, hint = "a sum over a set is not read", f"{p.shown(token)}_{{i=1}}^{{n}}"
    return Held(p.since(token), token.value, (members,), said, hint, (), "member", within)
