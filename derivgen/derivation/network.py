"""Which intermediates a backward pass names: the links of the chain, and those of every further path to the variable."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from derivgen.catalog.base import Elementwise, Formula
from derivgen.derivation.jacobian import variable_name
from derivgen.derivation.links import dominators, links, nameable
from derivgen.derivation.naming import Letters, member
from derivgen.expr import Add, Call, Definition, Expr, Index, Power, Symbol, children, depends_on, replace_parts, walk

MOST = 16
"""How many intermediates are named: a longer chain nobody follows by letters."""


@dataclass(frozen=True, slots=True)
class Node:
    """An intermediate with its name.

    Attributes:
        symbol: its name, of the whole family where it is one of a family.
        name: the intermediate itself, a member of the family at its indices.
        node: the sub-expression that it stands for, in the letters of the reader.
        value: the same in the names of the intermediates that it is made of.
    """

    symbol: Symbol
    name: Expr
    node: Expr
    value: Expr

    def uses(self, other: Expr) -> bool:
        """Whether it is made of another intermediate, or of the variable, directly."""
        return any(here == other for here in walk(self.value))


def parts(f: Expr, x: Expr, wanted: Collection[Expr]) -> list[Expr]:
    """The sub-expressions to be named, each after those that it is made of; the last is f itself."""
    found: dict[Expr, None] = {}
    todo = [f]
    spines: list[list[Expr]] = []
    while todo and len(found) <= MOST:
        top = todo.pop()
        spine = [p for p in links(top, x, wanted=[*wanted, *_curves(top, x, f)]) if p not in found]
        found |= dict.fromkeys(spine)
        spines.append(spine)
        if spine:
            todo += [e for e in _forks(spine[0], x, f, wanted) if e not in found]
    return [e for e in _in_order(found, x) if e in wanted or not _read_at_once(e, f)]


def _in_order(found: Collection[Expr], x: Expr) -> list[Expr]:
    """Each after those that it contains: what is contained is lower."""
    moving = [e for e in found if depends_on(e, variable_name(x))]
    return sorted(moving, key=lambda e: e.height)


def _curves(top: Expr, x: Expr, f: Expr) -> list[Expr]:
    """The functions of arrays that all paths pass, also where something constant is added to them, and what they are of."""
    found = [e for e in dominators(top, x) if e.shape.axes and isinstance(e, Call) and _curved(e) and e.free <= f.free]
    inner = [e.args[0] for e in found if len(e.args) == 1]
    return [*found, *(e for e in inner if isinstance(e, Add) and nameable(e))]


def _read_at_once(e: Expr, f: Expr) -> bool:
    """Whether it is an element-wise function whose entries f only adds up: -yᵀ log(s) is one link."""
    inner = isinstance(e, Call) and isinstance(e.op, Elementwise) and e.shape.rank == 1
    return inner and any(here.children.count(e) == 1 and not here.shape.axes for here in walk(f) if e in here.children)


def _forks(node: Expr, x: Expr, f: Expr, wanted: Collection[Expr]) -> list[Expr]:
    """The largest parts of a node that are worth a name where the variable stands in it besides: one path leads through them."""
    found: list[Expr] = []
    todo = list(children(node))
    while todo:
        here = todo.pop()
        if here == x or not depends_on(here, variable_name(x)):
            continue
        if here in wanted or (_curved(here) and nameable(here) and here.free <= f.free):
            found.append(here)
        else:
            todo += children(here)
    return found


def _curved(e: Expr) -> bool:
    """Whether an operation is not linear, so that a reader gives its value a name."""
    return isinstance(e, Power) or (isinstance(e, Call) and isinstance(e.op, Elementwise | Formula))


def named(
    found: Sequence[Expr], last: Symbol, family: tuple[Index, ...], letters: Letters, given: Sequence[Definition]
) -> list[Node]:
    """The intermediates with their names: the reader's own where there are such."""
    own = {d.value: d.symbol for d in reversed(given)}
    nodes: list[Node] = []
    for k, e in enumerate(found):
        symbol = last if k == len(found) - 1 else own.get(e) or letters.intermediate(e, family)
        known = {n.node: n.name for n in reversed(nodes)}
        nodes.append(Node(symbol, member(symbol, family), e, replace_parts(e, known)))
    return nodes
