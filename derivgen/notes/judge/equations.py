"""Equations on which a text relies, "such that f(z) = f(x)", and an equality that holds where they do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from derivgen.notes.judge.ways import Heard
from derivgen.notes.meaning.chains import Chain
from derivgen.notes.meaning.context import Context

_TOKEN = re.compile(r"\\(?:left|right|[bB]igg?[lrm]?)(?![A-Za-z])|\\[,;:!> ]|(\\[A-Za-z]+|\\.|[^\s.,;])")
"""A part of a formula; what makes no difference has no group."""

_SCRIPTS = ("_", "^", "'")
_OPEN, _CLOSE = "([{", ")]}"
_DERIVES = re.compile(r"\\partial|\\nabla|\\frac\s*\{?\s*(?:\\mathrm\s*\{?)?d(?![A-Za-z])")
_ZERO = re.compile(r"0|\\(?:mathbf|boldsymbol|bm|vec)\{?0\}?")
FEWEST, MOST = 2, 24
"""How many parts a side has at least for which another is put in, and how many equations near an equality are looked at."""

Tokens = tuple[str, ...]


def under_equations(context: Context, heard: Heard, listen: Callable[[Chain], Heard]) -> Heard | None:
    """An equality that holds where an equation does that the text supposes before it; None where it holds by none.

    One side of the equation is put in for the other where that stands in a member. ``listen`` hears two members. An equation
    that is the equality itself says nothing of it, and none with derivatives is supposed: these are claims.
    """
    links = heard.chain.links[heard.i], heard.chain.links[heard.j]
    sides = [_tokens(link.member.text) for link in links]
    for one, other, words in _supposed(context, heard):
        if {one, other} == set(sides):
            continue
        made = [_put(side, one, other) for side in sides]
        if made == sides:
            continue
        changed = [
            replace(link, member=replace(link.member, text=_text(m))) for link, m in zip(links, made, strict=True)
        ]
        there = listen(Chain(tuple(changed)))
        if there.outcome.status == "verified":
            return replace(there, chain=Chain(links), lean="case", condition=words)
    return None


def _supposed(context: Context, heard: Heard) -> Iterator[tuple[Tokens, Tokens, str]]:
    """The equations that are supposed before an equality or close behind it, those next to it first, and both ways round."""
    row = heard.chain.row
    own = {link.row.number for link in heard.chain.links}
    near = [r for r in context.rows if r.number not in own and row.is_under(r.path) and r.piece <= row.piece + 2]
    for other in sorted(near, key=lambda r: abs(r.piece - row.piece))[:MOST]:
        s = other.statement
        if len(s.members) != 2 or s.signs[0] != "=":
            continue
        texts = [m.text for m in s.members]
        left, right = map(_tokens, texts)
        if any(map(_DERIVES.search, texts)) and not context.words.is_hypothesis(other.piece):
            continue
        zero = _ZERO.fullmatch("".join(right)) is not None
        if not (zero or context.words.is_hypothesis(other.piece)):
            continue
        words = " ".join(" = ".join(texts).split()).rstrip(" .,;")
        for one, by in ((left, ("0",) if zero else right), (right, left)):
            if len(one) >= FEWEST and _is_product(one):
                yield one, by, words


def _tokens(latex: str) -> Tokens:
    return tuple([m[1] for m in _TOKEN.finditer(latex) if m[1]])


def _text(tokens: Tokens) -> str:
    return " ".join(tokens)


def _is_product(tokens: Tokens) -> bool:
    """Whether letters stand side by side, which may be replaced within a product."""
    depth = 0
    for token in tokens:
        depth += (token in _OPEN) - (token in _CLOSE)
        if not depth and token in ("+", "-", "/", r"\pm", "=", "&"):
            return False
    letters = sum(t[-1].isalpha() for t in tokens)
    return depth == 0 and (letters > 1 or "^" in tokens) and not tokens[0].isdigit()


def _put(side: Tokens, one: Tokens, other: Tokens) -> Tokens:
    """A side with ``other`` in brackets wherever ``one`` stands as a whole."""
    found: list[str] = []
    k = 0
    while k < len(side):
        end = k + len(one)
        scripted = (end < len(side) and side[end] in _SCRIPTS) or (k > 0 and side[k - 1] in _SCRIPTS)
        if side[k:end] == one and not scripted:
            found += ["(", *other, ")"]
            k = end
        else:
            found.append(side[k])
            k += 1
    return tuple(found)
