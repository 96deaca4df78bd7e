"""Unit vectors: what eₖ picks, and what stands beside it."""

from __future__ import annotations

from collections.abc import Callable

from derivgen.catalog.build import chain, factors_of, product, transposed
from derivgen.catalog.linear import diag, matmul, transpose
from derivgen.catalog.opaque import eye, ones
from derivgen.expr import Add, At, Call, Expr, Mul, Place
from derivgen.rules.engine import Context
from derivgen.rules.monomials import as_array, as_entry, live
from derivgen.rules.reason import Terms
from derivgen.rules.recombine import settled_order, shifts_identity
from derivgen.rules.rule import Stage, rule


def unit_place(e: Expr) -> Place | None:
    """The place k of the unit vector eₖ, a column; None where it is none."""
    match e:
        case At(Call(op), (place,)) if op is eye:
            return place
        case _:
            return None


def _picked(e: Call, new: Expr) -> Terms:
    unit = next(u for a in e.args for u in (a, *a.children) if unit_place(u) is not None)
    entry = next((f for f in factors_of(new) if isinstance(f, At) and not f.shape.axes), new)
    return {r"\mathbf e_k": unit, r"\mathbf e_k^{\mathsf T}\mathbf v": e, "v_k": entry}


@rule(Stage.SIMPLIFY, Call, title="Take the entry", states=r"\mathbf e_k^{\mathsf T}\mathbf v = v_k,\quad \mathbf e_k^{\mathsf T}\operatorname{diag}(\mathbf v) = v_k\,\mathbf e_k^{\mathsf T}",
      because=r"{\mathbf e_k} is 1 at one place and 0 elsewhere, so of what it is multiplied by[ in {\mathbf e_k^{\mathsf T}\mathbf v}|] the entry {v_k} is left.", terms=_picked,
      examples=("eye(n)[1].T @ x", "x.T @ eye(n)[0]", "a * eye(n)[1].T @ exp(x)", "eye(n)[0].T @ x @ y.T @ M", "eye(n)[0].T @ diag(x) @ M", "diag(x) @ eye(n)[1]"))  # fmt: skip
def unit_picks_entry(e: Call, _: Context) -> Expr | None:
    if e.op is not matmul:
        return None
    left, *inner, right = e.args
    k = unit_place(left.args[0]) if isinstance(left, Call) and left.op is transpose else None
    if k is not None:
        return _picking(k, left, e.args[1], e.args[2:], lambda unit, rest: (unit, *rest))
    k = unit_place(right)
    if k is None:
        return None
    *rest, beside = left, *inner
    v = beside if beside.shape.rank == 2 else transposed(beside)  # a row; a diagonal matrix is its own transpose
    return _picking(k, right, v, tuple(rest), lambda unit, rest: (*rest, unit))


def _picking(
    k: Place, unit: Expr, v: Expr, rest: tuple[Expr, ...], beside: Callable[[Expr, tuple[Expr, ...]], tuple[Expr, ...]]
) -> Expr | None:
    """What is left of a product of eₖ, of ``v`` and of the ``rest``."""
    if isinstance(v, Call) and v.op is diag and v.shape.rank == 2:
        return product(At(v.args[0], (k,)), chain(*beside(unit, rest)))
    if v.shape.rank != 1 or v.shape.row:
        return None
    return product(At(v, (k,)), *([chain(*rest)] if rest else []))


def _kept(e: Mul, new: Expr) -> Terms:
    vectors = [f for f in e.factors if f.shape.axes]
    unit = next(f for f in vectors if unit_place(f) is not None)
    return {r"\mathbf e_k": unit, r"\mathbf e_k \otimes \mathbf v": product(*vectors), r"v_k\,\mathbf e_k": new}


@rule(Stage.SIMPLIFY, Mul, title="Keep the one entry", states=r"\mathbf e_k \otimes \mathbf v = v_k\,\mathbf e_k",
      because=r"{\mathbf e_k} is 0 away from its one place, and so is [{\mathbf e_k \otimes \mathbf v}: it is {v_k\,\mathbf e_k}|its product with a vector].", terms=_kept,
      examples=("eye(n)[1] * x", "a * x * eye(n)[0] * y"))  # fmt: skip
def unit_keeps_entry(e: Mul, _: Context) -> Expr | None:
    vectors = [f for f in e.factors if f.shape.axes]
    if len(vectors) < 2:
        return None
    unit = next((f for f in vectors if unit_place(f) is not None), None)
    if unit is None or any(f.shape != unit.shape for f in vectors):
        return None
    k = unit_place(unit)
    assert k is not None
    others = list(vectors)
    others.remove(unit)
    entries = [At(f, (k,)) for f in others if f != unit]
    return product(*(f for f in e.factors if not f.shape.axes), *entries, unit)


@rule(Stage.RECOMBINE, Add, title="Expand to a vector", states=r"a\,\delta_{ik} + b = (a\,\mathbf e_k + b\,\mathbf 1)_i",
      because=r"A term[ of {e}|] without the index is the same in every entry: it stands before a vector of ones.",
      terms=lambda e, _: {"e": e},
      examples=("[(i == 1) * a + y[0] for i in range(n)]", "[a * (i == 1) + x[1] * y[1] for i in range(n)].T"))  # fmt: skip
def expand_to_vector(e: Add, ctx: Context) -> Expr | None:
    order = settled_order(e, ctx)
    if len(order) != 1 or e.shape.axes or as_entry(e, ctx) is not None or not shifts_identity(e, ctx):
        return None
    (index,) = order
    new: list[Expr] = []
    for t in e.terms:
        array = as_array(t, order, ctx) if live(t, ctx) else product(t, Call(ones, (), (index.dim,)))
        if array is None:
            return None
        new.append(array)
    return At(Add(tuple(new)), order)
