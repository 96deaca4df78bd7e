"""Inverses, determinants and traces: what cancels in them, and what stands before them."""

from __future__ import annotations

from derivgen.catalog.build import chain, factors_of, number, operands_of, product, reciprocal, transposed
from derivgen.catalog.formulas import size
from derivgen.catalog.linear import kron, matmul, trace, transpose
from derivgen.catalog.opaque import det, eye, inv, logdet
from derivgen.expr import Call, Expr, Mul, Power, canonical
from derivgen.rules.engine import Context
from derivgen.rules.properties import is_symmetric
from derivgen.rules.reason import Reason, Terms, filled
from derivgen.rules.rule import Stage, rule


def _across(e: Expr) -> Expr:
    return e if is_symmetric(e) else transposed(e)


def _inverted(e: Expr) -> tuple[tuple[Expr, ...], list[Expr]]:
    """The factors of the product that ``e`` is the inverse of, or the transpose of the inverse, and scalars before it."""
    match e:
        case Call(op, (inner,)) if op is inv:
            arrays = [f for f in factors_of(inner) if f.shape.axes]
            scalars = [f for f in factors_of(inner) if not f.shape.axes]
            return operands_of(arrays[0]) if len(arrays) == 1 else (), scalars
        case Call(op, (Call(other) as inner,)) if op is transpose and other is inv:
            factors, scalars = _inverted(inner)
            return tuple(_across(f) for f in reversed(factors)), scalars
        case _:
            return (), []


def _inverse(factors: tuple[Expr, ...], like: Expr) -> Expr:
    """The inverse of a product, written as ``like`` is: with the transposition outside where that has it there."""
    if not factors:
        return Call(eye, (), like.shape.axes[:1])
    if isinstance(like, Call) and like.op is transpose:
        return transposed(Call(inv, (chain(*(_across(f) for f in reversed(factors))),)))
    return Call(inv, (chain(*factors),))


def _same(left: tuple[Expr, ...], right: tuple[Expr, ...]) -> bool:
    return [canonical(f) for f in left] == [canonical(f) for f in right]


def _cancelled(args: tuple[Expr, ...]) -> Expr | None:
    """A matrix product without an inverse and the factors beside it that this is the inverse of, as many as there are."""
    found = _met(args)
    return None if found is None else found[1]


def _met(args: tuple[Expr, ...]) -> tuple[bool, Expr] | None:
    """Whether the first inverse that meets what it is the inverse of is that of a product, and what is left without both."""
    for k, f in enumerate(args):
        factors, scalars = _inverted(f)
        for m in range(len(factors), 0, -1):
            before, after = args[max(k - m, 0) : k], args[k + 1 : k + 1 + m]
            if _same(after, factors[:m]) and chain(*after).shape.axes == f.shape.axes:
                rest = (*args[:k], _inverse(factors[m:], f), *args[k + 1 + m :])
            elif _same(before, factors[-m:]) and chain(*before).shape.axes == f.shape.axes:
                rest = (*args[: k - m], _inverse(factors[:-m], f), *args[k + 1 :])
            else:
                continue
            return len(factors) > 1 or bool(scalars), product(*map(reciprocal, scalars), chain(*rest))
    return None


def _of_inverse(e: Call, new: Expr) -> Reason | Terms:
    """What cancels, without a word of products where it is the inverse of one matrix."""
    found = _met(e.args)
    if found is None or found[0]:
        return {"A^{-1}A": e, "I": new}
    return filled("A matrix times its inverse is the identity[: {e} is {new}|].", {"e": e, "new": new})


@rule(Stage.SIMPLIFY, Call, title="Cancel the inverse", states=r"A^{-1}A = I,\quad B(AB)^{-1} = A^{-1}",
      because="A matrix times its inverse is the identity; the inverse of a product is the product of the inverses in reverse[: {A^{-1}A} is {I}|].",
      when="the matrices are square and have inverses", terms=_of_inverse,
      examples=("inv(M) @ M @ x", "M @ inv(M)", "N @ inv(M @ N)", "inv(M @ N) @ M", "inv(M @ N).T @ N.T", "A.T @ A @ inv(A.T @ A) @ x", "M @ inv(a * M)"))  # fmt: skip
