"""Which of two expressions is never the larger, by what they are made of."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from derivgen.catalog import elementwise, linear, opaque
from derivgen.catalog.base import Elementwise, Formula
from derivgen.catalog.formulas import norm
from derivgen.catalog.primitives import Primitive
from derivgen.catalog.user_functions import UserFunction
from derivgen.check.ranges import Range, as_range, product
from derivgen.check.scope import Scope
from derivgen.expr import (
    MINUS_ONE,
    Add,
    At,
    Call,
    Cases,
    Expr,
    Index,
    Mul,
    Number,
    Position,
    Power,
    Size,
    Sum,
    Symbol,
    rename,
)

HALF, TWO = Number(Fraction(1, 2)), Number(Fraction(2))


class Order:
    """What is known of the order of expressions in a scope, told by their numbers, ``of`` giving their ranges."""

    def __init__(self, scope: Scope, of: Callable[[int], Range]) -> None:
        self._scope = scope
        self._pool = scope.pool
        self._of = of
        self._seen: dict[int, int] = {}

    def seen(self, number: int) -> int:
        """What an expression is seen as: a name as its value, an entry of f(x) as f of an entry of x."""
        found = self._seen.get(number)
        if found is None:
            found = number
            match self._pool.nodes[number]:
                case Symbol(name) if name in self._scope.defined:
                    found = self._scope.defined[name]
                case At() as e if (inner := _inside(e)) is not None:
                    found = self._pool.number(inner)
                case Call(op) if isinstance(op, Formula | UserFunction) and op is not norm:
                    found = self._pool.expansion(number)
                case _:
                    pass
            self._seen[number] = found
            if found != number:
                found = self._seen[number] = self.seen(found)
        return found

    def never_above(self, u: int, v: int) -> int:
        """By what they are made of: 2 where u < v, 1 where u ≤ v, 0 where it is not known.

        Seen are max(u, w), |u|, the largest of entries that u is one of, u + w, and increasing functions of such.
        """
        if u < 0 or v < 0:
            return 0
        u, v = self.seen(u), self.seen(v)
        if u == v:
            return 1
        lower, upper = self._pool.nodes[u], self._pool.nodes[v]
        if isinstance(lower, Call) and isinstance(upper, Call) and lower.op is upper.op and _increases(lower):
            return self.never_above(self._pool.kids[u][0], self._pool.kids[v][0])
        if isinstance(lower, At) and isinstance(upper, At) and lower.places == upper.places:
            return self.never_above(self._pool.kids[u][0], self._pool.kids[v][0])
        if found := self.size_below(u, v):
            return found
        if isinstance(lower, Sum) or isinstance(upper, Sum):
            index = lower.index if isinstance(lower, Sum) else upper.index if isinstance(upper, Sum) else None
            below, above = self._term(u, index), self._term(v, index)
            if below is not None and above is not None:
                return self.never_above(below, above)
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
            case Call(op) if op is elementwise.exp and self.never_above(u, self._pool.kids[v][0]):
                return 2  # t < 1 + t ≤ exp(t)
            case Call(op) if op is elementwise.log and (found := self._below_logarithm(u, self._pool.kids[v][0])):
                return found
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
            case Call(op) if op is elementwise.log and self.never_above(self._pool.kids[u][0], v):
                return 2  # log(t) ≤ t - 1 < t
            case Call(op) if op is opaque.logdet:
                return 2 * (isinstance(upper, Call) and upper.op is opaque.det and upper.args == lower.args)
            case Call(op) if op is opaque.smallest:
                return int(self._is_entry(v, self._pool.kids[u][0]))
            case _:
                return 0

    def are_opposite(self, u: int, v: int) -> bool:
        """Whether one expression is written as -1 times the other."""
        return self._is_opposite(self._pool.nodes[u], self._pool.nodes[v])

    def _is_opposite(self, e: Expr, other: Expr) -> bool:
        return any(
            isinstance(a, Mul) and a.factors[0] == MINUS_ONE and a.factors[1:] == (b,)
            for a, b in ((e, other), (other, e))
        )

    def _term(self, total: int, index: Index | None) -> int | None:
        """The term that a sum has for an index."""
        e = self._pool.nodes[total]
        match e:
            case Sum(own, body) if index is not None and own.dim == index.dim:
                if own == index:
                    return self._pool.kids[total][0]
                return None if index in body.free else self._pool.number(rename(body, {own: index}))
            case Call(op, (x,)) if op is linear.sum_ and index is not None and x.shape.axes == (index.dim,):
                return self._pool.number(At(x, (index,)))
            case _:
                return None

    def _below_logarithm(self, u: int, inside: int) -> int:
        """What is known of u beside log(exp(u) + w), by the sign of w; exp(u) may be a term of a sum of such."""
        inside = self.seen(inside)
        if isinstance(self._pool.nodes[inside], Add):
            return self._beside(inside, lambda term: self._exponential_is_part(u, term), 1)
        return self._exponential_is_part(u, inside)

    def _exponential_is_part(self, u: int, total: int) -> int:
        total = self.seen(total)
        node = self._pool.nodes[total]
        if isinstance(node, Call) and node.op is elementwise.exp:
            return min(1, self.never_above(u, self._pool.kids[total][0]))
        term, index = self._summand(total)
        each = self._pool.nodes[term]
        if term == total or not isinstance(each, Call) or each.op is not elementwise.exp:
            return 0
        return int(self._is_one_of(u, self._pool.kids[term][0], index))

    def size_below(self, u: int, v: int) -> int:
        """2 where |u| < v, 1 where |u| ≤ v, 0 where it is not known: v is |u|, a norm of what u is an entry of, or more."""
        u, v = self.seen(u), self.seen(v)
        match self._pool.nodes[v]:
            case Call(op) if op is elementwise.absolute:  # entry by entry: one entry of x may exceed another of |x|
                return int(u == self._pool.kids[v][0])
            case Call(op) if op is norm:
                return int(self._is_entry(u, self._pool.kids[v][0]))
            case Power(_, exponent) if exponent == HALF:
                return self.size_below_root(u, self._pool.kids[v][0])
            case Add():
                return self._beside(v, lambda term: self.size_below(u, term), 1)
            case Mul((Number(value), *_)) if value >= 1 and len(self._pool.kids[v]) == 2:
                return self.size_below(u, self._pool.kids[v][1])
            case _:
                return 0

    def size_below_root(self, u: int, inside: int) -> int:
        """The same of |u| and √v, by what is added to u² in v."""
        u, inside = self.seen(u), self.seen(inside)
        if isinstance(self._pool.nodes[inside], Add):
            return self._beside(inside, lambda term: self._square_is_part(u, term), 1)
        return self._square_is_part(u, inside)

    def _square_is_part(self, u: int, total: int) -> int:
        """Whether u² is an expression, or a term of it, of which none is negative."""
        total = self.seen(total)
        node = self._pool.nodes[total]
        if isinstance(node, Power) and node.exponent == TWO:
            base = self._pool.kids[total][0]
            return int(u == base or self._is_opposite(self._pool.nodes[u], self._pool.nodes[base]))
        if isinstance(node, Call) and node.op is linear.matmul and not node.shape.axes and len(node.args) == 2:
            return int(
                node.args[0] == Call(linear.transpose, node.args[1:]) and self._is_entry(u, self._pool.kids[total][1])
            )
        term, index = self._summand(total)
        each = self._pool.nodes[term]
        if term == total or not isinstance(each, Power) or each.exponent != TWO:
            return 0
        return int(self._is_one_of(u, self._pool.kids[term][0], index))

    def _beside(self, total: int, known: Callable[[int], int], sign: int) -> int:
        """What is known of a sum by one of its terms, if the others are of the given sign."""
        kids = [self.seen(kid) for kid in self._pool.kids[self.seen(total)]]
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
        term, index = self._summand(total)
        return term != total and self._is_one_of(self.seen(u), term, index)

    def _summand(self, total: int) -> tuple[int, Index | None]:
        """What a sum adds up, by its index or, where it has none, all entries of an array; what is no sum is itself."""
        match self._pool.nodes[total]:
            case Sum(index):
                return self.seen(self._pool.kids[total][0]), index
            case Call(op) if op is linear.sum_:
                return self.seen(self._pool.kids[total][0]), None
            case _:
                return total, None

    def _is_one_of(self, u: int, term: int, index: Index | None) -> bool:
        """Whether u is ``term`` for some value of the index, or an entry of it where there is none."""
        if u == term or index is None:
            return self._is_entry(u, term)
        one, each = self._pool.nodes[u], self._pool.nodes[term]
        if any(p.dim == index.dim and rename(each, {index: p}) == one for p in one.free):
            return True
        if not isinstance(one, At) or not isinstance(each, At) or self._pool.kids[u][0] != self._pool.kids[term][0]:
            return False
        return all(q in (p, index) for p, q in zip(one.places, each.places, strict=True))

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


def _inside(e: At) -> Expr | None:
    """An entry of what is computed entry by entry, as that of entries; None where it is not."""

    def entry(part: Expr) -> Expr:
        return At(part, e.places) if part.shape.rank else part

    array = e.array
    if any(part.shape.rank not in (0, array.shape.rank) for part in array.children):
        return None
    match array:
        case Call(op, args) if isinstance(op, Elementwise) and args:
            return Call(op, tuple([entry(a) for a in args]))
        case Add(terms):
            return Add(tuple([entry(t) for t in terms]))
        case Mul(factors):
            return Mul(tuple([entry(f) for f in factors]))
        case Power(base, exponent):
            return Power(entry(base), entry(exponent))
        case _:
            return None


def _increases(e: Call) -> bool:
    """Whether a call of another argument that is nowhere smaller is nowhere smaller."""
    if e.op is linear.sum_:
        return True
    return isinstance(e.op, Elementwise) and isinstance(e.op.value, Primitive) and e.op.value.increasing
