"""Letters of which only what they depend on is said: "L: function of W, b", "z(W, x) in R^m"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from derivgen.catalog.base import Abstract
from derivgen.expr import SCALAR, Shape, Symbol
from derivgen.read.declared_words import Token, Words

_BEGINS = frozenset({"in", ":", ">", "relation", "=", "("})
"""What stands behind the name with which another clause begins."""


@dataclass(frozen=True, slots=True)
class Dependence:
    """A letter, what it depends on, and the shape of its value."""

    letter: Token
    on: tuple[Token, ...]
    value: Shape = SCALAR


def functions(found: Sequence[Dependence], symbols: Mapping[str, Symbol], words: Words) -> dict[str, Abstract]:
    """The functions that letters stand for; one may depend on another.

    Raises:
        ParseError: what a letter depends on is not declared, or is the letter itself.
    """
    on = {d.letter.text: [token.text for token in d.on] for d in found}
    shapes = {name: s.space for name, s in symbols.items()} | {d.letter.text: d.value for d in found}
    made: dict[str, Abstract] = {}
    for d in found:
        for token in d.on:
            if token.text not in shapes:
                raise words.fail(f"{token.text} is not declared, so nothing can depend on it", token.span,
                                 f"declare it too, such as {token.text} in R^n")  # fmt: skip
        name, todo = d.letter.text, list(on[d.letter.text])
        for other in todo:  # grows as it goes
            todo += [n for n in on.get(other, ()) if n not in todo]
        if name in todo:
            raise words.fail(f"{name} depends on itself", d.letter.span, "leave that out")
        domain = tuple([Shape(shapes[token.text].axes) for token in d.on])
        made[name] = Abstract(name, domain, d.value, not d.value.axes and not any(s.axes for s in domain))
    return made


def named_between(words: Words) -> tuple[Token, ...]:
    """The names in parentheses behind a letter; none where no parentheses follow."""
    if not words.take("("):
        return ()
    found = [_name(words)]
    while words.take(","):
        found.append(_name(words))
    if not words.take(")"):
        raise words.expected(")", "write L(W, b)")
    return tuple(found)


def named_behind(words: Words) -> tuple[Token, ...]:
    """The names behind "function of"; none where these words do not follow."""
    if [t.text for t in words.tokens[words.at : words.at + 2]] != ["function", "of"]:
        return ()
    words.at += 2
    found = [_name(words)]
    while words.here.kind == "," and words.tokens[words.at + 2].kind not in _BEGINS:
        words.at += 1
        found.append(_name(words))
    return tuple(found)


def _name(words: Words) -> Token:
    token = words.take("name")
    if token is None:
        raise words.expected("the name of a variable", "write L: function of W, b")
    return token
