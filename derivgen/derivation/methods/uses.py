"""A matrix that is used more than once: each use has a name of its own, so that each has a rate of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from string import ascii_lowercase

from derivgen.catalog.build import transposed
from derivgen.catalog.letters import letter
from derivgen.catalog.linear import matmul
from derivgen.derivation.methods.network import Node
from derivgen.expr import Add, Call, Expr, Once, Symbol, children, map_children, walk, with_children
from derivgen.rules.engine import Context

MOST_USES = 4
"""How many uses have names; more nobody reads one by one."""


def apart(nodes: Sequence[Node], x: Expr, ctx: Context) -> list[Node]:
    """The uses of a matrix ``x`` as intermediates, the innermost first, and then those that are made of them.

    Where it is used once, or otherwise than in products and sums, there are none of the first, and the nodes stay.
    """
    if not isinstance(x, Symbol) or x.shape.rank != 2:
        return list(nodes)
    turned = transposed(x)
    parents = {e for n in nodes for e in walk(n.value) if e != turned and {x, turned} & {*children(e)}}
    count = sum(children(e).count(x) + children(e).count(turned) for e in parents)
    plain = all(isinstance(e, Add) or (isinstance(e, Call) and e.op is matmul) for e in parents)
    names = _names(x.name, count, ctx) if plain and 1 < count <= MOST_USES else []
    if not names:
        return list(nodes)
    ctx.taken.update(names)
    uses = [Symbol(name, x.space) for name in names]
    put = _putting(x, turned, iter(uses))
    values = [put(n.value) for n in nodes]
    return [*(Node(u, u, x, x) for u in uses), *(replace(n, value=v) for n, v in zip(nodes, values, strict=True))]


def _putting(x: Expr, turned: Expr, uses: Iterator[Symbol]) -> Callable[[Expr], Expr]:
    """What puts the next name in the place of each use, of those in a product the last factor first."""

    def part(e: Expr, again: Callable[[Expr], Expr]) -> Expr:
        if e == x:
            return next(uses)
        return transposed(next(uses)) if e == turned else again(e)

    def put(e: Expr, again: Callable[[Expr], Expr]) -> Expr:
        if {x, turned} & {*children(e)}:
            return with_children(e, tuple([part(c, again) for c in children(e)[::-1]][::-1]))
        return map_children(again, e)

    return Once(put)


def _names(name: str, count: int, ctx: Context) -> list[str]:
    """W1, W2 for W where these are free, else W_a, W_b; none where neither are."""
    of = letter(name)
    numbered = [] if of.subscript else [f"{name}{k}" for k in range(1, count + 1)]
    lettered = ["_".join(filter(None, (of.stem, of.subscript, c))) for c in ascii_lowercase[:count]]
    return next((names for names in (numbered, lettered) if names and not {*names} & ctx.taken), [])
