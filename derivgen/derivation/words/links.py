"""Which intermediates a derivation names: the sub-expressions that every path from the value to the variable passes."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence

from derivgen.catalog.base import Elementwise, Formula
from derivgen.catalog.build import factors_of, is_elementwise, product, transposed
from derivgen.catalog.elementwise import exp, log, sigmoid
from derivgen.catalog.formulas import norm
from derivgen.catalog.linear import matmul, sum_, transpose
from derivgen.catalog.opaque import prod
from derivgen.derivation.jacobian import variable_name
from derivgen.derivation.words.directions import is_direction
from derivgen.expr import (
    Add,
    At,
    Call,
    Expr,
    Mul,
    Number,
    Partial,
    Power,
    Sum,
    Symbol,
    children,
    depends_on,
    how_often,
    occurrence,
    walk,
)


def dominators(f: Expr, x: Expr) -> list[Expr]:
    """The nodes on every path from ``f`` to an occurrence of ``x``, from ``f`` inward, ``x`` itself left out.

    Equal sub-expressions count as one node: where all paths meet again in a shared sub-expression, it is found.
    """
    name = variable_name(x)
    moving: dict[Expr, tuple[Expr, ...]] = {}
    order = _post_order(f, x, name, moving)
    # From the variable up: ``below[n]`` are the dominated stretches, kept as the chain of immediate dominators.
    parent: dict[Expr, Expr | None] = {f: None}
    depth: dict[Expr, int] = {f: 0}
    for node in reversed(order):
        for child in moving[node]:
            if child not in parent:
                parent[child] = node
                depth[child] = depth[node] + 1
            else:
                meet = _common(parent[child], node, parent, depth)
                parent[child] = meet
                depth[child] = depth[meet] + 1 if meet is not None else 0
    chain: list[Expr] = []
    here = parent.get(x)
    while here is not None:
        chain.append(here)
        here = parent[here]
    return chain[::-1]


def _post_order(f: Expr, x: Expr, name: str, moving: dict[Expr, tuple[Expr, ...]]) -> list[Expr]:
    """Moving nodes, children before parents: reversed, each node comes after all that use it."""
    order: list[Expr] = []
    done: set[Expr] = set()
    todo: list[tuple[Expr, bool]] = [(f, False)]
    moves = occurrence(name)

    while todo:
        node, ready = todo.pop()
        if ready:
            order.append(node)
            continue
        if node in done:
            continue
        done.add(node)
        kids = () if node == x else tuple(dict.fromkeys(c for c in children(node) if moves(c)))
        moving[node] = kids
        todo.append((node, True))
        todo.extend((c, False) for c in kids)
    return order


def _common(a: Expr | None, b: Expr | None, parent: dict[Expr, Expr | None], depth: dict[Expr, int]) -> Expr | None:
    """The nearest node above both."""
    while a is not None and b is not None and a != b:
        if depth[a] >= depth[b]:
            a = parent[a]
        else:
            b = parent[b]
    return a if a == b else None


def _affine(e: Expr, below: Expr) -> bool:
    """Whether ``e`` adds constants to ``below``, scales it, or transposes it."""
    match e:
        case Add() | Mul():
            return sum(1 for c in children(e) if _contains(c, below)) == 1
        case Call(op) if op is transpose:
            return True
        case _:
            return False


def _contains(e: Expr, part: Expr) -> bool:
    return any(here == part for here in walk(e) if here.height >= part.height)


def links(f: Expr, x: Expr, *, fine: bool = False, wanted: Collection[Expr] = ()) -> list[Expr]:
    """The sub-expressions of f to be named, the innermost first; the last is f itself.

    An affine stretch, such as Wx + b, is one link, and so is arithmetic around a function; what is not affine and stands
    there more than once, such as x - mean(x), is a link. ``fine`` names every node; ``wanted`` are named in any case.
    """
    chain = dominators(f, x)
    if not chain:
        return [f]
    kept: list[Expr] = []
    for k, node in enumerate(chain):
        if not node.free <= f.free or (k and isinstance(chain[k - 1], Partial)):
            break  # under a sum there is one for each term, and no one name for all of them; a name under ∂ would be constant
        below = chain[k + 1] if k + 1 < len(chain) else x
        above = chain[k - 1] if k else None
        if (
            above is None
            or node in wanted
            or (fine and nameable(node))
            or (is_direction(node) and (node.free or not f.free))  # one for each sample would be the same for all
            or (
                _worth_a_name(node, below, above, chain[k:], x)
                and not _in_a_sum(node, above, chain[k + 1 :])
                and not _in_log_sum(chain, k)
            )
        ):
            kept.append(node)
    return kept[::-1]


def nameable(node: Expr) -> bool:
    """Whether a letter may stand for it; one that names a row would be a column."""
    return not isinstance(node, At | Sum | Partial) and not node.shape.row


def _worth_a_name(node: Expr, below: Expr, above: Expr, rest: Sequence[Expr], x: Expr) -> bool:
    if not nameable(node) or _affine(above, node):
        return False  # the affine stretch above takes it in
    if isinstance(node, Call) and node.op is prod:  # its logarithm, or a root of it, has a slope of its own
        return not (isinstance(above, Power) or (isinstance(above, Call) and above.op is log))
    if is_log_sigmoid(above):
        return False
    if isinstance(node, Call):
        squared = isinstance(above, Power) and isinstance(above.exponent, Number) and above.exponent.value == 2
        return node.op is not transpose and not (node.op is norm and squared)
    if not _affine(node, below):
        return node.shape.rank <= 1 and (how_often(node, above) > 1 or _abbreviates(node, x))
    reaches = any(isinstance(n, Call) and n.op is matmul for n in rest[1:]) and _reaches_product(rest)
    return reaches or (isinstance(above, Power) and _is_residual(node, x)) or _in_quadratic_form(node, above)


def is_log_sigmoid(e: Expr) -> bool:
    """Whether it is log σ(t): one function, with the slope 1 - σ(t)."""
    match e:
        case Call(outer, (Call(inner),)):
            return outer is log and inner is sigmoid
        case _:
            return False


def _is_residual(node: Expr, x: Expr) -> bool:
    """Whether a function of the variable is subtracted from what is known, or the other way round: y - max(0, z).

    Raised to a power it would be two functions in one link, each with a law of its own.
    """
    moving = [t for t in node.terms if depends_on(t, variable_name(x))] if isinstance(node, Add) else []
    functions = [f for t in moving for f in factors_of(t) if isinstance(f, Call) and isinstance(f.op, Elementwise)]
    return len(moving) == len(functions) == 1


def _in_quadratic_form(node: Expr, above: Expr) -> bool:
    """Whether a number is a quadratic form of a sum of vectors, such as (x - m)ᵀS⁻¹(x - m): the sum is one vector in it."""
    match above:
        case Call(op, (left, _, *_, right)) if op is matmul and not above.shape.axes:
            return isinstance(node, Add) and right == node and left == transposed(node)
        case _:
            return False


def is_shifted(node: Expr, x: Expr) -> bool:
    """Whether it is the variable itself with constants added, x - m."""
    return isinstance(node, Add) and [t for t in node.terms if depends_on(t, variable_name(x))] == [x]


def _in_a_sum(node: Expr, above: Expr, inside: Sequence[Expr]) -> bool:
    """Whether what one function makes of each entry is only added up: each partial has one term then, seen at once.

    With another function ``inside`` the sum would have two laws in one link.
    """
    if not (is_elementwise(node) and isinstance(above, Call) and above.op is sum_):
        return False
    return not any(isinstance(n, Power) or (isinstance(n, Call) and isinstance(n.op, Elementwise)) for n in inside)


def _in_log_sum(chain: Sequence[Expr], k: int) -> bool:
    """Whether a node is the sum, or its exponentials, in a logarithm of a sum of exponentials: that is one function, a softmax
    its slope."""
    for top in (k - 1, k - 2):
        match chain[max(top, 0) : top + 3]:
            case [Call(outer), Call(middle), Call(inner)] if top >= 0 and outer is log and inner is exp:
                return middle is sum_ or middle is matmul
            case _:
                continue
    return False


def _abbreviates(node: Expr, x: Expr) -> bool:
    """Whether a sum has terms that would be written out, such as the mean in x - mean(x)."""
    return isinstance(node, Add) and any(
        isinstance(t, Call) and isinstance(t.op, Formula) and depends_on(t, variable_name(x))
        for t in node.terms
        for t in factors_of(t)
    )


def _reaches_product(rest: Sequence[Expr]) -> bool:
    """Whether an affine stretch from the first node on ends in a matrix product."""
    for node, below in itertools.pairwise(rest):
        if not _affine(node, below):
            return False
        if isinstance(below, Call) and below.op is matmul:
            return True
    return False


def inner_product(f: Expr, x: Expr) -> Expr | None:
    """The inner product of x with what does not contain it, such as wᵀx by w, that all of f is a function of; None where
    there is none. Of xᵀ log(x) the entries are derived by the product rule, which no row of ones makes plainer.
    """
    chain = dominators(f, x)
    if any(isinstance(node, Partial) for node in chain):
        return None
    for node in chain[-2:]:  # the last node, or the last but one where x itself is transposed
        if (
            isinstance(node, Call)
            and node.op is matmul
            and len(node.args) == 2
            and not node.shape.axes
            and node.free <= f.free
        ):
            left, right = transposed(node.args[0]), node.args[1]
            other = right if left == x else left
            if left.shape.rank == 1 and x in (left, right) and not depends_on(other, variable_name(x)):
                return node
    return None


def dot_product(node: Expr) -> tuple[Expr, Expr]:
    """The lecture's reading of wᵀx: the element-wise product, and the sum of its entries."""
    assert isinstance(node, Call)
    u = product(transposed(node.args[0]), node.args[1])
    return u, Call(sum_, (u,))


def is_linear(e: Expr, name: str) -> bool:
    """Whether a variable stands in sums and products only, and in one factor of each."""
    match e:
        case Symbol():
            return True
        case Add() | Mul() | Sum() | Call() if not isinstance(e, Call) or e.op in (matmul, transpose, sum_):
            moving = [c for c in children(e) if depends_on(c, name)]
            return (len(moving) < 2 or isinstance(e, Add)) and all(is_linear(c, name) for c in moving)
        case _:
            return not depends_on(e, name)
