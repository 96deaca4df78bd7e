"""Which intermediates a backward pass names: the links of the chain, and those of every further path to the variable."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from derivgen.catalog.base import Elementwise, Formula, Opaque
from derivgen.catalog.elementwise import log
from derivgen.catalog.formulas import mean, norm
from derivgen.catalog.linear import matmul
from derivgen.derivation.jacobian import variable_name
from derivgen.derivation.words.links import dominators, links, nameable
from derivgen.derivation.words.naming import Letters, member
from derivgen.expr import (
    Add,
    Call,
    Definition,
    Expr,
    Index,
    Number,
    Power,
    Symbol,
    children,
    depends_on,
    replace_parts,
    walk,
)

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


def found_at_once(e: Call) -> bool:
    """Whether its derivative is found by entries at once: an inverse, a number of a matrix, a stack; and the logarithm of an
    array whose slope cancels what the logarithm divides by, as that of a softmax."""
    if isinstance(e.op, Opaque):
        return e.op.square or not e.shape.axes or e.op.arity != 1
    return e.op is log and isinstance(e.args[0], Call) and isinstance(e.args[0].op, Opaque)


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
    todo = [node] if _under_square(node) else list(children(node))
    while todo:
        here = todo.pop()
        if here == x or not depends_on(here, variable_name(x)):
            continue
        inner = _under_square(here)
        if inner is not None and inner != x:  # ‖r‖² is one function of r
            here = inner
        if here in wanted or ((inner is not None or _curved(here)) and nameable(here) and here.free <= f.free):
            found.append(here)
        else:
            todo += children(here)
    return found


def _curved(e: Expr) -> bool:
    """Whether an operation is not linear, so that a reader gives its value a name."""
    return isinstance(e, Power) or (
        isinstance(e, Call) and isinstance(e.op, Elementwise | Formula) and e.op is not mean
    )


def _under_square(e: Expr) -> Expr | None:
    """The array of whose entries the squares are added up."""
    match e:
        case Power(Call(op, (u,)), Number(n)) if op is norm and n == 2:
            return u
        case _:
            return None


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


LONG_CHAIN = 4
"""Vectors between the value and a vector variable from which on the derivative is carried back, not multiplied at once."""


def worth_carrying(found: Sequence[Expr], x: Expr) -> bool:
    """Whether one vector acts in several ways, so that what each passes on is added up, or a product of Jacobians of vectors
    would be long, or one of them, as that of a softmax, had to be multiplied out."""
    if _acts_in_several_ways(found, x):
        return True
    vectors = [e for e in found[:-1] if e.shape.rank == 1]
    if len(vectors) < 2:
        return False
    mixing = any(isinstance(e, Call) and isinstance(e.op, Formula) for e in vectors)
    return mixing or len(vectors) >= LONG_CHAIN


def _acts_in_several_ways(found: Sequence[Expr], x: Expr) -> bool:
    """Whether a function of arrays that mixes the entries of the variable is named and not on every path to it."""
    passed = {*dominators(found[-1], x), x}
    return any(e.shape.axes and _curved(e) and e not in passed and _mixes(e, x) for e in found)


def _mixes(e: Expr, x: Expr) -> bool:
    """Whether a matrix product of the variable stands in it."""
    return any(isinstance(p, Call) and p.op is matmul and depends_on(p, variable_name(x)) for p in walk(e))
