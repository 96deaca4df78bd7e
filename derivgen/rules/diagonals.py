"""Diagonal matrices that move with the variable: a product with one is a Hadamard product, and its inverse has the inverses."""

from __future__ import annotations

from derivgen.catalog.build import chain, product, reciprocal, transposed
from derivgen.catalog.linear import diag, matmul
from derivgen.catalog.opaque import inv
from derivgen.expr import Call, Expr, Mul
from derivgen.rules import told_of_entries as told
from derivgen.rules.engine import Context
from derivgen.rules.rule import Phase, Stage, rule
from derivgen.rules.simplify import multiply_by_diagonal


def moving_diagonal(e: Expr, ctx: Context) -> Expr | None:
    """The vector on the diagonal of a matrix written as diag(v), where v may contain the variable."""
    match e:
        case Call(op, (v,)) if op is diag and v.shape.rank == 1 and not ctx.constant(v):
            return v
        case _:
            return None


@rule(Stage.EXPAND, Call, phases=(Phase.SETTLE,), title="Multiply by the diagonal matrix",
      states=r"\operatorname{diag}(\mathbf x)\,\mathbf a = \mathbf x \otimes \mathbf a",
      because=multiply_by_diagonal.because, terms=told.by_diagonal, reference="the neuron",
      examples=("diag(x) @ y - w", "y.T @ diag(x) @ M", "M @ diag(exp(x)) @ diag(y) @ w"))  # fmt: skip
def multiply_by_moving_diagonal(e: Call, ctx: Context) -> Expr | None:
    if e.op is not matmul or not any(moving_diagonal(f, ctx) is not None for f in e.args):
        return None
    return multiply_by_diagonal.rewrite(e, ctx)


@rule(Stage.SIMPLIFY, Call, phases=(Phase.SETTLE, Phase.SIMPLIFY), title="Invert the diagonal matrix",
      states=r"\operatorname{diag}(\mathbf x)^{-1} = \operatorname{diag}(1/\mathbf x)",
      because=r"{\operatorname{diag}(\mathbf x)} times the diagonal matrix with the inverses of its entries is the identity matrix.",
      terms=lambda e, _: {r"\operatorname{diag}(\mathbf x)": e.args[0]}, examples=("inv(diag(x)) @ y", "w.T @ inv(diag(exp(x))) @ M"))  # fmt: skip
def invert_diagonal(e: Call, ctx: Context) -> Expr | None:
    v = moving_diagonal(e.args[0], ctx) if e.op is inv else None
    return None if v is None else Call(diag, (reciprocal(v),))


@rule(Stage.SIMPLIFY, Call, title="Read the diagonal", states=r"\operatorname{diag}(\mathbf u\mathbf v^{\mathsf T}) = \mathbf u \otimes \mathbf v",
      because=r"Entry (i, i) of an outer product is a product of two entries at the same place, so the diagonal of {\mathbf u\mathbf v^{\mathsf T}} is {\mathbf u \otimes \mathbf v}.",
      terms=lambda e, new: {r"\mathbf u\mathbf v^{\mathsf T}": e.args[0], r"\mathbf u \otimes \mathbf v": new}, examples=("diag(x @ y.T)", "diag(2 * M @ y @ (w - x).T @ N)"))  # fmt: skip
def diagonal_of_outer_product(e: Call, _: Context) -> Expr | None:
    if e.op is not diag or e.shape.rank != 1:
        return None
    inner = e.args[0]
    scalars = [f for f in inner.factors if not f.shape.axes] if isinstance(inner, Mul) else []
    match product(*(f for f in inner.factors if f.shape.axes)) if isinstance(inner, Mul) else inner:
        case Call(op, args) if op is matmul:
            k = next((k for k, f in enumerate(args) if f.shape.row), 0)
            return product(*scalars, chain(*args[:k]), transposed(chain(*args[k:]))) if k else None
        case _:
            return None
