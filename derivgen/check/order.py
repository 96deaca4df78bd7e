"""Which of two expressions is never the larger, by what they are made of."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from derivgen.catalog import elementwise, linear, opaque
from derivgen.catalog.base import Elementwise
from derivgen.catalog.primitives import Primitive
from derivgen.check.pool import Pool
from derivgen.check.ranges import Range, as_range, product
from derivgen.expr import Add, At, Call, Cases, Expr, Mul, Number, Op, Position, Size, Sum


class Order:
    """What is known of the order of expressions in a pool, told by their numbers, ``of`` giving their ranges."""

    def __init__(self, pool: Pool, of: Callable[[int], Range]) -> None:
        self._pool = pool
        self._of = of

    def never_above(self, u: int, v: int) -> int:
        """By what they are made of: 2 where u < v, 1 where u ≤ v, 0 where it is not known.

        Seen are max(u, w), |u|, the largest of entries that u is one of, u + w, and increasing functions of such.
        """
        if u < 0 or v < 0:
            return 0
        if u == v:
            return 1
        lower, upper = self._pool.nodes[u], self._pool.nodes[v]
        if isinstance(lower, Call) and isinstance(upper, Call) and lower.op is upper.op and _increases(lower.op):
            return self.never_above(self._pool.kids[u][0], self._pool.kids[v][0])
        if isinstance(lower, At) and isinstance(upper, At) and lower.places == upper.places:
            return self.never_above(self._pool.kids[u][0], self._pool.kids[v][0])
        if isinstance(lower, Position) and isinstance(upper, Size) and lower.index.dim == upper.dim:
            return 1
        if isinstance(upper, Add) and (found := self._beside(v, lambda term: self.never_above(u, term), 1)):
            return found
        if isinstance(lower, Add) and (found := self._beside(u, lambda term: self.never_above(term, v), -1)):
            return found
        match upper:
            case Call(op) if op in (elementwise.maximum, elementwise.relu, elementwise.absolute):
                if any(self.never_above(u, kid) for kid in self._pool.kids[v]):
                    return 1
                if op is elementwise.absolute and self._is_opposite(lower, self._pool.nodes[self._pool.kids[v][0]]):
                    return 1
            case Call(op) if op is opaque.largest and self._is_entry(u, self._pool.kids[v][0]):
                return 1
            case _:
                pass
        match lower:
            case Mul(factors) if upper in factors and self._of(v).never_negative:  # z c ≤ z where c ≤ 1
                rest = list(self._pool.kids[u])
                rest.remove(v)
                return int(product(map(self._of, rest)).high <= 1)
            case Cases():
                return self._branches_below(self._pool.kids[u], v)
            case Call(op) if op is elementwise.minimum:
                return max(self.never_above(kid, v) for kid in self._pool.kids[u])
            case Call(op) if op is opaque.smallest:
                return int(self._is_entry(v, self._pool.kids[u][0]))
            case _:
                return 0

    def _is_opposite(self, e: Expr, other: Expr) -> bool:
        """Whether one is written as -1 times the other."""
        minus = Number(Fraction(-1))
        return any(
            isinstance(a, Mul) and a.factors[0] == minus and a.factors[1:] == (b,) for a, b in ((e, other), (other, e))
        )

    def _beside(self, total: int, known: Callable[[int], int], sign: int) -> int:
        """What is known of a sum by one of its terms, if the others are of the given sign."""
        kids = self._pool.kids[total]
        if len(kids) > 4:
            return 0
        for k, term in enumerate(kids):
            below = known(term)
            if below:
                rest = as_range(0)
                for other in (*kids[:k], *kids[k + 1 :]):
                    rest = rest + self._of(other)
                rest = rest * sign
                if rest.positive:
                    return 2
                if rest.never_negative:
                    return below
        return 0

    def _is_entry(self, u: int, array: int) -> bool:
        node = self._pool.nodes[u]
        return u == array or (isinstance(node, At) and self._pool.kids[u][0] == array)

    def compared(self, condition: int, holds: bool) -> tuple[int, int] | None:
        """Of a comparison that holds, or does not, the one that is below and the one above; None where it is none."""
        match self._pool.nodes[condition]:
            case Call(op) if op in (elementwise.less, elementwise.less_equal):
                below, above = self._pool.kids[condition]
            case Call(op) if op in (elementwise.greater, elementwise.greater_equal):
                above, below = self._pool.kids[condition]
            case _:
                return None
        return (below, above) if holds else (above, below)

    def is_part(self, u: int, total: int) -> bool:
        """Whether a sum is of ``u`` and of others like it: of an array that u is or has as an entry, or of u by its index."""
        node = self._pool.nodes[total]
        if not isinstance(node, Sum) and not (isinstance(node, Call) and node.op is linear.sum_):
            return False
        term = self._pool.kids[total][0]
        if u == term or isinstance(node, Call):
            return self._is_entry(u, term)
        one, each = self._pool.nodes[u], self._pool.nodes[term]
        if not isinstance(one, At) or not isinstance(each, At) or self._pool.kids[u][0] != self._pool.kids[term][0]:
            return False
        return all(q in (p, node.index) for p, q in zip(one.places, each.places, strict=True))

    def _branches_below(self, kids: tuple[int, ...], v: int) -> int:
        """Of a case distinction: each branch is below where its condition holds."""
        *pairs, last = kids
        if len(pairs) != 2:
            return 0
        condition, first = pairs
        return int(all(
            self.never_above(branch, v) or self.compared(condition, holds) == (branch, v)
            for branch, holds in ((first, True), (last, False))
        ))  # fmt: skip


def _increases(op: Op) -> bool:
    return isinstance(op, Elementwise) and isinstance(op.value, Primitive) and op.value.increasing
