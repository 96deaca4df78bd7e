"""Matrices that are seen to be positive definite or semidefinite, and sums that are their quadratic forms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from derivgen.catalog import linear, opaque
from derivgen.catalog.base import Elementwise
from derivgen.expr import Add, At, Call, Expr, Mul, Number, Sum, Symbol, rename

SEMIDEFINITE, DEFINITE = 1, 2


class Definite:
    """What is seen of matrices, ``values`` giving those of names that stand for others."""

    def __init__(self, values: Callable[[str], Expr | None]) -> None:
        self._values = values

    def definite(self, e: Expr) -> int:
        """Of a symmetric matrix: 2 where it is positive definite, 1 where it is semidefinite, 0 where neither is seen."""
        e = self._named(e)
        match e:
            case Symbol(traits=traits):
                return DEFINITE * ("positive-definite" in traits)
            case Call(op) if op is opaque.eye:
                return DEFINITE
            case Call(op, (inner,)) if op is linear.transpose:
                return self.definite(inner)
            case Call(op, (inner,)) if op is opaque.inv:
                return DEFINITE * (self.definite(inner) == DEFINITE)
            case Call(op) if op is linear.matmul:
                return self._congruent(e)
            case Mul((Number(value), matrix)) if value > 0:
                return self.definite(matrix)
            case Add(terms) if all(found := [self.definite(t) for t in terms]):
                return max(found)
            case _:
                return 0

    def exceeds_identity(self, e: Expr) -> bool:
        """Whether a matrix is the identity and a semidefinite one, so that its eigenvalues are 1 or more."""
        e = self._named(e)
        return (
            isinstance(e, Add)
            and any(isinstance(t, Call) and t.op is opaque.eye for t in e.terms)
            and all(self.definite(t) for t in e.terms)
        )

    def is_quadratic_form(self, e: Sum) -> bool:
        """Whether a double sum reads ∑ᵢ∑ⱼ uᵢ Dᵢⱼ uⱼ with a semidefinite D, or with none: then it is (∑ᵢ uᵢ)²."""
        inner = e.body
        if not isinstance(inner, Sum) or inner.index.dim != e.index.dim:
            return False
        factors = list(inner.body.factors) if isinstance(inner.body, Mul) else [inner.body]
        i, j = e.index, inner.index
        for f in factors:
            if isinstance(f, At) and f.places in ((i, j), (j, i)) and self.definite(f.array):
                factors.remove(f)
                break
        rest = [f for f in factors if not (isinstance(f, Number) and f.value > 0)]
        first = [f for f in rest if i in f.free]
        second = [rename(f, {j: i}) for f in rest if j in f.free]
        return len(first) + len(second) == len(rest) and Counter(first) == Counter(second)

    def _named(self, e: Expr) -> Expr:
        while isinstance(e, Symbol) and (value := self._values(e.name)) is not None:
            e = value
        return e

    def _congruent(self, product: Expr) -> int:
        """Whether a product reads MᵀDM, with a semidefinite D or none: 1 if so, also where it is the number xᵀDx."""
        chain = self._factors(product)
        half = len(chain) // 2
        for left, right in zip(chain[:half], reversed(chain), strict=False):
            if self._transposed(left) != right and self._transposed(right) != left:
                return 0
        return SEMIDEFINITE if len(chain) % 2 == 0 or self.definite(chain[half]) else 0

    def _factors(self, e: Expr) -> list[Expr]:
        found: list[Expr] = []
        todo = [e]
        while todo:
            one = self._named(todo.pop())
            if isinstance(one, Call) and one.op is linear.matmul:
                todo += one.args
            else:
                found.append(one)
        return found[::-1]

    def _transposed(self, e: Expr) -> Expr:
        if self._is_symmetric(e):
            return e
        match e:
            case Call(op, (inner,)) if op is linear.transpose:
                return inner
            case Call(op, args) if isinstance(op, Elementwise):
                return Call(op, tuple([self._transposed(a) if a.shape.rank else a for a in args]))
            case _:
                return Call(linear.transpose, (e,))

    def _is_symmetric(self, e: Expr) -> bool:
        match e:
            case Symbol(traits=traits):
                return not {"symmetric", "positive-definite", "diagonal"}.isdisjoint(traits)
            case Mul((Number(), matrix)):
                return self._is_symmetric(matrix)
            case Add((first, second)):
                return self._transposed(first) == second or self._transposed(second) == first
            case _:
                return False
