"""What a step between arrays and entries tells: which index is summed, which entry of which array it reads."""

from __future__ import annotations

from derivgen.catalog.build import factors_of, product, split_base, terms_of, without
from derivgen.catalog.elementwise import exp, greater, less, sigmoid
from derivgen.catalog.formulas import softmax
from derivgen.catalog.linear import diag
from derivgen.expr import (
    ONE,
    Add,
    At,
    Build,
    Call,
    Cases,
    Delta,
    Expr,
    Index,
    Mul,
    Place,
    Position,
    Sum,
    children,
    walk,
)
from derivgen.rules.arithmetic import is_ones
from derivgen.rules.reason import Reason, Terms, filled


def indices(e: At) -> tuple[Expr, ...] | Place:
    """The place of an entry; of several the indices among them."""
    return e.places[0] if len(e.places) == 1 else tuple(Position(p) for p in e.places if isinstance(p, Index))


def summed(before: Expr, after: Expr) -> tuple[Expr, ...]:
    """The indices over which a sum was written that was not there before."""
    known = {e.index for e in walk(before) if isinstance(e, Sum)}
    return tuple(Position(e.index) for e in walk(after) if isinstance(e, Sum) and e.index not in known)


def of_product(before: Expr, after: Expr) -> Reason | Terms:
    """An entry of a matrix product, and the indices over which it is a sum; an outer product has none."""
    indices = summed(before, after)
    if not indices:
        return filled("{u} is {v}: no index is shared, so nothing is summed.", {"u": before, "v": after})
    return {r"(A\mathbf x)_i": before, "j": indices}


def last_entry(e: Expr) -> At | None:
    """The entry among the factors of a product that was recognised, the last."""
    found = [f for f in factors_of(e) if isinstance(f, At)]
    return found[-1] if found else None


def array_of(e: Expr) -> Expr | None:
    """The array of that entry."""
    found = last_entry(e)
    return None if found is None else found.array


def arguments(e: Expr) -> tuple[Expr, ...]:
    """What an operation at the end of a product is of."""
    call = factors_of(e)[-1]
    return call.args if isinstance(call, Call) else ()


def expanded(before: Expr, after: Expr) -> Terms:
    """The scalar beside a vector, and the vector that it stands for."""
    old = children(before)
    new = next(c for c in children(after) if c not in old)
    scalar = next(c for c in old if not c.shape.axes)
    return {r"\mathbf x": next(c for c in old if c.shape.axes), "z": scalar, r"\mathbf 1 z": new,
            r"\mathbf 1": next(f for f in factors_of(new) if f.shape.axes)}  # fmt: skip


def collapsed(e: Sum, _: Expr) -> Terms | None:
    """The delta that leaves one term of a sum, and at which place."""
    for f in factors_of(e.body):
        if isinstance(f, Delta) and f.left != f.right and e.index in (f.left, f.right):
            return {r"\delta_{jk}": f, "j": e.index, "k": f.right if f.left == e.index else f.left}
    return None


def cancelled(e: Mul, new: Expr) -> Terms:
    """The factor that divides, and is a factor of every term."""
    left = factors_of(new)
    gone = (split_base(f)[0] for f in e.factors if f not in left and not isinstance(f, Add))
    return {"u": next(gone, None)}


def decided(e: Mul, _: Expr) -> Terms:
    """The indicator, and the comparison that it decides."""
    f = next(f for f in e.factors if isinstance(f, Call) and f.op in (greater, less))
    pairs = (f.args, f.args[::-1], *((a,) for a in f.args))
    found = (c for c in walk(product(*without(e.factors, f))) if isinstance(c, Call) and c.args in pairs)
    return {r"\mathbf 1(z > 0)": f, r"\max(0, z)": next(found, None)}


def logistic(e: Mul, new: Expr) -> Terms:
    """The exponential over one plus itself, and the logistic function that it is."""
    found = next((c for c in walk(new) if isinstance(c, Call) and c.op is sigmoid), None)
    return {} if found is None else {"e^u": Call(exp, found.args), r"\sigma(u)": found}


def diagonal(e: Mul, new: Expr) -> Reason | Terms:
    """The vector that stands on a diagonal; the identity has ones there."""
    array = array_of(new)
    if isinstance(array, Call) and array.op is diag:
        return {r"\mathbf u": array.args[0], r"\operatorname{diag}(\mathbf u)": array}
    return filled("{f} is the same in all places on the diagonal and 0 off it: a multiple of the identity {d}.",
                  {"f": e, "d": array})  # fmt: skip


def combined(e: Build, new: Expr) -> Reason | Terms:
    """The array that has these entries; one that has the same everywhere is said to be so."""
    if e.body == ONE and not isinstance(new, Build):
        kind = "matrix" if new.shape.rank == 2 else "row" if new.shape.row else "column"
        return filled(f"Every entry is {{c}}, so the whole is {{d}}, a {kind} of ones.", {"c": e.body, "d": new})
    return {"A_{ij}": e.body, "A": new}


def by_diagonal(e: Call, new: Expr) -> Reason | Terms:
    """A row of ones collects what stands on the diagonal; any other is multiplied by it entry by entry."""
    on = [a.args[0] for a in e.args if isinstance(a, Call) and a.op is diag]
    if len(on) == 1 and any(is_ones(a) for a in e.args):
        words = "Row by column, the ones in {f} pick what stands on the diagonal, one entry of {d} in each place."
        return filled(words, {"f": e, "d": on[0]})
    return {
        r"\mathbf v^{\mathsf T}\operatorname{diag}(\mathbf u)": e,
        r"(\mathbf v \otimes \mathbf u)^{\mathsf T}": new,
    }


def written_matrix(e: Add, new: Expr) -> Terms:
    """A sum of entries, and the sum of the arrays that they are read from."""
    arrays = [t.array for t in terms_of(new) if isinstance(t, At)]
    return {"A_{ij} + v_i": e, r"A + \mathbf v\mathbf 1^{\mathsf T}": Add(tuple(arrays)) if len(arrays) > 1 else None}


def folded_softmax(_: Mul, new: Expr) -> Terms:
    return {
        r"\operatorname{softmax}(\mathbf x)": next(
            (c for c in walk(new) if isinstance(c, Call) and c.op is softmax), None
        )
    }


def indicator(e: Expr, _: Expr) -> Terms:
    return {r"\mathbf 1(c)": next(f for f in factors_of(e) if isinstance(f, Call) and f.op in (greater, less))}


def beside_cases(e: Mul, _: Expr) -> Terms:
    """What multiplies each case."""
    cases = next(f for f in e.factors if isinstance(f, Cases) and not f.shape.axes)
    return {"u": product(*without(e.factors, cases))}