def cancel_inverse(e: Call, _: Context) -> Expr | None:
    return _cancelled(e.args) if e.op is matmul else None


@rule(Stage.SIMPLIFY, Call, title="Cancel within the trace", states=r"\operatorname{tr}(ABA^{-1}) = \operatorname{tr}(B)",
      because="Under a trace the last factor may go to the front, where it meets its inverse.",
      when="the matrices are square and have inverses", examples=("trace(M @ N @ inv(M))",))  # fmt: skip
def cancel_in_trace(e: Call, _: Context) -> Expr | None:
    args = operands_of(e.args[0]) if e.op is trace else ()
    if any(f.shape.rank != 2 for f in args):
        return None
    turns = (_cancelled((*args[k:], *args[:k])) for k in range(1, len(args)))
    found = next((t for t in turns if t is not None), None)
    return None if found is None else Call(trace, (found,))


@rule(Stage.SIMPLIFY, Call, role="silent", states=r"(A^{-1})^{-1} = A,\quad (A^{\mathsf T})^{-1} = (A^{-1})^{\mathsf T},\quad I^{-1} = I,\quad \det A^{\mathsf T} = \det A,\quad \operatorname{tr}(I_n) = n",
      because="By the meaning of an inverse, a determinant, a trace.", examples=("inv(inv(M))", "inv(M.T)", "inv(eye(n))", "det(M.T)", "trace(eye(n))"))  # fmt: skip
def inverse_of_inverse(e: Call, _: Context) -> Expr | None:
    if len(e.args) != 1 or not isinstance(e.args[0], Call):
        return None
    match e:
        case Call(op, (Call(other, (inner,)),)) if op is inv and other is inv:
            return inner
        case Call(op, (Call(other, (inner,)),)) if op is inv and other is transpose:
            return transposed(Call(inv, (inner,)))
        case Call(op, (Call(other, (inner,)),)) if op in (det, logdet) and other is transpose:
            return Call(op, (inner,))
        case Call(op, (Call(other) as inner,)) if op is inv and other is eye:
            return inner
        case Call(op, (Call(other) as inner,)) if op is trace and other is eye:
            return size(inner.shape.axes[0])
        case _:
            return None


@rule(Stage.SIMPLIFY, Call, role="offered", title="Take the factor out of the inverse", states=r"(c\,A)^{-1} = \tfrac 1c A^{-1}",
      because="The inverse of a multiple has the inverse of the factor.", when="c is not 0", examples=("a * inv(a * M)",))  # fmt: skip
def factor_out_of_inverse(e: Call, _: Context) -> Expr | None:
    match e:
        case Call(op, (Mul(factors),)) if op is inv and sum(1 for f in factors if f.shape.axes) == 1:
            return product(*(Call(inv, (f,)) if f.shape.axes else reciprocal(f) for f in factors))
        case _:
            return None


@rule(Stage.SIMPLIFY, Call, role="offered", title="Determinant of a power", states=r"\det(A^3) = (\det A)^3",
      because="The determinant of a product of square matrices is the product of the determinants.", examples=("det(M @ M @ M)",))  # fmt: skip
def determinant_of_power(e: Call, _: Context) -> Expr | None:
    factors = operands_of(e.args[0]) if e.op is det else ()
    if len(factors) < 2 or any(f != factors[0] for f in factors):
        return None
    return Power(Call(det, factors[:1]), number(len(factors)))


@rule(Stage.EXPAND, Call, title="Invert the Kronecker product", states=r"(A \otimes B)^{-1} = A^{-1} \otimes B^{-1}",
      because="Block by block, a Kronecker product of square matrices is inverted by inverting both.", examples=("inv(kron(M, N))",))  # fmt: skip
def inverse_of_kronecker(e: Call, _: Context) -> Expr | None:
    match e:
        case Call(op, (Call(other, (a, b)),)) if op is inv and other is kron and _square(a) and _square(b):
            return Call(kron, (Call(inv, (a,)), Call(inv, (b,))))
        case _:
            return None


def _square(e: Expr) -> bool:
    return e.shape.rank == 2 and e.shape.axes[0] == e.shape.axes[1]
