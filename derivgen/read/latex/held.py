"""What is known and not read, taken in with what it is made of: expectations, integrals, limits, extrema over a set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from derivgen.errors import ParseError
from derivgen.expr import Shape
from derivgen.expr.notation import BIG
from derivgen.read.latex import commands as words
from derivgen.read.latex.big_signs import bound_by
from derivgen.read.latex.cursor import Cursor
from derivgen.read.latex.fences import arguments
from derivgen.read.latex.scripts import subscript
from derivgen.read.latex.tape import Token
from derivgen.read.surface import Chain, Differential, Held, Product, Surface

ADJUGATES = frozenset({"adj", "cof"})
"""What a text may mean by them is read: of an invertible matrix the determinant times the inverse, or that transposed."""

_OF_BODY = ADJUGATES | {"E", "expm", "logm", "sqrtm", "prox"}
_NUMBERS = frozenset(
    {
        "rank",
        "rk",
        "Rank",
        "cond",
        "P",
        "Pr",
        "Prob",
        "p",
        "q",
        "KL",
        "median",
        "dim",
        "per",
        "perm",
        "Pf",
        "o",
        "O",
        "H",
        "I",
    }
)
_EXTREMES = frozenset({"argmax", "argmin"})
_PAIRS = frozenset({"Var", "var", "Cov", "cov", "Corr", "corr"})
"""Of a number they are one, of vectors they have an entry for each pair of entries."""


def held_command(p: Cursor, token: Token) -> Surface:
    r"""\int f(x) dx, \lim_{h \to 0}, \sup_x, \arg\max_x, whose command is passed by."""
    name = token.value
    if name == "infty":
        raise p.fail(f"\\{name}: {words.REFUSED[name]}", token, words.OTHERWISE)
    if name == "arg" and p.here.kind == "command" and p.here.value in words.EXTREMES:
        name += p.step().value
    said = f"\\{token.value}: {words.REFUSED[name]}"
    integral, extreme, start = name.endswith("int"), name in _EXTREMES, p.at
    bound = _bound(p)
    within = _scripts(p, start)
    if extreme:
        return _extreme(p, token, name, said, bound, within)
    around, p.differentials = p.differentials, p.differentials or integral
    body = p.expression(BIG)
    p.differentials = around
    if integral:
        match body:
            case Product(_, (*factors, Differential(_, variable)), signs):
                inner = Product(body.span, tuple(factors), signs[:-1]) if len(factors) > 1 else factors[0]
                return Held(p.since(token), name, (inner,), said, words.OTHERWISE, (variable,), "body", within)
            case _:
                raise p.fail(said, token, words.OTHERWISE)
    return Held(p.since(token), name, (body,), said, words.OTHERWISE, bound, "body", within)


def held_word(p: Cursor, token: Token, said: str, hint: str) -> Surface:
    r"""\mathbb E[…], \operatorname{rank}(A), p(y | x), whose word comes next."""
    p.at += 1
    start = p.at
    bound = _bound(p)
    name, within = token.value, _scripts(p, start)
    if name in _EXTREMES:
        return _extreme(p, token, name, said, bound, within)
    if name not in _OF_BODY | _NUMBERS | _PAIRS:
        p.at = start
        raise p.fail(said, token, hint)
    if p.opens() and p.here.value in "([{":
        bars = [t for t in p.inside(p.at) if t.kind == "bar" and t.value == "|"]
        if len(bars) == 1:  # p(y | x) is of both
            within += "|"
            p.tokens[p.tokens.index(bars[0], p.at)] = bars[0]._replace(kind="mark", value=";")
        body = tuple([side for s in arguments(p) for side in (s.sides if isinstance(s, Chain) else (s,))])
    elif p.starts_operand():
        body = (p.operand(),)
    else:
        raise p.fail(said, token, hint)
    like: Literal["body", "pairs", "number"] = "body" if name in _OF_BODY else "pairs" if name in _PAIRS else "number"
    return Held(p.since(token), name, body, said, hint, (), like, within)


def paired(shapes: Sequence[Shape], within: str) -> Shape | None:
    """The shape of a covariance: of one vector by itself, or by another; None where it is of a matrix."""
    axes = [shape.axes for shape in (shapes[0], shapes[0] if "|" in within or len(shapes) == 1 else shapes[1])]
    return Shape((*axes[0], *axes[1])) if max(map(len, axes)) < 2 else None


def _extreme(p: Cursor, token: Token, name: str, said: str, bound: tuple[Surface, ...], within: str) -> Surface:
    """Where the largest value is taken; it has the shape of the letter that runs, where one is named."""
    body = p.expression(BIG)
    return Held(p.since(token), name, (body,), said, words.OTHERWISE, bound, "bound" if bound else "number", within)


def _scripts(p: Cursor, start: int) -> str:
    """What was passed by: values over other sets, and between other limits, are told apart by it."""
    return "".join([t.value for t in p.tokens[start : p.at]])


def _bound(p: Cursor) -> tuple[Surface, ...]:
    """The letters that the scripts say run; what else stands there is passed by."""
    found: tuple[Surface, ...] = ()
    while p.here.kind == "script":
        start, fences, depth = p.at, list(p.fences), p.depth
        p.below += 1
        try:
            found = subscript(p) if p.here.value == "_" else found
        except ParseError:
            p.fences, p.depth = fences, depth
        p.below -= 1
        p.at = p.after_group(start + 1)
    return bound_by(found)
